//! Compaction: small files become large ones, deleted rows leave, and no row changes.
//!
//! Plan, rewrite, commit; and again for the bins of which another writer took a file in the meantime.

use crate::error::{Error, Result};
use crate::plan::{Bin, Partition, Plan, Policy, plan};
use crate::rewriter::{Goal, Rewriter, Rewritten, discard};
use crate::side_by_side::side_by_side;
use financelake_delta::features::{self, Operation};
use financelake_delta::{FileEntry, Replacement, Rewrite, TableLog};
use financelake_storage::object_store::path::Path;
use futures::stream::StreamExt;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

/// How often bins that lost a file are planned again.
const ROUNDS: u32 = 5;

/// What an optimisation did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The last version that was written; `None` when there was nothing to do.
    pub version: Option<i64>,
    /// Files that left the table.
    pub files_removed: u64,
    /// Files that joined it.
    pub files_added: u64,
    /// The size of those that left.
    pub bytes_removed: u64,
    /// The size of those that joined.
    pub bytes_added: u64,
    /// Rows that were written.
    pub rows: u64,
    /// Deleted rows that were left out.
    pub deleted_rows: u64,
    /// Bins that were rewritten in vain, since another writer took one of their files.
    pub bins_lost: u64,
    /// Seconds from the beginning to the end.
    pub seconds: f64,
}

/// Checks that the table may be optimised, and plans it.
///
/// # Errors
/// What stands in the way, by name.
pub fn prepare(table: &TableLog, policy: &Policy) -> Result<Plan> {
    features::check(table.state(), Operation::Optimize)?;
    plan(table.state(), policy, None)
}

/// Carries a plan out on `workers` threads, and plans again what was lost to other writers.
///
/// # Errors
/// When nothing, or only some bins, could be done; what was committed stays, and the table is whole in any case.
///
/// # Panics
/// Outside of a Tokio runtime of several threads.
pub async fn optimize(
    table: &mut TableLog,
    policy: &Policy,
    plan: Plan,
    workers: NonZeroUsize,
) -> Result<Report> {
    let begin = Instant::now();
    if plan.table != table.state().id() {
        return Err(Error::Argument(format!(
            "the plan was made for the table {}, this is {}",
            plan.table,
            table.state().id()
        )));
    }
    let mut report = Report::default();
    let mut bins = plan.bins;
    for round in 1.. {
        if bins.is_empty() {
            break;
        }
        let lost = self::round(table, policy, &bins, workers, &mut report).await?;
        if lost.is_empty() {
            break;
        }
        report.bins_lost += lost.len() as u64;
        if round == ROUNDS {
            return Err(Error::Contended(lost.len()));
        }
        table.update().await?;
        features::check(table.state(), Operation::Optimize)?;
        bins = self::plan(table.state(), policy, Some(&lost))?.bins;
    }
    report.seconds = begin.elapsed().as_secs_f64();
    Ok(report)
}

/// Rewrites and commits the bins; returns the folders of those that were lost.
async fn round(
    table: &mut TableLog,
    policy: &Policy,
    bins: &[Bin],
    workers: NonZeroUsize,
    report: &mut Report,
) -> Result<BTreeSet<Partition>> {
    let state = table.state();
    let goal = Goal {
        target: policy.target_mib << 20,
        order: policy.order.clone(),
        memory: (policy.memory_mib << 20) as usize / workers,
    };
    let (schema, partitions) = (state.schema(), state.partition_columns());
    let rewriter = Rewriter::new(table.store(), schema, partitions, state.properties(), goal)?;
    let entries: Vec<Vec<FileEntry>> = bins
        .iter()
        .map(|bin| {
            bin.files
                .iter()
                .filter_map(|key| table.state().file(key))
                .cloned()
                .collect()
        })
        .collect();
    // A file of the plan may be gone already.
    let (mut ready, mut lost) = (Vec::new(), BTreeSet::new());
    for (bin, files) in bins.iter().zip(entries) {
        if files.len() == bin.files.len() {
            ready.push((bin.clone(), files));
        } else {
            lost.insert(bin.partition.clone());
        }
    }
    let rewriting = side_by_side(
        ready,
        workers,
        move |(bin, files): (Bin, Vec<FileEntry>)| {
            let rewriter = rewriter.clone();
            async move { rewriter.rewrite(&bin.partition, &files).await }
        },
    );
    let done: Vec<(Bin, Result<Rewritten>)> = rewriting
        .map(|((bin, _), result)| (bin, result))
        .collect()
        .await;
    let store = Arc::clone(table.store());
    let written = |done: &[(Bin, Result<Rewritten>)]| -> Vec<Path> {
        let files = done.iter().filter_map(|(_, result)| result.as_ref().ok());
        files.flat_map(|files| files.locations.clone()).collect()
    };
    if done.iter().any(|(_, result)| result.is_err()) {
        discard(&store, &written(&done)).await;
        let mut errors = done.into_iter().filter_map(|(_, result)| result.err());
        return Err(errors
            .next()
            .unwrap_or_else(|| Error::Internal("a bin failed".to_owned())));
    }
    let done: Vec<(Bin, Rewritten)> = done
        .into_iter()
        .filter_map(|(bin, result)| Some((bin, result.ok()?)))
        .collect();
    if done.is_empty() {
        return Ok(lost);
    }
    let rewrite = Rewrite {
        operation: "OPTIMIZE".to_owned(),
        parameters: parameters(policy),
        replacements: done
            .iter()
            .map(|(bin, written)| Replacement {
                old: bin.files.clone(),
                new: written.files.clone(),
            })
            .collect(),
    };
    let outcome = match table.commit(&rewrite).await {
        Ok(outcome) => outcome,
        Err(error) => {
            // After a failure of the storage the commit may be there, and its files must stay.
            if matches!(error, financelake_delta::Error::Superseded(_)) {
                let files: Vec<Path> = done
                    .iter()
                    .flat_map(|(_, files)| files.locations.clone())
                    .collect();
                discard(&store, &files).await;
            }
            return Err(error.into());
        }
    };
    report.version = outcome.version.or(report.version);
    for (index, (bin, written)) in done.iter().enumerate() {
        if outcome.lost.contains(&index) {
            discard(&store, &written.locations).await;
            lost.insert(bin.partition.clone());
            continue;
        }
        report.files_removed += bin.files.len() as u64;
        report.bytes_removed += bin.bytes;
        report.files_added += written.files.len() as u64;
        report.bytes_added += written.files.iter().map(|file| file.size).sum::<u64>();
        report.rows += written.rows;
        report.deleted_rows += bin.deleted_rows;
    }
    Ok(lost)
}

/// What the table's history shows, as Spark's own OPTIMIZE has it.
fn parameters(policy: &Policy) -> BTreeMap<String, String> {
    let columns = policy
        .order
        .as_ref()
        .map(|order| order.columns.as_slice())
        .unwrap_or_default();
    let condition: Vec<&str> = policy.condition.as_deref().into_iter().collect();
    [
        (
            "predicate".to_owned(),
            serde_json::json!(condition).to_string(),
        ),
        (
            "zOrderBy".to_owned(),
            serde_json::json!(columns).to_string(),
        ),
        ("auto".to_owned(), "false".to_owned()),
    ]
    .into()
}
