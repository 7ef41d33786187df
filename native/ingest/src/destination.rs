//! One table of a sink: the rows that are collected for it, and its next commit.

use crate::bronze::{PARTITIONS, bronze_table, file_schema};
use crate::error::{Error, Result};
use crate::rows::Rows;
use arrow_array::temporal_conversions::date32_to_datetime;
use financelake_delta::{Append, Compression, EncodedFile, Progress, Table, encode};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Files that are uploaded at the same time.
const UPLOADS: usize = 4;

/// The folder of a row: day and region.
pub(crate) type Folder = (i32, &'static str);

/// A partition that a commit moves: its number, and where the table has it afterwards.
pub(crate) type Move = (usize, i64);

/// What is on its way into the table, unchanged from attempt to attempt.
#[derive(Debug)]
struct Sealed {
    append: Append,
    uploads: Vec<(Path, PutPayload)>,
    moves: Vec<Move>,
}

/// A table and what is collected for it.
#[derive(Debug)]
pub(crate) struct Destination {
    location: String,
    store: Arc<dyn ObjectStore>,
    table: Table,
    collected: BTreeMap<Folder, Rows>,
    sealed: Option<Sealed>,
}

impl Destination {
    /// Opens the table in the root of the store, or makes it.
    pub(crate) async fn open(
        location: &str,
        store: Arc<dyn ObjectStore>,
        patience: Duration,
    ) -> Result<Self> {
        let opening = Table::open_or_create(Arc::clone(&store), bronze_table());
        Ok(Self {
            location: location.to_owned(),
            table: within(location, patience, opening).await?,
            store,
            collected: BTreeMap::new(),
            sealed: None,
        })
    }

    /// Reads what was committed since.
    pub(crate) async fn update(&mut self, patience: Duration) -> Result<()> {
        within(&self.location, patience, self.table.update()).await
    }

    /// How far the table has an application.
    pub(crate) fn committed(&self, application: &str) -> Option<i64> {
        self.table.snapshot().transaction(application)
    }

    /// The rows that are collected for a folder.
    pub(crate) fn rows(&mut self, folder: Folder) -> &mut Rows {
        self.collected
            .entry(folder)
            .or_insert_with(|| Rows::new(true))
    }

    pub(crate) fn is_sealed(&self) -> bool {
        self.sealed.is_some()
    }

    /// Drops what is collected or on its way.
    pub(crate) fn clear(&mut self) {
        self.collected.clear();
        self.sealed = None;
    }

    /// Encodes what is collected and fixes what the commit will say. Without rows and moves there is none.
    pub(crate) fn seal(
        &mut self,
        moves: Vec<(usize, Progress)>,
        reference: i64,
        compression: Compression,
    ) -> Result<()> {
        if self.collected.is_empty() && moves.is_empty() {
            return Ok(());
        }
        let (mut files, mut uploads) = (Vec::new(), Vec::new());
        for ((day, region), rows) in std::mem::take(&mut self.collected) {
            let batch = rows.finish(&file_schema(), reference)?;
            let folder = [
                (PARTITIONS[0], date(day)),
                (PARTITIONS[1], region.to_owned()),
            ];
            let EncodedFile { file, content } =
                encode(&batch, &folder, compression).map_err(|source| self.wrong(source))?;
            uploads.push((Path::from(file.path.as_str()), content.into()));
            files.push(file);
        }
        let (numbers, progress): (Vec<_>, Vec<_>) = moves.into_iter().unzip();
        let targets = progress.iter().map(|progress: &Progress| progress.to);
        self.sealed = Some(Sealed {
            moves: numbers.into_iter().zip(targets).collect(),
            append: Append::new(files, progress),
            uploads,
        });
        Ok(())
    }

    /// Uploads what is not uploaded yet, and commits. Returns what it moved, or nothing when another writer
    /// had moved a partition before.
    pub(crate) async fn finish(&mut self) -> Result<Option<Vec<Move>>> {
        let Some(sealed) = &mut self.sealed else {
            return Ok(Some(Vec::new()));
        };
        let store = &self.store;
        // Names are unique, so a file that was stored before an error may be stored again.
        let uploaded = stream::iter(&sealed.uploads)
            .map(
                |(path, content)| async move { store.put(path, content.clone()).await.map(|_| ()) },
            )
            .buffer_unordered(UPLOADS)
            .try_collect::<()>()
            .await;
        uploaded.map_err(|error| Error::table(&self.location, error.into()))?;
        sealed.uploads.clear();
        match self.table.append(&sealed.append).await {
            Ok(_) => Ok(Some(
                self.sealed
                    .take()
                    .map_or_else(Vec::new, |sealed| sealed.moves),
            )),
            // Its files stay: should the commit be there after all, they belong to the table. VACUUM removes
            // those that do not.
            Err(financelake_delta::Error::Fenced { .. }) => Ok(None),
            Err(source) => Err(self.wrong(source)),
        }
    }

    fn wrong(&self, source: financelake_delta::Error) -> Error {
        Error::table(&self.location, source)
    }
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
