//! What locality buys: four ways to have kernels, trained on faces and on the same parts in other places.
//!
//! `cargo run --release --example learning`; with `-- --data DIR` on pictures of yours: DIR holds two folders, one for each
//! class. Without `--release` it takes many times as long.

mod folder;

use std::env;
use std::error::Error;
use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Panel, rows};
use locality::figure::{Gallery, Ink};
use locality::learning::faces::{self, FACE, FURTHEST, SCRAMBLED};
use locality::learning::{Data, Method, Network, Protocol, Random, Trained, mean_alone};
use locality::ndarray::Array2;
use rayon::prelude::*;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many pictures there are to learn from.
const SIZES: [usize; 5] = [16, 32, 128, 512, 2048];

/// Up to here there are few.
const FEW: usize = 32;

/// Seeds of the trainings that count.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// Seeds of what is seen in no training that counts: where rates are tried, on what they are chosen, and the test.
const TRYING: u64 = 1001;
const CHOOSING: u64 = 1002;
const TEST: u64 = 1003;

/// How many pictures rates are chosen on, and how many test.
const CHOSEN_ON: usize = 500;
const TESTED_ON: usize = 1000;

/// What is trained.
#[derive(Clone, Copy, PartialEq)]
enum Learner {
    /// Kernels of one of four kinds; all begin as the same function.
    Kernels(Trained),
    /// Full kernels that begin with random taps everywhere: asked for after the first run.
    Dense,
    /// No kernels: the last layer reads the pixels.
    Pixels,
}

const LEARNERS: [Learner; 6] = [
    Learner::Kernels(Trained::Taps),
    Learner::Kernels(Trained::ProjectedSpectrum),
    Learner::Kernels(Trained::FullKernel),
    Learner::Kernels(Trained::FreeSpectrum),
    Learner::Dense,
    Learner::Pixels,
];

fn name(learner: Learner) -> &'static str {
    match learner {
        Learner::Kernels(trained) => trained.name(),
        Learner::Dense => "dense start",
        Learner::Pixels => "pixels alone",
    }
}

/// The same in a word, for curves and tables.
fn short(learner: Learner) -> &'static str {
    match learner {
        Learner::Kernels(Trained::ProjectedSpectrum) => "projected",
        Learner::Kernels(Trained::FullKernel) => "full",
        Learner::Kernels(Trained::FreeSpectrum) => "free",
        Learner::Pixels => "pixels",
        other => name(other),
    }
}

/// The symbol that the chapter has for what is trained.
fn symbol(trained: Trained) -> &'static str {
    match trained {
        Trained::Taps => "h",
        Trained::ProjectedSpectrum => "φ",
        Trained::FullKernel => "w",
        Trained::FreeSpectrum => "φ′",
    }
}

/// Where pictures come from.
trait Source: Sync {
    /// `count` pictures to learn from; every seed has its own.
    fn training(&self, count: usize, seed: u64) -> locality::Result<Data>;
    /// Those on which rates are chosen.
    fn choosing(&self) -> &Data;
    /// Those that test, one set or several.
    fn tests(&self) -> Vec<&Data>;
}

/// One training that counts.
struct Run {
    accuracies: Vec<f64>,
    weights: Vec<f32>,
}

/// All trainings of one learner, one method and one number of pictures.
struct Cell {
    learner: Learner,
    method: Method,
    size: usize,
    rate: f64,
    runs: Vec<Run>,
}

impl Cell {
    /// Mean and deviation of the accuracy over seeds, in per cent, on one of the tests.
    fn accuracy(&self, test: usize) -> (f64, f64) {
        moments(&self.runs.iter().map(|run| 100.0 * run.accuracies[test]).collect::<Vec<_>>())
    }
}

fn main() -> Outcome {
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => book(),
        ["--data", folder] => own(Path::new(folder)),
        _ => Err("expected no arguments, or --data DIR".into()),
    }
}

/// Trains a learner, and says how it does on some tests.
fn train(
    protocol: &Protocol,
    learner: Learner,
    method: Method,
    rate: f64,
    data: &Data,
    seed: u64,
    tests: &[&Data],
) -> locality::Result<Run> {
    let rule = method.with_rate(rate);
    let trained = match learner {
        Learner::Kernels(trained) => trained,
        Learner::Dense => Trained::FullKernel,
        Learner::Pixels => {
            let accuracies = protocol.pixels_alone(rule, data, seed, tests)?;
            return Ok(Run { accuracies, weights: vec![] });
        }
    };
    let network = Network::<f32>::new(trained, protocol.sizes)?;
    let start = if learner == Learner::Dense { network.dense_start(seed)? } else { network.start(seed)? };
    let weights = protocol.train_from(&network, start, rule, data, seed)?;
    let accuracies = tests.iter().map(|test| network.accuracy(&weights, test));
    Ok(Run { accuracies: accuracies.collect::<locality::Result<_>>()?, weights })
}

/// Everything: first the rates, then the trainings that count.
fn experiment(protocol: &Protocol, source: &dyn Source, sizes: &[usize]) -> Outcome<Vec<Cell>> {
    // The long ones first.
    let sizes = sizes.iter().rev();
    let cells =
        sizes.flat_map(|&size| LEARNERS.map(|learner| Method::ALL.map(|method| (learner, method, size))));
    let cells = cells.flatten().collect::<Vec<_>>();
    let rates = Method::Sgd.rates().len();
    let jobs = cells.len() * (rates + SEEDS.count());
    let bar = ProgressBar::with_draw_target(
        Some(jobs as u64),
        match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        },
    );
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos} of {len} trainings, {eta} to go")?);
    let trials = cells.iter().flat_map(|&cell| cell.1.rates().map(|rate| (cell, rate))).collect::<Vec<_>>();
    let trials = trials.into_par_iter().map(|((learner, method, size), rate)| {
        let data = source.training(size, TRYING)?;
        let run = train(protocol, learner, method, rate, &data, TRYING, &[source.choosing()])?;
        bar.inc(1);
        Ok((rate, run.accuracies[0]))
    });
    let trials = trials.collect::<locality::Result<Vec<_>>>()?;
    // The best, and of equal ones the smallest.
    let best = |tried: &[(f64, f64)]| {
        tried.iter().fold((0.0, -1.0), |best, &one| if one.1 > best.1 { one } else { best }).0
    };
    let rates = trials.chunks(rates).map(best).collect::<Vec<_>>();
    let runs = cells
        .iter()
        .zip(&rates)
        .flat_map(|(&cell, &rate)| SEEDS.map(move |seed| (cell, rate, seed)))
        .collect::<Vec<_>>();
    let runs = runs.into_par_iter().map(|((learner, method, size), rate, seed)| {
        let data = source.training(size, seed)?;
        let run = train(protocol, learner, method, rate, &data, seed, &source.tests())?;
        bar.inc(1);
        Ok(run)
    });
    let mut runs = runs.collect::<locality::Result<Vec<_>>>()?.into_iter();
    bar.finish_and_clear();
    let cell = |(&(learner, method, size), &rate): (&(Learner, Method, usize), &f64)| Cell {
        learner,
        method,
        size,
        rate,
        runs: runs.by_ref().take(SEEDS.count()).collect(),
    };
    let mut cells = cells.iter().zip(&rates).map(cell).collect::<Vec<_>>();
    cells.sort_by_key(|cell| cell.size);
    Ok(cells)
}

/// The faces of the book.
struct Faces {
    choosing: Data,
    tests: [Data; 2],
}

impl Source for Faces {
    fn training(&self, count: usize, seed: u64) -> locality::Result<Data> {
        faces::set(count, seed, 0)
    }

    fn choosing(&self) -> &Data {
        &self.choosing
    }

    fn tests(&self) -> Vec<&Data> {
        self.tests.iter().collect()
    }
}

fn book() -> Outcome {
    let mut gallery = Gallery::open("learning")?;
    let protocol = Protocol::default();
    let tests = [faces::set(TESTED_ON, TEST, 0)?, faces::set(TESTED_ON, TEST, FURTHEST)?];
    let source = Faces { choosing: faces::set(CHOSEN_ON, CHOOSING, 0)?, tests };
    samples(&mut gallery)?;
    let sizes = protocol.sizes;
    for (key, value) in [
        ("side", sizes.side),
        ("taps", sizes.taps),
        ("kernels", sizes.kernels),
        ("pool", sizes.pool),
        ("outputs", sizes.side - sizes.taps + 1),
        ("steps", protocol.steps),
        ("batch", protocol.batch),
        ("seeds", SEEDS.count()),
        ("chosen_on", CHOSEN_ON),
        ("tested_on", TESTED_ON),
        ("shift", FURTHEST as usize),
        ("least", SIZES[0]),
        ("most", SIZES[SIZES.len() - 1]),
    ] {
        gallery.value(key, value)?;
    }
    for method in Method::ALL {
        let rates = method.rates().map(|rate| rate.to_string());
        gallery.value(&format!("{}_rates", method.name().to_lowercase()), rates.join(", "))?;
    }
    for trained in Trained::ALL {
        let weights = Network::<f32>::new(trained, sizes)?.weights();
        gallery.value(&format!("weights_{}", trained.name().replace(' ', "_")), weights)?;
    }
    let light = mean_alone(&source.training(SIZES[4], 1)?, &source.tests[0]);
    gallery.value("light", format!("{:.1} %", 100.0 * light))?;
    let cells = experiment(&protocol, &source, &SIZES)?;
    println!("== rates ==");
    table(&cells, &|cell| cell.rate.to_string());
    println!("\n== accuracy ==");
    table(&cells, &|cell| spread(cell.accuracy(0)));
    println!("\n== shifted ==");
    table(&cells, &|cell| spread(cell.accuracy(1)));
    println!("\n== paired ==");
    paired(&cells);
    // The bar that the protocol set: with few pictures, better by more than the spread.
    let (mut compared, mut ahead, mut passed) = (0, 0, 0);
    for few in cells.iter().filter(|cell| cell.size <= FEW) {
        let large = match few.learner {
            Learner::Kernels(Trained::Taps) => Trained::FullKernel,
            Learner::Kernels(Trained::ProjectedSpectrum) => Trained::FreeSpectrum,
            _ => continue,
        };
        let same = |cell: &&Cell| {
            (cell.learner, cell.method, cell.size) == (Learner::Kernels(large), few.method, few.size)
        };
        let large = cells.iter().find(same).ok_or("a cell for each")?;
        let ((small, a), (large, b)) = (few.accuracy(0), large.accuracy(0));
        compared += 1;
        ahead += usize::from(small > large);
        passed += usize::from(small - large > a.max(b));
    }
    for (key, value) in [("few", FEW), ("compared", compared), ("ahead", ahead), ("passed", passed)] {
        gallery.value(key, value)?;
    }
    for cell in &cells {
        let key = format!("{}_{}_{}", cell.method.name(), cell.size, name(cell.learner)).to_lowercase();
        gallery.value(&key.replace(' ', "_"), spread(cell.accuracy(0)))?;
    }
    curves(&mut gallery, &cells)?;
    kernels(&mut gallery, &protocol, &cells)?;
    gallery.close();
    Ok(())
}

fn spread((mean, deviation): (f64, f64)) -> String {
    format!("{mean:.1} ± {deviation:.1}")
}

/// A row for each number of pictures, a column for each learner, one table for each method.
fn table(cells: &[Cell], entry: &dyn Fn(&Cell) -> String) {
    for method in Method::ALL {
        print!("{:<6}", method.name());
        LEARNERS.iter().for_each(|&learner| print!(" {:>12}", short(learner)));
        println!();
        let mut sizes = cells.iter().map(|cell| cell.size).collect::<Vec<_>>();
        sizes.dedup();
        for size in sizes {
            print!("{size:<6}");
            for learner in LEARNERS {
                let cell = cells
                    .iter()
                    .find(|cell| (cell.learner, cell.method, cell.size) == (learner, method, size));
                print!(" {:>12}", cell.map(entry).unwrap_or_default());
            }
            println!();
        }
    }
}

/// How much more often the taps are right than another learner from the same seed, and for how many of the seeds.
fn paired(cells: &[Cell]) {
    let find = |learner, method, size| {
        cells.iter().find(move |cell| (cell.learner, cell.method, cell.size) == (learner, method, size))
    };
    for method in Method::ALL {
        let others =
            [Learner::Kernels(Trained::FullKernel), Learner::Kernels(Trained::FreeSpectrum), Learner::Dense];
        print!("{:<6}", method.name());
        others.iter().for_each(|&other| print!(" {:>24}", format!("taps less {}", name(other))));
        println!();
        for size in SIZES {
            print!("{size:<6}");
            for other in others {
                let both = find(Learner::Kernels(Trained::Taps), method, size).zip(find(other, method, size));
                let Some((taps, other)) = both else { continue };
                let each = taps.runs.iter().zip(&other.runs);
                let each = each.map(|(a, b)| 100.0 * (a.accuracies[0] - b.accuracies[0])).collect::<Vec<_>>();
                let won = each.iter().filter(|&&points| points > 1e-9).count();
                print!(" {:>24}", format!("{} ({won} of {})", spread(moments(&each)), each.len()));
            }
            println!();
        }
    }
}

/// Mean and deviation.
fn moments(each: &[f64]) -> (f64, f64) {
    let mean = each.iter().sum::<f64>() / each.len() as f64;
    let squares = each.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    (mean, (squares / (each.len() - 1) as f64).sqrt())
}

/// Faces above, their twins below.
fn samples(gallery: &mut Gallery) -> Outcome {
    let picture = |class: usize| {
        (0..5).map(move |number| Panel::picture("", &faces::draw(class, 1, number, (0, 0)).mapv(f64::from)))
    };
    let (above, below) = (picture(FACE).collect::<Vec<_>>(), picture(SCRAMBLED).collect::<Vec<_>>());
    gallery.figure(
        "learning-samples",
        &rows(5, &[&above, &below], &[&[""; 4], &[""; 4]]),
        "Five faces, and below each its scrambled twin: the same eyes, the same nose, the same light and noise, in other places.",
        "Two rows of five small grey pictures. In each of the upper row two dark spots stand side by side above a light one; in the lower row the same three spots stand in other places.",
    )?;
    Ok(())
}

/// Accuracy by number of pictures.
fn curves(gallery: &mut Gallery, cells: &[Cell]) -> Outcome {
    let inks = [
        (Ink::Kernel, Mark::Line),
        (Ink::KernelSecond, Mark::Dots),
        (Ink::Signal, Mark::Line),
        (Ink::Gradient, Mark::Dots),
        (Ink::Output, Mark::Line),
        (Ink::Muted, Mark::Line),
    ];
    for (test, id) in ["learning-accuracy", "learning-shifted"].into_iter().enumerate() {
        let chart = |method: Method| {
            let mut series = vec![];
            for (learner, (ink, mark)) in LEARNERS.into_iter().zip(inks) {
                let own = cells.iter().filter(|cell| (cell.learner, cell.method) == (learner, method));
                // Side by side, so that none hides another.
                let at = |cell: &Cell| (cell.size as f64).log2();
                let points = own.clone().map(|cell| (at(cell), cell.accuracy(test).0));
                series.push(Series::new(short(learner), ink, mark, points.collect::<Vec<_>>()));
                let ends = own.flat_map(|cell| {
                    let (mean, deviation) = cell.accuracy(test);
                    [(at(cell), mean - deviation), (at(cell), mean + deviation)]
                });
                series.push(Series::new(
                    &format!("{}, spread", short(learner)),
                    ink,
                    Mark::Spread,
                    ends.collect::<Vec<_>>(),
                ));
            }
            let axis = format!("log₂ of the training pictures, {}", method.name());
            Chart::new(&axis, "right, %", series)
                .y_range(if test == 0 { 70.0..102.0 } else { 30.0..62.0 })
                .height(260)
        };
        let (caption, alt) = match test {
            0 => (
                "The share of test pictures put into the right class, against the number of pictures to learn from, by SGD and by Adam. Uprights reach a deviation over seeds to either side. Dots are spectra, lines are kernels in space: by SGD they lie on each other, until rounding leads them apart.",
                "Two charts with six curves each, one for each learner, with upright lines for the spread.",
            ),
            _ => (
                "The same on test pictures that are shifted further than any that was learned from.",
                "Two charts with six curves each, one for each learner, with upright lines for the spread.",
            ),
        };
        gallery.figure(id, &charts(&Method::ALL.map(chart)), caption, alt)?;
    }
    Ok(())
}

/// What was learned, at its true size.
fn kernels(gallery: &mut Gallery, protocol: &Protocol, cells: &[Cell]) -> Outcome {
    let mut lines = vec![];
    for trained in Trained::ALL {
        let network = Network::<f32>::new(trained, protocol.sizes)?;
        let mut line = vec![];
        for method in Method::ALL {
            let own = |cell: &&Cell| {
                (cell.learner, cell.method, cell.size) == (Learner::Kernels(trained), method, SIZES[2])
            };
            let cell = cells.iter().find(own).ok_or("a cell for each")?;
            let all = network.kernels(&cell.runs[0].weights)?;
            let square = |kernel: &Vec<f32>| {
                let side = (0..).find(|side| side * side >= kernel.len()).unwrap_or(0);
                Array2::from_shape_fn((side, side), |(i, j)| f64::from(kernel[i * side + j]))
            };
            let squares = all.iter().map(square).collect::<Vec<_>>();
            for kernel in squares.iter().take(2) {
                let title = format!("{}, {}", symbol(trained), method.name());
                line.push(Panel::matrix(&title, kernel, Ink::Kernel).spy());
            }
            if !trained.is_small() {
                let k = protocol.sizes.taps;
                let energy = |inside: bool| {
                    squares
                        .iter()
                        .flat_map(|w| w.indexed_iter())
                        .filter(|((i, j), _)| (*i < k && *j < k) == inside)
                        .map(|(_, w)| w * w)
                        .sum::<f64>()
                };
                let outside = energy(false) / (energy(false) + energy(true));
                let key =
                    format!("outside_{}_{}", trained.name().replace(' ', "_"), method.name().to_lowercase());
                gallery.value(&key, format!("{:.0} %", 100.0 * outside))?;
            }
        }
        lines.push(line);
    }
    let lines = lines.iter().map(Vec::as_slice).collect::<Vec<_>>();
    gallery.figure(
        "learning-kernels",
        &rows(5, &lines, &[&[""; 3][..]; 4]),
        &format!("Two kernels of each kind after training on {} pictures, at their true size, by SGD and by Adam: the fuller a cell, the larger the tap. Outside the square they began with, the large ones have learned a little of everything.", SIZES[2]),
        "Four rows of four kernels. Taps and projected spectra are small squares; full kernels and free spectra fill a square of the size of the picture, faintly but for a corner as large as the small ones.",
    )?;
    Ok(())
}

/// A reader's own pictures: half to learn from, a quarter to choose rates on, a quarter to test.
struct Own {
    learning: Data,
    choosing: Data,
    test: Data,
}

impl Source for Own {
    fn training(&self, count: usize, seed: u64) -> locality::Result<Data> {
        // As many of either class, which stand by turns.
        let order = Random::new(seed).order(self.learning.count() / 2);
        let pairs = order.into_iter().take(count / 2).flat_map(|pair| [2 * pair, 2 * pair + 1]);
        self.learning.choose(&pairs.collect::<Vec<_>>())
    }

    fn choosing(&self) -> &Data {
        &self.choosing
    }

    fn tests(&self) -> Vec<&Data> {
        vec![&self.test]
    }
}

fn own(path: &Path) -> Outcome {
    let protocol = Protocol::default();
    let found = folder::read(path, protocol.sizes.side)?;
    let data = Data::new(&found.pictures, found.classes)?;
    let order = Random::new(TEST).order(data.count() / 2);
    let pairs = |range: std::ops::Range<usize>| {
        order[range].iter().flat_map(|pair| [2 * pair, 2 * pair + 1]).collect::<Vec<_>>()
    };
    let (quarter, half) = (order.len() / 4, order.len() / 2);
    let source = Own {
        test: data.choose(&pairs(0..quarter))?,
        choosing: data.choose(&pairs(quarter..half))?,
        learning: data.choose(&pairs(half..order.len()))?,
    };
    let most = source.learning.count();
    let sizes = SIZES.into_iter().filter(|&size| size <= most).collect::<Vec<_>>();
    println!(
        "{} against {}: {} pictures of each, 20 × 20 and grey",
        found.names[0],
        found.names[1],
        data.count() / 2
    );
    println!(
        "{} to learn from, {} to choose rates on, {} to test",
        most,
        source.choosing.count(),
        source.test.count()
    );
    println!("right, %, by the number of pictures to learn from");
    table(&experiment(&protocol, &source, &sizes)?, &|cell| spread(cell.accuracy(0)));
    Ok(())
}
