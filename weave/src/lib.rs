//! The book's engine.
//!
//! mdBook prints chapters; this crate makes them worth printing. As a preprocessor ([`weave`]) it numbers and
//! typesets equations, puts the badge of its proof beside each, and replaces directives ([`expand`]) by what programs
//! made: figures, outputs, values, claims, code, the ledger ([`ledger`]), and citations by what they lead to
//! ([`references`]). As `cargo book` it also runs those programs
//! ([`update`]), times the fast code on the reader's machine ([`measure`]), plants errors in formulas and sees whether a
//! proof notices ([`mutate`]), runs the code in the chapters ([`blocks`]), compiles the module of the live figures
//! ([`live`]) and checks every link of the finished book ([`links`]).
//!
//! A book is a folder with `book.toml`, the chapters below its `src`, proofs in `tests/`, programs in `examples/`,
//! and everything that was generated in `generated/` below the chapters.

pub mod blocks;
pub mod expand;
pub mod facts;
pub mod ledger;
pub mod links;
pub mod live;
pub mod measure;
pub mod mutate;
pub mod problem;
pub mod references;
pub mod source;
pub mod tables;
pub mod typeset;
pub mod update;
pub mod weave;

use std::path::Path;

use anyhow::Result;
use mdbook_driver::MDBook;

/// Builds the book below `root` and checks the links of the result; returns the folder it is in.
///
/// # Errors
/// With everything that is wrong with the book.
pub fn build(root: &Path) -> Result<std::path::PathBuf> {
    let mut book = MDBook::load(root)?;
    weave::refuse_to_delete_sources(root, &book.config)?;
    // Under the same name, the preprocessor in this process takes the place of the command in book.toml.
    let own = measure::own(root);
    book.with_preprocessor(weave::Weave { own: own.clone() });
    book.build()?;
    let html = book.build_dir_for("html");
    if let Some(own) = own {
        measure::publish(&own, &html)?;
    }
    links::check(&html)?;
    Ok(html)
}

/// Runs the code of all chapters below `root`.
///
/// # Errors
/// If a block does not compile or fails.
pub fn test(root: &Path) -> Result<()> {
    let book = MDBook::load(root)?;
    blocks::run(root, &book.book)
}
