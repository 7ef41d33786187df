//! Fisher transform.

use crate::definitions::{HIGH, LOW, period, real};
use crate::{
    elementary::ln,
    map, prices,
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
    parity: Parity::Scaled(1e-15),
    source: Source::TaLib("FISHER"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let median = prices::median(graph, inputs[0], inputs[1]);
        let highest = window::highest(graph, median, params.period(0));
        let lowest = window::lowest(graph, median, params.period(0));
        let [place] = graph.map(Place, [highest, lowest, median], []);
        let [average] = graph.scan(Average, [place], [], 0);
        let [logarithm] = graph.map(Logarithm, [average], []);
        graph.scan(Transform, [logarithm], [], 0).to_vec()
    },
};

map! {
    /// Where the median lies between lowest, 0, and highest, 1; in the middle when they are equal but for rounding.
    Place: [highest, lowest, median], [] => 1 {
        let range = highest - lowest;
        let flat = range.abs() <= 1e-14 * (highest.abs() + lowest.abs());
        [if flat { 0.5 } else { (median - lowest) / range }]
    }
}

map! {
    /// Logarithm of the quotient of the distances from -1 and 1.
    Logarithm: [average], [] => 1 { [ln((1.0 + average) / (1.0 - average))] }
}

/// Memory: the averaged place, from -1 to 1, which it never reaches.
struct Average;

impl Scan<1, 1, 1, 0> for Average {
    #[inline(always)]
    fn step([average]: &mut [f64; 1], _: u64, [place]: [f64; 1], _: [f64; 0]) -> [f64; 1] {
        let next = 0.67f64.mul_add(*average, 0.33 * 2.0 * (place - 0.5));
        let next = if next > 0.99 { 0.999 } else { next };
        let next = if next < -0.99 { -0.999 } else { next };
        *average = next;
        [next]
    }
}

/// Memory: the transform of the row before.
struct Transform;

impl Scan<1, 2, 1, 0> for Transform {
    #[inline(always)]
    fn step([before]: &mut [f64; 1], _: u64, [logarithm]: [f64; 1], _: [f64; 0]) -> [f64; 2] {
        let transform = 0.5f64.mul_add(logarithm, 0.5 * *before);
        [transform, std::mem::replace(before, transform)]
    }
}
