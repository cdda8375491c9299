//! Layers through the Fourier transform, in tiles: overlap-save over channels.
//!
//! A tile of S × S real samples has S (S/2 + 1) frequencies that determine the others. At each of them the layer
//! multiplies complex numbers and adds over the channels. A complex product is made of three real ones:
//!
//! (a + bi)(c + di) = (k₁ − k₃) + (k₁ + k₂) i, with k₁ = c (a + b), k₂ = a (d − c), k₃ = b (c + d),
//!
//! so a frequency is three places of `tiles`. The first S − K + 1 outputs of a row or column are those
//! that no wrap-around reaches, equation `overlap-save`.
//!
//! Two rows of real numbers are transformed as one complex row, and told apart by their symmetry. So is the way back.

use ndarray::{Array4, ArrayRef4};

use super::Threads;
use super::lanes::Complex;
use super::layers::once;
use super::simd::{Number, tile_shape};
use super::stockham::{Fft, conjugate, is_smooth, minus, plus, times_i};
use super::tiles::{self, Transform};
use crate::error::{Error, Result, at_least};
use crate::layer::{Geometry, output_shape};

/// The largest tile that is tried: its transform just fits into the second cache.
const LARGEST: usize = 64;

/// A layer of stride 1 with the spectrum of its kernel, and the memory to apply it in.
///
/// # Memory
/// As of Winograd's [`Plan`](super::winograd::Plan), with tiles of S × S samples, N = 3 S (S/2 + 1) places, m = S − K + 1
/// outputs in a row, and U = S (S/2 + 1) complex vectors, twice, to work in.
///
/// # Examples
/// ```
/// use locality::fast::{Threads, fft};
/// use locality::layer::{self, Geometry};
/// use locality::ndarray::Array4;
/// let x = Array4::from_shape_fn([1, 2, 9, 8], |(_, c, i, j)| (c + 2 * i + j) as f64);
/// let w = Array4::from_shape_fn([3, 2, 5, 5], |(o, c, a, b)| (o + c + a * b) as f64);
/// let geometry = Geometry::new(1, 2, 1);
/// let mut plan = fft::Plan::new([1, 2, 9, 8], &w, None, geometry, None, &Threads::default())?;
/// let mut y = Array4::zeros(plan.output());
/// plan.run_into(x.as_slice().unwrap(), y.as_slice_mut().unwrap())?;
/// let error = y - layer::forward(&x, &w, None, geometry)?;
/// assert!(error.iter().all(|error| error.abs() < 1e-11));
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan<T>(tiles::Plan<T, Spectra<T>>);

impl<T: Number> Plan<T> {
    /// Transforms the kernel of a layer, for inputs of one shape, in tiles of a given side, or of the one that costs
    /// least.
    ///
    /// # Errors
    /// As [`layer::forward`](crate::layer::forward); [`Error::Shape`] if the kernel is not square; [`Error::Length`]
    /// if stride or dilation is not 1; [`Error::TooShort`] if a tile does not hold the kernel; [`Error::Length`] if
    /// its side is odd or has a prime factor above 7; [`Error::TooLarge`] if the transforms cannot be allocated.
    pub fn new(
        input: [usize; 4],
        w: &ArrayRef4<T>,
        bias: Option<&[T]>,
        geometry: Geometry,
        side: Option<usize>,
        threads: &Threads,
    ) -> Result<Self> {
        let output = output_shape::<T>(input, w.dim().into(), geometry)?;
        let (_, _, kh, kw) = w.dim();
        let side = tile_side(side, w.dim().into(), output, tile_shape::<T>().rows)?;
        tiles::Plan::new(Spectra::new(side, (kh, kw)), input, w, bias, geometry, threads).map(Self)
    }

    /// The side of its tiles.
    pub fn side(&self) -> usize {
        self.0.transform().side
    }

    /// The shape of the outputs, (B, O, P, Q).
    pub fn output(&self) -> [usize; 4] {
        self.0.output()
    }

    /// Computes the layer, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`] if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        self.0.run_into(x, y)
    }
}

/// The whole layer at once, for whoever needs it once.
///
/// # Errors
/// As [`Plan::new`].
///
/// # Examples
/// ```
/// use locality::fast::fft;
/// use locality::layer::Geometry;
/// use locality::ndarray::Array4;
/// let ones = Array4::from_elem([1, 1, 3, 3], 1.0);
/// let y = fft::forward(&ones, &ones, None, Geometry::default())?;
/// assert!((y[[0, 0, 0, 0]] - 9.0_f64).abs() < 1e-14);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn forward<T: Number>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: Option<&[T]>,
    geometry: Geometry,
) -> Result<Array4<T>> {
    let mut plan = Plan::new(x.dim().into(), w, bias, geometry, None, &Threads::default())?;
    once(x, plan.output(), |x, y| plan.run_into(x, y))
}

/// The side that was asked for, if there is a transform of that length that holds the kernel, or the best one.
pub(super) fn tile_side(
    side: Option<usize>,
    kernel: [usize; 4],
    output: [usize; 4],
    rows: usize,
) -> Result<usize> {
    let taps = kernel[2].max(kernel[3]);
    let side = side.unwrap_or_else(|| best_side(taps, kernel, output, rows));
    at_least("tile", taps, side)?;
    let will_do = |side: &usize| side.is_multiple_of(2) && is_smooth(*side);
    if !will_do(&side) {
        let expected =
            (side..side.saturating_mul(2)).find(will_do).ok_or(Error::TooLarge { what: "tile" })?;
        return Err(Error::Length { argument: "tile", expected, given: side });
    }
    Ok(side)
}

/// The side of the tiles that cost least: products, which are made for whole groups of tiles; operations of the
/// transforms, which are twice as slow because they are not made in registers; and the spectrum of the kernel, which
/// has to be fetched.
fn best_side(
    taps: usize,
    [filters, channels, _, _]: [usize; 4],
    [_, _, p, q]: [usize; 4],
    rows: usize,
) -> usize {
    let cost = |side: usize| {
        let valid = side + 1 - taps;
        let tiles = p.div_ceil(valid) * q.div_ceil(valid);
        let places = 3.0 * (side * (side / 2 + 1)) as f64;
        let pairs = (channels * filters) as f64;
        let transforms = 2.5 * (side * side) as f64 * 2.0 * (side as f64).log2() + 4.0 * places;
        let products = tiles.next_multiple_of(rows) as f64 * places * pairs;
        let image = products + 2.0 * tiles as f64 * (channels + filters) as f64 * transforms;
        image + 4.0 * places * pairs
    };
    let sides =
        (2..=LARGEST.max(2 * taps)).filter(|&side| side.is_multiple_of(2) && side >= taps && is_smooth(side));
    sides.min_by(|&a, &b| cost(a).total_cmp(&cost(b))).unwrap_or(taps)
}

/// The two-dimensional transform of real tiles.
#[derive(Debug)]
pub(super) struct Spectra<T> {
    side: usize,
    taps: (usize, usize),
    fft: Fft<T>,
    /// What all factors that the transforms leave out come to, 1/(4 S²).
    scale: T,
}

impl<T: Number> Spectra<T> {
    pub(super) fn new(side: usize, taps: (usize, usize)) -> Self {
        let scale = T::from_f64(0.25 / (side * side) as f64).expect("a float is a number");
        Self { side, taps, fft: Fft::new(side), scale }
    }

    /// Columns of a spectrum that determine the others: S/2 + 1.
    #[inline(always)]
    fn half(&self) -> usize {
        self.side / 2 + 1
    }

    /// Twice the spectrum of a tile, frequency after frequency.
    #[inline(always)]
    fn spectrum<'a, const LANES: usize, const FUSED: bool>(
        &self,
        pixel: impl Fn(usize, usize) -> [T; LANES],
        work: &'a mut [Complex<T, LANES>],
    ) -> &'a [Complex<T, LANES>] {
        let (side, half, pairs) = (self.side, self.half(), self.side / 2);
        let (from, to) = work.split_at_mut(side * half);
        for j in 0..side {
            for pair in 0..pairs {
                from[j * pairs + pair] = [pixel(2 * pair, j), pixel(2 * pair + 1, j)];
            }
        }
        let (rows, other) = self.fft.process::<LANES, FUSED>(pairs, from, to);
        for k in 0..half {
            for pair in 0..pairs {
                let z = rows[k * pairs + pair];
                let mirrored = conjugate(rows[(side - k) % side * pairs + pair]);
                other[2 * pair * half + k] = plus(z, mirrored);
                // Over i, which is times −i.
                let [re, im] = minus(z, mirrored);
                other[(2 * pair + 1) * half + k] = conjugate([im, re]);
            }
        }
        let (spectrum, _) = self.fft.process::<LANES, FUSED>(half, other, rows);
        spectrum
    }
}

impl<T: Number> Transform<T> for Spectra<T> {
    fn side(&self) -> usize {
        self.side
    }

    fn outputs(&self) -> usize {
        self.side + 1 - self.taps.0.max(self.taps.1)
    }

    fn places(&self) -> usize {
        3 * self.side * self.half()
    }

    fn workspace(&self) -> usize {
        2 * self.side * self.half()
    }

    /// c, d − c and c + d of the conjugate spectrum, because a layer correlates.
    #[inline(always)]
    fn kernel<const LANES: usize, const FUSED: bool>(
        &self,
        rows: &[[T; LANES]],
        stride: usize,
        work: &mut [Complex<T, LANES>],
        mut put: impl FnMut(usize, [T; LANES]),
    ) {
        let (kh, kw) = self.taps;
        let tap =
            |a: usize, b: usize| if a < kh && b < kw { rows[a * stride + b] } else { [T::zero(); LANES] };
        for (frequency, [re, im]) in self.spectrum::<LANES, FUSED>(tap, work).iter().enumerate() {
            let scaled = |at: fn(T, T) -> T| std::array::from_fn(|lane| self.scale * at(re[lane], im[lane]));
            put(3 * frequency, scaled(|re, _| re));
            put(3 * frequency + 1, scaled(|re, im| -im - re));
            put(3 * frequency + 2, scaled(|re, im| re - im));
        }
    }

    /// a + b, a and b.
    #[inline(always)]
    fn forward<const LANES: usize, const FUSED: bool>(
        &self,
        rows: &[[T; LANES]],
        stride: usize,
        work: &mut [Complex<T, LANES>],
        mut put: impl FnMut(usize, [T; LANES]),
    ) {
        let pixel = |a: usize, b: usize| rows[a * stride + b];
        for (frequency, [re, im]) in self.spectrum::<LANES, FUSED>(pixel, work).iter().enumerate() {
            put(3 * frequency, std::array::from_fn(|lane| re[lane] + im[lane]));
            put(3 * frequency + 1, *re);
            put(3 * frequency + 2, *im);
        }
    }

    fn dual(&self) -> Result<Self> {
        Ok(Self::new(self.side, (self.outputs(), self.outputs())))
    }

    /// The inverse transform is the transform with real and imaginary parts exchanged before and after.
    #[inline(always)]
    fn back<const LANES: usize, const FUSED: bool>(
        &self,
        places: impl Fn(usize) -> [T; LANES],
        work: &mut [Complex<T, LANES>],
        mut put: impl FnMut(usize, usize, [T; LANES]),
    ) {
        let (side, half, valid) = (self.side, self.half(), self.outputs());
        let pairs = valid.div_ceil(2);
        let (from, to) = work.split_at_mut(side * half);
        for (frequency, exchanged) in from.iter_mut().enumerate() {
            let [both, first, second] = [0, 1, 2].map(|place| places(3 * frequency + place));
            for lane in 0..LANES {
                exchanged[1][lane] = both[lane] - second[lane];
                exchanged[0][lane] = both[lane] + first[lane];
            }
        }
        let (columns, rows) = self.fft.process::<LANES, FUSED>(half, from, to);
        for pair in 0..pairs {
            // The row after the last valid one is there, and nobody asks for it.
            let (even, odd) = (2 * pair * half, (2 * pair + 1).min(side - 1) * half);
            for k in 0..half {
                // Exchanged: a + i b and its mirror, conj a + i conj b.
                let ([a_im, a_re], [b_im, b_re]) = (columns[even + k], columns[odd + k]);
                let (a, b) = ([a_re, a_im], [b_re, b_im]);
                let [re, im] = plus(a, times_i(b));
                rows[k * pairs + pair] = [im, re];
                if k > 0 && k < half - 1 {
                    let [re, im] = plus(conjugate(a), times_i(conjugate(b)));
                    rows[(side - k) * pairs + pair] = [im, re];
                }
            }
        }
        let (rows, columns) = (&mut rows[..side * pairs], &mut columns[..side * pairs]);
        let (outputs, _) = self.fft.process::<LANES, FUSED>(pairs, rows, columns);
        for pair in 0..pairs {
            for j in 0..valid {
                let [odd, even] = outputs[j * pairs + pair];
                put(2 * pair, j, even);
                if 2 * pair + 1 < valid {
                    put(2 * pair + 1, j, odd);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No other side costs less, counted tile by tile. A transform counts five halves for each sample and each halving of
    /// either axis, and four for each number that it leaves; a real image of S × S has 3 · S · (S/2 + 1) of them.
    #[test]
    fn the_side_costs_least() {
        let rows = 6;
        let costs = |[filters, channels]: [usize; 2], [p, q]: [usize; 2], taps: usize, side: usize| {
            let step = side - (taps - 1);
            let tiles = (0..p).step_by(step).flat_map(|i| (0..q).step_by(step).map(move |j| (i, j))).count();
            let whole = (0..tiles).step_by(rows).count() * rows;
            let left = (3 * side * (side / 2 + 1)) as f64;
            let transform = 5.0 * (side * side) as f64 * (side as f64).log2() + 4.0 * left;
            let transforms = (tiles * (channels + filters)) as f64 * transform;
            let products = (whole + 4) as f64 * left * (channels * filters) as f64;
            products + 2.0 * transforms
        };
        for pair in [[1, 1], [3, 64], [64, 64], [7, 20], [256, 128]] {
            for outputs in [[1, 1], [14, 14], [30, 7], [56, 56], [100, 300]] {
                for taps in [1, 3, 5, 11, 31, 71] {
                    let cost = |side| costs(pair, outputs, taps, side);
                    let kernel = [pair[0], pair[1], taps, taps];
                    let chosen = best_side(taps, kernel, [1, pair[0], outputs[0], outputs[1]], rows);
                    let sides = (2..=64.max(2 * taps))
                        .filter(|side| side % 2 == 0 && *side >= taps && is_smooth(*side));
                    for side in sides {
                        assert!(
                            cost(chosen) <= cost(side) * (1.0 + 1e-12),
                            "{pair:?} {outputs:?} {taps}: {side}"
                        );
                    }
                }
            }
        }
    }
}
