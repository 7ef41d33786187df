//! The cell of an LSTM layer for all rows of a step, forwards and backwards.

use financelake_indicators::simd::Work;

use crate::simd::exp;
use crate::weights::GATES;

/// Turns gate sums into gates, and makes the new cells and hidden values.
pub(super) struct Forward<'a> {
    pub(super) units: usize,
    /// `[row][gate][unit]`: sums on the way in, gates on the way out.
    pub(super) gates: &'a mut [f32],
    /// Cells of the step before; empty at the first step.
    pub(super) before: &'a [f32],
    pub(super) cells: &'a mut [f32],
    /// The hyperbolic tangents of the cells.
    pub(super) shown: &'a mut [f32],
    pub(super) hidden: &'a mut [f32],
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    let e = exp(-2.0 * x);
    (1.0 - e) / (1.0 + e)
}

/// The four gates of a row.
#[inline(always)]
fn four(row: &mut [f32], units: usize) -> [&mut [f32]; GATES] {
    let (input, rest) = row.split_at_mut(units);
    let (forget, rest) = rest.split_at_mut(units);
    let (candidate, output) = rest.split_at_mut(units);
    [input, forget, candidate, &mut output[..units]]
}

impl Work for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let n = self.units;
        for (row, gates) in self.gates.chunks_exact_mut(GATES * n).enumerate() {
            let [input, forget, candidate, output] = four(gates, n);
            let at = row * n..(row + 1) * n;
            let (cells, shown) = (&mut self.cells[at.clone()], &mut self.shown[at.clone()]);
            let hidden = &mut self.hidden[at.clone()];
            for u in 0..n {
                input[u] = sigmoid(input[u]);
                forget[u] = sigmoid(forget[u]);
                candidate[u] = tanh(candidate[u]);
                output[u] = sigmoid(output[u]);
                cells[u] = input[u] * candidate[u];
            }
            if !self.before.is_empty() {
                let before = &self.before[at];
                for u in 0..n {
                    cells[u] += forget[u] * before[u];
                }
            }
            for u in 0..n {
                shown[u] = tanh(cells[u]);
                hidden[u] = output[u] * shown[u];
            }
        }
    }
}

/// Turns gates into the gradients of their sums.
pub(super) struct Backward<'a> {
    pub(super) units: usize,
    /// Gates on the way in, gradients of their sums on the way out.
    pub(super) gates: &'a mut [f32],
    /// Cells of the step before; empty at the first step.
    pub(super) before: &'a [f32],
    pub(super) shown: &'a [f32],
    /// Gradient of the hidden values.
    pub(super) hidden: &'a [f32],
    /// Gradient of the cells: that from the step after on the way in, that for the step before on the way out.
    pub(super) cells: &'a mut [f32],
}

impl Work for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let n = self.units;
        for (row, gates) in self.gates.chunks_exact_mut(GATES * n).enumerate() {
            let [input, forget, candidate, output] = four(gates, n);
            let at = row * n..(row + 1) * n;
            let (shown, hidden) = (&self.shown[at.clone()], &self.hidden[at.clone()]);
            let cells = &mut self.cells[at.clone()];
            let before = self.before.get(at);
            for u in 0..n {
                let (i, f, g, o) = (input[u], forget[u], candidate[u], output[u]);
                let cell = cells[u] + hidden[u] * o * (1.0 - shown[u] * shown[u]);
                let earlier = before.map_or(0.0, |before| before[u]);
                output[u] = hidden[u] * shown[u] * o * (1.0 - o);
                input[u] = cell * g * i * (1.0 - i);
                candidate[u] = cell * i * (1.0 - g * g);
                forget[u] = cell * earlier * f * (1.0 - f);
                cells[u] = cell * f;
            }
        }
    }
}
