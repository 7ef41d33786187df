//! Why a command did not do its work.

use std::io;

/// A failure with the exit code that it ends in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Something that the user has to give is wrong or missing: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// Another machine says no: exit code 1.
    #[error("{0}")]
    Cluster(String),
    /// Another machine does not answer: exit code 1.
    #[error("{0}")]
    Unreachable(String),
    /// Anything later: exit code 1.
    #[error(transparent)]
    Io(#[from] io::Error),
}
