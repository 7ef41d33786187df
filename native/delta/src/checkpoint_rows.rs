//! Checkpoints, whole: every row back as the action's JSON, so that the replay has one way for commits and checkpoints.

use crate::{bounds, parsed_columns};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, StructArray};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value};

/// The actions that a snapshot keeps.
const ACTIONS: [&str; 7] = [
    "protocol",
    "metaData",
    "txn",
    "domainMetadata",
    "add",
    "remove",
    "sidecar",
];

/// Calls `take` with the kind and the content of each action.
///
/// # Errors
/// What is wrong with the file, or what `take` says.
pub(crate) fn each(
    file: Bytes,
    mut take: impl FnMut(&str, String) -> Result<(), String>,
) -> Result<(), String> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|error| error.to_string())?;
    let schema = builder.parquet_schema();
    let path = |index: usize| schema.column(index).path().parts().to_vec();
    let all = 0..schema.num_columns();
    // Typed columns repeat other fields, unless the table asks for statistics in no other form.
    let texts = all.clone().any(|index| path(index) == ["add", "stats"]);
    let wanted = all.filter(|index| {
        let path = path(*index);
        let field = path.get(1).map(String::as_str);
        ACTIONS.contains(&path[0].as_str())
            && field != Some(parsed_columns::PARTITION)
            && (field != Some(parsed_columns::STATISTICS) || !texts)
    });
    let mask = ProjectionMask::leaves(schema, wanted);
    let reader = builder
        .with_projection(mask)
        .build()
        .map_err(|error| error.to_string())?;
    for batch in reader {
        let batch = batch.map_err(|error| error.to_string())?;
        let actions: Vec<_> = ACTIONS
            .iter()
            .filter_map(|name| Some((*name, batch.column_by_name(name)?.as_struct_opt()?)))
            .collect();
        for row in 0..batch.num_rows() {
            for (name, column) in &actions {
                if column.is_valid(row) {
                    let mut action = object(column, row)?;
                    if let Some(typed) = action.remove(parsed_columns::STATISTICS) {
                        action.insert("stats".to_owned(), typed.to_string().into());
                    }
                    take(name, Value::Object(action).to_string())?;
                }
            }
        }
    }
    Ok(())
}

/// A row of a structure; fields that are NULL are left out, as in commits.
fn object(column: &StructArray, row: usize) -> Result<Map<String, Value>, String> {
    let mut object = Map::new();
    for (field, values) in column.fields().iter().zip(column.columns()) {
        if values.is_valid(row) {
            let value = value(&**values, row)?;
            if !value.is_null() {
                object.insert(field.name().clone(), value);
            }
        }
    }
    Ok(object)
}

fn value(column: &dyn Array, row: usize) -> Result<Value, String> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
        DataType::Float32 => column.as_primitive::<Float32Type>().value(row).into(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int8 => column.as_primitive::<Int8Type>().value(row).into(),
        // Of statistics. What the text cannot say exactly is left out.
        DataType::Date32 | DataType::Timestamp(_, _) | DataType::Decimal128(_, _) => {
            bounds::typed(column, row).unwrap_or(Value::Null)
        }
        DataType::Struct(_) => Value::Object(object(column.as_struct(), row)?),
        DataType::List(_) => {
            let list = column.as_list::<i32>().value(row);
            (0..list.len())
                .map(|index| value(&*list, index))
                .collect::<Result<_, _>>()?
        }
        DataType::Map(_, _) => {
            let entries = column.as_map().value(row);
            let keys = entries
                .column(0)
                .as_string_opt::<i32>()
                .ok_or("a map whose keys are not texts")?;
            let values = (0..entries.len()).map(|index| {
                Ok((
                    keys.value(index).to_owned(),
                    value(&**entries.column(1), index)?,
                ))
            });
            Value::Object(values.collect::<Result<_, String>>()?)
        }
        other => return Err(format!("a checkpoint with a field of type {other}")),
    })
}
