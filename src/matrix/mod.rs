//! The explicit matrices: what convolution and the Fourier transform *are*, entry by entry.
//!
//! They explain; they do not hurry. Each constructor is named after what it builds, is generic over
//! [`Scalar`], and has a fast counterpart elsewhere that a test holds equal to it.
//!
//! `nalgebra` stores matrices column by column, `ndarray` row by row. A vectorised image here is always
//! **row-major** ([`vec()`], equation `vec-row-major`); with that convention vec(A X Bᵀ) = (A ⊗ B) vec(X), equation
//! `vec-kron`. In the column-major convention the factors swap, and a square example does not notice.

pub mod bccb;
pub mod bttb;
pub mod circulant;
pub mod dft;
pub mod hankel;
pub mod im2col;
pub mod toeplitz;
pub mod winograd;

pub use bccb::bccb;
pub use bttb::{convolution2, correlation2, shift};
pub use circulant::circulant;
pub use dft::{dft, dft2, inverse_dft, inverse_dft2};
pub use hankel::{flipped_windows, hankel, windows};
pub use im2col::{col2im, im2col};
pub use toeplitz::{convolution, correlation, toeplitz};
pub use winograd::{Winograd, winograd};

use nalgebra::{DMatrix, DVector};
use ndarray::{Array2, ArrayRef2};

use crate::Scalar;
use crate::error::{Error, Result, allocatable};

/// A zero matrix to fill in, or an error if it cannot be allocated.
fn zeros<T: Scalar>(what: &'static str, rows: usize, columns: usize) -> Result<DMatrix<T>> {
    allocatable::<T>(what, &[rows, columns])?;
    Ok(DMatrix::from_element(rows, columns, T::zero()))
}

/// The matrix whose entry (i, j) is `entry(i, j)`, or an error if it cannot be allocated.
fn from_fn<T: Scalar>(
    what: &'static str,
    rows: usize,
    columns: usize,
    entry: impl FnMut(usize, usize) -> T,
) -> Result<DMatrix<T>> {
    allocatable::<T>(what, &[rows, columns])?;
    Ok(DMatrix::from_fn(rows, columns, entry))
}

/// Lists the pixels of an image row by row: vec(X)\[i·W + j\] = X\[i, j\], equation `vec-row-major`.
///
/// # Examples
/// ```
/// use locality::{matrix, nalgebra::dvector, ndarray::array};
/// assert_eq!(matrix::vec(&array![[1, 2, 3], [4, 5, 6]]), dvector![1, 2, 3, 4, 5, 6]);
/// ```
pub fn vec<T: Scalar>(x: &ArrayRef2<T>) -> DVector<T> {
    // ndarray iterates in row-major order whatever the memory layout.
    DVector::from_iterator(x.len(), x.iter().cloned())
}

/// Folds a row-major vector back into an image of `shape` = (H, W): the inverse of [`vec()`].
///
/// # Errors
/// [`Error::Length`] if the vector does not have H · W entries; [`Error::TooLarge`] if H · W overflows.
///
/// # Examples
/// ```
/// use locality::{matrix, nalgebra::dvector, ndarray::array};
/// assert_eq!(matrix::unvec(&dvector![1, 2, 3, 4, 5, 6], (2, 3))?, array![[1, 2, 3], [4, 5, 6]]);
/// assert!(matrix::unvec(&dvector![1, 2, 3, 4, 5, 6], (2, 2)).is_err());
/// # Ok::<(), locality::Error>(())
/// ```
pub fn unvec<T: Scalar>(v: &DVector<T>, shape: (usize, usize)) -> Result<Array2<T>> {
    let expected = allocatable::<T>("image", &[shape.0, shape.1])?;
    Array2::from_shape_vec(shape, v.iter().cloned().collect()).map_err(|_| Error::Length {
        argument: "v",
        expected,
        given: v.len(),
    })
}

/// The same matrix for `nalgebra`: entry (i, j) stays entry (i, j), whatever the memory layouts.
///
/// # Examples
/// ```
/// use locality::{matrix, nalgebra::dmatrix, ndarray::array};
/// assert_eq!(matrix::from_array(&array![[1, 2, 3], [4, 5, 6]]), dmatrix![1, 2, 3; 4, 5, 6]);
/// ```
pub fn from_array<T: Scalar>(x: &ArrayRef2<T>) -> DMatrix<T> {
    DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| x[[i, j]].clone())
}

/// The same matrix for `ndarray`: entry (i, j) stays entry (i, j), whatever the memory layouts.
///
/// # Examples
/// ```
/// use locality::{matrix, nalgebra::dmatrix, ndarray::array};
/// assert_eq!(matrix::to_array(&dmatrix![1, 2, 3; 4, 5, 6]), array![[1, 2, 3], [4, 5, 6]]);
/// ```
pub fn to_array<T: Scalar>(a: &DMatrix<T>) -> Array2<T> {
    Array2::from_shape_fn(a.shape(), |(i, j)| a[(i, j)].clone())
}
