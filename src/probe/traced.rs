//! A number that knows where it comes from.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::sync::Arc;

use ndarray::{Array2, ArrayRef2};
use num_complex::Complex;
use plans::Real;
use rustfft::algorithm::butterflies::{Butterfly2, Butterfly3, Butterfly4};
use rustfft::algorithm::{Dft, MixedRadix};
use rustfft::{Fft, FftDirection};

use super::{field, ring};
use crate::error::{Result, at_least};
use crate::fourier::{Sample, dft, dft2};

/// A number of a computation with up to `N` inputs. It carries two answers to the question what it depends on:
///
/// - **structure**: the inputs its value was computed from, along any path, whatever the arithmetic did with them;
/// - **influence**: its derivative with respect to each input, exact, by the rules of calculus.
///
/// Terms that cancel leave the structure as it is and take the influence away. A number that the program knows, such
/// as an entry of a matrix, has no inputs. If that number is zero, its product is zero and has no inputs either.
///
/// # Examples
/// The sum x + y + (x − y) was computed from both; it moves with x only:
/// ```
/// use locality::probe::Traced;
/// let [x, y] = Traced::<2>::inputs(&[3.0, 5.0], 0)?[..] else { unreachable!() };
/// let sum = x + y + (x - y);
/// assert_eq!((sum.value(), sum.structure(), sum.slopes()), (6.0, vec![0, 1], &[2.0, 0.0]));
/// assert_eq!(sum.influence(0.0), [0]);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traced<const N: usize> {
    value: f64,
    /// Bit i is set if input i was read on the way.
    read: u128,
    slopes: [f64; N],
}

impl<const N: usize> Traced<N> {
    /// There is a bit for every input.
    const FITS: () = assert!(N <= 128, "a number traces at most 128 inputs");

    /// A number that depends on no input. (N > 128 does not compile.)
    pub fn constant(value: f64) -> Self {
        let () = Self::FITS;
        Self { value, read: 0, slopes: [0.0; N] }
    }

    /// The inputs with the numbers `first`, `first` + 1, …: each moves with itself and with no other.
    ///
    /// # Errors
    /// [`Error::TooShort`](crate::Error::TooShort) if there are more than N of them.
    pub fn inputs(values: &[f64], first: usize) -> Result<Vec<Self>> {
        let () = Self::FITS;
        at_least("N", first.saturating_add(values.len()), N)?;
        let input = |(i, &value): (usize, &f64)| {
            let mut input = Self { value, read: 1 << (first + i), slopes: [0.0; N] };
            input.slopes[first + i] = 1.0;
            input
        };
        Ok(values.iter().enumerate().map(input).collect())
    }

    /// The value, as `f64` computes it.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The inputs that the value was computed from, in order.
    pub fn structure(&self) -> Vec<usize> {
        (0..N).filter(|i| self.read >> i & 1 == 1).collect()
    }

    /// The inputs with a derivative beyond `threshold`, in order: 0 if nothing is rounded.
    pub fn influence(&self, threshold: f64) -> Vec<usize> {
        (0..N).filter(|&i| self.slopes[i].abs() > threshold).collect()
    }

    /// The derivative with respect to each input.
    pub fn slopes(&self) -> &[f64; N] {
        &self.slopes
    }

    /// A function of two numbers with its value and its two partial derivatives: the chain rule.
    fn chain(self, other: Self, value: f64, by_self: f64, by_other: f64) -> Self {
        let slope = |i| by_self * self.slopes[i] + by_other * other.slopes[i];
        Self { value, read: self.read | other.read, slopes: std::array::from_fn(slope) }
    }

    /// Whether this is a zero that stands in the program.
    fn is_nothing(&self) -> bool {
        self.value == 0.0 && self.read == 0
    }
}

impl<const N: usize> Add for Traced<N> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.chain(other, self.value + other.value, 1.0, 1.0)
    }
}

impl<const N: usize> Sub for Traced<N> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.chain(other, self.value - other.value, 1.0, -1.0)
    }
}

impl<const N: usize> Mul for Traced<N> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = self.value * other.value;
        if self.is_nothing() || other.is_nothing() {
            return Self::constant(product);
        }
        self.chain(other, product, other.value, self.value)
    }
}

impl<const N: usize> Div for Traced<N> {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let quotient = self.value / other.value;
        self.chain(other, quotient, 1.0 / other.value, -quotient / other.value)
    }
}

impl<const N: usize> Rem for Traced<N> {
    type Output = Self;

    fn rem(self, other: Self) -> Self {
        self.chain(other, self.value % other.value, 1.0, -(self.value / other.value).trunc())
    }
}

impl<const N: usize> Neg for Traced<N> {
    type Output = Self;

    fn neg(self) -> Self {
        self.chain(Self::constant(0.0), -self.value, -1.0, 0.0)
    }
}

ring!([const N: usize] Traced<N>, f64);
field!([const N: usize] Traced<N>, f64);

/// Planned by hand from the smallest parts of `rustfft`: a length is split into its factors. The planner would do
/// better, and whoever names it compiles every algorithm there is.
impl<const N: usize> Real for Traced<N> {
    fn fft(n: usize, direction: FftDirection) -> Arc<dyn Fft<Self>> {
        let factor = [4, 2, 3].into_iter().find(|&factor| n > factor && n.is_multiple_of(factor));
        match (n, factor) {
            (2, _) => Arc::new(Butterfly2::new(direction)),
            (3, _) => Arc::new(Butterfly3::new(direction)),
            (4, _) => Arc::new(Butterfly4::new(direction)),
            (_, Some(f)) => Arc::new(MixedRadix::new(Self::fft(f, direction), Self::fft(n / f, direction))),
            (_, None) => Arc::new(Dft::new(n, direction)),
        }
    }
}

/// A traced signal keeps its whole spectrum: which bins could be left out is not its concern.
impl<const N: usize> Sample for Traced<N> {
    type Real = Self;

    fn spectrum(signal: &[Self]) -> Result<Vec<Complex<Self>>> {
        dft(&signal.iter().map(Complex::from).collect::<Vec<_>>())
    }

    fn signal(spectrum: &[Complex<Self>], n: usize) -> Result<Vec<Self>> {
        Ok(Complex::signal(spectrum, n)?.into_iter().map(|sample| sample.re).collect())
    }

    fn spectrum2(image: &ArrayRef2<Self>) -> Result<Array2<Complex<Self>>> {
        dft2(&image.mapv(Complex::from))
    }

    fn image(spectrum: &ArrayRef2<Complex<Self>>, width: usize) -> Result<Array2<Self>> {
        Ok(Complex::image(spectrum, width)?.mapv(|pixel| pixel.re))
    }
}
