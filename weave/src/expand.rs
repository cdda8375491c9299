//! The directives of a chapter: `{{figure …}}`, `{{live …}}`, `{{output …}}`, `{{value …}}`, `{{claim …}}`, `{{code …}}`,
//! `{{minutes}}`, and those that depend on the whole book: `{{minutes total}}`, `{{count proofs}}`, `{{notation}}`,
//! `{{ledger …}}`, `{{proofs}}`, `{{references …}}`.
//!
//! A directive is replaced by Markdown. Every line of the result remembers the line of the chapter it came from, so
//! that a later problem can still be reported where the author can mend it.

use std::fs;

use crate::facts::{Claim, Facts, Figure, read_toml};
use crate::live;
use crate::problem::Problems;
use crate::source;
use crate::typeset::escape;

/// A chapter whose directives have been replaced.
#[derive(Debug, Default)]
pub struct Expanded {
    /// The Markdown.
    pub text: String,
    /// For every line of it, the line of the chapter it came from, counted from 1.
    pub origin: Vec<usize>,
}

impl Expanded {
    fn push(&mut self, line: usize, text: &str) {
        for part in text.split('\n') {
            self.text.push_str(part);
            self.text.push('\n');
            self.origin.push(line);
        }
    }

    /// The chapter's line at a place in the text.
    pub fn line_at(&self, place: usize) -> usize {
        let line = self.text[..place].matches('\n').count();
        self.origin.get(line).or(self.origin.last()).copied().unwrap_or(1)
    }
}

/// Where a directive stands.
struct Place<'a> {
    facts: &'a Facts,
    /// Makes links to other pages right: `""` or `"../"`.
    up: &'a str,
    file: &'a str,
    line: usize,
    generated: &'a dyn Fn(&str) -> Option<String>,
}

/// Replaces the directives of a chapter. `generated` answers those whose text depends on the whole book.
pub fn expand(
    facts: &Facts,
    file: &str,
    up: &str,
    content: &str,
    generated: &dyn Fn(&str) -> Option<String>,
    problems: &mut Problems,
) -> Expanded {
    let mut expanded = Expanded::default();
    let mut fence: Option<&str> = None;
    for (number, line) in content.lines().enumerate() {
        let place = Place { facts, up, file, line: number + 1, generated };
        let trimmed = line.trim_start();
        if let Some(open) = fence {
            // Code is left alone, up to a fence of the same sign that is at least as long and says nothing else.
            fence = fence.filter(|_| !(trimmed.starts_with(open) && fence_of(trimmed) == trimmed.trim_end()));
            expanded.push(place.line, line);
        } else if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            if trimmed.trim_end() == fence_of(trimmed) {
                let mend = "name it: ```rust for code that is run, ```text for what is not code";
                problems.add(file, place.line, "a code fence without a language", mend);
            }
            fence = Some(fence_of(trimmed));
            expanded.push(place.line, line);
        } else if let Some(name) = whole_line(line).and_then(|directive| directive.strip_prefix("live ")) {
            if let Err((what, mend)) = live::take_over(facts, up, name.trim(), &mut expanded.text) {
                problems.add(file, place.line, what, mend);
            }
            expanded.push(place.line, "");
        } else if let Some(directive) = whole_line(line) {
            match place.block(directive, problems) {
                Some(text) => expanded.push(place.line, &text),
                None => expanded.push(place.line, &place.inline(line, content, problems)),
            }
        } else {
            expanded.push(place.line, &place.inline(line, content, problems));
        }
    }
    expanded
}

/// The run of one sign that a line starts with.
fn fence_of(line: &str) -> &str {
    let sign = line.chars().next().unwrap_or_default();
    &line[..line.len() - line.trim_start_matches(sign).len()]
}

/// The directive that fills a line by itself.
fn whole_line(line: &str) -> Option<&str> {
    let inside = line.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inside.starts_with('#') && !inside.contains("}}")).then_some(inside.trim())
}

/// How long a text takes to read, in minutes: 180 words each. A displayed formula is looked at, not spelled, and
/// takes as long as twenty words.
pub fn minutes(content: &str) -> usize {
    let words = |text: &str| text.split_whitespace().count();
    let formula = |part: &str| words(part).min(20);
    let parts = content.split("\n$$\n").enumerate();
    parts.map(|(i, part)| if i % 2 == 0 { words(part) } else { formula(part) }).sum::<usize>().div_ceil(180)
}

impl Place<'_> {
    /// What a directive on a line of its own becomes; `None` if it is one that may stand within a line.
    fn block(&self, directive: &str, problems: &mut Problems) -> Option<String> {
        let words = directive.split_whitespace().collect::<Vec<_>>();
        let text = match words[..] {
            ["figure", id] => self.figure(id),
            ["output", program] => self.output(program, None),
            ["output", program, section] => self.output(program, Some(section)),
            ["claim", id] => self.claim(id),
            ["code", path, name] => self.code(path, name),
            ["code", path] => self.whole_file(path),
            _ => return None,
        };
        Some(text.unwrap_or_else(|(what, mend)| {
            problems.add(self.file, self.line, what, mend);
            String::new()
        }))
    }

    /// A line with its inline directives replaced; `\{{` stands for two braces.
    fn inline(&self, line: &str, content: &str, problems: &mut Problems) -> String {
        let mut text = String::new();
        let mut rest = line;
        while let Some(start) = rest.find("{{") {
            let (before, after) = (&rest[..start], &rest[start + 2..]);
            let end = after.find("}}");
            if let Some(escaped) = before.strip_suffix('\\') {
                text.push_str(escaped);
                text.push_str("{{");
                rest = after;
                continue;
            }
            text.push_str(before);
            let Some(end) = end.filter(|_| !after.starts_with('#')) else {
                // mdBook's own directives, and braces that are not closed, are not ours.
                text.push_str("{{");
                rest = after;
                continue;
            };
            let words = after[..end].split_whitespace().collect::<Vec<_>>();
            match words[..] {
                ["minutes"] => text.push_str(&minutes(content).to_string()),
                ["value", name] => match self.facts.value(name) {
                    Ok(Some(value)) => text.push_str(&value),
                    Ok(None) => problems.add(
                        self.file,
                        self.line,
                        format!("unknown value \"{name}\""),
                        "record it in the example with Gallery::value, then run `cargo book update`",
                    ),
                    Err(error) => problems.add(self.file, self.line, format!("{error:#}"), "run `cargo book update`"),
                },
                _ => match (self.generated)(after[..end].trim()) {
                    Some(generated) => text.push_str(&generated),
                    None => problems.add(
                        self.file,
                        self.line,
                        format!("unknown directive {{{{{}}}}}", &after[..end]),
                        "use figure, live, output, claim or code on a line of its own, value or minutes within one; write \\{{ for braces",
                    ),
                },
            }
            rest = &after[end + 2..];
        }
        text + rest
    }

    fn figure(&self, id: &str) -> Directive {
        let unknown = || {
            let mend = "draw it in an example with Gallery::figure, then run `cargo book update`";
            (format!("unknown figure \"{id}\""), mend.into())
        };
        let svg =
            fs::read_to_string(self.facts.generated(&format!("figures/{id}.svg"))).map_err(|_| unknown())?;
        let about = self.facts.generated(&format!("figures/{id}.toml"));
        let about: Option<Figure> = read_toml(&about).map_err(|error| (format!("{error:#}"), unknown().1))?;
        let Figure { caption, alt, program } = about.ok_or_else(unknown)?;
        // One line: a blank one would end the HTML block, and text in it would be read as Markdown.
        let svg = svg.split_whitespace().collect::<Vec<_>>().join(" ");
        let label = format!("<svg role=\"img\" aria-label=\"{}\"", escape(&alt));
        let svg = svg.replacen("<svg", &label, 1);
        let up = self.up;
        Ok(format!(
            "<figure class=\"figure\" id=\"fig-{id}\">{svg}<figcaption>\n\n{caption} <span class=\"source\">Data: \
             <a href=\"{up}generated/figures/{id}.csv\">CSV</a>. Drawn by <code>examples/{program}.rs</code>.</span>\
             \n\n</figcaption></figure>\n"
        ))
    }

    fn output(&self, program: &str, section: Option<&str>) -> Directive {
        let text =
            fs::read_to_string(self.facts.generated(&format!("outputs/{program}.txt"))).map_err(|_| {
                let mend = format!("write examples/{program}.rs, then run `cargo book update`");
                (format!("unknown output \"{program}\""), mend)
            })?;
        let text = match section {
            None => text,
            Some(section) => {
                let mut after = text.lines().skip_while(|line| *line != format!("== {section} =="));
                after.next().ok_or_else(|| {
                    let mend = format!("print a line `== {section} ==` in examples/{program}.rs");
                    (format!("the output of {program} has no section \"{section}\""), mend)
                })?;
                after.take_while(|line| !line.starts_with("== ")).collect::<Vec<_>>().join("\n")
            }
        };
        let command = format!("cargo run --example {program}");
        // As entities, line ends neither end the HTML block nor become Markdown.
        let text = escape(text.trim_matches('\n')).replace('\n', "&#10;");
        Ok(format!(
            "<div class=\"output\"><div class=\"source\">{command}</div><pre tabindex=\"0\" role=\"region\" \
             aria-label=\"Output of {command}{}\"><code class=\"language-text nohighlight\">{text}</code></pre></div>\n",
            section.map(|section| format!(", section {section}")).unwrap_or_default()
        ))
    }

    fn claim(&self, id: &str) -> Directive {
        let claim = self.facts.claims.iter().find(|claim| claim.id == id).ok_or_else(|| {
            (format!("unknown claim \"{id}\""), format!("add a [[claim]] with id = \"{id}\" to claims.toml"))
        })?;
        let Claim { quote, place, verdict, says, .. } = claim;
        let (word, sign, class) = verdict.words();
        let evidence = evidence(claim);
        let evidence = if evidence.is_empty() {
            String::new()
        } else {
            format!("<p class=\"evidence\">{evidence}</p>\n\n")
        };
        Ok(format!(
            "<aside class=\"claim {class}\" id=\"claim-{id}\" aria-label=\"Claim {id}\"><p class=\"quote\">“{}” <span \
             class=\"where\">the article, {}</span></p><p class=\"verdict\"><span aria-hidden=\"true\">{sign}</span> \
             {id}: {word}</p>\n\n{says}\n\n{evidence}</aside>\n",
            escape(quote),
            escape(place),
        ))
    }

    fn source(&self, path: &str) -> Directive {
        fs::read_to_string(self.facts.root.join(path)).map_err(|error| {
            (format!("cannot read {path}: {error}"), "name a source file from the root".into())
        })
    }

    /// A whole file, folded: who wants to see that nothing was left out can.
    fn whole_file(&self, path: &str) -> Directive {
        let text = self.source(path)?;
        let lines = text.lines().count();
        let code = rust(text.trim_end());
        Ok(format!(
            "<details><summary>All of <code>{path}</code>, {lines} lines</summary>\n\n{code}\n</details>\n"
        ))
    }

    fn code(&self, path: &str, name: &str) -> Directive {
        let text = self.source(path)?;
        let item = source::items(&text).into_iter().find(|item| item.name == name).ok_or_else(|| {
            (
                format!("{path} has no item \"{name}\""),
                "name a function, type or constant of that file".into(),
            )
        })?;
        Ok(format!("<div class=\"code-source\">{path}</div>\n\n{}", rust(&item.code)))
    }
}

/// The Markdown of a directive, or what is wrong and how to mend it.
pub type Directive = Result<String, (String, String)>;

/// Rust that is shown and not run, in a fence longer than any inside it.
pub fn rust(code: &str) -> String {
    let ticks = code.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2) + 1;
    let fence = "`".repeat(ticks);
    format!("{fence}rust,ignore\n{code}\n{fence}\n")
}

/// What decided a claim, or will: HTML with references to equations.
pub fn evidence(claim: &Claim) -> String {
    let references = claim.by.iter().map(|id| format!("\\eqref{{{id}}}")).collect::<Vec<_>>().join(", ");
    match &claim.awaits {
        Some(awaits) if references.is_empty() => format!("<em>Awaits {}.</em>", escape(awaits)),
        Some(awaits) => format!("<em>So far:</em> {references}. <em>Awaits {}.</em>", escape(awaits)),
        None if references.is_empty() => String::new(),
        None => format!("<em>Decided by</em> {references}."),
    }
}
