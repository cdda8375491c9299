//! The products of the definition, and the sizes of what they read.

use crate::error::{Error, Result, non_empty};

/// No side is longer and there are no more channels, images or filters, so that no count overflows.
const SIDE: usize = 1 << 16;
const COUNT: usize = 1 << 20;

/// The sizes of a layer in valid mode with stride 1: square images and square kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    pub(super) images: u128,
    pub(super) channels: u128,
    pub(super) filters: u128,
    pub(super) side: usize,
    pub(super) taps: usize,
}

impl Layer {
    /// A layer with `images` images of `channels` channels, N × N pixels each, and `filters` filters of K × K taps a
    /// channel.
    ///
    /// # Errors
    /// [`Error::Empty`] if one of them is zero; [`Error::KernelTooLarge`] if K > N; [`Error::TooLarge`] if N is above 2¹⁶
    /// or a number above 2²⁰.
    ///
    /// # Examples
    /// ```
    /// use locality::cost::Layer;
    /// assert_eq!(Layer::new(1, 3, 64, 224, 3)?.multiplications(), 3 * 64 * 222 * 222 * 9);
    /// assert!(Layer::new(1, 3, 64, 2, 3).is_err());
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn new(images: usize, channels: usize, filters: usize, side: usize, taps: usize) -> Result<Self> {
        for (argument, size) in [
            ("images", images),
            ("channels", channels),
            ("filters", filters),
            ("image", side),
            ("kernel", taps),
        ] {
            non_empty(argument, size)?;
        }
        if taps > side {
            return Err(Error::KernelTooLarge { kernel: taps, signal: side });
        }
        if side > SIDE || images.max(channels).max(filters) > COUNT {
            return Err(Error::TooLarge { what: "layer" });
        }
        let [images, channels, filters] = [images, channels, filters].map(|count| count as u128);
        Ok(Self { images, channels, filters, side, taps })
    }

    /// One image, one channel, one filter.
    ///
    /// # Errors
    /// As [`Layer::new`].
    pub fn single(side: usize, taps: usize) -> Result<Self> {
        Self::new(1, 1, 1, side, taps)
    }

    /// Outputs of one filter on one image: P = (N − K + 1)².
    pub fn outputs(&self) -> u128 {
        let side = (self.side - self.taps + 1) as u128;
        side * side
    }

    /// Pairs of a map that is read and a map that is written: B C O.
    pub fn pairs(&self) -> u128 {
        self.images * self.channels * self.filters
    }

    /// Maps that are transformed: B C images, C O kernels, B O outputs, equation `fft-transform-count`.
    pub fn maps(&self) -> u128 {
        self.images * self.channels + self.channels * self.filters + self.images * self.filters
    }

    /// Real products of the definition: B C O P K², equations `mults-direct` and `mults-multichannel`. The two gradients
    /// take as many each.
    ///
    /// # Examples
    /// ```
    /// use locality::cost::Layer;
    /// assert_eq!(Layer::single(4, 3)?.multiplications(), 4 * 9);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn multiplications(&self) -> u128 {
        self.pairs() * self.outputs() * self.square()
    }

    /// Real operations of the definition: each output is a sum of C K² products.
    ///
    /// # Examples
    /// ```
    /// use locality::cost::Layer;
    /// assert_eq!(Layer::single(4, 3)?.operations(), 4 * (9 + 8));
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn operations(&self) -> u128 {
        2 * self.multiplications() - self.images * self.filters * self.outputs()
    }

    /// Real products if the kernel of every pair is an outer product: a pass down the columns, a pass along the rows,
    /// equation `mults-separable`.
    ///
    /// # Examples
    /// ```
    /// use locality::cost::Layer;
    /// assert_eq!(Layer::single(4, 3)?.separable_multiplications(), 2 * 4 * 3 + 2 * 2 * 3);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn separable_multiplications(&self) -> u128 {
        let (n, k) = (self.side as u128, self.taps as u128);
        let p = n - k + 1;
        self.pairs() * (p * n * k + p * p * k)
    }

    /// Entries of the matrix of windows: B C K² P, equation `memory-im2col`. The input has B C N².
    ///
    /// # Examples
    /// ```
    /// use locality::cost::Layer;
    /// assert_eq!(Layer::single(4, 3)?.im2col_entries(), 9 * 4);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn im2col_entries(&self) -> u128 {
        self.images * self.channels * self.square() * self.outputs()
    }

    /// Real numbers of the input: B C N².
    pub fn input_entries(&self) -> u128 {
        self.images * self.channels * (self.side as u128).pow(2)
    }

    /// Real numbers of the kernels: C O K².
    pub fn kernel_entries(&self) -> u128 {
        self.channels * self.filters * self.square()
    }

    /// Addresses from the first pixel that an output reads to the last, row after row: (K − 1) N + K, equation
    /// `memory-span`.
    ///
    /// # Examples
    /// ```
    /// use locality::cost::Layer;
    /// assert_eq!(Layer::single(4, 3)?.span(), 2 * 4 + 3);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn span(&self) -> u128 {
        ((self.taps - 1) * self.side + self.taps) as u128
    }

    /// K².
    fn square(&self) -> u128 {
        (self.taps as u128).pow(2)
    }
}
