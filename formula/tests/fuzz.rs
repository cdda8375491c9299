//! A million formulas that nobody would write: reading one never panics and always ends, and an error points into it.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use common::{ROUNDED, symbols};
use formula::book::displays;
use formula::{Error, Exact, Formula, Judge, Notation, Trial, mutants, strangers};
use num_complex::Complex64;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What the lexer tells apart, and some of what it refuses.
const WORDS: &[&str] = &[
    "x",
    "h",
    "y",
    "z",
    "X",
    "A",
    "B",
    "I",
    "J",
    "S",
    "u",
    "v",
    "N",
    "K",
    "M",
    "P",
    "e",
    "i",
    "k",
    "n",
    "m",
    "l",
    "T",
    "w",
    "é",
    "0",
    "1",
    "2",
    "3",
    "10",
    "01",
    "12",
    "99999999999999999999",
    "+",
    "-",
    "=",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "|",
    "/",
    "^",
    "_",
    "'",
    "&",
    "*",
    ".",
    "!",
    " ",
    "~",
    "{:}",
    "^{T}",
    "^{*}",
    "^{-1}",
    "_1",
    "_{11}",
    "\\\\",
    "\\quad",
    "\\qquad",
    "\\frac",
    "\\tfrac",
    "\\sqrt",
    "\\le",
    "\\leq",
    "\\ge",
    "\\ne",
    "\\approx",
    "\\in",
    "\\mathbb{R}",
    "\\mathbb{1}",
    "\\bmod",
    "\\cdot",
    "\\ast",
    "\\ast_v",
    "\\odot",
    "\\otimes",
    "\\circledast_N",
    "\\circledast",
    "\\lfloor",
    "\\rfloor",
    "\\lceil",
    "\\rceil",
    "\\lVert",
    "\\rVert",
    "\\langle",
    "\\rangle",
    "\\{",
    "\\}",
    "\\cup",
    "\\#",
    "\\iff",
    "\\implies",
    "\\times",
    "\\infty",
    "\\partial",
    "\\sum",
    "\\prod",
    "\\max",
    "\\min",
    "\\max_{0\\le n<N}",
    "\\sum_{k=0}^{K-1}",
    "\\sum_{0\\le k<K}",
    "\\overline",
    "\\hat",
    "\\widehat",
    "\\tilde",
    "\\pi",
    "\\omega_N",
    "\\vec",
    "\\diag",
    "\\tr",
    "\\rank",
    "\\nnz",
    "\\Re",
    "\\half",
    "\\twice",
    "\\operatorname{len}",
    "\\operatorname",
    "\\mathrm{full}",
    "\\text{ if }",
    "\\text{ or }",
    "\\text{otherwise}",
    "\\text{ outside }",
    "\\text{for all}",
    "\\begin{bmatrix}",
    "\\end{bmatrix}",
    "\\begin{cases}",
    "\\end{cases}",
    "\\begin{aligned}",
    "\\end{aligned}",
    "\\begin{array}{c|c}",
    "\\end{array}",
    "\\left",
    "\\right",
    "\\left.",
    "\\,",
    "\\label{a}",
    "\\log_2",
    "0 \\le n < N",
    ",\\qquad",
    "= 0",
    "[n]",
    "[k]",
    "x[n-k]",
    "x[0]",
    "\\",
    "\\é",
    "$",
    "%",
];

/// Notations and displays: those of the tests, and those of the book.
fn book() -> (Notation, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book");
    let notation = Notation::read(&folder.join("notation.toml")).expect("the book has a notation");
    let displays = displays(&folder).expect("the book has chapters");
    assert!(!displays.is_empty());
    (notation, displays.iter().map(|display| display.latex().to_string()).collect())
}

fn word(random: &mut ChaCha8Rng) -> &'static str {
    WORDS[random.random_range(0..WORDS.len())]
}

/// Words in any order.
fn soup(random: &mut ChaCha8Rng) -> String {
    let mut soup = String::new();
    for _ in 0..random.random_range(0..24) {
        soup.push_str(word(random));
        if random.random_bool(0.5) {
            soup.push(' ');
        }
    }
    soup
}

/// Expressions that are mostly in order, so that many of them can be evaluated.
fn grown(random: &mut ChaCha8Rng, depth: usize) -> String {
    const LEAVES: &[&str] = &[
        "x",
        "h",
        "X",
        "A",
        "B",
        "I",
        "J",
        "u",
        "v",
        "N",
        "K",
        "0",
        "1",
        "2",
        "7",
        "i",
        "z",
        "n",
        "k",
        "x[n]",
        "h[k]",
        "X[0,n]",
        "x_1",
        "X_{12}",
        "\\alpha",
        "\\pi",
        "\\omega_4",
        "\\omega_N^n",
        "P",
        "x[0{:}2]",
        "X[:,1]",
        "S",
    ];
    if depth == 0 || random.random_bool(0.15) {
        return LEAVES[random.random_range(0..LEAVES.len())].into();
    }
    const FORMS: &[&str] = &[
        "# + #",
        "# - #",
        "-#",
        "# #",
        "# \\cdot #",
        "(#)",
        "(#) (#)",
        "\\frac{#}{#}",
        "\\sqrt{#}",
        "(#)^{#}",
        "(#)^{T}",
        "(#)^{*}",
        "(#)^{-1}",
        "\\overline{#}",
        "e^{#}",
        "e^{\\pi i (#)}",
        "(#)[#]",
        "(#)[#, #]",
        "x[#]",
        "X[#, #]",
        "(#)[#{:}#]",
        "(#) \\bmod (#)",
        "x[9223372036854775807 - #]",
        "\\lceil # 2^{62} \\rceil",
        "\\lfloor 2^{126} # \\rfloor",
        "\\sum_{k=0}^{#} #",
        "\\prod_{k=#}^{2} #",
        "\\max_{0 \\le k < #} #",
        "\\left(\\sum_{0 \\le m \\le #, 0 \\le l \\le m} #\\right)",
        "\\max(#, #)",
        "\\min(#, #)",
        "\\lfloor # \\rfloor",
        "\\lceil # \\rceil",
        "|#|",
        "\\lVert # \\rVert",
        "\\lVert # \\rVert_1",
        "\\lVert # \\rVert_\\infty",
        "\\langle #, # \\rangle",
        "\\vec(#)",
        "\\diag(#)",
        "\\tr(#)",
        "\\rank(#)",
        "\\nnz(#)",
        "\\Re(#)",
        "\\operatorname{len}(#)",
        "(#) \\odot (#)",
        "(#) \\otimes (#)",
        "(#) \\ast (#)",
        "\\hat{#}",
        "C(#)",
        "f_{#}(#)",
        "g(#, #)",
        "\\log_2(#)",
        "\\mathbb{1}[# = #]",
        "[# < #]",
        "\\begin{bmatrix} # & # \\\\ # & # \\end{bmatrix}",
        "(#, #)",
        "[#, #)",
        "\\# (#)",
        "# \\cup #",
        "\\begin{cases} # & \\text{if } # \\le # \\\\ # & \\text{otherwise} \\end{cases}",
        "\\{ m : # \\ne #, 0 \\le m < # \\}",
    ];
    fill(FORMS[random.random_range(0..FORMS.len())], random, depth - 1)
}

/// A form with something grown in each of its places.
fn fill(form: &str, random: &mut ChaCha8Rng, depth: usize) -> String {
    let mut filled = String::new();
    let mut before = ' ';
    for letter in form.chars() {
        if letter == '#' && before != '\\' {
            filled.push_str(&grown(random, depth));
        } else {
            filled.push(letter);
        }
        before = letter;
    }
    filled
}

/// A statement that is mostly in order.
fn statement(random: &mut ChaCha8Rng) -> String {
    const FORMS: &[&str] = &[
        "# = #",
        "# \\ne #",
        "# \\le #",
        "# = # > #",
        "# = #, \\qquad 0 \\le n < N",
        "# = #, \\qquad 0 \\le n \\le #, \\quad 0 \\le k < n",
        "# = #, \\qquad P = #, \\quad 0 \\le n < 3",
        "# = # \\iff # = #",
        "# = # \\implies # < #",
        "# \\in \\mathbb{R}^{#}, \\quad # = #",
        "# = #, \\quad 0 \\le n < 5, \\qquad x[m] = 0 \\text{ outside } 0 \\le m < N",
    ];
    let depth = random.random_range(1..5);
    fill(FORMS[random.random_range(0..FORMS.len())], random, depth)
}

/// A display with a few changes: cut off, pieces taken out, doubled, moved or replaced.
fn mutated(display: &str, random: &mut ChaCha8Rng) -> String {
    // Long displays take long to read; a part of one has as many places to go wrong.
    let place = |text: &str, random: &mut ChaCha8Rng| {
        let place = random.random_range(0..=text.len());
        (place..=text.len()).find(|&place| text.is_char_boundary(place)).unwrap_or(text.len())
    };
    let mut text = display.to_string();
    for _ in 0..random.random_range(1..4) {
        let (a, b) = (place(&text, random), place(&text, random));
        let (a, b) = (a.min(b), a.max(b));
        let b = (a..=b.min(a + 12)).rev().find(|&b| text.is_char_boundary(b)).unwrap_or(a);
        match random.random_range(0..6) {
            0 => text.truncate(b),
            1 => text.replace_range(..a, ""),
            2 => text.replace_range(a..b, ""),
            3 => text.replace_range(a..b, word(random)),
            4 => text.insert_str(a, &text[a..b].to_string()),
            _ => text.insert_str(a, word(random)),
        }
    }
    text
}

/// Any characters, most of them ones that occur in formulas.
fn noise(random: &mut ChaCha8Rng) -> String {
    let letter = |random: &mut ChaCha8Rng| match random.random_range(0..8) {
        0 => char::from_u32(random.random_range(0..0x11_0000)).unwrap_or('\u{fffd}'),
        1 => ['é', 'Σ', '中', '𝔽', '\u{301}', '٣', '\u{200b}', 'ß'][random.random_range(0..8)],
        _ => char::from(random.random_range(b'\t'..=b'~')),
    };
    (0..random.random_range(0..40)).map(|_| letter(random)).collect()
}

/// Reads one formula. An error lies within it, on the boundaries of characters.
fn read(latex: &str, notation: &Notation) -> Option<Formula> {
    match Formula::parse(latex, notation) {
        Ok(formula) => Some(formula),
        Err(error) => {
            points_into(&error, latex);
            None
        }
    }
}

fn points_into(error: &Error, latex: &str) {
    let span = &error.span;
    assert!(span.start <= span.end && latex.get(span.clone()).is_some(), "{error}\n{latex}");
    assert!(!error.what.is_empty());
}

/// Reads formulas; if one panics, says which.
fn read_all(
    count: usize,
    seed: u64,
    notation: &Notation,
    make: impl Fn(&mut ChaCha8Rng) -> String,
) -> Vec<(String, Formula)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut read_well = vec![];
    for _ in 0..count {
        let latex = make(&mut random);
        let formula = catch_unwind(AssertUnwindSafe(|| read(&latex, notation)))
            .unwrap_or_else(|_| panic!("reading this panics: {latex:?}"));
        if let (Some(formula), true) = (formula, read_well.len() < 20_000) {
            read_well.push((latex, formula));
        }
    }
    read_well
}

/// Evaluates formulas over exact and over rounded numbers: whatever comes of it, no panic.
fn evaluate_all(formulas: &[(String, Formula)]) -> usize {
    let (exact, rounded) = (symbols::<Exact>(), symbols::<Complex64>());
    let mut held = 0;
    for (latex, formula) in formulas {
        let told = catch_unwind(AssertUnwindSafe(|| {
            let told = Trial::new(formula.clone()).case(&exact, Judge::EXACT);
            let also = Trial::new(formula.clone()).case(&rounded, ROUNDED);
            [told, also]
        }));
        for told in told.unwrap_or_else(|_| panic!("evaluating this panics: {latex}")) {
            match told {
                Ok(()) => held += 1,
                Err(error) => points_into(&error, latex),
            }
        }
    }
    held
}

#[test]
fn words_in_any_order() {
    let notation = common::notation();
    let formulas = read_all(350_000, 1, &notation, soup);
    assert!(formulas.len() > 100, "{}", formulas.len());
    evaluate_all(&formulas);
}

#[test]
fn displays_of_the_book_with_changes() {
    let (notation, displays) = book();
    let formulas = read_all(300_000, 2, &notation, |random| {
        mutated(&displays[random.random_range(0..displays.len())], random)
    });
    assert!(formulas.len() > 5_000, "{}", formulas.len());
    evaluate_all(&formulas[..5_000]);
}

#[test]
fn any_characters() {
    let notation = common::notation();
    read_all(250_000, 3, &notation, noise);
}

#[test]
fn formulas_that_are_mostly_in_order() {
    let notation = common::notation();
    let formulas = read_all(100_000, 4, &notation, statement);
    assert!(formulas.len() > 10_000, "{}", formulas.len());
    let held = evaluate_all(&formulas[..10_000]);
    assert!(held > 50, "{held}");
    // Errors can be planted in all of them, and strangers looked for.
    for (latex, _) in &formulas[..300] {
        assert_eq!(strangers(latex, &notation), []);
        for mutant in mutants(latex, &notation) {
            assert!(latex.get(mutant.span).is_some() && mutant.latex != *latex, "{latex}");
        }
    }
}
