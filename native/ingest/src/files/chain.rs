//! How far a topic partition is, as a chain of manifests in one folder.
//!
//! Manifest n says which offsets the nth commit covers and which files hold them, under the names that they were
//! written to and the names that they get. It is made by put-if-absent: of two owners of a partition only one can
//! write manifest n, and the other one reads it and starts again from there. Once the manifest is there, the commit
//! has happened, and giving the files their names is only finishing it: whoever opens the chain next does that again,
//! and repeating it changes nothing. No file is appended to and no lease is held.
//!
//! Only the newest manifests are kept. A writer that slept for so long that its number is free again is found out as
//! there are higher numbers by then.

use crate::error::{Error, Result};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{
    self, ObjectStore, ObjectStoreExt, PutMode, RenameOptions, RenameTargetMode,
};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

/// Manifests that are kept.
const KEPT: u64 = 10;
/// Files that get their names at the same time.
const RENAMES: usize = 4;
/// Digits of a manifest's name.
const DIGITS: usize = 20;

/// One commit of one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Layout of this file.
    pub(crate) format: u32,
    /// Nobody else's.
    pub(crate) id: String,
    /// The first offset that was not committed before; none at the first commit.
    pub(crate) start: Option<i64>,
    /// The first offset that is not committed now.
    pub(crate) end: i64,
    pub(crate) files: Vec<ManifestFile>,
}

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    /// Where it was written.
    pub(crate) unfinished: String,
    /// Where it belongs.
    pub(crate) path: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

pub(crate) const FORMAT: u32 = 1;

/// The chain of one partition as it is known here.
#[derive(Debug)]
pub(crate) struct Chain {
    folder: Path,
    /// The number of the newest manifest; 0 when there is none.
    newest: u64,
    /// The first offset that is not committed.
    position: Option<i64>,
}

impl Chain {
    /// Reads the newest manifest and finishes its commit.
    pub(crate) async fn open(store: &dyn ObjectStore, folder: Path) -> Result<Self> {
        let numbers = numbers(store, &folder).await?;
        let mut chain = Self {
            folder,
            newest: numbers.last().copied().unwrap_or_default(),
            position: None,
        };
        if chain.newest > 0 {
            let manifest = chain.read(store, chain.newest).await?;
            if numbers.contains(&(chain.newest - 1)) {
                let before = chain.read(store, chain.newest - 1).await?;
                if manifest.start != Some(before.end) {
                    return Err(chain.damaged(
                        chain.newest,
                        &format!(
                            "it starts at {:?}, where the one before ends at {}",
                            manifest.start, before.end
                        ),
                    ));
                }
            }
            settle(store, &manifest).await?;
            chain.position = Some(manifest.end);
        }
        Ok(chain)
    }

    /// The first offset that is not committed, or nothing.
    pub(crate) fn position(&self) -> Option<i64> {
        self.position
    }

    /// Sets where a chain without manifests starts.
    pub(crate) fn start_at(&mut self, position: Option<i64>) {
        self.position = position;
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Commits, and returns false when another writer was first: then the chain is to be opened again. After an error
    /// the same manifest may be committed again.
    pub(crate) async fn commit(
        &mut self,
        store: &dyn ObjectStore,
        manifest: &Manifest,
    ) -> Result<bool> {
        let number = self.newest + 1;
        let content = serde_json::to_vec_pretty(manifest)
            .map_err(|error| self.damaged(number, &error.to_string()))?;
        let path = self.path(number);
        match store
            .put_opts(&path, content.into(), PutMode::Create.into())
            .await
        {
            Ok(_) => {}
            Err(object_store::Error::AlreadyExists { .. }) => {
                // Perhaps an earlier attempt of this very commit, whose answer was lost.
                if self.read(store, number).await?.id != manifest.id {
                    return Ok(false);
                }
            }
            Err(error) => return Err(failed(&path, error)),
        }
        let numbers = numbers(store, &self.folder).await?;
        if numbers.last().is_some_and(|newest| *newest > number) {
            // The chain went on without this writer, and its number was free again.
            let _ = store.delete(&path).await;
            return Ok(false);
        }
        settle(store, manifest).await?;
        self.newest = number;
        self.position = Some(manifest.end);
        for old in numbers.into_iter().filter(|old| old + KEPT <= number) {
            // Nobody needs it; the next commit tries again.
            let _ = store.delete(&self.path(old)).await;
        }
        Ok(true)
    }

    async fn read(&self, store: &dyn ObjectStore, number: u64) -> Result<Manifest> {
        let path = self.path(number);
        let read = async { store.get(&path).await?.bytes().await };
        let content = read.await.map_err(|error| failed(&path, error))?;
        let manifest: Manifest = serde_json::from_slice(&content)
            .map_err(|error| self.damaged(number, &format!("it is not a manifest: {error}")))?;
        if manifest.format != FORMAT {
            let format = manifest.format;
            return Err(self.damaged(
                number,
                &format!("a newer version wrote it, with format {format}"),
            ));
        }
        Ok(manifest)
    }

    fn path(&self, number: u64) -> Path {
        self.folder.clone().join(format!("{number:0DIGITS$}.json"))
    }

    fn damaged(&self, number: u64, problem: &str) -> Error {
        Error::Damaged {
            file: self.path(number).to_string(),
            problem: problem.to_owned(),
        }
    }
}

/// The numbers of the manifests in a folder, ascending.
async fn numbers(store: &dyn ObjectStore, folder: &Path) -> Result<Vec<u64>> {
    let listed = store.list_with_delimiter(Some(folder)).await;
    let listed = match listed {
        Err(object_store::Error::NotFound { .. }) => return Ok(Vec::new()),
        other => other.map_err(|error| failed(folder, error))?,
    };
    let number = |name: &str| {
        let digits = name
            .strip_suffix(".json")
            .filter(|digits| digits.len() == DIGITS)?;
        digits.parse().ok()
    };
    let names = listed
        .objects
        .iter()
        .filter_map(|file| file.location.filename());
    let mut numbers: Vec<u64> = names.filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Gives the files of a commit their names, unless they have them.
async fn settle(store: &dyn ObjectStore, manifest: &Manifest) -> Result<()> {
    let renames: Vec<_> = manifest
        .files
        .iter()
        .map(|file| place(store, file))
        .collect();
    stream::iter(renames)
        .buffer_unordered(RENAMES)
        .try_collect()
        .await
}

async fn place(store: &dyn ObjectStore, file: &ManifestFile) -> Result<()> {
    let (from, to) = (parse(&file.unfinished)?, parse(&file.path)?);
    let options = RenameOptions::default().with_target_mode(RenameTargetMode::Create);
    let Err(error) = store.rename_opts(&from, &to, options).await else {
        return Ok(());
    };
    // What matters is what is there now, whichever answer was lost and whoever else did the same.
    let damaged = |problem: &str| Error::Damaged {
        file: file.path.clone(),
        problem: problem.to_owned(),
    };
    match (size(store, &to).await?, size(store, &from).await?) {
        (Some(size), None) if size == file.bytes => Ok(()),
        (Some(size), None) => Err(damaged(&format!(
            "it has {size} bytes, where the manifest has {}: another program changed it",
            file.bytes
        ))),
        // On a local disk a rename is a second name first, then the first one goes.
        (Some(_), Some(_)) if content(store, &to).await? == content(store, &from).await? => store
            .delete(&from)
            .await
            .or_else(gone)
            .map_err(|error| failed(&from, error)),
        (Some(_), Some(_)) => Err(damaged(
            "another file has this name already, which no manifest gave it; move it away, and the commit goes on",
        )),
        (None, Some(_)) => Err(failed(&to, error)),
        (None, None) => Err(damaged(&format!(
            "neither it nor {} is there, though they were committed: another program removed them",
            file.unfinished
        ))),
    }
}

fn gone(error: object_store::Error) -> object_store::Result<()> {
    match error {
        object_store::Error::NotFound { .. } => Ok(()),
        other => Err(other),
    }
}

/// The size of a file, or nothing where there is none.
pub(crate) async fn size(store: &dyn ObjectStore, path: &Path) -> Result<Option<u64>> {
    match store.head(path).await {
        Ok(meta) => Ok(Some(meta.size)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(path, error)),
    }
}

async fn content(store: &dyn ObjectStore, path: &Path) -> Result<Vec<u8>> {
    let read = async { store.get(path).await?.bytes().await };
    Ok(read.await.map_err(|error| failed(path, error))?.to_vec())
}

/// A path as it stands, escapes included.
pub(crate) fn parse(path: &str) -> Result<Path> {
    Path::parse(path).map_err(|error| Error::Config(error.to_string()))
}

pub(crate) fn failed(path: &Path, error: object_store::Error) -> Error {
    Error::table(path.as_ref(), error.into())
}
