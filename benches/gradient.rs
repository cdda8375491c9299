//! What do the gradients of a layer cost, beside the layer, by each method?
//!
//! `cargo bench --bench gradient`

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use locality::fast::auto::{self, Method};
use locality::fast::winograd::Tile;
use locality::fast::{Threads, gradient};
use locality::layer::Geometry;
use locality::ndarray::Array4;

fn gradients(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("64 channels, 56 pixels, 3x3, f32");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2)).sample_size(10);
    let (geometry, threads) = (Geometry::new(1, 1, 1), Threads::default());
    let input = [1, 64, 56, 56];
    let x = (0..input.iter().product()).map(|n: usize| (n % 11) as f32 - 5.0).collect::<Vec<_>>();
    let w = Array4::from_shape_fn([64, 64, 3, 3], |(o, c, a, b)| ((o + c + a * b) % 5) as f32);
    // The gradient of the outputs has their shape, which is that of the input.
    let g = x.clone();
    for method in [Method::Gemm, Method::Winograd(Tile::Four), Method::Fft(None)] {
        let (name, mut y) = (format!("{method:?}"), vec![0.0; x.len()]);
        let mut layer = auto::Plan::by(method, input, &w, None, geometry, &threads).expect("a layer");
        group.bench_function(BenchmarkId::new("the layer", &name), |bencher| {
            bencher.iter(|| layer.run_into(black_box(&x), &mut y));
        });
        let mut by_input = gradient::Input::new(input, &w, geometry, method, &threads).expect("a layer");
        group.bench_function(BenchmarkId::new("by the input", &name), |bencher| {
            bencher.iter(|| by_input.run_into(black_box(&g), &mut y));
        });
        let mut taps = vec![0.0; w.len()];
        let mut by_kernel =
            gradient::Kernel::new(input, w.dim().into(), geometry, method, &threads).expect("a layer");
        group.bench_function(BenchmarkId::new("by the kernel", &name), |bencher| {
            bencher.iter(|| by_kernel.run_into(black_box(&x), black_box(&g), &mut taps));
        });
    }
    group.finish();
}

criterion_group!(benches, gradients);
criterion_main!(benches);
