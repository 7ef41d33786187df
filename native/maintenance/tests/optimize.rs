//! Compaction: rows stay as they are, whoever else writes.

mod common;

use common::{actions, append, data_files, live, opened, rows};
use financelake_delta::{Error as TableError, TableLog};
use financelake_maintenance::{Error, Policy, Report, optimize, prepare};
use std::num::NonZeroUsize;

const WORKERS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

async fn table() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..6 {
        append(&folder, "US", number * 10..number * 10 + 10).await;
        append(&folder, "EU", number * 10..number * 10 + 5).await;
    }
    folder
}

async fn run(table: &mut TableLog, policy: &Policy) -> financelake_maintenance::Result<Report> {
    let plan = prepare(table, policy)?;
    optimize(table, policy, plan, WORKERS).await
}

/// The fault of a peer: both compactions see the same files, and both put all rows into new ones.
#[tokio::test(flavor = "multi_thread")]
async fn two_compactions_that_overlap_never_double_the_data() {
    let folder = table().await;
    let before = rows(&folder);
    let (mut first, mut second) = (opened(&folder).await, opened(&folder).await);
    let policy = Policy::default();
    let (one, two) = (
        prepare(&first, &policy).unwrap(),
        prepare(&second, &policy).unwrap(),
    );
    assert_eq!(one, two);
    let won = optimize(&mut first, &policy, one, WORKERS).await.unwrap();
    assert_eq!((won.files_removed, won.files_added, won.rows), (12, 2, 90));
    let lost = optimize(&mut second, &policy, two, WORKERS).await.unwrap();
    assert_eq!(
        (lost.version, lost.files_added, lost.bins_lost),
        (None, 0, 2)
    );
    assert_eq!(rows(&folder), before);
    assert_eq!(live(&folder).len(), 2);
    assert_eq!(data_files(&folder), 12 + 2, "the loser's files are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_is_planned_again() {
    let folder = table().await;
    let mut slow = opened(&folder).await;
    let policy = Policy::default();
    let stale = prepare(&slow, &policy).unwrap();
    let only_us = Policy {
        condition: Some("region = 'US'".to_owned()),
        ..Policy::default()
    };
    run(&mut opened(&folder).await, &only_us).await.unwrap();
    for number in 0..3 {
        append(&folder, "US", 100 + number..101 + number).await;
    }
    let before = rows(&folder);
    let report = optimize(&mut slow, &policy, stale, WORKERS).await.unwrap();
    // Europe as planned; of the US the compacted file and the three that came later.
    assert_eq!(
        (report.bins_lost, report.files_removed, report.files_added),
        (1, 6 + 4, 2)
    );
    assert_eq!(rows(&folder), before);
    assert_eq!(live(&folder).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_do_not_disturb() {
    let folder = table().await;
    let mut table = opened(&folder).await;
    let policy = Policy::default();
    let plan = prepare(&table, &policy).unwrap();
    append(&folder, "US", [1000]).await;
    let before = rows(&folder);
    let report = optimize(&mut table, &policy, plan, WORKERS).await.unwrap();
    assert_eq!((report.bins_lost, report.files_removed), (0, 12));
    assert_eq!(rows(&folder), before);
    assert_eq!(live(&folder).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_finds_nothing_to_do() {
    let folder = table().await;
    run(&mut opened(&folder).await, &Policy::default())
        .await
        .unwrap();
    let versions = actions(&folder).len();
    let again = run(&mut opened(&folder).await, &Policy::default())
        .await
        .unwrap();
    assert_eq!((again.version, again.files_removed), (None, 0));
    assert_eq!(actions(&folder).len(), versions);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_table_stops_the_commit() {
    let folder = table().await;
    let before = rows(&folder);
    let mut table = opened(&folder).await;
    let plan = prepare(&table, &Policy::default()).unwrap();
    let next = folder.path().join(format!(
        "_delta_log/{:020}.json",
        table.state().version() + 1
    ));
    let mut metadata = actions(&folder)
        .into_iter()
        .find(|action| action.get("metaData").is_some())
        .unwrap();
    metadata["metaData"]["configuration"] = serde_json::json!({"delta.appendOnly": "true"});
    std::fs::write(next, metadata.to_string()).unwrap();
    let error = optimize(&mut table, &Policy::default(), plan, WORKERS)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Table(TableError::Superseded(_))),
        "{error}"
    );
    assert_eq!(rows(&folder), before);
    assert_eq!(data_files(&folder), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn removals_keep_the_fields_of_the_additions_and_statistics_cover_the_rows() {
    let folder = table().await;
    run(&mut opened(&folder).await, &Policy::default())
        .await
        .unwrap();
    let actions = actions(&folder);
    let removed: Vec<_> = actions
        .iter()
        .filter_map(|action| action.get("remove"))
        .collect();
    assert_eq!(removed.len(), 12);
    for removal in removed {
        assert_eq!(removal["dataChange"], false);
        assert!(
            removal["size"].as_u64().unwrap() > 0
                && removal["partitionValues"]["region"].is_string()
        );
    }
    let information = &actions
        .iter()
        .rfind(|action| action.get("commitInfo").is_some())
        .unwrap()["commitInfo"];
    assert_eq!(information["operation"], "OPTIMIZE");
    assert_eq!(information["operationMetrics"]["numRemovedFiles"], "12");
    let us = live(&folder)
        .into_values()
        .find(|add| add["partitionValues"]["region"] == "US")
        .unwrap();
    let statistics: serde_json::Value =
        serde_json::from_str(us["stats"].as_str().unwrap()).unwrap();
    assert_eq!(statistics["numRecords"], 60);
    assert_eq!(statistics["minValues"]["id"], 0);
    assert_eq!(statistics["maxValues"]["id"], 59);
    assert_eq!(statistics["nullCount"]["name"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_chooses_files_by_folder_and_by_statistics() {
    let folder = table().await;
    let table = opened(&folder).await;
    for (condition, files) in [
        ("region = 'US'", 6),
        ("REGION IN ('EU') AND id >= 40", 2),
        ("id BETWEEN 10 AND 19", 2),
        ("NOT (id < 50) OR id = 3", 4),
        ("id > 1000 OR name IS NULL", 0),
        ("region <> 'US' AND name LIKE 'x'", usize::MAX),
        ("amount > 3", usize::MAX),
        ("id = 'x'", usize::MAX),
        ("id = 1 id", usize::MAX),
    ] {
        let policy = Policy {
            condition: Some(condition.to_owned()),
            ..Policy::default()
        };
        match prepare(&table, &policy) {
            Ok(plan) => assert_eq!(plan.matching_files, files, "{condition}"),
            Err(Error::Argument(text)) if files == usize::MAX => {
                assert!(text.contains(condition), "{text}");
            }
            Err(error) => panic!("{condition}: {error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_stops_the_work_and_leaves_nothing_behind() {
    let folder = table().await;
    let before = rows(&folder);
    let victim = live(&folder)
        .into_keys()
        .find(|path| path.starts_with("region=US"))
        .unwrap();
    let path = folder.path().join(&victim);
    let content = std::fs::read(&path).unwrap();
    std::fs::write(&path, &content[..content.len() - 1]).unwrap();
    let error = run(&mut opened(&folder).await, &Policy::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains(&victim), "{error}");
    std::fs::write(&path, content).unwrap();
    assert_eq!(rows(&folder), before);
    assert_eq!(data_files(&folder), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_that_is_not_honoured_is_named() {
    let folder = table().await;
    let version = opened(&folder).await.state().version();
    let next = folder
        .path()
        .join(format!("_delta_log/{:020}.json", version + 1));
    let protocol = r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["rowTracking","domainMetadata","newThing"]}}"#;
    std::fs::write(next, protocol).unwrap();
    let error = prepare(&opened(&folder).await, &Policy::default())
        .unwrap_err()
        .to_string();
    for word in ["optimize", "rowTracking", "newThing"] {
        assert!(error.contains(word), "{error}");
    }
    assert!(!error.contains("domainMetadata"), "{error}");
}
