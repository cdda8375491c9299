//! The layers of a small network besides the convolution, each with the gradient that belongs to it.
//!
//! The convolution and its gradients are [`layer::forward`](crate::layer::forward) and
//! [`gradient::spatial`](crate::gradient::spatial).

use ndarray::{Array1, Array2, Array3, ArrayRef1, ArrayRef2, ArrayRef3, Dimension};
use num_traits::Float;

use super::Real;
use crate::error::{Error, Result, exactly, non_empty, non_zero, shaped};

/// max(x, 0), equation `relu-gradient`. NaN stays NaN.
///
/// # Examples
/// ```
/// use locality::learning::layers::relu;
/// assert_eq!([relu(-2.0), relu(3.0)], [0.0, 3.0]);
/// ```
pub fn relu<T: Real>(x: T) -> T {
    if x < T::zero() { T::zero() } else { x }
}

/// The gradient by the input of [`relu`]: `g` where the input is positive, 0 elsewhere. Shape of the input.
///
/// # Errors
/// [`Error::Shape`] if `g` has not the shape of the input.
///
/// # Examples
/// ```
/// use locality::{learning::layers::relu_gradient, ndarray::array};
/// assert_eq!(relu_gradient(&array![-2.0, 3.0], &array![10.0, 20.0])?, array![0.0, 20.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn relu_gradient<T: Real, D: Dimension>(
    x: &ndarray::ArrayRef<T, D>,
    g: &ndarray::ArrayRef<T, D>,
) -> Result<ndarray::Array<T, D>> {
    shaped("g", x.shape(), g.shape())?;
    Ok(ndarray::Zip::from(x).and(g).map_collect(|&x, &g| if x > T::zero() { g } else { T::zero() }))
}

/// The largest number of each square of `size` × `size`, equation `max-pool`, for channels of shape (C, H, W). With it comes
/// where in its square it stands, counted row after row; of equal ones, the first. Both have the shape (C, ⌊H/size⌋,
/// ⌊W/size⌋); rows and columns that fill no square are left out.
///
/// # Errors
/// [`Error::Zero`] if the size is; [`Error::TooShort`] if a side is smaller than a square.
///
/// # Examples
/// ```
/// use locality::{learning::layers::max_pool, ndarray::array};
/// let (y, winners) = max_pool(&array![[[1.0, 2.0, 7.0, 0.0], [4.0, 3.0, 0.0, 0.0]]], 2)?;
/// assert_eq!((y, winners), (array![[[4.0, 7.0]]], array![[[2, 0]]]));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn max_pool<T: Real>(x: &ArrayRef3<T>, size: usize) -> Result<(Array3<T>, Array3<usize>)> {
    non_zero("size", size)?;
    let (channels, height, width) = x.dim();
    crate::error::at_least("channels' height", size, height)?;
    crate::error::at_least("channels' width", size, width)?;
    let shape = (channels, height / size, width / size);
    let (mut y, mut winners) = (Array3::zeros(shape), Array3::zeros(shape));
    let x = x.as_standard_layout();
    let pixels = x.as_slice().expect("row after row");
    for ((c, i, j), y) in y.indexed_iter_mut() {
        let row = |a: usize| &pixels[(c * height + size * i + a) * width + size * j..][..size];
        let (mut most, mut winner) = (row(0)[0], 0);
        for a in 0..size {
            for (b, &pixel) in row(a).iter().enumerate() {
                if pixel > most {
                    (most, winner) = (pixel, a * size + b);
                }
            }
        }
        (*y, winners[[c, i, j]]) = (most, winner);
    }
    Ok((y, winners))
}

/// The gradient by the input of [`max_pool`], whose shape is `input`: each number of `g` goes to where the largest stood, and
/// nothing to the others.
///
/// # Errors
/// [`Error::Zero`] if the size is; [`Error::Shape`] if `g` or the winners do not fit the input; [`Error::OutOfRange`] if a
/// winner is not in its square.
///
/// # Examples
/// ```
/// use locality::{learning::layers::max_pool_gradient, ndarray::array};
/// let by = max_pool_gradient(&array![[[5.0, 6.0]]], &array![[[2, 0]]], 2, [1, 2, 4])?;
/// assert_eq!(by, array![[[0.0, 0.0, 6.0, 0.0], [5.0, 0.0, 0.0, 0.0]]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn max_pool_gradient<T: Real>(
    g: &ArrayRef3<T>,
    winners: &ArrayRef3<usize>,
    size: usize,
    input: [usize; 3],
) -> Result<Array3<T>> {
    non_zero("size", size)?;
    let pooled = [input[0], input[1] / size, input[2] / size];
    shaped("g", &pooled, g.shape())?;
    shaped("winners", &pooled, winners.shape())?;
    crate::error::allocatable::<T>("gradient", &input)?;
    if let Some(&given) = winners.iter().find(|&&winner| winner / size >= size) {
        return Err(Error::OutOfRange { argument: "winners", end: size * size, given });
    }
    let mut by = Array3::zeros(input);
    for ((c, i, j), &place) in winners.indexed_iter() {
        by[[c, size * i + place / size, size * j + place % size]] = g[[c, i, j]];
    }
    Ok(by)
}

/// The last layer: z = A x + b, for A of shape (classes, features).
///
/// # Errors
/// [`Error::Length`] if `x` has not a number for each feature, or `b` for each class.
///
/// # Examples
/// ```
/// use locality::{learning::layers::linear, ndarray::array};
/// assert_eq!(linear(&array![[1.0, 2.0]], &array![10.0, 100.0], &array![3.0])?, array![213.0]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn linear<T: Real>(a: &ArrayRef2<T>, x: &ArrayRef1<T>, b: &ArrayRef1<T>) -> Result<Array1<T>> {
    exactly("x", a.ncols(), x.len())?;
    exactly("b", a.nrows(), b.len())?;
    // One after the other: the fast product of two vectors adds in an order that depends on the machine.
    let row = |k: usize| x.iter().zip(a.row(k)).fold(b[k], |sum, (&x, &a)| sum + a * x);
    Ok((0..a.nrows()).map(row).collect())
}

/// The gradients of [`linear`] by its matrix and by its input: g xᵀ and Aᵀ g, equation `linear-gradient`. The one by `b` is `g`.
///
/// # Errors
/// [`Error::Length`] if `g` has not a number for each class, or `x` for each feature.
///
/// # Examples
/// ```
/// use locality::{learning::layers::linear_gradient, ndarray::array};
/// let (by_a, by_x) = linear_gradient(&array![[1.0, 2.0]], &array![10.0, 100.0], &array![3.0])?;
/// assert_eq!((by_a, by_x), (array![[30.0, 300.0]], array![3.0, 6.0]));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn linear_gradient<T: Real>(
    a: &ArrayRef2<T>,
    x: &ArrayRef1<T>,
    g: &ArrayRef1<T>,
) -> Result<(Array2<T>, Array1<T>)> {
    exactly("x", a.ncols(), x.len())?;
    exactly("g", a.nrows(), g.len())?;
    let column = |f: usize| (0..a.nrows()).fold(T::zero(), |sum, k| sum + a[[k, f]] * g[k]);
    let by_a = Array2::from_shape_fn(a.dim(), |(k, f)| g[k] * x[f]);
    Ok((by_a, (0..a.ncols()).map(column).collect()))
}

/// How surprised the network is by the class: −log of the probability it gives it, and the gradient by its outputs `z`. The
/// probabilities are e^z over their sum; the gradient is them, less 1 at the class, equation `softmax-gradient`.
///
/// # Errors
/// [`Error::Empty`] if there are no outputs; [`Error::OutOfRange`] if there is no such class.
///
/// # Examples
/// ```
/// use locality::{learning::layers::cross_entropy, ndarray::array};
/// let (loss, by) = cross_entropy(&array![0.0, 0.0], 1)?;
/// assert_eq!((loss, by), (2.0_f64.ln(), array![0.5, -0.5]));
/// # Ok::<(), locality::Error>(())
/// ```
pub fn cross_entropy<T: Real>(z: &ArrayRef1<T>, class: usize) -> Result<(T, Array1<T>)> {
    non_empty("z", z.len())?;
    if class >= z.len() {
        return Err(Error::OutOfRange { argument: "class", end: z.len(), given: class });
    }
    // Shifted, so that no exponential overflows; the probabilities are the same.
    let most = z.iter().fold(T::neg_infinity(), |most, &z| Float::max(most, z));
    // In double precision whatever T is: rounded to single precision, it is the same on every machine.
    let double = |z: T| z.to_f64().unwrap_or(f64::NAN);
    let exponentials = z.iter().map(|&z| double(z - most).exp()).collect::<Vec<_>>();
    let sum = exponentials.iter().sum::<f64>();
    let number = |x: f64| T::from(x).unwrap_or_else(T::nan);
    let by = |k: usize| number(exponentials[k] / sum - f64::from(u8::from(k == class)));
    Ok((number(sum.ln() - double(z[class] - most)), (0..z.len()).map(by).collect()))
}
