//! Gaps that the next candles leave open.

use super::{
    candle::either,
    declare::pattern,
    settings::{EQUAL, NEAR},
};

pattern! {
    CDLGAPSIDESIDEWHITE = "cdlgapsidesidewhite": "Side-by-side white lines: two like white bodies after a gap up (100) or down (-100); 0 otherwise.";
    formula "b and c above a, or both below it; white b and c, body(c) within near of body(b), c.open within equal of \
     b.open";
    held back 7,
    [a, b, c], [near = NEAR(b), equal = EQUAL(b)] => {
        let (up, down) = (b.above(a) & c.above(a), b.below(a) & c.below(a));
        let alike = (c.body() >= b.body() - near) & (c.body() <= b.body() + near)
            & (c.open >= b.open - equal) & (c.open <= b.open + equal);
        either((up | down) & b.white() & c.white() & alike, b.above(a))
    }
}

pattern! {
    CDLTASUKIGAP = "cdltasukigap": "Tasuki gap: after a gap up (100) or down (-100) an opposite body of like size that closes inside the gap; 0 otherwise.";
    formula "b above a and white, or below a and black; c of the other color opens inside the body of b and closes in \
     the gap; abs(body(b) - body(c)) < near";
    held back 7,
    [a, b, c], [near = NEAR(b)] => {
        let up = b.above(a) & b.white() & c.black() & (c.open < b.close) & (c.open > b.open)
            & (c.close < b.open) & (c.close > a.top());
        let down = b.below(a) & b.black() & c.white() & (c.open < b.open) & (c.open > b.close)
            & (c.close > b.open) & (c.close < a.bottom());
        either((up | down) & ((b.body() - c.body()).abs() < near), b.white())
    }
}

pattern! {
    CDLXSIDEGAP3METHODS = "cdlxsidegap3methods": "Upside (100) and downside (-100) gap three methods: two bodies of one color with a gap, which an opposite one closes; 0 otherwise.";
    formula "a and b of one color, b above a if white, below it if black; c of the other color opens inside the body \
     of b and closes inside that of a";
    [a, b, c], [] => {
        let gap = if a.white() { b.above(a) } else { b.below(a) };
        either(
            (a.white() == b.white()) & (b.white() != c.white()) & gap
                & (c.open < b.top()) & (c.open > b.bottom())
                & (c.close < a.top()) & (c.close > a.bottom()),
            a.white(),
        )
    }
}
