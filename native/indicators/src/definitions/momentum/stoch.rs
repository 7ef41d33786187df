//! Stochastic oscillators.

use crate::definitions::{CLOSE, HIGH, LOW, ma_type, period, real};
use crate::{
    Params, averages,
    definitions::momentum::rsi::strength,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const STOCH: Definition = Definition {
    name: "stoch",
    group: "Momentum Indicators",
    summary: "Stochastic oscillator (Lane): place of the close between lowest low and highest high, \
              0 to 100, smoothed once (slow_k) and twice (slow_d).",
    formula: "slow_k = ma(P, slowk_period), slow_d = ma(slow_k, slowd_period); P = 100 (close - lowest(low, \
              fastk_period)) / (highest(high, fastk_period) - lowest(low, fastk_period)), 0 where that range is 0",
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
    source: Source::TaLib("STOCH"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| slow(graph, inputs, params).to_vec(),
};

pub(super) const STOCHF: Definition = Definition {
    name: "stochf",
    group: "Momentum Indicators",
    summary: "Fast stochastic oscillator (Lane): place of the close between lowest low and highest \
              high, 0 to 100 (fast_k), and its average (fast_d).",
    formula: "fast_k = 100 (close - lowest(low, fastk_period)) / (highest(high, fastk_period) - lowest(low, \
              fastk_period)), 0 where that range is 0; fast_d = ma(fast_k, fastd_period)",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period("fastk_period", 5, 1, "rows in the window of high and low"),
        period("fastd_period", 3, 1, "rows of the average"),
        ma_type!("fastd_matype", 0, "average"),
    ],
    outputs: &[real("fast_k"), real("fast_d")],
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("STOCHF"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let fast_k = place(graph, inputs[0], inputs[1], inputs[2], params.period(0));
        let fast_d = averages::moving_average(graph, fast_k, params.period(1), params.ma_type(2));
        vec![fast_k, fast_d]
    },
};

pub(super) const STOCHRSI: Definition = Definition {
    name: "stochrsi",
    group: "Momentum Indicators",
    summary: "Stochastic relative strength index (Chande and Kroll 1994): place of the relative \
              strength index in its range, 0 to 100 (fast_k), and its average (fast_d).",
    formula: "fast_k = 100 (r - lowest(r, fastk_period)) / (highest(r, fastk_period) - lowest(r, fastk_period)), 0 \
              where that range is 0, with r = rsi(x, timeperiod); fast_d = ma(fast_k, fastd_period)",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 14, 2, "rows of the relative strength index"),
        period("fastk_period", 5, 1, "rows in the window of its range"),
        period("fastd_period", 3, 1, "rows of the average"),
        ma_type!("fastd_matype", 0, "average"),
    ],
    outputs: &[real("fast_k"), real("fast_d")],
    // The range of a steady index is a small part of it, which magnifies the rounding of the index.
    parity: Parity::Absolute(1e-9),
    source: Source::TaLib("STOCHRSI"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let strength = strength(graph, inputs[0], params.period(0));
        let fast_k = place(graph, strength, strength, strength, params.period(1));
        let fast_d = averages::moving_average(graph, fast_k, params.period(2), params.ma_type(3));
        vec![fast_k, fast_d]
    },
};

pub(super) const KDJ: Definition = Definition {
    name: "kdj",
    group: "Momentum Indicators",
    summary: "KDJ: stochastic oscillator smoothed once (k) and twice (d), and three times the first \
              minus twice the second (j).",
    formula: "k = ma(P, slowk_period), d = ma(k, slowd_period), j = 3 k - 2 d; P = 100 (close - lowest(low, \
              fastk_period)) / (highest(high, fastk_period) - lowest(low, fastk_period)), 0 where that range is 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        period("fastk_period", 9, 1, "rows in the window of high and low"),
        period("slowk_period", 3, 1, "rows of the first average"),
        ma_type!("slowk_matype", 13, "first average"),
        period("slowd_period", 3, 1, "rows of the second average"),
        ma_type!("slowd_matype", 13, "second average"),
    ],
    outputs: &[real("k"), real("d"), real("j")],
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("KDJ"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [k, d] = slow(graph, inputs, params);
        let [j] = graph.map(Beyond, [k, d], []);
        vec![k, d, j]
    },
};

/// Place of the close between the lowest low and the highest high of the window, in percent.
fn place(graph: &mut Graph, high: Series, low: Series, close: Series, period: usize) -> Series {
    let highest = window::highest(graph, high, period);
    let lowest = window::lowest(graph, low, period);
    let [place] = graph.map(Place, [highest, lowest, close], []);
    place
}

/// The place, smoothed once and twice as five parameters say.
fn slow(graph: &mut Graph, inputs: &[Series], params: &Params) -> [Series; 2] {
    let place = place(graph, inputs[0], inputs[1], inputs[2], params.period(0));
    let slow_k = averages::moving_average(graph, place, params.period(1), params.ma_type(2));
    let slow_d = averages::moving_average(graph, slow_k, params.period(3), params.ma_type(4));
    [slow_k, slow_d]
}

map! {
    /// Percentage of the way from lowest to highest; 0 when they are equal but for rounding.
    Place: [highest, lowest, close], [] => 1 {
        let range = highest - lowest;
        let flat = range.abs() <= 1e-14 * (highest.abs() + lowest.abs());
        [if flat { 0.0 } else { (close - lowest) / range * 100.0 }]
    }
}

map! {
    /// As far beyond the first as twice its distance from the second.
    Beyond: [k, d], [] => 1 { [3.0 * k - 2.0 * d] }
}
