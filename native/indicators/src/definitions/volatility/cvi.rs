//! Chaikin's volatility.

use crate::definitions::{HIGH, LOW, VALUE, period};
use crate::{
    averages, map, prices,
    registry::{Definition, Parity, Source},
};

pub(super) const CVI: Definition = Definition {
    name: "cvi",
    group: "Volatility Indicators",
    summary: "Chaikin's volatility: rate of change, in percent, of the EMA of high - \
              low, 0 where that was 0.",
    formula: "100 (e - e[rocperiod]) / e[rocperiod], with e = ema(high - low, timeperiod); 0 where that was 0",
    inputs: &[HIGH, LOW],
    params: &[
        period("timeperiod", 10, 2, "rows of the EMA"),
        period(
            "rocperiod",
            10,
            1,
            "rows back to what the average is compared with",
        ),
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("CVI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let range = prices::range(graph, inputs[0], inputs[1]);
        let average = averages::ema(graph, range, params.period(0), 0);
        graph
            .map(Change, [average, average.lag(params.period(1))], [])
            .to_vec()
    },
};

map! {
    /// Change in percent; 0 where the value before was 0.
    Change: [now, before], [] => 1 {
        [if before == 0.0 { 0.0 } else { 100.0 * ((now - before) / before) }]
    }
}
