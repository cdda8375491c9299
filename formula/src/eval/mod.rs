//! From a tree to values.

mod arithmetic;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use ndarray::{ArrayD, Axis, IxDyn};

use crate::ast::{Big, Bounds, Expr, Item, Logic, Node, Relation, Slot};
use crate::error::{Error, Result};
use crate::number::Number;
use crate::value::{LARGEST, Symbols, Value, each, zeros};
use crate::walk::mentions;
use arithmetic::{built_in, combined, effort, extreme, inverse, power, scaled, times, transposed};

/// No formula takes more steps than this.
const MOST_STEPS: u64 = 10_000_000;

/// When two numbers count as equal and when as different.
#[derive(Debug, Clone, Copy)]
pub struct Judge {
    /// Equal: no further apart than this. 0 for exact numbers.
    pub tolerance: f64,
    /// Different: at least this far apart.
    pub margin: f64,
}

impl Judge {
    /// Nothing is rounded: equal means equal.
    pub const EXACT: Self = Self { tolerance: 0.0, margin: 0.0 };

    fn equal<T: Number>(self, a: &T, b: &T) -> bool {
        // Not `>`: what is not a number equals nothing.
        if self.tolerance == 0.0 { a == b } else { a.distance(b) <= self.tolerance }
    }
}

/// How a comparison came out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    /// The largest distance between sides that are stated to be equal.
    pub worst: f64,
    /// The smallest distance between sides that are stated to differ.
    pub separation: Option<f64>,
}

/// An evaluation in progress.
pub(crate) struct Evaluator<'a, T> {
    symbols: &'a Symbols<T>,
    pub judge: Judge,
    /// Values that the formula itself defines.
    pub defined: HashMap<String, Value<T>>,
    /// Arrays that are zero outside.
    pub zero_outside: BTreeSet<&'a str>,
    /// Indices and their values, the innermost last.
    pub locals: Vec<(&'a str, i64)>,
    /// Every index that the formula binds anywhere.
    bound: BTreeSet<&'a str>,
    /// Expressions without a bound index keep their value throughout.
    kept: HashMap<*const Expr, Value<T>>,
    varies: HashMap<*const Expr, bool>,
    steps: u64,
    pub score: Score,
    /// The last comparison that did not hold, in words.
    pub failure: Option<String>,
}

impl<'a, T: Number> Evaluator<'a, T> {
    pub fn new(symbols: &'a Symbols<T>, judge: Judge, bound: BTreeSet<&'a str>) -> Self {
        Self {
            symbols,
            judge,
            defined: HashMap::new(),
            zero_outside: BTreeSet::new(),
            locals: vec![],
            bound,
            kept: HashMap::new(),
            varies: HashMap::new(),
            steps: 0,
            score: Score::default(),
            failure: None,
        }
    }

    /// The array of this name, if it is one.
    pub fn array(&self, name: &str) -> Option<&Value<T>> {
        self.defined.get(name).or_else(|| self.symbols.get(name))
    }

    /// Whether a name stands for something without the formula's help.
    pub fn knows(&self, name: &str) -> bool {
        self.symbols.get(name).is_some() || self.defined.contains_key(name)
    }

    // Statements.

    /// Whether a statement holds, for the present values of the indices.
    pub fn holds(&mut self, logic: &'a Logic) -> Result<bool> {
        match logic {
            Logic::Chain(sides, relations) => {
                for (pair, relation) in sides.windows(2).zip(relations) {
                    if !self.compares(&pair[0], *relation, &pair[1])? {
                        self.failure = Some(self.told(&pair[0], &pair[1]));
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Logic::Or(sides) => {
                for side in sides {
                    if self.holds(side)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Logic::Implies(left, right) => Ok(!self.decides(left)? || self.holds(right)?),
            Logic::Iff(sides) => {
                let first = self.decides(&sides[0])?;
                for side in &sides[1..] {
                    if self.decides(side)? != first {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// The same, without letting distances count: both answers are fine.
    fn decides(&mut self, logic: &'a Logic) -> Result<bool> {
        let score = self.score.clone();
        let holds = self.holds(logic);
        self.score = score;
        holds
    }

    /// The indices and the two sides, in words.
    fn told(&mut self, left: &'a Expr, right: &'a Expr) -> String {
        let at = self
            .locals
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect::<Vec<_>>()
            .join(", ");
        let mut side = |side| match self.value(side) {
            Ok(value) => value.shown(),
            Err(error) => error.what,
        };
        let (left, right) = (side(left), side(right));
        format!("{}left: {left}, right: {right}", if at.is_empty() { at } else { format!("{at}; ") })
    }

    fn compares(&mut self, left: &'a Expr, relation: Relation, right: &'a Expr) -> Result<bool> {
        let span = left.span.start..right.span.end;
        let a = self.value(left)?;
        if relation == Relation::Real {
            return self.is_real(&a, right);
        }
        let b = self.value(right)?;
        if let (Value::Set(a), Value::Set(b)) = (&a, &b) {
            return match relation {
                Relation::Equal => Ok(a == b),
                Relation::Different => Ok(a != b),
                _ => Err(Error::new(&span, "sets are equal or different, nothing else")),
            };
        }
        let place = |what: String| Error::new(&span, what);
        let ((shape_a, a), (shape_b, b)) = (a.entries().map_err(place)?, b.entries().map_err(place)?);
        if shape_a != shape_b {
            return match relation {
                Relation::Equal | Relation::Close => Ok(false),
                Relation::Different => Ok(true),
                _ => Err(Error::new(&span, "sides of different shape are compared")),
            };
        }
        let farthest = a.iter().zip(&b).map(|(a, b)| a.distance(b)).fold(0.0, f64::max);
        let mut pairs = a.iter().zip(&b);
        let ordered =
            |a: &T, b: &T| a.compare(b).ok_or_else(|| Error::new(&span, "complex numbers have no order"));
        match relation {
            Relation::Equal | Relation::Close => {
                self.score.worst = self.score.worst.max(farthest);
                Ok(pairs.all(|(a, b)| self.judge.equal(a, b)))
            }
            Relation::Different => {
                let before = self.score.separation.unwrap_or(f64::INFINITY);
                self.score.separation = Some(before.min(farthest));
                Ok(pairs.any(|(a, b)| !self.judge.equal(a, b)) && farthest >= self.judge.margin)
            }
            _ => {
                for (a, b) in pairs {
                    let (order, equal) = (ordered(a, b)?, self.judge.equal(a, b));
                    let holds = match relation {
                        Relation::Less => order.is_lt() && !equal,
                        Relation::AtMost => order.is_lt() || equal,
                        Relation::Greater => order.is_gt() && !equal,
                        _ => order.is_gt() || equal,
                    };
                    if !holds {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// x ∈ ℝ^{sizes}.
    fn is_real(&mut self, value: &Value<T>, reals: &'a Expr) -> Result<bool> {
        let Node::Apply(_, sizes) = &reals.node else {
            return Err(Error::new(&reals.span, "ℝ is expected here"));
        };
        let sizes = sizes.iter().map(|size| self.size(size)).collect::<Result<Vec<_>>>()?;
        let (_, entries) = value.entries().map_err(|what| Error::new(&reals.span, what))?;
        let shape = if let Value::Tensor(array) = value { array.shape() } else { &[] };
        Ok(shape == sizes && entries.iter().all(|entry| entry.parts().1 == T::zero()))
    }

    /// The values that indices between bounds take, given the indices before them.
    pub fn range(&mut self, bounds: &'a Bounds) -> Result<Range<i64>> {
        let end = |value: i64, step: bool| {
            value
                .checked_add(i64::from(step))
                .ok_or_else(|| Error::new(&bounds.span, "this range goes beyond what is counted"))
        };
        let lower = end(self.integer(&bounds.lower)?, bounds.above)?;
        let upper = end(self.integer(&bounds.upper)?, !bounds.below)?;
        Ok(lower..upper.max(lower))
    }

    /// Does something for all values of the indices, until it says no.
    pub fn for_all(
        &mut self,
        ranges: &[(&'a str, &'a Bounds)],
        act: &mut dyn FnMut(&mut Self) -> Result<bool>,
    ) -> Result<bool> {
        let Some(((name, bounds), rest)) = ranges.split_first() else { return act(self) };
        for value in self.range(bounds)? {
            self.spend(1, &bounds.span)?;
            self.locals.push((name, value));
            let goes_on = self.for_all(rest, act);
            self.locals.pop();
            if !goes_on? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    // Expressions.

    /// Counts steps, and refuses to go on after too many.
    fn spend(&mut self, steps: u64, span: &Range<usize>) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS {
            return Err(Error::new(span, format!("more than {MOST_STEPS} steps of evaluation")));
        }
        Ok(())
    }

    /// The value of an expression.
    pub fn value(&mut self, expr: &'a Expr) -> Result<Value<T>> {
        self.spend(1, &expr.span)?;
        match &expr.node {
            Node::Number(n) => return Ok(Value::Number(T::whole(*n))),
            Node::Name(name) => return self.name(expr, name),
            _ => {}
        }
        let key = std::ptr::from_ref(expr);
        let varies = match self.varies.get(&key) {
            Some(varies) => *varies,
            None => {
                let varies = mentions(expr, &self.bound);
                self.varies.insert(key, varies);
                varies
            }
        };
        if let Some(value) = self.kept.get(&key).filter(|_| !varies) {
            return Ok(value.clone());
        }
        let value = self.fresh(expr)?;
        if let Value::Tensor(array) = &value {
            self.spend(array.len() as u64, &expr.span)?;
        }
        if !varies {
            self.kept.insert(key, value.clone());
        }
        Ok(value)
    }

    fn name(&mut self, expr: &Expr, name: &str) -> Result<Value<T>> {
        if let Some((_, value)) = self.locals.iter().rev().find(|(local, _)| *local == name) {
            return Ok(Value::Number(T::whole(*value)));
        }
        if let Some(value) = self.defined.get(name).or_else(|| self.symbols.get(name)) {
            return Ok(value.clone());
        }
        match name {
            "i" if self.bound.contains("i") => Err(Error::new(
                &expr.span,
                "i counts something in this formula, so it is no imaginary unit: rename one of them",
            )),
            "i" => Ok(Value::Number(T::imaginary())),
            "\\pi" => T::pi()
                .map(Value::Number)
                .ok_or_else(|| Error::new(&expr.span, "\\pi is not an exact number")),
            _ => Err(Error::new(
                &expr.span,
                format!(
                    "nothing says what {name} is: give it a range such as 0 \\le {name} \\le N-1, or bind it in the proof"
                ),
            )),
        }
    }

    fn number(&mut self, expr: &'a Expr) -> Result<T> {
        let value = self.value(expr)?;
        value.number().cloned().map_err(|what| Error::new(&expr.span, what))
    }

    fn integer(&mut self, expr: &'a Expr) -> Result<i64> {
        let value = self.value(expr)?;
        value.integer().map_err(|what| Error::new(&expr.span, what))
    }

    fn size(&mut self, expr: &'a Expr) -> Result<usize> {
        let value = self.value(expr)?;
        value.size().map_err(|what| Error::new(&expr.span, what))
    }

    fn fresh(&mut self, expr: &'a Expr) -> Result<Value<T>> {
        let place = |what: String| Error::new(&expr.span, what);
        match &expr.node {
            Node::Number(_) | Node::Name(_) => self.value(expr),
            Node::Apply(pattern, arguments) => {
                let values =
                    arguments.iter().map(|argument| self.value(argument)).collect::<Result<Vec<_>>>()?;
                if let Some(function) = self.symbols.get_function(pattern) {
                    return function(&values).map_err(place);
                }
                built_in(pattern, &values, self.judge).map_err(place)
            }
            Node::Index(array, slots) => self.indexed(expr, array, slots),
            Node::Negative(a) => {
                let a = self.value(a)?;
                scaled(&T::whole(-1), &a).map_err(place)
            }
            Node::Plus(a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                combined(&a, &b, T::plus).map_err(place)
            }
            Node::Minus(a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                combined(&a, &b, T::minus).map_err(place)
            }
            Node::Product(factors) => {
                let mut values =
                    factors.iter().map(|factor| self.value(factor)).collect::<Result<Vec<_>>>()?;
                let mut product = values.pop().expect("a product has factors");
                // From the right: what stands before a vector is applied to it, and matrices are not multiplied first.
                while let Some(factor) = values.pop() {
                    self.spend(effort(&factor, &product), &expr.span)?;
                    product = times(factor, product).map_err(place)?;
                }
                Ok(product)
            }
            Node::Divide(a, b) => {
                let (a, b) = (self.value(a)?, self.number(b)?);
                let divided = |a: &T| a.over(&b);
                match &a {
                    Value::Number(a) => {
                        divided(a).map(Value::Number).ok_or_else(|| place("this cannot be divided".into()))
                    }
                    Value::Tensor(a) => each(a, divided).map(Value::Tensor).map_err(place),
                    _ => Err(place(format!("{} cannot be divided", a.kind()))),
                }
            }
            Node::Modulo(a, b) => {
                let (a, b) = (self.integer(a)?, self.integer(b)?);
                if b <= 0 {
                    return Err(place("a remainder is taken of a division by something positive".into()));
                }
                Ok(Value::Number(T::whole(a.rem_euclid(b))))
            }
            Node::Power(base, exponent) => {
                let (base, exponent) = (self.value(base)?, self.integer(exponent)?);
                // Squared once for every digit in base 2.
                let digits = u64::from(u64::BITS - exponent.unsigned_abs().leading_zeros());
                self.spend(effort(&base, &base).saturating_mul(digits), &expr.span)?;
                power(base, exponent).map_err(place)
            }
            Node::Exponential(exponent) => self.exponential(exponent),
            Node::Transpose(a) => {
                let a = self.value(a)?;
                transposed(a).map_err(place)
            }
            Node::Adjoint(a) => {
                let a = self.value(a)?;
                if let Value::Map(map) = &a {
                    return map.adjoint().map(Value::Map).map_err(place);
                }
                let a = built_in("\\overline{#}", &[a], self.judge).map_err(place)?;
                transposed(a).map_err(place)
            }
            Node::Inverse(a) => {
                let a = self.value(a)?;
                self.spend(effort(&a, &a), &expr.span)?;
                inverse(a, self.judge).map_err(place)
            }
            Node::Root(a) => {
                let a = self.number(a)?;
                a.root()
                    .map(Value::Number)
                    .ok_or_else(|| place("this has no root among the numbers used".into()))
            }
            Node::Over(big, ranges, body) => self.over(expr, *big, ranges, body),
            Node::Matrix(rows) => self.written_out(expr, rows),
            Node::Vector(entries) => {
                let entries = entries.iter().map(|entry| self.number(entry)).collect::<Result<Vec<_>>>()?;
                Ok(entries.into())
            }
            Node::Cases(cases) => {
                let mut found = None;
                for (value, condition) in cases {
                    let applies = match condition {
                        Some(condition) => self.decides(condition)?,
                        None => found.is_none(),
                    };
                    if applies && found.replace(value).is_some() {
                        return Err(Error::new(
                            &value.span,
                            "a case before this one applies, too: write conditions that exclude each other",
                        ));
                    }
                }
                match found {
                    Some(value) => self.value(value),
                    None => Err(place("none of the cases applies".into())),
                }
            }
            Node::Indicator(logic) => Ok(Value::Number(T::whole(i64::from(self.decides(logic)?)))),
            Node::Set(names, items) => self.set(expr, names, items),
            Node::Interval(from, to) => {
                let (from, to) = (self.integer(from)?, self.integer(to)?);
                if to.saturating_sub(from) > LARGEST as i64 {
                    return Err(place("this set is too large to evaluate".into()));
                }
                Ok(Value::Set((from..to).map(|n| vec![n]).collect()))
            }
            Node::Partial(of, above, with_respect_to, below) => {
                let name = format!("{of} / {with_respect_to}");
                let derivative = self
                    .symbols
                    .get(&name)
                    .cloned()
                    .ok_or_else(|| Error::new(&expr.span, format!("the proof binds no `{name}`")))?;
                if above.is_empty() && below.is_empty() {
                    return Ok(derivative);
                }
                self.entry(expr, derivative.tensor().map_err(place)?, above.iter().chain(below), false)
            }
        }
    }

    /// e^{…}. An angle that is a multiple of π can be exact although π is not.
    fn exponential(&mut self, exponent: &'a Expr) -> Result<Value<T>> {
        let place = |what: &str| Error::new(&exponent.span, what);
        if !mentions(exponent, &BTreeSet::from(["\\pi"])) {
            let power = self.number(exponent)?;
            return power.exp().map(Value::Number).ok_or_else(|| place("this power of e is not exact"));
        }
        let mut with_pi = |n: i64| {
            let kept = std::mem::take(&mut self.kept);
            let around = self.defined.insert("\\pi".into(), Value::Number(T::whole(n)));
            let value = self.number(exponent);
            self.kept = kept;
            // There may be a power of e around this one, which has its own number there.
            match around {
                Some(around) => self.defined.insert("\\pi".into(), around),
                None => self.defined.remove("\\pi"),
            };
            value
        };
        // With these in the place of π a multiple of π shows itself; a power of 2 scales without rounding.
        const MANY: i64 = 1 << 20;
        let (none, once, often) = (with_pi(0)?, with_pi(1)?, with_pi(MANY)?);
        if none != T::zero() || once.times(&T::whole(MANY)) != Some(often) {
            return Err(place("only a multiple of \\pi is taken as an angle"));
        }
        once.exp_pi().map(Value::Number).ok_or_else(|| place("this angle is not exact"))
    }

    fn indexed(&mut self, expr: &Expr, array: &'a Expr, slots: &'a [Slot]) -> Result<Value<T>> {
        let Node::Name(name) = &array.node else {
            let value = self.value(array)?;
            let array = value.tensor().map_err(|what| Error::new(&array.span, what))?;
            return self.entry(expr, array, slots, false);
        };
        let zero_outside = self.zero_outside.contains(name.as_str());
        // A bound array is not copied: one entry is all that most indices ask for.
        let symbols = self.symbols;
        let local = self.locals.iter().any(|(local, _)| local == name) || self.defined.contains_key(name);
        if let (Some(Value::Tensor(array)), false) = (symbols.get(name), local) {
            return self.entry(expr, array, slots, zero_outside);
        }
        let value = self.value(array)?;
        let array = value.tensor().map_err(|what| Error::new(&array.span, what))?;
        self.entry(expr, array, slots, zero_outside)
    }

    /// What these indices and slices take from an array.
    fn entry(
        &mut self,
        expr: &Expr,
        array: &ArrayD<T>,
        slots: impl IntoIterator<Item = &'a Slot>,
        zero_outside: bool,
    ) -> Result<Value<T>> {
        let place = |what: String| Error::new(&expr.span, what);
        let slots = slots.into_iter().collect::<Vec<_>>();
        if slots.len() != array.ndim() {
            let what = format!("{} indices for {}", slots.len(), Value::Tensor(array.clone()).kind());
            return Err(place(what));
        }
        // The first index along every side, and the sides of what is left.
        let (mut first, mut sides, mut kept) = (vec![], vec![], vec![]);
        for (axis, slot) in slots.into_iter().enumerate() {
            let side = array.len_of(Axis(axis)) as i64;
            match slot {
                Slot::At(at) => {
                    let index = self.integer(at)?;
                    if !zero_outside && !(0..side).contains(&index) {
                        let what = match side {
                            0 => format!("index {index} is outside: there are no entries"),
                            _ => format!("index {index} is outside 0 to {}", side - 1),
                        };
                        return Err(Error::new(&at.span, what));
                    }
                    first.push(index);
                }
                Slot::Slice(from, to) => {
                    let from = from.as_ref().map_or(Ok(0), |from| self.integer(from))?;
                    let to = to.as_ref().map_or(Ok(side), |to| self.integer(to))?;
                    let inside = zero_outside || (0 <= from && to <= side);
                    let length = to.checked_sub(from).and_then(|length| usize::try_from(length).ok());
                    let Some(length) = length.filter(|_| inside) else {
                        return Err(place(format!("the slice {from}:{to} is outside 0:{side}")));
                    };
                    first.push(from);
                    sides.push(length);
                    kept.push(axis);
                }
            }
        }
        let sample = |index: &[i64]| {
            let index = index.iter().map(|&index| usize::try_from(index).ok()).collect::<Option<Vec<_>>>();
            index.and_then(|index| array.get(IxDyn(&index))).cloned().unwrap_or_else(T::zero)
        };
        if kept.is_empty() {
            return Ok(Value::Number(sample(&first)));
        }
        let mut part = zeros(&sides).map_err(place)?;
        for (at, entry) in part.indexed_iter_mut() {
            let mut index = first.clone();
            for (place, axis) in kept.iter().enumerate() {
                index[*axis] += at[place] as i64;
            }
            *entry = sample(&index);
        }
        Ok(Value::Tensor(part))
    }

    pub(super) fn over(
        &mut self,
        expr: &'a Expr,
        big: Big,
        ranges: &'a [Bounds],
        body: &'a Expr,
    ) -> Result<Value<T>> {
        let place = |what: String| Error::new(&expr.span, what);
        let flat =
            ranges.iter().flat_map(|bounds| bounds.names.iter().map(move |name| (name.as_str(), bounds)));
        let flat = flat.collect::<Vec<_>>();
        let mut total: Option<Value<T>> = None;
        self.for_all(&flat, &mut |evaluator| {
            let term = evaluator.value(body)?;
            total = Some(match total.take() {
                None => term,
                Some(total) => match big {
                    Big::Sum => combined(&total, &term, T::plus).map_err(place)?,
                    Big::Product => times(total, term).map_err(place)?,
                    Big::Max | Big::Min => extreme(big == Big::Max, &[total, term]).map_err(place)?,
                },
            });
            Ok(true)
        })?;
        match (total, big) {
            (Some(total), _) => Ok(total),
            (None, Big::Sum) => Ok(Value::Number(T::zero())),
            (None, Big::Product) => Ok(Value::Number(T::one())),
            (None, _) => Err(place("nothing has neither a maximum nor a minimum".into())),
        }
    }

    /// A matrix written out. If an entry is itself a matrix, all are blocks, and 0 is a block of zeros.
    fn written_out(&mut self, expr: &Expr, rows: &'a [Vec<Expr>]) -> Result<Value<T>> {
        let place = |what: String| Error::new(&expr.span, what);
        let mut values = vec![];
        for row in rows {
            values.push(row.iter().map(|entry| self.value(entry)).collect::<Result<Vec<_>>>()?);
        }
        // A row times a column is a number.
        for value in values.iter_mut().flatten() {
            if let Value::Tensor(array) = value
                && array.shape() == [1]
            {
                *value = Value::Number(array[[0].as_slice()].clone());
            }
        }
        let block = |value: &Value<T>| {
            if let Value::Tensor(array) = value { Some(array.shape().to_vec()) } else { None }
        };
        let sides = values.iter().flatten().filter_map(block).collect::<BTreeSet<_>>();
        let (p, q) = match sides.iter().map(Vec::as_slice).collect::<Vec<_>>()[..] {
            [] => (1, 1),
            [[p, q]] => (*p, *q),
            _ => return Err(place("the blocks of a matrix must be matrices of one shape".into())),
        };
        let mut matrix = zeros(&[rows.len() * p, rows[0].len() * q]).map_err(place)?;
        for (i, row) in values.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                match value {
                    Value::Tensor(block) => {
                        for ((a, b), entry) in block.indexed_iter().map(|(at, entry)| ((at[0], at[1]), entry))
                        {
                            matrix[IxDyn(&[i * p + a, j * q + b])] = entry.clone();
                        }
                    }
                    Value::Number(entry) if (p, q) == (1, 1) => matrix[IxDyn(&[i, j])] = entry.clone(),
                    Value::Number(entry) if *entry == T::zero() => {}
                    _ => return Err(place("an entry beside blocks must be a block or 0".into())),
                }
            }
        }
        Ok(Value::Tensor(matrix))
    }

    pub(super) fn set(&mut self, expr: &Expr, names: &'a [String], items: &'a [Item]) -> Result<Value<T>> {
        let place = |what: String| Error::new(&expr.span, what);
        let mut ranges = vec![];
        for item in items {
            if let Item::For(bounds) = item {
                ranges.extend(bounds.names.iter().map(|name| (name.as_str(), bounds)));
            }
        }
        let mut members = BTreeSet::new();
        self.for_all(&ranges, &mut |evaluator| {
            for item in items {
                let holds = match item {
                    Item::Claim(logic, _) | Item::Condition(logic, _) => evaluator.decides(logic)?,
                    Item::For(_) => true,
                    Item::ZeroOutside(_, _, span) => {
                        return Err(Error::new(span, "this has no meaning within a set"));
                    }
                };
                if !holds {
                    return Ok(true);
                }
            }
            let value = |name: &String| {
                evaluator.locals.iter().rev().find(|(local, _)| local == name).map(|found| found.1)
            };
            members.extend([names.iter().filter_map(value).collect::<Vec<_>>()]);
            if members.len() > LARGEST {
                return Err(place("this set is too large to evaluate".into()));
            }
            Ok(true)
        })?;
        Ok(Value::Set(members))
    }
}
