//! 2D Spatial Convolution as a Matrix Multiply: the matrices in full, for the chapter's sizes or for yours.
//!
//! `cargo run --example spatial_matrix` prints what the chapter shows;
//! `cargo run --example spatial_matrix -- H W Kh Kw` prints the matrices of an image of H × W and a kernel of Kh × Kw.

use std::error::Error;
use std::process::ExitCode;

use locality::conv2d::{Mode, correlate};
use locality::figure::grid::{Cell, Panel, row, rows};
use locality::figure::{Gallery, Ink};
use locality::fourier;
use locality::layer::{self, Geometry};
use locality::matrix::{self, bccb, col2im, correlation2, im2col};
use locality::nalgebra::DMatrix;
use locality::ndarray::{Array2, Array4, ArrayView2, s};

mod layers;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Rows and columns.
type Shape = (usize, usize);

const USAGE: &str = "usage: cargo run --example spatial_matrix [-- H W Kh Kw]";

/// A label such as x12 has one digit for the row and one for the column.
const LARGEST: usize = 9;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [] => chapter(),
        [height, width, kernel_height, kernel_width] => own(height, width, kernel_height, kernel_width),
        _ => Err(format!("expected no size or four of them, got {}", arguments.len()).into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

/// The matrices of the reader's sizes.
fn own(height: &str, width: &str, kernel_height: &str, kernel_width: &str) -> Outcome<()> {
    let image = (side("H", height)?, side("W", width)?);
    let kernel = (side("Kh", kernel_height)?, side("Kw", kernel_width)?);
    matrices(image, kernel)
}

/// A side of an image or kernel that can be printed.
fn side(name: &str, given: &str) -> Outcome<usize> {
    let parsed = given.parse().ok().filter(|side| (1..=LARGEST).contains(side));
    let wrong = || format!("{name}: expected a whole number from 1 to {LARGEST}, got \"{given}\"");
    parsed.ok_or_else(|| wrong().into())
}

/// Everything the chapter shows.
fn chapter() -> Outcome<()> {
    let mut gallery = Gallery::open("spatial_matrix")?;
    matrices((4, 4), (3, 3))?;
    colours(&mut gallery)?;
    spy(&mut gallery)?;
    pixel_path(&mut gallery)?;
    whole_layer()?;
    geometry(&mut gallery)?;
    there_and_back(&mut gallery)?;
    transposed()?;
    routes()?;
    bytes(&mut gallery)?;
    gallery.close();
    Ok(())
}

/// An array whose entries say where they stand: 12 is row 1, column 2, counted from 1 like the article's labels.
fn labels(shape: Shape) -> Array2<i64> {
    Array2::from_shape_fn(shape, |(i, j)| 10 * (i + 1) as i64 + (j + 1) as i64)
}

/// The names of all entries of an array, row by row: x11, x12, …
fn names(letter: char, shape: Shape) -> Vec<String> {
    labels(shape).iter().map(|label| format!("{letter}{label}")).collect()
}

/// Prints a matrix of labels under the names of its columns and after those of its rows, with lines between blocks.
fn print(matrix: &DMatrix<i64>, letter: char, heads: [&[String]; 2], blocks: Shape) {
    let [before, above] = heads;
    let line = |cells: Vec<String>| {
        let blocks: Vec<_> = cells.chunks(blocks.1).map(|block| block.join(" ")).collect();
        blocks.join(" | ").trim_end().to_string()
    };
    println!("     {}", line(above.to_vec()));
    for (i, name) in before.iter().enumerate() {
        if i > 0 && i % blocks.0 == 0 {
            println!();
        }
        let entry = |label: &i64| if *label == 0 { " . ".into() } else { format!("{letter}{label}") };
        println!("{name}  {}", line(matrix.row(i).iter().map(entry).collect()));
    }
}

/// Prints an array of numbers under its name.
fn show(name: &str, values: ArrayView2<i64>) {
    println!("{name} =");
    for row in values.rows() {
        println!("{}", row.iter().map(|value| format!("{value:>4}")).collect::<String>());
    }
}

/// Both matrices in full, and that they make the same outputs.
fn matrices(image: Shape, kernel: Shape) -> Outcome<()> {
    // The constructors do not care what a number means: given labels, they say where each tap and each pixel goes.
    let b = correlation2(&labels(kernel), image, Mode::Valid)?;
    let copies = im2col(&labels(image), kernel)?;
    let output = (image.0 - kernel.0 + 1, image.1 - kernel.1 + 1);
    let (x, h, y) = (names('x', image), names('h', kernel), names('y', output));

    println!("== vec ==");
    println!("X, {} × {}:", image.0, image.1);
    for line in x.chunks(image.1) {
        println!("  {}", line.join(" "));
    }
    println!("vec(X), length {}:\n  {}\n", x.len(), x.join(" "));

    println!("== bttb ==");
    let filled = b.iter().filter(|&&entry| entry != 0).count();
    println!("B(h): {} × {}, not zero: {filled} of {}", b.nrows(), b.ncols(), b.len());
    print(&b, 'h', [&y, &x], (output.1, image.1));

    println!("\n== im2col ==");
    println!("I(x): {} × {}, pixels: {}, copies: {}", copies.nrows(), copies.ncols(), x.len(), copies.len());
    print(&copies, 'x', [&y, &h], (output.1, kernel.1));

    println!("\n== same-y ==");
    let pixels = Array2::from_shape_fn(image, |(i, j)| ((image.1 * i + j) as i64).pow(2) % 19);
    let taps = Array2::from_shape_fn(kernel, |(a, b)| (kernel.1 * a + b) as i64 + 1);
    let slid = correlate(&pixels, &taps, Mode::Valid)?;
    let by_b = correlation2(&taps, image, Mode::Valid)? * matrix::vec(&pixels);
    let by_copies = im2col(&pixels, kernel)? * matrix::vec(&taps);
    show("x", pixels.view());
    show("h", taps.view());
    let list = |values: &[i64]| values.iter().map(|y| format!("{y:>5}")).collect::<String>();
    println!("by four loops     {}", list(matrix::vec(&slid).as_slice()));
    println!("as B(h) vec(x)    {}", list(by_b.as_slice()));
    println!("as I(x) vec(h)    {}", list(by_copies.as_slice()));
    println!("all the same: {}\n", yes(by_b == matrix::vec(&slid) && by_copies == by_b));
    Ok(())
}

/// A word for a comparison.
fn yes(same: bool) -> &'static str {
    if same { "yes" } else { "no" }
}

/// A cell for the tap with this label: the kernel's row decides the hue, its column how full the cell is.
fn tap(label: i64, fullest: f64) -> Cell {
    let (a, b) = ((label / 10 - 1) as usize, label % 10);
    let ink = [Ink::Kernel, Ink::KernelSecond, Ink::KernelThird].get(a).copied().unwrap_or(Ink::Muted);
    let strength = if label == 0 { 0.0 } else { fullest * (1.0 - 0.32 * (b - 1) as f64) };
    Cell { value: label as f64, ink, strength, label: String::new(), hatched: false }
}

/// The same cell with the name of what it holds.
fn named(letter: char, cell: Cell) -> Cell {
    let label = if cell.value == 0.0 { String::new() } else { format!("{letter}{}", cell.value) };
    Cell { label, ..cell }
}

/// T(W) of the article: one colour for each weight.
fn colours(gallery: &mut Gallery) -> Outcome<()> {
    let (image, kernel) = ((4, 4), labels((3, 3)));
    let b = correlation2(&kernel, image, Mode::Valid)?;
    let kernel = Panel::cells("h", (3, 3), |i, j| named('h', tap(kernel[[i, j]], 0.5)));
    let kernel = kernel.blocks((1, 3));
    let matrix = Panel::cells("B(h)", b.shape(), |i, j| named('h', tap(b[(i, j)], 0.5)))
        .headed(names('y', (2, 2)), names('x', image))
        .blocks((2, 4));
    gallery.figure(
        "bttb-colours",
        &rows(42, &[&[kernel], &[matrix]], &[]),
        "The nine weights, and all the places where they stand in $B(h)$. A hue is a row of the kernel: it fills a block, \
         and the same block stands again one step down and to the right. Within a block every weight runs along its \
         diagonal.",
        "Above, a kernel of 3 by 3 with a colour for each tap. Below, a matrix of 4 rows and 16 columns in blocks of 2 by 4. \
         Of its 64 entries 36 are taps and 28 are zero: nine in each row, four times each tap. The upper block row holds \
         the blocks of kernel rows 1, 2, 3 and a zero block; the lower one is the same, one block further right.",
    )?;
    Ok(())
}

/// The structure from further away, on a line and on a torus.
fn spy(gallery: &mut Gallery) -> Outcome<()> {
    let (image, kernel, output) = ((8, 8), (3, 3), (6, 6));
    let b = correlation2(&labels(kernel), image, Mode::Valid)?;
    let spy = |title, matrix: &DMatrix<i64>, blocks| {
        Panel::cells(title, matrix.shape(), |i, j| tap(matrix[(i, j)], 1.0)).spy().blocks(blocks)
    };
    gallery.figure(
        "bttb-spy",
        &row(11, &[spy("B(h) for 8 × 8 pixels", &b, (output.1, image.1))], &[]),
        "The same matrix for an image of $8\\times8$: 36 outputs, 64 pixels, 324 entries that are not zero. Three \
         different blocks, each of them repeated along a block diagonal; three different numbers in each, repeated along \
         a diagonal.",
        "A matrix of 36 rows and 64 columns in blocks of 6 by 8, with 324 entries that are not zero. Three block diagonals are \
         filled, each in its own colour, every block with three diagonals. It is block Toeplitz with Toeplitz blocks.",
    )?;

    let mut padded = Array2::zeros(image);
    padded.slice_mut(s![..kernel.0, ..kernel.1]).assign(&labels(kernel));
    let torus = bccb(&padded, image)?.transpose();
    let kept = |i: usize| i / image.1 < output.0 && i % image.1 < output.1;
    let panel = Panel::cells("Transpose of C(Eh) for 8 × 8 pixels", torus.shape(), |i, j| {
        let cell = tap(torus[(i, j)], 1.0);
        if kept(i) { cell } else { Cell { ink: Ink::Muted, strength: 0.7 * cell.strength, ..cell } }
    });
    let same = (0..torus.nrows()).filter(|&i| kept(i)).enumerate().all(|(r, i)| torus.row(i) == b.row(r));
    println!("== torus ==");
    println!("C(Eh): {} × {}, B(h): {} × {}", torus.nrows(), torus.ncols(), b.nrows(), b.ncols());
    println!("the {} rows whose windows do not wrap are B(h): {}\n", b.nrows(), yes(same));
    gallery.figure(
        "bccb-spy",
        &row(9, &[panel.spy().blocks((image.1, image.1))], &[]),
        "On a torus of $8\\times8$ pixels there are 64 windows and the matrix is square. The coloured rows are those of \
         $B(h)$. In the grey ones the window leaves the image on one side and comes back on the other: entries in the \
         corners of blocks, and blocks in the corner of the matrix.",
        "A matrix of 64 by 64 in blocks of 8 by 8, with 576 entries that are not zero, nine in each row: block circulant with \
         circulant blocks. 36 rows are coloured, 28 are grey.",
    )?;
    Ok(())
}

/// Where one pixel goes in each of the two matrices.
fn pixel_path(gallery: &mut Gallery) -> Outcome<()> {
    const PIXEL: i64 = 22;
    let (image, kernel) = ((4, 4), (3, 3));
    let (x, y) = (names('x', image), names('y', (2, 2)));
    let b = correlation2(&labels(kernel), image, Mode::Valid)?;
    let copies = im2col(&labels(image), kernel)?;
    let column = labels(image).iter().position(|&label| label == PIXEL).ok_or("no such pixel")?;
    let pixel = |label: i64| {
        let strength = if label == PIXEL { 0.5 } else { 0.0 };
        let label = format!("x{label}");
        Cell {
            value: f64::from(label == format!("x{PIXEL}")),
            ink: Ink::Signal,
            strength,
            label,
            hatched: false,
        }
    };
    let picture = labels(image);
    let picture = Panel::cells("x", image, |i, j| pixel(picture[[i, j]])).blocks(image);
    let taps = Panel::cells("B(h): one column", b.shape(), |i, j| {
        let cell = named('h', tap(b[(i, j)], 0.5));
        if j == column { cell } else { Cell { strength: 0.0, value: 0.0, ..cell } }
    });
    let taps = taps.headed(y.clone(), x).blocks((2, 4));
    let copied = Panel::cells("I(x): four copies", copies.shape(), |i, j| pixel(copies[(i, j)]));
    let copied = copied.headed(y, names('h', kernel)).blocks((2, 3));
    gallery.figure(
        "pixel-path",
        &rows(42, &[&[picture, copied], &[taps]], &[&[""], &[]]),
        "The path of pixel $x_{22}$. In $I(x)$ the pixel itself is copied, once for each window it lies in, each time \
         under another tap. In $B(h)$ it is met once, by a whole column: the taps that weigh it, one for each output. Read \
         either, and it goes to $y_{11}$ with $h_{22}$, to $y_{12}$ with $h_{21}$, to $y_{21}$ with $h_{12}$, to $y_{22}$ \
         with $h_{11}$.",
        "An image of 4 by 4 with pixel x22 marked. The im2col matrix of 4 by 9, where x22 is marked four times, once in each \
         row: under h22, h21, h12 and h11. The matrix B of 4 by 16, where the column of x22 is marked: it holds h22, h21, h12 \
         and h11.",
    )?;
    Ok(())
}

/// Whole numbers without a pattern, the same on every machine.
fn whole(shape: [usize; 4], seed: usize) -> Array4<i64> {
    let mut state = seed as u64;
    Array4::from_shape_simple_fn(shape, || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64 % 10 - 4
    })
}

/// A shape as it is read aloud.
fn times(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
}

/// A layer with everything in it, by definition and as one product.
fn whole_layer() -> Outcome<()> {
    let geometry = Geometry::new(2, 1, 2);
    let (x, w, bias) = (whole([2, 3, 9, 8], 1), whole([4, 3, 3, 2], 2), [1, -2, 3, 0]);
    let y = layer::forward(&x, &w, Some(&bias), geometry)?;
    let (left, right) = (layer::weights(&w), layer::im2col(&x, (3, 2), geometry)?);
    let mut product = &left * &right;
    for (mut line, &bias) in product.row_iter_mut().zip(&bias) {
        line.add_scalar_mut(bias);
    }
    let (batch, outputs, p, q) = y.dim();
    let same = y.indexed_iter().all(|((n, o, i, j), &y)| product[(o, (n * p + i) * q + j)] == y);
    println!("== layer ==");
    println!("stride 2, padding 1, dilation 2");
    println!("x, images × channels × rows × columns    {}", times(x.shape()));
    println!("w, outputs × channels × rows × columns   {}", times(w.shape()));
    println!("y, images × outputs × rows × columns     {}", times(&[batch, outputs, p, q]));
    println!("W                                        {}", times(&[left.nrows(), left.ncols()]));
    println!("I(x)                                     {}", times(&[right.nrows(), right.ncols()]));
    println!("W I(x) + bias                            {}", times(&[product.nrows(), product.ncols()]));
    println!("entry by entry the output of the loops: {}\n", yes(same));
    Ok(())
}

/// The pixels that an output sees, found by lighting one after the other.
fn sees(image: usize, geometry: Geometry, output: Shape) -> Outcome<Array2<bool>> {
    let w = Array4::from_elem((1, 1, 3, 3), 1);
    let mut seen = Array2::from_elem((image, image), false);
    for i in 0..image {
        for j in 0..image {
            let mut light = Array4::zeros((1, 1, image, image));
            light[[0, 0, i, j]] = 1;
            seen[[i, j]] = layer::forward(&light, &w, None, geometry)?[[0, 0, output.0, output.1]] != 0;
        }
    }
    Ok(seen)
}

/// What stride, padding and dilation do to the windows.
fn geometry(gallery: &mut Gallery) -> Outcome<()> {
    const SIDE: usize = 7;
    let mut panels = vec![];
    for (title, stride, padding, dilation) in
        [("plain", 1, 0, 1), ("stride 2", 2, 0, 1), ("padding 1", 1, 1, 1), ("dilation 2", 1, 0, 2)]
    {
        // Padding is part of the picture here: the layer runs on the padded image, where every pixel can be lit.
        let (side, inner) = (SIDE + 2 * padding, Geometry::new(stride, 0, dilation));
        let (first, next) = (sees(side, inner, (0, 0))?, sees(side, inner, (0, 1))?);
        let panel = Panel::cells(title, (side, side), |i, j| {
            let outside = i < padding || j < padding || i >= SIDE + padding || j >= SIDE + padding;
            let (ink, strength) = match (first[[i, j]], outside) {
                (true, _) => (Ink::Kernel, 0.5),
                (false, true) => (Ink::Muted, 0.3),
                (false, false) => (Ink::Signal, 0.0),
            };
            let label = if next[[i, j]] { "•".into() } else { String::new() };
            Cell { value: f64::from(first[[i, j]]), ink, strength, label, hatched: false }
        });
        panels.push(panel.blocks((side, side)));
    }
    let [plain, stride, padding, dilation] = &panels[..] else { return Err("four panels".into()) };
    gallery.figure(
        "layer-geometry",
        &rows(
            22,
            &[&[plain.clone(), stride.clone()], &[padding.clone(), dilation.clone()]],
            &[&[""], &[""]],
        ),
        "What a kernel of $3\\times3$ sees of $7\\times7$ pixels: output $(0,0)$ the filled ones, output $(0,1)$ those with \
         a dot. Stride moves the second window further. Padding adds a border of zeros, in grey, so that the windows begin \
         outside. Dilation spreads the taps of one window.",
        "Four grids. Plain: two blocks of 3 by 3, one column apart. Stride 2: two columns apart. Padding 1: the grid has grown \
         to 9 by 9 and the windows begin in its border. Dilation 2: nine pixels each, with gaps of one pixel between them, \
         one column apart.",
    )?;
    println!("== sizes ==");
    println!("size  kernel  stride  padding  dilation   outputs");
    for (n, k, stride, padding, dilation) in [
        (7, 3, 1, 0, 1),
        (7, 3, 2, 0, 1),
        (8, 3, 2, 0, 1),
        (7, 3, 1, 1, 1),
        (7, 3, 1, 0, 2),
        (224, 7, 2, 3, 1),
        (2, 3, 1, 0, 1),
    ] {
        let outputs = layer::outputs(n, k, stride, padding, dilation)?;
        println!("{n:>4}  {k:>6}  {stride:>6}  {padding:>7}  {dilation:>8}   {outputs:>7}");
    }
    println!();
    Ok(())
}

/// Puts every copy back where it came from, and counts.
fn there_and_back(gallery: &mut Gallery) -> Outcome<()> {
    println!("== col2im ==");
    let (image, kernel) = ((4, 4), (3, 3));
    let x = Array2::from_shape_fn(image, |(i, j)| (4 * i + j) as i64 + 1);
    let g = DMatrix::from_fn(4, 9, |r, c| ((5 * r + 3 * c) % 7) as i64 - 3);
    let inner = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<i64>();
    let copies = im2col(&x, kernel)?;
    let gathered = col2im(&g, image, kernel)?;
    println!("⟨I(x), G⟩ = {}", inner(copies.as_slice(), g.as_slice()));
    println!("⟨x, col2im(G)⟩ = {}", inner(matrix::vec(&x).as_slice(), matrix::vec(&gathered).as_slice()));
    show("x", x.view());
    show("col2im(I(x))", col2im(&copies, image, kernel)?.view());
    println!();

    let mut panels = vec![];
    for (title, side, stride) in [("stride 1", 4, 1), ("stride 2", 7, 2), ("stride 3", 7, 3)] {
        let (ones, geometry) = (Array4::from_elem((1, 1, side, side), 1), Geometry::new(stride, 0, 1));
        let copies = layer::im2col(&ones, kernel, geometry)?;
        let counts = layer::col2im(&copies, [1, 1, side, side], kernel, geometry)?;
        let counts = counts.slice(s![0, 0, .., ..]).mapv(|count| count as f64);
        let panel = Panel::cells(title, counts.dim(), |i, j| {
            let value = counts[[i, j]];
            let label = value.to_string();
            Cell { value, ink: Ink::Signal, strength: 0.06 * value, label, hatched: false }
        });
        panels.push(panel.blocks((side, side)));
    }
    gallery.figure(
        "col2im-coverage",
        &row(30, &panels, &["", ""]),
        "How many windows of $3\\times3$ a pixel lies in: $\\kappa$, which is what col2im makes of the copies of an image of \
         ones. With stride 1 the middle is seen more often than the border. With stride 2, along each axis, every second \
         pixel is seen twice as often as its neighbours. With stride 3 the windows do not overlap, and here the last row \
         and column are not seen at all.",
        "Three grids of counts. Stride 1, 4 by 4: 1, 2, 2, 1 in the first row and 2, 4, 4, 2 in the second. Stride 2, 7 by 7: \
         four cells of 4 where two lines of 2 cross, and 1 elsewhere. Stride 3, 7 by 7: 1 everywhere but in the last row and \
         column, which hold 0.",
    )?;
    Ok(())
}

/// The adjoint of a layer, on numbers small enough to check by hand.
fn transposed() -> Outcome<()> {
    let g = Array4::from_shape_vec((1, 1, 2, 2), vec![1, 0, 0, 10])?;
    let w = Array4::from_shape_fn((1, 1, 3, 3), |(_, _, a, b)| 3 * a as i64 + b as i64 + 1);
    println!("== transposed ==");
    show("g", g.slice(s![0, 0, .., ..]));
    show("w", w.slice(s![0, 0, .., ..]));
    for (stride, side) in [(1, 4), (2, 5)] {
        let geometry = Geometry::new(stride, 0, 1);
        let back = layer::transposed(&g, &w, geometry, (side, side))?;
        println!("stride {stride}, from 2 × 2 to {side} × {side}:");
        show("transposed(g)", back.slice(s![0, 0, .., ..]));
        let x = whole([1, 1, side, side], 3);
        let y = layer::forward(&x, &w, None, geometry)?;
        println!("⟨layer(x), g⟩ = {}, ⟨x, transposed(g)⟩ = {}", (&y * &g).sum(), (&x * &back).sum());
    }
    println!();
    Ok(())
}

/// A way to correlate one channel with one kernel.
type Route = fn(&Array2<f64>, &Array2<f64>) -> locality::Result<Array2<f64>>;

/// Through the matrix of taps.
fn taps(x: &Array2<f64>, h: &Array2<f64>) -> locality::Result<Array2<f64>> {
    let y = correlation2(h, x.dim(), Mode::Valid)? * matrix::vec(x);
    matrix::unvec(&y, (x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1))
}

/// Through the matrix of copied pixels.
fn copies(x: &Array2<f64>, h: &Array2<f64>) -> locality::Result<Array2<f64>> {
    let y = im2col(x, h.dim())? * matrix::vec(h);
    matrix::unvec(&y, (x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1))
}

/// Through the Fourier transform.
fn spectra(x: &Array2<f64>, h: &Array2<f64>) -> locality::Result<Array2<f64>> {
    fourier::conv2d::correlate(x, h, Mode::Valid)
}

/// One layer by definition and on three other routes.
fn routes() -> Outcome<()> {
    let (x, w) = (whole([1, 3, 16, 16], 5), whole([2, 3, 3, 3], 6));
    let (x, w) = (x.mapv(|pixel| pixel as f64), w.mapv(|tap| tap as f64));
    let y = layer::forward(&x, &w, None, Geometry::default())?;
    println!("== routes ==");
    println!("3 channels of 16 × 16, two filters of 3 × 3");
    println!("route         largest difference from the loops");
    let routes: [(&str, Route); 3] =
        [("taps, B(h)", taps), ("copies, I(x)", copies), ("spectra, FFT", spectra)];
    for (name, route) in routes {
        let mut worst = 0.0_f64;
        for (o, filter) in w.outer_iter().enumerate() {
            let mut difference = y.slice(s![0, o, .., ..]).to_owned();
            for (c, kernel) in filter.outer_iter().enumerate() {
                difference -= &route(&x.slice(s![0, c, .., ..]).to_owned(), &kernel.to_owned())?;
            }
            worst = difference.iter().fold(worst, |worst, error| worst.max(error.abs()));
        }
        // The digits of rounding errors differ from one processor to the next.
        let worst = match worst {
            0.0 => "0",
            rounding if rounding < 1e-11 => "below 1e-11",
            _ => "above 1e-11",
        };
        println!("{name:<12}  {worst}");
    }
    println!();
    Ok(())
}

/// Bytes, in powers of 1000.
fn size(numbers: usize, bytes_each: usize) -> String {
    let (mut size, mut unit) = ((numbers * bytes_each) as f64, "B");
    for larger in ["kB", "MB", "GB", "TB"] {
        if size >= 1000.0 {
            (size, unit) = (size / 1000.0, larger);
        }
    }
    let digits = if size >= 100.0 { 0 } else { 1 };
    format!("{size:.digits$} {unit}")
}

/// What each of the matrices would take, for one image of 32-bit numbers.
fn bytes(gallery: &mut Gallery) -> Outcome<()> {
    println!("== bytes ==");
    println!("one image; 4 bytes a number, and 4 for its place where zeros are left out");
    println!(
        "{:<15} {:>8} {:>6} {:>5}  {:>8} {:>8} {:>14} {:>8}",
        "layer", "channels", "image", "taps", "neither", "I(x)", "B(h), no zeros", "B(h)"
    );
    for layer in &layers::LAYERS {
        let [from, to] = layer.channels;
        let (needed, copies) = (size(layer.needed()?, 4), size(layer.copies()?, 4));
        let (sparse, dense) = (size(layer.nonzeros()?, 8), size(layer.taps()?, 4));
        println!(
            "{:<15} {:>8} {:>6} {:>5}  {needed:>8} {copies:>8} {sparse:>14} {dense:>8}",
            layer.name,
            format!("{from}→{to}"),
            layer.side,
            format!("{0}×{0}", layer.kernel),
        );
        if layer.name == "VGG-16 conv1_2" {
            let growth = layer.copies()? as f64 / (from * layer.side.pow(2)) as f64;
            let empty = 100.0 * (1.0 - layer.nonzeros()? as f64 / layer.taps()? as f64);
            gallery.value("vgg_growth", format!("{growth:.0}"))?;
            gallery.value("vgg_sparse", sparse)?;
            gallery.value("vgg_dense", dense)?;
            gallery.value("vgg_empty", format!("{empty:.2} %"))?;
        }
    }

    // The count of entries is a formula; on a layer small enough to write its matrix down, count them.
    let small = layers::Layer { name: "small", channels: [2, 3], side: 7, kernel: 3, stride: 2, padding: 1 };
    let w = Array4::from_elem((3, 2, 3, 3), 1);
    let mut counted = 0;
    for pixel in 0..2 * 7 * 7 {
        let mut light = Array4::zeros((1, 2, 7, 7));
        light[[0, pixel / 49, pixel / 7 % 7, pixel % 7]] = 1;
        let column = layer::forward(&light, &w, None, Geometry::new(2, 1, 1))?;
        counted += column.iter().filter(|&&entry| entry != 0).count();
    }
    println!(
        "entries counted one by one on a small layer, as the formula says: {}",
        yes(counted == small.nonzeros()?)
    );
    Ok(())
}
