//! Vortex indicator.

use crate::definitions::{CLOSE, HIGH, LOW, period, real};
use crate::{
    map, prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const VORTEX: Definition = Definition {
    name: "vortex",
    group: "Momentum Indicators",
    summary: "Vortex indicator (Botes and Siepman 2010): distances from high to the low before \
              (plus_vi) and from low to the high before (minus_vi), each summed and divided by the \
              sum of true ranges.",
    formula: "plus_vi = sum(abs(high - low[1]), n) / sum(TR, n); minus_vi = sum(abs(low - high[1]), n) / sum(TR, n); 0 \
              where the range is 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 1, "rows in the window")],
    outputs: &[real("plus_vi"), real("minus_vi")],
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("VORTEX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [high, low, close] = [inputs[0], inputs[1], inputs[2]];
        let period = params.period(0);
        let range = prices::true_range(graph, high, low, close);
        let [plus, minus] = graph.map(Vortices, [high, low, high.lag(1), low.lag(1)], []);
        let range = window::sum(graph, range, period);
        let plus = window::sum(graph, plus, period);
        let minus = window::sum(graph, minus, period);
        graph.map(Shares, [plus, minus, range], []).to_vec()
    },
};

map! {
    /// Distances from high to the low before and from low to the high before.
    Vortices: [high, low, high_before, low_before], [] => 2 { [(high - low_before).abs(), (low - high_before).abs()] }
}

map! {
    /// Both over the range; 0 without a range.
    Shares: [plus, minus, range], [] => 2 {
        let some = range > 0.0;
        [if some { plus / range } else { 0.0 }, if some { minus / range } else { 0.0 }]
    }
}
