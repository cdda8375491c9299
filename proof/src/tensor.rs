//! What can be compared: numbers, and whatever holds them in some shape.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array, Dimension};
use num_complex::Complex;

/// A number with a distance to others of its kind.
pub trait Number: Clone + PartialEq {
    /// |self − other|.
    fn distance(&self, other: &Self) -> f64;
    /// |self|.
    fn magnitude(&self) -> f64;
}

macro_rules! real_numbers {
    ($($real:ident)*) => {$(
        impl Number for $real {
            fn distance(&self, other: &Self) -> f64 {
                (*self as f64 - *other as f64).abs()
            }
            fn magnitude(&self) -> f64 {
                (*self as f64).abs()
            }
        }
        impl Number for Complex<$real> {
            fn distance(&self, other: &Self) -> f64 {
                (self.re as f64 - other.re as f64).hypot(self.im as f64 - other.im as f64)
            }
            fn magnitude(&self) -> f64 {
                (self.re as f64).hypot(self.im as f64)
            }
        }
        impl Tensor for $real {
            type Item = $real;
            fn shape(&self) -> Vec<usize> {
                vec![]
            }
            fn items(&self) -> Vec<$real> {
                vec![*self]
            }
        }
        impl Tensor for Complex<$real> {
            type Item = Complex<$real>;
            fn shape(&self) -> Vec<usize> {
                vec![]
            }
            fn items(&self) -> Vec<Complex<$real>> {
                vec![*self]
            }
        }
    )*};
}
real_numbers!(f32 f64 i64 i128 u64 u128 usize);

/// Numbers in a shape.
pub trait Tensor {
    /// The kind of number.
    type Item: Number;
    /// The length along each axis.
    fn shape(&self) -> Vec<usize>;
    /// The numbers, in row-major order.
    fn items(&self) -> Vec<Self::Item>;
}

impl<T: Tensor + ?Sized> Tensor for &T {
    type Item = T::Item;
    fn shape(&self) -> Vec<usize> {
        T::shape(self)
    }
    fn items(&self) -> Vec<T::Item> {
        T::items(self)
    }
}

impl<T: Number> Tensor for [T] {
    type Item = T;
    fn shape(&self) -> Vec<usize> {
        vec![self.len()]
    }
    fn items(&self) -> Vec<T> {
        self.to_vec()
    }
}

impl<T: Number> Tensor for Vec<T> {
    type Item = T;
    fn shape(&self) -> Vec<usize> {
        vec![self.len()]
    }
    fn items(&self) -> Vec<T> {
        self.clone()
    }
}

impl<T: Number, const N: usize> Tensor for [T; N] {
    type Item = T;
    fn shape(&self) -> Vec<usize> {
        vec![N]
    }
    fn items(&self) -> Vec<T> {
        self.to_vec()
    }
}

impl<T: Number, D: Dimension> Tensor for Array<T, D> {
    type Item = T;
    fn shape(&self) -> Vec<usize> {
        self.raw_dim().slice().to_vec()
    }
    fn items(&self) -> Vec<T> {
        self.iter().cloned().collect()
    }
}

impl<T: Number + nalgebra::Scalar> Tensor for DVector<T> {
    type Item = T;
    fn shape(&self) -> Vec<usize> {
        vec![self.len()]
    }
    fn items(&self) -> Vec<T> {
        self.iter().cloned().collect()
    }
}

impl<T: Number + nalgebra::Scalar> Tensor for DMatrix<T> {
    type Item = T;
    fn shape(&self) -> Vec<usize> {
        vec![self.nrows(), self.ncols()]
    }
    fn items(&self) -> Vec<T> {
        // nalgebra iterates down the columns.
        self.transpose().iter().cloned().collect()
    }
}

/// The Euclidean norm of all entries.
pub fn norm<A: Tensor>(a: A) -> f64 {
    a.items().iter().map(|x| x.magnitude().powi(2)).sum::<f64>().sqrt()
}
