//! How far the price moves for its volume: ease of movement and the market facilitation index.

use crate::definitions::{HIGH, LOW, VALUE, VOLUME, period};
use crate::{
    map, prices,
    registry::{Definition, Param, ParamKind, Parity, Source},
    window,
};

pub(super) const EMV: Definition = Definition {
    name: "emv",
    group: "Volume Indicators",
    summary: "Ease of movement (Arms): simple average of the change of the median price \
              times high - low over volume / volumedivisor, 0 for rows without range or \
              volume.",
    formula: "mean((HL2 - HL2[1]) (high - low) / (volume / volumedivisor), n), 0 for rows without range or volume",
    inputs: &[HIGH, LOW, VOLUME],
    params: &[
        period("timeperiod", 14, 1, "rows of the average"),
        Param {
            name: "volumedivisor",
            kind: ParamKind::Real,
            default: 1e4,
            min: 1.0,
            max: 3e37,
            doc: "what volume is divided by, to bring the values near 1",
        },
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("EMV"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (high, low, volume) = (inputs[0], inputs[1], inputs[2]);
        let median = prices::median(graph, high, low);
        let range = prices::range(graph, high, low);
        let divisor = [params.real(1)];
        let [ease] = graph.map(Ease, [median, median.lag(1), range, volume], divisor);
        vec![window::mean(graph, ease, params.period(0))]
    },
};

pub(super) const MARKETFI: Definition = Definition {
    name: "marketfi",
    group: "Volume Indicators",
    summary: "Market facilitation index (Williams): high - low over volume, 0 without \
              volume.",
    formula: "(high - low) / volume; 0 without volume",
    inputs: &[HIGH, LOW, VOLUME],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MARKETFI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        graph
            .map(RangeOver, [inputs[0], inputs[1], inputs[2]], [])
            .to_vec()
    },
};

map! {
    /// Change over the ratio of volume to range; 0 where that is 0 or there is no range.
    Ease: [now, before, range, volume], [divisor] => 1 {
        let ratio = volume / divisor / range;
        let some = range != 0.0 && ratio != 0.0;
        [if some { (now - before) / ratio } else { 0.0 }]
    }
}

map! {
    /// Range over volume; 0 without volume.
    RangeOver: [high, low, volume], [] => 1 { [if volume == 0.0 { 0.0 } else { (high - low) / volume }] }
}
