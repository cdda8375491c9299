//! What small support is worth, shown by training: faces against the same parts in other places.
//!
//! A small [`Network`] is trained four times, and the four differ in one thing: what is [`Trained`] so that its layer has
//! kernels. Its gradients are the derived ones of [`gradient`](crate::gradient), chained by hand; nothing differentiates for
//! us. Everything is seeded and added up in one order, so a training repeats to the last bit, on any machine and on any number
//! of threads.
//!
//! | part           | what it is                                                            |
//! |----------------|-----------------------------------------------------------------------|
//! | [`faces`]      | the pictures: faces and their scrambled twins                         |
//! | [`layers`]     | ReLU, the largest of a square, the last layer, cross-entropy          |
//! | [`Kernels`]    | taps or spectral weights, small or as large as the picture            |
//! | [`Picture`]    | x ⋆ w and x ⋆ g, fast                                                 |
//! | [`Network`]    | the layers in a row, forwards and backwards                           |
//! | [`Optimizer`]  | SGD, momentum, Adam                                                   |
//! | [`Protocol`]   | how they are trained and compared                                     |

mod data;
mod experiment;
pub mod faces;
mod kernels;
pub mod layers;
mod network;
mod optimizer;
mod random;
mod route;

pub use data::{Data, around};
pub use experiment::{Method, Protocol, batches, mean_alone};
pub use kernels::{Kernels, Trained};
pub use network::{Network, Sizes};
pub use optimizer::{FORGETS, LEAST, Optimizer, Rule, SQUARES_FORGET};
pub use random::Random;
pub use route::Picture;

/// A number that networks are trained with: `f32` or `f64`.
pub trait Real: crate::fast::Number + num_traits::Float {}

impl<T: crate::fast::Number + num_traits::Float> Real for T {}
