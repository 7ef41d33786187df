//! Klinger volume oscillator.

use crate::definitions::{CLOSE, HIGH, LOW, VOLUME, period, real};
use crate::{
    averages, map, prices,
    registry::{Definition, Parity, Source},
    scan::Scan,
};

pub(super) const KVO: Definition = Definition {
    name: "kvo",
    group: "Volume Indicators",
    summary: "Klinger volume oscillator: EMA of the volume force over fastperiod rows \
              minus that over slowperiod rows, and its signal line; all begin with their \
              first value.",
    formula: "kvo = e(VF, fastperiod) - e(VF, slowperiod), signal = e(kvo, signalperiod), with e = ema begun with the \
              first value; VF = 100 volume abs(2 R / CM - 1) T; R = high - low; T = 1 where high + low + close rose, \
              -1 where it fell, else T[1]; CM = CM[1] + R, but R[1] + R where T changed; VF = 0 where CM is 0",
    inputs: &[HIGH, LOW, CLOSE, VOLUME],
    params: &[
        period("fastperiod", 34, 2, "rows of the EMA that is taken from"),
        period("slowperiod", 55, 2, "rows of the EMA that is taken away"),
        period("signalperiod", 13, 2, "rows of the signal line's EMA"),
    ],
    outputs: &[real("kvo"), real("signal")],
    parity: Parity::Bits,
    source: Source::TaLib("KVO"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (high, low, close, volume) = (inputs[0], inputs[1], inputs[2], inputs[3]);
        let [price] = graph.map(Total, [high, low, close], []);
        let range = prices::range(graph, high, low);
        let rows = [price, price.lag(1), range, range.lag(1), volume];
        let [force] = graph.scan(Force, rows, [], 0);
        let [fast, slow, rows] = [0, 1, 2].map(|index| params.period(index));
        let averages = [fast, slow].map(|period| averages::ema_from_first(graph, force, period));
        let [oscillator] = graph.map(Difference, averages, []);
        let signal = averages::ema_from_first(graph, oscillator, rows);
        let longest = fast.max(slow).max(rows);
        vec![
            graph.held_back(oscillator, longest - 1),
            graph.held_back(signal, longest - 1),
        ]
    },
};

/// Volume with the sign of the trend, weighted by the share of this range in those since the trend began. Memory: the
/// trend, 1 or -1, and the sum of these ranges, which begins with the range before.
struct Force;

impl Scan<5, 1, 2, 0> for Force {
    #[inline(always)]
    fn step(
        [trend, sum]: &mut [f64; 2],
        row: u64,
        [price, price_before, range, range_before, volume]: [f64; 5],
        _: [f64; 0],
    ) -> [f64; 1] {
        if row == 0 {
            (*trend, *sum) = (1.0, range_before);
        }
        let before = *trend;
        if price > price_before {
            *trend = 1.0;
        } else if price < price_before {
            *trend = -1.0;
        }
        *sum = if *trend == before { *sum } else { range_before } + range;
        if *sum == 0.0 {
            return [0.0];
        }
        [volume * (2.0 * (range / *sum) - 1.0).abs() * 100.0 * *trend]
    }
}

map! {
    /// High + low + close.
    Total: [high, low, close], [] => 1 { [high + low + close] }
}

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}
