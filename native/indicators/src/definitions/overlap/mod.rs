//! Overlap studies: averages and bands on the scale of the price.

mod alma;
mod bbands;
mod dema;
mod ema;
mod hma;
mod kama;
mod ma;
mod mama;
mod rma;
mod sma;
mod t3;
mod tema;
mod trima;
mod vidya;
mod wma;
mod zlema;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    alma::ALMA,
    bbands::BBANDS,
    dema::DEMA,
    ema::EMA,
    hma::HMA,
    kama::KAMA,
    ma::MA,
    mama::MAMA,
    rma::RMA,
    sma::SMA,
    t3::T3,
    tema::TEMA,
    trima::TRIMA,
    vidya::VIDYA,
    wma::WMA,
    zlema::ZLEMA,
];
