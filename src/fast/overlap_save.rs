//! Overlap-save: the convolution of pictures and signals through Fourier transforms of tiles.
//!
//! A circular convolution of M samples with K taps gets M − K + 1 outputs right, equation `overlap-save`: those that
//! no wrap-around reaches. So the picture is read in tiles that overlap by K − 1 samples, and what a tile costs does
//! not depend on how large the picture is. A tile that holds half of the picture is the whole transform that textbooks
//! describe.
//!
//! - Two real tiles travel as the real and the imaginary part of a complex one: taps are real, so the parts never meet.
//! - Rows are transformed by `rustfft`, where they lie. Columns are transformed a vector of them at a time, multiplied by the spectrum
//!   of the kernel, and transformed back at once, while they are in the first cache.
//! - Rows back are transformed only if they hold outputs.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, ArrayRef2, ArrayRef3, ArrayView2, ArrayView3, Axis, s};
use num_complex::Complex as Pair;
use rustfft::{Fft as Rows, FftDirection};

use super::Threads;
use super::gemm::pixels;
use super::lanes::{Buffer, Complex, join, split};
use super::layers::depthwise;
use super::simd::{Number, Work, tile_shape};
use super::stockham::{Fft, is_smooth, times_each};
use crate::conv1d;
use crate::conv2d::{self, Mode};
use crate::error::{Error, Result, allocatable, at_least, exactly};

/// Complex samples of a tile that stays in the second cache. A larger one pays for each sample that does not.
const CACHE: usize = 1 << 15;

/// A kernel as a spectrum, for images of one shape, and the memory for a tile.
///
/// # Memory
/// In numbers, with tiles of M × N samples and vectors of L lanes: 2 M N for the spectrum of each kernel; and for each thread
/// 2 M N for a tile, 4 M L for a vector of its columns, twice, 2 N for its rows of pixels, and what `rustfft` asks for to
/// transform a row, 2 N mostly.
///
/// # Examples
/// ```
/// use locality::conv2d::{self, Mode};
/// use locality::fast::{Threads, overlap_save};
/// use locality::ndarray::{Array2, array};
/// let (x, h) = (Array2::from_shape_fn((9, 30), |(i, j)| (i + j) as f64), array![[1.0, 10.0], [3.0, 0.0]]);
/// let mut plan = overlap_save::Plan::convolve((9, 30), &h, Mode::Full, None, &Threads::default())?;
/// let mut y = Array2::zeros(plan.output());
/// plan.run_into(x.as_slice().unwrap(), y.as_slice_mut().unwrap())?;
/// let error = y - conv2d::convolve(&x, &h, Mode::Full)?;
/// assert!(error.iter().all(|error| error.abs() < 1e-11));
/// # Ok::<(), locality::Error>(())
/// ```
pub struct Plan<T> {
    layout: Layout<T>,
    threads: Threads,
    spaces: Vec<Space<T>>,
}

/// Everything that threads share.
struct Layout<T> {
    images: usize,
    image: (usize, usize),
    taps: (usize, usize),
    /// The outputs that are kept, as indices into the full result.
    rows: Range<usize>,
    columns: Range<usize>,
    tile: (usize, usize),
    forward: Arc<dyn Rows<T>>,
    inverse: Arc<dyn Rows<T>>,
    down: Fft<T>,
    /// The spectra over the number of samples, one for each image, over and over: vectors of columns, in each of them row
    /// after row.
    kernels: Vec<Buffer<T>>,
}

/// What one thread works in.
struct Space<T> {
    /// The samples of a tile, row after row.
    tile: Vec<Pair<T>>,
    scratch: Vec<Pair<T>>,
    /// A row of either tile.
    lines: Vec<T>,
    /// A vector of columns, twice.
    columns: Buffer<T>,
}

impl<T: Number> Plan<T> {
    /// For [`conv2d::convolve`] with images H × W, in tiles of a given size (rows, columns), or of the one that costs
    /// least.
    ///
    /// # Errors
    /// As [`conv2d::convolve`]; [`Error::TooShort`] if a tile does not hold the kernel; [`Error::Length`] with the
    /// next size that will do, if its rows or columns have a prime factor above 7, or if its columns do not fill
    /// vectors.
    pub fn convolve(
        image: (usize, usize),
        h: &ArrayRef2<T>,
        mode: Mode,
        tile: Option<(usize, usize)>,
        threads: &Threads,
    ) -> Result<Self> {
        let kept = (mode.outputs(image.0, h.nrows())?, mode.outputs(image.1, h.ncols())?);
        Self::new(1, image, h.view().insert_axis(Axis(0)), kept, tile, threads)
    }

    /// For a layer without sums over channels: every channel of (B, C, H, W) is correlated with a kernel of its own, C of
    /// them in `h`, with stride 1 and zeros around: [`direct::Plan::depthwise`](super::direct::Plan::depthwise) for large
    /// kernels.
    ///
    /// # Errors
    /// As there, and those of a [tile](Plan::convolve).
    ///
    /// # Examples
    /// ```
    /// use locality::fast::{Threads, overlap_save};
    /// use locality::ndarray::array;
    /// // Two channels of one row, [1, 2, 3] and [4, 5, 6].
    /// let h = array![[[1.0, 1.0]], [[1.0, -1.0]]];
    /// let mut plan = overlap_save::Plan::depthwise([1, 2, 1, 3], &h, (0, 0), None, &Threads::default())?;
    /// let mut y = [0.0_f64; 4];
    /// plan.run_into(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut y)?;
    /// assert!(y.iter().zip([3.0, 5.0, -1.0, -1.0]).all(|(y, known)| (y - known).abs() < 1e-14));
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn depthwise(
        input: [usize; 4],
        h: &ArrayRef3<T>,
        padding: (usize, usize),
        tile: Option<(usize, usize)>,
        threads: &Threads,
    ) -> Result<Self> {
        let kept = depthwise::<T>(input, h.dim(), padding)?;
        let [images, channels, height, width] = input;
        // Correlation is convolution with the taps turned around.
        Self::new(images * channels, (height, width), h.slice(s![.., ..;-1, ..;-1]), kept, tile, threads)
    }

    fn new(
        images: usize,
        image: (usize, usize),
        kernels: ArrayView3<T>,
        (rows, columns): (Range<usize>, Range<usize>),
        tile: Option<(usize, usize)>,
        threads: &Threads,
    ) -> Result<Self> {
        allocatable::<T>("output", &[images, rows.len(), columns.len()])?;
        let (count, kh, kw) = kernels.dim();
        let lanes = tile_shape::<T>().lanes;
        let tile = match tile {
            Some(tile) => tile,
            None => best_tile((rows.len(), columns.len()), (kh, kw), lanes)?,
        };
        for (side, taps, step) in [(tile.0, kh, 1), (tile.1, kw, lanes)] {
            at_least("tile", taps, side)?;
            if !fits(side, step) {
                return Err(Error::Length { argument: "tile", expected: next(side, step)?, given: side });
            }
        }
        let size = allocatable::<Pair<T>>("tile", &[tile.0, tile.1])?;
        allocatable::<Pair<T>>("spectra", &[count, size])?;
        let (forward, inverse) =
            (T::fft(tile.1, FftDirection::Forward), T::fft(tile.1, FftDirection::Inverse));
        let scratch = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        let mut spaces = (0..threads.count())
            .map(|_| Space {
                tile: vec![Pair::new(T::zero(), T::zero()); size],
                scratch: vec![Pair::new(T::zero(), T::zero()); scratch],
                lines: vec![T::zero(); 2 * tile.1],
                columns: Buffer::zeros(4 * tile.0 * lanes),
            })
            .collect::<Vec<_>>();
        let mut layout = Layout {
            images,
            image,
            taps: (kh, kw),
            rows,
            columns,
            tile,
            forward,
            inverse,
            down: Fft::new(tile.0),
            kernels: vec![],
        };
        for h in kernels.outer_iter() {
            let spectrum = T::vectorized(Kernel { h, layout: &layout, space: &mut spaces[0] });
            layout.kernels.push(spectrum);
        }
        Ok(Self { layout, threads: threads.clone(), spaces })
    }

    /// For [`conv2d::correlate`] with images H × W.
    ///
    /// # Errors
    /// As [`Plan::convolve`].
    pub fn correlate(
        image: (usize, usize),
        h: &ArrayRef2<T>,
        mode: Mode,
        tile: Option<(usize, usize)>,
        threads: &Threads,
    ) -> Result<Self> {
        Self::convolve(image, &conv2d::flip(h), mode, tile, threads)
    }

    /// The size of its tiles: rows, columns.
    pub fn tile(&self) -> (usize, usize) {
        self.layout.tile
    }

    /// The shape of the outputs of an image.
    pub fn output(&self) -> (usize, usize) {
        (self.layout.rows.len(), self.layout.columns.len())
    }

    /// Computes the outputs, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`] if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        let Self { layout, threads, spaces } = self;
        let (p, q) = (layout.rows.len(), layout.columns.len());
        let pixels = layout.image.0 * layout.image.1;
        exactly("image", layout.images * pixels, x.len())?;
        exactly("output", layout.images * p * q, y.len())?;
        let (height, width) = layout.outputs();
        // A piece of work is a row of tiles, or, of a signal, a pair of them; of many images, each is one.
        let many = layout.images > 1;
        let chunk = match (many, p) {
            (true, _) => p * q,
            (false, 1) => 2 * width,
            (false, _) => height * q,
        };
        threads.for_each_chunk(y, chunk, spaces, |number, y, space| {
            let (image, corner, width) = match (many, p) {
                (true, _) => (number, (0, 0), q),
                (false, 1) => (0, (0, number * chunk), y.len()),
                (false, _) => (0, (number * height, 0), q),
            };
            let (x, kernel) = (&x[image * pixels..][..pixels], &layout.kernels[image % layout.kernels.len()]);
            T::vectorized(Tiles { layout, kernel, x, corner, y, width, space });
        });
        Ok(())
    }
}

/// The full, same or valid convolution of an image at once: [`conv2d::convolve`], faster if the kernel is large.
///
/// # Errors
/// As [`conv2d::convolve`].
///
/// # Examples
/// ```
/// use locality::{conv2d::Mode, fast::overlap_save, ndarray::array};
/// let y = overlap_save::convolve(&array![[1.0, 2.0], [3.0, 4.0]], &array![[1.0, 10.0]], Mode::Valid)?;
/// assert!((y[[1, 0]] - 34.0_f64).abs() < 1e-13);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve<T: Number>(x: &ArrayRef2<T>, h: &ArrayRef2<T>, mode: Mode) -> Result<Array2<T>> {
    let mut plan = Plan::convolve(x.dim(), h, mode, None, &Threads::default())?;
    let mut y = Array2::zeros(plan.output());
    let x = x.as_standard_layout();
    plan.run_into(x.as_slice().expect("row-major"), y.as_slice_mut().expect("row-major"))?;
    Ok(y)
}

/// The full, same or valid convolution of a signal at once: [`conv1d::convolve`], faster if the kernel is long.
///
/// # Errors
/// As [`conv1d::convolve`].
///
/// # Examples
/// ```
/// use locality::{conv1d::Mode, fast::overlap_save};
/// let y = overlap_save::convolve_1d(&[1.0, 2.0, 3.0], &[1.0, 10.0], Mode::Full)?;
/// assert!((y[3] - 30.0_f64).abs() < 1e-13);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve_1d<T: Number>(x: &[T], h: &[T], mode: conv1d::Mode) -> Result<Vec<T>> {
    let taps = Array2::from_shape_vec((1, h.len()), h.to_vec()).expect("one row");
    let mut plan = Plan::convolve((1, x.len()), &taps, mode, None, &Threads::default())?;
    let mut y = vec![T::zero(); plan.output().1];
    plan.run_into(x, &mut y)?;
    Ok(y)
}

/// The tile of which two hold the whole image: the transform that textbooks describe.
///
/// # Errors
/// As [`conv2d::convolve`].
///
/// # Examples
/// ```
/// use locality::{conv2d::Mode, fast::overlap_save::whole};
/// let (rows, columns) = whole::<f64>((100, 60), (5, 5), Mode::Full)?;
/// assert!(rows >= 104 && columns >= 32 + 4);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn whole<T: Number>(image: (usize, usize), taps: (usize, usize), mode: Mode) -> Result<(usize, usize)> {
    let (rows, columns) = (mode.outputs(image.0, taps.0)?, mode.outputs(image.1, taps.1)?);
    let across = columns.len().div_ceil(2) + taps.1 - 1;
    Ok((next(rows.len() + taps.0 - 1, 1)?, next(across, tile_shape::<T>().lanes)?))
}

/// Whether there is a transform of that length, whose samples fill vectors.
fn fits(side: usize, step: usize) -> bool {
    is_smooth(side) && side.is_multiple_of(step)
}

/// The next length that there is a transform of.
fn next(side: usize, step: usize) -> Result<usize> {
    let too_large = Error::TooLarge { what: "tile" };
    let limit = side.checked_mul(2).and_then(|limit| limit.checked_add(step)).ok_or(too_large.clone())?;
    (side..=limit).find(|&side| fits(side, step)).ok_or(too_large)
}

/// The tile that costs least: for each of its sample as many operations as its transforms have steps, and some for
/// fetching it.
pub(super) fn best_tile(
    outputs: (usize, usize),
    taps: (usize, usize),
    step: usize,
) -> Result<(usize, usize)> {
    let sides = |outputs: usize, taps: usize, step: usize| -> Result<Vec<usize>> {
        let least = next(taps, step)?;
        let most = next(outputs + taps - 1, step)?;
        // Lengths between powers of two that are far enough apart to be worth a trial.
        let mut sides = vec![least];
        while let Some(&last) = sides.last().filter(|&&last| last < most) {
            sides.push(next((last + last / 16).max(last + 1), step)?.min(most));
        }
        Ok(sides)
    };
    let cost = |tile: (usize, usize)| {
        let (pairs, samples) = tiles(outputs, taps, tile);
        let fetched = if tile.0 * tile.1 > CACHE { 6.0 } else { 0.0 };
        pairs * samples * (samples.log2() + 3.0 + fetched)
    };
    let (down, across) = (sides(outputs.0, taps.0, 1)?, sides(outputs.1, taps.1, step)?);
    let sizes = down.iter().flat_map(|&down| across.iter().map(move |&across| (down, across)));
    sizes.min_by(|&a, &b| cost(a).total_cmp(&cost(b))).ok_or(Error::TooLarge { what: "kernel" })
}

/// How many pairs of tiles there are, and how many samples a tile has.
pub(super) fn tiles(outputs: (usize, usize), taps: (usize, usize), tile: (usize, usize)) -> (f64, f64) {
    let valid = (tile.0 + 1 - taps.0, tile.1 + 1 - taps.1);
    let pairs = outputs.0.div_ceil(valid.0) * outputs.1.div_ceil(valid.1).div_ceil(2);
    (pairs as f64, (tile.0 * tile.1) as f64)
}

impl<T> Layout<T> {
    /// The outputs of a tile: those that no wrap-around reaches.
    fn outputs(&self) -> (usize, usize) {
        (self.tile.0 + 1 - self.taps.0, self.tile.1 + 1 - self.taps.1)
    }
}

/// The spectrum of the kernel.
struct Kernel<'a, T> {
    h: ArrayView2<'a, T>,
    layout: &'a Layout<T>,
    space: &'a mut Space<T>,
}

impl<T: Number> Work<T> for Kernel<'_, T> {
    type Output = Buffer<T>;

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(
        self,
    ) -> Buffer<T> {
        let Self { h, layout, space } = self;
        let (height, width) = layout.tile;
        let scale = T::from_f64(1.0 / (height * width) as f64).expect("a float is a number");
        space.tile.fill(Pair::new(T::zero(), T::zero()));
        for ((a, b), &tap) in h.indexed_iter() {
            space.tile[a * width + b] = Pair::new(tap * scale, T::zero());
        }
        layout.forward.process_with_scratch(&mut space.tile, &mut space.scratch);
        let (columns, _) = space.columns.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
        let (from, to) = columns.split_at_mut(height);
        let mut spectrum = Buffer::zeros(2 * height * width);
        let (kernel, _) = spectrum.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
        for (vector, kernel) in kernel.chunks_exact_mut(height).enumerate() {
            load(&space.tile[vector * LANES..], width, from);
            kernel.copy_from_slice(layout.down.process::<LANES, FUSED>(1, from, to).0);
        }
        spectrum
    }
}

/// Rows of tiles.
struct Tiles<'a, T> {
    layout: &'a Layout<T>,
    kernel: &'a Buffer<T>,
    x: &'a [T],
    /// The first output of the first tile.
    corner: (usize, usize),
    y: &'a mut [T],
    /// The length of a row of `y`.
    width: usize,
    space: &'a mut Space<T>,
}

impl<T: Number> Work<T> for Tiles<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, kernel, x, corner: (top, left), y, width, space } = self;
        let (height, valid) = layout.outputs();
        let (skipped, before) = (layout.taps.0 - 1, layout.taps.1 - 1);
        for (row, y) in y.chunks_mut(height * width).enumerate() {
            for start in (0..width).step_by(2 * valid) {
                read(layout, x, (top + row * height, left + start), space);
                layout.forward.process_with_scratch(&mut space.tile, &mut space.scratch);
                down_and_up::<T, LANES, FUSED>(layout, kernel, space);
                // The first K − 1 rows and columns are where the tile is wrapped around.
                let tile = &mut space.tile[skipped * layout.tile.1..][..y.len() / width * layout.tile.1];
                layout.inverse.process_with_scratch(tile, &mut space.scratch);
                for (y, tile) in y.chunks_exact_mut(width).zip(tile.chunks_exact(layout.tile.1)) {
                    let tile = &tile[before..];
                    y[start..].iter_mut().zip(&tile[..valid]).for_each(|(y, sample)| *y = sample.re);
                    let second = y.get_mut(start + valid..).unwrap_or_default();
                    second.iter_mut().zip(&tile[..valid]).for_each(|(y, sample)| *y = sample.im);
                }
            }
        }
    }
}

/// Reads two tiles side by side, whose first outputs are at a corner and `valid` columns further; zeros outside of the
/// image.
#[inline(always)]
fn read<T: Number>(layout: &Layout<T>, x: &[T], corner: (usize, usize), space: &mut Space<T>) {
    let (height, width) = layout.image;
    let (above, before) = (layout.taps.0 - 1, layout.taps.1 - 1);
    let (first, second) = space.lines.split_at_mut(layout.tile.1);
    for (a, tile) in space.tile.chunks_exact_mut(layout.tile.1).enumerate() {
        let row = (layout.rows.start + corner.0 + a).checked_sub(above).filter(|&row| row < height);
        let row = row.map(|row| &x[row * width..][..width]).unwrap_or_default();
        let column = layout.columns.start + corner.1;
        pixels(row, column, before, first);
        pixels(row, column + layout.outputs().1, before, second);
        for ((sample, &re), &im) in tile.iter_mut().zip(&*first).zip(&*second) {
            *sample = Pair::new(re, im);
        }
    }
}

/// A vector of columns, from rows of `width` numbers.
#[inline(always)]
fn load<T: Number, const LANES: usize>(tile: &[Pair<T>], width: usize, to: &mut [Complex<T, LANES>]) {
    for (row, to) in tile.chunks(width).zip(to) {
        split(&row[..LANES], [0, 1], to);
    }
}

/// Transforms the columns, multiplies by the kernel, and transforms them back, a vector of columns at a time.
///
/// The inverse transform is the transform with real and imaginary parts exchanged before and after.
#[inline(always)]
fn down_and_up<T: Number, const LANES: usize, const FUSED: bool>(
    layout: &Layout<T>,
    kernel: &Buffer<T>,
    space: &mut Space<T>,
) {
    let (height, width) = layout.tile;
    let (columns, _) = space.columns.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
    let (from, to) = columns.split_at_mut(height);
    let (kernel, _) = kernel.as_chunks::<LANES>().0.as_chunks::<2>();
    for (vector, kernel) in kernel.chunks_exact(height).enumerate() {
        let tile = &mut space.tile[vector * LANES..];
        load(tile, width, from);
        let (spectrum, other) = layout.down.process::<LANES, FUSED>(1, from, to);
        for (number, factor) in spectrum.iter_mut().zip(kernel) {
            let [re, im] = times_each::<T, LANES, FUSED>(*number, *factor);
            *number = [im, re];
        }
        let (back, _) = layout.down.process::<LANES, FUSED>(1, spectrum, other);
        for (row, numbers) in tile.chunks_mut(width).zip(back) {
            join(numbers, [1, 0], &mut row[..LANES]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No tile of any size costs less than 0.94 times as much, counted pair by pair: a step for each halving, three for
    /// reading and writing, and six more for a sample that the second cache does not hold.
    #[test]
    fn the_tile_costs_hardly_more_than_any() -> Result<()> {
        let costs = |outputs: (usize, usize), taps: (usize, usize), tile: (usize, usize)| {
            let (down, across) = (tile.0 - (taps.0 - 1), tile.1 - (taps.1 - 1));
            let pairs = (0..outputs.0).step_by(down).count() * (0..outputs.1).step_by(2 * across).count();
            let samples = tile.0 * tile.1;
            let steps = (samples as f64).log2() + if samples <= 32 * 1024 { 3.0 } else { 9.0 };
            (pairs * samples) as f64 * steps
        };
        for outputs in [(64, 64), (100, 30), (256, 256), (300, 500), (1, 5000)] {
            for taps in [(3, 3), (7, 5), (31, 31), (1, 63)] {
                let lanes = 8;
                let chosen = best_tile(outputs, taps, lanes)?;
                assert!(
                    fits(chosen.0, 1) && fits(chosen.1, lanes) && chosen.0 >= taps.0 && chosen.1 >= taps.1
                );
                let sides = |outputs: usize, taps: usize, step| {
                    (taps..2 * (outputs + taps) + step).filter(move |&side| fits(side, step))
                };
                let across = sides(outputs.1, taps.1, lanes).collect::<Vec<_>>();
                let tiles =
                    sides(outputs.0, taps.0, 1).flat_map(|down| across.iter().map(move |&side| (down, side)));
                let least = tiles.map(|tile| costs(outputs, taps, tile)).fold(f64::INFINITY, f64::min);
                let ratio = least / costs(outputs, taps, chosen);
                assert!(ratio > 0.94, "{outputs:?} {taps:?}: {chosen:?}, {ratio}");
            }
        }
        Ok(())
    }
}
