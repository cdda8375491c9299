//! What the tests of formulas share: a notation, symbols with values, and ways to ask whether something holds.

// Not every test file asks in every way.
#![allow(dead_code)]

use formula::{Error, Exact, Formula, Judge, Map, Notation, Number, Symbols, Trial, Value};
use ndarray::{ArrayD, Axis, IxDyn};
use num_complex::Complex64;

const NOTATION: &str = r##"
indices = ["a", "b", "i", "j", "k", "l", "m", "n", "r", "s"]
[macros]
"\\vec" = "\\operatorname{vec}"
"\\diag" = "\\operatorname{diag}"
"\\tr" = "\\operatorname{tr}"
"\\rank" = "\\operatorname{rank}"
"\\nnz" = "\\operatorname{nnz}"
"\\Re" = "\\operatorname{Re}"
"\\Im" = "\\operatorname{Im}"
"\\half" = "\\frac{1}{2}"
"\\twice" = "\\half"
[[symbol]]
names = ["x", "h", "y", "z", "x'", "\\alpha"]
labels = ["x", "h", "y", "X"]
[[symbol]]
names = ["X", "A", "B", "I", "J", "S", "u", "v", "\\hat x", "\\hat #", "# \\ast #", "# \\ast_v #", "# \\odot #", "# \\otimes #", "# \\circledast_# #"]
[[symbol]]
names = ["vec(#)", "diag(#)", "tr(#)", "rank(#)", "nnz(#)", "len(#)", "Re(#)", "Im(#)", "C(#)", "f_#(#)", "g(#,#)"]
[[symbol]]
names = ["\\omega_#", "F_#", "F_{#,#}", "\\sigma_#", "L", "\\partial y / \\partial x", "\\partial L / \\partial h"]
[[symbol]]
names = ["\\nabla_x L", "\\nabla_{\\hat x} L", "\\partial \\hat x / \\partial x", "\\partial (\\partial L / \\partial h) / \\partial x", "d (\\partial L / \\partial h) / d x", "\\partial \\nabla_x L / \\partial h"]
[[symbol]]
sizes = ["N", "K", "M", "P", "Q", "K_h"]
"##;

/// A small notation with something of every kind.
pub fn notation() -> Notation {
    Notation::parse(NOTATION).expect("the notation of the tests is in order")
}

/// A vector of whole numbers.
pub fn vector<T: Number>(entries: &[i64]) -> Value<T> {
    entries.iter().map(|&n| T::whole(n)).collect::<Vec<_>>().into()
}

/// A matrix of whole numbers, or an array with more indices.
pub fn array<T: Number>(shape: &[usize], entries: &[i64]) -> Value<T> {
    let entries = entries.iter().map(|&n| T::whole(n)).collect();
    ArrayD::from_shape_vec(IxDyn(shape), entries).expect("as many entries as the shape has").into()
}

/// N = 4, K = 3, M = 6, α = 1/2, z = 3 + 4i; x has 4 samples, h has 3; X is 2 × 3, A and B are 2 × 2.
pub fn symbols<T: Number>() -> Symbols<T> {
    let half = T::one().over(&T::whole(2)).unwrap();
    let z = T::whole(4).times(&T::imaginary()).and_then(|im| im.plus(&T::whole(3))).unwrap();
    let reversed = |x: &ArrayD<T>| {
        let mut x = x.clone();
        x.invert_axis(Axis(0));
        Ok(x)
    };
    Symbols::new()
        .size("N", 4)
        .size("K", 3)
        .size("M", 6)
        .size("K_h", 2)
        .value("\\alpha", Value::Number(half))
        .value("z", Value::Number(z))
        .value("x", vector(&[1, 2, -3, 5]))
        .value("x'", vector(&[7, 7, 7, 7]))
        .value("h", vector(&[2, -1, 3]))
        .value("y", vector(&[0, 0]))
        .value("X", array(&[2, 3], &[1, 2, 3, 4, 5, 6]))
        .value("A", array(&[2, 2], &[2, 1, 0, 3]))
        .value("B", array(&[2, 2], &[0, 1, -1, 5]))
        .value("I", array(&[2, 2], &[1, 0, 0, 1]))
        .value("S", array(&[2, 2, 2], &[0, 1, 2, 3, 4, 5, 6, 7]))
        .value("u", vector(&[1, -2]))
        .value("v", vector(&[3, 4]))
        .value("\\hat x", vector(&[5, 0, -9, 0]))
        .value("\\partial y / \\partial x", array(&[2, 2], &[1, 2, 3, 4]))
        .value("\\partial L / \\partial h", vector(&[8, 9]))
        .value("\\nabla_x L", vector(&[1, 2]))
        .value("\\nabla_{\\hat x} L", vector(&[3, 4]))
        .value("\\partial \\hat x / \\partial x", array(&[2, 2], &[5, 6, 7, 8]))
        .value("\\partial (\\partial L / \\partial h) / \\partial x", array(&[2, 2], &[1, 0, 2, 3]))
        .value("d (\\partial L / \\partial h) / d x", array(&[2, 2], &[4, 5, 6, 7]))
        .value("\\partial \\nabla_x L / \\partial h", array(&[2, 2], &[9, 8, 7, 6]))
        .value("J", Map::new(reversed).undone_by(reversed).with_adjoint(reversed))
        .function("\\hat #", |of| Ok(of[0].clone()))
        .function("C(#)", |of| {
            let h = of[0].tensor()?.iter().cloned().collect::<Vec<_>>();
            let n = h.len();
            Ok(ArrayD::from_shape_fn(IxDyn(&[n, n]), |at| h[(at[0] + n - at[1]) % n].clone()).into())
        })
        .function("\\omega_#", |of| {
            let turn = T::whole(-2).times(&T::imaginary()).and_then(|turn| turn.over(of[0].number().ok()?));
            turn.and_then(|turn| turn.exp_pi()).map(Value::Number).ok_or("this root is not exact".into())
        })
        .function("f_#(#)", |of| {
            of[0].number()?.times(of[1].number()?).map(Value::Number).ok_or("out of range".into())
        })
        .function("g(#,#)", |of| {
            of[0].number()?.minus(of[1].number()?).map(Value::Number).ok_or("out of range".into())
        })
        .function("# \\ast #", |of| {
            let (x, h) = (of[0].tensor()?, of[1].tensor()?);
            let mut y = vec![T::zero(); x.len() + h.len() - 1];
            for (n, x) in x.iter().enumerate() {
                for (k, h) in h.iter().enumerate() {
                    y[n + k] = x.times(h).and_then(|term| term.plus(&y[n + k])).ok_or("out of range")?;
                }
            }
            Ok(y.into())
        })
        .function("# \\circledast_# #", |of| {
            // x, the number of samples, h.
            let (x, m, h) = (of[0].tensor()?, of[1].size()?, of[2].tensor()?);
            let mut y = vec![T::zero(); m];
            for (n, x) in x.iter().enumerate() {
                for (k, h) in h.iter().enumerate() {
                    let place = &mut y[(n + k) % m];
                    *place = x.times(h).and_then(|term| term.plus(place)).ok_or("out of range")?;
                }
            }
            Ok(y.into())
        })
}

/// Two numbers count as equal up to rounding.
pub const ROUNDED: Judge = Judge { tolerance: 1e-12, margin: 1e-6 };

/// One case of a formula, over exact numbers.
pub fn exact(latex: &str) -> Result<(), Error> {
    Trial::new(Formula::parse(latex, &notation())?).case(&symbols::<Exact>(), Judge::EXACT)
}

/// One case of a formula, over rounded numbers.
pub fn rounded(latex: &str) -> Result<(), Error> {
    Trial::new(Formula::parse(latex, &notation())?).case(&symbols::<Complex64>(), ROUNDED)
}

/// The formula holds, over exact numbers and over rounded ones.
#[track_caller]
pub fn holds(latex: &str) {
    for (numbers, told) in [("exact", exact(latex)), ("rounded", rounded(latex))] {
        if let Err(error) = told {
            panic!("over {numbers} numbers\n{}", error.at("formula", latex, 0));
        }
    }
}

/// The formula is read and evaluated, and it does not hold.
#[track_caller]
pub fn fails(latex: &str) {
    for told in [exact(latex), rounded(latex)] {
        let error = told.expect_err(latex);
        assert!(error.what.starts_with("this does not hold"), "{}", error.at("formula", latex, 0));
    }
}

/// The expression has this value and not the next one.
#[track_caller]
pub fn is(expression: &str, value: i64) {
    holds(&format!("{expression} = {value}"));
    fails(&format!("{expression} = {}", value + 1));
}
