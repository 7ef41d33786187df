//! Relative strength: average or total gains against losses.

use crate::definitions::{CLOSE, OPEN, VALUE, period};
use crate::{
    averages,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const RSI: Definition = Definition {
    name: "rsi",
    group: "Momentum Indicators",
    summary: "Relative strength index (Wilder 1978): share of the average gain in the average move, \
              0 to 100.",
    formula: "100 up / (up + down), with up = rma(max(x - x[1], 0), n), down = rma(max(x[1] - x, 0), n); 50 where both \
              are 0",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows that seed the averages and set their weight",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-13),
    source: Source::TaLib("RSI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![strength(graph, inputs[0], params.period(0))],
};

pub(super) const CMO: Definition = Definition {
    name: "cmo",
    group: "Momentum Indicators",
    summary: "Chande momentum oscillator (Chande 1994) over Wilder averages: average gain minus \
              average loss in percent of their sum, 0 when nothing moved.",
    formula: "100 (up - down) / (up + down), with up = rma(max(x - x[1], 0), n), down = rma(max(x[1] - x, 0), n); 0 \
              where both are 0",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows that seed the averages and set their weight",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("CMO"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [gain, loss] = averages_of_moves(graph, inputs[0], params.period(0));
        graph.map(Balance, [gain, loss], []).to_vec()
    },
};

pub(super) const CMOU: Definition = Definition {
    name: "cmou",
    group: "Momentum Indicators",
    summary: "Chande momentum oscillator (Chande 1994) over plain sums: gains minus losses of the \
              window in percent of their sum, 0 when nothing moved.",
    formula: "100 (up - down) / (up + down), with up = sum(max(x - x[1], 0), n), down = sum(max(x[1] - x, 0), n); 0 \
              where both are 0",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 14, 2, "changes in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("CMOU"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [gain, loss] = graph.map(GainAndLoss, [inputs[0], inputs[0].lag(1)], []);
        let gain = window::sum(graph, gain, params.period(0));
        let loss = window::sum(graph, loss, params.period(0));
        graph.map(Balance, [gain, loss], []).to_vec()
    },
};

pub(super) const IMI: Definition = Definition {
    name: "imi",
    group: "Momentum Indicators",
    summary: "Intraday momentum index (Chande): share of the gains from open to close in all moves \
              from open to close of the window, 0 to 100.",
    formula: "100 up / (up + down), with up = sum(max(close - open, 0), n), down = sum(max(open - close, 0), n); 50 \
              where both are 0",
    inputs: &[OPEN, CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("IMI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [gain, loss] = graph.map(GainAndLoss, [inputs[1], inputs[0]], []);
        let gain = window::sum(graph, gain, params.period(0));
        let loss = window::sum(graph, loss, params.period(0));
        graph.map(Share, [gain, loss], []).to_vec()
    },
};

/// The relative strength index.
pub(super) fn strength(graph: &mut Graph, input: Series, period: usize) -> Series {
    let [gain, loss] = averages_of_moves(graph, input, period);
    let [strength] = graph.map(Share, [gain, loss], []);
    strength
}

/// Wilder averages of gains and losses.
fn averages_of_moves(graph: &mut Graph, input: Series, period: usize) -> [Series; 2] {
    let [gain, loss] = graph.map(GainAndLoss, [input, input.lag(1)], []);
    [
        averages::rma(graph, gain, period),
        averages::rma(graph, loss, period),
    ]
}

map! {
    /// Rise and fall since the row before, both positive.
    GainAndLoss: [now, before], [] => 2 {
        let change = now - before;
        let gain = if change > 0.0 { change } else { 0.0 };
        [gain, gain - change]
    }
}

map! {
    /// Percentage of the first in the sum; 50 when nothing moved.
    Share: [gain, loss], [] => 1 {
        let total = gain + loss;
        [if total > 0.0 { 100.0 * (gain / total) } else { 50.0 }]
    }
}

map! {
    /// Difference in percent of the sum; 0 when nothing moved.
    Balance: [gain, loss], [] => 1 {
        let total = gain + loss;
        [if total > 0.0 { 100.0 * ((gain - loss) / total) } else { 0.0 }]
    }
}
