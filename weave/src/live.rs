//! The module of the live figures: the crate `live`, compiled to WebAssembly, as a script that a page can load from
//! anywhere, a file system included. A browser fetches neither a module nor a binary from there, but it runs a script.
//!
//! The script is committed, so that whoever prints the book needs no compiler for WebAssembly; with it, the hash of
//! the sources that it was made from.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

use crate::blocks::cargo_artifacts;
use crate::facts::Facts;
use crate::source::rust_files;
use crate::update::files;

/// Where the script is kept, relative to the root.
pub const SCRIPT: &str = "book/live/module.js";

const TARGET: &str = "wasm32-unknown-unknown";

/// Compiles the crate `live` and keeps the module.
///
/// A compiler that brings no standard library for WebAssembly can do it, too, if cargo is told to build that as well
/// (`CARGO_UNSTABLE_BUILD_STD`).
///
/// # Errors
/// If the compiler does not know the target, with how to add it; if it fails.
pub fn build(root: &Path) -> Result<()> {
    let library = PathBuf::from(rustc(&["--print", "target-libdir", "--target", TARGET])?);
    if !library.is_dir() && std::env::var_os("CARGO_UNSTABLE_BUILD_STD").is_none() {
        bail!("cargo book live: this Rust does not compile for {TARGET}\n  mend: rustup target add {TARGET}");
    }
    let flags = format!("target.{TARGET}.rustflags=[{}]", remapped(root)?);
    let command = ["rustc", "--package", "live", "--lib", "--crate-type", "cdylib", "--profile", "live"];
    let artifacts =
        cargo_artifacts(root, &[&command[..], &["--target", TARGET, "--config", &flags]].concat())?;
    let files =
        artifacts.iter().flat_map(|artifact| artifact["filenames"].as_array().cloned().unwrap_or_default());
    let module = files
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    let module = smaller(&module.context("cargo made no module")?)?;
    // Deflated first: base64 hides from a server's compression what repeats.
    let deflated = miniz_oxide::deflate::compress_to_vec(&module, 10);
    let script = format!(
        "// The crate `locality` for the live figures, made by `cargo book live`: WebAssembly, deflated, in base64.\n\
         Live.module(\"{}\", \"{}\");\n",
        hash(root)?,
        BASE64_STANDARD.encode(&deflated)
    );
    let kept = root.join(SCRIPT);
    fs::create_dir_all(kept.parent().context("the script is in a folder")?)?;
    fs::write(&kept, &script)?;
    println!(
        "{SCRIPT}: {} bytes, {} of WebAssembly, {} deflated",
        script.len(),
        module.len(),
        deflated.len()
    );
    Ok(())
}

/// The module, and a little less of it where binaryen's `wasm-opt` is at hand.
fn smaller(module: &Path) -> Result<Vec<u8>> {
    let optimized = module.with_extension("opt.wasm");
    // What compilers for WebAssembly have used for years, and what older versions of the program have to be told.
    let features = [
        "bulk-memory",
        "sign-ext",
        "nontrapping-float-to-int",
        "mutable-globals",
        "multivalue",
        "reference-types",
    ];
    let features = features.map(|feature| format!("--enable-{feature}"));
    let mut command = Command::new("wasm-opt");
    command.arg("-Oz").args(features).arg(module).arg("-o").arg(&optimized);
    match command.status() {
        Ok(status) if status.success() => Ok(fs::read(optimized)?),
        Ok(_) => {
            bail!("wasm-opt does not understand {}\n  mend: use a newer binaryen, or none", module.display())
        }
        Err(_) => {
            eprintln!("without wasm-opt, of binaryen, the module is a twentieth larger");
            Ok(fs::read(module)?)
        }
    }
}

/// What the compiler answers.
fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(arguments).stdin(Stdio::null()).output().context("rustc")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().into())
}

/// The flags that keep the folders of this machine out of the module, where panics would name them.
fn remapped(root: &Path) -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home =
        home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("no home folder")?;
    let mut folders = vec![root.to_path_buf(), PathBuf::from(rustc(&["--print", "sysroot"])?)];
    for folder in fs::read_dir(home.join("registry/src")).into_iter().flatten() {
        folders.push(folder?.path());
    }
    folders.sort();
    let flag = |folder: &PathBuf| format!("'--remap-path-prefix={}='", folder.display());
    Ok(folders.iter().map(flag).collect::<Vec<_>>().join(", "))
}

/// The hash under which the script is kept.
///
/// # Errors
/// If there is no script, or none that [`build`] wrote.
pub fn kept(root: &Path) -> Result<String> {
    let script = fs::read_to_string(root.join(SCRIPT)).context(SCRIPT)?;
    let hash = script.split('"').nth(1);
    Ok(hash.with_context(|| format!("{SCRIPT} is no module\n  mend: `cargo book live`"))?.into())
}

/// The hash of the sources: the crate `live`, and of the crate `locality` the modules that it reaches. Comments and
/// blank lines do not count, nor do dependencies and the compiler; what these do is watched by running the module.
///
/// # Errors
/// If a source cannot be read.
pub fn hash(root: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for path in sources(root)? {
        hash.update(path.as_bytes());
        for line in code(&fs::read_to_string(root.join(&path)).with_context(|| path.clone())?).lines() {
            hash.update(line.as_bytes());
            hash.update(b"\n");
        }
    }
    Ok(hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// The files that the module is made from, relative to the root, in order.
///
/// # Errors
/// If a folder cannot be read.
pub fn sources(root: &Path) -> Result<Vec<String>> {
    let mut found = BTreeSet::from(["live/Cargo.toml".to_string()]);
    // What the root of the crate exports by itself.
    let mut modules = vec!["error".to_string(), "scalar".to_string()];
    let mut folders = vec!["live/src".to_string()];
    let mut seen = BTreeSet::new();
    loop {
        for folder in std::mem::take(&mut folders) {
            for file in rust_files(&root.join(&folder))? {
                found.insert(relative(root, &file)?);
                mentioned(&code(&fs::read_to_string(&file)?), &mut modules);
            }
        }
        let Some(module) = modules.pop() else { return Ok(found.into_iter().collect()) };
        if !seen.insert(module.clone()) {
            continue;
        }
        if module == "plans" {
            folders.push("plans/src".into());
        }
        let file = root.join("src").join(&module).with_extension("rs");
        if file.is_file() {
            found.insert(relative(root, &file)?);
            mentioned(&code(&fs::read_to_string(&file)?), &mut modules);
        }
        if root.join("src").join(&module).is_dir() {
            folders.push(format!("src/{module}"));
        }
    }
}

fn relative(root: &Path, file: &Path) -> Result<String> {
    Ok(file.strip_prefix(root)?.to_string_lossy().replace('\\', "/"))
}

/// A source without its comments, blank lines and indentation.
fn code(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// The names that stand first in paths from the root of the crate, and `plans` where that crate is used.
fn mentioned(code: &str, names: &mut Vec<String>) {
    if code.contains("plans::") {
        names.push("plans".into());
    }
    for root in ["crate::", "locality::"] {
        for (place, _) in code.match_indices(root) {
            let path = &code[place + root.len()..];
            match path.strip_prefix('{') {
                None => names.push(first_name(path)),
                Some(group) => {
                    let mut depth = 0;
                    let inside = group.split_inclusive(|sign: char| {
                        depth += i32::from(sign == '{') - i32::from(sign == '}');
                        depth < 0 || depth == 0 && sign == ','
                    });
                    for part in inside {
                        names.push(first_name(part.trim()));
                        if part.ends_with('}') && part.matches('{').count() < part.matches('}').count() {
                            break;
                        }
                    }
                }
            }
        }
    }
}

fn first_name(path: &str) -> String {
    path.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

/// Lets the live figure `name` take over the figure that ends a text: its stage and its controls,
/// `live/figures/NAME.html`, go between the picture and the caption, and its script is loaded when it comes into view.
///
/// # Errors
/// If there is no such live figure, or no figure that it could take over.
pub fn take_over(facts: &Facts, up: &str, name: &str, text: &mut String) -> Result<(), (String, String)> {
    let unknown = |error: &dyn std::fmt::Display| {
        let mend = format!("write live/figures/{name}.html and {}/live/{name}.js", facts.src);
        (format!("no live figure \"{name}\": {error}"), mend)
    };
    let parts = fs::read_to_string(facts.root.join(format!("live/figures/{name}.html")));
    let parts = parts.map_err(|error| unknown(&error))?;
    let scripts = facts.root.join(&facts.src).join("live");
    fs::metadata(scripts.join(format!("{name}.js"))).map_err(|error| unknown(&error))?;
    let version = version(&scripts).map_err(|error| unknown(&error))?;
    let (start, caption) = last_figure(text).ok_or_else(|| {
        let mend = "put it on the line after the {{figure …}} that it takes over".to_string();
        (format!("the live figure \"{name}\" follows no figure"), mend)
    })?;
    // A blank line would end the HTML block.
    let parts = parts.split_whitespace().collect::<Vec<_>>().join(" ");
    text.insert_str(
        text.trim_end().len(),
        &format!("<script src=\"{up}live/live.js?{version}\" defer></script>"),
    );
    text.insert_str(caption, &parts);
    let class = "<figure class=\"figure";
    text.insert_str(start + class.len(), &format!(" live\" data-live=\"{name}"));
    Ok(())
}

/// Where the figure begins that a text ends with, and where its caption does.
fn last_figure(text: &str) -> Option<(usize, usize)> {
    let figure = text.trim_end().strip_suffix("</figure>")?;
    Some((figure.rfind("<figure class=\"figure\"")?, figure.rfind("<figcaption>")?))
}

/// What the scripts of all live figures are, in a few digits: with it in their address, no browser takes an old one
/// from its cache.
fn version(scripts: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files(scripts)? {
        hash.update(fs::read(scripts.join(file))?);
    }
    Ok(hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_looked_into() {
        let mut names = vec![];
        mentioned("use crate::{a::{b, c}, d};\nuse locality::e::f; crate::g::h()", &mut names);
        assert_eq!(names, ["a", "d", "g", "e"]);
    }

    #[test]
    fn comments_do_not_count() {
        assert_eq!(code("//! about\n\nfn f() {\n    // why\n    g();\n}\n"), "fn f() {\ng();\n}\n");
    }
}
