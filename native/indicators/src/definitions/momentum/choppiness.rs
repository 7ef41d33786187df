//! Choppiness and trend: how far the price came against how much it moved.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    elementary::log10,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const CHOP: Definition = Definition {
    name: "chop",
    group: "Momentum Indicators",
    summary: "Choppiness index (Dreiss): logarithm of the sum of true ranges over the range of the \
              window, 0 for a straight line to 100 for no progress.",
    formula: "100 log10(sum(TR, n) / (highest(high, n) - lowest(low, n))) / log10(n); 100 where that is not defined",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("CHOP"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let extremes = [inputs[0], inputs[1]];
        let true_extremes = true_extremes(graph, inputs);
        choppiness(graph, true_extremes, extremes, params.period(0))
    },
};

pub(super) const CHOPTR: Definition = Definition {
    name: "choptr",
    group: "Momentum Indicators",
    summary: "Choppiness index (Dreiss) with the range of true highs and true lows, which takes in \
              the close before each row.",
    formula: "100 log10(sum(TR, n) / (highest(max(high, close[1]), n) - lowest(min(low, close[1]), n))) / log10(n); \
              100 where that is not defined",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("CHOPTR"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let true_extremes = true_extremes(graph, inputs);
        choppiness(graph, true_extremes, true_extremes, params.period(0))
    },
};

/// True high and true low: with the close before among the prices of the row.
fn true_extremes(graph: &mut Graph, inputs: &[Series]) -> [Series; 2] {
    let before = inputs[2].lag(1);
    graph.map(TrueExtremes, [inputs[0], inputs[1], before], [])
}

/// How far prices moved, by their true range, over the range of the window's extremes, high and low.
fn choppiness(
    graph: &mut Graph,
    true_extremes: [Series; 2],
    [high, low]: [Series; 2],
    period: usize,
) -> Vec<Series> {
    let [range] = graph.map(Difference, true_extremes, []);
    let moved = window::sum(graph, range, period);
    let highest = window::highest(graph, high, period);
    let lowest = window::lowest(graph, low, period);
    let scale = log10(period as f64);
    graph
        .map(Choppiness, [moved, highest, lowest], [scale])
        .to_vec()
}

pub(super) const VHF: Definition = Definition {
    name: "vhf",
    group: "Momentum Indicators",
    summary: "Vertical horizontal filter (White 1991): range of the last timeperiod values over the \
              sum of the last timeperiod changes, 0 when nothing moved.",
    formula: "(highest(x, n) - lowest(x, n)) / sum(abs(x - x[1]), n); 0 where nothing moved",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        28,
        2,
        "changes, and values, in the window",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("VHF"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (input, period) = (inputs[0], params.period(0));
        let [change] = graph.map(Distance, [input, input.lag(1)], []);
        let moved = window::sum(graph, change, period);
        let highest = window::highest(graph, input, period);
        let lowest = window::lowest(graph, input, period);
        graph.map(Filter, [moved, highest, lowest], []).to_vec()
    },
};

pub(super) const ER: Definition = Definition {
    name: "er",
    group: "Momentum Indicators",
    summary: "Efficiency ratio (Kaufman 1995): change over the window as a share of the sum of its \
              changes, 0 to 1, 1 when nothing moved.",
    formula: "abs(x - x[n]) / sum(abs(x - x[1]), n); 1 where nothing moved",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 10, 2, "changes in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("ER"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (input, period) = (inputs[0], params.period(0));
        let [change] = graph.map(Distance, [input, input.lag(1)], []);
        let moved = window::sum(graph, change, period);
        graph
            .map(Efficiency, [moved, input, input.lag(period)], [])
            .to_vec()
    },
};

map! {
    /// High and low of the bar and the close before it.
    TrueExtremes: [high, low, close_before], [] => 2 {
        [
            if close_before > high { close_before } else { high },
            if close_before < low { close_before } else { low },
        ]
    }
}

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}

map! {
    /// Distance of two values.
    Distance: [now, before], [] => 1 { [(now - before).abs()] }
}

map! {
    /// Logarithm of moves over range, in percent of that of the period.
    Choppiness: [moved, highest, lowest], [log_period] => 1 {
        let range = highest - lowest;
        let index = 100.0 * (log10(moved / range) / log_period);
        [if (range <= 0.0) | (moved <= 0.0) { 100.0 } else { index }]
    }
}

map! {
    /// Range over moves.
    Filter: [moved, highest, lowest], [] => 1 {
        [if moved > 0.0 { (highest - lowest) / moved } else { 0.0 }]
    }
}

map! {
    /// Change over moves, at most 1, which is also what a window without moves has.
    Efficiency: [moved, now, before], [] => 1 {
        let change = now - before;
        let ratio = (change / moved).abs();
        let ratio = if ratio > 1.0 { 1.0 } else { ratio };
        [if (moved <= 0.0) | (moved <= change) { 1.0 } else { ratio }]
    }
}
