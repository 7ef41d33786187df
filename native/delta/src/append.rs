//! What an append says, and how it is written down.

use crate::action::{Action, Add, CommitInfo, Transaction, render};
use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::log::Snapshot;
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// How far one application gets with a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The transaction identifier in the table; a writer chooses it once and for ever.
    pub application: String,
    /// Where the table must have it for this commit to count; `None` when it must not have it.
    pub from: Option<i64>,
    /// Where the table has it afterwards.
    pub to: i64,
}

/// Files that join a table together, and the progress that they stand for. Repeating one that may have
/// been committed before is safe: it is recognised by its identifier.
#[derive(Clone, Debug)]
pub struct Append {
    pub(crate) id: String,
    /// The files, already in the table's folder.
    pub files: Vec<DataFile>,
    /// The progress.
    pub progress: Vec<Progress>,
}

impl Append {
    /// A new append with an identifier of its own.
    pub fn new(files: Vec<DataFile>, progress: Vec<Progress>) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            files,
            progress,
        }
    }

    /// Fails unless the snapshot has every application where this append begins.
    pub(crate) fn check(&self, snapshot: &Snapshot) -> Result<()> {
        for progress in &self.progress {
            let found = snapshot.transaction(&progress.application);
            if found != progress.from {
                return Err(Error::Fenced {
                    application: progress.application.clone(),
                    expected: progress.from,
                    found,
                });
            }
        }
        Ok(())
    }

    /// The content of the commit file.
    pub(crate) fn render(&self, snapshot: &Snapshot) -> serde_json::Result<String> {
        let now = now();
        let mut actions = vec![Action::CommitInfo(self.information(snapshot, now)?)];
        actions.extend(self.progress.iter().map(|progress| {
            Action::Txn(Transaction {
                app_id: progress.application.clone(),
                version: progress.to,
                last_updated: Some(now),
            })
        }));
        actions.extend(self.files.iter().map(|file| {
            Action::Add(Add {
                path: &file.path,
                partition_values: &file.partition,
                size: file.size,
                modification_time: now,
                data_change: true,
                stats: &file.statistics,
            })
        }));
        render(&actions)
    }

    fn information(&self, snapshot: &Snapshot, now: i64) -> serde_json::Result<CommitInfo> {
        let total = |of: fn(&DataFile) -> u64| self.files.iter().map(of).sum::<u64>().to_string();
        let columns = serde_json::to_string(&snapshot.metadata.partition_columns)?;
        Ok(CommitInfo {
            timestamp: now,
            operation: "WRITE".to_owned(),
            operation_parameters: HashMap::from([
                ("mode".to_owned(), "Append".into()),
                ("partitionBy".to_owned(), columns.into()),
            ]),
            operation_metrics: HashMap::from([
                ("numFiles".to_owned(), self.files.len().to_string()),
                ("numOutputRows".to_owned(), total(|file| file.rows)),
                ("numOutputBytes".to_owned(), total(|file| file.size)),
            ]),
            is_blind_append: Some(true),
            engine_info: engine(),
            txn_id: Some(self.id.clone()),
        })
    }
}

/// Who writes, as it stands in every commit.
pub(crate) fn engine() -> String {
    format!("FinanceLake/{}", env!("CARGO_PKG_VERSION"))
}

/// The time in milliseconds since 1970.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_millis() as i64)
}
