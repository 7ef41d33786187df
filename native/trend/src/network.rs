//! The network with its weights in the order in which the kernels read them.

use financelake_indicators::simd::Level;

use crate::simd::{self, BLOCK, Kernel, Layer, Scratch};
use crate::weights::{DENSE, GATES, HIDDEN_BIAS, HIDDEN_WEIGHTS, INPUT_BIAS, INPUT_WEIGHTS, LSTM};
use crate::{CLASSES, Weights};

/// A network that is ready to score.
#[derive(Debug)]
pub(crate) struct Network {
    kernel: Kernel,
    window: usize,
    layers: [Layer; 2],
    head: Head,
}

impl Network {
    pub(crate) fn new(weights: &Weights, window: usize) -> Self {
        Self::at(Level::detect(), weights, window)
    }

    /// With the kernels of a level, or of the best one below it that the processor has.
    pub(crate) fn at(level: Level, weights: &Weights, window: usize) -> Self {
        let kernel = Kernel::new(level);
        let [first, second] = weights.sizes().units;
        Self {
            kernel,
            window,
            layers: [
                layer(weights, 0, weights.features(), first, kernel.lanes()),
                layer(weights, 1, first, second, kernel.lanes()),
            ],
            head: Head::new(weights),
        }
    }

    pub(crate) fn scratch(&self) -> Scratch {
        Scratch::new(&self.layers)
    }

    /// Scores the windows that begin at these places of `features`; `place` gets the index of a start and its
    /// probabilities.
    pub(crate) fn score(
        &self,
        features: &[f32],
        starts: &[usize],
        scratch: &mut Scratch,
        mut place: impl FnMut(usize, [f32; CLASSES]),
    ) {
        let mut sums = vec![0.0; self.head.dense];
        for (block, starts) in starts.chunks(BLOCK).enumerate() {
            let last = simd::run(
                self.kernel,
                &self.layers,
                self.window,
                features,
                starts,
                scratch,
            );
            for row in 0..starts.len() {
                let hidden = last.row(row);
                place(
                    block * BLOCK + row,
                    self.head.probabilities(hidden, &mut sums),
                );
            }
        }
    }
}

/// Packs a layer: per block of units, per input and then per hidden value, the weights of the four gates.
fn layer(weights: &Weights, which: usize, inputs: usize, units: usize, lanes: usize) -> Layer {
    let tensor = |index| weights.tensor(LSTM[which] + index);
    let (input, hidden) = (tensor(INPUT_WEIGHTS), tensor(HIDDEN_WEIGHTS));
    let (input_bias, hidden_bias) = (tensor(INPUT_BIAS), tensor(HIDDEN_BIAS));
    Layer::pack(inputs, units, lanes, |gate, unit, from| {
        let row = gate * units + unit;
        debug_assert!(gate < GATES);
        match from {
            None => input_bias[row] + hidden_bias[row],
            Some(k) if k < inputs => input[row * inputs + k],
            Some(k) => hidden[row * units + k - inputs],
        }
    })
}

/// Dense with ReLU, dense, softmax. Plain multiplications and additions in one order, so the same bits everywhere.
#[derive(Debug)]
struct Head {
    dense: usize,
    /// `[hidden][dense]`.
    first: Vec<f32>,
    first_bias: Vec<f32>,
    /// `[class][dense]`.
    second: Vec<f32>,
    second_bias: Vec<f32>,
}

impl Head {
    fn new(weights: &Weights) -> Self {
        let (units, dense) = (weights.sizes().units[1], weights.sizes().dense);
        let rows = weights.tensor(DENSE[0]);
        let mut first = Vec::with_capacity(rows.len());
        for unit in 0..units {
            first.extend((0..dense).map(|d| rows[d * units + unit]));
        }
        Self {
            dense,
            first,
            first_bias: weights.tensor(DENSE[0] + 1).to_vec(),
            second: weights.tensor(DENSE[1]).to_vec(),
            second_bias: weights.tensor(DENSE[1] + 1).to_vec(),
        }
    }

    fn probabilities(&self, hidden: &[f32], sums: &mut [f32]) -> [f32; CLASSES] {
        sums.copy_from_slice(&self.first_bias);
        for (value, weights) in hidden.iter().zip(self.first.chunks_exact(self.dense)) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += value * weight;
            }
        }
        let mut logits = [0.0; CLASSES];
        for (class, logit) in logits.iter_mut().enumerate() {
            *logit = self.second_bias[class];
            let weights = &self.second[class * self.dense..(class + 1) * self.dense];
            for (sum, weight) in sums.iter().zip(weights) {
                *logit += sum.max(0.0) * weight;
            }
        }
        softmax(logits)
    }
}

/// Softmax with the kernels' own exponential, whose bits no system library decides.
pub(crate) fn softmax(logits: [f32; CLASSES]) -> [f32; CLASSES] {
    let largest = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers = logits.map(|logit| simd::exp(logit - largest));
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::{Initialisation, Sizes};

    #[test]
    fn every_level_gives_the_same_bits() {
        for (features, units, dense, window) in [
            (10, [128, 64], 32, 60),
            (1, [1, 1], 1, 1),
            (7, [19, 13], 5, 9),
        ] {
            let sizes = Sizes { units, dense };
            let weights = Initialisation::PyTorch.weights(features, sizes, 5);
            let mut random = Random::of(9, 0);
            let values: Vec<f32> = (0..features * (window + 60))
                .map(|_| random.uniform(-3.0, 3.0))
                .collect();
            let starts: Vec<usize> = (0..53).map(|row| row * features).collect();
            let scores = |level: Level| {
                let network = Network::at(level, &weights, window);
                let mut scratch = network.scratch();
                let mut bits = Vec::new();
                network.score(&values, &starts, &mut scratch, |_, p| {
                    bits.push(p.map(f32::to_bits));
                });
                bits
            };
            let portable = scores(Level::Portable);
            assert_eq!(portable.len(), 53);
            assert!(portable.windows(2).any(|pair| pair[0] != pair[1]) || features == 1);
            for level in [Level::Avx2, Level::Avx512] {
                assert_eq!(scores(level), portable, "{}", level.name());
            }
        }
    }
}
