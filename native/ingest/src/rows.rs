//! The rows of one folder while they are collected.

use crate::arrow::{array, times};
use crate::bronze::{decoded_name, header, header_fields};
use crate::error::Result;
use crate::frames::Frame;
use arrow_array::builder::{ArrayBuilder, BinaryBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int32Array, Int64Array, ListArray, RecordBatch, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, Schema};
use financelake_market::{BatchTooLarge, COLUMNS, ColumnBatch, Outcome, RULE_VERSION};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes of a row besides those of its record: its columns, and what vectors keep in reserve.
const ROW: usize = 400;

/// Bytes of the many small vectors that even one row needs.
const FOLDER: usize = 6 << 10;

/// Where a record comes from and when it was taken in, beside what its frame says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    /// Microseconds since 1970.
    pub(crate) ingested_at: i64,
}

/// Rows of one file.
#[derive(Debug)]
pub(crate) struct Rows {
    decided: ColumnBatch,
    /// Values, keys and headers are kept as well.
    whole: bool,
    value: BinaryBuilder,
    key: BinaryBuilder,
    header_ends: Vec<i32>,
    header_key: StringBuilder,
    header_value: BinaryBuilder,
    topic: StringBuilder,
    partition: Vec<i32>,
    offset: Vec<i64>,
    timestamp: Vec<Option<i64>>,
    timestamp_type: Vec<i32>,
    ingested_at: Vec<i64>,
}

impl Rows {
    /// `whole`: with what was received, beside what the rules make of it.
    pub(crate) fn new(whole: bool) -> Self {
        Self {
            whole,
            decided: ColumnBatch::with_capacity(0),
            // Builders reserve 1,024 rows by default, which thousands of folders with a few rows cannot afford.
            value: BinaryBuilder::with_capacity(0, 0),
            key: BinaryBuilder::with_capacity(0, 0),
            header_ends: vec![0],
            header_key: StringBuilder::with_capacity(0, 0),
            header_value: BinaryBuilder::with_capacity(0, 0),
            topic: StringBuilder::with_capacity(0, 0),
            partition: Vec::new(),
            offset: Vec::new(),
            timestamp: Vec::new(),
            timestamp_type: Vec::new(),
            ingested_at: Vec::new(),
        }
    }

    /// Adds a record; `received` is the time that it was decided with. Returns about how many bytes it takes.
    pub(crate) fn push(
        &mut self,
        frame: &Frame<'_>,
        origin: Origin<'_>,
        outcome: &Outcome<'_>,
        received: i64,
    ) -> Result<usize> {
        let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
        let headers = frame
            .headers
            .iter()
            .map(|header| header.key.len() + length(header.value) + 16);
        let bytes = 2 * length(frame.value) + length(frame.key) + headers.sum::<usize>() + ROW;
        let first = if self.offset.is_empty() { FOLDER } else { 0 };
        // The builders' offsets have 32 bits; the columns of the rules check their own.
        let held = [
            self.value.values_slice(),
            self.key.values_slice(),
            self.header_value.values_slice(),
        ];
        if held
            .iter()
            .any(|held| held.len() + bytes > i32::MAX as usize)
        {
            return Err(BatchTooLarge.into());
        }
        self.decided.push(outcome, received)?;
        if self.whole {
            self.value.append_option(frame.value);
            self.key.append_option(frame.key);
            for header in &frame.headers {
                self.header_key.append_value(header.key);
                self.header_value.append_option(header.value);
            }
            self.header_ends.push(self.header_value.len() as i32);
        }
        self.topic.append_value(origin.topic);
        self.partition.push(origin.partition);
        self.offset.push(frame.offset);
        self.timestamp
            .push(frame.timestamp.map(|millis| millis.saturating_mul(1000)));
        self.timestamp_type.push(frame.timestamp_type);
        self.ingested_at.push(origin.ingested_at);
        Ok(bytes + first)
    }

    /// The rows as the columns of a data file. Columns of what was received need `whole` rows.
    pub(crate) fn finish(mut self, schema: &Schema, reference: i64) -> Result<RecordBatch> {
        let rows = self.decided.rows();
        let mut columns: HashMap<&str, ArrayRef> = HashMap::new();
        for (column, (validity, view)) in COLUMNS.iter().zip(self.decided.columns()) {
            let name = decoded_name(column.name)
                .or_else(|| Some("region").filter(|name| *name == column.name));
            if let Some(name) = name {
                columns.insert(name, array(rows, column.kind, validity, view)?);
            }
        }
        let headers = StructArray::try_new(
            header_fields(),
            vec![
                Arc::new(self.header_key.finish()),
                Arc::new(self.header_value.finish()),
            ],
            None,
        )?;
        let ends = OffsetBuffer::new(ScalarBuffer::from(self.header_ends));
        let known = NullBuffer::from_iter(self.timestamp.iter().map(Option::is_some));
        let instants = self
            .timestamp
            .iter()
            .map(|time| time.unwrap_or_default())
            .collect();
        columns.extend([
            ("value", Arc::new(self.value.finish()) as ArrayRef),
            ("key", Arc::new(self.key.finish())),
            (
                "headers",
                Arc::new(ListArray::try_new(header(), ends, Arc::new(headers), None)?),
            ),
            ("topic", Arc::new(self.topic.finish())),
            ("partition", Arc::new(Int32Array::from(self.partition))),
            ("offset", Arc::new(Int64Array::from(self.offset))),
            (
                "timestamp",
                times(instants, Some(known).filter(|nulls| nulls.null_count() > 0))?,
            ),
            (
                "timestamp_type",
                Arc::new(Int32Array::from(self.timestamp_type)),
            ),
            ("ingested_at", times(self.ingested_at, None)?),
            (
                "rule_version",
                Arc::new(Int32Array::from(vec![RULE_VERSION; rows])),
            ),
            (
                "ref_version",
                Arc::new(Int64Array::from(vec![reference; rows])),
            ),
        ]);
        let ordered = schema.fields().iter().map(|field| {
            let missing =
                || ArrowError::SchemaError(format!("no rows for column {}", field.name()));
            columns.remove(field.name().as_str()).ok_or_else(missing)
        });
        let ordered = ordered.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(RecordBatch::try_new(Arc::new(schema.clone()), ordered)?)
    }
}

pub(crate) fn micros(time: SystemTime) -> i64 {
    let elapsed = time.duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
    })
}
