//! Candle patterns: whole numbers, positive for bullish, negative for bearish, 0 for none.

mod bottoms;
mod candle;
mod continuations;
mod crows;
mod declare;
mod doji;
mod engulfing;
mod gaps;
mod hammers;
mod harami;
mod hikkake;
mod lines;
mod necks;
mod opposites;
mod settings;
mod soldiers;
mod stars;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    bottoms::CDLMATCHINGLOW,
    bottoms::CDLSTICKSANDWICH,
    bottoms::CDLUNIQUE3RIVER,
    bottoms::CDL3STARSINSOUTH,
    bottoms::CDLCONCEALBABYSWALL,
    bottoms::CDLLADDERBOTTOM,
    continuations::CDLRISEFALL3METHODS,
    continuations::CDLMATHOLD,
    continuations::CDLBREAKAWAY,
    continuations::CDL3LINESTRIKE,
    crows::CDL2CROWS,
    crows::CDLUPSIDEGAP2CROWS,
    crows::CDL3BLACKCROWS,
    crows::CDLIDENTICAL3CROWS,
    doji::CDLDOJI,
    doji::CDLDRAGONFLYDOJI,
    doji::CDLGRAVESTONEDOJI,
    doji::CDLLONGLEGGEDDOJI,
    doji::CDLRICKSHAWMAN,
    doji::CDLTAKURI,
    engulfing::CDLENGULFING,
    engulfing::CDL3OUTSIDE,
    gaps::CDLGAPSIDESIDEWHITE,
    gaps::CDLTASUKIGAP,
    gaps::CDLXSIDEGAP3METHODS,
    hammers::CDLHAMMER,
    hammers::CDLHANGINGMAN,
    hammers::CDLINVERTEDHAMMER,
    hammers::CDLSHOOTINGSTAR,
    harami::CDLHARAMI,
    harami::CDLHARAMICROSS,
    harami::CDLHOMINGPIGEON,
    harami::CDL3INSIDE,
    hikkake::CDLHIKKAKE,
    hikkake::CDLHIKKAKEMOD,
    lines::CDLBELTHOLD,
    lines::CDLCLOSINGMARUBOZU,
    lines::CDLMARUBOZU,
    lines::CDLLONGLINE,
    lines::CDLSHORTLINE,
    lines::CDLSPINNINGTOP,
    lines::CDLHIGHWAVE,
    necks::CDLINNECK,
    necks::CDLONNECK,
    necks::CDLTHRUSTING,
    necks::CDLPIERCING,
    necks::CDLDARKCLOUDCOVER,
    opposites::CDLCOUNTERATTACK,
    opposites::CDLSEPARATINGLINES,
    opposites::CDLKICKING,
    opposites::CDLKICKINGBYLENGTH,
    soldiers::CDL3WHITESOLDIERS,
    soldiers::CDLADVANCEBLOCK,
    soldiers::CDLSTALLEDPATTERN,
    stars::CDLDOJISTAR,
    stars::CDLEVENINGSTAR,
    stars::CDLEVENINGDOJISTAR,
    stars::CDLMORNINGSTAR,
    stars::CDLMORNINGDOJISTAR,
    stars::CDLABANDONEDBABY,
    stars::CDLTRISTAR,
];
