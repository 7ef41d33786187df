//! Rows as the content of a file.

use crate::bronze::{decoded_name, file_schema, timestamp};
use crate::config::{FilesConfig, Format, Metadata};
use crate::error::{Error, Result};
use arrow_array::RecordBatch;
use arrow_avro::compression::CompressionCodec;
use arrow_avro::writer::format::AvroOcfFormat;
use arrow_avro::writer::{AvroWriter, WriterBuilder};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use financelake_market::COLUMNS;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoding {
    /// Column by column.
    Parquet(Compression, usize),
    /// Row by row.
    Avro(Option<CompressionCodec>),
    /// The values as they came, one in a line.
    Json,
}

impl Encoding {
    pub(crate) fn new(config: &FilesConfig, codec: &str) -> Result<Self> {
        let unknown = |key: &str, given: &str, known: &str| {
            Error::Config(format!("{key} {given:?} is unknown; there are {known}"))
        };
        Ok(match config.format {
            Format::Json => Self::Json,
            Format::Parquet => {
                let codec = match codec {
                    "zstd" => Compression::ZSTD(ZstdLevel::try_new(1).map_err(encoding)?),
                    "snappy" => Compression::SNAPPY,
                    "none" => Compression::UNCOMPRESSED,
                    other => return Err(unknown("parquet.codec", other, "zstd, snappy and none")),
                };
                Self::Parquet(codec, config.row_group_bytes)
            }
            Format::Avro => Self::Avro(match config.avro_codec.as_str() {
                "null" => None,
                "deflate" => Some(CompressionCodec::Deflate),
                "snappy" => Some(CompressionCodec::Snappy),
                "zstandard" => Some(CompressionCodec::ZStandard),
                "bzip2" => Some(CompressionCodec::Bzip2),
                other => {
                    let known = "null, deflate, snappy, zstandard and bzip2";
                    return Err(unknown("avro.codec", other, known));
                }
            }),
        })
    }

    /// The end of the names of files.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Parquet(..) => "parquet",
            Self::Avro(_) => "avro",
            Self::Json => "json",
        }
    }

    /// The content of a file with these rows.
    pub(crate) fn encode(self, batch: &RecordBatch) -> Result<Vec<u8>> {
        match self {
            Self::Parquet(codec, row_group_bytes) => {
                let properties = WriterProperties::builder()
                    .set_compression(codec)
                    .set_max_row_group_bytes(Some(row_group_bytes))
                    .set_created_by(format!("FinanceLake/{}", env!("CARGO_PKG_VERSION")))
                    .build();
                let options = ArrowWriterOptions::new()
                    .with_properties(properties)
                    .with_skip_arrow_metadata(true);
                let schema = batch.schema();
                let mut writer = ArrowWriter::try_new_with_options(Vec::new(), schema, options)
                    .map_err(encoding)?;
                writer.write(batch).map_err(encoding)?;
                writer.into_inner().map_err(encoding)
            }
            Self::Avro(codec) => {
                let schema = batch.schema().as_ref().clone();
                let mut writer: AvroWriter<Vec<u8>> = WriterBuilder::new(schema)
                    .with_compression(codec)
                    .build::<_, AvroOcfFormat>(Vec::new())
                    .map_err(ArrowError::from)?;
                writer.write(batch).map_err(ArrowError::from)?;
                writer.finish().map_err(ArrowError::from)?;
                Ok(writer.into_inner())
            }
            // Its rows are lines and no columns.
            Self::Json => Err(Error::Config("JSON files have no columns".to_owned())),
        }
    }
}

fn encoding(error: parquet::errors::ParquetError) -> Error {
    Error::Columns(ArrowError::from(error))
}

/// The columns of a file: those that the rules give, and where records came from as far as that is wanted.
pub(crate) fn columns(metadata: Metadata) -> Schema {
    if metadata == Metadata::All {
        let mut fields: Vec<_> = file_schema().fields().iter().cloned().collect();
        fields.push(Field::new("region", DataType::Utf8, true).into());
        return Schema::new(fields);
    }
    let mut fields: Vec<Field> = Vec::new();
    if metadata == Metadata::Offsets {
        fields.push(Field::new("topic", DataType::Utf8, true));
        fields.push(Field::new("partition", DataType::Int32, true));
        fields.push(Field::new("offset", DataType::Int64, true));
        fields.push(Field::new("timestamp", timestamp(), true));
    }
    let bronze = file_schema();
    for column in COLUMNS {
        let field = match column.name {
            "reason" | "detail" | "received_date" => continue,
            "region" => Field::new("region", DataType::Utf8, true),
            name => match bronze.field_with_name(decoded_name(name).unwrap_or(name)) {
                Ok(field) => field.clone(),
                Err(_) => continue,
            },
        };
        fields.push(field);
    }
    Schema::new(fields)
}
