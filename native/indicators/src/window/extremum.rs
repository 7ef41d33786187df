//! Largest and smallest value of a window. Blocks may overlap here, so any period is a few equal blocks.

use super::TERMS;
use crate::{
    graph::{Graph, Series},
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
