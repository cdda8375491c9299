//! The Rust blocks of the chapters are compiled and run.

mod fixture;

use std::path::Path;
use std::process::Command;

use fixture::{Fixture, Run};

/// The chapters of this very book: `cargo test` runs their code with everything else.
#[test]
fn chapters_code_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut weave = Command::new(env!("CARGO_BIN_EXE_weave"));
    Run::of(weave.arg("test").current_dir(root).output().unwrap()).passes();
}

#[test]
fn a_passing_block_is_counted() {
    let book = Fixture::new("passing");
    let run = book.weave(&["test"]);
    run.passes();
    assert!(run.err.contains("1 passed"), "{run:?}");
}

#[test]
fn a_failing_block_is_named_with_its_chapter() {
    let book = Fixture::new("failing");
    book.edit("book/sums.md", "locality::add(1, 2), 3", "locality::add(1, 2), 4");
    let run = book.weave(&["test"]);
    let message = run.fails();
    let line = book.line("book/sums.md", "```rust");
    assert!(message.contains(&format!("sums.md - sums_md (line {line})")), "{message}");
    assert!(message.contains("left: 3") && message.contains("mend: "), "{message}");
}

#[test]
fn a_block_that_does_not_compile_is_named_with_its_chapter() {
    let book = Fixture::new("broken");
    book.write(
        "book/products.md",
        &(book.read("book/products.md") + "\n```rust\nlet no: u8 = \"a number\";\n```\n"),
    );
    let run = book.weave(&["test"]);
    let message = run.fails();
    let line = book.line("book/products.md", "```rust");
    assert!(message.contains(&format!("products.md - products_md (line {line})")), "{message}");
    assert!(message.contains("mismatched types"), "{message}");
}

#[test]
fn a_library_that_does_not_compile_stops_the_run() {
    let book = Fixture::new("library");
    book.edit("src/lib.rs", "a + b", "a + c");
    let message = book.weave(&["test"]).fails().to_string();
    assert!(message.contains("src/lib.rs:5") && message.contains("mend: "), "{message}");
}
