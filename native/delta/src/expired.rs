//! Files of the log that nobody needs any more: those of versions that are older than the log's retention.
//!
//! A version can be read when there is a checkpoint at or before it, and every commit from there on. So everything before a
//! checkpoint may go when that checkpoint is not newer than the oldest version that has to stay readable. It is read
//! from beginning to end before anything that it replaces is deleted.

use crate::error::{Error, Result};
use crate::log::{self, Listing};
use crate::state::{TableState, load};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{self, ObjectMeta, ObjectStore, ObjectStoreExt};
use serde::Serialize;

/// What of a log is not needed any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiredLog {
    /// The oldest version that can be read afterwards.
    pub from_version: i64,
    /// Files that go.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    #[serde(skip)]
    paths: Vec<Path>,
}

/// Finds files of the log of versions that were committed before `cutoff`, in milliseconds since 1970, and that are older than
/// `held`, the oldest version that a reader still needs.
///
/// # Errors
/// [`Error::Refused`] where the table wants to keep them; [`Error::Damaged`] when the checkpoint cannot be read.
pub async fn expired_log(
    store: &dyn ObjectStore,
    state: &TableState,
    cutoff: i64,
    held: Option<i64>,
) -> Result<ExpiredLog> {
    check(state)?;
    let files = log::list(store).await?;
    let listing = Listing::of(files.iter().map(|file| file.location.clone()));
    let young = files
        .iter()
        .filter(|file| file.last_modified.timestamp_millis() >= cutoff)
        .filter_map(|file| version_of(&file.location).filter(|(_, kind)| *kind == "json"));
    // When the retention begins, the table was as the last old commit left it.
    let current = young.map(|(version, _)| version - 1).min();
    let needed = current
        .into_iter()
        .chain(held)
        .fold(state.version(), i64::min);
    let Some((checkpoint, _)) = listing.checkpoint(needed) else {
        return Ok(ExpiredLog::default());
    };
    let mut expired = ExpiredLog {
        from_version: checkpoint,
        ..ExpiredLog::default()
    };
    let mut going: Vec<(i64, &ObjectMeta)> = files
        .iter()
        .filter_map(|file| Some((last_version(&file.location)?, file)))
        .filter(|(version, _)| *version < checkpoint)
        .collect();
    // The oldest first: a run that is killed leaves a log without holes.
    going.sort_by(|(one, a), (other, b)| (one, &a.location).cmp(&(other, &b.location)));
    for (_, file) in going {
        expired.files += 1;
        expired.bytes += file.size;
        expired.paths.push(file.location.clone());
    }
    if expired.files > 0 {
        load(store, Some(checkpoint)).await?;
    }
    Ok(expired)
}

/// Deletes them.
///
/// # Errors
/// [`Error::Storage`]; what was deleted until then is gone, and the table as readable as before.
pub async fn delete_expired(store: &dyn ObjectStore, expired: &ExpiredLog) -> Result<()> {
    for path in &expired.paths {
        match store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn check(state: &TableState) -> Result<()> {
    let property = |key: &str| state.properties().get(key).map(String::as_str);
    let features = state.protocol().writer_features.iter().flatten();
    let reason = if property("delta.enableExpiredLogCleanup") == Some("false") {
        "its property delta.enableExpiredLogCleanup is false"
    } else if property("delta.enableInCommitTimestamps") == Some("true") {
        "the times of its commits are not those of the files (delta.enableInCommitTimestamps)"
    } else if features
        .into_iter()
        .any(|name| name == "checkpointProtection")
    {
        "it has the table feature checkpointProtection: old checkpoints have to stay"
    } else {
        return Ok(());
    };
    Err(Error::Refused {
        operation: "expiring the log",
        reason: reason.to_owned(),
    })
}

/// The version of a commit's or checkpoint's file and what follows it in the name.
fn version_of(path: &Path) -> Option<(i64, &str)> {
    let (version, kind) = path.filename()?.split_once('.')?;
    let plain = version.len() == 20 && version.bytes().all(|byte| byte.is_ascii_digit());
    Some((version.parse().ok().filter(|_| plain)?, kind))
}

/// The last version that a file is about, if it is of a kind that may go: a commit, its checksum, several commits in one, or
/// a checkpoint of the first kind. Those of the second kind share files with others.
fn last_version(path: &Path) -> Option<i64> {
    let (version, kind) = version_of(path)?;
    let parts: Vec<&str> = kind.split('.').collect();
    let number =
        |text: &str, digits| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts[..] {
        ["json" | "crc"] | ["checkpoint", "parquet"] => Some(version),
        ["checkpoint", part, of, "parquet"] if number(part, 10) && number(of, 10) => Some(version),
        [end, "compacted", "json"] if number(end, 20) => end.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_known_kinds_have_a_last_version() {
        let known = |name: &str| last_version(&Path::from(format!("_delta_log/{name}")));
        for (name, version) in [
            ("00000000000000000003.json", Some(3)),
            ("00000000000000000003.crc", Some(3)),
            ("00000000000000000003.checkpoint.parquet", Some(3)),
            (
                "00000000000000000003.checkpoint.0000000001.0000000002.parquet",
                Some(3),
            ),
            (
                "00000000000000000001.00000000000000000004.compacted.json",
                Some(4),
            ),
            (
                "00000000000000000003.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
                None,
            ),
            ("_last_checkpoint", None),
            ("3.json", None),
            ("00000000000000000003.json.tmp", None),
        ] {
            assert_eq!(known(name), version, "{name}");
        }
    }
}
