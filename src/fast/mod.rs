//! The efficient implementations: what the definitions compute, as fast as this machine can.
//!
//! Every technique is a plan and a function that does it all at once. A plan knows the shapes and the kernel, and owns
//! its workspaces, so that running it allocates nothing. Everything here is compared with the definitions
//! ([`conv1d`](crate::conv1d), [`conv2d`](crate::conv2d), [`layer`](crate::layer)).
//!
//! Underneath: [`simd`], how safe code gets the widest vectors that the machine has, and [`threads`], how work is
//! divided.

// A loop over a constant range is unrolled, and what it indexes stays in registers. Iterators over the same arrays do
// not always come out so.
#![allow(clippy::needless_range_loop)]

pub mod auto;
pub mod bounds;
pub mod depthwise;
pub mod direct;
pub mod fft;
pub mod gemm;
pub mod gradient;
mod lanes;
mod layers;
pub mod overlap_save;
pub(crate) mod register;
pub mod simd;
pub mod spectrum;
mod stockham;
pub mod threads;
mod tiles;
pub mod winograd;

pub use simd::Number;
pub use threads::Threads;
