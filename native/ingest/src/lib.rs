//! Kafka records into Bronze: bytes are decided by the market rules, become columns, Parquet files by day and
//! region, and one Delta commit that also says how far each topic partition has come.
//!
//! A [`Sink`] belongs to one task. It is exactly once because nothing but the table remembers how far it is:
//! a partition starts where the table says ([`Sink::assign`]), a commit counts only if the table still says
//! the same ([`financelake_delta::Progress`]), and records below that offset are skipped. Kafka's own consumer offsets
//! are never trusted.
#![forbid(unsafe_code)]

mod arrow;
mod bronze;
mod config;
mod destination;
mod error;
mod files;
mod frames;
mod outgoing;
mod routes;
mod rows;
mod running;
mod sink;
mod tables;

pub use bronze::{INVALID_REGION, bronze_json, bronze_schema, bronze_table};
pub use config::{
    FilesConfig, Format, Malformed, Metadata, PartitionBy, PartitionConfig, Rotation, Routes,
    SinkConfig, TimeSource,
};
pub use error::{Error, Result};
pub use frames::{Frame, Frames, Header};
pub use sink::{Commit, Outcome, Refused, Sink, Status};
