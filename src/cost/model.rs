//! The comparisons: what is counted on either side.

use std::ops::RangeInclusive;

use super::{Layer, Product, Transform};
use crate::error::Result;

/// What a comparison counts. The names are those of the chapter's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// The article's: N² log₂ N for a transform, N² for a product of spectra, no padding. These are complex products,
    /// and they are compared with real ones.
    A,
    /// The same, with four real products for a complex one.
    A4,
    /// Real products of a split-radix transform of real images, long enough for the valid outputs, with three real
    /// products for a complex one.
    HN,
    /// The same with four.
    H4N,
    /// As `HN`, long enough for the full convolution.
    HPad,
    /// Real products and additions, long enough for the valid outputs.
    FN,
    /// Real products and additions, long enough for the full convolution.
    FPad,
}

/// What is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The outputs.
    Forward,
    /// The outputs and both gradients. Every spectrum is computed once and used twice, equation `fft-transform-count`.
    Training,
}

impl Model {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 7] = [Self::A, Self::A4, Self::HN, Self::H4N, Self::HPad, Self::FN, Self::FPad];

    /// As it is written in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::A4 => "A4",
            Self::HN => "H_N",
            Self::H4N => "H4_N",
            Self::HPad => "H_pad",
            Self::FN => "F_N",
            Self::FPad => "F_pad",
        }
    }

    /// What the definition costs.
    pub fn direct(self, layer: &Layer, pass: Pass) -> f64 {
        let passes = if pass == Pass::Training { 3 } else { 1 };
        let once = match self {
            Self::FN | Self::FPad => layer.operations(),
            _ => layer.multiplications(),
        };
        (passes * once) as f64
    }

    /// What the same costs through transforms.
    ///
    /// # Errors
    /// None for a layer that exists: the sides of a [`Layer`] are bounded.
    ///
    /// # Examples
    /// ```
    /// use locality::cost::{Layer, Model, Pass};
    /// let layer = Layer::single(32, 3)?;
    /// assert_eq!(Model::A.direct(&layer, Pass::Forward), 8100.0);
    /// assert_eq!(Model::A.fft(&layer, Pass::Forward)?, 16384.0);
    /// assert_eq!(Model::HN.fft(&layer, Pass::Forward)?, 8062.0);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn fft(self, layer: &Layer, pass: Pass) -> Result<f64> {
        let (transforms, products) = match pass {
            Pass::Forward => (layer.maps(), layer.pairs()),
            Pass::Training => (2 * layer.maps(), 3 * layer.pairs()),
        };
        let transform = Transform::holding(match self {
            Self::HPad | Self::FPad => layer.side + layer.taps - 1,
            _ => layer.side,
        })?;
        let in_mults = |product| {
            transforms * transform.image_multiplications(product)
                + products * transform.bin_multiplications(product)
        };
        Ok(match self {
            Self::A | Self::A4 => {
                let pixels = (layer.side as f64).powi(2);
                let complex =
                    transforms as f64 * pixels * (layer.side as f64).log2() + products as f64 * pixels;
                if self == Self::A { complex } else { 4.0 * complex }
            }
            Self::HN | Self::HPad => in_mults(Product::Three) as f64,
            Self::H4N => in_mults(Product::Four) as f64,
            Self::FN | Self::FPad => {
                // Sums over channels, over filters, over images: one addition less than there are terms.
                let sums = match pass {
                    Pass::Forward => products - layer.images * layer.filters,
                    Pass::Training => products - layer.maps(),
                };
                let bins = products * transform.bin_operations() + sums * transform.bin_additions();
                (transforms * transform.image_operations() + bins) as f64
            }
        })
    }

    /// Whether the transforms are cheaper.
    ///
    /// # Errors
    /// As [`Model::fft`].
    pub fn prefers_fft(self, layer: &Layer, pass: Pass) -> Result<bool> {
        Ok(self.fft(layer, pass)? < self.direct(layer, pass))
    }

    /// The sizes K of the kernel for which the transforms are cheaper, from the smallest to the largest; equations
    /// `crossover-single`, `crossover-multi` and `crossover-multi-train`. There is no gap in between.
    ///
    /// # Errors
    /// As [`Layer::new`].
    ///
    /// # Examples
    /// ```
    /// use locality::cost::{Model, Pass};
    /// assert_eq!(Model::FN.window((1, 1, 1), 32, Pass::Forward)?, Some(6..=27));
    /// assert_eq!(Model::FPad.window((1, 1, 1), 32, Pass::Forward)?, None);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn window(
        self,
        (images, channels, filters): (usize, usize, usize),
        side: usize,
        pass: Pass,
    ) -> Result<Option<RangeInclusive<usize>>> {
        let mut window: Option<RangeInclusive<usize>> = None;
        for taps in 1..=side {
            let layer = Layer::new(images, channels, filters, side, taps)?;
            if self.prefers_fft(&layer, pass)? {
                window = Some(window.map_or(taps, |window| *window.start())..=taps);
            }
        }
        Ok(window)
    }
}
