//! `cargo book measure`: the times of the chapter "Measured", taken on this machine.
//!
//! What was measured, and the chapter's figures with both machines in them, stay below `target/measured`. As long as
//! they are there, `cargo book` shows them in the place of those that are printed for everybody; plain mdBook does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::update::{build, build_released, run};

/// The program that measures, and the one that draws.
const PROGRAMS: [&str; 2] = ["measure", "measured"];

/// Where everything stays.
fn folder(root: &Path) -> PathBuf {
    root.join("target/measured")
}

/// Measures this machine, and draws what came out beside the reference machine.
///
/// # Errors
/// If a program cannot be built, or fails.
pub fn measure(root: &Path) -> Result<()> {
    let [measuring, drawing] = PROGRAMS.map(String::from);
    let (times, made) = (folder(root).join("times.csv"), folder(root).join("generated"));
    let programs = build_released(root, &[measuring])?;
    let [(_, program)] = &programs[..] else { bail!("cargo built no program {}", PROGRAMS[0]) };
    eprintln!("measuring, which takes some minutes; the less else this machine does, the better");
    // Its progress is for the reader to see.
    let status = Command::new(program).arg("--survey").arg(&times).current_dir(root).status();
    if !status.with_context(|| program.display().to_string())?.success() {
        bail!(
            "the measurement failed\n  mend: `cargo run --release --example measure -- --survey times.csv`"
        );
    }
    let programs = build(root, "example", &[drawing])?;
    let [(name, program)] = &programs[..] else { bail!("cargo built no program {}", PROGRAMS[1]) };
    let variables = [
        ("LOCALITY_MEASURED", times.into_os_string()),
        ("LOCALITY_GENERATED", made.clone().into_os_string()),
    ];
    let output = run(root, program, &[], &variables, "mend: `cargo run --example measured`")?;
    fs::create_dir_all(made.join("outputs"))?;
    fs::write(made.join("outputs").join(format!("{name}.txt")), output)?;
    eprintln!("the chapter now shows this machine, too; remove {} to forget it", folder(root).display());
    Ok(())
}

/// What was measured here, if it was drawn by the program as it is now.
pub fn own(root: &Path) -> Option<PathBuf> {
    let made = folder(root).join("generated");
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let drawn = changed(&made.join("values/measured.toml"))?;
    let is_new = changed(&root.join("examples/measured.rs")).is_some_and(|program| program <= drawn);
    if !is_new {
        eprintln!(
            "what was measured on this machine is older than the book: `cargo book measure` does it again"
        );
    }
    is_new.then_some(made)
}

/// Puts the data of its figures where the pages lead to.
///
/// # Errors
/// If a file cannot be copied.
pub fn publish(own: &Path, html: &Path) -> Result<()> {
    for path in crate::update::files(own)? {
        fs::copy(own.join(&path), html.join("generated").join(&path))?;
    }
    Ok(())
}
