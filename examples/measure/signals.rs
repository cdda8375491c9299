//! One signal, one picture, the spectrum of one picture.

use locality::conv2d::Mode;
use locality::fast::simd::Number;
use locality::fast::{direct, overlap_save, spectrum};
use locality::ndarray::Array2;
use locality::num_complex::{Complex, ComplexFloat};

use crate::{Outcome, Request, numbers};

/// `A/n65536/k31`: full convolution of a signal of n samples with k taps.
pub fn signal(request: &Request, n: &str, k: &str) -> Outcome<()> {
    let (n, k) = (n.trim_start_matches('n').parse()?, k.trim_start_matches('k').parse()?);
    convolution::<f64>(request, (1, n), (1, k), Mode::Full)
}

/// `B/f32/N256/K7`: "same" convolution of a picture of N × N pixels with K × K taps.
pub fn picture(request: &Request, float: &str, n: &str, k: &str) -> Outcome<()> {
    let (n, k) = (n.trim_start_matches('N').parse()?, k.trim_start_matches('K').parse()?);
    match float {
        "f32" => convolution::<f32>(request, (n, n), (k, k), Mode::Same),
        "f64" => convolution::<f64>(request, (n, n), (k, k), Mode::Same),
        _ => Err("no such number".into()),
    }
}

/// `E/r32/2d/n512`: the Fourier transform of a real picture of n × n pixels.
pub fn spectrum(request: &Request, float: &str, n: &str) -> Outcome<()> {
    let n = n.trim_start_matches('n').parse()?;
    match float {
        "r32" => transform::<f32>(request, n),
        "r64" => transform::<f64>(request, n),
        _ => Err("no such number".into()),
    }
}

fn transform<T: Number>(request: &Request, n: usize) -> Outcome<()>
where
    Complex<T>: ComplexFloat<Real: Into<f64>>,
{
    let image = numbers(1, n * n).map(|number| T::from_f64(number).expect("a float")).collect::<Vec<_>>();
    let mut plan = spectrum::Plan::<T>::new((n, n))?;
    let mut coefficients = vec![Complex::new(T::zero(), T::zero()); n * plan.half()];
    let operations = 2.5 * (n * n) as f64 * (n as f64).log2() * 2.0;
    request.time("spectrum", operations, &mut coefficients, |y| plan.forward_into(&image, y))
}

fn convolution<T: Number + ComplexFloat<Real: Into<f64>>>(
    request: &Request,
    image: (usize, usize),
    kernel: (usize, usize),
    mode: Mode,
) -> Outcome<()> {
    let tensor = |seed, (rows, columns): (usize, usize)| -> Outcome<Array2<T>> {
        let numbers = numbers(seed, rows * columns).map(|number| T::from_f64(number).expect("a float"));
        Ok(Array2::from_shape_vec((rows, columns), numbers.collect())?)
    };
    let (x, h) = (tensor(1, image)?, tensor(2, kernel)?);
    let operations = 2.0 * (image.0 * image.1 * kernel.0 * kernel.1) as f64;
    let mut plan = direct::Plan::convolve(image, &h, mode, &request.threads)?;
    let mut y = vec![T::zero(); plan.output().0 * plan.output().1];
    let x = x.into_raw_vec_and_offset().0;
    // What would take too long even at a hundred operations in a nanosecond is not tried.
    if operations / 1e11 <= request.max_s {
        request.time("direct", operations, &mut y, |y| plan.run_into(&x, y))?;
    }
    let mut plan = overlap_save::Plan::convolve(image, &h, mode, None, &request.threads)?;
    let name = format!("overlap_save{}x{}", plan.tile().0, plan.tile().1);
    request.time(&name, operations, &mut y, |y| plan.run_into(&x, y))
}
