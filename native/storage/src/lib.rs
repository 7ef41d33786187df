//! Where the bytes of tables live: one interface, [`object_store`]'s, over the file systems that a lake uses.
//!
//! [`open`] gives a store whose root is the named folder, so that a table's code never sees more than its own
//! files. Two back ends exist: the local file system, and HDFS without a JVM ([`HdfsStore`]). Both pass the
//! same conformance suite (`tests/conformance.rs`). What commits are built on is one primitive: `put` with
//! [`PutMode::Create`](object_store::PutMode::Create) makes a whole file appear, or says that one is there.
#![forbid(unsafe_code)]

mod hdfs;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use std::sync::Arc;
use url::Url;

pub use hdfs::HdfsStore;
pub use object_store;

/// How a store is reached. Nothing is taken from the environment unless a field is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageOptions {
    /// The folder with `core-site.xml` and `hdfs-site.xml`; without it, `HADOOP_CONF_DIR` names it.
    pub hadoop_conf_dir: Option<String>,
    /// The user that HDFS sees on a cluster without Kerberos; without it, `HADOOP_USER_NAME`, else the
    /// process's own.
    pub user: Option<String>,
}

/// Why a location cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// It is not of a form that is understood.
    #[error("location {given:?}: {problem}")]
    Invalid {
        /// The location as it was given.
        given: String,
        /// What is wrong with it and what to write.
        problem: String,
    },
    /// The file system refused to open it.
    #[error("location {given:?}: {source}")]
    Unavailable {
        /// The location as it was given.
        given: String,
        /// What the file system said.
        source: object_store::Error,
    },
}

/// Opens the folder that `location` names: `hdfs://host:port/path` (or a name service in place of
/// `host:port`), `file:///path`, or an absolute path of this machine. A local folder is made when it does not
/// exist; an HDFS folder appears with its first file. Connects to HDFS only when the store is used.
///
/// # Errors
/// [`LocationError`]: the location cannot be understood, or its configuration not be read.
///
/// # Panics
/// When called for HDFS outside of a Tokio runtime, which must outlive the store.
pub fn open(
    location: &str,
    options: &StorageOptions,
) -> Result<Arc<dyn ObjectStore>, LocationError> {
    let invalid = |problem: &str| LocationError::Invalid {
        given: location.to_owned(),
        problem: problem.to_owned(),
    };
    let unavailable = |source| LocationError::Unavailable {
        given: location.to_owned(),
        source,
    };
    if location.starts_with('/') {
        return local(location).map_err(unavailable);
    }
    let url = Url::parse(location).map_err(|error| {
        invalid(&format!(
            "{error}; write hdfs://host:port/path, file:///path or an absolute path"
        ))
    })?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("a ? or # cannot stand in it"));
    }
    match url.scheme() {
        "file" => {
            let path = url
                .to_file_path()
                .map_err(|()| invalid("a file URL is file:///path, without a host"))?;
            let path = path
                .to_str()
                .ok_or_else(|| invalid("the path is not UTF-8"))?;
            local(path).map_err(unavailable)
        }
        "hdfs" | "viewfs" => {
            if !url.has_host() {
                return Err(invalid(
                    "write the name node or name service: hdfs://host:port/path",
                ));
            }
            Ok(Arc::new(
                HdfsStore::connect(&url, options).map_err(unavailable)?,
            ))
        }
        other => Err(invalid(&format!(
            "the scheme {other:?} is not supported; there are hdfs, viewfs and file"
        ))),
    }
}

fn local(path: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
    let failed = |source: std::io::Error| object_store::Error::Generic {
        store: "local",
        source: Box::new(source),
    };
    std::fs::create_dir_all(path).map_err(failed)?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_that_cannot_be_used_say_what_to_write() {
        for (location, word) in [
            ("lake/bronze", "absolute path"),
            ("s3://bucket/table", "\"s3\" is not supported"),
            ("hdfs:///table", "hdfs://host:port/path"),
            ("file://host/table", "file:///path"),
            ("hdfs://namenode:9000/table?x=1", "? or #"),
        ] {
            let error = open(location, &StorageOptions::default())
                .unwrap_err()
                .to_string();
            assert!(error.contains(word) && error.contains(location), "{error}");
        }
    }

    #[test]
    fn a_folder_without_hadoop_files_is_named() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _inside = runtime.enter();
        let options = StorageOptions {
            hadoop_conf_dir: Some("/nowhere".to_owned()),
            user: None,
        };
        let error = open("hdfs://namenode:9000/table", &options).unwrap_err();
        assert!(error.to_string().contains("/nowhere"), "{error}");
    }
}
