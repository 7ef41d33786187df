//! Going back to an older version, after a look whether all that it needs is still there.

use crate::digest::{Digest, digest};
use crate::error::{Error, Result};
use crate::readers::Reader;
use chrono::DateTime;
use financelake_delta::features::{self, Operation};
use financelake_delta::{FileEntry, Restoration, TableLog, TableState, load, version_at};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{self, ObjectStore, ObjectStoreExt};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

/// Files that are looked for at once.
const LOOKS: usize = 64;
/// Missing files that an error names; a dry run lists all.
const NAMED: usize = 5;

/// Which version is to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// By its number.
    Version(i64),
    /// The newest one at a time, in milliseconds since 1970.
    Time(i64),
}

/// A file that an older version needs and that is not there as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missing {
    /// Its path in the table's folder.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

/// How far an application has come, by the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The application: a sink or a stream.
    pub application: String,
    /// Where it is, and stays.
    pub current: i64,
    /// Where it was at the version that comes back.
    pub then: Option<i64>,
}

/// What a restoration is going to do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestorePlan {
    /// The version that was looked at.
    pub current_version: i64,
    /// The version that comes back.
    pub version: i64,
    /// Files that come back.
    pub files_restored: u64,
    /// Their size.
    pub bytes_restored: u64,
    /// Files that leave.
    pub files_removed: u64,
    /// Their size.
    pub bytes_removed: u64,
    /// Whether columns or properties change too.
    pub metadata_changes: bool,
    /// What that version needs and is not there; with anything in it nothing is done.
    pub missing: Vec<Missing>,
    /// Sinks and streams that wrote since; they go on where they are.
    pub positions: Vec<Position>,
    /// Streaming queries that have read beyond that version.
    pub readers: Vec<Reader>,
    #[serde(skip)]
    restoration: Restoration,
    #[serde(skip)]
    then: Box<TableState>,
}

/// What a restoration did.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// The version that was written; `None` when the table was that already.
    pub version: Option<i64>,
    /// Rows that were compared, if that was asked for.
    pub rows_verified: Option<u64>,
    /// What was planned.
    pub plan: RestorePlan,
}

/// Finds out what going back takes, and changes nothing.
///
/// # Errors
/// What stands in the way, by name.
pub async fn plan_restore(
    table: &TableLog,
    target: Target,
    readers: &[Reader],
) -> Result<RestorePlan> {
    let (state, store) = (table.state(), table.store());
    features::check(state, Operation::Restore)?;
    let version = match target {
        Target::Version(version) => version,
        Target::Time(time) => {
            let version = version_at(&**store, time).await.map_err(unreachable)?;
            version.min(state.version())
        }
    };
    let then = load(&**store, Some(version)).await.map_err(unreachable)?;
    let then = then
        .filter(|then| then.version() == version)
        .ok_or_else(|| {
            Error::Argument(format!(
                "the log does not reach back to version {version}; name a newer one"
            ))
        })?;
    let mut restoration = Restoration::between(state, &then)?;
    if let Target::Time(time) = target {
        restoration.timestamp = DateTime::from_timestamp_millis(time).map(|time| time.to_rfc3339());
    }
    let bytes = |files: &[FileEntry]| files.iter().map(|file| file.size).sum();
    let before: BTreeMap<_, _> = then.positions().collect();
    let moved = state
        .positions()
        .filter(|(application, now)| before.get(application) != Some(now));
    let positions = moved.map(|(application, current)| Position {
        application: application.to_owned(),
        current,
        then: before.get(application).copied(),
    });
    Ok(RestorePlan {
        current_version: state.version(),
        version,
        files_restored: restoration.returning.len() as u64,
        bytes_restored: bytes(&restoration.returning),
        files_removed: restoration.leaving.len() as u64,
        bytes_removed: bytes(&restoration.leaving),
        metadata_changes: restoration.changes_metadata(),
        missing: missing(&**store, &restoration.returning).await?,
        positions: positions.collect(),
        readers: readers
            .iter()
            .filter(|reader| reader.version > version)
            .cloned()
            .collect(),
        then: Box::new(then),
        restoration,
    })
}

/// What an older version cannot be read for: another one has to be named.
fn unreachable(error: financelake_delta::Error) -> Error {
    match error {
        financelake_delta::Error::Mismatch(problem) => Error::Argument(problem),
        financelake_delta::Error::Damaged(problem) => Error::Argument(format!(
            "{problem}; where the log was cleaned up, only newer versions can come back"
        )),
        other => other.into(),
    }
}

/// Carries the plan out. With `verify` every row of the older version is read before anything is committed, and the rows of
/// the table afterwards have to be the same.
///
/// # Errors
/// What stands in the way, by name; [`Error::Missing`] when a file is not there.
///
/// # Panics
/// Outside of a Tokio runtime of several threads.
pub async fn restore(
    table: &mut TableLog,
    plan: RestorePlan,
    verify: bool,
    workers: NonZeroUsize,
) -> Result<Restored> {
    check(&plan.missing, "nothing was committed")?;
    let before = if verify {
        Some(digest(table.store(), &plan.then, workers).await?)
    } else {
        None
    };
    let version = if plan.restoration.is_empty() {
        None
    } else {
        Some(table.restore(&plan.restoration).await?)
    };
    // A vacuum of someone else may have deleted between the first look and the commit.
    let gone = missing(&**table.store(), &plan.restoration.returning).await?;
    check(
        &gone,
        "they were deleted while the table was restored; restore the version before this one",
    )?;
    if let Some(before) = &before {
        let after = digest(table.store(), table.state(), workers).await?;
        compare(before, &after)?;
    }
    Ok(Restored {
        version,
        rows_verified: before.map(|before| before.rows()),
        plan,
    })
}

fn compare(before: &Digest, after: &Digest) -> Result<()> {
    if before == after {
        return Ok(());
    }
    Err(Error::Internal(format!(
        "the rows are not those of the older version: {} were read before, {} afterwards",
        before.rows(),
        after.rows()
    )))
}

fn check(missing: &[Missing], consequence: &str) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = missing
        .iter()
        .take(NAMED)
        .map(|file| format!("{}: {}", file.path, file.problem))
        .collect();
    let rest = missing.len().saturating_sub(NAMED);
    let more = if rest > 0 {
        format!(", and {rest} more")
    } else {
        String::new()
    };
    Err(Error::Missing(format!(
        "{}{more}; {consequence}",
        named.join(", ")
    )))
}

/// Files and deletion vectors that are not there, or not as large as they were.
async fn missing(store: &dyn ObjectStore, files: &[FileEntry]) -> Result<Vec<Missing>> {
    let mut wanted: BTreeSet<(Path, Option<u64>)> = BTreeSet::new();
    for file in files {
        wanted.insert((file.location()?, Some(file.size)));
        wanted.extend(file.vector_location()?.map(|vector| (vector, None)));
    }
    let found = stream::iter(wanted)
        .map(|(path, size)| async move {
            let problem = match (store.head(&path).await, size) {
                (Ok(found), Some(size)) if found.size != size => {
                    format!("it has {} bytes, the log says {size}", found.size)
                }
                (Ok(_), _) => return Ok(None),
                (Err(object_store::Error::NotFound { .. }), _) => "it is missing".to_owned(),
                (Err(error), _) => return Err(Error::from(error)),
            };
            Ok(Some(Missing {
                path: path.to_string(),
                problem,
            }))
        })
        .buffer_unordered(LOOKS);
    let mut found: Vec<Missing> = found
        .try_filter_map(|found| async move { Ok(found) })
        .try_collect()
        .await?;
    found.sort();
    Ok(found)
}
