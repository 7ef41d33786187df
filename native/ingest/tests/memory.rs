//! What a sink says about its memory, against what it has from the allocator.

mod common;

use common::folder::{config, visible};
use common::frame;
use financelake_ingest::{Commit, Outcome, Sink};
use serde_json::json;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes that are in use, with what the usual allocator adds to each block.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn block(bytes: usize) -> usize {
    (bytes + 8).next_multiple_of(16).max(32)
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = IN_USE.fetch_add(block(layout.size()), Ordering::Relaxed) + block(layout.size());
        MOST.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(block(layout.size()), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
    let before = IN_USE.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
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
        let in_use = IN_USE.load(Ordering::Relaxed).saturating_sub(before);
        let said = (sink.status().bytes + sink.status().committing) as usize;
        assert!(in_use < said + 64 * MIB, "{in_use} bytes, and not {said}");
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
    let most = MOST.load(Ordering::Relaxed) - before;
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
