//! Correlation trend indicator.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Parity},
    rolling::{Rolling, sum},
};

pub(super) const CTI: Definition = Definition {
    name: "cti",
    group: "Momentum Indicators",
    summary: "Correlation trend indicator (Ehlers 2020): correlation of the window with a rising \
              line, -1 to 1, 0 for equal values.",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 20, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    oracle: "CTI",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let count = params.period(0) as f64;
        let line = count * (count * count - 1.0) / 12.0;
        graph
            .rolling(Trend, [inputs[0]], params.period(0), [1.0 / count, line])
            .to_vec()
    },
};

/// Correlation with the row numbers, whose squared deviations are given. All is taken from the newest value first, so that
/// the level of the price does not round it.
struct Trend;

impl Rolling<1, 1, 2> for Trend {
    #[inline(always)]
    fn at([window]: [&[f64]; 1], [reciprocal, line]: [f64; 2]) -> [f64; 1] {
        let newest = window[window.len() - 1];
        let middle = 0.5 * (window.len() - 1) as f64;
        let mean = sum(window, |_, x| x - newest) * reciprocal;
        let squares = sum(window, |_, x| {
            let deviation = (x - newest) - mean;
            deviation * deviation
        });
        let products = sum(window, |row, x| (row - middle) * ((x - newest) - mean));
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
