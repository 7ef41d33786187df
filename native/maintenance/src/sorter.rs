//! Sorts more rows than fit in memory: rows that do not fit go to files by ranges of their keys, and each range is
//! sorted by itself.

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::rewriter::Writing;
use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;
use arrow_select::interleave::interleave;
use arrow_select::take::take_record_batch;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use tempfile::TempDir;

/// Rows that are handed on at once.
const BATCH: usize = 8192;
/// Ranges that a set of rows is divided into.
const RANGES: usize = 16;
/// Keys per batch of which the ends of the ranges are chosen.
const PROBES: usize = 64;
/// After so many divisions rows hardly differ: they are handed on as they are.
const DEPTH: u32 = 6;

/// A key: the place on the curve, and the values.
type Key = (u64, Box<[u8]>);

/// Rows that are to be sorted. They stay in memory until they are too many.
pub(crate) struct Sorter<'a> {
    layout: &'a Layout,
    schema: SchemaRef,
    memory: usize,
    batches: Vec<RecordBatch>,
    bytes: usize,
    spill: Option<Spill>,
    depth: u32,
}

struct Spill {
    // Deletes the files at the end.
    folder: TempDir,
    ends: Vec<Key>,
    ranges: Vec<Option<StreamWriter<BufWriter<File>>>>,
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!(
        "rows that do not fit in memory could not be kept on disk: {error}"
    ))
}

impl<'a> Sorter<'a> {
    pub(crate) fn new(layout: &'a Layout, schema: SchemaRef, memory: usize) -> Self {
        Self {
            layout,
            schema,
            memory,
            batches: Vec::new(),
            bytes: 0,
            spill: None,
            depth: 0,
        }
    }

    pub(crate) fn push(&mut self, batch: RecordBatch) -> Result<()> {
        // Rows take their memory once more while they are compared and written.
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
        if self.bytes * 2 > self.memory {
            self.spill()?;
        }
        Ok(())
    }

    /// Moves what is in memory to the files of its ranges.
    fn spill(&mut self) -> Result<()> {
        let batches = std::mem::take(&mut self.batches);
        self.bytes = 0;
        if self.spill.is_none() {
            self.spill = Some(Spill {
                folder: TempDir::with_prefix("financelake-sort-").map_err(failed)?,
                ends: self.ends(&batches)?,
                ranges: Vec::new(),
            });
        }
        let Some(spill) = &mut self.spill else {
            return Ok(());
        };
        spill.ranges.resize_with(spill.ends.len() + 1, || None);
        for batch in batches {
            let keys = self.layout.keys(&batch)?;
            let mut rows: Vec<Vec<u32>> = vec![Vec::new(); spill.ends.len() + 1];
            for row in 0..batch.num_rows() {
                let key = (keys.curve[row], keys.values.row(row));
                let range = spill.ends.partition_point(|(curve, values)| {
                    (*curve, &**values) < (key.0, key.1.as_ref())
                });
                rows[range].push(row as u32);
            }
            for (range, rows) in rows
                .into_iter()
                .enumerate()
                .filter(|(_, rows)| !rows.is_empty())
            {
                let part = take_record_batch(&batch, &UInt32Array::from(rows)).map_err(failed)?;
                let writer = match &mut spill.ranges[range] {
                    Some(writer) => writer,
                    none => {
                        let file = File::create(spill.folder.path().join(range.to_string()))
                            .map_err(failed)?;
                        none.insert(
                            StreamWriter::try_new(BufWriter::new(file), &self.schema)
                                .map_err(failed)?,
                        )
                    }
                };
                writer.write(&part).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The ends of ranges with about as many rows in each.
    fn ends(&self, batches: &[RecordBatch]) -> Result<Vec<Key>> {
        let mut probes: Vec<Key> = Vec::new();
        for batch in batches {
            let keys = self.layout.keys(batch)?;
            let step = (batch.num_rows() / PROBES).max(1);
            let rows = (0..batch.num_rows()).step_by(step);
            probes.extend(
                rows.map(|row| (keys.curve[row], Box::from(keys.values.row(row).as_ref()))),
            );
        }
        probes.sort_unstable();
        let mut ends: Vec<Key> = (1..RANGES)
            .filter_map(|range| probes.get(range * probes.len() / RANGES).cloned())
            .collect();
        ends.dedup();
        Ok(ends)
    }

    /// Writes all rows in order.
    pub(crate) async fn finish(mut self, writing: &mut Writing<'_>) -> Result<()> {
        if self.spill.is_some() {
            self.spill()?;
        }
        let Some(spill) = self.spill.take() else {
            return self.sorted(writing).await;
        };
        let Spill { folder, ranges, .. } = spill;
        let mut files: Vec<PathBuf> = Vec::new();
        for (range, writer) in ranges.into_iter().enumerate() {
            if let Some(mut writer) = writer {
                writer.finish().map_err(failed)?;
                files.push(folder.path().join(range.to_string()));
            }
        }
        for path in files {
            let file = BufReader::new(File::open(&path).map_err(failed)?);
            let reader = StreamReader::try_new(file, None).map_err(failed)?;
            if self.depth >= DEPTH {
                for batch in reader {
                    writing.write(&batch.map_err(failed)?).await?;
                }
            } else {
                let mut inner =
                    Sorter::new(self.layout, SchemaRef::clone(&self.schema), self.memory);
                inner.depth = self.depth + 1;
                for batch in reader {
                    inner.push(batch.map_err(failed)?)?;
                }
                Box::pin(inner.finish(writing)).await?;
            }
            std::fs::remove_file(path).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes the rows in memory.
    async fn sorted(self, writing: &mut Writing<'_>) -> Result<()> {
        let keys = self
            .batches
            .iter()
            .map(|batch| self.layout.keys(batch))
            .collect::<Result<Vec<_>>>()?;
        let mut places: Vec<(u64, usize, usize)> = Vec::new();
        for (batch, keys) in keys.iter().enumerate() {
            places.extend(
                keys.curve
                    .iter()
                    .enumerate()
                    .map(|(row, curve)| (*curve, batch, row)),
            );
        }
        places.sort_unstable_by(|one, other| {
            let values = |place: &(u64, usize, usize)| keys[place.1].values.row(place.2);
            one.0
                .cmp(&other.0)
                .then_with(|| values(one).cmp(&values(other)))
                .then_with(|| (one.1, one.2).cmp(&(other.1, other.2)))
        });
        drop(keys);
        for places in places.chunks(BATCH) {
            let indices: Vec<(usize, usize)> = places
                .iter()
                .map(|(_, batch, row)| (*batch, *row))
                .collect();
            let columns = (0..self.schema.fields().len()).map(|column| {
                let arrays: Vec<&dyn Array> = self
                    .batches
                    .iter()
                    .map(|batch| &**batch.column(column))
                    .collect();
                interleave(&arrays, &indices).map_err(|error| Error::Internal(error.to_string()))
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            let batch = RecordBatch::try_new(SchemaRef::clone(&self.schema), columns);
            writing
                .write(&batch.map_err(|error| Error::Internal(error.to_string()))?)
                .await?;
        }
        Ok(())
    }
}
