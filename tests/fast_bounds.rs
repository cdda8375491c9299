//! What rounding does to the fast methods stays below the bound of each, also for inputs that are made to be hard.

use locality::Result;
use locality::conv2d::{self, Mode};
use locality::fast::auto::Method;
use locality::fast::simd::Number;
use locality::fast::winograd::Tile;
use locality::fast::{Threads, bounds, direct, fft, gemm, gradient, overlap_save, winograd};
use locality::layer::{self, Geometry};
use locality::ndarray::{Array, Array2, Array4, ArrayRef2, ArrayRef4, Axis, Dimension, s};
use methods as _;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A layer with what makes it hard: numbers of every sign, of one sign so that nothing cancels, of alternating sign so
/// that nearly everything does, of sizes over twelve decades, and one pixel as large as ten million others.
fn layers() -> Vec<(&'static str, Array4<f64>, Array4<f64>)> {
    let mut random = ChaCha8Rng::seed_from_u64(21);
    let mut layers = Vec::new();
    for ([channels, filters], side, k) in [([1, 1], 9, 3), ([6, 3], 13, 3), ([24, 5], 15, 3), ([5, 4], 21, 7)]
    {
        for kind in ["any", "one sign", "alternating", "decades", "one large pixel"] {
            let mut number = |parity: usize| -> f64 {
                let any = random.random_range(-1.0..1.0);
                match kind {
                    "one sign" => f64::abs(any),
                    "alternating" => (1.0 + any / 1024.0) * [1.0, -1.0][parity % 2],
                    "decades" => any * 10_f64.powf(random.random_range(-6.0..6.0)),
                    _ => any,
                }
            };
            let mut x = Array4::from_shape_fn([2, channels, side, side], |(_, c, i, j)| number(c + i + j));
            // The taps do not alternate, or there would be nothing to cancel.
            let mut w = Array4::from_shape_fn([filters, channels, k, k], |_| number(0));
            if kind == "one large pixel" {
                x[[0, channels / 2, side / 2, side / 3]] = 1e7;
            }
            // Numbers that single precision has, so that both precisions compute with the same.
            for number in x.iter_mut().chain(&mut w) {
                *number = f64::from(*number as f32);
            }
            layers.push((kind, x, w));
        }
    }
    layers
}

/// A number for every output of a layer.
type Outputs<T> = fn(&ArrayRef4<T>, &ArrayRef4<T>, Geometry) -> Result<Array4<T>>;

/// How a layer is computed, and a bound for it.
struct Way<T> {
    name: &'static str,
    outputs: Outputs<T>,
    bound: Outputs<f64>,
    /// The worst error is at least this part of the bound, or the bound says too little.
    reached: f64,
}

const SIDE: usize = 18;

fn by_fourier<T: Number>(x: &ArrayRef4<T>, w: &ArrayRef4<T>, geometry: Geometry) -> Result<Array4<T>> {
    let mut plan = fft::Plan::new(x.dim().into(), w, None, geometry, Some(SIDE), &Threads::default())?;
    let mut y = Array4::zeros(plan.output());
    plan.run_into(x.as_slice().expect("row-major"), y.as_slice_mut().expect("row-major"))?;
    Ok(y)
}

/// The largest error of all outputs, as a share of its bound. No error is above it.
fn worst<T: Number + Into<f64>>(
    method: &Way<T>,
    epsilon: f64,
    (x, w): (&ArrayRef4<f64>, &ArrayRef4<f64>),
    geometry: Geometry,
    known: &Array4<Double>,
    bounds: &Array4<f64>,
) -> Result<f64> {
    let narrow = |array: &ArrayRef4<f64>| array.mapv(|number| T::from_f64(number).expect("a float"));
    Ok(worst_share((method.outputs)(&narrow(x), &narrow(w), geometry)?, epsilon, known, bounds))
}

/// The largest share that an error has of its bound.
fn worst_share<T: Into<f64>, D: Dimension>(
    computed: Array<T, D>,
    epsilon: f64,
    known: &Array<Double, D>,
    bounds: &Array<f64, D>,
) -> f64 {
    assert_eq!((computed.shape(), computed.shape()), (known.shape(), bounds.shape()));
    let numbers = computed.into_iter().zip(known).zip(bounds);
    let shares = numbers.map(|((y, [high, low]), bound)| match ((y.into() - high) - low, *bound) {
        // What reads nothing but zeros is zero.
        (0.0, 0.0) => 0.0,
        (error, bound) => (error / (bound * epsilon / 2.0)).abs(),
    });
    shares.fold(0.0, f64::max)
}

/// A number in two parts, the second too small for the first to show.
type Double = [f64; 2];

/// Adds a product in twice the precision of `f64`: product and sum with what they lose, which is a number too (Dekker's
/// and Knuth's error-free sums).
fn add_product([high, low]: &mut Double, a: f64, b: f64) {
    let product = a * b;
    let lost = a.mul_add(b, -product);
    let sum = *high + product;
    let kept = sum - *high;
    *low += (*high - (sum - kept)) + (product - kept) + lost;
    *high = sum;
}

/// The layer in twice the precision.
fn exact(x: &ArrayRef4<f64>, w: &ArrayRef4<f64>, geometry: Geometry) -> Result<Array4<Double>> {
    let shape = layer::forward(x, w, None, geometry)?.dim();
    let (_, _, height, width) = x.dim();
    Ok(Array4::from_shape_fn(shape, |(n, o, i, j)| {
        let mut sum = Double::default();
        for ((c, a, b), tap) in w.index_axis(Axis(0), o).indexed_iter() {
            if let Some((u, v)) = geometry.pixel((i, j), (a, b), (height, width)) {
                add_product(&mut sum, *tap, x[[n, c, u, v]]);
            }
        }
        sum
    }))
}

/// Its gradients, by the input and by the kernel, in twice the precision.
fn exact_gradients(
    x: &ArrayRef4<f64>,
    w: &ArrayRef4<f64>,
    g: &ArrayRef4<f64>,
    geometry: Geometry,
) -> [Array4<Double>; 2] {
    let [mut dx, mut dw] = [x.dim(), w.dim()].map(|shape| Array4::from_elem(shape, Double::default()));
    for ((n, o, i, j), g) in g.indexed_iter() {
        for ((c, a, b), tap) in w.index_axis(Axis(0), o).indexed_iter() {
            if let Some((u, v)) = geometry.pixel((i, j), (a, b), (x.dim().2, x.dim().3)) {
                add_product(&mut dx[[n, c, u, v]], *tap, *g);
                add_product(&mut dw[[o, c, a, b]], x[[n, c, u, v]], *g);
            }
        }
    }
    [dx, dw]
}

fn methods<T: Number>() -> [Way<T>; 4] {
    [
        Way {
            name: "gemm",
            outputs: |x, w, geometry| gemm::forward(x, w, None, geometry),
            bound: bounds::sums,
            reached: 1e-2,
        },
        Way {
            name: "Winograd 2",
            outputs: |x, w, geometry| winograd::forward(x, w, None, geometry, Tile::Two),
            bound: |x, w, geometry| bounds::winograd(x, w, geometry, Tile::Two),
            reached: 1e-2,
        },
        Way {
            name: "Winograd 4",
            outputs: |x, w, geometry| winograd::forward(x, w, None, geometry, Tile::Four),
            bound: |x, w, geometry| bounds::winograd(x, w, geometry, Tile::Four),
            reached: 1e-2,
        },
        Way {
            name: "Fourier",
            outputs: by_fourier,
            bound: |x, w, geometry| bounds::fourier(x, w, geometry, SIDE),
            reached: 1e-4,
        },
    ]
}

/// In both precisions, every output of every layer. The bound is no use if nothing comes near it.
#[test]
fn errors_are_below_their_bounds() -> Result<()> {
    let geometry = Geometry::new(1, 1, 1);
    let mut reached = [[0.0_f64; 2]; 4];
    for (kind, x, w) in layers() {
        let known = exact(&x, &w, geometry)?;
        for ((single, double), reached) in methods::<f32>().iter().zip(&methods::<f64>()).zip(&mut reached) {
            if single.name.starts_with("Winograd") && w.len_of(Axis(2)) != 3 {
                continue;
            }
            let bounds = (single.bound)(&x, &w, geometry)?;
            assert_eq!(bounds.dim(), known.dim());
            let shares = [
                worst(single, f64::from(f32::EPSILON), (&x, &w), geometry, &known, &bounds)?,
                worst(double, f64::EPSILON, (&x, &w), geometry, &known, &bounds)?,
            ];
            assert!(
                shares.iter().all(|&share| share <= 1.0),
                "{}, {kind}: {shares:?} of the bound",
                single.name
            );
            *reached = [reached[0].max(shares[0]), reached[1].max(shares[1])];
        }
    }
    for (method, reached) in methods::<f32>().iter().zip(reached) {
        println!("{}: {reached:?} of the bound", method.name);
        assert!(reached.iter().all(|&share| share > method.reached), "{}: {reached:?}", method.name);
    }
    Ok(())
}

/// One picture of one channel is a layer too: the sliding kernel is a sum in some order.
#[test]
fn sliding_is_below_the_bound_of_sums() -> Result<()> {
    for (kind, x, w) in layers() {
        let (image, kernel) = (x.index_axis(Axis(0), 0), w.index_axis(Axis(0), 0));
        let (image, kernel) = (image.index_axis(Axis(0), 0), kernel.index_axis(Axis(0), 0));
        let known = conv2d::correlate(&image.to_owned(), &kernel.to_owned(), Mode::Valid)?;
        let narrow = kernel.mapv(|tap| tap as f32);
        let mut plan = direct::Plan::correlate(image.dim(), &narrow, Mode::Valid, &Threads::default())?;
        let mut y = vec![0.0_f32; known.len()];
        plan.run_into(&image.iter().map(|&x| x as f32).collect::<Vec<_>>(), &mut y)?;
        let one = |image: &locality::ndarray::ArrayView2<f64>| {
            image.to_owned().insert_axis(Axis(0)).insert_axis(Axis(0))
        };
        let bound = bounds::sums(&one(&image), &one(&kernel), Geometry::default())?;
        for ((y, known), bound) in y.into_iter().zip(&known).zip(&bound) {
            let error = (f64::from(y) - known).abs();
            assert!(error <= bound * f64::from(f32::EPSILON) / 2.0, "{kind}: {error:e}");
        }
    }
    Ok(())
}

/// Pictures by overlap-save, in both precisions, all modes, in tiles of which many, two or one make the picture.
#[test]
fn overlap_save_is_below_its_bound() -> Result<()> {
    fn share<T: Number + Into<f64>>(
        (x, h): (&ArrayRef2<f64>, &ArrayRef2<f64>),
        mode: Mode,
        tile: (usize, usize),
        epsilon: f64,
        known: &Array2<Double>,
    ) -> Result<f64> {
        let narrow = |array: &ArrayRef2<f64>| array.mapv(|number| T::from_f64(number).expect("a float"));
        let mut plan =
            overlap_save::Plan::convolve(x.dim(), &narrow(h), mode, Some(tile), &Threads::default())?;
        let mut y = Array2::zeros(plan.output());
        plan.run_into(&narrow(x).into_raw_vec_and_offset().0, y.as_slice_mut().expect("row-major"))?;
        Ok(worst_share(y, epsilon, known, &bounds::overlap_save(x, h, mode, tile)?))
    }
    let mut reached = [0.0_f64; 2];
    for (kind, x, w) in layers() {
        let (height, width, kh, kw) =
            (x.len_of(Axis(2)), x.len_of(Axis(3)), w.len_of(Axis(2)), w.len_of(Axis(3)));
        let (x, h) = (x.slice(s![..1, ..1, .., ..]).to_owned(), w.slice(s![..1, ..1, .., ..]).to_owned());
        // The full convolution is the layer with its taps turned around and as many zeros as its taps can reach.
        let turned = h.slice(s![.., .., ..;-1, ..;-1]).to_owned();
        let geometry = Geometry { padding: (kh - 1, kw - 1), ..Geometry::default() };
        let full = exact(&x, &turned, geometry)?;
        let (x, h) = (x.slice(s![0, 0, .., ..]).to_owned(), h.slice(s![0, 0, .., ..]).to_owned());
        for mode in [Mode::Full, Mode::Same, Mode::Valid] {
            let known = full.slice(s![0, 0, mode.outputs(height, kh)?, mode.outputs(width, kw)?]).to_owned();
            for tile in [(8, 8), (10, 16), (15, 24), (32, 32)] {
                let shares = [
                    share::<f32>((&x, &h), mode, tile, f64::from(f32::EPSILON), &known)?,
                    share::<f64>((&x, &h), mode, tile, f64::EPSILON, &known)?,
                ];
                assert!(shares.iter().all(|&share| share <= 1.0), "{kind}, {mode:?}, {tile:?}: {shares:?}");
                reached = [reached[0].max(shares[0]), reached[1].max(shares[1])];
            }
        }
    }
    println!("overlap-save: {reached:?} of the bound");
    assert!(reached.iter().all(|&share| share > 1e-3), "{reached:?}");
    Ok(())
}

/// Both gradients of a layer, by every method, in both precisions; output gradients are as hard as samples.
#[test]
fn gradients_are_below_their_bounds() -> Result<()> {
    fn shares<T: Number + Into<f64>>(
        [x, w, g]: [&Array4<f64>; 3],
        geometry: Geometry,
        method: Method,
        epsilon: f64,
        known: &[Array4<Double>; 2],
    ) -> Result<[f64; 2]> {
        let narrow = |array: &Array4<f64>| array.mapv(|number| T::from_f64(number).expect("a float"));
        let [samples, taps, gradients] = [x, w, g].map(narrow);
        let [mut dx, mut dw] = [&samples, &taps].map(|array| array.mapv(|_| T::zero()));
        let ((_, _, height, width), (_, _, kh, kw)) = (x.dim(), w.dim());
        let threads = Threads::default();
        gradient::Input::new(x.dim().into(), &taps, geometry, method, &threads)?
            .run_into(gradients.as_slice().expect("row-major"), dx.as_slice_mut().expect("row-major"))?;
        gradient::Kernel::new(x.dim().into(), w.dim().into(), geometry, method, &threads)?.run_into(
            samples.as_slice().expect("row-major"),
            gradients.as_slice().expect("row-major"),
            dw.as_slice_mut().expect("row-major"),
        )?;
        Ok([
            worst_share(
                dx,
                epsilon,
                &known[0],
                &bounds::input_gradient(g, w, geometry, (height, width), method)?,
            ),
            worst_share(dw, epsilon, &known[1], &bounds::kernel_gradient(x, g, (kh, kw), geometry, method)?),
        ])
    }
    let geometry = Geometry::new(1, 1, 1);
    let methods =
        [Method::Gemm, Method::Winograd(Tile::Two), Method::Winograd(Tile::Four), Method::Fft(Some(SIDE))];
    let mut reached = [[0.0_f64; 2]; 4];
    for (kind, x, w) in layers() {
        // The outputs of a layer for its gradients: of every size that its numbers have.
        let g = layer::forward(&x, &w, None, geometry)?.mapv(|y| f64::from(y as f32));
        let known = exact_gradients(&x, &w, &g, geometry);
        for (&method, reached) in methods.iter().zip(&mut reached) {
            if matches!(method, Method::Winograd(_)) && w.len_of(Axis(2)) != 3 {
                continue;
            }
            let single = shares::<f32>([&x, &w, &g], geometry, method, f64::from(f32::EPSILON), &known)?;
            let double = shares::<f64>([&x, &w, &g], geometry, method, f64::EPSILON, &known)?;
            for (reached, share) in
                reached.iter_mut().zip([single[0].max(double[0]), single[1].max(double[1])])
            {
                assert!(share <= 1.0, "{method:?}, {kind}: {single:?} {double:?} of the bound");
                *reached = reached.max(share);
            }
        }
    }
    for (method, reached) in methods.iter().zip(reached) {
        println!("{method:?}: {reached:?} of the bound");
        assert!(reached.iter().all(|&share| share > 1e-4), "{method:?}: {reached:?}");
    }
    Ok(())
}

/// What the bounds say of locality is so. Beside one large pixel, an output that does not read it is as good as ever by
/// sums, and by Winograd's method with 2 × 2 outputs, where what an output does not read has a place of its own. In
/// larger tiles with the pixel outputs break the bound of sums by far, and in other tiles nothing happens to them.
#[test]
fn a_large_pixel_spoils_windows_or_tiles() -> Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut numbers = |shape: [usize; 4]| -> Array4<f32> {
        Array4::from_shape_simple_fn(shape, || random.random_range(0.5_f32..1.0))
    };
    let (mut x, w) = (numbers([1, 4, 34, 34]), numbers([2, 4, 3, 3]));
    x[[0, 0, 3, 3]] = 1e8;
    let wide = [&x, &w].map(|array| array.mapv(f64::from));
    let geometry = Geometry::default();
    let bound = bounds::sums(&wide[0], &wide[1], geometry)?;
    let known = layer::forward(&wide[0], &wide[1], None, geometry)?;
    let methods = methods::<f32>();
    let spoils = |method: &Way<f32>| -> Result<Vec<(usize, usize)>> {
        let y = (method.outputs)(&x, &w, geometry)?;
        let spoilt = y.indexed_iter().filter(|((_, o, i, j), y)| {
            let at = [0, *o, *i, *j];
            (f64::from(**y) - known[at]).abs() > 4.0 * bound[at] * f64::from(f32::EPSILON)
        });
        Ok(spoilt.map(|((_, _, i, j), _)| (i, j)).collect())
    };
    // The outputs (1..=3, 1..=3) read the pixel, and their bound is as large as it.
    assert!(spoils(&methods[0])?.is_empty() && spoils(&methods[1])?.is_empty());
    for (method, tile) in methods[2..].iter().zip([4, SIDE - 2]) {
        let spoilt = spoils(method)?;
        assert!(!spoilt.is_empty(), "{}", method.name);
        // The first tile reads the pixel, and no other does.
        assert!(spoilt.iter().all(|&(i, j)| i < tile && j < tile), "{}: {spoilt:?}", method.name);
    }
    Ok(())
}

/// A bound is refused where its method is.
#[test]
fn what_a_method_refuses_has_no_bound() {
    let (x, w) = (Array4::zeros([1, 2, 8, 8]), Array4::zeros([1, 2, 3, 3]));
    let strided = Geometry::new(2, 1, 1);
    assert!(bounds::sums(&x, &w, strided).is_ok());
    assert!(bounds::winograd(&x, &w, strided, Tile::Two).is_err());
    assert!(bounds::fourier(&x, &w, strided, 8).is_err());
    assert!(bounds::fourier(&x, &w, Geometry::default(), 2).is_err());
    assert!(bounds::winograd(&x, &Array4::zeros([1, 2, 5, 5]), Geometry::default(), Tile::Two).is_err());
    assert!(bounds::winograd(&x, &Array4::zeros([1, 3, 3, 3]), Geometry::default(), Tile::Two).is_err());
    let (x, h) = (Array2::zeros((8, 8)), Array2::zeros((3, 9)));
    assert!(bounds::overlap_save(&x, &h, Mode::Full, (3, 9)).is_ok());
    assert!(bounds::overlap_save(&x, &h, Mode::Full, (2, 9)).is_err());
    assert!(bounds::overlap_save(&x, &h, Mode::Full, (3, 8)).is_err());
    assert!(bounds::overlap_save(&x, &h, Mode::Valid, (3, 9)).is_err());

    let (x, g, w) = (Array4::zeros([1, 2, 8, 8]), Array4::zeros([1, 4, 4, 4]), Array4::zeros([4, 2, 3, 3]));
    let [gemm, two, fft] = [Method::Gemm, Method::Winograd(Tile::Two), Method::Fft(None)];
    let refused = |method, geometry| {
        let dx = bounds::input_gradient(&g, &w, geometry, (8, 8), method).is_err();
        assert_eq!(dx, bounds::kernel_gradient(&x, &g, (3, 3), geometry, method).is_err());
        dx
    };
    assert!([gemm, two, fft].map(|method| refused(method, strided)) == [false, true, true]);
    assert!([gemm, two, fft].map(|method| refused(method, Geometry::default())) == [true; 3]);
    let (g, geometry) = (Array4::zeros([1, 4, 6, 5]), Geometry::default());
    assert!(bounds::kernel_gradient(&x, &g, (3, 4), geometry, gemm).is_ok());
    assert!(bounds::kernel_gradient(&x, &g, (3, 4), geometry, two).is_err());
    assert!(bounds::kernel_gradient(&x, &g, (3, 4), geometry, Method::Fft(Some(2))).is_err());
}
