//! What is wrong with a formula, and where.

use std::fmt;
use std::ops::Range;

/// Why a formula cannot be read or evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong, and what to write instead.
    pub what: String,
    /// The bytes of the formula that it is about.
    pub span: Range<usize>,
}

/// The result of reading or evaluating a formula.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error about a stretch of the formula.
    pub fn new(span: &Range<usize>, what: impl Into<String>) -> Self {
        Self { what: what.into(), span: span.clone() }
    }

    /// The error as an author wants to see it: the file, the line and the column, the line itself, and carets below
    /// the place. `text` is the file, of which the formula begins at byte `start`.
    pub fn at(&self, file: &str, text: &str, start: usize) -> String {
        let (line, column, shown) = self.place(text, start);
        format!("{file}:{line}:{column}: {}\n{shown}", self.what)
    }

    /// The line and the column, counted from 1, and the line itself with carets below the place.
    pub fn place(&self, text: &str, start: usize) -> (usize, usize, String) {
        let (from, to) = (clamped(text, start + self.span.start), clamped(text, start + self.span.end));
        let line_start = text[..from].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let number = text[..line_start].matches('\n').count() + 1;
        let column = text[line_start..from].chars().count();
        let width = text[from..to.min(line_start + line.len()).max(from)].chars().count().max(1);
        let margin = " ".repeat(number.to_string().len());
        let carets = format!("{}{}", " ".repeat(column), "^".repeat(width));
        (number, column + 1, format!(" {margin} |\n {number} | {line}\n {margin} | {carets}"))
    }
}

/// The nearest place at or before `place` where a character begins.
fn clamped(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (bytes {} to {})", self.what, self.span.start, self.span.end)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_points_at_its_place() {
        let text = "# Title\n\n$$\nx = ä + \\foo\n$$\n";
        let start = text.find("x =").unwrap();
        let place = text.find("\\foo").unwrap() - start;
        let error = Error::new(&(place..place + 4), "not known");
        assert_eq!(
            error.at("book/a.md", text, start),
            "book/a.md:4:9: not known\n   |\n 4 | x = ä + \\foo\n   |         ^^^^"
        );
    }

    #[test]
    fn a_place_beyond_the_text_is_still_shown() {
        assert_eq!(Error::new(&(90..99), "cut off").at("a", "x", 0), "a:1:2: cut off\n   |\n 1 | x\n   |  ^");
    }
}
