//! Williams' fractals.

use crate::definitions::{HIGH, LOW, period, whole};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const FRACTAL: Definition = Definition {
    name: "fractal",
    group: "Momentum Indicators",
    summary: "Fractal (Williams 1995): 100 when the high (swing_high) or low (swing_low) rightbars \
              rows before is above or below all leftbars rows before it and all rows after it, else \
              0.",
    formula: "swing_high = 100 where high[r] > highest(high, r) and high[r] > highest(high, l)[r + 1]; swing_low = 100 \
              where low[r] < lowest(low, r) and low[r] < lowest(low, l)[r + 1]; else 0; l = leftbars, r = rightbars",
    inputs: &[HIGH, LOW],
    params: &[
        period("leftbars", 2, 1, "rows before the pivot"),
        period(
            "rightbars",
            2,
            1,
            "rows after the pivot, which are waited for",
        ),
    ],
    outputs: &[whole("swing_high"), whole("swing_low")],
    parity: Parity::Bits,
    source: Source::TaLib("FRACTAL"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (high, low) = (inputs[0], inputs[1]);
        let (left, right) = (params.period(0), params.period(1));
        let before = window::highest(graph, high, left).lag(right + 1);
        let after = window::highest(graph, high, right);
        let [swing_high] = graph.map(Above, [high.lag(right), before, after], []);
        let before = window::lowest(graph, low, left).lag(right + 1);
        let after = window::lowest(graph, low, right);
        let [swing_low] = graph.map(Below, [low.lag(right), before, after], []);
        vec![swing_high, swing_low]
    },
};

map! {
    /// 100 if the first is above both others.
    Above: [pivot, before, after], [] => 1 { [if (pivot > before) & (pivot > after) { 100.0 } else { 0.0 }] }
}

map! {
    /// 100 if the first is below both others.
    Below: [pivot, before, after], [] => 1 { [if (pivot < before) & (pivot < after) { 100.0 } else { 0.0 }] }
}
