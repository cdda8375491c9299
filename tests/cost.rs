//! Proofs of the chapter "Computational Comparison".

mod meaning;

use formula::{Number as _, Outcome, Symbols, Value};
use locality::conv2d::{self, Mode};
use locality::cost::split_radix::{complex, image, radix2, real};
use locality::cost::{Layer, Model, Pass, Product, Tile, Transform, winograd};
use locality::fourier::{dft, dft2, inverse_dft2};
use locality::layer::{self, Geometry};
use locality::matrix::{self, correlation2};
use locality::nalgebra::DMatrix;
use locality::ndarray::{Array2, Array4, Axis, s};
use locality::num_complex::Complex;
use locality::num_rational::Ratio;
use locality::probe::{Counted, Operations, count};
use locality::{Error, Result, conv1d};
use meaning::gradient::{around, tensor};
use meaning::layer::{printed_tensor, same_along_both_axes};
use meaning::{from_nalgebra, said};
use proof::{Printed, Proof, S1, S2, S3, norm, printed};

type C = Complex<f64>;
type E = formula::Exact;

/// The sides of pictures in the tables.
const SIDES: [usize; 7] = [32, 64, 128, 224, 256, 512, 1024];

/// Square sizes (N, K) small enough to be counted one product at a time.
const SQUARES: &[(usize, usize)] = &[(1, 1), (4, 3), (4, 1), (4, 4), (5, 2), (7, 3), (9, 5), (8, 8), (6, 1)];

/// A count as an exact number.
fn whole(count: impl TryInto<i64>) -> Value<E> {
    Value::Number(E::whole(count.try_into().unwrap_or_else(|_| panic!("a small count"))))
}

/// A function of whole numbers, for the evaluator.
fn counting<const N: usize>(
    f: impl Fn([usize; N]) -> Result<u128> + 'static,
) -> impl Fn(&[Value<E>]) -> Outcome<Value<E>> + 'static {
    move |places| {
        let mut sizes = [0; N];
        for (size, place) in sizes.iter_mut().zip(places) {
            *size = place.size()?;
        }
        Ok(whole(f(sizes).map_err(said)?))
    }
}

/// The operations that a valid correlation of N × N pixels and K × K taps really does.
fn sliding(n: usize, k: usize) -> Result<Operations> {
    let ones = |side| Array2::from_elem((side, side), Counted::constant(1_i64));
    let (y, operations) = count(|| conv2d::correlate(&ones(n), &ones(k), Mode::Valid));
    y.map(|_| operations)
}

/// Samples with no pattern.
fn samples(n: usize) -> Vec<f64> {
    (0..n).map(|i| ((7 * i * i + 3 * i) % 11) as f64 - 4.5).collect()
}

/// C_dir and C_A of N, in closed form.
fn closed(n: usize, k: usize) -> Symbols<E> {
    Symbols::new()
        .size("N", n)
        .size("K", k)
        .function("C_dir(#,#)", counting(|[n, k]| Ok(Layer::single(n, k)?.multiplications())))
        .function("C_sep(#,#)", counting(|[n, k]| Ok(Layer::single(n, k)?.separable_multiplications())))
}

/// The definition takes one product for each tap that stands in the matrix. Catches a closed form with the wrong number of
/// outputs, and a loop that multiplies by what it then throws away.
#[test]
fn mults_direct() -> Result<()> {
    let mut proof = Proof::exact("mults-direct");
    for &(n, k) in SQUARES {
        let symbols = Symbols::new()
            .size("N", n)
            .size("K", k)
            .value("h", Value::from(Array2::from_elem((k, k), E::whole(1))))
            .function("C_dir(#,#)", counting(|[n, k]| Ok(sliding(n, k)?.multiplications.into())))
            .function("B(#)", move |places| {
                from_nalgebra(correlation2(&places[0].matrix()?, (n, n), Mode::Valid))
            });
        proof.printed(&symbols);
        let layer = Layer::single(n, k)?;
        proof.equal(layer.multiplications(), u128::from(sliding(n, k)?.multiplications));
        // The sum of K² products starts at zero, and that first addition is not needed.
        let additions = u128::from(sliding(n, k)?.additions) - layer.outputs();
        proof.equal(layer.operations(), layer.multiplications() + additions);
    }
    Ok(())
}

/// Products for each pixel. Catches a count that is linear in K.
#[test]
fn mults_direct_scaling() -> Result<()> {
    let mut proof = Proof::exact("mults-direct-scaling");
    for n in [5, 32, 224, 1024] {
        for k in [1, 2, 3, 5] {
            proof.printed(&closed(n, k));
        }
    }
    for k in 1..5 {
        // Twice the side, four times the work, in the limit of a large picture.
        let (one, two) = (Layer::single(60_000, k)?, Layer::single(60_000, 2 * k)?);
        let ratio = two.multiplications() as f64 / one.multiplications() as f64;
        proof.holds((ratio - 4.0).abs() < 2e-3);
    }
    Ok(())
}

/// The count falls again for kernels over half the picture. Catches the belief that large kernels are ever dearer.
#[test]
fn mults_direct_maximum() -> Result<()> {
    let mut proof = Proof::exact("mults-direct-maximum");
    for n in 1..60 {
        for k in [1, 2, n / 2, n].into_iter().filter(|k| (1..=n).contains(k)) {
            proof.printed(&closed(n, k));
        }
        let counts = (1..=n).map(|k| Ok(Layer::single(n, k)?.multiplications()));
        let counts = counts.collect::<Result<Vec<_>>>()?;
        proof.holds(counts.iter().max() == counts.get(n.div_ceil(2) - 1));
    }
    Ok(())
}

/// The article's N² log₂ N is what the textbook's transform takes, in complex products.
#[test]
fn fft_count_article() -> Result<()> {
    let mut proof = Proof::exact("fft-count-article");
    for m in [2, 4, 8, 16] {
        let symbols = Symbols::new()
            .size("N", m)
            .size("M", m)
            .function(
                "C_A(#)",
                counting(|[n]| Ok(Model::A.fft(&Layer::single(n, 1)?, Pass::Forward)? as u128)),
            )
            .function(
                "mul_#(#,#)",
                counting(|[q, m, _]| {
                    counted_as_one(q)?;
                    Ok(textbook(m)?.0.into())
                }),
            );
        proof.printed(&symbols);
        let image =
            Array2::from_shape_vec((m, m), samples(m * m)).unwrap().mapv(|part| C::new(part, 1.0 - part));
        let error = (textbook(m)?.1 - dft2(&image)?).mapv(|bin| bin.norm());
        proof.holds(error.iter().all(|&error| error < 1e-10 * (m * m) as f64));
    }
    Ok(())
}

/// The textbook's products are complex: each counts for one.
fn counted_as_one(q: usize) -> Result<()> {
    if q == 1 { Ok(()) } else { Err(Error::Length { argument: "q", expected: 1, given: q }) }
}

/// The complex products of a radix-2 transform of rows and columns, and its result for a fixed picture.
fn textbook(m: usize) -> Result<(u64, Array2<C>)> {
    let image = Array2::from_shape_vec((m, m), samples(m * m)).unwrap();
    let mut image = image.mapv(|part| Counted::constant(C::new(part, 1.0 - part)));
    let (done, operations) = count(|| -> Result<()> {
        for axis in [1, 0] {
            for mut line in image.lanes_mut(Axis(axis)) {
                let bins = radix2(&line.to_vec())?;
                line.iter_mut().zip(bins).for_each(|(place, bin)| *place = bin);
            }
        }
        Ok(())
    });
    done?;
    Ok((operations.multiplications, image.mapv(|bin| bin.value())))
}

/// When the article's own count prefers the FFT.
#[test]
fn crossover_condition_article() -> Result<()> {
    let mut proof = Proof::numeric("crossover-condition-article", 1e-12);
    let article = |n| Model::A.fft(&Layer::single(n, 1)?, Pass::Forward);
    for n in (1..40).chain([204, 205, 300, 1024]) {
        for k in 1..=n.min(12) {
            let symbols = Symbols::new()
                .size("N", n)
                .size("K", k)
                .function("C_dir(#,#)", |places| {
                    let layer = Layer::single(places[0].size()?, places[1].size()?).map_err(said)?;
                    Ok(Value::Number(C::from(layer.multiplications() as f64)))
                })
                .function("C_A(#)", move |places| {
                    Ok(Value::Number(C::from(article(places[0].size()?).map_err(said)?)))
                });
            proof.printed_close(&symbols, 1.0);
        }
    }
    let wins = |n, k| Model::A.prefers_fft(&Layer::single(n, k)?, Pass::Forward);
    for n in 7..5000 {
        proof.holds(!wins(n, 3)?);
    }
    let five = (5..5000).filter(|&n| wins(n, 5).unwrap()).collect::<Vec<_>>();
    proof.holds(five == (14..=204).collect::<Vec<_>>());
    Ok(())
}

/// Three real products make a complex one. Catches a sign in one of the sums.
#[test]
fn complex_product_3mult() {
    let mut proof = Proof::exact("complex-product-3mult");
    for _ in 0..64 {
        let z = proof.signal::<proof::GaussianInteger>(2);
        proof.printed(&Symbols::new().value("z", z[0].print()).value("w", z[1].print()));
    }
}

/// How a complex product is counted: by three real ones, or by four.
fn product(q: usize) -> Result<Product> {
    match q {
        3 => Ok(Product::Three),
        4 => Ok(Product::Four),
        given => Err(Error::Length { argument: "q", expected: 3, given }),
    }
}

/// The operations of a split-radix transform of M complex numbers.
fn split(m: usize, product: Product) -> Result<Operations> {
    let x = samples(m).into_iter().map(|part| Complex::from(Counted::constant(part))).collect::<Vec<_>>();
    let (bins, operations) = count(|| complex(&x, product));
    bins.map(|_| operations)
}

/// The operations of a split-radix transform of M × M real pixels.
fn split_image(m: usize, product: Product) -> Result<Operations> {
    let x = Array2::from_shape_vec((m, m), samples(m * m)).unwrap().mapv(Counted::constant);
    let (bins, operations) = count(|| image(&x, product));
    bins.map(|_| operations)
}

fn both(operations: Operations) -> u128 {
    (operations.multiplications + operations.additions).into()
}

/// The counts of split radix are those of a transform that runs, and is right. Catches a product by 1 that is not left out.
#[test]
fn fft_count_split_radix() -> Result<()> {
    let mut proof = Proof::exact("fft-count-split-radix");
    for m in [2, 4, 8, 16, 32, 64, 128] {
        let symbols = Symbols::new()
            .size("M", m)
            .function("mul_#(#)", counting(|[q, m]| Ok(split(m, product(q)?)?.multiplications.into())))
            .function("ops(#)", counting(|[m]| Ok(both(split(m, Product::Three)?))));
        proof.printed(&symbols);
        let transform = Transform::holding(m)?;
        proof.equal(transform.side(), m);
        let x = samples(m);
        let known = dft(&x.iter().map(C::from).collect::<Vec<_>>())?;
        for q in [Product::Three, Product::Four] {
            let operations = split(m, q)?;
            proof.equal(transform.multiplications(q), u128::from(operations.multiplications));
            proof.equal(transform.operations(), both(operations));
            // Half of the products for real samples.
            let counted = x.iter().copied().map(Counted::constant).collect::<Vec<_>>();
            let halved = count(|| real(&counted, q)).1;
            proof.equal(2 * halved.multiplications, operations.multiplications);
            let additions = 3 * m * m.ilog2() as usize + 8 - 5 * m;
            if q == Product::Three {
                proof.equal(2 * halved.additions, additions as u64);
            }
            let found = complex(&x.iter().map(C::from).collect::<Vec<_>>(), q)?;
            let half = real(&x, q)?;
            let error =
                |found: &[C]| found.iter().zip(&known).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
            proof.holds(error(&found) < 1e-11 * m as f64 && error(&half) < 1e-11 * m as f64);
        }
    }
    Ok(())
}

/// The same for real pictures, rows first.
#[test]
fn fft_count_real_2d() -> Result<()> {
    let mut proof = Proof::exact("fft-count-real-2d");
    for m in [2, 4, 8, 16, 32] {
        let symbols = Symbols::new()
            .size("M", m)
            .function("mul_#(#)", counting(|[q, m]| Ok(split(m, product(q)?)?.multiplications.into())))
            .function(
                "mul_#(#,#)",
                counting(|[q, m, n]| {
                    if m != n {
                        return Err(Error::Length { argument: "M", expected: m, given: n });
                    }
                    Ok(split_image(m, product(q)?)?.multiplications.into())
                }),
            )
            .function("ops(#,#)", counting(|[m, _]| Ok(both(split_image(m, Product::Four)?))));
        proof.printed(&symbols);
        let transform = Transform::holding(m)?;
        let x = Array2::from_shape_vec((m, m), samples(m * m)).unwrap();
        let known = dft2(&x.mapv(C::from))?;
        for q in [Product::Three, Product::Four] {
            let operations = split_image(m, q)?;
            proof.equal(transform.image_multiplications(q), u128::from(operations.multiplications));
            proof.equal(transform.image_operations(), both(operations));
            let error = (image(&x, q)? - known.slice(s![.., ..=m / 2])).mapv(|bin| bin.norm());
            proof.holds(error.iter().all(|&error| error < 1e-11 * (m * m) as f64));
        }
    }
    Ok(())
}

/// The bins of a real picture's spectrum that are real, and the pairs of the others.
fn bins(m: usize) -> (u64, u64) {
    let all = (0..m).flat_map(|u| (0..m).map(move |v| (u, v)));
    let mirrored = |(u, v): (usize, usize)| ((m - u) % m, (m - v) % m);
    let real = all.clone().filter(|&bin| mirrored(bin) == bin).count();
    let pairs = all.filter(|&bin| mirrored(bin) < bin).count();
    (real as u64, pairs as u64)
}

/// Half of the bins determine the rest. Catches a bin that is its own mirror image and is counted as complex.
#[test]
fn spectral_product_count() -> Result<()> {
    let mut proof = Proof::exact("spectral-product-count");
    for m in [2, 4, 6, 8, 16] {
        let symbols = Symbols::new()
            .size("M", m)
            .function(
                "bins_#(#)",
                counting(|[q, m]| {
                    product(q)?;
                    let (real, pairs) = bins(m);
                    Ok(u128::from(real + q as u64 * pairs))
                }),
            )
            .function("bins(#)", counting(|[m]| Ok(u128::from(bins(m).0 + 6 * bins(m).1))));
        proof.printed(&symbols);
    }
    for m in [2, 4, 8, 16] {
        let transform = Transform::holding(m)?;
        let (real, pairs) = bins(m);
        proof.equal(transform.bin_multiplications(Product::Three), u128::from(real + 3 * pairs));
        proof.equal(transform.bin_multiplications(Product::Four), u128::from(real + 4 * pairs));
        proof.equal(transform.bin_operations(), u128::from(real + 6 * pairs));
        proof.equal(transform.bin_additions(), u128::from(real + 2 * pairs));
    }
    Ok(())
}

/// The whole convolution, and the worked numbers. Catches two transforms where there are three.
#[test]
fn fft_cost_honest() -> Result<()> {
    let mut proof = Proof::exact("fft-cost-honest");
    for m in [4, 8, 32] {
        // Any side with this transform will do.
        let through =
            |model: Model| counting(move |[m]| Ok(model.fft(&Layer::single(m, 1)?, Pass::Forward)? as u128));
        let symbols = closed(32, 3)
            .size("M", m)
            .function("C_A(#)", through(Model::A))
            .function("C_H(#)", through(Model::HN))
            .function("C_F(#)", through(Model::FN))
            .function(
                "mul_#(#,#)",
                counting(|[q, m, _]| Ok(Transform::holding(m)?.image_multiplications(product(q)?))),
            )
            .function(
                "bins_#(#)",
                counting(|[q, m]| Ok(Transform::holding(m)?.bin_multiplications(product(q)?))),
            )
            .function("ops(#,#)", counting(|[m, _]| Ok(Transform::holding(m)?.image_operations())))
            .function("bins(#)", counting(|[m]| Ok(Transform::holding(m)?.bin_operations())));
        proof.printed(&symbols);
    }
    let layer = Layer::single(32, 3)?;
    for (model, expected) in [(Model::HPad, 43_774.0), (Model::FPad, 222_724.0), (Model::A4, 65_536.0)] {
        proof.equal(vec![model.fft(&layer, Pass::Forward)?], vec![expected]);
    }
    proof.equal(vec![Model::FN.direct(&layer, Pass::Forward)], vec![15_300.0]);
    proof.holds(Model::H4N.fft(&layer, Pass::Forward)? > Model::HN.fft(&layer, Pass::Forward)?);
    Ok(())
}

/// A table of windows: a row for each batch and side, with what stands in front.
fn windows(
    proof: &mut Proof,
    layers: &[(usize, usize, usize)],
    sides: &[usize],
    pass: Pass,
    head: impl Fn(usize, usize) -> Vec<usize>,
) -> Result<Array2<E>> {
    let models = [Model::A, Model::HN, Model::HPad, Model::FN, Model::FPad];
    let mut table = vec![];
    let mut rows = 0;
    for &layer in layers {
        for &side in sides {
            table.extend(head(layer.0, side));
            for model in models {
                let window = model.window(layer, side, pass)?;
                table.extend(window.clone().map_or([0, 0], |window| [*window.start(), *window.end()]));
                // No gap in between, and nothing beyond the ends.
                for taps in 1..=side {
                    let cheaper =
                        model.prefers_fft(&Layer::new(layer.0, layer.1, layer.2, side, taps)?, pass)?;
                    assert_eq!(cheaper, window.as_ref().is_some_and(|window| window.contains(&taps)));
                }
                proof.holds(true);
            }
            rows += 1;
        }
    }
    let columns = table.len() / rows;
    let table = table.into_iter().map(|size| E::whole(size as i64)).collect();
    Ok(Array2::from_shape_vec((rows, columns), table).expect("a full table"))
}

/// The windows for one channel.
#[test]
fn crossover_single() -> Result<()> {
    let mut proof = Proof::exact("crossover-single");
    let table = windows(&mut proof, &[(1, 1, 1)], &SIDES, Pass::Forward, |_, n| vec![n])?;
    proof.printed(&Symbols::new().value("\\Omega", table));
    Ok(())
}

const BATCHES: [(usize, usize, usize); 3] = [(1, 64, 64), (16, 64, 64), (128, 64, 64)];

/// The windows for 64 channels and 64 filters.
#[test]
fn crossover_multi() -> Result<()> {
    let mut proof = Proof::exact("crossover-multi");
    let table = windows(&mut proof, &BATCHES, &[32, 224, 1024], Pass::Forward, |b, n| vec![b, n])?;
    proof.printed(&Symbols::new().value("\\Omega", table));
    Ok(())
}

/// The same for a step of training.
#[test]
fn crossover_multi_train() -> Result<()> {
    let mut proof = Proof::exact("crossover-multi-train");
    let table = windows(&mut proof, &BATCHES, &[32, 224, 1024], Pass::Training, |b, n| vec![b, n])?;
    proof.printed(&Symbols::new().value("\\Omega", table));
    Ok(())
}

/// In hundredths, rounded.
fn hundredths(ratio: f64) -> E {
    E::whole((100.0 * ratio).round() as i64)
}

/// What K = 3 costs through transforms, relative to sliding.
#[test]
fn ratio_k3() -> Result<()> {
    let mut proof = Proof::exact("ratio-k3");
    let columns = [
        (Model::A, (1, 1, 1)),
        (Model::HN, (1, 1, 1)),
        (Model::FN, (1, 1, 1)),
        (Model::HN, (1, 64, 64)),
        (Model::HN, (16, 64, 64)),
        (Model::HN, (128, 64, 64)),
        (Model::FN, (16, 64, 64)),
        (Model::HPad, (16, 64, 64)),
    ];
    let mut table = vec![];
    for side in SIDES {
        table.push(E::whole(side as i64));
        for (model, (b, c, o)) in columns {
            let layer = Layer::new(b, c, o, side, 3)?;
            table.push(hundredths(model.fft(&layer, Pass::Forward)? / model.direct(&layer, Pass::Forward)));
        }
    }
    let table = Array2::from_shape_vec((7, 9), table).expect("a full table");
    proof.printed(&Symbols::new().value("\\rho", table));
    Ok(())
}

/// Every pass of a layer is one matrix product of the same size. Catches a pass that is thought to be cheaper.
#[test]
fn mults_multichannel() -> Result<()> {
    let mut proof = Proof::exact("mults-multichannel");
    for [images, channels, filters, height, width, kh, kw] in
        [[1, 1, 1, 4, 4, 3, 3], [2, 3, 4, 6, 5, 3, 2], [3, 2, 2, 5, 4, 3, 3], [1, 2, 3, 4, 4, 1, 4]]
    {
        let (p, q) = (height - kh + 1, width - kw + 1);
        let mut numbers = |shape: [usize; 4]| proof.tensor::<i64>(shape).mapv(Counted::constant);
        let x = numbers([images, channels, height, width]);
        let w = numbers([filters, channels, kh, kw]);
        let g = numbers([images, filters, p, q]);
        let windows = layer::im2col(&x, (kh, kw), Geometry::default())?;
        let (w_matrix, g_matrix) = (layer::weights(&w), layer::outputs_matrix(&g));
        let products = |a: &DMatrix<Counted<i64>>, b: &DMatrix<Counted<i64>>| {
            let (_, operations) = count(|| {
                DMatrix::from_fn(a.nrows(), b.ncols(), |i, j| {
                    (1..a.ncols()).fold(a[(i, 0)] * b[(0, j)], |sum, k| sum + a[(i, k)] * b[(k, j)])
                })
            });
            operations.multiplications
        };
        let (y, forward) = count(|| layer::forward(&x, &w, None, Geometry::default()));
        y?;
        proof.equal(forward.multiplications, products(&w_matrix, &windows));
        let sizes = [images, channels, filters, p, q, kh, kw];
        let symbols = ["B", "C", "O", "P", "Q", "K_h", "K_w"].iter().zip(sizes);
        let symbols = symbols
            .fold(Symbols::new(), |symbols, (name, size)| symbols.size(name, size))
            .value("C_fwd", whole(products(&w_matrix, &windows)))
            .value("C_ker", whole(products(&g_matrix, &windows.transpose())))
            .value("C_in", whole(products(&w_matrix.transpose(), &g_matrix)));
        proof.printed(&symbols);
        if height == width && kh == kw {
            let layer = Layer::new(images, channels, filters, height, kh)?;
            proof.equal(layer.multiplications(), u128::from(forward.multiplications));
        }
    }
    Ok(())
}

/// A layer in the Fourier domain is a matrix product for each frequency. Catches a conjugate on the wrong side.
#[test]
fn fft_multichannel_gemm() -> Result<()> {
    let mut proof = Proof::numeric("fft-multichannel-gemm", 1e-12);
    for [images, channels, filters, height, width, kh, kw] in
        [[1, 1, 1, 4, 4, 3, 3], [3, 4, 2, 6, 5, 3, 2], [2, 2, 5, 5, 5, 2, 2]]
    {
        let x = proof.tensor::<f64>([images, channels, height, width]);
        let w = proof.tensor::<f64>([filters, channels, kh, kw]);
        let scale = 1.0 + norm(&x) * norm(&w);
        // On the torus every output is kept; the valid ones are those of the layer.
        let mut y = Array4::<f64>::zeros([images, filters, height, width]);
        for (n, o, c) in (0..images * filters * channels)
            .map(|i| (i / (filters * channels), i / channels % filters, i % channels))
        {
            let part = conv2d::correlate_circular(
                &x.slice(s![n, c, .., ..]),
                &w.slice(s![o, c, .., ..]),
                (height, width),
            )?;
            let mut sum = y.slice_mut(s![n, o, .., ..]);
            sum += &part;
        }
        let valid = y.slice(s![.., .., ..=height - kh, ..=width - kw]).to_owned();
        proof.close(valid, layer::forward(&x, &w, None, Geometry::default())?, scale);
        let symbols = around(meaning::symbols(), (height, width))
            .value("x", tensor(x.into_dyn()))
            .value("w", tensor(w.into_dyn()))
            .value("y", tensor(y.into_dyn()));
        proof.printed_close(&symbols, scale * (height * width) as f64);
    }
    Ok(())
}

/// Transforms of the maps of a layer, counted.
struct Transforms(usize);

impl Transforms {
    fn forward(&mut self, maps: &Array4<f64>, shape: (usize, usize)) -> Result<Array4<C>> {
        self.0 += maps.dim().0 * maps.dim().1;
        let mut spectra = Array4::zeros([maps.dim().0, maps.dim().1, shape.0, shape.1]);
        for (i, j) in (0..maps.dim().0 * maps.dim().1).map(|k| (k / maps.dim().1, k % maps.dim().1)) {
            let padded = conv2d::pad(&maps.slice(s![i, j, .., ..]), shape)?;
            spectra.slice_mut(s![i, j, .., ..]).assign(&dft2(&padded.mapv(C::from))?);
        }
        Ok(spectra)
    }

    fn back(&mut self, spectra: &Array4<C>) -> Result<Array4<f64>> {
        self.0 += spectra.dim().0 * spectra.dim().1;
        let mut maps = Array4::zeros(spectra.dim());
        for (i, j) in
            (0..spectra.dim().0 * spectra.dim().1).map(|k| (k / spectra.dim().1, k % spectra.dim().1))
        {
            maps.slice_mut(s![i, j, .., ..])
                .assign(&inverse_dft2(&spectra.slice(s![i, j, .., ..]))?.mapv(|pixel| pixel.re));
        }
        Ok(maps)
    }
}

/// The sum over the one index that a and b share, bin by bin: r[i, j] = Σₖ a[i, k] conj(b[j, k]), in the given order.
fn contracted(
    (rows, columns, inner): (usize, usize, usize),
    shape: (usize, usize),
    term: impl Fn(usize, usize, usize) -> Array2<C>,
) -> Array4<C> {
    let mut sums = Array4::zeros([rows, columns, shape.0, shape.1]);
    for (i, j, k) in
        (0..rows * columns * inner).map(|t| (t / (columns * inner), t / inner % columns, t % inner))
    {
        let mut sum = sums.slice_mut(s![i, j, .., ..]);
        sum += &term(i, j, k);
    }
    sums
}

/// A training step through transforms takes as many as are printed, and is right. Catches a spectrum computed twice.
#[test]
fn fft_transform_count() -> Result<()> {
    let mut proof = Proof::exact("fft-transform-count");
    for [images, channels, filters, n, k] in [[1, 1, 1, 4, 3], [2, 3, 4, 5, 3], [3, 1, 2, 4, 2]] {
        let (shape, p) = ((n, n), n - k + 1);
        let x = proof.tensor::<f64>([images, channels, n, n]);
        let w = proof.tensor::<f64>([filters, channels, k, k]);
        let g = proof.tensor::<f64>([images, filters, p, p]);
        let mut kept = Transforms(0);
        let (xs, ws) = (kept.forward(&x, shape)?, kept.forward(&w, shape)?);
        let at = |maps: &Array4<C>, i, j| maps.slice(s![i, j, .., ..]).to_owned();
        let conj = |maps: &Array4<C>, i, j| at(maps, i, j).mapv(|bin| bin.conj());
        let y = kept.back(&contracted((images, filters, channels), shape, |n, o, c| {
            at(&xs, n, c) * conj(&ws, o, c)
        }))?;
        let gs = kept.forward(&g, shape)?;
        let by_kernel = kept.back(&contracted((filters, channels, images), shape, |o, c, n| {
            at(&xs, n, c) * conj(&gs, n, o)
        }))?;
        let by_input = kept
            .back(&contracted((images, channels, filters), shape, |n, c, o| at(&ws, o, c) * at(&gs, n, o)))?;
        let spatial = locality::gradient::spatial::layer(&x, &w, &g, Geometry::default())?;
        let forward = layer::forward(&x, &w, None, Geometry::default())?;
        let near = |a: Array4<f64>, b: Array4<f64>| {
            (a - b).iter().all(|error| error.abs() < 1e-12 * (n * n * 50) as f64)
        };
        proof.holds(near(y.slice(s![.., .., ..p, ..p]).to_owned(), forward));
        proof.holds(near(by_kernel.slice(s![.., .., ..k, ..k]).to_owned(), spatial.kernel));
        proof.holds(near(by_input, spatial.input));
        // Without keeping anything, each of the three passes transforms two maps and brings one back.
        let anew = 3 * (images * channels + channels * filters + images * filters);
        let symbols = Symbols::new()
            .size("B", images)
            .size("C", channels)
            .size("O", filters)
            .value("t_kept", whole(kept.0 as u64))
            .value(
                "t_anew",
                whole((kept.0 + images * channels + channels * filters + images * filters) as u64),
            );
        proof.printed(&symbols);
        let layer = Layer::new(images, channels, filters, n, k)?;
        proof.equal([2 * layer.maps(), 3 * layer.maps()], [kept.0 as u128, anew as u128]);
    }
    Ok(())
}

/// For one kernel, larger pictures make transforms dearer.
#[test]
fn crossover_grows_with_n() -> Result<()> {
    let mut proof = Proof::exact("crossover-grows-with-n");
    for k in [3, 5, 7, 9] {
        for m in (9..14).map(|log| 1 << log) {
            let symbols = closed(m, k).size("M", m);
            let symbols = symbols.function(
                "C_A(#)",
                counting(|[n]| Ok(Model::A.fft(&Layer::single(n, 1)?, Pass::Forward)? as u128)),
            );
            proof.printed(&symbols);
            let ratio = |m| -> Result<f64> {
                let layer = Layer::single(m, k)?;
                Ok(Model::HN.fft(&layer, Pass::Forward)? / Model::HN.direct(&layer, Pass::Forward))
            };
            proof.holds(ratio(m)? < ratio(2 * m)?);
        }
    }
    Ok(())
}

/// Tiles that overlap give every output once. Catches a tile that keeps an output that wrapped around.
#[test]
fn overlap_save() -> Result<()> {
    let mut proof = Proof::numeric("overlap-save", 1e-12);
    for (n, k, m) in [(4, 3, 4), (7, 3, 4), (9, 3, 5), (8, 1, 3), (6, 6, 6), (10, 4, 8)] {
        let (x, h) = (proof.image::<f64>((n, n)), proof.image::<f64>((k, k)));
        let symbols = meaning::image(&x, &h).size("N", n).size("K", k).size("M", m);
        let symbols = symbols.value("E", meaning::padding(&[m, m]));
        proof.printed_close(&symbols, 1.0 + norm(&x) * norm(&h));
    }
    for (n, k, side) in [(4, 3, 4), (9, 3, 4), (19, 3, 8), (16, 5, 8), (5, 4, 16)] {
        let step = side - k + 1;
        let tiles = (0..n - k + 1).step_by(step).count();
        proof.equal(Tile::new(side, k)?.count(n)?, (tiles * tiles) as u128);
    }
    Ok(())
}

/// Tiles cost the same on every picture that they cover exactly, and more on every other.
#[test]
fn tile_cost_size_independent() -> Result<()> {
    let mut proof = Proof::exact("tile-cost-size-independent");
    for (k, m) in [(3, 8), (5, 16), (3, 16), (1, 4)] {
        let tile = Tile::new(m, k)?;
        let step = m - k + 1;
        for outputs in [step, 3 * step, 10 * step, 3 * step + 1, 5 * step - 1] {
            let n = outputs + k - 1;
            let symbols = Symbols::new()
                .size("N", n)
                .size("K", k)
                .size("M", m)
                .value("t_tiles", whole(tile.count(n)?))
                .function(
                    "mul_#(#,#)",
                    counting(|[q, m, _]| Ok(Transform::holding(m)?.image_multiplications(product(q)?))),
                )
                .function(
                    "bins_#(#)",
                    counting(|[q, m]| Ok(Transform::holding(m)?.bin_multiplications(product(q)?))),
                );
            proof.printed(&symbols);
        }
        // Two images of three channels and five filters, on a picture that takes four tiles.
        let layer = Layer::new(2, 3, 5, 2 * step + k - 1, k)?;
        let transform = Transform::holding(m)?;
        let (once, bins) =
            (transform.image_multiplications(Product::Three), transform.bin_multiplications(Product::Three));
        proof.equal(tile.multiplications(&layer)?, 4 * (2 * (3 + 5) * once + 2 * 3 * 5 * bins));
        proof.holds(tile.multiplications(&Layer::single(m, k % m + 1)?).is_err());
        let all = 2 * transform.image_multiplications(Product::Three)
            + transform.bin_multiplications(Product::Three);
        proof.holds((tile.cost(1, 1)? * tile.outputs() as f64 - all as f64).abs() < 1e-9 * all as f64);
    }
    Ok(())
}

/// The best tiles.
#[test]
fn tile_table() -> Result<()> {
    let mut proof = Proof::exact("tile-table");
    let mut table = vec![];
    for k in [3, 5, 7, 9, 11] {
        table.extend([k, k * k].map(|size| E::whole(size as i64)));
        for channels in [1, 64] {
            let best = Tile::best(k, channels, channels)?;
            let cost = best.cost(channels, channels)?;
            for side in (2..12).map(|log| 1 << log).filter(|&side| side >= k) {
                proof.holds(cost <= Tile::new(side, k)?.cost(channels, channels)?);
            }
            table.extend([E::whole(best.side() as i64), hundredths(cost)]);
        }
    }
    let table = Array2::from_shape_vec((5, 6), table).expect("a full table");
    proof.printed(&Symbols::new().value("\\rho", table));
    Ok(())
}

/// Winograd's three matrices compute a valid correlation, in one dimension and nested in two.
fn winograd_is_correlation(mut proof: Proof, points: &[i64]) -> Result<()> {
    let winograd = matrix::winograd(points, 3)?;
    let n = points.len() + 1;
    for _ in 0..16 {
        let (x, h) = (proof.signal::<i64>(n), proof.signal::<i64>(3));
        let symbols = meaning::winograd(meaning::signal(&x, &h), &winograd);
        proof.printed(&symbols);
        let (x, h) = (proof.image::<i64>((n, n)), proof.image::<i64>((3, 3)));
        let exact = |image: &Array2<i64>| matrix::from_array(&image.mapv(Ratio::from));
        let taps = &winograd.kernel * exact(&h) * winograd.kernel.transpose();
        let pixels = &winograd.input * exact(&x) * winograd.input.transpose();
        let y = &winograd.output * taps.component_mul(&pixels) * winograd.output.transpose();
        proof.holds(matrix::to_array(&y) == conv2d::correlate(&x, &h, Mode::Valid)?.mapv(Ratio::from));
    }
    Ok(())
}

/// Two outputs with four products. Catches any entry of the three matrices.
#[test]
fn winograd_f2_3() -> Result<()> {
    winograd_is_correlation(Proof::exact("winograd-f2-3"), &[0, 1, -1])
}

/// Four outputs with six products.
#[test]
fn winograd_f4_3() -> Result<()> {
    winograd_is_correlation(Proof::exact("winograd-f4-3"), &[0, 1, -1, 2, -2])
}

/// Fewer products for each output, and no fewer are possible: the m + r − 1 slices of the bilinear form are independent.
#[test]
fn winograd_count() -> Result<()> {
    let mut proof = Proof::exact("winograd-count");
    let symbols = Symbols::new().function("C_W(#,#)", |places| {
        let (m, r) = (places[0].size()?, places[1].size()?);
        let points = [0, 1, -1, 2, -2, 3, -3];
        let winograd = matrix::winograd(points.get(..m + r - 2).ok_or("too many")?, r).map_err(said)?;
        let products = (winograd.input.nrows() as i64).pow(2);
        Ok(Value::Number(E::whole(products).over(&E::whole((m * m) as i64)).ok_or("no outputs")?))
    });
    proof.printed(&symbols);
    for (m, r, expected) in [(2, 3, 4.0), (4, 3, 2.25), (6, 3, 64.0 / 36.0), (2, 5, 9.0), (1, 3, 9.0)] {
        proof.holds((winograd(m, r)? - expected).abs() < 1e-15 * expected);
        let slices = DMatrix::from_fn(m + r - 1, m * r, |q, ik| f64::from(q == ik / r + ik % r));
        proof.equal(slices.rank(1e-9), m + r - 1);
    }
    Ok(())
}

/// The mean error of tiles of F(m, 3) in single precision, nested in two dimensions; m = 1 is the definition.
fn single_precision(proof: &mut Proof, points: &[i64], tiles: usize) -> Result<f64> {
    let winograd = matrix::winograd(points, 3)?;
    let float = |a: &DMatrix<Ratio<i64>>| a.map(|entry| *entry.numer() as f32 / *entry.denom() as f32);
    let (a, b, g) = (float(&winograd.output), float(&winograd.input), float(&winograd.kernel));
    let n = points.len() + 1;
    let mut sum = 0.0;
    for _ in 0..tiles {
        let (x, h) = (proof.image::<f64>((n, n)), proof.image::<f64>((3, 3)));
        let known = conv2d::correlate(&x, &h, Mode::Valid)?;
        let (x, h) = (x.mapv(|pixel| pixel as f32), h.mapv(|tap| tap as f32));
        let found = if n == 3 {
            conv2d::correlate(&x, &h, Mode::Valid)?
        } else {
            let taps = &g * matrix::from_array(&h) * g.transpose();
            let pixels = &b * matrix::from_array(&x) * b.transpose();
            matrix::to_array(&(&a * taps.component_mul(&pixels) * a.transpose()))
        };
        sum +=
            (found.mapv(f64::from) - known).iter().map(|error| error.abs()).sum::<f64>() / found.len() as f64;
    }
    Ok(sum / tiles as f64)
}

/// Four outputs a tile cost accuracy, two do not. Catches the belief that exact identities round alike.
#[test]
fn winograd_f32_error() -> Result<()> {
    let mut proof = Proof::refuted("winograd-f32-error", 3.0);
    let direct = single_precision(&mut proof, &[0, 1], 1000)?;
    let two = single_precision(&mut proof, &[0, 1, -1], 1000)?;
    let four = single_precision(&mut proof, &[0, 1, -1, 2, -2], 1000)?;
    proof.separated(four / direct, 0.0);
    proof.holds(two < 3.0 * direct);
    Ok(())
}

/// Two passes, and when they pay.
#[test]
fn mults_separable() -> Result<()> {
    let mut proof = Proof::exact("mults-separable");
    for n in 1..40 {
        for k in (1..=n).step_by(1 + n / 8) {
            proof.printed(&closed(n, k));
        }
    }
    for &(n, k) in SQUARES {
        let ones = |shape: (usize, usize)| Array2::from_elem(shape, Counted::constant(1_i64));
        let (y, operations) = count(|| {
            let columns = conv2d::correlate(&ones((n, n)), &ones((k, 1)), Mode::Valid)?;
            conv2d::correlate(&columns, &ones((1, k)), Mode::Valid)
        });
        y?;
        proof.equal(Layer::single(n, k)?.separable_multiplications(), u128::from(operations.multiplications));
    }
    Ok(())
}

/// One length of transform serves all three passes. Catches a gradient that needs padding.
#[test]
fn fft_training_size_n() -> Result<()> {
    let mut proof = Proof::exact("fft-training-size-n");
    for (x, h) in proof.pairs::<i64>(S1) {
        let g = proof.signal::<i64>(x.len() - h.len() + 1);
        proof.printed(&meaning::signal(&x, &h).value("g", printed(&g)));
        let round = conv1d::correlate_circular(&x, &h, x.len())?;
        proof.equal(round[..g.len()].to_vec(), conv1d::correlate(&x, &h, conv1d::Mode::Valid)?);
    }
    Ok(())
}

/// Where the pixels of one window lie.
#[test]
fn memory_span() -> Result<()> {
    let mut proof = Proof::exact("memory-span");
    for (x, h) in proof.images::<i64>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    for &(n, k) in SQUARES {
        // The entries of a row of the matrix of taps are the addresses that one output reads.
        let matrix = correlation2(&Array2::from_elem((k, k), 1), (n, n), Mode::Valid)?;
        for row in matrix.row_iter() {
            let read = (0..n * n).filter(|&address| row[address] != 0).collect::<Vec<_>>();
            proof.equal(Layer::single(n, k)?.span(), (read[read.len() - 1] - read[0] + 1) as u128);
        }
    }
    Ok(())
}

/// How many numbers the matrix of windows has.
#[test]
fn memory_im2col() -> Result<()> {
    let mut proof = Proof::exact("memory-im2col");
    for (sizes, geometry) in same_along_both_axes(proof.layers(S3)) {
        let x = proof.tensor::<i64>(sizes.input());
        let w = proof.tensor::<i64>(sizes.weights());
        let symbols = meaning::layer::layer(&x, &w, &sizes, geometry)
            .value("x", printed_tensor(&x))
            .function("len(#)", |places| Ok(whole(places[0].tensor()?.len() as u64)));
        proof.printed(&symbols);
        let (height, width) = sizes.image;
        if geometry == Geometry::default() && height == width && sizes.kernel.0 == sizes.kernel.1 {
            let layer = Layer::new(sizes.images, sizes.channels, sizes.filters, height, sizes.kernel.0)?;
            let windows = layer::im2col(&x, sizes.kernel, geometry)?;
            proof.equal(layer.im2col_entries(), windows.len() as u128);
            proof.equal([layer.input_entries(), layer.kernel_entries()], [x.len() as u128, w.len() as u128]);
        }
    }
    Ok(())
}

/// The half spectrum of a real picture, in real numbers.
#[test]
fn memory_fft() -> Result<()> {
    let mut proof = Proof::exact("memory-fft");
    for m in [2, 4, 8, 16, 256] {
        let reals = |m: usize| -> Result<u128> {
            let half = locality::fourier::rfft(&vec![0.0; m])?;
            Ok((2 * m * half.len()) as u128)
        };
        proof.printed(&Symbols::new().size("M", m).function("reals(#)", counting(move |[m]| reals(m))));
        proof.equal(Transform::holding(m)?.spectrum_entries(), reals(m)?);
    }
    Ok(())
}

/// Memory for K = 3, relative to the picture.
#[test]
fn memory_table() -> Result<()> {
    let mut proof = Proof::exact("memory-table");
    let mut table = vec![];
    for side in SIDES {
        let layer = Layer::single(side, 3)?;
        let (plain, padded) = (Transform::holding(side)?, Transform::holding(side + 2)?);
        let share = |entries: u128| hundredths(entries as f64 / layer.input_entries() as f64);
        table.extend([
            E::whole(side as i64),
            share(layer.im2col_entries()),
            share(plain.spectrum_entries()),
            share(padded.spectrum_entries()),
            E::whole((plain.spectrum_entries() / layer.kernel_entries()) as i64),
        ]);
    }
    let table = Array2::from_shape_vec((7, 5), table).expect("a full table");
    proof.printed(&Symbols::new().value("\\rho", table));
    Ok(())
}

/// What is refused, and with which words.
#[test]
fn bad_sizes_are_refused() {
    let said = |error: Result<Layer>| error.unwrap_err().to_string();
    assert_eq!(
        said(Layer::single(3, 4)),
        "kernel: expected at most 3 taps (the length of the signal along this axis) in valid mode, got 4"
    );
    assert_eq!(said(Layer::new(0, 1, 1, 3, 3)), "images: expected at least one sample, got none");
    assert!(said(Layer::single(usize::MAX, 3)).starts_with("layer: expected a size that fits"));
    assert!(said(Layer::new(1, usize::MAX, 1, 3, 3)).starts_with("layer"));
    assert!(Transform::holding(usize::MAX).is_err());
    assert!(Tile::new(usize::MAX, 1).is_err() && Tile::new(6, 3).is_err() && Tile::new(4, 5).is_err());
    assert!(Tile::new(4, 0).is_err() && Tile::new(4, 3).unwrap().count(2).is_err());
    assert!(Tile::new(4, 3).unwrap().cost(0, 1).is_err());
    assert!(Tile::best(usize::MAX, 1, 1).is_err());
    assert!(winograd(0, 3).is_err() && winograd(2, usize::MAX).is_err());
    assert!(matrix::winograd(&[], 3).is_err() && matrix::winograd(&[1, 1], 2).is_err());
    assert!(matrix::winograd(&[i64::MAX, i64::MIN, 0], 3).is_err());
    let odd = [Complex::new(1.0, 0.0); 6];
    assert!(
        radix2(&odd).is_err()
            && complex(&odd, Product::Three).is_err()
            && complex::<f64>(&[], Product::Four).is_err()
    );
    assert!(real(&[1.0; 12], Product::Three).is_err());
    assert!(image(&Array2::from_elem((2, 4), 1.0), Product::Three).is_err());
}

/// The largest sizes are counted, and one more is refused. Catches a limit that is off by one, and a kernel as large as its image
/// that is taken for too large.
#[test]
fn the_largest_sizes_are_counted() -> Result<()> {
    let (side, most) = (1 << 16, 1 << 20);
    assert_eq!(Layer::new(most, most, most, side, 1)?.multiplications(), 1 << (3 * 20 + 2 * 16));
    let layer = Error::TooLarge { what: "layer" };
    assert_eq!(Layer::single(side + 1, 1).unwrap_err(), layer);
    assert_eq!(Layer::new(most + 1, 1, 1, 1, 1).unwrap_err(), layer);
    assert_eq!(Layer::new(1, most + 1, 1, 1, 1).unwrap_err(), layer);
    assert_eq!(Layer::new(1, 1, most + 1, 1, 1).unwrap_err(), layer);
    assert_eq!(Transform::holding(most)?.side(), most);
    assert_eq!(Transform::holding(most + 1).unwrap_err(), Error::TooLarge { what: "transform" });
    let longest = 1 << 15;
    assert_eq!((winograd(longest, 1)?, winograd(1, longest)?), (1.0, (longest as f64).powi(2)));
    for (m, r) in [(longest + 1, 1), (1, longest + 1)] {
        assert_eq!(winograd(m, r).unwrap_err(), Error::TooLarge { what: "Winograd tile" });
    }
    // The best tile goes up to 2048, and so does its kernel.
    assert_eq!(Tile::best(2048, 1, 1)?.side(), 2048);
    assert_eq!(Tile::best(2049, 1, 1).unwrap_err(), Error::TooLarge { what: "kernel" });
    // One tile is enough for an image as large as the kernel; the smallest tile has two pixels along each side.
    let tile = Tile::new(4, 3)?;
    assert_eq!(
        (tile.side(), tile.outputs(), tile.count(3)?, tile.count(4)?, tile.count(5)?),
        (4, 4, 1, 1, 4)
    );
    assert_eq!(tile.count(2).unwrap_err(), Error::KernelTooLarge { kernel: 3, signal: 2 });
    assert_eq!(Tile::new(2, 1)?.outputs(), 4);
    assert_eq!(Tile::new(1, 1).unwrap_err(), Error::TooShort { argument: "tile", needed: 2, given: 1 });
    assert_eq!(Tile::new(6, 3).unwrap_err(), Error::Length { argument: "tile", expected: 8, given: 6 });
    Ok(())
}

/// The counts are called what the tables of the chapter call them. Catches two that are exchanged.
#[test]
fn models_have_the_names_of_the_tables() {
    assert_eq!(Model::ALL.map(Model::name), ["A", "A4", "H_N", "H4_N", "H_pad", "F_N", "F_pad"]);
}

/// Every count of a layer whose sizes are all different. Catches two sizes that are exchanged, or divided where one of them is 1
/// everywhere else.
#[test]
fn layers_of_different_sizes_are_counted() -> Result<()> {
    let (b, c, o, n, k) = (6_u128, 2, 5, 7, 3);
    let layer = Layer::new(6, 2, 5, 7, 3)?;
    let p = n - k + 1;
    assert_eq!((layer.outputs(), layer.pairs(), layer.maps()), (p * p, b * c * o, b * c + c * o + b * o));
    assert_eq!(layer.multiplications(), b * c * o * p * p * k * k);
    // Of c k² products one is the first of its sum.
    assert_eq!(layer.operations(), b * o * p * p * (2 * c * k * k - 1));
    assert_eq!(layer.separable_multiplications(), b * c * o * (p * n * k + p * p * k));
    assert_eq!(layer.im2col_entries(), b * c * k * k * p * p);
    assert_eq!((layer.input_entries(), layer.kernel_entries()), (b * c * n * n, c * o * k * k));
    assert_eq!(layer.span(), 2 * n + k);
    // Transforms of length 8 hold the valid outputs, of length 16 the full ones.
    for (model, side, product) in [
        (Model::HN, 8, Some(Product::Three)),
        (Model::H4N, 8, Some(Product::Four)),
        (Model::HPad, 16, Some(Product::Three)),
        (Model::FN, 8, None),
        (Model::FPad, 16, None),
    ] {
        let transform = Transform::holding(side)?;
        let (map, bins, addition, definition) = match product {
            Some(product) => (
                transform.image_multiplications(product),
                transform.bin_multiplications(product),
                0,
                layer.multiplications(),
            ),
            None => (
                transform.image_operations(),
                transform.bin_operations(),
                transform.bin_additions(),
                layer.operations(),
            ),
        };
        let forward = layer.maps() * map + layer.pairs() * bins + b * o * (c - 1) * addition;
        let training = 2 * layer.maps() * map
            + 3 * layer.pairs() * bins
            + (b * o * (c - 1) + c * o * (b - 1) + b * c * (o - 1)) * addition;
        let name = model.name();
        assert_eq!(model.fft(&layer, Pass::Forward)?, forward as f64, "{name}");
        assert_eq!(model.fft(&layer, Pass::Training)?, training as f64, "{name}");
        assert_eq!(model.direct(&layer, Pass::Forward), definition as f64, "{name}");
        assert_eq!(model.direct(&layer, Pass::Training), 3.0 * definition as f64, "{name}");
    }
    // The article's own counts.
    let (maps, pairs) = (layer.maps() as f64, layer.pairs() as f64);
    let article = |maps: f64, pairs: f64| 49.0 * (maps * 7.0_f64.log2() + pairs);
    for (pass, known) in
        [(Pass::Forward, article(maps, pairs)), (Pass::Training, article(2.0 * maps, 3.0 * pairs))]
    {
        assert!((Model::A.fft(&layer, pass)? - known).abs() < 1e-12 * known);
        assert!((Model::A4.fft(&layer, pass)? - 4.0 * known).abs() < 1e-12 * known);
    }
    // A transform of one channel serves 5 filters, and one of a filter has summed 2 channels.
    let (tile, transform) = (Tile::new(8, 3)?, Transform::holding(8)?);
    let once = transform.image_multiplications(Product::Three) as f64;
    let cost = (once / 5.0 + once / 2.0 + transform.bin_multiplications(Product::Three) as f64) / 36.0;
    assert!((tile.cost(2, 5)? - cost).abs() < 1e-12 * cost);
    Ok(())
}
