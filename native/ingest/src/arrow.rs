//! Columns of the rules as Arrow arrays. Both have the same layout, so this copies memory and nothing else.

use crate::bronze::timestamp;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;
use financelake_market::{ColumnKind, ColumnView};
use std::sync::Arc;

/// The array of a column of `rows` rows.
pub(crate) fn array(
    rows: usize,
    kind: ColumnKind,
    validity: &[u8],
    view: ColumnView<'_>,
) -> Result<ArrayRef, ArrowError> {
    let nulls = NullBuffer::new(BooleanBuffer::new(Buffer::from(validity), 0, rows));
    let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
    Ok(match (kind, view) {
        (ColumnKind::Text, ColumnView::Text(offsets, bytes)) => {
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets.to_vec()));
            Arc::new(StringArray::try_new(offsets, Buffer::from(bytes), nulls)?)
        }
        (ColumnKind::Float64, ColumnView::F64(values)) => Arc::new(
            PrimitiveArray::<Float64Type>::try_new(values.to_vec().into(), nulls)?,
        ),
        (ColumnKind::Int64, ColumnView::I64(values)) => Arc::new(
            PrimitiveArray::<Int64Type>::try_new(values.to_vec().into(), nulls)?,
        ),
        (ColumnKind::Timestamp, ColumnView::I64(values)) => times(values.to_vec(), nulls)?,
        (ColumnKind::Int32, ColumnView::I32(values)) => Arc::new(
            PrimitiveArray::<Int32Type>::try_new(values.to_vec().into(), nulls)?,
        ),
        (ColumnKind::Date, ColumnView::I32(values)) => Arc::new(
            PrimitiveArray::<Date32Type>::try_new(values.to_vec().into(), nulls)?,
        ),
        (ColumnKind::Bool, ColumnView::Bool(bytes)) => {
            let values = BooleanBuffer::collect_bool(rows, |row| bytes[row] != 0);
            Arc::new(BooleanArray::new(values, nulls))
        }
        (kind, _) => {
            let problem = format!("a column of kind {} has other values", kind.as_str());
            return Err(ArrowError::InvalidArgumentError(problem));
        }
    })
}

/// Microseconds as times.
pub(crate) fn times(values: Vec<i64>, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    use arrow_array::TimestampMicrosecondArray;
    let times = TimestampMicrosecondArray::try_new(values.into(), nulls)?;
    Ok(Arc::new(times.with_data_type(timestamp())))
}
