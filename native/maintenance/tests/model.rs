//! Any interleaving of appends, deletes, compactions that plan at one time and commit at another, and vacuum leaves the
//! rows that a list of rows has.

#[allow(dead_code, reason = "shared with suites that need more of it")]
mod common;

use common::{append, live, opened, rows};
use financelake_delta::TableLog;
use financelake_maintenance::{
    Order, Plan, Policy, Strategy as Curve, VacuumPolicy, optimize, prepare, sweep, vacuum,
};
use proptest::prelude::*;
use std::num::NonZeroUsize;
use tempfile::TempDir;

const REGIONS: [&str; 2] = ["US", "EU"];

#[derive(Clone, Debug)]
enum Step {
    /// Adds so many rows to a region.
    Append { region: usize, rows: i64 },
    /// Takes the n-th file out, as a delete of all of its rows does.
    Delete { file: usize },
    /// A compactor looks at the table and plans.
    Plan { compactor: usize, ordered: bool },
    /// It carries out what it planned, whatever happened since.
    Compact { compactor: usize },
    /// Everything unreachable goes, at once.
    Vacuum,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2_usize, 1..9_i64).prop_map(|(region, rows)| Step::Append { region, rows }),
        2 => (0..20_usize).prop_map(|file| Step::Delete { file }),
        3 => (0..2_usize, any::<bool>()).prop_map(|(compactor, ordered)| Step::Plan { compactor, ordered }),
        3 => (0..2_usize).prop_map(|compactor| Step::Compact { compactor }),
        1 => Just(Step::Vacuum),
    ];
    prop::collection::vec(step, 1..24)
}

fn policy(ordered: bool) -> Policy {
    let order = Order {
        columns: vec!["name".to_owned(), "id".to_owned()],
        strategy: Curve::Hilbert,
    };
    Policy {
        order: ordered.then_some(order),
        ..Policy::default()
    }
}

/// Commits the removal of a file; returns its rows.
async fn delete(folder: &TempDir, number: usize) -> Vec<(String, i64)> {
    let before = rows(folder);
    let files = live(folder);
    let Some((path, add)) = files.iter().nth(number % files.len().max(1)) else {
        return Vec::new();
    };
    let version = opened(folder).await.state().version() + 1;
    let remove = serde_json::json!({"remove": {
        "path": path, "partitionValues": add["partitionValues"], "size": add["size"],
        "dataChange": true, "deletionTimestamp": 1, "extendedFileMetadata": true,
    }});
    std::fs::write(
        folder.path().join(format!("_delta_log/{version:020}.json")),
        remove.to_string(),
    )
    .unwrap();
    let mut left = rows(folder).into_iter().peekable();
    before
        .into_iter()
        .filter(|row| left.next_if_eq(row).is_none())
        .collect()
}

async fn run(steps: &[Step]) {
    let folder = tempfile::tempdir().unwrap();
    append(&folder, "US", [-1]).await;
    let mut model = vec![("US".to_owned(), -1)];
    let mut next = 0;
    let mut planned: [Option<(TableLog, Policy, Plan)>; 2] = [None, None];
    let mut vacuumed = false;
    for step in steps {
        match step {
            Step::Append { region, rows } => {
                append(&folder, REGIONS[*region], next..next + rows).await;
                model.extend((next..next + rows).map(|id| (REGIONS[*region].to_owned(), id)));
                next += rows;
            }
            Step::Delete { file } => {
                let gone = delete(&folder, *file).await;
                model.retain(|row| !gone.contains(row));
            }
            Step::Plan { compactor, ordered } => {
                let table = opened(&folder).await;
                let policy = policy(*ordered);
                let plan = prepare(&table, &policy).unwrap();
                planned[*compactor] = Some((table, policy, plan));
            }
            Step::Compact { compactor } => {
                if let Some((mut table, policy, plan)) = planned[*compactor].take() {
                    let done = optimize(&mut table, &policy, plan, NonZeroUsize::MIN).await;
                    // A file of the plan may be gone from the disk.
                    assert!(done.is_ok() || vacuumed, "{done:?}");
                }
            }
            Step::Vacuum => {
                let policy = VacuumPolicy {
                    retain_hours: Some(0.0),
                    unsafe_retention: true,
                    ..Default::default()
                };
                let mut table = opened(&folder).await;
                let found = sweep(&table, &policy).await.unwrap();
                vacuum(&mut table, &policy, found).await.unwrap();
                vacuumed = true;
            }
        }
        model.sort();
        assert_eq!(rows(&folder), model, "after {step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_those_of_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(run(&steps));
    }
}
