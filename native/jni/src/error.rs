//! What can go wrong at the boundary, and the Java exception that each kind becomes.

use std::backtrace::{Backtrace, BacktraceStatus};

/// The kinds of error that Rust raises. [`ErrorKind::java_class`] is the one table that maps them to Java.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ErrorKind {
    /// The caller passed something that cannot be: a null address, a length that does not fit.
    InvalidArgument,
    /// The handle was closed, never existed, or belongs to something else.
    ClosedHandle,
    /// Saved state that is damaged, or that another program or version wrote.
    IncompatibleState,
    /// A thing that has a name but that this version does not do.
    Unsupported,
    /// Rust panicked: a fault of ours. What the handle stood for is lost, the JVM goes on.
    NativePanic,
    /// The JVM itself refused a JNI call.
    Internal,
    /// The storage failed or was too slow: the same call may be repeated later.
    StorageUnavailable,
    /// A table or a topic cannot be used as it is: somebody has to change something first.
    TableUnusable,
}

impl ErrorKind {
    /// Every kind, for the tests that check the table row by row.
    #[cfg(any(test, feature = "fault-injection"))]
    pub(crate) const ALL: [Self; 8] = [
        Self::InvalidArgument,
        Self::ClosedHandle,
        Self::IncompatibleState,
        Self::Unsupported,
        Self::NativePanic,
        Self::Internal,
        Self::StorageUnavailable,
        Self::TableUnusable,
    ];

    /// The exception class in package `io.financelake.jni`. Each has a constructor (message, backtrace).
    pub(crate) fn java_class(self) -> &'static str {
        match self {
            Self::InvalidArgument => "InvalidArgumentException",
            Self::ClosedHandle => "ClosedHandleException",
            Self::IncompatibleState => "IncompatibleStateException",
            Self::Unsupported => "UnsupportedRequestException",
            Self::NativePanic => "NativePanicException",
            Self::Internal => "InternalErrorException",
            Self::StorageUnavailable => "StorageUnavailableException",
            Self::TableUnusable => "TableUnusableException",
        }
    }
}

/// An error on its way to Java: its kind, what to tell the user, and where it arose when backtraces are on.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) backtrace: Option<String>,
}

/// The result of everything behind an entry point.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that arises here; its backtrace is taken when `RUST_BACKTRACE` is set.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            backtrace: rendered(&Backtrace::capture()),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn closed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::ClosedHandle, message)
    }
}

/// The backtrace as text, or nothing when backtraces are off.
pub(crate) fn rendered(backtrace: &Backtrace) -> Option<String> {
    (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string())
}

impl From<jni::errors::Error> for Error {
    fn from(error: jni::errors::Error) -> Self {
        match error {
            jni::errors::Error::NullPtr(what) => {
                Self::invalid(format!("null where a value is needed: {what}"))
            }
            other => Self::new(ErrorKind::Internal, format!("a JNI call failed: {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_kind_has_a_class_of_its_own() {
        let classes: HashSet<_> = ErrorKind::ALL
            .iter()
            .map(|kind| kind.java_class())
            .collect();
        assert_eq!(classes.len(), ErrorKind::ALL.len());
        assert!(classes.iter().all(|class| class.ends_with("Exception")));
    }

    #[test]
    fn a_null_reference_is_the_callers_fault() {
        let error = Error::from(jni::errors::Error::NullPtr("argument"));
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        assert_eq!(
            Error::from(jni::errors::Error::WrongObjectType).kind,
            ErrorKind::Internal
        );
    }
}
