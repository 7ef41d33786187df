//! Chande and Kroll's stop.

use crate::definitions::{CLOSE, HIGH, LOW, factor, period, real};
use crate::{
    averages, map, prices,
    registry::{Definition, Param, Parity, Source},
    window,
};

pub(super) const CKSP: Definition = Definition {
    name: "cksp",
    group: "Overlap Studies",
    summary: "Chande Kroll stop: the highest of the stops below the highest high, and the lowest of the stops above the lowest low, by the average true range.",
    formula: "high_stop = highest(highest(high, n) - multiplier rma(TR, n), stopperiod); low_stop = lowest(lowest(low, \
              n) + multiplier rma(TR, n), stopperiod)",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period(
            "timeperiod",
            10,
            2,
            "rows of the average true range and of the extremes",
        ),
        Param {
            min: 0.0,
            ..factor(
                "multiplier",
                1.0,
                "average true ranges from the extreme to the stop",
            )
        },
        period("stopperiod", 9, 1, "rows over which the stops are kept"),
    ],
    outputs: &[real("high_stop"), real("low_stop")],
    parity: Parity::Bits,
    source: Source::TaLib("CKSP"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (rows, kept) = (params.period(0), params.period(2));
        let range = prices::true_range(graph, inputs[0], inputs[1], inputs[2]);
        let range = averages::rma(graph, range, rows);
        let highest = window::highest(graph, inputs[0], rows);
        let lowest = window::lowest(graph, inputs[1], rows);
        let [high, low] = graph.map(Stops, [highest, lowest, range], [params.real(1)]);
        vec![
            window::highest(graph, high, kept),
            window::lowest(graph, low, kept),
        ]
    },
};

map! {
    /// Stops so many ranges inside the extremes.
    Stops: [highest, lowest, range], [factor] => 2 {
        let band = factor * range;
        [highest - band, lowest + band]
    }
}
