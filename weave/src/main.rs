//! `cargo book`, and the preprocessor that plain `mdbook` calls.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, io};

use anyhow::{Context, Result, bail};
use mdbook_preprocessor::Preprocessor;
use weave::weave::Weave;

const HELP: &str = "\
cargo book            build the book, check its links, and say where it is
cargo book --open     the same, and open it in a browser
cargo book test       compile and run the code in the chapters
cargo book update     run the proofs and the examples and keep what they made
cargo book check      run them again and fail if anything kept is stale
cargo book measure    time the fast code on this machine, and show it in the book beside the reference
cargo book live       compile the module of the live figures, and keep it
cargo book mutate     plant errors in the printed formulas and list those that no proof notices;
                      --share 0.1 tries a tenth of them, ids of equations those of these equations";

fn main() -> ExitCode {
    // mdBook logs what it does; without a listener its warnings would be lost.
    let level = env::var("MDBOOK_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(level).with_writer(io::stderr).without_time().init();
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        [] | ["build"] => build(false),
        ["--open"] | ["build", "--open"] => build(true),
        ["test"] => weave::test(&root()?),
        ["update"] => weave::update::update(&root()?),
        ["check"] => weave::update::check(&root()?),
        ["measure"] => {
            weave::measure::measure(&root()?)?;
            build(false)
        }
        ["live"] => weave::live::build(&root()?),
        ["mutate", "--share", share, ids @ ..] => {
            let share = share.parse().with_context(|| {
                format!("cargo book mutate: a share of {share:?}\n  mend: give a number: --share 0.1")
            })?;
            weave::mutate::mutate(&root()?, Some(share), ids)
        }
        ["mutate", ids @ ..] => weave::mutate::mutate(&root()?, None, ids),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        ["preprocess"] => preprocess(),
        ["preprocess", "supports", _] => Ok(()),
        _ => bail!("cargo book: unknown arguments {arguments:?}\n  mend: use one of\n{HELP}"),
    }
}

/// The folder of `book.toml`: this one, or the nearest above it.
fn root() -> Result<PathBuf> {
    let here = env::current_dir()?;
    let root = here.ancestors().find(|folder| folder.join("book.toml").is_file());
    Ok(root.with_context(|| format!("no book.toml in {} or above it", here.display()))?.into())
}

fn build(open: bool) -> Result<()> {
    let page = weave::build(&root()?)?.join("index.html");
    println!("The book is in {}", page.display());
    if open { browse(&page) } else { Ok(()) }
}

/// Opens a page with whatever this system opens pages with.
fn browse(page: &Path) -> Result<()> {
    let (program, arguments): (&str, &[&str]) = match env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let started = Command::new(program).args(arguments).arg(page).status();
    match started {
        Ok(status) if status.success() => Ok(()),
        _ => bail!("no browser could be started with {program}\n  mend: open {} yourself", page.display()),
    }
}

/// The preprocessor's side of mdBook's protocol: a book comes in as JSON, a book goes out.
fn preprocess() -> Result<()> {
    let (context, book) = mdbook_preprocessor::parse_input(io::stdin())?;
    let book = Weave::default().run(&context, book)?;
    serde_json::to_writer(io::stdout(), &book)?;
    Ok(())
}
