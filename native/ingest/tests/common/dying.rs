//! A store that fails, or dies for good, at a chosen change of what it holds.

use async_trait::async_trait;
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{
    CopyMode, CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    RenameOptions, Result,
};
use futures::StreamExt;
use futures::stream::BoxStream;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What happens at the chosen change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails and does not happen.
    Refuse,
    /// It happens, but the answer is lost.
    LoseAnswer,
    /// The process is killed before it.
    DieBefore,
    /// The process is killed after it.
    DieAfter,
}

/// The store of one process. Changes are puts, deletes, and both halves of a rename.
#[derive(Debug)]
pub(crate) struct Dying {
    inner: Arc<dyn ObjectStore>,
    fault: Fault,
    at: usize,
    changes: AtomicUsize,
}

impl Dying {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, fault: Fault, at: usize) -> Arc<Self> {
        Arc::new(Self {
            inner,
            fault,
            at,
            changes: AtomicUsize::new(0),
        })
    }

    /// Whether its fault has come.
    pub(crate) fn met(&self) -> bool {
        self.changes.load(Ordering::SeqCst) > self.at
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.met() && matches!(self.fault, Fault::DieBefore | Fault::DieAfter)
    }

    fn alive(&self) -> Result<()> {
        if self.is_dead() {
            Err(broken())
        } else {
            Ok(())
        }
    }

    async fn change<T>(&self, change: impl Future<Output = Result<T>>) -> Result<T> {
        self.alive()?;
        let here = self.changes.fetch_add(1, Ordering::SeqCst) == self.at;
        if here && matches!(self.fault, Fault::Refuse | Fault::DieBefore) {
            return Err(broken());
        }
        let done = change.await;
        if here { Err(broken()) } else { done }
    }
}

fn broken() -> Error {
    Error::Generic {
        store: "dying",
        source: "connection reset".into(),
    }
}

impl fmt::Display for Dying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dying({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Dying {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.change(self.inner.put_opts(path, payload, options))
            .await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.alive()?;
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        match self.alive() {
            Ok(()) => self.inner.delete_stream(paths),
            Err(error) => futures::stream::once(async { Err(error) }).boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.alive()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.change(self.inner.copy_opts(from, to, options)).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, _: RenameOptions) -> Result<()> {
        let create = CopyOptions::default().with_mode(CopyMode::Create);
        self.change(self.inner.copy_opts(from, to, create)).await?;
        self.change(self.inner.delete(from)).await
    }
}
