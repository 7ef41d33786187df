//! Simple moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const SMA: Definition = Definition {
    name: "sma",
    group: "Overlap Studies",
    summary: "Simple moving average: the mean of the last timeperiod values.",
    formula: "mean(x, n)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 1, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("SMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![window::mean(graph, inputs[0], params.period(0))],
};
