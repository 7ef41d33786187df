//! Exponential function.

use std::f64::consts::LOG2_E;

use super::{ROUND, polynomial, sum};

/// ln 2 in two parts; the first has so few digits that its product with an exponent is exact.
pub(super) const LN_2: [f64; 2] = [0.6931471806019545, -4.2009150726810846e-11];
/// `(e^r - 1 - r - r^2 / 2) / r^3` for half of ln 2 on either side; off by 2^-61 of e^r.
const REST: [f64; 10] = [
    0.1666666666666667,
    0.04166666666666667,
    0.008333333333326084,
    0.0013888888888883711,
    0.0001984126987500228,
    2.480158732567746e-05,
    2.755725517000089e-06,
    2.755727347871858e-07,
    2.5105312729622103e-08,
    2.09147553258932e-09,
];

/// `k` and `p` in two parts, with `e^x = 2^k (1 + p)`, for `x` from -746 to 746.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, (f64, f64)) {
    let k = x.mul_add(LOG2_E, ROUND) - ROUND;
    let high = (-k).mul_add(LN_2[0], x);
    let r = (-k).mul_add(LN_2[1], high);
    let lost = (-k).mul_add(LN_2[1], high - r);
    let square = 0.5 * r * r;
    let square_low = (0.5 * r).mul_add(r, -square);
    let rest = (r * square).mul_add(2.0 * polynomial(r, REST), square_low + lost);
    let (p, p_low) = sum(r, square);
    (k, sum(p, p_low + rest))
}

/// `2^k` for a whole `k` from -1022 to 1023.
#[inline(always)]
pub(super) fn power_of_2(k: f64) -> f64 {
    const BIAS: f64 = 1023.0;
    f64::from_bits((k + (ROUND + BIAS)).to_bits() << 52)
}

/// `e^x`.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    // Beyond these the result is infinite, or 0.
    const MOST: f64 = 710.0;
    const LEAST: f64 = -746.0;
    let inside = if x > MOST { MOST } else { x };
    let inside = if inside < LEAST { LEAST } else { inside };
    let (k, (p, p_low)) = split(inside);
    let (one_p, lost) = sum(1.0, p);
    // In two steps, since 2^k may be out of range where the result is not.
    let half = k.mul_add(0.5, ROUND) - ROUND;
    (one_p + (lost + p_low)) * power_of_2(half) * power_of_2(k - half)
}
