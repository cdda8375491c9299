//! How a step is made of gradients.

use super::Real;
use crate::error::{Result, exactly};

/// A rule that turns gradients into steps, with its learning rate η.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent with momentum β: v′ = β v + ∇L, w′ = w − η v′, equation `p5-momentum-invariant` without
    /// decay. Plain descent has β = 0.
    Sgd {
        /// η.
        rate: f64,
        /// β.
        momentum: f64,
    },
    /// Adam (Kingma and Ba, 2015): every coordinate's step is divided by the size of its own gradients, equation `adam-step`.
    /// The means forget with 0.9 and 0.999; 10⁻⁸ is added to the divisor.
    Adam {
        /// η.
        rate: f64,
    },
}

/// How quickly Adam's mean of the gradients forgets.
pub const FORGETS: f64 = 0.9;

/// How quickly Adam's mean of their squares forgets.
pub const SQUARES_FORGET: f64 = 0.999;

/// What Adam adds to its divisor.
pub const LEAST: f64 = 1e-8;

/// A rule at work: it remembers what it has seen.
///
/// # Examples
/// The first step of Adam is as long as its rate, however small the gradient:
/// ```
/// use locality::learning::{Optimizer, Rule};
/// let mut weights = [1.0, 1.0];
/// Optimizer::new(Rule::Adam { rate: 0.1 }, 2).step(&mut weights, &[1e-3, -50.0])?;
/// assert!((weights[0] - 0.9_f64).abs() < 1e-5 && (weights[1] - 1.1).abs() < 1e-5);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Optimizer<T> {
    rule: Rule,
    mean: Vec<T>,
    square: Vec<T>,
    /// What is left of the beginning in either mean: β^t. Multiplied up, since powers are rounded differently by different
    /// machines.
    left: (f64, f64),
}

impl<T: Real> Optimizer<T> {
    /// The rule, before the first step, for that many coordinates.
    pub fn new(rule: Rule, coordinates: usize) -> Self {
        let squares = if matches!(rule, Rule::Adam { .. }) { coordinates } else { 0 };
        Self { rule, mean: vec![T::zero(); coordinates], square: vec![T::zero(); squares], left: (1.0, 1.0) }
    }

    /// One step against the gradient.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if weights or gradient have not the coordinates the optimizer was made for.
    pub fn step(&mut self, weights: &mut [T], gradient: &[T]) -> Result<()> {
        exactly("weights", self.mean.len(), weights.len())?;
        exactly("gradient", self.mean.len(), gradient.len())?;
        let number = |x: f64| T::from(x).unwrap_or_else(T::nan);
        match self.rule {
            Rule::Sgd { rate, momentum } => {
                let (rate, momentum) = (number(rate), number(momentum));
                for ((weight, v), &g) in weights.iter_mut().zip(&mut self.mean).zip(gradient) {
                    *v = momentum * *v + g;
                    *weight -= rate * *v;
                }
            }
            Rule::Adam { rate } => {
                self.left = (self.left.0 * FORGETS, self.left.1 * SQUARES_FORGET);
                let (new, new_square) = (number(1.0 - FORGETS), number(1.0 - SQUARES_FORGET));
                let (keep, keep_square) = (number(FORGETS), number(SQUARES_FORGET));
                // Both means began with 0, and are too small at first.
                let (rate, correction) =
                    (number(rate / (1.0 - self.left.0)), number(1.0 / (1.0 - self.left.1)));
                let means = self.mean.iter_mut().zip(&mut self.square);
                for ((weight, (mean, square)), &g) in weights.iter_mut().zip(means).zip(gradient) {
                    *mean = keep * *mean + new * g;
                    *square = keep_square * *square + new_square * g * g;
                    *weight -= rate * *mean / (num_traits::Float::sqrt(correction * *square) + number(LEAST));
                }
            }
        }
        Ok(())
    }
}
