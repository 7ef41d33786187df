//! The C interface of the indicators: `libfinancelake` and `financelake.h`.
//!
//! Each export is its signature, [`guard`](status::guard) and one private function on ordinary Rust types. `guard` turns
//! errors and panics into a status and a message. Objects cross as opaque pointers, columns as memory of the caller that
//! is borrowed for the call, or through the Arrow C Data Interface. `docs/c.md` states for every call who owns what.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(unreachable_pub, reason = "exports are reached through their symbols")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod pointer;
mod status;

// In the order of the header.
mod library;

mod program;

mod executor;

mod run;

mod arrow;

#[cfg(test)]
mod header;
