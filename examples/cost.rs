//! Computational Comparison: exact counts of what a convolution costs by every method, for one channel and for many.
//!
//! `cargo run --example cost` prints and draws what the chapter shows;
//! `cargo run --example cost -- N K C O B` counts a layer of yours: side, taps, channels, filters, images.

use std::collections::BTreeSet;
use std::error::Error;
use std::process::ExitCode;

use locality::Result;
use locality::cost::{Layer, Model, Pass, Product, Tile, Transform, winograd};
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::{Gallery, Ink};

type Outcome<R> = std::result::Result<R, Box<dyn Error>>;

const USAGE: &str =
    "usage: cargo run --example cost [-- N K C O B]: side, taps, channels, filters, images; 1 ≤ K ≤ N";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [] => chapter(),
        [n, k, c, o, b] => own_layer([n, k, c, o, b]),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Everything the chapter shows.
fn chapter() -> Outcome<()> {
    let mut gallery = Gallery::open("cost")?;
    ratio(&mut gallery)?;
    article(&mut gallery)?;
    single(&mut gallery)?;
    map(&mut gallery)?;
    tiles(&mut gallery)?;
    println!("== layer ==");
    count(56, 3, 64, 64, 16)?;
    println!("\n== memory ==");
    memory()?;
    println!("\n== lavin ==");
    lavin()?;
    println!("\n== mathieu ==");
    mathieu();
    gallery.close();
    Ok(())
}

fn own_layer(sizes: [&String; 5]) -> Outcome<()> {
    let sizes = sizes.map(|text| text.parse::<usize>().map_err(|_| USAGE));
    let [n, k, c, o, b] = sizes;
    count(n?, k?, c?, o?, b?)
}

/// The sides that are powers of two, with their logarithms.
fn sides() -> impl Iterator<Item = (f64, usize)> {
    (5..=10).map(|log: u32| (f64::from(log), 1 << log))
}

/// What transforms cost, relative to sliding, in all operations.
fn relative(layer: &Layer) -> Result<f64> {
    Ok(Model::FN.fft(layer, Pass::Forward)? / Model::FN.direct(layer, Pass::Forward))
}

/// A 3 × 3 layer through transforms, by the number of channels.
fn ratio(gallery: &mut Gallery) -> Outcome<()> {
    let line = |label: &str, ink, (b, c): (usize, usize)| -> Result<Series> {
        let points = sides().map(|(log, n)| Ok((log, relative(&Layer::new(b, c, c, n, 3)?)?)));
        Ok(Series::new(label, ink, Mark::Line, points.collect::<Result<Vec<_>>>()?))
    };
    let sliding = Series::new("sliding", Ink::Muted, Mark::Line, sides().map(|(log, _)| (log, 1.0)));
    let chart = Chart::new(
        "log₂ N, the side of the picture",
        "operations, relative to sliding",
        vec![
            line("one channel", Ink::Signal, (1, 1))?,
            line("64 channels, 1 image", Ink::Kernel, (1, 64))?,
            line("64 channels, 16 images", Ink::Output, (16, 64))?,
            sliding,
        ],
    );
    gallery.figure(
        "cost-ratio",
        &charts(&[chart.y_range(0.0..6.5).height(240)]),
        "What $3 \\times 3$ costs through transforms: several times as much as sliding for one channel, a third for 64 channels and 16 images. All operations are counted.",
        "Four lines over the side of the picture, from 32 to 1024. One channel rises from about 3 to 6 times the cost of sliding. 64 channels with one image lie a little above the cost of sliding. 64 channels with 16 images lie near a third.",
    )?;
    for (name, b, c) in [("ratio_one", 1, 1), ("ratio_batch", 16, 64)] {
        gallery.value(name, format!("{:.2}", relative(&Layer::new(b, c, c, 256, 3)?)?))?;
    }
    Ok(())
}

/// The article's comparison, and its inequality.
fn article(gallery: &mut Gallery) -> Outcome<()> {
    let wins =
        |n: usize, k: usize| -> Result<bool> { Model::A.prefers_fft(&Layer::single(n, k)?, Pass::Forward) };
    let five = (5..5000).map(|n| Ok((n, wins(n, 5)?))).collect::<Result<Vec<_>>>()?;
    let five = five.into_iter().filter(|(_, wins)| *wins).map(|(n, _)| n).collect::<Vec<_>>();
    const TRIED: usize = 5000;
    for n in 3..=TRIED {
        assert!(!wins(n, 3)?, "the article's count prefers the FFT for K = 3, N = {n}");
    }
    gallery.value("tried", TRIED)?;
    for (name, layer, n, below) in [
        ("slide_32", (1, 1, 1), 32, 1),
        ("slide_224", (1, 1, 1), 224, 1),
        ("batch_32", (16, 64, 64), 32, 0),
        ("batch_224", (16, 64, 64), 224, 0),
    ] {
        let window = Model::FN.window(layer, n, Pass::Forward)?.ok_or("transforms are never cheaper")?;
        gallery.value(name, window.start() - below)?;
    }
    gallery.value("five_from", five[0])?;
    gallery.value("five_to", five[five.len() - 1])?;
    gallery.value("square", 3 * 3)?;
    gallery.value("log_224", format!("{:.1}", 224.0_f64.log2()))?;
    gallery.value("operations_direct", Layer::single(32, 3)?.operations())?;
    Ok(())
}

/// Counts over K for one picture.
fn single(gallery: &mut Gallery) -> Outcome<()> {
    const N: usize = 224;
    let line = |label: &str, ink, cost: &dyn Fn(&Layer) -> Result<f64>| -> Result<Series> {
        let points = (1..=N).map(|k| Ok((k as f64, cost(&Layer::single(N, k)?)?.log10())));
        Ok(Series::new(label, ink, Mark::Line, points.collect::<Result<Vec<_>>>()?))
    };
    let through = |model: Model| move |layer: &Layer| model.fft(layer, Pass::Forward);
    let sliding = |model: Model| move |layer: &Layer| Ok(model.direct(layer, Pass::Forward));
    let products = Chart::new(
        "K, the side of the kernel",
        "log₁₀ of products",
        vec![
            line("sliding", Ink::Kernel, &sliding(Model::HN))?,
            line("article", Ink::Wrong, &through(Model::A))?,
            line("FFT, M ≥ N", Ink::Output, &through(Model::HN))?,
            line("FFT, padded", Ink::Signal, &through(Model::HPad))?,
        ],
    );
    let operations = Chart::new(
        "K, the side of the kernel",
        "log₁₀ of operations",
        vec![
            line("sliding", Ink::Kernel, &sliding(Model::FN))?,
            line("FFT, M ≥ N", Ink::Output, &through(Model::FN))?,
            line("FFT, padded", Ink::Signal, &through(Model::FPad))?,
        ],
    );
    gallery.figure(
        "cost-single",
        &charts(&[products, operations]),
        "One picture of $224 \\times 224$, one kernel. Sliding rises, and falls again. Padding doubles the side of the transform where $N+K-1$ passes a power of two.",
        "Two charts over the side K of the kernel from 1 to 224: products, and products with additions. The curve of sliding rises steeply, is flat in the middle and falls at the end. The curves of the transforms are flat; the padded one has a step at K = 33. Sliding is below them for small K and for K near 224.",
    )?;
    Ok(())
}

/// The smallest kernel for which transforms take fewer operations.
fn map(gallery: &mut Gallery) -> Outcome<()> {
    let first = |layer: (usize, usize, usize), pass| -> Result<Vec<(f64, f64)>> {
        let mut points = vec![];
        for (log, n) in sides() {
            let window = Model::FN.window(layer, n, pass)?;
            points.extend(window.map(|window| (log, *window.start() as f64)));
        }
        Ok(points)
    };
    let lines = [
        ("one channel", Ink::Signal, first((1, 1, 1), Pass::Forward)?),
        ("64, 1 image", Ink::Kernel, first((1, 64, 64), Pass::Forward)?),
        ("64, 1, training", Ink::Gradient, first((1, 64, 64), Pass::Training)?),
        ("64, 16 images", Ink::Output, first((16, 64, 64), Pass::Forward)?),
    ];
    // "3", or "3 or 4", or "3 to 5".
    let spans = lines.each_ref().map(|(_, _, points)| {
        let sizes = points.iter().map(|point| point.1 as usize).collect::<BTreeSet<_>>();
        match sizes.into_iter().collect::<Vec<_>>()[..] {
            [] => "no size".into(),
            [one] => one.to_string(),
            [one, other] => format!("{one} or {other}"),
            [least, .., most] => format!("{least} to {most}"),
        }
    });
    let [one, many, training, batch] = &spans;
    let series = lines.map(|(label, ink, points)| Series::new(label, ink, Mark::Line, points)).into();
    let chart = Chart::new("log₂ N, the side of the picture", "smallest K for the FFT", series);
    gallery.figure(
        "cost-map",
        &charts(&[chart.y_range(0.0..9.0).height(240)]),
        &format!(
            "From which kernel on transforms take fewer operations: for one channel from {one}, for 64 channels and one image from {many}, in training from {training}, with 16 images from {batch}."
        ),
        &format!(
            "Four lines over the side of the picture. One channel: {one}. 64 channels, one image: {many}, in training {training}. 64 channels, 16 images: {batch}."
        ),
    )?;
    Ok(())
}

/// Products for each output, by the size of the tile.
fn tiles(gallery: &mut Gallery) -> Outcome<()> {
    let line = |label: &str, ink, k: usize, channels: usize| -> Result<Series> {
        let sides = (2..=11).map(|log: u32| (f64::from(log), 1_usize << log)).filter(|(_, side)| *side > k);
        let points = sides.map(|(log, side)| Ok((log, Tile::new(side, k)?.cost(channels, channels)?)));
        Ok(Series::new(label, ink, Mark::Line, points.collect::<Result<Vec<_>>>()?))
    };
    let chart = |channels: usize| -> Result<Chart> {
        let lines = vec![
            line("K = 3", Ink::Kernel, 3, channels)?,
            line("K = 5", Ink::Output, 5, channels)?,
            line("K = 11", Ink::Gradient, 11, channels)?,
        ];
        let y = if channels == 1 { "products, one channel" } else { "products, 64 channels" };
        Ok(Chart::new("log₂ of the side of the tile", y, lines).y_range(0.0..25.0))
    };
    gallery.figure(
        "cost-tiles",
        &charts(&[chart(1)?, chart(64)?]),
        "Products for each output and pair of channel and filter. Small tiles waste their overlap, large ones pay for the logarithm.",
        "Two charts over the side of the tile, from 4 to 2048. Above, one channel: each of three curves falls to a minimum, near 4, 7 and 11, and rises slowly. Below, 64 channels: the curves fall to less than 2 and stay there.",
    )?;
    Ok(())
}

/// A number with its thousands apart.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(" ")
}

/// Every method's products for one layer.
fn count(n: usize, k: usize, channels: usize, filters: usize, images: usize) -> Outcome<()> {
    let layer = Layer::new(images, channels, filters, n, k)?;
    println!("{images} × {channels} × {n} × {n} pixels, {filters} × {channels} × {k} × {k} taps, valid");
    println!("{:<34} {:>20} {:>12}", "", "real products", "of sliding");
    let sliding = layer.multiplications();
    let row = |name: &str, products: f64| {
        println!(
            "{name:<34} {:>20} {:>11.1}%",
            grouped(products.round() as u128),
            100.0 * products / sliding as f64
        );
    };
    row("sliding, or a matrix product", sliding as f64);
    let side = |n: usize| Transform::holding(n).map(|transform| transform.side());
    row(&format!("FFT of {0} × {0}", side(n)?), Model::HN.fft(&layer, Pass::Forward)?);
    row(&format!("FFT of {0} × {0}, full", side(n + k - 1)?), Model::HPad.fft(&layer, Pass::Forward)?);
    let tiles = (2..=11).filter_map(|log| Tile::new(1 << log, k).ok());
    let tiles =
        tiles.map(|tile| Ok((tile.multiplications(&layer)?, tile.side()))).collect::<Result<Vec<_>>>()?;
    if let Some((products, side)) = tiles.into_iter().min() {
        row(&format!("tiles of {side} × {side}, kernels ready"), products as f64);
    }
    if k == 3 {
        for m in [2, 4] {
            let every = (layer.pairs() * layer.outputs()) as f64;
            row(&format!("Winograd F({m}), between transforms"), every * winograd(m, 3)?);
        }
    }
    println!("with additions: sliding {}", grouped(layer.operations()));
    println!("                FFT     {}", grouped(Model::FN.fft(&layer, Pass::Forward)? as u128));
    Ok(())
}

/// Megabytes in single precision, for layers that people use.
fn memory() -> Outcome<()> {
    println!(
        "{:<28} {:>8} {:>8} {:>9} {:>9} {:>9}",
        "megabytes, f32, one image", "input", "im2col", "spectra", "kernels", "spectra"
    );
    for (name, n, k, c, o) in [
        ("VGG, 64 → 64, 224, 3 × 3", 224, 3, 64, 64),
        ("VGG, 512 → 512, 14, 3 × 3", 14, 3, 512, 512),
        ("AlexNet, 64 → 192, 27, 5 × 5", 27, 5, 64, 192),
    ] {
        let layer = Layer::new(1, c, o, n, k)?;
        let transform = Transform::holding(n)?;
        let megabytes = |reals: u128| format!("{:.1}", reals as f64 * 4.0 / 1e6);
        println!(
            "{name:<28} {:>8} {:>8} {:>9} {:>9} {:>9}",
            megabytes(layer.input_entries()),
            megabytes(layer.im2col_entries()),
            megabytes(c as u128 * transform.spectrum_entries()),
            megabytes(layer.kernel_entries()),
            megabytes((c * o) as u128 * transform.spectrum_entries()),
        );
    }
    Ok(())
}

/// The table of Lavin and Gray for 3 × 3: products for each output, transforms not counted.
fn lavin() -> Outcome<()> {
    println!("{:<6} {:>9} {:>14} {:>14}", "tile", "Winograd", "FFT, 4 for 1", "FFT, 3 for 1");
    for side in [4_usize, 8, 16, 32, 64, 128, 256] {
        let outputs = ((side - 2) * (side - 2)) as f64;
        // They count the half spectrum as a whole: M (M/2 + 1) complex products.
        let half = (side * (side / 2 + 1)) as f64;
        let fft = |product| if side < 8 { String::new() } else { format!("{:.2}", product * half / outputs) };
        println!(
            "{side:<6} {:>9} {:>14} {:>14}",
            format!("{:.2}", winograd(side - 2, 3)?),
            fft(4.0),
            fft(3.0)
        );
    }
    let exact = Tile::new(16, 3)?;
    let bins = Transform::holding(16)?.bin_multiplications(Product::Three) as f64 / exact.outputs() as f64;
    println!("real bins known as such, tile 16, 3 for 1: {bins:.2}");
    Ok(())
}

/// The count of Mathieu, Henaff and LeCun: products of a layer, direct over FFT; above 1 the FFT is cheaper.
fn mathieu() {
    println!(
        "{:<34} {:>7} {:>7} {:>7} {:>7}",
        "images, channels → filters, side", "K = 3", "K = 5", "K = 7", "K = 11"
    );
    for (s, f, o, n) in [
        (1.0, 1.0, 1.0, 32.0),
        (128.0, 3.0, 96.0, 32.0),
        (128.0, 96.0, 256.0, 32.0),
        (1.0, 64.0, 64.0, 56.0),
        (32.0, 64.0, 64.0, 56.0_f64),
    ] {
        let name = format!("{s}, {f} → {o}, {n}");
        let ratios = [3.0, 5.0, 7.0, 11.0].map(|k: f64| {
            let direct = s * f * o * (n - k + 1.0).powi(2) * k * k;
            // Their constant of a transform, C, lies between 2.5 and 5; this is the less favourable.
            let fft = 2.0 * 5.0 * n * n * n.log2() * (s * f + f * o + s * o) + 4.0 * s * f * o * n * n;
            format!("{:.2}", direct / fft)
        });
        println!("{name:<34} {:>7} {:>7} {:>7} {:>7}", ratios[0], ratios[1], ratios[2], ratios[3]);
    }
}
