//! Directional movement and the directional indicators, the first half of Wilder's directional movement system.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    graph::{Graph, Series},
    map, prices,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const PLUS_DM: Definition = Definition {
    name: "plus_dm",
    group: "Momentum Indicators",
    summary: "Plus directional movement (Wilder 1978): Wilder sum of the rises of the high that are \
              larger than the fall of the low.",
    formula: "S(DM+) of ta_plus_di; DM+ for n = 1",
    inputs: &[HIGH, LOW],
    params: &[period(
        "timeperiod",
        14,
        1,
        "rows of the sum; 1 = the movement of the row alone",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("PLUS_DM"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [plus, _] = movements(graph, inputs[0], inputs[1]);
        vec![wilder_sum(graph, plus, params.period(0))]
    },
};

pub(super) const MINUS_DM: Definition = Definition {
    name: "minus_dm",
    group: "Momentum Indicators",
    summary: "Minus directional movement (Wilder 1978): Wilder sum of the falls of the low that are \
              larger than the rise of the high.",
    formula: "S(DM-) of ta_minus_di; DM- for n = 1",
    inputs: &[HIGH, LOW],
    params: &[period(
        "timeperiod",
        14,
        1,
        "rows of the sum; 1 = the movement of the row alone",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("MINUS_DM"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [_, minus] = movements(graph, inputs[0], inputs[1]);
        vec![wilder_sum(graph, minus, params.period(0))]
    },
};

pub(super) const PLUS_DI: Definition = Definition {
    name: "plus_di",
    group: "Momentum Indicators",
    summary: "Plus directional indicator (Wilder 1978): plus directional movement in percent of the \
              true range, both as Wilder sums; as a fraction when timeperiod is 1.",
    formula: "100 S(DM+) / S(TR), with DM+ = high - high[1] where that is above 0 and above low[1] - low, else 0; S(y) \
              = S[1] - S[1] / n + y, begun with the sum of n - 1 rows; DM+ / TR for n = 1",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 1, "rows of the sums")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("PLUS_DI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [plus, _] = movements(graph, inputs[0], inputs[1]);
        indicator(graph, plus, inputs, params.period(0))
    },
};

pub(super) const MINUS_DI: Definition = Definition {
    name: "minus_di",
    group: "Momentum Indicators",
    summary: "Minus directional indicator (Wilder 1978): minus directional movement in percent of \
              the true range, both as Wilder sums; as a fraction when timeperiod is 1.",
    formula: "100 S(DM-) / S(TR), with DM- = low[1] - low where that is above 0 and above high - high[1], else 0; S(y) \
              = S[1] - S[1] / n + y, begun with the sum of n - 1 rows; DM- / TR for n = 1",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 1, "rows of the sums")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("MINUS_DI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [_, minus] = movements(graph, inputs[0], inputs[1]);
        indicator(graph, minus, inputs, params.period(0))
    },
};

/// Directional movement of one row, up and down, at most one of them not 0.
pub(super) fn movements(graph: &mut Graph, high: Series, low: Series) -> [Series; 2] {
    graph.map(Movements, [high, high.lag(1), low, low.lag(1)], [])
}

/// Wilder's sum: begun with the sum of `period - 1` values, it loses its `period`th part before it takes the next.
pub(super) fn wilder_sum(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let seed = Seed::Sum { period: period - 1 };
    graph.recurrence(input, 1.0 - 1.0 / period as f64, 1.0, seed)
}

fn indicator(graph: &mut Graph, movement: Series, bars: &[Series], period: usize) -> Vec<Series> {
    let range = prices::true_range(graph, bars[0], bars[1], bars[2]);
    if period == 1 {
        return graph.map(Fraction, [movement, range], []).to_vec();
    }
    let movement = wilder_sum(graph, movement, period);
    let range = wilder_sum(graph, range, period);
    graph
        .map(Percentage, [movement, range, range.lag(1)], [])
        .to_vec()
}

map! {
    /// How far the bar reaches beyond the one before: on the side where it is more.
    Movements: [high, high_before, low, low_before], [] => 2 {
        let (up, down) = (high - high_before, low_before - low);
        [
            if (up > down) & (up > 0.0) { up } else { 0.0 },
            if (down > up) & (down > 0.0) { down } else { 0.0 },
        ]
    }
}

map! {
    /// Share of the range; 0 without a range.
    Fraction: [movement, range], [] => 1 { [if range > 0.0 { movement / range } else { 0.0 }] }
}

map! {
    /// The share in percent, from the second sum on, as TA-Lib has it.
    Percentage: [movement, range, _range_before], [] => 1 {
        [if range > 0.0 { 100.0 * (movement / range) } else { 0.0 }]
    }
}
