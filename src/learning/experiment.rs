//! The experiment of the chapter: which kernels learn from how many pictures.
//!
//! Everything is decided by a [`Protocol`] and by seeds, so it can be repeated to the last bit. It does not know which way of
//! training is expected to win.

use super::layers::{cross_entropy, linear, linear_gradient};
use super::{Data, Network, Optimizer, Random, Rule, Sizes, Trained, faces};
use crate::error::{Result, exactly, non_zero};
use ndarray::{ArrayView1, ArrayView2};

/// An optimizer whose rate is not chosen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Stochastic gradient descent with momentum 0.9.
    Sgd,
    /// Adam.
    Adam,
}

impl Method {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sgd, Self::Adam];

    /// What the book calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Adam => "Adam",
        }
    }

    /// The rates that are tried, the smallest first; the same for whatever is trained.
    pub const fn rates(self) -> [f64; 4] {
        match self {
            Self::Sgd => [0.003, 0.01, 0.03, 0.1],
            Self::Adam => [0.0003, 0.001, 0.003, 0.01],
        }
    }

    /// The rule with a rate.
    pub const fn with_rate(self, rate: f64) -> Rule {
        match self {
            Self::Sgd => Rule::Sgd { rate, momentum: 0.9 },
            Self::Adam => Rule::Adam { rate },
        }
    }
}

/// What is the same for all networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// The sizes of the network.
    pub sizes: Sizes,
    /// Steps of a training, whatever the number of pictures.
    pub steps: usize,
    /// Pictures in a step; fewer, if there are fewer.
    pub batch: usize,
}

impl Default for Protocol {
    /// The book's: eight kernels, 400 steps of 16 pictures.
    fn default() -> Self {
        let sizes = Sizes { side: faces::SIDE, taps: 5, kernels: 8, pool: 4 };
        Self { sizes, steps: 400, batch: 16 }
    }
}

impl Protocol {
    /// Trains a network on a set, and returns its weights. The seed decides where it starts and the order of the pictures:
    /// every picture once, in random order, and then again in another.
    ///
    /// # Errors
    /// As [`Network::new`]; [`Error::Zero`](crate::Error::Zero) for batches of no pictures;
    /// [`Error::Length`](crate::Error::Length) if the pictures have other sides than the network.
    pub fn train(&self, trained: Trained, rule: Rule, data: &Data, seed: u64) -> Result<Vec<f32>> {
        let network = Network::<f32>::new(trained, self.sizes)?;
        self.train_from(&network, network.start(seed)?, rule, data, seed)
    }

    /// The same, from weights of the caller's.
    ///
    /// # Errors
    /// As [`train`](Protocol::train); [`Error::Length`](crate::Error::Length) if they are not as many as the network has.
    pub fn train_from(
        &self,
        network: &Network<f32>,
        mut weights: Vec<f32>,
        rule: Rule,
        data: &Data,
        seed: u64,
    ) -> Result<Vec<f32>> {
        exactly("weights", network.weights(), weights.len())?;
        let pictures = network.pictures(data)?;
        let mut optimizer = Optimizer::new(rule, weights.len());
        for batch in batches(data.count(), self.batch, self.steps, seed)? {
            let chosen = batch.iter().map(|&number| &pictures[number]).collect::<Vec<_>>();
            let classes = batch.iter().map(|&number| data.classes()[number]).collect::<Vec<_>>();
            let (_, gradient) = network.gradient(&weights, &chosen, &classes)?;
            optimizer.step(&mut weights, &gradient)?;
            network.project(&mut weights)?;
        }
        Ok(weights)
    }

    /// The baseline without kernels: the last layer reads the pixels. The share of each of the `tests` that it puts into its
    /// class.
    ///
    /// # Errors
    /// [`Error::Zero`](crate::Error::Zero) for batches of no pictures; [`Error::Length`](crate::Error::Length) if the pictures
    /// of a test have other sides.
    pub fn pixels_alone(&self, rule: Rule, data: &Data, seed: u64, tests: &[&Data]) -> Result<Vec<f64>> {
        let features = data.side() * data.side();
        let mut weights = vec![0.0_f32; 2 * features + 2];
        let mut optimizer = Optimizer::new(rule, weights.len());
        let says = |weights: &[f32], pixels: &[f32]| {
            let (a, b) = weights.split_at(2 * features);
            let a = ArrayView2::from_shape((2, features), a).expect("as many as entries");
            linear(&a, &ArrayView1::from(pixels), &ArrayView1::from(b))
        };
        for batch in batches(data.count(), self.batch, self.steps, seed)? {
            let mut gradient = vec![0.0; weights.len()];
            for &number in &batch {
                let x = data.picture(number);
                let (_, g) = cross_entropy(&says(&weights, x)?, data.classes()[number])?;
                let a = ArrayView2::from_shape((2, features), &weights[..2 * features])
                    .expect("as many as entries");
                let (by_a, _) = linear_gradient(&a, &ArrayView1::from(x), &g)?;
                let share = 1.0 / batch.len() as f32;
                gradient.iter_mut().zip(by_a.iter().chain(&g)).for_each(|(sum, by)| *sum += by * share);
            }
            optimizer.step(&mut weights, &gradient)?;
        }
        let accuracy = |test: &&Data| {
            exactly("pictures' side", data.side(), test.side())?;
            let mut right = 0;
            for (number, &class) in test.classes().iter().enumerate() {
                let z = says(&weights, test.picture(number))?;
                right += usize::from(z[class] > z[1 - class]);
            }
            Ok(right as f64 / test.count() as f64)
        };
        tests.iter().map(accuracy).collect()
    }
}

/// The numbers of the pictures of every step.
///
/// # Errors
/// [`Error::Zero`](crate::Error::Zero) for batches of no pictures; [`Error::Empty`](crate::Error::Empty) without pictures.
///
/// # Examples
/// ```
/// use locality::learning::batches;
/// let mut first = batches(4, 2, 3, 1)?[..2].concat();
/// first.sort();
/// assert_eq!(first, [0, 1, 2, 3]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn batches(count: usize, batch: usize, steps: usize, seed: u64) -> Result<Vec<Vec<usize>>> {
    non_zero("batch", batch)?;
    crate::error::non_empty("pictures", count)?;
    let mut random = Random::part(seed, 1);
    let mut waiting = vec![];
    let next = |_| {
        let batch = batch.min(count);
        // A round that does not divide leaves a few, and the next round comes behind them.
        if waiting.len() < batch {
            waiting.extend(random.order(count));
        }
        waiting.drain(..batch).collect()
    };
    Ok((0..steps).map(next).collect())
}

/// The baseline that sees the light alone: the best threshold on the mean of the pixels, chosen on `data`. The share of `test`
/// that it puts into its class.
///
/// # Examples
/// The sum of the pixels does not give a face away:
/// ```
/// use locality::learning::{faces, mean_alone};
/// let (data, test) = (faces::set(500, 1, 0)?, faces::set(500, 2, 0)?);
/// assert!((mean_alone(&data, &test) - 0.5).abs() < 0.1);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn mean_alone(data: &Data, test: &Data) -> f64 {
    // Class 1 above the threshold, or below it.
    let right = |data: &Data, threshold: f64, above: bool| {
        let with_class = data.means().iter().zip(data.classes());
        with_class.filter(|&(&mean, &class)| (mean > threshold) == ((class == 1) == above)).count()
    };
    let choices = data.means().iter().flat_map(|&mean| [(mean, true), (mean, false)]);
    let best = choices.max_by_key(|&(threshold, above)| right(data, threshold, above));
    best.map_or(0.0, |(threshold, above)| right(test, threshold, above) as f64 / test.count() as f64)
}
