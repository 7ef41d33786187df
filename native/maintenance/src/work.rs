//! Bins as work for other machines: each with all that rewriting it takes, so that a worker reads no log.

use crate::error::{Error, Result};
use crate::plan::{Order, Partition, Plan};
use crate::rewriter::{Goal, Rewriter};
use financelake_delta::{FileEntry, NewFile, TableState};
use financelake_storage::object_store::ObjectStore;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Memory that a worker sorts with; more rows go through its local disk.
const SORT_BYTES: usize = 256 << 20;

/// A bin to be rewritten.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// The table's columns, in Delta's JSON.
    pub schema: String,
    /// The columns that name its folders.
    pub partition_columns: Vec<String>,
    /// Its properties.
    pub properties: BTreeMap<String, String>,
    /// The size that files should have, in bytes.
    pub target_bytes: u64,
    /// The order of the rows.
    #[serde(default)]
    pub order: Option<Order>,
    /// Memory for sorting, in bytes.
    pub memory_bytes: usize,
    /// The bin's folder.
    pub partition: Partition,
    /// The files, as the log has them.
    pub files: Vec<Box<RawValue>>,
}

/// What a bin became.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Written {
    /// The files, which lie in the table's folder and are not part of the table yet.
    pub files: Vec<NewFile>,
    /// Their rows.
    pub rows: u64,
}

/// The work of a plan, bin by bin.
///
/// # Errors
/// When a file of the plan is not in the table.
pub fn assign(plan: &Plan, state: &TableState) -> Result<Vec<Work>> {
    let bins = plan.bins.iter().map(|bin| {
        let files = bin.files.iter().map(|key| {
            let file = state.file(key).ok_or_else(|| {
                Error::Argument(format!(
                    "the plan names {}, which the table does not have",
                    key.path
                ))
            })?;
            let raw = RawValue::from_string(file.raw().to_owned());
            raw.map_err(|error| Error::Internal(error.to_string()))
        });
        Ok(Work {
            schema: state.schema().to_owned(),
            partition_columns: state.partition_columns().to_vec(),
            properties: state.properties().clone(),
            target_bytes: plan.target_bytes,
            order: plan.order.clone(),
            memory_bytes: SORT_BYTES,
            partition: bin.partition.clone(),
            files: files.collect::<Result<_>>()?,
        })
    });
    bins.collect()
}

/// Rewrites a bin in the table at the root of the store. On an error nothing is left behind.
///
/// # Errors
/// What is wrong with a file, or with the storage.
pub async fn rewrite(store: &Arc<dyn ObjectStore>, work: &Work) -> Result<Written> {
    let goal = Goal {
        target: work.target_bytes,
        order: work.order.clone(),
        memory: work.memory_bytes,
    };
    let rewriter = Rewriter::new(
        store,
        &work.schema,
        &work.partition_columns,
        &work.properties,
        goal,
    )?;
    let files = work.files.iter().map(|raw| FileEntry::parse(raw.clone()));
    let files = files.collect::<serde_json::Result<Vec<_>>>();
    let files = files.map_err(|error| Error::Argument(format!("a file of the bin: {error}")))?;
    if files.is_empty() {
        return Err(Error::Argument("a bin has no files".to_owned()));
    }
    let done = rewriter.rewrite(&work.partition, &files).await?;
    Ok(Written {
        files: done.files,
        rows: done.rows,
    })
}
