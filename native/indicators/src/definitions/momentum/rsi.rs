//! Wilder's relative strength index.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages, map,
    registry::{Definition, Parity},
};

pub(super) const RSI: Definition = Definition {
    name: "rsi",
    group: "Momentum Indicators",
    summary: "Relative strength index (Wilder 1978): share of the average gain in the average move, 0 to 100.",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows that seed the averages and set their weight",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-13),
    oracle: "RSI",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let close = inputs[0];
        let [gain, loss] = graph.map(GainAndLoss, [close, close.lag(1)], []);
        let gain = averages::rma(graph, gain, params.period(0));
        let loss = averages::rma(graph, loss, params.period(0));
        let [rsi] = graph.map(Share, [gain, loss], []);
        vec![rsi]
    },
};

map! {
    /// Rise and fall since the row before, both positive.
    GainAndLoss: [now, before], [] => 2 {
        let change = now - before;
        let gain = if change > 0.0 { change } else { 0.0 };
        [gain, gain - change]
    }
}

map! {
    /// Percentage of the first in the sum; 50 when nothing moved.
    Share: [gain, loss], [] => 1 {
        let total = gain + loss;
        [if total > 0.0 { 100.0 * (gain / total) } else { 50.0 }]
    }
}
