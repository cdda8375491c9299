//! Reads the LaTeX that the book prints, and evaluates it.
//!
//! A sign flipped in a formula would still be printed with a proof beside it, if the proof had its own copy. So it has none:
//! it takes the very text of the chapter, says what the symbols stand for, and both sides are evaluated for every index.
//! A printed formula is a tested formula.
//!
//! - [`Notation`] knows the symbols of the book, from the file that also prints the table of symbols.
//! - [`Formula::parse`] reads a display: its statements, and the conditions and ranges that govern them.
//! - [`Symbols`] gives the names of one case their values, over [`Exact`] numbers or rounded ones.
//! - [`Trial::case`] asks whether the statements hold, and [`Trial::finish`] whether the cases showed enough: beyond each end
//!   of each range a statement must fail in some case, and wherever a condition fails its statement must fail. So a bound
//!   that is off by one is found on either side.
//! - [`mutants`] plants errors in a formula, for whoever wants to see them found.
//!
//! What leaves something to guess is an [`Error`] that says what to write instead, with its place.
//!
//! # Example
//!
//! ```
//! use formula::{Exact, Formula, Judge, Notation, Number, Symbols, Trial};
//!
//! let notation = Notation::parse(r#"
//!     indices = ["n", "k"]
//!     [[symbol]]
//!     names = ["x", "d"]
//!     sizes = ["N"]
//! "#)?;
//! let latex = r"d[n] = \sum_{k=0}^{n} x[k], \qquad 0 \le n \le N-1";
//!
//! // The sums of the first samples, computed in some other way.
//! let numbers = |samples: &[i64]| samples.iter().map(|n| Exact::whole(*n)).collect::<Vec<_>>();
//! let symbols = Symbols::new().size("N", 3).value("x", numbers(&[2, -1, 5])).value("d", numbers(&[2, 1, 6]));
//!
//! let mut trial = Trial::new(Formula::parse(latex, &notation)?);
//! trial.case(&symbols, Judge::EXACT)?;
//! // The statement fails below the range of n, and above: d has no such samples.
//! trial.finish()?;
//!
//! // An error that a printer could make.
//! let misprint = latex.replace("^{n}", "^{n-1}");
//! let error = Trial::new(Formula::parse(&misprint, &notation)?).case(&symbols, Judge::EXACT).unwrap_err();
//! assert_eq!(error.what, "this does not hold: n = 0; left: 2, right: 0");
//!
//! // An error that an author could make.
//! let error = Formula::parse(r"d[n] = \sum_{k=0}^{n-1} x[k] + x[n], \qquad 0 \le n \le N-1", &notation).unwrap_err();
//! assert!(error.what.starts_with("where the sum ends is not clear"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Grammar
//!
//! Quoted signs and commands stand for themselves; `{ … }` is any number of times, `[ … ]` is once or not at all. Spaces,
//! `\left`, `\right`, `\,`, `\hline` and their like leave no trace, nor does `\label{…}`.
//!
//! ```text
//! display    = item { separator item }
//! separator  = "," | ";" | "." | \quad | \qquad | "\\" within aligned, gathered, split, whose "&" leave no trace
//! item       = [ \text{if} | \text{for} | \text{for all} | \text{where} ] ( range | statement ) | outside
//! range      = expression below index { "," index } below expression
//! below      = "<" | \le | \leq
//! outside    = name "[" index { "," index } "]" "=" "0" \text{outside} range { "," range }
//!
//! statement  = chain { \iff chain } | chain { \text{or} chain } | chain [ ( \implies | \Longrightarrow ) chain ]
//! chain      = expression relation expression { relation expression }
//! relation   = "=" | \ne | \neq | "<" | \le | \leq | ">" | \ge | \geq | \approx | \in, with reals behind it
//! reals      = \mathbb{R} [ "^" argument | "^" "{" expression { \times expression } "}" ]
//!
//! expression = sum { \cup sum }
//! sum        = [ "-" ] infix { ( "+" | "-" ) infix } | [ "-" ] infix \bmod infix
//! infix      = product { operator product }
//! operator   = \cdot | a sign that the notation has between two places [ "_" subscript ]
//! product    = factor { factor that is no number } [ "/" factor ]
//! factor     = primary { "^" above | "[" slot { "," slot } "]" }, no "^" behind another
//! above      = T | \top | "*" | "{" ( T | \top | "*" | "-1" ) "}" | argument
//! slot       = expression | [ expression ] ( ":" | "{:}" ) [ expression ]
//! argument   = "{" expression "}" | digit | name
//! subscript  = "{" list "}" | digit | name
//! list       = expression { "," expression }
//!
//! primary    = number | symbol | "(" list ")" | "|" expression "|" | "{" primary "}"
//!            | ( \frac | \tfrac | \dfrac ) argument argument | \sqrt argument | e "^" argument
//!            | ( \overline | \bar | \hat | \widehat | \tilde | \widetilde ) argument
//!            | \lfloor expression \rfloor | \lceil expression \rceil | ( \max | \min ) "(" list ")"
//!            | \lVert expression \rVert [ "_" ( 1 | 2 | F | \infty ) ] | \langle expression "," expression \rangle
//!            | ( \sum | \prod ) "_" "{" name "=" expression "}" "^" argument product
//!            | ( \sum | \prod | \max | \min ) "_" "{" range { "," range } "}" product
//!            | "[" statement "]" | \mathbb{1} "[" statement "]"
//!            | "[" expression "," expression ")" | "\{" tuple ":" item { separator item } "\}" | \# factor
//!            | \frac "{" \partial variable "}" "{" \partial variable "}" | \nabla "_" argument name
//!            | \frac "{" ( \partial | d ) "}" "{" ( \partial | d ) variable "}" factor, which is a derivative or a variable
//!            | ( bmatrix | pmatrix | matrix ) rows | array columns rows | "[" any of these "]"
//!            | cases: expression [ "," ] "&" ( \text{if} statement | \text{otherwise} ) [ "," ], with "\\" between them
//! symbol     = ( name | \operatorname{…} | \mathrm{…} ) { "'" } [ "_" subscript ] [ "(" list ")" ]
//! tuple      = index | "(" index { "," index } ")"
//! rows       = list with "&" between entries and "\\" between rows
//! ```
//!
//! # What it means
//!
//! | written                        | means                                                                                  |
//! |--------------------------------|----------------------------------------------------------------------------------------|
//! | `P = N-K+1` beside a statement | sizes and indices alone are compared: a condition of the statements before it; a definition, if nothing else says what `P` is |
//! | `0 \le n < N`                  | the statements back to the last condition or range hold for these; later ones may use `n`, too |
//! | `x[m] = 0 \text{ outside } …`  | samples outside are 0; without it they are an error                                    |
//! | `A \ne B`                      | some entry differs, at least by the margin                                             |
//! | `x[n]`, `x[a{:}b]`, `A[i,:]`   | entries, counted from 0; slices without their end                                      |
//! | `x_{23}`                       | `x[1,2]`, for arrays whose entries have labels                                         |
//! | `a b`, `A x`, `J x`            | a product, evaluated from the right; a map such as a flip is applied                   |
//! | `\sum_{k=0}^{K-1} a b`         | the sum takes the product behind it, and nothing is added behind it                    |
//! | `-n \bmod N`                   | (−n) mod N, never negative                                                             |
//! | `[m = n]`, `\mathbb{1}[m = n]` | 1 or 0                                                                                 |
//! | `[a, b)`, `\{ n : … \}`, `\#`  | sets of indices, and how many there are                                                |
//! | `\begin{bmatrix}`              | a matrix; with matrices in it, of blocks, where 0 is a block of zeros                  |
//! | `C(h)`, `\omega_N`, `x \ast h` | whatever the proof says: [`Symbols::function`] of the pattern                          |
//! | `e^{2\pi i k/N}`               | exact at quarter turns, over [`Exact`] numbers                                         |
//! | `\langle x, y \rangle`         | conjugated on the left                                                                 |
//!
//! # What is refused
//!
//! - A letter, command or word that the notation does not know: nobody could say what it means.
//! - A sum with `+`, `-`, `\bmod` or an operator behind it: readers disagree about where it ends.
//! - Two different operators, or two that may not be regrouped; `a / b c`; `a + b \bmod c`; one power above another.
//! - Two vectors side by side: `u^{T} v`, `u v^{T}`, `u \odot v` all differ.
//! - `||a||`, which is a norm or not; `x^12` and `\frac12`, where TeX takes one digit; a decimal point.
//! - Braces around more than one symbol: they are not printed, so they group nothing.
//! - An index with two ranges, with none, or that counts two things; a range that nothing uses, or that depends on a later
//!   one; `i` as an index and as the imaginary unit.
//! - A condition before what it governs; cases that apply together; a row of a matrix with other entries than the first.
//! - Whatever cannot be evaluated without rounding, over exact numbers; overflow; a division by 0.
//! - More than 20 000 bytes, 48 brackets in each other, 256 operations on top of each other, a million entries, ten million
//!   steps.

mod ast;
pub mod book;
mod error;
mod eval;
mod lexer;
mod mutate;
mod notation;
mod number;
mod parser;
mod trial;
mod value;
mod walk;

pub use error::{Error, Result};
pub use eval::Judge;
pub use lexer::strangers;
pub use mutate::{Mutant, mutants};
pub use notation::Notation;
pub use number::{Exact, Number};
pub use trial::{Formula, Trial};
pub use value::{Map, Outcome, Symbols, Value};
