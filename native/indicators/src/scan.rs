//! State machines along the rows, for what neither a map nor a linear recurrence can say: a weight that depends on the
//! data, a trend that flips, a peak that is remembered.
//!
//! A step reads the current and lagged inputs and its memory, a few numbers that begin at zero with each group. It waits for
//! the step before, so machines of several groups run interleaved: the same operations in the same order per group, so the
//! same bits.

use crate::{
    lane::{Lane, Source, Streams, Wire},
    output::Target,
    simd::{Checked, Work},
};

/// A state machine with `I` inputs, `O` results, `N` numbers of memory and `K` constants. Mark `step`
/// `#[inline(always)]`, or it is compiled for the lowest processor level only.
pub trait Scan<const I: usize, const O: usize, const N: usize, const K: usize>: 'static {
    /// Whether machines of several groups run interleaved. It pays where a step waits for arithmetic, not where it waits for
    /// branches that follow the data.
    const INTERLEAVED: bool = N <= REGISTERS;

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
    /// Runs the machine in these lanes.
    pub(crate) fn run(
        &self,
        level: Checked,
        lanes: &mut [Lane],
        active: &[usize],
        inputs: &[&[f64]],
        rows: usize,
    ) {
        let mut left = active;
        while let Some((&some, rest)) = left.split_first_chunk::<TOGETHER>() {
            let mut lanes = lanes
                .get_disjoint_mut(some)
                .expect("each lane is active once");
            (self.pass)(level, self, &mut lanes, inputs, rows);
            left = rest;
        }
        for &lane in left {
            (self.pass)(level, self, &mut [&mut lanes[lane]], inputs, rows);
        }
    }

    /// What one lane has to do in this step.
    fn part<'a>(&self, lane: &'a mut Lane, inputs: &'a [&'a [f64]], rows: usize) -> Part<'a> {
        let row = lane.row;
        let (memory, numbers) = self.memory;
        let skip = (self.begin as u64).saturating_sub(row);
        let skip = usize::try_from(skip).map_or(rows, |skip| skip.min(rows));
        let (streams, from, states) = lane.split_with_states(inputs, self.first);
        let outputs = &mut from[..self.outputs];
        for output in &mut *outputs {
            output.fresh(rows)[..skip].fill(0.0);
        }
        Part {
            streams,
            outputs,
            memory: &mut states[memory..][..numbers],
            row: row.saturating_sub(self.begin as u64),
            skip,
        }
    }
}

/// Lanes that run side by side.
pub(crate) const TOGETHER: usize = 4;
/// Most numbers of memory with which they do: more do not fit the registers.
const REGISTERS: usize = 8;

/// One lane of a step.
struct Part<'a> {
    streams: Streams<'a>,
    outputs: &'a mut [Wire],
    memory: &'a mut [f64],
    /// Rows that the machine has seen before.
    row: u64,
    /// Rows at the beginning of the step that it does not see.
    skip: usize,
}

/// A scan that was compiled for all levels: one lane, or as many as run side by side.
pub(crate) type ScanPass = fn(Checked, &ScanNode, &mut [&mut Lane], &[&[f64]], usize);

pub(crate) fn pass<S, const I: usize, const O: usize, const N: usize, const K: usize>(
    level: Checked,
    node: &ScanNode,
    lanes: &mut [&mut Lane],
    inputs: &[&[f64]],
    rows: usize,
) where
    S: Scan<I, O, N, K>,
{
    match <&mut [&mut Lane; TOGETHER]>::try_from(&mut *lanes) {
        Ok(lanes) if S::INTERLEAVED => {
            let parts = lanes.each_mut().map(|lane| node.part(lane, inputs, rows));
            side_by_side::<S, I, O, N, K, TOGETHER>(level, node, parts, rows);
        }
        _ => {
            for lane in lanes {
                let part = node.part(lane, inputs, rows);
                side_by_side::<S, I, O, N, K, 1>(level, node, [part], rows);
            }
        }
    }
}

fn side_by_side<S, const I: usize, const O: usize, const N: usize, const K: usize, const L: usize>(
    level: Checked,
    node: &ScanNode,
    parts: [Part<'_>; L],
    rows: usize,
) where
    S: Scan<I, O, N, K>,
{
    level.run(Rows::<S, I, O, N, K, L> {
        constants: std::array::from_fn(|i| node.constants[i]),
        machines: parts.map(|part| Machine {
            inputs: std::array::from_fn(|i| part.streams.rows(node.inputs[i], rows)),
            outputs: Target::Wires(part.outputs).rows(rows),
            memory: part.memory,
            row: part.row,
            skip: part.skip,
        }),
        rows,
        scan: std::marker::PhantomData,
    });
}

struct Machine<'a, const I: usize, const O: usize> {
    inputs: [&'a [f64]; I],
    outputs: [&'a mut [f64]; O],
    memory: &'a mut [f64],
    row: u64,
    skip: usize,
}

struct Rows<'a, S, const I: usize, const O: usize, const N: usize, const K: usize, const L: usize> {
    constants: [f64; K],
    machines: [Machine<'a, I, O>; L],
    rows: usize,
    scan: std::marker::PhantomData<S>,
}

impl<S, const I: usize, const O: usize, const N: usize, const K: usize, const L: usize> Work
    for Rows<'_, S, I, O, N, K, L>
where
    S: Scan<I, O, N, K>,
{
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let mut memories: [[f64; N]; L] =
            std::array::from_fn(|l| std::array::from_fn(|n| self.machines[l].memory[n]));
        let from = self.machines.iter().map(|machine| machine.skip).max();
        let from = from.unwrap_or_default();
        // Those that have all inputs earlier catch up alone.
        for (machine, memory) in self.machines.iter_mut().zip(&mut memories) {
            for t in machine.skip..from {
                machine.step::<S, N, K>(memory, t, self.constants);
            }
        }
        for t in from..self.rows {
            for (machine, memory) in self.machines.iter_mut().zip(&mut memories) {
                machine.step::<S, N, K>(memory, t, self.constants);
            }
        }
        for (machine, memory) in self.machines.iter_mut().zip(&memories) {
            machine.memory.copy_from_slice(memory);
        }
    }
}

impl<const I: usize, const O: usize> Machine<'_, I, O> {
    #[inline(always)]
    fn step<S, const N: usize, const K: usize>(
        &mut self,
        memory: &mut [f64; N],
        t: usize,
        constants: [f64; K],
    ) where
        S: Scan<I, O, N, K>,
    {
        let row = self.row + (t - self.skip) as u64;
        let x = std::array::from_fn(|i| self.inputs[i][t]);
        let y = S::step(memory, row, x, constants);
        for (output, y) in self.outputs.iter_mut().zip(y) {
            output[t] = y;
        }
    }
}
