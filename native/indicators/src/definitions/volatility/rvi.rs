//! Relative volatility index.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    Params, averages,
    graph::{Graph, Series},
    map,
    registry::{Definition, Param, Parity, Source},
    window::{Moments, mean_and_deviation, moments},
};

const PARAMS: &[Param] = &[
    period(
        "timeperiod",
        14,
        1,
        "rows that seed Wilder's averages and set their weight",
    ),
    period("stddevperiod", 10, 2, "rows of the standard deviation"),
];

pub(super) const RVI: Definition = Definition {
    name: "rvi",
    group: "Volatility Indicators",
    summary: "Relative volatility index (Dorsey 1993): Wilder's average of the standard \
              deviation on rising rows, in percent of those on rising and falling rows, \
              50 if both are 0.",
    formula: "100 up / (up + down), with up = rma(stdev(x, stddevperiod) where x > x[1], else 0, timeperiod), down the \
              same where x < x[1]; 50 where both are 0",
    inputs: &[CLOSE],
    params: PARAMS,
    outputs: VALUE,
    parity: Parity::Absolute(1e-10),
    source: Source::TaLib("RVI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![index(graph, inputs[0], params)],
};

pub(super) const RVIR: Definition = Definition {
    name: "rvir",
    group: "Volatility Indicators",
    summary: "Relative volatility index as refined by Dorsey (1995): mean of the indices \
              of high and low.",
    formula: "(rvi of high + rvi of low) / 2, with rvi = ta_rvi",
    inputs: &[HIGH, LOW],
    params: PARAMS,
    outputs: VALUE,
    parity: Parity::Absolute(1e-10),
    source: Source::TaLib("RVIR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let indices = [inputs[0], inputs[1]].map(|price| index(graph, price, params));
        graph.map(Half, indices, []).to_vec()
    },
};

fn index(graph: &mut Graph, price: Series, params: &Params) -> Series {
    let Moments {
        squares, period, ..
    } = moments(graph, price, params.period(1));
    let k = [period as f64, 1.0 / period as f64];
    let sides = graph.map(Sides, [price, price.lag(1), squares], k);
    let sides = sides.map(|side: Series| averages::rma(graph, side, params.period(0)));
    let [share] = graph.map(Share, sides, []);
    share
}

map! {
    /// Standard deviation on a rising and on a falling row.
    Sides: [now, before, squares], [count, reciprocal] => 2 {
        let (_, deviation) = mean_and_deviation(0.0, 0.0, squares, count, reciprocal);
        [if now > before { deviation } else { 0.0 }, if now < before { deviation } else { 0.0 }]
    }
}

map! {
    /// Percentage of the first in the sum; 50 without any.
    Share: [up, down], [] => 1 {
        let total = up + down;
        [if total == 0.0 { 50.0 } else { 100.0 * (up / total) }]
    }
}

map! {
    /// Half of both.
    Half: [a, b], [] => 1 { [0.5 * (a + b)] }
}
