//! Proofs of the chapter "Gradient Comparison".

mod meaning;

use std::collections::BTreeSet;

use formula::{Exact, Map, Value};
use locality::conv1d;
use locality::conv2d::{self, Mode, flip, pad};
use locality::fourier::{self, Real};
use locality::gradient::finite_difference::{self, directional};
use locality::gradient::{fourier as through_fft, spatial, spectral};
use locality::layer::{self, Geometry};
use locality::nalgebra::{DMatrix, DVector};
use locality::ndarray::{Array2, Array4, ArrayD, ArrayRef2, IxDyn, array, s};
use locality::num_complex::Complex;
use locality::num_traits::Zero;
use locality::probe::Traced;
use locality::{Result, Scalar, matrix};
use meaning::gradient::{around, comparing, sixteenths, tensor};
use meaning::said;
use proof::{
    Draw, GaussianInteger, Number, Printed, Proof, S1, S2, Shapes, Tensor, norm, printed, printed_image,
};

/// A complex number that is rounded.
type C = Complex<f64>;

/// A number that knows what it depends on, among up to 128 inputs.
type T = Traced<128>;

/// A number that knows, and is complex.
type CT = Complex<T>;

/// The shapes a transform is tried on.
const D2: &[(usize, usize)] = &[(1, 1), (1, 5), (4, 4), (2, 3), (3, 2), (5, 7), (8, 6), (7, 7)];

/// The lengths a transform is tried on.
const D1: &[usize] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 31, 32];

/// The square sizes (N, K) whose non-zeros are counted.
const SQUARES: &[(usize, usize)] = &[(4, 1), (4, 2), (4, 3), (4, 4), (5, 3), (6, 3), (7, 2), (5, 5)];

/// Three shapes on which whole trainings are compared.
const TRAININGS: &[Shapes] = &[((4, 4), (3, 3)), ((6, 5), (2, 3)), ((8, 8), (3, 3))];

/// The shape of the valid outputs.
fn valid((image, kernel): Shapes) -> (usize, usize) {
    (image.0 - kernel.0 + 1, image.1 - kernel.1 + 1)
}

/// Correlation on a torus, scattered: pixel (m, n) and tap (a, b) leave their product at (m − a, n − b).
fn on_torus<S: Scalar>(x: &ArrayRef2<S>, h: &ArrayRef2<S>) -> Array2<S> {
    let (height, width) = x.dim();
    let mut y = Array2::zeros(x.dim());
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[(m + height - a) % height, (n + width - b) % width]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// The first rows and columns of an image: Eᵀ.
fn crop<S: Clone>(x: &ArrayRef2<S>, shape: (usize, usize)) -> Array2<S> {
    x.slice(s![..shape.0, ..shape.1]).to_owned()
}

/// The layer x ⋆ h, from the circular one.
fn correlated<S: Scalar>(x: &ArrayRef2<S>, h: &ArrayRef2<S>) -> Array2<S> {
    crop(&on_torus(x, h), valid((x.dim(), h.dim())))
}

/// g ∗ h, scattered: output (i, j) and tap (a, b) leave their product at (i + a, j + b).
fn convolved<S: Scalar>(g: &ArrayRef2<S>, h: &ArrayRef2<S>) -> Array2<S> {
    let mut x = Array2::zeros((g.nrows() + h.nrows() - 1, g.ncols() + h.ncols() - 1));
    for ((i, j), g) in g.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            x[[i + a, j + b]] += tap.clone() * g.clone();
        }
    }
    x
}

/// The same image in complex numbers.
fn complex<S: Scalar>(x: &ArrayRef2<S>) -> Array2<Complex<S>> {
    x.mapv(|pixel| Complex::new(pixel, S::zero()))
}

/// The spectrum of an image on a torus of `shape`.
fn hat<S: Real + Scalar>(x: &ArrayRef2<S>, shape: (usize, usize)) -> Result<Array2<Complex<S>>> {
    fourier::dft2(&complex(&pad(x, shape)?))
}

/// The conjugate of every bin.
fn conj<S: Real>(x: &ArrayRef2<Complex<S>>) -> Array2<Complex<S>> {
    x.mapv(|bin| bin.conj())
}

/// The real part of every pixel.
fn re(x: &ArrayRef2<C>) -> Array2<f64> {
    x.mapv(|pixel| pixel.re)
}

/// The imaginary part of every pixel.
fn im(x: &ArrayRef2<C>) -> Array2<f64> {
    x.mapv(|pixel| pixel.im)
}

/// The loss of one output: not quadratic, so that its slope says where the output is.
fn loss(y: f64) -> f64 {
    y.sin() + 0.35 * y * y + 0.1 * y * y * y
}

/// Its slope.
fn slope(y: f64) -> f64 {
    y.cos() + 0.7 * y + 0.3 * y * y
}

/// A real loss of complex numbers that hears their two parts differently.
fn complex_loss<'a>(z: impl IntoIterator<Item = &'a C>) -> f64 {
    z.into_iter().map(|z| loss(z.re) + 0.5 * loss(z.im + 0.3)).sum()
}

/// Its gradient by one of them: ∂L/∂Re z + i ∂L/∂Im z.
fn complex_slope(z: &C) -> C {
    C::new(slope(z.re), 0.5 * slope(z.im + 0.3))
}

/// A loss without sines, for numbers that know how to add and multiply: 0.35 y² + 0.1 y³ − y.
fn polynomial(y: T) -> T {
    T::constant(0.35) * y * y + T::constant(0.1) * y * y * y - y
}

/// Its slope.
fn polynomial_slope(y: f64) -> f64 {
    0.7 * y + 0.3 * y * y - 1.0
}

/// The numbers in a list, real parts first, as complex numbers.
fn from_parts(parts: &[f64]) -> Vec<C> {
    let (re, im) = parts.split_at(parts.len() / 2);
    re.iter().zip(im).map(|(&re, &im)| C::new(re, im)).collect()
}

/// The gradient of a real loss by complex numbers, by nudging real and imaginary parts.
fn nudged(loss: impl Fn(&[C]) -> f64, at: &[C]) -> Vec<C> {
    let parts = at.iter().map(|z| z.re).chain(at.iter().map(|z| z.im)).collect::<Vec<_>>();
    from_parts(&finite_difference::gradient(|parts| loss(&from_parts(parts)), &parts))
}

/// The entries of an image, row by row.
fn list<S: Clone>(x: &ArrayRef2<S>) -> Vec<S> {
    x.iter().cloned().collect()
}

/// An image from its entries, row by row.
fn image<S>(shape: (usize, usize), entries: Vec<S>) -> Array2<S> {
    Array2::from_shape_vec(shape, entries).expect("as many entries as the shape has")
}

/// The image with its pixels as inputs `first`, `first` + 1, …
fn watched(x: &ArrayRef2<f64>, first: usize) -> Result<Array2<T>> {
    Ok(image(x.dim(), T::inputs(&list(x), first)?))
}

/// The image with its pixels as numbers that nobody watches.
fn known(x: &ArrayRef2<f64>) -> Array2<T> {
    x.mapv(T::constant)
}

/// The derivatives of a number by the inputs `first`, `first` + 1, … in the shape of an image.
fn slopes(y: &T, shape: (usize, usize), first: usize) -> Array2<f64> {
    Array2::from_shape_fn(shape, |(i, j)| y.slopes()[first + shape.1 * i + j])
}

/// The sum of some numbers.
fn total<S: Scalar>(numbers: impl IntoIterator<Item = S>) -> S {
    numbers.into_iter().fold(S::zero(), |sum, number| sum + number)
}

/// A random image of whole numbers, in floating point.
fn whole(proof: &mut Proof, shape: (usize, usize)) -> Array2<f64> {
    proof.image::<i64>(shape).mapv(|pixel| pixel as f64)
}

/// A random image of whole numbers from 1 to 10: no sum of products can vanish by accident.
fn positive(proof: &mut Proof, shape: (usize, usize)) -> Array2<i64> {
    proof.image::<i64>(shape).mapv(|pixel| pixel.abs() + 1)
}

/// ω₄^k, from a table.
fn root(k: i64) -> GaussianInteger {
    let (one, i) = (GaussianInteger::new(1, 0), GaussianInteger::new(0, 1));
    [one, -i, -one, i][k.rem_euclid(4) as usize]
}

/// The sum of a function over all pairs of indices below `n`.
fn over_bins(n: i64, term: impl Fn(i64, i64) -> GaussianInteger) -> GaussianInteger {
    total((0..n * n).map(|bin| term(bin / n, bin % n)))
}

/// The 4 × 4 spectrum of an image of whole numbers, from the table.
fn spectrum(x: &ArrayRef2<i64>) -> Array2<GaussianInteger> {
    Array2::from_shape_fn((4, 4), |(u, v)| {
        total(x.indexed_iter().map(|((m, n), &pixel)| root((u * m + v * n) as i64) * pixel))
    })
}

/// The scale of an error: 1 + ‖a‖ ‖b‖.
fn scale<A: Tensor, B: Tensor>(a: A, b: B) -> f64 {
    1.0 + norm(a) * norm(b)
}

/// A square, as a pair.
fn square(n: usize) -> (usize, usize) {
    (n, n)
}

/// An image, taps, and the gradient of the outputs, for each of the shapes listed and 64 random ones.
fn triples<S: Draw>(proof: &mut Proof) -> Vec<[Array2<S>; 3]> {
    let shapes = proof.shapes(S2);
    shapes.into_iter().map(|both| [both.0, both.1, valid(both)].map(|shape| proof.image(shape))).collect()
}

/// An image of every pair of indices of two arrays, the last index running fastest.
fn every<S>(
    (p, q): (usize, usize),
    (m, n): (usize, usize),
    entry: impl Fn([usize; 2], [usize; 2]) -> S,
) -> ArrayD<S> {
    ArrayD::from_shape_fn(IxDyn(&[p, q, m, n]), |at| entry([at[0], at[1]], [at[2], at[3]]))
}

/// The derivative of every real number of an image by the inputs `first`, `first` + 1, … in a shape.
fn derivative(y: &ArrayRef2<T>, shape: (usize, usize), first: usize) -> ArrayD<f64> {
    every(y.dim(), shape, |at, [m, n]| y[at].slopes()[first + shape.1 * m + n])
}

/// The same for complex numbers.
fn complex_derivative(z: &ArrayRef2<CT>, shape: (usize, usize), first: usize) -> ArrayD<C> {
    let (re, im) = (z.mapv(|z| z.re), z.mapv(|z| z.im));
    let parts = (derivative(&re, shape, first), derivative(&im, shape, first));
    every(z.dim(), shape, |[u, v], [m, n]| {
        let at = [u, v, m, n];
        C::new(parts.0[IxDyn(&at)], parts.1[IxDyn(&at)])
    })
}

/// Multiples of 1/16 in floating point, as exact numbers.
fn unrounded(array: ArrayD<f64>) -> Value<Exact> {
    Value::Tensor(array.mapv(|entry| sixteenths(entry.into())))
}

/// Whole numbers, in floating point.
fn floats(image: &ArrayRef2<i64>) -> Array2<f64> {
    image.mapv(|entry| entry as f64)
}

/// Π, by the crate.
fn projector(taps: (usize, usize)) -> Map<C> {
    Map::new(move |theta: &ArrayD<C>| {
        let theta = theta.clone().into_dimensionality().map_err(|error| error.to_string())?;
        Ok(spectral::project::<f64>(&theta, taps).map_err(said)?.into_dyn())
    })
}

/// The gradient of a real loss by a complex number points where the loss rises fastest: its parts are the derivatives by
/// the parts, it is twice the derivative by the conjugate, and the loss moves by Re(∇* dz). Catches the conjugate
/// convention and the factor of two.
#[test]
fn wirtinger_convention() {
    let mut proof = Proof::finite_difference("wirtinger-convention", 1e-7);
    for _ in 0..64 {
        // L is the real part of a polynomial in z and its conjugate.
        let (z, dz, c) = (C::draw(proof.random()), C::draw(proof.random()), proof.image::<C>((3, 3)));
        let term = |z: C, a: usize, b: usize| z.powu(a as u32) * z.conj().powu(b as u32);
        let loss = |z: C| c.indexed_iter().map(|((a, b), c)| (c * term(z, a, b)).re).sum::<f64>();
        // ∂z̄^b/∂z̄ = b z̄^(b−1); of the conjugate polynomial, ∂z̄^a/∂z̄ = a z̄^(a−1).
        let by_conjugate = c.indexed_iter().map(|((a, b), c)| {
            let first = if b > 0 { c * term(z, a, b - 1) * b as f64 } else { C::zero() };
            let second = if a > 0 { c.conj() * term(z, b, a - 1) * a as f64 } else { C::zero() };
            (first + second) / 2.0
        });
        let gradient = by_conjugate.sum::<C>() * 2.0;
        let scale = 1.0 + norm(&c) * (1.0 + z.norm()).powi(4);
        proof.close(nudged(|z| loss(z[0]), &[z]), vec![gradient], scale);
        let along = directional(|parts| loss(C::new(parts[0], parts[1])), &[z.re, z.im], &[dz.re, dz.im]);
        proof.close(along, (gradient.conj() * dz).re, scale * (1.0 + dz.norm()));
    }
}

/// Through z = A w the gradient goes back by the conjugate transpose; if w is real, only the real part arrives. Catches
/// the transpose without the conjugate.
#[test]
fn adjoint_linear() {
    let mut proof = Proof::finite_difference("adjoint-linear", 1e-6);
    for (shape, _) in proof.shapes(&[]) {
        let a = matrix::from_array(&proof.image::<C>(shape));
        let (w, real) = (proof.signal::<C>(shape.1), proof.signal::<f64>(shape.1));
        let z = |w: &[C]| &a * DVector::from_row_slice(w);
        let lifted = |w: &[f64]| w.iter().map(|&w| C::from(w)).collect::<Vec<_>>();
        let back = |w: &[C]| a.adjoint() * z(w).map(|z| complex_slope(&z));

        let scale = (1.0 + norm(&a)).powi(3) * (1.0 + norm(&w) + norm(&real)).powi(3);
        proof.close(nudged(|w| complex_loss(&z(w)), &w), back(&w).as_slice().to_vec(), scale);
        let found = finite_difference::gradient(|w| complex_loss(&z(&lifted(w))), &real);
        proof.close(found, back(&lifted(&real)).map(|z| z.re).as_slice().to_vec(), scale);
    }
    // As printed, with what nudging finds for gradients. Small matrices keep the loss, and its rounding, small.
    for (columns, case) in [(3, 0), (1, 1), (2, 1), (3, 2)].repeat(8) {
        let rows = 1 + case % 3;
        let a = matrix::from_array(&proof.image::<C>((rows, columns)));
        let (w, v) = (proof.signal::<C>(columns), proof.signal::<C>(columns));
        let real = v.iter().map(|v| C::from(v.re)).collect::<Vec<_>>();
        let z = |w: &[C]| list_of(&(&a * DVector::from_row_slice(w)));
        let by = |w: &[C]| nudged(|w| complex_loss(&z(w)), w);
        let symbols = |x: &[C], at: &[C], by_x: Vec<C>| {
            let symbols =
                meaning::symbols().size("N", columns).value("A", printed_image(&matrix::to_array(&a)));
            let symbols = symbols.value("x", printed(x)).value("w", printed(&w)).value("z", printed(&z(at)));
            let by_z = nudged(|z| complex_loss(z), &z(at));
            let symbols = symbols.value("\\nabla_x L", printed(&by_x)).value("\\nabla_w L", printed(&by(&w)));
            (symbols.value("\\nabla_z L", printed(&by_z)), (1.0 + norm(z(at))).powi(3))
        };
        let by_real = by(&real).iter().map(|z| C::from(z.re)).collect();
        for (symbols, scale) in
            [symbols(&real, &real, by_real), symbols(&v, &v, by(&v)), symbols(&real, &w, by(&v))]
        {
            proof.printed_close(&symbols, scale);
        }
        // No gradient goes back through A where z is w, or A itself.
        if rows == columns && columns > 1 {
            let (symbols, scale) = symbols(&real, &v, by(&v));
            proof.printed_close(&symbols.clone().value("z", printed(&w)), scale);
            proof.printed_close(&symbols.value("z", printed_image(&matrix::to_array(&a))), scale);
        }
    }
}

/// The entries of a vector.
fn list_of(z: &DVector<C>) -> Vec<C> {
    z.as_slice().to_vec()
}

/// Through a product of entries the gradient goes back by the conjugate of the other factor; through a conjugated factor
/// it arrives conjugated; through a real part it arrives as it is. Catches a conjugate that is missing or misplaced.
#[test]
fn adjoint_hadamard() {
    let mut proof = Proof::finite_difference("adjoint-hadamard", 1e-6);
    for n in proof.lengths(&[1, 2, 5]) {
        let n = n.min(6);
        let (a, b) = (proof.signal::<C>(n), proof.signal::<C>(n));
        let zip =
            |a: &[C], b: &[C], f: fn(C, C) -> C| a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect::<Vec<_>>();
        let back = |y: Vec<C>| y.iter().map(complex_slope).collect::<Vec<_>>();
        let scale = (1.0 + norm(&a) * norm(&b)).powi(2) * (1.0 + norm(&a) + norm(&b));

        let product: fn(C, C) -> C = |a, b| a * b;
        let g = back(zip(&a, &b, product));
        let found = nudged(|a| complex_loss(&zip(a, &b, product)), &a);
        proof.close(found, zip(&b, &g, |b, g| b.conj() * g), scale);

        let product: fn(C, C) -> C = |a, b| a.conj() * b;
        let g = back(zip(&a, &b, product));
        let found = nudged(|a| complex_loss(&zip(a, &b, product)), &a);
        proof.close(found, zip(&b, &g, |b, g| b * g.conj()), scale);
        let found = nudged(|b| complex_loss(&zip(&a, b, product)), &b);
        proof.close(found, zip(&a, &g, |a, g| a * g), scale);

        let found = nudged(|a| a.iter().map(|a| loss(a.re)).sum(), &a);
        proof.close(found, a.iter().map(|a| C::from(slope(a.re))).collect::<Vec<_>>(), scale);
    }
    // As printed, with what nudging finds for gradients.
    for n in [1, 2, 3].repeat(8) {
        let (u, v, z) = (proof.signal::<C>(n), proof.signal::<C>(n), proof.signal::<C>(n));
        let zip =
            |u: &[C], v: &[C], f: fn(&C, &C) -> C| u.iter().zip(v).map(|(u, v)| f(u, v)).collect::<Vec<_>>();
        let reals = |z: &[C]| z.iter().map(|z| C::from(z.re)).collect::<Vec<_>>();
        let products: [fn(&C, &C) -> C; 3] = [|u, v| u * v, |u, v| u.conj() * v, |u, v| u * v.conj()];
        let symbols = |f: fn(&C, &C) -> C, z: &[C], by_z: &[C]| {
            let by_u = nudged(|u| complex_loss(&zip(u, &v, f)), &u);
            let by_v = nudged(|v| complex_loss(&zip(&u, v, f)), &v);
            meaning::symbols()
                .value("u", printed(&u))
                .value("v", printed(&v))
                .value("z", printed(z))
                .value("\\nabla_u L", printed(&by_u))
                .value("\\nabla_v L", printed(&by_v))
                .value("\\nabla_z L", printed(by_z))
        };
        let scale = (1.0 + norm(&u) * norm(&v)).powi(3);
        for f in products {
            let z = zip(&u, &v, f);
            let symbols = symbols(f, &z, &nudged(|z| complex_loss(z), &z));
            proof.printed_close(&symbols.value("y", printed(&u)).value("\\nabla_y L", printed(&v)), scale);
        }
        // Of every pair of entries, which is another product and has other gradients.
        if n > 1 {
            for f in &products[..2] {
                let pairs = u.iter().flat_map(|u| v.iter().map(|v| f(u, v))).collect::<Vec<_>>();
                let symbols = symbols(*f, &pairs, &pairs).value("y", printed(&u));
                proof.printed_close(&symbols.value("\\nabla_y L", printed(&v)), scale);
            }
        }
        let by_z = nudged(|z| z.iter().map(|z| loss(z.re)).sum(), &z);
        let by_y = nudged(|y| y.iter().map(|y| loss(y.re)).sum(), &reals(&z));
        let symbols = symbols(products[0], &z, &by_z).value("y", printed(&reals(&z)));
        proof.printed_close(&symbols.value("\\nabla_y L", printed(&by_y)), scale);
    }
}

/// The adjoint of the transform is HW times its inverse, and the adjoint of the inverse is the transform over HW.
/// Catches the inverse in place of the adjoint, in either direction.
#[test]
fn adjoint_dft2() -> Result<()> {
    fn dot(x: &ArrayRef2<C>, y: &ArrayRef2<C>) -> C {
        x.iter().zip(y).map(|(a, b)| a.conj() * b).sum()
    }
    let mut proof = Proof::numeric("adjoint-dft2", 1e-12);
    let random = proof.shapes(&[]).into_iter().map(|(image, _)| image).collect::<Vec<_>>();
    for shape in [D2, &random].concat() {
        let (x, y) = (proof.image::<C>(shape), proof.image::<C>(shape));
        let n = C::from(x.len() as f64);
        let back = fourier::inverse_dft2(&y)? * n;
        proof.close(dot(&fourier::dft2(&x)?, &y), dot(&x, &back), n.re * scale(&x, &y));
        let forth = fourier::dft2(&y)? / n;
        proof.close(dot(&fourier::inverse_dft2(&x)?, &y), dot(&x, &forth), scale(&x, &y));
    }
    // And as matrices, of which the 4 × 4 ones are exact.
    for (height, width) in [(1, 1), (2, 4), (4, 1), (4, 4)] {
        let (f, inverse) = (matrix::dft2::<C>(height, width)?, matrix::inverse_dft2::<f64>(height, width)?);
        let n = C::from((height * width) as f64);
        proof.equal(f.adjoint(), inverse.map(|entry| entry * n));
        proof.equal(inverse.adjoint().map(|entry| entry * n), f);
    }
    // As printed.
    for &(height, width) in D2.iter().filter(|(height, width)| height * width <= 20) {
        let symbols = meaning::symbols::<C>().size("H", height).size("W", width);
        proof.printed_close(&symbols, (height * width) as f64);
    }
    Ok(())
}

/// A bin of half a spectrum that stands for two counts twice: the adjoint of rfft is N irfft of the bins over c, that of
/// irfft is c times rfft over N. Catches a missing c, and a Nyquist bin counted twice or forgotten.
#[test]
fn adjoint_rfft() -> Result<()> {
    let mut proof = Proof::numeric("adjoint-rfft", 1e-12);
    for n in proof.lengths(D1) {
        let (x, bins) = (proof.signal::<f64>(n), proof.signal::<C>(n / 2 + 1));
        let real = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let half = |a: &[C], b: &[C]| a.iter().zip(b).map(|(a, b)| (a.conj() * b).re).sum::<f64>();
        let scale = n as f64 * scale(&x, &bins);
        let back = spectral::rfft_adjoint(&bins, n)?;
        proof.close(half(&fourier::rfft(&x)?, &bins), real(&x, &back), scale);
        let forth = spectral::irfft_adjoint(&x)?;
        proof.close(real(&fourier::irfft(&bins, n)?, &x), half(&bins, &forth), scale);
    }
    // As printed, for every N but 1 and 3, of which ⌊N/2⌋ is ⌊N/3⌋, too.
    for n in D1.iter().copied().filter(|n| n / 2 != n / 3) {
        let (x, s) = (proof.signal::<f64>(n), proof.signal::<C>(n / 2 + 1));
        proof.printed_close(&half_spectra(&s, n).value("x", printed(&x)), n as f64 * scale(&x, &s));
    }
    Ok(())
}

/// The real transforms, half a spectrum s of a signal of n samples, what its bins stand for, and their quotient r.
fn half_spectra(s: &[C], n: usize) -> formula::Symbols<C> {
    let stands_for = |k: usize| if k == 0 || 2 * k == n { 1.0 } else { 2.0 };
    let c = (0..s.len()).map(stands_for).collect::<Vec<_>>();
    let r = s.iter().zip(&c).map(|(s, c)| s / c).collect::<Vec<_>>();
    meaning::symbols()
        .size("N", n)
        .value("s", printed(s))
        .value("c", printed(&c))
        .value("r", printed(&r))
        .function("rfft_#(#)", |places| {
            let x = meaning::vector(&places[1])?.iter().map(|x| x.re).collect::<Vec<_>>();
            if places[0].size()? != x.len() {
                return Err("as many samples as the transform has are expected".into());
            }
            Ok(fourier::rfft(&x).map_err(said)?.into())
        })
        .function("irfft_#(#)", |places| {
            let x = fourier::irfft(&meaning::vector(&places[1])?, places[0].size()?).map_err(said)?;
            Ok(x.into_iter().map(C::from).collect::<Vec<_>>().into())
        })
}

/// Without the factor c the adjoint of rfft is another function. Catches the belief that half a spectrum is like a whole one.
#[test]
fn adjoint_rfft_naive() -> Result<()> {
    let mut proof = Proof::refuted("adjoint-rfft-naive", 0.1);
    let mut spectra = vec![vec![C::new(0.0, 0.0), C::new(1.0, 0.0), C::zero(), C::zero(), C::zero()]];
    for _ in 0..64 {
        spectra.push(proof.signal(5));
    }
    for bins in spectra {
        let naive = fourier::irfft(&bins, 8)?.into_iter().map(|sample| 8.0 * sample).collect::<Vec<_>>();
        proof.separated(spectral::rfft_adjoint(&bins, 8)?, naive);
    }
    // As printed.
    for n in [5, 6, 7, 8, 9].repeat(4) {
        let s = proof.signal::<C>(n / 2 + 1);
        proof.printed_close(&half_spectra(&s, n), 1.0);
    }
    Ok(())
}

/// A product of spectra with the kernel's conjugated, cropped, is the layer of a CNN. Catches the conjugate on the wrong
/// factor or on none, and a crop at the wrong corner.
#[test]
fn fft_forward_cnn() -> Result<()> {
    let mut proof = Proof::numeric("fft-forward-cnn", 1e-12);
    for (x, h) in proof.images::<f64>(S2) {
        let (expected, outputs) = (correlated(&x, &h), valid((x.dim(), h.dim())));
        let product = conj(&hat(&h, x.dim())?) * hat(&x, x.dim())?;
        let y = fourier::inverse_dft2(&product)?;
        proof.close(crop(&re(&y), outputs), &expected, scale(&x, &h));
        proof.close(im(&y), Array2::zeros(x.dim()), scale(&x, &h));
        proof.close(through_fft::forward_2d(&x, &h, x.dim())?, &expected, scale(&x, &h));
        let theta = spectral::weights(&h, x.dim())?;
        proof.close(spectral::forward(&x, &theta, outputs)?, &expected, scale(&x, &h));
        // As printed.
        let y = printed_image(&through_fft::forward_2d(&x, &h, x.dim())?);
        proof.printed_close(&comparing(&x, &h, &expected).value("y", y), scale(&x, &h));
    }
    for _ in 0..64 {
        // Four-point transforms of whole numbers round nothing.
        let (x, h) = (whole(&mut proof, (4, 4)), whole(&mut proof, (3, 3)));
        proof.equal(spectral::forward(&x, &spectral::weights(&h, (4, 4))?, (2, 2))?, correlated(&x, &h));
    }
    Ok(())
}

/// The gradients by the three spectra, bin by bin, are products with a conjugate and the factor 1/n; those of true
/// convolution have the conjugate on the other factor. Catches each of the conjugates, the factor, and an embedding at the
/// wrong corner.
#[test]
fn fft_grad_spectra() -> Result<()> {
    let mut proof = Proof::finite_difference("fft-grad-spectra", 1e-6);
    let shapes = [((4, 4), (3, 3)), ((3, 5), (2, 2)), ((1, 6), (1, 4)), ((5, 3), (5, 3)), ((4, 3), (1, 1))];
    for shapes in shapes.repeat(4) {
        let (x, h, n) = (proof.image::<f64>(shapes.0), proof.image::<f64>(shapes.1), shapes.0.0 * shapes.0.1);
        let (x_hat, h_hat) = (hat(&x, x.dim())?, hat(&h, x.dim())?);
        let (p, q) = valid(shapes);
        let bins = |bins: &[C]| image(shapes.0, bins.to_vec());
        let scale = (1.0 + norm(&x_hat) * norm(&h_hat)).powi(2) / n as f64;
        // The loss sees P × Q outputs, from the corner where the valid ones stand.
        let seen = |y_hat: &ArrayRef2<C>, corner: (usize, usize)| -> Array2<f64> {
            let y = fourier::inverse_dft2(y_hat).expect("not empty");
            re(&y).slice(s![corner.0..corner.0 + p, corner.1..corner.1 + q]).to_owned()
        };
        let loss = |y: &ArrayRef2<f64>| y.iter().map(|&y| loss(y)).sum::<f64>();
        let over_n = |product: Array2<C>| list(&product.mapv(|bin| bin / n as f64));

        // Correlation: ŷ = conj(ĥ) ⊙ x̂.
        let y_hat = conj(&h_hat) * &x_hat;
        let g = seen(&y_hat, (0, 0)).mapv(slope);
        let g_hat = hat(&g, x.dim())?;
        let by = through_fft::spectra(&x, &h, &g)?;
        // As printed, with what nudging finds for gradients.
        let mut symbols = comparing(&x, &h, &g);
        let found = nudged(|y_hat| loss(&seen(&bins(y_hat), (0, 0))), &list(&y_hat));
        symbols = symbols.value("\\nabla_{\\hat y} L", printed_image(&bins(&found)));
        proof.close(&found, list(&by.output), scale);
        proof.close(found, over_n(g_hat.clone()), scale);
        let found = nudged(|h_hat| loss(&seen(&(conj(&bins(h_hat)) * &x_hat), (0, 0))), &list(&h_hat));
        symbols = symbols.value("\\nabla_{\\hat h} L", printed_image(&bins(&found)));
        proof.close(&found, list(&by.kernel), scale);
        proof.close(&found, list(&spectral::gradient(&x, &g)?), scale);
        proof.close(found, over_n(&x_hat * &conj(&g_hat)), scale);
        let found = nudged(|x_hat| loss(&seen(&(conj(&h_hat) * bins(x_hat)), (0, 0))), &list(&x_hat));
        proof.printed_close(&symbols.value("\\nabla_{\\hat x} L", printed_image(&bins(&found))), scale);
        proof.close(&found, list(&by.input), scale);
        proof.close(found, over_n(&h_hat * &g_hat), scale);

        // True convolution: ŷ = ĥ ⊙ x̂, and g stands where the valid outputs do.
        let corner = (shapes.1.0 - 1, shapes.1.1 - 1);
        let g = seen(&(&h_hat * &x_hat), corner).mapv(slope);
        let g_hat = hat(&embedded(&g, x.dim(), corner), x.dim())?;
        let found = nudged(|h_hat| loss(&seen(&(bins(h_hat) * &x_hat), corner)), &list(&h_hat));
        proof.close(found, over_n(conj(&x_hat) * &g_hat), scale);
        let found = nudged(|x_hat| loss(&seen(&(&h_hat * bins(x_hat)), corner)), &list(&x_hat));
        proof.close(found, over_n(conj(&h_hat) * &g_hat), scale);
    }
    Ok(())
}

/// An image with its first pixel at `corner` of a larger one that is zero elsewhere.
fn embedded(g: &ArrayRef2<f64>, shape: (usize, usize), corner: (usize, usize)) -> Array2<f64> {
    let mut larger = Array2::zeros(shape);
    larger.slice_mut(s![corner.0..corner.0 + g.nrows(), corner.1..corner.1 + g.ncols()]).assign(g);
    larger
}

/// Both ways back from the spectrum's gradient to the taps', by the adjoint and by the inverse, give x ⋆ g. Catches a
/// factor n in one of them and the conjugate on x̂.
#[test]
fn fft_grad_kernel() -> Result<()> {
    let mut proof = Proof::numeric("fft-grad-kernel", 1e-12);
    for [x, h, g] in triples::<f64>(&mut proof) {
        let expected = correlated(&x, &g);
        let n = x.len() as f64;
        let adjoint = fourier::inverse_dft2(&through_fft::spectra(&x, &h, &g)?.kernel)?.mapv(|tap| tap * n);
        proof.close(crop(&re(&adjoint), h.dim()), &expected, scale(&x, &g));
        let product = hat(&x, x.dim())? * conj(&hat(&g, x.dim())?);
        let inverse = fourier::inverse_dft2(&product)?;
        proof.close(crop(&inverse, h.dim()), complex(&expected), scale(&x, &g));
        proof.close(through_fft::kernel_2d(&x, &g, x.dim())?, &expected, scale(&x, &g));
        // As printed.
        let by_taps = printed_image(&through_fft::kernel_2d(&x, &g, x.dim())?);
        let by_bins = printed_image(&through_fft::spectra(&x, &h, &g)?.kernel);
        let symbols = comparing(&x, &h, &g).value("\\partial L / \\partial h", by_taps);
        proof.printed_close(&symbols.value("\\nabla_{\\hat h} L", by_bins), scale(&x, &g));
    }
    Ok(())
}

/// The same for true convolution, whose outputs start at (K_h − 1, K_w − 1): the taps' gradient arrives flipped, the input's
/// is a convolution with the flipped taps. Catches a g that is embedded at the corner, and a missing flip.
#[test]
fn fft_grad_kernel_trueconv() -> Result<()> {
    let mut proof = Proof::numeric("fft-grad-kernel-trueconv", 1e-12);
    for [x, h, g] in triples::<f64>(&mut proof) {
        // y[i, j] holds h[a, b] times this pixel.
        let pixel =
            |(i, j): (usize, usize), (a, b): (usize, usize)| (i + h.nrows() - 1 - a, j + h.ncols() - 1 - b);
        let (mut by_taps, mut by_pixels) = (Array2::zeros(h.dim()), Array2::zeros(x.dim()));
        for (output, g) in g.indexed_iter() {
            for (tap, h) in h.indexed_iter() {
                by_taps[tap] += g * x[pixel(output, tap)];
                by_pixels[pixel(output, tap)] += g * h;
            }
        }
        proof.close(flip(&correlated(&x, &g)), &by_taps, scale(&x, &g));
        proof.close(convolved(&g, &flip(&h)), &by_pixels, scale(&h, &g));

        let g_hat = hat(&embedded(&g, x.dim(), (h.nrows() - 1, h.ncols() - 1)), x.dim())?;
        let kernel = fourier::inverse_dft2(&(conj(&hat(&x, x.dim())?) * &g_hat))?;
        proof.close(crop(&kernel, h.dim()), complex(&by_taps), scale(&x, &g));
        let input = fourier::inverse_dft2(&(conj(&hat(&h, x.dim())?) * &g_hat))?;
        proof.close(input, complex(&by_pixels), scale(&h, &g));
        // As printed.
        let larger = embedded(&g, x.dim(), (h.nrows() - 1, h.ncols() - 1));
        let symbols = comparing(&x, &h, &g)
            .value("y", printed_image(&conv2d::convolve(&x, &h, Mode::Valid)?))
            .value("\\tilde g", printed_image(&larger))
            .value("\\partial L / \\partial h", printed_image(&by_taps))
            .value("\\partial L / \\partial x", printed_image(&by_pixels));
        proof.printed_close(&symbols, scale(&x, &h) + scale(&x, &g) + scale(&h, &g));
    }
    Ok(())
}

/// The input's gradient is the plain product of the spectra, with nothing to crop: outputs and taps together are as long
/// as the input. Catches a conjugate and a flip, both of which belong to the other gradient.
#[test]
fn fft_grad_input() -> Result<()> {
    let mut proof = Proof::numeric("fft-grad-input", 1e-12);
    for [x, h, g] in triples::<f64>(&mut proof) {
        let product = hat(&h, x.dim())? * hat(&g, x.dim())?;
        let gradient = fourier::inverse_dft2(&product)?;
        proof.close(&gradient, complex(&convolved(&g, &h)), scale(&h, &g));
        let by_pixels = through_fft::input_2d(&h, &g, x.dim())?;
        proof.close(&by_pixels, re(&gradient), scale(&h, &g));
        // As printed.
        let symbols = comparing(&x, &h, &g).value("\\partial L / \\partial x", printed_image(&by_pixels));
        proof.printed_close(&symbols, scale(&h, &g));
    }
    Ok(())
}

/// The derivative of each output by each tap, as the sum over all sixteen frequencies, is one pixel. Catches a sum that
/// stops early, a wrong sign of the shift, and rows taken for columns.
#[test]
fn fft_grad_h11() -> Result<()> {
    let mut proof = Proof::exact("fft-grad-h11");
    for _ in 0..64 {
        let (x, g) = (proof.image::<i64>((4, 4)), proof.image::<i64>((2, 2)));
        let (x_hat, g_hat) = (spectrum(&x), spectrum(&g));
        proof.equal(total(x_hat.iter().copied()), GaussianInteger::from(16 * x[[0, 0]]));
        let by_taps = correlated(&x, &g);
        // As printed: four-point transforms of whole numbers round nothing.
        let h = proof.image::<i64>((3, 3));
        let y = through_fft::forward_2d(&known(&floats(&x)), &watched(&floats(&h), 0)?, (4, 4))?;
        let found = through_fft::kernel_2d(&floats(&x), &floats(&g), (4, 4))?;
        let symbols = comparing(&x, &h, &g)
            .value("\\partial y / \\partial h", unrounded(derivative(&y, (3, 3), 0)))
            .value("\\partial L / \\partial h", unrounded(found.into_dyn()));
        proof.printed(&symbols);
        for ((a, b), &by_tap) in by_taps.indexed_iter() {
            for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let turned = |u: i64, v: i64| {
                    x_hat[[u as usize, v as usize]] * root(-(u * (i + a) as i64 + v * (j + b) as i64))
                };
                proof.equal(over_bins(4, turned), GaussianInteger::from(16 * x[[i + a, j + b]]));
            }
            let turned = |u: i64, v: i64| {
                let bin = [u as usize, v as usize];
                x_hat[bin] * g_hat[bin].conj() * root(-(u * a as i64 + v * b as i64))
            };
            proof.equal(over_bins(4, turned), GaussianInteger::from(16 * by_tap));
        }
    }
    Ok(())
}

/// Written out over the frequencies, an output has N⁴K² terms, all of the same magnitude, in which every tap meets every
/// pixel; summed, N²K² − K² of the N²K² pairs cancel exactly. Catches a wrong count and every sign in the exponent.
#[test]
fn p1_term_expansion() -> Result<()> {
    let mut proof = Proof::exact("p1-term-expansion");
    // Roots of unity are added up exactly: a sum over k of ω_N^{kt} is N if N divides t, and 0 otherwise; for N = 4 the table
    // says so itself.
    for t in -7..=7 {
        let sum = total((0..4).map(|u| root(u * t)));
        proof.equal(sum, GaussianInteger::from(if t % 4 == 0 { 4 } else { 0 }));
    }
    for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (mut terms, mut survivors) = (0, 0);
        for pair in 0..16 * 9 {
            let (m, n, a, b) = (pair / 36, pair / 9 % 4, pair / 3 % 3, pair % 3);
            let coefficient = over_bins(4, |u, v| root(u * (m - a - i) + v * (n - b - j)));
            terms += (0..16)
                .filter(|bin| root(bin / 4 * (m - a - i) + bin % 4 * (n - b - j)).norm_sqr() == 1)
                .count();
            survivors += usize::from(coefficient != GaussianInteger::zero());
            let meets = (m, n) == (a + i, b + j);
            proof.equal(coefficient, GaussianInteger::from(if meets { 16 } else { 0 }));
        }
        proof.equal([terms, survivors], [2304, 9]);
    }
    // Other sizes have roots that are rounded, and sums that are 0 or N² beyond doubt.
    for (n, k) in [(3, 2), (5, 3), (6, 1), (4, 4)] {
        let cis = |t: i64| C::cis(-std::f64::consts::TAU * t.rem_euclid(n) as f64 / n as f64);
        let side = n - k + 1;
        for output in 0..side * side {
            let (i, j) = (output / side, output % side);
            let (mut terms, mut survivors) = (0, 0);
            for pair in 0..n * n * k * k {
                let (pixel, tap) = (pair / (k * k), pair % (k * k));
                let (s, t) = (pixel / n - tap / k - i, pixel % n - tap % k - j);
                let sum = (0..n * n).map(|bin| cis(bin / n * s + bin % n * t)).sum::<C>();
                terms += n * n;
                survivors += i64::from(sum.norm() > 0.5);
                proof.holds(
                    (sum - if (s, t) == (0, 0) { (n * n) as f64 } else { 0.0 }).norm()
                        < 1e-12 * (n * n) as f64,
                );
            }
            proof.equal([terms, survivors], [n.pow(4) * k * k, k * k]);
        }
    }
    // As printed.
    for _ in 0..3 {
        let (x, h) = (proof.image::<GaussianInteger>((4, 4)), proof.image::<GaussianInteger>((3, 3)));
        let y = conv2d::correlate(&x, &h, Mode::Valid)?;
        proof.printed(&meaning::image(&x, &h).value("y", printed_image(&y)));
    }
    Ok(())
}

/// The derivative of the first of the sixteen terms by h₁₁ is the sum of all pixels over 16; that of all sixteen is
/// x₁₁. The taps are numbers that know their derivatives, and the transform is rustfft's. Catches the article's
/// reading, and a frequency 0 that is not the first.
#[test]
fn p1_dc_term() -> Result<()> {
    let mut proof = Proof::exact("p1-dc-term");
    for _ in 0..64 {
        let (x, h) = (whole(&mut proof, (4, 4)), whole(&mut proof, (3, 3)));
        let (x_hat, h_hat) = (hat(&watched(&x, 9)?, (4, 4))?, hat(&watched(&h, 0)?, (4, 4))?);
        let product = conj(&h_hat) * x_hat;
        // As printed.
        let terms = product.mapv(|bin| bin / T::constant(16.0));
        let t = terms.mapv(|t| sixteenths(C::new(t.re.value(), t.im.value())));
        let by_taps = Value::Tensor(complex_derivative(&terms, (3, 3), 0).mapv(sixteenths));
        let entries = |image: &Array2<f64>| image.mapv(|entry| entry as i64);
        let symbols = comparing(&entries(&x), &entries(&h), &entries(&h)).value("t", t);
        proof.printed(&symbols.value("\\partial t / \\partial h", by_taps));

        let over_16 = |term: CT| (term / T::constant(16.0)).re;
        let first = over_16(product[[0, 0]]);
        let all = over_16(total(product.iter().copied()));
        proof.equal(first.slopes()[0], x.sum() / 16.0);
        proof.equal(all.slopes()[0], x[[0, 0]]);
        // And so for every other tap: the sum is its own pixel, the first term is the same as before.
        proof.equal(&first.slopes()[..9], [x.sum() / 16.0; 9].as_slice());
        proof.equal(slopes(&all, (3, 3), 0), crop(&x, (3, 3)));
        // Either was computed from all taps and all pixels.
        proof.equal([first.structure().len(), all.structure().len()], [25, 25]);
    }
    Ok(())
}

/// How many pixels have a coefficient after the first q frequencies: from all sixteen down to one, and not in a straight
/// line. Catches another order of the frequencies, and a count of real parts only.
#[test]
fn p1_partial_sums() -> Result<()> {
    let mut proof = Proof::exact("p1-partial-sums");
    let table = vec![16_usize, 12, 16, 4, 16, 12, 16, 3, 16, 12, 16, 4, 16, 12, 16, 1];
    let mut coefficients = Array2::<GaussianInteger>::zeros((4, 4));
    let mut found = Vec::new();
    for bin in 0..16 {
        for ((m, n), coefficient) in coefficients.indexed_iter_mut() {
            *coefficient += root(bin / 4 * m as i64 + bin % 4 * n as i64);
        }
        found.push(coefficients.iter().filter(|c| !c.is_zero()).count());
    }
    proof.equal(found, &table);
    // The pixels themselves count along, through the transform.
    let bins = hat(&watched(&whole(&mut proof, (4, 4)), 0)?, (4, 4))?;
    let mut sum = CT::zero();
    let counts = bins.iter().map(|&bin| {
        sum += bin;
        (0..16).filter(|&pixel| sum.re.slopes()[pixel] != 0.0 || sum.im.slopes()[pixel] != 0.0).count()
    });
    proof.equal(counts.collect::<Vec<_>>(), &table);
    // As printed, with the derivatives of the sums through the transform.
    let mut sum = CT::zero();
    let sums = bins.iter().map(|&bin| {
        sum += bin;
        sum
    });
    let sums = image((1, 16), sums.collect());
    let by_pixels = complex_derivative(&sums, (4, 4), 0).mapv(|by| sixteenths(by / 16.0));
    let by_pixels = by_pixels.into_shape_with_order(IxDyn(&[16, 4, 4])).expect("as many");
    let counts = table.iter().map(|&count| count as i64).collect::<Vec<_>>();
    proof.printed(&meaning::symbols().value("c", by_pixels).value("p", printed(&counts)));
    Ok(())
}

/// The gradient of a loss behind the transform, found by numbers that know their derivatives and by no formula, is that
/// of the definition: x ⋆ g for the taps, g ∗ h for the input. Catches any difference between the two routes.
#[test]
fn p2_equal_gradients() -> Result<()> {
    let mut proof = Proof::numeric("p2-equal-gradients", 1e-12);
    for (x, h) in proof.images::<f64>(S2) {
        let route = |x: &ArrayRef2<T>, h: &ArrayRef2<T>| -> Result<T> {
            Ok(total(through_fft::forward_2d(x, h, x.dim())?.into_iter().map(polynomial)))
        };
        let g = correlated(&x, &h).mapv(polynomial_slope);
        let scale = 1.0 + norm(&x) * norm(&h) * norm(&g);
        let by_taps = slopes(&route(&known(&x), &watched(&h, 0)?)?, h.dim(), 0);
        proof.close(&by_taps, correlated(&x, &g), scale);
        proof.close(&by_taps, spatial::kernel_2d(&x, &g)?, scale);
        let by_pixels = slopes(&route(&watched(&x, 0)?, &known(&h))?, x.dim(), 0);
        proof.close(&by_pixels, convolved(&g, &h), scale);
        proof.close(&by_pixels, spatial::input_2d(&h, &g)?, scale);
        // As printed.
        let symbols = comparing(&x, &h, &g)
            .value("y", printed_image(&through_fft::forward_2d(&x, &h, x.dim())?))
            .value("\\partial L / \\partial h", printed_image(&by_taps))
            .value("\\partial L / \\partial x", printed_image(&by_pixels));
        proof.printed_close(&symbols, scale + norm(&x) * norm(&h));
    }
    Ok(())
}

/// Every transform that holds the input gives the same gradients, in one dimension and in two. Catches a crop that
/// depends on the length of the transform, and a length that is too short by one.
#[test]
fn p2_equal_gradients_padded() -> Result<()> {
    let mut proof = Proof::numeric("p2-equal-gradients-padded", 1e-12);
    for (x, h) in proof.pairs::<f64>(S1) {
        let g = proof.signal::<f64>(x.len() - h.len() + 1);
        for m in [x.len(), x.len() + 1, x.len() + h.len() - 1, x.len().next_power_of_two()] {
            let windows = x.windows(g.len()).map(|window| window.iter().zip(&g).map(|(x, g)| x * g).sum());
            let by_taps = windows.collect::<Vec<f64>>();
            proof.close(through_fft::kernel_1d(&x, &g, m)?, by_taps, scale(&x, &g));
            let by_input = conv1d::convolve(&g, &h, Mode::Full)?;
            proof.close(through_fft::input_1d(&h, &g, m)?, by_input, scale(&h, &g));
        }
    }
    for [x, h, g] in triples::<f64>(&mut proof) {
        let (height, width) = x.dim();
        let padded = (height + h.nrows() - 1, width + h.ncols() - 1);
        for shape in [x.dim(), (height + 1, width + 2), padded, (16, 16)] {
            proof.close(through_fft::kernel_2d(&x, &g, shape)?, correlated(&x, &g), scale(&x, &g));
            proof.close(through_fft::input_2d(&h, &g, shape)?, convolved(&g, &h), scale(&h, &g));
            proof.close(through_fft::forward_2d(&x, &h, shape)?, correlated(&x, &h), scale(&x, &h));
        }
        // As printed. Transforms that are too short do not hold the image.
        for (m_h, m_w) in [x.dim(), (height + 1, width + 2), padded, (height, width - 1), (height - 1, width)]
        {
            let symbols = comparing(&x, &h, &g).size("M_h", m_h).size("M_w", m_w);
            let symbols = symbols.value("E", meaning::padding(&[m_h, m_w]));
            proof.printed_close(&symbols, scale(&x, &g) + scale(&h, &g));
        }
    }
    Ok(())
}

/// In a layer the products of all channels, images or filters are added up before the transform goes back. More than a
/// thousand random layers against the sums of the definition. Catches a sum over the wrong axis, and two axes
/// exchanged.
#[test]
fn p2_multichannel() -> Result<()> {
    let mut proof = Proof::numeric("p2-multichannel", 1e-12);
    for round in 0..14 {
        for (case, both) in proof.shapes(S2).into_iter().enumerate() {
            let ((p, q), geometry) = (valid(both), Geometry::default());
            let [images, channels, filters] = [1 + case % 3, 1 + case / 3 % 3, 1 + (case + round) % 4];
            let x = proof.tensor::<f64>([images, channels, both.0.0, both.0.1]);
            let w = proof.tensor::<f64>([filters, channels, both.1.0, both.1.1]);
            let g = proof.tensor::<f64>([images, filters, p, q]);
            let shape = (both.0.0 + case % 2, both.0.1 + round % 3);

            let (mut kernel, mut input) = (Array4::<f64>::zeros(w.dim()), Array4::<f64>::zeros(x.dim()));
            let mut y = Array4::<f64>::zeros(g.dim());
            for ((n, o, i, j), g) in g.indexed_iter() {
                for (c, a, b) in (0..channels * both.1.0 * both.1.1)
                    .map(|tap| (tap / (both.1.0 * both.1.1), tap / both.1.1 % both.1.0, tap % both.1.1))
                {
                    kernel[[o, c, a, b]] += g * x[[n, c, i + a, j + b]];
                    input[[n, c, i + a, j + b]] += g * w[[o, c, a, b]];
                    y[[n, o, i, j]] += w[[o, c, a, b]] * x[[n, c, i + a, j + b]];
                }
            }
            let found = through_fft::layer(&x, &w, &g, shape)?;
            proof.close(&found.kernel, &kernel, scale(&x, &g));
            proof.close(&found.input, &input, scale(&w, &g));
            proof.close(through_fft::forward(&x, &w, shape)?, &y, scale(&x, &w));
            let spatial = spatial::layer(&x, &w, &g, geometry)?;
            proof.close(&spatial.kernel, kernel, scale(&x, &g));
            proof.close(&spatial.input, input, scale(&w, &g));
            proof.close(layer::forward(&x, &w, None, geometry)?, y, scale(&x, &w));
            proof.equal(found.bias, spatial.bias);
            // As printed.
            if round < 2 && x.len() < 200 {
                let y = through_fft::forward(&x, &w, shape)?;
                let sizes = [images, channels, filters, both.0.0, both.0.1, both.1.0, both.1.1, p, q];
                let names = ["B", "C", "O", "H", "W", "K_h", "K_w", "P", "Q"];
                let symbols = names.iter().zip(sizes);
                let symbols =
                    symbols.fold(meaning::symbols(), |symbols, (name, size)| symbols.size(name, size));
                let symbols = around(symbols, both.0)
                    .value("x", tensor(x.clone().into_dyn()))
                    .value("w", tensor(w.clone().into_dyn()))
                    .value("g", tensor(g.clone().into_dyn()))
                    .value("y", tensor(y.into_dyn()))
                    .value("\\partial L / \\partial w", tensor(found.kernel.into_dyn()))
                    .value("\\partial L / \\partial x", tensor(found.input.into_dyn()));
                proof.printed_close(&symbols, scale(&x, &g) + scale(&w, &g) + scale(&x, &w));
            }
        }
    }
    Ok(())
}

/// The slope of √(1 + r²) − 1: a loss that cannot run away, whatever the data.
fn bounded(r: f64) -> f64 {
    r / (1.0 + r * r).sqrt()
}

/// A training problem: an image, taps to begin with, outputs to reach, and a step that is safe.
fn problem(proof: &mut Proof, both: Shapes) -> (Array2<f64>, Array2<f64>, Array2<f64>, f64) {
    let x = proof.image::<f64>(both.0);
    let rate = 1.0 / norm(&x).powi(2);
    (x, proof.image(both.1), proof.image(valid(both)), rate)
}

/// Sixty steps of gradient descent along both routes, forwards and backwards, visit the same taps. Catches a difference
/// too small to see in one gradient.
#[test]
fn p2_sgd_trajectory() -> Result<()> {
    let mut proof = Proof::numeric("p2-sgd-trajectory", 1e-10);
    for &both in TRAININGS {
        for _ in 0..8 {
            let (x, start, target, rate) = problem(&mut proof, both);
            let (mut h, mut through) = (start.clone(), start.clone());
            for _ in 0..60 {
                let g = (conv2d::correlate(&x, &h, Mode::Valid)? - &target).mapv(bounded);
                h = h - spatial::kernel_2d(&x, &g)? * rate;
                let g = (through_fft::forward_2d(&x, &through, x.dim())? - &target).mapv(bounded);
                through = through - through_fft::kernel_2d(&x, &g, x.dim())? * rate;
                proof.close(&through, &h, 1.0 + norm(&start));
            }
            proof.holds(norm(&(h - start)) > 1e-3);
        }
    }
    Ok(())
}

/// Which derivatives are not zero, counted by numbers that know theirs: K² for an output or a tap of either route, all of
/// them for a spectrum. Catches every one of the eleven counts, and the belief that the transform changes the second
/// and fourth.
#[test]
fn p3_nnz_counts() -> Result<()> {
    fn moved(y: &T) -> Vec<usize> {
        y.influence(1e-9)
    }
    fn reals(y: &ArrayRef2<T>) -> usize {
        y.iter().map(|y| moved(y).len()).sum()
    }
    fn complexes(z: &ArrayRef2<CT>) -> usize {
        let both = |z: &CT| [moved(&z.re), moved(&z.im)].concat();
        z.iter().map(|z| both(z).into_iter().collect::<BTreeSet<_>>().len()).sum()
    }
    let mut proof = Proof::exact("p3-nnz-counts");
    for (n, k) in SQUARES.repeat(4) {
        let both = (square(n), square(k));
        let (x, h) = (proof.image::<f64>(both.0), proof.image::<f64>(both.1));
        let (g, t) = (proof.image::<f64>(valid(both)), proof.image::<f64>(valid(both)));
        let (watched_x, watched_h) = (watched(&x, 0)?, watched(&h, 0)?);
        let (x, h, g, t) = (known(&x), known(&h), known(&g), known(&t));
        // Free weights: 2N² real numbers, of which a bin has two.
        let theta = proof.image::<C>(both.0);
        let (real, imaginary) = (watched(&re(&theta), 0)?, watched(&im(&theta), n * n)?);
        let theta = Array2::from_shape_fn(both.0, |bin| Complex::new(real[bin], imaginary[bin]));
        let by_bins = |y: &T| moved(y).into_iter().map(|i| i % (n * n)).collect::<BTreeSet<_>>().len();
        let residual = conv2d::correlate(&watched_x, &h, Mode::Valid)? - &t;
        let found = [
            reals(&conv2d::correlate(&watched_x, &h, Mode::Valid)?),
            reals(&conv2d::correlate(&x, &watched_h, Mode::Valid)?),
            reals(&conv2d::correlate_circular(&watched_x, &h, both.0)?),
            reals(&through_fft::forward_2d(&watched_x, &h, both.0)?),
            complexes(&hat(&watched_x, both.0)?),
            complexes(&hat(&watched_h, both.0)?),
            complexes(&(conj(&hat(&h, both.0)?) * hat(&watched_x, both.0)?)),
            spectral::forward(&x, &theta, valid(both))?.iter().map(by_bins).sum(),
            reals(&spatial::kernel_2d(&watched_x, &g)?),
            complexes(&spectral::gradient(&watched_x, &g)?),
            reals(&spatial::kernel_2d(&watched_x, &residual)?),
        ];
        // As printed: 1 stands for a derivative that is not 0 but for rounding.
        let moves = |y: &T, input: usize| y.slopes()[input].abs() > 1e-9;
        let mask = |y: &ArrayRef2<T>| {
            let of = |y: &T| (0..n * n).map(|input| i64::from(moves(y, input)).print()).collect::<Vec<_>>();
            y.iter().flat_map(of).collect::<Vec<_>>()
        };
        let complex_mask = |z: &ArrayRef2<CT>| {
            let moves = |z: &CT, input| moves(&z.re, input) || moves(&z.im, input);
            let of = |z: &CT| (0..n * n).map(|input| i64::from(moves(z, input)).print()).collect::<Vec<_>>();
            z.iter().flat_map(of).collect::<Vec<_>>()
        };
        let by_theta = |y: &T| {
            let moves = |bin| moves(y, bin) || moves(y, n * n + bin);
            (0..n * n).map(|bin| i64::from(moves(bin)).print()).collect::<Vec<_>>()
        };
        let free = spectral::forward(&x, &theta, valid(both))?;
        let y_hat = conj(&hat(&h, both.0)?) * hat(&watched_x, both.0)?;
        let taps = positive(&mut proof, both.1);
        let symbols = meaning::symbols()
            .size("N", n)
            .size("K", k)
            .value("h", printed_image(&taps))
            .function("\\mathcal{C}(#)", move |places| {
                let h = pad(&places[0].matrix()?, square(n)).map_err(said)?;
                meaning::from_nalgebra(matrix::bccb(&h, square(n)))
            })
            .value("\\partial y / \\partial x", mask(&through_fft::forward_2d(&watched_x, &h, both.0)?))
            .value("\\partial y / \\partial h", mask(&through_fft::forward_2d(&x, &watched_h, both.0)?))
            .value("\\partial \\hat x / \\partial x", complex_mask(&hat(&watched_x, both.0)?))
            .value("\\partial \\hat h / \\partial h", complex_mask(&hat(&watched_h, both.0)?))
            .value("\\partial \\hat y / \\partial x", complex_mask(&y_hat))
            .value("\\partial y / \\partial \\hat h", free.iter().flat_map(by_theta).collect::<Vec<_>>())
            .value(
                "\\partial (\\partial L / \\partial h) / \\partial x",
                mask(&through_fft::kernel_2d(&watched_x, &g, both.0)?),
            )
            .value(
                "\\partial \\nabla_{\\hat h} L / \\partial x",
                complex_mask(&spectral::gradient(&watched_x, &g)?),
            )
            .value("d (\\partial L / \\partial h) / d x", mask(&spatial::kernel_2d(&watched_x, &residual)?));
        proof.printed(&symbols);
        let (p, n, k) = (valid(both).0.pow(2), n * n, k * k);
        proof.equal(found, [p * k, p * k, n * k, p * k, n * n, n * k, n * n, p * n, p * k, n * n, k * n]);
        if (n, k) == (16, 9) {
            proof.equal(found, [36, 36, 144, 36, 256, 144, 256, 64, 36, 256, 144]);
        }
        proof.equal(reals(&through_fft::kernel_2d(&watched_x, &g, both.0)?), p * k);
    }
    Ok(())
}

/// Three dense matrices, one sparse product: on the rows of the valid outputs F⁻¹ diag(conj ĥ) F is the matrix of the
/// taps, zeros and all. Catches the conjugate, and rows that are not the valid ones.
#[test]
fn p3_dense_times_dense_sparse() -> Result<()> {
    let mut proof = Proof::numeric("p3-dense-times-dense-sparse", 1e-12);
    for (x, h) in proof.images::<f64>(S2) {
        let ((height, width), (p, q)) = (x.dim(), valid((x.dim(), h.dim())));
        let diagonal = DMatrix::from_diagonal(&matrix::vec(&conj(&hat(&h, x.dim())?)));
        let product =
            matrix::inverse_dft2::<f64>(height, width)? * diagonal * matrix::dft2::<C>(height, width)?;
        let rows = product.select_rows(&(0..p * q).map(|row| row / q * width + row % q).collect::<Vec<_>>());
        // Row (i, j) has tap (a, b) at pixel (i + a, j + b).
        let mut taps = DMatrix::zeros(p * q, height * width);
        for row in 0..p * q {
            for ((a, b), &tap) in h.indexed_iter() {
                taps[(row, (row / q + a) * width + row % q + b)] = C::from(tap);
            }
        }
        proof.close(rows, &taps, x.len() as f64 * (1.0 + norm(&h)));
        proof.equal(matrix::correlation2(&h, x.dim(), Mode::Valid)?.map(C::from), taps);
        // As printed, with F as a matrix, and no side of one pixel, which would hide a side that is missing in q < H W.
        if height > 1 && width > 1 && x.len() <= 24 {
            let shape = [height, width];
            let symbols = meaning::image(&x, &h).function("\\hat #", move |places| {
                let h = meaning::padded(places[0].tensor()?, &shape)?;
                Ok(Value::Tensor(meaning::spectrum(&h)?))
            });
            proof.printed_close(&symbols, x.len() as f64 * (1.0 + norm(&h)));
        }
    }
    Ok(())
}

/// A free spectral weight weighs all pixels alike: the derivative of its gradient by any of them has magnitude |ĝ|/16.
/// Catches a weight that prefers some pixels, and the factor.
#[test]
fn p3_spectral_sensitivity() -> Result<()> {
    let mut proof = Proof::numeric("p3-spectral-sensitivity", 1e-12);
    for _ in 0..64 {
        let (x, g) = (whole(&mut proof, (4, 4)), whole(&mut proof, (2, 2)));
        let gradient = spectral::gradient(&watched(&x, 0)?, &known(&g))?;
        for (by, g_hat) in gradient.iter().zip(&hat(&g, (4, 4))?) {
            // 16² |∂|² = |ĝ|², in whole numbers.
            let squared = |pixel: usize| by.re.slopes()[pixel].powi(2) + by.im.slopes()[pixel].powi(2);
            let sizes = (0..16).map(|pixel| 256.0 * squared(pixel)).collect::<Vec<_>>();
            proof.equal(sizes, [g_hat.norm_sqr(); 16].to_vec());
        }
    }
    // As printed.
    for both in [((4, 4), (3, 3)), ((3, 5), (2, 2)), ((2, 3), (1, 2)), ((5, 2), (1, 1))].repeat(3) {
        let (x, h) = (proof.image::<f64>(both.0), proof.image::<f64>(both.1));
        let g = proof.image::<f64>(valid(both));
        let gradient = spectral::gradient(&watched(&x, 0)?, &known(&g))?;
        let by_pixels = tensor(complex_derivative(&gradient, both.0, 0));
        let symbols = comparing(&x, &h, &g).value("\\partial \\nabla_\\theta L / \\partial x", by_pixels);
        proof.printed_close(&symbols, 1.0 + norm(&g));
    }
    Ok(())
}

/// With g held fixed, the gradient of a tap reads a window as large as the output, not a patch as large as the kernel;
/// together the windows are the whole image. Found by lighting one pixel at a time. Catches the article's patch.
#[test]
fn p4_spatial_window() -> Result<()> {
    let mut proof = Proof::exact("p4-spatial-window");
    for both in proof.shapes(S2) {
        let ((height, width), (kh, kw)) = both;
        let g = positive(&mut proof, valid(both));
        let mut by_pixels = ArrayD::<i64>::zeros(IxDyn(&[kh, kw, height, width]));
        let mut reads = Array2::zeros(both.1);
        for pixel in 0..height * width {
            let (m, n) = (pixel / width, pixel % width);
            let mut light = Array2::zeros(both.0);
            light[[m, n]] = 1;
            let by_taps = spatial::kernel_2d(&light, &g)?;
            by_pixels.slice_mut(s![.., .., m, n]).assign(&by_taps);
            let found = by_taps.mapv(|by| usize::from(by != 0));
            let window = |(a, b)| (a..=a + height - kh).contains(&m) && (b..=b + width - kw).contains(&n);
            proof.equal(&found, Array2::from_shape_fn(both.1, |tap| usize::from(window(tap))));
            proof.holds(found.sum() > 0);
            reads += &found;
        }
        proof.equal(reads, Array2::from_elem(both.1, g.len()));
        // As printed.
        let light = (Array2::<i64>::zeros(both.0), Array2::<i64>::zeros(both.1));
        let symbols = comparing(&light.0, &light.1, &g);
        let name = "\\partial (\\partial L / \\partial h) / \\partial x";
        proof.printed(&symbols.value(name, tensor(by_pixels)));
    }
    let share = |n: f64| format!("{:.1} %", 100.0 * ((n - 2.0) / n).powi(2));
    proof.holds([4.0, 32.0, 224.0].map(share) == ["25.0 %", "87.9 %", "98.2 %"]);
    Ok(())
}

/// What is local is the share of one output: one pixel for each output and tap, one patch for each output. Catches a
/// flipped patch and a patch at the wrong place.
#[test]
fn p4_per_output_local() -> Result<()> {
    let mut proof = Proof::exact("p4-per-output-local");
    for both in proof.shapes(S2) {
        let (x, h) = (whole(&mut proof, both.0), whole(&mut proof, both.1));
        let y = conv2d::correlate(&known(&x), &watched(&h, 0)?, Mode::Valid)?;
        // As printed.
        let entries = |image: &Array2<f64>| image.mapv(|entry| entry as i64);
        let symbols = meaning::image(&entries(&x), &entries(&h));
        proof.printed(&symbols.value("\\partial y / \\partial h", unrounded(derivative(&y, h.dim(), 0))));
        for ((i, j), y) in y.indexed_iter() {
            let patch = x.slice(s![i..i + h.nrows(), j..j + h.ncols()]).to_owned();
            proof.equal(slopes(y, h.dim(), 0), patch);
        }
    }
    Ok(())
}

/// As soon as the loss is not linear, g itself reads the image, and every pixel moves the gradient of every tap: in
/// space, with no transform anywhere. Catches the sentence that an update depends on a patch only.
#[test]
fn p4_total_derivative() -> Result<()> {
    let mut proof = Proof::numeric("p4-total-derivative", 1e-12);
    let listed = [((4, 4), (3, 3)), ((5, 4), (2, 3)), ((6, 6), (3, 3)), ((3, 5), (2, 2))];
    for (case, (x, h)) in proof.images::<f64>(&listed).into_iter().enumerate() {
        let y = correlated(&x, &h);
        let (g, bend) = (y.mapv(polynomial_slope), y.mapv(|y| 0.7 + 0.6 * y));
        let traced = conv2d::correlate(&watched(&x, 0)?, &known(&h), Mode::Valid)?;
        let constant = T::constant;
        let traced = traced.mapv(|y| constant(0.7) * y + constant(0.3) * y * y - constant(1.0));
        let found = spatial::kernel_2d(&watched(&x, 0)?, &traced)?;

        let at = |image: &Array2<f64>, i: usize, m: usize, j: usize, n: usize| {
            let inside = m.checked_sub(i).zip(n.checked_sub(j));
            inside.and_then(|place| image.get(place)).copied().unwrap_or(0.0)
        };
        // As printed.
        let symbols = comparing(&x, &h, &g)
            .value("y", printed_image(&y))
            .function("\\ell''(#)", |places| Ok((places[0].number()? * 0.6 + 0.7).into()))
            .value("d (\\partial L / \\partial h) / d x", tensor(derivative(&found, x.dim(), 0)));
        if x.len() <= 36 {
            proof.printed_close(&symbols, (1.0 + norm(&x) * norm(&h)).powi(2) * (1.0 + norm(&x)));
        }

        for ((a, b), found) in found.indexed_iter() {
            let formula = Array2::from_shape_fn(x.dim(), |(m, n)| {
                let through_g =
                    bend.indexed_iter().map(|((i, j), bend)| bend * at(&h, i, m, j, n) * x[[i + a, j + b]]);
                at(&g, a, m, b, n) + through_g.sum::<f64>()
            });
            let scale = (1.0 + norm(&x) * norm(&h)).powi(2) * (1.0 + norm(&x));
            proof.close(slopes(found, x.dim(), 0), &formula, scale);
            if case < listed.len() {
                proof.equal(found.influence(1e-9), (0..x.len()).collect::<Vec<_>>());
            }
        }
    }
    Ok(())
}

/// A step of free spectral weights is a step of a free kernel as large as the image, n times shorter; in unitary
/// coordinates as long. Catches the factor n, and a transform that is taken to change the direction.
#[test]
fn p5_gd_reparam() -> Result<()> {
    let mut proof = Proof::numeric("p5-gd-reparam", 1e-12);
    for both in proof.shapes(S2) {
        let (x, w) = (proof.image::<f64>(both.0), proof.image::<f64>(both.0));
        let (theta, n) = (hat(&w, both.0)?, x.len() as f64);
        let g = spectral::forward(&x, &theta, valid(both))?.mapv(slope);
        let by_w = on_torus(&x, &pad(&g, both.0)?);
        let by_theta = spectral::gradient(&x, &g)?;
        for rate in [0.1, 1.0] {
            let scale = scale(&x, &g) + norm(&w);
            let stepped = spectral::kernel(&(&theta - by_theta.mapv(|by| by * rate)))?;
            proof.close(stepped, &w - &by_w * (rate / n), scale);
            // φ = θ/√n is unitary, and its gradient √n times that of θ.
            let phi = theta.mapv(|bin| bin / n.sqrt()) - by_theta.mapv(|by| by * rate * n.sqrt());
            proof.close(spectral::kernel(&phi.mapv(|bin| bin * n.sqrt()))?, &w - &by_w * rate, scale);
            // As printed.
            let symbols = around(meaning::symbols(), both.0)
                .value("\\eta", rate.print())
                .value("w", printed_image(&w))
                .value("\\theta", printed_image(&theta))
                .value("\\theta'", printed_image(&(&theta - by_theta.mapv(|by| by * rate))))
                .value("\\phi", printed_image(&theta.mapv(|bin| bin / n.sqrt())))
                .value("\\phi'", printed_image(&phi))
                .value("\\nabla_w L", printed_image(&conv2d::correlate_circular(&x, &g, both.0)?))
                .value("\\nabla_\\theta L", printed_image(&by_theta))
                .value("\\nabla_\\phi L", printed_image(&by_theta.mapv(|by| by * n.sqrt())));
            proof.printed_close(&symbols, scale * n.sqrt());
        }
    }
    Ok(())
}

/// The gradient of a kernel as large as the image is a circular correlation with g; on the K × K support it is the gradient
/// of the taps. Found by numbers that know their derivatives. Catches a wrap the wrong way, and the support elsewhere.
#[test]
fn p5_grad_full_kernel() -> Result<()> {
    let mut proof = Proof::numeric("p5-grad-full-kernel", 1e-12);
    for both in proof.shapes(S2) {
        let (x, w) = (proof.image::<f64>(both.0), proof.image::<f64>(both.0));
        let y = crop(&conv2d::correlate_circular(&known(&x), &watched(&w, 0)?, both.0)?, valid(both));
        let g = y.mapv(|y| polynomial_slope(y.value()));
        let traced = slopes(&total(y.into_iter().map(polynomial)), both.0, 0);
        let scale = 1.0 + norm(&x) * norm(&w) * norm(&g);
        proof.close(&traced, on_torus(&x, &pad(&g, both.0)?), scale);
        proof.close(crop(&traced, both.1), correlated(&x, &g), scale);
        // As printed.
        let symbols = comparing(&x, &crop(&w, both.1), &g).value("\\nabla_w L", printed_image(&traced));
        proof.printed_close(&symbols, scale);
        let n = x.len() as f64;
        proof.close(spectral::kernel(&spectral::gradient(&x, &g)?)? * n, traced, scale);
    }
    Ok(())
}

/// One step of free spectral weights leaves the support, on all taps outside, and on the support is the step of the taps.
/// Catches a step that stays, and one that differs on the support.
#[test]
fn p5_support_leak() -> Result<()> {
    let mut proof = Proof::exact("p5-support-leak");
    for _ in 0..64 {
        // A step of η = 16, in whole numbers: nothing is rounded.
        let (x, g) = (positive(&mut proof, (4, 4)), positive(&mut proof, (2, 2)));
        let h = proof.image::<i64>((3, 3));
        let floats = |image: &Array2<i64>| image.mapv(|entry| entry as f64);
        let theta = spectral::weights(&floats(&h), (4, 4))?;
        let by_theta = spectral::gradient(&floats(&x), &floats(&g))?;
        let stepped = spectral::kernel(&(theta - by_theta.mapv(|by| by * 16.0)))?;
        proof.equal(&stepped, floats(&(pad(&h, (4, 4))? - on_torus(&x, &pad(&g, (4, 4))?))));
        proof.equal(crop(&stepped, (3, 3)), floats(&(h - correlated(&x, &g))));
        let off = |((a, b), tap): ((usize, usize), &f64)| (a == 3 || b == 3) && *tap != 0.0;
        proof.equal(stepped.indexed_iter().filter(|&tap| off(tap)).count(), 7_usize);
    }
    for both in proof.shapes(S2) {
        let (x, g) = (positive(&mut proof, both.0), positive(&mut proof, valid(both)));
        let step = conv2d::correlate_circular(&x, &g, both.0)?;
        proof.holds(step.iter().all(|&by| by != 0));
        proof.equal(crop(&step, both.1), correlated(&x, &g));
    }
    // As printed: transforms of one, two and four points round nothing.
    let small = [((4, 4), (3, 3)), ((2, 4), (1, 3)), ((4, 2), (3, 1)), ((4, 1), (2, 1)), ((1, 4), (1, 2))];
    for both in small.repeat(4) {
        let (x, h, g) = (proof.image::<i64>(both.0), proof.image::<i64>(both.1), proof.image(valid(both)));
        let theta = spectral::weights(&floats(&h), both.0)?;
        let by_theta = spectral::gradient(&floats(&x), &floats(&g))?;
        let stepped = spectral::kernel(&(theta - by_theta.mapv(|by| by * 16.0)))?;
        let symbols = comparing(&x, &h, &g).size("\\eta", 16);
        proof.printed(&symbols.value("w'", unrounded(stepped.into_dyn())));
    }
    Ok(())
}

/// Every tap of a free kernel hears the image equally loudly, so of the energy of a step on white pixels the share
/// 1 − K²/N² goes outside the support. Catches a share of taps that is not a share of energy.
#[test]
fn p5_leak_energy() -> Result<()> {
    let mut proof = Proof::exact("p5-leak-energy");
    for both in proof.shapes(S2) {
        let (g, n) = (proof.image::<i64>(valid(both)), (both.0.0 * both.0.1) as i64);
        let mut energy = Array2::<i64>::zeros(both.0);
        let mut by_pixels = ArrayD::<i64>::zeros(IxDyn(&[both.0.0, both.0.1, both.0.0, both.0.1]));
        for pixel in 0..n as usize {
            let mut light = Array2::zeros(both.0);
            light[[pixel / both.0.1, pixel % both.0.1]] = 1;
            let by_w = conv2d::correlate_circular(&light, &g, both.0)?;
            by_pixels.slice_mut(s![.., .., pixel / both.0.1, pixel % both.0.1]).assign(&by_w);
            energy += &by_w.mapv(|by| by * by);
        }
        // As printed.
        if n <= 30 {
            let symbols = meaning::symbols().size("H", both.0.0).size("W", both.0.1);
            let symbols = symbols.value("g", printed_image(&g));
            proof.printed(&symbols.value("\\partial \\nabla_w L / \\partial x", tensor(by_pixels)));
        }
        let squared = g.iter().map(|g| g * g).sum::<i64>();
        proof.equal(&energy, Array2::from_elem(both.0, squared));
        let (kept, taps) = (crop(&energy, both.1).sum(), (both.1.0 * both.1.1) as i64);
        proof.equal((energy.sum() - kept) * n, energy.sum() * (n - taps));
        if both == ((4, 4), (3, 3)) {
            proof.equal((energy.sum() - kept) * 16, energy.sum() * 7);
        }
    }
    proof.holds(format!("{:.2} %", 100.0 - 100.0 * 9.0 / 224.0_f64.powi(2)) == "99.98 %");
    Ok(())
}

/// What leaks is the missing constraint: a free kernel in space leaks the same, step for step, and a spectrum that is
/// projected does not leak. Catches the blame laid on the basis.
#[test]
fn p5_leak_is_support() -> Result<()> {
    let mut proof = Proof::numeric("p5-leak-is-support", 1e-12);
    for both in proof.shapes(S2) {
        let (x, h, target, rate) = problem(&mut proof, both);
        let n = x.len() as f64;
        let (mut w, mut theta) = (pad(&h, both.0)?, spectral::weights(&h, both.0)?);
        for step in 0..5 {
            let g = (crop(&on_torus(&x, &w), valid(both)) - &target).mapv(bounded);
            let by_theta = spectral::gradient(&x, &g)?;
            if step == 0 {
                let projected = spectral::project(&by_theta, both.1)?.mapv(|by| by * rate * n);
                let stepped = fourier::inverse_dft2(&(&theta - projected))?;
                let taps = &h - correlated(&x, &g) * rate;
                proof.close(stepped, complex(&pad(&taps, both.0)?), 1.0 + norm(&h));
                // As printed.
                let symbols = comparing(&x, &h, &g)
                    .value("\\eta", rate.print())
                    .value("\\theta", printed_image(&theta))
                    .value("\\nabla_\\theta L", printed_image(&by_theta))
                    .value("\\Pi", projector(both.1));
                proof.printed_close(&symbols, n * (1.0 + norm(&h)));
            }
            w = w - on_torus(&x, &pad(&g, both.0)?) * rate;
            theta = theta - by_theta.mapv(|by| by * rate * n);
            proof.close(spectral::kernel(&theta)?, &w, 1.0 + norm(&h));
        }
    }
    Ok(())
}

/// Π = F E Eᵀ F⁻¹ is an orthogonal projector of rank K_h K_w: it keeps the spectra of kernels that have the support, and
/// of no others. Catches a projection that is not orthogonal, and a support with rows and columns exchanged.
#[test]
fn p5_projector() -> Result<()> {
    let mut proof = Proof::numeric("p5-projector", 1e-12);
    for both in proof.shapes(S2) {
        let ((height, width), (kh, kw)) = both;
        if height * width > 40 {
            continue;
        }
        let n = height * width;
        let kept = |tap: usize| tap / width < kh && tap % width < kw;
        let mask = DVector::from_fn(n, |tap, _| C::from(if kept(tap) { 1.0 } else { 0.0 }));
        let pi = matrix::dft2::<C>(height, width)?
            * DMatrix::from_diagonal(&mask)
            * matrix::inverse_dft2::<f64>(height, width)?;
        proof.close(&pi * &pi, &pi, n as f64);
        proof.close(pi.adjoint(), &pi, n as f64);
        proof.close(pi.trace(), C::from((kh * kw) as f64), n as f64);
        proof.holds(pi.rank(1e-9) == kh * kw && (DMatrix::identity(n, n) - &pi).rank(1e-9) == n - kh * kw);

        // As printed, with matrices: Π by the crate, a unit spectrum for each column.
        if n <= 16 {
            let mut columns = Array2::<C>::zeros((n, n));
            for (bin, mut column) in columns.columns_mut().into_iter().enumerate() {
                let mut unit = Array2::<C>::zeros(both.0);
                unit[[bin / width, bin % width]] = C::from(1.0);
                column.assign(&Array2::from(spectral::project(&unit, both.1)?).flatten());
            }
            let kept = (0..n).filter(|&tap| kept(tap)).collect::<Vec<_>>();
            let e = Array2::from_shape_fn((n, kh * kw), |(i, tap)| f64::from(u8::from(kept[tap] == i)));
            let (any, small) = (proof.image::<C>(both.0), proof.image::<C>(both.1));
            for w in [list(&any), list(&pad(&small, both.0)?)] {
                let symbols = meaning::symbols()
                    .size("H", height)
                    .size("W", width)
                    .size("K_h", kh)
                    .size("K_w", kw)
                    .value("E", printed_image(&e))
                    .value("\\Pi", printed_image(&columns))
                    .value("w", printed(&w));
                proof.printed_close(&symbols, n as f64);
            }
        }

        let (h, theta) = (proof.image::<f64>(both.1), proof.image::<C>(both.0));
        let projected = spectral::project(&theta, both.1)?;
        proof.close(matrix::vec(&projected), &pi * matrix::vec(&theta), 1.0 + n as f64 * norm(&theta));
        let supported = spectral::weights(&h, both.0)?;
        proof.close(spectral::project(&supported, both.1)?, &supported, 1.0 + n as f64 * norm(&h));
        // What Π keeps has the support, complex or not: outside it the kernel is zero.
        let outside = fourier::inverse_dft2(&projected)?;
        let outside = outside.indexed_iter().filter(|((a, b), _)| *a >= kh || *b >= kw).map(|(_, tap)| *tap);
        proof.within(norm(outside.collect::<Vec<_>>()), 1.0 + norm(&theta));
        proof.holds(n == kh * kw || norm(&(projected - theta)) > 1e-6);
    }
    Ok(())
}

/// Free spectral weights, projected after every step, are taps: fifty steps of one are fifty steps of the other. Catches a
/// missing factor n, and a projection that is not orthogonal in these coordinates.
#[test]
fn p5_projected_gd() -> Result<()> {
    let mut proof = Proof::numeric("p5-projected-gd", 1e-10);
    for &both in TRAININGS {
        for _ in 0..8 {
            let (x, mut h, target, rate) = problem(&mut proof, both);
            let (mut theta, n) = (spectral::weights(&h, both.0)?, x.len() as f64);
            let scale = 1.0 + norm(&h);
            for _ in 0..50 {
                let g = (spectral::forward(&x, &theta, valid(both))? - &target).mapv(bounded);
                let by_theta = spectral::gradient(&x, &g)?;
                theta = spectral::project(&(theta - by_theta.mapv(|by| by * rate * n)), both.1)?;
                let g = (correlated(&x, &h) - &target).mapv(bounded);
                h = h - correlated(&x, &g) * rate;
                proof.close(spectral::kernel(&theta)?, pad(&h, both.0)?, scale);
            }
        }
    }
    Ok(())
}

/// To train freely and crop at the end is not to train under the constraint: what leaks in between moves the outputs, and
/// through them the taps. Catches a projection that is put off.
#[test]
fn p5_crop_at_end() -> Result<()> {
    let mut proof = Proof::refuted("p5-crop-at-end", 1e-3);
    for &both in TRAININGS {
        for _ in 0..22 {
            let (x, mut h, target, rate) = problem(&mut proof, both);
            let mut w = pad(&h, both.0)?;
            for step in 1..=50 {
                let g = (crop(&on_torus(&x, &w), valid(both)) - &target).mapv(bounded);
                w = w - on_torus(&x, &pad(&g, both.0)?) * rate;
                let g = (correlated(&x, &h) - &target).mapv(bounded);
                h = h - correlated(&x, &g) * rate;
                // The first step is still the same; from the second on they differ.
                proof.holds((norm(crop(&w, both.1) - &h) > 1e-9) == (step >= 2));
            }
            proof.separated(crop(&w, both.1), h);
        }
    }
    Ok(())
}

/// A real image and a real g give a gradient with the symmetry of a real kernel's spectrum, so free spectral weights stay
/// those of a real kernel by themselves. Catches one index negated instead of two.
#[test]
fn p5_hermitian_preserved() -> Result<()> {
    let mut proof = Proof::numeric("p5-hermitian-preserved", 1e-12);
    let listed = D2.iter().map(|&shape| (shape, (1, 1))).collect::<Vec<_>>();
    for both in proof.shapes(&listed) {
        let (x, g) = (proof.image::<f64>(both.0), proof.image::<f64>(valid(both)));
        let gradient = spectral::gradient(&x, &g)?;
        let (height, width) = both.0;
        // As printed.
        let symbols = meaning::symbols().size("H", height).size("W", width);
        let symbols = symbols.value("\\nabla_\\theta L", printed_image(&gradient));
        proof.printed_close(&symbols, scale(&x, &g));
        let mirrored = |(u, v): (usize, usize)| gradient[[(height - u) % height, (width - v) % width]];
        proof.close(Array2::from_shape_fn(both.0, mirrored), conj(&gradient), scale(&x, &g));
        proof.close(im(&fourier::inverse_dft2(&gradient)?), Array2::zeros(both.0), scale(&x, &g));
    }
    Ok(())
}

/// Half a spectrum as weights is not unitary: bins that stand for two move twice as fast, and the kernel's step is
/// 2∇ minus its mean and, for even N, minus its alternating mean. Catches a missing c, and the Nyquist bin of even N.
#[test]
fn p5_rfft_preconditioned() -> Result<()> {
    let mut proof = Proof::numeric("p5-rfft-preconditioned", 1e-12);
    for n in proof.lengths(&D1[2..]) {
        let (w, rate) = (proof.signal::<f64>(n), 0.7);
        let by_w = w.iter().map(|&w| slope(w)).collect::<Vec<_>>();
        let theta = fourier::rfft(&w)?;
        let by_theta = spectral::irfft_adjoint(&by_w)?;
        let behind = |theta: &[C]| fourier::irfft(theta, n).expect("as many bins as it takes");
        let found = nudged(|theta| behind(theta).iter().map(|&w| loss(w)).sum(), &theta);
        let agree = |(a, b): (&C, &C)| (a - b).norm() < 1e-7 * (1.0 + norm(&theta)).powi(2);
        proof.holds(found.iter().zip(&by_theta).all(agree));

        let stepped = theta.iter().zip(&by_theta).map(|(theta, by)| theta - by * rate).collect::<Vec<_>>();
        let sign = |index: usize| if index.is_multiple_of(2) { 1.0 } else { -1.0 };
        let mean = by_w.iter().sum::<f64>() / n as f64;
        let alternating = by_w.iter().enumerate().map(|(index, by)| sign(index) * by).sum::<f64>() / n as f64;
        let nyquist = if n.is_multiple_of(2) { alternating } else { 0.0 };
        let formula =
            |index: usize| w[index] - rate / n as f64 * (2.0 * by_w[index] - mean - nyquist * sign(index));
        proof.close(behind(&stepped), (0..n).map(formula).collect::<Vec<_>>(), 1.0 + norm(&w) + norm(&by_w));
        // As printed.
        let symbols = meaning::symbols()
            .size("N", n)
            .value("\\eta", rate.print())
            .value("w", printed(&w))
            .value("w'", printed(&behind(&stepped)))
            .value("d", printed(&by_w))
            .value("\\mu", mean.print())
            .value("\\alpha", alternating.print());
        proof.printed_close(&symbols, 1.0 + norm(&w) + norm(&by_w));
    }
    Ok(())
}

/// The same for images, where the columns v = 0 and v = W/2 stand for themselves. Catches a c that depends on the row.
#[test]
fn p5_rfft2_preconditioned() -> Result<()> {
    let mut proof = Proof::numeric("p5-rfft2-preconditioned", 1e-12);
    use locality::fourier::Sample;
    let listed = [(4, 4), (3, 5), (1, 6), (5, 1), (4, 7)].map(|shape| (shape, (1, 1)));
    for (shape, _) in proof.shapes(&listed) {
        let ((height, width), rate) = (shape, 0.7);
        let (w, by_w) = (proof.image::<f64>(shape), proof.image::<f64>(shape));
        let by_theta = spectral::irfft2_adjoint(&by_w)?;
        // The adjoint, by its definition.
        let bins = proof.image::<C>((height, width / 2 + 1));
        let left = (f64::image(&bins, width)? * &by_w).sum();
        let right = bins.iter().zip(&by_theta).map(|(a, b)| (a.conj() * b).re).sum::<f64>();
        proof.close(left, right, scale(&bins, &by_w));

        let stepped = f64::image(&(f64::spectrum2(&w)? - by_theta.mapv(|by| by * rate)), width)?;
        // As printed.
        let c = Array2::from_shape_fn(shape, |(_, v)| if v == 0 || 2 * v == width { 1.0 } else { 2.0 });
        let symbols = around(meaning::symbols(), shape)
            .value("\\eta", rate.print())
            .value("w", printed_image(&w))
            .value("w'", printed_image(&stepped))
            .value("c", printed_image(&c))
            .value("\\nabla_w L", printed_image(&by_w));
        proof.printed_close(&symbols, 1.0 + norm(&w) + norm(&by_w));
        let weigh =
            |((_, v), bin): ((usize, usize), &C)| bin * if v == 0 || 2 * v == width { 1.0 } else { 2.0 };
        let spectrum = hat(&by_w, shape)?;
        let weighed = image(shape, spectrum.indexed_iter().map(weigh).collect());
        let step = re(&fourier::inverse_dft2(&weighed)?) * (rate / w.len() as f64);
        proof.close(stepped, &w - step, 1.0 + norm(&w) + norm(&by_w));
    }
    Ok(())
}

/// Whatever the weights, behind them the kernel moves by Re(B B*) ∇: the basis matters exactly as much as this matrix differs
/// from a multiple of I. Catches B for its conjugate, and an inverse transform that is taken to be special.
#[test]
fn p5_preconditioner_general() -> Result<()> {
    let mut proof = Proof::numeric("p5-preconditioner-general", 1e-12);
    for ((rows, columns), _) in proof.shapes(&[((3, 5), (1, 1)), ((5, 3), (1, 1))]) {
        let b = matrix::from_array(&proof.image::<C>((rows, columns)));
        let (theta, rate) = (DVector::from_vec(proof.signal::<C>(columns)), 0.3);
        let behind = |theta: &DVector<C>| (&b * theta).map(|w| w.re);
        let by_w = behind(&theta).map(slope);
        let by_theta = b.adjoint() * by_w.map(C::from);
        let found = nudged(
            |theta| behind(&DVector::from_row_slice(theta)).iter().map(|&w| loss(w)).sum(),
            theta.as_slice(),
        );
        let agree = |(a, b): (&C, &C)| (a - b).norm() < 1e-6 * (1.0 + norm(&by_theta)).powi(2);
        proof.holds(found.iter().zip(by_theta.iter()).all(agree));

        // As printed.
        let moved = &theta - &by_theta * C::from(rate);
        let symbols = meaning::symbols()
            .value("A", printed_image(&matrix::to_array(&b)))
            .value("\\eta", rate.print())
            .value("\\theta", printed(theta.as_slice()))
            .value("\\theta'", printed(moved.as_slice()))
            .value("w", printed(behind(&theta).as_slice()))
            .value("\\nabla_w L", printed(by_w.as_slice()))
            .value("\\nabla_\\theta L", printed(by_theta.as_slice()));
        proof.printed_close(&symbols, (1.0 + norm(&b)).powi(2) * (1.0 + norm(&theta) + norm(&by_w)));

        let stepped = behind(&(&theta - &by_theta * C::from(rate)));
        let preconditioner = (&b * b.adjoint()).map(|entry| entry.re);
        let scale = (1.0 + norm(&b)).powi(2) * (1.0 + norm(&theta) + norm(&by_w));
        proof.close(stepped, behind(&theta) - preconditioner * by_w * rate, scale);
    }
    for &(height, width) in D2 {
        let b = matrix::inverse_dft2::<f64>(height, width)?;
        let n = height * width;
        proof.close((&b * b.adjoint()).map(|entry| entry.re), DMatrix::identity(n, n) / n as f64, 1.0);
    }
    Ok(())
}

/// The spectrum of the taps alone, K × K bins, may be trained with no projection: its steps are those of the taps. Catches
/// the factor K_h K_w, and the belief that a Fourier basis is to blame.
#[test]
fn p5_small_dft_param() -> Result<()> {
    let mut proof = Proof::numeric("p5-small-dft-param", 1e-12);
    for both in proof.shapes(S2) {
        let (x, h, target, rate) = problem(&mut proof, both);
        let (phi, k) = (fourier::dft2(&complex(&h))?, h.len() as f64);
        let residual = |h: &ArrayRef2<f64>| correlated(&x, h) - &target;
        let g = residual(&h).mapv(bounded);
        let by_phi = fourier::dft2(&complex(&correlated(&x, &g)))?.mapv(|bin| bin / k);
        if h.len() <= 12 {
            let loss = |phi: &[C]| {
                let h = re(&fourier::inverse_dft2(&image(both.1, phi.to_vec())).expect("not empty"));
                residual(&h).iter().map(|r| (1.0 + r * r).sqrt()).sum()
            };
            let close = |(a, b): (&C, &C)| (a - b).norm() < 1e-6 * scale(&x, &x);
            proof.holds(nudged(loss, &list(&phi)).iter().zip(&by_phi).all(close));
        }
        // As printed.
        let moved = &phi - by_phi.mapv(|by| by * rate * k);
        let symbols = comparing(&x, &h, &g)
            .value("\\eta", rate.print())
            .value("\\phi", printed_image(&phi))
            .value("\\phi'", printed_image(&moved))
            .value("\\nabla_\\phi L", printed_image(&by_phi));
        proof.printed_close(&symbols, k * (1.0 + norm(&h)));
        let stepped = fourier::inverse_dft2(&moved)?;
        proof.close(stepped, complex(&(&h - correlated(&x, &g) * rate)), 1.0 + norm(&h));
    }
    Ok(())
}

/// The unitary coordinates φ = θ/√n of spectral weights, and the gradient by them.
fn unitary(x: &ArrayRef2<f64>, phi: &ArrayRef2<C>, target: &Array2<f64>) -> Result<Array2<C>> {
    let root = (x.len() as f64).sqrt();
    let y = spectral::forward(x, &phi.mapv(|bin| bin * root), target.dim())?;
    Ok(spectral::gradient(x, &(y - target).mapv(bounded))?.mapv(|by| by * root))
}

/// Momentum and weight decay are linear, so they commute with a change of basis and with the projection: forty steps with
/// both are the same in either basis. Catches an optimizer that is not.
#[test]
fn p5_momentum_invariant() -> Result<()> {
    let mut proof = Proof::numeric("p5-momentum-invariant", 1e-10);
    for &both in TRAININGS {
        for _ in 0..8 {
            let (x, mut h, target, rate) = problem(&mut proof, both);
            let (root, scale) = ((x.len() as f64).sqrt(), 1.0 + norm(&h));
            let mut phi = spectral::weights(&h, both.0)?.mapv(|bin| bin / root);
            let (mut slow, mut slow_phi) = (Array2::<f64>::zeros(both.1), Array2::<C>::zeros(both.0));
            let rate = 0.3 * rate;
            for step in 0..40 {
                let (g, by_phi) = ((correlated(&x, &h) - &target).mapv(bounded), unitary(&x, &phi, &target)?);
                let by = correlated(&x, &g);
                let symbols = comparing(&x, &h, &g)
                    .value("\\eta", rate.print())
                    .value("\\beta", 0.9.print())
                    .value("\\lambda", 0.05.print())
                    .value("\\Pi", projector(both.1))
                    .value("\\phi", printed_image(&phi))
                    .value("v", printed_image(&slow))
                    .value("u", printed_image(&slow_phi))
                    .value("\\nabla_h L", printed_image(&by))
                    .value("\\nabla_\\phi L", printed_image(&by_phi));
                slow = slow * 0.9 + by + &h * 0.05;
                h = h - &slow * rate;
                slow_phi = slow_phi.mapv(|v| v * 0.9) + by_phi + phi.mapv(|bin| bin * 0.05);
                phi = spectral::project(&(phi - slow_phi.mapv(|v| v * rate)), both.1)?;
                // As printed.
                if step % 10 == 1 {
                    let symbols = symbols
                        .value("h'", printed_image(&h))
                        .value("v'", printed_image(&slow))
                        .value("u'", printed_image(&slow_phi))
                        .value("\\phi'", printed_image(&phi));
                    proof.printed_close(&symbols, scale * root);
                }
                proof.close(spectral::kernel(&phi)? * root, pad(&h, both.0)?, scale);
            }
        }
    }
    Ok(())
}

/// Adam: every coordinate divides its step by the size of its own gradients.
struct Adam {
    mean: Vec<f64>,
    square: Vec<f64>,
    steps: i32,
}

impl Adam {
    fn new(coordinates: usize) -> Self {
        Self { mean: vec![0.0; coordinates], square: vec![0.0; coordinates], steps: 0 }
    }

    /// The step for the next gradient.
    fn step(&mut self, gradient: &[f64]) -> Vec<f64> {
        self.steps += 1;
        let mut step = Vec::new();
        for (i, g) in gradient.iter().enumerate() {
            self.mean[i] = 0.9 * self.mean[i] + 0.1 * g;
            self.square[i] = 0.999 * self.square[i] + 0.001 * g * g;
            let mean = self.mean[i] / (1.0 - 0.9_f64.powi(self.steps));
            let square = self.square[i] / (1.0 - 0.999_f64.powi(self.steps));
            step.push(-0.1 * mean / (square.sqrt() + 1e-8));
        }
        step
    }
}

/// Adam scales coordinate by coordinate, which does not commute with a rotation: on the real and imaginary parts of a
/// projected spectrum it goes elsewhere than on the taps. Catches the belief that the basis never matters.
#[test]
fn p5_adam_not_invariant() -> Result<()> {
    let mut proof = Proof::refuted("p5-adam-not-invariant", 1e-3);
    for &both in TRAININGS {
        for _ in 0..22 {
            let (x, mut h, target, _) = problem(&mut proof, both);
            let root = (x.len() as f64).sqrt();
            let mut phi = spectral::weights(&h, both.0)?.mapv(|bin| bin / root);
            let (mut adam, mut adam_phi) = (Adam::new(h.len()), Adam::new(2 * x.len()));
            for _ in 0..5 {
                let by = correlated(&x, &(correlated(&x, &h) - &target).mapv(bounded));
                h = h + image(both.1, adam.step(&list(&by)));
                let by = unitary(&x, &phi, &target)?;
                let parts = [list(&re(&by)), list(&im(&by))].concat();
                let step = image(both.0, from_parts(&adam_phi.step(&parts)));
                phi = spectral::project(&(phi + step), both.1)?;
            }
            proof.separated(crop(&spectral::kernel(&phi)?, both.1) * root, h);
        }
    }
    Ok(())
}

/// The sum of magnitudes, which L1 regularisation adds to the loss, depends on the basis; the sum of squares does not.
/// Catches the one taken for the other.
#[test]
fn p5_l1_not_invariant() -> Result<()> {
    let mut proof = Proof::refuted("p5-l1-not-invariant", 1e-3);
    let mut kernels = vec![array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]];
    for _ in 0..64 {
        kernels.push(proof.image((3, 3)));
    }
    for h in kernels {
        // As printed.
        proof
            .printed_close(&around(meaning::symbols(), (3, 3)).value("h", printed_image(&h)), 1.0 + norm(&h));
        let turned = fourier::dft2(&complex(&h))?.mapv(|bin| bin / 3.0);
        let magnitudes = |taps: Vec<f64>| taps.iter().sum::<f64>();
        proof.separated(
            magnitudes(h.iter().map(|tap| tap.magnitude()).collect()),
            magnitudes(turned.iter().map(|tap| tap.magnitude()).collect()),
        );
        proof.holds((norm(&h) - norm(&turned)).abs() < 1e-12 * (1.0 + norm(&h)));
    }
    Ok(())
}

/// How many windows of length k cover index m of n.
fn covering(n: usize, k: usize, m: usize) -> usize {
    m.min(n - k) + 1 - (m + 1).saturating_sub(k)
}

/// A pixel's gradient reads the outputs whose windows cover it and no others, along either route; there are c(m) c(n) of
/// them, at most K². Catches a window that is off by one, and a wrap.
#[test]
fn p6_input_gradient() -> Result<()> {
    let mut proof = Proof::exact("p6-input-gradient");
    for both in proof.shapes(S2) {
        let taps = positive(&mut proof, both.1);
        let h = floats(&taps);
        let g = watched(&whole(&mut proof, valid(both)), 0)?;
        // As printed.
        let counted = |n: usize, k: usize| {
            move |places: &[Value<Exact>]| match places[0].size()? {
                m if m < n => Ok((covering(n, k, m) as i64).print().into()),
                m => Err(format!("there is no row {m}")),
            }
        };
        let by_pixels = spatial::input_2d(&known(&h), &g)?;
        let symbols = meaning::image(&Array2::<i64>::zeros(both.0), &taps)
            .function("c_H(#)", counted(both.0.0, both.1.0))
            .function("c_W(#)", counted(both.0.1, both.1.1));
        let found = unrounded(derivative(&by_pixels, valid(both), 0));
        proof.printed(&symbols.value("\\partial (\\partial L / \\partial x) / \\partial g", found));
        let (h, (kh, kw), (_, q)) = (known(&h), both.1, valid(both));
        let through = through_fft::input_2d(&h, &g, both.0)?;
        for ((m, n), by) in spatial::input_2d(&h, &g)?.indexed_iter() {
            let covers = |&output: &usize| {
                m.checked_sub(output / q).is_some_and(|a| a < kh)
                    && n.checked_sub(output % q).is_some_and(|b| b < kw)
            };
            let reads = (0..g.len()).filter(covers).collect::<Vec<_>>();
            proof.equal(by.influence(0.0), &reads);
            proof.equal(reads.len(), covering(both.0.0, kh, m) * covering(both.0.1, kw, n));
            proof.holds(reads.len() <= kh * kw);
            proof.equal(through[[m, n]].influence(1e-9), reads);
            if both.0 == (4, 4) {
                // Four-point transforms of whole numbers round nothing.
                proof.equal(through[[m, n]].value(), by.value());
                proof.equal(through[[m, n]].slopes().as_slice(), by.slopes().as_slice());
            }
        }
    }
    Ok(())
}

/// The gradient of a pixel, written out over the frequencies, has 36 pairs of tap and output, of which 1, 2 or 4 survive. No
/// pair wraps around. Catches a sign of the exponent, and a torus that is too small.
#[test]
fn p6_term_expansion() -> Result<()> {
    let mut proof = Proof::exact("p6-term-expansion");
    for pixel in 0..16 {
        let (m, n) = (pixel / 4, pixel % 4);
        let mut survivors = 0;
        for pair in 0..36 {
            let (a, b, i, j) = (pair / 12, pair / 4 % 3, pair / 2 % 2, pair % 2);
            let coefficient = over_bins(4, |u, v| root(u * (a + i - m) + v * (b + j - n)));
            let meets = (a + i, b + j) == (m, n);
            proof.equal(coefficient, GaussianInteger::from(if meets { 16 } else { 0 }));
            survivors += usize::from(meets);
        }
        proof.equal(survivors, covering(4, 3, m as usize) * covering(4, 3, n as usize));
        proof.holds([1, 2, 4].contains(&survivors));
    }
    // As printed.
    for _ in 0..3 {
        let [x, h, g] = [4, 3, 2].map(|side| proof.image::<GaussianInteger>(square(side)));
        let by_pixels = printed_image(&spatial::input_2d(&h, &g)?);
        let symbols = meaning::image(&x, &h).value("g", printed_image(&g));
        proof.printed(&symbols.value("\\partial L / \\partial x", by_pixels));
    }
    Ok(())
}

/// The matrix of a linear map on lists, a column for each unit vector.
fn columns(n: usize, map: impl Fn(&[f64]) -> Vec<f64>) -> DMatrix<f64> {
    let column = |k: usize| {
        let mut unit = vec![0.0; n];
        unit[k] = 1.0;
        DVector::from_vec(map(&unit))
    };
    DMatrix::from_columns(&(0..n).map(column).collect::<Vec<_>>())
}

/// What a layer can fit has as many dimensions as it has free weights: K² under the constraint, in either basis and with the
/// same hat matrix, and N² without it, in either basis. Catches a basis that is taken for a prior.
#[test]
fn p7_dof_inductive_bias() -> Result<()> {
    let mut proof = Proof::numeric("p7-dof-inductive-bias", 1e-12);
    for (n, k) in [(4, 3), (4, 1), (5, 3), (6, 2), (4, 4)].repeat(4) {
        let (all, x) = (n * n, proof.image::<f64>(square(n)));
        let hat_matrix = |design: DMatrix<f64>| -> DMatrix<f64> {
            let left = design.svd(true, false);
            let kept = left.singular_values.iter().filter(|&&sigma| sigma > 1e-9).count();
            let u = left.u.expect("asked for").columns(0, kept).into_owned();
            &u * u.transpose()
        };
        let outputs = |w: &Array2<f64>| list(&on_torus(&x, w));
        let taps = |taps: usize| {
            let kernel = |w: &[f64]| pad(&image(square(taps), w.to_vec()), square(n)).expect("it fits");
            hat_matrix(columns(taps * taps, |w| outputs(&kernel(w))))
        };
        let bins = |taps: usize| {
            let theta = |parts: &[f64]| {
                let theta = image(square(n), from_parts(parts));
                spectral::project(&theta, square(taps)).expect("it fits")
            };
            let fitted =
                |parts: &[f64]| list(&spectral::forward(&x, &theta(parts), square(n)).expect("it fits"));
            hat_matrix(columns(2 * all, fitted))
        };
        let scale = all as f64;
        for (width, freedom) in [(k, k * k), (n, all)] {
            let (in_space, in_bins) = (taps(width), bins(width));
            proof.close(in_space.trace(), freedom as f64, scale);
            proof.close(in_bins.trace(), freedom as f64, scale);
            proof.close(in_space, in_bins, scale);
        }
    }
    Ok(())
}
