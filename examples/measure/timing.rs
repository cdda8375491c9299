//! How long a call takes.

use std::time::Instant;

use cpu_time::ProcessTime;

/// What a call takes, in seconds.
#[derive(Clone, Copy)]
pub struct Sample {
    /// By the clock.
    pub clock: f64,
    /// Of the processor, all threads. It hardly moves when other programs use the machine.
    pub processor: f64,
}

impl Sample {
    /// Calls `run` again and again, for a given time at least, and takes the mean.
    pub fn take(seconds: f64, mut run: impl FnMut() -> locality::Result<()>) -> locality::Result<Self> {
        let (start, used, mut calls) = (Instant::now(), ProcessTime::now(), 0.0);
        while calls == 0.0 || start.elapsed().as_secs_f64() < seconds {
            run()?;
            calls += 1.0;
        }
        let processor = used.elapsed().as_secs_f64() / calls;
        Ok(Self { clock: start.elapsed().as_secs_f64() / calls, processor })
    }
}

/// The median and the least.
pub fn median_and_least(times: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut times = times.collect::<Vec<_>>();
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}
