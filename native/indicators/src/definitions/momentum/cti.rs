//! Correlation trend indicator.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Parity, Source},
    rolling::Rolling,
};

pub(super) const CTI: Definition = Definition {
    name: "cti",
    group: "Momentum Indicators",
    summary: "Correlation trend indicator (Ehlers 2020): correlation of the window with a rising \
              line, -1 to 1, 0 for equal values.",
    formula: "sum((m - i) (x[i] - mean)) / sqrt(sum((m - i)^2) sum((x[i] - mean)^2)), i = 0 .. n - 1, m = (n - 1) / 2, \
              mean = mean(x, n); 0 for equal values",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 20, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("CTI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let count = params.period(0) as f64;
        let line = count * (count * count - 1.0) / 12.0;
        let k = [1.0 / count, 0.5 * (count - 1.0), line];
        graph
            .rolling(Trend, [inputs[0]], [inputs[0]], params.period(0), k)
            .to_vec()
    },
};

/// Correlation with the row numbers, from sums of the values, of their squares and of their products with the distance from
/// the middle row. All is taken from the newest value, so that the level of the price does not round it.
struct Trend;

impl Rolling<1, 1, 3, 1, 3> for Trend {
    #[inline(always)]
    fn add(
        [sum, squares, products]: [f64; 3],
        [x]: [f64; 1],
        age: f64,
        [newest]: [f64; 1],
        [_, middle, _]: [f64; 3],
    ) -> [f64; 3] {
        let x = x - newest;
        [
            sum + x,
            x.mul_add(x, squares),
            (middle - age).mul_add(x, products),
        ]
    }

    #[inline(always)]
    fn end(
        [sum, squares, products]: [f64; 3],
        _: [f64; 1],
        [reciprocal, _, line]: [f64; 3],
    ) -> [f64; 1] {
        let squares = (-sum * reciprocal).mul_add(sum, squares);
        let correlation = products / (squares * line).sqrt();
        let correlation = if correlation > 1.0 { 1.0 } else { correlation };
        let correlation = if correlation < -1.0 {
            -1.0
        } else {
            correlation
        };
        [if squares > 0.0 { correlation } else { 0.0 }]
    }
}
