//! Numbers that watch an algorithm run.
//!
//! The algorithms of this crate do not say which numbers they work on. Here are two kinds that compute like `f64`
//! and keep a record: [`Traced`] knows which inputs its value was computed from and what its derivative with respect
//! to each of them is, [`Counted`] counts the operations. Neither needs a second version of any algorithm: `rustfft`
//! runs on them, too.
//!
//! What stands in this file is chores: the operations that follow from the ones the two kinds define.

mod counted;
mod traced;

pub use counted::{Counted, Operations, count};
pub use traced::Traced;

/// What follows from `+`, `−` and `×`, for a number made from an inner one by `constant`.
macro_rules! ring {
    ([$($generics:tt)*] $number:ty, $inner:ty) => {
        impl<$($generics)*> std::ops::AddAssign for $number {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl<$($generics)*> std::ops::SubAssign for $number {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl<$($generics)*> std::ops::MulAssign for $number {
            fn mul_assign(&mut self, other: Self) {
                *self = *self * other;
            }
        }

        impl<$($generics)*> num_traits::Zero for $number {
            fn zero() -> Self {
                Self::constant(<$inner as num_traits::Zero>::zero())
            }

            fn is_zero(&self) -> bool {
                *self == Self::zero()
            }
        }

        impl<$($generics)*> num_traits::One for $number {
            fn one() -> Self {
                Self::constant(<$inner as num_traits::One>::one())
            }
        }
    };
}
use ring;

/// What follows from `÷` as well: all that `rustfft` and the Fourier matrix ask for.
macro_rules! field {
    ([$($generics:tt)*] $number:ty, $inner:ty) => {
        impl<$($generics)*> std::ops::DivAssign for $number {
            fn div_assign(&mut self, other: Self) {
                *self = *self / other;
            }
        }

        impl<$($generics)*> std::ops::RemAssign for $number {
            fn rem_assign(&mut self, other: Self) {
                *self = *self % other;
            }
        }

        impl<$($generics)*> num_traits::Num for $number {
            type FromStrRadixErr = <$inner as num_traits::Num>::FromStrRadixErr;

            fn from_str_radix(
                digits: &str,
                radix: u32,
            ) -> std::result::Result<Self, Self::FromStrRadixErr> {
                <$inner as num_traits::Num>::from_str_radix(digits, radix).map(Self::constant)
            }
        }

        impl<$($generics)*> num_traits::FromPrimitive for $number {
            fn from_i64(n: i64) -> Option<Self> {
                <$inner as num_traits::FromPrimitive>::from_i64(n).map(Self::constant)
            }

            fn from_u64(n: u64) -> Option<Self> {
                <$inner as num_traits::FromPrimitive>::from_u64(n).map(Self::constant)
            }

            fn from_f64(n: f64) -> Option<Self> {
                <$inner as num_traits::FromPrimitive>::from_f64(n).map(Self::constant)
            }
        }

        impl<$($generics)*> num_traits::Signed for $number {
            fn abs(&self) -> Self {
                if self.is_negative() { -*self } else { *self }
            }

            fn abs_sub(&self, other: &Self) -> Self {
                let above = *self - *other;
                if above.is_positive() { above } else { num_traits::Zero::zero() }
            }

            fn signum(&self) -> Self {
                Self::constant(<$inner as num_traits::Signed>::signum(&self.value()))
            }

            fn is_positive(&self) -> bool {
                <$inner as num_traits::Signed>::is_positive(&self.value())
            }

            fn is_negative(&self) -> bool {
                <$inner as num_traits::Signed>::is_negative(&self.value())
            }
        }

        impl<$($generics)*> crate::scalar::RootOfUnity for num_complex::Complex<$number> {
            fn root_of_unity(n: usize, k: usize) -> crate::Result<Self> {
                let root = num_complex::Complex::<f64>::root_of_unity(n, k)?;
                let constant = |part| num_traits::FromPrimitive::from_f64(part).expect("a float is a number");
                Ok(Self::new(constant(root.re), constant(root.im)))
            }
        }
    };
}
use field;
