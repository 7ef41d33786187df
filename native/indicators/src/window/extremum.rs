//! Largest and smallest value of a window. Blocks may overlap here, so any period is a few equal blocks.

use super::TERMS;
use crate::{
    graph::{Graph, Series},
    map,
    map::Map,
};

struct Highest<const N: usize>;

impl<const N: usize> Map<N, 1, 0> for Highest<N> {
    #[inline(always)]
    fn at(x: [f64; N], _: [f64; 0]) -> [f64; 1] {
        let mut best = x[0];
        for &value in &x[1..] {
            best = if value > best { value } else { best };
        }
        [best]
    }
}

struct Lowest<const N: usize>;

impl<const N: usize> Map<N, 1, 0> for Lowest<N> {
    #[inline(always)]
    fn at(x: [f64; N], _: [f64; 0]) -> [f64; 1] {
        let mut best = x[0];
        for &value in &x[1..] {
            best = if value < best { value } else { best };
        }
        [best]
    }
}

macro_rules! extremum {
    ($(#[$doc:meta])* $name:ident, $map:ident) => {
        $(#[$doc])*
        pub fn $name(graph: &mut Graph, input: Series, period: usize) -> Series {
            let (mut block, mut length) = (input, 1);
            while period > TERMS * length {
                let quarters = std::array::from_fn(|i| block.lag(i * length));
                [block] = graph.map($map::<4>, quarters, []);
                length *= 4;
            }
            let lag = |i: usize| (i * length).min(period - length);
            [block] = match period.div_ceil(length) {
                1 => return block,
                2 => graph.map($map::<2>, std::array::from_fn(|i| block.lag(lag(i))), []),
                3 => graph.map($map::<3>, std::array::from_fn(|i| block.lag(lag(i))), []),
                4 => graph.map($map::<4>, std::array::from_fn(|i| block.lag(lag(i))), []),
                5 => graph.map($map::<5>, std::array::from_fn(|i| block.lag(lag(i))), []),
                _ => graph.map($map::<TERMS>, std::array::from_fn(|i| block.lag(lag(i))), []),
            };
            block
        }
    };
}

extremum! {
    /// Largest of the last `period` values.
    highest, Highest
}
extremum! {
    /// Smallest of the last `period` values.
    lowest, Lowest
}

/// Rows back to the extremum of `N` blocks, newest first; of equal values the newest counts. Inputs are the extrema, then
/// the rows back inside the blocks; constants the rows back to the blocks. Results are the extremum and the rows back to it.
macro_rules! place {
    ($map:ident, $blocks:literal, $inputs:literal, $better:tt) => {
        struct $map;

        impl Map<$inputs, 2, $blocks> for $map {
            #[inline(always)]
            fn at(x: [f64; $inputs], lag: [f64; $blocks]) -> [f64; 2] {
                let (mut best, mut back) = (x[0], x[$blocks] + lag[0]);
                for block in 1..$blocks {
                    let better = x[block] $better best;
                    best = if better { x[block] } else { best };
                    back = if better { x[$blocks + block] + lag[block] } else { back };
                }
                [best, back]
            }
        }
    };
}
place!(HighestPlace4, 4, 8, >);
place!(HighestPlace6, 6, 12, >);
place!(LowestPlace4, 4, 8, <);
place!(LowestPlace6, 6, 12, <);

map! {
    /// A value is no rows away from itself.
    Here: [_x], [] => 1 { [0.0] }
}

macro_rules! place_of_extremum {
    ($(#[$doc:meta])* $name:ident, $four:ident, $six:ident) => {
        $(#[$doc])*
        pub fn $name(graph: &mut Graph, input: Series, period: usize) -> Series {
            let [mut back] = graph.map(Here, [input], []);
            let (mut block, mut length) = (input, 1);
            while period > TERMS * length {
                let lags: [usize; 4] = std::array::from_fn(|i| i * length);
                let inputs = std::array::from_fn(|i| [block, back][i / 4].lag(lags[i % 4]));
                [block, back] = graph.map($four, inputs, lags.map(|lag| lag as f64));
                length *= 4;
            }
            // The last blocks are the same one when fewer are enough.
            let lags: [usize; TERMS] = std::array::from_fn(|i| (i * length).min(period - length));
            let inputs = std::array::from_fn(|i| [block, back][i / TERMS].lag(lags[i % TERMS]));
            let [_, back] = graph.map($six, inputs, lags.map(|lag| lag as f64));
            back
        }
    };
}

place_of_extremum! {
    /// Rows back to the largest of the last `period` values; of equal ones, to the newest.
    highest_place, HighestPlace4, HighestPlace6
}
place_of_extremum! {
    /// Rows back to the smallest of the last `period` values; of equal ones, to the newest.
    lowest_place, LowestPlace4, LowestPlace6
}
