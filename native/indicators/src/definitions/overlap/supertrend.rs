//! Supertrend.

use crate::definitions::{CLOSE, HIGH, LOW, factor, period, real, whole};
use crate::{
    averages, prices,
    registry::{Definition, Param, Parity, Source},
    scan::Scan,
};

pub(super) const SUPERTREND: Definition = Definition {
    name: "supertrend",
    group: "Overlap Studies",
    summary: "Supertrend (Seban): a stop at a multiple of the average true range that only moves with the trend; trend is 1 or -1.",
    formula: "up = HL2 + multiplier rma(TR, n), kept while not below up[1] and close[1] <= up[1]; down = HL2 - \
              multiplier rma(TR, n), kept while not above down[1] and close[1] >= down[1]; trend = -1 from where close \
              < down, 1 from where close > up, at first 1; supertrend = down while trend is 1, else up",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period("timeperiod", 10, 2, "rows of the average true range"),
        Param {
            min: 0.0,
            ..factor(
                "multiplier",
                3.0,
                "average true ranges from the median price to the stop",
            )
        },
    ],
    outputs: &[real("supertrend"), whole("trend")],
    parity: Parity::Bits,
    source: Source::TaLib("SUPERTREND"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (high, low, close) = (inputs[0], inputs[1], inputs[2]);
        let range = prices::true_range(graph, high, low, close);
        let range = averages::rma(graph, range, params.period(0));
        let median = prices::median(graph, high, low);
        let inputs = [median, range, close, close.lag(1)];
        graph.scan(Supertrend, inputs, [params.real(1)], 0).to_vec()
    },
};

/// Memory: the upper and the lower stop, and the trend.
struct Supertrend;

impl Scan<4, 2, 3, 1> for Supertrend {
    #[inline(always)]
    fn step(
        [upper, lower, trend]: &mut [f64; 3],
        row: u64,
        [median, range, close, close_before]: [f64; 4],
        [factor]: [f64; 1],
    ) -> [f64; 2] {
        let band = factor * range;
        let (above, below) = (median + band, median - band);
        if row == 0 {
            (*upper, *lower, *trend) = (above, below, 1.0);
            return [*lower, *trend];
        }
        // The stops move on few rows and in no pattern that a processor could guess: all is computed, then chosen.
        let moved = (above < *upper) | (close_before > *upper);
        *upper = if moved { above } else { *upper };
        let moved = (below > *lower) | (close_before < *lower);
        *lower = if moved { below } else { *lower };
        let falls = (*trend > 0.0) & (close < *lower);
        let rises = (*trend < 0.0) & (close > *upper);
        *trend = if falls | rises { -*trend } else { *trend };
        [if *trend > 0.0 { *lower } else { *upper }, *trend]
    }
}
