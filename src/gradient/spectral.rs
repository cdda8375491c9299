//! Spectral weights: a layer whose trained numbers *are* the bins of its kernel's spectrum.
//!
//! The layer is y = Eᵀ Re F⁻¹(conj θ ⊙ x̂). If θ = F E h is the spectrum of K × K taps, this is y = x ⋆ h, and nothing
//! is new. If θ is free, there are as many weights as pixels, and the kernel behind them, w = F⁻¹ θ, may fill the
//! whole image. What separates the two is not the transform but a constraint, Π θ = θ, and [`project`] restores it.
//!
//! Gradients by complex weights follow the convention of [`super::fourier`].

use ndarray::{Array2, ArrayRef2, s};
use num_complex::Complex;

use crate::conv2d::pad;
use crate::error::{Result, at_least, non_empty, shaped};
use crate::fourier::{Real, Sample, dft2, inverse_dft2, irfft, real, rfft, transformable};

/// The spectrum of a kernel on an image of shape (H, W): θ = F E h. Shape H × W.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if the kernel is empty; [`Error::TooShort`](crate::Error::TooShort) if it
/// does not fit into the image; [`Error::TooLarge`](crate::Error::TooLarge) if the spectrum cannot be allocated.
///
/// # Examples
/// One tap in the corner contains all frequencies alike:
/// ```
/// use locality::{gradient::spectral::weights, ndarray::array, num_complex::Complex};
/// assert!(weights(&array![[2.0]], (3, 4))?.iter().all(|bin| *bin == Complex::new(2.0, 0.0)));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn weights<T: Real + Sample>(h: &ArrayRef2<T>, image: (usize, usize)) -> Result<Array2<Complex<T>>> {
    non_empty("kernel", h.len())?;
    at_least("image.0", h.nrows(), image.0)?;
    at_least("image.1", h.ncols(), image.1)?;
    transformable::<T>(&[image.0, image.1])?;
    dft2(&pad(h, image)?.mapv(Complex::from))
}

/// The kernel behind spectral weights: w = Re F⁻¹ θ, as large as the image. Its first K × K taps are Eᵀ w.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if there are no weights.
///
/// # Examples
/// ```
/// use locality::gradient::spectral::{kernel, weights};
/// use locality::ndarray::array;
/// assert_eq!(kernel(&weights(&array![[2.0, 1.0]], (1, 4))?)?, array![[2.0, 1.0, 0.0, 0.0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn kernel<T: Real>(theta: &ArrayRef2<Complex<T>>) -> Result<Array2<T>> {
    Ok(inverse_dft2(theta)?.mapv(|tap| tap.re))
}

/// The first `outputs` = (P, Q) of the circular correlation with the kernel behind `theta`: Eᵀ Re F⁻¹(conj θ ⊙ x̂),
/// equation `fft-forward-cnn`.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if the image is empty; [`Error::Shape`](crate::Error::Shape) if the weights
/// do not have its shape; [`Error::TooShort`](crate::Error::TooShort) if it has fewer pixels than outputs along an
/// axis.
///
/// # Examples
/// ```
/// use locality::gradient::spectral::{forward, weights};
/// use locality::ndarray::array;
/// let x = array![[1.0, 2.0, 4.0, 8.0]];
/// assert_eq!(forward(&x, &weights(&array![[1.0, 10.0]], (1, 4))?, (1, 3))?, array![[21.0, 42.0, 84.0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn forward<T: Real + Sample>(
    x: &ArrayRef2<T>,
    theta: &ArrayRef2<Complex<T>>,
    outputs: (usize, usize),
) -> Result<Array2<T>> {
    shaped("weights", x.shape(), theta.shape())?;
    at_least("image's height", outputs.0, x.nrows())?;
    at_least("image's width", outputs.1, x.ncols())?;
    let y = kernel(&(theta.mapv(|bin| bin.conj()) * dft2(&x.mapv(Complex::from))?))?;
    Ok(y.slice(s![..outputs.0, ..outputs.1]).to_owned())
}

/// The gradient by free spectral weights: ∇L = x̂ ⊙ conj(ĝ)/n, with n = HW; equation `fft-grad-spectra`.
///
/// `x` is H × W, `g` = ∂L/∂y has the shape of the outputs; what is returned is H × W.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooShort`](crate::Error::TooShort) if the image
/// has fewer rows or columns than its outputs' gradient.
///
/// # Examples
/// A single pixel reaches every weight:
/// ```
/// use locality::{gradient::spectral::gradient, ndarray::array, num_complex::Complex};
/// let by = gradient(&array![[4.0, 0.0], [0.0, 0.0]], &array![[1.0]])?;
/// assert!(by.iter().all(|bin| *bin == Complex::new(1.0, 0.0)));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn gradient<T: Real + Sample>(x: &ArrayRef2<T>, g: &ArrayRef2<T>) -> Result<Array2<Complex<T>>> {
    non_empty("image", x.len())?;
    non_empty("g", g.len())?;
    at_least("image's height", g.nrows(), x.nrows())?;
    at_least("image's width", g.ncols(), x.ncols())?;
    let n = real::<T>(x.len());
    let g_hat = dft2(&pad(g, x.dim())?.mapv(Complex::from))?;
    let product = dft2(&x.mapv(Complex::from))? * g_hat.mapv(|bin| bin.conj());
    Ok(product.mapv(|bin| bin.unscale(n)))
}

/// The nearest weights whose kernel has `taps` = (K_h, K_w) and is zero elsewhere: Π θ = F E Eᵀ F⁻¹ θ, equation
/// `p5-projector`. An orthogonal projection.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if there are no weights or no taps;
/// [`Error::TooShort`](crate::Error::TooShort) if there are more taps than weights along an axis.
///
/// # Examples
/// ```
/// use locality::gradient::spectral::{kernel, project, weights};
/// use locality::ndarray::array;
/// let theta = weights(&array![[1.0, 2.0, 3.0, 4.0]], (1, 4))?;
/// assert_eq!(kernel(&project(&theta, (1, 2))?)?, array![[1.0, 2.0, 0.0, 0.0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn project<T: Real>(theta: &ArrayRef2<Complex<T>>, taps: (usize, usize)) -> Result<Array2<Complex<T>>> {
    non_empty("taps", taps.0.min(taps.1))?;
    at_least("weights' height", taps.0, theta.nrows())?;
    at_least("weights' width", taps.1, theta.ncols())?;
    let mut kernel = inverse_dft2(theta)?;
    kernel.slice_mut(s![taps.0.., ..]).fill(Complex::from(T::zero()));
    kernel.slice_mut(s![.., taps.1..]).fill(Complex::from(T::zero()));
    dft2(&kernel)
}

/// The adjoint of [`rfft`] under Re⟨·, ·⟩, for signals of length `n`: N irfft(G/c), equation `adjoint-rfft`. Length n.
///
/// c is 1 for the bins that are their own conjugates, 0 and n/2, and 2 for the others, each of which stands for two.
///
/// # Errors
/// As [`irfft`].
///
/// # Examples
/// ```
/// use locality::{gradient::spectral::rfft_adjoint, num_complex::Complex};
/// assert_eq!(rfft_adjoint(&[Complex::new(1.0, 0.0), Complex::new(0.0, 0.0)], 2)?, [1.0, 1.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn rfft_adjoint<T: Real>(g: &[Complex<T>], n: usize) -> Result<Vec<T>> {
    let halved = |(k, bin): (usize, &Complex<T>)| bin.unscale(stands_for(k, n));
    let x = irfft(&g.iter().enumerate().map(halved).collect::<Vec<_>>(), n)?;
    Ok(x.into_iter().map(|sample| sample * real::<T>(n)).collect())
}

/// The adjoint of [`irfft`] under Re⟨·, ·⟩: c ⊙ rfft(g)/N, equation `adjoint-rfft`: the gradient by half a spectrum, if
/// `g` is the gradient by its signal. Length ⌊N/2⌋ + 1.
///
/// # Errors
/// As [`rfft`].
///
/// # Examples
/// Bin 1 of 3 stands for bin 2 as well, and hears twice as much:
/// ```
/// use locality::{gradient::spectral::irfft_adjoint, num_complex::Complex};
/// let by = irfft_adjoint(&[3.0, 0.0, 0.0])?;
/// assert!((by[0] - Complex::new(1.0, 0.0)).norm() < 1e-15 && (by[1] - Complex::new(2.0, 0.0)).norm() < 1e-15);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn irfft_adjoint<T: Real>(g: &[T]) -> Result<Vec<Complex<T>>> {
    let n = g.len();
    let bins = rfft(g)?.into_iter().enumerate();
    Ok(bins.map(|(k, bin)| bin.scale(stands_for::<T>(k, n) / real::<T>(n))).collect())
}

/// The adjoint of the inverse real transform of an image: c_v ⊙ rfft2(g)/HW, equation `p5-rfft2-preconditioned`. Shape
/// H × (⌊W/2⌋ + 1).
///
/// # Errors
/// As [`Sample::spectrum2`].
///
/// # Examples
/// ```
/// use locality::{gradient::spectral::irfft2_adjoint, ndarray::array};
/// let by = irfft2_adjoint(&array![[8.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])?;
/// assert_eq!(by.mapv(|bin| bin.re), array![[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn irfft2_adjoint<T: Sample<Real = T> + Real>(g: &ArrayRef2<T>) -> Result<Array2<Complex<T>>> {
    let (n, width) = (real::<T>(g.len()), g.ncols());
    let mut bins = T::spectrum2(g)?;
    bins.indexed_iter_mut().for_each(|((_, v), bin)| *bin = bin.scale(stands_for::<T>(v, width) / n));
    Ok(bins)
}

/// How many bins of the whole spectrum a bin of half of it stands for.
fn stands_for<T: Real>(k: usize, n: usize) -> T {
    if k == 0 || n.is_multiple_of(2) && k == n / 2 { T::one() } else { T::one() + T::one() }
}
