//! What may be convolved through the Fourier transform: real numbers and complex ones.

use ndarray::{Array2, ArrayRef2, Axis};
use num_complex::Complex;
use rustfft::FftNum;

use super::{Real, dft, dft2, inverse_dft, inverse_dft2, irfft, rfft};
use crate::Scalar;
use crate::error::{Result, exactly, non_empty};
use crate::probe::Counted;

/// A kind of sample with a way into the frequency domain and back.
///
/// A real signal keeps half of its spectrum, because the other half repeats it (equation `dft-hermitian`); a complex
/// one keeps all of it. Products bin by bin mean the same in both, which is all that convolution needs.
pub trait Sample: Scalar {
    /// The real numbers inside the spectrum.
    type Real: Real;

    /// The bins that determine a signal: all N, or ⌊N/2⌋ + 1 for real samples.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) if there are no samples.
    fn spectrum(signal: &[Self]) -> Result<Vec<Complex<Self::Real>>>;

    /// The signal of length `n` that has the given bins; the inverse of [`spectrum`](Sample::spectrum).
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) if n is zero; [`Error::Length`](crate::Error::Length) if the number of
    /// bins does not fit n.
    fn signal(spectrum: &[Complex<Self::Real>], n: usize) -> Result<Vec<Self>>;

    /// The bins that determine an image: all H × W, or H × (⌊W/2⌋ + 1) for real pixels.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) if there are no pixels.
    fn spectrum2(image: &ArrayRef2<Self>) -> Result<Array2<Complex<Self::Real>>>;

    /// The image of width `width` that has the given bins; the inverse of [`spectrum2`](Sample::spectrum2).
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) if a side is zero; [`Error::Length`](crate::Error::Length) if the
    /// number of bins in a row does not fit the width.
    fn image(spectrum: &ArrayRef2<Complex<Self::Real>>, width: usize) -> Result<Array2<Self>>;
}

macro_rules! samples {
    ($([$($generics:tt)*] $float:ty;)*) => {$(
        impl<$($generics)*> Sample for $float {
            type Real = $float;

            fn spectrum(signal: &[Self]) -> Result<Vec<Complex<$float>>> {
                rfft(signal)
            }

            fn signal(spectrum: &[Complex<$float>], n: usize) -> Result<Vec<Self>> {
                irfft(spectrum, n)
            }

            fn spectrum2(image: &ArrayRef2<Self>) -> Result<Array2<Complex<$float>>> {
                let rows = along_rows(image, image.ncols() / 2 + 1, |row| rfft(row))?;
                along_columns(rows, |column| dft(column))
            }

            fn image(spectrum: &ArrayRef2<Complex<$float>>, width: usize) -> Result<Array2<Self>> {
                fits(spectrum, width, width / 2 + 1)?;
                let rows = along_columns(spectrum.to_owned(), |column| inverse_dft(column))?;
                along_rows(&rows, width, |row| irfft(row, width))
            }
        }
    )*};
}
samples! {
    [] f32;
    [] f64;
    [T: FftNum + Scalar] Counted<T>;
}

impl<T: Real> Sample for Complex<T>
where
    Self: Scalar,
{
    type Real = T;

    fn spectrum(signal: &[Self]) -> Result<Vec<Self>> {
        dft(signal)
    }

    fn signal(spectrum: &[Self], n: usize) -> Result<Vec<Self>> {
        non_empty("n", n)?;
        exactly("spectrum", n, spectrum.len())?;
        inverse_dft(spectrum)
    }

    fn spectrum2(image: &ArrayRef2<Self>) -> Result<Array2<Self>> {
        dft2(image)
    }

    fn image(spectrum: &ArrayRef2<Self>, width: usize) -> Result<Array2<Self>> {
        fits(spectrum, width, width)?;
        inverse_dft2(spectrum)
    }
}

/// Refuses a spectrum that is not of an image of this width, whose rows have so many bins.
fn fits<T>(spectrum: &ArrayRef2<Complex<T>>, width: usize, bins: usize) -> Result<()> {
    non_empty("width", width)?;
    non_empty("spectrum", spectrum.len())?;
    exactly("spectrum", bins, spectrum.ncols())
}

/// Replaces every row by its transform, of length `width`.
fn along_rows<A: Scalar, B: Scalar>(
    x: &ArrayRef2<A>,
    width: usize,
    transform: impl Fn(&[A]) -> Result<Vec<B>>,
) -> Result<Array2<B>> {
    non_empty("image", x.len())?;
    let mut y = Array2::zeros((x.nrows(), width));
    for (from, mut to) in x.rows().into_iter().zip(y.rows_mut()) {
        to.assign(&ndarray::aview1(&transform(&from.to_vec())?));
    }
    Ok(y)
}

/// Replaces every column by its transform, of the same length.
fn along_columns<A: Scalar>(
    mut x: Array2<A>,
    transform: impl Fn(&[A]) -> Result<Vec<A>>,
) -> Result<Array2<A>> {
    for mut column in x.lanes_mut(Axis(0)) {
        let bins = transform(&column.to_vec())?;
        column.assign(&ndarray::aview1(&bins));
    }
    Ok(x)
}
