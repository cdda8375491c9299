//! What the book may quote: the proofs and their records, figures, outputs, values, claims, notation, references.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use crate::source::{Proof, TestFile, test_files};

/// What a proof wrote down when it last ran.
#[derive(Debug, Clone, Deserialize, PartialEq)]
pub struct Record {
    /// `exact`, `numeric`, `refuted`, or a kind that a later proof invents.
    pub kind: String,
    /// How many comparisons it made.
    pub cases: usize,
    /// In how many of them the formula was evaluated as the chapter prints it.
    #[serde(default)]
    pub printed: usize,
    /// The tolerance, or for a refuted statement the margin.
    pub tolerance: Option<f64>,
    /// The worst error, or for a refuted statement the smallest separation.
    pub worst: Option<String>,
}

impl Record {
    /// What stands beside the equation.
    pub fn badge(&self) -> String {
        let cases = if self.cases == 1 { "1 case".into() } else { format!("{} cases", self.cases) };
        let how = self.way().words();
        match (self.kind.as_str(), self.tolerance) {
            ("refuted", Some(margin)) => format!("{how} · {cases} · margin {}", number(margin)),
            (kind, Some(tolerance)) => format!("{how} · {kind} · {cases} · ≤\u{a0}{}", number(tolerance)),
            (kind, None) => format!("{how} · {kind} · {cases}"),
        }
    }

    /// How the equation was checked.
    pub fn way(&self) -> Way {
        match (self.kind.as_str(), self.printed) {
            ("refuted", _) => Way::Refuted,
            (_, 0) => Way::Tested,
            _ => Way::Printed,
        }
    }

    /// The kind and the way as CSS classes.
    pub fn class(&self) -> String {
        let kind = self.kind.split(' ').next().unwrap_or_default();
        if self.printed > 0 { format!("{kind} printed") } else { kind.into() }
    }
}

/// How an equation is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The proof evaluates the very formula that is printed.
    Printed,
    /// The proof says in code what the formula says in print.
    Tested,
    /// What one might take for true is shown to be false.
    Refuted,
}

impl Way {
    /// All of them, in the order of the ledger.
    pub const ALL: [Self; 3] = [Self::Printed, Self::Tested, Self::Refuted];

    /// The way in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Printed => "evaluated as printed",
            Self::Tested => "proved by its test",
            Self::Refuted => "refuted",
        }
    }
}

/// A number as it reads best: 0.1 and 1 as they are, 1e-12 with an exponent.
pub fn number(value: f64) -> String {
    if (1e-3..1e4).contains(&value) { format!("{value}") } else { format!("{value:e}") }
}

/// What a program said about a figure it drew.
#[derive(Debug, Clone, Deserialize)]
pub struct Figure {
    /// What to see, in Markdown.
    pub caption: String,
    /// What is there, for who cannot see it.
    pub alt: String,
    /// The program, a file of `examples/` without its extension.
    pub program: String,
}

/// A statement of the article, and what became of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its number in the ledger.
    pub id: String,
    /// The article's section.
    #[serde(rename = "where")]
    pub place: String,
    /// The article's words.
    pub quote: String,
    /// The verdict.
    pub verdict: Verdict,
    /// One sentence: what is true.
    pub says: String,
    /// The equations that decide it.
    pub by: Vec<String>,
    /// For an open claim: what will decide it.
    pub awaits: Option<String>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// True as stated.
    True,
    /// True under a condition that the sentence names.
    Conditional,
    /// False as stated.
    False,
    /// Motivation, or a matter of taste or of measurement.
    #[serde(rename = "not mathematical")]
    NotMathematical,
    /// Not decided yet.
    Open,
}

impl Verdict {
    /// Every verdict, in the order of the ledger.
    pub const ALL: [Self; 5] =
        [Self::True, Self::Conditional, Self::False, Self::NotMathematical, Self::Open];

    /// The word, the sign that stands before it, and the CSS class.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::True => ("true", "✓", "verdict-true"),
            Self::Conditional => ("true under a condition", "◐", "verdict-conditional"),
            Self::False => ("false as stated", "✗", "verdict-false"),
            Self::NotMathematical => ("not a mathematical statement", "–", "verdict-not-mathematical"),
            Self::Open => ("open", "?", "verdict-open"),
        }
    }
}

/// Something to read, and what it gives the book.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The name under which chapters cite it.
    pub key: String,
    /// Who wrote it, as a sentence would say it: Cooley and Tukey.
    pub by: String,
    /// When.
    pub year: Option<u16>,
    /// The list it belongs to.
    pub list: String,
    /// The whole entry, in Markdown.
    pub entry: String,
    /// What it contributes, in a sentence.
    pub gives: String,
    /// Whether it is listed for another reason than that a chapter leans on it.
    #[serde(default)]
    pub uncited: bool,
}

impl Reference {
    /// What a chapter says in its place: Cooley and Tukey (1965).
    pub fn shown(&self) -> String {
        self.year.map_or_else(|| self.by.clone(), |year| format!("{} ({year})", self.by))
    }
}

/// The macros that formulas may use, and the table of symbols.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notation {
    /// Macro name, with its backslash, to its expansion.
    #[serde(default)]
    pub macros: BTreeMap<String, String>,
    /// The letters that count something; the evaluator reads them.
    #[serde(default)]
    pub indices: Vec<String>,
    /// The table.
    #[serde(default, rename = "symbol")]
    pub symbols: Vec<Symbol>,
}

/// A row of the table of symbols.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Symbol {
    /// The symbol, in LaTeX.
    pub tex: String,
    /// What it means, in Markdown.
    pub meaning: String,
    /// The patterns in which it may stand; the evaluator reads them, like the next three.
    #[serde(default)]
    pub names: Vec<String>,
    /// Names of whole numbers.
    #[serde(default)]
    pub sizes: Vec<String>,
    /// Arrays with labelled entries.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Operators whose two sides may change places.
    #[serde(default)]
    pub commutes: Vec<String>,
}

/// Everything outside the chapters that the chapters may refer to.
#[derive(Debug)]
pub struct Facts {
    /// The root of the book: the folder of `book.toml`.
    pub root: PathBuf,
    /// The folder of the chapters, relative to the root.
    pub src: String,
    /// What was measured on this machine.
    pub own: Option<PathBuf>,
    /// The files with proofs.
    pub tests: Vec<TestFile>,
    /// What the proofs wrote down.
    pub records: BTreeMap<String, Record>,
    /// The article's claims, in order.
    pub claims: Vec<Claim>,
    /// Macros and symbols.
    pub notation: Notation,
    /// What there is to read, in order.
    pub references: Vec<Reference>,
}

impl Facts {
    /// Reads everything below `root`; what is missing is empty.
    ///
    /// # Errors
    /// If a file exists and cannot be read or understood.
    pub fn read(root: &Path, src: &str) -> Result<Self> {
        #[derive(Deserialize, Default)]
        struct Claims {
            #[serde(default)]
            claim: Vec<Claim>,
        }
        #[derive(Deserialize, Default)]
        struct References {
            #[serde(default)]
            reference: Vec<Reference>,
        }
        let book = root.join(src);
        let references: References = read_toml(&book.join("references.toml"))?;
        let claims: Claims = read_toml(&book.join("claims.toml"))?;
        Ok(Self {
            root: root.into(),
            src: src.into(),
            own: None,
            tests: test_files(&root.join("tests"))?,
            records: read_toml(&book.join("generated/proofs.toml"))?,
            claims: claims.claim,
            notation: read_toml(&book.join("notation.toml"))?,
            references: references.reference,
        })
    }

    /// A file below `generated/`, or what this machine made in its place.
    pub fn generated(&self, path: &str) -> PathBuf {
        let own = self.own.as_ref().map(|own| own.join(path)).filter(|own| own.is_file());
        own.unwrap_or_else(|| self.root.join(&self.src).join("generated").join(path))
    }

    /// All proofs of all files.
    pub fn proofs(&self) -> impl Iterator<Item = &Proof> {
        self.tests.iter().flat_map(|file| &file.proofs)
    }

    /// The proof of an id.
    pub fn proof(&self, id: &str) -> Option<&Proof> {
        self.proofs().find(|proof| proof.id == id)
    }

    /// What a chapter cites by this key.
    pub fn reference(&self, key: &str) -> Option<&Reference> {
        self.references.iter().find(|reference| reference.key == key)
    }

    /// A value that a program recorded, by `program.key`.
    ///
    /// # Errors
    /// If the program's values cannot be understood.
    pub fn value(&self, name: &str) -> Result<Option<String>> {
        let Some((program, key)) = name.split_once('.') else { return Ok(None) };
        let values: BTreeMap<String, String> = read_toml(&self.generated(&format!("values/{program}.toml")))?;
        Ok(values.get(key).cloned())
    }
}

/// A TOML file, or the default if there is none.
///
/// # Errors
/// If the file is there and cannot be read or understood.
pub fn read_toml<T: for<'de> Deserialize<'de> + Default>(path: &Path) -> Result<T> {
    if !path.exists() {
        return Ok(T::default());
    }
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        let line = text[..place].matches('\n').count() + 1;
        let mend = "write it as the entries beside it are written";
        anyhow!("{}:{line}: {}\n  mend: {mend}", path.display(), error.message())
    })
}
