//! Accumulation and distribution: Chaikin's line and oscillator.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, VOLUME, period};
use crate::{
    averages,
    graph::{Graph, Series},
    map, prices,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const AD: Definition = Definition {
    name: "ad",
    group: "Volume Indicators",
    summary: "Accumulation/distribution line (Chaikin): running total of the money flow \
              volume, which is volume times the place of the close between low (-1) and \
              high (1).",
    formula: "value[1] + MFV, with MFV = volume ((close - low) - (high - close)) / (high - low), 0 where high <= low",
    inputs: &[HIGH, LOW, CLOSE, VOLUME],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("AD"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| vec![line(graph, inputs)],
};

pub(super) const ADOSC: Definition = Definition {
    name: "adosc",
    group: "Volume Indicators",
    summary: "Chaikin oscillator: EMA of the accumulation/distribution line over \
              fastperiod rows minus that over slowperiod rows, both begun with the first \
              value of the line.",
    formula: "e(ad, fastperiod) - e(ad, slowperiod), with ad = ta_ad and e = ema begun with the first value",
    inputs: &[HIGH, LOW, CLOSE, VOLUME],
    params: &[
        period("fastperiod", 3, 2, "rows of the EMA that is taken from"),
        period("slowperiod", 10, 2, "rows of the EMA that is taken away"),
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ADOSC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let line = line(graph, inputs);
        let (fast, slow) = (params.period(0), params.period(1));
        let averages = [fast, slow].map(|period| averages::ema_from_first(graph, line, period));
        let [difference] = graph.map(Difference, averages, []);
        vec![graph.held_back(difference, fast.max(slow) - 1)]
    },
};

/// Running total of the money flow volume.
fn line(graph: &mut Graph, inputs: &[Series]) -> Series {
    let flow = prices::money_flow_volume(graph, inputs[0], inputs[1], inputs[2], inputs[3]);
    graph.recurrence(flow, 1.0, 1.0, Seed::Zero)
}

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}
