//! Whether a proof would have noticed an error in print.
//!
//! With `LOCALITY_MUTANTS` set to a folder, a proof that evaluates its printed formula evaluates the formula's mutants,
//! too, on the same cases. A mutant is killed by the first case that fails, or by what is missing at the end. How many
//! were, and which were not, goes to `<folder>/<id>.toml`. `LOCALITY_MUTANTS_SHARE=0.1` takes a tenth of the mutants,
//! always the same ones.

use std::env;
use std::fs;
use std::path::PathBuf;

use formula::book::Display;
use formula::{Error, Formula, Judge, Mutant, Notation, Number, Symbols, Trial, mutants};

/// The mutants of one printed formula.
#[derive(Debug)]
pub(crate) struct Mutants {
    folder: PathBuf,
    planted: usize,
    alive: Vec<(Mutant, Trial)>,
}

impl Mutants {
    /// The mutants of a display, if anyone asks for them.
    pub fn of(display: &Display, notation: &Notation) -> Option<Self> {
        let folder = env::var_os("LOCALITY_MUTANTS")?.into();
        let share = env::var("LOCALITY_MUTANTS_SHARE").map_or(1.0, |share| {
            share
                .parse()
                .unwrap_or_else(|_| panic!("LOCALITY_MUTANTS_SHARE is a number from 0 to 1, not {share}"))
        });
        let mut alive = vec![];
        for mutant in mutants(display.latex(), notation) {
            if place(&display.id, &one_line(&mutant.latex)) < share {
                let formula = Formula::parse(&mutant.latex, notation).expect("a mutant can be read");
                alive.push((mutant, Trial::new(formula)));
            }
        }
        Some(Self { folder, planted: alive.len(), alive })
    }

    /// Lets every trial do what the formula's own may do.
    pub fn each(&mut self, act: fn(&mut Trial)) {
        self.alive.iter_mut().for_each(|(_, trial)| act(trial));
    }

    /// One case for those that are left.
    pub fn case<T: Number>(&mut self, symbols: &Symbols<T>, judge: Judge) {
        self.alive.retain_mut(|(_, trial)| trial.case(symbols, judge).is_ok());
    }

    /// Writes down what became of them.
    pub fn finish(&mut self, display: &Display) {
        self.alive.retain(|(_, trial)| trial.finish().is_ok());
        let file = self.folder.join(format!("{}.toml", display.id));
        fs::write(&file, self.record(display)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    fn record(&self, display: &Display) -> String {
        let killed = self.planted - self.alive.len();
        let mut record =
            format!("file = {:?}\nmutants = {}\nkilled = {killed}\n", display.file, self.planted);
        for (mutant, _) in &self.alive {
            let (line, column) = display.line_and_column(mutant.span.start);
            let shown = display.explain(&Error::new(&mutant.span, mutant.what.as_str()));
            record.push_str(&format!(
                "\n[[survivor]]\nwhat = {:?}\nlatex = {:?}\nline = {line}\ncolumn = {column}\nshown = {shown:?}\n",
                mutant.what,
                changed(display.latex(), &mutant.latex)
            ));
        }
        record
    }
}

/// The formula without its label, on one line.
fn one_line(latex: &str) -> String {
    let (before, label) = latex.split_once("\\label{").unwrap_or((latex, "}"));
    let after = label.split_once('}').map_or("", |(_, after)| after);
    format!("{before} {after}").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The one statement, range or row of a mutant that the formula does not have.
fn changed(latex: &str, mutant: &str) -> String {
    let parts = |text: &str| {
        let text = ["\\begin{aligned}", "\\end{aligned}", "\\quad", "\\qquad"]
            .iter()
            .fold(one_line(text), |text, word| text.replace(word, "\\\\"));
        text.split("\\\\").map(|part| part.trim().trim_end_matches(',').to_string()).collect::<Vec<_>>()
    };
    let (before, after) = (parts(latex), parts(mutant));
    let differs = before.iter().zip(&after).position(|(before, after)| before != after);
    match differs {
        Some(place) if before.len() == after.len() => after[place].clone(),
        _ => one_line(mutant),
    }
}

/// A number from 0 to 1 that belongs to a mutant: FNV-1a, then stirred until the first bits depend on all of it.
fn place(id: &str, latex: &str) -> f64 {
    let bytes = id.bytes().chain([0]).chain(latex.bytes());
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        hash = (hash ^ (hash >> 31)).wrapping_mul(factor);
    }
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_a_share_of_all() {
        let chosen = (0..10_000).filter(|n| place("a-b", &format!("x[n+{n}] = 0")) < 0.1).count();
        assert!((900..1100).contains(&chosen), "{chosen}");
        assert!((0..1000).all(|n| (0.0..1.0).contains(&place("a", &n.to_string()))));
    }

    #[test]
    fn a_formula_is_written_down_on_one_line_without_its_label() {
        assert_eq!(one_line("\nx[n]\n  = y[n]\n\\label{a-b}\n"), "x[n] = y[n]");
        assert_eq!(one_line("x = y"), "x = y");
        let (formula, mutant) = (
            "x = y, \\qquad 0 \\le n < N, \\quad y = z\\label{a}",
            "x = y, \\qquad 0 \\le n < N, \\quad z = y",
        );
        assert_eq!(changed(formula, mutant), "z = y");
        assert_eq!(
            changed(
                "\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}",
                "\\begin{aligned} a &= b \\\\ c &= 2 \\end{aligned}"
            ),
            "c &= 2"
        );
    }

    #[test]
    fn a_mutant_that_survives_is_written_down_with_its_place() {
        let notation = Notation::parse("[[symbol]]\nnames = [\"x\", \"y\", \"h\"]\n").unwrap();
        let text = "# T\n\n$$\nx = y + h\n\\label{a}\n$$\n";
        let start = text.find("x =").unwrap() - 1;
        let place = start..text.len() - 3;
        let display = Display { id: "a".into(), file: "book/t.md".into(), text: text.into(), place };
        let alive = mutants(display.latex(), &notation).into_iter().map(|mutant| {
            let trial = Trial::new(Formula::parse(&mutant.latex, &notation).unwrap());
            (mutant, trial)
        });
        let mut mutants = Mutants { folder: PathBuf::new(), planted: 2, alive: alive.collect() };
        let number = |n| <formula::Exact as Number>::whole(n);
        let symbols = Symbols::new().value("x", number(5)).value("y", number(5)).value("h", number(0));
        mutants.case(&symbols, Judge::EXACT);
        let record = mutants.record(&display);
        assert!(record.starts_with("file = \"book/t.md\"\nmutants = 2\nkilled = 1\n"), "{record}");
        assert!(
            record.contains("what = \"+ becomes -\"\nlatex = \"x = y - h\"\nline = 4\ncolumn = 7\n"),
            "{record}"
        );
        assert_eq!(mutants.alive.len(), 1);
    }
}
