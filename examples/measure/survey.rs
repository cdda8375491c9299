//! All cases of the chapter "Measured", by every method that fits them, one after the other in each round, so that what
//! disturbs one of them disturbs all.

use std::collections::BTreeSet;
use std::env::consts::{ARCH, OS};
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{fs, thread};

use indicatif::{ProgressBar, ProgressStyle};
use locality::conv2d::Mode;
use locality::fast::simd::{Number, tile_shape};
use locality::fast::winograd::Tile;
use locality::fast::{Threads, auto, direct, overlap_save};
use locality::layer::Geometry;
use locality::ndarray::{Array2, Array3, Array4};

use crate::times::{Case, Method, Time, Times};
use crate::timing::{Sample, median_and_least};
use crate::{Outcome, numbers};

/// Each round measures a method for this long, in seconds.
const SECONDS: f64 = 0.01;

/// How often each method is measured, unless one call takes longer than [`LONG`].
const ROUNDS: usize = 5;
const LONG: f64 = 0.3;

/// Measures everything and writes it to a file.
pub fn survey(file: &Path) -> Outcome<()> {
    let start = Instant::now();
    let cases = cases();
    let all = thread::available_parallelism()?.get();
    let threaded = THREADED.iter().filter(|_| all > 1);
    let runs = cases.iter().map(|case| (*case, 1)).chain(threaded.map(|case| (*case, all)));
    let runs = runs.collect::<Vec<_>>();
    let bar = ProgressBar::new(runs.len() as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {msg} (about {eta} to go)")?);
    let mut times = Times::default();
    for (case, threads) in runs {
        bar.set_message(case.to_string());
        times.cases.insert((case, threads), measured(case, &Threads::new(threads)?)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let took = format!("{:.0} s", start.elapsed().as_secs_f64());
    times.machine =
        machine(all).into_iter().chain([("took", took)]).map(|(key, value)| (key.into(), value)).collect();
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, times.to_string())?;
    eprintln!("measured {} cases in {}: {}", times.cases.len(), times.machine["took"], file.display());
    Ok(())
}

/// What tells this machine from others.
fn machine(cores: usize) -> Vec<(&'static str, String)> {
    let said = |program: &str, arguments: &[&str]| {
        let output =
            Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string())
    };
    let model = || {
        let text = fs::read_to_string("/proc/cpuinfo").ok()?;
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(": ")?.1.trim().to_string())
    };
    let cpu = model().or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"]));
    let shape = tile_shape::<f32>();
    vec![
        ("cpu", cpu.unwrap_or_else(|| "unknown".into())),
        (
            "vectors",
            format!("{} numbers of f32, register tiles of {} × {}", shape.lanes, shape.rows, shape.vectors),
        ),
        ("cores", cores.to_string()),
        ("system", format!("{OS}, {ARCH}")),
        ("compiler", said("rustc", &["--version"]).unwrap_or_else(|| "unknown".into())),
    ]
}

/// Layers that are also measured on all cores.
const THREADED: [Case; 3] = [
    Case::Layer { b: 1, c: 64, o: 64, n: 112, k: 3 },
    Case::Layer { b: 1, c: 64, o: 64, n: 56, k: 11 },
    Case::Layer { b: 8, c: 64, o: 64, n: 28, k: 3 },
];

/// A layer of which everything is prepared anew, as after a step of training.
const FRESH: Case = Case::Fresh { b: 16, c: 64, o: 64, n: 56, k: 3 };

/// Everything that is measured on one thread.
fn cases() -> BTreeSet<Case> {
    let mut cases = BTreeSet::from(THREADED);
    let mut layers = |images: &[usize], channels: &[(usize, usize)], sides: &[usize], taps: &[usize]| {
        for &b in images {
            for &(c, o) in channels {
                for &n in sides {
                    cases.extend(taps.iter().map(|&k| Case::Layer { b, c, o, n, k }));
                }
            }
        }
    };
    let odd = [3, 5, 7, 9, 11];
    layers(&[1], &[(4, 4), (16, 16), (64, 64)], &[14, 28, 56, 112], &odd);
    layers(&[1], &[(256, 256)], &[14, 28, 56], &odd);
    layers(&[1], &[(3, 64)], &[28, 56, 112, 224], &odd);
    layers(&[8], &[(16, 16), (64, 64)], &[14, 28], &odd);
    // Layers that others published times or counts of.
    layers(&[16], &[(96, 256)], &[32], &[3, 11]);
    layers(&[1], &[(256, 384)], &[13], &[3]);
    for n in [32, 64, 128, 256, 512, 1024] {
        let taps = [3, 5, 7, 9, 11, 15, 21, 31, 47, 63].into_iter().filter(|&k| k <= n);
        cases.extend(taps.map(|k| Case::Picture { n, k }));
    }
    cases.insert(Case::Picture { n: 224, k: 8 });
    cases.insert(FRESH);
    for n in [4096, 65536, 1 << 20] {
        cases.extend([15, 31, 63, 127, 255, 1023, 4095].map(|k| Case::Signal { n, k }));
    }
    cases.extend([3, 7, 15, 31].map(|k| Case::Depthwise { c: 128, n: 56, k }));
    cases
}

/// A method, whether the crate would have chosen it, and a call of it.
type Contestant<T> = (Method, bool, Call<T>);

/// Computes the outputs.
type Call<T> = Box<dyn FnMut(&mut [T]) -> locality::Result<()>>;

/// The times of all methods for a case.
fn measured(case: Case, threads: &Threads) -> Outcome<Vec<Time>> {
    match case {
        Case::Signal { n, k } => {
            compete(convolutions::<f64>((1, n), (1, k), Mode::Full, threads)?, n + k - 1, threads)
        }
        Case::Picture { n, k } => {
            compete(convolutions::<f32>((n, n), (k, k), Mode::Same, threads)?, n * n, threads)
        }
        Case::Depthwise { c, n, k } => compete(depthwise(c, n, k, threads)?, c * n * n, threads),
        Case::Layer { b, c, o, n, k } => {
            compete(layers([b, c, n, n], [o, c, k, k], false, threads)?, b * o * n * n, threads)
        }
        Case::Fresh { b, c, o, n, k } => {
            compete(layers([b, c, n, n], [o, c, k, k], true, threads)?, b * o * n * n, threads)
        }
    }
}

/// Measures them, one after the other in each round.
fn compete<T: Number>(
    mut contestants: Vec<Contestant<T>>,
    outputs: usize,
    threads: &Threads,
) -> Outcome<Vec<Time>> {
    let mut y = vec![T::zero(); outputs];
    let mut first = vec![];
    for (_, _, run) in &mut contestants {
        first.push(Sample::take(0.0, || run(&mut y))?.clock);
    }
    let mut samples = vec![vec![]; contestants.len()];
    for round in 0..ROUNDS {
        for ((samples, (_, _, run)), first) in samples.iter_mut().zip(&mut contestants).zip(&first) {
            if round == 0 || *first < LONG {
                let sample = Sample::take(SECONDS, || run(&mut y))?;
                // The time of the processor is that of all threads together.
                samples.push(if threads.count() == 1 { sample.processor } else { sample.clock });
            }
        }
    }
    let times = contestants.iter().zip(samples).map(|((method, chosen, _), samples)| Time {
        method: *method,
        ms: median_and_least(samples.into_iter()).0 * 1e3,
        chosen: *chosen,
    });
    Ok(times.collect())
}

fn tensor<T: Number>(seed: u64, count: usize) -> Vec<T> {
    numbers(seed, count).map(|number| T::from_f64(number).expect("a float")).collect()
}

fn convolutions<T: Number>(
    image: (usize, usize),
    taps: (usize, usize),
    mode: Mode,
    threads: &Threads,
) -> Outcome<Vec<Contestant<T>>> {
    let h = Array2::from_shape_vec(taps, tensor(2, taps.0 * taps.1))?;
    let x: Vec<T> = tensor(1, image.0 * image.1);
    let [(choice, _), _] = auto::image_candidates::<T>(image, taps, mode)?;
    let mut sliding = direct::Plan::convolve(image, &h, mode, threads)?;
    let mut tiles = overlap_save::Plan::convolve(image, &h, mode, None, threads)?;
    let (a, b) = (x.clone(), x.clone());
    let mut contestants: Vec<Contestant<T>> = vec![
        (Method::Sliding, choice == auto::ImageMethod::Direct, Box::new(move |y| sliding.run_into(&a, y))),
        (Method::Tiles, choice == auto::ImageMethod::OverlapSave, Box::new(move |y| tiles.run_into(&b, y))),
    ];
    if image.0 > 1 {
        let tile = overlap_save::whole::<T>(image, taps, mode)?;
        let mut whole = overlap_save::Plan::convolve(image, &h, mode, Some(tile), threads)?;
        contestants.push((Method::Whole, false, Box::new(move |y| whole.run_into(&x, y))));
    }
    Ok(contestants)
}

/// The definition, and tiles.
fn depthwise(c: usize, n: usize, k: usize, threads: &Threads) -> Outcome<Vec<Contestant<f32>>> {
    let w = Array3::from_shape_vec((c, k, k), tensor(2, c * k * k))?;
    let x: Vec<f32> = tensor(1, c * n * n);
    let mut sliding = direct::Plan::depthwise([1, c, n, n], &w, (k / 2, k / 2), threads)?;
    let mut tiles = overlap_save::Plan::depthwise([1, c, n, n], &w, (k / 2, k / 2), None, threads)?;
    let choice = auto::ImagePlan::depthwise([1, c, n, n], &w, (k / 2, k / 2), threads)?.method();
    let is = |method| choice == method;
    let a = x.clone();
    Ok(vec![
        (Method::Sliding, is(auto::ImageMethod::Direct), Box::new(move |y| sliding.run_into(&a, y))),
        (Method::Tiles, is(auto::ImageMethod::OverlapSave), Box::new(move |y| tiles.run_into(&x, y))),
    ])
}

/// All methods for a layer. Either the plans are made now, or each call makes its own.
fn layers(
    input: [usize; 4],
    kernel: [usize; 4],
    fresh: bool,
    threads: &Threads,
) -> Outcome<Vec<Contestant<f32>>> {
    let padding = kernel[2] / 2;
    let geometry = Geometry::new(1, padding, 1);
    let w = Array4::from_shape_vec(kernel, tensor(2, kernel.iter().product()))?;
    let x: Vec<f32> = tensor(1, input.iter().product());
    let candidates = auto::candidates::<f32>(input, kernel, geometry)?;
    let mut contestants: Vec<Contestant<f32>> = vec![];
    for (place, (by, _)) in candidates.into_iter().enumerate() {
        let method = match by {
            auto::Method::Gemm => Method::Product,
            auto::Method::Winograd(Tile::Two) => Method::Winograd2,
            auto::Method::Winograd(Tile::Four) => Method::Winograd4,
            auto::Method::Fft(_) => Method::Tiles,
        };
        let (x, w, threads) = (x.clone(), w.clone(), threads.clone());
        let new = move || auto::Plan::by(by, input, &w, None, geometry, &threads);
        let run: Call<f32> = if fresh {
            Box::new(move |y| new()?.run_into(&x, y))
        } else {
            let mut plan = new()?;
            Box::new(move |y| plan.run_into(&x, y))
        };
        contestants.push((method, place == 0, run));
    }
    contestants.sort_by_key(|contestant| contestant.0);
    Ok(contestants)
}
