//! Errors that a formula could have been printed with.
use crate::notation::Notation;
/// a mutant
pub struct Mutant;
/// mutants
pub fn mutants(_latex: &str, _notation: &Notation) -> Vec<Mutant> {
    vec![]
}
