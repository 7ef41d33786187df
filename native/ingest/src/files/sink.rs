//! Collects records into chunks, and commits each partition by itself.

use crate::config::{FilesConfig, Format, Malformed, Metadata, Rotation, SinkConfig};
use crate::error::{Error, Result};
use crate::files::chain::{self, Chain};
use crate::files::chunk::{Chunk, PartContent};
use crate::files::encode::{Encoding, columns};
use crate::files::partitioner::{Content, Partitioner, Unplaced};
use crate::files::takeover;
use crate::files::writing::{Files, PartitionWriter, Places, finish_all};
use crate::frames::{Frame, Frames};
use crate::rows::{Origin, Rows, micros};
use crate::running::Running;
use crate::sink::{Commit, Refused, Status};
use financelake_market::{Outcome as Decision, Parser, Reason};
use financelake_storage::StorageOptions;
use financelake_storage::object_store::ObjectStore;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Bytes of a folder's lines besides the lines.
const FOLDER: usize = 512;

/// A topic partition of this task.
#[derive(Debug)]
struct Slot {
    places: Arc<Places>,
    /// Shared with a commit that is on its way.
    writer: Arc<Mutex<PartitionWriter>>,
    /// The first offset that is not committed.
    position: Option<i64>,
    /// The first offset that is neither committed nor collected.
    next: Option<i64>,
    /// Complete chunks.
    closed: Vec<Chunk>,
    open: Chunk,
    /// When the first of the collected records came.
    since: Option<Instant>,
    /// Bytes of the chunks whose commit was begun and not ended; none when there is no such commit.
    committing: Option<u64>,
}

impl Slot {
    fn clear(&mut self) {
        self.next = self.position;
        self.closed.clear();
        self.open = Chunk::default();
        self.since = None;
        self.committing = None;
    }

    fn close_chunk(&mut self) {
        if !self.open.is_empty() {
            self.closed.push(std::mem::take(&mut self.open));
        }
    }

    fn is_collecting(&self) -> bool {
        self.committing.is_some() || !self.closed.is_empty() || !self.open.is_empty()
    }

    /// Chunks that are collected, complete or not.
    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.closed.iter().chain([&self.open])
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
    writing: Arc<Files>,
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
        let parser = Parser::new(&config.records).map_err(wrong)?;
        Ok(Self {
            location: config.location.clone(),
            malformed: config.malformed,
            rotation: config.rotation,
            patience: Duration::from_secs(config.commit_timeout_s),
            partitioner: Partitioner::new(files, market)?,
            writing: Arc::new(Files {
                location: config.location.clone(),
                store,
                encoding: Encoding::new(files, &config.compression)?,
                schema: columns(files.metadata),
                reference: parser.reference().version(),
            }),
            parser: Arc::new(parser),
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
        let store = &*self.writing.store;
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
        let (places, position) = (Arc::new(places), chain.position());
        let writer = PartitionWriter::new(Arc::clone(&places), Arc::clone(&self.writing), chain);
        let slot = Slot {
            places,
            writer: Arc::new(Mutex::new(writer)),
            position,
            next: position,
            closed: Vec::new(),
            open: Chunk::default(),
            since: None,
            committing: None,
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
        self.slots.get(slot)?.position
    }

    pub(crate) fn advance(&mut self, slot: usize, to: i64) {
        self.slots[slot].next = Some(to);
        self.slots[slot].open.end = Some(to);
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }

    pub(crate) fn is_committing(&self) -> bool {
        self.slots.iter().any(|slot| slot.committing.is_some())
    }

    /// Told whether an attempt to commit is on its way.
    pub(crate) fn due_in(&self, running: bool) -> Option<Duration> {
        let failed = !running && self.is_committing();
        let full = self.status.bytes >= self.rotation.bytes;
        if failed || full || self.slots.iter().any(|slot| !slot.closed.is_empty()) {
            return Some(Duration::ZERO);
        }
        let oldest = self.slots.iter().filter_map(|slot| slot.since).min()?;
        Some(self.rotation.remaining(oldest))
    }

    pub(crate) fn append(&mut self, buffer: &[u8]) -> Result<Vec<Refused>> {
        let ingested_at = micros(SystemTime::now());
        let mut frames = Frames::new(buffer);
        let (mut refused, mut index) = (Vec::new(), 0);
        while let Some(frame) = frames.next()? {
            if let Some((reason, detail)) = self.take(&frame, ingested_at)? {
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
    fn take(&mut self, frame: &Frame<'_>, ingested_at: i64) -> Result<Option<Unplaced>> {
        let slot = self.slots.get_mut(frame.slot);
        let slot = slot.ok_or(Error::Frame {
            at: 0,
            problem: "a partition that was not assigned",
        })?;
        frame.follows(slot.next, &slot.places.topic, slot.places.partition)?;
        slot.since.get_or_insert_with(Instant::now);
        slot.next = Some(frame.offset + 1);
        let value = frame.value.unwrap_or_default();
        if value.iter().all(u8::is_ascii_whitespace) {
            slot.open.end = slot.next;
            self.status.refused += 1;
            return Ok(None);
        }
        let unplaced = if matches!(self.writing.encoding, Encoding::Json) {
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
                    let first = if lines.is_empty() { FOLDER } else { 0 };
                    push_line(lines, value);
                    // The vector that holds them doubles.
                    Ok(first + 2 * (value.len() + 1))
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
            matches!(self.writing.encoding, Encoding::Json),
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

    /// Begins to commit what is collected, or goes on with what was begun before.
    pub(crate) async fn begin(&mut self, what: Commit) -> Option<Running> {
        let all = what == Commit::All || self.status.bytes >= self.rotation.bytes;
        let mut writers = Vec::new();
        for slot in &mut self.slots {
            if slot.committing.is_none() {
                let old = slot
                    .since
                    .is_some_and(|since| self.rotation.remaining(since).is_zero());
                if all || old {
                    slot.close_chunk();
                }
                if slot.closed.is_empty() {
                    continue;
                }
                let chunks = std::mem::take(&mut slot.closed);
                slot.since = (!slot.open.is_empty()).then(Instant::now);
                slot.committing = Some(chunks.iter().map(|chunk| chunk.bytes).sum());
                slot.writer.lock().await.seal(chunks);
            }
            writers.push(Arc::clone(&slot.writer));
        }
        self.count();
        (!writers.is_empty())
            .then(|| Running::start(&self.location, self.patience, finish_all(writers)))
    }

    /// Takes note of what an attempt did, which has ended.
    pub(crate) async fn settle(&mut self) {
        for slot in &mut self.slots {
            let writer = slot.writer.lock().await;
            if !writer.is_sealed() {
                slot.position = writer.position();
                slot.committing = None;
            }
        }
        self.count();
    }

    pub(crate) async fn discard(&mut self) {
        for slot in &mut self.slots {
            let mut writer = slot.writer.lock().await;
            writer.clear();
            slot.position = writer.position();
            drop(writer);
            slot.clear();
        }
        self.count();
    }

    /// Counts again what is collected after some of it went.
    fn count(&mut self) {
        let chunks = || self.slots.iter().flat_map(Slot::chunks);
        self.status.records = chunks().map(|chunk| chunk.records).sum();
        self.status.bytes = chunks().map(|chunk| chunk.bytes).sum();
        self.status.committing = self.slots.iter().filter_map(|slot| slot.committing).sum();
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
