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
    formula: "smooth = (4 x + 3 x[1] + 2 x[2] + x[3]) / 10; H(s) = (0.0962 s + 0.5769 s[2] - 0.5769 s[4] - 0.0962 \
              s[6]) (0.075 period[1] + 0.54); D = H(smooth); Q1 = H(D); I1 = D[3]; I2 = 0.2 (I1 - H(Q1)) + 0.8 I2[1]; \
              Q2 = 0.2 (Q1 + H(I1)) + 0.8 Q2[1]; Re = 0.2 (I2 I2[1] + Q2 Q2[1]) + 0.8 Re[1]; Im = 0.2 (I2 Q2[1] - Q2 \
              I2[1]) + 0.8 Im[1]; p = 360 / atan(Im / Re) in degrees, held to 0.67 to 1.5 times period[1] and to 6 to \
              50; period = 0.2 p + 0.8 period[1]; value = 0.33 period + 0.67 value[1]",
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
    formula: "in_phase = I1 and quadrature = Q1 of ta_ht_dcperiod",
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
