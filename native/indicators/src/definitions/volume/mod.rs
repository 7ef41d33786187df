//! Volume indicators.

mod ad;
mod anchored;
mod cmf;
mod ease;
mod efi;
mod index;
mod kvo;
mod obv;
mod pvo;
mod pvt;
mod rvol;
mod vwap;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    ad::AD,
    ad::ADOSC,
    anchored::AVWAP,
    anchored::SVWAP,
    cmf::CMF,
    ease::EMV,
    ease::MARKETFI,
    efi::EFI,
    index::NVI,
    index::PVI,
    kvo::KVO,
    obv::OBV,
    pvo::PVO,
    pvt::PVT,
    rvol::RVOL,
    vwap::VWAP,
];
