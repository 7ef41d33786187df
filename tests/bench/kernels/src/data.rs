//! Bars of some series, few enough to stay in the cache.

use std::ops::Range;

/// Number of series.
pub const SERIES: usize = 16;
/// Rows of each: five years of days.
pub const ROWS: usize = 1_250;

/// Columns with the series one after the other.
pub struct Bars {
    pub open: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
}

impl Bars {
    /// The column of an input of the registry.
    pub fn column(&self, name: &str) -> &[f64] {
        match name {
            "open" => &self.open,
            "high" => &self.high,
            "low" => &self.low,
            "close" => &self.close,
            _ => panic!("no column {name}"),
        }
    }
}

/// The rows of each series.
pub fn series() -> impl Iterator<Item = Range<usize>> {
    (0..SERIES).map(|series| series * ROWS..(series + 1) * ROWS)
}

/// Random walks.
pub fn bars() -> Bars {
    let mut bits = 88_172_645_463_325_252_u64;
    let mut random = || {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        (bits >> 11) as f64 / (1u64 << 53) as f64
    };
    let [mut open, mut high, mut low, mut close] = [const { Vec::new() }; 4];
    for _ in 0..SERIES {
        let mut price = 20.0 + 200.0 * random();
        for _ in 0..ROWS {
            let first = price * (1.0 + 0.002 * (random() - 0.5));
            price *= 1.0 + 0.03 * (random() - 0.5);
            open.push(first);
            high.push(first.max(price) * (1.0 + 0.005 * random()));
            low.push(first.min(price) * (1.0 - 0.005 * random()));
            close.push(price);
        }
    }
    Bars {
        open,
        high,
        low,
        close,
    }
}
