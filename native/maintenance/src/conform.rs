//! Rows of one file in the columns that the table has now: columns that came later are NULL, and nothing else differs.

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, ListArray, MapArray, RecordBatch, RecordBatchOptions, StructArray,
    new_null_array,
};
use arrow_schema::{DataType, Field, Fields, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Columns that Spark leaves behind in the files of an UPDATE of a table with a change data feed: the kind of change, which
/// is NULL in rows of the table, and where the row was to be written.
const CHANGE: &str = "_change_type";
const IS_CHANGE: &str = "__is_cdc";

/// Brings a batch into the table's columns; `partitions` may be in the file too, and are left out.
///
/// # Errors
/// A column that the table does not have, or has with another type: rewriting would lose it.
pub(crate) fn conform(
    batch: &RecordBatch,
    table: &SchemaRef,
    partitions: &[String],
) -> Result<RecordBatch, String> {
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let name = field.name();
        let left_behind =
            name == IS_CHANGE || name == CHANGE && column.logical_null_count() == column.len();
        if table.field_with_name(name).is_err() && !partitions.contains(name) && !left_behind {
            return Err(format!(
                "it has a column {name}, which the table does not have"
            ));
        }
    }
    let columns = table
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => array(column, field.data_type(), field.name()),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        });
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new_with_options(Arc::clone(table), columns, &options)
        .map_err(|error| error.to_string())
}

fn array(column: &ArrayRef, wanted: &DataType, path: &str) -> Result<ArrayRef, String> {
    let text = |error: arrow_schema::ArrowError| error.to_string();
    if column.data_type() == wanted {
        return Ok(Arc::clone(column));
    }
    match (column.data_type(), wanted) {
        (DataType::Struct(_), DataType::Struct(fields)) => {
            Ok(Arc::new(structure(column.as_struct(), fields, path)?))
        }
        (DataType::List(_), DataType::List(element)) => {
            let list = column.as_list::<i32>();
            let values = array(
                list.values(),
                element.data_type(),
                &format!("{path}.element"),
            )?;
            let list = ListArray::try_new(
                Arc::clone(element),
                list.offsets().clone(),
                values,
                list.nulls().cloned(),
            );
            Ok(Arc::new(list.map_err(text)?))
        }
        (DataType::Map(_, _), DataType::Map(entries, sorted)) => {
            let map = column.as_map();
            let DataType::Struct(fields) = entries.data_type() else {
                return Err(format!("its map {path} has no entries"));
            };
            let (key, value) = (&fields[0], &fields[1]);
            let columns = vec![
                array(map.keys(), key.data_type(), &format!("{path}.key"))?,
                array(map.values(), value.data_type(), &format!("{path}.value"))?,
            ];
            let inner = StructArray::try_new(fields.clone(), columns, None).map_err(text)?;
            let map = MapArray::try_new(
                Arc::clone(entries),
                map.offsets().clone(),
                inner,
                map.nulls().cloned(),
                *sorted,
            );
            Ok(Arc::new(map.map_err(text)?))
        }
        (found, wanted) => Err(format!(
            "its column {path} is {found}, in the table it is {wanted}"
        )),
    }
}

fn structure(column: &StructArray, fields: &Fields, path: &str) -> Result<StructArray, String> {
    for name in column.column_names() {
        if fields.find(name).is_none() {
            return Err(format!(
                "it has a field {path}.{name}, which the table does not have"
            ));
        }
    }
    let columns = fields
        .iter()
        .map(|field| match column.column_by_name(field.name()) {
            Some(inner) => array(
                inner,
                field.data_type(),
                &format!("{path}.{}", field.name()),
            ),
            None => Ok(new_null_array(field.data_type(), column.len())),
        });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    StructArray::try_new_with_length(
        fields.clone(),
        columns,
        column.nulls().cloned(),
        column.len(),
    )
    .map_err(|error| error.to_string())
}

/// The types in which a file is to be read. The old 96 bit times are read as microseconds, which hold every date
/// that Spark has; as nanoseconds they would end in 2262.
pub(crate) fn read_as(file: &Fields) -> Fields {
    file.iter()
        .map(|field| Arc::new(as_micros(field)))
        .collect()
}

fn as_micros(field: &Field) -> Field {
    let inner = |field: &Arc<Field>| Arc::new(as_micros(field));
    let data_type = match field.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, None) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
        }
        DataType::Struct(fields) => DataType::Struct(read_as(fields)),
        DataType::List(element) => DataType::List(inner(element)),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        other => other.clone(),
    };
    field.clone().with_data_type(data_type)
}
