//! Zero-lag exponential moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const ZLEMA: Definition = Definition {
    name: "zlema",
    group: "Overlap Studies",
    summary: "Zero-lag exponential moving average (Ehlers and Way 2010): the EMA of the values plus their rise over half the rows.",
    formula: "ema(2 x - x[(n - 1) / 2], n), (n - 1) / 2 rounded down",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        30,
        1,
        "rows that seed the EMA and set its weight and lag",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ZLEMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::zlema(graph, inputs[0], params.period(0))],
};
