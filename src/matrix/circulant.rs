//! Circulant matrices: Toeplitz matrices whose diagonals wrap around. They are what convolution on a circle does,
//! and the Fourier matrix diagonalises all of them at once.

use nalgebra::DMatrix;

use super::zeros;
use crate::Scalar;
use crate::error::{Result, at_least, non_empty};

/// The circulant matrix of `h` on a circle of `m` samples: `convolve_circular(x, h, m)` = C(h) x.
///
/// C(h)\[i, j\] = h\[(i − j) mod m\], with h padded by zeros to length m; equation `circ-conv-def`. Shape m × m.
/// Its transpose is correlation.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if `h` is empty; [`Error::TooShort`](crate::Error::TooShort) if m is less
/// than its length; [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{matrix::circulant, nalgebra::dmatrix};
/// assert_eq!(
///     circulant(&[1, 2, 3], 4)?,
///     dmatrix![1, 0, 3, 2; 2, 1, 0, 3; 3, 2, 1, 0; 0, 3, 2, 1],
/// );
/// # Ok::<(), locality::Error>(())
/// ```
pub fn circulant<T: Scalar>(h: &[T], m: usize) -> Result<DMatrix<T>> {
    non_empty("kernel", h.len())?;
    at_least("m", h.len(), m)?;
    let mut c = zeros("circulant matrix", m, m)?;
    for j in 0..m {
        for (lag, tap) in h.iter().enumerate() {
            c[((j + lag) % m, j)] = tap.clone();
        }
    }
    Ok(c)
}
