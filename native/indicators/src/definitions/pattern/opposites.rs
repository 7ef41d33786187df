//! Two candles of opposite color that share a price or stand apart: counterattack, separating lines, kicking.

use super::{
    candle::{Candle, close_to, either},
    declare::pattern,
    settings::{BODY_LONG, EQUAL, SHADOW_VERY_SHORT},
};

pattern! {
    CDLCOUNTERATTACK = "cdlcounterattack": "Counterattack: two long opposite bodies with equal closes, the second white (100) or black (-100); 0 otherwise.";
    formula "long a and b of different color, abs(b.close - a.close) <= equal";
    [a, b], [long_a = BODY_LONG(a), long_b = BODY_LONG(b), equal = EQUAL(a)] =>
    either(
        (a.white() != b.white()) & (a.body() > long_a) & (b.body() > long_b)
            & close_to(b.close, a.close, equal),
        b.white(),
    )
}

pattern! {
    CDLSEPARATINGLINES = "cdlseparatinglines": "Separating lines: two opposite bodies with equal opens, the second a white (100) or black (-100) belt hold; 0 otherwise.";
    formula "a and b of different color, abs(b.open - a.open) <= equal; long(b), very short lower shadow if white, \
     upper shadow if black";
    held back 11,
    [a, b], [long = BODY_LONG(b), very_short = SHADOW_VERY_SHORT(b), equal = EQUAL(a)] => {
        let opening = if b.white() { b.lower() } else { b.upper() };
        either(
            (a.white() != b.white()) & close_to(b.open, a.open, equal)
                & (b.body() > long) & (opening < very_short),
            b.white(),
        )
    }
}

/// A long body without shadows.
#[inline(always)]
fn marubozu(candle: Candle, long: f64, very_short: f64) -> bool {
    (candle.body() > long) & (candle.upper() < very_short) & (candle.lower() < very_short)
}

/// Opposite candles, the second beyond the open of the first with no price in common.
#[inline(always)]
fn kicks(a: Candle, b: Candle) -> bool {
    let gap = if a.white() {
        b.high < a.low
    } else {
        b.low > a.high
    };
    (a.white() != b.white()) & gap
}

pattern! {
    CDLKICKING = "cdlkicking": "Kicking: two opposite marubozu with a gap between them, the second white (100) or black (-100); 0 otherwise.";
    formula "a and b long with very short shadows, of different color; b.low > a.high if a is black, b.high < a.low if \
     a is white; the sign is the color of b";
    [a, b], [
        long_a = BODY_LONG(a), long_b = BODY_LONG(b),
        very_short_a = SHADOW_VERY_SHORT(a), very_short_b = SHADOW_VERY_SHORT(b)
    ] => either(
        kicks(a, b) & marubozu(a, long_a, very_short_a) & marubozu(b, long_b, very_short_b),
        b.white(),
    )
}

pattern! {
    CDLKICKINGBYLENGTH = "cdlkickingbylength": "Kicking by length: two opposite marubozu with a gap between them, the longer one white (100) or black (-100); 0 otherwise.";
    formula "a and b as in ta_cdlkicking; the sign is the color of the longer one";
    [a, b], [
        long_a = BODY_LONG(a), long_b = BODY_LONG(b),
        very_short_a = SHADOW_VERY_SHORT(a), very_short_b = SHADOW_VERY_SHORT(b)
    ] => {
        let white = if b.body() > a.body() { b.white() } else { a.white() };
        either(
            kicks(a, b) & marubozu(a, long_a, very_short_a) & marubozu(b, long_b, very_short_b),
            white,
        )
    }
}
