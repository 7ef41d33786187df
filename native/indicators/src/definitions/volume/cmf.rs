//! Chaikin money flow.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, VOLUME, period};
use crate::{
    map, prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const CMF: Definition = Definition {
    name: "cmf",
    group: "Volume Indicators",
    summary: "Chaikin money flow: sum of the money flow volume (volume times the place \
              of the close between low, -1, and high, 1) over the sum of volume, 0 \
              without volume.",
    formula: "sum(MFV, n) / sum(volume, n), with MFV as in ta_ad; 0 without volume",
    inputs: &[HIGH, LOW, CLOSE, VOLUME],
    params: &[period("timeperiod", 20, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("CMF"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let flow = prices::money_flow_volume(graph, inputs[0], inputs[1], inputs[2], inputs[3]);
        let flow = window::sum(graph, flow, params.period(0));
        let volume = window::sum(graph, inputs[3], params.period(0));
        graph.map(Share, [flow, volume], []).to_vec()
    },
};

map! {
    /// Flow over volume; 0 without volume.
    Share: [flow, volume], [] => 1 { [if volume <= 0.0 { 0.0 } else { flow / volume }] }
}
