//! The sink of plain files on the local disk: names, folders, contents, and every way to die in a commit.

mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_avro::reader::ReaderBuilder;
use common::dying::{Dying, Fault};
use common::{frame, quotes};
use financelake_ingest::{Commit, Outcome, Sink, SinkConfig};
use financelake_storage::StorageOptions;
use financelake_storage::object_store::ObjectStore;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn config(base: &Path, format: &str, more: serde_json::Value) -> SinkConfig {
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
fn visible(base: &Path) -> BTreeMap<String, Vec<u8>> {
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

fn numbers(slot: usize, offsets: std::ops::Range<i64>) -> Vec<u8> {
    offsets
        .flat_map(|offset| frame(slot, offset, Some(&format!("{{\"n\":{offset}}}"))))
        .collect()
}

/// The numbers in the lines of all files, sorted.
fn found(base: &Path) -> Vec<i64> {
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

#[tokio::test]
async fn files_have_the_names_and_contents_of_confluents_sink() {
    let base = tempfile::tempdir().unwrap();
    let three = json!({"rotation": {"records": 3}});
    let mut sink = Sink::open(&config(base.path(), "json", three))
        .await
        .unwrap();
    let slot = sink.assign("data_stock", 1).await.unwrap();
    sink.append(&numbers(slot, 0..7), false).unwrap();
    assert_eq!(sink.due_in(), Some(std::time::Duration::ZERO));
    assert_eq!(sink.commit(Commit::Due).await.unwrap(), Outcome::Committed);
    assert_eq!((sink.position(slot), sink.status().records), (Some(6), 1));
    assert!(sink.due_in().unwrap().as_secs() > 200, "the rest waits");
    let name = |first: i64, last: i64| {
        format!("landing/data_stock/partition=1/data_stock+1+{first:010}+{last:010}.json")
    };
    let files = visible(base.path());
    assert_eq!(
        files.keys().cloned().collect::<Vec<_>>(),
        [name(0, 2), name(3, 5)]
    );
    assert_eq!(files[&name(3, 5)], b"{\"n\":3}\n{\"n\":4}\n{\"n\":5}\n");
    sink.commit(Commit::All).await.unwrap();
    assert_eq!(sink.position(slot), Some(7));
    assert!(visible(base.path()).contains_key(&name(6, 6)));
}

#[tokio::test]
async fn columns_are_those_of_the_rules() {
    let base = tempfile::tempdir().unwrap();
    let by_day = json!({
        "partition": {"by": "time_and_field", "path_format": "'date'=YYYY-MM-dd", "time": {"field": "ts"}, "fields": ["region"]},
        "malformed": "dlq",
    });
    let mut sink = Sink::open(&config(base.path(), "parquet", by_day))
        .await
        .unwrap();
    let slot = sink.assign("t", 0).await.unwrap();
    let refused = sink
        .append(
            &[quotes(slot, 5..9), frame(slot, 9, Some("{"))].concat(),
            false,
        )
        .unwrap();
    assert_eq!(refused[0].index, 4);
    sink.commit(Commit::All).await.unwrap();
    assert_eq!(sink.position(slot), Some(10));
    let name = "landing/t/date=2024-01-31/region=US/t+0+0000000005+0000000008.parquet";
    let file = fs::File::open(base.path().join(name)).unwrap();
    let mut batches = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let batch = batches.next().unwrap().unwrap();
    assert_eq!(
        batch["offset"].as_primitive::<Int64Type>().values(),
        &[5, 6, 7, 8]
    );
    assert_eq!(batch["close"].as_primitive::<Float64Type>().value(0), 184.4);
    assert_eq!(batch["region"].as_string::<i32>().value(3), "US");
    for absent in ["value", "reason", "headers"] {
        assert!(batch.column_by_name(absent).is_none());
    }
    // Everything that Bronze has, on demand.
    let base = tempfile::tempdir().unwrap();
    let mut sink = Sink::open(&config(base.path(), "parquet", json!({"metadata": "all"})))
        .await
        .unwrap();
    let slot = sink.assign("t", 0).await.unwrap();
    sink.append(&quotes(slot, 0..2), false).unwrap();
    sink.commit(Commit::All).await.unwrap();
    let file = fs::File::open(
        base.path()
            .join("landing/t/partition=0/t+0+0000000000+0000000001.parquet"),
    )
    .unwrap();
    let mut batches = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let batch = batches.next().unwrap().unwrap();
    assert_eq!(
        batch["value"].as_binary::<i32>().value(0),
        common::QUOTE.as_bytes()
    );
    assert_eq!(batch["key"].as_binary::<i32>().value(1), b"AAPL");
}

#[tokio::test]
async fn avro_files_come_back_with_every_codec() {
    for codec in ["null", "deflate", "snappy", "zstandard", "bzip2"] {
        let base = tempfile::tempdir().unwrap();
        let config = config(
            base.path(),
            "avro",
            json!({"avro_codec": codec, "metadata": "all"}),
        );
        let mut sink = Sink::open(&config).await.unwrap();
        let slot = sink.assign("t", 0).await.unwrap();
        sink.append(&quotes(slot, 0..300), false).unwrap();
        sink.commit(Commit::All).await.unwrap();
        let name = "landing/t/partition=0/t+0+0000000000+0000000299.avro";
        let content = &visible(base.path())[name];
        let names_codec = content
            .windows(codec.len())
            .any(|window| window == codec.as_bytes());
        assert!(names_codec || codec == "null");
        let reader = ReaderBuilder::new().build(content.as_slice()).unwrap();
        let batches: Vec<_> = reader.map(Result::unwrap).collect();
        let offsets = batches.iter().flat_map(|batch| {
            batch["offset"]
                .as_primitive::<Int64Type>()
                .values()
                .to_vec()
        });
        assert!(offsets.eq(0..300), "{codec}");
        assert_eq!(
            batches[0]["value"].as_binary::<i32>().value(7),
            common::QUOTE.as_bytes()
        );
    }
}

#[tokio::test]
async fn event_time_ends_files() {
    let base = tempfile::tempdir().unwrap();
    let hourly = json!({
        "partition": {"by": "time", "path_format": "'hour'=HH", "time": {"field": "t"}},
        "interval_ms": 600_000,
    });
    let mut sink = Sink::open(&config(base.path(), "json", hourly))
        .await
        .unwrap();
    let slot = sink.assign("t", 0).await.unwrap();
    let at = |offset: i64, minutes: i64| {
        frame(
            slot,
            offset,
            Some(&json!({"n": offset, "t": minutes * 60_000}).to_string()),
        )
    };
    let records: Vec<u8> = [0, 9, 58, 61, 5, 70]
        .iter()
        .zip(0..)
        .flat_map(|(m, n)| at(n, *m))
        .collect();
    sink.append(&records, false).unwrap();
    sink.commit(Commit::All).await.unwrap();
    let names: Vec<_> = visible(base.path()).into_keys().collect();
    let name = |hour: &str, first: i64, last: i64| {
        format!("landing/t/hour={hour}/t+0+{first:010}+{last:010}.json")
    };
    // 58 ends the first files, 70 those of 58, 61 and 5, which came late.
    assert_eq!(
        names,
        [
            name("00", 0, 1),
            name("00", 2, 4),
            name("01", 3, 3),
            name("01", 5, 5)
        ]
    );
}

/// One process after the other writes numbers to two partitions, each until it dies.
async fn write_until(base: &Path, end: i64, store: impl Fn(usize) -> Option<Arc<Dying>>) {
    let config = config(
        base,
        "json",
        json!({"rotation": {"records": 4}, "partition": {"by": "field", "fields": ["f"]}}),
    );
    let files = config.files.clone().unwrap();
    let record =
        |slot: usize, n: i64| frame(slot, n, Some(&json!({"n": n, "f": n % 3}).to_string()));
    'process: for process in 0.. {
        assert!(process < 9, "it never ends");
        let dying = store(process);
        let local =
            financelake_storage::open(base.to_str().unwrap(), &StorageOptions::default()).unwrap();
        let store: Arc<dyn ObjectStore> = match &dying {
            Some(dying) => Arc::clone(dying) as _,
            None => local,
        };
        let dead = || dying.as_ref().is_some_and(|dying| dying.is_dead());
        let mut sink = Sink::over(store, &config, &files).unwrap();
        let mut slots = Vec::new();
        for partition in [0, 1] {
            loop {
                match sink.assign("t", partition).await {
                    Ok(slot) => break slots.push(slot),
                    Err(_) if dead() => continue 'process,
                    Err(error) => assert!(error.is_transient(), "{error}"),
                }
            }
        }
        loop {
            let mut done = true;
            for slot in &slots {
                let start = sink.position(*slot).unwrap_or(0);
                // As many as no commit fits exactly.
                let next: Vec<u8> = (start..end.min(start + 7))
                    .flat_map(|n| record(*slot, n))
                    .collect();
                done &= next.is_empty();
                sink.append(&next, true).unwrap();
            }
            if done {
                return;
            }
            let what = if slots
                .iter()
                .all(|slot| sink.position(*slot).unwrap_or(0) + 7 < end)
            {
                Commit::Due
            } else {
                Commit::All
            };
            loop {
                match sink.commit(what).await {
                    Ok(outcome) => break assert_eq!(outcome, Outcome::Committed),
                    Err(_) if dead() => continue 'process,
                    Err(error) => assert!(error.is_transient(), "{error}"),
                }
            }
            sink.discard();
        }
    }
}

#[tokio::test]
async fn no_fault_at_any_change_loses_or_repeats_a_record() {
    const END: i64 = 12;
    let expected: Vec<i64> = (0..END).flat_map(|n| [n, n]).collect();
    let mut changes = 0;
    for fault in [
        Fault::Refuse,
        Fault::LoseAnswer,
        Fault::DieBefore,
        Fault::DieAfter,
    ] {
        for at in 0.. {
            let base = tempfile::tempdir().unwrap();
            let local = financelake_storage::open(
                base.path().to_str().unwrap(),
                &StorageOptions::default(),
            )
            .unwrap();
            let dying = Dying::new(local, fault, at);
            let first = |process| (process == 0).then(|| Arc::clone(&dying));
            write_until(base.path(), END, first).await;
            assert_eq!(found(base.path()), expected, "{fault:?} at change {at}");
            for name in visible(base.path()).into_keys() {
                let offsets: Vec<i64> = name
                    .split(['+', '.'])
                    .skip(2)
                    .take(2)
                    .map(|n| n.parse().unwrap())
                    .collect();
                assert!(offsets[0] <= offsets[1]);
            }
            if !dying.met() {
                changes += at;
                break;
            }
        }
    }
    assert!(changes > 60, "only {changes} changes were tried");
}

#[tokio::test]
async fn of_two_owners_one_is_fenced() {
    let base = tempfile::tempdir().unwrap();
    let config = config(base.path(), "json", json!({}));
    let (mut stale, mut owner) = (
        Sink::open(&config).await.unwrap(),
        Sink::open(&config).await.unwrap(),
    );
    let (a, b) = (
        stale.assign("t", 0).await.unwrap(),
        owner.assign("t", 0).await.unwrap(),
    );
    stale.append(&numbers(a, 0..5), false).unwrap();
    owner.append(&numbers(b, 0..3), false).unwrap();
    assert_eq!(owner.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(stale.commit(Commit::All).await.unwrap(), Outcome::Fenced);
    assert_eq!((stale.position(a), stale.status().records), (Some(3), 0));
    stale.append(&numbers(a, 3..5), false).unwrap();
    assert_eq!(stale.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(found(base.path()), [0, 1, 2, 3, 4]);
    // Its number is free again by the time that a sleeper wakes up.
    let mut sleeper = Sink::open(&config).await.unwrap();
    let slot = sleeper.assign("t", 0).await.unwrap();
    sleeper.append(&numbers(slot, 5..9), false).unwrap();
    for n in 5..30 {
        stale.append(&numbers(a, n..n + 1), false).unwrap();
        stale.commit(Commit::All).await.unwrap();
    }
    assert_eq!(
        fs::read_dir(base.path().join("log/t/0")).unwrap().count(),
        10
    );
    assert_eq!(sleeper.commit(Commit::All).await.unwrap(), Outcome::Fenced);
    assert_eq!(sleeper.position(slot), Some(30));
    assert_eq!(found(base.path()), (0..30).collect::<Vec<_>>());
}

#[tokio::test]
async fn files_of_confluents_sink_are_followed() {
    let base = tempfile::tempdir().unwrap();
    let old = base.path().join("landing/t/date=2024-01-31");
    fs::create_dir_all(&old).unwrap();
    for name in [
        "t+0+0000000000+0000000003.json",
        "t+0+0000000004+0000000006.json",
        "t+1+5+5.json",
        "notes.txt",
    ] {
        fs::write(old.join(name), "").unwrap();
    }
    let mut sink = Sink::open(&config(base.path(), "json", json!({})))
        .await
        .unwrap();
    let mut positions = Vec::new();
    for partition in 0..3 {
        let slot = sink.assign("t", partition).await.unwrap();
        positions.push(sink.position(slot));
    }
    assert_eq!(positions, [Some(7), Some(6), None]);
    sink.append(&numbers(0, 7..9), false).unwrap();
    sink.commit(Commit::All).await.unwrap();
    assert_eq!(found(base.path()), [7, 8]);
}

#[tokio::test]
async fn what_is_not_as_it_was_committed_is_named() {
    let base = tempfile::tempdir().unwrap();
    let config = config(base.path(), "json", json!({}));
    let mut sink = Sink::open(&config).await.unwrap();
    let slot = sink.assign("t", 0).await.unwrap();
    for n in 0..2 {
        sink.append(&numbers(slot, n..n + 1), false).unwrap();
        sink.commit(Commit::All).await.unwrap();
    }
    let again = async || {
        let mut sink = Sink::open(&config).await.unwrap();
        match sink.assign("t", 0).await {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(again().await, "");
    let file = base
        .path()
        .join("landing/t/partition=0/t+0+0000000001+0000000001.json");
    let kept = fs::read(&file).unwrap();
    fs::write(&file, "longer than before").unwrap();
    assert!(again().await.contains("another program changed it"));
    fs::remove_file(&file).unwrap();
    assert!(again().await.contains("another program removed them"));
    fs::write(&file, &kept).unwrap();
    let manifest = base.path().join("log/t/0/00000000000000000002.json");
    let text = fs::read_to_string(&manifest).unwrap();
    for (broken, word) in [
        (String::new(), "not a manifest"),
        (text.replace("\"start\": 1", "\"start\": 0"), "it starts at"),
        (
            text.replace("\"format\": 1", "\"format\": 2"),
            "newer version",
        ),
    ] {
        fs::write(&manifest, broken).unwrap();
        let error = again().await;
        assert!(
            error.contains(word) && error.contains("00000000000000000002.json"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn no_file_goes_into_a_delta_table() {
    for place in ["", "landing", "landing/t"] {
        let base = tempfile::tempdir().unwrap();
        let log = base.path().join(place).join("_delta_log");
        fs::create_dir_all(&log).unwrap();
        fs::write(log.join("00000000000000000000.json"), "{}").unwrap();
        for location in [base.path().to_path_buf(), base.path().join("landing")] {
            let mut sink = Sink::open(&config(&location, "json", json!({})))
                .await
                .unwrap();
            let outcome = sink.assign("t", 0).await;
            // The second location has its topics in landing/landing.
            if place == "landing/t" && location.ends_with("landing") {
                outcome.unwrap();
            } else {
                let error = outcome.unwrap_err().to_string();
                assert!(error.contains("is a Delta table"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_value_that_is_no_json_is_refused_as_the_configuration_says() {
    for (malformed, reported) in [
        ("dlq", Some(vec![1, 3])),
        ("ignore", Some(vec![])),
        ("fail", None),
    ] {
        let base = tempfile::tempdir().unwrap();
        let field = json!({"malformed": malformed, "partition": {"by": "field", "fields": ["n"]}});
        let mut sink = Sink::open(&config(base.path(), "json", field))
            .await
            .unwrap();
        let slot = sink.assign("t", 0).await.unwrap();
        let values = [
            Some("{\"n\":0}"),
            Some("{\"n\":"),
            None,
            Some("{\"n\":[1]}"),
            Some("{\"n\":4}"),
            Some(" "),
        ];
        let buffer: Vec<u8> = values
            .iter()
            .zip(0..)
            .flat_map(|(value, at)| frame(slot, at, *value))
            .collect();
        match (sink.append(&buffer, false), reported) {
            (Ok(refused), Some(expected)) => {
                assert_eq!(
                    refused.iter().map(|r| r.index).collect::<Vec<_>>(),
                    expected
                );
                sink.commit(Commit::All).await.unwrap();
                assert_eq!(found(base.path()), [0, 4]);
                assert_eq!(sink.position(slot), Some(6));
            }
            (Err(error), None) => assert!(error.to_string().contains("malformed_json"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
}
