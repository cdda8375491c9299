//! Running the Rust code in the chapters.
//!
//! `mdbook test` calls `rustdoc` on each chapter, but cannot tell it where the crate is. So this module does it: all
//! chapters become modules of one file whose documentation they are, and `rustdoc --test` compiles and runs every
//! block of it, against exactly the library that cargo built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use mdbook_preprocessor::book::Book;
use serde_json::Value;

/// Runs the blocks of all chapters, then hides them from mdBook's own run, which could not find the crate.
///
/// # Errors
/// If a block does not compile or fails.
pub fn run_and_ignore(root: &Path, mut book: Book) -> Result<Book> {
    run(root, &book)?;
    book.for_each_chapter_mut(|chapter| {
        let hide = |line: &str| match line.trim_start().strip_prefix("```rust") {
            Some("") => format!("{line},ignore"),
            Some(rest) if rest.starts_with(',') => line.replacen("```rust", "```rust,ignore", 1),
            _ => line.to_string(),
        };
        chapter.content = chapter.content.lines().map(hide).collect::<Vec<_>>().join("\n");
    });
    Ok(book)
}

/// Runs the blocks of all chapters.
///
/// # Errors
/// If a block does not compile or fails, or if the library cannot be built.
pub fn run(root: &Path, book: &Book) -> Result<()> {
    let library = library(root)?;
    let deps = library.parent().context("a library is in a folder")?;
    let folder = root.join("target/weave/blocks");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let mut modules = String::from("//! The chapters of the book.\n");
    for chapter in book.chapters() {
        let Some(path) = &chapter.path else { continue };
        let file = path.to_string_lossy().replace(['/', '\\'], "-");
        fs::write(folder.join(&file), &chapter.content)?;
        let module = file.replace(['-', '.'], "_");
        modules.push_str(&format!("#[doc = include_str!({file:?})]\npub mod {module} {{}}\n"));
    }
    let main = folder.join("chapters.rs");
    fs::write(&main, modules)?;
    let output = Command::new("rustdoc")
        .arg("--test")
        .arg(&main)
        .args(["--edition", "2024", "--crate-name", "chapters"])
        .arg("--extern")
        .arg(format!("locality={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg("--test-run-directory")
        .arg(root)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .context("rustdoc, which comes with cargo")?;
    // Standard output belongs to mdBook's protocol.
    eprint!("{}", String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        bail!(
            "{}\nthe chapters' code does not pass\n  mend: the failures above name chapter and line",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// Builds the crate as its examples use it, and returns the library in `deps/`, beside those it depends on.
///
/// That is also how `cargo test` builds it, so after a test nothing is compiled anew.
fn library(root: &Path) -> Result<PathBuf> {
    let artifacts = cargo_artifacts(root, &["build", "--examples"])?;
    let files = artifacts
        .iter()
        .filter(|artifact| artifact["target"]["name"] == "locality" && artifact["target"]["kind"][0] == "lib")
        .flat_map(|artifact| artifact["filenames"].as_array().cloned().unwrap_or_default());
    let library = files
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "rlib"));
    library.context(
        "no example uses the library locality, so it was not built\n  mend: write an example that does",
    )
}

/// Runs cargo and returns the artifacts it reports; its progress goes to standard error.
///
/// # Errors
/// If cargo fails.
pub fn cargo_artifacts(root: &Path, arguments: &[&str]) -> Result<Vec<Value>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo")?;
    ensure!(output.status.success(), "cargo {} failed\n  mend: see above", arguments.join(" "));
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(artifacts.filter(|message| message["reason"] == "compiler-artifact").collect())
}
