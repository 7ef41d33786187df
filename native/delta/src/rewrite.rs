//! Commits that put other files in the place of some, without changing rows.
//!
//! What makes them safe is one rule: a group of files may be replaced at a version exactly when each of them, with
//! the deletion vector that was read, is still in the table at the version before. It does not matter who
//! removed a file, nor whether that commit said that it changed data: files that another compaction replaced are
//! gone, so replacing them again would double their rows. Appends take no file away and so never disturb.

use crate::append::{engine, now};
use crate::entry::{FileEntry, FileKey};
use crate::error::{Error, Result};
use crate::state::{Commit, TableState, load};
use crate::table::{Attempts, put_if_absent, unwritable};
use financelake_storage::object_store::{self, ObjectStore};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A file that is to join the table; it lies in the table's folder already.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewFile {
    /// Its path as the log is to name it, percent-encoded.
    pub path: String,
    /// The values of its folder's columns.
    pub partition: BTreeMap<String, Option<String>>,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written, in milliseconds since 1970.
    pub modified: i64,
    /// Its statistics in Delta's JSON.
    pub statistics: String,
    /// What later maintenance is to know of it.
    pub tags: BTreeMap<String, String>,
}

impl NewFile {
    fn render(&self) -> String {
        let mut add = json!({
            "path": self.path,
            "partitionValues": self.partition,
            "size": self.size,
            "modificationTime": self.modified,
            "dataChange": false,
            "stats": self.statistics,
        });
        if !self.tags.is_empty() {
            add["tags"] = json!(self.tags);
        }
        json!({ "add": add }).to_string()
    }
}

/// Files, and those that hold the same rows in their place.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// What was read.
    pub old: Vec<FileKey>,
    /// What was written.
    pub new: Vec<NewFile>,
}

/// Replacements that are committed together.
#[derive(Clone, Debug)]
pub struct Rewrite {
    /// The name of the operation in the table's history.
    pub operation: String,
    /// Its parameters there.
    pub parameters: BTreeMap<String, String>,
    /// The replacements; each is made or left out by itself.
    pub replacements: Vec<Replacement>,
}

/// What became of a rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The version that has it; `None` when every replacement was lost.
    pub version: Option<i64>,
    /// The replacements that are not in it, because a file of theirs was no longer in the table.
    pub lost: Vec<usize>,
}

/// A table that is open for maintenance.
#[derive(Debug)]
pub struct TableLog {
    store: Arc<dyn ObjectStore>,
    state: TableState,
}

/// An attempt whose outcome may be unknown: its name, and what the caller is to hear of it.
type Attempt<T> = (String, T);

impl TableLog {
    /// Opens the table in the root of the store; `None` when there is none.
    ///
    /// # Errors
    /// As [`load`].
    pub async fn open(store: Arc<dyn ObjectStore>) -> Result<Option<Self>> {
        let state = load(&*store, None).await?;
        Ok(state.map(|state| Self { store, state }))
    }

    /// The newest state that is known here.
    pub fn state(&self) -> &TableState {
        &self.state
    }

    /// Where its files are.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// Reads what was committed since.
    ///
    /// # Errors
    /// As [`TableState::advance`].
    pub async fn update(&mut self) -> Result<()> {
        self.state.advance(&*self.store, &mut Vec::new()).await
    }

    /// Commits what can still be committed. The new files of lost replacements are the caller's to delete.
    ///
    /// # Errors
    /// [`Error::Superseded`] when the table's columns, properties or protocol changed since the state that is known
    /// here: nothing was committed. After an error of the storage the rewrite may be in the table.
    pub async fn commit(&mut self, rewrite: &Rewrite) -> Result<Outcome> {
        let (protocol, metadata) = (self.state.protocol().clone(), self.state.metadata().clone());
        let change = |state: &TableState, id: &str| {
            if *state.protocol() != protocol || *state.metadata() != metadata {
                return Err(Error::Superseded(state.version()));
            }
            let lost = rewrite.lost(state);
            if lost.len() == rewrite.replacements.len() {
                return Ok((None, lost));
            }
            let content = rewrite.render(state, &lost, id).map_err(unwritable)?;
            Ok((Some(content), lost))
        };
        let (version, lost) = self.attempt(change).await?;
        Ok(Outcome { version, lost })
    }

    /// Commits what `change` makes of the newest state and the attempt's name, until it is there or nothing is to be
    /// committed. Gives the version, and what `change` said along with it.
    pub(crate) async fn attempt<T: Clone>(
        &mut self,
        change: impl Fn(&TableState, &str) -> Result<(Option<String>, T)>,
    ) -> Result<(Option<i64>, T)> {
        let mut attempts = Attempts::new();
        let mut made: Vec<Attempt<T>> = Vec::new();
        let mut commits = Vec::new();
        loop {
            if let Err(error) = self.state.advance(&*self.store, &mut commits).await {
                attempts.pause(error).await?;
                continue;
            }
            if let Some((version, said)) = find(&commits, &made) {
                return Ok((Some(version), said));
            }
            let id = Uuid::new_v4().to_string();
            let (content, said) = change(&self.state, &id)?;
            let Some(content) = content else {
                return Ok((None, said));
            };
            made.push((id, said));
            match put_if_absent(&*self.store, self.state.version() + 1, content).await {
                // The answer is not enough: reading the commit back also brings the state up to date.
                Ok(()) => {}
                Err(object_store::Error::AlreadyExists { .. }) => attempts.lost().await?,
                Err(error) => attempts.pause(error.into()).await?,
            }
        }
    }
}

impl Rewrite {
    /// The replacements that cannot be made any more.
    fn lost(&self, state: &TableState) -> Vec<usize> {
        let gone = |old: &FileKey| state.file(old).is_none();
        let replacements = self.replacements.iter().enumerate();
        replacements
            .filter(|(_, replacement)| replacement.old.iter().any(gone))
            .map(|(index, _)| index)
            .collect()
    }

    fn render(&self, state: &TableState, lost: &[usize], id: &str) -> serde_json::Result<String> {
        let now = now();
        let made = self.replacements.iter().enumerate();
        let made: Vec<_> = made
            .filter(|(index, _)| !lost.contains(index))
            .map(|(_, replacement)| replacement)
            .collect();
        let old: Vec<&FileEntry> = made
            .iter()
            .flat_map(|replacement| &replacement.old)
            .filter_map(|key| state.file(key))
            .collect();
        let new: Vec<&NewFile> = made
            .iter()
            .flat_map(|replacement| &replacement.new)
            .collect();
        let bytes = |sizes: &mut dyn Iterator<Item = u64>| sizes.sum::<u64>().to_string();
        let metrics: BTreeMap<&str, String> = [
            ("numRemovedFiles", old.len().to_string()),
            ("numAddedFiles", new.len().to_string()),
            (
                "numRemovedBytes",
                bytes(&mut old.iter().map(|file| file.size)),
            ),
            (
                "numAddedBytes",
                bytes(&mut new.iter().map(|file| file.size)),
            ),
        ]
        .into();
        let parameters: Map<String, Value> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        let mut lines = vec![
            json!({"commitInfo": {
                "timestamp": now,
                "operation": self.operation,
                "operationParameters": parameters,
                "operationMetrics": metrics,
                "readVersion": state.version(),
                "isolationLevel": "SnapshotIsolation",
                "isBlindAppend": false,
                "engineInfo": engine(),
                "txnId": id,
            }})
            .to_string(),
        ];
        for file in old {
            lines.push(file.removal(now, false)?);
        }
        lines.extend(new.into_iter().map(NewFile::render));
        lines.push(String::new());
        Ok(lines.join("\n"))
    }
}

/// The attempt that is among the commits.
fn find<T: Clone>(commits: &[Commit], made: &[Attempt<T>]) -> Option<(i64, T)> {
    commits.iter().find_map(|commit| {
        let id = commit.information.txn_id.as_deref()?;
        let (_, said) = made.iter().find(|(made, _)| made == id)?;
        Some((commit.version, said.clone()))
    })
}
