//! The levels.

use super::session::{First, Highest, Last, Lowest, prices};
use crate::definitions::{CLOSE, HIGH, LOW, OPEN, SESSION, real};
use crate::{
    graph::{Graph, Series},
    map,
    registry::{Definition, Output, Parity, Source},
};

const THREE: &[Output] = &[
    real("pivot"),
    real("r1"),
    real("r2"),
    real("r3"),
    real("s1"),
    real("s2"),
    real("s3"),
];

pub(super) const CLASSIC: Definition = Definition {
    name: "pivot_classic",
    group: "Pivot Points",
    summary: "Floor traders' pivot points: the typical price of the session before, three resistances and three supports; a \
              session begins where the session input changes, and the first has no levels.",
    formula: "pivot = (H + L + C) / 3; r1 = 2 pivot - L, r2 = pivot + (H - L), r3 = H + 2 (pivot - L); s1 = 2 pivot - \
              H, s2 = pivot - (H - L), s3 = L - 2 (H - pivot)",
    inputs: &[HIGH, LOW, CLOSE, SESSION],
    params: &[],
    outputs: THREE,
    parity: Parity::Scaled(1e-15),
    source: Source::Published(
        "Person 2004, A Complete Guide to Technical Trading Tactics; StockCharts ChartSchool, Pivot Points, with the third \
         levels of TradingView's Traditional",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let bar = session_before(graph, inputs);
        graph.map(Classic, bar, []).to_vec()
    },
};

pub(super) const FIBONACCI: Definition = Definition {
    name: "pivot_fibonacci",
    group: "Pivot Points",
    summary: "Fibonacci pivot points: the typical price of the session before, and levels 0.382, 0.618 and 1 of its range \
              above and below; a session begins where the session input changes, and the first has no levels.",
    formula: "pivot = (H + L + C) / 3; r1, r2, r3 = pivot + 0.382, 0.618, 1 (H - L); s1, s2, s3 = pivot - 0.382, \
              0.618, 1 (H - L)",
    inputs: &[HIGH, LOW, CLOSE, SESSION],
    params: &[],
    outputs: THREE,
    parity: Parity::Scaled(1e-15),
    source: Source::Published("StockCharts ChartSchool, Pivot Points, Fibonacci Pivot Points"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let bar = session_before(graph, inputs);
        graph.map(Fibonacci, bar, []).to_vec()
    },
};

pub(super) const CAMARILLA: Definition = Definition {
    name: "pivot_camarilla",
    group: "Pivot Points",
    summary: "Camarilla pivot points (Scott 1989): levels around the close of the session before at 1.1 of its range over 12, \
              6, 4 and 2, and its typical price; a session begins where the session input changes, and the first has no \
              levels.",
    formula: "pivot = (H + L + C) / 3; r1, r2, r3, r4 = C + 1.1 (H - L) / 12, 6, 4, 2; s1, s2, s3, s4 = C - 1.1 (H - \
              L) / 12, 6, 4, 2",
    inputs: &[HIGH, LOW, CLOSE, SESSION],
    params: &[],
    outputs: &[
        real("pivot"),
        real("r1"),
        real("r2"),
        real("r3"),
        real("r4"),
        real("s1"),
        real("s2"),
        real("s3"),
        real("s4"),
    ],
    parity: Parity::Scaled(1e-15),
    source: Source::Published(
        "Scott 1989, the Camarilla equation, as TradingView's Pivot Points Standard has it",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let bar = session_before(graph, inputs);
        graph.map(Camarilla, bar, []).to_vec()
    },
};

pub(super) const WOODIE: Definition = Definition {
    name: "pivot_woodie",
    group: "Pivot Points",
    summary: "Woodie's pivot points: a quarter of the high, the low and twice the open of the running session, high and low \
              being those of the session before, three resistances and three supports; a session begins where the session \
              input changes, and the first has no levels.",
    formula: "pivot = (H + L + 2 open of the running session) / 4; r1 = 2 pivot - L, r2 = pivot + (H - L), r3 = H + 2 \
              (pivot - L); s1 = 2 pivot - H, s2 = pivot - (H - L), s3 = L - 2 (H - pivot)",
    inputs: &[OPEN, HIGH, LOW, SESSION],
    params: &[],
    outputs: THREE,
    parity: Parity::Scaled(1e-15),
    source: Source::Published(
        "Wood (Woodie's CCI Club), as TradingView's Pivot Points Standard has it",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let session = inputs[3];
        let [_, open] = prices(graph, First, inputs[0], session);
        let [high, _] = prices(graph, Highest, inputs[1], session);
        let [low, _] = prices(graph, Lowest, inputs[2], session);
        graph.map(Woodie, [open, high, low], []).to_vec()
    },
};

pub(super) const DEMARK: Definition = Definition {
    name: "pivot_demark",
    group: "Pivot Points",
    summary: "DeMark's pivot points (1994): a pivot that counts the high, the low or the close of the session before twice, as \
              it closed above, below or at its open, one resistance and one support; a session begins where the session \
              input changes, and the first has no levels.",
    formula: "X = H + L + C + H where C > O, + L where C < O, + C where C = O; pivot = X / 4, r1 = X / 2 - L, s1 = X / \
              2 - H",
    inputs: &[OPEN, HIGH, LOW, CLOSE, SESSION],
    params: &[],
    outputs: &[real("pivot"), real("r1"), real("s1")],
    parity: Parity::Scaled(1e-15),
    source: Source::Published(
        "DeMark 1994, The New Science of Technical Analysis; StockCharts ChartSchool, Pivot Points, Demark Pivot Points",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [open, _] = prices(graph, First, inputs[0], inputs[4]);
        let [high, low, close] = session_before(graph, &inputs[1..]);
        graph.map(DeMark, [open, high, low, close], []).to_vec()
    },
};

/// High, low and close of the session before, from these and the session input.
fn session_before(graph: &mut Graph, inputs: &[Series]) -> [Series; 3] {
    let session = inputs[3];
    let [high, _] = prices(graph, Highest, inputs[0], session);
    let [low, _] = prices(graph, Lowest, inputs[1], session);
    let [close, _] = prices(graph, Last, inputs[2], session);
    [high, low, close]
}

/// A pivot, its three resistances and its three supports.
#[inline(always)]
fn around(pivot: f64, high: f64, low: f64) -> [f64; 7] {
    let range = high - low;
    [
        pivot,
        2.0 * pivot - low,
        pivot + range,
        high + 2.0 * (pivot - low),
        2.0 * pivot - high,
        pivot - range,
        low - 2.0 * (high - pivot),
    ]
}

map! {
    /// Pivot, resistances and supports.
    Classic: [high, low, close], [] => 7 {
        around((high + low + close) / 3.0, high, low)
    }
}

map! {
    /// Pivot, resistances and supports.
    Fibonacci: [high, low, close], [] => 7 {
        let (pivot, range) = ((high + low + close) / 3.0, high - low);
        [
            pivot,
            pivot + 0.382 * range,
            pivot + 0.618 * range,
            pivot + range,
            pivot - 0.382 * range,
            pivot - 0.618 * range,
            pivot - range,
        ]
    }
}

map! {
    /// Pivot, resistances and supports.
    Camarilla: [high, low, close], [] => 9 {
        let (pivot, range) = ((high + low + close) / 3.0, 1.1 * (high - low));
        [
            pivot,
            close + range / 12.0,
            close + range / 6.0,
            close + range / 4.0,
            close + range / 2.0,
            close - range / 12.0,
            close - range / 6.0,
            close - range / 4.0,
            close - range / 2.0,
        ]
    }
}

map! {
    /// Pivot, resistances and supports.
    Woodie: [open, high, low], [] => 7 {
        around((high + low + 2.0 * open) / 4.0, high, low)
    }
}

map! {
    /// Pivot, resistance and support.
    DeMark: [open, high, low, close], [] => 3 {
        let twice = if close > open { high } else { close };
        let twice = if close < open { low } else { twice };
        let total = high + low + close + twice;
        [total / 4.0, total / 2.0 - low, total / 2.0 - high]
    }
}
