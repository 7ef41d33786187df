//! Candle patterns: whole numbers, positive for bullish, negative for bearish, 0 for none.

mod engulfing;

use super::Definition;

pub(super) const ALL: &[Definition] = &[engulfing::CDLENGULFING];
