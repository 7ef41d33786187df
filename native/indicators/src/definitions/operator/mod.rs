//! Math operators: arithmetic of two series, sums and extremes.

mod arithmetic;
mod extremes;
mod sums;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    arithmetic::ADD,
    sums::CUMSUM,
    arithmetic::DIV,
    extremes::MAX,
    extremes::MAXINDEX,
    extremes::MIN,
    extremes::MININDEX,
    extremes::MINMAX,
    extremes::MINMAXINDEX,
    arithmetic::MULT,
    arithmetic::SUB,
    sums::SUM,
];
