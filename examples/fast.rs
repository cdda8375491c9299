//! Making it fast: what the efficient implementations keep in memory, how many products they take, and how they round.
//! To see how long they take, run the example `measure`.
//!
//! `cargo run --example fast`

use std::error::Error;

use locality::fast::winograd::Tile;
use locality::fast::{Threads, bounds, direct, fft, gemm, winograd};
use locality::figure::grid::{Cell, Panel, row};
use locality::figure::{Gallery, Ink};
use locality::layer::{self, Geometry};
use locality::ndarray::{Array2, Array4};
use locality::probe::{Counted, count};
use methods as _;

type Outcome = Result<(), Box<dyn Error>>;

/// Rows and vectors of a register tile on a machine with AVX-512.
const ROWS: usize = 8;
const VECTORS: usize = 3;

/// Numbers of single precision in one of its vectors.
const LANES: usize = 16;

fn main() -> Outcome {
    let mut gallery = Gallery::open("fast")?;
    gallery.value("rows", ROWS)?;
    gallery.value("vectors", VECTORS)?;
    gallery.value("products", ROWS * VECTORS)?;
    gallery.value("lanes", LANES)?;
    // Four bytes a number.
    gallery.value("gemm_bytes", gemm::DEPTH * gemm::PANELS * VECTORS * LANES * 4 / 1024)?;
    tile(&mut gallery)?;
    lanes(&mut gallery)?;
    products()?;
    errors()?;
    gallery.close();
    Ok(())
}

/// What a register tile reads and what it makes.
fn tile(gallery: &mut Gallery) -> Outcome {
    let (depth, lanes) = (6, 4);
    let cell =
        |ink, strength: f64| Cell { value: strength, ink, strength, label: String::new(), hatched: false };
    let at = 2;
    let filters =
        Panel::cells("filters", (ROWS, depth), |_, k| cell(Ink::Kernel, if k == at { 1.0 } else { 0.2 }));
    let windows = Panel::cells("windows", (depth, VECTORS * lanes), |k, _| {
        cell(Ink::Signal, if k == at { 1.0 } else { 0.2 })
    });
    let sums = Panel::cells("sums, in registers", (ROWS, VECTORS * lanes), |_, _| cell(Ink::Output, 0.6));
    let drawing =
        row(14, &[filters, windows.blocks((depth, lanes)), sums.blocks((ROWS, lanes))], &["·", "="]);
    gallery.figure(
        "fast-tile",
        &drawing,
        "One step of a tile: a column of filters and a row of windows, each read once, add a product to every sum.",
        "Three grids. The filters have eight rows; one of their columns is dark. The windows have three blocks of columns, the vectors; one of their rows is dark. The sums have eight rows and three blocks of columns, all of them filled.",
    )?;
    Ok(())
}

/// The same pixels, a row a channel, and a row a vector.
fn lanes(gallery: &mut Gallery) -> Outcome {
    let (channels, pixels) = (4, 6);
    let at = 2;
    let cell = |channel: usize, pixel: usize| Cell {
        value: (channel * pixels + pixel) as f64,
        ink: Ink::Signal,
        strength: if pixel == at { 1.0 } else { 0.2 },
        label: String::new(),
        hatched: false,
    };
    let rows = Panel::cells("in memory", (channels, pixels), cell);
    let vectors = Panel::cells("in lanes", (pixels, channels), |pixel, channel| cell(channel, pixel));
    gallery.figure(
        "fast-lanes",
        &row(22, &[rows, vectors], &["→"]),
        "Four channels of six pixels, as they lie in memory, and sorted. The third pixels of all channels were four numbers far apart; now they are one vector.",
        "Two grids with an arrow between them. The left one has four rows and six columns, and its third column is dark. The right one has six rows and four columns, and its third row is dark.",
    )?;
    Ok(())
}

/// The products of the very code that is fast.
fn products() -> Outcome {
    println!("== products ==");
    let ones = |shape: [usize; 4]| Array4::from_elem(shape, Counted::constant(1.0));
    let (x, w) = (ones([1, 8, 26, 26]), ones([24, 8, 3, 3]));
    let geometry = Geometry::default();
    let definition = count(|| layer::forward(&x, &w, None, geometry)).1.multiplications;
    println!("{:<34} {:>9}", "8 → 24 channels, 26 × 26, 3 × 3", "products");
    println!("{:<34} {definition:>9}", "the definition");
    let mut y = vec![Counted::constant(0.0); 24 * 24 * 24];
    let input = [1, 8, 26, 26];
    let x = x.into_raw_vec_and_offset().0;
    let mut plan = gemm::Plan::new(input, &w, None, geometry, &Threads::default())?;
    let (done, operations) = count(|| plan.run_into(&x, &mut y));
    done?;
    println!("{:<34} {:>9}", "gemm", operations.multiplications);
    for (name, tile) in
        [("Winograd 2, transforms included", Tile::Two), ("Winograd 4, transforms included", Tile::Four)]
    {
        let mut plan = winograd::Plan::new(input, &w, None, geometry, tile, &Threads::default())?;
        let (done, operations) = count(|| plan.run_into(&x, &mut y));
        done?;
        println!("{name:<34} {:>9}", operations.multiplications);
    }
    let mut plan = fft::Plan::new(input, &w, None, geometry, Some(14), &Threads::default())?;
    let (done, operations) = count(|| plan.run_into(&x, &mut y));
    done?;
    println!("{:<34} {:>9}", "Fourier 14, transforms included", operations.multiplications);
    let picture = Array2::from_elem((26, 26), Counted::constant(1.0));
    let taps = Array2::from_elem((3, 3), Counted::constant(1.0));
    let (done, operations) = count(|| direct::convolve(&picture, &taps, locality::conv2d::Mode::Valid));
    done?;
    println!("{:<34} {:>9}", "one channel, sliding", operations.multiplications);
    Ok(())
}

/// How far single precision is from double.
fn errors() -> Outcome {
    println!("\n== errors ==");
    let noise = |seed: u64| {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        }
    };
    let x = Array4::from_shape_simple_fn([1, 64, 18, 18], noise(1));
    let w = Array4::from_shape_simple_fn([4, 64, 3, 3], noise(2));
    // The same numbers for both precisions.
    let (x32, w32) = (x.mapv(|x| x as f32), w.mapv(|w| w as f32));
    let (x, w) = (x32.mapv(f64::from), w32.mapv(f64::from));
    let geometry = Geometry::default();
    let known = layer::forward(&x, &w, None, geometry)?;
    let largest = known.iter().fold(0.0_f64, |most, y| most.max(y.abs()));
    let error = |y: Array4<f32>| {
        let worst = (y.mapv(f64::from) - &known).iter().fold(0.0_f64, |most, error| most.max(error.abs()));
        worst / largest / f64::from(f32::EPSILON)
    };
    let below = |limits: &[f64], error: f64| {
        let limit = limits.iter().find(|&&limit| error < limit).copied();
        limit.map_or_else(|| "more".to_string(), |limit| format!("below {limit}"))
    };
    println!("{:<14} {:>20} {:>16}", "in ε of f32", "bound for any input", "largest error");
    let mut plan = fft::Plan::new([1, 64, 18, 18], &w32, None, geometry, Some(14), &Threads::default())?;
    let mut fourier = Array4::zeros(plan.output());
    plan.run_into(x32.as_slice().ok_or("row-major")?, fourier.as_slice_mut().ok_or("row-major")?)?;
    let through = |tile| winograd::forward(&x32, &w32, None, geometry, tile);
    let limits = |tile| bounds::winograd(&x, &w, geometry, tile);
    let methods = [
        ("gemm", gemm::forward(&x32, &w32, None, geometry)?, bounds::sums(&x, &w, geometry)?),
        ("Winograd 2", through(Tile::Two)?, limits(Tile::Two)?),
        ("Winograd 4", through(Tile::Four)?, limits(Tile::Four)?),
        ("Fourier 14", fourier, bounds::fourier(&x, &w, geometry, 14)?),
    ];
    for (name, y, bounds) in methods {
        // The bounds are in units of ε / 2.
        let most = bounds.iter().fold(0.0_f64, |most, &bound| most.max(bound)) / largest / 2.0;
        println!("{name:<14} {most:>20.0} {:>16}", below(&[4.0, 16.0, 64.0], error(y)));
    }
    Ok(())
}
