//! What is said, in a form in which it shows that two formulas say the same.

use super::COMMUTATIVE;
use crate::ast::{Bounds, Expr, Item, Logic, Node, Relation, Slot};
use crate::notation::Notation;

/// What a display says.
pub(super) fn meaning(items: &[Item], notation: &Notation) -> String {
    let said = items.iter().map(|item| match item {
        Item::Claim(logic, _) => format!("claim {}", stated(logic, notation)),
        // The left side of a condition may be defined by it, so sides keep their places.
        Item::Condition(Logic::Chain(sides, relations), _) => {
            let sides = sides.iter().map(|side| canonical(side, notation)).collect::<Vec<_>>();
            format!("condition {sides:?} {relations:?}")
        }
        Item::Condition(logic, _) => format!("condition {}", stated(logic, notation)),
        Item::For(bounds) => format!("for {}", limits(bounds, notation)),
        Item::ZeroOutside(array, ranges, _) => {
            let ranges = ranges.iter().map(|bounds| limits(bounds, notation)).collect::<Vec<_>>();
            format!("zero {array} {ranges:?}")
        }
    });
    said.collect::<Vec<_>>().join("; ")
}

fn stated(logic: &Logic, notation: &Notation) -> String {
    let list = |sides: &[Logic]| sides.iter().map(|side| stated(side, notation)).collect::<Vec<_>>();
    match logic {
        Logic::Chain(sides, relations) => {
            let mut sides = sides.iter().map(|side| canonical(side, notation)).collect::<Vec<_>>();
            let symmetric = relations.iter().all(|relation| *relation == Relation::Equal)
                || relations == &[Relation::Different];
            if symmetric {
                sides.sort();
            }
            format!("{sides:?} {relations:?}")
        }
        Logic::Iff(sides) => format!("iff {:?}", list(sides)),
        Logic::Or(sides) => format!("or {:?}", list(sides)),
        Logic::Implies(left, right) => {
            format!("{} implies {}", stated(left, notation), stated(right, notation))
        }
    }
}

fn limits(bounds: &Bounds, notation: &Notation) -> String {
    let end = |expr: &Expr, more: i64| {
        let mut sum = Sum { constant: more, ..Sum::default() };
        sum.add(expr, false, notation);
        sum.said()
    };
    let lower = end(&bounds.lower, i64::from(bounds.above));
    let upper = end(&bounds.upper, -i64::from(bounds.below));
    format!("{:?} from {lower} to {upper}", bounds.names)
}

/// The terms of a sum, in no order.
#[derive(Default)]
struct Sum {
    terms: Vec<(String, bool)>,
    constant: i64,
}

impl Sum {
    fn add(&mut self, expr: &Expr, negative: bool, notation: &Notation) {
        match &expr.node {
            Node::Number(n) => {
                self.constant = self.constant.saturating_add(if negative { n.saturating_neg() } else { *n });
            }
            Node::Plus(a, b) => {
                self.add(a, negative, notation);
                self.add(b, negative, notation);
            }
            Node::Minus(a, b) => {
                self.add(a, negative, notation);
                self.add(b, !negative, notation);
            }
            Node::Negative(a) => self.add(a, !negative, notation),
            _ => self.terms.push((canonical(expr, notation), negative)),
        }
    }

    fn said(mut self) -> String {
        self.terms.sort();
        match (self.terms.as_slice(), self.constant) {
            ([], constant) => constant.to_string(),
            ([(term, false)], 0) => term.clone(),
            (terms, constant) => {
                let sign = |negative: bool| if negative { '-' } else { '+' };
                let terms = terms.iter().map(|(term, negative)| format!("{}{term}", sign(*negative)));
                format!("({}{constant:+})", terms.collect::<String>())
            }
        }
    }
}

/// An expression without its place, and without the order of what is added.
pub(super) fn canonical(expr: &Expr, notation: &Notation) -> String {
    let said = |part: &Expr| canonical(part, notation);
    let list = |parts: &[Expr]| parts.iter().map(said).collect::<Vec<_>>().join(", ");
    let end = |end: &Option<Expr>| end.as_ref().map(said).unwrap_or_default();
    let slots = |slots: &[Slot]| {
        let slot = |slot: &Slot| match slot {
            Slot::At(at) => said(at),
            Slot::Slice(from, to) => format!("{}:{}", end(from), end(to)),
        };
        slots.iter().map(slot).collect::<Vec<_>>().join(", ")
    };
    match &expr.node {
        Node::Name(name) => name.clone(),
        Node::Number(_) | Node::Plus(..) | Node::Minus(..) | Node::Negative(_) => {
            let mut sum = Sum::default();
            sum.add(expr, false, notation);
            sum.said()
        }
        Node::Apply(pattern, places) => {
            let mut places = places.iter().map(said).collect::<Vec<_>>();
            if COMMUTATIVE.contains(&pattern.as_str()) {
                places.sort();
            }
            // Between the two sides lies what stands below the operator.
            if let ([first, .., last], true) = (places.as_mut_slice(), notation.commutes(pattern))
                && last < first
            {
                std::mem::swap(first, last);
            }
            format!("{pattern}<{}>", places.join(", "))
        }
        Node::Index(array, indices) => format!("{}[{}]", said(array), slots(indices)),
        Node::Product(factors) => {
            // Numbers side by side change places, but not with what is applied to them.
            let mut parts = vec![];
            for run in factors.chunk_by(|a, b| is_number(a, notation) && is_number(b, notation)) {
                let mut run = run.iter().map(said).collect::<Vec<_>>();
                run.sort();
                parts.extend(run.into_iter().filter(|part| part != "1"));
            }
            if parts.is_empty() { "1".into() } else { format!("({})", parts.join(" ")) }
        }
        Node::Divide(a, b) => format!("({} / {})", said(a), said(b)),
        Node::Modulo(a, b) => format!("({} mod {})", said(a), said(b)),
        Node::Power(a, b) => format!("({} ^ {})", said(a), said(b)),
        Node::Exponential(a) => format!("exp({})", said(a)),
        Node::Transpose(a) => format!("transpose({})", said(a)),
        Node::Adjoint(a) => format!("adjoint({})", said(a)),
        Node::Inverse(a) => format!("inverse({})", said(a)),
        Node::Root(a) => format!("root({})", said(a)),
        Node::Over(big, ranges, body) => {
            let ranges = ranges.iter().map(|bounds| limits(bounds, notation)).collect::<Vec<_>>();
            format!("{big:?} {ranges:?} of {}", said(body))
        }
        Node::Matrix(rows) => {
            let rows = rows.iter().map(|row| list(row)).collect::<Vec<_>>();
            format!("matrix({})", rows.join("; "))
        }
        Node::Vector(entries) => format!("vector({})", list(entries)),
        Node::Cases(cases) => {
            let case = |(value, condition): &(Expr, Option<Logic>)| {
                let condition = condition.as_ref().map(|condition| stated(condition, notation));
                format!("{} if {condition:?}", said(value))
            };
            format!("cases({})", cases.iter().map(case).collect::<Vec<_>>().join("; "))
        }
        Node::Indicator(logic) => format!("indicator({})", stated(logic, notation)),
        Node::Set(names, items) => format!("set({names:?}: {})", meaning(items, notation)),
        Node::Interval(from, to) => format!("interval({}, {})", said(from), said(to)),
        Node::Partial(of, above, to, below) => format!("{of}[{}] / {to}[{}]", slots(above), slots(below)),
    }
}

/// Whether this is a number whatever the symbols stand for, so that its place among factors makes no difference.
fn is_number(expr: &Expr, notation: &Notation) -> bool {
    match &expr.node {
        Node::Number(_) => true,
        Node::Name(name) => notation.is_size(name) || notation.is_index(name) || name == "\\pi",
        Node::Plus(a, b)
        | Node::Minus(a, b)
        | Node::Divide(a, b)
        | Node::Power(a, b)
        | Node::Modulo(a, b) => is_number(a, notation) && is_number(b, notation),
        Node::Negative(a) | Node::Exponential(a) | Node::Root(a) => is_number(a, notation),
        Node::Product(factors) => factors.iter().all(|factor| is_number(factor, notation)),
        Node::Apply(pattern, places) => {
            ["floor", "ceil", "|#|", "\\overline{#}"].contains(&pattern.as_str())
                && places.iter().all(|place| is_number(place, notation))
        }
        Node::Index(_, slots) => slots.iter().all(|slot| matches!(slot, Slot::At(_))),
        _ => false,
    }
}
