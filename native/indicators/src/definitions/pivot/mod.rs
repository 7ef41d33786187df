//! Pivot points: levels for a session from the prices of the session before.
//!
//! A session begins where the session input changes: the date for levels of a day, the week for levels of a week, the
//! time of the bar itself for levels from the bar before.

mod levels;
mod session;

use super::Definition;

pub(super) const ALL: &[Definition] = &[
    levels::CAMARILLA,
    levels::CLASSIC,
    levels::DEMARK,
    levels::FIBONACCI,
    levels::WOODIE,
];
