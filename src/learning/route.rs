//! One picture under a stack of kernels, fast, and the same to the last bit on every machine.
//!
//! Training needs two sums, y = x ⋆ w and ∂L/∂w = x ⋆ g, and both are valid correlations of a picture: with the kernels, and
//! with the gradients by the outputs. So one routine serves both. It adds in the order of the definitions,
//! [`layer::forward`](crate::layer::forward) and [`gradient::spatial::kernel`](crate::gradient::spatial::kernel()), and its
//! results equal theirs. [`fast::gemm`](crate::fast::gemm) would be faster: it fuses a product and a sum into one rounding
//! where the machine can. Two trainings that begin with different last digits end with different networks.

use crate::error::{Result, at_least, exactly, non_empty};
use crate::fast::register::scaled;
use crate::fast::simd::{Number, Work};

/// Kernels that meet a row of pixels at a time.
const KERNELS: usize = 4;

/// Outputs of a row that are summed at a time, where there are enough of them; half of them where there are not.
const WIDTH: usize = 16;

/// A square picture with room behind its rows, so that whole vectors can be read anywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture<T> {
    rows: usize,
    stride: usize,
    pixels: Vec<T>,
}

impl<T: Number> Picture<T> {
    /// The picture of `side` × `side` pixels, going on around its edges to `rows` × `rows`, as
    /// [`around`](super::around).
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) if there are no pixels; [`Error::Length`](crate::Error::Length) if there are not
    /// `side` × `side`.
    pub fn new(pixels: &[T], side: usize, rows: usize) -> Result<Self> {
        non_empty("pixels", side.min(rows))?;
        exactly("pixels", side.saturating_mul(side), pixels.len())?;
        let stride = rows + WIDTH;
        crate::error::allocatable::<T>("picture", &[rows, stride])?;
        let mut picture = Self { rows, stride, pixels: vec![T::zero(); rows * stride] };
        for (i, row) in picture.pixels.chunks_exact_mut(stride).enumerate() {
            let line = &pixels[i % side * side..][..side];
            row[..rows].iter_mut().zip(line.iter().cycle()).for_each(|(place, pixel)| *place = *pixel);
        }
        Ok(picture)
    }

    /// y\[o, i, j\] = start\[o\] + Σₐ Σ_b h\[o, a, b\] · x\[i + a, j + b\], for a stack of kernels of shape (O, K, K), the first
    /// P × P outputs; into `y`, of shape (O, P, P).
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if kernels, start or outputs have not those shapes;
    /// [`Error::TooShort`](crate::Error::TooShort) if the picture has fewer than P + K − 1 rows.
    ///
    /// # Examples
    /// ```
    /// use locality::learning::Picture;
    /// let picture = Picture::new(&[1.0, 2.0, 3.0, 4.0], 2, 3)?;
    /// let mut y = [0.0; 4];
    /// picture.correlate(&[1.0, 10.0, 0.0, 0.0], 2, &[100.0], 2, &mut y)?;
    /// assert_eq!(y, [121.0, 112.0, 143.0, 134.0]);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn correlate(&self, h: &[T], k: usize, start: &[T], p: usize, y: &mut [T]) -> Result<()> {
        non_empty("kernel", k.min(p))?;
        at_least("picture's rows", p.saturating_add(k - 1), self.rows)?;
        exactly("kernels", start.len() * k * k, h.len())?;
        exactly("y", start.len() * p * p, y.len())?;
        for (number, y) in y.chunks_mut(KERNELS * p * p).enumerate() {
            let first = number * KERNELS;
            let kernel = |o: usize| (first + o < start.len()).then(|| &h[(first + o) * k * k..][..k * k]);
            // Tap by tap, and in it kernel by kernel, since that is how they are read. A kernel that is not there is 0.
            let taps = (0..k * k).map(|tap| [0, 1, 2, 3].map(|o| kernel(o).map_or(T::zero(), |h| h[tap])));
            let starts = [0, 1, 2, 3].map(|o| start.get(first + o).copied().unwrap_or(T::zero()));
            T::vectorized(Stack { picture: self, taps: &taps.collect::<Vec<_>>(), k, start: starts, p, y });
        }
        Ok(())
    }
}

/// Up to [`KERNELS`] kernels over one picture.
struct Stack<'a, T> {
    picture: &'a Picture<T>,
    taps: &'a [[T; KERNELS]],
    k: usize,
    start: [T; KERNELS],
    p: usize,
    y: &'a mut [T],
}

impl<T: Number> Work<T> for Stack<'_, T> {
    type Output = ();

    // The widths do not follow the machine, and nothing is fused: that is the point.
    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(mut self) {
        for i in 0..self.p {
            let mut j = 0;
            while j < self.p {
                if self.p - j > WIDTH / 2 {
                    self.block::<WIDTH>(i, j);
                    j += WIDTH;
                } else {
                    self.block::<{ WIDTH / 2 }>(i, j);
                    j += WIDTH / 2;
                }
            }
        }
    }
}

impl<T: Number> Stack<'_, T> {
    /// The outputs (i, j …) of all kernels, as many as W, or as there are.
    #[inline(always)]
    fn block<const W: usize>(&mut self, i: usize, j: usize) {
        let Picture { stride, pixels, .. } = self.picture;
        // One name for each row of sums: then they stay in registers.
        let [mut first, mut second, mut third, mut fourth] = self.start.map(|start| [start; W]);
        for (a, taps) in self.taps.chunks_exact(self.k).enumerate() {
            let row = &pixels[(i + a) * stride + j..];
            for (taps, pixels) in taps.iter().zip(row.windows(W)) {
                let pixels: [T; W] = pixels.try_into().expect("a window is as long as it is");
                first = scaled::<T, W, false>(taps[0], pixels, first);
                second = scaled::<T, W, false>(taps[1], pixels, second);
                third = scaled::<T, W, false>(taps[2], pixels, third);
                fourth = scaled::<T, W, false>(taps[3], pixels, fourth);
            }
        }
        let sums = [first, second, third, fourth];
        let width = W.min(self.p - j);
        for (sums, y) in sums.iter().zip(self.y.chunks_exact_mut(self.p * self.p)) {
            y[i * self.p + j..][..width].copy_from_slice(&sums[..width]);
        }
    }
}
