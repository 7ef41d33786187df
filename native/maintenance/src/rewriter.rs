//! Reads the files of a bin and writes their rows into new ones.

use crate::error::{Error, Result};
use crate::layout::{Layout, Sample};
use crate::plan::{ORDER_TAG, Order, Partition};
use crate::sorter::Sorter;
use crate::source::{Columns, Source, stored_columns};
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use financelake_delta::{FileEntry, NewFile, Statistics};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The size of row groups: what a reader has to take at once.
pub(crate) const ROW_GROUP_BYTES: usize = 64 << 20;

/// What a rewriter needs to know of the table.
#[derive(Clone, Debug)]
pub(crate) struct Rewriter {
    store: Arc<dyn ObjectStore>,
    schema: SchemaRef,
    partitions: Vec<String>,
    statistics: Statistics,
    target: u64,
    order: Option<Order>,
    memory: usize,
}

/// What the new files are to be like.
#[derive(Clone, Debug)]
pub(crate) struct Goal {
    /// Their size in bytes.
    pub(crate) target: u64,
    /// The order of their rows.
    pub(crate) order: Option<Order>,
    /// Memory for sorting, in bytes.
    pub(crate) memory: usize,
}

/// What a bin became.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    pub(crate) files: Vec<NewFile>,
    /// Where they lie.
    pub(crate) locations: Vec<Path>,
    pub(crate) rows: u64,
}

impl Rewriter {
    /// For a table with these columns (in Delta's JSON), folders and properties.
    pub(crate) fn new(
        store: &Arc<dyn ObjectStore>,
        schema: &str,
        partitions: &[String],
        properties: &BTreeMap<String, String>,
        goal: Goal,
    ) -> Result<Self> {
        let Goal {
            target,
            order,
            memory,
        } = goal;
        let partitions = partitions.to_vec();
        let statistics = Statistics::of_table(schema, &partitions, properties)?;
        let schema = stored_columns(schema, &partitions)?;
        Ok(Self {
            store: Arc::clone(store),
            schema,
            partitions,
            statistics,
            target,
            order,
            memory,
        })
    }

    /// Writes the rows of the files. On an error, what was written is deleted again.
    pub(crate) async fn rewrite(
        &self,
        partition: &Partition,
        files: &[FileEntry],
    ) -> Result<Rewritten> {
        let mut done = Rewritten::default();
        match self.write(partition, files, &mut done).await {
            Ok(()) => Ok(done),
            Err(error) => {
                discard(&self.store, &done.locations).await;
                Err(error)
            }
        }
    }

    async fn write(
        &self,
        partition: &Partition,
        files: &[FileEntry],
        done: &mut Rewritten,
    ) -> Result<()> {
        let mut writing = Writing {
            rewriter: self,
            partition,
            files,
            output: None,
            done,
        };
        let expected = match &self.order {
            None => self.copy(files, &mut writing).await?,
            Some(order) => self.sort(order, files, &mut writing).await?,
        };
        writing.store().await?;
        if done.rows != expected {
            return Err(Error::Internal(format!(
                "{} rows were written, {expected} read",
                done.rows
            )));
        }
        Ok(())
    }

    async fn open<'a>(&'a self, file: &'a FileEntry) -> Result<Source<'a>> {
        let schema = Arc::clone(&self.schema);
        Source::open(&self.store, file, schema, &self.partitions, Columns::All).await
    }

    /// Writes the rows as they come.
    async fn copy(&self, files: &[FileEntry], writing: &mut Writing<'_>) -> Result<u64> {
        let mut expected = 0;
        for file in files {
            let mut source = self.open(file).await?;
            expected += source.rows;
            while let Some(batch) = source.next().await? {
                writing.write(&batch).await?;
            }
        }
        Ok(expected)
    }

    /// Writes the rows in an order.
    async fn sort(
        &self,
        order: &Order,
        files: &[FileEntry],
        writing: &mut Writing<'_>,
    ) -> Result<u64> {
        let mut layout = Layout::new(order, &self.schema)?;
        if layout.is_curve() {
            layout.set_ranks(self.sample(order, files).await?);
        }
        let mut sorter = Sorter::new(&layout, Arc::clone(&self.schema), self.memory);
        let mut expected = 0;
        for file in files {
            let mut source = self.open(file).await?;
            expected += source.rows;
            while let Some(batch) = source.next().await? {
                sorter.push(batch)?;
            }
        }
        sorter.finish(writing).await?;
        Ok(expected)
    }

    /// Values of the order's columns.
    async fn sample(&self, order: &Order, files: &[FileEntry]) -> Result<Sample> {
        let fields = order
            .columns
            .iter()
            .map(|name| self.schema.field_with_name(name).cloned());
        let fields = fields.collect::<std::result::Result<Vec<_>, _>>();
        let schema = Arc::new(Schema::new(
            fields.map_err(|error| Error::Internal(error.to_string()))?,
        ));
        let layout = Layout::new(order, &schema)?;
        let mut sample = Sample::default();
        for file in files {
            let schema = Arc::clone(&schema);
            let mut source =
                Source::open(&self.store, file, schema, &self.partitions, Columns::Some).await?;
            while let Some(batch) = source.next().await? {
                layout.take_sample(&batch, &mut sample)?;
            }
        }
        Ok(sample)
    }

    async fn store(
        &self,
        output: Output,
        partition: &Partition,
        files: &[FileEntry],
        done: &mut Rewritten,
    ) -> Result<()> {
        let (content, statistics, rows) = output.finish()?;
        let name = format!("part-{}.zstd.parquet", Uuid::new_v4());
        // Beside one of the old files, so a folder's name never has to be spelled anew.
        let first = &files[0];
        let beside = first.location()?;
        let mut parts: Vec<_> = beside
            .parts()
            .map(|part| part.as_ref().to_owned())
            .collect();
        parts.pop();
        parts.push(name.clone());
        let location =
            Path::parse(parts.join("/")).map_err(|error| Error::Internal(error.to_string()))?;
        let logged = match first.key().path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name,
        };
        let size = content.len() as u64;
        // Known before it exists, so that a failure half way leaves nothing behind either.
        done.locations.push(location.clone());
        self.store.put(&location, content.into()).await?;
        done.rows += rows;
        done.files.push(NewFile {
            path: logged,
            partition: partition.clone(),
            size,
            modified: now(),
            statistics,
            tags: self
                .order
                .iter()
                .map(|order| (ORDER_TAG.to_owned(), order.tag()))
                .collect(),
        });
        Ok(())
    }
}

/// The new files of a bin.
pub(crate) struct Writing<'a> {
    rewriter: &'a Rewriter,
    partition: &'a Partition,
    files: &'a [FileEntry],
    output: Option<Output>,
    done: &'a mut Rewritten,
}

impl Writing<'_> {
    /// Writes rows into the file that is open, or a new one.
    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let open = match &mut self.output {
            Some(open) => open,
            None => self.output.insert(Output::new(
                &self.rewriter.schema,
                &self.rewriter.statistics,
            )?),
        };
        open.write(batch)?;
        if open.size() >= self.rewriter.target {
            self.store().await?;
        }
        Ok(())
    }

    /// Ends the file that is open.
    async fn store(&mut self) -> Result<()> {
        match self.output.take() {
            Some(full) => {
                self.rewriter
                    .store(full, self.partition, self.files, self.done)
                    .await
            }
            None => Ok(()),
        }
    }
}

/// Deletes files that are not going to be part of the table. What cannot be deleted is left to vacuum.
pub(crate) async fn discard(store: &Arc<dyn ObjectStore>, locations: &[Path]) {
    for location in locations {
        let _ = store.delete(location).await;
    }
}

pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| elapsed.as_millis() as i64)
}

/// A file that is being written.
struct Output {
    writer: ArrowWriter<Vec<u8>>,
    statistics: Statistics,
}

impl Output {
    fn new(schema: &SchemaRef, statistics: &Statistics) -> Result<Self> {
        let failed = |error: parquet::errors::ParquetError| Error::Internal(error.to_string());
        let level = ZstdLevel::try_new(1).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
            .set_created_by(format!("FinanceLake/{}", env!("CARGO_PKG_VERSION")))
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(schema), options)
            .map_err(failed)?;
        Ok(Self {
            writer,
            statistics: statistics.clone(),
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.statistics.update(batch);
        self.writer
            .write(batch)
            .map_err(|error| Error::Internal(error.to_string()))
    }

    /// Bytes of the file so far, those that are not compressed yet among them.
    fn size(&self) -> u64 {
        (self.writer.bytes_written() + self.writer.in_progress_size()) as u64
    }

    fn finish(self) -> Result<(Vec<u8>, String, u64)> {
        let rows = self.statistics.rows() as u64;
        let content = self
            .writer
            .into_inner()
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok((content, self.statistics.finish(), rows))
    }
}
