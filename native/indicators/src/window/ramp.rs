//! Linearly weighted mean of a window: the newest row counts most, the oldest once.
//!
//! Beside its sum, a block keeps its *ramp*, the sum of its values weighted by their place from the oldest, 1, to the
//! newest. In a longer window all its places move up by the rows that are older, which adds that many sums.

use super::{
    TERMS, blocks,
    mean::{array, block, divide},
};
use crate::{
    graph::{Graph, Series},
    map,
    map::Map,
};

/// Mean of the last `period` values, weighted by their places from the oldest, 1, to the newest, `period`.
pub fn weighted_mean(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let mut terms = Vec::new();
    for (lag, length) in blocks(period, TERMS) {
        let older = (period - lag - length) as f64;
        if length == 1 {
            terms.push((input.lag(lag), older + 1.0));
            continue;
        }
        terms.push((ramp(graph, input, length).lag(lag), 1.0));
        if older > 0.0 {
            terms.push((block(graph, input, length).lag(lag), older));
        }
    }
    // The terms of long windows do not fit one map.
    while terms.len() > WEIGHTS {
        let sum = weighted(graph, &terms[..WEIGHTS], 1.0);
        terms.splice(..WEIGHTS, [(sum, 1.0)]);
    }
    weighted(graph, &terms, (period * (period + 1) / 2) as f64)
}

/// Ramps of blocks whose length is a power of four.
fn ramp(graph: &mut Graph, input: Series, length: usize) -> Series {
    if length == 1 {
        return input;
    }
    let part = length / 4;
    let (sum, quarter) = (block(graph, input, part), ramp(graph, input, part));
    let inputs = [
        sum,
        sum.lag(part),
        sum.lag(2 * part),
        quarter,
        quarter.lag(part),
        quarter.lag(2 * part),
        quarter.lag(3 * part),
    ];
    let [ramp] = graph.map(Ramp, inputs, [part as f64]);
    ramp
}

map! {
    /// Ramp of four quarters of `part` rows, newest first, from the sums of the first three and all ramps.
    Ramp: [s0, s1, s2, r0, r1, r2, r3], [part] => 1 {
        let moved = 3.0 * s0 + 2.0 * s1 + s2;
        [part.mul_add(moved, r0 + r1 + r2 + r3)]
    }
}

/// Sum of `N` values times their weights, over a constant, which stands before the weights with its reciprocal.
struct Weighted<const N: usize>;

/// Most values that one map weighs.
const WEIGHTS: usize = 12;

/// Declares the map for each number of values, and how to choose among them.
macro_rules! weighted {
    ($($values:literal: $constants:literal),*) => {
        $(impl Map<$values, 1, $constants> for Weighted<$values> {
            #[inline(always)]
            fn at(x: [f64; $values], [divisor, reciprocal, weights @ ..]: [f64; $constants]) -> [f64; 1] {
                let mut total = weights[0] * x[0];
                for (weight, x) in weights[1..].iter().zip(&x[1..]) {
                    total = weight.mul_add(*x, total);
                }
                [divide(total, divisor, reciprocal)]
            }
        })*

        /// The sum of at most [`WEIGHTS`] series times their weights, over the divisor.
        fn weighted(graph: &mut Graph, terms: &[(Series, f64)], divisor: f64) -> Series {
            let (series, weights): (Vec<Series>, Vec<f64>) = terms.iter().copied().unzip();
            let k = [&[divisor, 1.0 / divisor], &weights[..]].concat();
            let [value] = match terms.len() {
                $($values => graph.map(Weighted::<$values>, array(&series), array(&k)),)*
                terms => unreachable!("{terms} terms"),
            };
            value
        }
    };
}

weighted!(1: 3, 2: 4, 3: 5, 4: 6, 5: 7, 6: 8, 7: 9, 8: 10, 9: 11, 10: 12, 11: 13, 12: 14);
