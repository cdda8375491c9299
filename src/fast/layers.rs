//! What all ways to compute a layer have in common: which part of it is one piece of work, and a call that does it all.

use ndarray::{Array4, ArrayRef4};

use super::Threads;
use super::simd::Number;
use crate::error::{Result, exactly};

/// Calls `work` with every image, the first of the filters to apply to it, the room for their outputs, and a workspace.
///
/// An image is one piece of work; with fewer images than threads, equal parts of its filters are, in
/// whole units.
pub(super) fn for_each_part<T: Number, W: Send>(
    threads: &Threads,
    (input, x): ([usize; 4], &[T]),
    (output, y): ([usize; 4], &mut [T]),
    unit: usize,
    workspaces: &mut [W],
    work: impl Fn(&[T], usize, &mut [T], &mut W) + Sync,
) -> Result<()> {
    exactly("input", input.iter().product(), x.len())?;
    exactly("output", output.iter().product(), y.len())?;
    let [images, filters, p, q] = output;
    let parts = threads.count().div_ceil(images);
    let part = if filters.is_multiple_of(parts * unit) { filters / parts } else { filters };
    threads.for_each_chunk(y, part * p * q, workspaces, |number, y, workspace| {
        let (image, first) = (number * part / filters, number * part % filters);
        let image = x.chunks_exact(x.len() / images).nth(image).expect("as many as images");
        work(image, first, y, workspace);
    });
    Ok(())
}

/// Runs a plan once, on tensors in any order of memory.
pub(super) fn once<T: Number>(
    x: &ArrayRef4<T>,
    output: [usize; 4],
    run_into: impl FnOnce(&[T], &mut [T]) -> Result<()>,
) -> Result<Array4<T>> {
    let mut y = Array4::zeros(output);
    let x = x.as_standard_layout();
    run_into(x.as_slice().expect("row-major"), y.as_slice_mut().expect("row-major"))?;
    Ok(y)
}
