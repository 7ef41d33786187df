//! Bars of some series, the same in every run.

use std::ops::Range;

/// Rows of each series: five years of days.
pub const ROWS: usize = 1_250;

/// Columns with the series one after the other.
pub struct Bars {
    series: usize,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
    periods: Vec<f64>,
}

impl Bars {
    /// Random walks.
    pub fn walks(series: usize) -> Self {
        let mut bits = 88_172_645_463_325_252_u64;
        let mut random = || {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            (bits >> 11) as f64 / (1u64 << 53) as f64
        };
        let [
            mut open,
            mut high,
            mut low,
            mut close,
            mut volume,
            mut periods,
        ] = [(); 6].map(|()| Vec::with_capacity(series * ROWS));
        for _ in 0..series {
            let mut price = 20.0 + 200.0 * random();
            for _ in 0..ROWS {
                let first = price * (1.0 + 0.002 * (random() - 0.5));
                price *= 1.0 + 0.03 * (random() - 0.5);
                open.push(first);
                high.push(first.max(price) * (1.0 + 0.005 * random()));
                low.push(first.min(price) * (1.0 - 0.005 * random()));
                close.push(price);
                volume.push((1e6 * random()).floor());
                periods.push((2.0 + 28.0 * random()).floor());
            }
        }
        Self {
            series,
            open,
            high,
            low,
            close,
            volume,
            periods,
        }
    }

    /// The column of an input of the registry.
    pub fn column(&self, name: &str) -> &[f64] {
        match name {
            "open" | "real1" => &self.open,
            "high" => &self.high,
            "low" => &self.low,
            "close" | "real0" => &self.close,
            "volume" => &self.volume,
            "periods" => &self.periods,
            _ => panic!("no column {name}"),
        }
    }

    /// Rows of all series.
    pub fn rows(&self) -> usize {
        self.series * ROWS
    }

    /// The rows of each series.
    pub fn series(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        (0..self.series).map(|series| series * ROWS..(series + 1) * ROWS)
    }
}
