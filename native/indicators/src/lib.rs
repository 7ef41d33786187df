//! Technical indicators as causal state machines: a value depends on the rows up to its own, never on how the rows
//! were cut into batches.
//!
//! A *definition* ([`registry`]) turns inputs and parameters into a small graph ([`graph`]). The graph knows two kinds
//! of node only: a *map* over current and lagged values ([`map`]), which vectorises, and a *linear recurrence*
//! ([`recurrence`]), which is interleaved with its neighbours so that its latency is hidden. Windows are trees of maps
//! ([`window`]), so a window has no running sum that could drift. A [`Program`] compiles several calls at once and
//! shares what they have in common.
//!
//! [`BlockExecutor`] runs a program over batches that may hold many groups; [`TickExecutor`] runs it one row at a time.
//! Both give the same bits, as does any cut into batches, any processor, and a state that was saved and restored.
//!
//! NULL rule, everywhere: a row where an input of a call is NULL, NaN or infinite yields NULL and does not exist for
//! that call; warm-up rows and results that are not finite are NULL.
#![deny(unsafe_code)]

pub mod averages;
mod batch;
mod block;
pub mod definitions;
mod domain;
mod error;
pub mod graph;
mod lane;
pub mod map;
mod output;
mod params;
mod program;
pub mod recurrence;
pub mod registry;
pub mod simd;
mod state;
mod tick;
pub mod window;

pub use batch::{Batch, Column, OutputColumn};
pub use block::BlockExecutor;
pub use error::Error;
pub use params::{MaType, Params};
pub use program::{Call, OutputField, Program};
pub use tick::TickExecutor;
