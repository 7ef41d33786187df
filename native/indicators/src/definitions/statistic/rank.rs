//! Functions of the order of a window: median, percentile and rank.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    graph::{Graph, Series},
    ordered::{Ordered, Sorted},
    registry::{Definition, Param, ParamKind, Parity, Source},
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
    formula: "middle value of x .. x[n - 1] in order; the mean of the two middle ones where n is even",
    inputs: &[CLOSE],
    params: &[window(30, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("MEDIAN"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| vec![graph.ordered(Median, inputs[0], params.period(0), [])],
};

pub(super) const PERCENTILE: Definition = Definition {
    name: "percentile",
    group: "Statistic Functions",
    summary: "Percentile by nearest rank: the smallest of the last timeperiod values that the given share of them does not \
              exceed.",
    formula: "value number ceil(percentile n / 100), at least 1, of x .. x[n - 1] in rising order",
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
    source: Source::TaLib("PERCENTILE"),
    version: 1,
    short: false,
    held_back: 0,
    build: |graph, inputs, params| {
        let period = params.period(0);
        let rank = (params.real(1) * period as f64 / 100.0).ceil();
        let place = rank.clamp(1.0, period as f64) - 1.0;
        vec![graph.ordered(AtPlace, inputs[0], period, [place])]
    },
};

pub(super) const PERCENTRANK: Definition = Definition {
    name: "percentrank",
    group: "Statistic Functions",
    summary: "Percent rank: how many of the timeperiod values before are smaller, in percent.",
    formula: "100 / n times how many of x[1] .. x[n] are below x",
    inputs: &[CLOSE],
    params: &[window(100, "rows before that the value is compared with")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("PERCENTRANK"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![rank(graph, inputs[0], params.period(0))],
};

/// How many of the `period` values before a value are smaller, in percent.
pub(in crate::definitions) fn rank(graph: &mut Graph, input: Series, period: usize) -> Series {
    let [rank] = graph.rolling(Rank, [input], [input], period + 1, [period as f64]);
    rank
}

struct Median;

impl Ordered<0> for Median {
    #[inline(always)]
    fn at(window: Sorted<'_>, _: [f64; 0]) -> f64 {
        let middle = window.count() / 2;
        if window.count() % 2 == 1 {
            window.value(middle)
        } else {
            (window.value(middle - 1) + window.value(middle)) / 2.0
        }
    }
}

/// The value at a place in order, 0 for the smallest.
struct AtPlace;

impl Ordered<1> for AtPlace {
    #[inline(always)]
    fn at(window: Sorted<'_>, [place]: [f64; 1]) -> f64 {
        window.value(place as usize)
    }
}

/// Share of values that are smaller than the newest, which is not smaller than itself.
struct Rank;

impl Rolling<1, 1, 1, 1, 1> for Rank {
    #[inline(always)]
    fn add([below]: [f64; 1], [x]: [f64; 1], _: f64, [newest]: [f64; 1], _: [f64; 1]) -> [f64; 1] {
        [below + if x < newest { 1.0 } else { 0.0 }]
    }

    #[inline(always)]
    fn end([below]: [f64; 1], _: [f64; 1], [older]: [f64; 1]) -> [f64; 1] {
        [below / older * 100.0]
    }
}
