//! Filters that go from neighbour to neighbour.

use nalgebra_sparse::{CooMatrix, CsrMatrix};

use super::{Graph, multiply};
use crate::Scalar;
use crate::error::{Result, non_empty};

/// p(Δ) x = Σₖ c\[k\] Δᵏ x, for coefficients c\[0\], c\[1\], …: as many sparse products as the degree. A polynomial of degree K
/// reaches exactly K edges far, equation `poly-khop-local`.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) without coefficients; as [`multiply`].
///
/// # Examples
/// ```
/// use locality::graph::{Graph, polynomial};
/// let laplacian = Graph::ring(6, 1)?.laplacian();
/// assert_eq!(polynomial(&laplacian, &[0, 0, 1], &[1, 0, 0, 0, 0, 0])?, [6, -4, 1, 0, 1, -4]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn polynomial<T: Scalar>(laplacian: &CsrMatrix<T>, c: &[T], x: &[T]) -> Result<Vec<T>> {
    non_empty("coefficients", c.len())?;
    // Horner: c₀ x + Δ (c₁ x + Δ (…)).
    let mut sum = vec![T::zero(); x.len()];
    for c in c.iter().rev() {
        sum = multiply(laplacian, &sum)?;
        sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += c.clone() * x.clone());
    }
    Ok(sum)
}

/// Σₖ θ\[k\] Tₖ(Δ̃) x with Chebyshev's polynomials and Δ̃ = (2/λ_max) Δ − I, whose spectrum lies between −1 and 1: equation
/// `cheb-filter`. The recurrence Tₖ = 2 Δ̃ Tₖ₋₁ − Tₖ₋₂ runs on vectors; `scale` is 2/λ_max.
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) without coefficients; as [`multiply`].
///
/// # Examples
/// T₂(t) = 2t² − 1, on a graph whose scaled Laplacian moves a signal by one node:
/// ```
/// use locality::graph::{Graph, chebyshev};
/// let laplacian = Graph::ring(4, 1.0)?.laplacian();
/// let y = chebyshev(&laplacian, 0.5, &[0.0, 0.0, 1.0], &[1.0, 0.0, 0.0, 0.0])?;
/// assert_eq!(y, [0.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn chebyshev<T: Scalar>(laplacian: &CsrMatrix<T>, scale: T, theta: &[T], x: &[T]) -> Result<Vec<T>> {
    non_empty("coefficients", theta.len())?;
    let scaled = |x: &[T]| -> Result<Vec<T>> {
        let products = multiply(laplacian, x)?.into_iter().zip(x);
        Ok(products.map(|(product, x)| scale.clone() * product - x.clone()).collect())
    };
    let two = T::one() + T::one();
    let (mut last, mut next) = (x.to_vec(), scaled(x)?);
    let mut sum = vec![T::zero(); x.len()];
    for theta in theta {
        sum.iter_mut().zip(&last).for_each(|(sum, term)| *sum += theta.clone() * term.clone());
        let after = scaled(&next)?.into_iter().zip(&last);
        let after = after.map(|(next, last)| two.clone() * next - last.clone()).collect();
        last = std::mem::replace(&mut next, after);
    }
    Ok(sum)
}

/// One step of a graph convolutional network, D̃^{−1/2} (A + I) D̃^{−1/2}: every node takes a mean of itself and its neighbours,
/// equation `gcn-propagation`. D̃ holds the degrees of A + I, not those of A, or the step would amplify.
///
/// # Examples
/// On a ring it is a blur of three taps:
/// ```
/// use locality::graph::{Graph, multiply, propagation};
/// let blurred = multiply(&propagation(&Graph::ring(5, 1.0)?), &[3.0, 0.0, 0.0, 0.0, 0.0])?;
/// assert!(blurred.iter().zip([1.0, 1.0, 0.0, 0.0, 1.0]).all(|(a, b)| f64::abs(a - b) < 1e-15));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn propagation(graph: &Graph<f64>) -> CsrMatrix<f64> {
    let degrees = graph.degrees().into_iter().map(|degree| degree + 1.0).collect::<Vec<_>>();
    let mut entries = CooMatrix::new(graph.nodes(), graph.nodes());
    for (node, degree) in degrees.iter().enumerate() {
        entries.push(node, node, 1.0 / degree);
    }
    for (i, j, weight) in graph.adjacency().triplet_iter() {
        entries.push(i, j, weight / (degrees[i] * degrees[j]).sqrt());
    }
    CsrMatrix::from(&entries)
}
