//! The operations of a split-radix transform.

use crate::error::{Error, Result};

/// How two complex numbers are multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// With three real products and, where one factor is known in advance, three additions: equation
    /// `complex-product-3mult`.
    Three,
    /// As it is defined: four real products and two additions.
    Four,
}

/// A transform of M = 2ᵗ numbers, M ≥ 2, and of M × M.
///
/// The counts are those of [`split_radix`](super::split_radix), equations `fft-count-split-radix` and
/// `fft-count-real-2d`.
///
/// # Examples
/// ```
/// use locality::cost::{Product, Transform};
/// let transform = Transform::holding(224)?;
/// assert_eq!(transform.side(), 256);
/// assert_eq!(transform.multiplications(Product::Three), 256 * 8 - 3 * 256 + 4);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transform {
    log: u32,
}

impl Transform {
    /// The shortest of at least `n` numbers.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if n is above 2²⁰.
    pub fn holding(n: usize) -> Result<Self> {
        if n > 1 << 20 {
            return Err(Error::TooLarge { what: "transform" });
        }
        Ok(Self { log: n.next_power_of_two().trailing_zeros().max(1) })
    }

    /// M.
    pub fn side(&self) -> usize {
        1 << self.log
    }

    /// M and t = log₂ M, to compute with.
    fn m(&self) -> (u128, u128) {
        (1 << self.log, u128::from(self.log))
    }

    /// Real products of a complex transform. A real one takes half of them.
    pub fn multiplications(&self, product: Product) -> u128 {
        let (m, t) = self.m();
        match product {
            Product::Three => m * t + 4 - 3 * m,
            // 2 (−1)ᵗ + 54 is 56 or 52.
            Product::Four => (12 * m * t + 56 - 4 * (t % 2) - 38 * m) / 9,
        }
    }

    /// Real products and additions of a complex transform, the same for both ways of multiplying.
    pub fn operations(&self) -> u128 {
        let (m, t) = self.m();
        4 * m * t + 8 - 6 * m
    }

    /// Real products of the transform of a real image, M × M, rows first.
    pub fn image_multiplications(&self, product: Product) -> u128 {
        self.m().0 * self.multiplications(product)
    }

    /// Real products and additions of the transform of a real image.
    pub fn image_operations(&self) -> u128 {
        let (m, t) = self.m();
        4 * m * m * t + 8 * m + 4 - 7 * m * m
    }

    /// Complex bins that determine the spectrum of a real image, and real ones: (M² − 4)/2 and 4, equation
    /// `spectral-product-count`.
    pub fn bins(&self) -> (u128, u128) {
        let m = self.m().0;
        ((m * m - 4) / 2, 4)
    }

    /// Real products of two spectra of real images, bin by bin.
    pub fn bin_multiplications(&self, product: Product) -> u128 {
        let (complex, real) = self.bins();
        complex * if product == Product::Three { 3 } else { 4 } + real
    }

    /// Real products and additions of two spectra, bin by bin: six for a complex bin.
    pub fn bin_operations(&self) -> u128 {
        let (complex, real) = self.bins();
        6 * complex + real
    }

    /// Real additions of two spectra: as many as there are pixels.
    pub fn bin_additions(&self) -> u128 {
        let (complex, real) = self.bins();
        2 * complex + real
    }

    /// Real numbers of the half spectrum of a real image: M (M + 2), equation `memory-fft`.
    pub fn spectrum_entries(&self) -> u128 {
        let m = self.m().0;
        m * (m + 2)
    }
}
