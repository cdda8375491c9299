//! Citations lead to what they cite; an unknown key and an entry that nothing cites are refused.

mod fixture;

use fixture::{Fixture, names};

const REFERENCES: &str = r#"# Read.
[[reference]]
key = "peano-1889"
by = "Peano & others"
year = 1889
list = "sums"
entry = "G. Peano, *Arithmetices principia*, 1889."
gives = "What a sum is."

[[reference]]
key = "abacus"
by = "The abacus"
list = "tools"
entry = "An *abacus*."
gives = "Sums without paper."
uncited = true
"#;

/// The fixture with two references, one of them cited in the first chapter.
fn cited(name: &str) -> Fixture {
    let book = Fixture::new(name);
    book.write("book/references.toml", REFERENCES);
    book.write("book/references.md", "# References\n\n{{references sums}}\n\n{{references tools}}\n");
    book.edit(
        "book/SUMMARY.md",
        "[Proofs](proofs.md)\n",
        "[Proofs](proofs.md)\n[References](references.md)\n",
    );
    book.edit("book/sums.md", "Go on with", "We follow \\cite{peano-1889}. Go on with");
    book
}

/// The main part of a page of the built book.
fn page(book: &Fixture, page: &str) -> String {
    weave::build(&book.root).unwrap_or_else(|error| panic!("{error:#}"));
    let text = book.read(&format!("target/book/{page}"));
    text.split_once("<main>").unwrap().1.split_once("</main>").unwrap().0.to_string()
}

fn refusal(book: &Fixture) -> String {
    match weave::build(&book.root) {
        Ok(_) => panic!("the book was built"),
        Err(error) => format!("{error:#}"),
    }
}

#[test]
fn a_citation_is_author_and_year_and_leads_to_the_entry() {
    let book = cited("citation");
    let link =
        "We follow <a class=\"cite\" href=\"references.html#ref-peano-1889\">Peano &amp; others (1889)</a>.";
    let sums = page(&book, "sums.html");
    assert!(sums.contains(link), "{sums}");
    let print = book.read("target/book/print.html");
    assert!(print.contains("href=\"#ref-peano-1889\">Peano &amp; others (1889)</a>"));
}

#[test]
fn an_entry_says_what_it_gives_and_who_cites_it() {
    let book = cited("entry");
    // A second citation in the same chapter is not listed twice; one in another chapter is.
    book.edit("book/sums.md", "A short chapter", "After \\cite{peano-1889}, a short chapter");
    book.edit("book/products.md", "Like", "After \\cite{peano-1889} and \\cite{abacus}, like");
    let references = page(&book, "references.html");
    let parts = [
        "<span id=\"ref-peano-1889\"></span>G. Peano, <em>Arithmetices principia</em>, 1889. What a sum is. <em>Cited in</em> \
         <a href=\"sums.html\">Sums</a>, <a href=\"products.html\">Products</a>.",
        "<span id=\"ref-abacus\"></span>An <em>abacus</em>. Sums without paper. <em>Cited in</em> <a href=\"products.html\">",
    ];
    for part in parts {
        assert!(references.contains(part), "{part:?} is missing in\n{references}");
    }
    // What has no year is cited without.
    let products = book.read("target/book/products.html");
    assert!(products.contains("href=\"references.html#ref-abacus\">The abacus</a>"));
}

#[test]
fn a_claim_may_cite() {
    let book = cited("claim");
    book.edit("book/claims.toml", "For finite sums.", "For finite sums, says \\\\cite{peano-1889}.");
    let link = "says <a class=\"cite\" href=\"references.html#ref-peano-1889\">";
    assert!(page(&book, "sums.html").contains(link));
    assert!(page(&book, "ledger.html").contains(link));
}

#[test]
fn a_citation_in_code_is_left_as_it_is() {
    let book = cited("verbatim");
    book.edit(
        "book/sums.md",
        "Go on with",
        "Write `\\cite{no}`:\n\n```text\n\\cite{nothing}\n```\n\nGo on with",
    );
    let sums = page(&book, "sums.html");
    assert!(sums.contains("<code>\\cite{no}</code>") && sums.contains("\\cite{nothing}"), "{sums}");
}

#[test]
fn an_unknown_key_is_refused() {
    let book = cited("unknown");
    book.edit("book/products.md", "Like", "As \\cite{peano-1890} says, like");
    let line = book.line("book/products.md", "peano-1890");
    names(&refusal(&book), "book/products.md", line, "unknown reference \"peano-1890\"");
}

#[test]
fn an_entry_that_nothing_cites_is_refused() {
    let book = cited("uncited");
    book.edit("book/references.toml", "uncited = true\n", "");
    let line = book.line("book/references.toml", "key = \"abacus\"");
    let message = refusal(&book);
    names(&message, "book/references.toml", line, "nothing cites \"abacus\"");
    assert_eq!(message.matches("mend: ").count(), 1, "{message}");
}

#[test]
fn a_key_given_twice_and_one_that_is_none_are_refused() {
    let book = cited("twice");
    book.edit("book/references.toml", "\"abacus\"", "\"peano-1889\"");
    let message = refusal(&book);
    names(&message, "book/references.toml", 11, "the key \"peano-1889\" a second time");
    book.edit("book/references.toml", "key = \"peano-1889\"\nby = \"The", "key = \"An Abacus\"\nby = \"The");
    names(&refusal(&book), "book/references.toml", 11, "\"An Abacus\" is no key");
}

#[test]
fn an_entry_that_is_not_whole_is_refused() {
    let book = cited("half");
    book.edit("book/references.toml", "gives = \"What a sum is.\"\n", "");
    let message = refusal(&book);
    assert!(message.contains("references.toml:") && message.contains("gives"), "{message}");
    assert!(message.contains("mend: "), "{message}");
}

#[test]
fn an_unknown_list_is_refused() {
    let book = cited("list");
    book.edit("book/references.md", "{{references tools}}", "{{references toys}}");
    let line = book.line("book/references.md", "toys");
    names(&refusal(&book), "book/references.md", line, "unknown directive {{references toys}}");
}
