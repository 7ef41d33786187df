//! Entry points of `NativeIndicators`: calls of indicators and trend models compiled once, batches of rows in, results out,
//! state carried between.
//!
//! All columns stay the JVM's. A run borrows them, and does all functions of the batch in one call.

use crate::entry::{bytes, count, enter, files, longs, text};
use crate::error::{Error, ErrorKind, Result};
use crate::handles;
use financelake_boundary::{Addresses, Refusal, WindowExecutor, run, window_memory};
use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jint, jlong};

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

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Argument(message) => Self::invalid(message),
            Refusal::Engine(error) => error.into(),
            Refusal::Trend(error) => error.into(),
        }
    }
}

fn compile(json: &str, models: &[Vec<u8>]) -> Result<i64> {
    Ok(handles::insert(WindowExecutor::new(json, models)?))
}

/// `long NativeIndicators.open(String json, byte[][] models)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_open<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    json: JString<'local>,
    models: JObjectArray<'local, JByteArray<'local>>,
) -> jlong {
    enter(&mut env, |env| {
        let models = files(env, &models, "models")?;
        compile(&text(env, &json, "the request")?, &models)
    })
}

/// `long NativeIndicators.measure(String json)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeIndicators_measure<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    json: JString<'local>,
) -> jlong {
    enter(&mut env, |env| {
        let bytes = window_memory(&text(env, &json, "the request")?)?;
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
        handles::with(handle, |executor: &mut WindowExecutor| {
            // SAFETY: the memory is the JVM's, and lent for this call (docs/ffi.md).
            Ok(unsafe { run(executor, &addresses) }?)
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
        handles::with(handle, |executor: &mut WindowExecutor| {
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
        let state = handles::with(handle, |executor: &mut WindowExecutor| Ok(executor.save()))?;
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
        handles::with(handle, |executor: &mut WindowExecutor| {
            Ok(executor.restore(&state)?)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use financelake_boundary::{Executor, Values};
    use financelake_indicators::{Batch, Column};

    fn executor(calls: &str, columns: usize) -> WindowExecutor {
        let request = format!(r#"{{"columns":{columns},"calls":{calls}}}"#);
        WindowExecutor::new(&request, &[]).unwrap()
    }

    #[test]
    fn each_refusal_of_the_engine_has_its_kind() {
        let request = |call: &str| compile(&format!(r#"{{"columns":1,"calls":[{call}]}}"#), &[]);
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
            let output = (Values::Real(&mut values), &mut validity[..]);
            sma.run(&batch, vec![output]).unwrap();
        }
        let before = sma.save();
        let foreign = executor(r#"[{"function":"sma","inputs":[0],"params":[4]}]"#, 1).save();
        for state in [&foreign[..], &before[..before.len() - 1], b"", b"FLIS"] {
            let error = Error::from(sma.restore(state).unwrap_err());
            assert_eq!(error.kind, ErrorKind::IncompatibleState, "{error}");
            assert_eq!(sma.save(), before);
        }
    }
}
