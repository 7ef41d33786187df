//! Coppock curve.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    definitions::momentum::rate::rate_of_change,
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const COPPOCK: Definition = Definition {
    name: "coppock",
    group: "Momentum Indicators",
    summary: "Coppock curve (Coppock 1962): linearly weighted average of the sum of two rates of \
              change in percent.",
    formula: "wma(roc(x, roc1period) + roc(x, roc2period), wmaperiod), with roc(x, k) = 100 (x / x[k] - 1)",
    inputs: &[CLOSE],
    params: &[
        period("wmaperiod", 10, 1, "rows of the weighted average"),
        period("roc1period", 11, 1, "rows of the one rate of change"),
        period("roc2period", 14, 1, "rows of the other rate of change"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("COPPOCK"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let one = rate_of_change(graph, inputs[0], params.period(1));
        let other = rate_of_change(graph, inputs[0], params.period(2));
        let [sum] = graph.map(Sum, [one, other], []);
        vec![window::weighted_mean(graph, sum, params.period(0))]
    },
};

map! {
    /// Sum of two.
    Sum: [a, b], [] => 1 { [a + b] }
}
