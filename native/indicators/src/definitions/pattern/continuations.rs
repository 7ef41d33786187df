//! A trend that rests for some candles or is struck by one: methods, mat hold, breakaway, line strike.

use super::{
    candle::{Candle, bullish, either},
    declare::pattern,
    settings::{BODY_LONG, BODY_SHORT, NEAR},
};

/// A part of the body lies inside the other's range.
#[inline(always)]
fn reaches_into(candle: Candle, other: Candle) -> bool {
    (candle.bottom() < other.high) & (candle.top() > other.low)
}

pattern! {
    CDLRISEFALL3METHODS = "cdlrisefall3methods": "Rising (100) and falling (-100) three methods: three small opposite bodies inside the range of a long one, then another long one beyond it; 0 otherwise.";
    formula "long a and e of one color, short b, c, d of the other whose bodies lie partly in the range of a; closes \
     of b, c, d falling (a white) or rising (a black); e opens beyond d.close and closes beyond a.close";
    [a, b, c, d, e], [
        long_a = BODY_LONG(a), short_b = BODY_SHORT(b), short_c = BODY_SHORT(c), short_d = BODY_SHORT(d),
        long_e = BODY_LONG(e)
    ] => {
        let colors = (a.white() != b.white()) & (b.white() == c.white()) & (c.white() == d.white())
            & (d.white() != e.white());
        let up = if a.white() { 1.0 } else { -1.0 };
        either(
            colors & reaches_into(b, a) & reaches_into(c, a) & reaches_into(d, a)
                & (c.close * up < b.close * up) & (d.close * up < c.close * up)
                & (e.open * up > d.close * up) & (e.close * up > a.close * up)
                & (a.body() > long_a) & (b.body() < short_b) & (c.body() < short_c)
                & (d.body() < short_d) & (e.body() > long_e),
            a.white(),
        )
    }
}

pattern! {
    CDLMATHOLD = "cdlmathold": "Mat hold: a long white body, three small falling ones that gap up and enter it little, then a white close above their highs; 100 or 0.";
    formula "white(a), long(a); short black b above a; short c and d with bottoms below a.close but not deeper than \
     penetration body(a), tops falling from below b.open; white(e), e.open > d.close, e.close above the highs of b, c \
     and d";
    penetration depth = 0.5,
    [a, b, c, d, e], [
        long = BODY_LONG(a), short_b = BODY_SHORT(b), short_c = BODY_SHORT(c), short_d = BODY_SHORT(d)
    ] => {
        let deepest = a.close - a.body() * depth;
        let highest = if b.high > c.high { b.high } else { c.high };
        let highest = if highest > d.high { highest } else { d.high };
        bullish(
            a.white() & b.black() & e.white() & b.above(a)
                & (c.bottom() < a.close) & (d.bottom() < a.close)
                & (c.bottom() > deepest) & (d.bottom() > deepest)
                & (c.top() < b.open) & (d.top() < c.top())
                & (e.open > d.close) & (e.close > highest)
                & (a.body() > long) & (b.body() < short_b) & (c.body() < short_c) & (d.body() < short_d),
        )
    }
}

pattern! {
    CDLBREAKAWAY = "cdlbreakaway": "Breakaway: a long body, a gap and two more candles in its direction, then an opposite one that closes inside the gap, white (100) or black (-100); 0 otherwise.";
    formula "long(a); a, b and d of one color, e of the other; black: b below a, highs and lows of c and d falling on, \
     b.open < e.close < a.close; white: the same upside down";
    [a, b, c, d, e], [long = BODY_LONG(a)] => {
        let falling = b.below(a) & (c.high < b.high) & (c.low < b.low) & (d.high < c.high) & (d.low < c.low)
            & (e.close > b.open) & (e.close < a.close);
        let rising = b.above(a) & (c.high > b.high) & (c.low > b.low) & (d.high > c.high) & (d.low > c.low)
            & (e.close < b.open) & (e.close > a.close);
        either(
            (a.white() == b.white()) & (b.white() == d.white()) & (d.white() != e.white())
                & (a.body() > long) & ((a.black() & falling) | (a.white() & rising)),
            e.white(),
        )
    }
}

pattern! {
    CDL3LINESTRIKE = "cdl3linestrike": "Three-line strike: three white (100) or black (-100) candles in their direction, then an opposite one that closes beyond the first open; 0 otherwise.";
    formula "a, b, c of one color, their closes rising (white) or falling (black); b.open within near of the body of \
     a, c.open within near of that of b; d of the other color opens beyond c.close and closes beyond a.open";
    [a, b, c, d], [near_a = NEAR(a), near_b = NEAR(b)] => {
        let rising = (c.close > b.close) & (b.close > a.close) & (d.open > c.close) & (d.close < a.open);
        let falling = (c.close < b.close) & (b.close < a.close) & (d.open < c.close) & (d.close > a.open);
        either(
            (a.white() == b.white()) & (b.white() == c.white()) & (c.white() != d.white())
                & (b.open >= a.bottom() - near_a) & (b.open <= a.top() + near_a)
                & (c.open >= b.bottom() - near_b) & (c.open <= b.top() + near_b)
                & ((c.white() & rising) | (c.black() & falling)),
            c.white(),
        )
    }
}
