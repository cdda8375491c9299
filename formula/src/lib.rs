//! Reads the LaTeX that the book prints, and evaluates it.
//!
//! A printed formula is a tested formula: proofs take the very text of the chapter, say what its symbols stand for, and
//! evaluate both sides for every index.

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

pub use error::{Error, Result};
pub use eval::Judge;
pub use lexer::strangers;
pub use mutate::{Mutant, mutants};
pub use notation::Notation;
pub use number::{Exact, Number};
pub use trial::{Formula, Trial};
pub use value::{Map, Outcome, Symbols, Value};
