//! Winograd's convolution of layers with 3 × 3 taps: fewer products, between three cheap transforms.
//!
//! An output tile of m × m needs (m + 2)² samples and as many products: y = Aᵀ((G h Gᵀ) ⊙ (Bᵀ x B)) A, equations
//! `winograd-f2-3` and `winograd-f4-3` in both directions. Over channels the products add up before the last
//! transform, so each of the (m + 2)² places of a tile is a matrix product of its own. How the products are made is
//! said in `tiles`; here are the transforms.
//!
//! | tile | products for each output | largest entry of a transform | loses, in digits |
//! |------|-------------------------:|-----------------------------:|-----------------:|
//! | F(2) |                     4    |                            1 |       almost none |
//! | F(4) |                     2.25 |                            8 |          about one |
//!
//! Sums and differences of whole tiles make an infinity or a NaN reach all outputs of its tile, and not only those
//! whose window holds it.

use ndarray::{Array4, ArrayRef4};
use num_traits::ToPrimitive;

use super::Threads;
use super::lanes::Complex;
use super::layers::once;
use super::simd::{Number, fma};
use super::tiles::{self, Transform};
use crate::error::{Result, shaped};
use crate::layer::Geometry;
use crate::matrix;

/// The size of the output tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tile {
    /// 2 × 2 outputs from 4 × 4 samples.
    Two,
    /// 4 × 4 outputs from 6 × 6 samples.
    Four,
}

impl Tile {
    /// The side m of the outputs.
    fn side(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    pub(super) fn points(self) -> &'static [i64] {
        match self {
            Self::Two => &[0, 1, -1],
            Self::Four => &[0, 1, -1, 2, -2],
        }
    }
}

/// A layer of 3 × 3 taps and stride 1 with its kernel transformed, and the memory to apply it in.
///
/// # Memory
/// In numbers, with vectors of L lanes, C′ and O′ channels and filters rounded up to whole vectors, tiles of S = m + 2
/// samples in a row, N = S² places and t = ⌈Q / m⌉ tiles in a row: N C O′ for the transformed kernel and O′ for the bias; and
/// for each thread N (C′ + O′) for each of r t tiles, S (m t + 2) L for the rows that they read, and N L to work in.
/// Rows of tiles are done r at a time, in equal parts: as many as have 64 tiles together, or 224 if the kernel takes more
/// than 2¹⁸ numbers, but one at least. Whole images that have fewer are done together, as long as each thread has one.
///
/// # Examples
/// ```
/// use locality::fast::{Threads, winograd::{Plan, Tile}};
/// use locality::layer::{self, Geometry};
/// use locality::ndarray::Array4;
/// let x = Array4::from_shape_fn([1, 2, 7, 6], |(_, c, i, j)| (c + 2 * i + j) as f64);
/// let w = Array4::from_shape_fn([3, 2, 3, 3], |(o, c, a, b)| (o + c + a * b) as f64);
/// let geometry = Geometry::new(1, 1, 1);
/// let mut plan = Plan::new([1, 2, 7, 6], &w, None, geometry, Tile::Four, &Threads::default())?;
/// let mut y = Array4::zeros(plan.output());
/// plan.run_into(x.as_slice().unwrap(), y.as_slice_mut().unwrap())?;
/// let error = y - layer::forward(&x, &w, None, geometry)?;
/// assert!(error.iter().all(|error| error.abs() < 1e-11));
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan<T>(tiles::Plan<T, Matrices<T>>);

impl<T: Number> Plan<T> {
    /// Transforms the kernel of a layer, for inputs of one shape.
    ///
    /// # Errors
    /// As [`layer::forward`](crate::layer::forward); [`Error::Shape`](crate::Error::Shape) if there are not 3 × 3
    /// taps; [`Error::Length`](crate::Error::Length) if stride or dilation is not 1;
    /// [`Error::TooLarge`](crate::Error::TooLarge) if the transforms cannot be allocated.
    pub fn new(
        input: [usize; 4],
        w: &ArrayRef4<T>,
        bias: Option<&[T]>,
        geometry: Geometry,
        tile: Tile,
        threads: &Threads,
    ) -> Result<Self> {
        let (filters, channels, kh, kw) = w.dim();
        shaped("kernel", &[filters, channels, 3, 3], &[filters, channels, kh, kw])?;
        tiles::Plan::new(Matrices::new(tile, 3)?, input, w, bias, geometry, threads).map(Self)
    }

    /// The shape of the outputs, (B, O, P, Q).
    pub fn output(&self) -> [usize; 4] {
        self.0.output()
    }

    /// Computes the layer, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        self.0.run_into(x, y)
    }
}

/// The whole layer at once, for whoever needs it once.
///
/// # Errors
/// As [`Plan::new`].
///
/// # Examples
/// ```
/// use locality::fast::winograd::{self, Tile};
/// use locality::layer::Geometry;
/// use locality::ndarray::Array4;
/// let ones = Array4::from_elem([1, 1, 3, 3], 1.0);
/// let y = winograd::forward(&ones, &ones, None, Geometry::default(), Tile::Two)?;
/// assert_eq!(y[[0, 0, 0, 0]], 9.0);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn forward<T: Number>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: Option<&[T]>,
    geometry: Geometry,
    tile: Tile,
) -> Result<Array4<T>> {
    let mut plan = Plan::new(x.dim().into(), w, bias, geometry, tile, &Threads::default())?;
    once(x, plan.output(), |x, y| plan.run_into(x, y))
}

/// Winograd's matrices of F(m, r), row after row.
#[derive(Debug)]
pub(super) struct Matrices<T> {
    tile: Tile,
    taps: usize,
    /// Bᵀ, (m + r − 1) × (m + r − 1).
    input: Vec<T>,
    /// G, (m + r − 1) × r.
    kernel: Vec<T>,
    /// Aᵀ, m × (m + r − 1).
    output: Vec<T>,
}

impl<T: Number> Matrices<T> {
    /// For a tile, with 3 taps, or with as many as make 3 outputs.
    pub(super) fn new(tile: Tile, taps: usize) -> Result<Self> {
        let matrices = matrix::winograd(tile.points(), taps)?;
        let entries = |a: &nalgebra::DMatrix<num_rational::Ratio<i64>>| {
            let floats = matrix::to_array(a).mapv(|entry| entry.to_f64().expect("a small fraction"));
            floats.iter().map(|&entry| T::from_f64(entry).expect("a float is a number")).collect()
        };
        Ok(Self {
            tile,
            taps,
            input: entries(&matrices.input),
            kernel: entries(&matrices.kernel),
            output: entries(&matrices.output),
        })
    }
}

impl<T: Number> Transform<T> for Matrices<T> {
    fn side(&self) -> usize {
        self.tile.side() + 2
    }

    fn outputs(&self) -> usize {
        self.side() + 1 - self.taps
    }

    fn places(&self) -> usize {
        self.side() * self.side()
    }

    fn workspace(&self) -> usize {
        self.places().div_ceil(2)
    }

    /// G h Gᵀ.
    #[inline(always)]
    fn kernel<const LANES: usize, const FUSED: bool>(
        &self,
        rows: &[[T; LANES]],
        stride: usize,
        work: &mut [Complex<T, LANES>],
        mut put: impl FnMut(usize, [T; LANES]),
    ) {
        let (g, tap) = (&self.kernel, |a: usize, b: usize| rows[a * stride + b]);
        match (self.side(), self.taps) {
            (4, 3) => nest::<T, LANES, 3, 4, FUSED>(g, tap, work, |i, j, sum| put(i * 4 + j, sum)),
            (4, _) => nest::<T, LANES, 2, 4, FUSED>(g, tap, work, |i, j, sum| put(i * 4 + j, sum)),
            (_, 3) => nest::<T, LANES, 3, 6, FUSED>(g, tap, work, |i, j, sum| put(i * 6 + j, sum)),
            _ => nest::<T, LANES, 4, 6, FUSED>(g, tap, work, |i, j, sum| put(i * 6 + j, sum)),
        }
    }

    /// Bᵀ x B.
    #[inline(always)]
    fn forward<const LANES: usize, const FUSED: bool>(
        &self,
        rows: &[[T; LANES]],
        stride: usize,
        work: &mut [Complex<T, LANES>],
        mut put: impl FnMut(usize, [T; LANES]),
    ) {
        let pixel = |a: usize, b: usize| rows[a * stride + b];
        match self.side() {
            4 => nest::<T, LANES, 4, 4, FUSED>(&self.input, pixel, work, |i, j, sum| put(i * 4 + j, sum)),
            _ => nest::<T, LANES, 6, 6, FUSED>(&self.input, pixel, work, |i, j, sum| put(i * 6 + j, sum)),
        }
    }

    fn dual(&self) -> Result<Self> {
        Self::new(self.tile, self.outputs())
    }

    /// Aᵀ y A.
    #[inline(always)]
    fn back<const LANES: usize, const FUSED: bool>(
        &self,
        places: impl Fn(usize) -> [T; LANES],
        work: &mut [Complex<T, LANES>],
        put: impl FnMut(usize, usize, [T; LANES]),
    ) {
        let (a, side) = (&self.output, self.side());
        let place = |i: usize, j: usize| places(i * side + j);
        match (side, self.outputs()) {
            (4, 2) => nest::<T, LANES, 4, 2, FUSED>(a, place, work, put),
            (4, _) => nest::<T, LANES, 4, 3, FUSED>(a, place, work, put),
            (_, 4) => nest::<T, LANES, 6, 4, FUSED>(a, place, work, put),
            _ => nest::<T, LANES, 6, 3, FUSED>(a, place, work, put),
        }
    }
}

/// A x Aᵀ, for a matrix A of M rows and N columns: down the columns of x, then along the rows of what comes out.
#[inline(always)]
fn nest<T: Number, const LANES: usize, const N: usize, const M: usize, const FUSED: bool>(
    matrix: &[T],
    x: impl Fn(usize, usize) -> [T; LANES],
    work: &mut [Complex<T, LANES>],
    mut put: impl FnMut(usize, usize, [T; LANES]),
) {
    let (matrix, _) = matrix.as_chunks::<N>();
    let half = &mut work.as_flattened_mut()[..M * N];
    for b in 0..N {
        let column: [[T; LANES]; N] = std::array::from_fn(|a| x(a, b));
        for i in 0..M {
            half[i * N + b] = combine::<T, LANES, N, FUSED>(&matrix[i], &column);
        }
    }
    for (i, row) in half.as_chunks::<N>().0.iter().enumerate() {
        for j in 0..M {
            put(i, j, combine::<T, LANES, N, FUSED>(&matrix[j], row));
        }
    }
}

/// Σₖ row\[k\] · x\[k\].
#[inline(always)]
fn combine<T: Number, const LANES: usize, const N: usize, const FUSED: bool>(
    row: &[T; N],
    x: &[[T; LANES]; N],
) -> [T; LANES] {
    let mut sums = [T::zero(); LANES];
    for k in 0..N {
        for lane in 0..LANES {
            sums[lane] = fma::<T, FUSED>(row[k], x[k][lane], sums[lane]);
        }
    }
    sums
}
