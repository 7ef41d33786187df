//! Force index.

use crate::definitions::{CLOSE, VALUE, VOLUME, period};
use crate::{
    averages, map,
    registry::{Definition, Parity, Source},
};

pub(super) const EFI: Definition = Definition {
    name: "efi",
    group: "Volume Indicators",
    summary: "Force index (Elder 1993): EMA of the change of the close times volume.",
    formula: "ema((close - close[1]) volume, n)",
    inputs: &[CLOSE, VOLUME],
    params: &[period("timeperiod", 13, 1, "rows of the EMA")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("EFI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (close, volume) = (inputs[0], inputs[1]);
        let [force] = graph.map(Force, [close, close.lag(1), volume], []);
        vec![averages::ema(graph, force, params.period(0), 0)]
    },
};

map! {
    /// Change times volume.
    Force: [now, before, volume], [] => 1 { [(now - before) * volume] }
}
