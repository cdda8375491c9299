//! Recommending: filters on the graph of users and items, and how well they guess what was held out.
//!
//! A score for every item is a row of a filter. What all filters here begin with is R̃, the block of I − Δₛ that leads from users
//! to items; what they repeat is the round trip R̃ᵀR̃, from items to the users who met them and back. Its Laplacian is I − R̃ᵀR̃, so
//! a polynomial in the round trip is a filter by frequency, equation `recommender-filter`.

use nalgebra::{DMatrix, SymmetricEigen};
use nalgebra_sparse::{CooMatrix, CsrMatrix};

use super::meetings::below;
use super::{Meetings, multiply};
use crate::error::{Error, Result, allocatable, at_least, exactly, non_empty, non_zero};

/// Scores that differ by no more than this share of the largest are the same score: rounding does not decide what is recommended.
const SAME: f64 = 1e-9;

/// The filters of one table of meetings.
///
/// # Examples
/// Three users, four items. The third user met item 1 alone; a round trip finds what those who met it met besides:
/// ```
/// use locality::graph::{Meetings, Recommender};
/// let rows = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 3), (2, 1)].map(|(user, item)| (user, item, 1.0));
/// let recommender = Recommender::new(&Meetings::new(3, 4, &rows)?)?;
/// let scores = recommender.scores(2, &[0.0, 1.0])?;
/// assert!(scores[3] > scores[0] && scores[0] > 0.0);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Recommender {
    /// R̃, users × items.
    to_items: CsrMatrix<f64>,
    /// R̃ᵀ, items × users.
    to_users: CsrMatrix<f64>,
}

impl Recommender {
    /// The filters that belong to these meetings: R̃\[u, n\] = R\[u, n\] / √(d\[u\] d\[n\]), equation `recommender-hops`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if the graph cannot be allocated.
    pub fn new(meetings: &Meetings) -> Result<Self> {
        let users = meetings.users();
        let laplacian = meetings.graph()?.normalised_laplacian();
        let mut entries = CooMatrix::new(users, meetings.items());
        for (from, to, entry) in laplacian.triplet_iter() {
            if from < users && to >= users {
                entries.push(from, to - users, -entry);
            }
        }
        let to_items = CsrMatrix::from(&entries);
        Ok(Self { to_users: to_items.transpose(), to_items })
    }

    /// R̃: a row for each user, one step to the items met.
    pub fn to_items(&self) -> &CsrMatrix<f64> {
        &self.to_items
    }

    /// One step: what the user met, each item by its weight. Nothing new, but where every filter begins.
    ///
    /// # Errors
    /// [`Error::Index`] if there is no such user.
    pub fn step(&self, user: usize) -> Result<Vec<f64>> {
        below("user", self.to_items.nrows(), user)?;
        let mut scores = vec![0.0; self.to_items.ncols()];
        let row = self.to_items.row(user);
        row.col_indices().iter().zip(row.values()).for_each(|(&item, &entry)| scores[item] = entry);
        Ok(scores)
    }

    /// Two steps more, R̃ᵀ R̃ x: from items to the users who met them, and back to all that these met.
    ///
    /// # Errors
    /// [`Error::Length`] if `x` has not a number for every item.
    pub fn round_trip(&self, x: &[f64]) -> Result<Vec<f64>> {
        multiply(&self.to_users, &multiply(&self.to_items, x)?)
    }

    /// The scores of a polynomial, Σₖ c\[k\] (R̃ᵀ R̃)ᵏ after the first step: with K + 1 coefficients a filter of degree 2K + 1, which
    /// reaches that many edges, equation `recommender-reach`.
    ///
    /// # Errors
    /// [`Error::Empty`] without coefficients; [`Error::Index`] if there is no such user.
    pub fn scores(&self, user: usize, c: &[f64]) -> Result<Vec<f64>> {
        non_empty("coefficients", c.len())?;
        let mut walk = self.step(user)?;
        let mut scores = vec![0.0; walk.len()];
        for (k, c) in c.iter().enumerate() {
            if k > 0 {
                walk = self.round_trip(&walk)?;
            }
            scores.iter_mut().zip(&walk).for_each(|(score, walk)| *score += c * walk);
        }
        Ok(scores)
    }

    /// The Laplacian of the items, I − R̃ᵀ R̃: items that the same users met are neighbours. Its frequencies lie between 0 and 1.
    pub fn laplacian(&self) -> CsrMatrix<f64> {
        CsrMatrix::identity(self.to_items.ncols()) - &self.to_users * &self.to_items
    }

    /// The `count` slowest modes of the items, as columns, by subspace iteration: `rounds` round trips of a block of vectors, which
    /// keep what is slow and damp the rest. Where the table is too large for all eigenvectors, this needs the table and a few
    /// columns. `random` fills the first block. The nearer the next frequency, the more rounds it takes.
    ///
    /// # Errors
    /// [`Error::Zero`] if `count` is 0; [`Error::TooShort`] if there are fewer items; [`Error::NotFinite`] if the weights of the
    /// meetings overflow, or `random` gives NaN.
    pub fn slow_modes(
        &self,
        count: usize,
        rounds: usize,
        mut random: impl FnMut() -> f64,
    ) -> Result<DMatrix<f64>> {
        let items = self.to_items.ncols();
        non_zero("count", count)?;
        at_least("items", count, items)?;
        // A few columns more than are wanted: what is lost between two near frequencies is lost behind the last one kept.
        let columns = items.min(count + count / 2 + 4);
        allocatable::<f64>("block of modes", &[items, columns])?;
        let mut block = DMatrix::from_fn(items, columns, |_, _| random().clamp(-1.0, 1.0));
        let round = |block: &DMatrix<f64>| &self.to_users * (&self.to_items * block);
        for _ in 0..rounds {
            block = round(&block).qr().q();
        }
        block = block.qr().q();
        // The best that the block can do: the eigenvectors of the filter within it.
        let within = block.transpose() * round(&block);
        if within.iter().any(|entry| !entry.is_finite()) {
            return Err(Error::NotFinite { argument: "meetings" });
        }
        let eigen = SymmetricEigen::new((&within + within.transpose()) * 0.5);
        let mut order = (0..columns).collect::<Vec<_>>();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        Ok(block * eigen.eigenvectors.select_columns(&order[..count]))
    }

    /// The scores of a cut-off: of what the user met, the part that these modes can say, V Vᵀ after the first step.
    ///
    /// # Errors
    /// [`Error::Index`] if there is no such user; [`Error::Length`] if the modes have not a row for every item.
    pub fn cut_off(&self, user: usize, modes: &DMatrix<f64>) -> Result<Vec<f64>> {
        let step = self.step(user)?;
        exactly("modes", step.len(), modes.nrows())?;
        let bins = modes.transpose() * nalgebra::DVector::from_vec(step);
        Ok((modes * bins).as_slice().to_vec())
    }
}

/// The coefficients of heat on the items, e^{−tΔ} with Δ = I − R̃ᵀR̃, as a polynomial in the round trip: e^{−t} tᵏ/k! for k below
/// `terms`. All are positive, so nothing cancels.
///
/// # Examples
/// ```
/// use locality::graph::heat;
/// assert!((heat(1.5, 30).iter().sum::<f64>() - 1.0).abs() < 1e-15);
/// ```
pub fn heat(t: f64, terms: usize) -> Vec<f64> {
    let next = |(k, c): &(usize, f64)| Some((k + 1, c * t / (k + 1) as f64));
    std::iter::successors(Some((0, (-t).exp())), next).map(|(_, c)| c).take(terms).collect()
}

/// The share of the held-out items among the `places` best-scored ones, items that the user has `met` left out: equation
/// `recall-at`. Where the last places are claimed by equal scores, each of these items gets its share of them, so that the order
/// of the list is of no account.
///
/// # Errors
/// [`Error::Zero`] without places; [`Error::Empty`] if nothing is held out; [`Error::Index`] if an item has no score;
/// [`Error::NotFinite`] if a score is not finite.
///
/// # Examples
/// Item 0 is known. Of two places one goes to item 2, and items 1 and 3 share the other:
/// ```
/// use locality::graph::recall;
/// assert_eq!(recall(&[9.0, 1.0, 2.0, 1.0], &[0], &[2, 3], 2)?, (1.0 + 0.5) / 2.0);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn recall(scores: &[f64], met: &[usize], held_out: &[usize], places: usize) -> Result<f64> {
    non_zero("places", places)?;
    non_empty("held_out", held_out.len())?;
    met.iter().chain(held_out).try_for_each(|&item| below("item", scores.len(), item))?;
    if scores.iter().any(|score| !score.is_finite()) {
        return Err(Error::NotFinite { argument: "scores" });
    }
    let mut candidate = vec![true; scores.len()];
    met.iter().for_each(|&item| candidate[item] = false);
    let candidates = (0..scores.len()).filter(|&item| candidate[item]);
    let mut ranked = candidates.map(|item| scores[item]).collect::<Vec<_>>();
    ranked.sort_by(|a, b| b.total_cmp(a));
    let largest = scores.iter().fold(0.0_f64, |largest, score| largest.max(score.abs()));
    let last = ranked.get(places - 1).copied().unwrap_or(f64::NEG_INFINITY);
    let above = |score: f64| score - last > SAME * largest;
    let equal = |score: f64| (score - last).abs() <= SAME * largest;
    let count = |is: &dyn Fn(f64) -> bool| ranked.iter().filter(|&&score| is(score)).count() as f64;
    let share = (places as f64 - count(&above)) / count(&equal);
    let place = |item: usize| match scores[item] {
        _ if !candidate[item] => 0.0,
        score if above(score) => 1.0,
        score if equal(score) => share,
        _ => 0.0,
    };
    Ok(held_out.iter().map(|&item| place(item)).sum::<f64>() / held_out.len() as f64)
}
