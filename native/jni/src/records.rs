//! Entry points of `NativeRecords` and `NativeRecordBatch`: bytes of records in, checked columns out.
//!
//! `parse` reads the JVM's buffers for the length of the call and keeps its result here, because its size is not
//! known before; `drain` copies that result into one block that the JVM allocated, and frees it.

use crate::entry::{bytes, count, enter, text};
use crate::error::{Error, Result};
use crate::handles;
use financelake_boundary::memory::Lent;
use financelake_market::{
    COLUMNS, ColumnBatch, ColumnKind, ConfigError, Outcome, Parser, ParserConfig, RULE_VERSION,
};
use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JLongArray, JString};
use jni::sys::{jint, jlong};

/// Numbers per column that `drain` gives: places of validity, offsets and values.
const PLACES: usize = 3;

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// A parsed batch until it is drained.
struct Staged(Option<ColumnBatch>);

impl Staged {
    fn batch(&self) -> Result<&ColumnBatch> {
        self.0
            .as_ref()
            .ok_or_else(|| Error::invalid("the batch was drained before; its rows are gone"))
    }
}

fn open(config: &str) -> Result<i64> {
    let parser = Parser::new(&ParserConfig::from_json(config)?)?;
    Ok(handles::insert(parser))
}

/// The records are `values[offsets[i]..offsets[i + 1]]`, each received at `timestamps[i]`.
fn parse(parser: &Parser, values: &[u8], offsets: &[i32], timestamps: &[i64]) -> Result<Staged> {
    let mut batch = ColumnBatch::with_capacity(timestamps.len());
    for (row, (bounds, received)) in offsets.windows(2).zip(timestamps).enumerate() {
        let bounds = usize::try_from(bounds[0])
            .ok()
            .zip(usize::try_from(bounds[1]).ok());
        let record = bounds
            .and_then(|(start, end)| values.get(start..end))
            .ok_or_else(|| {
                Error::invalid(format!(
                    "the offsets of row {row} go backwards or are negative"
                ))
            })?;
        let outcome = parser.parse(record, *received);
        batch
            .push(&outcome, *received)
            .map_err(|error| Error::invalid(error.to_string()))?;
    }
    Ok(Staged(Some(batch)))
}

/// Copies the batch into the block and returns the places of its columns.
fn drain(staged: &mut Staged, block: &mut [u8]) -> Result<Vec<i64>> {
    let batch = staged.batch()?;
    let (places, size) = batch.layout();
    if block.len() < size {
        let given = block.len();
        return Err(Error::invalid(format!(
            "the block has {given} bytes, the batch needs {size}: allocate byteSize()"
        )));
    }
    batch.write(block);
    staged.0 = None;
    let places = places.into_iter().flat_map(|place| {
        let offsets = place.offsets.map_or(-1, |offsets| offsets as i64);
        [place.validity as i64, offsets, place.values as i64]
    });
    Ok(places.collect())
}

/// The columns as the DDL of a Spark schema.
fn schema() -> String {
    let columns = COLUMNS.iter().map(|column| {
        let sql = match column.kind {
            ColumnKind::Text => "STRING",
            ColumnKind::Float64 => "DOUBLE",
            ColumnKind::Int64 => "BIGINT",
            ColumnKind::Timestamp => "TIMESTAMP",
            ColumnKind::Int32 => "INT",
            ColumnKind::Date => "DATE",
            ColumnKind::Bool => "BOOLEAN",
        };
        format!("{} {sql}", column.name)
    });
    columns.collect::<Vec<_>>().join(", ")
}

/// `long NativeRecords.openParser(String config)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecords_openParser<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    config: JString<'local>,
) -> jlong {
    enter(&mut env, |env| {
        open(&text(env, &config, "the configuration")?)
    })
}

/// `String NativeRecords.describeSchema()`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecords_describeSchema<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    enter(&mut env, |env| Ok(env.new_string(schema())?))
}

/// `int NativeRecords.currentRuleVersion()`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecords_currentRuleVersion<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jint {
    enter(&mut env, |_| Ok(RULE_VERSION))
}

/// `long NativeRecords.referenceVersion(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecords_referenceVersion<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> jlong {
    enter(&mut env, |_| {
        handles::with(handle, |parser: &mut Parser| {
            Ok(parser.reference().version())
        })
    })
}

/// First byte of what `decideOne` returns: a normalised record follows, a refusal's reason and detail with a NUL between
/// them, or nothing, as the record was blank.
const ACCEPTED: u8 = 0;
const REFUSED: u8 = 1;
const BLANK: u8 = 2;

/// Decides one record, in the form that `NativeRecords.decide` reads.
fn decide(parser: &Parser, record: &[u8], received: i64) -> Vec<u8> {
    match parser.parse(record, received) {
        Outcome::Accepted(record) => [&[ACCEPTED], record.to_json().as_bytes()].concat(),
        Outcome::Refused(refusal) => {
            let (code, detail) = (refusal.reason.code(), refusal.detail.as_bytes());
            [&[REFUSED], code.as_bytes(), &[0], detail].concat()
        }
        Outcome::Blank => vec![BLANK],
    }
}

/// `byte[] NativeRecords.decideOne(long handle, byte[] record, long received)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecords_decideOne<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    record: JByteArray<'local>,
    received: jlong,
) -> JByteArray<'local> {
    enter(&mut env, |env| {
        let record = bytes(env, &record, "the record")?;
        let decided = handles::with(handle, |parser: &mut Parser| {
            Ok(decide(parser, &record, received))
        })?;
        Ok(env.byte_array_from_slice(&decided)?)
    })
}

/// `int NativeRecords.utcDay(long micros)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecords_utcDay<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    micros: jlong,
) -> jint {
    enter(&mut env, |_| Ok(financelake_market::epoch_day(micros)))
}

/// `long NativeRecords.parse(long handle, long values, long offsets, long timestamps, int rows)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecords_parse<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    values: jlong,
    offsets: jlong,
    timestamps: jlong,
    rows: jint,
) -> jlong {
    enter(&mut env, |_| {
        let rows = count(rows, "rows")?;
        let mut lent = Lent::default();
        let bounds = if rows == 0 { 0 } else { rows + 1 };
        let offsets = lent.read::<i32>(offsets, bounds, "offsets")?;
        let timestamps = lent.read::<i64>(timestamps, rows, "timestamps")?;
        // SAFETY: checked for null, alignment and wrap-around; that they hold `rows + 1` and `rows` elements
        // until the call returns is the caller's promise (docs/ffi.md).
        let (offsets, timestamps) = unsafe {
            (
                std::slice::from_raw_parts(offsets, bounds),
                std::slice::from_raw_parts(timestamps, rows),
            )
        };
        let bytes = count(offsets.last().copied().unwrap_or(0), "the last offset")?;
        let values = lent.read::<u8>(values, bytes, "values")?;
        // SAFETY: as above; the last offset is the number of bytes that the caller promises.
        let values = unsafe { std::slice::from_raw_parts(values, bytes) };
        let staged = handles::with(handle, |parser: &mut Parser| {
            parse(parser, values, offsets, timestamps)
        })?;
        Ok(handles::insert(staged))
    })
}

/// `int NativeRecordBatch.rows(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecordBatch_rows<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> jint {
    enter(&mut env, |_| {
        // There were no more rows than an int counts.
        handles::with(handle, |staged: &mut Staged| {
            Ok(staged.batch()?.rows() as jint)
        })
    })
}

/// `int NativeRecordBatch.accepted(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecordBatch_accepted<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> jint {
    enter(&mut env, |_| {
        handles::with(handle, |staged: &mut Staged| {
            Ok(staged.batch()?.accepted() as jint)
        })
    })
}

/// `long NativeRecordBatch.byteSize(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecordBatch_byteSize<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> jlong {
    enter(&mut env, |_| {
        handles::with(handle, |staged: &mut Staged| {
            Ok(staged.batch()?.layout().1 as jlong)
        })
    })
}

/// `void NativeRecordBatch.drain(long handle, long address, long capacity, long[] places)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeRecordBatch_drain<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    address: jlong,
    capacity: jlong,
    places: JLongArray<'local>,
) {
    enter(&mut env, |env| {
        let wanted = COLUMNS.len() * PLACES;
        let given = if places.is_null() {
            0
        } else {
            places.len(env)?
        };
        if given != wanted {
            return Err(Error::invalid(format!(
                "columnOffsets has {given} elements; it needs {PLACES} per column, {wanted}"
            )));
        }
        let capacity = usize::try_from(capacity)
            .map_err(|_| Error::invalid(format!("the capacity is {capacity}, below zero")))?;
        let block = Lent::default().write::<u8>(address, capacity, "the block")?;
        // SAFETY: checked for null and wrap-around; that `capacity` bytes are the caller's to give until the call
        // returns is its promise (docs/ffi.md). Every bit pattern is a byte, and none is read.
        let block = unsafe { std::slice::from_raw_parts_mut(block, capacity) };
        let found = handles::with(handle, |staged: &mut Staged| drain(staged, block))?;
        places.set_region(env, 0, &found)?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parser() -> Parser {
        Parser::new(&ParserConfig::default()).unwrap()
    }

    #[test]
    fn offsets_that_go_backwards_or_are_negative_are_refused() {
        for offsets in [[0, 4, 2], [0, -1, 2], [3, 1, 2], [-2, 0, 2]] {
            let result = parse(&parser(), b"{}", &offsets, &[0, 0]);
            assert!(result.is_err_and(|error| error.message.contains("offsets of row")));
        }
        let staged = parse(&parser(), b"{}{}", &[0, 2, 4], &[0, 0]).unwrap();
        assert_eq!(staged.batch().unwrap().rows(), 2);
    }

    #[test]
    fn a_block_that_is_too_small_leaves_the_batch_as_it_was() {
        let mut staged = parse(&parser(), b"{}", &[0, 2], &[0]).unwrap();
        let size = staged.batch().unwrap().layout().1;
        let error = drain(&mut staged, &mut vec![0; size - 1]).unwrap_err();
        assert!(error.message.contains("allocate byteSize()"), "{error}");
        let places = drain(&mut staged, &mut vec![0; size]).unwrap();
        assert_eq!(places.len(), COLUMNS.len() * PLACES);
        let error = drain(&mut staged, &mut vec![0; size]).unwrap_err();
        assert!(error.message.contains("drained before"), "{error}");
    }

    #[test]
    fn the_schema_names_every_column() {
        let schema = schema();
        assert!(
            schema.starts_with("series STRING, symbol STRING"),
            "{schema}"
        );
        assert_eq!(schema.split(", ").count(), COLUMNS.len());
    }
}
