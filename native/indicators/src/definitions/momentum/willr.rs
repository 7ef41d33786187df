//! Williams' %R.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const WILLR: Definition = Definition {
    name: "willr",
    group: "Momentum Indicators",
    summary: "Williams' %R: place of the close between highest high, 0, and lowest low, -100, of \
              the window; 0 when they are equal.",
    formula: "-100 (highest(high, n) - close) / (highest(high, n) - lowest(low, n)), held to -100 to 0; 0 where that \
              range is 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("WILLR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let highest = window::highest(graph, inputs[0], params.period(0));
        let lowest = window::lowest(graph, inputs[1], params.period(0));
        graph.map(Depth, [highest, lowest, inputs[2]], []).to_vec()
    },
};

map! {
    /// Percentage of the way down from highest to lowest, negative; 0 when they are equal but for rounding.
    Depth: [highest, lowest, close], [] => 1 {
        let range = highest - lowest;
        let flat = range.abs() <= 1e-14 * (highest.abs() + lowest.abs());
        let depth = (highest - close) / range * -100.0;
        let depth = if depth > 0.0 { 0.0 } else { depth };
        let depth = if depth < -100.0 { -100.0 } else { depth };
        [if flat { 0.0 } else { depth }]
    }
}
