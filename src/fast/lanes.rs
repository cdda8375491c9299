//! Many things of one kind side by side, one in each lane: how they get there, and back.
//!
//! A transform of one row of numbers has to shuffle them. A transform of LANES rows at once need not, if the first
//! numbers of all rows are one vector, their second numbers the next, and so on: it is the textbook's transform, with
//! a vector for a number. The rows may be those of LANES channels, of LANES filters, or of LANES tiles.

use std::ops::{Deref, DerefMut};

use num_complex::Complex as Pair;

use super::simd::Number;

/// A complex number in every lane: real parts, imaginary parts.
pub(super) type Complex<T, const LANES: usize> = [[T; LANES]; 2];

/// The first lanes become the first vector, the second ones the second: as many vectors as `to` holds, zeros where a
/// row has ended. Missing rows are zero.
#[inline(always)]
pub(super) fn gather<'a, T: Number, const LANES: usize>(
    rows: impl Iterator<Item = &'a [T]>,
    to: &mut [[T; LANES]],
) {
    let mut lanes = [&[] as &[T]; LANES];
    lanes.iter_mut().zip(rows).for_each(|(lane, row)| *lane = &row[..row.len().min(to.len())]);
    // All rows that are there are of one length, mostly; then the loop needs no questions.
    let length = lanes.iter().map(|row| row.len()).min().unwrap_or(0);
    let (together, rest) = to.split_at_mut(length);
    let rows = lanes.map(|row| &row[..length]);
    for (i, to) in together.iter_mut().enumerate() {
        for lane in 0..LANES {
            to[lane] = rows[lane][i];
        }
    }
    for (i, to) in rest.iter_mut().enumerate() {
        for lane in 0..LANES {
            to[lane] = lanes[lane].get(length + i).copied().unwrap_or_else(T::zero);
        }
    }
}

/// Complex numbers side by side as a vector: `re` and `im` say which half of it is for the real parts, and which for the
/// imaginary ones. Lanes that there is no number for keep what they have.
#[inline(always)]
pub(super) fn split<T: Number, const LANES: usize>(
    numbers: &[Pair<T>],
    [re, im]: [usize; 2],
    to: &mut Complex<T, LANES>,
) {
    // A length that is known is a loop without questions.
    match numbers.first_chunk::<LANES>() {
        Some(numbers) => {
            for lane in 0..LANES {
                to[re][lane] = numbers[lane].re;
                to[im][lane] = numbers[lane].im;
            }
        }
        None => {
            for (lane, number) in numbers.iter().enumerate() {
                to[re][lane] = number.re;
                to[im][lane] = number.im;
            }
        }
    }
}

/// The way back from [`split`].
#[inline(always)]
pub(super) fn join<T: Number, const LANES: usize>(
    from: &Complex<T, LANES>,
    [re, im]: [usize; 2],
    numbers: &mut [Pair<T>],
) {
    match numbers.first_chunk_mut::<LANES>() {
        Some(numbers) => {
            for lane in 0..LANES {
                numbers[lane] = Pair::new(from[re][lane], from[im][lane]);
            }
        }
        None => {
            for (lane, number) in numbers.iter_mut().enumerate() {
                *number = Pair::new(from[re][lane], from[im][lane]);
            }
        }
    }
}

/// Numbers that begin where a line of the cache does, so that no vector lies across two of them.
#[derive(Debug)]
pub(super) struct Buffer<T> {
    numbers: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Number> Buffer<T> {
    /// That many zeros.
    pub(super) fn zeros(length: usize) -> Self {
        const LINE: usize = 64;
        let spare = LINE / size_of::<T>().min(LINE);
        let numbers = vec![T::zero(); length + spare];
        // An address that cannot be known is as good as any.
        let start = numbers.as_ptr().align_offset(LINE).min(spare);
        Self { numbers, start, length }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.numbers[self.start..][..self.length]
    }
}

impl<T> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.numbers[self.start..][..self.length]
    }
}
