//! Reads the ratings of a reader: lines of `user,item[,rating]`.
//!
//! The crate `csv` does the quoting; what is said here is which rows make sense, and of one that does not, its line and what is
//! wrong. Only programs read files, so the library does without.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Trim};

/// Who rated what: users and items by their names, in the order in which they first appear, and a row for each line.
#[derive(Debug, Default, PartialEq)]
pub struct Ratings {
    /// The names of the users.
    pub users: Vec<String>,
    /// The names of the items.
    pub items: Vec<String>,
    /// User, item, rating; 1 where the file has none.
    pub rows: Vec<(usize, usize, f64)>,
}

/// What is wrong with a file, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: u64,
    /// What was expected, and what is there.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Problem {}

/// Reads ratings. Columns after the third are not looked at. The first row is a heading if it names the user's column (`user`,
/// `User ID`, `userId`, …) or if its rating is not a number.
pub fn read(mut input: impl Read) -> Result<Ratings, Problem> {
    let mut bytes = vec![];
    let unread = |error| Problem { line: 1, what: format!("expected a file to read, got {error}") };
    input.read_to_end(&mut bytes).map_err(unread)?;
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(&bytes[..]);
    let mut ratings = Ratings::default();
    let (mut users, mut items) = (HashMap::new(), HashMap::new());
    let mut columns = None;
    let mut record = StringRecord::new();
    let mut last = 1;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) if ratings.rows.is_empty() => {
                let what = match columns {
                    Some(_) => "expected rows after the heading, got none",
                    None => "expected rows user,item[,rating], got an empty file",
                };
                return Err(Problem { line: last, what: what.into() });
            }
            Ok(false) => return Ok(ratings),
            Err(error) => return Err(unreadable(&bytes, &error, last)),
        }
        last = record.position().map_or(last, |position| line_of(&bytes, position));
        let problem = |what: String| Problem { line: last, what };
        let first = *columns.get_or_insert(record.len());
        let Some((user, item)) = record.get(0).zip(record.get(1)) else {
            let row = record.iter().collect::<String>();
            return Err(problem(format!("expected user,item[,rating], got one column: {row:?}")));
        };
        if record.len() != first {
            let what = format!("expected {first} columns as in the first row, got {}", record.len());
            return Err(problem(what));
        }
        let rating = record.get(2).unwrap_or("1");
        let begins = record.position().is_some_and(|position| position.record() == 0);
        if begins && is_heading(user, record.get(2)) {
            continue;
        }
        for (name, value) in [("user", user), ("item", item)] {
            if value.is_empty() {
                return Err(problem(format!("expected a name in the column {name}, got nothing")));
            }
        }
        let weight = rating.parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight > 0.0);
        let weight =
            weight.ok_or_else(|| problem(format!("expected a positive number as rating, got {rating:?}")))?;
        let row =
            (number(&mut users, &mut ratings.users, user), number(&mut items, &mut ratings.items, item));
        ratings.rows.push((row.0, row.1, weight));
    }
}

/// The number of a name, which is new if it has not been seen.
fn number(numbers: &mut HashMap<String, usize>, names: &mut Vec<String>, name: &str) -> usize {
    if let Some(&number) = numbers.get(name) {
        return number;
    }
    numbers.insert(name.into(), names.len());
    names.push(name.into());
    names.len() - 1
}

/// Whether the first row says what the columns are.
fn is_heading(user: &str, rating: Option<&str>) -> bool {
    let letters = user.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase();
    ["user", "users", "userid", "username"].contains(&&*letters)
        || rating.is_some_and(|rating| !rating.is_empty() && rating.parse::<f64>().is_err())
}

/// The line on which a row begins. Its position is where the row before it ended, so empty lines between them are counted here.
fn line_of(bytes: &[u8], position: &Position) -> u64 {
    let rest = bytes.iter().skip(position.byte() as usize);
    let skipped = rest.take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n');
    position.line() + skipped.count() as u64
}

/// What the crate `csv` could not read.
fn unreadable(bytes: &[u8], error: &csv::Error, last: u64) -> Problem {
    let line = error.position().map_or(last, |position| line_of(bytes, position));
    let what = match error.kind() {
        ErrorKind::Utf8 { .. } => "expected text in UTF-8, got other bytes".into(),
        _ => format!("expected a row of a CSV file, got {error}"),
    };
    Problem { line, what }
}
