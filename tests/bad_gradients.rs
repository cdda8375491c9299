//! What the gradients through the transform, and those of spectral weights, do with shapes that are wrong: they refuse
//! them and say which argument it was, what was expected and what was given. Nothing panics, whatever the shapes.

use std::fmt::Debug;

use locality::gradient::fourier::{
    forward, forward_2d, input_1d, input_2d, kernel_1d, kernel_2d, layer, spectra,
};
use locality::gradient::spectral::{
    self, gradient, irfft_adjoint, irfft2_adjoint, project, rfft_adjoint, weights,
};
use locality::ndarray::{Array2, Array4};
use locality::num_complex::Complex;
use locality::{Error, Result};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The most numbers of sixteen bytes that memory can be asked for.
const MOST: usize = isize::MAX as usize / 16;

/// The same cases every time, and no files of past failures.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 12_000,
        rng_seed: RngSeed::Fixed(5),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Any shape of at most 5 × 5, empty ones as well.
fn shape() -> impl Strategy<Value = (usize, usize)> {
    (0..6_usize, 0..6_usize)
}

fn ones((rows, columns): (usize, usize)) -> Array2<f64> {
    Array2::ones((rows, columns))
}

/// The function refused its input, with this error.
#[track_caller]
fn refused<T: Debug>(result: Result<T>, expected: Error) {
    assert_eq!(result.expect_err("the input is wrong"), expected);
}

fn empty(argument: &'static str) -> Error {
    Error::Empty { argument }
}

fn short(argument: &'static str, needed: usize, given: usize) -> Error {
    Error::TooShort { argument, needed, given }
}

fn fits(small: (usize, usize), large: (usize, usize)) -> bool {
    small.0 > 0 && small.1 > 0 && small.0 <= large.0 && small.1 <= large.1
}

proptest! {
    #![proptest_config(config())]

    /// Whatever the shapes: what fits is computed, and has the shape it should have; everything else is an error.
    #[test]
    fn every_shape_has_an_answer(x in shape(), h in shape(), m in shape()) {
        let (image, other) = (ones(x), ones(h));
        let outputs = (x.0 + 1).saturating_sub(h.0);
        let rest = (outputs, (x.1 + 1).saturating_sub(h.1));
        let found = kernel_2d(&image, &other, m);
        prop_assert_eq!(found.ok().map(|by| by.dim()), (fits(h, x) && fits(x, m)).then_some(rest));
        let found = forward_2d(&image, &other, m);
        prop_assert_eq!(found.ok().map(|y| y.dim()), (fits(h, x) && fits(x, m)).then_some(rest));
        let sum = ((x.0 + h.0).saturating_sub(1), (x.1 + h.1).saturating_sub(1));
        let found = input_2d(&image, &other, m);
        prop_assert_eq!(found.ok().map(|by| by.dim()), (fits(x, sum) && fits(h, sum) && fits(sum, m)).then_some(sum));
        let found = spectra(&image, &other, &ones(m));
        prop_assert_eq!(found.ok().map(|by| by.kernel.dim()), (fits(h, x) && m == rest).then_some(x));

        let found = weights(&image, m);
        prop_assert_eq!(found.ok().map(|theta| theta.dim()), fits(x, m).then_some(m));
        let theta = Array2::from_elem(h, Complex::new(1.0, 0.0));
        let found = project(&theta, m);
        prop_assert_eq!(found.ok().map(|theta| theta.dim()), fits(m, h).then_some(h));
        let found = spectral::forward(&image, &theta, m);
        prop_assert_eq!(found.is_ok(), x == h && x.0 > 0 && x.1 > 0 && m.0 <= x.0 && m.1 <= x.1);
        let found = gradient(&image, &other);
        prop_assert_eq!(found.ok().map(|by| by.dim()), fits(h, x).then_some(x));
        let found = irfft2_adjoint(&image);
        prop_assert_eq!(found.ok().map(|by| by.dim()), fits(x, x).then_some((x.0, x.1 / 2 + 1)));
    }

    /// The same in one dimension.
    #[test]
    fn every_length_has_an_answer(n in 0..9_usize, k in 0..9_usize, m in 0..20_usize) {
        let (x, h) = (vec![1.0; n], vec![1.0; k]);
        let found = kernel_1d(&x, &h, m);
        prop_assert_eq!(found.ok().map(|by| by.len()), (0 < k && k <= n && n <= m).then(|| n + 1 - k));
        let found = input_1d(&x, &h, m);
        let sum = (n + k).saturating_sub(1);
        prop_assert_eq!(found.ok().map(|by| by.len()), (0 < n && 0 < k && sum <= m).then_some(sum));
        prop_assert_eq!(irfft_adjoint(&x).ok().map(|by| by.len()), (n > 0).then_some(n / 2 + 1));
        let bins = vec![Complex::new(1.0, 0.0); k];
        prop_assert_eq!(rfft_adjoint(&bins, n).ok().map(|by| by.len()), (n > 0 && k == n / 2 + 1).then_some(n));
    }

    /// And of layers.
    #[test]
    fn every_layer_has_an_answer(
        [b, c, d, o] in [0..3_usize, 0..3_usize, 1..3_usize, 0..3_usize],
        x in shape(),
        k in shape(),
        m in shape(),
        other in any::<bool>(),
    ) {
        let (input, kernel) = (Array4::<f64>::ones((b, c, x.0, x.1)), Array4::ones((o, d, k.0, k.1)));
        let right = b * c * o > 0 && c == d && fits(k, x) && fits(x, m);
        let y = forward(&input, &kernel, m);
        prop_assert_eq!(y.is_ok(), right);
        let g = y.unwrap_or_else(|_| Array4::ones((1, 1, 1, 1)));
        let g = if other { Array4::ones((3, 1, 1, 1)) } else { g };
        let found = layer(&input, &kernel, &g, m).ok().map(|by| (by.kernel.dim(), by.input.dim(), by.bias.len()));
        let expected = (kernel.dim(), input.dim(), o);
        prop_assert_eq!(found, (right && !other).then_some(expected));
    }
}

/// The errors, one by one.
#[test]
fn errors_name_the_argument() {
    let (one, two) = ([1.0], [1.0, 2.0]);
    refused(kernel_1d::<f64>(&[], &one, 3), empty("signal"));
    refused(kernel_1d(&one, &[], 3), empty("g"));
    refused(kernel_1d(&one, &two, 3), short("signal", 2, 1));
    refused(kernel_1d(&two, &one, 1), short("m", 2, 1));
    refused(input_1d::<f64>(&[], &one, 3), empty("kernel"));
    refused(input_1d(&one, &[], 3), empty("g"));
    refused(input_1d(&two, &two, 2), short("m", 3, 2));
    let too_large = Error::TooLarge { what: "transform" };
    refused(kernel_1d(&one, &one, MOST + 1), too_large.clone());
    refused(input_1d(&one, &one, usize::MAX), too_large.clone());

    let (small, large) = (ones((1, 2)), ones((3, 4)));
    refused(kernel_2d(&small, &large, (9, 9)), short("image's height", 3, 1));
    refused(kernel_2d(&ones((3, 2)), &large, (9, 9)), short("image's width", 4, 2));
    refused(kernel_2d(&large, &small, (2, 9)), short("shape.0", 3, 2));
    refused(kernel_2d(&large, &small, (9, 3)), short("shape.1", 4, 3));
    refused(input_2d(&large, &small, (9, 4)), short("shape.1", 5, 4));
    refused(kernel_2d(&large, &small, (1 << 32, 1 << 32)), too_large.clone());
    // The transform of a layer must hold the images, and says so before it looks at the kernels, or at memory.
    let (images, kernels) = (Array4::<f64>::ones((1, 1, 3, 4)), Array4::ones((1, 1, 1, 2)));
    refused(forward(&images, &kernels, (2, 9)), short("shape.0", 3, 2));
    refused(forward(&images, &kernels, (9, 3)), short("shape.1", 4, 3));
    refused(forward(&images, &kernels, (2, MOST)), short("shape.0", 3, 2));
    refused(forward(&images, &kernels, (MOST, 3)), short("shape.1", 4, 3));
    refused(layer(&images, &kernels, &Array4::ones((1, 1, 3, 3)), (2, MOST)), short("shape.0", 3, 2));
    refused(forward_2d(&small, &large, (9, 9)), Error::KernelTooLarge { kernel: 3, signal: 1 });
    let wrong = |expected: [usize; 2], given: [usize; 2], argument| Error::Shape {
        argument,
        expected: expected.to_vec(),
        given: given.to_vec(),
    };
    refused(spectra(&large, &small, &small), wrong([3, 3], [1, 2], "g"));

    refused(weights(&large, (2, 9)), short("image.0", 3, 2));
    refused(weights(&large, (9, 2)), short("image.1", 4, 2));
    refused(weights(&ones((0, 2)), (2, 2)), empty("kernel"));
    refused(weights(&small, (1 << 32, 1 << 32)), too_large);
    let theta = Array2::from_elem((3, 4), Complex::new(1.0, 0.0));
    refused(spectral::forward(&small, &theta, (1, 1)), wrong([1, 2], [3, 4], "weights"));
    refused(spectral::forward(&large, &theta, (4, 1)), short("image's height", 4, 3));
    refused(spectral::forward(&large, &theta, (1, 5)), short("image's width", 5, 4));
    refused(gradient(&ones((0, 0)), &small), empty("image"));
    refused(gradient(&small, &ones((0, 0))), empty("g"));
    refused(gradient(&small, &large), short("image's height", 3, 1));
    refused(gradient(&small, &ones((1, 3))), short("image's width", 3, 2));
    refused(project(&theta, (0, 2)), empty("taps"));
    refused(project(&theta, (4, 1)), short("weights' height", 4, 3));
    refused(project(&theta, (3, 5)), short("weights' width", 5, 4));
    refused(spectral::kernel::<f64>(&Array2::zeros((0, 3))), empty("spectrum"));
    let length = Error::Length { argument: "spectrum", expected: 3, given: 2 };
    refused(rfft_adjoint(&[Complex::new(1.0, 0.0); 2], 4), length);
    refused(irfft_adjoint::<f64>(&[]), empty("signal"));
}
