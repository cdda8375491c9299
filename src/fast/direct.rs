//! Convolution of one picture, or of one signal, by the definition: nothing is transformed and nothing is copied but a
//! few rows.
//!
//! The sums of R rows of outputs and V vectors stay in registers while all taps go by. A picture has four rows and
//! three vectors at a time; a signal has one row, and eight vectors, because as many sums must be under way as an
//! addition takes cycles. A signal is read where it lies, but for its ends. Of a picture some rows are copied first,
//! with the zeros beside them: the loops need not know where it ends, and rows that lie a power of two apart in memory
//! would push each other out of the cache.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayRef2, ArrayRef3, Axis};

use super::Threads;
use super::gemm::pixels;
use super::layers::depthwise;
use super::register::{lanes, scaled};
use super::simd::{Number, Work, tile_shape};
use crate::conv1d;
use crate::conv2d::{self, Mode};
use crate::error::{Result, allocatable, exactly};

/// Rows of outputs of a picture that are under way together.
pub(super) const HEIGHT: usize = 4;

/// Vectors of outputs in a row of it.
pub(super) const VECTORS: usize = 3;

/// Numbers that are copied at a time, unless four rows of outputs read more: half of the first cache, in single
/// precision.
const STRIP: usize = 4096;

/// Vectors of outputs that a signal has under way.
const LONG: usize = 8;

/// A kernel, ready to be slid over images of one shape, or a kernel for each channel of some, and the memory for a
/// strip of them.
///
/// # Memory
/// In numbers: the taps, and for each thread a strip of (r + K − 1) × (c + K − 1) samples, where c is the number of columns,
/// rounded up to blocks, and r is four rows of outputs, or as many fours as fit into 4096 numbers. Of a signal, the strip
/// is one block of outputs long.
///
/// # Examples
/// ```
/// use locality::conv2d::{self, Mode};
/// use locality::fast::{Threads, direct};
/// use locality::ndarray::{Array2, array};
/// let (x, h) = (array![[1.0, 2.0], [3.0, 4.0]], array![[1.0, 10.0]]);
/// let mut plan = direct::Plan::convolve((2, 2), &h, Mode::Full, &Threads::default())?;
/// let mut y = Array2::zeros(plan.output());
/// plan.run_into(x.as_slice().unwrap(), y.as_slice_mut().unwrap())?;
/// assert_eq!(y, conv2d::convolve(&x, &h, Mode::Full)?);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan<T> {
    layout: Layout<T>,
    threads: Threads,
    strips: Vec<Vec<T>>,
}

/// Everything that threads share.
#[derive(Debug)]
struct Layout<T> {
    /// How many images there are, and their sides. They take turns with the kernels.
    images: usize,
    image: (usize, usize),
    /// For each kernel, the taps in the order in which they meet the pixels: turned, for a convolution.
    taps: Array3<T>,
    /// The outputs that are kept, as indices into the full result.
    rows: Range<usize>,
    columns: Range<usize>,
    /// Rows and columns of outputs in a block, and of the samples that it reads.
    outputs: (usize, usize),
    samples: (usize, usize),
}

impl<T: Number> Plan<T> {
    /// For [`conv2d::convolve`] with images H × W.
    ///
    /// # Errors
    /// As [`conv2d::convolve`].
    pub fn convolve(image: (usize, usize), h: &ArrayRef2<T>, mode: Mode, threads: &Threads) -> Result<Self> {
        Self::correlate(image, &conv2d::flip(h), mode, threads)
    }

    /// For [`conv2d::correlate`] with images H × W.
    ///
    /// # Errors
    /// As [`conv2d::correlate`].
    pub fn correlate(image: (usize, usize), h: &ArrayRef2<T>, mode: Mode, threads: &Threads) -> Result<Self> {
        let kept = (mode.outputs(image.0, h.nrows())?, mode.outputs(image.1, h.ncols())?);
        Self::new(1, image, h.view().insert_axis(Axis(0)).to_owned(), kept, threads)
    }

    /// For the layer in which every channel has a kernel of its own: input (B, C, H, W), kernels (C, K_h, K_w), output
    /// (B, C, P, Q), in zeros of a given width.
    ///
    /// # Errors
    /// As [`layer::forward`](crate::layer::forward); [`Error::TooShort`](crate::Error::TooShort) if the border is as
    /// wide as the kernel: its outermost windows would see nothing but zeros.
    ///
    /// # Examples
    /// ```
    /// use locality::fast::{Threads, direct};
    /// use locality::ndarray::array;
    /// // Two channels of one row, [1, 2, 3] and [4, 5, 6].
    /// let h = array![[[1.0, 1.0]], [[1.0, -1.0]]];
    /// let mut plan = direct::Plan::depthwise([1, 2, 1, 3], &h, (0, 0), &Threads::default())?;
    /// let mut y = [0.0; 4];
    /// plan.run_into(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut y)?;
    /// assert_eq!(y, [3.0, 5.0, -1.0, -1.0]);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn depthwise(
        input: [usize; 4],
        h: &ArrayRef3<T>,
        padding: (usize, usize),
        threads: &Threads,
    ) -> Result<Self> {
        let kept = depthwise::<T>(input, h.dim(), padding)?;
        let [images, channels, height, width] = input;
        Self::new(images * channels, (height, width), h.to_owned(), kept, threads)
    }

    fn new(
        images: usize,
        image: (usize, usize),
        taps: Array3<T>,
        (rows, columns): (Range<usize>, Range<usize>),
        threads: &Threads,
    ) -> Result<Self> {
        allocatable::<T>("output", &[images, rows.len(), columns.len()])?;
        let (_, kh, kw) = taps.dim();
        let lanes = tile_shape::<T>().lanes;
        let outputs = if rows.len() == 1 {
            (1, LONG * lanes)
        } else {
            let width = columns.len().next_multiple_of(VECTORS * lanes);
            let groups = STRIP / HEIGHT / width.saturating_add(kw);
            (HEIGHT * groups.clamp(1, rows.len().div_ceil(HEIGHT)), width)
        };
        let samples = (outputs.0.saturating_add(kh - 1), outputs.1.saturating_add(kw - 1));
        let strip = vec![T::zero(); allocatable::<T>("strip", &[samples.0, samples.1])?];
        let taps = taps.as_standard_layout().into_owned();
        let layout = Layout { images, image, taps, rows, columns, outputs, samples };
        Ok(Self { layout, threads: threads.clone(), strips: vec![strip; threads.count()] })
    }

    /// The shape of the outputs of an image.
    pub fn output(&self) -> (usize, usize) {
        (self.layout.rows.len(), self.layout.columns.len())
    }

    /// Computes the outputs, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        let Self { layout, threads, strips } = self;
        let (p, q) = (layout.rows.len(), layout.columns.len());
        exactly("image", layout.images * layout.image.0 * layout.image.1, x.len())?;
        exactly("output", layout.images * p * q, y.len())?;
        // One image is divided in strips; of many, each is one piece of work.
        let rows = if layout.images > 1 { p } else { layout.outputs.0.min(p) };
        threads.for_each_chunk(y, rows * q, strips, |number, y, strip| {
            T::vectorized(Strips { layout, x, first: number * rows, y, strip });
        });
        Ok(())
    }
}

/// The full, same or valid convolution of an image at once: [`conv2d::convolve`], faster.
///
/// # Errors
/// As [`conv2d::convolve`].
///
/// # Examples
/// ```
/// use locality::{conv2d::Mode, fast::direct, ndarray::array};
/// let y = direct::convolve(&array![[1.0, 2.0], [3.0, 4.0]], &array![[1.0, 10.0]], Mode::Valid)?;
/// assert_eq!(y, array![[12.0], [34.0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve<T: Number>(x: &ArrayRef2<T>, h: &ArrayRef2<T>, mode: Mode) -> Result<Array2<T>> {
    let mut plan = Plan::convolve(x.dim(), h, mode, &Threads::default())?;
    let mut y = Array2::zeros(plan.output());
    let x = x.as_standard_layout();
    let (x, out) = (x.as_slice().expect("row-major"), y.as_slice_mut().expect("row-major"));
    plan.run_into(x, out)?;
    Ok(y)
}

/// The full, same or valid convolution of a signal at once: [`conv1d::convolve`], faster.
///
/// # Errors
/// As [`conv1d::convolve`].
///
/// # Examples
/// ```
/// use locality::{conv1d::Mode, fast::direct};
/// assert_eq!(direct::convolve_1d(&[1.0, 2.0, 3.0], &[1.0, 10.0], Mode::Full)?, [1.0, 12.0, 23.0, 30.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve_1d<T: Number>(x: &[T], h: &[T], mode: conv1d::Mode) -> Result<Vec<T>> {
    let taps = Array2::from_shape_vec((1, h.len()), h.to_vec()).expect("one row");
    let mut plan = Plan::convolve((1, x.len()), &taps, mode, &Threads::default())?;
    let mut y = vec![T::zero(); plan.output().1];
    plan.run_into(x, &mut y)?;
    Ok(y)
}

/// Some rows of outputs of one image.
struct Strips<'a, T> {
    layout: &'a Layout<T>,
    x: &'a [T],
    /// The number of the first of them, counted through all images.
    first: usize,
    y: &'a mut [T],
    strip: &'a mut [T],
}

impl<T: Number> Work<T> for Strips<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const V: usize, const FUSED: bool>(self) {
        let Self { layout, x, first, y, strip } = self;
        let (p, q) = (layout.rows.len(), layout.columns.len());
        let (kernels, kh, kw) = layout.taps.dim();
        let (number, first) = (first / p, first % p);
        let image = layout.image.0 * layout.image.1;
        let x = &x[number * image..][..image];
        let taps = &layout.taps.as_slice().expect("row-major")[number % kernels * kh * kw..][..kh * kw];
        let (height, width) = layout.outputs;
        for (number, y) in y.chunks_mut(height * q).enumerate() {
            for column in (0..q).step_by(width) {
                let corner = (first + number * height, column);
                let (samples, length) = read(layout, x, corner, y.len() / q, strip);
                if p == 1 {
                    let mut sums = [[T::zero(); LANES]; LONG];
                    for (a, taps) in taps.chunks_exact(kw).enumerate() {
                        one_row::<T, LANES, FUSED>(taps, &samples[a * length..], &mut sums);
                    }
                    store(&sums, &mut y[column..]);
                    continue;
                }
                for (group, y) in y.chunks_mut(HEIGHT * q).enumerate() {
                    let samples = &samples[group * HEIGHT * length..];
                    for column in (0..q).step_by(VECTORS * LANES) {
                        let sums = block::<T, LANES, FUSED>(taps, kw, &samples[column..], length);
                        for (sums, y) in sums.iter().zip(y.chunks_exact_mut(q)) {
                            store(sums, &mut y[column..]);
                        }
                    }
                }
            }
        }
    }
}

/// Writes as many of the sums as there is room for. Where all have room, the compiler knows how many that is, and calls
/// nobody to copy them.
#[inline(always)]
fn store<T: Number, const LANES: usize, const COUNT: usize>(sums: &[[T; LANES]; COUNT], y: &mut [T]) {
    match y.get_mut(..COUNT * LANES) {
        Some(y) => {
            for v in 0..COUNT {
                y[v * LANES..][..LANES].copy_from_slice(&sums[v]);
            }
        }
        None => y.iter_mut().zip(sums.as_flattened()).for_each(|(y, sum)| *y = *sum),
    }
}

/// Slides a row of taps over a row of samples.
#[inline(always)]
fn one_row<T: Number, const LANES: usize, const FUSED: bool>(
    taps: &[T],
    row: &[T],
    sums: &mut [[T; LANES]; LONG],
) {
    // The sums are copied so that they stay in registers, where every index is a constant.
    let mut kept = *sums;
    for (&tap, samples) in taps.iter().zip(row.windows(LONG * LANES)) {
        for v in 0..LONG {
            kept[v] = scaled::<T, LANES, FUSED>(tap, lanes(samples, v * LANES), kept[v]);
        }
    }
    *sums = kept;
}

/// Four rows of outputs: sums that stay in registers while all taps go by.
///
/// Small kernels are known by their width when this is compiled, so that a row of taps is no loop.
#[inline(always)]
fn block<T: Number, const LANES: usize, const FUSED: bool>(
    taps: &[T],
    width: usize,
    samples: &[T],
    length: usize,
) -> [[[T; LANES]; VECTORS]; HEIGHT] {
    let mut sums = [[[T::zero(); LANES]; VECTORS]; HEIGHT];
    for (a, taps) in taps.chunks_exact(width).enumerate() {
        let row = |r: usize| &samples[(a + r) * length..];
        let rows = [row(0), row(1), row(2), row(3)];
        match taps {
            &[a, b, c] => known::<T, LANES, 3, FUSED>([a, b, c], rows, &mut sums),
            &[a, b, c, d, e] => known::<T, LANES, 5, FUSED>([a, b, c, d, e], rows, &mut sums),
            taps => four_rows::<T, LANES, FUSED>(taps, rows, &mut sums),
        }
    }
    sums
}

/// Slides a row of taps, as many as is known, over four rows of pixels.
#[inline(always)]
fn known<T: Number, const LANES: usize, const TAPS: usize, const FUSED: bool>(
    taps: [T; TAPS],
    rows: [&[T]; HEIGHT],
    sums: &mut [[[T; LANES]; VECTORS]; HEIGHT],
) {
    let read = TAPS - 1 + VECTORS * LANES;
    let [p, q, r, s] = rows;
    let (p, q, r, s) = (&p[..read], &q[..read], &r[..read], &s[..read]);
    for b in 0..TAPS {
        add_tap::<T, LANES, FUSED>(taps[b], [&p[b..], &q[b..], &r[b..], &s[b..]], sums);
    }
}

/// Slides a row of taps over four rows of pixels. Iterators that run side by side need one check for all.
#[inline(always)]
fn four_rows<T: Number, const LANES: usize, const FUSED: bool>(
    taps: &[T],
    rows: [&[T]; HEIGHT],
    sums: &mut [[[T; LANES]; VECTORS]; HEIGHT],
) {
    let mut kept = *sums;
    let [p, q, r, s] = rows.map(|row| row.windows(VECTORS * LANES));
    for ((((&tap, p), q), r), s) in taps.iter().zip(p).zip(q).zip(r).zip(s) {
        add_tap::<T, LANES, FUSED>(tap, [p, q, r, s], &mut kept);
    }
    *sums = kept;
}

/// Adds the products of one tap.
#[inline(always)]
fn add_tap<T: Number, const LANES: usize, const FUSED: bool>(
    tap: T,
    [p, q, r, s]: [&[T]; HEIGHT],
    sums: &mut [[[T; LANES]; VECTORS]; HEIGHT],
) {
    for v in 0..VECTORS {
        sums[0][v] = scaled::<T, LANES, FUSED>(tap, lanes(p, v * LANES), sums[0][v]);
        sums[1][v] = scaled::<T, LANES, FUSED>(tap, lanes(q, v * LANES), sums[1][v]);
        sums[2][v] = scaled::<T, LANES, FUSED>(tap, lanes(r, v * LANES), sums[2][v]);
        sums[3][v] = scaled::<T, LANES, FUSED>(tap, lanes(s, v * LANES), sums[3][v]);
    }
}

/// The samples that a block of outputs reads, `rows` of them from a corner on, and how long a row of them is: where
/// they lie in the image, or, at its edge, a copy with zeros around them.
#[inline(always)]
fn read<'a, T: Number>(
    layout: &Layout<T>,
    x: &'a [T],
    corner: (usize, usize),
    rows: usize,
    strip: &'a mut [T],
) -> (&'a [T], usize) {
    let ((height, width), (_, kh, kw)) = (layout.image, layout.taps.dim());
    // Output i of the full result begins to read K − 1 samples before it.
    let (row, column) = (layout.rows.start + corner.0, layout.columns.start + corner.1);
    let whole = if layout.outputs.0 == 1 { 1 } else { rows.next_multiple_of(HEIGHT) };
    let inside = |at: usize, taps: usize, outputs: usize, samples| at + 1 >= taps && at + outputs <= samples;
    if inside(row, kh, whole, height) && inside(column, kw, layout.outputs.1, width) {
        return (&x[(row + 1 - kh) * width + column + 1 - kw..], width);
    }
    let length = layout.samples.1;
    // The columns of a picture that are copied are always the same. Beside them there is nothing but zeros.
    let (first, zeros) = (column.saturating_sub(kw - 1), (kw - 1).saturating_sub(column));
    let copied = first.min(width)..width.min(first + length - zeros.min(length));
    for (a, strip) in strip.chunks_exact_mut(length).take(rows + kh - 1).enumerate() {
        let row = (row + a).checked_sub(kh - 1).filter(|&row| row < height);
        let row = row.map(|row| &x[row * width..][..width]);
        match row {
            _ if layout.outputs.0 == 1 => pixels(row.unwrap_or_default(), column, kw - 1, strip),
            Some(row) => strip[zeros..][..copied.len()].copy_from_slice(&row[copied.clone()]),
            None => strip[zeros..][..copied.len()].fill(T::zero()),
        }
    }
    (strip, length)
}
