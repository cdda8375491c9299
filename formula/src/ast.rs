//! What a formula says, as a tree.

use std::ops::Range;

/// An expression and its place in the formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// The bytes of the formula that say so.
    pub span: Range<usize>,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A whole number.
    Number(i64),
    /// A name: a variable, a size, an index.
    Name(String),
    /// A symbol in one of its patterns with something in every place of an expression; built-in functions too.
    Apply(String, Vec<Expr>),
    /// x[n], A[a:b, :].
    Index(Box<Expr>, Vec<Slot>),
    /// −a.
    Negative(Box<Expr>),
    /// a + b.
    Plus(Box<Expr>, Box<Expr>),
    /// a − b.
    Minus(Box<Expr>, Box<Expr>),
    /// Factors side by side: a number times something, a matrix times a vector, an operator and what it is applied to.
    Product(Vec<Expr>),
    /// a / b.
    Divide(Box<Expr>, Box<Expr>),
    /// a mod b, never negative.
    Modulo(Box<Expr>, Box<Expr>),
    /// aⁿ.
    Power(Box<Expr>, Box<Expr>),
    /// e to the power of something.
    Exponential(Box<Expr>),
    /// Aᵀ.
    Transpose(Box<Expr>),
    /// A*, conjugate and transpose.
    Adjoint(Box<Expr>),
    /// A⁻¹.
    Inverse(Box<Expr>),
    /// √a.
    Root(Box<Expr>),
    /// A sum, a product, a maximum or a minimum over indices.
    Over(Big, Vec<Bounds>, Box<Expr>),
    /// A matrix written out, row by row.
    Matrix(Vec<Vec<Expr>>),
    /// A vector written out: (a, b, c).
    Vector(Vec<Expr>),
    /// Alternatives, each with its condition; the last may have none.
    Cases(Vec<(Expr, Option<Logic>)>),
    /// 1 if a statement holds, 0 if not.
    Indicator(Box<Logic>),
    /// The index tuples for which all statements hold.
    Set(Vec<String>, Vec<Item>),
    /// The integers from the first to the one before the last.
    Interval(Box<Expr>, Box<Expr>),
    /// A derivative, by name: `\partial y` of what, with which indices, `\partial x` with respect to what, with which indices.
    Partial(String, Vec<Slot>, String, Vec<Slot>),
}

/// What stands in a place between index brackets.
#[derive(Debug, Clone, PartialEq)]
pub enum Slot {
    /// One index.
    At(Expr),
    /// From the first (or the beginning) to the one before the second (or the end).
    Slice(Option<Expr>, Option<Expr>),
}

/// What is done over a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Big {
    /// Σ
    Sum,
    /// Π
    Product,
    /// max
    Max,
    /// min
    Min,
}

/// Indices between two bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// The indices; all have the same bounds.
    pub names: Vec<String>,
    /// The first value.
    pub lower: Expr,
    /// The last value, or the one after it.
    pub upper: Expr,
    /// Whether the lower bound itself is left out.
    pub above: bool,
    /// Whether the upper bound itself is left out.
    pub below: bool,
    /// The place in the formula.
    pub span: Range<usize>,
}

/// How two expressions compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// =
    Equal,
    /// ≠
    Different,
    /// <
    Less,
    /// ≤
    AtMost,
    /// >
    Greater,
    /// ≥
    AtLeast,
    /// ≈, equal up to rounding.
    Close,
    /// ∈ ℝ
    Real,
}

/// A statement that is true or false.
#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    /// a = b = c.
    Chain(Vec<Expr>, Vec<Relation>),
    /// Both or neither.
    Iff(Vec<Logic>),
    /// If the first, then the second.
    Implies(Box<Logic>, Box<Logic>),
    /// The first or the second.
    Or(Vec<Logic>),
}

/// An item of a display.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a display has a handful of them")]
pub enum Item {
    /// Something is stated.
    Claim(Logic, Range<usize>),
    /// The statements before it hold if this does.
    Condition(Logic, Range<usize>),
    /// The statements before it hold for these indices.
    For(Bounds),
    /// Samples of this array outside these ranges are zero.
    ZeroOutside(String, Vec<Bounds>, Range<usize>),
}
