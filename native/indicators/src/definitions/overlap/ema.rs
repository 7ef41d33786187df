//! Exponential moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const EMA: Definition = Definition {
    name: "ema",
    group: "Overlap Studies",
    summary: "Exponential moving average with weight 2 / (timeperiod + 1), begun with a simple average.",
    formula: "value[1] + a (x - value[1]), a = 2 / (n + 1), begun with mean(x, n)",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        30,
        1,
        "rows that seed it and set its weight",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("EMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::ema(graph, inputs[0], params.period(0), 0)],
};
