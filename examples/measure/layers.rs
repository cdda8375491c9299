//! Layers that people use.

use locality::fast::winograd::Tile;
use locality::fast::{direct, fft, gemm, winograd};
use locality::layer::Geometry;
use locality::ndarray::{Array4, Axis};

use crate::{Outcome, Request, numbers};

/// Channels, filters, side, taps, stride, padding, groups.
const LAYERS: &[(&str, [usize; 7])] = &[
    ("vgg1_2", [64, 64, 224, 3, 1, 1, 1]),
    ("vgg3_2", [256, 256, 56, 3, 1, 1, 1]),
    ("vgg5", [512, 512, 14, 3, 1, 1, 1]),
    ("rn50_conv1", [3, 64, 224, 7, 2, 3, 1]),
    ("rn_1x1", [64, 256, 56, 1, 1, 0, 1]),
    ("alex2", [64, 192, 27, 5, 1, 2, 1]),
    ("dw3", [256, 256, 56, 3, 1, 1, 256]),
    ("dw31", [128, 128, 56, 31, 1, 15, 128]),
    ("k11", [64, 64, 128, 11, 1, 5, 1]),
];

/// `C/name/b1`: a layer, forward.
pub fn forward(request: &Request, name: &str, batch: &str) -> Outcome<()> {
    let (_, sizes) = LAYERS.iter().find(|(known, _)| *known == name).ok_or("no such layer")?;
    let [channels, filters, side, taps, stride, padding, groups] = *sizes;
    let images = batch.trim_start_matches('b').parse::<usize>()?;
    let geometry = Geometry::new(stride, padding, 1);
    let tensor = |seed, shape: [usize; 4]| -> Outcome<Array4<f32>> {
        let numbers = numbers(seed, shape.iter().product()).map(|number| number as f32);
        Ok(Array4::from_shape_vec(shape, numbers.collect())?)
    };
    let input = [images, channels, side, side];
    let x = tensor(1, input)?.into_raw_vec_and_offset().0;
    let w = tensor(2, [filters, channels / groups, taps, taps])?;
    let outputs = geometry.outputs((side, side), (taps, taps))?;
    let outputs = images * filters * outputs.0 * outputs.1;
    let operations = 2.0 * (outputs * channels / groups * taps * taps) as f64;
    let mut y = vec![0.0_f32; outputs];
    if groups > 1 {
        let w = w.remove_axis(Axis(1));
        let mut plan = direct::Plan::depthwise(input, &w, (padding, padding), &request.threads)?;
        return request.time("direct", operations, &mut y, |y| plan.run_into(&x, y));
    }
    let mut plan = gemm::Plan::new(input, &w, None, geometry, &request.threads)?;
    request.time("gemm", operations, &mut y, |y| plan.run_into(&x, y))?;
    if taps == 3 && stride == 1 {
        for (name, tile) in [("winograd2", Tile::Two), ("winograd4", Tile::Four)] {
            let mut plan = winograd::Plan::new(input, &w, None, geometry, tile, &request.threads)?;
            request.time(name, operations, &mut y, |y| plan.run_into(&x, y))?;
        }
    }
    if stride == 1 && taps > 1 {
        let mut plan = fft::Plan::new(input, &w, None, geometry, request.tile, &request.threads)?;
        let name = format!("fft{}", plan.side());
        request.time(&name, operations, &mut y, |y| plan.run_into(&x, y))?;
    }
    Ok(())
}
