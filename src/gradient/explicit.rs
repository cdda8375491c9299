//! The gradients of a convolution as explicit matrices: the transpose of whatever made the outputs.
//!
//! The layer y = x ⋆ h is linear in h, y = X h, and linear in x, y = T(h) x. If y = A p, then ∂L/∂p = Aᵀ g, equation
//! `chain-rule-vjp`; that is all there is here. [`spatial`](super::spatial) has the same functions without a matrix.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array2, ArrayRef2, ArrayRef4};

use super::Gradients;
use super::spatial::{fits, same_shape};
use crate::conv1d::Mode;
use crate::error::{Error, Result, non_empty};
use crate::layer::{self, Geometry};
use crate::{Scalar, matrix};

/// The gradient by the kernel of y = x ⋆ h: ∂L/∂h = Xᵀ g, where X has the windows of x as rows; equation `grad-kernel-1d`.
///
/// `x` has length N and `g` = ∂L/∂y has length N − K + 1; what is returned has length K.
///
/// # Errors
/// As [`spatial::kernel_1d`](super::spatial::kernel_1d); [`Error::TooLarge`] if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::gradient::explicit::kernel_1d;
/// assert_eq!(kernel_1d(&[1, 2, 4, 8], &[1, 10])?, [21, 42, 84]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel_1d<T: Scalar>(x: &[T], g: &[T]) -> Result<Vec<T>> {
    fits("signal", x.len(), g.len())?;
    let windows = matrix::windows(x, x.len() - g.len() + 1)?;
    Ok(transposed_times(&windows, g))
}

/// The gradient by the input of y = x ⋆ h: ∂L/∂x = T(h)ᵀ g, equation `grad-input-1d`.
///
/// `h` has length K and `g` = ∂L/∂y has length N − K + 1; what is returned has length N.
///
/// # Errors
/// As [`spatial::input_1d`](super::spatial::input_1d); [`Error::TooLarge`] if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::gradient::explicit::input_1d;
/// assert_eq!(input_1d(&[1, 2, 4], &[1, 10])?, [1, 12, 24, 40]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn input_1d<T: Scalar>(h: &[T], g: &[T]) -> Result<Vec<T>> {
    non_empty("kernel", h.len())?;
    non_empty("g", g.len())?;
    let kernel = matrix::correlation(h, grown(g.len(), h.len())?, Mode::Valid)?;
    Ok(transposed_times(&kernel, g))
}

/// The gradient by the kernel of the image y = x ⋆ h: vec ∂L/∂h = I(x)ᵀ vec g, equation `grad-kernel-2d`.
///
/// `x` is H × W and `g` = ∂L/∂y is P × Q; what is returned is K_h × K_w = (H − P + 1) × (W − Q + 1).
///
/// # Errors
/// As [`spatial::kernel_2d`](super::spatial::kernel_2d); [`Error::TooLarge`] if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::explicit::kernel_2d, ndarray::array};
/// let x = array![[1, 2, 3], [4, 5, 6]];
/// assert_eq!(kernel_2d(&x, &array![[1, 10]])?, array![[21, 32], [54, 65]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel_2d<T: Scalar>(x: &ArrayRef2<T>, g: &ArrayRef2<T>) -> Result<Array2<T>> {
    fits("image's height", x.nrows(), g.nrows())?;
    fits("image's width", x.ncols(), g.ncols())?;
    let kernel = (x.nrows() - g.nrows() + 1, x.ncols() - g.ncols() + 1);
    matrix::unvec(&(matrix::im2col(x, kernel)?.transpose() * matrix::vec(g)), kernel)
}

/// The gradient by the input of the image y = x ⋆ h: vec ∂L/∂x = B(h)ᵀ vec g, equation `grad-input-2d`.
///
/// `h` is K_h × K_w and `g` = ∂L/∂y is P × Q; what is returned is H × W = (P + K_h − 1) × (Q + K_w − 1).
///
/// # Errors
/// As [`spatial::input_2d`](super::spatial::input_2d); [`Error::TooLarge`] if the matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::explicit::input_2d, ndarray::array};
/// let h = array![[1, 2], [3, 4]];
/// assert_eq!(input_2d(&h, &array![[1, 10]])?, array![[1, 12, 20], [3, 34, 40]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn input_2d<T: Scalar>(h: &ArrayRef2<T>, g: &ArrayRef2<T>) -> Result<Array2<T>> {
    non_empty("kernel", h.len())?;
    non_empty("g", g.len())?;
    let image = (grown(g.nrows(), h.nrows())?, grown(g.ncols(), h.ncols())?);
    let kernel = matrix::correlation2(h, image, Mode::Valid)?;
    matrix::unvec(&(kernel.transpose() * matrix::vec(g)), image)
}

/// All gradients of a layer: ∂L/∂W = G I(x)ᵀ, ∂L/∂x = col2im(Wᵀ G) and ∂L/∂b = G 1, equations `grad-multichannel` and
/// `grad-bias`.
///
/// The shapes are those of [`spatial::layer`](super::spatial::layer).
///
/// # Errors
/// As [`spatial::layer`](super::spatial::layer); [`Error::TooLarge`] if a matrix cannot be allocated.
///
/// # Examples
/// ```
/// use locality::gradient::{explicit, spatial};
/// use locality::layer::{Geometry, forward};
/// use locality::ndarray::Array4;
/// let x = Array4::from_shape_fn((2, 3, 5, 6), |(n, c, i, j)| (7 * n + 5 * c + 3 * i + j) as i64 % 4);
/// let w = Array4::from_shape_fn((4, 3, 3, 2), |(o, c, a, b)| (o + 2 * c + 3 * a + 4 * b) as i64 % 5);
/// let geometry = Geometry::new(2, 1, 2);
/// let g = forward(&x, &w, None, geometry)?;
/// assert_eq!(explicit::layer(&x, &w, &g, geometry)?, spatial::layer(&x, &w, &g, geometry)?);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn layer<T: Scalar>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    g: &ArrayRef4<T>,
    geometry: Geometry,
) -> Result<Gradients<T>> {
    same_shape(x, w, g, geometry)?;
    let (_, _, kh, kw) = w.dim();
    let windows = layer::im2col(x, (kh, kw), geometry)?;
    let g = layer::outputs_matrix(g);
    let kernel = matrix::to_array(&(&g * windows.transpose()));
    let kernel = kernel.into_shape_with_order(w.dim()).expect("as many entries");
    let columns = layer::weights(w).transpose() * &g;
    let input = layer::col2im(&columns, x.dim().into(), (kh, kw), geometry)?;
    let bias = &g * DVector::from_element(g.ncols(), T::one());
    Ok(Gradients { kernel, input, bias: bias.iter().cloned().collect() })
}

/// Aᵀ g.
fn transposed_times<T: Scalar>(a: &DMatrix<T>, g: &[T]) -> Vec<T> {
    let product = a.transpose() * DVector::from_column_slice(g);
    product.iter().cloned().collect()
}

/// The length of an input that has `outputs` windows of `k` samples.
fn grown(outputs: usize, k: usize) -> Result<usize> {
    outputs.checked_add(k - 1).ok_or(Error::TooLarge { what: "input" })
}
