//! The transform of a whole real image is the definition's, and leads back to the image.

use locality::fast::simd::{Number, tile_shape};
use locality::fast::spectrum::Plan;
use locality::fourier::{self, Real};
use locality::ndarray::Array2;
use locality::num_complex::Complex;
use locality::{Error, Result};
use methods as _;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One pixel, one row, one column, odd and even sides, every radix, and as many columns as one vector holds, more and
/// fewer.
fn shapes<T: Number>() -> Vec<(usize, usize)> {
    let lanes = tile_shape::<T>().lanes;
    let widths = [2 * lanes - 2, 2 * lanes, 2 * lanes + 1, 4 * lanes + 6];
    let mut shapes =
        vec![(1, 1), (1, 2), (1, 12), (9, 1), (2, 3), (5, 7), (7, 11), (12, 13), (30, 34), (64, 64)];
    shapes.extend(widths.map(|width| (6, width)));
    shapes
}

/// Errors of all coefficients and of the way back, in units of ε times the length of the image.
fn worst<T: Number + Real + Into<f64>>(epsilon: f64) -> Result<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(12);
    let mut worst = [0.0_f64; 2];
    for (height, width) in shapes::<T>() {
        let image = Array2::from_shape_simple_fn((height, width), || {
            T::from_f64(random.random_range(-1.0..1.0)).expect("a float")
        });
        let known = fourier::dft2(&image.mapv(|pixel| Complex::new(pixel.into(), 0.0)))?;
        let length = epsilon * image.iter().map(|&pixel| pixel.into().powi(2)).sum::<f64>().sqrt();
        let mut plan = Plan::<T>::new((height, width))?;
        // Both are full of rubbish, and have to be overwritten.
        let nan = T::from_f64(f64::NAN).expect("a float");
        let mut spectrum = vec![Complex::new(nan, nan); height * plan.half()];
        let pixels = image.as_slice().expect("row-major");
        plan.forward_into(pixels, &mut spectrum)?;
        for (i, number) in spectrum.iter().enumerate() {
            let known = known[[i / plan.half(), i % plan.half()]];
            worst[0] =
                worst[0].max((Complex::new(number.re.into(), number.im.into()) - known).norm() / length);
            assert!(worst[0].is_finite(), "{height} × {width}");
        }
        let mut back = vec![nan; height * width];
        plan.inverse_into(&mut spectrum, &mut back)?;
        for (back, &pixel) in back.into_iter().zip(pixels) {
            worst[1] = worst[1].max((back.into() - pixel.into()).abs() / length);
            assert!(worst[1].is_finite(), "{height} × {width}");
        }
    }
    Ok(worst)
}

/// A transform of n samples rounds about log₂ n times, and what it does to the length of the image it does to the
/// largest error at most.
#[test]
fn coefficients_are_those_of_the_definition_and_lead_back() -> Result<()> {
    for [there, back] in [worst::<f32>(f64::from(f32::EPSILON))?, worst::<f64>(f64::EPSILON)?] {
        assert!(there < 8.0, "{there}");
        assert!(back < 2.0, "{back}");
    }
    Ok(())
}

/// What no real image has is ignored: the imaginary parts of the constant coefficient, and of the fastest one.
#[test]
fn a_spectrum_of_no_image_counts_as_the_nearest() -> Result<()> {
    let image = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0_f64];
    let mut plan = Plan::new((2, 4))?;
    let mut spectrum = vec![Complex::default(); 6];
    plan.forward_into(&image, &mut spectrum)?;
    for real in [0, 2, 3, 5] {
        spectrum[real].im += 7.0;
    }
    let mut back = [0.0; 8];
    plan.inverse_into(&mut spectrum, &mut back)?;
    assert!(back.iter().zip(image).all(|(back, pixel)| (back - pixel).abs() < 1e-13), "{back:?}");
    Ok(())
}

#[test]
fn wrong_shapes_are_refused() -> Result<()> {
    assert_eq!(Plan::<f32>::new((0, 4)).err(), Some(Error::Empty { argument: "image" }));
    let expected = Error::Length { argument: "image", expected: 12, given: 11 };
    assert_eq!(Plan::<f64>::new((11, 4)).err(), Some(expected));
    assert!(matches!(Plan::<f32>::new((usize::MAX, 2)).err(), Some(Error::TooLarge { .. })));
    let mut plan = Plan::<f32>::new((2, 4))?;
    let mut spectrum = vec![Complex::default(); 6];
    let short = Error::Length { argument: "image", expected: 8, given: 7 };
    assert_eq!(plan.forward_into(&[0.0; 7], &mut spectrum), Err(short.clone()));
    assert_eq!(plan.inverse_into(&mut spectrum, &mut [0.0; 7]), Err(short));
    let short = Error::Length { argument: "spectrum", expected: 6, given: 5 };
    assert_eq!(plan.forward_into(&[0.0; 8], &mut spectrum[..5]), Err(short));
    Ok(())
}
