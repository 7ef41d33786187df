//! Aroon: how long ago the extremes of a window were.

use crate::definitions::{HIGH, LOW, VALUE, period, real};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const AROON: Definition = Definition {
    name: "aroon",
    group: "Momentum Indicators",
    summary: "Aroon (Chande 1995): 100 when the lowest low (down) or the highest high (up) of the \
              last timeperiod + 1 rows is this row, 0 when it is the oldest.",
    formula: "up = 100 (n - rows since the highest high of n + 1 rows) / n; down = 100 (n - rows since the lowest low \
              of n + 1 rows) / n; of equal ones the newest",
    inputs: &[HIGH, LOW],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows back to the oldest row of the window",
    )],
    outputs: &[real("down"), real("up")],
    parity: Parity::Bits,
    source: Source::TaLib("AROON"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (high, low, period) = (inputs[0], inputs[1], params.period(0));
        let down = window::lowest_age(graph, low, period + 1);
        let up = window::highest_age(graph, high, period + 1);
        let k = [period as f64, 100.0 / period as f64];
        let [down] = graph.map(Freshness, [down], k);
        let [up] = graph.map(Freshness, [up], k);
        vec![down, up]
    },
};

pub(super) const AROONOSC: Definition = Definition {
    name: "aroonosc",
    group: "Momentum Indicators",
    summary: "Aroon oscillator (Chande 1995): Aroon up minus Aroon down, -100 to 100.",
    formula: "up - down of ta_aroon",
    inputs: &[HIGH, LOW],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows back to the oldest row of the window",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("AROONOSC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (high, low, period) = (inputs[0], inputs[1], params.period(0));
        let down = window::lowest_age(graph, low, period + 1);
        let up = window::highest_age(graph, high, period + 1);
        graph
            .map(Fresher, [down, up], [100.0 / period as f64])
            .to_vec()
    },
};

map! {
    /// Percentage of the window that has passed before this age.
    Freshness: [age], [period, factor] => 1 { [factor * (period - age)] }
}

map! {
    /// By which percentage of the window the second age is less.
    Fresher: [down, up], [factor] => 1 { [factor * (down - up)] }
}
