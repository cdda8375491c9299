//! What is generated is made afresh, and what is kept has to be the same.
//!
//! The fixture keeps what its proofs and its example make, so each test only changes one thing.

mod fixture;

use fixture::{Fixture, names};

#[test]
fn update_makes_everything_that_the_book_quotes() {
    let book = Fixture::new("update");
    let (kept, readme) = (book.files("book/generated"), book.read("README.md"));
    std::fs::remove_dir_all(book.root.join("book/generated")).unwrap();
    book.write("book/generated/outputs/gone.txt", "Nothing prints this any more.\n");
    let (start, rest) = readme.split_once("<!-- chapters -->").unwrap();
    let (_, end) = rest.split_once("<!-- /chapters -->").unwrap();
    book.write("README.md", &format!("{start}<!-- chapters -->\n<!-- /chapters -->{end}"));

    let run = book.weave(&["update"]);
    assert!(run.passes().contains("6 of 6 generated files changed"), "{run:?}");
    for progress in ["[1/2]", "[2/2] example sums"] {
        assert!(run.err.contains(progress), "{run:?}");
    }
    let made = book.files("book/generated");
    assert!(made.keys().eq(kept.keys()), "{:?}", made.keys());
    for (path, bytes) in &kept {
        assert_eq!(
            String::from_utf8_lossy(&made[path]),
            String::from_utf8_lossy(bytes),
            "{}",
            path.display()
        );
    }
    assert_eq!(book.read("README.md"), readme);

    let run = book.weave(&["update"]);
    assert!(run.passes().contains("0 of 6 generated files changed"), "{run:?}");
    book.weave(&["check"]).passes();
    book.weave(&["build"]).passes();
}

#[test]
fn one_digit_of_an_output_is_enough() {
    let book = Fixture::new("digit");
    book.weave(&["check"]).passes();
    let path = "book/generated/outputs/sums.txt";
    book.edit(path, "1 + 2 = 3", "1 + 2 = 4");
    let run = book.weave(&["check"]);
    names(run.fails(), path, book.line(path, "1 + 2"), "kept \"1 + 2 = 4\", made \"1 + 2 = 3\"");
    assert_eq!(run.fails().matches("mend: ").count(), 1, "{run:?}");
    assert!(book.read(path).contains("= 4"), "check changes nothing");
    book.weave(&["update"]).passes();
    assert!(book.read(path).contains("= 3"), "update does");
}

#[test]
fn files_too_many_and_too_few_are_found() {
    let book = Fixture::new("files");
    book.write("book/generated/outputs/gone.txt", "Nothing prints this any more.\n");
    book.delete("book/generated/figures/line.csv");
    let run = book.weave(&["check"]);
    names(run.fails(), "book/generated/outputs/gone.txt", 1, "nothing makes this file");
    names(run.fails(), "book/generated/figures/line.csv", 1, "not kept");
}

#[test]
fn of_a_proof_only_the_worst_error_may_differ() {
    let book = Fixture::new("worst");
    let path = "book/generated/proofs.toml";
    book.edit(path, "2.2e-16", "4.4e-16");
    book.weave(&["check"]).passes();
    book.edit(path, "cases = 64", "cases = 65");
    names(book.weave(&["check"]).fails(), path, book.line(path, "cases = 65"), "made \"cases = 64\"");
}

#[test]
fn a_stale_table_of_chapters_is_found() {
    let book = Fixture::new("table");
    book.edit("README.md", "`tests/sums.rs` (2)", "`tests/sums.rs` (3)");
    let line = book.line("README.md", "tests/sums.rs");
    names(book.weave(&["check"]).fails(), "README.md", line, "(3)");
}

#[test]
fn without_markers_the_readme_is_left_alone() {
    let book = Fixture::new("plain");
    book.write("README.md", "# Fixture\n\nNo table.\n");
    book.weave(&["update"]).passes();
    assert_eq!(book.read("README.md"), "# Fixture\n\nNo table.\n");
}

#[test]
fn a_proof_that_fails_stops_everything() {
    let book = Fixture::new("proof");
    book.edit("tests/sums.rs", "locality::add(2, 1));", "locality::add(2, 2));");
    let before = book.files("book/generated");
    for command in ["check", "update"] {
        let message = book.weave(&[command]).fails().to_string();
        assert!(message.contains("sum_commutes") && message.contains("mend: "), "{message}");
    }
    assert_eq!(book.files("book/generated"), before);
}

#[test]
fn a_proof_that_leaves_no_record_is_found() {
    let book = Fixture::new("record");
    book.edit("tests/sums.rs", "fs::write(", "assert_ne!(");
    book.edit("tests/sums.rs", ", text).unwrap();", ", Path::new(text));");
    book.edit("tests/sums.rs", "use std::{env, fs};", "use std::env;");
    let run = book.weave(&["check"]);
    let line = book.line("tests/sums.rs", "fn sum_commutes");
    names(run.fails(), "tests/sums.rs", line, "\"sum-commutes\" left no record");
}

#[test]
fn an_example_that_fails_stops_everything() {
    let book = Fixture::new("example");
    book.edit("examples/sums.rs", "    Ok(())\n}", "    panic!(\"out of numbers\");\n}");
    let before = book.files("book/generated");
    let message = book.weave(&["update"]).fails().to_string();
    assert!(message.contains("examples/sums.rs") && message.contains("out of numbers"), "{message}");
    assert!(message.contains("mend: ") && message.contains("`cargo run --example sums`"), "{message}");
    assert_eq!(book.files("book/generated"), before);
}

#[test]
fn an_example_is_optimised_if_its_documentation_says_so() {
    let book = Fixture::new("released");
    let path = "examples/sums.rs";
    book.edit(
        path,
        "//! One and two.\n",
        "//! One and two.\n//!\n//! `cargo run --release --example sums`\n",
    );
    book.edit(
        path,
        "fn main() -> std::io::Result<()> {",
        "fn main() -> std::io::Result<()> {\n    assert!(!cfg!(debug_assertions));",
    );
    book.weave(&["check"]).passes();
    // Words alone do not: the command is what counts.
    book.edit(path, "cargo run --release --example sums", "cargo run --example sums");
    assert!(book.weave(&["check"]).fails().contains("debug_assertions"));
}
