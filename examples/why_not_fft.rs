//! So why do NNs not use the FFT? Two routes to the same outputs, and a first look at the slopes behind them.
//!
//! `cargo run --example why_not_fft`

use std::error::Error;

use locality::conv1d::{self, Mode};
use locality::conv2d;
use locality::figure::{Gallery, short};
use locality::fourier;
use locality::ndarray::{Array2, array};

/// A way to correlate a signal with taps.
type Route = fn(&[f64], &[f64], Mode) -> locality::Result<Vec<f64>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut gallery = Gallery::open("why_not_fft")?;

    println!("== same-outputs ==");
    let image =
        Array2::from_shape_fn((24, 32), |(i, j)| ((7 * i * i + 3 * i * j + 5 * j) % 17) as f64 / 16.0);
    let layer = [
        ("horizontal edge", array![[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]]),
        ("vertical edge", array![[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]),
        ("blur", array![[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]] / 16.0),
        ("sharpen", array![[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]),
    ];
    println!(
        "{:<17} {:>9} {:>15} {:>14} {:>11}",
        "kernel", "outputs", "largest output", "largest error", "same?"
    );
    let mut worst = 0.0_f64;
    for (name, kernel) in &layer {
        let sliding = conv2d::correlate(&image, kernel, Mode::Valid)?;
        let through_fft = fourier::conv2d::correlate(&image, kernel, Mode::Valid)?;
        let largest = sliding.iter().fold(0.0_f64, |most, y| most.max(y.abs()));
        let error = (&sliding - &through_fft).iter().fold(0.0_f64, |most, e| most.max(e.abs()));
        worst = worst.max(error / largest);
        let (rows, columns) = sliding.dim();
        println!(
            "{name:<17} {:>9} {:>15} {:>14} {:>11}",
            format!("{rows} × {columns}"),
            short(largest),
            decade(error),
            if error < 1e-12 * largest { "yes" } else { "no" }
        );
    }
    gallery.value("error", decade(worst))?;

    println!("\n== nudged-taps ==");
    let x = [1.0, 3.0, -2.0, 0.5, 4.0, -1.0, 2.0, 1.5];
    let taps = [0.5, -1.0, 0.25];
    println!("tap   slope of the loss, sliding   slope of the loss, through the FFT");
    for tap in 0..taps.len() {
        let sliding = slope(conv1d::correlate, &x, &taps, tap)?;
        let through_fft = slope(fourier::conv1d::correlate, &x, &taps, tap)?;
        println!("w[{tap}]  {:>27} {:>36}", format!("{sliding:.4}"), format!("{through_fft:.4}"));
    }
    gallery.close();
    Ok(())
}

/// The slope of ∑ y² as one tap is nudged: a central difference, with no gradient formula in it.
fn slope(route: Route, x: &[f64], taps: &[f64], tap: usize) -> locality::Result<f64> {
    const STEP: f64 = 1e-5;
    let loss = |by: f64| -> locality::Result<f64> {
        let mut taps = taps.to_vec();
        taps[tap] += by;
        Ok(route(x, &taps, Mode::Valid)?.iter().map(|y| y * y).sum())
    };
    Ok((loss(STEP)? - loss(-STEP)?) / (2.0 * STEP))
}

/// The power of ten below which an error stays. Its digits are rounding noise, which no two processors share.
fn decade(error: f64) -> &'static str {
    match error {
        e if e < 1e-14 => "below 1e-14",
        e if e < 1e-12 => "below 1e-12",
        e if e < 1e-9 => "below 1e-9",
        _ => "above 1e-9",
    }
}
