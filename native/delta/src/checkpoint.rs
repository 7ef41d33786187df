//! Checkpoints: the log up to a version as one Parquet file, or several. Only the columns that a snapshot keeps are
//! read, so the long list of files costs nothing but its bytes.

use crate::action::{Format, Metadata, Protocol};
use crate::log::Replay;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;

const COLUMNS: [&str; 3] = ["protocol", "metaData", "txn"];

/// Takes a checkpoint file into the replay.
///
/// # Errors
/// What is wrong with the file.
pub(crate) fn read(file: Bytes, replay: &mut Replay) -> Result<(), String> {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
    let schema = builder.parquet_schema();
    let roots = schema.root_schema().get_fields();
    let wanted = (0..roots.len()).filter(|index| COLUMNS.contains(&roots[*index].name()));
    let mask = ProjectionMask::roots(schema, wanted);
    let reader = builder
        .with_projection(mask)
        .build()
        .map_err(|error| error.to_string())?;
    for batch in reader {
        take(&batch.map_err(|error| error.to_string())?, replay)?;
    }
    Ok(())
}

fn take(batch: &RecordBatch, replay: &mut Replay) -> Result<(), String> {
    for (action, row) in rows(batch, "protocol") {
        replay.protocol = Some(Protocol {
            min_reader_version: action
                .integer("minReaderVersion", row)
                .ok_or("protocol has no minReaderVersion")?,
            min_writer_version: action
                .integer("minWriterVersion", row)
                .ok_or("protocol has no minWriterVersion")?,
            reader_features: action.texts("readerFeatures", row),
            writer_features: action.texts("writerFeatures", row),
        });
    }
    for (action, row) in rows(batch, "metaData") {
        let mut format = Format::default();
        let provider = action
            .structure("format")
            .and_then(|found| found.text("provider", row));
        if let Some(provider) = provider {
            format.provider = provider;
        }
        replay.metadata = Some(Metadata {
            id: action.text("id", row).ok_or("metaData has no id")?,
            format,
            schema_string: action
                .text("schemaString", row)
                .ok_or("metaData has no schemaString")?,
            partition_columns: action.texts("partitionColumns", row).unwrap_or_default(),
            configuration: action.map("configuration", row),
            created_time: action.long("createdTime", row),
        });
    }
    for (action, row) in rows(batch, "txn") {
        let application = action.text("appId", row).ok_or("txn has no appId")?;
        let version = action.long("version", row).ok_or("txn has no version")?;
        replay.transactions.insert(application, version);
    }
    Ok(())
}

/// The rows of a batch that hold an action of that kind.
fn rows<'a>(batch: &'a RecordBatch, action: &str) -> impl Iterator<Item = (Action<'a>, usize)> {
    let column = batch
        .column_by_name(action)
        .and_then(|column| column.as_struct_opt());
    column.into_iter().flat_map(|column| {
        (0..column.len())
            .filter(|row| column.is_valid(*row))
            .map(|row| (Action(column), row))
    })
}

/// The column of an action, whose fields are reached by name and may be absent.
#[derive(Clone, Copy)]
struct Action<'a>(&'a StructArray);

impl<'a> Action<'a> {
    fn field(self, name: &str, row: usize) -> Option<&'a ArrayRef> {
        self.0
            .column_by_name(name)
            .filter(|column| column.is_valid(row))
    }

    fn structure(self, name: &str) -> Option<Action<'a>> {
        self.0.column_by_name(name)?.as_struct_opt().map(Action)
    }

    fn text(self, name: &str, row: usize) -> Option<String> {
        let column = self.field(name, row)?.as_string_opt::<i32>()?;
        Some(column.value(row).to_owned())
    }

    fn integer(self, name: &str, row: usize) -> Option<i32> {
        Some(
            self.field(name, row)?
                .as_primitive_opt::<Int32Type>()?
                .value(row),
        )
    }

    fn long(self, name: &str, row: usize) -> Option<i64> {
        Some(
            self.field(name, row)?
                .as_primitive_opt::<Int64Type>()?
                .value(row),
        )
    }

    fn texts(self, name: &str, row: usize) -> Option<Vec<String>> {
        let list = self.field(name, row)?.as_list_opt::<i32>()?.value(row);
        let texts = list.as_string_opt::<i32>()?;
        Some(texts.iter().flatten().map(str::to_owned).collect())
    }

    fn map(self, name: &str, row: usize) -> BTreeMap<String, String> {
        let entries = self.field(name, row).and_then(|column| column.as_map_opt());
        let Some(entries) = entries.map(|map| map.value(row)) else {
            return BTreeMap::new();
        };
        let (keys, values) = (
            entries.column(0).as_string_opt::<i32>(),
            entries.column(1).as_string_opt::<i32>(),
        );
        let pairs = keys.into_iter().flatten().zip(values.into_iter().flatten());
        pairs
            .filter_map(|(key, value)| {
                Some((key?.to_owned(), value.unwrap_or_default().to_owned()))
            })
            .collect()
    }
}
