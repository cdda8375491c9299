//! The discrete Fourier transform behind clear conventions, and convolution through it.
//!
//! **Normalisation.** The forward transform has the kernel e^{−2πi/N} and no factor; the inverse divides by N.
//! `rustfft` and `realfft`, which do the work, normalise neither direction, so the division happens here and
//! nowhere else. **Order.** Bin k of N belongs to frequency k/N; frequency 0 comes first, negative frequencies fill
//! the second half.
//!
//! [`conv1d`] and [`conv2d`] have the names and the meaning of the definitions in [`crate::conv1d`] and
//! [`crate::conv2d`]: same arguments, same outputs, other arithmetic. They accept every [`Sample`]: real ones go
//! through half-length transforms, complex ones through full ones.

pub mod conv1d;
pub mod conv2d;
mod sample;

pub use sample::Sample;

use std::ops::Range;

use ndarray::{Array2, ArrayRef2, Axis};
use num_complex::Complex;
pub use plans::Real;
use rustfft::FftDirection;

use crate::error::{Error, Result, allocatable, non_empty};

/// The spectrum of `x` (length N): x̂\[k\] = Σₙ x\[n\] ω_N^{kn}, equation `dft-def`.
///
/// # Errors
/// [`Error::Empty`] if there are no samples.
///
/// # Examples
/// ```
/// use locality::{fourier, num_complex::Complex};
/// let one = Complex::new(1.0, 0.0);
/// assert_eq!(fourier::dft(&[one, one])?, [one + one, one - one]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn dft<T: Real>(x: &[Complex<T>]) -> Result<Vec<Complex<T>>> {
    transform(x.to_vec(), FftDirection::Forward)
}

/// The signal with spectrum `spectrum` (length N): x\[n\] = (1/N) Σₖ x̂\[k\] ω_N^{−kn}, equation `dft-inverse`.
///
/// # Errors
/// [`Error::Empty`] if there are no bins.
///
/// # Examples
/// ```
/// use locality::{fourier, num_complex::Complex};
/// let x = [Complex::new(1.0, 0.0), Complex::new(0.0, 2.0)];
/// assert_eq!(fourier::inverse_dft(&fourier::dft(&x)?)?, x);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn inverse_dft<T: Real>(spectrum: &[Complex<T>]) -> Result<Vec<Complex<T>>> {
    non_empty("spectrum", spectrum.len())?;
    let n = real::<T>(spectrum.len());
    let mut x = transform(spectrum.to_vec(), FftDirection::Inverse)?;
    x.iter_mut().for_each(|sample| *sample = sample.unscale(n));
    Ok(x)
}

/// The first ⌊N/2⌋ + 1 bins of the spectrum of a real signal (length N); the others are their conjugates, equation
/// `dft-hermitian`.
///
/// # Errors
/// [`Error::Empty`] if there are no samples.
///
/// # Examples
/// ```
/// use locality::{fourier, num_complex::Complex};
/// assert_eq!(fourier::rfft(&[1.0, 2.0, 3.0, 4.0])?[..2], [Complex::new(10.0, 0.0), Complex::new(-2.0, 2.0)]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn rfft<T: Real>(x: &[T]) -> Result<Vec<Complex<T>>> {
    non_empty("signal", x.len())?;
    let plan = T::rfft(x.len());
    let mut spectrum = plan.make_output_vec();
    plan.process(&mut x.to_vec(), &mut spectrum).expect("the plan made the buffers");
    Ok(spectrum)
}

/// The real signal of length `n` whose half spectrum is given.
///
/// The length must be said: ⌊n/2⌋ + 1 bins belong to an even n and to an odd one, equation `irfft-odd-length`. The
/// imaginary parts of the bins 0 and, for even n, n/2 carry nothing and are ignored.
///
/// # Errors
/// [`Error::Empty`] if n is zero; [`Error::Length`] if there are not ⌊n/2⌋ + 1 bins.
///
/// # Examples
/// ```
/// use locality::fourier;
/// assert_eq!(fourier::irfft(&fourier::rfft(&[3.0, 5.0])?, 2)?, [3.0, 5.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn irfft<T: Real>(spectrum: &[Complex<T>], n: usize) -> Result<Vec<T>> {
    non_empty("n", n)?;
    if spectrum.len() != n / 2 + 1 {
        return Err(Error::Length { argument: "spectrum", expected: n / 2 + 1, given: spectrum.len() });
    }
    let mut bins = spectrum.to_vec();
    bins[0].im = T::zero();
    if n.is_multiple_of(2) {
        bins[n / 2].im = T::zero();
    }
    let plan = T::irfft(n);
    let mut x = plan.make_output_vec();
    plan.process(&mut bins, &mut x).expect("lengths and the two real bins were seen to");
    let n = real::<T>(n);
    x.iter_mut().for_each(|sample| *sample = *sample / n);
    Ok(x)
}

/// The spectrum of an image (H × W): x̂\[u, v\] = Σₘ Σₙ x\[m, n\] ω_H^{um} ω_W^{vn}, equation `dft2-def`.
///
/// # Errors
/// [`Error::Empty`] if there are no pixels.
///
/// # Examples
/// ```
/// use locality::{fourier, ndarray::array, num_complex::Complex};
/// let x = array![[1.0, 2.0], [3.0, 4.0]].mapv(|pixel| Complex::new(pixel, 0.0));
/// let spectrum = fourier::dft2(&x)?.mapv(|bin| bin.re);
/// assert_eq!(spectrum, array![[10.0, -2.0], [-4.0, 0.0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn dft2<T: Real>(x: &ArrayRef2<Complex<T>>) -> Result<Array2<Complex<T>>> {
    transform2(x, FftDirection::Forward)
}

/// The image with the given spectrum (H × W), equation `dft2-inverse`; divides by HW.
///
/// # Errors
/// [`Error::Empty`] if there are no bins.
///
/// # Examples
/// ```
/// use locality::{fourier, ndarray::array, num_complex::Complex};
/// let x = array![[1.0, 2.0], [3.0, 4.0]].mapv(|pixel| Complex::new(pixel, 0.0));
/// assert_eq!(fourier::inverse_dft2(&fourier::dft2(&x)?)?, x);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn inverse_dft2<T: Real>(spectrum: &ArrayRef2<Complex<T>>) -> Result<Array2<Complex<T>>> {
    non_empty("spectrum", spectrum.len())?;
    let n = real::<T>(spectrum.len());
    Ok(transform2(spectrum, FftDirection::Inverse)?.mapv(|pixel| pixel.unscale(n)))
}

/// One unnormalised transform, in place.
fn transform<T: Real>(mut x: Vec<Complex<T>>, direction: FftDirection) -> Result<Vec<Complex<T>>> {
    non_empty("signal", x.len())?;
    T::fft(x.len(), direction).process(&mut x);
    Ok(x)
}

/// One unnormalised transform along the rows, then one along the columns: F_H X F_W.
fn transform2<T: Real>(x: &ArrayRef2<Complex<T>>, direction: FftDirection) -> Result<Array2<Complex<T>>> {
    non_empty("image", x.len())?;
    let mut y = x.to_owned();
    for axis in [Axis(1), Axis(0)] {
        let plan = T::fft(y.len_of(axis), direction);
        for mut lane in y.lanes_mut(axis) {
            // A lane may be strided; the transform wants its samples side by side.
            let mut samples = lane.to_vec();
            plan.process(&mut samples);
            lane.assign(&ndarray::aview1(&samples));
        }
    }
    Ok(y)
}

/// A size as a number of the transform's kind.
pub(crate) fn real<T: Real>(n: usize) -> T {
    T::from_usize(n).expect("a size is a number")
}

/// Refuses a transform whose buffers cannot be allocated.
pub(crate) fn transformable<T: Real>(sizes: &[usize]) -> Result<()> {
    allocatable::<Complex<T>>("transform", sizes).map(drop)
}

/// The shortest circle on which the `kept` outputs of n samples and k taps come out right.
///
/// On a circle of m samples output i also receives the full outputs i + m, i + 2m, …: not even the first kept output
/// may receive the last of them all. Then the kept ones fit on the circle too; the kernel must as well.
fn alias_free(n: usize, k: usize, kept: &Range<usize>) -> usize {
    (n + k - 1 - kept.start).max(k)
}
