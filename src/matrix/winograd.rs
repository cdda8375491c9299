//! Winograd's matrices: a convolution with as few products as there can be.

use nalgebra::DMatrix;
use num_rational::Ratio;
use num_traits::{One, Zero};

use crate::error::{Error, Result, non_empty};

/// The three matrices of F(m, r): m outputs of a kernel of r taps, from m + r − 1 samples, with m + r − 1 products:
/// y = Aᵀ((G h) ⊙ (Bᵀ x)), equations `winograd-f2-3` and `winograd-f4-3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winograd {
    /// Bᵀ, which mixes the samples: (m + r − 1) × (m + r − 1).
    pub input: DMatrix<Ratio<i64>>,
    /// G, which mixes the taps: (m + r − 1) × r.
    pub kernel: DMatrix<Ratio<i64>>,
    /// Aᵀ, which mixes the products: m × (m + r − 1).
    pub output: DMatrix<Ratio<i64>>,
}

/// Builds them from `points`, m + r − 2 different whole numbers; infinity is the last point.
///
/// The full convolution of m and r numbers is a product of polynomials of degree m + r − 2, so their values at m + r − 1
/// points determine it. Correlation is the transpose of convolution in one of its arguments, and transposing turns what
/// evaluates into what interpolates. Hence: Aᵀ holds powers of the points, G powers divided by the differences to the other
/// points, Bᵀ the polynomials that vanish at all other points.
///
/// # Errors
/// [`Error::Empty`] without taps; [`Error::TooShort`] if there are fewer points than r − 1, which would be no output;
/// [`Error::TooLarge`] if a number overflows, or if two points are the same, whose distance divides.
///
/// # Examples
/// ```
/// use locality::matrix::winograd;
/// let f23 = winograd(&[0, 1, -1], 3)?;
/// assert_eq!(f23.output.shape(), (2, 4));
/// assert_eq!(f23.input.row(1).iter().map(|entry| *entry.numer()).collect::<Vec<_>>(), [0, 1, 1, 0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn winograd(points: &[i64], taps: usize) -> Result<Winograd> {
    non_empty("kernel", taps)?;
    crate::error::at_least("points", taps.saturating_sub(1).max(1), points.len())?;
    let n = points.len() + 1;
    let outputs = n + 1 - taps;
    let too_large = Error::TooLarge { what: "Winograd matrix" };
    // The last row and column belong to infinity, where a polynomial is its leading coefficient.
    let power = |j: usize, k: usize, last: usize| match points.get(j) {
        Some(&point) => point.checked_pow(k as u32),
        None => Some(i64::from(k == last)),
    };
    let others = |j: usize| points.iter().enumerate().filter(move |(l, _)| *l != j).map(|(_, point)| *point);
    let mut matrices = Winograd {
        input: DMatrix::from_element(n, n, Ratio::zero()),
        kernel: DMatrix::from_element(n, taps, Ratio::zero()),
        output: DMatrix::from_element(outputs, n, Ratio::zero()),
    };
    for j in 0..n {
        for (k, coefficient) in vanishing(others(j)).ok_or(too_large.clone())?.into_iter().enumerate() {
            matrices.input[(j, k)] = Ratio::from(coefficient);
        }
        let distances = match points.get(j) {
            Some(&point) => others(j).try_fold(1_i64, |product, other| {
                product.checked_mul(point.checked_sub(other)?).filter(|product| *product != 0)
            }),
            None => Some(1),
        };
        let distances = distances.ok_or(too_large.clone())?;
        for k in 0..taps {
            let power = power(j, k, taps - 1).ok_or(too_large.clone())?;
            matrices.kernel[(j, k)] = Ratio::new(power, distances);
        }
        for i in 0..outputs {
            matrices.output[(i, j)] = Ratio::from(power(j, i, outputs - 1).ok_or(too_large.clone())?);
        }
    }
    Ok(matrices)
}

/// The coefficients of ∏ (t − root), the constant one first; none if they overflow.
fn vanishing(roots: impl Iterator<Item = i64>) -> Option<Vec<i64>> {
    let mut polynomial = vec![i64::one()];
    for root in roots {
        polynomial.insert(0, 0);
        for k in 1..polynomial.len() {
            let less = root.checked_mul(polynomial[k])?;
            polynomial[k - 1] = polynomial[k - 1].checked_sub(less)?;
        }
    }
    Some(polynomial)
}
