//! The sink of one task, whatever it writes.

use crate::config::{FilesConfig, SinkConfig};
use crate::error::{Error, Result};
use crate::files::FileSink;
use crate::running::Running;
use crate::tables::TableSink;
use financelake_market::Refusal;
use financelake_storage::object_store::ObjectStore;
use financelake_storage::open;
use std::sync::Arc;
use std::time::Duration;

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All that was collected is in its place, or there was nothing.
    Committed,
    /// Another task had written a partition meanwhile. What was collected is dropped, and every partition is
    /// to be read again from [`Sink::position`].
    Fenced,
}

/// Which of the collected records are committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// Those that are due: all for a table, complete and old files otherwise.
    Due,
    /// All.
    All,
}

/// What a sink holds and has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Records that are collected and not committed.
    pub records: u64,
    /// About how many bytes they take.
    pub bytes: u64,
    /// About how many bytes a commit takes that was begun and not ended.
    pub committing: u64,
    /// Records that were skipped because their table has them.
    pub skipped: u64,
    /// Records that the rules refused, blank ones included.
    pub refused: u64,
}

/// A record that was left out and is to go to a dead-letter topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which record of the buffer it is, counted from 0.
    pub index: usize,
    /// The code of the reason.
    pub reason: &'static str,
    /// What was found.
    pub detail: String,
}

impl Refused {
    pub(crate) fn new(index: usize, refusal: &Refusal) -> Self {
        Self {
            index,
            reason: refusal.reason.code(),
            detail: refusal.detail.clone(),
        }
    }
}

/// Collects the records of a task's partitions and commits them.
#[derive(Debug)]
pub struct Sink {
    target: Target,
    /// The attempt to commit that is on its way.
    running: Option<Running>,
}

impl From<Target> for Sink {
    fn from(target: Target) -> Self {
        Self {
            target,
            running: None,
        }
    }
}

#[derive(Debug)]
enum Target {
    Tables(Box<TableSink>),
    Files(Box<FileSink>),
}

/// Calls the same of whatever the target is.
macro_rules! target {
    ($sink:expr, $target:ident => $call:expr) => {
        match $sink {
            Target::Tables($target) => $call,
            Target::Files($target) => $call,
        }
    };
}

impl Sink {
    /// Opens what the configuration names, or makes it.
    ///
    /// # Errors
    /// What is wrong with the configuration or the table.
    pub async fn open(config: &SinkConfig) -> Result<Self> {
        match &config.files {
            None => Ok(Target::Tables(Box::new(TableSink::open(config).await?)).into()),
            Some(files) => Self::over(open(&config.location, &config.storage())?, config, files),
        }
    }

    /// A sink of plain files in a store whose root is the configuration's location.
    ///
    /// # Errors
    /// As [`Sink::open`].
    pub fn over(
        store: Arc<dyn ObjectStore>,
        config: &SinkConfig,
        files: &FilesConfig,
    ) -> Result<Self> {
        let files = FileSink::over(store, config, files)?;
        Ok(Target::Files(Box::new(files)).into())
    }

    /// Takes a topic partition over and returns its number in [`crate::Frame::slot`]. Its position is that of the
    /// table, or of its manifests.
    ///
    /// # Errors
    /// When the storage cannot be read, or while records of that partition are collected.
    pub async fn assign(&mut self, topic: &str, partition: i32) -> Result<usize> {
        target!(&mut self.target, target => target.assign(topic, partition).await)
    }

    /// The offset from which a partition is to be read: the first one that is not committed, or `None` when
    /// nothing of it is.
    pub fn position(&self, slot: usize) -> Option<i64> {
        target!(&self.target, target => target.position(slot))
    }

    /// Moves a partition forward without records: those before the offset are left out.
    ///
    /// # Errors
    /// [`crate::Error::Backward`]; those of [`Sink::assign`] and [`Sink::commit`].
    pub async fn advance(&mut self, topic: &str, partition: i32, to: i64) -> Result<Outcome> {
        let slot = self.assign(topic, partition).await?;
        match self.position(slot) {
            Some(from) if from == to => return Ok(Outcome::Committed),
            Some(from) if from > to => {
                return Err(Error::Backward {
                    topic: topic.to_owned(),
                    partition,
                    from,
                    to,
                });
            }
            _ => {}
        }
        target!(&mut self.target, target => target.advance(slot, to));
        self.commit(Commit::All).await
    }

    /// What is collected, and counters.
    pub fn status(&self) -> Status {
        target!(&self.target, target => target.status())
    }

    /// Whether a commit was begun and its end is not known.
    pub fn is_committing(&self) -> bool {
        target!(&self.target, target => target.is_committing())
    }

    /// Whether an attempt to commit is on its way.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The time until [`Sink::begin`] is to be called; `None` while there is nothing to begin.
    pub fn due_in(&self) -> Option<Duration> {
        target!(&self.target, target => target.due_in(self.is_running()))
    }

    /// Collects the records of a buffer, and returns those that are left out and to be reported. May be called while a
    /// commit is on its way.
    ///
    /// # Errors
    /// Nothing transient; the sink is of no use afterwards.
    pub fn append(&mut self, buffer: &[u8]) -> Result<Vec<Refused>> {
        target!(&mut self.target, target => target.append(buffer))
    }

    /// Begins to bring what is collected into its place, in one commit of each table, or one of each partition's
    /// files; [`Sink::landed`] tells what became of it. While a commit is on its way nothing is done, and one that
    /// failed is tried again before anything new.
    ///
    /// # Panics
    /// When called outside of a Tokio runtime, which must outlive the commit.
    pub async fn begin(&mut self, what: Commit) {
        if self.running.is_none() {
            self.running = match &mut self.target {
                Target::Tables(tables) => tables.begin().await,
                Target::Files(files) => files.begin(what).await,
            };
        }
    }

    /// What became of the commit that was begun, once: nothing while it is on its way, or when there is none.
    ///
    /// # Errors
    /// After a transient error nothing is lost: begin again. After any other the sink is of no use.
    pub async fn landed(&mut self) -> Result<Option<Outcome>> {
        match &self.running {
            Some(running) if running.is_over() => self.land().await.map(Some),
            _ => Ok(None),
        }
    }

    /// Waits for the commit that is on its way.
    async fn land(&mut self) -> Result<Outcome> {
        let Some(running) = self.running.take() else {
            return Ok(Outcome::Committed);
        };
        let outcome = running.end().await;
        if matches!(outcome, Ok(Outcome::Fenced)) {
            self.discard().await;
        } else {
            // Also after an error: what was committed before it is.
            target!(&mut self.target, target => target.settle().await);
        }
        outcome
    }

    /// Commits what is collected, and waits for it.
    ///
    /// # Errors
    /// As [`Sink::landed`].
    pub async fn commit(&mut self, what: Commit) -> Result<Outcome> {
        loop {
            // A commit that was begun before does not have all.
            let before = self.is_committing();
            self.begin(what).await;
            if self.land().await? == Outcome::Fenced {
                return Ok(Outcome::Fenced);
            }
            if !before {
                return Ok(Outcome::Committed);
            }
        }
    }

    /// Drops what is collected, and cuts off a commit that is on its way. Every partition is to be read again from
    /// [`Sink::position`].
    ///
    /// Should a commit of unknown outcome have happened after all, the next one is fenced and takes the positions from
    /// there.
    pub async fn discard(&mut self) {
        if let Some(running) = self.running.take() {
            running.cancel().await;
        }
        target!(&mut self.target, target => target.discard().await);
    }
}
