//! The middle of highest and lowest: midpoint, midprice, Donchian channel and Ichimoku's lines.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period, real};
use crate::{
    graph::{Graph, Series},
    prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const MIDPOINT: Definition = Definition {
    name: "midpoint",
    group: "Overlap Studies",
    summary: "Midpoint: the middle between the largest and the smallest of the last timeperiod values.",
    formula: "(highest(x, n) + lowest(x, n)) / 2",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MIDPOINT"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![middle(graph, inputs[0], inputs[0], params.period(0))],
};

pub(super) const MIDPRICE: Definition = Definition {
    name: "midprice",
    group: "Overlap Studies",
    summary: "Midprice: the middle between highest high and lowest low.",
    formula: "(highest(high, n) + lowest(low, n)) / 2",
    inputs: &[HIGH, LOW],
    params: &[period("timeperiod", 14, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MIDPRICE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![middle(graph, inputs[0], inputs[1], params.period(0))],
};

pub(super) const DONCHIAN: Definition = Definition {
    name: "donchian",
    group: "Overlap Studies",
    summary: "Donchian channel: highest high, lowest low, and the middle between them.",
    formula: "upper = highest(high, n), lower = lowest(low, n), middle = (upper + lower) / 2",
    inputs: &[HIGH, LOW],
    params: &[period("timeperiod", 20, 2, "rows in the window")],
    outputs: &[real("upper"), real("middle"), real("lower")],
    parity: Parity::Bits,
    source: Source::TaLib("DONCHIAN"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let upper = window::highest(graph, inputs[0], params.period(0));
        let lower = window::lowest(graph, inputs[1], params.period(0));
        vec![upper, prices::median(graph, upper, lower), lower]
    },
};

pub(super) const ICHIMOKU: Definition = Definition {
    name: "ichimoku",
    group: "Overlap Studies",
    summary: "Ichimoku lines (Hosoda): middles of highest high and lowest low over three periods, and the middle of the first two; the spans stand at the row that computes them.",
    formula: "tenkan_sen = M(tenkanperiod), kijun_sen = M(kijunperiod), senkou_span_a = (tenkan_sen + kijun_sen) / 2, \
              senkou_span_b = M(senkoubperiod), with M(n) = (highest(high, n) + lowest(low, n)) / 2",
    inputs: &[HIGH, LOW],
    params: &[
        period("tenkanperiod", 9, 2, "rows of the conversion line"),
        period("kijunperiod", 26, 2, "rows of the base line"),
        period("senkoubperiod", 52, 2, "rows of the second span"),
    ],
    outputs: &[
        real("tenkan_sen"),
        real("kijun_sen"),
        real("senkou_span_a"),
        real("senkou_span_b"),
    ],
    parity: Parity::Bits,
    source: Source::TaLib("ICHIMOKU"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let line =
            |graph: &mut Graph, index| middle(graph, inputs[0], inputs[1], params.period(index));
        let tenkan = line(graph, 0);
        let kijun = line(graph, 1);
        let second = line(graph, 2);
        vec![tenkan, kijun, prices::median(graph, tenkan, kijun), second]
    },
};

/// The middle between the highest of the one and the lowest of the other.
fn middle(graph: &mut Graph, high: Series, low: Series, period: usize) -> Series {
    let highest = window::highest(graph, high, period);
    let lowest = window::lowest(graph, low, period);
    prices::median(graph, highest, lowest)
}
