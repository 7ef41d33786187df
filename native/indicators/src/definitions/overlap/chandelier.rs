//! Chandelier exit.

use crate::definitions::{CLOSE, HIGH, LOW, factor, period, real};
use crate::{
    averages,
    definitions::overlap::cksp::Stops,
    prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const CHANDELIER: Definition = Definition {
    name: "chandelier",
    group: "Overlap Studies",
    summary: "Chandelier exit (LeBeau): a stop for long positions some average true ranges below the highest high, and one \
              for short positions as far above the lowest low.",
    formula: "long = highest(high, n) - multiplier rma(TR, n); short = lowest(low, n) + multiplier rma(TR, n)",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period(
            "timeperiod",
            22,
            1,
            "rows of the average true range and of the extremes",
        ),
        factor(
            "multiplier",
            3.0,
            "average true ranges from the extreme to the stop",
        ),
    ],
    outputs: &[real("long"), real("short")],
    parity: Parity::Scaled(1e-13),
    source: Source::Published(
        "LeBeau, in Elder 2002, Come Into My Trading Room; StockCharts ChartSchool, Chandelier Exit",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let rows = params.period(0);
        let range = prices::true_range(graph, inputs[0], inputs[1], inputs[2]);
        let range = averages::rma(graph, range, rows);
        let highest = window::highest(graph, inputs[0], rows);
        let lowest = window::lowest(graph, inputs[1], rows);
        graph
            .map(Stops, [highest, lowest, range], [params.real(1)])
            .to_vec()
    },
};
