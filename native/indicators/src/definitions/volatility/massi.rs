//! Mass index.

use crate::definitions::{HIGH, LOW, VALUE, period};
use crate::{
    averages, map, prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const MASSI: Definition = Definition {
    name: "massi",
    group: "Volatility Indicators",
    summary: "Mass index (Dorsey 1992): sum over slowperiod rows of the EMA of high - \
              low over the EMA of that EMA.",
    formula: "sum(e / ema(e, fastperiod), slowperiod), with e = ema(high - low, fastperiod)",
    inputs: &[HIGH, LOW],
    params: &[
        period("fastperiod", 9, 2, "rows of both EMAs"),
        period("slowperiod", 25, 2, "rows in the sum"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("MASSI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let range = prices::range(graph, inputs[0], inputs[1]);
        let once = averages::ema(graph, range, params.period(0), 0);
        let twice = averages::ema(graph, once, params.period(0), 0);
        let [ratio] = graph.map(Ratio, [once, twice], []);
        vec![window::sum(graph, ratio, params.period(1))]
    },
};

map! {
    /// First over second; 1 where that is 0.
    Ratio: [once, twice], [] => 1 { [if twice == 0.0 { 1.0 } else { once / twice }] }
}
