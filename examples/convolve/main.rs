//! Convolves a picture of yours with a kernel of yours, by the method that this machine is fastest with, or by one
//! that you name.
//!
//! `cargo run --release --example convolve -- photo.png --kernel gauss:15 --method auto`
//!
//! | kernel        | taps                                                                          |
//! |---------------|-------------------------------------------------------------------------------|
//! | `gauss:K`     | K × K, a Gaussian of standard deviation K/6                                   |
//! | `box:K`       | K × K, the mean                                                               |
//! | `sharpen`     | 3 × 3, a pixel and how it differs from its neighbours                         |
//! | `edges`       | 3 × 3, the Laplacian, around grey                                             |
//! | `file:NAME`   | numbers of a text file, a row of taps in each line                            |
//!
//! Methods are `auto`, `direct`, `fft` (two tiles that hold half of the picture each), `overlap-save` (tiles of the
//! size that costs least), and `definition` (four loops). The picture beyond its edge is its edge. Colours are
//! convolved one by one, and transparency stays. The result is `convolved.png`, or what `--output` names; PNG or JPEG.
//! `--threads N` works with more than one thread.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use image::{ImageReader, RgbaImage};
use locality::conv2d::{self, Mode};
use locality::fast::auto::{ImageMethod, ImagePlan, image_candidates};
use locality::fast::{Threads, overlap_save};
use locality::ndarray::{Array2, array};
use methods as _;

type Outcome<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo run --release --example convolve -- PHOTO.png --kernel gauss:15 \
     [--method auto|direct|fft|overlap-save|definition] [--threads N] [--output NAME.png]";

/// The largest kernel: every tap is a product for every pixel, and a mistyped size should not take hours.
const LARGEST: usize = 1023;

fn main() -> ExitCode {
    match request().and_then(|request| run(&request)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What was asked for.
struct Request {
    photo: PathBuf,
    kernel: String,
    method: String,
    threads: Threads,
    output: PathBuf,
}

fn request() -> Outcome<Request> {
    let (mut photo, mut kernel) = (None, None);
    let (mut method, mut threads) = ("auto".to_string(), Threads::default());
    let mut output = PathBuf::from("convolved.png");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE);
        match argument.as_str() {
            "--kernel" => kernel = Some(value()?),
            "--method" => method = value()?,
            "--threads" => threads = Threads::new(value()?.parse().map_err(|_| "--threads: a number")?)?,
            "--output" => output = value()?.into(),
            _ if photo.is_none() && !argument.starts_with('-') => photo = Some(argument.into()),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Request { photo: photo.ok_or(USAGE)?, kernel: kernel.ok_or(USAGE)?, method, threads, output })
}

fn run(request: &Request) -> Outcome<()> {
    let name = request.photo.display();
    let photo = ImageReader::open(&request.photo).and_then(ImageReader::with_guessed_format);
    let mut photo = photo
        .map_err(|error| format!("{name}: {error}"))?
        .decode()
        .map_err(|error| format!("{name}: {error}"))?
        .into_rgba8();
    let kernel = kernel(&request.kernel)?;
    let grey = if request.kernel == "edges" { 0.5 } else { 0.0 };
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    // Around the picture stands its edge, as far as the kernel reaches; what is valid then is the picture.
    let (above, before) = (kernel.nrows() / 2, kernel.ncols() / 2);
    let image = (height + kernel.nrows() - 1, width + kernel.ncols() - 1);
    let mut method = Method::new(request, image, &kernel)?;
    println!(
        "{name}, {width} × {height} pixels, with {} × {} taps: {}",
        kernel.nrows(),
        kernel.ncols(),
        method.why
    );
    let mut seconds = 0.0;
    for colour in 0..3 {
        let pixel = |(i, j): (usize, usize)| {
            let (x, y) = (j.saturating_sub(before).min(width - 1), i.saturating_sub(above).min(height - 1));
            f32::from(photo.get_pixel(x as u32, y as u32).0[colour]) / 255.0
        };
        let padded = Array2::from_shape_fn(image, pixel);
        let start = Instant::now();
        let convolved = method.convolve(&padded, &kernel)?;
        seconds += start.elapsed().as_secs_f64();
        write(&mut photo, colour, &convolved, grey);
    }
    photo
        .save(&request.output)
        .or_else(|_| {
            // JPEG knows no transparency.
            image::DynamicImage::from(photo).into_rgb8().save(&request.output)
        })
        .map_err(|error| format!("{}: {error}", request.output.display()))?;
    println!("convolved in {:.1} ms, three colours; written to {}", seconds * 1e3, request.output.display());
    Ok(())
}

fn write(photo: &mut RgbaImage, colour: usize, convolved: &Array2<f32>, grey: f32) {
    for (pixel, value) in photo.pixels_mut().zip(convolved) {
        pixel.0[colour] = ((value + grey).clamp(0.0, 1.0) * 255.0).round() as u8;
    }
}

/// A way to convolve, and why it was chosen.
struct Method {
    /// None is the definition.
    plan: Option<ImagePlan<f32>>,
    why: String,
}

impl Method {
    fn new(request: &Request, image: (usize, usize), kernel: &Array2<f32>) -> Outcome<Self> {
        let Request { method, threads, .. } = request;
        let by = |method| ImagePlan::by(method, image, kernel, Mode::Valid, threads);
        let asked = |plan| Self { plan, why: format!("{method}, as asked for") };
        Ok(match method.as_str() {
            "auto" => {
                let [(best, less), (_, more)] = image_candidates::<f32>(image, kernel.dim(), Mode::Valid)?;
                let (chosen, other) = match best {
                    ImageMethod::Direct => ("direct", "overlap-save"),
                    ImageMethod::OverlapSave => ("overlap-save", "direct"),
                };
                let why = format!(
                    "{chosen}, expected to take {:.2} ms a colour on one thread, where {other} would take {:.2} ms",
                    less * 1e3,
                    more * 1e3
                );
                Self { plan: Some(by(best)?), why }
            }
            "direct" => asked(Some(by(ImageMethod::Direct)?)),
            "overlap-save" => asked(Some(by(ImageMethod::OverlapSave)?)),
            "fft" => {
                let tile = overlap_save::whole::<f32>(image, kernel.dim(), Mode::Valid)?;
                let plan = overlap_save::Plan::convolve(image, kernel, Mode::Valid, Some(tile), threads)?;
                asked(Some(ImagePlan::OverlapSave(plan)))
            }
            "definition" => asked(None),
            _ => {
                return Err(format!(
                    "--method {method}: expected auto, direct, fft, overlap-save or definition"
                )
                .into());
            }
        })
    }

    fn convolve(&mut self, image: &Array2<f32>, kernel: &Array2<f32>) -> Outcome<Array2<f32>> {
        match &mut self.plan {
            None => Ok(conv2d::convolve(image, kernel, Mode::Valid)?),
            Some(plan) => {
                let mut y = Array2::zeros(plan.output());
                let (x, out) = (image.as_slice().ok_or("row-major")?, y.as_slice_mut().ok_or("row-major")?);
                plan.run_into(x, out)?;
                Ok(y)
            }
        }
    }
}

fn kernel(description: &str) -> Outcome<Array2<f32>> {
    let (name, size) = description.split_once(':').unwrap_or((description, ""));
    let side = || -> Outcome<usize> {
        match size.parse() {
            Ok(side) if (1..=LARGEST).contains(&side) => Ok(side),
            _ => Err(format!("--kernel {name}:{size}: expected a size from 1 to {LARGEST}").into()),
        }
    };
    Ok(match name {
        "gauss" => {
            let side = side()?;
            let (centre, deviation) = ((side - 1) as f32 / 2.0, side as f32 / 6.0);
            let bell = |i: usize| (-((i as f32 - centre) / deviation).powi(2) / 2.0).exp();
            let taps = Array2::from_shape_fn((side, side), |(a, b)| bell(a) * bell(b));
            &taps / taps.sum()
        }
        "box" => {
            let side = side()?;
            Array2::from_elem((side, side), 1.0 / (side * side) as f32)
        }
        "sharpen" => array![[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]],
        "edges" => array![[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]],
        "file" => from_file(size)?,
        _ => {
            return Err(format!(
                "--kernel {description}: expected gauss:K, box:K, sharpen, edges or file:NAME"
            )
            .into());
        }
    })
}

/// A row of taps in each line, separated by blanks or commas.
fn from_file(name: &str) -> Outcome<Array2<f32>> {
    let text = std::fs::read_to_string(name).map_err(|error| format!("{name}: {error}"))?;
    let (mut taps, mut width, mut rows) = (vec![], None, 0);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row = line.split([' ', ',', '\t']).filter(|tap| !tap.is_empty());
        let row = row
            .map(|tap| tap.parse().map_err(|_| format!("{name}, line {}: {tap:?} is no number", number + 1)))
            .collect::<Result<Vec<f32>, _>>()?;
        let width = *width.get_or_insert(row.len());
        if row.len() != width {
            let count = row.len();
            return Err(format!("{name}, line {}: expected {width} taps, found {count}", number + 1).into());
        }
        taps.extend(row);
        rows += 1;
    }
    let width = width.ok_or_else(|| format!("{name}: no taps"))?;
    if rows.max(width) > LARGEST {
        return Err(format!("{name}: expected at most {LARGEST} × {LARGEST} taps").into());
    }
    Ok(Array2::from_shape_vec((rows, width), taps)?)
}
