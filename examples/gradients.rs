//! Gradient Comparison: what is local in a gradient and what is not, counted by numbers that watch.
//!
//! `cargo run --example gradients` prints and draws what the chapter shows;
//! `cargo run --example gradients -- N K` counts the derivatives for an image of N × N and a kernel of K × K.

use std::collections::BTreeSet;
use std::error::Error;
use std::process::ExitCode;

use locality::conv2d::{self, Mode, pad};
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Cell, Panel, row, rows};
use locality::figure::{Gallery, Ink, short};
use locality::fourier::{self, Real};
use locality::gradient::{fourier as through_fft, spatial, spectral};
use locality::layer::Geometry;
use locality::ndarray::{Array2, Array4, ArrayRef2, s};
use locality::num_complex::Complex;
use locality::probe::{Counted, Traced, count};
use locality::{Result, Scalar, matrix};

type C = Complex<f64>;

/// A number that knows what it depends on, among up to 128 inputs.
type T = Traced<128>;

type Outcome<R> = std::result::Result<R, Box<dyn Error>>;

const USAGE: &str = "usage: cargo run --example gradients [-- N K], with 1 ≤ K ≤ N ≤ 8";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [] => chapter(),
        [n, k] => own_size(n, k),
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
    let mut gallery = Gallery::open("gradients")?;
    one_frequency(&mut gallery)?;
    partial_sums(&mut gallery)?;
    terms(&mut gallery)?;
    two_answers(&mut gallery)?;
    same_gradient(&mut gallery)?;
    thousand_layers(&mut gallery)?;
    descent(&mut gallery)?;
    sensitivities(&mut gallery)?;
    what_is_local(&mut gallery)?;
    leak(&mut gallery)?;
    half(&mut gallery)?;
    projected(&mut gallery)?;
    freedom()?;
    gallery.close();
    Ok(())
}

/// The counts alone, for the reader's sizes.
fn own_size(n: &str, k: &str) -> Outcome<()> {
    let size = |text: &str| text.parse::<usize>().map_err(|_| USAGE);
    let (n, k) = (size(n)?, size(k)?);
    if k == 0 || k > n || n > 8 {
        return Err(USAGE.into());
    }
    println!("N = {n}, K = {k}");
    for ((name, _), count) in DERIVATIVES.iter().zip(counts(n, k)?) {
        println!("{name:<46} {:>9}", format!("{} of {}", count.0, count.1));
    }
    Ok(())
}

/// The numbers of a small generator: the same on every machine.
struct Random(u64);

impl Random {
    /// The next number, from −1 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / f64::from(1 << 23) - 1.0
    }

    /// The next whole number below `n`.
    fn below(&mut self, n: usize) -> usize {
        ((self.next() + 1.0) / 2.0 * n as f64) as usize % n
    }

    fn image(&mut self, shape: (usize, usize)) -> Array2<f64> {
        Array2::from_shape_simple_fn(shape, || self.next())
    }

    fn tensor(&mut self, shape: [usize; 4]) -> Array4<f64> {
        Array4::from_shape_simple_fn(shape, || self.next())
    }
}

/// The image with pixels 1, …, 16, so that the article's x₁₁ is 1 and its x₄₄ is 16.
fn sixteen() -> Array2<f64> {
    Array2::from_shape_fn((4, 4), |(i, j)| (4 * i + j + 1) as f64)
}

/// Nine taps with no symmetry.
fn nine() -> Array2<f64> {
    Array2::from_shape_fn((3, 3), |(a, b)| [2.0, -1.0, 3.0, 1.0, 4.0, -2.0, -3.0, 1.0, 2.0][3 * a + b])
}

/// The image as numbers that nobody watches.
fn known(x: &ArrayRef2<f64>) -> Array2<T> {
    x.mapv(T::constant)
}

/// The image with its pixels as inputs `first`, `first` + 1, …
fn watched(x: &ArrayRef2<f64>, first: usize) -> Result<Array2<T>> {
    let inputs = T::inputs(&x.iter().copied().collect::<Vec<_>>(), first)?;
    Ok(Array2::from_shape_vec(x.dim(), inputs).expect("as many as there are pixels"))
}

/// The whole spectrum of an image on a torus of `shape`.
fn hat<S: Real + Scalar>(x: &ArrayRef2<S>, shape: (usize, usize)) -> Result<Array2<Complex<S>>> {
    fourier::dft2(&pad(x, shape)?.mapv(|pixel| Complex::new(pixel, S::zero())))
}

fn conj<S: Real>(x: &ArrayRef2<Complex<S>>) -> Array2<Complex<S>> {
    x.mapv(|bin| bin.conj())
}

/// The first rows and columns.
fn crop<S: Clone>(x: &ArrayRef2<S>, shape: (usize, usize)) -> Array2<S> {
    x.slice(s![..shape.0, ..shape.1]).to_owned()
}

/// What was read and what moves, for a complex number: its two parts together.
fn union(of: impl Fn(&T) -> Vec<usize>, z: &Complex<T>) -> Vec<usize> {
    [of(&z.re), of(&z.im)].concat().into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The power of ten below which an error stays. Its digits are rounding noise, which no two processors share.
fn decade(error: f64) -> &'static str {
    match error {
        e if e < 1e-13 => "below 1e-13",
        e if e < 1e-12 => "below 1e-12",
        e if e < 1e-9 => "below 1e-9",
        _ => "above 1e-9",
    }
}

fn largest<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> f64 {
    numbers.into_iter().fold(0.0, |most, number| most.max(number.abs()))
}

/// A grid whose cells are filled where something holds.
fn marked(title: &str, shape: (usize, usize), ink: Ink, is: impl Fn(usize, usize) -> bool) -> Panel {
    Panel::cells(title, shape, |i, j| {
        let value = if is(i, j) { 1.0 } else { 0.0 };
        Cell { value, ink, strength: 0.75 * value, label: String::new(), hatched: false }
    })
}

/// The derivative of y₁₁ by h₁₁, from frequency (0, 0) alone and from all sixteen.
fn one_frequency(gallery: &mut Gallery) -> Outcome<()> {
    let (x, h) = (sixteen(), nine());
    let (x_hat, h_hat) = (hat(&known(&x), (4, 4))?, hat(&watched(&h, 0)?, (4, 4))?);
    let products = conj(&h_hat) * &x_hat;
    println!("== one-frequency ==");
    println!("∂/∂h11 of            value");
    println!("frequency (0,0)      {:>5}   the sum of the pixels is {}", by_first_tap(&products, 1), x.sum());
    for q in [2, 4, 8, 12] {
        println!("the first {q:<2}         {:>5}", by_first_tap(&products, q));
    }
    println!("all 16               {:>5}   x11 = {}\n", by_first_tap(&products, 16), x[[0, 0]]);
    gallery.value("first", by_first_tap(&products, 1))?;
    gallery.value("all", by_first_tap(&products, 16))?;
    Ok(())
}

/// The derivative by h₁₁ of the first `q` of the sixteen terms of y₁₁.
fn by_first_tap(products: &Array2<Complex<T>>, q: usize) -> String {
    let sum = products.iter().take(q).fold(T::constant(0.0), |sum, term| sum + term.re);
    short(sum.slopes()[0] / 16.0)
}

/// The coefficient of every pixel in ∂y₁₁/∂h₁₁ = Σ x̂/16, frequency by frequency.
fn partial_sums(gallery: &mut Gallery) -> Outcome<()> {
    let bins = hat(&watched(&sixteen(), 0)?, (4, 4))?;
    println!("== partial-sums ==");
    println!("frequencies   pixels   largest coefficient");
    let mut sum = Complex::new(T::constant(0.0), T::constant(0.0));
    let (mut panels, mut opening) = (Vec::new(), Vec::new());
    for (q, &bin) in (1..).zip(&bins) {
        sum += bin;
        let coefficients = Array2::from_shape_fn((4, 4), |(m, n)| {
            sum.re.slopes()[4 * m + n].hypot(sum.im.slopes()[4 * m + n]) / 16.0
        });
        let pixels = coefficients.iter().filter(|&&c| c != 0.0).count();
        println!("{q:>11}   {pixels:>6}   {:>19}", short(largest(&coefficients)));
        let panel = |title: String| Panel::matrix(&title, &coefficients, Ink::Gradient);
        panels.push(panel(format!("{q}: {pixels}")));
        if [1, 6, 11, 15, 16].contains(&q) {
            opening.push(panel(format!("{q} of 16")));
        }
    }
    println!();
    gallery.figure(
        "opening",
        &row(26, &opening, &[]),
        "The pixels that one weight of a layer learns from at one output, when the layer is computed in the Fourier \
         domain: after 1, 6, 11, 15 and all 16 frequencies of a $4 \\times 4$ picture, beside the strongest. Fifteen of \
         sixteen still read every pixel. The last one leaves a single pixel: the very one that the sliding kernel reads.",
        "Five small grids of 4 by 4. The first is full. In the next three nearly all cells are filled, ever more faintly \
         beside their first one. The last grid has one cell that is filled, in the corner.",
    )?;
    let lines = panels.chunks(4).collect::<Vec<_>>();
    gallery.figure(
        "gradients-partial-sums",
        &rows(20, &lines, &[]),
        "The pixels in $\\partial y_{11}/\\partial h_{11}$ after 1, 2, …, 16 frequencies, and how many there are. Each \
         frequency brings all sixteen pixels. Together they leave one, $x_{11}$, with coefficient 1.",
        "Sixteen small grids of 4 by 4. The first is full, and so is every second one. Others have twelve, four or three \
         cells filled; the last has one, in the corner.",
    )?;
    Ok(())
}

/// How many terms there are, counted by adding them up, and how many pairs survive.
fn terms(gallery: &mut Gallery) -> Outcome<()> {
    println!("== terms ==");
    println!(" N  K   terms of y11   pairs of tap and pixel   pairs that survive   is the sum y11?");
    let mut random = Random(13);
    for (n, k) in [(4, 3), (3, 2), (5, 3), (6, 1), (8, 3)] {
        let (x, h, bins, taps) = (random.image((n, n)), random.image((k, k)), n * n, k * k);
        let cis = |turns: usize| C::cis(-std::f64::consts::TAU * (turns % n) as f64 / n as f64);
        let root = |pair: usize, bin: usize| {
            let (pixel, tap) = (pair / taps, pair % taps);
            // Pixel minus tap, along each axis.
            let (s, t) = (pixel / n + n - tap / k, pixel % n + n - tap % k);
            cis(bin / n * s + bin % n * t) / bins as f64
        };
        let coefficient = |pair: usize| (0..bins).map(|bin| root(pair, bin)).sum::<C>();
        let survivors = (0..bins * taps).filter(|&pair| coefficient(pair).norm() > 1e-9).count();
        let (sum, done) = count(|| {
            let mut sum = Counted::constant(C::new(0.0, 0.0));
            for (pair, bin) in (0..bins * taps).flat_map(|pair| (0..bins).map(move |bin| (pair, bin))) {
                let (pixel, tap) = (pair / taps, pair % taps);
                sum += Counted::constant(root(pair, bin) * x[[pixel / n, pixel % n]] * h[[tap / k, tap % k]]);
            }
            sum.value()
        });
        let same = (sum - conv2d::correlate(&x, &h, Mode::Valid)?[[0, 0]]).norm() < 1e-9;
        let (terms, pairs) = (done.additions, bins * taps);
        let same = if same { "yes" } else { "no" };
        println!("{n:>2} {k:>2} {terms:>14} {pairs:>24} {survivors:>20}   {same}");
        if (n, k) == (4, 3) {
            gallery.value("terms", terms)?;
            gallery.value("pairs", pairs)?;
            gallery.value("cancel", pairs - survivors)?;
        }
    }
    println!();
    Ok(())
}

/// The layer through explicit matrices: F⁻¹ diag(conj ĥ) F, and the rows of the valid outputs.
fn through_matrices(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Result<Array2<T>> {
    let (height, width) = x.dim();
    let f = matrix::dft2::<Complex<T>>(height, width)?;
    let h_hat = &f * matrix::vec(&pad(h, x.dim())?.mapv(Complex::from));
    let product = h_hat.map(|bin| bin.conj()).component_mul(&(&f * matrix::vec(&x.mapv(Complex::from))));
    let y = matrix::unvec(&(matrix::inverse_dft2::<T>(height, width)? * product), x.dim())?;
    Ok(crop(&y.mapv(|pixel| pixel.re), (height - h.nrows() + 1, width - h.ncols() + 1)))
}

/// Three routes to y₁₁, its derivative by h₁₁, and the gradient of h₁₁: from what they were computed, and what moves them.
fn two_answers(gallery: &mut Gallery) -> Outcome<()> {
    let (x, h) = (watched(&sixteen(), 0)?, known(&nine()));
    let g = known(&Array2::from_shape_fn((2, 2), |(i, j)| (2 * i + j + 1) as f64));
    let x_hat = hat(&x, (4, 4))?;
    let all = x_hat.iter().fold(T::constant(0.0), |sum, bin| sum + bin.re) / T::constant(16.0);
    let quantities = [
        ("y11", "definition", conv2d::correlate(&x, &h, Mode::Valid)?[[0, 0]]),
        ("y11", "explicit matrices", through_matrices(&x, &h)?[[0, 0]]),
        ("y11", "rustfft", through_fft::forward_2d(&x, &h, (4, 4))?[[0, 0]]),
        ("∂y11/∂h11", "definition", x[[0, 0]]),
        ("∂y11/∂h11", "rustfft", all),
        ("∂L/∂h11, g fixed", "definition", spatial::kernel_2d(&x, &g)?[[0, 0]]),
        ("∂L/∂h11, g fixed", "rustfft", through_fft::kernel_2d(&x, &g, (4, 4))?[[0, 0]]),
    ];
    println!("== two-answers ==");
    println!("what                route               value   computed from   moves with");
    for (name, route, y) in &quantities {
        let (read, moves) = (y.structure().len(), y.influence(0.0).len());
        println!("{name:<17}   {route:<17}   {:>5}   {read:>13}   {moves:>10}", short(y.value()));
    }
    println!();

    let panel =
        |title: &str, ink, set: Vec<usize>| marked(title, (4, 4), ink, |i, j| set.contains(&(4 * i + j)));
    let four = |name: &str, space: &T, fft: &T| {
        [
            panel(name, Ink::Muted, space.structure()),
            panel("moves it", Ink::Gradient, space.influence(0.0)),
            panel("FFT: read", Ink::Muted, fft.structure()),
            panel("moves it", Ink::Gradient, fft.influence(0.0)),
        ]
    };
    let lines = [
        four("y₁₁", &quantities[0].2, &quantities[2].2),
        four("∂y₁₁/∂h₁₁", &quantities[3].2, &quantities[4].2),
        four("∂L/∂h₁₁", &quantities[5].2, &quantities[6].2),
    ];
    gallery.figure(
        "gradients-structure",
        &rows(20, &lines.each_ref().map(|line| line.as_slice()), &[]),
        "Which of the $4\\times4$ pixels a number was computed from (grey), and which of them move it (purple), in space \
         on the left and through `rustfft` on the right. What is read differs. What moves does not.",
        "Three rows of four grids. On the left the cells that were read and those that move the number are the same: nine, \
         one, and four. On the right all sixteen were read, and nine, one, and four move the number.",
    )?;
    Ok(())
}

/// One gradient in numbers, along both routes.
fn same_gradient(gallery: &mut Gallery) -> Outcome<()> {
    let (x, h) = (sixteen(), nine());
    let g = Array2::from_shape_fn((2, 2), |(i, j)| [1.0, -2.0, 0.5, 3.0][2 * i + j]);
    let (by_taps, through) = (spatial::kernel_2d(&x, &g)?, through_fft::kernel_2d(&x, &g, (4, 4))?);
    println!("== same-gradient ==");
    println!("∂L/∂h in space               through the FFT, 4 × 4       through the FFT, 7 × 9");
    let longer = through_fft::kernel_2d(&x, &g, (7, 9))?;
    for a in 0..3 {
        let line =
            |image: &Array2<f64>| image.row(a).iter().map(|by| format!("{by:>8.3}")).collect::<String>();
        println!("{}     {}     {}", line(&by_taps), line(&through), line(&longer));
    }
    let difference = largest(&(&by_taps - &longer))
        .max(largest(&(spatial::input_2d(&h, &g)? - through_fft::input_2d(&h, &g, (7, 9))?)));
    println!("largest difference, taps and pixels: {}\n", decade(difference));
    gallery.value("same_gradient", decade(difference))?;
    Ok(())
}

/// The sizes of a random layer, and of a transform that holds its images.
struct Case {
    /// Images, channels, filters.
    layer: [usize; 3],
    image: (usize, usize),
    kernel: (usize, usize),
    transform: (usize, usize),
}

impl Case {
    /// Layer number `number`: every fifth has one tap, every fifth a tap for each pixel.
    fn draw(random: &mut Random, number: usize) -> Self {
        let mut axis = || {
            let n = 1 + random.below(12);
            let k = match number % 5 {
                0 => 1,
                1 => n,
                _ => 1 + random.below(n),
            };
            (n, k, n + [0, 0, 1, k - 1, random.below(9)][random.below(5)])
        };
        let (vertical, horizontal) = (axis(), axis());
        Self {
            layer: [1 + random.below(3), 1 + random.below(4), 1 + random.below(4)],
            image: (vertical.0, horizontal.0),
            kernel: (vertical.1, horizontal.1),
            transform: (vertical.2, horizontal.2),
        }
    }

    /// The largest relative error of the two gradients through transforms of numbers of kind `S`, in norm.
    fn error<S: fourier::Sample<Real = S> + Real>(
        &self,
        random: &mut Random,
        kind: fn(f64) -> S,
        value: fn(&S) -> f64,
    ) -> Result<f64> {
        let ([images, channels, filters], image, kernel) = (self.layer, self.image, self.kernel);
        let outputs = (image.0 - kernel.0 + 1, image.1 - kernel.1 + 1);
        let x = random.tensor([images, channels, image.0, image.1]);
        let w = random.tensor([filters, channels, kernel.0, kernel.1]);
        let g = random.tensor([images, filters, outputs.0, outputs.1]);
        let space = spatial::layer(&x, &w, &g, Geometry::default())?;
        let through = through_fft::layer(&x.mapv(kind), &w.mapv(kind), &g.mapv(kind), self.transform)?;
        let norm = |a: &Array4<f64>| a.iter().map(|a| a * a).sum::<f64>().sqrt();
        let relative = |a: &Array4<f64>, b: &Array4<S>| norm(&(a - &b.map(value))) / norm(a);
        Ok(relative(&space.kernel, &through.kernel).max(relative(&space.input, &through.input)))
    }
}

/// A number that watches nothing: `rustfft` plans it as any number it does not know, and rounds alike on every machine.
type Portable = Traced<0>;

/// A kind of layer: its name, and which layers are of it.
type Group = (&'static str, fn(&Case) -> bool);

/// The gradients of a thousand random layers along both routes.
fn thousand_layers(gallery: &mut Gallery) -> Outcome<()> {
    let groups: [Group; 6] = [
        ("all", |_| true),
        ("more than one channel and filter", |case| case.layer[1] > 1 && case.layer[2] > 1),
        ("image not square", |case| case.image.0 != case.image.1),
        ("one tap, K = 1", |case| case.kernel == (1, 1)),
        ("a tap for each pixel, K = N", |case| case.kernel == case.image),
        ("transform longer than the image, M > N", |case| {
            case.transform.0 > case.image.0 && case.transform.1 > case.image.1
        }),
    ];
    let (mut sizes, mut f64s, mut portables) = (Random(1), Random(2), Random(2));
    let mut layers = Vec::new();
    for number in 0..1000 {
        let case = Case::draw(&mut sizes, number);
        let error = case.error::<f64>(&mut f64s, |x| x, |x| *x)?;
        let portable = case.error::<Portable>(&mut portables, Portable::constant, Portable::value)?;
        layers.push((case, error, portable));
    }
    println!("== layers ==");
    println!("{:<40}   layers   largest relative error", "random layers");
    for (name, is) in groups {
        let errors =
            layers.iter().filter(|(case, ..)| is(case)).map(|(_, error, _)| *error).collect::<Vec<_>>();
        println!("{name:<40}   {:>6}   {}", errors.len(), decade(largest(&errors)));
        if name == "all" {
            gallery.value("layers", errors.len())?;
            gallery.value("layers_error", decade(largest(&errors)))?;
        }
    }
    let worst = layers.iter().max_by(|a, b| a.2.total_cmp(&b.2)).ok_or("no layers")?;
    let Case { layer: [images, channels, filters], image, kernel, transform } = &worst.0;
    println!("\nthe worst in portable arithmetic: {}", decade(worst.2));
    println!("  images      {images} of {channels} × {} × {}", image.0, image.1);
    println!("  filters     {filters} of {channels} × {} × {}", kernel.0, kernel.1);
    println!("  transforms  {} × {}\n", transform.0, transform.1);
    Ok(())
}

/// An image, taps to begin with, outputs to reach, and a step.
struct Problem {
    x: Array2<f64>,
    start: Array2<f64>,
    target: Array2<f64>,
    rate: f64,
}

impl Problem {
    fn new() -> Result<Self> {
        let mut random = Random(7);
        let (x, start, teacher) = (random.image((8, 8)), random.image((3, 3)), random.image((3, 3)) * 2.0);
        let noise = random.image((6, 6)) * 0.5;
        let target = conv2d::correlate(&x, &teacher, Mode::Valid)? + noise;
        Ok(Self { x, start, target, rate: 0.012 })
    }

    /// Σ √(1 + r²) − 1: not quadratic.
    fn loss(&self, y: &Array2<f64>) -> f64 {
        (y - &self.target).iter().map(|r| (1.0 + r * r).sqrt() - 1.0).sum()
    }

    /// Its gradient by the outputs.
    fn slope(&self, y: &Array2<f64>) -> Array2<f64> {
        (y - &self.target).mapv(|r| r / (1.0 + r * r).sqrt())
    }

    /// Outputs and gradient of the taps, in space.
    fn in_space(&self, h: &Array2<f64>) -> Result<(Array2<f64>, Array2<f64>)> {
        let y = conv2d::correlate(&self.x, h, Mode::Valid)?;
        let by = spatial::kernel_2d(&self.x, &self.slope(&y))?;
        Ok((y, by))
    }

    /// The same through the transform.
    fn through(&self, h: &Array2<f64>) -> Result<(Array2<f64>, Array2<f64>)> {
        let y = through_fft::forward_2d(&self.x, h, self.x.dim())?;
        let by = through_fft::kernel_2d(&self.x, &self.slope(&y), self.x.dim())?;
        Ok((y, by))
    }

    /// The gradient by unitary spectral weights φ = θ/√n.
    fn by_bins(&self, phi: &Array2<C>) -> Result<Array2<C>> {
        let root = (self.x.len() as f64).sqrt();
        let y = spectral::forward(&self.x, &phi.mapv(|bin| bin * root), self.target.dim())?;
        Ok(spectral::gradient(&self.x, &self.slope(&y))?.mapv(|by| by * root))
    }

    /// Unitary spectral weights of some taps.
    fn bins(&self, h: &Array2<f64>) -> Result<Array2<C>> {
        let root = (self.x.len() as f64).sqrt();
        Ok(spectral::weights(h, self.x.dim())?.mapv(|bin| bin / root))
    }

    /// The taps behind unitary spectral weights: those on the support, and all of them.
    fn taps(&self, phi: &Array2<C>) -> Result<(Array2<f64>, Array2<f64>)> {
        let all = spectral::kernel(phi)? * (self.x.len() as f64).sqrt();
        Ok((crop(&all, self.start.dim()), all))
    }
}

/// Sixty steps of gradient descent along both routes.
fn descent(gallery: &mut Gallery) -> Outcome<()> {
    let problem = Problem::new()?;
    let (mut h, mut through) = (problem.start.clone(), problem.start.clone());
    let (mut losses, mut difference) = ([vec![], vec![]], 0.0_f64);
    println!("== descent ==");
    println!("step   loss in space   loss through the FFT   largest difference of a tap so far");
    for step in 0..=60 {
        let ((y, by), (y_through, by_through)) = (problem.in_space(&h)?, problem.through(&through)?);
        difference = difference.max(largest(&(&h - &through)));
        let loss = [problem.loss(&y), problem.loss(&y_through)];
        losses[0].push((f64::from(step), loss[0]));
        if step % 5 == 0 {
            losses[1].push((f64::from(step), loss[1]));
        }
        if step % 10 == 0 {
            println!("{step:>4}   {:>13.6}   {:>20.6}   {:>34}", loss[0], loss[1], decade(difference));
        }
        h = h - by * problem.rate;
        through = through - by_through * problem.rate;
    }
    println!();
    gallery.value("descent", decade(difference))?;
    let [space, fft] = losses;
    let series = vec![
        Series::new("in space", Ink::Output, Mark::Line, space),
        Series::new("through the FFT", Ink::Gradient, Mark::Dots, fft),
    ];
    gallery.figure(
        "gradients-descent",
        &charts(&[Chart::new("step", "loss", series)]),
        "The loss over sixty steps of gradient descent on nine taps. The line computes outputs and gradients in space, the dots compute both through the FFT.",
        "A falling curve with dots on it. All dots lie on the curve.",
    )?;
    Ok(())
}

/// A derivative: its name, and how many of its entries are not zero for N and K.
type Derivative = (&'static str, fn(usize, usize) -> usize);

/// The derivatives whose non-zeros are counted.
const DERIVATIVES: [Derivative; 11] = [
    ("outputs by pixels, in space", |n, k| (n - k + 1).pow(2) * k * k),
    ("outputs by pixels, through the FFT", |n, k| (n - k + 1).pow(2) * k * k),
    ("outputs by taps", |n, k| (n - k + 1).pow(2) * k * k),
    ("all N² circular outputs by pixels", |n, k| n * n * k * k),
    ("spectrum of the image by pixels", |n, _| n.pow(4)),
    ("spectrum of the kernel by taps", |n, k| n * n * k * k),
    ("spectrum of the output by pixels", |n, _| n.pow(4)),
    ("outputs by free spectral weights", |n, k| (n - k + 1).pow(2) * n * n),
    ("gradient of the taps by pixels, g fixed", |n, k| (n - k + 1).pow(2) * k * k),
    ("gradient of free bins by pixels, g fixed", |n, _| n.pow(4)),
    ("gradient of the taps by pixels, g = y − t", |n, k| n * n * k * k),
];

/// How many derivatives are not zero, of how many, in the order of [`DERIVATIVES`].
fn counts(n: usize, k: usize) -> Outcome<Vec<(usize, usize)>> {
    let mut random = Random(3);
    let (image, outputs) = ((n, n), (n - k + 1, n - k + 1));
    let (x, h) = (random.image(image), random.image((k, k)));
    let (g, t) = (known(&random.image(outputs)), known(&random.image(outputs)));
    let (moving, moving_taps) = (watched(&x, 0)?, watched(&h, 0)?);
    let (x, h) = (known(&x), known(&h));
    // Free weights: 2N² real numbers, of which a bin has two.
    let (re, im) = (watched(&random.image(image), 0)?, watched(&random.image(image), n * n)?);
    let theta = Array2::from_shape_fn(image, |bin| Complex::new(re[bin], im[bin]));
    let residual = conv2d::correlate(&moving, &h, Mode::Valid)? - &t;

    let moves = |y: &T| y.influence(1e-9);
    let reals = |y: Array2<T>, of: usize| (y.iter().map(|y| moves(y).len()).sum(), y.len() * of);
    let complexes =
        |z: Array2<Complex<T>>, of: usize| (z.iter().map(|z| union(moves, z).len()).sum(), z.len() * of);
    let bins = |y: &T| moves(y).into_iter().map(|part| part % (n * n)).collect::<BTreeSet<_>>().len();
    let by_bins = spectral::forward(&x, &theta, outputs)?;
    Ok(vec![
        reals(conv2d::correlate(&moving, &h, Mode::Valid)?, n * n),
        reals(through_fft::forward_2d(&moving, &h, image)?, n * n),
        reals(conv2d::correlate(&x, &moving_taps, Mode::Valid)?, k * k),
        reals(conv2d::correlate_circular(&moving, &h, image)?, n * n),
        complexes(hat(&moving, image)?, n * n),
        complexes(hat(&moving_taps, image)?, k * k),
        complexes(conj(&hat(&h, image)?) * hat(&moving, image)?, n * n),
        (by_bins.iter().map(bins).sum(), by_bins.len() * n * n),
        reals(spatial::kernel_2d(&moving, &g)?, n * n),
        complexes(spectral::gradient(&moving, &g)?, n * n),
        reals(spatial::kernel_2d(&moving, &residual)?, n * n),
    ])
}

/// The derivatives of everything by everything: how many are not zero, and where they stand.
fn sensitivities(gallery: &mut Gallery) -> Outcome<()> {
    println!("== counts ==");
    println!(
        "{:<40} {:>11} {:>11} {:>13}",
        "derivatives that are not zero", "N=4, K=3", "N=5, K=3", "N=7, K=2"
    );
    let sizes = [(4, 3), (5, 3), (7, 2)];
    let found = sizes.iter().map(|&(n, k)| counts(n, k)).collect::<Outcome<Vec<_>>>()?;
    let mut right = true;
    for (row, (name, expected)) in DERIVATIVES.iter().enumerate() {
        let cell = |size: usize| format!("{} of {}", found[size][row].0, found[size][row].1);
        right &= (0..3).all(|size| found[size][row].0 == expected(sizes[size].0, sizes[size].1));
        println!("{name:<40} {:>11} {:>11} {:>13}", cell(0), cell(1), cell(2));
    }
    println!("all as the formulas say: {}\n", if right { "yes" } else { "no" });

    let (x, h) = (watched(&sixteen(), 0)?, known(&nine()));
    let g = known(&Array2::from_shape_fn((2, 2), |(i, j)| [1.0, 2.0, 3.0, 5.0][2 * i + j]));
    let sizes = |title: &str, rows: Vec<Complex<T>>, ink| {
        let magnitudes = Array2::from_shape_fn((rows.len(), 16), |(row, pixel)| {
            rows[row].re.slopes()[pixel].hypot(rows[row].im.slopes()[pixel])
        });
        let filled = magnitudes.iter().filter(|&&size| size != 0.0).count();
        Panel::matrix(&format!("{title}: {filled} of {}", magnitudes.len()), &magnitudes, ink)
            .blocks((rows.len(), 4))
    };
    let real = |y: Array2<T>| y.iter().map(Complex::from).collect::<Vec<_>>();
    let list = |z: Array2<Complex<T>>| z.iter().copied().collect::<Vec<_>>();
    let outputs = [
        sizes("y, in space", real(conv2d::correlate(&x, &h, Mode::Valid)?), Ink::Output),
        sizes("y, FFT", real(through_fft::forward_2d(&x, &h, (4, 4))?), Ink::Output),
    ];
    let gradients = [
        sizes("∂L/∂h, in space", real(spatial::kernel_2d(&x, &g)?), Ink::Gradient),
        sizes("∂L/∂h, FFT", real(through_fft::kernel_2d(&x, &g, (4, 4))?), Ink::Gradient),
    ];
    let spectra = [
        sizes("spectrum of x", list(hat(&x, (4, 4))?), Ink::Signal),
        sizes("free bins' ∇L", list(spectral::gradient(&x, &g)?), Ink::Gradient),
    ];
    gallery.figure(
        "gradients-sensitivity",
        &rows(12, &[&outputs, &gradients, &spectra], &[]),
        "Derivatives by the sixteen pixels, one column for each pixel and one row for each quantity, for the $4\\times4$ image and $3\\times3$ taps. Above, the outputs, and below them the gradients of the taps at fixed $g$: the same sparse matrix along both routes. Last, what the transform is made of, and what free spectral weights hear: dense.",
        "Six matrices in three rows. In the first two rows left and right are the same, with 36 entries each. The two matrices of the last row are full.",
    )?;
    Ok(())
}

/// How much of an image reaches one output and tap, one output, one tap, and one tap of a loss that is not linear.
fn what_is_local(gallery: &mut Gallery) -> Outcome<()> {
    let mut random = Random(5);
    let (x, h) = (watched(&random.image((8, 8)), 0)?, known(&random.image((3, 3))));
    let g = known(&random.image((6, 6)));
    let y = conv2d::correlate(&x, &h, Mode::Valid)?;
    // Of a quadratic loss g = y − t, and t is a constant.
    let total = spatial::kernel_2d(&x, &y)?;
    let fixed = spatial::kernel_2d(&x, &g)?;
    let one = (2, 4);
    let panel =
        |title: &str, ink, set: Vec<usize>| marked(title, (8, 8), ink, |i, j| set.contains(&(8 * i + j)));
    let sets = [
        // Output (2, 4) meets tap (1, 1) at one pixel, and no other output is asked.
        ("output, tap", vec![8 * (2 + 1) + 4 + 1], Ink::Output),
        ("output", y[one].influence(1e-9), Ink::Output),
        ("tap, g fixed", fixed[[1, 1]].influence(1e-9), Ink::Gradient),
        ("tap, g moves", total[[1, 1]].influence(1e-9), Ink::Gradient),
    ];
    println!("== local ==");
    println!("in an image of 8 × 8, taps 3 × 3         pixels");
    for ((_, set, _), name) in sets.iter().zip([
        "one output and one tap",
        "one output, all taps",
        "one tap, all outputs, g fixed",
        "one tap, quadratic loss: g moves",
    ]) {
        println!("{name:<40} {:>6}", set.len());
    }
    println!();
    let panels = sets.map(|(title, set, ink)| panel(title, ink, set));
    gallery.figure(
        "gradients-windows",
        &rows(14, &[&panels[..2], &panels[2..]], &[]),
        "What is local, in an image of $8\\times8$ with $3\\times3$ taps. One output and one tap share one pixel. An output sees a patch. The gradient of a tap reads a window as large as the output; and if $g$ depends on the image, it reads all of it. No transform is involved.",
        "Four grids of 8 by 8. Marked are one cell, a block of 3 by 3, a block of 6 by 6, and everything.",
    )?;

    println!("== shares ==");
    println!("   N   pixels that one tap of 3 × 3 reads at fixed g");
    for n in [4, 8, 32, 56, 224] {
        let share = ((n - 2) as f64 / n as f64).powi(2);
        println!("{n:>4}   {:>8} of {:>6}   {:>5.1} %", (n - 2) * (n - 2), n * n, 100.0 * share);
        if n == 4 || n == 224 {
            gallery.value(&format!("share_{n}"), format!("{:.1} %", 100.0 * share))?;
        }
    }
    println!();

    println!("== coverage ==");
    let by_pixels = |by: &Array2<T>| by.mapv(|by| by.influence(0.0).len());
    let (taps, g) = (known(&nine()), watched(&Array2::from_elem((2, 2), 1.0), 0)?);
    let space = by_pixels(&spatial::input_2d(&taps, &g)?);
    let through = by_pixels(&through_fft::input_2d(&taps, &g, (4, 4))?);
    println!("outputs that ∂L/∂x reads, in space and through the FFT");
    for (left, right) in space.rows().into_iter().zip(through.rows()) {
        println!("{left}     {right}");
    }
    println!();
    Ok(())
}

/// One step of three kernels that begin as the same nine taps.
fn leak(gallery: &mut Gallery) -> Outcome<()> {
    let (x, h) = (sixteen() / 4.0, nine());
    let g = Array2::from_shape_fn((2, 2), |(i, j)| [0.5, 0.25, -0.25, 0.5][2 * i + j]);
    let (theta, by_theta) = (spectral::weights(&h, (4, 4))?, spectral::gradient(&x, &g)?);
    // Rate 1 for taps and 16 for bins, which are n times slower.
    let free = spectral::kernel(&(&theta - by_theta.mapv(|by| by * 16.0)))?;
    let large = pad(&h, (4, 4))? - conv2d::correlate_circular(&x, &pad(&g, (4, 4))?, (4, 4))?;
    let kept = spectral::kernel(&(&theta - spectral::project(&by_theta, (3, 3))?.mapv(|by| by * 16.0)))?;
    let taps = pad(&(&h - spatial::kernel_2d(&x, &g)?), (4, 4))?;
    let off = |w: &Array2<f64>| {
        w.indexed_iter().filter(|((a, b), w)| (*a > 2 || *b > 2) && w.abs() > 1e-12).count()
    };
    println!("== leak ==");
    println!("after one step                      taps off the support   as the nine taps on it?");
    let kernels = [
        ("nine taps", &taps),
        ("sixteen free bins", &free),
        ("sixteen free taps, in space", &large),
        ("sixteen bins, projected", &kept),
    ];
    for (name, w) in kernels {
        let same = largest(&(crop(w, (3, 3)) - crop(&taps, (3, 3)))) < 1e-12;
        println!("{name:<35} {:>20}   {}", off(w), if same { "yes" } else { "no" });
    }
    gallery.value("leaked", off(&free))?;
    println!("\n   N   share of a step's energy off 3 × 3 taps, white pixels");
    for n in [4, 8, 32, 224] {
        println!("{n:>4}   {:.2} %", 100.0 - 900.0 / (n * n) as f64);
    }
    println!();
    gallery.value("energy_224", format!("{:.2} %", 100.0 - 900.0 / (224.0 * 224.0)))?;
    let panel = |title: &str, w: &Array2<f64>| {
        let most = largest(w);
        Panel::cells(title, (4, 4), |a, b| {
            let (value, outside) = (w[[a, b]], a > 2 || b > 2);
            let hatched = outside && value.abs() > 1e-12;
            let ink = if hatched { Ink::Wrong } else { Ink::Kernel };
            let strength = if value.abs() > 1e-12 { 0.15 + 0.5 * value.abs() / most } else { 0.0 };
            let label = if strength > 0.0 { format!("{value:.1}") } else { String::new() };
            Cell { value, ink, strength, label, hatched }
        })
    };
    gallery.figure(
        "gradients-leak",
        &rows(
            36,
            &[
                &[panel("nine taps", &taps), panel("bins, projected", &kept)],
                &[panel("free bins", &free), panel("free taps, in space", &large)],
            ],
            &[],
        ),
        "The kernel after one step, from the same nine taps with the same $g$. Above: the taps, and spectral weights whose gradient is projected onto the support. Below: free spectral weights, and sixteen free taps in space. Both leak, into the same seven cells (hatched), by the same amounts. On the support all four agree.",
        "Four grids of 4 by 4. The upper two have nine filled cells and are the same. The lower two have all sixteen filled and are the same; the seven in the last row and column are hatched.",
    )?;
    Ok(())
}

/// The step of a kernel whose half spectrum is trained, bin by bin.
fn half(gallery: &mut Gallery) -> Outcome<()> {
    println!("== half ==");
    println!("trained, N = 8     how far each frequency moves, bins 0 to 4");
    let mut random = Random(9);
    let by_w = (0..8).map(|_| random.next()).collect::<Vec<_>>();
    let bins = |signal: &[f64]| fourier::rfft(signal);
    let moved = |step: Vec<f64>| -> Result<String> {
        let ratio =
            bins(&step)?.iter().zip(bins(&by_w)?).map(|(a, b)| short(8.0 * (a / b).re)).collect::<Vec<_>>();
        Ok(ratio.iter().map(|r| format!("{r:>4}")).collect())
    };
    let whole = fourier::dft(&by_w.iter().map(Complex::from).collect::<Vec<_>>())?;
    let whole = fourier::inverse_dft(&whole.iter().map(|bin| bin / 8.0).collect::<Vec<_>>())?;
    println!("whole spectrum     {}", moved(whole.iter().map(|step| step.re).collect())?);
    let half = fourier::irfft(&spectral::irfft_adjoint(&by_w)?, 8)?;
    println!("half spectrum      {}\n", moved(half)?);
    gallery.value("half_bins", bins(&by_w)?.len())?;
    Ok(())
}

/// Adam: every coordinate divides its step by the size of its own gradients.
#[derive(Default)]
struct Adam {
    moments: Vec<(f64, f64)>,
    steps: i32,
}

impl Adam {
    fn step(&mut self, gradient: &[f64]) -> Vec<f64> {
        self.steps += 1;
        self.moments.resize(gradient.len(), (0.0, 0.0));
        let one = |((mean, square), g): (&mut (f64, f64), &f64)| {
            *mean = 0.9 * *mean + 0.1 * g;
            *square = 0.999 * *square + 0.001 * g * g;
            let (mean, square) =
                (*mean / (1.0 - 0.9_f64.powi(self.steps)), *square / (1.0 - 0.999_f64.powi(self.steps)));
            -0.05 * mean / (square.sqrt() + 1e-8)
        };
        self.moments.iter_mut().zip(gradient).map(one).collect()
    }
}

/// Fifty steps of several optimizers, on the taps and on a projected spectrum.
fn projected(gallery: &mut Gallery) -> Outcome<()> {
    let problem = Problem::new()?;
    let (support, all) = (problem.start.dim(), problem.x.dim());
    let start = || -> Result<_> { Ok((problem.start.clone(), problem.bins(&problem.start)?)) };
    let gap = |h: &Array2<f64>, phi: &Array2<C>| -> Result<f64> { Ok(largest(&(h - problem.taps(phi)?.0))) };
    let mut courses: [Vec<(f64, f64)>; 4] = Default::default();

    // Plain, with the projection after every step; and without it, cropped at the end.
    let ((mut h, mut phi), (_, mut free)) = (start()?, start()?);
    for step in 0..=50 {
        courses[0].push((f64::from(step), gap(&h, &phi)?));
        courses[1].push((f64::from(step), gap(&h, &free)?));
        let by = problem.in_space(&h)?.1;
        let (by_phi, by_free) = (problem.by_bins(&phi)?, problem.by_bins(&free)?);
        h = h - by * problem.rate;
        phi = spectral::project(&(phi - by_phi.mapv(|by| by * problem.rate)), support)?;
        free = free - by_free.mapv(|by| by * problem.rate);
    }
    // Momentum and weight decay.
    let (mut h, mut phi) = start()?;
    let (mut slow, mut slow_phi) = (Array2::<f64>::zeros(support), Array2::<C>::zeros(all));
    for step in 0..=50 {
        courses[2].push((f64::from(step), gap(&h, &phi)?));
        slow = slow * 0.9 + problem.in_space(&h)?.1 + &h * 0.05;
        slow_phi = slow_phi.mapv(|v| v * 0.9) + problem.by_bins(&phi)? + phi.mapv(|bin| bin * 0.05);
        h = h - &slow * (0.2 * problem.rate);
        phi = spectral::project(&(phi - slow_phi.mapv(|v| v * 0.2 * problem.rate)), support)?;
    }
    // Adam, on nine taps and on real and imaginary parts.
    let (mut h, mut phi) = start()?;
    let (mut adam, mut adam_phi) = (Adam::default(), Adam::default());
    for step in 0..=50 {
        courses[3].push((f64::from(step), gap(&h, &phi)?));
        let by = problem.in_space(&h)?.1;
        let by_step = adam.step(&by.iter().copied().collect::<Vec<_>>());
        h = h + Array2::from_shape_vec(support, by_step).expect("a step for each tap");
        let by = problem.by_bins(&phi)?;
        let parts = by.iter().flat_map(|by| [by.re, by.im]).collect::<Vec<_>>();
        let by_step = adam_phi.step(&parts);
        let bins = by_step.chunks(2).map(|part| C::new(part[0], part[1])).collect();
        phi = spectral::project(
            &(phi + Array2::from_shape_vec(all, bins).expect("a step for each bin")),
            support,
        )?;
    }
    let names = [
        "gradient descent, projected every step",
        "gradient descent, cropped at the end",
        "momentum 0.9, weight decay 0.05, projected",
        "Adam on real and imaginary parts, projected",
    ];
    println!("== projected ==");
    println!("{:<46} largest difference of a tap", "spectral weights, 50 steps");
    for (name, course) in names.iter().zip(&courses) {
        let most = course.iter().fold(0.0_f64, |most, point| most.max(point.1));
        let printed = if most < 1e-9 { decade(most).to_string() } else { format!("{most:.3}") };
        println!("{name:<46} {printed}");
    }
    let taps = Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as f64);
    let turned = fourier::dft2(&taps.mapv(Complex::from))?.mapv(|bin| bin / 3.0);
    let sums = |power: i32| {
        let bins = turned.iter().map(|bin| bin.norm().powi(power)).sum::<f64>();
        (taps.mapv(|tap| tap.powi(power)).sum(), bins)
    };
    println!("\ntaps 1 to 9         of the taps   of their unitary spectrum");
    println!("sum of magnitudes   {:>11}   {:>25}", short(sums(1).0), short(sums(1).1));
    println!("sum of squares      {:>11}   {:>25}\n", short(sums(2).0), short(sums(2).1));
    let [kept, cropped, _, adam] = courses;
    let flat = |course: Vec<(f64, f64)>| {
        course.into_iter().map(|(step, gap)| (step, if gap < 1e-12 { 0.0 } else { gap }))
    };
    let series = vec![
        Series::new("projected", Ink::Gradient, Mark::Line, flat(kept)),
        Series::new("cropped at the end", Ink::Wrong, Mark::Line, flat(cropped)),
        Series::new("Adam, projected", Ink::Muted, Mark::Line, flat(adam)),
    ];
    gallery.figure(
        "gradients-projected",
        &charts(&[Chart::new("step", "largest difference of a tap", series)]),
        "How far nine taps behind trained spectra are from the nine taps trained in space, with the same optimizer. Projected after every step, they are the same. Trained freely and cropped, they are others, although only what is off the support was thrown away. Adam goes elsewhere even with the projection.",
        "Three curves over fifty steps. One stays at zero, the other two rise and stay away from it.",
    )?;
    Ok(())
}

/// The dimension of what a layer can fit, with and without the constraint, in either basis.
fn freedom() -> Outcome<()> {
    println!("== freedom ==");
    println!(" N  K     taps   bins, projected   free taps, N × N   free bins");
    let mut random = Random(11);
    for (n, k) in [(4, 1), (4, 3), (5, 3), (6, 2), (6, 6)] {
        let x = random.image((n, n));
        let rank = |outputs: Vec<Array2<f64>>| {
            let columns = outputs.iter().map(|y| matrix::vec(y)).collect::<Vec<_>>();
            locality::nalgebra::DMatrix::from_columns(&columns).rank(1e-9)
        };
        let unit =
            |place: usize| Array2::from_shape_fn((n, n), |(a, b)| if n * a + b == place { 1.0 } else { 0.0 });
        let in_space = |width: usize| -> Result<usize> {
            let on = (0..n * n).filter(|place| place / n < width && place % n < width);
            Ok(rank(
                on.map(|place| conv2d::correlate_circular(&x, &unit(place), (n, n)))
                    .collect::<Result<_>>()?,
            ))
        };
        let in_bins = |width: usize| -> Result<usize> {
            let direction = |part: usize| {
                let turn = if part < n * n { C::new(1.0, 0.0) } else { C::new(0.0, 1.0) };
                let theta = unit(part % (n * n)).mapv(|bin| turn * bin);
                spectral::forward(&x, &spectral::project(&theta, (width, width))?, (n, n))
            };
            Ok(rank((0..2 * n * n).map(direction).collect::<Result<_>>()?))
        };
        println!(
            "{n:>2} {k:>2} {:>8} {:>17} {:>18} {:>11}",
            in_space(k)?,
            in_bins(k)?,
            in_space(n)?,
            in_bins(n)?
        );
    }
    println!();
    Ok(())
}
