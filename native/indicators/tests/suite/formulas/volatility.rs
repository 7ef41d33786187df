//! Estimators of volatility from the prices of bars.

use std::f64::consts::LN_2;

use financelake_indicators::Params;

use super::{rows, window};
use crate::{
    data::Bars,
    drive::Values,
    exact::{self, Exact},
};

/// Logarithm of a quotient of two columns, row by row.
fn logs(above: &[f64], below: &[f64]) -> Vec<f64> {
    above.iter().zip(below).map(|(a, b)| (a / b).ln()).collect()
}

fn annual(variance: f64, params: &Params) -> [f64; 1] {
    [(params.real(1) * variance.max(0.0)).sqrt()]
}

pub(super) fn parkinson(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let ranges = logs(bars.column("high"), bars.column("low"));
    rows(bars, period - 1, |row| {
        let squares = window(&ranges, row, period)
            .iter()
            .fold(Exact::ZERO, |sum, &x| sum.add(Exact::product(x, x)));
        annual(squares.over(4.0 * period as f64 * LN_2).value(), params)
    })
}

pub(super) fn garman_klass(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let ranges = logs(bars.column("high"), bars.column("low"));
    let days = logs(bars.column("close"), bars.column("open"));
    rows(bars, period - 1, |row| {
        let pairs = window(&ranges, row, period)
            .iter()
            .zip(window(&days, row, period));
        let sum = pairs.fold(Exact::ZERO, |sum, (&range, &day)| {
            let of_day = Exact::product(day, day).times(2.0 * LN_2 - 1.0);
            sum.add(Exact::product(range, range).times(0.5).minus(of_day))
        });
        annual(sum.over(period as f64).value(), params)
    })
}

/// Variance of the sample.
fn variance(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    exact::deviation(values).powi(2) * count / (count - 1.0)
}

pub(super) fn yang_zhang(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let [open, high, low, close, ..] = &bars.0;
    let mut gaps = vec![f64::NAN];
    gaps.extend((1..open.len()).map(|row| (open[row] / close[row - 1]).ln()));
    let days = logs(close, open);
    let inside: Vec<f64> = (0..open.len())
        .map(|row| {
            let ln = |a: &[f64], b: &[f64]| (a[row] / b[row]).ln();
            ln(high, close) * ln(high, open) + ln(low, close) * ln(low, open)
        })
        .collect();
    let n = period as f64;
    let k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0));
    rows(bars, period, |row| {
        let of_gaps = variance(window(&gaps, row, period));
        let of_days = variance(window(&days, row, period));
        let of_bars = exact::mean(window(&inside, row, period)).value();
        annual(of_gaps + k * of_days + (1.0 - k) * of_bars, params)
    })
}
