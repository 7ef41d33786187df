//! The sink whose target is Bronze: partitions, what is collected from them, and commits to one or more tables.

use crate::bronze::INVALID_REGION;
use crate::config::{Malformed, Rotation, SinkConfig};
use crate::destination::{Destination, TableWriter};
use crate::error::{Error, Result};
use crate::frames::{Frame, Frames};
use crate::routes::Router;
use crate::rows::{Origin, micros};
use crate::running::Running;
use crate::sink::{Outcome, Refused, Status};
use financelake_delta::{Compression, Progress};
use financelake_market::{Outcome as Decision, Parser, epoch_day};
use financelake_storage::open;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// A topic partition of this task.
#[derive(Debug)]
struct Slot {
    topic: String,
    partition: i32,
    application: String,
    /// The table that says how far this partition is.
    home: usize,
    /// The first offset that is neither in the home nor collected.
    next: Option<i64>,
    /// What each table says; only that of the home is where reading starts.
    marks: Vec<Mark>,
}

/// A partition in one table.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    /// The first offset that the table does not have; `None` when it has none.
    committed: Option<i64>,
    /// Rows of the partition are collected for the table.
    touched: bool,
}

/// Collects the records of a task's partitions and commits them to Bronze tables.
#[derive(Debug)]
pub(crate) struct TableSink {
    application: String,
    compression: Compression,
    malformed: Malformed,
    rotation: Rotation,
    patience: Duration,
    parser: Parser,
    router: Router,
    tables: Vec<Destination>,
    slots: Vec<Slot>,
    status: Status,
    /// When the first of the collected records came.
    since: Option<Instant>,
    /// A commit was begun, and its end is not known.
    sealed: bool,
}

impl TableSink {
    /// Opens the tables, or makes them.
    pub(crate) async fn open(config: &SinkConfig) -> Result<Self> {
        let wrong = |error: financelake_market::ConfigError| Error::Config(error.to_string());
        let parser = Parser::new(&config.records).map_err(wrong)?;
        let compression = config.codec()?;
        let patience = Duration::from_secs(config.commit_timeout_s);
        let options = config.storage();
        let router = Router::new(config)?;
        let mut tables = Vec::new();
        for location in &router.locations {
            let store = open(location, &options)?;
            tables.push(Destination::open(location, store, patience).await?);
        }
        Ok(Self {
            application: config.application.clone(),
            compression,
            malformed: config.malformed,
            rotation: config.rotation,
            patience,
            parser,
            router,
            tables,
            slots: Vec::new(),
            status: Status::default(),
            since: None,
            sealed: false,
        })
    }

    pub(crate) async fn assign(&mut self, topic: &str, partition: i32) -> Result<usize> {
        let known = self
            .slots
            .iter()
            .position(|slot| slot.topic == topic && slot.partition == partition);
        // They would come again, and be there twice.
        if known.is_some_and(|index| self.slots[index].next != self.position(index)) {
            return Err(Error::Config(format!(
                "{topic}-{partition} is assigned while its records are collected; commit or discard them first"
            )));
        }
        for table in &self.tables {
            table.table.lock().await.update(self.patience).await?;
        }
        let index = known.unwrap_or_else(|| {
            self.slots.push(Slot {
                topic: topic.to_owned(),
                partition,
                application: format!("{}/{topic}/{partition}", self.application),
                home: self.router.home(topic),
                next: None,
                marks: Vec::new(),
            });
            self.slots.len() - 1
        });
        self.rewind(index).await;
        Ok(index)
    }

    pub(crate) fn position(&self, slot: usize) -> Option<i64> {
        let slot = self.slots.get(slot)?;
        slot.marks.get(slot.home)?.committed
    }

    pub(crate) fn advance(&mut self, slot: usize, to: i64) {
        self.slots[slot].next = Some(to);
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }

    pub(crate) fn is_committing(&self) -> bool {
        self.sealed
    }

    /// Told whether an attempt to commit is on its way.
    pub(crate) fn due_in(&self, running: bool) -> Option<Duration> {
        if (self.sealed && !running)
            || self.status.records >= self.rotation.records
            || self.status.bytes >= self.rotation.bytes
        {
            return Some(Duration::ZERO);
        }
        Some(self.rotation.remaining(self.since?))
    }

    pub(crate) fn append(&mut self, buffer: &[u8]) -> Result<Vec<Refused>> {
        let ingested_at = micros(SystemTime::now());
        let mut frames = Frames::new(buffer);
        let (mut refused, mut index) = (Vec::new(), 0);
        while let Some(frame) = frames.next()? {
            refused.extend(self.take(&frame, index, ingested_at)?);
            index += 1;
        }
        Ok(refused)
    }

    fn take(
        &mut self,
        frame: &Frame<'_>,
        index: usize,
        ingested_at: i64,
    ) -> Result<Option<Refused>> {
        let slot = self.slots.get_mut(frame.slot);
        let slot = slot.ok_or(Error::Frame {
            at: 0,
            problem: "a partition that was not assigned",
        })?;
        frame.follows(slot.next, &slot.topic, slot.partition)?;
        self.since.get_or_insert_with(Instant::now);
        // Records without a timestamp, which only brokers of long ago store, count as received in 1970.
        let received = frame.timestamp.unwrap_or(0).saturating_mul(1000);
        let decision = self.parser.parse(frame.value.unwrap_or_default(), received);
        let (number, region) = match &decision {
            Decision::Accepted(record) => (
                self.router.table(slot.home, record.asset_class),
                record.region.as_str(),
            ),
            Decision::Refused(refusal) if self.malformed != Malformed::Bronze => {
                if self.malformed == Malformed::Fail {
                    return Err(Error::Refused {
                        topic: slot.topic.clone(),
                        partition: slot.partition,
                        offset: frame.offset,
                        reason: refusal.reason.code(),
                        detail: refusal.detail.clone(),
                    });
                }
                self.status.refused += 1;
                slot.next = Some(frame.offset + 1);
                let reported = self.malformed == Malformed::Dlq;
                return Ok(reported.then(|| Refused::new(index, refusal)));
            }
            Decision::Refused(_) | Decision::Blank => (slot.home, INVALID_REGION),
        };
        slot.next = Some(frame.offset + 1);
        let mark = &mut slot.marks[number];
        // After a crash between two commits, or another version of the reference, a table may be ahead of the home.
        if mark.committed.is_some_and(|next| frame.offset < next) {
            self.status.skipped += 1;
            return Ok(None);
        }
        mark.touched = true;
        let origin = Origin {
            topic: &slot.topic,
            partition: slot.partition,
            ingested_at,
        };
        let rows = self.tables[number].rows((epoch_day(received), region));
        self.status.bytes += rows.push(frame, origin, &decision, received)? as u64;
        self.status.records += 1;
        self.status.refused += u64::from(region == INVALID_REGION);
        Ok(None)
    }

    /// Begins to commit what is collected, or goes on with what was begun before.
    pub(crate) async fn begin(&mut self) -> Option<Running> {
        if !self.sealed {
            self.seal().await;
        }
        self.sealed.then(|| {
            let order = self.router.order.iter();
            let tables = order.map(|number| Arc::clone(&self.tables[*number].table));
            let commit = commit_all(tables.collect(), self.compression);
            Running::start(&self.router.locations[0], self.patience, commit)
        })
    }

    /// Takes note of what an attempt did, which has ended.
    pub(crate) async fn settle(&mut self) {
        self.sealed = false;
        for (number, table) in self.tables.iter().enumerate() {
            let mut table = table.table.lock().await;
            for (slot, to) in table.take_moved() {
                self.slots[slot].marks[number].committed = Some(to);
            }
            self.sealed |= table.is_sealed();
        }
        if !self.sealed {
            self.status.committing = 0;
        }
    }

    pub(crate) async fn discard(&mut self) {
        for table in &mut self.tables {
            table.clear();
            table.table.lock().await.clear();
        }
        self.sealed = false;
        (self.status.records, self.status.bytes, self.since) = (0, 0, None);
        self.status.committing = 0;
        for index in 0..self.slots.len() {
            self.rewind(index).await;
        }
    }

    async fn rewind(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.marks.clear();
        for table in &self.tables {
            slot.marks.push(Mark {
                committed: table.table.lock().await.committed(&slot.application),
                touched: false,
            });
        }
        slot.next = slot.marks[slot.home].committed;
    }

    /// Fixes what the commits will say: rows, and how far partitions get in the table.
    async fn seal(&mut self) {
        let reference = self.parser.reference().version();
        for (number, table) in self.tables.iter_mut().enumerate() {
            let mut moves = Vec::new();
            for (index, slot) in self.slots.iter_mut().enumerate() {
                let Some(to) = slot.next else { continue };
                let mark = &mut slot.marks[number];
                if mark.touched || (number == slot.home && mark.committed != Some(to)) {
                    mark.touched = false;
                    let progress = Progress {
                        application: slot.application.clone(),
                        from: mark.committed,
                        to,
                    };
                    moves.push((index, progress));
                }
            }
            self.sealed |= table.seal(moves, reference).await;
        }
        self.status.committing = self.status.bytes;
        (self.status.records, self.status.bytes, self.since) = (0, 0, None);
    }
}

/// Commits to the tables one after the other.
async fn commit_all(
    tables: Vec<Arc<Mutex<TableWriter>>>,
    compression: Compression,
) -> Result<Outcome> {
    for table in tables {
        if !table.lock().await.finish(compression).await? {
            return Ok(Outcome::Fenced);
        }
    }
    Ok(Outcome::Committed)
}
