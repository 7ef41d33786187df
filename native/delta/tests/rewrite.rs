//! Replacing files: each replacement is made once or not at all, whatever the storage answers and whoever else writes.

mod common;

use common::{Fault, Flaky, file, local, spec};
use financelake_delta::{
    Append, Error, FileKey, NewFile, Outcome, Replacement, Restoration, Rewrite, Table, TableLog,
    load, version_at,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use tempfile::TempDir;

fn path(name: &str) -> String {
    format!("date=2024-01-31/{name}.parquet")
}

async fn append(folder: &TempDir, names: &[&str]) {
    let mut table = Table::open_or_create(local(folder), spec()).await.unwrap();
    let files = names.iter().map(|name| file(name)).collect();
    table.append(&Append::new(files, vec![])).await.unwrap();
}

fn replace(old: &[&str], new: &str) -> Replacement {
    let key = |name: &&str| FileKey {
        path: path(name),
        vector: None,
    };
    Replacement {
        old: old.iter().map(key).collect(),
        new: vec![NewFile {
            path: path(new),
            partition: [("date".to_owned(), Some("2024-01-31".to_owned()))].into(),
            size: 1,
            modified: 1,
            statistics: r#"{"numRecords":1}"#.to_owned(),
            tags: [].into(),
        }],
    }
}

fn rewrite(replacements: Vec<Replacement>) -> Rewrite {
    Rewrite {
        operation: "OPTIMIZE".to_owned(),
        parameters: [].into(),
        replacements,
    }
}

async fn names(folder: &TempDir) -> BTreeSet<String> {
    let table = TableLog::open(local(folder)).await.unwrap().unwrap();
    let files = table.state().files().map(|file| file.key().path.clone());
    files
        .map(|path| {
            path.trim_start_matches("date=2024-01-31/")
                .trim_end_matches(".parquet")
                .to_owned()
        })
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn every_answer_of_the_storage_ends_in_one_commit() {
    let kinds = [Fault::None, Fault::Before, Fault::After];
    for first in kinds {
        for second in kinds {
            for third in kinds {
                let folder = tempfile::tempdir().unwrap();
                append(&folder, &["a", "b", "c", "d"]).await;
                let store = Flaky::new(local(&folder), [first, second]);
                let mut table = TableLog::open(Arc::<Flaky>::clone(&store))
                    .await
                    .unwrap()
                    .unwrap();
                let plan = rewrite(vec![replace(&["a", "b"], "ab"), replace(&["c", "d"], "cd")]);
                let outcome = table.commit(&plan).await.unwrap();
                assert_eq!(
                    outcome,
                    Outcome {
                        version: Some(2),
                        lost: vec![]
                    }
                );
                assert_eq!(
                    names(&folder).await,
                    set(&["ab", "cd"]),
                    "{first:?} {second:?} {third:?}"
                );
                assert_eq!(table.state().version(), 2, "committed once");
                store.meet(third);
                let again = rewrite(vec![replace(&["ab", "cd"], "all")]);
                assert_eq!(table.commit(&again).await.unwrap().version, Some(3));
                assert_eq!((names(&folder).await, store.unused()), (set(&["all"]), 0));
            }
        }
    }
}

#[tokio::test]
async fn a_replacement_whose_file_is_gone_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    append(&folder, &["a", "b", "c", "d"]).await;
    let mut table = TableLog::open(local(&folder)).await.unwrap().unwrap();
    let mut other = TableLog::open(local(&folder)).await.unwrap().unwrap();
    other
        .commit(&rewrite(vec![replace(&["b"], "other")]))
        .await
        .unwrap();
    append(&folder, &["late"]).await;
    let plan = rewrite(vec![replace(&["a", "b"], "ab"), replace(&["c", "d"], "cd")]);
    let outcome = table.commit(&plan).await.unwrap();
    assert_eq!(
        outcome,
        Outcome {
            version: Some(4),
            lost: vec![0]
        }
    );
    assert_eq!(names(&folder).await, set(&["a", "other", "late", "cd"]));
    let again = table.commit(&plan).await.unwrap();
    assert_eq!(
        again,
        Outcome {
            version: None,
            lost: vec![0, 1]
        }
    );
}

/// A deletion vector makes another file of the same path, although the commit that wrote it may say anything.
#[tokio::test]
async fn a_deletion_vector_that_came_in_between_is_a_conflict() {
    for data_change in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        append(&folder, &["a", "b"]).await;
        let mut table = TableLog::open(local(&folder)).await.unwrap().unwrap();
        let commit = format!(
            r#"{{"remove":{{"path":"{0}","dataChange":{data_change},"deletionTimestamp":1}}}}
{{"add":{{"path":"{0}","partitionValues":{{"date":"2024-01-31"}},"size":1,"modificationTime":1,"dataChange":{data_change},"deletionVector":{{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}}K{{vb[*k^","offset":1,"sizeInBytes":34,"cardinality":1}}}}}}
"#,
            path("a")
        );
        std::fs::write(
            folder.path().join("_delta_log/00000000000000000002.json"),
            commit,
        )
        .unwrap();
        let outcome = table
            .commit(&rewrite(vec![replace(&["a", "b"], "ab")]))
            .await
            .unwrap();
        assert_eq!(
            outcome,
            Outcome {
                version: None,
                lost: vec![0]
            }
        );
        assert_eq!(names(&folder).await, set(&["a", "b"]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_want_the_same_files_win_once() {
    let folder = tempfile::tempdir().unwrap();
    append(&folder, &["a", "b", "c"]).await;
    let writers = (0..6).map(|writer| {
        let store = local(&folder);
        tokio::spawn(async move {
            let mut table = TableLog::open(store).await.unwrap().unwrap();
            let plan = rewrite(vec![replace(&["a", "b", "c"], &writer.to_string())]);
            table.commit(&plan).await.unwrap().version.is_some()
        })
    });
    let mut won = 0;
    for writer in writers.collect::<Vec<_>>() {
        won += usize::from(writer.await.unwrap());
    }
    assert_eq!((won, names(&folder).await.len()), (1, 1));
}

/// The plan that brings a version back.
async fn restoration(folder: &TempDir, version: i64) -> (TableLog, Restoration) {
    let table = TableLog::open(local(folder)).await.unwrap().unwrap();
    let then = load(&*local(folder), Some(version)).await.unwrap().unwrap();
    let plan = Restoration::between(table.state(), &then).unwrap();
    (table, plan)
}

#[tokio::test]
async fn an_older_version_comes_back_once_whatever_the_storage_answers() {
    for first in [Fault::None, Fault::Before, Fault::After] {
        let folder = tempfile::tempdir().unwrap();
        append(&folder, &["a", "b"]).await;
        append(&folder, &["c"]).await;
        let mut table = TableLog::open(local(&folder)).await.unwrap().unwrap();
        let compaction = rewrite(vec![replace(&["a", "b", "c"], "abc")]);
        table.commit(&compaction).await.unwrap();
        let (_, plan) = restoration(&folder, 1).await;
        assert_eq!((plan.returning.len(), plan.leaving.len()), (2, 1));
        let store = Flaky::new(local(&folder), [first]);
        let mut table = TableLog::open(Arc::<Flaky>::clone(&store))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(table.restore(&plan).await.unwrap(), 4, "{first:?}");
        assert_eq!(
            (names(&folder).await, store.unused()),
            (set(&["a", "b"]), 0)
        );
        // And forward again.
        let (mut table, plan) = restoration(&folder, 3).await;
        assert_eq!(table.restore(&plan).await.unwrap(), 5);
        assert_eq!(names(&folder).await, set(&["abc"]));
        let (_, plan) = restoration(&folder, 5).await;
        assert!(plan.is_empty());
    }
}

#[tokio::test]
async fn what_another_writer_commits_meanwhile_is_not_undone() {
    let folder = tempfile::tempdir().unwrap();
    append(&folder, &["a"]).await;
    append(&folder, &["b"]).await;
    let (mut table, plan) = restoration(&folder, 1).await;
    append(&folder, &["late"]).await;
    let error = table.restore(&plan).await.unwrap_err();
    assert!(matches!(error, Error::Overtaken(3)), "{error}");
    assert_eq!(names(&folder).await, set(&["a", "b", "late"]));
}

#[tokio::test]
async fn a_time_finds_the_version_that_was_current() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        append(&folder, &[name]).await;
    }
    // The second version was written by a clock that was behind.
    for (version, seconds) in [(0, 100), (1, 50), (2, 200), (3, 300)] {
        let path = folder.path().join(format!("_delta_log/{version:020}.json"));
        let file = std::fs::File::options().append(true).open(path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
            .unwrap();
    }
    for (time, version) in [
        (100_000, 0),
        (100_001, 1),
        (199_999, 1),
        (200_000, 2),
        (i64::MAX, 3),
    ] {
        assert_eq!(
            version_at(&*local(&folder), time).await.unwrap(),
            version,
            "{time}"
        );
    }
    let error = version_at(&*local(&folder), 99_999).await.unwrap_err();
    assert!(error.to_string().contains("does not reach back"), "{error}");
}
