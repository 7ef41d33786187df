//! The actions of a commit file that this crate reads or writes, spelled as in the Delta protocol.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Which readers and writers may touch the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Protocol {
    pub(crate) min_reader_version: i32,
    pub(crate) min_writer_version: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reader_features: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) writer_features: Option<Vec<String>>,
}

/// What the table is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) format: Format,
    pub(crate) schema_string: String,
    pub(crate) partition_columns: Vec<String>,
    #[serde(default)]
    pub(crate) configuration: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_time: Option<i64>,
}

/// The format of data files; there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Format {
    pub(crate) provider: String,
    #[serde(default)]
    pub(crate) options: BTreeMap<String, String>,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            provider: "parquet".to_owned(),
            options: BTreeMap::new(),
        }
    }
}

/// How far an application has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transaction {
    pub(crate) app_id: String,
    pub(crate) version: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_updated: Option<i64>,
}

/// A data file that joins the table.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Add<'a> {
    pub(crate) path: &'a str,
    pub(crate) partition_values: &'a BTreeMap<String, String>,
    pub(crate) size: u64,
    pub(crate) modification_time: i64,
    pub(crate) data_change: bool,
    pub(crate) stats: &'a str,
}

/// Who committed, and which attempt it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommitInfo {
    #[serde(default)]
    pub(crate) timestamp: i64,
    #[serde(default)]
    pub(crate) operation: String,
    #[serde(default)]
    pub(crate) operation_parameters: HashMap<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub(crate) operation_metrics: HashMap<String, String>,
    #[serde(default)]
    pub(crate) is_blind_append: Option<bool>,
    #[serde(default)]
    pub(crate) engine_info: String,
    #[serde(default)]
    pub(crate) txn_id: Option<String>,
}

/// One line of a commit file, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub(crate) protocol: Option<Protocol>,
    pub(crate) meta_data: Option<Metadata>,
    pub(crate) txn: Option<Transaction>,
    pub(crate) commit_info: Option<CommitId>,
}

/// The part of a foreign commit's information that matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommitId {
    pub(crate) txn_id: Option<String>,
}

/// One line of a commit file, as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Action<'a> {
    CommitInfo(CommitInfo),
    Protocol(&'a Protocol),
    MetaData(&'a Metadata),
    Txn(Transaction),
    Add(Add<'a>),
}

/// The text of a commit file.
pub(crate) fn render(actions: &[Action<'_>]) -> serde_json::Result<String> {
    let mut text = String::new();
    for action in actions {
        text.push_str(&serde_json::to_string(action)?);
        text.push('\n');
    }
    Ok(text)
}
