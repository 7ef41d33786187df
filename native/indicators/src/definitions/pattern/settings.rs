//! When a body or a shadow counts as long, short or about equal: TA-Lib's candle settings.
//!
//! A candle is measured against the mean of the candles before it. All patterns of a query share the means.
//!
//! A mean adds its window from the oldest candle on, as TA-Lib does when it is asked for one row; over many rows TA-Lib keeps
//! a running total. While prices have about the same size both are exact: their differences are multiples of the last
//! binary digit of the smallest price. After a spike or a fall by orders of magnitude the running total keeps a rounding
//! error, which then decides where a candle lies on a threshold. Here only the window decides.

use crate::{
    graph::{Graph, Series},
    map,
    map::Map,
};

/// What is measured of a candle.
#[derive(Clone, Copy)]
enum Range {
    /// From open to close.
    Body,
    /// From low to high.
    HighLow,
    /// Upper and lower shadow together; thresholds are for one of them.
    Shadows,
}

/// A threshold: the mean of some candles times a factor.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    range: Range,
    /// Five or ten candles.
    period: usize,
    factor: f64,
}

const fn setting(range: Range, period: usize, factor: f64) -> Setting {
    Setting {
        range,
        period,
        factor,
    }
}

pub(super) const BODY_LONG: Setting = setting(Range::Body, 10, 1.0);
pub(super) const BODY_SHORT: Setting = setting(Range::Body, 10, 1.0);
pub(super) const BODY_DOJI: Setting = setting(Range::HighLow, 10, 0.1);
pub(super) const SHADOW_SHORT: Setting = setting(Range::Shadows, 10, 1.0);
pub(super) const SHADOW_VERY_SHORT: Setting = setting(Range::HighLow, 10, 0.1);
pub(super) const NEAR: Setting = setting(Range::HighLow, 5, 0.2);
pub(super) const FAR: Setting = setting(Range::HighLow, 5, 0.6);
pub(super) const EQUAL: Setting = setting(Range::HighLow, 5, 0.05);

/// How many bodies long a long shadow is at least; it is measured against its own candle's body.
pub(super) const SHADOW_LONG: f64 = 1.0;
/// How many bodies long a very long shadow is at least.
pub(super) const SHADOW_VERY_LONG: f64 = 2.0;

impl Setting {
    /// The threshold that belongs to a mean.
    #[inline(always)]
    pub(super) fn threshold(self, mean: f64) -> f64 {
        match self.range {
            Range::Body | Range::HighLow => self.factor * mean,
            Range::Shadows => self.factor * mean * 0.5,
        }
    }

    /// Mean of the candles before the one that is `lag` rows back. The inputs are open, high, low and close.
    pub(super) fn mean(self, graph: &mut Graph, inputs: &[Series], lag: usize) -> Series {
        let &[open, high, low, close] = inputs else {
            panic!("patterns have four inputs")
        };
        let [range] = match self.range {
            Range::Body => graph.map(Body, [open, close], []),
            Range::HighLow => graph.map(HighLow, [high, low], []),
            Range::Shadows => graph.map(Shadows, [open, high, low, close], []),
        };
        let [mean] = match self.period {
            5 => graph.map(Mean::<5>, std::array::from_fn(|i| range.lag(5 - i)), []),
            10 => graph.map(Mean::<10>, std::array::from_fn(|i| range.lag(10 - i)), []),
            period => panic!("no mean of {period} candles"),
        };
        mean.lag(lag)
    }
}

map! {
    /// Length of the body.
    Body: [open, close], [] => 1 {
        [(close - open).abs()]
    }
}

map! {
    /// Length of the whole candle.
    HighLow: [high, low], [] => 1 {
        [high - low]
    }
}

map! {
    /// Length of both shadows.
    Shadows: [open, high, low, close], [] => 1 {
        let white = close >= open;
        let (top, bottom) = if white { (close, open) } else { (open, close) };
        [(high - top) + (bottom - low)]
    }
}

/// Mean of `N` values, added from the first to the last.
struct Mean<const N: usize>;

impl<const N: usize> Map<N, 1, 0> for Mean<N> {
    #[inline(always)]
    fn at(x: [f64; N], _: [f64; 0]) -> [f64; 1] {
        let mut total = x[0];
        for value in &x[1..] {
            total += value;
        }
        [total / N as f64]
    }
}
