//! Volatility indicators.

mod atr;
mod bands;
mod cvi;
mod massi;
mod range;
mod rogerssatchell;
mod rvi;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    atr::ATR,
    bands::BBW,
    bands::PERCENTB,
    cvi::CVI,
    massi::MASSI,
    range::ADR,
    range::NATR,
    range::TRANGE,
    rogerssatchell::ROGERSSATCHELL,
    rvi::RVI,
    rvi::RVIR,
];
