//! Delta tables as far as an appending writer needs them: where the log is, what it says, and the next commit.
//!
//! A [`Table`] replays the log to a [`Snapshot`] (protocol, metadata and transaction identifiers; the list of
//! files is left alone, so opening a table does not grow with it) and appends commits. A commit is written
//! with put-if-absent under the next version. Whoever loses the race reads what won and decides again, so
//! what [`Append`] says about the table holds at the very version that it follows: this is what makes writers exactly once.
//!
//! For maintenance, [`TableLog`] replays the log with its list of files, and replaces files by others that hold the same
//! rows ([`Rewrite`]); what may be done to which table says [`features`].
//!
//! Tables with features that this crate does not know how to honour are refused by the feature's name.
#![forbid(unsafe_code)]

mod action;
mod amend;
mod append;
mod arrow_types;
mod bounds;
mod checkpoint;
mod checkpoint_columns;
mod checkpoint_rows;
mod checkpoint_writer;
mod entry;
mod error;
mod expired;
pub mod features;
mod file;
mod gate;
mod last_checkpoint;
mod log;
mod parsed_columns;
mod restore;
mod rewrite;
mod schema;
mod state;
mod statistics;
mod table;
mod vector;

pub use amend::Amendment;
pub use append::{Append, Progress};
pub use arrow_types::arrow_schema;
pub use checkpoint_writer::{Checkpoint, write_checkpoint};
pub use entry::{FileEntry, FileKey, FileStatistics, VectorDescriptor};
pub use error::{Error, Result};
pub use expired::{ExpiredLog, delete_expired, expired_log};
pub use file::{Compression, DataFile, EncodedFile, encode};
pub use log::{Snapshot, version_at};
pub use restore::Restoration;
pub use rewrite::{NewFile, Outcome, Replacement, Rewrite, TableLog};
pub use schema::schema_json;
pub use state::{Commit, CommitInfo, LogSize, TableState, commits, load, log_size, oldest_commit};
pub use statistics::Statistics;
pub use table::{Table, TableSpec};
pub use vector::read as read_vector;
