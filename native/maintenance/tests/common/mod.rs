//! A small table, and what is in it by a reader that shares nothing with the code under test.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use financelake_delta::{Append, Compression, EncodedFile, Table, TableLog, TableSpec, encode};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt};
use financelake_storage::{StorageOptions, open};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) fn local(folder: &TempDir) -> Arc<dyn ObjectStore> {
    open(folder.path().to_str().unwrap(), &StorageOptions::default()).unwrap()
}

pub(crate) fn spec() -> TableSpec {
    TableSpec {
        schema: Schema::new(vec![
            Field::new("id", DataType::Int64, true),
            Field::new("name", DataType::Utf8, true),
            Field::new("region", DataType::Utf8, true),
        ]),
        partitions: vec!["region".to_owned()],
        properties: BTreeMap::new(),
    }
}

/// Appends a file with these rows.
pub(crate) async fn append(folder: &TempDir, region: &str, ids: impl IntoIterator<Item = i64>) {
    let ids: Vec<i64> = ids.into_iter().collect();
    let names: Vec<String> = ids.iter().map(|id| format!("name {id}")).collect();
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(ids)) as ArrayRef),
        ("name", Arc::new(StringArray::from(names)) as ArrayRef),
    ])
    .unwrap();
    let EncodedFile { file, content } = encode(
        &batch,
        &[("region", region.to_owned())],
        Compression::Snappy,
    )
    .unwrap();
    let store = local(folder);
    store
        .put(&Path::from(file.path.as_str()), content.into())
        .await
        .unwrap();
    let mut table = Table::open_or_create(store, spec()).await.unwrap();
    table
        .append(&Append::new(vec![file], vec![]))
        .await
        .unwrap();
}

pub(crate) async fn opened(folder: &TempDir) -> TableLog {
    TableLog::open(local(folder)).await.unwrap().unwrap()
}

/// The actions of the log, in order.
pub(crate) fn actions(folder: &TempDir) -> Vec<Value> {
    let mut commits: Vec<_> = std::fs::read_dir(folder.path().join("_delta_log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    commits.sort();
    let lines = commits.iter().flat_map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect::<Vec<Value>>()
    });
    lines.collect()
}

/// The files of the table, with the values of their folders.
pub(crate) fn live(folder: &TempDir) -> BTreeMap<String, Value> {
    let mut files = BTreeMap::new();
    for action in actions(folder) {
        if let Some(path) = action["remove"]["path"].as_str() {
            assert!(
                files.remove(path).is_some(),
                "a file is removed once: {path}"
            );
        }
        if let Some(path) = action["add"]["path"].as_str() {
            let add = action["add"].clone();
            assert!(
                files.insert(path.to_owned(), add).is_none(),
                "a file is added once: {path}"
            );
        }
    }
    files
}

/// Every (region, id), in order, doubles included.
pub(crate) fn rows(folder: &TempDir) -> Vec<(String, i64)> {
    let mut rows = Vec::new();
    for (path, add) in live(folder) {
        let region = add["partitionValues"]["region"]
            .as_str()
            .unwrap()
            .to_owned();
        let file = std::fs::File::open(folder.path().join(&path)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .unwrap()
            .build()
            .unwrap();
        for batch in reader {
            let batch = batch.unwrap();
            let ids = batch
                .column_by_name("id")
                .unwrap()
                .as_primitive::<Int64Type>()
                .clone();
            let names = batch
                .column_by_name("name")
                .unwrap()
                .as_string::<i32>()
                .clone();
            for (id, name) in ids.iter().zip(&names) {
                assert_eq!(name.unwrap(), format!("name {}", id.unwrap()));
                rows.push((region.clone(), id.unwrap()));
            }
        }
    }
    rows.sort();
    rows
}

/// All data files in the folder, whether or not the table has them.
pub(crate) fn data_files(folder: &TempDir) -> usize {
    let mut count = 0;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("_delta_log") {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "parquet")
            {
                count += 1;
            }
        }
    }
    count
}
