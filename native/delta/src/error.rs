//! What can go wrong with a table.

use financelake_storage::object_store;

/// The result of everything that touches a table.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a table cannot be read or written. Each says which table file or feature it is about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table uses something that this writer cannot honour.
    #[error("the Delta table cannot be written: {0}")]
    Unsupported(String),
    /// The table is not the one that the writer expects: other columns, partitions, or another table.
    #[error("the Delta table does not fit: {0}")]
    Mismatch(String),
    /// The operation cannot be done to a table like this one.
    #[error("{operation} is refused for this table: {reason}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// The features that stand in its way.
        reason: String,
    },
    /// The table became another one while it was rewritten: nothing was committed.
    #[error(
        "the table's columns, properties or protocol changed up to version {0} while it was rewritten; nothing was committed, run it again"
    )]
    Superseded(i64),
    /// Another writer committed while the table was looked at as a whole: nothing was committed.
    #[error(
        "another writer committed version {0} in the meantime; nothing was committed, look at it and run it again"
    )]
    Overtaken(i64),
    /// The log cannot be understood.
    #[error("the Delta log is damaged: {0}")]
    Damaged(String),
    /// Another writer moved a transaction identifier: nothing was committed.
    #[error(
        "another writer was here: {application} is at {found:?} in the table, not at {expected:?}; nothing was committed"
    )]
    Fenced {
        /// The transaction identifier.
        application: String,
        /// Where the writer believed it to be.
        expected: Option<i64>,
        /// Where the table has it.
        found: Option<i64>,
    },
    /// Other writers won every race for a while.
    #[error("{0} commits of other writers came first; commit less often, or from fewer tasks")]
    Crowded(u32),
    /// The storage failed. For an append this leaves open whether it is in the table: repeat the same one.
    #[error("storage: {0}")]
    Storage(#[from] object_store::Error),
    /// Rows could not be written as a data file.
    #[error("a data file could not be encoded: {0}")]
    Encoding(#[from] parquet::errors::ParquetError),
}

impl Error {
    /// Whether trying the same again later may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Crowded(_) => true,
            Self::Storage(error) => !matches!(
                error,
                object_store::Error::PermissionDenied { .. }
                    | object_store::Error::Unauthenticated { .. }
                    | object_store::Error::InvalidPath { .. }
                    | object_store::Error::NotSupported { .. }
                    | object_store::Error::NotImplemented { .. }
            ),
            _ => false,
        }
    }
}
