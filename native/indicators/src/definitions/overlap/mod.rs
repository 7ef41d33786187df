//! Overlap studies: averages and bands on the scale of the price.

mod accbands;
mod alma;
mod bbands;
mod chandelier;
mod cksp;
mod dema;
mod ema;
mod frama;
mod hma;
mod ht_trendline;
mod kama;
mod kc;
mod keltner;
mod ma;
mod mama;
mod mavp;
mod mcgd;
mod middle;
mod rma;
mod sar;
mod sma;
mod supertrend;
pub(in crate::definitions) mod swak;
mod t3;
mod tema;
mod trima;
mod vidya;
mod vwma;
mod wma;
mod zigzag;
mod zlema;

pub(super) use bbands::BOLLINGER;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    accbands::ACCBANDS,
    alma::ALMA,
    bbands::BBANDS,
    chandelier::CHANDELIER,
    cksp::CKSP,
    dema::DEMA,
    middle::DONCHIAN,
    ema::EMA,
    frama::FRAMA,
    hma::HMA,
    ht_trendline::HT_TRENDLINE,
    middle::ICHIMOKU,
    kama::KAMA,
    kc::KC,
    keltner::KELTNER,
    ma::MA,
    mama::MAMA,
    mavp::MAVP,
    mcgd::MCGD,
    middle::MIDPOINT,
    middle::MIDPRICE,
    rma::RMA,
    sar::SAR,
    sar::SAREXT,
    sma::SMA,
    supertrend::SUPERTREND,
    swak::SWAK_BUTTER,
    swak::SWAK_GAUSS,
    t3::T3,
    tema::TEMA,
    trima::TRIMA,
    vidya::VIDYA,
    vwma::VWMA,
    wma::WMA,
    zigzag::ZIGZAG,
    zlema::ZLEMA,
];
