//! What the boundaries to other languages have in common: a program is asked for in JSON, and columns cross as addresses
//! of memory that the caller owns and lends for one call.
//!
//! `jni` and `capi` are thin frames around this crate. It is where addresses become slices, so it is where the checks are:
//! what can be seen without trusting the caller is refused ([`memory`]), the rest is the caller's promise, which is why
//! [`run`] is unsafe.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod columns;
pub mod memory;
mod refusal;
mod request;
mod window;

pub use columns::{Addresses, Executor, Kind, Values, run};
pub use refusal::{Refusal, Result};
pub use request::program;
pub use window::{WindowExecutor, window_memory};
