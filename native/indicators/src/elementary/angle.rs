//! Sine, cosine and tangent.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

use super::{ROUND, polynomial, quotient, sum, sum_of_any};
use crate::map::Map;

/// Beyond this, three parts of pi / 2 do not suffice.
const FAR: f64 = (1u64 << 32) as f64;
/// pi / 2 in three parts.
const QUARTER: [f64; 3] = [FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];
/// `(sin r - r) / r^3` for an eighth of a turn on either side; off by 2^-57 of the sine.
const SINE: [f64; 7] = [
    -0.16666666666666666,
    0.008333333333333331,
    -0.00019841269841265017,
    2.755731921930192e-06,
    -2.5052106219521895e-08,
    1.6058529572267877e-10,
    -7.586576588171073e-13,
];
/// `(cos r - 1 + r^2 / 2) / r^4`; off by 2^-60.
const COSINE: [f64; 7] = [
    0.041666666666666664,
    -0.0013888888888888887,
    2.4801587301584618e-05,
    -2.7557319221382114e-07,
    2.087675578389404e-09,
    -1.1470459749675607e-11,
    4.745804889760674e-14,
];

/// Sine and cosine of a rest, each in two parts, and the number of quarter turns before it.
struct Turned {
    quarters: u64,
    sine: (f64, f64),
    cosine: (f64, f64),
}

/// For an angle up to [`FAR`].
#[inline(always)]
fn turned(x: f64) -> Turned {
    let counted = x.mul_add(FRAC_2_PI, ROUND);
    let k = counted - ROUND;
    // The first difference is exact, and near a whole quarter it is all that is left, so nothing of the second may be lost.
    let first = (-k).mul_add(QUARTER[0], x);
    let second = k * QUARTER[1];
    let second_low = k.mul_add(QUARTER[1], -second);
    let (high, lost) = sum_of_any(first, -second);
    let (r, r_low) = sum(high, lost - k.mul_add(QUARTER[2], second_low));

    let z = r * r;
    let half = 0.5 * z;
    let sine = sum(
        r,
        (r * z).mul_add(polynomial(z, SINE), (-r_low).mul_add(half, r_low)),
    );
    let (cosine, lost) = sum(1.0, -half);
    let rest = (z * z).mul_add(polynomial(z, COSINE), (-r).mul_add(r_low, lost));
    Turned {
        quarters: counted.to_bits(),
        sine,
        cosine: sum(cosine, rest),
    }
}

impl Turned {
    /// The sine so many quarters ahead.
    #[inline(always)]
    fn sine(&self, ahead: u64) -> f64 {
        let quarters = self.quarters.wrapping_add(ahead);
        let odd = quarters & 1 == 1;
        let value = if odd { self.cosine.0 } else { self.sine.0 };
        // The second half of a turn is below zero.
        f64::from_bits(value.to_bits() ^ ((quarters & 2) << 62))
    }
}

macro_rules! angle {
    ($(#[$doc:meta])* $name:ident, $near:expr, $far:path) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl Map<1, 1, 0> for $name {
            #[inline(always)]
            fn at([x]: [f64; 1], _: [f64; 0]) -> [f64; 1] {
                [$near(turned(x))]
            }

            const RARE: bool = true;

            #[inline(always)]
            fn is_rare([x]: [f64; 1]) -> bool {
                x.abs() > FAR
            }

            fn rare([x]: [f64; 1], _: [f64; 0]) -> [f64; 1] {
                [$far(x)]
            }
        }
    };
}

angle! {
    /// Sine of an angle in radians.
    Sin, |turned: Turned| turned.sine(0), libm::sin
}

angle! {
    /// Cosine of an angle in radians.
    Cos, |turned: Turned| turned.sine(1), libm::cos
}

angle! {
    /// Tangent of an angle in radians.
    Tan, tangent, libm::tan
}

#[inline(always)]
fn tangent(
    Turned {
        quarters,
        sine,
        cosine,
    }: Turned,
) -> f64 {
    let odd = quarters & 1 == 1;
    let minus = (-cosine.0, -cosine.1);
    let (tangent, lost) = quotient(
        if odd { minus } else { sine },
        if odd { sine } else { cosine },
    );
    tangent + lost
}
