//! The columns of a checkpoint that say again, as typed values, what `stats` and `partitionValues` say as texts. A table has
//! them when its property `delta.checkpoint.writeStatsAsStruct` asks for them.

use crate::arrow_types::arrow_schema;
use crate::checkpoint_writer::decode;
use crate::entry::FileEntry;
use crate::error::{Error, Result};
use crate::state::TableState;
use crate::statistics;
use arrow_array::{ArrayRef, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, FieldRef, Fields};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) const STATISTICS: &str = "stats_parsed";
pub(crate) const PARTITION: &str = "partitionValues_parsed";

/// The types of these columns.
pub(crate) struct ParsedColumns {
    statistics: Fields,
    partition: Fields,
}

impl ParsedColumns {
    /// Those of a table that asks for them; `None` also where a value has no certain type: a column of a kind that is not
    /// known, one whose name in files is another, or a folder's instant, whose text has no zone.
    pub(crate) fn of(state: &TableState) -> Result<Option<Self>> {
        let property = |key: &str| state.properties().get(key).map(String::as_str);
        let mapped = property("delta.columnMapping.mode").is_some_and(|mode| mode != "none");
        if property("delta.checkpoint.writeStatsAsStruct") != Some("true") || mapped {
            return Ok(None);
        }
        let columns = match arrow_schema(state.schema()) {
            Ok(columns) => columns,
            Err(Error::Unsupported(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let names = state.partition_columns();
        let partition = names.iter().filter_map(|name| columns.fields().find(name));
        let partition: Fields = partition.map(|(_, field)| Arc::clone(field)).collect();
        if partition.iter().any(|field| !certain(field.data_type())) {
            return Ok(None);
        }
        let chosen = statistics::chosen(state.schema(), names, state.properties())?;
        let data: Vec<_> = columns
            .fields()
            .iter()
            .filter(|field| !names.contains(field.name()))
            .collect();
        let of = |data_type: &dyn Fn(&DataType) -> Option<DataType>| -> Fields {
            let path = &mut Vec::new();
            data.iter()
                .filter_map(|field| leaves(field, path, &chosen, data_type))
                .collect()
        };
        let bounds = of(&|of| ordered(of).then(|| readable(of)));
        let counts = of(&|_| Some(DataType::Int64));
        let structures = [
            ("minValues", &bounds),
            ("maxValues", &bounds),
            ("nullCount", &counts),
        ];
        let mut statistics = vec![Field::new("numRecords", DataType::Int64, true)];
        // Parquet has no structure without a field.
        let structures = structures
            .into_iter()
            .filter(|(_, fields)| !fields.is_empty());
        statistics
            .extend(structures.map(|(name, fields)| Field::new_struct(name, fields.clone(), true)));
        statistics.push(Field::new("tightBounds", DataType::Boolean, true));
        Ok(Some(Self {
            statistics: statistics.into(),
            partition,
        }))
    }

    /// The columns.
    pub(crate) fn fields(&self) -> Fields {
        let mut fields = vec![Field::new_struct(STATISTICS, self.statistics.clone(), true)];
        if !self.partition.is_empty() {
            fields.push(Field::new_struct(PARTITION, self.partition.clone(), true));
        }
        fields.into()
    }

    /// Their values for some files. Statistics that cannot be typed are NULL; a folder's value has to be.
    pub(crate) fn columns(&self, files: &[&FileEntry]) -> Result<StructArray> {
        let texts: Vec<Option<String>> = files.iter().map(|file| file.statistics_text()).collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(lenient(&self.statistics, &texts)?)];
        if !self.partition.is_empty() {
            let texts: Vec<String> = files.iter().map(|file| self.partition_text(file)).collect();
            let values = decode(&self.partition, texts.iter().map(String::as_str));
            let values =
                values.map_err(|error| Error::Damaged(format!("a folder's values: {error}")))?;
            columns.push(Arc::new(values));
        }
        let nulls = None;
        Ok(StructArray::new(self.fields(), columns, nulls))
    }

    /// A folder's values as JSON of their types; Arrow reads numbers and days from texts by itself.
    fn partition_text(&self, file: &FileEntry) -> String {
        let values = self.partition.iter().map(|field| {
            let text = file.partition.get(field.name()).cloned().flatten();
            let value = match (field.data_type(), text) {
                (_, None) => Value::Null,
                // Folders have no empty text: it stands for NULL.
                (_, Some(text)) if text.is_empty() => Value::Null,
                (DataType::Boolean, Some(text)) => Value::Bool(text == "true"),
                (_, Some(text)) => Value::String(text),
            };
            (field.name().clone(), value)
        });
        Value::Object(values.collect::<Map<_, _>>()).to_string()
    }
}

/// Whether the text of a folder's value has one meaning.
fn certain(data_type: &DataType) -> bool {
    !matches!(data_type, DataType::Timestamp(..) | DataType::Binary) && !data_type.is_nested()
}

/// Whether Delta keeps the smallest and the largest value.
fn ordered(data_type: &DataType) -> bool {
    !matches!(data_type, DataType::Boolean | DataType::Binary) && !data_type.is_nested()
}

/// The type as Arrow's JSON reader knows it: zones are numbers there.
fn readable(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("+00:00".into())),
        other => other.clone(),
    }
}

/// A field with only those leaves that were chosen, each with the type it is to have.
fn leaves(
    field: &FieldRef,
    path: &mut Vec<String>,
    chosen: &BTreeSet<Vec<String>>,
    data_type: &dyn Fn(&DataType) -> Option<DataType>,
) -> Option<FieldRef> {
    path.push(field.name().clone());
    let data_type = match field.data_type() {
        DataType::Struct(fields) => {
            let inner = fields
                .iter()
                .filter_map(|field| leaves(field, path, chosen, data_type));
            let inner: Fields = inner.collect();
            (!inner.is_empty()).then_some(DataType::Struct(inner))
        }
        other => chosen.contains(path).then(|| data_type(other)).flatten(),
    };
    path.pop();
    Some(Arc::new(Field::new(field.name(), data_type?, true)))
}

/// Objects as rows; what cannot be read is NULL.
fn lenient(fields: &Fields, texts: &[Option<String>]) -> Result<StructArray> {
    let damaged = Error::Damaged;
    let all = |texts: &[Option<String>]| {
        decode(
            fields,
            texts.iter().map(|text| text.as_deref().unwrap_or("{}")),
        )
    };
    let (values, valid): (_, Vec<bool>) = match all(texts) {
        Ok(values) => (values, texts.iter().map(Option::is_some).collect()),
        Err(_) => {
            let readable = |text: &Option<String>| all(std::slice::from_ref(text)).is_ok();
            let texts: Vec<_> = texts
                .iter()
                .map(|text| text.clone().filter(|_| readable(text)))
                .collect();
            (
                all(&texts).map_err(damaged)?,
                texts.iter().map(Option::is_some).collect(),
            )
        }
    };
    let (fields, columns, _) = values.into_parts();
    Ok(StructArray::new(
        fields,
        columns,
        Some(NullBuffer::from(valid)),
    ))
}
