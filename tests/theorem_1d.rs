//! Proofs of the chapter "Convolution Theorem": what the discrete Fourier transform is, why it turns circular
//! convolution into a product, and how much padding makes the circular product the linear one.

mod meaning;

use std::f64::consts::TAU;
use std::iter::repeat_n;

use formula::{Symbols, Value};
use locality::conv1d::Mode::{Full, Same, Valid};
use locality::conv1d::{convolve, convolve_circular, correlate_circular, flip, pad};
use locality::fourier::{self, Sample};
use locality::nalgebra::{DMatrix, DVector};
use locality::num_complex::Complex;
use locality::num_traits::Signed;
use locality::rustfft::FftPlanner;
use locality::scalar::RootOfUnity;
use locality::{Result, Scalar, matrix};
use proof::{Draw, GaussianInteger, Number, Proof, S1, norm, powers, printed};

/// A complex number that is rounded.
type C = Complex<f64>;

/// The lengths a transform is tried on: small ones, powers of two and their neighbours, primes.
const D1: &[usize] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 31, 32];

/// The lengths whose roots of unity are Gaussian integers, the longest of them 64 times.
fn exact_lengths() -> impl Iterator<Item = usize> {
    [1, 2].into_iter().chain(repeat_n(4, 64))
}

/// A transform and its inverse.
type Transform<T> = (fn(&[T]) -> Result<Vec<T>>, fn(&[T]) -> Result<Vec<T>>);

/// The fast transform, and the explicit matrix.
const TRANSFORMS: [Transform<C>; 2] =
    [(fourier::dft, fourier::inverse_dft), (times_matrix, times_inverse_matrix)];

/// The explicit matrix over Gaussian integers. It has no division: the inverse is N times too large.
const EXACT: Transform<GaussianInteger> = (times_matrix, times_conjugate_matrix);

/// F x.
fn times_matrix<T: RootOfUnity>(x: &[T]) -> Result<Vec<T>> {
    Ok(times(&matrix::dft(x.len())?, x))
}

/// F⁻¹ x.
fn times_inverse_matrix(x: &[C]) -> Result<Vec<C>> {
    Ok(times(&matrix::inverse_dft(x.len())?, x))
}

/// conj(F) x, which is N F⁻¹ x.
fn times_conjugate_matrix(x: &[GaussianInteger]) -> Result<Vec<GaussianInteger>> {
    Ok(times(&matrix::dft::<GaussianInteger>(x.len())?.map(|entry| entry.conj()), x))
}

/// A x.
fn times<T: Scalar>(a: &DMatrix<T>, x: &[T]) -> Vec<T> {
    (a * DVector::from_column_slice(x)).as_slice().to_vec()
}

/// ω_N^k, from an exponential of its own.
fn root(n: usize, k: i64) -> C {
    C::cis(-TAU * k.rem_euclid(n as i64) as f64 / n as f64)
}

/// ω_N^k for the N that divide 4, from a table.
fn exact_root(n: usize, k: i64) -> GaussianInteger {
    let (one, i) = (GaussianInteger::new(1, 0), GaussianInteger::new(0, 1));
    [one, -i, -one, i][(4 / n as i64 * k).rem_euclid(4) as usize]
}

/// The spectrum by its definition: bin k is the sum of x[n] ω_N^{kn}.
fn defined<T: Scalar>(x: &[T], root: impl Fn(usize, i64) -> T) -> Vec<T> {
    let bin = |k: usize| {
        let terms = x.iter().enumerate().map(|(n, sample)| sample.clone() * root(x.len(), (k * n) as i64));
        terms.fold(T::zero(), |sum, term| sum + term)
    };
    (0..x.len()).map(bin).collect()
}

/// A real or a complex sample: what the fast convolutions take.
trait Measured: Sample<Real = f64> + Draw + Number + Into<C> + Copy {}
impl Measured for f64 {}
impl Measured for C {}

/// The same signal, in complex numbers.
fn complex<S: Into<C> + Copy>(x: &[S]) -> Vec<C> {
    x.iter().map(|&sample| sample.into()).collect()
}

/// The same signal of whole numbers, in floating point.
fn floating(x: &[GaussianInteger]) -> Vec<C> {
    x.iter().map(|sample| C::new(sample.re as f64, sample.im as f64)).collect()
}

/// The products x[n] h[n].
fn product<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    assert_eq!(x.len(), h.len());
    x.iter().zip(h).map(|(a, b)| a.clone() * b.clone()).collect()
}

/// `factor` times x.
fn scaled<T: Scalar>(x: &[T], factor: impl Into<T>) -> Vec<T> {
    let factor = factor.into();
    x.iter().map(|sample| sample.clone() * factor.clone()).collect()
}

/// The conjugate of every sample.
fn conj<T: Signed + Copy>(x: &[Complex<T>]) -> Vec<Complex<T>> {
    x.iter().map(Complex::conj).collect()
}

/// R_s x: every sample s places later on the circle.
fn shifted<T: Copy>(x: &[T], s: i64) -> Vec<T> {
    let n = x.len() as i64;
    (0..n).map(|i| x[(i - s).rem_euclid(n) as usize]).collect()
}

/// R x: the circle walked backwards. Sample 0 stays.
fn reversed<T: Copy>(x: &[T]) -> Vec<T> {
    let n = x.len();
    (0..n).map(|i| x[(n - i) % n]).collect()
}

/// ⟨x, y⟩, conjugated on the left.
fn dot<T: Signed + Copy>(x: &[Complex<T>], y: &[Complex<T>]) -> Complex<T> {
    assert_eq!(x.len(), y.len());
    x.iter()
        .zip(y)
        .map(|(a, b)| a.conj() * b)
        .fold(Complex::new(T::zero(), T::zero()), |sum, term| sum + term)
}

/// Convolution, scattered: sample i and tap k leave their product at i + k.
fn scattered<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    scattered_on_circle(x, h, x.len() + h.len() - 1)
}

/// The same on a circle of m samples.
fn scattered_on_circle<T: Scalar>(x: &[T], h: &[T], m: usize) -> Vec<T> {
    let mut y = vec![T::zero(); m];
    for (i, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            y[(i + k) % m] += tap.clone() * sample.clone();
        }
    }
    y
}

/// Correlation, scattered: sample i and tap k leave their product at lag i − k. The lags run from −(K − 1) to N − 1.
fn correlated<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    let mut y = vec![T::zero(); x.len() + h.len() - 1];
    for (i, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            y[i + (h.len() - 1) - k] += tap.clone() * sample.clone();
        }
    }
    y
}

/// The same on a circle of m samples.
fn correlated_on_circle<T: Scalar>(x: &[T], h: &[T], m: usize) -> Vec<T> {
    let mut y = vec![T::zero(); m];
    for (i, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            y[(i + m - k) % m] += tap.clone() * sample.clone();
        }
    }
    y
}

/// F⁻¹(F E x ⊙ F E h): pad to m, transform, multiply, transform back.
fn multiplied<T: Scalar>((dft, inverse): Transform<T>, x: &[T], h: &[T], m: usize) -> Result<Vec<T>> {
    inverse(&product(&dft(&pad(x, m)?)?, &dft(&pad(h, m)?)?))
}

/// F⁻¹(F E x ⊙ conj(F E h)): the same with the kernel's spectrum conjugated.
fn multiplied_conjugate<T>(
    (dft, inverse): Transform<Complex<T>>,
    x: &[Complex<T>],
    h: &[Complex<T>],
    m: usize,
) -> Result<Vec<Complex<T>>>
where
    T: Signed + Copy,
    Complex<T>: Scalar,
{
    inverse(&product(&dft(&pad(x, m)?)?, &conj(&dft(&pad(h, m)?)?)))
}

/// The places where two signals differ.
fn differences<T: PartialEq>(x: &[T], y: &[T]) -> Vec<usize> {
    assert_eq!(x.len(), y.len());
    (0..x.len()).filter(|&i| x[i] != y[i]).collect()
}

/// `n` random whole numbers from 1 to 10: sums of their products are never zero.
fn positive(proof: &mut Proof, n: usize) -> Vec<f64> {
    proof.signal::<i64>(n).into_iter().map(|sample| sample.abs() as f64 + 1.0).collect()
}

/// Random Gaussian integers without an imaginary part.
fn real_integers(proof: &mut Proof, n: usize) -> Vec<GaussianInteger> {
    proof.signal::<i64>(n).into_iter().map(GaussianInteger::from).collect()
}

/// The scale of an error: 1 + ‖x‖ ‖h‖.
fn scale<S: Number>(x: &[S], h: &[S]) -> f64 {
    1.0 + norm(x) * norm(h)
}

/// Bin k is the sum of x[n] ω_N^{kn}, with a minus in the exponent and no factor. Catches the other sign, a division
/// by N or √N, and bins in another order.
#[test]
fn dft_def() -> Result<()> {
    let mut proof = Proof::numeric("dft-def", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        proof.printed_close(&meaning::samples(&x), 1.0 + norm(&x));
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        proof.printed(&meaning::samples(&x));
    }
    for n in proof.lengths(D1) {
        let real = proof.signal::<f64>(n);
        for x in [complex(&real), proof.signal::<C>(n)] {
            for (dft, _) in TRANSFORMS {
                proof.close(dft(&x)?, defined(&x, root), 1.0 + norm(&x));
            }
        }
        // Real input may keep half of the bins.
        proof.close(fourier::rfft(&real)?, &defined(&complex(&real), root)[..n / 2 + 1], 1.0 + norm(&real));

        // `rustfft` divides in neither direction: there and back again is N x.
        let x = proof.signal::<C>(n);
        let mut there_and_back = x.clone();
        FftPlanner::new().plan_fft_forward(n).process(&mut there_and_back);
        FftPlanner::new().plan_fft_inverse(n).process(&mut there_and_back);
        proof.close(there_and_back, scaled(&x, n as f64), n as f64 * (1.0 + norm(&x)));
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        proof.equal(times_matrix(&x)?, defined(&x, exact_root));
        // Four points need additions only, so the fast transform is exact as well.
        proof.equal(fourier::dft(&floating(&x))?, floating(&defined(&x, exact_root)));
    }
    Ok(())
}

/// Entry (j, k) of the Fourier matrix is ω_N^{jk}: symmetric, of modulus 1, with a border of ones, and not Hermitian
/// from N = 3 on. Catches ω^{j+k}, the other sign, and an angle that grows with jk and loses its digits.
#[test]
fn dft_matrix() -> Result<()> {
    let mut proof = Proof::numeric("dft-matrix", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        proof.printed_close(&meaning::samples(&x), 1.0);
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        proof.printed(&meaning::samples(&x));
    }
    for n in proof.lengths(D1) {
        let f = matrix::dft::<C>(n)?;
        proof.close(&f, DMatrix::from_fn(n, n, |j, k| root(n, (j * k) as i64)), 1.0);
        proof.close(f.map(|entry| entry.norm()), DMatrix::from_element(n, n, 1.0), 1.0);
        proof.equal(&f, f.transpose());
        proof.equal(f.row(0).transpose(), DVector::from_element(n, C::from(1.0)));
        proof.equal(f.column(0).into_owned(), DVector::from_element(n, C::from(1.0)));
        proof.holds((f == f.adjoint()) == (n <= 2));
        // Quarter turns are exact.
        if n.is_multiple_of(4) {
            proof.equal(f[(1, n / 4)], C::new(0.0, -1.0));
        }
        // The largest whole number of turns changes nothing.
        let turns = (usize::MAX / n - 1) * n;
        for k in 0..n {
            proof.close(C::root_of_unity(n, turns + k)?, root(n, k as i64), 1.0);
        }
    }
    for n in [1, 2, 4] {
        let table = DMatrix::from_fn(n, n, |j, k| exact_root(n, (j * k) as i64));
        proof.equal(matrix::dft::<GaussianInteger>(n)?, table);
    }
    Ok(())
}

/// Two different waves on the circle cancel, a wave with itself gives N: F F* = F* F = N I. Catches a root that is
/// not primitive, and a missing conjugate, which gives the reversal in the place of I.
#[test]
fn dft_orthogonality() -> Result<()> {
    let mut proof = Proof::numeric("dft-orthogonality", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        proof.printed_close(&meaning::samples(&x).value("I", meaning::identity(n)), n as f64);
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        proof.printed(&meaning::samples(&x).value("I", meaning::identity(n)));
    }
    for n in proof.lengths(D1) {
        let f = matrix::dft::<C>(n)?;
        let n_identity = DMatrix::identity(n, n) * C::from(n as f64);
        proof.close(&f * f.adjoint(), &n_identity, 1.0 + norm(&f));
        proof.close(f.adjoint() * &f, &n_identity, 1.0 + norm(&f));
        // Bin k of the wave of frequency l, by either transform.
        for l in 0..n {
            let wave = (0..n).map(|i| root(n, -((l * i) as i64))).collect::<Vec<_>>();
            for (dft, _) in TRANSFORMS {
                proof.close(dft(&wave)?, n_identity.column(l).into_owned().as_slice(), 1.0 + norm(&wave));
            }
        }
    }
    for n in [1, 2, 4] {
        let f = matrix::dft::<GaussianInteger>(n)?;
        let adjoint = f.map(|entry| entry.conj()).transpose();
        let n_identity = DMatrix::identity(n, n) * GaussianInteger::from(n as i64);
        proof.equal(&f * &adjoint, &n_identity);
        proof.equal(adjoint * f, n_identity);
    }
    Ok(())
}

/// The inverse runs the waves backwards and divides by N: F⁻¹ = conj(F)/N = F*/N. Catches F/N, which returns the
/// reversed signal, and a division that is missing or done twice.
#[test]
fn dft_inverse() -> Result<()> {
    let mut proof = Proof::numeric("dft-inverse", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        proof.printed_close(&meaning::samples(&x), 1.0 + norm(&x));
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        proof.printed(&meaning::samples(&x));
    }
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        let backwards = defined(&x, |n, k| root(n, -k) / n as f64);
        for (dft, inverse) in TRANSFORMS {
            proof.close(inverse(&x)?, &backwards, 1.0 + norm(&x));
            proof.close(inverse(&dft(&x)?)?, &x, 1.0 + norm(&x));
            proof.close(dft(&inverse(&x)?)?, &x, 1.0 + norm(&x));
        }
        let f = matrix::dft::<C>(n)?;
        proof.close(matrix::inverse_dft(n)?, f.clone().try_inverse().expect("F is invertible"), 1.0);
        proof.close(matrix::inverse_dft(n)?, f.adjoint() / C::from(n as f64), 1.0);
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        let (dft, n_times_inverse) = EXACT;
        proof.equal(n_times_inverse(&dft(&x)?)?, scaled(&x, n as i64));
        for (dft, inverse) in TRANSFORMS {
            proof.equal(inverse(&dft(&floating(&x))?)?, floating(&x));
        }
    }
    Ok(())
}

/// Divided by √N, the transform is unitary: it keeps lengths. Catches every other power of N.
#[test]
fn dft_unitary() -> Result<()> {
    let mut proof = Proof::numeric("dft-unitary", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        proof.printed_close(&meaning::samples(&x).value("I", meaning::identity(n)), 1.0 + norm(&x));
    }
    // √4 is a whole number; a norm need not be.
    for n in [1, 4] {
        let x = [vec![GaussianInteger::new(3, 4)], vec![GaussianInteger::new(0, 0); n - 1]].concat();
        proof.printed(&meaning::samples(&x).value("I", meaning::identity(n)));
    }
    for n in proof.lengths(D1) {
        let u = matrix::dft::<C>(n)? / C::from((n as f64).sqrt());
        proof.close(&u * u.adjoint(), DMatrix::identity(n, n), 1.0 + norm(&u));
        let x = proof.signal::<C>(n);
        for (dft, _) in TRANSFORMS {
            proof.close(norm(dft(&x)?) / (n as f64).sqrt(), norm(&x), 1.0 + norm(&x));
        }
    }
    // √4 is a whole number, and halves are exact.
    let u = matrix::dft::<C>(4)? / C::from(2.0);
    proof.equal(&u * u.adjoint(), DMatrix::identity(4, 4));
    Ok(())
}

/// The inner product of two spectra is N times that of the signals. Catches a normalisation that is not N, and an
/// inner product that forgets to conjugate.
#[test]
fn dft_parseval() -> Result<()> {
    let mut proof = Proof::numeric("dft-parseval", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x).value("y", printed(&h)), scale(&x, &h));
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).value("y", printed(&h)));
    }
    for n in proof.lengths(D1) {
        let real = (complex(&proof.signal::<f64>(n)), complex(&proof.signal::<f64>(n)));
        for (x, y) in [real, (proof.signal::<C>(n), proof.signal::<C>(n))] {
            for (dft, _) in TRANSFORMS {
                proof.close(dot(&dft(&x)?, &dft(&y)?) / n as f64, dot(&x, &y), scale(&x, &y));
                proof.close(norm(dft(&x)?).powi(2) / n as f64, norm(&x).powi(2), scale(&x, &x));
            }
        }
    }
    for n in exact_lengths() {
        let (x, y) = (proof.signal::<GaussianInteger>(n), proof.signal(n));
        proof.equal(dot(&times_matrix(&x)?, &times_matrix(&y)?), dot(&x, &y) * n as i64);
    }
    Ok(())
}

/// Transforming twice walks the circle backwards, four times gives the signal back; index 0 stays, so this is not the
/// flip, which is late by one. Catches whoever takes one reversal for the other.
#[test]
fn dft_square_reversal() -> Result<()> {
    let mut proof = Proof::numeric("dft-square-reversal", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        proof.printed_close(
            &meaning::samples(&x).value("I", meaning::identity(n)).value("R", meaning::reversal(n)),
            (n * n) as f64,
        );
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        proof
            .printed(&meaning::samples(&x).value("I", meaning::identity(n)).value("R", meaning::reversal(n)));
    }
    for n in proof.lengths(D1) {
        let f = matrix::dft::<C>(n)?;
        let r = DMatrix::from_fn(n, n, |i, j| C::from(if (i + j) % n == 0 { 1.0 } else { 0.0 }));
        let length = C::from(n as f64);
        proof.close(&f * &f, &r * length, 1.0 + norm(&f));
        proof.close(&f * &f * &f * &f, DMatrix::identity(n, n) * length * length, 1.0 + norm(&f).powi(2));
        proof.close(f.conjugate(), &f * &r, 1.0 + norm(&f));
        proof.close(f.conjugate(), &r * &f, 1.0 + norm(&f));

        let x = proof.signal::<C>(n);
        proof.equal(times(&r, &x), reversed(&x));
        proof.equal(flip(&x), shifted(&reversed(&x), -1));
        proof.holds((flip(&x) == reversed(&x)) == (n == 1));
        let turned = reversed(&defined(&x, root)).into_iter().enumerate();
        let spectrum_of_flip = turned.map(|(k, bin)| root(n, -(k as i64)) * bin).collect::<Vec<_>>();
        for (dft, _) in TRANSFORMS {
            let twice = scaled(&dft(&dft(&x)?)?, 1.0 / n as f64);
            proof.close(&twice, reversed(&x), 1.0 + norm(&x));
            proof.close(scaled(&dft(&dft(&twice)?)?, 1.0 / n as f64), &x, 1.0 + norm(&x));
            proof.close(dft(&flip(&x))?, &spectrum_of_flip, 1.0 + norm(&x));
        }
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        let twice = times_matrix(&times_matrix(&x)?)?;
        proof.equal(&twice, scaled(&reversed(&x), n as i64));
        proof.equal(times_matrix(&times_matrix(&twice)?)?, scaled(&x, (n * n) as i64));
        proof.equal(times_conjugate_matrix(&x)?, times_matrix(&reversed(&x))?);
        proof.equal(times_conjugate_matrix(&x)?, reversed(&times_matrix(&x)?));
        let turned = reversed(&times_matrix(&x)?).into_iter().enumerate();
        let spectrum_of_flip = turned.map(|(k, bin)| exact_root(n, -(k as i64)) * bin).collect::<Vec<_>>();
        proof.equal(times_matrix(&flip(&x))?, spectrum_of_flip);
    }
    Ok(())
}

/// A delay by s places turns bin k by ω_N^{ks} and changes no magnitude. Catches a shift in the other direction.
#[test]
fn dft_shift() -> Result<()> {
    fn turned<T: Scalar>(spectrum: &[T], s: i64, root: impl Fn(usize, i64) -> T) -> Vec<T> {
        let bins = spectrum.iter().enumerate();
        bins.map(|(k, bin)| root(spectrum.len(), k as i64 * s) * bin.clone()).collect()
    }

    let mut proof = Proof::numeric("dft-shift", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        for s in [0, 1, 2, n - 1] {
            proof.printed_close(&meaning::samples(&x).size("s", s), 1.0 + norm(&x));
        }
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        for s in [0, 1, 2, n - 1] {
            proof.printed(&meaning::samples(&x).size("s", s));
        }
    }
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        for s in [0, 1, 2, n as i64 - 1, -1] {
            for (dft, _) in TRANSFORMS {
                proof.close(dft(&shifted(&x, s))?, turned(&defined(&x, root), s, root), 1.0 + norm(&x));
            }
        }
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        for s in [0, 1, 2, n as i64 - 1, -1] {
            let expected = turned(&defined(&x, exact_root), s, exact_root);
            proof.equal(times_matrix(&shifted(&x, s))?, expected);
        }
    }
    Ok(())
}

/// A signal is real if and only if bin −k is the conjugate of bin k; half of the bins then hold exactly N real
/// numbers. Catches a half spectrum cut one bin too short, and an inverse that reads what a real signal cannot hold.
#[test]
fn dft_hermitian() -> Result<()> {
    let mut proof = Proof::numeric("dft-hermitian", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, z) = (proof.signal::<f64>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x), 1.0 + norm(&x));
        proof.printed_close(&meaning::samples(&z), 1.0 + norm(&z));
    }
    for n in exact_lengths() {
        let (x, z) = (proof.signal::<i64>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x));
        proof.printed(&meaning::samples(&z));
    }
    for n in proof.lengths(D1) {
        let x = proof.signal::<f64>(n);
        let z = proof.signal::<C>(n);
        let imaginary = z.iter().map(|sample| sample.im).collect::<Vec<_>>();
        for (dft, inverse) in TRANSFORMS {
            let spectrum = dft(&complex(&x))?;
            proof.close(reversed(&spectrum), conj(&spectrum), 1.0 + norm(&x));
            proof.close(spectrum[0].im, 0.0, 1.0 + norm(&x));
            if n.is_multiple_of(2) {
                proof.close(spectrum[n / 2].im, 0.0, 1.0 + norm(&x));
            }
            // The other direction, twice: the symmetry fails by as much as the signal is not real …
            let spectrum = dft(&z)?;
            let defect =
                reversed(&spectrum).iter().zip(conj(&spectrum)).map(|(a, b)| a - b).collect::<Vec<_>>();
            proof.close(norm(defect), 2.0 * (n as f64).sqrt() * norm(&imaginary), 1.0 + norm(&z));
            // … and a spectrum made symmetric belongs to a real signal.
            let symmetric = z.iter().zip(reversed(&conj(&z))).map(|(a, b)| a + b).collect::<Vec<_>>();
            let signal = inverse(&symmetric)?;
            let parts = signal.iter().map(|sample| sample.im).collect::<Vec<_>>();
            proof.close(parts, vec![0.0; n], 1.0 + norm(&symmetric));
        }

        // As a map of real numbers, signal to half spectrum, nothing is lost.
        let half = n / 2 + 1;
        let f = matrix::dft::<C>(n)?;
        let stacked =
            DMatrix::from_fn(2 * half, n, |i, j| if i < half { f[(i, j)].re } else { f[(i - half, j)].im });
        proof.equal(stacked.rank(1e-9), n);
        let spectrum = fourier::rfft(&x)?;
        proof.close(&spectrum, &defined(&complex(&x), root)[..half], 1.0 + norm(&x));
        proof.close(fourier::irfft(&spectrum, n)?, &x, 1.0 + norm(&x));

        // Nor is anything more: N real numbers, put into the half spectrum, come back.
        let mut bins = proof.signal::<C>(half);
        bins[0].im = 0.0;
        if n.is_multiple_of(2) {
            bins[n / 2].im = 0.0;
        }
        let signal = fourier::irfft(&bins, n)?;
        proof.close(fourier::rfft(&signal)?, &bins, 1.0 + norm(&bins));
        // What stands in the places that must be zero is not read.
        bins[0].im = 7.0;
        if n.is_multiple_of(2) {
            bins[n / 2].im = -7.0;
        }
        proof.equal(fourier::irfft(&bins, n)?, signal);
    }
    for n in exact_lengths() {
        let spectrum = times_matrix(&real_integers(&mut proof, n))?;
        proof.equal(reversed(&spectrum), conj(&spectrum));
        let z = proof.signal::<GaussianInteger>(n);
        let spectrum = times_matrix(&z)?;
        let real = z.iter().all(|sample| sample.im == 0);
        proof.holds((reversed(&spectrum) == conj(&spectrum)) == real);
    }
    Ok(())
}

/// Reversal goes through the transform as it is, conjugation comes out reversed, and both together become a bare
/// conjugate. Catches a conjugate without its reversal.
#[test]
fn dft_conj_reversal() -> Result<()> {
    let mut proof = Proof::numeric("dft-conj-reversal", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        proof.printed_close(&meaning::samples(&x), 1.0 + norm(&x));
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        proof.printed(&meaning::samples(&x));
    }
    for n in proof.lengths(D1) {
        let x = proof.signal::<C>(n);
        let spectrum = defined(&x, root);
        for (dft, _) in TRANSFORMS {
            proof.close(dft(&reversed(&x))?, reversed(&spectrum), 1.0 + norm(&x));
            proof.close(dft(&conj(&x))?, conj(&reversed(&spectrum)), 1.0 + norm(&x));
            proof.close(dft(&reversed(&conj(&x)))?, conj(&spectrum), 1.0 + norm(&x));
        }
    }
    for n in exact_lengths() {
        let x = proof.signal::<GaussianInteger>(n);
        let spectrum = defined(&x, exact_root);
        proof.equal(times_matrix(&reversed(&x))?, reversed(&spectrum));
        proof.equal(times_matrix(&conj(&x))?, conj(&reversed(&spectrum)));
        proof.equal(times_matrix(&reversed(&conj(&x)))?, conj(&spectrum));
    }
    Ok(())
}

/// Circular convolution wraps its indices, is the circulant matrix times x, commutes, and has the unit δ₀. Catches a
/// transposed circulant, which is correlation, and a kernel shorter than the circle that wraps too early.
#[test]
fn circ_conv_def() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof, x: &[T], h: &[T], m: usize) -> Result<()> {
        let y = convolve_circular(x, h, m)?;
        proof.equal(&y, scattered_on_circle(x, h, m));
        proof.equal(&y, convolve_circular(h, x, m)?);
        proof.equal(convolve_circular(x, &[T::one()], m)?, pad(x, m)?);

        let c = matrix::circulant(h, m)?;
        let taps = pad(h, m)?;
        proof.equal(times(&c, &pad(x, m)?), &y);
        proof.equal(c, DMatrix::from_fn(m, m, |i, j| taps[(i + m - j) % m].clone()));
        Ok(())
    }

    let mut proof = Proof::exact("circ-conv-def");
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).size("M", n).value("h", printed(&h)));
    }
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<i64>(n), proof.signal(n));
        over(&mut proof, &x, &h, n)?;
    }
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        over(&mut proof, &x, &h, x.len())?;
        over(&mut proof, &x, &h, x.len() + 3)?;
    }
    Ok(())
}

/// The spectrum of a circular convolution is the product of the spectra, bin by bin. Catches a conjugated factor, a
/// stray power of N, and a real transform that multiplies bins which do not belong together.
#[test]
fn circ_conv_theorem() -> Result<()> {
    fn over<S: Measured>(proof: &mut Proof, n: usize) -> Result<()> {
        let (x, h) = (proof.signal::<S>(n), proof.signal::<S>(n));
        let scale = scale(&complex(&x), &complex(&h));
        let y = scattered_on_circle(&x, &h, n);
        let bins = product(&defined(&complex(&x), root), &defined(&complex(&h), root));
        for (dft, inverse) in TRANSFORMS {
            proof.close(dft(&complex(&y))?, &bins, scale);
            proof.close(inverse(&bins)?, complex(&y), scale);
        }
        let fast = fourier::conv1d::convolve_circular(&x, &h, n)?;
        proof.close(complex(&fast), complex(&y), scale);
        Ok(())
    }

    let mut proof = Proof::numeric("circ-conv-theorem", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x).value("h", printed(&h)), scale(&x, &h));
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).value("h", printed(&h)));
    }
    for n in proof.lengths(D1) {
        over::<f64>(&mut proof, n)?;
        over::<C>(&mut proof, n)?;
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal(n));
        let y = scattered_on_circle(&x, &h, n);
        proof.equal(times_matrix(&y)?, product(&times_matrix(&x)?, &times_matrix(&h)?));
        proof.equal(fourier::conv1d::convolve_circular(&floating(&x), &floating(&h), n)?, floating(&y));
    }
    Ok(())
}

/// Under the unitary convention the theorem has a factor √N. Catches the theorem copied from one convention into the
/// other.
#[test]
fn circ_conv_theorem_unitary() -> Result<()> {
    let mut proof = Proof::numeric("circ-conv-theorem-unitary", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x).value("h", printed(&h)), scale(&x, &h));
    }
    // √4 is a whole number, and halves are exact.
    for n in [1, 4] {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).value("h", printed(&h)));
    }
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        let y = scattered_on_circle(&x, &h, n);
        let root_n = (n as f64).sqrt();
        for (dft, _) in TRANSFORMS {
            let unitary = |signal: &[C]| Ok(scaled(&dft(signal)?, 1.0 / root_n));
            proof.close(unitary(&y)?, scaled(&product(&unitary(&x)?, &unitary(&h)?), root_n), scale(&x, &h));
        }
    }
    // √4 is a whole number, and halves are exact.
    for _ in 0..64 {
        let (x, h) = (proof.signal::<GaussianInteger>(4), proof.signal(4));
        let unitary = |signal: &[GaussianInteger]| Ok(scaled(&times_matrix(&floating(signal))?, 0.5));
        let y = scattered_on_circle(&x, &h, 4);
        proof.equal(unitary(&y)?, scaled(&product(&unitary(&x)?, &unitary(&h)?), 2.0));
    }
    Ok(())
}

/// The spectrum of a circular correlation is x̂ times ĥ reversed, which for a real kernel is ĥ conjugated; a
/// correlation that conjugates its kernel has conj(ĥ) for any. Catches a product without either.
#[test]
fn circ_corr_theorem() -> Result<()> {
    let mut proof = Proof::numeric("circ-corr-theorem", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x).value("h", printed(&h)), scale(&x, &h));
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).value("h", printed(&h)));
    }
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<f64>(n), proof.signal::<f64>(n));
        let y = correlated_on_circle(&x, &h, n);
        let bins = product(&defined(&complex(&x), root), &conj(&defined(&complex(&h), root)));
        for (dft, _) in TRANSFORMS {
            proof.close(dft(&complex(&y))?, &bins, scale(&x, &h));
        }
        proof.close(fourier::conv1d::correlate_circular(&x, &h, n)?, y, scale(&x, &h));

        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        let y = correlated_on_circle(&x, &h, n);
        let conjugating = correlated_on_circle(&x, &conj(&h), n);
        let (x_bins, h_bins) = (defined(&x, root), defined(&h, root));
        for (dft, _) in TRANSFORMS {
            proof.close(dft(&y)?, product(&x_bins, &reversed(&h_bins)), scale(&x, &h));
            proof.close(dft(&conjugating)?, product(&x_bins, &conj(&h_bins)), scale(&x, &h));
        }
        proof.close(fourier::conv1d::correlate_circular(&x, &h, n)?, y, scale(&x, &h));
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal(n));
        let y = correlated_on_circle(&x, &h, n);
        proof.equal(correlate_circular(&x, &h, n)?, &y);
        proof.equal(times_matrix(&y)?, product(&times_matrix(&x)?, &reversed(&times_matrix(&h)?)));
        let h = real_integers(&mut proof, n);
        let y = correlate_circular(&x, &h, n)?;
        proof.equal(times_matrix(&y)?, product(&times_matrix(&x)?, &conj(&times_matrix(&h)?)));
    }
    // A kernel shorter than the circle.
    for (x, h) in proof.pairs::<f64>(S1) {
        for m in [x.len(), x.len() + 3] {
            let y = correlated_on_circle(&x, &h, m);
            proof.close(correlate_circular(&x, &h, m)?, &y, scale(&x, &h));
            proof.close(fourier::conv1d::correlate_circular(&x, &h, m)?, &y, scale(&x, &h));
        }
    }
    Ok(())
}

/// For a kernel that is not real, the conjugate spectrum gives the correlation with the conjugate kernel, which is
/// another signal. Catches the rule for real kernels, used where it does not hold.
#[test]
fn corr_conj_complex_kernel() -> Result<()> {
    let mut proof = Proof::refuted("corr-conj-complex-kernel", 1e-1);
    // As printed.
    for n in proof.lengths(D1) {
        let x = (1..=n).map(|sample| C::from(sample as f64)).collect::<Vec<_>>();
        let h = pad(&[C::new(0.0, 1.0)], n)?;
        proof.printed_close(&meaning::samples(&x).value("h", printed(&h)), scale(&x, &h));
    }
    // The kernel i δ₀ multiplies by i, its conjugate by −i. Four points first, where every number is exact.
    for n in [&[4], D1].concat() {
        let x = (1..=n).map(|sample| C::from(sample as f64)).collect::<Vec<_>>();
        let h = pad(&[C::new(0.0, 1.0)], n)?;
        for transform in TRANSFORMS {
            let y = multiplied_conjugate(transform, &x, &h, n)?;
            if n == 4 {
                proof.equal(&y, correlate_circular(&x, &conj(&h), n)?);
            }
            proof.separated(y, correlate_circular(&x, &h, n)?);
        }
    }
    for _ in 0..64 {
        let (x, h) = (proof.signal::<GaussianInteger>(4), proof.signal::<GaussianInteger>(4));
        let four_y = multiplied_conjugate(EXACT, &x, &h, 4)?;
        proof.equal(&four_y, scaled(&correlate_circular(&x, &conj(&h), 4)?, 4));
        proof.separated(four_y, scaled(&correlate_circular(&x, &h, 4)?, 4));
    }
    Ok(())
}

/// The other way round: a product of signals is a circular convolution of spectra, divided by N. Catches a missing
/// division.
#[test]
fn circ_product_dual() -> Result<()> {
    let mut proof = Proof::numeric("circ-product-dual", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x).value("h", printed(&h)), scale(&x, &h));
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).value("h", printed(&h)));
    }
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        let bins = scattered_on_circle(&defined(&x, root), &defined(&h, root), n);
        for (dft, _) in TRANSFORMS {
            proof.close(dft(&product(&x, &h))?, scaled(&bins, 1.0 / n as f64), scale(&x, &h));
        }
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal(n));
        let bins = convolve_circular(&times_matrix(&x)?, &times_matrix(&h)?, n)?;
        proof.equal(scaled(&times_matrix(&product(&x, &h))?, n as i64), bins);
    }
    Ok(())
}

/// The Fourier matrix diagonalises every circulant matrix: the kernel's spectrum on the diagonal, the columns of
/// conj(F) as eigenvectors. Catches F and F⁻¹ exchanged, which gives the transpose.
#[test]
fn circulant_diag() -> Result<()> {
    let mut proof = Proof::numeric("circulant-diag", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x).value("h", printed(&h)), scale(&x, &h));
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).value("h", printed(&h)));
    }
    for n in proof.lengths(D1) {
        let (f, inverse) = (matrix::dft::<C>(n)?, matrix::inverse_dft::<f64>(n)?);
        let diagonal = |bins: &[C]| DMatrix::from_diagonal(&DVector::from_column_slice(bins));
        let real = (complex(&proof.signal::<f64>(n)), complex(&proof.signal::<f64>(n)));
        for (h, g) in [real.clone(), (proof.signal::<C>(n), proof.signal::<C>(n))] {
            let (c, d) = (matrix::circulant(&h, n)?, matrix::circulant(&g, n)?);
            let bins = defined(&h, root);
            proof.close(&c, &inverse * diagonal(&bins) * &f, 1.0 + norm(&h));
            proof.close(&c * f.conjugate(), f.conjugate() * diagonal(&bins), 1.0 + norm(&h) * norm(&f));
            proof.close(c.transpose(), &inverse * diagonal(&reversed(&bins)) * &f, 1.0 + norm(&h));
            proof.close(&c * &d, &d * &c, scale(&h, &g));
            proof.close(&c * &d, matrix::circulant(&scattered_on_circle(&h, &g, n), n)?, scale(&h, &g));
            proof.close(times(&c.transpose(), &g), correlated_on_circle(&g, &h, n), scale(&h, &g));
        }
        let (h, _) = real;
        let conjugate = conj(&defined(&h, root));
        let transpose = matrix::circulant(&h, n)?.transpose();
        proof.close(transpose, &inverse * diagonal(&conjugate) * &f, 1.0 + norm(&h));
    }
    for n in exact_lengths() {
        let f = matrix::dft::<GaussianInteger>(n)?;
        let n_times_inverse = f.map(|entry| entry.conj());
        let h = proof.signal::<GaussianInteger>(n);
        let c = matrix::circulant(&h, n)?;
        let diagonal = |bins: &[GaussianInteger]| DMatrix::from_diagonal(&DVector::from_column_slice(bins));
        let bins = times_matrix(&h)?;
        proof.equal(&c * GaussianInteger::from(n as i64), &n_times_inverse * diagonal(&bins) * &f);
        proof.equal(&c * &n_times_inverse, &n_times_inverse * diagonal(&bins));
        let transposed = &n_times_inverse * diagonal(&reversed(&bins)) * &f;
        proof.equal(c.transpose() * GaussianInteger::from(n as i64), transposed);
    }
    for n in proof.lengths(D1) {
        let (h, g) = (proof.signal::<i64>(n), proof.signal::<i64>(n));
        let (c, d) = (matrix::circulant(&h, n)?, matrix::circulant(&g, n)?);
        proof.equal(&c * &d, &d * &c);
        proof.equal(&c * &d, matrix::circulant(&convolve_circular(&h, &g, n)?, n)?);
        proof.equal(times(&c.transpose(), &g), correlate_circular(&g, &h, n)?);
    }
    Ok(())
}

/// On a circle of M samples, the full convolution is cut into pieces of length M and the pieces are added. Catches a
/// crop in the place of a wrap, for every M up to more than enough.
#[test]
fn circ_periodisation() -> Result<()> {
    let mut proof = Proof::exact("circ-periodisation");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let (n, k) = (x.len(), h.len());
        for m in (n - 1).max(1)..=n + k + 1 {
            proof.printed(&meaning::signal(&x, &h).size("M", m));
        }
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let full = scattered(&x, &h);
        for m in x.len().max(h.len())..=x.len() + h.len() + 2 {
            let mut folded = vec![0; m];
            for (n, y) in full.iter().enumerate() {
                folded[n % m] += y;
            }
            proof.equal(convolve_circular(&x, &h, m)?, &folded);
            proof.equal(convolve_circular(&h, &x, m)?, &folded);
        }
    }
    Ok(())
}

/// N + K − 1 samples are enough for the circular product to be the linear convolution, followed by zeros. Catches
/// every shorter padding, and a transform that is right only for powers of two.
#[test]
fn fft_linear_padding() -> Result<()> {
    fn over<S: Measured>(proof: &mut Proof) -> Result<()> {
        for (n, k) in proof.sizes(S1) {
            let (x, h) = (complex(&proof.signal::<S>(n)), complex(&proof.signal::<S>(k)));
            let full = scattered(&x, &h);
            for m in [n + k - 1, n + k, (n + k - 1).next_power_of_two()] {
                for transform in TRANSFORMS {
                    proof.close(multiplied(transform, &x, &h, m)?, pad(&full, m)?, scale(&x, &h));
                }
            }
        }
        for (n, k) in proof.sizes(S1) {
            let (x, h) = (proof.signal::<S>(n), proof.signal::<S>(k));
            let scale = scale(&complex(&x), &complex(&h));
            let full = complex(&scattered(&x, &h));
            for m in [n + k - 1, n + k, (n + k - 1).next_power_of_two()] {
                let fast = fourier::conv1d::convolve_circular(&x, &h, m)?;
                proof.close(complex(&fast), pad(&full, m)?, scale);
            }
            proof.close(complex(&fourier::conv1d::convolve(&x, &h, Full)?), &full, scale);
            proof.close(complex(&fourier::conv1d::convolve(&h, &x, Full)?), &full, scale);
        }
        Ok(())
    }

    let mut proof = Proof::numeric("fft-linear-padding", 1e-12);
    // As printed.
    for (x, h) in proof.pairs::<C>(S1) {
        let (n, k) = (x.len(), h.len());
        for m in (n + k - 2).max(1)..=n + k + 1 {
            let symbols = meaning::signal(&x, &h).size("M", m).value("E", meaning::padding(&[m]));
            proof.printed_close(&symbols, scale(&x, &h));
        }
    }
    for (n, k) in [(1, 4), (2, 3), (3, 2), (4, 1), (2, 2), (4, 4)] {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(k));
        proof.printed(&meaning::signal(&x, &h).size("M", 4).value("E", meaning::padding(&[4])));
    }
    over::<f64>(&mut proof)?;
    over::<C>(&mut proof)?;
    for (n, k) in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1)] {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(k));
        let four_y = multiplied(EXACT, &x, &h, 4)?;
        proof.equal(four_y, scaled(&pad(&scattered(&x, &h), 4)?, 4));
    }
    Ok(())
}

/// With M < N + K − 1 exactly the first N + K − 1 − M outputs are wrong, and output n is wrong by what belongs to
/// n + M. Catches whoever looks for the damage at the end, or miscounts it by one.
#[test]
fn fft_alias_exact() -> Result<()> {
    let mut proof = Proof::exact("fft-alias-exact");
    // As printed.
    for (n, k) in proof.sizes(S1) {
        let positive = |sample: i64| sample.abs() + 1;
        let x = proof.signal::<i64>(n).into_iter().map(positive).collect::<Vec<_>>();
        let h = proof.signal::<i64>(k).into_iter().map(positive).collect::<Vec<_>>();
        for m in (n - 1).max(1)..=n + k {
            proof.printed(&meaning::signal(&x, &h).size("M", m));
        }
    }
    for (n, k) in proof.sizes(S1) {
        // Sums of products of powers of 2 and 3 are positive: no error can cancel.
        let (x, h) = (powers(2, n), powers(3, k));
        let full = scattered(&x, &h);
        for m in n.max(k)..n + k - 1 {
            let circular = convolve_circular(&x, &h, m)?;
            let wrong = n + k - 1 - m;
            proof.equal(differences(&circular, &full[..m]), (0..wrong).collect::<Vec<_>>());
            for i in 0..wrong {
                proof.equal(circular[i] - full[i], full[i + m]);
            }
        }
        // At M = N, which is all that an unpadded signal has, these are the first K − 1.
        let circular = convolve_circular(&x, &h, n)?;
        proof.equal(differences(&circular, &full[..n]), (0..k - 1).collect::<Vec<_>>());

        // The fast product wraps in the same way. Its outputs are whole numbers up to rounding.
        let (x, h) = (positive(&mut proof, n), positive(&mut proof, k));
        for m in n.max(k)..n + k {
            let fast = fourier::conv1d::convolve_circular(&x, &h, m)?;
            let rounded = fast.iter().map(|y| y.round()).collect::<Vec<_>>();
            let wrong = (0..n + k - 1 - m).collect::<Vec<_>>();
            proof.equal(differences(&rounded, &scattered(&x, &h)[..m]), wrong);
        }
    }
    Ok(())
}

/// The valid outputs need no padding of the signal at all: they stand at K − 1 and after in a product of length N.
/// Catches a crop from 0, which keeps the aliased ones.
#[test]
fn fft_valid_crop() -> Result<()> {
    fn over<S: Measured>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<S>(S1) {
            let (n, k) = (x.len(), h.len());
            let scale = scale(&complex(&x), &complex(&h));
            let valid = complex(&scattered(&x, &h)[k - 1..n]);
            for transform in TRANSFORMS {
                let y = multiplied(transform, &complex(&x), &complex(&h), n)?;
                proof.close(&y[k - 1..], &valid, scale);
            }
            let circular = fourier::conv1d::convolve_circular(&x, &h, n)?;
            proof.close(complex(&circular[k - 1..]), &valid, scale);
            proof.close(complex(&fourier::conv1d::convolve(&x, &h, Valid)?), &valid, scale);
        }
        Ok(())
    }

    let mut proof = Proof::numeric("fft-valid-crop", 1e-12);
    // As printed.
    for (x, h) in proof.pairs::<C>(S1) {
        let symbols = meaning::signal(&x, &h).value("E", meaning::padding(&[x.len()]));
        proof.printed_close(&symbols, scale(&x, &h));
    }
    over::<f64>(&mut proof)?;
    over::<C>(&mut proof)?;
    for k in [1, 2, 3, 4] {
        let (x, h) = (proof.signal::<GaussianInteger>(4), proof.signal::<GaussianInteger>(k));
        let four_y = multiplied(EXACT, &x, &h, 4)?;
        proof.equal(&four_y[k - 1..], scaled(&scattered(&x, &h)[k - 1..4], 4));
    }
    Ok(())
}

/// For correlation, with the conjugate, the valid outputs are the first N − K + 1 of a product of length N, and the
/// last K − 1 are wrong. Catches convolution's crop, used for correlation.
#[test]
fn fft_corr_valid() -> Result<()> {
    let mut proof = Proof::numeric("fft-corr-valid", 1e-12);
    // As printed.
    for (x, h) in proof.pairs::<f64>(S1) {
        let symbols = meaning::signal(&x, &h).value("E", meaning::padding(&[x.len()]));
        proof.printed_close(&symbols, scale(&x, &h));
    }
    // For a kernel that is not real, the condition does not hold, and nor must the rest.
    for (x, h) in proof.pairs::<C>(S1) {
        let symbols = meaning::signal(&x, &h).value("E", meaning::padding(&[x.len()]));
        proof.printed_close(&symbols, scale(&x, &h));
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        let (n, k) = (x.len(), h.len());
        let valid = &correlated(&x, &h)[k - 1..n];
        for transform in TRANSFORMS {
            let y = multiplied_conjugate(transform, &complex(&x), &complex(&h), n)?;
            proof.close(&y[..n - k + 1], complex(valid), scale(&x, &h));
        }
        let circular = fourier::conv1d::correlate_circular(&x, &h, n)?;
        proof.close(&circular[..n - k + 1], valid, scale(&x, &h));
        proof.close(fourier::conv1d::correlate(&x, &h, Valid)?, valid, scale(&x, &h));
    }
    // Complex samples: the library reverses where a real kernel would allow to conjugate.
    for (x, h) in proof.pairs::<C>(S1) {
        let valid = &correlated(&x, &h)[h.len() - 1..x.len()];
        proof.close(fourier::conv1d::correlate(&x, &h, Valid)?, valid, scale(&x, &h));
    }
    for (n, k) in proof.sizes(S1) {
        // No error can cancel; the lags from 0 on are what an endless row of zeros after x would give.
        let (x, h) = (powers(2, n), powers(3, k));
        let circular = correlate_circular(&x, &h, n)?;
        let linear = &correlated(&x, &h)[k - 1..];
        proof.equal(differences(&circular, linear), (n - k + 1..n).collect::<Vec<_>>());
    }
    for k in [1, 2, 3, 4] {
        let (x, h) = (real_integers(&mut proof, 4), real_integers(&mut proof, k));
        let four_y = multiplied_conjugate(EXACT, &x, &h, 4)?;
        proof.equal(&four_y[..5 - k], scaled(&correlated(&x, &h)[k - 1..4], 4));
    }
    Ok(())
}

/// On a circle with room for all, lag ℓ of the correlation stands at ℓ mod M: the negative lags fill the end of the
/// buffer. Catches a buffer read from its beginning as if it began with the lowest lag.
#[test]
fn fft_corr_full() -> Result<()> {
    /// The lags −(K − 1) to N − 1 of a circular correlation, in this order.
    fn lags<T: Copy>(y: &[T], n: usize, k: usize) -> Vec<T> {
        (1 - k as i64..n as i64).map(|lag| y[lag.rem_euclid(y.len() as i64) as usize]).collect()
    }

    let mut proof = Proof::numeric("fft-corr-full", 1e-12);
    // As printed.
    for (x, h) in proof.pairs::<f64>(S1) {
        let (n, k) = (x.len(), h.len());
        for m in (n + k - 2).max(1)..=n + k + 1 {
            let symbols = meaning::signal(&x, &h).size("M", m).value("E", meaning::padding(&[m]));
            proof.printed_close(&symbols, scale(&x, &h));
        }
    }
    for (x, h) in proof.pairs::<C>(S1) {
        let m = x.len() + h.len() - 1;
        let symbols = meaning::signal(&x, &h).size("M", m).value("E", meaning::padding(&[m]));
        proof.printed_close(&symbols, scale(&x, &h));
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        let (n, k) = (x.len(), h.len());
        let full = correlated(&x, &h);
        for m in [n + k - 1, n + k + 2] {
            for transform in TRANSFORMS {
                let y = multiplied_conjugate(transform, &complex(&x), &complex(&h), m)?;
                proof.close(lags(&y, n, k), complex(&full), scale(&x, &h));
            }
            let fast = fourier::conv1d::correlate_circular(&x, &h, m)?;
            proof.close(lags(&fast, n, k), &full, scale(&x, &h));
        }
        proof.close(fourier::conv1d::correlate(&x, &h, Full)?, &full, scale(&x, &h));
    }
    for (n, k) in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1)] {
        let (x, h) = (real_integers(&mut proof, n), real_integers(&mut proof, k));
        let four_y = multiplied_conjugate(EXACT, &x, &h, 4)?;
        proof.equal(lags(&four_y, n, k), scaled(&correlated(&x, &h), 4));
    }
    Ok(())
}

/// The centred outputs need N + ⌈(K − 1)/2⌉ samples; with one less the first of them is wrong. Catches a bound
/// rounded down, which shows for even K.
#[test]
fn fft_same_crop() -> Result<()> {
    fn over<S: Measured>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<S>(S1) {
            let (n, k) = (x.len(), h.len());
            let scale = scale(&complex(&x), &complex(&h));
            let centred = (k - 1) / 2..(k - 1) / 2 + n;
            let same = complex(&scattered(&x, &h)[centred.clone()]);
            for m in [n + (k - 1).div_ceil(2), n + k - 1] {
                for transform in TRANSFORMS {
                    let y = multiplied(transform, &complex(&x), &complex(&h), m)?;
                    proof.close(&y[centred.clone()], &same, scale);
                }
                let fast = fourier::conv1d::convolve_circular(&x, &h, m)?;
                proof.close(complex(&fast[centred.clone()]), &same, scale);
            }
            proof.close(complex(&fourier::conv1d::convolve(&x, &h, Same)?), &same, scale);
            // A kernel longer than the signal: all of it must fit on the circle, too.
            let same = complex(&scattered(&h, &x)[(n - 1) / 2..(n - 1) / 2 + k]);
            proof.close(complex(&fourier::conv1d::convolve(&h, &x, Same)?), &same, scale);
        }
        Ok(())
    }

    let mut proof = Proof::numeric("fft-same-crop", 1e-12);
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let enough = x.len() + h.len() / 2;
        for m in (enough - 1).max(1)..=enough + 2 {
            proof.printed(&meaning::signal(&x, &h).size("M", m));
        }
    }
    over::<f64>(&mut proof)?;
    over::<C>(&mut proof)?;
    for (n, k) in proof.sizes(S1) {
        let (x, h) = (powers(2, n), powers(3, k));
        let centred = (k - 1) / 2..(k - 1) / 2 + n;
        let same = &scattered(&x, &h)[centred.clone()];
        let enough = n + (k - 1).div_ceil(2);
        proof.equal(&convolve_circular(&x, &h, enough)?[centred.clone()], same);
        if k > 1 {
            let short = convolve_circular(&x, &h, enough - 1)?;
            // Where the circle ends before the centred outputs do, the last of them is missing besides.
            let reached = short.len().min(centred.end) - centred.start;
            proof.equal(differences(&short[centred.start..centred.start + reached], &same[..reached]), [0]);
        }
    }
    Ok(())
}

/// The adjoint of the transform is N times its inverse, the adjoint of the inverse is the transform over N. Catches a
/// backward pass that calls the inverse and forgets the N, or transforms forward again.
#[test]
fn adjoint_dft() -> Result<()> {
    let mut proof = Proof::numeric("adjoint-dft", 1e-12);
    // As printed.
    for n in proof.lengths(D1) {
        let (x, h) = (proof.signal::<C>(n), proof.signal::<C>(n));
        proof.printed_close(&meaning::samples(&x).value("y", printed(&h)), n as f64 * scale(&x, &h));
    }
    for n in exact_lengths() {
        let (x, h) = (proof.signal::<GaussianInteger>(n), proof.signal::<GaussianInteger>(n));
        proof.printed(&meaning::samples(&x).value("y", printed(&h)));
    }
    for n in proof.lengths(D1) {
        let (x, g) = (proof.signal::<C>(n), proof.signal::<C>(n));
        for (dft, inverse) in TRANSFORMS {
            proof.close(dot(&dft(&x)?, &g), dot(&x, &scaled(&inverse(&g)?, n as f64)), scale(&x, &g));
            proof.close(dot(&inverse(&x)?, &g), dot(&x, &scaled(&dft(&g)?, 1.0 / n as f64)), scale(&x, &g));
        }
        let adjoint = matrix::dft::<C>(n)?.adjoint();
        proof.close(adjoint, matrix::inverse_dft(n)? * C::from(n as f64), 1.0);
    }
    for n in exact_lengths() {
        let (x, g) = (proof.signal::<GaussianInteger>(n), proof.signal(n));
        let (dft, n_times_inverse) = EXACT;
        proof.equal(dot(&dft(&x)?, &g), dot(&x, &n_times_inverse(&g)?));
        proof.equal(dot(&n_times_inverse(&x)?, &g), dot(&x, &dft(&g)?));
    }
    Ok(())
}

/// The half spectra of x and h at length N + K − 1, their product, and the inverse at that same length: linear
/// convolution. Catches transforms of length N, and an inverse without its length.
#[test]
fn code_conv_via_fft() -> Result<()> {
    fn conv_via_fft(x: &[f64], h: &[f64]) -> Result<Vec<f64>> {
        let n = x.len() + h.len() - 1;
        fourier::irfft(&product(&fourier::rfft(&pad(x, n)?)?, &fourier::rfft(&pad(h, n)?)?), n)
    }

    let mut proof = Proof::numeric("code-conv-via-fft", 1e-12);
    // As printed.
    for (x, h) in proof.pairs::<f64>(S1) {
        proof.printed_close(&half_spectra(meaning::signal(&x, &h)), scale(&x, &h));
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        proof.close(conv_via_fft(&x, &h)?, scattered(&x, &h), scale(&x, &h));
        proof.close(conv_via_fft(&x, &h)?, fourier::conv1d::convolve(&x, &h, Full)?, scale(&x, &h));
    }
    let (x, h) = ([1.0, 2.0, 0.0, -1.0], [0.5, 1.0, 0.5]);
    proof.close(conv_via_fft(&x, &h)?, [0.5, 2.0, 2.5, 0.5, -1.0, -0.5], scale(&x, &h));
    Ok(())
}

/// An inverse that guesses its length from the number of bins guesses an even one: at odd N + K − 1 the result is one
/// sample short, and what is there is wrong.
#[test]
fn irfft_odd_length() -> Result<()> {
    let mut proof = Proof::refuted("irfft-odd-length", 1e-1);
    // As printed.
    for (n, k) in proof.sizes(S1) {
        let y = positive(&mut proof, n + k - 1);
        let symbols = meaning::symbols().size("n", y.len()).value("y", printed(&y));
        proof.printed_close(&half_spectra(symbols), 1.0 + norm(&y));
    }
    let mut pairs = vec![(vec![1.0, 2.0, 3.0], vec![1.0, 1.0, 1.0])];
    for (n, k) in proof.sizes(S1) {
        pairs.push((positive(&mut proof, n), positive(&mut proof, k)));
    }
    for (x, h) in pairs {
        let full = scattered(&x, &h);
        let n = full.len();
        let bins = product(&fourier::rfft(&pad(&x, n)?)?, &fourier::rfft(&pad(&h, n)?)?);
        let guess = 2 * (bins.len() - 1);
        // A single sample has one bin; the guess is no length at all.
        if n == 1 {
            proof.holds(fourier::irfft(&bins, guess).is_err());
            continue;
        }
        let guessed = fourier::irfft(&bins, guess)?;
        if n.is_multiple_of(2) {
            let rounded = guessed.iter().map(|y| y.round()).collect::<Vec<_>>();
            proof.equal(rounded, full);
        } else {
            proof.equal(guessed.len(), n - 1);
            proof.separated(guessed, &full[..n - 1]);
        }
    }
    Ok(())
}

/// The half spectra of real signals, by the crate.
fn half_spectra(symbols: Symbols<C>) -> Symbols<C> {
    let rfft = |places: &[Value<C>]| {
        let x = places[1].tensor()?.iter().map(|sample| sample.re).collect::<Vec<_>>();
        let padded = pad(&x, places[0].size()?).map_err(meaning::said)?;
        Ok(fourier::rfft(&padded).map_err(meaning::said)?.into())
    };
    let irfft = |places: &[Value<C>]| {
        let bins = places[1].tensor()?.iter().copied().collect::<Vec<_>>();
        let x = fourier::irfft(&bins, places[0].size()?).map_err(meaning::said)?;
        Ok(printed(&x).into())
    };
    symbols.function("rfft_#(#)", rfft).function("irfft_#(#)", irfft)
}

/// What the fast convolution may lose to rounding: 8 ε log₂(2M) ‖x‖ ‖h‖ at any output.
fn rounding_bound<S: Number>(x: &[S], h: &[S]) -> f64 {
    let m = x.len() + h.len() - 1;
    8.0 * f64::EPSILON * (2.0 * m as f64).log2() * norm(x) * norm(h)
}

/// The distance of the two samples that are furthest apart.
fn largest_error<S: Number>(x: &[S], y: &[S]) -> f64 {
    assert_eq!(x.len(), y.len());
    x.iter().zip(y).map(|(a, b)| a.distance(b)).fold(0.0, f64::max)
}

/// No output of the fast convolution is further off than a few roundings of the whole signal's size. Catches a
/// transform that works in single precision, or one whose errors grow with M.
#[test]
fn fft_roundoff_bound() -> Result<()> {
    let mut proof = Proof::numeric("fft-roundoff-bound", 1.0);
    let listed = [S1, &[(100, 9), (257, 31), (500, 64)]].concat();
    for (x, h) in proof.pairs::<f64>(&listed) {
        let fast = fourier::conv1d::convolve(&x, &h, Full)?;
        proof.within(largest_error(&fast, &scattered(&x, &h)), rounding_bound(&x, &h));
    }
    for (x, h) in proof.pairs::<C>(&listed) {
        let fast = fourier::conv1d::convolve(&x, &h, Full)?;
        proof.within(largest_error(&fast, &scattered(&x, &h)), rounding_bound(&x, &h));
    }
    // Whole numbers: the reference is exact, so all of the error is the transform's.
    for (n, k) in proof.sizes(&listed) {
        let (x, h) = (positive(&mut proof, n), positive(&mut proof, k));
        let fast = fourier::conv1d::convolve(&x, &h, Full)?;
        proof.within(largest_error(&fast, &scattered(&x, &h)), rounding_bound(&x, &h));
    }
    Ok(())
}

/// Where the kernel sees no sample, the loops give exactly 0. The fast convolution does not: rounding leaks there
/// from samples it should not feel, if only within the bound. What is refuted is that both give the same zeros.
#[test]
fn fft_roundoff_nonlocal() -> Result<()> {
    let mut proof = Proof::refuted("fft-roundoff-nonlocal", 1e-12);
    // As printed.
    for (start, k) in proof.sizes(&[(0, 5)]) {
        let loud = scaled(&proof.signal::<f64>(20), 1e8);
        let x = [vec![0.0; start], loud, vec![0.0; 91 - start]].concat();
        let h = proof.signal::<f64>(k);
        let fast = fourier::conv1d::convolve(&x, &h, Full)?;
        // Nothing is forgiven: 0 is 0.
        proof.printed_close(&meaning::signal(&x, &h).value("y_fft", printed(&fast)), 0.0);
    }
    // 20 loud samples, from `start` on, in a silence of 211.
    for (start, k) in [vec![(0, 5)], proof.sizes(&[])].concat() {
        let loud = scaled(&proof.signal::<f64>(20), 1e8);
        let x = [vec![0.0; start], loud, vec![0.0; 191 - start]].concat();
        let h = proof.signal::<f64>(k);
        let far = start + 20 + k - 1..211 + k - 1;

        let silence = vec![0.0; far.len()];
        proof.equal(&convolve(&x, &h, Full)?[far.clone()], &silence);
        proof.equal(&scattered(&x, &h)[far.clone()], &silence);
        let fast = &fourier::conv1d::convolve(&x, &h, Full)?[far];
        proof.separated(fast, &silence);
        proof.holds(largest_error(fast, &silence) <= rounding_bound(&x, &h));
    }
    Ok(())
}

/// NumPy and SciPy agree on sign, order, factors and lengths.
#[test]
fn numpy_vectors() -> Result<()> {
    #[track_caller]
    fn assert_close<S: Number + std::fmt::Debug>(ours: &[S], theirs: &[S]) {
        assert!(largest_error(ours, theirs) < 1e-14, "{ours:?} {theirs:?}");
    }
    let z = [(1.0, 2.0), (-1.5, 0.0), (0.25, -3.0), (0.0, 2.0), (-4.0, 1.0), (0.5, 0.5)];
    let z = z.map(|(re, im)| C::new(re, im));

    // numpy.fft.fft([1+2j, -1.5, 0.25-3j, 2j, -4+1j, 0.5+0.5j])
    let spectrum = [
        (-3.75, 2.5),
        (-1.522114317029974, -0.6985571585149868),
        (6.406088913245535, 10.16265877365274),
        (-1.7499999999999991, -2.4999999999999996),
        (0.3439110867544648, -0.6626587736527414),
        (6.272114317029973, 3.1985571585149866),
    ];
    assert_close(&fourier::dft(&z)?, &spectrum.map(|(re, im)| C::new(re, im)));

    // numpy.fft.ifft([1+2j, -1.5, 0.25-3j, 2j, -4+1j, 0.5+0.5j])
    let signal = [
        (-0.625, 0.41666666666666663),
        (1.0453523861716623, 0.5330928597524978),
        (0.057318514459077465, -0.11044312894212356),
        (-0.29166666666666663, -0.41666666666666663),
        (1.0676814855409225, 1.6937764622754568),
        (-0.2536857195049957, -0.11642619308583115),
    ];
    assert_close(&fourier::inverse_dft(&z)?, &signal.map(|(re, im)| C::new(re, im)));

    // scipy.fft.irfft([6, -1.5+2j, 0.25-1j], n=5)
    let signal =
        [0.7000000000000001, 0.40795699181840317, 0.8656610877104234, 2.5669627044145034, 1.4594192160566704];
    assert_close(&fourier::irfft(&[C::from(6.0), C::new(-1.5, 2.0), C::new(0.25, -1.0)], 5)?, &signal);

    // scipy.signal.fftconvolve([1, 2, 0.5, -1, 3], [0.5, -1, 2])
    let y = [
        0.5000000000000004,
        -8.881784197001252e-16,
        0.25000000000000044,
        2.9999999999999996,
        3.4999999999999996,
        -4.999999999999999,
        6.0,
    ];
    assert_close(&fourier::conv1d::convolve(&[1.0, 2.0, 0.5, -1.0, 3.0], &[0.5, -1.0, 2.0], Full)?, &y);
    Ok(())
}
