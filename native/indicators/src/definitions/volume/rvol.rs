//! Relative volume.

use crate::definitions::{VALUE, VOLUME, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const RVOL: Definition = Definition {
    name: "rvol",
    group: "Volume Indicators",
    summary: "Relative volume: volume over its mean in the timeperiod rows before, NULL \
              where none was traded in them.",
    formula: "volume / mean(volume[1], n)",
    inputs: &[VOLUME],
    params: &[period(
        "timeperiod",
        20,
        1,
        "rows before this one in the mean",
    )],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("RVOL"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let usual = window::mean(graph, inputs[0], params.period(0)).lag(1);
        graph.map(Over, [inputs[0], usual], []).to_vec()
    },
};

map! {
    /// First over second.
    Over: [volume, usual], [] => 1 { [volume / usual] }
}
