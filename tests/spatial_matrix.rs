//! Proofs of the chapter "2D Spatial Convolution as a Matrix Multiply": which matrix multiplies the vector of an image,
//! which one multiplies the vector of a kernel, and what channels, strides, padding and dilation make of both.

mod meaning;

use formula::{Map, Outcome, Symbols, Value};
use locality::conv2d::Mode::{Full, Valid};
use locality::conv2d::{self, correlate, flip, outer};
use locality::layer::{self, Geometry, forward, from_outputs, outputs_matrix, transposed, weights};
use locality::matrix::{self, bccb, circulant, col2im, convolution2, correlation2, im2col, unvec, vec};
use locality::nalgebra::{DMatrix, DVector};
use locality::ndarray::{Array2, Array4, ArrayD, ArrayRef2, ArrayRef4, Axis, s};
use locality::num_complex::Complex;
use locality::scalar::RootOfUnity;
use locality::{Result, Scalar, conv1d};
use meaning::layer::{printed_tensor, same_along_both_axes};
use proof::{Draw, GaussianInteger, Layer, Number, Proof, S1, S2, S3, norm, printed, printed_image};

/// The shapes a torus is tried in: one pixel, one row, square, odd and even.
const D2: &[(usize, usize)] = &[(1, 1), (1, 5), (4, 4), (2, 3), (3, 2), (5, 7), (8, 6), (7, 7)];

/// What an exact proof computes with.
trait Exact: Scalar + Draw + Number {}
impl<T: Scalar + Draw + Number> Exact for T {}

/// Convolution, scattered: sample n and tap k leave their product at n + k.
fn scattered<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    let mut y = vec![T::zero(); x.len() + h.len() - 1];
    for (n, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            y[n + k] += tap.clone() * sample.clone();
        }
    }
    y
}

/// Valid correlation, window by window.
fn windowed<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    x.windows(h.len()).map(|window| dot(window, h)).collect()
}

/// Convolution of images, scattered.
fn scattered2<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let mut y = Array2::zeros((x.nrows() + h.nrows() - 1, x.ncols() + h.ncols() - 1));
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[m + a, n + b]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// Valid correlation of images, window by window.
fn windowed2<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let outputs = x.windows(h.dim()).into_iter().map(|window| dot(window, h)).collect();
    Array2::from_shape_vec(valid(x, h), outputs).expect("one output per window")
}

/// Convolution on a torus, scattered: what leaves it at one edge comes back at the opposite one.
fn on_torus<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let mut y = Array2::zeros(x.dim());
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[(m + a) % x.nrows(), (n + b) % x.ncols()]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// Correlation on a torus, scattered.
fn correlated_on_torus<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let mut y = Array2::zeros(x.dim());
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            let (i, j) = (m + x.nrows() - a, n + x.ncols() - b);
            y[[i % x.nrows(), j % x.ncols()]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// The shape of the valid outputs.
fn valid<T>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> (usize, usize) {
    (x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1)
}

/// Σ a b over all entries, without conjugation.
fn dot<'a, T: Scalar>(a: impl IntoIterator<Item = &'a T>, b: impl IntoIterator<Item = &'a T>) -> T {
    a.into_iter().zip(b).fold(T::zero(), |sum, (a, b)| sum + a.clone() * b.clone())
}

/// Tap (to − from) of a kernel on a torus, or zero where it has none.
fn wrapped<T: Scalar>(
    h: &ArrayRef2<T>,
    shape: (usize, usize),
    from: (usize, usize),
    to: (usize, usize),
) -> T {
    let tap = ((to.0 + shape.0 - from.0) % shape.0, (to.1 + shape.1 - from.1) % shape.1);
    h.get(tap).cloned().unwrap_or_else(T::zero)
}

/// Images on a torus, and kernels up to its size: on the shapes of [`D2`] and 64 more.
fn tori<T: Draw>(proof: &mut Proof) -> Vec<(Array2<T>, Array2<T>)> {
    let whole = D2.iter().map(|&shape| (shape, shape));
    let part = D2.iter().map(|&(height, width)| ((height, width), (height.div_ceil(2), width.div_ceil(2))));
    proof.images(&whole.chain(part).collect::<Vec<_>>())
}

/// A random matrix.
fn random<T: Scalar + Draw>(proof: &mut Proof, (rows, columns): (usize, usize)) -> DMatrix<T> {
    DMatrix::from_vec(rows, columns, proof.signal(rows * columns))
}

/// All pairs of numbers in a range.
fn pairs(range: std::ops::RangeInclusive<usize>) -> impl Iterator<Item = (usize, usize)> {
    range.clone().flat_map(move |a| range.clone().map(move |b| (a, b)))
}

/// All strides from 1, paddings from 0 and dilations from 1 up to those given.
fn steps(stride: usize, padding: usize, dilation: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (1..=stride).flat_map(move |s| (0..=padding).flat_map(move |p| (1..=dilation).map(move |d| (s, p, d))))
}

/// How many windows of `k` samples cover sample `m` of `n`: min(m, n − k) − max(0, m − k + 1) + 1.
fn covering(m: usize, n: usize, k: usize) -> usize {
    m.min(n - k) - (m + 1).saturating_sub(k) + 1
}

/// Tap `to − from` of a kernel, or zero where it has none.
fn lag<T: Scalar>(h: &[T], from: usize, to: usize) -> T {
    to.checked_sub(from).and_then(|lag| h.get(lag)).cloned().unwrap_or_else(T::zero)
}

/// Tap `to − from` of a kernel of images, or zero where it has none.
fn lag2<T: Scalar>(h: &ArrayRef2<T>, from: (usize, usize), to: (usize, usize)) -> T {
    let tap = to.0.checked_sub(from.0).zip(to.1.checked_sub(from.1)).and_then(|tap| h.get(tap));
    tap.cloned().unwrap_or_else(T::zero)
}

/// The matrix of a map from images to images: in the row of output pixel (i, j) and the column of input pixel (m, n)
/// stands `entry((i, j), (m, n))`.
fn between<T: Scalar>(
    outputs: (usize, usize),
    inputs: (usize, usize),
    entry: impl Fn((usize, usize), (usize, usize)) -> T,
) -> DMatrix<T> {
    DMatrix::from_fn(outputs.0 * outputs.1, inputs.0 * inputs.1, |row, column| {
        entry((row / outputs.1, row % outputs.1), (column / inputs.1, column % inputs.1))
    })
}

/// T(h), by its definition: T(h)[i, j] = h[j − i].
fn toeplitz<T: Scalar>(h: &[T], n: usize) -> DMatrix<T> {
    DMatrix::from_fn(n - h.len() + 1, n, |i, j| lag(h, i, j))
}

/// T_full(h), by its definition: T_full(h)[i, j] = h[i − j].
fn full_toeplitz<T: Scalar>(h: &[T], n: usize) -> DMatrix<T> {
    DMatrix::from_fn(n + h.len() - 1, n, |i, j| lag(h, j, i))
}

/// S_a, by its definition: S_a[i, m] = 1 if m = i + a.
fn shift<T: Scalar>(rows: usize, columns: usize, a: usize) -> DMatrix<T> {
    DMatrix::from_fn(rows, columns, |i, m| if m == i + a { T::one() } else { T::zero() })
}

/// The sum of matrices of one shape.
fn sum<T: Scalar>(shape: (usize, usize), terms: impl IntoIterator<Item = DMatrix<T>>) -> DMatrix<T> {
    terms.into_iter().fold(DMatrix::from_element(shape.0, shape.1, T::zero()), |sum, term| sum + term)
}

/// A column vector.
fn column<T: Scalar>(x: &[T]) -> DVector<T> {
    DVector::from_column_slice(x)
}

/// The rows of a matrix that stand for the pixels (i, j) of an image `width` wide, with i and j in the ranges.
fn rows_of<T: Scalar>(
    a: &DMatrix<T>,
    width: usize,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
) -> DMatrix<T> {
    let pixels = rows.flat_map(|i| columns.clone().map(move |j| i * width + j)).collect::<Vec<_>>();
    a.select_rows(&pixels)
}

/// A matrix as it is printed: a line per row, and in it a label per entry. `h2` is the second number of a signal, `h12`
/// the second of the first row of an image; bars between blocks and rules between rows of blocks mean nothing.
fn written<T: Scalar>(text: &str, values: &ArrayRef2<T>) -> DMatrix<T> {
    let entries = |line: &str| {
        line.split_whitespace().filter(|&entry| entry != "|").map(|entry| label(entry, values)).collect()
    };
    let rows: Vec<Vec<T>> = text.trim().lines().map(entries).collect();
    DMatrix::from_row_iterator(rows.len(), rows[0].len(), rows.concat())
}

/// The number that a label means, counted from 1 as the article does; 0 is zero.
fn label<T: Scalar>(label: &str, values: &ArrayRef2<T>) -> T {
    let digits: Vec<usize> = label.chars().filter_map(|c| c.to_digit(10)).map(|d| d as usize).collect();
    match digits[..] {
        [0] => T::zero(),
        [n] => values[[0, n - 1]].clone(),
        [i, j] => values[[i - 1, j - 1]].clone(),
        _ => panic!("{label} is no label"),
    }
}

/// The circulant matrix of three taps on a circle of four, as it is printed.
const CIRCULANT: &str = "
    h1 0  h3 h2
    h2 h1 0  h3
    h3 h2 h1 0
    0  h3 h2 h1";

/// Images or kernels of one shape in which no two numbers are equal and none is zero: 1, 2, 3, …, and 64 random ones.
fn distinct(proof: &mut Proof, (height, width): (usize, usize)) -> Vec<Array2<i64>> {
    let counted = Array2::from_shape_fn((height, width), |(i, j)| (width * i + j + 1) as i64);
    let random = (0..64).map(|_| 100 * &counted + proof.image::<i64>(counted.dim()));
    [counted.clone()].into_iter().chain(random).collect()
}

/// A kernel with its zeros filled in.
fn without_zeros(h: &ArrayRef2<i64>) -> Array2<i64> {
    h.mapv(|tap| if tap == 0 { 10 } else { tap })
}

/// An image and a kernel, and how many windows cover a row and a column: counted, not calculated.
fn covered(x: &Array2<i64>, h: &Array2<i64>) -> Symbols<formula::Exact> {
    let count = |n: usize, k: usize| {
        move |places: &[Value<formula::Exact>]| {
            let m = places[0].size()?;
            let windows = (0..=n - k).filter(|start| (*start..start + k).contains(&m)).count();
            Ok(formula::Number::whole(windows as i64)).map(|count: formula::Exact| count.into())
        }
    };
    meaning::image(x, h)
        .function("c_H(#)", count(x.nrows(), h.nrows()))
        .function("c_W(#)", count(x.ncols(), h.ncols()))
}

/// The map that lays the numbers of a tensor `step` apart.
fn spreading(step: usize) -> Outcome<Value<formula::Exact>> {
    if step == 0 {
        return Err("numbers are laid one or more apart".into());
    }
    Ok(Map::new(move |w: &ArrayD<formula::Exact>| match w.view().into_dimensionality() {
        Ok(w) => Ok(spread(&w, (step, step)).into_dyn()),
        Err(error) => Err(error.to_string()),
    })
    .into())
}

/// E, which pads a row of taps to four and a kernel to four by four.
fn four_a_side() -> Map<formula::Exact> {
    Map::new(|h: &ArrayD<formula::Exact>| meaning::padded(h, &vec![4; h.ndim()]))
}

/// Whether dilation makes a kernel larger along both axes, and not by as much as it is.
fn spreads((layer, geometry): &(Layer, Geometry)) -> bool {
    geometry.dilation.0 > 1 && layer.kernel.0 > 2 && layer.kernel.1 > 2
}

/// Whether sums over all windows and taps, for every pixel, are soon done.
fn has_few_products((layer, geometry): &(Layer, Geometry)) -> bool {
    let outputs = geometry.outputs(layer.image, layer.kernel).map_or(0, |(p, q)| p * q);
    let sizes = [layer.input(), layer.weights()].concat();
    outputs * sizes.iter().product::<usize>() < 200_000
}

/// The shape of the valid outputs, if the kernel fits.
fn valid_shape(image: (usize, usize), kernel: (usize, usize)) -> Option<(usize, usize)> {
    Some(((image.0 + 1).checked_sub(kernel.0)?, (image.1 + 1).checked_sub(kernel.1)?))
        .filter(|shape| shape.0 > 0 && shape.1 > 0)
}

/// Where the windows of the layer stand.
fn geometry(layer: &Layer) -> Geometry {
    Geometry { stride: layer.stride, padding: layer.padding, dilation: layer.dilation }
}

/// The layers of the sweep whose kernel fits into the bare image.
fn fitting(proof: &mut Proof) -> Vec<Layer> {
    let fits = |layer: &Layer| layer.kernel.0 <= layer.image.0 && layer.kernel.1 <= layer.image.1;
    proof.layers(S3).into_iter().filter(fits).collect()
}

/// The starts of all windows, found one by one.
fn starts(n: usize, k: usize, s: usize, p: usize, d: usize) -> impl Iterator<Item = usize> {
    (0..n + 2 * p).step_by(s).filter(move |start| start + d * (k - 1) < n + 2 * p)
}

/// How many windows there are along both axes, counted.
fn windows(layer: &Layer) -> (usize, usize) {
    let Layer { image, kernel, stride, padding, dilation, .. } = *layer;
    (
        starts(image.0, kernel.0, stride.0, padding.0, dilation.0).count(),
        starts(image.1, kernel.1, stride.1, padding.1, dilation.1).count(),
    )
}

/// Every image with zeros around it.
fn surrounded<T: Scalar>(x: &ArrayRef4<T>, (rows, columns): (usize, usize)) -> Array4<T> {
    let (images, channels, height, width) = x.dim();
    let mut padded = Array4::zeros((images, channels, height + 2 * rows, width + 2 * columns));
    padded.slice_mut(s![.., .., rows..rows + height, columns..columns + width]).assign(x);
    padded
}

/// Every image or filter with its numbers `steps` apart, and zeros between them.
fn spread<T: Scalar>(x: &ArrayRef4<T>, steps: (usize, usize)) -> Array4<T> {
    let (images, channels, height, width) = x.dim();
    let size = |n: usize, step: usize| step * (n - 1) + 1;
    let mut spread = Array4::zeros((images, channels, size(height, steps.0), size(width, steps.1)));
    spread.slice_mut(s![.., .., ..;steps.0, ..;steps.1]).assign(x);
    spread
}

/// The layer as seven loops over a padded copy of the input.
fn seven_loops<T: Scalar>(x: &ArrayRef4<T>, w: &ArrayRef4<T>, bias: &[T], layer: &Layer) -> Array4<T> {
    let (stride, dilation) = (layer.stride, layer.dilation);
    let (x, (p, q)) = (surrounded(x, layer.padding), windows(layer));
    let mut y = Array4::zeros((layer.images, layer.filters, p, q));
    for n in 0..layer.images {
        for o in 0..layer.filters {
            for i in 0..p {
                for j in 0..q {
                    y[[n, o, i, j]] = bias[o].clone();
                    for c in 0..layer.channels {
                        for a in 0..layer.kernel.0 {
                            for b in 0..layer.kernel.1 {
                                let (u, v) = (stride.0 * i + dilation.0 * a, stride.1 * j + dilation.1 * b);
                                y[[n, o, i, j]] += w[[o, c, a, b]].clone() * x[[n, c, u, v]].clone();
                            }
                        }
                    }
                }
            }
        }
    }
    y
}

/// Row i of full convolution takes tap i − j of sample j: its matrix is Toeplitz, with the kernel running down the
/// first column. Catches a transposed or flipped matrix, a missing last row, and a conjugate.
#[test]
fn toeplitz_full() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let (n, k) = (x.len(), h.len());
            let built = matrix::convolution(&h, n, Full)?;
            proof.equal(&built, full_toeplitz(&h, n));
            let row = [&h[..1], &vec![T::zero(); n - 1]].concat();
            proof.equal(&built, matrix::toeplitz(&conv1d::pad(&h, n + k - 1)?, &row)?);
            proof.equal(built * column(&x), column(&scattered(&x, &h)));
        }
        Ok(())
    }

    let mut proof = Proof::exact("toeplitz-full");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// Row i of valid correlation takes tap j − i of sample j, and of valid convolution the flipped one. Catches a kernel
/// flipped in the wrong one of the two, and a band that starts a sample late.
#[test]
fn toeplitz_valid() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let (n, flipped) = (x.len(), conv1d::flip(&h));
            let correlation = matrix::correlation(&h, n, Valid)?;
            let convolution = matrix::convolution(&h, n, Valid)?;
            proof.equal(&correlation, toeplitz(&h, n));
            proof.equal(&convolution, toeplitz(&flipped, n));
            proof.equal(correlation * column(&x), column(&windowed(&x, &h)));
            proof.equal(convolution * column(&x), column(&scattered(&x, &h)[h.len() - 1..n]));
        }
        Ok(())
    }

    let mut proof = Proof::exact("toeplitz-valid");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The two matrices of three taps and five samples, entry by entry as they are printed.
#[test]
fn toeplitz_valid_5_3() -> Result<()> {
    const T: &str = "
        h1 h2 h3 0  0
        0  h1 h2 h3 0
        0  0  h1 h2 h3";
    const T_FULL: &str = "
        h1 0  0  0  0
        h2 h1 0  0  0
        h3 h2 h1 0  0
        0  h3 h2 h1 0
        0  0  h3 h2 h1
        0  0  0  h3 h2
        0  0  0  0  h3";
    let mut proof = Proof::exact("toeplitz-valid-5-3");
    // As printed.
    for h in distinct(&mut proof, (1, 3)) {
        proof.printed(&meaning::signal(&[0; 5], &h.row(0).to_vec()));
    }
    for h in distinct(&mut proof, (1, 3)) {
        let taps = h.row(0).to_vec();
        proof.equal(matrix::correlation(&taps, 5, Valid)?, written(T, &h));
        proof.equal(matrix::convolution(&taps, 5, Full)?, written(T_FULL, &h));
    }
    Ok(())
}

/// The transpose of valid correlation is full convolution with the same kernel, not flipped, and the other way round:
/// T(h)ᵀ g = g ∗ h, and ⟨x ⋆ h, g⟩ = ⟨x, g ∗ h⟩. Conjugated too, it is the same with the conjugate kernel. Catches the
/// flip that is not there.
#[test]
fn toeplitz_adjoint() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let n = x.len();
            let valid = matrix::correlation(&h, n, Valid)?;
            let full = matrix::convolution(&h, n, Full)?;
            let (g, long) = (proof.signal::<T>(valid.nrows()), proof.signal::<T>(full.nrows()));
            proof.equal(valid.transpose() * column(&g), column(&scattered(&g, &h)));
            proof.equal(full.transpose() * column(&long), column(&windowed(&long, &h)));
            let left = dot(&conv1d::correlate(&x, &h, Valid)?, &g);
            proof.holds(left == dot(&x, &conv1d::convolve(&g, &h, Full)?));
            let left = dot(&conv1d::convolve(&x, &h, Full)?, &long);
            proof.holds(left == dot(&x, &conv1d::correlate(&long, &h, Valid)?));
        }
        Ok(())
    }

    let mut proof = Proof::exact("toeplitz-adjoint");
    // As printed.
    // Real numbers: the inner product of the evaluator conjugates.
    for (x, h) in proof.pairs::<i64>(S1) {
        let (n, k) = (x.len(), h.len());
        let (short, long) = (proof.signal::<i64>(n - k + 1), proof.signal::<i64>(n + k - 1));
        proof.printed(&meaning::signal(&x, &h).value("g", printed(&short)).value("G", printed(&long)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)?;
    let conjugate = |z: &GaussianInteger| z.conj();
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let adjoint = matrix::correlation(&h, x.len(), Valid)?.transpose().map(|entry| entry.conj());
        let (g, kernel) = (proof.signal(adjoint.ncols()), h.iter().map(conjugate).collect::<Vec<_>>());
        proof.equal(adjoint * column(&g), column(&scattered(&g, &kernel)));
    }
    Ok(())
}

/// The matrix of the windows is constant along its anti-diagonals: Hankel, not Toeplitz. It times the kernel is what
/// the Toeplitz matrix of the kernel times the signal is. Catches windows that are read backwards, and rows taken for
/// columns.
#[test]
fn input_hankel() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let (rows, k) = (x.len() - h.len() + 1, h.len());
            let windows = matrix::windows(&x, k)?;
            proof.equal(&windows, DMatrix::from_fn(rows, k, |n, j| x[n + j].clone()));
            proof.equal(&windows, matrix::hankel(&x[..rows], &x[rows - 1..])?);
            let y = windows * column(&h);
            proof.equal(&y, column(&windowed(&x, &h)));
            proof.equal(&y, matrix::correlation(&h, x.len(), Valid)? * column(&x));
        }
        Ok(())
    }

    let mut proof = Proof::exact("input-hankel");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let windows = matrix::to_array(&matrix::windows(&x, h.len())?);
        proof.printed(&meaning::signal(&x, &h).value("X", printed_image(&windows)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// With every window read backwards the matrix is Toeplitz, and the kernel is convolved: X̃ = X J. Catches a signal
/// turned around as a whole.
#[test]
fn input_toeplitz() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let (n, k) = (x.len(), h.len());
            let windows = matrix::flipped_windows(&x, k)?;
            proof.equal(&windows, DMatrix::from_fn(n - k + 1, k, |n, j| x[n + k - 1 - j].clone()));
            let reversal = DMatrix::from_fn(k, k, |i, j| if i + j == k - 1 { T::one() } else { T::zero() });
            proof.equal(&windows, matrix::windows(&x, k)? * reversal);
            proof.equal(windows * column(&h), column(&scattered(&x, &h)[k - 1..n]));
        }
        Ok(())
    }

    let mut proof = Proof::exact("input-toeplitz");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let windows = matrix::to_array(&matrix::windows(&x, h.len())?);
        let flipped = matrix::to_array(&matrix::flipped_windows(&x, h.len())?);
        let symbols = meaning::signal(&x, &h).value("X", printed_image(&windows));
        proof.printed(&symbols.value("\\tilde X", printed_image(&flipped)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The circulant matrix of three taps on a circle of four samples, entry by entry as it is printed.
#[test]
fn circulant_4_3() -> Result<()> {
    let mut proof = Proof::exact("circulant-4-3");
    // As printed.
    for h in distinct(&mut proof, (1, 3)) {
        let on_four = |places: &[Value<formula::Exact>]| {
            meaning::from_nalgebra(circulant(&meaning::vector(&places[0])?, 4))
        };
        proof.printed(&meaning::signal(&[0; 4], &h.row(0).to_vec()).function("C(#)", on_four));
    }
    for h in distinct(&mut proof, (1, 3)) {
        proof.equal(circulant(&h.row(0).to_vec(), 4)?, written(CIRCULANT, &h));
    }
    Ok(())
}

/// The matrices of valid convolution, valid correlation and full convolution are rows or columns of circulant ones:
/// those without an entry that wraps around. Catches a crop at the wrong end.
#[test]
fn toeplitz_in_circulant() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let (n, k) = (x.len(), h.len());
            let (short, long) = (circulant(&h, n)?, circulant(&h, n + k - 1)?);
            proof.equal(toeplitz(&conv1d::flip(&h), n), short.rows(k - 1, n - k + 1).into_owned());
            proof.equal(toeplitz(&h, n), short.transpose().rows(0, n - k + 1).into_owned());
            proof.equal(full_toeplitz(&h, n), long.columns(0, n).into_owned());
        }
        Ok(())
    }

    let mut proof = Proof::exact("toeplitz-in-circulant");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The matrix of valid correlation of images: tap (m − i, n − j) at output (i, j) and pixel (m, n). Each of its blocks
/// is the Toeplitz matrix of a kernel row, or zero; its product is the sum over all windows. Catches height taken for
/// width, a transposed block, and column-major order.
#[test]
fn bttb_valid() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let ((height, width), (p, q)) = (x.dim(), valid(&x, &h));
            let built = correlation2(&h, (height, width), Valid)?;
            proof.equal(&built, between((p, q), (height, width), |(i, j), (m, n)| lag2(&h, (i, j), (m, n))));
            proof.equal(&built * vec(&x), vec(&windowed2(&x, &h)));
            proof.equal(unvec(&(&built * vec(&x)), (p, q))?, correlate(&x, &h, Valid)?);
            for i in 0..p {
                for m in 0..height {
                    let block = built.view((i * q, m * width), (q, width)).into_owned();
                    let row = m.checked_sub(i).filter(|&a| a < h.nrows());
                    let taps = row.map_or(vec![T::zero(); h.ncols()], |a| h.row(a).to_vec());
                    proof.equal(block, toeplitz(&taps, width));
                }
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("bttb-valid");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The blocks of B(h) are arranged by shift matrices: B = Σ h[a, b] S_a ⊗ S_b = Σ S_a ⊗ T(h[a, ·]), and a kernel u vᵀ
/// has B = T(u) ⊗ T(v). Catches factors that have changed places, which a square image does not show.
#[test]
fn bttb_kron() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let ((height, width), (p, q)) = (x.dim(), valid(&x, &h));
            let built = correlation2(&h, (height, width), Valid)?;
            let taps = h.indexed_iter().map(|((a, b), tap)| {
                shift::<T>(p, height, a).kronecker(&shift(q, width, b)).map(|entry| entry * tap.clone())
            });
            proof.equal(&built, sum(built.shape(), taps));
            let rows = h.rows().into_iter().enumerate();
            let rows = rows.map(|(a, row)| shift(p, height, a).kronecker(&toeplitz(&row.to_vec(), width)));
            proof.equal(&built, sum(built.shape(), rows));

            let (u, v) = (h.column(0).to_vec(), h.row(0).to_vec());
            let separable = correlation2(&outer(&u, &v), (height, width), Valid)?;
            proof.equal(separable, toeplitz(&u, height).kronecker(&toeplitz(&v, width)));
            for a in 0..=height {
                proof.equal(matrix::shift::<T>(p, height, a)?, shift(p, height, a));
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("bttb-kron");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        let ((height, _), (kh, kw)) = (x.dim(), h.dim());
        let symbols = meaning::image(&x, &h).function("S_#", move |places| {
            let a = places[0].size()?;
            if a >= kh {
                return Err("there is one shift for each row of the kernel".into());
            }
            meaning::from_nalgebra(matrix::shift(height - kh + 1, height, a))
        });
        let (u, v) = (proof.signal::<GaussianInteger>(kh), proof.signal::<GaussianInteger>(kw));
        proof.printed(&symbols.value("u", printed(&u)).value("v", printed(&v)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The 4 × 16 matrix of a 4 × 4 image and a 3 × 3 kernel, entry by entry as it is printed.
#[test]
fn bttb_4x4_3x3() -> Result<()> {
    const B: &str = "
        h11 h12 h13 0   | h21 h22 h23 0   | h31 h32 h33 0   | 0   0   0   0
        0   h11 h12 h13 | 0   h21 h22 h23 | 0   h31 h32 h33 | 0   0   0   0
        0   0   0   0   | h11 h12 h13 0   | h21 h22 h23 0   | h31 h32 h33 0
        0   0   0   0   | 0   h11 h12 h13 | 0   h21 h22 h23 | 0   h31 h32 h33";
    let mut proof = Proof::exact("bttb-4x4-3x3");
    // As printed.
    for h in distinct(&mut proof, (3, 3)) {
        proof.printed(&meaning::image(&Array2::zeros((4, 4)), &h));
    }
    for h in distinct(&mut proof, (3, 3)) {
        proof.equal(correlation2(&h, (4, 4), Valid)?, written(B, &h));
    }
    Ok(())
}

/// The 9 × 16 matrix of a 4 × 4 image and a 2 × 2 kernel, entry by entry as it is printed.
#[test]
fn bttb_4x4_2x2() -> Result<()> {
    const B: &str = "
        h11 h12 0   0   | h21 h22 0   0   | 0   0   0   0   | 0   0   0   0
        0   h11 h12 0   | 0   h21 h22 0   | 0   0   0   0   | 0   0   0   0
        0   0   h11 h12 | 0   0   h21 h22 | 0   0   0   0   | 0   0   0   0
        0   0   0   0   | h11 h12 0   0   | h21 h22 0   0   | 0   0   0   0
        0   0   0   0   | 0   h11 h12 0   | 0   h21 h22 0   | 0   0   0   0
        0   0   0   0   | 0   0   h11 h12 | 0   0   h21 h22 | 0   0   0   0
        0   0   0   0   | 0   0   0   0   | h11 h12 0   0   | h21 h22 0   0
        0   0   0   0   | 0   0   0   0   | 0   h11 h12 0   | 0   h21 h22 0
        0   0   0   0   | 0   0   0   0   | 0   0   h11 h12 | 0   0   h21 h22";
    let mut proof = Proof::exact("bttb-4x4-2x2");
    // As printed.
    for h in distinct(&mut proof, (2, 2)) {
        proof.printed(&meaning::image(&Array2::zeros((4, 4)), &h));
    }
    for h in distinct(&mut proof, (2, 2)) {
        proof.equal(correlation2(&h, (4, 4), Valid)?, written(B, &h));
    }
    Ok(())
}

/// B(h) has K_h K_w entries in each row, all taps once, and in a column as many as there are windows that cover its
/// pixel. Catches taps that are lost at an edge or doubled at a seam.
#[test]
fn bttb_nnz() -> Result<()> {
    let mut proof = Proof::exact("bttb-nnz");
    // As printed.
    for (x, h) in proof.images::<i64>(S2) {
        proof.printed(&covered(&x, &without_zeros(&h)));
    }
    for (x, h) in proof.images::<i64>(S2) {
        let ((height, width), (p, q), (kh, kw)) = (x.dim(), valid(&x, &h), h.dim());
        let matrix = correlation2(&without_zeros(&h), (height, width), Valid)?;
        let nonzero = |entries: &[i64]| entries.iter().filter(|&&entry| entry != 0).count();
        proof.equal(nonzero(matrix.as_slice()), p * q * kh * kw);
        for row in matrix.transpose().column_iter() {
            proof.equal(nonzero(row.as_slice()), kh * kw);
        }
        for (pixel, column) in matrix.column_iter().enumerate() {
            let covered = covering(pixel / width, height, kh) * covering(pixel % width, width, kw);
            proof.equal(nonzero(column.as_slice()), covered);
        }
    }
    Ok(())
}

/// On a torus the lags wrap around both axes: tap ((i − m) mod H, (j − n) mod W), a block per kernel row. The matrix
/// convolves, its transpose correlates. Catches the modulus of one axis used for the other.
#[test]
fn bccb_def() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in tori::<T>(proof) {
            let (height, width) = x.dim();
            let built = bccb(&h, (height, width))?;
            let entry = |(i, j), (m, n)| wrapped(&h, (height, width), (m, n), (i, j));
            proof.equal(&built, between((height, width), (height, width), entry));
            proof.equal(&built * vec(&x), vec(&on_torus(&x, &h)));
            proof.equal(built.transpose() * vec(&x), vec(&correlated_on_torus(&x, &h)));
            let product = unvec(&(&built * vec(&x)), x.dim())?;
            proof.equal(product, conv2d::convolve_circular(&x, &h, x.dim())?);
            for i in 0..height {
                for m in 0..height {
                    let block = built.view((i * width, m * width), (width, width)).into_owned();
                    let row = (i + height - m) % height;
                    let taps = if row < h.nrows() { h.row(row).to_vec() } else { vec![T::zero()] };
                    proof.equal(block, circulant(&taps, width)?);
                }
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("bccb-def");
    // As printed.
    for (x, h) in tori::<GaussianInteger>(&mut proof) {
        proof.printed(&meaning::image(&x, &conv2d::pad(&h, x.dim())?));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The 16 × 16 matrix of a 3 × 3 kernel on a torus of 4 × 4: the circulant matrices of its rows, themselves arranged
/// as a circulant matrix, as it is printed.
#[test]
fn bccb_4x4_3x3() -> Result<()> {
    const C: [[usize; 4]; 4] = [[1, 0, 3, 2], [2, 1, 0, 3], [3, 2, 1, 0], [0, 3, 2, 1]];
    let mut proof = Proof::exact("bccb-4x4-3x3");
    // As printed.
    for h in distinct(&mut proof, (3, 3)) {
        let rows = printed_image(&h);
        let symbols = meaning::image(&Array2::zeros((4, 4)), &h).value("E", four_a_side());
        proof.printed(&symbols.function("C_#", move |places| {
            let row =
                places[0].size()?.checked_sub(1).filter(|&row| row < 3).ok_or("there are three rows")?;
            meaning::from_nalgebra(circulant(&rows.row(row).to_vec(), 4))
        }));
    }
    for h in distinct(&mut proof, (3, 3)) {
        let matrix = bccb(&h, (4, 4))?;
        for (i, row) in C.iter().enumerate() {
            for (m, &a) in row.iter().enumerate() {
                let block = match a {
                    0 => DMatrix::zeros(4, 4),
                    _ => written(CIRCULANT, &h.select(Axis(0), &[a - 1])),
                };
                proof.equal(matrix.view((4 * i, 4 * m), (4, 4)).into_owned(), block);
            }
        }
    }
    Ok(())
}

/// Convolution on a torus is a sum of shifts around both circles: C(h) = Σ h[a, b] Πᵃ ⊗ Πᵇ. Catches a shift in the
/// opposite direction, which is correlation.
#[test]
fn bccb_kron() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        /// Πᵃ: a steps around a circle of n samples, one at a time.
        fn steps<T: Scalar>(n: usize, a: usize) -> DMatrix<T> {
            let one_if = |condition| if condition { T::one() } else { T::zero() };
            let step = DMatrix::from_fn(n, n, |i, j| one_if(i == (j + 1) % n));
            let stand = DMatrix::from_fn(n, n, |i, j| one_if(i == j));
            (0..a).fold(stand, |steps, _| &step * steps)
        }

        for (x, h) in tori::<T>(proof) {
            let (height, width) = x.dim();
            let shifts = h.indexed_iter().map(|((a, b), tap)| {
                steps::<T>(height, a).kronecker(&steps(width, b)).map(|entry| entry * tap.clone())
            });
            proof.equal(bccb(&h, (height, width))?, sum((height * width, height * width), shifts));
        }
        Ok(())
    }

    let mut proof = Proof::exact("bccb-kron");
    // As printed.
    for (x, h) in tori::<i64>(&mut proof) {
        let symbols = meaning::image(&x, &conv2d::pad(&h, x.dim())?).size("N", x.nrows());
        proof.printed(&symbols.function("\\Pi_#", |places| {
            let n = places[0].size()?;
            let shift = conv1d::pad(&[0, 1], n.max(2)).map_err(meaning::said)?;
            // On a circle of one sample, a step leads back.
            let shift = if n == 1 { vec![1] } else { shift };
            meaning::from_nalgebra(circulant(&printed(&shift), n))
        }));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The 2-D Fourier matrix makes every BCCB matrix diagonal, with the spectrum of the kernel; the transpose of a real
/// one has the conjugate spectrum; and so all of them commute. Catches a missing 1/HW, a missing conjugate, and the
/// spectrum in column-major order. On tori whose roots of unity are 1, i, −1, −i it is exact.
#[test]
fn bccb_diag() -> Result<()> {
    /// F⁻¹ diag(v) F · HW: the conjugate matrix in the place of the inverse.
    fn sandwiched<T: RootOfUnity>(
        shape: (usize, usize),
        diagonal: &DVector<T>,
        conj: fn(T) -> T,
    ) -> Result<DMatrix<T>> {
        let f = matrix::dft2::<T>(shape.0, shape.1)?;
        Ok(f.map(conj) * DMatrix::from_diagonal(diagonal) * f)
    }

    let mut proof = Proof::numeric("bccb-diag", 1e-12);
    // As printed.
    for (x, h) in tori::<Complex<f64>>(&mut proof) {
        let (h, g) = (conv2d::pad(&h, x.dim())?, proof.image::<Complex<f64>>(x.dim()));
        let scale = 1.0 + norm(&h) * (1.0 + norm(&g));
        proof.printed_close(&meaning::image(&x, &h).value("g", printed_image(&g)), scale);
        let h = h.mapv(|tap| Complex::from(tap.re));
        proof.printed_close(&meaning::image(&x, &h).value("g", printed_image(&g)), scale);
    }
    for (x, h) in tori::<f64>(&mut proof) {
        let (shape, scale) = (x.dim(), 1.0 + norm(&h) * norm(&x));
        let pixels = (shape.0 * shape.1) as f64;
        let complex = |matrix: DMatrix<f64>| matrix.map(|entry| Complex::new(entry * pixels, 0.0));
        let taps = conv2d::pad(&h, shape)?.mapv(Complex::from);
        let spectrum = matrix::dft2::<Complex<f64>>(shape.0, shape.1)? * vec(&taps);
        let conj = |z: Complex<f64>| z.conj();
        let (c, g) = (bccb(&h, shape)?, bccb(&x, shape)?);
        proof.close(complex(c.clone()), sandwiched(shape, &spectrum, conj)?, pixels * scale);
        proof.close(
            complex(c.transpose()),
            sandwiched(shape, &spectrum.map(|z| z.conj()), conj)?,
            pixels * scale,
        );
        proof.close(&c * &g, &g * &c, scale);
    }

    let four =
        [(1, 1), (1, 2), (1, 4), (2, 1), (2, 2), (2, 4), (4, 1), (4, 2), (4, 4), (4, 4), (4, 4), (4, 4)];
    for shape in four {
        let h = proof.image::<i64>(shape);
        let pixels = (shape.0 * shape.1) as i64;
        let complex = |matrix: DMatrix<i64>| matrix.map(|entry| GaussianInteger::new(entry * pixels, 0));
        let conj = |z: GaussianInteger| z.conj();
        let taps = h.mapv(|tap| GaussianInteger::new(tap, 0));
        let spectrum = matrix::dft2::<GaussianInteger>(shape.0, shape.1)? * vec(&taps);
        let (c, g) = (bccb(&h, shape)?, bccb(&proof.image::<i64>(shape), shape)?);
        proof.equal(complex(c.clone()), sandwiched(shape, &spectrum, conj)?);
        proof.equal(complex(c.transpose()), sandwiched(shape, &spectrum.map(|z| z.conj()), conj)?);
        proof.equal(&c * &g, &g * &c);
    }
    Ok(())
}

/// The spatial layer and the product of spectra are rows of one matrix: valid correlation the first rows of the
/// transpose, valid convolution the last ones of the matrix itself. Catches a crop from the wrong corner.
#[test]
fn bttb_in_bccb() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let ((height, width), (p, q), (kh, kw)) = (x.dim(), valid(&x, &h), h.dim());
            let torus = bccb(&h, (height, width))?;
            let correlation = correlation2(&h, (height, width), Valid)?;
            proof.equal(correlation, rows_of(&torus.transpose(), width, 0..p, 0..q));
            let flipped = correlation2(&flip(&h), (height, width), Valid)?;
            proof.equal(&flipped, rows_of(&torus, width, kh - 1..height, kw - 1..width));
            proof.equal(flipped, convolution2(&h, (height, width), Valid)?);
        }
        Ok(())
    }

    let mut proof = Proof::exact("bttb-in-bccb");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        let (height, width) = x.dim();
        proof.printed(&meaning::image(&x, &h).value("E", meaning::padding(&[height, width])));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// A row of I(x) is a window, row by row: pixel (i + a, j + b) in row iQ + j and column aK_w + b. Catches a window read
/// column by column, and the width of the image or of the kernel used for the number of outputs.
#[test]
fn im2col_def() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let built = im2col(&x, h.dim())?;
            let entry = |(i, j): (usize, usize), (a, b): (usize, usize)| x[[i + a, j + b]].clone();
            proof.equal(&built, between(valid(&x, &h), h.dim(), entry));
            for (row, window) in x.windows(h.dim()).into_iter().enumerate() {
                proof.equal(built.row(row).transpose(), vec(&window));
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("im2col-def");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The 4 × 9 matrix of the windows of 3 × 3 in a 4 × 4 image, entry by entry as it is printed.
#[test]
fn im2col_4x4_3x3() -> Result<()> {
    const I: &str = "
        x11 x12 x13 x21 x22 x23 x31 x32 x33
        x12 x13 x14 x22 x23 x24 x32 x33 x34
        x21 x22 x23 x31 x32 x33 x41 x42 x43
        x22 x23 x24 x32 x33 x34 x42 x43 x44";
    let mut proof = Proof::exact("im2col-4x4-3x3");
    // As printed.
    for x in distinct(&mut proof, (4, 4)) {
        proof.printed(&meaning::image(&x, &Array2::zeros((3, 3))));
    }
    for x in distinct(&mut proof, (4, 4)) {
        proof.equal(im2col(&x, (3, 3))?, written(I, &x));
    }
    Ok(())
}

/// The 9 × 4 matrix of the windows of 2 × 2 in a 4 × 4 image, entry by entry as it is printed.
#[test]
fn im2col_4x4_2x2() -> Result<()> {
    const I: &str = "
        x11 x12 x21 x22
        x12 x13 x22 x23
        x13 x14 x23 x24
        x21 x22 x31 x32
        x22 x23 x32 x33
        x23 x24 x33 x34
        x31 x32 x41 x42
        x32 x33 x42 x43
        x33 x34 x43 x44";
    let mut proof = Proof::exact("im2col-4x4-2x2");
    // As printed.
    for x in distinct(&mut proof, (4, 4)) {
        proof.printed(&meaning::image(&x, &Array2::zeros((2, 2))));
    }
    for x in distinct(&mut proof, (4, 4)) {
        proof.equal(im2col(&x, (2, 2))?, written(I, &x));
    }
    Ok(())
}

/// The matrix of the windows times the vector of the kernel is correlation, and with the kernel turned by 180° it is
/// convolution. I(x) is a matrix of PQ rows; only the product is a long vector. Catches a kernel that is transposed.
#[test]
fn im2col_matmul() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let ((p, q), (kh, kw)) = (valid(&x, &h), h.dim());
            let windows = im2col(&x, (kh, kw))?;
            proof.equal(windows.nrows(), p * q);
            proof.equal(windows.ncols(), kh * kw);
            proof.equal(unvec(&(&windows * vec(&h)), (p, q))?, windowed2(&x, &h));
            let convolved = scattered2(&x, &h).slice(s![kh - 1.., kw - 1..]).slice(s![..p, ..q]).to_owned();
            proof.equal(unvec(&(&windows * vec(&flip(&h))), (p, q))?, convolved);
        }
        Ok(())
    }

    let mut proof = Proof::exact("im2col-matmul");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The four outputs of a 4 × 4 image and a 3 × 3 kernel, written out: the sums of products are what both matrices and
/// the definition make. One tap and one pixel at a time, every one of the 144 products is seen to be in its sum or not.
#[test]
fn y_expanded() -> Result<()> {
    const Y: [&str; 4] = [
        "h11x11+h12x12+h13x13+h21x21+h22x22+h23x23+h31x31+h32x32+h33x33",
        "h11x12+h12x13+h13x14+h21x22+h22x23+h23x24+h31x32+h32x33+h33x34",
        "h11x21+h12x22+h13x23+h21x31+h22x32+h23x33+h31x41+h32x42+h33x43",
        "h11x22+h12x23+h13x24+h21x32+h22x33+h23x34+h31x42+h32x43+h33x44",
    ];
    let mut proof = Proof::exact("y-expanded");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(&[((4, 4), (3, 3)); 64]).into_iter().take(64) {
        proof.printed(&meaning::image(&x, &h).value("y", printed_image(&correlate(&x, &h, Valid)?)));
    }
    let random = |_| (proof.image((4, 4)), proof.image((3, 3)));
    let mut images: Vec<(Array2<i64>, Array2<i64>)> = (0..64).map(random).collect();
    for tap in 0..9 {
        for pixel in 0..16 {
            let (mut x, mut h) = (Array2::zeros((4, 4)), Array2::zeros((3, 3)));
            x[[pixel / 4, pixel % 4]] = 1;
            h[[tap / 3, tap % 3]] = 1;
            images.push((x, h));
        }
    }
    for (x, h) in images {
        let product = |term: &str| label(&term[..3], &h) * label(&term[3..], &x);
        let y = DVector::from(Y.map(|sum| sum.split('+').map(product).sum::<i64>()).to_vec());
        proof.equal(&y, vec(&correlate(&x, &h, Valid)?));
        proof.equal(&y, correlation2(&h, (4, 4), Valid)? * vec(&x));
        proof.equal(&y, im2col(&x, (3, 3))? * vec(&h));
    }
    Ok(())
}

/// One bilinear map, two matrices: B(h) vec(x) = I(x) vec(h). Catches anything in the one that the other does not do.
#[test]
fn bttb_im2col_duality() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            proof.equal(correlation2(&h, x.dim(), Valid)? * vec(&x), im2col(&x, h.dim())? * vec(&h));
        }
        Ok(())
    }

    let mut proof = Proof::exact("bttb-im2col-duality");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The formula counts the windows, and says none where its numerator would be negative. Catches an underflow, a
/// rounding up, padding counted once, and a dilation of all taps instead of the gaps between them.
#[test]
fn conv_output_size() -> Result<()> {
    let mut proof = Proof::exact("conv-output-size");
    // As printed.
    for n in 1..=13 {
        for k in 1..=5 {
            for (s, p, d) in steps(3, 2, 3) {
                let symbols = meaning::symbols().size("N", n).size("K", k).size("s", s).size("p", p);
                proof.printed(&symbols.size("d", d).size("N_out", layer::outputs(n, k, s, p, d)?));
            }
        }
    }
    for n in 1..=13 {
        for k in 1..=5 {
            for (s, p, d) in steps(3, 2, 3) {
                proof.equal(layer::outputs(n, k, s, p, d)?, starts(n, k, s, p, d).count());
            }
        }
    }
    // Nothing overflows: one window of one tap per sample, one of all samples, and none of more than can be counted.
    const MOST: usize = usize::MAX;
    proof.equal(layer::outputs(MOST, 1, 1, 0, MOST)?, MOST);
    proof.equal(layer::outputs(MOST, MOST, MOST, 0, 1)?, 1_usize);
    proof.equal(layer::outputs(1, 1, 1, MOST / 2, 1)?, MOST);
    for (k, d) in [(2, MOST), (MOST, 2), (MOST, MOST), (3, MOST / 2 + 1)] {
        proof.equal(layer::outputs(MOST, k, 1, 0, d)?, 0_usize);
    }
    for layer in proof.layers(S3) {
        let outputs = geometry(&layer).outputs(layer.image, layer.kernel)?;
        proof.equal([outputs.0, outputs.1], [windows(&layer).0, windows(&layer).1]);
    }
    Ok(())
}

/// A layer is one product of matrices: Y = W I(x) + b 1ᵀ, with a filter per row and a window per column. It is seven
/// loops over padded images. Catches images and filters that do not change places, channels that are mixed up with
/// taps, a bias per image, padding at one end only, and the stride of one axis used for the other.
#[test]
fn im2col_multichannel() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for layer in proof.layers(S3) {
            let (x, w) = (proof.tensor::<T>(layer.input()), proof.tensor::<T>(layer.weights()));
            let bias = proof.signal::<T>(layer.filters);
            let y = seven_loops(&x, &w, &bias, &layer);
            let built = layer::im2col(&x, layer.kernel, geometry(&layer))?;

            // Every entry of both matrices.
            let (padded, (p, q), (kh, kw)) = (surrounded(&x, layer.padding), windows(&layer), layer.kernel);
            let entry = |row: usize, column: usize| {
                let (c, a, b) = (row / (kh * kw), row / kw % kh, row % kw);
                let (n, i, j) = (column / (p * q), column / q % p, column % q);
                let u = layer.stride.0 * i + layer.dilation.0 * a;
                padded[[n, c, u, layer.stride.1 * j + layer.dilation.1 * b]].clone()
            };
            let shape = (layer.channels * kh * kw, layer.images * p * q);
            proof.equal(&built, DMatrix::from_fn(shape.0, shape.1, entry));
            let tap = |o: usize, row: usize| w[[o, row / (kh * kw), row / kw % kh, row % kw]].clone();
            proof.equal(weights(&w), DMatrix::from_fn(layer.filters, shape.0, tap));

            let ones = DMatrix::from_element(1, shape.1, T::one());
            let product = weights(&w) * &built + column(&bias) * ones;
            proof.equal(&product, outputs_matrix(&y));
            proof.equal(from_outputs(&product, [layer.images, layer.filters, p, q])?, &y);
            proof.equal(forward(&x, &w, Some(&bias), geometry(&layer))?, &y);
            let none = vec![T::zero(); layer.filters];
            proof.equal(forward(&x, &w, None, geometry(&layer))?, seven_loops(&x, &w, &none, &layer));
        }
        // One image and one channel: the matrix of the windows, lying on its side.
        for (x, h) in proof.images::<T>(S2) {
            let tensor = x.clone().insert_axis(Axis(0)).insert_axis(Axis(0));
            let built = layer::im2col(&tensor, h.dim(), Geometry::default())?;
            proof.equal(built, im2col(&x, h.dim())?.transpose());
        }
        Ok(())
    }

    let mut proof = Proof::exact("im2col-multichannel");
    // As printed.
    for (layer, geometry) in same_along_both_axes(proof.layers(S3)) {
        let (x, w) = (proof.tensor::<GaussianInteger>(layer.input()), proof.tensor(layer.weights()));
        let bias = proof.signal::<GaussianInteger>(layer.filters);
        let y = outputs_matrix(&forward(&x, &w, Some(&bias), geometry)?);
        let ones = vec![GaussianInteger::new(1, 0); y.ncols()];
        let symbols = meaning::layer::layer(&x, &w, &layer, geometry)
            .value("Y", printed_image(&matrix::to_array(&y)))
            .value("W", printed_image(&matrix::to_array(&weights(&w))))
            .value("\\beta", printed(&bias))
            .value("\\mathbf{1}", printed(&ones));
        proof.printed(&symbols.value("x_p", printed_tensor(&surrounded(&x, layer.padding))));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// Without stride, padding and dilation, an output is a sum of valid correlations, one per channel. Catches filters
/// and channels that have changed places, and a kernel that is flipped.
#[test]
fn conv_multichannel_sum() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for layer in fitting(proof) {
            let (x, w) = (proof.tensor::<T>(layer.input()), proof.tensor::<T>(layer.weights()));
            let y = forward(&x, &w, None, Geometry::default())?;
            for n in 0..layer.images {
                for o in 0..layer.filters {
                    let correlated = |c| windowed2(&x.slice(s![n, c, .., ..]), &w.slice(s![o, c, .., ..]));
                    let sum = (1..layer.channels).fold(correlated(0), |sum, c| sum + correlated(c));
                    proof.equal(y.slice(s![n, o, .., ..]).to_owned(), sum);
                }
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv-multichannel-sum");
    // As printed.
    for layer in fitting(&mut proof) {
        let (x, w) = (proof.tensor::<GaussianInteger>(layer.input()), proof.tensor(layer.weights()));
        let y = forward(&x, &w, None, Geometry::default())?;
        let symbols = meaning::layer::layer(&x, &w, &layer, Geometry::default());
        proof.printed(&symbols.value("y", printed_tensor(&y)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// A stride computes every s-th output and no other, to the last bit, in floating point too. Catches a first window
/// that does not start at the first sample, and a last one that is lost.
#[test]
fn conv_stride_subsample() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for layer in proof.layers(S3) {
            let (x, w) = (proof.tensor::<T>(layer.input()), proof.tensor::<T>(layer.weights()));
            let bias = proof.signal::<T>(layer.filters);
            let forward = |stride| forward(&x, &w, Some(&bias), Geometry { stride, ..geometry(&layer) });
            let y = forward((1, 1))?;
            for stride in pairs(1..=3) {
                let kept = y.slice(s![.., .., ..;stride.0, ..;stride.1]).to_owned();
                proof.equal(forward(stride)?, kept);
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv-stride-subsample");
    // As printed.
    for (layer, geometry) in same_along_both_axes(proof.layers(S3)) {
        let (x, w) = (proof.tensor::<GaussianInteger>(layer.input()), proof.tensor(layer.weights()));
        proof.printed(&meaning::layer::layer(&x, &w, &layer, geometry));
    }
    over::<i64>(&mut proof)?;
    over::<f64>(&mut proof)
}

/// A dilated layer is a layer whose kernel has zeros between its taps. Catches a dilation along one axis only, and one
/// that moves the first tap.
#[test]
fn conv_dilation_upsample() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for layer in proof.layers(S3) {
            let (x, w) = (proof.tensor::<T>(layer.input()), proof.tensor::<T>(layer.weights()));
            for dilation in pairs(1..=3) {
                let dilated = Geometry { dilation, ..geometry(&layer) };
                let compact = Geometry { dilation: (1, 1), ..dilated };
                // Where the one has no output, the other has none either, for the same reason.
                match (forward(&x, &w, None, dilated), forward(&x, &spread(&w, dilation), None, compact)) {
                    (Ok(dilated), Ok(compact)) => proof.equal(dilated, compact),
                    (dilated, compact) => proof.holds(dilated == compact),
                }
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv-dilation-upsample");
    // As printed.
    for (layer, geometry) in same_along_both_axes(proof.layers(S3)).filter(spreads) {
        let (x, w) = (proof.tensor::<GaussianInteger>(layer.input()), proof.tensor(layer.weights()));
        let symbols = meaning::layer::layer(&x, &w, &layer, geometry);
        proof.printed(&symbols.function("\\uparrow_#", |places| spreading(places[0].size()?)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// A padded layer is a layer on an image with zeros around it. Catches padding at one side, of one axis, or of the
/// wrong width.
#[test]
fn conv_padding_embed() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for layer in proof.layers(S3) {
            let (x, w) = (proof.tensor::<T>(layer.input()), proof.tensor::<T>(layer.weights()));
            for padding in pairs(0..=2) {
                let padded = Geometry { padding, ..geometry(&layer) };
                let bare = Geometry { padding: (0, 0), ..padded };
                match (forward(&x, &w, None, padded), forward(&surrounded(&x, padding), &w, None, bare)) {
                    (Ok(padded), Ok(bare)) => proof.equal(padded, bare),
                    (padded, bare) => proof.holds(padded == bare),
                }
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv-padding-embed");
    // As printed.
    for (layer, geometry) in same_along_both_axes(proof.layers(S3)).filter(|(layer, _)| layer.padding.0 > 1) {
        let (x, w) = (proof.tensor::<GaussianInteger>(layer.input()), proof.tensor(layer.weights()));
        let padded = printed_tensor(&surrounded(&x, layer.padding));
        proof.printed(&meaning::layer::layer(&x, &w, &layer, geometry).value("x_p", padded));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// col2im is the transpose of im2col: ⟨I(x), G⟩ = ⟨x, col2im(G)⟩ for every G, not only for windows of an image, and
/// every entry of G lands on the pixel it would have come from. Catches an overwrite in the place of a sum, and what
/// belongs to the padding folded back into the image.
#[test]
fn col2im_adjoint() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for layer in proof.layers(S3) {
            let x = proof.tensor::<T>(layer.input());
            let windows = layer::im2col(&x, layer.kernel, geometry(&layer))?;
            let g = random(proof, windows.shape());
            let image = layer::col2im(&g, layer.input(), layer.kernel, geometry(&layer))?;
            proof.holds(dot(&windows, &g) == dot(&x, &image));

            // The image without its padding, from a padded one to which every entry is added.
            let (p, q) = self::windows(&layer);
            let (kh, kw) = layer.kernel;
            let mut padded = surrounded(&Array4::zeros(x.dim()), layer.padding);
            for row in 0..g.nrows() {
                for column in 0..g.ncols() {
                    let (i, j) = (column / q % p, column % q);
                    let u = layer.stride.0 * i + layer.dilation.0 * (row / kw % kh);
                    let v = layer.stride.1 * j + layer.dilation.1 * (row % kw);
                    padded[[column / (p * q), row / (kh * kw), u, v]] += g[(row, column)].clone();
                }
            }
            let ((top, left), (height, width)) = (layer.padding, layer.image);
            proof.equal(image, padded.slice(s![.., .., top..top + height, left..left + width]).to_owned());
        }
        for (x, h) in proof.images::<T>(S2) {
            let windows = im2col(&x, h.dim())?;
            let g = random(proof, windows.shape());
            let image = col2im(&g, x.dim(), h.dim())?;
            proof.holds(dot(&windows, &g) == dot(&x, &image));
            let tensor =
                layer::col2im(&g.transpose(), [1, 1, x.nrows(), x.ncols()], h.dim(), Geometry::default())?;
            proof.equal(image, tensor.slice(s![0, 0, .., ..]).to_owned());
        }
        Ok(())
    }

    let mut proof = Proof::exact("col2im-adjoint");
    // As printed.
    // Real numbers: the inner product of the evaluator conjugates.
    for (layer, geometry) in same_along_both_axes(proof.layers(S3)).filter(has_few_products) {
        let (x, w) = (proof.tensor::<i64>(layer.input()), proof.tensor(layer.weights()));
        let windows = layer::im2col(&x, layer.kernel, geometry)?;
        let g = proof.image::<i64>(windows.shape());
        proof.printed(&meaning::layer::layer(&x, &w, &layer, geometry).value("G", printed_image(&g)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// Taking the windows apart and adding them up again multiplies every pixel by the number of windows that cover it: 1,
/// 2, 2, 1 along the axes of a 4 × 4 image with windows of 3 × 3. Catches counts that do not fall off at the edges.
#[test]
fn col2im_coverage() -> Result<()> {
    let mut proof = Proof::exact("col2im-coverage");
    // As printed.
    // Windows of 2 × 2 cover a 4 × 4 image like those of 3 × 3.
    let alike = |x: &Array2<i64>, h: &Array2<i64>| x.dim() == (4, 4) && h.dim() == (2, 2);
    for (x, h) in proof.images::<i64>(S2).into_iter().filter(|(x, h)| !alike(x, h)) {
        let (shape, kernel) = (x.dim(), h.dim());
        let counts = col2im(&im2col(&Array2::<i64>::ones(shape), kernel)?, shape, kernel)?;
        let symbols = covered(&x, &h).value("\\kappa", printed_image(&counts));
        proof.printed(&symbols.function("col2im(#)", move |places| {
            let g = matrix::from_array(&places[0].matrix()?);
            Ok(col2im(&g, shape, kernel).map_err(meaning::said)?.into())
        }));
    }
    for (x, h) in proof.images::<i64>(S2) {
        let counts = Array2::from_shape_fn(x.dim(), |(m, n)| {
            (covering(m, x.nrows(), h.nrows()) * covering(n, x.ncols(), h.ncols())) as i64
        });
        proof.equal(col2im(&im2col(&x, h.dim())?, x.dim(), h.dim())?, counts * &x);
    }
    for layer in fitting(&mut proof) {
        let ((height, width), (kh, kw)) = (layer.image, layer.kernel);
        let x = proof.tensor::<i64>(layer.input());
        let counted = Array4::from_shape_fn(layer.input(), |(n, c, i, j)| {
            x[[n, c, i, j]] * (covering(i, height, kh) * covering(j, width, kw)) as i64
        });
        let windows = layer::im2col(&x, layer.kernel, Geometry::default())?;
        proof.equal(layer::col2im(&windows, layer.input(), layer.kernel, Geometry::default())?, counted);
    }
    let ones = Array2::<i64>::ones((4, 4));
    proof.equal(col2im(&im2col(&ones, (3, 3))?, (4, 4), (3, 3))?, outer(&[1, 2, 2, 1], &[1, 2, 2, 1]));
    Ok(())
}

/// col2im does not undo im2col: a pixel comes back once per window, so not at all between wide strides. Only if every
/// pixel is in one window does it return as it was. Catches a col2im that averages or overwrites.
#[test]
fn col2im_not_inverse() -> Result<()> {
    let mut proof = Proof::refuted("col2im-not-inverse", 1e-1);
    // As printed.
    for (x, h) in proof.images::<i64>(S2) {
        // Somewhere two windows must meet, in a pixel that is not zero.
        let overlap = |n: usize, k: usize| 1 < k && k < n;
        if overlap(x.nrows(), h.nrows()) || overlap(x.ncols(), h.ncols()) {
            let image =
                |x: &Array2<i64>| Array4::from_shape_fn((1, 1, x.nrows(), x.ncols()), |(.., i, j)| x[[i, j]]);
            let layer =
                Layer { images: 1, channels: 1, filters: 1, image: x.dim(), kernel: h.dim(), ..S3[0] };
            let x = x.mapv(|pixel| pixel.abs() + 1);
            proof.printed(&meaning::layer::layer(&image(&x), &image(&h), &layer, Geometry::default()));
        }
    }
    for (x, h) in proof.images::<i64>(S2) {
        let x = without_zeros(&x);
        let back = col2im(&im2col(&x, h.dim())?, x.dim(), h.dim())?;
        let overlap = |n, k| k > 1 && k < n;
        if overlap(x.nrows(), h.nrows()) || overlap(x.ncols(), h.ncols()) {
            proof.separated(back, x);
        } else {
            proof.equal(back, x);
        }
    }
    let x = Array4::<i64>::ones((1, 1, 3, 3));
    let skipping = Geometry::new(2, 0, 1);
    let back = layer::col2im(&layer::im2col(&x, (1, 1), skipping)?, [1, 1, 3, 3], (1, 1), skipping)?;
    proof.separated(back, x);
    Ok(())
}

/// The transpose of a layer is a layer backwards: zeros between its g, full convolution with the dilated kernel, cropped
/// by the padding, with filters and channels exchanged. Catches a flipped kernel, a crop at one end only, and the last
/// pixels that no window reaches.
#[test]
fn conv_transpose() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let g = proof.image::<T>(valid(&x, &h));
            let transpose = correlation2(&h, x.dim(), Valid)?.transpose();
            proof.equal(unvec(&(transpose * vec(&g)), x.dim())?, scattered2(&g, &h));
        }
        for layer in proof.layers(S3) {
            let (x, w) = (proof.tensor::<T>(layer.input()), proof.tensor::<T>(layer.weights()));
            let y = forward(&x, &w, None, geometry(&layer))?;
            let g = proof.tensor::<T>([layer.images, layer.filters, y.dim().2, y.dim().3]);
            let back = transposed(&g, &w, geometry(&layer), layer.image)?;
            proof.holds(dot(&y, &g) == dot(&x, &back));
            proof.equal(&back, by_zero_insertion(&g, &w, &layer));

            // The same by matrices: col2im(Wᵀ G).
            let windows = weights(&w).transpose() * outputs_matrix(&g);
            proof.equal(layer::col2im(&windows, layer.input(), layer.kernel, geometry(&layer))?, back);
        }
        Ok(())
    }

    /// Σ_o g_o ∗ w_{o,c} with zeros inserted between the g and between the taps, from the first pixel after the padding.
    fn by_zero_insertion<T: Scalar>(g: &ArrayRef4<T>, w: &ArrayRef4<T>, layer: &Layer) -> Array4<T> {
        let (g, w) = (spread(g, layer.stride), spread(w, layer.dilation));
        let ((top, left), (height, width)) = (layer.padding, layer.image);
        let mut x = Array4::zeros(layer.input());
        for n in 0..layer.images {
            for c in 0..layer.channels {
                // Where no window reaches, the full convolution has ended already: zeros follow.
                let mut padded = Array2::zeros((height + 2 * top, width + 2 * left));
                for o in 0..layer.filters {
                    let full = scattered2(&g.slice(s![n, o, .., ..]), &w.slice(s![o, c, .., ..]));
                    let mut reached = padded.slice_mut(s![..full.nrows(), ..full.ncols()]);
                    let sum = &reached + &full;
                    reached.assign(&sum);
                }
                let cropped = padded.slice(s![top..top + height, left..left + width]);
                x.slice_mut(s![n, c, .., ..]).assign(&cropped);
            }
        }
        x
    }

    let mut proof = Proof::exact("conv-transpose");
    // As printed.
    for (layer, geometry) in same_along_both_axes(proof.layers(S3)).filter(has_few_products) {
        let (x, w) = (proof.tensor::<i64>(layer.input()), proof.tensor::<i64>(layer.weights()));
        let g = proof.tensor::<i64>(forward(&x, &w, None, geometry)?.dim().into());
        let (shape, h) = (layer.image, proof.image::<i64>(layer.kernel));
        // The first statement is about one image and one kernel without stride, padding and dilation.
        let z = match valid_shape(shape, layer.kernel) {
            Some(outputs) => proof.image::<i64>(outputs),
            None => continue,
        };
        let symbols = meaning::layer::layer(&x, &w, &layer, geometry).function("B(#)", move |places| {
            meaning::from_nalgebra(correlation2(&places[0].matrix()?, shape, Valid))
        });
        let symbols = symbols.value("g", printed_tensor(&g)).value("h", printed_image(&h));
        proof.printed(&symbols.value("z", printed_image(&z)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The size of the image can be had back from the number of outputs, if the remainder that the division dropped is
/// known; and the transposed layer takes all sizes with another remainder, and no others. Catches a remainder taken of
/// something else, and an image that is refused or accepted by its size without it.
#[test]
fn conv_transpose_size() -> Result<()> {
    let mut proof = Proof::exact("conv-transpose-size");
    // As printed.
    for n in 1..20 {
        for k in 1..=5 {
            for (s, p, d) in steps(3, 2, 2) {
                let windows = starts(n, k, s, p, d).collect::<Vec<_>>();
                // The samples behind the last window.
                if let Some(last) = windows.last() {
                    let left = n + 2 * p - (last + d * (k - 1) + 1);
                    let symbols = meaning::symbols().size("N", n).size("K", k).size("s", s).size("p", p);
                    proof.printed(&symbols.size("d", d).size("N_out", windows.len()).size("q", left));
                }
            }
        }
    }
    for (s, p, d) in steps(3, 2, 2) {
        for k in 1..=5 {
            for n in (1..20).filter(|n| n + 2 * p > d * (k - 1)) {
                let outputs = layer::outputs(n, k, s, p, d)?;
                let extra = (n + 2 * p - d * (k - 1) - 1) % s;
                proof.equal(n + 2 * p, (outputs - 1) * s + d * (k - 1) + 1 + extra);
            }
            let (geometry, w) = (Geometry::new(s, p, d), Array4::<i64>::ones((1, 1, k, k)));
            for outputs in 1..4 {
                let g = Array4::ones((1, 1, outputs, outputs));
                let least = (outputs - 1) * s + d * (k - 1) + 1;
                for n in 1..20 {
                    let fits = (least..least + s).contains(&(n + 2 * p));
                    let x = transposed(&g, &w, geometry, (n, n));
                    proof.holds(if fits { x?.dim() == (1, 1, n, n) } else { x.is_err() });
                }
            }
        }
    }
    Ok(())
}

/// A kernel of one tap multiplies the image by it, and B = h₁₁ I; a kernel of the size of the image leaves one output,
/// the inner product without conjugation, and I(x) is a single row.
#[test]
fn conv_edge_kernels() -> Result<()> {
    fn over<T: Exact>(proof: &mut Proof) -> Result<()> {
        let random = proof.shapes(&[]).into_iter().map(|(image, _)| image).collect::<Vec<_>>();
        for (height, width) in D2.iter().copied().chain(random) {
            let pixels = height * width;
            let (x, whole) = (proof.image::<T>((height, width)), proof.image::<T>((height, width)));
            let tap = proof.image::<T>((1, 1));
            let times = |entry: T| entry * tap[[0, 0]].clone();
            proof.equal(correlate(&x, &tap, Valid)?, x.mapv(times));
            let identity =
                between(x.dim(), x.dim(), |to, from| if to == from { T::one() } else { T::zero() });
            proof.equal(correlation2(&tap, x.dim(), Valid)?, identity.map(times));
            proof.equal(im2col(&x, (1, 1))?, DMatrix::from_column_slice(pixels, 1, vec(&x).as_slice()));

            let inner = Array2::from_elem((1, 1), dot(&x, &whole));
            proof.equal(correlate(&x, &whole, Valid)?, inner);
            proof.equal(im2col(&x, x.dim())?, DMatrix::from_row_slice(1, pixels, vec(&x).as_slice()));
            proof.equal(
                correlation2(&whole, x.dim(), Valid)?,
                DMatrix::from_row_slice(1, pixels, vec(&whole).as_slice()),
            );
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv-edge-kernels");
    // As printed.
    for &shape in D2 {
        for kernel in [(1, 1), shape, (1, shape.1), (shape.0, 1), (1, shape.1.div_ceil(2))] {
            let (x, h) = (proof.image::<i64>(shape), proof.image::<i64>(kernel));
            proof.printed(&meaning::image(&x, &h).value("I", meaning::identity(x.len())));
        }
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}
