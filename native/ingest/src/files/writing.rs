//! A commit of one partition on its way: files to upload, and the manifest that makes them count.

use crate::error::Result;
use crate::files::chain::{self, Chain, FORMAT, Manifest, ManifestFile};
use crate::files::chunk::{Chunk, Part, PartContent};
use crate::files::encode::Encoding;
use crate::outgoing::{Encoded, Outgoing, store_all};
use crate::sink::Outcome;
use arrow_schema::Schema;
use financelake_storage::object_store::ObjectStore;
use futures::stream::{self, StreamExt};
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// Partitions whose commits go on at the same time.
const PARTITIONS: usize = 4;

/// Names of a partition's files.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The folder of the topic.
    pub(crate) topic_folder: String,
    /// The folder of unfinished files of this partition.
    pub(crate) unfinished: String,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    /// Digits of offsets in names.
    pub(crate) pad: usize,
}

/// Where all files go, and what they contain.
#[derive(Debug)]
pub(crate) struct Files {
    /// The store's root, for errors.
    pub(crate) location: String,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) encoding: Encoding,
    pub(crate) schema: Schema,
    /// The version of the instruments reference.
    pub(crate) reference: i64,
}

impl Files {
    fn encode(&self, places: &Places, folder: &str, part: Part) -> Result<Encoded<ManifestFile>> {
        let content = match part.content {
            PartContent::Columns(rows) => self
                .encoding
                .encode(&rows.finish(&self.schema, self.reference)?)?,
            PartContent::Lines(lines) => lines,
        };
        let extension = self.encoding.extension();
        let unfinished = format!("{}/{}.{extension}", places.unfinished, Uuid::new_v4());
        let Places {
            topic_folder,
            topic,
            partition,
            pad,
            ..
        } = places;
        let (first, last) = (part.first, part.last);
        Ok(Encoded {
            path: chain::parse(&unfinished)?,
            file: ManifestFile {
                path: format!(
                    "{topic_folder}/{folder}/{topic}+{partition}+{first:0pad$}+{last:0pad$}.{extension}"
                ),
                rows: part.rows,
                bytes: content.len() as u64,
                unfinished,
            },
            content,
        })
    }
}

/// Files and their manifest, the same from attempt to attempt.
#[derive(Debug)]
struct Writing {
    files: Vec<Outgoing<(String, Part), ManifestFile>>,
    end: i64,
    /// Once all files are stored.
    manifest: Option<Manifest>,
}

/// The chain of one partition, and its next commit.
#[derive(Debug)]
pub(crate) struct PartitionWriter {
    places: Arc<Places>,
    files: Arc<Files>,
    chain: Chain,
    writing: Option<Writing>,
}

impl PartitionWriter {
    pub(crate) fn new(places: Arc<Places>, files: Arc<Files>, chain: Chain) -> Self {
        Self {
            places,
            files,
            chain,
            writing: None,
        }
    }

    /// The first offset that is not committed, or nothing.
    pub(crate) fn position(&self) -> Option<i64> {
        self.chain.position()
    }

    /// Whether a commit is on its way.
    pub(crate) fn is_sealed(&self) -> bool {
        self.writing.is_some()
    }

    /// Drops the commit that is on its way.
    pub(crate) fn clear(&mut self) {
        self.writing = None;
    }

    /// Fixes the next commit: chunks that follow each other.
    pub(crate) fn seal(&mut self, chunks: Vec<Chunk>) {
        let Some(end) = chunks.iter().filter_map(|chunk| chunk.end).next_back() else {
            return;
        };
        let parts = chunks.into_iter().flat_map(|chunk| chunk.parts);
        self.writing = Some(Writing {
            files: parts.map(Outgoing::new).collect(),
            end,
            manifest: None,
        });
    }

    /// Stores what is not stored yet, and commits.
    async fn finish(&mut self) -> Result<Outcome> {
        let Some(writing) = &mut self.writing else {
            return Ok(Outcome::Committed);
        };
        let (places, files) = (&*self.places, &*self.files);
        let store = &*files.store;
        if writing.manifest.is_none() {
            store_all(
                &mut writing.files,
                store,
                &files.location,
                |(folder, part)| files.encode(places, &folder, part),
            )
            .await?;
            let stored = std::mem::take(&mut writing.files);
            writing.manifest = Some(Manifest {
                format: FORMAT,
                id: Uuid::new_v4().to_string(),
                start: self.chain.position(),
                end: writing.end,
                files: stored.into_iter().filter_map(Outgoing::stored).collect(),
            });
        }
        let Some(manifest) = &writing.manifest else {
            return Ok(Outcome::Committed);
        };
        if self.chain.commit(store, manifest).await? {
            self.writing = None;
            return Ok(Outcome::Committed);
        }
        // The other task's commit may still have to be finished.
        self.chain = Chain::open(store, self.chain.folder().clone()).await?;
        self.writing = None;
        Ok(Outcome::Fenced)
    }
}

async fn finish(writer: Arc<Mutex<PartitionWriter>>) -> Result<Outcome> {
    writer.lock_owned().await.finish().await
}

/// Brings the commits of several partitions to their ends, some at a time. One that fails does not stop the others.
pub(crate) async fn finish_all(writers: Vec<Arc<Mutex<PartitionWriter>>>) -> Result<Outcome> {
    let commits: Vec<_> = writers.into_iter().map(finish).collect();
    let outcomes: Vec<_> = stream::iter(commits)
        .buffer_unordered(PARTITIONS)
        .collect()
        .await;
    let mut worst = Ok(Outcome::Committed);
    for outcome in outcomes {
        if rank(&outcome) > rank(&worst) {
            worst = outcome;
        }
    }
    worst
}

/// What matters most of several outcomes.
fn rank(outcome: &Result<Outcome>) -> u8 {
    match outcome {
        Ok(Outcome::Committed) => 0,
        Err(error) if error.is_transient() => 1,
        Ok(Outcome::Fenced) => 2,
        Err(_) => 3,
    }
}
