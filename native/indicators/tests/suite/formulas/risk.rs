//! Drawdowns and ratios of return and risk.

use financelake_indicators::Params;

use super::{changes, highest, rows, window};
use crate::{
    data::Bars,
    drive::Values,
    exact::{self, Exact},
};

pub(super) fn max_drawdown(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    rows(bars, period - 1, |row| {
        let (mut peak, mut worst) = (f64::MIN, 0.0);
        for &value in window(bars.column("close"), row, period) {
            peak = value.max(peak);
            worst = (1.0 - value / peak).max(worst);
        }
        [worst]
    })
}

pub(super) fn ulcer(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let close = bars.column("close");
    let highest = highest(close, period);
    let below = close
        .iter()
        .zip(highest)
        .map(|(x, high)| 100.0 * ((x - high) / high));
    let squares: Vec<f64> = below.map(|x| x * x).collect();
    rows(bars, 2 * (period - 1), |row| {
        [exact::mean(window(&squares, row, period)).value().sqrt()]
    })
}

fn returns(bars: &Bars) -> Vec<f64> {
    changes(bars.column("close"), |now, before| (now - before) / before)
}

pub(super) fn sharpe(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let (free, returns) = (params.real(1), returns(bars));
    rows(bars, period, |row| {
        let window = window(&returns, row, period);
        if window.iter().all(|&x| x == window[0]) {
            return [f64::NAN];
        }
        let count = period as f64;
        let deviation = exact::deviation(window) * (count / (count - 1.0)).sqrt();
        let beyond = exact::mean(window).plus(-free).value();
        [beyond / deviation * params.real(2).sqrt()]
    })
}

pub(super) fn sortino(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let (required, returns) = (params.real(1), returns(bars));
    rows(bars, period, |row| {
        let window = window(&returns, row, period);
        let squares = window.iter().fold(Exact::ZERO, |sum, &x| {
            let below = (x - required).min(0.0);
            sum.add(Exact::product(below, below))
        });
        let downside = squares.over(period as f64).value().sqrt();
        let beyond = exact::mean(window).plus(-required).value();
        [if downside == 0.0 {
            f64::NAN
        } else {
            beyond / downside * params.real(2).sqrt()
        }]
    })
}
