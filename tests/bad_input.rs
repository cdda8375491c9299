//! Properties of the whole crate: the rules that hold for inputs of every shape, and what happens to inputs that are
//! wrong. A wrong shape is refused with an error that says which argument it was, what was expected and what was
//! given; a number that is no number goes where the definition takes it. Nothing panics.

use std::f64::consts::TAU;
use std::fmt::Debug;

use locality::conv1d::{self, Mode};
use locality::conv2d;
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Panel, row, rows};
use locality::figure::{Ink, short};
use locality::fourier::{self, Sample};
use locality::gradient::{explicit, finite_difference, spatial};
use locality::layer::{self, Geometry};
use locality::matrix;
use locality::nalgebra::{DMatrix, DVector};
use locality::ndarray::{Array2, Array4, array, s};
use locality::num_complex::Complex;
use locality::num_traits::Zero;
use locality::scalar::RootOfUnity;
use locality::{Error, Result, Scalar};
use proof::{Number, Tensor, norm};
use proptest::collection;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

type C = Complex<f64>;

/// An image or kernel of whole numbers.
type Image = Array2<i64>;

const MODES: [Mode; 3] = [Mode::Full, Mode::Same, Mode::Valid];

/// The same cases every time, and no files of past failures.
fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() }
}

/// A signal of `n` whole numbers.
fn samples(n: usize) -> impl Strategy<Value = Vec<i64>> {
    collection::vec(-99..=99_i64, n)
}

/// A signal with 1 to 20 whole samples.
fn signal() -> impl Strategy<Value = Vec<i64>> {
    (1..=20_usize).prop_flat_map(samples)
}

/// An image of whole numbers with sides from 1 to 6.
fn image() -> impl Strategy<Value = Image> {
    (1..=6_usize, 1..=6_usize).prop_flat_map(|shape| {
        let folded = move |pixels| Array2::from_shape_vec(shape, pixels).expect("as many as the shape holds");
        samples(shape.0 * shape.1).prop_map(folded)
    })
}

/// The most numbers of eight bytes that memory can be asked for.
const MOST: usize = isize::MAX as usize / 8;

/// A size beyond that.
fn huge() -> impl Strategy<Value = usize> {
    prop_oneof![Just(MOST + 1), Just(usize::MAX), MOST + 1..=usize::MAX]
}

/// Shapes that no memory holds: one side is huge, or their product is.
fn huge_shape() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        huge().prop_map(|size| (size, 9)),
        huge().prop_map(|size| (9, size)),
        Just((1 << 32, 1 << 32)),
        Just((1 << 30, 1 << 30)),
        Just((usize::MAX, usize::MAX)),
    ]
}

/// What is not a finite number.
fn bad() -> impl Strategy<Value = f64> {
    prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)]
}

/// The signal in floating point.
fn floats(x: &[i64]) -> Vec<f64> {
    x.iter().map(|&sample| sample as f64).collect()
}

/// The signal in complex numbers, turned by a quarter in every second sample so that conjugation would show.
fn complex(x: &[i64]) -> Vec<C> {
    let turned = |(n, &sample): (usize, &i64)| C::new(0.0, 1.0).powu(n as u32 % 2) * sample as f64;
    x.iter().enumerate().map(turned).collect()
}

/// The image in floating point.
fn float_image(x: &Image) -> Array2<f64> {
    x.mapv(|pixel| pixel as f64)
}

/// The image in complex numbers, turned in every second column.
fn complex_image(x: &Image) -> Array2<C> {
    Array2::from_shape_fn(x.dim(), |(i, j)| C::new(0.0, 1.0).powu(j as u32 % 2) * x[[i, j]] as f64)
}

/// Both have the same shape, and no two entries differ by more than the tolerance times `scale`.
#[track_caller]
fn close<A, B>(left: A, right: B, tolerance: f64, scale: f64)
where
    A: Tensor + Debug,
    B: Tensor<Item = A::Item> + Debug,
{
    assert_eq!(left.shape(), right.shape());
    let agree = |(a, b): (&A::Item, &A::Item)| a.distance(b) <= tolerance * scale;
    assert!(left.items().iter().zip(&right.items()).all(agree), "{left:?}\n{right:?}");
}

/// The function refused its input, with this error, which says what was wrong.
#[track_caller]
fn refused<T: Debug>(result: Result<T>, expected: Error) {
    let error = result.expect_err("the input is wrong");
    assert_eq!(error, expected);
    assert_says_everything(&error);
}

/// "argument: expected this, got that", with the fields of the error.
#[track_caller]
fn assert_says_everything(error: &Error) {
    let message = error.to_string();
    let (argument, rest) = message.split_once(": expected ").expect("an argument, then what was expected");
    let (expected, given) = rest.split_once(", got ").expect("what was expected, then what was given");
    let (named, numbers) = match error {
        Error::Empty { argument } => (*argument, None),
        Error::KernelTooLarge { kernel, signal } => ("kernel", Some((*signal, *kernel))),
        Error::TooShort { argument, needed, given } => (*argument, Some((*needed, *given))),
        Error::Length { argument, expected, given } => (*argument, Some((*expected, *given))),
        Error::TooLarge { what } => (*what, None),
        Error::NoRootOfUnity { order, number } => {
            assert!(expected.contains(number), "{message}");
            assert_eq!(given, order.to_string());
            ("order", None)
        }
        Error::NotFinite { argument } | Error::NotPositive { argument } => (*argument, None),
        Error::NoOutput { reach, padded } => ("kernel", Some((*padded, *reach))),
        Error::Zero { argument } => (*argument, Some((1, 0))),
        Error::Shape { argument, expected: right, given: wrong } => {
            let said = |shape: &[usize]| shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
            assert_eq!((expected, given), (&*format!("shape {}", said(right)), &*said(wrong)));
            (*argument, None)
        }
        _ => panic!("an error this test does not know: {message}"),
    };
    assert_eq!(argument, named);
    if let Some((right, wrong)) = numbers {
        assert!(expected.contains(&right.to_string()), "{message}");
        assert_eq!(given, wrong.to_string());
    }
}

/// Every 1-D convolution and correlation of this crate, over real and over complex numbers.
fn refused_1d(x: &[i64], h: &[i64], mode: Mode, expected: &Error) {
    refused(conv1d::convolve(x, h, mode), expected.clone());
    refused(conv1d::correlate(x, h, mode), expected.clone());
    refused(fourier::conv1d::convolve(&floats(x), &floats(h), mode), expected.clone());
    refused(fourier::conv1d::correlate(&floats(x), &floats(h), mode), expected.clone());
    refused(fourier::conv1d::convolve(&complex(x), &complex(h), mode), expected.clone());
    refused(fourier::conv1d::correlate(&complex(x), &complex(h), mode), expected.clone());
    refused(matrix::convolution(h, x.len(), mode), expected.clone());
    refused(matrix::correlation(h, x.len(), mode), expected.clone());
}

/// Every circular one. What cannot be allocated has another name on the way through the transform.
fn refused_circular(x: &[i64], h: &[i64], m: usize, expected: &Error, transformed: &Error) {
    refused(conv1d::convolve_circular(x, h, m), expected.clone());
    refused(conv1d::correlate_circular(x, h, m), expected.clone());
    refused(fourier::conv1d::convolve_circular(&floats(x), &floats(h), m), transformed.clone());
    refused(fourier::conv1d::correlate_circular(&floats(x), &floats(h), m), transformed.clone());
    refused(fourier::conv1d::convolve_circular(&complex(x), &complex(h), m), transformed.clone());
    refused(fourier::conv1d::correlate_circular(&complex(x), &complex(h), m), transformed.clone());
}

/// Every 2-D convolution and correlation.
fn refused_2d(x: &Image, h: &Image, mode: Mode, expected: &Error) {
    let (real, taps) = (float_image(x), float_image(h));
    refused(conv2d::convolve(x, h, mode), expected.clone());
    refused(conv2d::correlate(x, h, mode), expected.clone());
    refused(fourier::conv2d::convolve(&real, &taps, mode), expected.clone());
    refused(fourier::conv2d::correlate(&real, &taps, mode), expected.clone());
    refused(fourier::conv2d::convolve(&complex_image(x), &complex_image(h), mode), expected.clone());
    refused(fourier::conv2d::correlate(&complex_image(x), &complex_image(h), mode), expected.clone());
    refused(matrix::convolution2(h, x.dim(), mode), expected.clone());
    refused(matrix::correlation2(h, x.dim(), mode), expected.clone());
    // The kernel u vᵀ has the shape of h.
    let (u, v) = (vec![1; h.nrows()], vec![1; h.ncols()]);
    refused(conv2d::separable(x, &u, &v, mode), expected.clone());
}

/// Every one on a torus.
fn refused_torus(x: &Image, h: &Image, shape: (usize, usize), expected: &Error, transformed: &Error) {
    let (real, taps) = (float_image(x), float_image(h));
    refused(conv2d::convolve_circular(x, h, shape), expected.clone());
    refused(conv2d::correlate_circular(x, h, shape), expected.clone());
    refused(fourier::conv2d::convolve_circular(&real, &taps, shape), transformed.clone());
    refused(fourier::conv2d::correlate_circular(&real, &taps, shape), transformed.clone());
    refused(
        fourier::conv2d::convolve_circular(&complex_image(x), &complex_image(h), shape),
        transformed.clone(),
    );
    refused(
        fourier::conv2d::correlate_circular(&complex_image(x), &complex_image(h), shape),
        transformed.clone(),
    );
}

/// Convolution, scattered: sample n and tap k leave their product at n + k.
fn scattered<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    let mut y = vec![T::zero(); x.len() + h.len() - 1];
    for (n, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            y[n + k] += tap.clone() * sample.clone();
        }
    }
    y
}

/// Convolution of images, scattered.
fn scattered_image<T: Scalar>(x: &Array2<T>, h: &Array2<T>) -> Array2<T> {
    let mut y = Array2::zeros((x.nrows() + h.nrows() - 1, x.ncols() + h.ncols() - 1));
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[m + a, n + b]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// What does not fit onto m places wraps around.
fn wrapped(y: &[i64], m: usize) -> Vec<i64> {
    let mut circle = vec![0; m];
    y.iter().enumerate().for_each(|(i, y)| circle[i % m] += y);
    circle
}

/// What does not fit into the shape wraps around both axes.
fn wrapped_image(y: &Image, shape: (usize, usize)) -> Image {
    let mut torus = Array2::zeros(shape);
    y.indexed_iter().for_each(|((i, j), y)| torus[[i % shape.0, j % shape.1]] += y);
    torus
}

/// What the definition sums on a circle: the signal is padded with zeros, the kernel is not, and sample n and tap k
/// meet at n + k, or at n − k to correlate.
fn scattered_on_circle(x: &[f64], h: &[f64], m: usize, correlate: bool) -> Vec<f64> {
    let mut y = vec![0.0; m];
    for n in 0..m {
        for (k, tap) in h.iter().enumerate() {
            let i = if correlate { n + m - k } else { n + k };
            y[i % m] += tap * x.get(n).unwrap_or(&0.0);
        }
    }
    y
}

/// The same on a torus.
fn scattered_on_torus(
    x: &Array2<f64>,
    h: &Array2<f64>,
    shape: (usize, usize),
    correlate: bool,
) -> Array2<f64> {
    let mut y = Array2::zeros(shape);
    for m in 0..shape.0 {
        for n in 0..shape.1 {
            for ((a, b), tap) in h.indexed_iter() {
                let (i, j) = if correlate { (m + shape.0 - a, n + shape.1 - b) } else { (m + a, n + b) };
                y[[i % shape.0, j % shape.1]] += tap * x.get((m, n)).unwrap_or(&0.0);
            }
        }
    }
    y
}

/// Whether no entry is a finite number.
fn all_lost<'a>(y: impl IntoIterator<Item = &'a f64>) -> bool {
    y.into_iter().all(|y| !y.is_finite())
}

/// What stands at every place: not a number, an infinity with its sign, or a number.
fn kinds<'a>(y: impl IntoIterator<Item = &'a f64>) -> Vec<String> {
    y.into_iter().map(|y| format!("{y:?}")).collect()
}

/// Convolution and correlation through the transform are those of the definition, up to rounding: in every mode, and
/// on a circle of m samples.
fn fourier_agrees<S: Sample + Number>(x: &[S], h: &[S], m: usize, tolerance: f64) -> Result<()> {
    use fourier::conv1d as transformed;
    let scale = 1.0 + norm(x) * norm(h);
    let circular = (conv1d::convolve_circular(x, h, m)?, conv1d::correlate_circular(x, h, m)?);
    close(transformed::convolve_circular(x, h, m)?, circular.0, tolerance, scale);
    close(transformed::correlate_circular(x, h, m)?, circular.1, tolerance, scale);
    for mode in modes((x.len(), 1), (h.len(), 1)) {
        close(transformed::convolve(x, h, mode)?, conv1d::convolve(x, h, mode)?, tolerance, scale);
        close(transformed::correlate(x, h, mode)?, conv1d::correlate(x, h, mode)?, tolerance, scale);
    }
    Ok(())
}

/// The same of images, and on a torus of the given shape.
fn fourier_agrees_2d<S: Sample + Number>(
    x: &Array2<S>,
    h: &Array2<S>,
    shape: (usize, usize),
    tolerance: f64,
) -> Result<()> {
    use fourier::conv2d as transformed;
    let scale = 1.0 + norm(x) * norm(h);
    let circular = (conv2d::convolve_circular(x, h, shape)?, conv2d::correlate_circular(x, h, shape)?);
    close(transformed::convolve_circular(x, h, shape)?, circular.0, tolerance, scale);
    close(transformed::correlate_circular(x, h, shape)?, circular.1, tolerance, scale);
    for mode in modes(x.dim(), h.dim()) {
        close(transformed::convolve(x, h, mode)?, conv2d::convolve(x, h, mode)?, tolerance, scale);
        close(transformed::correlate(x, h, mode)?, conv2d::correlate(x, h, mode)?, tolerance, scale);
    }
    Ok(())
}

/// A spectrum is determined by its own signal's length or width, and no other fits.
fn spectra_fit<S: Sample + Number>(x: &Array2<S>, wrong: usize, bins: impl Fn(usize) -> usize) -> Result<()> {
    let row = x.row(0).to_vec();
    let (spectrum, spectrum2) = (S::spectrum(&row)?, S::spectrum2(x)?);
    close(S::signal(&spectrum, x.ncols())?, &row, 1e-12, 1.0 + norm(&row));
    close(S::image(&spectrum2, x.ncols())?, x, 1e-12, 1.0 + norm(x));
    let refusal = match wrong {
        0 => None,
        _ if bins(wrong) == bins(x.ncols()) => return Ok(()),
        _ => Some(Error::Length { argument: "spectrum", expected: bins(wrong), given: bins(x.ncols()) }),
    };
    refused(S::signal(&spectrum, wrong), refusal.clone().unwrap_or(Error::Empty { argument: "n" }));
    refused(S::image(&spectrum2, wrong), refusal.unwrap_or(Error::Empty { argument: "width" }));
    Ok(())
}

/// Signals, images and spectra without samples, rows or columns.
fn nothing_has_no_spectrum<S: Sample>() {
    refused(S::spectrum(&[]), Error::Empty { argument: "signal" });
    refused(S::signal(&[], 0), Error::Empty { argument: "n" });
    for shape in [(0, 0), (0, 3), (3, 0)] {
        refused(S::spectrum2(&Array2::zeros(shape)), Error::Empty { argument: "image" });
        refused(S::image(&Array2::zeros(shape), 4), Error::Empty { argument: "spectrum" });
        refused(S::image(&Array2::zeros(shape), usize::MAX), Error::Empty { argument: "spectrum" });
        refused(S::image(&Array2::zeros(shape), 0), Error::Empty { argument: "width" });
    }
}

/// The modes in which a kernel of the one shape fits an image of the other.
fn modes((h, w): (usize, usize), (kh, kw): (usize, usize)) -> Vec<Mode> {
    MODES.into_iter().filter(|&mode| mode != Mode::Valid || (kh <= h && kw <= w)).collect()
}

/// A side of an array: small, and sometimes zero.
fn side() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(0), 12 => 1..=5_usize]
}

/// The shape of an image or kernel.
fn sides() -> impl Strategy<Value = (usize, usize)> {
    (side(), side())
}

/// A number that no array is made with: it may be zero, and beyond all memory.
fn size() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(0), 20 => 1..=5_usize, 1 => huge()]
}

/// The shape of an image that is only spoken of.
fn sizes() -> impl Strategy<Value = (usize, usize)> {
    (size(), size())
}

/// A size among those whose sums, products and doubles overflow, too.
fn any_size() -> impl Strategy<Value = usize> {
    prop_oneof![0..=9_usize, Just(usize::MAX / 2), Just(usize::MAX / 2 + 1), huge(), any::<usize>()]
}

/// Where windows stand. A padding is small, or more than any number of outputs that memory holds.
fn any_geometry() -> impl Strategy<Value = Geometry> {
    let padding = || prop_oneof![40 => 0..=2_usize, 1 => prop_oneof![Just(1 << 62), Just(1 << 63)]];
    let step = || prop_oneof![1 => Just(0), 40 => 1..=3_usize, 2 => huge()];
    ((step(), step()), (padding(), padding()), (step(), step()))
        .prop_map(|(stride, padding, dilation)| Geometry { stride, padding, dilation })
}

/// The first thing that is wrong, if any is.
fn first(wrong: impl IntoIterator<Item = (bool, Error)>) -> Result<()> {
    wrong.into_iter().find_map(|(is_wrong, error)| is_wrong.then_some(error)).map_or(Ok(()), Err)
}

/// Whether no memory holds so many numbers of eight bytes. Sides of length zero do not count.
fn too_many(sides: &[usize]) -> bool {
    let product = |all: u128, &side: &usize| all.saturating_mul(side.max(1) as u128);
    sides.iter().fold(1, product) > MOST as u128
}

/// How many outputs a mode has for n samples and k taps.
fn expected_outputs(n: usize, k: usize, mode: Mode) -> Result<usize> {
    first([
        (n == 0, Error::Empty { argument: "signal" }),
        (k == 0, Error::Empty { argument: "kernel" }),
        (n as u128 + k as u128 > 1 + usize::MAX as u128, Error::TooLarge { what: "full output" }),
        (mode == Mode::Valid && k > n, Error::KernelTooLarge { kernel: k, signal: n }),
    ])?;
    Ok(match mode {
        Mode::Full => n + (k - 1),
        Mode::Same => n,
        Mode::Valid => n - k + 1,
    })
}

/// How many windows a layer has along one axis, counted in numbers that do not overflow.
fn expected_windows(n: usize, k: usize, s: usize, p: usize, d: usize) -> Result<usize> {
    let padded = n as u128 + 2 * p as u128;
    first([
        (n == 0, Error::Empty { argument: "signal" }),
        (k == 0, Error::Empty { argument: "kernel" }),
        (s == 0, Error::Zero { argument: "stride" }),
        (d == 0, Error::Zero { argument: "dilation" }),
        (padded > usize::MAX as u128, Error::TooLarge { what: "padded signal" }),
    ])?;
    let reach = d as u128 * (k as u128 - 1) + 1;
    Ok(if reach > padded { 0 } else { ((padded - reach) / s as u128 + 1) as usize })
}

/// The shape of the outputs of a layer, which has some.
fn expected_shape(
    image: (usize, usize),
    kernel: (usize, usize),
    geometry: Geometry,
) -> Result<(usize, usize)> {
    let axis = |n, k, s, p, d: usize| {
        let reach = (d as u128 * (k as u128).saturating_sub(1) + 1).min(usize::MAX as u128) as usize;
        let padded = usize::saturating_add(n, usize::saturating_mul(2, p));
        let windows = expected_windows(n, k, s, p, d)?;
        first([(windows == 0, Error::NoOutput { reach, padded })])?;
        Ok(windows)
    };
    let Geometry { stride, padding, dilation } = geometry;
    let rows = axis(image.0, kernel.0, stride.0, padding.0, dilation.0)?;
    Ok((rows, axis(image.1, kernel.1, stride.1, padding.1, dilation.1)?))
}

/// What makes a layer refuse its input and its kernel; else the shape of its outputs.
fn expected_layer(x: [usize; 4], w: [usize; 4], geometry: Geometry) -> Result<[usize; 4]> {
    let expected = vec![w[0], x[1], w[2], w[3]];
    first([
        (too_many(&x), Error::TooLarge { what: "input" }),
        (x.contains(&0), Error::Empty { argument: "input" }),
        (w.contains(&0), Error::Empty { argument: "kernel" }),
        (w[1] != x[1], Error::Shape { argument: "kernel", expected, given: w.to_vec() }),
    ])?;
    let (p, q) = expected_shape((x[2], x[3]), (w[2], w[3]), geometry)?;
    first([(too_many(&[x[0], w[0], p, q]), Error::TooLarge { what: "output" })])?;
    Ok([x[0], w[0], p, q])
}

/// What makes a layer refuse to lay out its windows; else the shape of their matrix.
fn expected_columns(x: [usize; 4], kernel: (usize, usize), geometry: Geometry) -> Result<(usize, usize)> {
    first([
        (too_many(&x), Error::TooLarge { what: "input" }),
        (x.contains(&0), Error::Empty { argument: "input" }),
    ])?;
    let (p, q) = expected_shape((x[2], x[3]), kernel, geometry)?;
    let too_large = too_many(&[x[1], kernel.0, kernel.1, x[0], p, q]);
    first([(too_large, Error::TooLarge { what: "im2col matrix" })])?;
    Ok((x[1] * kernel.0 * kernel.1, x[0] * p * q))
}

/// What makes it impossible to take an image into windows; else the shape of their matrix.
fn expected_rows(image: (usize, usize), kernel: (usize, usize)) -> Result<(usize, usize)> {
    let p = expected_outputs(image.0, kernel.0, Mode::Valid)?;
    let q = expected_outputs(image.1, kernel.1, Mode::Valid)?;
    first([
        (too_many(&[image.0, image.1]), Error::TooLarge { what: "image" }),
        (too_many(&[p, q, kernel.0, kernel.1]), Error::TooLarge { what: "im2col matrix" }),
    ])?;
    Ok((p * q, kernel.0 * kernel.1))
}

/// The wrong shape of a matrix.
fn wrong_shape(argument: &'static str, expected: (usize, usize), given: (usize, usize)) -> Error {
    Error::Shape { argument, expected: vec![expected.0, expected.1], given: vec![given.0, given.1] }
}

/// Both refuse, with the same error that says everything, or both have the same shape.
#[track_caller]
fn as_expected<A: Debug, S: Debug + PartialEq>(
    result: Result<A>,
    shape: impl Fn(&A) -> S,
    expected: Result<S>,
) {
    match expected {
        Ok(expected) => assert_eq!(shape(&result.expect("nothing is wrong")), expected),
        Err(error) => refused(result, error),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 35_000, ..config() })]

    /// Windows of a signal, and signals as matrices.
    #[test]
    fn signals_of_any_length_are_taken_or_refused(n in side(), k in size(), m in side(), rows in sizes(), a in any_size()) {
        let (x, row) = (vec![1_i64; n], vec![2; m]);
        let expected = expected_outputs(n, k, Mode::Valid).map(|outputs| (outputs, k));
        as_expected(matrix::windows(&x, k), DMatrix::shape, expected.clone());
        as_expected(matrix::flipped_windows(&x, k), DMatrix::shape, expected);
        let empty = |argument| Error::Empty { argument };
        let expected = first([(n == 0, empty("column")), (m == 0, empty("row"))]);
        as_expected(matrix::hankel(&x, &row), DMatrix::shape, expected.map(|()| (n, m)));
        let expected = first([(too_many(&[rows.0, rows.1]), Error::TooLarge { what: "shift matrix" })]);
        as_expected(matrix::shift::<i64>(rows.0, rows.1, a), DMatrix::shape, expected.map(|()| rows));
    }

    /// Kernels as matrices that act on signals, on a line and on a circle; and vectors as images.
    #[test]
    fn kernels_of_any_length_are_taken_or_refused(
        k in side(), n in size(), m in side(), shape in sizes(), mode in 0..3_usize,
    ) {
        let (h, row, mode) = (vec![1_i64; k], vec![2; m], MODES[mode]);
        let expected = || {
            let rows = expected_outputs(n, k, mode)?;
            first([(too_many(&[rows, n]), Error::TooLarge { what: "convolution matrix" })]).map(|()| (rows, n))
        };
        as_expected(matrix::convolution(&h, n, mode), DMatrix::shape, expected());
        as_expected(matrix::correlation(&h, n, mode), DMatrix::shape, expected());
        let empty = |argument| Error::Empty { argument };
        let expected = first([(k == 0, empty("column")), (m == 0, empty("row"))]);
        as_expected(matrix::toeplitz(&h, &row), DMatrix::shape, expected.map(|()| (k, m)));
        let expected = first([
            (k == 0, empty("kernel")),
            (n < k, Error::TooShort { argument: "m", needed: k, given: n }),
            (too_many(&[n, n]), Error::TooLarge { what: "circulant matrix" }),
        ]);
        as_expected(matrix::circulant(&h, n), DMatrix::shape, expected.map(|()| (n, n)));
        let pixels = DVector::from_element(k, 1_i64);
        let expected = first([(too_many(&[shape.0, shape.1]), Error::TooLarge { what: "image" })]);
        let expected = expected.and_then(|()| {
            let wrong = Error::Length { argument: "v", expected: shape.0 * shape.1, given: k };
            first([(shape.0 * shape.1 != k, wrong)]).map(|()| shape)
        });
        as_expected(matrix::unvec(&pixels, shape), |x| x.dim(), expected);
    }

    /// Fourier matrices of every order, exact ones as well, which have roots of the orders 1, 2 and 4 alone.
    #[test]
    fn transforms_of_any_order_are_made_or_refused(shape in sizes()) {
        let order = |n: usize| {
            let too_large = (too_many(&[2, n, n]), Error::TooLarge { what: "Fourier matrix" });
            first([(n == 0, Error::Empty { argument: "n" }), too_large]).map(|()| (n, n))
        };
        as_expected(matrix::dft::<C>(shape.0), DMatrix::shape, order(shape.0));
        as_expected(matrix::inverse_dft::<f64>(shape.0), DMatrix::shape, order(shape.0));
        let expected = || {
            let sides = [2, shape.0, shape.1, shape.0, shape.1];
            first([(too_many(&sides), Error::TooLarge { what: "2-D Fourier matrix" })])?;
            order(shape.0).and_then(|_| order(shape.1)).map(|_| (shape.0 * shape.1, shape.0 * shape.1))
        };
        as_expected(matrix::dft2::<C>(shape.0, shape.1), DMatrix::shape, expected());
        as_expected(matrix::inverse_dft2::<f64>(shape.0, shape.1), DMatrix::shape, expected());
        let none = Error::NoRootOfUnity { order: shape.0, number: "Complex<i64>" };
        let exact = |sides| first([(![1, 2, 4].contains(&shape.0), none)]).map(|()| sides);
        as_expected(matrix::dft::<Complex<i64>>(shape.0), DMatrix::shape, order(shape.0).and_then(exact));
    }

    /// Kernels as matrices that act on images, in the plane and on a torus.
    #[test]
    fn kernels_of_any_shape_are_taken_or_refused(kernel in sides(), image in sizes(), mode in 0..3_usize) {
        let (h, mode) = (Array2::<i64>::ones(kernel), MODES[mode]);
        let expected = || {
            let rows = expected_outputs(image.0, kernel.0, mode)?;
            let columns = expected_outputs(image.1, kernel.1, mode)?;
            let too_large = too_many(&[rows, columns, image.0, image.1]);
            first([(too_large, Error::TooLarge { what: "2-D convolution matrix" })])?;
            Ok((rows * columns, image.0 * image.1))
        };
        as_expected(matrix::convolution2(&h, image, mode), DMatrix::shape, expected());
        as_expected(matrix::correlation2(&h, image, mode), DMatrix::shape, expected());
        let short = |argument, needed, given| (given < needed, Error::TooShort { argument, needed, given });
        let expected = first([
            (h.is_empty(), Error::Empty { argument: "kernel" }),
            short("shape.0", kernel.0, image.0),
            short("shape.1", kernel.1, image.1),
            (too_many(&[image.0, image.1, image.0, image.1]), Error::TooLarge { what: "BCCB matrix" }),
        ]);
        let expected = expected.map(|()| (image.0 * image.1, image.0 * image.1));
        as_expected(matrix::bccb(&h, image), DMatrix::shape, expected);
    }

    /// Images as matrices that act on kernels, and back.
    #[test]
    fn windows_of_any_shape_are_taken_or_refused(
        image in sides(), kernel in sizes(), said in sizes(), given in sides(), fits in any::<bool>(),
    ) {
        let x = Array2::<i64>::ones(image);
        as_expected(matrix::im2col(&x, kernel), DMatrix::shape, expected_rows(image, kernel));
        let windows = expected_rows(said, kernel);
        let given = windows.clone().ok().filter(|_| fits).unwrap_or(given);
        let expected = windows.and_then(|windows| first([(given != windows, wrong_shape("g", windows, given))]));
        let g = DMatrix::<i64>::from_element(given.0, given.1, 1);
        as_expected(matrix::col2im(&g, said, kernel), |x| x.dim(), expected.map(|()| said));
    }

    /// The size formula, and the pixel that a tap meets, for numbers without measure.
    #[test]
    fn windows_without_measure_are_counted(
        n in any_size(), k in any_size(), s in any_size(), p in any_size(), d in any_size(), m in any_size(),
    ) {
        as_expected(layer::outputs(n, k, s, p, d), |&count| count, expected_windows(n, k, s, p, d));
        let geometry = Geometry { stride: (s, 1), padding: (p, 0), dilation: (d, 1) };
        as_expected(geometry.outputs((n, m), (k, 1)), |&shape| shape, expected_shape((n, m), (k, 1), geometry));
        let place = (s as u128 * k as u128).saturating_add(d as u128 * m as u128);
        let pixel = place.checked_sub(p as u128).filter(|&pixel| place <= usize::MAX as u128 && pixel < n as u128);
        let pixel = pixel.map(|pixel| pixel as usize);
        assert_eq!(geometry.pixel((k, 0), (m, 0), (n, 1)), pixel.map(|pixel| (pixel, 0)));
        let turned = Geometry { stride: (1, s), padding: (0, p), dilation: (1, d) };
        assert_eq!(turned.pixel((0, k), (0, m), (1, n)), pixel.map(|pixel| (0, pixel)));
    }

    /// Layers, their windows, and both backwards.
    #[test]
    fn layers_of_any_shape_are_taken_or_refused(
        x in [0..=2_usize, 0..=2, 0..=5, 0..=5], image in sizes(),
        w in [0..=2_usize, 0..=2, 0..=3, 0..=3], kernel in sizes(),
        geometry in any_geometry(), bias in 0..=2_usize, given in [0..=2_usize, 0..=2, 0..=3, 0..=3],
        fits in any::<bool>(),
    ) {
        let w = if fits { [w[0], x[1], w[2], w[3]] } else { w };
        let (signal, taps) = (Array4::<i64>::ones(x), Array4::ones(w));
        let outputs = expected_layer(x, w, geometry);
        let bias = vec![1; if fits { w[0] } else { bias }];
        let wrong = Error::Length { argument: "bias", expected: w[0], given: bias.len() };
        let expected = outputs.clone().and_then(|y| first([(bias.len() != w[0], wrong)]).map(|()| y));
        as_expected(layer::forward(&signal, &taps, None, geometry), |y| y.dim().into(), outputs);
        as_expected(layer::forward(&signal, &taps, Some(&bias), geometry), |y| y.dim().into(), expected);
        as_expected(
            layer::im2col(&signal, kernel, geometry),
            DMatrix::shape,
            expected_columns(x, kernel, geometry),
        );
        assert_eq!(layer::weights(&taps).shape(), (w[0], w[1] * w[2] * w[3]));
        assert_eq!(layer::outputs_matrix(&signal).shape(), (x[1], x[0] * x[2] * x[3]));

        // Backwards, to images that are only spoken of.
        let said = [x[0], x[1], image.0, image.1];
        let columns = expected_columns(said, kernel, geometry);
        let sides = columns.clone().ok().filter(|_| fits).unwrap_or((given[0], given[2]));
        let expected = columns.and_then(|columns| first([(sides != columns, wrong_shape("g", columns, sides))]));
        let g = DMatrix::<i64>::from_element(sides.0, sides.1, 1);
        as_expected(layer::col2im(&g, said, kernel, geometry), |x| x.dim().into(), expected.map(|()| said));

        let shape = expected_layer(said, w, geometry).ok().filter(|_| fits).unwrap_or(given);
        let said = [shape[0], w[1], image.0, image.1];
        let empty = |argument| Error::Empty { argument };
        let expected = first([(shape.contains(&0), empty("g")), (w.contains(&0), empty("kernel"))])
            .and_then(|()| expected_layer(said, w, geometry))
            .and_then(|y| {
                let (expected, given) = (y.to_vec(), shape.to_vec());
                first([(y != shape, Error::Shape { argument: "g", expected, given })])
            });
        let g = Array4::ones(shape);
        as_expected(
            layer::transposed(&g, &taps, geometry, image),
            |x| x.dim().into(),
            expected.map(|()| said),
        );
    }

    /// Outputs, from a matrix of any shape.
    #[test]
    fn outputs_of_any_shape_are_taken_or_refused(
        images in size(), filters in size(), image in sizes(), given in sides(), fits in any::<bool>(),
    ) {
        let shape = [images, filters, image.0, image.1];
        let expected = first([(too_many(&shape), Error::TooLarge { what: "output" })])
            .map(|()| (filters, images * image.0 * image.1));
        let given = expected.clone().ok().filter(|_| fits).unwrap_or(given);
        let expected = expected.and_then(|y| first([(given != y, wrong_shape("y", y, given))]));
        let y = DMatrix::<i64>::from_element(given.0, given.1, 1);
        as_expected(layer::from_outputs(&y, shape), |y| y.dim().into(), expected.map(|()| shape));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 35_000, ..config() })]

    /// Gradients of signals and images: an input cannot have more outputs than samples, and nothing may be empty.
    #[test]
    fn gradients_of_any_shape_are_taken_or_refused(x in sides(), h in sides(), g in sides()) {
        let ones = Array2::<i64>::ones;
        let empty = |argument| Error::Empty { argument };
        let side = |argument, samples: usize, outputs: usize| {
            first([
                (samples == 0, empty(argument)),
                (outputs == 0, empty("g")),
                (samples < outputs, Error::TooShort { argument, needed: outputs, given: samples }),
            ])
        };
        let expected = || side("signal", x.0, g.0).map(|()| x.0 - g.0 + 1);
        for kernel in [spatial::kernel_1d::<i64>, explicit::kernel_1d] {
            as_expected(kernel(&vec![1; x.0], &vec![1; g.0]), Vec::len, expected());
        }
        let expected = || first([(h.0 == 0, empty("kernel")), (g.0 == 0, empty("g"))]).map(|()| g.0 + h.0 - 1);
        for input in [spatial::input_1d::<i64>, explicit::input_1d] {
            as_expected(input(&vec![1; h.0], &vec![1; g.0]), Vec::len, expected());
        }
        let kernels = side("image's height", x.0, g.0).and_then(|()| side("image's width", x.1, g.1));
        let kernels = kernels.map(|()| (x.0 - g.0 + 1, x.1 - g.1 + 1));
        as_expected(spatial::kernel_2d(&ones(x), &ones(g)), |y| y.dim(), kernels.clone());
        as_expected(explicit::kernel_2d(&ones(x), &ones(g)), |y| y.dim(), kernels);
        let none = |shape: (usize, usize)| shape.0 == 0 || shape.1 == 0;
        let inputs = first([(none(h), empty("kernel")), (none(g), empty("g"))]);
        let inputs = inputs.map(|()| (g.0 + h.0 - 1, g.1 + h.1 - 1));
        as_expected(spatial::input_2d(&ones(h), &ones(g)), |y| y.dim(), inputs.clone());
        as_expected(explicit::input_2d(&ones(h), &ones(g)), |y| y.dim(), inputs);
    }

    /// Gradients of layers: only the shape of the outputs will do for g.
    #[test]
    fn gradients_of_any_layer_are_taken_or_refused(
        x in [0..=2_usize, 0..=2, 0..=5, 0..=5], w in [0..=2_usize, 0..=2, 0..=3, 0..=3],
        geometry in any_geometry(), given in [0..=2_usize, 0..=2, 0..=3, 0..=3], taps in sizes(),
        fits in any::<bool>(),
    ) {
        let w = if fits { [w[0], x[1], w[2], w[3]] } else { w };
        let outputs = expected_layer(x, w, geometry);
        let g = outputs.clone().ok().filter(|_| fits).unwrap_or(given);
        let wrong = |y: [usize; 4]| Error::Shape { argument: "g", expected: y.to_vec(), given: g.to_vec() };
        let expected = outputs.and_then(|y| first([(g != y, wrong(y))])).map(|()| [x, w]);
        let [signal, kernel, heard] = [x, w, g].map(Array4::<i64>::ones);
        for layer in [spatial::layer::<i64>, explicit::layer] {
            let shapes = |found: &locality::gradient::Gradients<i64>| {
                assert_eq!(found.bias.len(), w[0]);
                [found.input.dim().into(), found.kernel.dim().into()]
            };
            as_expected(layer(&signal, &kernel, &heard, geometry), shapes, expected.clone());
        }

        // The weights alone, whose size is only spoken of.
        let empty = |argument| Error::Empty { argument };
        let expected = first([(x.contains(&0), empty("input")), (g.contains(&0), empty("g"))])
            .and_then(|()| expected_shape((x[2], x[3]), taps, geometry))
            .and_then(|(p, q)| {
                let y = [x[0], g[1], p, q];
                let too_large = too_many(&[g[1], x[1], taps.0, taps.1]);
                first([(g != y, wrong(y)), (too_large, Error::TooLarge { what: "gradient by the kernel" })])
            });
        let found = spatial::kernel(&signal, &heard, taps, geometry);
        as_expected(found, |found| found.dim(), expected.map(|()| (g[1], x[1], taps.0, taps.1)));
        assert_eq!(spatial::bias(&heard).len(), g[1]);
    }

    /// The referee calls the loss and nothing else: what is no number comes out as none, and lengths may differ.
    #[test]
    fn the_referee_takes_any_numbers(
        point in collection::vec(any::<f64>(), 0..5), direction in collection::vec(any::<f64>(), 0..5),
    ) {
        let sum = |p: &[f64]| p.iter().sum::<f64>();
        assert_eq!(finite_difference::gradient(sum, &point).len(), point.len());
        finite_difference::directional(sum, &point, &direction);
        assert!(finite_difference::gradient(|_| f64::NAN, &point).iter().all(|d| d.is_nan()));
    }
}

proptest! {
    #![proptest_config(config())]

    /// Convolution of signals commutes and associates, and a delayed signal has a delayed result.
    #[test]
    fn signals_form_an_algebra(x in signal(), h in signal(), g in signal(), delay in 0..9_usize) {
        let full = |x: &[i64], h: &[i64]| conv1d::convolve(x, h, Mode::Full);
        let late = |x: &[i64]| [&vec![0; delay], x].concat();
        let y = full(&x, &h)?;
        assert_eq!(y, scattered(&x, &h));
        assert_eq!(y, full(&h, &x)?);
        assert_eq!(full(&y, &g)?, full(&x, &full(&h, &g)?)?);
        assert_eq!(full(&late(&x), &h)?, late(&y));
    }

    /// So does convolution of images.
    #[test]
    fn images_form_an_algebra(x in image(), h in image(), g in image(), rows in 0..4_usize, columns in 0..4_usize) {
        let full = |x: &Image, h: &Image| conv2d::convolve(x, h, Mode::Full);
        let late = |x: &Image| {
            let mut late = Array2::zeros((x.nrows() + rows, x.ncols() + columns));
            late.slice_mut(s![rows.., columns..]).assign(x);
            late
        };
        let y = full(&x, &h)?;
        assert_eq!(y, scattered_image(&x, &h));
        assert_eq!(y, full(&h, &x)?);
        assert_eq!(full(&y, &g)?, full(&x, &full(&h, &g)?)?);
        assert_eq!(full(&late(&x), &h)?, late(&y));
    }

    /// Every mode is a crop of the full result, of convolution and of correlation.
    #[test]
    fn modes_are_crops(x in signal(), h in signal()) {
        let (n, k) = (x.len(), h.len());
        let (convolved, correlated) = (scattered(&x, &h), scattered(&x, &conv1d::flip(&h)));
        for mode in modes((n, 1), (k, 1)) {
            let kept = match mode {
                Mode::Full => 0..n + k - 1,
                Mode::Same => (k - 1) / 2..(k - 1) / 2 + n,
                Mode::Valid => k - 1..n,
            };
            assert_eq!(mode.outputs(n, k)?, kept);
            assert_eq!(conv1d::convolve(&x, &h, mode)?, convolved[kept.clone()]);
            assert_eq!(conv1d::correlate(&x, &h, mode)?, correlated[kept]);
        }
    }

    /// The same along both axes of an image, in one pass with the kernel or in two with its factors.
    #[test]
    fn modes_are_crops_of_images(x in image(), h in image()) {
        let (u, v) = (h.column(0).to_vec(), h.row(0).to_vec());
        let convolved = scattered_image(&x, &h);
        let correlated = scattered_image(&x, &conv2d::flip(&h));
        let separable = scattered_image(&x, &conv2d::outer(&u, &v));
        for mode in modes(x.dim(), h.dim()) {
            let (rows, columns) = (mode.outputs(x.nrows(), h.nrows())?, mode.outputs(x.ncols(), h.ncols())?);
            let kept = s![rows, columns];
            assert_eq!(conv2d::convolve(&x, &h, mode)?, convolved.slice(&kept));
            assert_eq!(conv2d::correlate(&x, &h, mode)?, correlated.slice(&kept));
            assert_eq!(conv2d::separable(&x, &u, &v, mode)?, separable.slice(&kept));
        }
    }

    /// A circular result is the full one, wrapped; correlation pairs a sample with the tap that many places before.
    #[test]
    fn circles_wrap(x in signal(), h in signal(), room in 0..25_usize) {
        let m = x.len().max(h.len()) + room;
        assert_eq!(conv1d::convolve_circular(&x, &h, m)?, wrapped(&scattered(&x, &h), m));
        let mut correlated = wrapped(&scattered(&x, &conv1d::flip(&h)), m);
        correlated.rotate_left(h.len() - 1);
        assert_eq!(conv1d::correlate_circular(&x, &h, m)?, correlated);
    }

    /// The same on a torus.
    #[test]
    fn tori_wrap(x in image(), h in image(), rows in 0..7_usize, columns in 0..7_usize) {
        let (mh, mw) = (x.nrows().max(h.nrows()) + rows, x.ncols().max(h.ncols()) + columns);
        let convolved = wrapped_image(&scattered_image(&x, &h), (mh, mw));
        assert_eq!(conv2d::convolve_circular(&x, &h, (mh, mw))?, convolved);
        let late = wrapped_image(&scattered_image(&x, &conv2d::flip(&h)), (mh, mw));
        let correlated = Array2::from_shape_fn((mh, mw), |(i, j)| {
            late[[(i + h.nrows() - 1) % mh, (j + h.ncols() - 1) % mw]]
        });
        assert_eq!(conv2d::correlate_circular(&x, &h, (mh, mw))?, correlated);
    }

    /// Through the Fourier transform come the definition's outputs, up to rounding.
    #[test]
    fn fourier_is_the_definition(x in signal(), h in signal(), room in 0..25_usize) {
        let m = x.len().max(h.len()) + room;
        fourier_agrees(&floats(&x), &floats(&h), m, 1e-12)?;
        fourier_agrees(&complex(&x), &complex(&h), m, 1e-12)?;
        let single = |x: &[i64]| x.iter().map(|&sample| sample as f32).collect::<Vec<_>>();
        fourier_agrees(&single(&x), &single(&h), m, 1e-5)?;
    }

    /// The same of images.
    #[test]
    fn fourier_is_the_definition_2d(x in image(), h in image(), rows in 0..7_usize, columns in 0..7_usize) {
        let shape = (x.nrows().max(h.nrows()) + rows, x.ncols().max(h.ncols()) + columns);
        fourier_agrees_2d(&float_image(&x), &float_image(&h), shape, 1e-12)?;
        fourier_agrees_2d(&complex_image(&x), &complex_image(&h), shape, 1e-12)?;
        let single = |x: &Image| x.mapv(|pixel| Complex::new(0.0, pixel as f32));
        fourier_agrees_2d(&single(&x), &single(&h), shape, 1e-5)?;
    }

    /// The explicit matrices do what the loops do.
    #[test]
    fn matrices_are_the_definition(x in signal(), h in signal(), room in 0..25_usize) {
        let (n, v) = (x.len(), DVector::from_column_slice(&x));
        for mode in modes((n, 1), (h.len(), 1)) {
            let convolution = matrix::convolution(&h, n, mode)?;
            let correlation = matrix::correlation(&h, n, mode)?;
            assert_eq!((convolution * &v).as_slice(), conv1d::convolve(&x, &h, mode)?);
            assert_eq!((correlation * &v).as_slice(), conv1d::correlate(&x, &h, mode)?);
        }
        let m = n.max(h.len()) + room;
        let padded = DVector::from_vec(conv1d::pad(&x, m)?);
        let (circulant, circular) = (matrix::circulant(&h, m)?, conv1d::convolve_circular(&x, &h, m)?);
        assert_eq!((&circulant * &padded).as_slice(), circular);
        let correlated = conv1d::correlate_circular(&x, &h, m)?;
        assert_eq!((circulant.transpose() * &padded).as_slice(), correlated);
        let toeplitz = matrix::toeplitz(&x, &h)?;
        let entry = |i: usize, j: usize| if j > i { h[j - i] } else { x[i - j] };
        assert_eq!(toeplitz, DMatrix::from_fn(n, h.len(), entry));
        // The corner is the column's.
        let entry = |i: usize, j: usize| if i + j < n { x[i + j] } else { h[i + j + 1 - n] };
        assert_eq!(matrix::hankel(&x, &h)?, DMatrix::from_fn(n, h.len(), entry));
    }

    /// So do those of images; one with the pixels is the same map of the kernel.
    #[test]
    fn matrices_are_the_definition_2d(x in image(), h in image(), rows in 0..4_usize, columns in 0..4_usize) {
        for mode in modes(x.dim(), h.dim()) {
            let convolution = matrix::convolution2(&h, x.dim(), mode)?;
            let correlation = matrix::correlation2(&h, x.dim(), mode)?;
            assert_eq!(convolution * matrix::vec(&x), matrix::vec(&conv2d::convolve(&x, &h, mode)?));
            assert_eq!(correlation * matrix::vec(&x), matrix::vec(&conv2d::correlate(&x, &h, mode)?));
        }
        let shape = (x.nrows().max(h.nrows()) + rows, x.ncols().max(h.ncols()) + columns);
        let (torus, padded) = (matrix::bccb(&h, shape)?, matrix::vec(&conv2d::pad(&x, shape)?));
        let convolved = matrix::vec(&conv2d::convolve_circular(&x, &h, shape)?);
        let correlated = matrix::vec(&conv2d::correlate_circular(&x, &h, shape)?);
        assert_eq!((&torus * &padded, torus.transpose() * &padded), (convolved, correlated));
        if h.nrows() <= x.nrows() && h.ncols() <= x.ncols() {
            let correlated = matrix::vec(&conv2d::correlate(&x, &h, Mode::Valid)?);
            assert_eq!(matrix::im2col(&x, h.dim())? * matrix::vec(&h), correlated);
        }
    }

    /// The transforms are the Fourier matrices, and the inverses take them back.
    #[test]
    fn transforms_are_the_matrices(x in signal(), image in image()) {
        let (x, image) = (complex(&x), complex_image(&image));
        let scale = 1.0 + norm(&x) + norm(&image);
        let spectrum = fourier::dft(&x)?;
        let (x, bins) = (DVector::from_vec(x), DVector::from_vec(spectrum));
        close(matrix::dft::<C>(x.len())? * &x, &bins, 1e-12, scale);
        close(matrix::inverse_dft(x.len())? * &bins, &x, 1e-12, scale);
        let (spectrum, (height, width)) = (fourier::dft2(&image)?, image.dim());
        close(matrix::dft2::<C>(height, width)? * matrix::vec(&image), matrix::vec(&spectrum), 1e-12, scale);
        close(matrix::inverse_dft2(height, width)? * matrix::vec(&spectrum), matrix::vec(&image), 1e-12, scale);
    }

    /// What is laid out another way, padded, or turned can be had back.
    #[test]
    fn nothing_is_lost(x in signal(), image in image(), rows in 0..4_usize, columns in 0..4_usize) {
        let (n, (height, width)) = (x.len(), image.dim());
        assert_eq!(matrix::unvec(&matrix::vec(&image), image.dim())?, image);
        assert_eq!(matrix::to_array(&matrix::from_array(&image)), image);
        assert_eq!(conv1d::flip(&conv1d::flip(&x)), x);
        assert_eq!(conv2d::flip(&conv2d::flip(&image)), image);
        let padded = conv1d::pad(&x, n + rows)?;
        assert_eq!((&padded[..n], &padded[n..]), (&x[..], &vec![0; rows][..]));
        let padded = conv2d::pad(&image, (height + rows, width + columns))?;
        assert_eq!(padded.dim(), (height + rows, width + columns));
        assert_eq!(padded.slice(s![..height, ..width]), image);
        let not_zero = |x: &Image| x.iter().filter(|&&pixel| pixel != 0).count();
        assert_eq!(not_zero(&padded), not_zero(&image));
    }

    /// A kernel larger than the signal has no valid outputs, in one dimension or along one of two axes.
    #[test]
    fn large_kernels_are_refused(n in 1..20_usize, more in 1..20_usize, side in 1..6_usize, taps in 1..6_usize) {
        let refusal = Error::KernelTooLarge { kernel: n + more, signal: n };
        refused(Mode::Valid.outputs(n, n + more), refusal.clone());
        refused_1d(&vec![1; n], &vec![1; n + more], Mode::Valid, &refusal);
        // Too high, whatever its width; and too wide.
        refused_2d(&Array2::ones((n, side)), &Array2::ones((n + more, taps)), Mode::Valid, &refusal);
        let taps = taps.min(side);
        refused_2d(&Array2::ones((side, n)), &Array2::ones((taps, n + more)), Mode::Valid, &refusal);
    }

    /// A circle has room for signal and kernel, or it is refused, with the size it must have.
    #[test]
    fn short_circles_are_refused(x in signal(), h in signal(), short in 1..20_usize) {
        let needed = x.len().max(h.len());
        let given = needed.saturating_sub(short);
        let refusal = Error::TooShort { argument: "m", needed, given };
        refused_circular(&x, &h, given, &refusal, &refusal);
        let given = x.len().saturating_sub(short);
        let refusal = Error::TooShort { argument: "m", needed: x.len(), given };
        refused(conv1d::pad(&x, given), refusal.clone());
        refused(matrix::circulant(&x, given), refusal);
    }

    /// So has a torus, along each of its axes.
    #[test]
    fn short_tori_are_refused(x in image(), h in image(), short in 1..9_usize, room in 0..9_usize) {
        let (mh, mw) = (x.nrows().max(h.nrows()), x.ncols().max(h.ncols()));
        let too_short = |argument, needed: usize| {
            let given = needed.saturating_sub(short);
            (given, Error::TooShort { argument, needed, given })
        };
        let (given, refusal) = too_short("shape.0", mh);
        refused_torus(&x, &h, (given, mw + room), &refusal, &refusal);
        let (given, refusal) = too_short("shape.1", mw);
        refused_torus(&x, &h, (mh + room, given), &refusal, &refusal);
        let (given, refusal) = too_short("shape.0", x.nrows());
        refused(conv2d::pad(&x, (given, mw + room)), refusal);
        let (given, refusal) = too_short("shape.1", x.ncols());
        refused(conv2d::pad(&x, (mh + room, given)), refusal);
    }

    /// A spectrum belongs to one number of samples, or to two neighbours if they are real; a vector to one number of
    /// pixels.
    #[test]
    fn other_lengths_are_refused(
        x in image(), wrong in prop_oneof![0..9_usize, huge()], shape in (0..7_usize, 0..7_usize),
    ) {
        spectra_fit(&float_image(&x), wrong, |n| n / 2 + 1)?;
        spectra_fit(&complex_image(&x), wrong, |n| n)?;
        let bins = complex(&x.row(0).to_vec());
        if wrong > 0 && wrong / 2 + 1 != bins.len() {
            let refusal = Error::Length { argument: "spectrum", expected: wrong / 2 + 1, given: bins.len() };
            refused(fourier::irfft(&bins, wrong), refusal);
        }
        if shape.0 * shape.1 != x.len() {
            let refusal = Error::Length { argument: "v", expected: shape.0 * shape.1, given: x.len() };
            refused(matrix::unvec(&matrix::vec(&x), shape), refusal);
        }
    }

    /// What no memory holds is refused before it is asked for.
    #[test]
    fn huge_sizes_are_refused(x in signal(), h in signal(), size in huge(), mode in 0..3_usize) {
        let too_large = |what| Error::TooLarge { what };
        refused_circular(&x, &h, size, &too_large("padded signal"), &too_large("transform"));
        refused(conv1d::pad(&x, size), too_large("padded signal"));
        refused(matrix::circulant(&h, size), too_large("circulant matrix"));
        refused(matrix::dft::<C>(size), too_large("Fourier matrix"));
        refused(matrix::inverse_dft::<f64>(size), too_large("Fourier matrix"));
        refused(matrix::dft2::<C>(size, 3), too_large("2-D Fourier matrix"));
        refused(matrix::dft2::<C>(3, size), too_large("2-D Fourier matrix"));
        refused(matrix::inverse_dft2::<f64>(size, 3), too_large("2-D Fourier matrix"));
        refused(matrix::convolution(&h[..1], size, MODES[mode]), too_large("convolution matrix"));
        refused(matrix::correlation(&h[..1], size, MODES[mode]), too_large("convolution matrix"));
        // Whoever has two such sizes cannot even count the outputs.
        let reason = too_large("full output");
        refused(MODES[mode].outputs(usize::MAX, size), reason.clone());
        refused(MODES[mode].outputs(usize::MAX - x.len() + 1, x.len() + 1), reason);
        assert_eq!(Mode::Full.outputs(usize::MAX - x.len(), x.len() + 1)?, 0..usize::MAX);
    }

    /// The same of shapes.
    #[test]
    fn huge_shapes_are_refused(x in image(), h in image(), shape in huge_shape()) {
        let too_large = |what| Error::TooLarge { what };
        refused_torus(&x, &h, shape, &too_large("padded image"), &too_large("transform"));
        refused(conv2d::pad(&x, shape), too_large("padded image"));
        refused(matrix::unvec(&matrix::vec(&x), shape), too_large("image"));
    }

    /// One sample or tap that is no finite number spoils the outputs that the definition sums it into, and no others.
    /// A transform mixes every sample into every bin: it spoils them all.
    #[test]
    fn not_a_number_goes_where_the_definition_takes_it(
        x in signal(), h in signal(), place in any::<prop::sample::Index>(), in_kernel in any::<bool>(), bad in bad(),
        room in 0..9_usize,
    ) {
        let (mut x, mut h) = (floats(&x), floats(&h));
        let spoiled = if in_kernel { &mut h } else { &mut x };
        let place = place.index(spoiled.len());
        spoiled[place] = bad;
        let (convolved, correlated) = (scattered(&x, &h), scattered(&x, &conv1d::flip(&h)));
        let m = x.len().max(h.len()) + room;
        for mode in modes((x.len(), 1), (h.len(), 1)) {
            let kept = mode.outputs(x.len(), h.len())?;
            assert_eq!(kinds(&conv1d::convolve(&x, &h, mode)?), kinds(&convolved[kept.clone()]));
            assert_eq!(kinds(&conv1d::correlate(&x, &h, mode)?), kinds(&correlated[kept]));
            assert!(all_lost(&fourier::conv1d::convolve(&x, &h, mode)?));
            assert!(all_lost(&fourier::conv1d::correlate(&x, &h, mode)?));
        }
        let convolved = scattered_on_circle(&x, &h, m, false);
        let correlated = scattered_on_circle(&x, &h, m, true);
        assert_eq!(kinds(&conv1d::convolve_circular(&x, &h, m)?), kinds(&convolved));
        assert_eq!(kinds(&conv1d::correlate_circular(&x, &h, m)?), kinds(&correlated));
        assert!(all_lost(&fourier::conv1d::convolve_circular(&x, &h, m)?));
        assert!(all_lost(&fourier::conv1d::correlate_circular(&x, &h, m)?));
    }

    /// The same of images. A singular value decomposition has no answer at all, and says so.
    #[test]
    fn not_a_number_goes_where_the_definition_takes_it_2d(
        x in image(), h in image(), place in any::<prop::sample::Index>(), in_kernel in any::<bool>(), bad in bad(),
        rows in 0..5_usize, columns in 0..5_usize,
    ) {
        let (mut x, mut h) = (float_image(&x), float_image(&h));
        let spoiled = if in_kernel { &mut h } else { &mut x };
        let place = (place.index(spoiled.nrows()), place.index(spoiled.ncols()));
        spoiled[place] = bad;
        refused(conv2d::low_rank(spoiled), Error::NotFinite { argument: "kernel" });
        let (convolved, correlated) = (scattered_image(&x, &h), scattered_image(&x, &conv2d::flip(&h)));
        for mode in modes(x.dim(), h.dim()) {
            let (rows, columns) = (mode.outputs(x.nrows(), h.nrows())?, mode.outputs(x.ncols(), h.ncols())?);
            let kept = s![rows, columns];
            assert_eq!(kinds(&conv2d::convolve(&x, &h, mode)?), kinds(&convolved.slice(&kept).to_owned()));
            assert_eq!(kinds(&conv2d::correlate(&x, &h, mode)?), kinds(&correlated.slice(&kept).to_owned()));
            assert!(all_lost(&fourier::conv2d::convolve(&x, &h, mode)?));
            assert!(all_lost(&fourier::conv2d::correlate(&x, &h, mode)?));
        }
        let torus = (x.nrows().max(h.nrows()) + rows, x.ncols().max(h.ncols()) + columns);
        let convolved = scattered_on_torus(&x, &h, torus, false);
        let correlated = scattered_on_torus(&x, &h, torus, true);
        assert_eq!(kinds(&conv2d::convolve_circular(&x, &h, torus)?), kinds(&convolved));
        assert_eq!(kinds(&conv2d::correlate_circular(&x, &h, torus)?), kinds(&correlated));
        assert!(all_lost(&fourier::conv2d::convolve_circular(&x, &h, torus)?));
        assert!(all_lost(&fourier::conv2d::correlate_circular(&x, &h, torus)?));
    }

    /// A sum of separable kernels is found for taps of every finite size, and for kernels of every shape.
    #[test]
    fn finite_kernels_have_terms(h in image(), exponent in -300..=300_i32) {
        let h = h.mapv(|tap| tap as f64 * 10_f64.powi(exponent));
        let terms = conv2d::low_rank(&h)?;
        assert_eq!(terms.len(), h.nrows().min(h.ncols()));
        let sum = terms.iter().fold(Array2::zeros(h.dim()), |sum, term| sum + term.kernel());
        let largest = h.iter().fold(0.0, |most: f64, tap| most.max(tap.abs()));
        close(sum, h, 1e-12, largest);
    }
}

/// Nothing to convolve is refused, whichever of the two is missing; the signal is named first.
#[test]
fn empty_signals_are_refused() {
    let (signal, kernel) = (Error::Empty { argument: "signal" }, Error::Empty { argument: "kernel" });
    for mode in MODES {
        refused(mode.outputs(0, 3), signal.clone());
        refused(mode.outputs(0, 0), signal.clone());
        refused(mode.outputs(3, 0), kernel.clone());
        refused_1d(&[], &[1, 2], mode, &signal);
        refused_1d(&[], &[], mode, &signal);
        refused_1d(&[1, 2], &[], mode, &kernel);
    }
    for m in [0, 1, 9, usize::MAX] {
        refused_circular(&[], &[1, 2], m, &signal, &signal);
        refused_circular(&[], &[], m, &signal, &signal);
        refused_circular(&[1, 2], &[], m, &kernel, &kernel);
        refused(matrix::circulant::<i64>(&[], m), kernel.clone());
    }
    refused(matrix::toeplitz(&[], &[1]), Error::Empty { argument: "column" });
    refused(matrix::toeplitz(&[1], &[]), Error::Empty { argument: "row" });
    refused(matrix::toeplitz::<i64>(&[], &[]), Error::Empty { argument: "column" });
    refused(matrix::hankel(&[], &[1]), Error::Empty { argument: "column" });
    refused(matrix::hankel(&[1], &[]), Error::Empty { argument: "row" });
}

/// The same of images without rows, columns, or both.
#[test]
fn empty_images_are_refused() {
    let (signal, kernel) = (Error::Empty { argument: "signal" }, Error::Empty { argument: "kernel" });
    let some = Array2::ones((3, 3));
    for shape in [(0, 0), (0, 3), (3, 0)] {
        let none = Array2::zeros(shape);
        for mode in MODES {
            refused_2d(&none, &some, mode, &signal);
            refused_2d(&none, &none, mode, &signal);
            refused_2d(&some, &none, mode, &kernel);
        }
        for torus in [(0, 0), (1, 9), (9, 9), (usize::MAX, usize::MAX)] {
            refused_torus(&none, &some, torus, &signal, &signal);
            refused_torus(&none, &none, torus, &signal, &signal);
            refused_torus(&some, &none, torus, &kernel, &kernel);
        }
        refused(conv2d::low_rank(&float_image(&none)), kernel.clone());
    }
}

/// No samples have no spectrum, no bins no signal, and there is no Fourier matrix of order zero.
#[test]
fn empty_transforms_are_refused() {
    let empty = |argument| Error::Empty { argument };
    refused(fourier::dft::<f64>(&[]), empty("signal"));
    refused(fourier::rfft::<f64>(&[]), empty("signal"));
    refused(fourier::inverse_dft::<f64>(&[]), empty("spectrum"));
    refused(fourier::irfft::<f64>(&[], 0), empty("n"));
    refused(fourier::irfft(&[C::zero()], 0), empty("n"));
    for shape in [(0, 0), (0, 3), (3, 0)] {
        refused(fourier::dft2(&Array2::<C>::zeros(shape)), empty("image"));
        refused(fourier::inverse_dft2(&Array2::<C>::zeros(shape)), empty("spectrum"));
        refused(matrix::dft2::<C>(shape.0, shape.1), empty("n"));
        refused(matrix::inverse_dft2::<f64>(shape.0, shape.1), empty("n"));
    }
    refused(matrix::dft::<C>(0), empty("n"));
    refused(matrix::inverse_dft::<f64>(0), empty("n"));
    refused(Complex::<f32>::root_of_unity(0, 1), empty("n"));
    refused(Complex::<i64>::root_of_unity(0, 1), empty("n"));
    nothing_has_no_spectrum::<f32>();
    nothing_has_no_spectrum::<f64>();
    nothing_has_no_spectrum::<Complex<f32>>();
    nothing_has_no_spectrum::<C>();
}

/// What takes nothing without complaint gives nothing, or zeros.
#[test]
fn nothing_is_also_a_signal() -> Result<()> {
    let none = Array2::<i64>::zeros((0, 3));
    assert_eq!(conv1d::flip::<i64>(&[]), []);
    assert_eq!(conv2d::flip(&none), none);
    assert_eq!(conv1d::pad::<i64>(&[], 2)?, [0, 0]);
    assert_eq!(conv2d::pad(&none, (1, 3))?, array![[0, 0, 0]]);
    assert_eq!(conv2d::outer(&[], &[1, 2, 3]), none);
    assert_eq!(matrix::vec(&none), DVector::<i64>::zeros(0));
    assert_eq!(matrix::unvec(&DVector::<i64>::zeros(0), (0, 3))?, none);
    assert_eq!(matrix::to_array(&matrix::from_array(&none)), none);
    Ok(())
}

/// A shape of no pixels that is too long all the same, for `ndarray` counts the sides that are not zero.
#[test]
fn huge_shapes_of_nothing_are_refused() {
    let too_large = |what| Error::TooLarge { what };
    let none = Array2::<i64>::zeros((0, 0));
    for shape in [(usize::MAX, 0), (0, usize::MAX)] {
        refused(conv2d::pad(&none, shape), too_large("padded image"));
        refused(matrix::unvec(&matrix::vec(&none), shape), too_large("image"));
    }
}

/// The largest size there can be is refused for no other reason than that the vector is shorter.
#[test]
fn the_largest_size_is_not_too_large() {
    let refusal = Error::Length { argument: "v", expected: MOST, given: 1 };
    refused(matrix::unvec(&DVector::from_element(1, 0_i64), (1, MOST)), refusal);
    let refusal = Error::TooLarge { what: "image" };
    refused(matrix::unvec(&DVector::from_element(1, 0_i64), (1, MOST + 1)), refusal);
}

/// An image that is one pixel, repeated without being copied, can be too large to convolve.
#[test]
fn huge_images_are_refused() {
    let (pixel, h, output) = (array![[1]], Array2::ones((2, 2)), Error::TooLarge { what: "output" });
    let real = float_image(&pixel);
    for shape in [(1, isize::MAX as usize), (isize::MAX as usize, 1), (1 << 31, 1 << 31)] {
        let x = pixel.broadcast(shape).expect("one pixel fits everywhere");
        refused(conv2d::convolve(&x, &h, Mode::Full), output.clone());
        refused(conv2d::correlate(&x, &h, Mode::Full), output.clone());
        refused(conv2d::separable(&x, &[1, 1], &[1, 1], Mode::Full), output.clone());
        let x = real.broadcast(shape).expect("one pixel fits everywhere");
        refused(fourier::conv2d::convolve(&x, &float_image(&h), Mode::Full), output.clone());
        refused(fourier::conv2d::correlate(&x, &float_image(&h), Mode::Full), output.clone());
    }
}

/// Two orders may each have a Fourier matrix that fits, and a product that does not.
#[test]
fn huge_products_of_fourier_matrices_are_refused() {
    let refusal = Error::TooLarge { what: "2-D Fourier matrix" };
    refused(matrix::dft2::<C>(1 << 16, 1 << 16), refusal.clone());
    refused(matrix::inverse_dft2::<f64>(1 << 16, 1 << 16), refusal);
}

/// Gaussian integers hold the roots of unity of order 1, 2 and 4 and no others; rounded numbers hold them all.
#[test]
fn missing_roots_are_refused() -> Result<()> {
    for n in [3, 5, 8, 12, 1024, usize::MAX] {
        for k in [0, 1, n, usize::MAX] {
            let refusal = |number| Error::NoRootOfUnity { order: n, number };
            refused(Complex::<i32>::root_of_unity(n, k), refusal("Complex<i32>"));
            refused(Complex::<i64>::root_of_unity(n, k), refusal("Complex<i64>"));
            refused(Complex::<i128>::root_of_unity(n, k), refusal("Complex<i128>"));
            let angle = TAU * (k % n) as f64 / n as f64;
            assert!((C::root_of_unity(n, k)? - C::cis(-angle)).norm() < 1e-15);
        }
    }
    let refusal = Error::NoRootOfUnity { order: 3, number: "Complex<i64>" };
    refused(matrix::dft::<Complex<i64>>(3), refusal.clone());
    refused(matrix::dft2::<Complex<i64>>(4, 3), refusal.clone());
    refused(matrix::dft2::<Complex<i64>>(3, 4), refusal);
    Ok(())
}

/// A picture of nothing, or of what is no number, is still a picture.
#[test]
fn pictures_of_nothing_are_drawn() {
    charts(&[]);
    charts(&[Chart::new("x", "y", vec![])]);
    for y in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(short(y), y.to_string());
        for mark in [Mark::Line, Mark::Stems, Mark::Dots, Mark::Bars] {
            let series = |points: &[(f64, f64)]| Series::new("s", Ink::Signal, mark, points.to_vec());
            charts(&[Chart::new("x", "y", vec![series(&[])])]);
            charts(&[Chart::new("x", "y", vec![series(&[(y, y)])])]);
            charts(&[Chart::new("x", "y", vec![series(&[(0.0, 1.0), (1.0, y), (2.0, 3.0)])])]);
        }
        let image = Array2::from_elem((2, 3), y);
        row(9, &[Panel::matrix("A", &image, Ink::Kernel).labelled(), Panel::picture("X", &image)], &["="]);
    }
    rows(9, &[], &[]);
    row(9, &[], &[]);
    for shape in [(0, 0), (0, 3), (3, 0)] {
        row(9, &[Panel::matrix("A", &Array2::zeros(shape), Ink::Kernel)], &[]);
        row(9, &[Panel::picture("X", &Array2::zeros(shape))], &[]);
    }
}

/// Every error, as it is printed.
#[test]
fn errors_say_which_argument_what_was_expected_and_what_was_given() {
    let printed = [
        (Error::Empty { argument: "signal" }, "signal: expected at least one sample, got none"),
        (
            Error::KernelTooLarge { kernel: 5, signal: 4 },
            "kernel: expected at most 4 taps (the length of the signal along this axis) in valid mode, got 5",
        ),
        (Error::TooShort { argument: "m", needed: 4, given: 3 }, "m: expected at least 4, got 3"),
        (
            Error::NoOutput { reach: 7, padded: 5 },
            "kernel: expected to reach over at most 5 samples (the padded image along this axis), got 7",
        ),
        (Error::Zero { argument: "stride" }, "stride: expected at least 1, got 0"),
        (Error::Length { argument: "spectrum", expected: 3, given: 2 }, "spectrum: expected length 3, got 2"),
        (
            Error::Shape { argument: "g", expected: vec![4, 9], given: vec![9, 4] },
            "g: expected shape 4 × 9, got 9 × 4",
        ),
        (
            Error::TooLarge { what: "transform" },
            "transform: expected a size that fits into memory, got one that overflows",
        ),
        (
            Error::NoRootOfUnity { order: 3, number: "Complex<i64>" },
            "order: expected one for which Complex<i64> holds a primitive root of unity, got 3",
        ),
        (Error::NotFinite { argument: "kernel" }, "kernel: expected finite samples, got NaN or an infinity"),
        (
            Error::NotPositive { argument: "weight" },
            "weight: expected a positive, finite number, got another",
        ),
    ];
    for (error, message) in printed {
        assert_eq!(error.to_string(), message);
        assert_says_everything(&error);
    }
}
