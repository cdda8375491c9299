//! A layer as a matrix product that is never written down: implicit im2col.
//!
//! The layer is Y = W I(x), equation `im2col-multichannel`: filters times windows. The matrix of windows repeats every
//! pixel up to K² times, so it is made in pieces, as many columns as fill three vectors and as many rows as fit into the
//! first cache, and each piece is used at once for all filters. The filters are stored in the order in which they are
//! read.
//!
//! The multiplications happen in a register tile: the sums of ROWS × 3 vectors stay in registers, and every number that is
//! read is used for ROWS of them, or for three.

use ndarray::{Array4, ArrayRef4};

use super::layers::{for_each_part, once};
use super::simd::{Number, Work, fma, tile_shape};
use super::{Threads, VECTORS};
use crate::error::{Result, exactly};
use crate::layer::{Geometry, output_shape};

/// Rows of a piece of the matrix of windows, at most: 192 of them, of three vectors of AVX-512, are 36 KiB.
pub const DEPTH: usize = 192;

/// Panels of windows that are made at a time. Together they fit into the second cache.
pub const PANELS: usize = 8;

/// A layer with its kernel packed, and the memory to apply it in.
///
/// It holds the kernel once more, rounded up to full tiles, and for each thread a piece of windows.
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
    pieces: Vec<Vec<T>>,
}

/// Everything that threads share.
#[derive(Debug)]
struct Layout<T> {
    input: [usize; 4],
    output: [usize; 4],
    geometry: Geometry,
    kernel: Packed<T>,
    bias: Vec<T>,
    taps: Vec<Tap>,
}

/// Where a row of the matrix of windows finds its pixels, relative to the first row.
#[derive(Debug, Clone, Copy)]
struct Tap {
    channel: usize,
    down: usize,
    across: usize,
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
        let output = output_shape::<T>(input, w, geometry)?;
        let (filters, channels, kh, kw) = w.dim();
        if let Some(bias) = bias {
            exactly("bias", filters, bias.len())?;
        }
        let tap = |k: usize| Tap {
            channel: k / (kh * kw),
            down: k / kw % kh * geometry.dilation.0,
            across: k % kw * geometry.dilation.1,
        };
        let taps = (0..channels * kh * kw).map(tap).collect::<Vec<_>>();
        let kernel = Packed::new(filters, taps.len(), &w.iter().copied().collect::<Vec<_>>());
        let panels = (output[2] * output[3]).div_ceil(VECTORS * tile_shape::<T>().0).min(PANELS);
        let piece = vec![T::zero(); kernel.depth * panels * VECTORS * tile_shape::<T>().0];
        let layout = Layout {
            input,
            output,
            geometry,
            kernel,
            bias: bias.map_or_else(|| vec![T::zero(); filters], <[T]>::to_vec),
            taps,
        };
        Ok(Self { layout, threads: threads.clone(), pieces: vec![piece; threads.count()] })
    }

    /// The shape of the outputs, (B, O, P, Q).
    pub fn output(&self) -> [usize; 4] {
        self.layout.output
    }

    /// Computes the layer, y\[n, o, i, j\] = b\[o\] + Σ w\[o, c, a, b\] · x\[n, c, s i + d a − p, s j + d b − p\], from and
    /// into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        let Self { layout, threads, pieces } = self;
        let (input, output) = ((layout.input, x), (layout.output, y));
        for_each_part(threads, input, output, pieces, |image, first, y, piece| {
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
pub(super) struct Packed<T> {
    pub(super) rows: usize,
    columns: usize,
    depth: usize,
    height: usize,
    entries: Vec<T>,
}

impl<T: Number> Packed<T> {
    /// Packs a row-major matrix.
    pub(super) fn new(rows: usize, columns: usize, matrix: &[T]) -> Self {
        let (_, height) = tile_shape::<T>();
        // Blocks of equal depth: a short last one would cost as much traffic as a full one.
        let depth = columns.div_ceil(columns.div_ceil(DEPTH));
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
    pub(super) fn blocks(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.columns).step_by(self.depth).map(|start| (start, self.depth.min(self.columns - start)))
    }

    /// The panel that holds `row`, within the block that begins with column `start`.
    #[inline(always)]
    pub(super) fn panel(&self, row: usize, start: usize) -> &[T] {
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
    fn run<const LANES: usize, const ROWS: usize, const FUSED: bool>(self) {
        let Self { layout, image, first, y, piece } = self;
        let outputs = layout.output[2] * layout.output[3];
        let panel = VECTORS * LANES;
        for (block, count) in layout.kernel.blocks() {
            let taps = &layout.taps[block..][..count];
            for start in (0..outputs).step_by(PANELS * panel) {
                let columns = start..outputs.min(start + PANELS * panel);
                for (column, piece) in columns.clone().step_by(panel).zip(piece.chunks_mut(panel * count)) {
                    windows(layout, image, taps, column..outputs.min(column + panel), panel, piece);
                }
                // A panel of filters stays in the first cache while it meets all panels of windows.
                for (group, rows) in y.chunks_mut(ROWS * outputs).enumerate() {
                    let filter = first + group * ROWS;
                    let bias = (block == 0).then(|| &layout.bias[filter..]);
                    let filters = layout.kernel.panel(filter, block);
                    for (column, piece) in columns.clone().step_by(panel).zip(piece.chunks(panel * count)) {
                        let sums = tile::<T, LANES, ROWS, VECTORS, FUSED>(filters, piece);
                        add(&sums, bias, rows, outputs, column);
                    }
                }
            }
        }
    }
}

/// Adds sums to some columns of some rows, or, with a bias, puts them there.
#[inline(always)]
fn add<T: Number, const LANES: usize, const ROWS: usize>(
    sums: &[[[T; LANES]; VECTORS]; ROWS],
    bias: Option<&[T]>,
    rows: &mut [T],
    length: usize,
    column: usize,
) {
    for (r, (sums, row)) in sums.iter().zip(rows.chunks_exact_mut(length)).enumerate() {
        let row = row[column..].iter_mut().zip(sums.as_flattened());
        match bias {
            Some(bias) => row.for_each(|(y, sum)| *y = *sum + bias[r]),
            None => row.for_each(|(y, sum)| *y += *sum),
        }
    }
}

/// LANES numbers from a place on.
#[inline(always)]
pub(super) fn lanes<T: Number, const LANES: usize>(slice: &[T], start: usize) -> [T; LANES] {
    slice[start..start + LANES].try_into().expect("as many as lanes")
}

/// The product of a panel of ROWS ≤ 8 rows and a piece of V vectors a row, in registers.
///
/// The sums stay in registers if every index is a constant, so the loop over the rows is written out, and at the end the
/// sums are copied for whoever looks at them with other indices.
#[inline(always)]
pub(super) fn tile<T: Number, const LANES: usize, const ROWS: usize, const V: usize, const FUSED: bool>(
    panel: &[T],
    piece: &[T],
) -> [[[T; LANES]; V]; ROWS] {
    let mut sums = [[[T::zero(); LANES]; V]; ROWS];
    for (column, row) in panel.as_chunks::<ROWS>().0.iter().zip(piece.chunks_exact(V * LANES)) {
        let row: [[T; LANES]; V] = std::array::from_fn(|v| lanes(row, v * LANES));
        macro_rules! rows {
            ($($r:literal)*) => {$(
                if $r < ROWS {
                    for v in 0..V {
                        sums[$r][v] = scaled::<T, LANES, FUSED>(column[$r], row[v], sums[$r][v]);
                    }
                }
            )*};
        }
        rows!(0 1 2 3 4 5 6 7);
    }
    let mut stored = [[[T::zero(); LANES]; V]; ROWS];
    for r in 0..ROWS {
        for v in 0..V {
            stored[r][v] = sums[r][v];
        }
    }
    stored
}

/// a · b + c in every lane: one instruction.
#[inline(always)]
pub(crate) fn scaled<T: Number, const LANES: usize, const FUSED: bool>(
    a: T,
    b: [T; LANES],
    c: [T; LANES],
) -> [T; LANES] {
    let mut sum = c;
    for lane in 0..LANES {
        sum[lane] = fma::<T, FUSED>(a, b[lane], c[lane]);
    }
    sum
}

/// Copies the windows that stand in some columns of the matrix, for some of its rows; `width` numbers a row, of which
/// those beyond the columns are left as they are.
#[inline(always)]
fn windows<T: Number>(
    layout: &Layout<T>,
    image: &[T],
    taps: &[Tap],
    columns: std::ops::Range<usize>,
    width: usize,
    piece: &mut [T],
) {
    let [_, _, rows, row_length] = layout.input;
    let ((down, across), (above, before)) = (layout.geometry.stride, layout.geometry.padding);
    let q = layout.output[3];
    let mut at = columns.start;
    while at < columns.end {
        // The outputs of one row, as far as they are among the columns.
        let (i, j) = (at / q, at % q);
        let length = (q - j).min(columns.end - at);
        for (tap, piece) in taps.iter().zip(piece.chunks_exact_mut(width)) {
            let windows = &mut piece[at - columns.start..][..length];
            let row = (i * down + tap.down).checked_sub(above).filter(|&row| row < rows);
            match row {
                None => windows.fill(T::zero()),
                Some(row) => {
                    let row = &image[(tap.channel * rows + row) * row_length..][..row_length];
                    pixels(row, j * across + tap.across, before, across, windows);
                }
            }
        }
        at += length;
    }
}

/// Every `stride`-th pixel of a row, from `start` − `before` on; zeros where there is none.
#[inline(always)]
fn pixels<T: Number>(row: &[T], start: usize, before: usize, stride: usize, windows: &mut [T]) {
    let outside = before.saturating_sub(start).div_ceil(stride).min(windows.len());
    let (zeros, windows) = windows.split_at_mut(outside);
    zeros.fill(T::zero());
    let first = (start + outside * stride).saturating_sub(before);
    let inside = row.len().saturating_sub(first).div_ceil(stride).min(windows.len());
    let (windows, zeros) = windows.split_at_mut(inside);
    zeros.fill(T::zero());
    let row = row.get(first..).unwrap_or_default();
    match stride {
        1 => windows.copy_from_slice(&row[..inside]),
        // A known stride is one that the compiler can shuffle vectors for.
        2 => windows.iter_mut().zip(row.iter().step_by(2)).for_each(|(window, pixel)| *window = *pixel),
        _ => windows.iter_mut().zip(row.iter().step_by(stride)).for_each(|(window, pixel)| *window = *pixel),
    }
}
