//! Entry points of the test class `FaultInjection`: they fail on purpose, so that the tests of the Java side can
//! check what every failure becomes. Only in builds with the feature `fault-injection`.

use crate::entry::{enter, text};
use crate::error::{Error, ErrorKind};
use crate::handles;
use jni::EnvUnowned;
use jni::objects::{JClass, JString};
use jni::sys::{jint, jlong};
use std::thread::sleep;
use std::time::Duration;

/// `String FaultInjection.kinds()`: the error table, one `KIND=ExceptionClass` per line.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_FaultInjection_kinds<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    enter(&mut env, |env| {
        let rows = ErrorKind::ALL.map(|kind| format!("{kind:?}={}\n", kind.java_class()));
        Ok(env.new_string(rows.concat())?)
    })
}

/// `void FaultInjection.raise(String kind, String message)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_FaultInjection_raise<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    kind: JString<'local>,
    message: JString<'local>,
) {
    enter(&mut env, |env| {
        let (name, message) = (
            text(env, &kind, "the kind")?,
            text(env, &message, "the message")?,
        );
        let kind = ErrorKind::ALL
            .into_iter()
            .find(|kind| format!("{kind:?}") == name);
        let kind = kind.ok_or_else(|| Error::invalid(format!("there is no kind '{name}'")))?;
        Err(Error::new(kind, message))
    })
}

/// `void FaultInjection.panic(String message)`: with a formatted message, as panics usually have.
#[unsafe(no_mangle)]
#[allow(clippy::panic)]
pub extern "system" fn Java_io_financelake_jni_FaultInjection_panic<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    message: JString<'local>,
) {
    enter(&mut env, |env| {
        panic!("formatted: {}", text(env, &message, "the message")?)
    })
}

/// `long FaultInjection.open()`: a handle to nothing in particular.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_FaultInjection_open<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jlong {
    enter(&mut env, |_| Ok(handles::insert(Probe(0))))
}

/// `int FaultInjection.hold(long handle, int millis)`: stays inside a call on the handle for a while.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_FaultInjection_hold<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    millis: jint,
) -> jint {
    enter(&mut env, |_| {
        handles::with(handle, |probe: &mut Probe| {
            sleep(Duration::from_millis(u64::from(millis.unsigned_abs())));
            probe.0 += 1;
            Ok(probe.0)
        })
    })
}

/// `void FaultInjection.panicInside(long handle)`: panics during a call on the handle.
#[unsafe(no_mangle)]
#[allow(clippy::panic)]
pub extern "system" fn Java_io_financelake_jni_FaultInjection_panicInside<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    enter(&mut env, |_| {
        handles::with(handle, |_: &mut Probe| panic!("inside the handle"))
    })
}

/// Counts the calls on it.
struct Probe(jint);
