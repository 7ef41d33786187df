//! Volume weighted prices, channels and stops.

use financelake_indicators::Params;

use super::{ema, highest, lowest, rows, true_ranges, wilder};
use crate::{data::Bars, drive::Values, exact::Exact};

/// Price and bands of the rows from `start` on; turnover over volume, and the weighted deviation from it.
fn weighted(bars: &Bars, start: usize, row: usize, width: f64) -> [f64; 3] {
    let [_, high, low, close, volume, ..] = &bars.0;
    let price = |row: usize| (high[row] + low[row] + close[row]) / 3.0;
    let total = (start..=row)
        .fold(Exact::ZERO, |sum, row| sum.plus(volume[row]))
        .value();
    let turnover = (start..=row).fold(Exact::ZERO, |sum, row| {
        sum.add(Exact::product(price(row), volume[row]))
    });
    let middle = turnover.over(total);
    let squares = (start..=row).fold(Exact::ZERO, |sum, row| {
        let square = Exact::from(price(row)).minus(middle).squared();
        sum.add(square.times(volume[row]))
    });
    let band = width * squares.over(total).value().sqrt();
    [middle.value(), middle.value() + band, middle.value() - band]
}

pub(super) fn svwap(bars: &Bars, params: &Params) -> Vec<Values> {
    let session = bars.column("session");
    rows(bars, 0, |row| {
        let mut start = row;
        while start > 0 && session[start - 1] == session[row] {
            start -= 1;
        }
        weighted(bars, start, row, params.real(0))
    })
}

pub(super) fn avwap(bars: &Bars, params: &Params) -> Vec<Values> {
    let anchor = bars.column("anchor");
    rows(bars, 0, |row| {
        match (0..=row).rev().find(|&row| anchor[row] != 0.0) {
            Some(start) => weighted(bars, start, row, params.real(0)),
            None => [f64::NAN; 3],
        }
    })
}

pub(super) fn keltner(bars: &Bars, params: &Params) -> Vec<Values> {
    let (period, of_range) = (params.period(0), params.period(1));
    let middle = ema(bars.column("close"), 0, period);
    let range = wilder(&true_ranges(bars), 1, of_range);
    rows(bars, (period - 1).max(of_range), |row| {
        let band = params.real(2) * range[row];
        [middle[row] + band, middle[row], middle[row] - band]
    })
}

pub(super) fn chandelier(bars: &Bars, params: &Params) -> Vec<Values> {
    let period = params.period(0);
    let range = wilder(&true_ranges(bars), 1, period);
    let highest = highest(bars.column("high"), period);
    let lowest = lowest(bars.column("low"), period);
    rows(bars, period, |row| {
        let distance = params.real(1) * range[row];
        [highest[row] - distance, lowest[row] + distance]
    })
}
