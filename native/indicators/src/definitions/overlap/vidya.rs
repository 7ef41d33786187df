//! Chande's variable index dynamic average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const VIDYA: Definition = Definition {
    name: "vidya",
    group: "Overlap Studies",
    summary: "Variable index dynamic average (Chande 1992): an EMA whose weight is multiplied by the size of the momentum oscillator.",
    formula: "value[1] + 2 / (n + 1) abs(cmo) (x - value[1]), begun with the first x; cmo = (up - down) / (up + down), \
              up = sum(max(x - x[1], 0), cmoperiod), down = sum(max(x[1] - x, 0), cmoperiod), sums of all rows so far \
              at first",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 12, 1, "rows that set the weight of the EMA"),
        period("cmoperiod", 9, 2, "rows of the momentum oscillator"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("VIDYA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        vec![averages::vidya(
            graph,
            inputs[0],
            params.period(0),
            params.period(1),
        )]
    },
};
