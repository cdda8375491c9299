//! Proofs of the chapter "2-D Convolution": what convolution and correlation of images are, which rules they obey,
//! and which kernels are a column times a row.

mod meaning;

use formula::{Exact, Map, Outcome, Symbols, Value};
use locality::conv2d::Mode::{self, Full, Same, Valid};
use locality::conv2d::{Rank1, convolve, convolve_circular, correlate, flip, low_rank, outer, separable};
use locality::ndarray::{Array2, Array4, ArrayD, ArrayRef2, array, s};
use locality::num_complex::Complex;
use locality::{Result, Scalar};
use proof::{Draw, GaussianInteger, Number, Printed, Proof, S2, norm, printed, printed_image};

/// Convolution, scattered: pixel (m, n) and tap (a, b) leave their product at (m + a, n + b). (The crate gathers.)
fn scattered<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let mut y = Array2::zeros((x.nrows() + h.nrows() - 1, x.ncols() + h.ncols() - 1));
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[m + a, n + b]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// Valid correlation, window by window: every K_h × K_w neighbours, each times the tap upon it.
fn windowed<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let shape = (x.nrows() - h.nrows() + 1, x.ncols() - h.ncols() + 1);
    let outputs = x.windows(h.dim()).into_iter().map(|window| {
        let products = window.iter().zip(h).map(|(pixel, tap)| tap.clone() * pixel.clone());
        products.fold(T::zero(), |sum, product| sum + product)
    });
    Array2::from_shape_vec(shape, outputs.collect()).expect("one output per window")
}

/// The `shape` of an image that starts at (i, j).
fn crop<T: Clone>(x: &ArrayRef2<T>, (i, j): (usize, usize), shape: (usize, usize)) -> Array2<T> {
    x.slice(s![i..i + shape.0, j..j + shape.1]).to_owned()
}

/// What each mode keeps of a full convolution.
fn kept<T: Clone>(
    full: &ArrayRef2<T>,
    (h, w): (usize, usize),
    (kh, kw): (usize, usize),
    mode: Mode,
) -> Array2<T> {
    match mode {
        Full => full.to_owned(),
        Same => crop(full, ((kh - 1) / 2, (kw - 1) / 2), (h, w)),
        Valid => crop(full, (kh - 1, kw - 1), (h - kh + 1, w - kw + 1)),
    }
}

/// The image of `shape` whose only pixel that is not zero is a one at `at`.
fn impulse(shape: (usize, usize), at: (usize, usize)) -> Array2<i64> {
    let mut delta = Array2::zeros(shape);
    delta[at] = 1;
    delta
}

/// `rows` rows of zeros above the image and `columns` columns of zeros to its left.
fn delayed<T: Scalar>(x: &ArrayRef2<T>, rows: usize, columns: usize) -> Array2<T> {
    let mut late = Array2::zeros((x.nrows() + rows, x.ncols() + columns));
    late.slice_mut(s![rows.., columns..]).assign(x);
    late
}

/// The image on a torus, moved down by `rows` and right by `columns`.
fn rolled<T: Clone>(x: &ArrayRef2<T>, rows: usize, columns: usize) -> Array2<T> {
    let (height, width) = x.dim();
    Array2::from_shape_fn((height, width), |(i, j)| {
        x[[(i + height - rows % height) % height, (j + width - columns % width) % width]].clone()
    })
}

/// Whether every 2 × 2 minor h[a, b] h[c, d] − h[a, d] h[c, b] vanishes.
fn minors_vanish(h: &ArrayRef2<i64>) -> bool {
    h.indexed_iter().all(|((a, b), corner)| {
        h.indexed_iter().all(|((c, d), opposite)| corner * opposite == h[[a, d]] * h[[c, b]])
    })
}

/// Whether the kernel is the column times the row that meet in its largest tap, divided by that tap.
fn is_column_times_row(h: &ArrayRef2<i64>) -> bool {
    let ((p, q), &tap) = h.indexed_iter().max_by_key(|(_, tap)| tap.abs()).expect("a kernel has taps");
    outer(&h.column(q).to_vec(), &h.row(p).to_vec()) == h * tap
}

/// Whether the kernel has no second singular value. For whole numbers the two sides are far apart: if a minor does
/// not vanish, it is at least 1, and σ₁ σ₂ is at least as large.
fn has_rank_at_most_1(h: &ArrayRef2<i64>) -> Result<bool> {
    let sigma = low_rank(&h.mapv(|tap| tap as f64))?.iter().map(|term| term.sigma).collect::<Vec<_>>();
    Ok(sigma.len() == 1 || sigma[0] * sigma[1] < 1e-6)
}

/// The terms of a kernel's expansion, and its first k of them.
fn expansion(terms: &[Rank1], symbols: Symbols<Complex<f64>>) -> Symbols<Complex<f64>> {
    fn number(terms: &[Rank1], places: &[Value<Complex<f64>>]) -> Outcome<Rank1> {
        terms.get(places[0].size()?).cloned().ok_or("there is no such term".into())
    }
    let [sigma, u, v, partial] = [(); 4].map(|()| terms.to_vec());
    let shape = (terms[0].u.len(), terms[0].v.len());
    symbols
        .function("\\sigma_#", move |places| Ok(number(&sigma, places)?.sigma.print().into()))
        .function("u_#", move |places| Ok(printed(&number(&u, places)?.u).into()))
        .function("v_#", move |places| Ok(printed(&number(&v, places)?.v).into()))
        .function("h_#", move |places| {
            let terms = partial.get(..places[0].size()?).ok_or("there are no such terms")?;
            let sum = terms.iter().fold(Array2::<f64>::zeros(shape), |sum, term| sum + term.kernel());
            Ok(printed_image(&sum).into())
        })
}

/// The image 0², 1², …, 15² and the kernel 1, …, 9: no symmetry hides a mistake.
fn squares_and_digits() -> (Array2<i64>, Array2<i64>) {
    let squares = Array2::from_shape_fn((4, 4), |(i, j)| (4 * i + j).pow(2) as i64);
    (squares, Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as i64))
}

/// Output (i, j) of a full convolution sums h[a, b] x[i − a, j − b] over the taps that meet a pixel: gathering equals
/// scattering, whatever the memory layout. Catches a kernel turned along one axis only, a conjugate, height taken
/// for width, and every loop bound that is off by one.
#[test]
fn conv2d_full() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let y = scattered(&x, &h);
            proof.equal(convolve(&x, &h, Full)?, &y);
            // The same image and kernel on their sides, by strides instead of by copying.
            proof.equal(convolve(&x.t(), &h.t(), Full)?, y.t().to_owned());
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv2d-full");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// "Same" keeps H × W outputs of the full convolution, from (⌊(K_h − 1)/2⌋, ⌊(K_w − 1)/2⌋) on. Catches a centre
/// rounded up, which shows for even sides, and one side's offset used for both.
#[test]
fn conv2d_same() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let centre = ((h.nrows() - 1) / 2, (h.ncols() - 1) / 2);
            proof.equal(convolve(&x, &h, Same)?, crop(&scattered(&x, &h), centre, x.dim()));
            // A kernel larger than the image has a centre, too.
            let centre = ((x.nrows() - 1) / 2, (x.ncols() - 1) / 2);
            proof.equal(convolve(&h, &x, Same)?, crop(&scattered(&h, &x), centre, h.dim()));
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv2d-same");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// "Valid" keeps the outputs for which the kernel lies inside the image: the full convolution without its first
/// K_h − 1 rows and K_w − 1 columns, and without as many at the end. Catches a crop that is one off on any side.
#[test]
fn conv2d_valid() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let ((height, width), (kh, kw)) = (x.dim(), h.dim());
            let inside = crop(&scattered(&x, &h), (kh - 1, kw - 1), (height - kh + 1, width - kw + 1));
            proof.equal(convolve(&x, &h, Valid)?, inside);
            let turned = Array2::from_shape_fn((kh, kw), |(a, b)| h[[kh - 1 - a, kw - 1 - b]].clone());
            proof.equal(convolve(&x, &h, Valid)?, windowed(&x, &turned));
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv2d-valid");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The CNN layer multiplies every window of the image with the kernel as it is: not turned, not conjugated. Catches
/// both.
#[test]
fn corr2d_valid() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            proof.equal(correlate(&x, &h, Valid)?, windowed(&x, &h));
        }
        Ok(())
    }

    let mut proof = Proof::exact("corr2d-valid");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)?;
    // i · i = −1, where conjugation would make it 1.
    let i = array![[GaussianInteger::new(0, 1)]];
    proof.equal(correlate(&i, &i, Valid)?, array![[GaussianInteger::new(-1, 0)]]);
    Ok(())
}

/// Correlating is convolving with the kernel turned by 180°, in all three modes, and turning twice changes nothing.
/// Catches a turn that transposes or reverses one axis, and modes that turn differently.
#[test]
fn corr2d_flip() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let (kh, kw) = h.dim();
            let turned = Array2::from_shape_fn((kh, kw), |(a, b)| h[[kh - 1 - a, kw - 1 - b]].clone());
            proof.equal(flip(&h), &turned);
            proof.equal(flip(&turned), &h);
            for mode in [Full, Same, Valid] {
                proof.equal(correlate(&x, &h, mode)?, kept(&scattered(&x, &turned), x.dim(), h.dim(), mode));
            }
            proof.equal(windowed(&x, &h), convolve(&x, &flip(&h), Valid)?);
        }
        Ok(())
    }

    let mut proof = Proof::exact("corr2d-flip");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        proof.printed(&meaning::image(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// No other symmetry of the kernel turns convolution into correlation: not the transpose, not one axis reversed, not
/// the kernel as it is. Catches the belief that one of them does, and with it a `flip` that does one of them.
#[test]
fn flip_not_transpose() -> Result<()> {
    let mut proof = Proof::refuted("flip-not-transpose", 0.1);
    // As printed.
    for _ in 0..64 {
        let (x, h) = (proof.image::<i64>((6, 6)), proof.image((3, 3)));
        proof.printed(&meaning::image(&x, &h));
    }
    let mut cases = vec![squares_and_digits()];
    for _ in 0..64 {
        cases.push((proof.image((6, 6)), proof.image((3, 3))));
    }
    for (x, h) in cases {
        let y = correlate(&x, &h, Valid)?;
        let upside_down = h.slice(s![..;-1, ..]).to_owned();
        let mirrored = h.slice(s![.., ..;-1]).to_owned();
        for wrong in [h.t().to_owned(), upside_down, mirrored, h.clone()] {
            proof.separated(&y, convolve(&x, &wrong, Valid)?);
        }
        proof.equal(&y, convolve(&x, &flip(&h), Valid)?);
    }
    Ok(())
}

/// Full convolution of images commutes, associates and is bilinear; the impulse is its one, and a moved image has a
/// moved result, on the plane and on the torus. Catches any preference for one of the two arguments, and an edge that
/// is treated in its own way.
#[test]
fn conv2d_algebra() -> Result<()> {
    fn over<T: Scalar + Draw + Number + Copy>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.images::<T>(S2) {
            let (z, g) = (proof.image::<T>(x.dim()), proof.image::<T>((2, 3)));
            let [alpha, beta]: [T; 2] = proof.signal(2).try_into().expect("two of them");
            let y = convolve(&x, &h, Full)?;

            proof.equal(&y, convolve(&h, &x, Full)?);
            proof.equal(convolve(&y, &g, Full)?, convolve(&x, &convolve(&h, &g, Full)?, Full)?);

            let mix =
                |x: &Array2<T>, z: &Array2<T>| x.mapv(|pixel| alpha * pixel) + z.mapv(|pixel| beta * pixel);
            proof.equal(convolve(&mix(&x, &z), &h, Full)?, mix(&y, &convolve(&z, &h, Full)?));
            proof.equal(convolve(&h, &mix(&x, &z), Full)?, mix(&y, &convolve(&h, &z, Full)?));

            proof.equal(convolve(&x, &array![[T::one()]], Full)?, &x);

            proof.equal(convolve(&delayed(&x, 2, 1), &h, Full)?, delayed(&y, 2, 1));
            let on_torus = convolve_circular(&x, &h, x.dim())?;
            proof.equal(convolve_circular(&rolled(&x, 1, 2), &h, x.dim())?, rolled(&on_torus, 1, 2));
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv2d-algebra");
    // As printed.
    for (x, h) in proof.images::<GaussianInteger>(S2) {
        let g = proof.image::<GaussianInteger>((2, 3));
        let symbols = meaning::image(&x, &h).value("g", printed_image(&g));
        let symbols = symbols.value("\\delta", array![[GaussianInteger::new(1, 0).print()]]);
        let moved = |x: &ArrayD<Exact>| match x.view().into_dimensionality() {
            Ok(image) => Ok(delayed(&image, 2, 1).into_dyn()),
            Err(error) => Err(error.to_string()),
        };
        proof.printed(&symbols.value("\\tau", Map::new(moved)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// Output (i, j) of a CNN layer reads the pixels of the rows i to i + K_h − 1 and the columns j to j + K_w − 1, and
/// no others: every pixel's impulse tells which outputs it reaches. Catches a window moved, transposed or too large.
#[test]
fn receptive_field_2d() -> Result<()> {
    let mut proof = Proof::exact("receptive-field-2d");
    // As printed.
    for ((height, width), (kh, kw)) in proof.shapes(S2) {
        let (x, h) =
            (proof.image::<i64>((height, width)), proof.image::<i64>((kh, kw)).mapv(|tap| tap.abs() + 1));
        let jacobian =
            Array4::from_shape_fn((height - kh + 1, width - kw + 1, height, width), |(i, j, m, n)| {
                let response = correlate(&impulse((height, width), (m, n)), &h, Valid);
                response.map_or(GaussianInteger::new(0, 0), |y| y[[i, j]].into()).print()
            });
        proof.printed(&meaning::image(&x, &h).value("\\partial y / \\partial x", jacobian.into_dyn()));
    }
    for ((height, width), (kh, kw)) in proof.shapes(S2) {
        let h = proof.image::<i64>((kh, kw)).mapv(|tap| tap.abs() + 1);
        for m in 0..height {
            for n in 0..width {
                let reached = correlate(&impulse((height, width), (m, n)), &h, Valid)?.mapv(|y| y != 0);
                let reads = |(i, j)| (i..i + kh).contains(&m) && (j..j + kw).contains(&n);
                proof.holds(reached == Array2::from_shape_fn(reached.dim(), reads));
            }
        }
    }
    Ok(())
}

/// A kernel that is a column times a row convolves in two passes of one dimension, in either order, in every mode.
/// Catches column and row exchanged, and a mode that is applied along one axis only.
#[test]
fn conv2d_separable() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (image, (kh, kw)) in proof.shapes(S2) {
            let (x, u, v) = (proof.image::<T>(image), proof.signal::<T>(kh), proof.signal::<T>(kw));
            let h = Array2::from_shape_fn((kh, kw), |(a, b)| u[a].clone() * v[b].clone());
            proof.equal(outer(&u, &v), &h);
            for mode in [Full, Same, Valid] {
                let y = kept(&scattered(&x, &h), image, (kh, kw), mode);
                proof.equal(separable(&x, &u, &v, mode)?, &y);
                // Rows first: the columns of the transposed image.
                proof.equal(separable(&x.t(), &v, &u, mode)?, y.t().to_owned());
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv2d-separable");
    // As printed.
    for (image, (kh, kw)) in proof.shapes(S2) {
        let (x, u) = (proof.image::<GaussianInteger>(image), proof.signal::<GaussianInteger>(kh));
        let v = proof.signal::<GaussianInteger>(kw);
        let symbols = meaning::image(&x, &outer(&u, &v));
        proof.printed(&symbols.value("u", printed(&u)).value("v", printed(&v)));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// Three ways to say the same of a kernel: it is a column times a row, it has rank 1 or 0, all its 2 × 2 minors
/// vanish. Sobel is such a kernel; the Laplacian is not, it is the sum of two. Catches an outer product that is
/// transposed or summed, and singular values in the wrong order.
#[test]
fn separable_iff_rank1() -> Result<()> {
    let mut proof = Proof::exact("separable-iff-rank1");
    // As printed.
    for (_, (kh, kw)) in proof.shapes(S2) {
        let (u, v) = (proof.signal::<i64>(kh), proof.signal::<i64>(kw));
        for h in [outer(&u, &v), proof.image((kh, kw)), Array2::zeros((kh, kw))] {
            let symbols = meaning::image(&Array2::<i64>::zeros((kh, kw)), &h);
            proof.printed(&symbols.value("u", printed(&u)).value("v", printed(&v)));
        }
    }

    let sobel = array![[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]];
    proof.equal(outer(&[1, 2, 1], &[-1, 0, 1]), &sobel);
    let laplacian = array![[0, 1, 0], [1, -4, 1], [0, 1, 0]];
    proof.equal(outer(&[1, -2, 1], &[0, 1, 0]) + outer(&[0, 1, 0], &[1, -2, 1]), &laplacian);

    let mut kernels = vec![(sobel, true), (laplacian, false), (Array2::zeros((3, 2)), true)];
    for (_, (kh, kw)) in proof.shapes(S2) {
        kernels.push((outer(&proof.signal::<i64>(kh), &proof.signal::<i64>(kw)), true));
        if kh.min(kw) > 1 {
            // A box with one tap changed is no product any more.
            let mut box_and_one = Array2::from_elem((kh, kw), 1);
            box_and_one[[kh - 1, kw - 1]] = 2;
            kernels.push((box_and_one, false));
        }
    }
    for (h, separable) in kernels {
        proof.holds(minors_vanish(&h) == separable);
        proof.holds(is_column_times_row(&h) == separable);
        proof.holds(has_rank_at_most_1(&h)? == separable);
    }
    // Whatever the answer is, the three agree.
    for (_, kernel) in proof.shapes(&[]) {
        let h = proof.image::<i64>(kernel);
        proof.holds(minors_vanish(&h) == is_column_times_row(&h));
        proof.holds(minors_vanish(&h) == has_rank_at_most_1(&h)?);
    }
    Ok(())
}

/// Every kernel is a sum of separable ones, σᵣ uᵣ vᵣᵀ with columns and rows at right angles. Stopping after R of them
/// leaves out a kernel of squared norm σ²_{R+1} + …, and changes no output by more than its norm times the image's.
/// Catches a term lost or repeated, ascending order, a factor σ missing, and columns exchanged with rows.
#[test]
fn conv2d_svd() -> Result<()> {
    let mut proof = Proof::numeric("conv2d-svd", 1e-12);
    // As printed.
    for (image, kernel) in proof.shapes(S2) {
        let (x, h) = (proof.image::<f64>(image), proof.image::<f64>(kernel));
        let scale = 1.0 + norm(&x) * norm(&h) + norm(&h).powi(2);
        proof.printed_close(&expansion(&low_rank(&h)?, meaning::image(&x, &h)), scale);
    }
    for (image, kernel) in proof.shapes(S2) {
        let (x, h) = (proof.image::<f64>(image), proof.image::<f64>(kernel));
        let scale = 1.0 + norm(&x) * norm(&h);
        let terms = low_rank(&h)?;
        proof.equal(terms.len(), kernel.0.min(kernel.1));
        proof.holds(terms.iter().all(|term| term.sigma >= 0.0));
        proof.holds(terms.is_sorted_by(|one, next| one.sigma >= next.sigma));
        for (r, term) in terms.iter().enumerate() {
            for (q, other) in terms.iter().enumerate() {
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                let expected = if r == q { 1.0 } else { 0.0 };
                proof.close(dot(&term.u, &other.u), expected, 1.0);
                proof.close(dot(&term.v, &other.v), expected, 1.0);
            }
        }

        // One term more each time.
        let (mut rest, mut y) = (h.clone(), Array2::zeros(windowed(&x, &h).dim()));
        let expected = windowed(&x, &flip(&h));
        for kept in 0..=terms.len() {
            let left_out = terms[kept..].iter().map(|term| term.sigma.powi(2)).sum::<f64>();
            proof.close(norm(&rest).powi(2), left_out, 1.0 + norm(&h).powi(2));
            let change = (&expected - &y).iter().fold(0.0, |worst: f64, y| worst.max(y.abs()));
            proof.holds(change <= norm(&rest) * norm(&x) + 1e-12 * scale);
            if let Some(term) = terms.get(kept) {
                let separable_kernel = outer(&term.u, &term.v) * term.sigma;
                proof.equal(term.kernel(), &separable_kernel);
                rest -= &separable_kernel;
                y += &(convolve(&x, &outer(&term.u, &term.v), Valid)? * term.sigma);
            }
        }
        proof.close(y, expected, scale);
        proof.close(rest, Array2::zeros(kernel), 1.0 + norm(&h));
    }

    // The Laplacian's singular values, by hand: its eigenvalues are 0 and −2 ± √6.
    let laplacian = array![[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]];
    let sigma = low_rank(&laplacian)?.iter().map(|term| term.sigma).collect::<Vec<_>>();
    proof.close(sigma, [2.0 + 6.0_f64.sqrt(), 6.0_f64.sqrt() - 2.0, 0.0], 1.0 + norm(&laplacian));
    Ok(())
}

/// What SciPy 1.17.1 says. (Its `same` and `valid` are this crate's, as long as the kernel fits into the image.)
#[test]
fn scipy_vectors() -> Result<()> {
    // x = np.array([[3, -1, 4, 1, 5], [-9, 2, 6, -5, 3], [5, 8, -9, 7, 9], [3, 2, -3, 8, 4]])
    // h = np.array([[2, -7, 1], [8, 2, -8]])
    let x = array![[3, -1, 4, 1, 5], [-9, 2, 6, -5, 3], [5, 8, -9, 7, 9], [3, 2, -3, 8, 4]];
    let h = array![[2, -7, 1], [8, 2, -8]];
    // scipy.signal.convolve2d(x, h).tolist()
    let full = array![
        [6, -23, 18, -27, 7, -34, 5],
        [6, 65, -5, -26, 57, -24, -37],
        [-62, -21, 55, 41, -74, -10, -15],
        [46, 57, -113, 13, 107, -58, -68],
        [24, 22, -44, 42, 72, -56, -32]
    ];
    assert_eq!(convolve(&x, &h, Full)?, full);
    // scipy.signal.convolve2d(x, h, mode='same').tolist()
    let same = array![
        [-23, 18, -27, 7, -34],
        [65, -5, -26, 57, -24],
        [-21, 55, 41, -74, -10],
        [57, -113, 13, 107, -58]
    ];
    assert_eq!(convolve(&x, &h, Same)?, same);
    // scipy.signal.convolve2d(x, h, mode='valid').tolist()
    assert_eq!(convolve(&x, &h, Valid)?, array![[-5, -26, 57], [55, 41, -74], [-113, 13, 107]]);

    // x = np.array([[1 + 2j, 3 - 1j, -2], [0.5j, -4, 2.5 + 1j]])
    // h = np.array([[1j, 2], [-1, 0.5 - 3j]])
    // scipy.signal.convolve2d(x, h).tolist()
    let c = Complex::<f64>::new;
    let x = array![[c(1.0, 2.0), c(3.0, -1.0), c(-2.0, 0.0)], [c(0.0, 0.5), c(-4.0, 0.0), c(2.5, 1.0)]];
    let h = array![[c(0.0, 1.0), c(2.0, 0.0)], [c(-1.0, 0.0), c(0.5, -3.0)]];
    let full = array![
        [c(-2.0, 1.0), c(3.0, 7.0), c(6.0, -4.0), c(-4.0, 0.0)],
        [c(-1.5, -2.0), c(3.5, -4.0), c(-8.5, -7.0), c(4.0, 8.0)],
        [c(0.0, -0.5), c(5.5, 0.25), c(-4.5, 11.0), c(4.25, -7.0)]
    ];
    assert_eq!(convolve(&x, &h, Full)?, full);
    Ok(())
}
