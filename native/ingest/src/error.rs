//! Why a sink cannot go on.

use financelake_market::BatchTooLarge;
use financelake_storage::LocationError;
use std::time::Duration;

/// The result of a sink's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. Only [`Error::is_transient`] ones are worth repeating the call; after any other the
/// sink is to be closed, which loses nothing that was committed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration is not understood.
    #[error("sink configuration: {0}")]
    Config(String),
    /// The table's location cannot be used.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The table or its storage refused.
    #[error("{location}: {source}")]
    Table {
        /// Where the table is.
        location: String,
        /// What is wrong.
        source: financelake_delta::Error,
    },
    /// A commit did not end in time. It may have happened; repeating it is safe.
    #[error("{location}: no answer within {seconds} s")]
    Slow {
        /// Where the table is.
        location: String,
        /// How long it was waited.
        seconds: u64,
    },
    /// What was committed is not there, or not as it was.
    #[error("{file}: {problem}")]
    Damaged {
        /// Which file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The bytes handed over are not records in the agreed form.
    #[error("the record buffer is malformed at byte {at}: {problem}")]
    Frame {
        /// Where in the buffer.
        at: usize,
        /// What is wrong there.
        problem: &'static str,
    },
    /// A partition goes back before what is known of it: it is not the topic that the table was filled from.
    #[error(
        "{topic}-{partition} went back to offset {found} after {expected}: the topic was made anew or lost its end. Write it to another table, or give delta.txn.app.prefix a new value to take it in as \
         a new topic"
    )]
    WentBack {
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// The first offset that came.
        found: i64,
        /// The first offset that the table does not have.
        expected: i64,
    },
    /// A position is to go back, and what is there already would be there twice.
    #[error(
        "{topic}-{partition} cannot go back from offset {from} to {to}: the records between them are there already and would be there twice. Offsets can be moved forward, to leave records out"
    )]
    Backward {
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// The first offset that is not committed.
        from: i64,
        /// Where it was to go.
        to: i64,
    },
    /// A record was refused, and the configuration says that this ends the task.
    #[error(
        "{topic}-{partition} offset {offset} is refused ({reason}: {detail}); behavior.on.malformed=bronze would keep \
         it with this reason"
    )]
    Refused {
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// The record.
        offset: i64,
        /// The code of the reason.
        reason: &'static str,
        /// What was found.
        detail: String,
    },
    /// Too much for one batch of columns.
    #[error(transparent)]
    TooLarge(#[from] BatchTooLarge),
    /// Columns do not form a batch: a fault of this crate.
    #[error("columns: {0}")]
    Columns(#[from] arrow_schema::ArrowError),
}

impl Error {
    pub(crate) fn table(location: &str, source: financelake_delta::Error) -> Self {
        Self::Table {
            location: location.to_owned(),
            source,
        }
    }

    pub(crate) fn slow(location: &str, patience: Duration) -> Self {
        Self::Slow {
            location: location.to_owned(),
            seconds: patience.as_secs(),
        }
    }

    /// Whether repeating the call later may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Table { source, .. } => source.is_transient(),
            Self::Slow { .. } => true,
            _ => false,
        }
    }
}
