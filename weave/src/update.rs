//! Running the proofs and the examples, and keeping what they made below `generated/`.
//!
//! `update` keeps it; `check` runs everything afresh and fails if what is kept is not what came out. The one thing
//! that may differ is the worst error of a numeric proof: rounding depends on the processor.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_preprocessor::book::BookItem;

use crate::blocks::cargo_artifacts;
use crate::expand::minutes;
use crate::problem::Problems;
use crate::source::{Proof, rust_files, test_files};

/// The markers in README.md between which the table of chapters is kept.
const TABLE: (&str, &str) = ("<!-- chapters -->", "<!-- /chapters -->");

/// Runs the proofs and the examples and keeps what they made.
///
/// # Errors
/// If one of them fails.
pub fn update(root: &Path) -> Result<()> {
    let (fresh, kept) = (generate(root)?, kept_folder(root)?);
    let (new, old) = (files(&fresh)?, files(&kept)?);
    for path in old.difference(&new) {
        fs::remove_file(kept.join(path))?;
    }
    let mut changed = 0;
    for path in &new {
        let (from, to) = (fresh.join(path), kept.join(path));
        if same(path, &fs::read(&from)?, &fs::read(&to).unwrap_or_default()) {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
        fs::copy(from, to)?;
        changed += 1;
    }
    if let Some((readme, text)) = readme_with_table(root)? {
        fs::write(readme, text)?;
    }
    println!("{changed} of {} generated files changed", new.len());
    Ok(())
}

/// Runs the proofs and the examples and compares what they made with what is kept.
///
/// # Errors
/// If one of them fails, or with everything that is stale.
pub fn check(root: &Path) -> Result<()> {
    let (fresh, kept) = (generate(root)?, kept_folder(root)?);
    let mut problems = Problems::default();
    let mend = "run `cargo book update` and look at what changed";
    let (new, old) = (files(&fresh)?, files(&kept)?);
    let name = |path: &Path| -> Result<String> {
        let kept = kept.join(path);
        Ok(kept.strip_prefix(root)?.to_string_lossy().into_owned())
    };
    for path in old.difference(&new) {
        problems.add(&name(path)?, 1, "nothing makes this file any more", mend);
    }
    for path in new.difference(&old) {
        problems.add(&name(path)?, 1, "this file is made but not kept", mend);
    }
    for path in new.intersection(&old) {
        let (fresh, kept) = (fs::read(fresh.join(path))?, fs::read(kept.join(path))?);
        if !same(path, &fresh, &kept) {
            let (line, what) = first_difference(&fresh, &kept);
            problems.add(&name(path)?, line, format!("stale: {what}"), mend);
        }
    }
    if let Some((readme, text)) = readme_with_table(root)? {
        let kept = fs::read(&readme)?;
        if kept != text.as_bytes() {
            let (line, what) = first_difference(text.as_bytes(), &kept);
            problems.add("README.md", line, format!("stale: {what}"), mend);
        }
    }
    problems.into_result()?;
    println!("{} generated files are what the proofs and the examples make", new.len());
    Ok(())
}

/// The folder that holds what was generated.
fn kept_folder(root: &Path) -> Result<PathBuf> {
    Ok(root.join(MDBook::load(root)?.config.book.src).join("generated"))
}

/// Runs everything into a fresh folder.
fn generate(root: &Path) -> Result<PathBuf> {
    let fresh = root.join("target/weave/generated");
    let records = root.join("target/weave/proofs");
    for folder in [&fresh, &records] {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
    }
    let tests = test_files(&root.join("tests"))?.into_iter().map(|file| file.stem).collect::<Vec<_>>();
    let examples = rust_files(&root.join("examples"))?;
    let (released, examples): (Vec<_>, Vec<_>) = examples.iter().map(|path| stem(path)).partition(|name| {
        let text = fs::read_to_string(root.join("examples").join(name).with_extension("rs"));
        text.is_ok_and(|text| runs_released(&text, name))
    });
    let tests = build(root, "test", &tests)?;
    let mut examples = build(root, "example", &examples)?;
    if !released.is_empty() {
        examples.extend(build_released(root, &released)?);
        examples.sort();
    }
    let mut step = 0;
    let mut next = |what: &str, name: &str| {
        step += 1;
        eprintln!("[{step}/{}] {what} {name}", tests.len() + examples.len());
    };
    for (name, program) in &tests {
        next("the proofs of", name);
        let mend = format!("mend: `cargo test --test {name}`");
        let folder = ("LOCALITY_PROOFS", records.clone().into_os_string());
        run(root, program, &[], &[folder], &format!("tests/{name}.rs failed\n  {mend}"))?;
    }
    collect_records(root, &records, &fresh)?;
    for (name, program) in &examples {
        next("example", name);
        let mend = format!("mend: `cargo run --example {name}`");
        let failure = format!("examples/{name}.rs failed\n  {mend}");
        let folder = ("LOCALITY_GENERATED", fresh.clone().into_os_string());
        let output = run(root, program, &[], &[folder], &failure)?;
        let file = fresh.join("outputs").join(format!("{name}.txt"));
        fs::create_dir_all(fresh.join("outputs"))?;
        fs::write(file, output)?;
    }
    Ok(fresh)
}

/// Runs a program at the root, and returns what it printed.
pub(crate) fn run(
    root: &Path,
    program: &Path,
    arguments: &[&str],
    variables: &[(&str, OsString)],
    failure: &str,
) -> Result<Vec<u8>> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .output()
        .with_context(|| program.display().to_string())?;
    if !output.status.success() {
        let said = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        bail!("{}{}{failure}", said(&output.stdout), said(&output.stderr));
    }
    Ok(output.stdout)
}

/// Puts the records of all proofs into one file.
fn collect_records(root: &Path, records: &Path, fresh: &Path) -> Result<()> {
    let mut text =
        String::from("# What the proofs did when they last ran. Written by `cargo book update`.\n");
    let files = test_files(&root.join("tests"))?;
    let mut proofs = files.iter().flat_map(|file| &file.proofs).collect::<Vec<_>>();
    proofs.sort_by_key(|proof| &proof.id);
    let mut problems = Problems::default();
    for Proof { id, file, test } in proofs {
        match fs::read_to_string(records.join(format!("{id}.toml"))) {
            Ok(record) => text.push_str(&format!("\n[{id}]\n{record}")),
            Err(_) => {
                let mend = format!("let the test make a Proof of \"{id}\", and not be ignored");
                let what = format!("the proof of \"{id}\" left no record");
                problems.add(&format!("tests/{file}.rs"), test.line, what, mend);
            }
        }
    }
    problems.into_result()?;
    fs::write(fresh.join("proofs.toml"), text)?;
    Ok(())
}

/// Whether an example says, in the command it is documented with, that it is to run optimised. Then the book runs it so.
fn runs_released(text: &str, name: &str) -> bool {
    let documentation = text.lines().take_while(|line| line.starts_with("//!"));
    documentation.into_iter().any(|line| line.contains(&format!("`cargo run --release --example {name}`")))
}

/// Builds the tests or examples of these names, and says where each program is.
pub(crate) fn build(root: &Path, kind: &str, names: &[String]) -> Result<Vec<(String, PathBuf)>> {
    if names.is_empty() {
        eprintln!("skipped: there is no {kind}");
        return Ok(vec![]);
    }
    let command: &[&str] = if kind == "test" { &["test", "--no-run"] } else { &["build"] };
    build_by(root, command, kind, names)
}

/// Builds the examples of these names, optimised, and says where each program is.
pub(crate) fn build_released(root: &Path, names: &[String]) -> Result<Vec<(String, PathBuf)>> {
    build_by(root, &["build", "--release"], "example", names)
}

fn build_by(root: &Path, command: &[&str], kind: &str, names: &[String]) -> Result<Vec<(String, PathBuf)>> {
    eprintln!("building {} {kind} programs", names.len());
    let flag = format!("--{kind}");
    let chosen = names.iter().flat_map(|name| [flag.as_str(), name]);
    let arguments = command.iter().copied().chain(chosen).collect::<Vec<_>>();
    let artifacts = cargo_artifacts(root, &arguments)?;
    let program = |name: &String| {
        let artifact =
            artifacts.iter().find(|a| a["target"]["name"] == name.as_str() && a["target"]["kind"][0] == kind);
        let path = artifact.and_then(|artifact| artifact["executable"].as_str());
        Ok((
            name.clone(),
            path.with_context(|| format!("cargo built no program of the {kind} {name}"))?.into(),
        ))
    };
    names.iter().map(program).collect()
}

/// A file's name without its extension.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// All files below a folder, relative to it; none if there is no such folder.
///
/// # Errors
/// If a folder cannot be read.
pub fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![folder.to_path_buf()]);
    while let Some(here) = folders.pop() {
        if !here.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&here)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder)?.into());
            }
        }
    }
    Ok(found)
}

/// Whether two files are the same; the worst errors of the proofs do not count.
fn same(path: &Path, fresh: &[u8], kept: &[u8]) -> bool {
    if path != Path::new("proofs.toml") {
        return fresh == kept;
    }
    let lasting = |text: &[u8]| {
        let text = String::from_utf8_lossy(text).into_owned();
        text.lines().filter(|line| !line.starts_with("worst")).map(String::from).collect::<Vec<_>>()
    };
    lasting(fresh) == lasting(kept)
}

/// The first line that differs, and both versions of it.
fn first_difference(fresh: &[u8], kept: &[u8]) -> (usize, String) {
    let (fresh, kept) = (String::from_utf8_lossy(fresh), String::from_utf8_lossy(kept));
    let (mut new, mut old) = (fresh.lines(), kept.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (new.next(), old.next()) {
            (None, None) => return (line, "the files differ".into()),
            (a, b)
                if a == b
                    || a.zip(b).is_some_and(|(a, b)| a.starts_with("worst") && b.starts_with("worst")) => {}
            (a, b) => {
                let shown = |text: Option<&str>| match text {
                    Some(text) => format!("{:?}", text.chars().take(80).collect::<String>()),
                    None => "nothing".into(),
                };
                return (line, format!("kept {}, made {}", shown(b), shown(a)));
            }
        }
    }
}

/// README.md with its table of chapters as it should be, if it has the markers.
fn readme_with_table(root: &Path) -> Result<Option<(PathBuf, String)>> {
    let path = root.join("README.md");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
    let (Some(start), Some(end)) = (text.find(TABLE.0), text.find(TABLE.1)) else { return Ok(None) };
    let table = chapter_table(root)?;
    let text = format!("{}{}\n\n{table}\n{}", &text[..start], TABLE.0, &text[end..]);
    Ok(Some((path, text)))
}

/// Chapter, modules, example, proofs and reading time of every numbered chapter.
fn chapter_table(root: &Path) -> Result<String> {
    let book = MDBook::load(root)?;
    let tests = test_files(&root.join("tests"))?;
    let mut table =
        String::from("| | chapter | modules | example | proofs | minutes |\n|---|---|---|---|---|--:|\n");
    for item in book.iter() {
        let BookItem::Chapter(chapter) = item else { continue };
        let (Some(number), Some(path)) = (&chapter.number, &chapter.path) else { continue };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
        let modules = chapter.content.lines().find_map(|line| {
            line.strip_prefix("<!-- modules: ")?.strip_suffix(" -->").map(|list| {
                list.split(", ").map(|module| format!("`{module}`")).collect::<Vec<_>>().join(", ")
            })
        });
        let exists = |folder: &str| root.join(folder).join(format!("{stem}.rs")).is_file();
        let example = if exists("examples") { format!("`{stem}`") } else { "–".into() };
        let proofs = tests.iter().find(|file| file.stem == stem);
        let proofs = proofs.map(|file| format!("`tests/{stem}.rs` ({})", file.proofs.len()));
        table.push_str(&format!(
            "| {number} | {} | {} | {example} | {} | {} |\n",
            chapter.name,
            modules.unwrap_or_else(|| "–".into()),
            proofs.unwrap_or_else(|| "–".into()),
            minutes(&chapter.content)
        ));
    }
    Ok(table)
}
