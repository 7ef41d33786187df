//! Kurtosis.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Param, Parity},
    rolling::{Rolling, sum},
};

pub(super) const KURTOSIS: Definition = Definition {
    name: "kurtosis",
    group: "Statistic Functions",
    summary: "Excess kurtosis of the last timeperiod values, as estimated from a sample (Fisher): 0 for a normal \
              distribution, NULL for equal values.",
    inputs: &[CLOSE],
    params: &[Param {
        max: 10_000.0,
        ..period("timeperiod", 30, 4, "rows in the window")
    }],
    outputs: VALUE,
    // The fourth power of the rounding that sums around the first value have.
    parity: Parity::Windowed(1e-10),
    oracle: "KURTOSIS",
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| {
        let n = params.period(0) as f64;
        let factor = n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        let normal = 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        let k = [1.0 / n, factor, normal];
        graph
            .rolling(Kurtosis, [inputs[0]], params.period(0), k)
            .to_vec()
    },
};

/// Fourth moment over the square of the second. All is taken from the newest value first, so that the level of the price
/// does not round it.
struct Kurtosis;

impl Rolling<1, 1, 3> for Kurtosis {
    #[inline(always)]
    fn at([window]: [&[f64]; 1], [reciprocal, factor, normal]: [f64; 3]) -> [f64; 1] {
        let newest = window[window.len() - 1];
        let mean = sum(window, |_, x| x - newest) * reciprocal;
        let square = |x: f64| {
            let deviation = (x - newest) - mean;
            deviation * deviation
        };
        let second = sum(window, |_, x| square(x));
        let fourth = sum(window, |_, x| square(x) * square(x));
        [factor * (fourth / (second * second)) - normal]
    }
}
