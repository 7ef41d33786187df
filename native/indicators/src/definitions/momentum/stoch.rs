//! Stochastic oscillator.

use crate::definitions::{CLOSE, HIGH, LOW, ma_type, period, real};
use crate::{
    averages, map,
    registry::{Definition, Parity},
    window,
};

pub(super) const STOCH: Definition = Definition {
    name: "stoch",
    group: "Momentum Indicators",
    summary: "Stochastic oscillator (Lane): place of the close between lowest low and highest high, 0 to 100, smoothed \
              once (slow_k) and twice (slow_d).",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period("fastk_period", 5, 1, "rows in the window of high and low"),
        period("slowk_period", 3, 1, "rows of the first average"),
        ma_type!("slowk_matype", 0, "first average"),
        period("slowd_period", 3, 1, "rows of the second average"),
        ma_type!("slowd_matype", 0, "second average"),
    ],
    outputs: &[real("slow_k"), real("slow_d")],
    // TA-Lib's triangular average, a running sum, is off by more than 1e-12 after 3,000 rows.
    parity: Parity::Scaled(1e-11),
    oracle: "STOCH",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let highest = window::highest(graph, inputs[0], params.period(0));
        let lowest = window::lowest(graph, inputs[1], params.period(0));
        let [place] = graph.map(Place, [highest, lowest, inputs[2]], []);
        let slow_k = averages::moving_average(graph, place, params.period(1), params.ma_type(2));
        let slow_d = averages::moving_average(graph, slow_k, params.period(3), params.ma_type(4));
        vec![slow_k, slow_d]
    },
};

map! {
    /// Percentage of the way from lowest to highest; 0 when they are equal but for rounding.
    Place: [highest, lowest, close], [] => 1 {
        let range = highest - lowest;
        let flat = range.abs() <= 1e-14 * (highest.abs() + lowest.abs());
        [if flat { 0.0 } else { (close - lowest) / range * 100.0 }]
    }
}
