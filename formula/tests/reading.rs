//! What is read, and how: the structure of a formula shows in its value.

mod common;

use common::{array, exact, fails, holds, is, notation, rounded, symbols, vector};
use formula::{Exact, Formula, Judge, Notation, Number, Symbols, Trial, Value};
use num_complex::Complex64;

// Chains.

#[test]
fn every_link_of_a_chain_counts() {
    holds("1 < 2 \\le 2 = 2 \\ne 3 \\ge 3 > 1");
    for wrong in [
        "2 < 2 \\le 2 = 2 \\ne 3 \\ge 3 > 1",
        "1 < 2 \\le 1 \\ne 3",
        "1 = 1 \\ne 1",
        "1 < 2 \\ne 3 \\ge 4",
        "1 < 2 \\ne 3 > 3",
        "1 \\le 0",
    ] {
        fails(wrong);
    }
    holds("1 \\neq 2, \\quad 1 \\leq 2, \\quad 2 \\geq 1, \\quad 2 \\approx 2");
    fails("1 \\approx 2");
}

#[test]
fn statements_stand_side_by_side() {
    holds("1 = 1, \\qquad 2 = 2, \\quad 3 = 3; 4 = 4.");
    for wrong in ["1 = 2, \\qquad 2 = 2", "1 = 1, \\quad 2 = 3", "1 = 1 \\quad 2 = 3", "1 = 1, 2 = 3"] {
        fails(wrong);
    }
    holds("\\begin{aligned} x_1 &= 1 \\\\ x_2 &= 2, & x_3 &= -3 \\end{aligned}");
    fails("\\begin{aligned} x_1 &= 1 \\\\ x_2 &= 1 \\end{aligned}");
    fails("\\begin{gathered} x_1 = 1 \\\\ x_2 = 2 \\\\ x_3 = 3 \\end{gathered}");
}

#[test]
fn arrays_are_compared_entry_by_entry() {
    holds("x = (1, 2, -3, 5)");
    fails("x = (1, 2, -3, 4)");
    fails("x = (1, 2, -3)");
    holds("x \\ne x', \\quad x \\ne h, \\quad x < x' + x', \\quad x \\le x'");
    fails("x \\ne x");
    fails("x < (2, 2, 0, 9)");
    // A column is a vector, and one entry a number.
    holds(
        "u = \\begin{bmatrix} 1 \\\\ -2 \\end{bmatrix}, \\quad u + \\begin{bmatrix} 1 \\\\ 1 \\end{bmatrix} = (2, -1)",
    );
    holds(
        "\\begin{bmatrix} 1 \\\\ 1 \\end{bmatrix} + u = (2, -1), \\quad \\begin{bmatrix} 7 \\end{bmatrix} = 7",
    );
    fails("u^{T} = u");
}

#[test]
fn statements_imply_each_other() {
    holds("1 = 2 \\implies 1 = 3, \\qquad 1 = 1 \\Longrightarrow 2 = 2");
    fails("1 = 1 \\implies 1 = 3");
    holds("1 = 2 \\iff 1 = 3 \\iff 3 = 4");
    fails("1 = 1 \\iff 2 = 2 \\iff 1 = 3");
    holds("1 = 2 \\text{ or } 2 = 2");
    fails("1 = 2 \\text{ or } 2 = 3");
    // Each side speaks of all its indices.
    holds("x[n] = x[3-n] \\iff h[n] = h[2-n], \\qquad 0 \\le n \\le 1");
}

#[test]
fn real_arrays_have_a_shape() {
    holds("\\alpha \\in \\mathbb{R}, \\quad 1 = 1");
    holds(
        "1 = 1, \\qquad x \\in \\mathbb{R}^N, \\quad X \\in \\mathbb{R}^{2 \\times K}, \\quad A \\in \\mathbb{R}^{N-2 \\times 2}",
    );
    holds("z \\in \\mathbb{R} \\iff 1 = 2");
    holds("x \\in \\mathbb{R}^3 \\iff 1 = 2");
}

// Arithmetic.

#[test]
fn products_bind_closer_than_sums() {
    is("1 + 2 \\cdot 3", 7);
    is("1 - 2 - 3", -4);
    is("1 - (2 - 3)", 2);
    is("2 N K - N", 20);
    is("N (K - 1)", 8);
    is("(N + 1)(K - 1)", 10);
    is("-N + K", -1);
    is("-N K", -12);
    is("-2^2", -4);
    is("(-2)^2", 4);
    is("-(-2)", 2);
    is("2 \\cdot 3 \\cdot 4", 24);
    is("3 \\alpha + \\alpha", 2);
}

#[test]
fn powers_fractions_and_roots() {
    is("2^{10}", 1024);
    is("2 N^2", 32);
    is("(2 N)^2", 64);
    is("2^{N-1} K", 24);
    is("4 \\cdot 2^{-1}", 2);
    is("8 \\cdot 2^{-2}", 2);
    is("0^0", 1);
    is("A^{0}[1,1]", 1);
    is("A^{3}[0,0]", 8);
    is("9 A^{-2}[1,1]", 1);
    is("\\frac{N+2}{K}", 2);
    is("\\frac4{2}", 2);
    is("\\tfrac{6}{K} \\dfrac{4}{2}", 4);
    is("N K / 6", 2);
    is("1 + N/2", 3);
    is("(x/2)[1]", 1);
    is("\\frac{X}{2}[1,2]", 3);
    is("\\sqrt{16}", 4);
    is("2 \\sqrt{\\frac{1}{4}}", 1);
    is("\\log_2(8)", 3);
    // Not the nearest integer: exact numbers stay exact.
    holds("\\frac{1}{3} + \\frac{1}{6} = \\alpha, \\quad 3 \\cdot \\frac1{3} = 1");
}

#[test]
fn a_remainder_is_never_negative_and_takes_the_product_before_it() {
    is("7 \\bmod 3", 1);
    is("-1 \\bmod N", 3);
    is("-5 \\bmod N", 3);
    is("(2 - 7) \\bmod 3", 1);
    is("2 N \\bmod 3", 2);
    is("1 + (5 \\bmod 3)", 3);
    is("x[-1 \\bmod N]", 5);
    is("x[(1 - K) \\bmod N]", -3);
    is("\\sum_{k=0}^{3} (k \\bmod 2)", 2);
}

#[test]
fn complex_numbers() {
    is("i \\cdot i", -1);
    is("i^2", -1);
    is("z + \\overline{z}", 6);
    is("\\Re(z)", 3);
    is("\\Im(z)", 4);
    is("|z|", 5);
    is("z \\bar z", 25);
    holds("z = 3 + 4 i, \\quad \\overline{z} = 3 - 4 i, \\quad \\frac{1}{i} = -i");
    is("e^{0}", 1);
    is("e^{i \\pi}", -1);
    is("e^{-2 \\pi i N}", 1);
    holds("e^{\\pi i / 2} = i, \\quad e^{-2\\pi i \\frac{1}{4}} = -i, \\quad e^{2 \\pi i K / N} = -i");
    // A power of e within a power of e.
    is("e^{i e^{i \\pi} \\pi}", -1);
    is("e^{\\pi i e^{i \\pi}}", -1);
}

#[test]
fn roots_of_unity() {
    is("\\omega_2", -1);
    is("\\omega_N^2", -1);
    is("\\omega_4^{N K}", 1);
    holds(
        "\\omega_N = -i, \\quad \\omega_N^{-1} = i, \\quad \\omega_{2K-2}^{k n} = (-i)^{n k}, \\qquad 0 \\le n \\le 3, \\quad 0 \\le k \\le 3",
    );
    is("\\sum_{n=0}^{N-1} \\omega_N^n", 0);
}

#[test]
fn rounded_numbers_know_more() {
    let rounded = |latex| rounded(latex).unwrap_or_else(|error| panic!("{}", error.at("formula", latex, 0)));
    rounded("\\sqrt{2} \\sqrt{2} = 2, \\quad 3 < \\pi < 4");
    rounded("e^{2 \\pi i / 3} = -\\frac{1}{2} + \\frac{\\sqrt{3}}{2} i");
    rounded("\\omega_3^{k} = e^{-2 \\pi i k / 3}, \\qquad 0 \\le k \\le 2");
    rounded("e^{1} e^{-1} = 1, \\quad 2^{\\log_2(5)  - \\log_2(5)} = 1");
    rounded("|e^{i}| = 1, \\quad \\lVert u \\rVert = \\sqrt{5}");
}

// Sums and products over ranges.

#[test]
fn sums_take_the_product_behind_them() {
    is("\\sum_{k=0}^{K-1} k", 3);
    is("\\sum_{k=0}^{K-1} 2 k h[k]", 10);
    is("2 \\sum_{k=0}^{2} k", 6);
    is("\\sum_{k=0}^{2} \\sum_{n=0}^{3} k n", 18);
    is("\\sum_{k=0}^{2} \\sum_{n=0}^{k} n", 4);
    is("\\left(\\sum_{k=0}^{2} k\\right) \\left(\\sum_{k=1}^{2} k\\right)", 9);
    is("1 + \\sum_{k=1}^{3} k", 7);
    is("\\left(\\sum_{k=1}^{3} k\\right) + 1", 7);
    is("\\sum_{k=1}^{3} (k + 1)", 9);
    is("\\frac{\\sum_{k=1}^{3} k}{2} + 1", 4);
    is("\\sum_{k=1}^{4} k / 2", 5);
    is("\\sum_{k=1}^{2} k \\frac{1}{k}", 2);
    // From the upper bound down to one below the lower there is nothing.
    is("\\sum_{k=0}^{-1} k", 0);
    is("\\prod_{k=1}^{0} k", 1);
    is("\\prod_{k=1}^{4} k", 24);
    is("\\prod_{k=1}^{3} \\frac{2 k}{2}", 6);
    is("\\prod_{k=1}^{3} (2 k / 2)", 6);
}

#[test]
fn ranges_of_sums() {
    is("\\sum_{0 \\le k < K} h[k]", 4);
    is("\\sum_{0 < k \\le 2} h[k]", 2);
    is("\\sum_{0 \\le a, b < 2} X[a, b]", 12);
    is("\\sum_{0 \\le a < 2, 0 \\le b \\le a} X[a, b]", 10);
    is("\\sum_{k=0}^1 X[k, k]", 6);
    is("\\max_{0 \\le n < N} x[n]", 5);
    is("\\min_{0 \\le n < N} x[n]", -3);
    is("\\left(\\max_{0 \\le n < N} |x[n]|\\right) - 1", 4);
    is("\\max(1, N, K)", 4);
    is("\\min(N, K, 9) + 1", 4);
}

#[test]
fn sums_of_arrays_and_products_of_matrices() {
    holds("\\sum_{k=1}^{3} k u = (6, -12), \\quad \\prod_{k=1}^{2} A = A A");
    holds(
        "\\sum_{k=0}^{1} \\begin{bmatrix} k & 0 \\\\ 1 & k \\end{bmatrix} = \\begin{bmatrix} 1 & 0 \\\\ 2 & 1 \\end{bmatrix}",
    );
}

// Indices.

#[test]
fn indices_slices_and_labels() {
    is("x[0]", 1);
    is("x[N-1]", 5);
    is("X[1, 2]", 6);
    is("S[1, 0, 1]", 5);
    is("(x + x')[2]", 4);
    is("\\sum_{n=0}^{3} x[n] x[3-n]", -2);
    is("x[\\sum_{k=1}^{2} k]", 5);
    is("x[\\lfloor \\frac{N}{2} \\rfloor]", -3);
    is("x[h[0]]", -3);
    is("x_1", 1);
    is("x_{4}", 5);
    is("X_{23}", 6);
    is("X_{11} X_{21}", 4);
    is("h_1^2", 4);
    holds("x[1{:}3] = (2, -3), \\quad x[:] = x, \\quad x[2:] = (-3, 5), \\quad x[{:}2] = (1, 2)");
    holds(
        "X[0, :] = (1, 2, 3), \\quad X[:, 1] = (2, 5), \\quad X[:, 1{:}3] = \\begin{bmatrix} 2 & 3 \\\\ 5 & 6 \\end{bmatrix}",
    );
    holds("S[:, 1, :] = \\begin{bmatrix} 2 & 3 \\\\ 6 & 7 \\end{bmatrix}, \\quad S[1, :, 0] = (4, 6)");
    holds("A^{T}[0, 1] = A[1, 0], \\quad \\hat x[2] = -9, \\quad (x \\ast h)[5] = 15");
    is("\\nnz(x[2{:}2])", 0);
}

#[test]
fn a_bracket_that_states_something_is_one_or_zero() {
    is("\\mathbb{1}[N = 4]", 1);
    is("\\mathbb{1}[N < 4]", 0);
    is("3 [K \\le N]", 3);
    is("\\left[ K \\ge N \\right]", 0);
    is("x[0] [1 = 1]", 1);
    is("\\sum_{n=0}^{3} [x[n] > 1]", 2);
    is("\\sum_{n=0}^{3} n \\mathbb{1}[n \\ne 2]", 4);
    is("\\mathbb{1}[1 = 2 \\text{ or } 2 = 2]", 1);
    holds("I[m, n] = [m = n], \\qquad 0 \\le m \\le 1, \\quad 0 \\le n \\le 1");
}

#[test]
fn cases_exclude_each_other() {
    holds(
        "x[n] = \\begin{cases} 1 & \\text{if } n = 0 \\\\ 2, & \\text{if } n = 1, \\\\ 8 n - 19 & \\text{otherwise} \\end{cases}, \
         \\qquad 0 \\le n \\le 3",
    );
    fails(
        "x[n] = \\begin{cases} 1 & \\text{if } n \\le 1 \\\\ 8 n - 19 & \\text{otherwise} \\end{cases}, \\qquad 0 \\le n \\le 3",
    );
    is("\\begin{cases} 1 & \\text{if } N = 3 \\\\ 2 & \\text{if } N = 4 \\end{cases}", 2);
    is("\\begin{cases} 1 & \\text{otherwise} \\\\ \\end{cases}", 1);
}

// Arrays.

#[test]
fn matrices_written_out() {
    holds("X = \\begin{bmatrix} 1 & 2 & 3 \\\\ 4 & 5 & 6 \\end{bmatrix}");
    fails("X = \\begin{bmatrix} 1 & 2 & 3 \\\\ 4 & 5 & 7 \\end{bmatrix}");
    fails("X = \\begin{bmatrix} 1 & 4 \\\\ 2 & 5 \\\\ 3 & 6 \\end{bmatrix}");
    holds("X = \\left[\\begin{array}{cc|c} 1 & 2 & 3 \\\\ \\hline 4 & 5 & 6 \\\\ \\end{array}\\right]");
    holds(
        "A = \\begin{pmatrix} x_2 & x_1 \\\\ 0 & \\sum_{k=1}^{2} k \\end{pmatrix} = [\\begin{matrix} 2 & 1 \\\\ 0 & 3 \\end{matrix}]",
    );
    holds(
        "\\begin{bmatrix} 2 & 1 \\\\ 0 & 3 \\end{bmatrix} u = (0, -6), \\quad A [\\begin{matrix} 1 \\\\ 0 \\end{matrix}] = (2, 0)",
    );
    holds(
        "x = \\begin{bmatrix} 1 & 2 & -3 & 5 \\end{bmatrix}^{T}, \\quad \\begin{bmatrix} u^{T} v & 1 \\end{bmatrix} v = -11",
    );
    // Blocks; 0 is a block of zeros.
    holds(
        "\\begin{bmatrix} A & 0 \\\\ I & B \\end{bmatrix} = \
         \\begin{bmatrix} 2 & 1 & 0 & 0 \\\\ 0 & 3 & 0 & 0 \\\\ 1 & 0 & 0 & 1 \\\\ 0 & 1 & -1 & 5 \\end{bmatrix}",
    );
}

#[test]
fn products_of_matrices_and_vectors() {
    holds("A u = (0, -6), \\quad A B u = A (B u), \\quad 2 A u = A (2 u)");
    holds("u^{T} A = \\begin{bmatrix} 2 & -5 \\end{bmatrix}, \\quad u^{T} v = -5, \\quad u^{T} A v = -14");
    holds("u v^{T} = \\begin{bmatrix} 3 & 4 \\\\ -6 & -8 \\end{bmatrix}");
    holds("A B = \\begin{bmatrix} -1 & 7 \\\\ -3 & 15 \\end{bmatrix}");
    fails("A B = B A");
    holds("A X = \\begin{bmatrix} 6 & 9 & 12 \\\\ 12 & 15 & 18 \\end{bmatrix}");
    holds(
        "J x = (5, -3, 2, 1), \\quad J J x = x, \\quad J^{-1} x = J x, \\quad 2 J x = J (2 x), \\quad (2 J) x = J (2 x)",
    );
    holds("-x = (-1, -2, 3, -5), \\quad A - I = \\begin{bmatrix} 1 & 1 \\\\ 0 & 2 \\end{bmatrix}");
}

#[test]
fn transposes_adjoints_and_inverses() {
    holds("X^{T} = \\begin{bmatrix} 1 & 4 \\\\ 2 & 5 \\\\ 3 & 6 \\end{bmatrix}, \\quad X^T = X^\\top");
    holds("(i A)^{*} = -i A^{T}, \\quad (i A)^{T} = i A^{T}, \\quad (i u)^* = -i u^{T}");
    fails("(i A)^{*} = i A^{T}");
    holds(
        "A^{-1} A = I, \\quad A A^{-1} = I, \\quad A^{-1} = \\frac{1}{6} \\begin{bmatrix} 3 & -1 \\\\ 0 & 2 \\end{bmatrix}",
    );
    holds(
        "(A B)^{-1} = B^{-1} A^{-1}, \\quad (A^{T})^{-1} = (A^{-1})^{T}, \\quad A^{2} = A A, \\quad A^{-2} = (A A)^{-1}",
    );
    holds(
        "\\overline{i A} = -i A, \\quad z^{*} = \\overline{z}, \\quad N^{-1} = \\frac{1}{4}, \\quad B^{-1} B = I",
    );
}

#[test]
fn products_of_entries_and_kronecker_products() {
    holds("u \\odot v = (3, -8), \\quad u \\odot v \\odot u = (3, 16), \\quad 2 u \\odot v = (6, -16)");
    holds("A \\odot B = \\begin{bmatrix} 0 & 1 \\\\ 0 & 15 \\end{bmatrix}");
    holds("A \\otimes B = \\begin{bmatrix} 2 B & B \\\\ 0 & 3 B \\end{bmatrix}");
    holds(
        "I \\otimes A = \\begin{bmatrix} A & 0 \\\\ 0 & A \\end{bmatrix}, \\quad u \\otimes v = (3, 4, -6, -8)",
    );
    holds("\\vec(A B A^{T}) = (A \\otimes A) \\vec(B)");
}

#[test]
fn functions_of_arrays() {
    holds(
        "\\vec(X) = (1, 2, 3, 4, 5, 6), \\quad \\diag(u) = \\begin{bmatrix} 1 & 0 \\\\ 0 & -2 \\end{bmatrix}",
    );
    is("\\tr(A)", 5);
    is("\\rank(X)", 2);
    is("\\rank(u v^{T})", 1);
    is("\\rank(A - A)", 0);
    is("\\nnz(A)", 3);
    is("\\operatorname{len}(x \\ast h)", 6);
    holds("\\Re(z u) = 3 u, \\quad \\Im(z u) = 4 u, \\quad |u| = (1, 2)");
    holds("C(h) = \\begin{bmatrix} 2 & 3 & -1 \\\\ -1 & 2 & 3 \\\\ 3 & -1 & 2 \\end{bmatrix}");
    is("f_2(5)", 10);
    is("f_{N+1}(5)", 25);
    is("g(5, 3)", 2);
    is("\\half \\cdot 4", 2);
}

#[test]
fn rounding_and_sizes() {
    is("\\lfloor \\frac{7}{2} \\rfloor", 3);
    is("\\lfloor -\\frac{7}{2} \\rfloor", -4);
    is("\\lceil \\frac{7}{2} \\rceil", 4);
    is("\\lceil -\\frac{7}{2} \\rceil", -3);
    is("\\left\\lceil \\frac{N}{K} \\right\\rceil + \\lfloor 2 \\rfloor", 4);
    is("|-3|", 3);
    is("|1 - |2 - 5||", 2);
    is("||1 - 4| - 5|", 2);
    is("|u[1]| |u[0] - 3|", 4);
    is("2 |u[1]| + |u[0]|", 5);
    is("|(|-2| - 3)|", 1);
    is("|\\lfloor |\\alpha| \\rfloor - 1|", 1);
    is("\\lVert x' \\rVert^2", 196);
    is("\\lVert v \\rVert", 5);
    is("\\lVert v \\rVert_2", 5);
    is("\\lVert z v \\rVert", 25);
    is("\\lVert v \\rVert_F^2", 25);
    is("\\lVert u \\rVert_1", 3);
    is("\\lVert x \\rVert_\\infty", 5);
    is("\\langle u, v \\rangle", -5);
    // Conjugated on the left.
    holds("\\langle i u, v \\rangle = 5 i, \\quad \\langle u, i v \\rangle = -5 i");
    is("|\\langle u, v \\rangle| |\\langle v, v \\rangle|", 125);
}

#[test]
fn operators_of_the_notation() {
    holds(
        "x \\ast h = (2, 3, -5, 19, -14, 15), \\quad (x \\ast h)[3] = 19, \\quad 2 x \\ast h = 2 (x \\ast h)",
    );
    holds("u \\circledast_2 v = (-5, -2), \\quad u \\circledast_{K} v = (3, -2, -8)");
    holds("\\hat u = u, \\quad \\widehat{u + v} = u + v, \\quad \\hat x = (5, 0, -9, 0)");
    holds("\\widehat{x}[0] = 5, \\quad \\hat{x}[0] = 5");
    holds("\\frac{\\partial y[n]}{\\partial x[m]} = 2 n + m + 1, \\qquad 0 \\le n, m \\le 1");
    holds(
        "\\frac{\\partial L}{\\partial h} = (8, 9), \\quad \\frac{\\partial L}{\\partial h[1]} = 9, \\quad \\frac{\\partial L}{\\partial h_1} = 8",
    );
}

#[test]
fn derivatives_of_derivatives_and_gradients_by_name() {
    holds("\\nabla_x L = (1, 2), \\quad (\\nabla_x L)[1] = 2, \\quad \\nabla_{\\hat x} L = (3, 4)");
    holds("\\frac{\\partial \\hat x[n]}{\\partial x[m]} = 2 n+m+5, \\qquad 0 \\le n, m \\le 1");
    holds("\\frac{\\partial}{\\partial x[0]} \\frac{\\partial L}{\\partial h[1]} = 2");
    holds("\\nnz\\left(\\frac{\\partial}{\\partial x} \\frac{\\partial L}{\\partial h}\\right) = 3");
    holds("\\frac{d}{d x[0]} \\frac{\\partial L}{\\partial h[1]} = 6");
    holds(
        "\\frac{\\partial}{\\partial h[1]} (\\nabla_x L)[0] = 8, \\quad \\frac{\\partial (\\nabla_x L)[0]}{\\partial h[1]} = 8",
    );
    holds("J^{*} x = J x, \\quad (J^{*})^{*} x = J x");
}

#[test]
fn ink_says_nothing() {
    is("\\displaystyle 1\\,+\\;2\\: \\! \\ \\left( 3 \\right) \\bigl( 1 \\bigr)", 7);
    is("\\sum\\limits_{k=0}^{2} ~ k", 3);
    holds("\\label{a-label} 1 = 1");
}

#[test]
fn braces_hold_one_symbol() {
    is("{x_1} {h_1}^2", 4);
    is("2 {N}^2", 32);
    is("{\\omega_2} {(N + 1)} {{2}}", -10);
    holds("\\sum_{k=0}^{2} {h}[k] = 4");
}

// Sets.

#[test]
fn sets_of_indices() {
    holds("\\{ n : 0 \\le n \\le 2 \\} = [0, 3), \\quad [2, 5) \\cup [0, 3) = [0, 5)");
    holds("\\{ n : x[n] < 2, \\quad 0 \\le n < N \\} = [0, 1) \\cup [2, 3)");
    fails("\\{ n : x[n] < 1, \\quad 0 \\le n < N \\} = [0, 1) \\cup [2, 3)");
    holds("\\{ n : 0 \\le n \\le 2 \\} \\ne [0, 2)");
    fails("\\{ n : 0 \\le n \\le 2 \\} \\ne [0, 3)");
    is("\\#[2, 7)", 5);
    is("\\# [3, 2)", 0);
    is("\\# \\{ (m, n) : X[m, n] > 2, \\quad 0 \\le m < 2, \\quad 0 \\le n < 3 \\}", 4);
    is("\\# \\{ (m, n) : 0 \\le m < 3, \\quad 0 \\le n \\le m \\}", 6);
    is("\\# \\{ m : m = 2 n, \\quad 0 \\le m < 9, \\quad 0 \\le n < 9 \\}", 5);
    holds("\\{ (m, n) : m + n = 1, 0 \\le m, n \\le 1 \\} = \\{ (m, n) : m \\ne n, 0 \\le m, n \\le 1 \\}");
    holds(
        "\\{ n : n = m \\text{ or } n = 0, 0 \\le n < 3 \\} = [0, 1) \\cup [m, m + 1), \\qquad 0 \\le m < 3",
    );
}

// Ranges, conditions, what is zero outside.

#[test]
fn a_statement_holds_for_its_whole_range() {
    holds("x[n] = x[n], \\qquad 0 \\le n \\le N-1");
    holds("x[n] > -4, \\qquad 0 \\le n < 4");
    holds("x[n] > 1, \\qquad 0 < n < 2, \\qquad x[n] > 4, \\quad 2 < n \\le 3");
    fails("x[n] > 1, \\qquad 0 \\le n < 2");
    fails("x[n] > 1, \\qquad 0 < n \\le 2");
    holds("X[m, n] = 3 m + n + 1, \\qquad 0 \\le m < 2, \\quad 0 \\le n < 3");
    fails("X[m, n] = 3 m + n + [m + n = 3], \\qquad 0 \\le m < 2, \\quad 0 \\le n < 3");
    holds("a + b \\le 2, \\quad 1 = 1, \\qquad 0 \\le a, b \\le 1");
    holds("x[n] \\le 5 \\text{ for all } 0 \\le n \\le 3".replace(" \\text", ", \\text").as_str());
    // The bounds of a range may depend on the ranges before it.
    holds("\\lfloor \\frac{k}{n} \\rfloor = 0, \\qquad 1 \\le n \\le N, \\quad 0 \\le k < n");
    fails("\\lfloor \\frac{k}{n} \\rfloor = 0, \\qquad 1 \\le n \\le N, \\quad 0 \\le k \\le n");
}

#[test]
fn ranges_of_earlier_statements_go_on() {
    holds("x[n] \\le 5, \\quad 0 \\le n \\le 3, \\qquad x'[n] = 7");
    fails("x[n] \\le 5, \\quad 0 \\le n \\le 3, \\qquad x[n] = 1");
    // The outer range of an earlier statement, the inner one of its own.
    holds("x[n] \\le 5, \\quad 0 \\le n \\le 2, \\qquad x'[n + k] = 7, \\quad 0 \\le k \\le 1");
    fails("x[n] \\le 5, \\quad 0 \\le n \\le 2, \\qquad x[n + k] < 5, \\quad 0 \\le k \\le 1");
    holds("x[n] \\le 5, \\quad 0 \\le n \\le 3, \\qquad x'[n - k] = 7, \\quad 0 \\le k \\le n");
    // One of its own replaces it.
    holds("x[n] \\le 5, \\quad 0 \\le n \\le 3, \\qquad x[n] = 1, \\quad 0 \\le n \\le 0");
}

#[test]
fn samples_are_zero_outside_only_where_it_is_said() {
    let outside = "x[n] = 0 \\text{ outside } 0 \\le n \\le N-1";
    holds(&format!(
        "(x \\ast h)[n] = \\sum_{{k=0}}^{{K-1}} h[k] x[n-k], \\qquad 0 \\le n \\le N+K-2, \\qquad {outside}"
    ));
    holds(&format!("x[-1] = 0, \\quad x[N] = 0, \\quad x[0] = 1, \\qquad {outside}"));
    holds(&format!("x[-2{{:}}2] = (0, 0, 1, 2), \\quad x[3{{:}}6] = (5, 0, 0), \\qquad {outside}"));
    let both = "X[i, j] = 0 \\text{ outside } 0 \\le i < 2, 0 \\le j < 3";
    holds(&format!("X[-1, 0] = 0, \\quad X[0, 3] = 0, \\quad X[1, 2] = 6, \\qquad {both}"));
    // What is outside keeps its shape.
    holds(&format!("X[0{{:}}2, 7] = (0, 0), \\quad X[2, :] = (0, 0, 0), \\qquad {both}"));
    holds(&format!(
        "X[1{{:}}3, -1{{:}}1] = \\begin{{bmatrix}} 0 & 4 \\\\ 0 & 0 \\end{{bmatrix}}, \\qquad {both}"
    ));
    holds(
        "S[a, b, n] = S[a, b, n], \\quad 0 \\le a, b, n \\le 2, \\qquad S[i, j, k] = 0 \\text{ outside } 0 \\le i, j, k < 2",
    );
}

#[test]
fn definitions_are_taken_before_anything_else() {
    holds("x[0] + P = Q, \\qquad P = N - K, \\quad Q = P + 1");
    holds("P = N - K + 1, \\qquad \\operatorname{len}(x) = P + 2");
    fails("\\operatorname{len}(x) = P + 3, \\qquad P = N - K + 1");
    // Where nothing else is stated, a relation of sizes is the statement.
    holds("K \\le N, \\quad N = K + 1");
    fails("N = K");
}

#[test]
fn a_condition_is_as_strong_as_it_says() {
    let holds = |condition: &str, n: usize| {
        let formula = Formula::parse(&format!("x[0] = x[{n}], \\qquad {condition}"), &notation());
        let mut trial = Trial::new(formula.unwrap());
        let told = trial.case(&symbols::<Exact>(), Judge::EXACT);
        told.and_then(|()| trial.finish()).map_err(|error| error.what)
    };
    assert_eq!(holds("N \\ge 4", 0), Ok(()));
    assert_eq!(
        holds("N \\ge 5", 0).unwrap_err(),
        "the statement holds although this condition does not: it says too little"
    );
    assert!(holds("N \\ge 4", 1).unwrap_err().starts_with("this does not hold: left: 1, right: 2"));
    // Nothing was tried.
    assert_eq!(holds("N \\ge 5", 1).unwrap_err(), "in no case do the conditions of this statement hold");
    assert_eq!(
        holds("x \\in \\mathbb{R}^3", 1).unwrap_err(),
        "in no case do the conditions of this statement hold"
    );
    assert_eq!(holds("\\text{if } x[0] = 1", 0), Ok(()));
}

/// The formula's trial over cases with N = 3 and N = 4, where x has N samples.
fn tried(latex: &str, change: impl Fn(&mut Trial)) -> Result<(), String> {
    let mut trial = Trial::new(Formula::parse(latex, &notation()).unwrap());
    change(&mut trial);
    for n in [3, 4] {
        let x = [3, -1, 4, 1].iter().take(n).copied().collect::<Vec<_>>();
        let symbols = Symbols::<Exact>::new()
            .size("N", n)
            .size("K", 2)
            .value("x", vector(&x))
            .value("h", vector(&[1, 0, 0, 0, 0]));
        trial.case(&symbols, Judge::EXACT).map_err(|error| error.to_string())?;
    }
    trial.finish().map_err(|error| error.at("f", latex, 0))
}

#[test]
fn a_range_that_could_grow_says_too_little() {
    let same = |_: &mut Trial| {};
    assert_eq!(tried("x[n] = x[n], \\qquad 0 \\le n \\le N-1", same), Ok(()));
    let above = tried("x[n] = x[n], \\qquad 0 \\le n < N-1", same).unwrap_err();
    assert_eq!(
        above,
        "f:1:31: the statement holds above this range of n, too: it says too little\n   |\n 1 | x[n] = x[n], \\qquad 0 \\le n < N-1\n   |                               ^^^"
    );
    let below = tried("x[n] = x[n], \\qquad 0 < n < N", same).unwrap_err();
    assert!(below.starts_with("f:1:21: the statement holds below this range of n"), "{below}");
    assert_eq!(tried("x[n] = x[n], \\qquad 0 < n < N-1", Trial::let_ranges_grow), Ok(()));
    // It is enough that one case shows it.
    assert_eq!(tried("h[n] = 0, \\qquad 1 \\le n \\le 4", same), Ok(()));
    // Every range of its own is tried, whatever the others are.
    let inner =
        tried("h[n + k] = h[n + k], \\qquad 0 \\le n \\le 2, \\quad 0 \\le k \\le 1", same).unwrap_err();
    assert!(inner.contains("below this range of n") || inner.contains("above this range"), "{inner}");
    // A range without an index, where the statement would hold for one.
    let empty = tried("x[n] = x[n], \\qquad 0 \\le n < N-3", same).unwrap_err();
    assert!(
        empty.starts_with("no n is in this range, although the statement holds for the first"),
        "{empty}"
    );
    assert_eq!(tried("x[n] = 1, \\qquad 3 \\le n < N", same), Ok(()));
    // A statement that never applies.
    let never = tried("x[0] = 4, \\qquad N \\ge 5", same).unwrap_err();
    assert!(never.starts_with("f:1:1: in no case do the conditions"), "{never}");
    // Where the condition fails, the statement may hold.
    assert!(
        tried("x[0] = 3, \\qquad N \\ge 4", same).unwrap_err().contains("although this condition does not")
    );
    assert_eq!(tried("x[0] = 3, \\qquad N \\ge 4", Trial::let_conditions_be_strict), Ok(()));
}

#[test]
fn a_trial_remembers_its_distances() {
    let symbols = Symbols::<Complex64>::new()
        .value("x", Value::Number(1.0.into()))
        .value("y", Value::Number(1.25.into()));
    let judge = |tolerance, margin| Judge { tolerance, margin };
    let mut trial =
        Trial::new(Formula::parse("x = y, \\qquad x \\ne y + 1, \\qquad y + 3 \\ne x", &notation()).unwrap());
    assert_eq!((trial.worst(), trial.separation()), (0.0, None));
    trial.case(&symbols, judge(0.25, 1.25)).unwrap();
    assert_eq!((trial.worst(), trial.separation()), (0.25, Some(1.25)));
    // The case before is not forgotten.
    let closer = symbols.clone().value("x", Value::Number(1.125.into()));
    trial.case(&closer, judge(0.25, 1.0)).unwrap();
    assert_eq!((trial.worst(), trial.separation()), (0.25, Some(1.125)));
    assert!(
        trial
            .case(&symbols, judge(0.2, 1.25))
            .unwrap_err()
            .what
            .starts_with("this does not hold: left: 1, right: 1.25")
    );
    assert!(trial.case(&symbols, judge(0.25, 1.3)).is_err());
    // What decides about a case or stands in brackets is no result.
    let mut trial = Trial::new(Formula::parse("[x = y] = 0, \\qquad [x \\ne y] = 1", &notation()).unwrap());
    trial.case(&symbols, judge(0.1, 0.1)).unwrap();
    assert_eq!((trial.worst(), trial.separation()), (0.0, None));
    // Nor is a side that may be false, and is.
    for formula in ["x = y \\iff x = 2", "x = y \\implies x = 2"] {
        let mut trial = Trial::new(Formula::parse(formula, &notation()).unwrap());
        trial.case(&symbols, judge(0.1, 0.1)).unwrap();
        assert_eq!(trial.worst(), 0.0, "{formula}");
    }
}

#[test]
fn nothing_equals_what_is_not_a_number() {
    let symbols = Symbols::<Complex64>::new().value("x", Value::Number(f64::NAN.into()));
    for judge in [Judge::EXACT, common::ROUNDED] {
        let trial = |latex| Trial::new(Formula::parse(latex, &notation()).unwrap()).case(&symbols, judge);
        assert!(trial("x = x").is_err());
        assert!(trial("x \\le 1").is_err());
    }
}

#[test]
fn a_failure_names_its_indices_and_both_sides() {
    let told =
        exact("X[m, n] = 3 m + n + 1 - [m = 1], \\qquad 0 \\le m < 2, \\quad 0 \\le n < 3").unwrap_err();
    assert_eq!(told.what, "this does not hold: m = 1, n = 0; left: 4, right: 3");
    assert_eq!(told.span, 0..31);
    let told = exact("x = \\alpha h").unwrap_err();
    assert_eq!(
        told.what,
        "this does not hold: left: a vector with 4 entries: 1, 2, -3, 5, right: a vector with 3 entries: 1, -1/2, 3/2"
    );
    let told = exact("z = 1 \\iff 1 = 1").unwrap_err();
    assert_eq!(told.what, "this does not hold: the first side is false, another is not");
    assert_eq!(exact("z = z + \\alpha").unwrap_err().what, "this does not hold: left: 3+4i, right: 7/2+4i");
}

// The notation.

#[test]
fn the_notation_says_what_is_known() {
    let notation = notation();
    assert!(notation.knows("x") && notation.knows("# \\ast #") && !notation.knows("w"));
    assert!(notation.is_size("N") && !notation.is_size("x"));
    assert!(notation.is_index("n") && !notation.is_index("x"));
    assert!(notation.has_labels("x") && !notation.has_labels("u"));
    assert!(
        notation.mentions_function("C")
            && notation.mentions_function("f_#")
            && !notation.mentions_function("x")
    );
    assert!(!notation.mentions_function("f"));
    for name in ["n", "x", "\\ast", "\\circledast", "\\omega", "\\hat", "vec", "f"] {
        assert!(notation.mentions(name), "{name}");
    }
    assert!(!notation.mentions("w") && !notation.mentions("c"));
    assert!(Notation::parse("indices = 3").is_err());
    assert!(Notation::parse("[[symbol]]\nnames = [\"x\"]").unwrap().knows("x"));
    let missing = Notation::read(std::path::Path::new("no such file")).unwrap_err();
    assert!(missing.starts_with("no such file: "), "{missing}");
}

#[test]
fn a_proof_knows_its_own_functions_and_sizes() {
    let symbols = Symbols::<Exact>::new()
        .size("N", 2)
        .value("x", vector(&[3, 4]))
        .value("X", array(&[2, 2], &[1, 2, 3, 4]))
        .function("vec(#)", |of| Ok(Value::Number(of[0].number()?.times(&Exact::whole(10)).unwrap())));
    assert_eq!(symbols.names().collect::<Vec<_>>(), ["N", "X", "x", "vec(#)"]);
    let mut trial = Trial::new(Formula::parse("\\vec(N) = 20", &notation()).unwrap());
    trial.case(&symbols, Judge::EXACT).unwrap();
}
