//! One step of training: a batch forwards and backwards through the whole network.

use super::layer::Lstm;
use crate::network::softmax;
use crate::random::Random;
use crate::simd::{Matrix, Packed, multiply};
use crate::weights::{DENSE, HIDDEN_BIAS, LSTM};
use crate::{CLASSES, Weights};

/// The memory of a step, used again by the next.
#[derive(Debug)]
pub(crate) struct Pass {
    window: usize,
    layers: [Lstm; 2],
    gradient: Weights,
    x: Vec<f32>,
    /// What dropout left of the first layer's hidden values, and the factor of each.
    between: Vec<f32>,
    masks: [Vec<f32>; 2],
}

impl Pass {
    pub(crate) fn new(weights: &Weights, window: usize) -> Self {
        let [first, second] = weights.sizes().units;
        Self {
            window,
            layers: [
                Lstm::new(LSTM[0], weights.features(), first, window),
                Lstm::new(LSTM[1], first, second, window),
            ],
            gradient: Weights::zero(weights.features(), weights.sizes()),
            x: Vec::new(),
            between: Vec::new(),
            masks: [Vec::new(), Vec::new()],
        }
    }

    /// The gradient of the last step, in the order of the parameters.
    pub(crate) fn gradient(&self) -> &[f32] {
        self.gradient.values()
    }

    pub(super) fn clear_hidden_bias(&mut self) {
        for layer in LSTM {
            self.gradient.tensor_mut(layer + HIDDEN_BIAS).fill(0.0);
        }
    }

    /// Computes the gradient of the mean loss of these windows, weighted by class, and returns the loss.
    pub(crate) fn gradients(
        &mut self,
        weights: &Weights,
        values: &[f32],
        starts: &[usize],
        classes: &[usize],
        class_weights: &[f32; CLASSES],
        mut dropout: Option<(f64, &mut Random)>,
    ) -> f32 {
        let rows = starts.len();
        let units = weights.sizes().units;
        let dense = weights.sizes().dense;
        self.gradient.values_mut().fill(0.0);
        self.gather(weights.features(), values, starts);

        let [first, second] = &mut self.layers;
        first.forward(weights, &self.x, rows);
        self.between.clone_from(&first.hidden);
        let [mask1, mask2] = &mut self.masks;
        drop_out(&mut self.between, mask1, &mut dropout);
        second.forward(weights, &self.between, rows);
        let last = (self.window - 1) * rows * units[1];
        let mut hidden = second.hidden[last..].to_vec();
        drop_out(&mut hidden, mask2, &mut dropout);

        // Dense, ReLU, dense, softmax.
        let tensor = |index| weights.tensor(index);
        let mut relu = rows_of(tensor(DENSE[0] + 1), rows);
        let (hidden_m, relu_shape) = (Matrix::new(&hidden, rows, units[1]), (rows, dense));
        let first_dense = Matrix::new(tensor(DENSE[0]), dense, units[1]);
        let packed = Packed::new(first_dense.transposed());
        multiply(hidden_m, &packed, &mut relu);
        relu.iter_mut().for_each(|value| *value = value.max(0.0));
        let mut logits = rows_of(tensor(DENSE[1] + 1), rows);
        let second_dense = Matrix::new(tensor(DENSE[1]), CLASSES, dense);
        let relu_m = Matrix::new(&relu, relu_shape.0, relu_shape.1);
        let packed = Packed::new(second_dense.transposed());
        multiply(relu_m, &packed, &mut logits);

        let whole: f32 = classes.iter().map(|&class| class_weights[class]).sum();
        let mut loss = 0.0;
        let (logits, _) = logits.as_chunks_mut::<CLASSES>();
        for (logits, &class) in logits.iter_mut().zip(classes) {
            let share = class_weights[class] / whole;
            let p = softmax(*logits);
            loss -= share * p[class].max(f32::MIN_POSITIVE).ln();
            *logits = p.map(|p| p * share);
            logits[class] -= share;
        }
        let logits = logits.as_flattened();

        // And back.
        let gradient = &mut self.gradient;
        let logits_m = Matrix::new(logits, rows, CLASSES);
        multiply(
            logits_m.transposed(),
            &Packed::new(relu_m),
            gradient.tensor_mut(DENSE[1]),
        );
        add_rows(logits, gradient.tensor_mut(DENSE[1] + 1));
        let mut upstream = vec![0.0; rows * dense];
        multiply(logits_m, &Packed::new(second_dense), &mut upstream);
        for (value, relu) in upstream.iter_mut().zip(&relu) {
            if *relu <= 0.0 {
                *value = 0.0;
            }
        }
        let dense_m = Matrix::new(&upstream, rows, dense);
        multiply(
            dense_m.transposed(),
            &Packed::new(hidden_m),
            gradient.tensor_mut(DENSE[0]),
        );
        add_rows(&upstream, gradient.tensor_mut(DENSE[0] + 1));

        let mut upstream = vec![0.0; second.hidden.len()];
        multiply(dense_m, &Packed::new(first_dense), &mut upstream[last..]);
        scale(&mut upstream[last..], mask2);
        let mut before = vec![0.0; first.hidden.len()];
        second.backward(
            weights,
            &self.between,
            rows,
            &mut upstream,
            gradient,
            Some(&mut before),
        );
        scale(&mut before, mask1);
        first.backward(weights, &self.x, rows, &mut before, gradient, None);
        loss
    }

    /// Brings the windows into `[step][row][feature]`.
    fn gather(&mut self, features: usize, values: &[f32], starts: &[usize]) {
        self.x.clear();
        for step in 0..self.window {
            for start in starts {
                let at = start + step * features;
                self.x.extend_from_slice(&values[at..at + features]);
            }
        }
    }
}

/// The bias once per row.
fn rows_of(bias: &[f32], rows: usize) -> Vec<f32> {
    bias.repeat(rows)
}

/// Adds the rows up.
fn add_rows(rows: &[f32], total: &mut [f32]) {
    for row in rows.chunks_exact(total.len()) {
        total.iter_mut().zip(row).for_each(|(t, v)| *t += v);
    }
}

/// Leaves values out at random and makes up for them with the others; `mask` gets the factors, none without dropout.
fn drop_out(values: &mut [f32], mask: &mut Vec<f32>, dropout: &mut Option<(f64, &mut Random)>) {
    mask.clear();
    let Some((share, random)) = dropout else {
        return;
    };
    if *share == 0.0 {
        return;
    }
    let kept = (1.0 / (1.0 - *share)) as f32;
    // Sixteen bits decide about a value: the share is kept to 1 in 65536.
    let limit = (*share * 65_536.0) as u64;
    mask.reserve(values.len() + 3);
    while mask.len() < values.len() {
        let bits = random.next();
        mask.extend([0, 16, 32, 48].map(|at| {
            if bits >> at & 0xffff < limit {
                0.0
            } else {
                kept
            }
        }));
    }
    mask.truncate(values.len());
    scale(values, mask);
}

/// Multiplies by the factors, if there are any.
fn scale(values: &mut [f32], mask: &[f32]) {
    values.iter_mut().zip(mask).for_each(|(v, m)| *v *= m);
}
