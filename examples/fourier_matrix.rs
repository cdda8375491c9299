//! 2D Fourier Transform Convolution as Matrix Multiplies: the four steps with every matrix written out, and what
//! becomes of them with another matrix, another inverse, or no conjugate.
//!
//! `cargo run --example fourier_matrix` prints the chapter's matrices, for an image of 4 × 4 and a kernel of 3 × 3;
//! `cargo run --example fourier_matrix -- H W KH KW` prints those for an image of H × W and a kernel of KH × KW.

use std::error::Error;
use std::process::ExitCode;

use locality::conv2d::{Mode, convolve, correlate, correlate_circular, pad};
use locality::figure::grid::{Cell, Panel, row, rows};
use locality::figure::phasor::{self, Phasors};
use locality::figure::{Gallery, Ink, short};
use locality::matrix;
use locality::nalgebra::DMatrix;
use locality::ndarray::{Array2, ArrayRef2, array};
use locality::num_complex::Complex;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A number of a spectrum. Of 4 × 4 whole numbers nothing here is rounded.
type C = Complex<f64>;

const USAGE: &str = "usage: cargo run --example fourier_matrix [-- H W KH KW]

  H W    height and width of the image, at most 64 pixels in all
  KH KW  height and width of the kernel, at most those of the image

Without arguments: an image of 4 × 4 and a kernel of 3 × 3, and the chapter's figures.";

/// With more pixels than these, the matrix no longer fits on a screen.
const MOST_PIXELS: usize = 64;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => chapter(),
        ["-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        [h, w, kh, kw] => sizes([h, w, kh, kw]).and_then(|case| case.report()),
        _ => Err(format!("expected four sizes, or none, got {} arguments\n{USAGE}", arguments.len()).into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An image and a kernel.
struct Case {
    x: Array2<i64>,
    h: Array2<i64>,
}

/// The reader's sizes, with digits for pixels and small numbers for taps.
fn sizes(arguments: [&str; 4]) -> Outcome<Case> {
    let mut sizes = [0_usize; 4];
    for ((size, argument), name) in sizes.iter_mut().zip(arguments).zip(["H", "W", "KH", "KW"]) {
        *size = argument.parse().ok().filter(|size| (1..=MOST_PIXELS).contains(size)).ok_or_else(|| {
            format!("{name}: expected a whole number from 1 to {MOST_PIXELS}, got {argument}\n{USAGE}")
        })?;
    }
    let [height, width, kh, kw] = sizes;
    if height * width > MOST_PIXELS {
        let message = "the matrix has as many rows and columns as the image has pixels";
        return Err(format!(
            "H × W: expected at most {MOST_PIXELS} pixels, got {height} × {width}: {message}\n{USAGE}"
        )
        .into());
    }
    for (name, tap, side, of) in [("KH", kh, height, "H"), ("KW", kw, width, "W")] {
        if tap > side {
            return Err(format!("{name}: expected at most {side}, which is {of}, got {tap}\n{USAGE}").into());
        }
    }
    Ok(Case {
        x: Array2::from_shape_fn((height, width), |(i, j)| ((3 + 5 * i * i + 7 * j + 2 * i * j) % 10) as i64),
        h: Array2::from_shape_fn((kh, kw), |(a, b)| ((1 + 4 * a + 3 * b + a * b) % 7) as i64 - 2),
    })
}

impl Case {
    /// The digits of π for pixels, and a kernel without symmetry.
    fn chapter() -> Self {
        Self {
            x: array![[3, 1, 4, 1], [5, 9, 2, 6], [5, 3, 5, 8], [9, 7, 9, 3]],
            h: array![[1, -2, 0], [3, 5, -1], [0, 2, -4]],
        }
    }

    /// Everything that can be said about any size.
    fn report(&self) -> Outcome<()> {
        self.exponents();
        self.steps()?;
        self.conjugate()?;
        self.inverse()?;
        self.aliasing()?;
        self.flat()
    }

    /// The matrix F_H ⊗ F_W.
    fn matrix(&self) -> Outcome<DMatrix<C>> {
        let (height, width) = self.x.dim();
        Ok(matrix::dft2(height, width)?)
    }

    /// The spectrum of an image, by the explicit matrix `f`.
    fn spectrum(&self, f: &DMatrix<C>, x: &ArrayRef2<i64>) -> Outcome<Array2<C>> {
        let padded = pad(&x.mapv(|pixel| C::from(pixel as f64)), self.x.dim())?;
        Ok(matrix::unvec(&(f * matrix::vec(&padded)), self.x.dim())?)
    }

    /// The product ĥ ⊙ x̂ by the matrix `f`, with ĥ conjugated or not.
    fn product(&self, f: &DMatrix<C>, conjugate: bool) -> Outcome<Array2<C>> {
        let kernel = self.spectrum(f, &self.h)?;
        let kernel = kernel.mapv(|bin| if conjugate { bin.conj() } else { bin });
        Ok(kernel * self.spectrum(f, &self.x)?)
    }

    /// conj(F) ŷ over the number of pixels.
    fn back(&self, f: &DMatrix<C>, product: &ArrayRef2<C>) -> Outcome<Array2<C>> {
        let y = f.map(|entry| entry.conj()) * matrix::vec(product);
        Ok(matrix::unvec(&y.unscale(self.x.len() as f64), self.x.dim())?)
    }

    /// F ŷ over the number of pixels: what the article writes for the inverse.
    fn again(&self, f: &DMatrix<C>, product: &ArrayRef2<C>) -> Outcome<Array2<C>> {
        Ok(matrix::unvec(&(f * matrix::vec(product)).unscale(self.x.len() as f64), self.x.dim())?)
    }

    /// The layer's outputs, by loops.
    fn layer(&self) -> Outcome<Array2<i64>> {
        Ok(correlate(&self.x, &self.h, Mode::Valid)?)
    }

    /// The exponents of the matrix: how often each entry takes the smallest turn.
    fn exponents(&self) {
        let (height, width) = self.x.dim();
        let turns = least_common_multiple(height, width);
        println!("== exponents ==");
        println!("F[p, q] = ω^E[p, q], ω = exp(−2πi/{turns})");
        let digits = (turns - 1).to_string().len();
        for p in 0..height * width {
            if p > 0 && p % width == 0 {
                println!();
            }
            let mut line = String::new();
            for q in 0..height * width {
                let (u, v, m, n) = (p / width, p % width, q / width, q % width);
                let exponent = (u * m * (turns / height) + v * n * (turns / width)) % turns;
                let space = if q > 0 && q % width == 0 { 2 } else { 1 };
                line += &format!("{exponent:>w$}", w = digits + space);
            }
            println!("{line}");
        }
        println!();
    }

    /// The four steps.
    fn steps(&self) -> Outcome<()> {
        let f = self.matrix()?;
        let product = self.product(&f, true)?;
        println!("== step-1 ==");
        println!("the kernel, padded:\n{}", table(&pad(&self.h, self.x.dim())?));
        println!("its spectrum ĥ:\n{}", table(&self.spectrum(&f, &self.h)?));
        println!("== step-2 ==");
        println!("the image:\n{}", table(&self.x));
        println!("its spectrum x̂:\n{}", table(&self.spectrum(&f, &self.x)?));
        println!("== step-3 ==");
        println!("conj(ĥ) ⊙ x̂:\n{}", table(&product));
        println!("== step-4 ==");
        println!("conj(F) ŷ / {}:\n{}", self.x.len(), table(&self.back(&f, &product)?));
        println!("the valid correlation, by loops:\n{}", table(&self.layer()?));
        Ok(())
    }

    /// What the article's product without a conjugate gives.
    fn conjugate(&self) -> Outcome<()> {
        let f = self.matrix()?;
        println!("== no-conjugate ==");
        println!(
            "conj(F) (ĥ ⊙ x̂) / {}:\n{}",
            self.x.len(),
            table(&self.back(&f, &self.product(&f, false)?)?)
        );
        println!("the valid convolution, by loops:\n{}", table(&convolve(&self.x, &self.h, Mode::Valid)?));
        Ok(())
    }

    /// What F/16 does in the place of the inverse.
    fn inverse(&self) -> Outcome<()> {
        let f = self.matrix()?;
        println!("== inverse ==");
        println!("F ŷ / {}:\n{}", self.x.len(), table(&self.again(&f, &self.product(&f, true)?)?));
        Ok(())
    }

    /// How many of the products of an output come from beyond an edge, for correlation.
    fn wrapped(&self) -> Array2<usize> {
        let (height, width) = self.x.dim();
        Array2::from_shape_fn((height, width), |(i, j)| {
            self.h.indexed_iter().filter(|((a, b), _)| i + a >= height || j + b >= width).count()
        })
    }

    fn aliasing(&self) -> Outcome<()> {
        let wrapped = self.wrapped();
        let wrong = wrapped.iter().filter(|&&count| count > 0).count();
        println!("== aliasing ==");
        println!("products that wrap, of {} for each output:\n{}", self.h.len(), table(&wrapped));
        println!("outputs with such products: {wrong} of {}\n", wrapped.len());
        Ok(())
    }

    /// The 1-D matrix of the same size in the place of the 2-D one.
    fn flat(&self) -> Outcome<()> {
        let n = self.x.len();
        let f = matrix::dft::<C>(n)?;
        let y = self.back(&f, &self.product(&f, true)?)?;
        let torus = correlate_circular(&self.x, &self.h, self.x.dim())?;
        println!("== one-row ==");
        println!("entries in which F_{n} differs: {} of {}", self.differing(), n * n);
        println!("outputs through F_{n}:\n{}", table(&y));
        let differing = torus.indexed_iter().filter(|(place, pixel)| differs(y[*place], **pixel)).count();
        let layer = self.layer()?;
        let wrong = layer.indexed_iter().filter(|(place, pixel)| differs(y[*place], **pixel)).count();
        println!("outputs that differ from those through F: {differing} of {n}");
        println!("valid outputs that differ from the loops: {wrong} of {}\n", layer.len());
        Ok(())
    }

    /// Whether an entry of the 2-D matrix is another one in the 1-D matrix of the same size.
    fn differs_at(&self, p: usize, q: usize) -> bool {
        let (height, width) = self.x.dim();
        // Both in turns of 1/HW of a circle.
        let two = (p / width) * (q / width) * width + (p % width) * (q % width) * height;
        two % (height * width) != p * q % (height * width)
    }

    fn differing(&self) -> usize {
        let n = self.x.len();
        (0..n * n).filter(|entry| self.differs_at(entry / n, entry % n)).count()
    }
}

/// Whether an output is not this whole number, up to rounding.
fn differs(y: C, pixel: i64) -> bool {
    (y - C::from(pixel as f64)).norm() > 1e-9 * (1.0 + pixel.abs() as f64)
}

fn least_common_multiple(a: usize, b: usize) -> usize {
    (1..=b).map(|times| a * times).find(|multiple| multiple.is_multiple_of(b)).expect("b times a is one")
}

/// What can stand in a table.
trait Entry {
    fn entry(&self) -> String;
}

impl Entry for i64 {
    fn entry(&self) -> String {
        self.to_string().replace('-', "−")
    }
}

impl Entry for usize {
    fn entry(&self) -> String {
        self.to_string()
    }
}

impl Entry for C {
    fn entry(&self) -> String {
        let part = |part: f64| (100.0 * part).round() / 100.0 + 0.0;
        let (re, im) = (part(self.re), part(self.im));
        let imaginary = match im {
            1.0 => "i".into(),
            -1.0 => "-i".into(),
            im => format!("{im}i"),
        };
        let text = match (re, im) {
            (re, 0.0) => re.to_string(),
            (0.0, _) => imaginary,
            (re, im) => format!("{re}{}{imaginary}", if im > 0.0 { "+" } else { "" }),
        };
        text.replace('-', "−")
    }
}

/// An image with its entries in columns, each line ended.
fn table<T: Entry>(x: &ArrayRef2<T>) -> String {
    let width = x.iter().map(|entry| entry.entry().chars().count()).max().unwrap_or(0) + 3;
    let line = |row: locality::ndarray::ArrayView1<T>| {
        row.iter().map(|entry| format!("{:>width$}", entry.entry())).collect::<String>() + "\n"
    };
    x.rows().into_iter().map(line).collect()
}

/// Everything the chapter shows.
fn chapter() -> Outcome<()> {
    let case = Case::chapter();
    let mut gallery = Gallery::open("fourier_matrix")?;
    case.report()?;
    first_output(&mut gallery, &case)?;
    size()?;
    arrows(&mut gallery, &case)?;
    step_by_step(&mut gallery, &case)?;
    which_are_right(&mut gallery, &case)?;
    window(&mut gallery)?;
    values(&mut gallery, &case)?;
    gallery.close();
    Ok(())
}

/// y₁₁ as a sum of sixteen terms.
fn first_output(gallery: &mut Gallery, case: &Case) -> Outcome<()> {
    let f = case.matrix()?;
    let (kernel, image) = (case.spectrum(&f, &case.h)?, case.spectrum(&f, &case.x)?);
    let terms = case.product(&f, true)?;
    println!("== first-output ==");
    println!(" (u, v)   conj ĥ[u, v]    x̂[u, v]    product   sum so far");
    let mut sum = C::new(0.0, 0.0);
    for ((bin, term), (conj, factor)) in terms.indexed_iter().zip(kernel.iter().zip(&image)) {
        sum += term;
        let (u, v) = bin;
        println!(
            " ({u}, {v})   {:>12}  {:>9}  {:>9}   {:>10}",
            conj.conj().entry(),
            factor.entry(),
            term.entry(),
            sum.entry()
        );
    }
    let pairs = case.h.indexed_iter().filter(|(_, tap)| **tap != 0);
    let products = pairs.map(|(place, tap)| {
        let tap = if *tap < 0 { format!("({})", tap.entry()) } else { tap.entry() };
        format!("{tap}·{}", case.x[place])
    });
    println!("a sixteenth of the sum: {}", (sum / 16.0).entry());
    println!("in space: {} = {}\n", products.collect::<Vec<_>>().join(" + "), case.layer()?[[0, 0]]);
    let steps: Vec<C> = terms.iter().map(|term| term / 16.0).collect();
    gallery.figure(
        "first-output-walk",
        &phasor::walk(&steps, "bin (0, 0)", "y₁₁"),
        "The sixteen terms of $y_{11}$, each an arrow that starts where the one before it ends. The first, the mean of \
         the image times the sum of the kernel, is all that the article expands. The other fifteen correct it, and \
         their imaginary parts cancel.",
        "A walk of sixteen arrows in the complex plane. The first is long and goes along the real axis; the others \
         leave the axis on both sides and return to it further to the right.",
    )?;
    Ok(())
}

/// The bytes of the matrix.
fn size() -> Outcome<()> {
    println!("== size ==");
    println!("   N   entries of F, N⁴            bytes   pixels, N²");
    for n in [4_u64, 32, 224] {
        println!(
            "{n:>4}   {:>16}   {:>14}   {:>10}",
            grouped(n.pow(4)),
            grouped(16 * n.pow(4)),
            grouped(n.pow(2))
        );
    }
    println!();
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

/// The matrix as arrows, alone and beside the 16-point matrix.
fn arrows(gallery: &mut Gallery, case: &Case) -> Outcome<()> {
    let (two, one) = (matrix::to_array(&case.matrix()?), matrix::to_array(&matrix::dft::<C>(16)?));
    gallery.figure(
        "dft16-phasors",
        &phasor::row(27, &[Phasors::new("F4 ⊗ F4", &two, (4, 4))]),
        "The 2-D Fourier matrix of a $4\\times4$ picture. An entry is an arrow of length 1: to the right it is $1$, \
         down $-i$, to the left $-1$, up $i$; the further from $1$, the darker the cell. Every block is $F_4$, turned \
         by one entry of $F_4$.",
        "A grid of 16 by 16 arrows in blocks of 4 by 4. In the first row and column all arrows point to the right; along \
         other rows they turn clockwise by no, one, two or three quarters from column to column.",
    )?;
    let panels = [
        Phasors::new("F4 ⊗ F4, a picture", &two, (4, 4)),
        Phasors::new("16 points in one row", &one, (16, 16)).wrong(|p, q| case.differs_at(p, q)),
    ];
    gallery.figure(
        "dft16-beside-1d",
        &phasor::row(19, &panels),
        "Left, the matrix that transforms a $4\\times4$ picture; right, the one that the article prints for it, \
         $e^{-2\\pi i kn/16}$, with the entries hatched that differ. The left one has four angles, the right one \
         sixteen.",
        "Two grids of 16 by 16 arrows. The left one consists of 16 blocks with quarter turns alone. In the right one the \
         arrows turn evenly along each row, by one sixteenth more from row to row; most of its cells are hatched.",
    )?;
    Ok(())
}

/// The pictures between the steps.
fn step_by_step(gallery: &mut Gallery, case: &Case) -> Outcome<()> {
    let f = case.matrix()?;
    let numbers = |title: &str, x: &Array2<C>, ink: Ink, wrong: &dyn Fn(usize, usize) -> bool| {
        let most = x.iter().map(|entry| entry.norm()).fold(0.0, f64::max);
        let cell = |i, j| {
            let entry: C = x[[i, j]];
            let (hatched, strength) = (wrong(i, j), 0.5 * entry.norm() / most);
            let ink = if hatched { Ink::Wrong } else { ink };
            Cell { value: entry.norm(), ink, strength, label: entry.entry(), hatched }
        };
        Panel::cells(title, x.dim(), cell)
    };
    let complex = |x: &Array2<i64>| x.mapv(|pixel| C::from(pixel as f64));
    let wrapped = case.wrapped();
    let product = case.product(&f, true)?;
    let right = |_, _| false;
    let kernel = [
        numbers("h, padded", &complex(&pad(&case.h, (4, 4))?), Ink::Kernel, &right),
        numbers("ĥ", &case.spectrum(&f, &case.h)?, Ink::Kernel, &right),
    ];
    let image = [
        numbers("x", &complex(&case.x), Ink::Signal, &right),
        numbers("x̂", &case.spectrum(&f, &case.x)?, Ink::Signal, &right),
    ];
    let output = [
        numbers("y", &case.back(&f, &product)?, Ink::Output, &|i, j| wrapped[[i, j]] > 0),
        numbers("conj(ĥ) ⊙ x̂", &product, Ink::Output, &right),
    ];
    gallery.figure(
        "four-steps",
        &rows(62, &[&kernel, &image, &output], &[&["→"], &["→"], &["←"]]),
        "The four steps. Pad the kernel and transform it; transform the image; multiply the two spectra entry by entry, \
         the kernel's conjugated; transform back. Cells are as full as their numbers are large. The four outputs in \
         the corner are the layer's; the hatched ones took pixels from the opposite edge.",
        "Six grids of 4 by 4 numbers in three rows: the padded kernel and its spectrum, the image and its spectrum, and, \
         from right to left, the product of the spectra and the output, 12 of whose 16 numbers are hatched. The data \
         are magnitudes.",
    )?;
    Ok(())
}

/// Which of the sixteen outputs are right.
fn which_are_right(gallery: &mut Gallery, case: &Case) -> Outcome<()> {
    let counted = |title: &str, count: &dyn Fn(usize, usize) -> usize| {
        Panel::cells(title, (4, 4), |i, j| {
            let count = count(i, j);
            let (ink, strength) = if count > 0 { (Ink::Wrong, 0.12) } else { (Ink::Output, 0.35) };
            Cell { value: count as f64, ink, strength, label: count.to_string(), hatched: count > 0 }
        })
    };
    let wrapped = case.wrapped();
    let panels = [
        counted("with conjugate", &|i, j| wrapped[[i, j]]),
        // Convolution wraps at the other end: the same counts, half a turn on.
        counted("without", &|i, j| wrapped[[3 - i, 3 - j]]),
    ];
    gallery.figure(
        "alias-4x4",
        &row(40, &panels, &[""]),
        "Of the nine products in each output, so many come from beyond an edge. With the conjugate (correlation) the \
         outputs in the upper left corner are free of them, without it (convolution) those in the lower right. The \
         other 12 of 16 are no outputs of a layer.",
        "Two grids of 4 by 4 counts from 0 to 8. The zeros fill a 2 by 2 corner, upper left in the first grid and lower \
         right in the second; all other cells are hatched.",
    )?;
    Ok(())
}

/// The pixels that the output y₁₄ reads, on the torus and along one row.
fn window(gallery: &mut Gallery) -> Outcome<()> {
    let (i, j) = (0, 3);
    let read = |title: &str, wraps: bool, place: &dyn Fn(usize, usize) -> (usize, usize)| {
        let mut pixels = Array2::from_elem((4, 4), None);
        for (a, b) in (0..9).map(|tap| (tap / 3, tap % 3)) {
            pixels[place(a, b)] = Some((a, b));
        }
        Panel::cells(title, (4, 4), |m, n| {
            let crossed = pixels[[m, n]].is_some_and(|(_, b)| j + b > 3);
            let strength = if pixels[[m, n]].is_some() { 0.35 } else { 0.0 };
            let ink = if crossed { Ink::Wrong } else { Ink::Signal };
            let label = format!("x{}{}", subscript(m + 1), subscript(n + 1));
            let value = f64::from(u8::from(strength > 0.0) + u8::from(crossed));
            Cell { value, ink, strength, label, hatched: crossed && wraps }
        })
    };
    let panels = [
        read("through F4 ⊗ F4", true, &|a, b| ((i + a) % 4, (j + b) % 4)),
        read("through F16", true, &|a, b| {
            let place = (4 * (i + a) + j + b) % 16;
            (place / 4, place % 4)
        }),
    ];
    gallery.figure(
        "torus-and-row",
        &row(48, &panels, &[""]),
        "The nine pixels that $y_{14}$ reads, hatched where the window has left the picture at the right. On the torus of \
         $F_4\\otimes F_4$ it comes in at the left of the same row; through the 16-point matrix the picture is one \
         long row, and the window goes on in the next line. An output whose window stays inside notices no difference.",
        "Two pictures of 4 by 4 pixels. In both, three pixels of the last column are read, in rows 1 to 3. In the left \
         picture the other six are the first two columns of rows 1 to 3, in the right one those of rows 2 to 4. In the \
         data, 1 is a pixel that is read, 2 one that is read after the window left the picture.",
    )?;
    Ok(())
}

/// A digit, written low.
fn subscript(digit: usize) -> char {
    ['₀', '₁', '₂', '₃', '₄'][digit]
}

/// The numbers that the prose quotes.
fn values(gallery: &mut Gallery, case: &Case) -> Outcome<()> {
    let (two, one) = (case.matrix()?, matrix::dft::<C>(16)?);
    let (with, without) = (case.product(&two, true)?, case.product(&two, false)?);
    gallery.value("differing", case.differing())?;
    gallery.value("entries", 256)?;
    gallery.value("aliased", case.wrapped().iter().filter(|&&count| count > 0).count())?;
    gallery.value("first", case.layer()?[[0, 0]])?;
    gallery.value("first_term", short(with[[0, 0]].re / 16.0))?;
    gallery.value("first_plain", case.back(&two, &without)?[[0, 0]].entry())?;
    // The article to the letter: the 16-point matrix, no conjugate, F/16.
    let literal = case.again(&one, &case.product(&one, false)?)?;
    gallery.value("first_literal", literal[[0, 0]].entry())?;
    let flat = case.back(&one, &case.product(&one, true)?)?;
    let torus = correlate_circular(&case.x, &case.h, (4, 4))?;
    let differing = torus.indexed_iter().filter(|(place, pixel)| differs(flat[*place], **pixel)).count();
    gallery.value("flat_differing", differing)?;
    Ok(())
}
