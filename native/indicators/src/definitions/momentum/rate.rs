//! Change of a price over some rows: momentum and the rates of change.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    graph::{Graph, Series},
    map,
    map::Map,
    registry::{Definition, Parity, Source},
};

pub(super) const MOM: Definition = Definition {
    name: "mom",
    group: "Momentum Indicators",
    summary: "Momentum: the value minus the value timeperiod rows before.",
    formula: "x - x[n]",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 10, 1, "rows back")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MOM"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| earlier(graph, Change, inputs[0], params.period(0)),
};

pub(super) const ROC: Definition = Definition {
    name: "roc",
    group: "Momentum Indicators",
    summary: "Rate of change in percent of the value timeperiod rows before, 0 where that is 0.",
    formula: "100 (x / x[n] - 1); 0 where x[n] is 0",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 10, 1, "rows back")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ROC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![rate_of_change(graph, inputs[0], params.period(0))],
};

pub(super) const ROCP: Definition = Definition {
    name: "rocp",
    group: "Momentum Indicators",
    summary: "Rate of change as a fraction of the value timeperiod rows before, 0 where that is 0.",
    formula: "(x - x[n]) / x[n]; 0 where x[n] is 0",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 10, 1, "rows back")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ROCP"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| earlier(graph, Fraction, inputs[0], params.period(0)),
};

pub(super) const ROCR: Definition = Definition {
    name: "rocr",
    group: "Momentum Indicators",
    summary: "Ratio of the value to the value timeperiod rows before, 0 where that is 0.",
    formula: "x / x[n]; 0 where x[n] is 0",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 10, 1, "rows back")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ROCR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| earlier(graph, Ratio, inputs[0], params.period(0)),
};

pub(super) const ROCR100: Definition = Definition {
    name: "rocr100",
    group: "Momentum Indicators",
    summary: "Ratio of the value to the value timeperiod rows before, in percent, 0 where that is \
              0.",
    formula: "100 x / x[n]; 0 where x[n] is 0",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 10, 1, "rows back")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ROCR100"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| earlier(graph, RatioInPercent, inputs[0], params.period(0)),
};

fn earlier(graph: &mut Graph, map: impl Map<2, 1, 0>, input: Series, rows: usize) -> Vec<Series> {
    graph.map(map, [input, input.lag(rows)], []).to_vec()
}

/// Rate of change in percent over so many rows.
pub(super) fn rate_of_change(graph: &mut Graph, input: Series, rows: usize) -> Series {
    let [rate] = graph.map(Percent, [input, input.lag(rows)], []);
    rate
}

map! {
    /// The value minus the earlier one.
    Change: [now, before], [] => 1 { [now - before] }
}

map! {
    /// Change in percent.
    Percent: [now, before], [] => 1 { [if before == 0.0 { 0.0 } else { (now / before - 1.0) * 100.0 }] }
}

map! {
    /// Change as a fraction.
    Fraction: [now, before], [] => 1 { [if before == 0.0 { 0.0 } else { (now - before) / before }] }
}

map! {
    /// Ratio to the earlier value.
    Ratio: [now, before], [] => 1 { [if before == 0.0 { 0.0 } else { now / before }] }
}

map! {
    /// Ratio in percent.
    RatioInPercent: [now, before], [] => 1 { [if before == 0.0 { 0.0 } else { now / before * 100.0 }] }
}
