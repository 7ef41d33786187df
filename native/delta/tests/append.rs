//! Appends: each counts once, whatever the storage answers and whoever else writes.

mod common;

use common::{Fault, Flaky, file, local, spec};
use financelake_delta::{Append, Error, Progress, Table};
use financelake_storage::object_store::ObjectStoreExt;
use financelake_storage::object_store::path::Path;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn step(application: &str, from: Option<i64>, to: i64) -> Append {
    let progress = Progress {
        application: application.to_owned(),
        from,
        to,
    };
    Append::new(vec![file(&format!("{application}-{to}"))], vec![progress])
}

/// The paths of all added files, read from the commit files alone.
fn added(folder: &tempfile::TempDir) -> Vec<String> {
    let mut commits: Vec<_> = std::fs::read_dir(folder.path().join("_delta_log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    commits.sort();
    for (version, path) in commits.iter().enumerate() {
        assert!(
            path.ends_with(format!("{version:020}.json")),
            "versions have no gap: {path:?}"
        );
    }
    commits
        .iter()
        .flat_map(|path| {
            std::fs::read_to_string(path)
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter_map(|line| {
            let action: serde_json::Value = serde_json::from_str(&line).unwrap();
            action["add"]["path"].as_str().map(str::to_owned)
        })
        .collect()
}

#[tokio::test]
async fn progress_survives_in_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(local(&folder), spec()).await.unwrap();
    assert_eq!(table.snapshot().transaction("a"), None);
    table.append(&step("a", None, 5)).await.unwrap();
    table.append(&step("a", Some(5), 9)).await.unwrap();
    table.append(&step("b", None, 3)).await.unwrap();
    for table in [
        table,
        Table::open_or_create(local(&folder), spec()).await.unwrap(),
    ] {
        let snapshot = table.snapshot();
        assert_eq!(
            (
                snapshot.version(),
                snapshot.transaction("a"),
                snapshot.transaction("b")
            ),
            (3, Some(9), Some(3))
        );
    }
    assert_eq!(added(&folder).len(), 3);
}

#[tokio::test]
async fn of_two_writers_of_one_application_one_is_fenced() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Table::open_or_create(local(&folder), spec()).await.unwrap();
    let mut second = Table::open_or_create(local(&folder), spec()).await.unwrap();
    first.append(&step("a", None, 5)).await.unwrap();
    for stale in [
        step("a", None, 5),
        step("a", None, 9),
        step("a", Some(4), 9),
    ] {
        match second.append(&stale).await {
            Err(Error::Fenced { found, .. }) => assert_eq!(found, Some(5)),
            other => panic!("{other:?}"),
        }
    }
    second.append(&step("a", Some(5), 9)).await.unwrap();
    assert_eq!(added(&folder).len(), 2);
}

#[tokio::test]
async fn a_lost_answer_does_not_repeat_the_commit() {
    for faults in [
        vec![Fault::None, Fault::After],
        vec![Fault::None, Fault::Before],
        vec![Fault::None, Fault::Before, Fault::Before, Fault::After],
        vec![Fault::After, Fault::After],
        vec![Fault::Before, Fault::None, Fault::After],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = Flaky::new(local(&folder), faults.clone());
        let mut table = Table::open_or_create(Arc::<Flaky>::clone(&store), spec())
            .await
            .unwrap();
        assert_eq!(
            table.append(&step("a", None, 5)).await.unwrap(),
            1,
            "{faults:?}"
        );
        assert_eq!(
            table.append(&step("a", Some(5), 6)).await.unwrap(),
            2,
            "{faults:?}"
        );
        assert_eq!(store.unused(), 0, "every fault happened: {faults:?}");
        assert_eq!(added(&folder).len(), 2, "{faults:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let writers = (0..6).map(|writer| {
        let store = local(&folder);
        tokio::spawn(async move {
            let mut table = Table::open_or_create(store, spec()).await.unwrap();
            let application = writer.to_string();
            for to in 1..=8 {
                let from = Some(to - 1).filter(|from| *from > 0);
                table.append(&step(&application, from, to)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut files = added(&folder);
    files.sort();
    files.dedup();
    assert_eq!(files.len(), 48);
    let table = Table::open_or_create(local(&folder), spec()).await.unwrap();
    assert!((0..6).all(|writer| table.snapshot().transaction(&writer.to_string()) == Some(8)));
}

#[tokio::test]
async fn a_table_that_was_made_anew_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(local(&folder), spec()).await.unwrap();
    table.append(&step("a", None, 5)).await.unwrap();
    std::fs::remove_dir_all(folder.path().join("_delta_log")).unwrap();
    let error = table.append(&step("a", Some(5), 6)).await.unwrap_err();
    assert!(
        error.to_string().contains("deleted or made anew"),
        "{error}"
    );
    Table::open_or_create(local(&folder), spec())
        .await
        .unwrap()
        .append(&step("a", None, 5))
        .await
        .unwrap();
    let error = table.append(&step("a", Some(5), 6)).await.unwrap_err();
    assert!(matches!(error, Error::Mismatch(_)), "{error}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Table::open_or_create(local(&folder), spec()).await.unwrap();
    let mut other = spec();
    other.partitions.clear();
    let error = Table::open_or_create(local(&folder), other)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains(r#"partitioned by ["date"], not by []"#),
        "{error}"
    );
    let store = local(&folder);
    let first = Path::from("_delta_log/00000000000000000000.json");
    store.put(&first, "{\"protocol\":".into()).await.unwrap();
    let error = Table::open_or_create(store, spec()).await.unwrap_err();
    assert!(error.to_string().contains("version 0"), "{error}");
}

#[tokio::test]
async fn a_missing_version_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(local(&folder), spec()).await.unwrap();
    for to in 1..=3 {
        table
            .append(&step("a", Some(to - 1).filter(|from| *from > 0), to))
            .await
            .unwrap();
    }
    std::fs::remove_file(folder.path().join("_delta_log/00000000000000000002.json")).unwrap();
    let error = Table::open_or_create(local(&folder), spec())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("version 2 is missing, 3 is there"),
        "{error}"
    );
}

/// What a writer does in the model.
#[derive(Clone, Debug)]
enum Step {
    /// Commits the next `records` of an application from where the writer believes it to be.
    Append {
        writer: usize,
        application: usize,
        records: i64,
        fault: Fault,
    },
    /// Forgets everything, as after a crash, and reads the table again.
    Restart { writer: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fault =
        prop_oneof![3 => Just(Fault::None), 1 => Just(Fault::Before), 1 => Just(Fault::After)];
    let append = (0..3_usize, 0..2_usize, 1..4_i64, fault).prop_map(
        |(writer, application, records, fault)| Step::Append {
            writer,
            application,
            records,
            fault,
        },
    );
    let restart = (0..3_usize).prop_map(|writer| Step::Restart { writer });
    prop::collection::vec(prop_oneof![4 => append, 1 => restart], 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Writers that crash, lose answers and believe stale positions: the files in the log cover every
    /// application from 0 to its position without gap or overlap.
    #[test]
    fn any_history_covers_each_record_once(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let covered = runtime.block_on(history(&folder, &steps));
        for (application, ranges) in covered {
            let mut end = 0;
            for (from, to) in ranges {
                prop_assert_eq!(from, end, "application {}", application);
                end = to;
            }
        }
    }
}

/// Runs the steps and returns what the log holds: the ranges of each application, in the log's order.
async fn history(folder: &tempfile::TempDir, steps: &[Step]) -> BTreeMap<String, Vec<(i64, i64)>> {
    let mut writers: [Option<(Arc<Flaky>, Table)>; 3] = [None, None, None];
    let mut believed: [BTreeMap<usize, Option<i64>>; 3] = Default::default();
    for step in steps {
        match step {
            Step::Restart { writer } => writers[*writer] = None,
            Step::Append {
                writer,
                application,
                records,
                fault,
            } => {
                let name = application.to_string();
                if writers[*writer].is_none() {
                    let store = Flaky::new(local(folder), []);
                    let table = Table::open_or_create(Arc::<Flaky>::clone(&store), spec())
                        .await
                        .unwrap();
                    writers[*writer] = Some((store, table));
                    believed[*writer].clear();
                }
                let (store, table) = writers[*writer].as_mut().unwrap();
                let from = *believed[*writer]
                    .entry(*application)
                    .or_insert_with(|| table.snapshot().transaction(&name));
                let to = from.unwrap_or(0) + records;
                let progress = Progress {
                    application: name.clone(),
                    from,
                    to,
                };
                let path = format!("{name}-{}-{to}", from.unwrap_or(0));
                let append = Append::new(vec![file(&path)], vec![progress]);
                store.meet(*fault);
                let outcome = table.append(&append).await;
                let position = match outcome {
                    Ok(_) => Some(to),
                    Err(Error::Fenced { found, .. }) => found,
                    Err(error) => panic!("{error}"),
                };
                believed[*writer].insert(*application, position);
            }
        }
    }
    let mut covered: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
    if folder.path().join("_delta_log").exists() {
        for path in added(folder) {
            let name = path
                .trim_start_matches("date=2024-01-31/")
                .trim_end_matches(".parquet");
            let parts: Vec<&str> = name.split('-').collect();
            covered
                .entry(parts[0].to_owned())
                .or_default()
                .push((parts[1].parse().unwrap(), parts[2].parse().unwrap()));
        }
    }
    covered
}
