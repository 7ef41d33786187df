//! Average true range.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    averages, map,
    registry::{Definition, Parity},
};

pub(super) const ATR: Definition = Definition {
    name: "atr",
    group: "Volatility Indicators",
    summary: "Average true range (Wilder 1978): Wilder's average of the largest distance between high, low and the \
              close before.",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period(
        "timeperiod",
        14,
        1,
        "rows that seed the average and set its weight",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    oracle: "ATR",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [range] = graph.map(TrueRange, [inputs[0], inputs[1], inputs[2].lag(1)], []);
        vec![averages::rma(graph, range, params.period(0))]
    },
};

map! {
    /// Largest of high - low and the distances of both from the close before.
    TrueRange: [high, low, close_before], [] => 1 {
        let range = high - low;
        let above = (close_before - high).abs();
        let range = if above > range { above } else { range };
        let below = (close_before - low).abs();
        [if below > range { below } else { range }]
    }
}
