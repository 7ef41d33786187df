//! Arithmetic of two series, row by row.

use crate::definitions::{REALS, VALUE};
use crate::{
    map,
    registry::{Definition, Parity, Source},
};

pub(super) const ADD: Definition = Definition {
    name: "add",
    group: "Math Operators",
    summary: "Sum of two series, row by row.",
    formula: "real0 + real1",
    inputs: REALS,
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ADD"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, _| graph.map(Plus, [inputs[0], inputs[1]], []).to_vec(),
};

pub(super) const DIV: Definition = Definition {
    name: "div",
    group: "Math Operators",
    summary: "First series over second, row by row; NULL where the second is zero.",
    formula: "real0 / real1",
    inputs: REALS,
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("DIV"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, _| graph.map(Over, [inputs[0], inputs[1]], []).to_vec(),
};

pub(super) const MULT: Definition = Definition {
    name: "mult",
    group: "Math Operators",
    summary: "Product of two series, row by row.",
    formula: "real0 real1",
    inputs: REALS,
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MULT"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, _| graph.map(Times, [inputs[0], inputs[1]], []).to_vec(),
};

pub(super) const SUB: Definition = Definition {
    name: "sub",
    group: "Math Operators",
    summary: "First series minus second, row by row.",
    formula: "real0 - real1",
    inputs: REALS,
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SUB"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, _| graph.map(Minus, [inputs[0], inputs[1]], []).to_vec(),
};

map! {
    /// Sum.
    Plus: [a, b], [] => 1 { [a + b] }
}

map! {
    /// Quotient.
    Over: [a, b], [] => 1 { [a / b] }
}

map! {
    /// Product.
    Times: [a, b], [] => 1 { [a * b] }
}

map! {
    /// Difference.
    Minus: [a, b], [] => 1 { [a - b] }
}
