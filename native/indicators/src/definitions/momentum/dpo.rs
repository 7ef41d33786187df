//! Detrended price oscillator.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const DPO: Definition = Definition {
    name: "dpo",
    group: "Momentum Indicators",
    summary: "Detrended price oscillator: the value timeperiod / 2 + 1 rows before minus the simple \
              average of the last timeperiod values.",
    formula: "x[n / 2 + 1] - mean(x, n), n / 2 rounded down",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 20, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("DPO"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (input, period) = (inputs[0], params.period(0));
        let mean = window::mean(graph, input, period);
        graph
            .map(Detrended, [input.lag(period / 2 + 1), mean], [])
            .to_vec()
    },
};

map! {
    /// The value minus the mean.
    Detrended: [value, mean], [] => 1 { [value - mean] }
}
