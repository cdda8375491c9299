//! Hankel matrices: constant along every anti-diagonal. They are the windows of a signal, one per row, each a step
//! further than the one above; a kernel times that matrix is correlation. With the windows read backwards the matrix
//! is Toeplitz, and the kernel is convolved.

use nalgebra::DMatrix;

use super::{from_fn, toeplitz};
use crate::Scalar;
use crate::conv1d::{Mode, flip};
use crate::error::{Result, non_empty};

/// The Hankel matrix with the given first `column` and last `row`: A\[i, j\] depends on i + j alone.
///
/// The lower left corner belongs to both; the column's is used. Shape: column length × row length.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooLarge`](crate::Error::TooLarge) if the
/// matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{matrix::hankel, nalgebra::dmatrix};
/// assert_eq!(hankel(&[1, 2, 3], &[3, 8, 9])?, dmatrix![1, 2, 3; 2, 3, 8; 3, 8, 9]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn hankel<T: Scalar>(column: &[T], row: &[T]) -> Result<DMatrix<T>> {
    non_empty("column", column.len())?;
    non_empty("row", row.len())?;
    let last = column.len() - 1;
    from_fn("Hankel matrix", column.len(), row.len(), |i, j| {
        if i + j <= last { column[i + j].clone() } else { row[i + j - last].clone() }
    })
}

/// The windows of `k` samples, one per row: `correlate(x, h, Mode::Valid)` = X h.
///
/// X\[n, j\] = x\[n + j\], equation `input-hankel`. Shape (n − k + 1) × k; Hankel.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if there is no signal or k is zero;
/// [`Error::KernelTooLarge`](crate::Error::KernelTooLarge) if k is more than the length of `x`;
/// [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{matrix::windows, nalgebra::dmatrix};
/// assert_eq!(windows(&[1, 2, 3, 4, 5], 3)?, dmatrix![1, 2, 3; 2, 3, 4; 3, 4, 5]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn windows<T: Scalar>(x: &[T], k: usize) -> Result<DMatrix<T>> {
    let last = Mode::Valid.outputs(x.len(), k)?.len() - 1;
    hankel(&x[..=last], &x[last..])
}

/// The same windows, each read backwards: `convolve(x, h, Mode::Valid)` = X̃ h.
///
/// X̃\[n, j\] = x\[n + k − 1 − j\], equation `input-toeplitz`. Shape (n − k + 1) × k; Toeplitz.
///
/// # Errors
/// As [`windows`].
///
/// # Examples
/// ```
/// use locality::{matrix::flipped_windows, nalgebra::dmatrix};
/// assert_eq!(flipped_windows(&[1, 2, 3, 4, 5], 3)?, dmatrix![3, 2, 1; 4, 3, 2; 5, 4, 3]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn flipped_windows<T: Scalar>(x: &[T], k: usize) -> Result<DMatrix<T>> {
    let first = Mode::Valid.outputs(x.len(), k)?.start;
    toeplitz(&x[first..], &flip(&x[..=first]))
}
