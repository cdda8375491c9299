//! The convolution theorem: the Fourier matrix of four points, a circulant made diagonal, and which outputs come out
//! wrong when the circle is too small.
//!
//! `cargo run --example theorem_1d`

use locality::conv1d::{Mode, convolve, convolve_circular, correlate, pad};
use locality::figure::chart::{Chart, Series, charts};
use locality::figure::grid::{Cell, Panel, row, rows};
use locality::figure::{Gallery, Ink, short};
use locality::nalgebra::{DMatrix, DVector};
use locality::num_complex::Complex;
use locality::{Result, fourier, matrix};

/// The article's signal.
const X: [f64; 4] = [1.0, 2.0, 0.0, -1.0];
/// The article's filter.
const H: [f64; 3] = [0.5, 1.0, 0.5];

/// A number a + bi with whole a and b.
type Gaussian = Complex<i64>;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut gallery = Gallery::open("theorem_1d")?;
    article(&mut gallery)?;
    four_points(&mut gallery)?;
    padding(&mut gallery)?;
    odd_length()?;
    correlation()?;
    rounding(&mut gallery)?;
    gallery.close();
    Ok(())
}

/// Convolution by two loops: the article's first function.
fn conv1d_direct(x: &[f64], h: &[f64]) -> Result<Vec<f64>> {
    convolve(x, h, Mode::Full)
}

/// Convolution through the transform: the article's second function.
fn conv_via_fft(x: &[f64], h: &[f64]) -> Result<Vec<f64>> {
    let n = x.len() + h.len() - 1;
    let (x, h) = (fourier::rfft(&pad(x, n)?)?, fourier::rfft(&pad(h, n)?)?);
    let product: Vec<_> = x.iter().zip(&h).map(|(x, h)| x * h).collect();
    fourier::irfft(&product, n)
}

/// The article's example, both ways.
fn article(gallery: &mut Gallery) -> std::result::Result<(), Box<dyn std::error::Error>> {
    println!("== article ==");
    let (direct, via_fft) = (conv1d_direct(&X, &H)?, conv_via_fft(&X, &H)?);
    println!("{:<16}{}", "conv1d_direct", listed(&direct));
    println!("{:<16}{}", "conv_via_fft", listed(&via_fft));
    println!("{:<16}{}", "difference", decade(largest_difference(&direct, &via_fft)));

    let magnitudes = |x: &[f64]| -> Result<Vec<f64>> {
        let x: Vec<Complex<f64>> = pad(x, 6)?.into_iter().map(Complex::from).collect();
        Ok(fourier::dft(&x)?.iter().map(|bin| bin.norm()).collect())
    };
    let (x, h) = (magnitudes(&X)?, magnitudes(&H)?);
    let y: Vec<f64> = x.iter().zip(&h).map(|(x, h)| x * h).collect();
    let chart = |label: &str, ink, bins: &[f64]| {
        Chart::new("bin k", "magnitude", vec![Series::signal(label, ink, bins)])
            .x_range(-0.5..5.5)
            .y_range(-0.3..5.8)
            .height(150)
    };
    let drawing = charts(&[
        chart("spectrum of x, six points", Ink::Signal, &x),
        chart("spectrum of h, six points", Ink::Kernel, &h),
        chart("their product, bin by bin: the spectrum of x ∗ h", Ink::Output, &y),
    ]);
    gallery.figure(
        "theorem1d-product",
        &drawing,
        "Bin 3 of $h$ is zero, so bin 3 of the output is zero, whatever the signal holds there. No bin hears of another.",
        "Three stem plots of magnitudes over the bins 0 to 5: of the signal, of the kernel, which falls from 2 at bin 0 \
         to 0 at bin 3 and rises again, and of their product.",
    )?;
    Ok(())
}

/// Four points, where every root of unity is a Gaussian integer and nothing is rounded.
fn four_points(gallery: &mut Gallery) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let gaussian = |x: &[i64]| -> Vec<Gaussian> { x.iter().map(|&re| Complex::new(re, 0)).collect() };
    // Twice the article's filter, so that all numbers are whole.
    let (x, h) = (gaussian(&[1, 2, 0, -1]), gaussian(&[1, 2, 1, 0]));
    let f = matrix::dft::<Gaussian>(4)?;
    let transform = |x: &[Gaussian]| -> Vec<Gaussian> {
        (0..4).map(|k| (0..4).map(|n| f[(k, n)] * x[n]).sum()).collect()
    };

    println!("\n== dft-4 ==");
    for k in 0..4 {
        println!("{}", complexes((0..4).map(|n| f[(k, n)])));
    }

    println!("\n== circle ==");
    let (x_hat, h_hat) = (transform(&x), transform(&h));
    let product: Vec<Gaussian> = x_hat.iter().zip(&h_hat).map(|(x, h)| x * h).collect();
    let around = convolve_circular(&x, &h, 4)?;
    println!("{:<26}{}", "x", complexes(x.iter().copied()));
    println!("{:<26}{}", "h", complexes(h.iter().copied()));
    println!("{:<26}{}", "F x", complexes(x_hat.iter().copied()));
    println!("{:<26}{}", "F h", complexes(h_hat.iter().copied()));
    println!("{:<26}{}", "bin by bin", complexes(product.iter().copied()));
    println!("{:<26}{}", "around the circle", complexes(around.iter().copied()));
    println!("{:<26}{}", "F of that", complexes(transform(&around)));
    println!("the last line is the product, bin by bin: {}", yes(transform(&around) == product));

    println!("\n== diagonal ==");
    let c = matrix::circulant(&h, 4)?;
    // 4 F⁻¹ is the conjugate of F; with the 4 on the left nothing needs dividing.
    let four = Complex::new(4, 0);
    let spectrum = DMatrix::from_diagonal(&DVector::from_column_slice(&h_hat));
    let product = f.map(|entry| entry.conj()) * spectrum * &f;
    println!("4 C(h) = conj(F) diag(F h) F, entry by entry: {}", yes(c.map(|entry| entry * four) == product));

    let cell = |value: Gaussian, ink, most: f64| Cell {
        value: (value.norm_sqr() as f64).sqrt(),
        ink,
        strength: if value == Complex::ZERO {
            0.0
        } else {
            0.15 + 0.35 * (value.norm_sqr() as f64).sqrt() / most
        },
        label: if value == Complex::ZERO { String::new() } else { complex(value) },
        hatched: false,
    };
    let panel = |title: &str, ink, most, entry: &dyn Fn(usize, usize) -> Gaussian| {
        Panel::cells(title, (4, 4), |i, j| cell(entry(i, j), ink, most))
    };
    let circulant = panel("C(h) =", Ink::Kernel, 2.0, &|i, j| c[(i, j)]);
    let back = panel("¼ conj(F)", Ink::Muted, 1.0, &|i, j| f[(i, j)].conj());
    let spectrum =
        panel("diag(F h)", Ink::Kernel, 4.0, &|i, j| if i == j { h_hat[i] } else { Complex::ZERO });
    let forth = panel("F", Ink::Muted, 1.0, &|i, j| f[(i, j)]);
    let drawing = rows(36, &[&[circulant], &[back, spectrum, forth]], &[&[], &["·", "·"]]);
    gallery.figure(
        "theorem1d-diagonal",
        &drawing,
        "Four points, $h = (1, 2, 1, 0)$. Above: every column is the kernel, one place further round. Below: transform, \
         weigh each bin by itself, transform back. The two are one matrix.",
        "A 4 by 4 circulant matrix with the entries 1, 2, 1 running down its diagonals and around the corner; below, the product of a full matrix of \
         powers of i, a diagonal matrix with the entries 4, −2i, 0 and 2i, and a full matrix of powers of −i.",
    )?;

    // The same for sixteen points, as shapes.
    let n = 16;
    let magnitude = |title: &str, ink, entry: &dyn Fn(usize, usize) -> f64| {
        Panel::cells(title, (n, n), |i, j| {
            let value = entry(i, j);
            Cell { value, ink, strength: (value / 2.0).min(1.0), label: String::new(), hatched: false }
        })
    };
    let c = matrix::circulant(&[1.0, 2.0, 1.0], n)?;
    let gain: Vec<f64> = {
        let h: Vec<Complex<f64>> = pad(&[1.0, 2.0, 1.0], n)?.into_iter().map(Complex::from).collect();
        fourier::dft(&h)?.iter().map(|bin| bin.norm()).collect()
    };
    let drawing = row(
        9,
        &[
            magnitude("C(h)", Ink::Kernel, &|i, j| c[(i, j)]),
            magnitude("F⁻¹", Ink::Muted, &|_, _| 1.0),
            magnitude("diag(F h)", Ink::Kernel, &|i, j| if i == j { gain[i] } else { 0.0 }),
            magnitude("F", Ink::Muted, &|_, _| 1.0),
        ],
        &["=", "·", "·"],
    );
    gallery.figure(
        "theorem1d-shapes",
        &drawing,
        "Sixteen points, magnitudes only. A band is a full square times a diagonal times a full square: mixing, weighing, \
         unmixing.",
        "Four 16 by 16 matrices in a row: a band of three diagonals that wraps around the corner, a full square, a diagonal, a full square.",
    )?;
    Ok(())
}

/// Which outputs are wrong on a circle that is too small.
fn padding(gallery: &mut Gallery) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let (x, h) = ([1_i64, 2, 3, 4, 5, 6, 7, 8], [1_i64, 1, 1, 1]);
    let full = convolve(&x, &h, Mode::Full)?;
    println!("\n== padding ==");
    println!("{:<8}{}", "x ∗ h", integers(&full));
    let sizes = [8, 9, 10, 11];
    let mut circles = vec![];
    for m in sizes {
        let circle = convolve_circular(&x, &h, m)?;
        let wrong: Vec<usize> = (0..m).filter(|&n| circle[n] != full[n]).collect();
        println!("{:<8}{}   wrong: {wrong:?}", format!("M = {m}"), format_args!("{:<44}", integers(&circle)));
        circles.push(circle);
    }

    let cell = |label: String, ink, strength, hatched, value: i64| Cell {
        value: value as f64,
        ink,
        strength,
        label,
        hatched,
    };
    let drawing = row(
        46,
        &[Panel::cells("outputs 0 to 10", (5, 12), |i, j| match (i, j) {
            (0, 0) => cell("x ∗ h".into(), Ink::Muted, 0.0, false, 0),
            (_, 0) => cell(format!("M = {}", sizes[4 - i]), Ink::Muted, 0.0, false, 0),
            (0, _) => cell(full[j - 1].to_string(), Ink::Output, 0.45, false, full[j - 1]),
            _ => match circles[4 - i].get(j - 1) {
                None => cell(String::new(), Ink::Muted, 0.0, false, 0),
                Some(&y) if y == full[j - 1] => cell(y.to_string(), Ink::Output, 0.2, false, y),
                Some(&y) => cell(y.to_string(), Ink::Wrong, 0.2, true, y),
            },
        })],
        &[],
    );
    gallery.figure(
        "theorem1d-aliasing",
        &drawing,
        "Eight samples 1 to 8, four taps of 1. On a circle of 11 all outputs are right. Every sample that is missing makes one \
         more output wrong (hatched), at the start: what falls off the end comes round and is added there.",
        "A table of outputs. Its rows are the full convolution and circles of 11, 10, 9 and 8 samples; 0, 1, 2 and 3 outputs at the start are hatched.",
    )?;
    Ok(())
}

/// An inverse that is not told its length assumes an even one.
fn odd_length() -> Result<()> {
    let (x, h) = ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]);
    let product: Vec<_> = fourier::rfft(&pad(&x, 5)?)?
        .into_iter()
        .zip(fourier::rfft(&pad(&h, 5)?)?)
        .map(|(x, h)| x * h)
        .collect();
    println!("\n== odd ==");
    println!("{:<22}{}", "by the loops", listed(&convolve(&x, &h, Mode::Full)?));
    println!("{:<22}{}", "irfft, length 5", listed(&fourier::irfft(&product, 5)?));
    println!("{:<22}{}", "irfft, length 4", listed(&fourier::irfft(&product, 4)?));
    Ok(())
}

/// The conjugate makes the difference between convolution and correlation.
fn correlation() -> Result<()> {
    let (x, h) = ([1.0, 2.0, 4.0, 8.0, 16.0], [1.0, 10.0]);
    let (x_hat, h_hat) = (fourier::rfft(&x)?, fourier::rfft(&pad(&h, 5)?)?);
    let back = |product: Vec<Complex<f64>>| fourier::irfft(&product, 5);
    println!("\n== correlation ==");
    println!("{:<22}{}", "correlated, by loops", listed(&correlate(&x, &h, Mode::Valid)?));
    let conjugated = back(x_hat.iter().zip(&h_hat).map(|(x, h)| x * h.conj()).collect())?;
    println!("{:<22}{}", "with the conjugate", listed(&conjugated));
    let plain = back(x_hat.iter().zip(&h_hat).map(|(x, h)| x * h).collect())?;
    println!("{:<22}{}", "without", listed(&plain));
    Ok(())
}

/// A loud passage, and what rounding carries from it to the silence.
fn rounding(gallery: &mut Gallery) -> std::result::Result<(), Box<dyn std::error::Error>> {
    // 211 samples, silent but for 20 of size 10⁸; nine taps.
    let loud = |n: usize| if (20..40).contains(&n) { 1e8 * (0.3 + (n as f64 * 0.7).sin()) } else { 0.0 };
    let x: Vec<f64> = (0..211).map(loud).collect();
    let h: Vec<f64> = (0..9).map(|k| 0.1 + 0.07 * k as f64).collect();
    let (direct, via_fft) = (conv1d_direct(&x, &h)?, conv_via_fft(&x, &h)?);
    let norm = |x: &[f64]| x.iter().map(|sample| sample * sample).sum::<f64>().sqrt();
    let m = direct.len() as f64;
    let bound = 8.0 * f64::EPSILON * (2.0 * m).log2() * norm(&x) * norm(&h);
    // Outputs whose window holds silence and nothing else.
    let silent = 60..211;
    let largest = |y: &[f64]| y.iter().fold(0.0_f64, |most, y| most.max(y.abs()));
    println!("\n== rounding ==");
    println!("{:<34}{}", "largest output", format_args!("{:.0e}", largest(&direct)));
    println!("{:<34}{}", "bound on the error of the FFT", format_args!("{bound:.0e}"));
    println!("{:<34}{}", "error within the bound", yes(largest_difference(&direct, &via_fft) <= bound));
    println!(
        "{:<34}{}",
        "silence is 0.0, by the loops",
        yes(direct[silent.clone()].iter().all(|&y| y == 0.0))
    );
    println!(
        "{:<34}{}",
        "silence is 0.0, through the FFT",
        yes(via_fft[silent.clone()].iter().all(|&y| y == 0.0))
    );
    println!("{:<34}{}", "and within the bound", yes(largest(&via_fft[silent]) <= bound));
    gallery.value("bound", format!("{bound:.0e}"))?;
    gallery.value("largest", format!("{:.0e}", largest(&direct)))?;
    Ok(())
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()))
}

/// The power of ten below which a difference stays; its digits are rounding noise.
fn decade(difference: f64) -> &'static str {
    match difference {
        d if d < 1e-14 => "below 1e-14",
        d if d < 1e-12 => "below 1e-12",
        _ => "above 1e-12",
    }
}

/// Numbers in columns.
fn listed(numbers: &[f64]) -> String {
    numbers.iter().map(|&number| format!("{:>7}", short(number))).collect()
}

/// Whole numbers in columns.
fn integers(numbers: &[i64]) -> String {
    numbers.iter().map(|number| format!("{number:>4}")).collect()
}

/// Gaussian integers in columns.
fn complexes(numbers: impl IntoIterator<Item = Gaussian>) -> String {
    numbers.into_iter().map(|number| format!("{:>7}", complex(number))).collect()
}

/// A Gaussian integer as one writes it: 2, −i, 1−3i.
fn complex(number: Gaussian) -> String {
    let imaginary = match number.im {
        0 => return number.re.to_string().replace('-', "−"),
        1 => "i".into(),
        -1 => "−i".into(),
        im => format!("{im}i"),
    };
    let text = match number.re {
        0 => imaginary,
        re if number.im > 0 => format!("{re}+{imaginary}"),
        re => format!("{re}{imaginary}"),
    };
    text.replace('-', "−")
}
