//! Beta.

use crate::definitions::{REALS, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity},
    rolling::{Rolling, sum, sum_pairs},
};

pub(super) const BETA: Definition = Definition {
    name: "beta",
    group: "Statistic Functions",
    summary: "Beta: slope of the least-squares line of the second series' changes over those of the first, over the last \
              timeperiod changes, 0 where the first changes evenly.",
    inputs: REALS,
    params: &[period("timeperiod", 5, 1, "changes in the window")],
    outputs: VALUE,
    // TA-Lib takes the changes from the first of the window and subtracts products of sums, which leaves half of the digits
    // of changes that differ little from each other. The values are held to exact ones in the tests.
    parity: Parity::Windowed(1e-7),
    oracle: "BETA",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [x] = graph.map(Change, [inputs[0], inputs[0].lag(1)], []);
        let [y] = graph.map(Change, [inputs[1], inputs[1].lag(1)], []);
        let count = params.period(0) as f64;
        graph
            .rolling(Beta, [x, y], params.period(0), [count, 1.0 / count])
            .to_vec()
    },
};

map! {
    /// Change as a share of the value before, 0 where that is 0.
    Change: [x, before], [] => 1 { [if before == 0.0 { 0.0 } else { (x - before) / before }] }
}

/// What the deviations from the rounded means still add up to is taken away; what is left of equal changes is 0.
struct Beta;

impl Rolling<2, 1, 2> for Beta {
    #[inline(always)]
    fn at([xs, ys]: [&[f64]; 2], [count, reciprocal]: [f64; 2]) -> [f64; 1] {
        let mean_x = sum(xs, |_, x| x) * reciprocal;
        let mean_y = sum(ys, |_, y| y) * reciprocal;
        let rest_x = sum(xs, |_, x| x - mean_x);
        let rest_y = sum(ys, |_, y| y - mean_y);
        let squares = count * sum(xs, |_, x| (x - mean_x) * (x - mean_x));
        let products = count * sum_pairs(xs, ys, |x, y| (x - mean_x) * (y - mean_y));
        let spread = squares - rest_x * rest_x;
        let together = products - rest_x * rest_y;
        [if spread > 1e-14 * squares {
            together / spread
        } else {
            0.0
        }]
    }
}
