//! What each live figure asks of the crate. The numbers it gives and gets are listed with each function, in order;
//! matrices and images row by row.

use locality::conv1d::{self, Mode};
use locality::conv2d;
use locality::cost::{self, Layer, Model, Pass, Tile};
use locality::fourier;
use locality::gradient::{spatial, spectral};
use locality::matrix;
use locality::nalgebra::DMatrix;
use locality::ndarray::{Array2, s};
use locality::num_complex::Complex;
use locality::{Error, Result};

use crate::desk::{answer, parts};

/// No transform of a signal is longer, nor are signals and the sides of pictures.
const LONGEST: usize = 256;

/// No side of a picture that is transformed is longer, and no image whose pixels are transformed one by one is larger:
/// a page waits for both, and its transforms are the plain ones.
const PATIENCE: usize = 64;

/// No side of a kernel that slides over a picture is longer.
const WIDEST: usize = 16;

/// Figure `conv-1d`. Gets x (n) and h (k); operation 0 convolves, 1 correlates; mode 0 is full, 1 same, 2 valid.
///
/// Makes the outputs y (P), then the matrix A of y = A x (P × n).
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn conv1d(n: usize, k: usize, operation: usize, mode: usize) -> i32 {
    answer(|given| {
        small("signal", n)?;
        small("kernel", k)?;
        let [x, h] = parts(given, [n, k])?;
        let mode = chosen("mode", mode, [Mode::Full, Mode::Same, Mode::Valid])?;
        let (y, a) = match chosen("operation", operation, [true, false])? {
            true => (conv1d::convolve(x, h, mode)?, matrix::convolution(h, n, mode)?),
            false => (conv1d::correlate(x, h, mode)?, matrix::correlation(h, n, mode)?),
        };
        Ok([y, row_by_row(&a)].concat())
    })
}

/// Figure `theorem-1d`. Gets x (n) and h (k), and the length m of the transforms.
///
/// Makes the circular convolution through the transforms (m), the convolution by definition (n + k − 1), and the
/// magnitudes of the spectra of x, of h, and of their product (m each).
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn theorem1d(n: usize, k: usize, m: usize) -> i32 {
    answer(|given| {
        let [x, h] = parts(given, [n, k])?;
        small("m", m)?;
        let complex = |signal: &[f64]| signal.iter().map(Complex::from).collect::<Vec<_>>();
        let circle = fourier::conv1d::convolve_circular(&complex(x), &complex(h), m)?;
        let spectrum = |signal: &[f64]| fourier::dft(&conv1d::pad(&complex(signal), m)?);
        let spectra = [spectrum(x)?, spectrum(h)?, fourier::dft(&circle)?];
        let line = conv1d::convolve(x, h, Mode::Full)?;
        let magnitudes = spectra.iter().flatten().map(|bin| bin.norm());
        Ok(circle.iter().map(|sample| sample.re).chain(line).chain(magnitudes).collect())
    })
}

/// Figure `conv-2d`. Gets an image (height × width) and a kernel (kh × kw); operation and mode as [`conv1d()`].
///
/// Makes the output, of the shape that the mode says.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn conv2d(
    height: usize,
    width: usize,
    kh: usize,
    kw: usize,
    operation: usize,
    mode: usize,
) -> i32 {
    answer(|given| {
        let (x, h) = image_and_kernel(given, (height, width), (kh, kw))?;
        let mode = chosen("mode", mode, [Mode::Full, Mode::Same, Mode::Valid])?;
        let y = match chosen("operation", operation, [true, false])? {
            true => conv2d::convolve(&x, &h, mode)?,
            false => conv2d::correlate(&x, &h, mode)?,
        };
        Ok(y.into_iter().collect())
    })
}

/// Figure `conv-2d`. Gets an image (height × width), of at most m × m pixels.
///
/// Makes the magnitudes of its spectrum on a torus of m × m; frequency (0, 0) comes first.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn spectrum(height: usize, width: usize, m: usize) -> i32 {
    answer(|given| {
        within("m", m, PATIENCE + 1)?;
        let x = conv2d::pad(&image("image", given, (height, width))?, (m, m))?;
        Ok(fourier::dft2(&x.mapv(Complex::from))?.iter().map(|bin| bin.norm()).collect())
    })
}

/// Figure `spatial-matrix`. Gets an image (height × width) and a kernel (kh × kw).
///
/// Makes the outputs of correlation in valid mode (P × Q), the matrix of the kernel (PQ × height·width), and the
/// matrix of windows (PQ × kh·kw).
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn spatial(height: usize, width: usize, kh: usize, kw: usize) -> i32 {
    answer(|given| {
        let (x, h) = image_and_kernel(given, (height, width), (kh, kw))?;
        // The matrix of the kernel has as many entries as pixels and outputs.
        small("image", height.saturating_mul(width))?;
        let y = conv2d::correlate(&x, &h, Mode::Valid)?;
        let (taps, windows) =
            (matrix::correlation2(&h, (height, width), Mode::Valid)?, matrix::im2col(&x, (kh, kw))?);
        Ok([y.into_iter().collect(), row_by_row(&taps), row_by_row(&windows)].concat())
    })
}

/// Figure `gradients`. Gets nothing: what is asked is which pixels of an image (height × width) the derivative of the
/// first output by tap (a, b) consists of, when only the first `bins` frequencies have been added up.
///
/// Makes the coefficient of every pixel, real parts first (height × width), then imaginary parts.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn gradients(height: usize, width: usize, a: usize, b: usize, bins: usize) -> i32 {
    answer(|_| {
        let pixels = height.saturating_mul(width);
        within("image", pixels, PATIENCE + 1)?;
        within("a", a, height)?;
        within("b", b, width)?;
        within("bins", bins, pixels + 1)?;
        let coefficient = |pixel: usize| -> Result<Complex<f64>> {
            let mut impulse = Array2::zeros((height, width));
            impulse[[pixel / width, pixel % width]] = Complex::new(1.0, 0.0);
            let mut spectrum = fourier::dft2(&impulse)?;
            spectrum.iter_mut().skip(bins).for_each(|bin| *bin = Complex::new(0.0, 0.0));
            Ok(fourier::inverse_dft2(&spectrum)?[[a, b]])
        };
        let sums = (0..pixels).map(coefficient).collect::<Result<Vec<_>>>()?;
        Ok(sums.iter().map(|sum| sum.re).chain(sums.iter().map(|sum| sum.im)).collect())
    })
}

/// Figure `gradients`. Gets an image (height × width), the outputs that are wanted (P × Q, those of valid mode), a
/// kernel as large as the image of which kh × kw are its taps, and the rate; takes one step of descent on half the
/// squared error. Way 0 trains the taps, 1 all bins of the spectrum, 2 the same with the projection after the step.
///
/// Makes the loss before the step, the kernel after it (height × width), and its outputs before it (P × Q).
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn train(height: usize, width: usize, kh: usize, kw: usize, way: usize) -> i32 {
    answer(|given| {
        small("image", height.saturating_mul(width))?;
        let (p, q) = (Mode::Valid.outputs(height, kh)?.len(), Mode::Valid.outputs(width, kw)?.len());
        let [x, wanted, w, rate] = parts(given, [height * width, p * q, height * width, 1])?;
        let (x, w) = (image("image", x, (height, width))?, image("kernel", w, (height, width))?);
        let wanted = image("outputs", wanted, (p, q))?;
        let theta = spectral::weights(&w, (height, width))?;
        let y = spectral::forward(&x, &theta, (p, q))?;
        let g = &y - &wanted;
        // A bin hears the gradient of a tap divided by the number of bins, equation `p5-leak-is-support`.
        let by_bins = || -> Result<_> {
            let rate = rate[0] * (height * width) as f64;
            Ok(&theta - spectral::gradient(&x, &g)?.mapv(|by| by * rate))
        };
        let w = match chosen("way", way, [0, 1, 2])? {
            0 => {
                let h = &w.slice(s![..kh, ..kw]) - spatial::kernel_2d(&x, &g)? * rate[0];
                conv2d::pad(&h, (height, width))?
            }
            1 => spectral::kernel(&by_bins()?)?,
            _ => spectral::kernel(&spectral::project(&by_bins()?, (kh, kw))?)?,
        };
        let loss = g.iter().map(|error| error * error).sum::<f64>() / 2.0;
        Ok([loss].into_iter().chain(w).chain(y).collect())
    })
}

/// Figure `cost`. Gets nothing but the sizes of a layer, and the side of a tile.
///
/// Makes, in real products: sliding; two passes, if the kernels are outer products; the transform of the whole image;
/// tiles of the side given; Winograd's F(4 × 4, 3 × 3), NaN unless the kernel is 3 × 3. Then in operations: sliding,
/// the transform of the whole image. Then by the article's count, for one channel: sliding, the transform. Last, the
/// side of the tile that costs least.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn cost(
    side: usize,
    taps: usize,
    channels: usize,
    filters: usize,
    images: usize,
    tile: usize,
) -> i32 {
    answer(|_| {
        let layer = Layer::new(images, channels, filters, side, taps)?;
        let (one, forward) = (Layer::single(side, taps)?, Pass::Forward);
        let winograd = if taps == 3 {
            (layer.pairs() * layer.outputs()) as f64 * cost::winograd(4, 3)?
        } else {
            f64::NAN
        };
        Ok(vec![
            Model::HN.direct(&layer, forward),
            layer.separable_multiplications() as f64,
            Model::HN.fft(&layer, forward)?,
            Tile::new(tile, taps)?.multiplications(&layer)? as f64,
            winograd,
            Model::FN.direct(&layer, forward),
            Model::FN.fft(&layer, forward)?,
            Model::A.direct(&one, forward),
            Model::A.fft(&one, forward)?,
            Tile::best(taps, channels, filters)?.side() as f64,
        ])
    })
}

/// One of the choices that a number stands for.
fn chosen<T, const N: usize>(argument: &'static str, choice: usize, choices: [T; N]) -> Result<T> {
    within(argument, choice, N)?;
    choices.into_iter().nth(choice).ok_or(Error::OutOfRange { argument, end: N, given: choice })
}

fn within(argument: &'static str, given: usize, end: usize) -> Result<()> {
    if given < end { Ok(()) } else { Err(Error::OutOfRange { argument, end, given }) }
}

/// Refuses what would take longer than a page should wait, or more memory than it has.
fn small(argument: &'static str, given: usize) -> Result<()> {
    within(argument, given, LONGEST + 1)
}

/// The first numbers as an image.
fn image(argument: &'static str, given: &[f64], (height, width): (usize, usize)) -> Result<Array2<f64>> {
    small(argument, height)?;
    small(argument, width)?;
    let [pixels] = parts(given, [height * width])?;
    let wrong = Error::Length { argument, expected: height * width, given: pixels.len() };
    Array2::from_shape_vec((height, width), pixels.to_vec()).map_err(|_| wrong)
}

fn image_and_kernel(
    given: &[f64],
    of: (usize, usize),
    taps: (usize, usize),
) -> Result<(Array2<f64>, Array2<f64>)> {
    let x = image("image", given, of)?;
    within("kernel", taps.0.max(taps.1), WIDEST + 1)?;
    Ok((x, image("kernel", &given[of.0 * of.1..], taps)?))
}

/// The entries of a matrix, which are stored column by column.
fn row_by_row(matrix: &DMatrix<f64>) -> Vec<f64> {
    matrix.transpose().iter().copied().collect()
}
