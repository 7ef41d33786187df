//! Entry points of `NativeIndicators`: calls compiled once, batches of rows in, results out, state carried between.
//!
//! All columns stay the JVM's. A run borrows them as slices, after [`Lent`] has checked what can be checked, and does
//! all functions of the batch in one call.

use crate::entry::{bytes, enter, longs, text};
use crate::error::{Error, ErrorKind, Result};
use crate::handles;
use crate::memory::{Lent, bitmap_bytes, count};
use financelake_indicators::registry::OutputKind;
use financelake_indicators::{Batch, BlockExecutor, Call, Column, OutputColumn, Program};
use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JLongArray, JString};
use jni::sys::{jint, jlong};
use std::sync::Arc;

impl From<financelake_indicators::Error> for Error {
    fn from(error: financelake_indicators::Error) -> Self {
        use financelake_indicators::Error as Refusal;
        let kind = match error {
            Refusal::UnknownFunction { .. } => ErrorKind::Unsupported,
            Refusal::StateFormat(_) | Refusal::StateMismatch { .. } => ErrorKind::IncompatibleState,
            Refusal::InputCount { .. }
            | Refusal::NoSuchColumn { .. }
            | Refusal::TooManyParameters { .. }
            | Refusal::ParameterRange { .. }
            | Refusal::ParameterNotWhole { .. }
            | Refusal::ParameterNotEven { .. }
            | Refusal::ParameterOrder { .. }
            | Refusal::BatchShape(_) => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string())
    }
}

/// What `compile` is asked for.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    columns: usize,
    calls: Vec<Call>,
}

fn program(json: &str) -> Result<Program> {
    let request: Request = serde_json::from_str(json).map_err(|error| {
        Error::invalid(format!("the request is not as docs/ffi.md says: {error}"))
    })?;
    Ok(Program::compile(&request.calls, request.columns)?)
}

fn compile(json: &str) -> Result<i64> {
    let executor = BlockExecutor::new(Arc::new(program(json)?));
    Ok(handles::insert(executor))
}

/// The addresses of one call, as Java gave them.
struct Addresses {
    rows: usize,
    input_values: Vec<i64>,
    input_validity: Vec<i64>,
    starts: i64,
    starts_count: usize,
    output_values: Vec<i64>,
    output_validity: Vec<i64>,
}

fn run(executor: &mut BlockExecutor, at: &Addresses) -> Result<()> {
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
            return Err(Error::invalid(format!(
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
    // is the caller's promise (docs/ffi.md).
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

/// The state is replaced only when the bytes fit as a whole.
fn restore(executor: &mut BlockExecutor, state: &[u8]) -> Result<()> {
    let mut restored = BlockExecutor::new(Arc::clone(executor.program()));
    restored.restore(state)?;
    *executor = restored;
    Ok(())
}

/// `long NativeIndicators.open(String json)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_open<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    json: JString<'local>,
) -> jlong {
    enter(&mut env, |env| compile(&text(env, &json, "the request")?))
}

/// `long NativeIndicators.measure(String json)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_measure<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    json: JString<'local>,
) -> jlong {
    enter(&mut env, |env| {
        let bytes = program(&text(env, &json, "the request")?)?.memory();
        Ok(jlong::try_from(bytes).unwrap_or(jlong::MAX))
    })
}

/// `void NativeIndicators.runBatch(long handle, int rows, long[] inputValues, long[] inputValidity, long startsAddress,
/// int startsCount, long[] outputValues, long[] outputValidity)`
#[unsafe(no_mangle)]
#[allow(
    clippy::too_many_arguments,
    reason = "JNI passes each argument of the Java method"
)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_runBatch<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    rows: jint,
    input_values: JLongArray<'local>,
    input_validity: JLongArray<'local>,
    starts: jlong,
    starts_count: jint,
    output_values: JLongArray<'local>,
    output_validity: JLongArray<'local>,
) {
    enter(&mut env, |env| {
        let addresses = Addresses {
            rows: count(rows, "rows")?,
            input_values: longs(env, &input_values, "inputValues")?,
            input_validity: longs(env, &input_validity, "inputValidity")?,
            starts,
            starts_count: count(starts_count, "startsCount")?,
            output_values: longs(env, &output_values, "outputValues")?,
            output_validity: longs(env, &output_validity, "outputValidity")?,
        };
        handles::with(handle, |executor: &mut BlockExecutor| {
            run(executor, &addresses)
        })
    })
}

/// `void NativeIndicators.resetState(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_resetState<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    enter(&mut env, |_| {
        handles::with(handle, |executor: &mut BlockExecutor| {
            executor.reset();
            Ok(())
        })
    })
}

/// `byte[] NativeIndicators.saveState(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_saveState<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    enter(&mut env, |env| {
        let state = handles::with(handle, |executor: &mut BlockExecutor| Ok(executor.save()))?;
        Ok(env.byte_array_from_slice(&state)?)
    })
}

/// `void NativeIndicators.restoreState(long handle, byte[] state)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_restoreState<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    state: JByteArray<'local>,
) {
    enter(&mut env, |env| {
        let state = bytes(env, &state, "the state")?;
        handles::with(handle, |executor: &mut BlockExecutor| {
            restore(executor, &state)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executor(calls: &str, columns: usize) -> BlockExecutor {
        let calls: Vec<Call> = serde_json::from_str(calls).unwrap();
        BlockExecutor::new(Arc::new(Program::compile(&calls, columns).unwrap()))
    }

    #[test]
    fn a_malformed_request_is_refused_with_its_place() {
        for json in [
            "",
            "{}",
            r#"{"columns":1,"calls":[],"more":1}"#,
            r#"{"columns":-1,"calls":[]}"#,
        ] {
            let error = compile(json).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(error.message.contains("docs/ffi.md"), "{error}");
        }
    }

    #[test]
    fn each_refusal_of_the_engine_has_its_kind() {
        let request = |call: &str| compile(&format!(r#"{{"columns":1,"calls":[{call}]}}"#));
        for (call, kind) in [
            (r#"{"function":"rsj","inputs":[0]}"#, ErrorKind::Unsupported),
            (
                r#"{"function":"bbands","inputs":[0],"params":[20,2,2,16]}"#,
                ErrorKind::InvalidArgument,
            ),
            (
                r#"{"function":"rsi","inputs":[]}"#,
                ErrorKind::InvalidArgument,
            ),
            (
                r#"{"function":"rsi","inputs":[1]}"#,
                ErrorKind::InvalidArgument,
            ),
            (
                r#"{"function":"rsi","inputs":[0],"params":[1]}"#,
                ErrorKind::InvalidArgument,
            ),
        ] {
            assert_eq!(request(call).unwrap_err().kind, kind, "{call}");
        }
    }

    #[test]
    fn a_refused_state_leaves_the_one_before() {
        let mut sma = executor(r#"[{"function":"sma","inputs":[0],"params":[3]}]"#, 1);
        let mut values = [0.0];
        let mut validity = [0];
        for value in [1.0, 2.0] {
            let column = Column {
                values: &[value],
                validity: None,
            };
            let batch = Batch {
                rows: 1,
                columns: &[column],
                starts: &[],
            };
            let output = OutputColumn::Real {
                values: &mut values,
                validity: &mut validity,
            };
            sma.run(&batch, &mut [output]).unwrap();
        }
        let before = sma.save();
        let foreign = executor(r#"[{"function":"sma","inputs":[0],"params":[4]}]"#, 1).save();
        for state in [&foreign[..], &before[..before.len() - 1], b"", b"FLIS"] {
            let error = restore(&mut sma, state).unwrap_err();
            assert_eq!(error.kind, ErrorKind::IncompatibleState, "{error}");
            assert_eq!(sma.save(), before);
        }
    }
}
