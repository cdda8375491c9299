//! Convolution of finite signals, by definition.
//!
//! A signal is a slice: n samples, and zero outside. A kernel is a slice of k taps. [`convolve`] flips the kernel
//! and slides it along the signal; [`correlate`] slides it as it is, which is what a CNN layer does. Neither
//! conjugates.
//!
//! | mode    | keeps                               | length    |
//! |---------|-------------------------------------|-----------|
//! | `Full`  | every output the overlap can make   | n + k − 1 |
//! | `Same`  | the centred n of them               | n         |
//! | `Valid` | those that need no invented samples | n − k + 1 |
//!
//! Nothing here is fast. These loops are what "convolution" means in this crate, and every other implementation is
//! tested against them.

use std::ops::Range;

use crate::Scalar;
use crate::error::{Error, Result, allocatable, at_least, non_empty};

/// Which of the n + k − 1 outputs of a full convolution are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// All n + k − 1 outputs.
    Full,
    /// The n outputs from ⌊(k − 1)/2⌋ on: SciPy's rule, and NumPy's while k ≤ n. For even k, neural-network libraries start one
    /// later when they correlate; see equation `same-offset-even-kernel`.
    Same,
    /// The n − k + 1 outputs for which the kernel lies wholly inside the signal.
    Valid,
}

impl Mode {
    /// The kept outputs, as indices into the full result, for a signal of length `n` and a kernel of length `k`
    /// (equation `conv1d-lengths`).
    ///
    /// # Errors
    /// [`Error::Empty`] if a length is zero; [`Error::KernelTooLarge`] in valid mode if k > n;
    /// [`Error::TooLarge`] if n + k − 1 overflows.
    ///
    /// # Examples
    /// ```
    /// use locality::conv1d::Mode;
    /// assert_eq!(Mode::Full.outputs(5, 3)?, 0..7);
    /// assert_eq!(Mode::Same.outputs(5, 3)?, 1..6);
    /// assert_eq!(Mode::Valid.outputs(5, 3)?, 2..5);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn outputs(self, n: usize, k: usize) -> Result<Range<usize>> {
        non_empty("signal", n)?;
        non_empty("kernel", k)?;
        let full = n.checked_add(k - 1).ok_or(Error::TooLarge { what: "full output" })?;
        match self {
            Self::Full => Ok(0..full),
            Self::Same => Ok((k - 1) / 2..(k - 1) / 2 + n),
            Self::Valid if k > n => Err(Error::KernelTooLarge { kernel: k, signal: n }),
            Self::Valid => Ok(k - 1..n),
        }
    }
}

/// Convolves `x` (length n) with `h` (length k): the kernel is flipped, then slid along the signal.
///
/// y\[i\] = Σⱼ h\[j\] · x\[i − j\], equations `conv1d-full`, `conv1d-same` and `conv1d-valid`.
///
/// # Errors
/// [`Error::Empty`] if either is empty; [`Error::KernelTooLarge`] in valid mode if k > n.
///
/// # Examples
/// ```
/// use locality::conv1d::{Mode, convolve};
/// let y = convolve(&[1.0, 2.0, 0.0, -1.0], &[0.5, 1.0, 0.5], Mode::Full)?;
/// assert_eq!(y, [0.5, 2.0, 2.5, 0.5, -1.0, -0.5]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve<T: Scalar>(x: &[T], h: &[T], mode: Mode) -> Result<Vec<T>> {
    let (n, k) = (x.len(), h.len());
    let output = |i: usize| {
        let mut y = T::zero();
        // The taps j that meet a sample: 0 ≤ i − j < n.
        for j in (i + 1).saturating_sub(n)..k.min(i + 1) {
            y += h[j].clone() * x[i - j].clone();
        }
        y
    };
    Ok(mode.outputs(n, k)?.map(output).collect())
}

/// Correlates `x` (length n) with `h` (length k): the kernel is slid along the signal as it is, not flipped and not
/// conjugated.
///
/// In valid mode y\[i\] = Σⱼ h\[j\] · x\[i + j\], equation `corr1d-valid`: the "convolution" of a CNN. The other
/// modes keep the outputs of `x` convolved with the flipped kernel, equation `corr-conv-flip`.
///
/// # Errors
/// [`Error::Empty`] if either is empty; [`Error::KernelTooLarge`] in valid mode if k > n.
///
/// # Examples
/// ```
/// use locality::conv1d::{Mode, correlate};
/// assert_eq!(correlate(&[1, 2, 4, 8], &[1, 10], Mode::Valid)?, [21, 42, 84]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate<T: Scalar>(x: &[T], h: &[T], mode: Mode) -> Result<Vec<T>> {
    let (n, k) = (x.len(), h.len());
    let output = |i: usize| {
        let mut y = T::zero();
        // Tap j meets sample i + j − (k − 1), if there is one.
        for j in (k - 1).saturating_sub(i)..k.min(n + k - 1 - i) {
            y += h[j].clone() * x[i + j - (k - 1)].clone();
        }
        y
    };
    Ok(mode.outputs(n, k)?.map(output).collect())
}

/// Convolves around a circle of `m` samples: both signals are padded with zeros to length m, and indices wrap.
///
/// y\[i\] = Σⱼ h\[j\] · x\[(i − j) mod m\], equation `circ-conv-def`. Length m.
///
/// # Errors
/// [`Error::Empty`] if either is empty; [`Error::TooShort`] if m is less than either length;
/// [`Error::TooLarge`] if m samples cannot be allocated.
///
/// # Examples
/// Output 0 of a circle that is one sample short of the full length receives the output that fell off the end:
/// ```
/// use locality::conv1d::{Mode, convolve, convolve_circular};
/// let (x, h) = ([1, 2, 4], [1, 10]);
/// assert_eq!(convolve(&x, &h, Mode::Full)?, [1, 12, 24, 40]);
/// assert_eq!(convolve_circular(&x, &h, 3)?, [41, 12, 24]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn convolve_circular<T: Scalar>(x: &[T], h: &[T], m: usize) -> Result<Vec<T>> {
    let x = on_circle(x, h, m)?;
    Ok((0..m).map(|i| inner(h, |j| x[(i + m - j) % m].clone())).collect())
}

/// Correlates around a circle of `m` samples: both signals are padded with zeros to length m, and indices wrap.
///
/// y\[i\] = Σⱼ h\[j\] · x\[(i + j) mod m\], equation `circ-corr-theorem`. Length m.
///
/// # Errors
/// [`Error::Empty`] if either is empty; [`Error::TooShort`] if m is less than either length;
/// [`Error::TooLarge`] if m samples cannot be allocated.
///
/// # Examples
/// ```
/// use locality::conv1d::correlate_circular;
/// assert_eq!(correlate_circular(&[1, 2, 4], &[1, 10], 3)?, [21, 42, 14]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn correlate_circular<T: Scalar>(x: &[T], h: &[T], m: usize) -> Result<Vec<T>> {
    let x = on_circle(x, h, m)?;
    Ok((0..m).map(|i| inner(h, |j| x[(i + j) % m].clone())).collect())
}

/// The signal on a circle of m samples, after checking that both fit.
fn on_circle<T: Scalar>(x: &[T], h: &[T], m: usize) -> Result<Vec<T>> {
    non_empty("signal", x.len())?;
    non_empty("kernel", h.len())?;
    at_least("m", x.len().max(h.len()), m)?;
    pad(x, m)
}

/// Σⱼ h[j] · sample(j).
fn inner<T: Scalar>(h: &[T], sample: impl Fn(usize) -> T) -> T {
    let mut sum = T::zero();
    for (j, tap) in h.iter().enumerate() {
        sum += tap.clone() * sample(j);
    }
    sum
}

/// Reverses a signal: (Jx)\[i\] = x\[n − 1 − i\], equation `flip-involution`.
///
/// # Examples
/// ```
/// assert_eq!(locality::conv1d::flip(&[1, 2, 3]), [3, 2, 1]);
/// ```
pub fn flip<T: Clone>(x: &[T]) -> Vec<T> {
    x.iter().rev().cloned().collect()
}

/// Appends zeros up to length `m`: the E of equation `pad-crop-adjoint`. Its adjoint is cropping, `&y[..n]`.
///
/// # Errors
/// [`Error::TooShort`] if m < n; [`Error::TooLarge`] if m samples cannot be allocated.
///
/// # Examples
/// ```
/// assert_eq!(locality::conv1d::pad(&[1, 2], 4)?, [1, 2, 0, 0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn pad<T: Scalar>(x: &[T], m: usize) -> Result<Vec<T>> {
    at_least("m", x.len(), m)?;
    allocatable::<T>("padded signal", &[m])?;
    let mut padded = x.to_vec();
    padded.resize(m, T::zero());
    Ok(padded)
}
