//! What the symbols of a convolution layer stand for.

use formula::{Outcome, Symbols, Value};
use locality::layer::{self, Geometry};
use locality::matrix;
use ndarray::{Array4, ArrayRef4};
use proof::{Layer, Printed};

use super::{Entry, from_nalgebra, said, symbols};

/// The layers of a sweep that do the same along both axes, as the printed formulas do: their s, p and d are numbers.
pub fn same_along_both_axes(layers: Vec<Layer>) -> impl Iterator<Item = (Layer, Geometry)> {
    let even = |mut layer: Layer| {
        layer.stride.1 = layer.stride.0;
        layer.padding.1 = layer.padding.0;
        layer.dilation.1 = layer.dilation.0;
        let geometry = Geometry::new(layer.stride.0, layer.padding.0, layer.dilation.0);
        geometry.outputs(layer.image, layer.kernel).is_ok().then_some((layer, geometry))
    };
    layers.into_iter().filter_map(even)
}

/// The operators, an input x and weights w of a layer, and its sizes.
pub fn layer<S: Printed<Number: Entry>>(
    x: &Array4<S>,
    w: &Array4<S>,
    layer: &Layer,
    geometry: Geometry,
) -> Symbols<S::Number> {
    let (p, q) = geometry.outputs(layer.image, layer.kernel).expect("a layer with outputs");
    let ((height, width), kernel, input) = (layer.image, layer.kernel, layer.input());
    symbols()
        .size("B", layer.images)
        .size("C", layer.channels)
        .size("O", layer.filters)
        .size("H", height)
        .size("W", width)
        .size("K_h", kernel.0)
        .size("K_w", kernel.1)
        .size("P", p)
        .size("Q", q)
        .size("s", geometry.stride.0)
        .size("p", geometry.padding.0)
        .size("d", geometry.dilation.0)
        .value("x", printed_tensor(x))
        .value("w", printed_tensor(w))
        .function("# \\star_{#,#,#} #", |places| {
            let (x, w) = (tensor(&places[0])?, tensor(&places[4])?);
            let y = layer::forward(&x, &w, None, steps(&places[1..4])?).map_err(said)?;
            Ok(Value::Tensor(y.into_dyn()))
        })
        .function("# \\ast_{#,#,#} #", move |places| {
            let (g, w) = (tensor(&places[0])?, tensor(&places[4])?);
            let x = layer::transposed(&g, &w, steps(&places[1..4])?, (height, width)).map_err(said)?;
            Ok(Value::Tensor(x.into_dyn()))
        })
        .function("\\mathcal{I}(#)", move |places| {
            from_nalgebra(layer::im2col(&tensor(&places[0])?, kernel, geometry))
        })
        .function("col2im(#)", move |places| {
            let g = matrix::from_array(&places[0].matrix()?);
            Ok(Value::Tensor(layer::col2im(&g, input, kernel, geometry).map_err(said)?.into_dyn()))
        })
}

/// A tensor of a proof, as a formula takes it.
pub fn printed_tensor<S: Printed>(x: &ArrayRef4<S>) -> Value<S::Number> {
    Value::Tensor(x.map(Printed::print).into_dyn())
}

fn tensor<T: Entry>(value: &Value<T>) -> Outcome<Array4<T>> {
    value.tensor()?.clone().into_dimensionality().map_err(|error| error.to_string())
}

/// The geometry with this stride, padding and dilation.
fn steps<T: Entry>(places: &[Value<T>]) -> Outcome<Geometry> {
    Ok(Geometry::new(places[0].size()?, places[1].size()?, places[2].size()?))
}
