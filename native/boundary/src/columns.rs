//! Running an executor over columns that are given by their addresses.

use financelake_indicators::registry::OutputKind;
use financelake_indicators::{Batch, BlockExecutor, Column, OutputColumn};
use std::sync::Arc;

use crate::memory::{Lent, bitmap_bytes};
use crate::{Refusal, Result};

/// The addresses of one call, as the caller gave them.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Number of rows of every column.
    pub rows: usize,
    /// `f64` values of each input column.
    pub input_values: Vec<i64>,
    /// Validity bitmap of each input column; 0: no row is NULL.
    pub input_validity: Vec<i64>,
    /// Ascending `u32` row numbers at which a new group begins.
    pub starts: i64,
    /// How many of them.
    pub starts_count: usize,
    /// `f64` or `i32` values of each output.
    pub output_values: Vec<i64>,
    /// Validity bitmap of each output.
    pub output_validity: Vec<i64>,
}

/// Runs the next rows and writes every value and every validity bit of every output.
///
/// # Errors
/// Addresses that cannot be, memory that overlaps, and batches that the engine refuses. Nothing was written then, and the
/// state is as before.
///
/// # Safety
/// What is checked is listed in [`crate::memory`]. That the memory is allocated, that long, and left alone by other
/// threads until the call returns is the caller's promise.
pub unsafe fn run(executor: &mut BlockExecutor, at: &Addresses) -> Result<()> {
    let program = Arc::clone(executor.program());
    let rows = at.rows;
    for (what, given, wanted) in [
        ("inputValues", at.input_values.len(), program.columns()),
        ("inputValidity", at.input_validity.len(), program.columns()),
        (
            "outputValues",
            at.output_values.len(),
            program.outputs().len(),
        ),
        (
            "outputValidity",
            at.output_validity.len(),
            program.outputs().len(),
        ),
    ] {
        if given != wanted {
            return Err(Refusal::argument(format!(
                "{what} has {given} addresses, the calls need {wanted}"
            )));
        }
    }
    if rows == 0 {
        return Ok(());
    }
    let mut lent = Lent::default();
    let bits = bitmap_bytes(rows);
    let starts = lent.read::<u32>(at.starts, at.starts_count, "starts")?;
    let mut inputs = Vec::with_capacity(program.columns());
    for (index, (&values, &validity)) in at.input_values.iter().zip(&at.input_validity).enumerate()
    {
        let values = lent.read::<f64>(values, rows, &format!("values of input {index}"))?;
        let validity = match validity {
            0 => None,
            address => {
                Some(lent.read::<u8>(address, bits, &format!("validity of input {index}"))?)
            }
        };
        inputs.push((values, validity));
    }
    let mut outputs = Vec::with_capacity(program.outputs().len());
    let places = at.output_values.iter().zip(&at.output_validity);
    for (index, (field, (&values, &validity))) in program.outputs().iter().zip(places).enumerate() {
        let what = format!("values of output {index}");
        let values = match field.kind {
            OutputKind::Real => Values::Real(lent.write::<f64>(values, rows, &what)?),
            OutputKind::Integer => Values::Integer(lent.write::<i32>(values, rows, &what)?),
        };
        let validity = lent.write::<u8>(validity, bits, &format!("validity of output {index}"))?;
        outputs.push((values, validity));
    }
    lent.check_apart()?;

    // SAFETY: every address was checked for null, alignment and wrap-around, and written ranges overlap nothing else
    // of this call. That the memory is allocated, that long, and left alone by other threads until the call returns
    // is the caller's promise.
    let (starts, columns, mut outputs) = unsafe {
        let starts = std::slice::from_raw_parts(starts, at.starts_count);
        let columns: Vec<Column<'_>> = inputs
            .into_iter()
            .map(|(values, validity)| Column {
                values: std::slice::from_raw_parts(values, rows),
                validity: validity.map(|validity| std::slice::from_raw_parts(validity, bits)),
            })
            .collect();
        let outputs: Vec<OutputColumn<'_>> = outputs
            .into_iter()
            .map(|(values, validity)| {
                let validity = std::slice::from_raw_parts_mut(validity, bits);
                match values {
                    Values::Real(values) => OutputColumn::Real {
                        values: std::slice::from_raw_parts_mut(values, rows),
                        validity,
                    },
                    Values::Integer(values) => OutputColumn::Integer {
                        values: std::slice::from_raw_parts_mut(values, rows),
                        validity,
                    },
                }
            })
            .collect();
        (starts, columns, outputs)
    };
    let batch = Batch {
        rows,
        columns: &columns,
        starts,
    };
    Ok(executor.run(&batch, &mut outputs)?)
}

/// Where the values of an output go.
enum Values {
    Real(*mut f64),
    Integer(*mut i32),
}
