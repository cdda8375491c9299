//! Where cases come from.

use num_complex::Complex;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// A complex number with whole parts: exact, and not real.
pub type GaussianInteger = Complex<i64>;

/// A number that can be drawn at random: Gaussian if it is a float, from −9 to 9 if it is whole.
pub trait Draw: Clone {
    /// The next number.
    fn draw(random: &mut impl Rng) -> Self;
}

impl Draw for f64 {
    fn draw(random: &mut impl Rng) -> Self {
        random.sample(StandardNormal)
    }
}

impl Draw for i64 {
    fn draw(random: &mut impl Rng) -> Self {
        random.random_range(-9..=9)
    }
}

impl<T: Draw> Draw for Complex<T> {
    fn draw(random: &mut impl Rng) -> Self {
        Self::new(T::draw(random), T::draw(random))
    }
}

/// The sizes (N, K) every 1-D statement is tried on: K = 1, K = N, odd and even.
pub const S1: &[(usize, usize)] = &[
    (1, 1),
    (2, 1),
    (2, 2),
    (3, 1),
    (3, 2),
    (3, 3),
    (4, 3),
    (5, 3),
    (5, 5),
    (6, 4),
    (7, 2),
    (8, 3),
    (8, 8),
    (9, 4),
    (16, 5),
    (17, 6),
];

/// The shapes (H, W), (K_h, K_w) every 2-D statement is tried on: not square, one tap, the whole image.
pub const S2: &[super::Shapes] = &[
    ((1, 1), (1, 1)),
    ((4, 4), (3, 3)),
    ((4, 4), (2, 2)),
    ((4, 4), (1, 1)),
    ((4, 4), (4, 4)),
    ((5, 3), (2, 3)),
    ((3, 5), (3, 1)),
    ((1, 6), (1, 4)),
    ((6, 5), (1, 1)),
    ((7, 7), (7, 7)),
    ((8, 9), (3, 4)),
    ((9, 8), (4, 5)),
];

/// 1, `base`, `base`², …: data in which no two sums of products can cancel or coincide by accident.
pub fn powers(base: i128, n: usize) -> Vec<i128> {
    std::iter::successors(Some(1), |power| Some(power * base)).take(n).collect()
}
