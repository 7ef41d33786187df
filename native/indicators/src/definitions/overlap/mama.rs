//! Ehlers' MESA adaptive moving average.

use crate::definitions::{CLOSE, factor, real};
use crate::{
    averages,
    registry::{Definition, Param, Parity, Source},
};

pub(super) const MAMA: Definition = Definition {
    name: "mama",
    group: "Overlap Studies",
    summary: "MESA adaptive moving average and the following average (Ehlers 2001): EMAs whose weight follows the phase of the dominant cycle.",
    formula: "mama = w x + (1 - w) mama[1], fama = w / 2 mama + (1 - w / 2) fama[1]; w = max(fastlimit / t, \
              slowlimit), fastlimit where t <= 1, with t = phase[1] - phase; phase = atan(Q1 / I1) in degrees, with I1 \
              and Q1 of ta_ht_phasor",
    inputs: &[CLOSE],
    params: &[
        Param {
            min: 0.01,
            max: 0.99,
            ..factor("fastlimit", 0.5, "largest weight of a new value")
        },
        Param {
            min: 0.01,
            max: 0.99,
            ..factor("slowlimit", 0.05, "smallest weight of a new value")
        },
    ],
    outputs: &[real("mama"), real("fama")],
    parity: Parity::Bits,
    source: Source::TaLib("MAMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        averages::mama(graph, inputs[0], params.real(0), params.real(1)).to_vec()
    },
};
