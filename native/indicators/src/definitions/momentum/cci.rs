//! Commodity channel index.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    prices,
    registry::{Definition, Parity, Source},
    rolling::Rolling,
    window::MeanFromNewest,
};

/// TA-Lib takes the mean at the level of the price, where its distances round: at a level of 1e9 its values are off
/// by 1e-7 of the largest. Here all distances are taken from the newest value first.
pub(super) const CCI: Definition = Definition {
    name: "cci",
    group: "Momentum Indicators",
    summary: "Commodity channel index (Lambert 1980): distance of the typical price from its mean, \
              over 0.015 times the mean distance from it.",
    formula: "(TP - mean(TP, n)) / (0.015 mean of abs(TP[i] - mean(TP, n)), i = 0 .. n - 1); 0 where either is 0 but \
              for rounding",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-6),
    source: Source::TaLib("CCI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let typical = prices::typical(graph, inputs[0], inputs[1], inputs[2]);
        let period = params.period(0);
        let reciprocal = [1.0 / period as f64];
        let [mean] = graph.rolling(MeanFromNewest, [typical], [typical], period, reciprocal);
        graph
            .rolling(Channel, [typical], [typical, mean], period, reciprocal)
            .to_vec()
    },
};

/// The index of a row, from the newest value and the mean less it. Distances that are nothing but rounding at the level of
/// the mean count as none.
struct Channel;

impl Rolling<1, 2, 1, 1, 1> for Channel {
    #[inline(always)]
    fn add(
        [sum]: [f64; 1],
        [x]: [f64; 1],
        _: f64,
        [newest, mean]: [f64; 2],
        _: [f64; 1],
    ) -> [f64; 1] {
        [sum + ((x - newest) - mean).abs()]
    }

    #[inline(always)]
    fn end([sum]: [f64; 1], [newest, mean]: [f64; 2], [reciprocal]: [f64; 1]) -> [f64; 1] {
        let distance = sum * reciprocal;
        let rounding = 1e-14 * (newest + mean).abs();
        let unit = 0.015 * distance;
        let none = (mean.abs() <= rounding) | (distance <= rounding) | (unit == 0.0);
        [if none { 0.0 } else { -mean / unit }]
    }
}
