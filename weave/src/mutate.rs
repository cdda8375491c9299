//! Whether the proofs would notice an error in print.
//!
//! Every proof that evaluates its printed formula also evaluates mutants of it: the formula with one sign, index, bound,
//! symbol or entry changed. A mutant that no case kills is either one that says the same (then `mutants.toml` explains
//! why), or an error that could stand in the book.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use serde::Deserialize;

use crate::problem::Problems;
use crate::source::test_files;
use crate::update;

/// So many of a hundred mutants have to be killed.
const ENOUGH: usize = 95;

/// What became of the mutants of one formula.
#[derive(Debug, Deserialize)]
struct Record {
    /// The chapter that prints the formula.
    file: String,
    mutants: usize,
    killed: usize,
    #[serde(default, rename = "survivor")]
    survivors: Vec<Survivor>,
}

#[derive(Debug, Deserialize)]
struct Survivor {
    what: String,
    latex: String,
    line: usize,
    shown: String,
}

/// Why a mutant says the same as the formula.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Equivalent {
    id: String,
    what: String,
    latex: String,
    why: String,
}

impl Equivalent {
    fn explains(&self, id: &str, survivor: &Survivor) -> bool {
        let same = |a: &str, b: &str| a.split_whitespace().eq(b.split_whitespace());
        self.id == id && same(&self.what, &survivor.what) && same(&self.latex, &survivor.latex)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    equivalent: Vec<Equivalent>,
}

/// Tries the mutants of all printed formulas, or a share of them, or those of some equations.
///
/// # Errors
/// If too few are killed, if one survives that nobody explains, or if something is explained that does not survive.
pub fn mutate(root: &Path, share: Option<f64>, ids: &[&str]) -> Result<()> {
    if let Some(share) = share.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
        bail!("cargo book mutate: a share of {share}\n  mend: give one above 0, up to 1: --share 0.1");
    }
    let src = MDBook::load(root)?.config.book.src.to_string_lossy().into_owned();
    let explained = format!("{src}/mutants.toml");
    let (text, equivalent) = explanations(root, &explained)?;
    let records = run(root, share, ids)?;
    let mut problems = Problems::default();
    let mut used = BTreeSet::new();
    let (mut mutants, mut killed) = (0, 0);
    let mut chapter = "";
    println!("mutants  killed  equivalent");
    for (id, record) in &records {
        if record.file != chapter {
            chapter = &record.file;
            println!("\n{chapter}");
        }
        let mut explained = 0;
        for survivor in &record.survivors {
            let places = (0..equivalent.len()).filter(|place| equivalent[*place].explains(id, survivor));
            let places = places.collect::<Vec<_>>();
            explained += usize::from(!places.is_empty());
            used.extend(places);
        }
        println!("{:7} {:7} {explained:11}  {id}", record.mutants, record.killed);
        mutants += record.mutants;
        killed += record.killed;
    }
    for (id, record) in &records {
        for survivor in &record.survivors {
            println!("\n{}\n so that: {}", survivor.shown, survivor.latex);
            match equivalent.iter().find(|equivalent| equivalent.explains(id, survivor)) {
                Some(equivalent) => println!(" equivalent: {}", equivalent.why),
                None => problems.add(
                    &record.file,
                    survivor.line,
                    format!("no case of the proof of \"{id}\" notices it if {}", survivor.what),
                    mend(id, survivor, &src),
                ),
            }
        }
    }
    let whole = ids.is_empty() && share.is_none_or(|share| share == 1.0);
    let lines = text.lines().enumerate().filter(|(_, line)| line.trim() == "[[equivalent]]");
    for ((number, _), (place, entry)) in lines.zip(equivalent.iter().enumerate()) {
        if entry.why.trim().is_empty() {
            let mend = "say in `why` how it says the same as the formula";
            problems.add(&explained, number + 1, "nothing is explained here", mend);
        }
        if whole && !used.contains(&place) {
            let what = format!("\"{}\" has no surviving mutant in which {}", entry.id, entry.what);
            let mend = "delete this entry, or copy `what` and `latex` from the list of survivors";
            problems.add(&explained, number + 1, what, mend);
        }
    }
    if whole && mutants == 0 {
        let mend = "let a proof evaluate the formula that the chapter prints";
        problems.add(&explained, 1, "there are no mutants", mend);
    }
    let percent = 100.0 * killed as f64 / mutants.max(1) as f64;
    println!("\n{killed} of {mutants} mutants are killed, {percent:.1} %");
    if ids.is_empty() && killed * 100 < mutants * ENOUGH {
        let what = format!("only {percent:.1} % of the mutants are killed; {ENOUGH} % are to be");
        let mend = "let the proofs of those that survive try other cases, or say more in the formulas";
        problems.add(&explained, 1, what, mend);
    }
    problems.into_result()
}

/// What an author can do about a survivor.
fn mend(id: &str, survivor: &Survivor, src: &str) -> String {
    let quoted = |text: &str| if text.contains('\'') { format!("{text:?}") } else { format!("'{text}'") };
    format!(
        "let the proof try a case in which this fails; if it says the same, explain that in {src}/mutants.toml:\n    \
         [[equivalent]]\n    id = \"{id}\"\n    what = {}\n    latex = {}\n    why = \"…\"",
        quoted(&survivor.what),
        quoted(&survivor.latex)
    )
}

/// The explanations, and the text they stand in; none if there is no such file.
fn explanations(root: &Path, name: &str) -> Result<(String, Vec<Equivalent>)> {
    let path = root.join(name);
    if !path.is_file() {
        return Ok((String::new(), vec![]));
    }
    let text = fs::read_to_string(&path).with_context(|| name.to_string())?;
    let file: File = toml::from_str(&text).with_context(|| name.to_string())?;
    Ok((text, file.equivalent))
}

/// Runs the proofs of these equations, or all, and returns what each wrote down, chapter by chapter.
fn run(root: &Path, share: Option<f64>, ids: &[&str]) -> Result<Vec<(String, Record)>> {
    let folder = root.join("target/weave/mutants");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let files = test_files(&root.join("tests"))?;
    let proofs = files.iter().flat_map(|file| &file.proofs).collect::<Vec<_>>();
    if let Some(id) = ids.iter().find(|id| !proofs.iter().any(|proof| proof.id == **id)) {
        bail!("cargo book mutate: no proof is of \"{id}\"\n  mend: give ids of equations, or none for all");
    }
    let chosen = proofs.into_iter().filter(|proof| ids.is_empty() || ids.contains(&proof.id.as_str()));
    let chosen = chosen.collect::<Vec<_>>();
    let stems = chosen.iter().map(|proof| proof.file.clone()).collect::<BTreeSet<_>>();
    let mut variables = vec![("LOCALITY_MUTANTS", folder.clone().into_os_string())];
    variables.extend(share.map(|share| ("LOCALITY_MUTANTS_SHARE", OsString::from(share.to_string()))));
    let tests = update::build(root, "test", &stems.into_iter().collect::<Vec<_>>())?;
    for (step, (name, program)) in tests.iter().enumerate() {
        eprintln!("[{}/{}] the mutants of {name}", step + 1, tests.len());
        let named = chosen.iter().filter(|proof| proof.file == *name).map(|proof| proof.test.name.as_str());
        let arguments = if ids.is_empty() { vec![] } else { ["--exact"].into_iter().chain(named).collect() };
        let failure = format!("tests/{name}.rs failed\n  mend: `cargo test --test {name}`");
        update::run(root, program, &arguments, &variables, &failure)?;
    }
    let mut records = vec![];
    for path in update::files(&folder)? {
        let text = fs::read_to_string(folder.join(&path))?;
        let record: Record = toml::from_str(&text).with_context(|| path.display().to_string())?;
        records.push((path.with_extension("").to_string_lossy().into_owned(), record));
    }
    records.sort_by(|a, b| (&a.1.file, &a.0).cmp(&(&b.1.file, &b.0)));
    Ok(records)
}
