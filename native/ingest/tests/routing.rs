//! Records of one topic in two tables: each is in one of them once, whenever the task dies.

mod common;

use common::{config, frame, offsets, quotes};
use financelake_ingest::{Commit, Outcome, Sink, SinkConfig};
use std::fs;
use std::ops::Range;
use std::path::Path;

const YIELD: &str = r#"{"symbol":"^TNX","ts":"2024-01-31T15:00:00Z","close":0.041,"region":"US","asset_class":"bond_yield"}"#;

fn routed(lake: &Path) -> SinkConfig {
    let bonds = lake.join("bonds");
    let more = format!(
        r#","routes":{{"topics":{{"data_bond":{bonds:?}}},"asset_classes":{{"bond_yield":{bonds:?}}}}}"#
    );
    config(&lake.join("stocks"), &more)
}

/// Every third record is a yield.
fn mixed(slot: usize, range: Range<i64>) -> Vec<u8> {
    let record = |offset: i64| match offset % 3 {
        0 => frame(slot, offset, Some(YIELD)),
        _ => quotes(slot, offset..offset + 1),
    };
    range.flat_map(record).collect()
}

fn expected(range: Range<i64>, yields: bool) -> Vec<(i32, i64)> {
    let kept = range.filter(|offset| (offset % 3 == 0) == yields);
    kept.map(|offset| (0, offset)).collect()
}

#[tokio::test]
async fn classes_and_topics_go_to_their_tables() {
    let lake = tempfile::tempdir().unwrap();
    let mut sink = Sink::open(&routed(lake.path())).await.unwrap();
    let stock = sink.assign("data_stock", 0).await.unwrap();
    let bond = sink.assign("data_bond", 5).await.unwrap();
    sink.append(&mixed(stock, 0..9)).unwrap();
    let bonds = [frame(bond, 0, Some(YIELD)), frame(bond, 1, Some("{"))].concat();
    sink.append(&bonds).unwrap();
    assert_eq!(sink.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(
        (sink.position(stock), sink.position(bond)),
        (Some(9), Some(2))
    );
    assert_eq!(offsets(&lake.path().join("stocks")), expected(0..9, false));
    let mut both = expected(0..9, true);
    both.extend([(5, 0), (5, 1)]);
    assert_eq!(offsets(&lake.path().join("bonds")), both);
}

/// The task dies between the commits of the two tables: what the home does not have comes again.
#[tokio::test]
async fn a_crash_between_two_commits_repeats_nothing() {
    let lake = tempfile::tempdir().unwrap();
    let (stocks, bonds) = (lake.path().join("stocks"), lake.path().join("bonds"));
    let mut sink = Sink::open(&routed(lake.path())).await.unwrap();
    let slot = sink.assign("data_stock", 0).await.unwrap();
    sink.append(&mixed(slot, 0..9)).unwrap();
    sink.commit(Commit::All).await.unwrap();
    let newest = fs::read_dir(stocks.join("_delta_log")).unwrap().count() - 1;
    sink.append(&mixed(slot, 9..18)).unwrap();
    sink.commit(Commit::All).await.unwrap();
    drop(sink);
    // The home never got its second commit.
    fs::remove_file(stocks.join(format!("_delta_log/{:020}.json", newest + 1))).unwrap();
    let mut sink = Sink::open(&routed(lake.path())).await.unwrap();
    let slot = sink.assign("data_stock", 0).await.unwrap();
    assert_eq!(sink.position(slot), Some(9));
    // The next batch is longer than the one before.
    sink.append(&mixed(slot, 9..30)).unwrap();
    assert_eq!(sink.status().skipped, 3);
    assert_eq!(sink.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(offsets(&stocks), expected(0..30, false));
    assert_eq!(offsets(&bonds), expected(0..30, true));
}

#[tokio::test]
async fn the_second_owner_is_noticed_in_the_second_table_too() {
    let lake = tempfile::tempdir().unwrap();
    let config = routed(lake.path());
    let mut stale = Sink::open(&config).await.unwrap();
    let mut owner = Sink::open(&config).await.unwrap();
    let (old, new) = (
        stale.assign("data_stock", 0).await.unwrap(),
        owner.assign("data_stock", 0).await.unwrap(),
    );
    stale.append(&mixed(old, 0..7)).unwrap();
    owner.append(&mixed(new, 0..5)).unwrap();
    assert_eq!(owner.commit(Commit::All).await.unwrap(), Outcome::Committed);
    assert_eq!(stale.commit(Commit::All).await.unwrap(), Outcome::Fenced);
    // It knows of one table only that it was overtaken; the other one says so at the next commit.
    let mut rounds = 0;
    loop {
        let start = stale.position(old).unwrap_or(0);
        stale.append(&mixed(old, start..9)).unwrap();
        rounds += 1;
        if stale.commit(Commit::All).await.unwrap() == Outcome::Committed {
            break;
        }
        assert!(rounds < 3, "it never catches up");
    }
    assert_eq!(offsets(&lake.path().join("stocks")), expected(0..9, false));
    assert_eq!(offsets(&lake.path().join("bonds")), expected(0..9, true));
}
