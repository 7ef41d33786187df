//! Williams' awesome oscillator and its acceleration.

use crate::definitions::{HIGH, LOW, VALUE, period};
use crate::{
    Params,
    graph::{Graph, Series},
    map, prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const AO: Definition = Definition {
    name: "ao",
    group: "Momentum Indicators",
    summary: "Awesome oscillator (Williams 1995): simple average of the median price over \
              fastperiod rows minus that over slowperiod rows.",
    formula: "mean(HL2, fastperiod) - mean(HL2, slowperiod)",
    inputs: &[HIGH, LOW],
    params: &[
        period("fastperiod", 5, 2, "rows of the average that is taken from"),
        period(
            "slowperiod",
            34,
            2,
            "rows of the average that is taken away",
        ),
    ],
    outputs: VALUE,
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("AO"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![oscillator(graph, inputs, params)],
};

pub(super) const AC: Definition = Definition {
    name: "ac",
    group: "Momentum Indicators",
    summary: "Accelerator oscillator (Williams 1995): awesome oscillator minus its simple average.",
    formula: "ao - mean(ao, signalperiod), with ao = ta_ao",
    inputs: &[HIGH, LOW],
    params: &[
        period("fastperiod", 5, 2, "rows of the average that is taken from"),
        period(
            "slowperiod",
            34,
            2,
            "rows of the average that is taken away",
        ),
        period("signalperiod", 5, 2, "rows of the oscillator's average"),
    ],
    outputs: VALUE,
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("AC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let oscillator = oscillator(graph, inputs, params);
        let average = window::mean(graph, oscillator, params.period(2));
        graph.map(Difference, [oscillator, average], []).to_vec()
    },
};

fn oscillator(graph: &mut Graph, inputs: &[Series], params: &Params) -> Series {
    let median = prices::median(graph, inputs[0], inputs[1]);
    let fast = window::mean(graph, median, params.period(0));
    let slow = window::mean(graph, median, params.period(1));
    let [difference] = graph.map(Difference, [fast, slow], []);
    difference
}

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}
