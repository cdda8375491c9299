//! From how many taps on is the FFT faster than sliding, for one picture?
//!
//! `cargo bench --bench picture`

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use locality::conv2d::Mode;
use locality::fast::{Threads, direct};
use locality::fourier;
use locality::ndarray::Array2;

fn pictures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("picture of 256 x 256, f64");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    let x = Array2::from_shape_fn((256, 256), |(i, j)| ((i * i + 3 * j) % 17) as f64);
    for taps in [3, 7, 15, 31] {
        let h = Array2::from_elem((taps, taps), 1.0 / (taps * taps) as f64);
        let mut plan =
            direct::Plan::convolve(x.dim(), &h, Mode::Same, &Threads::default()).expect("a kernel");
        let mut y = vec![0.0; x.len()];
        group.bench_function(BenchmarkId::new("sliding", taps), |bencher| {
            bencher.iter(|| plan.run_into(black_box(x.as_slice().expect("row-major")), &mut y));
        });
        group.bench_function(BenchmarkId::new("through the FFT", taps), |bencher| {
            bencher.iter(|| fourier::conv2d::convolve(black_box(&x), &h, Mode::Same));
        });
    }
    group.finish();
}

criterion_group!(benches, pictures);
criterion_main!(benches);
