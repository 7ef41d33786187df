//! Standard score and Hurst exponent.

use financelake_indicators::Params;

use super::{changes, rows, window};
use crate::{
    data::Bars,
    drive::Values,
    exact::{self, Exact},
};

pub(super) fn zscore(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    rows(bars, period - 1, |row| {
        let window = window(bars.column("close"), row, period);
        let distance = Exact::from(window[period - 1])
            .minus(exact::mean(window))
            .value();
        [match exact::deviation(window) {
            0.0 => f64::NAN,
            deviation => distance / deviation,
        }]
    })
}

/// Range of the running total of distances from the mean over the standard deviation.
fn rescaled_range(part: &[f64]) -> f64 {
    let mean = exact::mean(part);
    let mut total = Exact::ZERO;
    let mut totals = Vec::new();
    for &x in part {
        total = total.add(Exact::from(x).minus(mean));
        totals.push(total.value());
    }
    let high = totals.iter().copied().fold(f64::MIN, f64::max);
    let low = totals.iter().copied().fold(f64::MAX, f64::min);
    (high - low) / exact::deviation(part)
}

pub(super) fn hurst(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let changes = changes(bars.column("close"), |now, before| (now / before).ln());
    rows(bars, period, |row| {
        let window = window(&changes, row, period);
        let mut points = Vec::new();
        for parts in (0..)
            .map(|power| 1 << power)
            .take_while(|parts| period / parts >= 8)
        {
            let length = period / parts;
            let moving = window[period - parts * length..]
                .chunks(length)
                .filter(|part| part.iter().any(|&x| x != part[0]));
            let ratios: Vec<f64> = moving.map(rescaled_range).collect();
            if !ratios.is_empty() {
                points.push(((length as f64).ln(), exact::mean(&ratios).value().ln()));
            }
        }
        let (xs, ys): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        let n = xs.len() as f64;
        let sum = |of: &dyn Fn(usize) -> f64| (0..xs.len()).map(of).sum::<f64>();
        let (x, y) = (sum(&|i| xs[i]), sum(&|i| ys[i]));
        let (xy, xx) = (sum(&|i| xs[i] * ys[i]), sum(&|i| xs[i] * xs[i]));
        [if xs.len() < 2 {
            f64::NAN
        } else {
            (n * xy - x * y) / (n * xx - x * x)
        }]
    })
}
