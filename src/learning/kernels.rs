//! Four ways to say what a kernel may be.
//!
//! | trained are the …            | numbers | kernel         | support | basis    |
//! |------------------------------|--------:|----------------|---------|----------|
//! | taps                         |      K² | h              | K × K   | pixels   |
//! | spectral weights, projected  |     2N² | Re U\* φ, Π φ = φ | K × K   | waves    |
//! | taps of a full-size kernel   |      N² | w              | N × N   | pixels   |
//! | spectral weights, free       |     2N² | Re U\* φ       | N × N   | waves    |
//!
//! So there are two questions, support and basis, and every answer to one goes with every answer to the other. Spectral
//! weights are in unitary coordinates, φ = θ/N with the θ of [`gradient::spectral`](crate::gradient::spectral), real and
//! imaginary parts beside each other. Then one learning rate means the same in either basis: the gradient by φ is U ∇L.

use super::Real;
use crate::error::{Result, at_least, exactly, non_empty};
use crate::fast::register::scaled;
use crate::scalar::RootOfUnity;
use num_complex::Complex;

/// What is trained, so that a layer has a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trained {
    /// K × K taps.
    Taps,
    /// N × N spectral weights, projected onto the kernels with K × K taps after every step.
    ProjectedSpectrum,
    /// The N × N taps of a kernel as large as the picture.
    FullKernel,
    /// N × N spectral weights.
    FreeSpectrum,
}

impl Trained {
    /// All four, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Taps, Self::ProjectedSpectrum, Self::FullKernel, Self::FreeSpectrum];

    /// What the book calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taps => "taps",
            Self::ProjectedSpectrum => "projected spectrum",
            Self::FullKernel => "full kernel",
            Self::FreeSpectrum => "free spectrum",
        }
    }

    /// Whether the kernel has K × K taps, and not N × N.
    pub const fn is_small(self) -> bool {
        matches!(self, Self::Taps | Self::ProjectedSpectrum)
    }

    /// Whether the numbers that are trained are coefficients of waves.
    pub const fn is_spectral(self) -> bool {
        matches!(self, Self::ProjectedSpectrum | Self::FreeSpectrum)
    }
}

/// The way from the numbers that are trained to a kernel, and back for gradients.
#[derive(Debug, Clone, PartialEq)]
pub struct Kernels<T> {
    trained: Trained,
    side: usize,
    taps: usize,
    /// cos and sin of F_N/√N: its real part, and less its imaginary part.
    waves: Option<(Vec<T>, Vec<T>)>,
}

impl<T: Real> Kernels<T>
where
    Complex<T>: RootOfUnity,
{
    /// For pictures of `side` × `side` pixels, and `taps` × `taps` taps where the support is small.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) if there are no taps; [`Error::TooShort`](crate::Error::TooShort) if they do not
    /// fit into the picture; [`Error::TooLarge`](crate::Error::TooLarge) if a spectrum cannot be allocated.
    pub fn new(trained: Trained, side: usize, taps: usize) -> Result<Self> {
        non_empty("taps", taps)?;
        at_least("side", taps, side)?;
        crate::error::allocatable::<T>("spectrum", &[2, side, side])?;
        let waves = match trained.is_spectral() {
            false => None,
            true => {
                let root = T::from(side).expect("a size is a number").sqrt();
                let entry = |kn: usize| Complex::<T>::root_of_unity(side, kn % side);
                let row = (0..side).flat_map(|k| (0..side).map(move |n| k * n));
                let row = row.map(entry).collect::<Result<Vec<_>>>()?;
                Some((row.iter().map(|z| z.re / root).collect(), row.iter().map(|z| -z.im / root).collect()))
            }
        };
        Ok(Self { trained, side, taps, waves })
    }

    /// What is trained.
    pub fn trained(&self) -> Trained {
        self.trained
    }

    /// How many numbers are trained for one kernel.
    pub fn coordinates(&self) -> usize {
        match self.trained {
            Trained::Taps => self.taps * self.taps,
            Trained::FullKernel => self.side * self.side,
            Trained::ProjectedSpectrum | Trained::FreeSpectrum => 2 * self.side * self.side,
        }
    }

    /// Taps along each side of the kernel that the layer slides. What a projected spectrum has outside is 0.
    pub fn support(&self) -> usize {
        if self.trained.is_small() { self.taps } else { self.side }
    }

    /// Along each side of the kernel by which gradients are taken. A spectrum hears of taps that are 0, too: the projection
    /// comes after the step.
    pub fn heard(&self) -> usize {
        if self.trained == Trained::Taps { self.taps } else { self.side }
    }

    /// The coordinates of a kernel of K × K taps: where all four begin, with the same function.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if there are not K × K taps.
    pub fn of_taps(&self, h: &[T]) -> Result<Vec<T>> {
        exactly("taps", self.taps * self.taps, h.len())?;
        let small = self.trained == Trained::Taps;
        self.by_coordinates(&if small { h.to_vec() } else { resized(h, self.taps, self.side) })
    }

    /// The kernel, [`support`](Kernels::support) × support: its taps, or Re U\* φ.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if there are not as many as [`coordinates`](Kernels::coordinates).
    pub fn kernel(&self, coordinates: &[T]) -> Result<Vec<T>> {
        exactly("coordinates", self.coordinates(), coordinates.len())?;
        let kernel = self.real_part(coordinates);
        Ok(if self.trained.is_small() && self.waves.is_some() {
            resized(&kernel, self.side, self.taps)
        } else {
            kernel
        })
    }

    /// The gradient by the coordinates, from the one by all taps that are [`heard`](Kernels::heard): the same, or U ∇L,
    /// equation `network-pullback`.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if there is not a number for each tap.
    pub fn by_coordinates(&self, by_kernel: &[T]) -> Result<Vec<T>> {
        exactly("gradient", self.heard() * self.heard(), by_kernel.len())?;
        let Some((cos, sin)) = &self.waves else { return Ok(by_kernel.to_vec()) };
        // F w F, one axis after the other: (C − iS) w (C − iS).
        let n = self.side;
        let (re, im) = (product(by_kernel, cos, n), negated(product(by_kernel, sin, n)));
        let (cos_re, sin_im) = (product(cos, &re, n), product(sin, &im, n));
        let (cos_im, sin_re) = (product(cos, &im, n), product(sin, &re, n));
        let re = cos_re.iter().zip(&sin_im).map(|(&a, &b)| a + b);
        Ok(re.chain(cos_im.iter().zip(&sin_re).map(|(&a, &b)| a - b)).collect())
    }

    /// Puts back onto K × K taps what a step has moved away: φ ← Π φ. Only a projected spectrum needs it.
    ///
    /// # Errors
    /// As [`kernel`](Kernels::kernel).
    pub fn project(&self, coordinates: &mut [T]) -> Result<()> {
        if self.trained == Trained::ProjectedSpectrum {
            let h = self.kernel(coordinates)?;
            coordinates.copy_from_slice(&self.of_taps(&h)?);
        }
        Ok(())
    }

    /// Re U\* φ, or the taps as they are.
    fn real_part(&self, coordinates: &[T]) -> Vec<T> {
        let Some((cos, sin)) = &self.waves else { return coordinates.to_vec() };
        let n = self.side;
        let (re, im) = coordinates.split_at(n * n);
        // The real part of (C + iS) (re + i im) (C + iS).
        let (re_cos, im_sin) = (product(re, cos, n), product(im, sin, n));
        let (re_sin, im_cos) = (product(re, sin, n), product(im, cos, n));
        let real = re_cos.iter().zip(&im_sin).map(|(&a, &b)| a - b).collect::<Vec<_>>();
        let imaginary = re_sin.iter().zip(&im_cos).map(|(&a, &b)| a + b).collect::<Vec<_>>();
        let (real, imaginary) = (product(cos, &real, n), product(sin, &imaginary, n));
        real.iter().zip(&imaginary).map(|(&a, &b)| a - b).collect()
    }
}

/// The product of two n × n matrices, row-major, added up in one order on every machine.
fn product<T: Real>(a: &[T], b: &[T], n: usize) -> Vec<T> {
    let mut product = vec![T::zero(); n * n];
    for (row, sums) in a.chunks_exact(n).zip(product.chunks_exact_mut(n)) {
        let mut j = 0;
        while j < n {
            j += match n - j {
                16.. => columns::<T, 16>(row, b, n, j, sums),
                4.. => columns::<T, 4>(row, b, n, j, sums),
                _ => columns::<T, 1>(row, b, n, j, sums),
            };
        }
    }
    product
}

/// The entries j … j + W − 1 of a row of a product, whose sums stay in registers. Returns W.
fn columns<T: Real, const W: usize>(row: &[T], b: &[T], n: usize, j: usize, into: &mut [T]) -> usize {
    let mut sums = [T::zero(); W];
    for (&a, b) in row.iter().zip(b.chunks_exact(n)) {
        let b: [T; W] = b[j..][..W].try_into().expect("as many as columns");
        sums = scaled::<T, W, false>(a, b, sums);
    }
    into[j..][..W].copy_from_slice(&sums);
    W
}

fn negated<T: Real>(mut a: Vec<T>) -> Vec<T> {
    a.iter_mut().for_each(|entry| *entry = -*entry);
    a
}

/// The first rows and columns of a square, or the square with zeros behind them.
fn resized<T: Real>(h: &[T], from: usize, to: usize) -> Vec<T> {
    let entry = |i: usize, j: usize| if i < from && j < from { h[i * from + j] } else { T::zero() };
    (0..to * to).map(|k| entry(k / to, k % to)).collect()
}
