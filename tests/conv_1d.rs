//! Proofs of the chapter "1-D Convolution": what convolution and correlation are, which rules of arithmetic they
//! obey, and how far one output sees.

mod meaning;

use formula::{Exact, Map, Number as _, Symbols, Value};
use locality::conv1d::Mode::{Full, Same, Valid};
use locality::conv1d::{convolve, convolve_circular, correlate, correlate_circular, flip};
use locality::{Error, Result, Scalar};
use ndarray::{Array1, Array2, ArrayD};
use proof::{Draw, GaussianInteger, Number, Printed, Proof, S1, powers, printed};

/// Convolution, scattered: sample n and tap k leave their product at n + k. (The crate gathers instead.)
fn scattered<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    let mut y = vec![T::zero(); x.len() + h.len() - 1];
    for (n, sample) in x.iter().enumerate() {
        for (k, tap) in h.iter().enumerate() {
            y[n + k] += tap.clone() * sample.clone();
        }
    }
    y
}

/// Valid correlation, window by window: every K neighbours, each times the tap beside it.
fn windowed<T: Scalar>(x: &[T], h: &[T]) -> Vec<T> {
    let output = |window: &[T]| {
        let products = window.iter().zip(h).map(|(sample, tap)| tap.clone() * sample.clone());
        products.fold(T::zero(), |sum, product| sum + product)
    };
    x.windows(h.len()).map(output).collect()
}

/// `zeros` zeros, then `x`.
fn delayed<T: Scalar>(x: &[T], zeros: usize) -> Vec<T> {
    [&vec![T::zero(); zeros], x].concat()
}

/// The impulse δ_s: `n` samples, all zero but sample `s`.
fn impulse(n: usize, s: usize) -> Vec<i64> {
    let mut delta = vec![0; n];
    delta[s] = 1;
    delta
}

/// `n` random samples from 1 to 10: sums of their products are never zero.
fn positive(proof: &mut Proof, n: usize) -> Vec<i64> {
    proof.signal::<i64>(n).into_iter().map(|sample| sample.abs() + 1).collect()
}

/// The first `n` powers of `base`, as numbers that a formula takes.
fn small_powers(base: i64, n: usize) -> Vec<i64> {
    (0..n as u32).map(|exponent| base.pow(exponent)).collect()
}

/// ⌊(K − 1)/2⌋: how many outputs "same" leaves out on the left.
fn left_out(k: usize) -> usize {
    (k - 1) / 2
}

/// The samples that an output reads: those whose impulse it responds to.
fn samples_read(responses: &[Vec<i64>], output: usize) -> Vec<usize> {
    (0..responses.len()).filter(|&m| responses[m][output] != 0).collect()
}

/// Output n of a full convolution sums h[k] x[n − k] over the taps that meet a sample: gathering equals
/// scattering. Catches a kernel that is not flipped, a conjugate, and every loop bound that is off by one.
#[test]
fn conv1d_full() -> Result<()> {
    let mut proof = Proof::exact("conv1d-full");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        proof.equal(convolve(&x, &h, Full)?, scattered(&x, &h));
    }
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.equal(convolve(&x, &h, Full)?, scattered(&x, &h));
    }
    Ok(())
}

/// "Same" keeps N outputs of the full convolution, from ⌊(K − 1)/2⌋ on. Catches a centre rounded up, which shows
/// for even K.
#[test]
fn conv1d_same() -> Result<()> {
    let mut proof = Proof::exact("conv1d-same");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let start = left_out(h.len());
        proof.equal(convolve(&x, &h, Same)?, &scattered(&x, &h)[start..start + x.len()]);
    }
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let start = left_out(h.len());
        proof.equal(convolve(&x, &h, Same)?, &scattered(&x, &h)[start..start + x.len()]);
    }
    Ok(())
}

/// "Valid" keeps the outputs from K − 1 to N − 1 of the full convolution, which are the windows of the signal met by
/// the reversed kernel. Catches a crop that starts or ends one output off.
#[test]
fn conv1d_valid() -> Result<()> {
    let mut proof = Proof::exact("conv1d-valid");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let valid = convolve(&x, &h, Valid)?;
        let reversed = h.iter().rev().copied().collect::<Vec<_>>();
        proof.equal(&valid, &scattered(&x, &h)[h.len() - 1..x.len()]);
        proof.equal(&valid, windowed(&x, &reversed));
    }
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let valid = convolve(&x, &h, Valid)?;
        let reversed = h.iter().rev().copied().collect::<Vec<_>>();
        proof.equal(&valid, &scattered(&x, &h)[h.len() - 1..x.len()]);
        proof.equal(&valid, windowed(&x, &reversed));
    }
    Ok(())
}

/// Correlation multiplies every window of the signal with the kernel as it is: no flip, and no conjugate either.
/// Catches both.
#[test]
fn corr1d_valid() -> Result<()> {
    let mut proof = Proof::exact("corr1d-valid");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        proof.equal(correlate(&x, &h, Valid)?, windowed(&x, &h));
    }
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.equal(correlate(&x, &h, Valid)?, windowed(&x, &h));
    }
    // i · i = −1, where conjugation would make it 1.
    let i = GaussianInteger::new(0, 1);
    proof.equal(correlate(&[i], &[i], Valid)?, [GaussianInteger::new(-1, 0)]);
    Ok(())
}

/// Correlating is convolving with the reversed kernel, in all three modes, and lag ℓ of the full correlation sits at
/// index ℓ + K − 1. Catches a full correlation that comes out reversed or shifted.
#[test]
fn corr_conv_flip() -> Result<()> {
    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let (n, k, start) = (x.len(), h.len(), left_out(h.len()));
            let full = scattered(&x, &flip(&h));
            proof.equal(correlate(&x, &h, Full)?, &full);
            proof.equal(correlate(&x, &h, Same)?, &full[start..start + n]);
            proof.equal(correlate(&x, &h, Valid)?, &full[k - 1..n]);
            proof.equal(correlate(&x, &h, Valid)?, convolve(&x, &flip(&h), Valid)?);

            // Lag 0, where the kernel lies on the first K samples.
            proof.equal(&correlate(&x, &h, Full)?[k - 1..k], windowed(&x[..k], &h));
        }
        Ok(())
    }

    let mut proof = Proof::exact("corr-conv-flip");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// The three modes keep N + K − 1, N and N − K + 1 outputs, whichever of the two operations makes them; "valid"
/// refuses a kernel longer than the signal. Catches every miscounted output.
#[test]
fn conv1d_lengths() -> Result<()> {
    let mut proof = Proof::exact("conv1d-lengths");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let (n, k) = (x.len(), h.len());
        for (mode, length) in [(Full, n + k - 1), (Same, n), (Valid, n - k + 1)] {
            proof.equal(mode.outputs(n, k)?.len(), length);
            proof.equal(convolve(&x, &h, mode)?.len(), length);
            proof.equal(correlate(&x, &h, mode)?.len(), length);
        }
        if k < n {
            let refusal = Err(Error::KernelTooLarge { kernel: n, signal: k });
            proof.holds(convolve(&h, &x, Valid) == refusal);
            proof.holds(correlate(&h, &x, Valid) == refusal);
        }
    }
    Ok(())
}

/// NumPy's "same" begins the full correlation at ⌊(K − 1)/2⌋; a neural-network library, which pads ⌊(K − 1)/2⌋
/// zeros on the left, begins at ⌈(K − 1)/2⌉. Catches code that takes one for the other: they agree for odd K alone.
#[test]
fn same_offset_even_kernel() -> Result<()> {
    /// "Same" as a neural-network library does it: pad, then keep the valid correlations.
    fn padded<T: Scalar>(x: &[T], h: &[T]) -> Result<Vec<T>> {
        let left = left_out(h.len());
        let right = vec![T::zero(); h.len() - 1 - left];
        correlate(&[delayed(x, left), right].concat(), h, Valid)
    }

    let mut proof = Proof::exact("same-offset-even-kernel");
    // As printed.
    for k in 1..=24 {
        proof.printed(&meaning::symbols().size("K", k));
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let (n, k) = (x.len(), h.len());
        let full = scattered(&x, &flip(&h));
        let (floor, ceiling) = ((k - 1) / 2, k / 2);
        proof.equal(correlate(&x, &h, Same)?, &full[floor..floor + n]);
        proof.equal(padded(&x, &h)?, &full[ceiling..ceiling + n]);

        let (x, h) = (powers(2, n), powers(3, k));
        let agree = correlate(&x, &h, Same)? == padded(&x, &h)?;
        proof.holds(agree == (k % 2 == 1));
    }
    proof.equal(correlate(&[1, 0, 0, 0], &[1, 2], Same)?, [2_i64, 1, 0, 0]);
    proof.equal(padded(&[1, 0, 0, 0], &[1, 2])?, [1_i64, 0, 0, 0]);
    Ok(())
}

/// The coefficients of a product of polynomials are the convolution of the coefficients. Catches every wrong
/// coefficient, without a second convolution to compare with.
#[test]
fn conv1d_polynomial() -> Result<()> {
    /// The prime 2³¹ − 1, above every coefficient here.
    const PRIME: i64 = 2_147_483_647;

    /// The value of a polynomial at `z`, modulo the prime, by Horner's rule.
    fn value(coefficients: &[i64], z: i64) -> i64 {
        coefficients.iter().rev().fold(0, |sum, c| (sum * z + c).rem_euclid(PRIME))
    }

    let mut proof = Proof::exact("conv1d-polynomial");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        for z in [GaussianInteger::new(2, 0), GaussianInteger::new(0, 1), GaussianInteger::new(-1, 1)] {
            proof.printed(&meaning::signal(&x, &h).value("z", z.print()));
        }
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let y = convolve(&x, &h, Full)?;
        // Polynomials with n + k − 1 coefficients that agree at n + k − 1 points are the same, also modulo a prime.
        let points = x.len() + h.len() - 1;
        proof.equal(y.len(), points);
        for z in 0..points as i64 {
            proof.equal(value(&y, z), value(&x, z) * value(&h, z) % PRIME);
        }
    }
    Ok(())
}

/// Signal and kernel may change places. Catches loop bounds that hold only while the kernel is the shorter one.
#[test]
fn conv1d_commutative() -> Result<()> {
    let mut proof = Proof::exact("conv1d-commutative");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.printed(&meaning::signal(&x, &h));
    }
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        proof.equal(convolve(&x, &h, Full)?, convolve(&h, &x, Full)?);
        proof.equal(convolve(&h, &x, Full)?, scattered(&x, &h));
    }
    Ok(())
}

/// Two filters in a row are one filter, their full convolution, also where only valid outputs are kept. Catches a
/// combined kernel that was itself cropped.
#[test]
fn conv1d_associative() -> Result<()> {
    let mut proof = Proof::exact("conv1d-associative");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        for r in 1..=3 {
            let g = proof.signal::<GaussianInteger>(r);
            proof.printed(&meaning::signal(&x, &h).size("G", r).value("g", printed(&g)));
        }
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        for r in 1..=3 {
            let g = proof.signal::<i64>(r);
            let combined = convolve(&h, &g, Full)?;
            proof.equal(convolve(&convolve(&x, &h, Full)?, &g, Full)?, convolve(&x, &combined, Full)?);
            if combined.len() <= x.len() {
                proof.equal(convolve(&convolve(&x, &h, Valid)?, &g, Valid)?, convolve(&x, &combined, Valid)?);
            }
        }
    }
    Ok(())
}

/// Convolution and correlation are linear in the signal and linear in the kernel, in every mode. Catches a conjugate
/// on either: it passes real factors and fails complex ones.
#[test]
fn conv1d_linear() -> Result<()> {
    /// αa + βb.
    fn combine<T: Scalar>(alpha: &T, a: &[T], beta: &T, b: &[T]) -> Vec<T> {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(a, b)| alpha.clone() * a.clone() + beta.clone() * b.clone()).collect()
    }

    fn over<T: Scalar + Draw + Number>(proof: &mut Proof) -> Result<()> {
        for (x, h) in proof.pairs::<T>(S1) {
            let (z, g) = (proof.signal::<T>(x.len()), proof.signal::<T>(h.len()));
            let (alpha, beta) = (&T::draw(proof.random()), &T::draw(proof.random()));
            for operation in [convolve, correlate] {
                for mode in [Full, Same, Valid] {
                    let y = operation(&x, &h, mode)?;
                    proof.equal(
                        operation(&combine(alpha, &x, beta, &z), &h, mode)?,
                        combine(alpha, &y, beta, &operation(&z, &h, mode)?),
                    );
                    proof.equal(
                        operation(&x, &combine(alpha, &h, beta, &g), mode)?,
                        combine(alpha, &y, beta, &operation(&x, &g, mode)?),
                    );
                }
            }
        }
        Ok(())
    }

    let mut proof = Proof::exact("conv1d-linear");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let (z, g) = (proof.signal::<GaussianInteger>(x.len()), proof.signal::<GaussianInteger>(h.len()));
        let factors = proof.signal::<GaussianInteger>(2);
        let symbols = meaning::signal(&x, &h).value("z", printed(&z)).value("g", printed(&g));
        proof.printed(&symbols.value("\\alpha", factors[0].print()).value("\\beta", factors[1].print()));
    }
    over::<i64>(&mut proof)?;
    over::<GaussianInteger>(&mut proof)
}

/// An impulse at tap s delays under convolution and advances under correlation. Catches one operation in the place of
/// the other, by the direction in which the signal moves.
#[test]
fn conv1d_delta() -> Result<()> {
    let mut proof = Proof::exact("conv1d-delta");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        let taps = h.len();
        let impulse = move |s: usize| printed(&impulse(taps, s));
        for s in 0..taps {
            let symbols = meaning::signal(&x, &h).size("s", s);
            let delta = symbols.function("\\delta_#", move |places| Ok(impulse(places[0].size()?).into()));
            proof.printed(&delta);
        }
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let (n, k) = (x.len(), h.len());
        proof.equal(convolve(&x, &impulse(1, 0), Full)?, &x);
        for s in 0..k {
            let delta = impulse(k, s);
            proof.equal(convolve(&x, &delta, Full)?, [delayed(&x, s), vec![0; k - 1 - s]].concat());
            proof.equal(correlate(&x, &delta, Valid)?, &x[s..s + n - k + 1]);
            proof.equal(convolve(&x, &delta, Valid)?, &x[k - 1 - s..n - s]);
        }
    }
    Ok(())
}

/// A signal that starts s samples later gives the same outputs s samples later, on the line and around a circle.
/// Catches anything that depends on where a sample stands, and an index that wraps wrongly.
#[test]
fn conv1d_shift_equivariant() -> Result<()> {
    /// R_s: every sample moves s places to the right, around the circle.
    fn rotated(x: &[i64], s: usize) -> Vec<i64> {
        let mut rotated = x.to_vec();
        rotated.rotate_right(s % x.len());
        rotated
    }

    let mut proof = Proof::exact("conv1d-shift-equivariant");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        for s in [0, 1, 2, 5] {
            proof.printed(&meaning::signal(&x, &h).size("s", s));
        }
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        for s in [0, 1, 2, 5] {
            proof.equal(convolve(&delayed(&x, s), &h, Full)?, delayed(&convolve(&x, &h, Full)?, s));
            let circular = convolve_circular(&x, &h, x.len())?;
            proof.equal(convolve_circular(&rotated(&x, s), &h, x.len())?, rotated(&circular, s));
        }
    }
    Ok(())
}

/// Where the window of a valid output holds shifted samples and nothing else, the output shifts too, whatever moved in
/// on the left. Catches an output that reads a sample before its window.
#[test]
fn conv1d_shift_valid() -> Result<()> {
    let mut proof = Proof::exact("conv1d-shift-valid");
    // As printed.
    for (x, h) in proof.pairs::<i64>(S1) {
        for s in (1..=3).filter(|&s| s + h.len() <= x.len()) {
            let shifted = [proof.signal(s), x[..x.len() - s].to_vec()].concat();
            proof.printed(&meaning::signal(&x, &h).size("s", s).value("x'", printed(&shifted)));
        }
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        let (n, outputs) = (x.len(), x.len() - h.len() + 1);
        for s in [1, 2, 3] {
            if s < outputs {
                let shifted = [proof.signal(s), x[..n - s].to_vec()].concat();
                let (before, after) = (correlate(&x, &h, Valid)?, correlate(&shifted, &h, Valid)?);
                proof.equal(&after[s..], &before[..outputs - s]);
            }
        }
    }
    Ok(())
}

/// "Same" is not exactly shift-equivariant: for positive data, the outputs that differ are those within ⌊(K − 1)/2⌋
/// of the shifted-in zeros and of the right border, and no others. Catches any other treatment of a border.
#[test]
fn same_shift_defect() -> Result<()> {
    /// The outputs at which shifting by `s` and "same" convolution do not commute.
    fn defects<T: Scalar>(x: &[T], h: &[T], s: usize) -> Result<Vec<usize>> {
        // The last s samples drop out, zeros come in.
        let shifted = |x: &[T]| delayed(&x[..x.len() - s], s);
        let (before, after) = (convolve(&shifted(x), h, Same)?, shifted(&convolve(x, h, Same)?));
        Ok((0..x.len()).filter(|&n| before[n] != after[n]).collect())
    }

    /// The outputs at which they cannot: [max(0, s − c), s) and [N − c, N).
    fn predicted(n: usize, k: usize, s: usize) -> Vec<usize> {
        let c = left_out(k);
        (0..n).filter(|&i| (s.saturating_sub(c)..s).contains(&i) || i >= n - c).collect()
    }

    let mut proof = Proof::exact("same-shift-defect");
    // As printed.
    for (n, k) in proof.sizes(&[(8, 3), (9, 4), (16, 5), (17, 6), (7, 2), (5, 5), (6, 1)]) {
        let (x, h) = (positive(&mut proof, n), positive(&mut proof, k));
        for s in (1..=4).filter(|&s| s < n) {
            // The last s samples drop out, zeros come in.
            let moved = move |x: &ArrayD<Exact>| {
                let kept = x.iter().take(x.len() - s).cloned().collect::<Vec<_>>();
                Ok(Array1::from_vec(delayed(&kept, s)).into_dyn())
            };
            let symbols = meaning::signal(&x, &h).size("s", s);
            proof.printed(&symbols.function("\\tau_#", move |_| Ok(Map::new(moved).into())));
        }
    }
    for (n, k) in proof.sizes(&[(8, 3), (9, 4), (16, 5), (17, 6), (7, 2), (5, 5), (6, 1)]) {
        for s in (1..=4).filter(|&s| s < n) {
            proof.equal(defects(&powers(2, n), &powers(3, k), s)?, predicted(n, k, s));
            let (x, h) = (positive(&mut proof, n), positive(&mut proof, k));
            proof.equal(defects(&x, &h, s)?, predicted(n, k, s));
        }
    }
    Ok(())
}

/// Correlation does not commute: exchanging signal and kernel reverses the outputs. Catches a "correlation" that flips
/// its kernel, which would commute.
#[test]
fn corr_not_commutative() -> Result<()> {
    let mut proof = Proof::refuted("corr-not-commutative", 0.1);
    // As printed.
    for (n, k) in proof.sizes(S1) {
        if n > 1 {
            proof.printed(&meaning::signal(&small_powers(2, n), &small_powers(3, k)));
        }
    }
    let (x, h) = ([1_i64, 2, 4], [1, 0, 0]);
    proof.separated(correlate(&x, &h, Full)?, correlate(&h, &x, Full)?);

    for (x, h) in proof.pairs::<i64>(S1) {
        let exchanged = correlate(&h, &x, Full)?;
        proof.equal(correlate(&x, &h, Full)?, exchanged.into_iter().rev().collect::<Vec<_>>());

        // The first output is 3^(k − 1), the last is 2^(n − 1): no palindrome, unless it has one entry.
        let (x, h) = (powers(2, x.len()), powers(3, h.len()));
        if x.len() > 1 {
            proof.separated(correlate(&x, &h, Full)?, correlate(&h, &x, Full)?);
        }
    }
    Ok(())
}

/// Two layers of a CNN with nothing between them are one layer, and its kernel is the *convolution* of the two, with
/// K + R − 1 taps. Catches kernels combined by correlation.
#[test]
fn corr_associativity_rule() -> Result<()> {
    let mut proof = Proof::exact("corr-associativity-rule");
    // As printed.
    for (x, h) in proof.pairs::<GaussianInteger>(S1) {
        for r in 1..=3 {
            let g = proof.signal::<GaussianInteger>(r);
            proof.printed(&meaning::signal(&x, &h).size("G", r).value("g", printed(&g)));
        }
    }
    for (x, h) in proof.pairs::<i64>(S1) {
        for r in 1..=3 {
            let g = proof.signal::<i64>(r);
            let combined = convolve(&h, &g, Full)?;
            proof.equal(combined.len(), h.len() + r - 1);
            if combined.len() <= x.len() {
                let two_layers = correlate(&correlate(&x, &h, Valid)?, &g, Valid)?;
                proof.equal(&two_layers, correlate(&x, &combined, Valid)?);
                proof.equal(&two_layers, windowed(&x, &scattered(&h, &g)));
            }
        }
    }
    Ok(())
}

/// Correlation is not associative: kernels combined by correlation give another layer, those combined by convolution
/// the right one. Catches a "correlation" that flips its kernel, which would be associative.
#[test]
fn corr_not_associative() -> Result<()> {
    let mut proof = Proof::refuted("corr-not-associative", 0.1);
    // As printed.
    for (n, k) in proof.sizes(S1) {
        let symbols = meaning::signal(&small_powers(2, n), &small_powers(3, k));
        proof.printed(&symbols.value("g", printed(&small_powers(5, 3))));
    }
    let mut listed = vec![(vec![1, 2, 4, 8, 16], vec![1, 3], vec![1, 5])];
    for (n, k) in proof.sizes(S1) {
        // The first outputs will differ: one holds the last tap of g, the other its first.
        listed.push((powers(2, n), powers(3, k), powers(5, 2)));
        listed.push((powers(2, n), powers(3, k), powers(5, 3)));
    }
    for (x, h, g) in listed {
        let two_layers = correlate(&correlate(&x, &h, Full)?, &g, Full)?;
        proof.separated(&two_layers, correlate(&x, &correlate(&h, &g, Full)?, Full)?);
        proof.equal(&two_layers, correlate(&x, &convolve(&h, &g, Full)?, Full)?);
    }
    Ok(())
}

/// Output n reads the samples from n to n + K − 1 and no others, and sample m moves it by tap m − n. Catches a window
/// in the wrong place and one that is too wide.
#[test]
fn receptive_field_1d() -> Result<()> {
    let mut proof = Proof::exact("receptive-field-1d");
    // As printed.
    for (n, k) in proof.sizes(S1) {
        let (x, h) = (proof.signal::<i64>(n), positive(&mut proof, k));
        let responses = (0..n).map(|m| correlate(&impulse(n, m), &h, Valid)).collect::<Result<Vec<_>>>()?;
        let jacobian = Array2::from_shape_fn((n - k + 1, n), |(output, m)| responses[m][output].print());
        proof.printed(&meaning::signal(&x, &h).value("\\partial y / \\partial x", jacobian));
    }
    for (n, k) in proof.sizes(S1) {
        let h = positive(&mut proof, k);
        // The outputs are linear in the samples: the derivative by sample m is the response to impulse m.
        let responses = (0..n).map(|m| correlate(&impulse(n, m), &h, Valid)).collect::<Result<Vec<_>>>()?;
        for output in 0..n - k + 1 {
            let read = samples_read(&responses, output);
            proof.equal(&read, (output..output + k).collect::<Vec<_>>());
            let derivatives = read.iter().map(|&m| responses[m][output]).collect::<Vec<_>>();
            proof.equal(derivatives, &h);
        }
    }
    Ok(())
}

/// Every layer of a stack widens the receptive field by K − 1 steps of the strides before it, and output o begins
/// reading at o times all strides. Catches a stride counted in its own layer, and one forgotten.
#[test]
fn receptive_field_stack() -> Result<()> {
    /// Correlates with K ones and keeps every s-th output, layer after layer.
    fn stack(mut x: Vec<i64>, layers: &[(usize, usize)]) -> Result<Vec<i64>> {
        for &(k, s) in layers {
            x = correlate(&x, &vec![1; k], Valid)?.into_iter().step_by(s).collect();
        }
        Ok(x)
    }

    /// What the printed formulas speak of: the layers, and what was measured of one output.
    fn of_a_stack(layers: &[(usize, usize)], read: &[usize], output: usize) -> Symbols<Exact> {
        let whole = |n: usize| move |_: &[Value<Exact>]| Ok(Exact::whole(n as i64).into());
        let of_layer = |layers: Vec<usize>| {
            move |places: &[Value<Exact>]| {
                let layer = places[0].size()?.checked_sub(1).and_then(|layer| layers.get(layer));
                Ok(Exact::whole(*layer.ok_or("there is no such layer")? as i64).into())
            }
        };
        meaning::symbols()
            .size("L", layers.len())
            .size("o", output)
            .function("K_#", of_layer(layers.iter().map(|layer| layer.0).collect()))
            .function("s_#", of_layer(layers.iter().map(|layer| layer.1).collect()))
            .function("r_#", whole(read[read.len() - 1] - read[0] + 1))
            .function("a_#(#)", whole(read[0]))
    }

    let mut proof = Proof::exact("receptive-field-stack");
    let mut stacks: Vec<Vec<(usize, usize)>> = vec![
        vec![(3, 1)],
        vec![(3, 1), (3, 1)],
        vec![(3, 1); 4],
        vec![(3, 2), (3, 1)],
        vec![(5, 2), (3, 2), (2, 1)],
        vec![(1, 1), (1, 3)],
        vec![(2, 2); 3],
    ];
    // And 64 random ones, of one to three layers with 1 to 4 taps and strides from 1 to 3.
    for random in 0..64 {
        let depth = 1 + random % 3;
        let (taps, strides) = (positive(&mut proof, depth), positive(&mut proof, depth));
        let layer = |(k, s): (i64, i64)| (1 + k as usize % 4, 1 + s as usize % 3);
        stacks.push(taps.into_iter().zip(strides).map(layer).collect());
    }
    for layers in stacks {
        let (mut field, mut step) = (1, 1);
        for &(k, s) in &layers {
            field += (k - 1) * step;
            step *= s;
        }
        // Long enough for four outputs.
        let n = field + 3 * step;
        let responses = (0..n).map(|m| stack(impulse(n, m), &layers)).collect::<Result<Vec<_>>>()?;
        proof.equal(responses[0].len(), 4_usize);
        for output in 0..4 {
            let read = samples_read(&responses, output);
            proof.equal(read[0], output * step);
            proof.equal(read[read.len() - 1], output * step + field - 1);
            proof.printed(&of_a_stack(&layers, &read, output));
            // A stride longer than its kernel skips samples; without one there are no holes.
            if layers.iter().all(|&(k, s)| s <= k) {
                proof.equal(read.len(), field);
            }
        }
    }
    Ok(())
}

/// The outputs of NumPy 2.4.6 and SciPy 1.17.1, pasted below the calls that made them.
#[test]
fn scipy_vectors() -> Result<()> {
    // x, h = [3, -1, 4, 1, -5, 9], [2, -7, 1, 8]
    // for mode in "full", "same", "valid": numpy.convolve(x, h, mode); numpy.correlate(x, h, mode)
    // scipy.signal.convolve(x, h, mode, method="direct") and scipy.signal.correlate(…) give the same.
    let (x, h) = ([3, -1, 4, 1, -5, 9], [2, -7, 1, 8]);
    assert_eq!(convolve(&x, &h, Full)?, [6, -23, 18, -3, -21, 86, -60, -31, 72]);
    assert_eq!(convolve(&x, &h, Same)?, [-23, 18, -3, -21, 86, -60]);
    assert_eq!(convolve(&x, &h, Valid)?, [-3, -21, 86]);
    assert_eq!(correlate(&x, &h, Full)?, [24, -5, 10, 25, -69, 68, 46, -73, 18]);
    assert_eq!(correlate(&x, &h, Same)?, [-5, 10, 25, -69, 68, 46]);
    assert_eq!(correlate(&x, &h, Valid)?, [25, -69, 68]);

    // scipy.linalg.circulant([2, -7, 1, 8, 0, 0]) @ x; scipy.linalg.circulant([2, -7, 1, 8, 0, 0]).T @ x
    assert_eq!(convolve_circular(&x, &h, 6)?, [-54, -54, 90, -3, -21, 86]);
    assert_eq!(correlate_circular(&x, &h, 6)?, [25, -69, 68, 70, -78, 28]);

    // x, h = numpy.array([1+2j, 3-1j, -2j, 4]), numpy.array([1j, 2-3j])
    // scipy.signal.convolve(x, h, mode, method="direct")
    // scipy.signal.correlate(x, h.conj(), mode, method="direct"), because it conjugates its second argument.
    let z = GaussianInteger::new;
    let (x, h) = ([z(1, 2), z(3, -1), z(0, -2), z(4, 0)], [z(0, 1), z(2, -3)]);
    assert_eq!(convolve(&x, &h, Full)?, [z(-2, 1), z(9, 4), z(5, -11), z(-6, 0), z(8, -12)]);
    assert_eq!(convolve(&x, &h, Same)?, [z(-2, 1), z(9, 4), z(5, -11), z(-6, 0)]);
    assert_eq!(correlate(&x, &h, Full)?, [z(8, 1), z(1, -10), z(-5, -1), z(10, -12), z(0, 4)]);
    assert_eq!(correlate(&x, &h, Valid)?, [z(1, -10), z(-5, -1), z(10, -12)]);

    // More taps than samples: SciPy keeps the length of the signal. (NumPy exchanges the two, and returns four.)
    // scipy.signal.convolve([1, 2], [1, 10, 100, 1000], "same", method="direct"); scipy.signal.correlate(…)
    assert_eq!(convolve(&[1, 2], &[1, 10, 100, 1000], Same)?, [12, 120]);
    assert_eq!(correlate(&[1, 2], &[1, 10, 100, 1000], Same)?, [2100, 210]);
    Ok(())
}
