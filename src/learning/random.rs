//! Random numbers that are the same on every machine, for ever.

/// A stream of random numbers: SplitMix64 (Steele, Lea and Flood, 2014). One number decides the whole stream.
///
/// Nothing here calls a function whose last digit differs between machines, so that a training run can be repeated to
/// the last bit.
///
/// # Examples
/// ```
/// use locality::learning::Random;
/// let mut random = Random::new(7);
/// assert!((0..100).all(|_| (2.0..3.0).contains(&random.between(2.0, 3.0))));
/// assert_eq!(Random::new(7).below(1000), Random::new(7).below(1000));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream number `part` of a seed: as good as a seed of its own.
    pub fn part(seed: u64, part: u64) -> Self {
        let mut random = Self(seed);
        Self(random.bits() ^ part.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from `low` up to, but not including, `high`; all alike.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        // 53 bits are what a number holds.
        low + (high - low) * ((self.bits() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// A whole number below `end`; 0 if there is none.
    pub fn below(&mut self, end: usize) -> usize {
        // The upper half of a product; the bias is below end/2⁶⁴.
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// A number with mean 0 and deviation 1, nearly normal: twelve that are all alike, added up, have variance 1.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.between(-0.5, 0.5)).sum()
    }

    /// The numbers below `count` in random order (Fisher and Yates).
    pub fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order = (0..count).collect::<Vec<_>>();
        for last in (1..count).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}
