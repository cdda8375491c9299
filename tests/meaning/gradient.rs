//! What the symbols of the two routes back stand for.

use formula::{Exact, Map, Number, Outcome, Symbols, Value};
use ndarray::{Array2, ArrayD, Axis};
use num_complex::Complex64;
use proof::{Printed, printed_image};

use super::{Entry, image, inverse_spectrum, padded, spectrum};

/// The operators, an image x, taps h and the gradient g of the outputs; E pads to the image's size, which spectra have, too.
pub fn comparing<S: Printed<Number: Entry>>(
    x: &Array2<S>,
    h: &Array2<S>,
    g: &Array2<S>,
) -> Symbols<S::Number> {
    let shape = x.dim();
    around(image(x, h).value("g", printed_image(g)), shape)
}

/// E, spectra and transforms for images of this shape.
pub fn around<T: Entry>(symbols: Symbols<T>, shape: (usize, usize)) -> Symbols<T> {
    symbols
        .size("H", shape.0)
        .size("W", shape.1)
        .value("E", super::padding(&[shape.0, shape.1]))
        .value("U", unitary(shape))
        .function("F_{#,#}", |places| Ok(transform((places[0].size()?, places[1].size()?)).into()))
        .function("\\hat #", move |places| Ok(Value::Tensor(hat(places[0].tensor()?, shape)?)))
}

/// The spectrum of an image padded to a shape, or of every image of a tensor.
fn hat<T: Entry>(x: &ArrayD<T>, shape: (usize, usize)) -> Outcome<ArrayD<T>> {
    if x.ndim() <= 2 {
        return spectrum(&padded(x, &[shape.0, shape.1])?);
    }
    let parts = x.axis_iter(Axis(0)).map(|part| hat(&part.to_owned(), shape)).collect::<Outcome<Vec<_>>>()?;
    let views = parts.iter().map(|part| part.view()).collect::<Vec<_>>();
    ndarray::stack(Axis(0), &views).map_err(|error| error.to_string())
}

/// F_{H,W}, as it acts on images of this shape.
fn transform<T: Entry>(shape: (usize, usize)) -> Map<T> {
    let fits = move |x: &ArrayD<T>| match x.shape() {
        [height, width] if (*height, *width) == shape => Ok(()),
        other => Err(format!("{other:?} pixels are not transformed as {shape:?}")),
    };
    Map::new(move |x: &ArrayD<T>| fits(x).and_then(|()| spectrum(x)))
        .undone_by(move |x| fits(x).and_then(|()| inverse_spectrum(x)))
        .with_adjoint(move |x| {
            fits(x)?;
            let n = T::whole(x.len() as i64);
            Ok(inverse_spectrum(x)?.mapv(|pixel| pixel.times(&n).expect("in range")))
        })
}

/// U, which keeps lengths; over numbers that have the root.
fn unitary<T: Entry>(shape: (usize, usize)) -> Map<T> {
    Map::new(move |x: &ArrayD<T>| {
        if x.shape() != [shape.0, shape.1] {
            return Err(format!("{:?} pixels are not transformed as {shape:?}", x.shape()));
        }
        let root = T::whole(x.len() as i64).root().ok_or("the root is not among these numbers")?;
        Ok(spectrum(x)?.mapv(|bin| bin.over(&root).expect("not 0")))
    })
}

/// An array of a proof, as a formula takes it.
pub fn tensor<S: Printed>(array: ArrayD<S>) -> Value<S::Number> {
    Value::Tensor(array.mapv(|entry| entry.print()))
}

/// A number that is a multiple of 1/16 in both parts and was computed without rounding.
pub fn sixteenths(z: Complex64) -> Exact {
    let part = |part: f64| {
        let times = part * 16.0;
        assert!(times == times.round(), "{part} is rounded");
        Exact::whole(times as i64).over(&Exact::whole(16)).expect("16 is not 0")
    };
    let imaginary = Exact::imaginary().times(&part(z.im)).expect("in range");
    part(z.re).plus(&imaginary).expect("in range")
}
