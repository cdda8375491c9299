//! Reading Rust sources: one item by its name, and the proofs of a test file.
//!
//! The sources are formatted by rustfmt, so an item ends at the line that closes its own indentation. That is all
//! the parsing the book needs.

use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};

/// A function, type or module of a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its documentation, without the slashes.
    pub doc: String,
    /// Its lines, attributes included, without the documentation and without common indentation.
    pub code: String,
    /// The line it starts on, counted from 1.
    pub line: usize,
    /// All its lines, documentation included, counted from 0.
    pub span: Range<usize>,
}

/// What may stand before an item's name.
const KEYWORDS: [&str; 7] = ["fn ", "struct ", "enum ", "trait ", "type ", "const ", "macro_rules! "];

/// The name of the item whose first line this is, if it is one.
fn item_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line =
        ["pub(crate) ", "pub(super) ", "pub "].iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line);
    let rest = KEYWORDS.iter().find_map(|keyword| line.strip_prefix(keyword))?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// All items of a file, methods and nested modules' included, in order.
pub fn items(text: &str) -> Vec<Item> {
    let lines = text.lines().collect::<Vec<_>>();
    let mut items = vec![];
    for (start, first) in lines.iter().enumerate() {
        let Some(name) = item_name(first) else { continue };
        let indent = indentation(first);
        // An item without a body ends where its first line does; one with a body at the closing brace or bracket.
        let closes = |line: &&str| {
            indentation(line) == indent && matches!(line.trim_start().chars().next(), Some('}' | ']' | ')'))
        };
        let one_line = first.ends_with(';') || first.ends_with('}');
        let end = if one_line {
            start
        } else {
            // A signature over several lines closes its parenthesis first: `) -> T {` does not end the item.
            (start + 1..lines.len())
                .find(|&i| closes(&lines[i]) && !lines[i].ends_with('{') && !lines[i].ends_with("where"))
                .unwrap_or(start)
        };
        let above = lines[..start].iter().rev().take_while(|line| {
            let line = line.trim_start();
            line.starts_with("///") || line.starts_with("#[")
        });
        let first_line = start - above.count();
        let (doc, attributes): (Vec<&str>, Vec<&str>) =
            lines[first_line..start].iter().partition(|line| line.trim_start().starts_with("///"));
        let doc = doc.iter().map(|line| {
            let line = line.trim_start().trim_start_matches("///");
            line.strip_prefix(' ').unwrap_or(line)
        });
        let code = attributes.iter().chain(&lines[start..=end]).map(|line| line.get(indent..).unwrap_or(""));
        items.push(Item {
            name: name.into(),
            doc: doc.collect::<Vec<_>>().join("\n"),
            code: code.collect::<Vec<_>>().join("\n"),
            line: start + 1,
            span: first_line..end + 1,
        });
    }
    items
}

/// A proof: a test that names the equation it proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The equation's id.
    pub id: String,
    /// The test file's stem, such as `conv_1d`.
    pub file: String,
    /// The test itself.
    pub test: Item,
}

/// A test file: its proofs, and the helpers they use.
#[derive(Debug, Clone)]
pub struct TestFile {
    /// The file's stem, such as `conv_1d`.
    pub stem: String,
    /// The `//!` documentation at its top.
    pub doc: String,
    /// The proofs, in order.
    pub proofs: Vec<Proof>,
    /// Everything else: what the proofs use.
    pub shared: String,
}

/// The id in `Proof::exact("the-id")`, or in another of the constructors.
fn proof_id(code: &str) -> Option<&str> {
    let constructor = code.split("Proof::").nth(1)?;
    constructor.split('"').nth(1)
}

/// Reads the test files of a folder that hold proofs, in alphabetical order.
///
/// # Errors
/// If a file cannot be read.
pub fn test_files(folder: &Path) -> Result<Vec<TestFile>> {
    let mut files = vec![];
    for path in rust_files(folder)? {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let items = items(&text);
        let tests = items.into_iter().filter(|item| item.code.starts_with("#[test]")).collect::<Vec<_>>();
        let shared = text.lines().enumerate().filter(|(number, line)| {
            !line.starts_with("//!") && !tests.iter().any(|test| test.span.contains(number))
        });
        let shared = without_gaps(shared.map(|(_, line)| line));
        let proof = |test: Item| Some(Proof { id: proof_id(&test.code)?.into(), file: stem.clone(), test });
        let proofs = tests.into_iter().filter_map(proof).collect::<Vec<_>>();
        if proofs.is_empty() {
            continue;
        }
        let doc = text.lines().take_while(|line| line.starts_with("//!"));
        let doc = doc.map(|line| line.trim_start_matches("//!").trim()).collect::<Vec<_>>().join("\n");
        files.push(TestFile { stem, doc, proofs, shared });
    }
    Ok(files)
}

/// Joins lines; no empty one comes first, last or after another.
fn without_gaps<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines {
        if line.is_empty() && (text.is_empty() || text.ends_with("\n\n")) {
            continue;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.trim_end().into()
}

/// The Rust files directly in a folder, in alphabetical order; none if there is no such folder.
///
/// # Errors
/// If the folder cannot be read.
pub fn rust_files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    if !folder.is_dir() {
        return Ok(vec![]);
    }
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"//! A file.

/// Adds.
///
/// Twice.
pub fn add<T>(
    a: T,
    b: T,
) -> T {
    a + b
}

struct Point {
    x: f64,
}

impl Point {
    /// Length.
    pub fn norm(&self) -> f64 {
        if self.x > 0.0 {
            self.x
        } else {
            -self.x
        }
    }
}

/// Proves it.
#[test]
fn the_id() {
    let mut proof = Proof::numeric("the-id", 1e-12);
}

const SIZES: &[usize] = &[
    1,
];
"#;

    #[test]
    fn an_item_is_found_whole_and_without_its_documentation() {
        let items = items(SOURCE);
        let names = items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names, ["add", "Point", "norm", "the_id", "SIZES"]);
        assert_eq!(items[0].doc, "Adds.\n\nTwice.");
        assert_eq!(items[0].code, "pub fn add<T>(\n    a: T,\n    b: T,\n) -> T {\n    a + b\n}");
        assert!(items[2].code.starts_with("pub fn norm") && items[2].code.ends_with("\n}"));
        assert_eq!(items[4].code, "const SIZES: &[usize] = &[\n    1,\n];");
        assert_eq!(items[3].line, 30);
    }

    #[test]
    fn a_proof_is_a_test_that_names_its_id() {
        assert_eq!(proof_id(&items(SOURCE)[3].code), Some("the-id"));
        assert_eq!(proof_id("#[test]\nfn plain() {\n    assert!(true);\n}"), None);
    }
}
