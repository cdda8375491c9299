//! What was measured on a machine takes the place of what is printed for everybody, as long as the program that draws it
//! has not changed.

mod fixture;

use std::fs::File;
use std::time::{Duration, SystemTime};

use fixture::Fixture;

#[test]
fn a_book_shows_what_was_measured_here() {
    let book = Fixture::new("measured");
    book.write("examples/measured.rs", "fn main() {}\n");
    book.weave(&["build"]).passes();
    assert!(!book.read("target/book/sums.html").contains("4711"));

    let own = "target/measured/generated";
    book.write(&format!("{own}/values/sums.toml"), "total = \"4711\"\n");
    book.write(&format!("{own}/figures/line.csv"), "measured,here\n");
    // The program drew into this file last.
    let drawn = format!("{own}/values/measured.toml");
    book.write(&drawn, "");
    book.weave(&["build"]).passes();
    assert!(book.read("target/book/sums.html").contains("4711"));
    assert_eq!(book.read("target/book/generated/figures/line.csv"), "measured,here\n");
    // What was not measured is as it was.
    assert!(book.read("target/book/sums.html").contains("1 + 2 = 3"));

    // An old measurement does not fit a new book.
    let before = SystemTime::now() - Duration::from_secs(3600);
    File::options().write(true).open(book.root.join(&drawn)).unwrap().set_modified(before).unwrap();
    let run = book.weave(&["build"]);
    run.passes();
    assert!(run.err.contains("`cargo book measure` does it again"), "{run:?}");
    assert!(!book.read("target/book/sums.html").contains("4711"));
}
