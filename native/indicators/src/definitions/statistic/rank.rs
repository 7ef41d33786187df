//! Functions of the order of a window: median, percentile and rank.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Param, ParamKind, Parity},
    rolling::Rolling,
};

/// A window that is ordered for each row: TA-Lib's end at 10,000 rows.
const fn window(default: u32, doc: &'static str) -> Param {
    Param {
        max: 10_000.0,
        ..period("timeperiod", default, 2, doc)
    }
}

pub(super) const MEDIAN: Definition = Definition {
    name: "median",
    group: "Statistic Functions",
    summary: "Median of the last timeperiod values: the middle one, or the mean of the two middle ones.",
    inputs: &[CLOSE],
    params: &[window(30, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    oracle: "MEDIAN",
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| {
        graph
            .rolling(Median, [inputs[0]], params.period(0), [])
            .to_vec()
    },
};

pub(super) const PERCENTILE: Definition = Definition {
    name: "percentile",
    group: "Statistic Functions",
    summary: "Percentile by nearest rank: the smallest of the last timeperiod values that the given share of them does not \
              exceed.",
    inputs: &[CLOSE],
    params: &[
        window(100, "rows in the window"),
        Param {
            name: "percentile",
            kind: ParamKind::Real,
            default: 50.0,
            min: 0.0,
            max: 100.0,
            doc: "share of the values, in percent",
        },
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    oracle: "PERCENTILE",
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| {
        let period = params.period(0);
        let rank = (params.real(1) * period as f64 / 100.0).ceil();
        let place = rank.clamp(1.0, period as f64) - 1.0;
        graph
            .rolling(Ordered, [inputs[0]], period, [place])
            .to_vec()
    },
};

pub(super) const PERCENTRANK: Definition = Definition {
    name: "percentrank",
    group: "Statistic Functions",
    summary: "Percent rank: how many of the timeperiod values before are smaller, in percent.",
    inputs: &[CLOSE],
    params: &[window(100, "rows before that the value is compared with")],
    outputs: VALUE,
    parity: Parity::Bits,
    oracle: "PERCENTRANK",
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        graph
            .rolling(Rank, [inputs[0]], params.period(0) + 1, [])
            .to_vec()
    },
};

/// Longest window that is copied without taking memory for it.
const SHORT: usize = 128;

/// Hands on a copy of the window, to be put in order.
#[inline(always)]
fn copied<T>(window: &[f64], order: impl FnOnce(&mut [f64]) -> T) -> T {
    if window.len() <= SHORT {
        let mut copy = [0.0; SHORT];
        let copy = &mut copy[..window.len()];
        copy.copy_from_slice(window);
        order(copy)
    } else {
        order(&mut window.to_vec())
    }
}

struct Median;

impl Rolling<1, 1, 0> for Median {
    #[inline(always)]
    fn at([window]: [&[f64]; 1], _: [f64; 0]) -> [f64; 1] {
        let median = copied(window, |copy| {
            let (below, &mut upper, _) =
                copy.select_nth_unstable_by(window.len() / 2, f64::total_cmp);
            if window.len() % 2 == 1 {
                return upper;
            }
            let first = below[0];
            let larger = |largest: f64, &value: &f64| if value > largest { value } else { largest };
            (below.iter().fold(first, larger) + upper) / 2.0
        });
        [median]
    }
}

/// The value at a place in order, 0 for the smallest.
struct Ordered;

impl Rolling<1, 1, 1> for Ordered {
    #[inline(always)]
    fn at([window]: [&[f64]; 1], [place]: [f64; 1]) -> [f64; 1] {
        let value = copied(window, |copy| {
            *copy
                .select_nth_unstable_by(place as usize, f64::total_cmp)
                .1
        });
        [value]
    }
}

/// Share of smaller values before the newest.
struct Rank;

impl Rolling<1, 1, 0> for Rank {
    #[inline(always)]
    fn at([window]: [&[f64]; 1], _: [f64; 0]) -> [f64; 1] {
        let (before, newest) = (&window[..window.len() - 1], window[window.len() - 1]);
        let smaller: u32 = before.iter().map(|&value| u32::from(value < newest)).sum();
        [f64::from(smaller) / before.len() as f64 * 100.0]
    }
}
