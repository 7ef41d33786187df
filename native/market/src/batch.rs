//! Outcomes as columns in Arrow's memory layout, so that another language only copies.
//!
//! Every column has a validity bitmap (least significant bit first, 1 = there is a value) and its
//! values; a text column has `rows + 1` offsets into its bytes. A refused record fills `reason`,
//! `detail` and `received_date` and nothing else; an accepted one leaves the first two null; a blank
//! one has the reason `empty_line`.

use crate::instant::{epoch_day, year_of_day};
use crate::parser::Outcome;
use crate::reason::Reason;

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8 bytes behind `rows + 1` offsets of 32 bits.
    Text,
    /// 64-bit floats.
    Float64,
    /// 64-bit integers.
    Int64,
    /// Microseconds since 1970-01-01T00:00Z, 64 bits.
    Timestamp,
    /// 32-bit integers.
    Int32,
    /// Days since 1970-01-01, 32 bits.
    Date,
    /// One byte per row, 0 or 1.
    Bool,
}

impl ColumnKind {
    /// The kind's name in documents and metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            ColumnKind::Text => "text",
            ColumnKind::Float64 => "float64",
            ColumnKind::Int64 => "int64",
            ColumnKind::Timestamp => "timestamp",
            ColumnKind::Int32 => "int32",
            ColumnKind::Date => "date",
            ColumnKind::Bool => "bool",
        }
    }
}

/// A column of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name, as in the Silver tables.
    pub name: &'static str,
    /// The type of its values.
    pub kind: ColumnKind,
}

/// The values of one column; see [`ColumnBatch::columns`].
#[derive(Clone, Copy, Debug)]
pub enum ColumnView<'a> {
    /// Offsets and bytes.
    Text(&'a [i32], &'a [u8]),
    /// Floats.
    F64(&'a [f64]),
    /// Integers or microseconds.
    I64(&'a [i64]),
    /// Integers or days.
    I32(&'a [i32]),
    /// 0 or 1.
    Bool(&'a [u8]),
}

/// Where a column's parts start in the block of [`ColumnBatch::write`], each a multiple of 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnPlace {
    /// The validity bitmap.
    pub validity: usize,
    /// The offsets of a text column; `None` for the others.
    pub offsets: Option<usize>,
    /// The values, or the bytes of a text column.
    pub values: usize,
}

/// The texts of a batch do not fit into 32-bit offsets: pass fewer records at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the texts of one column pass 2 GiB: pass fewer records in one batch")]
pub struct BatchTooLarge;

/// Letters of a usual text, to reserve memory by.
const USUAL_TEXT: usize = 8;

#[derive(Clone, Debug)]
struct Fixed<T> {
    validity: Vec<u8>,
    values: Vec<T>,
}

impl<T: Default> Fixed<T> {
    fn with_capacity(rows: usize) -> Self {
        Self {
            validity: Vec::with_capacity(rows.div_ceil(8)),
            values: Vec::with_capacity(rows),
        }
    }

    fn push(&mut self, value: Option<T>) {
        push_bit(&mut self.validity, self.values.len(), value.is_some());
        self.values.push(value.unwrap_or_default());
    }
}

#[derive(Clone, Debug)]
struct Text {
    validity: Vec<u8>,
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Text {
    fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        let bytes = Vec::with_capacity(rows * USUAL_TEXT);
        Self {
            validity: Vec::with_capacity(rows.div_ceil(8)),
            offsets,
            bytes,
        }
    }

    fn push(&mut self, value: Option<&str>) -> Result<(), BatchTooLarge> {
        self.push_with(value.is_some(), |bytes| {
            bytes.extend_from_slice(value.unwrap_or("").as_bytes());
        })
    }

    fn push_with(
        &mut self,
        valid: bool,
        append: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), BatchTooLarge> {
        push_bit(&mut self.validity, self.offsets.len() - 1, valid);
        append(&mut self.bytes);
        self.offsets
            .push(i32::try_from(self.bytes.len()).map_err(|_| BatchTooLarge)?);
        Ok(())
    }
}

fn push_bit(bitmap: &mut Vec<u8>, row: usize, valid: bool) {
    if row.is_multiple_of(8) {
        bitmap.push(0);
    }
    if let Some(last) = bitmap.last_mut() {
        *last |= u8::from(valid) << (row % 8);
    }
}

impl Fixed<f64> {
    fn view(&self) -> (&[u8], ColumnView<'_>) {
        (&self.validity, ColumnView::F64(&self.values))
    }
}

impl Fixed<i64> {
    fn view(&self) -> (&[u8], ColumnView<'_>) {
        (&self.validity, ColumnView::I64(&self.values))
    }
}

impl Fixed<i32> {
    fn view(&self) -> (&[u8], ColumnView<'_>) {
        (&self.validity, ColumnView::I32(&self.values))
    }
}

impl Fixed<u8> {
    fn view(&self) -> (&[u8], ColumnView<'_>) {
        (&self.validity, ColumnView::Bool(&self.values))
    }
}

impl Text {
    fn view(&self) -> (&[u8], ColumnView<'_>) {
        (&self.validity, ColumnView::Text(&self.offsets, &self.bytes))
    }
}

macro_rules! columns {
    ($($name:ident: $storage:ty, $kind:ident;)*) => {
        /// The columns of a batch, in order.
        pub const COLUMNS: &[ColumnSpec] =
            &[$(ColumnSpec { name: stringify!($name), kind: ColumnKind::$kind },)*];

        /// Columns of outcomes, one row per record.
        #[derive(Clone, Debug)]
        pub struct ColumnBatch {
            rows: usize,
            accepted: usize,
            $($name: $storage,)*
        }

        impl ColumnBatch {
            /// An empty batch with room for that many rows.
            pub fn with_capacity(rows: usize) -> Self {
                Self { rows: 0, accepted: 0, $($name: <$storage>::with_capacity(rows),)* }
            }

            /// The columns in the order of [`COLUMNS`]: validity bitmap and values.
            pub fn columns(&self) -> Vec<(&[u8], ColumnView<'_>)> {
                vec![$(self.$name.view(),)*]
            }
        }
    };
}

columns! {
    series: Text, Text;
    symbol: Text, Text;
    freq: Text, Text;
    source: Text, Text;
    adjustment: Text, Text;
    seq: Fixed<i64>, Int64;
    ts: Fixed<i64>, Timestamp;
    date: Fixed<i32>, Date;
    year: Fixed<i32>, Int32;
    region: Text, Text;
    asset_class: Text, Text;
    currency: Text, Text;
    open: Fixed<f64>, Float64;
    high: Fixed<f64>, Float64;
    low: Fixed<f64>, Float64;
    close: Fixed<f64>, Float64;
    volume: Fixed<f64>, Float64;
    closes_only: Fixed<u8>, Bool;
    revision: Fixed<i64>, Int64;
    event_id: Text, Text;
    extra: Text, Text;
    reason: Text, Text;
    detail: Text, Text;
    received_date: Fixed<i32>, Date;
}

impl ColumnBatch {
    /// Appends one outcome; `received` is the time that it was decided with, in microseconds.
    ///
    /// # Errors
    /// [`BatchTooLarge`]; the batch is then of no further use.
    pub fn push(&mut self, outcome: &Outcome<'_>, received: i64) -> Result<(), BatchTooLarge> {
        let record = if let Outcome::Accepted(record) = outcome {
            Some(record)
        } else {
            None
        };
        let (reason, detail) = match outcome {
            Outcome::Accepted(_) => (None, None),
            Outcome::Refused(refusal) => (Some(refusal.reason.code()), Some(&*refusal.detail)),
            Outcome::Blank => (Some(Reason::EMPTY_LINE), None),
        };
        self.rows += 1;
        self.accepted += usize::from(record.is_some());
        self.series.push_with(record.is_some(), |bytes| {
            if let Some(record) = record {
                record.write_series(bytes);
            }
        })?;
        self.symbol.push(record.map(|r| &*r.symbol))?;
        self.freq.push(record.map(|r| r.freq.as_str()))?;
        self.source.push(record.map(|r| &*r.source))?;
        self.adjustment
            .push(record.map(|r| r.adjustment.as_str()))?;
        self.seq.push(record.map(|r| r.seq));
        self.ts.push(record.map(|r| r.ts));
        let day = record.map(|r| epoch_day(r.ts));
        self.date.push(day);
        self.year.push(day.map(year_of_day));
        self.region.push(record.map(|r| r.region.as_str()))?;
        self.asset_class
            .push(record.map(|r| r.asset_class.as_str()))?;
        self.currency
            .push(record.and_then(|r| r.currency.as_deref()))?;
        self.open.push(record.map(|r| r.open));
        self.high.push(record.map(|r| r.high));
        self.low.push(record.map(|r| r.low));
        self.close.push(record.map(|r| r.close));
        self.volume.push(record.and_then(|r| r.volume));
        self.closes_only
            .push(record.map(|r| u8::from(r.closes_only)));
        self.revision.push(record.map(|r| r.revision));
        self.event_id
            .push(record.and_then(|r| r.event_id.as_deref()))?;
        self.extra.push(record.and_then(|r| r.extra.as_deref()))?;
        self.reason.push(reason)?;
        self.detail.push(detail)?;
        self.received_date.push(Some(epoch_day(received)));
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of accepted records among the rows.
    pub fn accepted(&self) -> usize {
        self.accepted
    }

    /// Where each column's parts go in one block, and the block's size in bytes.
    pub fn layout(&self) -> (Vec<ColumnPlace>, usize) {
        let mut end = 0;
        let mut reserve = |bytes: usize| {
            let start = end;
            end += bytes.next_multiple_of(8);
            start
        };
        let places = self
            .columns()
            .into_iter()
            .map(|(validity, view)| ColumnPlace {
                validity: reserve(validity.len()),
                offsets: match view {
                    ColumnView::Text(offsets, _) => Some(reserve(size_of_val(offsets))),
                    _ => None,
                },
                values: reserve(match view {
                    ColumnView::Text(_, bytes) | ColumnView::Bool(bytes) => bytes.len(),
                    ColumnView::F64(values) => size_of_val(values),
                    ColumnView::I64(values) => size_of_val(values),
                    ColumnView::I32(values) => size_of_val(values),
                }),
            })
            .collect();
        (places, end)
    }

    /// Copies all columns into `block` as [`ColumnBatch::layout`] says, numbers in the machine's byte
    /// order. Bytes between the parts are left as they are.
    ///
    /// # Panics
    /// When the block is shorter than the layout's size.
    pub fn write(&self, block: &mut [u8]) {
        let (places, _) = self.layout();
        for ((validity, view), place) in self.columns().into_iter().zip(places) {
            copy(block, place.validity, validity);
            match view {
                ColumnView::Text(offsets, bytes) => {
                    if let Some(start) = place.offsets {
                        copy_numbers(block, start, offsets, |value| value.to_ne_bytes());
                    }
                    copy(block, place.values, bytes);
                }
                ColumnView::Bool(bytes) => copy(block, place.values, bytes),
                ColumnView::F64(values) => {
                    copy_numbers(block, place.values, values, |value| value.to_ne_bytes());
                }
                ColumnView::I64(values) => {
                    copy_numbers(block, place.values, values, |value| value.to_ne_bytes());
                }
                ColumnView::I32(values) => {
                    copy_numbers(block, place.values, values, |value| value.to_ne_bytes());
                }
            }
        }
    }
}

fn copy(block: &mut [u8], start: usize, bytes: &[u8]) {
    block[start..start + bytes.len()].copy_from_slice(bytes);
}

fn copy_numbers<T: Copy, const N: usize>(
    block: &mut [u8],
    start: usize,
    values: &[T],
    bytes_of: impl Fn(T) -> [u8; N],
) {
    let target = &mut block[start..start + values.len() * N];
    for (slot, value) in target.chunks_exact_mut(N).zip(values) {
        slot.copy_from_slice(&bytes_of(*value));
    }
}
