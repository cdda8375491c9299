//! A convolution layer, by definition: channels, batches, stride, padding and dilation.
//!
//! | tensor | axes                         | shape            |
//! |--------|------------------------------|------------------|
//! | input  | image, channel, row, column  | (B, C, H, W)     |
//! | kernel | filter, channel, row, column | (O, C, K_h, K_w) |
//! | output | image, filter, row, column   | (B, O, P, Q)     |
//!
//! A layer correlates: the kernel is not flipped, and nothing is conjugated. Where its windows stand is its
//! [`Geometry`]. One method, [`Geometry::pixel`], says which pixel a tap of a window meets; the layer ([`forward`]),
//! the matrix of its windows ([`im2col`]) and the adjoints of both ([`transposed`], [`col2im`]) all ask it.
//!
//! In matrices, Y = W I(x) + b 1ᵀ, equation `im2col-multichannel`, has a window per **column**, where
//! [`matrix::im2col()`] has one per row. The 4-D tensors become nalgebra's matrices here and nowhere else: W is
//! [`weights`], Y is [`outputs_matrix`], and [`from_outputs`] is the way back.

use nalgebra::DMatrix;
use ndarray::{Array4, Array6, ArrayRef, ArrayRef4, Axis, Dimension};

use crate::error::{Error, Result, allocatable, exactly, non_empty, non_zero, shaped};
use crate::{Scalar, matrix};

/// How many windows fit into a padded signal: ⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1 if n + 2p ≥ d(k − 1) + 1, else none.
///
/// Equation `conv-output-size`, for `n` samples, `k` taps, stride s, padding p on either side, and dilation d. In
/// unsigned numbers the formula alone would underflow where there is no window.
///
/// # Errors
/// [`Error::Empty`] if n or k is zero; [`Error::Zero`] if the stride or the dilation is; [`Error::TooLarge`] if
/// n + 2p overflows.
///
/// # Examples
/// ```
/// use locality::layer::outputs;
/// assert_eq!(outputs(7, 3, 2, 1, 1)?, 4);
/// assert_eq!(outputs(2, 3, 1, 0, 1)?, 0);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn outputs(n: usize, k: usize, stride: usize, padding: usize, dilation: usize) -> Result<usize> {
    non_empty("signal", n)?;
    non_empty("kernel", k)?;
    non_zero("stride", stride)?;
    non_zero("dilation", dilation)?;
    let padded = padding.checked_mul(2).and_then(|both| both.checked_add(n));
    let padded = padded.ok_or(Error::TooLarge { what: "padded signal" })?;
    // A window too long to be counted is longer than any signal.
    let reach = dilation.checked_mul(k - 1).and_then(|last| last.checked_add(1));
    let room = reach.and_then(|reach| padded.checked_sub(reach));
    Ok(room.map_or(0, |room| room / stride + 1))
}

/// Where the windows of a layer stand: per axis, (vertical, horizontal).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// How far the window moves from one output to the next.
    pub stride: (usize, usize),
    /// How many zeros are put before the first row or column, and as many after the last.
    pub padding: (usize, usize),
    /// How far apart the taps are laid.
    pub dilation: (usize, usize),
}

impl Default for Geometry {
    /// Stride 1, no padding, dilation 1: valid correlation.
    fn default() -> Self {
        Self::new(1, 0, 1)
    }
}

impl Geometry {
    /// The same along both axes.
    ///
    /// # Examples
    /// ```
    /// use locality::layer::Geometry;
    /// let geometry = Geometry { stride: (2, 2), padding: (1, 1), dilation: (1, 1) };
    /// assert_eq!(Geometry::new(2, 1, 1), geometry);
    /// ```
    pub const fn new(stride: usize, padding: usize, dilation: usize) -> Self {
        Self { stride: (stride, stride), padding: (padding, padding), dilation: (dilation, dilation) }
    }

    /// The shape (P, Q) of the outputs for an image (H, W) and a kernel (K_h, K_w).
    ///
    /// # Errors
    /// As [`outputs`], for each axis; [`Error::NoOutput`] if there is no window along an axis.
    ///
    /// # Examples
    /// ```
    /// use locality::layer::Geometry;
    /// assert_eq!(Geometry::new(2, 1, 1).outputs((7, 8), (3, 3))?, (4, 4));
    /// assert!(Geometry::default().outputs((7, 2), (3, 3)).is_err());
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn outputs(&self, image: (usize, usize), kernel: (usize, usize)) -> Result<(usize, usize)> {
        let axis = |n, k, s, p, d| match outputs(n, k, s, p, d)? {
            // The reach may overflow; n + 2p has been checked.
            0 => Err(Error::NoOutput { reach: d.saturating_mul(k - 1).saturating_add(1), padded: n + 2 * p }),
            windows => Ok(windows),
        };
        Ok((
            axis(image.0, kernel.0, self.stride.0, self.padding.0, self.dilation.0)?,
            axis(image.1, kernel.1, self.stride.1, self.padding.1, self.dilation.1)?,
        ))
    }

    /// The pixel of an image (H, W) that tap (a, b) meets in window (i, j): (s i + d a − p, s j + d b − p).
    ///
    /// None if it lies outside the image, where the padding is.
    ///
    /// # Examples
    /// ```
    /// use locality::layer::Geometry;
    /// let geometry = Geometry::new(2, 1, 1);
    /// assert_eq!(geometry.pixel((1, 0), (0, 2), (7, 8)), Some((1, 1)));
    /// assert_eq!(geometry.pixel((1, 0), (0, 0), (7, 8)), None);
    /// ```
    pub fn pixel(
        &self,
        (i, j): (usize, usize),
        (a, b): (usize, usize),
        image: (usize, usize),
    ) -> Option<(usize, usize)> {
        let axis = |i: usize, s: usize, a: usize, d: usize, p: usize, n: usize| {
            let padded = s.checked_mul(i)?.checked_add(d.checked_mul(a)?)?;
            padded.checked_sub(p).filter(|&pixel| pixel < n)
        };
        Some((
            axis(i, self.stride.0, a, self.dilation.0, self.padding.0, image.0)?,
            axis(j, self.stride.1, b, self.dilation.1, self.padding.1, image.1)?,
        ))
    }
}

/// The layer: every filter `w[o]` slides over every image `x[n]`, all channels at once, and a bias is added.
///
/// y\[n, o, i, j\] = b\[o\] + Σ_c Σₐ Σ_b w\[o, c, a, b\] · x\[n, c, s i + d a − p, s j + d b − p\], with zeros
/// outside the image; equations `conv-multichannel-sum` and `im2col-multichannel`.
///
/// # Errors
/// [`Error::Empty`] if input or kernel is empty; [`Error::Shape`] if the kernel has not the channels of the input;
/// [`Error::Length`] if there is a bias, but not one per filter; as [`Geometry::outputs`]; [`Error::TooLarge`] if
/// the output cannot be allocated.
///
/// # Examples
/// One image, two channels, one filter:
/// ```
/// use locality::layer::{Geometry, forward};
/// use locality::ndarray::array;
/// let x = array![[[[1, 2, 3]], [[4, 5, 6]]]];
/// let w = array![[[[1, 1]], [[10, 0]]]];
/// assert_eq!(forward(&x, &w, Some(&[100]), Geometry::default())?, array![[[[143, 155]]]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn forward<T: Scalar>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: Option<&[T]>,
    geometry: Geometry,
) -> Result<Array4<T>> {
    let (_, _, height, width) = x.dim();
    let shape = output_shape::<T>(x.dim().into(), w.dim().into(), geometry)?;
    if let Some(bias) = bias {
        exactly("bias", w.len_of(Axis(0)), bias.len())?;
    }
    Ok(Array4::from_shape_fn(shape, |(n, o, i, j)| {
        let mut y = bias.map_or(T::zero(), |bias| bias[o].clone());
        for ((c, a, b), tap) in w.index_axis(Axis(0), o).indexed_iter() {
            if let Some((u, v)) = geometry.pixel((i, j), (a, b), (height, width)) {
                y += tap.clone() * x[[n, c, u, v]].clone();
            }
        }
        y
    }))
}

/// The transpose of [`forward`] in its input: every output's `g` goes back to the pixels its window covers, each
/// times the tap that met it. Known as transposed convolution, or, wrongly, as deconvolution.
///
/// x\[n, c, μ, ν\] = Σ w\[o, c, a, b\] · g\[n, o, i, j\] over all that meet there: s i + d a − p = μ and
/// s j + d b − p = ν; equation `conv-transpose`. Images of several sizes have outputs of the same size, so the shape
/// (H, W) must be given, equation `conv-transpose-size`. Nothing is conjugated.
///
/// # Errors
/// [`Error::Empty`] if `g` or the kernel is empty; as [`Geometry::outputs`]; [`Error::Shape`] if `g` does not have
/// the shape of the outputs; [`Error::TooLarge`] if the image cannot be allocated.
///
/// # Examples
/// ```
/// use locality::layer::{Geometry, transposed};
/// use locality::ndarray::array;
/// let (g, w) = (array![[[[1, 10]]]], array![[[[1, 2, 3]]]]);
/// let x = transposed(&g, &w, Geometry::new(2, 0, 1), (1, 5))?;
/// assert_eq!(x, array![[[[1, 2, 13, 20, 30]]]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn transposed<T: Scalar>(
    g: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    geometry: Geometry,
    image: (usize, usize),
) -> Result<Array4<T>> {
    non_empty("g", g.len())?;
    non_empty("kernel", w.len())?;
    let input = [g.len_of(Axis(0)), w.len_of(Axis(1)), image.0, image.1];
    shaped("g", &output_shape::<T>(input, w.dim().into(), geometry)?, g.shape())?;
    let mut x = Array4::zeros(input);
    for ((n, o, i, j), g) in g.indexed_iter() {
        for ((c, a, b), tap) in w.index_axis(Axis(0), o).indexed_iter() {
            if let Some((u, v)) = geometry.pixel((i, j), (a, b), image) {
                x[[n, c, u, v]] += tap.clone() * g.clone();
            }
        }
    }
    Ok(x)
}

/// The windows of the layer, one per column: I\[(c, a, b), (n, i, j)\] = x\[n, c, s i + d a − p, s j + d b − p\], with
/// zeros outside the image.
///
/// Equation `im2col-multichannel`. Shape C K_h K_w × BPQ: [`weights`] times it is [`outputs_matrix`] of the layer
/// without its bias.
///
/// # Errors
/// [`Error::Empty`] if input or kernel is empty; as [`Geometry::outputs`]; [`Error::TooLarge`] if the matrix cannot
/// be allocated.
///
/// # Examples
/// ```
/// use locality::layer::{Geometry, im2col};
/// use locality::{nalgebra::dmatrix, ndarray::array};
/// let x = array![[[[1, 2, 3]]]];
/// assert_eq!(im2col(&x, (1, 2), Geometry::default())?, dmatrix![1, 2; 2, 3]);
/// assert_eq!(im2col(&x, (1, 1), Geometry::new(2, 0, 1))?, dmatrix![1, 3]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn im2col<T: Scalar>(x: &ArrayRef4<T>, kernel: (usize, usize), geometry: Geometry) -> Result<DMatrix<T>> {
    let (_, _, height, width) = x.dim();
    let shape = windows_shape::<T>(x.dim().into(), kernel, geometry)?;
    let windows = Array6::from_shape_fn(shape, |(c, a, b, n, i, j)| {
        let pixel = geometry.pixel((i, j), (a, b), (height, width));
        pixel.map_or(T::zero(), |(u, v)| x[[n, c, u, v]].clone())
    });
    Ok(flattened(&windows, 3))
}

/// Adds every entry of `g` (C K_h K_w × BPQ) to the pixel it would have come from: the adjoint of [`im2col`], equation
/// `col2im-adjoint`. What would have come from the padding is lost.
///
/// # Errors
/// As [`im2col`] for an `input` of shape (B, C, H, W); [`Error::Shape`] if `g` is not of the shape of its windows.
///
/// # Examples
/// ```
/// use locality::layer::{Geometry, col2im};
/// use locality::{nalgebra::dmatrix, ndarray::array};
/// let x = col2im(&dmatrix![1, 2; 3, 4], [1, 1, 1, 3], (1, 2), Geometry::default())?;
/// assert_eq!(x, array![[[[1, 5, 4]]]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn col2im<T: Scalar>(
    g: &DMatrix<T>,
    input: [usize; 4],
    kernel: (usize, usize),
    geometry: Geometry,
) -> Result<Array4<T>> {
    let shape = windows_shape::<T>(input, kernel, geometry)?;
    let sides = [shape[..3].iter().product(), shape[3..].iter().product()];
    shaped("g", &sides, &[g.nrows(), g.ncols()])?;
    let windows = matrix::to_array(g).into_shape_with_order(shape).expect("the same number of entries");
    let mut x = Array4::zeros(input);
    for ((c, a, b, n, i, j), entry) in windows.indexed_iter() {
        if let Some((u, v)) = geometry.pixel((i, j), (a, b), (input[2], input[3])) {
            x[[n, c, u, v]] += entry.clone();
        }
    }
    Ok(x)
}

/// The kernel as the matrix W: a filter per row, W\[o, (c, a, b)\] = w\[o, c, a, b\]. Shape O × C K_h K_w.
///
/// # Examples
/// ```
/// use locality::layer::weights;
/// use locality::{nalgebra::dmatrix, ndarray::array};
/// let w = array![[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]];
/// assert_eq!(weights(&w), dmatrix![1, 2, 3, 4; 5, 6, 7, 8]);
/// ```
pub fn weights<T: Scalar>(w: &ArrayRef4<T>) -> DMatrix<T> {
    flattened(w, 1)
}

/// The outputs, or their gradient, as the matrix Y: a filter per row, Y\[o, (n, i, j)\] = y\[n, o, i, j\]. Shape
/// O × BPQ.
///
/// Filters and images change places, so this is not the order of the tensor in memory.
///
/// # Examples
/// ```
/// use locality::layer::outputs_matrix;
/// use locality::{nalgebra::dmatrix, ndarray::array};
/// let y = array![[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]];
/// assert_eq!(outputs_matrix(&y), dmatrix![1, 2, 5, 6; 3, 4, 7, 8]);
/// ```
pub fn outputs_matrix<T: Scalar>(y: &ArrayRef4<T>) -> DMatrix<T> {
    flattened(&y.view().permuted_axes([1, 0, 2, 3]), 1)
}

/// The outputs of `shape` (B, O, P, Q) from their matrix: the inverse of [`outputs_matrix`].
///
/// # Errors
/// [`Error::Shape`] if `y` is not O × BPQ; [`Error::TooLarge`] if B · O · P · Q overflows.
///
/// # Examples
/// ```
/// use locality::layer::from_outputs;
/// use locality::{nalgebra::dmatrix, ndarray::array};
/// let y = from_outputs(&dmatrix![1, 2, 5, 6; 3, 4, 7, 8], [2, 2, 1, 2])?;
/// assert_eq!(y, array![[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn from_outputs<T: Scalar>(y: &DMatrix<T>, shape: [usize; 4]) -> Result<Array4<T>> {
    let [images, filters, p, q] = shape;
    allocatable::<T>("output", &shape)?;
    shaped("y", &[filters, images * p * q], &[y.nrows(), y.ncols()])?;
    Ok(Array4::from_shape_fn(shape, |(n, o, i, j)| y[(o, (n * p + i) * q + j)].clone()))
}

/// A tensor as a matrix: its first `leading` axes together count the rows, the others the columns, both row-major.
fn flattened<T: Scalar, D: Dimension>(tensor: &ArrayRef<T, D>, leading: usize) -> DMatrix<T> {
    let (rows, columns) = tensor.shape().split_at(leading);
    let sides = (rows.iter().product::<usize>(), columns.iter().product::<usize>());
    matrix::from_array(&tensor.to_shape(sides).expect("the same number of entries"))
}

/// The shape (B, O, P, Q) of the outputs, after checking every other shape and that the tensors can be allocated.
pub(crate) fn output_shape<T>(
    input: [usize; 4],
    kernel: [usize; 4],
    geometry: Geometry,
) -> Result<[usize; 4]> {
    let ([images, channels, height, width], [filters, _, kh, kw]) = (input, kernel);
    non_empty("input", allocatable::<T>("input", &input)?)?;
    non_empty("kernel", allocatable::<T>("kernel", &kernel)?)?;
    shaped("kernel", &[filters, channels, kh, kw], &kernel)?;
    let (p, q) = geometry.outputs((height, width), (kh, kw))?;
    allocatable::<T>("output", &[images, filters, p, q])?;
    Ok([images, filters, p, q])
}

/// The shape (C, K_h, K_w, B, P, Q) of the windows, after checking that the input and their matrix can be allocated.
fn windows_shape<T>(input: [usize; 4], (kh, kw): (usize, usize), geometry: Geometry) -> Result<[usize; 6]> {
    let [images, channels, height, width] = input;
    non_empty("input", allocatable::<T>("input", &input)?)?;
    let (p, q) = geometry.outputs((height, width), (kh, kw))?;
    let shape = [channels, kh, kw, images, p, q];
    allocatable::<T>("im2col matrix", &shape)?;
    Ok(shape)
}
