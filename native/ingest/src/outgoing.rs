//! Files on their way into the store: each is encoded once and stored once, and then only what is to be said of it is
//! kept. An attempt that was cut off goes on where it was, and only the files that are uploaded at the moment are in
//! memory in their encoded form.

use crate::error::{Error, Result};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use futures::stream::{self, StreamExt, TryStreamExt};

/// Files of one commit that are uploaded at the same time.
const UPLOADS: usize = 4;

/// A file's content, and what is to be said of it.
pub(crate) struct Encoded<F> {
    pub(crate) path: Path,
    pub(crate) content: Vec<u8>,
    pub(crate) file: F,
}

/// A file of a commit.
#[derive(Debug)]
pub(crate) enum Outgoing<R, F> {
    /// The rows that it is made of; none when encoding them failed, after which the sink is of no use.
    Collected(Option<R>),
    Encoded(Path, PutPayload, F),
    Stored(F),
}

impl<R, F> Outgoing<R, F> {
    pub(crate) fn new(rows: R) -> Self {
        Self::Collected(Some(rows))
    }

    /// What is to be said of a file that is stored.
    pub(crate) fn stored(self) -> Option<F> {
        match self {
            Self::Stored(file) => Some(file),
            _ => None,
        }
    }

    async fn store(
        &mut self,
        store: &dyn ObjectStore,
        place: &str,
        encode: &(impl Fn(R) -> Result<Encoded<F>> + Sync),
    ) -> Result<()> {
        // Nothing is awaited between taking the rows and keeping what they became, so being cut off loses none.
        if let Self::Collected(rows) = self
            && let Some(rows) = rows.take()
        {
            let encoded = encode(rows)?;
            *self = Self::Encoded(encoded.path, encoded.content.into(), encoded.file);
        }
        if let Self::Encoded(path, content, _) = self {
            // Names are unique, so a file that was stored before an error may be stored again.
            let stored = store.put(path, content.clone()).await;
            stored.map_err(|error| Error::table(&format!("{place}/{path}"), error.into()))?;
        }
        *self = match std::mem::replace(self, Self::Collected(None)) {
            Self::Encoded(_, _, file) => Self::Stored(file),
            other => other,
        };
        Ok(())
    }
}

/// Stores the files that are not stored yet. `place` is where the store's root is, for errors.
pub(crate) async fn store_all<R: Send, F: Send>(
    files: &mut [Outgoing<R, F>],
    store: &dyn ObjectStore,
    place: &str,
    encode: impl Fn(R) -> Result<Encoded<F>> + Sync,
) -> Result<()> {
    let uploads: Vec<_> = files
        .iter_mut()
        .map(|file| file.store(store, place, &encode))
        .collect();
    stream::iter(uploads)
        .buffer_unordered(UPLOADS)
        .try_collect()
        .await
}
