//! Stochastic momentum index.

use crate::definitions::{CLOSE, HIGH, LOW, period, real};
use crate::{
    averages, map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const SMI: Definition = Definition {
    name: "smi",
    group: "Momentum Indicators",
    summary: "Stochastic momentum index (Blau 1993): distance of the close from the middle of the \
              range in percent of half the range, both averaged exponentially twice (smi), and its \
              exponential average (signal).",
    formula: "smi = 100 D / (R / 2), signal = ema(smi, signalperiod); D and R = ema(ema(y, slowperiod), fastperiod) of \
              y = close - (hh + ll) / 2 and of y = hh - ll; hh = highest(high, timeperiod), ll = lowest(low, \
              timeperiod); 0 where R is 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period("timeperiod", 13, 2, "rows in the window of high and low"),
        period("fastperiod", 2, 2, "rows of the second average"),
        period("slowperiod", 25, 2, "rows of the first average"),
        period("signalperiod", 9, 2, "rows of the signal line's average"),
    ],
    outputs: &[real("smi"), real("signal")],
    parity: Parity::Bits,
    source: Source::TaLib("SMI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let highest = window::highest(graph, inputs[0], params.period(0));
        let lowest = window::lowest(graph, inputs[1], params.period(0));
        let parts = graph.map(DistanceAndRange, [highest, lowest, inputs[2]], []);
        let [distance, range] = parts.map(|series| {
            let once = averages::ema(graph, series, params.period(2), 0);
            averages::ema(graph, once, params.period(1), 0)
        });
        let [smi] = graph.map(Percentage, [distance, range], []);
        vec![smi, averages::ema(graph, smi, params.period(3), 0)]
    },
};

map! {
    /// Distance of the close from the middle, and the range.
    DistanceAndRange: [highest, lowest, close], [] => 2 { [close - (highest + lowest) * 0.5, highest - lowest] }
}

map! {
    /// The distance in percent of half the range; 0 without a range.
    Percentage: [distance, range], [] => 1 {
        let half = 0.5 * range;
        [if half > 0.0 { 100.0 * distance / half } else { 0.0 }]
    }
}
