//! A moving average by its code.

use crate::definitions::{CLOSE, VALUE, ma_type, period};
use crate::{
    averages,
    registry::{Definition, Parity, Source},
};

pub(super) const MA: Definition = Definition {
    name: "ma",
    group: "Overlap Studies",
    summary: "Moving average whose kind is chosen by matype.",
    formula: "ma(x, n, matype)",
    inputs: &[CLOSE],
    params: &[
        period(
            "timeperiod",
            30,
            1,
            "rows of the average; over one row, every kind is the row itself",
        ),
        ma_type!("matype", 0, "kind of moving average"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("MA"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        vec![averages::moving_average(
            graph,
            inputs[0],
            params.period(0),
            params.ma_type(1),
        )]
    },
};
