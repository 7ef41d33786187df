//! An LSTM layer over a whole batch of windows, forwards and backwards. Everything is time-major: `[step][row][unit]`.

use financelake_indicators::simd::Level;

use super::cell::{Backward, Forward};
use crate::Weights;
use crate::simd::{Matrix, Packed, multiply};
use crate::weights::{GATES, HIDDEN_BIAS, HIDDEN_WEIGHTS, INPUT_BIAS, INPUT_WEIGHTS};

/// What a layer remembers of a batch.
#[derive(Debug)]
pub(super) struct Lstm {
    /// The place of its first tensor.
    tensors: usize,
    inputs: usize,
    units: usize,
    window: usize,
    gates: Vec<f32>,
    cells: Vec<f32>,
    shown: Vec<f32>,
    pub(super) hidden: Vec<f32>,
}

impl Lstm {
    pub(super) fn new(tensors: usize, inputs: usize, units: usize, window: usize) -> Self {
        Self {
            tensors,
            inputs,
            units,
            window,
            gates: Vec::new(),
            cells: Vec::new(),
            shown: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// Runs `rows` windows, whose inputs are `[step][row][input]`, and leaves the hidden values.
    pub(super) fn forward(&mut self, weights: &Weights, x: &[f32], rows: usize) {
        let (inputs, units, steps) = (self.inputs, self.units, self.window);
        let tensor = |index| weights.tensor(self.tensors + index);
        let (wide, narrow) = (rows * GATES * units, rows * units);
        self.gates.resize(steps * wide, 0.0);
        for states in [&mut self.cells, &mut self.shown, &mut self.hidden] {
            states.resize(steps * narrow, 0.0);
        }
        let bias: Vec<f32> = tensor(INPUT_BIAS)
            .iter()
            .zip(tensor(HIDDEN_BIAS))
            .map(|(a, b)| a + b)
            .collect();
        let input = Matrix::new(tensor(INPUT_WEIGHTS), GATES * units, inputs).transposed();
        let input = Packed::new(input);
        let recurrent = Matrix::new(tensor(HIDDEN_WEIGHTS), GATES * units, units).transposed();
        let recurrent = Packed::new(recurrent);
        // Step by step, so that the sums stay in the caches until the cell has used them.
        for step in 0..steps {
            let gates = &mut self.gates[step * wide..(step + 1) * wide];
            let (before, hidden) = self.hidden.split_at_mut(step * narrow);
            let (cells_before, cells) = self.cells.split_at_mut(step * narrow);
            let last = before.len().saturating_sub(narrow);
            for sums in gates.chunks_exact_mut(bias.len()) {
                sums.copy_from_slice(&bias);
            }
            let now = &x[step * rows * inputs..(step + 1) * rows * inputs];
            multiply(Matrix::new(now, rows, inputs), &input, gates);
            if step > 0 {
                multiply(Matrix::new(&before[last..], rows, units), &recurrent, gates);
            }
            Level::detect().run(Forward {
                units,
                gates,
                before: &cells_before[last..],
                cells: &mut cells[..narrow],
                shown: &mut self.shown[step * narrow..(step + 1) * narrow],
                hidden: &mut hidden[..narrow],
            });
        }
    }

    /// Adds the gradients of the layer's parameters to `gradient`. `upstream` is the gradient of the hidden values of each
    /// step; `inputs`, if it is asked for, becomes that of the inputs.
    pub(super) fn backward(
        &mut self,
        weights: &Weights,
        x: &[f32],
        rows: usize,
        upstream: &mut [f32],
        gradient: &mut Weights,
        mut inputs: Option<&mut [f32]>,
    ) {
        let (units, steps) = (self.units, self.window);
        let tensor = |index| weights.tensor(self.tensors + index);
        let (wide, narrow) = (rows * GATES * units, rows * units);
        let recurrent = Packed::new(Matrix::new(tensor(HIDDEN_WEIGHTS), GATES * units, units));
        let own = inputs.as_ref().map(|_| {
            Packed::new(Matrix::new(
                tensor(INPUT_WEIGHTS),
                GATES * units,
                self.inputs,
            ))
        });
        let mut bias = vec![0.0; GATES * units];
        let mut cells = vec![0.0; narrow];
        for step in (0..steps).rev() {
            let at = step * narrow..(step + 1) * narrow;
            let gates = &mut self.gates[step * wide..(step + 1) * wide];
            let (earlier, hidden) = upstream.split_at_mut(step * narrow);
            let before = match step {
                0 => &[][..],
                _ => &self.cells[(step - 1) * narrow..step * narrow],
            };
            Level::detect().run(Backward {
                units,
                gates,
                before,
                shown: &self.shown[at],
                hidden: &hidden[..narrow],
                cells: &mut cells,
            });
            for sums in gates.chunks_exact(bias.len()) {
                for (bias, sum) in bias.iter_mut().zip(sums) {
                    *bias += sum;
                }
            }
            let gates = Matrix::new(gates, rows, GATES * units);
            if step > 0 {
                multiply(gates, &recurrent, &mut earlier[(step - 1) * narrow..]);
            }
            if let (Some(inputs), Some(own)) = (&mut inputs, &own) {
                let at = step * rows * self.inputs..(step + 1) * rows * self.inputs;
                inputs[at.clone()].fill(0.0);
                multiply(gates, own, &mut inputs[at]);
            }
        }
        let sums = Matrix::new(&self.gates, steps * rows, GATES * units);
        multiply(
            sums.transposed(),
            &Packed::new(Matrix::new(x, steps * rows, self.inputs)),
            gradient.tensor_mut(self.tensors + INPUT_WEIGHTS),
        );
        if steps > 1 {
            let later = Matrix::new(&self.gates[wide..], (steps - 1) * rows, GATES * units);
            let earlier = &self.hidden[..(steps - 1) * narrow];
            multiply(
                later.transposed(),
                &Packed::new(Matrix::new(earlier, (steps - 1) * rows, units)),
                gradient.tensor_mut(self.tensors + HIDDEN_WEIGHTS),
            );
        }
        for which in [INPUT_BIAS, HIDDEN_BIAS] {
            let total = gradient.tensor_mut(self.tensors + which);
            total.iter_mut().zip(&bias).for_each(|(t, b)| *t += b);
        }
    }
}
