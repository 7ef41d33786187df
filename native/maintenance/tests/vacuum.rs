//! Vacuum: what it deletes is what no reader can reach, found here by brute force from every version.

mod common;

use common::{append, data_files, live, local, opened, rows};
use financelake_delta::load;
use financelake_maintenance::{
    Error, Policy, Reader, Sweep, VacuumPolicy, optimize, prepare, readers, sweep, vacuum,
};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const WORKERS: NonZeroUsize = NonZeroUsize::MIN;
const NOW: VacuumPolicy = VacuumPolicy {
    retain_hours: Some(0.0),
    unsafe_retention: true,
    readers: Vec::new(),
};

async fn compact(folder: &TempDir) {
    let mut table = opened(folder).await;
    let plan = prepare(&table, &Policy::default()).unwrap();
    optimize(&mut table, &Policy::default(), plan, WORKERS)
        .await
        .unwrap();
}

fn paths(sweep: &Sweep) -> BTreeSet<String> {
    sweep
        .unreachable
        .iter()
        .map(|file| file.path.clone())
        .collect()
}

/// Sets the time of everything below a folder back, as if it had been written so long ago.
fn age(folder: &Path, hours: u64) {
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            age(&path, hours);
        } else {
            std::fs::File::options()
                .append(true)
                .open(&path)
                .unwrap()
                .set_modified(then)
                .unwrap();
        }
    }
}

fn all_data(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_data(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "parquet")
        {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_word_nothing_younger_than_the_retention_goes() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..3 {
        append(&folder, "US", [number]).await;
    }
    compact(&folder).await;
    age(folder.path(), 24 * 30);
    let table = opened(&folder).await;
    // The files are old, but they left the table just now.
    let found = sweep(&table, &VacuumPolicy::default()).await.unwrap();
    assert_eq!(
        (found.unreachable.len(), found.reachable, found.files),
        (0, 4, 4)
    );
    let short = VacuumPolicy {
        retain_hours: Some(1.0),
        ..VacuumPolicy::default()
    };
    let error = sweep(&table, &short).await.unwrap_err();
    assert!(
        matches!(&error, Error::Argument(text) if text.contains("168 hours")),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_nobody_can_reach_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..3 {
        append(&folder, "US", [number]).await;
    }
    let gone: BTreeSet<String> = live(&folder).into_keys().collect();
    compact(&folder).await;
    append(&folder, "US", [9]).await;
    let before = rows(&folder);
    let root = folder.path();
    for foreign in [
        "notes.txt",
        "region=US/notes.txt",
        "region=US/deeper/x.parquet",
        "other/x.parquet",
    ] {
        std::fs::create_dir_all(root.join(foreign).parent().unwrap()).unwrap();
        std::fs::write(root.join(foreign), "x").unwrap();
    }
    std::fs::write(root.join("region=US/part-orphan.parquet"), "x").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20));
    let mut table = opened(&folder).await;
    let found = sweep(&table, &NOW).await.unwrap();
    let mut expected = gone;
    expected.insert("region=US/part-orphan.parquet".to_owned());
    assert_eq!(paths(&found), expected);
    assert_eq!((found.foreign, found.reachable, found.deleted), (4, 2, 0));
    assert_eq!(data_files(&folder), 2 + 4 + 2, "a sweep deletes nothing");
    let done = vacuum(&mut table, &NOW, found).await.unwrap();
    assert_eq!(done.deleted, 4);
    assert_eq!(rows(&folder), before);
    assert!(root.join("region=US/deeper/x.parquet").exists() && root.join("notes.txt").exists());
    let again = sweep(&opened(&folder).await, &NOW).await.unwrap();
    assert_eq!(again.unreachable, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_back_since_the_sweep_stays() {
    let folder = tempfile::tempdir().unwrap();
    append(&folder, "US", [1]).await;
    append(&folder, "US", [2]).await;
    let (path, add) = live(&folder).pop_first().unwrap();
    compact(&folder).await;
    std::thread::sleep(std::time::Duration::from_millis(20));
    let mut table = opened(&folder).await;
    let found = sweep(&table, &NOW).await.unwrap();
    assert_eq!(found.unreachable.len(), 2);
    let next = folder.path().join(format!(
        "_delta_log/{:020}.json",
        table.state().version() + 1
    ));
    std::fs::write(next, serde_json::json!({ "add": add }).to_string()).unwrap();
    let done = vacuum(&mut table, &NOW, found).await.unwrap();
    assert_eq!(done.deleted, 1);
    assert!(folder.path().join(path).exists());
}

/// Every version inside the retention, and everything a reader has before it, can be read afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn every_version_that_counts_can_be_read_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..4 {
        append(&folder, "US", [number]).await;
        append(&folder, "EU", [number]).await;
        if number % 2 == 1 {
            compact(&folder).await;
        }
    }
    age(folder.path(), 100);
    let newest = opened(&folder).await.state().version();
    for held in (0..=newest).rev() {
        for snapshot in [false, true] {
            let copy = tempfile::tempdir().unwrap();
            let status = std::process::Command::new("cp")
                .args([
                    "-a",
                    &format!("{}/.", folder.path().display()),
                    copy.path().to_str().unwrap(),
                ])
                .status();
            assert!(status.unwrap().success());
            let reader = Reader {
                query: "q".to_owned(),
                version: held,
                snapshot,
            };
            let policy = VacuumPolicy {
                readers: vec![reader],
                ..NOW
            };
            let mut table = opened(&copy).await;
            let found = sweep(&table, &policy).await.unwrap();
            let deleted = vacuum(&mut table, &policy, found).await.unwrap().deleted;
            // What the reader opens: the version's own files, and what each later commit brought.
            let store = local(&copy);
            let mut needed: BTreeSet<PathBuf> = live(&copy)
                .keys()
                .map(|path| copy.path().join(path))
                .collect();
            let mut at = |state: &financelake_delta::TableState| {
                needed.extend(state.files().map(|file| copy.path().join(&file.key().path)));
            };
            for version in held..=newest {
                let now = load(&*store, Some(version)).await.unwrap().unwrap();
                if snapshot || version > held {
                    at(&now);
                }
            }
            for commit in financelake_delta::commits(&*store, held, newest)
                .await
                .unwrap()
            {
                needed.extend(
                    commit
                        .added
                        .iter()
                        .map(|file| copy.path().join(&file.key().path)),
                );
            }
            let left: BTreeSet<PathBuf> = all_data(copy.path()).into_iter().collect();
            let missing: Vec<_> = needed.difference(&left).collect();
            if snapshot {
                assert!(missing.is_empty(), "held {held}: {missing:?}");
            }
            let all = all_data(folder.path()).len() as u64;
            assert_eq!(left.len() as u64 + deleted, all);
            assert!(
                held < newest || deleted > 0,
                "something can go when the reader is at the end"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_position_of_a_query_is_the_end_of_its_last_batch() {
    let folder = tempfile::tempdir().unwrap();
    let offset = |table: &str, version: i64, first: bool| {
        format!(
            "v1\n{{\"batchWatermarkMs\":0}}\n{{\"sourceVersion\":1,\"reservoirId\":\"{table}\",\"reservoirVersion\":{version},\"index\":-1,\"isStartingVersion\":{first}}}\n-\n"
        )
    };
    let write = |query: &str, batch: u64, content: String, done: bool| {
        for kind in ["offsets", "commits"] {
            std::fs::create_dir_all(folder.path().join(query).join(kind)).unwrap();
        }
        std::fs::write(
            folder.path().join(query).join(format!("offsets/{batch}")),
            content,
        )
        .unwrap();
        if done {
            std::fs::write(
                folder.path().join(query).join(format!("commits/{batch}")),
                "v1\n{}",
            )
            .unwrap();
        }
    };
    write("new", 0, offset("t", 3, true), false);
    write("steady", 8, offset("t", 5, false), true);
    write("steady", 9, offset("t", 7, false), true);
    write("steady", 10, offset("t", 9, false), false);
    write("elsewhere", 0, offset("other", 1, false), true);
    let found = readers(&*local(&folder), "t").await.unwrap();
    let expected = |query: &str, version, snapshot| Reader {
        query: query.to_owned(),
        version,
        snapshot,
    };
    assert_eq!(
        found,
        [expected("new", 3, true), expected("steady", 7, false)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_a_sinks_manifest_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    append(&folder, "US", [1]).await;
    std::fs::create_dir(folder.path().join("_spark_metadata")).unwrap();
    std::fs::write(folder.path().join("_spark_metadata/0"), "v1").unwrap();
    let error = sweep(&opened(&folder).await, &NOW)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("_spark_metadata"), "{error}");
}
