//! Commits of plain files on the local disk: every way to die in one, to lose its answer, or to meet another owner.

mod common;

use common::dying::{Dying, Fault};
use common::folder::{config, found, numbers, visible};
use common::frame;
use financelake_ingest::{Commit, Outcome, Sink};
use financelake_storage::StorageOptions;
use financelake_storage::object_store::ObjectStore;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;

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
                sink.append(&next).unwrap();
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
            sink.discard().await;
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
    stale.append(&numbers(a, 0..5)).unwrap();
    owner.append(&numbers(b, 0..3)).unwrap();
    assert_eq!(owner.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(stale.commit(Commit::All).await.unwrap(), Outcome::Fenced);
    assert_eq!((stale.position(a), stale.status().records), (Some(3), 0));
    stale.append(&numbers(a, 3..5)).unwrap();
    assert_eq!(stale.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(found(base.path()), [0, 1, 2, 3, 4]);
    // Its number is free again by the time that a sleeper wakes up.
    let mut sleeper = Sink::open(&config).await.unwrap();
    let slot = sleeper.assign("t", 0).await.unwrap();
    sleeper.append(&numbers(slot, 5..9)).unwrap();
    for n in 5..30 {
        stale.append(&numbers(a, n..n + 1)).unwrap();
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
async fn what_is_not_as_it_was_committed_is_named() {
    let base = tempfile::tempdir().unwrap();
    let config = config(base.path(), "json", json!({}));
    let mut sink = Sink::open(&config).await.unwrap();
    let slot = sink.assign("t", 0).await.unwrap();
    for n in 0..2 {
        sink.append(&numbers(slot, n..n + 1)).unwrap();
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
