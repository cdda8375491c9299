//! The transforms that are counted: textbook radix 2, and split radix for complex numbers, real ones, and real images.
//!
//! They are written to be read and counted. To compute, use [`fourier`](crate::fourier).
//!
//! A transform of length N falls into one of half the length, of the even samples, and two of a quarter, of the samples
//! 1, 5, 9, … and 3, 7, 11, …. Only the two quarters are turned, by ωᵏ and ω³ᵏ, and then multiplied by ±1 and ±i, which
//! costs nothing.

use ndarray::{Array2, ArrayRef2, Axis};
use num_complex::Complex;
use num_traits::{FromPrimitive, Num};

use super::Product;
use crate::Scalar;
use crate::error::{Error, Result, non_empty};
use crate::scalar::RootOfUnity;

/// A real number that transforms can be computed with: `f64`, or one that counts.
pub trait Part: Scalar + Num + Copy + FromPrimitive {}
impl<T: Scalar + Num + Copy + FromPrimitive> Part for T {}

/// The textbook transform of 2ᵗ numbers: two of half the length, and N/2 products. Over `Counted<Complex<f64>>` it counts
/// (N/2) log₂ N complex products, equation `fft-count-article`; those by 1 are among them.
///
/// # Errors
/// [`Error::Empty`]; [`Error::Length`] with the next power of two, if the length is none.
///
/// # Examples
/// ```
/// use locality::cost::split_radix::radix2;
/// use locality::num_complex::Complex;
/// use locality::probe::{Counted, count};
/// let x = [1.0, 2.0, 3.0, 4.0].map(|part| Counted::constant(Complex::new(part, 0.0)));
/// let (bins, operations) = count(|| radix2(&x));
/// assert_eq!(bins?[0].value().re, 10.0);
/// assert_eq!(operations.multiplications, 4);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn radix2<T: RootOfUnity + Copy>(x: &[T]) -> Result<Vec<T>> {
    let n = power_of_two(x.len())?;
    if n == 1 {
        return Ok(x.to_vec());
    }
    let (even, odd) = (radix2(&every(x, 2, 0))?, radix2(&every(x, 2, 1))?);
    let mut bins = vec![T::zero(); n];
    for k in 0..n / 2 {
        let turned = T::root_of_unity(n, k)? * odd[k];
        bins[k] = even[k] + turned;
        bins[k + n / 2] = even[k] - turned;
    }
    Ok(bins)
}

/// The split-radix transform of 2ᵗ complex numbers.
///
/// # Errors
/// As [`radix2`].
///
/// # Examples
/// ```
/// use locality::cost::{Product, split_radix::complex};
/// use locality::num_complex::Complex;
/// let bins = complex(&[Complex::new(1.0, 0.0), Complex::new(3.0, 0.0)], Product::Three)?;
/// assert_eq!(bins, [Complex::new(4.0, 0.0), Complex::new(-2.0, 0.0)]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn complex<T: Part>(x: &[Complex<T>], product: Product) -> Result<Vec<Complex<T>>> {
    let n = power_of_two(x.len())?;
    match *x {
        [x] => return Ok(vec![x]),
        [a, b] => return Ok(vec![a + b, a - b]),
        _ => {}
    }
    let even = complex(&every(x, 2, 0), product)?;
    let (first, third) = (complex(&every(x, 4, 1), product)?, complex(&every(x, 4, 3), product)?);
    let mut bins = vec![zero(); n];
    for k in 0..n / 4 {
        let (a, b) = (turned(first[k], n, k, product)?, turned(third[k], n, 3 * k, product)?);
        let (sum, difference) = (a + b, quarter_turned(a - b));
        bins[k] = even[k] + sum;
        bins[k + n / 2] = even[k] - sum;
        bins[k + n / 4] = even[k + n / 4] + difference;
        bins[k + 3 * n / 4] = even[k + n / 4] - difference;
    }
    Ok(bins)
}

/// The split-radix transform of 2ᵗ real numbers: bins 0 … N/2, of which the first and the last are real. The others are
/// conjugates of these.
///
/// # Errors
/// As [`radix2`].
///
/// # Examples
/// ```
/// use locality::cost::{Product, split_radix::real};
/// use locality::num_complex::Complex;
/// let bins = real(&[1.0, 2.0, 3.0, 5.0], Product::Three)?;
/// assert_eq!(bins, [Complex::new(11.0, 0.0), Complex::new(-2.0, 3.0), Complex::new(-3.0, 0.0)]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn real<T: Part>(x: &[T], product: Product) -> Result<Vec<Complex<T>>> {
    let n = power_of_two(x.len())?;
    match *x {
        [x] => return Ok(vec![Complex::from(x)]),
        [a, b] => return Ok(vec![Complex::from(a + b), Complex::from(a - b)]),
        _ => {}
    }
    let even = real(&every(x, 2, 0), product)?;
    let (first, third) = (real(&every(x, 4, 1), product)?, real(&every(x, 4, 3), product)?);
    let mut bins = vec![zero(); n / 2 + 1];
    let (sum, difference) = (first[0].re + third[0].re, first[0].re - third[0].re);
    bins[0] = Complex::from(even[0].re + sum);
    bins[n / 2] = Complex::from(even[0].re - sum);
    bins[n / 4] = Complex::new(even[n / 4].re, -difference);
    for k in 1..=n / 8 {
        if 8 * k == n {
            // The last bins of the two quarters are real, and so is half of what an eighth of a turn does to them.
            let root: T = constant(std::f64::consts::FRAC_1_SQRT_2);
            let (a, b) = (root * first[k].re, root * third[k].re);
            let sum = Complex::new(a - b, -(a + b));
            bins[k] = even[k] + sum;
            bins[n / 2 - k] = (even[k] - sum).conj();
        } else {
            let (a, b) = (turned(first[k], n, k, product)?, turned(third[k], n, 3 * k, product)?);
            let (sum, difference) = (a + b, quarter_turned(a - b));
            // Bin N/4 + k of the even samples, which is not stored: its mirror image is.
            let mirrored = even[n / 4 - k].conj();
            bins[k] = even[k] + sum;
            bins[n / 2 - k] = (even[k] - sum).conj();
            bins[n / 4 + k] = mirrored + difference;
            bins[n / 4 - k] = (mirrored - difference).conj();
        }
    }
    Ok(bins)
}

/// The transform of a real image of M × M pixels, M = 2ᵗ: its rows, then its columns. Of the M/2 + 1 columns of the half
/// spectrum the first and the last are transforms of real numbers.
///
/// # Errors
/// As [`radix2`], for the width; [`Error::Length`] if the image is not square.
///
/// # Examples
/// ```
/// use locality::cost::{Product, split_radix::image};
/// use locality::ndarray::array;
/// let bins = image(&array![[1.0, 2.0], [3.0, 5.0]], Product::Three)?;
/// assert_eq!(bins.mapv(|bin| bin.re), array![[11.0, -3.0], [-5.0, 1.0]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn image<T: Part>(x: &ArrayRef2<T>, product: Product) -> Result<Array2<Complex<T>>> {
    let m = power_of_two(x.ncols())?;
    crate::error::exactly("image's height", m, x.nrows())?;
    let mut spectrum = Array2::from_elem((m, m / 2 + 1), zero());
    for (row, mut bins) in x.rows().into_iter().zip(spectrum.rows_mut()) {
        bins.iter_mut().zip(real(&row.to_vec(), product)?).for_each(|(bin, value)| *bin = value);
    }
    for (v, mut column) in spectrum.axis_iter_mut(Axis(1)).enumerate() {
        let bins = if v == 0 || 2 * v == m {
            let half = real(&column.iter().map(|bin| bin.re).collect::<Vec<_>>(), product)?;
            (0..m).map(|u| if 2 * u <= m { half[u] } else { half[m - u].conj() }).collect()
        } else {
            complex(&column.to_vec(), product)?
        };
        column.iter_mut().zip(bins).for_each(|(bin, value)| *bin = value);
    }
    Ok(spectrum)
}

/// ω_N^k z. Quarter turns cost nothing, odd eighths two products and two additions.
fn turned<T: Part>(z: Complex<T>, n: usize, k: usize, product: Product) -> Result<Complex<T>> {
    let root = Complex::<f64>::root_of_unity(n, k)?;
    let eighths = (8 * (k % n)).is_multiple_of(n).then_some(8 * (k % n) / n);
    Ok(match eighths {
        Some(eighth) => {
            let quarters = (0..eighth / 2).fold(z, |z, _| quarter_turned(z));
            if eighth % 2 == 0 { quarters } else { eighth_turned(quarters) }
        }
        None => times(z, root, product),
    })
}

/// −i z.
fn quarter_turned<T: Part>(z: Complex<T>) -> Complex<T> {
    Complex::new(z.im, -z.re)
}

/// ω₈ z = (1 − i) z / √2.
fn eighth_turned<T: Part>(z: Complex<T>) -> Complex<T> {
    let root: T = constant(std::f64::consts::FRAC_1_SQRT_2);
    Complex::new(root * (z.re + z.im), root * (z.im - z.re))
}

/// A product with a number that is known in advance, sums of its parts included: equation `complex-product-3mult`.
fn times<T: Part>(z: Complex<T>, root: Complex<f64>, product: Product) -> Complex<T> {
    let (a, b) = (z.re, z.im);
    let (c, d): (T, T) = (constant(root.re), constant(root.im));
    match product {
        Product::Four => Complex::new(a * c - b * d, a * d + b * c),
        Product::Three => {
            let (less, more): (T, T) = (constant(root.im - root.re), constant(root.re + root.im));
            let (k1, k2, k3) = (c * (a + b), a * less, b * more);
            Complex::new(k1 - k3, k1 + k2)
        }
    }
}

fn constant<T: FromPrimitive>(value: f64) -> T {
    T::from_f64(value).expect("a float is a number")
}

fn zero<T: Part>() -> Complex<T> {
    Complex::new(T::zero(), T::zero())
}

/// The samples `first`, `first` + `step`, ….
fn every<T: Copy>(x: &[T], step: usize, first: usize) -> Vec<T> {
    x.iter().skip(first).step_by(step).copied().collect()
}

fn power_of_two(n: usize) -> Result<usize> {
    non_empty("signal", n)?;
    if n.is_power_of_two() {
        return Ok(n);
    }
    let expected = n.checked_next_power_of_two().ok_or(Error::TooLarge { what: "signal" })?;
    Err(Error::Length { argument: "signal", expected, given: n })
}
