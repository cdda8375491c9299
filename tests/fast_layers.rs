//! The fast layers compute what the definition computes: one oracle, [`layer::forward`], for all of them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use locality::fast::simd::{Number, Work};
use locality::fast::winograd::Tile;
use locality::fast::{Threads, auto, fft, gemm, winograd};
use locality::layer::{self, Geometry};
use locality::ndarray::{Array4, ArrayRef4};
use locality::probe::{Counted, count};
use locality::{Error, Result};
use methods as _;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A layer to try: images, channels, filters, (H, W), (K_h, K_w), and its geometry.
type Case = ([usize; 3], (usize, usize), (usize, usize), Geometry);

/// A way to compute a layer, with the memory that it keeps filled with rubbish from another run.
type Method<T> = fn(&ArrayRef4<T>, &ArrayRef4<T>, &[T], Geometry, &Threads, &mut [T]) -> Result<()>;

/// Every class of shapes: one pixel, one tap, a kernel as large as the picture, sides that no tile divides, a step
/// over a part of the picture, borders wider than the kernel, holes, more channels and filters than one block of them,
/// more small images than are done together.
fn cases() -> Vec<Case> {
    let both = |stride, padding, dilation| Geometry::new(stride, padding, dilation);
    vec![
        ([1, 1, 1], (1, 1), (1, 1), both(1, 0, 1)),
        ([1, 1, 1], (4, 4), (3, 3), both(1, 0, 1)),
        ([2, 3, 5], (7, 9), (3, 3), both(1, 1, 1)),
        ([1, 2, 3], (5, 5), (5, 5), both(1, 0, 1)),
        ([3, 4, 2], (6, 5), (1, 1), both(1, 0, 1)),
        ([1, 5, 9], (8, 17), (3, 2), both(2, 1, 1)),
        ([2, 1, 4], (9, 8), (2, 3), both(3, 2, 2)),
        ([1, 2, 2], (3, 4), (3, 3), both(1, 4, 1)),
        ([1, 3, 17], (13, 11), (7, 7), both(2, 3, 1)),
        ([1, 2, 8], (20, 3), (4, 1), Geometry { stride: (1, 2), padding: (0, 1), dilation: (3, 1) }),
        ([1, 200, 3], (3, 5), (3, 3), both(1, 1, 1)),
        ([2, 23, 33], (15, 18), (3, 3), both(1, 1, 1)),
        ([1, 3, 2], (2, 60), (2, 3), both(1, 0, 1)),
        ([17, 3, 5], (6, 5), (3, 3), both(1, 1, 1)),
        ([1, 520, 3], (3, 4), (3, 3), both(1, 1, 1)),
    ]
}

fn random<T: Number>(random: &mut ChaCha8Rng, shape: [usize; 4]) -> Array4<T> {
    Array4::from_shape_simple_fn(shape, || T::from_f64(random.random_range(-1.0..1.0)).unwrap())
}

/// One method on every case, with one thread and two, against the definition over `f64`. Errors are in units of what a
/// sum of as many products rounds to: ε times the number of taps times the largest product.
fn agrees<T: Number + Into<f64>>(method: Method<T>, epsilon: f64, only: impl Fn(&Case) -> bool) -> f64 {
    let mut numbers = ChaCha8Rng::seed_from_u64(9);
    let mut worst = 0.0_f64;
    for case in cases().into_iter().filter(only) {
        let ([images, channels, filters], (height, width), (kh, kw), geometry) = case;
        let x = random::<T>(&mut numbers, [images, channels, height, width]);
        let w = random::<T>(&mut numbers, [filters, channels, kh, kw]);
        let bias = (0..filters).map(|o| T::from_f64(o as f64 / 4.0 - 1.0).unwrap()).collect::<Vec<_>>();
        let wide = |array: &Array4<T>| array.mapv(Into::<f64>::into);
        let exact_bias = bias.iter().map(|&bias| bias.into()).collect::<Vec<f64>>();
        let known = layer::forward(&wide(&x), &wide(&w), Some(&exact_bias), geometry).unwrap();
        for threads in [1, 2] {
            let threads = Threads::new(threads).unwrap();
            // The output is full of rubbish, and has to be overwritten.
            let mut y = vec![T::from_f64(f64::NAN).unwrap(); known.len()];
            method(&x, &w, &bias, geometry, &threads, &mut y).unwrap();
            for (y, known) in y.into_iter().zip(&known) {
                let error = (y.into() - known).abs() / (epsilon * (channels * kh * kw + 1) as f64);
                assert!(error.is_finite(), "{case:?}: not a number");
                worst = worst.max(error);
            }
        }
    }
    worst
}

fn by_gemm<T: Number>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: &[T],
    geometry: Geometry,
    threads: &Threads,
    y: &mut [T],
) -> Result<()> {
    let mut plan = gemm::Plan::new(x.dim().into(), w, Some(bias), geometry, threads)?;
    // A plan is used again, after an input that left infinities in its memory.
    plan.run_into(&vec![T::from_f64(f64::INFINITY).unwrap(); x.len()], y)?;
    plan.run_into(x.as_slice().unwrap(), y)
}

fn by_winograd<T: Number, const FOUR: bool>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: &[T],
    geometry: Geometry,
    threads: &Threads,
    y: &mut [T],
) -> Result<()> {
    let tile = if FOUR { Tile::Four } else { Tile::Two };
    let mut plan = winograd::Plan::new(x.dim().into(), w, Some(bias), geometry, tile, threads)?;
    plan.run_into(&vec![T::from_f64(f64::INFINITY).unwrap(); x.len()], y)?;
    plan.run_into(x.as_slice().unwrap(), y)
}

fn by_fft<T: Number, const SIDE: usize>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: &[T],
    geometry: Geometry,
    threads: &Threads,
    y: &mut [T],
) -> Result<()> {
    let side = (SIDE > 0).then_some(SIDE);
    let mut plan = fft::Plan::new(x.dim().into(), w, Some(bias), geometry, side, threads)?;
    plan.run_into(&vec![T::from_f64(f64::INFINITY).unwrap(); x.len()], y)?;
    plan.run_into(x.as_slice().unwrap(), y)
}

fn by_auto<T: Number>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: &[T],
    geometry: Geometry,
    threads: &Threads,
    y: &mut [T],
) -> Result<()> {
    let mut plan = auto::Plan::new(x.dim().into(), w, Some(bias), geometry, threads)?;
    let candidates = auto::candidates::<T>(x.dim().into(), w.dim().into(), geometry)?;
    assert_eq!(plan.method(), candidates[0].0);
    assert!(candidates.is_sorted_by(|a, b| a.1 <= b.1) && candidates[0].1 > 0.0);
    plan.run_into(x.as_slice().unwrap(), y)
}

/// The layers that tiles can do.
fn dense((_, _, _, geometry): &Case) -> bool {
    geometry.stride == (1, 1) && geometry.dilation == (1, 1)
}

/// The layers that Winograd's transforms can do.
fn three_by_three((_, _, kernel, geometry): &Case) -> bool {
    *kernel == (3, 3) && geometry.stride == (1, 1) && geometry.dilation == (1, 1)
}

/// A sum of n products is at most n roundings away from the definition, and mostly much nearer.
#[test]
fn gemm_is_the_layer() {
    let single = agrees::<f32>(by_gemm, f64::from(f32::EPSILON), |_| true);
    let double = agrees::<f64>(by_gemm, f64::EPSILON, |_| true);
    assert!(single < 1.0 && double < 1.0, "{single} {double}");
}

/// F(2) adds up twice as many numbers, none multiplied by more than 1.
#[test]
fn winograd_2_is_the_layer() {
    let single = agrees::<f32>(by_winograd::<f32, false>, f64::from(f32::EPSILON), three_by_three);
    let double = agrees::<f64>(by_winograd::<f64, false>, f64::EPSILON, three_by_three);
    assert!(single < 2.0 && double < 2.0, "{single} {double}");
}

/// F(4) multiplies by up to 8 on the way back, after numbers up to 10 times as large as the samples.
#[test]
fn winograd_4_is_the_layer() {
    let single = agrees::<f32>(by_winograd::<f32, true>, f64::from(f32::EPSILON), three_by_three);
    let double = agrees::<f64>(by_winograd::<f64, true>, f64::EPSILON, three_by_three);
    assert!(single < 10.0 && double < 10.0, "{single} {double}");
    // The table in its documentation says that it loses accuracy. It does.
    let two = agrees::<f32>(by_winograd::<f32, false>, f64::from(f32::EPSILON), three_by_three);
    assert!(single > 2.0 * two, "{single} {two}");
}

/// A transform adds up log n times, and the whole tile.
#[test]
fn fft_is_the_layer() {
    let single = agrees::<f32>(by_fft::<f32, 0>, f64::from(f32::EPSILON), dense);
    let double = agrees::<f64>(by_fft::<f64, 0>, f64::EPSILON, dense);
    assert!(single < 4.0 && double < 4.0, "{single} {double}");
    // Every radix, alone and after others; tiles of one output and tiles beyond the picture.
    let sides = [
        agrees::<f64>(by_fft::<f64, 8>, f64::EPSILON, dense),
        agrees::<f64>(by_fft::<f64, 10>, f64::EPSILON, dense),
        agrees::<f64>(by_fft::<f64, 12>, f64::EPSILON, dense),
        agrees::<f64>(by_fft::<f64, 14>, f64::EPSILON, dense),
        agrees::<f64>(by_fft::<f64, 18>, f64::EPSILON, dense),
        agrees::<f64>(by_fft::<f64, 32>, f64::EPSILON, dense),
        agrees::<f64>(by_fft::<f64, 50>, f64::EPSILON, dense),
        agrees::<f64>(by_fft::<f64, 98>, f64::EPSILON, dense),
    ];
    assert!(sides.iter().all(|&error| error < 8.0), "{sides:?}");
}

/// Whatever is chosen is a method for the layer.
#[test]
fn auto_is_the_layer() {
    let single = agrees::<f32>(by_auto, f64::from(f32::EPSILON), |_| true);
    let double = agrees::<f64>(by_auto, f64::EPSILON, |_| true);
    assert!(single < 10.0 && double < 10.0, "{single} {double}");
}

/// Small outputs beside large ones keep their accuracy in the matrix product, and lose it in a tile with large ones.
#[test]
fn errors_stay_where_they_are_made_or_in_their_tile() {
    let mut x = Array4::from_shape_fn([1, 1, 8, 8], |(_, _, i, j)| 0.3 + (i * j) as f32 / 11.0);
    x[[0, 0, 4, 4]] = 3.3e6;
    let w = Array4::from_shape_fn([1, 1, 3, 3], |(_, _, a, b)| 0.1 + (a + 2 * b) as f32 / 7.0);
    let known = layer::forward(&x.mapv(f64::from), &w.mapv(f64::from), None, Geometry::default()).unwrap();
    let error = |y: Array4<f32>, (i, j): (usize, usize)| {
        (f64::from(y[[0, 0, i, j]]) - known[[0, 0, i, j]]).abs() / known[[0, 0, i, j]]
    };
    let through = |tile| winograd::forward(&x, &w, None, Geometry::default(), tile).unwrap();
    let direct = gemm::forward(&x, &w, None, Geometry::default()).unwrap();
    // Output (0, 0) does not read the large pixel, but is in a tile of 4 × 4 outputs with some that do.
    assert!(error(direct, (0, 0)) < 1e-6);
    let spoiled = error(through(Tile::Four), (0, 0));
    assert!(spoiled > 1e-3, "{spoiled:e}");
    // In another tile everything is well.
    assert!(error(through(Tile::Two), (0, 0)) < 1e-6);
}

/// What is not finite goes where the definition has it: to the windows that hold it.
#[test]
fn what_is_not_finite_stays_in_its_windows() {
    let mut x = Array4::from_elem([1, 1, 6, 6], 1.0_f64);
    x[[0, 0, 2, 3]] = f64::NAN;
    let w = Array4::from_elem([2, 1, 3, 3], 1.0);
    let geometry = Geometry::new(1, 1, 1);
    let (fast, known) = (gemm::forward(&x, &w, None, geometry), layer::forward(&x, &w, None, geometry));
    for (fast, known) in fast.unwrap().iter().zip(&known.unwrap()) {
        assert_eq!(fast.is_nan(), known.is_nan());
    }
    let y = winograd::forward(&x, &w, None, geometry, Tile::Two).unwrap();
    assert!(known_tiles(&y), "a tile is NaN as a whole, and others are not");
}

/// Whether every 2 × 2 tile is NaN as a whole or not at all, and both happen.
fn known_tiles(y: &Array4<f64>) -> bool {
    let tiles = y.exact_chunks([1, 1, 2, 2]).into_iter();
    let nan = tiles.map(|tile| tile.iter().filter(|y| y.is_nan()).count()).collect::<Vec<_>>();
    nan.iter().all(|count| [0, 4].contains(count)) && nan.contains(&0) && nan.contains(&4)
}

/// Numbers that count, through the very plans: a product for each tap of each window, padding included, rounded up to
/// full register tiles; and (m + 2)² for a tile of outputs.
#[test]
fn products_are_those_of_the_closed_form() {
    let ones = |shape: [usize; 4]| Array4::from_elem(shape, Counted::constant(1.0_f64));
    // 6 rows and 2 vectors of 8: tiles that the sizes fill.
    let (x, w) = (ones([1, 2, 6, 10]), ones([6, 2, 3, 3]));
    let mut plan =
        gemm::Plan::new([1, 2, 6, 10], &w, None, Geometry::default(), &Threads::default()).unwrap();
    let mut y = vec![Counted::constant(0.0); 6 * 4 * 8];
    let (done, operations) = count(|| plan.run_into(x.as_slice().unwrap(), &mut y));
    done.unwrap();
    assert_eq!(operations.multiplications, 6 * 32 * 2 * 9);
    assert!(y.iter().all(|y| y.value() == 18.0));

    // Tiles have channels and filters in their lanes, 8 of them.
    let (input, geometry, threads) = ([1, 8, 10, 26], Geometry::default(), Threads::default());
    let (x, w) = (ones(input), ones([8, 8, 3, 3]));
    let mut y = vec![Counted::constant(0.0); 8 * 8 * 24];
    let mut products = |run_into: &mut dyn FnMut(&[_], &mut [_]) -> Result<()>| {
        let (done, operations) = count(|| run_into(x.as_slice().unwrap(), &mut y));
        done.unwrap();
        assert!(y.iter().all(|y| f64::abs(y.value() - 72.0) < 1e-12));
        operations.multiplications
    };
    // (m + 2)² places; each transform down the columns and along the rows; 48 tiles of 2 × 2 outputs, 12 of 4 × 4.
    let mut plan = winograd::Plan::new(input, &w, None, geometry, Tile::Two, &threads).unwrap();
    let transforms = 8 * (4 * 4 * 4 + 4 * 4 * 4) + 8 * (2 * 4 * 4 + 2 * 2 * 4);
    assert_eq!(products(&mut |x, y| plan.run_into(x, y)), 48 * (8 * 8 * 16 + transforms));
    let mut plan = winograd::Plan::new(input, &w, None, geometry, Tile::Four, &threads).unwrap();
    let transforms = 8 * (6 * 6 * 6 + 6 * 6 * 6) + 8 * (4 * 6 * 6 + 4 * 4 * 6);
    assert_eq!(products(&mut |x, y| plan.run_into(x, y)), 12 * (8 * 8 * 36 + transforms));
    // Three for each of S (S/2 + 1) frequencies. A transform of four samples has none of its own, one of 16 has 9
    // factors, of four products each: 8 pairs of rows and 9 columns, there and back; of the last only 7 pairs of rows
    // are wanted.
    let mut plan = fft::Plan::new(input, &w, None, geometry, Some(16), &threads).unwrap();
    let transforms = 8 * 4 * 9 * (8 + 9) + 8 * 4 * 9 * (9 + 7);
    let tiles = 2;
    let whole = 6; // A group of six rows, of which two are there.
    assert_eq!(products(&mut |x, y| plan.run_into(x, y)), whole * 8 * 8 * 3 * 16 * 9 + tiles * transforms);
}

/// The versions for AVX2 and for machines without vectors compute the same as the one for this machine.
#[test]
fn every_version_computes_the_same() {
    struct Products<'a>(&'a [f32], &'a mut Vec<f32>);
    impl Work<f32> for Products<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
            assert!(LANES >= 8 && [6, 8].contains(&ROWS) && VECTORS < 4);
            self.1.extend(self.0.iter().map(|&x| locality::fast::simd::fma::<f32, FUSED>(x, x, 1.0)));
        }
    }
    let x = [0.5, -2.0, 3.0];
    let mut found = [vec![], vec![], vec![]];
    f32::vectorized(Products(&x, &mut found[0]));
    Products(&x, &mut found[1]).run::<8, 6, 2, true>();
    Products(&x, &mut found[2]).run::<8, 6, 2, false>();
    assert!(found.iter().all(|found| *found == [1.25, 5.0, 10.0]));
}

/// What is wrong is said before anything is computed.
#[test]
fn wrong_shapes_are_refused() {
    let w = Array4::from_elem([2, 3, 3, 3], 1.0_f32);
    let threads = Threads::default();
    let plan = |input, w: &Array4<f32>, bias: Option<&[f32]>, geometry| {
        gemm::Plan::new(input, w, bias, geometry, &threads).map(|_| ()).unwrap_err()
    };
    let geometry = Geometry::default();
    let expected = Error::Shape { argument: "kernel", expected: vec![2, 4, 3, 3], given: vec![2, 3, 3, 3] };
    assert_eq!(plan([1, 4, 5, 5], &w, None, geometry), expected);
    assert_eq!(plan([1, 3, 5, 0], &w, None, geometry), Error::Empty { argument: "input" });
    assert_eq!(plan([1, 3, 2, 5], &w, None, geometry), Error::NoOutput { reach: 3, padded: 2 });
    let bias = Error::Length { argument: "bias", expected: 2, given: 1 };
    assert_eq!(plan([1, 3, 5, 5], &w, Some(&[1.0]), geometry), bias);
    assert_eq!(plan([1, 3, 5, 5], &w, None, Geometry::new(0, 0, 1)), Error::Zero { argument: "stride" });
    assert!(matches!(plan([usize::MAX, 3, 5, 5], &w, None, geometry), Error::TooLarge { .. }));

    let winograd = |input, w: &Array4<f32>, bias: Option<&[f32]>, geometry| {
        winograd::Plan::new(input, w, bias, geometry, Tile::Two, &threads).map(|_| ()).unwrap_err()
    };
    let wide = Array4::from_elem([2, 3, 3, 4], 1.0);
    let expected = Error::Shape { argument: "kernel", expected: vec![2, 3, 3, 3], given: vec![2, 3, 3, 4] };
    assert_eq!(winograd([1, 3, 5, 5], &wide, None, geometry), expected);
    let stride = Error::Length { argument: "stride", expected: 1, given: 2 };
    assert_eq!(winograd([1, 3, 5, 5], &w, None, Geometry::new(2, 0, 1)), stride);
    let dilation = Error::Length { argument: "dilation", expected: 1, given: 2 };
    assert_eq!(winograd([1, 3, 7, 7], &w, None, Geometry::new(1, 0, 2)), dilation);
    let bias = Error::Length { argument: "bias", expected: 2, given: 3 };
    assert_eq!(winograd([1, 3, 5, 5], &w, Some(&[1.0; 3]), geometry), bias);

    let mut plan = gemm::Plan::new([1, 3, 5, 5], &w, None, geometry, &threads).unwrap();
    let short = Error::Length { argument: "input", expected: 75, given: 3 };
    assert_eq!(plan.run_into(&[0.0; 3], &mut [0.0; 18]).unwrap_err(), short);
    let short = Error::Length { argument: "output", expected: 18, given: 1 };
    assert_eq!(plan.run_into(&[0.0; 75], &mut [0.0]).unwrap_err(), short);
    let mut plan = winograd::Plan::new([1, 3, 5, 5], &w, None, geometry, Tile::Two, &threads).unwrap();
    assert_eq!(plan.run_into(&[0.0; 75], &mut [0.0]).unwrap_err(), short);
    assert_eq!(Threads::new(0).unwrap_err(), Error::Zero { argument: "threads" });
}

/// Counts what this thread allocates.
struct Watched;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

// Every call goes to the system's allocator as it is; beside it a number grows.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // While a thread ends there may be nothing left to count in.
        let _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get() + layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static WATCHED: Watched = Watched;

/// A plan that runs allocates nothing.
#[test]
fn running_allocates_nothing() {
    let w = Array4::from_elem([5, 3, 3, 3], 0.5_f32);
    let (input, geometry, threads) = ([2, 3, 11, 13], Geometry::new(1, 1, 1), Threads::default());
    let (x, mut y) = (vec![1.0; 2 * 3 * 11 * 13], vec![0.0; 2 * 5 * 11 * 13]);
    let mut gemm = gemm::Plan::new(input, &w, None, geometry, &threads).unwrap();
    let mut winograd = winograd::Plan::new(input, &w, None, geometry, Tile::Four, &threads).unwrap();
    let before = ALLOCATED.get();
    gemm.run_into(&x, &mut y).unwrap();
    winograd.run_into(&x, &mut y).unwrap();
    assert_eq!(ALLOCATED.get(), before);
}
