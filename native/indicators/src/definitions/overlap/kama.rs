//! Kaufman's adaptive moving average.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const KAMA: Definition = Definition {
    name: "kama",
    group: "Overlap Studies",
    summary: "Kaufman's adaptive moving average: an EMA of 2 to 30 rows, the faster the straighter the way of the last timeperiod rows.",
    formula: "value[1] + w (x - value[1]), begun with x[1]; w = (ER (2/3 - 2/31) + 2/31)^2, ER = abs(x - x[n]) / \
              sum(abs(x - x[1]), n), 1 where nothing moved",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 1, "rows whose way is measured")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("KAMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![averages::kama(graph, inputs[0], params.period(0))],
};
