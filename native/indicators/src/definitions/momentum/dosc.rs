//! Derivative oscillator.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    definitions::momentum::rsi::strength,
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const DOSC: Definition = Definition {
    name: "dosc",
    group: "Momentum Indicators",
    summary: "Derivative oscillator (Brown 1999): the relative strength index, averaged \
              exponentially twice, minus the simple average of that.",
    formula: "d - mean(d, signalperiod), with d = ema(ema(rsi(x, timeperiod), firstperiod), secondperiod)",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 14, 2, "rows of the relative strength index"),
        period("firstperiod", 5, 2, "rows of the first average"),
        period("secondperiod", 3, 2, "rows of the second average"),
        period("signalperiod", 9, 2, "rows of the simple average"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("DOSC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let strength = strength(graph, inputs[0], params.period(0));
        let once = averages::ema(graph, strength, params.period(1), 0);
        let twice = averages::ema(graph, once, params.period(2), 0);
        let mean = window::mean(graph, twice, params.period(3));
        graph.map(Difference, [twice, mean], []).to_vec()
    },
};

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}
