//! Executors: a program with the state of one group of rows at a time.

use crate::pointer::{close, elements, elements_mut, give, look};
use crate::program::Program;
use crate::status::{Failure, Result, Status, guard};
use financelake_indicators::TickExecutor;
use std::sync::{Arc, Mutex, MutexGuard};

/// A program with the state of its last group. Calls on one executor take turns; executors run side by side.
pub struct Executor {
    pub(crate) compiled: Arc<financelake_indicators::Program>,
    ticks: Mutex<TickExecutor>,
}

impl Executor {
    fn new(compiled: Arc<financelake_indicators::Program>) -> Self {
        let ticks = Mutex::new(TickExecutor::new(Arc::clone(&compiled)));
        Self { compiled, ticks }
    }

    /// The state, alone. After a panic in the middle of a call it is lost.
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, TickExecutor>> {
        self.ticks.lock().map_err(|_| Failure {
            status: Status::Panic,
            message: "an earlier call on this executor met a fault in FinanceLake, its state is lost; close it \
                      and make a new one"
                .into(),
        })
    }
}

/// Makes an executor without history. It keeps what it needs of the program. Close the executor after use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_executor_open(
    program: *const Program,
    executor: *mut *mut Executor,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises: an open program, and a place for a pointer.
        unsafe {
            let program = look(program, "program")?;
            give(
                executor,
                "executor",
                Executor::new(Arc::clone(&program.compiled)),
            )
        }
    })
}

/// Frees an executor. NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_executor_close(executor: *mut Executor) {
    guard(|| {
        // SAFETY: the caller's promise: null, or open and not used any more.
        unsafe { close(executor) };
        Ok(())
    });
}

/// Takes one row, a value per column, and writes a value per output; integers come as double. NaN stands for NULL, both
/// ways.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_executor_push(
    executor: *mut Executor,
    row: *const f64,
    columns: usize,
    results: *mut f64,
    outputs: usize,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises are those of `row_of`.
        let (executor, row, results) = unsafe { row_of(executor, row, columns, results, outputs) }?;
        give_out(executor.lock()?.push(&row)?, results);
        Ok(())
    })
}

/// As financelake_executor_push(), without taking the row: what the results would be if a bar that is still forming closed
/// like this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_executor_peek(
    executor: *const Executor,
    row: *const f64,
    columns: usize,
    results: *mut f64,
    outputs: usize,
) -> Status {
    guard(|| {
        // SAFETY: as for a push.
        let (executor, row, results) = unsafe { row_of(executor, row, columns, results, outputs) }?;
        give_out(&executor.lock()?.peek(&row)?, results);
        Ok(())
    })
}

/// The executor, the row and the place for its results.
type Row<'a> = (&'a Executor, Vec<Option<f64>>, &'a mut [f64]);

/// What a push or a peek was given.
///
/// # Safety
/// An open executor, `columns` values, and room for `outputs` results that nobody else uses.
unsafe fn row_of<'a>(
    executor: *const Executor,
    row: *const f64,
    columns: usize,
    results: *mut f64,
    outputs: usize,
) -> Result<Row<'a>> {
    // SAFETY: the caller's promises.
    let (executor, row, results) = unsafe {
        (
            look(executor, "executor")?,
            elements(row, columns, "the row")?,
            elements_mut(results, outputs, "the place for the results")?,
        )
    };
    let wanted = executor.compiled.outputs().len();
    if outputs != wanted {
        return Err(Failure::invalid(format!(
            "room for {outputs} results given, the program has {wanted}"
        )));
    }
    Ok((
        executor,
        row.iter().map(|&value| Some(value)).collect(),
        results,
    ))
}

fn give_out(from: &[Option<f64>], to: &mut [f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from.unwrap_or(f64::NAN);
    }
}

/// Forgets the history, as if the next row began a group.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_executor_reset(executor: *mut Executor) -> Status {
    guard(|| {
        // SAFETY: the caller's promise: null or open.
        let executor = unsafe { look(executor, "executor") }?;
        executor.lock()?.reset();
        Ok(())
    })
}

/// Copies the state, for financelake_executor_restore() in this or another process, on this or another machine. Give the
/// bytes back with financelake_state_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_executor_save(
    executor: *const Executor,
    state: *mut *mut u8,
    length: *mut usize,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises: an open executor, and places for a pointer and a length.
        let (executor, places) = unsafe {
            (
                look(executor, "executor")?,
                state.as_mut().zip(length.as_mut()),
            )
        };
        let (state, length) =
            places.ok_or_else(|| Failure::invalid("the place for the state is a null pointer"))?;
        let bytes = executor.lock()?.save().into_boxed_slice();
        *length = bytes.len();
        *state = Box::into_raw(bytes).cast();
        Ok(())
    })
}

/// Frees a state that financelake_executor_save() gave, with the length that it gave. NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_state_free(state: *mut u8, length: usize) {
    if !state.is_null() {
        // SAFETY: the caller's promise: pointer and length are those of a state that was not freed.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(state, length)) });
    }
}

/// Continues from a saved state. The bytes are only borrowed. On an error the state is the one before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_executor_restore(
    executor: *mut Executor,
    state: *const u8,
    length: usize,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises: an open executor, and `length` bytes.
        let (executor, state) = unsafe {
            (
                look(executor, "executor")?,
                elements(state, length, "the state")?,
            )
        };
        Ok(executor.lock()?.restore(state)?)
    })
}
