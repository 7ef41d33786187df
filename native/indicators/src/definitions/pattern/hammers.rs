//! A short body with one long shadow: hammer, hanging man, inverted hammer, shooting star.

use super::{
    candle::{bearish, bullish},
    declare::pattern,
    settings::{BODY_SHORT, NEAR, SHADOW_LONG, SHADOW_VERY_SHORT},
};

pattern! {
    CDLHAMMER = "cdlhammer": "Hammer: a short body with a long lower shadow, near the low before; 100 or 0.";
    formula "short(b), lower(b) > body(b), upper shadow very short, bottom(b) <= a.low + near";
    held back 11,
    [a, b], [short = BODY_SHORT(b), very_short = SHADOW_VERY_SHORT(b), near = NEAR(a)] =>
    bullish(
        (b.body() < short) & (b.lower() > SHADOW_LONG * b.body()) & (b.upper() < very_short)
            & (b.bottom() <= a.low + near),
    )
}

pattern! {
    CDLHANGINGMAN = "cdlhangingman": "Hanging man: a short body with a long lower shadow, near the high before; -100 or 0.";
    formula "short(b), lower(b) > body(b), upper shadow very short, bottom(b) >= a.high - near";
    held back 11,
    [a, b], [short = BODY_SHORT(b), very_short = SHADOW_VERY_SHORT(b), near = NEAR(a)] =>
    bearish(
        (b.body() < short) & (b.lower() > SHADOW_LONG * b.body()) & (b.upper() < very_short)
            & (b.bottom() >= a.high - near),
    )
}

pattern! {
    CDLINVERTEDHAMMER = "cdlinvertedhammer": "Inverted hammer: a short body with a long upper shadow, after a gap down; 100 or 0.";
    formula "short(b) below a, upper(b) > body(b), lower shadow very short";
    held back 11,
    [a, b], [short = BODY_SHORT(b), very_short = SHADOW_VERY_SHORT(b)] =>
    bullish(
        b.below(a) & (b.body() < short) & (b.upper() > SHADOW_LONG * b.body()) & (b.lower() < very_short),
    )
}

pattern! {
    CDLSHOOTINGSTAR = "cdlshootingstar": "Shooting star: a short body with a long upper shadow, after a gap up; -100 or 0.";
    formula "short(b) above a, upper(b) > body(b), lower shadow very short";
    held back 11,
    [a, b], [short = BODY_SHORT(b), very_short = SHADOW_VERY_SHORT(b)] =>
    bearish(
        b.above(a) & (b.body() < short) & (b.upper() > SHADOW_LONG * b.body()) & (b.lower() < very_short),
    )
}
