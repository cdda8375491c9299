//! Going through a tree.

use std::collections::BTreeSet;

use crate::ast::{Bounds, Expr, Item, Logic, Node, Slot};

/// Whether an expression contains one of these names.
pub(crate) fn mentions(expr: &Expr, names: &BTreeSet<&str>) -> bool {
    let mut found = false;
    walk(expr, &mut |part| found |= matches!(&part.node, Node::Name(name) if names.contains(name.as_str())));
    found
}

/// Shows an expression and everything in it.
pub(crate) fn walk<'a>(expr: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    see(expr);
    let slots = |slots: &'a [Slot], see: &mut dyn FnMut(&'a Expr)| {
        for slot in slots {
            match slot {
                Slot::At(at) => walk(at, see),
                Slot::Slice(from, to) => from.iter().chain(to).for_each(|end| walk(end, see)),
            }
        }
    };
    match &expr.node {
        Node::Number(_) | Node::Name(_) => {}
        Node::Apply(_, parts) | Node::Product(parts) | Node::Vector(parts) => {
            parts.iter().for_each(|part| walk(part, see))
        }
        Node::Index(array, indices) => {
            walk(array, see);
            slots(indices, see);
        }
        Node::Negative(a)
        | Node::Exponential(a)
        | Node::Transpose(a)
        | Node::Adjoint(a)
        | Node::Inverse(a)
        | Node::Root(a) => {
            walk(a, see);
        }
        Node::Plus(a, b)
        | Node::Minus(a, b)
        | Node::Divide(a, b)
        | Node::Modulo(a, b)
        | Node::Power(a, b)
        | Node::Interval(a, b) => {
            walk(a, see);
            walk(b, see);
        }
        Node::Over(_, ranges, body) => {
            for bounds in ranges {
                walk(&bounds.lower, see);
                walk(&bounds.upper, see);
            }
            walk(body, see);
        }
        Node::Matrix(rows) => rows.iter().flatten().for_each(|entry| walk(entry, see)),
        Node::Cases(cases) => {
            for (value, condition) in cases {
                walk(value, see);
                condition.iter().for_each(|condition| walk_logic(condition, see));
            }
        }
        Node::Indicator(logic) => walk_logic(logic, see),
        Node::Set(_, items) => items.iter().for_each(|item| walk_item(item, see)),
        Node::Partial(_, above, _, below) => {
            slots(above, see);
            slots(below, see);
        }
    }
}

/// Shows every expression of a statement.
pub(crate) fn walk_logic<'a>(logic: &'a Logic, see: &mut dyn FnMut(&'a Expr)) {
    match logic {
        Logic::Chain(sides, _) => sides.iter().for_each(|side| walk(side, see)),
        Logic::Iff(sides) | Logic::Or(sides) => sides.iter().for_each(|side| walk_logic(side, see)),
        Logic::Implies(left, right) => {
            walk_logic(left, see);
            walk_logic(right, see);
        }
    }
}

/// Shows every expression of an item.
pub(crate) fn walk_item<'a>(item: &'a Item, see: &mut dyn FnMut(&'a Expr)) {
    let ends = |bounds: &'a Bounds, see: &mut dyn FnMut(&'a Expr)| {
        walk(&bounds.lower, see);
        walk(&bounds.upper, see);
    };
    match item {
        Item::Claim(logic, _) | Item::Condition(logic, _) => walk_logic(logic, see),
        Item::For(bounds) => ends(bounds, see),
        Item::ZeroOutside(_, ranges, _) => ranges.iter().for_each(|bounds| ends(bounds, see)),
    }
}

/// Every index that is bound somewhere in these items.
pub(crate) fn bound_indices(items: &[Item]) -> BTreeSet<&str> {
    let mut bound = BTreeSet::new();
    for item in items {
        match item {
            Item::For(bounds) => bound.extend(bounds.names.iter().map(String::as_str)),
            Item::ZeroOutside(_, ranges, _) => {
                bound.extend(ranges.iter().flat_map(|b| &b.names).map(String::as_str))
            }
            _ => {}
        }
        walk_item(item, &mut |expr| match &expr.node {
            Node::Over(_, ranges, _) => {
                bound.extend(ranges.iter().flat_map(|b| &b.names).map(String::as_str))
            }
            Node::Set(_, items) => bound.extend(bound_indices(items)),
            _ => {}
        });
    }
    bound
}
