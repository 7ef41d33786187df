//! The sink whose target is plain files, laid out as Confluent's HDFS sink lays them out:
//! `<topics.dir>/<topic>/<folder>/<topic>+<partition>+<first>+<last>.<format>`.
//!
//! Each topic partition is committed by itself, through its [`chain`]. Files are written under `+tmp` first and get
//! their names once a manifest lists them, so a reader never sees a file that is not whole, or one of a commit
//! that never happened.

mod chain;
mod chunk;
mod encode;
mod partitioner;
mod path_format;
mod sink;
mod takeover;
mod writing;

pub(crate) use sink::FileSink;
