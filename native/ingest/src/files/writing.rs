//! A commit of one partition on its way: files to upload, and the manifest that makes them count.

use crate::error::Result;
use crate::files::chain::{self, Chain, FORMAT, Manifest, ManifestFile};
use crate::files::chunk::{Chunk, PartContent};
use crate::files::encode::Encoding;
use arrow_schema::Schema;
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use futures::stream::{self, StreamExt, TryStreamExt};
use uuid::Uuid;

/// Files that are uploaded at the same time.
const UPLOADS: usize = 4;

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

/// Files and their manifest, unchanged from attempt to attempt.
#[derive(Debug)]
pub(crate) struct Writing {
    pub(crate) manifest: Manifest,
    uploads: Vec<(Path, PutPayload)>,
}

impl Writing {
    /// Encodes chunks that follow each other.
    pub(crate) fn of(
        chunks: Vec<Chunk>,
        start: Option<i64>,
        places: &Places,
        encoding: Encoding,
        schema: &Schema,
        reference: i64,
    ) -> Result<Option<Self>> {
        let Some(end) = chunks.iter().filter_map(|chunk| chunk.end).next_back() else {
            return Ok(None);
        };
        let (mut files, mut uploads) = (Vec::new(), Vec::new());
        for (folder, part) in chunks.into_iter().flat_map(|chunk| chunk.parts) {
            let content = match part.content {
                PartContent::Columns(rows) => encoding.encode(&rows.finish(schema, reference)?)?,
                PartContent::Lines(lines) => lines,
            };
            let extension = encoding.extension();
            let unfinished = format!("{}/{}.{extension}", places.unfinished, Uuid::new_v4());
            let Places {
                topic_folder,
                topic,
                partition,
                pad,
                ..
            } = places;
            let (first, last) = (part.first, part.last);
            files.push(ManifestFile {
                path: format!(
                    "{topic_folder}/{folder}/{topic}+{partition}+{first:0pad$}+{last:0pad$}.{extension}"
                ),
                rows: part.rows,
                bytes: content.len() as u64,
                unfinished: unfinished.clone(),
            });
            uploads.push((chain::parse(&unfinished)?, PutPayload::from(content)));
        }
        let manifest = Manifest {
            format: FORMAT,
            id: Uuid::new_v4().to_string(),
            start,
            end,
            files,
        };
        Ok(Some(Self { manifest, uploads }))
    }

    /// Uploads what is not uploaded yet, and commits; false when another writer was first.
    pub(crate) async fn finish(
        &mut self,
        store: &dyn ObjectStore,
        chain: &mut Chain,
    ) -> Result<bool> {
        stream::iter(&self.uploads)
            .map(|(path, content)| async move {
                let stored = store.put(path, content.clone()).await;
                stored
                    .map(|_| ())
                    .map_err(|error| chain::failed(path, error))
            })
            .buffer_unordered(UPLOADS)
            .try_collect::<()>()
            .await?;
        self.uploads.clear();
        chain.commit(store, &self.manifest).await
    }
}
