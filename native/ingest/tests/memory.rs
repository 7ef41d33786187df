//! What a sink says about its memory, against what it has from the allocator.

mod common;

use common::folder::{config, visible};
use common::frame;
use financelake_ingest::{Commit, Outcome, Sink};
use peak_alloc::PeakAlloc;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;

/// A market record of that symbol number.
fn quote(slot: usize, offset: i64, symbol: i64) -> Vec<u8> {
    let record = json!({"symbol": format!("S{symbol}"), "ts": "2024-01-31T15:00:00Z", "open": 184, "high": 185,
        "low": 183, "close": 184.4, "region": "US", "asset_class": "equity"});
    frame(slot, offset, Some(&record.to_string()))
}

/// Records of `folders` symbols in turn go into a folder each. Paused as a task is, a sink never has more memory than its
/// budget and 64 MiB, however many folders are open.
async fn stays_in_budget(format: &str, folders: i64, records: i64, budget: usize) -> usize {
    let base = tempfile::tempdir().unwrap();
    let more = json!({
        "partition": {"by": "field", "fields": ["symbol"]},
        "rotation": {"records": 1_000_000_000, "bytes": budget / 2, "age_ms": 3_600_000},
    });
    let mut sink = Sink::open(&config(base.path(), format, more))
        .await
        .unwrap();
    let slot = sink.assign("t", 0).await.unwrap();
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let (mut commits, mut largest, mut offset) = (0, 0, 0);
    while offset < records {
        let held = (sink.status().bytes + sink.status().committing) as usize;
        if held == 0 || held + largest <= budget {
            let end = (offset + 500).min(records);
            let put: Vec<u8> = (offset..end)
                .flat_map(|offset| quote(slot, offset, offset % folders))
                .collect();
            sink.append(&put).unwrap();
            largest = largest.max((sink.status().bytes + sink.status().committing) as usize - held);
            offset = end;
        }
        let in_use = ALLOCATOR.current_usage().saturating_sub(before);
        let said = (sink.status().bytes + sink.status().committing) as usize;
        // What a running commit encodes is not collected any more.
        let encoded = if sink.is_running() { 64 * MIB } else { MIB };
        assert!(in_use < said + encoded, "{in_use} bytes, and not {said}");
        if sink.due_in().is_some_and(|due| due.is_zero()) {
            sink.begin(Commit::Due).await;
        }
        tokio::task::yield_now().await;
        match sink.landed().await.unwrap() {
            Some(Outcome::Committed) => commits += 1,
            Some(Outcome::Fenced) => panic!("there is no other owner"),
            None => {}
        }
    }
    while sink.is_running() {
        if sink.landed().await.unwrap().is_some() {
            commits += 1;
        }
        tokio::task::yield_now().await;
    }
    let most = ALLOCATOR.peak_usage() - before;
    assert!(
        most < budget + 64 * MIB,
        "{format}: {most} of {budget} bytes"
    );
    if commits > 0 {
        sink.commit(Commit::All).await.unwrap();
        assert_eq!(sink.position(slot), Some(records));
        assert!(visible(base.path()).len() as i64 >= folders);
    }
    commits
}

/// One test, as the allocator counts for all.
#[tokio::test]
async fn ten_thousand_open_folders_stay_in_the_budget() {
    // All are open at once, and then more than fit.
    assert_eq!(stays_in_budget("json", 10_000, 10_000, 512 * MIB).await, 0);
    assert_eq!(stays_in_budget("json", 2, 20_000, 512 * MIB).await, 0);
    assert_eq!(stays_in_budget("parquet", 2, 10_000, 512 * MIB).await, 0);
    assert_eq!(stays_in_budget("parquet", 1_000, 1_000, 512 * MIB).await, 0);
    assert!(stays_in_budget("json", 1_000, 4_000, MIB).await > 1);
    assert!(stays_in_budget("parquet", 200, 8_000, 4 * MIB).await > 1);
}
