//! What a saved state leaves out: streams that are maps of others, when the others can give them again.
//!
//! A tree over a window remembers the blocks of each level, and Bollinger bands three numbers for each block; all of them
//! are functions of the last values of the input. Such a state holds those values only, a few more of them than are
//! looked back at, and restoring it runs the maps over them: the same operations, so the same bits.

use crate::{
    graph::{MapNode, Plan},
    lane::Lane,
    output::Target,
    simd::Checked,
};

/// Values that restoring may take beyond the memory of the executor.
const MOST_VALUES: usize = 1 << 17;

/// How the streams of a graph come back from a saved state.
pub(crate) struct Recall {
    /// For each wire, whether its values are saved: those of inputs, recurrences and scans.
    saved: Vec<bool>,
    /// For each wire, how many values are needed to compute those that are not saved.
    depths: Vec<usize>,
}

impl Recall {
    /// Makes the graph remember as much of its inputs, recurrences and scans as is needed to leave out the rest, if that is
    /// less to save.
    pub(crate) fn plan(plan: &mut Plan, inputs: usize) {
        let mut depths = plan.histories.clone();
        let mut saved = vec![true; depths.len()];
        for node in plan.stages.iter().rev().flat_map(|s| s.maps.iter().rev()) {
            let outputs = node.first..node.first + node.outputs;
            let depth = depths[outputs.clone()].iter().max().copied().unwrap_or(0);
            depths[outputs.clone()].fill(depth);
            saved[outputs].fill(false);
            if depth > 0 {
                for source in &node.inputs {
                    let needed = &mut depths[source.wire];
                    *needed = (depth + source.lag).max(*needed);
                }
            }
        }
        let everything: usize = plan.histories.iter().sum();
        let roots = depths.iter().zip(&saved).filter(|(_, saved)| **saved);
        let needed: usize = roots.map(|(depth, _)| depth).sum();
        if needed >= everything || depths.iter().sum::<usize>() > MOST_VALUES {
            return;
        }
        for (wire, history) in plan.histories.iter_mut().enumerate() {
            if saved[wire] {
                *history = depths[wire];
            }
        }
        plan.reach = plan.histories[..inputs].iter().max().copied().unwrap_or(0);
        plan.recall = Some(Self { saved, depths });
    }

    /// The most values of a stream that are needed.
    pub(crate) fn deepest(&self) -> usize {
        self.depths.iter().max().copied().unwrap_or(0)
    }

    /// Whether the values of this wire are saved.
    pub(crate) fn saves(&self, wire: usize) -> bool {
        self.saved[wire]
    }

    /// Takes over a memory of so many rows: the states, the saved streams, and what follows from them.
    pub(crate) fn load(
        &self,
        level: Checked,
        plan: &Plan,
        lane: &mut Lane,
        row: u64,
        values: impl Iterator<Item = f64>,
    ) {
        lane.load(plan, row, values);
        let mut longer = Lane::short(&self.depths, &plan.warm_ups);
        longer.copy(lane, row, |wire| self.saved[wire]);
        for node in plan.stages.iter().flat_map(|stage| &stage.maps) {
            self.compute(level, &mut longer, row, node);
        }
        lane.copy(&longer, row, |wire| !self.saved[wire]);
    }

    /// Runs a map over the last rows before the present.
    fn compute(&self, level: Checked, lane: &mut Lane, row: u64, node: &MapNode) {
        let existing = row.saturating_sub(node.warm_up as u64);
        let depth = self.depths[node.first];
        let rows = usize::try_from(existing).map_or(depth, |existing| existing.min(depth));
        if rows == 0 {
            return;
        }
        let inputs = node.inputs.iter().map(|source| source.wire);
        let wires = inputs.chain(node.first..node.first + node.outputs);
        for wire in wires.clone() {
            lane.wires[wire].place_before_present(rows);
        }
        let (streams, from) = lane.split(&[], node.first);
        let target = Target::Wires(&mut from[..node.outputs]);
        (node.pass)(level, streams, &node.inputs, &node.constants, target, rows);
        for wire in wires {
            lane.wires[wire].place_before_present(0);
        }
    }
}
