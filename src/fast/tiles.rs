//! Layers in tiles: transform, multiply, transform back.
//!
//! Winograd's method and the Fourier transform's are one method with different transforms. Both take a tile of S × S
//! samples of every channel to a number of *places*; both multiply place by place with a transformed kernel and add
//! over the channels, which is a matrix product for each place, tiles × channels times channels × filters; and both
//! transform the sums back to a tile of outputs. What a [`Transform`] is, is all that they do not share.
//!
//! Everything has channels or filters in its lanes: once the pixels are [gathered](super::lanes), nothing is shuffled
//! until the outputs are written.

use std::ops::Range;

use ndarray::ArrayRef4;

use super::Threads;
use super::lanes::{Buffer, Complex, gather};
use super::layers::{equal_parts, for_each_part, side_by_side};
use super::register::{lanes, sum_of_products};
use super::simd::{Number, Work, tile_shape};
use crate::error::{Result, allocatable, exactly};
use crate::layer::{Geometry, output_shape};

/// Channels whose products are added up before the sums are stored, at most. A panel of so many vectors of filters is
/// fetched from far away in one go, and then stays in the second cache.
const DEPTH: usize = 512;

/// Tiles whose transforms are kept at a time, or one row of them: all of a picture of 56 × 56 outputs, with 4 × 4 a tile.
const TILES: usize = 224;

/// As many, if the transformed kernel is small.
const FEW: usize = 64;

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
    /// Rows of tiles that are transformed at a time.
    rows: usize,
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
    /// Tiles in a row and in a column of the picture.
    across: usize,
    down: usize,
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
        let padding = geometry.padding;
        let grid = Self { input, output, padding, side, m, places, across, down, channels, filters };
        allocatable::<T>("strip", &[side, grid.length(), lanes])?;
        Ok(grid)
    }

    /// What the transforms of so many rows of tiles take, samples and outputs.
    fn transforms<T>(&self, rows: usize) -> Result<usize> {
        allocatable::<T>("transforms", &[rows, self.across, self.places, self.channels + self.filters])
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
    room: Room<T>,
}

impl<T: Number> Space<T> {
    fn new(transform: &impl Transform<T>, grid: &Grid, rows: usize) -> Self {
        let tiles = rows * grid.across;
        Self {
            inputs: Buffer::zeros(tiles * grid.places * grid.channels),
            outputs: Buffer::zeros(tiles * grid.places * grid.filters),
            room: Room::new(transform, grid),
        }
    }
}

/// What a row of tiles is transformed in.
#[derive(Debug)]
struct Room<T> {
    /// The rows that a row of tiles reads, with a vector of channels for a pixel, or the rows that it writes.
    strip: Buffer<T>,
    /// What the transform works in.
    work: Buffer<T>,
}

impl<T: Number> Room<T> {
    fn new(transform: &impl Transform<T>, grid: &Grid) -> Self {
        let lanes = tile_shape::<T>().lanes;
        Self {
            strip: Buffer::zeros(grid.side * grid.length() * lanes),
            work: Buffer::zeros(2 * transform.workspace() * lanes),
        }
    }

    #[inline(always)]
    fn vectors<const LANES: usize>(&mut self) -> (&mut [[T; LANES]], &mut [Complex<T, LANES>]) {
        let Self { strip, work } = self;
        (strip.as_chunks_mut().0, work.as_chunks_mut().0.as_chunks_mut().0)
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
        let kernel = allocatable::<T>("transformed kernel", &[grid.places, input[1], grid.filters])?;
        // A small kernel stays in the second cache while tiles come and go. A large one does not, and should be read
        // seldom: small images are transformed together, as long as every thread has some.
        let tiles = if kernel <= SMALL { FEW } else { TILES };
        let images = (tiles / grid.across / grid.down).clamp(1, input[0].div_ceil(threads.count()));
        let rows = equal_parts(grid.down, (tiles / grid.across).max(1)) * images;
        grid.transforms::<T>(rows)?;
        let spaces = (0..threads.count()).map(|_| Space::new(&transform, &grid, rows)).collect();
        let mut layout = Layout { transform, grid, rows, kernel: Buffer::zeros(kernel), bias };
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
        let images = layout.rows.div_ceil(layout.grid.down);
        for_each_part(threads, input, output, (images, panel), spaces, |x, first, y, space| {
            T::vectorized(Forward { layout, x, first, y, space });
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

/// Some filters of the layer, on some images.
struct Forward<'a, T, X> {
    layout: &'a Layout<T, X>,
    x: &'a [T],
    first: usize,
    y: &'a mut [T],
    space: &'a mut Space<T>,
}

impl<T: Number, X: Transform<T>> Work<T> for Forward<'_, T, X> {
    type Output = ();

    /// All tiles, some rows of them at a time.
    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, x, first, y, space } = self;
        let grid = &layout.grid;
        let ([_, channels, height, width], [_, _, p, q]) = (grid.input, grid.output);
        let images = x.len() / (channels * height * width);
        let filters = y.len() / (images * p * q);
        let size = grid.places * grid.channels;
        let all = images * grid.down;
        for top in (0..all).step_by(layout.rows) {
            let rows = layout.rows.min(all - top);
            let Space { inputs, room, .. } = &mut *space;
            for (row, inputs) in inputs.chunks_exact_mut(grid.across * size).take(rows).enumerate() {
                let (image, down) = ((top + row) / grid.down, (top + row) % grid.down);
                let image = &x[image * channels * height * width..];
                for channel in (0..channels).step_by(LANES) {
                    let planes = planes::<T, LANES>(image, channel, grid.input);
                    transform::<T, X, LANES, FUSED>(
                        &layout.transform,
                        grid,
                        planes,
                        down,
                        room,
                        |tile, place, numbers| {
                            let at = tile * size + place * grid.channels + channel;
                            inputs[at..][..LANES].copy_from_slice(&numbers);
                        },
                    );
                }
            }
            multiply::<T, X, LANES, ROWS, VECTORS, FUSED>(
                layout,
                rows * grid.across,
                first..first + filters.next_multiple_of(LANES),
                space,
            );
            for row in 0..rows {
                let (image, down) = ((top + row) / grid.down, (top + row) % grid.down);
                let y = &mut y[image * filters * p * q..][..filters * p * q];
                transform_back::<T, X, LANES, FUSED>(layout, first, down, row, space, y);
            }
        }
    }
}

/// LANES channels of an image, or as many as are left.
#[inline(always)]
fn planes<T, const LANES: usize>(
    image: &[T],
    first: usize,
    [_, channels, height, width]: [usize; 4],
) -> &[T] {
    &image[first * height * width..channels.min(first + LANES) * height * width]
}

/// Transforms a row of tiles of LANES channels; `put` is given the number of the tile and the place.
#[inline(always)]
fn transform<T: Number, X: Transform<T>, const LANES: usize, const FUSED: bool>(
    transform: &X,
    grid: &Grid,
    planes: &[T],
    down: usize,
    room: &mut Room<T>,
    mut put: impl FnMut(usize, usize, [T; LANES]),
) {
    let [_, _, height, width] = grid.input;
    let (above, before) = grid.padding;
    let (strip, work) = room.vectors::<LANES>();
    let length = grid.length();
    for (a, strip) in strip.chunks_exact_mut(length).enumerate() {
        let (zeros, pixels) = strip.split_at_mut(before.min(length));
        zeros.fill([T::zero(); LANES]);
        match (down * grid.m + a).checked_sub(above).filter(|&line| line < height) {
            None => pixels.fill([T::zero(); LANES]),
            Some(line) => gather(planes.chunks_exact(width).skip(line).step_by(height), pixels),
        }
    }
    for tile in 0..grid.across {
        transform.forward::<LANES, FUSED>(&strip[tile * grid.m..], length, work, |place, numbers| {
            put(tile, place, numbers);
        });
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
    filters: Range<usize>,
    space: &mut Space<T>,
) {
    let (places, channels) = (layout.grid.places, layout.grid.input[1]);
    let depth = equal_parts(channels, DEPTH);
    let (kernel, _) = layout.kernel.as_chunks::<LANES>();
    let vectors = layout.grid.filters / LANES;
    for place in 0..places {
        let kernel = &kernel[place * vectors * channels..][..vectors * channels];
        // A panel of filters stays in the cache while all tiles go by.
        for start in (0..channels).step_by(depth) {
            let depth = depth.min(channels - start);
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
    let Space { outputs, room, .. } = space;
    let (strip, work) = room.vectors::<LANES>();
    let length = grid.across * m;
    for (vector, y) in y.chunks_mut(LANES * p * q).enumerate() {
        let filter = first + vector * LANES;
        let bias: [T; LANES] = layout.bias[filter..][..LANES].try_into().expect("as many as lanes");
        let size = grid.places * grid.filters;
        for (tile, from) in outputs.chunks_exact(size).skip(row * grid.across).take(grid.across).enumerate() {
            let numbers = |place: usize| lanes(from, place * grid.filters + filter);
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

/// Tiles whose transforms are kept at a time for the gradient of the kernel, or one row of them.
const ROUND: usize = 256;

/// Numbers of a block of sums: half of the second cache, in single precision.
const BLOCK: usize = 1 << 16;

/// The memory to compute the gradient of a layer with respect to its kernel.
///
/// A tile of samples is correlated with the tile of output gradients as with a kernel: the [dual](Transform::dual)
/// transform's kernel. At each place the products add up over all tiles, gradients × tiles times tiles × samples, and
/// only the sums are transformed back. They are made in blocks of some filters and some channels. If the transforms of
/// all tiles are there at once, a block is made from first to last while it is in the cache.
#[derive(Debug)]
pub(super) struct KernelGradient<T, X> {
    layout: Gradient<X>,
    threads: Threads,
    /// For each vector of channels, each place, each tile: the channels.
    inputs: Buffer<T>,
    /// For each vector of filters, each place, each tile: the filters.
    gradients: Buffer<T>,
    /// For each block, each of its filters, each place: its channels. Empty if there is only one round.
    sums: Buffer<T>,
    /// For each thread: the sums of one block, if there is only one round.
    spaces: Vec<(Room<T>, Buffer<T>)>,
}

/// Everything that threads share.
#[derive(Debug)]
struct Gradient<X> {
    transform: X,
    dual: X,
    grid: Grid,
    taps: (usize, usize),
    /// Rows of tiles, of whatever image, that are transformed at a time.
    rows: usize,
    /// Filters and channels of a block.
    block: (usize, usize),
}

impl<X> Gradient<X> {
    /// Numbers of the sums of a block.
    fn block(&self) -> usize {
        self.block.0 * self.grid.places * self.block.1
    }

    /// Where the blocks of channels begin.
    fn channels(&self) -> impl Iterator<Item = usize> {
        (0..self.grid.channels).step_by(self.block.1)
    }
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
        let all = grid.down.saturating_mul(input[0]);
        let rows = equal_parts(all, (ROUND / grid.across).max(1));
        let layout = Gradient { transform, dual, grid, taps, rows, block: block::<T>(&grid) };
        let blocks = output[1].div_ceil(layout.block.0) * layout.channels().count();
        grid.transforms::<T>(rows)?;
        allocatable::<T>("sums", &[blocks, layout.block()])?;
        let tiles = rows * grid.across * grid.places;
        let (all_sums, one) = if rows < all { (blocks * layout.block(), 0) } else { (0, layout.block()) };
        let space = |_| (Room::new(&layout.transform, &grid), Buffer::zeros(one));
        Ok(Self {
            threads: threads.clone(),
            inputs: Buffer::zeros(tiles * grid.channels),
            gradients: Buffer::zeros(tiles * grid.filters),
            sums: Buffer::zeros(all_sums),
            spaces: (0..threads.count()).map(space).collect(),
            layout,
        })
    }

    /// From inputs and output gradients to the gradient of the kernel.
    pub(super) fn run_into(&mut self, x: &[T], g: &[T], dw: &mut [T]) {
        let Self { layout, threads, inputs, gradients, sums, spaces } = self;
        let layout = &*layout;
        let Gradient { grid, taps: (kh, kw), rows, block, .. } = layout;
        let lanes = tile_shape::<T>().lanes;
        let all = grid.input[0] * grid.down;
        // What belongs to a block's filters.
        let (of_sums, of_taps) =
            (layout.block() * layout.channels().count(), block.0 * grid.input[1] * kh * kw);
        for first in (0..all).step_by(*rows) {
            let round = first..all.min(first + rows);
            let tiles = round.len() * grid.across;
            let size = tiles * grid.places * lanes;
            let inputs = &mut inputs[..tiles * grid.places * grid.channels];
            threads.for_each_chunk(inputs, size, spaces, |vector, to, (room, _)| {
                T::vectorized(Samples { layout, x, round: round.clone(), channel: vector * lanes, room, to });
            });
            let gradients = &mut gradients[..tiles * grid.places * grid.filters];
            threads.for_each_chunk(gradients, size, spaces, |vector, to, (room, _)| {
                T::vectorized(Gradients {
                    layout,
                    g,
                    round: round.clone(),
                    filter: vector * lanes,
                    room,
                    to,
                });
            });
            let (inputs, gradients, add) = (&*inputs, &*gradients, first > 0);
            threads.for_each_chunk(sums, of_sums, spaces, |number, sums, _| {
                for (channel, sums) in layout.channels().zip(sums.chunks_exact_mut(layout.block())) {
                    let corner = (number * block.0, channel);
                    T::vectorized(Products { layout, tiles, inputs, gradients, corner, sums, add });
                }
            });
            if sums.is_empty() {
                threads.for_each_chunk(dw, of_taps, spaces, |number, dw, (room, sums)| {
                    for channel in layout.channels() {
                        let corner = (number * block.0, channel);
                        T::vectorized(Products { layout, tiles, inputs, gradients, corner, sums, add });
                        T::vectorized(Taps { layout, sums, channel, room, dw });
                    }
                });
            }
        }
        threads.for_each_chunk(dw, of_taps, spaces, |number, dw, (room, _)| {
            let sums = sums.chunks_exact(layout.block()).skip(number * layout.channels().count());
            for (channel, sums) in layout.channels().zip(sums) {
                T::vectorized(Taps { layout, sums, channel, room, dw });
            }
        });
    }
}

/// Filters and channels of a block, whole register tiles: about as many of the ones as of the others, and of filters
/// equal parts.
fn block<T: Number>(grid: &Grid) -> (usize, usize) {
    let shape = tile_shape::<T>();
    let pairs = BLOCK / grid.places;
    let channels = (pairs.isqrt() / shape.width()).max(1) * shape.width();
    let channels = channels.min(grid.channels.next_multiple_of(shape.width()));
    let filters = (pairs / channels).max(shape.rows);
    (equal_parts(grid.output[1], filters).next_multiple_of(shape.rows), channels)
}

/// The samples of LANES channels, transformed.
struct Samples<'a, T, X> {
    layout: &'a Gradient<X>,
    x: &'a [T],
    /// Rows of tiles, counted through all images.
    round: Range<usize>,
    channel: usize,
    room: &'a mut Room<T>,
    to: &'a mut [T],
}

impl<T: Number, X: Transform<T>> Work<T> for Samples<'_, T, X> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout: Gradient { transform: with, grid, .. }, x, round, channel, room, to } = self;
        let (to, _) = to.as_chunks_mut::<LANES>();
        let tiles = round.len() * grid.across;
        for (row, number) in round.enumerate() {
            let image = &x[number / grid.down * (x.len() / grid.input[0])..];
            let planes = planes::<T, LANES>(image, channel, grid.input);
            let down = number % grid.down;
            transform::<T, X, LANES, FUSED>(with, grid, planes, down, room, |tile, place, numbers| {
                to[place * tiles + row * grid.across + tile] = numbers;
            });
        }
    }
}

/// The output gradients of LANES filters, transformed as if they were kernels.
struct Gradients<'a, T, X> {
    layout: &'a Gradient<X>,
    g: &'a [T],
    /// Rows of tiles, counted through all images.
    round: Range<usize>,
    filter: usize,
    room: &'a mut Room<T>,
    to: &'a mut [T],
}

impl<T: Number, X: Transform<T>> Work<T> for Gradients<'_, T, X> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout: Gradient { dual, grid, .. }, g, round, filter, room, to } = self;
        let [images, _, p, q] = grid.output;
        let (to, _) = to.as_chunks_mut::<LANES>();
        let (strip, work) = room.vectors::<LANES>();
        let (length, tiles) = (grid.across * grid.m, round.len() * grid.across);
        for (row, number) in round.enumerate() {
            let image = &g[number / grid.down * (g.len() / images)..];
            let planes = planes::<T, LANES>(image, filter, grid.output);
            for (i, strip) in strip.chunks_exact_mut(length).take(grid.m).enumerate() {
                match number % grid.down * grid.m + i {
                    line if line < p => gather(planes.chunks_exact(q).skip(line).step_by(p), strip),
                    _ => strip.fill([T::zero(); LANES]),
                }
            }
            for tile in 0..grid.across {
                dual.kernel::<LANES, FUSED>(&strip[tile * grid.m..], length, work, |place, numbers| {
                    to[place * tiles + row * grid.across + tile] = numbers;
                });
            }
        }
    }
}

/// For each filter of a block, at each place, for each of its channels: the products, added up over all tiles.
struct Products<'a, T, X> {
    layout: &'a Gradient<X>,
    tiles: usize,
    inputs: &'a [T],
    gradients: &'a [T],
    /// The first filter and the first channel.
    corner: (usize, usize),
    sums: &'a mut [T],
    /// Whether there are sums that these are added to.
    add: bool,
}

impl<T: Number, X: Transform<T>> Work<T> for Products<'_, T, X> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, tiles, inputs, gradients, corner, sums, add } = self;
        let Gradient { grid, block, .. } = layout;
        let ((inputs, _), (gradients, _)) = (inputs.as_chunks::<LANES>(), gradients.as_chunks::<LANES>());
        let filters = block.0.min(grid.output[1] - corner.0);
        let channels = block.1.min(grid.channels - corner.1);
        for place in 0..grid.places {
            for filter in (0..filters).step_by(ROWS) {
                // A group of filters that is not full has its last one more than once.
                let mut rows = [(&[] as &[[T; LANES]], 0); ROWS];
                for r in 0..ROWS {
                    let filter = (corner.0 + filter + r).min(grid.output[1] - 1);
                    let vector = (filter / LANES * grid.places + place) * tiles;
                    rows[r] = (&gradients[vector..][..tiles], filter % LANES);
                }
                for channel in (0..channels).step_by(VECTORS * LANES) {
                    // And so has a group of vectors.
                    let mut vectors = [&[] as &[[T; LANES]]; VECTORS];
                    for v in 0..VECTORS {
                        let channel = (corner.1 + channel + v * LANES).min(grid.channels - LANES);
                        vectors[v] = &inputs[(channel / LANES * grid.places + place) * tiles..][..tiles];
                    }
                    let steps = (0..tiles).map(|k| {
                        let (mut numbers, mut lanes) = ([T::zero(); ROWS], [[T::zero(); LANES]; VECTORS]);
                        for r in 0..ROWS {
                            let (row, lane) = rows[r];
                            numbers[r] = row[k][lane % LANES];
                        }
                        for v in 0..VECTORS {
                            lanes[v] = vectors[v][k];
                        }
                        (numbers, lanes)
                    });
                    let products = sum_of_products::<T, LANES, ROWS, VECTORS, FUSED>(steps);
                    for (r, products) in products.iter().enumerate() {
                        let at = ((filter + r) * grid.places + place) * block.1 + channel;
                        let (sums, _) = sums[at..][..VECTORS * LANES].as_chunks_mut::<LANES>();
                        for v in 0..VECTORS {
                            if !add {
                                sums[v] = products[v];
                                continue;
                            }
                            for lane in 0..LANES {
                                sums[v][lane] += products[v][lane];
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The sums of a block, transformed back.
struct Taps<'a, T, X> {
    layout: &'a Gradient<X>,
    sums: &'a [T],
    /// The first of its channels.
    channel: usize,
    room: &'a mut Room<T>,
    /// What belongs to its filters, with all channels.
    dw: &'a mut [T],
}

impl<T: Number, X: Transform<T>> Work<T> for Taps<'_, T, X> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, sums, channel, room, dw } = self;
        let Gradient { dual, grid, taps: (kh, kw), block, .. } = layout;
        let (found, work) = room.vectors::<LANES>();
        let taps = kh * kw;
        for (filter, dw) in dw.chunks_exact_mut(grid.input[1] * taps).enumerate() {
            let dw = &mut dw[channel * taps..grid.input[1].min(channel + block.1) * taps];
            for (vector, dw) in dw.chunks_mut(LANES * taps).enumerate() {
                let numbers =
                    |place: usize| lanes(sums, (filter * grid.places + place) * block.1 + vector * LANES);
                dual.back::<LANES, FUSED>(numbers, work, |a, b, sums| {
                    if a < *kh && b < *kw {
                        found[a * kw + b] = sums;
                    }
                });
                for (lane, dw) in dw.chunks_exact_mut(taps).enumerate() {
                    dw.iter_mut().zip(&*found).for_each(|(dw, found)| *dw = found[lane % LANES]);
                }
            }
        }
    }
}
