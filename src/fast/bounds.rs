//! How far rounding can move what a method computes: a bound for every output, known before anything is computed.
//!
//! An operation on floating-point numbers is wrong by at most u = ε/2, relative to its result. Whatever a method does to
//! its numbers is sums of products, so its error is at most u, times the roundings on the way to an output, times what
//! the same method makes of *magnitudes*, where nothing cancels. All bounds are in units of u, for samples x and taps w
//! that are exact; squares of u are left out.
//!
//! The definition of a bound shows where an error can come from: from the window of the output, for sums in any order and
//! for Winograd's tiles of 2 × 2 outputs; from the tile of the output, for other tiles and for Fourier's method.

use nalgebra::DMatrix;
use ndarray::{Array2, Array4, ArrayRef2, ArrayRef4, s};
use num_rational::Ratio;
use num_traits::ToPrimitive;

use super::layers::side_by_side;
use super::winograd::Tile;
use crate::conv2d::Mode;
use crate::error::{Result, at_least, shaped};
use crate::layer::{self, Geometry, output_shape};
use crate::matrix;

/// For a layer computed as sums of products, in any order, fused or not: [`gemm`](super::gemm),
/// [`direct`](super::direct), the definition.
///
/// A product of magnitudes takes part in at most as many roundings as the sum has terms, its own included.
///
/// # Errors
/// As [`layer::forward`].
///
/// # Examples
/// ```
/// use locality::fast::{bounds, gemm};
/// use locality::layer::{self, Geometry};
/// use locality::ndarray::Array4;
/// let x = Array4::from_shape_fn([1, 2, 6, 6], |(_, c, i, j)| 0.1_f32 * (c + i * j) as f32);
/// let w = Array4::from_shape_fn([1, 2, 3, 3], |(_, c, a, b)| 0.3_f32 - (c + a + b) as f32);
/// let y = gemm::forward(&x, &w, None, Geometry::default())?;
/// let (x, w) = (x.mapv(f64::from), w.mapv(f64::from));
/// let known = layer::forward(&x, &w, None, Geometry::default())?;
/// let bounds = bounds::sums(&x, &w, Geometry::default())?;
/// for ((y, known), bound) in y.iter().zip(&known).zip(&bounds) {
///     assert!((f64::from(*y) - known).abs() <= bound * f64::from(f32::EPSILON) / 2.0);
/// }
/// # Ok::<(), locality::Error>(())
/// ```
pub fn sums(x: &ArrayRef4<f64>, w: &ArrayRef4<f64>, geometry: Geometry) -> Result<Array4<f64>> {
    let (_, channels, kh, kw) = w.dim();
    let magnitudes = layer::forward(&x.mapv(f64::abs), &w.mapv(f64::abs), None, geometry)?;
    Ok(magnitudes * (channels * kh * kw) as f64)
}

/// For [`winograd`](super::winograd): Winograd's formula over the magnitudes of its matrices, taps and samples.
///
/// Each of the three transforms mixes at most S = m + 2 numbers along each of two axes; those of the taps have to round
/// the entries of their matrix, too. The products of all channels are added up in between.
///
/// # Errors
/// As [`winograd::Plan::new`](super::winograd::Plan::new).
pub fn winograd(
    x: &ArrayRef4<f64>,
    w: &ArrayRef4<f64>,
    geometry: Geometry,
    tile: Tile,
) -> Result<Array4<f64>> {
    let (filters, channels, kh, kw) = w.dim();
    shaped("kernel", &[filters, channels, 3, 3], &[filters, channels, kh, kw])?;
    let matrices = matrix::winograd(tile.points(), 3)?;
    let magnitudes =
        |entries: &DMatrix<Ratio<i64>>| entries.map(|entry| entry.to_f64().map_or(f64::INFINITY, f64::abs));
    let [from_taps, from_samples, to_outputs] =
        [&matrices.kernel, &matrices.input, &matrices.output].map(magnitudes);
    let side = from_samples.nrows();
    let taps = (0..filters * channels).map(|pair| {
        let taps = DMatrix::from_fn(3, 3, |a, b| w[[pair / channels, pair % channels, a, b]].abs());
        &from_taps * taps * from_taps.transpose()
    });
    let taps = taps.collect::<Vec<_>>();
    let roundings = 2 * side + 2 * (3 + 1) + channels + 2 * side;
    in_tiles(x, w, geometry, (side, to_outputs.nrows()), |o, samples| {
        let products = samples
            .iter()
            .zip(&taps[o * channels..])
            .map(|(samples, taps)| taps.component_mul(&(&from_samples * samples * from_samples.transpose())));
        let products = products.fold(DMatrix::zeros(side, side), |sum, product| sum + product);
        &to_outputs * products * to_outputs.transpose() * roundings as f64
    })
}

/// For [`fft`](super::fft) in tiles of one side: the same bound for all outputs of a tile, Σ |w| times the length
/// √Σ x² of its samples, summed over channels.
///
/// A fast transform of S² numbers, and of the numbers in between, is wrong by at most 7 u log₂ S² of their length
/// (Higham, *Accuracy and Stability of Numerical Algorithms*, theorem 24.2); there are three. A complex product of three
/// real ones, with the sum over channels, adds up to 6 u for each channel.
///
/// # Errors
/// As [`fft::Plan::new`](super::fft::Plan::new), but that any side will do that holds the kernel.
pub fn fourier(
    x: &ArrayRef4<f64>,
    w: &ArrayRef4<f64>,
    geometry: Geometry,
    side: usize,
) -> Result<Array4<f64>> {
    let (_, channels, kh, kw) = w.dim();
    at_least("tile", kh.max(kw), side)?;
    let outputs = side + 1 - kh.max(kw);
    let roundings = by_spectra((side * side) as f64, channels);
    in_tiles(x, w, geometry, (side, outputs), |o, samples| {
        let lengths = samples.iter().enumerate().map(|(c, samples)| {
            let taps = (0..kh * kw).map(|tap| w[[o, c, tap / kw, tap % kw]].abs()).sum::<f64>();
            taps * samples.norm()
        });
        DMatrix::from_element(outputs, outputs, roundings * lengths.sum::<f64>())
    })
}

/// What multiplies the lengths in Fourier's methods: three transforms of that many numbers, and products over channels.
fn by_spectra(samples: f64, channels: usize) -> f64 {
    3.0 * 7.0 * samples.log2() + 6.0 * (channels + 1) as f64
}

/// For [`overlap_save`](super::overlap_save) in tiles of one size (rows, columns): the bound of [`fourier`] with two tiles
/// side by side for one, which travel together.
///
/// # Errors
/// As [`overlap_save::Plan::convolve`](super::overlap_save::Plan::convolve), but that any tile will do that holds the
/// kernel.
///
/// # Examples
/// ```
/// use locality::{conv2d::Mode, fast::bounds, ndarray::Array2};
/// let (mut x, h) = (Array2::zeros((6, 60)), Array2::ones((3, 3)));
/// x[[2, 2]] = 1e9;
/// let bounds = bounds::overlap_save(&x, &h, Mode::Same, (8, 8))?;
/// // A tile has 6 × 6 outputs, and two tiles side by side share a transform: the first two share the large pixel.
/// assert!(bounds[[5, 11]] > 1e9 && bounds[[5, 12]] == 0.0);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn overlap_save(
    x: &ArrayRef2<f64>,
    h: &ArrayRef2<f64>,
    mode: Mode,
    tile: (usize, usize),
) -> Result<Array2<f64>> {
    let (kh, kw) = h.dim();
    let (rows, columns) = (mode.outputs(x.nrows(), kh)?, mode.outputs(x.ncols(), kw)?);
    at_least("tile", kh, tile.0)?;
    at_least("tile", kw, tile.1)?;
    let (down, across) = (tile.0 + 1 - kh, tile.1 + 1 - kw);
    let roundings = by_spectra((tile.0 * tile.1) as f64, 1);
    let taps = h.iter().map(|tap| tap.abs()).sum::<f64>();
    // The square of the length of the samples that a tile reads, whose first output is at a corner of the kept ones.
    let square = |i: usize, j: usize| {
        let read = |start: usize, taps: usize, side: usize, length: usize| {
            let [from, to] = [start + 1, start + 1 + side].map(|end| end.saturating_sub(taps).min(length));
            from..to
        };
        let (i, j) = (rows.start + i, columns.start + j);
        let window = s![read(i, kh, tile.0, x.nrows()), read(j, kw, tile.1, x.ncols())];
        x.slice(window).iter().map(|x| x * x).sum::<f64>()
    };
    let mut bounds = Array2::zeros((rows.len(), columns.len()));
    for i in (0..rows.len()).step_by(down) {
        for j in (0..columns.len()).step_by(2 * across) {
            let length = (square(i, j) + square(i, j + across)).sqrt();
            let ends = ((i + down).min(rows.len()), (j + 2 * across).min(columns.len()));
            bounds.slice_mut(s![i..ends.0, j..ends.1]).fill(roundings * taps * length);
        }
    }
    Ok(bounds)
}

/// A bound that is made tile by tile: `bound` of a filter and the magnitudes of a tile's samples, channel by channel.
fn in_tiles(
    x: &ArrayRef4<f64>,
    w: &ArrayRef4<f64>,
    geometry: Geometry,
    (side, m): (usize, usize),
    bound: impl Fn(usize, &[DMatrix<f64>]) -> DMatrix<f64>,
) -> Result<Array4<f64>> {
    side_by_side(geometry)?;
    let [images, filters, p, q] = output_shape::<f64>(x.dim().into(), w.dim().into(), geometry)?;
    let (_, channels, height, width) = x.dim();
    let mut bounds = Array4::zeros([images, filters, p, q]);
    for n in 0..images {
        for (i, j) in (0..p).step_by(m).flat_map(|i| (0..q).step_by(m).map(move |j| (i, j))) {
            let sample = |c: usize, s: usize, t: usize| {
                let pixel = geometry.pixel((i, j), (s, t), (height, width));
                pixel.map_or(0.0, |(u, v)| x[[n, c, u, v]].abs())
            };
            let samples = (0..channels).map(|c| DMatrix::from_fn(side, side, |s, t| sample(c, s, t)));
            let samples = samples.collect::<Vec<_>>();
            for o in 0..filters {
                let tile = bound(o, &samples);
                for (s, t) in (0..m.min(p - i)).flat_map(|s| (0..m.min(q - j)).map(move |t| (s, t))) {
                    bounds[[n, o, i + s, j + t]] = tile[(s, t)];
                }
            }
        }
    }
    Ok(bounds)
}
