//! Files as the log names them: the action's own text, so that fields nobody here knows survive, and a typed view of it.

use crate::error::{Error, Result};
use financelake_storage::object_store::path::Path;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What identifies a file in the log: its path as it is written there, and the deletion vector that goes with it.
/// The same path with another vector is another file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileKey {
    /// The path, percent-encoded as in the log.
    pub path: String,
    /// The deletion vector's identifier, as the protocol forms it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
}

/// Where the deleted rows of a file are listed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VectorDescriptor {
    /// `u`: a file of the table; `i`: the text itself; `p`: an absolute path.
    pub storage_type: String,
    /// The name of the file in base 85, the content in base 85, or the path.
    pub path_or_inline_dv: String,
    /// Where the content begins in the file.
    pub offset: Option<i64>,
    /// How long the content is.
    pub size_in_bytes: i64,
    /// How many rows are deleted.
    pub cardinality: i64,
}

impl VectorDescriptor {
    /// The identifier.
    pub fn id(&self) -> String {
        let start = format!("{}{}", self.storage_type, self.path_or_inline_dv);
        match self.offset {
            Some(offset) => format!("{start}@{offset}"),
            None => start,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    path: String,
    #[serde(default)]
    partition_values: Option<BTreeMap<String, Option<String>>>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    modification_time: Option<i64>,
    #[serde(default)]
    deletion_timestamp: Option<i64>,
    #[serde(default)]
    deletion_vector: Option<VectorDescriptor>,
}

/// A file that is, or was, part of the table.
#[derive(Clone, Debug)]
pub struct FileEntry {
    raw: Box<RawValue>,
    key: FileKey,
    /// The values of its folder's columns; `None` is NULL.
    pub partition: BTreeMap<String, Option<String>>,
    /// Its size in bytes; 0 where an old tombstone does not say.
    pub size: u64,
    /// When the file was written, or, of a removed file, when it was removed: milliseconds since 1970.
    pub time: i64,
    /// Its deleted rows.
    pub vector: Option<VectorDescriptor>,
}

impl FileEntry {
    /// Of the content of an `add` or `remove` action.
    ///
    /// # Errors
    /// What is wrong with the action.
    pub fn parse(raw: Box<RawValue>) -> serde_json::Result<Self> {
        let view: View = serde_json::from_str(raw.get())?;
        Ok(Self {
            raw,
            key: FileKey {
                path: view.path,
                vector: view.deletion_vector.as_ref().map(VectorDescriptor::id),
            },
            partition: view.partition_values.unwrap_or_default(),
            size: view.size.unwrap_or(0),
            time: view
                .deletion_timestamp
                .or(view.modification_time)
                .unwrap_or(0),
            vector: view.deletion_vector,
        })
    }

    /// Its identity.
    pub fn key(&self) -> &FileKey {
        &self.key
    }

    /// The action as it stands in the log.
    pub fn raw(&self) -> &str {
        self.raw.get()
    }

    /// Where the file is in the table's folder.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a file outside of it, as shallow clones have them.
    pub fn location(&self) -> Result<Path> {
        relative(&self.key.path)
    }

    /// Where its deletion vector is stored, unless the log itself holds it.
    ///
    /// # Errors
    /// As [`FileEntry::location`].
    pub fn vector_location(&self) -> Result<Option<Path>> {
        match &self.vector {
            Some(vector) => crate::vector::location(vector),
            None => Ok(None),
        }
    }

    /// The value of a tag that whoever added it put there.
    pub fn tag(&self, name: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Tags {
            tags: Option<BTreeMap<String, Option<String>>>,
        }
        let tags: Tags = serde_json::from_str(self.raw.get()).ok()?;
        tags.tags?.remove(name)?
    }

    /// Whether the action changed rows, and did not only move them.
    pub fn changes_data(&self) -> bool {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Change {
            data_change: Option<bool>,
        }
        let change = serde_json::from_str(self.raw.get());
        change.is_ok_and(|change: Change| change.data_change != Some(false))
    }

    /// What the log says about its values.
    pub fn statistics(&self) -> Option<FileStatistics> {
        serde_json::from_str(&self.statistics_text()?).ok()
    }

    /// The same in Delta's JSON.
    pub fn statistics_text(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Stats {
            stats: Option<String>,
        }
        let stats: Stats = serde_json::from_str(self.raw.get()).ok()?;
        stats.stats
    }

    /// The `add` action that brings this file back, as it was.
    pub(crate) fn return_to_table(&self) -> serde_json::Result<String> {
        let mut fields: Map<String, Value> = serde_json::from_str(self.raw.get())?;
        fields.insert("dataChange".to_owned(), true.into());
        serde_json::to_string(&serde_json::json!({ "add": fields }))
    }

    /// The `remove` action that takes this file out of the table, with every field that a tombstone keeps.
    pub(crate) fn removal(&self, now: i64, data_change: bool) -> serde_json::Result<String> {
        let mut fields: Map<String, Value> = serde_json::from_str(self.raw.get())?;
        for of_additions in ["modificationTime", "stats", "clusteringProvider"] {
            fields.remove(of_additions);
        }
        fields.insert("deletionTimestamp".to_owned(), now.into());
        fields.insert("dataChange".to_owned(), data_change.into());
        fields.insert("extendedFileMetadata".to_owned(), true.into());
        serde_json::to_string(&serde_json::json!({ "remove": fields }))
    }
}

/// The statistics of a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileStatistics {
    /// Rows in the file, the deleted ones among them.
    pub num_records: Option<u64>,
    /// The smallest value of each column, or something below it.
    #[serde(default)]
    pub min_values: Map<String, Value>,
    /// The largest value of each column, or something above it.
    #[serde(default)]
    pub max_values: Map<String, Value>,
    /// How many values of each column are NULL.
    #[serde(default)]
    pub null_count: Map<String, Value>,
}

/// The place in the table's folder that a path of the log names.
pub(crate) fn relative(path: &str) -> Result<Path> {
    let outside = || {
        Error::Unsupported(format!(
            "its file {path} lies outside of its folder, as in a shallow clone"
        ))
    };
    let scheme = path
        .split_once(':')
        .is_some_and(|(start, _)| !start.is_empty() && !start.contains(['/', '=', '%']));
    if path.starts_with('/') || scheme {
        return Err(outside());
    }
    let decoded = decode(path)
        .ok_or_else(|| Error::Damaged(format!("the path {path} is not percent-encoded UTF-8")))?;
    Path::parse(&decoded).map_err(|_| outside())
}

/// Takes percent-encoding away.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| plain)?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(json: &str) -> FileEntry {
        FileEntry::parse(RawValue::from_string(json.to_owned()).unwrap()).unwrap()
    }

    #[test]
    fn paths_are_decoded_once_and_stay_inside() {
        let found = |path: &str| relative(path).map(|path| path.to_string());
        assert_eq!(
            found("a=x%20y/f%253A.parquet").unwrap(),
            "a=x y/f%3A.parquet"
        );
        assert_eq!(found("t=12:30/f.parquet").unwrap(), "t=12:30/f.parquet");
        for path in [
            "/tmp/f",
            "hdfs://host/t/f",
            "file:/t/f",
            "../f",
            "a/%2e%2e/f",
            "s3a:x",
        ] {
            let error = found(path).unwrap_err().to_string();
            assert!(error.contains("outside") && error.contains(path), "{error}");
        }
        assert!(matches!(found("a%zz"), Err(Error::Damaged(_))));
        assert!(matches!(found("a%+f"), Err(Error::Damaged(_))));
    }

    #[test]
    fn a_removal_keeps_what_it_does_not_know() {
        let add = entry(
            r#"{"path":"f","partitionValues":{"p":null},"size":7,"modificationTime":5,"dataChange":true,
            "stats":"{\"numRecords\":3}","tags":{"a":"b"},"future":[1],
            "deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}}"#,
        );
        assert_eq!(
            add.key().vector.as_deref(),
            Some("uab^-aqEH.-t@S}K{vb[*k^@4")
        );
        assert_eq!(add.statistics().unwrap().num_records, Some(3));
        let removal: Value = serde_json::from_str(&add.removal(9, false).unwrap()).unwrap();
        let removal = removal["remove"].as_object().unwrap();
        assert_eq!(removal["future"], serde_json::json!([1]));
        assert_eq!(removal["deletionTimestamp"], 9);
        assert_eq!(removal["deletionVector"]["cardinality"], 6);
        assert!(!removal.contains_key("stats") && !removal.contains_key("modificationTime"));
    }
}
