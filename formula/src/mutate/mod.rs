//! Errors that a formula could have been printed with: a sign, an index, a bound, two symbols, one entry.
//!
//! A mutant is the formula's own text with one such error in it. It has to be readable, or no build would print it, and
//! it has to say something else than the formula. Proofs that evaluate the formula are expected to fail on its mutants.

mod meaning;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use crate::ast::{Big, Bounds, Expr, Item, Logic, Node, Relation, Slot};
use crate::lexer::{Kind, Token, tokens};
use crate::notation::Notation;
use crate::trial::Formula;
use crate::walk::walk;
use meaning::{canonical, meaning};

/// A formula with an error in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The whole formula, as it would be printed.
    pub latex: String,
    /// Where the error is: bytes of the formula without it.
    pub span: Range<usize>,
    /// What the error is.
    pub what: String,
}

/// Operators of products of entries; all others are convolutions of some kind.
const PRODUCTS: &[&str] = &["\\odot", "\\otimes"];

/// Functions that do not mind the order of what they are applied to. Of operators, the notation says so.
const COMMUTATIVE: &[&str] = &["max", "min", "\\cup"];

/// Commands that draw something above what they are applied to.
const ACCENTS: &[&str] = &["\\overline", "\\bar", "\\hat", "\\widehat", "\\tilde", "\\widetilde"];

/// Every error of a list of common ones that can be planted in a formula, in the order of their places.
///
/// None for a formula that cannot be read. No two mutants say the same, and none says what the formula says, as far as
/// that shows without evaluating: the order of terms, of whole factors and of equal sides makes no difference, nor does
/// the form of a whole number.
///
/// Where two sides are stated to differ, they are left as they are. They would differ after nearly every change, and
/// what is still true is no error.
pub fn mutants(latex: &str, notation: &Notation) -> Vec<Mutant> {
    let (Ok(formula), Ok(tokens)) = (Formula::parse(latex, notation), tokens(latex, notation)) else {
        return vec![];
    };
    let seen = HashSet::from([meaning(&formula.items, notation)]);
    let mut planter = Planter { latex, notation, tokens, seen, found: vec![] };
    for item in &formula.items {
        match item {
            Item::Claim(Logic::Chain(sides, relations), _) if relations.contains(&Relation::Different) => {
                planter.relations(sides, relations);
            }
            _ => planter.item(item),
        }
    }
    planter.found.sort_by_key(|mutant| (mutant.span.start, mutant.span.end));
    planter.found
}

/// A stretch of the formula, and what takes its place.
type Edit = (Range<usize>, String);

struct Planter<'a> {
    latex: &'a str,
    notation: &'a Notation,
    tokens: Vec<Token>,
    /// What the formula and the mutants so far say.
    seen: HashSet<String>,
    found: Vec<Mutant>,
}

impl Planter<'_> {
    // Planting.

    /// Plants the first of these that can be read.
    fn plant(&mut self, span: &Range<usize>, what: &str, ways: &[Vec<Edit>]) {
        for edits in ways {
            let latex = spliced(self.latex, edits);
            let Ok(mutant) = Formula::parse(&latex, self.notation) else { continue };
            if self.seen.insert(meaning(&mutant.items, self.notation)) {
                self.found.push(Mutant { latex, span: span.clone(), what: what.into() });
            }
            return;
        }
    }

    /// Plants another text in the place of one, in braces or parentheses if it needs them.
    fn replace(&mut self, span: &Range<usize>, texts: &[String]) {
        let Some(text) = texts.first() else { return };
        let what = format!("{} becomes {}", one_line(&self.latex[span.clone()]), one_line(text));
        let wrapped = texts.iter().flat_map(|text| {
            [text.clone(), format!("{{{text}}}"), format!("({text})"), format!("{{({text})}}")]
        });
        let ways = wrapped.map(|text| vec![(span.clone(), text)]).collect::<Vec<_>>();
        self.plant(span, &what, &ways);
    }

    /// Lets two texts change places.
    fn exchange(&mut self, a: &Range<usize>, b: &Range<usize>) {
        let (first, second) = (&self.latex[a.clone()], &self.latex[b.clone()]);
        let what = format!("{first} and {second} change places");
        let forms = |text: &str| [text.to_string(), format!("{{{text}}}")];
        let ways = forms(second).map(|second| {
            forms(first).map(|first| vec![(a.clone(), second.clone()), (b.clone(), first.clone())])
        });
        self.plant(&(a.start..b.end), &what, ways.as_flattened());
    }

    /// Leaves out a stretch.
    fn drop(&mut self, what: &Range<usize>, gone: Range<usize>) {
        let words = format!("{} is dropped", one_line(&self.latex[what.clone()]));
        self.plant(what, &words, &[vec![(gone, String::new())]]);
    }

    // The text.

    fn text(&self, expr: &Expr) -> String {
        self.latex[expr.span.clone()].to_string()
    }

    /// The first token within a stretch that reads as one of these.
    fn token(&self, within: Range<usize>, texts: &[&str]) -> Option<usize> {
        self.tokens.iter().position(|token| {
            token.span.start >= within.start
                && token.span.end <= within.end
                && texts.contains(&&self.latex[token.span.clone()])
        })
    }

    /// Where the braces that begin with this token end, or the token, if it is no brace.
    fn group_end(&self, first: usize) -> Option<usize> {
        let mut open = 0;
        for token in self.tokens.get(first..)? {
            match token.kind {
                Kind::Sign('{') => open += 1,
                Kind::Sign('}') => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Some(token.span.end);
            }
        }
        None
    }

    /// The place of an expression, and of the command that sizes its bracket.
    fn whole(&self, expr: &Expr) -> Range<usize> {
        let before = self.latex[..expr.span.start].trim_end();
        let letters = |c: char| c.is_ascii_alphabetic();
        let command = before.trim_end_matches(letters);
        let sized = command.ends_with('\\')
            && ["left", "big", "bigl", "Big", "Bigl", "bigg", "biggl", "Bigg", "Biggl"]
                .contains(&&before[command.len()..]);
        let start = if sized { command.len() - 1 } else { expr.span.start };
        start..expr.span.end
    }

    // Statements.

    fn item(&mut self, item: &Item) {
        match item {
            Item::Claim(logic, _) | Item::Condition(logic, _) => self.logic(logic),
            Item::For(bounds) => self.bounds(bounds),
            Item::ZeroOutside(_, ranges, _) => ranges.iter().for_each(|bounds| self.bounds(bounds)),
        }
    }

    pub(super) fn logic(&mut self, logic: &Logic) {
        match logic {
            Logic::Chain(sides, relations) => {
                self.relations(sides, relations);
                sides.iter().for_each(|side| self.alone(side));
            }
            Logic::Iff(sides) | Logic::Or(sides) => sides.iter().for_each(|side| self.logic(side)),
            Logic::Implies(left, right) => {
                self.logic(left);
                self.logic(right);
            }
        }
    }

    fn relations(&mut self, sides: &[Expr], relations: &[Relation]) {
        for (pair, relation) in sides.windows(2).zip(relations) {
            self.relation(pair[0].span.end..pair[1].span.start, *relation);
        }
    }

    /// Another relation in the place of one that stands somewhere within a stretch.
    fn relation(&mut self, within: Range<usize>, relation: Relation) {
        let (signs, others): (&[&str], &[&str]) = match relation {
            Relation::Equal => (&["="], &["\\ne"]),
            Relation::Close => (&["\\approx"], &["\\ne"]),
            Relation::Different => (&["\\ne", "\\neq"], &["="]),
            Relation::Less => (&["<"], &["\\le", ">"]),
            Relation::AtMost => (&["\\le", "\\leq"], &["<", "\\ge"]),
            Relation::Greater => (&[">"], &["\\ge", "<"]),
            Relation::AtLeast => (&["\\ge", "\\geq"], &[">", "\\le"]),
            Relation::Real => return,
        };
        let Some(token) = self.token(within, signs) else { return };
        let span = self.tokens[token].span.clone();
        for other in others {
            self.replace(&span, &[(*other).into()]);
        }
    }

    /// Indices that begin or end one too early or too late.
    pub(super) fn bounds(&mut self, bounds: &Bounds) {
        let between = bounds.lower.span.end..bounds.upper.span.start;
        let mut from = between.start;
        while let Some(token) = self.token(from..between.end, &["<", "\\le", "\\leq"]) {
            let span = self.tokens[token].span.clone();
            let other = if &self.latex[span.clone()] == "<" { "\\le" } else { "<" };
            from = span.end;
            self.replace(&span, &[other.into()]);
        }
        for end in [&bounds.lower, &bounds.upper] {
            self.shift(end);
            self.alone(end);
        }
    }

    // Expressions.

    /// An expression that is part of no other.
    fn alone(&mut self, expr: &Expr) {
        self.neighbours(expr);
        self.expr(expr);
    }

    /// Different symbols of one kind (sizes, indices, all others) with no third of that kind between them.
    fn neighbours(&mut self, expr: &Expr) {
        let mut last: BTreeMap<(bool, bool), (String, Range<usize>)> = BTreeMap::new();
        let mut pairs = vec![];
        walk(expr, &mut |part| {
            if let Node::Name(name) = &part.node {
                let kind = (self.notation.is_size(name), self.notation.is_index(name));
                if let Some((before, span)) = last.insert(kind, (name.clone(), part.span.clone()))
                    && before != *name
                    && span.end <= part.span.start
                {
                    pairs.push((span, part.span.clone()));
                }
            }
        });
        for (a, b) in pairs {
            self.exchange(&a, &b);
        }
    }

    /// One more and one less.
    fn shift(&mut self, expr: &Expr) {
        let text = self.text(expr);
        match expr.node {
            Node::Number(n) => [n.checked_add(1), n.checked_sub(1)]
                .iter()
                .flatten()
                .for_each(|n| self.replace(&expr.span, &[n.to_string()])),
            _ => ["+1", "-1"]
                .iter()
                .for_each(|by| self.replace(&expr.span, &[format!("{text}{by}"), format!("({text}){by}")])),
        }
    }

    fn slots(&mut self, slots: &[Slot]) {
        for slot in slots {
            let ends = match slot {
                Slot::At(at) => [Some(at), None],
                Slot::Slice(from, to) => [from.as_ref(), to.as_ref()],
            };
            for end in ends.into_iter().flatten() {
                self.shift(end);
                self.expr(end);
            }
        }
    }

    /// x_{12}, one digit at a time.
    fn labels(&mut self, expr: &Expr, digits: &Range<usize>) {
        let whole = expr.span.clone();
        for place in digits.clone() {
            let digit = i64::from(self.latex.as_bytes()[place]) - i64::from(b'0');
            for other in [digit + 1, digit - 1].into_iter().filter(|other| (1..=9).contains(other)) {
                let (before, after) = (&self.latex[whole.start..place], &self.latex[place + 1..whole.end]);
                let label = format!("{before}{other}{after}");
                self.replace(&whole, &[label]);
            }
        }
    }

    /// Another of the same entries in the place of each.
    fn entries(&mut self, entries: &[&Expr]) {
        let said = entries.iter().map(|entry| canonical(entry, self.notation)).collect::<Vec<_>>();
        for (place, entry) in entries.iter().enumerate() {
            let others = (1..entries.len()).map(|step| (place + step) % entries.len());
            if let Some(other) = others.into_iter().find(|other| said[*other] != said[place]) {
                let other = self.latex[self.whole(entries[other])].to_string();
                self.replace(&self.whole(entry), &[other]);
            }
            if !matches!(entry.node, Node::Number(_)) {
                self.expr(entry);
            }
        }
    }

    /// What stands above an expression is left out, or something else stands there.
    fn above(&mut self, expr: &Expr, base: &Expr, other: Option<&str>) {
        let first = self.tokens.iter().position(|token| token.span.start >= base.span.end);
        let Some(end) = first.and_then(|first| self.group_end(first + 1)) else { return };
        let above = base.span.end..end.min(expr.span.end);
        self.drop(&above, above.clone());
        if let Some(other) = other {
            self.replace(&above, &[other.into()]);
        }
        self.expr(base);
    }

    /// What is drawn above an expression is left out.
    fn accent(&mut self, expr: &Expr, below: &str, in_parentheses: bool) {
        let Some(command) = self.token(expr.span.clone(), ACCENTS) else { return };
        let Some(end) = self.group_end(command + 1) else { return };
        let span = self.tokens[command].span.start..end;
        let below = if in_parentheses { format!("({below})") } else { below.into() };
        self.replace(&span, &[below]);
    }

    /// Another operator of the notation, with the same parameters.
    fn operator(&mut self, pattern: &str, places: &[Expr]) {
        let ([left, parameters @ .., right], Some((name, _))) = (places, operator(pattern)) else { return };
        let between = left.span.end..right.span.start;
        let Some(token) = self.token(between, &[name]) else { return };
        let mut span = self.tokens[token].span.clone();
        if parameters.is_empty()
            && matches!(self.tokens.get(token + 1), Some(next) if next.kind == Kind::Sign('_'))
        {
            span.end = self.group_end(token + 2).unwrap_or(span.end);
        }
        let others = self.notation.patterns().filter(|other| *other != pattern).filter_map(|other| {
            let (other, below) = operator(other)?;
            let alike = PRODUCTS.contains(&other) == PRODUCTS.contains(&name) && other != "\\cdot";
            match below {
                _ if !alike => None,
                Below::Nothing if parameters.is_empty() => Some(other.to_string()),
                Below::Word(word) if parameters.is_empty() && word.len() == 1 => {
                    Some(format!("{other}_{word}"))
                }
                Below::Word(word) if parameters.is_empty() => Some(format!("{other}_{{\\mathrm{{{word}}}}}")),
                Below::Places(count) if count == parameters.len() => Some(other.to_string()),
                _ => None,
            }
        });
        for other in others.collect::<Vec<_>>() {
            self.replace(&span, &[other]);
        }
    }

    /// Another command in the place of one that stands within a stretch.
    fn command(&mut self, within: Range<usize>, pairs: [(&str, &str); 2]) {
        for (name, other) in pairs {
            if let Some(token) = self.token(within.clone(), &[name]) {
                let span = self.tokens[token].span.clone();
                self.replace(&span, &[other.into()]);
                return;
            }
        }
    }

    /// Rounded down instead of up, or up instead of down.
    fn rounding(&mut self, expr: &Expr, inside: &Expr, brackets: [&str; 2], others: [&str; 2]) {
        let open = self.token(expr.span.start..inside.span.start, &brackets[..1]);
        let close = self.token(inside.span.end..expr.span.end, &brackets[1..]);
        let (Some(open), Some(close)) = (open, close) else { return };
        let edits = [open, close]
            .into_iter()
            .zip(others)
            .map(|(token, other)| (self.tokens[token].span.clone(), other.to_string()));
        let edits = edits.collect::<Vec<_>>();
        let what = format!("{} becomes {}", brackets.join(" "), others.join(" "));
        self.plant(&expr.span, &what, &[edits]);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.node {
            Node::Number(_) => self.shift(expr),
            Node::Name(name) => {
                // The gradient \nabla_x L is one name, too, and nothing is drawn above it.
                if let Some((_, below)) = name.split_once(' ').filter(|(above, _)| ACCENTS.contains(above)) {
                    self.accent(expr, below, false);
                }
            }
            Node::Apply(pattern, places) => {
                match (pattern.as_str(), places.as_slice()) {
                    ("# \\cdot #", [a, b]) => {
                        let (a, b) = (self.whole(a), self.whole(b));
                        self.drop(&a, a.start..b.start);
                        self.drop(&b, a.end..b.end);
                    }
                    ("floor", [a]) => {
                        self.rounding(expr, a, ["\\lfloor", "\\rfloor"], ["\\lceil", "\\rceil"]);
                    }
                    ("ceil", [a]) => {
                        self.rounding(expr, a, ["\\lceil", "\\rceil"], ["\\lfloor", "\\rfloor"]);
                    }
                    ("max" | "min", [a, ..]) => {
                        let before = expr.span.start..a.span.start;
                        self.command(before, [("\\max", "\\min"), ("\\min", "\\max")]);
                    }
                    ("\\overline{#}", [below]) => self.accent(expr, &self.text(below), falls_apart(below)),
                    (accent, [below]) if accent.starts_with('\\') && accent.ends_with(" #") => {
                        self.accent(expr, &self.text(below), falls_apart(below));
                    }
                    _ => self.operator(pattern, places),
                }
                places.iter().for_each(|place| self.expr(place));
            }
            Node::Index(array, slots) => {
                self.expr(array);
                match slots.first() {
                    Some(Slot::At(first)) if self.is_label(array, first) => self.labels(expr, &first.span),
                    _ => self.slots(slots),
                }
            }
            Node::Negative(a) => {
                if let Some(sign) = self.token(expr.span.start..a.span.start, &["-"]) {
                    let sign = self.tokens[sign].span.clone();
                    self.drop(&sign, sign.clone());
                }
                self.expr(a);
            }
            Node::Plus(a, b) | Node::Minus(a, b) => {
                self.command(a.span.end..b.span.start, [("+", "-"), ("-", "+")]);
                self.expr(a);
                self.expr(b);
            }
            Node::Product(factors) => {
                for factor in factors {
                    let span = self.whole(factor);
                    self.drop(&span, span.clone());
                }
                factors.iter().for_each(|factor| self.expr(factor));
            }
            Node::Divide(a, b) | Node::Modulo(a, b) | Node::Power(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Node::Interval(a, b) => {
                for end in [a, b] {
                    self.shift(end);
                    self.expr(end);
                }
            }
            Node::Exponential(a) | Node::Root(a) => self.expr(a),
            Node::Transpose(a) | Node::Inverse(a) => self.above(expr, a, None),
            Node::Adjoint(a) => self.above(expr, a, Some("^{T}")),
            Node::Over(big, ranges, body) => {
                if matches!(big, Big::Max | Big::Min) {
                    let sign = expr.span.start..ranges[0].span.start;
                    self.command(sign, [("\\max", "\\min"), ("\\min", "\\max")]);
                }
                ranges.iter().for_each(|bounds| self.bounds(bounds));
                self.expr(body);
            }
            Node::Matrix(rows) => self.entries(&rows.iter().flatten().collect::<Vec<_>>()),
            Node::Vector(entries) => self.entries(&entries.iter().collect::<Vec<_>>()),
            Node::Cases(cases) => {
                for (value, condition) in cases {
                    self.expr(value);
                    condition.iter().for_each(|condition| self.logic(condition));
                }
            }
            Node::Indicator(logic) => self.logic(logic),
            Node::Set(_, items) => items.iter().for_each(|item| self.item(item)),
            Node::Partial(_, above, _, below) => {
                self.slots(above);
                self.slots(below);
            }
        }
    }

    /// Whether this is the first slot of x_{12}, which reads no brackets.
    fn is_label(&self, array: &Expr, first: &Expr) -> bool {
        let between = self.latex.get(array.span.end..first.span.start).unwrap_or_default();
        between.trim_start().starts_with('_')
    }
}

/// Whether something drawn above an expression holds it together, so that it needs parentheses without.
fn falls_apart(expr: &Expr) -> bool {
    match &expr.node {
        Node::Plus(..)
        | Node::Minus(..)
        | Node::Negative(_)
        | Node::Product(_)
        | Node::Divide(..)
        | Node::Modulo(..)
        | Node::Over(..) => true,
        Node::Apply(pattern, _) => pattern.starts_with("# ") || pattern == "\\cup",
        _ => false,
    }
}

/// What stands below an operator.
enum Below<'a> {
    Nothing,
    Word(&'a str),
    Places(usize),
}

/// The command of `# \ast #`, and what stands below it.
fn operator(pattern: &str) -> Option<(&str, Below<'_>)> {
    let inside = pattern.strip_prefix("# ")?.strip_suffix(" #")?;
    Some(match inside.split_once('_') {
        None => (inside, Below::Nothing),
        Some((name, below)) if below.contains('#') => (name, Below::Places(below.matches('#').count())),
        Some((name, below)) => (name, Below::Word(below)),
    })
}

/// A text with stretches replaced. What would run together into another command or number is kept apart.
fn spliced(text: &str, edits: &[Edit]) -> String {
    let mut made = String::with_capacity(text.len() + 8);
    let mut join = |part: &str| {
        let letters = |c: char| c.is_ascii_alphabetic();
        let command = made.trim_end_matches(letters).ends_with('\\') && made.ends_with(letters);
        let digits = made.ends_with(|c: char| c.is_ascii_digit());
        if command && part.starts_with(letters) || digits && part.starts_with(|c: char| c.is_ascii_digit()) {
            made.push(' ');
        }
        made.push_str(part);
    };
    let mut place = 0;
    for (span, other) in edits {
        join(&text[place..span.start]);
        join(other);
        place = span.end;
    }
    join(&text[place..]);
    made
}

/// A text without line breaks and without space at its ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notation() -> Notation {
        let text = r##"
            indices = ["a", "b", "i", "j", "k", "n"]
            [[symbol]]
            names = ["x", "h", "y", "A", "# \\ast #", "# \\ast_v #", "# \\star #", "# \\star_full #"]
            sizes = ["N", "K", "K_h", "K_w"]
            labels = ["x", "h", "y"]
            [[symbol]]
            commutes = ["# \\odot #"]
            names = ["# \\odot #", "# \\otimes #", "# \\circledast_# #", "# \\star_# #", "\\hat #", "\\omega_#", "F_#"]
        "##;
        Notation::parse(text).unwrap()
    }

    /// What the mutants of a formula are, with the change alone instead of the whole formula.
    fn changes(latex: &str) -> Vec<String> {
        mutants(latex, &notation()).into_iter().map(|mutant| mutant.what).collect()
    }

    /// The mutants themselves.
    fn texts(latex: &str) -> Vec<String> {
        mutants(latex, &notation()).into_iter().map(|mutant| mutant.latex).collect()
    }

    #[test]
    fn every_error_of_the_list_is_planted_and_each_once() {
        assert_eq!(
            texts(r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad 0 \le n < N"),
            [
                r"y[n+1] = \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n-1] = \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] \ne \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=1}^{K-1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=-1}^{K-1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1+1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1-1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K+1} h[k]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} \, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} x[k]\, h[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k+1]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k-1]\, x[n-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[n]\, x[k-k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, , \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[k-n], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n-k+1], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n-k-1], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n+k], \qquad 0 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad -1 \le n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad 0 < n < N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad 0 \le n \le N",
                r"y[n] = \sum_{k=0}^{K-1} h[k]\, x[n-k], \qquad 0 \le n < N-1",
            ]
        );
    }

    #[test]
    fn a_mutant_knows_its_place() {
        let latex = r"y = x \ast h";
        let found = mutants(latex, &notation());
        let told = found.iter().map(|mutant| (&latex[mutant.span.clone()], mutant.what.as_str()));
        let expected = [
            ("=", r"= becomes \ne"),
            (r"x \ast h", "x and h change places"),
            (r"\ast", r"\ast becomes \ast_v"),
            (r"\ast", r"\ast becomes \star"),
            (r"\ast", r"\ast becomes \star_{\mathrm{full}}"),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_eq!(found[4].latex, r"y = x \star_{\mathrm{full}} h");
    }

    #[test]
    fn operators_change_among_their_like_and_keep_their_parameters() {
        assert!(texts(r"y = x \ast_v h").contains(&r"y = x \ast h".into()));
        assert!(texts(r"y = x \circledast_N h").contains(&r"y = x \star_N h".into()));
        assert!(texts(r"y = A \odot x").contains(&r"y = A \otimes x".into()));
        assert!(!texts(r"y = A \odot x").iter().any(|text| text.contains("ast")));
    }

    #[test]
    fn what_stands_above_is_dropped() {
        assert!(changes("y = A^{T} x").contains(&"^{T} is dropped".into()));
        assert!(texts("y = (A x)^{-1}").contains(&"y = (A x)".into()));
        let adjoint = texts("y = A^* x");
        assert!(
            adjoint.contains(&"y = A x".into()) && adjoint.contains(&"y = A^{T} x".into()),
            "{adjoint:?}"
        );
        let conjugate = texts(r"y = \overline{x + h} h");
        assert!(conjugate.contains(&"y = (x + h) h".into()), "{conjugate:?}");
        assert!(texts(r"\hat x = F_N x").contains(&"x = F_N x".into()));
        assert!(texts(r"y = \widehat{x \ast h}").contains(&r"y = (x \ast h)".into()));
    }

    #[test]
    fn entries_of_a_matrix_become_others_of_it() {
        let found = texts(r"A = \begin{bmatrix} x_{11} & 0 \\ 0 & x_{22} \end{bmatrix}");
        let entries = [
            r"x_{12} & 0 \\ 0 & x_{22}",
            r"x_{21} & 0 \\ 0 & x_{22}",
            r"0 & 0 \\ 0 & x_{22}",
            r"x_{11} & x_{22} \\ 0 & x_{22}",
            r"x_{11} & 0 \\ x_{22} & x_{22}",
            r"x_{11} & 0 \\ 0 & x_{11}",
            r"x_{11} & 0 \\ 0 & x_{32}",
        ];
        for entry in entries {
            let whole = format!(r"A = \begin{{bmatrix}} {entry} \end{{bmatrix}}");
            assert!(found.contains(&whole), "{entry} is not among {found:#?}");
        }
    }

    #[test]
    fn signs_relations_brackets_and_numbers_change() {
        assert!(texts("x = -h").contains(&"x = h".into()));
        assert!(texts("x = h - y").contains(&"x = h + y".into()));
        assert!(texts(r"x[0] \le h[0]").contains(&r"x[0] < h[0]".into()));
        assert!(texts(r"x[0] \le h[0]").contains(&r"x[0] \ge h[0]".into()));
        assert!(texts("x = 2 h").contains(&"x = 3 h".into()));
        assert!(
            texts(r"x[0] = \lfloor \frac{N}{2} \rfloor")
                .contains(&r"x[0] = \lceil \frac{N}{2} \rceil".into())
        );
        assert!(texts(r"x[0] = \max(N, 3)").contains(&r"x[0] = \min(N, 3)".into()));
        assert!(texts(r"x[K_h - K_w] = 0").contains(&r"x[K_w - K_h] = 0".into()));
    }

    #[test]
    fn brackets_are_added_where_the_change_needs_them() {
        assert!(texts(r"x[n \bmod N] = 0").contains(&r"x[(n \bmod N)+1] = 0".into()));
        assert!(texts(r"y = \sum_{k=0}^N x[k]").contains(&r"y = \sum_{k=0}^{N+1} x[k]".into()));
        assert!(texts(r"x[a] = F_N[K_h]").contains(&r"x[a] = F_{K_h}[N]".into()));
        let sized = texts(r"y = \left(x + h\right) y");
        assert!(sized.contains(&"y =  y".into()), "the whole bracket goes: {sized:?}");
    }

    #[test]
    fn what_says_the_same_is_no_mutant() {
        // N + K = K + N, k n = n k, and n + 2 - 1 = n + 1.
        assert!(!changes("x[N + K] = 0").contains(&"N and K change places".into()));
        assert!(!changes(r"y = \omega_N^{k n}").contains(&"k and n change places".into()));
        assert!(!changes(r"y[0] = h[0] x[0]").contains(&"h and x change places".into()));
        assert!(!changes(r"y = x \odot h").contains(&"x and h change places".into()));
        assert!(!changes("x[K N] = 0").contains(&"K and N change places".into()));
        assert!(
            changes(r"y = x \ast h").contains(&"x and h change places".into()),
            "nobody says that it commutes"
        );
        assert_eq!(texts("x[n + 1] = 0").len(), texts("x[n + 1] = 0").iter().collect::<HashSet<_>>().len());
        assert!(!texts("x[n + 1] = 0").contains(&"x[n + 0] = 0".into()), "it is x[n + 1 - 1] already");
    }

    #[test]
    fn sides_that_differ_are_left_alone() {
        assert_eq!(texts(r"x \ast h \ne x \star h"), [r"x \ast h = x \star h"]);
        let set = texts(r"\{ n : 0 \le n < N,\ x[n] \ne h[n] \} = \{ n : 0 \le n < K \}");
        assert!(set.contains(&r"\{ n : 0 \le n < N,\ x[n] \ne h[n+1] \} = \{ n : 0 \le n < K \}".into()));
    }

    #[test]
    fn commands_and_numbers_do_not_run_together() {
        assert_eq!(spliced(r"\pi x", &[(4..5, "i".into()), (3..4, String::new())][..1]), r"\pi i");
        assert_eq!(spliced(r"2\cdot 3", &[(1..7, String::new())]), "2 3");
        assert_eq!(spliced(r"a n", &[(0..2, r"\pi".into())]), r"\pi n");
    }

    #[test]
    fn what_cannot_be_read_has_no_mutants() {
        assert!(mutants("x = ", &notation()).is_empty());
        assert!(mutants(r"x[m] = 0, \qquad 0 \le m < N", &notation()).is_empty(), "m is no index here");
    }
}
