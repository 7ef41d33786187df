//! WaveTrend oscillator.

use crate::definitions::{CLOSE, HIGH, LOW, period, real};
use crate::{
    averages, map, prices,
    registry::{Definition, Parity, Source},
    scan::Scan,
    window,
};

pub(super) const WAVETREND: Definition = Definition {
    name: "wavetrend",
    group: "Momentum Indicators",
    summary: "WaveTrend oscillator (LazyBear): distance of the typical price from its exponential \
              average over 0.015 times the average distance, averaged exponentially (wt1), and the \
              simple average of that (wt2).",
    formula: "wt1 = ema((TP - e) / (0.015 ema(abs(TP - e), channelperiod)), averageperiod), with e = ema(TP, \
              channelperiod), 0 where that distance is 0; wt2 = mean(wt1, signalperiod)",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period(
            "channelperiod",
            10,
            2,
            "rows of the channel, its average and its average distance",
        ),
        period(
            "averageperiod",
            21,
            1,
            "rows of the average of the oscillator",
        ),
        period("signalperiod", 4, 1, "rows of the simple average of that"),
    ],
    outputs: &[real("wt1"), real("wt2")],
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("WAVETREND"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let typical = prices::typical(graph, inputs[0], inputs[1], inputs[2]);
        let average = averages::ema(graph, typical, params.period(0), 0);
        let [distance, size] = graph.scan(Distance, [typical, average], [], 0);
        let size = averages::ema(graph, size, params.period(0), 0);
        let [wave] = graph.map(Channel, [distance, size], []);
        let wt1 = averages::ema(graph, wave, params.period(1), 0);
        vec![wt1, window::mean(graph, wt1, params.period(2))]
    },
};

/// Distance from the average, and its size. An average that has come to rest beside a price that rests is at the price:
/// what is left between them is rounding. Memory: price and average of the row before.
struct Distance;

impl Scan<2, 2, 2, 0> for Distance {
    #[inline(always)]
    fn step(before: &mut [f64; 2], row: u64, x: [f64; 2], _: [f64; 0]) -> [f64; 2] {
        let rests = (row > 0) & (x == *before);
        *before = x;
        let distance = if rests { 0.0 } else { x[0] - x[1] };
        [distance, distance.abs()]
    }
}

map! {
    /// The distance in units of 0.015 average sizes; 0 without a size.
    Channel: [distance, size], [] => 1 {
        let unit = 0.015 * size;
        [if unit > 0.0 { distance / unit } else { 0.0 }]
    }
}
