//! The records of a partition that one commit brings into files, while they are collected.

use crate::rows::Rows;
use std::collections::BTreeMap;

/// What a folder gets.
#[derive(Debug)]
pub(crate) struct Part {
    /// Offsets of its first and last record.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) rows: u64,
    pub(crate) content: PartContent,
}

/// The records of a folder.
#[derive(Debug)]
pub(crate) enum PartContent {
    Columns(Box<Rows>),
    /// One JSON value in each line.
    Lines(Vec<u8>),
}

/// Files that are complete together: one for each folder.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) parts: BTreeMap<String, Part>,
    pub(crate) records: u64,
    /// About how much memory they take.
    pub(crate) bytes: u64,
    /// The first offset behind it, once there is a record, kept or left out.
    pub(crate) end: Option<i64>,
    /// The time of its first record, where the partitioner finds times.
    pub(crate) first_time: Option<i64>,
}

impl Chunk {
    /// Whether it moves the partition.
    pub(crate) fn is_empty(&self) -> bool {
        self.end.is_none()
    }

    /// The part of a folder that takes a record at this offset.
    pub(crate) fn part(
        &mut self,
        folder: String,
        offset: i64,
        new: impl FnOnce() -> PartContent,
    ) -> &mut Part {
        let part = self.parts.entry(folder).or_insert_with(|| Part {
            first: offset,
            last: offset,
            rows: 0,
            content: new(),
        });
        part.last = offset;
        part.rows += 1;
        part
    }
}
