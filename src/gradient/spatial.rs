//! The gradients of a convolution as sums: two more convolutions.
//!
//! The layer is y = x ⋆ h (valid correlation). Weight h\[k\] is multiplied by x\[n + k\] in output n, so its gradient
//! collects g\[n\] x\[n + k\]: a correlation. Sample x\[m\] meets weight k in output m − k, so its gradient collects
//! h\[k\] g\[m − k\]: a full convolution, with the kernel as it is. No matrix is formed.

use ndarray::{Array2, Array4, ArrayRef2, ArrayRef4, Axis};

use super::Gradients;
use crate::Scalar;
use crate::conv1d::{self, Mode};
use crate::conv2d;
use crate::error::{Result, allocatable, at_least, non_empty, shaped};
use crate::layer::{self, Geometry};

/// The gradient by the kernel of y = x ⋆ h: ∂L/∂h = x ⋆ g, equation `grad-kernel-1d`.
///
/// `x` has length N and `g` = ∂L/∂y has length N − K + 1; what is returned has length K.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooShort`](crate::Error::TooShort) if the signal is shorter than its outputs' gradient.
///
/// # Examples
/// ```
/// use locality::gradient::spatial::kernel_1d;
/// assert_eq!(kernel_1d(&[1, 2, 4, 8], &[1, 10])?, [21, 42, 84]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel_1d<T: Scalar>(x: &[T], g: &[T]) -> Result<Vec<T>> {
    fits("signal", x.len(), g.len())?;
    conv1d::correlate(x, g, Mode::Valid)
}

/// The gradient by the input of y = x ⋆ h: ∂L/∂x = g ∗ h, equation `grad-input-1d`.
///
/// `h` has length K and `g` = ∂L/∂y has length N − K + 1; what is returned has length N.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty.
///
/// # Examples
/// ```
/// use locality::gradient::spatial::input_1d;
/// assert_eq!(input_1d(&[1, 2, 4], &[1, 10])?, [1, 12, 24, 40]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn input_1d<T: Scalar>(h: &[T], g: &[T]) -> Result<Vec<T>> {
    non_empty("kernel", h.len())?;
    non_empty("g", g.len())?;
    conv1d::convolve(g, h, Mode::Full)
}

/// The gradient by the kernel of the image y = x ⋆ h: ∂L/∂h = x ⋆ g, equation `grad-kernel-2d`.
///
/// `x` is H × W and `g` = ∂L/∂y is P × Q = (H − K_h + 1) × (W − K_w + 1); what is returned is K_h × K_w.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooShort`](crate::Error::TooShort) if the image
/// has fewer rows or columns than its outputs' gradient.
///
/// # Examples
/// ```
/// use locality::{gradient::spatial::kernel_2d, ndarray::array};
/// let x = array![[1, 2, 3], [4, 5, 6]];
/// assert_eq!(kernel_2d(&x, &array![[1, 10]])?, array![[21, 32], [54, 65]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel_2d<T: Scalar>(x: &ArrayRef2<T>, g: &ArrayRef2<T>) -> Result<Array2<T>> {
    fits("image's height", x.nrows(), g.nrows())?;
    fits("image's width", x.ncols(), g.ncols())?;
    conv2d::correlate(x, g, Mode::Valid)
}

/// The gradient by the input of the image y = x ⋆ h: ∂L/∂x = g ∗ h, equation `grad-input-2d`.
///
/// `h` is K_h × K_w and `g` = ∂L/∂y is P × Q; what is returned is H × W = (P + K_h − 1) × (Q + K_w − 1).
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooLarge`](crate::Error::TooLarge) if the result
/// cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::spatial::input_2d, ndarray::array};
/// let h = array![[1, 2], [3, 4]];
/// assert_eq!(input_2d(&h, &array![[1, 10]])?, array![[1, 12, 20], [3, 34, 40]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn input_2d<T: Scalar>(h: &ArrayRef2<T>, g: &ArrayRef2<T>) -> Result<Array2<T>> {
    non_empty("kernel", h.len())?;
    non_empty("g", g.len())?;
    conv2d::convolve(g, h, Mode::Full)
}

/// All gradients of a layer y = [`forward`](layer::forward)(x, w, b, geometry), as sums.
///
/// `x` is B × C × H × W, `w` is C_o × C × K_h × K_w, and `g` = ∂L/∂y has the shape of the outputs, B × C_o × P × Q. The bias
/// itself is not needed. The gradient by the input is [`transposed`](layer::transposed) convolution; the others are
/// [`kernel`] and [`bias`].
///
/// # Errors
/// As [`forward`](layer::forward) for x and w; [`Error::Shape`](crate::Error::Shape) if `g` does not have the shape
/// of the outputs.
///
/// # Examples
/// ```
/// use locality::gradient::spatial::layer;
/// use locality::layer::Geometry;
/// use locality::ndarray::array;
/// let (x, w) = (array![[[[1, 2, 3]]]], array![[[[5, 7]]]]);
/// let gradients = layer(&x, &w, &array![[[[1, 10]]]], Geometry::default())?;
/// assert_eq!(gradients.kernel, array![[[[21, 32]]]]);
/// assert_eq!(gradients.input, array![[[[5, 57, 70]]]]);
/// assert_eq!(gradients.bias, [11]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn layer<T: Scalar>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    g: &ArrayRef4<T>,
    geometry: Geometry,
) -> Result<Gradients<T>> {
    same_shape(x, w, g, geometry)?;
    let (image, taps) = ((x.len_of(Axis(2)), x.len_of(Axis(3))), (w.len_of(Axis(2)), w.len_of(Axis(3))));
    Ok(Gradients {
        kernel: kernel(x, g, taps, geometry)?,
        input: layer::transposed(g, w, geometry, image)?,
        bias: bias(g),
    })
}

/// The gradient by the weights of a layer whose kernels have `taps` = (K_h, K_w): what every tap met, times what came of it.
///
/// ∂L/∂w\[o, c, a, b\] = Σ g\[n, o, i, j\] · x\[n, c, s i + d a − p, s j + d b − p\] over all images n and outputs (i, j), with
/// zeros outside the image; equation `grad-strided-scalar`. Shape C_o × C × K_h × K_w.
///
/// # Errors
/// As [`Geometry::outputs`]; [`Error::Shape`](crate::Error::Shape) if `g` does not have the shape of the outputs;
/// [`Error::TooLarge`](crate::Error::TooLarge) if the result cannot be allocated.
///
/// # Examples
/// With stride 2 every tap meets every second sample:
/// ```
/// use locality::gradient::spatial::kernel;
/// use locality::layer::Geometry;
/// use locality::ndarray::array;
/// let (x, g) = (array![[[[1, 2, 3, 4]]]], array![[[[1, 10]]]]);
/// assert_eq!(kernel(&x, &g, (1, 2), Geometry::new(2, 0, 1))?, array![[[[31, 42]]]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel<T: Scalar>(
    x: &ArrayRef4<T>,
    g: &ArrayRef4<T>,
    taps: (usize, usize),
    geometry: Geometry,
) -> Result<Array4<T>> {
    let ((images, channels, height, width), filters) = (x.dim(), g.len_of(Axis(1)));
    non_empty("input", x.len())?;
    non_empty("g", g.len())?;
    let (rows, columns) = geometry.outputs((height, width), taps)?;
    shaped("g", &[images, filters, rows, columns], g.shape())?;
    allocatable::<T>("gradient by the kernel", &[filters, channels, taps.0, taps.1])?;
    Ok(Array4::from_shape_fn((filters, channels, taps.0, taps.1), |(o, c, a, b)| {
        let mut sum = T::zero();
        for ((n, i, j), g) in g.index_axis(Axis(1), o).indexed_iter() {
            if let Some((u, v)) = geometry.pixel((i, j), (a, b), (height, width)) {
                sum += g.clone() * x[[n, c, u, v]].clone();
            }
        }
        sum
    }))
}

/// The gradient by the bias of a layer: a bias is added to every output of its channel, so it hears all of them.
///
/// ∂L/∂b\[o\] = Σ g\[n, o, i, j\] over all images n and outputs (i, j); equation `grad-bias`. Length C_o.
///
/// # Examples
/// ```
/// use locality::{gradient::spatial::bias, ndarray::array};
/// assert_eq!(bias(&array![[[[1, 2]], [[3, 4]]]]), [3, 7]);
/// ```
pub fn bias<T: Scalar>(g: &ArrayRef4<T>) -> Vec<T> {
    g.axis_iter(Axis(1)).map(|channel| channel.iter().cloned().fold(T::zero(), |sum, g| sum + g)).collect()
}

/// Refuses tensors of which no layer makes the third from the first two.
pub(super) fn same_shape<T: Scalar>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    g: &ArrayRef4<T>,
    geometry: Geometry,
) -> Result<()> {
    let outputs = layer::output_shape::<T>(x.dim().into(), w.dim().into(), geometry)?;
    shaped("g", &outputs, g.shape())
}

/// Refuses an empty side, and outputs that are more than the samples they were made from.
pub(super) fn fits(argument: &'static str, samples: usize, outputs: usize) -> Result<()> {
    non_empty(argument, samples)?;
    non_empty("g", outputs)?;
    at_least(argument, outputs, samples)
}
