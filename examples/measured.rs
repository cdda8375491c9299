//! Measured: what the counts come to by the clock, on the reference machine and, after `cargo book measure`, on yours.
//!
//! `cargo run --example measured`

use std::collections::BTreeMap;
use std::error::Error;

use locality::cost::{Layer, Model, Pass, Tile};
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Cell, Panel, rows};
use locality::figure::{Gallery, Ink};
use times::{Case, Method, Times};

#[path = "times/mod.rs"]
mod times;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What was measured on the machine that the printed book shows.
const REFERENCE: &str = include_str!("../book/measured/reference.csv");

/// What `benches/peers.py` measured there: our fastest method and the libraries that people use.
const PEERS: &str = include_str!("../book/measured/peers.csv");

/// Channels of the layers in the map.
const CHANNELS: [usize; 3] = [4, 16, 64];

fn main() -> Outcome<()> {
    let mut machines = vec![("reference", REFERENCE.parse::<Times>()?)];
    // Where `cargo book measure` says that it left what it measured.
    if let Some(file) = std::env::var_os("LOCALITY_MEASURED") {
        machines.push(("yours", std::fs::read_to_string(file)?.parse()?));
    }
    let mut gallery = Gallery::open("measured")?;
    println!("== machines ==");
    for (whose, times) in &machines {
        println!("{whose}:");
        times.machine.iter().for_each(|(key, value)| println!("    {key:<10} {value}"));
    }
    picture(&mut gallery, &machines)?;
    layers(&mut gallery, &machines)?;
    growth(&mut gallery, &machines)?;
    verdicts(&mut gallery, &machines)?;
    println!("\n== published ==");
    published(&mut gallery, &machines)?;
    println!("\n== threads ==");
    threads(&machines);
    println!("\n== peers ==");
    peers(&mut gallery)?;
    gallery.close();
    Ok(())
}

impl Method {
    /// Whether it makes the products of the definition, and no others.
    fn is_spatial(self) -> bool {
        matches!(self, Self::Sliding | Self::Product)
    }

    /// Whether it goes through the Fourier domain.
    fn is_fourier(self) -> bool {
        matches!(self, Self::Tiles | Self::Whole)
    }
}

impl Times {
    /// What a method took on one thread.
    fn ms(&self, case: Case, method: Method) -> Option<f64> {
        let times = self.cases.get(&(case, 1))?;
        times.iter().find(|time| time.method == method).map(|time| time.ms)
    }

    /// The fastest of those methods that pass, on one thread.
    fn fastest(&self, case: Case, passes: impl Fn(Method) -> bool) -> Option<times::Time> {
        let times = self.cases.get(&(case, 1))?.iter().filter(|time| passes(time.method));
        times.copied().min_by(|a, b| a.ms.total_cmp(&b.ms))
    }
}

/// A machine and what was measured on it.
type Machine = (&'static str, Times);

/// The fastest method, and how many times as fast the best transform is as the best way to make all products.
fn cell(times: &Times, case: Case) -> Cell {
    let Some((winner, ratio)) = times.fastest(case, |_| true).zip(ratio(times, case)) else {
        return Cell { value: 0.0, ink: Ink::Grid, strength: 0.0, label: String::new(), hatched: false };
    };
    let ink = match winner.method {
        Method::Sliding | Method::Product => Ink::Kernel,
        Method::Winograd2 | Method::Winograd4 => Ink::Output,
        Method::Tiles => Ink::Signal,
        Method::Whole => Ink::Gradient,
    };
    let digits = if ratio < 9.95 { 1 } else { 0 };
    Cell { value: ratio, ink, strength: 0.45, label: format!("{ratio:.digits$}"), hatched: false }
}

/// Milliseconds of the best way to make all products, over those of the best transform.
fn ratio(times: &Times, case: Case) -> Option<f64> {
    let spatial = times.fastest(case, Method::is_spatial)?;
    let transformed = times.fastest(case, |method| !method.is_spatial())?;
    Some(spatial.ms / transformed.ms)
}

/// A map of the winners over the side of the picture, downwards, and of the kernel.
fn map(
    title: &str,
    times: &Times,
    sides: &[usize],
    taps: &[usize],
    case: impl Fn(usize, usize) -> Case,
) -> Panel {
    let names = |sizes: &[usize]| sizes.iter().map(usize::to_string).collect();
    let panel = Panel::cells(title, (sides.len(), taps.len()), |i, j| cell(times, case(sides[i], taps[j])));
    panel.headed(names(sides), names(taps))
}

/// Draws the maps, a machine a row.
fn maps(
    gallery: &mut Gallery,
    id: &str,
    machines: &[Machine],
    panels: impl Fn(&str, &Times) -> Vec<Panel>,
    about: (&str, &str),
) -> Outcome<()> {
    let lines = machines.iter().map(|(whose, times)| {
        let whose = if machines.len() > 1 { format!("{whose}: ") } else { String::new() };
        panels(&whose, times)
    });
    let lines = lines.collect::<Vec<_>>();
    let lines = lines.iter().map(Vec::as_slice).collect::<Vec<_>>();
    Ok(gallery.figure(id, &rows(34, &lines, &[]), about.0, about.1)?)
}

const SIDES: [usize; 6] = [32, 64, 128, 256, 512, 1024];
const TAPS: [usize; 10] = [3, 5, 7, 9, 11, 15, 21, 31, 47, 63];

fn picture(gallery: &mut Gallery, machines: &[Machine]) -> Outcome<()> {
    let panels = |whose: &str, times: &Times| {
        vec![map(&format!("{whose}N down, K across"), times, &SIDES, &TAPS, |n, k| Case::Picture { n, k })]
    };
    maps(
        gallery,
        "measured-picture",
        machines,
        panels,
        (
            "One picture, one kernel: how many times as fast the best transform is as sliding. Orange: sliding is faster. Blue: transforms of tiles. Purple: one transform of the whole picture.",
            "A grid of six sides of the picture and ten of the kernel. Cells to the left, with small kernels, say that sliding is faster, with numbers below one; cells to the right that a transform is, with numbers above one.",
        ),
    )
}

fn layers(gallery: &mut Gallery, machines: &[Machine]) -> Outcome<()> {
    let panels = |whose: &str, times: &Times| {
        let map = |&c: &usize| {
            let title = format!("{whose}{c} → {c}");
            map(&title, times, &[14, 28, 56, 112], &[3, 5, 7, 9, 11], |n, k| Case::Layer {
                b: 1,
                c,
                o: c,
                n,
                k,
            })
        };
        CHANNELS.iter().map(map).collect()
    };
    maps(
        gallery,
        "measured-layers",
        machines,
        panels,
        (
            "Layers of one image, by their channels; the side of the image downwards, that of the kernel across. The number says how many times as fast the best transform is as the matrix product. Orange: the product is faster. Green: Winograd. Blue: Fourier.",
            "Three grids, for 4, 16 and 64 channels, of four sides of the image and five of the kernel, each cell with the ratio and the colour of the fastest method.",
        ),
    )
}

/// The exponent e of the power law t = a sᵉ that fits best.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs = points.iter().map(|(s, t)| (s.ln(), t.ln())).collect::<Vec<_>>();
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / logs.len() as f64;
    let (s, t) = (mean(|log| log.0), mean(|log| log.1));
    let slope = |f: fn(f64, f64) -> f64| logs.iter().map(|log| f(log.0 - s, log.1 - t)).sum::<f64>();
    // Rounded here, where it can become a zero without a sign.
    (10.0 * slope(|s, t| s * t) / slope(|s, _| s * s)).round() / 10.0 + 0.0
}

/// What a method is expected to take for one picture, in operations.
fn counted(method: Method, n: usize, k: usize) -> Outcome<f64> {
    // Padded, so that there are as many outputs as pixels.
    let layer = Layer::single(n + k - 1, k)?;
    Ok(match method {
        Method::Tiles => Tile::best(k, 1, 1)?.cost(1, 1)? * layer.outputs() as f64,
        Method::Whole => Model::FN.fft(&layer, Pass::Forward)?,
        _ => Model::FN.direct(&layer, Pass::Forward),
    })
}

/// How the time for one picture grows with its side, and with the side of the kernel.
fn growth(gallery: &mut Gallery, machines: &[Machine]) -> Outcome<()> {
    const N: usize = 512;
    const K: usize = 15;
    let methods =
        [(Method::Sliding, Ink::Kernel), (Method::Tiles, Ink::Signal), (Method::Whole, Ink::Gradient)];
    let mut series = vec![];
    for (whose, times) in machines {
        let mark = if *whose == "reference" { Mark::Line } else { Mark::Dots };
        for (method, ink) in methods {
            let points = TAPS.iter().filter_map(|&k| Some((k, times.ms(Case::Picture { n: N, k }, method)?)));
            let points = points.map(|(k, ms)| ((k as f64).log2(), ms.log10()));
            let label = if mark == Mark::Line {
                method.name().into()
            } else {
                format!("{} ({whose})", method.name())
            };
            series.push(Series::new(&label, ink, mark, points));
        }
    }
    let chart = Chart::new("log₂ K, the side of the kernel", "log₁₀ of milliseconds", series);
    gallery.figure(
        "measured-growth",
        &charts(&[chart.height(260)]),
        "A picture of $512 \\times 512$. Sliding grows with the taps, $K^2$; transforms of tiles hardly do; one transform of the whole picture does not.",
        "Lines over the side of the kernel from 3 to 63. Sliding starts lowest and rises steadily. Tiles start above it and rise a little. The whole transform lies above the tiles and is nearly flat.",
    )?;
    println!("\n== exponents ==");
    print!("{:<12} {:<10} {:>10}", "", "with", "counted");
    machines.iter().for_each(|(whose, _)| print!(" {whose:>11}"));
    println!();
    for (method, _) in methods {
        let sides = SIDES[2..].iter().map(|&n| (n, n, K)).collect::<Vec<_>>();
        let taps = TAPS[2..].iter().map(|&k| (k, N, k)).collect::<Vec<_>>();
        for (of, sizes) in [("N", &sides), ("K", &taps)] {
            let points = |value: &dyn Fn(usize, usize) -> Outcome<f64>| -> Outcome<f64> {
                let points = sizes.iter().map(|&(s, n, k)| Ok((s as f64, value(n, k)?)));
                Ok(exponent(&points.collect::<Outcome<Vec<_>>>()?))
            };
            let count = points(&|n, k| counted(method, n, k))?;
            print!("{:<12} {of:<10} {count:>10.1}", method.name());
            for (whose, times) in machines {
                let measured =
                    points(&|n, k| times.ms(Case::Picture { n, k }, method).ok_or("not measured".into()))?;
                print!(" {measured:>11.1}");
                if *whose == "reference" {
                    let (name, of) = (method.name(), of.to_lowercase());
                    gallery.value(&format!("{name}_{of}"), format!("{measured:.1}"))?;
                }
            }
            println!();
        }
    }
    Ok(())
}

/// A sentence for each machine.
fn sentences(machines: &[Machine], sentence: impl Fn(&Times) -> Outcome<String>) -> Outcome<String> {
    let [(_, reference), others @ ..] = machines else { return Ok(String::new()) };
    let first = format!("On the reference machine {}.", sentence(reference)?);
    let rest = others.iter().map(|(_, times)| Ok(format!(" **On yours** {}.", sentence(times)?)));
    Ok(first + &rest.collect::<Outcome<String>>()?)
}

/// The cases of layers.
fn layer_cases(times: &Times) -> impl Iterator<Item = Case> {
    times
        .cases
        .keys()
        .filter(|(case, threads)| matches!(case, Case::Layer { .. }) && *threads == 1)
        .map(|key| key.0)
}

/// "K = 15 on", or "some K between 11 and 21 on, depending on the side".
fn span(word: &str, sizes: &[usize]) -> String {
    match (sizes.iter().min(), sizes.iter().max()) {
        (Some(least), Some(most)) if least == most => format!("{word} = {least} on"),
        (Some(least), Some(most)) => {
            format!("some {word} between {least} and {most} on, depending on the side")
        }
        _ => format!("no {word} that was tried"),
    }
}

/// What the times say, in words.
fn verdicts(gallery: &mut Gallery, machines: &[Machine]) -> Outcome<()> {
    let one = sentences(machines, |times| {
        let first = SIDES[1..].iter().filter_map(|&n| {
            TAPS.into_iter().find(|&k| ratio(times, Case::Picture { n, k }).is_some_and(|ratio| ratio > 1.0))
        });
        let first = first.collect::<Vec<_>>();
        let small = [3, 5].into_iter().flat_map(|k| SIDES.map(|n| Case::Picture { n, k }));
        let slid = small.clone().filter(|&case| ratio(times, case).is_some_and(|ratio| ratio < 1.0)).count();
        Ok(format!(
            "sliding is faster in {slid} of the {} pictures with $3 \\times 3$ and $5 \\times 5$ taps, and a transform wins from {}",
            small.count(),
            span("K", &first)
        ))
    })?;
    gallery.value("one", one)?;
    let many = sentences(machines, |times| {
        let count = |least: usize, side: usize, passes: &dyn Fn(Case) -> bool| {
            let chosen = layer_cases(times).filter(
                |case| matches!(case, Case::Layer { c, o, k, .. } if *c.min(o) >= least && *k == side),
            );
            let (all, passed) =
                chosen.fold((0, 0), |(all, passed), case| (all + 1, passed + usize::from(passes(case))));
            format!("{passed} of {all}")
        };
        let transformed = |case| ratio(times, case).is_some_and(|ratio| ratio > 1.0);
        let fourier = |case| {
            let fourier = times.fastest(case, Method::is_fourier).map(|time| time.ms);
            fourier < times.fastest(case, Method::is_spatial).map(|time| time.ms)
        };
        Ok(format!(
            "of the layers with 16 channels or more, a transform beats the matrix product at $3 \\times 3$ in {}, and at $5 \\times 5$ in {}; the Fourier transform alone does in {} and {}",
            count(16, 3, &transformed),
            count(16, 5, &transformed),
            count(16, 3, &fourier),
            count(16, 5, &fourier),
        ))
    })?;
    gallery.value("many", many)?;
    answer(gallery, machines)?;
    let auto = sentences(machines, |times| {
        let one_thread = times.cases.iter().filter(|((_, threads), _)| *threads == 1);
        let losses = one_thread.filter_map(|((case, _), all)| {
            let chosen = all.iter().find(|time| time.chosen)?;
            Some(chosen.ms / times.fastest(*case, |_| true)?.ms)
        });
        let losses = losses.collect::<Vec<_>>();
        let within = |limit: f64| {
            let share = losses.iter().filter(|&&loss| loss <= limit).count() as f64 / losses.len() as f64;
            format!("{:.0}%", 100.0 * share)
        };
        Ok(format!(
            "its choice takes at most 10% longer than the best of our methods in {} of {} cases, and at most 15% longer in {}",
            within(1.1),
            losses.len(),
            within(1.15)
        ))
    })?;
    gallery.value("auto", auto)?;
    Ok(())
}

/// The chapter's answer in one sentence, and what became of the hypothesis about cost.
fn answer(gallery: &mut Gallery, machines: &[Machine]) -> Outcome<()> {
    let [(_, reference), ..] = machines else { return Err("no reference machine".into()) };
    gallery.value("cases", reference.cases.len())?;
    let small = |n| Case::Picture { n, k: 3 };
    let slid = SIDES.iter().all(|&n| ratio(reference, small(n)).is_some_and(|ratio| ratio < 1.0));
    let layers = layer_cases(reference).filter_map(|case| match case {
        Case::Layer { c, o, k: 3, .. } if c.min(o) >= 16 => ratio(reference, case),
        _ => None,
    });
    let (all, won) = layers.fold((0, 0), |(all, won), ratio| (all + 1, won + usize::from(ratio > 1.0)));
    let pictures = if slid {
        "the article is right about one picture and $3 \\times 3$"
    } else {
        "one picture is an open race"
    };
    let most = if 2 * won > all { "and wrong about layers with channels" } else { "and about layers, too" };
    gallery.value(
        "answer",
        format!("On our machine {pictures}, {most}: with 16 of them or more, some transform beats the matrix product in {won} of {all}."),
    )?;
    // All spectra counted, and all prepared anew.
    let (case, layer) = (Case::Fresh { b: 16, c: 64, o: 64, n: 56, k: 3 }, Layer::new(16, 64, 64, 58, 3)?);
    let count = Model::FN.direct(&layer, Pass::Forward) / Model::FN.fft(&layer, Pass::Forward)?;
    let hypothesis = sentences(machines, |times| {
        let product = times.fastest(case, Method::is_spatial).ok_or("not measured")?.ms;
        let fourier = times.fastest(case, Method::is_fourier).ok_or("not measured")?.ms;
        let best = times.fastest(case, |method| !method.is_spatial()).ok_or("not measured")?.ms;
        Ok(format!(
            "sixteen images with 64 channels, 56 × 56 pixels and $3 \\times 3$ taps, for which the FFT takes {count:.1} times fewer operations, with all kernels prepared anew, are {:.1} times as fast through the FFT as by the matrix product, and {:.1} times through the best transform",
            product / fourier,
            product / best
        ))
    })?;
    gallery.value("hypothesis", hypothesis)?;
    Ok(())
}

/// What others found, and whether it is so here.
fn published(gallery: &mut Gallery, machines: &[Machine]) -> Outcome<()> {
    let layer = |b, c, o, n, k| Case::Layer { b, c, o, n, k };
    let (alex, vgg) = (layer(1, 256, 384, 13, 3), layer(1, 3, 64, 224, 3));
    let (mathieu_3, mathieu_11) = (layer(16, 96, 256, 32, 3), layer(16, 96, 256, 32, 11));
    let highlander = Case::Picture { n: 224, k: 8 };
    let issue = Case::Signal { n: 65536, k: 1023 };
    let ding = Case::Depthwise { c: 128, n: 56, k: 31 };
    let (winograd, product) =
        (|m: Method| matches!(m, Method::Winograd2 | Method::Winograd4), |m| m == Method::Product);
    type Side = fn(Method) -> bool;
    let found: [(&str, &str, Case, Side, Side); 10] = [
        ("Mathieu 2013", "FFT before product, 96 → 256, K = 3", mathieu_3, Method::is_fourier, product),
        ("Mathieu 2013", "FFT before product, 96 → 256, K = 11", mathieu_11, Method::is_fourier, product),
        (
            "Lavin 2015",
            "Winograd before product, 256 → 256, 56",
            layer(1, 256, 256, 56, 3),
            winograd,
            product,
        ),
        ("NNPACK 2016", "FFT before product, 256 → 384, 13", alex, Method::is_fourier, product),
        ("NNPACK 2016", "FFT before Winograd, 256 → 384, 13", alex, Method::is_fourier, winograd),
        ("NNPACK 2016", "product before all, 3 → 64, 224", vgg, product, |m| !m.is_spatial()),
        (
            "Highlander 2016",
            "tiles before whole, 224, K = 8",
            highlander,
            |m| m == Method::Tiles,
            |m| m == Method::Whole,
        ),
        (
            "Zlateski 2018",
            "FFT before Winograd, 64 → 64, 112",
            layer(1, 64, 64, 112, 3),
            Method::is_fourier,
            winograd,
        ),
        ("PyTorch 2019", "FFT before sliding, 1-D, K = 1023", issue, Method::is_fourier, Method::is_spatial),
        ("Ding 2022", "sliding before FFT, depthwise, 31", ding, Method::is_spatial, Method::is_fourier),
    ];
    print!("{:<16} {:<42}", "", "what they found");
    machines.iter().for_each(|(whose, _)| print!(" {whose:>16}"));
    println!();
    let mut agree = vec![0; machines.len()];
    for (who, what, case, before, after) in found {
        print!("{who:<16} {what:<42}");
        for ((_, times), agree) in machines.iter().zip(&mut agree) {
            let ms = |side: Side| times.fastest(case, side).map(|time| time.ms).ok_or("not measured");
            let faster = ms(after)? / ms(before)?;
            *agree += usize::from(faster > 1.0);
            print!(" {:>16}", format!("{} {faster:.1} times", if faster > 1.0 { "✓" } else { "✗" }));
        }
        println!();
    }
    gallery.value("found", found.len())?;
    gallery.value("agree", agree[0])?;
    Ok(())
}

/// What all cores make of a layer.
fn threads(machines: &[Machine]) {
    for (whose, times) in machines {
        for ((case, threads), all) in times.cases.iter().filter(|((_, threads), _)| *threads > 1) {
            print!("{whose:<10} {case:<28} {threads} threads:");
            for time in all {
                let speedup = times.ms(*case, time.method).map_or(0.0, |one| one / time.ms);
                print!("  {} × {speedup:.1}", time.method.name());
            }
            println!();
        }
    }
}

/// Milliseconds of our fastest method, and of each of the others.
type Row<'a> = (f64, Vec<(&'a str, f64)>);

/// Our fastest method beside the fastest of the libraries that were measured with it.
fn peers(gallery: &mut Gallery) -> Outcome<()> {
    // By case: our best time, and each peer's.
    let mut cases = BTreeMap::<&str, Row>::new();
    for line in PEERS.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let [case, who, ms] = line.split(',').collect::<Vec<_>>()[..] else {
            return Err(format!("peers.csv: {line:?} has not three columns").into());
        };
        let ms = ms.parse::<f64>()?;
        let (ours, theirs) = cases.entry(case).or_insert((f64::INFINITY, vec![]));
        if who.starts_with("ours") { *ours = ours.min(ms) } else { theirs.push((who, ms)) }
    }
    println!("{:<34} {:>9}  {:<18} {:>9} {:>7}", "one thread", "ours, ms", "best other", "ms", "ratio");
    let mut ahead = 0;
    for (case, (ours, theirs)) in &cases {
        let best = theirs.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let (who, ms) = best.ok_or("a case without peers")?;
        ahead += usize::from(ms > ours);
        println!("{case:<34} {ours:>9.3}  {who:<18} {ms:>9.3} {:>7.2}", ms / ours);
    }
    gallery.value("peer_cases", cases.len())?;
    gallery.value("ahead", ahead)?;
    Ok(())
}
