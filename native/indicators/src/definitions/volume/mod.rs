//! Volume indicators.

mod obv;
mod vwap;

use super::Definition;

pub(super) const ALL: &[Definition] = &[obv::OBV, vwap::VWAP];
