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

/// The sizes of a convolution layer; pairs are (vertical, horizontal).
#[derive(Debug, Clone, Copy)]
pub struct Layer {
    /// How many images there are.
    pub images: usize,
    /// How many channels an image has.
    pub channels: usize,
    /// How many filters there are, each with a tap for every channel.
    pub filters: usize,
    /// The shape of an image.
    pub image: (usize, usize),
    /// The shape of a filter.
    pub kernel: (usize, usize),
    /// How far a window moves.
    pub stride: (usize, usize),
    /// How many zeros surround an image.
    pub padding: (usize, usize),
    /// How far apart the taps are laid.
    pub dilation: (usize, usize),
}

impl Layer {
    /// A layer with [images, channels, filters], and the same [stride, padding, dilation] along both axes.
    const fn new(
        [images, channels, filters]: [usize; 3],
        image: (usize, usize),
        kernel: (usize, usize),
        [s, p, d]: [usize; 3],
    ) -> Self {
        let (stride, padding, dilation) = ((s, s), (p, p), (d, d));
        Self { images, channels, filters, image, kernel, stride, padding, dilation }
    }

    /// The shape of the input: image, channel, row, column.
    pub const fn input(&self) -> [usize; 4] {
        [self.images, self.channels, self.image.0, self.image.1]
    }

    /// The shape of the weights: filter, channel, row, column.
    pub const fn weights(&self) -> [usize; 4] {
        [self.filters, self.channels, self.kernel.0, self.kernel.1]
    }

    /// A random layer, with other numbers along the one axis than along the other, and at least one output.
    pub(crate) fn draw(random: &mut impl Rng) -> Self {
        /// Image, kernel, stride, padding and dilation along one axis.
        fn axis(random: &mut impl Rng) -> [usize; 5] {
            let (n, padding) = (random.random_range(1..=9), random.random_range(0..=2));
            let dilation = random.random_range(1..=3);
            let most = (n + 2 * padding - 1) / dilation + 1;
            [n, random.random_range(1..=most.min(4)), random.random_range(1..=3), padding, dilation]
        }
        let (vertical, horizontal) = (axis(random), axis(random));
        let pair = |index: usize| (vertical[index], horizontal[index]);
        Self {
            images: random.random_range(1..=2),
            channels: random.random_range(1..=3),
            filters: random.random_range(1..=3),
            image: pair(0),
            kernel: pair(1),
            stride: pair(2),
            padding: pair(3),
            dilation: pair(4),
        }
    }
}

/// The layers every statement about layers is tried on: strides that leave a remainder, padding, dilation, one tap, a
/// kernel as large as the image.
pub const S3: &[Layer] = &[
    Layer::new([1, 1, 1], (4, 4), (3, 3), [1, 0, 1]),
    Layer::new([2, 3, 4], (6, 5), (3, 2), [1, 0, 1]),
    Layer::new([1, 2, 3], (7, 8), (3, 3), [2, 1, 1]),
    Layer::new([2, 2, 2], (9, 7), (2, 3), [1, 2, 2]),
    Layer::new([1, 3, 2], (10, 9), (3, 3), [3, 1, 2]),
    Layer::new([2, 1, 5], (5, 5), (1, 1), [1, 0, 1]),
    Layer::new([1, 2, 2], (4, 6), (4, 6), [1, 0, 1]),
    Layer::new([1, 1, 1], (6, 6), (3, 3), [2, 0, 1]),
];

/// 1, `base`, `base`², …: data in which no two sums of products can cancel or coincide by accident.
pub fn powers(base: i128, n: usize) -> Vec<i128> {
    std::iter::successors(Some(1), |power| Some(power * base)).take(n).collect()
}
