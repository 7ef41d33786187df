//! Center of gravity.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const CG: Definition = Definition {
    name: "cg",
    group: "Momentum Indicators",
    summary: "Center of gravity oscillator (Ehlers 2002): minus the mean age of the values of the \
              window, counted from 1 and weighted by the values.",
    formula: "-sum((i + 1) x[i]) / sum(x[i]), i = 0 .. n - 1; -(n + 1) / 2 where the sum is 0",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 10, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("CG"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let period = params.period(0);
        let mean = window::mean(graph, inputs[0], period);
        let weighted = window::weighted_mean(graph, inputs[0], period);
        graph
            .map(Center, [mean, weighted], [(period + 1) as f64])
            .to_vec()
    },
};

map! {
    /// The center from the mean and the mean that counts newer values more; the middle when there is no weight.
    Center: [mean, weighted], [after] => 1 {
        let balance = if mean == 0.0 { 1.0 } else { weighted / mean };
        [(0.5 * after).mul_add(balance, -after)]
    }
}
