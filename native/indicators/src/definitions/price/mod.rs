//! Price transforms: one price of a bar, or bars of another kind.

mod avgdev;
mod bar;
mod ha;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    avgdev::AVGDEV,
    bar::AVGPRICE,
    ha::HA,
    bar::MEDPRICE,
    bar::TYPPRICE,
    bar::WCLPRICE,
];
