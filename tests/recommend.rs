//! Users, items and what is recommended: the table and its split, filters against full matrices, recall by hand, and files of a
//! reader, good and bad. The equations are proved in `graphs.rs`.

#[path = "../examples/ratings/mod.rs"]
mod ratings;

use std::collections::BTreeSet;

use locality::graph::{Fourier, Graph, Meetings, Recommender, dense, heat, polynomial, recall};
use locality::nalgebra::{DMatrix, DVector};
use locality::{Error, Result};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use ratings::{Problem, Ratings};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Default::default() }
}

/// A random table in which about one in `sparse` of all meetings took place.
fn table(users: usize, items: usize, sparse: usize, random: &mut impl Rng) -> Meetings {
    let mut rows = vec![];
    for user in 0..users {
        for item in 0..items {
            if random.random_range(0..sparse) == 0 {
                rows.push((user, item, random.random_range(0.5..5.0)));
            }
        }
    }
    Meetings::new(users, items, &rows).expect("good rows")
}

/// Tables of several sizes, some with users or items that met nobody.
fn tables() -> Vec<Meetings> {
    let mut random = ChaCha8Rng::seed_from_u64(12);
    let sizes = [(1, 1, 1), (1, 6, 2), (7, 1, 2), (5, 9, 3), (12, 8, 3), (9, 9, 9), (20, 30, 6)];
    sizes.map(|(users, items, sparse)| table(users, items, sparse, &mut random)).to_vec()
}

fn entries(meetings: &Meetings) -> Vec<(usize, usize, f64)> {
    meetings.table().triplet_iter().map(|(user, item, &weight)| (user, item, weight)).collect()
}

fn assert_close(left: &[f64], right: &[f64], tolerance: f64) {
    assert_eq!(left.len(), right.len());
    for (a, b) in left.iter().zip(right) {
        assert!((a - b).abs() <= tolerance, "{left:?}\n{right:?}");
    }
}

// ---- the table ----

/// Meetings of the same two add up, and the graph is that of the full table.
#[test]
fn a_table_is_a_bipartite_graph() -> Result<()> {
    let meetings = Meetings::new(2, 3, &[(1, 2, 0.5), (0, 0, 2.0), (1, 2, 1.0)])?;
    assert_eq!(entries(&meetings), [(0, 0, 2.0), (1, 2, 1.5)]);
    assert_eq!((meetings.users(), meetings.items()), (2, 3));
    assert_eq!((meetings.met(0)?, meetings.met(1)?), (&[0][..], &[2][..]));
    assert_eq!(meetings.popularity(), [2.0, 0.0, 1.5]);
    for meetings in tables() {
        assert_eq!(meetings.graph()?, Graph::bipartite(&dense(meetings.table())?)?);
        assert_eq!(meetings.popularity(), meetings.graph()?.degrees()[meetings.users()..]);
    }
    Ok(())
}

#[test]
fn bad_tables_are_refused() {
    let refused = |users, items, rows: &[(usize, usize, f64)], error: Error| {
        assert_eq!(Meetings::new(users, items, rows).unwrap_err(), error);
    };
    refused(0, 3, &[], Error::Empty { argument: "users" });
    refused(3, 0, &[], Error::Empty { argument: "items" });
    refused(2, 3, &[(2, 0, 1.0)], Error::Index { argument: "user", nodes: 2, given: 2 });
    refused(2, 3, &[(0, 0, 1.0), (0, 3, 1.0)], Error::Index { argument: "item", nodes: 3, given: 3 });
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        refused(2, 3, &[(0, 0, weight)], Error::NotPositive { argument: "weight" });
    }
    let message = Meetings::new(1, 1, &[(0, 0, -1.0)]).unwrap_err().to_string();
    assert_eq!(message, "weight: expected a positive, finite number, got another");
    refused(usize::MAX, 1, &[], Error::TooLarge { what: "table" });
    let meetings = Meetings::new(2, 3, &[]).unwrap();
    assert_eq!(meetings.met(2).unwrap_err(), Error::Index { argument: "user", nodes: 2, given: 2 });
    for one_in in [0, 1] {
        let error = meetings.hold_out(one_in, |_| 0).unwrap_err();
        assert_eq!(error, Error::TooShort { argument: "one_in", needed: 2, given: one_in });
    }
}

proptest! {
    #![proptest_config(config(500))]

    /// Every meeting is on one side and on one only, with its weight; as many are held out as was said; and whatever numbers the
    /// caller draws, nothing panics.
    #[test]
    fn a_split_loses_nothing(
        users in 1..8_usize, items in 1..12_usize, one_in in 2..7_usize, seed in 0..u64::MAX, wild: bool,
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let meetings = table(users, items, 2, &mut random);
        let draw = |below: usize| if wild { random.random_range(0..usize::MAX) } else { random.random_range(0..below) };
        let (kept, held_out) = meetings.hold_out(one_in, draw)?;
        prop_assert_eq!((kept.users(), kept.items()), (users, items));
        prop_assert_eq!((held_out.users(), held_out.items()), (users, items));
        let mut both = [entries(&kept), entries(&held_out)].concat();
        both.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        prop_assert_eq!(both, entries(&meetings));
        for user in 0..users {
            prop_assert_eq!(held_out.met(user)?.len(), meetings.met(user)?.len() / one_in);
        }
    }
}

/// The same numbers hold out the same, other numbers something else, and in the long run every meeting has its turn.
#[test]
fn a_split_is_seeded_and_fair() -> Result<()> {
    let meetings = Meetings::new(1, 10, &(0..10).map(|item| (0, item, 1.0)).collect::<Vec<_>>())?;
    let split = |seed| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        meetings.hold_out(5, |below| random.random_range(0..below))
    };
    assert_eq!(split(3)?, split(3)?);
    let mut turns = [0; 10];
    for seed in 0..1000 {
        split(seed)?.1.met(0)?.iter().for_each(|&item| turns[item] += 1);
    }
    // 200 each, give or take five standard deviations.
    assert!(turns.iter().all(|turns| (140..260).contains(turns)), "{turns:?}");
    Ok(())
}

// ---- the filters ----

/// R̃ of a full table, from its definition.
fn normalised(meetings: &Meetings) -> DMatrix<f64> {
    let table = dense(meetings.table()).expect("small");
    let (rows, columns) = (table.column_sum(), table.row_sum());
    DMatrix::from_fn(table.nrows(), table.ncols(), |u, n| match table[(u, n)] {
        0.0 => 0.0,
        weight => weight / f64::sqrt(rows[u] * columns[n]),
    })
}

/// Scores are a row of the polynomial of the full matrix, and of the Laplacian's of the whole graph. Catches a round trip that
/// goes through the wrong side, or a coefficient at the wrong power.
#[test]
fn a_filter_is_the_polynomial_of_the_full_matrix() -> Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for meetings in tables() {
        let (users, items) = (meetings.users(), meetings.items());
        let recommender = Recommender::new(&meetings)?;
        let normalised = normalised(&meetings);
        assert!((dense(recommender.to_items())? - &normalised).abs().max() < 1e-15);
        let back_and_forth = normalised.transpose() * &normalised;
        let laplacian = DMatrix::identity(items, items) - &back_and_forth;
        assert!((dense(&recommender.laplacian())? - laplacian).abs().max() < 1e-14);
        for degree in 0..5 {
            let c = (0..=degree).map(|_| random.random_range(-1.0..1.0)).collect::<Vec<f64>>();
            let mut filter = DMatrix::zeros(items, items);
            c.iter().rev().for_each(|&c| {
                filter = &filter * &back_and_forth + DMatrix::identity(items, items) * c;
            });
            let all = &normalised * filter;
            for user in 0..users {
                let row = all.row(user).iter().copied().collect::<Vec<_>>();
                assert_close(&recommender.scores(user, &c)?, &row, 1e-13);
            }
        }
        // The same by the polynomial of the chapter: (I − Δ)^(2k + 1) from the node of a user. Rows of nodes without neighbours
        // are zeros in Δ, so there I − Δ is not the step, but none of it is reached.
        let signed = |k: usize| {
            let power = 2 * k + 1;
            let binomial = |j: usize| (1..=j).fold(1.0, |b, i| b * (power + 1 - i) as f64 / i as f64);
            (0..=power).map(|j| if j % 2 == 0 { binomial(j) } else { -binomial(j) }).collect::<Vec<_>>()
        };
        let graph = meetings.graph()?;
        for user in (0..users).filter(|&user| !meetings.met(user).unwrap().is_empty()) {
            let mut x = vec![0.0; graph.nodes()];
            x[user] = 1.0;
            for k in 0..4 {
                let y = polynomial(&graph.normalised_laplacian(), &signed(k), &x)?;
                let mut c = vec![0.0; k + 1];
                c[k] = 1.0;
                assert_close(&recommender.scores(user, &c)?, &y[users..], 1e-11);
            }
        }
    }
    Ok(())
}

/// With K round trips a score is above zero for the items within 2K + 1 edges, and zero, to the last bit, for all others.
#[test]
fn a_score_touches_the_items_within_its_hops() -> Result<()> {
    for meetings in tables() {
        let (recommender, graph) = (Recommender::new(&meetings)?, meetings.graph()?);
        for user in 0..meetings.users() {
            let hops = graph.hops(user)?;
            for trips in 0..5 {
                let mut only_last = vec![0.0; trips + 1];
                only_last[trips] = 1.0;
                for c in [vec![1.0; trips + 1], only_last] {
                    for (item, score) in recommender.scores(user, &c)?.into_iter().enumerate() {
                        let within = hops[meetings.users() + item].is_some_and(|hops| hops <= 2 * trips + 1);
                        assert_eq!(score > 0.0, within, "user {user}, item {item}, {trips} round trips");
                        assert!(score >= 0.0);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Heat by its polynomial is heat by its eigenvectors.
#[test]
fn heat_is_the_exponential_of_the_laplacian() -> Result<()> {
    for meetings in tables() {
        let recommender = Recommender::new(&meetings)?;
        for t in [0.0, 0.3, 2.0, 8.0] {
            let heated = Fourier::new(&recommender.laplacian())?.filter(|frequency| (-t * frequency).exp());
            for user in 0..meetings.users() {
                let expected = &heated * DVector::from_vec(recommender.step(user)?);
                assert_close(&recommender.scores(user, &heat(t, 60))?, expected.as_slice(), 1e-12);
            }
        }
    }
    assert!(heat(1.0, 0).is_empty());
    assert_eq!(heat(2.0, 3), [(-2.0_f64).exp(), 2.0 * (-2.0_f64).exp(), 2.0 * (-2.0_f64).exp()]);
    Ok(())
}

/// What subspace iteration finds is what all eigenvectors say: the same projection, where there is a gap behind it. With all modes
/// nothing is cut off.
#[test]
fn slow_modes_are_the_slowest_eigenvectors() -> Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let meetings = table(40, 25, 4, &mut random);
    let recommender = Recommender::new(&meetings)?;
    let fourier = Fourier::new(&recommender.laplacian())?;
    for count in [1, 2, 5, 12, 25] {
        let modes = recommender.slow_modes(count, 300, || random.random_range(-1.0..1.0))?;
        assert_eq!(modes.shape(), (25, count));
        let exact = fourier.modes().columns(0, count).into_owned();
        assert!(
            (&modes * modes.transpose() - &exact * exact.transpose()).abs().max() < 1e-9,
            "{count} modes"
        );
        // Each for itself belongs to its frequency.
        let round = DMatrix::identity(25, 25) - dense(&recommender.laplacian())?;
        for (mode, frequency) in modes.column_iter().zip(fourier.frequencies()) {
            assert!((&round * mode - mode * (1.0 - frequency)).norm() < 1e-7);
        }
        for user in [0, 17] {
            let by_filter = &exact * (exact.transpose() * DVector::from_vec(recommender.step(user)?));
            assert_close(&recommender.cut_off(user, &modes)?, by_filter.as_slice(), 1e-9);
            if count == 25 {
                assert_close(&recommender.cut_off(user, &modes)?, &recommender.step(user)?, 1e-12);
            }
        }
    }
    Ok(())
}

/// The first block holds the caller's numbers, in half as many columns again as are wanted and four; without a round, the modes
/// are the best that it can do. Catches a block that every caller shares, one that grows faster than what is wanted, and modes in
/// the wrong order.
#[test]
fn slow_modes_begin_with_the_numbers_of_the_caller() -> Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(10);
    let meetings = table(30, 20, 3, &mut random);
    let recommender = Recommender::new(&meetings)?;
    let round = DMatrix::identity(20, 20) - dense(&recommender.laplacian())?;
    for (count, columns) in [(1, 5), (2, 7), (3, 8), (6, 13), (8, 16), (12, 20), (20, 20)] {
        let mut drawn = vec![];
        let draw = || {
            drawn.push(random.random_range(-1.0..1.0));
            drawn[drawn.len() - 1]
        };
        let modes = recommender.slow_modes(count, 0, draw)?;
        assert_eq!(drawn.len(), 20 * columns, "{count} modes");
        let block = DMatrix::from_vec(20, columns, drawn).qr().q();
        assert!((&block * (block.transpose() * &modes) - &modes).abs().max() < 1e-12, "{count} modes");
        let mut best = (block.transpose() * &round * &block).symmetric_eigenvalues().as_slice().to_vec();
        best.sort_by(|a, b| b.total_cmp(a));
        let best = DMatrix::from_diagonal(&DVector::from_column_slice(&best[..count]));
        assert!((modes.transpose() * &round * &modes - best).abs().max() < 1e-12, "{count} modes");
    }
    Ok(())
}

/// One mode alone ranks the items as their popularity does, for every user; so do many round trips.
#[test]
fn one_mode_is_popularity() -> Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let meetings = table(30, 20, 3, &mut random);
    let recommender = Recommender::new(&meetings)?;
    let ranked = |scores: Vec<f64>| {
        let mut items = (0..scores.len()).collect::<Vec<_>>();
        items.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        items
    };
    let modes = recommender.slow_modes(1, 100, || random.random_range(-1.0..1.0))?;
    let mut many = vec![0.0; 61];
    many[60] = 1.0;
    for user in 0..30 {
        assert_eq!(ranked(recommender.cut_off(user, &modes)?), ranked(meetings.popularity()));
        assert_eq!(ranked(recommender.scores(user, &many)?), ranked(meetings.popularity()));
    }
    Ok(())
}

#[test]
fn bad_filters_are_refused() -> Result<()> {
    let recommender = Recommender::new(&Meetings::new(2, 3, &[(0, 0, 1.0), (1, 2, 1.0)])?)?;
    let missing = Error::Index { argument: "user", nodes: 2, given: 2 };
    assert_eq!(recommender.step(2).unwrap_err(), missing);
    assert_eq!(recommender.scores(2, &[1.0]).unwrap_err(), missing);
    assert_eq!(recommender.scores(0, &[]).unwrap_err(), Error::Empty { argument: "coefficients" });
    assert!(recommender.round_trip(&[1.0; 2]).is_err());
    assert_eq!(recommender.slow_modes(0, 1, || 0.5).unwrap_err(), Error::Zero { argument: "count" });
    let few = Error::TooShort { argument: "items", needed: 4, given: 3 };
    assert_eq!(recommender.slow_modes(4, 1, || 0.5).unwrap_err(), few);
    let not_finite = Error::NotFinite { argument: "meetings" };
    assert_eq!(recommender.slow_modes(1, 1, || f64::NAN).unwrap_err(), not_finite);
    // Numbers that are no block of vectors are no good start, and no reason to fail.
    for bad in [0.0, 1e308, f64::NEG_INFINITY] {
        assert_eq!(recommender.slow_modes(2, 3, || bad)?.shape(), (3, 2));
    }
    let modes = DMatrix::zeros(2, 1);
    let short = Error::Length { argument: "modes", expected: 3, given: 2 };
    assert_eq!(recommender.cut_off(0, &modes).unwrap_err(), short);
    assert_eq!(recommender.cut_off(2, &DMatrix::zeros(3, 1)).unwrap_err(), missing);
    // Weights that overflow when they are added up.
    let huge = Meetings::new(1, 1, &[(0, 0, f64::MAX), (0, 0, f64::MAX)])?;
    assert_eq!(Recommender::new(&huge)?.slow_modes(1, 1, || 0.5).unwrap_err(), not_finite);
    Ok(())
}

// ---- recall ----

#[test]
fn recall_by_hand() -> Result<()> {
    let scores = [5.0, 4.0, 3.0, 2.0, 1.0];
    assert_eq!(recall(&scores, &[], &[0, 1], 2)?, 1.0);
    assert_eq!(recall(&scores, &[], &[1, 2], 2)?, 0.5);
    assert_eq!(recall(&scores, &[], &[3, 4], 2)?, 0.0);
    // What was met makes room.
    assert_eq!(recall(&scores, &[0, 1], &[2, 3], 2)?, 1.0);
    // More places than items.
    assert_eq!(recall(&scores, &[0], &[1, 2, 3, 4], 10)?, 1.0);
    assert_eq!(recall(&scores, &[0], &[1, 2, 3, 4], 4)?, 1.0);
    assert_eq!(recall(&scores, &[0], &[1, 2, 3, 4], 3)?, 0.75);
    // What is held out and met at the same time is never recommended.
    assert_eq!(recall(&scores, &[0], &[0], 5)?, 0.0);
    // Equal scores share what places are left, wherever they stand in the list.
    assert_eq!(recall(&[0.0; 5], &[], &[3], 2)?, 0.4);
    assert_eq!(recall(&[1.0, 0.0, 0.0, 0.0, 1.0], &[4], &[0, 1], 2)?, (1.0 + 1.0 / 3.0) / 2.0);
    assert_eq!(recall(&[-3.0, -1.0, -1.0, -2.0], &[], &[1], 1)?, 0.5);
    // Rounding is no difference, a millionth is one.
    assert_eq!(recall(&[1.0, 1.0 + 1e-12], &[], &[1], 1)?, 0.5);
    assert_eq!(recall(&[1.0, 1.0 + 1e-6], &[], &[1], 1)?, 1.0);
    assert_eq!(recall(&[1e-20, 2e-20], &[], &[1], 1)?, 1.0);
    // Beside the score of what was met, these two are rounding.
    assert_eq!(recall(&[1.0, 1e-20, 2e-20], &[0], &[1], 1)?, 0.5);
    Ok(())
}

#[test]
fn bad_recalls_are_refused() {
    let refused = |scores: &[f64], met: &[usize], held_out: &[usize], places, error: Error| {
        assert_eq!(recall(scores, met, held_out, places).unwrap_err(), error);
    };
    refused(&[1.0], &[], &[0], 0, Error::Zero { argument: "places" });
    refused(&[1.0], &[], &[], 1, Error::Empty { argument: "held_out" });
    refused(&[1.0], &[1], &[0], 1, Error::Index { argument: "item", nodes: 1, given: 1 });
    refused(&[1.0], &[], &[2], 1, Error::Index { argument: "item", nodes: 1, given: 2 });
    refused(&[1.0, f64::NAN], &[], &[0], 1, Error::NotFinite { argument: "scores" });
    refused(&[1.0, f64::INFINITY], &[], &[0], 1, Error::NotFinite { argument: "scores" });
}

proptest! {
    #![proptest_config(config(500))]

    /// The order of the list is of no account, and neither is the unit of the scores.
    #[test]
    fn recall_does_not_see_the_order(
        scores in prop::collection::vec((0..6_i32).prop_map(f64::from), 1..12), places in 1..14_usize, seed in 0..u64::MAX,
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let n = scores.len();
        let mut pick = |share: f64| (0..n).filter(|_| random.random_range(0.0..1.0) < share).collect::<BTreeSet<_>>();
        let held_out = pick(0.4);
        let met = &pick(0.3) - &held_out;
        prop_assume!(!held_out.is_empty());
        let list = |items: &BTreeSet<usize>, order: &[usize]| {
            items.iter().map(|&item| order.iter().position(|&o| o == item).expect("listed")).collect::<Vec<_>>()
        };
        let straight = (0..n).collect::<Vec<_>>();
        let mut order = straight.clone();
        (1..n).rev().for_each(|i| order.swap(i, random.random_range(0..=i)));
        let listed = order.iter().map(|&item| 3.0 * scores[item]).collect::<Vec<_>>();
        let first = recall(&scores, &list(&met, &straight), &list(&held_out, &straight), places)?;
        let second = recall(&listed, &list(&met, &order), &list(&held_out, &order), places)?;
        prop_assert!((first - second).abs() < 1e-12);
        prop_assert!((0.0..=1.0 + 1e-12).contains(&first));
    }
}

// ---- files of a reader ----

fn read(text: &str) -> std::result::Result<Ratings, Problem> {
    ratings::read(text.as_bytes())
}

/// Users, items and rows as a file gives them.
#[track_caller]
fn reads(text: &str, users: &[&str], items: &[&str], rows: &[(usize, usize, f64)]) {
    let ratings = read(text).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!((ratings.users, ratings.items), (users.map_to_strings(), items.map_to_strings()));
    assert_eq!(ratings.rows, rows);
}

trait Strings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl Strings for [&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn ratings_with_and_without_heading_and_number() {
    let rows = [(0, 0, 3.0), (1, 0, 4.5), (0, 1, 1.0)];
    let (users, items) = (["ann", "bob"], ["x", "y"]);
    reads("ann,x,3\nbob,x,4.5\nann,y,1\n", &users, &items, &rows);
    reads("user,item,rating\nann,x,3\nbob,x,4.5\nann,y,1", &users, &items, &rows);
    reads("User ID,thing,how much\r\nann,x,3\r\n\r\n bob , x , 4.5 \r\nann,y,1\r\n", &users, &items, &rows);
    reads("who,what,stars\nann,x,3\nbob,x,4.5\nann,y,1\n", &users, &items, &rows);
    reads(
        "\u{feff}userId,movieId,rating,timestamp\nann,x,3,9\nbob,x,4.5,8\nann,y,1,7\n",
        &users,
        &items,
        &rows,
    );
    reads("ann,x\nbob,x\n", &users, &["x"], &[(0, 0, 1.0), (1, 0, 1.0)]);
    reads("user_id,item\nann,x\nbob,x\n", &users, &["x"], &[(0, 0, 1.0), (1, 0, 1.0)]);
    // Names are names, even if they look like numbers, and commas and line ends may be quoted.
    reads("1,01\n01,1\n", &["1", "01"], &["01", "1"], &[(0, 0, 1.0), (1, 1, 1.0)]);
    reads("\"a, b\",\"x\ny\",2\n", &["a, b"], &["x\ny"], &[(0, 0, 2.0)]);
    // The same two a second time: a row is a row, the table adds up.
    reads("a,x,1\na,x,2\n", &["a"], &["x"], &[(0, 0, 1.0), (0, 0, 2.0)]);
}

#[test]
fn bad_ratings_are_refused_with_their_line() {
    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(read(text).expect_err("the file is bad").to_string(), message);
    }
    refused("", "line 1: expected rows user,item[,rating], got an empty file");
    refused("\n\n", "line 1: expected rows user,item[,rating], got an empty file");
    refused("user,item\n", "line 1: expected rows after the heading, got none");
    refused("a,x\nb\n", "line 2: expected user,item[,rating], got one column: \"b\"");
    refused("a;x;3\n", "line 1: expected user,item[,rating], got one column: \"a;x;3\"");
    refused("a,x,3\nb,x\n", "line 2: expected 3 columns as in the first row, got 2");
    refused("a,x\nb,x,3\n", "line 2: expected 2 columns as in the first row, got 3");
    refused("a,x,3\nb,x,good\n", "line 2: expected a positive number as rating, got \"good\"");
    refused("a,x,3\n\nb,x,\n", "line 3: expected a positive number as rating, got \"\"");
    for rating in ["0", "-1", "nan", "inf", "1e999", "3,"] {
        let text = format!("user,item,rating\na,x,3\nb,x,{rating}\n");
        let problem = read(&text).expect_err("the rating is bad");
        assert_eq!(problem.line, 3, "{rating}: {problem}");
    }
    refused("a,x,-2\n", "line 1: expected a positive number as rating, got \"-2\"");
    refused("a,x\n,x\n", "line 2: expected a name in the column user, got nothing");
    refused("a,x\na, \n", "line 2: expected a name in the column item, got nothing");
    // A quoted line end counts as a line of the file.
    refused("a,\"x\ny\",3\nb,x,good\n", "line 3: expected a positive number as rating, got \"good\"");
    let problem = ratings::read(&b"a,x\nb,\xff\n"[..]).expect_err("not UTF-8");
    assert_eq!(problem.to_string(), "line 2: expected text in UTF-8, got other bytes");
}

proptest! {
    #![proptest_config(config(2000))]

    /// Whatever bytes a file holds, it is read or refused with a line that it has.
    #[test]
    fn any_file_is_read_or_refused(bytes in prop::collection::vec(prop::sample::select(b"a1,.\"\n\r \xff;x-".to_vec()), 0..60)) {
        match ratings::read(&bytes[..]) {
            Ok(ratings) => {
                let whole = Meetings::new(ratings.users.len(), ratings.items.len(), &ratings.rows);
                prop_assert!(whole.is_ok());
            }
            Err(problem) => {
                let lines = bytes.iter().filter(|byte| [b'\n', b'\r'].contains(byte)).count() as u64 + 1;
                prop_assert!((1..=lines).contains(&problem.line), "{}", problem);
            }
        }
    }
}
