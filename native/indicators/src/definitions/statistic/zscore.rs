//! Standard score.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window::{divide, moments},
};

pub(super) const ZSCORE: Definition = Definition {
    name: "zscore",
    group: "Statistic Functions",
    summary: "Standard score: distance of the value from the mean of the last timeperiod values, in standard deviations (of the \
              population); NULL where all of them are the same.",
    formula: "(x - mean(x, n)) / stdev(x, n)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-14),
    source: Source::Published(
        "Kreyszig 1979, Advanced Engineering Mathematics, standardised random variable",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let moments = moments(graph, inputs[0], params.period(0));
        let count = moments.period as f64;
        graph
            .map(
                Score,
                [moments.offset, moments.squares],
                [count, 1.0 / count],
            )
            .to_vec()
    },
};

map! {
    /// Distance of the newest value from the mean, in deviations.
    Score: [offset, squares], [count, reciprocal] => 1 {
        let deviation = divide(squares, count, reciprocal).sqrt();
        [if squares > 0.0 { -divide(offset, count, reciprocal) / deviation } else { f64::NAN }]
    }
}
