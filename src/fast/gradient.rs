//! The gradients of a layer, as fast as the layer.
//!
//! The gradient with respect to the input is a layer again, with channels and filters exchanged and the taps turned
//! around, equations `grad-input-2d` and `grad-strided-scalar`; a stride of s makes s² of them, one for each remainder of a
//! pixel's place. So every method for layers is one for this gradient. Where the layer has few channels and many filters,
//! the matrix product goes the other way, equation `col2im-adjoint`: Wᵀ G first, whose rows are then added up where
//! their taps had read. The gradient with respect to the kernel is a matrix product of its own, equation `grad-multichannel`,
//! or, in tiles, the products of transformed inputs and transformed gradients.

use ndarray::{Array4, ArrayRef4};

use super::auto::{self, Method};
use super::fft::{Spectra, tile_side};
use super::simd::{Number, tile_shape};
use super::winograd::Matrices;
use super::{Threads, gemm, tiles};
use crate::error::{Result, allocatable, exactly, shaped};
use crate::layer::{Geometry, output_shape};

/// The gradient of a layer with respect to its input, with its kernel prepared, and the memory to compute it in.
///
/// # Memory
/// What the plan of its layer takes; with a stride, or a border as wide as the kernel, those of its layers, one for each
/// remainder, and the outputs of the largest of them; or, where the product goes the other way, C K² P Q numbers for
/// Wᵀ G of one image, and the plan of that product.
///
/// # Examples
/// ```
/// use locality::fast::auto::Method;
/// use locality::fast::{Threads, gradient};
/// use locality::layer::{self, Geometry};
/// use locality::ndarray::Array4;
/// let w = Array4::from_shape_fn([3, 2, 3, 3], |(o, c, a, b)| (o + c + a * b) as f64);
/// let g = Array4::from_shape_fn([1, 3, 2, 3], |(_, o, i, j)| (o + i + 2 * j) as f64);
/// let geometry = Geometry::new(2, 1, 1);
/// let mut plan = gradient::Input::new([1, 2, 4, 6], &w, geometry, Method::Gemm, &Threads::default())?;
/// let mut dx = Array4::zeros([1, 2, 4, 6]);
/// plan.run_into(g.as_slice().unwrap(), dx.as_slice_mut().unwrap())?;
/// assert_eq!(dx, layer::transposed(&g, &w, geometry, (4, 6))?);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub struct Input<T> {
    input: [usize; 4],
    output: [usize; 4],
    geometry: Geometry,
    by: By<T>,
}

#[derive(Debug)]
enum By<T> {
    /// One layer, whose outputs are the gradient.
    Layer(Box<auto::Plan<T>>),
    /// A layer for each remainder, and the outputs of one of them.
    Phases { phases: Vec<Phase<T>>, outputs: Vec<T> },
    /// Wᵀ G of one image, a row for each channel and tap.
    Columns { plan: Box<gemm::Plan<T>>, taps: (usize, usize), columns: Vec<T>, threads: Threads },
}

/// With so many times as many filters as channels, a matrix product moves fewer numbers the other way.
const MANY_FILTERS: usize = 4;

/// The pixels whose place has one remainder.
#[derive(Debug)]
struct Phase<T> {
    remainder: (usize, usize),
    plan: auto::Plan<T>,
}

impl<T: Number> Input<T> {
    /// For a layer with inputs of one shape, (B, C, H, W), by a method that must be able to do layers of stride 1.
    ///
    /// # Errors
    /// As [`layer::forward`](crate::layer::forward), and those of the method.
    pub fn new(
        input: [usize; 4],
        w: &ArrayRef4<T>,
        geometry: Geometry,
        method: Method,
        threads: &Threads,
    ) -> Result<Self> {
        let output = output_shape::<T>(input, w.dim().into(), geometry)?;
        let (filters, channels, kh, kw) = w.dim();
        if method == Method::Gemm && filters >= MANY_FILTERS * channels && kh * kw > 1 {
            return Self::by_columns(input, output, w, geometry, threads);
        }
        let Geometry { stride, padding, dilation } = geometry;
        // With a stride, holes are taps that are zero.
        let holes = if stride == (1, 1) { (1, 1) } else { dilation };
        let w = dilated(w, holes)?;
        let dilation = if stride == (1, 1) { dilation } else { (1, 1) };
        let mut phases = vec![];
        let mut most = 0;
        for remainder in (0..stride.0).flat_map(|down| (0..stride.1).map(move |across| (down, across))) {
            let Some(taps) = turned(&w, stride, remainder) else { continue };
            let reach = (dilation.0 * (taps.dim().2 - 1), dilation.1 * (taps.dim().3 - 1));
            let full = Geometry { stride: (1, 1), padding: reach, dilation };
            if stride == (1, 1) && padding.0 <= reach.0 && padding.1 <= reach.1 {
                // The padding is not even computed.
                let full = Geometry { padding: (reach.0 - padding.0, reach.1 - padding.1), ..full };
                let plan = auto::Plan::by(method, output, &taps, None, full, threads)?;
                return Ok(Self { input, output, geometry, by: By::Layer(Box::new(plan)) });
            }
            let plan = auto::Plan::by(method, output, &taps, None, full, threads)?;
            most = most.max(allocatable::<T>("full gradient", &plan.output())?);
            phases.push(Phase { remainder, plan });
        }
        Ok(Self { input, output, geometry, by: By::Phases { phases, outputs: vec![T::zero(); most] } })
    }

    fn by_columns(
        input: [usize; 4],
        output: [usize; 4],
        w: &ArrayRef4<T>,
        geometry: Geometry,
        threads: &Threads,
    ) -> Result<Self> {
        let ((filters, channels, kh, kw), [_, _, p, q]) = (w.dim(), output);
        let rows = channels * kh * kw;
        let transposed = w.view().permuted_axes([1, 2, 3, 0]).as_standard_layout().into_owned();
        let transposed = transposed.into_shape_with_order([rows, filters, 1, 1]).expect("as many numbers");
        let plan = gemm::Plan::new([1, filters, p, q], &transposed, None, Geometry::default(), threads)?;
        let columns = vec![T::zero(); allocatable::<T>("columns", &[rows, p, q])?];
        let by = By::Columns { plan: Box::new(plan), taps: (kh, kw), columns, threads: threads.clone() };
        Ok(Self { input, output, geometry, by })
    }

    /// Computes ∂L/∂x from ∂L/∂y, from and into row-major memory.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `g` or `dx` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, g: &[T], dx: &mut [T]) -> Result<()> {
        let Self { input, output, geometry, by } = self;
        let ([images, _, height, width], [_, _, p, q]) = (*input, *output);
        let size = (height, width);
        exactly("output gradient", output.iter().product(), g.len())?;
        exactly("input gradient", input.iter().product(), dx.len())?;
        if !matches!(by, By::Layer(_)) {
            dx.fill(T::zero());
        }
        match by {
            By::Layer(plan) => return plan.run_into(g, dx),
            By::Phases { phases, outputs } => {
                for Phase { remainder, plan } in phases {
                    let [images, channels, p, q] = plan.output();
                    let outputs = &mut outputs[..images * channels * p * q];
                    plan.run_into(g, outputs)?;
                    for (outputs, dx) in outputs.chunks_exact(p * q).zip(dx.chunks_exact_mut(height * width))
                    {
                        add(outputs, q, dx, size, *geometry, *remainder);
                    }
                }
            }
            By::Columns { plan, taps: (kh, kw), columns, threads } => {
                let (g, dx) = (g.chunks_exact(g.len() / images), dx.chunks_exact_mut(dx.len() / images));
                for (g, dx) in g.zip(dx) {
                    plan.run_into(g, columns)?;
                    let mut nothing = vec![(); threads.count()];
                    threads.for_each_chunk(dx, height * width, &mut nothing, |channel, dx, ()| {
                        let rows = columns.chunks_exact(p * q).skip(channel * *kh * *kw);
                        let taps = (0..*kh).flat_map(|a| (0..*kw).map(move |b| (a, b)));
                        for ((a, b), row) in taps.zip(rows) {
                            let (down, across) = geometry.dilation;
                            add(row, q, dx, size, *geometry, (a * down, b * across));
                        }
                    });
                }
            }
        }
        Ok(())
    }
}

/// Adds the value at (i, j) to the pixel that a tap reads for output (i, j): (s i + a − p, s j + b − p), if there is one.
fn add<T: Number>(
    values: &[T],
    q: usize,
    dx: &mut [T],
    (height, width): (usize, usize),
    Geometry { stride, padding, .. }: Geometry,
    (a, b): (usize, usize),
) {
    for (i, values) in values.chunks_exact(q).enumerate() {
        let row = (i * stride.0 + a).checked_sub(padding.0).filter(|&row| row < height);
        let Some(dx) = row.map(|row| &mut dx[row * width..][..width]) else { continue };
        let skipped = padding.1.saturating_sub(b).div_ceil(stride.1);
        let first = (skipped * stride.1 + b).saturating_sub(padding.1);
        let (values, dx) =
            (values.get(skipped..).unwrap_or_default(), dx.get_mut(first..).unwrap_or_default());
        if stride.1 == 1 {
            // The same loop, which a compiler vectorises.
            dx.iter_mut().zip(values).for_each(|(dx, value)| *dx += *value);
        } else {
            dx.iter_mut().step_by(stride.1).zip(values).for_each(|(dx, value)| *dx += *value);
        }
    }
}

/// The kernel with its holes as taps that are zero.
fn dilated<T: Number>(w: &ArrayRef4<T>, (down, across): (usize, usize)) -> Result<Array4<T>> {
    let (filters, channels, kh, kw) = w.dim();
    let shape = [filters, channels, down * (kh - 1) + 1, across * (kw - 1) + 1];
    allocatable::<T>("dilated kernel", &shape)?;
    let mut wide = Array4::zeros(shape);
    wide.slice_mut(ndarray::s![.., .., ..;down, ..;across]).assign(w);
    Ok(wide)
}

/// Every s-th tap from a remainder on, backwards, with channels for filters: (C, O, taps, taps). None if there is no
/// such tap.
fn turned<T: Number>(w: &Array4<T>, stride: (usize, usize), remainder: (usize, usize)) -> Option<Array4<T>> {
    let (filters, channels, kh, kw) = w.dim();
    let count = |taps: usize, stride: usize, remainder: usize| {
        taps.checked_sub(remainder).filter(|&rest| rest > 0).map(|rest| rest.div_ceil(stride))
    };
    let (down, across) = (count(kh, stride.0, remainder.0)?, count(kw, stride.1, remainder.1)?);
    Some(Array4::from_shape_fn([channels, filters, down, across], |(c, o, t, u)| {
        w[[o, c, remainder.0 + stride.0 * (down - 1 - t), remainder.1 + stride.1 * (across - 1 - u)]]
    }))
}

/// The gradient of a layer with respect to its kernel, and the memory to compute it in.
///
/// # Memory
/// In numbers, with vectors of L lanes, C′ and O′ channels and filters rounded up to whole vectors: by matrix products, for
/// each thread 256 columns of at most 192 windows and of O′ output gradients, and C K² O′ sums; with a horizontal
/// stride the sorted copy of the input, as in [`gemm::Plan`]. In tiles, N (C′ + O′) for the transforms of each of at most 256
/// tiles, whole rows of them, in equal parts; and for each thread the rows that they read and what the transform works
/// in, as in [`winograd::Plan`](super::winograd::Plan). Sums are made in blocks of F filters and E channels, N F E numbers,
/// about 2¹⁶ if that is more than one register tile: one for each thread, if all tiles are transformed at once, or else
/// all of them.
///
/// # Examples
/// ```
/// use locality::fast::auto::Method;
/// use locality::fast::{Threads, gradient};
/// use locality::layer::Geometry;
/// use locality::ndarray::Array4;
/// let x = Array4::from_shape_fn([2, 2, 6, 5], |(n, c, i, j)| (n + c + 2 * i + j) as f64);
/// let g = Array4::from_shape_fn([2, 3, 6, 5], |(n, o, i, j)| (n + o + i + 2 * j) as f64);
/// let (shape, geometry) = ([3, 2, 3, 3], Geometry::new(1, 1, 1));
/// let mut plan = gradient::Kernel::new([2, 2, 6, 5], shape, geometry, Method::Gemm, &Threads::default())?;
/// let mut dw = Array4::zeros(shape);
/// plan.run_into(x.as_slice().unwrap(), g.as_slice().unwrap(), dw.as_slice_mut().unwrap())?;
/// assert_eq!(dw, locality::gradient::spatial::kernel(&x, &g, (3, 3), geometry)?);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub struct Kernel<T> {
    input: [usize; 4],
    output: [usize; 4],
    kernel: [usize; 4],
    route: Route<T>,
}

#[derive(Debug)]
enum Route<T> {
    Gemm(gemm::KernelGradient<T>),
    Winograd(tiles::KernelGradient<T, Matrices<T>>),
    Fft(tiles::KernelGradient<T, Spectra<T>>),
}

impl<T: Number> Kernel<T> {
    /// For a layer with inputs (B, C, H, W) and kernels (O, C, K_h, K_w).
    ///
    /// # Errors
    /// As [`layer::forward`](crate::layer::forward), and those of the method.
    pub fn new(
        input: [usize; 4],
        kernel: [usize; 4],
        geometry: Geometry,
        method: Method,
        threads: &Threads,
    ) -> Result<Self> {
        let [filters, channels, kh, kw] = kernel;
        let output = output_shape::<T>(input, kernel, geometry)?;
        let taps = (kh, kw);
        let route = match method {
            Method::Gemm => Route::Gemm(gemm::KernelGradient::new(input, output, taps, geometry, threads)?),
            Method::Winograd(tile) => {
                shaped("kernel", &[filters, channels, 3, 3], &kernel)?;
                let matrices = Matrices::new(tile, 3)?;
                let plan = tiles::KernelGradient::new(matrices, input, output, taps, geometry, threads)?;
                Route::Winograd(plan)
            }
            Method::Fft(side) => {
                let side = tile_side(side, kernel, output, tile_shape::<T>().rows)?;
                let plan = Spectra::new(side, taps);
                Route::Fft(tiles::KernelGradient::new(plan, input, output, taps, geometry, threads)?)
            }
        };
        Ok(Self { input, output, kernel, route })
    }

    /// Computes ∂L/∂w from inputs and ∂L/∂y, from and into row-major memory.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x`, `g` or `dw` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], g: &[T], dw: &mut [T]) -> Result<()> {
        exactly("input", self.input.iter().product(), x.len())?;
        exactly("output gradient", self.output.iter().product(), g.len())?;
        exactly("kernel gradient", self.kernel.iter().product(), dw.len())?;
        match &mut self.route {
            Route::Gemm(plan) => return plan.run_into(x, g, dw),
            Route::Winograd(plan) => plan.run_into(x, g, dw),
            Route::Fft(plan) => plan.run_into(x, g, dw),
        }
        Ok(())
    }
}
