//! Market records: their model, the rules they must pass, and the instruments reference.
//!
//! A [`Parser`] turns the bytes of one record (a JSON object or a CSV line) into an [`Outcome`]:
//! an accepted [`Record`], a [`Refusal`] with a reason code and a precise detail, or a blank line.
//! The outcome depends only on the bytes, on the time the record was received, and on the numbered
//! versions of the rules ([`RULE_VERSION`]) and of the reference ([`Reference::version`]), so that
//! a replay decides the same. [`ColumnBatch`] collects outcomes as columns; [`dedup`] says which of
//! several rows with one key stays.
//!
//! The crate is pure: no I/O, no clock, no unsafe code.
#![forbid(unsafe_code)]

pub mod dedup;

mod batch;
mod checks;
mod config;
mod csv;
mod fields;
mod instant;
mod json;
mod normal;
mod number;
mod parser;
mod place;
mod prices;
mod reason;
mod record;
mod reference;
mod scan;

pub use batch::{
    BatchTooLarge, COLUMNS, ColumnBatch, ColumnKind, ColumnPlace, ColumnSpec, ColumnView,
};
pub use config::{ConfigError, Format, ParserConfig};
pub use csv::Cells as CsvCells;
pub use instant::{MICROS_PER_DAY, Moment, epoch_day, parse_date, parse_instant, year_of_day};
pub use parser::{Outcome, Parser};
pub use reason::{Reason, Refusal};
pub use record::{Adjustment, AssetClass, Freq, Record, Region};
pub use reference::{Instrument, Reference, ReferenceError};

/// Version of the rules in this crate. It grows by one with every change that can make a record
/// decide differently, and is stored with every row as `rule_version`.
pub const RULE_VERSION: i32 = 1;
