//! What a convolution costs, in closed form: multiplications, additions, memory.
//!
//! Nothing here is estimated. [`Layer`] counts the products of the definition, [`Transform`] those of a split-radix FFT,
//! [`Tile`] those of a convolution in pieces; [`Model`] puts them together to the comparisons that the chapter makes.
//! The transforms that are counted stand in [`split_radix`], and running them on [`Counted`](crate::probe::Counted) numbers
//! gives the same counts, to the last operation.
//!
//! No count sees how far away a number lies, or how many are multiplied at once. For that, measure.

mod layer;
mod model;
pub mod split_radix;
mod tile;
mod transform;

pub use layer::Layer;
pub use model::{Model, Pass};
pub use tile::{Tile, winograd};
pub use transform::{Product, Transform};
