//! Checkpoints: the state of the log in one file, and the log's own files that nobody needs any more.

use crate::error::Result;
use crate::readers::Reader;
use crate::retention;
use crate::rewriter::now;
use financelake_delta::features::{self, Operation};
use financelake_delta::{
    Checkpoint, ExpiredLog, TableLog, delete_expired, expired_log, write_checkpoint,
};
use serde::Serialize;

/// What became of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogCare {
    /// The checkpoint.
    #[serde(flatten)]
    pub checkpoint: Checkpoint,
    /// What was deleted of the log, if that was asked for.
    pub expired: Option<ExpiredLog>,
}

/// Writes a checkpoint of the newest version.
///
/// # Errors
/// What stands in the way, by name.
pub async fn checkpoint(table: &TableLog) -> Result<Checkpoint> {
    let state = table.state();
    features::check(state, Operation::Checkpoint)?;
    let cutoff = now() - retention::of_table(state)?;
    Ok(write_checkpoint(&**table.store(), state, cutoff).await?)
}

/// Deletes what of the log is older than the table's retention of it and older than what `readers` need.
///
/// # Errors
/// What stands in the way, by name.
pub async fn expire_log(table: &TableLog, readers: &[Reader]) -> Result<ExpiredLog> {
    let (state, store) = (table.state(), table.store());
    let cutoff = now() - retention::of_log(state)?;
    let held = readers.iter().map(|reader| reader.version).min();
    let expired = expired_log(&**store, state, cutoff, held).await?;
    delete_expired(&**store, &expired).await?;
    Ok(expired)
}
