//! Forecast oscillator.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const FOSC: Definition = Definition {
    name: "fosc",
    group: "Momentum Indicators",
    summary: "Forecast oscillator (Chande 1994): distance of the value from its forecast, the line \
              through the timeperiod values before it, in percent of the value, 0 where that is 0.",
    formula: "100 (x - forecast) / x, with forecast = the least-squares line through x[n] .. x[1], one row further; 0 \
              where x is 0",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        5,
        2,
        "rows that the line is laid through",
    )],
    outputs: VALUE,
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("FOSC"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let period = params.period(0);
        let before = inputs[0].lag(1);
        let mean = window::mean(graph, before, period);
        let weighted = window::weighted_mean(graph, before, period);
        let reach = 3.0 * (period + 1) as f64 / (period - 1) as f64;
        graph
            .map(Miss, [inputs[0], mean, weighted], [reach])
            .to_vec()
    },
};

map! {
    /// Distance from the forecast in percent. The least-squares line through a window gains on its mean what the mean that
    /// counts newer values more does, times a factor that tells how far it is continued.
    Miss: [value, mean, weighted], [reach] => 1 {
        let forecast = (weighted - mean).mul_add(reach, mean);
        [if value == 0.0 { 0.0 } else { 100.0 * (value - forecast) / value }]
    }
}
