//! The Fourier matrix, in one dimension and in two.
//!
//! Forward e^{−2πi/N} without a factor, inverse conjugated and divided by N. Over `Complex<f64>` every order exists
//! up to rounding; over Gaussian integers the orders 1, 2 and 4 exist exactly, which is enough to prove every
//! statement about 4 × 4 images with `==`.

use nalgebra::DMatrix;
use num_complex::Complex;
use plans::Real;

use super::zeros;
use crate::error::{Result, allocatable, non_empty};
use crate::scalar::RootOfUnity;

/// The Fourier matrix F_N\[j, k\] = ω_N^{jk}, equation `dft-matrix`. Shape n × n; symmetric, not Hermitian.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if `n` is zero;
/// [`Error::NoRootOfUnity`](crate::Error::NoRootOfUnity) if `T` has no root of order n;
/// [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{matrix::dft, nalgebra::dmatrix, num_complex::Complex};
/// let (one, i) = (Complex::<i64>::new(1, 0), Complex::new(0, 1));
/// assert_eq!(
///     dft::<Complex<i64>>(4)?,
///     dmatrix![one, one, one, one; one, -i, -one, i; one, -one, one, -one; one, i, -one, -i],
/// );
/// # Ok::<(), locality::Error>(())
/// ```
pub fn dft<T: RootOfUnity>(n: usize) -> Result<DMatrix<T>> {
    non_empty("n", n)?;
    let mut f = zeros("Fourier matrix", n, n)?;
    // ω^{jk} has only n different values; jk is reduced before it is looked up.
    let roots = (0..n).map(|power| T::root_of_unity(n, power)).collect::<Result<Vec<T>>>()?;
    for j in 0..n {
        for k in 0..n {
            f[(j, k)] = roots[(j as u128 * k as u128 % n as u128) as usize].clone();
        }
    }
    Ok(f)
}

/// The inverse Fourier matrix: conj(F_N)/N, equation `dft-inverse`. Not F_N/N.
///
/// # Errors
/// As [`dft`].
///
/// # Examples
/// ```
/// use locality::{matrix, num_complex::Complex};
/// let product = matrix::inverse_dft::<f64>(3)? * matrix::dft::<Complex<f64>>(3)?;
/// assert!((product[(0, 0)] - 1.0).norm() < 1e-15 && product[(0, 1)].norm() < 1e-15);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn inverse_dft<T: Real>(n: usize) -> Result<DMatrix<Complex<T>>>
where
    Complex<T>: RootOfUnity,
{
    Ok(conjugate_over(dft(n)?, n))
}

/// The 2-D Fourier matrix F_H ⊗ F_W, which acts on row-major images: vec(X̂) = (F_H ⊗ F_W) vec(X), equation
/// `dft2-kron`. Shape HW × HW.
///
/// # Errors
/// As [`dft`], for each of the two orders and for the product.
///
/// # Examples
/// It is not the 1-D matrix of the same size:
/// ```
/// use locality::{matrix, num_complex::Complex};
/// let two = matrix::dft2::<Complex<f64>>(4, 4)?;
/// let one = matrix::dft::<Complex<f64>>(16)?;
/// assert_eq!(two.shape(), one.shape());
/// assert_eq!(two.iter().zip(&one).filter(|(a, b)| (*a - *b).norm() > 1e-12).count(), 198);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn dft2<T: RootOfUnity>(height: usize, width: usize) -> Result<DMatrix<T>> {
    // Before the factors are made: they may be large, too.
    allocatable::<T>("2-D Fourier matrix", &[height, width, height, width])?;
    Ok(dft::<T>(height)?.kronecker(&dft(width)?))
}

/// The inverse of [`dft2`]: its conjugate over HW, equation `dft2-inverse`.
///
/// # Errors
/// As [`dft2`].
///
/// # Examples
/// ```
/// use locality::{matrix, num_complex::Complex};
/// let product = matrix::inverse_dft2::<f64>(2, 3)? * matrix::dft2::<Complex<f64>>(2, 3)?;
/// assert!((product[(5, 5)] - 1.0).norm() < 1e-15 && product[(5, 0)].norm() < 1e-15);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn inverse_dft2<T: Real>(height: usize, width: usize) -> Result<DMatrix<Complex<T>>>
where
    Complex<T>: RootOfUnity,
{
    Ok(conjugate_over(dft2(height, width)?, height * width))
}

/// conj(F)/n.
fn conjugate_over<T: Real>(f: DMatrix<Complex<T>>, n: usize) -> DMatrix<Complex<T>>
where
    Complex<T>: RootOfUnity,
{
    let n = T::from_usize(n).expect("a size is a number");
    f.map(|entry| entry.conj() / n)
}
