//! What the parameters are before training.

use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::weights::{DENSE, GATES, HIDDEN_WEIGHTS, INPUT_BIAS, INPUT_WEIGHTS, LSTM};
use crate::{CLASSES, Sizes, Weights};

/// Whose rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Initialisation {
    /// Keras: Glorot's uniform distribution for inputs and dense layers, an orthogonal matrix for hidden values, zero biases,
    /// but 1 for the forget gate.
    #[default]
    Keras,
    /// PyTorch: everything uniform, within one over the root of the units (of the inputs, for a dense layer).
    PyTorch,
}

impl Initialisation {
    /// The parameters of a network; the seed decides every one of them.
    pub fn weights(self, features: usize, sizes: Sizes, seed: u64) -> Weights {
        let mut weights = Weights::zero(features, sizes);
        let mut random = Random::of(seed, 0x1417);
        let [first, second] = sizes.units;
        for (layer, inputs, units) in [(LSTM[0], features, first), (LSTM[1], first, second)] {
            match self {
                Self::Keras => {
                    let limit = glorot(inputs, GATES * units);
                    fill(
                        weights.tensor_mut(layer + INPUT_WEIGHTS),
                        limit,
                        &mut random,
                    );
                    let hidden = weights.tensor_mut(layer + HIDDEN_WEIGHTS);
                    orthogonal(hidden, units, &mut random);
                    weights.tensor_mut(layer + INPUT_BIAS)[units..2 * units].fill(1.0);
                }
                Self::PyTorch => {
                    let limit = 1.0 / (units as f32).sqrt();
                    for tensor in layer..layer + 4 {
                        fill(weights.tensor_mut(tensor), limit, &mut random);
                    }
                }
            }
        }
        for (layer, inputs, outputs) in [
            (DENSE[0], second, sizes.dense),
            (DENSE[1], sizes.dense, CLASSES),
        ] {
            match self {
                Self::Keras => fill(
                    weights.tensor_mut(layer),
                    glorot(inputs, outputs),
                    &mut random,
                ),
                Self::PyTorch => {
                    let limit = 1.0 / (inputs as f32).sqrt();
                    fill(weights.tensor_mut(layer), limit, &mut random);
                    fill(weights.tensor_mut(layer + 1), limit, &mut random);
                }
            }
        }
        weights
    }
}

fn glorot(inputs: usize, outputs: usize) -> f32 {
    (6.0 / (inputs + outputs) as f32).sqrt()
}

fn fill(values: &mut [f32], limit: f32, random: &mut Random) {
    for value in values {
        *value = random.uniform(-limit, limit);
    }
}

/// `4 * units` rows of `units` whose columns are orthonormal: Gram and Schmidt over normal random columns.
fn orthogonal(values: &mut [f32], units: usize, random: &mut Random) {
    let rows = values.len() / units;
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(units);
    while columns.len() < units {
        let mut column: Vec<f64> = (0..rows).map(|_| random.normal()).collect();
        // Twice: once is not enough for the last digits.
        for _ in 0..2 {
            for other in &columns {
                let share: f64 = column.iter().zip(other).map(|(a, b)| a * b).sum();
                for (value, other) in column.iter_mut().zip(other) {
                    *value -= share * other;
                }
            }
        }
        let length = column.iter().map(|v| v * v).sum::<f64>().sqrt();
        if length > 1e-6 {
            column.iter_mut().for_each(|value| *value /= length);
            columns.push(column);
        }
    }
    for (row, values) in values.chunks_exact_mut(units).enumerate() {
        for (value, column) in values.iter_mut().zip(&columns) {
            *value = column[row] as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_weights_are_orthogonal_and_forget_gates_open() {
        let weights = Initialisation::Keras.weights(3, Sizes::default(), 1);
        let hidden = weights.tensor(LSTM[1] + HIDDEN_WEIGHTS);
        let column = |c: usize| hidden.iter().skip(c).step_by(64);
        for (a, b) in [(0, 0), (0, 1), (5, 63), (63, 63)] {
            let product: f32 = column(a).zip(column(b)).map(|(x, y)| x * y).sum();
            let wanted = if a == b { 1.0 } else { 0.0 };
            assert!((product - wanted).abs() < 1e-5, "{a} {b}: {product}");
        }
        let bias = weights.tensor(LSTM[0] + INPUT_BIAS);
        assert_eq!(bias[127..129], [0.0, 1.0]);
        assert_eq!(bias[255..257], [1.0, 0.0]);
        assert_eq!(
            weights,
            Initialisation::Keras.weights(3, Sizes::default(), 1)
        );
        assert_ne!(
            weights,
            Initialisation::Keras.weights(3, Sizes::default(), 2)
        );
    }
}
