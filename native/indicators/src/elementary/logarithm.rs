//! Logarithms.

use std::f64::consts::{LOG10_E, SQRT_2};

use super::{exponential::LN_2, polynomial, sum};

/// With `s = f / (2 + f)` and `z = s^2`: `(ln(1 + f) / s - 2) / z` where 1 + f lies between the square roots of 1/2 and 2;
/// off by 2^-60 of the logarithm.
const REST: [f64; 8] = [
    0.6666666666666666,
    0.4000000000000088,
    0.2857142857080285,
    0.22222222391887064,
    0.18181795621632782,
    0.15386240708969665,
    0.13268746195596595,
    0.13086907887965027,
];

/// `k`, and ln(x / 2^k) as a value near it and what is to be added, for a positive and finite `x`.
#[inline(always)]
fn split(x: f64) -> (f64, (f64, f64)) {
    const MANTISSA: u64 = (1 << 52) - 1;
    // Small numbers have no exponent of their own.
    const LIFT: f64 = (1u64 << 54) as f64;
    let small = x < f64::MIN_POSITIVE;
    let bits = if small { x * LIFT } else { x }.to_bits();
    // Put into the low bits of a number whose unit is 1, an integer becomes a float.
    const UNITS: f64 = (1u64 << 52) as f64;
    let exponent = f64::from_bits(UNITS.to_bits() | (bits >> 52)) - (UNITS + 1023.0);
    let exponent = if small { exponent - 54.0 } else { exponent };
    let mantissa = f64::from_bits(bits & MANTISSA | 1f64.to_bits());
    let upper = mantissa > SQRT_2;
    let k = if upper { exponent + 1.0 } else { exponent };
    let f = if upper { mantissa * 0.5 } else { mantissa } - 1.0;

    let s = f / (2.0 + f);
    let z = s * s;
    let square = 0.5 * f * f;
    // 2 s = f - s f, and s f = s (f^2 / 2) + f^2 / 2 - ..., which leaves f - f^2 / 2 and a small rest.
    (
        k,
        (
            f,
            s.mul_add(z.mul_add(polynomial(z, REST), square), -square),
        ),
    )
}

/// ln(x) in two parts.
#[inline(always)]
fn parts(x: f64) -> (f64, f64) {
    let (k, (f, rest)) = split(x);
    let (high, lost) = sum(k * LN_2[0], f);
    sum(high, lost + k.mul_add(LN_2[1], rest))
}

/// The logarithm at places where it is none: `-inf` at 0, `inf` at `inf`, not a number below 0.
#[inline(always)]
fn at_border(x: f64, logarithm: f64) -> f64 {
    let positive = if x < f64::INFINITY { logarithm } else { x };
    let not_negative = if x == 0.0 {
        f64::NEG_INFINITY
    } else {
        positive
    };
    if x < 0.0 { f64::NAN } else { not_negative }
}

/// Natural logarithm.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    at_border(x, parts(x).0)
}

/// Logarithm to the base of 10.
#[inline(always)]
pub(crate) fn log10(x: f64) -> f64 {
    /// 1 / ln 10 in two parts.
    const SCALE: [f64; 2] = [LOG10_E, 1.098319650216765e-17];
    let (high, low) = parts(x);
    let product = high * SCALE[0];
    let lost = high.mul_add(SCALE[0], -product);
    at_border(
        x,
        product + low.mul_add(SCALE[0], high.mul_add(SCALE[1], lost)),
    )
}
