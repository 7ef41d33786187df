//! Taking files that are not there out of the table. Their rows are lost, so this is done only when it is asked for in so many words.

use crate::error::{Error, Result};
use crate::fsck::Check;
use financelake_delta::features::{self, Operation};
use financelake_delta::{Amendment, FileKey, TableLog};
use serde::Serialize;
use serde_json::json;

/// What would be, or was, taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Repair {
    /// The version that has it; `None` when nothing was committed.
    pub version: Option<i64>,
    /// Files that are missing, and that the table would go on without.
    pub files: Vec<FileKey>,
    /// Rows that are lost with them, as far as the log says how many they were.
    pub rows: u64,
    /// Files with other problems, which a repair leaves alone: bring them back, or restore an older version.
    pub left_alone: u64,
}

/// What a repair would take out after a check.
///
/// # Errors
/// What stands in the way, by name.
pub fn plan_repair(table: &TableLog, check: &Check) -> Result<Repair> {
    let state = table.state();
    features::check(state, Operation::Statistics)?;
    if state
        .properties()
        .get("delta.appendOnly")
        .map(String::as_str)
        == Some("true")
    {
        return Err(Error::Argument(
            "the table's property delta.appendOnly is true: no file may leave it; unset it first"
                .to_owned(),
        ));
    }
    let missing = check.missing();
    let files: Vec<_> = state
        .files()
        .filter(|file| missing.contains(file.key().path.as_str()))
        .collect();
    let rows = files.iter().map(|file| {
        let stored = file
            .statistics()
            .and_then(|statistics| statistics.num_records);
        let deleted = file
            .vector
            .as_ref()
            .map_or(0, |vector| vector.cardinality.unsigned_abs());
        stored.unwrap_or(0).saturating_sub(deleted)
    });
    Ok(Repair {
        version: None,
        rows: rows.sum(),
        left_alone: (check.findings.len() - missing.len()) as u64,
        files: files.iter().map(|file| file.key().clone()).collect(),
    })
}

/// Does it.
///
/// # Errors
/// What the commit fails on.
pub async fn repair(table: &mut TableLog, mut plan: Repair) -> Result<Repair> {
    let lost: Vec<_> = plan
        .files
        .iter()
        .map(|key| (key.clone(), Amendment::Lost))
        .collect();
    let (version, _) = table.amend("FSCK", &json!({}), &lost).await?;
    plan.version = version;
    Ok(plan)
}
