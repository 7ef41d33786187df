//! Beta.

use crate::definitions::{REALS, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    rolling::Rolling,
};

pub(super) const BETA: Definition = Definition {
    name: "beta",
    group: "Statistic Functions",
    summary: "Beta: slope of the least-squares line of the second series' changes over those of the first, over the last \
              timeperiod changes, 0 where the first changes evenly.",
    formula: "sum((a - mean(a, n)) (b - mean(b, n))) / sum((a - mean(a, n))^2), over n rows, with a = real0 / real0[1] \
              - 1, b = real1 / real1[1] - 1; 0 where a does not vary",
    inputs: REALS,
    params: &[period("timeperiod", 5, 1, "changes in the window")],
    outputs: VALUE,
    // TA-Lib takes the changes from the first of the window and subtracts products of sums, which leaves half of the digits
    // of changes that differ little from each other. The values are held to exact ones in the tests.
    parity: Parity::Windowed(1e-7),
    source: Source::TaLib("BETA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [x] = graph.map(Change, [inputs[0], inputs[0].lag(1)], []);
        let [y] = graph.map(Change, [inputs[1], inputs[1].lag(1)], []);
        let (period, count) = (params.period(0), params.period(0) as f64);
        let [mean_x, mean_y] = graph.rolling(Means, [x, y], [], period, [1.0 / count]);
        graph
            .rolling(Beta, [x, y], [mean_x, mean_y], period, [count])
            .to_vec()
    },
};

map! {
    /// Change as a share of the value before, 0 where that is 0.
    Change: [x, before], [] => 1 { [if before == 0.0 { 0.0 } else { (x - before) / before }] }
}

/// Means of both changes.
struct Means;

impl Rolling<2, 0, 2, 2, 1> for Means {
    #[inline(always)]
    fn add(sums: [f64; 2], [x, y]: [f64; 2], _: f64, _: [f64; 0], _: [f64; 1]) -> [f64; 2] {
        [sums[0] + x, sums[1] + y]
    }

    #[inline(always)]
    fn end(sums: [f64; 2], _: [f64; 0], [reciprocal]: [f64; 1]) -> [f64; 2] {
        sums.map(|sum| sum * reciprocal)
    }
}

/// What the deviations from the rounded means still add up to is taken away; what is left of equal changes is 0.
struct Beta;

impl Rolling<2, 2, 4, 1, 1> for Beta {
    #[inline(always)]
    fn add(
        [rest_x, rest_y, squares, products]: [f64; 4],
        [x, y]: [f64; 2],
        _: f64,
        [mean_x, mean_y]: [f64; 2],
        _: [f64; 1],
    ) -> [f64; 4] {
        let (x, y) = (x - mean_x, y - mean_y);
        [
            rest_x + x,
            rest_y + y,
            x.mul_add(x, squares),
            x.mul_add(y, products),
        ]
    }

    #[inline(always)]
    fn end(
        [rest_x, rest_y, squares, products]: [f64; 4],
        _: [f64; 2],
        [count]: [f64; 1],
    ) -> [f64; 1] {
        let squares = count * squares;
        let spread = squares - rest_x * rest_x;
        let together = count * products - rest_x * rest_y;
        [if spread > 1e-14 * squares {
            together / spread
        } else {
            0.0
        }]
    }
}
