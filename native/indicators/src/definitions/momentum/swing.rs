//! Wilder's swing index and its total.

use crate::definitions::{CLOSE, HIGH, LOW, OPEN, VALUE, factor};
use crate::{
    Params,
    graph::{Graph, Series},
    map,
    recurrence::Seed,
    registry::{Definition, Param, Parity, Source},
};

pub(super) const SI: Definition = Definition {
    name: "si",
    group: "Momentum Indicators",
    summary: "Swing index (Wilder 1978): strength of the move from the bar before, -100 to 100 when \
              no move is larger than limitmove.",
    formula: "50 ((close - close[1]) + 0.5 (close - open) + 0.25 (close[1] - open[1])) / R * K / limitmove; h = \
              abs(high - close[1]), l = abs(low - close[1]); K = max(h, l); R = max(h - l / 2, l - h / 2, high - low) \
              + 0.25 abs(close[1] - open[1]); 0 where R is 0",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[Param {
        min: 1e-08,
        ..factor(
            "limitmove",
            3.0,
            "largest move of one row, in units of the price",
        )
    }],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![swing(graph, inputs, params)],
};

pub(super) const ASI: Definition = Definition {
    name: "asi",
    group: "Momentum Indicators",
    summary: "Accumulative swing index (Wilder 1978): running total of the swing index, 0 in the \
              first row of a group.",
    formula: "value[1] + ta_si, begun with 0",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[Param {
        min: 1e-08,
        ..factor(
            "limitmove",
            3.0,
            "largest move of one row, in units of the price",
        )
    }],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ASI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let swing = swing(graph, inputs, params);
        let [zero] = graph.map(Zero, [inputs[3]], []);
        vec![graph.recurrence(swing, 1.0, 1.0, Seed::First(zero))]
    },
};

fn swing(graph: &mut Graph, inputs: &[Series], params: &Params) -> Series {
    let [open, high, low, close] = [inputs[0], inputs[1], inputs[2], inputs[3]];
    let bars = [open, high, low, close, open.lag(1), close.lag(1)];
    let [swing] = graph.map(Swing, bars, [params.real(0)]);
    swing
}

map! {
    /// The index of one row.
    Swing: [open, high, low, close, open_before, close_before], [limit] => 1 {
        let body_before = close_before - open_before;
        let distance = (close - close_before) + 0.5 * (close - open) + 0.25 * body_before;
        let above = (high - close_before).abs();
        let below = (low - close_before).abs();
        let reach = if above > below { above } else { below };
        let up = above - 0.5 * below;
        let down = below - 0.5 * above;
        let width = if up > down { up } else { down };
        let range = (high - low).abs();
        let width = if width > range { width } else { range };
        let width = width + 0.25 * body_before.abs();
        [if width == 0.0 { 0.0 } else { 50.0 * (distance / width) * (reach / limit) }]
    }
}

map! {
    /// Zero, whatever comes.
    Zero: [_x], [] => 1 { [0.0] }
}
