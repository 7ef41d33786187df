//! The order of rows inside a folder, by which files can be skipped.
//!
//! Values become ranks: the place of a value among quantiles of the distinct values of a sample. So columns of any
//! type and any spread weigh the same, and one very frequent value takes one rank only. Linear order needs no ranks.

use crate::curve::{BITS, hilbert, zorder};
use crate::error::{Error, Result};
use crate::plan::{Order, Strategy};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::{ArrowError, Schema};
use std::collections::BTreeSet;

/// Values that a sample keeps of each column.
const SAMPLE: usize = 1 << BITS;

/// How rows are compared: by their place on the curve, then by their values.
pub(crate) struct Layout {
    strategy: Strategy,
    columns: Vec<usize>,
    all: RowConverter,
    each: Vec<RowConverter>,
    /// The upper ends of the ranks of each column.
    ranks: Vec<Vec<Box<[u8]>>>,
}

/// The keys of a batch.
pub(crate) struct Keys {
    pub(crate) curve: Vec<u64>,
    pub(crate) values: Rows,
}

fn internal(error: ArrowError) -> Error {
    Error::Internal(error.to_string())
}

impl Layout {
    pub(crate) fn new(order: &Order, schema: &Schema) -> Result<Self> {
        let columns = order.columns.iter().map(|name| schema.index_of(name));
        let columns = columns
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(internal)?;
        let fields: Vec<SortField> = columns
            .iter()
            .map(|index| SortField::new(schema.field(*index).data_type().clone()))
            .collect();
        let each = fields
            .iter()
            .map(|field| RowConverter::new(vec![field.clone()]));
        Ok(Self {
            strategy: order.strategy,
            ranks: vec![Vec::new(); columns.len()],
            columns,
            each: each
                .collect::<std::result::Result<_, _>>()
                .map_err(internal)?,
            all: RowConverter::new(fields).map_err(internal)?,
        })
    }

    /// Whether ranks are needed, and so a sample.
    pub(crate) fn is_curve(&self) -> bool {
        self.strategy != Strategy::Linear
    }

    fn arrays(&self, batch: &RecordBatch) -> Vec<ArrayRef> {
        self.columns
            .iter()
            .map(|index| ArrayRef::clone(batch.column(*index)))
            .collect()
    }

    /// Sets the ranks from a sample.
    pub(crate) fn set_ranks(&mut self, sample: Sample) {
        let ends = sample.columns.into_iter().map(|column| {
            let values: Vec<Box<[u8]>> = column.values.into_iter().collect();
            let cells = 1 << BITS;
            if values.len() <= cells {
                return values;
            }
            (1..=cells)
                .map(|rank| values[rank * values.len() / cells - 1].clone())
                .collect()
        });
        self.ranks = ends.collect();
    }

    /// Takes values of a batch into a sample.
    pub(crate) fn take_sample(&self, batch: &RecordBatch, sample: &mut Sample) -> Result<()> {
        sample
            .columns
            .resize_with(self.columns.len(), Column::default);
        for (index, array) in self.arrays(batch).into_iter().enumerate() {
            let rows = self.each[index]
                .convert_columns(&[array])
                .map_err(internal)?;
            let column = &mut sample.columns[index];
            rows.iter().for_each(|row| column.take(row.as_ref()));
        }
        Ok(())
    }

    /// The keys of a batch.
    pub(crate) fn keys(&self, batch: &RecordBatch) -> Result<Keys> {
        let arrays = self.arrays(batch);
        let values = self.all.convert_columns(&arrays).map_err(internal)?;
        if !self.is_curve() {
            return Ok(Keys {
                curve: vec![0; batch.num_rows()],
                values,
            });
        }
        let mut cells = vec![vec![0_u32; arrays.len()]; batch.num_rows()];
        for (index, array) in arrays.into_iter().enumerate() {
            let ends = &self.ranks[index];
            // Few distinct values are spread over the whole grid.
            let scale = ((1 << BITS) as f64 / ends.len().max(1) as f64).max(1.0);
            let rows = self.each[index]
                .convert_columns(&[array])
                .map_err(internal)?;
            for (cell, row) in cells.iter_mut().zip(&rows) {
                let rank = ends.partition_point(|end| &**end < row.as_ref());
                cell[index] = ((rank as f64 * scale) as u32).min((1 << BITS) - 1);
            }
        }
        let curve = if self.strategy == Strategy::Hilbert {
            hilbert
        } else {
            zorder
        };
        Ok(Keys {
            curve: cells.iter().map(|cell| curve(cell)).collect(),
            values,
        })
    }
}

/// Distinct values of the columns, a share of them where there are many.
#[derive(Default)]
pub(crate) struct Sample {
    columns: Vec<Column>,
}

#[derive(Default)]
struct Column {
    values: BTreeSet<Box<[u8]>>,
    /// Values whose hash has one of its lowest bits set are left out, so that every distinct value has the same
    /// chance, however often and wherever it occurs.
    thinned: u32,
}

impl Column {
    fn take(&mut self, value: &[u8]) {
        if !self.keeps(value) || self.values.contains(value) {
            return;
        }
        self.values.insert(value.into());
        if self.values.len() > 4 * SAMPLE {
            self.thinned += 1;
            let values = std::mem::take(&mut self.values);
            self.values = values
                .into_iter()
                .filter(|value| self.keeps(value))
                .collect();
        }
    }

    fn keeps(&self, value: &[u8]) -> bool {
        hash(value) & ((1 << self.thinned) - 1) == 0
    }
}

/// FNV-1a, whose bits are then mixed.
fn hash(value: &[u8]) -> u64 {
    let hash = value.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}
