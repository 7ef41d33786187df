//! A data file of the table as a stream of its rows that are not deleted.

use crate::conform::{conform, read_as};
use crate::error::{Error, Result};
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use financelake_delta::{FileEntry, arrow_schema, read_vector};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt};
use parquet::DecodeResult;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection};
use parquet::arrow::push_decoder::{ParquetPushDecoder, ParquetPushDecoderBuilder};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataPushDecoder};
use roaring::RoaringTreemap;
use std::ops::Range;
use std::sync::Arc;

/// Files up to this size are fetched in one piece.
const SMALL: u64 = 8 << 20;
/// Rows that are decoded at once.
const BATCH: usize = 8192;
/// Marks of files whose days are counted in the calendar before 1582.
const OLD_CALENDAR: [&str; 2] = [
    "org.apache.spark.legacyDateTime",
    "org.apache.spark.legacyINT96",
];
const SPARK: &str = "org.apache.spark.version";

/// The columns that the files of a table have, by its columns in Delta's JSON; others stand in the names of folders.
pub(crate) fn stored_columns(schema: &str, partitions: &[String]) -> Result<SchemaRef> {
    let all = arrow_schema(schema)?;
    let fields = all.fields().iter();
    let stored = fields.filter(|field| !partitions.contains(field.name()));
    Ok(Arc::new(Schema::new(stored.cloned().collect::<Vec<_>>())))
}

/// Which columns of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// All of them; one that the table does not have is an error.
    All,
    /// Those that were named.
    Some,
}

/// A file that is being read.
pub(crate) struct Source<'a> {
    file: &'a FileEntry,
    bytes: Content,
    decoder: ParquetPushDecoder,
    table: SchemaRef,
    partitions: &'a [String],
    /// Rows that are not deleted.
    pub(crate) rows: u64,
}

/// The file's bytes, here or in the store.
struct Content {
    store: Arc<dyn ObjectStore>,
    path: Path,
    whole: Option<Bytes>,
}

impl Content {
    async fn ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        match &self.whole {
            Some(bytes) => {
                let slice =
                    |range: &Range<u64>| bytes.slice(range.start as usize..range.end as usize);
                Ok(ranges.iter().map(slice).collect())
            }
            None => Ok(self.store.get_ranges(&self.path, ranges).await?),
        }
    }
}

impl<'a> Source<'a> {
    /// Opens a file; its rows will have the columns of `table`. With [`Columns::Some`] these are some of the table's, and no
    /// others are read.
    pub(crate) async fn open(
        store: &Arc<dyn ObjectStore>,
        file: &'a FileEntry,
        table: SchemaRef,
        partitions: &'a [String],
        columns: Columns,
    ) -> Result<Self> {
        let path = file.location()?;
        let failed = |problem: String| Error::File {
            path: file.key().path.clone(),
            problem,
        };
        let whole = if file.size <= SMALL {
            Some(store.get(&path).await?.bytes().await?)
        } else {
            None
        };
        if let Some(bytes) = whole
            .as_ref()
            .filter(|bytes| bytes.len() as u64 != file.size)
        {
            return Err(failed(format!(
                "it has {} bytes, the log says {}",
                bytes.len(),
                file.size
            )));
        }
        let bytes = Content {
            store: Arc::clone(store),
            path,
            whole,
        };
        let metadata = metadata(&bytes, file).await?;
        check_calendar(&metadata).map_err(failed)?;
        let total: u64 = metadata
            .row_groups()
            .iter()
            .map(|group| group.num_rows() as u64)
            .sum();
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let text = |error: parquet::errors::ParquetError| failed(error.to_string());
        let mut arrow =
            ArrowReaderMetadata::try_new(Arc::clone(&metadata), options.clone()).map_err(text)?;
        let wanted = Schema::new(read_as(arrow.schema().fields()));
        if wanted.fields() != arrow.schema().fields() {
            let options = options.with_schema(Arc::new(wanted));
            arrow = ArrowReaderMetadata::try_new(metadata, options).map_err(text)?;
        }
        let mut builder =
            ParquetPushDecoderBuilder::new_with_metadata(arrow).with_batch_size(BATCH);
        if columns == Columns::Some {
            let parquet = builder.parquet_schema();
            let roots = parquet.root_schema().get_fields().iter().enumerate();
            let wanted = roots.filter(|(_, field)| table.field_with_name(field.name()).is_ok());
            let mask = ProjectionMask::roots(parquet, wanted.map(|(index, _)| index));
            builder = builder.with_projection(mask);
        }
        let mut rows = total;
        if let Some(vector) = &file.vector {
            let deleted = read_vector(&**store, vector).await?;
            if deleted.max().is_some_and(|last| last >= total) {
                return Err(failed(format!("a row beyond its {total} is deleted")));
            }
            rows -= deleted.len();
            builder = builder.with_row_selection(selection(&deleted, total));
        }
        let decoder = builder.build().map_err(text)?;
        Ok(Self {
            file,
            bytes,
            decoder,
            table,
            partitions,
            rows,
        })
    }

    /// The next rows.
    pub(crate) async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let failed = |problem: String| Error::File {
            path: self.file.key().path.clone(),
            problem,
        };
        loop {
            match self
                .decoder
                .try_decode()
                .map_err(|error| failed(error.to_string()))?
            {
                DecodeResult::NeedsData(ranges) => {
                    let data = self.bytes.ranges(&ranges).await?;
                    self.decoder
                        .push_ranges(ranges, data)
                        .map_err(|error| failed(error.to_string()))?;
                }
                DecodeResult::Data(batch) => {
                    return conform(&batch, &self.table, self.partitions)
                        .map(Some)
                        .map_err(failed);
                }
                DecodeResult::Finished => return Ok(None),
            }
        }
    }
}

/// What a file says about itself.
pub(crate) async fn footer(
    store: &Arc<dyn ObjectStore>,
    file: &FileEntry,
) -> Result<Arc<ParquetMetaData>> {
    let bytes = Content {
        store: Arc::clone(store),
        path: file.location()?,
        whole: None,
    };
    let metadata = metadata(&bytes, file).await?;
    check_calendar(&metadata).map_err(|problem| Error::File {
        path: file.key().path.clone(),
        problem,
    })?;
    Ok(metadata)
}

async fn metadata(bytes: &Content, file: &FileEntry) -> Result<Arc<ParquetMetaData>> {
    let failed = |problem: &dyn std::fmt::Display| Error::File {
        path: file.key().path.clone(),
        problem: problem.to_string(),
    };
    let mut decoder =
        ParquetMetaDataPushDecoder::try_new(file.size).map_err(|error| failed(&error))?;
    loop {
        match decoder.try_decode().map_err(|error| failed(&error))? {
            DecodeResult::NeedsData(ranges) => {
                let data = bytes.ranges(&ranges).await?;
                decoder
                    .push_ranges(ranges, data)
                    .map_err(|error| failed(&error))?;
            }
            DecodeResult::Data(metadata) => return Ok(Arc::new(metadata)),
            DecodeResult::Finished => return Err(failed(&"it has no footer")),
        }
    }
}

/// Spark shifts days of such files when it reads them, which whoever reads the new file would not know.
fn check_calendar(metadata: &ParquetMetaData) -> std::result::Result<(), String> {
    for entry in metadata
        .file_metadata()
        .key_value_metadata()
        .into_iter()
        .flatten()
    {
        let old = entry.key == SPARK
            && entry
                .value
                .as_ref()
                .is_some_and(|version| before_3_1(version));
        if old || OLD_CALENDAR.contains(&entry.key.as_str()) {
            return Err(format!(
                "its days are counted in the calendar of before 1582 ({}); rewrite it with Spark",
                entry.key
            ));
        }
    }
    Ok(())
}

fn before_3_1(version: &str) -> bool {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next(), parts.next()) < (Some(3), Some(1))
}

/// All rows but the deleted ones.
fn selection(deleted: &RoaringTreemap, total: u64) -> RowSelection {
    let mut ranges = Vec::new();
    let mut start = 0;
    for row in deleted {
        if start < row {
            ranges.push(start as usize..row as usize);
        }
        start = row + 1;
    }
    if start < total {
        ranges.push(start as usize..total as usize);
    }
    RowSelection::from_consecutive_ranges(ranges.into_iter(), total as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_but_the_deleted_ones_is_selected() {
        for (deleted, total) in [
            (vec![], 3),
            (vec![0, 1], 2),
            (vec![0, 3, 4, 9], 10),
            (vec![5], 10),
        ] {
            let set: RoaringTreemap = deleted.iter().copied().collect();
            let mut row = 0;
            let mut found = Vec::new();
            for part in selection(&set, total).iter() {
                if !part.skip {
                    found.extend(row..row + part.row_count as u64);
                }
                row += part.row_count as u64;
            }
            let wanted: Vec<u64> = (0..total).filter(|row| !deleted.contains(row)).collect();
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn files_of_old_sparks_are_known_by_their_version() {
        assert!(before_3_1("2.4.8") && before_3_1("3.0.1"));
        assert!(!before_3_1("3.1.0") && !before_3_1("4.2.0-SNAPSHOT"));
    }
}
