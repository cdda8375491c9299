//! A formula on trial: does it hold wherever it says so, and does it say so wherever it holds?

use std::collections::BTreeSet;
use std::ops::Range;

use crate::ast::{Bounds, Expr, Item, Logic, Node, Relation};
use crate::error::{Error, Result};
use crate::eval::{Evaluator, Judge, Score};
use crate::notation::Notation;
use crate::number::Number;
use crate::parser::{in_order, is_about_sizes, parse};
use crate::value::{Symbols, Value};
use crate::walk::{bound_indices, mentions, walk_logic};

/// A display, read and put in order: what it states, under which conditions, for which indices.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    pub(crate) items: Vec<Item>,
    groups: Vec<Group>,
    /// From here on, groups hold what follows from sizes.
    first_implied: usize,
}

/// Statements, and the conditions and ranges that follow them.
#[derive(Debug, Clone, Default, PartialEq)]
struct Group {
    claims: Vec<(Logic, Range<usize>)>,
    conditions: Vec<(Logic, Range<usize>)>,
    ranges: Vec<Bounds>,
}

impl Formula {
    /// Reads a display.
    ///
    /// # Errors
    /// If it is not in the subset of LaTeX that this crate reads, uses a symbol that the notation does not know, or
    /// leaves something to guess.
    pub fn parse(latex: &str, notation: &Notation) -> Result<Self> {
        let items = parse(latex, notation)?;
        let (mut groups, mut implied) = (vec![Group::default()], vec![]);
        for item in &items {
            let group = groups.last_mut().expect("there is a group");
            match item {
                // What follows from sizes is stated under a condition of its own: it must fail for other sizes.
                Item::Claim(Logic::Implies(left, right), span)
                    if is_about_sizes(left, notation) && !counts(&items, left) =>
                {
                    let claims = vec![((**right).clone(), span.clone())];
                    let conditions = vec![((**left).clone(), span.clone())];
                    implied.push(Group { claims, conditions, ranges: vec![] });
                }
                Item::Claim(logic, span) => {
                    let claim = (logic.clone(), span.clone());
                    if group.conditions.is_empty() && group.ranges.is_empty() {
                        group.claims.push(claim);
                    } else {
                        groups.push(Group { claims: vec![claim], ..Group::default() });
                    }
                }
                Item::Condition(logic, span) => group.conditions.push((logic.clone(), span.clone())),
                Item::For(bounds) => group.ranges.push(bounds.clone()),
                Item::ZeroOutside(..) => {}
            }
        }
        groups.retain(|group| *group != Group::default());
        let first_implied = groups.len();
        groups.extend(implied);
        let formula = Self { items, groups, first_implied };
        formula.every_range_is_used()?;
        for group in &formula.groups {
            in_order(&group.ranges.iter().collect::<Vec<_>>())?;
            if group.claims.is_empty() {
                // A definition may come first; what else is asked of sizes would be asked of nothing.
                if let Some((_, span)) = group.conditions.iter().find(|(logic, _)| defined(logic).is_none()) {
                    return Err(Error::new(span, "a condition comes behind the statements that it governs"));
                }
            }
        }
        Ok(formula)
    }

    fn every_range_is_used(&self) -> Result<()> {
        for group in &self.groups {
            for (name, bounds) in pairs(&group.ranges) {
                let implied = self.groups[self.first_implied..].iter().flat_map(|implied| &implied.claims);
                let mut claims = group.claims.iter().chain(implied);
                if !claims.any(|(logic, _)| mentioned(logic, name)) {
                    let what = format!("no statement before this range uses {name}");
                    return Err(Error::new(&bounds.span, what));
                }
                let mut twice = None;
                for (logic, _) in &group.claims {
                    walk_logic(logic, &mut |expr| {
                        if binds(expr, name) {
                            twice = Some(expr.span.clone());
                        }
                    });
                }
                if let Some(span) = twice {
                    return Err(Error::new(
                        &span,
                        format!("{name} counts here and in a range: rename one of them"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// The ranges in force for the claims of a group: its own, and those of groups before it for other names.
    fn ranges(&self, group: usize) -> Vec<(&str, &Bounds)> {
        let mut found: Vec<(&str, &Bounds)> = pairs(&self.groups[group].ranges).collect();
        for earlier in self.groups[..group].iter().rev() {
            let more =
                pairs(&earlier.ranges).filter(|(name, _)| !found.iter().any(|(known, _)| known == name));
            let more = more.collect::<Vec<_>>();
            found.splice(0..0, more);
        }
        found
    }
}

/// Whether a statement contains an index to which an item gives a range.
fn counts(items: &[Item], logic: &Logic) -> bool {
    let in_range = |item: &Item| match item {
        Item::For(bounds) => bounds.names.iter().any(|name| mentioned(logic, name)),
        _ => false,
    };
    items.iter().any(in_range)
}

/// Every name of every range, with its bounds.
fn pairs(ranges: &[Bounds]) -> impl Iterator<Item = (&str, &Bounds)> {
    ranges.iter().flat_map(|bounds| bounds.names.iter().map(move |name| (name.as_str(), bounds)))
}

/// Whether a statement contains a name.
fn mentioned(logic: &Logic, name: &str) -> bool {
    let mut found = false;
    walk_logic(logic, &mut |expr| found |= matches!(&expr.node, Node::Name(other) if other == name));
    found
}

/// Whether an expression makes an index of this name its own.
fn binds(expr: &Expr, name: &str) -> bool {
    match &expr.node {
        Node::Over(_, ranges, _) => pairs(ranges).any(|(bound, _)| bound == name),
        Node::Set(names, _) => names.iter().any(|bound| bound == name),
        _ => false,
    }
}

/// An end of a range, beyond which a statement is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Lower,
    Upper,
    /// The first index that is left out of a range that has none at all.
    Empty,
}

/// A formula and what the cases so far have shown of it.
#[derive(Debug, Clone)]
pub struct Trial {
    formula: Formula,
    /// Whether each group of statements has been found to apply to a case.
    applied: Vec<bool>,
    /// The implications whose premise held in some case, by group and place.
    premises: BTreeSet<(usize, usize)>,
    /// For each end of each range, whether a statement was seen to fail beyond it.
    ends: Vec<(usize, String, End, bool)>,
    ranges_may_grow: bool,
    conditions_may_be_strict: bool,
    score: Score,
}

impl Trial {
    /// Nothing has been shown yet.
    pub fn new(formula: Formula) -> Self {
        let mut ends = vec![];
        for (number, group) in formula.groups.iter().enumerate() {
            for (name, _) in pairs(&group.ranges) {
                ends.extend([End::Lower, End::Upper].map(|end| (number, name.to_string(), end, false)));
            }
        }
        Self {
            applied: vec![false; formula.groups.len()],
            premises: BTreeSet::new(),
            formula,
            ends,
            ranges_may_grow: false,
            conditions_may_be_strict: false,
            score: Score::default(),
        }
    }

    /// The formula holds beyond its ranges, too, and the chapter has a reason not to say so.
    pub fn let_ranges_grow(&mut self) {
        self.ranges_may_grow = true;
    }

    /// The formula holds, by chance or for a reason, where its conditions do not.
    pub fn let_conditions_be_strict(&mut self) {
        self.conditions_may_be_strict = true;
    }

    /// The largest distance between sides that are stated to be equal.
    pub fn worst(&self) -> f64 {
        self.score.worst
    }

    /// The smallest distance between sides that are stated to differ, if any are.
    pub fn separation(&self) -> Option<f64> {
        self.score.separation
    }

    /// Evaluates the formula for one choice of its symbols. Where its conditions hold its statements must hold, for
    /// all indices in their ranges; where a condition fails, a statement must fail.
    ///
    /// # Errors
    /// If it is not so, or if something cannot be evaluated.
    pub fn case<T: Number>(&mut self, symbols: &Symbols<T>, judge: Judge) -> Result<()> {
        let formula = &self.formula;
        let mut evaluator = Evaluator::new(symbols, judge, bound_indices(&formula.items));
        define(formula, &mut evaluator)?;
        let mut score = self.score.clone();
        for (number, group) in formula.groups.iter().enumerate() {
            let ranges = formula.ranges(number);
            let mut broken = None;
            for (condition, span) in &group.conditions {
                if !evaluator.holds(condition)? {
                    broken = Some(span);
                }
            }
            if let Some(span) = broken {
                let mut fails = self.conditions_may_be_strict;
                for (logic, _) in &group.claims {
                    fails = fails || truth(&mut evaluator, logic, &ranges, None) != Ok(true);
                }
                if !fails {
                    let what = "the statement holds although this condition does not: it says too little";
                    return Err(Error::new(span, what));
                }
                continue;
            }
            self.applied[number] = true;
            evaluator.score = Score::default();
            for (place, (logic, span)) in group.claims.iter().enumerate() {
                if let Logic::Implies(premise, _) = logic {
                    if truth(&mut evaluator, premise, &ranges, None)? {
                        self.premises.insert((number, place));
                    }
                    evaluator.score = Score::default();
                }
                if !truth(&mut evaluator, logic, &ranges, None)? {
                    let told = evaluator.failure.take().unwrap_or_default();
                    return Err(Error::new(span, format!("this does not hold: {told}")));
                }
            }
            if !self.ranges_may_grow {
                no_range_is_empty_for_nothing(&mut evaluator, group, &ranges)?;
            }
            score.worst = score.worst.max(evaluator.score.worst);
            if let Some(separation) = evaluator.score.separation {
                score.separation = Some(score.separation.unwrap_or(f64::INFINITY).min(separation));
            }
            for (_, name, end, seen) in self.ends.iter_mut().filter(|(at, _, _, seen)| *at == number && !seen)
            {
                let probe = Some((name.as_str(), *end));
                let users = group.claims.iter().filter(|(logic, _)| mentioned(logic, name));
                for (logic, _) in users {
                    *seen |= truth(&mut evaluator, logic, &ranges, probe) != Ok(true);
                }
            }
        }
        self.score = score;
        Ok(())
    }

    /// Whether the cases together show enough: every statement applied, and no range can grow.
    ///
    /// # Errors
    /// If a statement was never tried, or holds beyond an end of a range in all cases.
    pub fn finish(&self) -> Result<()> {
        let mut groups = self.formula.groups.iter().zip(&self.applied);
        if let Some((group, _)) = groups.find(|(_, applied)| !**applied) {
            let span = group.claims.first().map_or(0..0, |claim| claim.1.clone());
            return Err(Error::new(&span, "in no case do the conditions of this statement hold"));
        }
        for (number, group) in self.formula.groups.iter().enumerate() {
            for (place, (logic, span)) in group.claims.iter().enumerate() {
                if matches!(logic, Logic::Implies(..)) && !self.premises.contains(&(number, place)) {
                    return Err(Error::new(span, "in no case does what this statement supposes hold"));
                }
            }
        }
        let growing = self.ends.iter().find(|(_, _, _, seen)| !seen && !self.ranges_may_grow);
        if let Some((number, name, end, _)) = growing {
            let (_, bounds) = pairs(&self.formula.groups[*number].ranges)
                .find(|(bound, _)| bound == name)
                .expect("the end of a range of this group");
            let (side, span) = match end {
                End::Lower => ("below", &bounds.lower.span),
                End::Upper | End::Empty => ("above", &bounds.upper.span),
            };
            return Err(Error::new(
                span,
                format!("the statement holds {side} this range of {name}, too: it says too little"),
            ));
        }
        Ok(())
    }
}

/// The two sides of a condition `P = N-K+1`, which is a definition if nobody has given its left side a value.
fn defined(condition: &Logic) -> Option<(&str, &Expr)> {
    match condition {
        Logic::Chain(sides, relations) => match (sides.as_slice(), relations.as_slice()) {
            ([Expr { node: Node::Name(name), .. }, value], [Relation::Equal]) => Some((name, value)),
            _ => None,
        },
        _ => None,
    }
}

/// Takes the definitions and the zeros outside from a formula before anything else is evaluated. The first definition
/// of a name counts; what else is said of it must agree, as every condition must.
fn define<'a, T: Number>(formula: &'a Formula, evaluator: &mut Evaluator<'a, T>) -> Result<()> {
    for (condition, _) in formula.groups.iter().flat_map(|group| &group.conditions) {
        if let Some((name, value)) = defined(condition).filter(|(name, _)| !evaluator.knows(name)) {
            let value = evaluator.value(value)?;
            evaluator.defined.insert(name.into(), value);
        }
    }
    for item in &formula.items {
        let Item::ZeroOutside(array, ranges, span) = item else { continue };
        let shape = match evaluator.array(array) {
            Some(Value::Tensor(tensor)) => tensor.shape().to_vec(),
            _ => return Err(Error::new(span, format!("{array} is no array"))),
        };
        let mut sides = vec![];
        for (_, bounds) in pairs(ranges) {
            sides.push(evaluator.range(bounds)?);
        }
        if sides != shape.iter().map(|side| 0..*side as i64).collect::<Vec<_>>() {
            return Err(Error::new(
                span,
                format!("this is not where the samples of {array} are: its shape is {shape:?}"),
            ));
        }
        evaluator.zero_outside.insert(array);
    }
    Ok(())
}

/// A range without any index says nothing, which is right only if the statement fails at the index that would be first.
fn no_range_is_empty_for_nothing<'a, T: Number>(
    evaluator: &mut Evaluator<'a, T>,
    group: &'a Group,
    ranges: &[(&'a str, &'a Bounds)],
) -> Result<()> {
    for (name, bounds) in pairs(&group.ranges) {
        for (logic, _) in group.claims.iter().filter(|(logic, _)| mentioned(logic, name)) {
            let probe = Some((name, End::Empty));
            let mut tried = false;
            // No index is tried if the range has some, or if another range is empty, too.
            let found = every(evaluator, &used(logic, ranges), probe, &mut |_| {
                tried = true;
                Ok(false)
            });
            if found.is_ok() && tried && truth(evaluator, logic, ranges, probe) == Ok(true) {
                let what = format!(
                    "no {name} is in this range, although the statement holds for the first: it says too little"
                );
                return Err(Error::new(&bounds.span, what));
            }
        }
    }
    Ok(())
}

/// Whether a statement holds for all its indices. With a probe, one index takes the value beyond an end of its range.
fn truth<'a, T: Number>(
    evaluator: &mut Evaluator<'a, T>,
    logic: &'a Logic,
    ranges: &[(&'a str, &'a Bounds)],
    probe: Option<(&str, End)>,
) -> Result<bool> {
    match logic {
        // Each side speaks of all its own indices.
        Logic::Iff(sides) => {
            let first = side(evaluator, &sides[0], ranges, probe)?;
            for other in &sides[1..] {
                if side(evaluator, other, ranges, probe)? != first {
                    evaluator.failure = Some(format!("the first side is {first}, another is not"));
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Logic::Implies(left, right) => {
            Ok(!side(evaluator, left, ranges, probe)? || truth(evaluator, right, ranges, probe)?)
        }
        _ => every(evaluator, &used(logic, ranges), probe, &mut |evaluator| evaluator.holds(logic)),
    }
}

/// The truth of a side that may be false. Then how far it is off is no error.
fn side<'a, T: Number>(
    evaluator: &mut Evaluator<'a, T>,
    logic: &'a Logic,
    ranges: &[(&'a str, &'a Bounds)],
    probe: Option<(&str, End)>,
) -> Result<bool> {
    let before = evaluator.score.clone();
    let holds = truth(evaluator, logic, ranges, probe)?;
    if !holds {
        evaluator.score = before;
    }
    Ok(holds)
}

/// The ranges that a statement needs: of its own indices, and of those in their bounds.
fn used<'a>(logic: &Logic, ranges: &[(&'a str, &'a Bounds)]) -> Vec<(&'a str, &'a Bounds)> {
    let mut names: BTreeSet<&str> =
        ranges.iter().map(|(name, _)| *name).filter(|name| mentioned(logic, name)).collect();
    loop {
        let needed = |name: &&str| {
            let in_bounds = |bounds: &Bounds| {
                let wanted = BTreeSet::from([*name]);
                mentions(&bounds.lower, &wanted) || mentions(&bounds.upper, &wanted)
            };
            ranges.iter().any(|(user, bounds)| names.contains(user) && in_bounds(bounds))
        };
        let more = ranges.iter().map(|(name, _)| *name).filter(|name| !names.contains(name) && needed(name));
        let more = more.collect::<Vec<_>>();
        if more.is_empty() {
            return ranges.iter().filter(|(name, _)| names.contains(name)).copied().collect();
        }
        names.extend(more);
    }
}

fn every<'a, T: Number>(
    evaluator: &mut Evaluator<'a, T>,
    ranges: &[(&'a str, &'a Bounds)],
    probe: Option<(&str, End)>,
    act: &mut dyn FnMut(&mut Evaluator<'a, T>) -> Result<bool>,
) -> Result<bool> {
    let Some(((name, bounds), rest)) = ranges.split_first() else { return act(evaluator) };
    let within = evaluator.range(bounds)?;
    let values = match probe {
        Some((probed, End::Lower)) if probed == *name => within.start.saturating_sub(1)..within.start,
        Some((probed, End::Upper)) if probed == *name => within.end..within.end.saturating_add(1),
        Some((probed, End::Empty)) if probed == *name && within.is_empty() => {
            within.start..within.start.saturating_add(1)
        }
        Some((probed, End::Empty)) if probed == *name => 0..0,
        _ => within,
    };
    for value in values {
        evaluator.locals.push((name, value));
        let goes_on = every(evaluator, rest, probe, act);
        evaluator.locals.pop();
        if !goes_on? {
            return Ok(false);
        }
    }
    Ok(true)
}
