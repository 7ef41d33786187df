//! Keltner channel.

use crate::definitions::{CLOSE, HIGH, LOW, factor, period, real};
use crate::{
    averages, map, prices,
    registry::{Definition, Param, Parity, Source},
};

/// The parameters of an EMA with bands of average true ranges around it.
pub(super) const CHANNEL: &[Param] = &[
    period("timeperiod", 20, 2, "rows of the EMA"),
    period("atrperiod", 10, 1, "rows of the average true range"),
    factor(
        "nbdev",
        2.0,
        "average true ranges from the middle to the bands",
    ),
];

pub(super) const KC: Definition = Definition {
    name: "kc",
    group: "Overlap Studies",
    summary: "Keltner channel: an EMA of the typical price, and bands at multiples of the average true range.",
    formula: "middle = ema(TP, timeperiod), upper and lower = middle +- nbdev rma(TR, atrperiod), both averages begun \
              in the same row",
    inputs: &[HIGH, LOW, CLOSE],
    params: CHANNEL,
    outputs: &[real("upper"), real("middle"), real("lower")],
    parity: Parity::Bits,
    source: Source::TaLib("KC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        // TA-Lib seeds both averages so that they begin in the same row.
        let (rows, range_rows) = (params.period(0), params.period(1));
        let begin = (rows - 1).max(range_rows);
        let price = prices::typical(graph, inputs[0], inputs[1], inputs[2]);
        let middle = averages::ema(graph, price, rows, begin - (rows - 1));
        let range = prices::true_range(graph, inputs[0], inputs[1], inputs[2]);
        let range = averages::rma_after(graph, range, range_rows, begin - range_rows);
        let [upper, lower] = graph.map(Around, [middle, range], [params.real(2)]);
        vec![upper, middle, lower]
    },
};

map! {
    /// Bands so many ranges above and below the middle.
    Around: [middle, range], [factor] => 2 {
        let band = range * factor;
        [middle + band, middle - band]
    }
}
