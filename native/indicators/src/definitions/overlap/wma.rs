//! Linearly weighted moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const WMA: Definition = Definition {
    name: "wma",
    group: "Overlap Studies",
    summary: "Linearly weighted moving average: the newest of the timeperiod rows counts timeperiod times, the oldest once.",
    formula: "(n x + (n - 1) x[1] + ... + 1 x[n - 1]) / (n (n + 1) / 2)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 1, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-13),
    source: Source::TaLib("WMA"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![window::weighted_mean(graph, inputs[0], params.period(0))],
};
