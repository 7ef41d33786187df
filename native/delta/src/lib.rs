//! Delta tables as far as an appending writer needs them: where the log is, what it says, and the next commit.
//!
//! A [`Table`] replays the log to a [`Snapshot`] (protocol, metadata and transaction identifiers; the list of
//! files is left alone, so opening a table does not grow with it) and appends commits. A commit is written
//! with put-if-absent under the next version. Whoever loses the race reads what won and decides again, so
//! what [`Append`] says about the table holds at the very version that it follows: this is what makes writers exactly once.
//!
//! Tables with features that this crate does not know how to honour are refused by the feature's name.
#![forbid(unsafe_code)]

mod action;
mod append;
mod checkpoint;
mod error;
mod file;
mod gate;
mod log;
mod schema;
mod statistics;
mod table;

pub use append::{Append, Progress};
pub use error::{Error, Result};
pub use file::{Compression, DataFile, EncodedFile, encode};
pub use log::Snapshot;
pub use schema::schema_json;
pub use table::{Table, TableSpec};
