//! Statistic functions.

mod beta;
mod correl;
mod deviation;
mod hurst;
mod kurtosis;
mod line;
pub(in crate::definitions) mod rank;
mod zscore;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    beta::BETA,
    correl::CORREL,
    deviation::STDDEV,
    deviation::VAR,
    hurst::HURST,
    kurtosis::KURTOSIS,
    line::LINEARREG,
    line::LINEARREG_ANGLE,
    line::LINEARREG_INTERCEPT,
    line::LINEARREG_SLOPE,
    line::TSF,
    rank::MEDIAN,
    rank::PERCENTILE,
    rank::PERCENTRANK,
    zscore::ZSCORE,
];
