//! What is done to values.

use ndarray::{ArrayD, Axis, IxDyn};

use super::Judge;
use crate::number::Number;
use crate::value::{Map, Outcome, Value, each, eliminate, kronecker, multiply, pairwise, zeros};

/// How many steps a product takes.
pub(super) fn effort<T>(a: &Value<T>, b: &Value<T>) -> u64 {
    let size = |value: &Value<T>| if let Value::Tensor(array) = value { array.len() as u64 } else { 1 };
    let inner =
        if let Value::Tensor(array) = b { array.shape().first().map_or(1, |side| *side as u64) } else { 1 };
    size(a).saturating_mul(size(b)) / inner.max(1)
}

/// What a left factor does to a right one.
pub(super) fn times<T: Number>(a: Value<T>, b: Value<T>) -> Outcome<Value<T>> {
    match (&a, &b) {
        (Value::Number(factor), other) | (other, Value::Number(factor)) => scaled(factor, other),
        (Value::Map(map), Value::Tensor(array)) => (map.action)(array).map(Value::Tensor),
        (Value::Map(outer), Value::Map(inner)) => {
            let (outer, inner) = (outer.action.clone(), inner.action.clone());
            Ok(Value::Map(Map::new(move |array| outer(&inner(array)?))))
        }
        (Value::Tensor(left), Value::Tensor(right)) => {
            if left.ndim() == 1 && right.ndim() == 1 {
                return Err(
                    "two vectors side by side: write a \\odot b, \\langle a, b \\rangle or a b^{T}".into()
                );
            }
            let product = multiply(&a.matrix()?, &b.matrix()?)?.into_dyn();
            // A matrix times a vector is a vector.
            Ok(Value::Tensor(if right.ndim() == 1 { product.index_axis_move(Axis(1), 0) } else { product }))
        }
        _ => Err(format!("{} does not act on {}", a.kind(), b.kind())),
    }
}

pub(super) fn scaled<T: Number>(factor: &T, a: &Value<T>) -> Outcome<Value<T>> {
    match a {
        Value::Number(a) => {
            factor.times(a).map(Value::Number).ok_or_else(|| "a product is out of range".into())
        }
        Value::Tensor(a) => each(a, |entry| factor.times(entry)).map(Value::Tensor),
        Value::Map(map) => {
            let (factor, action) = (factor.clone(), map.action.clone());
            Ok(Value::Map(Map::new(move |array| each(&action(array)?, |entry| factor.times(entry)))))
        }
        Value::Set(_) => Err("a set is not multiplied".into()),
    }
}

pub(super) fn combined<T: Number>(
    a: &Value<T>,
    b: &Value<T>,
    f: fn(&T, &T) -> Option<T>,
) -> Outcome<Value<T>> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            f(a, b).map(Value::Number).ok_or_else(|| "a sum is out of range".into())
        }
        (Value::Tensor(a), Value::Tensor(b)) => pairwise(a, b, f).map(Value::Tensor),
        _ => Err(format!("{} and {} are not added", a.kind(), b.kind())),
    }
}

pub(super) fn extreme<T: Number>(max: bool, values: &[Value<T>]) -> Outcome<Value<T>> {
    let mut best = values.first().ok_or("nothing has neither a maximum nor a minimum")?.number()?;
    for value in &values[1..] {
        let value = value.number()?;
        let order = value.compare(best).ok_or("complex numbers have no order")?;
        if if max { order.is_gt() } else { order.is_lt() } {
            best = value;
        }
    }
    Ok(Value::Number(best.clone()))
}

pub(super) fn power<T: Number>(base: Value<T>, exponent: i64) -> Outcome<Value<T>> {
    let square = match &base {
        Value::Number(_) => None,
        Value::Tensor(array) if array.ndim() == 2 && array.nrows_equal_columns() => Some(array.shape()[0]),
        _ => return Err(format!("{} has no powers", base.kind())),
    };
    let base = if exponent < 0 { inverse(base, Judge::EXACT)? } else { base };
    let one = match square {
        None => Value::Number(T::one()),
        Some(n) => Value::Tensor(identity(n)?),
    };
    let (mut result, mut square, mut left) = (one, base, exponent.unsigned_abs());
    while left > 0 {
        if left % 2 == 1 {
            result = times(result, square.clone())?;
        }
        left /= 2;
        if left > 0 {
            square = times(square.clone(), square)?;
        }
    }
    Ok(result)
}

trait Square {
    fn nrows_equal_columns(&self) -> bool;
}

impl<T> Square for ArrayD<T> {
    fn nrows_equal_columns(&self) -> bool {
        self.shape()[0] == self.shape()[1]
    }
}

fn identity<T: Number>(n: usize) -> Outcome<ArrayD<T>> {
    let mut identity = zeros(&[n, n])?;
    (0..n).for_each(|i| identity[IxDyn(&[i, i])] = T::one());
    Ok(identity)
}

pub(super) fn transposed<T: Number>(a: Value<T>) -> Outcome<Value<T>> {
    match a {
        Value::Number(_) => Ok(a),
        Value::Tensor(array) if array.ndim() == 1 => Ok(Value::Tensor(array.insert_axis(Axis(0)))),
        Value::Tensor(array) if array.ndim() == 2 => Ok(Value::Tensor(array.reversed_axes())),
        _ => Err(format!("{} has no transpose", a.kind())),
    }
}

pub(super) fn inverse<T: Number>(a: Value<T>, judge: Judge) -> Outcome<Value<T>> {
    match &a {
        Value::Number(number) => {
            T::one().over(number).map(Value::Number).ok_or_else(|| "0 has no inverse".into())
        }
        Value::Map(map) => match &map.inverse {
            Some(inverse) => {
                let (action, inverse) = (inverse.clone(), Some(map.action.clone()));
                Ok(Value::Map(Map { action, inverse, adjoint: None }))
            }
            None => Err("this map has no inverse that the proof knows".into()),
        },
        Value::Tensor(array) if array.ndim() == 2 && array.nrows_equal_columns() => {
            let n = array.shape()[0];
            let identity = identity::<T>(n)?.into_dimensionality().expect("two sides");
            let (inverse, rank) = eliminate(a.matrix()?, identity, |entry| judge.equal(entry, &T::zero()))?;
            if rank < n { Err("this matrix has no inverse".into()) } else { Ok(inverse.into()) }
        }
        _ => Err(format!("{} has no inverse", a.kind())),
    }
}

/// What a built-in function makes of what is in its places.
pub(super) fn built_in<T: Number>(pattern: &str, values: &[Value<T>], judge: Judge) -> Outcome<Value<T>> {
    let out_of_range = || "a value is out of range".to_string();
    let number = |n: Option<T>| n.map(Value::Number).ok_or_else(out_of_range);
    let count = |n: usize| Ok(Value::Number(T::whole(n as i64)));
    let entrywise = |a: &Value<T>, f: &dyn Fn(&T) -> Option<T>| match a {
        Value::Number(a) => number(f(a)),
        Value::Tensor(a) => each(a, f).map(Value::Tensor),
        _ => Err(format!("{} has no entries", a.kind())),
    };
    match (pattern, values) {
        ("# \\odot #", [a, b]) => pairwise(a.tensor()?, b.tensor()?, T::times).map(Value::Tensor),
        ("# \\otimes #", [a, b]) => Ok(kronecker(&a.matrix()?, &b.matrix()?)?.into()),
        ("# \\cdot #", [a, b]) => times(a.clone(), b.clone()),
        ("\\overline{#}", [a]) => entrywise(a, &|z| Some(z.conjugate())),
        ("Re(#)", [a]) => entrywise(a, &|z| Some(z.parts().0)),
        ("Im(#)", [a]) => entrywise(a, &|z| Some(z.parts().1)),
        ("|#|", [a]) => entrywise(a, &T::magnitude),
        ("floor", [a]) => number(a.number()?.floor().map(T::whole)),
        ("ceil", [a]) => {
            let below = T::zero().minus(a.number()?).and_then(|a| a.floor()?.checked_neg());
            number(below.map(T::whole))
        }
        ("\\log_2(#)", [a]) => number(a.number()?.log2()),
        ("max" | "min", values) => extreme(pattern == "max", values),
        ("vec(#)", [a]) => Ok(a.tensor()?.iter().cloned().collect::<Vec<_>>().into()),
        ("diag(#)", [a]) => {
            let entries = a.tensor()?;
            let n = entries.len();
            let mut diagonal = zeros(&[n, n])?;
            entries.iter().enumerate().for_each(|(i, entry)| diagonal[IxDyn(&[i, i])] = entry.clone());
            Ok(Value::Tensor(diagonal))
        }
        ("tr(#)", [a]) => {
            let sum = a.matrix()?.diag().iter().try_fold(T::zero(), |sum, entry| sum.plus(entry));
            number(sum)
        }
        ("rank(#)", [a]) => {
            let a = a.matrix()?;
            let beside = zeros(&[a.nrows(), 0])?.into_dimensionality().expect("two sides");
            count(eliminate(a, beside, |entry| judge.equal(entry, &T::zero()))?.1)
        }
        ("nnz(#)", [a]) => count(a.tensor()?.iter().filter(|entry| !judge.equal(*entry, &T::zero())).count()),
        ("len(#)", [a]) => match a.tensor()?.shape() {
            [n] => count(*n),
            _ => Err("only a vector has a length".into()),
        },
        ("\\#", [Value::Set(set)]) => count(set.len()),
        ("\\cup", [Value::Set(a), Value::Set(b)]) => Ok(Value::Set(a | b)),
        ("\\langle#,#\\rangle", [a, b]) => {
            // Conjugated on the left, which changes nothing for real vectors.
            let products = pairwise(a.tensor()?, b.tensor()?, |a, b| a.conjugate().times(b))?;
            number(products.iter().try_fold(T::zero(), |sum, entry| sum.plus(entry)))
        }
        ("norm", [a]) => number(squares(a.tensor()?).and_then(|sum| sum.root())),
        ("norm_1", [a]) => {
            let sizes = each(a.tensor()?, T::magnitude)?;
            number(sizes.iter().try_fold(T::zero(), |sum, size| sum.plus(size)))
        }
        ("norm_infinity", [a]) => {
            let sizes = each(a.tensor()?, T::magnitude)?;
            extreme(true, &sizes.into_iter().map(Value::Number).collect::<Vec<_>>())
        }
        _ => Err(format!("the proof does not say what `{pattern}` is")),
    }
}

/// The sum of |z|² over all entries.
fn squares<T: Number>(a: &ArrayD<T>) -> Option<T> {
    a.iter().try_fold(T::zero(), |sum, z| z.times(&z.conjugate()).and_then(|square| sum.plus(&square)))
}
