//! Hull's moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const HMA: Definition = Definition {
    name: "hma",
    group: "Overlap Studies",
    summary: "Hull moving average (Hull 2005): twice the WMA of half the rows minus the WMA of all, smoothed by a WMA over their square root.",
    formula: "wma(2 wma(x, n / 2) - wma(x, n), sqrt(n)), n / 2 and sqrt(n) rounded down",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 20, 1, "rows of the longest WMA")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("HMA"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::hma(graph, inputs[0], params.period(0))],
};
