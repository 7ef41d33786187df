//! Keeps the message, place and backtrace of a panic until the boundary turns it into an exception.
//!
//! A panic payload alone loses its place, so a hook, installed when the library is loaded, notes them for the
//! thread that panics. Nothing is printed: the exception says it all.

use crate::error::{Error, ErrorKind, rendered};
use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static LAST: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// Installs the hook. It belongs to this library's copy of the Rust runtime, not to the process.
pub(crate) fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|at| format!(" (at {}:{})", at.file(), at.line()));
        let text = text_of(info.payload()).unwrap_or("a panic without a message");
        let error = Error {
            kind: ErrorKind::NativePanic,
            message: format!("{text}{}", place.unwrap_or_default()),
            backtrace: rendered(&Backtrace::capture()),
        };
        LAST.with(|last| last.replace(Some(error)));
    }));
}

/// The error for a caught panic: what the hook noted on this thread, else what the payload itself says.
pub(crate) fn error_of(payload: Box<dyn Any + Send>) -> Error {
    let noted = LAST.with(|last| last.take());
    let text = text_of(payload.as_ref())
        .unwrap_or("a panic without a message")
        .to_owned();
    // Dropping a payload may panic itself; then it is leaked.
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    noted.unwrap_or(Error {
        kind: ErrorKind::NativePanic,
        message: text,
        backtrace: None,
    })
}

/// `panic!("text")` carries a `&str`, `panic!("{x}")` a `String`.
fn text_of(payload: &(dyn Any + Send)) -> Option<&str> {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(body: impl FnOnce() + panic::UnwindSafe) -> Error {
        error_of(panic::catch_unwind(body).unwrap_err())
    }

    #[test]
    fn keeps_plain_and_formatted_messages() {
        assert!(caught(|| panic!("plain")).message.starts_with("plain"));
        assert!(caught(|| panic!("row {}", 7)).message.starts_with("row 7"));
        assert_eq!(caught(|| panic::panic_any(7)).kind, ErrorKind::NativePanic);
    }

    #[test]
    fn survives_a_payload_that_panics_when_dropped() {
        struct Grumpy;
        impl Drop for Grumpy {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let payload: Box<dyn Any + Send> = Box::new(Grumpy);
        assert_eq!(error_of(payload).kind, ErrorKind::NativePanic);
    }
}
