//! Extremes of a window, and where they are.

use crate::definitions::{CLOSE, VALUE, period, real, whole};
use crate::{
    graph::{Graph, Series},
    map,
    recurrence::Seed,
    registry::{Definition, Output, Parity, Source},
    window,
};

const INDEX: &[Output] = &[whole("value")];

pub(super) const MAX: Definition = Definition {
    name: "max",
    group: "Math Operators",
    summary: "Largest of the last timeperiod values.",
    formula: "highest(x, n)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MAX"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| vec![window::highest(graph, inputs[0], params.period(0))],
};

pub(super) const MIN: Definition = Definition {
    name: "min",
    group: "Math Operators",
    summary: "Smallest of the last timeperiod values.",
    formula: "lowest(x, n)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MIN"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| vec![window::lowest(graph, inputs[0], params.period(0))],
};

pub(super) const MINMAX: Definition = Definition {
    name: "minmax",
    group: "Math Operators",
    summary: "Smallest and largest of the last timeperiod values.",
    formula: "min = lowest(x, n); max = highest(x, n)",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: &[real("min"), real("max")],
    parity: Parity::Bits,
    source: Source::TaLib("MINMAX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        vec![
            window::lowest(graph, inputs[0], params.period(0)),
            window::highest(graph, inputs[0], params.period(0)),
        ]
    },
};

pub(super) const MAXINDEX: Definition = Definition {
    name: "maxindex",
    group: "Math Operators",
    summary: "Row of the largest of the last timeperiod values, the newest if several are equal; the rows of the group with a value count from 0.",
    formula: "row - i, with x[i] = highest(x, n), the smallest i, and row counted from 0 at the start of the group",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: INDEX,
    parity: Parity::Bits,
    source: Source::TaLib("MAXINDEX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let count = row_count(graph, inputs[0]);
        let back = window::highest_place(graph, inputs[0], params.period(0));
        vec![index(graph, count, back)]
    },
};

pub(super) const MININDEX: Definition = Definition {
    name: "minindex",
    group: "Math Operators",
    summary: "Row of the smallest of the last timeperiod values, the newest if several are equal; the rows of the group with a value count from 0.",
    formula: "row - i, with x[i] = lowest(x, n), the smallest i, and row counted from 0 at the start of the group",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: INDEX,
    parity: Parity::Bits,
    source: Source::TaLib("MININDEX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let count = row_count(graph, inputs[0]);
        let back = window::lowest_place(graph, inputs[0], params.period(0));
        vec![index(graph, count, back)]
    },
};

pub(super) const MINMAXINDEX: Definition = Definition {
    name: "minmaxindex",
    group: "Math Operators",
    summary: "Rows of the smallest and the largest of the last timeperiod values, the newest if several are equal; the rows of the group with a value count from 0.",
    formula: "min_idx as ta_minindex, max_idx as ta_maxindex",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: &[whole("min_idx"), whole("max_idx")],
    parity: Parity::Bits,
    source: Source::TaLib("MINMAXINDEX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let count = row_count(graph, inputs[0]);
        let lowest = window::lowest_place(graph, inputs[0], params.period(0));
        let highest = window::highest_place(graph, inputs[0], params.period(0));
        vec![index(graph, count, lowest), index(graph, count, highest)]
    },
};

/// Number of the rows so far.
fn row_count(graph: &mut Graph, input: Series) -> Series {
    let [one] = graph.map(One, [input], []);
    graph.recurrence(one, 1.0, 1.0, Seed::Zero)
}

/// The row, counted from 0, that is so many rows back.
fn index(graph: &mut Graph, count: Series, back: Series) -> Series {
    let [index] = graph.map(Index, [count, back], []);
    index
}

map! {
    /// One for every row.
    One: [_x], [] => 1 { [1.0] }
}

map! {
    /// Rows before the row that is so many rows back.
    Index: [count, back], [] => 1 { [count - 1.0 - back] }
}
