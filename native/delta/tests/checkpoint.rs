//! A checkpoint has what the commits before it say, whatever happens while it is written.

mod common;

use common::{Fault, Flaky, local};
use financelake_delta::{
    Error, TableState, delete_expired, expired_log, load, log_size, write_checkpoint,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const SCHEMA: &str = r#"{"type":"struct","fields":[
    {"name":"p","type":"date","nullable":true,"metadata":{}},
    {"name":"n","type":"long","nullable":true,"metadata":{}},
    {"name":"s","type":{"type":"struct","fields":[
        {"name":"price","type":"decimal(10,2)","nullable":true,"metadata":{}},
        {"name":"at","type":"timestamp","nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}},
    {"name":"ratio","type":"double","nullable":true,"metadata":{}},
    {"name":"note","type":"string","nullable":true,"metadata":{}}]}"#;

fn commit(folder: &TempDir, version: i64, actions: &[Value]) {
    let log = folder.path().join("_delta_log");
    std::fs::create_dir_all(&log).unwrap();
    let lines: Vec<String> = actions.iter().map(Value::to_string).collect();
    std::fs::write(log.join(format!("{version:020}.json")), lines.join("\n")).unwrap();
}

fn add(path: &str, stats: Option<&str>) -> Value {
    json!({"add": {"path": path, "partitionValues": {"p": "2024-01-31"}, "size": 7, "modificationTime": 5,
        "dataChange": true, "stats": stats, "tags": {"a": "b", "none": null}, "unknown": [1]}})
}

fn remove(path: &str, time: i64) -> Value {
    json!({"remove": {"path": path, "deletionTimestamp": time, "dataChange": true, "extendedFileMetadata": true,
        "partitionValues": {"p": null}, "size": 9, "tags": {}}})
}

const STATS: &str = r#"{"numRecords":3,"minValues":{"n":-4,"s":{"price":-0.05,"at":"2024-01-01T00:00:00.001Z"},"ratio":1.5,"note":"ä"},"maxValues":{"n":9,"s":{"price":19.99,"at":"2024-01-02T00:00:00.000Z"},"ratio":2.0,"note":"z"},"nullCount":{"n":0,"s":{"price":1,"at":0},"ratio":0,"note":2}}"#;

/// A table with something of everything.
fn table(properties: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let properties: BTreeMap<_, _> = properties.iter().copied().collect();
    let vector = json!({"storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^", "offset": 4,
        "sizeInBytes": 40, "cardinality": 6});
    let mut deleted = add(
        "with-vector",
        Some(r#"{"numRecords":9,"tightBounds":false}"#),
    );
    deleted["add"]["deletionVector"] = vector;
    deleted["add"]["partitionValues"] = json!({"p": null});
    commit(
        &folder,
        0,
        &[
            json!({"commitInfo": {"timestamp": 1}}),
            json!({"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                "writerFeatures": ["deletionVectors", "domainMetadata"]}}),
            json!({"metaData": {"id": "42", "name": "Bars", "description": "ünï", "format": {"provider": "parquet"},
                "schemaString": SCHEMA, "partitionColumns": ["p"], "configuration": properties, "createdTime": 3}}),
            json!({"txn": {"appId": "sink", "version": 1, "lastUpdated": 8}}),
            json!({"domainMetadata": {"domain": "kept", "configuration": "{\"a\":1}", "removed": false}}),
            json!({"domainMetadata": {"domain": "gone", "configuration": "{}", "removed": false}}),
            add("a b%20c", Some(STATS)),
            add("silent", None),
            add(
                "odd",
                Some(r#"{"numRecords":"three","minValues":{"n":"x"}}"#),
            ),
            deleted,
        ],
    );
    commit(
        &folder,
        1,
        &[
            json!({"txn": {"appId": "sink", "version": 2}}),
            json!({"domainMetadata": {"domain": "gone", "configuration": "", "removed": true}}),
            remove("long ago", 1000),
            remove("just now", 5000),
        ],
    );
    folder
}

async fn state(folder: &TempDir, at: Option<i64>) -> TableState {
    load(&*local(folder), at).await.unwrap().unwrap()
}

/// What a state says, without what checkpoints leave out.
fn said(state: &TableState) -> Value {
    let action = |raw: &str| {
        let mut action: Value = serde_json::from_str(raw).unwrap();
        let fields = action.as_object_mut().unwrap();
        let removal = fields.contains_key("deletionTimestamp");
        for left_out in ["unknown", "dataChange"] {
            fields.remove(left_out);
        }
        if removal {
            fields.remove("tags");
        }
        // NULL inside of a map stays; a field that is NULL is one that is not there.
        fields.retain(|_, value| !value.is_null());
        if let Some(stats) = fields.get("stats").and_then(Value::as_str) {
            fields["stats"] = serde_json::from_str(stats).unwrap();
        }
        action
    };
    let files: Vec<_> = state.files().map(|file| action(file.raw())).collect();
    let gone: Vec<_> = state.tombstones().map(|file| action(file.raw())).collect();
    let positions: BTreeMap<_, _> = state.positions().collect();
    json!({"version": state.version(), "files": files, "tombstones": gone, "positions": positions,
        "id": state.id(), "schema": state.schema(), "partitions": state.partition_columns(),
        "properties": state.properties()})
}

fn delete_commits(folder: &TempDir) {
    for file in std::fs::read_dir(folder.path().join("_delta_log")).unwrap() {
        let path = file.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test]
async fn it_says_what_the_commits_said() {
    let folder = table(&[("some.property", "value")]);
    let before = state(&folder, None).await;
    let written = write_checkpoint(&*local(&folder), &before, 0)
        .await
        .unwrap();
    // protocol, metaData, txn, domainMetadata, two tombstones, four files
    assert_eq!(
        (written.actions, written.files, written.tombstones),
        (10, 4, 2)
    );
    delete_commits(&folder);
    let after = state(&folder, None).await;
    assert_eq!(said(&after), said(&before));
    // And so does one that is made from it: nothing is lost on the way, which the columns that are not looked at here show.
    let old = folder
        .path()
        .join("_delta_log/00000000000000000001.checkpoint.parquet");
    let first = std::fs::read(&old).unwrap();
    std::fs::remove_file(&old).unwrap();
    write_checkpoint(&*local(&folder), &after, 0).await.unwrap();
    assert_eq!(std::fs::read(&old).unwrap(), first);
}

#[tokio::test]
async fn what_left_before_the_retention_is_forgotten() {
    let folder = table(&[]);
    let before = state(&folder, None).await;
    let written = write_checkpoint(&*local(&folder), &before, 1000)
        .await
        .unwrap();
    assert_eq!((written.tombstones, written.expired_tombstones), (1, 1));
    delete_commits(&folder);
    let left: Vec<String> = state(&folder, None)
        .await
        .tombstones()
        .map(|file| file.key().path.clone())
        .collect();
    assert_eq!(left, ["just now"]);
}

#[tokio::test]
async fn typed_statistics_say_the_same() {
    let folder = table(&[("delta.checkpoint.writeStatsAsStruct", "true")]);
    let before = state(&folder, None).await;
    let written = write_checkpoint(&*local(&folder), &before, 0)
        .await
        .unwrap();
    assert!(written.typed_statistics);
    delete_commits(&folder);
    assert_eq!(said(&state(&folder, None).await), said(&before));
    let path = folder
        .path()
        .join("_delta_log/00000000000000000001.checkpoint.parquet");
    let file = std::fs::File::open(path).unwrap();
    let reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    let text = batches
        .iter()
        .map(|batch| format!("{:?}", batch.column_by_name("add")))
        .collect::<String>();
    for value in ["2024-01-31", "19.99", "-0.05", "2024-01-01T00:00:00.001"] {
        assert!(
            text.contains(value),
            "{value} is not among the typed values: {text}"
        );
    }
}

#[tokio::test]
async fn a_lost_answer_or_another_writer_leaves_one_whole_checkpoint() {
    for first in [Fault::None, Fault::Before, Fault::After] {
        for second in [Fault::None, Fault::Before, Fault::After] {
            let folder = table(&[]);
            let before = state(&folder, None).await;
            let store = Flaky::new(local(&folder), [first, second]);
            let failed = write_checkpoint(&*store, &before, 0).await.is_err();
            assert_eq!(failed, (first, second) != (Fault::None, Fault::None));
            assert_eq!(
                said(&state(&folder, None).await),
                said(&before),
                "{first:?} {second:?}"
            );
            // Once more, as one does after an error.
            let again = write_checkpoint(&*local(&folder), &before, 0)
                .await
                .unwrap();
            assert_eq!(again.existed, first != Fault::Before);
            delete_commits(&folder);
            assert_eq!(said(&state(&folder, None).await), said(&before));
            let hint = folder.path().join("_delta_log/_last_checkpoint");
            let hint: Value = serde_json::from_slice(&std::fs::read(hint).unwrap()).unwrap();
            assert_eq!(
                (&hint["version"], &hint["size"]),
                (&json!(1), &json!(again.actions))
            );
        }
    }
}

#[tokio::test]
async fn an_older_checkpoint_does_not_hide_a_newer_one() {
    let folder = table(&[]);
    let (old, new) = (state(&folder, Some(0)).await, state(&folder, None).await);
    write_checkpoint(&*local(&folder), &new, 0).await.unwrap();
    write_checkpoint(&*local(&folder), &old, 0).await.unwrap();
    let hint = std::fs::read_to_string(folder.path().join("_delta_log/_last_checkpoint")).unwrap();
    assert!(hint.contains(r#""version":1"#), "{hint}");
}

/// Sets the time of a version's files back.
fn age(folder: &TempDir, version: i64) {
    let then = SystemTime::now() - Duration::from_secs(3600);
    for file in std::fs::read_dir(folder.path().join("_delta_log")).unwrap() {
        let path = file.unwrap().path();
        if path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with(&format!("{version:020}"))
        {
            std::fs::File::options()
                .append(true)
                .open(path)
                .unwrap()
                .set_modified(then)
                .unwrap();
        }
    }
}

#[tokio::test]
async fn the_log_keeps_what_the_oldest_needed_version_takes() {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_millis() as i64;
    let cutoff = now - 1_800_000;
    // The versions that are old, the reader's position, and the version from which on all must be kept.
    for (old, held, from) in [
        (6, None, 4),
        (5, None, 4),
        (3, None, 2),
        (6, Some(3), 2),
        (1, None, 0),
    ] {
        let folder = table(&[]);
        for version in 2..=6 {
            commit(&folder, version, &[add(&format!("f{version}"), None)]);
        }
        for version in [2, 4] {
            let then = state(&folder, Some(version)).await;
            write_checkpoint(&*local(&folder), &then, 0).await.unwrap();
        }
        (0..=old).for_each(|version| age(&folder, version));
        let store = local(&folder);
        let newest = state(&folder, None).await;
        let expired = expired_log(&*store, &newest, cutoff, held).await.unwrap();
        delete_expired(&*store, &expired).await.unwrap();
        assert_eq!(expired.from_version, from, "{old} {held:?}");
        for version in from.max(0)..=6 {
            assert_eq!(state(&folder, Some(version)).await.version(), version);
        }
        assert_eq!(said(&state(&folder, None).await), said(&newest));
        let left = log_size(&*store).await.unwrap().files;
        // Commits from there on, checkpoints, and _last_checkpoint.
        let checkpoints = if from > 2 { 1 } else { 2 };
        assert_eq!(left, 7 - from as u64 + checkpoints + 1, "{old} {held:?}");
    }
}

#[tokio::test]
async fn a_log_that_has_to_stay_is_left_alone() {
    for (key, value) in [
        ("delta.enableExpiredLogCleanup", "false"),
        ("delta.enableInCommitTimestamps", "true"),
    ] {
        let folder = table(&[(key, value)]);
        let error = expired_log(
            &*local(&folder),
            &state(&folder, None).await,
            i64::MAX,
            None,
        )
        .await;
        assert!(
            matches!(&error, Err(Error::Refused { reason, .. }) if reason.contains(key)),
            "{error:?}"
        );
    }
}
