//! Writing checkpoints: the log up to a version as one Parquet file, so that readers replay only what came after.
//!
//! It is always one file of the first kind. A checkpoint in parts would be whole only when all parts come from the same
//! writer at the same time, which their names do not say: two that write one at once could lose files. One file appears at
//! once or not at all, and whoever comes second finds it there.
//!
//! Actions go from their text in the log straight into columns, by Arrow's JSON reader; what the reader cannot make of
//! derived columns (bounds as typed values) is left out, never guessed.

use crate::checkpoint_columns::{ADD, DOMAIN, METADATA, PROTOCOL, REMOVE, TRANSACTION, fields};
use crate::error::{Error, Result};
use crate::last_checkpoint::LastCheckpoint;
use crate::log::checkpoint_path;
use crate::parsed_columns::ParsedColumns;
use crate::state::TableState;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StructArray, new_null_array};
use arrow_json::ReaderBuilder;
use arrow_schema::{Field, Fields, Schema, SchemaRef};
use bytes::Bytes;
use financelake_storage::object_store::{self, ObjectStore, ObjectStoreExt, PutMode};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Actions that are turned into columns at once.
const BATCH: usize = 8192;

/// A checkpoint that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    /// The version whose state it has.
    pub version: i64,
    /// Whether it was there before.
    pub existed: bool,
    /// Its actions.
    pub actions: u64,
    /// Files of the table.
    pub files: u64,
    /// Files that left the table and that readers may still need.
    pub tombstones: u64,
    /// Files that left the table longer ago than the retention, which it forgets.
    pub expired_tombstones: u64,
    /// Its size.
    pub bytes: u64,
    /// Whether it has statistics as typed columns as well.
    pub typed_statistics: bool,
}

/// Writes a checkpoint of the state. Removed files stay in it when they left the table after `cutoff`, in milliseconds
/// since 1970.
///
/// # Errors
/// [`Error::Storage`], [`Error::Encoding`], or [`Error::Damaged`] when an action cannot be read.
pub async fn write_checkpoint(
    store: &dyn ObjectStore,
    state: &TableState,
    cutoff: i64,
) -> Result<Checkpoint> {
    let kept = state.tombstones().filter(|file| file.time > cutoff).count() as u64;
    let mut report = Checkpoint {
        version: state.version(),
        existed: false,
        actions: 0,
        files: state.files().count() as u64,
        tombstones: kept,
        expired_tombstones: state.tombstones().count() as u64 - kept,
        bytes: 0,
        typed_statistics: false,
    };
    let path = checkpoint_path(state.version());
    match store.head(&path).await {
        Ok(found) => {
            // Another writer's, or ours of a run that was killed before it told readers.
            let content = store.get(&path).await?.bytes().await?;
            report.existed = true;
            report.bytes = found.size;
            report.actions = rows(&content)?;
        }
        Err(object_store::Error::NotFound { .. }) => {
            let content = encode(state, cutoff, &mut report)?;
            report.bytes = content.len() as u64;
            report.actions = rows(&content)?;
            let put = store.put_opts(&path, content.into(), PutMode::Create.into());
            match put.await {
                Ok(_) => {}
                Err(object_store::Error::AlreadyExists { .. }) => report.existed = true,
                Err(error) => return Err(error.into()),
            }
        }
        Err(error) => return Err(error.into()),
    }
    let last = LastCheckpoint {
        version: report.version,
        size: report.actions,
        size_in_bytes: report.bytes,
        num_of_add_files: report.files,
    };
    last.publish(store).await?;
    Ok(report)
}

fn rows(content: &Bytes) -> Result<u64> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(content)?;
    Ok(u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0))
}

/// The content of the file.
fn encode(state: &TableState, cutoff: i64, report: &mut Checkpoint) -> Result<Bytes> {
    let parsed = ParsedColumns::of(state)?;
    report.typed_statistics = parsed.is_some();
    let mut columns = fields();
    if let Some(parsed) = &parsed {
        columns = with_fields(&columns, ADD, parsed.fields());
    }
    let columns: Vec<_> = columns
        .iter()
        .map(|(name, of)| Field::new_struct(*name, of.clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(columns));
    let mut writer = Writer::new(schema)?;
    let damaged = |error: serde_json::Error| Error::Damaged(error.to_string());
    writer.write(PROTOCOL, [state.raw_protocol()])?;
    let metadata = metadata(state.raw_metadata()).map_err(damaged)?;
    writer.write(METADATA, [metadata.as_str()])?;
    let transactions = state.transactions().map(serde_json::to_string);
    let transactions = transactions
        .collect::<serde_json::Result<Vec<_>>>()
        .map_err(damaged)?;
    writer.write(TRANSACTION, transactions.iter().map(String::as_str))?;
    writer.write(DOMAIN, state.domains())?;
    let kept: Vec<_> = state
        .tombstones()
        .filter(|file| file.time > cutoff)
        .map(|file| file.raw())
        .collect();
    writer.write(REMOVE, kept)?;
    let files: Vec<_> = state.files().collect();
    for files in files.chunks(BATCH) {
        let mut adds = writer.decode(ADD, files.iter().map(|file| file.raw()))?;
        if let Some(parsed) = &parsed {
            adds = append(&adds, parsed.columns(files)?);
        }
        writer.put(ADD, adds)?;
    }
    writer.finish()
}

/// What readers take for granted, though the protocol lets it be left out of the log's JSON.
fn metadata(raw: &str) -> serde_json::Result<String> {
    let mut value: Value = serde_json::from_str(raw)?;
    for (parent, key) in [("/format", "options"), ("", "configuration")] {
        if let Some(Value::Object(object)) = value.pointer_mut(parent) {
            object.entry(key).or_insert_with(|| json!({}));
        }
    }
    serde_json::to_string(&value)
}

fn with_fields(
    columns: &[(&'static str, Fields)],
    action: &str,
    more: Fields,
) -> Vec<(&'static str, Fields)> {
    let extend = |of: &Fields| of.iter().chain(&more).cloned().collect();
    let columns = columns.iter().map(|(name, of)| {
        (
            *name,
            if *name == action {
                extend(of)
            } else {
                of.clone()
            },
        )
    });
    columns.collect()
}

fn append(of: &StructArray, more: StructArray) -> StructArray {
    let (fields, columns, nulls) = of.clone().into_parts();
    let (more_fields, more_columns, _) = more.into_parts();
    let fields: Fields = fields.iter().chain(&more_fields).cloned().collect();
    StructArray::new(fields, [columns, more_columns].concat(), nulls)
}

/// Rows of which each has one action.
struct Writer {
    schema: SchemaRef,
    file: ArrowWriter<Vec<u8>>,
}

impl Writer {
    fn new(schema: SchemaRef) -> Result<Self> {
        // Paths and statistics hardly repeat, and nobody searches in them.
        let plain = |column: &str| ColumnPath::new(vec![ADD.to_owned(), column.to_owned()]);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(crate::append::engine())
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_column_dictionary_enabled(plain("path"), false)
            .set_column_dictionary_enabled(plain("stats"), false)
            .set_column_statistics_enabled(plain("stats"), EnabledStatistics::None);
        let options = ArrowWriterOptions::new()
            .with_properties(properties.build())
            .with_skip_arrow_metadata(true);
        let file = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&schema), options)?;
        Ok(Self { schema, file })
    }

    /// Writes actions of one kind, each the text of its content.
    fn write<'a>(&mut self, action: &str, texts: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let texts: Vec<&str> = texts.into_iter().collect();
        for texts in texts.chunks(BATCH) {
            let column = self.decode(action, texts.iter().copied())?;
            self.put(action, column)?;
        }
        Ok(())
    }

    fn decode<'a>(
        &self,
        action: &str,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<StructArray> {
        let known = fields();
        let known = known.into_iter().find(|(name, _)| *name == action);
        let known = known.map(|(_, of)| of).unwrap_or_default();
        let column =
            decode(&known, texts).map_err(|error| Error::Damaged(format!("{action}: {error}")))?;
        let (fields, mut columns, nulls) = column.into_parts();
        if let Some((index, _)) = fields.find("dataChange") {
            // What is in a checkpoint changes nothing any more.
            let rows = columns[index].len();
            columns[index] = Arc::new(BooleanArray::from(vec![false; rows]));
        }
        Ok(StructArray::new(fields, columns, nulls))
    }

    fn put(&mut self, action: &str, of: StructArray) -> Result<()> {
        let rows = of.len();
        let columns = self.schema.fields().iter().map(|field| -> ArrayRef {
            if field.name() == action {
                Arc::new(of.clone())
            } else {
                new_null_array(field.data_type(), rows)
            }
        });
        let columns = columns.collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|error| Error::Encoding(error.into()))?;
        Ok(self.file.write(&batch)?)
    }

    fn finish(self) -> Result<Bytes> {
        Ok(self.file.into_inner()?.into())
    }
}

/// Objects of JSON as the rows of a structure; fields that it does not have are left out.
pub(crate) fn decode<'a>(
    fields: &Fields,
    texts: impl IntoIterator<Item = &'a str>,
) -> std::result::Result<StructArray, String> {
    let schema = Arc::new(Schema::new(fields.clone()));
    let mut decoder = ReaderBuilder::new(schema)
        .with_batch_size(BATCH)
        .build_decoder()
        .map_err(|error| error.to_string())?;
    for text in texts {
        let read = decoder
            .decode(text.as_bytes())
            .map_err(|error| format!("{error} in {text}"))?;
        if read != text.len() {
            return Err(format!(
                "more than {BATCH} objects, or more than one in {text}"
            ));
        }
    }
    let batch = decoder.flush().map_err(|error| error.to_string())?;
    Ok(match batch {
        Some(batch) => batch.into(),
        None => StructArray::new_null(fields.clone(), 0),
    })
}
