//! The sink over a local table: what comes in is in the table once, and crashes at any moment change nothing.

mod common;

use common::{config, frame, offsets, quotes, rows};
use financelake_ingest::{Commit, Outcome, Sink, SinkConfig};

#[tokio::test]
async fn records_arrive_once_in_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Sink::open(&config(folder.path(), "")).await.unwrap();
    let (zero, seven) = (
        sink.assign("stock", 0).await.unwrap(),
        sink.assign("stock", 7).await.unwrap(),
    );
    assert_eq!((sink.position(zero), sink.position(seven)), (None, None));
    let refused = frame(seven, 3, Some(r#"{"symbol":"AAPL""#));
    sink.append(&[quotes(zero, 0..3), refused, frame(seven, 5, None)].concat())
        .unwrap();
    assert_eq!((sink.status().records, sink.status().refused), (5, 2));
    assert_eq!(sink.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(
        (sink.position(zero), sink.position(seven)),
        (Some(3), Some(6))
    );
    assert_eq!(sink.status().records, 0);
    let accepted = |offset| (0, offset, None);
    let invalid = |offset, reason: &str| (7, offset, Some(reason.to_owned()));
    assert_eq!(
        rows(folder.path()),
        [
            accepted(0),
            accepted(1),
            accepted(2),
            invalid(3, "malformed_json"),
            invalid(5, "empty_line")
        ]
    );
    for region in ["US", "__invalid"] {
        assert!(
            folder
                .path()
                .join("date=2024-01-31")
                .join(format!("region={region}"))
                .is_dir()
        );
    }
}

#[tokio::test]
async fn a_new_sink_goes_on_where_the_table_is() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let mut sink = Sink::open(&config(folder.path(), "")).await.unwrap();
        let slot = sink.assign("stock", 0).await.unwrap();
        let start = sink.position(slot).unwrap_or(0);
        assert_eq!(start, round * 10);
        sink.append(&quotes(slot, start..start + 10)).unwrap();
        sink.commit(Commit::All).await.unwrap();
        // Read, but lost with the process.
        sink.append(&quotes(slot, start + 10..start + 15)).unwrap();
    }
    assert_eq!(
        offsets(folder.path()),
        (0..30).map(|offset| (0, offset)).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_second_owner_is_noticed_and_nothing_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), "");
    let (mut stale, mut owner) = (
        Sink::open(&config).await.unwrap(),
        Sink::open(&config).await.unwrap(),
    );
    let (a, b) = (
        stale.assign("stock", 0).await.unwrap(),
        stale.assign("stock", 1).await.unwrap(),
    );
    let own = owner.assign("stock", 0).await.unwrap();
    stale
        .append(&[quotes(a, 0..5), quotes(b, 0..5)].concat())
        .unwrap();
    owner.append(&quotes(own, 0..3)).unwrap();
    owner.commit(Commit::All).await.unwrap();
    assert_eq!(stale.commit(Commit::All).await.unwrap(), Outcome::Fenced);
    assert_eq!(
        (stale.position(a), stale.position(b), stale.status().records),
        (Some(3), None, 0)
    );
    stale
        .append(&[quotes(a, 3..5), quotes(b, 0..5)].concat())
        .unwrap();
    assert_eq!(stale.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(offsets(folder.path()).len(), 10);
}

#[tokio::test]
async fn discarding_goes_back_to_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Sink::open(&config(folder.path(), "")).await.unwrap();
    let slot = sink.assign("stock", 0).await.unwrap();
    sink.append(&quotes(slot, 0..4)).unwrap();
    sink.commit(Commit::All).await.unwrap();
    sink.append(&quotes(slot, 4..9)).unwrap();
    let error = sink.assign("stock", 0).await.unwrap_err().to_string();
    assert!(error.contains("commit or discard them first"), "{error}");
    sink.discard().await;
    assert_eq!(sink.assign("stock", 0).await.unwrap(), slot);
    assert_eq!((sink.position(slot), sink.status().records), (Some(4), 0));
    sink.append(&quotes(slot, 4..9)).unwrap();
    sink.commit(Commit::All).await.unwrap();
    assert_eq!(offsets(folder.path()).len(), 9);
}

#[tokio::test]
async fn a_topic_that_goes_back_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Sink::open(&config(folder.path(), "")).await.unwrap();
    let slot = sink.assign("stock", 0).await.unwrap();
    sink.append(&quotes(slot, 0..9)).unwrap();
    sink.commit(Commit::All).await.unwrap();
    let error = sink.append(&quotes(slot, 0..1)).unwrap_err().to_string();
    assert!(
        error.contains("stock-0 went back to offset 0 after 9"),
        "{error}"
    );
    // The same after a restart, when only the table knows.
    let mut sink = Sink::open(&config(folder.path(), "")).await.unwrap();
    let slot = sink.assign("stock", 0).await.unwrap();
    let error = sink.append(&quotes(slot, 8..9)).unwrap_err().to_string();
    assert!(error.contains("went back to offset 8 after 9"), "{error}");
}

#[tokio::test]
async fn a_refused_record_can_end_the_task() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Sink::open(&config(folder.path(), r#","malformed":"fail""#))
        .await
        .unwrap();
    let slot = sink.assign("stock", 0).await.unwrap();
    let error = sink
        .append(&frame(slot, 4, Some("[1]")))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("stock-0 offset 4") && error.contains("malformed_json"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refused_record_can_be_left_out() {
    for (malformed, reported) in [("dlq", true), ("ignore", false)] {
        let folder = tempfile::tempdir().unwrap();
        let more = format!(r#","malformed":"{malformed}""#);
        let mut sink = Sink::open(&config(folder.path(), &more)).await.unwrap();
        let slot = sink.assign("stock", 0).await.unwrap();
        let buffer = [
            quotes(slot, 0..2),
            frame(slot, 2, Some("[1]")),
            quotes(slot, 3..4),
            frame(slot, 4, Some("")),
            frame(slot, 5, Some(r#"{"symbol":7}"#)),
        ]
        .concat();
        let refused = sink.append(&buffer).unwrap();
        let found: Vec<_> = refused.iter().map(|r| (r.index, r.reason)).collect();
        let expected: &[_] = &[(2, "malformed_json"), (5, "wrong_type")];
        assert_eq!(found, if reported { expected } else { &[] });
        // They do not come again, also not after a restart.
        assert_eq!(sink.commit(Commit::All).await.unwrap(), Outcome::Committed);
        assert_eq!(sink.position(slot), Some(6));
        assert_eq!(
            offsets(folder.path()),
            [(0, 0), (0, 1), (0, 3), (0, 4)],
            "blank ones are kept"
        );
        // A commit without a row moves the position as well.
        sink.append(&frame(slot, 6, Some("x"))).unwrap();
        assert!(sink.due_in().is_some());
        sink.commit(Commit::All).await.unwrap();
        let mut next = Sink::open(&config(folder.path(), &more)).await.unwrap();
        let slot = next.assign("stock", 0).await.unwrap();
        assert_eq!(next.position(slot), Some(7));
    }
}

#[tokio::test]
async fn configurations_are_checked() {
    for (json, word) in [
        ("{}", "location"),
        (r#"{"location":"/x","application":"a","speed":1}"#, "speed"),
    ] {
        let error = SinkConfig::from_json(json).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    for (more, word) in [
        (r#","compression":"lz4""#, "zstd, snappy and none"),
        (r#","records":{"freq":"2d"}"#, "2d"),
    ] {
        let error = Sink::open(&config(folder.path(), more))
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{error}");
    }
}
