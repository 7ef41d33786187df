//! Price volume trend.

use crate::definitions::{CLOSE, VALUE, VOLUME};
use crate::{
    map,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const PVT: Definition = Definition {
    name: "pvt",
    group: "Volume Indicators",
    summary: "Price volume trend: running total of volume times the relative change of \
              the close, 0 at the first row.",
    formula: "value[1] + volume (close - close[1]) / close[1], begun with 0",
    inputs: &[CLOSE, VOLUME],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("PVT"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let (close, volume) = (inputs[0], inputs[1]);
        let [part] = graph.map(Part, [close, close.lag(1), volume], []);
        let [nothing] = graph.map(Nothing, [close], []);
        vec![graph.recurrence(part, 1.0, 1.0, Seed::First(nothing))]
    },
};

map! {
    /// Volume times relative change; none where the close before was 0.
    Part: [now, before, volume], [] => 1 {
        [if before == 0.0 { 0.0 } else { (now - before) / before * volume }]
    }
}

map! {
    /// Where the total begins.
    Nothing: [_close], [] => 1 { [0.0] }
}
