//! The tool as a program: what it answers to mdBook, and what it says to who calls it wrongly.

mod fixture;

use std::collections::BTreeMap;
use std::path::PathBuf;

use fixture::Fixture;
use mdbook_driver::MDBook;

#[test]
fn every_renderer_is_supported() {
    let book = Fixture::new("supports");
    for renderer in ["html", "test", "markdown"] {
        assert_eq!(book.weave(&["preprocess", "supports", renderer]).passes(), "");
    }
}

#[test]
fn unknown_arguments_are_answered_with_help() {
    let book = Fixture::new("unknown");
    for arguments in
        [&["frobnicate"][..], &["build", "--close"], &["update", "now"], &["preprocess", "supports"]]
    {
        let run = book.weave(arguments);
        let message = run.fails();
        assert!(message.contains("unknown arguments") && message.contains(arguments[0]), "{message}");
        assert!(message.contains("mend: ") && message.contains("cargo book check"), "{message}");
    }
    assert!(!book.root.join("target/book").exists(), "nothing was built");
}

#[test]
fn help_names_every_command() {
    let book = Fixture::new("help");
    for word in ["help", "--help", "-h"] {
        let run = book.weave(&[word]);
        for command in ["cargo book ", "--open", "test", "update", "check"] {
            assert!(run.passes().contains(command), "{command} in {run:?}");
        }
    }
}

#[test]
fn a_build_ends_with_the_path_of_the_book_from_any_folder_of_it() {
    let book = Fixture::new("path");
    let page = book.root.join("target/book/index.html");
    for folder in ["", "book/generated"] {
        let run = book.weave_in(folder, &[]);
        let last = run.passes().lines().last().unwrap_or_default();
        assert!(last.ends_with(&page.display().to_string()), "{last}");
        assert!(page.is_file());
    }
}

#[test]
fn outside_a_book_there_is_nothing_to_build() {
    let book = Fixture::new("outside");
    book.delete("book.toml");
    // The folders above the fixture may belong to a book of their own.
    if !book.root.ancestors().any(|folder| folder.join("book.toml").is_file()) {
        assert!(book.weave(&["build"]).fails().contains("no book.toml"));
    }
}

#[test]
fn what_is_wrong_goes_to_standard_error() {
    let book = Fixture::new("wrong");
    book.edit("book/products.md", "\\eqref{sum-commutes}", "\\eqref{no-such-thing}");
    let run = book.weave(&["build"]);
    fixture::names(run.fails(), "book/products.md", 3, "unknown equation \"no-such-thing\"");
    assert_eq!(run.out, "");
}

#[test]
fn mdbook_prints_the_same_book_through_the_command() {
    let book = Fixture::new("command");
    weave::build(&book.root).unwrap_or_else(|error| panic!("{error:#}"));
    let here = pages(&book);
    let command =
        format!("\n[preprocessor.weave]\ncommand = '\"{}\" preprocess'\n", env!("CARGO_BIN_EXE_weave"));
    book.write("book.toml", &(book.read("book.toml") + &command));
    MDBook::load(&book.root).unwrap().build().unwrap();
    let there = pages(&book);
    assert!(here.keys().eq(there.keys()), "{:?} {:?}", here.keys(), there.keys());
    for (path, text) in &here {
        assert!(there[path] == *text, "{} differs", path.display());
    }
}

/// Every page of the book as it was printed.
fn pages(book: &Fixture) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = book.files("target/book");
    files.retain(|path, _| path.extension().is_some_and(|extension| extension == "html"));
    files
}

#[test]
fn mdbook_is_refused_through_the_command_too() {
    let book = Fixture::new("refused");
    let command =
        format!("\n[preprocessor.weave]\ncommand = '\"{}\" preprocess'\n", env!("CARGO_BIN_EXE_weave"));
    let text = book.read("book.toml").replace("\"target/book\"", "\"book\"") + &command;
    book.write("book.toml", &text);
    let before = book.files("");
    assert!(MDBook::load(&book.root).unwrap().build().is_err());
    assert_eq!(book.files(""), before, "the sources are still there");
}
