//! On balance volume.

use crate::definitions::{CLOSE, VALUE, VOLUME};
use crate::{
    map,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const OBV: Definition = Definition {
    name: "obv",
    group: "Volume Indicators",
    summary: "On balance volume (Granville): running total of volume, added when the close rises, subtracted when it \
              falls, from the group's first volume on.",
    formula: "value[1] + volume where close > close[1], value[1] - volume where close < close[1], else value[1]; begun \
              with volume",
    inputs: &[CLOSE, VOLUME],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("OBV"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let (close, volume) = (inputs[0], inputs[1]);
        let [signed] = graph.map(SignedVolume, [close, close.lag(1), volume], []);
        vec![graph.recurrence(signed, 1.0, 1.0, Seed::First(volume))]
    },
};

map! {
    /// Volume with the sign of the change; the zero of an unchanged close is negative, which leaves every sum as it is.
    SignedVolume: [close, before, volume], [] => 1 {
        let rise = if close > before { volume } else { -0.0 };
        [if close < before { -volume } else { rise }]
    }
}
