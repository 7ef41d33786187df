//! State machines along the rows, for what neither a map nor a linear recurrence can say: a weight that depends on the
//! data, a trend that flips, a peak that is remembered.
//!
//! A step reads the current and lagged inputs and its memory, a few numbers that begin at zero with each group. It runs
//! one group at a time, so its operations keep their order and its results their bits.

use crate::{
    lane::{Lane, Source, Streams, Wire},
    simd::{Checked, Work},
};

/// A state machine with `I` inputs, `O` results, `N` numbers of memory and `K` constants. Mark `step`
/// `#[inline(always)]`, or it is compiled for the lowest processor level only.
pub trait Scan<const I: usize, const O: usize, const N: usize, const K: usize>: 'static {
    /// Takes the next row and gives its results. `row` counts from 0, the first row for which all inputs have a value.
    fn step(memory: &mut [f64; N], row: u64, x: [f64; I], k: [f64; K]) -> [f64; O];
}

/// A scan node.
pub(crate) struct ScanNode {
    pub(crate) pass: ScanPass,
    pub(crate) inputs: Vec<Source>,
    pub(crate) constants: Vec<f64>,
    /// First output wire; the others follow it.
    pub(crate) first: usize,
    pub(crate) outputs: usize,
    /// Where the lane keeps its memory, and how many numbers that is.
    pub(crate) memory: (usize, usize),
    /// First row of a group for which all inputs have a value.
    pub(crate) begin: usize,
}

impl ScanNode {
    pub(crate) fn run(&self, level: Checked, lane: &mut Lane, inputs: &[&[f64]], rows: usize) {
        let (memory, numbers) = self.memory;
        let row = lane.row;
        let (streams, from, states) = lane.split_with_states(inputs, self.first);
        let outputs = &mut from[..self.outputs];
        let skip = (self.begin as u64).saturating_sub(row);
        let skip = usize::try_from(skip).map_or(rows, |skip| skip.min(rows));
        for output in &mut *outputs {
            output.fresh(rows)[..skip].fill(0.0);
        }
        let step = Step {
            row: row.saturating_sub(self.begin as u64),
            skip,
            rows,
        };
        let memory = &mut states[memory..][..numbers];
        (self.pass)(level, streams, self, memory, outputs, step);
    }
}

/// The rows that one call does.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// Rows that the machine has seen before.
    row: u64,
    /// Rows at the beginning of the step that it does not see.
    skip: usize,
    rows: usize,
}

/// A scan that was compiled for all levels.
pub(crate) type ScanPass = fn(Checked, Streams<'_>, &ScanNode, &mut [f64], &mut [Wire], Step);

pub(crate) fn pass<S, const I: usize, const O: usize, const N: usize, const K: usize>(
    level: Checked,
    streams: Streams<'_>,
    node: &ScanNode,
    memory: &mut [f64],
    outputs: &mut [Wire],
    step: Step,
) where
    S: Scan<I, O, N, K>,
{
    let mut wires = outputs.iter_mut();
    level.run(Rows::<S, I, O, N, K> {
        inputs: std::array::from_fn(|i| &streams.rows(node.inputs[i], step.rows)[step.skip..]),
        constants: std::array::from_fn(|i| node.constants[i]),
        outputs: std::array::from_fn(|_| {
            wires
                .next()
                .map_or(&mut [][..], |wire| &mut wire.fresh(step.rows)[step.skip..])
        }),
        memory,
        row: step.row,
        scan: std::marker::PhantomData,
    });
}

struct Rows<'a, S, const I: usize, const O: usize, const N: usize, const K: usize> {
    inputs: [&'a [f64]; I],
    constants: [f64; K],
    outputs: [&'a mut [f64]; O],
    memory: &'a mut [f64],
    row: u64,
    scan: std::marker::PhantomData<S>,
}

impl<S, const I: usize, const O: usize, const N: usize, const K: usize> Work
    for Rows<'_, S, I, O, N, K>
where
    S: Scan<I, O, N, K>,
{
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let mut memory: [f64; N] = std::array::from_fn(|n| self.memory[n]);
        for t in 0..self.outputs[0].len() {
            let x = std::array::from_fn(|i| self.inputs[i][t]);
            let y = S::step(&mut memory, self.row + t as u64, x, self.constants);
            for (output, y) in self.outputs.iter_mut().zip(y) {
                output[t] = y;
            }
        }
        self.memory.copy_from_slice(&memory);
    }
}
