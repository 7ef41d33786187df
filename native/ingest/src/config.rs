//! What a sink has to know.

use crate::error::{Error, Result};
use financelake_delta::Compression;
use financelake_market::ParserConfig;
use serde::Deserialize;

/// What becomes of a record that the rules refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Malformed {
    /// It is kept in the folder of refused records, with the reason.
    #[default]
    Bronze,
    /// The task ends with an error that names it.
    Fail,
}

/// The configuration of a [`crate::Sink`], read from JSON; an unknown key is an error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinkConfig {
    /// The table's folder, as [`financelake_storage::open`] understands it.
    pub location: String,
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
    /// `bronze` or `fail`.
    #[serde(default)]
    pub malformed: Malformed,
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
