//! The JVM boundary: the only crate that knows JNI.
//!
//! Each export is its signature, [`entry::enter`] and one private function on ordinary Rust types. `enter`
//! turns errors and panics into Java exceptions ([`error`]); objects that outlive a call are reached through
//! checked [`handles`]. Columns cross as addresses of memory that the JVM owns and that Rust borrows for the
//! call only ([`financelake_boundary`]). `docs/ffi.md` states for every entry point who owns what, and for how long.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    unreachable_pub,
    reason = "exports are reached by the JVM, through their symbols"
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod anomalies;
mod entry;
mod error;
#[cfg(feature = "fault-injection")]
mod faults;
mod handles;
mod identity;
mod indicators;
mod library;
mod maintenance;
mod panics;
mod records;
mod sink;
mod trainer;
mod trend;
