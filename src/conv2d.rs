//! Convolution of images, by definition: [`conv1d`], once per axis.
//!
//! An image is an `ndarray` matrix of height H and width W, zero outside; a kernel is one of K_h × K_w taps. The
//! [`Mode`] applies to both axes. [`convolve`] flips the kernel along *both* axes (a half turn, not a transpose);
//! [`correlate`] does not. Neither conjugates.
//!
//! If the kernel is a column times a row, two passes of 1-D convolution give the same image for K_h + K_w
//! multiplications a pixel instead of K_h · K_w: [`separable`]. Every kernel is a sum of such ones: [`low_rank`].

use ndarray::{Array2, ArrayRef2, ArrayView2, Axis, s};

use crate::Scalar;
use crate::conv1d;
pub use crate::conv1d::Mode;
use crate::error::{Error, Result, allocatable, at_least, non_empty};

/// Convolves the image `x` (H × W) with `h` (K_h × K_w): the kernel is turned by 180°, then slid over the image.
///
/// y\[i, j\] = Σₐ Σ_b h\[a, b\] · x\[i − a, j − b\], equations `conv2d-full`, `conv2d-same` and `conv2d-valid`.
///
/// # Errors
/// [`Error::Empty`] if either is empty; [`Error::KernelTooLarge`] in valid mode if the kernel is higher or wider
/// than the image; [`Error::TooLarge`] if the output cannot be allocated.
///
/// # Examples
/// ```
/// use locality::conv2d::{Mode, convolve};
/// use locality::ndarray::array;
/// let y = convolve(&array![[1, 2], [3, 4]], &array![[1, 10]], Mode::Full)?;
/// assert_eq!(y, array![[1, 12, 20], [3, 34, 40]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>, mode: Mode) -> Result<Array2<T>> {
    let ((height, width), (kh, kw)) = (x.dim(), h.dim());
    let (rows, columns) = outputs(x, h, mode)?;
    Ok(Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| {
        let (i, j) = (i + rows.start, j + columns.start);
        let mut y = T::zero();
        // The taps (a, b) that meet a pixel: 0 ≤ i − a < H and 0 ≤ j − b < W.
        for a in (i + 1).saturating_sub(height)..kh.min(i + 1) {
            for b in (j + 1).saturating_sub(width)..kw.min(j + 1) {
                y += h[[a, b]].clone() * x[[i - a, j - b]].clone();
            }
        }
        y
    }))
}

/// Correlates the image `x` (H × W) with `h` (K_h × K_w): the kernel is slid over the image as it is.
///
/// In valid mode y\[i, j\] = Σₐ Σ_b h\[a, b\] · x\[i + a, j + b\], equation `corr2d-valid`: the "convolution" of a
/// CNN. The other modes keep the outputs of `x` convolved with the turned kernel, equation `corr2d-flip`.
///
/// # Errors
/// As [`convolve`].
///
/// # Examples
/// ```
/// use locality::conv2d::{Mode, correlate};
/// use locality::ndarray::array;
/// let y = correlate(&array![[1, 2], [3, 4]], &array![[1, 10]], Mode::Valid)?;
/// assert_eq!(y, array![[21], [43]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>, mode: Mode) -> Result<Array2<T>> {
    convolve(x, &turned(h), mode)
}

/// Convolves around a torus of `shape` = (M_h, M_w): both images are padded with zeros to it, and indices wrap.
///
/// y\[i, j\] = Σₐ Σ_b h\[a, b\] · x\[(i − a) mod M_h, (j − b) mod M_w\].
///
/// # Errors
/// [`Error::Empty`] if either is empty; [`Error::TooShort`] if the shape cannot hold both;
/// [`Error::TooLarge`] if it cannot be allocated.
///
/// # Examples
/// ```
/// use locality::conv2d::convolve_circular;
/// use locality::ndarray::array;
/// let y = convolve_circular(&array![[1, 2], [3, 4]], &array![[1, 10]], (2, 2))?;
/// assert_eq!(y, array![[21, 12], [43, 34]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve_circular<T: Scalar>(
    x: &ArrayRef2<T>,
    h: &ArrayRef2<T>,
    shape: (usize, usize),
) -> Result<Array2<T>> {
    let (x, (mh, mw)) = (on_torus(x, h, shape)?, shape);
    Ok(Array2::from_shape_fn(shape, |(i, j)| {
        inner(h, |a, b| x[[(i + mh - a) % mh, (j + mw - b) % mw]].clone())
    }))
}

/// Correlates around a torus of `shape` = (M_h, M_w): both images are padded with zeros to it, and indices wrap.
///
/// y\[i, j\] = Σₐ Σ_b h\[a, b\] · x\[(i + a) mod M_h, (j + b) mod M_w\], equation `circ2-corr-theorem`.
///
/// # Errors
/// As [`convolve_circular`].
///
/// # Examples
/// ```
/// use locality::conv2d::correlate_circular;
/// use locality::ndarray::array;
/// let y = correlate_circular(&array![[1, 2], [3, 4]], &array![[1, 10]], (2, 2))?;
/// assert_eq!(y, array![[21, 12], [43, 34]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate_circular<T: Scalar>(
    x: &ArrayRef2<T>,
    h: &ArrayRef2<T>,
    shape: (usize, usize),
) -> Result<Array2<T>> {
    let (x, (mh, mw)) = (on_torus(x, h, shape)?, shape);
    Ok(Array2::from_shape_fn(shape, |(i, j)| inner(h, |a, b| x[[(i + a) % mh, (j + b) % mw]].clone())))
}

/// Convolves `x` (H × W) with the kernel u vᵀ, without ever forming it: each column with `u`, then each row with `v`.
///
/// Equation `conv2d-separable`: the result is that of [`convolve`] with the outer product, in exact arithmetic.
///
/// # Errors
/// As [`convolve`], with `u` and `v` in the place of the kernel's height and width.
///
/// # Examples
/// ```
/// use locality::conv2d::{Mode, convolve, outer, separable};
/// use locality::ndarray::array;
/// let x = array![[1, 2, 3], [4, 5, 6], [7, 8, 9]];
/// let (u, v) = ([1, 2], [1, 10]);
/// assert_eq!(separable(&x, &u, &v, Mode::Same)?, convolve(&x, &outer(&u, &v), Mode::Same)?);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn separable<T: Scalar>(x: &ArrayRef2<T>, u: &[T], v: &[T], mode: Mode) -> Result<Array2<T>> {
    let columns = along(x, Axis(0), u, mode)?;
    along(&columns, Axis(1), v, mode)
}

/// Convolves every lane of `x` along `axis` with `h`.
fn along<T: Scalar>(x: &ArrayRef2<T>, axis: Axis, h: &[T], mode: Mode) -> Result<Array2<T>> {
    let mut shape = x.dim();
    let kept = mode.outputs(x.len_of(axis), h.len())?.len();
    if axis == Axis(0) {
        shape.0 = kept
    } else {
        shape.1 = kept
    }
    allocatable::<T>("output", &[shape.0, shape.1])?;
    let mut y = Array2::zeros(shape);
    for (from, mut to) in x.lanes(axis).into_iter().zip(y.lanes_mut(axis)) {
        let lane = conv1d::convolve(&from.to_vec(), h, mode)?;
        to.assign(&ndarray::aview1(&lane));
    }
    Ok(y)
}

/// The kernel u vᵀ: column `u` times row `v`, equation `separable-iff-rank1`.
///
/// # Examples
/// ```
/// use locality::conv2d::outer;
/// use locality::ndarray::array;
/// assert_eq!(outer(&[1, 2], &[1, 10]), array![[1, 10], [2, 20]]);
/// ```
pub fn outer<T: Scalar>(u: &[T], v: &[T]) -> Array2<T> {
    Array2::from_shape_fn((u.len(), v.len()), |(a, b)| u[a].clone() * v[b].clone())
}

/// One term σ u vᵀ of a kernel's singular value decomposition; `u` (length K_h) and `v` (length K_w) have norm 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Rank1 {
    /// The singular value, ≥ 0.
    pub sigma: f64,
    /// The column.
    pub u: Vec<f64>,
    /// The row.
    pub v: Vec<f64>,
}

impl Rank1 {
    /// σ u vᵀ, of shape K_h × K_w.
    ///
    /// # Examples
    /// ```
    /// use locality::conv2d::Rank1;
    /// use locality::ndarray::array;
    /// let term = Rank1 { sigma: 2.0, u: vec![1.0, 0.0], v: vec![0.0, 1.0] };
    /// assert_eq!(term.kernel(), array![[0.0, 2.0], [0.0, 0.0]]);
    /// ```
    pub fn kernel(&self) -> Array2<f64> {
        outer(&self.u, &self.v) * self.sigma
    }
}

/// Writes a kernel as a sum of separable ones, largest first: h = Σᵣ σᵣ uᵣ vᵣᵀ, equation `conv2d-svd`.
///
/// There are min(K_h, K_w) terms; stopping after R of them is the best kernel of rank R, and its error is the norm
/// of what was left out. The decomposition is nalgebra's.
///
/// # Errors
/// [`Error::Empty`] if the kernel is empty; [`Error::NotFinite`] if a tap is NaN or infinite.
///
/// # Examples
/// The Sobel kernel is separable, so its second singular value is zero:
/// ```
/// use locality::conv2d::low_rank;
/// use locality::ndarray::array;
/// let terms = low_rank(&array![[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])?;
/// assert!(terms[1].sigma < 1e-12 * terms[0].sigma);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn low_rank(h: &ArrayRef2<f64>) -> Result<Vec<Rank1>> {
    non_empty("kernel", h.len())?;
    if h.iter().any(|tap| !tap.is_finite()) {
        return Err(Error::NotFinite { argument: "kernel" });
    }
    let svd = crate::matrix::from_array(h).svd(true, true);
    let (u, v) = (svd.u.expect("asked for"), svd.v_t.expect("asked for"));
    // nalgebra returns the singular values in descending order.
    let term = |(r, &sigma): (usize, &f64)| Rank1 {
        sigma,
        u: u.column(r).iter().copied().collect(),
        v: v.row(r).iter().copied().collect(),
    };
    Ok(svd.singular_values.iter().enumerate().map(term).collect())
}

/// Turns an image by 180°: (JxJ)\[i, j\] = x\[H − 1 − i, W − 1 − j\]. Both axes are reversed; it is not a transpose.
///
/// # Examples
/// ```
/// use locality::ndarray::array;
/// assert_eq!(locality::conv2d::flip(&array![[1, 2], [3, 4]]), array![[4, 3], [2, 1]]);
/// ```
pub fn flip<T: Clone>(x: &ArrayRef2<T>) -> Array2<T> {
    turned(x).to_owned()
}

/// The same pixels, read backwards along both axes.
pub(crate) fn turned<T>(x: &ArrayRef2<T>) -> ArrayView2<'_, T> {
    x.slice(s![..;-1, ..;-1])
}

/// Appends rows and columns of zeros up to `shape`; its adjoint is cropping to the first H rows and W columns.
///
/// # Errors
/// [`Error::TooShort`] if the shape is smaller than the image; [`Error::TooLarge`] if it cannot be allocated.
///
/// # Examples
/// ```
/// use locality::ndarray::array;
/// assert_eq!(locality::conv2d::pad(&array![[1]], (2, 3))?, array![[1, 0, 0], [0, 0, 0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn pad<T: Scalar>(x: &ArrayRef2<T>, shape: (usize, usize)) -> Result<Array2<T>> {
    let (height, width) = x.dim();
    at_least("shape.0", height, shape.0)?;
    at_least("shape.1", width, shape.1)?;
    allocatable::<T>("padded image", &[shape.0, shape.1])?;
    let mut padded = Array2::zeros(shape);
    padded.slice_mut(s![..height, ..width]).assign(x);
    Ok(padded)
}

/// The kept rows and columns of the full output, after checking the shapes and that the output can be allocated.
pub(crate) fn outputs<T>(
    x: &ArrayRef2<T>,
    h: &ArrayRef2<T>,
    mode: Mode,
) -> Result<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let rows = mode.outputs(x.nrows(), h.nrows())?;
    let columns = mode.outputs(x.ncols(), h.ncols())?;
    allocatable::<T>("output", &[rows.len(), columns.len()])?;
    Ok((rows, columns))
}

/// The image on a torus, after checking that both fit.
fn on_torus<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>, shape: (usize, usize)) -> Result<Array2<T>> {
    non_empty("signal", x.len())?;
    non_empty("kernel", h.len())?;
    at_least("shape.0", x.nrows().max(h.nrows()), shape.0)?;
    at_least("shape.1", x.ncols().max(h.ncols()), shape.1)?;
    pad(x, shape)
}

/// Σₐ Σ_b h[a, b] · pixel(a, b).
fn inner<T: Scalar>(h: &ArrayRef2<T>, pixel: impl Fn(usize, usize) -> T) -> T {
    let mut sum = T::zero();
    for ((a, b), tap) in h.indexed_iter() {
        sum += tap.clone() * pixel(a, b);
    }
    sum
}
