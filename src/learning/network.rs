//! A small network: one layer of kernels, ReLU, the largest of each square, a linear layer, and cross-entropy.
//!
//! Its gradient is the chain of the derived ones, from the last layer to the first. There is no other machinery.

use ndarray::{Array1, ArrayView1, ArrayView2, ArrayView3};
use num_complex::Complex;

use super::layers::{
    cross_entropy, linear, linear_gradient, max_pool, max_pool_gradient, relu, relu_gradient,
};
use super::{Data, Kernels, Picture, Random, Real, Trained};
use crate::error::{Result, at_least, exactly, non_empty, non_zero};
use crate::scalar::RootOfUnity;

/// The sizes of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// N: pixels along each side of a picture.
    pub side: usize,
    /// K: taps along each side of a small kernel. All networks have (N − K + 1)² outputs for each kernel.
    pub taps: usize,
    /// How many kernels there are.
    pub kernels: usize,
    /// The side of the squares of which the largest output counts.
    pub pool: usize,
}

/// A network for two classes. Its weights are kept outside, one after the other in one list: the coordinates of every kernel, a
/// bias for each, the matrix of the last layer, and its biases.
///
/// # Examples
/// All four ways to train a kernel begin as the same function:
/// ```
/// use locality::learning::{Network, Sizes, Trained, faces};
/// let data = faces::set(2, 1, 0)?;
/// let sizes = Sizes { side: faces::SIDE, taps: 5, kernels: 3, pool: 4 };
/// let small = Network::<f64>::new(Trained::Taps, sizes)?;
/// let free = Network::<f64>::new(Trained::FreeSpectrum, sizes)?;
/// let (a, b) = (small.loss(&small.start(7)?, &data)?, free.loss(&free.start(7)?, &data)?);
/// assert!((a - b).abs() < 1e-12);
/// assert_eq!((small.weights(), free.weights()), (3 * 25 + 3 + 98, 3 * 800 + 3 + 98));
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Network<T> {
    sizes: Sizes,
    kernels: Kernels<T>,
}

/// How many classes there are.
const CLASSES: usize = 2;

/// What the layers made of one picture, as far as the way back needs it.
struct Pass<T> {
    /// x ⋆ w + β, before ReLU: kernels × P × P.
    outputs: Vec<T>,
    winners: ndarray::Array3<usize>,
    features: Array1<T>,
    /// One number for each class.
    z: Array1<T>,
}

/// The list of weights, taken apart.
struct Weights<'a, T> {
    coordinates: &'a [T],
    bias: &'a [T],
    matrix: ArrayView2<'a, T>,
    offsets: ArrayView1<'a, T>,
}

impl<T: Real> Network<T>
where
    Complex<T>: RootOfUnity,
{
    /// A network of these sizes.
    ///
    /// # Errors
    /// As [`Kernels::new`]; [`Error::Empty`](crate::Error::Empty) without kernels; [`Error::Zero`](crate::Error::Zero) if the squares have no side, and
    /// [`Error::TooShort`](crate::Error::TooShort) if there are fewer outputs than one square.
    pub fn new(trained: Trained, sizes: Sizes) -> Result<Self> {
        let kernels = Kernels::new(trained, sizes.side, sizes.taps)?;
        non_empty("kernels", sizes.kernels)?;
        non_zero("pool", sizes.pool)?;
        at_least("outputs", sizes.pool, sizes.side - sizes.taps + 1)?;
        crate::error::allocatable::<T>(
            "weights",
            &[sizes.kernels, kernels.coordinates() + sizes.side * sizes.side],
        )?;
        Ok(Self { sizes, kernels })
    }

    /// The sizes.
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// P: outputs along each side, for each kernel.
    fn outputs(&self) -> usize {
        self.sizes.side - self.sizes.taps + 1
    }

    /// How many numbers the last layer reads.
    fn features(&self) -> usize {
        let pooled = self.outputs() / self.sizes.pool;
        self.sizes.kernels * pooled * pooled
    }

    /// How many numbers are trained.
    pub fn weights(&self) -> usize {
        self.sizes.kernels * (self.kernels.coordinates() + 1) + CLASSES * (self.features() + 1)
    }

    fn split<'a>(&self, weights: &'a [T]) -> Result<Weights<'a, T>> {
        exactly("weights", self.weights(), weights.len())?;
        let (coordinates, rest) = weights.split_at(self.sizes.kernels * self.kernels.coordinates());
        let (bias, rest) = rest.split_at(self.sizes.kernels);
        let (matrix, offsets) = rest.split_at(CLASSES * self.features());
        let matrix = ArrayView2::from_shape((CLASSES, self.features()), matrix).expect("as many as entries");
        Ok(Weights { coordinates, bias, matrix, offsets: offsets.into() })
    }

    /// Random weights to begin with. The kernels have random K × K taps, whatever is trained, so that the function does not
    /// depend on it. Variances are those of He and others, 2 for each tap's share, and 1 for each feature's.
    ///
    /// # Errors
    /// None that [`new`](Network::new) lets through.
    pub fn start(&self, seed: u64) -> Result<Vec<T>> {
        self.start_with(seed, self.sizes.taps)
    }

    /// The same, with kernels that are random on all of their support. Where it is small, that is [`start`](Network::start).
    ///
    /// # Errors
    /// None that [`new`](Network::new) lets through.
    pub fn dense_start(&self, seed: u64) -> Result<Vec<T>> {
        self.start_with(seed, self.kernels.support())
    }

    /// Random weights whose kernels have `side` × `side` random taps.
    fn start_with(&self, seed: u64, side: usize) -> Result<Vec<T>> {
        let mut random = Random::new(seed);
        let mut normal = |variance: f64| T::from(variance.sqrt() * random.normal()).unwrap_or_else(T::nan);
        let taps = side * side;
        let mut weights = Vec::with_capacity(self.weights());
        for _ in 0..self.sizes.kernels {
            let h = (0..taps).map(|_| normal(2.0 / taps as f64)).collect::<Vec<_>>();
            let small = side == self.sizes.taps;
            weights.extend(if small {
                self.kernels.of_taps(&h)?
            } else {
                self.kernels.by_coordinates(&h)?
            });
        }
        weights.extend(std::iter::repeat_n(T::zero(), self.sizes.kernels));
        let features = self.features();
        weights.extend((0..CLASSES * features).map(|_| normal(1.0 / features as f64)));
        weights.extend([T::zero(); CLASSES]);
        Ok(weights)
    }

    /// The kernels that these weights stand for, one after the other, each as large as its support.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if there are not as many weights as [`weights`](Network::weights) says.
    pub fn kernels(&self, weights: &[T]) -> Result<Vec<Vec<T>>> {
        let coordinates = self.split(weights)?.coordinates.chunks_exact(self.kernels.coordinates());
        coordinates.map(|coordinates| self.kernels.kernel(coordinates)).collect()
    }

    /// The pictures as the layer reads them.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if they have other sides than the network.
    pub fn pictures(&self, data: &Data) -> Result<Vec<Picture<T>>> {
        exactly("pictures' side", self.sizes.side, data.side())?;
        // A kernel of the size of the picture needs P + N − 1 rows; one of K taps needs no more than there are.
        let rows = self.outputs() + self.kernels.heard() - 1;
        let picture = |number: usize| {
            let pixels = data.picture(number).iter().map(|&pixel| T::from(pixel).unwrap_or_else(T::nan));
            Picture::new(&pixels.collect::<Vec<_>>(), self.sizes.side, rows)
        };
        (0..data.count()).map(picture).collect()
    }

    /// All layers, one after the other.
    fn pass(&self, weights: &Weights<T>, kernels: &[T], picture: &Picture<T>) -> Result<Pass<T>> {
        let p = self.outputs();
        let mut outputs = vec![T::zero(); self.sizes.kernels * p * p];
        picture.correlate(kernels, self.kernels.support(), weights.bias, p, &mut outputs)?;
        let active = self.stack(&outputs).mapv(relu);
        let (pooled, winners) = max_pool(&active, self.sizes.pool)?;
        let features = pooled.into_iter().collect::<Array1<T>>();
        let z = linear(&weights.matrix, &features, &weights.offsets)?;
        Ok(Pass { outputs, winners, features, z })
    }

    /// Outputs, or their gradients, by kernel, row and column.
    fn stack<'a>(&self, outputs: &'a [T]) -> ArrayView3<'a, T> {
        let p = self.outputs();
        ArrayView3::from_shape((self.sizes.kernels, p, p), outputs).expect("as many as outputs")
    }

    /// The mean loss over some pictures of these classes, and its gradient by all weights.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) without pictures; [`Error::Length`](crate::Error::Length) if there is not a class for each, or not as many weights as
    /// [`weights`](Network::weights) says; [`Error::TooShort`](crate::Error::TooShort) for pictures of another network.
    pub fn gradient(
        &self,
        weights: &[T],
        pictures: &[&Picture<T>],
        classes: &[usize],
    ) -> Result<(T, Vec<T>)> {
        non_empty("pictures", pictures.len())?;
        exactly("classes", pictures.len(), classes.len())?;
        let kernels = self.kernels(weights)?.concat();
        let (p, heard) = (self.outputs(), self.kernels.heard());
        let weights = self.split(weights)?;
        let mut loss = T::zero();
        let mut by_kernels = vec![T::zero(); self.sizes.kernels * heard * heard];
        let mut by_bias = vec![T::zero(); self.sizes.kernels];
        let mut by_matrix = vec![T::zero(); CLASSES * self.features()];
        let mut by_offsets = vec![T::zero(); CLASSES];
        let mut by_taps = by_kernels.clone();
        let none = vec![T::zero(); self.sizes.kernels];
        for (picture, &class) in pictures.iter().zip(classes) {
            let pass = self.pass(&weights, &kernels, picture)?;
            // From the last layer to the first.
            let (surprise, g) = cross_entropy(&pass.z, class)?;
            let (by_a, by_features) = linear_gradient(&weights.matrix, &pass.features, &g)?;
            let by_pooled = by_features.into_shape_with_order(pass.winners.dim()).expect("a number for each");
            let pool = self.sizes.pool;
            let by_active = max_pool_gradient(&by_pooled, &pass.winners, pool, [self.sizes.kernels, p, p])?;
            let g_outputs = relu_gradient(&self.stack(&pass.outputs), &by_active)?;
            let g_slice = g_outputs.as_slice().expect("made row by row");
            picture.correlate(g_slice, p, &none, heard, &mut by_taps)?;
            loss += surprise;
            add(&mut by_kernels, &by_taps);
            add(&mut by_bias, &crate::gradient::spatial::bias(&g_outputs.insert_axis(ndarray::Axis(0))));
            add(&mut by_matrix, by_a.as_slice().expect("made row by row"));
            add(&mut by_offsets, g.as_slice().expect("made in order"));
        }
        let mut gradient = vec![];
        for by_kernel in by_kernels.chunks_exact(heard * heard) {
            gradient.extend(self.kernels.by_coordinates(by_kernel)?);
        }
        gradient.extend(by_bias.into_iter().chain(by_matrix).chain(by_offsets));
        let share = T::one() / T::from(pictures.len()).unwrap_or_else(T::nan);
        gradient.iter_mut().for_each(|entry| *entry *= share);
        Ok((loss * share, gradient))
    }

    /// Puts back what a step has moved away from what is allowed, as [`Kernels::project`].
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if there are not as many weights as [`weights`](Network::weights) says.
    pub fn project(&self, weights: &mut [T]) -> Result<()> {
        exactly("weights", self.weights(), weights.len())?;
        let each = self.kernels.coordinates();
        let kernels = weights.chunks_exact_mut(each).take(self.sizes.kernels);
        kernels.into_iter().try_for_each(|coordinates| self.kernels.project(coordinates))
    }

    /// What the last layer says of each picture.
    fn says(&self, weights: &[T], data: &Data) -> Result<Vec<Array1<T>>> {
        let kernels = self.kernels(weights)?.concat();
        let weights = self.split(weights)?;
        let pictures = self.pictures(data)?;
        pictures.iter().map(|picture| Ok(self.pass(&weights, &kernels, picture)?.z)).collect()
    }

    /// The mean loss over a set.
    ///
    /// # Errors
    /// As [`pictures`](Network::pictures); [`Error::Length`](crate::Error::Length) if there are not as many weights as [`weights`](Network::weights)
    /// says.
    pub fn loss(&self, weights: &[T], data: &Data) -> Result<T> {
        let says = self.says(weights, data)?;
        let losses = says.iter().zip(data.classes()).map(|(z, &class)| Ok(cross_entropy(z, class)?.0));
        let sum = losses.collect::<Result<Vec<T>>>()?.into_iter().fold(T::zero(), |sum, loss| sum + loss);
        Ok(sum / T::from(data.count()).unwrap_or_else(T::nan))
    }

    /// The share of a set that is put into its class, from 0 to 1. A picture for which the classes tie, or for which the
    /// network says no number, counts as wrong.
    ///
    /// # Errors
    /// As [`loss`](Network::loss).
    pub fn accuracy(&self, weights: &[T], data: &Data) -> Result<f64> {
        let says = self.says(weights, data)?;
        let right = says.iter().zip(data.classes()).filter(|(z, class)| z[**class] > z[1 - **class]).count();
        Ok(right as f64 / data.count() as f64)
    }
}

fn add<T: Real>(sums: &mut [T], terms: &[T]) {
    sums.iter_mut().zip(terms).for_each(|(sum, &term)| *sum += term);
}
