//! Commits that go on while records are collected.

mod common;

use common::folder::{config, found, numbers};
use common::gate::Gate;
use common::quotes;
use financelake_ingest::{Commit, Outcome, Sink, SinkConfig};
use financelake_storage::StorageOptions;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A sink of JSON files whose storage does not write until it is told to.
fn gated(base: &Path, config: &SinkConfig) -> (Sink, Arc<Gate>) {
    let local =
        financelake_storage::open(base.to_str().unwrap(), &StorageOptions::default()).unwrap();
    let gate = Gate::closed(local);
    let files = config.files.clone().unwrap();
    let sink = Sink::over(Arc::clone(&gate) as _, config, &files).unwrap();
    (sink, gate)
}

async fn landed(sink: &mut Sink) -> Outcome {
    loop {
        if let Some(outcome) = sink.landed().await.unwrap() {
            return outcome;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn records_are_collected_while_a_commit_is_on_its_way() {
    let base = tempfile::tempdir().unwrap();
    let config = config(base.path(), "json", json!({}));
    let (mut sink, gate) = gated(base.path(), &config);
    let slot = sink.assign("t", 0).await.unwrap();
    sink.append(&numbers(slot, 0..5)).unwrap();
    let collected = sink.status().bytes;
    assert!(collected > 0);
    sink.begin(Commit::All).await;
    sink.append(&numbers(slot, 5..7)).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(sink.landed().await.unwrap(), None);
    assert!(sink.is_running() && sink.is_committing());
    let status = sink.status();
    assert_eq!((status.records, status.committing), (2, collected));
    assert!(
        sink.due_in().unwrap() > Duration::from_secs(200),
        "what came since is young, and what is on its way not due"
    );
    assert_eq!(sink.position(slot), None);
    // Beginning again changes nothing.
    sink.begin(Commit::All).await;
    assert_eq!(sink.status().records, 2);
    gate.pass(2);
    assert_eq!(landed(&mut sink).await, Outcome::Committed);
    assert_eq!(
        (sink.position(slot), sink.status().committing),
        (Some(5), 0)
    );
    assert_eq!(found(base.path()), [0, 1, 2, 3, 4]);
    assert_eq!(sink.landed().await.unwrap(), None, "told once");
    gate.pass(2);
    assert_eq!(sink.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(found(base.path()), (0..7).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_commit_that_takes_too_long_goes_on_where_it_was() {
    let base = tempfile::tempdir().unwrap();
    let mut config = config(
        base.path(),
        "json",
        json!({"partition": {"by": "field", "fields": ["n"]}}),
    );
    config.commit_timeout_s = 1;
    let (mut sink, gate) = gated(base.path(), &config);
    let slot = sink.assign("t", 0).await.unwrap();
    // Six files and a manifest, four writes of which are answered in time.
    sink.append(&numbers(slot, 0..6)).unwrap();
    gate.pass(4);
    let error = sink.commit(Commit::All).await.unwrap_err();
    assert!(
        error.is_transient() && error.to_string().contains("1 s"),
        "{error}"
    );
    assert_eq!(
        sink.due_in(),
        Some(Duration::ZERO),
        "it is to be tried again"
    );
    sink.append(&numbers(slot, 6..7)).unwrap();
    gate.pass(3);
    sink.begin(Commit::Due).await;
    assert_eq!(landed(&mut sink).await, Outcome::Committed);
    assert_eq!(sink.position(slot), Some(6), "what came since waits");
    gate.pass(2);
    sink.commit(Commit::All).await.unwrap();
    assert_eq!(found(base.path()), (0..7).collect::<Vec<_>>());
}

#[tokio::test]
async fn discarding_cuts_a_commit_off() {
    let base = tempfile::tempdir().unwrap();
    let config = config(base.path(), "json", json!({}));
    let (mut sink, gate) = gated(base.path(), &config);
    let slot = sink.assign("t", 0).await.unwrap();
    sink.append(&numbers(slot, 0..5)).unwrap();
    sink.begin(Commit::All).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    sink.append(&numbers(slot, 5..7)).unwrap();
    sink.discard().await;
    assert_eq!((sink.position(slot), sink.status().records), (None, 0));
    assert!(!sink.is_committing());
    gate.pass(9);
    sink.append(&numbers(slot, 0..3)).unwrap();
    sink.commit(Commit::All).await.unwrap();
    assert_eq!(found(base.path()), [0, 1, 2]);
}

#[tokio::test]
async fn what_came_during_a_fenced_commit_is_dropped_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = common::config(folder.path(), "");
    let mut stale = Sink::open(&config).await.unwrap();
    let mut owner = Sink::open(&config).await.unwrap();
    let (a, b) = (
        stale.assign("t", 0).await.unwrap(),
        owner.assign("t", 0).await.unwrap(),
    );
    owner.append(&quotes(b, 0..3)).unwrap();
    owner.commit(Commit::All).await.unwrap();
    stale.append(&quotes(a, 0..5)).unwrap();
    stale.begin(Commit::All).await;
    stale.append(&quotes(a, 5..9)).unwrap();
    assert_eq!(landed(&mut stale).await, Outcome::Fenced);
    assert_eq!((stale.position(a), stale.status().records), (Some(3), 0));
    stale.append(&quotes(a, 3..9)).unwrap();
    stale.commit(Commit::All).await.unwrap();
    assert_eq!(common::offsets(folder.path()).len(), 9);
}
