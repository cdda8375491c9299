//! Proofs of the chapter "2D Fourier Transform Convolution as Matrix Multiplies": a 4 × 4 image and a 3 × 3 kernel go
//! through the transform and back, every matrix written out. Fourth roots of one are Gaussian integers, so nearly
//! everything here is exact.

mod meaning;

use formula::{Exact, Map, Number as _, Symbols, Value};
use locality::conv2d::Mode::{Full, Valid};
use locality::conv2d::{convolve, correlate, correlate_circular, flip, pad};
use locality::fourier;
use locality::nalgebra::{DMatrix, DVector};
use locality::ndarray::{Array2, ArrayD, ArrayRef2, Ix2, array, s};
use locality::num_complex::Complex;
use locality::scalar::RootOfUnity;
use locality::{Result, Scalar, matrix};
use meaning::{Entry, said};
use proof::{Draw, GaussianInteger, Number, Printed, Proof, S2, norm, powers, printed_image};

/// A complex number that is rounded.
type C = Complex<f64>;

/// The sides of the chapter's image.
const FOUR: (usize, usize) = (4, 4);

/// ω₄ᵏ, from a table: k quarter turns clockwise.
fn root(k: i64) -> GaussianInteger {
    let (one, i) = (GaussianInteger::new(1, 0), GaussianInteger::new(0, 1));
    [one, -i, -one, i][k.rem_euclid(4) as usize]
}

/// ω₄^{ua + vb}, with its sign.
fn wave(sign: i64, (u, v): (usize, usize), (a, b): (usize, usize)) -> GaussianInteger {
    root(sign * (u * a + v * b) as i64)
}

/// Every pair of indices from 0 to 3.
fn bins() -> impl Iterator<Item = (usize, usize)> {
    (0..16).map(|p| (p / 4, p % 4))
}

/// Whole numbers, as Gaussian integers.
fn gaussian(x: &ArrayRef2<i64>) -> Array2<GaussianInteger> {
    x.mapv(|pixel| GaussianInteger::new(pixel, 0))
}

/// The same matrix with every entry conjugated.
fn conjugated(x: &ArrayRef2<GaussianInteger>) -> Array2<GaussianInteger> {
    x.mapv(|bin| bin.conj())
}

/// Every entry divided by 16; nothing may be left over.
fn over_16(v: &DVector<GaussianInteger>) -> DVector<GaussianInteger> {
    v.map(|entry| {
        assert!(entry.re % 16 == 0 && entry.im % 16 == 0, "{entry} is not 16 times a Gaussian integer");
        entry / 16
    })
}

/// F vec(x), as a 4 × 4 array over (u, v).
fn spectrum(x: &ArrayRef2<GaussianInteger>) -> Result<Array2<GaussianInteger>> {
    matrix::unvec(&(matrix::dft2::<GaussianInteger>(4, 4)? * matrix::vec(x)), FOUR)
}

/// F* vec(ŷ) / 16, as a 4 × 4 array over (i, j).
fn back(spectrum: &ArrayRef2<GaussianInteger>) -> Result<Array2<GaussianInteger>> {
    let f = matrix::dft2::<GaussianInteger>(4, 4)?;
    matrix::unvec(&over_16(&(f.map(|entry| entry.conj()) * matrix::vec(spectrum))), FOUR)
}

/// The four steps for correlation: pad, transform both, multiply with the conjugate, transform back.
fn four_steps(x: &ArrayRef2<i64>, h: &ArrayRef2<i64>) -> Result<Array2<i64>> {
    let kernel = conjugated(&spectrum(&pad(&gaussian(h), FOUR)?)?);
    real(&back(&(kernel * spectrum(&gaussian(x))?))?)
}

/// The four steps without the conjugate.
fn four_steps_plain(x: &ArrayRef2<i64>, h: &ArrayRef2<i64>) -> Result<Array2<i64>> {
    real(&back(&(spectrum(&pad(&gaussian(h), FOUR)?)? * spectrum(&gaussian(x))?))?)
}

/// The real parts; the imaginary ones must be zero.
fn real(x: &ArrayRef2<GaussianInteger>) -> Result<Array2<i64>> {
    assert!(x.iter().all(|pixel| pixel.im == 0), "{x} is not real");
    Ok(x.mapv(|pixel| pixel.re))
}

/// Convolution on a torus of the image's size, scattered: pixel (m, n) and tap (a, b) meet at (m + a, n + b).
fn convolved_on_torus<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let (height, width) = x.dim();
    let mut y = Array2::zeros(x.dim());
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[(m + a) % height, (n + b) % width]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// Correlation on a torus of the image's size, scattered: pixel (m, n) and tap (a, b) meet at (m − a, n − b).
fn correlated_on_torus<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let (height, width) = x.dim();
    let mut y = Array2::zeros(x.dim());
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            y[[(m + height - a) % height, (n + width - b) % width]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// Convolution on a circle of all pixels, row after row: what leaves a row enters the next one.
fn convolved_flat<T: Scalar>(x: &ArrayRef2<T>, h: &ArrayRef2<T>) -> Array2<T> {
    let width = x.ncols();
    let mut y = Array2::zeros(x.dim());
    for ((m, n), pixel) in x.indexed_iter() {
        for ((a, b), tap) in h.indexed_iter() {
            let place = (width * (m + a) + n + b) % x.len();
            y[[place / width, place % width]] += tap.clone() * pixel.clone();
        }
    }
    y
}

/// What the symbols of the chapter stand for: an image of 4 × 4 pixels, a kernel of 3 × 3 taps, and y, its valid outputs.
/// The kernel is padded before it is transformed.
fn symbols<S: Printed<Number: Entry>>(x: &Array2<S>, h: &Array2<S>) -> Symbols<S::Number> {
    let y = correlate(&printed_image(x), &printed_image(h), Valid).expect("the kernel fits");
    let y: Value<S::Number> = y.into();
    meaning::image(x, h)
        .value("y", y)
        .value("E", in_the_corner::<S::Number>(FOUR))
        .function("vec(#)", |places| Ok(matrix::vec(&places[0].matrix()?).as_slice().to_vec().into()))
        .function("\\hat #", |places| {
            let padded = pad(&places[0].matrix()?, FOUR).map_err(said)?;
            let bins = matrix::dft2::<S::Number>(4, 4).map_err(said)? * matrix::vec(&padded);
            Ok(matrix::unvec(&bins, FOUR).map_err(said)?.into())
        })
}

/// E: zeros to the right and below.
fn in_the_corner<T: Entry>(shape: (usize, usize)) -> Map<T> {
    Map::new(move |h: &ArrayD<T>| {
        let h = h.clone().into_dimensionality::<Ix2>().map_err(|error| error.to_string())?;
        Ok(pad(&h, shape).map_err(said)?.into_dyn())
    })
}

/// Images and kernels of the chapter's sizes, without rounding: the images are not real, the kernels are.
fn real_kernels(proof: &mut Proof) -> Vec<(Array2<GaussianInteger>, Array2<GaussianInteger>)> {
    (0..32).map(|_| (proof.image(FOUR), gaussian(&proof.image((3, 3))))).collect()
}

/// The same, and kernels that are not real either.
fn kernels(proof: &mut Proof) -> Vec<(Array2<GaussianInteger>, Array2<GaussianInteger>)> {
    let complex = (0..32).map(|_| (proof.image(FOUR), proof.image((3, 3)))).collect();
    [real_kernels(proof), complex].concat()
}

/// A hundred images and kernels of the chapter's sizes, whole numbers.
fn cases(proof: &mut Proof) -> Vec<(Array2<i64>, Array2<i64>)> {
    (0..100).map(|_| (proof.image(FOUR), proof.image((3, 3)))).collect()
}

/// Powers of 2 for pixels, powers of 3 for taps: all positive, and no two sums of products coincide by accident.
fn witnesses(image: (usize, usize), kernel: (usize, usize)) -> (Array2<i128>, Array2<i128>) {
    let x = Array2::from_shape_vec(image, powers(2, image.0 * image.1)).expect("as many as pixels");
    let h = Array2::from_shape_vec(kernel, powers(3, kernel.0 * kernel.1)).expect("as many as taps");
    (x, h)
}

/// 11, 12, …, as the article numbers the entries of an image: row, then column, from 1.
fn labels(shape: (usize, usize)) -> Array2<i64> {
    Array2::from_shape_fn(shape, |(i, j)| (10 * (i + 1) + j + 1) as i64)
}

/// The entry with the article's label.
fn at<T: Clone>(x: &ArrayRef2<T>, label: usize) -> T {
    x[[label / 10 - 1, label % 10 - 1]].clone()
}

/// Σ h_label · x_label over pairs of the article's labels.
fn products(h: &ArrayRef2<i64>, x: &ArrayRef2<i64>, pairs: [(usize, usize); 9]) -> i64 {
    pairs.iter().map(|&(tap, pixel)| at(h, tap) * at(x, pixel)).sum()
}

/// The fourth root of one is −i: a quarter turn clockwise. Catches the inverse transform's sign, and exponents that
/// are not reduced.
#[test]
fn omega4() -> Result<()> {
    let mut proof = Proof::exact("omega4");
    // As printed.
    proof.printed(&meaning::symbols());
    let printed = [(1, 0), (0, -1), (-1, 0), (0, 1)].map(|(re, im)| GaussianInteger::new(re, im));
    let mut power = GaussianInteger::new(1, 0);
    for k in 0..64 {
        let omega = GaussianInteger::root_of_unity(4, k)?;
        proof.equal(omega, printed[k % 4]);
        proof.equal(omega, power);
        // The rounded numbers hold it without rounding.
        proof.equal(C::root_of_unity(4, k)?, C::new(omega.re as f64, omega.im as f64));
        power *= printed[1];
    }
    // It is the first power that is one: the root is primitive.
    proof.holds(printed[1..].iter().all(|&omega| omega != printed[0]));
    // Clockwise by a quarter: the imaginary part of e^{−2πi/4} is negative, and its square is −1.
    proof.holds((-std::f64::consts::TAU / 4.0).sin() < -0.99);
    Ok(())
}

/// The four-point Fourier matrix as it is printed, and as rustfft has it. Catches a conjugated matrix, and one whose
/// rows are in another order.
#[test]
fn dft4_matrix() -> Result<()> {
    let mut proof = Proof::exact("dft4-matrix");
    // As printed.
    proof.printed(&meaning::symbols());
    let (one, i) = (GaussianInteger::new(1, 0), GaussianInteger::new(0, 1));
    let printed =
        array![[one, one, one, one], [one, -i, -one, i], [one, -one, one, -one], [one, i, -one, -i]];
    proof.equal(matrix::to_array(&matrix::dft::<GaussianInteger>(4)?), &printed);
    for column in 0..4 {
        let mut impulse = vec![C::new(0.0, 0.0); 4];
        impulse[column] = C::new(1.0, 0.0);
        let expected = printed.column(column).map(|z| C::new(z.re as f64, z.im as f64));
        proof.equal(fourier::dft(&impulse)?, expected);
    }
    Ok(())
}

/// Flattened row by row: 11, 12, …, 44, whatever the memory layout. Catches columns listed first.
#[test]
fn flatten_4x4() -> Result<()> {
    let mut proof = Proof::exact("flatten-4x4");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    let printed = [11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34, 41, 42, 43, 44];
    proof.equal(matrix::vec(&labels(FOUR)), printed.to_vec());
    for (x, _) in cases(&mut proof) {
        proof.equal(matrix::vec(&x), printed.map(|label| at(&x, label as usize)).to_vec());
        proof.equal(matrix::unvec(&matrix::vec(&x), FOUR)?, &x);
        // The same pixels, stored column by column.
        let stored = x.t().as_standard_layout().to_owned();
        proof.equal(matrix::vec(&stored.t()), matrix::vec(&x));
    }
    Ok(())
}

/// The matrix of the 2-D transform is F₄ ⊗ F₄: entry (4u + v, 4m + n) is ω^{um + vn}; it is symmetric, its conjugate
/// over 16 inverts it, and it does to the flattened image what F₄ on both sides does to the image. Catches indices
/// paired crosswise, ω^{un + vm}, and a conjugate on one side.
#[test]
fn dft16_kron() -> Result<()> {
    let mut proof = Proof::exact("dft16-kron");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h).value("I", meaning::identity(16)));
    }
    let (f, f4) = (matrix::dft2::<GaussianInteger>(4, 4)?, matrix::dft::<GaussianInteger>(4)?);
    for (p, bin) in bins().enumerate() {
        for (q, pixel) in bins().enumerate() {
            proof.equal(f[(p, q)], wave(1, bin, pixel));
            // Block (u, m), and in it entry (v, n).
            proof.equal(f[(p, q)], f4[(bin.0, pixel.0)] * f4[(bin.1, pixel.1)]);
        }
    }
    proof.equal(f.transpose(), &f);
    let identity = DMatrix::from_diagonal_element(16, 16, GaussianInteger::new(16, 0));
    proof.equal(&f * f.map(|entry| entry.conj()).transpose(), identity);
    for _ in 0..64 {
        let x = proof.image::<GaussianInteger>(FOUR);
        let both = &f4 * matrix::from_array(&x) * &f4;
        proof.equal(&f * matrix::vec(&x), matrix::vec(&matrix::to_array(&both)));
    }
    Ok(())
}

/// The exponents um + vn mod 4, as they are printed, a row of digits for a row of the matrix.
const EXPONENTS: [&str; 16] = [
    "0000 0000 0000 0000",
    "0123 0123 0123 0123",
    "0202 0202 0202 0202",
    "0321 0321 0321 0321",
    "0000 1111 2222 3333",
    "0123 1230 2301 3012",
    "0202 1313 2020 3131",
    "0321 1032 2103 3210",
    "0000 2222 0000 2222",
    "0123 2301 0123 2301",
    "0202 2020 0202 2020",
    "0321 2103 0321 2103",
    "0000 3333 2222 1111",
    "0123 3012 2301 1230",
    "0202 3131 2020 1313",
    "0321 3210 2103 1032",
];

/// The 256 exponents as they are printed are those of the matrix: 88 zeros, 48 ones, 72 twos, 48 threes. Catches any
/// misprint, and a sign of the exponent, which would exchange ones and threes.
#[test]
fn dft16_exponents() -> Result<()> {
    let mut proof = Proof::exact("dft16-exponents");
    // As printed.
    let quarters = matrix::to_array(&matrix::dft2::<GaussianInteger>(4, 4)?)
        .mapv(|entry| (0..4).find(|&k| root(k) == entry).expect("every entry is a fourth root of one"));
    proof.printed(&meaning::symbols().value("\\Phi", printed_image(&quarters)));
    let f = matrix::dft2::<GaussianInteger>(4, 4)?;
    let mut counts = [0_usize; 4];
    for (p, row) in EXPONENTS.iter().enumerate() {
        let digits = row.chars().filter_map(|digit| digit.to_digit(10)).collect::<Vec<_>>();
        proof.equal(digits.len(), 16_usize);
        for (q, &exponent) in digits.iter().enumerate() {
            proof.equal(exponent as usize, ((p / 4) * (q / 4) + (p % 4) * (q % 4)) % 4);
            proof.equal(f[(p, q)], root(i64::from(exponent)));
            counts[exponent as usize] += 1;
        }
    }
    proof.equal(counts, [88, 48, 72, 48]);
    Ok(())
}

/// The values 1, −i, −1, i, as they are printed: block (u, m) is ω^{um} times F₄. Catches any misprint, and the
/// conjugate matrix.
#[test]
fn dft16_values() -> Result<()> {
    // N is −1 and j is −i, so that an entry is a letter.
    let printed = "
        1111 1111 1111 1111
        1jNi 1jNi 1jNi 1jNi
        1N1N 1N1N 1N1N 1N1N
        1iNj 1iNj 1iNj 1iNj

        1111 jjjj NNNN iiii
        1jNi jNi1 Ni1j i1jN
        1N1N jiji N1N1 ijij
        1iNj j1iN Nj1i iNj1

        1111 NNNN 1111 NNNN
        1jNi Ni1j 1jNi Ni1j
        1N1N N1N1 1N1N N1N1
        1iNj Nj1i 1iNj Nj1i

        1111 iiii NNNN jjjj
        1jNi i1jN Ni1j jNi1
        1N1N ijij N1N1 jiji
        1iNj iNj1 Nj1i j1iN";
    let (one, i) = (GaussianInteger::new(1, 0), GaussianInteger::new(0, 1));
    let value = |letter| match letter {
        '1' => one,
        'j' => -i,
        'N' => -one,
        _ => i,
    };
    let mut proof = Proof::exact("dft16-values");
    // As printed.
    proof.printed(&meaning::symbols());
    let entries = printed.chars().filter(|letter| !letter.is_whitespace()).map(value).collect::<Vec<_>>();
    let printed = DMatrix::from_row_slice(16, 16, &entries);
    proof.equal(&matrix::dft2::<GaussianInteger>(4, 4)?, &printed);
    proof.equal(&matrix::dft::<GaussianInteger>(4)?.kronecker(&matrix::dft(4)?), &printed);
    // Over floating-point numbers nothing is rounded either.
    let rounded = printed.map(|entry| C::new(entry.re as f64, entry.im as f64));
    proof.equal(&matrix::dft2::<C>(4, 4)?, &rounded);
    // Column by column, as the library transforms an image that is one white pixel.
    for (q, (m, n)) in bins().enumerate() {
        let mut x = Array2::zeros(FOUR);
        x[[m, n]] = C::new(1.0, 0.0);
        proof.equal(matrix::vec(&fourier::dft2(&x)?), rounded.column(q).into_owned());
    }
    Ok(())
}

/// F₄ ⊗ F₄ is not the 16-point matrix: 198 of 256 entries differ. Nor are the two equal for any image with more than
/// one row and more than one column. Catches a 2-D transform that flattens the image and calls the 1-D one.
#[test]
fn dft16_not_1d() -> Result<()> {
    let mut proof = Proof::refuted("dft16-not-1d", 0.1);
    // As printed.
    proof.printed_close(&meaning::symbols(), 1.0);
    for height in 1..=6 {
        for width in 1..=6 {
            let (two, one) = (matrix::dft2::<C>(height, width)?, matrix::dft::<C>(height * width)?);
            if height == 1 || width == 1 {
                proof.holds((two - one).iter().all(|entry| entry.norm() < 1e-12));
            } else {
                proof.separated(two, one);
            }
        }
    }
    // Counted exactly: the one turns by 4(um + vn) sixteenths, the other by pq.
    let turns = |p: usize, q: usize| ((p / 4) * (q / 4) + (p % 4) * (q % 4)) * 4 % 16;
    let differing =
        (0..256).filter(|&entry| turns(entry / 16, entry % 16) != (entry / 16) * (entry % 16) % 16);
    proof.equal(differing.count(), 198_usize);
    let (two, one) = (matrix::dft2::<C>(4, 4)?, matrix::dft::<C>(16)?);
    proof.equal(two.iter().zip(&one).filter(|(a, b)| (*a - *b).norm() > 0.1).count(), 198_usize);
    Ok(())
}

/// The matrix for an N × N image has N⁴ entries, none of them zero: 16 N⁴ bytes. Catches N² for the number of entries.
#[test]
fn dft2_matrix_size() -> Result<()> {
    let mut proof = Proof::exact("dft2-matrix-size");
    // As printed.
    // The sizes whose roots of one are whole.
    for n in [1, 2, 4] {
        proof.printed(&meaning::symbols().size("N", n));
    }
    for n in 1..=12_usize {
        let f = matrix::dft2::<C>(n, n)?;
        proof.equal(f.len(), n.pow(4));
        proof.equal(f.iter().filter(|entry| entry.norm() > 0.5).count(), n.pow(4));
        proof.equal(size_of_val(f.as_slice()), 16 * n.pow(4));
    }
    let printed = [(4_usize, 4096_usize), (32, 16_777_216), (224, 40_282_095_616)];
    for (n, bytes) in printed {
        proof.equal(n.pow(4) * size_of::<C>(), bytes);
    }
    proof.equal(size_of_val(matrix::dft2::<C>(32, 32)?.as_slice()), 16_777_216_usize);
    // What cannot be allocated at all is refused.
    proof.holds(matrix::dft2::<C>(100_000, 100_000).is_err());
    Ok(())
}

/// Step 1: the kernel in the upper left corner, zeros to the right and below, and the same flattened. Catches a kernel
/// in the middle, and a flattened kernel whose rows are not padded.
#[test]
fn kernel_pad_4x4() -> Result<()> {
    let mut proof = Proof::exact("kernel-pad-4x4");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    let printed = array![[11, 12, 13, 0], [21, 22, 23, 0], [31, 32, 33, 0], [0, 0, 0, 0]];
    let flat = [11, 12, 13, 0, 21, 22, 23, 0, 31, 32, 33, 0, 0, 0, 0, 0];
    proof.equal(pad(&labels((3, 3)), FOUR)?, &printed);
    proof.equal(matrix::vec(&pad(&labels((3, 3)), FOUR)?), flat.to_vec());
    for (_, h) in cases(&mut proof) {
        let padded = pad(&h, FOUR)?;
        proof.equal(&padded, printed.mapv(|label| if label == 0 { 0 } else { at(&h, label as usize) }));
        proof.equal(padded.slice(s![..3, ..3]).to_owned(), h);
    }
    Ok(())
}

/// The kernel's spectrum: nine columns of the matrix carry all of it, they have no zero, and they are orthogonal, so
/// their rank is nine. Catches a kernel padded elsewhere, and padding that adds to the spectrum.
#[test]
fn kernel_ft() -> Result<()> {
    let mut proof = Proof::exact("kernel-ft");
    // As printed.
    // A holds what the nine kernels with a single tap are transformed to.
    let columns = (0..9).map(|tap| {
        let mut h = Array2::zeros((3, 3));
        h[[tap / 3, tap % 3]] = GaussianInteger::new(1, 0);
        Ok(matrix::vec(&spectrum(&pad(&h, FOUR)?)?))
    });
    let columns = DMatrix::from_columns(&columns.collect::<Result<Vec<_>>>()?);
    for (x, h) in kernels(&mut proof) {
        let a = printed_image(&matrix::to_array(&columns));
        proof.printed(&symbols(&x, &h).value("A", a).value("I", meaning::identity(9)));
    }
    let f = matrix::dft2::<GaussianInteger>(4, 4)?;
    let a = f.select_columns(&[0, 1, 2, 4, 5, 6, 8, 9, 10]);
    for (p, bin) in bins().enumerate() {
        for tap in 0..9 {
            proof.equal(a[(p, tap)], wave(1, bin, (tap / 3, tap % 3)));
        }
    }
    proof.holds(a.iter().all(|entry| entry.norm_sqr() == 1));
    // A*A = 16 I: nine independent columns.
    let gram = a.map(|entry| entry.conj()).transpose() * &a;
    proof.equal(gram, DMatrix::from_diagonal_element(9, 9, GaussianInteger::new(16, 0)));
    for (_, h) in cases(&mut proof) {
        let h = gaussian(&h);
        let defined = Array2::from_shape_fn(FOUR, |bin| {
            h.indexed_iter().map(|(place, tap)| tap * wave(1, bin, place)).sum::<GaussianInteger>()
        });
        proof.equal(spectrum(&pad(&h, FOUR)?)?, &defined);
        proof.equal(&a * matrix::vec(&h), matrix::vec(&defined));
    }
    Ok(())
}

/// Bin (0, 0) is the sum of all taps, because the first row of the matrix is all ones. Catches a transform that
/// divides by 16, or by 4.
#[test]
fn kernel_ft_first_row() -> Result<()> {
    let mut proof = Proof::exact("kernel-ft-first-row");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    let ones = DMatrix::from_element(1, 16, GaussianInteger::new(1, 0));
    proof.equal(matrix::dft2::<GaussianInteger>(4, 4)?.rows(0, 1).into_owned(), ones);
    for (_, h) in cases(&mut proof) {
        let sum = [11, 12, 13, 21, 22, 23, 31, 32, 33].iter().map(|&label| at(&h, label)).sum();
        proof.equal(spectrum(&pad(&gaussian(&h), FOUR)?)?[[0, 0]], GaussianInteger::new(sum, 0));
    }
    Ok(())
}

/// Bin (0, 1) weighs the columns of the kernel with 1, −i and −1. Catches rows taken for columns, and a sign of i.
#[test]
fn kernel_ft_second_row() -> Result<()> {
    let mut proof = Proof::exact("kernel-ft-second-row");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    for (_, h) in cases(&mut proof) {
        let column = |j: usize| at(&h, 10 + j) + at(&h, 20 + j) + at(&h, 30 + j);
        // A − iB − C has the real part A − C.
        let expected = GaussianInteger::new(column(1) - column(3), -column(2));
        proof.equal(spectrum(&pad(&gaussian(&h), FOUR)?)?[[0, 1]], expected);
    }
    Ok(())
}

/// Step 2: bin (0, 0) of the image is the sum of its sixteen pixels. Catches a pixel left out.
#[test]
fn image_ft_first_row() -> Result<()> {
    let mut proof = Proof::exact("image-ft-first-row");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    let pixels = [11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34, 41, 42, 43, 44];
    for (x, _) in cases(&mut proof) {
        let sum = pixels.iter().map(|&label| at(&x, label)).sum();
        proof.equal(spectrum(&gaussian(&x))?[[0, 0]], GaussianInteger::new(sum, 0));
    }
    Ok(())
}

/// Step 3: a product bin by bin, which is a diagonal matrix. With ĥ it convolves on the torus, with its conjugate it
/// correlates. Catches the two exchanged, and a matrix product in the place of the product by entries.
#[test]
fn hadamard_4x4() -> Result<()> {
    let mut proof = Proof::exact("hadamard-4x4");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        // Any factor; 16 times one, so that the way back divides nothing.
        let sigma = proof.image::<GaussianInteger>(FOUR).mapv(|factor| 16 * factor);
        let y = back(&(&sigma * spectrum(&x)?))?;
        let symbols = symbols(&x, &h).value("\\sigma", printed_image(&sigma));
        proof.printed(&symbols.value("y", printed_image(&y)));
    }
    for (x, h) in cases(&mut proof) {
        let (image, kernel) = (spectrum(&gaussian(&x))?, spectrum(&pad(&gaussian(&h), FOUR)?)?);
        for (sigma, expected) in
            [(kernel.clone(), convolved_on_torus(&x, &h)), (conjugated(&kernel), correlated_on_torus(&x, &h))]
        {
            let product = Array2::from_shape_fn(FOUR, |bin| sigma[bin] * image[bin]);
            let diagonal = DMatrix::from_diagonal(&matrix::vec(&sigma));
            proof.equal(diagonal * matrix::vec(&image), matrix::vec(&product));
            proof.equal(spectrum(&gaussian(&expected))?, &product);
            proof.equal(back(&product)?, gaussian(&expected));
        }
    }
    Ok(())
}

/// Step 4: back with the conjugate, over 16; the double sum and the matrix agree and invert the transform. Catches a
/// missing conjugate, a missing 1/16, and 1/4.
#[test]
fn idft_4x4() -> Result<()> {
    let mut proof = Proof::exact("idft-4x4");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h).value("y", printed_image(&x)));
    }
    for _ in 0..100 {
        let x = proof.image::<GaussianInteger>(FOUR);
        let spectrum = spectrum(&x)?;
        let defined = Array2::from_shape_fn(FOUR, |place| {
            let sum = bins().map(|bin| spectrum[bin] * wave(-1, bin, place)).sum::<GaussianInteger>();
            over_16(&DVector::from_element(1, sum))[0]
        });
        proof.equal(back(&spectrum)?, &defined);
        proof.equal(defined, x);
    }
    // The crate's inverse, which is rounded elsewhere, is exact here.
    let identity = matrix::inverse_dft2::<f64>(4, 4)? * matrix::dft2::<C>(4, 4)?;
    proof.equal(identity, DMatrix::<C>::identity(16, 16));
    Ok(())
}

/// F · F/16 is no identity: it reverses both indices, and the 16-point matrix reverses the flattened one. Index 0
/// stays. Catches an inverse without the conjugate, which a look at y₁₁ alone does not.
#[test]
fn dft16_square_reversal() -> Result<()> {
    let mut proof = Proof::numeric("dft16-square-reversal", 1e-12);
    // As printed.
    proof.printed_close(&meaning::symbols().value("R", meaning::reversal(4)), 1.0);
    let one = GaussianInteger::new(1, 0);
    let reversal = |n: usize| {
        DMatrix::from_fn(
            n,
            n,
            |i, j| if (i + j).is_multiple_of(n) { one } else { GaussianInteger::new(0, 0) },
        )
    };
    let printed = DMatrix::from_row_slice(4, 4, &[1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
    proof.equal(reversal(4), printed.map(|entry| GaussianInteger::new(entry, 0)));
    let f = matrix::dft2::<GaussianInteger>(4, 4)?;
    proof.equal(&f * &f, reversal(4).kronecker(&reversal(4)) * GaussianInteger::new(16, 0));
    for _ in 0..64 {
        let x = proof.image::<GaussianInteger>(FOUR);
        let twice = over_16(&(&f * (&f * matrix::vec(&x))));
        let mirrored = Array2::from_shape_fn(FOUR, |(i, j)| x[[(4 - i) % 4, (4 - j) % 4]]);
        proof.equal(twice, matrix::vec(&mirrored));
        proof.equal(mirrored[[0, 0]], x[[0, 0]]);
    }
    // F₁₆²[p, q] = Σ ω₁₆^{k(p + q)}: the exponents k(p + q) mod 16 sum to 16 if p + q is 0 on the circle. Otherwise
    // adding p + q to all of them permutes them, so that the sum is ω₁₆^{p + q} times itself: zero.
    for p in 0..16_usize {
        for q in 0..16 {
            let exponents = |start: usize| {
                let mut exponents = (0..16).map(|k| (k * (p + q) + start) % 16).collect::<Vec<_>>();
                exponents.sort_unstable();
                exponents
            };
            proof.equal(exponents(0), exponents(p + q));
            proof.equal(exponents(0).iter().all(|&turn| turn == 0) as usize, ((p + q) % 16 == 0) as usize);
        }
    }
    Ok(())
}

/// y₁₁ through the transform, with the conjugate, is y₁₁ in space: as a sum over bins, as the sum over bins, taps and
/// pixels, and as nine products. Catches a missing conjugate, and any term left out.
#[test]
fn fft_first_output() -> Result<()> {
    let mut proof = Proof::exact("fft-first-output");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    for (x, h) in cases(&mut proof) {
        let (image, kernel) = (spectrum(&gaussian(&x))?, spectrum(&pad(&gaussian(&h), FOUR)?)?);
        let over_bins = bins().map(|bin| kernel[bin].conj() * image[bin]).sum::<GaussianInteger>();
        let mut over_all = GaussianInteger::new(0, 0);
        for bin in bins() {
            for (tap, weight) in h.indexed_iter() {
                for (pixel, value) in x.indexed_iter() {
                    over_all += wave(-1, bin, tap) * wave(1, bin, pixel) * (weight * value);
                }
            }
        }
        let spatial = h.indexed_iter().map(|(place, tap)| tap * x[place]).sum::<i64>();
        proof.equal(over_bins, over_all);
        proof.equal(over_bins, GaussianInteger::new(16 * spatial, 0));
        proof.equal(correlate(&x, &h, Valid)?[[0, 0]], spatial);
    }
    Ok(())
}

/// The same written out, sixteen terms on one side and nine on the other. Catches a misprint among the twenty-five.
#[test]
fn fft_first_output_expanded() -> Result<()> {
    let mut proof = Proof::exact("fft-first-output-expanded");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        let product = conjugated(&spectrum(&pad(&h, FOUR)?)?) * spectrum(&x)?;
        // What is left of 16 y₁₁ if all other rows of the product are empty.
        let row = move |places: &[Value<Exact>]| {
            let u = places[0].size()?;
            if u > 3 {
                return Err(format!("the spectrum has no row {u}"));
            }
            let mut alone = Array2::zeros(FOUR);
            alone.row_mut(u).assign(&product.row(u));
            let f = matrix::dft2::<GaussianInteger>(4, 4).map_err(said)?;
            let sum = (f.map(|entry| entry.conj()) * matrix::vec(&alone))[0];
            Ok(Value::Number(sum.print()))
        };
        proof.printed(&symbols(&x, &h).function("t_#", row));
    }
    for (x, h) in cases(&mut proof) {
        let (image, kernel) = (spectrum(&gaussian(&x))?, spectrum(&pad(&gaussian(&h), FOUR)?)?);
        let term = |u: usize, v: usize| kernel[[u, v]].conj() * image[[u, v]];
        let sixteen = term(0, 0)
            + term(0, 1)
            + term(0, 2)
            + term(0, 3)
            + (term(1, 0) + term(1, 1) + term(1, 2) + term(1, 3))
            + (term(2, 0) + term(2, 1) + term(2, 2) + term(2, 3))
            + (term(3, 0) + term(3, 1) + term(3, 2) + term(3, 3));
        let nine = products(&h, &x, [11, 12, 13, 21, 22, 23, 31, 32, 33].map(|label| (label, label)));
        proof.equal(sixteen, GaussianInteger::new(16 * nine, 0));
        // Terms at mirrored bins are conjugate, so their imaginary parts cancel.
        for (u, v) in bins() {
            proof.equal(term(u, v), term((4 - u) % 4, (4 - v) % 4).conj());
        }
    }
    Ok(())
}

/// The term of bin (0, 0): the sum of the taps times the sum of the pixels, 144 products, over 16. Catches another
/// normalisation.
#[test]
fn fft_first_term() -> Result<()> {
    let mut proof = Proof::exact("fft-first-term");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        // Taps that are not real can have a real sum, and pixels none at all; then it holds for them, too.
        let sum = h.sum();
        if h.iter().all(|tap| tap.im == 0) || (sum.im != 0 && x.sum() != GaussianInteger::new(0, 0)) {
            proof.printed(&symbols(&x, &h));
        }
    }
    for (x, h) in cases(&mut proof) {
        let (image, kernel) = (spectrum(&gaussian(&x))?, spectrum(&pad(&gaussian(&h), FOUR)?)?);
        let mut sum = 0;
        for tap in &h {
            for pixel in &x {
                sum += tap * pixel;
            }
        }
        proof.equal(kernel[[0, 0]].conj() * image[[0, 0]], GaussianInteger::new(sum, 0));
        proof.equal(sum, h.sum() * x.sum());
    }
    Ok(())
}

/// That term alone is not y₁₁; a constant image is the exception, because its other bins are empty. Catches a proof
/// that stops after the first term.
#[test]
fn fft_first_term_alone() -> Result<()> {
    let mut proof = Proof::refuted("fft-first-term-alone", 0.1);
    let ramp = (
        Array2::from_shape_fn(FOUR, |(i, j)| (4 * i + j) as f64),
        Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as f64),
    );
    let mut cases = vec![ramp];
    while cases.len() < 65 {
        let (x, h) = (proof.image::<f64>(FOUR), proof.image::<f64>((3, 3)));
        // Random numbers may come close to equality; that would show nothing.
        if (h.sum() * x.sum() / 16.0 - correlate(&x, &h, Valid)?[[0, 0]]).abs() > 0.2 {
            cases.push((x, h));
        }
    }
    for (x, h) in cases {
        let spatial = correlate(&x, &h, Valid)?[[0, 0]];
        let spectra = |x: &Array2<f64>| fourier::dft2(&x.mapv(C::from));
        let first = spectra(&pad(&h, FOUR)?)?[[0, 0]].conj() * spectra(&x)?[[0, 0]] / 16.0;
        proof.separated(first, C::from(spatial));
        // As printed.
        proof.printed_close(&symbols(&x, &h), 1.0 + norm(&x) * norm(&h));
        let flat = Array2::from_elem(FOUR, 3.0);
        proof.holds((h.sum() * flat.sum() / 16.0 - correlate(&flat, &h, Valid)?[[0, 0]]).abs() < 1e-12);
    }
    Ok(())
}

/// Why fifteen terms undo what the first one does: the coefficient of h[a, b] x[m, n] in y₁₁ is an average of sixteen
/// waves, which is one where (m, n) = (a, b), and zero elsewhere. Catches a sum that starts at bin 1.
#[test]
fn root_of_unity_filter() -> Result<()> {
    let mut proof = Proof::exact("root-of-unity-filter");
    // As printed.
    proof.printed(&meaning::symbols());
    for tap in bins() {
        for pixel in bins() {
            let sum = bins().map(|bin| wave(-1, bin, tap) * wave(1, bin, pixel)).sum::<GaussianInteger>();
            proof.equal(sum, GaussianInteger::new(if tap == pixel { 16 } else { 0 }, 0));
        }
    }
    // For any N: adding d to every exponent kd mod N permutes the exponents, so the sum S of the waves is ω^d S. If d
    // is not 0 on the circle, ω^d is not 1, and S is 0.
    for n in 1..=24_usize {
        for d in 0..n {
            let exponents = |start: usize| {
                let mut exponents = (0..n).map(|k| (k * d + start) % n).collect::<Vec<_>>();
                exponents.sort_unstable();
                exponents
            };
            proof.equal(exponents(0), exponents(d));
            proof.holds(d != 0 || exponents(0).iter().all(|&turn| turn == 0));
        }
    }
    Ok(())
}

/// With the conjugate, the four outputs in the upper left are the layer's; the other twelve took pixels from the
/// opposite edge. Catches every other account of which outputs to trust.
#[test]
fn fft_4x4_valid_corr() -> Result<()> {
    let mut proof = Proof::exact("fft-4x4-valid-corr");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    for (x, h) in cases(&mut proof) {
        let y = four_steps(&x, &h)?;
        proof.equal(&y, correlated_on_torus(&x, &h));
        proof.equal(y.slice(s![..2, ..2]).to_owned(), correlate(&x, &h, Valid)?);
    }
    let (x, h) = witnesses(FOUR, (3, 3));
    // The linear correlation, zeros outside, from output (0, 0) on.
    let linear = convolve(&x, &flip(&h), Full)?.slice(s![2..6, 2..6]).to_owned();
    let circular = correlated_on_torus(&x, &h);
    let right = Array2::from_shape_fn(FOUR, |place| i64::from(linear[place] == circular[place]));
    proof.equal(right, array![[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]);
    Ok(())
}

/// Without the conjugate, the four outputs in the lower right are the valid convolution; the other twelve wrapped.
/// Catches a crop at the wrong corner.
#[test]
fn fft_4x4_valid_conv() -> Result<()> {
    let mut proof = Proof::exact("fft-4x4-valid-conv");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        proof.printed(&symbols(&x, &h));
    }
    for (x, h) in cases(&mut proof) {
        let y = four_steps_plain(&x, &h)?;
        proof.equal(&y, convolved_on_torus(&x, &h));
        proof.equal(y.slice(s![2.., 2..]).to_owned(), convolve(&x, &h, Valid)?);
    }
    let (x, h) = witnesses(FOUR, (3, 3));
    let linear = convolve(&x, &h, Full)?.slice(s![..4, ..4]).to_owned();
    let circular = convolved_on_torus(&x, &h);
    let right = Array2::from_shape_fn(FOUR, |place| i64::from(linear[place] == circular[place]));
    proof.equal(right, array![[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]);
    Ok(())
}

/// Without the conjugate, the first output is a sum over all four corners of the image. Catches a misprinted product.
#[test]
fn fft_4x4_first_conv_output() -> Result<()> {
    let mut proof = Proof::exact("fft-4x4-first-conv-output");
    // As printed.
    for (x, h) in kernels(&mut proof) {
        let z = back(&(spectrum(&pad(&h, FOUR)?)? * spectrum(&x)?))?;
        proof.printed(&symbols(&x, &h).value("z", printed_image(&z)));
    }
    let printed = [(11, 11), (12, 14), (13, 13), (21, 41), (22, 44), (23, 43), (31, 31), (32, 34), (33, 33)];
    for (x, h) in cases(&mut proof) {
        proof.equal(four_steps_plain(&x, &h)?[[0, 0]], products(&h, &x, printed));
    }
    Ok(())
}

/// That sum is not y₁₁. A kernel that looks the same after a half turn does not save it. Catches the article's literal
/// product of spectra where a layer is meant.
#[test]
fn fft_first_output_noconj() -> Result<()> {
    let mut proof = Proof::refuted("fft-first-output-noconj", 0.1);
    let mut cases = vec![(
        Array2::from_shape_fn(FOUR, |(i, j)| ((4 * i + j) * (4 * i + j)) as i64),
        Array2::from_shape_fn((3, 3), |(a, b)| (3 * a + b + 1) as i64),
    )];
    while cases.len() < 65 {
        let (x, h) = (proof.image::<i64>(FOUR), proof.image::<i64>((3, 3)));
        let symmetric = &h + &flip(&h);
        for h in [h, symmetric] {
            // Small whole numbers may coincide; that would show nothing.
            if convolved_on_torus(&x, &h)[[0, 0]] != correlated_on_torus(&x, &h)[[0, 0]] {
                cases.push((x.clone(), h));
            }
        }
    }
    for (x, h) in cases {
        // As printed.
        proof.printed(&symbols(&x, &h));
        proof.separated(four_steps_plain(&x, &h)?[[0, 0]], correlate(&x, &h, Valid)?[[0, 0]]);
        proof.equal(four_steps(&x, &h)?[[0, 0]], correlate(&x, &h, Valid)?[[0, 0]]);
    }
    Ok(())
}

/// How many of the nine products wrap at each of the sixteen outputs: counted by leaving the wrapped ones out. Catches
/// a misprinted count.
#[test]
fn fft_4x4_alias_corr_list() -> Result<()> {
    let mut proof = Proof::exact("fft-4x4-alias-corr-list");
    // As printed.
    // With ones for taps and pixels, an output counts its products: nine on the torus, those inside without it.
    let (x, h) = (Array2::<i64>::ones(FOUR), Array2::<i64>::ones((3, 3)));
    let inside = convolve(&x, &flip(&h), Full)?.slice(s![2..6, 2..6]).to_owned();
    let wrapped = correlate_circular(&x, &h, FOUR)? - inside;
    proof.printed(&symbols(&x, &h).value("B", printed_image(&wrapped)));
    let printed = array![[0_usize, 0, 3, 6], [0, 0, 3, 6], [3, 3, 5, 7], [6, 6, 7, 8]];
    for (i, j) in bins() {
        let inside = (0..9).filter(|tap| i + tap / 3 <= 3 && j + tap % 3 <= 3).count();
        proof.equal(printed[[i, j]], 9 - inside);
        proof.equal(printed[[i, j]], 9 - 3.min(4 - i) * 3.min(4 - j));
    }
    // With ones for taps and pixels, an output counts its products: nine on the torus, those inside without it.
    let (x, h) = (Array2::<i64>::ones(FOUR), Array2::<i64>::ones((3, 3)));
    let inside = convolve(&x, &flip(&h), Full)?.slice(s![2..6, 2..6]).to_owned();
    proof.equal(four_steps(&x, &h)? - inside, printed.mapv(|count| count as i64));
    Ok(())
}

/// The 16-point transform convolves along one long row, in which the end of a row meets the start of the next. Where
/// nothing crosses the end of a row, columns K_w − 1 and on, that is the torus; so the valid outputs come out right.
/// The other columns are wrong: 8 of 16. Catches every other account of what the 16-point matrix computes.
#[test]
fn fft_flat_columns() -> Result<()> {
    let mut proof = Proof::numeric("fft-flat-columns", 1e-12);
    // As printed.
    for _ in 0..32 {
        let (x, h) = (proof.image::<C>(FOUR), proof.image::<f64>((3, 3)).mapv(C::from));
        proof.printed_close(&symbols(&x, &h), 1.0 + norm(&x) * norm(&h));
        let h = proof.image::<C>((3, 3));
        proof.printed_close(&symbols(&x, &h), 1.0 + norm(&x) * norm(&h));
    }
    for (x, h) in proof.images::<f64>(S2) {
        let ((height, width), (kh, kw)) = (x.dim(), h.dim());
        let (f, n) = (matrix::dft::<C>(height * width)?, height * width);
        let transform = |x: &Array2<f64>| &f * matrix::vec(&x.mapv(C::from));
        let (image, kernel) = (transform(&x), transform(&pad(&h, x.dim())?));
        let inverse = matrix::inverse_dft::<f64>(n)?;
        let scale = 1.0 + norm(&x) * norm(&h);

        let y = matrix::unvec(&(&inverse * kernel.component_mul(&image)), x.dim())?;
        let torus = convolved_on_torus(&x, &h).mapv(C::from);
        proof.close(&y, convolved_flat(&x, &h).mapv(C::from), scale);
        proof.close(y.slice(s![.., kw - 1..]).to_owned(), torus.slice(s![.., kw - 1..]).to_owned(), scale);
        let valid = convolve(&x, &h, Valid)?.mapv(C::from);
        proof.close(y.slice(s![kh - 1.., kw - 1..]).to_owned(), valid, scale);

        // Correlation, with the conjugate: the first columns are right.
        let y = matrix::unvec(&(&inverse * kernel.map(|bin| bin.conj()).component_mul(&image)), x.dim())?;
        let torus = correlated_on_torus(&x, &h).mapv(C::from);
        let kept = width - kw + 1;
        proof.close(y.slice(s![.., ..kept]).to_owned(), torus.slice(s![.., ..kept]).to_owned(), scale);
        let valid = correlate(&x, &h, Valid)?.mapv(C::from);
        proof.close(y.slice(s![..height - kh + 1, ..kept]).to_owned(), valid, scale);
    }
    // Which outputs differ, exactly: with one row, or one column of taps, none; otherwise the first K_w − 1 columns.
    for (image, kernel) in proof.shapes(S2) {
        let x = proof.image::<i64>(image).mapv(|pixel| pixel.abs() + 1);
        // A pixel of its own size each, so that no two rows are equal.
        let x = Array2::from_shape_fn(image, |(i, j)| x[[i, j]] + (1000 * (i * image.1 + j)) as i64);
        let h = proof.image::<i64>(kernel).mapv(|tap| tap.abs() + 1);
        let (flat, torus) = (convolved_flat(&x, &h), convolved_on_torus(&x, &h));
        let wrong = Array2::from_shape_fn(image, |place| i64::from(flat[place] != torus[place]));
        let predicted = Array2::from_shape_fn(image, |(_, j)| i64::from(image.0 > 1 && j + 1 < kernel.1));
        proof.equal(wrong, predicted);
    }
    Ok(())
}

/// The article's recipe to the letter, 16-point matrix and no conjugate: its first output is a sum along the long row,
/// and F/16 for the inverse leaves it alone. Catches a misprinted product.
#[test]
fn fft_flat_first_output() -> Result<()> {
    let mut proof = Proof::numeric("fft-flat-first-output", 1e-12);
    // As printed.
    for _ in 0..32 {
        let (x, h) = (proof.image::<C>(FOUR), proof.image::<C>((3, 3)));
        // The library transforms the long row, not the matrix.
        let transform = |x: &Array2<C>| fourier::dft(matrix::vec(x).as_slice());
        let (c, d) = (transform(&pad(&h, FOUR)?)?, transform(&x)?);
        let symbols = symbols(&x, &h).value("c", c).value("d", d);
        proof.printed_close(&symbols, 1.0 + norm(&x) * norm(&h));
    }
    let printed = [(11, 11), (12, 44), (13, 43), (21, 41), (22, 34), (23, 33), (31, 31), (32, 24), (33, 23)];
    let f = matrix::dft::<C>(16)?;
    for (x, h) in cases(&mut proof) {
        proof.equal(convolved_flat(&x, &h)[[0, 0]], products(&h, &x, printed));
        let transform = |x: &Array2<i64>| &f * matrix::vec(&x.mapv(|pixel| C::from(pixel as f64)));
        let product = transform(&pad(&h, FOUR)?).component_mul(&transform(&x));
        let expected = C::from(products(&h, &x, printed) as f64);
        let scale = 1.0 + norm(&x) * norm(&h);
        proof.close((matrix::inverse_dft::<f64>(16)? * &product)[0], expected, scale);
        proof.close((&f * &product)[0] / 16.0, expected, scale);
    }
    Ok(())
}

/// A kernel padded at another place moves the output: correlation against the move, convolution with it. Catches a
/// centred kernel whose output is cropped as if it stood in the corner.
#[test]
fn kernel_embedding_offset() -> Result<()> {
    /// The image on its torus, moved by (p, q): pixel (i, j) comes from (i − p, j − q).
    fn moved<T: Clone>(x: &ArrayRef2<T>, p: i64, q: i64) -> Array2<T> {
        let from = |i: usize, p: i64, n: usize| (i as i64 - p).rem_euclid(n as i64) as usize;
        Array2::from_shape_fn(x.dim(), |(i, j)| x[[from(i, p, x.nrows()), from(j, q, x.ncols())]].clone())
    }
    /// F⁻¹(ĥ ⊙ x̂), with ĥ conjugated or not.
    fn through<S: Draw + Number + Copy + Into<C>>(
        x: &Array2<S>,
        h: &Array2<S>,
        conjugate: bool,
    ) -> Result<Array2<C>> {
        let kernel = fourier::dft2(&h.mapv(Into::into))?;
        let kernel = kernel.mapv(|bin| if conjugate { bin.conj() } else { bin });
        fourier::inverse_dft2(&(kernel * fourier::dft2(&x.mapv(Into::into))?))
    }

    let mut proof = Proof::numeric("kernel-embedding-offset", 1e-12);
    let listed = [((4, 4), (3, 3)), ((7, 6), (3, 3)), ((8, 8), (5, 3)), ((6, 6), (2, 4))];
    // As printed.
    for (image, kernel) in proof.shapes(&listed) {
        let (x, h) = (proof.image::<GaussianInteger>(image), proof.image::<GaussianInteger>(kernel));
        for (p, q) in [(0, 0), (1, 0), (0, -1), (-2, 1), (3, 2)] {
            let symbols = meaning::image(&x, &h).value("E", in_the_corner::<Exact>(image));
            let symbols = symbols.value("p", Exact::whole(p)).value("q", Exact::whole(q));
            proof.printed(&symbols.function("R_{#,#}", |places| {
                let (p, q) = (places[0].integer()?, places[1].integer()?);
                Ok(Map::new(move |x: &ArrayD<Exact>| {
                    let x = x.clone().into_dimensionality::<Ix2>().map_err(|error| error.to_string())?;
                    Ok(moved(&x, p, q).into_dyn())
                })
                .into())
            }));
        }
    }
    for (image, kernel) in proof.shapes(&listed) {
        let (x, h) = (proof.image::<f64>(image), proof.image::<f64>(kernel));
        let (padded, scale) = (pad(&h, image)?, 1.0 + norm(&x) * norm(&h));
        let (correlated, convolved) =
            (correlated_on_torus(&x, &h).mapv(C::from), convolved_on_torus(&x, &h).mapv(C::from));
        for (p, q) in (-2..=2).flat_map(|p| (-2..=2).map(move |q| (p, q))) {
            let offset = moved(&padded, p, q);
            proof.close(through(&x, &offset, true)?, moved(&correlated, -p, -q), scale);
            proof.close(through(&x, &offset, false)?, moved(&convolved, p, q), scale);
        }
    }
    // By the explicit matrices, without rounding.
    for (x, h) in cases(&mut proof) {
        let image = spectrum(&gaussian(&x))?;
        for (p, q) in [(0, 0), (-1, -1), (1, 0), (2, -1)] {
            let kernel = spectrum(&moved(&pad(&gaussian(&h), FOUR)?, p, q))?;
            let y = back(&(conjugated(&kernel) * &image))?;
            proof.equal(y, gaussian(&moved(&correlated_on_torus(&x, &h), -p, -q)));
            proof.equal(back(&(kernel * &image))?, gaussian(&moved(&convolved_on_torus(&x, &h), p, q)));
        }
    }
    Ok(())
}
