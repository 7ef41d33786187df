//! Correlation of two series.

use crate::definitions::{REALS, VALUE, period};
use crate::{
    registry::{Definition, Parity, Source},
    rolling::Rolling,
};

pub(super) const CORREL: Definition = Definition {
    name: "correl",
    group: "Statistic Functions",
    summary: "Correlation (Pearson) of two series over the last timeperiod rows, -1 to 1, 0 where one of them does not change.",
    formula: "sum((a - mean(a, n)) (b - mean(b, n))) / sqrt(sum((a - mean(a, n))^2) sum((b - mean(b, n))^2)), over n \
              rows, with a = real0, b = real1; 0 where one does not vary",
    inputs: REALS,
    params: &[period("timeperiod", 30, 1, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-11),
    source: Source::TaLib("CORREL"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (series, period) = ([inputs[0], inputs[1]], params.period(0));
        let reciprocal = [1.0 / period as f64];
        graph
            .rolling(Correlation, series, series, period, reciprocal)
            .to_vec()
    },
};

/// From sums of both series, of their squares and of their products. All is taken from the newest values, which are never
/// further from the mean than the deviation times the root of the rows: what cancels in a variance is a few digits at most.
struct Correlation;

impl Rolling<2, 2, 5, 1, 1> for Correlation {
    #[inline(always)]
    fn add(
        [sum_x, sum_y, squares_x, squares_y, products]: [f64; 5],
        [x, y]: [f64; 2],
        _: f64,
        [newest_x, newest_y]: [f64; 2],
        _: [f64; 1],
    ) -> [f64; 5] {
        let (x, y) = (x - newest_x, y - newest_y);
        [
            sum_x + x,
            sum_y + y,
            x.mul_add(x, squares_x),
            y.mul_add(y, squares_y),
            x.mul_add(y, products),
        ]
    }

    #[inline(always)]
    fn end(
        [sum_x, sum_y, squares_x, squares_y, products]: [f64; 5],
        _: [f64; 2],
        [reciprocal]: [f64; 1],
    ) -> [f64; 1] {
        let (mean_x, mean_y) = (sum_x * reciprocal, sum_y * reciprocal);
        let of_x = (-mean_x).mul_add(sum_x, squares_x);
        let of_y = (-mean_y).mul_add(sum_y, squares_y);
        let of_both = (-mean_x).mul_add(sum_y, products);
        let correlation = of_both / (of_x * of_y).sqrt();
        let correlation = if correlation > 1.0 { 1.0 } else { correlation };
        let correlation = if correlation < -1.0 {
            -1.0
        } else {
            correlation
        };
        [if (of_x > 0.0) & (of_y > 0.0) {
            correlation
        } else {
            0.0
        }]
    }
}
