//! One table of a sink: the rows that are collected for it, and the commit on its way.

use crate::bronze::{PARTITIONS, bronze_table, file_schema};
use crate::error::{Error, Result};
use crate::outgoing::{Encoded, Outgoing, store_all};
use crate::rows::Rows;
use arrow_array::temporal_conversions::date32_to_datetime;
use financelake_delta::{Append, Compression, DataFile, EncodedFile, Progress, Table, encode};
use financelake_storage::object_store::ObjectStore;
use financelake_storage::object_store::path::Path;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// The folder of a row: day and region.
pub(crate) type Folder = (i32, &'static str);

/// A partition that a commit moves: its number, and where the table has it afterwards.
pub(crate) type Move = (usize, i64);

/// What is collected for a table, and the table itself, which a running commit shares.
#[derive(Debug)]
pub(crate) struct Destination {
    collected: BTreeMap<Folder, Rows>,
    pub(crate) table: Arc<Mutex<TableWriter>>,
}

impl Destination {
    /// Opens the table in the root of the store, or makes it.
    pub(crate) async fn open(
        location: &str,
        store: Arc<dyn ObjectStore>,
        patience: Duration,
    ) -> Result<Self> {
        let opening = Table::open_or_create(Arc::clone(&store), bronze_table());
        let table = TableWriter {
            location: location.to_owned(),
            table: within(location, patience, opening).await?,
            store,
            sealed: None,
            moved: Vec::new(),
        };
        Ok(Self {
            collected: BTreeMap::new(),
            table: Arc::new(Mutex::new(table)),
        })
    }

    /// The rows that are collected for a folder.
    pub(crate) fn rows(&mut self, folder: Folder) -> &mut Rows {
        self.collected
            .entry(folder)
            .or_insert_with(|| Rows::new(true))
    }

    /// Drops what is collected.
    pub(crate) fn clear(&mut self) {
        self.collected.clear();
    }

    /// Hands what is collected to the writer, and fixes what its commit will say. Without rows and moves there is none.
    /// Returns whether there is one.
    pub(crate) async fn seal(&mut self, moves: Vec<(usize, Progress)>, reference: i64) -> bool {
        if self.collected.is_empty() && moves.is_empty() {
            return false;
        }
        let (numbers, progress): (Vec<_>, Vec<_>) = moves.into_iter().unzip();
        let targets = progress.iter().map(|progress: &Progress| progress.to);
        let collected = std::mem::take(&mut self.collected);
        self.table.lock().await.sealed = Some(Sealed {
            moves: numbers.into_iter().zip(targets).collect(),
            files: collected.into_iter().map(Outgoing::new).collect(),
            progress,
            append: None,
            reference,
        });
        true
    }
}

/// What is on its way into the table, the same from attempt to attempt.
#[derive(Debug)]
struct Sealed {
    files: Vec<Outgoing<(Folder, Rows), DataFile>>,
    moves: Vec<Move>,
    progress: Vec<Progress>,
    /// Once all files are stored.
    append: Option<Append>,
    reference: i64,
}

/// A table, and its next commit.
#[derive(Debug)]
pub(crate) struct TableWriter {
    location: String,
    store: Arc<dyn ObjectStore>,
    table: Table,
    sealed: Option<Sealed>,
    /// What was moved and not told yet.
    moved: Vec<Move>,
}

impl TableWriter {
    /// Reads what was committed since.
    pub(crate) async fn update(&mut self, patience: Duration) -> Result<()> {
        within(&self.location, patience, self.table.update()).await
    }

    /// How far the table has an application.
    pub(crate) fn committed(&self, application: &str) -> Option<i64> {
        self.table.snapshot().transaction(application)
    }

    /// What its commits moved since this was asked last.
    pub(crate) fn take_moved(&mut self) -> Vec<Move> {
        std::mem::take(&mut self.moved)
    }

    /// Drops the commit that is on its way.
    pub(crate) fn clear(&mut self) {
        self.sealed = None;
        self.moved.clear();
    }

    /// Whether a commit is on its way.
    pub(crate) fn is_sealed(&self) -> bool {
        self.sealed.is_some()
    }

    /// Stores what is not stored yet, and commits; false when another writer had moved a partition before.
    pub(crate) async fn finish(&mut self, compression: Compression) -> Result<bool> {
        let Some(sealed) = &mut self.sealed else {
            return Ok(true);
        };
        if sealed.append.is_none() {
            let reference = sealed.reference;
            let location = &self.location;
            store_all(
                &mut sealed.files,
                &*self.store,
                location,
                |(folder, rows)| encoded(location, folder, rows, reference, compression),
            )
            .await?;
            let files = std::mem::take(&mut sealed.files);
            let files = files.into_iter().filter_map(Outgoing::stored).collect();
            sealed.append = Some(Append::new(files, std::mem::take(&mut sealed.progress)));
        }
        let Some(append) = &sealed.append else {
            return Ok(true);
        };
        match self.table.append(append).await {
            Ok(_) => {
                let sealed = self.sealed.take();
                self.moved
                    .extend(sealed.into_iter().flat_map(|sealed| sealed.moves));
                Ok(true)
            }
            // Its files stay: should the commit be there after all, they belong to the table. VACUUM removes
            // those that do not.
            Err(financelake_delta::Error::Fenced { .. }) => Ok(false),
            Err(source) => Err(Error::table(&self.location, source)),
        }
    }
}

fn encoded(
    location: &str,
    (day, region): Folder,
    rows: Rows,
    reference: i64,
    compression: Compression,
) -> Result<Encoded<DataFile>> {
    let batch = rows.finish(&file_schema(), reference)?;
    let folder = [
        (PARTITIONS[0], date(day)),
        (PARTITIONS[1], region.to_owned()),
    ];
    let EncodedFile { file, content } =
        encode(&batch, &folder, compression).map_err(|source| Error::table(location, source))?;
    Ok(Encoded {
        path: Path::from(file.path.as_str()),
        content,
        file,
    })
}

/// Runs an operation on the table within the time that it may take.
async fn within<T>(
    location: &str,
    patience: Duration,
    operation: impl Future<Output = financelake_delta::Result<T>>,
) -> Result<T> {
    match timeout(patience, operation).await {
        Ok(result) => result.map_err(|source| Error::table(location, source)),
        Err(_) => Err(Error::slow(location, patience)),
    }
}

/// A day as it stands in the names of folders.
fn date(day: i32) -> String {
    date32_to_datetime(day).map_or_else(|| day.to_string(), |time| time.date().to_string())
}
