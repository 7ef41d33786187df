//! Sums of a window and since the first row.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    recurrence::Seed,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const CUMSUM: Definition = Definition {
    name: "cumsum",
    group: "Math Operators",
    summary: "Cumulative sum: all values since the first row of the group.",
    formula: "value[1] + x",
    inputs: &[CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("CUMSUM"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| vec![graph.recurrence(inputs[0], 1.0, 1.0, Seed::Zero)],
};

pub(super) const SUM: Definition = Definition {
    name: "sum",
    group: "Math Operators",
    summary: "Sum of the last timeperiod values.",
    formula: "x + x[1] + ... + x[n - 1]",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 30, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-13),
    source: Source::TaLib("SUM"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| vec![window::sum(graph, inputs[0], params.period(0))],
};
