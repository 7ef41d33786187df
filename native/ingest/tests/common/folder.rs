//! A folder of plain files: how a sink is told to write there, and what a reader finds.

use super::frame;
use financelake_ingest::SinkConfig;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) fn config(base: &Path, format: &str, more: serde_json::Value) -> SinkConfig {
    let mut files = json!({"format": format, "topics_dir": "landing", "logs_dir": "log"});
    let mut whole =
        json!({"location": base.to_str().unwrap(), "application": "a", "malformed": "fail"});
    for (key, value) in more.as_object().unwrap() {
        let target = if ["rotation", "malformed"].contains(&key.as_str()) {
            &mut whole
        } else {
            &mut files
        };
        target[key] = value.clone();
    }
    whole["files"] = files;
    SinkConfig::from_json(&whole.to_string()).unwrap()
}

/// Names, relative to the base, and contents of the files that a reader sees.
pub(crate) fn visible(base: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(base: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_file() {
                let name = path
                    .strip_prefix(base)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, fs::read(&path).unwrap());
            } else if entry.file_name() != "+tmp" {
                walk(base, &path, found);
            }
        }
    }
    let mut found = BTreeMap::new();
    if base.join("landing").is_dir() {
        walk(base, &base.join("landing"), &mut found);
    }
    found
}

pub(crate) fn numbers(slot: usize, offsets: std::ops::Range<i64>) -> Vec<u8> {
    offsets
        .flat_map(|offset| frame(slot, offset, Some(&format!("{{\"n\":{offset}}}"))))
        .collect()
}

/// The numbers in the lines of all files, sorted.
pub(crate) fn found(base: &Path) -> Vec<i64> {
    let mut found = Vec::new();
    for content in visible(base).values() {
        for line in std::str::from_utf8(content).unwrap().lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            found.push(value["n"].as_i64().unwrap());
        }
    }
    found.sort_unstable();
    found
}
