//! Williams' accumulation/distribution.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE};
use crate::{
    map,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const WAD: Definition = Definition {
    name: "wad",
    group: "Momentum Indicators",
    summary: "Accumulation/distribution (Williams): running total of the distance from the true low \
              when the close rises and from the true high when it falls, 0 in the first row of a \
              group.",
    formula: "value[1] + close - min(low, close[1]) where close > close[1]; value[1] + close - max(high, close[1]) \
              where close < close[1]; else value[1]; begun with 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("WAD"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [high, low, close] = [inputs[0], inputs[1], inputs[2]];
        let [gain] = graph.map(Gain, [high, low, close, close.lag(1)], []);
        let [zero] = graph.map(Zero, [close], []);
        vec![graph.recurrence(gain, 1.0, 1.0, Seed::First(zero))]
    },
};

map! {
    /// Distance of the close from the true extreme that it comes from. The zero of an unchanged close is negative, which leaves
    /// every sum as it is.
    Gain: [high, low, close, before], [] => 1 {
        let true_low = if before < low { before } else { low };
        let true_high = if before > high { before } else { high };
        let rise = if close > before { close - true_low } else { -0.0 };
        [if close < before { close - true_high } else { rise }]
    }
}

map! {
    /// Zero, whatever comes.
    Zero: [_x], [] => 1 { [0.0] }
}
