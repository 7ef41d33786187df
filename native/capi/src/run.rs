//! Batches over plain memory.

use crate::executor::Executor;
use crate::pointer::{elements, look};
use crate::status::{Failure, Result, Status, guard};
use financelake_boundary::{Addresses, memory::bitmap_bytes};
use financelake_indicators::registry::OutputKind;

/// An input column, which the caller owns and nobody writes while the call runs.
#[repr(C)]
pub struct Input {
    /// One value per row; NaN and infinite values stand for NULL.
    pub values: *const f64,
    /// Bit i % 8 of byte i / 8 is set when row i is not NULL; NULL when all rows have a value.
    pub validity: *const u8,
}

/// Where an output goes: memory that the caller owns, that nobody else uses while the call runs, and that overlaps no
/// other memory of the call.
#[repr(C)]
pub struct Output {
    /// Room for one double or int32_t per row, as the output's kind says.
    pub values: *mut std::ffi::c_void,
    /// Room for one bit per row, (rows + 7) / 8 bytes. Rows without a result have a clear bit and the value 0. When this is
    /// NULL they have NaN in an output of doubles and 0 in one of integers.
    pub validity: *mut u8,
}

/// Takes the next rows and writes a result per row and output. `starts` are the ascending numbers of the rows at which a
/// new group begins; when row 0 is not among them, it goes on with the group of the call before.
#[unsafe(no_mangle)]
#[allow(
    clippy::too_many_arguments,
    reason = "each array comes with its length, which is checked"
)]
pub unsafe extern "C" fn financelake_executor_run(
    executor: *mut Executor,
    rows: usize,
    inputs: *const Input,
    inputs_count: usize,
    starts: *const u32,
    starts_count: usize,
    outputs: *const Output,
    outputs_count: usize,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises: an open executor, and arrays of these lengths.
        let (executor, inputs, outputs) = unsafe {
            (
                look(executor, "executor")?,
                elements(inputs, inputs_count, "the array of inputs")?,
                elements(outputs, outputs_count, "the array of outputs")?,
            )
        };
        check_counts(executor, rows, inputs.len(), outputs.len())?;
        let own = Bitmaps::where_missing(outputs, rows);
        let addresses = Addresses {
            rows,
            input_values: inputs.iter().map(|input| input.values as i64).collect(),
            input_validity: inputs.iter().map(|input| input.validity as i64).collect(),
            starts: starts as i64,
            starts_count,
            output_values: outputs.iter().map(|output| output.values as i64).collect(),
            output_validity: own.addresses(outputs),
        };
        // SAFETY: the memory is the caller's, and lent for this call (docs/c.md).
        unsafe {
            financelake_boundary::run(executor.lock()?.block(), &addresses)?;
            own.fill(executor, outputs, rows);
        }
        Ok(())
    })
}

/// Rows are numbered by `u32`, and a column of more would be one mistaken for bytes.
const MOST_ROWS: usize = i32::MAX as usize;

pub(crate) fn check_counts(
    executor: &Executor,
    rows: usize,
    inputs: usize,
    outputs: usize,
) -> Result<()> {
    let program = &executor.compiled;
    for (what, given, wanted) in [
        ("inputs", inputs, program.columns()),
        ("outputs", outputs, program.outputs().len()),
    ] {
        if given != wanted {
            return Err(Failure::invalid(format!(
                "{given} {what} given, the program has {wanted}"
            )));
        }
    }
    if rows > MOST_ROWS {
        return Err(Failure::invalid(format!(
            "{rows} rows given, a call takes at most {MOST_ROWS}; cut them, the state is carried from call to call"
        )));
    }
    Ok(())
}

/// Bitmaps for outputs that the caller wants without.
struct Bitmaps(Vec<Option<Vec<u8>>>);

impl Bitmaps {
    fn where_missing(outputs: &[Output], rows: usize) -> Self {
        let missing = |output: &Output| output.validity.is_null();
        let bitmap = |output| missing(output).then(|| vec![0; bitmap_bytes(rows)]);
        Self(outputs.iter().map(bitmap).collect())
    }

    fn addresses(&self, outputs: &[Output]) -> Vec<i64> {
        let places = self.0.iter().zip(outputs);
        places
            .map(|(own, output)| match own {
                Some(bitmap) => bitmap.as_ptr() as i64,
                None => output.validity as i64,
            })
            .collect()
    }

    /// Writes NaN where an output of doubles has no result.
    ///
    /// # Safety
    /// The run before has written `rows` values of each output.
    unsafe fn fill(&self, executor: &Executor, outputs: &[Output], rows: usize) {
        let fields = executor.compiled.outputs().iter();
        for ((own, output), field) in self.0.iter().zip(outputs).zip(fields) {
            if let (Some(bitmap), OutputKind::Real, 1..) = (own, field.kind, rows) {
                // SAFETY: the run has checked and written them.
                let values = unsafe { std::slice::from_raw_parts_mut(output.values.cast(), rows) };
                fill_nan(values, bitmap);
            }
        }
    }
}

/// NaN wherever the bit is clear.
fn fill_nan(values: &mut [f64], bitmap: &[u8]) {
    for (values, &byte) in values.chunks_mut(8).zip(bitmap) {
        if byte == 0xff {
            continue;
        }
        for (bit, value) in values.iter_mut().enumerate() {
            if byte >> bit & 1 == 0 {
                *value = f64::NAN;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_result_become_nan() {
        let mut values = [1.0; 19];
        fill_nan(&mut values, &[0xff, 0b1111_0110, 0b0000_0011]);
        let missing: Vec<_> = (0..19).filter(|&row| values[row].is_nan()).collect();
        assert_eq!(missing, [8, 11, 18]);
    }
}
