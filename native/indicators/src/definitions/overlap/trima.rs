//! Triangular moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const TRIMA: Definition = Definition {
    name: "trima",
    group: "Overlap Studies",
    summary: "Triangular moving average: a mean of means, in which the middle of the window counts most.",
    formula: "mean(mean(x, n + 1 - h), h), with h = n / 2 rounded up",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 1, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("TRIMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::trima(graph, inputs[0], params.period(0))],
};
