//! The fast gradients of layers are those of the definitions, to rounding.

use locality::fast::auto::Method;
use locality::fast::simd::Number;
use locality::fast::winograd::Tile;
use locality::fast::{Threads, depthwise, direct, gradient};
use locality::gradient::spatial;
use locality::layer::{self, Geometry};
use locality::ndarray::{Array3, Array4, Axis, s};
use locality::{Error, Result};
use methods as _;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A layer to try: input, kernel, and its geometry.
type Case = ([usize; 4], [usize; 4], Geometry);

/// One pixel, one tap, a kernel as large as the picture, sides that no tile divides, steps over a part of the picture,
/// strides larger than the kernel, borders wider than it, holes, more channels and filters than one vector, many more
/// filters than channels, more outputs than one block, low and narrow kernels, more pairs of filters and channels than one
/// block of sums.
fn cases() -> Vec<Case> {
    let both = |stride, padding, dilation| Geometry::new(stride, padding, dilation);
    vec![
        ([1, 1, 1, 1], [1, 1, 1, 1], both(1, 0, 1)),
        ([1, 1, 4, 4], [1, 1, 3, 3], both(1, 0, 1)),
        ([2, 3, 7, 9], [5, 3, 3, 3], both(1, 1, 1)),
        ([1, 2, 5, 5], [3, 2, 5, 5], both(1, 0, 1)),
        ([3, 4, 6, 5], [2, 4, 1, 1], both(1, 0, 1)),
        ([1, 5, 8, 17], [9, 5, 3, 2], both(2, 1, 1)),
        ([2, 1, 9, 8], [4, 1, 2, 3], both(3, 2, 2)),
        ([1, 2, 3, 4], [2, 2, 3, 3], both(1, 4, 1)),
        ([1, 3, 13, 11], [17, 3, 7, 7], both(2, 3, 1)),
        ([1, 2, 20, 3], [8, 2, 4, 1], Geometry { stride: (1, 2), padding: (0, 1), dilation: (3, 1) }),
        ([2, 23, 15, 18], [33, 23, 3, 3], both(1, 1, 1)),
        ([1, 2, 9, 9], [3, 2, 2, 2], both(4, 0, 1)),
        ([2, 2, 40, 30], [2, 2, 3, 3], both(1, 1, 1)),
        ([1, 70, 6, 6], [3, 70, 3, 3], both(1, 1, 2)),
        ([1, 3, 9, 10], [2, 3, 2, 5], both(1, 1, 1)),
        ([1, 3, 10, 9], [2, 3, 5, 2], both(1, 1, 1)),
        ([2, 45, 7, 6], [60, 45, 3, 3], both(1, 1, 1)),
    ]
}

/// The gradients by the input and by the kernel, with one thread and two, against the definitions over `f64`. Errors
/// are in units of ε times the number of products of a sum, each of them at most 1.
fn agrees<T: Number + Into<f64>>(method: Method, epsilon: f64, only: impl Fn(&Case) -> bool) -> Result<f64> {
    let mut numbers = ChaCha8Rng::seed_from_u64(10);
    let mut random = |shape: [usize; 4]| -> Array4<T> {
        Array4::from_shape_simple_fn(shape, || T::from_f64(numbers.random_range(-1.0..1.0)).expect("a float"))
    };
    let wide = |array: &Array4<T>| array.mapv(Into::<f64>::into);
    let mut worst = 0.0_f64;
    let mut compare = |case: &Case, computed: Vec<T>, known: Array4<f64>, products: usize| {
        for (computed, known) in computed.into_iter().zip(&known) {
            let error = (computed.into() - known).abs() / (epsilon * products as f64);
            assert!(error.is_finite(), "{case:?}: not a number");
            worst = worst.max(error);
        }
    };
    for case in cases().into_iter().filter(only) {
        let (input, kernel, geometry) = case;
        let (x, w) = (random(input), random(kernel));
        let (p, q) = geometry.outputs((input[2], input[3]), (kernel[2], kernel[3]))?;
        let output = [input[0], kernel[0], p, q];
        let g = random(output);
        let nan = |shape: [usize; 4]| vec![T::from_f64(f64::NAN).expect("a float"); shape.iter().product()];
        let infinite =
            |shape: [usize; 4]| vec![T::from_f64(f64::INFINITY).expect("a float"); shape.iter().product()];
        for threads in [1, 2] {
            let threads = Threads::new(threads)?;
            let mut plan = gradient::Input::new(input, &w, geometry, method, &threads)?;
            let mut dx = nan(input);
            plan.run_into(&infinite(output), &mut dx)?;
            plan.run_into(g.as_slice().expect("row-major"), &mut dx)?;
            let known = layer::transposed(&wide(&g), &wide(&w), geometry, (input[2], input[3]))?;
            compare(&case, dx, known, kernel[0] * kernel[2] * kernel[3]);

            let mut plan = gradient::Kernel::new(input, kernel, geometry, method, &threads)?;
            let mut dw = nan(kernel);
            plan.run_into(&infinite(input), &infinite(output), &mut dw)?;
            plan.run_into(x.as_slice().expect("row-major"), g.as_slice().expect("row-major"), &mut dw)?;
            let known = spatial::kernel(&wide(&x), &wide(&g), (kernel[2], kernel[3]), geometry)?;
            compare(&case, dw, known, output[0] * p * q);
        }
    }
    Ok(worst)
}

/// The layers that tiles can do.
fn dense((_, _, geometry): &Case) -> bool {
    geometry.stride == (1, 1) && geometry.dilation == (1, 1)
}

/// The layers that Winograd's transforms can do.
fn three_by_three(case: &Case) -> bool {
    dense(case) && case.1[2..] == [3, 3]
}

#[test]
fn gemm_has_the_gradients() -> Result<()> {
    let single = agrees::<f32>(Method::Gemm, f64::from(f32::EPSILON), |_| true)?;
    let double = agrees::<f64>(Method::Gemm, f64::EPSILON, |_| true)?;
    assert!(single < 1.0 && double < 1.0, "{single} {double}");
    Ok(())
}

/// The errors are those of the layer's transforms.
#[test]
fn winograd_has_the_gradients() -> Result<()> {
    for (tile, bound) in [(Tile::Two, 4.0), (Tile::Four, 16.0)] {
        let single = agrees::<f32>(Method::Winograd(tile), f64::from(f32::EPSILON), three_by_three)?;
        let double = agrees::<f64>(Method::Winograd(tile), f64::EPSILON, three_by_three)?;
        assert!(single < bound && double < bound, "{tile:?}: {single} {double}");
    }
    Ok(())
}

#[test]
fn fft_has_the_gradients() -> Result<()> {
    let single = agrees::<f32>(Method::Fft(None), f64::from(f32::EPSILON), dense)?;
    let double = agrees::<f64>(Method::Fft(None), f64::EPSILON, dense)?;
    let sides = agrees::<f64>(Method::Fft(Some(14)), f64::EPSILON, dense)?;
    assert!(single < 8.0 && double < 8.0 && sides < 8.0, "{single} {double} {sides}");
    Ok(())
}

/// A layer with a kernel for each channel: its input, (B, C, H, W), the sides of its kernels, its padding.
type Depthwise = ([usize; 4], (usize, usize), (usize, usize));

/// Depthwise layers to try: one pixel; one tap; kernels as large as the picture and wider than eight taps; rows that are
/// whole vectors and that are not; more rows than one strip; rows longer than one.
const DEPTHWISE: [Depthwise; 9] = [
    ([1, 1, 1, 1], (1, 1), (0, 0)),
    ([1, 3, 4, 4], (3, 3), (0, 0)),
    ([2, 5, 7, 9], (3, 3), (1, 1)),
    ([1, 2, 9, 8], (1, 2), (0, 1)),
    ([3, 2, 6, 20], (5, 2), (4, 0)),
    ([1, 2, 12, 13], (12, 13), (3, 5)),
    ([1, 1, 20, 33], (9, 17), (4, 8)),
    ([2, 3, 90, 40], (3, 3), (1, 1)),
    ([1, 2, 3, 2100], (2, 3), (1, 1)),
];

/// The gradients of a layer with a kernel for each channel are those of as many layers of one channel.
fn depthwise_agrees<T: Number + Into<f64>>(epsilon: f64) -> Result<f64> {
    let mut numbers = ChaCha8Rng::seed_from_u64(11);
    let mut random = |count: usize| -> Vec<T> {
        (0..count).map(|_| T::from_f64(numbers.random_range(-1.0..1.0)).expect("a float")).collect()
    };
    let infinite = |count: usize| vec![T::from_f64(f64::INFINITY).expect("a float"); count];
    let mut worst = 0.0_f64;
    let mut note = |error: f64| {
        assert!(error.is_finite());
        worst = worst.max(error);
    };
    for (input, taps, padding) in DEPTHWISE {
        let geometry = Geometry { padding, ..Geometry::default() };
        let (p, q) = geometry.outputs((input[2], input[3]), taps)?;
        let [images, channels, height, width] = input;
        let (x, g) = (random(input.iter().product()), random(images * channels * p * q));
        let w = Array3::from_shape_vec([channels, taps.0, taps.1], random(channels * taps.0 * taps.1))
            .expect("as many numbers");
        // The channel as the only one of a tensor.
        let channel = |all: &[T], (height, width): (usize, usize), c: usize| {
            let all = Array4::from_shape_vec([images, channels, height, width], all.to_vec());
            let all = all.expect("as many numbers").mapv(Into::<f64>::into);
            all.slice_move(s![.., c..=c, .., ..])
        };
        for threads in [1, 2] {
            let threads = Threads::new(threads)?;
            let mut plan = depthwise::KernelGradient::new(input, taps, padding, &threads)?;
            let mut dw = infinite(w.len());
            plan.run_into(&infinite(x.len()), &infinite(g.len()), &mut dw)?;
            plan.run_into(&x, &g, &mut dw)?;
            let (turned, border) = depthwise::turned(&w, padding)?;
            let mut plan = direct::Plan::depthwise([images, channels, p, q], &turned, border, &threads)?;
            let mut dx = infinite(x.len());
            plan.run_into(&g, &mut dx)?;
            for c in 0..channels {
                let (x, g) = (channel(&x, (height, width), c), channel(&g, (p, q), c));
                let known = spatial::kernel(&x, &g, taps, geometry)?;
                for (dw, known) in dw[c * taps.0 * taps.1..].iter().zip(&known) {
                    note((Into::<f64>::into(*dw) - known).abs() / (images * p * q) as f64);
                }
                let one = w.slice(s![c..=c, .., ..]).mapv(Into::<f64>::into);
                let one = one.insert_axis(Axis(0));
                let known = layer::transposed(&g, &one, geometry, (height, width))?;
                let dx = channel(&dx, (height, width), c);
                assert_eq!(dx.dim(), known.dim());
                (dx - known).iter().for_each(|error| note(error.abs() / (taps.0 * taps.1) as f64));
            }
        }
    }
    Ok(worst / epsilon)
}

#[test]
fn depthwise_layers_have_the_gradients_of_their_channels() -> Result<()> {
    let single = depthwise_agrees::<f32>(f64::from(f32::EPSILON))?;
    let double = depthwise_agrees::<f64>(f64::EPSILON)?;
    assert!(single < 1.0 && double < 1.0, "{single} {double}");
    Ok(())
}

/// A pixel that is infinite spoils the taps that read it, and no other.
#[test]
fn what_is_infinite_stays_with_its_taps() -> Result<()> {
    let (input, taps) = ([1, 1, 5, 15], (3, 3));
    for (pixel, tap) in [((0, 0), (0, 0)), ((4, 14), (2, 2)), ((0, 14), (0, 2)), ((4, 0), (2, 0))] {
        let mut x = Array4::<f32>::ones(input);
        x[[0, 0, pixel.0, pixel.1]] = f32::INFINITY;
        let g = vec![1.0; 3 * 13];
        let mut dw = Array3::zeros([1, 3, 3]);
        let mut plan = depthwise::KernelGradient::new(input, taps, (0, 0), &Threads::default())?;
        plan.run_into(x.as_slice().expect("row-major"), &g, dw.as_slice_mut().expect("row-major"))?;
        for ((_, a, b), dw) in dw.indexed_iter() {
            assert_eq!(*dw, if (a, b) == tap { f32::INFINITY } else { 39.0 }, "{pixel:?}: {a}, {b}");
        }
    }
    Ok(())
}

/// In tiles, sums are made in the same order however many threads there are.
#[test]
fn threads_do_not_change_a_digit_in_tiles() -> Result<()> {
    let mut numbers = ChaCha8Rng::seed_from_u64(12);
    let (input, kernel, geometry) = ([3, 20, 24, 22], [70, 20, 3, 3], Geometry::new(1, 1, 1));
    let mut random =
        |count: usize| -> Vec<f32> { (0..count).map(|_| numbers.random_range(-1.0..1.0)).collect() };
    let (x, g) = (random(3 * 20 * 24 * 22), random(3 * 70 * 24 * 22));
    for method in [Method::Winograd(Tile::Two), Method::Winograd(Tile::Four), Method::Fft(Some(8))] {
        let gradient = |threads: usize| -> Result<Vec<f32>> {
            let mut plan = gradient::Kernel::new(input, kernel, geometry, method, &Threads::new(threads)?)?;
            let mut dw = vec![0.0; kernel.iter().product()];
            plan.run_into(&x, &g, &mut dw)?;
            Ok(dw)
        };
        let one = gradient(1)?;
        for threads in 2..=4 {
            assert!(one == gradient(threads)?, "{method:?}, {threads} threads");
        }
    }
    Ok(())
}

/// What is wrong is said before anything is computed.
#[test]
fn wrong_shapes_are_refused() {
    let threads = Threads::default();
    let kernel = |input, kernel, geometry, method| {
        gradient::Kernel::<f32>::new(input, kernel, geometry, method, &threads).map(|_| ()).unwrap_err()
    };
    let geometry = Geometry::default();
    let expected = Error::Shape { argument: "kernel", expected: vec![2, 4, 3, 3], given: vec![2, 3, 3, 3] };
    assert_eq!(kernel([1, 4, 5, 5], [2, 3, 3, 3], geometry, Method::Gemm), expected);
    let stride = Error::Length { argument: "stride", expected: 1, given: 2 };
    let strided = Geometry::new(2, 0, 1);
    assert_eq!(kernel([1, 3, 5, 5], [2, 3, 3, 3], strided, Method::Fft(None)), stride);
    assert_eq!(kernel([1, 3, 5, 5], [2, 3, 3, 3], strided, Method::Winograd(Tile::Two)), stride);
    let shape = Error::Shape { argument: "kernel", expected: vec![2, 3, 3, 3], given: vec![2, 3, 3, 4] };
    assert_eq!(kernel([1, 3, 5, 5], [2, 3, 3, 4], geometry, Method::Winograd(Tile::Two)), shape);
    let tile = Error::Length { argument: "tile", expected: 12, given: 11 };
    assert_eq!(kernel([1, 3, 5, 5], [2, 3, 3, 3], geometry, Method::Fft(Some(11))), tile);
    assert!(matches!(
        kernel([1, 1 << 30, 5, 5], [1 << 40, 1 << 30, 3, 3], geometry, Method::Gemm),
        Error::TooLarge { .. }
    ));

    let mut plan =
        gradient::Kernel::<f32>::new([1, 1, 3, 3], [1, 1, 3, 3], geometry, Method::Gemm, &threads).unwrap();
    let short = |argument, expected| Error::Length { argument, expected, given: 0 };
    assert_eq!(plan.run_into(&[], &[1.0], &mut [0.0; 9]).unwrap_err(), short("input", 9));
    assert_eq!(plan.run_into(&[0.0; 9], &[], &mut [0.0; 9]).unwrap_err(), short("output gradient", 1));
    assert_eq!(plan.run_into(&[0.0; 9], &[1.0], &mut []).unwrap_err(), short("kernel gradient", 9));

    let mut plan = depthwise::KernelGradient::<f32>::new([1, 1, 3, 3], (3, 3), (0, 0), &threads).unwrap();
    assert_eq!(plan.run_into(&[], &[1.0], &mut [0.0; 9]).unwrap_err(), short("input", 9));
    assert_eq!(plan.run_into(&[0.0; 9], &[], &mut [0.0; 9]).unwrap_err(), short("output gradient", 1));
    assert_eq!(plan.run_into(&[0.0; 9], &[1.0], &mut []).unwrap_err(), short("kernel gradient", 9));
    let wide = Error::TooShort { argument: "kernel", needed: 4, given: 3 };
    let refused = depthwise::KernelGradient::<f32>::new([1, 1, 3, 3], (3, 3), (3, 0), &threads).map(|_| ());
    assert_eq!(refused.unwrap_err(), wide);
    assert_eq!(depthwise::turned(&Array3::<f32>::zeros([1, 3, 3]), (3, 0)).unwrap_err(), wide);

    let w = Array4::from_elem([1, 1, 3, 3], 1.0);
    let mut plan = gradient::Input::new([1, 1, 3, 3], &w, geometry, Method::Gemm, &threads).unwrap();
    assert_eq!(plan.run_into(&[], &mut [0.0; 9]).unwrap_err(), short("output gradient", 1));
    assert_eq!(plan.run_into(&[1.0], &mut []).unwrap_err(), short("input gradient", 9));
    let refused = gradient::Input::new([1, 1, 2, 3], &w, geometry, Method::Gemm, &threads).map(|_| ());
    assert_eq!(refused.unwrap_err(), Error::NoOutput { reach: 3, padded: 2 });
}
