//! What can go wrong while a table is maintained.

use financelake_storage::object_store;

/// The result of everything here.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument is wrong; nothing was done.
    #[error("{0}")]
    Argument(String),
    /// There is no table.
    #[error("{0} is not a Delta table: it has no _delta_log with a commit")]
    NoTable(String),
    /// The log, or the operation on a table like this one.
    #[error(transparent)]
    Table(#[from] financelake_delta::Error),
    /// A data file that cannot be rewritten without loss.
    #[error("file {path}: {problem}")]
    File {
        /// Its path in the log.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Files that an older version needs are not there any more.
    #[error("files of that version were vacuumed or damaged: {0}")]
    Missing(String),
    /// Other writers kept taking files away.
    #[error(
        "other writers took files of {0} bins away again and again; what was committed stays, run it again when they rest"
    )]
    Contended(usize),
    /// The storage failed.
    #[error("storage: {0}")]
    Storage(#[from] object_store::Error),
    /// Rows were about to be lost or doubled; nothing was committed.
    #[error("internal error: {0}; nothing was committed")]
    Internal(String),
}

impl Error {
    /// Whether the user has to give something else.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Argument(_) | Self::NoTable(_))
    }
}
