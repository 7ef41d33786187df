//! How a call ends: a status, and for the thread that called the message of its last failure.

use financelake_boundary::Refusal;
use financelake_indicators::Error;
use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How a call ended. Everything but FINANCELAKE_STATUS_OK leaves a message for financelake_last_error().
#[repr(C)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A null pointer, a wrong count or parameter, memory that overlaps, a malformed request. Nothing was written; the
    /// object is as before.
    InvalidArgument = 1,
    /// A function that this version does not have. Nothing was made.
    Unsupported = 2,
    /// A saved state that is damaged or of another program. The object is as before.
    IncompatibleState = 3,
    /// A fault in FinanceLake, caught. Outputs hold anything, and the object refuses further calls; close it.
    Panic = 4,
}

/// A status on its way to the caller, with what to tell.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) message: String,
}

/// The result of everything behind an export.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: Status::InvalidArgument,
            message: message.into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::UnknownFunction { .. } => Status::Unsupported,
            Error::StateFormat(_) | Error::StateMismatch { .. } => Status::IncompatibleState,
            _ => Status::InvalidArgument,
        };
        Self {
            status,
            message: error.to_string(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Argument(message) => Self::invalid(message),
            Refusal::Engine(error) => error.into(),
            // Models are asked for through Spark; the C interface compiles indicators only.
            Refusal::Trend(error) => Self::invalid(error.to_string()),
        }
    }
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
}

/// Runs the body of an export. Nothing unwinds out of it.
pub(crate) fn guard(body: impl FnOnce() -> Result<()>) -> Status {
    // What a panic may have left half changed is behind a lock that refuses to open again.
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return Status::Ok,
        Ok(Err(failure)) => failure,
        Err(payload) => Failure {
            status: Status::Panic,
            message: text_of(payload),
        },
    };
    let message = failure.message.replace('\0', "\\0");
    LAST.with(|last| last.replace(CString::new(message).unwrap_or_default()));
    failure.status
}

/// `panic!("text")` carries a `&str`, `panic!("{x}")` a `String`.
fn text_of(payload: Box<dyn Any + Send>) -> String {
    let text = payload
        .downcast_ref::<&'static str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned());
    // Dropping a payload may panic itself; then it is leaked.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    format!(
        "a fault in FinanceLake: {}",
        text.as_deref().unwrap_or("a panic without a message")
    )
}

/// The message of the last call on this thread that failed: what was given, why it is wrong, what to write instead. Empty
/// when none has. It belongs to the library and is valid until the next call on this thread fails.
#[unsafe(no_mangle)]
pub extern "C" fn financelake_last_error() -> *const c_char {
    LAST.try_with(|last| last.borrow().as_ptr())
        .unwrap_or(c"".as_ptr())
}

/// The text at this address, which is not null and ends with a zero byte.
///
/// # Safety
/// The caller's promise that it does.
pub(crate) unsafe fn text<'a>(address: *const c_char, what: &str) -> Result<&'a str> {
    if address.is_null() {
        return Err(Failure::invalid(format!("{what} is a null pointer")));
    }
    // SAFETY: not null; the rest is the caller's promise.
    unsafe { CStr::from_ptr(address) }
        .to_str()
        .map_err(|error| Failure::invalid(format!("{what} is not UTF-8: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_error() -> String {
        // SAFETY: the pointer is valid until the next failure of this thread.
        unsafe { CStr::from_ptr(financelake_last_error()) }
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_panic_is_a_status_with_its_message() {
        assert_eq!(last_error(), "");
        assert_eq!(guard(|| panic!("row {}", 7)), Status::Panic);
        assert_eq!(last_error(), "a fault in FinanceLake: row 7");
        assert_eq!(guard(|| std::panic::panic_any(7)), Status::Panic);
        assert!(last_error().ends_with("a panic without a message"));
    }

    #[test]
    fn a_payload_that_panics_when_dropped_does_not_get_out() {
        struct Grumpy;
        impl Drop for Grumpy {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        assert_eq!(guard(|| std::panic::panic_any(Grumpy)), Status::Panic);
    }

    #[test]
    fn messages_belong_to_the_thread_and_last_until_the_next_failure() {
        let fail = |text: &str| guard(|| Err(Failure::invalid(text)));
        assert_eq!(fail("here\0"), Status::InvalidArgument);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(last_error(), "");
                fail("there");
            });
        });
        assert_eq!(guard(|| Ok(())), Status::Ok);
        assert_eq!(last_error(), "here\\0");
    }
}
