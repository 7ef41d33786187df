//! Qstick.

use crate::definitions::{CLOSE, OPEN, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const QSTICK: Definition = Definition {
    name: "qstick",
    group: "Momentum Indicators",
    summary: "Qstick (Chande 1994): simple average of close minus open.",
    formula: "mean(close - open, n)",
    inputs: &[OPEN, CLOSE],
    params: &[period("timeperiod", 10, 1, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("QSTICK"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [body] = graph.map(Body, [inputs[0], inputs[1]], []);
        vec![window::mean(graph, body, params.period(0))]
    },
};

map! {
    /// Close minus open.
    Body: [open, close], [] => 1 { [close - open] }
}
