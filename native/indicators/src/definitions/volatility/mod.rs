//! Volatility indicators.

mod atr;
mod bands;
mod cvi;
mod estimators;
mod massi;
mod range;
mod rogerssatchell;
mod rvi;

pub(super) use rogerssatchell::ANNUALIZATION;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    atr::ATR,
    bands::BBW,
    bands::PERCENTB,
    cvi::CVI,
    estimators::GARMANKLASS,
    estimators::PARKINSON,
    estimators::YANGZHANG,
    massi::MASSI,
    range::ADR,
    range::NATR,
    range::TRANGE,
    rogerssatchell::ROGERSSATCHELL,
    rvi::RVI,
    rvi::RVIR,
];
