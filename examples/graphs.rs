//! Beyond the grid: waves and filters on a graph, how far they reach, what the order of a list does to the FFT, and what all of
//! them recommend.
//!
//! `cargo run --example graphs`; with `--release`, `-- --data ratings.csv` recommends from a file of yours, with lines of
//! `user,item[,rating]`.

mod ratings;
mod recommend;

use std::error::Error;
use std::fs::File;
use std::path::Path;

use locality::figure::chart::{Chart, Mark, Series, charts};
use locality::figure::grid::{Cell, Panel, row};
use locality::figure::{Gallery, Ink};
use locality::fourier::{dft2, inverse_dft2};
use locality::graph::{Fourier, Graph, Meetings, dense, polynomial, propagation};
use locality::nalgebra::DMatrix;
use locality::ndarray::Array2;
use locality::num_complex::Complex;
use locality::probe::Traced;
use locality::{Result, matrix};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use recommend::{HELD_OUT, Method, Methods, PLACES, world};

type Outcome = std::result::Result<(), Box<dyn Error>>;

fn main() -> std::process::ExitCode {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let outcome = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => chapter(),
        ["--data", path] => of_a_reader(Path::new(path)),
        _ => Err("expected no arguments, or --data ratings.csv".into()),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// What the chapter shows.
fn chapter() -> Outcome {
    let mut gallery = Gallery::open("graphs")?;
    modes(&mut gallery)?;
    reach(&mut gallery)?;
    order()?;
    recommendations(&mut gallery)?;
    gallery.close();
    Ok(())
}

/// Two rings of six that share an edge's worth of traffic: nodes 0 … 5 and 6 … 11.
fn two_rings<T: locality::Scalar>(weight: impl Fn(f64) -> T) -> Result<Graph<T>> {
    let ring = |first: usize| (0..6).map(move |n| (first + n, first + (n + 1) % 6, 1.0));
    let edges = ring(0).chain(ring(6)).chain([(2, 6, 0.5)]);
    Graph::new(12, &edges.map(|(a, b, w)| (a, b, weight(w))).collect::<Vec<_>>())
}

/// The slowest waves on two rings.
fn modes(gallery: &mut Gallery) -> Outcome {
    let fourier = Fourier::new(&two_rings(|weight| weight)?.laplacian())?;
    let mode = |k: usize| {
        let column = fourier.modes().column(k);
        // An eigenvector has no sign of its own; here its first large entry is positive.
        let sign = column.iter().find(|entry| entry.abs() > 0.1).map_or(1.0, |entry| entry.signum());
        column.iter().map(|entry| entry * sign).collect::<Vec<_>>()
    };
    let chart = |k: usize| {
        let title = format!("frequency {:.2}", fourier.frequencies()[k]);
        Chart::new("node", "", vec![Series::signal(&title, Ink::Signal, &mode(k))])
            .y_range(-0.75..0.75)
            .height(110)
    };
    gallery.figure(
        "graphs-modes",
        &charts(&[chart(0), chart(1), chart(11)]),
        "Two rings of six nodes, joined by one edge. The slowest wave is constant, the next one tells the rings apart, and the fastest changes sign from neighbour to neighbour.",
        "Three charts over twelve nodes. At frequency 0 all are equal. At the next frequency the first six have one sign and the last six the other. At the highest frequency signs alternate around the rings.",
    )?;
    Ok(())
}

/// The nodes that move an output, found by numbers that watch.
fn reach(gallery: &mut Gallery) -> Outcome {
    println!("== reach ==");
    let graph = two_rings(Traced::<12>::constant)?;
    let x = Traced::<12>::inputs(&[1.0; 12], 0)?;
    let node = 2;
    let hops = graph.hops(node)?;
    println!("two rings of six, joined; what moves the output at node {node}");
    println!("{:<10} {:<32} furthest", "degree", "nodes");
    for degree in 0..=4 {
        let c = (0..=degree).map(|k| Traced::constant(1.0 / f64::from(k + 1))).collect::<Vec<_>>();
        let moved = polynomial(&graph.laplacian(), &c, &x)?[node].influence(1e-12);
        let list = moved.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
        let furthest = moved.iter().filter_map(|&node| hops[node]).max().unwrap_or(0);
        println!("{degree:<10} {list:<32} {furthest} edges");
    }

    let graph = two_rings(|weight| weight)?;
    let laplacian = dense(&graph.laplacian())?;
    let fourier = Fourier::new(&graph.laplacian())?;
    let panel = |title: &str, a: &DMatrix<f64>| {
        let largest = a.abs().max();
        Panel::cells(title, a.shape(), |i, j| {
            let value = a[(i, j)];
            // Small entries stay visible.
            let strength = if value.abs() < 1e-9 { 0.0 } else { 0.15 + 0.85 * value.abs() / largest };
            Cell {
                value: (value * 1e4).round() / 1e4,
                ink: Ink::Kernel,
                strength,
                label: String::new(),
                hatched: false,
            }
        })
    };
    let panels = [
        panel("Δ, degree 1", &laplacian),
        panel("Δ², degree 2", &laplacian.pow(2)),
        panel("a GCN step", &dense(&propagation(&graph))?),
        panel("heat", &fourier.filter(|frequency| (-0.5 * frequency).exp())),
    ];
    gallery.figure(
        "graphs-reach",
        &row(11, &panels, &["", "", ""]),
        "Filters as matrices: a row for each output. A polynomial and a graph network reach as far as their degree; heat reaches everywhere.",
        "Four matrices of 12 × 12. Degree 1: the diagonal, its neighbours, and two entries for the edge between the rings. Degree 2: a wider band. The step of a graph network looks like degree 1. Heat: no entry is empty.",
    )?;
    Ok(())
}

/// A low-pass of a table of users and items, and of the same table in another order.
fn order() -> Outcome {
    println!("\n== order ==");
    // Two groups of users, each with items of its own; users are listed by group, or in turn.
    let table = |order: &dyn Fn(usize) -> usize| {
        Array2::from_shape_fn((8, 8), |(user, item)| f64::from(order(user) / 4 == item / 4))
    };
    let by_group = table(&|user| user);
    let in_turn = table(&|user| user % 2 * 4 + user / 2);
    let low_pass = |x: &Array2<f64>| -> Result<Array2<f64>> {
        let mut bins = dft2(&x.mapv(Complex::from))?;
        for ((u, v), bin) in bins.indexed_iter_mut() {
            if u.min(8 - u) > 1 || v.min(8 - v) > 1 {
                *bin = Complex::new(0.0, 0.0);
            }
        }
        Ok(inverse_dft2(&bins)?.mapv(|bin| bin.re))
    };
    let graph = |x: &Array2<f64>| -> Result<DMatrix<f64>> {
        let graph = Graph::bipartite(&matrix::from_array(x))?;
        let filter = Fourier::new(&graph.laplacian())?.filter(|frequency| f64::from(frequency < 0.5));
        Ok(filter)
    };
    println!("the first user, four items she has met and four she has not, after a low-pass");
    for (name, x) in [("users by group", &by_group), ("users in turn", &in_turn)] {
        let fft = low_pass(x)?;
        let (met, other) = (fft[[0, 1]], fft[[0, 5]]);
        println!("{name:<16} FFT   met {:>6} other {:>6}", format!("{met:.2}"), format!("{other:.2}"));
        let filter = graph(x)?;
        let (met, other) = (filter[(0, 8 + 1)], filter[(0, 8 + 5)]);
        println!(
            "{name:<16} graph met {:>6} other {:>6}",
            format!("{met:.2}"),
            format!("{:.2}", other.abs())
        );
    }
    Ok(())
}

/// In how many made-up worlds the methods are compared.
const WORLDS: u64 = 10;

/// Recall of every method in every world.
fn recommendations(gallery: &mut Gallery) -> Outcome {
    println!("\n== recommend ==");
    let degrees = [1, 3, 5, 7, 9, 13, 21, 41];
    let cut_offs = [1, 2, 4, 8, 16, 32, 64, 150];
    let methods = [Method::Popularity].into_iter().chain(degrees.map(Method::Hops));
    let methods = methods.chain([1.0, 4.0].map(Method::Heat)).chain(cut_offs.map(Method::CutOff));
    let methods = methods.chain([Method::Fft]).collect::<Vec<_>>();
    let (users, items) = (300, 150);
    let mut worlds = vec![];
    for seed in 0..WORLDS {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let meetings = world(users, items, &mut random)?;
        let (kept, held_out) = meetings.hold_out(HELD_OUT, |below| random.random_range(0..below))?;
        let everyone = (0..users).collect::<Vec<_>>();
        worlds.push(Methods::exact(&kept)?.recall(&methods, &held_out, &everyone)?);
    }
    println!(
        "{users} users, {items} items, {WORLDS} worlds; recall@{PLACES} of one in {HELD_OUT} meetings, held out"
    );
    table(&methods, &worlds);

    let of = |method: Method| {
        let place = methods.iter().position(|&other| other == method).expect("a method of the list");
        worlds.iter().map(|world| world[place]).collect::<Vec<_>>()
    };
    let better =
        |method: Method, than: Method| of(method).iter().zip(of(than)).filter(|(a, b)| **a > *b).count();
    let best = |candidates: &[Method]| {
        let mean = |method: &Method| of(*method).iter().sum::<f64>();
        *candidates.iter().max_by(|a, b| mean(a).total_cmp(&mean(b))).expect("candidates")
    };
    let (best_hops, best_cut) = (best(&degrees.map(Method::Hops)), best(&cut_offs.map(Method::CutOff)));
    gallery.value("worlds", WORLDS)?;
    gallery.value("best_hops", best_hops)?;
    gallery.value("best_cut", best_cut)?;
    gallery.value("best_over_popularity", better(best_hops, Method::Popularity))?;
    let mean = |method: Method| format!("{:.3}", of(method).iter().sum::<f64>() / WORLDS as f64);
    let named = [
        ("popularity", Method::Popularity),
        ("chance", Method::Hops(1)),
        ("fft", Method::Fft),
        ("hops", best_hops),
        ("far", Method::Hops(41)),
    ];
    for (key, method) in named {
        gallery.value(key, mean(method))?;
    }

    // A dot for every world, a line through the means; the axis counts doublings. One hop, which is chance, would be far below.
    let series = |name: &str, methods: &[(usize, Method)], value: &dyn Fn(Method) -> Vec<f64>| {
        let at = |n: usize| (n as f64).log2();
        let dots = methods.iter().flat_map(|&(n, method)| value(method).into_iter().map(move |y| (at(n), y)));
        let means =
            methods.iter().map(|&(n, method)| (at(n), value(method).iter().sum::<f64>() / WORLDS as f64));
        let ends = [methods[0], methods[methods.len() - 1]].map(|(n, _)| at(n));
        let popularity = value(Method::Popularity).iter().sum::<f64>() / WORLDS as f64;
        [
            Series::new(name, Ink::Kernel, Mark::Line, means),
            Series::new("each world", Ink::Kernel, Mark::Dots, dots),
            Series::new("popularity", Ink::Signal, Mark::Line, ends.map(|x| (x, popularity))),
        ]
        .to_vec()
    };
    let ahead = |method: Method| -> Vec<f64> {
        of(method)
            .iter()
            .zip(of(Method::Popularity))
            .map(|(recall, popularity)| recall - popularity)
            .collect()
    };
    let hops = degrees[1..].iter().map(|&degree| (degree, Method::Hops(degree))).collect::<Vec<_>>();
    let cuts = cut_offs.iter().map(|&count| (count, Method::CutOff(count))).collect::<Vec<_>>();
    let (hops, cuts) = (series("degree 3 and more", &hops, &ahead), series("cut-off", &cuts, &of));
    gallery.figure(
        "graphs-recommend",
        &charts(&[
            Chart::new("degree K, as log₂ K", "recall ahead", hops),
            Chart::new("frequencies kept, as log₂", "recall@10", cuts).y_range(0.0..0.5),
        ]),
        "Above, how far recall is ahead of popularity in the same world: one round trip to others and back is best, and further ones end at popularity. Below: a cut-off that keeps one frequency is popularity; the more it keeps, the worse it is, until it knows nothing that the user did not know.",
        "Two charts, each with dots for ten worlds, a line through their means, and a level line for popularity. Above, over the degree of a filter, recall less that of popularity: highest at degree 3, where all dots are above zero; smaller at 5 and 7; on the level line from 9 on. Below, over the number of frequencies kept, recall: from the level line at one frequency down to chance at all of them.",
    )?;
    Ok(())
}

/// A row for each method: mean, standard deviation, least and most over the runs.
fn table(methods: &[Method], runs: &[Vec<f64>]) {
    println!("{:<28} {:>6} {:>8} {:>7} {:>6}", "", "mean", "spread", "least", "most");
    for (place, method) in methods.iter().enumerate() {
        let recalls = runs.iter().map(|run| run[place]).collect::<Vec<_>>();
        let n = recalls.len() as f64;
        let mean = recalls.iter().sum::<f64>() / n;
        let variance =
            recalls.iter().map(|recall| (recall - mean).powi(2)).sum::<f64>() / f64::max(n - 1.0, 1.0);
        let least = recalls.iter().copied().fold(f64::INFINITY, f64::min);
        let most = recalls.iter().copied().fold(0.0, f64::max);
        let name = method.to_string();
        println!("{name:<28} {mean:>6.3} {:>8.3} {least:>7.3} {most:>6.3}", variance.sqrt());
    }
}

/// At most so many users of a reader's file are tried, for each split.
const USERS: usize = 200;

/// The same for the ratings in a file.
fn of_a_reader(path: &Path) -> Outcome {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|error| named(&error))?;
    let ratings = ratings::read(file).map_err(|problem| named(&problem))?;
    let meetings = Meetings::new(ratings.users.len(), ratings.items.len(), &ratings.rows)?;
    let held_out =
        (0..meetings.users()).filter(|&user| meetings.met(user).is_ok_and(|met| met.len() >= HELD_OUT));
    let mut eligible = held_out.collect::<Vec<_>>();
    if eligible.is_empty() {
        let what =
            format!("expected a user with at least {HELD_OUT} different items, one to hold out, got none");
        return Err(named(&what).into());
    }
    let cut_offs = [1, 8, 32].into_iter().filter(|&count| count <= meetings.items());
    let methods = [Method::Popularity].into_iter().chain([1, 3, 5, 7, 9].map(Method::Hops));
    let methods = methods.chain([Method::Heat(1.0)]).chain(cut_offs.map(Method::CutOff)).collect::<Vec<_>>();
    let mut runs = vec![];
    for seed in 0..5 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (kept, held_out) = meetings.hold_out(HELD_OUT, |below| random.random_range(0..below))?;
        let tried = eligible.len().min(USERS);
        for place in 0..tried {
            let other = random.random_range(place..eligible.len());
            eligible.swap(place, other);
        }
        let methods_of_kept = Methods::sparse(&kept, 32, &mut random)?;
        runs.push(methods_of_kept.recall(&methods, &held_out, &eligible[..tried])?);
    }
    println!(
        "{} users, {} items, {} rows; recall@{PLACES} of one in {HELD_OUT} meetings, held out in 5 ways; {} users tried each time",
        meetings.users(),
        meetings.items(),
        ratings.rows.len(),
        eligible.len().min(USERS),
    );
    table(&methods, &runs);
    Ok(())
}
