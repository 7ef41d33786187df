//! Double exponential moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const DEMA: Definition = Definition {
    name: "dema",
    group: "Overlap Studies",
    summary: "Double exponential moving average (Mulloy 1994): twice the EMA minus the EMA of it.",
    formula: "2 e - ema(e, n), with e = ema(x, n)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 1, "rows of each EMA")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("DEMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::dema(graph, inputs[0], params.period(0))],
};
