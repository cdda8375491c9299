//! The preprocessor: from the chapters as they are written to the chapters as mdBook prints them.
//!
//! Three passes: replace the directives; number the labelled equations of the whole book; typeset every formula and
//! resolve every reference. All problems are collected, and any of them fails the build.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use formula::{Formula, Notation, book, strangers};
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::config::Config;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::blocks;
use crate::expand::{Expanded, expand};
use crate::facts::Facts;
use crate::ledger;
use crate::links::normal;
use crate::problem::Problems;
use crate::references::{self, Citation};
use crate::typeset::{Typesetter, escape};
use crate::{tables, update};

/// The preprocessor, under the name that `book.toml` gives it.
#[derive(Debug, Default)]
pub struct Weave {
    /// What was measured on this machine: files that take the place of those below `generated/`.
    pub own: Option<PathBuf>,
}

impl Preprocessor for Weave {
    fn name(&self) -> &str {
        "weave"
    }

    fn run(&self, context: &PreprocessorContext, book: Book) -> Result<Book> {
        refuse_to_delete_sources(&context.root, &context.config)?;
        if context.renderer == "test" {
            blocks::run_and_ignore(&context.root, book)
        } else {
            weave(&context.root, &context.config.book.src.to_string_lossy(), self.own.as_deref(), book)
        }
    }
}

/// mdBook empties the build directory before it writes to it. If that holds the chapters, or any other source, they are
/// gone.
///
/// # Errors
/// If the build directory is the source directory or a folder above it, or lies in it, or holds Rust sources.
pub fn refuse_to_delete_sources(root: &Path, config: &Config) -> Result<()> {
    let plain = |path: &Path| normal(&root.join(path));
    let (src, build) = (plain(&config.book.src), plain(&config.build.build_dir));
    let is_source = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let emptied = update::files(&root.join(&config.build.build_dir))?;
    if src.starts_with(&build) || build.starts_with(&src) || emptied.iter().any(is_source) {
        let text = std::fs::read_to_string(root.join("book.toml")).unwrap_or_default();
        let line = text.lines().position(|line| line.trim_start().starts_with("build-dir")).unwrap_or(0) + 1;
        bail!(
            "book.toml:{line}: build-dir \"{}\" holds sources: a build would delete them\n  mend: set build-dir = \
             \"target/book\" under [build]",
            config.build.build_dir.display()
        );
    }
    Ok(())
}

/// Markdown as mdBook reads it.
pub const MARKDOWN: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_DEFINITION_LIST)
    .union(Options::ENABLE_GFM);

/// A labelled equation, as the first passes find it.
#[derive(Debug, Clone)]
pub struct Equation {
    /// The id in its `\label`.
    pub id: String,
    /// Its number, such as `2.1`.
    pub number: String,
    /// The chapter's name.
    pub chapter: String,
    /// The chapter's path, relative to the book's sources.
    pub path: String,
    /// The line of its label in the chapter.
    pub line: usize,
}

/// A formula, a reference to one or a citation in a chapter's text, or a dollar sign that belongs to no formula.
enum Piece {
    Stray { range: Range<usize> },
    Formula { range: Range<usize>, display: bool, latex: String },
    Reference { range: Range<usize>, id: String },
    Citation { range: Range<usize>, key: String },
}

/// A chapter between the passes.
struct Page {
    path: String,
    file: String,
    up: String,
    expanded: Expanded,
    pieces: Vec<Piece>,
}

/// Weaves the book for a renderer that prints it.
///
/// # Errors
/// With everything that is wrong with the book.
pub fn weave(root: &Path, src: &str, own: Option<&Path>, mut book: Book) -> Result<Book> {
    let facts = Facts { own: own.map(Into::into), ..Facts::read(root, src)? };
    let mut problems = Problems::default();
    // The proofs are looked up, not read from end to end.
    let minutes = ledger::minutes(&book);
    ledger::add_proof_pages(&facts, &mut book);
    let (equations, citations) = number_equations(&facts, &book, &mut problems);
    check_orphans(&facts, &equations, &mut problems);
    references::check(&facts, &citations, &mut problems);
    check_formulas(&facts, &mut problems)?;
    let typesetter = Typesetter::new(&facts.notation.macros);
    book.for_each_chapter_mut(|chapter| {
        let generated =
            |directive: &str| ledger::generated(&facts, &equations, &minutes, &citations, directive);
        let page = page(&facts, chapter, &generated, &mut problems);
        let printed = print(&facts, &equations, &typesetter, &page, &mut problems);
        chapter.content = tables::boxed(&printed, &chapter.name);
    });
    problems.into_result()?;
    Ok(book)
}

/// A chapter with its directives replaced and its formulas found.
fn page(
    facts: &Facts,
    chapter: &Chapter,
    generated: &dyn Fn(&str) -> Option<String>,
    problems: &mut Problems,
) -> Page {
    let path = chapter_path(chapter);
    let file = format!("{}/{path}", facts.src);
    let up = "../".repeat(path.matches('/').count());
    let expanded = expand(facts, &file, &up, &chapter.content, generated, problems);
    let pieces = pieces(&expanded.text);
    Page { path, file, up, expanded, pieces }
}

fn chapter_path(chapter: &Chapter) -> String {
    chapter.path.as_deref().unwrap_or(Path::new("")).to_string_lossy().replace('\\', "/")
}

/// The formulas and references of a text, in order. Code is not looked into.
fn pieces(text: &str) -> Vec<Piece> {
    let mut found = vec![];
    let mut code = false;
    let mut verbatim: Vec<Range<usize>> = vec![];
    for (event, range) in Parser::new_ext(text, MARKDOWN | Options::ENABLE_MATH).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => {
                code = false;
                verbatim.push(range);
            }
            Event::Code(_) => verbatim.push(range),
            Event::InlineMath(latex) | Event::DisplayMath(latex) if !code => {
                let display = text[range.clone()].starts_with("$$");
                found.push(Piece::Formula { range: range.clone(), display, latex: latex.into_string() });
                verbatim.push(range);
            }
            Event::Text(_) | Event::Html(_) | Event::InlineHtml(_) if !code => {
                let strays = text[range.clone()].match_indices('$').map(|(place, _)| range.start + place);
                let strays = strays.filter(|place| !text[..*place].ends_with('\\'));
                found.extend(strays.map(|place| Piece::Stray { range: place..place + 1 }));
            }
            _ => {}
        }
    }
    let mut named = |command: &str, piece: fn(Range<usize>, String) -> Piece| {
        for (start, _) in text.match_indices(command) {
            let inside = start + command.len();
            let Some(length) = text[inside..].find('}') else { continue };
            if !verbatim.iter().any(|range| range.contains(&start)) {
                let name = text[inside..inside + length].to_string();
                found.push(piece(start..inside + length + 1, name));
            }
        }
    };
    named("\\eqref{", |range, id| Piece::Reference { range, id });
    named("\\cite{", |range, key| Piece::Citation { range, key });
    found.sort_by_key(|piece| piece.range().start);
    found
}

impl Piece {
    fn range(&self) -> &Range<usize> {
        match self {
            Self::Formula { range, .. }
            | Self::Reference { range, .. }
            | Self::Citation { range, .. }
            | Self::Stray { range } => range,
        }
    }
}

/// Splits `\label{id}` off a formula.
fn split_label(latex: &str) -> (String, Option<String>) {
    let Some(start) = latex.find("\\label{") else { return (latex.trim().into(), None) };
    let rest = &latex[start + "\\label{".len()..];
    let Some(end) = rest.find('}').filter(|end| *end > 0) else { return (latex.trim().into(), None) };
    let formula = format!("{}{}", &latex[..start], &rest[end + 1..]);
    (formula.trim().into(), Some(rest[..end].trim().into()))
}

/// Finds and numbers the labelled equations of all chapters, and finds what they cite.
///
/// Numbered chapters lend their number; the introduction is 0, and the appendices are A, B, ….
fn number_equations(facts: &Facts, book: &Book, problems: &mut Problems) -> (Vec<Equation>, Vec<Citation>) {
    let mut equations: Vec<Equation> = vec![];
    let mut citations = vec![];
    let mut appendices = ('A'..='Z').cycle();
    let mut numbered = false;
    for item in book.iter() {
        let BookItem::Chapter(chapter) = item else { continue };
        let prefix = match &chapter.number {
            Some(number) => {
                numbered = true;
                number.to_string().trim_end_matches('.').to_string()
            }
            None if numbered => appendices.next().unwrap_or('A').to_string(),
            None => "0".into(),
        };
        // Problems of the directives are reported by the last pass, which sees them again.
        let page = page(facts, chapter, &|_| None, &mut Problems::default());
        let mut count = 0;
        for piece in &page.pieces {
            if let Piece::Citation { key, .. } = piece {
                let (chapter, path) = (chapter.name.clone(), page.path.clone());
                citations.push(Citation { key: key.clone(), chapter, path });
            }
            let Piece::Formula { range, display: true, latex } = piece else { continue };
            let line = page.expanded.line_at(range.start);
            let (_, Some(id)) = split_label(latex) else {
                let mend = "add \\label{id}, where id is that of a proof in tests/";
                problems.add(&page.file, line, "a display equation without a label", mend);
                continue;
            };
            if let Some(first) = equations.iter().find(|equation| equation.id == id) {
                let mend = format!("the first stands in {}: refer to it with \\eqref{{{id}}}", first.path);
                problems.add(&page.file, line, format!("the label \"{id}\" a second time"), mend);
                continue;
            }
            count += 1;
            equations.push(Equation {
                id,
                number: format!("{prefix}.{count}"),
                chapter: chapter.name.clone(),
                path: page.path.clone(),
                line,
            });
        }
    }
    (equations, citations)
}

/// Every equation has a proof and the proof a record; every proof has an equation; every claim's evidence is proved.
fn check_orphans(facts: &Facts, equations: &[Equation], problems: &mut Problems) {
    for Equation { id, path, line, .. } in equations {
        let file = format!("{}/{path}", facts.src);
        let test = id.replace('-', "_");
        match facts.proof(id) {
            None => {
                let mend = format!("write a test `{test}` in tests/ that begins a Proof of \"{id}\"");
                problems.add(&file, *line, format!("the equation \"{id}\" has no proof"), mend);
            }
            Some(_) if !facts.records.contains_key(id) => {
                let what = format!("the proof of \"{id}\" has not been run");
                problems.add(&file, *line, what, "run `cargo book update`");
            }
            Some(_) => {}
        }
    }
    let mut seen = BTreeSet::new();
    for proof in facts.proofs() {
        let file = format!("tests/{}.rs", proof.file);
        if !equations.iter().any(|equation| equation.id == proof.id) {
            let mend = format!("display it in a chapter or in identities.md with \\label{{{}}}", proof.id);
            problems.add(
                &file,
                proof.test.line,
                format!("the proof of \"{}\" has no equation", proof.id),
                mend,
            );
        }
        if proof.test.name != proof.id.replace('-', "_") {
            let mend = format!("name the test {}", proof.id.replace('-', "_"));
            let what = format!("the test {} proves \"{}\"", proof.test.name, proof.id);
            problems.add(&file, proof.test.line, what, mend);
        }
        if !seen.insert(&proof.id) {
            let mend = "keep one of them, or give the other a name without Proof";
            problems.add(&file, proof.test.line, format!("a second proof of \"{}\"", proof.id), mend);
        }
    }
    for claim in &facts.claims {
        for id in claim.by.iter().filter(|id| facts.proof(id).is_none()) {
            let mend = "name the id of a proof in tests/";
            let what = format!("claim {} is decided by \"{id}\", which is not proved", claim.id);
            problems.add(&format!("{}/claims.toml", facts.src), claim_line(facts, &claim.id), what, mend);
        }
    }
}

/// A formula that a proof evaluates can be read, and no formula has a symbol that the notation does not know.
fn check_formulas(facts: &Facts, problems: &mut Problems) -> Result<()> {
    let folder = facts.root.join(&facts.src);
    if !folder.join("notation.toml").exists() {
        return Ok(());
    }
    let notation = Notation::read(&folder.join("notation.toml")).map_err(anyhow::Error::msg)?;
    // A book that names no symbols wants none to be checked.
    if notation.is_empty() {
        return Ok(());
    }
    for display in book::displays(&folder)? {
        let printed = facts.records.get(&display.id).is_some_and(|record| record.printed > 0);
        let errors = match Formula::parse(display.latex(), &notation) {
            Ok(_) => vec![],
            Err(error) if printed => vec![error],
            Err(_) => strangers(display.latex(), &notation),
        };
        for error in errors {
            let (line, column, shown) = error.place(&display.text, display.place.start);
            let what = format!("in the formula \"{}\", column {column}: {}\n{shown}", display.id, error.what);
            let mend = "write it as the notation has it, or add the symbol to notation.toml with its meaning";
            problems.add(&display.file, line, what, mend);
        }
    }
    Ok(())
}

/// The line of claims.toml where a claim is written down.
fn claim_line(facts: &Facts, id: &str) -> usize {
    let text = std::fs::read_to_string(facts.root.join(&facts.src).join("claims.toml")).unwrap_or_default();
    text.lines().position(|line| line.trim() == format!("id = \"{id}\"")).unwrap_or(0) + 1
}

/// The chapter as Markdown with HTML in the place of formulas and references.
fn print(
    facts: &Facts,
    equations: &[Equation],
    typesetter: &Typesetter,
    page: &Page,
    problems: &mut Problems,
) -> String {
    let by_id: BTreeMap<&str, &Equation> = equations.iter().map(|e| (e.id.as_str(), e)).collect();
    let text = &page.expanded.text;
    let mut printed = String::with_capacity(2 * text.len());
    let mut done = 0;
    for piece in &page.pieces {
        let Range { start, end } = piece.range().clone();
        let line = page.expanded.line_at(start);
        printed.push_str(&text[done..start]);
        done = end;
        match piece {
            Piece::Stray { .. } => {
                let mend = "write \\$ for the sign itself; in a table write \\vert for a bar; HTML holds no formulas";
                problems.add(&page.file, line, "a $ that belongs to no formula", mend);
            }
            Piece::Reference { id, .. } => match by_id.get(id.as_str()) {
                Some(equation) => {
                    let Equation { number, path, .. } = equation;
                    let up = &page.up;
                    // HTML, so that a reference also works where Markdown is not read.
                    printed
                        .push_str(&format!("<a class=\"eqref\" href=\"{up}{path}#eq-{id}\">({number})</a>"));
                }
                None => {
                    let mend = "refer to the label of an equation of the book";
                    problems.add(&page.file, line, format!("unknown equation \"{id}\""), mend);
                }
            },
            Piece::Citation { key, .. } => match facts.reference(key) {
                Some(reference) => printed.push_str(&references::link(reference, &page.up)),
                None => references::unknown(key, &page.file, line, problems),
            },
            Piece::Formula { display, latex, .. } => {
                let (formula, id) = if *display { split_label(latex) } else { (latex.clone(), None) };
                let html = typesetter.html(&formula, *display).unwrap_or_else(|error| {
                    problems.add(
                        &page.file,
                        line,
                        format!("a formula cannot be typeset: {error}"),
                        "mend the LaTeX",
                    );
                    String::new()
                });
                match id.and_then(|id| by_id.get(id.as_str()).copied()) {
                    Some(equation) => {
                        printed.push_str(&block(facts, equation, &html, &page.up));
                        // A blank line ends the block; within a quotation that line belongs to it.
                        let before = text[..start].rsplit('\n').next().unwrap_or_default();
                        printed.push('\n');
                        printed.push_str(if before.starts_with('>') { before.trim_end() } else { "" });
                    }
                    // A full stop or comma stays on the line of the short formula it follows.
                    None if formula.len() < 24 && text[end..].starts_with(['.', ',', ';', ':', ')']) => {
                        done += 1;
                        printed
                            .push_str(&format!("<span class=\"nobreak\">{html}{}</span>", &text[end..done]));
                    }
                    None => printed.push_str(&html),
                }
            }
        }
    }
    printed + &text[done..]
}

/// An equation with its number and its proof's badge, on one line of HTML.
fn block(facts: &Facts, equation: &Equation, html: &str, up: &str) -> String {
    let Equation { id, number, .. } = equation;
    let badge = match (facts.proof(id), facts.records.get(id)) {
        (Some(proof), Some(record)) => format!(
            " <a class=\"badge {}\" href=\"{up}proofs/{}.md#proof-{id}\" title=\"The proof of this equation\">{}</a>",
            record.class(),
            proof.file,
            escape(&record.badge())
        ),
        // Reported by `check_orphans`.
        _ => String::new(),
    };
    format!(
        "<div class=\"equation\" id=\"eq-{id}\"><div class=\"formula\" tabindex=\"0\" role=\"group\" \
         aria-label=\"Equation {number}\">{html}</div><div class=\"tag\"><a class=\"number\" \
         href=\"#eq-{id}\">({number})</a>{badge}</div></div>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_references_are_found_outside_code_only() {
        let text = "a $x$ `$y$ \\eqref{no}` \\cite{who} \\eqref{yes}\n\n$$\nz \\label{z}\n$$\n\n```text\n$w$ \\cite{no}\n```\n";
        let kinds =
            pieces(text).iter().map(|piece| text[piece.range().clone()].to_string()).collect::<Vec<_>>();
        assert_eq!(kinds, ["$x$", "\\cite{who}", "\\eqref{yes}", "$$\nz \\label{z}\n$$"]);
    }

    #[test]
    fn a_label_is_split_off() {
        assert_eq!(split_label("a = b \\label{a-b} "), ("a = b".into(), Some("a-b".into())));
        assert_eq!(split_label("a = b"), ("a = b".into(), None));
    }

    #[test]
    fn a_build_that_would_delete_the_chapters_is_refused() {
        let mut config = Config::default();
        config.book.src = "book".into();
        let cases = [
            ("book", false),
            (".", false),
            ("./book/out", false),
            ("target/../book", false),
            ("target/book", true),
        ];
        for (build, fine) in cases {
            config.build.build_dir = build.into();
            assert_eq!(refuse_to_delete_sources(Path::new("root"), &config).is_ok(), fine, "{build}");
        }
    }
}
