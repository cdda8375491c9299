//! Proofs of the formula that stands in the chapter.

use std::path::Path;
use std::sync::OnceLock;

use formula::book::{Display, displays};
use formula::{Error, Exact, Formula, Judge, Notation, Number, Symbols, Trial};
use ndarray::{Array2, ArrayRef2};
use num_complex::{Complex, Complex64};
use num_rational::Ratio;

use crate::mutants::Mutants;
use crate::{Kind, Proof};

/// The book whose formulas are proved: its notation, and its displays as they are printed.
fn book() -> &'static (Notation, Vec<Display>) {
    static BOOK: OnceLock<(Notation, Vec<Display>)> = OnceLock::new();
    BOOK.get_or_init(|| {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../book"));
        let notation =
            Notation::read(&folder.join("notation.toml")).unwrap_or_else(|error| panic!("{error}"));
        let displays = displays(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        (notation, displays)
    })
}

/// A printed formula on trial.
#[derive(Debug)]
pub(crate) struct Print {
    display: &'static Display,
    trial: Trial,
    pub(crate) cases: usize,
    mutants: Option<Mutants>,
}

impl Print {
    fn of(id: &str) -> Self {
        let (notation, displays) = book();
        let display = displays.iter().find(|display| display.id == id);
        let display = display.unwrap_or_else(|| panic!("{id}: no chapter prints this formula"));
        let formula = Formula::parse(display.latex(), notation);
        let formula = formula.unwrap_or_else(|error| panic!("{}", display.explain(&error)));
        let mutants = Mutants::of(display, notation);
        Self { display, trial: Trial::new(formula), cases: 0, mutants }
    }

    #[track_caller]
    fn case<T: Number>(&mut self, symbols: &Symbols<T>, judge: Judge) {
        let notation = &book().0;
        if let Some(name) = symbols.names().find(|name| !notation.knows(name) && !notation.is_index(name)) {
            panic!("{}: the notation knows no `{name}`", self.display.id);
        }
        self.cases += 1;
        self.trial.case(symbols, judge).unwrap_or_else(|error| self.fail(&error));
        if let Some(mutants) = &mut self.mutants {
            mutants.case(symbols, judge);
        }
    }

    fn relax(&mut self, relax: fn(&mut Trial)) {
        relax(&mut self.trial);
        self.mutants.iter_mut().for_each(|mutants| mutants.each(relax));
    }

    #[track_caller]
    fn fail(&self, error: &Error) -> ! {
        panic!("{}: case {}\n{}", self.display.id, self.cases, self.display.explain(error))
    }

    /// Every statement was tried, and no range says too little.
    pub(crate) fn finish(&mut self) {
        self.trial.finish().unwrap_or_else(|error| self.fail(&error));
        if let Some(mutants) = &mut self.mutants {
            mutants.finish(self.display);
        }
    }
}

impl Proof {
    /// One case: the formula that the chapter prints under this id holds for these symbols, exactly. In a refuted
    /// proof, what it states to differ differs by the margin.
    #[track_caller]
    pub fn printed(&mut self, symbols: &Symbols<Exact>) {
        let margin = if let Kind::Refuted { margin } = self.kind { margin } else { 0.0 };
        self.evaluate(symbols, Judge { margin, ..Judge::EXACT }, 1.0);
    }

    /// One case: the printed formula holds for these symbols up to the tolerance times `scale`.
    #[track_caller]
    pub fn printed_close(&mut self, symbols: &Symbols<Complex64>, scale: f64) {
        let judge = match self.kind {
            Kind::Exact => panic!("{}: printed_close() is for proofs that are not exact", self.id),
            Kind::Numeric { tolerance } | Kind::FiniteDifference { tolerance } => {
                Judge { tolerance: tolerance * scale, margin: tolerance * scale }
            }
            // What is stated to be equal beside is equal to rounding.
            Kind::Refuted { margin } => Judge { tolerance: 1e-12 * scale, margin },
        };
        self.evaluate(symbols, judge, scale);
    }

    /// The formula holds beyond its ranges, too, and the chapter has a reason not to say so.
    pub fn let_ranges_grow(&mut self) {
        self.print().relax(Trial::let_ranges_grow);
    }

    /// The formula may hold where its conditions do not.
    pub fn let_conditions_be_strict(&mut self) {
        self.print().relax(Trial::let_conditions_be_strict);
    }

    fn print(&mut self) -> &mut Print {
        self.print.get_or_insert_with(|| Print::of(self.id))
    }

    #[track_caller]
    fn evaluate<T: Number>(&mut self, symbols: &Symbols<T>, judge: Judge, scale: f64) {
        self.cases += 1;
        self.print().case(symbols, judge);
        let trial = &self.print().trial;
        let (worst, separation) = (trial.worst() / scale, trial.separation());
        match (self.kind, separation) {
            (Kind::Refuted { .. }, Some(separation)) => self.worst = self.worst.min(separation),
            (Kind::Numeric { .. } | Kind::FiniteDifference { .. }, _) => self.worst = self.worst.max(worst),
            _ => {}
        }
    }
}

/// A number of a proof, as a formula takes it: whole ones exactly, rounded ones as they are.
pub trait Printed: Clone {
    /// What it becomes.
    type Number: Number;
    /// The same number.
    fn print(&self) -> Self::Number;
}

impl Printed for i64 {
    type Number = Exact;
    fn print(&self) -> Exact {
        Exact::whole(*self)
    }
}

impl Printed for Complex<i64> {
    type Number = Exact;
    fn print(&self) -> Exact {
        let part = |n: i64| Ratio::from_integer(i128::from(n));
        Exact::new(part(self.re), part(self.im))
    }
}

impl Printed for f64 {
    type Number = Complex64;
    fn print(&self) -> Complex64 {
        (*self).into()
    }
}

impl Printed for Complex64 {
    type Number = Self;
    fn print(&self) -> Self {
        *self
    }
}

/// A signal of a proof, as a formula takes it.
pub fn printed<S: Printed>(x: &[S]) -> Vec<S::Number> {
    x.iter().map(Printed::print).collect()
}

/// An image of a proof, as a formula takes it.
pub fn printed_image<S: Printed>(x: &ArrayRef2<S>) -> Array2<S::Number> {
    x.map(Printed::print)
}
