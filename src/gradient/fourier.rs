//! The gradients of a convolution through the Fourier transform: products, frequency by frequency.
//!
//! The layer is y = x ⋆ h, computed as conj(ĥ) ⊙ x̂ and cropped. With ĝ, the spectrum of g = ∂L/∂y padded with zeros,
//! both gradients are products, too:
//!
//! | gradient by | product     | cropped to | equals, in [`spatial`] |
//! |-------------|-------------|------------|----------------------------------------|
//! | the kernel  | x̂ ⊙ conj(ĝ) | the taps   | x ⋆ g                                  |
//! | the input   | ĥ ⊙ ĝ       | the input  | g ∗ h                                  |
//!
//! Every transform that holds the input will do, equation `p2-equal-gradients-padded`: outputs and taps together are
//! one longer than the input, so nothing that wraps around survives the crop.
//!
//! **Convention.** The gradient of a real L by a complex z is ∇L = ∂L/∂Re z + i ∂L/∂Im z, equation
//! `wirtinger-convention`: the direction in which L rises fastest, and what PyTorch returns. Others return its
//! conjugate.

use ndarray::{Array2, Array4, ArrayRef2, ArrayRef4, Axis, s};
use num_complex::Complex;

use super::Gradients;
use super::spatial::{self, fits};
use crate::conv1d;
use crate::conv2d;
use crate::error::{Error, Result, at_least, non_empty, shaped};
use crate::fourier::{Real, Sample, dft2, real, transformable};
use crate::layer::{self, Geometry};

/// The gradient by the kernel of y = x ⋆ h, through transforms of length `m` ≥ N: Eᵀ F⁻¹(x̂ ⊙ conj ĝ), equation
/// `p2-equal-gradients-padded`. What [`spatial::kernel_1d`] computes, up to rounding.
///
/// `x` has length N and `g` = ∂L/∂y has length N − K + 1; what is returned has length K.
///
/// # Errors
/// As [`spatial::kernel_1d`]; [`Error::TooShort`] if m < N; [`Error::TooLarge`] if it cannot be allocated.
///
/// # Examples
/// ```
/// use locality::gradient::fourier::kernel_1d;
/// let by_kernel = kernel_1d(&[1.0, 2.0, 4.0, 8.0], &[1.0, 10.0], 4)?;
/// approx::assert_abs_diff_eq!(&by_kernel[..], &[21.0, 42.0, 84.0][..], epsilon = 1e-13);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel_1d<T: Sample<Real = T> + Real>(x: &[T], g: &[T], m: usize) -> Result<Vec<T>> {
    fits("signal", x.len(), g.len())?;
    let (mut product, g_hat) = (spectrum(x, x.len(), m)?, spectrum(g, x.len(), m)?);
    product.iter_mut().zip(&g_hat).for_each(|(x, g)| *x = *x * g.conj());
    let mut correlation = T::signal(&product, m)?;
    correlation.truncate(x.len() - g.len() + 1);
    Ok(correlation)
}

/// The gradient by the input of y = x ⋆ h, through transforms of length `m` ≥ N: Eᵀ F⁻¹(ĥ ⊙ ĝ), equation
/// `p2-equal-gradients-padded`. What [`spatial::input_1d`] computes, up to rounding.
///
/// `h` has length K and `g` = ∂L/∂y has length N − K + 1; what is returned has length N.
///
/// # Errors
/// As [`spatial::input_1d`]; [`Error::TooShort`] if m < N; [`Error::TooLarge`] if it cannot be allocated.
///
/// # Examples
/// ```
/// use locality::gradient::fourier::input_1d;
/// let by_input = input_1d(&[1.0, 2.0, 4.0], &[1.0, 10.0], 4)?;
/// approx::assert_abs_diff_eq!(&by_input[..], &[1.0, 12.0, 24.0, 40.0][..], epsilon = 1e-13);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn input_1d<T: Sample<Real = T> + Real>(h: &[T], g: &[T], m: usize) -> Result<Vec<T>> {
    let n = inputs(h.len(), g.len())?;
    let (mut product, g_hat) = (spectrum(h, n, m)?, spectrum(g, n, m)?);
    product.iter_mut().zip(&g_hat).for_each(|(h, g)| *h = *h * g);
    let mut convolution = T::signal(&product, m)?;
    convolution.truncate(n);
    Ok(convolution)
}

/// The gradient by the kernel of the image y = x ⋆ h, through transforms of `shape` ≥ (H, W): Eᵀ F⁻¹(x̂ ⊙ conj ĝ),
/// equation `fft-grad-kernel`. What [`spatial::kernel_2d`] computes, up to rounding.
///
/// `x` is H × W and `g` = ∂L/∂y is P × Q; what is returned is K_h × K_w = (H − P + 1) × (W − Q + 1).
///
/// # Errors
/// As [`spatial::kernel_2d`]; [`Error::TooShort`] if the shape does not hold the image; [`Error::TooLarge`] if it
/// cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::fourier::kernel_2d, ndarray::array};
/// let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// let error = kernel_2d(&x, &array![[1.0, 10.0]], (2, 3))? - array![[21.0, 32.0], [54.0, 65.0]];
/// assert!(error.iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel_2d<T: Sample<Real = T> + Real>(
    x: &ArrayRef2<T>,
    g: &ArrayRef2<T>,
    shape: (usize, usize),
) -> Result<Array2<T>> {
    fits("image's height", x.nrows(), g.nrows())?;
    fits("image's width", x.ncols(), g.ncols())?;
    let product = spectrum2(x, x.dim(), shape)? * conjugate(&spectrum2(g, x.dim(), shape)?);
    cropped(&product, shape, (x.nrows() - g.nrows() + 1, x.ncols() - g.ncols() + 1))
}

/// The gradient by the input of the image y = x ⋆ h, through transforms of `shape` ≥ (H, W): Eᵀ F⁻¹(ĥ ⊙ ĝ), equation
/// `fft-grad-input`. What [`spatial::input_2d`] computes, up to rounding.
///
/// `h` is K_h × K_w and `g` = ∂L/∂y is P × Q; what is returned is H × W = (P + K_h − 1) × (Q + K_w − 1).
///
/// # Errors
/// As [`spatial::input_2d`]; [`Error::TooShort`] if the shape does not hold the image; [`Error::TooLarge`] if it
/// cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::fourier::input_2d, ndarray::array};
/// let h = array![[1.0, 2.0], [3.0, 4.0]];
/// let error = input_2d(&h, &array![[1.0, 10.0]], (2, 3))? - array![[1.0, 12.0, 20.0], [3.0, 34.0, 40.0]];
/// assert!(error.iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn input_2d<T: Sample<Real = T> + Real>(
    h: &ArrayRef2<T>,
    g: &ArrayRef2<T>,
    shape: (usize, usize),
) -> Result<Array2<T>> {
    let image = (inputs(h.nrows(), g.nrows())?, inputs(h.ncols(), g.ncols())?);
    let product = spectrum2(h, image, shape)? * spectrum2(g, image, shape)?;
    cropped(&product, shape, image)
}

/// The image y = x ⋆ h through transforms of `shape` ≥ (H, W): Eᵀ F⁻¹(conj ĥ ⊙ x̂), equation `fft-forward-cnn`. What
/// [`conv2d::correlate`] computes in valid mode, up to rounding.
///
/// # Errors
/// As [`conv2d::correlate`]; [`Error::TooShort`] if the shape does not hold the image; [`Error::TooLarge`] if it
/// cannot be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::fourier::forward_2d, ndarray::array};
/// let y = forward_2d(&array![[1.0, 2.0], [3.0, 4.0]], &array![[1.0, 10.0]], (2, 2))?;
/// assert!((y - array![[21.0], [43.0]]).iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn forward_2d<T: Sample<Real = T> + Real>(
    x: &ArrayRef2<T>,
    h: &ArrayRef2<T>,
    shape: (usize, usize),
) -> Result<Array2<T>> {
    let (rows, columns) = conv2d::outputs(x, h, conv2d::Mode::Valid)?;
    let product = conjugate(&spectrum2(h, x.dim(), shape)?) * spectrum2(x, x.dim(), shape)?;
    cropped(&product, shape, (rows.len(), columns.len()))
}

/// The gradients by the three spectra that the image y = x ⋆ h is made from, all of them H × W.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectra<T> {
    /// By ŷ: ĝ/n, with n = HW.
    pub output: Array2<Complex<T>>,
    /// By ĥ: x̂ ⊙ conj(ĝ)/n.
    pub kernel: Array2<Complex<T>>,
    /// By x̂: ĥ ⊙ ĝ/n.
    pub input: Array2<Complex<T>>,
}

/// The gradients by the spectra, every bin of each taken for a variable of its own, equation `fft-grad-spectra`.
///
/// `x` is H × W, `h` is K_h × K_w and `g` = ∂L/∂y is P × Q.
///
/// # Errors
/// As [`conv2d::correlate`] for x and h; [`Error::Shape`] if `g` does not have the shape of the outputs.
///
/// # Examples
/// A gradient at one output goes to all frequencies, and to all of them alike:
/// ```
/// use locality::{gradient::fourier::spectra, ndarray::array, num_complex::Complex};
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// let by = spectra(&x, &x, &array![[8.0]])?;
/// assert!(by.output.iter().all(|bin| *bin == Complex::new(2.0, 0.0)));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn spectra<T: Sample<Real = T> + Real>(
    x: &ArrayRef2<T>,
    h: &ArrayRef2<T>,
    g: &ArrayRef2<T>,
) -> Result<Spectra<T>> {
    let (rows, columns) = conv2d::outputs(x, h, conv2d::Mode::Valid)?;
    shaped("g", &[rows.len(), columns.len()], g.shape())?;
    transformable::<T>(&[x.nrows(), x.ncols()])?;
    let whole = |image: &ArrayRef2<T>| dft2(&conv2d::pad(image, x.dim())?.mapv(Complex::from));
    let (x_hat, h_hat, g_hat) = (whole(x)?, whole(h)?, whole(g)?);
    let n = real::<T>(x.len());
    let over_n = |spectrum: Array2<Complex<T>>| spectrum.mapv(|bin| bin.unscale(n));
    Ok(Spectra {
        kernel: over_n(x_hat * conjugate(&g_hat)),
        input: over_n(h_hat * &g_hat),
        output: over_n(g_hat),
    })
}

/// The layer y = [`layer::forward`](x, w, none, default) through transforms of `shape` ≥ (H, W): for
/// every image and filter, the products of all channels are added up before one transform goes back, equation
/// `p2-multichannel`.
///
/// # Errors
/// As [`layer::forward`]; [`Error::TooShort`] if the shape does not hold the image; [`Error::TooLarge`] if it cannot
/// be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::fourier::forward, ndarray::array};
/// let (x, w) = (array![[[[1.0, 2.0, 4.0]], [[8.0, 16.0, 32.0]]]], array![[[[1.0, 1.0]], [[0.0, 1.0]]]]);
/// let error = forward(&x, &w, (1, 3))? - array![[[[19.0, 38.0]]]];
/// assert!(error.iter().all(|e: &f64| e.abs() < 1e-13));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn forward<T: Sample<Real = T> + Real>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    shape: (usize, usize),
) -> Result<Array4<T>> {
    let [images, filters, p, q] =
        layer::output_shape::<T>(x.dim().into(), w.dim().into(), Geometry::default())?;
    let (x_hat, w_hat) = (all_spectra(x, image(x), shape)?, all_spectra(w, image(x), shape)?);
    assembled([images, filters, p, q], shape, |n, o| {
        sum(0..x.len_of(Axis(1)), |c| conjugate(&w_hat[[o, c]]) * &x_hat[[n, c]])
    })
}

/// All gradients of a layer with stride 1 and neither padding nor dilation, through transforms of `shape` ≥ (H, W),
/// equation `p2-multichannel`. What [`spatial::layer`] computes, up to rounding.
///
/// `x` is B × C × H × W, `w` is C_o × C × K_h × K_w, and `g` = ∂L/∂y has the shape of the outputs, B × C_o × P × Q.
/// Every spectrum is computed once and used for all its products.
///
/// # Errors
/// As [`spatial::layer`]; [`Error::TooShort`] if the shape does not hold the image; [`Error::TooLarge`] if it cannot
/// be allocated.
///
/// # Examples
/// ```
/// use locality::{gradient::fourier::layer, ndarray::array};
/// let (x, w) = (array![[[[1.0, 2.0, 3.0]]]], array![[[[5.0, 7.0]]]]);
/// let gradients = layer(&x, &w, &array![[[[1.0, 10.0]]]], (1, 4))?;
/// assert!((gradients.kernel - array![[[[21.0, 32.0]]]]).iter().all(|e: &f64| e.abs() < 1e-13));
/// assert!((gradients.input - array![[[[5.0, 57.0, 70.0]]]]).iter().all(|e: &f64| e.abs() < 1e-13));
/// assert_eq!(gradients.bias, [11.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn layer<T: Sample<Real = T> + Real>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    g: &ArrayRef4<T>,
    shape: (usize, usize),
) -> Result<Gradients<T>> {
    spatial::same_shape(x, w, g, Geometry::default())?;
    let all = |tensor: &ArrayRef4<T>| all_spectra(tensor, image(x), shape);
    let (x_hat, w_hat, g_hat) = (all(x)?, all(w)?, all(g)?);
    let (images, filters) = (x.len_of(Axis(0)), w.len_of(Axis(0)));
    Ok(Gradients {
        kernel: assembled(w.dim().into(), shape, |o, c| {
            sum(0..images, |n| conjugate(&g_hat[[n, o]]) * &x_hat[[n, c]])
        })?,
        input: assembled(x.dim().into(), shape, |n, c| sum(0..filters, |o| &w_hat[[o, c]] * &g_hat[[n, o]]))?,
        bias: spatial::bias(g),
    })
}

/// The length of the input that k taps and p outputs belong to.
fn inputs(k: usize, p: usize) -> Result<usize> {
    non_empty("kernel", k)?;
    non_empty("g", p)?;
    p.checked_add(k - 1).ok_or(Error::TooLarge { what: "input" })
}

/// The bins of a signal on a circle of `m` samples, which must hold `n`.
fn spectrum<T: Sample<Real = T> + Real>(x: &[T], n: usize, m: usize) -> Result<Vec<Complex<T>>> {
    at_least("m", n, m)?;
    transformable::<T>(&[m])?;
    T::spectrum(&conv1d::pad(x, m)?)
}

/// The bins of an image on a torus of `shape`, which must hold `image`.
fn spectrum2<T: Sample<Real = T> + Real>(
    x: &ArrayRef2<T>,
    image: (usize, usize),
    shape: (usize, usize),
) -> Result<Array2<Complex<T>>> {
    at_least("shape.0", image.0, shape.0)?;
    at_least("shape.1", image.1, shape.1)?;
    transformable::<T>(&[shape.0, shape.1])?;
    T::spectrum2(&conv2d::pad(x, shape)?)
}

/// The bins of every plane of a tensor.
fn all_spectra<T: Sample<Real = T> + Real>(
    x: &ArrayRef4<T>,
    image: (usize, usize),
    shape: (usize, usize),
) -> Result<Array2<Array2<Complex<T>>>> {
    let planes = (x.len_of(Axis(0)), x.len_of(Axis(1)));
    let spectra = x.outer_iter().flat_map(|channels| {
        let spectrum = |plane: ndarray::ArrayView2<T>| spectrum2(&plane, image, shape);
        channels.outer_iter().map(spectrum).collect::<Vec<_>>()
    });
    let spectra = spectra.collect::<Result<Vec<_>>>()?;
    Ok(Array2::from_shape_vec(planes, spectra).expect("a spectrum for every plane"))
}

/// The tensor whose planes have the spectra given, each cropped to the shape that the tensor says.
fn assembled<T: Sample<Real = T> + Real>(
    tensor: [usize; 4],
    shape: (usize, usize),
    spectrum: impl Fn(usize, usize) -> Array2<Complex<T>>,
) -> Result<Array4<T>> {
    let mut result = Array4::zeros(tensor);
    for i in 0..tensor[0] {
        for j in 0..tensor[1] {
            let plane = cropped(&spectrum(i, j), shape, (tensor[2], tensor[3]))?;
            result.slice_mut(s![i, j, .., ..]).assign(&plane);
        }
    }
    Ok(result)
}

/// The sum of at least one spectrum.
fn sum<T: Real>(
    range: std::ops::Range<usize>,
    term: impl Fn(usize) -> Array2<Complex<T>>,
) -> Array2<Complex<T>> {
    range.map(term).reduce(|sum, term| sum + term).expect("no axis of a layer is empty")
}

/// The upper left corner of the image that has these bins on a torus of `shape`.
fn cropped<T: Sample<Real = T> + Real>(
    spectrum: &ArrayRef2<Complex<T>>,
    shape: (usize, usize),
    kept: (usize, usize),
) -> Result<Array2<T>> {
    Ok(T::image(spectrum, shape.1)?.slice(s![..kept.0, ..kept.1]).to_owned())
}

/// Every bin conjugated.
fn conjugate<T: Real>(spectrum: &ArrayRef2<Complex<T>>) -> Array2<Complex<T>> {
    spectrum.mapv(|bin| bin.conj())
}

/// The height and width of the images in a tensor.
fn image<T>(x: &ArrayRef4<T>) -> (usize, usize) {
    (x.len_of(Axis(2)), x.len_of(Axis(3)))
}
