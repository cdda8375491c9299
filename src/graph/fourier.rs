//! The eigenvectors of the Laplacian: waves on a graph.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use nalgebra_sparse::CsrMatrix;

use super::dense;
use crate::error::{Error, Result, exactly, shaped};

/// The Fourier transform of a graph: a symmetric matrix Δ = U Λ Uᵀ, the smallest frequency first, equation `graph-fourier`.
///
/// There is no fast transform for a graph in general: x̂ = Uᵀ x takes n² products, equation `gft-cost`.
///
/// # Examples
/// A signal that is the same everywhere has frequency 0:
/// ```
/// use locality::graph::{Fourier, Graph};
/// let fourier = Fourier::new(&Graph::ring(5, 1.0)?.laplacian())?;
/// let bins = fourier.transform(&[2.0; 5])?;
/// assert!((bins[0].abs() - 2.0 * 5.0_f64.sqrt()).abs() < 1e-12);
/// assert!(bins[1..].iter().all(|bin| bin.abs() < 1e-12));
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fourier {
    frequencies: Vec<f64>,
    modes: DMatrix<f64>,
}

impl Fourier {
    /// The transform that belongs to a symmetric matrix: a Laplacian.
    ///
    /// # Errors
    /// [`Error::Shape`] if the matrix is not square; [`Error::NotFinite`] if an entry is not finite; [`Error::TooLarge`] if it
    /// cannot be allocated.
    pub fn new(laplacian: &CsrMatrix<f64>) -> Result<Self> {
        let n = laplacian.nrows();
        shaped("laplacian", &[n, n], &[n, laplacian.ncols()])?;
        if laplacian.values().iter().any(|entry| !entry.is_finite()) {
            return Err(Error::NotFinite { argument: "laplacian" });
        }
        let eigen = SymmetricEigen::new(dense(laplacian)?);
        let mut order = (0..n).collect::<Vec<_>>();
        order.sort_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
        Ok(Self {
            frequencies: order.iter().map(|&k| eigen.eigenvalues[k]).collect(),
            modes: eigen.eigenvectors.select_columns(&order),
        })
    }

    /// The eigenvalues λ, in order.
    pub fn frequencies(&self) -> &[f64] {
        &self.frequencies
    }

    /// The eigenvectors, as the columns of U.
    pub fn modes(&self) -> &DMatrix<f64> {
        &self.modes
    }

    /// x̂ = Uᵀ x.
    ///
    /// # Errors
    /// [`Error::Length`] if `x` has not a number for every node.
    pub fn transform(&self, x: &[f64]) -> Result<Vec<f64>> {
        exactly("x", self.frequencies.len(), x.len())?;
        Ok((self.modes.transpose() * DVector::from_column_slice(x)).as_slice().to_vec())
    }

    /// The filter that multiplies each frequency λ by g(λ): U g(Λ) Uᵀ, equation `spectral-filter`. It does not depend on the
    /// choice of eigenvectors, because equal frequencies are treated alike.
    pub fn filter(&self, g: impl Fn(f64) -> f64) -> DMatrix<f64> {
        self.with_coefficients(&self.frequencies.iter().map(|&frequency| g(frequency)).collect::<Vec<_>>())
            .expect("a coefficient for every frequency")
    }

    /// U diag(c) Uᵀ with a free coefficient for each eigenvector. Where a frequency has several eigenvectors this depends on
    /// which of them are taken, equation `free-spectral-coefficients`.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one coefficient for each.
    pub fn with_coefficients(&self, c: &[f64]) -> Result<DMatrix<f64>> {
        exactly("c", self.frequencies.len(), c.len())?;
        let scaled = DMatrix::from_fn(self.modes.nrows(), c.len(), |i, k| self.modes[(i, k)] * c[k]);
        Ok(scaled * self.modes.transpose())
    }
}
