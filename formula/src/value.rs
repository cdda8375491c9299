//! What an expression is worth, and what symbols stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use ndarray::{Array2, ArrayD, Axis, IxDyn, Zip};

use crate::number::Number;

/// The value of an expression.
#[derive(Debug, Clone)]
pub enum Value<T> {
    /// A number.
    Number(T),
    /// A vector, a matrix, or an array with more indices.
    Tensor(ArrayD<T>),
    /// What is written before an array to change it: a flip, a shift, a transform.
    Map(Map<T>),
    /// A set of indices, each a tuple.
    Set(BTreeSet<Vec<i64>>),
}

/// Something went wrong, in words; the evaluator adds the place.
pub type Outcome<T> = Result<T, String>;

type Action<T> = Rc<dyn Fn(&ArrayD<T>) -> Outcome<ArrayD<T>>>;
type Function<T> = Rc<dyn Fn(&[Value<T>]) -> Outcome<Value<T>>>;

/// A linear map that is applied and not written out, perhaps with its inverse and its adjoint.
#[derive(Clone)]
pub struct Map<T> {
    pub(crate) action: Action<T>,
    pub(crate) inverse: Option<Action<T>>,
    pub(crate) adjoint: Option<Action<T>>,
}

impl<T> fmt::Debug for Map<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }
}

impl<T> Map<T> {
    /// A map that does this to an array.
    pub fn new(action: impl Fn(&ArrayD<T>) -> Outcome<ArrayD<T>> + 'static) -> Self {
        Self { action: Rc::new(action), inverse: None, adjoint: None }
    }

    /// The same map, which this undoes.
    #[must_use]
    pub fn undone_by(mut self, inverse: impl Fn(&ArrayD<T>) -> Outcome<ArrayD<T>> + 'static) -> Self {
        self.inverse = Some(Rc::new(inverse));
        self
    }

    /// The same map, with this for its adjoint.
    #[must_use]
    pub fn with_adjoint(mut self, adjoint: impl Fn(&ArrayD<T>) -> Outcome<ArrayD<T>> + 'static) -> Self {
        self.adjoint = Some(Rc::new(adjoint));
        self
    }

    pub(crate) fn adjoint(&self) -> Outcome<Self> {
        let action = self.adjoint.clone().ok_or("this map has no adjoint that the proof knows")?;
        Ok(Self { action, inverse: None, adjoint: Some(self.action.clone()) })
    }
}

/// What the symbols of a formula stand for. A symbol goes by the pattern that the notation gives it.
#[derive(Clone)]
pub struct Symbols<T> {
    values: BTreeMap<String, Value<T>>,
    functions: BTreeMap<String, Function<T>>,
}

impl<T> Default for Symbols<T> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), functions: BTreeMap::new() }
    }
}

impl<T: Number> Symbols<T> {
    /// Nothing stands for anything yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A name stands for a value.
    #[must_use]
    pub fn value(mut self, name: &str, value: impl Into<Value<T>>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    /// A name stands for a whole number.
    #[must_use]
    pub fn size(self, name: &str, size: usize) -> Self {
        self.value(name, Value::Number(T::whole(size as i64)))
    }

    /// A pattern stands for a function of what is in its places, in their order.
    #[must_use]
    pub fn function(mut self, pattern: &str, f: impl Fn(&[Value<T>]) -> Outcome<Value<T>> + 'static) -> Self {
        self.functions.insert(pattern.into(), Rc::new(f));
        self
    }

    /// The names and patterns that stand for something.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.values.keys().chain(self.functions.keys())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value<T>> {
        self.values.get(name)
    }

    pub(crate) fn get_function(&self, pattern: &str) -> Option<&Function<T>> {
        self.functions.get(pattern)
    }
}

impl<T> From<ArrayD<T>> for Value<T> {
    fn from(array: ArrayD<T>) -> Self {
        Self::Tensor(array)
    }
}

impl<T> From<Array2<T>> for Value<T> {
    fn from(array: Array2<T>) -> Self {
        Self::Tensor(array.into_dyn())
    }
}

impl<T> From<Vec<T>> for Value<T> {
    fn from(entries: Vec<T>) -> Self {
        Self::Tensor(ndarray::Array1::from_vec(entries).into_dyn())
    }
}

impl<T: Number> From<T> for Value<T> {
    fn from(number: T) -> Self {
        Self::Number(number)
    }
}

impl<T> From<Map<T>> for Value<T> {
    fn from(map: Map<T>) -> Self {
        Self::Map(map)
    }
}

impl<T: Number> Value<T> {
    /// The number that this is.
    ///
    /// # Errors
    /// If it is something else.
    pub fn number(&self) -> Outcome<&T> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Tensor(array) if array.len() == 1 => Ok(array.first().expect("there is one entry")),
            _ => Err(format!("a number is expected here, not {}", self.kind())),
        }
    }

    /// The integer that this is.
    ///
    /// # Errors
    /// If it is something else.
    pub fn integer(&self) -> Outcome<i64> {
        self.number()?.integer().ok_or_else(|| format!("an integer is expected here, not {}", self.shown()))
    }

    /// The size, from 0 on, that this is.
    ///
    /// # Errors
    /// If it is something else.
    pub fn size(&self) -> Outcome<usize> {
        usize::try_from(self.integer()?).map_err(|_| "a size is expected here, not a negative number".into())
    }

    /// The array that this is.
    ///
    /// # Errors
    /// If it is something else.
    pub fn tensor(&self) -> Outcome<&ArrayD<T>> {
        match self {
            Self::Tensor(array) => Ok(array),
            _ => Err(format!("a vector or a matrix is expected here, not {}", self.kind())),
        }
    }

    /// The matrix that this is; a vector is a column.
    ///
    /// # Errors
    /// If it is something else.
    pub fn matrix(&self) -> Outcome<Array2<T>> {
        let array = self.tensor()?.clone();
        let array = if array.ndim() == 1 { array.insert_axis(Axis(1)) } else { array };
        array
            .into_dimensionality()
            .map_err(|_| "a matrix is expected here, not an array with more indices".into())
    }

    /// What this is, in words.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Number(_) => "a number".into(),
            Self::Tensor(array) => match array.shape() {
                [n] => format!("a vector with {n} entries"),
                shape => format!(
                    "an array of {}",
                    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
                ),
            },
            Self::Map(_) => "a map".into(),
            Self::Set(_) => "a set".into(),
        }
    }

    /// The value, cut short.
    pub(crate) fn shown(&self) -> String {
        let shown = match self {
            Self::Number(number) => number.shown(),
            Self::Tensor(array) => {
                let entries = array.iter().take(40).map(Number::shown).collect::<Vec<_>>();
                format!("{}: {}", self.kind(), entries.join(", "))
            }
            Self::Map(_) => self.kind(),
            Self::Set(set) => format!("{set:?}"),
        };
        if shown.chars().count() > 300 { shown.chars().take(300).chain(['…']).collect() } else { shown }
    }

    /// The entries and the shape, for a comparison: a column is a vector, one entry is a number.
    pub(crate) fn entries(&self) -> Outcome<(Vec<usize>, Vec<T>)> {
        match self {
            Self::Number(number) => Ok((vec![], vec![number.clone()])),
            Self::Tensor(array) => {
                let shape = match array.shape() {
                    [1] | [1, 1] => vec![],
                    [n, 1] => vec![*n],
                    shape => shape.to_vec(),
                };
                Ok((shape, array.iter().cloned().collect()))
            }
            _ => Err(format!("{} has no entries to compare", self.kind())),
        }
    }
}

/// No array of a formula is larger.
pub(crate) const LARGEST: usize = 1 << 20;

/// No product of matrices takes more multiplications.
const MOST_PRODUCTS: usize = 1 << 24;

/// An array of zeros, unless it would be huge.
pub(crate) fn zeros<T: Number>(shape: &[usize]) -> Outcome<ArrayD<T>> {
    let size = shape.iter().try_fold(1_usize, |size, side| size.checked_mul(*side));
    match size {
        Some(size) if size <= LARGEST => Ok(ArrayD::from_elem(IxDyn(shape), T::zero())),
        _ => Err(format!("an array of {shape:?} entries is too large to evaluate")),
    }
}

/// Every entry changed by a function that may refuse.
pub(crate) fn each<T: Number>(a: &ArrayD<T>, f: impl Fn(&T) -> Option<T>) -> Outcome<ArrayD<T>> {
    let entries =
        a.iter().map(|entry| f(entry).ok_or("an entry has no such value")).collect::<Result<Vec<_>, _>>()?;
    ArrayD::from_shape_vec(a.raw_dim(), entries).map_err(|error| error.to_string())
}

/// Entry with entry. A column of a matrix is a vector.
pub(crate) fn pairwise<T: Number>(
    a: &ArrayD<T>,
    b: &ArrayD<T>,
    f: impl Fn(&T, &T) -> Option<T>,
) -> Outcome<ArrayD<T>> {
    match (a.shape(), b.shape()) {
        ([n], [m, 1]) if n == m => return pairwise(a, &b.index_axis(Axis(1), 0).to_owned(), f),
        ([n, 1], [m]) if n == m => return pairwise(&a.index_axis(Axis(1), 0).to_owned(), b, f),
        _ => {}
    }
    if a.shape() != b.shape() {
        return Err(format!("shapes differ: {:?} and {:?}", a.shape(), b.shape()));
    }
    let mut result = a.clone();
    let mut failed = false;
    Zip::from(&mut result).and(b).for_each(|a, b| match f(a, b) {
        Some(value) => *a = value,
        None => failed = true,
    });
    if failed { Err("an entry has no such value".into()) } else { Ok(result) }
}

/// A B.
pub(crate) fn multiply<T: Number>(a: &Array2<T>, b: &Array2<T>) -> Outcome<Array2<T>> {
    let ((rows, inner), (below, columns)) = (a.dim(), b.dim());
    if rows.saturating_mul(inner).saturating_mul(columns) > MOST_PRODUCTS {
        return Err(format!(
            "matrices of {rows} × {inner} and {below} × {columns} are too large to multiply"
        ));
    }
    if inner != below {
        return Err(format!(
            "a matrix of {rows} × {inner} cannot be multiplied with one of {below} × {columns}"
        ));
    }
    let mut product = zeros(&[rows, columns])?.into_dimensionality().expect("two sides");
    for i in 0..rows {
        for k in 0..inner {
            // Most explicit matrices are mostly zero.
            if a[[i, k]] == T::zero() {
                continue;
            }
            for j in 0..columns {
                let sum = a[[i, k]].times(&b[[k, j]]).and_then(|term| term.plus(&product[[i, j]]));
                product[[i, j]] = sum.ok_or("a product is out of range")?;
            }
        }
    }
    Ok(product)
}

/// A ⊗ B.
pub(crate) fn kronecker<T: Number>(a: &Array2<T>, b: &Array2<T>) -> Outcome<Array2<T>> {
    let ((rows, columns), (p, q)) = (a.dim(), b.dim());
    let mut product: Array2<T> = zeros(&[rows * p, columns * q])?.into_dimensionality().expect("two sides");
    for ((i, j), entry) in product.indexed_iter_mut() {
        *entry = a[[i / p, j / q]].times(&b[[i % p, j % q]]).ok_or("a product is out of range")?;
    }
    Ok(product)
}

/// The matrix in reduced form by rows, its rank, and what the same steps make of `beside`.
pub(crate) fn eliminate<T: Number>(
    mut a: Array2<T>,
    mut beside: Array2<T>,
    is_zero: impl Fn(&T) -> bool,
) -> Outcome<(Array2<T>, usize)> {
    let out_of_range = || "a step of the elimination is out of range".to_string();
    let steps = a.len().saturating_mul(a.ncols() + beside.ncols());
    if steps > MOST_PRODUCTS {
        return Err(format!("a matrix of {} × {} is too large to eliminate", a.nrows(), a.ncols()));
    }
    let mut rank = 0;
    for column in 0..a.ncols() {
        // The largest entry makes the smallest rounding errors.
        let size = |row: &usize| a[[*row, column]].distance(&T::zero());
        let Some(pivot) = (rank..a.nrows()).max_by(|i, j| size(i).total_cmp(&size(j))) else { break };
        if is_zero(&a[[pivot, column]]) {
            continue;
        }
        for matrix in [&mut a, &mut beside] {
            for j in 0..matrix.ncols() {
                matrix.swap([pivot, j], [rank, j]);
            }
        }
        let divisor = a[[rank, column]].clone();
        let factors = a.column(column).to_owned();
        for matrix in [&mut a, &mut beside] {
            for j in 0..matrix.ncols() {
                let entry = matrix[[rank, j]].over(&divisor).ok_or_else(out_of_range)?;
                matrix[[rank, j]] = entry.clone();
                if entry == T::zero() {
                    continue;
                }
                for i in (0..matrix.nrows()).filter(|i| *i != rank) {
                    let term = factors[i].times(&entry).ok_or_else(out_of_range)?;
                    matrix[[i, j]] = matrix[[i, j]].minus(&term).ok_or_else(out_of_range)?;
                }
            }
        }
        rank += 1;
        if rank == a.nrows() {
            break;
        }
    }
    Ok((beside, rank))
}
