//! Correlation of two series.

use crate::definitions::{REALS, VALUE, period};
use crate::{
    registry::{Definition, Parity},
    rolling::{Rolling, sum, sum_pairs},
};

pub(super) const CORREL: Definition = Definition {
    name: "correl",
    group: "Statistic Functions",
    summary: "Correlation (Pearson) of two series over the last timeperiod rows, -1 to 1, 0 where one of them does not change.",
    inputs: REALS,
    params: &[period("timeperiod", 30, 1, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-11),
    oracle: "CORREL",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let reciprocal = 1.0 / params.period(0) as f64;
        graph
            .rolling(
                Correlation,
                [inputs[0], inputs[1]],
                params.period(0),
                [reciprocal],
            )
            .to_vec()
    },
};

/// All is taken from the newest values first, so that their level does not round it.
struct Correlation;

impl Rolling<2, 1, 1> for Correlation {
    #[inline(always)]
    fn at([xs, ys]: [&[f64]; 2], [reciprocal]: [f64; 1]) -> [f64; 1] {
        let (newest_x, newest_y) = (xs[xs.len() - 1], ys[ys.len() - 1]);
        let mean_x = sum(xs, |_, x| x - newest_x) * reciprocal;
        let mean_y = sum(ys, |_, y| y - newest_y) * reciprocal;
        let of_x = |x: f64| (x - newest_x) - mean_x;
        let of_y = |y: f64| (y - newest_y) - mean_y;
        let squares_x = sum(xs, |_, x| of_x(x) * of_x(x));
        let squares_y = sum(ys, |_, y| of_y(y) * of_y(y));
        let products = sum_pairs(xs, ys, |x, y| of_x(x) * of_y(y));
        let product = squares_x * squares_y;
        if product > 0.0 {
            let correlation = products / product.sqrt();
            let correlation = if correlation > 1.0 { 1.0 } else { correlation };
            [if correlation < -1.0 {
                -1.0
            } else {
                correlation
            }]
        } else {
            [0.0]
        }
    }
}
