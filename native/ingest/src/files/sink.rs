//! Collects records into chunks, and commits each partition by itself.

use crate::config::{FilesConfig, Format, Malformed, Metadata, Rotation, SinkConfig};
use crate::error::{Error, Result};
use crate::files::chain::{self, Chain};
use crate::files::chunk::{Chunk, PartContent};
use crate::files::encode::{Encoding, columns};
use crate::files::partitioner::{Content, Partitioner, Unplaced};
use crate::files::takeover;
use crate::files::writing::{Places, Writing};
use crate::frames::{Frame, Frames};
use crate::rows::{Origin, Rows, micros};
use crate::sink::{Commit, Outcome, Refused, Status};
use arrow_schema::Schema;
use financelake_market::{Outcome as Decision, Parser, Reason};
use financelake_storage::StorageOptions;
use financelake_storage::object_store::ObjectStore;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::time::timeout;

/// A topic partition of this task.
#[derive(Debug)]
struct Slot {
    places: Arc<Places>,
    chain: Chain,
    /// The first offset that is neither committed nor collected.
    next: Option<i64>,
    /// Complete chunks.
    closed: Vec<Chunk>,
    open: Chunk,
    /// When the first of the collected records came.
    since: Option<Instant>,
    writing: Option<Writing>,
}

impl Slot {
    fn clear(&mut self) {
        self.next = self.chain.position();
        self.closed.clear();
        self.open = Chunk::default();
        self.since = None;
        self.writing = None;
    }

    fn close_chunk(&mut self) {
        if !self.open.is_empty() {
            self.closed.push(std::mem::take(&mut self.open));
        }
    }

    fn is_collecting(&self) -> bool {
        self.writing.is_some() || !self.closed.is_empty() || !self.open.is_empty()
    }
}

/// Collects the records of a task's partitions and commits them as plain files.
#[derive(Debug)]
pub(crate) struct FileSink {
    location: String,
    options: StorageOptions,
    files: FilesConfig,
    malformed: Malformed,
    rotation: Rotation,
    patience: Duration,
    /// Shared, as a record borrows from it while the sink collects it.
    parser: Arc<Parser>,
    partitioner: Partitioner,
    encoding: Encoding,
    schema: Schema,
    store: Arc<dyn ObjectStore>,
    slots: Vec<Slot>,
    /// Of topics with partitions without manifests: the first offsets behind the files that are there, by partition.
    topics: HashMap<String, HashMap<i32, i64>>,
    status: Status,
}

impl FileSink {
    pub(crate) fn over(
        store: Arc<dyn ObjectStore>,
        config: &SinkConfig,
        files: &FilesConfig,
    ) -> Result<Self> {
        let wrong = |error: financelake_market::ConfigError| Error::Config(error.to_string());
        if config.malformed == Malformed::Bronze {
            return Err(Error::Config(
                "behavior.on.malformed=bronze: plain files have no place for refused records; write dlq, ignore or fail"
                    .to_owned(),
            ));
        }
        let market = files.format != Format::Json;
        Ok(Self {
            location: config.location.clone(),
            malformed: config.malformed,
            rotation: config.rotation,
            patience: Duration::from_secs(config.commit_timeout_s),
            parser: Arc::new(Parser::new(&config.records).map_err(wrong)?),
            partitioner: Partitioner::new(files, market)?,
            encoding: Encoding::new(files, &config.compression)?,
            schema: columns(files.metadata),
            store,
            options: config.storage(),
            files: files.clone(),
            slots: Vec::new(),
            topics: HashMap::new(),
            status: Status::default(),
        })
    }

    pub(crate) fn sample_path(config: &SinkConfig, files: &FilesConfig) -> Result<String> {
        let extension = Encoding::new(files, &config.compression)?.extension();
        let folder = Partitioner::new(files, files.format != Format::Json)?.sample()?;
        let base = config.location.trim_end_matches('/');
        let (topics, pad) = (files.topics_dir.trim_matches('/'), files.pad);
        Ok(format!(
            "{base}/{topics}/<topic>/{folder}/<topic>+0+{:0pad$}+{:0pad$}.{extension}",
            0, 999
        ))
    }

    pub(crate) async fn assign(&mut self, topic: &str, partition: i32) -> Result<usize> {
        let location = self.location.clone();
        match timeout(self.patience, self.take_over(topic, partition)).await {
            Ok(number) => number,
            Err(_) => Err(Error::slow(&location, self.patience)),
        }
    }

    async fn take_over(&mut self, topic: &str, partition: i32) -> Result<usize> {
        let known = |slot: &Slot| slot.places.topic == topic && slot.places.partition == partition;
        let known = self.slots.iter().position(known);
        // They would come again, and be there twice.
        if known.is_some_and(|index| self.slots[index].is_collecting()) {
            return Err(Error::Config(format!(
                "{topic}-{partition} is assigned while its records are collected; commit or discard them first"
            )));
        }
        let folder = |pattern: &str| pattern.trim_matches('/').replace("${topic}", topic);
        let topics = folder(&self.files.topics_dir);
        let places = Places {
            topic_folder: format!("{topics}/{topic}"),
            unfinished: format!("{topics}/+tmp/{topic}/{partition}"),
            topic: topic.to_owned(),
            partition,
            pad: self.files.pad,
        };
        let log = format!("{}/{topic}/{partition}", folder(&self.files.logs_dir));
        let store = &*self.store;
        if !self.slots.iter().any(|slot| slot.places.topic == topic) {
            let storage = (store, &self.options);
            takeover::refuse_delta(storage, &self.location, &places.topic_folder).await?;
        }
        let mut chain = Chain::open(store, chain::parse(&log)?).await?;
        if chain.position().is_none() {
            if !self.topics.contains_key(topic) {
                let ends = takeover::ends_of_files(store, &places.topic_folder, topic).await?;
                self.topics.insert(topic.to_owned(), ends);
            }
            chain.start_at(self.topics[topic].get(&partition).copied());
        }
        takeover::remove_orphans(store, &places.unfinished).await?;
        let next = chain.position();
        let slot = Slot {
            places: Arc::new(places),
            chain,
            next,
            closed: Vec::new(),
            open: Chunk::default(),
            since: None,
            writing: None,
        };
        Ok(match known {
            Some(index) => {
                self.slots[index] = slot;
                index
            }
            None => {
                self.slots.push(slot);
                self.slots.len() - 1
            }
        })
    }

    pub(crate) fn position(&self, slot: usize) -> Option<i64> {
        self.slots.get(slot)?.chain.position()
    }

    pub(crate) async fn advance(&mut self, slot: usize, to: i64) -> Result<Outcome> {
        self.slots[slot].next = Some(to);
        self.slots[slot].open.end = Some(to);
        self.commit(Commit::All).await
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }

    pub(crate) fn is_committing(&self) -> bool {
        self.slots.iter().any(|slot| slot.writing.is_some())
    }

    pub(crate) fn due_in(&self) -> Option<Duration> {
        let full = self.status.bytes >= self.rotation.bytes;
        let complete = |slot: &Slot| slot.writing.is_some() || !slot.closed.is_empty();
        if full || self.slots.iter().any(complete) {
            return Some(Duration::ZERO);
        }
        let oldest = self.slots.iter().filter_map(|slot| slot.since).min()?;
        Some(self.rotation.remaining(oldest))
    }

    pub(crate) fn append(&mut self, buffer: &[u8], again: bool) -> Result<Vec<Refused>> {
        let ingested_at = micros(SystemTime::now());
        let mut frames = Frames::new(buffer);
        let (mut refused, mut index) = (Vec::new(), 0);
        while let Some(frame) = frames.next()? {
            if let Some((reason, detail)) = self.take(&frame, again, ingested_at)? {
                self.status.refused += 1;
                match self.malformed {
                    Malformed::Dlq => refused.push(Refused {
                        index,
                        reason,
                        detail,
                    }),
                    Malformed::Ignore => {}
                    Malformed::Fail | Malformed::Bronze => {
                        let places = &self.slots[frame.slot].places;
                        return Err(Error::Refused {
                            topic: places.topic.clone(),
                            partition: places.partition,
                            offset: frame.offset,
                            reason,
                            detail,
                        });
                    }
                }
            }
            index += 1;
        }
        Ok(refused)
    }

    /// Collects a record, or says why it is refused. Blank ones have no place in files and are left out.
    fn take(
        &mut self,
        frame: &Frame<'_>,
        again: bool,
        ingested_at: i64,
    ) -> Result<Option<Unplaced>> {
        let slot = self.slots.get_mut(frame.slot);
        let slot = slot.ok_or(Error::Frame {
            at: 0,
            problem: "a partition that was not assigned",
        })?;
        if frame.was_taken(slot.next, again, &slot.places.topic, slot.places.partition)? {
            self.status.skipped += 1;
            return Ok(None);
        }
        slot.since.get_or_insert_with(Instant::now);
        slot.next = Some(frame.offset + 1);
        let value = frame.value.unwrap_or_default();
        if value.iter().all(u8::is_ascii_whitespace) {
            slot.open.end = slot.next;
            self.status.refused += 1;
            return Ok(None);
        }
        let unplaced = if matches!(self.encoding, Encoding::Json) {
            let mut parsed = serde_json::Value::Null;
            let read = if self.partitioner.reads_content() {
                serde_json::from_slice(value).map(|value| parsed = value)
            } else {
                serde_json::from_slice::<IgnoredAny>(value).map(|_| ())
            };
            match read {
                Err(error) => Some((Reason::MalformedJson.code(), error.to_string())),
                Ok(()) => self.keep(frame, &Content::Json(&parsed), |part| {
                    let PartContent::Lines(lines) = part else {
                        return Ok(0);
                    };
                    let before = lines.len();
                    push_line(lines, value);
                    Ok(lines.len() - before)
                })?,
            }
        } else {
            // Records without a timestamp, which only brokers of long ago store, count as received in 1970.
            let received = frame.timestamp.unwrap_or(0).saturating_mul(1000);
            let parser = Arc::clone(&self.parser);
            let decision = parser.parse(value, received);
            let places = Arc::clone(&slot.places);
            match &decision {
                Decision::Blank => None,
                Decision::Refused(refusal) => Some((refusal.reason.code(), refusal.detail.clone())),
                Decision::Accepted(record) => {
                    let origin = Origin {
                        topic: &places.topic,
                        partition: places.partition,
                        ingested_at,
                    };
                    self.keep(frame, &Content::Market(record), |part| {
                        let PartContent::Columns(rows) = part else {
                            return Ok(0);
                        };
                        rows.push(frame, origin, &decision, received)
                    })?
                }
            }
        };
        let slot = &mut self.slots[frame.slot];
        slot.open.end = slot.next;
        if slot.open.records >= self.rotation.records {
            slot.close_chunk();
        }
        Ok(unplaced)
    }

    /// Adds a record to the part of its folder.
    fn keep(
        &mut self,
        frame: &Frame<'_>,
        content: &Content<'_>,
        push: impl FnOnce(&mut PartContent) -> Result<usize>,
    ) -> Result<Option<Unplaced>> {
        let slot = &mut self.slots[frame.slot];
        let interval = self.files.interval_ms;
        let mut time = None;
        if self.partitioner.needs_time() || interval.is_some() {
            match self.partitioner.time(content, frame.timestamp) {
                Ok(millis) => time = Some(millis),
                Err(unplaced) => return Ok(Some(unplaced)),
            }
        }
        let folder = match self
            .partitioner
            .folder(content, slot.places.partition, time)
        {
            Ok(folder) => folder,
            Err(unplaced) => return Ok(Some(unplaced)),
        };
        if let (Some(interval), Some(time), Some(first)) = (interval, time, slot.open.first_time)
            && time.saturating_sub(first) >= interval
        {
            slot.close_chunk();
        }
        if slot.open.records == 0 {
            slot.open.first_time = time;
        }
        let (json, all) = (
            matches!(self.encoding, Encoding::Json),
            self.files.metadata == Metadata::All,
        );
        let part = slot.open.part(folder, frame.offset, || match json {
            true => PartContent::Lines(Vec::new()),
            false => PartContent::Columns(Box::new(Rows::new(all))),
        });
        let bytes = push(&mut part.content)? as u64;
        slot.open.bytes += bytes;
        slot.open.records += 1;
        self.status.bytes += bytes;
        self.status.records += 1;
        Ok(None)
    }

    pub(crate) async fn commit(&mut self, what: Commit) -> Result<Outcome> {
        let (location, patience) = (self.location.clone(), self.patience);
        match timeout(patience, self.commit_slots(what)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::slow(&location, patience)),
        }
    }

    async fn commit_slots(&mut self, what: Commit) -> Result<Outcome> {
        let all = what == Commit::All || self.status.bytes >= self.rotation.bytes;
        for index in 0..self.slots.len() {
            // First what an earlier call began.
            if self.slots[index].writing.is_some() && !self.finish(index).await? {
                return Ok(Outcome::Fenced);
            }
            let slot = &mut self.slots[index];
            let old = slot
                .since
                .is_some_and(|since| self.rotation.remaining(since).is_zero());
            if all || old {
                slot.close_chunk();
            }
            let chunks = std::mem::take(&mut slot.closed);
            let start = slot.chain.position();
            slot.since = (!slot.open.is_empty()).then(Instant::now);
            let reference = self.parser.reference().version();
            slot.writing = Writing::of(
                chunks,
                start,
                &slot.places,
                self.encoding,
                &self.schema,
                reference,
            )?;
            if self.slots[index].writing.is_some() && !self.finish(index).await? {
                return Ok(Outcome::Fenced);
            }
        }
        self.count();
        Ok(Outcome::Committed)
    }

    /// Brings one partition's commit to its end. False: another task has the partition, and all is dropped.
    async fn finish(&mut self, index: usize) -> Result<bool> {
        let slot = &mut self.slots[index];
        let Some(writing) = &mut slot.writing else {
            return Ok(true);
        };
        if writing.finish(&*self.store, &mut slot.chain).await? {
            slot.writing = None;
            return Ok(true);
        }
        // The other task's commit may still have to be finished.
        slot.chain = Chain::open(&*self.store, slot.chain.folder().clone()).await?;
        self.discard();
        Ok(false)
    }

    pub(crate) fn discard(&mut self) {
        self.slots.iter_mut().for_each(Slot::clear);
        self.count();
    }

    /// Counts again what is collected after some of it went.
    fn count(&mut self) {
        let collected = || {
            self.slots
                .iter()
                .flat_map(|slot| slot.closed.iter().chain([&slot.open]))
        };
        self.status.records = collected().map(|chunk| chunk.records).sum();
        self.status.bytes = collected().map(|chunk| chunk.bytes).sum();
    }
}

/// A JSON value as one line: outside of texts, line ends are blanks like any other.
fn push_line(lines: &mut Vec<u8>, value: &[u8]) {
    let one_line = value.trim_ascii().iter().map(|byte| match byte {
        b'\n' | b'\r' => b' ',
        other => *other,
    });
    lines.extend(one_line);
    lines.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_lines_that_mean_the_same() {
        let mut lines = Vec::new();
        push_line(&mut lines, b" {\r\n \"a\" : \"\\n\" }\n");
        push_line(&mut lines, b"7");
        assert_eq!(lines, b"{   \"a\" : \"\\n\" }\n7\n");
    }
}
