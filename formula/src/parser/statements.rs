//! Statements, conditions and ranges.

use super::{Parser, closes, opens};
use crate::ast::{Bounds, Expr, Item, Logic, Node, Relation, Slot};
use crate::error::{Error, Result};
use crate::lexer::Kind;
use crate::notation::Notation;
use crate::walk::mentions;

impl Parser<'_> {
    /// Statements up to `closing` (or the end), separated by gaps; within braces, by commas.
    pub(super) fn items(&mut self, closing: Option<&str>) -> Result<Vec<Item>> {
        let mut items = vec![];
        loop {
            while matches!(self.kind(), Some(Kind::Gap | Kind::Sign(',' | ';' | '.'))) {
                self.at += 1;
            }
            match (self.kind(), closing) {
                (None, None) => break,
                (_, Some(closing)) if self.is_name(closing) => break,
                _ => items.push(self.item()?),
            }
            let separated = matches!(self.kind(), None | Some(Kind::Gap | Kind::Sign(',' | ';' | '.')));
            if !separated && !closing.is_some_and(|closing| self.is_name(closing)) {
                return self.fail(
                    "this does not go on from what stands before it: write \\qquad between statements, and \
                     only what the crate's grammar has within them",
                );
            }
        }
        if items.is_empty() { self.fail("nothing is stated") } else { Ok(items) }
    }

    fn item(&mut self) -> Result<Item> {
        let start = self.at;
        let told = match self.kind() {
            Some(Kind::Text(text)) if matches!(text.as_str(), "if" | "for" | "for all" | "where") => true,
            Some(Kind::Text(text)) => {
                let what = format!(
                    "the words {text:?} have no meaning here; those that do are if, for, for all, where"
                );
                return self.fail(what);
            }
            _ => false,
        };
        self.at += usize::from(told);
        if self.relation().is_some() || self.is('+') {
            return self.fail(
                "a statement does not begin like this: every line of aligned is a statement of its own, \
                 so write the whole of this one on its line",
            );
        }
        if let Some(bounds) = self.bounds()? {
            return Ok(Item::For(bounds));
        }
        let logic = self.logic()?;
        if matches!(self.kind(), Some(Kind::Text(text)) if text == "outside") {
            self.at += 1;
            return self.zero_outside(start, &logic);
        }
        let span = self.since(start);
        let condition = told || matches!(&logic, Logic::Chain(..)) && is_about_sizes(&logic, self.notation);
        Ok(if condition { Item::Condition(logic, span) } else { Item::Claim(logic, span) })
    }

    /// `x[m] = 0 \text{ outside } 0 \le m \le N-1`, from behind the words on.
    fn zero_outside(&mut self, start: usize, logic: &Logic) -> Result<Item> {
        let form = "what is zero outside a range is written x[m] = 0 \\text{ outside } 0 \\le m \\le N-1";
        let mut ranges = vec![];
        loop {
            match self.bounds()? {
                Some(bounds) => ranges.push(bounds),
                None => return self.fail(form),
            }
            let more = self.is(',') && !matches!(self.kind_after(1), Some(Kind::Gap));
            if !more {
                break;
            }
            self.at += 1;
        }
        let span = self.since(start);
        let Logic::Chain(sides, relations) = logic else { return Err(Error::new(&span, form)) };
        let ([Relation::Equal], [left, right]) = (relations.as_slice(), sides.as_slice()) else {
            return Err(Error::new(&span, form));
        };
        let (Node::Index(array, slots), Node::Number(0)) = (&left.node, &right.node) else {
            return Err(Error::new(&span, form));
        };
        let Node::Name(array) = &array.node else { return Err(Error::new(&span, form)) };
        let names = ranges.iter().flat_map(|bounds| &bounds.names).collect::<Vec<_>>();
        let named = slots.iter().map(|slot| match slot {
            Slot::At(Expr { node: Node::Name(name), .. }) => Some(name),
            _ => None,
        });
        if !named.eq(names.into_iter().map(Some)) {
            return Err(Error::new(&span, format!("{form}, with a range for every index in its order")));
        }
        Ok(Item::ZeroOutside(array.clone(), ranges, span))
    }

    /// `0 \le n \le N-K` or `0 \le a, b < K`, if the tokens ahead are such a range; else nothing is read.
    pub(super) fn bounds(&mut self) -> Result<Option<Bounds>> {
        let start = self.at;
        // Only a range has indices alone between two signs, so this can be seen before anything is read.
        if self.range_names().is_none() {
            return Ok(None);
        }
        let lower = self.expression()?;
        let Some((above, names)) = self.relation_below().zip(self.names()) else {
            self.at = start;
            return Ok(None);
        };
        let Some(below) = self.relation_below() else {
            self.at = start;
            return Ok(None);
        };
        let upper = self.expression()?;
        if let Some(twice) = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
            return Err(Error::new(&self.since(start), format!("the index {} stands here twice", twice.1)));
        }
        Ok(Some(Bounds { names, lower, upper, above, below, span: self.since(start) }))
    }

    /// Whether, behind the expression ahead, indices stand alone between two signs. Brackets are stepped over: were
    /// they not, sets in sets could each be read twice, and the time would double with every one.
    fn range_names(&self) -> Option<()> {
        let below = |kind: &Kind| match kind {
            Kind::Sign('<') => true,
            Kind::Name(name) => name == "\\le" || name == "\\leq",
            _ => false,
        };
        let index = |kind: &Kind| matches!(kind, Kind::Name(name) if self.notation.is_index(name));
        let mut rest = self.tokens[self.at..].iter().map(|token| &token.kind).peekable();
        let mut open = 0;
        loop {
            match rest.next()? {
                kind if open == 0 && below(kind) => break,
                kind if opens(kind) => open += 1,
                kind if closes(kind) && open > 0 => open -= 1,
                kind if closes(kind) => return None,
                Kind::Gap | Kind::Text(_) | Kind::Sign('=' | '>' | ',' | ';') if open == 0 => return None,
                _ => {}
            }
        }
        loop {
            rest.next_if(|kind| index(kind))?;
            if rest.next_if(|kind| below(kind)).is_some() {
                return Some(());
            }
            rest.next_if(|kind| **kind == Kind::Sign(','))?;
        }
    }

    /// `\le` or `<`: whether the bound itself is left out.
    fn relation_below(&mut self) -> Option<bool> {
        match self.relation()? {
            Relation::AtMost => {
                self.at += 1;
                Some(false)
            }
            Relation::Less => {
                self.at += 1;
                Some(true)
            }
            _ => None,
        }
    }

    /// Indices, separated by commas.
    pub(super) fn names(&mut self) -> Option<Vec<String>> {
        let mut names = vec![];
        loop {
            let Some(Kind::Name(name)) = self.kind() else { return None };
            if !self.notation.is_index(name) {
                return None;
            }
            names.push(name.clone());
            self.at += 1;
            if !self.eat(',') {
                return Some(names);
            }
        }
    }

    pub(super) fn logic(&mut self) -> Result<Logic> {
        self.deeper(|parser| {
            let mut sides = vec![parser.chain()?];
            let joined = |parser: &Self| match parser.kind() {
                Some(Kind::Name(name)) if name == "\\iff" => Some("iff"),
                Some(Kind::Name(name)) if name == "\\implies" || name == "\\Longrightarrow" => {
                    Some("implies")
                }
                Some(Kind::Text(text)) if text == "or" => Some("or"),
                _ => None,
            };
            let word = joined(parser);
            while let Some(next) = joined(parser) {
                if Some(next) != word || (next == "implies" && sides.len() > 1) {
                    return parser.fail("statements may be joined by one kind of word only");
                }
                parser.at += 1;
                sides.push(parser.chain()?);
            }
            Ok(match word {
                None => sides.remove(0),
                Some("iff") => Logic::Iff(sides),
                Some("or") => Logic::Or(sides),
                Some(_) => {
                    let then = sides.remove(1);
                    Logic::Implies(Box::new(sides.remove(0)), Box::new(then))
                }
            })
        })
    }

    fn chain(&mut self) -> Result<Logic> {
        let mut sides = vec![self.expression()?];
        let mut relations = vec![];
        while let Some(relation) = self.relation() {
            self.at += 1;
            relations.push(relation);
            sides.push(if relation == Relation::Real { self.reals()? } else { self.expression()? });
        }
        if relations.is_empty() {
            return self.fail(
                "something is compared with something else in a statement: a relation such as = is missing",
            );
        }
        Ok(Logic::Chain(sides, relations))
    }

    fn relation(&self) -> Option<Relation> {
        Some(match self.kind()? {
            Kind::Sign('=') => Relation::Equal,
            Kind::Sign('<') => Relation::Less,
            Kind::Sign('>') => Relation::Greater,
            Kind::Name(name) => match name.as_str() {
                "\\ne" | "\\neq" => Relation::Different,
                "\\le" | "\\leq" => Relation::AtMost,
                "\\ge" | "\\geq" => Relation::AtLeast,
                "\\approx" => Relation::Close,
                "\\in" => Relation::Real,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// `\mathbb{R}^N` or `\mathbb{R}^{H \times W}`.
    fn reals(&mut self) -> Result<Expr> {
        let start = self.at;
        if !self.eat_name("\\mathbb{R}") {
            return self.fail("the only set that something can be in is \\mathbb{R}, with its sizes");
        }
        let mut sizes = vec![];
        if self.eat('^') {
            if self.eat('{') {
                sizes.push(self.expression()?);
                while self.eat_name("\\times") {
                    sizes.push(self.expression()?);
                }
                self.expect('}')?;
            } else {
                sizes.push(self.argument()?);
            }
        }
        Ok(self.node(start, Node::Apply("\\mathbb{R}".into(), sizes)))
    }
}

/// Refuses two ranges of one index, and a range that depends on an index of which the range comes later.
pub(crate) fn in_order(ranges: &[&Bounds]) -> Result<()> {
    for (place, bounds) in ranges.iter().enumerate() {
        for name in &bounds.names {
            if ranges[..place].iter().any(|earlier| earlier.names.contains(name)) {
                let what =
                    format!("{name} has a range already: write one range, with \\max or \\min in its bounds");
                return Err(Error::new(&bounds.span, what));
            }
        }
        let later = ranges[place..].iter().flat_map(|later| &later.names).map(String::as_str).collect();
        for end in [&bounds.lower, &bounds.upper] {
            if mentions(end, &later) {
                let what = "this depends on an index whose range comes later: write that range first";
                return Err(Error::new(&end.span, what));
            }
        }
    }
    Ok(())
}

/// Whether a statement compares sizes and indices and nothing else.
pub(crate) fn is_about_sizes(logic: &Logic, notation: &Notation) -> bool {
    let Logic::Chain(sides, relations) = logic else { return false };
    relations.contains(&Relation::Real) || sides.iter().all(|side| is_size(side, notation))
}

fn is_size(expr: &Expr, notation: &Notation) -> bool {
    let size = |expr: &Expr| is_size(expr, notation);
    match &expr.node {
        Node::Number(_) => true,
        Node::Name(name) => notation.is_size(name) || notation.is_index(name),
        Node::Apply(name, arguments) => {
            ["max", "min", "floor", "ceil"].contains(&name.as_str()) && arguments.iter().all(size)
        }
        Node::Negative(a) => size(a),
        Node::Plus(a, b)
        | Node::Minus(a, b)
        | Node::Divide(a, b)
        | Node::Modulo(a, b)
        | Node::Power(a, b) => size(a) && size(b),
        Node::Product(factors) => factors.iter().all(size),
        _ => false,
    }
}
