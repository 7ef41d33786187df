//! The functions that TA-Lib does not have, written down from their sources: every value anew from the rows that it
//! needs, or from all of them, with sums in double-double arithmetic. Nothing here runs on the engine.

mod bands;
mod momentum;
mod pivots;
mod risk;
mod statistic;
mod volatility;

use std::collections::VecDeque;

use financelake_indicators::{Params, registry::Definition};

use crate::{data::Bars, drive::Values, exact::Exact};

type Formula = fn(&Bars, &Params) -> Vec<Values>;

const ALL: [(&str, Formula); 20] = [
    ("avwap", bands::avwap),
    ("chandelier", bands::chandelier),
    ("garmanklass", volatility::garman_klass),
    ("hurst", statistic::hurst),
    ("keltner", bands::keltner),
    ("maxdrawdown", risk::max_drawdown),
    ("parkinson", volatility::parkinson),
    ("pivot_camarilla", pivots::camarilla),
    ("pivot_classic", pivots::classic),
    ("pivot_demark", pivots::demark),
    ("pivot_fibonacci", pivots::fibonacci),
    ("pivot_woodie", pivots::woodie),
    ("qqe", momentum::qqe),
    ("sharpe", risk::sharpe),
    ("sortino", risk::sortino),
    ("squeezepro", momentum::squeeze_pro),
    ("svwap", bands::svwap),
    ("ulcer", risk::ulcer),
    ("yangzhang", volatility::yang_zhang),
    ("zscore", statistic::zscore),
];

/// What the formula says, laid out as a call's outputs.
pub(crate) fn values(definition: &Definition, params: &Params, bars: &Bars) -> Vec<Values> {
    let name = definition.name;
    let (_, formula) = ALL
        .iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("write the formula of {name} into tests/suite/formulas"));
    let mut values = formula(bars, params);
    for value in values.iter_mut().flatten() {
        *value = value.filter(|value| value.is_finite());
    }
    values
}

/// Outputs whose values are a function of the row, from the row `lookback` on.
fn rows<const N: usize>(
    bars: &Bars,
    lookback: usize,
    mut at: impl FnMut(usize) -> [f64; N],
) -> Vec<Values> {
    let count = bars.0[0].len();
    let mut outputs = vec![vec![None; count]; N];
    for row in lookback..count {
        for (output, value) in outputs.iter_mut().zip(at(row)) {
            output[row] = Some(value);
        }
    }
    outputs
}

/// The last `period` values up to the row.
fn window(values: &[f64], row: usize, period: usize) -> &[f64] {
    &values[row + 1 - period..=row]
}

/// A function of each row and the one before; the first row has none.
fn changes(values: &[f64], change: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let pairs = values.windows(2).map(|pair| change(pair[1], pair[0]));
    [f64::NAN].into_iter().chain(pairs).collect()
}

/// An average `(keep * average + take * x) / (keep + take)` begun with the mean of the first `period` values after
/// `begin`; NaN before.
fn average(values: &[f64], begin: usize, period: usize, keep: f64, take: f64) -> Vec<f64> {
    let mut all = vec![f64::NAN; values.len()];
    let first = begin + period - 1;
    if first >= values.len() {
        return all;
    }
    let mut average = crate::exact::mean(&values[begin..=first]);
    all[first] = average.value();
    for row in first + 1..values.len() {
        let sum = average.times(keep).add(Exact::product(values[row], take));
        average = sum.over(keep + take);
        all[row] = average.value();
    }
    all
}

/// Exponential average of so many rows.
fn ema(values: &[f64], begin: usize, period: usize) -> Vec<f64> {
    average(values, begin, period, period as f64 - 1.0, 2.0)
}

/// Wilder's average of so many rows.
fn wilder(values: &[f64], begin: usize, period: usize) -> Vec<f64> {
    average(values, begin, period, period as f64 - 1.0, 1.0)
}

/// Largest of high - low and the distances of both from the close before; the first row has none.
fn true_ranges(bars: &Bars) -> Vec<f64> {
    let [_, high, low, close, ..] = &bars.0;
    let range = |row: usize| {
        let before = close[row - 1];
        let distances = [
            high[row] - low[row],
            (before - high[row]).abs(),
            (before - low[row]).abs(),
        ];
        distances.into_iter().fold(f64::MIN, f64::max)
    };
    let rest = (1..high.len()).map(range);
    [f64::NAN]
        .into_iter()
        .chain(rest)
        .take(high.len())
        .collect()
}

/// Largest of the last `period` values, or of as many as there are: a queue of those that may still become it.
fn highest(values: &[f64], period: usize) -> Vec<f64> {
    let mut queue: VecDeque<usize> = VecDeque::new();
    let largest = |row: usize| {
        while queue
            .back()
            .is_some_and(|&back| values[back] <= values[row])
        {
            queue.pop_back();
        }
        queue.push_back(row);
        if queue[0] + period <= row {
            queue.pop_front();
        }
        values[queue[0]]
    };
    (0..values.len()).map(largest).collect()
}

/// Smallest of the last `period` values.
fn lowest(values: &[f64], period: usize) -> Vec<f64> {
    let turned: Vec<f64> = values.iter().map(|x| -x).collect();
    highest(&turned, period).into_iter().map(|x| -x).collect()
}
