//! A number that counts.

use std::cell::Cell;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use plans::Real;
use rustfft::FftNum;

use super::{field, ring};
use crate::Scalar;
use crate::scalar::RootOfUnity;

/// How many operations were done. A subtraction is an addition; a change of sign costs nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operations {
    /// Additions and subtractions.
    pub additions: u64,
    /// Multiplications.
    pub multiplications: u64,
    /// Divisions.
    pub divisions: u64,
}

thread_local! {
    static DONE: Cell<Operations> = const { Cell::new(Operations { additions: 0, multiplications: 0, divisions: 0 }) };
}

/// Does some work and counts the operations that [`Counted`] numbers do in it, on this thread.
///
/// # Examples
/// Three taps on five samples: three outputs, three products each.
/// ```
/// use locality::conv1d::{Mode, convolve};
/// use locality::probe::{Counted, count};
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0].map(Counted::constant);
/// let (y, operations) = count(|| convolve(&x, &x[..3], Mode::Valid));
/// assert_eq!(y?.len(), 3);
/// assert_eq!(operations.multiplications, 3 * 3);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn count<R>(work: impl FnOnce() -> R) -> (R, Operations) {
    let before = DONE.get();
    let result = work();
    let after = DONE.get();
    let done = Operations {
        additions: after.additions - before.additions,
        multiplications: after.multiplications - before.multiplications,
        divisions: after.divisions - before.divisions,
    };
    (result, done)
}

/// A number that computes like the one inside, and is counted when it is added, multiplied or divided.
///
/// `Complex<Counted<f64>>` counts the real operations that complex ones are made of; `Counted<Complex<f64>>` counts
/// the complex ones.
///
/// # Examples
/// A complex product is four real ones and two additions:
/// ```
/// use locality::num_complex::Complex;
/// use locality::probe::{Counted, count};
/// let part = Counted::constant(1.0);
/// let real = count(|| Complex::new(part, part) * Complex::new(part, part)).1;
/// assert_eq!((real.multiplications, real.additions), (4, 2));
///
/// let number = Counted::constant(Complex::new(1.0, 1.0));
/// let complex = count(|| number * number).1;
/// assert_eq!((complex.multiplications, complex.additions), (1, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted<T>(T);

impl<T: Copy> Counted<T> {
    /// A number to compute with.
    pub fn constant(value: T) -> Self {
        Self(value)
    }

    /// The number inside.
    pub fn value(&self) -> T {
        self.0
    }
}

/// Writes down one more operation of a kind.
fn tally(kind: impl FnOnce(&mut Operations) -> &mut u64) {
    let mut done = DONE.get();
    *kind(&mut done) += 1;
    DONE.set(done);
}

macro_rules! counted {
    ($($operation:ident $apply:ident $counter:ident;)*) => {$(
        impl<T: $operation<Output = T>> $operation for Counted<T> {
            type Output = Self;

            fn $apply(self, other: Self) -> Self {
                tally(|done| &mut done.$counter);
                Self(self.0.$apply(other.0))
            }
        }
    )*};
}
counted! {
    Add add additions;
    Sub sub additions;
    Mul mul multiplications;
    Div div divisions;
    Rem rem divisions;
}

impl<T: Neg<Output = T>> Neg for Counted<T> {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

ring!([T: Scalar + Copy] Counted<T>, T);
field!([T: FftNum + Scalar] Counted<T>, T);

/// Planned as `rustfft` plans any number it does not know, from its portable algorithms.
impl<T: FftNum + Scalar> Real for Counted<T> {}

impl<T: RootOfUnity + Copy> RootOfUnity for Counted<T> {
    fn root_of_unity(n: usize, k: usize) -> crate::Result<Self> {
        T::root_of_unity(n, k).map(Self::constant)
    }
}
