//! The fast convolution of one picture and of one signal is the definition, to rounding.

use locality::conv1d;
use locality::conv2d::{self, Mode};
use locality::fast::simd::Number;
use locality::fast::{Threads, direct};
use locality::ndarray::{Array2, s};
use locality::probe::{Counted, count};
use locality::{Error, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const MODES: [Mode; 3] = [Mode::Full, Mode::Same, Mode::Valid];

/// One pixel, one tap, kernels as large as the picture and larger, one row, one column, and sides around those of a strip.
const SHAPES: &[[(usize, usize); 2]] = &[
    [(1, 1), (1, 1)],
    [(4, 4), (3, 3)],
    [(5, 7), (5, 7)],
    [(3, 2), (4, 5)],
    [(1, 40), (1, 7)],
    [(40, 1), (7, 1)],
    [(2, 200), (2, 31)],
    [(6, 49), (1, 1)],
    [(9, 97), (4, 2)],
    [(17, 130), (3, 11)],
];

/// Every mode of both operations on every shape, with one thread and two. The error is in units of ε times the number of
/// taps, the largest sample and tap being 1.
fn agrees<T: Number + Into<f64>>(epsilon: f64) -> Result<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut image = |shape| -> Array2<T> {
        Array2::from_shape_simple_fn(shape, || T::from_f64(random.random_range(-1.0..1.0)).expect("a float"))
    };
    let mut worst = 0.0_f64;
    for &[shape, kernel] in SHAPES {
        let (x, h) = (image(shape), image(kernel));
        let (wide, taps) = (x.mapv(Into::into), h.mapv(Into::into));
        for mode in MODES {
            if mode == Mode::Valid && (kernel.0 > shape.0 || kernel.1 > shape.1) {
                continue;
            }
            for threads in [1, 2] {
                let threads = Threads::new(threads)?;
                let plans = [
                    (
                        direct::Plan::convolve(shape, &h, mode, &threads)?,
                        conv2d::convolve(&wide, &taps, mode)?,
                    ),
                    (
                        direct::Plan::correlate(shape, &h, mode, &threads)?,
                        conv2d::correlate(&wide, &taps, mode)?,
                    ),
                ];
                for (mut plan, known) in plans {
                    assert_eq!(plan.output(), known.dim());
                    let mut y = vec![T::from_f64(f64::NAN).expect("a float"); known.len()];
                    // The plan has been used before, and its memory is full of infinities.
                    plan.run_into(&vec![T::from_f64(f64::INFINITY).expect("a float"); x.len()], &mut y)?;
                    plan.run_into(x.as_slice().expect("row-major"), &mut y)?;
                    for (y, known) in y.into_iter().zip(&known) {
                        let error = (y.into() - known).abs() / (epsilon * h.len() as f64);
                        assert!(error.is_finite(), "{shape:?} {kernel:?} {mode:?}");
                        worst = worst.max(error);
                    }
                }
            }
        }
    }
    Ok(worst)
}

/// A sum of n products is at most n roundings away.
#[test]
fn pictures_are_convolved_as_defined() -> Result<()> {
    let (single, double) = (agrees::<f32>(f64::from(f32::EPSILON))?, agrees::<f64>(f64::EPSILON)?);
    assert!(single < 1.0 && double < 1.0, "{single} {double}");
    Ok(())
}

/// Whole numbers have no rounding at all, whatever the order of the sums.
#[test]
fn signals_are_convolved_as_defined() -> Result<()> {
    for (n, k) in [(1, 1), (5, 3), (3, 5), (64, 9), (1000, 31), (129, 128)] {
        let x = (0..n).map(|i| f64::from(i * 7 % 11) - 5.0).collect::<Vec<_>>();
        let h = (0..k).map(|i| f64::from(i * 5 % 7) - 3.0).collect::<Vec<_>>();
        for mode in MODES {
            match conv1d::convolve(&x, &h, mode) {
                Ok(known) => assert_eq!(direct::convolve_1d(&x, &h, mode)?, known),
                Err(error) => assert_eq!(direct::convolve_1d(&x, &h, mode), Err(error)),
            }
        }
    }
    Ok(())
}

/// An image in another order of memory is read as the same image.
#[test]
fn any_order_of_memory_will_do() -> Result<()> {
    let x = Array2::from_shape_fn((6, 9), |(i, j)| (i * i + 3 * j) as f64);
    let h = Array2::from_shape_fn((2, 3), |(a, b)| (a + 2 * b) as f64 - 1.5);
    let known = conv2d::convolve(&x, &h, Mode::Same)?;
    let turned = x.t().as_standard_layout().into_owned();
    assert_eq!(direct::convolve(&turned.t(), &h, Mode::Same)?, known);
    assert_eq!(direct::convolve(&x.slice(s![.., ..]), &h.t().as_standard_layout().t(), Mode::Same)?, known);
    Ok(())
}

/// What is not finite reaches the windows that hold it, and no others.
#[test]
fn what_is_not_finite_stays_in_its_windows() -> Result<()> {
    let mut x = Array2::from_elem((9, 70), 1.0);
    x[[4, 33]] = f64::INFINITY;
    let h = Array2::from_elem((3, 5), 1.0);
    let (fast, known) = (direct::convolve(&x, &h, Mode::Same)?, conv2d::convolve(&x, &h, Mode::Same)?);
    assert_eq!(fast, known);
    Ok(())
}

/// As many products as taps for each output that its vectors have room for: rows in fours, columns in three vectors of eight.
#[test]
fn products_are_those_of_the_closed_form() -> Result<()> {
    let ones = |shape: (usize, usize)| Array2::from_elem(shape, Counted::constant(1.0));
    let (y, operations) = count(|| direct::convolve(&ones((10, 50)), &ones((3, 3)), Mode::Valid));
    assert_eq!(y?.dim(), (8, 48));
    assert_eq!(operations.multiplications, 8 * 48 * 9);
    Ok(())
}

/// The errors are those of the definition.
#[test]
fn wrong_shapes_are_refused() {
    let h = Array2::from_elem((3, 3), 1.0);
    let threads = Threads::default();
    let refused = |shape, mode| direct::Plan::convolve(shape, &h, mode, &threads).map(|_| ()).unwrap_err();
    assert_eq!(refused((2, 9), Mode::Valid), Error::KernelTooLarge { kernel: 3, signal: 2 });
    assert_eq!(refused((0, 9), Mode::Full), Error::Empty { argument: "signal" });
    assert_eq!(refused((usize::MAX, 9), Mode::Full), Error::TooLarge { what: "full output" });
    assert!(matches!(refused((1 << 40, 1 << 40), Mode::Same), Error::TooLarge { .. }));
    let mut plan = direct::Plan::convolve((4, 5), &h, Mode::Same, &threads).unwrap();
    let short = Error::Length { argument: "image", expected: 20, given: 2 };
    assert_eq!(plan.run_into(&[0.0; 2], &mut [0.0; 20]).unwrap_err(), short);
    let short = Error::Length { argument: "output", expected: 20, given: 2 };
    assert_eq!(plan.run_into(&[0.0; 20], &mut [0.0; 2]).unwrap_err(), short);
}
