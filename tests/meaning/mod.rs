//! What the symbols of the book stand for, in functions of the crate: the notation once more, for the evaluator.
//!
//! A proof takes these, adds its own signals and images, and has the printed formula evaluated. An operator does to
//! vectors what the chapters of one dimension say, and to matrices what those of two dimensions say.

// Every proof file includes this module and uses a part of it.
#![allow(dead_code)]

pub mod gradient;
pub mod layer;

use formula::{Exact, Map, Number, Outcome, Symbols, Value};
use locality::conv1d::Mode::{Full, Same, Valid};
use locality::num_rational::Ratio;
use locality::scalar::RootOfUnity;
use locality::{Result, conv1d, conv2d, matrix};
use ndarray::{Array1, Array2, ArrayD, Axis, Dimension, Ix1, Ix2, IxDyn};
use proof::{Printed, printed, printed_image};

/// A number that formulas are evaluated over and that the crate computes with.
pub trait Entry: Number + RootOfUnity {}
impl<T: Number + RootOfUnity> Entry for T {}

/// The operators of the book.
pub fn symbols<T: Entry>() -> Symbols<T> {
    let line = |mode| move |x: &[T], h: &[T]| conv1d::convolve(x, h, mode);
    let plane = |mode| move |x: &Array2<T>, h: &Array2<T>| conv2d::convolve(x, h, mode);
    Symbols::new()
        .function("# \\ast #", between(line(Full), plane(Full)))
        .function("# \\ast_v #", between(line(Valid), plane(Valid)))
        .function("# \\ast_s #", between(line(Same), plane(Same)))
        .function(
            "# \\star #",
            between(|x, h| conv1d::correlate(x, h, Valid), |x, h| conv2d::correlate(x, h, Valid)),
        )
        .function(
            "# \\star_full #",
            between(|x, h| conv1d::correlate(x, h, Full), |x, h| conv2d::correlate(x, h, Full)),
        )
        .function("# \\circledast_# #", around_a_circle(conv1d::convolve_circular))
        .function("# \\star_# #", around_a_circle(conv1d::correlate_circular))
        .function(
            "# \\circledast_{#,#} #",
            around_a_torus(|x, h, shape| conv2d::convolve_circular(x, h, shape)),
        )
        .function("# \\star_{#,#} #", around_a_torus(|x, h, shape| conv2d::correlate_circular(x, h, shape)))
        .function("\\omega_#", |places| {
            Ok(Value::Number(T::root_of_unity(places[0].size()?, 1).map_err(said)?))
        })
        .function("F_#", |places| from_nalgebra(matrix::dft(places[0].size()?)))
        .function("U_#", |places| {
            let n = places[0].size()?;
            let f = matrix::to_array(&matrix::dft::<T>(n).map_err(said)?);
            let root = T::whole(n as i64).root().ok_or("the root of N is not among these numbers")?;
            Ok(f.mapv(|entry| entry.over(&root).expect("N is not 0")).into())
        })
        .function("C(#)", |places| {
            let h = vector(&places[0])?;
            from_nalgebra(matrix::circulant(&h, h.len()))
        })
        .function("C_#(#)", |places| {
            from_nalgebra(matrix::circulant(&vector(&places[1])?, places[0].size()?))
        })
        .function("T_#(#)", |places| {
            from_nalgebra(matrix::correlation(&vector(&places[1])?, places[0].size()?, Valid))
        })
        .function("J_#", |places| {
            let n = places[0].size()?;
            Ok(Array2::from_shape_fn((n, n), |(i, j)| T::whole(i64::from(i + j + 1 == n))).into())
        })
        .function("F_{#,#}", |places| from_nalgebra(matrix::dft2(places[0].size()?, places[1].size()?)))
        .function("\\hat #", |places| Ok(Value::Tensor(spectrum(places[0].tensor()?)?)))
        .value("F", Map::new(spectrum).undone_by(inverse_spectrum))
        .value("J", Map::new(|x: &ArrayD<T>| along_all_axes(x, |i, n| n - 1 - i)))
        .value("R", Map::new(|x: &ArrayD<T>| along_all_axes(x, |i, n| (-i).rem_euclid(n))))
        .function("R_#", |places| {
            let s = places[0].integer()?;
            Ok(Map::new(move |x: &ArrayD<T>| along_all_axes(x, |i, n| (i - s).rem_euclid(n))).into())
        })
        .function("\\tau_#", |places| {
            let s = places[0].size()?;
            Ok(Map::new(move |x: &ArrayD<T>| {
                let entries = std::iter::repeat_n(Number::zero(), s).chain(x.iter().cloned());
                Ok(entries.collect::<Array1<T>>().into_dyn())
            })
            .into())
        })
}

/// The operators, a signal x of N samples and a kernel h of K taps.
pub fn signal<S: Printed<Number: Entry>>(x: &[S], h: &[S]) -> Symbols<S::Number> {
    let n = x.len();
    symbols()
        .size("N", n)
        .size("K", h.len())
        .value("x", printed(x))
        .value("h", printed(h))
        .function("T(#)", move |places| from_nalgebra(matrix::correlation(&vector(&places[0])?, n, Valid)))
        .function("T_full(#)", move |places| {
            from_nalgebra(matrix::convolution(&vector(&places[0])?, n, Full))
        })
}

/// The operators and a signal x of N samples.
pub fn samples<S: Printed<Number: Entry>>(x: &[S]) -> Symbols<S::Number> {
    symbols().size("N", x.len()).value("x", printed(x))
}

/// The operators and an image of H × W pixels, called x and X.
pub fn pixels<S: Printed<Number: Entry>>(x: &Array2<S>) -> Symbols<S::Number> {
    let image = printed_image(x);
    symbols().size("H", x.nrows()).size("W", x.ncols()).value("x", image.clone()).value("X", image)
}

/// The operators, an image x of H × W pixels and a kernel h of K_h × K_w taps.
pub fn image<S: Printed<Number: Entry>>(x: &Array2<S>, h: &Array2<S>) -> Symbols<S::Number> {
    let (shape, kernel) = (x.dim(), h.dim());
    let shorter = |n: usize, k: usize| (n + 1).saturating_sub(k);
    symbols()
        .size("H", shape.0)
        .size("W", shape.1)
        .size("K_h", kernel.0)
        .size("K_w", kernel.1)
        .size("P", shorter(shape.0, kernel.0))
        .size("Q", shorter(shape.1, kernel.1))
        .function("B(#)", move |places| {
            from_nalgebra(matrix::correlation2(&places[0].matrix()?, shape, Valid))
        })
        .function("I(#)", move |places| from_nalgebra(matrix::im2col(&places[0].matrix()?, kernel)))
        .function("\\mathcal{C}(#)", move |places| {
            let h = places[0].matrix()?;
            if h.dim() != shape {
                return Err("a block circulant matrix is made of as many taps as there are pixels".into());
            }
            from_nalgebra(matrix::bccb(&h, shape))
        })
        .value("x", printed_image(x))
        .value("h", printed_image(h))
}

/// Winograd's matrices beside other symbols.
pub fn winograd(symbols: Symbols<Exact>, matrices: &matrix::Winograd) -> Symbols<Exact> {
    let entries = |a: &nalgebra::DMatrix<Ratio<i64>>| -> Array2<Exact> {
        let whole = |part: &i64| Exact::whole(*part);
        let fraction = |entry: Ratio<i64>| whole(entry.numer()).over(&whole(entry.denom()));
        matrix::to_array(a).mapv(|entry| fraction(entry).expect("no fraction over 0"))
    };
    symbols
        .value("\\mathcal{A}", entries(&matrices.output.transpose()))
        .value("\\mathcal{B}", entries(&matrices.input.transpose()))
        .value("\\mathcal{G}", entries(&matrices.kernel))
}

/// E, which appends zeros up to length m (or to a shape of m rows and n columns).
pub fn padding<T: Number>(shape: &[usize]) -> Map<T> {
    let shape = shape.to_vec();
    Map::new(move |x: &ArrayD<T>| padded(x, &shape))
}

/// A signal or an image with zeros appended up to a shape.
pub fn padded<T: Number>(x: &ArrayD<T>, shape: &[usize]) -> Outcome<ArrayD<T>> {
    if x.ndim() != shape.len() || x.shape().iter().zip(shape).any(|(given, kept)| given > kept) {
        return Err(format!("{:?} samples are not padded to {shape:?}", x.shape()));
    }
    let mut padded = ArrayD::from_elem(IxDyn(shape), Number::zero());
    for (index, entry) in x.indexed_iter() {
        padded[index] = entry.clone();
    }
    Ok(padded)
}

/// The identity matrix.
pub fn identity<T: Number>(n: usize) -> Array2<T> {
    Array2::from_shape_fn((n, n), |(i, j)| T::whole(i64::from(i == j)))
}

/// The matrix of the index reversal n ↦ −n mod N.
pub fn reversal<T: Number>(n: usize) -> Array2<T> {
    Array2::from_shape_fn((n, n), |(i, j)| T::whole(i64::from((i + j) % n == 0)))
}

/// An error of the crate, in the words of the evaluator.
pub fn said(error: locality::Error) -> String {
    error.to_string()
}

/// A matrix of the crate as a value.
pub fn from_nalgebra<T: Entry>(a: Result<nalgebra::DMatrix<T>>) -> Outcome<Value<T>> {
    Ok(matrix::to_array(&a.map_err(said)?).into())
}

/// An operation on two signals or on two images.
pub fn between<T: Entry>(
    line: impl Fn(&[T], &[T]) -> Result<Vec<T>> + 'static,
    plane: impl Fn(&Array2<T>, &Array2<T>) -> Result<Array2<T>> + 'static,
) -> impl Fn(&[Value<T>]) -> Outcome<Value<T>> + 'static {
    move |places| match (places[0].tensor()?.ndim(), places[1].tensor()?.ndim()) {
        (1, 1) => Ok(line(&vector(&places[0])?, &vector(&places[1])?).map_err(said)?.into()),
        // A vector among matrices is a column.
        _ => Ok(plane(&places[0].matrix()?, &places[1].matrix()?).map_err(said)?.into()),
    }
}

type OnCircle<T> = fn(&[T], &[T], usize) -> Result<Vec<T>>;

fn around_a_circle<T: Entry>(f: OnCircle<T>) -> impl Fn(&[Value<T>]) -> Outcome<Value<T>> + 'static {
    move |places| Ok(f(&vector(&places[0])?, &vector(&places[2])?, places[1].size()?).map_err(said)?.into())
}

fn around_a_torus<T: Entry>(
    f: impl Fn(&Array2<T>, &Array2<T>, (usize, usize)) -> Result<Array2<T>> + 'static,
) -> impl Fn(&[Value<T>]) -> Outcome<Value<T>> + 'static {
    move |places| {
        let shape = (places[1].size()?, places[2].size()?);
        Ok(f(&places[0].matrix()?, &places[3].matrix()?, shape).map_err(said)?.into())
    }
}

/// The entries of a vector.
pub fn vector<T: Number>(value: &Value<T>) -> Outcome<Vec<T>> {
    Ok(value.tensor()?.iter().cloned().collect())
}

/// x̂, of a signal by its matrix, of an image by one matrix for each axis.
pub fn spectrum<T: Entry>(x: &ArrayD<T>) -> Outcome<ArrayD<T>> {
    transformed(x, |n| matrix::dft(n))
}

/// The signal or image with this spectrum; its entries are divided by their number.
pub fn inverse_spectrum<T: Entry>(x: &ArrayD<T>) -> Outcome<ArrayD<T>> {
    let back = transformed(x, |n| Ok(matrix::dft::<T>(n)?.map(|entry| entry.conjugate())))?;
    let count = T::whole(back.len() as i64);
    let divided = back.iter().map(|entry| entry.over(&count).ok_or("no entries"));
    let divided = divided.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(ArrayD::from_shape_vec(back.raw_dim(), divided).expect("the same shape"))
}

fn transformed<T: Entry>(
    x: &ArrayD<T>,
    dft: impl Fn(usize) -> Result<nalgebra::DMatrix<T>>,
) -> Outcome<ArrayD<T>> {
    let columns = x.clone().into_dimensionality::<Ix2>();
    match columns {
        Ok(image) => {
            let (fh, fw) = (dft(image.nrows()).map_err(said)?, dft(image.ncols()).map_err(said)?);
            Ok(matrix::to_array(&(fh * matrix::from_array(&image) * fw)).into_dyn())
        }
        Err(_) => {
            let signal = x.clone().into_dimensionality::<Ix1>().map_err(|error| error.to_string())?;
            let column = matrix::from_array(&signal.insert_axis(Axis(1)));
            let n = column.nrows();
            Ok(matrix::to_array(&(dft(n).map_err(said)? * column)).index_axis_move(Axis(1), 0).into_dyn())
        }
    }
}

/// The entry of every index i comes from the index that `from(i, n)` names, along every axis of length n.
fn along_all_axes<T: Number>(x: &ArrayD<T>, from: impl Fn(i64, i64) -> i64) -> Outcome<ArrayD<T>> {
    Ok(ArrayD::from_shape_fn(x.raw_dim(), |index| {
        let source = index
            .as_array_view()
            .iter()
            .zip(x.shape())
            .map(|(&i, &n)| from(i as i64, n as i64) as usize)
            .collect::<Vec<_>>();
        x[IxDyn(&source)].clone()
    }))
}
