//! Every link of the finished book leads somewhere.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use crate::problem::Problems;

/// What a page offers and what it refers to.
#[derive(Debug, Default)]
struct Page {
    ids: BTreeSet<String>,
    /// Each reference with the line it stands on.
    links: Vec<(String, usize)>,
}

/// Collects ids and references while html5ever reads a page.
#[derive(Default)]
struct Collector(RefCell<Page>);

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(Tag { kind: TagKind::StartTag, attrs, .. }) = token {
            let mut page = self.0.borrow_mut();
            for attribute in attrs {
                let value = attribute.value.to_string();
                match &*attribute.name.local {
                    "id" => drop(page.ids.insert(value)),
                    "href" | "src" => page.links.push((value, line as usize)),
                    _ => {}
                }
            }
        }
        TokenSinkResult::Continue
    }
}

/// Checks that every link of every page below `html` leads to a file, and every fragment to an id in it.
///
/// Links to other places are only looked at, not followed.
///
/// # Errors
/// With every link that leads nowhere.
pub fn check(html: &Path) -> Result<()> {
    let mut pages = BTreeMap::new();
    read(html, html, &mut pages)?;
    let mut problems = Problems::default();
    for (path, page) in &pages {
        for (link, line) in &page.links {
            if let Some(what) = broken(html, &pages, path, link) {
                let mend = "mend the link in the chapter that this page was printed from";
                problems.add(&path.to_string_lossy(), *line, what, mend);
            }
        }
    }
    problems.into_result()
}

/// Reads every page below a folder.
fn read(html: &Path, folder: &Path, pages: &mut BTreeMap<PathBuf, Page>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            read(html, &path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "html") {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let tokenizer = Tokenizer::new(Collector::default(), Default::default());
            let input = BufferQueue::default();
            input.push_back(text.as_str().into());
            let _ = tokenizer.feed(&input);
            tokenizer.end();
            let page = tokenizer.sink.0.into_inner();
            pages.insert(path.strip_prefix(html)?.into(), page);
        }
    }
    Ok(())
}

/// What is wrong with a link, if anything is.
fn broken(html: &Path, pages: &BTreeMap<PathBuf, Page>, from: &Path, link: &str) -> Option<String> {
    let elsewhere = link.starts_with("//") || link.split('/').next().is_some_and(|start| start.contains(':'));
    if elsewhere {
        return None;
    }
    let decoded = decoded(link);
    let (path, fragment) = decoded.split_once('#').unwrap_or((&decoded, ""));
    let path = path.split('?').next().unwrap_or_default();
    // The page for a wrong address is served from anywhere, so its links start at the root.
    let base =
        if from == Path::new("404.html") { Path::new("") } else { from.parent().unwrap_or(Path::new("")) };
    let target = match path {
        "" => from.to_path_buf(),
        path => normal(&base.join(path.trim_start_matches('/'))),
    };
    let target = if html.join(&target).is_dir() { target.join("index.html") } else { target };
    if !html.join(&target).is_file() {
        return Some(format!("the link {link:?} leads to no file"));
    }
    let missing = !fragment.is_empty() && pages.get(&target).is_some_and(|page| !page.ids.contains(fragment));
    missing.then(|| format!("the link {link:?} leads to no id in {}", target.display()))
}

/// An address with its `%20`s read as what they stand for.
fn decoded(link: &str) -> String {
    let mut bytes = vec![];
    let mut rest = link.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => (bytes.push(byte), rest = &after[2..]),
            None => (bytes.push(*first), rest = after),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A path without `.` and `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut parts = vec![];
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(part) => parts.push(part),
            _ => {}
        }
    }
    parts.iter().collect()
}
