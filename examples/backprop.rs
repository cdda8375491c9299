//! Loss Backpropagation in Convolution: gradients of a convolution as matrices, as sums, and by nudging.
//!
//! `cargo run --example backprop` works through the chapter's example, six samples and three taps;
//! `cargo run --example backprop -- 8 4` writes out the matrices and the sums for eight samples and four taps.

use std::error::Error;
use std::process::ExitCode;

use locality::conv1d::{Mode, correlate};
use locality::conv2d;
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Cell, Panel, row, rows};
use locality::figure::{Gallery, Ink, short};
use locality::gradient::{explicit, finite_difference, spatial};
use locality::layer::{self, Geometry};
use locality::nalgebra::DMatrix;
use locality::ndarray::{Array2, Array4};
use locality::{Scalar, matrix};

type Outcome<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo run --example backprop [-- SAMPLES TAPS], for example -- 8 4";

/// More samples than this make lines that no screen holds.
const MOST: usize = 16;

/// The input of the chapter, its kernel before training, and the kernel that made the target.
const X: [f64; 6] = [1.0, 2.0, 0.0, -1.0, 1.0, 2.0];
const H: [f64; 3] = [0.0, 1.0, 1.0];
const HIDDEN: [f64; 3] = [1.0, 2.0, -1.0];

/// The chapter's learning rate.
const RATE: f64 = 0.1;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [] => chapter(),
        [n, k] => sizes(n, k).and_then(|(n, k)| written_out(n, k)),
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

/// The reader's own sizes, if they can be written out.
fn sizes(n: &str, k: &str) -> Outcome<(usize, usize)> {
    let number = |name, text: &str, most: usize| match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("{name}: expected a whole number from 1 to {most}, got {text}\n{USAGE}")),
    };
    let n = number("SAMPLES", n, MOST)?;
    Ok((n, number("TAPS", k, n)?))
}

/// Everything the chapter shows.
fn chapter() -> Outcome<()> {
    let mut gallery = Gallery::open("backprop")?;
    written_out(X.len(), H.len())?;
    windows(&mut gallery)?;
    forward()?;
    step(&mut gallery)?;
    descent()?;
    pixels_of_a_weight(&mut gallery)?;
    outputs_of_a_pixel(&mut gallery)?;
    shares(&mut gallery)?;
    layer_three_ways(&mut gallery)?;
    referee(&mut gallery)?;
    gallery.close();
    Ok(())
}

/// x₁ or h₁₂: a letter with an index that counts from 1.
fn name(letter: &str, index: usize) -> String {
    let digit = |c: char| char::from_u32('₀' as u32 + c as u32 - '0' as u32).unwrap_or(c);
    letter.to_string() + &index.to_string().chars().map(digit).collect::<String>()
}

/// The names x₁, …, xₙ.
fn names(letter: &str, n: usize) -> Vec<String> {
    (1..=n).map(|index| name(letter, index)).collect()
}

/// The places of a matrix that hold sample or tap number 1, 2, …; 0 where there is nothing.
fn places(a: &DMatrix<i64>, letter: &str) -> Vec<Vec<String>> {
    let entry = |&place: &i64| if place == 0 { "·".into() } else { name(letter, place as usize) };
    a.row_iter().map(|row| row.iter().map(entry).collect()).collect()
}

/// Prints the rows of a matrix below its name, with columns of one width.
fn print(title: &str, rows: &[Vec<String>]) {
    let width = rows.iter().flatten().map(|entry| entry.chars().count()).max().unwrap_or(0);
    println!("{title} =");
    for row in rows {
        let row: Vec<_> = row.iter().map(|entry| format!("{entry:>width$}")).collect();
        println!("  {}", row.join("  "));
    }
}

/// A sum of products a₁b₁ + a₂b₂ + …, where a matrix of places says which.
fn sum(places: &[String], factors: &[String]) -> String {
    let terms = factors.iter().zip(places).filter(|(_, place)| *place != "·");
    terms.map(|(factor, place)| format!("{factor} {place}")).collect::<Vec<_>>().join(" + ")
}

/// The matrices and the sums for n samples and k taps, in letters. The crate's own constructors are asked what stands
/// where: they are given the numbers 1, 2, 3, … as samples and as taps.
fn written_out(n: usize, k: usize) -> Outcome<()> {
    let count = |n: usize| (1..=n as i64).collect::<Vec<_>>();
    let input = matrix::windows(&count(n), k)?;
    let kernel = matrix::correlation(&count(k), n, Mode::Valid)?;
    println!("== matrices ==");
    println!("{n} samples, {k} taps, {} outputs: y = X h = T(h) x\n", n - k + 1);
    print("X", &places(&input, "x"));
    print("\nT(h)", &places(&kernel, "h"));
    println!("\n== sums ==");
    println!("the gradient by tap k is row k of the transpose of X, times g:");
    let g = names("g", n - k + 1);
    for (k, row) in places(&input.transpose(), "x").iter().enumerate() {
        println!("  ∂L/∂{} = {}", name("h", k + 1), sum(row, &g));
    }
    println!("the gradient by sample m is row m of the transpose of T(h), times g:");
    for (m, row) in places(&kernel.transpose(), "h").iter().enumerate() {
        println!("  ∂L/∂{} = {}", name("x", m + 1), sum(row, &g));
    }
    println!();
    Ok(())
}

/// A matrix of places as a grid: one shade for one sample or tap, wherever it stands.
fn shaded(title: &str, a: &DMatrix<i64>, letter: &str, ink: Ink) -> Panel {
    let most = a.max() as f64;
    let labels = places(a, letter);
    Panel::cells(title, a.shape(), |i, j| {
        let value = a[(i, j)] as f64;
        let label = if value > 0.0 { labels[i][j].clone() } else { String::new() };
        Cell { value, ink, strength: 0.55 * value / most, label, hatched: false }
    })
}

/// The matrices of the chapter.
fn windows(gallery: &mut Gallery) -> Outcome<()> {
    let (x, h) = ([1, 2, 3, 4, 5, 6], [1, 2, 3]);
    let panels = [
        shaded("X", &matrix::windows(&x, 3)?, "x", Ink::Signal),
        shaded("X J", &matrix::flipped_windows(&x, 3)?, "x", Ink::Signal),
        shaded("T(h)", &matrix::correlation(&h, 6, Mode::Valid)?, "h", Ink::Kernel),
    ];
    gallery.figure(
        "backprop-hankel",
        &row(32, &panels, &["", ""]),
        "Follow one shade. In $X$ a sample runs from lower left to upper right: Hankel. Read every window backwards, $XJ$, and it \
         runs from upper left to lower right: Toeplitz. $T(h)$, which holds the taps, is Toeplitz as it is.",
        "Three grids with the names of samples and taps: the windows of x, with equal samples on anti-diagonals; the same with \
         reversed rows, with equal samples on diagonals; and the taps, three to a row, each row a step further to the right.",
    )?;
    Ok(())
}

/// Half the squared distance to the target, with the outputs' gradient.
fn distance(x: &[f64], h: &[f64], target: &[f64]) -> Outcome<(f64, Vec<f64>, Vec<f64>)> {
    let y = correlate(x, h, Mode::Valid)?;
    let g: Vec<f64> = y.iter().zip(target).map(|(y, t)| y - t).collect();
    Ok((g.iter().map(|g| g * g).sum::<f64>() / 2.0, y, g))
}

/// Numbers in a line.
fn list(numbers: &[f64]) -> String {
    numbers.iter().map(|&number| short(number)).collect::<Vec<_>>().join(", ")
}

/// What the layer makes of the input before it has learned anything.
fn forward() -> Outcome<()> {
    let target = correlate(&X, &HIDDEN, Mode::Valid)?;
    let (loss, y, g) = distance(&X, &H, &target)?;
    println!("== forward ==");
    println!("x = ({})", list(&X));
    println!("h = ({})", list(&H));
    println!("y = x ⋆ h = ({})", list(&y));
    println!("t = ({})", list(&target));
    println!("g = y − t = ({})", list(&g));
    println!("L = {}\n", short(loss));
    Ok(())
}

/// A column of numbers as a panel.
fn column(title: &str, numbers: &[f64], ink: Ink) -> Panel {
    let column = Array2::from_shape_fn((numbers.len(), 1), |(i, _)| numbers[i]);
    numbered(title, &column, ink)
}

/// A grid of numbers, zeros too where the ink is that of the input.
fn numbered(title: &str, numbers: &Array2<f64>, ink: Ink) -> Panel {
    let most = numbers.iter().fold(1.0_f64, |most, number| most.max(number.abs()));
    Panel::cells(title, numbers.dim(), |i, j| {
        let value = numbers[[i, j]];
        let label = if value < 0.0 { format!("−{}", short(-value)) } else { short(value) };
        Cell { value, ink, strength: 0.5 * value.abs() / most, label, hatched: false }
    })
}

/// One step of training, by hand.
fn step(gallery: &mut Gallery) -> Outcome<()> {
    let target = correlate(&X, &HIDDEN, Mode::Valid)?;
    let (before, _, g) = distance(&X, &H, &target)?;
    let (by_kernel, by_input) = (explicit::kernel_1d(&X, &g)?, explicit::input_1d(&H, &g)?);
    if by_kernel != spatial::kernel_1d(&X, &g)? || by_input != spatial::input_1d(&H, &g)? {
        return Err("the two ways to the gradients disagree".into());
    }
    println!("== gradients ==");
    println!("∂L/∂h = Xᵀ g    = ({})", list(&by_kernel));
    println!("∂L/∂x = T(h)ᵀ g = ({})", list(&by_input));
    let nudged = |loss: &dyn Fn(&[f64]) -> f64, at: &[f64], gradient: &[f64]| {
        let found = finite_difference::gradient(loss, at);
        found.iter().zip(gradient).all(|(found, exact)| (found - exact).abs() < 1e-7)
    };
    let loss = |x: &[f64], h: &[f64]| distance(x, h, &target).map_or(f64::NAN, |(loss, ..)| loss);
    if !nudged(&|h| loss(&X, h), &H, &by_kernel) || !nudged(&|x| loss(x, &H), &X, &by_input) {
        return Err("the gradients are not what nudging finds".into());
    }
    println!("nudging each number finds the same, to less than 1e-7\n");

    let taps: Vec<f64> = H.iter().zip(&by_kernel).map(|(h, d)| h - RATE * d).collect();
    let (after, y, _) = distance(&X, &taps, &target)?;
    let slope: f64 = by_kernel.iter().map(|d| d * d).sum();
    let bend: f64 = correlate(&X, &by_kernel, Mode::Valid)?.iter().map(|d| d * d).sum();
    let largest = matrix::windows(&X, H.len())?.singular_values()[0].powi(2);
    println!("== step ==");
    println!("η  = {}", short(RATE));
    println!("h⁺ = h − η ∂L/∂h = ({})", list(&taps));
    println!("y⁺ = ({})", list(&y));
    println!("L  = {} before, {} after", short(before), short(after));
    println!(
        "η‖∇‖² − ½η²‖X∇‖² = {} − {} = {}",
        short(RATE * slope),
        short(RATE * RATE * bend / 2.0),
        { short(RATE * slope - RATE * RATE * bend / 2.0) }
    );
    println!("2/‖X‖² = {}\n", short(2.0 / largest));
    for (key, value) in [
        ("before", before),
        ("after", after),
        ("limit", 2.0 / largest),
        ("best", slope / bend),
        ("rate", RATE),
    ] {
        gallery.value(key, short(value))?;
    }

    let input = matrix::to_array(&matrix::windows(&X, H.len())?.transpose());
    let panels = [
        numbered("Xᵀ", &input, Ink::Signal),
        column("g", &g, Ink::Output),
        column("∂L/∂h", &by_kernel, Ink::Gradient),
    ];
    gallery.figure(
        "backprop-kernel",
        &row(48, &panels, &["", "="]),
        "The gradient by the kernel. Each tap has a row of its own: the samples it was multiplied by, from the first output to \
         the last. The row, times what the loss says about those outputs, is the gradient of the tap.",
        "A grid of 3 by 4 samples times a column of 4 numbers gives a column of 3 numbers.",
    )?;
    // A tap may be zero and stands there all the same.
    let taps = matrix::correlation(&[1_i64, 2, 3], X.len(), Mode::Valid)?.transpose();
    let tap = |m, n| match taps[(m, n)] {
        0 => Cell { value: 0.0, ink: Ink::Kernel, strength: 0.0, label: String::new(), hatched: false },
        k => {
            let value = H[k as usize - 1];
            Cell { value, ink: Ink::Kernel, strength: 0.1 + 0.3 * value, label: short(value), hatched: false }
        }
    };
    let panels = [
        Panel::cells("T(h)ᵀ", taps.shape(), tap),
        column("g", &g, Ink::Output),
        column("∂L/∂x", &by_input, Ink::Gradient),
    ];
    gallery.figure(
        "backprop-input",
        &row(48, &panels, &["", "="]),
        "The gradient by the input. Each sample has a row with the taps that it met, at the outputs where it met them. The first \
         and the last sample met one tap each; here the first met $h_1 = 0$ and hears nothing.",
        "A grid of 6 by 4 taps, mostly empty, times a column of 4 numbers gives a column of 6 numbers.",
    )?;

    let along = |eta: f64| before - eta * slope + eta * eta / 2.0 * bend;
    let curve = (0..=60).map(|k| f64::from(k) / 250.0).map(|eta| (eta, along(eta)));
    let dot = |label: &str, ink, eta| Series::new(label, ink, Mark::Dots, [(eta, along(eta))]);
    let chart = Chart::new(
        "learning rate η",
        "loss L",
        vec![
            Series::new("", Ink::Muted, Mark::Line, curve),
            dot("no step", Ink::Foreground, 0.0),
            dot("η = 0.1", Ink::Gradient, RATE),
            dot("2/‖X‖² = 0.2", Ink::Output, 2.0 / largest),
            dot("η = 0.23: too far", Ink::Wrong, 0.23),
        ],
    );
    gallery.figure(
        "backprop-step",
        &charts(&[chart.height(260)]),
        "The loss along one step is a parabola in $\\eta$. The step with $\\eta = 0.1$ lands near its bottom. Up to $2/\\lVert X \
         \\rVert^2$ no step, from whatever kernel, can raise the loss; further out it can.",
        "A parabola that falls from 25 to below 1 and rises again, with four dots on it.",
    )?;
    Ok(())
}

/// Many steps, at three learning rates.
fn descent() -> Outcome<()> {
    const RATES: [f64; 3] = [0.02, 0.1, 0.21];
    let target = correlate(&X, &HIDDEN, Mode::Valid)?;
    println!("== descent ==");
    println!(
        "loss after   {}",
        RATES.map(|rate| format!("{:>10}", format!("η = {}", short(rate)))).join("   ")
    );
    let mut kernels = [H.to_vec(), H.to_vec(), H.to_vec()];
    for steps in 0..=50 {
        if [0, 1, 2, 5, 10, 20, 50].contains(&steps) {
            let mut losses = vec![];
            for h in &kernels {
                losses.push(format!("{:>10.3}", distance(&X, h, &target)?.0));
            }
            println!("{steps:>4} steps   {}", losses.join("   "));
        }
        for (h, rate) in kernels.iter_mut().zip(RATES) {
            let (_, _, g) = distance(&X, h, &target)?;
            let gradient = spatial::kernel_1d(&X, &g)?;
            h.iter_mut().zip(gradient).for_each(|(tap, d)| *tap -= rate * d);
        }
    }
    println!(
        "learned with η = 0.1: ({})\n",
        list(&kernels[1].iter().map(|tap| (tap * 1e3).round() / 1e3).collect::<Vec<_>>())
    );
    Ok(())
}

/// A grid in which some cells are marked, each with a name.
fn marked(
    title: &str,
    shape: (usize, usize),
    ink: Ink,
    letter: &str,
    is: impl Fn(usize, usize) -> bool,
) -> Panel {
    Panel::cells(title, shape, |i, j| {
        let (value, label) =
            if is(i, j) { (1.0, name(letter, 10 * (i + 1) + j + 1)) } else { (0.0, String::new()) };
        Cell { value, ink, strength: 0.35 * value, label, hatched: false }
    })
}

/// Which pixels of a 4 × 4 image each of nine weights reads: those at which its gradient is not zero.
fn pixels_of_a_weight(gallery: &mut Gallery) -> Outcome<()> {
    let ones = Array2::from_elem((2, 2), 1_i64);
    let mut read = Array4::<i64>::zeros((3, 3, 4, 4));
    for ((a, b, i, j), read) in read.indexed_iter_mut() {
        let mut lit = Array2::zeros((4, 4));
        lit[[i, j]] = 1;
        *read = spatial::kernel_2d(&lit, &ones)?[[a, b]];
    }
    let panel = |a: usize, b: usize| {
        marked(&name("h", 10 * (a + 1) + b + 1), (4, 4), Ink::Signal, "x", |i, j| read[[a, b, i, j]] != 0)
    };
    let lines: Vec<Vec<Panel>> = (0..3).map(|a| (0..3).map(|b| panel(a, b)).collect()).collect();
    let lines: Vec<&[Panel]> = lines.iter().map(Vec::as_slice).collect();
    gallery.figure(
        "backprop-weights",
        &rows(28, &lines, &[&["", ""][..]; 3]),
        "Nine weights, four pixels each. The gradient of a weight reads the pixels that the weight was laid on, one for every \
         output; the window is as large as the output, here $2\\times2$, and its place is the place of the weight.",
        "Nine grids of 4 by 4, one for each weight. In each a block of 2 by 2 pixels is marked; the block moves with the weight, \
         from the upper left corner to the lower right one.",
    )?;
    Ok(())
}

/// How many outputs each pixel of a 4 × 4 image feeds, and which.
fn outputs_of_a_pixel(gallery: &mut Gallery) -> Outcome<()> {
    let kernel = Array2::from_elem((3, 3), 1_i64);
    let fed = |at: (usize, usize)| {
        let mut lit = Array2::zeros((4, 4));
        lit[at] = 1;
        conv2d::correlate(&lit, &kernel, Mode::Valid)
    };
    let mut counts = Array2::<f64>::zeros((4, 4));
    for (at, count) in counts.indexed_iter_mut() {
        *count = fed(at)?.sum() as f64;
    }
    println!("== coverage ==");
    println!("outputs fed by each pixel of a 4 × 4 image, 3 × 3 taps:");
    for line in counts.rows() {
        println!("  {}", line.iter().map(|&count| short(count)).collect::<Vec<_>>().join(" "));
    }
    println!("in all {} = 4 outputs × 9 taps\n", short(counts.sum()));
    let example = |title, at| -> Outcome<Panel> {
        let outputs = fed(at)?;
        Ok(marked(title, (2, 2), Ink::Output, "y", |i, j| outputs[[i, j]] != 0))
    };
    let panels = [
        numbered("outputs fed", &counts, Ink::Signal),
        example("by x₁₁", (0, 0))?,
        example("by x₁₂", (0, 1))?,
        example("by x₂₂", (1, 1))?,
    ];
    gallery.figure(
        "backprop-coverage",
        &row(32, &panels, &["", "", ""]),
        "How many outputs a pixel feeds: one from a corner, two from an edge, four from the middle. From each of them, and from no \
         other, it hears something when the gradient comes back.",
        "A grid of 4 by 4 with the counts 1, 2, 2, 1; 2, 4, 4, 2; 2, 4, 4, 2; 1, 2, 2, 1; and three grids of 2 by 2 that mark one, \
         two and four outputs.",
    )?;
    Ok(())
}

/// Which share of an image the gradient of one weight reads.
fn shares(gallery: &mut Gallery) -> Outcome<()> {
    println!("== shares ==");
    println!("  image    kernel   pixels read by one weight   share of the image");
    for (n, k) in [(4_usize, 3), (8, 3), (32, 3), (224, 3), (224, 7)] {
        let read = (n - k + 1).pow(2);
        let share = format!("{:.1} %", 100.0 * read as f64 / (n * n) as f64);
        println!("{:>9}   {k} × {k}   {read:>25}   {share:>18}", format!("{n} × {n}"));
        if k == 3 {
            gallery.value(&format!("share_{n}"), &share)?;
        }
    }
    println!();
    Ok(())
}

/// The loss of the layer below: y + 0.35 y² + 0.1 y³ for every output. It is no parabola, and needs no library of
/// functions, so that every machine prints the same.
fn cubic(y: &Array4<f64>) -> f64 {
    y.iter().map(|y| y + 0.35 * y * y + 0.1 * y * y * y).sum()
}

/// A tensor of small whole numbers, the same every time.
fn tensor(shape: (usize, usize, usize, usize)) -> Array4<i64> {
    Array4::from_shape_fn(shape, |(p, q, i, j)| {
        (7 * p + 5 * q + 3 * i + 2 * j + i * j * (p + 1)) as i64 % 5 - 2
    })
}

/// One layer with everything in it: its outputs and gradients as sums, as matrices, and by nudging.
fn layer_three_ways(gallery: &mut Gallery) -> Outcome<()> {
    let geometry = Geometry::new(2, 1, 2);
    let (x, w, b) = (tensor((2, 3, 9, 10)), tensor((4, 3, 3, 2)), [1, -2, 0, 3]);
    let y = layer::forward(&x, &w, Some(&b), geometry)?;
    let size =
        |tensor: &Array4<i64>| tensor.shape().iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
    println!("== layer ==");
    println!("x: {} (images, channels, rows, columns)", size(&x));
    println!("w: {} (filters, channels, rows, columns)", size(&w));
    println!("stride 2, padding 1, dilation 2");
    println!("y: {}\n", size(&y));

    // Over whole numbers nothing is rounded, and equal means equal.
    let products = layer::weights(&w) * layer::im2col(&x, (3, 2), geometry)?;
    let with_bias =
        DMatrix::from_fn(products.nrows(), products.ncols(), |o, window| products[(o, window)] + b[o]);
    let as_matrix = layer::from_outputs(&with_bias, [2, 4, 4, 5])?;
    let g = y.mapv(|y| 1 + y - y * y);
    let (sums, matrices) = (spatial::layer(&x, &w, &g, geometry)?, explicit::layer(&x, &w, &g, geometry)?);

    // In floating point the loss can be asked.
    let quarter = |tensor: &Array4<i64>| tensor.mapv(|number| number as f64 / 4.0);
    let (x, w, b) = (quarter(&x), quarter(&w), b.map(|b| b as f64 / 4.0));
    let y_float = layer::forward(&x, &w, Some(&b), geometry)?;
    let exact = spatial::layer(&x, &w, &y_float.mapv(|y| 1.0 + 0.7 * y + 0.3 * y * y), geometry)?;
    let outputs = |x: &Array4<f64>, w: &Array4<f64>, b: &[f64]| layer::forward(x, w, Some(b), geometry);
    let loss = |y: locality::Result<Array4<f64>>| y.map_or(f64::NAN, |y| cubic(&y));
    let by_weights = nudged(&w, &exact.kernel, |w| loss(outputs(&x, w, &b)));
    let by_input = nudged(&x, &exact.input, |x| loss(outputs(x, &w, &b)));
    let by_bias = worst(&finite_difference::gradient(|b| loss(outputs(&x, &w, b)), &b), &exact.bias);

    println!("            numbers   sums = matrices   sums against nudging");
    let line = |name: &str, numbers: usize, same: bool, nudged: Option<f64>| -> Outcome<()> {
        let verdict = match nudged {
            None => "",
            Some(error) if error < 1e-8 => "agree to 1e-8",
            Some(_) => return Err(format!("{name}: nudging finds another gradient").into()),
        };
        if !same {
            return Err(format!("{name}: sums and matrices disagree").into());
        }
        println!("{name:<9} {numbers:>9}   {:>15}   {verdict}", "exactly");
        Ok(())
    };
    line("y", y.len(), y == as_matrix, None)?;
    line("∂L/∂w", sums.kernel.len(), sums.kernel == matrices.kernel, Some(by_weights))?;
    line("∂L/∂x", sums.input.len(), sums.input == matrices.input, Some(by_input))?;
    line("∂L/∂β", sums.bias.len(), sums.bias == matrices.bias, Some(by_bias))?;
    let whole = |tensor: &Array4<i64>| tensor.iter().copied().collect::<Vec<_>>();
    let (x, w) = (tensor((2, 3, 9, 10)), tensor((4, 3, 3, 2)));
    let y = layer::forward(&x, &w, None, geometry)?;
    let product = |a: &Array4<i64>, b: &Array4<i64>| inner(&whole(a), &whole(b));
    println!("\n⟨w, ∂L/∂w⟩ = {}", product(&w, &sums.kernel));
    println!("⟨x, ∂L/∂x⟩ = {}", product(&x, &sums.input));
    println!("⟨y − β, g⟩ = {}\n", product(&y, &g));
    gallery.value("layer_numbers", sums.kernel.len() + sums.input.len() + sums.bias.len())?;
    Ok(())
}

/// The sum of the products of numbers in the same place.
fn inner<T: Scalar>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (a, b)| sum + a.clone() * b.clone())
}

/// The largest difference between two gradients, as a share of the largest entry.
fn worst(found: &[f64], exact: &[f64]) -> f64 {
    let most = exact.iter().fold(1.0_f64, |most, d| most.max(d.abs()));
    found.iter().zip(exact).map(|(found, exact)| (found - exact).abs()).fold(0.0, f64::max) / most
}

/// The same, between a gradient and what nudging every number of a tensor finds.
fn nudged(point: &Array4<f64>, exact: &Array4<f64>, loss: impl Fn(&Array4<f64>) -> f64) -> f64 {
    let flat: Vec<f64> = point.iter().copied().collect();
    let fold = |p: &[f64]| Array4::from_shape_vec(point.dim(), p.to_vec()).expect("as many as there were");
    let found = finite_difference::gradient(|p| loss(&fold(p)), &flat);
    worst(&found, &exact.iter().copied().collect::<Vec<_>>())
}

/// How wrong a difference quotient is, by its step.
fn referee(gallery: &mut Gallery) -> Outcome<()> {
    let f = |p: f64| 1.0 / (1.0 + p * p);
    let slope = |p: f64| -2.0 * p * f(p) * f(p);
    let miss = |quotient: &dyn Fn(f64) -> f64| {
        let points = (1..=64).map(|k| f64::from(k) / 32.0);
        points.map(|p| (quotient(p) - slope(p)).abs()).fold(0.0, f64::max)
    };
    let steps = (3..=44).map(|power| 0.5_f64.powi(power));
    let central = |t: f64| miss(&|p| (f(p + t) - f(p - t)) / (2.0 * t));
    let one_sided = |t: f64| miss(&|p| (f(p + t) - f(p)) / t);
    let curve =
        |miss: &dyn Fn(f64) -> f64| steps.clone().map(|t| (t.log10(), miss(t).log10())).collect::<Vec<_>>();
    let t = finite_difference::step(0.0);
    let chart = Chart::new(
        "step t, log₁₀",
        "error, log₁₀",
        vec![
            Series::new("one-sided", Ink::Muted, Mark::Line, curve(&one_sided)),
            Series::new("central", Ink::Gradient, Mark::Line, curve(&central)),
            Series::new("∛ε", Ink::Output, Mark::Dots, [(t.log10(), central(t).log10())]),
        ],
    );
    gallery.figure(
        "backprop-difference",
        &charts(&[chart.height(260)]),
        "The error of a difference quotient of $1/(1+p^2)$, the worst over 64 points, against its step. From the right the curve \
         stops bending, a hundredfold for every tenth of the step; from the left rounding takes over. The dot is the step of \
         the crate.",
        "Two curves shaped like a V on logarithmic axes. The central one reaches lower, near a step of 10 to the −5, and the dot \
         lies at its bottom.",
    )?;
    println!("== referee ==");
    println!("  step   one-sided     central");
    let digits = |error: f64| format!("1e{:.0}", error.log10());
    for power in [-1, -3, -5, -7, -9, -11] {
        let t = 10_f64.powi(power);
        println!("{:>6}   {:>9}   {:>9}", format!("1e{power}"), digits(one_sided(t)), digits(central(t)));
    }
    println!();
    Ok(())
}
