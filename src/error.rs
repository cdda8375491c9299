//! What can be wrong with the input: which argument, what was expected of it, and what was given.

use std::fmt;

/// Why a function of this crate refused its input. The output was not computed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A signal, image or kernel has no samples.
    Empty {
        /// The argument: signal, kernel, image, input or spectrum, or else its name in the signature.
        argument: &'static str,
    },
    /// A valid-mode kernel does not fit into the signal along some axis.
    KernelTooLarge {
        /// Kernel length along that axis.
        kernel: usize,
        /// Signal length along that axis.
        signal: usize,
    },
    /// The window of a layer, dilated, is longer than the padded image along some axis.
    NoOutput {
        /// How many samples the window reaches over: d(k − 1) + 1.
        reach: usize,
        /// How many there are: n + 2p.
        padded: usize,
    },
    /// A step is zero.
    Zero {
        /// The step: stride or dilation.
        argument: &'static str,
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
    /// A matrix or tensor does not have the shape that the other arguments fix.
    Shape {
        /// The argument whose shape is wrong.
        argument: &'static str,
        /// The shape that was expected.
        expected: Vec<usize>,
        /// The shape given.
        given: Vec<usize>,
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
    /// An edge or an argument names a node that a graph does not have.
    Index {
        /// The argument that names it.
        argument: &'static str,
        /// How many nodes there are; they are counted from 0.
        nodes: usize,
        /// The number given.
        given: usize,
    },
    /// A number names a class or a picture that does not exist.
    OutOfRange {
        /// The argument that holds it.
        argument: &'static str,
        /// How many there are; they are counted from 0.
        end: usize,
        /// The number given.
        given: usize,
    },
    /// An edge joins a node to itself.
    Loop {
        /// The node.
        node: usize,
    },
    /// A weight is not a positive number.
    NotPositive {
        /// The argument that holds it.
        argument: &'static str,
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
            Self::NoOutput { reach, padded } => write!(
                f,
                "kernel: expected to reach over at most {padded} samples (the padded image along this axis), got {reach}"
            ),
            Self::Zero { argument } => write!(f, "{argument}: expected at least 1, got 0"),
            Self::TooShort { argument, needed, given } => {
                write!(f, "{argument}: expected at least {needed}, got {given}")
            }
            Self::Length { argument, expected, given } => {
                write!(f, "{argument}: expected length {expected}, got {given}")
            }
            Self::Shape { argument, expected, given } => {
                write!(f, "{argument}: expected shape {}, got {}", sides(expected), sides(given))
            }
            Self::TooLarge { what } => {
                write!(f, "{what}: expected a size that fits into memory, got one that overflows")
            }
            Self::NoRootOfUnity { order, number } => write!(
                f,
                "order: expected one for which {number} holds a primitive root of unity, got {order}"
            ),
            Self::Index { argument, nodes, given } => {
                write!(f, "{argument}: expected a node below {nodes}, got {given}")
            }
            Self::OutOfRange { argument, end, given } => {
                write!(f, "{argument}: expected numbers below {end}, got {given}")
            }
            Self::Loop { node } => {
                write!(f, "edge: expected two different nodes, got {node} twice")
            }
            Self::NotPositive { argument } => {
                write!(f, "{argument}: expected a positive, finite number, got another")
            }
            Self::NotFinite { argument } => {
                write!(f, "{argument}: expected finite samples, got NaN or an infinity")
            }
        }
    }
}

/// A shape as it is said: 2 × 3.
fn sides(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
}

impl std::error::Error for Error {}

/// The result of a function that may refuse its input.
pub type Result<T> = std::result::Result<T, Error>;

/// Refuses an empty argument.
pub(crate) fn non_empty(argument: &'static str, len: usize) -> Result<()> {
    if len == 0 { Err(Error::Empty { argument }) } else { Ok(()) }
}

/// Refuses a step that stands still.
pub(crate) fn non_zero(argument: &'static str, step: usize) -> Result<()> {
    if step == 0 { Err(Error::Zero { argument }) } else { Ok(()) }
}

/// Refuses any length but the expected one.
pub(crate) fn exactly(argument: &'static str, expected: usize, given: usize) -> Result<()> {
    if given == expected { Ok(()) } else { Err(Error::Length { argument, expected, given }) }
}

/// Refuses any shape but the expected one.
pub(crate) fn shaped(argument: &'static str, expected: &[usize], given: &[usize]) -> Result<()> {
    if given == expected {
        return Ok(());
    }
    Err(Error::Shape { argument, expected: expected.to_vec(), given: given.to_vec() })
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
