//! A small body that gaps away from a long one: stars, abandoned baby, tri-star.

use super::{
    candle::{Candle, bearish, bullish, either},
    declare::pattern,
    settings::{BODY_DOJI, BODY_LONG, BODY_SHORT},
};

/// The third candle is black and closes well inside the first, a white one.
#[inline(always)]
fn falls_into(first: Candle, third: Candle, depth: f64) -> bool {
    first.white() & third.black() & (third.close < first.close - first.body() * depth)
}

/// The third candle is white and closes well inside the first, a black one.
#[inline(always)]
fn rises_into(first: Candle, third: Candle, depth: f64) -> bool {
    first.black() & third.white() & (third.close > first.body().mul_add(depth, first.close))
}

pattern! {
    CDLDOJISTAR = "cdldojistar": "Doji star: a doji that gaps away from a long body, down from a black one (100) or up from a white one (-100); 0 otherwise.";
    formula "long(a); doji(b), above a if a is white, below it if a is black";
    [a, b], [long = BODY_LONG(a), doji = BODY_DOJI(b)] => {
        let gap = if a.white() { b.above(a) } else { b.below(a) };
        either((a.body() > long) & (b.body() <= doji) & gap, a.black())
    }
}

pattern! {
    CDLEVENINGSTAR = "cdleveningstar": "Evening star: a short body that gaps above a long white one, then a black one that closes well inside the first; -100 or 0.";
    formula "white(a), long(a); short or equal b above a; black(c), not short, c.close < a.close - penetration body(a)";
    penetration depth = 0.3,
    [a, b, c], [long = BODY_LONG(a), short = BODY_SHORT(b), not_short = BODY_SHORT(c)] =>
    bearish(
        falls_into(a, c, depth) & b.above(a)
            & (a.body() > long) & (b.body() <= short) & (c.body() > not_short),
    )
}

pattern! {
    CDLEVENINGDOJISTAR = "cdleveningdojistar": "Evening doji star: a doji that gaps above a long white body, then a black one that closes well inside the first; -100 or 0.";
    formula "white(a), long(a); doji(b) above a; black(c), not short, c.close < a.close - penetration body(a)";
    penetration depth = 0.3,
    [a, b, c], [long = BODY_LONG(a), doji = BODY_DOJI(b), not_short = BODY_SHORT(c)] =>
    bearish(
        falls_into(a, c, depth) & b.above(a)
            & (a.body() > long) & (b.body() <= doji) & (c.body() > not_short),
    )
}

pattern! {
    CDLMORNINGSTAR = "cdlmorningstar": "Morning star: a short body that gaps below a long black one, then a white one that closes well inside the first; 100 or 0.";
    formula "black(a), long(a); short or equal b below a; white(c), not short, c.close > a.close + penetration body(a)";
    penetration depth = 0.3,
    [a, b, c], [long = BODY_LONG(a), short = BODY_SHORT(b), not_short = BODY_SHORT(c)] =>
    bullish(
        rises_into(a, c, depth) & b.below(a)
            & (a.body() > long) & (b.body() <= short) & (c.body() > not_short),
    )
}

pattern! {
    CDLMORNINGDOJISTAR = "cdlmorningdojistar": "Morning doji star: a doji that gaps below a long black body, then a white one that closes well inside the first; 100 or 0.";
    formula "black(a), long(a); doji(b) below a; white(c), not short, c.close > a.close + penetration body(a)";
    penetration depth = 0.3,
    [a, b, c], [long = BODY_LONG(a), doji = BODY_DOJI(b), not_short = BODY_SHORT(c)] =>
    bullish(
        rises_into(a, c, depth) & b.below(a)
            & (a.body() > long) & (b.body() <= doji) & (c.body() > not_short),
    )
}

pattern! {
    CDLABANDONEDBABY = "cdlabandonedbaby": "Abandoned baby: a doji whose shadows too stand apart from a long body before and an opposite one after, bullish (100) or bearish (-100); 0 otherwise.";
    formula "long(a); doji(b); c not short, of the other color, closing more than penetration body(a) inside a; no \
     shadow of b reaches those of a or c";
    penetration depth = 0.3,
    [a, b, c], [long = BODY_LONG(a), doji = BODY_DOJI(b), not_short = BODY_SHORT(c)] => {
        let top = falls_into(a, c, depth) & (b.low > a.high) & (c.high < b.low);
        let bottom = rises_into(a, c, depth) & (b.high < a.low) & (c.low > b.high);
        either(
            (a.body() > long) & (b.body() <= doji) & (c.body() > not_short) & (top | bottom),
            c.white(),
        )
    }
}

pattern! {
    CDLTRISTAR = "cdltristar": "Tri-star: three doji, the middle one gapping down (100) or up (-100); 0 otherwise.";
    formula "doji a, b, c; b above a with top(c) < top(b): -100, or b below a with bottom(c) > bottom(b): 100";
    [a, b, c], [doji = BODY_DOJI(a)] => {
        let top = b.above(a) & (c.top() < b.top());
        let bottom = b.below(a) & (c.bottom() > b.bottom());
        either(
            (a.body() <= doji) & (b.body() <= doji) & (c.body() <= doji) & (top | bottom),
            bottom,
        )
    }
}
