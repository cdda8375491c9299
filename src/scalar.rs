//! What an algorithm may ask of a number.
//!
//! The definitions ([`conv1d`](crate::conv1d), [`conv2d`](crate::conv2d)) and the explicit matrices
//! ([`matrix`](crate::matrix)) ask for a [`Scalar`] and for nothing more, so that one algorithm has several
//! readings: over `f64` it computes, over `i64`, rationals and Gaussian integers it proves, because nothing is
//! rounded and a test may say `==`.

use nalgebra::{ClosedAddAssign, ClosedMulAssign, ClosedSubAssign};
use num_complex::Complex;
use num_rational::Ratio;
use num_traits::{One, Zero};
use std::ops::Neg;

use crate::error::{Error, Result};

/// A number: it can be added, subtracted, multiplied and negated, and knows 0 and 1.
///
/// Division, order and absolute value are missing on purpose; convolution does not need them. Every type with
/// these operations is a `Scalar` already.
///
/// # Examples
/// The same function over floating-point numbers and over Gaussian integers:
/// ```
/// use locality::conv1d::{Mode, convolve};
/// use locality::num_complex::Complex;
/// assert_eq!(convolve(&[1.0, 2.0], &[0.5, 1.0], Mode::Full)?, [0.5, 2.0, 2.0]);
/// let i = Complex::new(0, 1);
/// assert_eq!(convolve(&[i, i], &[i], Mode::Full)?, [-i * -i, -i * -i]);
/// # Ok::<(), locality::Error>(())
/// ```
pub trait Scalar:
    nalgebra::Scalar + Zero + One + ClosedAddAssign + ClosedSubAssign + ClosedMulAssign + Neg<Output = Self>
{
}

impl<T> Scalar for T where
    T: nalgebra::Scalar
        + Zero
        + One
        + ClosedAddAssign
        + ClosedSubAssign
        + ClosedMulAssign
        + Neg<Output = Self>
{
}

/// A number among which roots of unity can be found: what the Fourier matrix is made of.
pub trait RootOfUnity: Scalar {
    /// ω_N^k with ω_N = e^{−2πi/N}, equation `dft-matrix`.
    ///
    /// # Errors
    /// [`Error::Empty`] if `n` is zero; [`Error::NoRootOfUnity`] if this kind of number has none of order `n`.
    ///
    /// # Examples
    /// Gaussian integers, and complex rationals, hold the roots of order 1, 2 and 4, and hold them exactly:
    /// ```
    /// use locality::num_complex::Complex;
    /// use locality::scalar::RootOfUnity;
    /// assert_eq!(Complex::<i64>::root_of_unity(4, 1)?, Complex::new(0, -1));
    /// assert!(Complex::<i64>::root_of_unity(3, 1).is_err());
    /// # Ok::<(), locality::Error>(())
    /// ```
    fn root_of_unity(n: usize, k: usize) -> Result<Self>;
}

/// The quarter turn that ω_N^k is, if it is one: 0 for 1, 1 for −i, 2 for −1, 3 for i.
fn quarter_turn(n: usize, k: usize) -> Option<u8> {
    // k/N = q/4 for a whole q. In u128 the product cannot overflow.
    let (n, k) = (n as u128, (k % n) as u128);
    (4 * k).is_multiple_of(n).then(|| (4 * k / n) as u8)
}

/// ω₄^q, for whoever has 0 and 1.
fn quarter<T: Zero + One + Neg<Output = T>>(q: u8) -> Complex<T> {
    match q {
        0 => Complex::new(T::one(), T::zero()),
        1 => Complex::new(T::zero(), -T::one()),
        2 => Complex::new(-T::one(), T::zero()),
        _ => Complex::new(T::zero(), T::one()),
    }
}

macro_rules! rounded_roots {
    ($($float:ident)*) => {$(
        impl RootOfUnity for Complex<$float> {
            fn root_of_unity(n: usize, k: usize) -> Result<Self> {
                crate::error::non_empty("n", n)?;
                // Quarter turns are exact; every other angle is reduced first, so that large k lose no accuracy.
                Ok(quarter_turn(n, k).map(quarter).unwrap_or_else(|| {
                    let angle = -std::f64::consts::TAU * (k % n) as f64 / n as f64;
                    Complex::new(angle.cos() as $float, angle.sin() as $float)
                }))
            }
        }
    )*};
}
rounded_roots!(f32 f64);

macro_rules! exact_roots {
    ($($part:ty)*) => {$(
        impl RootOfUnity for Complex<$part> {
            fn root_of_unity(n: usize, k: usize) -> Result<Self> {
                crate::error::non_empty("n", n)?;
                if !matches!(n, 1 | 2 | 4) {
                    let number = concat!("Complex<", stringify!($part), ">");
                    return Err(Error::NoRootOfUnity { order: n, number });
                }
                Ok(quarter(quarter_turn(n, k).expect("orders 1, 2 and 4 turn by quarters")))
            }
        }
    )*};
}
exact_roots!(i32 i64 i128 Ratio<i32> Ratio<i64> Ratio<i128>);
