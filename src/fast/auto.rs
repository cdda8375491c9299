//! Which method? The one that a model, fitted on this machine, expects to be the fastest.
//!
//! What a method takes is counted in two numbers: products that are made in registers, and numbers that are moved and
//! transformed outside of them. What one of each takes is measured, on two small layers, the first time somebody asks.
//! So the choice is not a rule about K; it depends on the machine as it depends on channels.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use ndarray::{Array2, Array4, ArrayRef2, ArrayRef3, ArrayRef4};

use super::layers::depthwise;
use super::simd::{Number, tile_shape};
use super::winograd::{self, Tile};
use super::{Threads, direct, fft, gemm, overlap_save};
use crate::conv2d::Mode;
use crate::error::Result;
use crate::layer::{Geometry, output_shape};

/// A way to compute a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A matrix product, [`gemm`]: every geometry.
    Gemm,
    /// Winograd's transforms, [`winograd`]: 3 × 3 taps, stride and dilation 1.
    Winograd(Tile),
    /// The Fourier transform, [`fft`], in tiles of a given side, or of the one that costs least: stride and dilation 1.
    Fft(Option<usize>),
}

/// A layer by any of the methods.
///
/// # Examples
/// ```
/// use locality::fast::{Threads, auto};
/// use locality::layer::{self, Geometry};
/// use locality::ndarray::Array4;
/// let x = Array4::from_shape_fn([1, 2, 7, 6], |(_, c, i, j)| (c + 2 * i + j) as f64);
/// let w = Array4::from_shape_fn([3, 2, 3, 3], |(o, c, a, b)| (o + c + a * b) as f64);
/// let mut plan = auto::Plan::new([1, 2, 7, 6], &w, None, Geometry::default(), &Threads::default())?;
/// println!("this machine prefers {:?}", plan.method());
/// let mut y = Array4::zeros(plan.output());
/// plan.run_into(x.as_slice().unwrap(), y.as_slice_mut().unwrap())?;
/// let error = y - layer::forward(&x, &w, None, Geometry::default())?;
/// assert!(error.iter().all(|error| error.abs() < 1e-11));
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug)]
pub enum Plan<T> {
    /// By a matrix product.
    Gemm(gemm::Plan<T>),
    /// By Winograd's transforms.
    Winograd(winograd::Plan<T>, Tile),
    /// By the Fourier transform.
    Fft(fft::Plan<T>),
}

impl<T: Number> Plan<T> {
    /// A layer by the method that is [expected](candidates) to be the fastest, for inputs of one shape.
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
        let candidates = candidates::<T>(input, w.dim().into(), geometry)?;
        let (method, _) = candidates.first().expect("the matrix product can do every layer");
        Self::by(*method, input, w, bias, geometry, threads)
    }

    /// A layer by a given method.
    ///
    /// # Errors
    /// Those of the method.
    pub fn by(
        method: Method,
        input: [usize; 4],
        w: &ArrayRef4<T>,
        bias: Option<&[T]>,
        geometry: Geometry,
        threads: &Threads,
    ) -> Result<Self> {
        Ok(match method {
            Method::Gemm => Self::Gemm(gemm::Plan::new(input, w, bias, geometry, threads)?),
            Method::Winograd(tile) => {
                Self::Winograd(winograd::Plan::new(input, w, bias, geometry, tile, threads)?, tile)
            }
            Method::Fft(side) => Self::Fft(fft::Plan::new(input, w, bias, geometry, side, threads)?),
        })
    }

    /// The method.
    pub fn method(&self) -> Method {
        match self {
            Self::Gemm(_) => Method::Gemm,
            Self::Winograd(_, tile) => Method::Winograd(*tile),
            Self::Fft(plan) => Method::Fft(Some(plan.side())),
        }
    }

    /// The shape of the outputs, (B, O, P, Q).
    pub fn output(&self) -> [usize; 4] {
        match self {
            Self::Gemm(plan) => plan.output(),
            Self::Winograd(plan, _) => plan.output(),
            Self::Fft(plan) => plan.output(),
        }
    }

    /// Computes the layer, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        match self {
            Self::Gemm(plan) => plan.run_into(x, y),
            Self::Winograd(plan, _) => plan.run_into(x, y),
            Self::Fft(plan) => plan.run_into(x, y),
        }
    }
}

/// The methods that can do a layer and the seconds that each is expected to take on one thread, the fastest first.
///
/// The first call measures the machine, which takes about a tenth of a second.
///
/// # Errors
/// As [`layer::forward`](crate::layer::forward).
///
/// # Examples
/// ```
/// use locality::fast::auto::{Method, candidates};
/// use locality::layer::Geometry;
/// // A stride of two leaves no choice.
/// let strided = candidates::<f32>([1, 3, 9, 9], [4, 3, 3, 3], Geometry::new(2, 0, 1))?;
/// assert_eq!(strided.len(), 1);
/// assert_eq!(strided[0].0, Method::Gemm);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn candidates<T: Number>(
    input: [usize; 4],
    kernel: [usize; 4],
    geometry: Geometry,
) -> Result<Vec<(Method, f64)>> {
    let output = output_shape::<T>(input, kernel, geometry)?;
    let mut methods = vec![Method::Gemm];
    if geometry.stride == (1, 1) && geometry.dilation == (1, 1) {
        methods.push(Method::Fft(Some(fft::tile_side(None, kernel, output, tile_shape::<T>().rows)?)));
        if kernel[2..] == [3, 3] {
            methods.extend([Method::Winograd(Tile::Two), Method::Winograd(Tile::Four)]);
        }
    }
    let speeds = Speeds::of_this_machine::<T>();
    let mut candidates = methods
        .into_iter()
        .map(|method| (method, speeds.layer(method).seconds(work::<T>(method, kernel, output))))
        .collect::<Vec<_>>();
    candidates.sort_by(|a, b| a.1.total_cmp(&b.1));
    Ok(candidates)
}

/// What there is to do: products in registers, and numbers that are moved and transformed outside of them.
#[derive(Debug, Clone, Copy)]
struct Amount {
    products: f64,
    moved: f64,
}

/// The work of a method for a layer.
fn work<T: Number>(method: Method, [filters, channels, kh, kw]: [usize; 4], output: [usize; 4]) -> Amount {
    let shape = tile_shape::<T>();
    let lanes = shape.lanes;
    let [images, _, p, q] = output;
    // Places and operations of a transform of side S whose last step is m outputs apart.
    let in_tiles = |valid: usize, places: usize, transform: usize| {
        let tiles = p.div_ceil(valid) * q.div_ceil(valid);
        let (channels_moved, padded) = (channels.next_multiple_of(lanes), filters.next_multiple_of(lanes));
        let products = places * tiles.next_multiple_of(shape.rows) * channels * padded;
        (products, (transform + places) * tiles * (channels_moved + padded))
    };
    let (products, moved) = match method {
        Method::Gemm => {
            let windows = (p * q).next_multiple_of(shape.width()) * channels * kh * kw;
            (windows * filters.next_multiple_of(shape.rows), windows)
        }
        Method::Winograd(Tile::Two) => in_tiles(2, 4 * 4, 2 * 4 * 4 * 4),
        Method::Winograd(Tile::Four) => in_tiles(4, 6 * 6, 2 * 6 * 6 * 6),
        Method::Fft(side) => {
            let side = side.unwrap_or(kh.max(kw).next_power_of_two().max(16));
            let steps = side.ilog2() as usize + 1;
            in_tiles(side + 1 - kh.max(kw), 3 * side * (side / 2 + 1), 3 * side * side * steps)
        }
    };
    Amount { products: images as f64 * products as f64, moved: images as f64 * moved as f64 }
}

/// What one of each takes, in seconds.
#[derive(Debug, Clone, Copy)]
struct Speed {
    product: f64,
    moved: f64,
}

impl Speed {
    fn seconds(self, amount: Amount) -> f64 {
        self.product * amount.products + self.moved * amount.moved
    }

    /// From two measurements. If noise would have made one of the speeds negative, the other one explains everything.
    fn fitted(measured: [(Amount, f64); 2]) -> Self {
        let [(a, s), (b, t)] = measured;
        let determinant = a.products * b.moved - b.products * a.moved;
        let product = (s * b.moved - t * a.moved) / determinant;
        let moved = (a.products * t - b.products * s) / determinant;
        if product > 0.0 && moved > 0.0 {
            return Self { product, moved };
        }
        let most = |of: fn(&Amount) -> f64| (s / of(&a)).max(t / of(&b));
        match product > 0.0 {
            true => Self { product: most(|amount| amount.products), moved: 0.0 },
            false => Self { product: 0.0, moved: most(|amount| amount.moved) },
        }
    }
}

/// The speeds of all methods, for one kind of number.
#[derive(Debug)]
struct Speeds {
    gemm: Speed,
    two: Speed,
    four: Speed,
    fft: Speed,
    direct: Speed,
    overlap_save: Speed,
}

impl Speeds {
    /// Measured the first time that somebody asks for a kind of number.
    fn of_this_machine<T: Number>() -> &'static Self {
        static KNOWN: Mutex<BTreeMap<TypeId, &'static Speeds>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(TypeId::of::<T>()).or_insert_with(|| Box::leak(Box::new(Self::measured::<T>())))
    }

    fn measured<T: Number>() -> Self {
        let layers =
            [Method::Gemm, Method::Winograd(Tile::Two), Method::Winograd(Tile::Four), Method::Fft(Some(16))];
        let [a, b, c, d] = layers.map(layer_probes::<T>);
        let [e, f] = [ImageMethod::Direct, ImageMethod::OverlapSave].map(image_probes::<T>);
        let [gemm, two, four, fft, direct, overlap_save] = fitted([a, b, c, d, e, f]);
        Self { gemm, two, four, fft, direct, overlap_save }
    }

    fn layer(&self, method: Method) -> Speed {
        match method {
            Method::Gemm => self.gemm,
            Method::Winograd(Tile::Two) => self.two,
            Method::Winograd(Tile::Four) => self.four,
            Method::Fft(_) => self.fft,
        }
    }

    fn image(&self, method: ImageMethod) -> Speed {
        match method {
            ImageMethod::Direct => self.direct,
            ImageMethod::OverlapSave => self.overlap_save,
        }
    }
}

/// A small case, and the least time that it took, in seconds.
struct Probe {
    work: Amount,
    run: Box<dyn FnMut() -> Result<()>>,
    least: f64,
}

impl Probe {
    fn new(work: Amount, run: impl FnMut() -> Result<()> + 'static) -> Self {
        Self { work, run: Box::new(run), least: f64::INFINITY }
    }

    /// Once to fetch what it needs, and once by the clock.
    fn take(&mut self) {
        (self.run)().expect("the lengths are right");
        let start = Instant::now();
        (self.run)().expect("the lengths are right");
        self.least = self.least.min(start.elapsed().as_secs_f64());
    }
}

/// How often every probe is taken. They take turns, so that what disturbs the machine for a moment disturbs each of them
/// once at most.
const TURNS: usize = 8;

/// The speeds of methods, from two probes of each.
fn fitted<const METHODS: usize>(mut probes: [[Probe; 2]; METHODS]) -> [Speed; METHODS] {
    for _ in 0..TURNS {
        probes.as_flattened_mut().iter_mut().for_each(Probe::take);
    }
    probes.map(|pair| Speed::fitted(pair.map(|probe| (probe.work, probe.least))))
}

/// One layer that mostly multiplies, and one that mostly moves numbers.
fn layer_probes<T: Number>(method: Method) -> [Probe; 2] {
    [(64, 28), (8, 56)].map(|(channels, side)| {
        let (input, kernel) = ([1, channels, side, side], [channels, channels, 3, 3]);
        let w = Array4::from_elem(kernel, T::one());
        let geometry = Geometry::new(1, 1, 1);
        let plan = Plan::by(method, input, &w, None, geometry, &Threads::default());
        let mut plan = plan.expect("every method can do this layer");
        let (x, mut y) = (vec![T::one(); channels * side * side], vec![T::zero(); channels * side * side]);
        Probe::new(work::<T>(method, kernel, plan.output()), move || plan.run_into(&x, &mut y))
    })
}

/// A way to convolve one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageMethod {
    /// By the definition, [`direct`].
    Direct,
    /// In tiles, through the Fourier transform, [`overlap_save`].
    OverlapSave,
}

/// The convolution of one image by either method.
///
/// # Examples
/// A large kernel wants a transform:
/// ```
/// use locality::conv2d::Mode;
/// use locality::fast::{Threads, auto};
/// use locality::ndarray::Array2;
/// let h = Array2::from_elem((63, 63), 1.0_f32);
/// let plan = auto::ImagePlan::convolve((512, 512), &h, Mode::Same, &Threads::default())?;
/// assert_eq!(plan.method(), auto::ImageMethod::OverlapSave);
/// # Ok::<(), locality::Error>(())
/// ```
pub enum ImagePlan<T> {
    /// By the definition.
    Direct(direct::Plan<T>),
    /// In tiles.
    OverlapSave(overlap_save::Plan<T>),
}

impl<T: Number> ImagePlan<T> {
    /// For [`conv2d::convolve`](crate::conv2d::convolve) with images H × W, by the method that is
    /// [expected](image_candidates) to be the faster one.
    ///
    /// # Errors
    /// As [`conv2d::convolve`](crate::conv2d::convolve).
    pub fn convolve(image: (usize, usize), h: &ArrayRef2<T>, mode: Mode, threads: &Threads) -> Result<Self> {
        let [(method, _), _] = image_candidates::<T>(image, h.dim(), mode)?;
        Self::by(method, image, h, mode, threads)
    }

    /// By a given method.
    ///
    /// # Errors
    /// As [`conv2d::convolve`](crate::conv2d::convolve).
    pub fn by(
        method: ImageMethod,
        image: (usize, usize),
        h: &ArrayRef2<T>,
        mode: Mode,
        threads: &Threads,
    ) -> Result<Self> {
        Ok(match method {
            ImageMethod::Direct => Self::Direct(direct::Plan::convolve(image, h, mode, threads)?),
            ImageMethod::OverlapSave => {
                Self::OverlapSave(overlap_save::Plan::convolve(image, h, mode, None, threads)?)
            }
        })
    }

    /// For a layer without sums over channels, by the method that is expected to be the faster one; see
    /// [`direct::Plan::depthwise`].
    ///
    /// # Errors
    /// As [`direct::Plan::depthwise`].
    pub fn depthwise(
        input: [usize; 4],
        h: &ArrayRef3<T>,
        padding: (usize, usize),
        threads: &Threads,
    ) -> Result<Self> {
        let (kernels, kh, kw) = h.dim();
        let (rows, columns) = depthwise::<T>(input, (kernels, kh, kw), padding)?;
        let [(method, _), _] = expected::<T>((rows.len(), columns.len()), (kh, kw))?;
        Ok(match method {
            ImageMethod::Direct => Self::Direct(direct::Plan::depthwise(input, h, padding, threads)?),
            ImageMethod::OverlapSave => {
                Self::OverlapSave(overlap_save::Plan::depthwise(input, h, padding, None, threads)?)
            }
        })
    }

    /// The method.
    pub fn method(&self) -> ImageMethod {
        match self {
            Self::Direct(_) => ImageMethod::Direct,
            Self::OverlapSave(_) => ImageMethod::OverlapSave,
        }
    }

    /// The shape of the outputs of an image.
    pub fn output(&self) -> (usize, usize) {
        match self {
            Self::Direct(plan) => plan.output(),
            Self::OverlapSave(plan) => plan.output(),
        }
    }

    /// Computes the outputs, from and into row-major memory. Allocates nothing.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if `x` or `y` does not have the length of the plan's shapes.
    pub fn run_into(&mut self, x: &[T], y: &mut [T]) -> Result<()> {
        match self {
            Self::Direct(plan) => plan.run_into(x, y),
            Self::OverlapSave(plan) => plan.run_into(x, y),
        }
    }
}

/// Both methods and the seconds that each is expected to take on one thread, the faster one first.
///
/// # Errors
/// As [`conv2d::convolve`](crate::conv2d::convolve).
///
/// # Examples
/// ```
/// use locality::conv2d::Mode;
/// use locality::fast::auto::{ImageMethod, image_candidates};
/// let [(fastest, seconds), (_, more)] = image_candidates::<f32>((256, 256), (3, 3), Mode::Same)?;
/// assert!(fastest == ImageMethod::Direct && seconds < more);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn image_candidates<T: Number>(
    image: (usize, usize),
    kernel: (usize, usize),
    mode: Mode,
) -> Result<[(ImageMethod, f64); 2]> {
    expected::<T>((mode.outputs(image.0, kernel.0)?.len(), mode.outputs(image.1, kernel.1)?.len()), kernel)
}

/// The same, by the number of outputs.
fn expected<T: Number>(outputs: (usize, usize), kernel: (usize, usize)) -> Result<[(ImageMethod, f64); 2]> {
    let speeds = Speeds::of_this_machine::<T>();
    let mut candidates = [ImageMethod::Direct, ImageMethod::OverlapSave].map(|method| (method, 0.0));
    for (method, seconds) in &mut candidates {
        *seconds = speeds.image(*method).seconds(image_work::<T>(*method, outputs, kernel)?);
    }
    candidates.sort_by(|a, b| a.1.total_cmp(&b.1));
    Ok(candidates)
}

/// The work of a method for an image.
fn image_work<T: Number>(
    method: ImageMethod,
    outputs: (usize, usize),
    (kh, kw): (usize, usize),
) -> Result<Amount> {
    let lanes = tile_shape::<T>().lanes;
    let (products, moved) = match method {
        // Blocks of outputs, whole ones, and the outputs that are written.
        ImageMethod::Direct => {
            let rows = outputs.0.next_multiple_of(direct::HEIGHT.min(outputs.0)) as f64;
            let padded = outputs.1.next_multiple_of(direct::VECTORS * lanes) as f64;
            (rows * padded * (kh * kw) as f64, outputs.0 as f64 * outputs.1 as f64)
        }
        // Steps of transforms, and samples that are read and written.
        ImageMethod::OverlapSave => {
            let tile = overlap_save::best_tile(outputs, (kh, kw), lanes)?;
            let (pairs, samples) = overlap_save::tiles(outputs, (kh, kw), tile);
            (pairs * samples * samples.log2(), pairs * samples)
        }
    };
    Ok(Amount { products, moved })
}

/// Two images of which one has more of the one work than of the other.
fn image_probes<T: Number>(method: ImageMethod) -> [Probe; 2] {
    let shapes = match method {
        ImageMethod::Direct => [((96, 96), (11, 11)), ((192, 192), (1, 3))],
        ImageMethod::OverlapSave => [((192, 192), (31, 31)), ((192, 192), (3, 3))],
    };
    shapes.map(|(image, kernel)| {
        let h = Array2::from_elem(kernel, T::one());
        let plan = ImagePlan::by(method, image, &h, Mode::Same, &Threads::default());
        let mut plan = plan.expect("an image and a kernel");
        let (x, mut y) = (vec![T::one(); image.0 * image.1], vec![T::zero(); image.0 * image.1]);
        let work = image_work::<T>(method, image, kernel).expect("an image and a kernel");
        Probe::new(work, move || plan.run_into(&x, &mut y))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two measurements give back the two speeds that made them; where noise makes one of them negative, none is.
    #[test]
    fn speeds_are_fitted() {
        let (wide, narrow) = (Amount { products: 1e6, moved: 1e3 }, Amount { products: 2e4, moved: 3e4 });
        let truth = Speed { product: 2e-11, moved: 5e-10 };
        let fitted = Speed::fitted([(wide, truth.seconds(wide)), (narrow, truth.seconds(narrow))]);
        assert!((fitted.product / truth.product - 1.0).abs() < 1e-9);
        assert!((fitted.moved / truth.moved - 1.0).abs() < 1e-9);
        // The narrow layer takes less than its products should: nothing is moved.
        let fitted = Speed::fitted([(wide, 1e-3), (narrow, 1e-6)]);
        assert!(fitted.moved == 0.0 && fitted.product == 1e-9);
        // The wide layer takes less than what it moves should: nothing is multiplied.
        let fitted = Speed::fitted([(wide, 1e-9), (narrow, 3e-5)]);
        assert!(fitted.product == 0.0 && fitted.moved == 1e-9);
    }

    /// How far steps of one size go until a length is covered.
    fn covered(length: usize, step: usize) -> usize {
        (0..length).step_by(step).count() * step
    }

    /// Products are made for whole groups of tiles and of filters; what is moved comes in whole vectors.
    #[test]
    fn the_work_of_layers_is_counted() {
        let shape = tile_shape::<f32>();
        let (images, filters, channels, p, q) = (3, 13, 5, 11, 19);
        let counted = |method, taps, products: usize, moved: usize| {
            let work = work::<f32>(method, [filters, channels, taps, taps], [images, filters, p, q]);
            assert_eq!((work.products, work.moved), ((images * products) as f64, (images * moved) as f64));
        };
        let windows = covered(p * q, shape.width()) * 5 * 9;
        counted(Method::Gemm, 3, windows * covered(filters, shape.rows), windows);
        // Outputs of a tile, its places, and the operations of a transform: S³ for each of two passes, or three for
        // each sample and each halving of sixteen, and one more.
        for (method, taps, outputs, places, operations) in [
            (Method::Winograd(Tile::Two), 3, 2, 16, 4 * 4 * 4 * 2),
            (Method::Winograd(Tile::Four), 3, 4, 36, 6 * 6 * 6 * 2),
            (Method::Fft(Some(16)), 5, 12, 9 * 16 * 3, 16 * 16 * 5 * 3),
            (Method::Fft(None), 17, 16, 17 * 32 * 3, 32 * 32 * 6 * 3),
        ] {
            let tiles = (0..p).step_by(outputs).count() * (0..q).step_by(outputs).count();
            let [from, to] = [channels, filters].map(|length| covered(length, shape.lanes));
            let products = places * covered(tiles, shape.rows) * channels * to;
            counted(method, taps, products, (places + operations) * tiles * (from + to));
        }
    }

    #[test]
    fn the_work_of_images_is_counted() -> Result<()> {
        let lanes = tile_shape::<f32>().lanes;
        for outputs in [(9, 50), (1, 50), (64, 7)] {
            let work = image_work::<f32>(ImageMethod::Direct, outputs, (3, 5))?;
            let rows = covered(outputs.0, outputs.0.min(4));
            assert_eq!(work.products, (rows * covered(outputs.1, 3 * lanes) * 15) as f64);
            assert_eq!(work.moved, (outputs.0 * outputs.1) as f64);
            // Samples of pairs of tiles, each as often as two to the power of the steps makes a tile.
            let work = image_work::<f32>(ImageMethod::OverlapSave, outputs, (3, 5))?;
            let (down, across) = overlap_save::best_tile(outputs, (3, 5), lanes)?;
            let pairs =
                (0..outputs.0).step_by(down - 2).count() * (0..outputs.1).step_by(2 * (across - 4)).count();
            assert_eq!(work.moved, (pairs * down * across) as f64);
            let steps = work.products / work.moved;
            assert!((steps.exp2() / (down * across) as f64 - 1.0).abs() < 1e-12);
        }
        Ok(())
    }
}
