//! Where in a window its extremum is. Blocks are merged newest first and an older one must be better, not equal, so of
//! equal values the newest counts; a row that two blocks share has the same age in both.

use crate::{
    graph::{Graph, Series},
    map::Map,
};

/// Merges two blocks, newer first: value, age, value, age within the older block, and how much older that begins.
struct NewestHighest;

impl Map<4, 2, 1> for NewestHighest {
    #[inline(always)]
    fn at([value, age, other, other_age]: [f64; 4], [lag]: [f64; 1]) -> [f64; 2] {
        let better = other > value;
        [
            if better { other } else { value },
            if better { other_age + lag } else { age },
        ]
    }
}

/// The same for the smallest value.
struct NewestLowest;

impl Map<4, 2, 1> for NewestLowest {
    #[inline(always)]
    fn at([value, age, other, other_age]: [f64; 4], [lag]: [f64; 1]) -> [f64; 2] {
        let better = other < value;
        [
            if better { other } else { value },
            if better { other_age + lag } else { age },
        ]
    }
}

/// Two single values, newer first.
struct HighestOfTwo;

impl Map<2, 2, 0> for HighestOfTwo {
    #[inline(always)]
    fn at([value, other]: [f64; 2], _: [f64; 0]) -> [f64; 2] {
        let better = other > value;
        [
            if better { other } else { value },
            if better { 1.0 } else { 0.0 },
        ]
    }
}

/// The same for the smallest value.
struct LowestOfTwo;

impl Map<2, 2, 0> for LowestOfTwo {
    #[inline(always)]
    fn at([value, other]: [f64; 2], _: [f64; 0]) -> [f64; 2] {
        let better = other < value;
        [
            if better { other } else { value },
            if better { 1.0 } else { 0.0 },
        ]
    }
}

macro_rules! age {
    ($(#[$doc:meta])* $name:ident, $two:ident, $merge:ident) => {
        $(#[$doc])*
        pub fn $name(graph: &mut Graph, input: Series, period: usize) -> Series {
            let [mut value, mut age] = graph.map($two, [input, input.lag(1)], []);
            let mut length = 2;
            while length < period {
                let lag = length.min(period - length);
                [value, age] = graph.map(
                    $merge,
                    [value, age, value.lag(lag), age.lag(lag)],
                    [lag as f64],
                );
                length += lag;
            }
            age
        }
    };
}

age! {
    /// Rows since the largest of the last `period` values, at least two of them; of equal ones, since the newest.
    highest_age, HighestOfTwo, NewestHighest
}
age! {
    /// Rows since the smallest of the last `period` values, at least two of them; of equal ones, since the newest.
    lowest_age, LowestOfTwo, NewestLowest
}
