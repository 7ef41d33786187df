//! Premier stochastic oscillator.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    averages,
    elementary::tanh,
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const PSO: Definition = Definition {
    name: "pso",
    group: "Momentum Indicators",
    summary: "Premier stochastic oscillator (Leibfarth 2008): hyperbolic tangent of half the twice \
              exponentially averaged stochastic oscillator, scaled to -5 to 5 before.",
    formula: "tanh(s / 2), with s = ema(ema(0.1 (P - 50), emaperiod), emaperiod), P = 100 (close - lowest(low, k)) / \
              (highest(high, k) - lowest(low, k)), k = fastk_period; 50 where that range is 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period("fastk_period", 8, 1, "rows in the window of high and low"),
        period(
            "emaperiod",
            5,
            1,
            "rows that seed each average and set its weight",
        ),
    ],
    outputs: VALUE,
    parity: Parity::Relative(3.0 * f64::EPSILON),
    source: Source::TaLib("PSO"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let highest = window::highest(graph, inputs[0], params.period(0));
        let lowest = window::lowest(graph, inputs[1], params.period(0));
        let [place] = graph.map(Normalized, [highest, lowest, inputs[2]], []);
        let once = averages::ema(graph, place, params.period(1), 0);
        let twice = averages::ema(graph, once, params.period(1), 0);
        graph.map(Squeezed, [twice], []).to_vec()
    },
};

map! {
    /// Place of the close from lowest, -5, to highest, 5; 0 when they are equal but for rounding.
    Normalized: [highest, lowest, close], [] => 1 {
        let range = highest - lowest;
        let flat = range.abs() <= 1e-14 * (highest.abs() + lowest.abs());
        let place = if flat { 50.0 } else { (close - lowest) / range * 100.0 };
        [0.1 * (place - 50.0)]
    }
}

map! {
    /// Hyperbolic tangent of the half.
    Squeezed: [x], [] => 1 { [tanh(0.5 * x)] }
}
