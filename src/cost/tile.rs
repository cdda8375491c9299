//! Convolution in pieces: tiles of the Fourier transform, and Winograd's.

use super::{Layer, Product, Transform};
use crate::error::{Error, Result, at_least, exactly, non_empty};

/// A tile of T × T pixels, T = 2ᵗ, of which a kernel of K × K taps leaves (T − K + 1)² valid outputs: overlap-save,
/// equation `overlap-save`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    transform: Transform,
    taps: usize,
}

impl Tile {
    /// A tile of side `side` for a kernel of `taps` × `taps`.
    ///
    /// # Errors
    /// [`Error::Empty`] without taps; [`Error::TooShort`] if the tile does not hold the kernel; [`Error::Length`] if its
    /// side is no power of two, with the next one that is; as [`Transform::holding`].
    pub fn new(side: usize, taps: usize) -> Result<Self> {
        non_empty("kernel", taps)?;
        at_least("tile", taps.max(2), side)?;
        let transform = Transform::holding(side)?;
        if transform.side() != side {
            return Err(Error::Length { argument: "tile", expected: transform.side(), given: side });
        }
        Ok(Self { transform, taps })
    }

    /// Its side, T.
    pub fn side(&self) -> usize {
        self.transform.side()
    }

    /// Valid outputs of one tile: (T − K + 1)².
    pub fn outputs(&self) -> u128 {
        ((self.side() - self.taps + 1) as u128).pow(2)
    }

    /// Tiles that cover all outputs of an image of N × N pixels: ⌈(N − K + 1)/(T − K + 1)⌉².
    ///
    /// # Errors
    /// [`Error::KernelTooLarge`] if K > N.
    pub fn count(&self, image: usize) -> Result<u128> {
        if self.taps > image {
            return Err(Error::KernelTooLarge { kernel: self.taps, signal: image });
        }
        Ok(((image - self.taps + 1).div_ceil(self.side() - self.taps + 1) as u128).pow(2))
    }

    /// Real products for each output, and for each pair of an input channel and a filter, with kernels transformed in
    /// advance: equations `tile-cost-size-independent` and `tile-table`. With many channels a transform serves many
    /// pairs.
    ///
    /// # Examples
    /// The same tile for one channel, and for 64 and 64:
    /// ```
    /// use locality::cost::Tile;
    /// let tile = Tile::new(16, 3)?;
    /// assert_eq!(tile.outputs(), 14 * 14);
    /// assert!(tile.cost(1, 1)? > 4.0 && tile.cost(64, 64)? < 2.5);
    /// # Ok::<(), locality::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Empty`] without channels or filters.
    pub fn cost(&self, channels: usize, filters: usize) -> Result<f64> {
        non_empty("channels", channels)?;
        non_empty("filters", filters)?;
        let transform = self.transform.image_multiplications(Product::Three) as f64;
        // One transform of a channel serves all filters; one transform back has summed all channels.
        let shared = transform / filters as f64 + transform / channels as f64;
        Ok((shared + self.transform.bin_multiplications(Product::Three) as f64) / self.outputs() as f64)
    }

    /// Real products of a whole layer in tiles of this size, with kernels transformed in advance: every tile of every
    /// image is transformed once a channel, and back once a filter.
    ///
    /// # Errors
    /// [`Error::Length`] if the layer's kernel is not this tile's.
    ///
    /// # Examples
    /// ```
    /// use locality::cost::{Layer, Tile};
    /// let layer = Layer::new(1, 64, 64, 58, 3)?;
    /// assert!(Tile::new(16, 3)?.multiplications(&layer)? < layer.multiplications() / 3);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn multiplications(&self, layer: &Layer) -> Result<u128> {
        exactly("kernel", self.taps, layer.taps)?;
        let transforms = layer.images * (layer.channels + layer.filters);
        let once = transforms * self.transform.image_multiplications(Product::Three)
            + layer.pairs() * self.transform.bin_multiplications(Product::Three);
        Ok(self.count(layer.side)? * once)
    }

    /// The tile up to 2048 that costs least.
    ///
    /// # Errors
    /// As [`Tile::new`] and [`Tile::cost`].
    ///
    /// # Examples
    /// ```
    /// use locality::cost::Tile;
    /// assert_eq!(Tile::best(3, 1, 1)?.side(), 8);
    /// assert_eq!(Tile::best(3, 64, 64)?.side(), 128);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn best(taps: usize, channels: usize, filters: usize) -> Result<Self> {
        let mut best: Option<(f64, Self)> = None;
        for side in (1..=11).map(|log| 1 << log).filter(|&side| side >= taps.max(4)) {
            let tile = Self::new(side, taps)?;
            let cost = tile.cost(channels, filters)?;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, tile));
            }
        }
        best.map(|(_, tile)| tile).ok_or(Error::TooLarge { what: "kernel" })
    }
}

/// Products for each output of Winograd's F(m × m, r × r), between the transforms: (m + r − 1)²/m², equation
/// `winograd-count`.
///
/// # Errors
/// [`Error::Empty`] if m or r is zero; [`Error::TooLarge`] if one is above 2¹⁵.
///
/// # Examples
/// ```
/// use locality::cost::winograd;
/// assert_eq!((winograd(2, 3)?, winograd(4, 3)?), (4.0, 2.25));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn winograd(m: usize, r: usize) -> Result<f64> {
    non_empty("m", m)?;
    non_empty("r", r)?;
    if m.max(r) > 1 << 15 {
        return Err(Error::TooLarge { what: "Winograd tile" });
    }
    Ok(((m + r - 1) as f64 / m as f64).powi(2))
}
