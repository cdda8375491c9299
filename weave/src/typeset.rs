//! Typesetting formulas at build time, with KaTeX: no script and no request in the reader's browser.

use std::collections::BTreeMap;

use katex::macros::MacroDefinition;
use katex::types::OutputFormat;
use katex::{KatexContext, Settings, render_to_string};

/// A typesetter with the book's macros.
pub struct Typesetter {
    context: KatexContext,
    macros: BTreeMap<String, String>,
}

impl Typesetter {
    /// A typesetter that knows `macros` (name with backslash to expansion).
    pub fn new(macros: &BTreeMap<String, String>) -> Self {
        Self { context: KatexContext::default(), macros: macros.clone() }
    }

    /// The HTML of a formula, on one line, or what KaTeX has against it.
    ///
    /// # Errors
    /// If the formula is not LaTeX that KaTeX knows.
    pub fn html(&self, latex: &str, display: bool) -> Result<String, String> {
        let settings = Settings::builder()
            .display_mode(display)
            .throw_on_error(true)
            .output(OutputFormat::HtmlAndMathml)
            .build();
        for (name, expansion) in &self.macros {
            settings.macros.borrow_mut().insert(name.clone(), MacroDefinition::String(expansion.clone()));
        }
        let html =
            render_to_string(&self.context, latex.trim(), &settings).map_err(|error| error.to_string())?;
        Ok(inert(&sorted_attributes(&without_annotation(&html))))
    }
}

/// Drops the LaTeX source that KaTeX keeps inside its MathML: it would be read aloud and searched twice.
fn without_annotation(html: &str) -> String {
    match (html.find("<annotation"), html.find("</annotation>")) {
        (Some(start), Some(end)) => [&html[..start], &html[end + "</annotation>".len()..]].concat(),
        _ => html.into(),
    }
}

/// Puts the attributes of every tag in alphabetical order; katex-rs leaves them in the order of a hash table.
fn sorted_attributes(html: &str) -> String {
    let mut sorted = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        let end = tag_end(tag);
        sorted.push_str(text);
        sorted.push('<');
        let (inside, after) = tag.split_at(end);
        let name = inside.find(char::is_whitespace).unwrap_or(inside.len());
        sorted.push_str(&inside[..name]);
        let mut attributes = attributes(&inside[name..]);
        attributes.sort_unstable();
        for attribute in attributes {
            sorted.push(' ');
            sorted.push_str(attribute);
        }
        rest = after;
    }
    sorted + rest
}

/// Where a tag ends: the first `>` outside quotes.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    for (place, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return place,
            _ => {}
        }
    }
    tag.len()
}

/// The attributes of a tag, each with its value.
fn attributes(inside: &str) -> Vec<&str> {
    let (mut found, mut start, mut quoted) = (vec![], None, false);
    for (place, byte) in inside.bytes().enumerate() {
        match (byte, start) {
            (b'"', _) => quoted = !quoted,
            (b' ' | b'\n', Some(from)) if !quoted => {
                found.push(&inside[from..place]);
                start = None;
            }
            (b' ' | b'\n', None) => {}
            (_, None) => start = Some(place),
            _ => {}
        }
    }
    found.extend(start.map(|from| &inside[from..]));
    found
}

/// Escapes what Markdown would take for its own between the tags, and keeps everything on one line.
fn inert(html: &str) -> String {
    let mut safe = String::with_capacity(html.len());
    let (mut tag, mut quoted) = (false, false);
    for letter in html.chars() {
        match letter {
            '<' if !tag => tag = true,
            '"' if tag => quoted = !quoted,
            '>' if tag && !quoted => tag = false,
            '\n' => {
                safe.push(' ');
                continue;
            }
            _ if tag => {}
            '\\' | '*' | '_' | '[' | ']' | '~' | '^' | '|' | '#' | '$' | '!' | '`' | '{' | '}' | ':'
            | '-' | '.' | '\'' | '"' => {
                safe.push_str(&format!("&#{};", letter as u32));
                continue;
            }
            _ => {}
        }
        safe.push(letter);
    }
    safe
}

/// Text as it may stand in HTML, in an attribute as well as between tags.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typesetter() -> Typesetter {
        Typesetter::new(&BTreeMap::from([("\\half".into(), "\\frac12".into())]))
    }

    #[test]
    fn a_formula_is_one_inert_line_and_always_the_same() {
        let html = typesetter().html("x[n]_{k*2} + \\half", true).unwrap();
        assert!(!html.contains('\n') && !html.contains('*') && !html.contains("annotation"));
        assert!(html.contains("katex-display") && html.contains("<math"));
        assert_eq!(html, typesetter().html("x[n]_{k*2} + \\half", true).unwrap());
    }

    #[test]
    fn what_katex_does_not_know_is_an_error() {
        assert!(typesetter().html("\\frobnicate{x}", false).is_err());
        assert!(typesetter().html("{x", false).is_err());
    }

    #[test]
    fn attributes_are_sorted_and_values_are_left_alone() {
        assert_eq!(sorted_attributes(r#"<a c="1 > 2" b="x y">t</a>"#), r#"<a b="x y" c="1 > 2">t</a>"#);
    }
}
