//! im2col: the windows of an image, one per row of a matrix. A kernel times that matrix is correlation.
//!
//! The matrix holds pixels where that of [`correlation2`](super::correlation2) holds taps: one bilinear map, written as
//! a matrix of the image or as a matrix of the kernel. It is not [`vec()`](super::vec()): a pixel stands in as many rows
//! as there are windows that cover it, so [`col2im`], which adds them up again, is its adjoint and not its inverse.
//!
//! For channels, strides, padding and dilation see [`layer`](crate::layer), whose matrix has a window per *column*.

use nalgebra::DMatrix;
use ndarray::{Array2, ArrayRef2};

use super::from_fn;
use crate::Scalar;
use crate::conv2d::Mode;
use crate::error::{Result, allocatable, shaped};

/// The windows of shape (K_h, K_w), one per row: vec(`correlate(x, h, Mode::Valid)`) = I(x) vec(h).
///
/// I(x)\[iQ + j, aK_w + b\] = x\[i + a, j + b\], equation `im2col-def`. Shape PQ × K_h K_w, with the P × Q outputs of
/// valid mode.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if the image or the window is empty;
/// [`Error::KernelTooLarge`](crate::Error::KernelTooLarge) if the window is higher or wider than the image;
/// [`Error::TooLarge`](crate::Error::TooLarge) if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{matrix::im2col, nalgebra::dmatrix, ndarray::array};
/// assert_eq!(im2col(&array![[1, 2, 3], [4, 5, 6]], (2, 2))?, dmatrix![1, 2, 4, 5; 2, 3, 5, 6]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn im2col<T: Scalar>(x: &ArrayRef2<T>, (kh, kw): (usize, usize)) -> Result<DMatrix<T>> {
    let (p, q) = outputs::<T>(x.dim(), (kh, kw))?;
    from_fn("im2col matrix", p * q, kh * kw, |window, tap| {
        x[[window / q + tap / kw, window % q + tap % kw]].clone()
    })
}

/// Adds every entry of `g` (PQ × K_h K_w) to the pixel it would have come from: the adjoint of [`im2col`], equation
/// `col2im-adjoint`.
///
/// # Errors
/// As [`im2col`] for an image of shape (H, W); [`Error::Shape`](crate::Error::Shape) if `g` is not of the shape of
/// its windows.
///
/// # Examples
/// The pixels in the middle column are in both windows, so they come back twice:
/// ```
/// use locality::matrix::{col2im, im2col};
/// use locality::ndarray::array;
/// let windows = im2col(&array![[1, 2, 3], [4, 5, 6]], (2, 2))?;
/// assert_eq!(col2im(&windows, (2, 3), (2, 2))?, array![[1, 4, 3], [4, 10, 6]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn col2im<T: Scalar>(
    g: &DMatrix<T>,
    image: (usize, usize),
    (kh, kw): (usize, usize),
) -> Result<Array2<T>> {
    let (p, q) = outputs::<T>(image, (kh, kw))?;
    shaped("g", &[p * q, kh * kw], &[g.nrows(), g.ncols()])?;
    let mut x = Array2::zeros(image);
    for window in 0..p * q {
        for tap in 0..kh * kw {
            x[[window / q + tap / kw, window % q + tap % kw]] += g[(window, tap)].clone();
        }
    }
    Ok(x)
}

/// The P × Q windows in an image, after checking that the image and the matrix of its windows can be allocated.
fn outputs<T>(image: (usize, usize), (kh, kw): (usize, usize)) -> Result<(usize, usize)> {
    let (p, q) = (Mode::Valid.outputs(image.0, kh)?.len(), Mode::Valid.outputs(image.1, kw)?.len());
    allocatable::<T>("image", &[image.0, image.1])?;
    allocatable::<T>("im2col matrix", &[p, q, kh, kw])?;
    Ok((p, q))
}
