//! Wilder's moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const RMA: Definition = Definition {
    name: "rma",
    group: "Overlap Studies",
    summary: "Wilder's moving average: weight 1 / timeperiod, begun with a simple average.",
    formula: "value[1] + (x - value[1]) / n, begun with mean(x, n)",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        30,
        1,
        "rows that seed it and set its weight",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("RMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::rma(graph, inputs[0], params.period(0))],
};
