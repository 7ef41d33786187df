//! Ehlers' instantaneous trend line.

use crate::definitions::{CLOSE, VALUE};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const HT_TRENDLINE: Definition = Definition {
    name: "ht_trendline",
    group: "Overlap Studies",
    summary: "Instantaneous trend line (Ehlers 2001): the mean over the dominant cycle that the Hilbert transform finds, \
              smoothed.",
    formula: "t = mean(x, p), with p = ta_ht_dcperiod rounded; value = (4 t + 3 t[1] + 2 t[2] + t[3]) / 10",
    inputs: &[CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("HT_TRENDLINE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| vec![averages::trend_line(graph, inputs[0])],
};
