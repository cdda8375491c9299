//! The gradients of a layer in which every channel has a kernel of its own.
//!
//! The one with respect to the input is such a layer again, with the taps [turned] around. The one with respect to the
//! kernels correlates every channel with its output gradients, equation `grad-kernel-2d`: no channel meets another, so
//! it is no matrix product, and numbers are read about as fast as they are multiplied.

use ndarray::{Array3, ArrayRef3, s};

use super::Threads;
use super::gemm::pixels;
use super::layers::depthwise;
use super::register::lanes;
use super::simd::{Number, Work, fma, tile_shape};
use crate::error::{Result, allocatable, at_least, exactly};

/// Taps of a row whose sums are under way together: eight, because as many additions must be as two units begin in the
/// four cycles that one takes.
const TAPS: usize = 8;

/// Samples that are copied at a time, or as many as one row of outputs reads: half of the first cache, in single
/// precision.
const STRIP: usize = 4096;

/// The kernels and the padding of the layer that takes output gradients to input gradients, equation
/// `grad-input-2d`.
///
/// # Errors
/// [`Error::TooShort`](crate::Error::TooShort) if the padding is as wide as the kernels.
///
/// # Examples
/// ```
/// use locality::fast::{Threads, depthwise, direct};
/// use locality::ndarray::array;
/// // y = [x₁ + 10 x₂, x₂ + 10 x₃], so x₂ matters to both.
/// let (h, padding) = depthwise::turned(&array![[[1.0, 10.0]]], (0, 0))?;
/// let mut plan = direct::Plan::depthwise([1, 1, 1, 2], &h, padding, &Threads::default())?;
/// let mut dx = [0.0; 3];
/// plan.run_into(&[1.0, 2.0], &mut dx)?;
/// assert_eq!(dx, [1.0, 12.0, 20.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn turned<T: Number>(h: &ArrayRef3<T>, padding: (usize, usize)) -> Result<(Array3<T>, (usize, usize))> {
    let (_, kh, kw) = h.dim();
    at_least("kernel", padding.0.saturating_add(1), kh)?;
    at_least("kernel", padding.1.saturating_add(1), kw)?;
    Ok((h.slice(s![.., ..;-1, ..;-1]).to_owned(), (kh - 1 - padding.0, kw - 1 - padding.1)))
}

/// The gradient with respect to the kernels, and the memory to compute it in.
///
/// # Memory
/// In numbers, with vectors of L lanes, outputs Q wide, kernels K high and, in eights, V wide: for each thread K V L sums and
/// (r + K − 1) (Q + V − 1) samples, where r rows of outputs are as many as rows of samples have 4096 numbers, but one at
/// least.
///
/// # Examples
/// ```
/// use locality::fast::{Threads, depthwise};
/// // Two channels of one row, and the gradients of their two outputs each.
/// let (x, g) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 10.0, 1.0, -1.0]);
/// let mut plan = depthwise::KernelGradient::new([1, 2, 1, 3], (1, 2), (0, 0), &Threads::default())?;
/// let mut dw = [0.0; 4];
/// plan.run_into(&x, &g, &mut dw)?;
/// assert_eq!(dw, [21.0, 32.0, -1.0, -1.0]);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub struct KernelGradient<T> {
    layout: Layout,
    threads: Threads,
    spaces: Vec<Space<T>>,
}

/// Everything that threads share.
#[derive(Debug)]
struct Layout {
    input: [usize; 4],
    outputs: (usize, usize),
    taps: (usize, usize),
    padding: (usize, usize),
    /// Rows of outputs that are done at a time, and the length of the rows of samples that they read.
    rows: usize,
    length: usize,
}

impl Layout {
    /// Taps of a row, in eights.
    fn across(&self) -> usize {
        self.taps.1.next_multiple_of(TAPS)
    }
}

/// What one thread works in.
#[derive(Debug)]
struct Space<T> {
    samples: Vec<T>,
    /// For each tap, a vector, whose lanes are added up at the end.
    sums: Vec<T>,
}

impl<T: Number> KernelGradient<T> {
    /// For inputs (B, C, H, W), kernels of so many taps for each channel, and a border of zeros.
    ///
    /// # Errors
    /// As [`direct::Plan::depthwise`](super::direct::Plan::depthwise).
    pub fn new(
        input: [usize; 4],
        taps: (usize, usize),
        padding: (usize, usize),
        threads: &Threads,
    ) -> Result<Self> {
        let (rows, columns) = depthwise::<T>(input, (input[1], taps.0, taps.1), padding)?;
        let outputs = (rows.len(), columns.len());
        let mut layout = Layout { input, outputs, taps, padding, rows: 1, length: 1 };
        layout.length = outputs.1.saturating_add(layout.across() - 1);
        layout.rows = (STRIP / layout.length).clamp(1, outputs.0);
        let strip = [layout.rows.saturating_add(taps.0 - 1), layout.length];
        let samples = allocatable::<T>("strip", &strip)?;
        let sums = allocatable::<T>("sums", &[taps.0, layout.across(), tile_shape::<T>().lanes])?;
        let space = |_| Space { samples: vec![T::zero(); samples], sums: vec![T::zero(); sums] };
        Ok(Self { layout, threads: threads.clone(), spaces: (0..threads.count()).map(space).collect() })
    }

    /// Computes ∂L/∂w, (C, K_h, K_w), from inputs and ∂L/∂y, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x`, `g` or `dw` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], g: &[T], dw: &mut [T]) -> Result<()> {
        let Self { layout, threads, spaces } = self;
        let ([images, channels, _, _], (p, q), (kh, kw)) = (layout.input, layout.outputs, layout.taps);
        exactly("input", layout.input.iter().product(), x.len())?;
        exactly("output gradient", images * channels * p * q, g.len())?;
        exactly("kernel gradient", channels * kh * kw, dw.len())?;
        threads.for_each_chunk(dw, kh * kw, spaces, |channel, dw, space| {
            T::vectorized(Channel { layout, x, g, channel, space, dw });
        });
        Ok(())
    }
}

/// The kernel of one channel.
struct Channel<'a, T> {
    layout: &'a Layout,
    x: &'a [T],
    g: &'a [T],
    channel: usize,
    space: &'a mut Space<T>,
    dw: &'a mut [T],
}

impl<T: Number> Work<T> for Channel<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, x, g, channel, space: Space { samples, sums }, dw } = self;
        let ([images, channels, height, width], (p, q), (kh, kw)) =
            (layout.input, layout.outputs, layout.taps);
        let (sums, _) = sums.as_chunks_mut::<LANES>();
        sums.fill([T::zero(); LANES]);
        for plane in (0..images).map(|image| image * channels + channel) {
            let (x, g) = (&x[plane * height * width..][..height * width], &g[plane * p * q..][..p * q]);
            for (first, g) in (0..p).step_by(layout.rows).zip(g.chunks(layout.rows * q)) {
                let rows = g.len() / q;
                let strip = samples.chunks_exact_mut(layout.length).take(rows + kh - 1);
                for (row, strip) in (first..).zip(strip) {
                    let row = row.checked_sub(layout.padding.0).filter(|&row| row < height);
                    let row = row.map(|row| &x[row * width..][..width]).unwrap_or_default();
                    pixels(row, 0, layout.padding.1, strip);
                }
                for (a, sums) in sums.chunks_exact_mut(layout.across()).enumerate() {
                    for (b, sums) in sums.as_chunks_mut::<TAPS>().0.iter_mut().enumerate() {
                        let samples = (&samples[a * layout.length + b * TAPS..], layout.length);
                        *sums = eight_taps::<T, LANES, FUSED>(samples, (g, q), *sums);
                    }
                }
            }
        }
        for (sums, dw) in sums.chunks_exact(layout.across()).zip(dw.chunks_exact_mut(kw)) {
            for (sums, dw) in sums.iter().zip(dw) {
                *dw = sums.iter().fold(T::zero(), |total, sum| total + *sum);
            }
        }
    }
}

/// Adds the products of rows of output gradients, as long as `width`, with the samples that eight taps side by side
/// read.
#[inline(always)]
fn eight_taps<T: Number, const LANES: usize, const FUSED: bool>(
    (samples, length): (&[T], usize),
    (gradients, width): (&[T], usize),
    mut sums: [[T; LANES]; TAPS],
) -> [[T; LANES]; TAPS] {
    for (gradients, samples) in gradients.chunks_exact(width).zip(samples.chunks(length)) {
        let (vectors, rest) = gradients.as_chunks::<LANES>();
        let windows = samples.windows(LANES + TAPS - 1).step_by(LANES);
        for (gradients, samples) in vectors.iter().zip(windows) {
            for b in 0..TAPS {
                sums[b] = add_products::<T, LANES, FUSED>(gradients, &lanes(samples, b), sums[b]);
            }
        }
        if !rest.is_empty() {
            // Beyond the row there are zeros on both sides: what no output reads need not be finite.
            let samples = &samples[vectors.len() * LANES..];
            let gradients = padded(rest);
            for b in 0..TAPS {
                let samples = padded(&samples[b..][..rest.len()]);
                sums[b] = add_products::<T, LANES, FUSED>(&gradients, &samples, sums[b]);
            }
        }
    }
    sums
}

/// A vector that begins with these numbers, and is zero after them.
#[inline(always)]
fn padded<T: Number, const LANES: usize>(numbers: &[T]) -> [T; LANES] {
    let mut lanes = [T::zero(); LANES];
    lanes[..numbers.len()].copy_from_slice(numbers);
    lanes
}

/// a · b + c, lane by lane.
#[inline(always)]
fn add_products<T: Number, const LANES: usize, const FUSED: bool>(
    a: &[T; LANES],
    b: &[T; LANES],
    c: [T; LANES],
) -> [T; LANES] {
    let mut sums = c;
    for lane in 0..LANES {
        sums[lane] = fma::<T, FUSED>(a[lane], b[lane], c[lane]);
    }
    sums
}
