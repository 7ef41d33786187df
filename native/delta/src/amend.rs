//! Commits that say something else about files of the table than the log did: other statistics, or that a file is lost.

use crate::append::{engine, now};
use crate::entry::{FileEntry, FileKey};
use crate::error::{Error, Result};
use crate::rewrite::TableLog;
use crate::state::TableState;
use crate::table::unwritable;
use serde_json::{Map, Value, json};

/// What is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// The file's statistics, in Delta's JSON. Its rows stay where they are.
    Statistics(String),
    /// The file is not there: its rows are lost, and the table goes on without it.
    Lost,
}

impl TableLog {
    /// Commits what concerns files that are still in the table; gives the version, if there were any, and their number.
    ///
    /// # Errors
    /// [`Error::Superseded`] when the table's columns, properties or protocol changed since the state that is known here.
    pub async fn amend(
        &mut self,
        operation: &str,
        parameters: &Value,
        amendments: &[(FileKey, Amendment)],
    ) -> Result<(Option<i64>, u64)> {
        let (protocol, metadata) = (
            self.state().protocol().clone(),
            self.state().metadata().clone(),
        );
        let change = |state: &TableState, id: &str| {
            if *state.protocol() != protocol || *state.metadata() != metadata {
                return Err(Error::Superseded(state.version()));
            }
            let files = amendments
                .iter()
                .filter_map(|(key, what)| Some((state.file(key)?, what)));
            let files: Vec<_> = files.collect();
            let count = files.len() as u64;
            if files.is_empty() {
                return Ok((None, count));
            }
            let information = json!({"commitInfo": {
                "timestamp": now(),
                "operation": operation,
                "operationParameters": parameters,
                "operationMetrics": {"numFiles": count.to_string()},
                "readVersion": state.version(),
                "isolationLevel": "Serializable",
                "isBlindAppend": false,
                "engineInfo": engine(),
                "txnId": id,
            }});
            let mut text = format!("{information}\n");
            for (file, what) in files {
                text.push_str(&what.render(file).map_err(unwritable)?);
                text.push('\n');
            }
            Ok((Some(text), count))
        };
        self.attempt(change).await
    }
}

impl Amendment {
    fn render(&self, file: &FileEntry) -> serde_json::Result<String> {
        match self {
            Self::Lost => file.removal(now(), true),
            Self::Statistics(text) => {
                let mut fields: Map<String, Value> = serde_json::from_str(file.raw())?;
                fields.insert("dataChange".to_owned(), false.into());
                fields.insert("stats".to_owned(), text.as_str().into());
                Ok(json!({ "add": fields }).to_string())
            }
        }
    }
}
