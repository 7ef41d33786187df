//! What a table is like, from its log alone.

use crate::error::Result;
use crate::plan::{Partition, Policy, plan};
use crate::readers::Reader;
use crate::retention;
use crate::rewriter::now;
use financelake_delta::{TableLog, log_size};
use serde::Serialize;
use std::collections::BTreeMap;

/// Numbers about a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// The version.
    pub version: i64,
    /// Files.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Rows, the deleted ones left out, of files that say how many they have.
    pub rows: u64,
    /// Files that do not say how many rows they have.
    pub files_without_statistics: u64,
    /// Rows that are deleted and still stored.
    pub deleted_rows: u64,
    /// Folders.
    pub partitions: u64,
    /// Files of the folder with the most.
    pub most_files_in_a_partition: u64,
    /// Files that an optimisation with the default policy would rewrite.
    pub files_to_rewrite: u64,
    /// Their size.
    pub bytes_to_rewrite: u64,
    /// How many files would take their place.
    pub files_instead: u64,
    /// Files that left the table and that the log remembers.
    pub tombstones: u64,
    /// Their size.
    pub tombstone_bytes: u64,
    /// Those of them that are older than the retention.
    pub expired_tombstones: u64,
    /// Files of the log.
    pub log_files: u64,
    /// Their size.
    pub log_bytes: u64,
    /// Commits since the newest checkpoint.
    pub commits_since_checkpoint: i64,
    /// How many versions the slowest streaming query is behind, if one reads the table.
    pub slowest_reader_behind: Option<i64>,
    /// Its name.
    pub slowest_reader: Option<String>,
}

/// Measures a table.
///
/// # Errors
/// When the log cannot be listed.
pub async fn health(table: &TableLog, readers: &[Reader]) -> Result<Health> {
    let state = table.state();
    let mut folders: BTreeMap<&Partition, u64> = BTreeMap::new();
    let (mut files, mut bytes, mut stored, mut deleted, mut silent) = (0, 0, 0, 0, 0);
    for file in state.files() {
        files += 1;
        bytes += file.size;
        *folders.entry(&file.partition).or_default() += 1;
        deleted += file
            .vector
            .as_ref()
            .map_or(0, |vector| u64::try_from(vector.cardinality).unwrap_or(0));
        match file
            .statistics()
            .and_then(|statistics| statistics.num_records)
        {
            Some(rows) => stored += rows,
            None => silent += 1,
        }
    }
    let cutoff = now() - retention::of_table(state)?;
    let plan = plan(state, &Policy::default(), None)?;
    let log = log_size(&**table.store()).await?;
    let slowest = readers.first();
    Ok(Health {
        version: state.version(),
        files,
        bytes,
        rows: u64::saturating_sub(stored, deleted),
        files_without_statistics: silent,
        deleted_rows: deleted,
        partitions: folders.len() as u64,
        most_files_in_a_partition: folders.values().max().copied().unwrap_or(0),
        files_to_rewrite: plan.rewritten_files as u64,
        bytes_to_rewrite: plan.rewritten_bytes,
        files_instead: plan.predicted_files,
        tombstones: state.tombstones().count() as u64,
        tombstone_bytes: state.tombstones().map(|file| file.size).sum(),
        expired_tombstones: state.tombstones().filter(|file| file.time < cutoff).count() as u64,
        log_files: log.files,
        log_bytes: log.bytes,
        commits_since_checkpoint: state.version() - log.checkpoint.unwrap_or(-1),
        slowest_reader_behind: slowest.map(|reader| state.version() - reader.version),
        slowest_reader: slowest.map(|reader| reader.query.clone()),
    })
}
