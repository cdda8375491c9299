//! Users who met items: a table with few entries, and what is held out of it.

use nalgebra_sparse::{CooMatrix, CsrMatrix};

use super::Graph;
use crate::error::{Error, Result, allocatable, at_least, non_empty};

/// Who met what, and how much: a sparse table with a row for each user and a column for each item.
///
/// # Examples
/// ```
/// use locality::graph::Meetings;
/// let meetings = Meetings::new(2, 3, &[(0, 0, 1.0), (0, 2, 1.0), (1, 2, 1.0)])?;
/// assert_eq!(meetings.met(0)?, [0, 2]);
/// assert_eq!(meetings.popularity(), [1.0, 0.0, 2.0]);
/// assert_eq!(meetings.graph()?.hops(0)?, [Some(0), Some(2), Some(1), None, Some(1)]);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Meetings {
    table: CsrMatrix<f64>,
}

impl Meetings {
    /// The table of these rows (user, item, how much). Meetings of the same two add up, as edges of a graph do.
    ///
    /// # Errors
    /// [`Error::Empty`] without users or without items; [`Error::Index`] if a row names one that does not exist;
    /// [`Error::NotPositive`] if a weight is not a positive number.
    pub fn new(users: usize, items: usize, rows: &[(usize, usize, f64)]) -> Result<Self> {
        non_empty("users", users)?;
        non_empty("items", items)?;
        allocatable::<usize>("table", &[users])?;
        let mut entries = CooMatrix::new(users, items);
        for &(user, item, weight) in rows {
            below("user", users, user)?;
            below("item", items, item)?;
            // Not `weight <= 0`: NaN must be refused.
            if !(weight > 0.0 && weight.is_finite()) {
                return Err(Error::NotPositive { argument: "weight" });
            }
            entries.push(user, item, weight);
        }
        Ok(Self { table: CsrMatrix::from(&entries) })
    }

    /// The table: users × items.
    pub fn table(&self) -> &CsrMatrix<f64> {
        &self.table
    }

    /// How many users there are.
    pub fn users(&self) -> usize {
        self.table.nrows()
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.table.ncols()
    }

    /// The items that a user met, in order.
    ///
    /// # Errors
    /// [`Error::Index`] if there is no such user.
    pub fn met(&self, user: usize) -> Result<&[usize]> {
        below("user", self.users(), user)?;
        // Built here and not by `row()`, whose slices would not live as long as the table.
        let (offsets, items, _) = self.table.csr_data();
        Ok(&items[offsets[user]..offsets[user + 1]])
    }

    /// How much each item was met, by all users together. As a score it is the same for everyone.
    pub fn popularity(&self) -> Vec<f64> {
        let mut popularity = vec![0.0; self.items()];
        for (_, item, weight) in self.table.triplet_iter() {
            popularity[item] += weight;
        }
        popularity
    }

    /// The bipartite graph: user u and item n are nodes u and U + n, equation `bipartite-adjacency`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if it cannot be allocated.
    pub fn graph(&self) -> Result<Graph<f64>> {
        let users = self.users();
        let edges = self.table.triplet_iter().map(|(user, item, &weight)| (user, users + item, weight));
        Graph::new(users + self.items(), &edges.collect::<Vec<_>>())
    }

    /// Holds out one in `one_in` of each user's meetings, rounded down, and returns what is kept and what is held out. Whoever
    /// has fewer loses none, and nobody loses all. `random(n)` is a number below n; with the same numbers the same is held out.
    ///
    /// # Errors
    /// [`Error::TooShort`] if `one_in` is below 2.
    ///
    /// # Examples
    /// ```
    /// use locality::graph::Meetings;
    /// use rand::{RngExt, SeedableRng};
    /// let meetings = Meetings::new(1, 5, &[0, 1, 2, 3, 4].map(|item| (0, item, 1.0)))?;
    /// let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    /// let (kept, held_out) = meetings.hold_out(5, |below| random.random_range(0..below))?;
    /// assert_eq!((kept.met(0)?.len(), held_out.met(0)?.len()), (4, 1));
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn hold_out(&self, one_in: usize, mut random: impl FnMut(usize) -> usize) -> Result<(Self, Self)> {
        at_least("one_in", 2, one_in)?;
        let empty = || CooMatrix::new(self.users(), self.items());
        let (mut kept, mut held_out) = (empty(), empty());
        for (user, row) in self.table.row_iter().enumerate() {
            let mut meetings = row.col_indices().iter().zip(row.values()).collect::<Vec<_>>();
            let out = meetings.len() / one_in;
            for place in 0..out {
                let left = meetings.len() - place;
                // Whatever the caller's numbers are, they stay in the list.
                meetings.swap(place, place + random(left) % left);
            }
            for (place, (&item, &weight)) in meetings.into_iter().enumerate() {
                let side = if place < out { &mut held_out } else { &mut kept };
                side.push(user, item, weight);
            }
        }
        Ok((Self { table: CsrMatrix::from(&kept) }, Self { table: CsrMatrix::from(&held_out) }))
    }
}

/// Refuses a number that counts nothing.
pub(super) fn below(argument: &'static str, nodes: usize, given: usize) -> Result<()> {
    if given < nodes { Ok(()) } else { Err(Error::Index { argument, nodes, given }) }
}
