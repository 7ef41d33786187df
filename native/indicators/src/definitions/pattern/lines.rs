//! One candle with a body of note: lines, marubozu, belt hold, spinning top.

use super::{
    candle::either,
    declare::pattern,
    settings::{BODY_LONG, BODY_SHORT, SHADOW_SHORT, SHADOW_VERY_LONG, SHADOW_VERY_SHORT},
};

pattern! {
    CDLBELTHOLD = "cdlbelthold": "Belt hold: a long body that opens at the low (100) or at the high (-100); 0 otherwise.";
    formula "long(a); very short lower shadow if white, upper shadow if black";
    [a], [long = BODY_LONG(a), very_short = SHADOW_VERY_SHORT(a)] => {
        let opening = if a.white() { a.lower() } else { a.upper() };
        either((a.body() > long) & (opening < very_short), a.white())
    }
}

pattern! {
    CDLCLOSINGMARUBOZU = "cdlclosingmarubozu": "Closing marubozu: a long body that closes at the high (100) or at the low (-100); 0 otherwise.";
    formula "long(a); very short upper shadow if white, lower shadow if black";
    [a], [long = BODY_LONG(a), very_short = SHADOW_VERY_SHORT(a)] => {
        let closing = if a.white() { a.upper() } else { a.lower() };
        either((a.body() > long) & (closing < very_short), a.white())
    }
}

pattern! {
    CDLMARUBOZU = "cdlmarubozu": "Marubozu: a long body without shadows, white (100) or black (-100); 0 otherwise.";
    formula "long(a), both shadows very short";
    [a], [long = BODY_LONG(a), very_short = SHADOW_VERY_SHORT(a)] =>
    either((a.body() > long) & (a.upper() < very_short) & (a.lower() < very_short), a.white())
}

pattern! {
    CDLLONGLINE = "cdllongline": "Long line: a long body with short shadows, white (100) or black (-100); 0 otherwise.";
    formula "long(a), both shadows short";
    [a], [long = BODY_LONG(a), short_shadow = SHADOW_SHORT(a)] =>
    either((a.body() > long) & (a.upper() < short_shadow) & (a.lower() < short_shadow), a.white())
}

pattern! {
    CDLSHORTLINE = "cdlshortline": "Short line: a short body with short shadows, white (100) or black (-100); 0 otherwise.";
    formula "short(a), both shadows short";
    [a], [short = BODY_SHORT(a), short_shadow = SHADOW_SHORT(a)] =>
    either((a.body() < short) & (a.upper() < short_shadow) & (a.lower() < short_shadow), a.white())
}

pattern! {
    CDLSPINNINGTOP = "cdlspinningtop": "Spinning top: a short body between two longer shadows, white (100) or black (-100); 0 otherwise.";
    formula "short(a), upper(a) > body(a), lower(a) > body(a)";
    [a], [short = BODY_SHORT(a)] =>
    either((a.body() < short) & (a.upper() > a.body()) & (a.lower() > a.body()), a.white())
}

pattern! {
    CDLHIGHWAVE = "cdlhighwave": "High wave: a short body between two very long shadows, white (100) or black (-100); 0 otherwise.";
    formula "short(a), upper(a) > 2 body(a), lower(a) > 2 body(a)";
    [a], [short = BODY_SHORT(a)] => {
        let very_long = SHADOW_VERY_LONG * a.body();
        either((a.body() < short) & (a.upper() > very_long) & (a.lower() > very_long), a.white())
    }
}
