//! What is wrong with the book: where, what, and how to mend it.

use std::fmt;

/// One thing that is wrong, at a place an author can go to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the root of the book.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n  mend: {}", self.file, self.line, self.what, self.mend)
    }
}

/// Everything that is wrong, found in one go.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem and goes on looking.
    pub fn add(&mut self, file: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Problem { file: file.into(), line, what: what.into(), mend: mend.into() });
    }

    /// Success if nothing was noted; otherwise one error that lists everything, in reading order.
    ///
    /// # Errors
    /// If there are problems.
    pub fn into_result(mut self) -> anyhow::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort();
        self.0.dedup();
        let list = self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        Err(anyhow::anyhow!("{list}"))
    }
}
