//! Elder ray index.

use crate::definitions::{CLOSE, HIGH, LOW, period, real};
use crate::{
    averages, map,
    registry::{Definition, Parity, Source},
};

pub(super) const ERI: Definition = Definition {
    name: "eri",
    group: "Momentum Indicators",
    summary: "Elder ray index (Elder 1993): high (bull_power) and low (bear_power) minus the \
              exponential average of the close.",
    formula: "bull_power = high - ema(close, n); bear_power = low - ema(close, n)",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period(
        "timeperiod",
        13,
        1,
        "rows that seed the average and set its weight",
    )],
    outputs: &[real("bull_power"), real("bear_power")],
    parity: Parity::Bits,
    source: Source::TaLib("ERI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let average = averages::ema(graph, inputs[2], params.period(0), 0);
        graph
            .map(Powers, [inputs[0], inputs[1], average], [])
            .to_vec()
    },
};

map! {
    /// High and low minus the average.
    Powers: [high, low, average], [] => 2 { [high - average, low - average] }
}
