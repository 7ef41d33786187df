//! A table in a temporary folder, and a store that fails when a test says so.
#![allow(dead_code)] // Each test takes what it needs.

use arrow_schema::{DataType, Field, Schema};
use async_trait::async_trait;
use financelake_delta::{DataFile, TableSpec};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use financelake_storage::{StorageOptions, open};
use futures::stream::BoxStream;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

/// What happens to a `put`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It works.
    None,
    /// It fails, and nothing is stored.
    Before,
    /// It is stored, but the answer is lost.
    After,
}

/// A store whose next `put`s meet the given faults.
#[derive(Debug)]
pub(crate) struct Flaky {
    inner: Arc<dyn ObjectStore>,
    faults: Mutex<VecDeque<Fault>>,
}

impl Flaky {
    pub(crate) fn new(
        inner: Arc<dyn ObjectStore>,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Arc<Self> {
        Arc::new(Self {
            inner,
            faults: Mutex::new(faults.into_iter().collect()),
        })
    }

    /// The next `put` meets this fault, and no later one.
    pub(crate) fn meet(&self, fault: Fault) {
        *self.faults.lock().unwrap() = [fault].into();
    }

    pub(crate) fn unused(&self) -> usize {
        self.faults.lock().unwrap().len()
    }
}

impl fmt::Display for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flaky({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Flaky {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let fault = self
            .faults
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Fault::None);
        let lost = || Error::Generic {
            store: "flaky",
            source: "connection reset".into(),
        };
        match fault {
            Fault::Before => Err(lost()),
            Fault::None => self.inner.put_opts(path, payload, options).await,
            Fault::After => {
                self.inner.put_opts(path, payload, options).await?;
                Err(lost())
            }
        }
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

pub(crate) fn local(folder: &tempfile::TempDir) -> Arc<dyn ObjectStore> {
    open(folder.path().to_str().unwrap(), &StorageOptions::default()).unwrap()
}

pub(crate) fn spec() -> TableSpec {
    TableSpec {
        schema: Schema::new(vec![
            Field::new("offset", DataType::Int64, true),
            Field::new("date", DataType::Date32, true),
        ]),
        partitions: vec!["date".to_owned()],
        properties: [("financelake.layoutVersion".to_owned(), "1".to_owned())].into(),
    }
}

pub(crate) fn file(name: &str) -> DataFile {
    DataFile {
        path: format!("date=2024-01-31/{name}.parquet"),
        partition: [("date".to_owned(), "2024-01-31".to_owned())].into(),
        size: 1,
        rows: 1,
        statistics: r#"{"numRecords":1}"#.to_owned(),
    }
}
