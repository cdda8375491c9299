//! Fourier transforms of `f32` and `f64`, planned once and compiled once.
//!
//! `rustfft` is generic, so whoever names a kind of number compiles all its algorithms for it: minutes, each time the
//! crate that does so changes. This crate names the two kinds that matter and never changes; the crate `locality`
//! stays quick to compile. It has no conventions of its own: see `locality::fourier`.
//!
//! In a browser, the transform of complex numbers is `rustfft`'s plain one, by definition: the planner and its
//! algorithms would be most of what a reader downloads, for transforms of a few dozen numbers.
//!
//! Any other kind of number has transforms as well: an empty `impl Real` is enough. Whoever uses them compiles them.

use std::cell::RefCell;
use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftDirection, FftNum, FftPlanner};

/// A real number with planned transforms, of itself and of the complex numbers over it.
pub trait Real: FftNum {
    /// The transform of n complex numbers, unnormalised, in place.
    ///
    /// # Examples
    /// ```
    /// use plans::Real;
    /// use rustfft::{FftDirection, num_complex::Complex};
    /// let mut x = [Complex::new(1.0, 0.0); 2];
    /// f64::fft(2, FftDirection::Forward).process(&mut x);
    /// assert_eq!(x, [Complex::new(2.0, 0.0), Complex::new(0.0, 0.0)]);
    /// ```
    fn fft(n: usize, direction: FftDirection) -> Arc<dyn Fft<Self>> {
        FftPlanner::new().plan_fft(n, direction)
    }

    /// The transform of n real numbers into n/2 + 1 complex ones, unnormalised.
    fn rfft(n: usize) -> Arc<dyn RealToComplex<Self>> {
        RealFftPlanner::new().plan_fft_forward(n)
    }

    /// The transform of n/2 + 1 complex numbers into n real ones, unnormalised.
    fn irfft(n: usize) -> Arc<dyn ComplexToReal<Self>> {
        RealFftPlanner::new().plan_fft_inverse(n)
    }
}

macro_rules! planned {
    ($($float:ident $planners:ident)*) => {$(
        thread_local! {
            // A planner keeps the plans it has made, so that a length is planned once a thread.
            static $planners: RefCell<(FftPlanner<$float>, RealFftPlanner<$float>)> =
                RefCell::new((FftPlanner::new(), RealFftPlanner::new()));
        }

        impl Real for $float {
            #[cfg(not(target_arch = "wasm32"))]
            fn fft(n: usize, direction: FftDirection) -> Arc<dyn Fft<Self>> {
                $planners.with_borrow_mut(|(planner, _)| planner.plan_fft(n, direction))
            }

            #[cfg(target_arch = "wasm32")]
            fn fft(n: usize, direction: FftDirection) -> Arc<dyn Fft<Self>> {
                Arc::new(rustfft::algorithm::Dft::new(n, direction))
            }

            fn rfft(n: usize) -> Arc<dyn RealToComplex<Self>> {
                $planners.with_borrow_mut(|(_, planner)| planner.plan_fft_forward(n))
            }

            fn irfft(n: usize) -> Arc<dyn ComplexToReal<Self>> {
                $planners.with_borrow_mut(|(_, planner)| planner.plan_fft_inverse(n))
            }
        }
    )*};
}
planned!(f32 SINGLE f64 DOUBLE);
