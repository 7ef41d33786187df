//! Moving average convergence/divergence.

use crate::definitions::{CLOSE, period, real};
use crate::{
    averages, map,
    registry::{Definition, Parity},
};

pub(super) const MACD: Definition = Definition {
    name: "macd",
    group: "Momentum Indicators",
    summary: "Moving average convergence/divergence: fast EMA minus slow EMA, its EMA (signal), and their difference.",
    inputs: &[CLOSE],
    params: &[
        period("fastperiod", 12, 2, "rows of the fast EMA"),
        period(
            "slowperiod",
            26,
            2,
            "rows of the slow EMA; the larger of the two is taken as slow",
        ),
        period("signalperiod", 9, 1, "rows of the signal line's EMA"),
    ],
    outputs: &[real("macd"), real("signal"), real("hist")],
    parity: Parity::Bits,
    oracle: "MACD",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (fast, slow) = (
            params.period(0).min(params.period(1)),
            params.period(0).max(params.period(1)),
        );
        let fast = averages::ema(graph, inputs[0], fast, slow - fast);
        let slow = averages::ema(graph, inputs[0], slow, 0);
        let [macd] = graph.map(Difference, [fast, slow], []);
        let signal = averages::ema(graph, macd, params.period(2), 0);
        let [hist] = graph.map(Difference, [macd, signal], []);
        vec![macd, signal, hist]
    },
};

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}
