//! Rate of change of a triple exponential average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    definitions::momentum::rate::rate_of_change,
    registry::{Definition, Parity, Source},
};

pub(super) const TRIX: Definition = Definition {
    name: "trix",
    group: "Momentum Indicators",
    summary: "TRIX (Hutson 1983): change in percent, from row to row, of the exponential average of \
              the exponential average of the exponential average.",
    formula: "100 (t / t[1] - 1), with t = ema(ema(ema(x, n), n), n)",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        30,
        1,
        "rows that seed each average and set its weight",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("TRIX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let mut average = inputs[0];
        for _ in 0..3 {
            average = averages::ema(graph, average, params.period(0), 0);
        }
        vec![rate_of_change(graph, average, 1)]
    },
};
