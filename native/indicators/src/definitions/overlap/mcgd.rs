//! McGinley's dynamic.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Parity, Source},
    scan::Scan,
};

pub(super) const MCGD: Definition = Definition {
    name: "mcgd",
    group: "Overlap Studies",
    summary: "McGinley dynamic: an average that goes the faster the further the value has fallen below it, begun with the first value.",
    formula: "value[1] + (x - value[1]) / (n (x / value[1])^4), begun with x",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows that set the weight and the warm-up",
    )],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MCGD"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let rows = params.period(0);
        graph
            .scan(Dynamic, [inputs[0]], [rows as f64], rows - 1)
            .to_vec()
    },
};

/// The average; a step that is not finite is not taken.
struct Dynamic;

impl Scan<1, 1, 1, 1> for Dynamic {
    #[inline(always)]
    fn step([average]: &mut [f64; 1], row: u64, [x]: [f64; 1], [period]: [f64; 1]) -> [f64; 1] {
        if row == 0 {
            *average = x;
        } else {
            let ratio = x / *average;
            let square = ratio * ratio;
            let next = *average + (x - *average) / (period * (square * square));
            if next.is_finite() {
                *average = next;
            }
        }
        [*average]
    }
}
