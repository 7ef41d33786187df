//! The largest fall within a window. A block keeps its largest and its smallest value and its own largest fall; an older
//! block and a newer one add the fall from the older's largest to the newer's smallest value. Division is monotonic also
//! when it is rounded, so the result has the bits of the largest of all pairs.

use super::blocks;
use crate::{
    graph::{Graph, Series},
    map,
};

#[derive(Clone, Copy)]
struct Block {
    highest: Series,
    lowest: Series,
    fall: Series,
}

impl Block {
    fn lag(self, rows: usize) -> Self {
        Self {
            highest: self.highest.lag(rows),
            lowest: self.lowest.lag(rows),
            fall: self.fall.lag(rows),
        }
    }
}

/// The largest fall from a value to a later one among the last `period` values, as a share of the earlier; NaN where a
/// value is not above 0.
pub fn drawdown(graph: &mut Graph, input: Series, period: usize) -> Series {
    let parts = blocks(period, 4);
    let mut newer: Option<Block> = None;
    for (lag, length) in parts {
        let older = block(graph, input, length).lag(lag);
        newer = Some(match newer {
            Some(newer) => merge(graph, newer, older),
            None => older,
        });
    }
    newer.map_or(input, |whole| whole.fall)
}

/// Blocks whose length is a power of four.
fn block(graph: &mut Graph, input: Series, length: usize) -> Block {
    if length == 1 {
        let [positive, fall] = graph.map(Leaf, [input], []);
        return Block {
            highest: positive,
            lowest: positive,
            fall,
        };
    }
    let half = if length == 4 {
        let one = block(graph, input, 1);
        merge(graph, one, one.lag(1))
    } else {
        let quarter = block(graph, input, length / 4);
        merge(graph, quarter, quarter.lag(length / 4))
    };
    merge(graph, half, half.lag(length / 2))
}

fn merge(graph: &mut Graph, newer: Block, older: Block) -> Block {
    let inputs = [
        newer.highest,
        newer.lowest,
        newer.fall,
        older.highest,
        older.lowest,
        older.fall,
    ];
    let [highest, lowest, fall] = graph.map(Merge, inputs, []);
    Block {
        highest,
        lowest,
        fall,
    }
}

map! {
    /// A value above 0, and no fall.
    Leaf: [x], [] => 2 { [x, if x > 0.0 { 0.0 } else { f64::NAN }] }
}

map! {
    /// Largest value, smallest value and largest fall of two blocks; a fall that is NaN stays NaN.
    Merge: [highest, lowest, fall, older_highest, older_lowest, older_fall], [] => 3 {
        let between = 1.0 - lowest / older_highest;
        let largest = if older_fall > fall { older_fall } else { fall };
        let largest = if between > largest { between } else { largest };
        [
            if older_highest > highest { older_highest } else { highest },
            if older_lowest < lowest { older_lowest } else { lowest },
            // Comparisons with NaN are false, so one of the older block would be lost.
            if older_fall.is_nan() { older_fall } else { largest },
        ]
    }
}
