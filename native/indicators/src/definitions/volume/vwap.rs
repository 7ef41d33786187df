//! Volume weighted average price.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, VOLUME};
use crate::{
    map,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const VWAP: Definition = Definition {
    name: "vwap",
    group: "Volume Indicators",
    summary: "Volume weighted average price since the first row of the group: mean typical price (high + low + close) / 3, \
              weighted by volume; NULL while no volume was traded.",
    formula: "sum(TP volume) / sum(volume) over all rows of the group so far",
    inputs: &[HIGH, LOW, CLOSE, VOLUME],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("VWAP"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [turnover] = graph.map(Turnover, [inputs[0], inputs[1], inputs[2], inputs[3]], []);
        let turnover = graph.recurrence(turnover, 1.0, 1.0, Seed::Zero);
        let volume = graph.recurrence(inputs[3], 1.0, 1.0, Seed::Zero);
        let [price] = graph.map(PriceOf, [turnover, volume], []);
        vec![price]
    },
};

map! {
    /// Typical price times volume.
    Turnover: [high, low, close, volume], [] => 1 { [(high + low + close) / 3.0 * volume] }
}

map! {
    /// Turnover over volume, if there is any.
    PriceOf: [turnover, volume], [] => 1 { [if volume > 0.0 { turnover / volume } else { f64::NAN }] }
}
