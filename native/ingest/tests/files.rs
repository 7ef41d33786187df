//! The sink of plain files on the local disk: names, folders, contents.

mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_avro::reader::ReaderBuilder;
use common::folder::{config, found, numbers, visible};
use common::{frame, quotes};
use financelake_ingest::{Commit, Outcome, Sink};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::json;
use std::fs;

#[tokio::test]
async fn files_have_the_names_and_contents_of_confluents_sink() {
    let base = tempfile::tempdir().unwrap();
    let three = json!({"rotation": {"records": 3}});
    let mut sink = Sink::open(&config(base.path(), "json", three))
        .await
        .unwrap();
    let slot = sink.assign("data_stock", 1).await.unwrap();
    sink.append(&numbers(slot, 0..7)).unwrap();
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
        .append(&[quotes(slot, 5..9), frame(slot, 9, Some("{"))].concat())
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
    sink.append(&quotes(slot, 0..2)).unwrap();
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
        sink.append(&quotes(slot, 0..300)).unwrap();
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
    sink.append(&records).unwrap();
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
    sink.append(&numbers(0, 7..9)).unwrap();
    sink.commit(Commit::All).await.unwrap();
    assert_eq!(found(base.path()), [7, 8]);
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
        match (sink.append(&buffer), reported) {
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
