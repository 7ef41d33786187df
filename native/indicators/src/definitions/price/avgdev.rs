//! Average deviation.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Parity},
    rolling::Rolling,
};

pub(super) const AVGDEV: Definition = Definition {
    name: "avgdev",
    group: "Price Transform",
    summary: "Average deviation: the mean distance of the last timeperiod values from their mean.",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    oracle: "AVGDEV",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        graph
            .rolling(AverageDeviation, [inputs[0]], params.period(0), [])
            .to_vec()
    },
};

/// Mean distance from the mean; both sums begin with the newest value.
struct AverageDeviation;

impl Rolling<1, 1, 0> for AverageDeviation {
    #[inline(always)]
    fn at([window]: [&[f64]; 1], _: [f64; 0]) -> [f64; 1] {
        let rows = window.len() as f64;
        let newest_first = || window.iter().rev();
        let mean = newest_first().fold(0.0, |sum, value| sum + value) / rows;
        let distances = newest_first().map(|value| (value - mean).abs());
        [distances.fold(0.0, |sum, distance| sum + distance) / rows]
    }
}
