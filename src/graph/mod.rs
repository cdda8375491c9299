//! Convolution without a grid: graphs, their Laplacian, and filters made of it.
//!
//! On a grid every node has the same neighbours in the same directions, and a kernel is slid. On a graph there are neighbours
//! and no directions. What is left of a shift is the [`Graph::laplacian`], which compares each node with its neighbours;
//! what is left of a kernel is a [`polynomial`] of it, whose degree is how far it reaches; what is left of the Fourier
//! transform are its eigenvectors, [`Fourier`]. On a ring all three are the old ones.
//!
//! [`Meetings`] of users and items make a graph, too, and a [`Recommender`] is a filter on it.

mod fourier;
mod meetings;
mod propagation;
mod recommend;

pub use fourier::Fourier;
pub use meetings::Meetings;
pub use propagation::{chebyshev, polynomial, propagation};
pub use recommend::{Recommender, heat, recall};

use nalgebra::DMatrix;
use nalgebra_sparse::{CooMatrix, CsrMatrix};

use crate::Scalar;
use crate::error::{Error, Result, allocatable, exactly, non_empty};

/// An undirected graph with weights: its adjacency matrix, symmetric, with zeros on the diagonal.
///
/// The weights may be any numbers that can be added and multiplied, so that a filter on a graph can be traced, counted, and
/// computed exactly.
///
/// # Examples
/// Three nodes in a row:
/// ```
/// use locality::graph::Graph;
/// let path = Graph::new(3, &[(0, 1, 1), (1, 2, 1)])?;
/// assert_eq!(path.degrees(), [1, 2, 1]);
/// assert_eq!(path.hops(0)?, [Some(0), Some(1), Some(2)]);
/// # Ok::<(), locality::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Graph<T> {
    adjacency: CsrMatrix<T>,
}

impl<T: Scalar> Graph<T> {
    /// A graph of `nodes` nodes and these edges (one end, the other end, weight), in both directions. Edges between the same
    /// nodes add up.
    ///
    /// # Errors
    /// [`Error::Empty`] without nodes; [`Error::Index`] if an edge names a node that does not exist; [`Error::Loop`] if one joins
    /// a node to itself.
    pub fn new(nodes: usize, edges: &[(usize, usize, T)]) -> Result<Self> {
        non_empty("nodes", nodes)?;
        allocatable::<usize>("graph", &[nodes])?;
        let mut entries = CooMatrix::new(nodes, nodes);
        for (a, b, weight) in edges {
            for &node in [a, b] {
                if node >= nodes {
                    return Err(Error::Index { argument: "edge", nodes, given: node });
                }
            }
            if a == b {
                return Err(Error::Loop { node: *a });
            }
            entries.push(*a, *b, weight.clone());
            entries.push(*b, *a, weight.clone());
        }
        Ok(Self { adjacency: CsrMatrix::from(&entries) })
    }

    /// The ring: every node has the next one and the one before for neighbours, equation `ring-laplacian`.
    ///
    /// # Errors
    /// [`Error::TooShort`] for fewer than three nodes.
    ///
    /// # Examples
    /// ```
    /// use locality::graph::Graph;
    /// assert_eq!(Graph::ring(4, 1)?.hops(0)?, [Some(0), Some(1), Some(2), Some(1)]);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn ring(nodes: usize, weight: T) -> Result<Self> {
        crate::error::at_least("nodes", 3, nodes)?;
        let edges = (0..nodes).map(|n| (n, (n + 1) % nodes, weight.clone()));
        Self::new(nodes, &edges.collect::<Vec<_>>())
    }

    /// Users and items, joined where a user has met an item: user u and item n are nodes u and U + n, equation
    /// `bipartite-adjacency`. `meetings` is U × items; its zeros are no edges.
    ///
    /// # Errors
    /// [`Error::Empty`] if there is no user or no item.
    ///
    /// # Examples
    /// ```
    /// use locality::{graph::Graph, nalgebra::dmatrix};
    /// let graph = Graph::bipartite(&dmatrix![1, 0, 1; 0, 1, 1])?;
    /// assert_eq!(graph.degrees(), [2, 2, 1, 1, 2]);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn bipartite(meetings: &DMatrix<T>) -> Result<Self> {
        non_empty("users", meetings.nrows())?;
        non_empty("items", meetings.ncols())?;
        let users = meetings.nrows();
        let mut edges = vec![];
        for user in 0..users {
            for item in 0..meetings.ncols() {
                let weight = &meetings[(user, item)];
                if !weight.is_zero() {
                    edges.push((user, users + item, weight.clone()));
                }
            }
        }
        Self::new(users + meetings.ncols(), &edges)
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.adjacency.nrows()
    }

    /// The weights, A.
    pub fn adjacency(&self) -> &CsrMatrix<T> {
        &self.adjacency
    }

    /// The sum of the weights at each node, d = A 1.
    pub fn degrees(&self) -> Vec<T> {
        let sum = |row: nalgebra_sparse::csr::CsrRow<T>| {
            row.values().iter().fold(T::zero(), |sum, weight| sum + weight.clone())
        };
        self.adjacency.row_iter().map(sum).collect()
    }

    /// The Laplacian Δ = D − A, which compares each node with its neighbours: (Δx)\[i\] = Σⱼ A\[i, j\] (x\[i\] − x\[j\]),
    /// equation `graph-laplacian`.
    ///
    /// # Examples
    /// ```
    /// use locality::graph::{Graph, multiply};
    /// let laplacian = Graph::ring(4, 1)?.laplacian();
    /// assert_eq!(multiply(&laplacian, &[0, 1, 0, 0])?, [-1, 2, -1, 0]);
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn laplacian(&self) -> CsrMatrix<T> {
        let mut entries = CooMatrix::new(self.nodes(), self.nodes());
        for (node, degree) in self.degrees().into_iter().enumerate() {
            entries.push(node, node, degree);
        }
        for (i, j, weight) in self.adjacency.triplet_iter() {
            entries.push(i, j, -weight.clone());
        }
        CsrMatrix::from(&entries)
    }

    /// How many edges lie between a node and every other, at least; none where there is no way.
    ///
    /// # Errors
    /// [`Error::Index`] if there is no such node.
    pub fn hops(&self, from: usize) -> Result<Vec<Option<usize>>> {
        let nodes = self.nodes();
        if from >= nodes {
            return Err(Error::Index { argument: "from", nodes, given: from });
        }
        let mut hops = vec![None; nodes];
        hops[from] = Some(0);
        let mut reached = std::collections::VecDeque::from([from]);
        while let Some(node) = reached.pop_front() {
            for &next in self.adjacency.row(node).col_indices() {
                if hops[next].is_none() {
                    hops[next] = hops[node].map(|hops| hops + 1);
                    reached.push_back(next);
                }
            }
        }
        Ok(hops)
    }
}

impl Graph<f64> {
    /// The normalised Laplacian I − D^{−1/2} A D^{−1/2}, equation `graph-laplacian-sym`. A node without neighbours has a row of
    /// zeros.
    ///
    /// # Examples
    /// ```
    /// use locality::graph::Graph;
    /// let laplacian = Graph::new(2, &[(0, 1, 3.0)])?.normalised_laplacian();
    /// assert_eq!(laplacian.get_entry(0, 1).map(|entry| entry.into_value()), Some(-1.0));
    /// # Ok::<(), locality::Error>(())
    /// ```
    pub fn normalised_laplacian(&self) -> CsrMatrix<f64> {
        let degrees = self.degrees();
        let mut entries = CooMatrix::new(self.nodes(), self.nodes());
        for (node, &degree) in degrees.iter().enumerate() {
            entries.push(node, node, f64::from(degree > 0.0));
        }
        for (i, j, weight) in self.adjacency.triplet_iter() {
            entries.push(i, j, -weight / (degrees[i] * degrees[j]).sqrt());
        }
        CsrMatrix::from(&entries)
    }
}

/// A sparse matrix times a vector, over any numbers: one product for each entry that is not zero.
///
/// # Errors
/// [`Error::Length`] if the vector is not as long as the matrix is wide.
pub fn multiply<T: Scalar>(a: &CsrMatrix<T>, x: &[T]) -> Result<Vec<T>> {
    exactly("x", a.ncols(), x.len())?;
    let entry = |row: nalgebra_sparse::csr::CsrRow<T>| {
        let terms = row.col_indices().iter().zip(row.values());
        terms.fold(T::zero(), |sum, (&j, entry)| sum + entry.clone() * x[j].clone())
    };
    Ok(a.row_iter().map(entry).collect())
}

/// A sparse matrix with its zeros.
///
/// # Errors
/// [`Error::TooLarge`] if it cannot be allocated.
pub fn dense<T: Scalar>(a: &CsrMatrix<T>) -> Result<DMatrix<T>> {
    allocatable::<T>("dense matrix", &[a.nrows(), a.ncols()])?;
    let mut dense = DMatrix::from_element(a.nrows(), a.ncols(), T::zero());
    for (i, j, entry) in a.triplet_iter() {
        dense[(i, j)] += entry.clone();
    }
    Ok(dense)
}
