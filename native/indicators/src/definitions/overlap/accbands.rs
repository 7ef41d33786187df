//! Acceleration bands.

use crate::definitions::{CLOSE, HIGH, LOW, period, real};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const ACCBANDS: Definition = Definition {
    name: "accbands",
    group: "Overlap Studies",
    summary: "Acceleration bands (Headley): means of the high, close and low, the outer ones moved apart by the relative range of each bar.",
    formula: "upper = mean(high (1 + s), n), middle = mean(close, n), lower = mean(low (1 - s), n), with s = 4 (high - \
              low) / (high + low), 0 where that sum is 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 20, 2, "rows in the windows")],
    outputs: &[real("upper"), real("middle"), real("lower")],
    parity: Parity::Scaled(1e-13),
    source: Source::TaLib("ACCBANDS"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [upper, lower] = graph.map(Stretched, [inputs[0], inputs[1]], []);
        let bands = [upper, inputs[2], lower];
        bands
            .map(|band| window::mean(graph, band, params.period(0)))
            .to_vec()
    },
};

map! {
    /// High and low, moved apart by four times the range over their sum, unless that is zero but for rounding.
    Stretched: [high, low], [] => 2 {
        let total = high + low;
        let share = 4.0 * (high - low) / total;
        let none = total.abs() <= 1e-14 * (high.abs() + low.abs());
        let share = if none { 0.0 } else { share };
        [high * (1.0 + share), low * (1.0 - share)]
    }
}
