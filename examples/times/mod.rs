//! What was measured, and on which machine: a file of lines that start with `#`, which describe the machine, and a table.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Something to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// The full convolution of a signal of n samples with k taps, in f64.
    Signal { n: usize, k: usize },
    /// The "same" convolution of a picture of n × n pixels with k × k taps, in f32.
    Picture { n: usize, k: usize },
    /// A layer that keeps the size of its images: images, channels, filters, side, side of the kernel; in f32.
    Layer { b: usize, c: usize, o: usize, n: usize, k: usize },
    /// The same, with everything that a plan prepares, the kernel and the memory, prepared anew.
    Fresh { b: usize, c: usize, o: usize, n: usize, k: usize },
    /// The same with a kernel for each channel and no sums over channels.
    Depthwise { c: usize, n: usize, k: usize },
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal { n, k } => write!(f, "signal n{n} k{k}"),
            Self::Picture { n, k } => write!(f, "picture n{n} k{k}"),
            Self::Layer { b, c, o, n, k } => write!(f, "layer b{b} c{c} o{o} n{n} k{k}"),
            Self::Fresh { b, c, o, n, k } => write!(f, "fresh b{b} c{c} o{o} n{n} k{k}"),
            Self::Depthwise { c, n, k } => write!(f, "depthwise c{c} n{n} k{k}"),
        }
    }
}

impl FromStr for Case {
    type Err = Box<dyn Error>;

    fn from_str(text: &str) -> Outcome<Self> {
        let mut words = text.split(' ');
        let kind = words.next().unwrap_or_default();
        let sizes =
            words.map(|word| word.get(1..).unwrap_or_default().parse()).collect::<Result<Vec<_>, _>>()?;
        let case = match (kind, &sizes[..]) {
            ("signal", &[n, k]) => Self::Signal { n, k },
            ("picture", &[n, k]) => Self::Picture { n, k },
            ("layer", &[b, c, o, n, k]) => Self::Layer { b, c, o, n, k },
            ("fresh", &[b, c, o, n, k]) => Self::Fresh { b, c, o, n, k },
            ("depthwise", &[c, n, k]) => Self::Depthwise { c, n, k },
            _ => return Err(format!("{text:?} is no case").into()),
        };
        Ok(case)
    }
}

/// A way to compute it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// The definition, in a fast order.
    Sliding,
    /// A matrix product.
    Product,
    /// Winograd's tiles of 2 × 2 outputs.
    Winograd2,
    /// Those of 4 × 4.
    Winograd4,
    /// Fourier transforms of tiles.
    Tiles,
    /// Fourier transforms of everything at once.
    Whole,
}

impl Method {
    pub const ALL: [Self; 6] =
        [Self::Sliding, Self::Product, Self::Winograd2, Self::Winograd4, Self::Tiles, Self::Whole];

    /// As it is called in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sliding => "sliding",
            Self::Product => "product",
            Self::Winograd2 => "winograd2",
            Self::Winograd4 => "winograd4",
            Self::Tiles => "tiles",
            Self::Whole => "whole",
        }
    }
}

/// What a method took.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    pub method: Method,
    /// Milliseconds of one call.
    pub ms: f64,
    /// Whether the crate would have chosen it, had nobody said which.
    pub chosen: bool,
}

/// All times of a machine.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// What is known of the machine: `cpu`, `vectors`, `cores`, `system`, `compiler`, `took`.
    pub machine: BTreeMap<String, String>,
    /// By case and number of threads.
    pub cases: BTreeMap<(Case, usize), Vec<Time>>,
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, value) in &self.machine {
            writeln!(f, "# {key}: {value}")?;
        }
        writeln!(f, "case,threads,method,ms,chosen")?;
        for ((case, threads), times) in &self.cases {
            for Time { method, ms, chosen } in times {
                writeln!(f, "{case},{threads},{},{ms:.4},{}", method.name(), u8::from(*chosen))?;
            }
        }
        Ok(())
    }
}

impl FromStr for Times {
    type Err = Box<dyn Error>;

    fn from_str(text: &str) -> Outcome<Self> {
        let mut known = Self::default();
        for (number, line) in text.lines().enumerate() {
            if let Some((key, value)) = line.strip_prefix("# ").and_then(|line| line.split_once(": ")) {
                known.machine.insert(key.into(), value.into());
            } else if line != "case,threads,method,ms,chosen" {
                let (key, time) = row(line).map_err(|error| format!("line {}: {error}", number + 1))?;
                known.cases.entry(key).or_default().push(time);
            }
        }
        Ok(known)
    }
}

/// A line of the table.
fn row(line: &str) -> Outcome<((Case, usize), Time)> {
    let [case, threads, method, ms, chosen] = line.split(',').collect::<Vec<_>>()[..] else {
        return Err("a row has five columns".into());
    };
    let method = Method::ALL.into_iter().find(|known| known.name() == method).ok_or("no such method")?;
    Ok(((case.parse()?, threads.parse()?), Time { method, ms: ms.parse()?, chosen: chosen == "1" }))
}
