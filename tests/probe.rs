//! What the numbers that watch see: the derivatives and the sets of inputs of [`Traced`], the operations of [`Counted`],
//! and that both compute what `f64` computes.

use locality::conv2d::{self, Mode, pad};
use locality::fourier::{self, Sample};
use locality::gradient::finite_difference;
use locality::gradient::fourier as through_fft;
use locality::ndarray::{Array2, ArrayRef2};
use locality::num_complex::Complex;
use locality::num_traits::{FromPrimitive, Num, One, Signed, Zero};
use locality::probe::{Counted, Operations, Traced, count};
use locality::scalar::RootOfUnity;
use locality::{Error, Result, matrix};
use proof::S2;

/// A number that knows what it depends on, among up to 128 inputs.
type T = Traced<128>;

/// Numbers from 1 to 5.5 without a pattern.
fn numbers(shape: (usize, usize), seed: usize) -> Array2<f64> {
    Array2::from_shape_fn(shape, |(i, j)| 1.0 + ((37 * i * i + 11 * j * (i + 3) + seed) % 19) as f64 / 4.0)
}

/// The image as numbers that nobody watches.
fn known(x: &ArrayRef2<f64>) -> Array2<T> {
    x.mapv(T::constant)
}

/// The image with its pixels as inputs.
fn watched(x: &ArrayRef2<f64>) -> Result<Array2<T>> {
    let inputs = T::inputs(&x.iter().copied().collect::<Vec<_>>(), 0)?;
    Ok(Array2::from_shape_vec(x.dim(), inputs).expect("as many as there are pixels"))
}

/// The layer through explicit matrices: F⁻¹ diag(conj ĥ) F, and the rows of the valid outputs.
fn through_matrices(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Result<Array2<T>> {
    let (height, width) = x.dim();
    let f = matrix::dft2::<Complex<T>>(height, width)?;
    let h_hat = &f * matrix::vec(&pad(h, x.dim())?.mapv(Complex::from));
    let x_hat = &f * matrix::vec(&x.mapv(Complex::from));
    let product = h_hat.map(|bin| bin.conj()).component_mul(&x_hat);
    let y = matrix::unvec(&(matrix::inverse_dft2::<T>(height, width)? * product), x.dim())?;
    let kept = (height - h.nrows() + 1, width - h.ncols() + 1);
    Ok(Array2::from_shape_fn(kept, |output| y[output].re))
}

/// Three routes to the same outputs: the definition, the explicit matrices, and `rustfft`. The same pixels move them; they
/// were computed from other ones.
#[test]
fn three_routes_have_one_influence_and_different_structures() -> Result<()> {
    for &(image, kernel) in S2 {
        let (x, h) = (numbers(image, 1), numbers(kernel, 5));
        let (traced, taps) = (watched(&x)?, known(&h));
        let routes = [
            conv2d::correlate(&traced, &taps, Mode::Valid)?,
            through_matrices(&traced, &taps)?,
            through_fft::forward_2d(&traced, &taps, x.dim())?,
        ];
        // 1e-9 is far above rounding and far below every tap.
        for output in (0..routes[0].nrows()).flat_map(|i| (0..routes[0].ncols()).map(move |j| (i, j))) {
            let [space, matrices, fft] = routes.each_ref().map(|y| y[output]);
            let covers = |&pixel: &usize| {
                let (m, n) = (pixel / image.1, pixel % image.1);
                m.checked_sub(output.0).is_some_and(|a| a < kernel.0)
                    && n.checked_sub(output.1).is_some_and(|b| b < kernel.1)
            };
            let window = (0..x.len()).filter(covers).collect::<Vec<_>>();
            assert_eq!(space.influence(0.0), window);
            assert_eq!(space.structure(), window);
            assert_eq!(matrices.influence(1e-9), window);
            assert_eq!(fft.influence(1e-9), window);
            let all = (0..x.len()).collect::<Vec<_>>();
            assert_eq!(matrices.structure(), all);
            assert_eq!(fft.structure(), all);
            assert!((space.value() - matrices.value()).abs() < 1e-9);
            assert!((space.value() - fft.value()).abs() < 1e-9);
        }
    }
    Ok(())
}

/// A way from image and taps to the outputs.
type Route = fn(&ArrayRef2<T>, &ArrayRef2<T>) -> Result<Array2<T>>;

/// In the article's 4 × 4 example nothing is rounded, so the sets need no threshold.
#[test]
fn four_point_transforms_are_traced_exactly() -> Result<()> {
    let x = Array2::from_shape_fn((4, 4), |(i, j)| (4 * i + j).pow(2) as f64);
    let h = Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as f64);
    let spatial = conv2d::correlate(&watched(&x)?, &known(&h), Mode::Valid)?;
    let routes: [Route; 2] = [through_matrices, |x, h| through_fft::forward_2d(x, h, x.dim())];
    for route in routes {
        for (y, expected) in route(&watched(&x)?, &known(&h))?.iter().zip(&spatial) {
            assert_eq!((y.value(), y.slopes()), (expected.value(), expected.slopes()));
            assert_eq!((y.structure().len(), y.influence(0.0).len()), (16, 9));
        }
    }
    Ok(())
}

/// A function of three numbers.
type Function<S> = fn(S, S, S) -> S;

/// Every operation has the derivative that nudging finds, the value that `f64` computes, and reads what it is given.
#[test]
fn operations_follow_the_rules_of_calculus() -> Result<()> {
    let functions: [(Function<T>, Function<f64>); 9] = [
        (|x, y, z| x + y * z, |x, y, z| x + y * z),
        (|x, y, z| x * x * y - z, |x, y, z| x * x * y - z),
        (|x, y, z| x / y - y / z, |x, y, z| x / y - y / z),
        (|x, y, z| -x * y + -z, |x, y, z| -x * y + -z),
        (|x, y, z| x % y + z, |x, y, z| x % y + z),
        (|x, y, z| (x - y).abs() * z, |x, y, z| (x - y).abs() * z),
        (|x, y, z| x.abs_sub(&y) + y.abs_sub(&x) * z, |x, y, z| (x - y).max(0.0) + (y - x).max(0.0) * z),
        (|x, y, z| x.signum() * y + z.signum() * x, |x, y, z| x.signum() * y + z.signum() * x),
        (
            |x, y, mut z| {
                z += x;
                z -= y;
                z *= x;
                z /= y;
                z %= x;
                z
            },
            |x, y, z| (z + x - y) * x / y % x,
        ),
    ];
    for (traced, plain) in functions {
        for at in [[1.3, 2.6, -0.7], [-4.1, 1.7, 2.2], [5.3, -1.9, 0.55]] {
            let inputs = T::inputs(&at, 0)?;
            let y = traced(inputs[0], inputs[1], inputs[2]);
            assert_eq!(y.value(), plain(at[0], at[1], at[2]));
            let found = finite_difference::gradient(|p| plain(p[0], p[1], p[2]), &at);
            assert!(y.slopes().iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-6), "{y:?} {found:?}");
            assert!(y.influence(1e-3).iter().all(|input| y.structure().contains(input)));
        }
    }
    Ok(())
}

/// The set of inputs grows with every operation and survives a cancellation; a zero of the program reads nothing.
#[test]
fn structure_is_what_was_read() -> Result<()> {
    let [x, y, z] = T::inputs(&[2.0, 3.0, 0.0], 0)?[..] else { unreachable!("three inputs") };
    assert_eq!((x - x).structure(), [0]);
    assert_eq!((x - x).influence(0.0), []);
    assert!(!(x - x).is_zero() && T::zero().is_zero() && (x - x).value() == 0.0);
    assert_eq!((x * T::zero() + y).structure(), [1]);
    assert_eq!((T::zero() * x + y).structure(), [1]);
    // An input that happens to be zero is an input.
    assert_eq!(((x * z).structure(), (x * z).slopes()[2]), (vec![0, 2], 2.0));
    assert_eq!((x + T::one()).structure(), [0]);
    assert_eq!((x * y / z).structure(), [0, 1, 2]);
    assert_eq!((x * T::constant(2.0) + y * T::constant(-3.0)).influence(2.0), [1]);
    assert_eq!(T::inputs(&[1.0], 127)?[0].structure(), [127]);
    let refused = Err(Error::TooShort { argument: "N", needed: 129, given: 128 });
    assert_eq!(T::inputs(&[1.0, 2.0], 127), refused);
    assert!(T::inputs(&[1.0], usize::MAX).is_err());
    Ok(())
}

/// Numbers made from other numbers are constants.
#[test]
fn constants_have_no_inputs() {
    let constants = [
        (T::from_i64(-3), -3.0),
        (T::from_u64(3), 3.0),
        (T::from_usize(3), 3.0),
        (T::from_f64(0.5), 0.5),
        (T::from_str_radix("2.5", 10).ok(), 2.5),
        (Some(T::one()), 1.0),
        (Some(T::zero()), 0.0),
    ];
    for (constant, value) in constants {
        assert_eq!(constant, Some(T::constant(value)));
        assert_eq!(constant.map(|c| (c.value(), c.structure())), Some((value, vec![])));
    }
    assert!(T::from_str_radix("two", 10).is_err());
    assert!(T::constant(1.0).is_positive() && T::constant(-1.0).is_negative());
}

/// The transforms that are planned by hand are transforms: those of `f64`, and each bin reads every sample.
#[test]
fn traced_transforms_are_transforms() -> Result<()> {
    for n in 1..=40 {
        let x = numbers((1, n), n).into_raw_vec_and_offset().0;
        let traced = T::inputs(&x, 0)?;
        let bins = T::spectrum(&traced)?;
        let expected = fourier::dft(&x.iter().map(Complex::from).collect::<Vec<_>>())?;
        for (k, (bin, expected)) in bins.iter().zip(&expected).enumerate() {
            assert!((bin.re.value() - expected.re).abs() < 1e-12 * n as f64);
            assert!((bin.im.value() - expected.im).abs() < 1e-12 * n as f64);
            for sample in 0..n {
                let entry = Complex::<f64>::root_of_unity(n, k * sample)?;
                assert!((bin.re.slopes()[sample] - entry.re).abs() < 1e-12 * n as f64);
                assert!((bin.im.slopes()[sample] - entry.im).abs() < 1e-12 * n as f64);
            }
        }
        let back = T::signal(&bins, n)?;
        for (sample, (back, x)) in back.iter().zip(&x).enumerate() {
            assert!((back.value() - x).abs() < 1e-12);
            assert_eq!(back.influence(1e-9), [sample]);
            assert_eq!(back.structure(), (0..n).collect::<Vec<_>>());
        }
    }
    let image = Array2::from_shape_fn((3, 5), |(i, j)| (i * i + 2 * j) as f64);
    let bins = T::spectrum2(&watched(&image)?)?;
    let expected = fourier::dft2(&image.mapv(Complex::from))?;
    assert!(bins.iter().zip(&expected).all(|(a, b)| (a.re.value() - b.re).abs() < 1e-12));
    assert!(bins.iter().zip(&expected).all(|(a, b)| (a.im.value() - b.im).abs() < 1e-12));
    let back = T::image(&bins, 5)?;
    assert!(back.iter().zip(&image).all(|(a, b)| (a.value() - b).abs() < 1e-12));
    assert!(T::image(&bins, 4).is_err() && T::signal(&[], 3).is_err() && T::spectrum(&[]).is_err());
    Ok(())
}

/// The roots of unity of the probes are those of `f64`.
#[test]
fn roots_of_unity_are_constants() -> Result<()> {
    for (n, k) in [(1, 0), (3, 2), (4, 1), (4, 3), (12, 5)] {
        let root = Complex::<f64>::root_of_unity(n, k)?;
        let traced = Complex::<T>::root_of_unity(n, k)?;
        assert_eq!((traced.re, traced.im), (T::constant(root.re), T::constant(root.im)));
        assert_eq!(Counted::<Complex<f64>>::root_of_unity(n, k)?.value(), root);
        let counted = Complex::<Counted<f64>>::root_of_unity(n, k)?;
        assert_eq!((counted.re.value(), counted.im.value()), (root.re, root.im));
    }
    assert!(Complex::<T>::root_of_unity(0, 1).is_err());
    Ok(())
}

/// The numbers of operations: additions, multiplications, divisions.
fn operations(additions: u64, multiplications: u64, divisions: u64) -> Operations {
    Operations { additions, multiplications, divisions }
}

/// Each operation is counted once, as what it is, and computes what the number inside computes.
#[test]
fn every_operation_is_counted_once() {
    let (x, y) = (Counted::constant(7.0), Counted::constant(2.0));
    let counted = [
        (count(|| x + y), 9.0, operations(1, 0, 0)),
        (count(|| x - y), 5.0, operations(1, 0, 0)),
        (count(|| x * y), 14.0, operations(0, 1, 0)),
        (count(|| x / y), 3.5, operations(0, 0, 1)),
        (count(|| x % y), 1.0, operations(0, 0, 1)),
        (count(|| -x), -7.0, operations(0, 0, 0)),
        (count(|| (y - x).abs()), 5.0, operations(1, 0, 0)),
        (count(|| x * y + x * y - y / x * x), 26.0, operations(2, 3, 1)),
        (count(Counted::<f64>::one), 1.0, operations(0, 0, 0)),
    ];
    for ((result, done), value, expected) in counted {
        assert_eq!((result.value(), done), (value, expected));
    }
    // A count within a count is part of it, and another thread counts for itself.
    let (inner, outer) = count(|| {
        let _ = x + y;
        std::thread::spawn(move || x * y).join().expect("multiplied");
        count(|| x * y).1
    });
    assert_eq!((inner, outer), (operations(0, 1, 0), operations(1, 1, 0)));
}

/// Algorithms count as they should: the definition K² products an output, the Fourier matrix N² complex ones.
#[test]
fn algorithms_are_counted() -> Result<()> {
    let (x, h) = (
        Array2::from_elem((6, 5), Counted::constant(1.0)),
        Array2::from_elem((3, 2), Counted::constant(2.0)),
    );
    let (y, done) = count(|| conv2d::correlate(&x, &h, Mode::Valid));
    assert!(y?.iter().all(|y| y.value() == 12.0));
    assert_eq!(done.multiplications, 4 * 4 * 6);

    let number = Counted::constant(Complex::new(1.0, 0.0));
    let f = matrix::dft::<Counted<Complex<f64>>>(8)?;
    let (bins, done) = count(|| {
        (0..8)
            .map(|k| (0..8).map(|n| f[(k, n)] * number).fold(Counted::zero(), |a, b| a + b))
            .collect::<Vec<_>>()
    });
    assert_eq!(done, operations(64, 64, 0));
    assert!((bins[0].value() - 8.0).norm() < 1e-12);
    Ok(())
}
