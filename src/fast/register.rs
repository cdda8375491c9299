//! The register tile: where all products of the matrix products happen.

use super::simd::{Number, fma};

/// LANES numbers from a place on.
#[inline(always)]
pub(super) fn lanes<T: Number, const LANES: usize>(slice: &[T], start: usize) -> [T; LANES] {
    slice[start..start + LANES].try_into().expect("as many as lanes")
}

/// Σ of columns times rows: in each step ROWS ≤ 8 numbers meet V vectors, and every number meets every vector. The
/// sums stay in registers.
///
/// They do so only if every index is a constant, so the loop over the rows is written out, and at the end the sums are
/// copied for whoever looks at them with other indices.
#[inline(always)]
pub(super) fn sum_of_products<
    T: Number,
    const LANES: usize,
    const ROWS: usize,
    const V: usize,
    const FUSED: bool,
>(
    steps: impl Iterator<Item = ([T; ROWS], [[T; LANES]; V])>,
) -> [[[T; LANES]; V]; ROWS] {
    let mut sums = [[[T::zero(); LANES]; V]; ROWS];
    for (column, row) in steps {
        macro_rules! rows {
            ($($r:literal)*) => {$(
                if $r < ROWS {
                    for v in 0..V {
                        sums[$r][v] = scaled::<T, LANES, FUSED>(column[$r], row[v], sums[$r][v]);
                    }
                }
            )*};
        }
        rows!(0 1 2 3 4 5 6 7);
    }
    let mut stored = [[[T::zero(); LANES]; V]; ROWS];
    for r in 0..ROWS {
        for v in 0..V {
            stored[r][v] = sums[r][v];
        }
    }
    stored
}

/// a · b + c in every lane: one instruction.
#[inline(always)]
pub(crate) fn scaled<T: Number, const LANES: usize, const FUSED: bool>(
    a: T,
    b: [T; LANES],
    c: [T; LANES],
) -> [T; LANES] {
    let mut sum = c;
    for lane in 0..LANES {
        sum[lane] = fma::<T, FUSED>(a, b[lane], c[lane]);
    }
    sum
}
