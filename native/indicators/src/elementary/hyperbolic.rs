//! Hyperbolic functions.

use super::{
    exponential::{power_of_2, split},
    quotient, sum, sum_of_any,
};

/// Below this, x is the sine and the tangent, up to half a unit in the last place.
const TINY: f64 = 1.0 / (1u64 << 30) as f64;
/// Beyond this, e^-x is nothing beside e^x.
const LARGE: f64 = 300.0;
/// Of the argument whose sine and cosine are infinite.
const MOST: f64 = 712.0;
/// Divides large results, so that they stay in range until the end.
const LIFT: f64 = 512.0;

/// `e^x / 2 - shift` of a positive `x`, in two parts, and what its exponent was lowered by.
#[inline(always)]
fn half_exp(x: f64, shift: f64) -> ((f64, f64), f64) {
    let x = if x > MOST { MOST } else { x };
    let (k, (p, p_low)) = split(x);
    let lift = if x > LARGE { LIFT } else { 0.0 };
    let half = power_of_2(k - 1.0 - lift);
    let (value, lost) = sum(half - shift, half * p);
    ((value, half.mul_add(p_low, lost)), lift)
}

/// Hyperbolic sine.
#[inline(always)]
pub(crate) fn sinh(x: f64) -> f64 {
    let size = x.abs();
    // With m = (e^x - 1) / 2: sinh(x) = m + m / (2 m + 1), which keeps the digits of a small x.
    let shift = if size > LARGE { 0.0 } else { 0.5 };
    let ((m, m_low), lift) = half_exp(size, shift);
    let (divisor, lost) = sum_of_any(m, 0.5);
    let (share, share_low) = quotient((m, m_low), (divisor, lost + m_low));
    let (sine, lost) = sum(m, shift * share);
    let sine = (sine + (lost + shift.mul_add(share_low, m_low))) * power_of_2(lift);
    if size < TINY { x } else { sine.copysign(x) }
}

/// Hyperbolic cosine.
#[inline(always)]
pub(crate) fn cosh(x: f64) -> f64 {
    let size = x.abs();
    let ((m, m_low), lift) = half_exp(size, 0.0);
    let quarter = if size > LARGE { 0.0 } else { 0.25 };
    let (share, share_low) = quotient((quarter, 0.0), (m, m_low));
    let (cosine, lost) = sum(m, share);
    (cosine + (lost + (m_low + share_low))) * power_of_2(lift)
}

/// Hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    /// Where it is 1 but for less than half a unit.
    const FLAT: f64 = 20.0;
    let size = x.abs();
    let size = if size > FLAT { FLAT } else { size };
    // With m = (e^2x - 1) / 2: tanh(x) = m / (m + 1).
    let ((m, m_low), _) = half_exp(2.0 * size, 0.5);
    let (divisor, lost) = sum_of_any(m, 1.0);
    let (tangent, lost) = quotient((m, m_low), (divisor, lost + m_low));
    if size < TINY {
        x
    } else {
        (tangent + lost).copysign(x)
    }
}
