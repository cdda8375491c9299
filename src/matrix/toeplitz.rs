//! Toeplitz matrices: constant along every diagonal. They are what 1-D convolution does to a signal.

use nalgebra::DMatrix;

use super::from_fn;
use crate::Scalar;
use crate::conv1d::{Mode, flip};
use crate::error::{Result, non_empty};

/// The Toeplitz matrix with the given first `column` and first `row`: A\[i, j\] depends on i − j alone.
///
/// The corner belongs to both; the column's is used. Shape: column length × row length.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{matrix::toeplitz, nalgebra::dmatrix};
/// assert_eq!(toeplitz(&[1, 2, 3], &[1, 8, 9])?, dmatrix![1, 8, 9; 2, 1, 8; 3, 2, 1]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn toeplitz<T: Scalar>(column: &[T], row: &[T]) -> Result<DMatrix<T>> {
    non_empty("column", column.len())?;
    non_empty("row", row.len())?;
    from_fn("Toeplitz matrix", column.len(), row.len(), |i, j| {
        if i >= j { column[i - j].clone() } else { row[j - i].clone() }
    })
}

/// The matrix of convolution with `h` on signals of length `n`: `convolve(x, h, mode)` = A x.
///
/// A\[i, j\] = h\[i − j\] where 0 ≤ i − j < k, for the rows i that the mode keeps; equation `toeplitz-full`.
/// Shape: outputs of the mode × n.
///
/// # Errors
/// As [`convolve`](crate::conv1d::convolve) for a signal of length n; [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be
/// allocated.
///
/// # Examples
/// ```
/// use locality::{conv1d::Mode, matrix::convolution, nalgebra::dmatrix};
/// assert_eq!(convolution(&[1, 2, 3], 4, Mode::Valid)?, dmatrix![3, 2, 1, 0; 0, 3, 2, 1]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolution<T: Scalar>(h: &[T], n: usize, mode: Mode) -> Result<DMatrix<T>> {
    let rows = mode.outputs(n, h.len())?;
    from_fn("convolution matrix", rows.len(), n, |i, j| {
        // Below the diagonal by more than the kernel is long, or above it: no tap.
        let lag = (i + rows.start).checked_sub(j);
        lag.and_then(|lag| h.get(lag)).cloned().unwrap_or_else(T::zero)
    })
}

/// The matrix of correlation with `h` on signals of length `n`: `correlate(x, h, mode)` = A x.
///
/// In valid mode A\[i, j\] = h\[j − i\] where 0 ≤ j − i < k: the T(h) of equation `toeplitz-valid`.
/// Shape: outputs of the mode × n.
///
/// # Errors
/// As [`convolution`].
///
/// # Examples
/// ```
/// use locality::{conv1d::Mode, matrix::correlation, nalgebra::dmatrix};
/// assert_eq!(correlation(&[1, 2, 3], 4, Mode::Valid)?, dmatrix![1, 2, 3, 0; 0, 1, 2, 3]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlation<T: Scalar>(h: &[T], n: usize, mode: Mode) -> Result<DMatrix<T>> {
    convolution(&flip(h), n, mode)
}
