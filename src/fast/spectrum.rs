//! The Fourier transform of a whole real image, and back.
//!
//! - The spectrum of a real image is known from half of its columns, so two rows travel as one complex row, equation
//!   `two-real-tiles`, and are told apart afterwards: â\[k\] = (ẑ\[k\] + conj ẑ\[−k\]) / 2 for z = a + i b.
//! - Columns are not transposed into rows. Some vectors of columns side by side are fetched, transformed and put back:
//!   each row of them is a piece of memory that is read as a whole anyway.

use std::sync::Arc;

use num_complex::Complex as Pair;
use rustfft::{Fft as Rows, FftDirection};

use super::lanes::{Buffer, Complex, join, split};
use super::simd::{Number, Work, tile_shape};
use super::stockham::{Fft, is_smooth};
use crate::error::{Error, Result, allocatable, exactly, non_empty};

/// Vectors of columns that are fetched together.
const TOGETHER: usize = 2;

/// A planned transform of real images of one shape, H × W, to their H × (⌊W/2⌋ + 1) coefficients and back.
///
/// The transform has no factor; the inverse divides by H W.
///
/// # Memory
/// In numbers, with vectors of L lanes: 8 H L for two vectors of columns, twice, 2 W for a pair of rows, and what
/// `rustfft` asks for to transform it, 2 W mostly.
///
/// # Examples
/// ```
/// use locality::fast::spectrum::Plan;
/// let mut plan = Plan::new((2, 3))?;
/// let image = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0_f64];
/// let mut spectrum = vec![Default::default(); 2 * 2];
/// plan.forward_into(&image, &mut spectrum)?;
/// assert_eq!((spectrum[0].re, spectrum[2].re), (21.0, -9.0));
/// let mut back = [0.0; 6];
/// plan.inverse_into(&mut spectrum, &mut back)?;
/// assert!(back.iter().zip(image).all(|(back, pixel)| (back - pixel).abs() < 1e-14));
/// # Ok::<(), locality::Error>(())
/// ```
pub struct Plan<T> {
    height: usize,
    width: usize,
    forward: Arc<dyn Rows<T>>,
    inverse: Arc<dyn Rows<T>>,
    down: Fft<T>,
    /// Two rows as one, and what the library works in.
    rows: Vec<Pair<T>>,
    scratch: Vec<Pair<T>>,
    /// Some vectors of columns, twice.
    columns: Buffer<T>,
}

impl<T: Number> Plan<T> {
    /// For images of a shape, (H, W).
    ///
    /// # Errors
    /// [`Error::Empty`] for an image without pixels; [`Error::Length`] with the next height that will do, if it has a
    /// prime factor above 7; [`Error::TooLarge`] if a spectrum cannot be allocated.
    pub fn new((height, width): (usize, usize)) -> Result<Self> {
        non_empty("image", allocatable::<Pair<T>>("spectrum", &[height, width])?)?;
        if !is_smooth(height) {
            let next = (height..height.saturating_mul(2)).find(|&height| is_smooth(height));
            let expected = next.ok_or(Error::TooLarge { what: "image" })?;
            return Err(Error::Length { argument: "image", expected, given: height });
        }
        let [forward, inverse] =
            [FftDirection::Forward, FftDirection::Inverse].map(|direction| T::fft(width, direction));
        let scratch = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        let zero = Pair::new(T::zero(), T::zero());
        Ok(Self {
            height,
            width,
            forward,
            inverse,
            down: Fft::new(height),
            rows: vec![zero; width],
            scratch: vec![zero; scratch],
            columns: Buffer::zeros(4 * TOGETHER * height * tile_shape::<T>().lanes),
        })
    }

    /// The columns of a spectrum: ⌊W/2⌋ + 1.
    pub fn half(&self) -> usize {
        self.width / 2 + 1
    }

    /// Computes the coefficients of an image, both row by row. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`] if `image` or `spectrum` does not have the length of the plan's shapes.
    pub fn forward_into(&mut self, image: &[T], spectrum: &mut [Pair<T>]) -> Result<()> {
        self.fits(image, spectrum)?;
        T::vectorized(Forward { plan: self, image, spectrum });
        Ok(())
    }

    /// Computes the image from its coefficients, and leaves something else in their place. Allocates nothing.
    ///
    /// Coefficients that no real image has count as the nearest ones that one has: the imaginary parts of those that
    /// must be real are ignored.
    ///
    /// # Errors
    /// As [`Plan::forward_into`].
    pub fn inverse_into(&mut self, spectrum: &mut [Pair<T>], image: &mut [T]) -> Result<()> {
        self.fits(image, spectrum)?;
        T::vectorized(Inverse { plan: self, image, spectrum });
        Ok(())
    }

    fn fits(&self, image: &[T], spectrum: &[Pair<T>]) -> Result<()> {
        exactly("image", self.height * self.width, image.len())?;
        exactly("spectrum", self.height * self.half(), spectrum.len())
    }
}

struct Forward<'a, T> {
    plan: &'a mut Plan<T>,
    image: &'a [T],
    spectrum: &'a mut [Pair<T>],
}

impl<T: Number> Work<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { plan, image, spectrum } = self;
        let half = plan.half();
        for (x, y) in image.chunks(2 * plan.width).zip(spectrum.chunks_mut(2 * half)) {
            let (first, second) = x.split_at(plan.width);
            if second.is_empty() {
                plan.rows.iter_mut().zip(first).for_each(|(z, &a)| *z = Pair::new(a, T::zero()));
            }
            for ((z, &a), &b) in plan.rows.iter_mut().zip(first).zip(second) {
                *z = Pair::new(a, b);
            }
            plan.forward.process_with_scratch(&mut plan.rows, &mut plan.scratch);
            tell_apart(&plan.rows, y.split_at_mut(half));
        }
        columns::<T, LANES, FUSED>(plan, spectrum, [0, 1]);
    }
}

struct Inverse<'a, T> {
    plan: &'a mut Plan<T>,
    spectrum: &'a mut [Pair<T>],
    image: &'a mut [T],
}

impl<T: Number> Work<T> for Inverse<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { plan, spectrum, image } = self;
        let half = plan.half();
        // The inverse transform is the transform with real and imaginary parts exchanged before and after.
        columns::<T, LANES, FUSED>(plan, spectrum, [1, 0]);
        let scale = T::from_f64(1.0 / (plan.height * plan.width) as f64).expect("a float is a number");
        for (y, x) in spectrum.chunks(2 * half).zip(image.chunks_mut(2 * plan.width)) {
            let (first, second) = y.split_at(half);
            put_together(first, second, &mut plan.rows);
            plan.inverse.process_with_scratch(&mut plan.rows, &mut plan.scratch);
            let (first, second) = x.split_at_mut(plan.width);
            first.iter_mut().zip(&plan.rows).for_each(|(a, z)| *a = z.re * scale);
            second.iter_mut().zip(&plan.rows).for_each(|(b, z)| *b = z.im * scale);
        }
    }
}

/// The coefficients of rows a and b from those of a + i b. There is no b below the last of an odd number of rows.
#[inline(always)]
fn tell_apart<T: Number>(z: &[Pair<T>], (a, b): (&mut [Pair<T>], &mut [Pair<T>])) {
    let half = T::from_f64(0.5).expect("a float is a number");
    a[0] = Pair::new(z[0].re, T::zero());
    for ((a, z), m) in a[1..].iter_mut().zip(&z[1..]).zip(z.iter().rev()) {
        *a = Pair::new((z.re + m.re) * half, (z.im - m.im) * half);
    }
    let Some((constant, b)) = b.split_first_mut() else { return };
    *constant = Pair::new(z[0].im, T::zero());
    for ((b, z), m) in b.iter_mut().zip(&z[1..]).zip(z.iter().rev()) {
        *b = Pair::new((z.im + m.im) * half, (m.re - z.re) * half);
    }
}

/// The coefficients of a + i b from those of rows a and b; without b, of a.
#[inline(always)]
fn put_together<T: Number>(a: &[Pair<T>], b: &[Pair<T>], z: &mut [Pair<T>]) {
    let width = z.len();
    for k in 0..a.len() {
        let real = k == 0 || 2 * k == width;
        let part = |row: &[Pair<T>]| {
            let zero = Pair::new(T::zero(), T::zero());
            let number = row.get(k).copied().unwrap_or(zero);
            if real { Pair::new(number.re, T::zero()) } else { number }
        };
        let (a, b) = (part(a), part(b));
        z[k] = Pair::new(a.re - b.im, a.im + b.re);
        z[(width - k) % width] = Pair::new(a.re + b.im, b.re - a.im);
    }
}

/// Transforms all columns of a spectrum, some vectors of them at a time. `parts` says which of two vectors is for the real
/// parts, and which for the imaginary ones.
#[inline(always)]
fn columns<T: Number, const LANES: usize, const FUSED: bool>(
    plan: &mut Plan<T>,
    spectrum: &mut [Pair<T>],
    parts: [usize; 2],
) {
    let width = plan.half();
    let (columns, _) = plan.columns.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
    let (from, to) = columns.split_at_mut(TOGETHER * plan.height);
    for start in (0..width).step_by(TOGETHER * LANES) {
        for (row, to) in spectrum.chunks_exact(width).zip(from.as_chunks_mut::<TOGETHER>().0) {
            for (numbers, to) in row[start..].chunks(LANES).zip(to) {
                split(numbers, parts, to);
            }
        }
        let result: &[Complex<T, LANES>] = plan.down.process::<LANES, FUSED>(TOGETHER, from, to).0;
        for (row, from) in spectrum.chunks_exact_mut(width).zip(result.as_chunks::<TOGETHER>().0) {
            for (numbers, from) in row[start..].chunks_mut(LANES).zip(from) {
                join(from, parts, numbers);
            }
        }
    }
}
