//! Pivot points.

use financelake_indicators::Params;

use super::rows;
use crate::{data::Bars, drive::Values};

/// Open, high, low and close of the session before that of the row, and the open of its own.
struct Sessions {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    opened: f64,
}

fn levels<const N: usize>(bars: &Bars, of: impl Fn(&Sessions) -> [f64; N]) -> Vec<Values> {
    let [open, high, low, close, _, session, _] = &bars.0;
    let first_of = |row: usize| {
        (0..=row)
            .rev()
            .take_while(|&r| session[r] == session[row])
            .last()
    };
    rows(bars, 0, |row| {
        let start = first_of(row).unwrap_or(row);
        if start == 0 {
            return [f64::NAN; N];
        }
        let (from, to) = (first_of(start - 1).unwrap_or(0), start - 1);
        of(&Sessions {
            open: open[from],
            high: high[from..=to].iter().copied().fold(f64::MIN, f64::max),
            low: low[from..=to].iter().copied().fold(f64::MAX, f64::min),
            close: close[to],
            opened: open[start],
        })
    })
}

/// Pivot, resistances and supports as floor traders and Woodie place them around a pivot.
fn around(pivot: f64, high: f64, low: f64) -> [f64; 7] {
    [
        pivot,
        pivot * 2.0 - low,
        pivot + high - low,
        high + 2.0 * (pivot - low),
        pivot * 2.0 - high,
        pivot - (high - low),
        low - 2.0 * (high - pivot),
    ]
}

pub(super) fn classic(bars: &Bars, _: &Params) -> Vec<Values> {
    levels(bars, |s| {
        around((s.high + s.low + s.close) / 3.0, s.high, s.low)
    })
}

pub(super) fn woodie(bars: &Bars, _: &Params) -> Vec<Values> {
    levels(bars, |s| {
        around((s.high + s.low + 2.0 * s.opened) / 4.0, s.high, s.low)
    })
}

pub(super) fn fibonacci(bars: &Bars, _: &Params) -> Vec<Values> {
    levels(bars, |s| {
        let pivot = (s.high + s.low + s.close) / 3.0;
        let at = |share: f64| pivot + share * (s.high - s.low);
        [
            pivot,
            at(0.382),
            at(0.618),
            at(1.0),
            at(-0.382),
            at(-0.618),
            at(-1.0),
        ]
    })
}

pub(super) fn camarilla(bars: &Bars, _: &Params) -> Vec<Values> {
    levels(bars, |s| {
        let at = |part: f64| s.close + (s.high - s.low) * 1.1 / part;
        let pivot = (s.high + s.low + s.close) / 3.0;
        [
            pivot,
            at(12.0),
            at(6.0),
            at(4.0),
            at(2.0),
            at(-12.0),
            at(-6.0),
            at(-4.0),
            at(-2.0),
        ]
    })
}

pub(super) fn demark(bars: &Bars, _: &Params) -> Vec<Values> {
    levels(bars, |s| {
        let x = match s.close.total_cmp(&s.open) {
            std::cmp::Ordering::Less => s.high + 2.0 * s.low + s.close,
            std::cmp::Ordering::Greater => 2.0 * s.high + s.low + s.close,
            std::cmp::Ordering::Equal => s.high + s.low + 2.0 * s.close,
        };
        [x / 4.0, x / 2.0 - s.low, x / 2.0 - s.high]
    })
}
