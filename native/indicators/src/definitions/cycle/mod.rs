//! Cycle indicators.

mod hilbert;
mod mode;
mod phase;
mod swak;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    hilbert::HT_DCPERIOD,
    phase::HT_DCPHASE,
    hilbert::HT_PHASOR,
    phase::HT_SINE,
    mode::HT_TRENDMODE,
    swak::SWAK_2PHP,
    swak::SWAK_BP,
    swak::SWAK_HP,
];
