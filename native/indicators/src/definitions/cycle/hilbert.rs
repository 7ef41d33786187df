//! Period and phasor of the dominant cycle.

use crate::definitions::{CLOSE, VALUE, real};
use crate::{
    averages::dominant::phasor,
    registry::{Definition, Parity, Source},
};

pub(super) const HT_DCPERIOD: Definition = Definition {
    name: "ht_dcperiod",
    group: "Cycle Indicators",
    summary: "Period of the dominant cycle that the Hilbert transform finds (Ehlers 2001), in rows, smoothed.",
    inputs: &[CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("HT_DCPERIOD"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [_, _, period] = phasor(graph, inputs[0]);
        vec![period]
    },
};

pub(super) const HT_PHASOR: Definition = Definition {
    name: "ht_phasor",
    group: "Cycle Indicators",
    summary: "Parts of the value in phase and in quadrature with the dominant cycle that the Hilbert transform finds \
              (Ehlers 2001).",
    inputs: &[CLOSE],
    params: &[],
    outputs: &[real("in_phase"), real("quadrature")],
    parity: Parity::Bits,
    source: Source::TaLib("HT_PHASOR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [in_phase, quadrature, _] = phasor(graph, inputs[0]);
        vec![in_phase, quadrature]
    },
};
