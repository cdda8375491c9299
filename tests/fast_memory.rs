//! What plans keep, as their documentation says, and that running one takes nothing more.
//!
//! One test, because the allocator counts for the whole program.

use locality::Result;
use locality::conv2d::Mode;
use locality::fast::auto::Method;
use locality::fast::simd::tile_shape;
use locality::fast::winograd::Tile;
use locality::fast::{Threads, depthwise, direct, fft, gemm, gradient, overlap_save, spectrum, winograd};
use locality::layer::Geometry;
use locality::ndarray::{Array2, Array3, Array4};
use locality::num_complex::Complex;
use methods as _;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A plan that is run.
type Call<'a> = dyn FnMut(&[f32], &mut [f32]) -> Result<()> + 'a;

/// Bytes of a number.
const FLOAT: usize = 4;

/// What `make` keeps, in bytes, and the most that `run` takes beyond it.
///
/// The least of five plans counts: a thread that works for the first time sets up memory of its own, the library
/// keeps the tables of a transform's size once for each thread, and the test's harness takes memory to report.
fn measured<P>(make: impl Fn() -> Result<P>, run: impl Fn(&mut P) -> Result<()>) -> Result<(usize, usize)> {
    let (mut kept, mut taken) = (usize::MAX, usize::MAX);
    for _ in 0..5 {
        let before = MEMORY.current_usage();
        let mut plan = make()?;
        let with_plan = MEMORY.current_usage();
        kept = kept.min(with_plan.saturating_sub(before));
        MEMORY.reset_peak_usage();
        run(&mut plan)?;
        taken = taken.min(MEMORY.peak_usage().saturating_sub(with_plan));
    }
    Ok((kept, taken))
}

/// The bytes are those of the formula, and little more: tables of roots, lists of chunks.
#[track_caller]
fn agree(what: &str, (kept, taken): (usize, usize), numbers: usize) {
    let expected = numbers * FLOAT;
    assert!(
        (expected..=expected + expected / 50 + 4096).contains(&kept),
        "{what}: {kept} bytes, not {expected}"
    );
    assert_eq!(taken, 0, "{what}: bytes while it runs");
}

/// What a layer in tiles keeps: see `winograd::Plan` and `fft::Plan`.
fn tiles(
    side: usize,
    m: usize,
    places: usize,
    work: usize,
    [b, c, o, p, q]: [usize; 5],
    threads: usize,
) -> usize {
    let lanes = tile_shape::<f32>().lanes;
    let (across, down) = (q.div_ceil(m), p.div_ceil(m));
    let (wide_c, wide_o) = (c.next_multiple_of(lanes), o.next_multiple_of(lanes));
    let most = if places * c * wide_o <= 1 << 18 { 64 } else { 224 };
    let images = (most / (across * down)).clamp(1, b.div_ceil(threads));
    let kept = parts(down, (most / across).max(1)) * images * across;
    let strip = side * (across * m + side - m);
    places * c * wide_o + wide_o + threads * (kept * places * (wide_c + wide_o) + (strip + 2 * work) * lanes)
}

/// The size of equal parts, as few as have at most so many.
fn parts(whole: usize, most: usize) -> usize {
    whole.div_ceil(whole.div_ceil(most))
}

/// What the gradient of a kernel in tiles keeps: see `gradient::Kernel`.
fn gradient_in_tiles(
    side: usize,
    m: usize,
    places: usize,
    work: usize,
    [b, c, o, p, q]: [usize; 5],
    threads: usize,
) -> usize {
    let shape = tile_shape::<f32>();
    let (across, down) = (q.div_ceil(m), p.div_ceil(m));
    let (wide_c, wide_o) = (c.next_multiple_of(shape.lanes), o.next_multiple_of(shape.lanes));
    let rows = parts(b * down, (256 / across).max(1));
    let pairs = (1 << 16) / places;
    let panel = shape.width();
    let e = ((pairs.isqrt() / panel).max(1) * panel).min(wide_c.next_multiple_of(panel));
    let f = parts(o, (pairs / e).max(shape.rows)).next_multiple_of(shape.rows);
    let blocks = if rows < b * down { o.div_ceil(f) * wide_c.div_ceil(e) } else { threads };
    let strip = side * (across * m + side - m);
    rows * across * places * (wide_c + wide_o)
        + threads * (strip + 2 * work) * shape.lanes
        + blocks * f * e * places
}

#[test]
fn plans_keep_what_they_say_and_running_takes_nothing() -> Result<()> {
    let shape = tile_shape::<f32>();
    for threads in [1, 2] {
        let pool = Threads::new(threads)?;
        for (input, kernel, stride) in [
            ([1, 1, 9, 9], [1, 1, 3, 3], 1),
            ([2, 40, 30, 26], [50, 40, 3, 3], 1),
            ([1, 70, 64, 64], [130, 70, 3, 3], 1),
            ([1, 16, 60, 60], [24, 16, 7, 7], 1),
            ([1, 3, 64, 64], [20, 3, 7, 7], 2),
        ] {
            let geometry = Geometry::new(stride, kernel[2] / 2, 1);
            let (p, q) = geometry.outputs((input[2], input[3]), (kernel[2], kernel[3]))?;
            let w = Array4::<f32>::ones(kernel);
            let x = vec![1.0_f32; input.iter().product()];
            let y = std::cell::RefCell::new(vec![0.0_f32; input[0] * kernel[0] * p * q]);
            let [o, c, kh, kw] = kernel;
            let sizes = [input[0], c, o, p, q];
            // Two threads hand each other their work, which takes some memory of its own.
            let run = |plan: &mut Call| {
                if threads == 1 { plan(&x, &mut y.borrow_mut()) } else { Ok(()) }
            };

            let taps = c * kh * kw;
            let depth = taps.div_ceil(taps.div_ceil(gemm::DEPTH));
            let panels = (p * q).div_ceil(shape.width()).min(gemm::PANELS);
            let sorted =
                if stride > 1 { input[0] * c * input[2] * stride * input[3].div_ceil(stride) } else { 0 };
            let numbers = o.next_multiple_of(shape.rows) * taps + o + sorted;
            // A tap is described by five whole numbers.
            let described = 5 * size_of::<usize>() / FLOAT * taps;
            agree(
                "gemm",
                measured(
                    || gemm::Plan::new(input, &w, None, geometry, &pool),
                    |plan| run(&mut |x, y| plan.run_into(x, y)),
                )?,
                numbers + described + threads * depth * panels * shape.width(),
            );
            let (g, dw) =
                (y.borrow().clone(), std::cell::RefCell::new(vec![0.0_f32; kernel.iter().product()]));
            let kernel_gradient = |method| {
                measured(
                    || gradient::Kernel::new(input, kernel, geometry, method, &pool),
                    |plan| {
                        if threads == 1 { plan.run_into(&x, &g, &mut dw.borrow_mut()) } else { Ok(()) }
                    },
                )
            };
            let wide_o = o.next_multiple_of(shape.lanes);
            agree(
                "the gradient by the kernel, by gemm",
                kernel_gradient(Method::Gemm)?,
                threads * (256 * (taps.min(gemm::DEPTH) + wide_o) + taps * wide_o) + sorted + described,
            );
            if stride > 1 {
                // Wᵀ G of one image, and the plan of the product, whose filters are these rows.
                let columns = taps * p * q;
                let depth = o.div_ceil(o.div_ceil(gemm::DEPTH));
                let product = taps.next_multiple_of(shape.rows) * o + taps;
                let described = 5 * size_of::<usize>() / FLOAT * o;
                let (kept, _) =
                    measured(|| gradient::Input::new(input, &w, geometry, Method::Gemm, &pool), |_| Ok(()))?;
                let numbers = columns + product + described + threads * depth * panels * shape.width();
                agree("the gradient by columns", (kept, 0), numbers);
                continue;
            }
            let side = 16;
            let spectrum = side * (side / 2 + 1);
            agree(
                "fft",
                measured(
                    || fft::Plan::new(input, &w, None, geometry, Some(side), &pool),
                    |plan| run(&mut |x, y| plan.run_into(x, y)),
                )?,
                tiles(side, side + 1 - kh, 3 * spectrum, 2 * spectrum, sizes, threads),
            );
            agree(
                "the gradient by the kernel, by fft",
                kernel_gradient(Method::Fft(Some(side)))?,
                gradient_in_tiles(side, side + 1 - kh, 3 * spectrum, 2 * spectrum, sizes, threads),
            );
            for (tile, m) in [(Tile::Two, 2), (Tile::Four, 4)].into_iter().filter(|_| kh == 3) {
                let places = (m + 2) * (m + 2);
                agree(
                    "winograd",
                    measured(
                        || winograd::Plan::new(input, &w, None, geometry, tile, &pool),
                        |plan| run(&mut |x, y| plan.run_into(x, y)),
                    )?,
                    tiles(m + 2, m, places, places.div_ceil(2), sizes, threads),
                );
                agree(
                    "the gradient by the kernel, by winograd",
                    kernel_gradient(Method::Winograd(tile))?,
                    gradient_in_tiles(m + 2, m, places, places.div_ceil(2), sizes, threads),
                );
            }
        }
        pictures(threads, &pool)?;
    }
    Ok(())
}

fn pictures(threads: usize, pool: &Threads) -> Result<()> {
    let lanes = tile_shape::<f32>().lanes;
    for (side, k) in [(100, 3), (200, 31)] {
        let h = Array2::<f32>::ones((k, k));
        let x = vec![1.0_f32; side * side];
        let y = std::cell::RefCell::new(vec![0.0_f32; side * side]);
        let run = |plan: &mut Call| {
            if threads == 1 { plan(&x, &mut y.borrow_mut()) } else { Ok(()) }
        };
        // Whole blocks of outputs, and as many groups of four rows as fit into 4096 numbers.
        let width = side.next_multiple_of(3 * lanes);
        let rows = 4 * (4096 / 4 / (width + k)).max(1);
        agree(
            "direct",
            measured(
                || direct::Plan::convolve((side, side), &h, Mode::Same, pool),
                |plan| run(&mut |x, y| plan.run_into(x, y)),
            )?,
            k * k + threads * (rows + k - 1) * (width + k - 1),
        );
        let (m, n) = (64, 80);
        agree(
            "overlap_save",
            measured(
                || overlap_save::Plan::convolve((side, side), &h, Mode::Same, Some((m, n)), pool),
                |plan| run(&mut |x, y| plan.run_into(x, y)),
            )?,
            // A spectrum; for each thread a tile, two rows of pixels, a vector of columns twice, and what the
            // library works in, a row.
            2 * m * n + threads * (2 * m * n + 2 * n + 4 * m * lanes + 2 * n),
        );
    }
    let (height, width) = (96, 80);
    let image = vec![1.0_f32; height * width];
    let coefficients = std::cell::RefCell::new(vec![Complex::default(); height * (width / 2 + 1)]);
    agree(
        "the spectrum of a picture",
        measured(
            || spectrum::Plan::new((height, width)),
            |plan| plan.forward_into(&image, &mut coefficients.borrow_mut()),
        )?,
        8 * height * lanes + 4 * width,
    );
    let (channels, k, m, n) = (10, 9, 32, 32);
    let h = Array3::<f32>::ones((channels, k, k));
    let kept = measured(
        || overlap_save::Plan::depthwise([2, channels, 20, 20], &h, (4, 4), Some((m, n)), pool),
        |_| Ok(()),
    )?;
    let numbers = channels * 2 * m * n + threads * (2 * m * n + 2 * n + 4 * m * lanes + 2 * n);
    agree("depthwise in tiles", kept, numbers);
    for (side, k) in [(20, 9), (100, 3)] {
        let (x, g) =
            (vec![1.0_f32; 2 * 3 * side * side], vec![1.0_f32; 2 * 3 * (side - k + 1) * (side - k + 1)]);
        let dw = std::cell::RefCell::new(vec![0.0_f32; 3 * k * k]);
        let kept = measured(
            || depthwise::KernelGradient::new([2, 3, side, side], (k, k), (0, 0), pool),
            |plan| if threads == 1 { plan.run_into(&x, &g, &mut dw.borrow_mut()) } else { Ok(()) },
        )?;
        let (p, wide) = (side - k + 1, k.next_multiple_of(8));
        let length = p + wide - 1;
        let rows = (4096 / length).min(p);
        agree("a depthwise gradient", kept, threads * (k * wide * lanes + (rows + k - 1) * length));
    }
    Ok(())
}
