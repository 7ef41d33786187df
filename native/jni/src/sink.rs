//! Entry points of `NativeSink`: buffers of Kafka records in, commits to the Bronze table out.
//!
//! A sink has a Tokio runtime of its own, whose two threads encode, wait for the storage and never touch the JVM. Calls
//! block until their work is done, but for `begin`; the record buffer is borrowed for the call only.

use crate::entry::{enter, text};
use crate::error::{Error, ErrorKind, Result};
use crate::handles;
use financelake_ingest::{Commit, Outcome, Refused, Sink, SinkConfig, bronze_json};
use jni::objects::{JByteBuffer, JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned};
use tokio::runtime::{Builder, Runtime};

/// What Java gets for a partition of which the table has nothing.
const NO_POSITION: i64 = -1;

impl From<financelake_ingest::Error> for Error {
    fn from(error: financelake_ingest::Error) -> Self {
        use financelake_ingest::Error as Cause;
        let kind = match &error {
            cause if cause.is_transient() => ErrorKind::StorageUnavailable,
            Cause::Config(_)
            | Cause::Location(_)
            | Cause::Frame { .. }
            | Cause::Backward { .. } => ErrorKind::InvalidArgument,
            Cause::Columns(_) => ErrorKind::Internal,
            _ => ErrorKind::TableUnusable,
        };
        Self::new(kind, error.to_string())
    }
}

/// A sink and the threads that it waits with.
struct TaskSink {
    sink: Sink,
    runtime: Option<Runtime>,
}

impl TaskSink {
    fn open(config: &str) -> Result<Self> {
        let config = SinkConfig::from_json(config)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("financelake-sink")
            .enable_all()
            .build()
            .map_err(|error| {
                Error::new(
                    ErrorKind::Internal,
                    format!("no threads for a sink: {error}"),
                )
            })?;
        let sink = runtime.block_on(Sink::open(&config))?;
        Ok(Self {
            sink,
            runtime: Some(runtime),
        })
    }

    /// Runs a call of the sink to its end.
    fn wait<T>(
        &mut self,
        call: impl AsyncFnOnce(&mut Sink) -> financelake_ingest::Result<T>,
    ) -> Result<T> {
        let runtime = self
            .runtime
            .as_ref()
            .ok_or_else(|| Error::closed("the sink is closing"))?;
        Ok(runtime.block_on(call(&mut self.sink))?)
    }
}

impl Drop for TaskSink {
    /// Does not wait for calls of the storage that hang: what they do is safe at any time.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Per refused record its index, reason and detail.
fn refusals<'local>(
    env: &mut Env<'local>,
    refused: &[Refused],
) -> Result<JObjectArray<'local, JString<'local>>> {
    const PARTS: usize = 3;
    let array = JObjectArray::<JString<'_>>::new(env, refused.len() * PARTS, JString::default())?;
    for (row, refused) in refused.iter().enumerate() {
        let index = refused.index.to_string();
        for (part, text) in [&*index, refused.reason, &*refused.detail]
            .iter()
            .enumerate()
        {
            let text = env.new_string(text)?;
            array.set_element(env, row * PARTS + part, &text)?;
            env.delete_local_ref(text);
        }
    }
    Ok(array)
}

/// The number of a partition from Java.
fn slot(value: jint) -> Result<usize> {
    crate::entry::count(value, "the partition's number")
}

/// `String NativeSink.describeBronze()`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_describeBronze<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    enter(&mut env, |env| {
        let json =
            bronze_json().map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        Ok(env.new_string(json)?)
    })
}

/// `String NativeSink.sampleOf(String config)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_sampleOf<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    config: JString<'local>,
) -> JString<'local> {
    enter(&mut env, |env| {
        let config = SinkConfig::from_json(&text(env, &config, "the configuration")?)?;
        Ok(env.new_string(config.sample_path()?)?)
    })
}

/// `long NativeSink.openSink(String config)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_openSink<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    config: JString<'local>,
) -> jlong {
    enter(&mut env, |env| {
        let config = text(env, &config, "the configuration")?;
        Ok(handles::insert(TaskSink::open(&config)?))
    })
}

/// `int NativeSink.assign(long handle, String topic, int partition)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_assign<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    topic: JString<'local>,
    partition: jint,
) -> jint {
    enter(&mut env, |env| {
        let topic = text(env, &topic, "the topic")?;
        let slot = handles::with(handle, |task: &mut TaskSink| {
            task.wait(async |sink| sink.assign(&topic, partition).await)
        })?;
        // No task has as many partitions as an int counts.
        Ok(slot as jint)
    })
}

/// `long NativeSink.position(long handle, int slot)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_position<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    number: jint,
) -> jlong {
    enter(&mut env, |_| {
        let number = slot(number)?;
        handles::with(handle, |task: &mut TaskSink| {
            Ok(task.sink.position(number).unwrap_or(NO_POSITION))
        })
    })
}

/// `String[] NativeSink.append(long handle, ByteBuffer buffer, int length)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_append<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    buffer: JByteBuffer<'local>,
    length: jint,
) -> JObjectArray<'local, JString<'local>> {
    enter(&mut env, |env| {
        let length = crate::entry::count(length, "the length")?;
        if buffer.is_null() {
            return Err(Error::invalid("the record buffer is null"));
        }
        let capacity = env.get_direct_buffer_capacity(&buffer).unwrap_or(0);
        if capacity < length {
            return Err(Error::invalid(format!(
                "the record buffer has {capacity} bytes outside the heap, not {length}: make it with allocateDirect"
            )));
        }
        if length == 0 {
            return Ok(JObjectArray::default());
        }
        let address = env.get_direct_buffer_address(&buffer)?;
        // SAFETY: the JVM says that the buffer's memory has `capacity` bytes, which are at least `length`, and the
        // reference keeps it alive during the call; that nobody writes to it meanwhile is the caller's promise.
        let bytes = unsafe { std::slice::from_raw_parts(address.cast_const(), length) };
        let refused = handles::with(handle, |task: &mut TaskSink| Ok(task.sink.append(bytes)?))?;
        if refused.is_empty() {
            return Ok(JObjectArray::default());
        }
        refusals(env, &refused)
    })
}

/// `void NativeSink.begin(long handle, boolean all)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_begin<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    all: jboolean,
) {
    enter(&mut env, |_| {
        let what = if all { Commit::All } else { Commit::Due };
        handles::with(handle, |task: &mut TaskSink| {
            task.wait(async |sink| {
                sink.begin(what).await;
                Ok(())
            })
        })
    })
}

/// `int NativeSink.outcome(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_outcome<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> jint {
    enter(&mut env, |_| {
        handles::with(handle, |task: &mut TaskSink| {
            let landed = task.wait(async |sink| sink.landed().await)?;
            // In the order of `NativeSink.Outcome`.
            Ok(match landed {
                None => 0,
                Some(Outcome::Committed) => 1,
                Some(Outcome::Fenced) => 2,
            })
        })
    })
}

/// `boolean NativeSink.commit(long handle, boolean all)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_commit<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    all: jboolean,
) -> jboolean {
    enter(&mut env, |_| {
        let what = if all { Commit::All } else { Commit::Due };
        handles::with(handle, |task: &mut TaskSink| {
            let outcome = task.wait(async |sink| sink.commit(what).await)?;
            Ok(outcome == Outcome::Committed)
        })
    })
}

/// `boolean NativeSink.advance(long handle, String topic, int partition, long offset)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_advance<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    topic: JString<'local>,
    partition: jint,
    offset: jlong,
) -> jboolean {
    enter(&mut env, |env| {
        let topic = text(env, &topic, "the topic")?;
        handles::with(handle, |task: &mut TaskSink| {
            let outcome = task.wait(async |sink| sink.advance(&topic, partition, offset).await)?;
            Ok(outcome == Outcome::Committed)
        })
    })
}

/// `void NativeSink.discard(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_discard<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    enter(&mut env, |_| {
        handles::with(handle, |task: &mut TaskSink| {
            task.wait(async |sink| {
                sink.discard().await;
                Ok(())
            })
        })
    })
}

/// `long[] NativeSink.status(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeSink_status<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JLongArray<'local> {
    enter(&mut env, |env| {
        let (status, committing, running, due) = handles::with(handle, |task: &mut TaskSink| {
            let sink = &task.sink;
            let (committing, running) = (sink.is_committing(), sink.is_running());
            Ok((sink.status(), committing, running, sink.due_in()))
        })?;
        let due = due.map_or(-1, |due| i64::try_from(due.as_millis()).unwrap_or(i64::MAX));
        let counts = [
            status.records,
            status.bytes,
            status.committing,
            status.skipped,
            status.refused,
            u64::from(committing),
            u64::from(running),
        ];
        let counts = counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        let counts: Vec<i64> = counts.into_iter().chain([due]).collect();
        let array = JLongArray::new(env, counts.len())?;
        array.set_region(env, 0, &counts)?;
        Ok(array)
    })
}
