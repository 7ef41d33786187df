//! A table that is open for appends.

use crate::action::{Action, CommitInfo, Metadata, Protocol, render};
use crate::append::{Append, engine, now};
use crate::error::{Error, Result};
use crate::log::{self, Snapshot};
use crate::schema::{check_fits, schema_json};
use arrow_schema::Schema;
use financelake_storage::object_store::{self, ObjectStore, ObjectStoreExt, PutMode};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// For how long an append is tried again before the caller hears of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// The first pause after a failure; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// What a table must be like, and how it is made when it is not there.
#[derive(Clone, Debug)]
pub struct TableSpec {
    /// All columns, with those of the folders.
    pub schema: Schema,
    /// The columns that name the folders.
    pub partitions: Vec<String>,
    /// Properties of a new table. Those of an existing one are left alone.
    pub properties: BTreeMap<String, String>,
}

impl TableSpec {
    fn check(&self, metadata: &Metadata) -> Result<()> {
        if metadata.partition_columns != self.partitions {
            return Err(Error::Mismatch(format!(
                "it is partitioned by {:?}, not by {:?}",
                metadata.partition_columns, self.partitions
            )));
        }
        check_fits(&self.schema, &metadata.schema_string)
    }

    /// The first commit of a new table.
    fn first_commit(&self) -> Result<String> {
        let protocol = Protocol {
            min_reader_version: 1,
            min_writer_version: 2,
            reader_features: None,
            writer_features: None,
        };
        let metadata = Metadata {
            id: Uuid::new_v4().to_string(),
            format: Default::default(),
            schema_string: schema_json(&self.schema)?,
            partition_columns: self.partitions.clone(),
            configuration: self.properties.clone(),
            created_time: Some(now()),
        };
        let information = CommitInfo {
            timestamp: now(),
            operation: "CREATE TABLE".to_owned(),
            operation_parameters: HashMap::new(),
            is_blind_append: Some(true),
            engine_info: engine(),
            txn_id: Some(Uuid::new_v4().to_string()),
            ..CommitInfo::default()
        };
        let actions = [
            Action::CommitInfo(information),
            Action::Protocol(&protocol),
            Action::MetaData(&metadata),
        ];
        render(&actions).map_err(unwritable)
    }
}

/// A Delta table and its newest known version.
#[derive(Debug)]
pub struct Table {
    store: Arc<dyn ObjectStore>,
    spec: TableSpec,
    snapshot: Snapshot,
}

impl Table {
    /// Opens the table in the root of the store, or makes it there when there is none.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Mismatch`], [`Error::Damaged`] or [`Error::Storage`].
    pub async fn open_or_create(store: Arc<dyn ObjectStore>, spec: TableSpec) -> Result<Self> {
        let mut attempts = Attempts::new();
        loop {
            match log::load(&*store).await {
                Ok(Some(snapshot)) => {
                    spec.check(&snapshot.metadata)?;
                    return Ok(Self {
                        store,
                        spec,
                        snapshot,
                    });
                }
                Ok(None) => match put_if_absent(&*store, 0, spec.first_commit()?).await {
                    Ok(()) | Err(object_store::Error::AlreadyExists { .. }) => {}
                    Err(error) => attempts.pause(error.into()).await?,
                },
                Err(error) => attempts.pause(error).await?,
            }
        }
    }

    /// The newest version that is known here; [`Table::update`] looks for newer ones.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Reads what was committed since.
    ///
    /// # Errors
    /// As [`Table::open_or_create`]; also when the table was replaced by another one.
    pub async fn update(&mut self) -> Result<()> {
        let mut attempts = Attempts::new();
        while let Err(error) = self.catch_up(None).await {
            attempts.pause(error).await?;
        }
        Ok(())
    }

    /// Commits the append and returns its version. When the table has it already, nothing is done.
    ///
    /// # Errors
    /// [`Error::Fenced`] and the errors of [`Table::update`]: nothing was committed. After a transient
    /// one it may have been; the same append may be tried again.
    pub async fn append(&mut self, append: &Append) -> Result<i64> {
        let mut attempts = Attempts::new();
        loop {
            match self.try_append(append).await {
                Ok(Some(version)) => return Ok(version),
                // Another writer was first.
                Ok(None) => attempts.lost().await?,
                Err(error) => attempts.pause(error).await?,
            }
        }
    }

    async fn try_append(&mut self, append: &Append) -> Result<Option<i64>> {
        // Also after an error: the commit may be there although its answer was lost.
        if let Some(version) = self.catch_up(Some(&append.id)).await? {
            return Ok(Some(version));
        }
        append.check(&self.snapshot)?;
        let version = self.snapshot.version + 1;
        let content = append.render(&self.snapshot).map_err(unwritable)?;
        match put_if_absent(&*self.store, version, content).await {
            Ok(()) => {
                self.snapshot.version = version;
                self.snapshot.newest = self.store.head(&log::commit_path(version)).await.ok();
                let progress = append.progress.iter();
                let moved = progress.map(|progress| (progress.application.clone(), progress.to));
                self.snapshot.transactions.extend(moved);
                Ok(Some(version))
            }
            Err(object_store::Error::AlreadyExists { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn catch_up(&mut self, id: Option<&str>) -> Result<Option<i64>> {
        let (snapshot, own) = log::update(&*self.store, &self.snapshot, id).await?;
        if snapshot.metadata != self.snapshot.metadata {
            if snapshot.metadata.id != self.snapshot.metadata.id {
                let problem = "it was replaced by another table while it was written".to_owned();
                return Err(Error::Mismatch(problem));
            }
            self.spec.check(&snapshot.metadata)?;
        }
        self.snapshot = snapshot;
        Ok(own)
    }
}

pub(crate) async fn put_if_absent(
    store: &dyn ObjectStore,
    version: i64,
    content: String,
) -> object_store::Result<()> {
    let path = log::commit_path(version);
    store
        .put_opts(&path, content.into(), PutMode::Create.into())
        .await
        .map(|_| ())
}

pub(crate) fn unwritable(error: serde_json::Error) -> Error {
    Error::Damaged(format!("a commit cannot be written as JSON: {error}"))
}

/// Pauses between attempts, and their end.
pub(crate) struct Attempts {
    end: Instant,
    pause: Duration,
    lost: u32,
}

impl Attempts {
    pub(crate) fn new() -> Self {
        Self {
            end: Instant::now() + PATIENCE,
            pause: FIRST_PAUSE,
            lost: 0,
        }
    }

    /// Waits after a failure, or returns it when it will not go away or patience is at its end.
    pub(crate) async fn pause(&mut self, error: Error) -> Result<()> {
        if !error.is_transient() || Instant::now() + self.pause >= self.end {
            return Err(error);
        }
        sleep(jitter(self.pause)).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }

    /// Waits a moment after another writer came first, so that two do not run in step.
    pub(crate) async fn lost(&mut self) -> Result<()> {
        self.lost += 1;
        if Instant::now() >= self.end {
            return Err(Error::Crowded(self.lost));
        }
        sleep(jitter(FIRST_PAUSE)).await;
        Ok(())
    }
}

/// Between nothing and the whole pause.
fn jitter(pause: Duration) -> Duration {
    pause.mul_f64(f64::from(Uuid::new_v4().as_bytes()[0]) / 255.0)
}
