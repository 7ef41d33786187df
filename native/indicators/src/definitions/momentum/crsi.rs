//! Connors' relative strength index.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    definitions::{momentum::rsi::strength, statistic::rank::rank},
    map,
    registry::{Definition, Param, Parity, Source},
    scan::Scan,
};

pub(super) const CRSI: Definition = Definition {
    name: "crsi",
    group: "Momentum Indicators",
    summary: "Connors' relative strength index (Connors and Alvarez 2012): mean of the relative \
              strength indices of the value and of the length of its streak up or down, and the \
              percent rank of the last change.",
    formula: "(rsi(x, timeperiod) + rsi(streak, streakperiod) + rank) / 3; streak = rows in a row that x rose \
              (positive) or fell (negative), 0 where it did not move; rank = percentage of the rankperiod changes \
              before that are below (x - x[1]) / x[1]",
    inputs: &[CLOSE],
    params: &[
        period(
            "timeperiod",
            3,
            2,
            "rows of the relative strength index of the value",
        ),
        period(
            "streakperiod",
            2,
            2,
            "rows of the relative strength index of the streak",
        ),
        Param {
            max: 10000.0,
            ..period(
                "rankperiod",
                100,
                2,
                "changes that the last one is ranked among",
            )
        },
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("CRSI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let input = inputs[0];
        let of_value = strength(graph, input, params.period(0));
        let [streak] = graph.scan(Streak, [input, input.lag(1)], [], 0);
        let of_streak = strength(graph, streak, params.period(1));
        let [rate] = graph.map(Fraction, [input, input.lag(1)], []);
        let rank = rank(graph, rate, params.period(2));
        graph.map(Mean, [of_value, of_streak, rank], []).to_vec()
    },
};

/// Rows that the value has risen, positive, or fallen, negative, in a row.
struct Streak;

impl Scan<2, 1, 1, 0> for Streak {
    #[inline(always)]
    fn step([streak]: &mut [f64; 1], _: u64, [now, before]: [f64; 2], _: [f64; 0]) -> [f64; 1] {
        let up = if *streak > 0.0 { *streak + 1.0 } else { 1.0 };
        let down = if *streak < 0.0 { *streak - 1.0 } else { -1.0 };
        let falls = if now < before { down } else { 0.0 };
        *streak = if now > before { up } else { falls };
        [*streak]
    }
}

map! {
    /// Change as a fraction of the earlier value; 0 where that is 0.
    Fraction: [now, before], [] => 1 { [if before == 0.0 { 0.0 } else { (now - before) / before }] }
}

map! {
    /// Mean of three.
    Mean: [a, b, c], [] => 1 { [(a + b + c) / 3.0] }
}
