//! One candle that closes where it opened: the doji and its kinds.

use super::{
    candle::bullish,
    declare::pattern,
    settings::{BODY_DOJI, NEAR, SHADOW_LONG, SHADOW_VERY_LONG, SHADOW_VERY_SHORT},
};

pattern! {
    CDLDOJI = "cdldoji": "Doji: open and close are about equal; 100 or 0.";
    formula "doji(a)";
    [a], [doji = BODY_DOJI(a)] => bullish(a.body() <= doji)
}

pattern! {
    CDLDRAGONFLYDOJI = "cdldragonflydoji": "Dragonfly doji: a doji at the top of its range, with a lower shadow only; 100 or 0.";
    formula "doji(a), upper shadow very short, lower shadow not";
    [a], [doji = BODY_DOJI(a), very_short = SHADOW_VERY_SHORT(a)] =>
    bullish((a.body() <= doji) & (a.upper() < very_short) & (a.lower() > very_short))
}

pattern! {
    CDLGRAVESTONEDOJI = "cdlgravestonedoji": "Gravestone doji: a doji at the bottom of its range, with an upper shadow only; 100 or 0.";
    formula "doji(a), lower shadow very short, upper shadow not";
    [a], [doji = BODY_DOJI(a), very_short = SHADOW_VERY_SHORT(a)] =>
    bullish((a.body() <= doji) & (a.lower() < very_short) & (a.upper() > very_short))
}

pattern! {
    CDLLONGLEGGEDDOJI = "cdllongleggeddoji": "Long-legged doji: a doji with a long shadow on at least one side; 100 or 0.";
    formula "doji(a), upper(a) > body(a) or lower(a) > body(a)";
    [a], [doji = BODY_DOJI(a)] => {
        let long = SHADOW_LONG * a.body();
        bullish((a.body() <= doji) & ((a.lower() > long) | (a.upper() > long)))
    }
}

pattern! {
    CDLRICKSHAWMAN = "cdlrickshawman": "Rickshaw man: a doji in the middle of its range, with two long shadows; 100 or 0.";
    formula "doji(a), both shadows longer than the body, body within near of (high + low) / 2";
    [a], [doji = BODY_DOJI(a), near = NEAR(a)] => {
        let long = SHADOW_LONG * a.body();
        let middle = a.low + (a.high - a.low) / 2.0;
        bullish(
            (a.body() <= doji) & (a.lower() > long) & (a.upper() > long)
                & (a.bottom() <= middle + near) & (a.top() >= middle - near),
        )
    }
}

pattern! {
    CDLTAKURI = "cdltakuri": "Takuri: a dragonfly doji with a very long lower shadow; 100 or 0.";
    formula "doji(a), upper shadow very short, lower(a) > 2 body(a)";
    [a], [doji = BODY_DOJI(a), very_short = SHADOW_VERY_SHORT(a)] =>
    bullish((a.body() <= doji) & (a.upper() < very_short) & (a.lower() > SHADOW_VERY_LONG * a.body()))
}
