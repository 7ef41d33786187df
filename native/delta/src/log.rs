//! The log as files: which ones there are, and the replay of them to a snapshot.

use crate::action::{Line, Metadata, Protocol};
use crate::checkpoint;
use crate::error::{Error, Result};
use crate::gate;
use bytes::Bytes;
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{self, ObjectMeta, ObjectStore, ObjectStoreExt};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const FOLDER: &str = "_delta_log";

/// The state of a table at one version, without its list of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub(crate) version: i64,
    pub(crate) protocol: Protocol,
    pub(crate) metadata: Metadata,
    pub(crate) transactions: HashMap<String, i64>,
    /// The newest commit's file as it was first seen, if the storage said.
    pub(crate) newest: Option<ObjectMeta>,
}

impl Snapshot {
    /// The version.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How far an application has come, if it ever committed.
    pub fn transaction(&self, application: &str) -> Option<i64> {
        self.transactions.get(application).copied()
    }
}

/// The parts of a snapshot while the log is replayed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replay {
    pub(crate) protocol: Option<Protocol>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) transactions: HashMap<String, i64>,
}

impl Replay {
    fn finish(self, version: i64, newest: Option<ObjectMeta>) -> Result<Snapshot> {
        let absent = |what: &str| Error::Damaged(format!("no {what} up to version {version}"));
        let snapshot = Snapshot {
            version,
            protocol: self.protocol.ok_or_else(|| absent("protocol"))?,
            metadata: self.metadata.ok_or_else(|| absent("metaData"))?,
            transactions: self.transactions,
            newest,
        };
        gate::check(&snapshot.protocol, &snapshot.metadata)?;
        Ok(snapshot)
    }

    /// Applies a commit file; returns the identifier of the commit, if it has one.
    fn apply(&mut self, version: i64, content: &[u8]) -> Result<Option<String>> {
        let mut id = None;
        for line in content
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
        {
            let line: Line = serde_json::from_slice(line)
                .map_err(|error| Error::Damaged(format!("version {version}: {error}")))?;
            self.protocol = line.protocol.or(self.protocol.take());
            self.metadata = line.meta_data.or(self.metadata.take());
            if let Some(transaction) = line.txn {
                self.transactions
                    .insert(transaction.app_id, transaction.version);
            }
            id = line.commit_info.and_then(|info| info.txn_id).or(id);
        }
        Ok(id)
    }
}

/// The file of a version.
pub(crate) fn commit_path(version: i64) -> Path {
    Path::from_iter([FOLDER, &format!("{version:020}.json")])
}

/// The file of a checkpoint in one piece.
pub(crate) fn checkpoint_path(version: i64) -> Path {
    Path::from_iter([FOLDER, &format!("{version:020}.checkpoint.parquet")])
}

/// The file that names the newest checkpoint.
pub(crate) fn last_checkpoint_path() -> Path {
    Path::from_iter([FOLDER, "_last_checkpoint"])
}

/// The files of a log by what they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    commits: BTreeSet<i64>,
    /// Parts that are there, by version and number of parts.
    checkpoints: BTreeMap<(i64, u32), BTreeMap<u32, Path>>,
    /// Checkpoints of the second kind, which are not read.
    v2_checkpoints: BTreeSet<i64>,
}

impl Listing {
    pub(crate) fn of(files: impl IntoIterator<Item = Path>) -> Self {
        let mut listing = Self::default();
        for path in files {
            let parts: Vec<&str> = path.filename().unwrap_or_default().split('.').collect();
            let Some(version) = number::<i64>(parts[0], 20) else {
                continue;
            };
            match parts[1..] {
                ["json"] => {
                    listing.commits.insert(version);
                }
                ["checkpoint", "parquet"] => {
                    listing
                        .checkpoints
                        .entry((version, 1))
                        .or_default()
                        .insert(1, path);
                }
                ["checkpoint", part, parts, "parquet"] => {
                    if let (Some(part), Some(parts)) = (number(part, 10), number(parts, 10)) {
                        let found = listing.checkpoints.entry((version, parts)).or_default();
                        found.insert(part, path);
                    }
                }
                ["checkpoint", _, "parquet" | "json"] => {
                    listing.v2_checkpoints.insert(version);
                }
                _ => {}
            }
        }
        listing
    }

    /// The newest checkpoint up to a version of which every part is there.
    pub(crate) fn checkpoint(&self, end: i64) -> Option<(i64, Vec<&Path>)> {
        self.checkpoints
            .iter()
            .rev()
            .find(|((version, parts), found)| *version <= end && found.len() == *parts as usize)
            .map(|((version, _), found)| (*version, found.values().collect()))
    }

    /// The newest version up to `end`; `None` when there is none.
    pub(crate) fn newest(&self, end: i64) -> Option<i64> {
        let commit = self.commits.range(..=end).last().copied();
        commit.max(self.checkpoint(end).map(|(version, _)| version))
    }

    /// The first version of a range without a commit file.
    pub(crate) fn first_absent(&self, from: i64, to: i64) -> Option<i64> {
        (from..=to).find(|version| !self.commits.contains(version))
    }

    /// The oldest version from which on no commit file is missing.
    pub(crate) fn oldest(&self) -> Option<i64> {
        let mut backwards = self.commits.iter().rev().copied();
        let mut oldest = backwards.next()?;
        for version in backwards {
            if version + 1 != oldest {
                break;
            }
            oldest = version;
        }
        Some(oldest)
    }

    /// The newest checkpoint of the second kind, not older than `from`.
    pub(crate) fn v2_checkpoint(&self, from: i64) -> Option<i64> {
        self.v2_checkpoints.range(from..).last().copied()
    }
}

fn number<T: std::str::FromStr>(text: &str, digits: usize) -> Option<T> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// The files of the log.
pub(crate) async fn list(store: &dyn ObjectStore) -> Result<Vec<ObjectMeta>> {
    let found = store.list_with_delimiter(Some(&Path::from(FOLDER))).await?;
    Ok(found.objects)
}

/// Replays the whole log; `None` when there is no table.
pub(crate) async fn load(store: &dyn ObjectStore) -> Result<Option<Snapshot>> {
    let files = list(store).await?;
    let listing = Listing::of(files.iter().map(|file| file.location.clone()));
    let mut replay = Replay::default();
    let checkpoint = listing.checkpoint(i64::MAX);
    let mut version = checkpoint.as_ref().map_or(-1, |(version, _)| *version);
    let Some(newest) = listing.newest(i64::MAX) else {
        return match listing.v2_checkpoint(0) {
            Some(version) => Err(only_v2(version)),
            None => Ok(None),
        };
    };
    for part in checkpoint.map(|(_, parts)| parts).unwrap_or_default() {
        checkpoint::read(store.get(part).await?.bytes().await?, &mut replay)
            .map_err(|problem| Error::Damaged(format!("{part}: {problem}")))?;
    }
    while version < newest {
        version += 1;
        if !listing.commits.contains(&version) {
            return Err(match listing.v2_checkpoint(version) {
                Some(checkpoint) => only_v2(checkpoint),
                None => Error::Damaged(format!("version {version} is missing, {newest} is there")),
            });
        }
        replay.apply(
            version,
            &store.get(&commit_path(version)).await?.bytes().await?,
        )?;
    }
    let path = commit_path(version);
    let newest = files.into_iter().find(|file| file.location == path);
    replay.finish(version, newest).map(Some)
}

/// The newest version at a time, in milliseconds since 1970, by the times of the files as Spark takes them: each
/// commit is later than the one before it, whatever the clocks said.
///
/// # Errors
/// [`Error::Mismatch`] when the log does not reach back that far.
pub async fn version_at(store: &dyn ObjectStore, time: i64) -> Result<i64> {
    let files = list(store).await?;
    let listing = Listing::of(files.iter().map(|file| file.location.clone()));
    let mut commits: Vec<(i64, i64)> = files
        .iter()
        .filter_map(|file| {
            let name = file.location.filename()?.strip_suffix(".json")?;
            Some((number(name, 20)?, file.last_modified.timestamp_millis()))
        })
        .filter(|(version, _)| listing.oldest().is_some_and(|oldest| oldest <= *version))
        .collect();
    commits.sort_unstable();
    let (mut found, mut last) = (None, i64::MIN);
    for (version, modified) in commits {
        last = modified.max(last.saturating_add(1));
        if last <= time {
            found = Some(version);
        }
    }
    found.ok_or_else(|| {
        Error::Mismatch("its log does not reach back to that time; name a later one".to_owned())
    })
}

pub(crate) fn only_v2(version: i64) -> Error {
    Error::Unsupported(format!(
        "its checkpoint at version {version} is of the kind v2Checkpoint; set delta.checkpointPolicy to classic and make a checkpoint"
    ))
}

/// Reads what was committed after a snapshot and returns the newer one, with the version of the commit that
/// has the identifier, if it is among what was read.
pub(crate) async fn update(
    store: &dyn ObjectStore,
    snapshot: &Snapshot,
    id: Option<&str>,
) -> Result<(Snapshot, Option<i64>)> {
    let mut replay = Replay {
        protocol: Some(snapshot.protocol.clone()),
        metadata: Some(snapshot.metadata.clone()),
        transactions: snapshot.transactions.clone(),
    };
    let mut version = snapshot.version;
    let mut own = None;
    while let Some(content) = read(store, &commit_path(version + 1)).await? {
        version += 1;
        let found = replay.apply(version, &content)?;
        if id.is_some() && found.as_deref() == id {
            own = Some(version);
        }
    }
    // That there is no next version is believed only while the newest known one is still the same file. It is gone
    // where the log was cleaned up, and another one where the table was made anew.
    let path = commit_path(version);
    let newest = match store.head(&path).await {
        Ok(found) => Some(found),
        Err(object_store::Error::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let known = snapshot
        .newest
        .as_ref()
        .filter(|_| version == snapshot.version);
    let changed =
        |found: &ObjectMeta| known.is_some_and(|known| known.last_modified != found.last_modified);
    if newest.as_ref().is_some_and(|found| !changed(found)) {
        return Ok((replay.finish(version, newest)?, own));
    }
    match load(store).await? {
        Some(loaded) if loaded.version >= version => Ok((loaded, own)),
        _ => Err(Error::Mismatch(format!(
            "{path} is gone: the table was deleted or made anew while it was written"
        ))),
    }
}

pub(crate) async fn read(store: &dyn ObjectStore, path: &Path) -> Result<Option<Bytes>> {
    match store.get(path).await {
        Ok(found) => Ok(Some(found.bytes().await?)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> Listing {
        Listing::of(
            names
                .iter()
                .map(|name| Path::from(format!("_delta_log/{name}"))),
        )
    }

    #[test]
    fn files_are_told_apart_by_their_names() {
        let found = listing(&[
            "00000000000000000003.json",
            "00000000000000000003.crc",
            "00000000000000000002.checkpoint.parquet",
            "00000000000000000004.checkpoint.0000000001.0000000002.parquet",
            "00000000000000000005.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
            "00000000000000000001.00000000000000000003.compacted.json",
            "_last_checkpoint",
            "3.json",
            "+0000000000000000003.json",
        ]);
        assert_eq!(found.commits, BTreeSet::from([3]));
        assert_eq!(found.v2_checkpoints, BTreeSet::from([5]));
        assert_eq!(
            found.checkpoint(9).unwrap().0,
            2,
            "a part of the newer one is missing"
        );
    }

    #[test]
    fn the_newest_complete_checkpoint_counts() {
        let found = listing(&[
            "00000000000000000002.checkpoint.parquet",
            "00000000000000000004.checkpoint.0000000002.0000000002.parquet",
            "00000000000000000004.checkpoint.0000000001.0000000002.parquet",
        ]);
        let (version, parts) = found.checkpoint(9).unwrap();
        assert_eq!((version, parts.len()), (4, 2));
        assert!(parts[0].as_ref().contains("0000000001.0000000002"));
    }
}
