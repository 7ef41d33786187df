//! Elementary functions: exponentials, logarithms, sines and their inverses, off by at most [`ULPS`] units in the last
//! place.
//!
//! Those of the platform differ in their last bit from one C library, and from one processor, to the next. These are made
//! of operations that are correctly rounded everywhere, so their bits are the same everywhere, and they have no branches,
//! so that a [map](mod@crate::map) over them becomes vector code. Each splits its argument into a part that is looked up
//! or scaled and a small rest, takes a polynomial of the rest, and carries what was rounded off in a second number until
//! the last addition. The polynomials were fitted through Chebyshev nodes in 300 bits; what they are off stands beside them.

mod angle;
mod arc;
mod exponential;
mod hyperbolic;
mod logarithm;

pub(crate) use angle::{Cos, Sin, Tan};
pub(crate) use arc::{acos, asin, atan};
pub(crate) use exponential::exp;
pub(crate) use hyperbolic::{cosh, sinh, tanh};
pub(crate) use logarithm::{ln, log10};

/// Most units in the last place that a function is off the true value, for all arguments that the tests tried.
#[cfg(test)]
const ULPS: f64 = 0.8;

/// Added and subtracted, rounds to a whole number, and leaves it in the low bits in between.
const ROUND: f64 = 1.5 * (1u64 << 52) as f64;

/// The polynomial with these coefficients, the constant one first.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut value = coefficients[N - 1];
    for coefficient in coefficients[..N - 1].iter().rev() {
        value = value.mul_add(x, *coefficient);
    }
    value
}

/// `large + small` and what its rounding lost, if `large` is not the smaller one or is 0.
#[inline(always)]
fn sum(large: f64, small: f64) -> (f64, f64) {
    let sum = large + small;
    (sum, (large - sum) + small)
}

/// `a + b` and what its rounding lost.
#[inline(always)]
fn sum_of_any(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let back = sum - a;
    (sum, (a - (sum - back)) + (b - back))
}

/// `(n + n_low) / (d + d_low)` and what its rounding lost, with one division.
#[inline(always)]
fn quotient((n, n_low): (f64, f64), (d, d_low): (f64, f64)) -> (f64, f64) {
    let inverse = 1.0 / d;
    let quotient = n * inverse;
    let rest = (-quotient).mul_add(d, n) + (-quotient).mul_add(d_low, n_low);
    (quotient, rest * inverse)
}

#[cfg(test)]
mod tests;
