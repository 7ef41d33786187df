//! Ranges: the true range, the average range, and the true range in percent.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    averages, map, prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const TRANGE: Definition = Definition {
    name: "trange",
    group: "Volatility Indicators",
    summary: "True range (Wilder 1978): the largest distance between high, low and the \
              close before.",
    formula: "TR",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("TRANGE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| vec![prices::true_range(graph, inputs[0], inputs[1], inputs[2])],
};

pub(super) const ADR: Definition = Definition {
    name: "adr",
    group: "Volatility Indicators",
    summary: "Average day range: simple average of high - low.",
    formula: "mean(high - low, n)",
    inputs: &[HIGH, LOW],
    params: &[period("timeperiod", 14, 1, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("ADR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let range = prices::range(graph, inputs[0], inputs[1]);
        vec![window::mean(graph, range, params.period(0))]
    },
};

pub(super) const NATR: Definition = Definition {
    name: "natr",
    group: "Volatility Indicators",
    summary: "Normalized average true range: average true range in percent of the close, \
              0 where that is 0; over one row, the true range itself.",
    formula: "100 rma(TR, n) / close; 0 where close is 0; TR for n = 1",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period(
        "timeperiod",
        14,
        1,
        "rows that seed the average and set its weight",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("NATR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let range = prices::true_range(graph, inputs[0], inputs[1], inputs[2]);
        if params.period(0) == 1 {
            return vec![range];
        }
        let average = averages::rma(graph, range, params.period(0));
        graph.map(Percentage, [average, inputs[2]], []).to_vec()
    },
};

map! {
    /// First in percent of the second; 0 where that is 0.
    Percentage: [range, close], [] => 1 { [if close == 0.0 { 0.0 } else { range / close * 100.0 }] }
}
