//! Volume weighted moving average.

use crate::definitions::{CLOSE, VALUE, VOLUME, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const VWMA: Definition = Definition {
    name: "vwma",
    group: "Overlap Studies",
    summary: "Volume weighted moving average: the mean of the last timeperiod values, weighted by volume; NULL where none was traded.",
    formula: "sum(close volume, n) / sum(volume, n)",
    inputs: &[CLOSE, VOLUME],
    params: &[period(
        "timeperiod",
        30,
        1,
        "rows in the window; over one row, the value itself",
    )],
    outputs: VALUE,
    // A spike in price and volume leaves so much in TA-Lib's running sums that nothing is right after it.
    parity: Parity::Scaled(1e-9),
    source: Source::TaLib("VWMA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (rows, volume) = (params.period(0), inputs[1]);
        if rows == 1 {
            return vec![inputs[0]];
        }
        let [turnover] = graph.map(Turnover, [inputs[0], volume], []);
        let turnover = window::mean(graph, turnover, rows);
        let volume = window::mean(graph, volume, rows);
        graph.map(Over, [turnover, volume], []).to_vec()
    },
};

map! {
    /// Value times volume.
    Turnover: [value, volume], [] => 1 { [value * volume] }
}

map! {
    /// Mean turnover over mean volume.
    Over: [turnover, volume], [] => 1 { [turnover / volume] }
}
