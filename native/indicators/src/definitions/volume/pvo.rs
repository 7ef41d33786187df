//! Percentage volume oscillator.

use crate::definitions::{VALUE, VOLUME, ma_type, momentum::oscillator, period};
use crate::registry::{Definition, Parity, Source};

pub(super) const PVO: Definition = Definition {
    name: "pvo",
    group: "Volume Indicators",
    summary: "Percentage volume oscillator: fast moving average of volume minus the slow \
              one, in percent of the slow one, 0 where that is 0.",
    formula: "100 (ma(volume, fastperiod) - ma(volume, slowperiod)) / ma(volume, slowperiod); 0 where that is 0",
    inputs: &[VOLUME],
    params: &[
        period("fastperiod", 12, 2, "rows of the faster average"),
        period(
            "slowperiod",
            26,
            2,
            "rows of the slower average; the larger of the two is taken as slow",
        ),
        ma_type!("matype", 1, "both averages"),
    ],
    outputs: VALUE,
    // Volume is not negative, which bounds the ratio of its averages.
    parity: Parity::Absolute(1e-10),
    source: Source::TaLib("PVO"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![oscillator::percentage(graph, inputs[0], params)],
};
