//! Statistics of files that lack them, so that queries skip these files: from the footers where these are certain, else from
//! the column.
//!
//! A footer is not certain about floating point numbers, whose NaN it leaves out while Spark takes it for the largest value, nor
//! about what lies inside of structures. Such columns are read; no others are.

use crate::error::{Error, Result};
use crate::predicate::Predicate;
use crate::side_by_side::side_by_side;
use crate::source::{Columns, Source, footer, stored_columns};
use arrow_schema::{DataType, Schema, SchemaRef};
use chrono::NaiveDateTime;
use financelake_delta::features::{self, Operation};
use financelake_delta::{Amendment, FileEntry, FileKey, Statistics, TableLog};
use financelake_storage::object_store::ObjectStore;
use futures::stream::StreamExt;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::file::metadata::ParquetMetaData;
use serde::Serialize;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

/// What became of the statistics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recomputed {
    /// The version that has them; `None` when all were right.
    pub version: Option<i64>,
    /// Files that were looked at.
    pub files: u64,
    /// Those whose statistics were others.
    pub changed: u64,
}

/// Computes the statistics of the files that may have rows which meet `condition`, of all without one, and commits
/// those that are not what the log says.
///
/// # Errors
/// What stands in the way, by name.
///
/// # Panics
/// Outside of a Tokio runtime of several threads.
pub async fn recompute(
    table: &mut TableLog,
    condition: Option<&str>,
    workers: NonZeroUsize,
) -> Result<Recomputed> {
    let state = table.state();
    features::check(state, Operation::Statistics)?;
    let predicate = condition
        .map(|text| Predicate::parse(text, state))
        .transpose()?;
    let files = state.files().filter(|file| {
        let predicate = predicate.as_ref();
        predicate.is_none_or(|predicate| predicate.may_match(file))
    });
    let files: Vec<FileEntry> = files.cloned().collect();
    let partitions = state.partition_columns().to_vec();
    let empty = Statistics::of_table(state.schema(), &partitions, state.properties())?;
    let schema = stored_columns(state.schema(), &partitions)?;
    let count = files.len() as u64;
    let store = Arc::clone(table.store());
    let mut found = pin!(side_by_side(files, workers, move |file| {
        let (store, schema, partitions) =
            (Arc::clone(&store), Arc::clone(&schema), partitions.clone());
        let statistics = empty.clone();
        async move { of_file(&store, &file, schema, &partitions, statistics).await }
    }));
    let mut amendments = Vec::new();
    while let Some((_, amendment)) = found.next().await {
        amendments.extend(amendment?);
    }
    let parameters = json!({"predicate": condition.unwrap_or_default()});
    let (version, changed) = table
        .amend("COMPUTE STATS", &parameters, &amendments)
        .await?;
    Ok(Recomputed {
        version,
        files: count,
        changed,
    })
}

/// What is to be said of a file, if it is not what the log says.
async fn of_file(
    store: &Arc<dyn ObjectStore>,
    file: &FileEntry,
    schema: SchemaRef,
    partitions: &[String],
    mut statistics: Statistics,
) -> Result<Option<(FileKey, Amendment)>> {
    let metadata = footer(store, file).await?;
    let mut columns = Vec::new();
    for field in schema.fields() {
        if !statistics.has(field.name()) {
            continue;
        }
        if !from_footer(&metadata, &schema, field.name(), &mut statistics) {
            columns.push(Arc::clone(field));
        }
    }
    let rows: i64 = metadata
        .row_groups()
        .iter()
        .map(|group| group.num_rows())
        .sum();
    if !columns.is_empty() {
        // Of all rows that are stored, the deleted ones among them.
        let mut stored = file.clone();
        stored.vector = None;
        let some = Arc::new(Schema::new(columns));
        let mut source = Source::open(store, &stored, some, partitions, Columns::Some).await?;
        while let Some(batch) = source.next().await? {
            statistics.update(&batch);
        }
    }
    let mut text: Value = serde_json::from_str(&statistics.finish())
        .map_err(|error| Error::Internal(error.to_string()))?;
    text["numRecords"] = rows.into();
    if file.vector.is_some() {
        text["tightBounds"] = false.into();
    }
    let known = file
        .statistics_text()
        .and_then(|known| serde_json::from_str::<Value>(&known).ok());
    if let Some(known) = &known {
        keep(known, &mut text);
    }
    Ok((known.as_ref() != Some(&text))
        .then(|| (file.key().clone(), Amendment::Statistics(text.to_string()))))
}

/// Keeps what the log says where it is as right as what was found: upper bounds of times that their writer cut to
/// milliseconds, which readers allow for, and the NULLs of columns that are not counted here.
fn keep(known: &Value, found: &mut Value) {
    if known["tightBounds"] == Value::Bool(true) && found["tightBounds"].is_null() {
        found["tightBounds"] = true.into();
    }
    for (section, cut) in [("maxValues", true), ("nullCount", false)] {
        let (Some(known), Some(found)) =
            (known[section].as_object(), found[section].as_object_mut())
        else {
            continue;
        };
        for (column, value) in known {
            match found.get_mut(column) {
                Some(found) if cut && is_cut(value, found) => *found = value.clone(),
                None if !cut => _ = found.insert(column.clone(), value.clone()),
                _ => {}
            }
        }
    }
}

/// Whether both are times, and the first is the millisecond before the second.
fn is_cut(value: &Value, next: &Value) -> bool {
    let millis = |value: &Value| {
        let text = value.as_str()?;
        let time = text.strip_suffix('Z').unwrap_or(text);
        let time = NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        Some(time.and_utc().timestamp_millis())
    };
    matches!((millis(value), millis(next)), (Some(value), Some(next)) if value + 1 == next)
}

/// Takes a column's bounds and its number of NULLs from the footer; `false` where it is not certain about them.
fn from_footer(
    metadata: &ParquetMetaData,
    schema: &Schema,
    name: &str,
    statistics: &mut Statistics,
) -> bool {
    let groups = metadata.row_groups();
    let parquet = metadata.file_metadata().schema_descr();
    let file = parquet_to_arrow_schema(parquet, None);
    let (Ok(of_file), Ok(field)) = (file, schema.field_with_name(name)) else {
        return false;
    };
    let data_type = field.data_type();
    // Of another type, an instant in other units among them, the numbers would mean something else.
    let same = of_file
        .field_with_name(name)
        .is_ok_and(|found| found.data_type() == data_type);
    if !same || data_type.is_nested() || data_type.is_floating() || *data_type == DataType::Binary {
        return false;
    }
    let Ok(converter) = StatisticsConverter::try_new(name, schema, parquet) else {
        return false;
    };
    let Some(index) = converter.parquet_column_index() else {
        return false;
    };
    // Each group says how many are NULL, and, unless all are, bounds that nobody cut.
    let whole = groups.iter().all(|group| {
        group.column(index).statistics().is_some_and(|known| {
            let nulls = known.null_count_opt();
            let empty = nulls.is_some_and(|nulls| i64::try_from(nulls) == Ok(group.num_rows()));
            // Texts may be cut; only some writers say whether they are.
            let exact =
                *data_type != DataType::Utf8 || known.min_is_exact() && known.max_is_exact();
            let bounds = known.min_bytes_opt().is_some() && known.max_bytes_opt().is_some();
            nulls.is_some() && (empty || bounds && exact && !known.is_min_max_deprecated())
        })
    });
    let bounds = (
        converter.row_group_mins(groups),
        converter.row_group_maxes(groups),
        converter.row_group_null_counts(groups),
    );
    let (Ok(low), Ok(high), Ok(nulls)) = bounds else {
        return false;
    };
    if !whole {
        return false;
    }
    let nulls: u64 = nulls.iter().flatten().sum();
    statistics.take(name, &low, &high, nulls as usize);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_is_kept_and_what_is_wrong_is_not() {
        let known = json!({
            "numRecords": 3,
            "minValues": {"at": "2024-01-31T09:30:00.000Z"},
            "maxValues": {"at": "2024-01-31T09:30:00.086Z", "late": "2024-01-31T09:30:00.085", "n": 1},
            "nullCount": {"map": 2, "n": 5},
            "tightBounds": true,
        });
        let mut found = json!({
            "numRecords": 3,
            "minValues": {"at": "2024-01-31T09:30:00.000Z"},
            "maxValues": {"at": "2024-01-31T09:30:00.087Z", "late": "2024-01-31T09:30:00.087", "n": 2},
            "nullCount": {"n": 0},
        });
        keep(&known, &mut found);
        let mut expected = known;
        expected["maxValues"]["late"] = "2024-01-31T09:30:00.087".into();
        expected["maxValues"]["n"] = 2.into();
        expected["nullCount"]["n"] = 0.into();
        assert_eq!(found, expected);
    }
}
