//! Squeeze momentum.

use crate::definitions::{CLOSE, HIGH, LOW, factor, period, real, whole};
use crate::{
    Params,
    graph::{Graph, Series},
    map, prices,
    registry::{Definition, Param, Parity, Source},
    window,
};

/// Of the bands the rows and the deviations, and the three channels.
pub(super) const FACTORS: &[Param] = &[
    period("bbperiod", 20, 2, "rows of the Bollinger bands"),
    Param {
        min: 0.0,
        ..factor(
            "nbdev",
            2.0,
            "standard deviations from the middle to the bands",
        )
    },
    Param {
        min: 0.0,
        ..factor(
            "factorwide",
            2.0,
            "true ranges from the middle to the widest channel",
        )
    },
    Param {
        min: 0.0,
        ..factor(
            "factornormal",
            1.5,
            "true ranges from the middle to the usual channel",
        )
    },
    Param {
        min: 0.0,
        ..factor(
            "factornarrow",
            1.0,
            "true ranges from the middle to the narrowest channel",
        )
    },
];

/// TA-Lib refuses factors that rise from wide to narrow; here the narrowest channel that the bands are inside of
/// counts.
pub(super) const SQZMOM: Definition = Definition {
    name: "sqzmom",
    group: "Momentum Indicators",
    summary: "Squeeze momentum (Carter 2005, LazyBear): end of the line through the distances of \
              the close from the middle of its channel (momentum), and how deep the Bollinger bands \
              are inside the Keltner channel, 3 for the narrowest to 1 for the widest, -1 when they \
              are outside it, else 0 (squeeze).",
    formula: "momentum = value at the newest row of the least-squares line through the last kcperiod values of close - \
              ((highest(high, kcperiod) + lowest(low, kcperiod)) / 2 + mean(close, kcperiod)) / 2; squeeze = 3, 2 or 1 \
              where mean(close, bbperiod) +- nbdev stdev(close, bbperiod) lies inside mean(close, kcperiod) +- f \
              mean(TR, kcperiod) with f = factornarrow, factornormal or factorwide, the first that holds; -1 where it \
              lies outside that of factorwide; else 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        FACTORS[0],
        FACTORS[1],
        period(
            "kcperiod",
            20,
            2,
            "rows of the Keltner channel and of the line",
        ),
        FACTORS[2],
        FACTORS[3],
        FACTORS[4],
    ],
    outputs: &[real("momentum"), whole("squeeze")],
    parity: Parity::Inputs(1e-11),
    source: Source::TaLib("SQZMOM"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [high, low, close] = [inputs[0], inputs[1], inputs[2]];
        let of_channel = params.period(2);
        let center = window::mean(graph, close, of_channel);
        let highest = window::highest(graph, high, of_channel);
        let lowest = window::lowest(graph, low, of_channel);
        let [distance] = graph.map(Distance, [close, highest, lowest, center], []);
        let mean = window::mean(graph, distance, of_channel);
        let weighted = window::weighted_mean(graph, distance, of_channel);
        let [momentum] = graph.map(EndOfLine, [mean, weighted], []);
        let squeeze = squeeze(graph, [high, low, close], params);
        vec![momentum, squeeze]
    },
};

/// How deep the bands are inside the channel, from the first six parameters of a squeeze.
pub(super) fn squeeze(
    graph: &mut Graph,
    [high, low, close]: [Series; 3],
    params: &Params,
) -> Series {
    let (of_bands, of_channel) = (params.period(0), params.period(2));
    let range = prices::true_range(graph, high, low, close);
    let range = window::mean(graph, range, of_channel);
    let center = window::mean(graph, close, of_channel);
    let middle = window::mean(graph, close, of_bands);
    let squares = window::moments(graph, close, of_bands).squares;
    let [deviation] = graph.map(Deviation, [squares], [of_bands as f64, params.real(1)]);
    let factors = [params.real(3), params.real(4), params.real(5)];
    let [squeeze] = graph.map(Squeeze, [middle, deviation, center, range], factors);
    squeeze
}

map! {
    /// Distance of the close from the middle between the middle of the range and the mean.
    Distance: [close, highest, lowest, mean], [] => 1 {
        [close - ((highest + lowest) / 2.0 + mean) / 2.0]
    }
}

map! {
    /// Newest point of the least-squares line: what the mean that counts newer values more has gained, three times.
    EndOfLine: [mean, weighted], [] => 1 { [(weighted - mean).mul_add(3.0, mean)] }
}

map! {
    /// Standard deviations from the sum of squares.
    Deviation: [squares], [count, factor] => 1 { [(squares / count).sqrt() * factor] }
}

map! {
    /// Which channel the bands are inside of.
    Squeeze: [middle, deviation, center, range], [wide, usual, narrow] => 1 {
        let (upper, lower) = (middle + deviation, middle - deviation);
        let inside = |factor: f64| (lower > center - factor * range) & (upper < center + factor * range);
        let outside = (lower < center - wide * range) & (upper > center + wide * range);
        let squeeze = if outside { -1.0 } else { 0.0 };
        let squeeze = if inside(wide) { 1.0 } else { squeeze };
        let squeeze = if inside(usual) { 2.0 } else { squeeze };
        [if inside(narrow) { 3.0 } else { squeeze }]
    }
}
