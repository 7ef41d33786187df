//! Price oscillators: a fast moving average against a slow one.

use crate::definitions::{CLOSE, VALUE, ma_type, period};
use crate::{
    Params, averages,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
};

pub(super) const APO: Definition = Definition {
    name: "apo",
    group: "Momentum Indicators",
    summary: "Absolute price oscillator: fast moving average minus slow moving average.",
    formula: "ma(x, fastperiod) - ma(x, slowperiod)",
    inputs: &[CLOSE],
    params: &[
        period("fastperiod", 12, 2, "rows of the faster average"),
        period(
            "slowperiod",
            26,
            2,
            "rows of the slower average; the larger of the two is taken as slow",
        ),
        ma_type!("matype", 1, "both averages"),
    ],
    outputs: VALUE,
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("APO"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let averages = fast_and_slow(graph, inputs[0], params);
        graph.map(Difference, averages, []).to_vec()
    },
};

pub(super) const PPO: Definition = Definition {
    name: "ppo",
    group: "Momentum Indicators",
    summary: "Percentage price oscillator: fast moving average minus slow moving average, in \
              percent of the slow one, 0 where that is 0.",
    formula: "100 (ma(x, fastperiod) - ma(x, slowperiod)) / ma(x, slowperiod); 0 where that is 0",
    inputs: &[CLOSE],
    params: &[
        period("fastperiod", 12, 2, "rows of the faster average"),
        period(
            "slowperiod",
            26,
            2,
            "rows of the slower average; the larger of the two is taken as slow",
        ),
        ma_type!("matype", 1, "both averages"),
    ],
    outputs: VALUE,
    parity: Parity::Inputs(1e-11),
    source: Source::TaLib("PPO"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![percentage(graph, inputs[0], params)],
};

/// Fast moving average minus the slow one in percent of that: of the parameters fastperiod, slowperiod and matype.
pub(in crate::definitions) fn percentage(
    graph: &mut Graph,
    input: Series,
    params: &Params,
) -> Series {
    let averages = fast_and_slow(graph, input, params);
    let [percentage] = graph.map(Percentage, averages, []);
    percentage
}

fn fast_and_slow(graph: &mut Graph, input: Series, params: &Params) -> [Series; 2] {
    let (a, b) = (params.period(0), params.period(1));
    [a.min(b), a.max(b)]
        .map(|period| averages::moving_average(graph, input, period, params.ma_type(2)))
}

map! {
    /// First minus second.
    Difference: [a, b], [] => 1 { [a - b] }
}

map! {
    /// Difference in percent of the slow average; 0 where that is 0 but for rounding.
    Percentage: [fast, slow], [] => 1 {
        [if slow.abs() < 1e-14 { 0.0 } else { (fast - slow) / slow * 100.0 }]
    }
}
