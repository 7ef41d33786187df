//! Schaff trend cycle.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages, map,
    registry::{Definition, Parity, Source},
    scan::Scan,
    window,
};

pub(super) const STC: Definition = Definition {
    name: "stc",
    group: "Momentum Indicators",
    summary: "Schaff trend cycle (Schaff 1999): the stochastic oscillator of the stochastic \
              oscillator of fast EMA minus slow EMA, each averaged with half the distance, 0 to \
              100.",
    formula: "twice: y = y[1] + 0.5 (P - y[1]), begun with P; P = 100 (z - lowest(z, cycleperiod)) / (highest(z, \
              cycleperiod) - lowest(z, cycleperiod)), the place before where that range is 0; first of z = ema(x, \
              fastperiod) - ema(x, slowperiod), then of z = y",
    inputs: &[CLOSE],
    params: &[
        period("fastperiod", 23, 2, "rows of the fast EMA"),
        period(
            "slowperiod",
            50,
            2,
            "rows of the slow EMA; the larger of the two is taken as slow",
        ),
        period(
            "cycleperiod",
            10,
            2,
            "rows in the windows of both stochastic oscillators",
        ),
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("STC"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (a, b) = (params.period(0), params.period(1));
        let (fast, slow) = (a.min(b), a.max(b));
        let fast = averages::ema(graph, inputs[0], fast, slow - fast);
        let slow = averages::ema(graph, inputs[0], slow, 0);
        let [mut line] = graph.map(Difference, [fast, slow], []);
        for _ in 0..2 {
            let highest = window::highest(graph, line, params.period(2));
            let lowest = window::lowest(graph, line, params.period(2));
            [line] = graph.scan(Halved, [highest, lowest, line], [], 0);
        }
        vec![line]
    },
};

/// Place of a value in its range, in percent, averaged with half the distance from the row before. Without a range the place
/// is the last one, at first 0. Memory: the place, and the average.
struct Halved;

impl Scan<3, 1, 2, 0> for Halved {
    #[inline(always)]
    fn step(memory: &mut [f64; 2], row: u64, x: [f64; 3], _: [f64; 0]) -> [f64; 1] {
        let [highest, lowest, value] = x;
        let [place, average] = *memory;
        let range = highest - lowest;
        let place = if range > 0.0 {
            (value - lowest) / range * 100.0
        } else {
            place
        };
        let average = if row == 0 {
            place
        } else {
            0.5f64.mul_add(place - average, average)
        };
        *memory = [place, average];
        [average]
    }
}

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}
