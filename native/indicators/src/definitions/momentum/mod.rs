//! Momentum indicators.

mod adx;
mod aroon;
mod awesome;
mod bar;
mod cci;
mod choppiness;
mod coppock;
mod crsi;
mod cti;
mod directional;
mod dosc;
mod dpo;
mod eri;
mod fisher;
mod forecast;
mod fractal;
mod gravity;
mod kst;
mod macd;
mod mfi;
pub(super) mod oscillator;
mod pso;
mod qqe;
mod qstick;
mod rate;
mod rsi;
mod smi;
mod squeezepro;
mod sqzmom;
mod stc;
mod stoch;
mod swing;
mod trix;
mod tsi;
mod ultosc;
mod vortex;
mod wad;
mod wavetrend;
mod willr;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    aroon::AROON,
    aroon::AROONOSC,
    awesome::AC,
    awesome::AO,
    bar::BOP,
    bar::IBS,
    cci::CCI,
    choppiness::CHOP,
    choppiness::CHOPTR,
    choppiness::ER,
    choppiness::VHF,
    coppock::COPPOCK,
    crsi::CRSI,
    cti::CTI,
    adx::ADX,
    adx::ADXR,
    adx::DX,
    directional::MINUS_DI,
    directional::MINUS_DM,
    directional::PLUS_DI,
    directional::PLUS_DM,
    dosc::DOSC,
    dpo::DPO,
    eri::ERI,
    fisher::FISHER,
    forecast::FOSC,
    fractal::FRACTAL,
    gravity::CG,
    kst::KST,
    kst::KSTEXT,
    macd::MACD,
    macd::MACDEXT,
    macd::MACDFIX,
    mfi::MFI,
    oscillator::APO,
    oscillator::PPO,
    pso::PSO,
    qqe::QQE,
    qstick::QSTICK,
    rate::MOM,
    rate::ROC,
    rate::ROCP,
    rate::ROCR,
    rate::ROCR100,
    rsi::CMO,
    rsi::CMOU,
    rsi::IMI,
    rsi::RSI,
    smi::SMI,
    squeezepro::SQUEEZEPRO,
    sqzmom::SQZMOM,
    stc::STC,
    stoch::KDJ,
    stoch::STOCH,
    stoch::STOCHF,
    stoch::STOCHRSI,
    swing::ASI,
    swing::SI,
    trix::TRIX,
    tsi::TSI,
    ultosc::ULTOSC,
    vortex::VORTEX,
    wad::WAD,
    wavetrend::WAVETREND,
    willr::WILLR,
];
