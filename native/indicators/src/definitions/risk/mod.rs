//! Risk of a price or of the value of a portfolio: drawdowns, and return per risk.

mod drawdown;
mod ratios;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    drawdown::MAXDRAWDOWN,
    drawdown::ULCER,
    ratios::SHARPE,
    ratios::SORTINO,
];
