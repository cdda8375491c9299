//! What can be wrong with the input: which argument, what was expected of it, and what was given.

use std::fmt;

/// Why a function of this crate refused its input. The output was not computed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A signal, image or kernel has no samples.
    Empty {
        /// The argument: signal, kernel, image or spectrum, or else its name in the signature.
        argument: &'static str,
    },
    /// A valid-mode kernel does not fit into the signal along some axis.
    KernelTooLarge {
        /// Kernel length along that axis.
        kernel: usize,
        /// Signal length along that axis.
        signal: usize,
    },
    /// A transform or circular product is shorter than what it must hold.
    TooShort {
        /// The argument that must grow.
        argument: &'static str,
        /// The least value that works.
        needed: usize,
        /// The value given.
        given: usize,
    },
    /// A length does not match the one another argument fixes.
    Length {
        /// The argument whose length is wrong.
        argument: &'static str,
        /// The length that was expected.
        expected: usize,
        /// The length given.
        given: usize,
    },
    /// A size computed from the input does not fit into memory's address space.
    TooLarge {
        /// What would be that large.
        what: &'static str,
    },
    /// This kind of number has no primitive root of unity of the order asked for.
    NoRootOfUnity {
        /// The order: ω must satisfy ωᴺ = 1 with no smaller power equal to 1.
        order: usize,
        /// The kind of number.
        number: &'static str,
    },
    /// A sample is not a finite number where the algorithm needs one.
    NotFinite {
        /// The argument that holds it.
        argument: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { argument } => {
                write!(f, "{argument}: expected at least one sample, got none")
            }
            Self::KernelTooLarge { kernel, signal } => write!(
                f,
                "kernel: expected at most {signal} taps (the length of the signal along this axis) in valid mode, got {kernel}"
            ),
            Self::TooShort { argument, needed, given } => {
                write!(f, "{argument}: expected at least {needed}, got {given}")
            }
            Self::Length { argument, expected, given } => {
                write!(f, "{argument}: expected length {expected}, got {given}")
            }
            Self::TooLarge { what } => {
                write!(f, "{what}: expected a size that fits into memory, got one that overflows")
            }
            Self::NoRootOfUnity { order, number } => write!(
                f,
                "order: expected one for which {number} holds a primitive root of unity, got {order}"
            ),
            Self::NotFinite { argument } => {
                write!(f, "{argument}: expected finite samples, got NaN or an infinity")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The result of a function that may refuse its input.
pub type Result<T> = std::result::Result<T, Error>;

/// Refuses an empty argument.
pub(crate) fn non_empty(argument: &'static str, len: usize) -> Result<()> {
    if len == 0 { Err(Error::Empty { argument }) } else { Ok(()) }
}

/// Refuses a length below what is needed.
pub(crate) fn at_least(argument: &'static str, needed: usize, given: usize) -> Result<()> {
    if given < needed { Err(Error::TooShort { argument, needed, given }) } else { Ok(()) }
}

/// Refuses a number of elements whose bytes no allocation can hold.
pub(crate) fn allocatable<T>(what: &'static str, sizes: &[usize]) -> Result<usize> {
    // Sides of length zero do not count: ndarray refuses a shape whose other sides overflow all the same.
    let mut sides = sizes.iter().filter(|&&size| size > 0);
    let elements = sides.try_fold(1_usize, |all, &size| all.checked_mul(size));
    elements
        .filter(|&n| n <= isize::MAX as usize / size_of::<T>().max(1))
        .map(|_| sizes.iter().product())
        .ok_or(Error::TooLarge { what })
}
