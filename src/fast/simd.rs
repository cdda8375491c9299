//! How safe code gets the widest vectors that the machine has.
//!
//! A compiler vectorises loops over arrays of a fixed length, if it may assume that the machine has the vectors. A
//! plain build assumes the oldest machine there is. So a piece of [`Work`] is compiled several times, for wider and
//! wider vectors, and [`Number::vectorized`] asks the machine, once it runs, which of them to call.
//!
//! | machine       | lanes of `f32` | of `f64` | rows | vectors | fused multiply-add |
//! |---------------|---------------:|---------:|-----:|--------:|--------------------|
//! | AVX-512       |             16 |        8 |    8 |       3 | yes                |
//! | AVX2 with FMA |              8 |        4 |    6 |       2 | yes                |
//! | any other     |              8 |        4 |    6 |       2 | no                 |
//!
//! Rows and vectors are those of a register tile: their product is the number of vectors of sums, which, together with
//! the vectors of a row that is read and one number that is spread, have to fit into the registers of the machine, 32
//! or 16 of them. One must be to spare, or the compiler moves sums about.

use crate::Scalar;
use crate::probe::Counted;

/// A piece of work that the compiler vectorises: everything it calls must be `#[inline(always)]`.
pub trait Work<T> {
    /// What comes out.
    type Output;

    /// Does the work on arrays of `LANES` numbers, in register tiles of `ROWS` rows and `VECTORS`
    /// vectors, with [`fma`] fused or not.
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(
        self,
    ) -> Self::Output;
}

/// A number that the fast implementations compute with: `f32` and `f64`, and [`Counted`] to count what they do.
pub trait Number: plans::Real + Scalar {
    /// a · b + c, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// Does the work in the version for this machine.
    fn vectorized<W: Work<Self>>(work: W) -> W::Output;
}

/// The shape of a register tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileShape {
    /// Numbers in a vector.
    pub lanes: usize,
    /// Rows of sums.
    pub rows: usize,
    /// Vectors in each of them.
    pub vectors: usize,
}

impl TileShape {
    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.vectors * self.lanes
    }
}

/// Asks for the shape.
struct Shape;

impl<T> Work<T> for Shape {
    type Output = TileShape;

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(
        self,
    ) -> TileShape {
        TileShape { lanes: LANES, rows: ROWS, vectors: VECTORS }
    }
}

/// The register tiles of this machine.
///
/// # Examples
/// ```
/// use locality::fast::simd::tile_shape;
/// assert!(tile_shape::<f32>().lanes >= 8 && tile_shape::<f64>().lanes >= 4);
/// ```
pub fn tile_shape<T: Number>() -> TileShape {
    T::vectorized(Shape)
}

/// a · b + c: rounded once where the machine has an instruction for it, else rounded twice. (Without one, `mul_add`
/// would be a slow function of the mathematics library.)
#[inline(always)]
pub fn fma<T: Number, const FUSED: bool>(a: T, b: T, c: T) -> T {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

macro_rules! vectorized {
    ($($float:ident: $avx512:literal, $avx2:literal;)*) => {$(
        impl Number for $float {
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
            }

            // The only unsafe code of the crate. Calling a function that is compiled for a machine with wide vectors is
            // undefined on a machine without; the line before each call asks for exactly the features it is compiled
            // for.
            #[allow(unsafe_code)]
            fn vectorized<W: Work<Self>>(work: W) -> W::Output {
                #[cfg(target_arch = "x86_64")]
                {
                    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
                    fn avx512<W: Work<$float>>(work: W) -> W::Output {
                        work.run::<$avx512, 8, 3, true>()
                    }

                    #[target_feature(enable = "avx2,fma")]
                    fn avx2<W: Work<$float>>(work: W) -> W::Output {
                        work.run::<$avx2, 6, 2, true>()
                    }

                    let avx2_and_fma = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
                    if avx2_and_fma
                        && is_x86_feature_detected!("avx512f")
                        && is_x86_feature_detected!("avx512vl")
                        && is_x86_feature_detected!("avx512dq")
                        && is_x86_feature_detected!("avx512bw")
                    {
                        return unsafe { avx512(work) };
                    }
                    if avx2_and_fma {
                        return unsafe { avx2(work) };
                    }
                }
                work.run::<$avx2, 6, 2, false>()
            }
        }
    )*};
}
vectorized! {
    f32: 16, 8;
    f64: 8, 4;
}

/// Counted numbers have no vectors. The work is done all the same, in the order of the widest ones.
impl<T> Number for Counted<T>
where
    Counted<T>: plans::Real + Scalar,
{
    fn mul_add(self, b: Self, c: Self) -> Self {
        self * b + c
    }

    fn vectorized<W: Work<Self>>(work: W) -> W::Output {
        work.run::<8, 6, 2, false>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sum<'a>(&'a [f32]);

    impl Work<f32> for Sum<'_> {
        type Output = f32;

        #[inline(always)]
        fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) -> f32 {
            let mut sums = [0.0; LANES];
            for lanes in self.0.chunks_exact(LANES) {
                for (sum, x) in sums.iter_mut().zip(lanes) {
                    *sum = fma::<f32, FUSED>(*x, 2.0, *sum);
                }
            }
            sums.iter().sum()
        }
    }

    /// All versions that this machine can run, and the one without vectors, add up the same numbers.
    #[test]
    fn every_version_computes() {
        let x: Vec<f32> = (0..64).map(|i| i as f32).collect();
        assert_eq!(f32::vectorized(Sum(&x)), 63.0 * 64.0);
        assert_eq!(Sum(&x).run::<8, 6, 2, false>(), 63.0 * 64.0);
    }
}
