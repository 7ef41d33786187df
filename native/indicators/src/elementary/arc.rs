//! Inverses of sine, cosine and tangent.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use super::{polynomial, quotient, sum};

/// pi / 2 in two parts.
const QUARTER: (f64, f64) = (FRAC_PI_2, 6.123233995736766e-17);
/// `(atan t - t) / t^3` up to 7/16; off by 2^-58 of the arc.
const TANGENT: [f64; 12] = [
    -0.3333333333333333,
    0.19999999999999407,
    -0.1428571428556654,
    0.11111111096621673,
    -0.09090908354560998,
    0.07692285527906569,
    -0.06666241489127069,
    0.05876941983021393,
    -0.052166502144867496,
    0.04492138609297187,
    -0.03312535295983229,
    0.014770422473006917,
];
/// `(asin s - s) / s^3` up to 1/2; off by 2^-57 of the arc.
const SINE: [f64; 13] = [
    0.16666666666666669,
    0.07499999999998425,
    0.04464285714637338,
    0.030381944137085216,
    0.022372173002005596,
    0.017352391265909227,
    0.013971235301124539,
    0.011478952690257387,
    0.010324318288744113,
    0.00545087818772055,
    0.017419357964884856,
    -0.014881409392818066,
    0.02877844261259304,
];

/// Arc tangent, in radians.
#[inline(always)]
pub(crate) fn atan(x: f64) -> f64 {
    // From here on the arc is a quarter turn.
    const MOST: f64 = 1e20;
    let size = x.abs();
    let size = if size > MOST { MOST } else { size };
    // atan(x) = atan(b) + atan((x - b) / (1 + b x)) with b = 0, 1/2, 1, 3/2, or infinite.
    let pick = |values: [f64; 5]| {
        let [nothing, half, one, one_half, endless] = values;
        let upper = if size < 39.0 / 16.0 {
            one_half
        } else {
            endless
        };
        let upper = if size < 19.0 / 16.0 { one } else { upper };
        let upper = if size < 11.0 / 16.0 { half } else { upper };
        if size < 7.0 / 16.0 { nothing } else { upper }
    };
    let numerator =
        pick([1.0, 2.0, 1.0, 1.0, 0.0]).mul_add(size, pick([0.0, -1.0, -1.0, -1.5, -1.0]));
    let (slope, start) = (
        pick([0.0, 1.0, 1.0, 1.5, 1.0]),
        pick([1.0, 2.0, 1.0, 1.0, 0.0]),
    );
    let denominator = slope.mul_add(size, start);
    let lost = slope.mul_add(size, start - denominator);
    let (t, t_low) = quotient((numerator, 0.0), (denominator, lost));
    let z = t * t;
    let rest = (t * z).mul_add(polynomial(z, TANGENT), t_low);
    let arc = pick([
        0.0,
        0.4636476090008061,
        FRAC_PI_4,
        0.982793723247329,
        QUARTER.0,
    ]);
    let arc_low = pick([
        0.0,
        2.2698777452961687e-17,
        3.061616997868383e-17,
        1.3903311031230998e-17,
        QUARTER.1,
    ]);
    let (arc, lost) = sum(arc, t);
    (arc + (lost + (arc_low + rest))).copysign(x)
}

/// What arc sine and arc cosine have in common: for an argument near 1 the arc is found from its half.
struct Arc {
    near_one: bool,
    /// The sine, or that of half the arc's distance from a quarter turn.
    sine: f64,
    /// What is to be added to it for its arc.
    rest: f64,
}

#[inline(always)]
fn arc(size: f64) -> Arc {
    let near_one = size >= 0.5;
    let z = if near_one {
        (-0.5f64).mul_add(size, 0.5)
    } else {
        size * size
    };
    let root = z.sqrt();
    let sine = if near_one { root } else { size };
    // The root is rounded; of a root of 0 nothing is lost.
    let lost = (-root).mul_add(root, z) * (0.5 / if root > 0.0 { root } else { 1.0 });
    let lost = if near_one { lost } else { 0.0 };
    Arc {
        near_one,
        sine,
        rest: (sine * z).mul_add(polynomial(z, SINE), lost),
    }
}

/// Arc sine, in radians; not a number outside -1 to 1.
#[inline(always)]
pub(crate) fn asin(x: f64) -> f64 {
    let Arc {
        near_one,
        sine,
        rest,
    } = arc(x.abs());
    let (far, lost) = sum(QUARTER.0, -2.0 * sine);
    let far = far + (lost + (-2.0f64).mul_add(rest, QUARTER.1));
    (if near_one { far } else { sine + rest }).copysign(x)
}

/// Arc cosine, in radians; not a number outside -1 to 1.
#[inline(always)]
pub(crate) fn acos(x: f64) -> f64 {
    let Arc {
        near_one,
        sine,
        rest,
    } = arc(x.abs());
    // A quarter less the arc sine, twice the half arc, or half a turn less that.
    let negative = x < 0.0;
    let turn = if negative { 2.0 } else { 0.0 };
    let quarters = if near_one { turn } else { 1.0 };
    let factor = if near_one { 2.0 } else { -1.0 };
    let factor = if negative { -factor } else { factor };
    let (near, lost) = sum(quarters * QUARTER.0, factor * sine);
    near + (lost + factor.mul_add(rest, quarters * QUARTER.1))
}
