//! Winograd's convolution of layers with 3 × 3 taps: fewer products, between three cheap transforms.
//!
//! An output tile of m × m needs (m + 2)² samples and as many products: y = Aᵀ((G h Gᵀ) ⊙ (Bᵀ x B)) A, equations
//! `winograd-f2-3` and `winograd-f4-3` in both directions. Over channels the products add up before the last transform, so
//! each of the (m + 2)² places of a tile is a matrix product of its own: filters × channels times channels × tiles.
//!
//! | tile | products for each output | largest entry of a transform | loses, in digits |
//! |------|-------------------------:|-----------------------------:|-----------------:|
//! | F(2) |                     4    |                            1 |       almost none |
//! | F(4) |                     2.25 |                            8 |          about one |
//!
//! Sums and differences of whole tiles make an infinity or a NaN reach all outputs of its tile, and not only those whose
//! window holds it.

use ndarray::{Array2, Array4, ArrayRef4};
use num_traits::ToPrimitive;

use super::gemm::{Packed, tile};
use super::layers::{for_each_part, once};
use super::simd::{Number, Work, fma, tile_shape};
use super::{Threads, VECTORS};
use crate::error::{Result, exactly, shaped};
use crate::layer::{Geometry, output_shape};
use crate::matrix;

/// Tiles whose transforms are kept at a time, or one row of them.
const TILES: usize = 192;

/// Numbers of a transformed kernel that is small: a megabyte of single precision.
const SMALL: usize = 1 << 18;

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

    fn points(self) -> &'static [i64] {
        match self {
            Self::Two => &[0, 1, -1],
            Self::Four => &[0, 1, -1, 2, -2],
        }
    }
}

/// A layer of 3 × 3 taps and stride 1 with its kernel transformed, and the memory to apply it in.
///
/// It holds (m + 2)² numbers for each 3 × 3 taps, and for each thread the transforms of some 200 tiles.
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
pub struct Plan<T> {
    layout: Layout<T>,
    threads: Threads,
    spaces: Vec<Space<T>>,
}

/// Everything that threads share.
#[derive(Debug)]
struct Layout<T> {
    input: [usize; 4],
    output: [usize; 4],
    padding: (usize, usize),
    tile: Tile,
    /// For each place of a tile, filters × channels.
    kernels: Vec<Packed<T>>,
    bias: Vec<T>,
    /// Bᵀ and Aᵀ, row after row.
    mix: Vec<T>,
    unmix: Vec<T>,
    /// Tiles in a row and in a column of the picture, and rows of tiles that are transformed at a time.
    across: usize,
    down: usize,
    rows: usize,
}

/// What one thread works in.
#[derive(Debug, Clone)]
struct Space<T> {
    /// For each place: panels of tiles, in each of them channel after channel.
    inputs: Vec<T>,
    /// For each place: filter after filter, its tiles side by side.
    outputs: Vec<T>,
    /// The rows that a row of tiles reads, and a mixture of them.
    strip: Vec<T>,
    mixed: Vec<T>,
    /// Its pixels by their place in a tile.
    phases: Vec<T>,
    /// The mixtures of all rows of tiles, sorted by the place in a tile.
    sorted: Vec<T>,
    /// The tiles of one filter, transformed back along the rows, and one line of outputs of each.
    halves: Vec<T>,
    unmixed: Vec<T>,
}

impl<T: Number> Plan<T> {
    /// Transforms the kernel of a layer, for inputs of one shape.
    ///
    /// # Errors
    /// As [`layer::forward`](crate::layer::forward); [`Error::Shape`](crate::Error::Shape) if there are not 3 × 3 taps; [`Error::Length`](crate::Error::Length) if
    /// stride or dilation is not 1; [`Error::TooLarge`](crate::Error::TooLarge) if the transforms cannot be allocated.
    pub fn new(
        input: [usize; 4],
        w: &ArrayRef4<T>,
        bias: Option<&[T]>,
        geometry: Geometry,
        tile: Tile,
        threads: &Threads,
    ) -> Result<Self> {
        let output = output_shape::<T>(input, w, geometry)?;
        let (filters, channels, kh, kw) = w.dim();
        shaped("kernel", &[filters, channels, 3, 3], &[filters, channels, kh, kw])?;
        for (argument, (down, across)) in [("stride", geometry.stride), ("dilation", geometry.dilation)] {
            exactly(argument, 1, down)?;
            exactly(argument, 1, across)?;
        }
        if let Some(bias) = bias {
            exactly("bias", filters, bias.len())?;
        }
        let (m, side) = (tile.side(), tile.side() + 2);
        let (across, down) = (output[3].div_ceil(m), output[2].div_ceil(m));
        let (places, kernel) = (side * side, filters * channels);
        // Small kernels stay in the second cache while tiles come and go. Large ones do not, and should be read seldom.
        let tiles = if places * kernel <= SMALL { TILES / 3 } else { TILES };
        let rows = (tiles / across).clamp(1, down);
        let (lanes, _) = tile_shape::<T>();
        // Whole vectors: a last one that is not full would be done number by number.
        let (padded, length) =
            ((rows * across).next_multiple_of(lanes), ((across + 1) * m).next_multiple_of(m * lanes));
        crate::error::allocatable::<T>("transforms", &[places, channels + filters, padded])?;
        let space = Space {
            inputs: vec![T::zero(); places * channels * padded],
            outputs: vec![T::zero(); places * filters * padded],
            strip: vec![T::zero(); side * length],
            mixed: vec![T::zero(); length],
            phases: vec![T::zero(); length],
            sorted: vec![T::zero(); places * padded],
            halves: vec![T::zero(); side * m * padded],
            unmixed: vec![T::zero(); m * padded],
        };
        let matrices = matrix::winograd(tile.points(), 3)?;
        let entries = |a: &nalgebra::DMatrix<num_rational::Ratio<i64>>| {
            let floats = matrix::to_array(a).mapv(|entry| entry.to_f64().expect("a small fraction"));
            floats.iter().map(|&entry| T::from_f64(entry).expect("a float is a number")).collect::<Vec<T>>()
        };
        let layout = Layout {
            input,
            output,
            padding: geometry.padding,
            tile,
            kernels: kernels(w, &entries(&matrices.kernel), side),
            bias: bias.map_or_else(|| vec![T::zero(); filters], <[T]>::to_vec),
            mix: entries(&matrices.input),
            unmix: entries(&matrices.output),
            across,
            down,
            rows,
        };
        Ok(Self { layout, threads: threads.clone(), spaces: vec![space; threads.count()] })
    }

    /// The shape of the outputs, (B, O, P, Q).
    pub fn output(&self) -> [usize; 4] {
        self.layout.output
    }

    /// Computes the layer, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        let Self { layout, threads, spaces } = self;
        let (input, output) = ((layout.input, x), (layout.output, y));
        for_each_part(threads, input, output, spaces, |image, first, y, space| {
            T::vectorized(Forward { layout, image, first, y, space });
        })
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

/// G h Gᵀ for every filter and channel, sorted by the place in the tile.
fn kernels<T: Number>(w: &ArrayRef4<T>, g: &[T], side: usize) -> Vec<Packed<T>> {
    let (filters, channels, _, _) = w.dim();
    let mut places = vec![Array2::<T>::zeros((filters, channels)); side * side];
    for o in 0..filters {
        for c in 0..channels {
            for (place, transformed) in places.iter_mut().enumerate() {
                let (down, across) = (&g[place / side * 3..][..3], &g[place % side * 3..][..3]);
                for a in 0..3 {
                    let row = (0..3).fold(T::zero(), |sum, b| sum + across[b] * w[[o, c, a, b]]);
                    transformed[[o, c]] += down[a] * row;
                }
            }
        }
    }
    let packed = |place: Array2<T>| Packed::new(filters, channels, place.as_slice().expect("row-major"));
    places.into_iter().map(packed).collect()
}

/// Some filters of the layer, on one image.
struct Forward<'a, T> {
    layout: &'a Layout<T>,
    image: &'a [T],
    first: usize,
    y: &'a mut [T],
    space: &'a mut Space<T>,
}

impl<T: Number> Work<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const FUSED: bool>(self) {
        match self.layout.tile {
            Tile::Two => tiles::<T, LANES, ROWS, 2, 4, FUSED>(self),
            Tile::Four => tiles::<T, LANES, ROWS, 4, 6, FUSED>(self),
        }
    }
}

/// All tiles of an image, some rows of them at a time: transform, multiply, transform back.
#[inline(always)]
fn tiles<
    T: Number,
    const LANES: usize,
    const ROWS: usize,
    const M: usize,
    const SIDE: usize,
    const FUSED: bool,
>(
    work: Forward<'_, T>,
) {
    let Forward { layout, image, first, y, space } = work;
    let outputs = layout.output[2] * layout.output[3];
    let filters = y.len() / outputs;
    for top in (0..layout.down).step_by(layout.rows) {
        let rows = layout.rows.min(layout.down - top);
        let block = Block::new::<LANES>(rows * layout.across, layout.input[1], filters);
        for channel in 0..block.channels {
            mix::<T, LANES, M, SIDE, FUSED>(layout, image, channel, top, block, space);
        }
        for (place, kernel) in layout.kernels.iter().enumerate() {
            multiply::<T, LANES, ROWS, FUSED>(kernel, first, block, place, space);
        }
        for (filter, y) in y.chunks_exact_mut(outputs).enumerate() {
            let bias = layout.bias[first + filter];
            unmix::<T, LANES, M, SIDE, FUSED>(layout, filter, bias, top, block, space, y);
        }
    }
}

/// The sizes of what is transformed at a time.
#[derive(Debug, Clone, Copy)]
struct Block {
    tiles: usize,
    /// Tiles, rounded up to whole vectors.
    width: usize,
    /// Tiles in a panel: three vectors. The last panel may have fewer.
    panel: usize,
    channels: usize,
    filters: usize,
}

impl Block {
    #[inline(always)]
    fn new<const LANES: usize>(tiles: usize, channels: usize, filters: usize) -> Self {
        Self { tiles, width: tiles.next_multiple_of(LANES), panel: VECTORS * LANES, channels, filters }
    }

    /// Where the panel of a tile begins within a place, and how many tiles it has.
    #[inline(always)]
    fn panel(&self, tile: usize) -> (usize, usize) {
        let start = tile / self.panel * self.panel;
        (start * self.channels, self.panel.min(self.width - start))
    }
}

/// Σₖ row\[k\] · from\[k\], for whole rows of numbers, whose length is a multiple of LANES.
#[inline(always)]
fn combine<T: Number, const LANES: usize, const SIDE: usize, const FUSED: bool>(
    row: &[T],
    from: [&[T]; SIDE],
    to: &mut [T],
) {
    let row: [T; SIDE] = row.try_into().expect("SIDE entries");
    let from = from.map(|from| &from.as_chunks::<LANES>().0[..to.len() / LANES]);
    for (i, to) in to.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut sums = [T::zero(); LANES];
        for k in 0..SIDE {
            for lane in 0..LANES {
                sums[lane] = fma::<T, FUSED>(row[k], from[k][i][lane], sums[lane]);
            }
        }
        *to = sums;
    }
}

/// The M columns of a matrix whose rows stand side by side in `groups`, one after the other.
#[inline(always)]
fn sort<T: Number, const LANES: usize, const M: usize>(groups: &[T], columns: &mut [T]) {
    let length = columns.len() / M;
    for (i, groups) in groups.as_chunks::<M>().0.as_chunks::<LANES>().0.iter().enumerate() {
        for m in 0..M {
            let mut column = [T::zero(); LANES];
            for lane in 0..LANES {
                column[lane] = groups[lane][m];
            }
            columns[m * length + i * LANES..][..LANES].copy_from_slice(&column);
        }
    }
}

/// Bᵀ x B for some rows of tiles of one channel.
///
/// Down the columns whole rows of pixels are added. Along the rows a tile needs every M-th pixel, so the pixels are sorted
/// by their place in a tile first, and then all tiles are added at once.
#[inline(always)]
fn mix<T: Number, const LANES: usize, const M: usize, const SIDE: usize, const FUSED: bool>(
    layout: &Layout<T>,
    image: &[T],
    channel: usize,
    top: usize,
    block: Block,
    space: &mut Space<T>,
) {
    let [_, _, height, width] = layout.input;
    let (above, before) = layout.padding;
    let across = layout.across;
    let Space { inputs, strip, mixed, phases, sorted, .. } = space;
    let length = mixed.len();
    for row in 0..block.tiles / across {
        for (a, strip) in strip.chunks_exact_mut(length).enumerate() {
            let pixels = ((top + row) * M + a).checked_sub(above).filter(|&pixel| pixel < height);
            let pixels = pixels.map(|pixel| &image[(channel * height + pixel) * width..][..width]);
            let pixels = pixels.unwrap_or_default();
            let (start, end) = (before.min(length), length.min(before + pixels.len()));
            strip[..start].fill(T::zero());
            strip[start..end].copy_from_slice(&pixels[..end - start]);
            strip[end..].fill(T::zero());
        }
        for a in 0..SIDE {
            let rows = std::array::from_fn(|k| &strip[k * length..][..length]);
            combine::<T, LANES, SIDE, FUSED>(&layout.mix[a * SIDE..][..SIDE], rows, mixed);
            sort::<T, LANES, M>(mixed, phases);
            let wide = phases.len() / M;
            for b in 0..SIDE {
                // Pixel b of tile t is pixel b − M of tile t + 1.
                let tiles = &phases[b % M * wide + b / M..][..across];
                sorted[(a * SIDE + b) * block.width + row * across..][..across].copy_from_slice(tiles);
            }
        }
    }
    for a in 0..SIDE {
        let columns = std::array::from_fn(|b| &sorted[(a * SIDE + b) * block.width..][..block.width]);
        for b in 0..SIDE {
            let place = &mut inputs[(a * SIDE + b) * block.channels * block.width..];
            for start in (0..block.width).step_by(block.panel) {
                let (begin, width) = block.panel(start);
                let panel = &mut place[begin + channel * width..][..width];
                let columns = columns.map(|column: &[T]| &column[start..]);
                combine::<T, LANES, SIDE, FUSED>(&layout.mix[b * SIDE..][..SIDE], columns, panel);
            }
        }
    }
}

/// One place of all tiles: filters × channels times channels × tiles.
#[inline(always)]
fn multiply<T: Number, const LANES: usize, const ROWS: usize, const FUSED: bool>(
    kernel: &Packed<T>,
    first: usize,
    block: Block,
    place: usize,
    space: &mut Space<T>,
) {
    let inputs = &space.inputs[place * block.channels * block.width..][..block.channels * block.width];
    let outputs = &mut space.outputs[place * block.filters * block.width..][..block.filters * block.width];
    for start in (0..block.width).step_by(block.panel) {
        let (begin, width) = block.panel(start);
        let panel = &inputs[begin..][..width * block.channels];
        match width / LANES {
            1 => product::<T, LANES, ROWS, 1, FUSED>(kernel, first, panel, start, block, outputs),
            2 => product::<T, LANES, ROWS, 2, FUSED>(kernel, first, panel, start, block, outputs),
            _ => product::<T, LANES, ROWS, 3, FUSED>(kernel, first, panel, start, block, outputs),
        }
    }
}

/// One panel of tiles for all filters.
#[inline(always)]
fn product<T: Number, const LANES: usize, const ROWS: usize, const V: usize, const FUSED: bool>(
    kernel: &Packed<T>,
    first: usize,
    panel: &[T],
    start: usize,
    block: Block,
    outputs: &mut [T],
) {
    for (channel, columns) in kernel.blocks() {
        let piece = &panel[channel * V * LANES..][..columns * V * LANES];
        for (group, rows) in outputs.chunks_mut(ROWS * block.width).enumerate() {
            let sums = tile::<T, LANES, ROWS, V, FUSED>(kernel.panel(first + group * ROWS, channel), piece);
            for (sums, row) in sums.iter().zip(rows.chunks_exact_mut(block.width)) {
                let row = row[start..][..V * LANES].iter_mut().zip(sums.as_flattened());
                if channel == 0 {
                    row.for_each(|(y, sum)| *y = *sum);
                } else {
                    row.for_each(|(y, sum)| *y += *sum);
                }
            }
        }
    }
}

/// Aᵀ y A for the tiles of one filter, and the bias: along the rows of tiles, then down their columns.
#[inline(always)]
fn unmix<T: Number, const LANES: usize, const M: usize, const SIDE: usize, const FUSED: bool>(
    layout: &Layout<T>,
    filter: usize,
    bias: T,
    top: usize,
    block: Block,
    space: &mut Space<T>,
    y: &mut [T],
) {
    let [_, _, p, q] = layout.output;
    let Space { outputs, halves, unmixed, .. } = space;
    let place = |a: usize, b: usize| {
        &outputs[((a * SIDE + b) * block.filters + filter) * block.width..][..block.width]
    };
    for a in 0..SIDE {
        for j in 0..M {
            let row = std::array::from_fn(|b| place(a, b));
            let half = &mut halves[(j * SIDE + a) * block.width..][..block.width];
            combine::<T, LANES, SIDE, FUSED>(&layout.unmix[j * SIDE..][..SIDE], row, half);
        }
    }
    for i in 0..M {
        for j in 0..M {
            let column = std::array::from_fn(|a| &halves[(j * SIDE + a) * block.width..][..block.width]);
            let sums = &mut unmixed[j * block.width..][..block.width];
            combine::<T, LANES, SIDE, FUSED>(&layout.unmix[i * SIDE..][..SIDE], column, sums);
        }
        let columns: [&[T]; M] = std::array::from_fn(|j| &unmixed[j * block.width..][..block.width]);
        for row in 0..block.tiles / layout.across {
            let line = (top + row) * M + i;
            if line < p {
                let columns = columns.map(|column| &column[row * layout.across..][..layout.across]);
                interleave(columns, bias, &mut y[line * q..][..q]);
            }
        }
    }
}

/// M columns of tiles become a row of pixels; the last tile may reach beyond it.
#[inline(always)]
fn interleave<T: Number, const M: usize>(columns: [&[T]; M], bias: T, row: &mut [T]) {
    let (tiles, rest) = row.as_chunks_mut::<M>();
    let count = tiles.len();
    for (t, tile) in tiles.iter_mut().enumerate() {
        for j in 0..M {
            tile[j] = columns[j][t] + bias;
        }
    }
    for (j, pixel) in rest.iter_mut().enumerate() {
        *pixel = columns[j][count] + bias;
    }
}
