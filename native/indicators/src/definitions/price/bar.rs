//! One price for a bar.

use crate::definitions::{CLOSE, HIGH, LOW, OPEN, VALUE};
use crate::{
    map, prices,
    registry::{Definition, Parity, Source},
};

pub(super) const AVGPRICE: Definition = Definition {
    name: "avgprice",
    group: "Price Transform",
    summary: "Average price: a quarter of open + high + low + close.",
    formula: "(open + high + low + close) / 4",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("AVGPRICE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [price] = graph.map(Average, [inputs[0], inputs[1], inputs[2], inputs[3]], []);
        vec![price]
    },
};

pub(super) const MEDPRICE: Definition = Definition {
    name: "medprice",
    group: "Price Transform",
    summary: "Median price: the middle between high and low.",
    formula: "(high + low) / 2",
    inputs: &[HIGH, LOW],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MEDPRICE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| vec![prices::median(graph, inputs[0], inputs[1])],
};

pub(super) const TYPPRICE: Definition = Definition {
    name: "typprice",
    group: "Price Transform",
    summary: "Typical price: a third of high + low + close.",
    formula: "(high + low + close) / 3",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("TYPPRICE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| vec![prices::typical(graph, inputs[0], inputs[1], inputs[2])],
};

pub(super) const WCLPRICE: Definition = Definition {
    name: "wclprice",
    group: "Price Transform",
    summary: "Weighted close price: a quarter of high + low + twice the close.",
    formula: "(high + low + 2 close) / 4",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("WCLPRICE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [price] = graph.map(WeightedClose, [inputs[0], inputs[1], inputs[2]], []);
        vec![price]
    },
};

map! {
    /// A quarter of all four.
    Average: [open, high, low, close], [] => 1 { [(high + low + close + open) / 4.0] }
}

map! {
    /// A quarter of high, low and twice the close.
    WeightedClose: [high, low, close], [] => 1 { [close.mul_add(2.0, high + low) / 4.0] }
}
