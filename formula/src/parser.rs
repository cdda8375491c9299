//! From tokens to a tree: the grammar of the crate's page, by recursive descent.
//!
//! Where readers of mathematics guess, this refuses and says what to write: a sum that something follows, operators of
//! two kinds side by side, a remainder of a sum, a letter that nobody introduced.

use std::ops::Range;

use crate::ast::{Big, Bounds, Expr, Item, Logic, Node, Relation, Slot};
use crate::error::{Error, Result};
use crate::eval::mentions;
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

    // Statements.

    /// Statements up to `closing` (or the end), separated by gaps; within braces, by commas.
    fn items(&mut self, closing: Option<&str>) -> Result<Vec<Item>> {
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
    fn bounds(&mut self) -> Result<Option<Bounds>> {
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
    fn names(&mut self) -> Option<Vec<String>> {
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

    fn logic(&mut self) -> Result<Logic> {
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

    // Expressions.

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(format!("more than {DEEPEST} brackets lie in each other"));
        }
        let read = self.part(read);
        self.depth -= 1;
        read
    }

    fn expression(&mut self) -> Result<Expr> {
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

    fn unknown(&self, pattern: &str) -> Error {
        let last =
            self.tokens.get(self.at.saturating_sub(1)).map_or(self.end..self.end, |token| token.span.clone());
        Error::new(
            &last,
            format!("the notation knows no `{pattern}`: write it otherwise, or add it to notation.toml"),
        )
    }

    fn product(&mut self) -> Result<Expr> {
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

    fn factor(&mut self) -> Result<Expr> {
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
    fn states_something(&self) -> bool {
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
    fn power(&mut self, start: usize, base: Expr) -> Result<Expr> {
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
    fn argument(&mut self) -> Result<Expr> {
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

    fn primary(&mut self) -> Result<Expr> {
        let start = self.at;
        let bars = self.bars;
        let Some(kind) = self.kind().cloned() else { return self.fail("something is missing at the end") };
        let expr = match kind {
            Kind::Number(number) => {
                self.at += 1;
                if self.is('.') && matches!(self.kind_after(1), Some(Kind::Number(_))) {
                    return self.fail("a decimal number is written as a fraction");
                }
                self.node(start, Node::Number(number))
            }
            Kind::Sign('(') => {
                self.at += 1;
                self.bars = 0;
                let mut inside = vec![self.expression()?];
                while self.eat(',') {
                    inside.push(self.expression()?);
                }
                self.expect(')')?;
                // The brackets belong to the place, so that what is exchanged keeps them.
                let span = self.since(start);
                if inside.len() == 1 {
                    Expr { node: inside.remove(0).node, span }
                } else {
                    Expr { node: Node::Vector(inside), span }
                }
            }
            // Braces hold together what TeX would set apart, as in {\uparrow_d} w. They leave no ink, so they hold
            // nothing that a reader would take apart: 2 {a + b} is printed as 2 a + b.
            Kind::Sign('{') => {
                self.at += 1;
                self.bars = 0;
                let inside = self.deeper(Self::primary)?;
                if !self.is('}') || self.sum_ends == Some(self.at) {
                    return self
                        .fail("braces are not printed: write parentheses around more than one symbol");
                }
                self.at += 1;
                Expr { node: inside.node, span: self.since(start) }
            }
            Kind::Sign('[') => {
                self.bars = 0;
                self.bracket(start)?
            }
            Kind::Sign('|') => {
                self.at += 1;
                self.bars = 1;
                let inside = self.expression()?;
                self.expect('|')?;
                let twice = self.tokens[start + 1].kind == Kind::Sign('|');
                if twice && matches!(&inside.node, Node::Apply(name, _) if name == "|#|") {
                    let what = "two bars on either side: write \\lVert a \\rVert for a norm";
                    return Err(Error::new(&self.since(start), what));
                }
                self.node(start, Node::Apply("|#|".into(), vec![inside]))
            }
            Kind::Begin(name) => {
                self.at += 1;
                self.bars = 0;
                self.environment(start, &name)?
            }
            Kind::Word(word) => {
                self.at += 1;
                self.symbol(start, &word)?
            }
            Kind::Name(name) => {
                self.at += 1;
                self.command(start, &name)?
            }
            _ => return self.fail("something that has a value is missing here"),
        };
        self.bars = bars;
        Ok(expr)
    }

    /// An Iverson bracket, the integers between two, or the brackets around an array of entries.
    fn bracket(&mut self, start: usize) -> Result<Expr> {
        let states = self.states_something();
        self.at += 1;
        if let Some(Kind::Begin(name)) = self.kind().cloned() {
            self.at += 1;
            let entries = self.environment(start, &name)?;
            self.expect(']')?;
            return Ok(Expr { node: entries.node, span: self.since(start) });
        }
        if states {
            let logic = self.logic()?;
            self.expect(']')?;
            return Ok(self.node(start, Node::Indicator(Box::new(logic))));
        }
        let from = self.expression()?;
        self.expect(',')?;
        let to = self.expression()?;
        self.expect(')')?;
        Ok(self.node(start, Node::Interval(Box::new(from), Box::new(to))))
    }

    /// What a command says, from behind it on.
    fn command(&mut self, start: usize, name: &str) -> Result<Expr> {
        let node = match name {
            "\\frac" | "\\tfrac" | "\\dfrac" => {
                if self.is('{') && self.kind_after(1) == Some(&Kind::Name("\\partial".into())) {
                    return self.partial(start);
                }
                if self.is_total() {
                    return self.derivative(start, "d");
                }
                Node::Divide(Box::new(self.argument()?), Box::new(self.argument()?))
            }
            "\\sqrt" => Node::Root(Box::new(self.argument()?)),
            "\\overline" | "\\bar" => Node::Apply("\\overline{#}".into(), vec![self.argument()?]),
            "\\hat" | "\\widehat" | "\\tilde" | "\\widetilde" => {
                return self.accent(start, &name.replace("wide", ""));
            }
            "\\lfloor" => Node::Apply("floor".into(), vec![self.until("\\rfloor")?]),
            "\\lceil" => Node::Apply("ceil".into(), vec![self.until("\\rceil")?]),
            "\\lVert" => {
                let inside = self.until("\\rVert")?;
                let mut norm = "norm".to_string();
                if self.is('_') {
                    norm = match self.kind_after(1) {
                        Some(Kind::Name(which)) if which == "F" => "norm".into(),
                        Some(Kind::Name(which)) if which == "\\infty" => "norm_infinity".into(),
                        Some(Kind::Number(1)) => "norm_1".into(),
                        Some(Kind::Number(2)) => "norm".into(),
                        _ => return self.fail("a norm is one of _1, _2, _F and _\\infty"),
                    };
                    self.at += 2;
                }
                Node::Apply(norm, vec![inside])
            }
            "\\langle" => {
                self.bars = 0;
                let left = self.expression()?;
                self.expect(',')?;
                let right = self.until("\\rangle")?;
                Node::Apply("\\langle#,#\\rangle".into(), vec![left, right])
            }
            "\\#" => Node::Apply("\\#".into(), vec![self.deeper(Self::factor)?]),
            "\\{" => return self.set(start),
            "\\sum" | "\\prod" => {
                return self.over(start, if name == "\\sum" { Big::Sum } else { Big::Product });
            }
            "\\max" | "\\min" if self.is('_') => {
                return self.over(start, if name == "\\max" { Big::Max } else { Big::Min });
            }
            "\\max" | "\\min" => {
                self.expect('(')?;
                Node::Apply(name[1..].into(), self.list(')')?)
            }
            "\\mathbb{1}" => {
                if !self.is('[') {
                    return self.fail("an indicator is written \\mathbb{1}[m = n]");
                }
                self.at += 1;
                self.bars = 0;
                let logic = self.logic()?;
                self.expect(']')?;
                Node::Indicator(Box::new(logic))
            }
            "e" if self.is('^') => {
                self.at += 1;
                Node::Exponential(Box::new(self.argument()?))
            }
            "\\nabla" if self.is('_') => return self.gradient(start),
            _ if NO_FACTOR.contains(&name) => {
                self.at -= 1;
                return self.fail(format!("{name} has no meaning here"));
            }
            _ => return self.symbol(start, name),
        };
        Ok(self.node(start, node))
    }

    /// `\nabla_\theta L`, `\nabla_{\hat x} L`: a name of its own, from behind `\nabla` on.
    fn gradient(&mut self, start: usize) -> Result<Expr> {
        self.expect('_')?;
        let by = self.argument()?;
        let Some(Kind::Name(of)) = self.kind().cloned() else {
            return self.fail("of what this is the gradient is missing: write \\nabla_x L");
        };
        self.at += 1;
        let by = match named(&by) {
            Some((name, [])) if name.contains(' ') => format!("{{{name}}}"),
            Some((name, [])) => name,
            _ => return Err(Error::new(&by.span, "a gradient is taken by a name: write \\nabla_x L")),
        };
        let name = format!("\\nabla_{by} {of}");
        if !self.notation.knows(&name) {
            return Err(self.unknown(&name));
        }
        Ok(self.node(start, Node::Name(name)))
    }

    /// An expression up to a closing command.
    fn until(&mut self, closing: &str) -> Result<Expr> {
        self.bars = 0;
        let inside = self.expression()?;
        self.expect_name(closing)?;
        Ok(inside)
    }

    /// Expressions separated by commas, up to a closing sign.
    fn list(&mut self, closing: char) -> Result<Vec<Expr>> {
        let bars = std::mem::take(&mut self.bars);
        let mut list = vec![self.expression()?];
        while self.eat(',') {
            list.push(self.expression()?);
        }
        self.bars = bars;
        self.expect(closing)?;
        Ok(list)
    }

    fn is_known(&self, name: &str) -> bool {
        self.notation.knows(name) || self.notation.is_index(name) || ["i", "\\pi"].contains(&name)
    }

    fn known(&self, name: &str) -> Result<()> {
        if self.is_known(name) {
            return Ok(());
        }
        self.fail(format!("the notation knows no `{name}`: write it otherwise, or add it to notation.toml"))
    }

    /// `\hat x`: a name of its own, or an operation on what is below.
    fn accent(&mut self, start: usize, accent: &str) -> Result<Expr> {
        let braces = usize::from(self.is('{'));
        if let Some(Kind::Name(below)) = self.kind_after(braces) {
            let name = format!("{accent} {below}");
            let alone = braces == 0 || self.kind_after(2) == Some(&Kind::Sign('}'));
            if alone && self.notation.knows(&name) {
                self.at += 1 + 2 * braces;
                return Ok(self.node(start, Node::Name(name)));
            }
        }
        let below = self.argument()?;
        let pattern = format!("{accent} #");
        if self.notation.knows(&pattern) {
            Ok(self.node(start, Node::Apply(pattern, vec![below])))
        } else {
            Err(self.unknown(&pattern))
        }
    }

    /// A symbol of the notation, with what stands below it and in its parentheses.
    fn symbol(&mut self, start: usize, name: &str) -> Result<Expr> {
        let mut name = name.to_string();
        while self.eat('\'') {
            name.push('\'');
        }
        if self.is('_')
            && self.notation.has_labels(&name)
            && let Some(labels) = self.labels(&name)?
        {
            let array = Expr { node: Node::Name(name), span: self.tokens[start].span.clone() };
            return Ok(self.node(start, Node::Index(Box::new(array), labels)));
        }
        let (name, parameters) = self.subscript(&name, str::to_string)?;
        let head = format!("{name}{}", places("_", "", parameters.len()));
        let mut arguments = parameters;
        if self.is('(') {
            let open = self.at;
            // A function takes its parentheses; after anything else they hold a factor.
            if self.notation.mentions_function(&head) || BUILT_IN.contains(&format!("{head}(#)").as_str()) {
                self.at += 1;
                let list = self.list(')')?;
                let pattern = format!("{head}{}", places("(", ")", list.len()));
                if !self.notation.knows(&pattern) && !BUILT_IN.contains(&pattern.as_str()) {
                    self.at = open + 1;
                    return Err(self.unknown(&pattern));
                }
                arguments.extend(list);
                return Ok(self.node(start, Node::Apply(pattern, arguments)));
            }
        }
        if arguments.is_empty() {
            self.at -= 1;
            let known = self.known(&name);
            self.at += 1;
            known.map_err(|error| Error::new(&self.since(start), error.what))?;
            return Ok(self.node(start, Node::Name(name)));
        }
        if self.notation.knows(&head) {
            Ok(self.node(start, Node::Apply(head, arguments)))
        } else if self.notation.has_labels(&name) {
            let what = format!("{name} has no such subscript: write an index in brackets, {name}[n]");
            Err(Error::new(&self.since(start), what))
        } else {
            Err(self.unknown(&head))
        }
    }

    /// What stands below a name: part of the name, if the notation knows that, or parameters.
    fn subscript(&mut self, name: &str, pattern: impl Fn(&str) -> String) -> Result<(String, Vec<Expr>)> {
        if !self.is('_') {
            return Ok((name.into(), vec![]));
        }
        self.at += 1;
        let braces = usize::from(self.is('{'));
        let part = match self.kind_after(braces) {
            Some(Kind::Name(part) | Kind::Word(part)) => Some(part.clone()),
            Some(Kind::Number(part)) => Some(part.to_string()),
            _ => None,
        };
        let closed = braces == 0 || self.kind_after(2) == Some(&Kind::Sign('}'));
        if let Some(part) = part.filter(|_| closed) {
            let whole = format!("{name}_{part}");
            if self.notation.knows(&pattern(&whole))
                || self.notation.mentions_function(&whole)
                || BUILT_IN.contains(&format!("{whole}(#)").as_str())
            {
                self.at += 1 + 2 * braces;
                return Ok((whole, vec![]));
            }
        }
        if braces == 0 {
            return Ok((name.into(), vec![self.argument()?]));
        }
        self.at += 1;
        let parameters = self.list('}')?;
        Ok((name.into(), parameters))
    }

    /// The article's labels, which count from 1: `x_{23}` is x[1, 2].
    fn labels(&mut self, name: &str) -> Result<Option<Vec<Slot>>> {
        let braces = usize::from(self.kind_after(1) == Some(&Kind::Sign('{')));
        let Some(Kind::Number(labels)) = self.kind_after(1 + braces).cloned() else { return Ok(None) };
        if braces == 1 && self.kind_after(3) != Some(&Kind::Sign('}')) {
            return Ok(None);
        }
        let span = self.tokens[self.at + 1 + braces].span.clone();
        let digits = labels.to_string();
        // `01` reads as the number 1.
        if digits.len() != span.len() || digits.contains('0') {
            return Err(Error::new(
                &span,
                format!("labels count from 1: write {name}[0] for what is counted from 0"),
            ));
        }
        if braces == 0 && digits.len() > 1 {
            return Err(Error::new(
                &span,
                "two digits without braces: TeX takes the first, a reader takes both",
            ));
        }
        self.at += 2 + 2 * braces;
        let slot =
            |digit: u32| Slot::At(Expr { node: Node::Number(i64::from(digit) - 1), span: span.clone() });
        Ok(Some(digits.chars().filter_map(|digit| digit.to_digit(10)).map(slot).collect()))
    }

    /// A sum or product over a range, or a maximum, from behind its sign on.
    fn over(&mut self, start: usize, big: Big) -> Result<Expr> {
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
    fn set(&mut self, start: usize) -> Result<Expr> {
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
    fn partial(&mut self, start: usize) -> Result<Expr> {
        if self.kind_after(2) == Some(&Kind::Sign('}')) {
            return self.derivative(start, "\\partial");
        }
        let above = self.variable("\\partial")?;
        let below = self.variable("\\partial")?;
        self.derived(start, format!("\\partial {}", above.0), above.1, "\\partial", below)
    }

    /// Whether `{d}{d x}` is ahead, the total derivative of what follows.
    fn is_total(&self) -> bool {
        let d = Kind::Name("d".into());
        let form = [Kind::Sign('{'), d.clone(), Kind::Sign('}'), Kind::Sign('{'), d];
        form.iter().enumerate().all(|(place, kind)| self.kind_after(place) == Some(kind))
    }

    /// `\frac{\partial}{\partial x[m]} \frac{\partial L}{\partial h[k]}`: the derivative of a derivative, or of a gradient.
    fn derivative(&mut self, start: usize, sign: &str) -> Result<Expr> {
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

    /// A matrix or alternatives, from behind `\begin{…}` on.
    fn environment(&mut self, start: usize, name: &str) -> Result<Expr> {
        match name {
            "bmatrix" | "pmatrix" | "matrix" | "array" => {
                if name == "array" {
                    self.columns()?;
                }
                let rows = self.rows(name)?;
                Ok(self.node(start, Node::Matrix(rows)))
            }
            "cases" => self.cases(start),
            _ => {
                self.at -= 1;
                self.fail(format!(
                    "the environment {name} is not read; bmatrix, array, cases and aligned are"
                ))
            }
        }
    }

    /// `{cccc|cccc}`.
    fn columns(&mut self) -> Result<()> {
        self.expect('{')?;
        while !self.eat('}') {
            match self.kind() {
                Some(Kind::Name(column)) if ["c", "l", "r"].contains(&column.as_str()) => self.at += 1,
                Some(Kind::Sign('|')) => self.at += 1,
                _ => return self.fail("the columns of an array are c, l, r and |"),
            }
        }
        Ok(())
    }

    fn rows(&mut self, name: &str) -> Result<Vec<Vec<Expr>>> {
        let mut rows = vec![vec![self.expression()?]];
        loop {
            if self.eat('&') {
                let entry = self.expression()?;
                rows.last_mut().expect("there is a row").push(entry);
                continue;
            }
            let next = self.kind() == Some(&Kind::Row);
            self.at += usize::from(next);
            if self.kind() == Some(&Kind::End(name.into())) {
                self.at += 1;
                break;
            }
            if !next {
                return self.fail("a matrix has & between its entries and \\\\ between its rows");
            }
            rows.push(vec![self.expression()?]);
        }
        if let Some(row) = rows.iter().find(|row| row.len() != rows[0].len()) {
            let what = format!("this row has {} entries, the first one has {}", row.len(), rows[0].len());
            return Err(Error::new(&(row[0].span.start..row[row.len() - 1].span.end), what));
        }
        Ok(rows)
    }

    fn cases(&mut self, start: usize) -> Result<Expr> {
        let mut cases = vec![];
        loop {
            let value = self.expression()?;
            self.eat(',');
            self.expect('&')?;
            let condition = match self.kind() {
                Some(Kind::Text(text)) if text == "otherwise" => {
                    self.at += 1;
                    if matches!((self.kind(), self.kind_after(1)), (Some(Kind::Row), next) if next != Some(&Kind::End("cases".into())))
                    {
                        return self.fail("\\text{otherwise} is the last of the cases");
                    }
                    None
                }
                Some(Kind::Text(text)) if text == "if" => {
                    self.at += 1;
                    Some(self.logic()?)
                }
                _ => return self.fail("a case ends in \\text{if } and a condition, or in \\text{otherwise}"),
            };
            self.eat(',');
            cases.push((value, condition));
            let next = self.kind() == Some(&Kind::Row);
            self.at += usize::from(next);
            if self.kind() == Some(&Kind::End("cases".into())) {
                self.at += 1;
                return Ok(self.node(start, Node::Cases(cases)));
            }
            if !next {
                return self.fail("cases have \\\\ between them");
            }
        }
    }
}

/// The name that this is, perhaps with an accent, and the indices behind it.
fn named(expr: &Expr) -> Option<(String, &[Slot])> {
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

/// `_#`, `_{#,#}`, `(#)`, `(#,#)`: the places of so many expressions.
fn places(open: &str, close: &str, count: usize) -> String {
    let list = vec!["#"; count].join(",");
    match count {
        0 => String::new(),
        1 => format!("{open}#{close}"),
        _ if open == "_" => format!("_{{{list}}}"),
        _ => format!("{open}{list}{close}"),
    }
}
