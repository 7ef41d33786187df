//! Black bodies after or above a white one: the crows.

use super::{
    candle::{bearish, close_to},
    declare::pattern,
    settings::{BODY_LONG, BODY_SHORT, EQUAL, SHADOW_VERY_SHORT},
};

pattern! {
    CDL2CROWS = "cdl2crows": "Two crows: a black body that gaps above a long white one, then one that opens inside it and closes inside the first; -100 or 0.";
    formula "white(a), long(a); black(b), b above a; black(c), b.close < c.open < b.open, a.open < c.close < a.close";
    [a, b, c], [long = BODY_LONG(a)] =>
    bearish(
        a.white() & (a.body() > long) & b.black() & b.above(a) & c.black()
            & (c.open < b.open) & (c.open > b.close) & (c.close > a.open) & (c.close < a.close),
    )
}

pattern! {
    CDLUPSIDEGAP2CROWS = "cdlupsidegap2crows": "Upside gap two crows: a short black body that gaps above a long white one, then one that engulfs it and closes above the first; -100 or 0.";
    formula "white(a), long(a); black b, short or equal, above a; black(c), c.open > b.open, a.close < c.close < \
     b.close";
    [a, b, c], [long = BODY_LONG(a), short = BODY_SHORT(b)] =>
    bearish(
        a.white() & (a.body() > long) & b.black() & (b.body() <= short) & b.above(a) & c.black()
            & (c.open > b.open) & (c.close < b.close) & (c.close > a.close),
    )
}

pattern! {
    CDL3BLACKCROWS = "cdl3blackcrows": "Three black crows: after a white candle three falling black ones that open inside the body before and close near their lows; -100 or 0.";
    formula "a white candle z before; black(a), black(b), black(c); each close below the one before, a.close < z.high; \
     b and c open inside the body before; lower shadows of a, b and c very short";
    held back 13,
    [before, a, b, c], [
        very_short_a = SHADOW_VERY_SHORT(a), very_short_b = SHADOW_VERY_SHORT(b), very_short_c = SHADOW_VERY_SHORT(c)
    ] => bearish(
        before.white() & a.black() & b.black() & c.black()
            & (b.open < a.open) & (b.open > a.close) & (c.open < b.open) & (c.open > b.close)
            & (before.high > a.close) & (a.close > b.close) & (b.close > c.close)
            & (a.lower() < very_short_a) & (b.lower() < very_short_b) & (c.lower() < very_short_c),
    )
}

pattern! {
    CDLIDENTICAL3CROWS = "cdlidentical3crows": "Identical three crows: three falling black candles that open at the close before and close near their lows; -100 or 0.";
    formula "black a, b, c with very short lower shadows, closes falling; b.open within equal of a.close, c.open \
     within equal of b.close";
    [a, b, c], [
        very_short_a = SHADOW_VERY_SHORT(a), very_short_b = SHADOW_VERY_SHORT(b), very_short_c = SHADOW_VERY_SHORT(c),
        equal_a = EQUAL(a), equal_b = EQUAL(b)
    ] => bearish(
        a.black() & b.black() & c.black()
            & (a.lower() < very_short_a) & (b.lower() < very_short_b) & (c.lower() < very_short_c)
            & (a.close > b.close) & (b.close > c.close)
            & close_to(b.open, a.close, equal_a) & close_to(c.open, b.close, equal_b),
    )
}
