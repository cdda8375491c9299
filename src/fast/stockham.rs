//! The fast Fourier transform of LANES signals at once.
//!
//! One step splits a transform of n = R m samples into R-point transforms of samples m apart, and R transforms of m
//! samples between which the results are dealt out: equation `radix-step`. Stockham's order writes each step where the
//! next one reads it in sequence, so nothing is sorted, and a step is one loop. Every number in it is a vector, so
//! nothing is shuffled either.

use num_complex::Complex as Number1;

use super::lanes::Complex;
use super::simd::{Number, fma};

/// A planned transform of complex signals with as many samples as the product of its steps.
#[derive(Debug)]
pub(super) struct Fft<T> {
    steps: Vec<Step<T>>,
}

/// One step: R-point transforms, and the factors e^{−2πi p j/n} that their results are multiplied by.
#[derive(Debug)]
struct Step<T> {
    radix: usize,
    /// For p = 0 … n/R − 1, and j = 0 … R − 1.
    factors: Vec<Number1<T>>,
    /// cos 2πk/R and sin 2πk/R.
    roots: Vec<Number1<T>>,
}

/// The radices that there are steps for, in the order in which they are taken.
const RADICES: [usize; 5] = [4, 2, 3, 5, 7];

/// Whether n is a product of the radices.
pub(super) fn is_smooth(n: usize) -> bool {
    n > 0
        && RADICES.iter().fold(n, |mut n, radix| {
            while n.is_multiple_of(*radix) {
                n /= radix;
            }
            n
        }) == 1
}

impl<T: Number> Fft<T> {
    /// For n samples, which must be [smooth](is_smooth).
    pub(super) fn new(mut n: usize) -> Self {
        let root = |k: usize, n: usize| {
            let (sin, cos) = (std::f64::consts::TAU * k as f64 / n as f64).sin_cos();
            let float = |number| T::from_f64(number).expect("a float is a number");
            Number1::new(float(cos), float(sin))
        };
        let mut steps = vec![];
        for radix in RADICES {
            while n.is_multiple_of(radix) {
                let factors = (0..n / radix).flat_map(|p| (0..radix).map(move |j| p * j));
                steps.push(Step {
                    radix,
                    factors: factors.map(|k| root(k, n).conj()).collect(),
                    roots: (0..radix).map(|k| root(k, radix)).collect(),
                });
                n /= radix;
            }
        }
        Self { steps }
    }

    /// Transforms `together` signals, whose first samples stand before all second ones; the result is in the first
    /// of the returned slices.
    #[inline(always)]
    pub(super) fn process<'a, const LANES: usize, const FUSED: bool>(
        &self,
        together: usize,
        mut from: &'a mut [Complex<T, LANES>],
        mut to: &'a mut [Complex<T, LANES>],
    ) -> (&'a mut [Complex<T, LANES>], &'a mut [Complex<T, LANES>]) {
        let mut width = together;
        for step in &self.steps {
            match step.radix {
                2 => step.run::<LANES, 2, FUSED>(width, from, to),
                3 => step.run::<LANES, 3, FUSED>(width, from, to),
                4 => step.run::<LANES, 4, FUSED>(width, from, to),
                5 => step.run::<LANES, 5, FUSED>(width, from, to),
                _ => step.run::<LANES, 7, FUSED>(width, from, to),
            }
            width *= step.radix;
            (from, to) = (to, from);
        }
        (from, to)
    }
}

impl<T: Number> Step<T> {
    /// y\[q + w (R p + j)\] = e^{−2πi p j/n} Σₖ e^{−2πi j k/R} x\[q + w (p + m k)\], for q below the width w.
    #[inline(always)]
    fn run<const LANES: usize, const R: usize, const FUSED: bool>(
        &self,
        width: usize,
        from: &[Complex<T, LANES>],
        to: &mut [Complex<T, LANES>],
    ) {
        let (factors, _) = self.factors.as_chunks::<R>();
        let m = factors.len();
        for (p, (factors, to)) in factors.iter().zip(to.chunks_exact_mut(R * width)).enumerate() {
            let from: [&[Complex<T, LANES>]; R] =
                std::array::from_fn(|k| &from[(p + m * k) * width..][..width]);
            let mut parts = to.chunks_exact_mut(width);
            let to: [&mut [Complex<T, LANES>]; R] = std::array::from_fn(|_| parts.next().expect("R parts"));
            for q in 0..width {
                let x: [Complex<T, LANES>; R] = std::array::from_fn(|k| from[k][q]);
                let y = self.small::<LANES, R, FUSED>(x);
                to[0][q] = y[0];
                for j in 1..R {
                    to[j][q] = if p == 0 { y[j] } else { times::<T, LANES, FUSED>(y[j], factors[j]) };
                }
            }
        }
    }

    /// The transform of R samples.
    #[inline(always)]
    fn small<const LANES: usize, const R: usize, const FUSED: bool>(
        &self,
        x: [Complex<T, LANES>; R],
    ) -> [Complex<T, LANES>; R] {
        let mut y = x;
        match R {
            2 => (y[0], y[1]) = (plus(x[0], x[1]), minus(x[0], x[1])),
            4 => {
                let (even, odd) = (plus(x[0], x[2]), plus(x[1], x[3]));
                let (difference, turned) = (minus(x[0], x[2]), times_i(minus(x[1], x[3])));
                (y[0], y[2]) = (plus(even, odd), minus(even, odd));
                (y[1], y[3]) = (minus(difference, turned), plus(difference, turned));
            }
            // Samples k and R − k share their cosines, and have opposite sines.
            _ => {
                for k in 1..=R / 2 {
                    y[0] = plus(y[0], plus(x[k], x[R - k]));
                }
                for j in 1..=R / 2 {
                    let (mut even, mut odd) = (x[0], [[T::zero(); LANES]; 2]);
                    for k in 1..=R / 2 {
                        let root = self.roots[j * k % R];
                        even = add_scaled::<T, LANES, FUSED>(root.re, plus(x[k], x[R - k]), even);
                        odd = add_scaled::<T, LANES, FUSED>(root.im, minus(x[k], x[R - k]), odd);
                    }
                    let turned = times_i(odd);
                    (y[j], y[R - j]) = (minus(even, turned), plus(even, turned));
                }
            }
        }
        y
    }
}

#[inline(always)]
pub(super) fn plus<T: Number, const LANES: usize>(
    a: Complex<T, LANES>,
    b: Complex<T, LANES>,
) -> Complex<T, LANES> {
    let mut sum = a;
    for part in 0..2 {
        for lane in 0..LANES {
            sum[part][lane] += b[part][lane];
        }
    }
    sum
}

#[inline(always)]
pub(super) fn minus<T: Number, const LANES: usize>(
    a: Complex<T, LANES>,
    b: Complex<T, LANES>,
) -> Complex<T, LANES> {
    let mut difference = a;
    for part in 0..2 {
        for lane in 0..LANES {
            difference[part][lane] -= b[part][lane];
        }
    }
    difference
}

/// i a
#[inline(always)]
pub(super) fn times_i<T: Number, const LANES: usize>(a: Complex<T, LANES>) -> Complex<T, LANES> {
    let mut turned = [a[1], a[0]];
    for lane in 0..LANES {
        turned[0][lane] = -a[1][lane];
    }
    turned
}

/// The conjugate of a.
#[inline(always)]
pub(super) fn conjugate<T: Number, const LANES: usize>(a: Complex<T, LANES>) -> Complex<T, LANES> {
    let mut conjugate = a;
    for lane in 0..LANES {
        conjugate[1][lane] = -a[1][lane];
    }
    conjugate
}

/// a w
#[inline(always)]
pub(super) fn times<T: Number, const LANES: usize, const FUSED: bool>(
    a: Complex<T, LANES>,
    w: Number1<T>,
) -> Complex<T, LANES> {
    let mut product = a;
    for lane in 0..LANES {
        let (re, im) = (a[0][lane], a[1][lane]);
        product[0][lane] = fma::<T, FUSED>(re, w.re, -(im * w.im));
        product[1][lane] = fma::<T, FUSED>(re, w.im, im * w.re);
    }
    product
}

/// r a + b, for a real r.
#[inline(always)]
fn add_scaled<T: Number, const LANES: usize, const FUSED: bool>(
    r: T,
    a: Complex<T, LANES>,
    b: Complex<T, LANES>,
) -> Complex<T, LANES> {
    let mut sum = b;
    for part in 0..2 {
        for lane in 0..LANES {
            sum[part][lane] = fma::<T, FUSED>(r, a[part][lane], b[part][lane]);
        }
    }
    sum
}

/// a b, lane by lane.
#[inline(always)]
pub(super) fn times_each<T: Number, const LANES: usize, const FUSED: bool>(
    a: Complex<T, LANES>,
    b: Complex<T, LANES>,
) -> Complex<T, LANES> {
    let mut product = a;
    for lane in 0..LANES {
        let (re, im) = (a[0][lane], a[1][lane]);
        product[0][lane] = fma::<T, FUSED>(re, b[0][lane], -(im * b[1][lane]));
        product[1][lane] = fma::<T, FUSED>(re, b[1][lane], im * b[0][lane]);
    }
    product
}
