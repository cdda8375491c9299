//! What a proof of the book is.
//!
//! A proof is an ordinary `#[test]`, named after the equation it proves. It draws many cases from a fixed seed, adds
//! the edge cases listed for the equation, and compares two independent ways to the same thing:
//!
//! ```
//! use proof::{Proof, S1};
//! let mut proof = Proof::exact("sum-commutes");
//! for (x, h) in proof.pairs::<i64>(S1) {
//!     proof.equal(x[0] + h[0], h[0] + x[0]);
//! }
//! ```
//!
//! Beside that, or instead, a proof takes the formula of its id as the chapter prints it, says what the symbols stand
//! for, and has both sides evaluated: [`Proof::printed`]. Then a wrong sign in print is a test that fails.
//!
//! There are four kinds. **Exact**: both sides are equal, `==`. **Numeric**: they differ by no more than a tolerance
//! times the scale of the inputs. **Finite difference**: the same, and one side is what nudging the input does to a
//! loss, so the tolerance is that of a difference quotient. **Refuted**: the statement is false, and every case shows
//! two sides that are at least a margin apart. When the proof goes out of scope without a failure, what it did is
//! written down for the book.

mod draw;
mod printed;
mod tensor;

pub use draw::{Draw, GaussianInteger, Layer, S1, S2, S3, powers};
pub use printed::{Printed, printed, printed_image};
pub use tensor::{Number, Tensor, norm};

use std::env;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use ndarray::{Array2, Array4};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many random cases a sweep adds to the listed ones.
const RANDOM_CASES: usize = 64;

/// A proof in progress: the cases it drew, and the worst it has seen.
#[derive(Debug)]
pub struct Proof {
    id: &'static str,
    kind: Kind,
    cases: usize,
    worst: f64,
    random: ChaCha8Rng,
    print: Option<printed::Print>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Exact,
    Numeric { tolerance: f64 },
    FiniteDifference { tolerance: f64 },
    Refuted { margin: f64 },
}

impl Proof {
    /// Both sides are equal, to the last bit.
    pub fn exact(id: &'static str) -> Self {
        Self::new(id, Kind::Exact, 0.0)
    }

    /// Both sides agree up to `tolerance` times the scale of the inputs.
    pub fn numeric(id: &'static str, tolerance: f64) -> Self {
        Self::new(id, Kind::Numeric { tolerance }, 0.0)
    }

    /// A gradient agrees with difference quotients of its loss up to `tolerance` times the scale of the inputs.
    pub fn finite_difference(id: &'static str, tolerance: f64) -> Self {
        Self::new(id, Kind::FiniteDifference { tolerance }, 0.0)
    }

    /// The statement is false: the two sides are at least `margin` apart.
    pub fn refuted(id: &'static str, margin: f64) -> Self {
        Self::new(id, Kind::Refuted { margin }, f64::INFINITY)
    }

    fn new(id: &'static str, kind: Kind, worst: f64) -> Self {
        // Every equation has its own stream of cases (FNV-1a of its id), so that a new proof changes no other.
        let seed = id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { id, kind, cases: 0, worst, random: ChaCha8Rng::seed_from_u64(seed), print: None }
    }

    /// The random numbers of this proof, for cases of its own making.
    pub fn random(&mut self) -> &mut impl Rng {
        &mut self.random
    }

    /// A random signal.
    pub fn signal<T: Draw>(&mut self, n: usize) -> Vec<T> {
        (0..n).map(|_| T::draw(&mut self.random)).collect()
    }

    /// A random image.
    pub fn image<T: Draw>(&mut self, shape: (usize, usize)) -> Array2<T> {
        Array2::from_shape_simple_fn(shape, || T::draw(&mut self.random))
    }

    /// A random tensor: images or filters, channels, rows, columns.
    pub fn tensor<T: Draw>(&mut self, shape: [usize; 4]) -> Array4<T> {
        Array4::from_shape_simple_fn(shape, || T::draw(&mut self.random))
    }

    /// Random sizes (N, K) with 1 ≤ K ≤ N: those listed, then 64 more with N up to 24.
    pub fn sizes(&mut self, listed: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut sizes = listed.to_vec();
        for _ in 0..RANDOM_CASES {
            let n = self.random.random_range(1..=24);
            sizes.push((n, self.random.random_range(1..=n)));
        }
        sizes
    }

    /// Random shapes (H, W), (K_h, K_w) with the kernel inside the image: those listed, then 64 more with sides up
    /// to 9.
    pub fn shapes(&mut self, listed: &[Shapes]) -> Vec<Shapes> {
        let mut shapes = listed.to_vec();
        for _ in 0..RANDOM_CASES {
            let image = (self.random.random_range(1..=9), self.random.random_range(1..=9));
            let kernel = (self.random.random_range(1..=image.0), self.random.random_range(1..=image.1));
            shapes.push((image, kernel));
        }
        shapes
    }

    /// Random lengths: those listed, then 64 more up to 40.
    pub fn lengths(&mut self, listed: &[usize]) -> Vec<usize> {
        let random = (0..RANDOM_CASES).map(|_| self.random.random_range(1..=40)).collect::<Vec<_>>();
        [listed, &random].concat()
    }

    /// Random layers with at least one output: those listed, then 64 more with sides up to 9 and up to 3 channels.
    pub fn layers(&mut self, listed: &[Layer]) -> Vec<Layer> {
        let random = (0..RANDOM_CASES).map(|_| Layer::draw(&mut self.random)).collect::<Vec<_>>();
        [listed, &random].concat()
    }

    /// A random signal and a random kernel for each of [`sizes`](Proof::sizes).
    pub fn pairs<T: Draw>(&mut self, listed: &[(usize, usize)]) -> Vec<(Vec<T>, Vec<T>)> {
        self.sizes(listed).into_iter().map(|(n, k)| (self.signal(n), self.signal(k))).collect()
    }

    /// A random image and a random kernel for each of [`shapes`](Proof::shapes).
    pub fn images<T: Draw>(&mut self, listed: &[Shapes]) -> Vec<(Array2<T>, Array2<T>)> {
        self.shapes(listed)
            .into_iter()
            .map(|(image, kernel)| (self.image(image), self.image(kernel)))
            .collect()
    }

    /// One case: both sides have the same shape and equal entries. Allowed in every kind of proof.
    #[track_caller]
    pub fn equal<A: Tensor + Debug, B: Tensor<Item = A::Item> + Debug>(&mut self, left: A, right: B) {
        self.cases += 1;
        let same = left.shape() == right.shape() && left.items() == right.items();
        assert!(same, "{}: case {}\n  left: {left:?}\n right: {right:?}", self.id, self.cases);
    }

    /// One case: a condition that is not a comparison of two tensors.
    #[track_caller]
    pub fn holds(&mut self, condition: bool) {
        self.cases += 1;
        assert!(condition, "{}: case {} does not hold", self.id, self.cases);
    }

    /// One case: both sides have the same shape, and no entry differs by more than the tolerance times `scale`.
    ///
    /// The scale is 1 + the product of the inputs' norms, unless the equation says otherwise.
    #[track_caller]
    pub fn close<A: Tensor + Debug, B: Tensor<Item = A::Item> + Debug>(
        &mut self,
        left: A,
        right: B,
        scale: f64,
    ) {
        let (Kind::Numeric { tolerance } | Kind::FiniteDifference { tolerance }) = self.kind else {
            panic!("{}: close() is for proofs with a tolerance", self.id)
        };
        self.cases += 1;
        let error = self.distance(&left, &right) / scale;
        self.worst = self.worst.max(error);
        // Not `error > tolerance`: NaN must fail.
        assert!(
            error <= tolerance,
            "{}: case {}: error {error:e} of the scale {scale:e}\n  left: {left:?}\n right: {right:?}",
            self.id,
            self.cases
        );
    }

    /// One case: a quantity lies within its bound, for a numeric proof whose tolerance is a share of that bound.
    #[track_caller]
    pub fn within(&mut self, quantity: f64, bound: f64) {
        self.close(quantity, 0.0, bound);
    }

    /// One case of a refuted statement: somewhere the sides differ by the margin or more, or have different shapes.
    #[track_caller]
    pub fn separated<A: Tensor + Debug, B: Tensor<Item = A::Item> + Debug>(&mut self, left: A, right: B) {
        let Kind::Refuted { margin } = self.kind else {
            panic!("{}: separated() is for refuted proofs", self.id)
        };
        self.cases += 1;
        let distance =
            if left.shape() == right.shape() { self.distance(&left, &right) } else { f64::INFINITY };
        self.worst = self.worst.min(distance);
        assert!(distance >= margin, "{}: case {}: only {distance:e} apart", self.id, self.cases);
    }

    #[track_caller]
    fn distance<A: Tensor, B: Tensor<Item = A::Item>>(&self, left: &A, right: &B) -> f64 {
        assert_eq!(left.shape(), right.shape(), "{}: case {}: shapes differ", self.id, self.cases);
        let mut worst = 0.0_f64;
        for (a, b) in left.items().iter().zip(&right.items()) {
            let distance = a.distance(b);
            if distance.is_nan() {
                return f64::NAN;
            }
            worst = worst.max(distance);
        }
        worst
    }

    fn record(&self) -> String {
        let (kind, tolerance) = match self.kind {
            Kind::Exact => ("exact", None),
            Kind::Numeric { tolerance } => ("numeric", Some(tolerance)),
            Kind::FiniteDifference { tolerance } => ("finite difference", Some(tolerance)),
            Kind::Refuted { margin } => ("refuted", Some(margin)),
        };
        let tolerance = tolerance.map(|t| format!("tolerance = {t:e}\n")).unwrap_or_default();
        let worst = match self.kind {
            Kind::Exact => String::new(),
            // An infinite separation is a difference in shape; TOML would write it as `inf`.
            _ => format!("worst = \"{:.1e}\"\n", self.worst),
        };
        let printed =
            self.print.as_ref().map(|print| format!("printed = {}\n", print.cases)).unwrap_or_default();
        format!("kind = \"{kind}\"\ncases = {}\n{printed}{tolerance}{worst}", self.cases)
    }
}

/// The shapes of an image and of a kernel: (H, W), (K_h, K_w).
pub type Shapes = ((usize, usize), (usize, usize));

/// A proof that ends without a failure is written to the folder named by `LOCALITY_PROOFS`, if there is one.
impl Drop for Proof {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        assert!(self.cases > 0, "{}: a proof needs at least one case", self.id);
        if let Some(print) = &self.print {
            print.finish();
        }
        if let Some(folder) = env::var_os("LOCALITY_PROOFS") {
            let file = Path::new(&folder).join(format!("{}.toml", self.id));
            fs::write(&file, self.record()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proof with its one obligatory case done.
    fn proof(id: &'static str) -> Proof {
        let mut proof = Proof::exact(id);
        proof.holds(true);
        proof
    }

    #[test]
    fn cases_are_those_listed_and_sixty_four_more_and_always_the_same() {
        assert_eq!(proof("a").sizes(S1)[..S1.len()], *S1);
        assert_eq!(proof("a").sizes(S1).len(), S1.len() + 64);
        assert_eq!(proof("a").pairs::<i64>(S1), proof("a").pairs::<i64>(S1));
        assert_ne!(proof("a").signal::<f64>(4), proof("b").signal::<f64>(4));
    }

    #[test]
    fn a_record_says_kind_cases_tolerance_and_worst() {
        let mut proof = Proof::numeric("a", 1e-3);
        proof.close(vec![1.0, 2.0], vec![1.0, 2.001], 2.0);
        assert_eq!(proof.record(), "kind = \"numeric\"\ncases = 1\ntolerance = 1e-3\nworst = \"5.0e-4\"\n");
    }

    #[test]
    fn a_finite_difference_is_compared_like_a_number_and_recorded_under_its_name() {
        let mut proof = Proof::finite_difference("a", 1e-3);
        proof.close(1.0, 1.0005, 1.0);
        let record = "kind = \"finite difference\"\ncases = 1\ntolerance = 1e-3\nworst = \"5.0e-4\"\n";
        assert_eq!(proof.record(), record);
    }

    #[test]
    #[should_panic(expected = "error 1e-2")]
    fn a_finite_difference_over_the_tolerance_fails() {
        Proof::finite_difference("a", 1e-3).close(0.0, 0.01, 1.0);
    }

    #[test]
    #[should_panic(expected = "does not hold")]
    fn a_false_condition_fails() {
        proof("a").holds(false);
    }

    #[test]
    #[should_panic(expected = "case 2")]
    fn unequal_shapes_are_not_equal() {
        proof("a").equal(Array2::<i64>::zeros((1, 2)), Array2::<i64>::zeros((2, 1)));
    }

    #[test]
    #[should_panic(expected = "error 1e0")]
    fn an_error_over_the_tolerance_fails() {
        Proof::numeric("a", 1e-12).close(1.0, 2.0, 1.0);
    }

    #[test]
    #[should_panic(expected = "error NaN")]
    fn not_a_number_is_close_to_nothing() {
        Proof::numeric("a", 1e-12).close(f64::NAN, f64::NAN, 1.0);
    }

    #[test]
    #[should_panic(expected = "only")]
    fn a_separation_below_the_margin_fails() {
        Proof::refuted("a", 0.1).separated(1.0, 1.05);
    }

    #[test]
    #[should_panic(expected = "at least one case")]
    fn a_proof_without_cases_fails() {
        Proof::exact("a");
    }
}
