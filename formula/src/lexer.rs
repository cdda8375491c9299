//! From LaTeX to tokens. What only moves ink about (spaces, sizes of brackets, rules) is left out.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::notation::Notation;

/// No formula of a book is longer.
const LONGEST: usize = 20_000;

/// A token and its place in the formula.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A letter, or a command that stands for one: `x`, `\alpha`. Also every other command: `\frac`, `\le`.
    Name(String),
    /// A name of several letters: `\operatorname{tr}`, `\mathrm{full}`.
    Word(String),
    /// `\text{ if }`, without its spaces.
    Text(String),
    /// Digits.
    Number(i64),
    /// A sign that stands for itself: brackets, `+`, `,`, `&`.
    Sign(char),
    /// `\\`, the end of a row.
    Row,
    /// `\quad` or `\qquad`, which separate statements.
    Gap,
    /// `\begin{…}`.
    Begin(String),
    /// `\end{…}`.
    End(String),
}

/// Commands that change how a formula looks and not what it says.
const INK: &[&str] = &[
    "\\,",
    "\\;",
    "\\:",
    "\\!",
    "\\ ",
    "\\>",
    "\\left",
    "\\right",
    "\\big",
    "\\Big",
    "\\bigl",
    "\\bigr",
    "\\Bigl",
    "\\Bigr",
    "\\bigg",
    "\\Bigg",
    "\\biggl",
    "\\biggr",
    "\\middle",
    "\\hline",
    "\\displaystyle",
    "\\limits",
    "\\phantom",
    "\\strut",
    "\\nonumber",
];

/// The tokens of a formula.
pub(crate) fn tokens(latex: &str, notation: &Notation) -> Result<Vec<Token>> {
    if latex.len() > LONGEST {
        let what = format!("a formula of {} bytes; the longest that is read has {LONGEST}", latex.len());
        return Err(Error::new(&(0..latex.len()), what));
    }
    let mut found = vec![];
    read(latex, 0, None, notation, &mut found)?;
    Ok(found)
}

/// Reads `latex`; every token lies at `offset` plus its own place, or, within the expansion of a macro, at the macro.
fn read(
    latex: &str,
    offset: usize,
    within: Option<&Range<usize>>,
    notation: &Notation,
    found: &mut Vec<Token>,
) -> Result<()> {
    let mut place = 0;
    while let Some(letter) = latex[place..].chars().next() {
        let start = place;
        let word = &latex[place..place + length(&latex[place..])];
        place += word.len();
        let span = |end: usize| within.cloned().unwrap_or(offset + start..offset + end);
        let kind = match letter {
            _ if letter.is_whitespace() || letter == '~' => continue,
            '\\' if INK.contains(&word) => {
                // `\left.` and `\right.` draw nothing.
                if matches!(word, "\\left" | "\\right") && latex[place..].starts_with('.') {
                    place += 1;
                }
                continue;
            }
            '\\' if word == "\\\\" => Kind::Row,
            '\\' if word == "\\quad" || word == "\\qquad" => Kind::Gap,
            '\\' => {
                let spelled = [
                    "\\operatorname",
                    "\\mathrm",
                    "\\text",
                    "\\begin",
                    "\\end",
                    "\\label",
                    "\\mathbb",
                    "\\mathcal",
                ];
                if spelled.contains(&word) {
                    let (inside, end) = group(latex, place)
                        .ok_or_else(|| Error::new(&span(place), format!("{word}: braces are missing")))?;
                    place = end;
                    match word {
                        "\\operatorname" | "\\mathrm" => Kind::Word(inside.trim().into()),
                        "\\text" => Kind::Text(inside.trim().into()),
                        "\\begin" => Kind::Begin(inside.into()),
                        "\\end" => Kind::End(inside.into()),
                        "\\mathbb" | "\\mathcal" => Kind::Name(format!("{word}{{{inside}}}")),
                        _ => continue,
                    }
                } else if let Some(expansion) = notation.macros.get(word) {
                    if within.is_some() {
                        let what = format!("{word}: a macro may not be used in another macro");
                        return Err(Error::new(&span(place), what));
                    }
                    read(expansion, 0, Some(&span(place)), notation, found)?;
                    continue;
                } else {
                    Kind::Name(word.into())
                }
            }
            '0'..='9' => match word.parse() {
                Ok(number) => Kind::Number(number),
                Err(_) => return Err(Error::new(&span(place), "a number this large is not read")),
            },
            _ if letter.is_alphabetic() => Kind::Name(word.into()),
            '+' | '-' | '=' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | ':' | '|' | '/'
            | '^' | '_' | '\'' | '&' | '*' | '.' | '!' => Kind::Sign(letter),
            _ => {
                return Err(Error::new(
                    &span(place),
                    format!("the character {letter:?} has no meaning here"),
                ));
            }
        };
        found.push(Token { kind, span: span(place) });
    }
    Ok(())
}

/// How long the token is that a text begins with.
fn length(text: &str) -> usize {
    let mut letters = text.chars();
    match letters.next() {
        Some('\\') => {
            let name = letters.as_str().find(|c: char| !c.is_ascii_alphabetic());
            match name.unwrap_or(text.len() - 1) {
                0 => 1 + letters.next().map_or(0, char::len_utf8),
                name => 1 + name,
            }
        }
        Some('0'..='9') => text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()),
        Some(letter) => letter.len_utf8(),
        None => 0,
    }
}

/// The text in the braces that begin at `place`, and where they end.
fn group(latex: &str, place: usize) -> Option<(&str, usize)> {
    let inside = latex[place..].strip_prefix('{')?;
    let end = inside.find('}')?;
    Some((&inside[..end], place + 1 + end + 1))
}

/// Greek letters, and letters like them.
const LETTERS: &[&str] = &[
    "\\alpha",
    "\\beta",
    "\\gamma",
    "\\delta",
    "\\epsilon",
    "\\varepsilon",
    "\\zeta",
    "\\eta",
    "\\theta",
    "\\vartheta",
    "\\iota",
    "\\kappa",
    "\\lambda",
    "\\mu",
    "\\nu",
    "\\xi",
    "\\rho",
    "\\sigma",
    "\\tau",
    "\\upsilon",
    "\\phi",
    "\\varphi",
    "\\chi",
    "\\psi",
    "\\omega",
    "\\Gamma",
    "\\Delta",
    "\\Theta",
    "\\Lambda",
    "\\Xi",
    "\\Pi",
    "\\Sigma",
    "\\Phi",
    "\\Psi",
    "\\Omega",
    "\\ell",
    "\\nabla",
];

/// What in a display is a symbol that the notation does not know, also in one that is not evaluated.
pub fn strangers(latex: &str, notation: &Notation) -> Vec<Error> {
    let tokens = match tokens(latex, notation) {
        Ok(tokens) => tokens,
        Err(error) => return vec![error],
    };
    let below = |place: usize| match place.checked_sub(1).map(|before| &tokens[before].kind) {
        Some(Kind::Sign('_')) => true,
        Some(Kind::Sign('{')) => place > 1 && tokens[place - 2].kind == Kind::Sign('_'),
        _ => false,
    };
    let strange = tokens.iter().enumerate().filter_map(|(place, token)| {
        let name = match &token.kind {
            // What stands below is a part of a name, or a parameter, and not told apart here.
            _ if below(place) => return None,
            Kind::Name(name) if name.chars().all(char::is_alphabetic) || LETTERS.contains(&name.as_str()) => {
                name
            }
            Kind::Word(word) => word,
            _ => return None,
        };
        let usual = ["e", "i", "T"].contains(&name.as_str());
        let known = usual || notation.mentions(name);
        (!known).then(|| Error::new(&token.span, format!("the notation knows no `{name}`")))
    });
    strange.collect()
}
