//! Pictures with their classes, as a network reads them.

use ndarray::{Array2, ArrayRef2, ArrayRef3, Axis};

use crate::error::{Error, Result, exactly, non_empty, shaped};

/// Square pictures of one size, in two classes. Every picture is standardised: its own mean is 0 and its deviation 1, so
/// that a network cannot go by the light.
///
/// # Examples
/// ```
/// use locality::learning::Data;
/// use locality::ndarray::array;
/// let data = Data::new(&array![[[0.0, 1.0], [1.0, 0.0]], [[5.0, 5.0], [5.0, 5.0]]], vec![0, 1])?;
/// assert_eq!(data.picture(0), [-1.0, 1.0, 1.0, -1.0]);
/// assert_eq!(data.picture(1), [0.0; 4]);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    side: usize,
    pixels: Vec<f32>,
    means: Vec<f64>,
    classes: Vec<usize>,
}

impl Data {
    /// Pictures of shape (count, N, N), and the class of each, 0 or 1.
    ///
    /// # Errors
    /// [`Error::Empty`] if there are none; [`Error::Shape`] if they are not square; [`Error::Length`] if there is not one class
    /// for each; [`Error::OutOfRange`] if a class is neither 0 nor 1; [`Error::NotFinite`] if a pixel is not finite.
    pub fn new(pictures: &ArrayRef3<f32>, classes: Vec<usize>) -> Result<Self> {
        let (count, side, width) = pictures.dim();
        non_empty("pictures", pictures.len())?;
        shaped("pictures", &[count, side, side], &[count, side, width])?;
        exactly("classes", count, classes.len())?;
        if let Some(&given) = classes.iter().find(|&&class| class > 1) {
            return Err(Error::OutOfRange { argument: "classes", end: 2, given });
        }
        if pictures.iter().any(|pixel| !pixel.is_finite()) {
            return Err(Error::NotFinite { argument: "pictures" });
        }
        let (mut pixels, mut means) = (Vec::with_capacity(pictures.len()), vec![]);
        for picture in pictures.axis_iter(Axis(0)) {
            let n = picture.len() as f64;
            let mean = picture.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / n;
            let variance = picture.iter().map(|&pixel| (f64::from(pixel) - mean) * (f64::from(pixel) - mean));
            let deviation = (variance.sum::<f64>() / n).sqrt();
            // A picture of one grey has nothing to standardise.
            let scale = if deviation > 0.0 { deviation } else { 1.0 };
            pixels.extend(picture.iter().map(|&pixel| ((f64::from(pixel) - mean) / scale) as f32));
            means.push(mean);
        }
        Ok(Self { side, pixels, means, classes })
    }

    /// How many pictures there are.
    pub fn count(&self) -> usize {
        self.classes.len()
    }

    /// Pixels along each side.
    pub fn side(&self) -> usize {
        self.side
    }

    /// The class of each.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// What the mean of each was, before it was standardised.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The standardised pixels of a picture, row after row; none if there is no such picture.
    pub fn picture(&self, number: usize) -> &[f32] {
        self.pixels.chunks(self.side * self.side).nth(number).unwrap_or_default()
    }

    /// The pictures with these numbers, in this order.
    ///
    /// # Errors
    /// [`Error::Empty`] if there are none; [`Error::OutOfRange`] if there is no picture of such a number.
    pub fn choose(&self, numbers: &[usize]) -> Result<Self> {
        non_empty("numbers", numbers.len())?;
        if let Some(&given) = numbers.iter().find(|&&number| number >= self.count()) {
            return Err(Error::OutOfRange { argument: "numbers", end: self.count(), given });
        }
        Ok(Self {
            side: self.side,
            pixels: numbers.iter().flat_map(|&number| self.picture(number)).copied().collect(),
            means: numbers.iter().map(|&number| self.means[number]).collect(),
            classes: numbers.iter().map(|&number| self.classes[number]).collect(),
        })
    }
}

/// A picture that goes on around its edges: pixel (i, j) of the result is pixel (i mod N, j mod N). Shape (rows, rows).
///
/// A layer that slides a kernel as large as the picture over it needs 2N − 1 rows, and is a circular correlation.
///
/// # Errors
/// [`Error::Empty`] if there are no pixels.
///
/// # Examples
/// ```
/// use locality::{learning::around, ndarray::array};
/// assert_eq!(around(&array![[1, 2], [3, 4]], 3)?, array![[1, 2, 1], [3, 4, 3], [1, 2, 1]]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn around<T: Clone>(x: &ArrayRef2<T>, rows: usize) -> Result<Array2<T>> {
    non_empty("image", x.len())?;
    crate::error::allocatable::<T>("image", &[rows, rows])?;
    let (height, width) = x.dim();
    Ok(Array2::from_shape_fn((rows, rows), |(i, j)| x[[i % height, j % width]].clone()))
}
