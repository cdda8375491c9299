//! Proofs of the conventions that every chapter stands on: how an image becomes a vector, what a flip is, and that
//! padding and cropping belong together.

mod meaning;

use locality::{Result, Scalar, conv1d, conv2d, matrix};
use nalgebra::{DMatrix, DVector};
use ndarray::Array2;
use proof::{Draw, GaussianInteger, Number, Proof, printed, printed_image};

/// The lengths a transform is tried on: small ones, powers of two and their neighbours, primes.
const D1: &[usize] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 31, 32];

/// The shapes an image is tried in: one pixel, one row, square, not square, prime.
const D2: &[(usize, usize)] = &[(1, 1), (1, 5), (4, 4), (2, 3), (3, 2), (5, 7), (8, 6), (7, 7)];

/// The shapes of [`D2`], then 64 random ones.
fn shapes(proof: &mut Proof) -> Vec<(usize, usize)> {
    let random = proof.shapes(&[]).into_iter().map(|(image, _)| image);
    D2.iter().copied().chain(random).collect()
}

/// The matrix of a linear map on signals of length `n`: column j is what the map makes of impulse j.
fn matrix_of(n: usize, map: impl Fn(&[i64]) -> Result<Vec<i64>>) -> Result<DMatrix<i64>> {
    let mut columns = Vec::new();
    for j in 0..n {
        let mut impulse = vec![0; n];
        impulse[j] = 1;
        columns.push(DVector::from_vec(map(&impulse)?));
    }
    Ok(DMatrix::from_columns(&columns))
}

/// ⟨x, y⟩ of whole numbers.
fn dot(x: &[i64], y: &[i64]) -> i64 {
    assert_eq!(x.len(), y.len());
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// Pixel (i, j) of an image stands at i·W + j of its vector, whatever the memory layout, and folding brings every
/// pixel back. Code that reads nalgebra's memory as if it ran along the rows gets the transposed image.
#[test]
fn vec_row_major() -> Result<()> {
    let mut proof = Proof::exact("vec-row-major");
    // As printed.
    for shape in shapes(&mut proof) {
        let x = proof.image::<GaussianInteger>(shape);
        proof.printed(&meaning::pixels(&x));
    }
    for (height, width) in shapes(&mut proof) {
        // All pixels differ, so that no two can be exchanged unseen.
        let x = Array2::from_shape_fn((height, width), |(i, j)| (100 * i + j) as i64);
        let v = matrix::vec(&x);
        proof.equal(v.len(), height * width);
        for i in 0..height {
            for j in 0..width {
                proof.equal(v[i * width + j], x[[i, j]]);
            }
        }
        proof.equal(matrix::unvec(&v, (height, width))?, &x);

        // nalgebra's memory runs down the columns; a transposed view has the same memory and another order.
        proof.equal(matrix::from_array(&x).as_slice(), matrix::vec(&x.t()));
        proof.equal(matrix::to_array(&matrix::from_array(&x)), &x);
    }
    Ok(())
}

/// A matrix on the columns of an image and one on its rows are the single matrix A ⊗ B on its row-major vector, and
/// B ⊗ A on its column-major one. Exchanged factors are caught wherever A and B differ.
#[test]
fn vec_kron() {
    /// Tries A (P × H), B (Q × W) and X (H × W) over one kind of number.
    fn over<T: Scalar + Draw + Number + ndarray::LinalgScalar>(
        proof: &mut Proof,
        (height, width): (usize, usize),
        (p, q): (usize, usize),
    ) {
        let x = proof.image::<T>((height, width));
        let (a, b) = (proof.image::<T>((p, height)), proof.image::<T>((q, width)));
        let product = a.dot(&x).dot(&b.t());

        let (kron_a, kron_b) = (matrix::from_array(&a), matrix::from_array(&b));
        proof.equal(matrix::vec(&product), kron_a.kronecker(&kron_b) * matrix::vec(&x));

        let column_major = |image| DVector::from_column_slice(matrix::from_array(image).as_slice());
        proof.equal(column_major(&product), kron_b.kronecker(&kron_a) * column_major(&x));
    }

    let mut proof = Proof::exact("vec-kron");
    // As printed.
    for ((height, width), (p, q)) in proof.shapes(&[((4, 4), (4, 4)), ((3, 5), (2, 4)), ((1, 6), (3, 2))]) {
        let x = proof.image::<GaussianInteger>((height, width));
        let (a, b) =
            (proof.image::<GaussianInteger>((p, height)), proof.image::<GaussianInteger>((q, width)));
        proof.printed(&meaning::pixels(&x).value("A", printed_image(&a)).value("B", printed_image(&b)));
    }
    let listed = [((4, 4), (4, 4)), ((3, 5), (2, 4)), ((1, 6), (3, 2)), ((5, 1), (5, 7))];
    for (image, rows) in proof.shapes(&listed) {
        over::<i64>(&mut proof, image, rows);
        over::<GaussianInteger>(&mut proof, image, rows);
    }
}

/// Reversal puts sample N − 1 − n at n, undoes itself, and is its own transpose; an image is reversed along both
/// axes. A rotation by one too many, or a transpose in the place of a half turn, is caught.
#[test]
fn flip_involution() -> Result<()> {
    let mut proof = Proof::exact("flip-involution");
    // As printed.
    for n in proof.lengths(D1) {
        let x = proof.signal::<i64>(n);
        let j = matrix_of(n, |x| Ok(conv1d::flip(x)))?;
        let symbols = meaning::samples(&x).value("J", printed_image(&matrix::to_array(&j)));
        proof.printed(&symbols.value("I", meaning::identity(n)));
    }
    for n in proof.lengths(D1) {
        let x = proof.signal::<i64>(n);
        let flipped = conv1d::flip(&x);
        proof.equal(flipped.len(), n);
        for i in 0..n {
            proof.equal(flipped[i], x[n - 1 - i]);
        }

        let j = matrix_of(n, |x| Ok(conv1d::flip(x)))?;
        proof.equal(&j * &j, DMatrix::identity(n, n));
        proof.equal(&j, j.transpose());
    }
    for (height, width) in shapes(&mut proof) {
        let x = proof.image::<i64>((height, width));
        let flipped = conv2d::flip(&x);
        proof.equal(
            &flipped,
            Array2::from_shape_fn((height, width), |(i, j)| x[[height - 1 - i, width - 1 - j]]),
        );
        proof.equal(conv2d::flip(&flipped), x);
    }
    Ok(())
}

/// Padding with zeros and cropping are adjoint: cropping undoes padding, and padding what was cropped is a
/// projection. Zeros put in front, or a crop that keeps the end, are caught.
#[test]
fn pad_crop_adjoint() -> Result<()> {
    let mut proof = Proof::exact("pad-crop-adjoint");
    // As printed.
    for (m, n) in proof.sizes(&[(1, 1), (4, 3), (4, 4), (9, 5)]) {
        let (x, y) = (proof.signal::<i64>(n), proof.signal::<i64>(m));
        let e = matrix_of(n, |x| conv1d::pad(x, m))?;
        let symbols = meaning::samples(&x).value("y", printed(&y)).value("I", meaning::identity(n));
        proof.printed(&symbols.value("E", printed_image(&matrix::to_array(&e))));
    }
    for (m, n) in proof.sizes(&[(1, 1), (4, 3), (4, 4), (9, 5)]) {
        let (x, y) = (proof.signal::<i64>(n), proof.signal::<i64>(m));
        let padded = conv1d::pad(&x, m)?;
        let cropped = &y[..n];
        proof.equal(&padded, [x.clone(), vec![0; m - n]].concat());
        proof.equal(dot(&padded, &y), dot(&x, cropped));

        let e = matrix_of(n, |x| conv1d::pad(x, m))?;
        proof.equal(e.transpose() * DVector::from_column_slice(&y), cropped);
        proof.equal(e.transpose() * &e, DMatrix::identity(n, n));
        let projection = &e * e.transpose();
        proof.equal(&projection * &projection, &projection);
        proof.equal(projection.transpose(), &projection);
    }
    Ok(())
}
