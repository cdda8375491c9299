//! 2-D convolution through the Fourier transform: the conditions of the 1-D case, once per axis.

use ndarray::{Array2, ArrayRef2, s};

use super::{Sample, alias_free, transformable};
use crate::conv2d::{Mode, outputs, pad, turned};
use crate::error::{Result, at_least, non_empty};

/// Convolves the image `x` (H × W) with `h` (K_h × K_w) through the transform; the outputs of
/// [`conv2d::convolve`](crate::conv2d::convolve), up to rounding.
///
/// Along each axis the transform is as long as the mode needs: H + K_h − 1 and W + K_w − 1 for all outputs
/// (equation `fft2-linear-padding`), H and W for the valid ones (`fft2-valid-crop`).
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty;
/// [`Error::KernelTooLarge`](crate::Error::KernelTooLarge) in valid mode if the kernel is higher or wider than the
/// image; [`Error::TooLarge`](crate::Error::TooLarge) if it cannot be allocated.
///
/// # Examples
/// ```
/// use locality::fourier::conv2d::convolve;
/// use locality::{conv2d::Mode, ndarray::array};
/// let y = convolve(&array![[1.0, 2.0], [3.0, 4.0]], &array![[1.0, 10.0]], Mode::Full)?;
/// let error = y - array![[1.0, 12.0, 20.0], [3.0, 34.0, 40.0]];
/// assert!(error.iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve<S: Sample>(x: &ArrayRef2<S>, h: &ArrayRef2<S>, mode: Mode) -> Result<Array2<S>> {
    let (rows, columns) = outputs(x, h, mode)?;
    let shape = (alias_free(x.nrows(), h.nrows(), &rows), alias_free(x.ncols(), h.ncols(), &columns));
    Ok(convolve_circular(x, h, shape)?.slice(s![rows, columns]).to_owned())
}

/// Correlates the image `x` (H × W) with `h` (K_h × K_w) through the transform; the outputs of
/// [`conv2d::correlate`](crate::conv2d::correlate), up to rounding. No conjugation of `h`.
///
/// # Errors
/// As [`convolve`].
///
/// # Examples
/// ```
/// use locality::fourier::conv2d::correlate;
/// use locality::{conv2d::Mode, ndarray::array};
/// let y = correlate(&array![[1.0, 2.0], [3.0, 4.0]], &array![[1.0, 10.0]], Mode::Valid)?;
/// assert!((&y - array![[21.0], [43.0]]).iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate<S: Sample>(x: &ArrayRef2<S>, h: &ArrayRef2<S>, mode: Mode) -> Result<Array2<S>> {
    convolve(x, &turned(h), mode)
}

/// Convolves around a torus of `shape` = (M_h, M_w): x̂ ⊙ ĥ, transformed back, equation `circ2-conv-theorem`.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooShort`](crate::Error::TooShort) if the
/// shape cannot hold both; [`Error::TooLarge`](crate::Error::TooLarge) if it cannot be allocated.
///
/// # Examples
/// ```
/// use locality::fourier::conv2d::convolve_circular;
/// use locality::ndarray::array;
/// let y = convolve_circular(&array![[1.0, 2.0], [3.0, 4.0]], &array![[1.0, 10.0]], (2, 2))?;
/// assert!((&y - array![[21.0, 12.0], [43.0, 34.0]]).iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve_circular<S: Sample>(
    x: &ArrayRef2<S>,
    h: &ArrayRef2<S>,
    shape: (usize, usize),
) -> Result<Array2<S>> {
    non_empty("signal", x.len())?;
    non_empty("kernel", h.len())?;
    at_least("shape.0", x.nrows().max(h.nrows()), shape.0)?;
    at_least("shape.1", x.ncols().max(h.ncols()), shape.1)?;
    transformable::<S::Real>(&[shape.0, shape.1])?;
    let product = S::spectrum2(&pad(x, shape)?)? * S::spectrum2(&pad(h, shape)?)?;
    S::image(&product, shape.1)
}

/// Correlates around a torus of `shape` = (M_h, M_w), equation `circ2-corr-theorem`.
///
/// # Errors
/// As [`convolve_circular`].
///
/// # Examples
/// ```
/// use locality::fourier::conv2d::correlate_circular;
/// use locality::ndarray::array;
/// let y = correlate_circular(&array![[1.0, 2.0], [3.0, 4.0]], &array![[1.0, 10.0]], (2, 2))?;
/// assert!((&y - array![[21.0, 12.0], [43.0, 34.0]]).iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate_circular<S: Sample>(
    x: &ArrayRef2<S>,
    h: &ArrayRef2<S>,
    shape: (usize, usize),
) -> Result<Array2<S>> {
    let y = convolve_circular(x, &turned(h), shape)?;
    // The turned kernel makes every row K_h − 1 and every column K_w − 1 samples late.
    let (late, (mh, mw)) = ((h.nrows() - 1, h.ncols() - 1), shape);
    Ok(Array2::from_shape_fn(shape, |(i, j)| y[[(i + late.0) % mh, (j + late.1) % mw]].clone()))
}
