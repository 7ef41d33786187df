//! A table with its list of files: the whole log replayed, for whoever maintains the table.

use crate::action::{Metadata, Protocol, Transaction};
use crate::checkpoint_rows;
use crate::entry::{FileEntry, FileKey};
use crate::error::{Error, Result};
use crate::log::{self, Listing};
use bytes::Bytes;
use financelake_storage::object_store::{self, ObjectMeta, ObjectStore, ObjectStoreExt};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Commit files that are fetched at once.
const FETCHES: usize = 8;

/// One line of a commit file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    protocol: Option<Box<RawValue>>,
    meta_data: Option<Box<RawValue>>,
    txn: Option<Transaction>,
    add: Option<Box<RawValue>>,
    remove: Option<Box<RawValue>>,
    cdc: Option<Box<RawValue>>,
    domain_metadata: Option<Box<RawValue>>,
    commit_info: Option<CommitInfo>,
}

/// What is read of a commit's information.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitInfo {
    /// The attempt's own name.
    pub txn_id: Option<String>,
    /// When it was made, by the writer's clock.
    pub timestamp: Option<i64>,
    /// What was done.
    pub operation: Option<String>,
    /// The time that counts in tables with in-commit timestamps.
    pub in_commit_timestamp: Option<i64>,
}

/// What one commit said.
#[derive(Debug, Default)]
pub struct Commit {
    /// Its version.
    pub version: i64,
    /// About itself.
    pub information: CommitInfo,
    /// Files that joined.
    pub added: Vec<FileEntry>,
    /// Files that left.
    pub removed: Vec<FileEntry>,
    /// Change data files.
    pub changes: Vec<FileEntry>,
    protocol: Option<Box<RawValue>>,
    metadata: Option<Box<RawValue>>,
    transactions: Vec<Transaction>,
    domains: Vec<Box<RawValue>>,
}

impl Commit {
    fn parse(version: i64, content: &[u8]) -> Result<Self> {
        let damaged =
            |error: serde_json::Error| Error::Damaged(format!("version {version}: {error}"));
        let mut commit = Self {
            version,
            ..Self::default()
        };
        let lines = content.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.trim_ascii().is_empty()) {
            let line: Line = serde_json::from_slice(line).map_err(damaged)?;
            let entry =
                |raw: Option<Box<RawValue>>| raw.map(FileEntry::parse).transpose().map_err(damaged);
            commit.added.extend(entry(line.add)?);
            commit.removed.extend(entry(line.remove)?);
            commit.changes.extend(entry(line.cdc)?);
            commit.protocol = line.protocol.or(commit.protocol);
            commit.metadata = line.meta_data.or(commit.metadata);
            commit.transactions.extend(line.txn);
            commit.domains.extend(line.domain_metadata);
            if let Some(information) = line.commit_info {
                commit.information = information;
            }
        }
        Ok(commit)
    }

    /// Adds the content of a checkpoint's part.
    fn take_checkpoint(&mut self, content: Bytes) -> std::result::Result<(), String> {
        let text = |error: serde_json::Error| error.to_string();
        checkpoint_rows::each(content, |action, json| {
            let raw = RawValue::from_string(json).map_err(text)?;
            match action {
                "protocol" => self.protocol = Some(raw),
                "metaData" => self.metadata = Some(raw),
                "txn" => self
                    .transactions
                    .push(serde_json::from_str(raw.get()).map_err(text)?),
                "domainMetadata" => self.domains.push(raw),
                "add" => self.added.push(FileEntry::parse(raw).map_err(text)?),
                "remove" => self.removed.push(FileEntry::parse(raw).map_err(text)?),
                other => {
                    return Err(format!(
                        "an action {other} in a checkpoint of the first kind"
                    ));
                }
            }
            Ok(())
        })
    }
}

/// A domain of metadata, as far as it is read.
#[derive(Deserialize)]
struct Domain {
    domain: String,
    #[serde(default)]
    removed: bool,
}

/// An action's text, and what is read of it.
#[derive(Clone, Debug)]
struct Known<T> {
    raw: Box<RawValue>,
    view: T,
}

impl<T: DeserializeOwned> Known<T> {
    fn parse(raw: &RawValue) -> serde_json::Result<Self> {
        Ok(Self {
            raw: raw.to_owned(),
            view: serde_json::from_str(raw.get())?,
        })
    }
}

/// The state of a table at one version.
#[derive(Clone, Debug)]
pub struct TableState {
    version: i64,
    protocol: Known<Protocol>,
    metadata: Known<Metadata>,
    files: BTreeMap<FileKey, FileEntry>,
    tombstones: BTreeMap<FileKey, FileEntry>,
    transactions: BTreeMap<String, Transaction>,
    domains: BTreeMap<String, Box<RawValue>>,
    newest: Option<ObjectMeta>,
}

impl TableState {
    /// The version.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The table's identifier.
    pub fn id(&self) -> &str {
        &self.metadata.view.id
    }

    /// The columns, in Delta's JSON.
    pub fn schema(&self) -> &str {
        &self.metadata.view.schema_string
    }

    /// The columns that name the folders, in their order.
    pub fn partition_columns(&self) -> &[String] {
        &self.metadata.view.partition_columns
    }

    /// The table's properties.
    pub fn properties(&self) -> &BTreeMap<String, String> {
        &self.metadata.view.configuration
    }

    /// Its files.
    pub fn files(&self) -> impl Iterator<Item = &FileEntry> {
        self.files.values()
    }

    /// The file with that identity, if it is in the table.
    pub fn file(&self, key: &FileKey) -> Option<&FileEntry> {
        self.files.get(key)
    }

    /// Files that were removed and that the log still remembers.
    pub fn tombstones(&self) -> impl Iterator<Item = &FileEntry> {
        self.tombstones.values()
    }

    /// How far applications have come.
    pub fn positions(&self) -> impl Iterator<Item = (&str, i64)> {
        let transactions = self.transactions.values();
        transactions.map(|transaction| (transaction.app_id.as_str(), transaction.version))
    }

    pub(crate) fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        self.transactions.values()
    }

    /// Metadata of table features, as it stands in the log.
    pub(crate) fn domains(&self) -> impl Iterator<Item = &str> {
        self.domains.values().map(|raw| raw.get())
    }

    pub(crate) fn protocol(&self) -> &Protocol {
        &self.protocol.view
    }

    pub(crate) fn raw_protocol(&self) -> &str {
        self.protocol.raw.get()
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata.view
    }

    pub(crate) fn raw_metadata(&self) -> &str {
        self.metadata.raw.get()
    }

    /// Reads what was committed since and appends it to `commits`, also when it fails after some of them.
    ///
    /// # Errors
    /// [`Error::Mismatch`] when the log went away or was made anew.
    pub async fn advance(
        &mut self,
        store: &dyn ObjectStore,
        commits: &mut Vec<Commit>,
    ) -> Result<()> {
        let from = self.version;
        while let Some(content) = log::read(store, &log::commit_path(self.version + 1)).await? {
            let commit = Commit::parse(self.version + 1, &content)?;
            self.apply(&commit)?;
            commits.push(commit);
        }
        // That there is no next version is believed only while the newest known one is still the same file.
        let path = log::commit_path(self.version);
        let found = match store.head(&path).await {
            Ok(found) => Some(found),
            Err(object_store::Error::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let known = self.newest.as_ref().filter(|_| self.version == from);
        let same = found.as_ref().is_some_and(|found| {
            known.is_none_or(|known| known.last_modified == found.last_modified)
        });
        if !same {
            return Err(Error::Mismatch(format!(
                "{path} is gone: the log was cleaned up, or the table deleted or made anew meanwhile; begin again"
            )));
        }
        self.newest = found;
        Ok(())
    }

    /// The state after the first commit of a log, or after a checkpoint, which is like one large commit.
    fn begin(commit: &Commit) -> Result<Self> {
        let absent =
            |what: &str| Error::Damaged(format!("no {what} up to version {}", commit.version));
        let damaged = |error: serde_json::Error| {
            Error::Damaged(format!("version {}: {error}", commit.version))
        };
        let protocol = commit.protocol.as_ref().ok_or_else(|| absent("protocol"))?;
        let metadata = commit.metadata.as_ref().ok_or_else(|| absent("metaData"))?;
        let mut state = Self {
            version: commit.version,
            protocol: Known::parse(protocol).map_err(damaged)?,
            metadata: Known::parse(metadata).map_err(damaged)?,
            files: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            transactions: BTreeMap::new(),
            domains: BTreeMap::new(),
            newest: None,
        };
        state.apply(commit)?;
        Ok(state)
    }

    fn apply(&mut self, commit: &Commit) -> Result<()> {
        let damaged = |error: serde_json::Error| {
            Error::Damaged(format!("version {}: {error}", commit.version))
        };
        if let Some(raw) = &commit.protocol {
            self.protocol = Known::parse(raw).map_err(damaged)?;
        }
        if let Some(raw) = &commit.metadata {
            self.metadata = Known::parse(raw).map_err(damaged)?;
        }
        for transaction in &commit.transactions {
            self.transactions
                .insert(transaction.app_id.clone(), transaction.clone());
        }
        for raw in &commit.domains {
            let domain: Domain = serde_json::from_str(raw.get()).map_err(damaged)?;
            if domain.removed {
                self.domains.remove(&domain.domain);
            } else {
                self.domains.insert(domain.domain, raw.clone());
            }
        }
        for file in &commit.removed {
            self.files.remove(file.key());
            self.tombstones.insert(file.key().clone(), file.clone());
        }
        for file in &commit.added {
            self.tombstones.remove(file.key());
            self.files.insert(file.key().clone(), file.clone());
        }
        self.version = commit.version;
        Ok(())
    }
}

/// Replays the log up to `at`, or to its end; `None` when there is no table.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Unsupported`], or [`Error::Storage`].
pub async fn load(store: &dyn ObjectStore, at: Option<i64>) -> Result<Option<TableState>> {
    let files = log::list(store).await?;
    let listing = Listing::of(files.iter().map(|file| file.location.clone()));
    let end = at.unwrap_or(i64::MAX);
    let checkpoint = listing.checkpoint(end);
    let version = checkpoint.as_ref().map_or(-1, |(version, _)| *version);
    let Some(newest) = listing.newest(end) else {
        return match listing.v2_checkpoint(0) {
            Some(version) => Err(log::only_v2(version)),
            None => Ok(None),
        };
    };
    if let Some(at) = at.filter(|at| newest < *at) {
        return Err(Error::Mismatch(format!(
            "it has no version {at}; the newest is {newest}"
        )));
    }
    let mut begin = None;
    for part in checkpoint.map(|(_, parts)| parts).unwrap_or_default() {
        let content = store.get(part).await?.bytes().await?;
        let commit = begin.get_or_insert_with(|| Commit {
            version,
            ..Commit::default()
        });
        commit
            .take_checkpoint(content)
            .map_err(|problem| Error::Damaged(format!("{part}: {problem}")))?;
    }
    let absent = listing.first_absent(version + 1, newest);
    if let Some(absent) = absent {
        return Err(match listing.v2_checkpoint(absent) {
            Some(checkpoint) => log::only_v2(checkpoint),
            None => Error::Damaged(format!("version {absent} is missing, {newest} is there")),
        });
    }
    let mut commits = stream::iter(version + 1..=newest)
        .map(|version| async move { Ok::<_, Error>((version, fetch(store, version).await?)) })
        .buffered(FETCHES);
    let mut state = begin.map(|commit| TableState::begin(&commit)).transpose()?;
    while let Some((next, content)) = commits.try_next().await? {
        let commit = Commit::parse(next, &content)?;
        match &mut state {
            Some(state) => state.apply(&commit)?,
            None => state = Some(TableState::begin(&commit)?),
        }
    }
    drop(commits);
    let Some(mut state) = state else {
        return Ok(None);
    };
    let path = log::commit_path(state.version);
    state.newest = files.into_iter().find(|file| file.location == path);
    Ok(Some(state))
}

async fn fetch(store: &dyn ObjectStore, version: i64) -> Result<Bytes> {
    Ok(store.get(&log::commit_path(version)).await?.bytes().await?)
}

/// How large a log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSize {
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The version of the newest checkpoint.
    pub checkpoint: Option<i64>,
}

/// Measures the log.
///
/// # Errors
/// [`Error::Storage`].
pub async fn log_size(store: &dyn ObjectStore) -> Result<LogSize> {
    let files = log::list(store).await?;
    let listing = Listing::of(files.iter().map(|file| file.location.clone()));
    Ok(LogSize {
        files: files.len() as u64,
        bytes: files.iter().map(|file| file.size).sum(),
        checkpoint: listing.checkpoint(i64::MAX).map(|(version, _)| version),
    })
}

/// The oldest version from which on every commit is in the log; `None` when it has none.
///
/// # Errors
/// [`Error::Storage`].
pub async fn oldest_commit(store: &dyn ObjectStore) -> Result<Option<i64>> {
    let files = log::list(store).await?;
    let listing = Listing::of(files.into_iter().map(|file| file.location));
    Ok(listing.oldest())
}

/// The commits of a range.
///
/// # Errors
/// [`Error::Damaged`] when one of them is not there.
pub async fn commits(store: &dyn ObjectStore, from: i64, to: i64) -> Result<Vec<Commit>> {
    stream::iter(from..=to)
        .map(|version| async move {
            match log::read(store, &log::commit_path(version)).await? {
                Some(content) => Commit::parse(version, &content),
                None => Err(Error::Damaged(format!(
                    "version {version} is not in the log any more"
                ))),
            }
        })
        .buffered(FETCHES)
        .try_collect()
        .await
}
