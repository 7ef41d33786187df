//! Average deviation.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Parity, Source},
    rolling::Rolling,
};

pub(super) const AVGDEV: Definition = Definition {
    name: "avgdev",
    group: "Price Transform",
    summary: "Average deviation: the mean distance of the last timeperiod values from their mean.",
    formula: "mean of abs(x[i] - mean(x, n)), i = 0 .. n - 1",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("AVGDEV"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (input, period) = (inputs[0], params.period(0));
        let k = [period as f64];
        let [mean] = graph.rolling(Mean, [input], [], period, k);
        graph
            .rolling(AverageDeviation, [input], [mean], period, k)
            .to_vec()
    },
};

/// Mean whose sum begins with the newest value, as TA-Lib's.
struct Mean;

impl Rolling<1, 0, 1, 1, 1> for Mean {
    const PART: usize = usize::MAX;

    #[inline(always)]
    fn add([sum]: [f64; 1], [x]: [f64; 1], _: f64, _: [f64; 0], _: [f64; 1]) -> [f64; 1] {
        [sum + x]
    }

    #[inline(always)]
    fn end([sum]: [f64; 1], _: [f64; 0], [rows]: [f64; 1]) -> [f64; 1] {
        [sum / rows]
    }
}

/// Mean distance from the mean.
struct AverageDeviation;

impl Rolling<1, 1, 1, 1, 1> for AverageDeviation {
    const PART: usize = usize::MAX;

    #[inline(always)]
    fn add([sum]: [f64; 1], [x]: [f64; 1], _: f64, [mean]: [f64; 1], _: [f64; 1]) -> [f64; 1] {
        [sum + (x - mean).abs()]
    }

    #[inline(always)]
    fn end([sum]: [f64; 1], _: [f64; 1], [rows]: [f64; 1]) -> [f64; 1] {
        [sum / rows]
    }
}
