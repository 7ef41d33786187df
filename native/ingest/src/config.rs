//! What a sink has to know.

use crate::error::{Error, Result};
use crate::files::FileSink;
use crate::routes::Router;
use financelake_delta::Compression;
use financelake_market::ParserConfig;
use financelake_storage::StorageOptions;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What becomes of a record that the rules refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Malformed {
    /// It is kept in the folder of refused records, with the reason.
    #[default]
    Bronze,
    /// It is left out and reported, for a dead-letter topic: [`crate::Refused`].
    Dlq,
    /// It is left out.
    Ignore,
    /// The task ends with an error that names it.
    Fail,
}

/// When what is collected is to be committed: at whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rotation {
    /// Records.
    pub records: u64,
    /// Bytes of memory that they take.
    pub bytes: u64,
    /// Milliseconds since the first of them came.
    pub age_ms: u64,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            records: 500_000,
            bytes: 128 << 20,
            age_ms: 300_000,
        }
    }
}

impl Rotation {
    /// The time until what began to be collected then is old enough.
    pub(crate) fn remaining(&self, since: Instant) -> Duration {
        Duration::from_millis(self.age_ms).saturating_sub(since.elapsed())
    }
}

/// The format of plain files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Market records by the rules, as columns.
    Parquet,
    /// The same as Avro object container files.
    Avro,
    /// Any JSON values as they came, one in a line.
    Json,
}

/// Which columns say where a record came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metadata {
    /// None.
    None,
    /// Topic, partition, offset and timestamp.
    #[default]
    Offsets,
    /// All of Bronze, with the record as it came.
    All,
}

/// What folders are named after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionBy {
    /// The Kafka partition.
    #[default]
    Partition,
    /// Fields of the record.
    Field,
    /// A time.
    Time,
    /// A time, and fields of the record.
    TimeAndField,
}

/// Where the time of a record comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeSource {
    /// The clock.
    Wallclock,
    /// Kafka's timestamp.
    #[default]
    Record,
    /// A field of the record.
    Field(String),
}

/// How folders are named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PartitionConfig {
    /// By what.
    pub by: PartitionBy,
    /// Fields, with dots into nested ones.
    pub fields: Vec<String>,
    /// The form of times, as Joda writes it.
    pub path_format: String,
    /// The zone of times.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Times are those of the start of a period of this length.
    pub duration_ms: i64,
    /// Where times come from.
    pub time: TimeSource,
    /// In place of a value that is null, empty or absent.
    #[serde(default = "hive_null")]
    pub null_value: String,
}

/// A sink of plain files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesConfig {
    /// Their format.
    pub format: Format,
    /// The folder of all topics; `${topic}` in it is the topic.
    pub topics_dir: String,
    /// The folder of manifests.
    pub logs_dir: String,
    /// Folders below that of the topic.
    #[serde(default)]
    pub partition: PartitionConfig,
    /// Columns of Parquet and Avro files.
    #[serde(default)]
    pub metadata: Metadata,
    /// `null`, `deflate`, `snappy`, `zstandard` or `bzip2`.
    #[serde(default = "null_codec")]
    pub avro_codec: String,
    /// Bytes of a row group of Parquet files.
    #[serde(default = "row_group")]
    pub row_group_bytes: usize,
    /// Digits of the offsets in names.
    #[serde(default = "ten")]
    pub pad: usize,
    /// A file ends before a record whose time is this much after that of its first one.
    #[serde(default)]
    pub interval_ms: Option<i64>,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn hive_null() -> String {
    "__HIVE_DEFAULT_PARTITION__".to_owned()
}

fn null_codec() -> String {
    "null".to_owned()
}

fn row_group() -> usize {
    128 << 20
}

fn ten() -> usize {
    10
}

/// Which records go to another table than the first, by the table's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Routes {
    /// All records of a topic.
    pub topics: BTreeMap<String, String>,
    /// Accepted records of an asset class, whatever their topic.
    pub asset_classes: BTreeMap<String, String>,
}

/// The configuration of a [`crate::Sink`], read from JSON; an unknown key is an error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinkConfig {
    /// The table's folder, as [`financelake_storage::open`] understands it.
    pub location: String,
    /// Plain files below the location in place of a table.
    #[serde(default)]
    pub files: Option<FilesConfig>,
    /// Records that go to other tables.
    #[serde(default)]
    pub routes: Routes,
    /// The folder with Hadoop's configuration.
    #[serde(default)]
    pub hadoop_conf_dir: Option<String>,
    /// The user on an HDFS without Kerberos.
    #[serde(default)]
    pub user: Option<String>,
    /// Start of the transaction identifiers; topic and partition follow.
    pub application: String,
    /// `zstd`, `snappy` or `none`.
    #[serde(default = "zstd")]
    pub compression: String,
    /// `bronze`, `dlq`, `ignore` or `fail`.
    #[serde(default)]
    pub malformed: Malformed,
    /// When to commit.
    #[serde(default)]
    pub rotation: Rotation,
    /// Seconds that a commit may take.
    #[serde(default = "two_minutes")]
    pub commit_timeout_s: u64,
    /// How records are decoded.
    #[serde(default)]
    pub records: ParserConfig,
}

fn zstd() -> String {
    "zstd".to_owned()
}

fn two_minutes() -> u64 {
    120
}

impl SinkConfig {
    /// Reads a configuration.
    ///
    /// # Errors
    /// [`Error::Config`], naming the key and the place.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::Config(error.to_string()))
    }

    /// Where a record of now would go; for a table, its folder. Checks the configuration as far as that is possible
    /// without the storage.
    ///
    /// # Errors
    /// [`Error::Config`].
    pub fn sample_path(&self) -> Result<String> {
        match &self.files {
            Some(files) => FileSink::sample_path(self, files),
            None => Router::new(self).map(|router| router.locations.join(", ")),
        }
    }

    /// Who reaches the storage, and how.
    pub(crate) fn storage(&self) -> StorageOptions {
        StorageOptions {
            hadoop_conf_dir: self.hadoop_conf_dir.clone(),
            user: self.user.clone(),
        }
    }

    pub(crate) fn codec(&self) -> Result<Compression> {
        match self.compression.as_str() {
            "zstd" => Ok(Compression::Zstd),
            "snappy" => Ok(Compression::Snappy),
            "none" => Ok(Compression::None),
            other => Err(Error::Config(format!(
                "compression {other:?} is unknown; there are zstd, snappy and none"
            ))),
        }
    }
}
