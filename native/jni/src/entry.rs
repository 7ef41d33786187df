//! The frame around every entry point: runs the body, and turns what goes wrong into a Java exception.
//!
//! An error never looks like success: when the body fails, an exception is pending as the call returns, and
//! Java does not look at the returned default value.

use crate::error::{Error, Result};
use crate::panics;
use jni::errors::ErrorPolicy;
use jni::objects::{
    JByteArray, JDoubleArray, JIntArray, JLongArray, JObjectArray, JString, JThrowable, JValue,
};
use jni::strings::JNIString;
use jni::{Env, EnvUnowned, jni_sig};
use std::any::Any;

/// Runs `body` and resolves its result for the JVM.
pub(crate) fn enter<'local, T: Default>(
    env: &mut EnvUnowned<'local>,
    body: impl FnOnce(&mut Env<'local>) -> Result<T>,
) -> T {
    env.with_env(body).resolve::<ThrowTyped>()
}

/// A string argument; null is refused.
pub(crate) fn text(env: &Env<'_>, string: &JString<'_>, what: &str) -> Result<String> {
    if string.is_null() {
        return Err(Error::invalid(format!("{what} is null")));
    }
    Ok(string.try_to_string(env)?)
}

/// The elements of a `long[]` argument; null is refused.
pub(crate) fn longs(env: &Env<'_>, array: &JLongArray<'_>, what: &str) -> Result<Vec<i64>> {
    if array.is_null() {
        return Err(Error::invalid(format!("{what} is null")));
    }
    let mut elements = vec![0; array.len(env)?];
    array.get_region(env, 0, &mut elements)?;
    Ok(elements)
}

/// The elements of a `byte[]` argument; null is refused.
pub(crate) fn bytes(env: &Env<'_>, array: &JByteArray<'_>, what: &str) -> Result<Vec<u8>> {
    if array.is_null() {
        return Err(Error::invalid(format!("{what} is null")));
    }
    Ok(env.convert_byte_array(array)?)
}

/// The elements of a `double[]` argument; null is refused.
pub(crate) fn doubles(env: &Env<'_>, array: &JDoubleArray<'_>, what: &str) -> Result<Vec<f64>> {
    if array.is_null() {
        return Err(Error::invalid(format!("{what} is null")));
    }
    let mut elements = vec![0.0; array.len(env)?];
    array.get_region(env, 0, &mut elements)?;
    Ok(elements)
}

/// The elements of an `int[]` argument; null is refused.
pub(crate) fn ints(env: &Env<'_>, array: &JIntArray<'_>, what: &str) -> Result<Vec<i32>> {
    if array.is_null() {
        return Err(Error::invalid(format!("{what} is null")));
    }
    let mut elements = vec![0; array.len(env)?];
    array.get_region(env, 0, &mut elements)?;
    Ok(elements)
}

/// The elements of a `byte[][]` argument; null, inside too, is refused.
pub(crate) fn files(
    env: &mut Env<'_>,
    array: &JObjectArray<'_, JByteArray<'_>>,
    what: &str,
) -> Result<Vec<Vec<u8>>> {
    if array.is_null() {
        return Err(Error::invalid(format!("{what} is null")));
    }
    let count = array.len(env)?;
    let mut files = Vec::with_capacity(count);
    for index in 0..count {
        let file = array.get_element(env, index)?;
        files.push(bytes(env, &file, what)?);
    }
    Ok(files)
}

/// A count of rows or elements from Java, where only `int` exists.
pub(crate) fn count(value: i32, what: &str) -> Result<usize> {
    usize::try_from(value)
        .map_err(|_| Error::invalid(format!("{what} is {value}; it must not be negative")))
}

/// Throws the class that the kind of the error names. An exception that is already pending stays.
struct ThrowTyped;

impl<T: Default> ErrorPolicy<T, Error> for ThrowTyped {
    type Captures<'unowned: 'method, 'method> = ();

    fn on_error<'unowned: 'method, 'method>(
        env: &mut Env<'unowned>,
        _: &mut (),
        error: Error,
    ) -> jni::errors::Result<T> {
        throw(env, &error);
        Ok(T::default())
    }

    fn on_panic<'unowned: 'method, 'method>(
        env: &mut Env<'unowned>,
        _: &mut (),
        payload: Box<dyn Any + Send + 'static>,
    ) -> jni::errors::Result<T> {
        throw(env, &panics::error_of(payload));
        Ok(T::default())
    }
}

/// Leaves an exception pending: the typed one, or an `InternalError` when the JVM cannot make that one.
fn throw(env: &mut Env<'_>, error: &Error) {
    if env.exception_check() {
        return;
    }
    if throw_typed(env, error).is_err() && !env.exception_check() {
        let message = JNIString::new(&error.message);
        // `throw_new` reports the exception that it made pending as an error; that is what is wanted.
        let _ = env.throw_new(jni::jni_str!("java/lang/InternalError"), message);
    }
}

fn throw_typed(env: &mut Env<'_>, error: &Error) -> jni::errors::Result<()> {
    let class = env.find_class(JNIString::new(format!(
        "io/financelake/jni/{}",
        error.kind.java_class()
    )))?;
    let message = env.new_string(&error.message)?;
    let backtrace = env.new_string(error.backtrace.as_deref().unwrap_or_default())?;
    let arguments = [JValue::Object(&message), JValue::Object(&backtrace)];
    let exception = env.new_object(
        class,
        jni_sig!("(Ljava/lang/String;Ljava/lang/String;)V"),
        &arguments,
    )?;
    let exception = env.cast_local::<JThrowable<'_>>(exception)?;
    env.throw(exception)
}
