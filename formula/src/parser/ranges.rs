//! What runs over indices, and derivatives.

use std::ops::Range;

use super::statements::in_order;
use super::{Parser, closes, opens};
use crate::ast::{Big, Bounds, Expr, Item, Node, Slot};
use crate::error::{Error, Result};
use crate::lexer::Kind;

impl Parser<'_> {
    /// A sum or product over a range, or a maximum, from behind its sign on.
    pub(super) fn over(&mut self, start: usize, big: Big) -> Result<Expr> {
        let missing = "bounds are missing: write \\sum_{k=0}^{K-1}, or \\max_{0 \\le n \\le N-1}";
        if !self.eat('_') {
            return self.fail(missing);
        }
        self.expect('{')?;
        let bars = std::mem::take(&mut self.bars);
        let from = self.at;
        let mut ranges = vec![];
        if let Some(first) = self.bounds()? {
            ranges.push(first);
            while self.eat(',') {
                match self.bounds()? {
                    Some(next) => ranges.push(next),
                    None => return self.fail(missing),
                }
            }
            self.expect('}')?;
        } else {
            let Some(names) = self.names() else { return self.fail(missing) };
            self.expect('=')?;
            let lower = self.expression()?;
            self.expect('}')?;
            if !self.eat('^') {
                return self.fail(missing);
            }
            let upper = self.argument()?;
            ranges.push(Bounds { names, lower, upper, above: false, below: false, span: self.since(from) });
        }
        in_order(&ranges.iter().collect::<Vec<_>>())?;
        let around = self.counting.len();
        for bounds in &ranges {
            self.count(bounds.names.clone(), &bounds.span)?;
        }
        self.bars = bars;
        let first = self.at;
        let body = self.deeper(Self::product)?;
        self.counting.truncate(around);
        if big == Big::Product && self.divides(first) {
            let what = "whether every factor is divided or the product is not clear: write \\frac{a}{b} or parentheses";
            return Err(Error::new(&body.span, what));
        }
        let over = self.node(start, Node::Over(big, ranges, Box::new(body)));
        self.sum_ends = Some(self.at);
        Ok(over)
    }

    /// Whether a `/` stands between the token at `first` and the present one, outside of brackets.
    fn divides(&self, first: usize) -> bool {
        let mut open = 0;
        self.tokens[first..self.at].iter().any(|token| {
            open += i32::from(opens(&token.kind)) - i32::from(closes(&token.kind));
            open == 0 && token.kind == Kind::Sign('/')
        })
    }

    /// Lets indices count in what is ahead, unless they count something around it.
    fn count(&mut self, names: Vec<String>, span: &Range<usize>) -> Result<()> {
        if let Some(name) = names.iter().find(|name| self.counting.contains(name)) {
            return Err(Error::new(
                span,
                format!("{name} counts something else here already: rename one of them"),
            ));
        }
        self.counting.extend(names);
        Ok(())
    }

    /// The index tuples for which something holds, from behind `\{` on.
    pub(super) fn set(&mut self, start: usize) -> Result<Expr> {
        self.bars = 0;
        let tuple = self.eat('(');
        let Some(names) = self.names() else {
            return self.fail("a set is written \\{ n : 0 \\le n \\le N-1, … \\}");
        };
        if tuple {
            self.expect(')')?;
        }
        self.expect(':')?;
        let around = self.counting.len();
        self.count(names.clone(), &self.since(start))?;
        let items = self.items(Some("\\}"))?;
        self.expect_name("\\}")?;
        self.counting.truncate(around);
        let ranges =
            items.iter().filter_map(|item| if let Item::For(bounds) = item { Some(bounds) } else { None });
        in_order(&ranges.collect::<Vec<_>>())?;
        for name in &names {
            let ranged = |item: &Item| matches!(item, Item::For(bounds) if bounds.names.contains(name));
            if !items.iter().any(ranged) {
                let what = format!("the set needs a range for {name}, such as 0 \\le {name} \\le N-1");
                return Err(Error::new(&self.since(start), what));
            }
        }
        Ok(self.node(start, Node::Set(names, items)))
    }

    /// `\frac{\partial y[n]}{\partial x[m]}`, or a second derivative, from behind `\frac` on.
    pub(super) fn partial(&mut self, start: usize) -> Result<Expr> {
        if self.kind_after(2) == Some(&Kind::Sign('}')) {
            return self.derivative(start, "\\partial");
        }
        let above = self.variable("\\partial")?;
        let below = self.variable("\\partial")?;
        self.derived(start, format!("\\partial {}", above.0), above.1, "\\partial", below)
    }

    /// Whether `{d}{d x}` is ahead, the total derivative of what follows.
    pub(super) fn is_total(&self) -> bool {
        let d = Kind::Name("d".into());
        let form = [Kind::Sign('{'), d.clone(), Kind::Sign('}'), Kind::Sign('{'), d];
        form.iter().enumerate().all(|(place, kind)| self.kind_after(place) == Some(kind))
    }

    /// `\frac{\partial}{\partial x[m]} \frac{\partial L}{\partial h[k]}`: the derivative of a derivative, or of a gradient.
    pub(super) fn derivative(&mut self, start: usize, sign: &str) -> Result<Expr> {
        self.at += 3;
        let below = self.variable(sign)?;
        let of = self.factor()?;
        let (name, above) = match &of.node {
            Node::Partial(above, indices, below, more) => {
                (format!("({above} / {below})"), [indices.as_slice(), more].concat())
            }
            _ => match named(&of) {
                Some((name, slots)) => (name, slots.to_vec()),
                None => {
                    let what = "a derivative is taken of a name, of an entry of one, or of a derivative";
                    return Err(Error::new(&of.span, what));
                }
            },
        };
        self.derived(start, format!("{sign} {name}"), above, sign, below)
    }

    fn derived(
        &mut self,
        start: usize,
        above: String,
        indices: Vec<Slot>,
        sign: &str,
        (below, more): (String, Vec<Slot>),
    ) -> Result<Expr> {
        let below = format!("{sign} {below}");
        let pattern = format!("{above} / {below}");
        if !self.notation.knows(&pattern) {
            return Err(self.unknown(&pattern));
        }
        Ok(self.node(start, Node::Partial(above, indices, below, more)))
    }

    /// `{\partial x[m]}`.
    fn variable(&mut self, sign: &str) -> Result<(String, Vec<Slot>)> {
        self.expect('{')?;
        self.expect_name(sign)?;
        let variable = self.factor()?;
        self.expect('}')?;
        match named(&variable) {
            Some((name, slots)) => Ok((name, slots.to_vec())),
            None => Err(Error::new(
                &variable.span,
                "a derivative is taken of a name, or an entry of one: write \\partial y[n]",
            )),
        }
    }
}

/// The name that this is, perhaps with an accent, and the indices behind it.
pub(super) fn named(expr: &Expr) -> Option<(String, &[Slot])> {
    match &expr.node {
        Node::Name(name) => Some((name.clone(), &[])),
        Node::Apply(accent, below) if accent.starts_with('\\') && accent.ends_with(" #") => {
            match below.as_slice() {
                [Expr { node: Node::Name(name), .. }] => Some((accent.replace('#', name), &[])),
                _ => None,
            }
        }
        Node::Index(array, slots) => {
            named(array).filter(|(_, inner)| inner.is_empty()).map(|(name, _)| (name, slots.as_slice()))
        }
        _ => None,
    }
}
