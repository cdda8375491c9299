//! What all ways to compute a layer have in common: which part of it is one piece of work, and a call that does it all.

use std::ops::Range;

use ndarray::{Array4, ArrayRef4};

use super::Threads;
use super::simd::Number;
use crate::error::{Result, allocatable, at_least, exactly, non_empty};
use crate::layer::Geometry;

/// Calls `work` with some images, the first of the filters to apply to them, the room for their outputs, and a workspace.
///
/// So many images are one piece of work; with fewer images than threads, as many parts of the filters of one are, in
/// whole units.
pub(super) fn for_each_part<T: Number, W: Send>(
    threads: &Threads,
    (input, x): ([usize; 4], &[T]),
    (output, y): ([usize; 4], &mut [T]),
    (group, unit): (usize, usize),
    workspaces: &mut [W],
    work: impl Fn(&[T], usize, &mut [T], &mut W) + Sync,
) -> Result<()> {
    exactly("input", input.iter().product(), x.len())?;
    exactly("output", output.iter().product(), y.len())?;
    let [images, filters, p, q] = output;
    let size = x.len() / images;
    if images >= threads.count() {
        threads.for_each_chunk(y, group * filters * p * q, workspaces, |number, y, workspace| {
            let images = y.len() / (filters * p * q);
            work(&x[number * group * size..][..images * size], 0, y, workspace);
        });
        return Ok(());
    }
    let part = filters.div_ceil(threads.count()).next_multiple_of(unit).min(filters);
    for (x, y) in x.chunks_exact(size).zip(y.chunks_exact_mut(filters * p * q)) {
        threads.for_each_chunk(y, part * p * q, workspaces, |number, y, workspace| {
            work(x, number * part, y, workspace);
        });
    }
    Ok(())
}

/// How large parts are that are about equal, and as few as hold at most so many each.
pub(super) fn equal_parts(whole: usize, most: usize) -> usize {
    whole.div_ceil(whole.div_ceil(most))
}

/// Refuses what layers in tiles cannot do: outputs side by side read samples side by side.
///
/// # Errors
/// [`Error::Length`](crate::Error::Length) for a stride or a dilation other than 1.
pub(super) fn side_by_side(geometry: Geometry) -> Result<()> {
    for (argument, (down, across)) in [("stride", geometry.stride), ("dilation", geometry.dilation)] {
        exactly(argument, 1, down)?;
        exactly(argument, 1, across)?;
    }
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

/// The outputs of a layer with a kernel for each channel, as rows and columns of the full result.
pub(super) fn depthwise<T>(
    input: [usize; 4],
    (kernels, kh, kw): (usize, usize, usize),
    padding: (usize, usize),
) -> Result<(Range<usize>, Range<usize>)> {
    let [images, channels, height, width] = input;
    exactly("kernels", channels, kernels)?;
    let geometry = Geometry { padding, ..Geometry::default() };
    let (rows, columns) = geometry.outputs((height, width), (kh, kw))?;
    non_empty("input", images.min(channels))?;
    at_least("kernel", padding.0.saturating_add(1), kh)?;
    at_least("kernel", padding.1.saturating_add(1), kw)?;
    allocatable::<T>("input", &input)?;
    // Output i of the full result begins to read K − 1 samples before it.
    let kept = |outputs, k: usize, padding: usize| k - 1 - padding..k - 1 - padding + outputs;
    Ok((kept(rows, kh, padding.0), kept(columns, kw, padding.1)))
}
