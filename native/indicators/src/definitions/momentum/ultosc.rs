//! Ultimate oscillator.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    map, prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const ULTOSC: Definition = Definition {
    name: "ultosc",
    group: "Momentum Indicators",
    summary: "Ultimate oscillator (Williams 1976): buying pressure (close minus true low) over true \
              range in three windows, weighted 4, 2 and 1 from the shortest to the longest, 0 to \
              100.",
    formula: "100 (4 s1 + 2 s2 + s3) / 7, with si = sum(close - min(low, close[1]), ni) / sum(TR, ni), n1 <= n2 <= n3 \
              the three periods in order; si = 0 where its range is 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period("timeperiod1", 7, 1, "rows in a window"),
        period("timeperiod2", 14, 1, "rows in a window"),
        period("timeperiod3", 28, 1, "rows in a window"),
    ],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("ULTOSC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [high, low, close] = [inputs[0], inputs[1], inputs[2]];
        let mut periods = [0, 1, 2].map(|index| params.period(index));
        periods.sort_unstable();
        let range = prices::true_range(graph, high, low, close);
        let [pressure] = graph.map(Pressure, [low, close, close.lag(1)], []);
        let [a, b, c] = periods.map(|period| {
            let pressure = window::sum(graph, pressure, period);
            let range = window::sum(graph, range, period);
            let [share] = graph.map(Share, [pressure, range], []);
            share
        });
        graph.map(Weighted, [a, b, c], []).to_vec()
    },
};

map! {
    /// Distance of the close from the true low.
    Pressure: [low, close, close_before], [] => 1 { [close - if low < close_before { low } else { close_before }] }
}

map! {
    /// Pressure over range; 0 without a range.
    Share: [pressure, range], [] => 1 { [if range > 0.0 { pressure / range } else { 0.0 }] }
}

map! {
    /// Mean of the shares with weights 4, 2 and 1, in percent.
    Weighted: [a, b, c], [] => 1 { [100.0 * ((4.0 * a + 2.0 * b + c) / 7.0)] }
}
