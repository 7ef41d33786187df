//! Going back to an older version: a commit that takes away what came since, and brings back what left.
//!
//! It is made against exactly the version that was looked at. Whoever commits in between is not undone unseen: nothing is
//! committed then. Positions of sinks and streams stay where they are, as their inputs have gone on too.

use crate::append::{engine, now};
use crate::entry::FileEntry;
use crate::error::{Error, Result};
use crate::rewrite::TableLog;
use crate::state::TableState;
use crate::table::unwritable;
use serde_json::{Value, json};

/// What makes a table again what it was.
#[derive(Clone, Debug)]
pub struct Restoration {
    /// The version that was looked at.
    pub from: i64,
    /// The version whose state comes back.
    pub version: i64,
    /// The time by which that version was named, for the table's history.
    pub timestamp: Option<String>,
    /// Files that come back.
    pub returning: Vec<FileEntry>,
    /// Files that leave.
    pub leaving: Vec<FileEntry>,
    /// The columns and properties of that version, as they stand in the log, if they are not those of today.
    metadata: Option<String>,
    files: u64,
    bytes: u64,
}

impl Restoration {
    /// From what the table is to what it was.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Mismatch`]: the older version cannot come back by a commit.
    pub fn between(current: &TableState, then: &TableState) -> Result<Self> {
        let refuse = |reason: String| {
            Err(Error::Refused {
                operation: "restore",
                reason,
            })
        };
        let append_only = |state: &TableState| {
            state
                .properties()
                .get("delta.appendOnly")
                .map(String::as_str)
                == Some("true")
        };
        if append_only(current) {
            return refuse("its property delta.appendOnly is true".to_owned());
        }
        if current.id() != then.id() {
            return refuse(format!(
                "version {} is of another table, with the identifier {}",
                then.version(),
                then.id()
            ));
        }
        let features = |state: &TableState| {
            let protocol = state.protocol();
            let all = protocol
                .writer_features
                .iter()
                .chain(&protocol.reader_features);
            all.flatten().cloned().collect::<Vec<_>>()
        };
        let known = features(current);
        if let Some(lost) = features(then)
            .into_iter()
            .find(|name| !known.contains(name))
        {
            return refuse(format!(
                "version {} needs the table feature {lost}, which was dropped since",
                then.version()
            ));
        }
        let of = |files: &TableState, without: &TableState| -> Vec<FileEntry> {
            let left = files
                .files()
                .filter(|file| without.file(file.key()).is_none());
            left.cloned().collect()
        };
        let metadata =
            (then.metadata() != current.metadata()).then(|| then.raw_metadata().to_owned());
        Ok(Self {
            from: current.version(),
            version: then.version(),
            timestamp: None,
            returning: of(then, current),
            leaving: of(current, then),
            metadata,
            files: then.files().count() as u64,
            bytes: then.files().map(|file| file.size).sum(),
        })
    }

    /// Whether the columns or properties change.
    pub fn changes_metadata(&self) -> bool {
        self.metadata.is_some()
    }

    /// Whether the table is what it was.
    pub fn is_empty(&self) -> bool {
        self.returning.is_empty() && self.leaving.is_empty() && self.metadata.is_none()
    }

    fn render(&self, id: &str) -> serde_json::Result<String> {
        let now = now();
        let bytes =
            |files: &[FileEntry]| files.iter().map(|file| file.size).sum::<u64>().to_string();
        // As Spark's own RESTORE has them.
        let parameters = match &self.timestamp {
            Some(time) => json!({"version": Value::Null, "timestamp": time}),
            None => json!({"version": self.version, "timestamp": Value::Null}),
        };
        let mut lines = vec![
            json!({"commitInfo": {
                "timestamp": now,
                "operation": "RESTORE",
                "operationParameters": parameters,
                "operationMetrics": {
                    "tableSizeAfterRestore": self.bytes.to_string(),
                    "numOfFilesAfterRestore": self.files.to_string(),
                    "numRemovedFiles": self.leaving.len().to_string(),
                    "numRestoredFiles": self.returning.len().to_string(),
                    "removedFilesSize": bytes(&self.leaving),
                    "restoredFilesSize": bytes(&self.returning),
                },
                "readVersion": self.from,
                "isolationLevel": "Serializable",
                "isBlindAppend": false,
                "engineInfo": engine(),
                "txnId": id,
            }})
            .to_string(),
        ];
        if let Some(metadata) = &self.metadata {
            lines.push(format!("{{\"metaData\":{metadata}}}"));
        }
        for file in &self.leaving {
            lines.push(file.removal(now, true)?);
        }
        for file in &self.returning {
            lines.push(file.return_to_table()?);
        }
        lines.push(String::new());
        Ok(lines.join("\n"))
    }
}

impl TableLog {
    /// Commits it and returns the new version.
    ///
    /// # Errors
    /// [`Error::Overtaken`] when someone committed since. After an error of the storage it may be in the table.
    pub async fn restore(&mut self, restoration: &Restoration) -> Result<i64> {
        let change = |state: &TableState, id: &str| {
            if state.version() != restoration.from {
                return Err(Error::Overtaken(state.version()));
            }
            let content = restoration.render(id).map_err(unwritable)?;
            Ok((Some(content), ()))
        };
        let (version, ()) = self.attempt(change).await?;
        Ok(version.unwrap_or(restoration.from))
    }
}
