//! Ends of a fall: equal closes, a low that holds, a last small candle.

use super::{
    candle::{bullish, close_to},
    declare::pattern,
    settings::{BODY_LONG, BODY_SHORT, EQUAL, SHADOW_LONG, SHADOW_VERY_SHORT},
};

pattern! {
    CDLMATCHINGLOW = "cdlmatchinglow": "Matching low: two black candles with equal closes; 100 or 0.";
    formula "black a and b, abs(b.close - a.close) <= equal";
    [a, b], [equal = EQUAL(a)] =>
    bullish(a.black() & b.black() & close_to(b.close, a.close, equal))
}

pattern! {
    CDLSTICKSANDWICH = "cdlsticksandwich": "Stick sandwich: a white candle above the close of a black one, then a black one with the same close; 100 or 0.";
    formula "black(a); white(b), b.low > a.close; black(c), abs(c.close - a.close) <= equal";
    [a, b, c], [equal = EQUAL(a)] =>
    bullish(
        a.black() & b.white() & c.black() & (b.low > a.close) & close_to(c.close, a.close, equal),
    )
}

pattern! {
    CDLUNIQUE3RIVER = "cdlunique3river": "Unique three river: a long black body, a black one inside it with a lower low, then a short white one that opens above that low; 100 or 0.";
    formula "black(a), long(a); black(b), b.close > a.close, b.open <= a.open, b.low < a.low; short white c, c.open > \
     b.low";
    [a, b, c], [long = BODY_LONG(a), short = BODY_SHORT(c)] =>
    bullish(
        a.black() & b.black() & c.white() & (b.close > a.close) & (b.open <= a.open) & (b.low < a.low)
            & (c.open > b.low) & (a.body() > long) & (c.body() < short),
    )
}

pattern! {
    CDL3STARSINSOUTH = "cdl3starsinsouth": "Three stars in the south: three black candles that shrink, each with a higher low, the last without shadows; 100 or 0.";
    formula "black a, b, c; long(a) with lower(a) > body(a); body(b) < body(a), a.close < b.open <= a.high, a.low <= \
     b.low < a.close, lower(b) not very short; short(c) with very short shadows, c.low > b.low, c.high < b.high";
    [a, b, c], [
        long = BODY_LONG(a), short = BODY_SHORT(c),
        very_short_b = SHADOW_VERY_SHORT(b), very_short_c = SHADOW_VERY_SHORT(c)
    ] => bullish(
        a.black() & b.black() & c.black() & (a.body() > long) & (a.lower() > SHADOW_LONG * a.body())
            & (b.body() < a.body()) & (b.open > a.close) & (b.open <= a.high)
            & (b.low < a.close) & (b.low >= a.low) & (b.lower() > very_short_b)
            & (c.body() < short) & (c.lower() < very_short_c) & (c.upper() < very_short_c)
            & (c.low > b.low) & (c.high < b.high),
    )
}

pattern! {
    CDLCONCEALBABYSWALL = "cdlconcealbabyswall": "Concealing baby swallow: two black marubozu, a black candle that gaps down and reaches back into the second, and a black one that engulfs it; 100 or 0.";
    formula "black a, b, c, d; a and b with very short shadows; c below b, its upper shadow not very short, c.high > \
     b.close; d.high > c.high, d.low < c.low";
    [a, b, c, d], [
        very_short_a = SHADOW_VERY_SHORT(a), very_short_b = SHADOW_VERY_SHORT(b), very_short_c = SHADOW_VERY_SHORT(c)
    ] => bullish(
        a.black() & b.black() & c.black() & d.black()
            & (a.lower() < very_short_a) & (a.upper() < very_short_a)
            & (b.lower() < very_short_b) & (b.upper() < very_short_b)
            & c.below(b) & (c.upper() > very_short_c) & (c.high > b.close)
            & (d.high > c.high) & (d.low < c.low),
    )
}

pattern! {
    CDLLADDERBOTTOM = "cdlladderbottom": "Ladder bottom: three falling black candles, a black one with an upper shadow, then a white one that closes above its high; 100 or 0.";
    formula "black a, b, c with falling opens and closes; black(d), upper shadow not very short; white(e), e.open > \
     d.open, e.close > d.high";
    held back 14,
    [a, b, c, d, e], [very_short = SHADOW_VERY_SHORT(d)] =>
    bullish(
        a.black() & b.black() & c.black() & d.black() & e.white()
            & (a.open > b.open) & (b.open > c.open) & (a.close > b.close) & (b.close > c.close)
            & (d.upper() > very_short) & (e.open > d.open) & (e.close > d.high),
    )
}
