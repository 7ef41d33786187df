//! Overlap studies: averages and bands on the scale of the price.

mod bbands;
mod ema;
mod sma;

use super::Definition;

pub(super) const ALL: &[Definition] = &[bbands::BBANDS, ema::EMA, sma::SMA];
