//! Data files: rows of one folder as Parquet bytes, with what the log says about them.

use crate::error::{Error, Result};
use crate::statistics;
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::ZstdLevel;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How pages are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Zstandard, level 1: as fast as Snappy on such rows, and a third smaller.
    #[default]
    Zstd,
    /// Snappy.
    Snappy,
    /// Not at all.
    None,
}

impl Compression {
    fn codec(self) -> Result<parquet::basic::Compression> {
        Ok(match self {
            Self::Zstd => parquet::basic::Compression::ZSTD(ZstdLevel::try_new(1)?),
            Self::Snappy => parquet::basic::Compression::SNAPPY,
            Self::None => parquet::basic::Compression::UNCOMPRESSED,
        })
    }

    /// What stands in the names of files, as Spark has it.
    fn infix(self) -> &'static str {
        match self {
            Self::Zstd => ".zstd",
            Self::Snappy => ".snappy",
            Self::None => "",
        }
    }
}

/// A data file as the log names it.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Its path in the table's folder.
    pub path: String,
    /// The values of its folder's columns.
    pub partition: BTreeMap<String, String>,
    /// Its size in bytes.
    pub size: u64,
    /// Its rows.
    pub rows: u64,
    /// Its statistics in Delta's JSON.
    pub statistics: String,
}

/// A data file and its content, not stored yet.
#[derive(Clone, Debug)]
pub struct EncodedFile {
    /// What the log is to say.
    pub file: DataFile,
    /// The content.
    pub content: Vec<u8>,
}

/// Encodes rows of one folder; the batch does not have the folder's columns. The path is new:
/// `name=value/.../part-<unique>.<codec>.parquet`.
///
/// # Errors
/// [`Error::Encoding`], and [`Error::Unsupported`] for a folder's value that would have to be escaped.
pub fn encode(
    batch: &RecordBatch,
    partition: &[(&str, String)],
    compression: Compression,
) -> Result<EncodedFile> {
    let mut path = String::new();
    for (name, value) in partition {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if value.is_empty() || !value.bytes().all(plain) {
            return Err(Error::Unsupported(format!(
                "the value {value:?} for {name} would have to be escaped"
            )));
        }
        path.push_str(&format!("{name}={value}/"));
    }
    path.push_str(&format!(
        "part-{}{}.parquet",
        Uuid::new_v4(),
        compression.infix()
    ));
    let content = parquet(batch, compression)?;
    let file = DataFile {
        path,
        partition: partition
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        size: content.len() as u64,
        rows: batch.num_rows() as u64,
        statistics: statistics::of(batch),
    };
    Ok(EncodedFile { file, content })
}

fn parquet(batch: &RecordBatch, compression: Compression) -> Result<Vec<u8>> {
    let mut properties = WriterProperties::builder()
        .set_compression(compression.codec()?)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(crate::append::engine());
    for field in batch.schema().fields() {
        // Texts of whole records hardly repeat, and nobody searches in their order.
        if field.data_type() == &arrow_schema::DataType::Binary {
            let column = ColumnPath::new(vec![field.name().clone()]);
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_statistics_enabled(column, EnabledStatistics::None);
        }
    }
    let options = ArrowWriterOptions::new()
        .with_properties(properties.build())
        .with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)?;
    writer.write(batch)?;
    Ok(writer.into_inner()?)
}
