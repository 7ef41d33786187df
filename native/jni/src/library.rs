//! Entry points of `NativeLibrary`: who the library is, and how many handles live.
//!
//! `describe` is the handshake, so its name and its result never change, whatever the interface version.

use crate::entry::enter;
use crate::{handles, identity, panics};
use jni::EnvUnowned;
use jni::objects::{JClass, JString};
use jni::sys::{self, JNI_VERSION_1_8, jboolean, jint, jlong};
use std::ffi::c_void;

/// Called by the JVM when it has loaded the library.
#[unsafe(no_mangle)]
pub extern "system" fn JNI_OnLoad(_vm: *mut sys::JavaVM, _reserved: *mut c_void) -> jint {
    panics::install_hook();
    JNI_VERSION_1_8
}

/// `String NativeLibrary.describe()`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeLibrary_describe<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    enter(&mut env, |env| Ok(env.new_string(identity::describe())?))
}

/// `long NativeLibrary.countHandles()`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeLibrary_countHandles<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jlong {
    enter(&mut env, |_| Ok(handles::live() as jlong))
}

/// `boolean NativeHandle.closeHandle(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeHandle_closeHandle<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> jboolean {
    enter(&mut env, |_| Ok(handles::close(handle)))
}
