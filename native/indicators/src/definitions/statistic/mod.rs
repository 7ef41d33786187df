//! Statistic functions.

mod beta;
mod correl;
mod deviation;
mod kurtosis;
mod line;
pub(in crate::definitions) mod rank;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    beta::BETA,
    correl::CORREL,
    deviation::STDDEV,
    deviation::VAR,
    kurtosis::KURTOSIS,
    line::LINEARREG,
    line::LINEARREG_ANGLE,
    line::LINEARREG_INTERCEPT,
    line::LINEARREG_SLOPE,
    line::TSF,
    rank::MEDIAN,
    rank::PERCENTILE,
    rank::PERCENTRANK,
];
