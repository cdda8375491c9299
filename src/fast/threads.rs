//! How work is divided between threads.

use std::sync::Arc;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result, non_zero};

/// A number of threads, chosen by the caller. One means this one: no other is started, and nothing is handed over.
///
/// # Examples
/// ```
/// use locality::fast::Threads;
/// assert_eq!(Threads::new(2)?.count(), 2);
/// assert!(Threads::new(0).is_err());
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Threads {
    pool: Option<Arc<ThreadPool>>,
}

impl Threads {
    /// That many threads.
    ///
    /// # Errors
    /// [`Error::Zero`] for none; [`Error::TooLarge`] if the system does not start that many.
    pub fn new(count: usize) -> Result<Self> {
        non_zero("threads", count)?;
        if count == 1 {
            return Ok(Self::default());
        }
        let pool = ThreadPoolBuilder::new().num_threads(count).build();
        Ok(Self { pool: Some(Arc::new(pool.map_err(|_| Error::TooLarge { what: "threads" })?)) })
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, |pool| pool.current_num_threads())
    }

    /// Calls `work` with every chunk of `data`, its number, and a workspace that no other thread has at the time.
    ///
    /// Every workspace belongs to one thread; its chunks lie side by side. So threads share nothing.
    pub(crate) fn for_each_chunk<T: Send, W: Send>(
        &self,
        data: &mut [T],
        chunk: usize,
        workspaces: &mut [W],
        work: impl Fn(usize, &mut [T], &mut W) + Sync,
    ) {
        let chunks = data.len().div_ceil(chunk.max(1));
        let share = chunks.div_ceil(workspaces.len().max(1)).max(1);
        let part = |(i, (part, workspace)): (usize, (&mut [T], &mut W))| {
            for (j, data) in part.chunks_mut(chunk).enumerate() {
                work(i * share + j, data, workspace);
            }
        };
        match &self.pool {
            None => data.chunks_mut(share * chunk).zip(workspaces).enumerate().for_each(part),
            Some(pool) => {
                pool.install(|| {
                    data.par_chunks_mut(share * chunk).zip(workspaces).enumerate().for_each(part)
                });
            }
        }
    }
}
