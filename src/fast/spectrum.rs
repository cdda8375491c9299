//! The Fourier transform of a whole real image, and back.
//!
//! - The spectrum of a real image is known from half of its columns, so two rows travel as one complex row, equation
//!   `two-real-tiles`, and are told apart afterwards: â\[k\] = (ẑ\[k\] + conj ẑ\[−k\]) / 2 for z = a + i b.
//! - Columns are not transposed into rows. A vector of columns side by side is fetched, transformed and put back: each
//!   row of it is a piece of memory that is read as a whole anyway.

use std::sync::Arc;

use num_complex::Complex as Pair;
use rustfft::{Fft as Rows, FftDirection};

use super::lanes::{Buffer, Complex};
use super::simd::{Number, Work, tile_shape};
use super::stockham::{Fft, is_smooth};
use crate::error::{Error, Result, allocatable, exactly, non_empty};

/// A planned transform of real images of one shape, H × W, to their H × (⌊W/2⌋ + 1) coefficients and back.
///
/// The transform has no factor; the inverse divides by H W.
///
/// # Memory
/// In numbers, with vectors of L lanes: 4 H L for a vector of columns, twice, 2 W for a pair of rows, and what `rustfft`
/// asks for to transform it, 2 W mostly.
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
    /// A vector of columns, twice.
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
            columns: Buffer::zeros(4 * height * tile_shape::<T>().lanes),
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
        let half = self.half();
        for (x, y) in image.chunks(2 * self.width).zip(spectrum.chunks_mut(2 * half)) {
            let (first, second) = x.split_at(self.width);
            if second.is_empty() {
                self.rows.iter_mut().zip(first).for_each(|(z, &a)| *z = Pair::new(a, T::zero()));
            }
            for ((z, &a), &b) in self.rows.iter_mut().zip(first).zip(second) {
                *z = Pair::new(a, b);
            }
            self.forward.process_with_scratch(&mut self.rows, &mut self.scratch);
            tell_apart(&self.rows, y.split_at_mut(half));
        }
        self.down(spectrum, false);
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
        self.down(spectrum, true);
        let half = self.half();
        let scale = T::from_f64(1.0 / (self.height * self.width) as f64).expect("a float is a number");
        for (y, x) in spectrum.chunks(2 * half).zip(image.chunks_mut(2 * self.width)) {
            let (first, second) = y.split_at(half);
            put_together(first, second, &mut self.rows);
            self.inverse.process_with_scratch(&mut self.rows, &mut self.scratch);
            let (first, second) = x.split_at_mut(self.width);
            first.iter_mut().zip(&self.rows).for_each(|(a, z)| *a = z.re * scale);
            second.iter_mut().zip(&self.rows).for_each(|(b, z)| *b = z.im * scale);
        }
        Ok(())
    }

    fn fits(&self, image: &[T], spectrum: &[Pair<T>]) -> Result<()> {
        exactly("image", self.height * self.width, image.len())?;
        exactly("spectrum", self.height * self.half(), spectrum.len())
    }

    /// Transforms all columns.
    fn down(&mut self, spectrum: &mut [Pair<T>], inverse: bool) {
        let width = self.half();
        let Self { height, down, columns, .. } = self;
        T::vectorized(Columns { height: *height, width, down, columns, spectrum, inverse });
    }
}

/// The coefficients of rows a and b from those of a + i b. There is no b below the last of an odd number of rows.
fn tell_apart<T: Number>(z: &[Pair<T>], (a, b): (&mut [Pair<T>], &mut [Pair<T>])) {
    let half = T::from_f64(0.5).expect("a float is a number");
    // z[−k], for k = 0, 1, 2, …
    let mirrored = || z[..1].iter().chain(z.iter().rev());
    for ((a, z), m) in a.iter_mut().zip(z).zip(mirrored()) {
        *a = Pair::new((z.re + m.re) * half, (z.im - m.im) * half);
    }
    for ((b, z), m) in b.iter_mut().zip(z).zip(mirrored()) {
        *b = Pair::new((z.im + m.im) * half, (m.re - z.re) * half);
    }
}

/// The coefficients of a + i b from those of rows a and b; without b, of a.
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

/// All columns of a spectrum.
struct Columns<'a, T> {
    height: usize,
    width: usize,
    down: &'a Fft<T>,
    columns: &'a mut Buffer<T>,
    spectrum: &'a mut [Pair<T>],
    inverse: bool,
}

impl<T: Number> Work<T> for Columns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { height, width, down, columns, spectrum, inverse } = self;
        let (columns, _) = columns.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
        let (from, to) = columns.split_at_mut(height);
        // The inverse transform is the transform with real and imaginary parts exchanged before and after.
        let (re, im) = if inverse { (1, 0) } else { (0, 1) };
        for start in (0..width).step_by(LANES) {
            for (row, to) in spectrum.chunks_exact(width).zip(&mut *from) {
                let row = &row[start..];
                match row.first_chunk::<LANES>() {
                    Some(row) => {
                        for lane in 0..LANES {
                            to[re][lane] = row[lane].re;
                            to[im][lane] = row[lane].im;
                        }
                    }
                    None => {
                        for (lane, number) in row.iter().enumerate() {
                            to[re][lane] = number.re;
                            to[im][lane] = number.im;
                        }
                    }
                }
            }
            let result: &[Complex<T, LANES>] = down.process::<LANES, FUSED>(1, from, to).0;
            for (row, from) in spectrum.chunks_exact_mut(width).zip(result) {
                let row = &mut row[start..];
                match row.first_chunk_mut::<LANES>() {
                    Some(row) => {
                        for lane in 0..LANES {
                            row[lane] = Pair::new(from[re][lane], from[im][lane]);
                        }
                    }
                    None => {
                        for (lane, number) in row.iter_mut().enumerate() {
                            *number = Pair::new(from[re][lane], from[im][lane]);
                        }
                    }
                }
            }
        }
    }
}
