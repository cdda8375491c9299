//! 2-D Convolution: kernels at work on a picture, the reader's or the book's own.
//!
//! `cargo run --example conv_2d` draws the book's test scene and filters it;
//! `cargo run --example conv_2d -- photo.png` filters a picture of yours (PNG or JPEG).

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, ImageReader, Luma};
use locality::conv2d::{Mode, Rank1, convolve, correlate, flip, low_rank, outer, separable};
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Cell, Panel, row, rows};
use locality::figure::{Gallery, Ink, short};
use locality::ndarray::{Array2, array};

mod scene;

type Outcome<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo run --example conv_2d [-- PHOTO.png | PHOTO.jpg]";

/// A photograph with a longer side than this is made smaller: four loops are not fast.
const LARGEST: u32 = 1024;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [] => chapter(),
        [photo] if !photo.starts_with('-') => photograph(Path::new(photo)),
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
    let mut gallery = Gallery::open("conv_2d")?;
    let scene = scene::draw();
    save(&gallery, "scene", &magnified(&scene, 3))?;
    kernels_at_work(&gallery, &scene)?;
    article(&mut gallery)?;
    edges_of_the_picture(&gallery, &scene)?;
    turned(&mut gallery)?;
    receptive_field(&mut gallery)?;
    two_passes(&mut gallery)?;
    sums_of_separable_kernels(&mut gallery, &scene)?;
    gallery.close();
    Ok(())
}

/// The kernels of the gallery. They are correlated with the picture: used as they are printed.
fn kernels() -> [(&'static str, Array2<f64>); 5] {
    [
        ("blur", outer(&[1.0, 4.0, 6.0, 4.0, 1.0], &[1.0, 4.0, 6.0, 4.0, 1.0]) / 256.0),
        ("sharpen", array![[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]),
        ("edge-x", array![[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]),
        ("edge-y", array![[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]),
        ("emboss", array![[-2.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 2.0]]),
    ]
}

/// Filters a picture with every kernel. Each result is made visible: brightness from 0, black, to 1, white.
fn filtered(picture: &Array2<f64>) -> Outcome<Vec<(&'static str, Array2<f64>)>> {
    let mut results = Vec::new();
    for (name, kernel) in kernels() {
        let y = correlate(picture, &kernel, Mode::Valid)?;
        // A kernel whose taps add up to 0 answers 0 to a flat patch, and may answer below it: 0 becomes grey.
        let visible = if name.starts_with("edge") { y.mapv(|y| 0.5 + y / 8.0) } else { y };
        results.push((name, visible));
    }
    let edge = |name| correlate(picture, &kernel(name), Mode::Valid);
    let (x, y) = (edge("edge-x")?, edge("edge-y")?);
    let strength = Array2::from_shape_fn(x.dim(), |at| (x[at] * x[at] + y[at] * y[at]).sqrt());
    let most = strength.iter().fold(f64::MIN_POSITIVE, |most: f64, &s| most.max(s));
    results.push(("edges", strength / most));
    Ok(results)
}

/// One of the kernels by its name.
fn kernel(name: &str) -> Array2<f64> {
    let found = kernels().into_iter().find(|(other, _)| *other == name);
    found.expect("the name of a kernel of the gallery").1
}

fn kernels_at_work(gallery: &Gallery, scene: &Array2<f64>) -> Outcome<()> {
    for (name, picture) in filtered(scene)? {
        save(gallery, name, &magnified(&picture, 3))?;
    }
    println!("== kernels ==");
    println!("kernel    taps     sum  rank  from a white square on black");
    let square = Array2::from_shape_fn((16, 16), |(i, j)| {
        if (5..11).contains(&i) && (5..11).contains(&j) { 1.0 } else { 0.0 }
    });
    for (name, kernel) in kernels() {
        let (kh, kw) = kernel.dim();
        let y = correlate(&square, &kernel, Mode::Valid)?;
        let low = y.iter().fold(f64::INFINITY, |low, &y| low.min(y));
        let high = y.iter().fold(f64::NEG_INFINITY, |high, &y| high.max(y));
        println!(
            "{name:<8}  {kh} × {kw}  {:>4}  {:>4}  {} to {}",
            short(kernel.sum()),
            rank(&low_rank(&kernel)?),
            short(low),
            short(high)
        );
    }
    println!();
    Ok(())
}

/// The article's own picture and kernel.
fn article(gallery: &mut Gallery) -> Outcome<()> {
    let x = array![[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]];
    let h = array![[1, 2, 1], [2, 4, 2], [1, 2, 1]];
    // Sixteenths are kept whole: nothing is rounded.
    let y = convolve(&x, &h, Mode::Full)?;
    println!("== article ==");
    println!("16·y =");
    for line in y.rows() {
        println!("{}", line.iter().map(|y| format!("{y:>4}")).collect::<String>());
    }
    println!("y[2,2] = {}/16 = {}", y[[2, 2]], f64::from(y[[2, 2]]) / 16.0);
    println!("sum of x = {}, sum of 16·y = {} = 16·{}\n", x.sum(), y.sum(), x.sum());
    let panel = |title: &str, values: &Array2<i32>, ink| {
        Panel::matrix(title, &values.mapv(|value| f64::from(value) * 0.999), ink).relabelled(values)
    };
    let drawing =
        row(36, &[panel("x", &x, Ink::Signal), panel("16·h", &h, Ink::Kernel), panel("16·y", &y, Ink::Output)], &[
            "∗", "=",
        ]);
    gallery.figure(
        "conv2d-article",
        &drawing,
        "The article's example, all of it. Each of the four pixels of the block leaves a copy of the kernel, as bright as \
         the pixel; where copies overlap they add up. The full output has $4+3-1=6$ rows and columns.",
        "Three grids of numbers: a picture of 4 by 4 with the block 1, 2, 3, 4 in its middle, convolved with a kernel of \
         3 by 3, gives an output of 6 by 6 whose largest entries stand in the middle.",
    )?;
    Ok(())
}
