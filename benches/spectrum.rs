//! What is it worth that a picture is real, and that its columns are transformed in vectors?
//!
//! `cargo bench --bench spectrum`

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use locality::fast::spectrum;
use locality::fourier;
use locality::ndarray::Array2;
use locality::num_complex::Complex;

fn spectra(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spectrum of a picture, f64");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    for side in [64, 512] {
        let x = Array2::from_shape_fn((side, side), |(i, j)| ((i * i + 3 * j) % 17) as f64);
        let complex = x.mapv(|pixel| Complex::new(pixel, 0.0));
        group.bench_function(BenchmarkId::new("as complex numbers, transposed", side), |bencher| {
            bencher.iter(|| fourier::dft2(black_box(&complex)));
        });
        let mut plan = spectrum::Plan::new((side, side)).expect("a picture");
        let mut coefficients = vec![Complex::default(); side * plan.half()];
        group.bench_function(BenchmarkId::new("half, in vectors", side), |bencher| {
            bencher
                .iter(|| plan.forward_into(black_box(x.as_slice().expect("row-major")), &mut coefficients));
        });
    }
    group.finish();
}

criterion_group!(benches, spectra);
criterion_main!(benches);
