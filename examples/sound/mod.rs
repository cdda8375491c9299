//! Sounds: music and a crying baby, made by formulas, the same on every machine; and WAV files.

use std::f64::consts::{PI, TAU};
use std::path::Path;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use locality::conv1d::{Mode, convolve};

/// Samples per second of the music we make.
pub const RATE: u32 = 16_000;

/// A bass, a plucked tune and a cymbal: four seconds.
pub fn music() -> Vec<f64> {
    let tune = [220.0, 261.6, 293.7, 329.6, 293.7, 329.6, 261.6, 220.0];
    let bass = [110.0, 87.3, 98.0, 110.0];
    let overtones = [1.0, 0.45, 0.25, 0.12, 0.06];
    let mut noise = Noise(1);
    let mut music = vec![0.0; 4 * RATE as usize];
    let mut pluck = |start: f64, frequency: f64, loudness: f64| {
        let first = (start * f64::from(RATE)) as usize;
        for (n, sample) in music.iter_mut().enumerate().skip(first) {
            let t = (n - first) as f64 / f64::from(RATE);
            let envelope = loudness * (1.0 - (-t / 0.004).exp()) * (-t / 0.28).exp();
            for (number, strength) in overtones.iter().enumerate() {
                *sample += envelope * strength * (TAU * frequency * (number + 1) as f64 * t).sin();
            }
        }
    };
    for (beat, &frequency) in tune.iter().enumerate() {
        pluck(0.5 * beat as f64, frequency, 0.30);
    }
    for (bar, &frequency) in bass.iter().enumerate() {
        pluck(bar as f64, frequency, 0.30);
    }
    // A cymbal on every off-beat: noise, with its low frequencies taken away by four differences.
    for beat in 0..8 {
        let first = ((0.5 * f64::from(beat) + 0.25) * f64::from(RATE)) as usize;
        let mut hiss: Vec<f64> = (0..2400).map(|n| noise.next() * (-(n as f64) / 500.0).exp()).collect();
        for _ in 0..4 {
            hiss = convolve(&hiss, &[0.5, -0.5], Mode::Same).expect("neither is empty");
        }
        for (sample, hiss) in music[first..].iter_mut().zip(hiss) {
            *sample += 0.6 * hiss;
        }
    }
    music
}

/// Three wails: a fundamental that glides between 450 and 600 hertz, strong harmonics from 1.5 to 4 kilohertz, and a
/// little breath at all frequencies.
pub fn baby() -> Vec<f64> {
    let harmonics = [0.35, 0.25, 0.80, 1.00, 0.90, 0.70, 0.35];
    let mut noise = Noise(2);
    let mut baby = vec![0.0; 4 * RATE as usize];
    for (start, length) in [(0.25, 1.0), (1.5, 1.1), (2.85, 1.0)] {
        let first = (start * f64::from(RATE)) as usize;
        let samples = (length * f64::from(RATE)) as usize;
        let mut phase = 0.0;
        for n in 0..samples {
            let (t, share) = (n as f64 / f64::from(RATE), n as f64 / samples as f64);
            let frequency = 455.0 + 135.0 * (PI * share).sin() + 8.0 * (TAU * 6.0 * t).sin();
            phase += TAU * frequency / f64::from(RATE);
            let envelope = (PI * share).sin().powf(0.6);
            let tone: f64 =
                (1..).zip(harmonics).map(|(k, strength)| strength * (f64::from(k) * phase).sin()).sum();
            baby[first + n] = 0.35 * envelope * (tone + 0.08 * noise.next());
        }
    }
    baby
}

/// The same noise on every machine, between −1 and 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as f64 / f64::from(1_u32 << 31) - 1.0
    }
}

/// The root mean square in decibels: 0 for samples of size 1.
pub fn level(x: &[f64]) -> f64 {
    10.0 * (x.iter().map(|sample| sample * sample).sum::<f64>() / x.len() as f64).log10()
}

/// A format, and one vector of samples a channel.
pub type Wav = (WavSpec, Vec<Vec<f64>>);

/// The format of a WAV file, and its samples between −1 and 1, one vector a channel.
pub fn read_wav(path: &Path) -> Result<Wav, Box<dyn std::error::Error>> {
    let mut reader = WavReader::open(path)?;
    let spec = reader.spec();
    if !matches!(spec.channels, 1 | 2) {
        return Err(format!("expected one channel or two, got {}", spec.channels).into());
    }
    let samples = match (spec.sample_format, spec.bits_per_sample) {
        (SampleFormat::Int, 16) => {
            let samples = reader.samples::<i16>().map(|sample| Ok(f64::from(sample?) / 32768.0));
            samples.collect::<hound::Result<Vec<f64>>>()?
        }
        (SampleFormat::Float, 32) => reader
            .samples::<f32>()
            .map(|sample| Ok(f64::from(sample?)))
            .collect::<hound::Result<Vec<f64>>>()?,
        (format, bits) => {
            return Err(
                format!("expected 16-bit integers or 32-bit floats, got {bits}-bit {format:?}").into()
            );
        }
    };
    if let Some(place) = samples.iter().position(|sample| !sample.is_finite()) {
        return Err(format!("expected finite samples, number {place} is {}", samples[place]).into());
    }
    let count = usize::from(spec.channels);
    Ok((spec, (0..count).map(|c| samples.iter().skip(c).step_by(count).copied().collect()).collect()))
}

/// Writes samples between −1 and 1; what is louder is clipped where the format has no room for it.
pub fn write_wav(path: &Path, spec: WavSpec, channels: &[Vec<f64>]) -> hound::Result<()> {
    let mut writer = WavWriter::create(path, spec)?;
    for n in 0..channels[0].len() {
        for channel in channels {
            match spec.sample_format {
                SampleFormat::Int => {
                    writer.write_sample((channel[n] * 32768.0).round().clamp(-32768.0, 32767.0) as i16)?
                }
                SampleFormat::Float => writer.write_sample(channel[n] as f32)?,
            }
        }
    }
    writer.finalize()
}
