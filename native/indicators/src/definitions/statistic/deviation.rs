//! Variance and standard deviation.

use crate::definitions::{CLOSE, VALUE, factor, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window::{divide, mean_and_deviation, moments},
};

pub(super) const VAR: Definition = Definition {
    name: "var",
    group: "Statistic Functions",
    summary: "Variance of the population: the mean squared distance of the last timeperiod values from their mean.",
    formula: "mean((x[i] - mean(x, n))^2), i = 0 .. n - 1",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 5, 1, "rows in the window"),
        factor("nbdev", 1.0, "without effect, as in TA-Lib"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("VAR"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| {
        let moments = moments(graph, inputs[0], params.period(0));
        let count = moments.period as f64;
        graph
            .map(Variance, [moments.squares], [count, 1.0 / count])
            .to_vec()
    },
};

pub(super) const STDDEV: Definition = Definition {
    name: "stddev",
    group: "Statistic Functions",
    summary: "Standard deviation of the population of the last timeperiod values, times nbdev.",
    formula: "nbdev sqrt(mean((x[i] - mean(x, n))^2)), i = 0 .. n - 1",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 5, 2, "rows in the window"),
        factor("nbdev", 1.0, "factor of the deviation"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("STDDEV"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| {
        let moments = moments(graph, inputs[0], params.period(0));
        let count = moments.period as f64;
        let k = [count, 1.0 / count, params.real(1)];
        graph.map(Deviations, [moments.squares], k).to_vec()
    },
};

map! {
    /// Mean of squared deviations.
    Variance: [squares], [count, reciprocal] => 1 { [divide(squares, count, reciprocal)] }
}

map! {
    /// Some standard deviations.
    Deviations: [squares], [count, reciprocal, times] => 1 {
        let (_, deviation) = mean_and_deviation(0.0, 0.0, squares, count, reciprocal);
        [deviation * times]
    }
}
