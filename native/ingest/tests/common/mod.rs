//! Records in the form in which Java hands them over, and what a table has.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod dying;
pub(crate) mod folder;
pub(crate) mod gate;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use financelake_ingest::SinkConfig;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs;
use std::path::Path;

pub(crate) const QUOTE: &str = r#"{"symbol":"AAPL","ts":"2024-01-31T15:00:00Z","open":184,"high":185,"low":183,"close":184.4,"region":"US","asset_class":"equity"}"#;
/// Kafka's timestamp of all records, a little after the quote's.
const RECEIVED: i64 = 1_706_713_260_000;

pub(crate) fn config(folder: &Path, more: &str) -> SinkConfig {
    let location = folder.to_str().unwrap();
    SinkConfig::from_json(&format!(
        r#"{{"location":"{location}","application":"test"{more}}}"#
    ))
    .unwrap()
}

/// A record in the form in which Java hands it over.
pub(crate) fn frame(slot: usize, offset: i64, value: Option<&str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend((slot as i32).to_ne_bytes());
    bytes.extend(offset.to_ne_bytes());
    bytes.extend(RECEIVED.to_ne_bytes());
    bytes.extend(0_i32.to_ne_bytes());
    bytes.extend(4_i32.to_ne_bytes());
    bytes.extend(b"AAPL");
    match value {
        None => bytes.extend((-1_i32).to_ne_bytes()),
        Some(value) => {
            bytes.extend((value.len() as i32).to_ne_bytes());
            bytes.extend(value.as_bytes());
        }
    }
    bytes.extend(1_i32.to_ne_bytes());
    for text in ["trace", "42"] {
        bytes.extend((text.len() as i32).to_ne_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

pub(crate) fn quotes(slot: usize, offsets: std::ops::Range<i64>) -> Vec<u8> {
    offsets
        .flat_map(|offset| frame(slot, offset, Some(QUOTE)))
        .collect()
}

/// (partition, offset, reason) of all rows that the log adds, sorted.
pub(crate) fn rows(folder: &Path) -> Vec<(i32, i64, Option<String>)> {
    let mut rows = Vec::new();
    for entry in fs::read_dir(folder.join("_delta_log")).unwrap() {
        for line in fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            let action: serde_json::Value = serde_json::from_str(line).unwrap();
            let Some(path) = action["add"]["path"].as_str() else {
                continue;
            };
            let file = fs::File::open(folder.join(path)).unwrap();
            for batch in ParquetRecordBatchReaderBuilder::try_new(file)
                .unwrap()
                .build()
                .unwrap()
            {
                let batch = batch.unwrap();
                let column = |name: &str| batch.column_by_name(name).unwrap();
                let partition = column("partition").as_primitive::<Int32Type>();
                let offset = column("offset").as_primitive::<Int64Type>();
                let reason = column("reason").as_string::<i32>();
                for row in 0..batch.num_rows() {
                    let reason = reason.iter().nth(row).flatten().map(str::to_owned);
                    rows.push((partition.value(row), offset.value(row), reason));
                }
            }
        }
    }
    rows.sort();
    rows
}

pub(crate) fn offsets(folder: &Path) -> Vec<(i32, i64)> {
    rows(folder)
        .into_iter()
        .map(|(partition, offset, _)| (partition, offset))
        .collect()
}
