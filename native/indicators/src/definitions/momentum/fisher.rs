//! Fisher transform.

use crate::definitions::{HIGH, LOW, period, real};
use crate::{
    prices,
    registry::{Definition, Parity, Source},
    scan::Scan,
    window,
};

pub(super) const FISHER: Definition = Definition {
    name: "fisher",
    group: "Momentum Indicators",
    summary: "Fisher transform (Ehlers 2002): place of the median price in the range of the window, \
              averaged and transformed to be nearly normal (fisher), and the value before \
              (trigger).",
    formula: "p = 0.33 * 2 ((HL2 - lowest(HL2, n)) / (highest(HL2, n) - lowest(HL2, n)) - 0.5) + 0.67 p[1], +-0.999 \
              where it is beyond +-0.99; fisher = 0.5 ln((1 + p) / (1 - p)) + 0.5 fisher[1]; trigger = fisher[1]; all \
              begun with 0",
    inputs: &[HIGH, LOW],
    params: &[period("timeperiod", 10, 2, "rows in the window")],
    outputs: &[real("fisher"), real("trigger")],
    parity: Parity::Bits,
    source: Source::TaLib("FISHER"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let median = prices::median(graph, inputs[0], inputs[1]);
        let highest = window::highest(graph, median, params.period(0));
        let lowest = window::lowest(graph, median, params.period(0));
        graph
            .scan(Transform, [highest, lowest, median], [], 0)
            .to_vec()
    },
};

/// Memory: the averaged place, and the transform of the row before.
struct Transform;

impl Scan<3, 2, 2, 0> for Transform {
    #[inline(always)]
    fn step(memory: &mut [f64; 2], _: u64, x: [f64; 3], _: [f64; 0]) -> [f64; 2] {
        let [average, before] = *memory;
        let [highest, lowest, median] = x;
        let range = highest - lowest;
        let flat = range.abs() <= 1e-14 * (highest.abs() + lowest.abs());
        let place = if flat { 0.5 } else { (median - lowest) / range };
        let average = 0.67f64.mul_add(average, 0.33 * 2.0 * (place - 0.5));
        let average = if average > 0.99 { 0.999 } else { average };
        let average = if average < -0.99 { -0.999 } else { average };
        let ratio = (1.0 + average) / (1.0 - average);
        let transform = 0.5f64.mul_add(ratio.ln(), 0.5 * before);
        *memory = [average, transform];
        [transform, before]
    }
}
