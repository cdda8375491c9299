//! 1-D convolution: the two loops, what each mode keeps, and a filter that quiets a crying baby.
//!
//! `cargo run --example conv_1d` makes its own music and its own baby.
//! `cargo run --example conv_1d -- in.wav out.wav` filters yours: mono or stereo, 16-bit or float. Two more numbers
//! say which frequencies to take away, in hertz: `-- in.wav out.wav 390 4600`.

use std::f64::consts::{PI, TAU};
use std::path::Path;
use std::process::ExitCode;

use hound::{SampleFormat, WavSpec};
use locality::conv1d::{Mode, convolve, correlate};
use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Cell, Panel, rows};
use locality::figure::{Drawing, Gallery, Ink, short};
use locality::fourier;
use sound::{RATE, baby, level, music, read_wav, write_wav};

mod sound;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "usage: cargo run --example conv_1d [-- IN.wav OUT.wav [LOW HIGH]]
  without arguments: makes music and a crying baby, and filters them
  with two files:    filters IN (mono or stereo, 16-bit integers or 32-bit floats) into OUT
  LOW HIGH:          the frequencies to take away, in hertz (390 4600 if nothing is said)";

/// The frequencies that are taken away, in hertz: where our baby cries.
const BAND: (f64, f64) = (390.0, 4600.0);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => chapter(),
        ["-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        [input, output] => filter_file(input, output, BAND),
        [input, output, low, high] => band(low, high).and_then(|band| filter_file(input, output, band)),
        _ => Err(format!("expected two files, or none, got {} arguments\n{USAGE}", arguments.len()).into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Everything the chapter shows.
fn chapter() -> Result<()> {
    let mut gallery = Gallery::open("conv_1d")?;
    loops(&mut gallery)?;
    flip(&mut gallery)?;
    headphones(&mut gallery)?;
    receptive_field(&mut gallery)?;
    gallery.close();
    Ok(())
}

// ---------------------------------------------------------------------------------------------- the small case

/// The article's signal and filter, in all three modes.
fn loops(gallery: &mut Gallery) -> Result<()> {
    let (x, h) = ([1.0, 2.0, 0.0, -1.0], [0.5, 1.0, 0.5]);
    println!("== loops ==");
    println!("{:<6}{}", "x", listed(&x));
    println!("{:<6}{}", "h", listed(&h));
    for (name, mode) in [("full", Mode::Full), ("same", Mode::Same), ("valid", Mode::Valid)] {
        println!("{name:<6}{}", listed(&convolve(&x, &h, mode)?));
    }

    let y = convolve(&x, &h, Mode::Full)?;
    let number = |value: f64, ink, most: f64| Cell {
        value,
        ink,
        strength: 0.75 * value.abs() / most,
        label: short(value),
        hatched: false,
    };
    let blank = Cell { value: 0.0, ink: Ink::Signal, strength: 0.0, label: String::new(), hatched: false };
    let signal = Panel::cells("the signal x", (1, 4), |_, n| number(x[n], Ink::Signal, 3.0));
    let kernel = Panel::cells("the kernel h", (1, 3), |_, k| number(h[k], Ink::Kernel, 2.0));
    let copies = Panel::cells("h[k] · x, moved k places to the right, for k = 0, 1, 2", (3, 6), |k, n| {
        match n.checked_sub(k).and_then(|m| x.get(m)) {
            Some(sample) => number(h[k] * sample, Ink::Signal, 3.0),
            None => blank.clone(),
        }
    });
    let sums = Panel::cells("column by column: x ∗ h", (1, 6), |_, n| number(y[n], Ink::Output, 4.0));
    let drawing = rows(46, &[&[signal, kernel], &[copies], &[sums]], &[&["∗"], &[], &[]]);
    gallery.figure(
        "conv1d-copies",
        &drawing,
        "Every tap makes a copy of the signal, as large as the tap and as late as its index. The columns add up to the \
         output.",
        "The signal 1, 2, 0, −1 beside the kernel 0.5, 1, 0.5; below, three scaled and shifted copies of the signal, \
         one to a row; below, the sums of the columns.",
    )?;

    // What the modes keep: five samples, three taps; outputs that need samples from outside are hatched.
    let cell = |ink, label: String, hatched| Cell {
        value: 1.0,
        ink,
        strength: if hatched { 0.08 } else { 0.3 },
        label,
        hatched,
    };
    let signal = Panel::cells("signal: 5 samples", (1, 5), |_, n| cell(Ink::Signal, format!("x{n}"), false));
    let kept = |title: &str, mode: Mode| -> Result<Panel> {
        let range = mode.outputs(5, 3)?;
        Ok(Panel::cells(title, (1, range.len()), |_, n| {
            let output = range.start + n;
            cell(Ink::Output, format!("y{output}"), !(2..5).contains(&output))
        }))
    };
    let full = kept("full: 7", Mode::Full)?;
    let same = kept("same: 5", Mode::Same)?;
    let valid = kept("valid: 3", Mode::Valid)?;
    let drawing = rows(46, &[&[signal], &[full], &[same], &[valid]], &[&[], &[], &[], &[]]);
    gallery.figure(
        "conv1d-modes",
        &drawing,
        "Three taps over five samples. Hatched outputs read samples that nobody measured, and take them to be zero.",
        "Four rows of cells: the signal x0 to x4, the full outputs y0 to y6 of which the two at each end are hatched, \
         the outputs of same, y1 to y5, of which one at each end is hatched, and the valid ones, y2 to y4.",
    )?;
    Ok(())
}

/// An impulse through an uneven kernel: convolution keeps the kernel, correlation turns it round.
fn flip(gallery: &mut Gallery) -> Result<()> {
    let (impulse, h) = ([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 2.0, 4.0]);
    let (convolved, correlated) = (convolve(&impulse, &h, Mode::Same)?, correlate(&impulse, &h, Mode::Same)?);
    println!("\n== flip ==");
    println!("{:<12}{}", "x", listed(&impulse));
    println!("{:<12}{}", "h", listed(&h));
    println!("{:<12}{}", "convolved", listed(&convolved));
    println!("{:<12}{}", "correlated", listed(&correlated));

    let chart = |label: &str, ink, samples: &[f64]| {
        Chart::new("n", "value", vec![Series::signal(label, ink, samples)])
            .x_range(-0.5..6.5)
            .y_range(-0.3..4.6)
            .height(150)
    };
    let drawing = charts(&[
        chart("an impulse, x", Ink::Signal, &impulse),
        chart("convolved: h as it was written", Ink::Output, &convolved),
        chart("correlated: h backwards", Ink::Output, &correlated),
    ]);
    gallery.figure(
        "conv1d-flip",
        &drawing,
        "An impulse asks the kernel who it is. Convolution answers 1, 2, 4; correlation answers 4, 2, 1.",
        "Three stem plots below one another: an impulse at 3; the values 1, 2, 4 at 2, 3 and 4; the values 4, 2, 1 there.",
    )?;
    Ok(())
}

// ---------------------------------------------------------------------------------------------- the headphones

/// A kernel that takes away the frequencies between `low` and `high`, given in cycles per sample, 0 to 1/2.
///
/// An ideal filter would need infinitely many taps; a Hamming window keeps those in the middle. `taps` is odd, so
/// that there is a middle.
fn band_stop(low: f64, high: f64, taps: usize) -> Vec<f64> {
    let middle = (taps / 2) as f64;
    // All frequencies below `cut`, and no others: sin(2π cut t) / (π t).
    let below = |cut: f64, t: f64| if t == 0.0 { 2.0 * cut } else { (TAU * cut * t).sin() / (PI * t) };
    let tap = |k: usize| {
        let t = k as f64 - middle;
        let window = 0.54 + 0.46 * (PI * t / (middle + 1.0)).cos();
        let everything = if t == 0.0 { 1.0 } else { 0.0 };
        everything - window * (below(high, t) - below(low, t))
    };
    (0..taps).map(tap).collect()
}

/// As many taps as cover a 32nd of a second.
fn taps(rate: u32) -> usize {
    rate as usize / 32 / 2 * 2 + 1
}

/// Music and a crying baby, before and after the filter.
fn headphones(gallery: &mut Gallery) -> Result<()> {
    let h = band_stop(BAND.0 / f64::from(RATE), BAND.1 / f64::from(RATE), taps(RATE));
    let (music, baby) = (music(), baby());
    let mixed: Vec<f64> = music.iter().zip(&baby).map(|(m, b)| m + b).collect();
    let after = convolve(&mixed, &h, Mode::Same)?;
    // Convolution is linear: what the filter does to the mixture, it does to each part.
    let (music_after, baby_after) = (convolve(&music, &h, Mode::Same)?, convolve(&baby, &h, Mode::Same)?);

    println!("\n== headphones ==");
    println!("{:<14}{:>10}{:>10}{:>10}", "level", "before", "after", "change");
    for (name, before, after) in
        [("music", &music, &music_after), ("crying baby", &baby, &baby_after), ("both", &mixed, &after)]
    {
        let (before, after) = (level(before), level(after));
        println!("{name:<14}{before:>7.1} dB{after:>7.1} dB{:>7.1} dB", after - before);
    }
    let parts_add_up =
        after.iter().zip(music_after.iter().zip(&baby_after)).all(|(y, (m, b))| (y - (m + b)).abs() < 1e-12);
    println!("the parts add up: {}", if parts_add_up { "yes, to 1e-12" } else { "no" });

    gallery.value("taps", h.len())?;
    gallery.value("delay_ms", short(((h.len() / 2) as f64 / f64::from(RATE) * 1e4).round() / 10.0))?;
    gallery.value("baby_db", format!("{:.0}", level(&baby) - level(&baby_after)))?;
    gallery.value("music_db", format!("{:.1}", level(&music) - level(&music_after)))?;
    gallery.value("before_db", format!("{:.0}", level(&baby) - level(&music)))?;
    gallery.value("after_db", format!("{:.0}", level(&music_after) - level(&baby_after)))?;
    gallery.value("products", format!("{:.0}", (mixed.len() * h.len()) as f64 / 1e6))?;

    // Both files are louder by the same factor, so that what you hear is what the filter did.
    let loudest = mixed.iter().chain(&after).fold(0.0_f64, |most, sample| most.max(sample.abs()));
    let spec =
        WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    for (name, samples) in [("before", &mixed), ("after", &after)] {
        let path = gallery.file(&format!("audio/conv_1d-{name}.wav"))?;
        let scaled: Vec<f64> = samples.iter().map(|sample| 0.9 * sample / loudest).collect();
        write_wav(&path, spec, &[scaled])?;
        eprintln!("wrote {}", path.display());
    }

    gallery.figure(
        "conv1d-waveforms",
        &waveforms(&mixed, &after, &music),
        "Four seconds, as loud as they get every hundredth of a second. The three wails are gone; the notes that \
         were below them remain.",
        "Three envelopes over four seconds: the mixture, three long swells; the filtered mixture, low, with the peaks \
         of single notes; the music alone, with peaks at the same places.",
    )?;
    gallery.figure(
        "conv1d-spectra",
        &spectra(&[&music, &music_after], &[&baby, &baby_after], &h)?,
        "Where the sound is, by frequency. The kernel (orange) leaves the low notes and the cymbal alone and takes \
         everything between: the baby, and with it the overtones of the music.",
        "Three charts of level in decibels against frequency from 0 to 8000 hertz: music before and after, the baby before and after, \
         and the gain of the kernel, which is 0 outside and below −50 between 450 and 4540 hertz.",
    )?;
    Ok(())
}

/// Envelopes over time.
fn waveforms(mixed: &[f64], after: &[f64], music: &[f64]) -> Drawing {
    let top = 1.05 * mixed.iter().fold(0.0_f64, |most, sample| most.max(sample.abs()));
    let chart = |label: &str, ink, x: &[f64]| {
        let loudest = |window: &[f64]| window.iter().fold(0.0_f64, |most, sample| most.max(sample.abs()));
        let peaks: Vec<f64> = x.chunks(RATE as usize / 100).map(loudest).collect();
        let at = |(n, height): (usize, f64)| (n as f64 / 100.0, height);
        let above = peaks.iter().copied().enumerate().map(at);
        let below = peaks.iter().map(|peak| -peak).enumerate().map(at).rev();
        // There above the axis, and back below it.
        Chart::new(
            "time in seconds",
            "amplitude",
            vec![Series::new(label, ink, Mark::Line, above.chain(below))],
        )
        .x_range(0.0..4.0)
        .y_range(-top..top)
        .height(150)
    };
    charts(&[
        chart("before: music and baby", Ink::Signal, mixed),
        chart("after", Ink::Output, after),
        chart("the music alone, unfiltered", Ink::Muted, music),
    ])
}

/// Levels by frequency.
fn spectra(music: &[&[f64]; 2], baby: &[&[f64]; 2], h: &[f64]) -> Result<Drawing> {
    const FRAME: usize = 1024;
    const FLOOR: f64 = -100.0;
    let hertz = |bin: f64| bin * f64::from(RATE) / FRAME as f64;
    // The mean power of overlapping frames under a Hann window, two bins to a point.
    let points = |x: &[f64]| -> Result<Vec<(f64, f64)>> {
        let mut power = vec![0.0; FRAME / 2 + 1];
        for start in (0..=x.len() - FRAME).step_by(FRAME / 2) {
            let hann = |n: usize| 0.5 - 0.5 * (TAU * n as f64 / FRAME as f64).cos();
            let frame: Vec<f64> = (0..FRAME).map(|n| hann(n) * x[start + n]).collect();
            for (power, bin) in power.iter_mut().zip(fourier::rfft(&frame)?) {
                *power += bin.norm_sqr();
            }
        }
        let frames = (x.len() / (FRAME / 2) - 1) as f64;
        let decibels = |power: f64| (10.0 * (power / frames / (FRAME as f64).powi(2)).log10()).max(FLOOR);
        let pairs = power[..FRAME / 2].chunks(2).enumerate();
        Ok(pairs.map(|(n, pair)| (hertz(2.0 * n as f64 + 0.5), decibels(pair[0] + pair[1]))).collect())
    };
    let gain: Vec<(f64, f64)> = {
        let mut padded = h.to_vec();
        padded.resize(FRAME, 0.0);
        let decibels = |size: f64| (20.0 * size.log10()).max(FLOOR);
        fourier::rfft(&padded)?
            .iter()
            .enumerate()
            .map(|(k, bin)| (hertz(k as f64), decibels(bin.norm())))
            .collect()
    };
    let part = |name: &str, ink, [before, after]: &[&[f64]; 2]| -> Result<Chart> {
        let series = vec![
            Series::new(&format!("{name} before"), ink, Mark::Line, points(before)?),
            Series::new("after", Ink::Output, Mark::Line, points(after)?),
        ];
        Ok(Chart::new("frequency in hertz", "level in dB", series)
            .x_range(0.0..8000.0)
            .y_range(-105.0..0.0)
            .height(190))
    };
    let kernel = vec![Series::new("gain of the kernel", Ink::Kernel, Mark::Line, gain)];
    Ok(charts(&[
        part("music", Ink::Signal, music)?,
        part("baby", Ink::Wrong, baby)?,
        Chart::new("frequency in hertz", "gain in dB", kernel)
            .x_range(0.0..8000.0)
            .y_range(-105.0..10.0)
            .height(190),
    ]))
}

// ---------------------------------------------------------------------------------------------- your own file

/// The two numbers of the command line.
fn band(low: &str, high: &str) -> Result<(f64, f64)> {
    let hertz = |name: &str, text: &str| {
        text.parse::<f64>()
            .map_err(|_| format!("{name}: expected a frequency in hertz, got \"{text}\"\n{USAGE}"))
    };
    let (low, high) = (hertz("LOW", low)?, hertz("HIGH", high)?);
    if 0.0 < low && low < high && high.is_finite() {
        Ok((low, high))
    } else {
        Err(format!("expected 0 < LOW < HIGH, got {low} and {high}\n{USAGE}").into())
    }
}

/// Filters a WAV file, channel by channel.
fn filter_file(input: &str, output: &str, (low, high): (f64, f64)) -> Result<()> {
    let (spec, channels) = read_wav(Path::new(input)).map_err(|error| format!("{input}: {error}"))?;
    let rate = f64::from(spec.sample_rate);
    if low >= rate / 2.0 {
        let most = rate / 2.0;
        return Err(format!(
            "LOW: expected less than {most} hertz, half the sample rate of {input}, got {low}"
        )
        .into());
    }
    let h = band_stop(low / rate, (high / rate).min(0.5), taps(spec.sample_rate));
    // Minutes of music and a thousand taps: the loops would do, but the next chapter's route has the same outputs sooner.
    let filter = |x: &Vec<f64>| fourier::conv1d::convolve(x, &h, Mode::Same);
    let filtered = channels
        .iter()
        .map(filter)
        .collect::<locality::Result<Vec<_>>>()
        .map_err(|error| format!("{input}: {error}"))?;
    write_wav(Path::new(output), spec, &filtered).map_err(|error| format!("{output}: {error}"))?;
    println!(
        "{output}: {:.1} s, {} channel(s) at {} Hz, {} taps, {low} to {high} Hz taken away",
        channels[0].len() as f64 / rate,
        spec.channels,
        spec.sample_rate,
        h.len()
    );
    Ok(())
}

// ---------------------------------------------------------------------------------------------- what an output sees

/// Which samples an output depends on, found by asking them one by one.
fn receptive_field(gallery: &mut Gallery) -> Result<()> {
    println!("\n== receptive-field ==");
    println!("{:<8}{:<13}{:<13}{:<13}by formula", "layers", "3 taps", "5 taps", "3, stride 2");
    for layers in 1..=4 {
        let (three, five, strided) =
            (seen(&vec![(3, 1); layers])?, seen(&vec![(5, 1); layers])?, seen(&vec![(3, 2); layers])?);
        let formula =
            |k: usize, s: usize| 1 + (1..=layers as u32).map(|l| (k - 1) * s.pow(l - 1)).sum::<usize>();
        let formulas = format!("{}, {}, {}", formula(3, 1), formula(5, 1), formula(3, 2));
        println!("{layers:<8}{three:<13}{five:<13}{strided:<13}{formulas}");
    }

    let layer = |title: &str, width: usize, seen: usize, ink| {
        let margin = (width - seen) / 2;
        Panel::cells(title, (1, width), |_, n| {
            let inside = (margin..width - margin).contains(&n);
            Cell {
                value: f64::from(u8::from(inside)),
                ink,
                strength: if inside { 0.45 } else { 0.0 },
                label: String::new(),
                hatched: false,
            }
        })
    };
    let drawing = rows(
        38,
        &[
            &[layer("one output of layer 3", 5, 1, Ink::Output)],
            &[layer("reads 3 outputs of layer 2", 7, 3, Ink::Output)],
            &[layer("which read 5 of layer 1", 9, 5, Ink::Output)],
            &[layer("which read 7 samples", 11, 7, Ink::Signal)],
        ],
        &[&[], &[], &[], &[]],
    );
    gallery.figure(
        "conv1d-receptive",
        &drawing,
        "Three layers of three taps. Each reads three neighbours; together they read seven samples.",
        "Four centred rows of 5, 7, 9 and 11 cells; the middle 1, 3, 5 and 7 of them are filled.",
    )?;
    Ok(())
}

/// How many samples the first output of a stack of layers (taps, stride) depends on.
fn seen(layers: &[(usize, usize)]) -> Result<usize> {
    let n = 64;
    let mut count = 0;
    for m in 0..n {
        let mut x = vec![0_i64; n];
        x[m] = 1;
        for &(taps, stride) in layers {
            x = correlate(&x, &vec![1; taps], Mode::Valid)?.into_iter().step_by(stride).collect();
        }
        count += usize::from(x[0] != 0);
    }
    Ok(count)
}

/// Numbers in columns.
fn listed(numbers: &[f64]) -> String {
    numbers.iter().map(|&number| format!("{:>6}", short(number))).collect()
}
