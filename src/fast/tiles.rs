//! Layers in tiles: transform, multiply, transform back.
//!
//! Winograd's method and the Fourier transform's are one method with different transforms. Both take a tile of S × S
//! samples of every channel to a number of *places*; both multiply place by place with a transformed kernel and add
//! over the channels, which is a matrix product for each place, tiles × channels times channels × filters; and both
//! transform the sums back to a tile of outputs. What a [`Transform`] is, is all that they do not share.
//!
//! Everything has channels or filters in its lanes: once the pixels are [gathered](super::lanes), nothing is shuffled
//! until the outputs are written.

use ndarray::ArrayRef4;

use super::Threads;
use super::gemm::DEPTH;
use super::lanes::{Buffer, Complex, gather};
use super::layers::{for_each_part, side_by_side};
use super::register::{lanes, sum_of_products};
use super::simd::{Number, Work, tile_shape};
use crate::error::{Result, allocatable, exactly};
use crate::layer::{Geometry, output_shape};

/// Tiles whose transforms are kept at a time, or one row of them.
const TILES: usize = 192;

/// Numbers of a transformed kernel that is small: a megabyte of single precision.
const SMALL: usize = 1 << 18;

/// A transform of tiles under which a correlation becomes a product.
pub(super) trait Transform<T: Number>: Sync {
    /// The side of a tile of samples.
    fn side(&self) -> usize;

    /// The side of a tile of outputs.
    fn outputs(&self) -> usize;

    /// Products for each pair of a channel and a filter.
    fn places(&self) -> usize;

    /// Complex vectors that it works in.
    fn workspace(&self) -> usize;

    /// Transforms LANES kernels whose rows of taps begin at the beginning of `rows`, and then every `stride` vectors.
    fn kernel<const LANES: usize, const FUSED: bool>(
        &self,
        rows: &[[T; LANES]],
        stride: usize,
        work: &mut [Complex<T, LANES>],
        put: impl FnMut(usize, [T; LANES]),
    );

    /// Transforms the tile whose rows begin at the beginning of `rows`, and then every `stride` vectors.
    fn forward<const LANES: usize, const FUSED: bool>(
        &self,
        rows: &[[T; LANES]],
        stride: usize,
        work: &mut [Complex<T, LANES>],
        put: impl FnMut(usize, [T; LANES]),
    );

    /// The transform of the same samples whose kernel is as large as this one's outputs, and the other way round.
    fn dual(&self) -> Result<Self>
    where
        Self: Sized;

    /// Transforms products back to outputs: their row, their column.
    fn back<const LANES: usize, const FUSED: bool>(
        &self,
        places: impl Fn(usize) -> [T; LANES],
        work: &mut [Complex<T, LANES>],
        put: impl FnMut(usize, usize, [T; LANES]),
    );
}

/// A layer with its kernel transformed, and the memory to apply it in.
#[derive(Debug)]
pub(super) struct Plan<T, X> {
    layout: Layout<T, X>,
    threads: Threads,
    spaces: Vec<Space<T>>,
}

/// Everything that threads share.
#[derive(Debug)]
struct Layout<T, X> {
    transform: X,
    grid: Grid,
    /// For each place, each panel of VECTORS vectors of filters, each channel: its vectors.
    kernel: Buffer<T>,
    bias: Vec<T>,
}

/// Where the tiles of a layer are.
#[derive(Debug, Clone, Copy)]
struct Grid {
    input: [usize; 4],
    output: [usize; 4],
    padding: (usize, usize),
    /// The sides of a tile of samples and of a tile of outputs, and the products of a pair of a channel and a filter.
    side: usize,
    m: usize,
    places: usize,
    /// Tiles in a row and in a column of the picture, and rows of tiles that are transformed at a time.
    across: usize,
    down: usize,
    rows: usize,
    /// Channels and filters, rounded up to whole vectors.
    channels: usize,
    filters: usize,
}

impl Grid {
    fn new<T: Number>(
        transform: &impl Transform<T>,
        input: [usize; 4],
        output: [usize; 4],
        geometry: Geometry,
    ) -> Result<Self> {
        side_by_side(geometry)?;
        let lanes = tile_shape::<T>().lanes;
        let (side, m, places) = (transform.side(), transform.outputs(), transform.places());
        let (across, down) = (output[3].div_ceil(m), output[2].div_ceil(m));
        let (channels, filters) = (input[1].next_multiple_of(lanes), output[1].next_multiple_of(lanes));
        let kernel = allocatable::<T>("transformed kernel", &[places, channels, filters])?;
        // A small kernel stays in the second cache while tiles come and go. A large one does not, and should be read
        // seldom.
        let tiles = if kernel <= SMALL { TILES / 3 } else { TILES };
        let rows = (tiles / across).clamp(1, down);
        allocatable::<T>("transforms", &[rows * across, places, channels + filters])?;
        let padding = geometry.padding;
        let grid = Self { input, output, padding, side, m, places, across, down, rows, channels, filters };
        allocatable::<T>("strip", &[side, grid.length(), lanes])?;
        Ok(grid)
    }

    /// Pixels of a row that a row of tiles reads.
    #[inline(always)]
    fn length(&self) -> usize {
        self.across * self.m + self.side - self.m
    }
}

/// What one thread works in.
#[derive(Debug)]
struct Space<T> {
    /// For each tile, each place: the channels.
    inputs: Buffer<T>,
    /// For each tile, each place: the filters.
    outputs: Buffer<T>,
    /// The rows that a row of tiles reads, with a vector of channels for a pixel, or the rows that it writes.
    strip: Buffer<T>,
    /// What the transform works in.
    work: Buffer<T>,
}

impl<T: Number> Space<T> {
    fn new(transform: &impl Transform<T>, grid: &Grid) -> Self {
        let lanes = tile_shape::<T>().lanes;
        let tiles = grid.rows * grid.across;
        Self {
            inputs: Buffer::zeros(tiles * grid.places * grid.channels),
            outputs: Buffer::zeros(tiles * grid.places * grid.filters),
            strip: Buffer::zeros(grid.side * grid.length() * lanes),
            work: Buffer::zeros(2 * transform.workspace() * lanes),
        }
    }
}

impl<T: Number, X: Transform<T>> Plan<T, X> {
    pub(super) fn new(
        transform: X,
        input: [usize; 4],
        w: &ArrayRef4<T>,
        bias: Option<&[T]>,
        geometry: Geometry,
        threads: &Threads,
    ) -> Result<Self> {
        let output = output_shape::<T>(input, w.dim().into(), geometry)?;
        if let Some(bias) = bias {
            exactly("bias", output[1], bias.len())?;
        }
        let grid = Grid::new(&transform, input, output, geometry)?;
        let mut bias = bias.unwrap_or_default().to_vec();
        bias.resize(grid.filters, T::zero());
        let kernel = Buffer::zeros(grid.places * input[1] * grid.filters);
        let spaces = (0..threads.count()).map(|_| Space::new(&transform, &grid)).collect();
        let mut layout = Layout { transform, grid, kernel, bias };
        T::vectorized(Kernels { layout: &mut layout, w });
        Ok(Self { layout, threads: threads.clone(), spaces })
    }

    pub(super) fn transform(&self) -> &X {
        &self.layout.transform
    }

    pub(super) fn output(&self) -> [usize; 4] {
        self.layout.grid.output
    }

    pub(super) fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        let Self { layout, threads, spaces } = self;
        let (input, output) = ((layout.grid.input, x), (layout.grid.output, y));
        // Threads share whole panels of filters.
        let panel = tile_shape::<T>().width();
        for_each_part(threads, input, output, panel, spaces, |image, first, y, space| {
            T::vectorized(Forward { layout, image, first, y, space });
        })
    }
}

/// The kernels of a layer, transformed.
struct Kernels<'a, T, X> {
    layout: &'a mut Layout<T, X>,
    w: &'a ArrayRef4<T>,
}

impl<T: Number, X: Transform<T>> Work<T> for Kernels<'_, T, X> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, w } = self;
        let (filters, channels, kh, kw) = w.dim();
        let mut taps = vec![[T::zero(); LANES]; kh * kw];
        let mut work = vec![[[T::zero(); LANES]; 2]; layout.transform.workspace()];
        let (vectors, depth) = (layout.grid.filters / LANES, channels);
        let (kernel, _) = layout.kernel.as_chunks_mut::<LANES>();
        for (vector, first) in (0..filters).step_by(LANES).enumerate() {
            for channel in 0..channels {
                for (tap, taps) in taps.iter_mut().enumerate() {
                    for (lane, to) in taps.iter_mut().enumerate() {
                        let filter = w.get([first + lane, channel, tap / kw, tap % kw]);
                        *to = filter.copied().unwrap_or_else(T::zero);
                    }
                }
                let panel = vector / VECTORS * VECTORS;
                let wide = VECTORS.min(vectors - panel);
                layout.transform.kernel::<LANES, FUSED>(&taps, kw, &mut work, |place, numbers| {
                    kernel[(place * vectors + panel) * depth + channel * wide + vector % VECTORS] = numbers;
                });
            }
        }
    }
}

/// Some filters of the layer, on one image.
struct Forward<'a, T, X> {
    layout: &'a Layout<T, X>,
    image: &'a [T],
    first: usize,
    y: &'a mut [T],
    space: &'a mut Space<T>,
}

impl<T: Number, X: Transform<T>> Work<T> for Forward<'_, T, X> {
    type Output = ();

    /// All tiles of an image, some rows of them at a time.
    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, image, first, y, space } = self;
        let grid = &layout.grid;
        for top in (0..grid.down).step_by(grid.rows) {
            let rows = grid.rows.min(grid.down - top);
            for row in 0..rows {
                transform::<T, X, LANES, FUSED>(&layout.transform, grid, image, top + row, row, space);
            }
            let filters = (y.len() / (grid.output[2] * grid.output[3])).next_multiple_of(LANES);
            multiply::<T, X, LANES, ROWS, VECTORS, FUSED>(
                layout,
                rows * grid.across,
                first..first + filters,
                space,
            );
            for row in 0..rows {
                transform_back::<T, X, LANES, FUSED>(layout, first, top + row, row, space, y);
            }
        }
    }
}

/// Transforms a row of tiles of an image; `row` is its number among those that are kept.
#[inline(always)]
fn transform<T: Number, X: Transform<T>, const LANES: usize, const FUSED: bool>(
    transform: &X,
    grid: &Grid,
    image: &[T],
    down: usize,
    row: usize,
    space: &mut Space<T>,
) {
    let [_, channels, height, width] = grid.input;
    let (above, before) = grid.padding;
    let (strip, _) = space.strip.as_chunks_mut::<LANES>();
    let (work, _) = space.work.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
    let length = grid.length();
    for channel in (0..channels).step_by(LANES) {
        let planes = &image[channel * height * width..channels.min(channel + LANES) * height * width];
        for (a, strip) in strip.chunks_exact_mut(length).enumerate() {
            let (zeros, pixels) = strip.split_at_mut(before.min(length));
            zeros.fill([T::zero(); LANES]);
            match (down * grid.m + a).checked_sub(above).filter(|&line| line < height) {
                None => pixels.fill([T::zero(); LANES]),
                Some(line) => gather(planes.chunks_exact(width).skip(line).step_by(height), pixels),
            }
        }
        let size = grid.places * grid.channels;
        for (tile, to) in
            space.inputs.chunks_exact_mut(size).skip(row * grid.across).take(grid.across).enumerate()
        {
            transform.forward::<LANES, FUSED>(&strip[tile * grid.m..], length, work, |place, numbers| {
                to[place * grid.channels + channel..][..LANES].copy_from_slice(&numbers);
            });
        }
    }
}

/// At every place: tiles × channels times channels × filters.
#[inline(always)]
fn multiply<
    T: Number,
    X: Transform<T>,
    const LANES: usize,
    const ROWS: usize,
    const VECTORS: usize,
    const FUSED: bool,
>(
    layout: &Layout<T, X>,
    tiles: usize,
    filters: std::ops::Range<usize>,
    space: &mut Space<T>,
) {
    let (places, channels) = (layout.grid.places, layout.grid.input[1]);
    let (kernel, _) = layout.kernel.as_chunks::<LANES>();
    let vectors = layout.grid.filters / LANES;
    for place in 0..places {
        let kernel = &kernel[place * vectors * channels..][..vectors * channels];
        // A panel of filters stays in the first cache while all tiles go by.
        for start in (0..channels).step_by(DEPTH) {
            let depth = DEPTH.min(channels - start);
            let block = Block { place, places, start, depth, tiles };
            for vector in (filters.start / LANES..filters.end / LANES).step_by(VECTORS) {
                match (filters.end / LANES - vector).min(VECTORS) {
                    1 => products::<T, X, LANES, ROWS, 1, FUSED>(layout, kernel, vector, block, space),
                    2 => products::<T, X, LANES, ROWS, 2, FUSED>(layout, kernel, vector, block, space),
                    _ => products::<T, X, LANES, ROWS, 3, FUSED>(layout, kernel, vector, block, space),
                }
            }
        }
    }
}

/// A part of a matrix product: its place, some of the channels, all tiles.
#[derive(Debug, Clone, Copy)]
struct Block {
    place: usize,
    places: usize,
    start: usize,
    depth: usize,
    tiles: usize,
}

/// V vectors of filters, for all tiles, ROWS of them at a time.
#[inline(always)]
fn products<
    T: Number,
    X: Transform<T>,
    const LANES: usize,
    const ROWS: usize,
    const V: usize,
    const FUSED: bool,
>(
    layout: &Layout<T, X>,
    kernel: &[[T; LANES]],
    vector: usize,
    block: Block,
    space: &mut Space<T>,
) {
    let Block { place, places, start, depth, tiles } = block;
    let grid = &layout.grid;
    let (panel, _) = kernel[vector * grid.input[1] + start * V..][..depth * V].as_chunks::<V>();
    for first in (0..tiles).step_by(ROWS) {
        // A group that is not full has its last tile more than once.
        let row = |r: usize| (first + r).min(tiles - 1) * places + place;
        let mut rows = [&[] as &[T]; ROWS];
        for r in 0..ROWS {
            rows[r] = &space.inputs[row(r) * grid.channels + start..][..panel.len()];
        }
        let steps = panel.iter().enumerate().map(|(k, vectors)| {
            let mut numbers = [T::zero(); ROWS];
            for r in 0..ROWS {
                numbers[r] = rows[r][k];
            }
            (numbers, *vectors)
        });
        let sums = sum_of_products::<T, LANES, ROWS, V, FUSED>(steps);
        for r in 0..ROWS.min(tiles - first) {
            let to = &mut space.outputs[row(r) * grid.filters + vector * LANES..][..V * LANES];
            let (to, _) = to.as_chunks_mut::<LANES>();
            for v in 0..V {
                if start == 0 {
                    to[v] = sums[r][v];
                } else {
                    for lane in 0..LANES {
                        to[v][lane] += sums[r][v][lane];
                    }
                }
            }
        }
    }
}

/// Transforms a row of tiles of all filters back and writes their outputs, with the bias.
#[inline(always)]
fn transform_back<T: Number, X: Transform<T>, const LANES: usize, const FUSED: bool>(
    layout: &Layout<T, X>,
    first: usize,
    down: usize,
    row: usize,
    space: &mut Space<T>,
    y: &mut [T],
) {
    let grid = &layout.grid;
    let ([_, _, p, q], m) = (grid.output, grid.m);
    let (strip, _) = space.strip.as_chunks_mut::<LANES>();
    let (work, _) = space.work.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
    let length = grid.across * m;
    for (vector, y) in y.chunks_mut(LANES * p * q).enumerate() {
        let filter = first + vector * LANES;
        let bias: [T; LANES] = layout.bias[filter..][..LANES].try_into().expect("as many as lanes");
        let size = grid.places * grid.filters;
        for (tile, from) in
            space.outputs.chunks_exact(size).skip(row * grid.across).take(grid.across).enumerate()
        {
            let numbers = |place: usize| -> [T; LANES] {
                from[place * grid.filters + filter..][..LANES].try_into().expect("as many as lanes")
            };
            layout.transform.back::<LANES, FUSED>(numbers, work, |i, j, outputs| {
                let to = &mut strip[i * length + tile * m + j];
                for lane in 0..LANES {
                    to[lane] = outputs[lane] + bias[lane];
                }
            });
        }
        for (lane, y) in y.chunks_exact_mut(p * q).enumerate() {
            for (y, strip) in y.chunks_exact_mut(q).skip(down * m).zip(strip.chunks_exact(length)).take(m) {
                y.iter_mut().zip(strip).for_each(|(y, numbers)| *y = numbers[lane]);
            }
        }
    }
}

/// The memory to compute the gradient of a layer with respect to its kernel.
///
/// A tile of samples is correlated with the tile of output gradients as with a kernel: the [dual](Transform::dual)
/// transform's kernel. At each place the products add up over all tiles, gradients × tiles times tiles × samples, and
/// only the sums are transformed back.
#[derive(Debug)]
pub(super) struct KernelGradient<T, X> {
    transform: X,
    dual: X,
    grid: Grid,
    taps: (usize, usize),
    threads: Threads,
    spaces: Vec<(Space<T>, Buffer<T>)>,
}

impl<T: Number, X: Transform<T>> KernelGradient<T, X> {
    pub(super) fn new(
        transform: X,
        input: [usize; 4],
        output: [usize; 4],
        taps: (usize, usize),
        geometry: Geometry,
        threads: &Threads,
    ) -> Result<Self> {
        let grid = Grid::new(&transform, input, output, geometry)?;
        let dual = transform.dual()?;
        // For each place, each filter: the channels.
        let sums = || Buffer::zeros(grid.places * grid.filters * grid.channels);
        let spaces = (0..threads.count()).map(|_| (Space::new(&transform, &grid), sums())).collect();
        Ok(Self { transform, dual, grid, taps, threads: threads.clone(), spaces })
    }

    /// From inputs and output gradients to the gradient of the kernel.
    pub(super) fn run_into(&mut self, x: &[T], g: &[T], dw: &mut [T]) {
        let Self { transform, dual, grid, taps, threads, spaces } = self;
        spaces.iter_mut().for_each(|(_, sums)| sums.fill(T::zero()));
        // A piece of work is some rows of tiles of one image. It has nothing to write to but sums.
        let pieces = grid.down.div_ceil(grid.rows);
        let mut work = vec![(); grid.input[0] * pieces];
        threads.for_each_chunk(&mut work, 1, spaces, |piece, _, (space, sums)| {
            let (image, top) = (piece / pieces, piece % pieces * grid.rows);
            let image = |all: &'_ [T], of: usize| all.len() / of * image..all.len() / of * (image + 1);
            let (x, g) = (&x[image(x, grid.input[0])], &g[image(g, grid.input[0])]);
            T::vectorized(Sums { transform: &*transform, dual: &*dual, grid, x, g, top, space, sums });
        });
        let (first, others) = spaces.split_first_mut().expect("a thread");
        for (_, sums) in others {
            first.1.iter_mut().zip(sums.iter()).for_each(|(sum, other)| *sum += *other);
        }
        T::vectorized(Taps { dual: &*dual, grid, taps: *taps, dw, space: first });
    }
}

/// The products of some rows of tiles of one image, added up.
struct Sums<'a, T, X> {
    transform: &'a X,
    dual: &'a X,
    grid: &'a Grid,
    x: &'a [T],
    g: &'a [T],
    top: usize,
    space: &'a mut Space<T>,
    sums: &'a mut [T],
}

impl<T: Number, X: Transform<T>> Work<T> for Sums<'_, T, X> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { transform: with, dual, grid, x, g, top, space, sums } = self;
        let rows = grid.rows.min(grid.down - top);
        for row in 0..rows {
            transform::<T, X, LANES, FUSED>(with, grid, x, top + row, row, space);
            transform_gradients::<T, X, LANES, FUSED>(dual, grid, g, top + row, row, space);
        }
        let tiles = rows * grid.across;
        let inputs = &space.inputs[..tiles * grid.places * grid.channels];
        let outputs = &space.outputs[..tiles * grid.places * grid.filters];
        for place in 0..grid.places {
            let sums = &mut sums[place * grid.filters * grid.channels..][..grid.filters * grid.channels];
            let from = (&inputs[place * grid.channels..], &outputs[place * grid.filters..]);
            for channel in (0..grid.channels).step_by(VECTORS * LANES) {
                let whole = grid.filters / ROWS * ROWS;
                for filter in (0..whole).step_by(ROWS) {
                    add_products::<T, LANES, ROWS, VECTORS, FUSED>(grid, from, filter, channel, sums);
                }
                // What is left of an even number.
                for filter in (whole..grid.filters).step_by(2) {
                    add_products::<T, LANES, 2, VECTORS, FUSED>(grid, from, filter, channel, sums);
                }
            }
        }
    }
}

/// Transforms a row of tiles of output gradients as if they were kernels.
#[inline(always)]
fn transform_gradients<T: Number, X: Transform<T>, const LANES: usize, const FUSED: bool>(
    dual: &X,
    grid: &Grid,
    image: &[T],
    down: usize,
    row: usize,
    space: &mut Space<T>,
) {
    let [_, filters, p, q] = grid.output;
    let (strip, _) = space.strip.as_chunks_mut::<LANES>();
    let (work, _) = space.work.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
    let length = grid.across * grid.m;
    for filter in (0..filters).step_by(LANES) {
        let planes = &image[filter * p * q..filters.min(filter + LANES) * p * q];
        for (i, strip) in strip.chunks_exact_mut(length).take(grid.m).enumerate() {
            match down * grid.m + i {
                line if line < p => gather(planes.chunks_exact(q).skip(line).step_by(p), strip),
                _ => strip.fill([T::zero(); LANES]),
            }
        }
        let size = grid.places * grid.filters;
        for (tile, to) in
            space.outputs.chunks_exact_mut(size).skip(row * grid.across).take(grid.across).enumerate()
        {
            dual.kernel::<LANES, FUSED>(&strip[tile * grid.m..], length, work, |place, numbers| {
                to[place * grid.filters + filter..][..LANES].copy_from_slice(&numbers);
            });
        }
    }
}

/// Adds, at one place, the products of ROWS filters' gradients with VECTORS vectors of channels, over all tiles.
#[inline(always)]
fn add_products<T: Number, const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(
    grid: &Grid,
    (inputs, outputs): (&[T], &[T]),
    filter: usize,
    channel: usize,
    sums: &mut [T],
) {
    // The last vectors may not be there; then the last one that is there is taken again.
    let last = grid.channels - LANES;
    let channels: [usize; VECTORS] = std::array::from_fn(|v| (channel + v * LANES).min(last));
    let tiles = inputs.chunks(grid.places * grid.channels).zip(outputs.chunks(grid.places * grid.filters));
    let steps = tiles.map(|(input, output)| {
        let mut vectors = [[T::zero(); LANES]; VECTORS];
        for v in 0..VECTORS {
            vectors[v] = lanes(input, channels[v]);
        }
        (lanes(output, filter), vectors)
    });
    let products = sum_of_products::<T, LANES, ROWS, VECTORS, FUSED>(steps);
    for r in 0..ROWS {
        for v in 0..VECTORS.min((grid.channels - channel) / LANES) {
            let sums = &mut sums[(filter + r) * grid.channels + channels[v]..][..LANES];
            for lane in 0..LANES {
                sums[lane] += products[r][v][lane];
            }
        }
    }
}

/// The sums, transformed back.
struct Taps<'a, T, X> {
    dual: &'a X,
    grid: &'a Grid,
    taps: (usize, usize),
    dw: &'a mut [T],
    space: &'a mut (Space<T>, Buffer<T>),
}

impl<T: Number, X: Transform<T>> Work<T> for Taps<'_, T, X> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { dual, grid, taps: (kh, kw), dw, space: (space, sums) } = self;
        let (work, _) = space.work.as_chunks_mut::<LANES>().0.as_chunks_mut::<2>();
        let channels = grid.input[1];
        for (filter, dw) in dw.chunks_exact_mut(channels * kh * kw).enumerate() {
            for (vector, dw) in dw.chunks_mut(LANES * kh * kw).enumerate() {
                let numbers = |place: usize| {
                    lanes(sums, (place * grid.filters + filter) * grid.channels + vector * LANES)
                };
                dual.back::<LANES, FUSED>(numbers, work, |a, b, sums| {
                    if a < kh && b < kw {
                        for (lane, dw) in dw.chunks_exact_mut(kh * kw).enumerate() {
                            dw[a * kw + b] = sums[lane];
                        }
                    }
                });
            }
        }
    }
}
