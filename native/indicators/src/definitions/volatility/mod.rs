//! Volatility indicators.

mod atr;

use super::Definition;

pub(super) const ALL: &[Definition] = &[atr::ATR];
