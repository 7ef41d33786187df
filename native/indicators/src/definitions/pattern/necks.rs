//! Two candles of opposite color, the second of which gaps and returns: necks, thrusting, piercing, dark cloud cover.

use super::{
    candle::{bearish, bullish, close_to},
    declare::pattern,
    settings::{BODY_LONG, EQUAL},
};

pattern! {
    CDLINNECK = "cdlinneck": "In-neck: a white body that opens below the low of a long black one and closes at its close; -100 or 0.";
    formula "black(a), long(a); white(b), b.open < a.low, a.close <= b.close <= a.close + equal";
    [a, b], [long = BODY_LONG(a), equal = EQUAL(a)] =>
    bearish(
        a.black() & (a.body() > long) & b.white() & (b.open < a.low)
            & (b.close <= a.close + equal) & (b.close >= a.close),
    )
}

pattern! {
    CDLONNECK = "cdlonneck": "On-neck: a white body that opens below the low of a long black one and closes at that low; -100 or 0.";
    formula "black(a), long(a); white(b), b.open < a.low, abs(b.close - a.low) <= equal";
    [a, b], [long = BODY_LONG(a), equal = EQUAL(a)] =>
    bearish(
        a.black() & (a.body() > long) & b.white() & (b.open < a.low) & close_to(b.close, a.low, equal),
    )
}

pattern! {
    CDLTHRUSTING = "cdlthrusting": "Thrusting: a white body that opens below the low of a long black one and closes inside it, up to its middle; -100 or 0.";
    formula "black(a), long(a); white(b), b.open < a.low, a.close + equal < b.close <= a.close + body(a) / 2";
    [a, b], [long = BODY_LONG(a), equal = EQUAL(a)] =>
    bearish(
        a.black() & (a.body() > long) & b.white() & (b.open < a.low)
            & (b.close > a.close + equal) & (b.close <= a.body().mul_add(0.5, a.close)),
    )
}

pattern! {
    CDLPIERCING = "cdlpiercing": "Piercing line: a long white body that opens below the low of a long black one and closes inside it, above its middle; 100 or 0.";
    formula "black(a), long(a); white(b), long(b), b.open < a.low, a.close + body(a) / 2 < b.close < a.open";
    [a, b], [long = BODY_LONG(a), long_too = BODY_LONG(b)] =>
    bullish(
        a.black() & (a.body() > long) & b.white() & (b.body() > long_too) & (b.open < a.low)
            & (b.close < a.open) & (b.close > a.body().mul_add(0.5, a.close)),
    )
}

pattern! {
    CDLDARKCLOUDCOVER = "cdldarkcloudcover": "Dark cloud cover: a black body that opens above the high of a long white one and closes well inside it; -100 or 0.";
    formula "white(a), long(a); black(b), b.open > a.high, a.open < b.close < a.close - penetration body(a)";
    penetration depth = 0.5,
    [a, b], [long = BODY_LONG(a)] =>
    bearish(
        a.white() & (a.body() > long) & b.black() & (b.open > a.high)
            & (b.close > a.open) & (b.close < a.close - a.body() * depth),
    )
}
