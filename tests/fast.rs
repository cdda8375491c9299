//! Proofs of the chapter "Making it fast".

mod meaning;

use formula::{Exact, Number as _};
use locality::Result;
use locality::conv2d::{self, Mode};
use locality::layer;
use locality::matrix;
use locality::ndarray::s;
use meaning::layer::{printed_tensor, same_along_both_axes};
use proof::{Proof, S2, S3, printed, printed_image};

type C = locality::num_complex::Complex<f64>;

/// A product of matrices in two pieces, of any size, the empty ones included. Catches a row that is in both or in none.
#[test]
fn gemm_blocks() -> Result<()> {
    let mut proof = Proof::exact("gemm-blocks");
    for (sizes, geometry) in same_along_both_axes(S3.to_vec()) {
        let (x, w) = (proof.tensor::<i64>(sizes.input()), proof.tensor::<i64>(sizes.weights()));
        let symbols = meaning::layer::layer(&x, &w, &sizes, geometry);
        let weights = matrix::to_array(&layer::weights(&w)).mapv(Exact::whole);
        // Where one of the sizes is 1 a range that leaves it out would be the same.
        if sizes.channels > 1 && sizes.kernel.0 > 1 && sizes.kernel.1 > 1 {
            proof.printed(&symbols.value("W", weights).value("x", printed_tensor(&x)));
        }
        let (weights, windows) = (layer::weights(&w), layer::im2col(&x, sizes.kernel, geometry)?);
        let half = weights.ncols() / 2;
        let parts = weights.columns(0, half) * windows.rows(0, half)
            + weights.columns(half, weights.ncols() - half) * windows.rows(half, weights.ncols() - half);
        proof.equal(parts, &weights * &windows);
    }
    Ok(())
}

/// Some rows of outputs read their rows of pixels and no others. Catches a strip that is a row short.
#[test]
fn strip_rows() -> Result<()> {
    let mut proof = Proof::exact("strip-rows");
    for (x, h) in proof.images::<i64>(S2) {
        let outputs = x.nrows() - h.nrows() + 1;
        for strip in [1, 2, 4].into_iter().filter(|&strip| strip <= outputs) {
            proof.printed(&meaning::image(&x, &h).size("M", strip));
            let all = conv2d::correlate(&x, &h, Mode::Valid)?;
            let last = conv2d::correlate(&x.slice(s![outputs - strip.., ..]), &h, Mode::Valid)?;
            proof.equal(all.slice(s![outputs - strip.., ..]).to_owned(), last);
        }
    }
    Ok(())
}

/// The points of F(2) and of F(4).
const POINTS: [&[i64]; 2] = [&[0, 1, -1], &[0, 1, -1, 2, -2]];

/// The transforms nest. Catches a transpose on the wrong side.
#[test]
fn winograd_nested() -> Result<()> {
    let mut proof = Proof::exact("winograd-nested");
    for points in POINTS {
        let (winograd, side) = (matrix::winograd(points, 3)?, points.len() + 1);
        for _ in 0..8 {
            let (x, h) = (proof.image::<i64>((side, side)), proof.image::<i64>((3, 3)));
            proof.printed(&meaning::winograd(meaning::image(&x, &h), &winograd));
        }
    }
    Ok(())
}

/// One step of the fast transform. Catches a factor that turns the other way.
#[test]
fn radix_step() -> Result<()> {
    let mut proof = Proof::numeric("radix-step", 1e-12);
    for (outer, inner) in [(1, 1), (1, 5), (4, 1), (2, 2), (4, 3), (3, 4), (5, 2), (7, 4)] {
        let x = proof.signal::<C>(outer * inner);
        let symbols = meaning::samples(&x).size("P", outer).size("M", inner);
        proof.printed_close(&symbols, 1.0 + x.iter().map(|x| x.norm()).sum::<f64>());
    }
    Ok(())
}

/// Real taps keep the parts of a complex picture apart. Catches a conjugate.
#[test]
fn two_real_tiles() -> Result<()> {
    let mut proof = Proof::exact("two-real-tiles");
    for n in 1..8 {
        for k in 1..5 {
            let (x, g, h) = (proof.signal::<i64>(n), proof.signal::<i64>(n), proof.signal::<i64>(k));
            proof.printed(&meaning::signal(&x, &h).value("g", printed(&g)));
        }
    }
    Ok(())
}

/// The gradient by the kernel adds up over tiles. Catches a tile that is a sample short, or read twice.
#[test]
fn gradient_in_tiles() -> Result<()> {
    let mut proof = Proof::exact("gradient-in-tiles");
    for (tiles, outputs, taps) in [(1, 1, 1), (1, 4, 3), (2, 3, 2), (3, 2, 4), (4, 1, 3), (2, 5, 1)] {
        let x = proof.signal::<i64>(tiles * outputs + taps - 1);
        let g = proof.signal::<i64>(tiles * outputs);
        let symbols = meaning::samples(&x).value("g", printed(&g));
        proof.printed(&symbols.size("P", tiles * outputs).size("M", outputs).size("K", taps));
    }
    Ok(())
}

/// The layer's matrices, transposed, are the gradient's. Catches a transpose that is missing.
#[test]
fn winograd_kernel_gradient() -> Result<()> {
    let mut proof = Proof::exact("winograd-kernel-gradient");
    for points in POINTS {
        let (winograd, side) = (matrix::winograd(points, 3)?, points.len() + 1);
        for _ in 0..8 {
            let (x, g) = (proof.image::<i64>((side, side)), proof.image::<i64>((side - 2, side - 2)));
            let symbols = meaning::winograd(meaning::pixels(&x), &winograd);
            proof.printed(&symbols.value("g", printed_image(&g)));
        }
    }
    Ok(())
}

/// Channels are added up before the way back. Catches an output transform for each channel that is not needed.
#[test]
fn winograd_channels() -> Result<()> {
    let mut proof = Proof::exact("winograd-channels");
    for points in POINTS {
        let (winograd, side) = (matrix::winograd(points, 3)?, points.len() + 1);
        for channels in 1..4 {
            let x = proof.tensor::<i64>([1, channels, side, side]);
            let w = proof.tensor::<i64>([1, channels, 3, 3]);
            let symbols = meaning::winograd(meaning::symbols().size("C", channels), &winograd);
            proof.printed(&symbols.value("x", printed_tensor(&x)).value("w", printed_tensor(&w)));
        }
    }
    Ok(())
}
