//! HDFS behind [`object_store`]'s interface, spoken by `hdfs-native`: no JVM.
//!
//! A file is written under a hidden name beside its target and renamed, so it is seen whole or not at all.
//! The NameNode refuses to rename onto an existing file: this is what `PutMode::Create` promises, and the
//! same protocol that delta-spark's log store uses, so both may write one table.
//!
//! When the connection breaks during that rename, nobody here knows whether it happened. Such an error is passed
//! on as it is: who commits reads the file back before deciding.

use crate::StorageOptions;
use async_trait::async_trait;
use chrono::DateTime;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use hdfs_native::client::FileStatus;
use hdfs_native::{Client, ClientBuilder, HdfsError, WriteOptions};
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, RenameOptions, RenameTargetMode, Result,
};
use std::fmt;
use url::Url;
use uuid::Uuid;

/// Start of the names of files that are being written: hidden from Spark and from Delta's readers.
const UNFINISHED: &str = ".";
/// End of those names.
const UNFINISHED_END: &str = ".tmp";

/// A folder of HDFS.
#[derive(Clone, Debug)]
pub struct HdfsStore {
    client: Client,
    /// The folder's path, without a slash at the end.
    root: String,
    url: String,
}

impl HdfsStore {
    /// A store for the folder that the URL names. Connects when it is first used.
    ///
    /// # Errors
    /// When the URL or Hadoop's configuration cannot be read.
    pub fn connect(url: &Url, options: &StorageOptions) -> Result<Self> {
        if let Some(folder) = &options.hadoop_conf_dir
            && !std::path::Path::new(folder).is_dir()
        {
            return Err(generic(format!(
                "{folder} is not a folder with core-site.xml"
            )));
        }
        let mut builder = ClientBuilder::new()
            .with_url(url.as_str())
            .with_io_runtime(tokio::runtime::Handle::current());
        if let Some(folder) = &options.hadoop_conf_dir {
            builder = builder.with_config_dir(folder);
        }
        if let Some(user) = &options.user {
            builder = builder.with_user(user);
        }
        let client = builder.build().map_err(generic)?;
        let root = Path::from_url_path(url.path())?;
        Ok(Self {
            client,
            root: if root.as_ref().is_empty() {
                String::new()
            } else {
                format!("/{root}")
            },
            url: url.to_string(),
        })
    }

    fn absolute(&self, location: &Path) -> String {
        if location.as_ref().is_empty() && self.root.is_empty() {
            "/".to_owned()
        } else if location.as_ref().is_empty() {
            self.root.clone()
        } else {
            format!("{}/{location}", self.root)
        }
    }

    fn meta(&self, status: &FileStatus) -> Result<ObjectMeta> {
        let relative = status.path.strip_prefix(&self.root).unwrap_or(&status.path);
        Ok(ObjectMeta {
            location: Path::parse(relative)?,
            last_modified: i64::try_from(status.modification_time)
                .ok()
                .and_then(DateTime::from_timestamp_millis)
                .unwrap_or_default(),
            size: status.length as u64,
            e_tag: None,
            version: None,
        })
    }

    async fn status(&self, location: &Path) -> Result<FileStatus> {
        let path = self.absolute(location);
        let status = self.client.get_file_info(&path).await;
        let status = status.map_err(|error| translate(error, location))?;
        if status.isdir {
            return Err(translate(HdfsError::IsADirectoryError(path), location));
        }
        Ok(status)
    }

    async fn write(&self, path: &str, payload: PutPayload) -> hdfs_native::Result<()> {
        let mut writer = self.client.create(path, WriteOptions::default()).await?;
        for chunk in payload {
            writer.write_bytes(chunk).await?;
        }
        writer.close().await
    }

    /// Files and folders below a folder; none when it does not exist.
    fn statuses(
        &self,
        prefix: Option<&Path>,
        recursive: bool,
    ) -> BoxStream<'static, Result<FileStatus>> {
        let folder = prefix.cloned().unwrap_or_default();
        let found = self
            .client
            .list_status_iter(&self.absolute(&folder), recursive);
        found
            .into_stream()
            .filter_map(move |status| {
                let status = status.map_err(|error| translate(error, &folder));
                futures::future::ready(match status {
                    Err(Error::NotFound { .. }) => None,
                    other => Some(other),
                })
            })
            .boxed()
    }
}

impl fmt::Display for HdfsStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HdfsStore({})", self.url)
    }
}

#[async_trait]
impl ObjectStore for HdfsStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let overwrite = match options.mode {
            PutMode::Overwrite => true,
            PutMode::Create => false,
            PutMode::Update(_) => return Err(self.unsupported("put of an expected version")),
        };
        let path = self.absolute(location);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let unfinished = format!(
            "{folder}/{UNFINISHED}{name}.{}{UNFINISHED_END}",
            Uuid::new_v4()
        );
        let mut outcome = self.write(&unfinished, payload).await;
        if outcome.is_ok() {
            outcome = self.client.rename(&unfinished, &path, overwrite).await;
        }
        if let Err(error) = outcome {
            // A connection that broke may fail here too; the hidden file is then left behind.
            let _ = self.client.delete(&unfinished, false).await;
            return Err(translate(error, location));
        }
        Ok(PutResult {
            e_tag: None,
            version: None,
        })
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(self.unsupported("put in parts; put the whole file"))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let meta = self.meta(&self.status(location).await?)?;
        options.check_preconditions(&meta)?;
        let range = match &options.range {
            _ if options.head => 0..0,
            None => 0..meta.size,
            Some(GetRange::Suffix(_)) if meta.size == 0 => 0..0,
            Some(range) => range.as_range(meta.size).map_err(generic)?,
        };
        let stream = if range.is_empty() {
            stream::empty().boxed()
        } else {
            let reader = self.client.read(&self.absolute(location)).await;
            let reader = reader.map_err(|error| translate(error, location))?;
            if (reader.file_length() as u64) < range.end {
                return Err(generic(format!(
                    "{location} became shorter while it was opened"
                )));
            }
            let location = location.clone();
            reader
                .read_range_stream(range.start as usize, (range.end - range.start) as usize)
                .map_err(move |error| translate(error, &location))
                .boxed()
        };
        Ok(GetResult {
            payload: GetResultPayload::Stream(stream),
            meta,
            range,
            attributes: Default::default(),
        })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        locations
            .and_then(move |location| {
                let store = store.clone();
                async move {
                    store.status(&location).await?;
                    match store.client.delete(&store.absolute(&location), false).await {
                        Ok(_) => Ok(location),
                        Err(error) => Err(translate(error, &location)),
                    }
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let store = self.clone();
        self.statuses(prefix, true)
            .try_filter(|status| futures::future::ready(is_finished(status)))
            .and_then(move |status| futures::future::ready(store.meta(&status)))
            .boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut result = ListResult {
            common_prefixes: Vec::new(),
            objects: Vec::new(),
        };
        let mut statuses = self.statuses(prefix, false);
        while let Some(status) = statuses.try_next().await? {
            let meta = self.meta(&status)?;
            if status.isdir {
                result.common_prefixes.push(meta.location);
            } else if is_finished(&status) {
                result.objects.push(meta);
            }
        }
        Ok(result)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let content = self
            .get_opts(from, GetOptions::default())
            .await?
            .bytes()
            .await?;
        let mode = match options.mode {
            CopyMode::Overwrite => PutMode::Overwrite,
            CopyMode::Create => PutMode::Create,
        };
        self.put_opts(to, content.into(), mode.into())
            .await
            .map(|_| ())
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.status(from).await?;
        let target = self.absolute(to);
        if let Some((folder, _)) = target
            .rsplit_once('/')
            .filter(|(folder, _)| !folder.is_empty())
        {
            let made = self.client.mkdirs(folder, 0o755, true).await;
            made.map_err(|error| translate(error, to))?;
        }
        let overwrite = options.target_mode == RenameTargetMode::Overwrite;
        let renamed = self
            .client
            .rename(&self.absolute(from), &target, overwrite)
            .await;
        renamed.map_err(|error| translate(error, to))
    }
}

impl HdfsStore {
    fn unsupported(&self, operation: &str) -> Error {
        Error::NotImplemented {
            operation: operation.to_owned(),
            implementer: self.to_string(),
        }
    }
}

/// Whether it is a file that is all there.
fn is_finished(status: &FileStatus) -> bool {
    let name = status.path.rsplit('/').next().unwrap_or_default();
    let unfinished = name.starts_with(UNFINISHED) && name.ends_with(UNFINISHED_END);
    !(status.isdir || unfinished)
}

fn translate(error: HdfsError, location: &Path) -> Error {
    let path = location.to_string();
    let class = match &error {
        HdfsError::RPCError(class, _) | HdfsError::FatalRPCError(class, _) => class.as_str(),
        _ => "",
    };
    match &error {
        HdfsError::AlreadyExists(_) => Error::AlreadyExists {
            path,
            source: Box::new(error),
        },
        HdfsError::FileNotFound(_) | HdfsError::IsADirectoryError(_) => Error::NotFound {
            path,
            source: Box::new(error),
        },
        _ if class.ends_with("FileNotFoundException") => Error::NotFound {
            path,
            source: Box::new(error),
        },
        _ if class.ends_with("AccessControlException") => Error::PermissionDenied {
            path,
            source: Box::new(error),
        },
        _ => generic(error),
    }
}

fn generic(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic {
        store: "HDFS",
        source: error.into(),
    }
}
