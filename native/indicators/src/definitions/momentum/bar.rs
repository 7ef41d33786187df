//! Where the close of a bar is within the bar.

use crate::definitions::{CLOSE, HIGH, LOW, OPEN, VALUE};
use crate::{
    map,
    registry::{Definition, Parity, Source},
};

pub(super) const BOP: Definition = Definition {
    name: "bop",
    group: "Momentum Indicators",
    summary: "Balance of power (Livshin): close - open as a share of high - low, 0 for a bar \
              without a range.",
    formula: "(close - open) / (high - low), 0 where high <= low",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("BOP"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        graph
            .map(Balance, [inputs[0], inputs[1], inputs[2], inputs[3]], [])
            .to_vec()
    },
};

pub(super) const IBS: Definition = Definition {
    name: "ibs",
    group: "Momentum Indicators",
    summary: "Internal bar strength: place of the close between low, 0, and high, 1; 0.5 for a bar \
              without a range.",
    formula: "(close - low) / (high - low), 0.5 where high <= low",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("IBS"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        graph
            .map(Strength, [inputs[0], inputs[1], inputs[2]], [])
            .to_vec()
    },
};

map! {
    /// Body as a share of the range.
    Balance: [open, high, low, close], [] => 1 {
        let range = high - low;
        [if range <= 0.0 { 0.0 } else { (close - open) / range }]
    }
}

map! {
    /// Place of the close in the range.
    Strength: [high, low, close], [] => 1 {
        let range = high - low;
        [if range <= 0.0 { 0.5 } else { (close - low) / range }]
    }
}
