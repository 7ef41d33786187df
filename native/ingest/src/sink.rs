//! The sink of one task: partitions, what is collected from them, and commits.

use crate::bronze::{INVALID_REGION, PARTITIONS, bronze_table};
use crate::config::{Malformed, SinkConfig};
use crate::error::{Error, Result};
use crate::frames::{Frame, Frames};
use crate::rows::{Origin, Rows};
use arrow_array::temporal_conversions::date32_to_datetime;
use financelake_delta::{Append, Compression, EncodedFile, Progress, Table, encode};
use financelake_market::{Outcome as Decision, Parser, epoch_day};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use financelake_storage::{StorageOptions, open};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::timeout;

/// Files that are uploaded at the same time.
const UPLOADS: usize = 4;

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All that was collected is in the table, or there was nothing.
    Committed,
    /// Another task had written a partition meanwhile. What was collected is dropped, and every partition is
    /// to be read again from [`Sink::position`].
    Fenced,
}

/// What a sink holds and has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Records that are collected and not committed.
    pub records: u64,
    /// About how many bytes they take.
    pub bytes: u64,
    /// Records that were skipped because they came again.
    pub skipped: u64,
    /// Records that the rules refused, blank ones included.
    pub refused: u64,
}

/// A topic partition of this task.
#[derive(Debug)]
struct Slot {
    topic: String,
    partition: i32,
    application: String,
    /// The first offset that the table does not have; `None` when it has none.
    committed: Option<i64>,
    /// The first offset that is neither in the table nor collected.
    next: Option<i64>,
}

/// The folder of a row: day and region.
type Folder = (i32, &'static str);

/// What is on its way into the table, unchanged from attempt to attempt.
#[derive(Debug)]
struct Sealed {
    append: Append,
    uploads: Vec<(Path, PutPayload)>,
    /// Slots that it moves, and where to.
    moves: Vec<(usize, i64)>,
}

/// Collects the records of a task's partitions and commits them to the Bronze table.
#[derive(Debug)]
pub struct Sink {
    location: String,
    application: String,
    compression: Compression,
    malformed: Malformed,
    patience: Duration,
    parser: Parser,
    store: Arc<dyn ObjectStore>,
    table: Table,
    slots: Vec<Slot>,
    collected: BTreeMap<Folder, Rows>,
    sealed: Option<Sealed>,
    status: Status,
}

impl Sink {
    /// Opens the table, or makes it.
    ///
    /// # Errors
    /// What is wrong with the configuration or the table.
    pub async fn open(config: &SinkConfig) -> Result<Self> {
        let options = StorageOptions {
            hadoop_conf_dir: config.hadoop_conf_dir.clone(),
            user: config.user.clone(),
        };
        let store = open(&config.location, &options)?;
        Self::over(store, config).await
    }

    /// As [`Sink::open`], over a store whose root is the table's folder.
    ///
    /// # Errors
    /// As [`Sink::open`].
    pub async fn over(store: Arc<dyn ObjectStore>, config: &SinkConfig) -> Result<Self> {
        let wrong = |error: financelake_market::ConfigError| Error::Config(error.to_string());
        let parser = Parser::new(&config.records).map_err(wrong)?;
        let compression = config.codec()?;
        let patience = Duration::from_secs(config.commit_timeout_s);
        let opening = Table::open_or_create(Arc::clone(&store), bronze_table());
        let table = within(&config.location, patience, opening).await?;
        Ok(Self {
            location: config.location.clone(),
            application: config.application.clone(),
            compression,
            malformed: config.malformed,
            patience,
            parser,
            store,
            table,
            slots: Vec::new(),
            collected: BTreeMap::new(),
            sealed: None,
            status: Status::default(),
        })
    }

    /// Takes a topic partition over and returns its number in [`Frame::slot`]. Its position is the table's.
    ///
    /// # Errors
    /// When the table cannot be read, or while records of that partition are collected.
    pub async fn assign(&mut self, topic: &str, partition: i32) -> Result<usize> {
        let known = self
            .slots
            .iter()
            .position(|slot| slot.topic == topic && slot.partition == partition);
        // They would come again, and be there twice.
        if known.is_some_and(|index| self.slots[index].next != self.slots[index].committed) {
            return Err(Error::Config(format!(
                "{topic}-{partition} is assigned while its records are collected; commit or discard them first"
            )));
        }
        within(&self.location, self.patience, self.table.update()).await?;
        let index = known.unwrap_or_else(|| {
            self.slots.push(Slot {
                topic: topic.to_owned(),
                partition,
                application: format!("{}/{topic}/{partition}", self.application),
                committed: None,
                next: None,
            });
            self.slots.len() - 1
        });
        self.rewind(index);
        Ok(index)
    }

    /// The offset from which a partition is to be read: the first one that the table does not have, or
    /// `None` when the table has nothing of it.
    pub fn position(&self, slot: usize) -> Option<i64> {
        self.slots.get(slot).and_then(|slot| slot.committed)
    }

    /// What is collected, and counters.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether a commit was begun and not ended. Then [`Sink::commit`] goes on with it.
    pub fn is_committing(&self) -> bool {
        self.sealed.is_some()
    }

    /// Collects the records of a buffer. When they were handed over before (`again`), those that the table or
    /// this sink has are skipped; otherwise none can be among them, as partitions are read from their position.
    ///
    /// # Errors
    /// Nothing transient; the sink is of no use afterwards.
    pub fn append(&mut self, buffer: &[u8], again: bool) -> Result<()> {
        let ingested_at = micros(SystemTime::now());
        let mut frames = Frames::new(buffer);
        while let Some(frame) = frames.next()? {
            self.take(&frame, again, ingested_at)?;
        }
        Ok(())
    }

    fn take(&mut self, frame: &Frame<'_>, again: bool, ingested_at: i64) -> Result<()> {
        let slot = self.slots.get_mut(frame.slot);
        let slot = slot.ok_or(Error::Frame {
            at: 0,
            problem: "a partition that was not assigned",
        })?;
        if let Some(expected) = slot.next.filter(|next| frame.offset < *next) {
            if again {
                self.status.skipped += 1;
                return Ok(());
            }
            return Err(Error::WentBack {
                topic: slot.topic.clone(),
                partition: slot.partition,
                found: frame.offset,
                expected,
            });
        }
        // Records without a timestamp, which only brokers of long ago store, count as received in 1970.
        let received = frame.timestamp.unwrap_or(0).saturating_mul(1000);
        let decision = self.parser.parse(frame.value.unwrap_or_default(), received);
        let region = match &decision {
            Decision::Accepted(record) => record.region.as_str(),
            Decision::Refused(refusal) if self.malformed == Malformed::Fail => {
                return Err(Error::Refused {
                    topic: slot.topic.clone(),
                    partition: slot.partition,
                    offset: frame.offset,
                    reason: refusal.reason.code(),
                    detail: refusal.detail.clone(),
                });
            }
            Decision::Refused(_) | Decision::Blank => INVALID_REGION,
        };
        let origin = Origin {
            topic: &slot.topic,
            partition: slot.partition,
            ingested_at,
        };
        let rows = self
            .collected
            .entry((epoch_day(received), region))
            .or_insert_with(Rows::new);
        self.status.bytes += rows.push(frame, origin, &decision, received)? as u64;
        self.status.records += 1;
        self.status.refused += u64::from(region == INVALID_REGION);
        slot.next = Some(frame.offset + 1);
        Ok(())
    }

    /// Brings all that is collected into the table, in one commit.
    ///
    /// # Errors
    /// After a transient error nothing is lost: call it again. After any other the sink is of no use.
    pub async fn commit(&mut self) -> Result<Outcome> {
        let (location, patience) = (self.location.clone(), self.patience);
        match timeout(patience, self.commit_all()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Slow {
                location,
                seconds: patience.as_secs(),
            }),
        }
    }

    async fn commit_all(&mut self) -> Result<Outcome> {
        if self.sealed.is_some() && self.finish_commit().await? == Outcome::Fenced {
            return Ok(Outcome::Fenced);
        }
        if self.collected.is_empty() {
            return Ok(Outcome::Committed);
        }
        self.seal()?;
        self.finish_commit().await
    }

    /// Drops what is collected. Every partition is to be read again from [`Sink::position`].
    ///
    /// Should a commit of unknown outcome be in the table after all, the next one is fenced and takes the
    /// positions from there.
    pub fn discard(&mut self) {
        self.drop_collected();
    }

    fn drop_collected(&mut self) {
        self.collected.clear();
        self.sealed = None;
        (self.status.records, self.status.bytes) = (0, 0);
        for index in 0..self.slots.len() {
            self.rewind(index);
        }
    }

    fn rewind(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.committed = self.table.snapshot().transaction(&slot.application);
        slot.next = slot.committed;
    }

    /// Encodes what is collected and fixes what the commit will say.
    fn seal(&mut self) -> Result<()> {
        let reference = self.parser.reference().version();
        let (mut files, mut uploads) = (Vec::new(), Vec::new());
        for ((day, region), rows) in std::mem::take(&mut self.collected) {
            let batch = rows.finish(reference)?;
            let folder = [
                (PARTITIONS[0], date(day)),
                (PARTITIONS[1], region.to_owned()),
            ];
            let EncodedFile { file, content } = encode(&batch, &folder, self.compression)
                .map_err(|source| self.table_error(source))?;
            uploads.push((Path::from(file.path.as_str()), content.into()));
            files.push(file);
        }
        let moved = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.next != slot.committed);
        let moves: Vec<_> = moved
            .filter_map(|(index, slot)| Some((index, slot.next?)))
            .collect();
        let progress = moves.iter().map(|(index, to)| {
            let slot = &self.slots[*index];
            Progress {
                application: slot.application.clone(),
                from: slot.committed,
                to: *to,
            }
        });
        let append = Append::new(files, progress.collect());
        self.sealed = Some(Sealed {
            append,
            uploads,
            moves,
        });
        (self.status.records, self.status.bytes) = (0, 0);
        Ok(())
    }

    /// Uploads what is not uploaded yet, and commits.
    async fn finish_commit(&mut self) -> Result<Outcome> {
        let Some(sealed) = &mut self.sealed else {
            return Ok(Outcome::Committed);
        };
        let table = |source| Error::Table {
            location: self.location.clone(),
            source,
        };
        let store = &self.store;
        // Names are unique, so a file that was stored before an error may be stored again.
        stream::iter(&sealed.uploads)
            .map(
                |(path, content)| async move { store.put(path, content.clone()).await.map(|_| ()) },
            )
            .buffer_unordered(UPLOADS)
            .try_collect::<()>()
            .await
            .map_err(|error| table(error.into()))?;
        sealed.uploads.clear();
        match self.table.append(&sealed.append).await {
            Ok(_) => {
                for (index, to) in &sealed.moves {
                    self.slots[*index].committed = Some(*to);
                }
                self.sealed = None;
                Ok(Outcome::Committed)
            }
            // Its files stay: should the commit be there after all, they belong to the table. VACUUM removes
            // those that do not.
            Err(financelake_delta::Error::Fenced { .. }) => {
                self.drop_collected();
                Ok(Outcome::Fenced)
            }
            Err(source) => Err(table(source)),
        }
    }

    fn table_error(&self, source: financelake_delta::Error) -> Error {
        Error::Table {
            location: self.location.clone(),
            source,
        }
    }
}

/// Runs an operation on the table within the time that it may take.
async fn within<T>(
    location: &str,
    patience: Duration,
    operation: impl Future<Output = financelake_delta::Result<T>>,
) -> Result<T> {
    match timeout(patience, operation).await {
        Ok(result) => result.map_err(|source| Error::Table {
            location: location.to_owned(),
            source,
        }),
        Err(_) => Err(Error::Slow {
            location: location.to_owned(),
            seconds: patience.as_secs(),
        }),
    }
}

fn micros(time: SystemTime) -> i64 {
    let elapsed = time.duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
    })
}

/// A day as it stands in the names of folders.
fn date(day: i32) -> String {
    date32_to_datetime(day).map_or_else(|| day.to_string(), |time| time.date().to_string())
}
