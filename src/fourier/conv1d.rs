//! 1-D convolution through the Fourier transform: pad, transform, multiply, transform back, crop.

use super::{Sample, alias_free, transformable};
use crate::conv1d::{Mode, flip, pad};
use crate::error::{Result, at_least, non_empty};

/// Convolves `x` (length n) with `h` (length k) through the transform; the outputs of
/// [`conv1d::convolve`](crate::conv1d::convolve), up to rounding.
///
/// The transform is as long as the mode needs and no longer: n + k − 1 samples for all outputs (equation
/// `fft-linear-padding`), n for the valid ones (`fft-valid-crop`), n + ⌈(k − 1)/2⌉ for the centred ones
/// (`fft-same-crop`). Rounding spreads over all outputs: the error of each is bounded by the size of the *whole*
/// signal (`fft-roundoff-bound`), not by its own.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty;
/// [`Error::KernelTooLarge`](crate::Error::KernelTooLarge) in valid mode if k > n.
///
/// # Examples
/// ```
/// use locality::fourier::conv1d::convolve;
/// use locality::conv1d::Mode;
/// let y = convolve(&[1.0, 2.0, 0.0, -1.0], &[0.5, 1.0, 0.5], Mode::Full)?;
/// approx::assert_abs_diff_eq!(&y[..], &[0.5, 2.0, 2.5, 0.5, -1.0, -0.5][..], epsilon = 1e-15);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve<S: Sample>(x: &[S], h: &[S], mode: Mode) -> Result<Vec<S>> {
    let kept = mode.outputs(x.len(), h.len())?;
    let m = alias_free(x.len(), h.len(), &kept);
    Ok(convolve_circular(x, h, m)?.drain(kept).collect())
}

/// Correlates `x` (length n) with `h` (length k) through the transform; the outputs of
/// [`conv1d::correlate`](crate::conv1d::correlate), up to rounding. No conjugation of `h`.
///
/// # Errors
/// As [`convolve`].
///
/// # Examples
/// ```
/// use locality::fourier::conv1d::correlate;
/// use locality::conv1d::Mode;
/// let y = correlate(&[1.0, 2.0, 4.0, 8.0], &[1.0, 10.0], Mode::Valid)?;
/// approx::assert_abs_diff_eq!(&y[..], &[21.0, 42.0, 84.0][..], epsilon = 1e-13);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate<S: Sample>(x: &[S], h: &[S], mode: Mode) -> Result<Vec<S>> {
    convolve(x, &flip(h), mode)
}

/// Convolves around a circle of `m` samples: x̂ ⊙ ĥ, transformed back, equation `circ-conv-theorem`. Length m.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) if either is empty; [`Error::TooShort`](crate::Error::TooShort) if m is
/// less than either length; [`Error::TooLarge`](crate::Error::TooLarge) if it cannot be allocated.
///
/// # Examples
/// ```
/// use locality::fourier::conv1d::convolve_circular;
/// let y = convolve_circular(&[1.0, 2.0, 4.0], &[1.0, 10.0], 3)?;
/// approx::assert_abs_diff_eq!(&y[..], &[41.0, 12.0, 24.0][..], epsilon = 1e-13);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve_circular<S: Sample>(x: &[S], h: &[S], m: usize) -> Result<Vec<S>> {
    non_empty("signal", x.len())?;
    non_empty("kernel", h.len())?;
    at_least("m", x.len().max(h.len()), m)?;
    transformable::<S::Real>(&[m])?;
    let mut product = S::spectrum(&pad(x, m)?)?;
    let kernel = S::spectrum(&pad(h, m)?)?;
    product.iter_mut().zip(&kernel).for_each(|(bin, tap)| *bin = *bin * tap);
    S::signal(&product, m)
}

/// Correlates around a circle of `m` samples; correlation is convolution with the kernel reversed around index 0,
/// equation `circ-corr-theorem`. Length m.
///
/// # Errors
/// As [`convolve_circular`].
///
/// # Examples
/// ```
/// use locality::fourier::conv1d::correlate_circular;
/// let y = correlate_circular(&[1.0, 2.0, 4.0], &[1.0, 10.0], 3)?;
/// approx::assert_abs_diff_eq!(&y[..], &[21.0, 42.0, 14.0][..], epsilon = 1e-13);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate_circular<S: Sample>(x: &[S], h: &[S], m: usize) -> Result<Vec<S>> {
    let mut y = convolve_circular(x, &flip(h), m)?;
    // The flip put tap k − 1 at index 0, so everything arrives k − 1 samples late.
    y.rotate_left(h.len() - 1);
    Ok(y)
}
