//! Convolution, read four ways: by definition, as an explicit matrix, through the Fourier transform, and, by
//! changing the number it runs on, as a proof.
//!
//! This is the crate of the book *Locality, Learning, and the FFT*. A chapter has a module; a module exists because
//! a chapter needs it:
//!
//! | chapter                             | module                  | idea                                                        |
//! |-------------------------------------|-------------------------|-------------------------------------------------------------|
//! | 1-D Convolution                     | [`conv1d`]              | what convolution *means*: two loops                         |
//! | Convolution Theorem                 | [`fourier`], [`matrix`] | the DFT turns a circulant matrix into a diagonal one        |
//! | 2-D Convolution                     | [`conv2d`]              | four loops, or two if the kernel has rank 1                 |
//! | Convolution Theorem 2D              | [`fourier`]             | the 2-D transform is the 1-D one, once per axis             |
//! | 2D Spatial Convolution as a Matrix… | [`matrix`], [`layer`]   | a sparse matrix of taps, or a dense matrix of windows       |
//! | Loss Backpropagation in Convolution | [`gradient`]            | gradients of a convolution are two more convolutions        |
//! | 2D Fourier Transform Convolution …  | [`matrix`]              | the transform as one matrix, F ⊗ F, and its conjugate       |
//! | Gradient Comparison                 | [`gradient`], [`probe`] | the same gradient by two routes, and numbers that watch     |
//! | Computational Comparison            | [`cost`]                | exact counts: one channel says no, many say yes             |
//! | Making it fast                      | [`fast`]                | the same sums in another order                              |
//! | What locality buys                 | [`learning`]            | small support is a prior: what it is worth in pictures      |
//! | Beyond the grid                     | [`graph`]               | locality is the degree of a filter                          |
//!
//! Underneath: [`scalar`], what an algorithm may ask of a number, and [`error`], what it refuses. With the feature
//! `figures`, `figure` draws the book's pictures.
//!
//! # Conventions
//! `convolve` flips the kernel, `correlate` does not; neither conjugates. Images are row-major. The forward DFT has
//! the kernel e^{−2πi/N} and no factor; the inverse divides by N.

pub mod conv1d;
pub mod conv2d;
pub mod cost;
pub mod error;
pub mod fast;
#[cfg(feature = "figures")]
pub mod figure;
pub mod fourier;
pub mod gradient;
pub mod graph;
pub mod layer;
pub mod learning;
pub mod matrix;
pub mod probe;
pub mod scalar;

pub use error::{Error, Result};
pub use scalar::Scalar;

pub use {nalgebra, nalgebra_sparse, ndarray, num_complex, num_rational, num_traits, rustfft};
