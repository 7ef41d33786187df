//! Deleting files that nobody can reach any more.
//!
//! Set algebra: what may be deleted are files of known kinds, in folders that the table has, that are older than the
//! retention; less all that is reachable: files in the table, files that left it inside the retention, what the
//! commits that a streaming query has not read yet brought, and the deletion vectors and change data of all these. Anything
//! else in the folder is never touched.

use crate::error::{Error, Result};
use crate::readers::Reader;
use crate::retention;
use crate::rewriter::now;
use financelake_delta::features::{self, Operation};
use financelake_delta::{Commit, FileEntry, TableLog, TableState, commits, load, oldest_commit};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{self, ObjectMeta, ObjectStore, ObjectStoreExt};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Deletions at once.
const DELETIONS: usize = 16;
/// Foreign files that are named; the rest is counted.
const NAMED: usize = 10;
const LOG: &str = "_delta_log";
const CHANGES: &str = "_change_data";
/// Where Spark's file sink keeps its own list of files.
const SINK_MANIFEST: &str = "_spark_metadata";

/// What may be deleted.
#[derive(Clone, Debug, Default)]
pub struct VacuumPolicy {
    /// For how long what left the table stays; the table's own property if it is `None`.
    pub retain_hours: Option<f64>,
    /// That a retention below the table's own is really meant.
    pub unsafe_retention: bool,
    /// Streaming queries that read the table.
    pub readers: Vec<Reader>,
}

/// A file that nobody can reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreachable {
    /// Its path in the table's folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// What a vacuum is going to do, or did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sweep {
    /// The version that was looked at.
    pub version: i64,
    /// Files that left the table before this time, in milliseconds since 1970, may go.
    pub cutoff: i64,
    /// Files in the folder, those of the log left out.
    pub files: u64,
    /// Files and deletion vectors that are reachable.
    pub reachable: u64,
    /// Files that are not reachable but too young to go.
    pub young: u64,
    /// Files of other kinds, which are never touched.
    pub foreign: u64,
    /// Some of them.
    pub foreign_examples: Vec<String>,
    /// The reader that holds the oldest version back, if one is behind.
    pub slowest_reader: Option<Reader>,
    /// What goes.
    pub unreachable: Vec<Unreachable>,
    /// Bytes of what goes.
    pub bytes: u64,
    /// Files that were deleted, as far as the storage confirmed it; 0 in a dry run.
    pub deleted: u64,
}

/// Finds what nobody can reach, and changes nothing.
///
/// # Errors
/// What stands in the way, by name.
pub async fn sweep(table: &TableLog, policy: &VacuumPolicy) -> Result<Sweep> {
    let state = table.state();
    features::check(state, Operation::Vacuum)?;
    let retention = retention::chosen(state, policy.retain_hours, policy.unsafe_retention)?;
    let cutoff = now() - retention;
    let store = table.store();
    let reachable = reachable(&**store, state, cutoff, &policy.readers).await?;
    let mut sweep = Sweep {
        version: state.version(),
        cutoff,
        files: 0,
        reachable: reachable.len() as u64,
        young: 0,
        foreign: 0,
        foreign_examples: Vec::new(),
        slowest_reader: policy
            .readers
            .first()
            .filter(|reader| reader.version < state.version())
            .cloned(),
        unreachable: Vec::new(),
        bytes: 0,
        deleted: 0,
    };
    let mut files = store.list(None);
    while let Some(file) = files.try_next().await? {
        let first = file.location.parts().next();
        let first = first.as_ref().map(AsRef::as_ref);
        if first == Some(SINK_MANIFEST) {
            return Err(Error::Argument(format!(
                "the folder holds {SINK_MANIFEST}: a streaming query wrote plain files into it, and lists them there; move them first"
            )));
        }
        if first != Some(LOG) {
            sweep.take(&file, state.partition_columns(), &reachable);
        }
    }
    sweep
        .unreachable
        .sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sweep)
}

impl Sweep {
    fn take(&mut self, file: &ObjectMeta, partitions: &[String], reachable: &HashSet<Path>) {
        self.files += 1;
        if reachable.contains(&file.location) {
            return;
        }
        let hidden = file
            .location
            .filename()
            .is_some_and(|name| name.starts_with(['.', '_']));
        if hidden {
            // Checksums of Hadoop's local file system, files that are being written.
        } else if !is_known(&file.location, partitions) {
            self.foreign += 1;
            if self.foreign_examples.len() < NAMED {
                self.foreign_examples.push(file.location.to_string());
            }
        } else if file.last_modified.timestamp_millis() >= self.cutoff {
            self.young += 1;
        } else {
            self.bytes += file.size;
            self.unreachable.push(Unreachable {
                path: file.location.to_string(),
                bytes: file.size,
            });
        }
    }
}

/// Whether a file is of a kind that Delta writes, in a folder that the table has.
fn is_known(path: &Path, partitions: &[String]) -> bool {
    let parts: Vec<String> = path.parts().map(|part| part.as_ref().to_owned()).collect();
    let Some((name, folders)) = parts.split_last() else {
        return false;
    };
    let (folders, data) = match folders.split_first() {
        Some((first, rest)) if first == CHANGES => (rest, name.starts_with("cdc-")),
        _ => (folders, !name.starts_with(['_', '.'])),
    };
    let vector = name
        .strip_prefix("deletion_vector_")
        .and_then(|name| name.strip_suffix(".bin"));
    if vector.is_some_and(|id| uuid::Uuid::try_parse(id).is_ok()) {
        // At the top, or below a random prefix.
        return folders.is_empty()
            || matches!(folders, [prefix] if prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
    let in_layout = folders.len() == partitions.len()
        && folders.iter().zip(partitions).all(|(folder, name)| {
            folder
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with('='))
        });
    data && in_layout && name.ends_with(".parquet")
}

/// Every file that a query may still open.
async fn reachable(
    store: &dyn ObjectStore,
    state: &TableState,
    cutoff: i64,
    readers: &[Reader],
) -> Result<HashSet<Path>> {
    let mut reachable = HashSet::new();
    for file in state.files() {
        keep(&mut reachable, file)?;
    }
    for file in state.tombstones().filter(|file| file.time >= cutoff) {
        keep(&mut reachable, file)?;
    }
    // A checkpoint forgets what left the table before its own retention, and has no change data.
    let oldest = oldest_commit(store).await?.unwrap_or(state.version() + 1);
    let newest = state.version();
    let held = readers
        .iter()
        .map(|reader| reader.version)
        .min()
        .unwrap_or(newest + 1);
    let mut from = newest + 1;
    // Commits are fetched backwards in pieces, until all of a piece are older than anything that counts.
    while from > oldest {
        let start = (from - 64).max(oldest);
        let piece = commits(store, start, from - 1).await?;
        let mut counts = false;
        for commit in &piece {
            let inside = commit
                .information
                .timestamp
                .is_none_or(|time| time >= cutoff);
            counts |= inside || commit.version >= held;
            take_commit(&mut reachable, commit, inside, commit.version >= held)?;
        }
        if !counts {
            break;
        }
        from = start;
    }
    let snapshots: BTreeSet<i64> = readers
        .iter()
        .filter(|reader| reader.snapshot)
        .map(|reader| reader.version)
        .collect();
    for version in snapshots.into_iter().filter(|version| *version < newest) {
        match load(store, Some(version)).await {
            Ok(Some(then)) => then
                .files()
                .try_for_each(|file| keep(&mut reachable, file))?,
            // The log does not reach back that far: the reader cannot go on in any case.
            Ok(None)
            | Err(financelake_delta::Error::Damaged(_) | financelake_delta::Error::Mismatch(_)) => {
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(reachable)
}

/// Keeps what a commit's readers open: its change data and, to find out what left the table, the files that it removed.
/// A stream also opens what it added. Files that only moved are no concern of either.
fn take_commit(
    reachable: &mut HashSet<Path>,
    commit: &Commit,
    inside: bool,
    held: bool,
) -> Result<()> {
    let removed = commit.removed.iter();
    let removed = removed.filter(|file| inside || held && file.changes_data());
    let added = commit.added.iter().filter(|_| held);
    let changes = commit.changes.iter().filter(|_| inside || held);
    removed
        .chain(added)
        .chain(changes)
        .try_for_each(|file| keep(reachable, file))
}

fn keep(reachable: &mut HashSet<Path>, file: &FileEntry) -> Result<()> {
    reachable.insert(file.location()?);
    reachable.extend(file.vector_location()?);
    Ok(())
}

/// Deletes what a sweep found, after looking again whether it is still unreachable.
///
/// # Errors
/// As [`sweep`]; files that were deleted until then stay deleted.
pub async fn vacuum(
    table: &mut TableLog,
    policy: &VacuumPolicy,
    mut sweep: Sweep,
) -> Result<Sweep> {
    table.update().await?;
    features::check(table.state(), Operation::Vacuum)?;
    let store = Arc::clone(table.store());
    let reachable = reachable(&*store, table.state(), sweep.cutoff, &policy.readers).await?;
    let still =
        |file: &Unreachable| Path::parse(&file.path).is_ok_and(|path| !reachable.contains(&path));
    sweep.unreachable.retain(still);
    sweep.bytes = sweep.unreachable.iter().map(|file| file.bytes).sum();
    let paths: Vec<Path> = sweep
        .unreachable
        .iter()
        .filter_map(|file| Path::parse(&file.path).ok())
        .collect();
    sweep.deleted = stream::iter(paths)
        .map(|path| {
            let store = Arc::clone(&store);
            async move {
                match store.delete(&path).await {
                    Ok(()) => Ok(1),
                    Err(object_store::Error::NotFound { .. }) => Ok(0),
                    Err(error) => Err(error),
                }
            }
        })
        .buffer_unordered(DELETIONS)
        .try_fold(0, |total, one| async move { Ok(total + one) })
        .await?;
    Ok(sweep)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_known_kinds_in_known_folders_may_go() {
        let partitions = ["date".to_owned(), "region".to_owned()];
        let vector = "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";
        for (path, known) in [
            ("date=2024-01-01/region=US/part-1.parquet".to_owned(), true),
            ("date=a b/region=50%25/x.parquet".to_owned(), true),
            (
                "_change_data/date=1/region=2/cdc-1.parquet".to_owned(),
                true,
            ),
            (vector.to_owned(), true),
            (format!("ab/{vector}"), true),
            (
                "_change_data/date=1/region=2/part-1.parquet".to_owned(),
                false,
            ),
            ("part-1.parquet".to_owned(), false),
            ("date=1/part-1.parquet".to_owned(), false),
            ("region=1/date=2/part-1.parquet".to_owned(), false),
            ("date=1/region=2/more/part-1.parquet".to_owned(), false),
            ("date=1/region=2/_part.parquet".to_owned(), false),
            ("date=1/region=2/.hidden.parquet".to_owned(), false),
            ("date=1/region=2/notes.txt".to_owned(), false),
            ("dates=1/region=2/part.parquet".to_owned(), false),
            ("deletion_vector_x.bin".to_owned(), false),
            (format!("_delta/{vector}"), false),
            ("_fl_holds/1.parquet".to_owned(), false),
        ] {
            assert_eq!(
                is_known(&Path::parse(&path).unwrap(), &partitions),
                known,
                "{path}"
            );
        }
        assert!(is_known(&Path::from("part-1.parquet"), &[]));
    }
}
