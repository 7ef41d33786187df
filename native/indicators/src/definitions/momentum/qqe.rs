//! Quantitative qualitative estimation.

use crate::definitions::{CLOSE, factor, period, real, whole};
use crate::{
    averages,
    definitions::momentum::rsi::strength,
    map,
    registry::{Definition, Param, Parity, Source},
    scan::Scan,
};

pub(super) const QQE: Definition = Definition {
    name: "qqe",
    group: "Momentum Indicators",
    summary: "Quantitative qualitative estimation (Livshin): the relative strength index smoothed by an EMA (rsi), a stop that \
              trails it at a multiple of its average move, smoothed twice (line), and the trend, 1 or -1, which turns where \
              the index crosses the stop.",
    formula: "rsi = ema(ta_rsi, smoothperiod); w = multiplier ema(ema(abs(rsi - rsi[1]), 2 n - 1), 2 n - 1); long = \
              max(long[1], rsi - w) where rsi and rsi[1] are above long[1], else rsi - w; short = min(short[1], rsi + \
              w) where both are below short[1], else rsi + w; trend = 1 from where rsi crosses short[1], -1 from where \
              it crosses long[1], at first 1; line = long while trend is 1, else short",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 14, 2, "rows of the relative strength index"),
        period("smoothperiod", 5, 1, "rows of the EMA that smooths it"),
        Param {
            min: 0.0,
            ..factor(
                "multiplier",
                4.236,
                "average moves from the index to the stop",
            )
        },
    ],
    outputs: &[real("rsi"), real("line"), whole("trend")],
    parity: Parity::Scaled(1e-11),
    source: Source::Published(
        "Livshin, Quantitative Qualitative Estimation; the form that TradingView's QQE scripts and pandas-ta share",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let rows = params.period(0);
        let index = strength(graph, inputs[0], rows);
        let index = averages::ema(graph, index, params.period(1), 0);
        let [moved] = graph.map(Distance, [index, index.lag(1)], []);
        // An EMA of so many rows has the weights of Wilder's average.
        let wilders = 2 * rows - 1;
        let moved = averages::ema(graph, moved, wilders, 0);
        let moved = averages::ema(graph, moved, wilders, 0);
        let [line, trend] = graph.scan(Trailing, [index, moved], [params.real(2)], 0);
        vec![index, line, trend]
    },
};

map! {
    /// Distance of two values.
    Distance: [now, before], [] => 1 { [(now - before).abs()] }
}

/// Memory: the stops below and above, both a row before, the index before, and the trend.
struct Trailing;

impl Scan<2, 2, 6, 1> for Trailing {
    #[inline(always)]
    fn step(
        [below, above, below_before, above_before, before, trend]: &mut [f64; 6],
        row: u64,
        [index, moved]: [f64; 2],
        [factor]: [f64; 1],
    ) -> [f64; 2] {
        let band = factor * moved;
        let (mut new_below, mut new_above) = (index - band, index + band);
        if row == 0 {
            (*below_before, *above_before, *trend) = (new_below, new_above, 1.0);
        } else {
            if *before > *below && index > *below && *below > new_below {
                new_below = *below;
            }
            if *before < *above && index < *above && *above < new_above {
                new_above = *above;
            }
            if crosses([index, *before], [*above, *above_before]) {
                *trend = 1.0;
            } else if crosses([index, *before], [*below, *below_before]) {
                *trend = -1.0;
            }
            (*below_before, *above_before) = (*below, *above);
        }
        (*below, *above, *before) = (new_below, new_above, index);
        [if *trend > 0.0 { new_below } else { new_above }, *trend]
    }
}

/// Whether two lines, each now and a row before, cross.
#[inline(always)]
fn crosses([a, a_before]: [f64; 2], [b, b_before]: [f64; 2]) -> bool {
    (a > b && a_before <= b_before) || (a < b && a_before >= b_before)
}
