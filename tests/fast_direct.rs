//! The fast convolutions of one picture, of one signal, and of channels one by one are the definition, to rounding.

use locality::conv1d;
use locality::conv2d::{self, Mode};
use locality::fast::simd::Number;
use locality::fast::{Threads, direct, overlap_save};
use locality::layer::{self, Geometry};
use locality::ndarray::{Array2, Array3, Array4, ArrayRef2, Axis, s};
use locality::probe::{Counted, count};
use locality::{Error, Result};
use methods as _;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const MODES: [Mode; 3] = [Mode::Full, Mode::Same, Mode::Valid];

/// One pixel, one tap, kernels as large as the picture and larger, one row, one column, and sides around those of a
/// strip.
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

/// A plan of one of the methods, run twice: the first time its memory is filled with infinities.
type Method<T> = fn((usize, usize), &ArrayRef2<T>, Mode, bool, &Threads, [&[T]; 2], &mut [T]) -> Result<()>;

fn by_direct<T: Number>(
    shape: (usize, usize),
    h: &ArrayRef2<T>,
    mode: Mode,
    flip: bool,
    threads: &Threads,
    x: [&[T]; 2],
    y: &mut [T],
) -> Result<()> {
    let plan = if flip { direct::Plan::convolve } else { direct::Plan::correlate };
    let mut plan = plan(shape, h, mode, threads)?;
    assert_eq!(plan.output().0 * plan.output().1, y.len());
    x.into_iter().try_for_each(|x| plan.run_into(x, y))
}

/// In tiles of a given size, rounded up to one that holds the kernel, or, for (0, 0), of the one that costs least.
fn by_overlap_save<T: Number, const DOWN: usize, const ACROSS: usize>(
    shape: (usize, usize),
    h: &ArrayRef2<T>,
    mode: Mode,
    flip: bool,
    threads: &Threads,
    x: [&[T]; 2],
    y: &mut [T],
) -> Result<()> {
    let holds = |side: usize, taps: usize| (0..5).map(|more| side << more).find(|side| *side >= taps);
    let tile = (DOWN > 0).then(|| (holds(DOWN, h.nrows()).unwrap(), holds(ACROSS, h.ncols()).unwrap()));
    let plan = if flip { overlap_save::Plan::convolve } else { overlap_save::Plan::correlate };
    let mut plan = plan(shape, h, mode, tile, threads)?;
    assert_eq!(plan.output().0 * plan.output().1, y.len());
    x.into_iter().try_for_each(|x| plan.run_into(x, y))
}

/// Every mode of both operations on every shape, with one thread and two. The error is in units of ε times the number
/// of taps, the largest sample and tap being 1.
fn agrees<T: Number + Into<f64>>(method: Method<T>, epsilon: f64) -> Result<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut image = |shape| -> Array2<T> {
        Array2::from_shape_simple_fn(shape, || T::from_f64(random.random_range(-1.0..1.0)).expect("a float"))
    };
    let mut worst = 0.0_f64;
    for &[shape, kernel] in SHAPES {
        let (x, h) = (image(shape), image(kernel));
        let (wide, taps) = (x.mapv(Into::into), h.mapv(Into::into));
        let infinite = vec![T::from_f64(f64::INFINITY).expect("a float"); x.len()];
        for mode in MODES {
            if mode == Mode::Valid && (kernel.0 > shape.0 || kernel.1 > shape.1) {
                continue;
            }
            for (flip, threads) in [(false, 1), (false, 2), (true, 1), (true, 2)] {
                let definition = if flip { conv2d::convolve } else { conv2d::correlate };
                let known = definition(&wide, &taps, mode)?;
                let mut y = vec![T::from_f64(f64::NAN).expect("a float"); known.len()];
                let inputs = [&infinite, x.as_slice().expect("row-major")];
                method(shape, &h, mode, flip, &Threads::new(threads)?, inputs, &mut y)?;
                for (y, known) in y.into_iter().zip(&known) {
                    let error = (y.into() - known).abs() / (epsilon * h.len() as f64);
                    assert!(error.is_finite(), "{shape:?} {kernel:?} {mode:?}");
                    worst = worst.max(error);
                }
            }
        }
    }
    Ok(worst)
}

/// A sum of n products is at most n roundings away.
#[test]
fn pictures_are_convolved_as_defined() -> Result<()> {
    let single = agrees::<f32>(by_direct, f64::from(f32::EPSILON))?;
    let double = agrees::<f64>(by_direct, f64::EPSILON)?;
    assert!(single < 1.0 && double < 1.0, "{single} {double}");
    Ok(())
}

/// A transform adds up the whole tile, so that even one tap has its error. Tiles of every radix, of one row, and of
/// vectors of any width.
#[test]
fn pictures_are_convolved_through_tiles() -> Result<()> {
    let single = agrees::<f32>(by_overlap_save::<f32, 0, 0>, f64::from(f32::EPSILON))?;
    assert!(single < 16.0, "{single}");
    let double = [
        agrees::<f64>(by_overlap_save::<f64, 0, 0>, f64::EPSILON)?,
        agrees::<f64>(by_overlap_save::<f64, 1, 16>, f64::EPSILON)?,
        agrees::<f64>(by_overlap_save::<f64, 6, 32>, f64::EPSILON)?,
        agrees::<f64>(by_overlap_save::<f64, 5, 48>, f64::EPSILON)?,
        agrees::<f64>(by_overlap_save::<f64, 7, 80>, f64::EPSILON)?,
    ];
    assert!(double.iter().all(|&error| error < 16.0), "{double:?}");
    Ok(())
}

/// Channels that each have a kernel: the layer with one channel, channel by channel.
#[test]
fn channels_are_convolved_one_by_one() -> Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let shapes = [
        ([1, 1, 1, 1], (1, 1), (0, 0)),
        ([2, 3, 5, 9], (3, 3), (1, 1)),
        ([1, 4, 6, 30], (2, 5), (0, 4)),
        ([3, 2, 9, 4], (3, 4), (2, 0)),
        ([1, 5, 8, 8], (8, 8), (7, 3)),
        // More rows than one strip, twice.
        ([2, 2, 90, 70], (3, 3), (1, 1)),
    ];
    for (input, (kh, kw), padding) in shapes {
        let x = Array4::from_shape_simple_fn(input, || f64::from(random.random_range(-9_i32..10)));
        let h =
            Array3::from_shape_simple_fn((input[1], kh, kw), || f64::from(random.random_range(-9_i32..10)));
        let geometry = Geometry { padding, ..Geometry::default() };
        for threads in [1, 2] {
            let mut plan = direct::Plan::depthwise(input, &h, padding, &Threads::new(threads)?)?;
            let (p, q) = plan.output();
            let mut y = Array4::from_elem([input[0], input[1], p, q], f64::NAN);
            plan.run_into(x.as_slice().expect("row-major"), y.as_slice_mut().expect("row-major"))?;
            let mut plan = overlap_save::Plan::depthwise(input, &h, padding, None, &Threads::new(threads)?)?;
            let mut by_tiles = y.mapv(|_| f64::NAN);
            plan.run_into(x.as_slice().expect("row-major"), by_tiles.as_slice_mut().expect("row-major"))?;
            // Whole numbers: what tiles round does not reach the point.
            assert_eq!(by_tiles.mapv(f64::round), y);
            for (channel, h) in h.outer_iter().enumerate() {
                let x = x.index_axis(Axis(1), channel).insert_axis(Axis(1));
                let h = h.insert_axis(Axis(0)).insert_axis(Axis(0));
                let known = layer::forward(&x, &h, None, geometry)?;
                assert_eq!(y.index_axis(Axis(1), channel), known.index_axis(Axis(1), 0));
            }
        }
    }
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

/// As many products as taps for each output that its vectors have room for: rows in fours, columns in three vectors of
/// eight.
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

    let refused = |tile| overlap_save::Plan::convolve((9, 9), &h, Mode::Same, Some(tile), &threads).err();
    assert_eq!(refused((2, 16)), Some(Error::TooShort { argument: "tile", needed: 3, given: 2 }));
    assert_eq!(refused((11, 16)), Some(Error::Length { argument: "tile", expected: 12, given: 11 }));
    // Columns come in vectors: of 8 numbers, or of 16.
    assert!(matches!(refused((12, 15)), Some(Error::Length { argument: "tile", expected: 16, given: 15 })));
    assert!(matches!(refused((1 << 40, 1 << 40)), Some(Error::TooLarge { .. })));
    let mut plan = overlap_save::Plan::convolve((4, 5), &h, Mode::Same, None, &threads).unwrap();
    let short = Error::Length { argument: "image", expected: 20, given: 2 };
    assert_eq!(plan.run_into(&[0.0; 2], &mut [0.0; 20]).unwrap_err(), short);

    let h = Array3::from_elem((2, 3, 3), 1.0);
    let refused = |input, padding| {
        let by_tiles = overlap_save::Plan::depthwise(input, &h, padding, None, &threads).map(|_| ());
        let error = direct::Plan::depthwise(input, &h, padding, &threads).map(|_| ()).unwrap_err();
        assert_eq!(by_tiles.unwrap_err(), error);
        error
    };
    assert_eq!(refused([1, 3, 5, 5], (0, 0)), Error::Length { argument: "kernels", expected: 3, given: 2 });
    assert_eq!(refused([1, 2, 2, 5], (0, 0)), Error::NoOutput { reach: 3, padded: 2 });
    assert_eq!(refused([0, 2, 5, 5], (0, 0)), Error::Empty { argument: "input" });
    assert_eq!(refused([1, 2, 5, 5], (3, 0)), Error::TooShort { argument: "kernel", needed: 4, given: 3 });
}
