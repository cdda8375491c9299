//! Which method? The one that a model of this machine expects to be the fastest.

use ndarray::ArrayRef4;

use super::simd::Number;
use super::winograd::{self, Tile};
use super::{Threads, fft, gemm};
use crate::error::Result;
use crate::layer::Geometry;

/// A way to compute a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A matrix product, [`gemm`]: every geometry.
    Gemm,
    /// Winograd's transforms, [`winograd`]: 3 × 3 taps, stride and dilation 1.
    Winograd(Tile),
    /// The Fourier transform, [`fft`], in tiles of a given side, or of the one that costs least: stride and dilation 1.
    Fft(Option<usize>),
}

/// A layer by any of the methods.
#[derive(Debug)]
pub enum Plan<T> {
    /// By a matrix product.
    Gemm(gemm::Plan<T>),
    /// By Winograd's transforms.
    Winograd(winograd::Plan<T>),
    /// By the Fourier transform.
    Fft(fft::Plan<T>),
}

impl<T: Number> Plan<T> {
    /// A layer by a given method, for inputs of one shape.
    ///
    /// # Errors
    /// Those of the method.
    pub fn by(
        method: Method,
        input: [usize; 4],
        w: &ArrayRef4<T>,
        bias: Option<&[T]>,
        geometry: Geometry,
        threads: &Threads,
    ) -> Result<Self> {
        Ok(match method {
            Method::Gemm => Self::Gemm(gemm::Plan::new(input, w, bias, geometry, threads)?),
            Method::Winograd(tile) => {
                Self::Winograd(winograd::Plan::new(input, w, bias, geometry, tile, threads)?)
            }
            Method::Fft(side) => Self::Fft(fft::Plan::new(input, w, bias, geometry, side, threads)?),
        })
    }

    /// The shape of the outputs, (B, O, P, Q).
    pub fn output(&self) -> [usize; 4] {
        match self {
            Self::Gemm(plan) => plan.output(),
            Self::Winograd(plan) => plan.output(),
            Self::Fft(plan) => plan.output(),
        }
    }

    /// Computes the layer, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        match self {
            Self::Gemm(plan) => plan.run_into(x, y),
            Self::Winograd(plan) => plan.run_into(x, y),
            Self::Fft(plan) => plan.run_into(x, y),
        }
    }
}
