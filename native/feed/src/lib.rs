//! Market records on their way into Kafka.
//!
//! A [`Source`] gives records one after the other, always the same ones in the same order: files of real
//! bars ([`Replay`], [`Parquet`]), made-up ones ([`Synthetic`]), or lines as they are ([`Lines`]); only [`Yahoo`] is live. [`run`]
//! takes them at a pace, hands them to a [`Producer`], and keeps in a [`Position`] how many of them the broker has, so that a run that ended,
//! however it ended, goes on where it was.
//!
//! This is the only crate that links librdkafka.
#![forbid(unsafe_code)]

mod error;
mod lines;
mod message;
mod metrics;
mod pace;
mod parquet_rows;
mod position;
mod producer;
mod random;
mod replay;
mod rows;
mod run;
mod synthetic;
mod yahoo;

pub use error::{Error, Result};
pub use lines::Lines;
pub use message::{Message, Next, Source};
pub use metrics::{Counters, serve};
pub use pace::Pace;
pub use parquet_rows::Parquet;
pub use position::Position;
pub use producer::{Producer, ProducerConfig};
pub use replay::{Replay, ReplayOptions, Times};
pub use rows::{FileRows, FileSettings};
pub use run::{Feed, run};
pub use synthetic::{Synthetic, SyntheticOptions};
pub use yahoo::{Interval, YAHOO_URL, Yahoo, YahooOptions};
