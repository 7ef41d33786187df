//! Sum and arithmetic mean of a window.

use super::{TERMS, blocks};
use crate::{
    graph::{Graph, Series},
    map::Map,
};

/// Sum of `N` values, from the first to the last.
struct Sum<const N: usize>;

impl<const N: usize> Map<N, 1, 0> for Sum<N> {
    #[inline(always)]
    fn at(x: [f64; N], _: [f64; 0]) -> [f64; 1] {
        [added(x)]
    }
}

/// Sum of `N` values over a constant, given with its reciprocal.
struct Mean<const N: usize>;

impl<const N: usize> Map<N, 1, 2> for Mean<N> {
    #[inline(always)]
    fn at(x: [f64; N], [count, reciprocal]: [f64; 2]) -> [f64; 1] {
        [divide(added(x), count, reciprocal)]
    }
}

#[inline(always)]
fn added<const N: usize>(x: [f64; N]) -> f64 {
    let mut total = x[0];
    for value in &x[1..] {
        total += value;
    }
    total
}

/// The correctly rounded quotient by a constant whose rounded reciprocal is known (Markstein 1990): a third of the time
/// of a division. Quotients in the subnormal range may be off in the last bit; an infinite dividend gives NaN.
#[inline(always)]
pub fn divide(dividend: f64, divisor: f64, reciprocal: f64) -> f64 {
    let quotient = dividend * reciprocal;
    let rest = (-quotient).mul_add(divisor, dividend);
    rest.mul_add(reciprocal, quotient)
}

/// Mean of the last `period` values.
pub fn mean(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let terms = terms(graph, input, period);
    quotient(graph, terms, period as f64)
}

/// Sum of the last `period` values.
pub fn sum(graph: &mut Graph, input: Series, period: usize) -> Series {
    let terms = terms(graph, input, period);
    let terms = few(graph, terms);
    let [sum] = match terms.len() {
        1 => return terms[0],
        2 => graph.map(Sum::<2>, array(&terms), []),
        3 => graph.map(Sum::<3>, array(&terms), []),
        4 => graph.map(Sum::<4>, array(&terms), []),
        5 => graph.map(Sum::<5>, array(&terms), []),
        _ => graph.map(Sum::<TERMS>, array(&terms), []),
    };
    sum
}

/// The blocks of a window, newest first.
fn terms(graph: &mut Graph, input: Series, period: usize) -> Vec<Series> {
    blocks(period, TERMS)
        .into_iter()
        .map(|(lag, length)| block(graph, input, length).lag(lag))
        .collect()
}

/// Adds up the first terms until one map takes those that are left.
fn few(graph: &mut Graph, mut terms: Vec<Series>) -> Vec<Series> {
    while terms.len() > TERMS {
        let [front] = graph.map(Sum::<4>, array(&terms), []);
        terms.splice(..4, [front]);
    }
    terms
}

/// Sum of the terms over a constant.
fn quotient(graph: &mut Graph, terms: Vec<Series>, divisor: f64) -> Series {
    let terms = few(graph, terms);
    let k = [divisor, 1.0 / divisor];
    let [quotient] = match terms.len() {
        1 => graph.map(Mean::<1>, array(&terms), k),
        2 => graph.map(Mean::<2>, array(&terms), k),
        3 => graph.map(Mean::<3>, array(&terms), k),
        4 => graph.map(Mean::<4>, array(&terms), k),
        5 => graph.map(Mean::<5>, array(&terms), k),
        _ => graph.map(Mean::<TERMS>, array(&terms), k),
    };
    quotient
}

/// Sums of blocks whose length is a power of four.
pub(super) fn block(graph: &mut Graph, input: Series, length: usize) -> Series {
    if length == 1 {
        return input;
    }
    let part = length / 4;
    let quarter = block(graph, input, part);
    let quarters = [
        quarter,
        quarter.lag(part),
        quarter.lag(2 * part),
        quarter.lag(3 * part),
    ];
    let [sum] = graph.map(Sum::<4>, quarters, []);
    sum
}

/// The first `N`.
pub(super) fn array<T: Copy, const N: usize>(terms: &[T]) -> [T; N] {
    std::array::from_fn(|i| terms[i])
}

#[cfg(test)]
mod tests {
    use super::divide;

    #[test]
    fn quotients_by_a_constant_are_those_of_a_division() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for count in (1..2_000).chain([99_999, 100_000]) {
            let divisor = f64::from(count);
            for _ in 0..200 {
                bits = bits
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let dividend = f64::from_bits((bits >> 12) | (1023 + (bits & 31)) << 52);
                let quotient = divide(dividend, divisor, 1.0 / divisor);
                assert_eq!(
                    quotient.to_bits(),
                    (dividend / divisor).to_bits(),
                    "{dividend:e} / {divisor}"
                );
            }
        }
    }
}
