//! Proofs of the chapter "What locality buys".

mod meaning;

#[path = "../examples/folder/mod.rs"]
mod folder;

use formula::{Exact, Map, Number as _, Symbols, Value};
use locality::conv2d::pad;
use locality::gradient::{finite_difference, spatial, spectral};
use locality::layer::{self, Geometry};
use locality::learning::faces::{self, FACE, FURTHEST, SCRAMBLED, SIDE};
use locality::learning::layers;
use locality::learning::{
    Data, FORGETS, Kernels, LEAST, Method, Network, Optimizer, Picture, Protocol, Random, Rule,
    SQUARES_FORGET, Sizes, Trained, around, batches, mean_alone,
};
use locality::ndarray::{Array1, Array2, Array3, Array4, ArrayD, Axis, IxDyn, array};
use locality::num_complex::Complex;
use locality::{Error, Result};
use meaning::gradient::around as symbols_around;
use proof::{Draw, Printed, Proof, S1, norm, printed, printed_image};
use rand::RngExt;
use rayon::prelude::*;

type C = Complex<f64>;

/// Networks small enough to nudge every weight of.
const SMALL: Sizes = Sizes { side: 6, taps: 3, kernels: 2, pool: 2 };

/// Pictures of 6 × 6 random pixels.
fn pictures(proof: &mut Proof, count: usize) -> Data {
    let pixels = Array3::from_shape_fn((count, 6, 6), |_| f64::draw(proof.random()) as f32);
    Data::new(&pixels, (0..count).map(|k| k % 2).collect()).expect("good pictures")
}

/// Whole numbers, no two alike, in random order.
fn different(proof: &mut Proof, count: usize) -> Vec<i64> {
    let mut numbers = (0..count as i64).map(|n| 3 * n - count as i64).collect::<Vec<_>>();
    for last in (1..count).rev() {
        numbers.swap(last, proof.random().random_range(0..=last));
    }
    numbers
}

fn rounded<const D: usize>(shape: [usize; D], whole: &[i64]) -> ArrayD<f64> {
    ArrayD::from_shape_vec(IxDyn(&shape), whole.iter().map(|&n| n as f64).collect()).expect("as many")
}

/// Floats that hold whole numbers, as those.
fn exactly(x: &ArrayD<f64>) -> Value<Exact> {
    Value::Tensor(x.mapv(|x| {
        assert!(x == x.round(), "{x} is not whole");
        Exact::whole(x as i64)
    }))
}

/// A kernel as large as the picture meets every pixel in every output: what the layer computes is a circular correlation.
/// Catches a picture that does not go on around its edges, and one that goes on in the wrong direction.
#[test]
fn full_kernel_layer() -> Result<()> {
    let mut proof = Proof::exact("full-kernel-layer");
    for (n, p) in [(1, 1), (2, 1), (3, 2), (4, 4), (5, 3), (6, 2), (7, 5)].repeat(4) {
        let (x, w) = (proof.image::<i64>((n, n)), proof.image::<i64>((n, n)));
        let extended = around(&x, n + p - 1)?;
        let y = layer::forward(
            &extended.insert_axis(Axis(0)).insert_axis(Axis(0)),
            &w.clone().insert_axis(Axis(0)).insert_axis(Axis(0)),
            None,
            Geometry::default(),
        )?;
        let y = y.index_axis_move(Axis(0), 0).index_axis_move(Axis(0), 0);
        let symbols = meaning::symbols().size("N", n).size("P", p);
        proof.printed(
            &symbols
                .value("x", printed_image(&x))
                .value("w", printed_image(&w))
                .value("y", printed_image(&y)),
        );
        // As the training computes it.
        let float = |x: &Array2<i64>| x.iter().map(|&x| x as f64).collect::<Vec<_>>();
        let mut fast = vec![0.0; p * p];
        Picture::new(&float(&x), n, n + p - 1)?.correlate(&float(&w), n, &[0.0], p, &mut fast)?;
        proof.equal(fast, float(&y));
    }
    Ok(())
}

/// A gradient passes where the input was positive, and nowhere else. Catches a gradient that looks at the output's gradient, or
/// at the wrong sign.
#[test]
fn relu_gradient() -> Result<()> {
    let mut proof = Proof::exact("relu-gradient");
    for (n, _) in proof.sizes(S1) {
        let (x, g) = (proof.signal::<i64>(n), proof.signal::<i64>(n));
        let float = |x: &[i64]| x.iter().map(|&x| x as f64).collect::<Array1<_>>();
        let y = float(&x).mapv(layers::relu);
        let by = layers::relu_gradient(&float(&x), &float(&g))?;
        let symbols = meaning::symbols().size("N", n).value("x", printed(&x)).value("g", printed(&g));
        let symbols = symbols.value("y", exactly(&y.into_dyn()));
        proof.printed(&symbols.value("\\partial L / \\partial x", exactly(&by.clone().into_dyn())));
        // A nudge, away from the corner.
        let nudged = float(&x).mapv(|x| x + 0.25);
        let loss = |x: &[f64]| x.iter().zip(&g).map(|(&x, &g)| layers::relu(x) * g as f64).sum();
        let found = finite_difference::gradient(loss, nudged.as_slice().expect("in order"));
        let by = layers::relu_gradient(&nudged, &float(&g))?;
        proof.holds(found.iter().zip(&by).all(|(a, b)| (a - b).abs() < 1e-6));
    }
    Ok(())
}

/// The largest of each square; only where it stood does the gradient go. Catches rows and columns exchanged, and a gradient
/// that is shared.
#[test]
fn max_pool() -> Result<()> {
    let mut proof = Proof::exact("max-pool");
    for (s, p, q) in
        [(1, 1, 1), (1, 2, 3), (2, 1, 1), (2, 2, 2), (2, 3, 1), (3, 1, 2), (3, 2, 2), (4, 1, 2)].repeat(3)
    {
        let (height, width) = (s * p, s * q);
        let whole = different(&mut proof, height * width);
        let x = rounded([1, height, width], &whole).into_dimensionality().expect("3 axes");
        let g = rounded([1, p, q], &proof.signal::<i64>(p * q).iter().map(|g| 20 + g).collect::<Vec<_>>());
        let g: Array3<f64> = g.into_dimensionality().expect("3 axes");
        let (y, winners) = layers::max_pool(&x, s)?;
        let by = layers::max_pool_gradient(&g, &winners, s, [1, height, width])?;
        let channel = |x: &Array3<f64>| exactly(&x.index_axis(Axis(0), 0).to_owned().into_dyn());
        let symbols = meaning::symbols().size("s", s).size("P", p).size("Q", q);
        let symbols = symbols.value("x", channel(&x)).value("y", channel(&y)).value("g", channel(&g));
        proof.printed(&symbols.value("\\partial L / \\partial x", channel(&by)));
        // Rows and columns that fill no square are left out, and get no gradient.
        let mut wider = Array3::from_elem((1, height + s - 1, width + s - 1), 1e3);
        wider.slice_mut(locality::ndarray::s![.., ..height, ..width]).assign(&x);
        proof.holds(layers::max_pool(&wider, s)? == (y, winners.clone()));
        let by_wider = layers::max_pool_gradient(&g, &winners, s, [1, height + s - 1, width + s - 1])?;
        proof.holds(by_wider.sum() == g.sum());
    }
    Ok(())
}

/// Of equal numbers the first is the largest, row after row. Catches a gradient that goes to the last of them.
#[test]
fn the_first_of_equals_wins() -> Result<()> {
    let x = array![[[1.0, 1.0, 0.0, 2.0], [1.0, 1.0, 2.0, 2.0]]];
    assert_eq!(layers::max_pool(&x, 2)?, (array![[[1.0, 2.0]]], array![[[0, 1]]]));
    Ok(())
}

/// A shift of the outputs by whole squares shifts the largest ones by as many places; another shift does something else.
/// Catches squares that overlap, or are counted from elsewhere.
#[test]
fn max_pool_shift() -> Result<()> {
    let mut proof = Proof::exact("max-pool-shift");
    let turned = |x: &ArrayD<Exact>, (p, q): (usize, usize)| {
        let (height, width) = (x.shape()[0], x.shape()[1]);
        ArrayD::from_shape_fn(x.raw_dim(), |at| {
            x[[(at[0] + height - p % height) % height, (at[1] + width - q % width) % width]]
        })
    };
    for (s, rows, columns) in [(1, 2, 3), (2, 2, 2), (2, 3, 4), (3, 2, 1), (4, 2, 2)].repeat(4) {
        let x = rounded([s * rows, s * columns], &different(&mut proof, s * s * rows * columns));
        let (p, q) = (proof.random().random_range(0..rows), proof.random().random_range(0..columns));
        let symbols =
            meaning::symbols::<Exact>().size("s", s).size("p", p).size("q", q).value("x", exactly(&x));
        let symbols = symbols
            .function("R_{#,#}", move |places| {
                let by = (places[0].size()?, places[1].size()?);
                Ok(Map::new(move |x: &ArrayD<Exact>| Ok(turned(x, by))).into())
            })
            .function("pool_#(#)", |places| {
                let (s, x) = (places[0].size()?, places[1].matrix()?);
                let float = x.mapv(|x| x.integer().expect("whole") as f64).insert_axis(Axis(0));
                let (y, _) = layers::max_pool(&float, s).map_err(meaning::said)?;
                Ok(exactly(&y.index_axis(Axis(0), 0).to_owned().into_dyn()))
            });
        proof.printed(&symbols);
    }
    Ok(())
}

/// The last layer and its gradients. Catches a matrix that is not transposed on the way back.
#[test]
fn linear_gradient() -> Result<()> {
    let mut proof = Proof::numeric("linear-gradient", 1e-12);
    for (features, classes) in proof.sizes(S1) {
        let (a, x) = (proof.image::<f64>((classes, features)), proof.signal::<f64>(features));
        let (b, g) = (proof.signal::<f64>(classes), proof.signal::<f64>(classes));
        let (x, b, g) = (Array1::from(x), Array1::from(b), Array1::from(g));
        let z = layers::linear(&a, &x, &b)?;
        let (by_a, by_x) = layers::linear_gradient(&a, &x, &g)?;
        let list = |x: &Array1<f64>| printed(&x.to_vec());
        let symbols =
            meaning::symbols().value("A", printed_image(&a)).value("x", list(&x)).value("\\beta", list(&b));
        let symbols =
            symbols.value("z", list(&z)).value("g", list(&g)).value("\\partial L / \\partial x", list(&by_x));
        let scale = 1.0 + norm(&a) * (norm(x.to_vec()) + norm(g.to_vec())) + norm(&by_a);
        proof.printed_close(&symbols.value("\\partial L / \\partial A", printed_image(&by_a)), scale);
        let loss = |a: &[f64]| {
            let a = Array2::from_shape_vec((classes, features), a.to_vec()).expect("as many");
            layers::linear(&a, &x, &b).expect("fits").dot(&g)
        };
        let found = finite_difference::gradient(loss, a.as_slice().expect("in order"));
        proof.holds(found.iter().zip(&by_a).all(|(a, b)| (a - b).abs() < 1e-6 * scale));
    }
    Ok(())
}

/// The probabilities add up to 1, the loss is what is read off them, and its gradient is them, less 1 at the class; a nudge of
/// every output agrees. Catches a sum over the wrong outputs, and a gradient of the wrong sign.
#[test]
fn softmax_gradient() -> Result<()> {
    let mut proof = Proof::finite_difference("softmax-gradient", 1e-6);
    for classes in [1, 2, 2, 3, 5].repeat(8) {
        let z = Array1::from(proof.signal::<f64>(classes));
        let class = proof.random().random_range(0..classes);
        let (loss, by) = layers::cross_entropy(&z, class)?;
        let total = z.iter().map(|z| z.exp()).sum::<f64>();
        let probabilities = z.iter().map(|z| z.exp() / total).collect::<Vec<_>>();
        let symbols = meaning::symbols().size("M", classes).size("c", class).value("z", printed(&z.to_vec()));
        let symbols = symbols.value("\\psi", printed(&probabilities)).value("\\ell", loss.print());
        proof.printed_close(
            &symbols.value("\\partial \\ell / \\partial z", printed(&by.to_vec())),
            1.0 + total,
        );
        let nudged = |z: &[f64]| layers::cross_entropy(&Array1::from(z.to_vec()), class).expect("a class").0;
        proof.close(finite_difference::gradient(nudged, &z.to_vec()), by.to_vec(), 1.0);
    }
    // Neither overflows where exponentials would.
    let (loss, by) = layers::cross_entropy(&array![1000.0, -1000.0], 1)?;
    proof.holds(loss == 2000.0 && by == array![1.0, -1.0]);
    Ok(())
}

/// A step of Adam, after any number of steps. Catches means that are not corrected for their beginning, a root in the wrong
/// place, and squares that forget like the gradients.
#[test]
fn adam_step() -> Result<()> {
    let mut proof = Proof::numeric("adam-step", 1e-12);
    for n in [1, 2, 5] {
        for rate in [0.5, 0.01] {
            let mut h = proof.signal::<f64>(n);
            let mut adam = Optimizer::new(Rule::Adam { rate }, n);
            let (mut u, mut v) = (vec![0.0; n], vec![0.0; n]);
            for t in 1..=6 {
                let g = proof.signal::<f64>(n).iter().map(|g| g * 10.0_f64.powi(t - 3)).collect::<Vec<_>>();
                let before = h.clone();
                adam.step(&mut h, &g)?;
                let mean = |old: &[f64], keep: f64, new: &dyn Fn(f64) -> f64| {
                    old.iter().zip(&g).map(|(old, &g)| keep * old + (1.0 - keep) * new(g)).collect::<Vec<_>>()
                };
                let after = (mean(&u, FORGETS, &|g| g), mean(&v, SQUARES_FORGET, &|g| g * g));
                let symbols = meaning::symbols::<C>()
                    .size("N", n)
                    .size("t", t as usize)
                    .value("\\beta", FORGETS.print())
                    .value("\\gamma", SQUARES_FORGET.print())
                    .value("\\epsilon", LEAST.print())
                    .value("\\eta", rate.print())
                    .value("g", printed(&g))
                    .value("u", printed(&u))
                    .value("v", printed(&v))
                    .value("h", printed(&before))
                    .value("u'", printed(&after.0))
                    .value("v'", printed(&after.1))
                    .value("h'", printed(&h));
                proof.printed_close(&symbols, 1.0 + norm(&h));
                (u, v) = after;
            }
        }
    }
    Ok(())
}

/// The gradient by spectral weights is the transform of the one by all taps; and the gradient of the whole network, through every
/// layer and whatever is trained, is what nudging every weight finds, to 1e-6 of its length. Catches any layer that is wrong on
/// its way back.
#[test]
fn network_pullback() -> Result<()> {
    let mut proof = Proof::finite_difference("network-pullback", 1e-6);
    for trained in Trained::ALL {
        let network = Network::<f64>::new(trained, SMALL)?;
        for seed in 0..4 {
            let data = pictures(&mut proof, 3);
            let mut weights = network.start(seed)?;
            weights.iter_mut().for_each(|weight| *weight += 0.1 * f64::draw(proof.random()));
            network.project(&mut weights)?;
            let read = network.pictures(&data)?;
            let (loss, by) = network.gradient(&weights, &read.iter().collect::<Vec<_>>(), data.classes())?;
            proof.holds((loss - network.loss(&weights, &data)?).abs() < 1e-12);
            let nudged = |weights: &[f64]| network.loss(weights, &data).expect("as many weights");
            let found = finite_difference::gradient(nudged, &weights);
            let mut by = by;
            // A projected spectrum hears of taps that its loss does not see. The projection takes that away.
            network.project(&mut by)?;
            let scale = norm(&found);
            proof.close(by, found, scale);
        }
    }
    // As printed.
    for (n, k) in [(3, 2), (4, 3), (5, 5), (6, 3)] {
        for trained in [Trained::ProjectedSpectrum, Trained::FreeSpectrum] {
            let kernels = Kernels::<f64>::new(trained, n, k)?;
            let by = proof.image::<f64>((n, n));
            let by_phi = complex(&kernels.by_coordinates(by.as_slice().expect("in order"))?, n);
            let symbols = symbols_around(meaning::symbols(), (n, n))
                .value("\\nabla_w L", printed_image(&by))
                .value("\\nabla_\\phi L", printed_image(&by_phi));
            proof.printed_close(&symbols, 1.0 + norm(&by));
        }
    }
    Ok(())
}

/// Real and imaginary parts, one after the other, as a spectrum.
fn complex(parts: &[f64], n: usize) -> Array2<C> {
    Array2::from_shape_fn((n, n), |(i, j)| C::new(parts[i * n + j], parts[n * n + i * n + j]))
}

/// The coordinates of all kernels of four networks that were trained alike, from one start.
fn trained_alike(proof: &mut Proof, rule: Rule, steps: usize, seed: u64) -> Result<[Vec<Vec<f64>>; 4]> {
    let data = pictures(proof, 8);
    let train = |trained: Trained| -> Result<Vec<Vec<f64>>> {
        let network = Network::<f64>::new(trained, SMALL)?;
        let read = network.pictures(&data)?;
        let mut weights = network.start(seed)?;
        let mut optimizer = Optimizer::new(rule, weights.len());
        for batch in batches(data.count(), 4, steps, seed)? {
            let chosen = batch.iter().map(|&number| &read[number]).collect::<Vec<_>>();
            let classes = batch.iter().map(|&number| data.classes()[number]).collect::<Vec<_>>();
            let (_, by) = network.gradient(&weights, &chosen, &classes)?;
            optimizer.step(&mut weights, &by)?;
            network.project(&mut weights)?;
        }
        let each = Kernels::<f64>::new(trained, SMALL.side, SMALL.taps)?.coordinates();
        Ok(weights.chunks(each).take(SMALL.kernels).map(<[f64]>::to_vec).collect())
    };
    let [taps, projected, full, free] = Trained::ALL.map(train);
    Ok([taps?, projected?, full?, free?])
}

/// The symbols of one kernel of four networks.
fn four(all: &[Vec<Vec<f64>>; 4], kernel: usize) -> Symbols<C> {
    let [h, phi, w, free] = [0, 1, 2, 3].map(|trained| &all[trained][kernel]);
    let (n, k) = (SMALL.side, SMALL.taps);
    let square = |x: &[f64], n: usize| Array2::from_shape_vec((n, n), x.to_vec()).expect("as many");
    symbols_around(meaning::symbols(), (n, n))
        .value("h", printed_image(&square(h, k)))
        .value("w", printed_image(&square(w, n)))
        .value("\\phi", printed_image(&complex(phi, n)))
        .value("\\phi'", printed_image(&complex(free, n)))
}

/// By descent, with momentum or without, a projected spectrum becomes the spectrum of the taps, and a free one that of the full
/// kernel: after any number of steps, to rounding. Catches a projection that is left out, and a scale that one basis has and the
/// other has not.
#[test]
fn network_same_function() -> Result<()> {
    let mut proof = Proof::numeric("network-same-function", 1e-10);
    for (seed, steps) in [0, 1, 2, 10, 40].into_iter().enumerate() {
        for momentum in [0.0, 0.9] {
            let rule = Rule::Sgd { rate: 0.03, momentum };
            let all = trained_alike(&mut proof, rule, steps, seed as u64)?;
            for kernel in 0..SMALL.kernels {
                proof.printed_close(&four(&all, kernel), 1.0 + norm(&all[2][kernel]));
            }
            // And the small ones are not the large ones, once there was a step.
            let leaked =
                |w: &[f64]| (0..36).filter(|k| k / 6 >= 3 || k % 6 >= 3).map(|k| w[k].abs()).sum::<f64>();
            proof.holds((leaked(&all[2][0]) > 1e-3) == (steps > 0));
        }
    }
    Ok(())
}

/// Adam divides coordinate by coordinate, so it sees the basis: neither pair stays together. Catches an Adam that is not.
#[test]
fn network_adam_differs() -> Result<()> {
    let mut proof = Proof::refuted("network-adam-differs", 1e-3);
    for (seed, steps) in [1, 2, 5, 20, 40].into_iter().enumerate() {
        let all = trained_alike(&mut proof, Rule::Adam { rate: 0.01 }, steps, seed as u64)?;
        for kernel in 0..SMALL.kernels {
            proof.printed_close(&four(&all, kernel), 1.0);
        }
    }
    Ok(())
}

/// What training computes with is what the book defines, bit by bit in single precision: the layer, and its gradient by the
/// kernels.
#[test]
fn the_fast_route_adds_like_the_definitions() -> Result<()> {
    let mut random = Random::new(1);
    for (n, k, filters) in [(4, 3, 1), (6, 6, 4), (9, 2, 5), (20, 5, 8), (20, 1, 3), (24, 7, 2), (1, 1, 1)] {
        let p = n - k + 1;
        let mut draw = |count: usize| (0..count).map(|_| random.normal() as f32).collect::<Vec<_>>();
        let (x, w, bias, g) = (draw(n * n), draw(filters * k * k), draw(filters), draw(filters * p * p));
        let tensor = |shape: [usize; 4], numbers: &[f32]| {
            Array4::from_shape_vec(shape, numbers.to_vec()).expect("as many")
        };
        let picture = Picture::new(&x, n, n)?;
        let (x, g4) = (tensor([1, 1, n, n], &x), tensor([1, filters, p, p], &g));
        let mut y = vec![0.0; filters * p * p];
        picture.correlate(&w, k, &bias, p, &mut y)?;
        let expected = layer::forward(&x, &tensor([filters, 1, k, k], &w), Some(&bias), Geometry::default())?;
        assert_eq!(y, expected.into_iter().collect::<Vec<_>>(), "{n} {k} {filters}");
        let mut by = vec![0.0; filters * k * k];
        picture.correlate(&g, p, &vec![0.0; filters], k, &mut by)?;
        let expected = spatial::kernel(&x, &g4, (k, k), Geometry::default())?;
        assert_eq!(by, expected.into_iter().collect::<Vec<_>>(), "{n} {k} {filters}");
    }
    Ok(())
}

/// The four ways to have a kernel are those of the module `gradient::spectral`, in unitary coordinates.
#[test]
fn kernels_are_those_of_the_spectral_chapter() -> Result<()> {
    let mut random = Random::new(2);
    let (n, k) = (7, 3);
    let mut draw = |count: usize| (0..count).map(|_| random.normal()).collect::<Vec<_>>();
    let close = |a: &[f64], b: &[f64]| {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12) && a.len() == b.len())
    };
    let square = |x: &[f64], n: usize| Array2::from_shape_vec((n, n), x.to_vec()).expect("as many");
    let parts = |z: &Array2<C>| z.iter().map(|z| z.re).chain(z.iter().map(|z| z.im)).collect::<Vec<_>>();
    let (h, x, g, phi) = (draw(k * k), draw(n * n), draw(25), draw(2 * n * n));
    let root = n as f64;
    for trained in [Trained::ProjectedSpectrum, Trained::FreeSpectrum] {
        let kernels = Kernels::<f64>::new(trained, n, k)?;
        let of_taps = spectral::weights(&square(&h, k), (n, n))?.mapv(|bin| bin / root);
        close(&kernels.of_taps(&h)?, &parts(&of_taps));
        // θ = n φ, and the kernel behind it.
        let kernel = spectral::kernel(&complex(&phi, n).mapv(|bin| bin * root))?;
        let m = kernels.support();
        let kept = Array2::from_shape_fn((m, m), |at| kernel[at]);
        close(&kernels.kernel(&phi)?, kept.as_slice().expect("in order"));
        // The gradient through the layer, by both.
        let by_theta = spectral::gradient(&square(&x, n), &square(&g, 5))?.mapv(|bin| bin * root);
        let mut by_kernel = vec![0.0; n * n];
        Picture::new(&x, n, n + 4)?.correlate(&g, 5, &[0.0], n, &mut by_kernel)?;
        close(&kernels.by_coordinates(&by_kernel)?, &parts(&by_theta));
        // The projection.
        let mut projected = phi.clone();
        kernels.project(&mut projected)?;
        match trained {
            Trained::FreeSpectrum => assert_eq!(projected, phi),
            _ => {
                // Re first: the part of φ that makes no real kernel goes as well.
                let real = spectral::weights(&pad(&kernel, (n, n))?, (n, n))?.mapv(|bin| bin / root);
                close(&projected, &parts(&spectral::project(&real, (k, k))?));
            }
        }
    }
    for (trained, side) in [(Trained::Taps, k), (Trained::FullKernel, n)] {
        let kernels = Kernels::<f64>::new(trained, n, k)?;
        let numbers = &phi[..side * side];
        assert_eq!((kernels.coordinates(), kernels.support()), (side * side, side));
        assert_eq!(kernels.kernel(numbers)?, numbers);
        assert_eq!(kernels.by_coordinates(numbers)?, numbers);
    }
    Ok(())
}

/// All four networks begin as the same function, and every one is what its layers say.
#[test]
fn networks_begin_alike_and_are_their_layers() -> Result<()> {
    let data = faces::set(6, 3, 0)?;
    let sizes = Sizes { side: SIDE, taps: 5, kernels: 3, pool: 4 };
    let mut losses = vec![];
    for trained in Trained::ALL {
        let network = Network::<f64>::new(trained, sizes)?;
        let weights = network.start(5)?;
        losses.push(network.loss(&weights, &data)?);
        // Layer by layer, on the first picture.
        let kernels = network.kernels(&weights)?;
        let side = (kernels[0].len() as f64).sqrt() as usize;
        let w = Array4::from_shape_vec([3, 1, side, side], kernels.concat()).expect("as many");
        let pixels = data.picture(0).iter().map(|&pixel| f64::from(pixel)).collect::<Vec<_>>();
        let x = around(&Array2::from_shape_vec((SIDE, SIDE), pixels).expect("as many"), 16 + side - 1)?;
        let x = x.insert_axis(Axis(0)).insert_axis(Axis(0));
        let y = layer::forward(&x, &w, None, Geometry::default())?.index_axis_move(Axis(0), 0);
        let (features, _) = layers::max_pool(&y.mapv(layers::relu), 4)?;
        let matrix = weights[weights.len() - 98..weights.len() - 2].to_vec();
        let matrix = Array2::from_shape_vec((2, 48), matrix).expect("as many");
        let z = layers::linear(&matrix, &features.into_iter().collect::<Array1<_>>(), &array![0.0, 0.0])?;
        let first = data.choose(&[0])?;
        assert!((network.loss(&weights, &first)? - layers::cross_entropy(&z, SCRAMBLED)?.0).abs() < 1e-12);
        let right = f64::from(u8::from(z[SCRAMBLED] > z[FACE]));
        assert_eq!(network.accuracy(&weights, &first)?, right);
    }
    assert!(losses.iter().all(|loss| (loss - losses[0]).abs() < 1e-12), "{losses:?}");
    // A dense start is the same only where the support is small; elsewhere it is as strong, and everywhere.
    for trained in Trained::ALL {
        let network = Network::<f64>::new(trained, sizes)?;
        let (local, dense) = (network.start(5)?, network.dense_start(5)?);
        assert_eq!(local == dense, trained.is_small());
        let strength = |weights: &[f64]| -> Result<f64> { Ok(norm(network.kernels(weights)?.concat())) };
        let share = strength(&dense)? / strength(&local)?;
        assert!((0.75..1.33).contains(&share), "{share}");
        let zeros = network.kernels(&dense)?.concat().iter().filter(|tap| tap.abs() < 1e-9).count();
        assert_eq!(zeros, 0);
    }
    Ok(())
}

/// The same seed makes the same pictures, and another one others. Twins have the same light: the mean of the pixels gives nothing
/// away, while the pixels do.
#[test]
fn faces_and_their_twins() -> Result<()> {
    assert_eq!(faces::set(20, 1, 0)?, faces::set(20, 1, 0)?);
    assert_ne!(faces::set(20, 1, 0)?, faces::set(20, 2, 0)?);
    // A set is the beginning of a larger one.
    let ten = (0..10).collect::<Vec<_>>();
    assert_eq!(faces::set(20, 1, 0)?.choose(&ten)?, faces::set(10, 1, 0)?);
    let (train, test) = (faces::set(400, 11, 0)?, faces::set(400, 12, 0)?);
    for data in [&train, &test] {
        for twins in data.means().chunks(2) {
            assert!((twins[0] - twins[1]).abs() < 0.003, "{twins:?}");
        }
    }
    let by_light = mean_alone(&train, &test);
    assert!((by_light - 0.5).abs() < 0.06, "{by_light}");
    Ok(())
}

/// Every picture has the mean 0 and the deviation 1, and a picture of one grey is zeros. Catches a division by a deviation of 0,
/// and one by the variance.
#[test]
fn pictures_are_standardised() -> Result<()> {
    let grey = [[5.0, 5.0], [5.0, 5.0]];
    let data = Data::new(&array![[[0.0, 3.0], [3.0, 0.0]], grey, [[1.0, 1.0], [1.0, 9.0]]], vec![0, 1, 1])?;
    assert_eq!((data.count(), data.side(), data.classes()), (3, 2, &[0, 1, 1][..]));
    assert_eq!(data.means(), [1.5, 5.0, 3.0]);
    assert_eq!((data.picture(0), data.picture(1)), (&[-1.0, 1.0, 1.0, -1.0][..], &[0.0; 4][..]));
    let third = 3.0_f32.sqrt().recip();
    assert!(
        data.picture(2).iter().zip([-third, -third, -third, 3.0 * third]).all(|(a, b)| (a - b).abs() < 1e-6)
    );
    assert_eq!(data.picture(3), []);
    assert_eq!(data.choose(&[2, 0])?.means(), [3.0, 1.5]);
    Ok(())
}

/// A threshold that is chosen on some pictures is applied to others, and either class may be the light one. Catches a threshold
/// that is chosen on the test, and one that its own picture is above of.
#[test]
fn the_light_alone_is_a_threshold() -> Result<()> {
    let set = |means: &[f32], classes: &[usize]| {
        let pictures = Array3::from_shape_fn((means.len(), 2, 2), |(k, i, _)| means[k] + i as f32 - 0.5);
        Data::new(&pictures, classes.to_vec())
    };
    let data = set(&[1.0, 4.0, 2.0, 8.0], &[0, 1, 0, 1])?;
    assert_eq!(mean_alone(&data, &data), 1.0);
    // The threshold is 2: what is darker or as dark is in class 0.
    assert_eq!(mean_alone(&data, &set(&[2.0, 2.5, 3.5, 9.0, 0.0], &[0, 1, 1, 1, 0])?), 1.0);
    assert_eq!(mean_alone(&data, &set(&[2.0, 3.0, 3.5, 9.0], &[0, 0, 0, 1])?), 0.5);
    assert_eq!(mean_alone(&data, &set(&[1.0, 9.0], &[1, 0])?), 0.0);
    // The other way around.
    let dark = set(&[1.0, 4.0, 2.0, 8.0], &[1, 0, 1, 0])?;
    assert_eq!((mean_alone(&dark, &dark), mean_alone(&dark, &data)), (1.0, 0.0));
    Ok(())
}

/// A shift goes down and right. Catches one that goes up or left, and one that exchanges its axes.
#[test]
fn a_shift_goes_down_and_right() {
    let directions = [(2, 1), (2, -1), (-2, 1), (-2, -1), (1, 2), (1, -2), (-1, 2), (-1, -2)];
    for class in [FACE, SCRAMBLED] {
        // How far the shifted pictures are from those that are moved by hand.
        let mut far = [0.0; 8];
        for number in 0..20 {
            let (here, there) =
                (faces::draw(class, 5, number, (0, 0)), faces::draw(class, 5, number, (2, 1)));
            for (far, (down, right)) in far.iter_mut().zip(directions) {
                for (i, j) in (2..SIDE - 2).flat_map(|i| (2..SIDE - 2).map(move |j| (i, j))) {
                    let moved = here[[i.wrapping_add_signed(-down), j.wrapping_add_signed(-right)]];
                    *far += f64::from(there[[i, j]] - moved).powi(2);
                }
            }
        }
        assert!(far[1..].iter().all(|&other| other > 1.25 * far[0]), "{class}: {far:?}");
    }
}

/// A shift moves the parts and nothing is lost: without noise and light, the shifted picture is the picture, shifted.
#[test]
fn a_shift_moves_every_part() {
    for class in [FACE, SCRAMBLED] {
        for number in 0..200 {
            let (here, there) =
                (faces::draw(class, 5, number, (0, 0)), faces::draw(class, 5, number, (FURTHEST, -FURTHEST)));
            // The noise is that of the place, and the light moves with the face: what moved is a ramp and the parts.
            let sum = |x: &Array2<f32>| x.iter().map(|&x| f64::from(x)).sum::<f64>();
            assert!((sum(&here) - sum(&there)).abs() < 24.1 + 2.0, "{class} {number}");
            assert!(here != there);
        }
    }
}

/// The same training twice, and on any number of threads, gives the same weights to the last bit.
#[test]
fn training_repeats() -> Result<()> {
    let sizes = Sizes { side: SIDE, taps: 5, kernels: 2, pool: 4 };
    let protocol = Protocol { sizes, steps: 4, batch: 6 };
    let data = faces::set(16, 4, 0)?;
    let network = Network::<f32>::new(Trained::Taps, sizes)?;
    assert!(protocol.train_from(&network, vec![0.0], Rule::Adam { rate: 0.1 }, &data, 1).is_err());
    let all = || {
        let jobs =
            Trained::ALL.into_par_iter().flat_map(|trained| Method::ALL.map(|method| (trained, method)));
        let train = |(trained, method): (Trained, Method)| {
            protocol.train(trained, method.with_rate(method.rates()[1]), &data, 9)
        };
        jobs.map(train).collect::<Result<Vec<_>>>()
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let (one, three) = (pool(1).install(all)?, pool(3).install(all)?);
    assert_eq!(one, three);
    // The last bits of a training that was run when this was written: the same on every machine.
    let bits =
        |weights: &[f32]| weights.iter().fold(0_u32, |hash, weight| hash.rotate_left(5) ^ weight.to_bits());
    let found = one.iter().map(|weights| bits(weights)).collect::<Vec<_>>();
    assert_eq!(found, FINGERPRINTS);
    Ok(())
}

const FINGERPRINTS: [u32; 8] =
    [1474648106, 1264728364, 2432419268, 4112678727, 2419577614, 1809788671, 3305424982, 2668282839];

/// Training helps: after a few steps on few pictures, the loss on them has fallen, whatever is trained and by either method.
#[test]
fn training_lowers_the_loss() -> Result<()> {
    let sizes = Sizes { side: SIDE, taps: 5, kernels: 4, pool: 4 };
    let protocol = Protocol { sizes, steps: 30, batch: 8 };
    let data = faces::set(8, 4, 0)?;
    for trained in Trained::ALL {
        let network = Network::<f32>::new(trained, sizes)?;
        let before = network.loss(&network.start(1)?, &data)?;
        for method in Method::ALL {
            let weights = protocol.train(trained, method.with_rate(method.rates()[1]), &data, 1)?;
            let after = network.loss(&weights, &data)?;
            assert!(after < 0.7 * before, "{} {}: {before} to {after}", trained.name(), method.name());
        }
    }
    Ok(())
}

/// Every round of batches has every picture once, and rounds follow one another without a gap.
#[test]
fn batches_are_fair() -> Result<()> {
    for (count, batch, steps) in [(16, 16, 3), (10, 4, 25), (3, 8, 5), (1, 1, 2), (7, 2, 14)] {
        let all = batches(count, batch, steps, 3)?;
        assert_eq!(all.len(), steps);
        assert!(all.iter().all(|one| one.len() == batch.min(count)));
        let mut seen = vec![0; count];
        all.concat().iter().for_each(|&number| seen[number] += 1);
        let (least, most) = (seen.iter().min(), seen.iter().max());
        assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{seen:?}");
    }
    assert_ne!(batches(16, 16, 2, 1)?[0], batches(16, 16, 2, 1)?[1]);
    assert_ne!(batches(16, 16, 1, 1)?, batches(16, 16, 1, 2)?);
    Ok(())
}

/// What the random numbers are: in their range, and with mean and deviation as promised.
#[test]
fn random_numbers_are_spread() {
    let mut random = Random::new(3);
    let normal = (0..20_000).map(|_| random.normal()).collect::<Vec<_>>();
    let mean = normal.iter().sum::<f64>() / 20_000.0;
    let variance = normal.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
    assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    let mut seen = [0; 7];
    (0..7000).for_each(|_| seen[random.below(7)] += 1);
    assert!(seen.iter().all(|&times| (850..1150).contains(&times)), "{seen:?}");
    let low = (0..1000).map(|_| random.between(-2.0, 5.0)).collect::<Vec<_>>();
    assert!(
        low.iter().all(|x| (-2.0..5.0).contains(x))
            && low.iter().any(|&x| x < -1.5)
            && low.iter().any(|&x| x > 4.5)
    );
    let mut order = random.order(50);
    assert_ne!(order, (0..50).collect::<Vec<_>>());
    order.sort_unstable();
    assert_eq!(order, (0..50).collect::<Vec<_>>());
    // The first numbers of SplitMix64 for the seed 0, as its authors' program prints them.
    let mut random = Random::new(0);
    assert_eq!([random.bits(), random.bits()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    assert_ne!(Random::part(1, 2), Random::part(1, 3));
    assert_ne!(Random::part(1, 2), Random::part(2, 2));
}

/// The baseline that reads the pixels learns what a single pixel gives away, and refuses other sizes.
#[test]
fn pixels_alone_learn_a_pixel() -> Result<()> {
    let mut random = Random::new(4);
    let mut set = |count: usize| {
        let mut pixels = Array3::from_shape_fn((count, 4, 4), |_| random.normal() as f32);
        for (k, mut picture) in pixels.axis_iter_mut(Axis(0)).enumerate() {
            picture[[1, 2]] = if k % 2 == 1 { 3.0 } else { -3.0 };
        }
        Data::new(&pixels, (0..count).map(|k| k % 2).collect())
    };
    let (train, test) = (set(40)?, set(40)?);
    let protocol = Protocol { steps: 60, ..Protocol::default() };
    for method in Method::ALL {
        let right =
            protocol.pixels_alone(method.with_rate(method.rates()[2]), &train, 1, &[&test, &train])?;
        assert!(right.iter().all(|&right| right > 0.9), "{right:?}");
    }
    assert!(protocol.pixels_alone(Method::Sgd.with_rate(0.1), &train, 1, &[&faces::set(2, 1, 0)?]).is_err());
    Ok(())
}

/// The baseline is logistic regression on the pixels, batch by batch, and a tie is no right answer. Catches a mean over the wrong
/// number of pictures, and a gradient that is not cleared between two batches.
#[test]
fn pixels_alone_are_logistic_regression() -> Result<()> {
    let mut random = Random::new(6);
    let mut set = |count: usize| {
        let pixels = Array3::from_shape_fn((count, 4, 4), |_| random.normal() as f32);
        // Not as many of one class as of the other: else Adam would divide what is left of a sum of 0 by itself.
        Data::new(&pixels, (0..count).map(|k| usize::from(k % 3 == 0)).collect())
    };
    let (train, test) = (set(30)?, set(900)?);
    for (batch, steps) in [(7, 12), (1, 5), (64, 9)] {
        for rule in [Rule::Sgd { rate: 0.3, momentum: 0.9 }, Rule::Adam { rate: 0.1 }] {
            let protocol = Protocol { batch, steps, ..Protocol::default() };
            // Two outputs with opposite gradients are one, of twice the weights.
            let mut weights = vec![0.0; 17];
            let mut optimizer = Optimizer::new(rule, 17);
            let says = |weights: &[f64], data: &Data, k: usize| {
                let terms = data.picture(k).iter().zip(weights).map(|(&x, &a)| a * f64::from(x));
                2.0 * (terms.sum::<f64>() + weights[16])
            };
            for numbers in batches(30, batch, steps, 3)? {
                let mut gradient = vec![0.0; 17];
                for &k in &numbers {
                    let g = 1.0 / (1.0 + (-says(&weights, &train, k)).exp()) - train.classes()[k] as f64;
                    for (sum, x) in gradient.iter_mut().zip(train.picture(k).iter().chain(&[1.0])) {
                        *sum += g * f64::from(*x) / numbers.len() as f64;
                    }
                }
                optimizer.step(&mut weights, &gradient)?;
            }
            let right = (0..900).filter(|&k| (says(&weights, &test, k) > 0.0) == (test.classes()[k] == 1));
            let found = protocol.pixels_alone(rule, &train, 3, &[&test])?;
            assert_eq!(found, [right.count() as f64 / 900.0], "{batch} {steps} {rule:?}");
        }
    }
    let untrained = Protocol { steps: 0, ..Protocol::default() };
    assert_eq!(untrained.pixels_alone(Rule::Adam { rate: 0.1 }, &train, 3, &[&test, &train])?, [0.0; 2]);
    let network = Network::<f64>::new(Trained::Taps, SMALL)?;
    let data = Data::new(&Array3::from_elem((2, 6, 6), 1.0), vec![0, 1])?;
    assert_eq!(network.accuracy(&vec![0.0; network.weights()], &data)?, 0.0);
    Ok(())
}

/// A network reads its pictures around their edges, no further than its kernels reach. Catches rows that nobody reads.
#[test]
fn pictures_have_the_rows_that_are_read() -> Result<()> {
    let data = faces::set(2, 3, 0)?;
    let sizes = Sizes { side: SIDE, taps: 5, kernels: 1, pool: 4 };
    let rows = [SIDE, 16 + SIDE - 1, 16 + SIDE - 1, 16 + SIDE - 1];
    for (trained, rows) in Trained::ALL.into_iter().zip(rows) {
        let pictures = Network::<f32>::new(trained, sizes)?.pictures(&data)?;
        assert_eq!(pictures.len(), 2);
        assert_eq!(pictures[1], Picture::new(data.picture(1), SIDE, rows)?);
    }
    Ok(())
}

/// What is trained, and how, is called what the book calls it. Catches two that are exchanged.
#[test]
fn ways_to_train_have_their_names() {
    let ways = ["taps", "projected spectrum", "full kernel", "free spectrum"];
    assert_eq!(Trained::ALL.map(Trained::name), ways);
    assert_eq!(Trained::ALL.map(Trained::is_small), [true, true, false, false]);
    assert_eq!(Trained::ALL.map(Trained::is_spectral), [false, true, false, true]);
    assert_eq!(Method::ALL.map(Method::name), ["SGD", "Adam"]);
}

/// What is not a set of pictures, a network or a step is refused, and the message says why.
#[test]
fn bad_input_is_refused() -> Result<()> {
    let pixels = |shape: (usize, usize, usize)| Array3::<f32>::zeros(shape);
    let message = |error: Error| error.to_string();
    let refused = [
        (Data::new(&pixels((0, 3, 3)), vec![]).map(drop), "pictures: expected at least one sample, got none"),
        (
            Data::new(&pixels((1, 3, 4)), vec![0]).map(drop),
            "pictures: expected shape 1 × 3 × 3, got 1 × 3 × 4",
        ),
        (Data::new(&pixels((2, 3, 3)), vec![0]).map(drop), "classes: expected length 2, got 1"),
        (Data::new(&pixels((1, 3, 3)), vec![2]).map(drop), "classes: expected numbers below 2, got 2"),
        (
            Data::new(&Array3::from_elem((1, 2, 2), f32::NAN), vec![0]).map(drop),
            "pictures: expected finite samples, got NaN or an infinity",
        ),
        (faces::set(0, 1, 0).map(drop), "pictures: expected at least one sample, got none"),
        (faces::set(2, 1, 0)?.choose(&[2]).map(drop), "numbers: expected numbers below 2, got 2"),
        (faces::set(2, 1, 0)?.choose(&[]).map(drop), "numbers: expected at least one sample, got none"),
        (around(&Array2::<f64>::zeros((0, 2)), 2).map(drop), "image: expected at least one sample, got none"),
        (Picture::new(&[1.0_f64; 3], 2, 3).map(drop), "pixels: expected length 4, got 3"),
        (Picture::<f64>::new(&[], 0, 3).map(drop), "pixels: expected at least one sample, got none"),
        (layers::max_pool(&Array3::<f64>::zeros((1, 2, 2)), 0).map(drop), "size: expected at least 1, got 0"),
        (
            layers::max_pool(&Array3::<f64>::zeros((1, 2, 2)), 3).map(drop),
            "channels' height: expected at least 3, got 2",
        ),
        (
            layers::max_pool_gradient(
                &Array3::<f64>::zeros((1, 1, 1)),
                &Array3::from_elem((1, 1, 1), 4),
                2,
                [1, 2, 2],
            )
            .map(drop),
            "winners: expected numbers below 4, got 4",
        ),
        (
            layers::max_pool_gradient(
                &Array3::<f64>::zeros((1, 1, 2)),
                &Array3::zeros((1, 1, 1)),
                2,
                [1, 2, 2],
            )
            .map(drop),
            "g: expected shape 1 × 1 × 1, got 1 × 1 × 2",
        ),
        (
            layers::max_pool_gradient(
                &Array3::<f64>::zeros((1, 1, 1)),
                &Array3::zeros((1, 1, 2)),
                2,
                [1, 2, 2],
            )
            .map(drop),
            "winners: expected shape 1 × 1 × 1, got 1 × 1 × 2",
        ),
        (layers::relu_gradient(&array![1.0], &array![1.0, 2.0]).map(drop), "g: expected shape 1, got 2"),
        (
            layers::linear(&array![[1.0]], &array![1.0, 2.0], &array![1.0]).map(drop),
            "x: expected length 1, got 2",
        ),
        (layers::linear(&array![[1.0]], &array![1.0], &array![]).map(drop), "b: expected length 1, got 0"),
        (
            layers::linear_gradient(&array![[1.0]], &array![], &array![1.0]).map(drop),
            "x: expected length 1, got 0",
        ),
        (
            layers::linear_gradient(&array![[1.0]], &array![1.0], &array![]).map(drop),
            "g: expected length 1, got 0",
        ),
        (layers::cross_entropy(&array![1.0], 1).map(drop), "class: expected numbers below 1, got 1"),
        (
            layers::cross_entropy(&Array1::<f64>::zeros(0), 0).map(drop),
            "z: expected at least one sample, got none",
        ),
        (batches(3, 0, 1, 1).map(drop), "batch: expected at least 1, got 0"),
        (batches(0, 1, 1, 1).map(drop), "pictures: expected at least one sample, got none"),
        (Kernels::<f64>::new(Trained::Taps, 3, 0).map(drop), "taps: expected at least one sample, got none"),
        (Kernels::<f64>::new(Trained::Taps, 3, 4).map(drop), "side: expected at least 4, got 3"),
        (
            Kernels::<f64>::new(Trained::FreeSpectrum, usize::MAX, 4).map(drop),
            "spectrum: expected a size that fits into memory, got one that overflows",
        ),
    ];
    for (outcome, expected) in refused {
        assert_eq!(outcome.map_err(message), Err(expected.to_string()));
    }
    for trained in Trained::ALL {
        let kernels = Kernels::<f64>::new(trained, 4, 2)?;
        assert_eq!(kernels.trained(), trained);
        assert!(
            kernels.kernel(&[0.0]).is_err()
                && kernels.of_taps(&[0.0]).is_err()
                && kernels.by_coordinates(&[0.0]).is_err()
        );
        for (sizes, expected) in [
            (Sizes { kernels: 0, ..SMALL }, "kernels: expected at least one sample, got none"),
            (Sizes { pool: 0, ..SMALL }, "pool: expected at least 1, got 0"),
            (Sizes { pool: 5, ..SMALL }, "outputs: expected at least 5, got 4"),
            (
                Sizes { kernels: usize::MAX, ..SMALL },
                "weights: expected a size that fits into memory, got one that overflows",
            ),
        ] {
            assert_eq!(
                Network::<f64>::new(trained, sizes).map(drop).map_err(message),
                Err(expected.to_string())
            );
        }
        let network = Network::<f64>::new(trained, SMALL)?;
        assert_eq!(network.sizes(), SMALL);
        let mut weights = network.start(1)?;
        assert_eq!(weights.len(), network.weights());
        let data = faces::set(2, 1, 0)?;
        assert_eq!(
            network.loss(&weights, &data).map_err(message),
            Err("pictures' side: expected length 6, got 20".into())
        );
        assert!(network.accuracy(&weights, &data).is_err() && network.pictures(&data).is_err());
        let read = Picture::new(&[0.0; 36], 6, 9)?;
        let short = Picture::new(&[0.0; 36], 6, 5)?;
        assert!(network.gradient(&weights, &[], &[]).is_err());
        assert!(network.gradient(&weights, &[&read], &[]).is_err());
        assert!(network.gradient(&weights, &[&read], &[2]).is_err());
        assert!(network.gradient(&weights, &[&short], &[0]).is_err());
        assert!(network.gradient(&weights[1..], &[&read], &[0]).is_err());
        assert!(network.project(&mut weights[1..]).is_err() && network.kernels(&[]).is_err());
    }
    let picture = Picture::new(&[0.0; 4], 2, 3)?;
    let mut y = [0.0; 4];
    for (h, k, start, p) in
        [(4, 2, 1, 3), (3, 2, 1, 2), (4, 2, 2, 2), (4, 0, 1, 2), (4, 2, 1, 0), (4, 2, 1, 1)]
    {
        assert!(picture.correlate(&vec![0.0; h], k, &vec![0.0; start], p, &mut y).is_err());
    }
    let mut optimizer = Optimizer::new(Rule::Adam { rate: 0.1 }, 2);
    assert!(
        optimizer.step(&mut [0.0], &[0.0, 0.0]).is_err() && optimizer.step(&mut [0.0, 0.0], &[0.0]).is_err()
    );
    Ok(())
}

/// A reader's own two folders are read by turns; what is not two folders of pictures is refused, with its place.
#[test]
fn a_folder_of_pictures() {
    let root = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("learning-folder");
    let _ = std::fs::remove_dir_all(&root);
    let refused = |expected: &str| {
        let said = folder::read(&root, 4).expect_err("it is not complete");
        assert!(said.starts_with(&root.display().to_string()) && said.contains(expected), "{said}");
    };
    refused("expected a folder, found none");
    std::fs::create_dir_all(root.join("cats")).expect("a folder");
    std::fs::write(root.join("notes.txt"), "no folder").expect("a file");
    refused("expected two folders in it, one for each class, found 1");
    std::fs::create_dir_all(root.join("dogs")).expect("a folder");
    refused("cats: expected at least 32 pictures (.png, .jpg, .jpeg), found 0");
    for (class, count, dark) in [("cats", 33, 0_u8), ("dogs", 32, 255)] {
        for number in 0..count {
            let grey = image::GrayImage::from_fn(9, 6, |x, _| {
                image::Luma([if x < 3 { dark } else { number as u8 }])
            });
            grey.save(root.join(class).join(format!("{number:02}.png"))).expect("a picture");
        }
    }
    let found = folder::read(&root, 3).expect("two classes");
    assert_eq!(found.names, ["cats", "dogs"]);
    assert_eq!(found.pictures.dim(), (64, 3, 3));
    assert_eq!(found.classes[..3], [0, 1, 0]);
    assert!(found.pictures[[0, 0, 0]] < 0.1 && found.pictures[[1, 0, 0]] > 0.7);
    assert!((found.pictures[[63, 1, 2]] - 31.0 / 255.0).abs() < 0.01);
    assert!(Data::new(&found.pictures, found.classes).is_ok());
    std::fs::write(root.join("cats/00.png"), "not a picture").expect("a file");
    refused("00.png: not a picture that can be read");
}

/// A shifted set goes in all four directions, and in no other. Catches a test that shifts to one side alone.
#[test]
fn shifted_sets_go_everywhere() -> Result<()> {
    let (count, by) = (40, 2);
    let found = faces::set(count, 3, by)?;
    let mut directions = std::collections::BTreeSet::new();
    for k in 0..count {
        for shift in [(by, by), (by, -by), (-by, by), (-by, -by)] {
            let picture = faces::draw(k % 2, 3, k / 2, shift).insert_axis(Axis(0));
            if Data::new(&picture, vec![k % 2])?.picture(0) == found.picture(k) {
                directions.insert((k, shift));
            }
        }
    }
    assert_eq!(directions.len(), count);
    let seen = directions.iter().map(|&(_, shift)| shift).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(seen.len(), 4);
    Ok(())
}
