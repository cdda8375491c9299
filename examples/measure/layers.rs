//! Layers that people use.

use locality::fast::auto::{self, Method};
use locality::fast::winograd::Tile;
use locality::fast::{depthwise, direct, gradient, overlap_save};
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

/// A layer, its tensors, and how many operations its definition takes.
struct Case {
    input: [usize; 4],
    kernel: [usize; 4],
    output: [usize; 4],
    padding: usize,
    geometry: Geometry,
    operations: f64,
}

fn case(name: &str, batch: &str) -> Outcome<Case> {
    let (_, sizes) = LAYERS.iter().find(|(known, _)| *known == name).ok_or("no such layer")?;
    let [channels, filters, side, taps, stride, padding, groups] = *sizes;
    let images = batch.trim_start_matches('b').parse::<usize>()?;
    let geometry = Geometry::new(stride, padding, 1);
    let (p, q) = geometry.outputs((side, side), (taps, taps))?;
    let kernel = [filters, channels / groups, taps, taps];
    let products = images * p * q * kernel.iter().product::<usize>();
    Ok(Case {
        input: [images, channels, side, side],
        kernel,
        output: [images, filters, p, q],
        padding,
        geometry,
        operations: 2.0 * products as f64,
    })
}

impl Case {
    fn methods(&self) -> Vec<(&'static str, Method)> {
        let mut methods = vec![("gemm", Method::Gemm)];
        if self.geometry.stride == (1, 1) {
            methods.push(("fft", Method::Fft(None)));
            if self.kernel[2..] == [3, 3] {
                methods.push(("winograd2", Method::Winograd(Tile::Two)));
                methods.push(("winograd4", Method::Winograd(Tile::Four)));
            }
        }
        methods
    }
}

fn tensor(seed: u64, shape: [usize; 4]) -> Outcome<Array4<f32>> {
    let numbers = numbers(seed, shape.iter().product()).map(|number| number as f32);
    Ok(Array4::from_shape_vec(shape, numbers.collect())?)
}

fn memory(seed: u64, shape: [usize; 4]) -> Outcome<Vec<f32>> {
    Ok(tensor(seed, shape)?.into_raw_vec_and_offset().0)
}

/// `C/name/b1`: a layer, forward.
pub fn forward(request: &Request, name: &str, batch: &str) -> Outcome<()> {
    let case = case(name, batch)?;
    let (x, w) = (memory(1, case.input)?, tensor(2, case.kernel)?);
    let mut y = vec![0.0_f32; case.output.iter().product()];
    if case.kernel[1] < case.input[1] {
        let (w, padding) = (w.remove_axis(Axis(1)), (case.padding, case.padding));
        let mut plan = direct::Plan::depthwise(case.input, &w, padding, &request.threads)?;
        request.time("direct", case.operations, &mut y, |y| plan.run_into(&x, y))?;
        let mut plan = overlap_save::Plan::depthwise(case.input, &w, padding, None, &request.threads)?;
        return request.time("overlap_save", case.operations, &mut y, |y| plan.run_into(&x, y));
    }
    for (name, method) in case.methods() {
        if request.wants(name) {
            let mut plan = auto::Plan::by(method, case.input, &w, None, case.geometry, &request.threads)?;
            request.time(name, case.operations, &mut y, |y| plan.run_into(&x, y))?;
        }
    }
    if request.wants("auto") {
        let mut plan = auto::Plan::new(case.input, &w, None, case.geometry, &request.threads)?;
        eprintln!("auto: {:?}", plan.method());
        request.time("auto", case.operations, &mut y, |y| plan.run_into(&x, y))?;
    }
    Ok(())
}

/// The gradients of a layer in which every channel has a kernel of its own.
fn depthwise(request: &Request, case: &Case, g: &[f32], by: &str) -> Outcome<()> {
    let (padding, threads) = ((case.padding, case.padding), &request.threads);
    if by == "dh" {
        let x = memory(1, case.input)?;
        let taps = (case.kernel[2], case.kernel[3]);
        let mut plan = depthwise::KernelGradient::new(case.input, taps, padding, threads)?;
        let mut dw = vec![0.0_f32; case.kernel.iter().product()];
        return request.time("direct", case.operations, &mut dw, |dw| plan.run_into(&x, g, dw));
    }
    let (w, padding) = depthwise::turned(&tensor(2, case.kernel)?.remove_axis(Axis(1)), padding)?;
    let mut dx = vec![0.0_f32; case.input.iter().product()];
    let mut plan = direct::Plan::depthwise(case.output, &w, padding, threads)?;
    request.time("direct", case.operations, &mut dx, |dx| plan.run_into(g, dx))?;
    let mut plan = overlap_save::Plan::depthwise(case.output, &w, padding, None, threads)?;
    request.time("overlap_save", case.operations, &mut dx, |dx| plan.run_into(g, dx))
}

/// `D/name/b1/dx`, `D/name/b1/dh`: its gradient with respect to the input, or to the kernel.
pub fn backward(request: &Request, name: &str, batch: &str, by: &str) -> Outcome<()> {
    let case = case(name, batch)?;
    let g = memory(3, case.output)?;
    if case.kernel[1] < case.input[1] {
        return depthwise(request, &case, &g, by);
    }
    for (name, method) in case.methods() {
        if !request.wants(name) {
            continue;
        }
        match by {
            "dx" => {
                let w = tensor(2, case.kernel)?;
                let mut plan = gradient::Input::new(case.input, &w, case.geometry, method, &request.threads)?;
                let mut dx = vec![0.0_f32; case.input.iter().product()];
                request.time(name, case.operations, &mut dx, |dx| plan.run_into(&g, dx))?;
            }
            "dh" => {
                let x = memory(1, case.input)?;
                let mut plan =
                    gradient::Kernel::new(case.input, case.kernel, case.geometry, method, &request.threads)?;
                let mut dw = vec![0.0_f32; case.kernel.iter().product()];
                request.time(name, case.operations, &mut dw, |dw| plan.run_into(&x, &g, dw))?;
            }
            _ => return Err("a gradient is dx or dh".into()),
        }
    }
    Ok(())
}
