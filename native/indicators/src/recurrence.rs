//! Linear recurrences `s = keep * s + take * x`: exponential and Wilder averages, running totals.
//!
//! Each step waits for the one before, so a single recurrence runs at the latency of a multiply-add. Several of them, of
//! other columns or other groups, run interleaved: the same operations in the same order per recurrence, so the same
//! bits.

use crate::{
    graph::Series,
    lane::{Lane, Source},
    simd::{Chains, Checked, TOGETHER},
};

/// How a recurrence begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seed {
    /// With the mean of `period` values, after `skip` values were passed over. TA-Lib's averages begin so.
    Mean {
        /// Values of the input that are passed over.
        skip: usize,
        /// Values whose mean is the first value.
        period: usize,
    },
    /// With the sum of `period` values. Wilder's directional movement begins so.
    Sum {
        /// Values whose sum is the first value.
        period: usize,
    },
    /// With zero before the first value.
    Zero,
    /// With the first value of another stream; the input counts from the next row on.
    First(Series),
}

/// A recurrence node.
#[derive(Debug)]
pub(crate) struct Recurrence {
    pub(crate) input: Source,
    pub(crate) output: usize,
    /// Where the lane keeps its value.
    pub(crate) state: usize,
    pub(crate) keep: f64,
    pub(crate) take: f64,
    pub(crate) seed: Seed,
    /// First row with an input value.
    pub(crate) begin: usize,
    /// First row with an output value.
    pub(crate) warm_up: usize,
}

impl Recurrence {
    /// Does the rows of the step that come before the plain recurrence, and tells how many they are.
    fn warm(&self, lane: &mut Lane, inputs: &[&[f64]], rows: usize) -> usize {
        let first = match self.seed {
            Seed::Zero => self.warm_up,
            Seed::Mean { .. } | Seed::Sum { .. } | Seed::First(_) => self.warm_up + 1,
        };
        let done = lane.row;
        let Some(left) = (first as u64).checked_sub(done).filter(|&left| left > 0) else {
            return 0;
        };
        let count = usize::try_from(left).map_or(rows, |left| left.min(rows));
        let mut state = lane.states[self.state];
        let streams = lane.streams(inputs);
        let value = |source: Source, t: usize| streams.rows(source, rows)[t];
        let mut last = 0.0;
        for t in 0..count {
            let row = usize::try_from(done).map_or(usize::MAX, |done| done + t);
            match self.seed {
                Seed::Mean { skip, period } => {
                    if row >= self.begin + skip {
                        state += value(self.input, t);
                    }
                    if row == self.warm_up {
                        state /= period as f64;
                        last = state;
                    }
                }
                Seed::Sum { .. } => {
                    if row >= self.begin {
                        state += value(self.input, t);
                        last = state;
                    }
                }
                Seed::First(first) if row == self.warm_up => {
                    state = value(first.0, t);
                    last = state;
                }
                Seed::First(_) | Seed::Zero => {}
            }
        }
        lane.states[self.state] = state;
        let output = lane.wires[self.output].fresh(rows);
        output[..count].fill(0.0);
        if left as usize == count && count > 0 {
            output[count - 1] = last;
        }
        count
    }
}

/// Runs the recurrences of one stage in all lanes.
pub(crate) fn run(
    level: Checked,
    nodes: &[Recurrence],
    lanes: &mut [Lane],
    active: &[usize],
    inputs: &[&[f64]],
    rows: usize,
) {
    let pairs = nodes.len() * active.len();
    let pair = |index: usize| (active[index / nodes.len()], &nodes[index % nodes.len()]);
    let mut done = 0;
    while done < pairs {
        let left = pairs - done;
        let chosen = |i: usize| pair(done + i);
        let together = match left {
            TOGETHER.. => chain::<TOGETHER>(level, chosen, lanes, inputs, rows),
            7 => chain::<7>(level, chosen, lanes, inputs, rows),
            6 => chain::<6>(level, chosen, lanes, inputs, rows),
            5 => chain::<5>(level, chosen, lanes, inputs, rows),
            4 => chain::<4>(level, chosen, lanes, inputs, rows),
            3 => chain::<3>(level, chosen, lanes, inputs, rows),
            2 => chain::<2>(level, chosen, lanes, inputs, rows),
            _ => chain::<1>(level, chosen, lanes, inputs, rows),
        };
        done += together;
    }
}

fn chain<'n, const C: usize>(
    level: Checked,
    chosen: impl Fn(usize) -> (usize, &'n Recurrence),
    lanes: &mut [Lane],
    inputs: &[&[f64]],
    rows: usize,
) -> usize {
    let chosen: [(usize, &Recurrence); C] = std::array::from_fn(chosen);
    let warm = chosen.map(|(lane, node)| node.warm(&mut lanes[lane], inputs, rows));
    let from = warm.iter().max().copied().unwrap_or(0);
    let mut states = chosen.map(|(lane, node)| lanes[lane].states[node.state]);
    let mut outputs =
        chosen.map(|(lane, node)| std::mem::take(&mut lanes[lane].wires[node.output]));
    {
        let inputs = chosen.map(|(lane, node)| lanes[lane].streams(inputs).rows(node.input, rows));
        let slots = outputs.each_mut().map(|wire| wire.fresh(rows));
        // Those that finished their warm-up earlier catch up alone.
        for c in 0..C {
            let node = chosen[c].1;
            for t in warm[c]..from {
                states[c] = node.keep.mul_add(states[c], node.take * inputs[c][t]);
                slots[c][t] = states[c];
            }
        }
        if from < rows {
            level.chains(Chains {
                keep: chosen.map(|(_, node)| node.keep),
                take: chosen.map(|(_, node)| node.take),
                states: &mut states,
                inputs: inputs.map(|input| &input[from..]),
                outputs: slots.map(|slot| &mut slot[from..]),
            });
        }
    }
    for (c, wire) in outputs.into_iter().enumerate() {
        let (lane, node) = chosen[c];
        lanes[lane].wires[node.output] = wire;
        lanes[lane].states[node.state] = states[c];
    }
    C
}
