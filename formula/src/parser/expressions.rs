//! Sums, products, powers, and what stands behind an array.

use super::factors::places;
use super::{ASSOCIATIVE, BUILT_IN, NO_FACTOR, Parser, closes, opens};
use crate::ast::{Expr, Node, Slot};
use crate::error::{Error, Result};
use crate::lexer::Kind;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.deeper(|parser| {
            let start = parser.at;
            let mut left = parser.additive()?;
            while parser.eat_name("\\cup") {
                let right = parser.additive()?;
                left = parser.joined(start, Node::Apply("\\cup".into(), vec![left, right]))?;
            }
            Ok(left)
        })
    }

    fn additive(&mut self) -> Result<Expr> {
        let start = self.at;
        let negative = self.eat('-');
        let mut left = self.infix()?;
        if negative {
            left = self.node(start, Node::Negative(Box::new(left)));
        }
        let mut terms = 1;
        loop {
            let plus = self.is('+');
            if plus || self.is('-') {
                self.after_a_sum()?;
                self.at += 1;
                let (sum, right) = (Box::new(left), Box::new(self.infix()?));
                left =
                    self.joined(start, if plus { Node::Plus(sum, right) } else { Node::Minus(sum, right) })?;
                terms += 1;
            } else if self.is_name("\\bmod") {
                if terms > 1 {
                    return self
                        .fail("what is divided is not clear: write (a + b) \\bmod c or a + (b \\bmod c)");
                }
                self.after_a_sum()?;
                self.at += 1;
                let right = self.infix()?;
                left = self.node(start, Node::Modulo(Box::new(left), Box::new(right)));
                if self.is('+') || self.is('-') || self.is_name("\\bmod") {
                    return self.fail("what is divided by what is not clear: write (a \\bmod b) + c");
                }
            } else {
                return Ok(left);
            }
        }
    }

    /// Refuses to guess where a sum ends that no bracket closed.
    fn after_a_sum(&self) -> Result<()> {
        if self.sum_ends == Some(self.at) {
            return self
                .fail("where the sum ends is not clear: put the sum, or all that it sums, in parentheses");
        }
        Ok(())
    }

    fn infix(&mut self) -> Result<Expr> {
        self.part(Self::operations)
    }

    fn operations(&mut self) -> Result<Expr> {
        let start = self.at;
        let mut left = self.product()?;
        let mut before: Option<String> = None;
        loop {
            let place = self.here();
            let Some((pattern, mut places)) = self.operator()? else { return Ok(left) };
            if before
                .as_ref()
                .is_some_and(|before| *before != pattern || !ASSOCIATIVE.contains(&before.as_str()))
            {
                let what = "in which order is not clear: put one of the operations in parentheses";
                return Err(Error::new(&place, what));
            }
            let right = self.product()?;
            places.insert(0, left);
            places.push(right);
            left = self.joined(start, Node::Apply(pattern.clone(), places))?;
            before = Some(pattern);
        }
    }

    /// An operator between two operands, with its parameters, if one is ahead.
    fn operator(&mut self) -> Result<Option<(String, Vec<Expr>)>> {
        let Some(Kind::Name(name)) = self.kind() else { return Ok(None) };
        let name = name.clone();
        if !self.is_operator(&name) {
            return Ok(None);
        }
        self.after_a_sum()?;
        self.at += 1;
        let (name, parameters) = self.subscript(&name, |name| format!("# {name} #"))?;
        let pattern = format!("# {name}{} #", places("_", "", parameters.len()));
        if !self.notation.knows(&pattern) && !BUILT_IN.contains(&pattern.as_str()) {
            return Err(self.unknown(&pattern));
        }
        Ok(Some((pattern, parameters)))
    }

    fn is_operator(&self, name: &str) -> bool {
        let operators = ["\\cdot", "\\ast", "\\star", "\\circledast", "\\odot", "\\otimes"];
        operators.contains(&name) || self.notation.knows(&format!("# {name} #"))
    }

    pub(super) fn unknown(&self, pattern: &str) -> Error {
        let last =
            self.tokens.get(self.at.saturating_sub(1)).map_or(self.end..self.end, |token| token.span.clone());
        Error::new(
            &last,
            format!("the notation knows no `{pattern}`: write it otherwise, or add it to notation.toml"),
        )
    }

    pub(super) fn product(&mut self) -> Result<Expr> {
        self.part(Self::factors)
    }

    fn factors(&mut self) -> Result<Expr> {
        let start = self.at;
        let mut factors = vec![self.factor()?];
        loop {
            if self.is('/') {
                self.at += 1;
                let above = if factors.len() == 1 {
                    factors.remove(0)
                } else {
                    self.node(start, Node::Product(factors))
                };
                let below = self.factor()?;
                if self.begins_factor() || self.is('/') {
                    return self.fail("what is divided by what is not clear: write \\frac{a}{b}");
                }
                return Ok(self.node(start, Node::Divide(Box::new(above), Box::new(below))));
            }
            if !self.begins_factor() {
                break;
            }
            if matches!(self.kind(), Some(Kind::Number(_))) {
                return self.fail("a number stands before what it multiplies: write 2 a, not a 2");
            }
            self.after_a_sum()?;
            factors.push(self.factor()?);
        }
        Ok(if factors.len() == 1 { factors.remove(0) } else { self.node(start, Node::Product(factors)) })
    }

    fn begins_factor(&self) -> bool {
        match self.kind() {
            Some(Kind::Number(_) | Kind::Word(_) | Kind::Begin(_) | Kind::Sign('(' | '[')) => true,
            Some(Kind::Sign('|')) => self.bars == 0,
            Some(Kind::Sign('{')) => !self.is_colon(),
            Some(Kind::Name(name)) => !NO_FACTOR.contains(&name.as_str()) && !self.is_operator(name),
            _ => false,
        }
    }

    pub(super) fn factor(&mut self) -> Result<Expr> {
        self.part(Self::with_what_follows)
    }

    /// Something, and the powers and indices that follow it.
    fn with_what_follows(&mut self) -> Result<Expr> {
        let start = self.at;
        let mut expr = self.primary()?;
        loop {
            if self.is('^') {
                self.at += 1;
                expr = self.power(start, expr)?;
                if self.is('^') {
                    return self
                        .fail("one power above another: put the inner one in parentheses, (a^{b})^{c}");
                }
            } else if self.is('[')
                && !self.states_something()
                && !matches!(self.kind_after(1), Some(Kind::Begin(_)))
            {
                self.at += 1;
                let slots = self.slots()?;
                expr = self.joined(start, Node::Index(Box::new(expr), slots))?;
            } else if self.is('_') {
                return self.fail("a subscript has no meaning here: write an index in brackets, a[0]");
            } else {
                return Ok(expr);
            }
        }
    }

    /// Whether the bracket ahead holds a statement, which makes it Iverson's.
    pub(super) fn states_something(&self) -> bool {
        let mut open = 0;
        for token in &self.tokens[self.at..] {
            match &token.kind {
                kind if opens(kind) => open += 1,
                kind if closes(kind) => {
                    open -= 1;
                    if open == 0 {
                        return false;
                    }
                }
                Kind::Sign('=' | '<' | '>') if open == 1 => return true,
                Kind::Name(name) if open == 1 => {
                    let relations = ["\\le", "\\leq", "\\ge", "\\geq", "\\ne", "\\neq", "\\approx", "\\in"];
                    if relations.contains(&name.as_str()) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// What stands above: a transpose, an adjoint, an inverse or a power.
    pub(super) fn power(&mut self, start: usize, base: Expr) -> Result<Expr> {
        let base = Box::new(base);
        let braces = self.is('{');
        let length = if braces { 3 } else { 1 };
        let only = self.kind_after(usize::from(braces));
        let closed = !braces || self.kind_after(2) == Some(&Kind::Sign('}'));
        let node = match only {
            Some(Kind::Name(name)) if closed && (name == "T" || name == "\\top") => Node::Transpose(base),
            Some(Kind::Sign('*')) if closed => Node::Adjoint(base),
            Some(Kind::Sign('-'))
                if braces
                    && self.kind_after(2) == Some(&Kind::Number(1))
                    && self.kind_after(3) == Some(&Kind::Sign('}')) =>
            {
                self.at += 4;
                return Ok(self.node(start, Node::Inverse(base)));
            }
            _ => {
                let exponent = self.argument()?;
                return Ok(self.node(start, Node::Power(base, Box::new(exponent))));
            }
        };
        self.at += length;
        Ok(self.node(start, node))
    }

    /// What a command is applied to: braces, or one sign.
    pub(super) fn argument(&mut self) -> Result<Expr> {
        if self.eat('{') {
            let bars = std::mem::take(&mut self.bars);
            let inside = self.expression()?;
            self.bars = bars;
            self.expect('}')?;
            return Ok(inside);
        }
        let start = self.at;
        match self.kind() {
            Some(Kind::Number(number)) => {
                let node = Node::Number(*number);
                // `01` reads as the number 1.
                if *number > 9 || self.here().len() > 1 {
                    return self.fail("two digits without braces: TeX takes the first, a reader takes both");
                }
                self.at += 1;
                Ok(self.node(start, node))
            }
            Some(Kind::Name(name)) => {
                let name = name.clone();
                if name.starts_with('\\') && !self.is_known(&name) {
                    return self.fail(format!("braces are missing around what begins with {name}"));
                }
                self.known(&name)?;
                self.at += 1;
                Ok(self.node(start, Node::Name(name)))
            }
            _ => self.fail("braces are missing here"),
        }
    }

    /// The slots of an index, from behind `[` on.
    fn slots(&mut self) -> Result<Vec<Slot>> {
        let bars = std::mem::take(&mut self.bars);
        let mut slots = vec![];
        loop {
            let from =
                if self.is_colon() || self.is(',') || self.is(']') { None } else { Some(self.expression()?) };
            let slot = if self.eat_colon() {
                let to = if self.is(',') || self.is(']') { None } else { Some(self.expression()?) };
                Slot::Slice(from, to)
            } else {
                match from {
                    Some(index) => Slot::At(index),
                    None => return self.fail("an index is missing here"),
                }
            };
            slots.push(slot);
            if self.eat(']') {
                self.bars = bars;
                return Ok(slots);
            }
            if !self.eat(',') {
                return self.fail("`]` is missing here");
            }
        }
    }

    /// `:` or `{:}`.
    fn is_colon(&self) -> bool {
        self.is(':') || (self.is('{') && self.kind_after(1) == Some(&Kind::Sign(':')))
    }

    fn eat_colon(&mut self) -> bool {
        if self.eat(':') {
            return true;
        }
        let found = self.is_colon() && self.kind_after(2) == Some(&Kind::Sign('}'));
        self.at += if found { 3 } else { 0 };
        found
    }
}
