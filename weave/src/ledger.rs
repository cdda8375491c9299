//! The pages that are made, not written: the ledger, the proofs, the table of notation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mdbook_preprocessor::book::{Book, BookItem, Chapter};

use crate::expand::{self, evidence, rust};
use crate::facts::{Facts, Figure, Verdict, Way, number, read_toml};
use crate::references::{self, Citation};
use crate::source::TestFile;
use crate::typeset::escape;
use crate::update::files;
use crate::weave::Equation;

/// Reading time of every chapter, by path.
pub fn minutes(book: &Book) -> BTreeMap<String, usize> {
    let of = |chapter: &Chapter| {
        let path = chapter.path.as_deref()?.to_string_lossy().into_owned();
        Some((path, expand::minutes(&chapter.content)))
    };
    book.chapters().filter_map(of).collect()
}

/// What the directives that depend on the whole book become.
pub fn generated(
    facts: &Facts,
    equations: &[Equation],
    minutes: &BTreeMap<String, usize>,
    citations: &[Citation],
    directive: &str,
) -> Option<String> {
    match directive.split_whitespace().collect::<Vec<_>>()[..] {
        ["ledger", "equations"] => Some(equation_ledger(facts, equations)),
        ["ledger", "claims"] => Some(claim_ledger(facts)),
        ["ledger", "figures"] => Some(figure_ledger(facts)),
        ["proofs"] => Some(proof_index(facts)),
        ["notation"] => Some(notation(facts)),
        ["references", name] => references::list(facts, citations, name),
        ["minutes", "total"] => Some(minutes.values().sum::<usize>().to_string()),
        ["count", "proofs"] => Some(facts.proofs().count().to_string()),
        _ => None,
    }
}

/// One table a chapter: number, id, proof.
fn equation_ledger(facts: &Facts, equations: &[Equation]) -> String {
    let records = equations.iter().filter_map(|equation| facts.records.get(&equation.id)).collect::<Vec<_>>();
    let proved = records.len();
    let orphans = equations.len() - proved + facts.proofs().count().saturating_sub(proved);
    let cases: usize = records.iter().map(|record| record.cases).sum();
    let ways = Way::ALL.map(|way| (way.words(), records.iter().filter(|record| record.way() == way).count()));
    let ways = ways.iter().filter(|(_, count)| *count > 0).map(|(way, count)| format!("{count} {way}"));
    let mut text = format!(
        "**{} equations, {proved} proved, {orphans} orphans**: {}; {cases} cases in all.\n",
        equations.len(),
        ways.collect::<Vec<_>>().join(", ")
    );
    let refuted = records.iter().filter(|record| record.way() == Way::Refuted && record.printed > 0).count();
    if refuted > 0 {
        writeln!(text, " Of the refuted, {refuted} are evaluated as printed, too.").expect("to a string");
    }
    for chapter in chapters(equations) {
        write!(
            text,
            "\n### {chapter}\n\n| | equation | checked | proof | cases | tolerance | worst |\n|---|---|---|---|--:|--:|--:|\n"
        )
        .expect("to a string");
        for equation in equations.iter().filter(|equation| equation.chapter == chapter) {
            let (Some(proof), Some(record)) = (facts.proof(&equation.id), facts.records.get(&equation.id))
            else {
                continue;
            };
            let Equation { id, number: n, path, .. } = equation;
            let tolerance = match (record.kind.as_str(), record.tolerance) {
                (_, None) => "`==`".into(),
                ("refuted", Some(margin)) => format!("margin {}", number(margin)),
                (_, Some(tolerance)) => number(tolerance),
            };
            writeln!(
                text,
                "| [({n})]({path}#eq-{id}) | `{id}` | {} | [{}](proofs/{}.md#proof-{id}) | {} | {tolerance} | {} |",
                if record.printed > 0 { "as printed" } else { "by its test" },
                record.kind,
                proof.file,
                record.cases,
                record.worst.as_deref().unwrap_or("")
            )
            .expect("to a string");
        }
    }
    text
}

/// The chapters that hold equations, in order.
fn chapters(equations: &[Equation]) -> Vec<&str> {
    let mut names: Vec<&str> = vec![];
    for equation in equations {
        if names.last() != Some(&equation.chapter.as_str()) {
            names.push(&equation.chapter);
        }
    }
    names
}

fn claim_ledger(facts: &Facts) -> String {
    let count = |verdict: Verdict| facts.claims.iter().filter(|claim| claim.verdict == verdict).count();
    let counts = Verdict::ALL
        .iter()
        .filter(|verdict| count(**verdict) > 0)
        .map(|verdict| format!("{} {}", count(*verdict), verdict.words().0))
        .collect::<Vec<_>>()
        .join(", ");
    let mut text = format!("**{} claims**: {counts}.\n\n", facts.claims.len());
    text.push_str("| | the article | verdict | what is true |\n|---|---|---|---|\n");
    for claim in &facts.claims {
        let (word, sign, _) = claim.verdict.words();
        writeln!(
            text,
            "| {} | “{}” ({}) | <span aria-hidden=\"true\">{sign}</span> {word} | {} {} |",
            claim.id,
            escape(&claim.quote),
            escape(&claim.place),
            claim.says,
            evidence(claim)
        )
        .expect("to a string");
    }
    text
}

/// Every figure with the program that drew it; then the pictures and sounds that programs made.
fn figure_ledger(facts: &Facts) -> String {
    let made = files(&facts.generated("")).unwrap_or_default();
    let figures =
        made.iter().filter(|path| path.starts_with("figures") && path.extension() == Some("toml".as_ref()));
    let mut rows = vec![];
    for path in figures {
        let id = path.file_stem().unwrap_or_default().to_string_lossy();
        if let Ok(Some(Figure { program, .. })) = read_toml(&facts.generated(&path.to_string_lossy())) {
            rows.push(format!("| `{id}` | [CSV](generated/figures/{id}.csv) | `examples/{program}.rs` |\n"));
        }
    }
    let others = made.iter().filter(|path| path.starts_with("images") || path.starts_with("audio"));
    let others =
        others.map(|path| format!("[{0}](generated/{0})", path.to_string_lossy())).collect::<Vec<_>>();
    let mut text = format!("**{} figures.**\n\n| figure | data | drawn by |\n|---|---|---|\n", rows.len());
    text.extend(rows);
    if !others.is_empty() {
        write!(text, "\n**{} pictures and sounds**: {}.\n", others.len(), others.join(", "))
            .expect("to a string");
    }
    text
}

fn proof_index(facts: &Facts) -> String {
    let mut text = String::new();
    for TestFile { stem, proofs, .. } in &facts.tests {
        let links = proofs.iter().map(|proof| format!("[{0}](proofs/{stem}.md#proof-{0})", proof.id));
        let links = links.collect::<Vec<_>>().join(" · ");
        writeln!(text, "- [`tests/{stem}.rs`](proofs/{stem}.md), {} proofs:\n  {links}", proofs.len())
            .expect("to a string");
    }
    text
}

/// Adds, under the chapter proofs.md, one page for every test file with the source of its proofs.
pub fn add_proof_pages(facts: &Facts, book: &mut Book) {
    // A test file is named after its chapter, and so is its page.
    let named = |stem: &str| {
        let path = format!("{}.md", stem.replace('_', "-"));
        let chapter = book.chapters().find(|chapter| chapter.path.as_deref() == Some(path.as_ref()));
        format!("Proofs: {}", chapter.map_or(stem, |chapter| &chapter.name))
    };
    let titles = facts.tests.iter().map(|file| named(&file.stem)).collect::<Vec<_>>();
    book.for_each_chapter_mut(|chapter| {
        if chapter.path.as_deref() != Some(std::path::Path::new("proofs.md")) {
            return;
        }
        let parents = [chapter.parent_names.clone(), vec![chapter.name.clone()]].concat();
        for (file, title) in facts.tests.iter().zip(&titles) {
            let path = format!("proofs/{}.md", file.stem);
            let page = Chapter::new(title, proof_page(facts, file, title), path, parents.clone());
            chapter.sub_items.push(BookItem::Chapter(page));
        }
    });
}

fn proof_page(facts: &Facts, file: &TestFile, title: &str) -> String {
    let stem = &file.stem;
    let mut text = format!("# {title}\n\n{}\n", file.doc);
    writeln!(text, "\nThe file is `tests/{stem}.rs`; `cargo test --test {stem}` runs it.\n")
        .expect("to a string");
    write!(
        text,
        "<details><summary>What the proofs of this page share</summary>\n\n{}\n</details>\n\n",
        rust(&file.shared)
    )
    .expect("to a string");
    for proof in &file.proofs {
        let id = &proof.id;
        write!(text, "## {id} {{#proof-{id}}}\n\n{} Proves \\eqref{{{id}}}.", proof.test.doc.trim())
            .expect("to a string");
        if let Some(record) = facts.records.get(id) {
            write!(text, " *{}*", record.badge()).expect("to a string");
            if let Some(worst) = &record.worst {
                let what = if record.way() == Way::Refuted { "smallest separation" } else { "worst error" };
                write!(text, "; {what} {worst}").expect("to a string");
            }
            text.push('.');
        }
        write!(text, "\n\n{}\n", rust(&proof.test.code)).expect("to a string");
    }
    text
}

fn notation(facts: &Facts) -> String {
    let mut text = String::from("| symbol | meaning |\n|---|---|\n");
    for symbol in &facts.notation.symbols {
        // A bar in a formula would end the table's cell.
        let tex = symbol.tex.replace('|', "\\vert ");
        writeln!(text, "| ${tex}$ | {} |", symbol.meaning).expect("to a string");
    }
    text
}
