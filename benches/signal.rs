//! From how many taps on are tiles faster than sliding, for one signal?
//!
//! `cargo bench --bench signal`

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use locality::conv2d::Mode;
use locality::fast::{Threads, direct, overlap_save};
use locality::ndarray::Array2;

fn signals(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signal of 65536, f64");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    let x = (0..65_536).map(|n| ((n * n) % 17) as f64).collect::<Vec<_>>();
    let (shape, threads) = ((1, x.len()), Threads::default());
    for taps in [15, 31, 63, 127, 255] {
        let h = Array2::from_elem((1, taps), 1.0 / taps as f64);
        let mut y = vec![0.0; x.len()];
        let mut sliding = direct::Plan::convolve(shape, &h, Mode::Same, &threads).expect("a kernel");
        group.bench_function(BenchmarkId::new("sliding", taps), |bencher| {
            bencher.iter(|| sliding.run_into(black_box(&x), &mut y));
        });
        let mut tiles =
            overlap_save::Plan::convolve(shape, &h, Mode::Same, None, &threads).expect("a kernel");
        group.bench_function(BenchmarkId::new("in tiles", taps), |bencher| {
            bencher.iter(|| tiles.run_into(black_box(&x), &mut y));
        });
    }
    group.finish();
}

criterion_group!(benches, signals);
criterion_main!(benches);
