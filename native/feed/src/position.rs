//! How many records of a source the broker has.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

/// A file with the number of records that were acknowledged. It is written after the broker has them, so a run that was
/// killed sends the last ones again, and never leaves one out.
pub struct Position {
    path: PathBuf,
    content: Content,
}

#[derive(Serialize, Deserialize)]
struct Content {
    source: String,
    records: u64,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    bookmark: Value,
}

impl Position {
    /// Reads the file, or begins at 0 where there is none.
    ///
    /// # Errors
    /// If it belongs to another source.
    pub fn open(path: &Path, source: &str) -> Result<Self> {
        let content = if path.exists() {
            let text = fs::read_to_string(path).map_err(Error::file(path))?;
            let broken = |why: String| {
                let path = path.display();
                Error::Usage(format!(
                    "{path} {why}; name another file, or delete it to begin anew"
                ))
            };
            let found: Content = serde_json::from_str(&text)
                .map_err(|error| broken(format!("is no position of a source ({error})")))?;
            if found.source != source {
                return Err(broken(format!(
                    "is the position in another source ({}, not {source})",
                    found.source
                )));
            }
            found
        } else {
            Content {
                source: source.to_owned(),
                records: 0,
                bookmark: Value::Null,
            }
        };
        Ok(Self {
            path: path.to_owned(),
            content,
        })
    }

    /// Records that need not be sent again.
    pub fn records(&self) -> u64 {
        self.content.records
    }

    /// What the source keeps beside their number.
    pub fn bookmark(&self) -> &Value {
        &self.content.bookmark
    }

    /// Writes down that the broker has so many records, with the source's bookmark after them.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&mut self, records: u64, bookmark: Value) -> Result<()> {
        if records == self.content.records && self.path.exists() {
            return Ok(());
        }
        self.content.records = records;
        self.content.bookmark = bookmark;
        let text = serde_json::to_string(&self.content)
            .map_err(|error| Error::Usage(error.to_string()))?;
        // A half-written file would lose the old position, too.
        let fresh = self.path.with_extension("new");
        fs::write(&fresh, text).map_err(Error::file(&fresh))?;
        fs::rename(&fresh, &self.path).map_err(Error::file(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_lasts_and_belongs_to_one_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("position.json");
        let mut position = Position::open(&file, "a").unwrap();
        assert_eq!(position.records(), 0);
        position.save(17, "b".into()).unwrap();
        let found = Position::open(&file, "a").unwrap();
        assert_eq!((found.records(), found.bookmark()), (17, &"b".into()));
        position.save(18, Value::Null).unwrap();
        assert!(!fs::read_to_string(&file).unwrap().contains("bookmark"));
        let refused = Position::open(&file, "b").err().unwrap().to_string();
        assert!(refused.contains("another source (a, not b)"), "{refused}");
        fs::write(&file, "{}").unwrap();
        assert!(Position::open(&file, "a").is_err());
    }
}
