//! QQE and TTM Squeeze Pro.

use financelake_indicators::Params;

use super::{changes, ema, rows, true_ranges, wilder, window};
use crate::{data::Bars, drive::Values, exact};

/// Share of the average gain in the average move, in percent.
fn strength(close: &[f64], period: usize) -> Vec<f64> {
    let gain = wilder(
        &changes(close, |now, before| (now - before).max(0.0)),
        1,
        period,
    );
    let loss = wilder(
        &changes(close, |now, before| (before - now).max(0.0)),
        1,
        period,
    );
    let share = |(gain, loss): (f64, f64)| match gain + loss {
        0.0 => 50.0,
        total => 100.0 * (gain / total),
    };
    gain.into_iter().zip(loss).map(share).collect()
}

/// Pine's `cross` at a row.
fn cross(a: &[f64], b: &[f64], row: usize) -> bool {
    let above = |row: usize| a[row] > b[row];
    let below = |row: usize| a[row] < b[row];
    (above(row) && !above(row - 1)) || (below(row) && !below(row - 1))
}

/// The series one row later.
fn before(values: &[f64]) -> Vec<f64> {
    let mut later = values.to_vec();
    later.rotate_right(1);
    later
}

/// As the script reads: whole series, of which the trailing lines refer to themselves one row before.
pub(super) fn qqe(bars: &Bars, params: &Params) -> Vec<Values> {
    let (period, smooth) = (params.period(0), params.period(1));
    let index = ema(&strength(bars.column("close"), period), period, smooth);
    let begin = period + smooth - 1;
    let moved = changes(&index, |now, before| (now - before).abs());
    let wilders = 2 * period - 1;
    let moved = ema(&moved, begin + 1, wilders);
    let moved = ema(&moved, begin + wilders, wilders);
    let first = begin + 2 * wilders - 1;

    let new_long: Vec<f64> = index
        .iter()
        .zip(&moved)
        .map(|(x, m)| x - m * params.real(2))
        .collect();
    let new_short: Vec<f64> = index
        .iter()
        .zip(&moved)
        .map(|(x, m)| x + m * params.real(2))
        .collect();
    let (mut long, mut short) = (new_long.clone(), new_short.clone());
    for row in first + 1..index.len() {
        if index[row - 1] > long[row - 1] && index[row] > long[row - 1] {
            long[row] = long[row - 1].max(new_long[row]);
        }
        if index[row - 1] < short[row - 1] && index[row] < short[row - 1] {
            short[row] = short[row - 1].min(new_short[row]);
        }
    }
    // The lines as they were a row before, and in the first row, where there is none, as they are.
    let (mut long_before, mut short_before) = (before(&long), before(&short));
    if first < index.len() {
        (long_before[first], short_before[first]) = (long[first], short[first]);
    }
    let mut trend = 1.0;
    rows(bars, first, |row| {
        if row > first {
            if cross(&index, &short_before, row) {
                trend = 1.0;
            } else if cross(&long_before, &index, row) {
                trend = -1.0;
            }
        }
        let line = if trend > 0.0 { long[row] } else { short[row] };
        [index[row], line, trend]
    })
}

pub(super) fn squeeze_pro(bars: &Bars, params: &Params) -> Vec<Values> {
    let (of_bands, of_channel) = (params.period(0), params.period(2));
    let (back, smooth) = (params.period(6), params.period(7));
    let close = bars.column("close");
    let ranges = true_ranges(bars);
    let change = |row: usize| {
        if row < back {
            f64::NAN
        } else {
            close[row] - close[row - back]
        }
    };
    let change: Vec<f64> = (0..close.len()).map(change).collect();
    let lookback = [of_bands - 1, of_channel, back + smooth - 1]
        .into_iter()
        .max();
    rows(bars, lookback.unwrap_or(0), |row| {
        let bands = window(close, row, of_bands);
        let (middle, deviation) = (
            exact::mean(bands).value(),
            params.real(1) * exact::deviation(bands),
        );
        let center = exact::mean(window(close, row, of_channel)).value();
        let range = exact::mean(window(&ranges, row, of_channel)).value();
        let (upper, lower) = (middle + deviation, middle - deviation);
        let inside =
            |factor: f64| lower > center - factor * range && upper < center + factor * range;
        let squeeze = if inside(params.real(5)) {
            3.0
        } else if inside(params.real(4)) {
            2.0
        } else if inside(params.real(3)) {
            1.0
        } else if lower < center - params.real(3) * range && upper > center + params.real(3) * range
        {
            -1.0
        } else {
            0.0
        };
        [exact::mean(window(&change, row, smooth)).value(), squeeze]
    })
}
