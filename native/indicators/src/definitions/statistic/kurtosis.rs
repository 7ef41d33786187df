//! Kurtosis.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Param, Parity, Source},
    rolling::Rolling,
    window::MeanFromNewest,
};

pub(super) const KURTOSIS: Definition = Definition {
    name: "kurtosis",
    group: "Statistic Functions",
    summary: "Excess kurtosis of the last timeperiod values, as estimated from a sample (Fisher): 0 for a normal \
              distribution, NULL for equal values.",
    formula: "n (n + 1) (n - 1) / ((n - 2) (n - 3)) * sum(d^4) / sum(d^2)^2 - 3 (n - 1)^2 / ((n - 2) (n - 3)), over n \
              rows, with d = x[i] - mean(x, n)",
    inputs: &[CLOSE],
    params: &[Param {
        max: 10_000.0,
        ..period("timeperiod", 30, 4, "rows in the window")
    }],
    outputs: VALUE,
    // The fourth power of the rounding that sums around the first value have.
    parity: Parity::Windowed(1e-10),
    source: Source::TaLib("KURTOSIS"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| {
        let n = params.period(0) as f64;
        let factor = n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        let normal = 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        let (input, period) = (inputs[0], params.period(0));
        let [mean] = graph.rolling(MeanFromNewest, [input], [input], period, [1.0 / n]);
        let k = [factor, normal];
        graph
            .rolling(Kurtosis, [input], [input, mean], period, k)
            .to_vec()
    },
};

/// Fourth moment over the square of the second, from the newest value and the mean less it.
struct Kurtosis;

impl Rolling<1, 2, 2, 1, 2> for Kurtosis {
    #[inline(always)]
    fn add(
        [second, fourth]: [f64; 2],
        [x]: [f64; 1],
        _: f64,
        [newest, mean]: [f64; 2],
        _: [f64; 2],
    ) -> [f64; 2] {
        let deviation = (x - newest) - mean;
        let square = deviation * deviation;
        [second + square, square.mul_add(square, fourth)]
    }

    #[inline(always)]
    fn end([second, fourth]: [f64; 2], _: [f64; 2], [factor, normal]: [f64; 2]) -> [f64; 1] {
        [factor * (fourth / (second * second)) - normal]
    }
}
