//! Ehlers' fractal adaptive moving average.

use std::f64::consts::LN_2;

use crate::definitions::{HIGH, LOW, VALUE, period};
use crate::{
    elementary::{exp, ln},
    map, prices,
    registry::{Definition, Param, ParamKind, Parity, Source},
    scan::Scan,
    window,
};

pub(super) const FRAMA: Definition = Definition {
    name: "frama",
    group: "Overlap Studies",
    summary: "Fractal adaptive moving average (Ehlers 2005): an EMA of the median price whose weight follows the fractal \
              dimension of the last timeperiod rows.",
    formula: "value[1] + a (HL2 - value[1]), begun with HL2; a = exp(-4.6 (D - 1)), D = 1 + log2((R1 + R2) / R); R1, \
              R2 and R = highest(high) - lowest(low) of the newer half, the older half and all of the n rows; a = 1 \
              where R1 or R2 is 0 or R1 + R2 <= R",
    inputs: &[HIGH, LOW],
    params: &[Param {
        kind: ParamKind::Even,
        ..period("timeperiod", 16, 2, "rows in the window, an even number")
    }],
    outputs: VALUE,
    parity: Parity::Scaled(1e-15),
    source: Source::TaLib("FRAMA"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let half = params.period(0) / 2;
        let highest = window::highest(graph, inputs[0], half);
        let lowest = window::lowest(graph, inputs[1], half);
        let halves = [highest, highest.lag(half), lowest, lowest.lag(half)];
        let [weight] = graph.map(FractalWeight, halves, []);
        let price = prices::median(graph, inputs[0], inputs[1]);
        graph.scan(Average, [price, weight], [], 1).to_vec()
    },
};

map! {
    /// Weight of a new price from the ranges of the two halves of the window and of all of it. One where they say nothing.
    FractalWeight: [high1, high2, low1, low2], [] => 1 {
        let (range1, range2) = (high1 - low1, high2 - low2);
        let high = if high1 > high2 { high1 } else { high2 };
        let low = if low1 < low2 { low1 } else { low2 };
        let range = high - low;
        let dimension = ln((range1 + range2) / range);
        let fractal = (range1 > 0.0) & (range2 > 0.0) & (range1 + range2 > range);
        [if fractal { exp(-4.6 / LN_2 * dimension) } else { 1.0 }]
    }
}

/// An EMA with a weight for each row, begun with the first price.
struct Average;

impl Scan<2, 1, 1, 0> for Average {
    #[inline(always)]
    fn step(
        [average]: &mut [f64; 1],
        row: u64,
        [price, weight]: [f64; 2],
        _: [f64; 0],
    ) -> [f64; 1] {
        *average = if row == 0 || weight == 1.0 {
            price
        } else {
            (1.0 - weight).mul_add(*average, weight * price)
        };
        [*average]
    }
}
