//! Arnaud Legoux's moving average.

use crate::definitions::{CLOSE, VALUE, factor, period};
use crate::{
    averages,
    registry::{Definition, Param, Parity, Source},
};

pub(super) const ALMA: Definition = Definition {
    name: "alma",
    group: "Overlap Studies",
    summary: "Moving average of Arnaud Legoux and Kouzis-Loukas (2009): weights of a bell curve over the window.",
    formula: "sum(w(i) x[n - 1 - i]) / sum(w(i)), i = 0 .. n - 1, with w(i) = exp(-(i - floor(offset (n - 1)))^2 / (2 \
              (n / sigma)^2))",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 9, 1, "rows in the window"),
        Param {
            min: 0.01,
            max: 3e37,
            ..factor("sigma", 6.0, "the window over the width of the curve")
        },
        Param {
            min: 0.0,
            max: 1.0,
            ..factor(
                "offset",
                0.85,
                "middle of the curve, 0 for the oldest row and 1 for the newest",
            )
        },
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("ALMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        vec![averages::alma(
            graph,
            inputs[0],
            params.period(0),
            params.real(1),
            params.real(2),
        )]
    },
};
