//! Moving average convergence/divergence.

use crate::definitions::{CLOSE, ma_type, period, real};
use crate::{
    averages,
    graph::Graph,
    map,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const MACD: Definition = Definition {
    name: "macd",
    group: "Momentum Indicators",
    summary: "Moving average convergence/divergence: fast EMA minus slow EMA, its EMA (signal), and \
              their difference.",
    formula: "macd = ema(x, fastperiod) - ema(x, slowperiod), both begun in the same row; signal = ema(macd, \
              signalperiod); hist = macd - signal",
    inputs: &[CLOSE],
    params: &[
        period("fastperiod", 12, 2, "rows of the fast EMA"),
        period(
            "slowperiod",
            26,
            2,
            "rows of the slow EMA; the larger of the two is taken as slow",
        ),
        period("signalperiod", 9, 1, "rows of the signal line's EMA"),
    ],
    outputs: &[real("macd"), real("signal"), real("hist")],
    parity: Parity::Bits,
    source: Source::TaLib("MACD"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (a, b) = (params.period(0), params.period(1));
        let (fast, slow) = (a.min(b), a.max(b));
        let fast = averages::ema(graph, inputs[0], fast, slow - fast);
        let slow = averages::ema(graph, inputs[0], slow, 0);
        let [macd] = graph.map(Difference, [fast, slow], []);
        let signal = averages::ema(graph, macd, params.period(2), 0);
        let [hist] = graph.map(Difference, [macd, signal], []);
        vec![macd, signal, hist]
    },
};

pub(super) const MACDFIX: Definition = Definition {
    name: "macdfix",
    group: "Momentum Indicators",
    summary: "Moving average convergence/divergence with the weights that Appel wrote down, 0.15 \
              (12 rows) and 0.075 (26 rows).",
    formula: "macd = e(0.15, 12 rows) - e(0.075, 26 rows), with e(a, n): e = a x + (1 - a) e[1], begun with the mean \
              of n rows, both in the same row; signal = ema(macd, signalperiod); hist = macd - signal",
    inputs: &[CLOSE],
    params: &[period(
        "signalperiod",
        9,
        1,
        "rows of the signal line's EMA",
    )],
    outputs: &[real("macd"), real("signal"), real("hist")],
    parity: Parity::Bits,
    source: Source::TaLib("MACDFIX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let weighted = |graph: &mut Graph, weight: f64, skip, period| {
            let keep = 1.0 - weight;
            graph.recurrence(inputs[0], keep, 1.0 - keep, Seed::Mean { skip, period })
        };
        let fast = weighted(graph, 0.15, 14, 12);
        let slow = weighted(graph, 0.075, 0, 26);
        let [macd] = graph.map(Difference, [fast, slow], []);
        let signal = averages::ema(graph, macd, params.period(0), 0);
        let [hist] = graph.map(Difference, [macd, signal], []);
        vec![macd, signal, hist]
    },
};

pub(super) const MACDEXT: Definition = Definition {
    name: "macdext",
    group: "Momentum Indicators",
    summary: "Moving average convergence/divergence with any moving averages: fast minus slow, its \
              average (signal), and their difference; both averages have their first value in the \
              same row.",
    formula: "macd = ma(x, fastperiod, fastmatype) - ma(x, slowperiod, slowmatype), both begun in the same row; signal \
              = ma(macd, signalperiod, signalmatype); hist = macd - signal",
    inputs: &[CLOSE],
    params: &[
        period("fastperiod", 12, 2, "rows of the faster average"),
        ma_type!("fastmatype", 0, "faster average"),
        period(
            "slowperiod",
            26,
            2,
            "rows of the slower average; the larger of the two is taken as slow",
        ),
        ma_type!("slowmatype", 0, "slower average"),
        period("signalperiod", 9, 1, "rows of the signal line's average"),
        ma_type!("signalmatype", 0, "signal line's average"),
    ],
    outputs: &[real("macd"), real("signal"), real("hist")],
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("MACDEXT"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let mut both = [
            (params.period(0), params.ma_type(1)),
            (params.period(2), params.ma_type(3)),
        ];
        if both[1].0 < both[0].0 {
            both.swap(0, 1);
        }
        let lookbacks = both.map(|(period, kind)| averages::lookback(period, kind));
        let largest = lookbacks[0].max(lookbacks[1]);
        let averages = [0, 1].map(|index| {
            let (period, kind) = both[index];
            let late = graph.held_back(inputs[0], largest - lookbacks[index]);
            averages::moving_average(graph, late, period, kind)
        });
        let [macd] = graph.map(Difference, averages, []);
        let signal = averages::moving_average(graph, macd, params.period(4), params.ma_type(5));
        let [hist] = graph.map(Difference, [macd, signal], []);
        vec![macd, signal, hist]
    },
};

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}
