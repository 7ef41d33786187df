//! `financelake table`: maintenance of Delta tables, on local paths and on HDFS.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use financelake_delta::{TableLog, features};
use financelake_maintenance::{Error, Reader, checkpoints_beside, readers};
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt};
use financelake_storage::{StorageOptions, open};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::failure::Failure;

mod checkpoint;
mod fsck;
mod health;
mod optimize;
mod recompute;
mod restore;
mod vacuum;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Put the rows of small files into large ones, and leave deleted rows out
    Optimize(optimize::Arguments),
    /// Delete files that nobody can reach any more
    Vacuum(vacuum::Arguments),
    /// Write the state of the log in one file, so that readers replay only what comes after
    Checkpoint(checkpoint::Arguments),
    /// Compute what the log says about the values of files, so that queries skip files by it
    RecomputeStats(recompute::Arguments),
    /// Make the table again what it was at an older version
    Restore(restore::Arguments),
    /// Check that the files of a table are there and are what the log says
    Fsck(fsck::Arguments),
    /// Print numbers about a table, from its log alone
    Health(health::Arguments),
    /// Print what each operation does about each table feature, as Markdown
    Features,
}

/// The table, and how it is reached.
#[derive(clap::Args)]
pub(crate) struct Location {
    /// The table's folder: an absolute or relative path, file:///path, or hdfs://host:port/path
    #[arg(value_name = "PATH")]
    path: String,
    /// Folder with core-site.xml and hdfs-site.xml; HADOOP_CONF_DIR if it is left out
    #[arg(long, value_name = "FOLDER")]
    hadoop_conf: Option<String>,
    /// The user that HDFS sees on a cluster without Kerberos
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Seconds in which the storage has to answer at first
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
    /// Folder of checkpoints of streaming queries, one folder for each query; may be repeated. The lake's
    /// own, _checkpoints beside the folder that holds the table's, is always looked at
    #[arg(long, value_name = "FOLDER")]
    checkpoints: Vec<String>,
    /// Threads that read and write data; one per processor if it is left out
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.is_usage() {
            Self::Usage(error.to_string())
        } else {
            Self::Io(io::Error::other(error.to_string()))
        }
    }
}

pub(crate) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Optimize(arguments) => optimize::run(arguments),
        Command::Vacuum(arguments) => vacuum::run(arguments),
        Command::Checkpoint(arguments) => checkpoint::run(arguments),
        Command::RecomputeStats(arguments) => recompute::run(arguments),
        Command::Restore(arguments) => restore::run(arguments),
        Command::Fsck(arguments) => fsck::run(arguments),
        Command::Health(arguments) => health::run(arguments),
        Command::Features => Ok(io::stdout()
            .lock()
            .write_all(features::markdown().as_bytes())?),
    }
}

impl Location {
    fn threads(&self) -> NonZeroUsize {
        self.threads
            .or_else(|| std::thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN)
    }

    fn runtime(&self) -> Result<Runtime, Failure> {
        Ok(Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?)
    }

    fn store(&self, location: &str) -> Result<Arc<dyn ObjectStore>, Failure> {
        let options = StorageOptions {
            hadoop_conf_dir: self.hadoop_conf.clone(),
            user: self.user.clone(),
        };
        open(location, &options).map_err(|error| Failure::Usage(error.to_string()))
    }

    /// A location as the storage wants it; a local one has to be there.
    fn absolute(given: &str) -> Result<String, Failure> {
        let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
        let mut location = given.to_owned();
        if !location.contains("://") {
            // A missing folder would be made.
            let path = Path::new(&location).canonicalize();
            let path = path.map_err(|error| Failure::Usage(format!("'{location}': {error}")))?;
            let path = path.to_str();
            location = path
                .ok_or_else(|| usage(&"the path is not UTF-8"))?
                .to_owned();
        }
        Ok(location)
    }

    /// Opens the table.
    async fn table(&self) -> Result<TableLog, Failure> {
        let location = Self::absolute(&self.path)?;
        let store = self.store(&location)?;
        self.answered(&location, &*store).await?;
        let table = TableLog::open(store).await.map_err(Error::from)?;
        Ok(table.ok_or(Error::NoTable(location))?)
    }

    /// Asks the storage whether anything is there, as a NameNode that is away would else be asked for minutes, silently.
    async fn answered(&self, location: &str, store: &dyn ObjectStore) -> Result<(), Failure> {
        let patience = Duration::from_secs(self.wait);
        let place = "_delta_log/_last_checkpoint".into();
        match timeout(patience, store.head(&place)).await {
            // What is wrong with the place is said by who reads the table.
            Ok(_) => Ok(()),
            Err(_) => Err(Failure::Unreachable(format!(
                "{location}: the storage did not answer within {} s; is it running, and is the address right? \
                 --wait gives it more time",
                self.wait
            ))),
        }
    }

    /// The streaming queries that read the table.
    async fn readers(&self, table: &TableLog) -> Result<Vec<Reader>, Failure> {
        let mut folders = Vec::new();
        if let Some(own) = checkpoints_beside(&Self::absolute(&self.path)?)
            && (own.contains("://") || Path::new(&own).is_dir())
        {
            folders.push(own);
        }
        for given in &self.checkpoints {
            folders.push(Self::absolute(given)?);
        }
        let mut found = Vec::new();
        for folder in folders {
            let store = self.store(&folder)?;
            found.extend(readers(&*store, table.state().id()).await?);
        }
        found.sort_by_key(|reader| reader.version);
        Ok(found)
    }

    /// Prints a result: as JSON when it was asked for, else in words.
    fn print(
        &self,
        result: &impl Serialize,
        words: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut output = io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut output, result).map_err(io::Error::from)?;
            writeln!(output)?;
        } else {
            words(&mut output)?;
        }
        Ok(())
    }
}

/// A size in words.
fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if size < 1024.0 {
            return if unit == "B" {
                format!("{count} B")
            } else {
                format!("{size:.1} {unit}")
            };
        }
        size /= 1024.0;
    }
    format!("{size:.1} TiB")
}
