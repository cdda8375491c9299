//! One signal, one picture.

use locality::conv2d::Mode;
use locality::fast::simd::Number;
use locality::fast::{direct, overlap_save};
use locality::ndarray::Array2;

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

fn convolution<T: Number + Into<f64>>(
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
    request.time("direct", operations, &mut y, |y| plan.run_into(&x, y))?;
    let mut plan = overlap_save::Plan::convolve(image, &h, mode, None, &request.threads)?;
    let name = format!("overlap_save{}x{}", plan.tile().0, plan.tile().1);
    request.time(&name, operations, &mut y, |y| plan.run_into(&x, y))
}
