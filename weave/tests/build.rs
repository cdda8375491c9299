//! A good book is printed as it should be; a bad one is refused, with file, line and mend.

mod fixture;

use fixture::{Fixture, names};

// ---- a good book ----

/// A built fixture.
fn built(name: &str) -> Fixture {
    let book = Fixture::new(name);
    let html = weave::build(&book.root).unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(html, book.root.join("target/book"));
    book
}

/// Asserts that a page holds all of these.
fn holds(book: &Fixture, page: &str, parts: &[&str]) {
    let text = book.read(&format!("target/book/{page}"));
    let (_, main) = text.split_once("<main>").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    for part in parts {
        assert!(main.contains(part), "{part:?} is missing in {page}:\n{main}");
    }
}

#[test]
fn equations_are_numbered_and_carry_their_proof() {
    let book = built("equations");
    let sums = [
        "id=\"eq-sum-commutes\"",
        "href=\"#eq-sum-commutes\">(1.1)</a>",
        "class=\"badge exact\" href=\"proofs/sums.html#proof-sum-commutes\"",
        ">proved by its test · exact · 3 cases</a>",
        "katex-display",
    ];
    holds(&book, "sums.html", &sums);
    let products = [
        "href=\"#eq-product-bounded\">(2.1)</a>",
        "class=\"badge numeric\" href=\"proofs/sums.html#proof-product-bounded\"",
        ">proved by its test · numeric · 64 cases · ≤\u{a0}1e-12</a>",
    ];
    holds(&book, "products.html", &products);
    for page in ["sums.html", "products.html"] {
        let text = book.read(&format!("target/book/{page}"));
        assert!(!text.contains("\\label") && !text.contains("$$"), "LaTeX is left over in {page}");
    }
}

#[test]
fn references_lead_across_chapters_and_within_the_print_page() {
    let book = built("references");
    holds(&book, "sums.html", &["href=\"products.html#eq-product-bounded\">(2.1)</a>"]);
    holds(&book, "products.html", &["href=\"sums.html#eq-sum-commutes\">(1.1)</a>"]);
    let print = [
        "href=\"#eq-product-bounded\">(2.1)</a>",
        "href=\"#eq-sum-commutes\">(1.1)</a>",
        "id=\"eq-product-bounded\"",
        "id=\"eq-sum-commutes\"",
    ];
    holds(&book, "print.html", &print);
}

#[test]
fn a_figure_is_in_the_page_with_its_words_and_its_data() {
    let book = built("figure");
    let parts = [
        "<figure class=\"figure\" id=\"fig-line\">",
        "<svg role=\"img\" aria-label=\"A line from (0, 0) to (2, 1).\"",
        "stroke=\"var(--fig-fg)\"",
        "A line that <em>rises</em>.",
        "href=\"generated/figures/line.csv\">CSV</a>",
        "<code>examples/sums.rs</code>",
    ];
    holds(&book, "sums.html", &parts);
    assert_eq!(book.read("target/book/generated/figures/line.csv"), "x,y\n0,0\n2,1\n");
}

/// A fixture whose figure has something to take it over.
fn with_live(name: &str) -> Fixture {
    let book = Fixture::new(name);
    book.write(
        "live/figures/slope.html",
        "<div class=\"live-stage\"></div>\n\n<div class=\"live-panel\"></div>\n",
    );
    book.write("book/live/slope.js", "");
    book.write("book/live/live.js", "");
    book
}

#[test]
fn a_live_figure_takes_over_the_figure_before_it() {
    let book = with_live("live");
    book.edit("book/sums.md", "{{figure line}}", "{{figure line}}\n{{live slope}}");
    weave::build(&book.root).unwrap_or_else(|error| panic!("{error:#}"));
    let parts = [
        "<figure class=\"figure live\" data-live=\"slope\" id=\"fig-line\"><svg role=\"img\"",
        "<div class=\"live-stage\"></div>",
        "<div class=\"live-panel\"></div>\n<figcaption>",
        "</figcaption></figure><script src=\"live/live.js?",
        // What stands behind it is Markdown as before.
        "<p>The whole output:</p>",
    ];
    holds(&book, "sums.html", &parts);
    assert_eq!(book.read("target/book/live/slope.js"), "");
}

#[test]
fn a_live_figure_without_a_figure_is_refused() {
    let book = with_live("live-alone");
    book.edit("book/sums.md", "Go on with", "{{live slope}}\n\nGo on with");
    let error = format!("{:#}", weave::build(&book.root).unwrap_err());
    let line = book.line("book/sums.md", "{{live slope}}");
    let what = format!("book/sums.md:{line}: the live figure \"slope\" follows no figure");
    assert!(error.contains(&what) && error.contains("mend: put it on the line after"), "{error}");
}

#[test]
fn an_unknown_live_figure_is_refused() {
    refuses_line("no-live", "{{live slope}}", "no live figure \"slope\"");
}

#[test]
fn outputs_values_and_minutes_are_what_the_programs_made() {
    let book = built("outputs");
    let text = book.read("target/book/sums.html");
    assert!(text.contains("finds three in all"));
    assert!(text.contains("A short chapter of 1 minutes"));
    let outputs = text.split("<div class=\"output\">").skip(1).collect::<Vec<_>>();
    let [whole, part] = outputs[..] else { panic!("{} outputs in:\n{text}", outputs.len()) };
    let code = |output: &str| {
        let (_, after) = output.split_once("<pre").unwrap();
        let (code, _) = after.split_once("</code>").unwrap();
        code.rsplit_once("<code").unwrap().1.split_once('>').unwrap().1.replace("&#10;", "\n")
    };
    let all = "Sums of &lt;whole&gt; numbers.\n\n== total ==\n1 + 2 = 3\n== end ==\nGoodbye.";
    assert_eq!(code(whole), all);
    assert_eq!(code(part), "1 + 2 = 3");
    assert!(part.contains("cargo run --example sums"));
}

#[test]
fn a_claim_is_a_box_with_verdict_and_evidence() {
    let book = built("claim");
    let parts = [
        "<aside class=\"claim verdict-conditional\" id=\"claim-C1\"",
        "“order is immaterial”",
        "the article, first section",
        "C1: true under a condition<",
        "For finite sums.",
        "<em>Decided by</em>",
        "href=\"sums.html#eq-sum-commutes\">(1.1)</a>",
    ];
    holds(&book, "sums.html", &parts);
}

#[test]
fn code_is_quoted_from_the_source() {
    let book = built("code");
    let parts = ["src/lib.rs", "pub fn add(a: i64, b: i64) -&gt; i64 {\n    a + b\n}"];
    holds(&book, "sums.html", &parts);
    assert!(!book.read("target/book/sums.html").contains("Adds two numbers"), "documentation is not quoted");
}

#[test]
fn a_whole_file_is_folded() {
    let book = Fixture::new("whole-file");
    book.edit("book/sums.md", "Go on with", "{{code src/lib.rs}}\n\nGo on with");
    weave::build(&book.root).unwrap_or_else(|error| panic!("{error:#}"));
    let lines = book.read("src/lib.rs").lines().count();
    let summary = format!("<details><summary>All of <code>src/lib.rs</code>, {lines} lines</summary>");
    holds(&book, "sums.html", &[&summary, "Adds two numbers"]);
}

#[test]
fn the_source_of_every_proof_has_a_page() {
    let book = built("proofs");
    holds(&book, "proofs.html", &["tests/sums.rs", "href=\"proofs/sums.html#proof-sum-commutes\""]);
    let parts = [
        "id=\"proof-sum-commutes\"",
        "id=\"proof-product-bounded\"",
        "The order of two terms is of no account.",
        "fn sum_commutes()",
        "href=\"../sums.html#eq-sum-commutes\">(1.1)</a>",
        "href=\"../products.html#eq-product-bounded\">(2.1)</a>",
        "worst error 2.2e-16",
        "struct Proof;",
    ];
    holds(&book, "proofs/sums.html", &parts);
}

#[test]
fn the_ledger_adds_everything_up() {
    let book = built("ledger");
    let parts = [
        "<strong>2 equations, 2 proved, 0 orphans</strong>: 2 proved by its test; 67 cases in all.",
        "href=\"sums.html#eq-sum-commutes\">(1.1)</a>",
        "<a href=\"proofs/sums.html#proof-product-bounded\">numeric</a>",
        "<strong>1 claims</strong>: 1 true under a condition.",
        "<strong>1 figures.</strong>",
        "the double of a number",
    ];
    holds(&book, "ledger.html", &parts);
}

#[test]
fn a_second_build_is_the_same_to_the_last_byte() {
    let book = built("twice");
    let first = book.files("target/book");
    weave::build(&book.root).unwrap();
    let second = book.files("target/book");
    assert!(first.keys().eq(second.keys()));
    for (path, bytes) in &first {
        assert!(second[path] == *bytes, "{} differs", path.display());
    }
}

#[test]
fn code_in_a_chapter_is_left_as_it_is() {
    let book = Fixture::new("verbatim");
    let code = "Goes on.\n\n```text\n{{value no.thing}} \\eqref{nothing} $x$\n```\n\nGo on with";
    book.edit("book/sums.md", "Go on with", code);
    weave::build(&book.root).unwrap_or_else(|error| panic!("{error:#}"));
    holds(&book, "sums.html", &["{{value no.thing}} \\eqref{nothing} $x$"]);
}

// ---- a bad one ----

/// What the build of a changed fixture has to say against it.
fn refusal(book: &Fixture) -> String {
    match weave::build(&book.root) {
        Ok(_) => panic!("the book was built"),
        Err(error) => format!("{error:#}"),
    }
}

/// Puts a line before the last paragraph of the first chapter, and asserts that the build refuses it.
fn refuses_line(name: &str, line: &str, what: &str) {
    let book = Fixture::new(name);
    book.edit("book/sums.md", "Go on with", &format!("{line}\n\nGo on with"));
    names(&refusal(&book), "book/sums.md", book.line("book/sums.md", line), what);
}

#[test]
fn an_equation_without_label_is_refused() {
    let book = Fixture::new("no-label");
    book.edit("book/products.md", "\\label{product-bounded}\n", "");
    let message = refusal(&book);
    names(&message, "book/products.md", book.line("book/products.md", "$$"), "without a label");
}

#[test]
fn a_label_without_proof_is_refused() {
    let book = Fixture::new("no-proof");
    let text = book.read("tests/sums.rs");
    let (rest, _) = text.split_once("/// A product").unwrap();
    book.write("tests/sums.rs", rest);
    // Where the equation stands is where its `$$` opens.
    names(&refusal(&book), "book/products.md", book.line("book/products.md", "$$"), "\"product-bounded\"");
}

#[test]
fn a_proof_without_equation_is_refused() {
    let book = Fixture::new("no-equation");
    let proof = "\n#[test]\nfn nothing_shown() {\n    let _proof = Proof::exact(\"nothing-shown\");\n}\n";
    book.write("tests/sums.rs", &(book.read("tests/sums.rs") + proof));
    let line = book.line("tests/sums.rs", "fn nothing_shown");
    names(&refusal(&book), "tests/sums.rs", line, "\"nothing-shown\" has no equation");
}

#[test]
fn a_proof_without_record_is_refused() {
    let book = Fixture::new("no-record");
    book.edit("book/generated/proofs.toml", "[sum-commutes]\nkind = \"exact\"\ncases = 3\n", "");
    let message = refusal(&book);
    names(&message, "book/sums.md", book.line("book/sums.md", "$$"), "\"sum-commutes\" has not been run");
    assert!(message.contains("cargo book update"));
}

#[test]
fn a_second_proof_of_the_same_is_refused() {
    let book = Fixture::new("two-proofs");
    let proof = "#[test]\nfn sum_commutes() {\n    let _proof = Proof::exact(\"sum-commutes\");\n}\n";
    book.write("tests/twice.rs", proof);
    names(&refusal(&book), "tests/twice.rs", 2, "a second proof of \"sum-commutes\"");
}

#[test]
fn a_proof_by_another_name_is_refused() {
    let book = Fixture::new("other-name");
    book.edit("tests/sums.rs", "fn sum_commutes", "fn sums_commute");
    let line = book.line("tests/sums.rs", "fn sums_commute");
    names(&refusal(&book), "tests/sums.rs", line, "sums_commute proves \"sum-commutes\"");
}

#[test]
fn a_label_given_twice_is_refused() {
    let book = Fixture::new("two-labels");
    book.edit("book/products.md", "\\label{product-bounded}", "\\label{sum-commutes}");
    let message = refusal(&book);
    names(
        &message,
        "book/products.md",
        book.line("book/products.md", "$$"),
        "\"sum-commutes\" a second time",
    );
    names(&message, "tests/sums.rs", book.line("tests/sums.rs", "fn product_bounded"), "no equation");
}

#[test]
fn a_formula_that_is_none_is_refused() {
    refuses_line("no-latex", "This is $\\frobnicate{x}$.", "cannot be typeset");
}

#[test]
fn a_dollar_sign_without_a_formula_is_refused() {
    refuses_line("no-formula", "It costs $5.", "a $ that belongs to no formula");
    let book = Fixture::new("escaped-dollar");
    book.edit("book/sums.md", "Go on with", "It costs \\$5. Go on with");
    weave::build(&book.root).unwrap_or_else(|error| panic!("{error:#}"));
    holds(&book, "sums.html", &["It costs $5."]);
}

#[test]
fn an_unknown_reference_is_refused() {
    refuses_line("no-reference", "See \\eqref{no-such-thing}.", "unknown equation \"no-such-thing\"");
}

#[test]
fn an_unknown_figure_is_refused() {
    refuses_line("no-figure", "{{figure circle}}", "unknown figure \"circle\"");
}

#[test]
fn an_unknown_output_is_refused() {
    refuses_line("no-output", "{{output products}}", "unknown output \"products\"");
}

#[test]
fn an_unknown_section_of_an_output_is_refused() {
    refuses_line("no-section", "{{output sums middle}}", "no section \"middle\"");
}

#[test]
fn an_unknown_value_is_refused() {
    refuses_line("no-value", "It is {{value sums.mean}}.", "unknown value \"sums.mean\"");
}

#[test]
fn a_value_of_an_unknown_program_is_refused() {
    refuses_line("no-program", "It is {{value products.total}}.", "unknown value \"products.total\"");
}

#[test]
fn an_unknown_claim_is_refused() {
    refuses_line("no-claim", "{{claim C9}}", "unknown claim \"C9\"");
}

#[test]
fn a_claim_decided_by_nothing_is_refused() {
    let book = Fixture::new("no-evidence");
    book.edit("book/claims.toml", "[\"sum-commutes\"]", "[\"no-such-thing\"]");
    let line = book.line("book/claims.toml", "id = \"C1\"");
    names(&refusal(&book), "book/claims.toml", line, "claim C1 is decided by \"no-such-thing\"");
}

#[test]
fn code_that_is_not_there_is_refused() {
    refuses_line("no-item", "{{code src/lib.rs subtract}}", "src/lib.rs has no item \"subtract\"");
    refuses_line("no-source", "{{code src/none.rs add}}", "cannot read src/none.rs");
    refuses_line("no-file", "{{code src/none.rs}}", "cannot read src/none.rs");
}

#[test]
fn an_unknown_directive_is_refused() {
    refuses_line("no-directive", "It is {{frobnicate x}}.", "unknown directive {{frobnicate x}}");
}

#[test]
fn a_fence_without_language_is_refused() {
    refuses_line("no-language", "```\n1 + 2\n```", "without a language");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let book = Fixture::new("all-at-once");
    book.edit("book/sums.md", "Go on with", "{{claim C9}}\n\n{{figure circle}}\n\nGo on with");
    book.edit("book/products.md", "\\eqref{sum-commutes}", "\\eqref{no-such-thing}");
    let message = refusal(&book);
    names(&message, "book/sums.md", book.line("book/sums.md", "{{claim C9}}"), "\"C9\"");
    names(&message, "book/sums.md", book.line("book/sums.md", "{{figure circle}}"), "\"circle\"");
    names(&message, "book/products.md", 3, "\"no-such-thing\"");
    assert_eq!(message.matches("mend: ").count(), 3, "each is said once:\n{message}");
}

#[test]
fn a_broken_link_is_refused() {
    let book = Fixture::new("no-file");
    book.edit("book/sums.md", "(products.md#products)", "(quotients.md)");
    let message = refusal(&book);
    let link = "quotients.";
    let line = book.line("target/book/sums.html", link);
    names(&message, "sums.html", line, link);
    names(&message, "sums.html", line, "leads to no file");
}

#[test]
fn a_broken_fragment_is_refused() {
    let book = Fixture::new("no-id");
    book.edit("book/sums.md", "#products)", "#quotients)");
    let message = refusal(&book);
    let line = book.line("target/book/sums.html", "products.html#quotients");
    names(&message, "sums.html", line, "\"products.html#quotients\" leads to no id in products.html");
}

#[test]
fn a_build_that_would_delete_sources_is_refused() {
    for build in ["book", ".", "./book", "book/out", "target/../book", "tests", "examples"] {
        let book = Fixture::new("build-dir");
        book.edit("book.toml", "\"target/book\"", &format!("{build:?}"));
        let before = book.files("");
        let line = book.line("book.toml", "build-dir");
        names(&refusal(&book), "book.toml", line, &format!("build-dir {build:?}"));
        assert_eq!(book.files(""), before, "{build}");
    }
}
