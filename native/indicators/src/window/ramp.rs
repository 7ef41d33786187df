//! Linearly weighted mean of a window: the newest row counts most, the oldest once.
//!
//! Beside its sum, a block keeps its *ramp*, the sum of its values weighted by their place from the oldest, 1, to the
//! newest. In a longer window all its places move up by the rows that are older, which adds that many sums.

use super::{
    TERMS, blocks,
    mean::{block, quotient},
};
use crate::{
    graph::{Graph, Series},
    map,
};

/// Mean of the last `period` values, weighted by their places from the oldest, 1, to the newest, `period`.
pub fn weighted_mean(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let mut terms = Vec::new();
    for (lag, length) in blocks(period, TERMS) {
        let sum = block(graph, input, length).lag(lag);
        let ramp = ramp(graph, input, length).lag(lag);
        let older = (period - lag - length) as f64;
        let [term] = graph.map(Moved, [sum, ramp], [older]);
        terms.push(term);
    }
    quotient(graph, terms, (period * (period + 1) / 2) as f64)
}

/// Ramps of blocks whose length is a power of four.
fn ramp(graph: &mut Graph, input: Series, length: usize) -> Series {
    if length == 1 {
        return input;
    }
    let part = length / 4;
    let (sum, quarter) = (block(graph, input, part), ramp(graph, input, part));
    let inputs = [
        sum,
        sum.lag(part),
        sum.lag(2 * part),
        quarter,
        quarter.lag(part),
        quarter.lag(2 * part),
        quarter.lag(3 * part),
    ];
    let [ramp] = graph.map(Ramp, inputs, [part as f64]);
    ramp
}

map! {
    /// Ramp of four quarters of `part` rows, newest first, from the sums of the first three and all ramps.
    Ramp: [s0, s1, s2, r0, r1, r2, r3], [part] => 1 {
        let moved = 3.0 * s0 + 2.0 * s1 + s2;
        [part.mul_add(moved, r0 + r1 + r2 + r3)]
    }
}

map! {
    /// Ramp of a block below which there are `older` rows.
    Moved: [sum, ramp], [older] => 1 { [older.mul_add(sum, ramp)] }
}
