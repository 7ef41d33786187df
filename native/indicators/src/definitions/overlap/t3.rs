//! Tillson's T3.

use crate::definitions::{CLOSE, VALUE, factor, period};
use crate::{
    averages,
    registry::{Definition, Param, Parity, Source},
};

pub(super) const T3: Definition = Definition {
    name: "t3",
    group: "Overlap Studies",
    summary: "T3 moving average (Tillson 1998): six EMAs, one of the other, of which the last four are combined by the volume factor.",
    formula: "-v^3 e6 + (3 v^2 + 3 v^3) e5 - (6 v^2 + 3 v + 3 v^3) e4 + (1 + 3 v + v^3 + 3 v^2) e3, with v = vfactor, \
              e1 = ema(x, n), ei = ema(e(i-1), n)",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 5, 1, "rows of each EMA"),
        Param {
            min: 0.0,
            max: 1.0,
            ..factor(
                "vfactor",
                0.7,
                "0 for a plain EMA of EMAs, 1 for the quickest answer",
            )
        },
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("T3"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        vec![averages::t3(
            graph,
            inputs[0],
            params.period(0),
            params.real(1),
        )]
    },
};
