//! The fast methods in `f32` and `f64`, compiled once.
//!
//! They are generic, so every program compiles its own copy of each that it calls, for three kinds of machines. In a
//! build that is not fully optimised the compiler takes a copy that a library has instead, if it has one. This
//! library has them all, and does nothing else: a test or an example that says `use methods as _;` builds in seconds.
//! In a build that is fully optimised every program has its own copies, and this library is empty.

#![cfg(debug_assertions)]

use locality::fast::simd::Number;
use locality::fast::{auto, direct, fft, gemm, gradient, overlap_save, spectrum, winograd};

/// Where the code of every method is, for both kinds of numbers.
pub fn all() -> Vec<*const ()> {
    [of::<f32>(), of::<f64>()].concat()
}

fn of<T: Number>() -> Vec<*const ()> {
    vec![
        auto::Plan::<T>::new as *const (),
        auto::Plan::<T>::by as *const (),
        auto::Plan::<T>::run_into as *const (),
        auto::candidates::<T> as *const (),
        auto::image_candidates::<T> as *const (),
        auto::ImagePlan::<T>::convolve as *const (),
        auto::ImagePlan::<T>::depthwise as *const (),
        auto::ImagePlan::<T>::by as *const (),
        auto::ImagePlan::<T>::run_into as *const (),
        direct::Plan::<T>::convolve as *const (),
        direct::Plan::<T>::correlate as *const (),
        direct::Plan::<T>::depthwise as *const (),
        direct::Plan::<T>::run_into as *const (),
        direct::convolve::<T> as *const (),
        direct::convolve_1d::<T> as *const (),
        fft::Plan::<T>::new as *const (),
        fft::Plan::<T>::run_into as *const (),
        fft::forward::<T> as *const (),
        gemm::Plan::<T>::new as *const (),
        gemm::Plan::<T>::run_into as *const (),
        gemm::forward::<T> as *const (),
        gradient::Input::<T>::new as *const (),
        gradient::Input::<T>::run_into as *const (),
        gradient::Kernel::<T>::new as *const (),
        gradient::Kernel::<T>::run_into as *const (),
        overlap_save::Plan::<T>::convolve as *const (),
        overlap_save::Plan::<T>::correlate as *const (),
        overlap_save::Plan::<T>::depthwise as *const (),
        overlap_save::Plan::<T>::run_into as *const (),
        overlap_save::convolve::<T> as *const (),
        overlap_save::convolve_1d::<T> as *const (),
        spectrum::Plan::<T>::new as *const (),
        spectrum::Plan::<T>::forward_into as *const (),
        spectrum::Plan::<T>::inverse_into as *const (),
        winograd::Plan::<T>::new as *const (),
        winograd::Plan::<T>::run_into as *const (),
        winograd::forward::<T> as *const (),
    ]
}
