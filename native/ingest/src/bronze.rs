//! The Bronze table: its columns, folders and properties. This is the one place that says so; Spark's jobs read it
//! from here, through [`bronze_json`].

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use financelake_delta::{Result, TableSpec, schema_json};
use financelake_market::{COLUMNS, ColumnKind};
use serde_json::{Value, json};
use std::sync::Arc;

/// In place of a region, for records that were refused or are blank.
pub const INVALID_REGION: &str = "__invalid";

/// The columns that name the folders.
pub(crate) const PARTITIONS: [&str; 2] = ["date", "region"];

/// How rows are ordered within a file.
const ORDER: [&str; 3] = ["topic", "partition", "offset"];

/// How long the log and deleted files are kept, and which layout this is. A change that is more than a new
/// last column is a new version, with a migration.
const PROPERTIES: [(&str, &str); 3] = [
    ("financelake.layoutVersion", "1"),
    ("delta.logRetentionDuration", "interval 30 days"),
    ("delta.deletedFileRetentionDuration", "interval 14 days"),
];

/// Microseconds with a zone, as all times are.
pub(crate) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The fields of one header.
pub(crate) fn header_fields() -> Fields {
    vec![
        Field::new("key", DataType::Utf8, true),
        Field::new("value", DataType::Binary, true),
    ]
    .into()
}

/// The element of the column `headers`.
pub(crate) fn header() -> Arc<Field> {
    Arc::new(Field::new(
        "element",
        DataType::Struct(header_fields()),
        true,
    ))
}

/// What was received, before it is decoded.
fn received() -> Vec<Field> {
    let column = |name: &str, data_type| Field::new(name, data_type, true);
    vec![
        column("value", DataType::Binary),
        column("key", DataType::Binary),
        column("headers", DataType::List(header())),
        column("topic", DataType::Utf8),
        column("partition", DataType::Int32),
        column("offset", DataType::Int64),
        column("timestamp", timestamp()),
        column("timestamp_type", DataType::Int32),
        column("ingested_at", timestamp()),
        column("date", DataType::Date32),
        column("region", DataType::Utf8),
    ]
}

/// The name in Bronze of a column that the rules give; none for those that `received` has. The day of the event
/// is `event_date`, as `date` is that of receipt.
pub(crate) fn decoded_name(column: &str) -> Option<&str> {
    match column {
        "region" | "received_date" => None,
        "date" => Some("event_date"),
        name => Some(name),
    }
}

fn decoded() -> impl Iterator<Item = Field> {
    COLUMNS.iter().filter_map(|column| {
        let data_type = match column.kind {
            ColumnKind::Text => DataType::Utf8,
            ColumnKind::Float64 => DataType::Float64,
            ColumnKind::Int64 => DataType::Int64,
            ColumnKind::Timestamp => timestamp(),
            ColumnKind::Int32 => DataType::Int32,
            ColumnKind::Date => DataType::Date32,
            ColumnKind::Bool => DataType::Boolean,
        };
        decoded_name(column.name).map(|name| Field::new(name, data_type, true))
    })
}

/// All columns, with those of the folders.
pub fn bronze_schema() -> Schema {
    let versions = [
        Field::new("rule_version", DataType::Int32, true),
        Field::new("ref_version", DataType::Int64, true),
    ];
    let fields = received().into_iter().chain(decoded()).chain(versions);
    Schema::new(fields.collect::<Vec<_>>())
}

/// The columns of a data file.
pub(crate) fn file_schema() -> Schema {
    let schema = bronze_schema();
    let kept = schema
        .fields()
        .iter()
        .filter(|field| !PARTITIONS.contains(&field.name().as_str()));
    Schema::new(kept.cloned().collect::<Fields>())
}

/// How the table is made, and what an existing one is checked against.
pub fn bronze_table() -> TableSpec {
    let owned = |text: &str| text.to_owned();
    TableSpec {
        schema: bronze_schema(),
        partitions: PARTITIONS.map(owned).to_vec(),
        properties: PROPERTIES
            .map(|(key, value)| (owned(key), owned(value)))
            .into(),
    }
}

/// The table as JSON: `schema` (as Spark and Delta spell it), `partitions`, `order`, `properties` and
/// `invalid_region`.
///
/// # Errors
/// None for the columns that there are.
pub fn bronze_json() -> Result<String> {
    let table = bronze_table();
    let schema: Value = serde_json::from_str(&schema_json(&table.schema)?)
        .map_err(|error| financelake_delta::Error::Damaged(error.to_string()))?;
    Ok(json!({
        "schema": schema,
        "partitions": table.partitions,
        "order": ORDER,
        "properties": table.properties,
        "invalid_region": INVALID_REGION,
    })
    .to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bronze_has_the_columns_of_its_contract() {
        let schema = bronze_schema();
        let names: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        assert_eq!(
            names[..11],
            [
                "value",
                "key",
                "headers",
                "topic",
                "partition",
                "offset",
                "timestamp",
                "timestamp_type",
                "ingested_at",
                "date",
                "region"
            ]
        );
        assert_eq!(names[11], "series");
        assert!(names.contains(&"event_date") && !names.contains(&"received_date"));
        assert_eq!(
            names[names.len() - 4..],
            ["reason", "detail", "rule_version", "ref_version"]
        );
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        assert_eq!(file_schema().fields().len(), names.len() - 2);
    }
}
