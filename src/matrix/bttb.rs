//! Block Toeplitz matrices with Toeplitz blocks (BTTB): what 2-D convolution does to the row-major vector of an
//! image.
//!
//! A row of the kernel, slid along a row of the image, is a small Toeplitz matrix ([`correlation`](super::correlation)).
//! The rows of the kernel, slid down the image, arrange these small matrices as blocks, in the same pattern:
//! B = Σₐ Sₐ ⊗ T(h\[a, ·\]), equation `bttb-kron`, with the [`shift`] matrices Sₐ.

use nalgebra::DMatrix;
use ndarray::ArrayRef2;

use super::{convolution, from_fn, zeros};
use crate::Scalar;
use crate::conv2d::{Mode, turned};
use crate::error::{Result, allocatable};

/// The matrix of convolution with `h` on images of shape (H, W): vec(`convolve(x, h, mode)`) = A vec(x).
///
/// Block (i, m) belongs to output row i and image row m. It is the 1-D matrix of kernel row i − m, or zero if there
/// is no such row. Shape: outputs of the mode × HW.
///
/// # Errors
/// As [`convolve`](crate::conv2d::convolve) for an image of that shape;
/// [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{conv2d::Mode, matrix::convolution2, nalgebra::dmatrix, ndarray::array};
/// assert_eq!(
///     convolution2(&array![[1, 2], [3, 4]], (2, 3), Mode::Valid)?,
///     dmatrix![4, 3, 0, 2, 1, 0; 0, 4, 3, 0, 2, 1],
/// );
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolution2<T: Scalar>(
    h: &ArrayRef2<T>,
    (height, width): (usize, usize),
    mode: Mode,
) -> Result<DMatrix<T>> {
    let (p, q) = (mode.outputs(height, h.nrows())?, mode.outputs(width, h.ncols())?);
    // The sides are products themselves.
    allocatable::<T>("2-D convolution matrix", &[p.len(), q.len(), height, width])?;
    let mut matrix = zeros("2-D convolution matrix", p.len() * q.len(), height * width)?;
    for (a, taps) in h.rows().into_iter().enumerate() {
        let block = convolution(&taps.to_vec(), width, mode)?;
        // Kernel row a takes image row m to row m + a of the full output, of which the mode keeps some.
        for m in (0..height).filter(|m| p.contains(&(m + a))) {
            let corner = ((m + a - p.start) * q.len(), m * width);
            matrix.view_mut(corner, block.shape()).copy_from(&block);
        }
    }
    Ok(matrix)
}

/// The matrix of correlation with `h` on images of shape (H, W): vec(`correlate(x, h, mode)`) = A vec(x).
///
/// In valid mode it is the B(h) of equation `bttb-valid`: A\[iQ + j, mW + n\] = h\[m − i, n − j\], or zero if there
/// is no such tap. Shape: outputs of the mode × HW.
///
/// # Errors
/// As [`convolution2`].
///
/// # Examples
/// ```
/// use locality::{conv2d::Mode, matrix::correlation2, nalgebra::dmatrix, ndarray::array};
/// assert_eq!(
///     correlation2(&array![[1, 2], [3, 4]], (2, 3), Mode::Valid)?,
///     dmatrix![1, 2, 0, 3, 4, 0; 0, 1, 2, 0, 3, 4],
/// );
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlation2<T: Scalar>(h: &ArrayRef2<T>, image: (usize, usize), mode: Mode) -> Result<DMatrix<T>> {
    convolution2(&turned(h), image, mode)
}

/// The matrix Sₐ that reads a signal from sample `a` on: ones where column = row + a, zeros elsewhere.
///
/// S₀ is the identity, or a crop; the others are steps of a window, equation `bttb-kron`. Shape `rows` × `columns`.
///
/// # Errors
/// [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// Two rows of taps, each times its shift:
/// ```
/// use locality::conv2d::Mode;
/// use locality::matrix::{correlation, correlation2, shift};
/// use locality::ndarray::array;
/// let sum = shift(2, 3, 0)?.kronecker(&correlation(&[1, 2], 4, Mode::Valid)?)
///     + shift(2, 3, 1)?.kronecker(&correlation(&[3, 4], 4, Mode::Valid)?);
/// assert_eq!(sum, correlation2(&array![[1, 2], [3, 4]], (3, 4), Mode::Valid)?);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn shift<T: Scalar>(rows: usize, columns: usize, a: usize) -> Result<DMatrix<T>> {
    let one_if = |condition| if condition { T::one() } else { T::zero() };
    from_fn("shift matrix", rows, columns, |i, m| one_if(m.checked_sub(i) == Some(a)))
}
