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

use super::auto::Method;
use super::fft::tile_side;
use super::layers::side_by_side;
use super::simd::tile_shape;
use super::winograd::Tile;
use crate::conv2d::Mode;
use crate::error::{Result, at_least, shaped};
use crate::gradient::spatial;
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
    let [from_taps, from_samples, to_outputs] = magnitudes_of(tile, 3)?;
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

/// For [`gradient::Input`](super::gradient::Input) by a method: that of the layer that this gradient is, of output gradients
/// with the taps turned around.
///
/// # Errors
/// As [`gradient::Input::new`](super::gradient::Input::new); [`Error::Shape`](crate::Error::Shape) if `g` does not have the
/// shape of the outputs.
pub fn input_gradient(
    g: &ArrayRef4<f64>,
    w: &ArrayRef4<f64>,
    geometry: Geometry,
    image: (usize, usize),
    method: Method,
) -> Result<Array4<f64>> {
    let (filters, _, kh, kw) = w.dim();
    let magnitudes = layer::transposed(&g.mapv(f64::abs), &w.mapv(f64::abs), geometry, image)?;
    if method == Method::Gemm {
        return Ok(magnitudes * (filters * kh * kw) as f64);
    }
    side_by_side(geometry)?;
    let turned = w.slice(s![.., .., ..;-1, ..;-1]).permuted_axes([1, 0, 2, 3]).to_owned();
    // The plan computes the pixels; with a padding as wide as the kernel, that too, and cuts it off. Tiles begin there.
    let (above, before) = geometry.padding;
    let cut = if above < kh && before < kw { (0, 0) } else { geometry.padding };
    let padding = (kh - 1 + cut.0 - above, kw - 1 + cut.1 - before);
    let full = Geometry { padding, ..geometry };
    let bounds = match method {
        Method::Winograd(tile) => winograd(g, &turned, full, tile)?,
        _ => fourier(g, &turned, full, side(method, g.dim().into(), turned.dim().into(), full)?)?,
    };
    // Pixels that no output reads have no error.
    Ok(Array4::from_shape_fn(magnitudes.dim(), |(n, c, u, v)| {
        bounds.get([n, c, u + cut.0, v + cut.1]).copied().unwrap_or(0.0)
    }))
}

/// For [`gradient::Kernel`](super::gradient::Kernel) by a method: a tap's sum goes over all outputs of all images, or over all
/// tiles, in which output gradients are the taps.
///
/// # Errors
/// As [`gradient::Kernel::new`](super::gradient::Kernel::new); [`Error::Shape`](crate::Error::Shape) if `g` does not have
/// the shape of the outputs.
///
/// # Examples
/// ```
/// use locality::fast::{auto::Method, bounds};
/// use locality::layer::Geometry;
/// use locality::ndarray::Array4;
/// let (x, g) = (Array4::from_elem([2, 1, 5, 5], -1.0), Array4::from_elem([2, 1, 3, 3], 0.5));
/// let bounds = bounds::kernel_gradient(&x, &g, (3, 3), Geometry::default(), Method::Gemm)?;
/// // Eighteen products of one half, and as many roundings.
/// assert!(bounds.iter().all(|&bound| bound == 9.0 * 18.0));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel_gradient(
    x: &ArrayRef4<f64>,
    g: &ArrayRef4<f64>,
    (kh, kw): (usize, usize),
    geometry: Geometry,
    method: Method,
) -> Result<Array4<f64>> {
    let ((_, channels, _, _), (images, filters, p, q)) = (x.dim(), g.dim());
    let magnitudes = spatial::kernel(&x.mapv(f64::abs), &g.mapv(f64::abs), (kh, kw), geometry)?;
    if method == Method::Gemm {
        return Ok(magnitudes * (images * p * q) as f64);
    }
    side_by_side(geometry)?;
    let kernel = [filters, channels, kh, kw];
    let tiles = |side: usize, m: usize| Tiles { x, geometry, side, m, outputs: (p, q) };
    match method {
        Method::Winograd(tile) => {
            shaped("kernel", &[filters, channels, 3, 3], &kernel)?;
            let side = tile.points().len() + 1;
            let m = side + 1 - 3;
            let [from_taps, from_samples, to_outputs] = magnitudes_of(tile, m)?;
            let mut sums = vec![DMatrix::zeros(side, side); filters * channels];
            let tiles = tiles(side, m);
            for (n, corner) in tiles.corners() {
                let samples = tiles
                    .samples(n, corner)
                    .map(|samples| &from_samples * samples * from_samples.transpose());
                let samples = samples.collect::<Vec<_>>();
                for (o, sums) in sums.chunks_exact_mut(channels).enumerate() {
                    let gradients = &from_taps * tiles.gradients(g, n, o, corner) * from_taps.transpose();
                    sums.iter_mut()
                        .zip(&samples)
                        .for_each(|(sum, samples)| *sum += gradients.component_mul(samples));
                }
            }
            let roundings = 2 * side + 2 * (m + 1) + tiles.corners().count() + 2 * side;
            let taps = sums.iter().map(|sum| &to_outputs * sum * to_outputs.transpose() * roundings as f64);
            let taps = taps.collect::<Vec<_>>();
            Ok(Array4::from_shape_fn(kernel, |(o, c, a, b)| taps[o * channels + c][(a, b)]))
        }
        _ => {
            let side = side(method, x.dim().into(), kernel, geometry)?;
            let tiles = tiles(side, side + 1 - kh.max(kw));
            let mut sums = vec![0.0; filters * channels];
            for (n, corner) in tiles.corners() {
                let lengths = tiles.samples(n, corner).map(|samples| samples.norm()).collect::<Vec<_>>();
                for (o, sums) in sums.chunks_exact_mut(channels).enumerate() {
                    let gradients = tiles.gradients(g, n, o, corner).sum();
                    sums.iter_mut().zip(&lengths).for_each(|(sum, length)| *sum += gradients * length);
                }
            }
            let roundings = by_spectra((side * side) as f64, tiles.corners().count());
            Ok(Array4::from_shape_fn(kernel, |(o, c, _, _)| roundings * sums[o * channels + c]))
        }
    }
}

/// The side of Fourier's tiles: the one that is given, or the one for double precision.
fn side(method: Method, input: [usize; 4], kernel: [usize; 4], geometry: Geometry) -> Result<usize> {
    let output = output_shape::<f64>(input, kernel, geometry)?;
    let given = if let Method::Fft(side) = method { side } else { None };
    tile_side(given, kernel, output, tile_shape::<f64>().rows)
}

/// The magnitudes of Winograd's matrices, for so many taps: of taps, of samples, of outputs.
fn magnitudes_of(tile: Tile, taps: usize) -> Result<[DMatrix<f64>; 3]> {
    let matrices = matrix::winograd(tile.points(), taps)?;
    let magnitudes =
        |entries: &DMatrix<Ratio<i64>>| entries.map(|entry| entry.to_f64().map_or(f64::INFINITY, f64::abs));
    Ok([&matrices.kernel, &matrices.input, &matrices.output].map(magnitudes))
}

/// The tiles of a layer: of S × S samples, of m × m outputs.
struct Tiles<'a> {
    x: &'a ArrayRef4<f64>,
    geometry: Geometry,
    side: usize,
    m: usize,
    outputs: (usize, usize),
}

impl Tiles<'_> {
    /// The image and the first output of each.
    fn corners(&self) -> impl Iterator<Item = (usize, (usize, usize))> {
        let ((p, q), m) = (self.outputs, self.m);
        let corners =
            move |n| (0..p).step_by(m).flat_map(move |i| (0..q).step_by(m).map(move |j| (n, (i, j))));
        (0..self.x.dim().0).flat_map(corners)
    }

    /// The magnitudes of the samples that a tile reads, channel by channel.
    fn samples(&self, n: usize, corner: (usize, usize)) -> impl Iterator<Item = DMatrix<f64>> {
        let (_, channels, height, width) = self.x.dim();
        (0..channels).map(move |c| {
            DMatrix::from_fn(self.side, self.side, |s, t| {
                let pixel = self.geometry.pixel(corner, (s, t), (height, width));
                pixel.map_or(0.0, |(u, v)| self.x[[n, c, u, v]].abs())
            })
        })
    }

    /// The magnitudes of a filter's output gradients.
    fn gradients(&self, g: &ArrayRef4<f64>, n: usize, o: usize, (i, j): (usize, usize)) -> DMatrix<f64> {
        DMatrix::from_fn(self.m, self.m, |s, t| g.get([n, o, i + s, j + t]).map_or(0.0, |g| g.abs()))
    }
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
    let tiles = Tiles { x, geometry, side, m, outputs: (p, q) };
    let mut bounds = Array4::zeros([images, filters, p, q]);
    for (n, (i, j)) in tiles.corners() {
        let samples = tiles.samples(n, (i, j)).collect::<Vec<_>>();
        for o in 0..filters {
            let tile = bound(o, &samples);
            for (s, t) in (0..m.min(p - i)).flat_map(|s| (0..m.min(q - j)).map(move |t| (s, t))) {
                bounds[[n, o, i + s, j + t]] = tile[(s, t)];
            }
        }
    }
    Ok(bounds)
}
