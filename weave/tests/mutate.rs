//! Errors planted in formulas: those that no proof notices are listed, explained or refused.

mod fixture;

use fixture::{Fixture, names};

/// Lets the proof of `sum-commutes` report so many mutants, so many of them killed, and one survivor if any is left.
fn report(book: &Fixture, mutants: usize, killed: usize) {
    let survivor = r#"
[[survivor]]
what = "a and b change places"
latex = "b + a = b + a"
line = 8
column = 1
shown = "book/sums.md:8:1: a and b change places\n   |\n 8 | a + b = b + a\n   | ^^^^^"
"#;
    let survivor = if killed < mutants { survivor } else { "" };
    let record = format!("file = \"book/sums.md\"\nmutants = {mutants}\nkilled = {killed}\n{survivor}");
    book.write("mutants/sum-commutes", &record);
}

const EXPLAINED: &str = "\
# Why.

[[equivalent]]
id = \"sum-commutes\"
what = \"a and b change places\"
latex = \"b + a  =  b + a\"
why = \"Sums commute.\"
";

#[test]
fn what_survives_is_explained_or_refused() {
    let book = Fixture::new("survivors");
    let explanations = "book/mutants.toml";
    let mutate = |arguments: &[&str]| book.weave(&[&["mutate"], arguments].concat());

    names(mutate(&[]).fails(), explanations, 1, "there are no mutants");

    report(&book, 40, 40);
    assert!(mutate(&[]).passes().contains("40 of 40 mutants are killed, 100.0 %"));

    report(&book, 40, 39);
    let run = mutate(&[]);
    names(run.fails(), "book/sums.md", 8, "\"sum-commutes\" notices it if a and b change places");
    assert!(run.err.contains("latex = 'b + a = b + a'"), "{run:?}");
    assert!(run.out.contains(" 8 | a + b = b + a\n   | ^^^^^\n so that: b + a = b + a"), "{run:?}");

    book.write(explanations, EXPLAINED);
    let run = mutate(&[]);
    assert!(run.passes().contains(" equivalent: Sums commute."), "{run:?}");
    assert!(run.out.contains("     40      39           1  sum-commutes"), "{run:?}");
    assert!(run.out.contains("39 of 40 mutants are killed, 97.5 %"), "{run:?}");

    book.edit(explanations, "Sums commute.", " ");
    names(mutate(&[]).fails(), explanations, 3, "nothing is explained");
    book.write(explanations, EXPLAINED);

    // What is explained counts as equivalent, not as killed.
    report(&book, 19, 18);
    names(mutate(&[]).fails(), explanations, 1, "only 94.7 % of the mutants are killed");
    mutate(&["sum-commutes"]).passes();

    report(&book, 40, 40);
    names(mutate(&[]).fails(), explanations, 3, "\"sum-commutes\" has no surviving mutant");
    mutate(&["--share", "0.5"]).passes();

    assert!(mutate(&["product-bounded"]).passes().contains("0 of 0"), "only this proof runs");
    assert!(mutate(&["no-such"]).fails().contains("no proof is of \"no-such\""));
    assert!(mutate(&["--share", "2"]).fails().contains("mend: "));
    assert!(mutate(&["--share", "much"]).fails().contains("mend: "));
}
