//! Proofs of the chapter "Beyond the grid".

mod meaning;

use formula::{Exact, Number as _, Outcome, Symbols, Value};
use locality::graph::{
    Fourier, Graph, Meetings, Recommender, chebyshev, dense, multiply, polynomial, propagation, recall,
};
use locality::nalgebra::{DMatrix, DVector, SymmetricEigen};
use locality::nalgebra_sparse::CsrMatrix;
use locality::ndarray::Array2;
use locality::num_complex::Complex;
use locality::probe::{Counted, Traced, count};
use locality::{Error, Result, fourier, matrix};
use proof::Proof;
use rand::RngExt;

type C = Complex<f64>;

/// Connected graphs of 6, 9, 12 and 15 nodes: a random tree and some edges more, with small whole weights.
fn graphs(proof: &mut Proof) -> Vec<Graph<i64>> {
    let mut random = |below: usize| proof.random().random_range(0..below);
    let mut graph = |nodes: usize| {
        let mut edges: Vec<(usize, usize, i64)> = vec![];
        for node in 1..nodes {
            edges.push((random(node), node, 1 + random(3) as i64));
        }
        for _ in 0..nodes / 2 {
            let (a, b) = (random(nodes), random(nodes));
            if a != b && !edges.iter().any(|&(c, d, _)| (c, d) == (a, b) || (d, c) == (a, b)) {
                edges.push((a, b, 1 + random(3) as i64));
            }
        }
        Graph::new(nodes, &edges).expect("good edges")
    };
    [6, 9, 12, 15].into_iter().map(&mut graph).collect()
}

/// The same graph with rounded weights.
fn rounded(graph: &Graph<i64>) -> Graph<f64> {
    let edges = graph.adjacency().triplet_iter().filter(|(i, j, _)| i < j);
    let edges = edges.map(|(i, j, weight)| (i, j, *weight as f64)).collect::<Vec<_>>();
    Graph::new(graph.nodes(), &edges).expect("good edges")
}

fn whole(a: &CsrMatrix<i64>) -> Array2<Exact> {
    matrix::to_array(&dense(a).expect("small")).mapv(Exact::whole)
}

fn float(a: &DMatrix<f64>) -> Array2<C> {
    matrix::to_array(a).mapv(C::from)
}

fn sparse(a: &CsrMatrix<f64>) -> Array2<C> {
    float(&dense(a).expect("small"))
}

/// The matrix with these numbers on its diagonal.
fn diagonal<T: Copy + locality::Scalar>(entries: &[T]) -> Array2<T> {
    Array2::from_shape_fn(
        (entries.len(), entries.len()),
        |(i, j)| if i == j { entries[i] } else { T::zero() },
    )
}

/// How many edges lie between any two nodes.
fn hops<T: locality::Scalar>(graph: &Graph<T>) -> Array2<i64> {
    let rows = (0..graph.nodes()).map(|node| graph.hops(node).expect("a node"));
    let rows = rows.flatten().map(|hops| hops.expect("connected") as i64).collect();
    Array2::from_shape_vec((graph.nodes(), graph.nodes()), rows).expect("square")
}

/// e^{−tΔ} by its series, which knows nothing of eigenvectors.
fn heat(laplacian: &DMatrix<f64>, t: f64) -> DMatrix<f64> {
    let n = laplacian.nrows();
    // Halved until it is small, and squared as often.
    let halvings = 12;
    let small = laplacian * (-t / f64::from(1 << halvings));
    let (mut term, mut sum) = (DMatrix::identity(n, n), DMatrix::identity(n, n));
    for k in 1..12 {
        term = &term * &small / f64::from(k);
        sum += &term;
    }
    (0..halvings).fold(sum, |power, _| &power * &power)
}

/// A graph's matrices over exact numbers: A, D, Δ and the hops.
fn exact(graph: &Graph<i64>) -> Symbols<Exact> {
    let degrees = graph.degrees().into_iter().map(Exact::whole).collect::<Vec<_>>();
    let n = graph.nodes();
    let ones = vec![Exact::whole(1); n];
    Symbols::new()
        .size("N", n)
        .value("A", whole(graph.adjacency()))
        .value("D", Array2::from_shape_fn((n, n), |(i, j)| if i == j { degrees[i] } else { Exact::whole(0) }))
        .value("\\Delta", whole(&graph.laplacian()))
        .value("I", Array2::from_shape_fn((n, n), |(i, j)| Exact::whole(i64::from(i == j))))
        .value("\\varrho", hops(graph).mapv(Exact::whole))
        .value("\\mathbf{1}", ones)
}

/// The same over rounded numbers, with the transform of its Laplacian.
fn spectral(graph: &Graph<f64>, fourier: &Fourier) -> Symbols<C> {
    let (n, modes) = (graph.nodes(), fourier.modes().clone());
    let frequencies = fourier.frequencies().iter().map(|&frequency| C::from(frequency)).collect::<Vec<_>>();
    let degrees = graph.degrees().into_iter().map(C::from).collect::<Vec<_>>();
    Symbols::new()
        .size("N", n)
        .value("A", sparse(graph.adjacency()))
        .value("D", diagonal(&degrees))
        .value("\\Delta", sparse(&graph.laplacian()))
        .value("I", diagonal(&vec![C::from(1.0); n]))
        .value("U", float(&modes))
        .value("\\Lambda", diagonal(&frequencies))
        .function("\\hat #", move |places| {
            let x = places[0].tensor()?.iter().map(|x| x.re).collect::<Vec<_>>();
            if x.len() != modes.nrows() {
                return Err("a signal has a number for each node".into());
            }
            let bins = modes.transpose() * DVector::from_vec(x);
            Ok(bins.iter().map(|&bin| C::from(bin)).collect::<Vec<_>>().into())
        })
}

/// The matrix of a value, real.
fn real(value: &Value<C>) -> Outcome<DMatrix<f64>> {
    let matrix = value.matrix()?;
    Ok(DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| matrix[[i, j]].re))
}

/// g = e^{−t}, of a matrix, by its series.
fn warming(places: &[Value<C>]) -> Outcome<Value<C>> {
    let matrix = real(&places[0])?;
    if !matrix.is_square() {
        return Err("a function of a matrix that is not square".into());
    }
    Ok(float(&heat(&matrix, 1.0)).into())
}

/// Differences to neighbours. Catches a Laplacian with the other sign, or with the weights of one direction only.
#[test]
fn graph_laplacian() -> Result<()> {
    let mut proof = Proof::exact("graph-laplacian");
    for graph in graphs(&mut proof) {
        let x = proof.signal::<i64>(graph.nodes());
        let printed = x.iter().map(|&x| Exact::whole(x)).collect::<Vec<_>>();
        proof.printed(&exact(&graph).value("x", printed));
        let y = multiply(&graph.laplacian(), &x)?;
        let differences = (0..graph.nodes()).map(|i| {
            let row = graph.adjacency().row(i);
            let terms = row.col_indices().iter().zip(row.values());
            terms.map(|(&j, weight)| weight * (x[i] - x[j])).sum::<i64>()
        });
        proof.equal(y, differences.collect::<Vec<_>>());
    }
    // Two parts: two signals that nothing changes.
    let graph = Graph::new(5, &[(0, 1, 1.0), (2, 3, 2.0), (3, 4, 1.0)])?;
    let fourier = Fourier::new(&graph.laplacian())?;
    proof.equal(fourier.frequencies().iter().filter(|frequency| frequency.abs() < 1e-9).count(), 2_usize);
    Ok(())
}

/// Divided by the roots of the degrees; the spectrum ends at 2, and reaches it if the graph is bipartite.
#[test]
fn graph_laplacian_sym() -> Result<()> {
    let mut proof = Proof::numeric("graph-laplacian-sym", 1e-12);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let laplacian = graph.normalised_laplacian();
        let fourier = Fourier::new(&laplacian)?;
        proof.printed_close(&spectral(&graph, &fourier).value("\\Delta_s", sparse(&laplacian)), 1.0);
        let roots = graph.degrees().iter().map(|degree| degree.sqrt()).collect::<Vec<_>>();
        proof.close(multiply(&laplacian, &roots)?, vec![0.0; graph.nodes()], 10.0);
        let (first, last) = (fourier.frequencies()[0], fourier.frequencies()[graph.nodes() - 1]);
        proof.holds(first > -1e-12 && last < 2.0 + 1e-12);
    }
    for n in 3..9 {
        let last = Fourier::new(&Graph::ring(n, 1.0)?.normalised_laplacian())?.frequencies()[n - 1];
        proof.holds((last > 2.0 - 1e-9) == n.is_multiple_of(2));
    }
    Ok(())
}

/// A node without neighbours is compared with nothing: its row is zero. Catches a 1 on the diagonal of every node.
#[test]
fn a_node_alone_has_a_row_of_zeros() -> Result<()> {
    let graph = Graph::new(3, &[(0, 1, 4.0)])?;
    let expected = DMatrix::from_row_slice(3, 3, &[1.0, -1.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(dense(&graph.normalised_laplacian())?, expected);
    Ok(())
}

/// The Fourier matrix is the graph Fourier transform of the ring.
#[test]
fn ring_laplacian() -> Result<()> {
    let mut proof = Proof::numeric("ring-laplacian", 1e-12);
    for n in (3..9).chain([16, 17]) {
        let ring = Graph::ring(n, 1.0)?;
        let frequencies = (0..n).map(|k| 4.0 * (std::f64::consts::PI * k as f64 / n as f64).sin().powi(2));
        let frequencies = frequencies.collect::<Vec<_>>();
        let symbols = meaning::symbols::<C>()
            .size("N", n)
            .value("\\Delta", sparse(&ring.laplacian()))
            .value("\\lambda", frequencies.iter().map(|&frequency| C::from(frequency)).collect::<Vec<_>>());
        proof.printed_close(&symbols, n as f64);
        let mut sorted = frequencies;
        sorted.sort_by(f64::total_cmp);
        proof.close(Fourier::new(&ring.laplacian())?.frequencies().to_vec(), sorted, 4.0);
        let mut taps = vec![0.0; n];
        (taps[0], taps[1], taps[n - 1]) = (2.0, -1.0, -1.0);
        proof.close(dense(&ring.laplacian())?, matrix::circulant(&taps, n)?, 1.0);
    }
    Ok(())
}

/// Two rings make a torus, and two transforms its transform.
#[test]
fn torus_laplacian() -> Result<()> {
    let mut proof = Proof::numeric("torus-laplacian", 1e-12);
    for (height, width) in [(3, 3), (4, 4), (3, 5), (6, 4)] {
        let mut edges = vec![];
        for (i, j) in (0..height * width).map(|node| (node / width, node % width)) {
            edges.push((i * width + j, i * width + (j + 1) % width, 1.0));
            edges.push((i * width + j, (i + 1) % height * width + j, 1.0));
        }
        let torus = Graph::new(height * width, &edges)?;
        let sine = |k: usize, n: usize| 4.0 * (std::f64::consts::PI * k as f64 / n as f64).sin().powi(2);
        let frequencies =
            (0..height * width).map(|bin| C::from(sine(bin / width, height) + sine(bin % width, width)));
        let symbols = meaning::symbols::<C>()
            .size("H", height)
            .size("W", width)
            .value("\\Delta", sparse(&torus.laplacian()))
            .value("\\lambda", frequencies.collect::<Vec<_>>())
            .function("\\Delta_#", |places| {
                let ring = Graph::ring(places[0].size()?, 1.0).map_err(meaning::said)?;
                Ok(sparse(&ring.laplacian()).into())
            })
            .function("I_#", |places| Ok(diagonal(&vec![C::from(1.0); places[0].size()?]).into()));
        proof.printed_close(&symbols, (height * width) as f64);
    }
    Ok(())
}

/// Eigenvectors that keep lengths, and a signal's variation by frequency.
#[test]
fn graph_fourier() -> Result<()> {
    let mut proof = Proof::numeric("graph-fourier", 1e-11);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let fourier = Fourier::new(&graph.laplacian())?;
        let x = proof.signal::<f64>(graph.nodes());
        let printed = x.iter().map(|&x| C::from(x)).collect::<Vec<_>>();
        proof.printed_close(&spectral(&graph, &fourier).value("x", printed), 100.0);
        let bins = fourier.transform(&x)?;
        proof.close(proof::norm(&bins), proof::norm(&x), 10.0);
        proof.holds(fourier.frequencies().is_sorted());
    }
    Ok(())
}

/// A filter by frequency is a function of the matrix, whatever eigenvectors are taken, and commutes with it.
#[test]
fn spectral_filter() -> Result<()> {
    let mut proof = Proof::numeric("spectral-filter", 1e-9);
    let rings = (3..8).map(|n| Graph::ring(n, 1)).collect::<Result<Vec<_>>>()?;
    for graph in graphs(&mut proof).into_iter().chain(rings) {
        let graph = rounded(&graph);
        let fourier = Fourier::new(&graph.laplacian())?;
        let heated =
            fourier.frequencies().iter().map(|frequency| C::from((-frequency).exp())).collect::<Vec<_>>();
        let n = graph.nodes();
        let symbols = spectral(&graph, &fourier).function("g(#)", move |places| {
            // Of a diagonal matrix entry by entry, of the Laplacian by its series.
            let matrix = places[0].matrix()?;
            let is_diagonal = matrix.indexed_iter().all(|((i, j), entry)| i == j || *entry == C::from(0.0));
            if is_diagonal && matrix.nrows() == n { Ok(diagonal(&heated).into()) } else { warming(places) }
        });
        proof.printed_close(&symbols, 10.0);
        proof.close(
            fourier.filter(|frequency| (-frequency).exp()),
            heat(&dense(&graph.laplacian())?, 1.0),
            1.0,
        );
    }
    Ok(())
}

/// With a coefficient for each eigenvector it matters which were taken. The margin is far above rounding.
#[test]
fn free_spectral_coefficients() -> Result<()> {
    let mut proof = Proof::refuted("free-spectral-coefficients", 1e-1);
    let fourier = Fourier::new(&Graph::ring(6, 1.0)?.laplacian())?;
    let modes = fourier.modes().clone();
    let theta = [1.0, 2.0, -1.0, 0.5, 0.0, 3.0];
    for angle in [0.4, 1.0, 1.3] {
        // Frequencies 1 and 2 of the six are the same: any two orthogonal mixtures of their vectors will do.
        let mut turned = modes.clone();
        let (sin, cos) = f64::sin_cos(angle);
        turned.set_column(1, &(modes.column(1) * cos + modes.column(2) * sin));
        turned.set_column(2, &(modes.column(2) * cos - modes.column(1) * sin));
        let laplacian = dense(&Graph::ring(6, 1.0)?.laplacian())?;
        let frequencies = DMatrix::from_diagonal(&DVector::from_column_slice(fourier.frequencies()));
        proof.holds((&turned * frequencies * turned.transpose() - laplacian).abs().max() < 1e-12);
        let symbols = Symbols::new()
            .value("U", float(&modes))
            .value("U'", float(&turned))
            .value("\\theta", theta.map(C::from).to_vec());
        proof.printed_close(&symbols, 1.0);
        let coefficients = DMatrix::from_diagonal(&DVector::from_column_slice(&theta));
        proof.separated(fourier.with_coefficients(&theta)?, &turned * coefficients * turned.transpose());
    }
    Ok(())
}

/// Filters of a ring are circulant, and symmetric: less than what a kernel can be.
#[test]
fn ring_filter_symmetric() -> Result<()> {
    let mut proof = Proof::numeric("ring-filter-symmetric", 1e-11);
    for n in 3..10 {
        let laplacian = dense(&Graph::ring(n, 1.0)?.laplacian())?;
        let filter = heat(&laplacian, 1.0);
        let first = filter.column(0).iter().map(|&tap| C::from(tap)).collect::<Vec<_>>();
        let symbols = meaning::symbols::<C>()
            .size("N", n)
            .value("h", first)
            .value("\\Delta", float(&laplacian))
            .function("g(#)", warming);
        proof.printed_close(&symbols, 1.0);
        // As many dimensions as there are different frequencies, and the difference of neighbours is in none.
        let powers = (0..n).map(|k| laplacian.pow(k as u32).column(0).into_owned()).collect::<Vec<_>>();
        let powers = DMatrix::from_columns(&powers);
        proof.equal(powers.rank(1e-6 * powers.norm()), n / 2 + 1);
        let mut odd = DVector::zeros(n);
        (odd[1], odd[n - 1]) = (1.0, -1.0);
        proof.close((powers.transpose() * odd).norm(), 0.0, powers.norm());
    }
    Ok(())
}

/// Chebyshev's polynomials are cosines.
#[test]
fn cheb_recurrence() {
    let mut proof = Proof::numeric("cheb-recurrence", 1e-11);
    for (step, angle) in (0..12).map(|step| (step, 0.1 + 0.25 * f64::from(step))) {
        let n = 3 + step as usize;
        let phi = (0..n).map(|k| C::from((k as f64 * angle).cos())).collect::<Vec<_>>();
        let symbols = Symbols::new()
            .size("N", n)
            .value("x", C::from(angle.cos()))
            .value("z", C::from_polar(1.0, angle))
            .value("\\phi", phi);
        proof.printed_close(&symbols, 1.0);
    }
}

/// The largest eigenvalue, and the matrix that it brings between −1 and 1.
fn scaled(graph: &Graph<f64>) -> Result<(f64, DMatrix<f64>)> {
    let fourier = Fourier::new(&graph.laplacian())?;
    let largest = fourier.frequencies()[graph.nodes() - 1];
    let n = graph.nodes();
    Ok((largest, dense(&graph.laplacian())? * (2.0 / largest) - DMatrix::identity(n, n)))
}

/// Tₖ of a symmetric matrix, by the cosine of its eigenvalues.
fn chebyshev_matrix(a: &DMatrix<f64>, k: usize) -> DMatrix<f64> {
    let eigen = SymmetricEigen::new(a.clone());
    let values = eigen.eigenvalues.map(|t| (k as f64 * t.clamp(-1.0, 1.0).acos()).cos());
    &eigen.eigenvectors * DMatrix::from_diagonal(&values) * eigen.eigenvectors.transpose()
}

/// The recurrence on vectors is the filter. Catches a step too many.
#[test]
fn cheb_filter() -> Result<()> {
    let mut proof = Proof::numeric("cheb-filter", 1e-10);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let (largest, tilde) = scaled(&graph)?;
        for degree in [0, 1, 2, 5] {
            let (theta, x) = (proof.signal::<f64>(degree + 1), proof.signal::<f64>(graph.nodes()));
            let y = chebyshev(&graph.laplacian(), 2.0 / largest, &theta, &x)?;
            let sum = theta.iter().enumerate().map(|(k, theta)| chebyshev_matrix(&tilde, k) * *theta);
            let sum = sum.reduce(|sum, term| sum + term).expect("a coefficient");
            proof.close(&y, (sum * DVector::from_column_slice(&x)).as_slice().to_vec(), 100.0);
            let floats = |x: &[f64]| x.iter().map(|&x| C::from(x)).collect::<Vec<_>>();
            let polynomials = (0..=degree).map(|k| float(&chebyshev_matrix(&tilde, k))).collect::<Vec<_>>();
            let symbols = Symbols::new()
                .size("K", degree)
                .value("\\theta", floats(&theta))
                .value("x", floats(&x))
                .value("y", floats(&y))
                .value("\\tilde \\Delta", float(&tilde))
                .function("\\Phi_#", move |places| {
                    Ok(polynomials
                        .get(places[0].size()?)
                        .ok_or("a degree beyond the filter's")?
                        .clone()
                        .into())
                });
            // Below degree 2 there is no recurrence, and every range of it would be true.
            if degree >= 2 {
                proof.printed_close(&symbols, 100.0);
            }
        }
    }
    Ok(())
}

/// A polynomial of degree K reaches K edges, and no further. Catches a filter that reaches one edge more.
#[test]
fn poly_khop_local() -> Result<()> {
    let mut proof = Proof::exact("poly-khop-local");
    for graph in graphs(&mut proof) {
        let hops = hops(&graph);
        let diameter = *hops.iter().max().expect("nodes") as usize;
        for degree in 1..=diameter + 1 {
            proof.printed(&exact(&graph).size("K", degree));
            for node in 0..graph.nodes() {
                let mut impulse = vec![0; graph.nodes()];
                impulse[node] = 1;
                // All coefficients 1, so that nothing cancels at the last step.
                let reached = polynomial(&graph.laplacian(), &vec![1; degree + 1], &impulse)?;
                for (other, &value) in reached.iter().enumerate() {
                    let far = hops[[node, other]] as usize;
                    proof.holds(if far > degree { value == 0 } else { far < degree || value != 0 });
                }
            }
        }
    }
    // Numbers that watch say the same, of the very code: the nodes that move an output are those within K edges.
    let ring = Graph::ring(9, Traced::<9>::constant(1.0))?;
    let x = Traced::<9>::inputs(&[1.0, 2.0, 4.0, 8.0, 3.0, 5.0, 7.0, 6.0, 9.0], 0)?;
    let y = polynomial(&ring.laplacian(), &[1.0, 0.5, 0.25].map(Traced::constant), &x)?;
    proof.equal(y[4].influence(0.0), vec![2, 3, 4, 5, 6]);
    Ok(())
}

/// The last coefficient of a Chebyshev filter, and nothing else, reaches the furthest node.
#[test]
fn cheb_khop_local() -> Result<()> {
    let mut proof = Proof::numeric("cheb-khop-local", 1e-10);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let (largest, _) = scaled(&graph)?;
        for degree in 1..5 {
            let theta = proof.signal::<f64>(degree + 1);
            let columns = (0..graph.nodes()).map(|node| {
                let mut impulse = vec![0.0; graph.nodes()];
                impulse[node] = 1.0;
                chebyshev(&graph.laplacian(), 2.0 / largest, &theta, &impulse)
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            let filter = DMatrix::from_fn(graph.nodes(), graph.nodes(), |i, j| columns[j][i]);
            let symbols = Symbols::new()
                .size("N", graph.nodes())
                .size("K", degree)
                .value("A", sparse(graph.adjacency()))
                .value("\\varrho", hops(&graph).mapv(|hops| C::from(hops as f64)))
                .value("\\theta", theta.iter().map(|&theta| C::from(theta)).collect::<Vec<_>>())
                .value("\\lambda", C::from(largest))
                .value("\\Delta", sparse(&graph.laplacian()))
                .function("g(#)", move |_| Ok(float(&filter).into()));
            proof.printed_close(&symbols, 10.0);
        }
    }
    Ok(())
}

/// A filter by frequency is a polynomial, of a degree below the number of frequencies.
#[test]
fn any_filter_is_polynomial() -> Result<()> {
    let mut proof = Proof::numeric("any-filter-is-polynomial", 1e-6);
    let complete = (0..5).flat_map(|i| (0..i).map(move |j| (i, j, 1.0))).collect::<Vec<_>>();
    for graph in [Graph::ring(6, 1.0)?, Graph::ring(7, 1.0)?, Graph::new(5, &complete)?] {
        let mut distinct = Fourier::new(&graph.laplacian())?.frequencies().to_vec();
        distinct.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        let m = distinct.len();
        let powers = DMatrix::from_fn(m, m, |i, k| distinct[i].powi(k as i32));
        let values = DVector::from_fn(m, |i, _| (-distinct[i]).exp());
        let theta = powers.lu().solve(&values).expect("different frequencies");
        let symbols = Symbols::new()
            .size("M", m)
            .value("\\theta", theta.iter().map(|&theta| C::from(theta)).collect::<Vec<_>>())
            .value("\\Delta", sparse(&graph.laplacian()))
            .function("g(#)", warming);
        proof.printed_close(&symbols, 1.0);
    }
    Ok(())
}

/// Heat reaches every node of a connected graph at once.
#[test]
fn heat_kernel_global() -> Result<()> {
    let mut proof = Proof::exact("heat-kernel-global");
    for graph in graphs(&mut proof) {
        let filter = Fourier::new(&rounded(&graph).laplacian())?.filter(|frequency| (-0.5 * frequency).exp());
        proof.holds(filter.iter().all(|&entry| entry > 1e-12));
    }
    let parts = Graph::new(4, &[(0, 1, 1.0), (2, 3, 1.0)])?;
    let filter = heat(&dense(&parts.laplacian())?, 0.5);
    proof.holds(filter[(0, 1)] > 0.1 && filter[(0, 2)] == 0.0);
    Ok(())
}

/// A mean over a node and its neighbours, that keeps one signal and lets none grow.
#[test]
fn gcn_propagation() -> Result<()> {
    let mut proof = Proof::numeric("gcn-propagation", 1e-12);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let step = propagation(&graph);
        let fourier = Fourier::new(&step)?;
        let symbols = spectral(&graph, &fourier).value("S", sparse(&step));
        let v = graph.degrees().iter().map(|degree| C::from((degree + 1.0).sqrt())).collect::<Vec<_>>();
        proof.printed_close(&symbols.value("v", v), 10.0);
        let (first, last) = (fourier.frequencies()[0], fourier.frequencies()[graph.nodes() - 1]);
        proof.holds(first > -1.0 && last < 1.0 + 1e-12);
    }
    // A node without neighbours keeps what it has.
    let alone = propagation(&Graph::new(2, &[])?);
    proof.close(multiply(&alone, &[3.0, 5.0])?, vec![3.0, 5.0], 1.0);
    Ok(())
}

/// With the degrees of A instead of those of A + I the step amplifies.
#[test]
fn gcn_wrong_degree() -> Result<()> {
    let mut proof = Proof::refuted("gcn-wrong-degree", 5e-2);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let (n, degrees) = (graph.nodes(), graph.degrees());
        let adjacency = dense(graph.adjacency())?;
        let wrong = DMatrix::from_fn(n, n, |i, j| {
            (adjacency[(i, j)] + f64::from(i == j)) / (degrees[i] * degrees[j]).sqrt()
        });
        let largest = SymmetricEigen::new(wrong).eigenvalues.max();
        proof.separated(largest, 1.0);
        proof.holds(largest >= 1.0 + n as f64 / degrees.iter().sum::<f64>() - 1e-12);
    }
    Ok(())
}

/// A Chebyshev filter of degree 1 with two equal coefficients, of opposite sign; what a GCN does instead is another matrix.
#[test]
fn gcn_from_chebyshev() -> Result<()> {
    let mut proof = Proof::numeric("gcn-from-chebyshev", 1e-12);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let laplacian = graph.normalised_laplacian();
        let x = proof.signal::<f64>(graph.nodes());
        let y = chebyshev(&laplacian, 1.0, &[0.7, -0.7], &x)?;
        let floats = |x: &[f64]| x.iter().map(|&x| C::from(x)).collect::<Vec<_>>();
        let symbols = Symbols::new()
            .value("x", floats(&x))
            .value("y", floats(&y))
            .value("\\theta", C::from(0.7))
            .value("I", diagonal(&vec![C::from(1.0); graph.nodes()]))
            .value("\\Delta_s", sparse(&laplacian));
        proof.printed_close(&symbols, 10.0);
        let step = multiply(&propagation(&graph), &x)?;
        proof.holds(step.iter().zip(&y).any(|(a, b)| (2.0 * 0.7 * a - b).abs() > 1e-3));
    }
    Ok(())
}

/// One step on a ring is a kernel of three taps.
#[test]
fn gcn_ring_boxblur() -> Result<()> {
    let mut proof = Proof::numeric("gcn-ring-boxblur", 1e-12);
    for n in [3, 4, 5, 8, 9] {
        let step = propagation(&Graph::ring(n, 1.0)?);
        let x = proof.signal::<f64>(n);
        let symbols = meaning::symbols::<C>()
            .size("N", n)
            .value("S", sparse(&step))
            .value("x", x.iter().map(|&x| C::from(x)).collect::<Vec<_>>());
        proof.printed_close(&symbols, 10.0);
    }
    Ok(())
}

/// K steps reach K edges.
#[test]
fn gcn_receptive_field() -> Result<()> {
    let mut proof = Proof::exact("gcn-receptive-field");
    for graph in graphs(&mut proof) {
        let diameter = *hops(&graph).iter().max().expect("nodes") as usize;
        for steps in 1..=diameter.min(6) {
            proof.printed(&exact(&graph).size("K", steps));
        }
    }
    Ok(())
}

/// The price of depth: what is left is one signal. (The linear part; a network has more.)
#[test]
fn gcn_oversmoothing() -> Result<()> {
    let mut proof = Proof::numeric("gcn-oversmoothing", 1e-9);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let step = dense(&propagation(&graph))?;
        let values = SymmetricEigen::new(step.clone()).eigenvalues;
        let mut magnitudes = values.iter().map(|value| value.abs()).collect::<Vec<_>>();
        magnitudes.sort_by(f64::total_cmp);
        let second = magnitudes[graph.nodes() - 2];
        let v =
            DVector::from_iterator(graph.nodes(), graph.degrees().iter().map(|degree| (degree + 1.0).sqrt()));
        let v = &v / v.norm();
        for depth in [1, 3, 10, 40] {
            let rest = step.pow(depth) - &v * v.transpose();
            proof.close(rest.singular_values().max(), second.powi(depth as i32), 1.0);
        }
    }
    Ok(())
}

/// Users meet items; two steps join users who met the same.
#[test]
fn bipartite_adjacency() -> Result<()> {
    let mut proof = Proof::exact("bipartite-adjacency");
    for (users, items) in [(1, 1), (3, 4), (5, 2), (6, 6)] {
        let meetings = DMatrix::from_fn(users, items, |_, _| i64::from(proof.random().random_range(0..2)));
        let graph = Graph::bipartite(&meetings)?;
        let printed = matrix::to_array(&meetings).mapv(Exact::whole);
        // The printed blocks of zeros have the size of the others: as many items as users.
        if users == items {
            proof.printed(&Symbols::new().value("A", whole(graph.adjacency())).value("R", printed));
        }
        let (adjacency, turned) = (dense(graph.adjacency())?, meetings.transpose());
        proof.equal(adjacency.view((0, users), (users, items)).into_owned(), &meetings);
        proof.equal(
            (&adjacency * &adjacency).view((users, users), (items, items)).into_owned(),
            turned * &meetings,
        );
        let common = &meetings * meetings.transpose();
        let both =
            |u: usize, v: usize| (0..items).filter(|&i| meetings[(u, i)] * meetings[(v, i)] == 1).count();
        proof.holds((0..users).all(|u| (0..users).all(|v| common[(u, v)] == both(u, v) as i64)));
    }
    Ok(())
}

/// Its spectrum is symmetric: the singular values of the meetings, with both signs.
#[test]
fn bipartite_spectrum() -> Result<()> {
    let mut proof = Proof::numeric("bipartite-spectrum", 1e-10);
    for (users, items) in [(3, 4), (5, 2), (4, 4)] {
        let meetings = DMatrix::from_fn(users, items, |_, _| proof.random().random_range(0.5..2.0));
        let graph = Graph::bipartite(&meetings)?;
        let mut values = SymmetricEigen::new(dense(graph.adjacency())?).eigenvalues.as_slice().to_vec();
        let singular = meetings.singular_values();
        let mut expected = singular.iter().flat_map(|&value: &f64| [value, -value]).collect::<Vec<_>>();
        expected.resize(users + items, 0.0);
        values.sort_by(f64::total_cmp);
        expected.sort_by(f64::total_cmp);
        proof.close(values, expected, 10.0);
        let normalised = Fourier::new(&graph.normalised_laplacian())?.frequencies().to_vec();
        let mirrored = normalised.iter().rev().map(|frequency| 2.0 - frequency).collect::<Vec<_>>();
        proof.close(normalised, mirrored, 10.0);
    }
    Ok(())
}

/// Tables of meetings in which everyone met someone, with whole weights, or all of them 1.
fn meetings(proof: &mut Proof) -> Vec<Meetings> {
    let mut tables = vec![];
    for (users, items, most) in [(1, 1, 1), (3, 4, 3), (5, 2, 1), (4, 4, 2), (6, 6, 1), (7, 5, 3)] {
        let mut rows = vec![];
        for user in 0..users {
            for item in 0..items {
                // A user and an item of the same number, counted around, met in any case.
                if user % items == item || item % users == user || proof.random().random_range(0..3) == 0 {
                    rows.push((user, item, f64::from(proof.random().random_range(1..=most))));
                }
            }
        }
        tables.push(Meetings::new(users, items, &rows).expect("good rows"));
    }
    tables
}

/// The matrices of a table of meetings: its own two, and those of its graph.
fn bipartite(meetings: &Meetings, recommender: &Recommender, trips: usize) -> Result<Symbols<C>> {
    let graph = meetings.graph()?;
    let degrees = graph.degrees().into_iter().map(C::from).collect::<Vec<_>>();
    Ok(Symbols::new()
        .size("H", meetings.users())
        .size("W", meetings.items())
        .size("K", trips)
        .value("R", sparse(meetings.table()))
        .value("\\tilde R", sparse(recommender.to_items()))
        .value("D", diagonal(&degrees))
        .value("I", diagonal(&vec![C::from(1.0); graph.nodes()]))
        .value("\\Delta_s", sparse(&graph.normalised_laplacian())))
}

/// Round trips on the table are powers on its graph. Catches degrees of the wrong side, and a trip too many.
#[test]
fn recommender_hops() -> Result<()> {
    let mut proof = Proof::numeric("recommender-hops", 1e-12);
    for meetings in meetings(&mut proof) {
        let recommender = Recommender::new(&meetings)?;
        let users = meetings.users();
        let laplacian = dense(&meetings.graph()?.normalised_laplacian())?;
        let step = DMatrix::identity(laplacian.nrows(), laplacian.ncols()) - laplacian;
        for trips in 0..4 {
            proof.printed_close(&bipartite(&meetings, &recommender, trips)?, 1.0);
            let power = step.pow(2 * trips as u32 + 1);
            let mut c = vec![0.0; trips];
            c.push(1.0);
            for user in 0..users {
                let row =
                    power.row(user).columns(users, meetings.items()).iter().copied().collect::<Vec<_>>();
                proof.close(recommender.scores(user, &c)?, row, 1.0);
            }
        }
    }
    Ok(())
}

/// What a recommender can know of: items within its hops. Exactly those; an item in another part of the graph never.
#[test]
fn recommender_reach() -> Result<()> {
    let mut proof = Proof::exact("recommender-reach");
    // A part for itself, and a way that is as long as there are users.
    let apart = Meetings::new(3, 3, &[(0, 0, 1.0), (1, 1, 2.0), (2, 1, 1.0), (2, 2, 1.0)])?;
    let chain = (0..5).flat_map(|user| [(user, user, 1.0), (user, user + 1, 1.0)]).collect::<Vec<_>>();
    let chain = Meetings::new(5, 6, &chain)?;
    for meetings in meetings(&mut proof).into_iter().chain([apart, chain]) {
        let graph = meetings.graph()?;
        let rows = (0..graph.nodes()).map(|node| graph.hops(node)).collect::<Result<Vec<_>>>()?;
        // Where there is no way, no number of edges is enough.
        let hops = Array2::from_shape_fn((graph.nodes(), graph.nodes()), |(i, j)| {
            Exact::whole(rows[i][j].map_or(1_000_000, |hops| hops as i64))
        });
        let table = matrix::to_array(&dense(meetings.table())?).mapv(|weight| Exact::whole(weight as i64));
        let symbols = Symbols::new()
            .size("H", meetings.users())
            .size("W", meetings.items())
            .value("R", table)
            .value("\\varrho", hops);
        let recommender = Recommender::new(&meetings)?;
        for trips in 0..5 {
            proof.printed(&symbols.clone().size("K", trips));
            let mut c = vec![0.0; trips];
            c.push(1.0);
            for (user, hops) in rows.iter().enumerate().take(meetings.users()) {
                let reached = recommender.scores(user, &c)?.into_iter().map(|score| i64::from(score > 0.0));
                let within = hops[meetings.users()..].iter();
                let within = within.map(|hops| i64::from(hops.is_some_and(|hops| hops <= 2 * trips + 1)));
                proof.equal(reached.collect::<Vec<_>>(), within.collect::<Vec<_>>());
            }
        }
    }
    Ok(())
}

/// Each round trip multiplies a frequency by 1 − λ: the slow ones stay. Catches a Laplacian of the wrong side.
#[test]
fn recommender_filter() -> Result<()> {
    let mut proof = Proof::numeric("recommender-filter", 1e-11);
    for meetings in meetings(&mut proof) {
        let recommender = Recommender::new(&meetings)?;
        let fourier = Fourier::new(&recommender.laplacian())?;
        let frequencies =
            fourier.frequencies().iter().map(|&frequency| C::from(frequency)).collect::<Vec<_>>();
        proof.holds(fourier.frequencies().iter().all(|frequency| (-1e-12..1.0 + 1e-12).contains(frequency)));
        for trips in 0..4 {
            let symbols = bipartite(&meetings, &recommender, trips)?
                .value("I", diagonal(&vec![C::from(1.0); meetings.items()]))
                .value("U", float(fourier.modes()))
                .value("\\Lambda", diagonal(&frequencies));
            proof.printed_close(&symbols, 1.0);
            let filter = fourier.filter(|frequency| (1.0 - frequency).powi(trips as i32));
            let mut c = vec![0.0; trips];
            c.push(1.0);
            for user in 0..meetings.users() {
                let filtered = &filter * DVector::from_vec(recommender.step(user)?);
                proof.close(recommender.scores(user, &c)?, filtered.as_slice().to_vec(), 1.0);
            }
        }
    }
    Ok(())
}

/// What every round trip keeps is popularity; the rest is smaller each time, if the graph is connected.
#[test]
fn recommender_popularity() -> Result<()> {
    let mut proof = Proof::numeric("recommender-popularity", 1e-12);
    for meetings in meetings(&mut proof) {
        let recommender = Recommender::new(&meetings)?;
        let (users, items) = (meetings.users(), meetings.items());
        let v = meetings.graph()?.degrees().iter().map(|degree| degree.sqrt()).collect::<Vec<_>>();
        let total = v.iter().map(|v| v * v).sum::<f64>();
        let to_items = dense(recommender.to_items())?;
        let constant = DMatrix::from_fn(users, items, |u, n| 2.0 * v[u] * v[users + n] / total);
        let rest = &to_items - &constant;
        for trips in 0..4 {
            let symbols = bipartite(&meetings, &recommender, trips)?
                .value("v", v.iter().map(|&v| C::from(v)).collect::<Vec<_>>())
                .value("X", float(&rest));
            proof.printed_close(&symbols, 1.0);
        }
        // The second singular value of the table is the first of the rest, and below 1 where all hangs together.
        let mut singular = to_items.singular_values().iter().copied().collect::<Vec<_>>();
        singular.sort_by(|a, b| b.total_cmp(a));
        singular.push(0.0);
        proof.close(rest.singular_values().max(), singular[1], 1.0);
        if meetings.graph()?.hops(0)?.iter().all(Option::is_some) {
            proof.holds(singular[1] < 1.0 - 1e-6);
            // So after many trips every user has the same list: the popular.
            let mut c = vec![0.0; 4000];
            c[3999] = 1.0;
            let scores = recommender.scores(0, &c)?;
            let share = |n: usize| 2.0 * v[0] * v[users + n] / total;
            proof.close(scores, (0..items).map(share).collect::<Vec<_>>(), 1.0);
        }
    }
    Ok(())
}

/// What counts as a hit, and what equal scores count. Catches ties that are broken by the order of the list.
#[test]
fn recall_at() -> Result<()> {
    let mut proof = Proof::numeric("recall-at", 1e-12);
    for case in 0..40 {
        let items = proof.random().random_range(1..9);
        let places = proof.random().random_range(1..7);
        let scores = (0..items).map(|_| f64::from(proof.random().random_range(0..5))).collect::<Vec<_>>();
        let mut held_out = (0..items).filter(|_| proof.random().random_range(0..2) == 0).collect::<Vec<_>>();
        if held_out.is_empty() {
            held_out.push(case % items);
        }
        let printed = scores.clone();
        let out = held_out.clone();
        let symbols = Symbols::new()
            .size("W", items)
            .size("G", places)
            .value("x", (0..items).map(|item| C::from(f64::from(out.contains(&item)))).collect::<Vec<_>>())
            .value("y", printed.iter().map(|&score| C::from(score)).collect::<Vec<_>>())
            .function("recall(#)", move |values| {
                let scores = values[0].tensor()?.iter().map(|score| score.re).collect::<Vec<_>>();
                Ok(Value::Number(C::from(recall(&scores, &[], &out, places).map_err(meaning::said)?)))
            });
        proof.printed_close(&symbols, 1.0);
        // Over all orders of equal scores, the mean of what a list without ties would hit.
        let hits = |order: &[usize]| {
            let mut ranked = order.to_vec();
            ranked.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
            ranked.iter().take(places).filter(|item| held_out.contains(item)).count() as f64
        };
        if items <= 5 {
            let mut orders = vec![vec![]];
            for item in 0..items {
                orders = orders
                    .iter()
                    .flat_map(|order: &Vec<usize>| {
                        (0..=order.len()).map(|place| {
                            let mut longer = order.clone();
                            longer.insert(place, item);
                            longer
                        })
                    })
                    .collect();
            }
            let mean = orders.iter().map(|order| hits(order)).sum::<f64>() / orders.len() as f64;
            proof.close(recall(&scores, &[], &held_out, places)?, mean / held_out.len() as f64, 1.0);
        }
    }
    Ok(())
}

/// A matrix that changes the order of n things.
fn shuffle(proof: &mut Proof, n: usize) -> DMatrix<f64> {
    let mut order = (0..n).collect::<Vec<_>>();
    for i in (1..n).rev() {
        order.swap(i, proof.random().random_range(0..=i));
    }
    // One at least is moved.
    if order.is_sorted() && n > 1 {
        order.swap(0, 1);
    }
    DMatrix::from_fn(n, n, |i, j| f64::from(order[i] == j))
}

/// The order in which nodes are listed is of no account to a filter on a graph.
#[test]
fn graph_permutation_equivariance() -> Result<()> {
    let mut proof = Proof::numeric("graph-permutation-equivariance", 1e-9);
    for graph in graphs(&mut proof) {
        let graph = rounded(&graph);
        let permutation = shuffle(&mut proof, graph.nodes());
        let symbols = Symbols::new()
            .value("\\Pi", float(&permutation))
            .value("\\Delta", sparse(&graph.laplacian()))
            .function("g(#)", warming);
        proof.printed_close(&symbols, 1.0);
    }
    Ok(())
}

/// It is of account to the FFT of a table of users and items: sort the rows and another low-pass comes out.
#[test]
fn dft_not_permutation_equivariant() -> Result<()> {
    let mut proof = Proof::refuted("dft-not-permutation-equivariant", 1e-1);
    let low_pass = |table: &Array2<f64>| -> Result<DMatrix<f64>> {
        let (height, width) = table.dim();
        let mut bins = fourier::dft2(&table.mapv(C::from))?;
        for ((u, v), bin) in bins.indexed_iter_mut() {
            if u.min(height - u) > 1 || v.min(width - v) > 1 {
                *bin = C::from(0.0);
            }
        }
        Ok(matrix::from_array(&fourier::inverse_dft2(&bins)?.mapv(|bin| bin.re)))
    };
    for (users, items) in [(6, 8), (9, 5), (8, 8)] {
        let table = DMatrix::from_fn(users, items, |_, _| proof.random().random_range(0.0..5.0));
        let (rows, columns) = (shuffle(&mut proof, users), shuffle(&mut proof, items));
        let sorted = matrix::to_array(&(&rows * &table * columns.transpose()));
        let filtered = &rows * low_pass(&matrix::to_array(&table))? * columns.transpose();
        proof.separated(low_pass(&sorted)?, filtered);
    }
    Ok(())
}

/// Dense eigenvectors, and a sparse filter: the lesson of the gradient comparison once more.
#[test]
fn graph_global_senses() -> Result<()> {
    let mut proof = Proof::exact("graph-global-senses");
    for graph in graphs(&mut proof) {
        let theta = vec![Exact::whole(2), Exact::whole(3)];
        proof.printed(&exact(&graph).value("\\theta", theta));
        let modes = Fourier::new(&rounded(&graph).laplacian())?.modes().clone();
        // The first mode is constant; whole weights may make an entry of another vanish, but most do not.
        proof.holds(modes.iter().filter(|entry| entry.abs() > 1e-9).count() * 4 > 3 * modes.len());
    }
    Ok(())
}

/// What a transform and what a polynomial take. Catches a filter that fills the matrix in.
#[test]
fn gft_cost() -> Result<()> {
    let mut proof = Proof::exact("gft-cost");
    for graph in graphs(&mut proof) {
        let n = graph.nodes();
        let edges = graph.adjacency().triplet_iter().filter(|(i, j, _)| i < j);
        let edges = edges.map(|(i, j, weight)| (i, j, Counted::constant(*weight))).collect::<Vec<_>>();
        let laplacian = Graph::new(n, &edges)?.laplacian();
        let x = vec![Counted::constant(1_i64); n];
        let one_step = count(|| multiply(&laplacian, &x)).1.multiplications as i64;
        let modes = DMatrix::from_element(n, n, Counted::constant(1_i64));
        let (_, all) = count(|| {
            (0..n)
                .map(|k| (0..n).map(|i| modes[(i, k)] * x[i]).reduce(|sum, term| sum + term))
                .collect::<Vec<_>>()
        });
        for degree in 1..4 {
            let symbols = exact(&graph).size("K", degree);
            let symbols = symbols
                .value("C_poly", Value::Number(Exact::whole(one_step * degree as i64)))
                .value("C_gft", Value::Number(Exact::whole(all.multiplications as i64)));
            proof.printed(&symbols);
        }
    }
    Ok(())
}

/// What is wrong is said.
#[test]
fn bad_graphs_are_refused() -> Result<()> {
    assert_eq!(Graph::<i64>::new(0, &[]).unwrap_err(), Error::Empty { argument: "nodes" });
    let missing = Graph::new(3, &[(0, 3, 1)]).unwrap_err();
    assert_eq!(missing, Error::Index { argument: "edge", nodes: 3, given: 3 });
    assert_eq!(missing.to_string(), "edge: expected a node below 3, got 3");
    assert_eq!(
        Graph::new(3, &[(1, 1, 1)]).unwrap_err().to_string(),
        "edge: expected two different nodes, got 1 twice"
    );
    assert!(Graph::ring(2, 1).is_err() && Graph::<i64>::new(usize::MAX, &[]).is_err());
    assert!(Graph::bipartite(&DMatrix::<i64>::zeros(0, 3)).is_err());
    let ring = Graph::ring(4, 1.0)?;
    assert_eq!(ring.hops(4).unwrap_err(), Error::Index { argument: "from", nodes: 4, given: 4 });
    assert!(multiply(&ring.laplacian(), &[1.0; 3]).is_err());
    assert!(polynomial(&ring.laplacian(), &[], &[1.0; 4]).is_err());
    assert!(polynomial(&ring.laplacian(), &[1.0], &[1.0; 3]).is_err());
    assert!(chebyshev(&ring.laplacian(), 1.0, &[], &[1.0; 4]).is_err());
    let fourier = Fourier::new(&ring.laplacian())?;
    assert!(fourier.transform(&[1.0]).is_err() && fourier.with_coefficients(&[1.0]).is_err());
    let infinite = Graph::new(2, &[(0, 1, f64::INFINITY)])?.laplacian();
    assert_eq!(Fourier::new(&infinite).unwrap_err(), Error::NotFinite { argument: "laplacian" });
    Ok(())
}
