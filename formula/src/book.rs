//! The displays of a book, where they are printed.

use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::error::Error;

/// A labelled display in a chapter.
#[derive(Debug, Clone)]
pub struct Display {
    /// The id in its label.
    pub id: String,
    /// The chapter's file, as errors name it.
    pub file: String,
    /// The chapter's whole text.
    pub text: String,
    /// Where the LaTeX stands in it.
    pub place: Range<usize>,
}

impl Display {
    /// The LaTeX between the dollar signs, with its label.
    pub fn latex(&self) -> &str {
        &self.text[self.place.clone()]
    }

    /// An error of this formula, with its file, line and column.
    pub fn explain(&self, error: &Error) -> String {
        error.at(&self.file, &self.text, self.place.start)
    }
}

/// All labelled displays of the chapters in a folder, in the order of the files' names.
///
/// # Errors
/// If a file cannot be read.
pub fn displays(folder: &Path) -> std::io::Result<Vec<Display>> {
    let mut files =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = vec![];
    for file in files {
        let text = fs::read_to_string(&file)?;
        let path = format!("{name}/{}", file.file_name().unwrap_or_default().to_string_lossy());
        found.extend(in_text(&path, &text));
    }
    Ok(found)
}

/// The labelled displays of a text: `$$`, LaTeX with a label, `$$`. Fenced code is left out.
fn in_text(file: &str, text: &str) -> Vec<Display> {
    let (mut found, mut open, mut fence, mut place) = (vec![], None, None::<&str>, 0);
    for line in text.split_inclusive('\n') {
        let start = place;
        place += line.len();
        let words = line.trim();
        match fence {
            Some(closing) => {
                if words.starts_with(closing) {
                    fence = None;
                }
                continue;
            }
            None => fence = ["```", "~~~"].into_iter().find(|fence| words.starts_with(fence)),
        }
        for (at, _) in line.match_indices("$$") {
            match open.take() {
                None => open = Some(start + at + 2),
                Some(from) => {
                    let latex = &text[from..start + at];
                    let label = latex.split_once("\\label{").and_then(|(_, rest)| rest.split_once('}'));
                    if let Some((id, _)) = label {
                        let place = from..start + at;
                        found.push(Display { id: id.into(), file: file.into(), text: text.into(), place });
                    }
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_are_found_outside_code() {
        let text = "a\n\n$$\nx = y\n\\label{a-b}\n$$\n\n```text\n$$\nz\n\\label{no}\n$$\n```\n\n$$ c = d \\label{e} $$\n";
        let found = in_text("book/a.md", text);
        let latex =
            found.iter().map(|display| (display.id.as_str(), display.latex().trim())).collect::<Vec<_>>();
        assert_eq!(latex, [("a-b", "x = y\n\\label{a-b}"), ("e", "c = d \\label{e}")]);
    }
}
