//! Beyond the grid: waves and filters on a graph, how far they reach, and what the order of a list does to the FFT.
//!
//! `cargo run --example graphs`

use std::error::Error;

use locality::figure::chart::{Chart, Series, charts};
use locality::figure::grid::{Cell, Panel, row};
use locality::figure::{Gallery, Ink};
use locality::fourier::{dft2, inverse_dft2};
use locality::graph::{Fourier, Graph, dense, polynomial, propagation};
use locality::nalgebra::DMatrix;
use locality::ndarray::Array2;
use locality::num_complex::Complex;
use locality::probe::Traced;
use locality::{Result, matrix};

type Outcome = std::result::Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let mut gallery = Gallery::open("graphs")?;
    modes(&mut gallery)?;
    reach(&mut gallery)?;
    order()?;
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
