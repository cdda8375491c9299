//! A made-up world of users and items, and the methods that recommend in it.

use std::fmt;

use locality::fourier::{dft2, inverse_dft2};
use locality::graph::{Fourier, Meetings, Recommender, dense, heat, recall};
use locality::nalgebra::DMatrix;
use locality::num_complex::Complex;
use locality::{Result, matrix};
use rand::{Rng, RngExt};
use rayon::prelude::*;

/// How many items are recommended.
pub const PLACES: usize = 10;
/// One in this many of a user's meetings is held out.
pub const HELD_OUT: usize = 5;

/// A way to score items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// The same for everyone: how often an item was met.
    Popularity,
    /// A filter of this degree: so many edges from the user.
    Hops(usize),
    /// Heat, at this time: every number of edges.
    Heat(f64),
    /// The slowest so many frequencies of the items as they are, the others not at all.
    CutOff(usize),
    /// The low frequencies of the two-dimensional FFT of the table.
    Fft,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Popularity => write!(f, "popularity"),
            Self::Hops(1) => write!(f, "1 hop"),
            Self::Hops(degree) => write!(f, "{degree} hops"),
            Self::Heat(time) => write!(f, "heat, t = {time}"),
            Self::CutOff(1) => write!(f, "1 frequency"),
            Self::CutOff(modes) => write!(f, "{modes} frequencies"),
            Self::Fft => write!(f, "FFT of the table, low-pass"),
        }
    }
}

/// Users who choose among items by how popular these are, by taste, and by chance, with about equal weights. A taste is a vector of
/// six numbers, one for each user and one for each item; a user takes the 10 to 29 items for which the three add up to most.
pub fn world(users: usize, items: usize, random: &mut impl Rng) -> Result<Meetings> {
    const TASTES: usize = 6;
    let mut vectors = |n: usize| {
        let mut vector = || [(); TASTES].map(|()| random.random_range(-1.0..1.0) * 3.0_f64.sqrt());
        (0..n).map(|_| vector()).collect::<Vec<_>>()
    };
    let (user_tastes, item_tastes) = (vectors(users), vectors(items));
    // The second item is half as popular as the first, the third a third; which is which is shuffled.
    let mut rank = (1..=items).map(|rank| rank as f64).collect::<Vec<_>>();
    (1..items).rev().for_each(|i| rank.swap(i, random.random_range(0..=i)));
    let mut rows = vec![];
    for (user, taste) in user_tastes.iter().enumerate() {
        let wish = |(item, other): (usize, &[f64; TASTES])| {
            let taste = taste.iter().zip(other).map(|(a, b)| a * b).sum::<f64>() / (TASTES as f64).sqrt();
            // Gumbel's distribution: the largest sums are then a draw by weights.
            let chance = -(-random.random_range(f64::MIN_POSITIVE..1.0).ln()).ln();
            (taste + chance - rank[item].ln(), item)
        };
        let mut wishes = item_tastes.iter().enumerate().map(wish).collect::<Vec<_>>();
        wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let met = random.random_range(10..30).min(items);
        rows.extend(wishes[..met].iter().map(|&(_, item)| (user, item, 1.0)));
    }
    Meetings::new(users, items, &rows)
}

/// The methods of one table, ready to score.
pub struct Methods<'a> {
    kept: &'a Meetings,
    recommender: Recommender,
    popularity: Vec<f64>,
    modes: DMatrix<f64>,
    smoothed: Option<DMatrix<f64>>,
}

impl<'a> Methods<'a> {
    /// With all frequencies, and with the FFT: for small tables.
    pub fn exact(kept: &'a Meetings) -> Result<Self> {
        let recommender = Recommender::new(kept)?;
        let modes = Fourier::new(&recommender.laplacian())?.modes().clone();
        let smoothed = Some(low_pass(&dense(kept.table())?)?);
        Ok(Self { kept, recommender, popularity: kept.popularity(), modes, smoothed })
    }

    /// With the `count` slowest frequencies, nearly: for large tables.
    pub fn sparse(kept: &'a Meetings, count: usize, random: &mut impl Rng) -> Result<Self> {
        let recommender = Recommender::new(kept)?;
        let modes = recommender.slow_modes(count.min(kept.items()), 10, || random.random_range(-1.0..1.0))?;
        Ok(Self { kept, recommender, popularity: kept.popularity(), modes, smoothed: None })
    }

    /// Mean recall of each method over these users; who has nothing held out is passed over.
    pub fn recall(&self, methods: &[Method], held_out: &Meetings, users: &[usize]) -> Result<Vec<f64>> {
        let trips = |method: &Method| match method {
            Method::Hops(degree) => degree / 2,
            // The terms behind these are below a billionth.
            Method::Heat(time) => 6 + (5.0 * time) as usize,
            _ => 0,
        };
        let most = methods.iter().map(trips).max().unwrap_or(0);
        let one = |&user: &usize| -> Result<Vec<f64>> {
            // What all polynomials are made of is computed once.
            let mut walks = vec![self.recommender.step(user)?];
            for k in 0..most {
                walks.push(self.recommender.round_trip(&walks[k])?);
            }
            let recall = |&method: &Method| {
                let scores = self.scores(method, user, &walks)?;
                recall(&scores, self.kept.met(user)?, held_out.met(user)?, PLACES)
            };
            methods.iter().map(recall).collect()
        };
        let tried = users.par_iter().filter(|&&user| held_out.met(user).is_ok_and(|items| !items.is_empty()));
        // Added up in the order of the users, whatever thread was first.
        let recalls = tried.map(one).collect::<Result<Vec<_>>>()?;
        let sum = |place: usize| recalls.iter().map(|user| user[place]).sum::<f64>();
        Ok((0..methods.len()).map(|place| sum(place) / recalls.len().max(1) as f64).collect())
    }

    fn scores(&self, method: Method, user: usize, walks: &[Vec<f64>]) -> Result<Vec<f64>> {
        Ok(match method {
            Method::Popularity => self.popularity.clone(),
            Method::Hops(degree) => walks[degree / 2].clone(),
            Method::Heat(time) => {
                let mut scores = vec![0.0; self.kept.items()];
                for (c, walk) in heat(time, walks.len()).iter().zip(walks) {
                    scores.iter_mut().zip(walk).for_each(|(score, walk)| *score += c * walk);
                }
                scores
            }
            Method::CutOff(count) => {
                let slowest = self.modes.columns(0, count.min(self.modes.ncols())).into_owned();
                self.recommender.cut_off(user, &slowest)?
            }
            Method::Fft => match &self.smoothed {
                Some(table) => table.row(user).iter().copied().collect(),
                None => vec![0.0; self.kept.items()],
            },
        })
    }
}

/// The FFT's own low-pass of a table: a quarter of the frequencies along each axis.
fn low_pass(table: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    let mut bins = dft2(&matrix::to_array(table).mapv(Complex::from))?;
    let (height, width) = bins.dim();
    for ((u, v), bin) in bins.indexed_iter_mut() {
        if 8 * u.min(height - u) > height || 8 * v.min(width - v) > width {
            *bin = Complex::new(0.0, 0.0);
        }
    }
    Ok(matrix::from_array(&inverse_dft2(&bins)?.mapv(|bin| bin.re)))
}
