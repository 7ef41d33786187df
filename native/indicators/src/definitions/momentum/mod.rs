//! Momentum indicators.

mod macd;
mod rsi;
mod stoch;

use super::Definition;

pub(super) const ALL: &[Definition] = &[macd::MACD, rsi::RSI, stoch::STOCH];
