//! From tokens to a tree: the grammar of the crate's page, by recursive descent.
//!
//! Where readers of mathematics guess, this refuses and says what to write: a sum that something follows, operators of
//! two kinds side by side, a remainder of a sum, a letter that nobody introduced.

mod expressions;
mod factors;
mod matrices;
mod ranges;
mod statements;

pub(crate) use statements::{in_order, is_about_sizes};

use std::ops::Range;

use crate::ast::{Expr, Item, Node};
use crate::error::{Error, Result};
use crate::lexer::{Kind, Token, tokens};
use crate::notation::Notation;

/// How deep brackets may lie in each other.
const DEEPEST: usize = 48;

/// How high a tree may be. A long sum is a high tree, too, and whoever walks the tree needs a stack as high.
const TALLEST: usize = 256;

/// Operators for which (a ∘ b) ∘ c = a ∘ (b ∘ c) goes without saying.
const ASSOCIATIVE: &[&str] = &["# \\odot #", "# \\otimes #", "# \\cdot #"];

/// Functions and operators that need no entry in the notation.
const BUILT_IN: &[&str] = &["# \\cdot #", "max", "min", "\\log_2(#)"];

/// Commands that no factor begins with.
const NO_FACTOR: &[&str] = &[
    "\\le",
    "\\leq",
    "\\ge",
    "\\geq",
    "\\ne",
    "\\neq",
    "\\approx",
    "\\in",
    "\\bmod",
    "\\rfloor",
    "\\rceil",
    "\\rVert",
    "\\rangle",
    "\\}",
    "\\cup",
    "\\iff",
    "\\implies",
    "\\Longrightarrow",
    "\\times",
    "\\exists",
    "\\dots",
    "\\cdots",
    "\\to",
    "\\mapsto",
    "\\mid",
    "\\setminus",
    "\\infty",
    "\\partial",
];

/// Reads a display: its statements, conditions and ranges, in order.
pub(crate) fn parse(latex: &str, notation: &Notation) -> Result<Vec<Item>> {
    let tokens = one_line(tokens(latex, notation)?)?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
        height: 0,
        bars: 0,
        sum_ends: None,
        counting: vec![],
        notation,
        end: latex.len(),
    };
    let items = parser.items(None)?;
    // Sizes alone are compared to say when the rest holds; where there is no rest, they are the statement.
    let stated = items.iter().any(|item| matches!(item, Item::Claim(..)));
    Ok(items
        .into_iter()
        .map(|item| match item {
            Item::Condition(logic, span) if !stated => Item::Claim(logic, span),
            item => item,
        })
        .collect())
}

/// Takes the lines of `aligned` as statements side by side.
fn one_line(tokens: Vec<Token>) -> Result<Vec<Token>> {
    let lines = |name: &str| matches!(name, "aligned" | "gathered" | "split");
    let mut open: Vec<(String, Range<usize>)> = vec![];
    let mut flat = Vec::with_capacity(tokens.len());
    for mut token in tokens {
        let in_lines = open.iter().all(|(name, _)| lines(name));
        match &token.kind {
            Kind::Begin(name) => {
                open.push((name.clone(), token.span.clone()));
                if lines(name) {
                    continue;
                }
            }
            Kind::End(name) => {
                if open.pop().is_none_or(|(begun, _)| begun != *name) {
                    let what = format!("\\end{{{name}}} closes no \\begin{{{name}}}");
                    return Err(Error::new(&token.span, what));
                }
                if lines(name) {
                    continue;
                }
            }
            Kind::Row if in_lines => token.kind = Kind::Gap,
            Kind::Sign('&') if in_lines => {
                if open.is_empty() {
                    let what = "& has a meaning only between \\begin{…} and \\end{…}";
                    return Err(Error::new(&token.span, what));
                }
                continue;
            }
            _ => {}
        }
        flat.push(token);
    }
    match open.pop() {
        Some((name, span)) => Err(Error::new(&span, format!("\\end{{{name}}} is missing"))),
        None => Ok(flat),
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// No tree that was read in the present part of the formula is higher.
    height: usize,
    /// Whether a vertical bar closes an absolute value.
    bars: usize,
    /// The token before which a sum ended that no bracket closed.
    sum_ends: Option<usize>,
    /// The indices of the sums and sets around the tokens ahead.
    counting: Vec<String>,
    notation: &'a Notation,
    end: usize,
}

impl Parser<'_> {
    // Looking at tokens.

    fn kind(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn kind_after(&self, n: usize) -> Option<&Kind> {
        self.tokens.get(self.at + n).map(|token| &token.kind)
    }

    fn is(&self, sign: char) -> bool {
        self.kind() == Some(&Kind::Sign(sign))
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.kind(), Some(Kind::Name(found)) if found == name)
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn eat_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<()> {
        if self.eat(sign) { Ok(()) } else { self.fail(format!("`{sign}` is missing here")) }
    }

    fn expect_name(&mut self, name: &str) -> Result<()> {
        if self.eat_name(name) { Ok(()) } else { self.fail(format!("`{name}` is missing here")) }
    }

    /// The bytes of the token ahead.
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |token| token.span.clone())
    }

    /// The bytes from the token at `start` to the last one read.
    fn since(&self, start: usize) -> Range<usize> {
        let from = self.tokens.get(start).map_or(self.end, |token| token.span.start);
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        from..last.map_or(from, |token| token.span.end.max(from))
    }

    fn fail<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(Error::new(&self.here(), what))
    }

    fn node(&mut self, start: usize, node: Node) -> Expr {
        self.height += 1;
        Expr { node, span: self.since(start) }
    }

    /// A node on top of others, in a row that has no end of its own.
    fn joined(&mut self, start: usize, node: Node) -> Result<Expr> {
        let node = self.node(start, node);
        if self.height > TALLEST {
            return Err(Error::new(
                &node.span,
                format!("more than {TALLEST} operations follow from each other: print a shorter formula"),
            ));
        }
        Ok(node)
    }

    /// Reads a part of which the height does not add to that of the parts beside it.
    fn part<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let beside = std::mem::take(&mut self.height);
        let read = read(self)?;
        self.height = self.height.max(beside);
        Ok(read)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(format!("more than {DEEPEST} brackets lie in each other"));
        }
        let read = self.part(read);
        self.depth -= 1;
        read
    }
}

/// Whether what follows lies within this, whatever it is.
fn opens(kind: &Kind) -> bool {
    let opening = ["\\{", "\\lfloor", "\\lceil", "\\lVert", "\\langle"];
    match kind {
        Kind::Sign('(' | '[' | '{') | Kind::Begin(_) => true,
        Kind::Name(name) => opening.contains(&name.as_str()),
        _ => false,
    }
}

fn closes(kind: &Kind) -> bool {
    let closing = ["\\}", "\\rfloor", "\\rceil", "\\rVert", "\\rangle"];
    match kind {
        Kind::Sign(')' | ']' | '}') | Kind::End(_) => true,
        Kind::Name(name) => closing.contains(&name.as_str()),
        _ => false,
    }
}
