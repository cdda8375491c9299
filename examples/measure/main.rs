//! Measures one case, by every method that the crate has for it, and prints a line of JSON for each; or, as
//! `cargo book measure` does, all cases of the chapter "Measured", and writes them to a file.
//!
//! `cargo run --release --example measure -- --case C/vgg3_2/b1 --threads 1`
//! `cargo run --release --example measure -- --survey times.csv`
//!
//! | case                | what is measured                                                                      |
//! |---------------------|---------------------------------------------------------------------------------------|
//! | `A/n65536/k31`      | full convolution of a signal, f64                                                     |
//! | `B/f32/N256/K7`     | "same" convolution of one picture                                                     |
//! | `C/vgg3_2/b8`       | a layer, f32, by name and batch                                                       |
//! | `D/vgg3_2/b8/dx`    | its gradient with respect to the input, or, `dh`, to the kernel                       |
//! | `E/r32/2d/n512`     | the Fourier transform of one real picture                                             |
//!
//! A line has the median and the least time of a call (`ms`, `ms_min`: by the clock; `cpu_ms`, `cpu_ms_min`: of the
//! processor, all threads), the rate in products and additions of the definition, and of the output its root mean square and
//! one sample, so that one can see that all methods computed the same.

mod layers;
mod signals;
mod survey;
#[path = "../times/mod.rs"]
mod times;
mod timing;

use std::hint::black_box;
use std::process::ExitCode;

use locality::fast::Threads;
use locality::num_complex::ComplexFloat;
use methods as _;
use timing::{Sample, median_and_least};

const USAGE: &str =
    "usage: measure --case CASE [--method NAME] [--threads T] [--rounds R] [--min-ms M] [--max-s S]
       measure --survey FILE";

/// What was asked for.
pub struct Request {
    case: String,
    method: String,
    /// How many threads the methods may use.
    pub threads: Threads,
    rounds: usize,
    min_ms: f64,
    max_s: f64,
}

fn main() -> ExitCode {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let outcome = match &arguments[..] {
        [option, file] if option == "--survey" => survey::survey(file.as_ref()),
        _ => request(arguments).and_then(|request| measure(&request)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(request: &Request) -> Outcome<()> {
    match request.case.split('/').collect::<Vec<_>>()[..] {
        ["A", n, k] => signals::signal(request, n, k),
        ["B", float, n, k] => signals::picture(request, float, n, k),
        ["C", name, batch] => layers::forward(request, name, batch),
        ["D", name, batch, by] => layers::backward(request, name, batch, by),
        ["E", float, "2d", n] => signals::spectrum(request, float, n),
        _ => Err(format!("no case {:?}: see the table at the top of the program", request.case).into()),
    }
}

/// A failure in words.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn request(arguments: Vec<String>) -> Outcome<Request> {
    let mut request = Request {
        case: String::new(),
        method: String::new(),
        threads: Threads::default(),
        rounds: 5,
        min_ms: 20.0,
        max_s: 2.0,
    };
    let mut arguments = arguments.into_iter();
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match option.as_str() {
            "--case" => request.case = value,
            "--method" => request.method = value,
            "--threads" => request.threads = Threads::new(value.parse()?)?,
            "--rounds" => request.rounds = value.parse()?,
            "--min-ms" => request.min_ms = value.parse()?,
            "--max-s" => request.max_s = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    if request.case.is_empty() || request.rounds == 0 {
        return Err(USAGE.into());
    }
    Ok(request)
}

impl Request {
    /// Whether a method was asked for.
    pub fn wants(&self, method: &str) -> bool {
        method.contains(&self.method)
    }

    /// Times calls of `run`, which leaves its result in the output, and prints a line, if the method was asked for.
    pub fn time<T: ComplexFloat<Real: Into<f64>>>(
        &self,
        method: &str,
        operations: f64,
        output: &mut [T],
        mut run: impl FnMut(&mut [T]) -> locality::Result<()>,
    ) -> Outcome<()> {
        if !self.wants(method) {
            return Ok(());
        }
        let first = Sample::take(0.0, || run(output))?;
        let rounds = if first.clock > self.max_s { 1 } else { self.rounds };
        let samples = (0..rounds)
            .map(|_| Sample::take(self.min_ms / 1e3, || run(black_box(&mut *output))))
            .collect::<locality::Result<Vec<_>>>()?;
        let (ms, ms_min) = median_and_least(samples.iter().map(|sample| sample.clock));
        let (cpu, cpu_min) = median_and_least(samples.iter().map(|sample| sample.processor));
        let seen = &output[..output.len().min(1 << 22)];
        let square = seen.iter().map(|&sample| sample.abs().into().powi(2)).sum::<f64>();
        let probe: f64 = output[output.len() / 3].re().into();
        println!(
            "{{\"case\":\"{}\",\"peer\":\"ours.{method}\",\"threads\":{},\"ms\":{:.6},\"ms_min\":{:.6},\
             \"cpu_ms\":{:.6},\"cpu_ms_min\":{:.6},\"gflops\":{:.4},\"gflops_core\":{:.4},\"rms\":{:e},\"probe\":{probe:e}}}",
            self.case,
            self.threads.count(),
            ms * 1e3,
            ms_min * 1e3,
            cpu * 1e3,
            cpu_min * 1e3,
            operations / ms / 1e9,
            operations / cpu / 1e9,
            (square / seen.len() as f64).sqrt(),
        );
        Ok(())
    }
}

/// Numbers from −1/2 to 1/2, the same for every program that takes part (splitmix64, its top 24 bits).
pub fn numbers(seed: u64, count: usize) -> impl Iterator<Item = f64> {
    (0..count as u64).map(move |i| {
        let mut z = (seed << 32).wrapping_add(i).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1 << 24) - 0.5
    })
}
