//! Triple exponential moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const TEMA: Definition = Definition {
    name: "tema",
    group: "Overlap Studies",
    summary: "Triple exponential moving average (Mulloy 1994): three times the EMA and the EMA of its EMA, minus three times its EMA.",
    formula: "3 e1 - 3 e2 + e3, with e1 = ema(x, n), e2 = ema(e1, n), e3 = ema(e2, n)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 1, "rows of each EMA")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("TEMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::tema(graph, inputs[0], params.period(0))],
};
