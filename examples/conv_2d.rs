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

/// Zero in a picture of what has a sign. A half would be a tie between two greys.
const GREY: f64 = 128.0 / 255.0;

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
        let visible = if name.starts_with("edge") { y.mapv(|y| GREY + y / 6.0) } else { y };
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
    let square =
        Array2::from_shape_fn(
            (16, 16),
            |(i, j)| {
                if (5..11).contains(&i) && (5..11).contains(&j) { 1.0 } else { 0.0 }
            },
        );
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
    let panel =
        |title, values: &Array2<i32>, ink| Panel::matrix(title, &values.mapv(f64::from), ink).labelled();
    let panels =
        [panel("x", &x, Ink::Signal), panel("16·h", &h, Ink::Kernel), panel("16·y", &y, Ink::Output)];
    let drawing = row(36, &panels, &["∗", "="]);
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

/// A lens out of focus spreads each point over a disc: 11 × 11 taps that add up to 1.
fn disc() -> Array2<f64> {
    let disc = Array2::from_shape_fn((11, 11), |(a, b)| {
        let (y, x) = (a as i32 - 5, b as i32 - 5);
        if y * y + x * x <= 28 { 1.0 } else { 0.0 }
    });
    let taps = disc.sum();
    disc / taps
}

/// The three modes, seen at the border of the picture.
fn edges_of_the_picture(gallery: &Gallery, scene: &Array2<f64>) -> Outcome<()> {
    println!("== modes ==");
    let (height, width) = scene.dim();
    println!("picture {height} × {width}, disc {0} × {0}", disc().nrows());
    for (name, mode) in [("full", Mode::Full), ("same", Mode::Same), ("valid", Mode::Valid)] {
        let y = convolve(scene, &disc(), mode)?;
        let (rows, columns) = y.dim();
        println!("{name:<5}  {rows:>3} × {columns:<3}  upper left corner {:.3}", y[[0, 0]]);
        save(gallery, &format!("disc-{name}"), &magnified(&y, 3))?;
    }
    println!();
    Ok(())
}

/// The flip, and what is not the flip.
fn turned(gallery: &mut Gallery) -> Outcome<()> {
    let h = Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as i64);
    let x = Array2::from_shape_fn((4, 4), |(i, j)| ((4 * i + j) * (4 * i + j)) as i64);
    let rows_only = Array2::from_shape_fn((3, 3), |(a, b)| h[[2 - a, b]]);
    let columns_only = Array2::from_shape_fn((3, 3), |(a, b)| h[[a, 2 - b]]);
    let guesses = [
        ("turned by 180°", flip(&h)),
        ("transposed", h.t().to_owned()),
        ("rows reversed", rows_only),
        ("columns reversed", columns_only),
        ("as it is", h.clone()),
    ];
    println!("== flip ==");
    println!("convolved with the kernel …  largest difference from the correlation");
    let correlation = correlate(&x, &h, Mode::Valid)?;
    for (name, guess) in &guesses {
        let difference = convolve(&x, guess, Mode::Valid)? - &correlation;
        let largest = difference.iter().map(|d| d.abs()).max().unwrap_or(0);
        println!("{name:<27}  {largest}");
    }
    println!();
    let panel = |title, values: &Array2<i64>| {
        Panel::matrix(title, &values.mapv(|tap| tap as f64), Ink::Kernel).labelled()
    };
    let panels = [panel("h", &h), panel("turned", &guesses[0].1), panel("transposed", &guesses[1].1)];
    gallery.figure(
        "conv2d-flip",
        &row(36, &panels, &["", ""]),
        "The flip is a half turn: both axes are reversed, and tap 1 goes to the opposite corner. A transpose leaves it \
         where it is.",
        "Three grids of the numbers 1 to 9: in order, turned by 180 degrees so that they run from 9 to 1, and transposed.",
    )?;
    Ok(())
}

/// What one output sees, found by lighting one pixel at a time.
fn receptive_field(gallery: &mut Gallery) -> Outcome<()> {
    let (shape, kernel, output) = ((8, 8), Array2::from_elem((3, 3), 1.0), (2, 3));
    let mut seen = Array2::zeros(shape);
    for pixel in 0..shape.0 * shape.1 {
        let at = (pixel / shape.1, pixel % shape.1);
        let mut light = Array2::zeros(shape);
        light[at] = 1.0;
        seen[at] = correlate(&light, &kernel, Mode::Valid)?[output];
    }
    let mark = |title, shape, ink, marked: &dyn Fn(usize, usize) -> bool| {
        Panel::cells(title, shape, |i, j| {
            let value = if marked(i, j) { 1.0 } else { 0.0 };
            Cell { value, ink, strength: 0.7 * value, label: String::new(), hatched: false }
        })
    };
    let panels = [
        mark("x", shape, Ink::Signal, &|i, j| seen[[i, j]] != 0.0),
        mark("h", (3, 3), Ink::Kernel, &|_, _| true),
        mark("y", (6, 6), Ink::Output, &|i, j| (i, j) == output),
    ];
    gallery.figure(
        "receptive-field-2d",
        &row(24, &panels, &["⋆", "="]),
        "All that $y[2,3]$ sees of a picture of $8\\times8$ pixels through $3\\times3$ taps: the window whose first pixel \
         is $x[2,3]$. The program found it by lighting one pixel after the other.",
        "A grid of 8 by 8 with a block of 3 by 3 marked, a kernel of 3 by 3, and a grid of 6 by 6 with one cell marked.",
    )?;

    // The smallest square around both eyes and the tip of the nose.
    let [left, right, nose] = scene::TRIANGLE;
    let triangle = (right.1 - left.1 + 2.0 * scene::EYE).max(nose.0 - left.0 + scene::EYE) as usize + 1;
    println!("== triangle ==");
    println!("eyes and nose fit into {triangle} × {triangle} pixels");
    println!("layers of 3 × 3   every pixel   every second output kept");
    let (mut plain, mut strided) = (None, None);
    for layers in 1..=triangle {
        let sizes = (1 + 2 * layers, (2usize << layers.min(20)) - 1);
        if layers <= 5 || sizes.0 >= triangle && plain.is_none() {
            let strided = if layers <= 5 { sizes.1.to_string() } else { String::new() };
            println!("{layers:>15}   {:>11}   {strided:>24}", sizes.0);
        }
        plain = plain.or((sizes.0 >= triangle).then_some(layers));
        strided = strided.or((sizes.1 >= triangle).then_some(layers));
    }
    println!();
    gallery.value("triangle", triangle)?;
    gallery.value("layers", plain.ok_or("no depth is enough")?)?;
    gallery.value("strided_layers", strided.ok_or("no depth is enough")?)?;
    Ok(())
}

/// Four loops against two times two loops.
fn two_passes(gallery: &mut Gallery) -> Outcome<()> {
    println!("== separable ==");
    println!("   kernel    four loops    two passes   ratio   same outputs?");
    let side = scene::SIDE;
    let x = Array2::from_shape_fn((side, side), |(i, j)| ((i * i + 3 * j) % 17) as i64);
    for k in [3, 5, 9, 15, 31] {
        let u: Vec<i64> = (0..k).map(|a| (a % 5) as i64 - 1).collect();
        let v: Vec<i64> = (0..k).map(|b| (b % 3) as i64 + 1).collect();
        let same = separable(&x, &u, &v, Mode::Valid)? == convolve(&x, &outer(&u, &v), Mode::Valid)?;
        // The first pass keeps all columns and loses k − 1 rows; the second loses k − 1 columns.
        let kept = side - k + 1;
        let (loops, passes) = (kept * kept * k * k, kept * side * k + kept * kept * k);
        let ratio = loops as f64 / passes as f64;
        let verdict = if same { "yes" } else { "no" };
        println!("{:>9} {loops:>13} {passes:>13} {ratio:>7.1}   {verdict}", format!("{k} × {k}"));
        if k == 15 {
            gallery.value("passes_15", format!("{ratio:.1}"))?;
        }
    }
    println!();
    Ok(())
}

/// How many singular values are not zero.
fn rank(terms: &[Rank1]) -> usize {
    terms.iter().filter(|term| term.sigma > 1e-12 * terms[0].sigma).count()
}

/// The first terms of a kernel, added up.
fn partial(terms: &[Rank1], shape: (usize, usize), count: usize) -> Array2<f64> {
    terms[..count].iter().fold(Array2::zeros(shape), |sum, term| sum + term.kernel())
}

/// The disc as a sum of separable kernels.
fn sums_of_separable_kernels(gallery: &mut Gallery, scene: &Array2<f64>) -> Outcome<()> {
    let h = disc();
    let terms = low_rank(&h)?;
    let rank = rank(&terms);
    let largest = |a: &Array2<f64>| a.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let norm = |a: &Array2<f64>| a.iter().map(|value| value * value).sum::<f64>().sqrt();
    let most = largest(&h);
    let y = convolve(scene, &h, Mode::Valid)?;

    println!("== svd ==");
    println!("terms  products a pixel  left out of the kernel  left out of the picture");
    let (mut kernel_error, mut picture_error) = (Vec::new(), Vec::new());
    for count in 0..=rank {
        let rest = &h - &partial(&terms, h.dim(), count);
        // What the book prints is the same on every machine: less than this is rounding.
        let snap = |error: f64| if error < 1e-12 { 0.0 } else { error };
        let in_kernel = snap(norm(&rest) / norm(&h));
        let in_picture = snap(largest(&convolve(scene, &rest, Mode::Valid)?) / largest(&y));
        println!("{count:>5}  {:>16}  {in_kernel:>22.4}  {in_picture:>23.4}", 22 * count);
        kernel_error.push((count as f64, in_kernel));
        picture_error.push((count as f64, in_picture));
        if count == 2 {
            gallery.value("disc_error_2", format!("{:.1} %", 100.0 * in_picture))?;
        }
    }
    println!("four loops: {} products a pixel\n", h.len());
    gallery.value("disc_rank", rank)?;

    // Grey is 0, lighter is more.
    let picture =
        |title: &str, taps: &Array2<f64>| Panel::picture(title, &taps.mapv(|tap| GREY + 0.45 * tap / most));
    let mut sum = vec![picture("h", &h)];
    sum.extend((0..rank).map(|r| picture(&format!("term {r}"), &terms[r].kernel())));
    let names = ["1 term", "2 terms", "3 terms", "4 terms", "5 terms", "6 terms"];
    let partials: Vec<_> =
        (1..=rank).map(|count| picture(names[count - 1], &partial(&terms, h.dim(), count))).collect();
    let joints: Vec<_> = (0..rank).map(|r| if r == 0 { "=" } else { "+" }).collect();
    let nothing = vec![""; rank - 1];
    gallery.figure(
        "disc-terms",
        &rows(8, &[&sum, &partials], &[&joints, &nothing]),
        "Above: a disc of $11\\times11$ taps is a sum of separable kernels, each of them a column times a row; grey is \
         zero, black is negative. Below: the sum of the first terms. The first is a soft square, each further one bends \
         it into a disc, and with the last nothing is missing.",
        "Two rows of small pictures. Above, a white disc and the separable patterns it is the sum of; below, the partial \
         sums, from a soft square to the disc.",
    )?;
    let line = |label, ink, points: &[(f64, f64)]| {
        [
            Series::new(label, ink, Mark::Line, points.to_vec()),
            Series::new("", ink, Mark::Dots, points.to_vec()),
        ]
    };
    let series = [
        line("left out of the kernel", Ink::Kernel, &kernel_error),
        line("left out of the picture", Ink::Output, &picture_error),
    ];
    gallery.figure(
        "disc-error",
        &charts(&[Chart::new("terms kept", "share of the whole", series.concat())]),
        "What is left out when the disc is cut after some of its terms: in orange of the kernel, by its norm, in green of \
         the filtered scene, by its largest value. Two terms are already hard to tell from the disc.",
        "Two falling lines over the number of terms kept; both reach zero at the rank of the kernel.",
    )?;
    Ok(())
}

/// Filters the reader's own picture.
fn photograph(path: &Path) -> Outcome<()> {
    let gallery = Gallery::open("conv_2d")?;
    let name = path.display();
    let reader = ImageReader::open(path).map_err(|error| format!("cannot open {name}: {error}"))?;
    let reader = reader.with_guessed_format().map_err(|error| format!("cannot read {name}: {error}"))?;
    let photo = reader.decode().map_err(|error| format!("{name} is not a picture I can read: {error}"))?;
    let photo = fitting(photo);
    let (width, height) = photo.dimensions();
    let widest = kernels().iter().map(|(_, kernel)| kernel.nrows()).max().unwrap_or(1);
    if width.min(height) < widest as u32 {
        return Err(
            format!("{name}: expected at least {widest} × {widest} pixels, got {width} × {height}").into()
        );
    }
    let pixels = Array2::from_shape_fn((height as usize, width as usize), |(i, j)| {
        f64::from(photo.get_pixel(j as u32, i as u32).0[0]) / 255.0
    });
    let stem = path.file_stem().map_or("photo".into(), |stem| stem.to_string_lossy());
    println!("{name}: {width} × {height} pixels, in grey");
    for (kernel, picture) in filtered(&pixels)? {
        println!("{kernel:<8}  {}", save(&gallery, &format!("{stem}-{kernel}"), &picture)?);
    }
    Ok(())
}

/// The photograph in grey, made smaller if it is large.
fn fitting(photo: DynamicImage) -> GrayImage {
    let (width, height) = (photo.width(), photo.height());
    if width.max(height) <= LARGEST {
        return photo.to_luma8();
    }
    let smaller = photo.resize(LARGEST, LARGEST, FilterType::Triangle).to_luma8();
    let (w, h) = smaller.dimensions();
    eprintln!("note: {width} × {height} pixels are many for four loops; made smaller, to {w} × {h}");
    smaller
}

/// Every pixel as a square of `times` × `times`, so that a browser does not blur what the kernel did not.
fn magnified(picture: &Array2<f64>, times: usize) -> Array2<f64> {
    let (height, width) = picture.dim();
    Array2::from_shape_fn((height * times, width * times), |(i, j)| picture[[i / times, j / times]])
}

/// Writes a picture as a PNG and returns where it is; what is darker than black or lighter than white is clipped.
fn save(gallery: &Gallery, name: &str, picture: &Array2<f64>) -> Outcome<String> {
    let (height, width) = picture.dim();
    let image = GrayImage::from_fn(width as u32, height as u32, |x, y| {
        Luma([(255.0 * picture[[y as usize, x as usize]].clamp(0.0, 1.0)).round() as u8])
    });
    let path = gallery.file(&format!("images/{name}.png"))?;
    image.save(&path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(path.display().to_string())
}
