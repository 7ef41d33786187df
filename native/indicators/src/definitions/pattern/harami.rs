//! A body inside the one before: harami and what begins with it.

use super::{
    candle::{Candle, bullish, either},
    declare::pattern,
    settings::{BODY_DOJI, BODY_LONG, BODY_SHORT},
};

/// A body inside an earlier one: 80 if they share an end, 100 if not, against the earlier one's color; 0 otherwise.
#[inline(always)]
fn contained(sizes: bool, outer: Candle, inner: Candle) -> f64 {
    let touching = (inner.top() <= outer.top()) & (inner.bottom() >= outer.bottom());
    let strength = if inner.inside(outer) { 100.0 } else { 80.0 };
    let signed = if outer.black() { strength } else { -strength };
    if sizes & touching { signed } else { 0.0 }
}

pattern! {
    CDLHARAMI = "cdlharami": "Harami: a short body inside the long one before; 100 or -100 against it, 80 or -80 when one end is equal, 0 otherwise.";
    formula "long(a); short or equal b whose body does not reach beyond that of a: 100, or 80 where one end is equal; \
     negative for a white a";
    [a, b], [long = BODY_LONG(a), short = BODY_SHORT(b)] =>
    contained((a.body() > long) & (b.body() <= short), a, b)
}

pattern! {
    CDLHARAMICROSS = "cdlharamicross": "Harami cross: a doji inside the long body before; 100 or -100 against it, 80 or -80 when one end is equal, 0 otherwise.";
    formula "long(a); doji(b) whose body does not reach beyond that of a: 100, or 80 where one end is equal; negative \
     for a white a";
    [a, b], [long = BODY_LONG(a), doji = BODY_DOJI(b)] =>
    contained((a.body() > long) & (b.body() <= doji), a, b)
}

pattern! {
    CDLHOMINGPIGEON = "cdlhomingpigeon": "Homing pigeon: a short black body inside a long black one; 100 or 0.";
    formula "black(a), long(a); black b, short or equal, b.open < a.open, b.close > a.close";
    [a, b], [long = BODY_LONG(a), short = BODY_SHORT(b)] =>
    bullish(
        a.black() & b.black() & (a.body() > long) & (b.body() <= short)
            & (b.open < a.open) & (b.close > a.close),
    )
}

pattern! {
    CDL3INSIDE = "cdl3inside": "Three inside up (100) and down (-100): a harami, confirmed by a close beyond the first open; 0 otherwise.";
    formula "long(a); short or equal b inside a; c of the other color than a, closing above a.open if a is black, \
     below it if a is white";
    [a, b, c], [long = BODY_LONG(a), short = BODY_SHORT(b)] => {
        let beyond = if a.white() { c.close < a.open } else { c.close > a.open };
        either(
            b.inside(a) & (a.white() != c.white()) & beyond & (a.body() > long) & (b.body() <= short),
            a.black(),
        )
    }
}
