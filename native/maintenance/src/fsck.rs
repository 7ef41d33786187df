//! Whether the files of a table are there and are what the log says they are.

use crate::error::{Error, Result};
use crate::side_by_side::side_by_side;
use crate::source::{Columns, Source, stored_columns};
use arrow_schema::SchemaRef;
use financelake_delta::{FileEntry, TableLog};
use financelake_storage::object_store::{self, ObjectStore, ObjectStoreExt};
use futures::stream::StreamExt;
use serde::Serialize;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

/// How closely files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Size, footer, number of rows, deletion vector.
    Footers,
    /// Every row is decoded as well.
    Rows,
}

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Its path in the log.
    pub path: String,
    /// What is wrong.
    pub problem: String,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The version that was looked at.
    pub version: i64,
    /// Files of the table.
    pub files: u64,
    /// Rows of the files that are well, the deleted ones left out.
    pub rows: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// What is said of a file that is not there.
const MISSING: &str = "it is missing";

impl Check {
    /// Paths of files that are not there.
    pub(crate) fn missing(&self) -> BTreeSet<&str> {
        let findings = self
            .findings
            .iter()
            .filter(|finding| finding.problem == MISSING);
        findings.map(|finding| finding.path.as_str()).collect()
    }
}

/// Checks every file of the table.
///
/// # Errors
/// When the storage fails in another way than by lacking a file.
///
/// # Panics
/// Outside of a Tokio runtime of several threads.
pub async fn fsck(table: &TableLog, depth: Depth, workers: NonZeroUsize) -> Result<Check> {
    let state = table.state();
    let partitions = state.partition_columns().to_vec();
    let schema = stored_columns(state.schema(), &partitions)?;
    let mut check = Check {
        version: state.version(),
        ..Check::default()
    };
    let (files, store) = (state.files().cloned(), Arc::clone(table.store()));
    let mut results = pin!(side_by_side(files, workers, move |file| {
        let (store, schema, partitions) =
            (Arc::clone(&store), Arc::clone(&schema), partitions.clone());
        async move { file_rows(&store, &file, schema, &partitions, depth).await }
    }));
    while let Some((file, result)) = results.next().await {
        check.files += 1;
        match result {
            Ok(rows) => check.rows += rows,
            Err(error) => check.findings.push(Finding {
                path: file.key().path.clone(),
                problem: problem(error)?,
            }),
        }
    }
    check.findings.sort();
    Ok(check)
}

/// What an error says about a file; one that says nothing about it ends the check.
fn problem(error: Error) -> Result<String> {
    let missing =
        |error: &object_store::Error| matches!(error, object_store::Error::NotFound { .. });
    match error {
        Error::File { problem, .. } => Ok(problem),
        Error::Storage(error) if missing(&error) => Ok(MISSING.to_owned()),
        Error::Table(financelake_delta::Error::Storage(error)) if missing(&error) => {
            Ok("its deletion vector is missing".to_owned())
        }
        Error::Table(error @ financelake_delta::Error::Damaged(_)) => Ok(error.to_string()),
        other => Err(other),
    }
}

/// The rows of a file that are not deleted.
async fn file_rows(
    store: &Arc<dyn ObjectStore>,
    file: &FileEntry,
    schema: SchemaRef,
    partitions: &[String],
    depth: Depth,
) -> Result<u64> {
    let failed = |problem: String| Error::File {
        path: file.key().path.clone(),
        problem,
    };
    let size = store.head(&file.location()?).await?.size;
    if size != file.size {
        return Err(failed(format!(
            "it has {size} bytes, the log says {}",
            file.size
        )));
    }
    let mut source = Source::open(store, file, schema, partitions, Columns::All).await?;
    let stored = source.rows
        + file
            .vector
            .as_ref()
            .map_or(0, |vector| vector.cardinality.unsigned_abs());
    let logged = file
        .statistics()
        .and_then(|statistics| statistics.num_records);
    if let Some(logged) = logged.filter(|logged| *logged != stored) {
        return Err(failed(format!(
            "it has {stored} rows, the log says {logged}"
        )));
    }
    if depth == Depth::Rows {
        let mut decoded = 0;
        while let Some(batch) = source.next().await? {
            decoded += batch.num_rows() as u64;
        }
        if decoded != source.rows {
            return Err(failed(format!(
                "{decoded} of its {} rows could be read",
                source.rows
            )));
        }
    }
    Ok(source.rows)
}
