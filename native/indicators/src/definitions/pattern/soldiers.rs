//! Three rising white bodies: soldiers, and how their advance ends.

use super::{
    candle::{Candle, bearish, bullish},
    declare::pattern,
    settings::{BODY_LONG, BODY_SHORT, FAR, NEAR, SHADOW_LONG, SHADOW_SHORT, SHADOW_VERY_SHORT},
};

/// Three white candles, each closing above the one before.
#[inline(always)]
fn rising(a: Candle, b: Candle, c: Candle) -> bool {
    a.white() & b.white() & c.white() & (c.close > b.close) & (b.close > a.close)
}

/// Opens above the open before, and inside or near that body.
#[inline(always)]
fn follows(candle: Candle, before: Candle, near: f64) -> bool {
    (candle.open > before.open) & (candle.open <= before.close + near)
}

pattern! {
    CDL3WHITESOLDIERS = "cdl3whitesoldiers": "Three white soldiers: three rising white candles of like size that open in the body before and close near their highs; 100 or 0.";
    formula "white a, b, c, closes rising; b and c open above the open before and at most near above its close; upper \
     shadows very short; body(b) > body(a) - far, body(c) > body(b) - far, body(c) not short";
    [a, b, c], [
        very_short_a = SHADOW_VERY_SHORT(a), very_short_b = SHADOW_VERY_SHORT(b), very_short_c = SHADOW_VERY_SHORT(c),
        near_a = NEAR(a), near_b = NEAR(b), far_a = FAR(a), far_b = FAR(b), short = BODY_SHORT(c)
    ] => bullish(
        rising(a, b, c) & follows(b, a, near_a) & follows(c, b, near_b)
            & (a.upper() < very_short_a) & (b.upper() < very_short_b) & (c.upper() < very_short_c)
            & (b.body() > a.body() - far_a) & (c.body() > b.body() - far_b) & (c.body() > short),
    )
}

pattern! {
    CDLADVANCEBLOCK = "cdladvanceblock": "Advance block: three rising white candles whose bodies shrink or whose upper shadows grow; -100 or 0.";
    formula "white a, b, c, closes rising; b and c open above the open before and at most near above its close; \
     long(a) with short upper shadow; and body(b) < body(a) - far with body(c) < body(b) + near, or body(c) < body(b) \
     - far, or bodies shrinking with upper(b) or upper(c) not short, or body(c) < body(b) with upper(c) > body(c)";
    [a, b, c], [
        near_a = NEAR(a), near_b = NEAR(b), far_a = FAR(a), far_b = FAR(b), long = BODY_LONG(a),
        short_shadow_a = SHADOW_SHORT(a), short_shadow_b = SHADOW_SHORT(b), short_shadow_c = SHADOW_SHORT(c)
    ] => {
        let second_far_smaller = (b.body() < a.body() - far_a) & (c.body() < b.body() + near_b);
        let third_far_smaller = c.body() < b.body() - far_b;
        let shrinking = (c.body() < b.body()) & (b.body() < a.body())
            & ((c.upper() > short_shadow_c) | (b.upper() > short_shadow_b));
        let third_with_long_shadow = (c.body() < b.body()) & (c.upper() > SHADOW_LONG * c.body());
        bearish(
            rising(a, b, c) & follows(b, a, near_a) & follows(c, b, near_b)
                & (a.body() > long) & (a.upper() < short_shadow_a)
                & (second_far_smaller | third_far_smaller | shrinking | third_with_long_shadow),
        )
    }
}

pattern! {
    CDLSTALLEDPATTERN = "cdlstalledpattern": "Stalled pattern: two long white candles, then a small one at the shoulder of the second; -100 or 0.";
    formula "white a, b, c, closes rising; long a and b; upper shadow of b very short, b opens above a.open and at \
     most near above a.close; short(c), c.open >= b.close - body(c) - near";
    [a, b, c], [
        long_a = BODY_LONG(a), long_b = BODY_LONG(b), very_short = SHADOW_VERY_SHORT(b),
        near_a = NEAR(a), near_b = NEAR(b), short = BODY_SHORT(c)
    ] => bearish(
        rising(a, b, c) & follows(b, a, near_a) & (a.body() > long_a) & (b.body() > long_b)
            & (b.upper() < very_short) & (c.body() < short)
            & (c.open >= b.close - c.body() - near_b),
    )
}
