//! What the book has read: a list of references, each with a key, and who cites it.
//!
//! A chapter writes `\\cite{key}` and the page shows author and year, with a link to the entry. A key that is not in
//! references.toml fails the build, and so does an entry that nobody cites: a list of what could have been read proves
//! nothing. Only what is listed for its own sake, as the article's recommendations are, says `uncited = true`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::facts::{Facts, Reference};
use crate::problem::Problems;
use crate::typeset::escape;

/// The chapter that prints the entries.
const PAGE: &str = "references.md";

/// A place where a chapter cites something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The key.
    pub key: String,
    /// The chapter's name.
    pub chapter: String,
    /// The chapter's path, relative to the book's sources.
    pub path: String,
}

/// The link that stands in the place of a citation. HTML, so that it also works where Markdown is not read.
pub fn link(reference: &Reference, up: &str) -> String {
    let Reference { key, .. } = reference;
    format!("<a class=\"cite\" href=\"{up}{PAGE}#ref-{key}\">{}</a>", escape(&reference.shown()))
}

/// Notes a key that no entry has.
pub fn unknown(key: &str, file: &str, line: usize, problems: &mut Problems) {
    let mend = "cite a key of references.toml, or add a [[reference]] with it there";
    problems.add(file, line, format!("unknown reference \"{key}\""), mend);
}

/// The keys are keys, none is given twice, and everything that is listed is cited.
pub fn check(facts: &Facts, citations: &[Citation], problems: &mut Problems) {
    let file = format!("{}/references.toml", facts.src);
    let lines = key_lines(facts);
    let mut seen = BTreeSet::new();
    for (place, reference) in facts.references.iter().enumerate() {
        let Reference { key, .. } = reference;
        let line = lines.get(place).copied().unwrap_or(1);
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if key.is_empty() || !key.chars().all(letter) {
            let mend = "use small letters, digits and hyphens: cooley-1965";
            problems.add(&file, line, format!("\"{key}\" is no key"), mend);
        }
        if !seen.insert(key) {
            let mend = "give one of the two another key, or take it off the list";
            problems.add(&file, line, format!("the key \"{key}\" a second time"), mend);
        } else if !reference.uncited && !citations.iter().any(|citation| citation.key == *key) {
            let mend = format!("write \\cite{{{key}}} where it is used, or take it off the list");
            problems.add(&file, line, format!("nothing cites \"{key}\""), mend);
        }
    }
}

/// The line of every key in references.toml, in order.
fn key_lines(facts: &Facts) -> Vec<usize> {
    let path = facts.root.join(&facts.src).join("references.toml");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let is_key = |line: &str| {
        line.trim_start().strip_prefix("key").is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().enumerate().filter(|(_, line)| is_key(line)).map(|(number, _)| number + 1).collect()
}

/// One list: every entry, what it contributes, and which chapters cite it. `None` if no entry belongs to it.
pub fn list(facts: &Facts, citations: &[Citation], name: &str) -> Option<String> {
    let mut text = String::new();
    for Reference { key, entry, gives, .. } in
        facts.references.iter().filter(|reference| reference.list == name)
    {
        let mut chapters: Vec<String> = vec![];
        for Citation { chapter, path, .. } in citations.iter().filter(|citation| citation.key == *key) {
            let link = format!("[{chapter}]({path})");
            if !chapters.contains(&link) {
                chapters.push(link);
            }
        }
        write!(text, "- <span id=\"ref-{key}\"></span>{entry} {gives}").expect("to a string");
        if !chapters.is_empty() {
            write!(text, " *Cited in* {}.", chapters.join(", ")).expect("to a string");
        }
        text.push('\n');
    }
    (!text.is_empty()).then_some(text)
}
