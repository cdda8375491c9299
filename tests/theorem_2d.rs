//! Proofs of the chapter "Convolution Theorem 2D": the transform of an image is the 1-D transform once per axis, and
//! so are its conditions: how far to pad, what to crop, when to conjugate.

mod meaning;

use formula::Symbols;
use std::f64::consts::TAU;

use locality::conv2d::Mode::{Full, Same, Valid};
use locality::conv2d::{self, convolve_circular, correlate, correlate_circular, pad};
use locality::fourier::{self, Sample};
use locality::nalgebra::{DMatrix, DVector};
use locality::ndarray::{Array2, ArrayRef2, array, s};
use locality::num_complex::Complex;
use locality::scalar::RootOfUnity;
use locality::{Result, Scalar, matrix};
use proof::{Draw, GaussianInteger, Number, Printed, Proof, S2, norm, powers, printed_image};

/// A complex number that is rounded.
type C = Complex<f64>;

/// The shapes a transform is tried on: one pixel, one row, square, odd and even.
const D2: &[(usize, usize)] = &[(1, 1), (1, 5), (4, 4), (2, 3), (3, 2), (5, 7), (8, 6), (7, 7)];

/// The shapes whose roots of unity are Gaussian integers, 4 × 4 of them 64 times.
fn exact_shapes() -> Vec<(usize, usize)> {
    let mut shapes = vec![(1, 1), (1, 2), (1, 4), (2, 1), (2, 2), (2, 4), (4, 1), (4, 2)];
    shapes.resize(shapes.len() + 64, (4, 4));
    shapes
}

/// Every kernel shape that fits into 4 × 4, four times: 64 statements in which four-point transforms round nothing.
fn exact_kernels() -> Vec<(usize, usize)> {
    (0..64).map(|case| (case % 4 + 1, case / 4 % 4 + 1)).collect()
}

/// The shapes listed, and 64 more with sides up to 9.
fn shapes(proof: &mut Proof, listed: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let random = proof.shapes(&[]).into_iter().map(|(image, _)| image).collect::<Vec<_>>();
    [listed, &random].concat()
}

/// ω_N^k, from an exponential of its own.
fn root(n: usize, k: i64) -> C {
    C::cis(-TAU * k.rem_euclid(n as i64) as f64 / n as f64)
}

/// ω_N^k for the N that divide 4, from a table.
fn exact_root(n: usize, k: i64) -> GaussianInteger {
    let (one, i) = (GaussianInteger::new(1, 0), GaussianInteger::new(0, 1));
    [one, -i, -one, i][(4 / n as i64 * k).rem_euclid(4) as usize]
}

/// The spectrum by its definition: bin (u, v) is the sum of x[m, n] ω_H^{um} ω_W^{vn}.
fn defined<T: Scalar>(x: &ArrayRef2<T>, root: impl Fn(usize, i64) -> T) -> Array2<T> {
    let (height, width) = x.dim();
    Array2::from_shape_fn((height, width), |(u, v)| {
        let term = |((m, n), pixel): ((usize, usize), &T)| {
            pixel.clone() * root(height, (u * m) as i64) * root(width, (v * n) as i64)
        };
        x.indexed_iter().map(term).fold(T::zero(), |sum, term| sum + term)
    })
}

/// F_H X F_W, with the explicit matrices.
fn times_matrices<T: RootOfUnity>(x: &ArrayRef2<T>) -> Result<Array2<T>> {
    let (height, width) = x.dim();
    Ok(matrix::to_array(&(matrix::dft::<T>(height)? * matrix::from_array(x) * matrix::dft::<T>(width)?)))
}

/// The image with vec(Y) = A vec(X).
fn times<T: Scalar>(a: &DMatrix<T>, x: &ArrayRef2<T>) -> Result<Array2<T>> {
    matrix::unvec(&(a * matrix::vec(x)), x.dim())
}

/// The same image, in complex numbers.
fn complex<S: Into<C> + Copy>(x: &ArrayRef2<S>) -> Array2<C> {
    x.mapv(Into::into)
}

/// The same image of whole numbers, in floating point.
fn floating(x: &ArrayRef2<GaussianInteger>) -> Array2<C> {
    x.mapv(|pixel| C::new(pixel.re as f64, pixel.im as f64))
}

/// A random image of Gaussian integers, in floating point.
fn whole(proof: &mut Proof, shape: (usize, usize)) -> Array2<C> {
    floating(&proof.image::<GaussianInteger>(shape))
}

/// A random image of real integers, in the same numbers.
fn real_whole(proof: &mut Proof, shape: (usize, usize)) -> Array2<C> {
    proof.image::<i64>(shape).mapv(|pixel| C::from(pixel as f64))
}

/// x[−i mod H, −j mod W]: the torus walked backwards along both axes. Pixel (0, 0) stays.
fn reversed<T: Clone>(x: &ArrayRef2<T>) -> Array2<T> {
    let (height, width) = x.dim();
    Array2::from_shape_fn((height, width), |(i, j)| x[[(height - i) % height, (width - j) % width]].clone())
}

/// Convolution, scattered: pixel (m, n) and tap (a, b) leave their product at (m + a, n + b).
fn scattered<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    scattered_on_torus(x, h, (x.nrows() + h.nrows() - 1, x.ncols() + h.ncols() - 1))
}

/// The same on a torus: places beyond an edge continue at the opposite one.
fn scattered_on_torus<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>, shape: (usize, usize)) -> Array2<T> {
    let mut y = Array2::zeros(shape);
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[(m + a) % shape.0, (n + b) % shape.1]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// Correlation on a torus, scattered: pixel (m, n) and tap (a, b) leave their product at (m − a, n − b).
fn correlated_on_torus<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>, shape: (usize, usize)) -> Array2<T> {
    let mut y = Array2::zeros(shape);
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[(m + shape.0 - a) % shape.0, (n + shape.1 - b) % shape.1]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// The valid correlation: the first outputs of the circular one, which no window that wraps has reached.
fn correlated<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let kept = valid(x, h);
    correlated_on_torus(x, h, x.dim()).slice(s![..kept.0, ..kept.1]).to_owned()
}

/// The shape of the valid outputs.
fn valid<T>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> (usize, usize) {
    (x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1)
}

/// F⁻¹(x̂ ⊙ ĥ): pad to `shape`, transform, multiply, transform back.
fn multiplied(x: &ArrayRef2<C>, h: &ArrayRef2<C>, shape: (usize, usize)) -> Result<Array2<C>> {
    fourier::inverse_dft2(&(fourier::dft2(&pad(x, shape)?)? * fourier::dft2(&pad(h, shape)?)?))
}

/// F⁻¹(x̂ ⊙ conj ĥ): the same with the kernel's spectrum conjugated.
fn multiplied_conjugate(x: &ArrayRef2<C>, h: &ArrayRef2<C>, shape: (usize, usize)) -> Result<Array2<C>> {
    let kernel = fourier::dft2(&pad(h, shape)?)?.mapv(|bin| bin.conj());
    fourier::inverse_dft2(&(fourier::dft2(&pad(x, shape)?)? * kernel))
}

/// The scale of an error: 1 + ‖x‖ ‖h‖.
fn scale<S: Number>(x: &Array2<S>, h: &Array2<S>) -> f64 {
    1.0 + norm(x) * norm(h)
}

/// An image and a kernel, and the padding of both to M_h × M_w.
fn padded<S: Printed<Number: meaning::Entry>>(
    x: &Array2<S>,
    h: &Array2<S>,
    (mh, mw): (usize, usize),
) -> Symbols<S::Number> {
    meaning::image(x, h).size("M_h", mh).size("M_w", mw).value("E", meaning::padding(&[mh, mw]))
}

/// The image 0², 1², …, 15² and the kernel 1, …, 9: no symmetry hides a mistake.
fn squares_and_digits() -> (Array2<f64>, Array2<f64>) {
    let squares = Array2::from_shape_fn((4, 4), |(i, j)| (4 * i + j).pow(2) as f64);
    (squares, Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as f64))
}

/// Bin (u, v) is the sum of x[m, n] ω_H^{um} ω_W^{vn}, which is X̂ = F_H X F_W: a transform per axis, in either order,
/// with no conjugate on the right. Catches one axis forgotten, height taken for width, and a conjugated F_W.
#[test]
fn dft2_def() -> Result<()> {
    let mut proof = Proof::numeric("dft2-def", 1e-12);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        let x = proof.image::<C>(shape);
        proof.printed_close(&meaning::pixels(&x), 1.0 + norm(&x));
    }
    for shape in exact_shapes() {
        let x = proof.image::<GaussianInteger>(shape);
        proof.printed(&meaning::pixels(&x));
    }
    for shape in shapes(&mut proof, D2) {
        let real = proof.image::<f64>(shape);
        for x in [complex(&real), proof.image::<C>(shape)] {
            let expected = defined(&x, root);
            proof.close(fourier::dft2(&x)?, &expected, 1.0 + norm(&x));
            proof.close(times_matrices(&x)?, &expected, 1.0 + norm(&x));
            // The same image on its side, by strides.
            proof.close(fourier::dft2(&x.t())?, expected.t().to_owned(), 1.0 + norm(&x));
        }
        // Real pixels keep the first ⌊W/2⌋ + 1 columns.
        let half = defined(&complex(&real), root).slice(s![.., ..shape.1 / 2 + 1]).to_owned();
        proof.close(f64::spectrum2(&real)?, half, 1.0 + norm(&real));
    }
    for shape in exact_shapes() {
        let x = proof.image::<GaussianInteger>(shape);
        proof.equal(times_matrices(&x)?, defined(&x, exact_root));
        // Four pixels a side need additions only, so the fast transform is exact as well.
        proof.equal(fourier::dft2(&floating(&x))?, floating(&defined(&x, exact_root)));
    }
    Ok(())
}

/// On row-major images the transform is the Kronecker product F_H ⊗ F_W, symmetric, with inverse conj/HW; on
/// column-major ones it is F_W ⊗ F_H. Catches the two exchanged, which a square image does not notice.
#[test]
fn dft2_kron() -> Result<()> {
    let mut proof = Proof::numeric("dft2-kron", 1e-12);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        let x = proof.image::<C>(shape);
        proof.printed_close(
            &meaning::pixels(&x).value("I", meaning::identity(x.len())),
            x.len() as f64 * (1.0 + norm(&x)),
        );
    }
    for shape in exact_shapes() {
        let x = proof.image::<GaussianInteger>(shape);
        proof.printed(&meaning::pixels(&x).value("I", meaning::identity(x.len())));
    }
    for shape in shapes(&mut proof, D2) {
        let ((height, width), x) = (shape, proof.image::<C>(shape));
        let f = matrix::dft2::<C>(height, width)?;
        let entry = |p: usize, q: usize| {
            root(height, (p / width * (q / width)) as i64) * root(width, (p % width * (q % width)) as i64)
        };
        let n = height * width;
        proof.close(&f, DMatrix::from_fn(n, n, entry), 1.0);

        let spectrum = defined(&x, root);
        proof.close(times(&f, &x)?, &spectrum, 1.0 + norm(&x));
        let column_major = |x: &Array2<C>| DVector::from_iterator(n, x.t().iter().copied());
        let swapped = matrix::dft2::<C>(width, height)?;
        proof.close(swapped * column_major(&x), column_major(&spectrum), 1.0 + norm(&x));

        proof.equal(&f, f.transpose());
        proof.close(&f * f.adjoint(), DMatrix::identity(n, n) * C::from(n as f64), 1.0 + norm(&f));
    }
    for (height, width) in exact_shapes() {
        let (f, n) = (matrix::dft2::<GaussianInteger>(height, width)?, height * width);
        let x = proof.image::<GaussianInteger>((height, width));
        proof.equal(times(&f, &x)?, defined(&x, exact_root));
        let adjoint = f.map(|entry| entry.conj()).transpose();
        proof.equal(&f * adjoint, DMatrix::identity(n, n) * GaussianInteger::from(n as i64));
    }
    Ok(())
}

/// The inverse runs both waves backwards and divides by HW. Catches one axis run forwards, and a division by H, by W
/// or by √(HW).
#[test]
fn dft2_inverse() -> Result<()> {
    let mut proof = Proof::numeric("dft2-inverse", 1e-12);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        let x = proof.image::<C>(shape);
        proof.printed_close(&meaning::pixels(&x), 1.0 + norm(&x));
    }
    for shape in exact_shapes() {
        let x = proof.image::<GaussianInteger>(shape);
        proof.printed(&meaning::pixels(&x));
    }
    for shape in shapes(&mut proof, D2) {
        let ((height, width), x) = (shape, proof.image::<C>(shape));
        let backwards = defined(&x, |n, k| root(n, -k)).mapv(|sum| sum / (height * width) as f64);
        proof.close(fourier::inverse_dft2(&x)?, &backwards, 1.0 + norm(&x));
        proof.close(times(&matrix::inverse_dft2(height, width)?, &x)?, &backwards, 1.0 + norm(&x));
        proof.close(fourier::inverse_dft2(&x.t())?, backwards.t().to_owned(), 1.0 + norm(&x));

        proof.close(fourier::inverse_dft2(&fourier::dft2(&x)?)?, &x, 1.0 + norm(&x));
        proof.close(fourier::dft2(&fourier::inverse_dft2(&x)?)?, &x, 1.0 + norm(&x));
        // What real pixels keep of their spectrum is enough to find them again.
        let real = proof.image::<f64>(shape);
        proof.close(f64::image(&f64::spectrum2(&real)?, width)?, &real, 1.0 + norm(&real));
        proof.close(C::image(&C::spectrum2(&x)?, width)?, &x, 1.0 + norm(&x));
    }
    for (height, width) in exact_shapes() {
        let x = proof.image::<GaussianInteger>((height, width));
        let conj = matrix::dft2::<GaussianInteger>(height, width)?.map(|entry| entry.conj());
        let n = GaussianInteger::from((height * width) as i64);
        proof.equal(times(&conj, &times_matrices(&x)?)?, x.mapv(|pixel| pixel * n));
        proof.equal(fourier::inverse_dft2(&fourier::dft2(&floating(&x))?)?, floating(&x));
    }
    Ok(())
}

/// Inner products survive the transform up to the factor HW: ⟨x, y⟩ = ⟨x̂, ŷ⟩/HW. Catches every other factor, such
/// as the transform that is divided by HW or by √(HW) already.
#[test]
fn dft2_parseval() -> Result<()> {
    fn dot(x: &ArrayRef2<C>, y: &ArrayRef2<C>) -> C {
        x.iter().zip(y).map(|(a, b)| a.conj() * b).sum()
    }

    let mut proof = Proof::numeric("dft2-parseval", 1e-12);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        let (x, h) = (proof.image::<C>(shape), proof.image::<C>(shape));
        proof.printed_close(&meaning::pixels(&x).value("y", printed_image(&h)), scale(&x, &h));
    }
    for shape in exact_shapes() {
        let (x, h) = (proof.image::<GaussianInteger>(shape), proof.image::<GaussianInteger>(shape));
        proof.printed(&meaning::pixels(&x).value("y", printed_image(&h)));
    }
    for shape in shapes(&mut proof, D2) {
        let (x, y) = (proof.image::<C>(shape), proof.image::<C>(shape));
        let n = x.len() as f64;
        proof.close(dot(&x, &y), dot(&fourier::dft2(&x)?, &fourier::dft2(&y)?) / n, scale(&x, &y));
        proof.close(norm(&x).powi(2), norm(fourier::dft2(&x)?).powi(2) / n, scale(&x, &x));
    }
    for shape in exact_shapes() {
        // Sums and products of whole numbers below 2⁵³ are exact in floating point.
        let (x, y) = (whole(&mut proof, shape), whole(&mut proof, shape));
        proof.equal(dot(&x, &y) * x.len() as f64, dot(&fourier::dft2(&x)?, &fourier::dft2(&y)?));
    }
    Ok(())
}

/// The spectrum of real pixels repeats itself, conjugated, with both indices negated. (1 + [2 | H]) (1 + [2 | W]) bins
/// are their own partners, hence real, and with one of each other pair they hold HW real numbers. Catches one index
/// negated instead of two, and a miscount of the bins on the edges of a half spectrum.
#[test]
fn dft2_hermitian() -> Result<()> {
    let mut proof = Proof::numeric("dft2-hermitian", 1e-12);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        let (x, z) = (proof.image::<f64>(shape), proof.image::<C>(shape));
        proof.printed_close(&meaning::pixels(&x), 1.0 + norm(&x));
        proof.printed_close(&meaning::pixels(&z), 1.0 + norm(&z));
    }
    for shape in shapes(&mut proof, &[D2, &[(4, 6), (6, 4), (3, 3)]].concat()) {
        let (height, width) = shape;
        let x = proof.image::<f64>(shape);
        let spectrum = fourier::dft2(&complex(&x))?;
        proof.close(reversed(&spectrum), spectrum.mapv(|bin| bin.conj()), 1.0 + norm(&x));

        let partner = Array2::from_shape_fn(shape, |(u, v)| ((height - u) % height, (width - v) % width));
        let own = partner.indexed_iter().filter(|(bin, partner)| bin == *partner).map(|(bin, _)| bin);
        let own = own.collect::<Vec<_>>();
        let even = |n: usize| usize::from(n.is_multiple_of(2));
        proof.equal(own.len(), (1 + even(height)) * (1 + even(width)));
        for &bin in &own {
            proof.close(spectrum[bin].im, 0.0, 1.0 + norm(&x));
        }
        // One real number for each bin that is its own partner, two for each pair.
        let pairs = partner.indexed_iter().filter(|(bin, partner)| bin < *partner).count();
        proof.equal(own.len() + 2 * pairs, height * width);

        // The half that real pixels keep, and its mirror image, are the whole.
        let half = f64::spectrum2(&x)?;
        let whole = Array2::from_shape_fn(shape, |(u, v)| {
            let (mirrored_u, mirrored_v) = partner[(u, v)];
            if v < half.ncols() { half[[u, v]] } else { half[[mirrored_u, mirrored_v]].conj() }
        });
        proof.close(whole, spectrum, 1.0 + norm(&x));
    }
    for shape in exact_shapes() {
        let spectrum = fourier::dft2(&real_whole(&mut proof, shape))?;
        proof.equal(reversed(&spectrum), spectrum.mapv(|bin| bin.conj()));
    }
    Ok(())
}

/// Negating one index only does not conjugate the spectrum of real pixels. Catches the belief that it does: a single
/// pixel beside the corner shows it.
#[test]
fn dft2_hermitian_naive() -> Result<()> {
    let mut proof = Proof::refuted("dft2-hermitian-naive", 0.1);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        // One pixel beside the corner has the spectrum ω_W^v, which no bin with 0 < v < W/2 equals conjugated.
        let mut impulse = Array2::<f64>::zeros(shape);
        impulse[[0, 1 % shape.1]] = 1.0;
        proof.printed_close(&meaning::pixels(&impulse), 1.0);
    }
    let mut impulse = Array2::zeros((4, 4));
    impulse[[0, 1]] = 1.0;
    let mut images = vec![impulse];
    for _ in 0..64 {
        images.push(proof.image((4, 4)));
    }
    for x in images {
        let spectrum = fourier::dft2(&complex(&x))?;
        let naive = Array2::from_shape_fn((4, 4), |(u, v)| spectrum[[(4 - u) % 4, v]]);
        proof.separated(naive, spectrum.mapv(|bin| bin.conj()));
    }
    Ok(())
}

/// On a torus, convolution becomes multiplication bin by bin, with no factor. Catches a scale of HW, a torus that
/// wraps at the wrong size, and height taken for width.
#[test]
fn circ2_conv_theorem() -> Result<()> {
    fn over<S: Sample<Real = f64> + Draw + Number + Into<C> + Copy>(proof: &mut Proof) -> Result<()> {
        for shape in shapes(proof, D2) {
            let (x, h) = (proof.image::<S>(shape), proof.image::<S>(shape));
            let circular = scattered_on_torus(&x, &h, shape);
            let product = fourier::dft2(&complex(&x))? * fourier::dft2(&complex(&h))?;
            proof.close(fourier::dft2(&complex(&circular))?, product, scale(&x, &h));
            proof.close(fourier::conv2d::convolve_circular(&x, &h, shape)?, circular, scale(&x, &h));
        }
        // An image and a smaller kernel, on a torus with some room.
        for (x, h) in proof.images::<S>(S2) {
            let shape = (x.nrows() + 1, x.ncols() + 2);
            let circular = scattered_on_torus(&x, &h, shape);
            proof.close(fourier::conv2d::convolve_circular(&x, &h, shape)?, &circular, scale(&x, &h));
            proof.close(fourier::conv2d::convolve_circular(&h, &x, shape)?, &circular, scale(&x, &h));
        }
        Ok(())
    }

    let mut proof = Proof::numeric("circ2-conv-theorem", 1e-12);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        let (x, h) = (proof.image::<C>(shape), proof.image::<C>(shape));
        proof.printed_close(&meaning::pixels(&x).value("h", printed_image(&h)), scale(&x, &h));
    }
    for shape in exact_shapes() {
        let (x, h) = (proof.image::<GaussianInteger>(shape), proof.image::<GaussianInteger>(shape));
        proof.printed(&meaning::pixels(&x).value("h", printed_image(&h)));
    }
    over::<f64>(&mut proof)?;
    over::<C>(&mut proof)?;
    // By definition, over whole numbers, and by the explicit matrices where those are exact.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        for shape in [x.dim(), (x.nrows() + 1, x.ncols() + 2)] {
            proof.equal(convolve_circular(&x, &h, shape)?, scattered_on_torus(&x, &h, shape));
        }
    }
    for shape in exact_shapes() {
        let (x, h) = (proof.image::<GaussianInteger>(shape), proof.image::<GaussianInteger>(shape));
        let circular = convolve_circular(&x, &h, shape)?;
        proof.equal(times_matrices(&circular)?, times_matrices(&x)? * times_matrices(&h)?);
        proof.equal(multiplied(&floating(&x), &floating(&h), shape)?, floating(&circular));
    }
    Ok(())
}

/// Correlation on a torus multiplies with the kernel's spectrum reversed along both axes, which for a real kernel is
/// its conjugate. Catches the conjugate used for a complex kernel, and a spectrum reversed along one axis.
#[test]
fn circ2_corr_theorem() -> Result<()> {
    let mut proof = Proof::numeric("circ2-corr-theorem", 1e-12);
    // As printed.
    for shape in shapes(&mut proof, D2) {
        let (x, h) = (proof.image::<C>(shape), proof.image::<C>(shape));
        proof.printed_close(&meaning::pixels(&x).value("h", printed_image(&h)), scale(&x, &h));
    }
    for shape in exact_shapes() {
        let (x, h) = (proof.image::<GaussianInteger>(shape), proof.image::<GaussianInteger>(shape));
        proof.printed(&meaning::pixels(&x).value("h", printed_image(&h)));
    }
    for shape in shapes(&mut proof, D2) {
        let (x, h) = (proof.image::<f64>(shape), proof.image::<f64>(shape));
        proof.printed_close(&meaning::pixels(&x).value("h", printed_image(&h)), scale(&x, &h));
    }
    for shape in shapes(&mut proof, D2) {
        let (x, h) = (proof.image::<f64>(shape), proof.image::<f64>(shape));
        let circular = correlated_on_torus(&x, &h, shape);
        let (spectrum, kernel) = (fourier::dft2(&complex(&x))?, fourier::dft2(&complex(&h))?);
        let transformed = fourier::dft2(&complex(&circular))?;
        proof.close(&transformed, &spectrum * kernel.mapv(|bin| bin.conj()), scale(&x, &h));
        proof.close(&transformed, &spectrum * reversed(&kernel), scale(&x, &h));
        proof.close(fourier::conv2d::correlate_circular(&x, &h, shape)?, circular, scale(&x, &h));

        let (x, h) = (proof.image::<C>(shape), proof.image::<C>(shape));
        let circular = correlated_on_torus(&x, &h, shape);
        let product = fourier::dft2(&x)? * reversed(&fourier::dft2(&h)?);
        proof.close(fourier::dft2(&circular)?, product, scale(&x, &h));
        proof.close(fourier::conv2d::correlate_circular(&x, &h, shape)?, circular, scale(&x, &h));
    }
    // An image and a smaller kernel, on a torus with some room.
    for (x, h) in proof.images::<C>(S2) {
        let shape = (x.nrows() + 1, x.ncols() + 2);
        let circular = correlated_on_torus(&x, &h, shape);
        proof.close(fourier::conv2d::correlate_circular(&x, &h, shape)?, circular, scale(&x, &h));
    }
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        for shape in [x.dim(), (x.nrows() + 1, x.ncols() + 2)] {
            proof.equal(correlate_circular(&x, &h, shape)?, correlated_on_torus(&x, &h, shape));
        }
    }
    for shape in exact_shapes() {
        let (x, h) = (proof.image::<GaussianInteger>(shape), proof.image::<GaussianInteger>(shape));
        let product = times_matrices(&x)? * reversed(&times_matrices(&h)?);
        proof.equal(times_matrices(&correlate_circular(&x, &h, shape)?)?, product);
    }
    Ok(())
}

/// A torus of at least (H + K_h − 1) × (W + K_w − 1) gives the linear convolution; what is beyond it stays zero.
/// Catches padding that is one short along an axis, and a crop at the wrong end.
#[test]
fn fft2_linear_padding() -> Result<()> {
    fn over<S: Sample<Real = f64> + Draw + Number + Into<C> + Copy>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<S>(S2) {
            let full = scattered(&x, &h);
            let (height, width) = full.dim();
            for shape in [(height, width), (height + 1, width + 3)] {
                let y = multiplied(&complex(&x), &complex(&h), shape)?;
                proof.close(y, pad(&complex(&full), shape)?, scale(&x, &h));
            }
            // The crate pads by itself, by as much as the mode needs.
            let (top, left) = ((h.nrows() - 1) / 2, (h.ncols() - 1) / 2);
            let same = full.slice(s![top..top + x.nrows(), left..left + x.ncols()]).to_owned();
            proof.close(fourier::conv2d::convolve(&x, &h, Full)?, &full, scale(&x, &h));
            proof.close(fourier::conv2d::convolve(&x, &h, Same)?, same, scale(&x, &h));
            // Image and kernel exchanged: the kernel is the larger one.
            let (top, left) = ((x.nrows() - 1) / 2, (x.ncols() - 1) / 2);
            let same = full.slice(s![top..top + h.nrows(), left..left + h.ncols()]).to_owned();
            proof.close(fourier::conv2d::convolve(&h, &x, Same)?, same, scale(&x, &h));
        }
        Ok(())
    }

    let mut proof = Proof::numeric("fft2-linear-padding", 1e-12);
    // As printed.
    for (x, h) in proof.images::<C>(S2) {
        let (mh, mw) = (x.nrows() + h.nrows() - 1, x.ncols() + h.ncols() - 1);
        // Enough; more; one too few along either axis.
        for (mh, mw) in [(mh, mw), (mh + 1, mw + 3), (mh - 1, mw), (mh, mw - 1)] {
            proof.printed_close(&padded(&x, &h, (mh, mw)), scale(&x, &h));
        }
    }
    over::<f64>(&mut proof)?;
    over::<C>(&mut proof)?;
    for (kh, kw) in exact_kernels() {
        let (x, h) = (whole(&mut proof, (5 - kh, 5 - kw)), whole(&mut proof, (kh, kw)));
        proof.equal(multiplied(&x, &h, (4, 4))?, scattered(&x, &h));
    }
    Ok(())
}

/// On a torus of the image's own size, the outputs of the first K_h − 1 rows and K_w − 1 columns receive what fell
/// off the opposite edges, and they alone are wrong: 12 of 16 for 4 × 4 and 3 × 3. Catches every other account of
/// which outputs to trust.
#[test]
fn fft2_alias_exact() -> Result<()> {
    let mut proof = Proof::exact("fft2-alias-exact");
    // As printed.
    for (x, h) in proof.images::<i64>(S2) {
        let positive = |pixel: i64| pixel.abs() + 1;
        proof.printed(&meaning::image(&x.mapv(positive), &h.mapv(positive)));
    }
    // Positive data: whatever is added shows. Powers, so that nothing coincides; then random whole numbers.
    let mut cases = Vec::new();
    for &(image, kernel) in S2 {
        let x = Array2::from_shape_vec(image, powers(2, image.0 * image.1)).expect("as many as pixels");
        let h = Array2::from_shape_vec(kernel, powers(3, kernel.0 * kernel.1)).expect("as many as taps");
        cases.push((x, h));
    }
    for (x, h) in proof.images::<i64>(&[]) {
        let positive = |pixel: i64| i128::from(pixel.abs() + 1);
        cases.push((x.mapv(positive), h.mapv(positive)));
    }
    for (x, h) in cases {
        let ((height, width), (kh, kw)) = (x.dim(), h.dim());
        let linear = scattered(&x, &h).slice(s![..height, ..width]).to_owned();
        let circular = convolve_circular(&x, &h, x.dim())?;
        let wrong = Array2::from_shape_fn(x.dim(), |at| i64::from(circular[at] != linear[at]));
        let predicted = Array2::from_shape_fn(x.dim(), |(i, j)| i64::from(i + 1 < kh || j + 1 < kw));
        proof.equal(&wrong, predicted);
        proof.equal(wrong.sum() as usize, height * width - (height - kh + 1) * (width - kw + 1));
    }
    // Through the transform, which rounds nothing here, the same outputs are wrong.
    let (x, h) = squares_and_digits();
    let circular = multiplied(&complex(&x), &complex(&h), (4, 4))?;
    let linear = complex(&scattered(&x, &h).slice(s![..4, ..4]));
    let right = Array2::from_shape_fn((4, 4), |at| i64::from(circular[at] == linear[at]));
    proof.equal(right, array![[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]);
    Ok(())
}

/// The valid convolution needs no padding of the image: it is what a torus of the image's size holds from
/// (K_h − 1, K_w − 1) on. Catches a crop at the top left, and a crop by the wrong side of the kernel.
#[test]
fn fft2_valid_crop() -> Result<()> {
    fn over<S: Sample<Real = f64> + Draw + Number + Into<C> + Copy>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<S>(S2) {
            let ((height, width), (kh, kw)) = (x.dim(), h.dim());
            let expected = scattered(&x, &h).slice(s![kh - 1..height, kw - 1..width]).to_owned();
            let y = multiplied(&complex(&x), &complex(&h), x.dim())?;
            proof.close(y.slice(s![kh - 1.., kw - 1..]).to_owned(), complex(&expected), scale(&x, &h));
            proof.close(fourier::conv2d::convolve(&x, &h, Valid)?, expected, scale(&x, &h));
        }
        Ok(())
    }

    let mut proof = Proof::numeric("fft2-valid-crop", 1e-12);
    // As printed.
    for (x, h) in proof.images::<C>(S2) {
        proof.printed_close(&padded(&x, &h, x.dim()), scale(&x, &h));
    }
    for kernel in exact_kernels() {
        let (x, h) = (proof.image::<GaussianInteger>((4, 4)), proof.image::<GaussianInteger>(kernel));
        proof.printed(&padded(&x, &h, (4, 4)));
    }
    over::<f64>(&mut proof)?;
    over::<C>(&mut proof)?;
    for (kh, kw) in exact_kernels() {
        let (x, h) = (whole(&mut proof, (4, 4)), whole(&mut proof, (kh, kw)));
        let expected = scattered(&x, &h).slice(s![kh - 1..4, kw - 1..4]).to_owned();
        let y = multiplied(&x, &h, (4, 4))?;
        proof.equal(y.slice(s![kh - 1.., kw - 1..]).to_owned(), expected);
    }
    Ok(())
}

/// What a CNN layer computes: x̂ times the conjugate of a real kernel's spectrum, transformed back, the first
/// (H − K_h + 1) × (W − K_w + 1) outputs. Catches a conjugate that is missing, and the crop of the convolution.
#[test]
fn fft2_corr_valid() -> Result<()> {
    let mut proof = Proof::numeric("fft2-corr-valid", 1e-12);
    // As printed.
    for (x, h) in proof.images::<f64>(S2) {
        proof.printed_close(&padded(&x, &h, x.dim()), scale(&x, &h));
    }
    // For a kernel that is not real, the condition does not hold, and nor must the rest.
    for (x, h) in proof.images::<C>(S2) {
        proof.printed_close(&padded(&x, &h, x.dim()), scale(&x, &h));
    }
    for kernel in exact_kernels() {
        let (x, h) = (proof.image::<i64>((4, 4)), proof.image::<i64>(kernel));
        proof.printed(&padded(&x, &h, (4, 4)));
    }
    for (x, h) in proof.images::<f64>(S2) {
        let (expected, kept) = (correlated(&x, &h), valid(&x, &h));
        proof.close(correlate(&x, &h, Valid)?, &expected, scale(&x, &h));
        let y = multiplied_conjugate(&complex(&x), &complex(&h), x.dim())?;
        proof.close(y.slice(s![..kept.0, ..kept.1]).to_owned(), complex(&expected), scale(&x, &h));
        // The product is the spectrum of a real image, wrong outputs and all.
        proof.close(y.mapv(|pixel| pixel.im), Array2::zeros(x.dim()), scale(&x, &h));
        proof.close(fourier::conv2d::correlate(&x, &h, Valid)?, expected, scale(&x, &h));
    }
    // The image may be complex; the crate's correlation lets the kernel be complex, too, and conjugates nothing.
    for (x, h) in proof.images::<C>(S2) {
        let (real, kept) = (h.mapv(|tap| C::from(tap.re)), valid(&x, &h));
        let y = multiplied_conjugate(&x, &real, x.dim())?;
        proof.close(y.slice(s![..kept.0, ..kept.1]).to_owned(), correlated(&x, &real), scale(&x, &real));
        proof.close(fourier::conv2d::correlate(&x, &h, Valid)?, correlated(&x, &h), scale(&x, &h));
    }
    for kernel in exact_kernels() {
        let (x, h) = (whole(&mut proof, (4, 4)), real_whole(&mut proof, kernel));
        let (y, kept) = (multiplied_conjugate(&x, &h, (4, 4))?, valid(&x, &h));
        proof.equal(y.slice(s![..kept.0, ..kept.1]).to_owned(), correlated(&x, &h));
    }
    Ok(())
}

/// The article's two functions, four loops and one transform of size (H + K_h − 1) × (W + K_w − 1), compute the same
/// full convolution, which is SciPy's. Catches a mode, a padding or a turn in which they differ.
#[test]
fn code_conv2d_fft() -> Result<()> {
    fn conv2d_direct(image: &Array2<f64>, kernel: &Array2<f64>) -> Result<Array2<f64>> {
        conv2d::convolve(image, kernel, Full)
    }
    fn conv2d_fft(image: &Array2<f64>, kernel: &Array2<f64>) -> Result<Array2<f64>> {
        let shape = (image.nrows() + kernel.nrows() - 1, image.ncols() + kernel.ncols() - 1);
        Ok(multiplied(&complex(image), &complex(kernel), shape)?.mapv(|pixel| pixel.re))
    }

    let mut proof = Proof::numeric("code-conv2d-fft", 1e-12);
    // As printed.
    for (x, h) in proof.images::<C>(S2) {
        let (mh, mw) = (x.nrows() + h.nrows() - 1, x.ncols() + h.ncols() - 1);
        for (mh, mw) in [(mh, mw), (mh + 1, mw), (mh, mw + 1)] {
            proof.printed_close(&padded(&x, &h, (mh, mw)), scale(&x, &h));
        }
    }
    for (x, h) in proof.images::<f64>(S2) {
        let expected = scattered(&x, &h);
        proof.close(conv2d_direct(&x, &h)?, &expected, scale(&x, &h));
        proof.close(conv2d_fft(&x, &h)?, &expected, scale(&x, &h));
        proof.close(fourier::conv2d::convolve(&x, &h, Full)?, &expected, scale(&x, &h));
    }

    // x, h = np.arange(16.).reshape(4, 4) ** 2, np.arange(1., 10.).reshape(3, 3)
    // np.rint(scipy.signal.fftconvolve(x, h)).tolist()     (SciPy 1.17.1)
    let (x, h) = squares_and_digits();
    let scipy = array![
        [0.0, 1.0, 6.0, 20.0, 30.0, 27.0],
        [16.0, 61.0, 155.0, 258.0, 275.0, 201.0],
        [128.0, 396.0, 855.0, 1194.0, 1111.0, 738.0],
        [512.0, 1404.0, 2751.0, 3450.0, 2959.0, 1842.0],
        [1024.0, 2475.0, 4417.0, 5270.0, 4169.0, 2439.0],
        [1008.0, 2335.0, 4020.0, 4664.0, 3564.0, 2025.0]
    ];
    proof.equal(conv2d_direct(&x, &h)?, &scipy);
    proof.close(conv2d_fft(&x, &h)?, scipy, scale(&x, &h));
    Ok(())
}

/// The plain product of the spectra, cropped at the top left, is no CNN layer: it lacks the conjugate, and the crop is
/// not the convolution's either. Mending one of the two gives the convolution, or nothing of use; both fit together.
/// Catches a library that mixes its modes.
#[test]
fn fft_mode_mismatch() -> Result<()> {
    let mut proof = Proof::refuted("fft-mode-mismatch", 0.1);
    // As printed.
    let (x, h) = squares_and_digits();
    proof.printed_close(&padded(&x, &h, (4, 4)), scale(&x, &h));
    let mut cases = vec![squares_and_digits()];
    for _ in 0..64 {
        cases.push((proof.image((4, 4)), proof.image((3, 3))));
    }
    for (x, h) in cases {
        let layer = complex(&correlated(&x, &h));
        let (x, h) = (complex(&x), complex(&h));
        let (product, conjugate) = (multiplied(&x, &h, (4, 4))?, multiplied_conjugate(&x, &h, (4, 4))?);
        proof.separated(product.slice(s![..2, ..2]).to_owned(), &layer);
        // The convolution's crop without the conjugate, and the conjugate with the convolution's crop.
        proof.separated(product.slice(s![2.., 2..]).to_owned(), &layer);
        proof.separated(conjugate.slice(s![2.., 2..]).to_owned(), &layer);
        let error = conjugate.slice(s![..2, ..2]).to_owned() - &layer;
        proof.holds(norm(error) <= 1e-12 * scale(&x, &h));
    }
    // Whole numbers: no rounding is there to blame.
    let (x, h) = squares_and_digits();
    let (y, layer) = (multiplied_conjugate(&complex(&x), &complex(&h), (4, 4))?, correlated(&x, &h));
    proof.equal(y.slice(s![..2, ..2]).to_owned(), complex(&layer));
    Ok(())
}
