//! Know sure thing.

use crate::definitions::{CLOSE, ma_type, period, real};
use crate::{
    MaType, Params, averages,
    definitions::momentum::rate::rate_of_change,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
};

pub(super) const KST: Definition = Definition {
    name: "kst",
    group: "Momentum Indicators",
    summary: "Know sure thing (Pring 1992): simple averages of four rates of change, weighted 1 to \
              4 (kst), and the simple average of that (signal).",
    formula: "kst = a1 + 2 a2 + 3 a3 + 4 a4, signal = mean(kst, signalperiod); ai = mean(roc(x, rociperiod), \
              smaiperiod), roc(x, k) = 100 (x / x[k] - 1)",
    inputs: &[CLOSE],
    params: &[
        period("roc1period", 10, 1, "rows of the first rate of change"),
        period("roc2period", 15, 1, "rows of the second rate of change"),
        period("roc3period", 20, 1, "rows of the third rate of change"),
        period("roc4period", 30, 1, "rows of the fourth rate of change"),
        period("sma1period", 10, 1, "rows of the average of the first"),
        period("sma2period", 10, 1, "rows of the average of the second"),
        period("sma3period", 10, 1, "rows of the average of the third"),
        period("sma4period", 15, 1, "rows of the average of the fourth"),
        period("signalperiod", 9, 1, "rows of the signal line"),
    ],
    outputs: &[real("kst"), real("signal")],
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("KST"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| weighted(graph, inputs[0], params, [MaType::Sma; 2]),
};

pub(super) const KSTEXT: Definition = Definition {
    name: "kstext",
    group: "Momentum Indicators",
    summary: "Know sure thing (Pring 1992) with any moving averages: averages of four rates of \
              change, weighted 1 to 4 (kst), and the average of that (signal); the four averages \
              have their first value in the same row.",
    formula: "kst = a1 + 2 a2 + 3 a3 + 4 a4, signal = ma(kst, signalperiod, signalmatype); ai = ma(roc(x, rociperiod), \
              maiperiod, rocmatype), roc(x, k) = 100 (x / x[k] - 1)",
    inputs: &[CLOSE],
    params: &[
        period("roc1period", 10, 1, "rows of the first rate of change"),
        period("roc2period", 15, 1, "rows of the second rate of change"),
        period("roc3period", 20, 1, "rows of the third rate of change"),
        period("roc4period", 30, 1, "rows of the fourth rate of change"),
        period("ma1period", 10, 1, "rows of the average of the first"),
        period("ma2period", 10, 1, "rows of the average of the second"),
        period("ma3period", 10, 1, "rows of the average of the third"),
        period("ma4period", 15, 1, "rows of the average of the fourth"),
        period("signalperiod", 9, 1, "rows of the signal line"),
        ma_type!("rocmatype", 0, "average of the four rates"),
        ma_type!("signalmatype", 0, "average of the signal line"),
    ],
    outputs: &[real("kst"), real("signal")],
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("KSTEXT"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        weighted(
            graph,
            inputs[0],
            params,
            [params.ma_type(9), params.ma_type(10)],
        )
    },
};

fn weighted(
    graph: &mut Graph,
    input: Series,
    params: &Params,
    [kind, of_signal]: [MaType; 2],
) -> Vec<Series> {
    let legs = [0, 1, 2, 3].map(|leg| (params.period(leg), params.period(leg + 4)));
    let lookbacks = legs.map(|(rows, period)| rows + averages::lookback(period, kind));
    let largest = lookbacks.iter().max().copied().unwrap_or_default();
    let legs = [0, 1, 2, 3].map(|leg| {
        let (rows, period) = legs[leg];
        let rate = rate_of_change(graph, input, rows);
        let late = graph.held_back(rate, largest - lookbacks[leg]);
        averages::moving_average(graph, late, period, kind)
    });
    let [kst] = graph.map(Weighted, legs, []);
    let signal = averages::moving_average(graph, kst, params.period(8), of_signal);
    vec![kst, signal]
}

map! {
    /// Sum with the weights 1 to 4.
    Weighted: [a, b, c, d], [] => 1 { [4f64.mul_add(d, 3f64.mul_add(c, 2f64.mul_add(b, a)))] }
}
