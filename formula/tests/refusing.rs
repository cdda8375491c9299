//! What is refused: every ambiguity and every mistake is an error that says what to write, at the right place.

mod common;

use common::{exact, notation, rounded};
use formula::{Error, Formula, Judge, Notation, Symbols, Trial};
use num_complex::Complex64;

/// The formula between marks, and the error that it must have: `⟦` and `⟧` stand around the place.
#[track_caller]
fn refused(marked: &str, what: &str, ask: impl Fn(&str) -> Result<(), Error>) {
    let from = marked.find('⟦').expect("a mark");
    let to = marked.find('⟧').expect("a mark") - '⟦'.len_utf8();
    let latex = marked.replace(['⟦', '⟧'], "");
    let error = ask(&latex).expect_err(&latex);
    let told = error.at("formula", &latex, 0);
    assert!(error.what.contains(what), "expected: {what}\n{told}");
    // A place in one line, whose carets can be counted.
    let column = latex[..from].chars().count();
    let carets = latex[from..to].chars().count().max(1);
    let pointed = format!("   | {}{}", " ".repeat(column), "^".repeat(carets));
    assert_eq!(told.lines().last(), Some(pointed.as_str()), "{told}");
    assert_eq!((error.span.start, error.span.end), (from, to), "{told}");
}

/// It cannot be read.
#[track_caller]
fn unread(marked: &str, what: &str) {
    refused(marked, what, |latex| Formula::parse(latex, &notation()).map(|_| ()));
}

/// It is read and cannot be evaluated, over no kind of number.
#[track_caller]
fn unvalued(marked: &str, what: &str) {
    refused(marked, what, |latex| {
        Formula::parse(latex, &notation())
            .unwrap_or_else(|error| panic!("{}", error.at("formula", latex, 0)));
        exact(latex)
    });
    refused(marked, what, rounded);
}

/// It is read and cannot be evaluated over exact numbers.
#[track_caller]
fn inexact(marked: &str, what: &str) {
    refused(marked, what, exact);
}

// Symbols and words.

#[test]
fn unknown_symbols() {
    unread("x = ⟦w⟧ + 1", "the notation knows no `w`: write it otherwise, or add it to notation.toml");
    unread("x = ⟦\\beta⟧", "the notation knows no `\\beta`");
    unread("x = ⟦x''⟧", "knows no `x''`");
    unread("⟦\\operatorname{foo}⟧(x) = 1", "knows no `foo`");
    unread("\\tau_⟦N⟧ = 1", "knows no `\\tau_#`");
    unread("\\omega_{2, 3⟦}⟧ = 1", "knows no `\\omega_{#,#}`");
    unread("\\vec⟦(⟧x, h) = 1", "knows no `vec(#,#)`");
    unread("x ⟦\\star⟧ h = 1", "knows no `# \\star #`");
    unread("x \\ast_⟦M⟧ h = 1", "knows no `# \\ast_# #`");
    unread("\\tilde ⟦x⟧ = 1", "knows no `\\tilde #`");
    unread("\\frac{\\partial x}{\\partial h⟦}⟧ = 1", "knows no `\\partial x / \\partial h`");
    unread("\\nabla_y ⟦L⟧ = 1", "knows no `\\nabla_y L`");
    unread("\\nabla_x ⟦=⟧ 1", "of what this is the gradient is missing: write \\nabla_x L");
    unread("\\nabla_{⟦x + y⟧} L = 1", "a gradient is taken by a name: write \\nabla_x L");
    unread("\\frac{d}{d x} ⟦x⟧ = 1", "knows no `d x / d x`");
    unread(
        "\\frac{\\partial}{\\partial x} ⟦(x + y)⟧ = 1",
        "a derivative is taken of a name, of an entry of one, or of a derivative",
    );
    unread("⟦\\mathbb{C}⟧ = 1", "knows no `\\mathbb{C}`");
    unread("⟦é⟧ = 1", "knows no `é`");
    unread("x ⟦≤⟧ 1", "the character '≤' has no meaning here");
    unread("x = 1 ⟦%⟧ 2", "the character '%' has no meaning here");
    unread("x = ⟦\\⟧", "knows no `\\`");
}

#[test]
fn words() {
    unread(
        "x = 1 \\qquad ⟦\\text{hello}⟧",
        "the words \"hello\" have no meaning here; those that do are if, for, for all, where",
    );
    unread("x = 1 ⟦\\text{if}⟧ N = 1", "write \\qquad between statements");
    unread("x = 1 \\text{ or } 2 = 2 ⟦\\iff⟧ 3 = 3", "joined by one kind of word only");
    unread("1 = 1 \\implies 2 = 2 ⟦\\implies⟧ 3 = 3", "joined by one kind of word only");
    unread("x = ⟦\\operatorname⟧ y", "\\operatorname: braces are missing");
    unread("x = ⟦\\dots⟧", "\\dots has no meaning here");
    unread("x = ⟦\\infty⟧", "\\infty has no meaning here");
}

#[test]
fn macros_do_not_nest() {
    unread("1 = ⟦\\twice⟧", "\\half: a macro may not be used in another macro");
}

// Statements.

#[test]
fn nothing_is_stated() {
    unread("⟦⟧", "nothing is stated");
    unread("  \\, \\qquad .⟦⟧", "nothing is stated");
    unread("x + 1⟦⟧", "a relation such as = is missing");
    unread("x + 1 ⟦\\qquad⟧ x = 1", "a relation such as = is missing");
    unread("x = 1, \\qquad \\text{if } N⟦⟧", "a relation such as = is missing");
    unread("x = ⟦⟧", "something is missing at the end");
    unread("x = ⟦,⟧ y = 1", "something that has a value is missing here");
    unread("⟦=⟧ 1", "a statement does not begin like this");
    unread("\\begin{aligned} x &= 1 \\\\ &⟦+⟧ 2 \\end{aligned}", "write the whole of this one on its line");
    unread("\\begin{aligned} x &= 1 \\\\ &⟦=⟧ 2 \\end{aligned}", "write the whole of this one on its line");
}

#[test]
fn what_stands_behind_a_statement() {
    unread("x = 1 ⟦2⟧", "a number stands before what it multiplies: write 2 a, not a 2");
    unread("x = h ⟦2⟧", "a number stands before what it multiplies");
    unread("x = N⟦!⟧", "this does not go on from what stands before it");

    unread("x = 1 ⟦)⟧", "this does not go on from what stands before it");
    unread("0 \\le n < N ⟦\\le⟧ M", "this does not go on from what stands before it");
    unread("x \\in ⟦[⟧0, N)", "the only set that something can be in is \\mathbb{R}");
    unread("x ⟦&⟧= 1", "& has a meaning only between \\begin{…} and \\end{…}");
}

#[test]
fn conditions_come_behind_what_they_govern() {
    unread("⟦N \\ge 4⟧, \\qquad x = x", "a condition comes behind the statements that it governs");
    unread("⟦x \\in \\mathbb{R}^N⟧, \\qquad x = x", "a condition comes behind");
    unread("⟦0 \\le n < N⟧, \\qquad x[n] = 1", "no statement before this range uses n");
}

// Ambiguities.

#[test]
fn where_a_sum_ends() {
    let unclear = "where the sum ends is not clear: put the sum, or all that it sums, in parentheses";
    unread("1 = \\sum_{k=0}^{2} k ⟦+⟧ 1", unclear);
    unread("1 = \\sum_{k=0}^{2} k ⟦-⟧ 1", unclear);
    unread("1 = 2 \\sum_{k=0}^{2} h[k] x[k] ⟦+⟧ \\sum_{k=0}^{2} k", unclear);
    unread("1 = \\sum_{n=0}^{2} \\sum_{k=0}^{2} k n ⟦+⟧ 1", unclear);
    unread("1 = \\sum_{k=0}^{2} u ⟦\\odot⟧ v", unclear);
    unread("1 = \\sum_{k=0}^{2} k ⟦\\bmod⟧ 2", unclear);
    unread("1 = -\\prod_{k=1}^{2} k ⟦-⟧ 1", unclear);
    unread("1 = \\max_{0 \\le n < N} x[n] ⟦+⟧ 1", unclear);
    unread("1 = 3 \\cdot \\sum_{k=0}^{2} k ⟦+⟧ 1", unclear);
    unread("1 = |\\sum_{k=0}^{2} k ⟦+⟧ 1|", unclear);
    unread("x[\\sum_{k=0}^{2} k ⟦+⟧ 1] = 1", unclear);
    unread("1 = \\prod_{k=1}^{2} ⟦k / 2⟧", "whether every factor is divided or the product is not clear");
    unread(
        "1 = \\prod_{k=1}^{2} ⟦(k + 1) / (2)⟧",
        "whether every factor is divided or the product is not clear",
    );
}

#[test]
fn which_operation_comes_first() {
    let order = "in which order is not clear: put one of the operations in parentheses";
    unread("1 = x \\ast h ⟦\\ast⟧ x", order);
    unread("1 = A \\odot B ⟦\\otimes⟧ A", order);
    unread("1 = x \\odot x ⟦\\cdot⟧ 2", order);
    unread("1 = u \\circledast_2 v ⟦\\circledast⟧_3 u", order);
    unread("1 = a / b ⟦c⟧", "what is divided by what is not clear: write \\frac{a}{b}");
    unread("1 = a / b ⟦/⟧ c", "what is divided by what is not clear: write \\frac{a}{b}");
    unread("1 = a / b ⟦2⟧", "what is divided by what is not clear");
    unread("1 = x^2⟦^⟧3", "one power above another: put the inner one in parentheses, (a^{b})^{c}");
    unread("1 = A^{T}⟦^⟧{-1}", "one power above another");
}

#[test]
fn what_a_remainder_is_of() {
    unread(
        "1 = a - b ⟦\\bmod⟧ N",
        "what is divided is not clear: write (a + b) \\bmod c or a + (b \\bmod c)",
    );
    unread("1 = a \\bmod N ⟦+⟧ 1", "what is divided by what is not clear: write (a \\bmod b) + c");
    unread("1 = a \\bmod N ⟦-⟧ 1", "write (a \\bmod b) + c");
    unread("1 = a \\bmod N ⟦\\bmod⟧ K", "write (a \\bmod b) + c");
    unread("1 = -a \\bmod N ⟦+⟧ 1", "write (a \\bmod b) + c");
    unread("1 = ⟦\\bmod⟧ N", "\\bmod has no meaning here");
}

#[test]
fn signs_need_something_between_them() {
    unread("1 = 2 + ⟦+⟧ 3", "something that has a value is missing here");
    unread("1 = 2 - ⟦-⟧ 3", "something that has a value is missing here");
    unread("1 = 2 \\cdot ⟦-⟧ 3", "something that has a value is missing here");
    unread("1 = ⟦*⟧ 3", "something that has a value is missing here");
    unread("1 = 2 ⟦*⟧ 3", "does not go on");
}

#[test]
fn two_digits_without_braces() {
    let digits = "two digits without braces: TeX takes the first, a reader takes both";
    unread("x_⟦12⟧ = 1", digits);
    unread("2^⟦10⟧ = 1", digits);
    unread("2^⟦01⟧ = 1", digits);
    unread("\\frac⟦12⟧ = 1", digits);
    unread("\\sqrt⟦16⟧ = 4", digits);
    unread("\\omega_⟦16⟧ = 1", digits);
    unread("\\sum_{k=0}^⟦10⟧ k = 1", digits);
    unread("\\sqrt⟦[⟧3]{8} = 2", "braces are missing here");
    unread("2^⟦\\frac⟧{1}{2} = 1", "braces are missing around what begins with \\frac");
    unread("2^⟦-⟧1 = 1", "braces are missing here");
    unread("2^⟦⟧", "braces are missing here");
}

#[test]
fn labels_count_from_one() {
    unread("x_⟦0⟧ = 1", "labels count from 1: write x[0] for what is counted from 0");
    unread("X_{⟦10⟧} = 1", "labels count from 1");
    unread("X_{⟦01⟧} = 1", "labels count from 1");
    unread("⟦x_n⟧ = 1", "x has no such subscript: write an index in brackets, x[n]");
    unread("⟦x_{n+1}⟧ = 1", "write an index in brackets, x[n]");
    unread("u_⟦1⟧ = 1", "the notation knows no `u_#`");
    unread("(x)⟦_⟧1 = 1", "a subscript has no meaning here: write an index in brackets, a[0]");
    unread("x[0]⟦_⟧1 = 1", "a subscript has no meaning here");
    unvalued("⟦x_{12}⟧ = 1", "2 indices for a vector with 4 entries");
    unvalued("x_{⟦5⟧} = 1", "index 4 is outside 0 to 3");
}

#[test]
fn numbers() {
    unread("1 = 0⟦.⟧5", "a decimal number is written as a fraction");
    unread("1 = ⟦.⟧5", "something that has a value is missing here");
    unread("1 = ⟦99999999999999999999⟧", "a number this large is not read");
    unread("1 = 1 ⟦000⟧", "a number stands before what it multiplies");
}

#[test]
fn absolute_values() {
    unread("1 = ⟦||x[0]||⟧", "two bars on either side: write \\lVert a \\rVert for a norm");
    unread("1 = |x[0]⟦⟧", "`|` is missing here");
    unread("1 = |⟦)⟧", "something that has a value is missing here");
    unread("1 = \\lVert x \\rVert⟦_⟧3", "a norm is one of _1, _2, _F and _\\infty");
    unread("1 = ⟦\\lvert⟧ x \\rvert", "knows no `\\lvert`");
}

#[test]
fn an_index_counts_one_thing() {
    unread(
        "1 = ⟦\\sum_{k=0}^{2} k⟧, \\qquad 0 \\le k \\le 2",
        "k counts here and in a range: rename one of them",
    );
    unread("k = 1 + \\# ⟦\\{ k : 0 \\le k < 3 \\}⟧, \\qquad 0 \\le k \\le 2", "k counts here and in a range");
    unread(
        "1 = \\sum_{k=0}^{2} \\sum_{⟦k=0}^{3}⟧ 1",
        "k counts something else here already: rename one of them",
    );
    unread("1 = \\sum_{k=0}^{2} \\# ⟦\\{ k :⟧ 0 \\le k < 3 \\}", "k counts something else here already");
    unread("1 = \\sum_{0 \\le k < 2, ⟦0 \\le k < 3⟧} 1", "k has a range already");
    unread("1 = \\sum_{⟦0 \\le k, k < 3⟧} 1", "the index k stands here twice");
    unread("x[n] = 1, \\qquad 0 \\le n < N, \\quad ⟦0 \\le n < K⟧", "n has a range already");
    unread("1 = \\# \\{ n : 0 \\le n < N, ⟦0 \\le n < K⟧ \\}", "n has a range already");
}

#[test]
fn ranges_come_in_order_and_are_used() {
    unread("x[n] = 1, \\qquad 0 \\le n < N, \\quad ⟦0 \\le m < N⟧", "no statement before this range uses m");
    unread(
        "x[n k] = 1, \\qquad 0 \\le n < ⟦k⟧, \\quad 0 \\le k < N",
        "this depends on an index whose range comes later: write that range first",
    );
    unread("x[n k] = 1, \\qquad ⟦2 k⟧ \\le n < N, \\quad 0 \\le k < N", "write that range first");
    unread("x[n] = 1, \\qquad 0 \\le n < ⟦n⟧", "write that range first");
    unread("1 = \\sum_{k=0}^{⟦k⟧} 1", "write that range first");
    unread("1 = \\sum_{0 \\le k < ⟦l⟧, 0 \\le l < 2} 1", "write that range first");
    unread("1 = \\# \\{ (k, l) : 0 \\le k < ⟦l⟧, 0 \\le l < 2 \\}", "write that range first");
    unvalued(
        "x[⟦n⟧] = 1",
        "nothing says what n is: give it a range such as 0 \\le n \\le N-1, or bind it in the proof",
    );
    unvalued("⟦P⟧ + x[0] = 1", "nothing says what P is");
    unvalued("x[0] = P, \\qquad P = ⟦Q⟧ + 1", "nothing says what Q is");
    unvalued("x[n] = x[n], \\qquad 0 \\le n < ⟦k⟧", "nothing says what k is");
}

#[test]
fn definitions_agree() {
    unvalued(
        "x[0] = P, \\qquad P = 1, \\quad ⟦P = 2⟧",
        "the statement holds although this condition does not",
    );
    // The definition of something that has a value is a condition.
    let first = Formula::parse("N = 5, \\qquad x[0] = 1", &notation()).unwrap();
    let told = Trial::new(first).case(&common::symbols::<formula::Exact>(), Judge::EXACT).unwrap_err();
    assert_eq!((told.span, told.what.contains("this condition does not")), (0..5, true));
}

#[test]
fn i_counts_or_is_imaginary() {
    let twice = "i counts something in this formula, so it is no imaginary unit: rename one of them";
    unvalued("⟦i⟧ x[0] = 1, \\quad N = 4, \\qquad x[i] = x[i], \\quad 0 \\le i < 2", twice);
    unvalued("\\sum_{i=0}^{2} i = ⟦i⟧", twice);
    unvalued("\\# \\{ i : 0 \\le i < 3 \\} = e^{⟦i⟧ \\pi}", twice);
}

#[test]
fn bounds_are_given() {
    let missing = "bounds are missing: write \\sum_{k=0}^{K-1}, or \\max_{0 \\le n \\le N-1}";
    unread("1 = \\sum ⟦k⟧", missing);
    unread("1 = \\sum_{⟦N⟧} 1", missing);
    unread("1 = \\sum_{k=0} ⟦k⟧", missing);
    unread("1 = \\sum_{0 \\le k < 2, ⟦N⟧} k", missing);
    unread("1 = \\sum_⟦k⟧ k", "`{` is missing here");
    unread("1 = \\sum_{k⟦}⟧ k", "`=` is missing here");
    unread("1 = \\sum_{k=0⟦,⟧ 2}^3 k", "`}` is missing here");
    unread("1 = \\max⟦⟧", "`(` is missing here");
    unread("1 = \\min ⟦x⟧", "`(` is missing here");
}

#[test]
fn samples_outside() {
    let form = "what is zero outside a range is written x[m] = 0 \\text{ outside } 0 \\le m \\le N-1";
    unread("x[0] = 1, \\qquad ⟦x[m] = 1 \\text{ outside } 0 \\le m \\le N-1⟧", form);
    unread("x[0] = 1, \\qquad ⟦x[m] < 0 \\text{ outside } 0 \\le m \\le N-1⟧", form);
    unread("x[0] = 1, \\qquad ⟦x = 0 \\text{ outside } 0 \\le m \\le N-1⟧", form);
    unread("x[0] = 1, \\qquad ⟦(x + x)[m] = 0 \\text{ outside } 0 \\le m \\le N-1⟧", form);
    unread("x[0] = 1, \\qquad ⟦x[m] = 0 = 0 \\text{ outside } 0 \\le m \\le N-1⟧", form);
    unread("x[0] = 1, \\qquad ⟦x[m] = 0 \\iff 1 = 1 \\text{ outside } 0 \\le m \\le N-1⟧", form);
    unread("x[0] = 1, \\qquad x[m] = 0 \\text{ outside } ⟦N⟧", form);
    unread(
        "x[0] = 1, \\qquad ⟦x[m] = 0 \\text{ outside } 0 \\le n \\le N-1⟧",
        "with a range for every index in its order",
    );
    unread(
        "X = X, \\qquad ⟦X[m, n] = 0 \\text{ outside } 0 \\le n < 3, 0 \\le m < 2⟧",
        "with a range for every index in its order",
    );
    unread(
        "X = X, \\qquad ⟦X[m, 0] = 0 \\text{ outside } 0 \\le m < 2⟧",
        "with a range for every index in its order",
    );
    unvalued(
        "x[0] = 1, \\qquad ⟦x[m] = 0 \\text{ outside } 0 \\le m \\le N⟧",
        "this is not where the samples of x are: its shape is [4]",
    );
    unvalued(
        "x[0] = 1, \\qquad ⟦x[m] = 0 \\text{ outside } 0 < m < N⟧",
        "this is not where the samples of x are",
    );
    unvalued("x[0] = 1, \\qquad ⟦N[m] = 0 \\text{ outside } 0 \\le m < N⟧", "N is no array");
    unvalued(
        "1 = \\# \\{ n : 0 \\le n < 2, ⟦x[m] = 0 \\text{ outside } 0 \\le m < N⟧ \\}",
        "this has no meaning within a set",
    );
}

// Brackets.

#[test]
fn brackets_of_every_kind() {
    unread("1 = (2⟦⟧", "`)` is missing here");
    unread("1 = (2⟦]⟧", "`)` is missing here");
    unread("1 = (⟦)⟧", "something that has a value is missing here");
    unread("1 = ⟦)⟧2", "something that has a value is missing here");
    unread("1 = x[2⟦⟧", "`]` is missing here");
    unread("1 = x[⟦]⟧", "an index is missing here");
    unread("1 = X[0, ⟦]⟧", "an index is missing here");
    unread("1 = x[0⟦)⟧", "`]` is missing here");
    unread("1 = x[⟦{⟧:]", "an index is missing here");
    unread("1 = \\mathbb{1}[1 = 1⟦⟧", "`]` is missing here");
    unread("1 = \\mathbb{1}⟦(⟧1 = 1)", "an indicator is written \\mathbb{1}[m = n]");
    unread("1 = \\#[0⟦]⟧", "`,` is missing here");
    unread("1 = \\#[0, 2⟦]⟧", "`)` is missing here");
    unread("1 = 2^{3⟦⟧", "`}` is missing here");
    unread("1 = 2^{⟦}⟧", "something that has a value is missing here");
    unread("1 = \\frac{1}⟦⟧", "braces are missing here");
    unread("1 = \\frac{1⟦)⟧", "`}` is missing here");
    unread("1 = \\lfloor 2⟦⟧", "`\\rfloor` is missing here");
    unread("1 = \\lfloor 2 ⟦\\rceil⟧", "`\\rfloor` is missing here");
    unread("1 = \\lceil 2⟦)⟧", "`\\rceil` is missing here");
    unread("1 = ⟦\\rfloor⟧", "\\rfloor has no meaning here");
    unread("1 = \\lVert 2⟦⟧", "`\\rVert` is missing here");
    unread("1 = \\langle u ⟦\\rangle⟧", "`,` is missing here");
    unread("1 = \\langle u, v⟦⟧", "`\\rangle` is missing here");
    unread("1 = \\vec(x⟦⟧", "`)` is missing here");
    unread("1 = \\max(1, 2⟦]⟧", "`)` is missing here");
    unread("1 = \\omega_{N⟦⟧", "`}` is missing here");
    unread("1 = \\{ n : 0 \\le n < 2⟦⟧", "something is missing at the end");
    unread("1 = \\{ ⟦1⟧ : 0 \\le n < 2 \\}", "a set is written \\{ n : 0 \\le n \\le N-1, … \\}");
    unread("1 = \\{ (n ⟦:⟧ 0 \\le n < 2 \\}", "`)` is missing here");
    unread("1 = \\{ n, ⟦0⟧ \\le n < 2 \\}", "a set is written");
    unread("1 = \\{ n ⟦\\mid⟧ 0 \\le n < 2 \\}", "`:` is missing here");
    unread("1 = ⟦\\{ (n, m) : 0 \\le n < 2 \\}⟧", "the set needs a range for m, such as 0 \\le m \\le N-1");
    unread("1 = \\{ n : ⟦\\}⟧", "nothing is stated");
    unread("1 = x⟦}⟧", "does not go on");
    unread("⟦\\begin{bmatrix}⟧ 1", "\\end{bmatrix} is missing");
    unread("⟦\\begin{aligned}⟧ 1 = 1", "\\end{aligned} is missing");
    unread("1 = 1 ⟦\\end{bmatrix}⟧", "\\end{bmatrix} closes no \\begin{bmatrix}");
    unread(
        "\\begin{aligned} \\begin{bmatrix} 1 ⟦\\end{aligned}⟧ \\end{bmatrix} = 1",
        "\\end{aligned} closes no \\begin{aligned}",
    );
    unread("1 = 1 ⟦\\end{aligned}⟧", "\\end{aligned} closes no \\begin{aligned}");
    unread("⟦\\begin⟧ 1", "\\begin: braces are missing");
}

#[test]
fn braces_are_not_printed() {
    let what = "braces are not printed: write parentheses around more than one symbol";
    unread("1 = 2 {N ⟦+⟧ 1}", what);
    unread("1 = {N ⟦K⟧}^2", what);
    unread("1 = {2⟦^⟧3}^2", what);
    unread("1 = {\\sum_{k=0}^{2} k⟦}⟧ + 1", what);
    unread("1 = {⟦-⟧2}^2", "something that has a value is missing here");
    unread("1 = {2⟦⟧", what);
}

// Matrices.

#[test]
fn matrices() {
    unread(
        "1 = \\begin{bmatrix} 1 & 2 \\\\ ⟦3⟧ \\end{bmatrix}",
        "this row has 1 entries, the first one has 2",
    );
    unread(
        "1 = \\begin{bmatrix} 1 & 2 \\\\ ⟦3 & 4 & 5⟧ \\\\ 1 & 2 \\end{bmatrix}",
        "this row has 3 entries, the first one has 2",
    );
    unread(
        "1 = \\begin{bmatrix} 1 & ⟦\\\\⟧ 3 & 4 \\end{bmatrix}",
        "something that has a value is missing here",
    );
    unread("1 = \\begin{bmatrix} ⟦\\end{bmatrix}⟧", "something that has a value is missing here");
    unread(
        "1 = \\begin{bmatrix} 1⟦,⟧ 2 \\end{bmatrix}",
        "a matrix has & between its entries and \\\\ between its rows",
    );
    unread(
        "1 = ⟦\\begin{vmatrix}⟧ 1 \\end{vmatrix}",
        "the environment vmatrix is not read; bmatrix, array, cases and aligned are",
    );
    unread("1 = \\begin{array}{c⟦@⟧c} 1 \\end{array}", "has no meaning here");
    unread("1 = \\begin{array}{c⟦x⟧} 1 \\end{array}", "the columns of an array are c, l, r and |");
    unread("1 = \\begin{array}⟦1⟧ \\end{array}", "`{` is missing here");
    unread("1 = [\\begin{matrix} 1 \\end{matrix}⟦)⟧", "`]` is missing here");
    unvalued(
        "1 = ⟦\\begin{bmatrix} A & X \\end{bmatrix}⟧",
        "the blocks of a matrix must be matrices of one shape",
    );
    unvalued(
        "1 = ⟦\\begin{bmatrix} x \\end{bmatrix}⟧",
        "the blocks of a matrix must be matrices of one shape",
    );
    unvalued("1 = ⟦\\begin{bmatrix} A & 1 \\end{bmatrix}⟧", "an entry beside blocks must be a block or 0");
    unvalued("1 = ⟦\\begin{bmatrix} J \\end{bmatrix}⟧", "an entry beside blocks must be a block or 0");
}

#[test]
fn cases() {
    unread("1 = \\begin{cases} 1 ⟦\\end{cases}⟧", "`&` is missing here");
    unread(
        "1 = \\begin{cases} 1 & ⟦N⟧ = 1 \\end{cases}",
        "a case ends in \\text{if } and a condition, or in \\text{otherwise}",
    );
    unread("1 = \\begin{cases} 1 & ⟦\\text{else}⟧ \\end{cases}", "a case ends in \\text{if }");
    unread(
        "1 = \\begin{cases} 1 & \\text{otherwise} ⟦2⟧ & \\text{otherwise} \\end{cases}",
        "cases have \\\\ between them",
    );
    unread(
        "1 = \\begin{cases} 1 & \\text{otherwise} ⟦\\\\⟧ 2 & \\text{if } N = 1 \\end{cases}",
        "\\text{otherwise} is the last of the cases",
    );
    unvalued(
        "1 = \\begin{cases} 1 & \\text{if } N > 3 \\\\ ⟦2⟧ & \\text{if } N = 4 \\end{cases}",
        "a case before this one applies, too: write conditions that exclude each other",
    );
    unvalued("1 = ⟦\\begin{cases} 1 & \\text{if } N = 3 \\end{cases}⟧", "none of the cases applies");
}

// Values.

#[test]
fn two_vectors_side_by_side() {
    unvalued("1 = ⟦u v⟧", "two vectors side by side: write a \\odot b, \\langle a, b \\rangle or a b^{T}");
    unvalued("1 = ⟦u \\cdot v⟧", "two vectors side by side");
    unvalued("1 = ⟦2 x \\hat x⟧", "two vectors side by side");
}

#[test]
fn what_has_no_value() {
    unvalued("1 = ⟦A u^{T}⟧", "a matrix of 2 × 2 cannot be multiplied with one of 1 × 2");
    unvalued("1 = ⟦S u⟧", "a matrix is expected here, not an array with more indices");
    unvalued("1 = ⟦A J⟧", "an array of 2 × 2 does not act on a map");
    unvalued("1 = ⟦2 \\{ n : 0 \\le n < 3 \\}⟧", "a set is not multiplied");
    unvalued("1 = ⟦u + 1⟧", "a vector with 2 entries and a number are not added");
    unvalued("1 = ⟦1 - J⟧", "a number and a map are not added");
    unvalued("1 = ⟦u + x⟧", "shapes differ: [2] and [4]");
    unvalued("1 = ⟦u \\odot x⟧", "shapes differ");
    unvalued("1 = ⟦\\langle u, x \\rangle⟧", "shapes differ");
    unvalued("1 = ⟦u \\odot 2⟧", "a vector or a matrix is expected here, not a number");
    unvalued("1 = \\frac{1}{⟦u⟧}", "a number is expected here, not a vector with 2 entries");
    unvalued("1 = ⟦\\frac{J}{2}⟧", "a map cannot be divided");
    unvalued("1 = ⟦u^2⟧", "a vector with 2 entries has no powers");
    unvalued("1 = ⟦X^2⟧", "an array of 2 × 3 has no powers");
    unvalued("1 = 2^{⟦\\alpha⟧}", "an integer is expected here, not");
    unvalued("1 = x[⟦N / 3⟧]", "an integer is expected here, not");
    unvalued("1 = ⟦J^{T}⟧", "a map has no transpose");
    unvalued("1 = ⟦S^{T}⟧", "an array of 2 × 2 × 2 has no transpose");
    unvalued("1 = ⟦(J^{-1})^{*}⟧", "this map has no adjoint that the proof knows");
    unvalued("1 = ⟦\\begin{bmatrix} 1 & 1 \\\\ 1 & 1 \\end{bmatrix}^{-1}⟧", "this matrix has no inverse");
    unvalued("1 = ⟦u^{-1}⟧", "a vector with 2 entries has no inverse");
    unvalued("1 = ⟦0^{-1}⟧", "0 has no inverse");
    unvalued("1 = ⟦0^{-2}⟧", "0 has no inverse");
    unvalued("1 = (⟦u⟧, 2)", "a number is expected here");
    unvalued("⟦J = J⟧", "a map has no entries to compare");
    unvalued("⟦1 = [0, 1)⟧", "a set has no entries to compare");
    unvalued("⟦[0, 1) < [0, 2)⟧", "sets are equal or different, nothing else");
    unvalued("⟦z < 1⟧", "complex numbers have no order");
    unvalued("⟦u < x⟧", "sides of different shape are compared");
    unvalued("1 = ⟦\\max(z, 1)⟧", "complex numbers have no order");
    unvalued("1 = ⟦\\max_{0 \\le n < 0} n⟧", "nothing has neither a maximum nor a minimum");
    unvalued("1 = ⟦\\operatorname{len}(X)⟧", "only a vector has a length");
    unvalued("1 = ⟦1 \\bmod 0⟧", "a remainder is taken of a division by something positive");
    unvalued("1 = ⟦1 \\bmod (2 - 4)⟧", "a remainder is taken of a division by something positive");
    unvalued("1 = ⟦F_N⟧ x", "the proof does not say what `F_#` is");
    unvalued("1 = ⟦\\sigma_1⟧", "the proof does not say what `\\sigma_#` is");
    unvalued("1 = \\frac{\\partial y[⟦2⟧]}{\\partial x[0]}", "index 2 is outside 0 to 1");
    unvalued("x \\in \\mathbb{R}^{⟦1 - 2⟧} \\iff 1 = 1", "a size is expected here, not a negative number");
    unread(
        "1 = \\frac{\\partial ⟦(x + y)[0]⟧}{\\partial x}",
        "a derivative is taken of a name, or an entry of one: write \\partial y[n]",
    );
}

#[test]
fn indices_outside() {
    unvalued("1 = x[⟦-1⟧]", "index -1 is outside 0 to 3");
    unvalued("1 = x[⟦N⟧]", "index 4 is outside 0 to 3");
    unvalued("1 = X[1, ⟦3⟧]", "index 3 is outside 0 to 2");
    unvalued("1 = ⟦x[1{:}5]⟧", "the slice 1:5 is outside 0:4");
    unvalued("1 = ⟦x[-1{:}2]⟧", "the slice -1:2 is outside 0:4");
    unvalued("1 = ⟦x[3{:}2]⟧", "the slice 3:2 is outside 0:4");
    unvalued("1 = ⟦X[0]⟧", "1 indices for an array of 2 × 3");
    unvalued("1 = ⟦N⟧[0]", "a vector or a matrix is expected here, not a number");
    unvalued("1 = (x[0{:}0])[⟦0⟧]", "index 0 is outside: there are no entries");
    // A slice from its end to its beginning is a mistake even where samples are zero outside.
    unvalued("1 = ⟦x[3{:}2]⟧, \\qquad x[m] = 0 \\text{ outside } 0 \\le m < N", "the slice 3:2 is outside");
}

#[test]
fn inexact_numbers() {
    inexact("1 = ⟦\\sqrt{2}⟧", "this has no root among the numbers used");
    inexact("1 = ⟦\\pi⟧", "\\pi is not an exact number");
    inexact("1 = e^{⟦\\pi i / 3⟧}", "this angle is not exact");
    inexact("1 = e^{⟦1⟧}", "this power of e is not exact");
    inexact("1 = ⟦\\log_2(3)⟧", "a value is out of range");
    inexact("1 = ⟦\\lVert u \\rVert⟧", "a value is out of range");
    inexact("1 = ⟦\\omega_3⟧", "this root is not exact");
    unvalued("1 = ⟦\\sqrt{-4}⟧", "this has no root among the numbers used");
    unvalued("1 = ⟦\\frac{1}{0}⟧", "this cannot be divided");
    unvalued("1 = ⟦\\frac{x}{0}⟧", "an entry has no such value");
    unvalued("1 = ⟦\\lfloor z \\rfloor⟧", "a value is out of range");
    unvalued("1 = ⟦\\log_2(0)⟧", "a value is out of range");
    for angle in ["\\pi^2", "\\pi + 1", "\\pi (\\pi - 1)", "i \\pi \\pi"] {
        unvalued(&format!("1 = e^{{⟦{angle}⟧}}"), "only a multiple of \\pi is taken as an angle");
    }
}

#[test]
fn overflow() {
    let most = i64::MAX;
    inexact(&format!("1 = ⟦{most} \\cdot {most} \\cdot {most}⟧ \\cdot 0"), "a product is out of range");
    inexact("1 = ⟦10^{40}⟧", "a product is out of range");
    inexact("1 = ⟦2^{999999999999}⟧", "a product is out of range");
    inexact("1 = ⟦2^{126} + 2^{126}⟧", "a sum is out of range");
    inexact("1 = ⟦-2^{126} - 2^{126}⟧", "a sum is out of range");
    inexact("1 = ⟦(-2)^{127}⟧", "a product is out of range");
    inexact("1 = \\overline{i ⟦(-2)^{127}⟧}", "a product is out of range");
    inexact("1 = ⟦\\lceil 2^{63} \\rceil⟧", "a value is out of range");
    inexact("1 = ⟦\\lfloor 2^{100} \\rfloor⟧", "a value is out of range");
    inexact("1 = ⟦\\lfloor -\\frac{2^{126} + (2^{126} - 1)}{2} \\rfloor⟧", "a value is out of range");
    unvalued(&format!("1 = x[⟦{most} + 1⟧]"), "an integer is expected here");
    inexact(&format!("1 = \\sum_{{⟦k=0}}^{{{most}}}⟧ 1"), "this range goes beyond what is counted");
    inexact(&format!("1 = \\sum_{{⟦{most} < k \\le {most}⟧}} 1"), "this range goes beyond what is counted");
    inexact(&format!("x[n] = 1, \\qquad ⟦0 \\le n \\le {most}⟧"), "this range goes beyond what is counted");
    // Beyond 2⁵³ a rounded number may be off by one, so it counts nothing.
    refused("1 = x[⟦9007199254740993⟧]", "an integer is expected here", rounded);
    // Nothing overflows at the ends of what is counted.
    let end = format!(
        "x[{most} - n] = 0, \\qquad {most} - 1 \\le n < {most}, \\qquad x[m] = 0 \\text{{ outside }} 0 \\le m < N"
    );
    assert!(exact(&end).unwrap_err().what.contains("does not hold"));
    let lowest = format!("x[-n] = 0, \\qquad -{most} - 1 \\le n < -{most}");
    assert!(exact(&lowest).is_err());
}

// Sizes.

#[test]
fn nesting_is_limited() {
    let deep = |open: &str, close: &str, n: usize| format!("1 = {}1{}", open.repeat(n), close.repeat(n));
    for (open, close) in [
        ("(", ")"),
        ("2^{", "}"),
        ("x[", "]"),
        ("\\frac{", "}{1}"),
        ("\\sqrt{", "}"),
        ("\\#", ""),
        ("\\sum_{k=0}^{", "} 1"),
        ("\\sum_{k=0}^{0}", ""),
        ("\\lfloor", "\\rfloor"),
        ("|1 - ", "|"),
        ("-(", ")"),
        ("\\begin{bmatrix}", "\\end{bmatrix}"),
        ("\\begin{cases}", "& \\text{otherwise} \\end{cases}"),
        ("\\mathbb{1}[1 =", "]"),
        ("[1 =", "]"),
        ("\\max(", ")"),
        ("\\vec(", ")"),
        ("\\hat{", "}"),
        ("\\overline{", "}"),
        ("\\lVert", "\\rVert"),
        ("\\langle 1,", "\\rangle"),
        ("\\omega_{", "}"),
        ("\\{ n : 1 = ", ", 0 \\le n < 1 \\}"),
        ("\\{ n : 1 = \\# ", ", 0 \\le n < 1 \\}"),
        ("\\# \\{ n : \\# ", "= 1, 0 \\le n < 1 \\}"),
        ("[0, \\# ", ")"),
        ("\\frac{\\partial x[", "]}{\\partial y}"),
        ("1^{-", "}"),
    ] {
        // As many as 20 000 bytes hold, a few more than are read, and many.
        for n in [49, 97, 300, 19_000 / (open.len() + close.len())] {
            let error = Formula::parse(&deep(open, close, n), &notation()).expect_err(open);
            let known = ["lie in each other", "follow from each other", "counts something else", "knows no"];
            assert!(known.iter().any(|known| error.what.contains(known)), "{open}: {error}");
        }
    }
    let error = Formula::parse(&deep("(", ")", 49), &notation()).unwrap_err();
    assert_eq!((error.what.as_str(), error.span), ("more than 48 brackets lie in each other", 51..52));
    assert_eq!(exact(&deep("(", ")", 46)), Ok(()));
}

#[test]
fn long_rows_of_operations_are_limited() {
    let long = |term: &str, n: usize| format!("1 = 1{}", term.repeat(n));
    for term in ["+1", "-1", "\\otimes 1", "\\odot 1", "[0]", " \\cup [0,1)", "\\cdot 1"] {
        let error = Formula::parse(&long(term, 19_900 / term.len()), &notation()).unwrap_err();
        assert!(error.what.contains("operations follow from each other"), "{term}: {error}");
    }
    assert!(exact(&long("+1", 200)).unwrap_err().what.starts_with("this does not hold: left: 1, right: 201"));
    // Products and rows of a matrix are no higher for being long.
    assert_eq!(exact(&format!("1 = {}", "(1)".repeat(5000))), Ok(()));
    assert_eq!(exact(&format!("{} 1 = 1", "1 = 1, ".repeat(2000))), Ok(()));
    let long_matrix = format!("\\nnz(\\begin{{bmatrix}} {} 1 \\end{{bmatrix}}) = 3001", "1 & ".repeat(3000));
    assert_eq!(exact(&long_matrix), Ok(()));
}

#[test]
fn the_highest_tree_fits_on_a_small_stack() {
    // Brackets within long sums: as high a tree as is read.
    let mut latex = "1".to_string();
    while Formula::parse(&format!("1 = {latex}"), &notation()).is_ok() {
        latex = format!("-({latex}+2\\cdot 1^1+1+1+1)");
    }
    let latex = latex.strip_prefix("-(").and_then(|rest| rest.strip_suffix("+2\\cdot 1^1+1+1+1)")).unwrap();
    let latex = format!("1 = {latex}");
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let told = small.spawn(move || exact(&latex)).unwrap().join().unwrap();
    assert!(told.is_ok() || told.is_err_and(|error| error.what.starts_with("this does not hold")));
}

#[test]
fn length_is_limited() {
    let long = format!("1 = 1{}", " ".repeat(20_000 - 5));
    assert_eq!(exact(&long), Ok(()));
    let error = exact(&format!("{long} ")).unwrap_err();
    assert_eq!(error.what, "a formula of 20001 bytes; the longest that is read has 20000");
    assert_eq!(error.span, 0..20_001);
}

#[test]
fn huge_sums_and_arrays_are_refused() {
    let steps = "more than 10000000 steps of evaluation";
    inexact("1 = \\sum_{⟦k=0}^{999999999999}⟧ k", steps);
    inexact("1 = \\sum_{0 \\le a, b, k, l, m < 9999} ⟦1⟧", steps);
    let large = "this set is too large to evaluate";
    unvalued("1 = \\# ⟦[0, 999999999999)⟧", large);
    inexact("1 = \\# ⟦\\{ n : 0 \\le n < 9999999999 \\}⟧", large);
    unvalued(
        "1 = ⟦\\diag(\\diag(\\diag(\\diag(x))))⟧",
        "an array of [65536, 65536] entries is too large to evaluate",
    );
    let column = |n: usize| (0..n).fold("x".to_string(), |column, _| format!("\\vec({column} x^{{T}})"));
    inexact(&format!("1 = ⟦{0} \\otimes {0}⟧", column(5)), "entries is too large to evaluate");
}

#[test]
fn huge_matrices_are_not_multiplied() {
    let ones = |rows, columns| ndarray::Array2::from_elem((rows, columns), Complex64::new(1.0, 0.0));
    let symbols = Symbols::<Complex64>::new()
        .value("A", ones(600, 600))
        .value("x", vec![Complex64::new(1.0, 0.0); 600]);
    let told = |latex: &str| {
        let mut trial = Trial::new(Formula::parse(latex, &notation()).unwrap());
        trial.case(&symbols, Judge::EXACT).unwrap_err().what
    };
    assert_eq!(
        told("\\nnz(A \\cdot A) = 1"),
        "matrices of 600 × 600 and 600 × 600 are too large to multiply"
    );
    assert_eq!(told("\\rank(A) = 2"), "a matrix of 600 × 600 is too large to eliminate");
    assert!(told("A^{-1} = 1").contains("steps of evaluation"));
    assert!(told("A \\otimes A = 1").contains("too large to evaluate"));
    assert!(told("\\sum_{k=0}^{99999} A (k x) = x").contains("steps of evaluation"));
}

#[test]
fn a_notation_can_be_wrong() {
    let wrong = Notation::parse("indices = [1]").unwrap_err();
    assert!(wrong.contains("string"), "{wrong}");
    let looping = Notation::parse("[macros]\n\"\\\\a\" = \"\\\\a\"").unwrap();
    let error = Formula::parse("x = \\a", &looping).unwrap_err();
    assert!(
        error.what.contains("a macro may not be used in another macro") || error.what.contains("knows no"),
        "{error}"
    );
}
