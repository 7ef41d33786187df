//! The directional movement index and its averages, the second half of Wilder's directional movement system.

use super::directional::{movements, wilder_sum};
use crate::definitions::{CLOSE, HIGH, LOW, VALUE, period};
use crate::{
    graph::{Graph, Series},
    map, prices,
    registry::{Definition, Parity, Source},
    scan::Scan,
};

pub(super) const DX: Definition = Definition {
    name: "dx",
    group: "Momentum Indicators",
    summary: "Directional movement index (Wilder 1978): difference of the directional indicators in \
              percent of their sum; without movement the value before, at first 0.",
    formula: "100 abs(plus - minus) / (plus + minus), with plus = ta_plus_di, minus = ta_minus_di; the value before, \
              at first 0, where nothing moved",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period("timeperiod", 14, 2, "rows of the sums")],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("DX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let index = index(graph, inputs, params.period(0));
        graph.scan(Last, [index], [], 0).to_vec()
    },
};

pub(super) const ADX: Definition = Definition {
    name: "adx",
    group: "Momentum Indicators",
    summary: "Average directional movement index (Wilder 1978): Wilder average of the directional \
              movement index.",
    formula: "the first n values of ta_dx: their sum over n; then value = value[1] + (dx - value[1]) / n; rows without \
              movement leave it as it is",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows of the sums and of the average",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("ADX"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![average(graph, inputs, params.period(0))],
};

pub(super) const ADXR: Definition = Definition {
    name: "adxr",
    group: "Momentum Indicators",
    summary: "Average directional movement index rating (Wilder 1978): mean of the average \
              directional movement index and the one timeperiod - 1 rows before.",
    formula: "(adx + adx[n - 1]) / 2, with adx = ta_adx",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[period(
        "timeperiod",
        14,
        2,
        "rows of the sums, of the average, and back",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("ADXR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let period = params.period(0);
        let average = average(graph, inputs, period);
        graph
            .map(Halfway, [average, average.lag(period - 1)], [])
            .to_vec()
    },
};

/// The index of each row, NaN where nothing moved.
fn index(graph: &mut Graph, bars: &[Series], period: usize) -> Series {
    let [plus, minus] = movements(graph, bars[0], bars[1]);
    let range = prices::true_range(graph, bars[0], bars[1], bars[2]);
    let plus = wilder_sum(graph, plus, period);
    let minus = wilder_sum(graph, minus, period);
    let range = wilder_sum(graph, range, period);
    let [index] = graph.map(Index, [plus, minus, range, range.lag(1)], []);
    index
}

fn average(graph: &mut Graph, bars: &[Series], period: usize) -> Series {
    let index = index(graph, bars, period);
    let count = period as f64;
    let [average] = graph.scan(Average, [index], [count, 1.0 / count], period - 1);
    average
}

map! {
    /// Difference of the indicators in percent of their sum, from the second sums on.
    Index: [plus, minus, range, _range_before], [] => 1 {
        let plus = 100.0 * (plus / range);
        let minus = 100.0 * (minus / range);
        let sum = plus + minus;
        let index = 100.0 * ((minus - plus).abs() / sum);
        [if (range > 0.0) & (sum.abs() >= 1e-14) { index } else { f64::NAN }]
    }
}

map! {
    /// Mean of two.
    Halfway: [a, b], [] => 1 { [(a + b) / 2.0] }
}

/// The newest value that is a number, at first 0.
struct Last;

impl Scan<1, 1, 1, 0> for Last {
    #[inline(always)]
    fn step([last]: &mut [f64; 1], _: u64, [x]: [f64; 1], _: [f64; 0]) -> [f64; 1] {
        *last = if x.is_nan() { *last } else { x };
        [*last]
    }
}

/// Wilder's average of the values that are numbers, begun with their sum over the first `period` rows divided by it.
struct Average;

impl Scan<1, 1, 1, 2> for Average {
    #[inline(always)]
    fn step(
        [average]: &mut [f64; 1],
        row: u64,
        [x]: [f64; 1],
        [period, take]: [f64; 2],
    ) -> [f64; 1] {
        if (row as f64) < period {
            *average += if x.is_nan() { 0.0 } else { x };
            if row as f64 == period - 1.0 {
                *average /= period;
            }
        } else {
            let next = (x - *average).mul_add(take, *average);
            *average = if x.is_nan() { *average } else { next };
        }
        [*average]
    }
}
