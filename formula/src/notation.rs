//! The notation of the book: which symbols there are, and how each is written.
//!
//! It is read from the file that also prints the table of symbols. A symbol names the patterns in which it may
//! stand; `#` is the place of an expression:
//!
//! | pattern               | reads                         | as                              |
//! |-----------------------|-------------------------------|---------------------------------|
//! | `N`, `K_h`, `x'`      | `N`, `K_h`, `x'`              | a name                          |
//! | `F_#`, `F_{#,#}`      | `F_N`, `F_{H,W}`              | a name with parameters          |
//! | `C(#)`, `irfft_#(#)`  | `C(h)`, `\operatorname{irfft}_n(y)` | a function                |
//! | `# \ast #`            | `x \ast h`                    | an operator between two         |
//! | `# \circledast_# #`   | `x \circledast_M h`           | the same, with parameters       |
//! | `\hat #`              | `\hat x`, `\widehat{x + y}`   | an accent                       |

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// Which symbols there are.
#[derive(Debug, Clone, Default)]
pub struct Notation {
    /// Macro name, with its backslash, to its expansion.
    pub macros: BTreeMap<String, String>,
    patterns: BTreeSet<String>,
    sizes: BTreeSet<String>,
    labels: BTreeSet<String>,
    indices: BTreeSet<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    macros: BTreeMap<String, String>,
    #[serde(default)]
    indices: BTreeSet<String>,
    #[serde(default, rename = "symbol")]
    symbols: Vec<Symbol>,
}

#[derive(Deserialize)]
struct Symbol {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    sizes: Vec<String>,
    #[serde(default)]
    labels: Vec<String>,
}

impl Notation {
    /// Reads `notation.toml`.
    ///
    /// # Errors
    /// If there is no such file, or it is not understood.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Understands the text of `notation.toml`.
    ///
    /// # Errors
    /// If it is not TOML of the expected form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut notation = Self { macros: file.macros, indices: file.indices, ..Self::default() };
        for symbol in file.symbols {
            notation.patterns.extend(symbol.names);
            notation.patterns.extend(symbol.sizes.iter().cloned());
            notation.sizes.extend(symbol.sizes);
            notation.labels.extend(symbol.labels);
        }
        Ok(notation)
    }

    /// Whether it names no symbols at all.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a symbol may stand in this pattern.
    pub fn knows(&self, pattern: &str) -> bool {
        self.patterns.contains(pattern)
    }

    /// Whether a name is a size: comparisons of sizes are conditions, not statements.
    pub fn is_size(&self, name: &str) -> bool {
        self.sizes.contains(name)
    }

    /// Whether a letter may count something: a sample, a row, a term of a sum.
    pub fn is_index(&self, name: &str) -> bool {
        self.indices.contains(name)
    }

    /// Whether `x_{11}` is an entry of this array, counted from 1.
    pub fn has_labels(&self, name: &str) -> bool {
        self.labels.contains(name)
    }

    /// Whether a name, with its parameters, takes parentheses as its own.
    pub fn mentions_function(&self, head: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| pattern.strip_prefix(head).is_some_and(|rest| rest.starts_with('(')))
    }

    /// Whether a name occurs in any pattern.
    pub fn mentions(&self, name: &str) -> bool {
        let part = |pattern: &String| {
            pattern.split(['#', ' ', '(', ')', ',', '{', '}']).any(|part| part.trim_end_matches('_') == name)
        };
        self.indices.contains(name) || self.patterns.iter().any(part)
    }
}
