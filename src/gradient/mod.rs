//! Gradients of a loss that looks at the outputs of a convolution.
//!
//! A loss L is a number computed from the outputs y. Its gradient by the outputs, g = ∂L/∂y, has the shape of y and
//! says how L moves when one output moves. Nothing else about the loss matters: from g follow the gradients by
//! everything that made y. The layer is y = x ⋆ h, valid correlation, as in a CNN.
//!
//! | gradient by      | as a sum              | as a matrix                | shape of |
//! |------------------|-----------------------|----------------------------|----------|
//! | the kernel       | x ⋆ g, a correlation  | Xᵀ g, the windows of x     | h        |
//! | the input        | g ∗ h, a convolution  | T(h)ᵀ g, the kernel's own  | x        |
//! | the bias         | the sum of g          | G 1                        | b        |
//!
//! [`spatial`] computes the sums, [`explicit`] multiplies by the matrices, [`fourier`] takes the way through the
//! transform, and [`finite_difference`] knows nothing of them: it nudges a number and looks at the loss. The first two
//! ask for a [`Scalar`](crate::Scalar) and for nothing more; the referee works in `f64`. [`spectral`] is about another
//! layer, whose weights are the bins of a spectrum.

pub mod explicit;
pub mod finite_difference;
pub mod fourier;
pub mod spatial;
pub mod spectral;

use ndarray::Array4;

/// The gradients of a loss by everything that made the outputs of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients<T> {
    /// By the weights: C_o × C × K_h × K_w.
    pub kernel: Array4<T>,
    /// By the input: B × C × H × W.
    pub input: Array4<T>,
    /// By the bias: one number for each of the C_o output channels.
    pub bias: Vec<T>,
}
