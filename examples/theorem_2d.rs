//! Convolution Theorem 2D: spectra of pictures, and which outputs a transform gets right.
//!
//! `cargo run --example theorem_2d`

use std::error::Error;

use image::{GrayImage, Luma};
use locality::conv2d::{Mode, convolve, convolve_circular, correlate, correlate_circular, outer, pad};
use locality::figure::grid::{Cell, Panel, row, rows};
use locality::figure::{Gallery, Ink, short};
use locality::nalgebra::DMatrix;
use locality::ndarray::{Array2, array, s};
use locality::num_complex::Complex;
use locality::{fourier, matrix};

#[allow(dead_code, reason = "only the picture is wanted here")]
mod scene;

/// Zero in a picture of what has a sign. A half would be a tie between two greys.
const GREY: f64 = 128.0 / 255.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut gallery = Gallery::open("theorem_2d")?;
    waves(&mut gallery)?;
    four_by_four()?;
    kronecker(&mut gallery)?;
    symmetry()?;
    spectra(&mut gallery)?;
    padding(&mut gallery)?;
    article()?;
    mismatch()?;
    gallery.close();
    Ok(())
}

/// What one bin of the spectrum looks like as a picture.
fn waves(gallery: &mut Gallery) -> Outcome<()> {
    const N: usize = 16;
    let mut panels = Vec::new();
    for (u, v) in [(0, 1), (2, 0), (1, 2), (15, 2)] {
        let mut spectrum = Array2::zeros((N, N));
        spectrum[[u, v]] = Complex::new((N * N) as f64, 0.0);
        let wave = fourier::inverse_dft2(&spectrum)?;
        panels.push(Panel::picture(&format!("({u}, {v})"), &wave.mapv(|pixel| GREY * (1.0 + pixel.re))));
    }
    gallery.figure(
        "waves-2d",
        &row(6, &panels, &["", "", ""]),
        "Four bins $(u,v)$ of a $16\\times16$ spectrum, each as the picture it stands for (the real part). The first index \
         counts waves downwards, the second to the right. Index 15 is $-1$ on a circle of 16, so the stripes of the last \
         picture lean the other way.",
        "Four striped pictures: one upright wave, two level waves, and two sets of slanted waves with opposite slants.",
    )?;
    Ok(())
}

/// The article's picture, transformed without rounding.
fn four_by_four() -> Outcome<()> {
    let x =
        array![[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]].mapv(|pixel| Complex::new(pixel, 0));
    let f = matrix::dft::<Complex<i64>>(4)?;
    let spectrum = &f * matrix::from_array(&x) * &f;
    println!("== four-by-four ==");
    for u in 0..4 {
        println!("{}", (0..4).map(|v| format!("{:>9}", gaussian(spectrum[(u, v)]))).collect::<String>());
    }
    let by_kronecker = matrix::unvec(&(matrix::dft2::<Complex<i64>>(4, 4)? * matrix::vec(&x)), (4, 4))?;
    let by_fft = fourier::dft2(&x.mapv(|pixel| Complex::new(pixel.re as f64, 0.0)))?;
    let exact = matrix::to_array(&spectrum);
    let far = exact.iter().zip(&by_fft).map(|(a, b)| (Complex::new(a.re as f64, a.im as f64) - b).norm());
    println!("the same by F4 ⊗ F4, exactly: {}", yes(by_kronecker == exact));
    println!("the same by FFT, up to 1e-12: {}\n", yes(far.fold(0.0, f64::max) < 1e-12));
    Ok(())
}

/// A Gaussian integer as one writes it.
fn gaussian(z: Complex<i64>) -> String {
    match (z.re, z.im) {
        (re, 0) => re.to_string(),
        (re, 1) => format!("{re}+i"),
        (re, -1) => format!("{re}-i"),
        (re, im) => format!("{re}{im:+}i"),
    }
}

fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The 2-D Fourier matrix, and what happens to whoever swaps its factors.
fn kronecker(gallery: &mut Gallery) -> Outcome<()> {
    println!("== order ==");
    println!("picture   F_H ⊗ F_W   F_W ⊗ F_H");
    for (height, width) in [(4, 4), (7, 7), (2, 3), (3, 5), (6, 8)] {
        let x = Array2::from_shape_fn((height, width), |(i, j)| {
            Complex::new(((7 * i * i + 3 * j + 2 * i * j) % 11) as f64, 0.0)
        });
        let truth = matrix::vec(&fourier::dft2(&x)?);
        let off = |f: DMatrix<Complex<f64>>| {
            let error = (f * matrix::vec(&x) - &truth)
                .iter()
                .map(|bin: &Complex<f64>| bin.norm())
                .fold(0.0, f64::max);
            if error < 1e-10 { "right".into() } else { format!("off by {}", short(error)) }
        };
        let (right, swapped) = (matrix::dft2(height, width)?, matrix::dft2(width, height)?);
        println!("{:<8}  {:<10}  {}", format!("{height} × {width}"), off(right), off(swapped));
    }
    println!();
    let n = (scene::SIDE as u64).pow(2);
    gallery.value("matrix_products", grouped(n * n))?;
    gallery.value("two_pass_products", grouped(n * 2 * scene::SIDE as u64))?;

    let panel = |title, f: &Array2<Complex<i64>>| {
        Panel::cells(title, f.dim(), |j, k| {
            let entry = f[[j, k]];
            // Strength is the angle: an eighth of the ink for each quarter turn, and some more.
            let (strength, label) = match (entry.re, entry.im) {
                (1, _) => (0.06, "1"),
                (_, -1) => (0.3, "−i"),
                (-1, _) => (0.8, "−1"),
                _ => (0.5, "i"),
            };
            // The data says the angle in quarter turns, clockwise.
            let value =
                f64::from((entry.re == -1) as u8 * 2 + (entry.im == -1) as u8 + (entry.im == 1) as u8 * 3);
            Cell { value, ink: Ink::Signal, strength, label: label.into(), hatched: false }
        })
    };
    let f4 = panel("F4", &matrix::to_array(&matrix::dft(4)?));
    let f16 = panel("16 × 16", &matrix::to_array(&matrix::dft2(4, 4)?));
    gallery.figure(
        "kron-f4-f4",
        &rows(23, &[&[f4.clone(), f4], &[f16]], &[&["⊗"], &[]]),
        "The matrix that transforms a $4\\times4$ picture, $F_4\\otimes F_4$: sixteen blocks, each a copy of $F_4$, turned by \
         one entry of $F_4$. Only the four values $1, -i, -1, i$ occur. The data counts quarter turns clockwise.",
        "Two small matrices of 4 by 4 with the entries 1, minus i, minus 1 and i, and below them their Kronecker product, a \
         matrix of 16 by 16 with the same four values.",
    )?;
    Ok(())
}

/// 84934656 as 84,934,656.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Which bins of a real picture's spectrum are free.
fn symmetry() -> Outcome<()> {
    println!("== symmetry ==");
    println!("picture   both indices negated   row index alone   bins that are real");
    for (height, width) in [(4, 4), (4, 5), (3, 3), (6, 8)] {
        let x = Array2::from_shape_fn((height, width), |(i, j)| {
            Complex::new(((5 * i * i + 3 * j * j * i + 2 * j) % 13) as f64, 0.0)
        });
        let spectrum = fourier::dft2(&x)?;
        let mirrored = |both: bool| {
            spectrum.indexed_iter().all(|((u, v), bin)| {
                let there = [(height - u) % height, if both { (width - v) % width } else { v }];
                (spectrum[there].conj() - bin).norm() < 1e-10
            })
        };
        let own = spectrum
            .indexed_iter()
            .filter(|((u, v), _)| (2 * u) % height == 0 && (2 * v) % width == 0)
            .count();
        println!(
            "{:<8}  {:<21}  {:<16}  {own}",
            format!("{height} × {width}"),
            if mirrored(true) { "conjugate" } else { "no" },
            if mirrored(false) { "conjugate" } else { "no" }
        );
    }
    println!();
    Ok(())
}

/// The scene, a blur and the blurred scene, with their spectra.
fn spectra(gallery: &mut Gallery) -> Outcome<()> {
    let x = scene::draw();
    let h = outer(&[1.0, 4.0, 6.0, 4.0, 1.0], &[1.0, 4.0, 6.0, 4.0, 1.0]) / 256.0;
    let y = fourier::conv2d::convolve_circular(&x, &h, x.dim())?;
    save(gallery, "torus-scene", 3, &x)?;
    save(gallery, "torus-kernel", 57, &(&h / h[[2, 2]]))?;
    save(gallery, "torus-blurred", 3, &y)?;

    // Five powers of ten from white to black in every picture, so that brightnesses add where magnitudes multiply.
    // The kernel's largest bin is 1; the scene's is the sum of its pixels, but that one bin would leave the rest dark.
    let spectrum = |x: &Array2<f64>| fourier::dft2(&x.mapv(|pixel| Complex::new(pixel, 0.0)));
    let (scene_bins, kernel_bins, blurred_bins) =
        (spectrum(&x)?, spectrum(&pad(&h, x.dim())?)?, spectrum(&y)?);
    const WHITE: f64 = 3.0;
    save(gallery, "spectrum-scene", 3, &centred(&scene_bins, WHITE))?;
    save(gallery, "spectrum-kernel", 3, &centred(&kernel_bins, 0.0))?;
    save(gallery, "spectrum-blurred", 3, &centred(&blurred_bins, WHITE))?;

    let product = &scene_bins * &kernel_bins;
    let largest = blurred_bins.iter().map(|bin| bin.norm()).fold(0.0, f64::max);
    let error = (&product - &blurred_bins).iter().map(|bin| bin.norm()).fold(0.0, f64::max);
    let (height, width) = x.dim();
    println!("== spectra ==");
    println!("bins: {}", grouped((height * width) as u64));
    println!("bin (0, 0) of the scene, the sum of its pixels: {:.1}", scene_bins[[0, 0]].re);
    println!("bin (0, 0) of the kernel, the sum of its taps: {:.1}", kernel_bins[[0, 0]].re);
    println!("bin (0, 0) of the blurred scene: {:.1}", blurred_bins[[0, 0]].re);
    let fence = [0, width / 6];
    println!(
        "bin (0, {}), the bars of the fence: {:.1} times {:.4} is {:.1}",
        fence[1],
        scene_bins[fence].norm(),
        kernel_bins[fence].norm(),
        blurred_bins[fence].norm()
    );
    println!("every bin is the product, up to 1e-12 of the largest: {}\n", yes(error < 1e-12 * largest));
    Ok(())
}

/// The logarithm of the magnitudes, frequency 0 in the middle; `white` is the power of ten that is white.
fn centred(spectrum: &Array2<Complex<f64>>, white: f64) -> Array2<f64> {
    const DECADES: f64 = 5.0;
    let (height, width) = spectrum.dim();
    Array2::from_shape_fn((height, width), |(i, j)| {
        // The middle pixel shows bin 0; what stands before it is negative.
        let bin = spectrum[[(i + height - height / 2) % height, (j + width - width / 2) % width]];
        let least = 10.0_f64.powi(-9);
        1.0 + (bin.norm().max(least).log10() - white) / DECADES
    })
}

/// Where the circular result is not the linear one.
fn padding(gallery: &mut Gallery) -> Outcome<()> {
    // All positive: what wraps around adds something, and nothing cancels.
    let x = Array2::from_shape_fn((4, 4), |(i, j)| (4 * i + j + 1) as i64);
    let h = Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as i64);
    let full = convolve(&x, &h, Mode::Full)?;
    let convolved = |shape: (usize, usize)| -> Outcome<Array2<bool>> {
        let y = convolve_circular(&x, &h, shape)?;
        Ok(Array2::from_shape_fn(shape, |at| full.get(at).copied().unwrap_or(0) != y[at]))
    };
    println!("== padding ==");
    println!("wrong outputs of all, transform of M_h × M_w");
    println!("           M_w = 4    M_w = 5    M_w = 6");
    for rows in 4..=6 {
        let mut line = format!("M_h = {rows}");
        for columns in 4..=6 {
            let wrong = convolved((rows, columns))?;
            let count = wrong.iter().filter(|&&wrong| wrong).count();
            line += &format!("{:>11}", format!("{count} of {}", wrong.len()));
        }
        println!("{line}");
    }
    println!();
    let circular = correlate_circular(&x, &h, (4, 4))?;
    let correlated = Array2::from_shape_fn((4, 4), |(i, j)| {
        let taps = h.indexed_iter().map(|((a, b), tap)| tap * x.get((i + a, j + b)).copied().unwrap_or(0));
        taps.sum::<i64>() != circular[[i, j]]
    });
    gallery.value("wrong", convolved((4, 4))?.iter().filter(|&&wrong| wrong).count())?;
    let panel = |title: &str, wrong: Array2<bool>| {
        Panel::cells(title, wrong.dim(), |i, j| match wrong[[i, j]] {
            true => Cell { value: 1.0, ink: Ink::Wrong, strength: 0.15, label: String::new(), hatched: true },
            false => {
                Cell { value: 0.0, ink: Ink::Output, strength: 0.7, label: String::new(), hatched: false }
            }
        })
    };
    let above = [
        panel("4 × 4", convolved((4, 4))?),
        panel("5 × 5", convolved((5, 5))?),
        panel("6 × 6", convolved((6, 6))?),
    ];
    let below = [
        panel("4 × 6", convolved((4, 6))?),
        panel("6 × 4", convolved((6, 4))?),
        panel("correlation, 4 × 4", correlated),
    ];
    gallery.figure(
        "fft2-alias",
        &rows(28, &[&above, &below], &[&["", ""], &["", ""]]),
        "A picture of $4\\times4$ and a kernel of $3\\times3$, multiplied as spectra of different sizes; wrong outputs are \
         hatched. Without padding 12 of 16 are wrong, and the four that are right are the valid ones. Padding one axis \
         repairs that axis alone. Correlation wraps at the other end.",
        "Six grids in which wrong outputs are hatched: 12 of 16 without padding, in the first two rows and columns; 9 of 25; \
         none of 36; the first two rows of a 4 by 6 grid; the first two columns of a 6 by 4 grid; and for correlation the last \
         two rows and columns of a 4 by 4 grid. The value 1 in the data means wrong.",
    )?;
    Ok(())
}

/// The article's example by loops and through the transform.
fn article() -> Outcome<()> {
    let x = array![[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 0.0], [0.0, 3.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0]];
    let h = array![[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]] / 16.0;
    let direct = convolve(&x, &h, Mode::Full)?;
    let through_fft = fourier::conv2d::convolve(&x, &h, Mode::Full)?;
    println!("== article ==");
    println!("16·y =");
    for line in through_fft.rows() {
        println!("{}", line.iter().map(|&y| format!("{:>4}", short(16.0 * y))).collect::<String>());
    }
    let error = (&direct - &through_fft).iter().fold(0.0_f64, |most, e| most.max(e.abs()));
    println!("largest difference from the four loops below 1e-14: {}\n", yes(error < 1e-14));
    Ok(())
}

/// The common mistake, beside two ways to do it right.
fn mismatch() -> Outcome<()> {
    let x = Array2::from_shape_fn((4, 4), |(i, j)| ((4 * i + j) * (4 * i + j)) as f64);
    let h = Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as f64);
    let spectrum = |x: &Array2<f64>| fourier::dft2(&x.mapv(|pixel| Complex::new(pixel, 0.0)));
    let (x_hat, h_hat) = (spectrum(&x)?, spectrum(&pad(&h, (4, 4))?)?);
    let back = |product: &Array2<Complex<f64>>| -> Outcome<Array2<f64>> {
        Ok(fourier::inverse_dft2(product)?.mapv(|pixel| pixel.re))
    };
    let plain = back(&(&x_hat * &h_hat))?;
    let conjugated = back(&(&x_hat * &h_hat.mapv(|bin| bin.conj())))?;
    let blocks = [
        ("correlation by loops", correlate(&x, &h, Mode::Valid)?),
        ("with conjugate, rows and columns 0 and 1", conjugated.slice(s![..2, ..2]).to_owned()),
        ("without it, rows and columns 0 and 1", plain.slice(s![..2, ..2]).to_owned()),
        ("convolution by loops", convolve(&x, &h, Mode::Valid)?),
        ("without it, rows and columns 2 and 3", plain.slice(s![2.., 2..]).to_owned()),
    ];
    println!("== mismatch ==");
    for (name, block) in blocks {
        // All of these are whole numbers, up to rounding.
        let numbers: String = block.iter().map(|y| format!("{:>6}", y.round() as i64)).collect();
        println!("{name:<41}{numbers}");
    }
    Ok(())
}

/// Writes a picture as a PNG, each pixel a square of `times` × `times`; what is out of range is clipped.
fn save(gallery: &Gallery, name: &str, times: usize, picture: &Array2<f64>) -> Outcome<()> {
    let (height, width) = picture.dim();
    let image = GrayImage::from_fn((width * times) as u32, (height * times) as u32, |x, y| {
        let pixel = picture[[y as usize / times, x as usize / times]];
        Luma([(255.0 * pixel.clamp(0.0, 1.0)).round() as u8])
    });
    image.save(gallery.file(&format!("images/{name}.png"))?)?;
    Ok(())
}
