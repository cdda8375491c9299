//! Block circulant matrices with circulant blocks (BCCB): what convolution on a torus does to the row-major vector of
//! an image. The 2-D Fourier matrix diagonalises all of them at once, equation `bccb-diag`.

use nalgebra::DMatrix;
use ndarray::ArrayRef2;

use super::{circulant, zeros};
use crate::Scalar;
use crate::error::{Result, allocatable, at_least, non_empty};

/// The matrix of `h` on a torus of shape (H, W): vec(`convolve_circular(x, h, (H, W))`) = C(h) vec(x).
///
/// C(h)\[iW + j, mW + n\] = h\[(i − m) mod H, (j − n) mod W\], with h padded by zeros to the shape of the torus;
/// equation `bccb-def`. Block (i, m) is the circulant matrix of kernel row (i − m) mod H. Shape HW × HW. Its
/// transpose is correlation.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if `h` is empty; [`Error::TooShort`](crate::Error::TooShort) if the torus
/// cannot hold it; [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{matrix::bccb, nalgebra::dmatrix, ndarray::array};
/// assert_eq!(
///     bccb(&array![[1, 2], [3, 4]], (2, 2))?,
///     dmatrix![1, 2, 3, 4; 2, 1, 4, 3; 3, 4, 1, 2; 4, 3, 2, 1],
/// );
/// # Ok::<(), locality::Error>(())
/// ```
pub fn bccb<T: Scalar>(h: &ArrayRef2<T>, (height, width): (usize, usize)) -> Result<DMatrix<T>> {
    non_empty("kernel", h.len())?;
    at_least("shape.0", h.nrows(), height)?;
    at_least("shape.1", h.ncols(), width)?;
    // The sides are products themselves.
    allocatable::<T>("BCCB matrix", &[height, width, height, width])?;
    let mut matrix = zeros("BCCB matrix", height * width, height * width)?;
    for (a, taps) in h.rows().into_iter().enumerate() {
        let block = circulant(&taps.to_vec(), width)?;
        // Kernel row a takes image row m to output row m + a, around the torus.
        for m in 0..height {
            let corner = ((m + a) % height * width, m * width);
            matrix.view_mut(corner, block.shape()).copy_from(&block);
        }
    }
    Ok(matrix)
}
