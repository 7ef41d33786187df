//! Batches through the Arrow C Data Interface: arrays are moved in, and new ones moved out.

use crate::executor::Executor;
use crate::pointer::{elements, elements_mut, look};
use crate::run::check_counts;
use crate::status::{Failure, Result, Status, guard};
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::{Array, ArrayRef, Float64Array, Int32Array};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use financelake_boundary::memory::bitmap_bytes;
use financelake_indicators::registry::OutputKind;
use financelake_indicators::{Batch, Column, OutputColumn};
use std::mem::MaybeUninit;
use std::sync::Arc;

/// As financelake_executor_run(), over Arrow arrays of type float64 and one length.
///
/// The call takes the input arrays and their schemas: whatever it returns, each has been released or moved, exactly once,
/// and the `release` of your structures is NULL. Values are read where they are, without a copy. The outputs are new arrays
/// of type float64 or int32; `output_arrays` and `output_schemas` are written only when the status is
/// FINANCELAKE_STATUS_OK, and are yours to release.
#[unsafe(no_mangle)]
#[allow(
    clippy::too_many_arguments,
    reason = "each array comes with its length, which is checked"
)]
pub unsafe extern "C" fn financelake_executor_run_arrow(
    executor: *mut Executor,
    input_arrays: *const *mut FFI_ArrowArray,
    input_schemas: *const *mut FFI_ArrowSchema,
    inputs_count: usize,
    starts: *const u32,
    starts_count: usize,
    output_arrays: *mut FFI_ArrowArray,
    output_schemas: *mut FFI_ArrowSchema,
    outputs_count: usize,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises: arrays of these lengths, an open executor, structures that hold what the Arrow
        // specification says.
        unsafe {
            let inputs = take(input_arrays, input_schemas, inputs_count)?;
            let executor = look(executor, "executor")?;
            let starts = elements(starts, starts_count, "starts")?;
            let arrays = places(output_arrays, outputs_count, "arrays")?;
            let schemas = places(output_schemas, outputs_count, "schemas")?;
            let outputs = run(executor, inputs, starts, outputs_count)?;
            for ((array, schema), output) in arrays.iter_mut().zip(schemas).zip(outputs) {
                array.write(output.0);
                schema.write(output.1);
            }
        }
        Ok(())
    })
}

type Moved = (FFI_ArrowArray, FFI_ArrowSchema);

/// Moves all inputs here first, so that they are released whatever happens next.
unsafe fn take(
    arrays: *const *mut FFI_ArrowArray,
    schemas: *const *mut FFI_ArrowSchema,
    count: usize,
) -> Result<Vec<Moved>> {
    // SAFETY: the caller's promise: arrays of this length.
    let (arrays, schemas) = unsafe {
        (
            elements(arrays, count, "the array of input arrays")?,
            elements(schemas, count, "the array of input schemas")?,
        )
    };
    let mut missing = None;
    let mut taken = Vec::with_capacity(count);
    for (index, (&array, &schema)) in arrays.iter().zip(schemas).enumerate() {
        // SAFETY: the caller's promise: null, or initialised structures.
        let (array, schema) = unsafe { (array.as_mut(), schema.as_mut()) };
        if array.is_none() || schema.is_none() {
            missing = Some(index);
        }
        taken.push((
            array.map_or(FFI_ArrowArray::empty(), |array| {
                std::mem::replace(array, FFI_ArrowArray::empty())
            }),
            schema.map_or(FFI_ArrowSchema::empty(), |schema| {
                std::mem::replace(schema, FFI_ArrowSchema::empty())
            }),
        ));
    }
    match missing {
        None => Ok(taken),
        Some(index) => Err(Failure::invalid(format!("input {index} is a null pointer"))),
    }
}

/// Places for structures that are not there yet.
unsafe fn places<'a, T>(
    first: *mut T,
    count: usize,
    what: &str,
) -> Result<&'a mut [MaybeUninit<T>]> {
    let what = format!("the place for the output {what}");
    // SAFETY: the caller's promise: room for this many, which nobody else uses.
    unsafe { elements_mut(first.cast(), count, &what) }
}

fn run(
    executor: &Executor,
    inputs: Vec<Moved>,
    starts: &[u32],
    outputs_count: usize,
) -> Result<Vec<Moved>> {
    let inputs = inputs.into_iter().enumerate().map(import);
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    let rows = inputs.first().map_or(0, Array::len);
    if let Some(index) = inputs.iter().position(|input| input.len() != rows) {
        return Err(Failure::invalid(format!(
            "input {index} has {} rows, input 0 has {rows}; all must have the same",
            inputs[index].len()
        )));
    }
    check_counts(executor, rows, inputs.len(), outputs_count)?;

    // A bitmap of Arrow may begin inside a byte.
    let bitmaps: Vec<Option<Buffer>> = inputs
        .iter()
        .map(|input| input.nulls().map(|nulls| nulls.inner().sliced()))
        .collect();
    let columns: Vec<Column<'_>> = inputs
        .iter()
        .zip(&bitmaps)
        .map(|(input, validity)| Column {
            values: input.values(),
            validity: validity.as_deref(),
        })
        .collect();
    let batch = Batch {
        rows,
        columns: &columns,
        starts,
    };
    let kinds = executor.compiled.outputs().iter().map(|field| field.kind);
    let mut results: Vec<Results> = kinds.map(|kind| Results::new(kind, rows)).collect();
    let mut outputs: Vec<_> = results.iter_mut().map(Results::column).collect();
    executor.lock()?.block().run(&batch, &mut outputs)?;
    let exported = results.into_iter().map(|results| {
        to_ffi(&results.finish(rows).to_data()).map_err(|error| Failure::invalid(error.to_string()))
    });
    exported.collect()
}

fn import((index, (array, schema)): (usize, Moved)) -> Result<Float64Array> {
    if array.is_released() {
        return Err(Failure::invalid(format!(
            "input {index} was released before"
        )));
    }
    let format = schema.format();
    if format != "g" {
        return Err(Failure::invalid(format!(
            "input {index} has the Arrow format \"{format}\"; cast it to float64, \"g\""
        )));
    }
    // SAFETY: the caller's promise: the structures hold what the specification says.
    let data = unsafe { from_ffi(array, &schema) }
        .map_err(|error| Failure::invalid(format!("input {index}: {error}")))?;
    Ok(Float64Array::from(data))
}

/// An output while it is computed.
enum Results {
    Real(Vec<f64>, Vec<u8>),
    Integer(Vec<i32>, Vec<u8>),
}

impl Results {
    fn new(kind: OutputKind, rows: usize) -> Self {
        let validity = vec![0; bitmap_bytes(rows)];
        match kind {
            OutputKind::Real => Self::Real(vec![0.0; rows], validity),
            OutputKind::Integer => Self::Integer(vec![0; rows], validity),
        }
    }

    fn column(&mut self) -> OutputColumn<'_> {
        match self {
            Self::Real(values, validity) => OutputColumn::Real { values, validity },
            Self::Integer(values, validity) => OutputColumn::Integer { values, validity },
        }
    }

    fn finish(self, rows: usize) -> ArrayRef {
        let nulls = |validity: Vec<u8>| {
            Some(NullBuffer::new(BooleanBuffer::new(
                validity.into(),
                0,
                rows,
            )))
        };
        match self {
            Self::Real(values, validity) => {
                Arc::new(Float64Array::new(values.into(), nulls(validity)))
            }
            Self::Integer(values, validity) => {
                Arc::new(Int32Array::new(values.into(), nulls(validity)))
            }
        }
    }
}
