//! What the rows of a table are, without their order and without the files that they lie in: per folder the number of rows
//! and the sum of a hash of each. Two states with the same rows have the same digest.

use crate::error::{Error, Result};
use crate::plan::Partition;
use crate::side_by_side::side_by_side;
use crate::source::{Columns, Source, stored_columns};
use arrow_row::{RowConverter, SortField};
use arrow_schema::SchemaRef;
use financelake_delta::{FileEntry, TableState};
use financelake_storage::object_store::ObjectStore;
use futures::stream::StreamExt;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

/// Rows by their folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    folders: BTreeMap<Partition, (u64, u64)>,
}

impl Digest {
    pub(crate) fn rows(&self) -> u64 {
        self.folders.values().map(|(rows, _)| rows).sum()
    }
}

/// Reads every row of a state.
///
/// # Panics
/// Outside of a Tokio runtime of several threads.
pub(crate) async fn digest(
    store: &Arc<dyn ObjectStore>,
    state: &TableState,
    workers: NonZeroUsize,
) -> Result<Digest> {
    let partitions = state.partition_columns().to_vec();
    let schema = stored_columns(state.schema(), &partitions)?;
    let files: Vec<FileEntry> = state.files().cloned().collect();
    let store = Arc::clone(store);
    let mut found = pin!(side_by_side(files, workers, move |file| {
        let (store, schema, partitions) =
            (Arc::clone(&store), Arc::clone(&schema), partitions.clone());
        async move { of_file(&store, &file, schema, &partitions).await }
    }));
    let mut digest = Digest::default();
    while let Some((file, found)) = found.next().await {
        let (rows, sum) = found?;
        let of = digest.folders.entry(file.partition).or_default();
        *of = (of.0 + rows, of.1.wrapping_add(sum));
    }
    Ok(digest)
}

async fn of_file(
    store: &Arc<dyn ObjectStore>,
    file: &FileEntry,
    schema: SchemaRef,
    partitions: &[String],
) -> Result<(u64, u64)> {
    let failed = |error: arrow_schema::ArrowError| Error::File {
        path: file.key().path.clone(),
        problem: error.to_string(),
    };
    let fields = schema
        .fields()
        .iter()
        .map(|field| SortField::new(field.data_type().clone()));
    let converter = RowConverter::new(fields.collect()).map_err(failed)?;
    let mut source = Source::open(store, file, schema, partitions, Columns::All).await?;
    let (mut rows, mut sum) = (0, 0_u64);
    while let Some(batch) = source.next().await? {
        for row in &converter.convert_columns(batch.columns()).map_err(failed)? {
            // Its keys are fixed: the same bytes have the same hash in every run.
            let mut hasher = DefaultHasher::new();
            hasher.write(row.as_ref());
            sum = sum.wrapping_add(hasher.finish());
            rows += 1;
        }
    }
    Ok((rows, sum))
}
