//! Average true range.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    averages, prices,
    registry::{Definition, Parity, Source},
};

pub(super) const ATR: Definition = Definition {
    name: "atr",
    group: "Volatility Indicators",
    summary: "Average true range (Wilder 1978): Wilder's average of the largest distance between high, low and the \
              close before.",
    formula: "rma(TR, n)",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period(
        "timeperiod",
        14,
        1,
        "rows that seed the average and set its weight",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ATR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let range = prices::true_range(graph, inputs[0], inputs[1], inputs[2]);
        vec![averages::rma(graph, range, params.period(0))]
    },
};
