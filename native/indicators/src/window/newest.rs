//! Means for windows that are read as a whole, taken from the newest value so that the level of a price does not round them.

use crate::rolling::Rolling;

/// Mean of a window less its newest value, which is also the value of the row; the constant is the reciprocal of its length.
pub struct MeanFromNewest;

impl Rolling<1, 1, 1, 1, 1> for MeanFromNewest {
    #[inline(always)]
    fn add([sum]: [f64; 1], [x]: [f64; 1], _: f64, [newest]: [f64; 1], _: [f64; 1]) -> [f64; 1] {
        [sum + (x - newest)]
    }

    #[inline(always)]
    fn end([sum]: [f64; 1], _: [f64; 1], [reciprocal]: [f64; 1]) -> [f64; 1] {
        [sum * reciprocal]
    }
}
