//! Which way to compute a layer of 3 × 3 taps? The definition, the matrix product, and Winograd's tiles.
//!
//! `cargo bench --bench layer`

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use locality::fast::winograd::Tile;
use locality::fast::{Threads, gemm, winograd};
use locality::layer::{self, Geometry};
use locality::ndarray::Array4;

fn layers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("layer 3x3, f32");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    let (geometry, threads) = (Geometry::new(1, 1, 1), Threads::default());
    for (channels, side) in [(4, 56), (64, 28)] {
        let input = [1, channels, side, side];
        let x = Array4::from_shape_fn(input, |(_, c, i, j)| ((c + 3 * i + 7 * j) % 11) as f32 - 5.0);
        let w =
            Array4::from_shape_fn([channels, channels, 3, 3], |(o, c, a, b)| ((o + c + a * b) % 5) as f32);
        let size = format!("{channels} channels, {side} pixels");
        group.bench_function(BenchmarkId::new("definition", &size), |bencher| {
            bencher.iter(|| layer::forward(black_box(&x), &w, None, geometry));
        });
        let flat = x.as_slice().expect("row-major");
        let mut plan = gemm::Plan::new(input, &w, None, geometry, &threads).expect("a layer");
        let mut y = vec![0.0; plan.output().iter().product()];
        group.bench_function(BenchmarkId::new("gemm", &size), |bencher| {
            bencher.iter(|| plan.run_into(black_box(flat), &mut y));
        });
        for (name, tile) in [("winograd 2", Tile::Two), ("winograd 4", Tile::Four)] {
            let mut plan = winograd::Plan::new(input, &w, None, geometry, tile, &threads).expect("a layer");
            group.bench_function(BenchmarkId::new(name, &size), |bencher| {
                bencher.iter(|| plan.run_into(black_box(flat), &mut y));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, layers);
criterion_main!(benches);
