//! A layer as a matrix product that is never written down: implicit im2col.
//!
//! The layer is Y = W I(x), equation `im2col-multichannel`: filters times windows. The matrix of windows repeats every
//! pixel up to K² times, so it is made in pieces, as many columns as fill a few vectors and as many rows as fit into
//! the first cache, and each piece is used at once for all filters. The filters are stored in the order in which they
//! are read.
//!
//! The multiplications happen in a register tile: the sums of ROWS × VECTORS vectors stay in registers, and every
//! number that is read is used for ROWS of them, or for VECTORS.

use ndarray::{Array4, ArrayRef4};

use super::Threads;
use super::lanes::{Buffer, gather};
use super::layers::{equal_parts, for_each_part, once};
use super::register::sum_of_products;
use super::simd::{Number, Work, tile_shape};
use crate::error::{Result, allocatable, exactly};
use crate::layer::{Geometry, output_shape};

/// Rows of a piece of the matrix of windows, at most: 192 of them, of three vectors of AVX-512, are 36 KiB.
pub const DEPTH: usize = 192;

/// Panels of windows that are made at a time. Together they fit into the second cache.
pub const PANELS: usize = 8;

/// A layer with its kernel packed, and the memory to apply it in.
///
/// # Memory
/// In numbers, with register tiles of R rows and V numbers a row, and D = ⌈C K² / ⌈C K² / [`DEPTH`]⌉⌉: the kernel once more,
/// ⌈O / R⌉ R C K², the bias, O, and for each thread a piece of windows, D V min(⌈P Q / V⌉, [`PANELS`]). With a horizontal stride
/// s > 1 there is a sorted copy of the input, B C H s ⌈W / s⌉. Of each of the C K² taps it keeps where its pixels are, 40 bytes.
///
/// # Examples
/// ```
/// use locality::fast::{Threads, gemm};
/// use locality::layer::{self, Geometry};
/// use locality::ndarray::Array4;
/// let x = Array4::from_shape_fn([1, 2, 5, 6], |(_, c, i, j)| (c + 2 * i + j) as f32);
/// let w = Array4::from_shape_fn([3, 2, 3, 3], |(o, c, a, b)| (o + c + a * b) as f32);
/// let geometry = Geometry::new(2, 1, 1);
/// let mut plan = gemm::Plan::new([1, 2, 5, 6], &w, None, geometry, &Threads::default())?;
/// let mut y = Array4::zeros(plan.output());
/// plan.run_into(x.as_slice().unwrap(), y.as_slice_mut().unwrap())?;
/// assert_eq!(y, layer::forward(&x, &w, None, geometry)?);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan<T> {
    layout: Layout<T>,
    threads: Threads,
    sorted: Vec<T>,
    pieces: Vec<Vec<T>>,
}

/// Everything that threads share.
#[derive(Debug)]
struct Layout<T> {
    output: [usize; 4],
    windows: Windows,
    kernel: Packed<T>,
    bias: Vec<T>,
}

/// The matrix of windows, which is never written down.
///
/// With a horizontal stride of s, the windows that a tap meets are every s-th pixel of a row. So the pixels of a row
/// are sorted first, by the remainder of their place, and what is copied after that are whole pieces of rows.
#[derive(Debug)]
struct Windows {
    input: [usize; 4],
    output: [usize; 4],
    geometry: Geometry,
    /// Pixels of a row that have the same remainder, or one less.
    length: usize,
    /// Its rows.
    taps: Vec<Tap>,
}

impl Windows {
    fn new(
        mut input: [usize; 4],
        mut output: [usize; 4],
        (kh, kw): (usize, usize),
        geometry: Geometry,
    ) -> Self {
        let ((_, stride), (_, before)) = (geometry.stride, geometry.padding);
        // One tap that reads every pixel sees no rows, but one that is long.
        if (kh, kw) == (1, 1) && input[2..] == output[2..] && geometry.padding == (0, 0) {
            [input, output] = [input, output].map(|[images, maps, p, q]| [images, maps, 1, p * q]);
        }
        let tap = |k: usize| {
            // The pixel of window j is s (j + ahead − behind) + remainder.
            let across = k % kw * geometry.dilation.1;
            let behind = before.saturating_sub(across).div_ceil(stride);
            let pixel = across + behind * stride - before;
            Tap {
                channel: k / (kh * kw),
                down: k / kw % kh * geometry.dilation.0,
                remainder: pixel % stride,
                ahead: pixel / stride,
                behind,
            }
        };
        let taps = (0..input[1] * kh * kw).map(tap).collect();
        Self { input, output, geometry, length: input[3].div_ceil(stride), taps }
    }

    /// The shape of the sorted inputs.
    fn sorted_shape(&self) -> [usize; 4] {
        let [images, channels, height, _] = self.input;
        [images, channels, height, self.geometry.stride.1 * self.length]
    }

    /// Room for the sorted inputs, if they need any.
    fn room<T: Number>(&self) -> Result<Vec<T>> {
        match self.geometry.stride.1 {
            1 => Ok(vec![]),
            _ => Ok(vec![T::zero(); allocatable::<T>("sorted input", &self.sorted_shape())?]),
        }
    }

    /// Sorts the rows of the inputs, if that changes anything.
    fn sorted<'a, T: Number>(&self, x: &'a [T], threads: &Threads, room: &'a mut [T]) -> Result<&'a [T]> {
        exactly("input", self.input.iter().product(), x.len())?;
        let ((_, stride), width) = (self.geometry.stride, self.input[3]);
        if stride == 1 {
            return Ok(x);
        }
        threads.for_each_chunk(
            room,
            stride * self.length,
            &mut vec![(); threads.count()],
            |row, sorted, ()| {
                let x = &x[row * width..][..width];
                for (remainder, sorted) in sorted.chunks_exact_mut(self.length).enumerate() {
                    let pixels = x.iter().skip(remainder).step_by(stride);
                    sorted.iter_mut().zip(pixels).for_each(|(sorted, pixel)| *sorted = *pixel);
                }
            },
        );
        Ok(room)
    }
}

/// Where a row of the matrix of windows finds its pixels, relative to the first row.
#[derive(Debug, Clone, Copy)]
struct Tap {
    channel: usize,
    down: usize,
    remainder: usize,
    ahead: usize,
    behind: usize,
}

impl<T: Number> Plan<T> {
    /// Packs the kernel of a layer, for inputs of one shape.
    ///
    /// # Errors
    /// As [`layer::forward`](crate::layer::forward).
    pub fn new(
        input: [usize; 4],
        w: &ArrayRef4<T>,
        bias: Option<&[T]>,
        geometry: Geometry,
        threads: &Threads,
    ) -> Result<Self> {
        let output = output_shape::<T>(input, w.dim().into(), geometry)?;
        let (filters, _, kh, kw) = w.dim();
        if let Some(bias) = bias {
            exactly("bias", filters, bias.len())?;
        }
        let windows = Windows::new(input, output, (kh, kw), geometry);
        let kernel = Packed::new(filters, windows.taps.len(), &w.iter().copied().collect::<Vec<_>>());
        let panels = (output[2] * output[3]).div_ceil(tile_shape::<T>().width()).min(PANELS);
        let piece = vec![T::zero(); kernel.depth * panels * tile_shape::<T>().width()];
        let bias = bias.map_or_else(|| vec![T::zero(); filters], <[T]>::to_vec);
        let layout = Layout { output, windows, kernel, bias };
        let sorted = layout.windows.room()?;
        Ok(Self { layout, threads: threads.clone(), sorted, pieces: vec![piece; threads.count()] })
    }

    /// The shape of the outputs, (B, O, P, Q).
    pub fn output(&self) -> [usize; 4] {
        self.layout.output
    }

    /// Computes the layer, y\[n, o, i, j\] = b\[o\] + Σ w\[o, c, a, b\] · x\[n, c, s i + d a − p, s j + d b − p\],
    /// from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        let Self { layout, threads, sorted, pieces } = self;
        let x = layout.windows.sorted(x, threads, sorted)?;
        let (input, output) = ((layout.windows.sorted_shape(), x), (layout.windows.output, y));
        let units = (1, tile_shape::<T>().rows);
        for_each_part(threads, input, output, units, pieces, |image, first, y, piece| {
            T::vectorized(Forward { layout, image, first, y, piece });
        })
    }
}

/// The whole layer at once, for whoever needs it once. A plan that is kept is faster.
///
/// # Errors
/// As [`layer::forward`](crate::layer::forward).
///
/// # Examples
/// ```
/// use locality::fast::gemm;
/// use locality::layer::Geometry;
/// use locality::ndarray::array;
/// let y = gemm::forward(&array![[[[1.0, 2.0, 3.0]]]], &array![[[[1.0, 10.0]]]], None, Geometry::default())?;
/// assert_eq!(y, array![[[[21.0, 32.0]]]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn forward<T: Number>(
    x: &ArrayRef4<T>,
    w: &ArrayRef4<T>,
    bias: Option<&[T]>,
    geometry: Geometry,
) -> Result<Array4<T>> {
    let mut plan = Plan::new(x.dim().into(), w, bias, geometry, &Threads::default())?;
    once(x, plan.output(), |x, y| plan.run_into(x, y))
}

/// A matrix as it is read: in blocks of columns, in each of them in panels of as many rows as a tile has, column after
/// column. The last panel is filled with zeros.
#[derive(Debug)]
struct Packed<T> {
    rows: usize,
    columns: usize,
    depth: usize,
    height: usize,
    entries: Vec<T>,
}

impl<T: Number> Packed<T> {
    /// Packs a row-major matrix.
    fn new(rows: usize, columns: usize, matrix: &[T]) -> Self {
        let height = tile_shape::<T>().rows;
        // Blocks of equal depth: a short last one would cost as much traffic as a full one.
        let depth = equal_parts(columns, DEPTH);
        let panels = rows.div_ceil(height);
        let mut entries = Vec::with_capacity(panels * height * columns);
        for start in (0..columns).step_by(depth) {
            for panel in 0..panels {
                for column in start..columns.min(start + depth) {
                    let rows = (panel * height..(panel + 1) * height).map(|row| match row < rows {
                        true => matrix[row * columns + column],
                        false => T::zero(),
                    });
                    entries.extend(rows);
                }
            }
        }
        Self { rows: height, columns, depth, height: panels * height, entries }
    }

    /// The blocks: where each begins, and how many columns it has.
    #[inline(always)]
    fn blocks(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.columns).step_by(self.depth).map(|start| (start, self.depth.min(self.columns - start)))
    }

    /// The panel that holds `row`, within the block that begins with column `start`.
    #[inline(always)]
    fn panel(&self, row: usize, start: usize) -> &[T] {
        let depth = self.depth.min(self.columns - start);
        &self.entries[start * self.height + row * depth..][..self.rows * depth]
    }
}

/// Some filters of the layer, on one image.
struct Forward<'a, T> {
    layout: &'a Layout<T>,
    image: &'a [T],
    first: usize,
    y: &'a mut [T],
    piece: &'a mut [T],
}

impl<T: Number> Work<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { layout, image, first, y, piece } = self;
        let outputs = layout.windows.output[2] * layout.windows.output[3];
        let panel = VECTORS * LANES;
        for (block, count) in layout.kernel.blocks() {
            let taps = &layout.windows.taps[block..][..count];
            for start in (0..outputs).step_by(PANELS * panel) {
                let columns = start..outputs.min(start + PANELS * panel);
                windows(&layout.windows, image, taps, columns.clone(), panel, piece);
                // A panel of filters stays in the first cache while it meets all panels of windows.
                for (group, rows) in y.chunks_mut(ROWS * outputs).enumerate() {
                    let filter = first + group * ROWS;
                    let bias = (block == 0).then(|| &layout.bias[filter..]);
                    let filters = layout.kernel.panel(filter, block);
                    for (column, piece) in columns.clone().step_by(panel).zip(piece.chunks(panel * count)) {
                        let (columns, _) = filters.as_chunks::<ROWS>();
                        let (vectors, _) = piece.as_chunks::<LANES>().0.as_chunks::<VECTORS>();
                        let steps = columns.iter().copied().zip(vectors.iter().copied());
                        let sums = sum_of_products::<T, LANES, ROWS, VECTORS, FUSED>(steps);
                        add(&sums, bias, rows, outputs, column);
                    }
                }
            }
        }
    }
}

/// Adds sums to some columns of some rows, or, with a bias, puts them there.
#[inline(always)]
fn add<T: Number, const LANES: usize, const ROWS: usize, const VECTORS: usize>(
    sums: &[[[T; LANES]; VECTORS]; ROWS],
    bias: Option<&[T]>,
    rows: &mut [T],
    length: usize,
    column: usize,
) {
    for (r, (sums, row)) in sums.iter().zip(rows.chunks_exact_mut(length)).enumerate() {
        let (row, sums) = (&mut row[column..], sums.as_flattened());
        let length = row.len().min(sums.len());
        let row = row[..length].iter_mut().zip(&sums[..length]);
        match bias {
            Some(bias) => row.for_each(|(y, sum)| *y = *sum + bias[r]),
            None => row.for_each(|(y, sum)| *y += *sum),
        }
    }
}

/// Copies the windows that stand in some columns of the matrix, for some of its rows: panel after panel of as many columns
/// as `width`, row after row. What there is room for beyond the columns is left as it is.
#[inline(always)]
fn windows<T: Number>(
    layout: &Windows,
    image: &[T],
    taps: &[Tap],
    columns: std::ops::Range<usize>,
    width: usize,
    pieces: &mut [T],
) {
    let [_, _, rows, row_length] = layout.sorted_shape();
    let ((down, _), (above, _)) = (layout.geometry.stride, layout.geometry.padding);
    let q = layout.output[3];
    let mut at = columns.start;
    while at < columns.end {
        // The outputs of one row, as far as they are among the columns.
        let (i, j) = (at / q, at % q);
        let end = j + (q - j).min(columns.end - at);
        let first = (at - columns.start) / width * taps.len() * width;
        let column = (at - columns.start) % width;
        for (t, tap) in taps.iter().enumerate() {
            let row = (i * down + tap.down).checked_sub(above).filter(|&row| row < rows);
            let row = row.map(|row| &image[(tap.channel * rows + row) * row_length..][..row_length]);
            let row =
                row.map(|row| &row[tap.remainder * layout.length..][..layout.length]).unwrap_or_default();
            let (mut to, mut room, mut j) = (first + t * width + column, width - column, j);
            while j < end {
                let count = room.min(end - j);
                let (start, windows) = (j + tap.ahead, &mut pieces[to..][..count]);
                match start.checked_sub(tap.behind).and_then(|start| row.get(start..start + count)) {
                    // A width that is known when this is compiled needs no loop.
                    Some(row) if count == width => windows[..width].copy_from_slice(&row[..width]),
                    _ => pixels(row, start, tap.behind, windows),
                }
                // On to the same row of the next panel.
                (to, room, j) = (to + taps.len() * width - (width - room), width, j + count);
            }
        }
        at += end - j;
    }
}

/// The pixels of a row from `start` − `before` on; zeros where there are none.
#[inline(always)]
pub(super) fn pixels<T: Number>(row: &[T], start: usize, before: usize, windows: &mut [T]) {
    let (zeros, windows) = windows.split_at_mut(before.saturating_sub(start).min(windows.len()));
    zeros.fill(T::zero());
    let row = row.get(start.saturating_sub(before)..).unwrap_or_default();
    let (windows, zeros) = windows.split_at_mut(row.len().min(windows.len()));
    windows.copy_from_slice(&row[..windows.len()]);
    zeros.fill(T::zero());
}

/// Columns of the matrix of windows that are made at a time for the gradient of the kernel.
pub(super) const COLUMNS: usize = 256;

/// The memory to compute the gradient of a layer with respect to its kernel: ∂Wᵀ = I(x) Gᵀ, equation `grad-multichannel`.
///
/// Rows of windows are read number by number, as filters are in the layer. Output gradients are what they meet, with
/// filters in the lanes.
#[derive(Debug)]
pub(super) struct KernelGradient<T> {
    windows: Windows,
    threads: Threads,
    sorted: Vec<T>,
    spaces: Vec<Space<T>>,
}

/// What one thread works in.
#[derive(Debug)]
struct Space<T> {
    /// Some rows of windows, as far as the columns go.
    piece: Vec<T>,
    /// For each vector of filters, each of the columns: their gradients.
    gradients: Buffer<T>,
    /// For each tap: the filters.
    sums: Buffer<T>,
}

impl<T: Number> KernelGradient<T> {
    pub(super) fn new(
        input: [usize; 4],
        output: [usize; 4],
        taps: (usize, usize),
        geometry: Geometry,
        threads: &Threads,
    ) -> Result<Self> {
        let windows = Windows::new(input, output, taps, geometry);
        let filters = output[1].next_multiple_of(tile_shape::<T>().lanes);
        let sums = allocatable::<T>("gradient", &[filters, windows.taps.len()])?;
        let gradients = allocatable::<T>("output gradients", &[filters, COLUMNS])?;
        let space = |_| Space {
            piece: vec![T::zero(); DEPTH.min(windows.taps.len()) * COLUMNS],
            gradients: Buffer::zeros(gradients),
            sums: Buffer::zeros(sums),
        };
        let spaces = (0..threads.count()).map(space).collect();
        let sorted = windows.room()?;
        Ok(Self { windows, threads: threads.clone(), sorted, spaces })
    }

    /// From inputs and output gradients to the gradient of the kernel.
    pub(super) fn run_into(&mut self, x: &[T], g: &[T], dw: &mut [T]) -> Result<()> {
        let Self { windows, threads, sorted, spaces } = self;
        let x = windows.sorted(x, threads, sorted)?;
        spaces.iter_mut().for_each(|space| space.sums.fill(T::zero()));
        let ([images, _, _, _], [_, _, p, q]) = (windows.input, windows.output);
        let blocks = (p * q).div_ceil(COLUMNS);
        // A piece of work has nothing to write to but sums.
        let mut work = vec![(); images * blocks];
        threads.for_each_chunk(&mut work, 1, spaces, |number, _, space| {
            let image = number / blocks;
            let (x, g) = (&x[x.len() / images * image..], &g[g.len() / images * image..]);
            T::vectorized(Backward { windows, x, g, first: number % blocks * COLUMNS, space });
        });
        let (Space { sums, .. }, others) = spaces.split_first_mut().expect("a thread");
        for other in others {
            sums.iter_mut().zip(other.sums.iter()).for_each(|(sum, other)| *sum += *other);
        }
        transpose(sums, sums.len() / windows.taps.len(), windows.taps.len(), dw);
        Ok(())
    }
}

/// Turns columns into rows, as many as there is room for. `width` numbers are a row of `from`, `height` are one of `to`.
fn transpose<T: Number>(from: &[T], width: usize, height: usize, to: &mut [T]) {
    // As many numbers at a time as fill a line of the cache.
    const LINE: usize = 16;
    for (start, from) in (0..height).step_by(LINE).zip(from.chunks(LINE * width)) {
        for (column, to) in to.chunks_exact_mut(height).enumerate() {
            let column = from.iter().skip(column).step_by(width);
            to[start..].iter_mut().zip(column).for_each(|(to, number)| *to = *number);
        }
    }
}

/// The products of some columns of windows and gradients of one image.
struct Backward<'a, T> {
    windows: &'a Windows,
    x: &'a [T],
    g: &'a [T],
    first: usize,
    space: &'a mut Space<T>,
}

impl<T: Number> Work<T> for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const ROWS: usize, const VECTORS: usize, const FUSED: bool>(self) {
        let Self { windows: layout, x, g, first, space } = self;
        let [_, filters, p, q] = layout.output;
        let columns = first..(p * q).min(first + COLUMNS);
        let (width, vectors) = (columns.len(), filters.div_ceil(LANES));
        let (gradients, _) = space.gradients.as_chunks_mut::<LANES>();
        let gradients = &mut gradients[..vectors * width];
        for (vector, to) in gradients.chunks_exact_mut(width).enumerate() {
            let rows = g.chunks_exact(p * q).take(filters).skip(vector * LANES);
            gather(rows.map(|row| &row[columns.clone()]), to);
        }
        let (sums, _) = space.sums.as_chunks_mut::<LANES>();
        for (taps, sums) in layout.taps.chunks(DEPTH).zip(sums.chunks_mut(DEPTH * vectors)) {
            let piece = &mut space.piece[..taps.len() * width];
            windows(layout, x, taps, columns.clone(), width, piece);
            for (panel, gradients) in gradients.chunks(VECTORS * width).enumerate() {
                let at = (panel * VECTORS, vectors);
                match gradients.len() / width {
                    1 => add_products::<T, LANES, ROWS, 1, FUSED>(piece, gradients, at, sums),
                    2 => add_products::<T, LANES, ROWS, 2, FUSED>(piece, gradients, at, sums),
                    _ => add_products::<T, LANES, ROWS, 3, FUSED>(piece, gradients, at, sums),
                }
            }
        }
    }
}

/// Adds the inner products of all rows of windows with V vectors of filters' gradients to the sums, in each row of which
/// these are the vectors from one place on, of so many.
#[inline(always)]
fn add_products<T: Number, const LANES: usize, const ROWS: usize, const V: usize, const FUSED: bool>(
    piece: &[T],
    gradients: &[[T; LANES]],
    (at, vectors): (usize, usize),
    sums: &mut [[T; LANES]],
) {
    let width = gradients.len() / V;
    let mut filters = [&[] as &[[T; LANES]]; V];
    for v in 0..V {
        filters[v] = &gradients[v * width..][..width];
    }
    let rows = piece.len() / width;
    for (first, sums) in (0..rows).step_by(ROWS).zip(sums.chunks_mut(ROWS * vectors)) {
        // A group that is not full has its last row more than once.
        let mut windows = [&[] as &[T]; ROWS];
        for r in 0..ROWS {
            windows[r] = &piece[(first + r).min(rows - 1) * width..][..width];
        }
        let steps = (0..width).map(|k| {
            let (mut numbers, mut lanes) = ([T::zero(); ROWS], [[T::zero(); LANES]; V]);
            for r in 0..ROWS {
                numbers[r] = windows[r][k];
            }
            for v in 0..V {
                lanes[v] = filters[v][k];
            }
            (numbers, lanes)
        });
        let products = sum_of_products::<T, LANES, ROWS, V, FUSED>(steps);
        for (products, sums) in products.iter().zip(sums.chunks_exact_mut(vectors)) {
            for v in 0..V {
                for lane in 0..LANES {
                    sums[at + v][lane] += products[v][lane];
                }
            }
        }
    }
}
