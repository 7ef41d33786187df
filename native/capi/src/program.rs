//! Programs: calls that were checked and compiled.

use crate::pointer::{close, give, look};
use crate::status::{Failure, Result, Status, guard, text};
use financelake_indicators::registry::OutputKind;
use std::ffi::{CString, c_char};
use std::sync::Arc;

/// Calls that were checked and compiled: immutable, for any number of executors and threads.
pub struct Program {
    pub(crate) compiled: Arc<financelake_indicators::Program>,
    names: Vec<CString>,
    description: CString,
}

/// Kind of the values of an output.
#[repr(C)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// double
    Real = 0,
    /// int32_t
    Integer = 1,
}

/// An output of a program.
#[repr(C)]
pub struct Field {
    /// Its name among the outputs of its call; it belongs to the program.
    pub name: *const c_char,
    /// Index of its call.
    pub call: usize,
    /// Kind of its values.
    pub kind: Kind,
}

fn compile(json: &str) -> Result<Program> {
    let compiled = financelake_boundary::program(json)?;
    let c_string = |text: &str| CString::new(text).unwrap_or_default();
    Ok(Program {
        names: compiled
            .outputs()
            .iter()
            .map(|output| c_string(output.name))
            .collect(),
        description: c_string(compiled.description()),
        compiled: Arc::new(compiled),
    })
}

/// Compiles a request like {"columns": 2, "calls": [{"function": "rsi", "inputs": [0], "params": [14]}]}: the number of
/// input columns, and calls whose inputs are indices into them. Trailing parameters may be left out. The outputs follow in
/// the order of the calls. The text is only borrowed. Close the program after use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_program_open(
    request: *const c_char,
    program: *mut *mut Program,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises: a text that ends with a zero byte, and a place for a pointer.
        unsafe { give(program, "program", compile(text(request, "the request")?)?) }
    })
}

/// Frees a program. Executors made from it go on. NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_program_close(program: *mut Program) {
    guard(|| {
        // SAFETY: the caller's promise: null, or open and not used any more.
        unsafe { close(program) };
        Ok(())
    });
}

/// Number of input columns; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_program_columns(program: *const Program) -> usize {
    // SAFETY: the caller's promise: null or open.
    unsafe { program.as_ref() }.map_or(0, |program| program.compiled.columns())
}

/// Number of outputs; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_program_outputs(program: *const Program) -> usize {
    // SAFETY: the caller's promise: null or open.
    unsafe { program.as_ref() }.map_or(0, |program| program.compiled.outputs().len())
}

/// Describes the output with this index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_program_output(
    program: *const Program,
    index: usize,
    field: *mut Field,
) -> Status {
    guard(|| {
        // SAFETY: the caller's promises: an open program, and a place for a field.
        let (program, field) = unsafe { (look(program, "program")?, field.as_mut()) };
        let field =
            field.ok_or_else(|| Failure::invalid("the place for the field is a null pointer"))?;
        let outputs = program.compiled.outputs();
        let (output, name) = outputs
            .get(index)
            .zip(program.names.get(index))
            .ok_or_else(|| {
                Failure::invalid(format!(
                    "there is no output {index}; the program has {}, numbered from 0",
                    outputs.len()
                ))
            })?;
        *field = Field {
            name: name.as_ptr(),
            call: output.call,
            kind: match output.kind {
                OutputKind::Real => Kind::Real,
                OutputKind::Integer => Kind::Integer,
            },
        };
        Ok(())
    })
}

/// The calls with all their parameters: programs with equal descriptions have interchangeable states. The text belongs to
/// the program. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_program_description(program: *const Program) -> *const c_char {
    // SAFETY: the caller's promise: null or open.
    unsafe { program.as_ref() }.map_or(std::ptr::null(), |program| program.description.as_ptr())
}

/// The most bytes that an executor of this program keeps for histories; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn financelake_program_memory(program: *const Program) -> usize {
    // SAFETY: the caller's promise: null or open.
    unsafe { program.as_ref() }.map_or(0, |program| program.compiled.memory())
}
