//! Proofs of the chapter "Loss Backpropagation in Convolution": what a loss says about the outputs of a convolution
//! becomes what it says about its kernel and its input, as a matrix and as a sum, and both agree with what nudging
//! every number does to the loss.

mod meaning;

use formula::{Exact, Outcome, Symbols, Value};
use locality::conv1d::Mode::{Full, Valid};
use locality::gradient::finite_difference::{CUBE_ROOT_OF_EPSILON, directional, gradient, step};
use locality::gradient::{Gradients, explicit, spatial};
use locality::layer::{self, Geometry};
use locality::nalgebra::{DMatrix, dmatrix};
use locality::ndarray::{self, Array2, Array4, ArrayRef2, array, s};
use locality::{Result, Scalar, conv1d, conv2d, matrix};
use meaning::Entry;
use proof::{Draw, GaussianInteger, Layer, Printed, Proof, S1, S2, S3, norm, powers, printed, printed_image};

/// How far a difference quotient may be from a gradient, as a share of the scale.
const NUDGED: f64 = 1e-7;

/// The loss the gradients are tried on, which is no polynomial and treats large and small outputs differently:
/// the sum of sin y + 0.35 y² + 0.1 y³.
fn loss(y: &[f64]) -> f64 {
    y.iter().map(|y| y.sin() + 0.35 * y * y + 0.1 * y * y * y).sum()
}

/// Its derivative by every output.
fn slope(y: &[f64]) -> Vec<f64> {
    y.iter().map(|y| y.cos() + 0.7 * y + 0.3 * y * y).collect()
}

/// The same for an image of outputs.
fn slope2(y: &Array2<f64>) -> Array2<f64> {
    y.mapv(|y| slope(&[y])[0])
}

/// The gradient of the loss of `outputs(p)` by p, found by nudging every number.
fn nudged(outputs: impl Fn(&[f64]) -> Vec<f64>, point: &[f64]) -> Vec<f64> {
    gradient(|p| loss(&outputs(p)), point)
}

/// The same for outputs that are made from an image.
fn nudged2(outputs: impl Fn(&Array2<f64>) -> Array2<f64>, point: &Array2<f64>) -> Array2<f64> {
    let folded = |p: &[f64]| Array2::from_shape_vec(point.dim(), p.to_vec()).expect("as many as there were");
    let found = nudged(|p| pixels(&outputs(&folded(p))), &pixels(point));
    folded(&found)
}

/// The pixels, row by row.
fn pixels<T: Clone>(x: &Array2<T>) -> Vec<T> {
    x.iter().cloned().collect()
}

/// y = x ⋆ h, scattered: sample m and tap k meet in output m − k, if there is one.
fn correlated<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    let mut y = vec![T::zero(); x.len() - h.len() + 1];
    for (m, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            if let Some(output) = m.checked_sub(k).and_then(|n| y.get_mut(n)) {
                *output += tap.clone() * sample.clone();
            }
        }
    }
    y
}

/// y = x ∗ᵥ h, scattered: sample m and tap k meet in output m + k − (K − 1), if there is one.
fn convolved<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    let mut y = vec![T::zero(); x.len() - h.len() + 1];
    for (m, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            if let Some(output) = (m + k).checked_sub(h.len() - 1).and_then(|n| y.get_mut(n)) {
                *output += tap.clone() * sample.clone();
            }
        }
    }
    y
}

/// x ⋆ h for images, scattered.
fn correlated2<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let mut y = Array2::zeros((x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1));
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            let output = m.checked_sub(a).zip(n.checked_sub(b));
            if let Some(output) = output.and_then(|at| y.get_mut(at)) {
                *output += tap.clone() * pixel.clone();
            }
        }
    }
    y
}

/// x ∗ᵥ h for images, scattered.
fn convolved2<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let mut y = Array2::zeros((x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1));
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            let output = (m + a).checked_sub(h.nrows() - 1).zip((n + b).checked_sub(h.ncols() - 1));
            if let Some(output) = output.and_then(|at| y.get_mut(at)) {
                *output += tap.clone() * pixel.clone();
            }
        }
    }
    y
}

/// The windows of a signal: X[n, k] = x[n + k].
fn windows<T: Scalar>(x: &[T], k: usize) -> DMatrix<T> {
    DMatrix::from_fn(x.len() - k + 1, k, |n, k| x[n + k].clone())
}

/// The kernel, slid along the rows: T[n, m] = h[m − n].
fn slid<T: Scalar>(h: &[T], n: usize) -> DMatrix<T> {
    DMatrix::from_fn(n - h.len() + 1, n, |i, m| {
        m.checked_sub(i).and_then(|k| h.get(k)).cloned().unwrap_or(T::zero())
    })
}

/// A as it acts on a slice.
fn times<T: Scalar>(a: &DMatrix<T>, p: &[T]) -> Vec<T> {
    (0..a.nrows())
        .map(|i| p.iter().enumerate().fold(T::zero(), |sum, (j, p)| sum + a[(i, j)].clone() * p.clone()))
        .collect()
}

/// The sum of the products of entries in the same place.
fn inner<T: Scalar>(a: &[T], b: &[T]) -> T {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(T::zero(), |sum, (a, b)| sum + a.clone() * b.clone())
}

/// The scale of an error: 1 + ‖a‖ ‖b‖.
fn scale(a: &[f64], b: &[f64]) -> f64 {
    1.0 + norm(a) * norm(b)
}

/// The scale for images.
fn scale2(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    1.0 + norm(a) * norm(b)
}

/// Signals of the given lengths: 64 times at random, and before them powers of 2, chosen so that no two products of
/// numbers from different signals are equal and every sum of products says which they were.
fn numbers<const N: usize>(lengths: [usize; N], proof: &mut Proof) -> Vec<[Vec<i128>; N]> {
    let mut exponents = 1;
    let distinct = lengths.map(|n| {
        let signal = powers(1 << exponents, n);
        exponents *= n + 1;
        signal
    });
    let mut cases = vec![distinct];
    for _ in 0..64 {
        cases.push(lengths.map(|n| proof.signal::<i64>(n).into_iter().map(i128::from).collect()));
    }
    cases
}

/// A layer of some sizes, with the shapes of its tensors.
struct Case {
    layer: Layer,
    geometry: Geometry,
    input: [usize; 4],
    kernel: [usize; 4],
    outputs: [usize; 4],
}

impl Case {
    fn new(layer: Layer) -> Self {
        let Layer { image, kernel, stride, padding, dilation, .. } = layer;
        // Windows are counted, not computed: they start at every multiple of the stride from which they fit.
        let windows = |n: usize, k: usize, s: usize, p: usize, d: usize| {
            (0..n + 2 * p).step_by(s).filter(|start| start + d * (k - 1) < n + 2 * p).count()
        };
        let rows = windows(image.0, kernel.0, stride.0, padding.0, dilation.0);
        let columns = windows(image.1, kernel.1, stride.1, padding.1, dilation.1);
        Self {
            layer,
            geometry: Geometry { stride, padding, dilation },
            input: layer.input(),
            kernel: layer.weights(),
            outputs: [layer.images, layer.filters, rows, columns],
        }
    }
}

/// Layers of every kind.
fn layers(proof: &mut Proof) -> Vec<Case> {
    proof.layers(S3).into_iter().map(Case::new).collect()
}

/// Small layers with every stride and dilation of 1 and 2, the same along both axes, and two taps below or beside each
/// other. The border is 2 wide in all: where it is 0 or 1, H + p or H + 2 rows in print would be as many as H + 2p.
fn small_layers(channels: usize) -> Vec<Case> {
    let all = ndarray::indices((2, 2, 2)).into_iter();
    all.map(|(below, stride, dilation)| {
        let pair = |number| (number, number);
        Case::new(Layer {
            images: 2,
            channels,
            filters: 3,
            image: (2, 1),
            kernel: (1 + below, 2 - below),
            stride: pair(stride + 1),
            padding: pair(2),
            dilation: pair(dilation + 1),
        })
    })
    .collect()
}

/// The entries of a tensor, the last index running fastest.
fn entries<T: Clone>(tensor: &Array4<T>) -> Vec<T> {
    tensor.iter().cloned().collect()
}

/// The tensor with these entries.
fn folded<T: Clone>(entries: &[T], shape: [usize; 4]) -> Array4<T> {
    Array4::from_shape_vec(shape, entries.to_vec()).expect("as many as the shape holds")
}

/// The input with its zeros around it.
fn padded<T: Scalar>(x: &Array4<T>, case: &Case) -> Array4<T> {
    let [images, channels, height, width] = case.input;
    let (above, left) = case.geometry.padding;
    let mut padded = Array4::zeros((images, channels, height + 2 * above, width + 2 * left));
    padded.slice_mut(s![.., .., above..above + height, left..left + width]).assign(x);
    padded
}

/// Calls `visit` with (n, o, i, j), (c, a, b) and the place (μ, ν) in the padded image, for every product of the layer.
fn products(case: &Case, mut visit: impl FnMut([usize; 4], [usize; 3], [usize; 2])) {
    let ([_, channels, kh, kw], Geometry { stride, dilation, .. }) = (case.kernel, case.geometry);
    for (n, o, i, j) in ndarray::indices(case.outputs) {
        for (c, a, b) in ndarray::indices([channels, kh, kw]) {
            let place = [stride.0 * i + dilation.0 * a, stride.1 * j + dilation.1 * b];
            visit([n, o, i, j], [c, a, b], place);
        }
    }
}

/// The outputs of a layer without bias: seven loops over a padded image.
fn defined<T: Scalar>(x: &Array4<T>, w: &Array4<T>, case: &Case) -> Array4<T> {
    let (x, mut y) = (padded(x, case), Array4::zeros(case.outputs));
    products(case, |[n, o, i, j], [c, a, b], [u, v]| {
        y[[n, o, i, j]] += w[[o, c, a, b]].clone() * x[[n, c, u, v]].clone();
    });
    y
}

/// The gradients of a layer by weights and by input: every product of the forward pass leaves its two factors, each
/// times g, with the other. What lands in the padding is cropped.
fn scattered<T: Scalar>(x: &Array4<T>, w: &Array4<T>, g: &Array4<T>, case: &Case) -> (Array4<T>, Array4<T>) {
    let x = padded(x, case);
    let (mut by_kernel, mut by_padded) = (Array4::zeros(case.kernel), Array4::<T>::zeros(x.dim()));
    products(case, |[n, o, i, j], [c, a, b], [u, v]| {
        let g = &g[[n, o, i, j]];
        by_kernel[[o, c, a, b]] += g.clone() * x[[n, c, u, v]].clone();
        by_padded[[n, c, u, v]] += g.clone() * w[[o, c, a, b]].clone();
    });
    let ([_, _, height, width], (above, left)) = (case.input, case.geometry.padding);
    let by_input = by_padded.slice(s![.., .., above..above + height, left..left + width]).to_owned();
    (by_kernel, by_input)
}

/// The numbers as an image, row by row.
fn image(numbers: Vec<i128>, shape: (usize, usize)) -> Array2<i128> {
    Array2::from_shape_vec(shape, numbers).expect("as many as the shape holds")
}

/// The numbers, by their names.
fn fixed<const N: usize>(numbers: &[i128]) -> [i128; N] {
    numbers.try_into().expect("as many as there are names")
}

/// A random signal, a random kernel, and a random gradient of the outputs, for every size.
fn triples<T: Draw>(proof: &mut Proof) -> Vec<(Vec<T>, Vec<T>, Vec<T>)> {
    let sizes = proof.sizes(S1);
    sizes.into_iter().map(|(n, k)| (proof.signal(n), proof.signal(k), proof.signal(n - k + 1))).collect()
}

/// A random image, a random kernel, and a random gradient of the outputs, for every pair of shapes.
fn images<T: Draw>(proof: &mut Proof) -> Vec<(Array2<T>, Array2<T>, Array2<T>)> {
    let shapes = proof.shapes(S2);
    let draw = |(image, kernel): proof::Shapes| {
        let outputs = (image.0 - kernel.0 + 1, image.1 - kernel.1 + 1);
        (proof.image(image), proof.image(kernel), proof.image(outputs))
    };
    shapes.into_iter().map(draw).collect()
}

/// What the symbols of the chapter stand for: a signal, a kernel, the gradient of the outputs; the matrices of both; and the
/// gradients, as the crate computes them.
fn learning<S: Printed<Number: Entry> + Scalar>(x: &[S], h: &[S], g: &[S]) -> Result<Symbols<S::Number>> {
    let (n, k) = (x.len(), h.len());
    let matrix_of = |a: DMatrix<S>| printed_image(&matrix::to_array(&a));
    Ok(meaning::signal(x, h)
        .value("g", printed(g))
        .value("y", printed(&correlated(x, h)))
        .value("X", matrix_of(matrix::windows(x, k)?))
        .value("\\tilde X", matrix_of(matrix::flipped_windows(x, k)?))
        .function("T(#)", move |places| {
            meaning::from_nalgebra(matrix::correlation(&numbers_of(&places[0])?, n, Valid))
        })
        .value("\\partial L / \\partial h", printed(&spatial::kernel_1d(x, g)?))
        .value("\\partial L / \\partial x", printed(&spatial::input_1d(h, g)?)))
}

/// The same for images.
fn learning2<S: Printed<Number: Entry> + Scalar>(
    x: &Array2<S>,
    h: &Array2<S>,
    g: &Array2<S>,
) -> Result<Symbols<S::Number>> {
    let (image, kernel) = (x.dim(), h.dim());
    Ok(meaning::image(x, h)
        .value("g", printed_image(g))
        .function("I(#)", move |places| meaning::from_nalgebra(matrix::im2col(&places[0].matrix()?, kernel)))
        .function("B(#)", move |places| {
            meaning::from_nalgebra(matrix::correlation2(&places[0].matrix()?, image, Valid))
        })
        .value("\\partial L / \\partial h", printed_image(&spatial::kernel_2d(x, g)?))
        .value("\\partial L / \\partial x", printed_image(&spatial::input_2d(h, g)?)))
}

/// The same for a layer of whole numbers; what is indexed by p is the input in its border of zeros, on which the layer
/// has no padding.
fn learning4(x: &Array4<i64>, w: &Array4<i64>, g: &Array4<i64>, case: &Case) -> Result<Symbols<Exact>> {
    let tensor = |a: &Array4<i64>| a.map(Printed::print).into_dyn();
    let Gradients { kernel, input, bias } = spatial::layer(x, w, g, case.geometry)?;
    let bordered = padded(x, case);
    let no_padding = Geometry { padding: (0, 0), ..case.geometry };
    let by_bordered = spatial::layer(&bordered, w, g, no_padding)?.input;
    let sizes = [("B", 0), ("O", 1), ("P", 2), ("Q", 3)].map(|(name, axis)| (name, case.outputs[axis]));
    let input_sizes = [("C", 1), ("H", 2), ("W", 3)].map(|(name, axis)| (name, case.input[axis]));
    let kernel_sizes = [("K_h", 2), ("K_w", 3)].map(|(name, axis)| (name, case.kernel[axis]));
    let geometry =
        [("s", case.geometry.stride.0), ("p", case.geometry.padding.0), ("d", case.geometry.dilation.0)];
    let all = [&sizes[..], &input_sizes, &kernel_sizes, &geometry].concat();
    let symbols = all.into_iter().fold(meaning::symbols(), |symbols, (name, size)| symbols.size(name, size));
    Ok(symbols
        .value("x", tensor(x))
        .value("x_p", tensor(&bordered))
        .value("w", tensor(w))
        .value("g", tensor(g))
        .value("y", tensor(&defined(x, w, case)))
        .value("\\partial L / \\partial w", tensor(&kernel))
        .value("\\partial L / \\partial x", tensor(&input))
        .value("\\partial L / \\partial x_p", tensor(&by_bordered))
        .value("\\partial L / \\partial \\beta", printed(&bias)))
}

/// The entries of a vector of a formula.
fn numbers_of<T: Entry>(value: &Value<T>) -> Outcome<Vec<T>> {
    Ok(value.tensor()?.iter().cloned().collect())
}

/// Has the printed formula evaluated on signals of every size, as the crate has the gradients.
fn as_printed(proof: &mut Proof) -> Result<()> {
    for (x, h, g) in triples::<GaussianInteger>(proof) {
        proof.printed(&learning(&x, &h, &g)?);
    }
    Ok(())
}

/// The same on images of every shape.
fn as_printed2(proof: &mut Proof) -> Result<()> {
    for (x, h, g) in images::<GaussianInteger>(proof) {
        proof.printed(&learning2(&x, &h, &g)?);
    }
    Ok(())
}

/// The same on 64 signals of `n` samples and `k` taps.
fn as_printed_for(n: usize, k: usize, proof: &mut Proof) -> Result<()> {
    for _ in 0..64 {
        let [x, h, g] = [n, k, n - k + 1].map(|length| proof.signal::<GaussianInteger>(length));
        proof.printed(&learning(&x, &h, &g)?);
    }
    Ok(())
}

/// The same on 64 images of 4 × 4 pixels, with 3 × 3 taps.
fn as_printed_4x4(proof: &mut Proof) -> Result<()> {
    for _ in 0..64 {
        let [x, h, g] = [4, 3, 2].map(|side| proof.image::<GaussianInteger>((side, side)));
        proof.printed(&learning2(&x, &h, &g)?);
    }
    Ok(())
}

/// g = ∂L/∂y, and y − t for half a squared distance. Catches a factor 2 and a sign.
#[test]
fn grad_output() {
    let mut proof = Proof::finite_difference("grad-output", NUDGED);
    for n in proof.lengths(&[1, 3, 8]) {
        let (y, t) = (proof.signal::<f64>(n), proof.signal::<f64>(n));
        let distance = |y: &[f64]| y.iter().zip(&t).map(|(y, t)| (y - t) * (y - t)).sum::<f64>() / 2.0;
        let difference: Vec<f64> = y.iter().zip(&t).map(|(y, t)| y - t).collect();
        proof.close(gradient(distance, &y), difference, scale(&y, &t));
        proof.close(gradient(loss, &y), slope(&y), 1.0 + norm(&y));
    }
    // As printed.
    for (n, k) in proof.sizes(S1) {
        let (y, t) = (proof.signal::<i64>(n - k + 1), proof.signal::<i64>(n - k + 1));
        let difference: Vec<i64> = y.iter().zip(&t).map(|(y, t)| y - t).collect();
        let twice = difference.iter().map(|d| d * d).sum::<i64>().print();
        let symbols =
            meaning::symbols().size("N", n).size("K", k).value("y", printed(&y)).value("t", printed(&t));
        let loss = |l: Exact, g: &[i64]| {
            let symbols = symbols.clone().value("L", l).value("g", printed(g));
            symbols.value("\\partial L / \\partial y", printed(g))
        };
        proof.printed(&loss(twice / 2_i64.print(), &difference));
        // The whole squared distance is another loss, and has another gradient.
        if y != t {
            let doubled: Vec<i64> = difference.iter().map(|d| 2 * d).collect();
            proof.printed(&loss(twice, &doubled));
        }
    }
}

/// If y = A p, the gradient by p is Aᵀ g, for any matrix, and for both matrices of a convolution. Catches A in the
/// place of its transpose, which a square symmetric A would hide.
#[test]
fn chain_rule_vjp() -> Result<()> {
    let mut proof = Proof::finite_difference("chain-rule-vjp", NUDGED);
    for (x, h) in proof.pairs::<f64>(S1) {
        let any = DMatrix::from_fn(h.len(), x.len(), |i, j| h[i] * x[j] + h[(i + j) % h.len()]);
        for (a, p) in
            [(matrix::windows(&x, h.len())?, &h), (matrix::correlation(&h, x.len(), Valid)?, &x), (any, &x)]
        {
            let g = slope(&times(&a, p));
            proof.close(nudged(|p| times(&a, p), p), times(&a.transpose(), &g), scale(a.as_slice(), &g));
        }
    }
    // What makes it the chain rule: ⟨A p, g⟩ = ⟨p, Aᵀ g⟩ for every g.
    for (x, h, g) in triples::<GaussianInteger>(&mut proof) {
        let (across, down) = (windows(&x, h.len()), slid(&h, x.len()));
        proof.equal(inner(&times(&across, &h), &g), inner(&h, &times(&across.transpose(), &g)));
        proof.equal(inner(&times(&down, &x), &g), inner(&x, &times(&down.transpose(), &g)));
    }
    // As printed: the loss ⟨y, g⟩ of a nudge by 1 in one entry of p, for any matrix.
    for (a, g) in proof.images::<GaussianInteger>(S2) {
        let (p, g) = (proof.signal::<GaussianInteger>(a.ncols()), pixels(&g));
        let g: Vec<_> = g.iter().cycle().take(a.nrows()).copied().collect();
        let column = |k: usize| a.column(k).to_vec();
        let by_p: Vec<_> = (0..p.len()).map(|k| inner(&column(k), &g)).collect();
        let y: Vec<_> = a.rows().into_iter().map(|row| inner(&row.to_vec(), &p)).collect();
        let symbols = meaning::symbols().value("A", printed_image(&a)).value("p", printed(&p));
        let symbols = symbols.value("g", printed(&g));
        let layer = |y: &[GaussianInteger], by_p: &[GaussianInteger]| {
            let symbols = symbols.clone().value("y", printed(y));
            symbols.value("\\partial L / \\partial p", printed(by_p))
        };
        proof.printed(&layer(&y, &by_p));
        // A layer that squares p first has other outputs, and another gradient.
        let squares: Vec<_> = p.iter().map(|p| p * p).collect();
        let bent: Vec<_> = a.rows().into_iter().map(|row| inner(&row.to_vec(), &squares)).collect();
        let by_bent: Vec<_> = by_p.iter().zip(&p).map(|(by_p, p)| (p + p) * by_p).collect();
        if bent != y && by_bent != by_p {
            proof.printed(&layer(&bent, &by_bent));
        }
    }
    Ok(())
}

/// The gradient by the kernel is Xᵀ g, is x ⋆ g, is a sum over the outputs; and tap k reads the samples k to k + N − K.
/// Catches a flip, an index off by one, and a convolution in the place of the correlation.
#[test]
fn grad_kernel_1d() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-kernel-1d", NUDGED);
    let sum = |x: &[i64], g: &[i64]| -> Vec<i64> {
        (0..=x.len() - g.len()).map(|k| (0..g.len()).map(|n| g[n] * x[n + k]).sum()).collect()
    };
    for (x, h, g) in triples::<i64>(&mut proof) {
        let expected = sum(&x, &g);
        proof.equal(&times(&windows(&x, h.len()).transpose(), &g), &expected);
        proof.equal(&correlated(&x, &g), &expected);
        proof.equal(&spatial::kernel_1d(&x, &g)?, &expected);
        proof.equal(&explicit::kernel_1d(&x, &g)?, &expected);
        // Light one sample: the taps that answer are those with k ≤ m ≤ k + N − K.
        let ones = vec![1; g.len()];
        for m in 0..x.len() {
            let mut lit = vec![0; x.len()];
            lit[m] = 1;
            let seen: Vec<i64> =
                (0..h.len()).map(|k| (k <= m && m <= k + x.len() - h.len()) as i64).collect();
            proof.equal(spatial::kernel_1d(&lit, &ones)?, seen);
        }
    }
    // No conjugate hides in it.
    for (x, h, g) in triples::<GaussianInteger>(&mut proof) {
        proof.equal(spatial::kernel_1d(&x, &g)?, times(&windows(&x, h.len()).transpose(), &g));
        proof.equal(explicit::kernel_1d(&x, &g)?, times(&windows(&x, h.len()).transpose(), &g));
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        let g = slope(&correlated(&x, &h));
        let found = nudged(|h| correlated(&x, h), &h);
        proof.close(&found, spatial::kernel_1d(&x, &g)?, scale(&x, &g));
        proof.close(&found, explicit::kernel_1d(&x, &g)?, scale(&x, &g));
    }
    as_printed(&mut proof)
}

/// For true convolution the same correlation comes out flipped: the transpose of the flipped windows. Catches the
/// flip forgotten or done twice.
#[test]
fn grad_kernel_1d_trueconv() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-kernel-1d-trueconv", NUDGED);
    for (x, h, g) in triples::<i64>(&mut proof) {
        let (n, k) = (x.len(), h.len());
        let flipped = DMatrix::from_fn(n - k + 1, k, |i, j| x[i + k - 1 - j]);
        proof.equal(&convolved(&x, &h), &times(&flipped, &h));
        let expected = times(&flipped.transpose(), &g);
        proof.equal(times(&matrix::flipped_windows(&x, k)?.transpose(), &g), &expected);
        proof.equal(conv1d::flip(&spatial::kernel_1d(&x, &g)?), &expected);
        proof.equal(conv1d::flip(&correlated(&x, &g)), expected);
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        let g = slope(&convolved(&x, &h));
        let expected = conv1d::flip(&spatial::kernel_1d(&x, &g)?);
        proof.close(nudged(|h| convolved(&x, h), &h), expected, scale(&x, &g));
    }
    // As printed.
    for (x, h, g) in triples::<GaussianInteger>(&mut proof) {
        let symbols = learning(&x, &h, &g)?.value("y", printed(&convolved(&x, &h)));
        let flipped = conv1d::flip(&spatial::kernel_1d(&x, &g)?);
        proof.printed(&symbols.value("\\partial L / \\partial h", printed(&flipped)));
    }
    Ok(())
}

/// The gradient by the input is T(h)ᵀ g, is the full convolution g ∗ h with the kernel as it is, is a sum over the
/// taps. Catches a flipped kernel, and a valid convolution in the place of the full one.
#[test]
fn grad_input_1d() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-input-1d", NUDGED);
    let sum = |h: &[i64], g: &[i64]| -> Vec<i64> {
        let term = |m: usize, k: usize| m.checked_sub(k).and_then(|n| g.get(n)).map_or(0, |g| h[k] * g);
        (0..g.len() + h.len() - 1).map(|m| (0..h.len()).map(|k| term(m, k)).sum()).collect()
    };
    for (x, h, g) in triples::<i64>(&mut proof) {
        let expected = sum(&h, &g);
        proof.equal(&times(&slid(&h, x.len()).transpose(), &g), &expected);
        proof.equal(&conv1d::convolve(&g, &h, Full)?, &expected);
        // Full correlation with the flipped kernel is the same.
        proof.equal(&conv1d::correlate(&g, &conv1d::flip(&h), Full)?, &expected);
        proof.equal(&spatial::input_1d(&h, &g)?, &expected);
        proof.equal(&explicit::input_1d(&h, &g)?, &expected);
    }
    for (x, h, g) in triples::<GaussianInteger>(&mut proof) {
        proof.equal(spatial::input_1d(&h, &g)?, times(&slid(&h, x.len()).transpose(), &g));
        proof.equal(explicit::input_1d(&h, &g)?, times(&slid(&h, x.len()).transpose(), &g));
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        let g = slope(&correlated(&x, &h));
        let found = nudged(|x| correlated(x, &h), &x);
        proof.close(&found, spatial::input_1d(&h, &g)?, scale(&h, &g));
        proof.close(&found, explicit::input_1d(&h, &g)?, scale(&h, &g));
    }
    as_printed(&mut proof)
}

/// For true convolution the gradient by the input is g ∗ Jh, the full correlation of g with h. Catches the two
/// conventions exchanged.
#[test]
fn grad_input_1d_trueconv() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-input-1d-trueconv", NUDGED);
    for (x, h, g) in triples::<i64>(&mut proof) {
        let expected = times(&slid(&conv1d::flip(&h), x.len()).transpose(), &g);
        proof.equal(spatial::input_1d(&conv1d::flip(&h), &g)?, &expected);
        proof.equal(conv1d::correlate(&g, &h, Full)?, &expected);
        proof.equal(inner(&convolved(&x, &h), &g), inner(&x, &expected));
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        let g = slope(&convolved(&x, &h));
        let expected = spatial::input_1d(&conv1d::flip(&h), &g)?;
        proof.close(nudged(|x| convolved(x, &h), &x), expected, scale(&h, &g));
    }
    // As printed.
    for (x, h, g) in triples::<GaussianInteger>(&mut proof) {
        let symbols = learning(&x, &h, &g)?.value("y", printed(&convolved(&x, &h)));
        let by_input = times(&slid(&conv1d::flip(&h), x.len()).transpose(), &g);
        proof.printed(&symbols.value("\\partial L / \\partial x", printed(&by_input)));
    }
    Ok(())
}

/// Five samples, three taps, written out: three gradients of taps and five of samples. Catches a term that is
/// missing, doubled, or in the wrong line.
#[test]
fn grad_1d_expanded() -> Result<()> {
    let mut proof = Proof::exact("grad-1d-expanded");
    for [x, h, g] in numbers([5, 3, 3], &mut proof) {
        let ([x1, x2, x3, x4, x5], [h1, h2, h3], [g1, g2, g3]) = (fixed(&x), fixed(&h), fixed(&g));
        let kernel = [g1 * x1 + g2 * x2 + g3 * x3, g1 * x2 + g2 * x3 + g3 * x4, g1 * x3 + g2 * x4 + g3 * x5];
        let input = [h1 * g1, h1 * g2 + h2 * g1, h1 * g3 + h2 * g2 + h3 * g1, h2 * g3 + h3 * g2, h3 * g3];
        proof.equal(&spatial::kernel_1d(&x, &g)?[..], &kernel[..]);
        proof.equal(&explicit::kernel_1d(&x, &g)?[..], &kernel[..]);
        proof.equal(&spatial::input_1d(&h, &g)?[..], &input[..]);
        proof.equal(&explicit::input_1d(&h, &g)?[..], &input[..]);
    }
    as_printed_for(5, 3, &mut proof)
}

/// Six samples, three taps: the outputs are the windows of x times the kernel, and that matrix is constant along its
/// anti-diagonals, so it is Hankel and not Toeplitz. Catches the windows read backwards.
#[test]
fn hankel_6_3() -> Result<()> {
    let mut proof = Proof::exact("hankel-6-3");
    for [x, h] in numbers([6, 3], &mut proof) {
        let [x1, x2, x3, x4, x5, x6] = fixed(&x);
        let written = dmatrix![x1, x2, x3; x2, x3, x4; x3, x4, x5; x4, x5, x6];
        proof.equal(&matrix::windows(&x, 3)?, &written);
        proof.equal(matrix::hankel(&[x1, x2, x3, x4], &[x4, x5, x6])?, &written);
        proof.equal(correlated(&x, &h), times(&written, &h));
    }
    // It is Toeplitz only if its diagonals are constant as well, and then x alternates.
    let toeplitz = |a: &DMatrix<i128>| (1..4).all(|i| (1..3).all(|j| a[(i, j)] == a[(i - 1, j - 1)]));
    proof.holds(!toeplitz(&matrix::windows(&[1, 2, 3, 4, 5, 6], 3)?));
    proof.holds(toeplitz(&matrix::windows(&[1, 2, 1, 2, 1, 2], 3)?));
    as_printed_for(6, 3, &mut proof)
}

/// Six samples, three taps: read every window backwards and the matrix is Toeplitz; then the kernel is convolved.
/// Catches rows reversed in the place of columns.
#[test]
fn flipped_6_3() -> Result<()> {
    let mut proof = Proof::exact("flipped-6-3");
    let exchange = dmatrix![0, 0, 1; 0, 1, 0; 1, 0, 0];
    for [x, h] in numbers([6, 3], &mut proof) {
        let [x1, x2, x3, x4, x5, x6] = fixed(&x);
        let written = dmatrix![x3, x2, x1; x4, x3, x2; x5, x4, x3; x6, x5, x4];
        proof.equal(matrix::windows(&x, 3)? * &exchange, &written);
        proof.equal(&matrix::flipped_windows(&x, 3)?, &written);
        proof.equal(matrix::toeplitz(&[x3, x4, x5, x6], &[x3, x2, x1])?, &written);
        proof.equal(convolved(&x, &h), times(&written, &h));
    }
    as_printed_for(6, 3, &mut proof)
}

/// Six samples, three taps: the same outputs as a matrix of taps times the input. Catches a flipped kernel, and rows
/// that move the wrong way.
#[test]
fn toeplitz_6_3() -> Result<()> {
    let mut proof = Proof::exact("toeplitz-6-3");
    for [x, h] in numbers([6, 3], &mut proof) {
        let [h1, h2, h3] = fixed(&h);
        let written = dmatrix![
            h1, h2, h3, 0, 0, 0;
            0, h1, h2, h3, 0, 0;
            0, 0, h1, h2, h3, 0;
            0, 0, 0, h1, h2, h3
        ];
        proof.equal(&matrix::correlation(&h, 6, Valid)?, &written);
        proof.equal(correlated(&x, &h), times(&written, &x));
    }
    as_printed_for(6, 3, &mut proof)
}

/// Six samples, three taps: Xᵀ g, written out. Catches X in the place of its transpose.
#[test]
fn grad_kernel_6_3() -> Result<()> {
    let mut proof = Proof::exact("grad-kernel-6-3");
    for [x, g] in numbers([6, 4], &mut proof) {
        let [x1, x2, x3, x4, x5, x6] = fixed(&x);
        let written = dmatrix![x1, x2, x3, x4; x2, x3, x4, x5; x3, x4, x5, x6];
        proof.equal(matrix::windows(&x, 3)?.transpose(), &written);
        proof.equal(spatial::kernel_1d(&x, &g)?, times(&written, &g));
        proof.equal(explicit::kernel_1d(&x, &g)?, times(&written, &g));
    }
    as_printed_for(6, 3, &mut proof)
}

/// The same as three sums of four products. Catches a term in the wrong line.
#[test]
fn grad_kernel_6_3_expanded() -> Result<()> {
    let mut proof = Proof::exact("grad-kernel-6-3-expanded");
    for [x, g] in numbers([6, 4], &mut proof) {
        let ([x1, x2, x3, x4, x5, x6], [g1, g2, g3, g4]) = (fixed(&x), fixed(&g));
        let expected = [
            g1 * x1 + g2 * x2 + g3 * x3 + g4 * x4,
            g1 * x2 + g2 * x3 + g3 * x4 + g4 * x5,
            g1 * x3 + g2 * x4 + g3 * x5 + g4 * x6,
        ];
        proof.equal(&spatial::kernel_1d(&x, &g)?[..], &expected[..]);
        proof.equal(&explicit::kernel_1d(&x, &g)?[..], &expected[..]);
    }
    as_printed_for(6, 3, &mut proof)
}

/// Six samples, three taps: T(h)ᵀ g, written out. Catches T(h) of the flipped kernel.
#[test]
fn grad_input_6_3() -> Result<()> {
    let mut proof = Proof::exact("grad-input-6-3");
    for [h, g] in numbers([3, 4], &mut proof) {
        let [h1, h2, h3] = fixed(&h);
        let written = dmatrix![
            h1, 0, 0, 0;
            h2, h1, 0, 0;
            h3, h2, h1, 0;
            0, h3, h2, h1;
            0, 0, h3, h2;
            0, 0, 0, h3
        ];
        proof.equal(matrix::correlation(&h, 6, Valid)?.transpose(), &written);
        // It is the matrix of a full convolution.
        proof.equal(matrix::convolution(&h, 4, Full)?, &written);
        proof.equal(spatial::input_1d(&h, &g)?, times(&written, &g));
        proof.equal(explicit::input_1d(&h, &g)?, times(&written, &g));
    }
    as_printed_for(6, 3, &mut proof)
}

/// The same as six sums of one, two or three products. Catches a term that is missing at a border.
#[test]
fn grad_input_6_3_expanded() -> Result<()> {
    let mut proof = Proof::exact("grad-input-6-3-expanded");
    for [h, g] in numbers([3, 4], &mut proof) {
        let ([h1, h2, h3], [g1, g2, g3, g4]) = (fixed(&h), fixed(&g));
        let expected = [
            h1 * g1,
            h2 * g1 + h1 * g2,
            h3 * g1 + h2 * g2 + h1 * g3,
            h3 * g2 + h2 * g3 + h1 * g4,
            h3 * g3 + h2 * g4,
            h3 * g4,
        ];
        proof.equal(&spatial::input_1d(&h, &g)?[..], &expected[..]);
        proof.equal(&explicit::input_1d(&h, &g)?[..], &expected[..]);
    }
    as_printed_for(6, 3, &mut proof)
}

/// Sample m feeds c(m) outputs: the least is one, the most as many as there are taps or outputs, K (N − K + 1) in all.
/// Found by lighting one sample after the other. Catches the borders.
#[test]
fn grad_input_coverage_1d() -> Result<()> {
    let mut proof = Proof::exact("grad-input-coverage-1d");
    for (n, k) in proof.sizes(S1) {
        let count = |m: usize| m.min(n - k) + 1 - (m + 1).saturating_sub(k);
        let (taps, outputs) = (vec![1_i64; k], vec![1_i64; n - k + 1]);
        let mut fed = vec![];
        for m in 0..n {
            let mut lit = vec![0; n];
            lit[m] = 1;
            fed.push(conv1d::correlate(&lit, &taps, Valid)?.iter().filter(|&&y| y != 0).count());
        }
        proof.equal(&fed, &(0..n).map(count).collect::<Vec<_>>());
        // Backwards: with all taps and all gradients 1, a sample hears one from every output that it fed.
        let heard = spatial::input_1d(&taps, &outputs)?;
        proof.equal(&fed, &heard.iter().map(|&heard| heard as usize).collect::<Vec<_>>());
        let (least, most) = (fed.iter().min(), fed.iter().max());
        proof.holds(least == Some(&1) && most == Some(&k.min(n - k + 1)));
        proof.equal(fed.iter().sum::<usize>(), k * (n - k + 1));
    }
    // As printed.
    for (n, k) in proof.sizes(S1) {
        let fed = move |m: usize| (0..=n - k).filter(|&i| i <= m && m < i + k).count();
        let count = move |places: &[Value<_>]| match places[0].size()? {
            m if m < n => Ok((fed(m) as i64).print().into()),
            _ => Err("there is no such sample".to_string()),
        };
        proof.printed(&meaning::symbols().size("N", n).size("K", k).function("c(#)", count));
    }
    Ok(())
}

/// If every entry of the matrix were a weight of its own, its gradient would be g xᵀ, all of it. The gradient of a tap
/// is the sum of that along one diagonal, because the tap stands there. Catches the wrong diagonal.
#[test]
fn grad_weight_sharing() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-weight-sharing", NUDGED);
    for (x, h, g) in triples::<i64>(&mut proof) {
        let all = DMatrix::from_fn(g.len(), x.len(), |n, m| g[n] * x[m]);
        let diagonals = (0..h.len()).map(|k| (0..g.len()).map(|n| all[(n, n + k)]).sum::<i64>());
        proof.equal(spatial::kernel_1d(&x, &g)?, diagonals.collect::<Vec<_>>());
    }
    for (x, h) in proof.pairs::<f64>(S1) {
        let free = slid(&h, x.len());
        let g = slope(&times(&free, &x));
        let (rows, columns) = free.shape();
        let outputs = |entries: &[f64]| times(&DMatrix::from_column_slice(rows, columns, entries), &x);
        let found = nudged(outputs, free.as_slice());
        let all = DMatrix::from_fn(rows, columns, |n, m| g[n] * x[m]);
        proof.close(&found, &all.as_slice().to_vec(), scale(&x, &g));
    }
    // As printed.
    for (x, h, g) in triples::<GaussianInteger>(&mut proof) {
        let all = Array2::from_shape_fn((g.len(), x.len()), |(n, m)| g[n] * x[m]);
        let symbols = learning(&x, &h, &g)?.value("\\partial L / \\partial A", printed_image(&all));
        let kernel = matrix::correlation(&h, x.len(), Valid)?;
        proof.printed(&symbols.value("A", printed_image(&matrix::to_array(&kernel))));
    }
    Ok(())
}

/// In two dimensions the gradient by the kernel is I(x)ᵀ vec(g), is x ⋆ g, is a sum over the outputs. Catches rows
/// and columns exchanged, which a square image would hide.
#[test]
fn grad_kernel_2d() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-kernel-2d", NUDGED);
    let sum = |x: &Array2<i64>, g: &Array2<i64>| {
        Array2::from_shape_fn((x.nrows() - g.nrows() + 1, x.ncols() - g.ncols() + 1), |(a, b)| {
            g.indexed_iter().map(|((i, j), g)| g * x[[i + a, j + b]]).sum::<i64>()
        })
    };
    for (x, h, g) in images::<i64>(&mut proof) {
        let expected = sum(&x, &g);
        let windows = matrix::im2col(&x, h.dim())?;
        proof.equal(matrix::unvec(&(windows.transpose() * matrix::vec(&g)), h.dim())?, &expected);
        proof.equal(&correlated2(&x, &g), &expected);
        proof.equal(&spatial::kernel_2d(&x, &g)?, &expected);
        proof.equal(&explicit::kernel_2d(&x, &g)?, &expected);
    }
    for (x, _, g) in images::<GaussianInteger>(&mut proof) {
        proof.equal(spatial::kernel_2d(&x, &g)?, correlated2(&x, &g));
        proof.equal(explicit::kernel_2d(&x, &g)?, correlated2(&x, &g));
    }
    for (x, h) in proof.images::<f64>(S2) {
        let g = slope2(&correlated2(&x, &h));
        let found = nudged2(|h| correlated2(&x, h), &h);
        proof.close(&found, spatial::kernel_2d(&x, &g)?, scale2(&x, &g));
        proof.close(&found, explicit::kernel_2d(&x, &g)?, scale2(&x, &g));
    }
    as_printed2(&mut proof)
}

/// In two dimensions the gradient by the input is B(h)ᵀ vec(g), is the full convolution g ∗ h, is a sum over the taps.
/// Catches a kernel turned by 180°.
#[test]
fn grad_input_2d() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-input-2d", NUDGED);
    let sum = |h: &Array2<i64>, g: &Array2<i64>, shape: (usize, usize)| {
        let from = |m: usize, n: usize, a: usize, b: usize| Some((m.checked_sub(a)?, n.checked_sub(b)?));
        Array2::from_shape_fn(shape, |(m, n)| {
            let term = |((a, b), tap): ((usize, usize), &i64)| {
                from(m, n, a, b).and_then(|at| g.get(at)).map_or(0, |g| tap * g)
            };
            h.indexed_iter().map(term).sum::<i64>()
        })
    };
    for (x, h, g) in images::<i64>(&mut proof) {
        let expected = sum(&h, &g, x.dim());
        let kernel = matrix::correlation2(&h, x.dim(), Valid)?;
        proof.equal(matrix::unvec(&(kernel.transpose() * matrix::vec(&g)), x.dim())?, &expected);
        proof.equal(&conv2d::convolve(&g, &h, Full)?, &expected);
        proof.equal(&spatial::input_2d(&h, &g)?, &expected);
        proof.equal(&explicit::input_2d(&h, &g)?, &expected);
        proof
            .equal(inner(&pixels(&correlated2(&x, &h)), &pixels(&g)), inner(&pixels(&x), &pixels(&expected)));
    }
    for (x, h, g) in images::<GaussianInteger>(&mut proof) {
        let product = inner(&pixels(&correlated2(&x, &h)), &pixels(&g));
        proof.equal(product, inner(&pixels(&x), &pixels(&spatial::input_2d(&h, &g)?)));
        proof.equal(product, inner(&pixels(&x), &pixels(&explicit::input_2d(&h, &g)?)));
    }
    for (x, h) in proof.images::<f64>(S2) {
        let g = slope2(&correlated2(&x, &h));
        let found = nudged2(|x| correlated2(x, &h), &x);
        proof.close(&found, spatial::input_2d(&h, &g)?, scale2(&h, &g));
        proof.close(&found, explicit::input_2d(&h, &g)?, scale2(&h, &g));
    }
    as_printed2(&mut proof)
}

/// For true convolution both gradients exchange their flips: x ⋆ g turned, and g ∗ h with the kernel turned. Catches
/// one axis turned in the place of both.
#[test]
fn grad_2d_trueconv() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-2d-trueconv", NUDGED);
    for (x, h, g) in images::<i64>(&mut proof) {
        let kernel = conv2d::flip(&spatial::kernel_2d(&x, &g)?);
        let input = spatial::input_2d(&conv2d::flip(&h), &g)?;
        // The layer is linear in the kernel and linear in the input.
        let product = inner(&pixels(&convolved2(&x, &h)), &pixels(&g));
        proof.equal(inner(&pixels(&h), &pixels(&kernel)), product);
        proof.equal(inner(&pixels(&x), &pixels(&input)), product);
        proof.equal(input, conv2d::correlate(&g, &h, Full)?);
    }
    for (x, h) in proof.images::<f64>(S2) {
        let g = slope2(&convolved2(&x, &h));
        let kernel = conv2d::flip(&spatial::kernel_2d(&x, &g)?);
        proof.close(nudged2(|h| convolved2(&x, h), &h), kernel, scale2(&x, &g));
        let input = spatial::input_2d(&conv2d::flip(&h), &g)?;
        proof.close(nudged2(|x| convolved2(x, &h), &x), input, scale2(&h, &g));
    }
    // As printed.
    for (x, h, g) in images::<GaussianInteger>(&mut proof) {
        let kernel = conv2d::flip(&spatial::kernel_2d(&x, &g)?);
        let input = spatial::input_2d(&conv2d::flip(&h), &g)?;
        let symbols = learning2(&x, &h, &g)?.value("y", printed_image(&convolved2(&x, &h)));
        let symbols = symbols.value("\\partial L / \\partial h", printed_image(&kernel));
        proof.printed(&symbols.value("\\partial L / \\partial x", printed_image(&input)));
    }
    Ok(())
}

/// A 4 × 4 image, a 3 × 3 kernel: nine weights, four pixels each, written out. Catches a pixel of the wrong window.
#[test]
fn grad_kernel_4x4() -> Result<()> {
    let mut proof = Proof::exact("grad-kernel-4x4");
    for [x, g] in numbers([16, 4], &mut proof) {
        let [x11, x12, x13, x14, x21, x22, x23, x24, x31, x32, x33, x34, x41, x42, x43, x44] = fixed(&x);
        let [g11, g12, g21, g22] = fixed(&g);
        let expected = array![
            [
                g11 * x11 + g12 * x12 + g21 * x21 + g22 * x22,
                g11 * x12 + g12 * x13 + g21 * x22 + g22 * x23,
                g11 * x13 + g12 * x14 + g21 * x23 + g22 * x24,
            ],
            [
                g11 * x21 + g12 * x22 + g21 * x31 + g22 * x32,
                g11 * x22 + g12 * x23 + g21 * x32 + g22 * x33,
                g11 * x23 + g12 * x24 + g21 * x33 + g22 * x34,
            ],
            [
                g11 * x31 + g12 * x32 + g21 * x41 + g22 * x42,
                g11 * x32 + g12 * x33 + g21 * x42 + g22 * x43,
                g11 * x33 + g12 * x34 + g21 * x43 + g22 * x44,
            ],
        ];
        let (x, g) = (image(x, (4, 4)), image(g, (2, 2)));
        proof.equal(&spatial::kernel_2d(&x, &g)?, &expected);
        proof.equal(&explicit::kernel_2d(&x, &g)?, &expected);
    }
    as_printed_4x4(&mut proof)
}

/// The sixteen pixels of the same layer: 36 products, 1, 2 or 4 of them for a pixel, written out. Catches a kernel
/// turned, and a term lost at a border.
#[test]
fn grad_input_4x4() -> Result<()> {
    let mut proof = Proof::exact("grad-input-4x4");
    for [h, g] in numbers([9, 4], &mut proof) {
        let [h11, h12, h13, h21, h22, h23, h31, h32, h33] = fixed(&h);
        let [g11, g12, g21, g22] = fixed(&g);
        let expected = array![
            [g11 * h11, g11 * h12 + g12 * h11, g11 * h13 + g12 * h12, g12 * h13],
            [
                g11 * h21 + g21 * h11,
                g11 * h22 + g12 * h21 + g21 * h12 + g22 * h11,
                g11 * h23 + g12 * h22 + g21 * h13 + g22 * h12,
                g12 * h23 + g22 * h13,
            ],
            [
                g11 * h31 + g21 * h21,
                g11 * h32 + g12 * h31 + g21 * h22 + g22 * h21,
                g11 * h33 + g12 * h32 + g21 * h23 + g22 * h22,
                g12 * h33 + g22 * h23,
            ],
            [g21 * h31, g21 * h32 + g22 * h31, g21 * h33 + g22 * h32, g22 * h33],
        ];
        let (h, g) = (image(h, (3, 3)), image(g, (2, 2)));
        proof.equal(&spatial::input_2d(&h, &g)?, &expected);
        proof.equal(&explicit::input_2d(&h, &g)?, &expected);
    }
    as_printed_4x4(&mut proof)
}

/// The pixels of a 4 × 4 image feed 1, 2 or 4 outputs of a 3 × 3 kernel. Catches a count that forgets a border.
#[test]
fn grad_coverage_4x4() -> Result<()> {
    let mut proof = Proof::exact("grad-coverage-4x4");
    let written = array![[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]];
    proof.equal(&array![[1], [2], [2], [1]].dot(&array![[1, 2, 2, 1]]), &written);
    let fed = Array2::from_shape_fn((4, 4), |at| {
        let mut lit = Array2::<i64>::zeros((4, 4));
        lit[at] = 1;
        correlated2(&lit, &Array2::ones((3, 3))).iter().filter(|&&y| y != 0).count() as i64
    });
    proof.equal(&fed, &written);
    proof.equal(spatial::input_2d(&Array2::<i64>::ones((3, 3)), &Array2::ones((2, 2)))?, &written);
    let kernel = matrix::correlation2(&Array2::<i64>::ones((3, 3)), (4, 4), Valid)?;
    let columns: Vec<i64> = kernel.column_iter().map(|column| column.sum()).collect();
    proof.equal(columns, pixels(&written));
    proof.equal(written.sum(), 36_i64);
    as_printed_4x4(&mut proof)
}

/// A step against the gradient changes half a squared distance by η‖∇‖² − ½η²‖X∇‖², which is a gain for every
/// η ≤ 2/‖X‖², and a loss beyond twice the best step. Catches a step along the gradient, and a factor 2.
#[test]
fn sgd_step() -> Result<()> {
    let mut proof = Proof::numeric("sgd-step", 1e-9);
    for (x, h) in proof.images::<f64>(S2) {
        let t = proof.image::<f64>((x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1));
        let distance = |h: &Array2<f64>| (correlated2(&x, h) - &t).mapv(|d| d * d).sum() / 2.0;
        let gradient = spatial::kernel_2d(&x, &(correlated2(&x, &h) - &t))?;
        let along = correlated2(&x, &gradient);
        let (slope, bend) = (norm(&gradient).powi(2), norm(&along).powi(2));
        let largest = matrix::im2col(&x, h.dim())?.singular_values()[0];
        for eta in [0.25, 1.0, 2.0].map(|share| share / largest.powi(2)) {
            let gain = distance(&h) - distance(&(&h - &(&gradient * eta)));
            proof.close(gain, eta * slope - eta * eta / 2.0 * bend, 1.0 + distance(&h));
            proof.holds(gain >= -1e-9 * (1.0 + distance(&h)));
        }
        // Beyond twice the best step along this line the loss grows.
        let too_far = 2.5 * slope / bend;
        proof.holds(distance(&(&h - &(&gradient * too_far))) > distance(&h));
    }
    // Over whole numbers nothing is rounded: twice the loss, with η = 1.
    for (x, h, t) in images::<i64>(&mut proof) {
        let distance = |h: &Array2<i64>| (correlated2(&x, h) - &t).mapv(|d| d * d).sum();
        let gradient = spatial::kernel_2d(&x, &(correlated2(&x, &h) - &t))?;
        let along = correlated2(&x, &gradient);
        let gain = distance(&h) - distance(&(&h - &gradient));
        proof.equal(gain, 2 * gradient.mapv(|d| d * d).sum() - along.mapv(|d| d * d).sum());
    }
    // As printed.
    for (x, h) in proof.pairs::<f64>(S1) {
        let t = proof.signal::<f64>(x.len() - h.len() + 1);
        let windows = matrix::windows(&x, h.len())?;
        let missed: Vec<f64> = correlated(&x, &h).iter().zip(&t).map(|(y, t)| y - t).collect();
        let gradient = spatial::kernel_1d(&x, &missed)?;
        let best = (norm(&gradient) / norm(times(&windows, &gradient))).powi(2);
        // Up to twice the best rate nothing is lost. Against the gradient, and beyond, something is.
        for share in [-0.1, 0.0, 1.0, 1.9, 2.0, 2.1] {
            let symbols = learning(&x, &h, &t)?.value("t", printed(&t));
            let symbols = symbols.value("v", printed(&gradient));
            let symbols = symbols.value("\\eta", (share * best).print());
            proof.printed_close(&symbols, (1.0 + norm(&missed)).powi(2) * (1.0 + norm(&windows)));
        }
    }
    Ok(())
}

/// A central difference with step t is the derivative of a parabola, and misses that of a third power by t²; so it misses
/// that of a cubic by t² times its leading coefficient. Catches a one-sided difference, which misses by a multiple of t.
#[test]
fn central_difference() {
    let mut proof = Proof::exact("central-difference");
    for _ in 0..64 {
        let [a, b, c, d, p, t] =
            fixed(&proof.signal::<i64>(6).into_iter().map(i128::from).collect::<Vec<_>>());
        let f = |q: i128| a * q * q * q + b * q * q + c * q + d;
        let power = |e: u32| (p + t).pow(e) - (p - t).pow(e);
        proof.equal([power(2), power(3)], [2 * t * 2 * p, 2 * t * (3 * p * p + t * t)]);
        proof.equal(f(p + t) - f(p - t), 2 * t * (3 * a * p * p + 2 * b * p + c + a * t * t));
    }
    // The referee is that quotient: at step t its error on q³ is t², far above rounding for large t.
    for p in [0.0, 3.0e3, -5.0e4] {
        let found = gradient(|q| q[0] * q[0] * q[0], &[p])[0];
        let t = step(p);
        proof.holds((found - 3.0 * p * p - t * t).abs() <= 1e-9 * (1.0 + p * p));
        // Along a direction, however long it is drawn, the coordinate moves by the same step.
        for v in [1.0, -1e6, 1e-6, 0.0] {
            let along = directional(|q| q[0] * q[0] * q[0], &[p], &[v]);
            proof.holds((along - v * found).abs() <= 1e-9 * v.abs() * (1.0 + p * p));
        }
    }
    // As printed.
    for _ in 0..64 {
        let [z, t] = [(); 2].map(|()| proof.signal::<GaussianInteger>(1)[0]);
        // A step back is as good as a step ahead; without a step there is no quotient.
        for t in [t.re.abs() + 1, -t.re.abs() - 1, 0] {
            proof.printed(&meaning::symbols().value("z", z.print()).value("t", t.print()));
        }
    }
}

/// Bending costs α t² and rounding β/t; the sum is least where 2α t³ = β, and there rounding costs twice what bending
/// does. Catches a step of the order of √ε, which is right for one-sided differences.
#[test]
fn difference_step() {
    let mut proof = Proof::numeric("difference-step", 1e-12);
    for _ in 0..64 {
        let [alpha, beta] = [(); 2].map(|()| proof.signal::<f64>(1)[0].exp());
        let s = (beta / (2.0 * alpha)).cbrt();
        let cost = |t: f64| alpha * t * t + beta / t;
        proof.close(cost(s), 3.0 * alpha * s * s, cost(s));
        proof.close(2.0 * alpha * s * s, beta / s, cost(s));
        // As printed.
        let symbols = |t: f64| {
            let symbols = meaning::symbols().value("\\alpha", alpha.print()).value("\\beta", beta.print());
            symbols.value("s", s.print()).value("t", t.print())
        };
        for t in (-20..=20).map(|power| s * f64::powf(1.5, f64::from(power))) {
            proof.holds(cost(t) >= cost(s) * (1.0 - 1e-12));
            proof.printed_close(&symbols(t), cost(t));
        }
        // Without a step nothing can be divided by it, and a negative one would seem to cost less.
        for t in [0.0, -s / 2.0, -s] {
            proof.printed_close(&symbols(t), cost(s));
        }
    }
    // With α = ½ and β = ε that is the step of the crate.
    proof.close(step(0.5), f64::EPSILON.cbrt(), CUBE_ROOT_OF_EPSILON);
    proof.close(step(-40.0), 40.0 * f64::EPSILON.cbrt(), 40.0 * CUBE_ROOT_OF_EPSILON);
    // And the best of all powers of ten, seen from outside: the derivative of 1/(1 + p²).
    let miss = |t: f64| {
        let f = |p: f64| 1.0 / (1.0 + p * p);
        let points = (1..=32).map(|k| f64::from(k) / 16.0);
        points.map(|p| ((f(p + t) - f(p - t)) / (2.0 * t) + 2.0 * p * f(p) * f(p)).abs()).fold(0.0, f64::max)
    };
    proof.holds([1e-2, 1e-3, 1e-4, 1e-7, 1e-8, 1e-9].into_iter().all(|t| miss(t) > 3.0 * miss(step(0.0))));
}

/// ∂L/∂b[o] is the sum of g over images and places, and nothing about the input. Catches a mean, and a sum over filters.
#[test]
fn grad_bias() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-bias", NUDGED);
    for case in layers(&mut proof) {
        let g = proof.tensor::<i64>(case.outputs);
        let [_, filters, rows, columns] = case.outputs;
        let mut expected = vec![0; filters];
        for ((_, o, _, _), g) in g.indexed_iter() {
            expected[o] += g;
        }
        proof.equal(spatial::bias(&g), &expected);
        let (x, w) = (proof.tensor::<i64>(case.input), proof.tensor::<i64>(case.kernel));
        proof.equal(spatial::layer(&x, &w, &g, case.geometry)?.bias, &expected);
        proof.equal(explicit::layer(&x, &w, &g, case.geometry)?.bias, &expected);

        let bias = proof.signal::<f64>(filters);
        let y = defined::<f64>(&proof.tensor(case.input), &proof.tensor(case.kernel), &case);
        let with = |bias: &[f64]| -> Vec<f64> {
            y.iter().enumerate().map(|(at, y)| y + bias[at / (rows * columns) % filters]).collect()
        };
        let g = slope(&with(&bias));
        let tensor = Array4::from_shape_vec(case.outputs, g.clone()).expect("as many as the outputs");
        proof.close(nudged(with, &bias), spatial::bias(&tensor), 1.0 + norm(&g));
    }
    // As printed.
    for case in layers(&mut proof) {
        let (x, w) = (proof.tensor(case.input), proof.tensor(case.kernel));
        let g = proof.tensor(case.outputs);
        proof.printed(&learning4(&x, &w, &g, &case)?);
    }
    Ok(())
}

/// ∂L/∂W = G I(x)ᵀ, ∂L/∂I = Wᵀ G and ∂L/∂x = col2im(Wᵀ G), summed over the batch. Catches filters and images
/// exchanged in G, col2im taken for an inverse, and a batch that is averaged.
#[test]
fn grad_multichannel() -> Result<()> {
    let mut proof = Proof::finite_difference("grad-multichannel", 1e-6);
    for case in layers(&mut proof) {
        let (x, w) = (proof.tensor::<i64>(case.input), proof.tensor::<i64>(case.kernel));
        let g = proof.tensor::<i64>(case.outputs);
        let (rows, taps) = (layer::outputs_matrix(&g), layer::weights(&w));
        let windows = layer::im2col(&x, case.layer.kernel, case.geometry)?;
        let (by_kernel, by_input) = scattered(&x, &w, &g, &case);
        let found = explicit::layer(&x, &w, &g, case.geometry)?;
        proof.equal(layer::weights(&found.kernel), &rows * windows.transpose());
        proof.equal(&found.kernel, &by_kernel);
        let columns = taps.transpose() * &rows;
        let folded = layer::col2im(&columns, case.input, case.layer.kernel, case.geometry)?;
        proof.equal(&found.input, folded);
        proof.equal(&found.input, &by_input);
        // ∂L/∂I: the loss ⟨W I, G⟩ is linear in every entry of I.
        proof.equal((&taps * &windows).dot(&rows), windows.dot(&columns));
    }
    for case in layers(&mut proof) {
        let (x, w) = (proof.tensor::<f64>(case.input), proof.tensor::<f64>(case.kernel));
        let y = defined(&x, &w, &case);
        let g = Array4::from_shape_vec(case.outputs, slope(&entries(&y))).expect("as many as the outputs");
        for found in [spatial::layer(&x, &w, &g, case.geometry)?, explicit::layer(&x, &w, &g, case.geometry)?]
        {
            let by = |w: &[f64]| entries(&defined(&x, &folded(w, case.kernel), &case));
            let (kernel, g) = (entries(&found.kernel), entries(&g));
            proof.close(nudged(by, &entries(&w)), kernel, scale(&entries(&x), &g));
            // The input is large; three directions test all of it at once.
            for _ in 0..3 {
                let direction = entries(&proof.tensor::<f64>(case.input));
                let by = |x: &[f64]| loss(&entries(&defined(&folded(x, case.input), &w, &case)));
                let exact = inner(&entries(&found.input), &direction);
                let nudged = directional(by, &entries(&x), &direction);
                proof.close(nudged, exact, scale(&entries(&found.input), &direction));
            }
        }
    }
    // As printed, with matrices from independent loops.
    for case in small_layers(2) {
        let (x, w) = (proof.tensor::<i64>(case.input), proof.tensor::<i64>(case.kernel));
        let g = proof.tensor::<i64>(case.outputs);
        let (taps, rows) = (layer::weights(&w), layer::outputs_matrix(&g));
        let by_windows = Array2::from_shape_fn((taps.ncols(), rows.ncols()), |(tap, window)| {
            (0..taps.nrows()).map(|o| taps[(o, tap)] * rows[(o, window)]).sum::<i64>()
        });
        let (by_kernel, by_input) = scattered(&x, &w, &g, &case);
        let matrix_of = |a: &DMatrix<i64>| printed_image(&matrix::to_array(a));
        let (kernel, geometry, input) = (case.layer.kernel, case.geometry, case.input);
        let symbols = learning4(&x, &w, &g, &case)?
            .value("W", matrix_of(&taps))
            .value("G", matrix_of(&rows))
            .function("\\mathcal{I}(#)", move |places| {
                let x =
                    places[0].tensor()?.clone().into_dimensionality().map_err(|error| error.to_string())?;
                meaning::from_nalgebra(layer::im2col::<Exact>(&x, kernel, geometry))
            })
            .function("col2im(#)", move |places| {
                let columns = matrix::from_array(&places[0].matrix()?);
                let image = layer::col2im(&columns, input, kernel, geometry).map_err(meaning::said)?;
                Ok(image.into_dyn().into())
            })
            .value("\\partial L / \\partial W", matrix_of(&layer::weights(&by_kernel)))
            .value("\\partial L / \\partial \\mathcal{I}", printed_image(&by_windows))
            .value("\\partial L / \\partial x", by_input.map(Printed::print).into_dyn());
        proof.printed(&symbols);
    }
    Ok(())
}

/// The gradients of a layer entry by entry: tap (a, b) met pixel (s i + d a, s j + d b) of the padded image in output (i, j).
/// Seen as convolutions, stride and dilation change places. Catches stride in the place of dilation, padding not cropped, and
/// vertical taken for horizontal.
#[test]
fn grad_strided_scalar() -> Result<()> {
    let mut proof = Proof::numeric("grad-strided-scalar", 1e-12);
    for case in layers(&mut proof) {
        let (x, w) = (proof.tensor::<i64>(case.input), proof.tensor::<i64>(case.kernel));
        let g = proof.tensor::<i64>(case.outputs);
        let (by_kernel, by_input) = scattered(&x, &w, &g, &case);
        let found = spatial::layer(&x, &w, &g, case.geometry)?;
        proof.equal(&found.kernel, &by_kernel);
        proof.equal(&found.input, &by_input);
        proof.equal(swapped(&x, &g, &case)?, by_kernel);

        let (x, w) = (proof.tensor::<f64>(case.input), proof.tensor::<f64>(case.kernel));
        let g = proof.tensor::<f64>(case.outputs);
        let (by_kernel, by_input) = scattered(&x, &w, &g, &case);
        let found = spatial::layer(&x, &w, &g, case.geometry)?;
        proof.close(&found.kernel, &by_kernel, 1.0 + norm(&x) * norm(&g));
        proof.close(&found.input, &by_input, 1.0 + norm(&w) * norm(&g));
    }
    // As printed.
    for case in small_layers(1) {
        let (x, w) = (proof.tensor(case.input), proof.tensor(case.kernel));
        let g = proof.tensor(case.outputs);
        proof.printed(&learning4(&x, &w, &g, &case)?);
    }
    Ok(())
}

/// The gradient by the weights as a layer of its own: channels in the place of images, g in the place of the kernel,
/// stride and dilation exchanged. Where windows left pixels over at the end, it has outputs that no tap stands for.
fn swapped(x: &Array4<i64>, g: &Array4<i64>, case: &Case) -> Result<Array4<i64>> {
    let Geometry { stride, padding, dilation } = case.geometry;
    let (x, g) = (x.view().permuted_axes([1, 0, 2, 3]), g.view().permuted_axes([1, 0, 2, 3]));
    let geometry = Geometry { stride: dilation, padding, dilation: stride };
    let all = layer::forward(&x.to_owned(), &g.to_owned(), None, geometry)?;
    let (kh, kw) = case.layer.kernel;
    Ok(all.permuted_axes([1, 0, 2, 3]).slice(s![.., .., ..kh, ..kw]).to_owned())
}

/// ⟨W, ∂L/∂W⟩ = ⟨x, ∂L/∂x⟩ = ⟨y, g⟩: a layer without bias is linear in the weights and linear in the input. Catches
/// almost everything, in one line.
#[test]
fn grad_bilinear_euler() -> Result<()> {
    let mut proof = Proof::numeric("grad-bilinear-euler", 1e-12);
    for case in layers(&mut proof) {
        let (x, w) = (proof.tensor::<i64>(case.input), proof.tensor::<i64>(case.kernel));
        let g = proof.tensor::<i64>(case.outputs);
        let expected = inner(&entries(&defined(&x, &w, &case)), &entries(&g));
        for found in [spatial::layer(&x, &w, &g, case.geometry)?, explicit::layer(&x, &w, &g, case.geometry)?]
        {
            proof.equal(inner(&entries(&w), &entries(&found.kernel)), expected);
            proof.equal(inner(&entries(&x), &entries(&found.input)), expected);
        }
        let (x, w) = (proof.tensor::<f64>(case.input), proof.tensor::<f64>(case.kernel));
        let g = proof.tensor::<f64>(case.outputs);
        let found = spatial::layer(&x, &w, &g, case.geometry)?;
        let y = entries(&layer::forward(&x, &w, None, case.geometry)?);
        let (x, w, g) = (entries(&x), entries(&w), entries(&g));
        let expected = inner(&y, &g);
        let scale = 1.0 + norm(&x) * norm(&w) * norm(&g);
        proof.close(inner(&w, &entries(&found.kernel)), expected, scale);
        proof.close(inner(&x, &entries(&found.input)), expected, scale);
    }
    // As printed.
    for case in layers(&mut proof) {
        let (x, w) = (proof.tensor(case.input), proof.tensor(case.kernel));
        let g = proof.tensor(case.outputs);
        proof.printed(&learning4(&x, &w, &g, &case)?);
    }
    Ok(())
}
