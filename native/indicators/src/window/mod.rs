//! Aggregates over the last `period` rows, as trees of maps.
//!
//! A block of `4k` rows is four blocks of `k` rows, and a window is a few blocks, newest first. Nothing runs along the
//! rows, so there is no drift, a bad value is forgotten when it leaves the window, and a value depends on the window
//! only: the same bits wherever the data starts or is cut.

mod drawdown;
mod extremum;
mod mean;
mod moments;
mod newest;
mod place;
mod ramp;

pub use drawdown::drawdown;
pub use extremum::{highest, highest_place, lowest, lowest_place};
pub use mean::{divide, mean, sum};
pub use moments::{Moments, mean_and_deviation, moments};
pub use newest::MeanFromNewest;
pub use place::{highest_age, lowest_age};
pub use ramp::weighted_mean;

/// Most blocks that one map merges.
const TERMS: usize = 6;

/// A window as blocks, newest first: each `(rows back, length)`, lengths powers of four, the fewest levels that need at
/// most `terms` blocks.
fn blocks(period: usize, terms: usize) -> Vec<(usize, usize)> {
    let mut top = 1;
    loop {
        let cut = cut(period, top);
        if cut.len() <= terms || top * 4 > period {
            return cut;
        }
        top *= 4;
    }
}

/// The window in blocks of at most `top` rows, smallest and newest first.
fn cut(period: usize, top: usize) -> Vec<(usize, usize)> {
    let mut blocks = Vec::new();
    let (mut lag, mut left, mut length) = (0, period, 1);
    while left > 0 {
        let here = if length == top { left } else { left % 4 };
        for _ in 0..here {
            blocks.push((lag, length));
            lag += length;
        }
        left = if length == top { 0 } else { left / 4 };
        length *= 4;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_each_row_of_the_window_once() {
        for period in (1..300).chain([1_000, 4_096, 65_535, 99_999, 100_000]) {
            for terms in [4, TERMS] {
                let mut next = 0;
                for (lag, length) in blocks(period, terms) {
                    assert_eq!(lag, next, "period {period}");
                    next += length;
                }
                assert_eq!(next, period);
            }
        }
    }
}
