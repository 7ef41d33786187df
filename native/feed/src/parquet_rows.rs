//! Parquet files of bars, row by row as they are stored: memory is that of a row group, however large the file.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use financelake_market::MICROS_PER_DAY;
use jiff::Timestamp;
use parquet::basic::{LogicalType, Type as PhysicalType};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::SchemaDescriptor;

use crate::error::{Error, Result};
use crate::message::{BOND_YIELD, Message, Next, Source};
use crate::rows::{FileSettings, added};

/// The rows of files, each as a record with a member per column. A NULL is `null`; which columns a record may have is for
/// the rules to say.
pub struct Parquet {
    waiting: VecDeque<PathBuf>,
    settings: FileSettings,
    identity: String,
    open: Option<OpenFile>,
}

struct OpenFile {
    path: PathBuf,
    rows: RowIter<'static>,
    /// Members that each record gets, with a comma before each.
    added: String,
}

impl Parquet {
    /// Looks at the columns of all files, so that what cannot be sent is told before anything is. Of the settings, those of
    /// the members count that rows do not have.
    ///
    /// # Errors
    /// If one is no Parquet file, or has columns that no JSON record can have.
    pub fn files(paths: &[PathBuf], settings: FileSettings) -> Result<Self> {
        for path in paths {
            check(
                path,
                reader(path)?.metadata().file_metadata().schema_descr(),
            )?;
        }
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        Ok(Self {
            waiting: paths.iter().cloned().collect(),
            settings,
            identity: format!("rows of {}", names.join(", ")),
            open: None,
        })
    }

    fn open(&self, path: PathBuf) -> Result<OpenFile> {
        let reader = reader(&path)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let names: Vec<&str> = schema
            .columns()
            .iter()
            .map(|column| column.name())
            .collect();
        let added = added(&self.settings, &names)?;
        Ok(OpenFile {
            rows: reader.into_iter(),
            added,
            path,
        })
    }
}

fn reader(path: &Path) -> Result<SerializedFileReader<File>> {
    let file = File::open(path).map_err(Error::file(path))?;
    let broken = |error| io::Error::other(format!("it is no Parquet file: {error}"));
    SerializedFileReader::new(file).map_err(|error| Error::file(path)(broken(error)))
}

/// Refuses what would lose something on its way into JSON.
fn check(path: &Path, schema: &SchemaDescriptor) -> Result<()> {
    let refused = |column: &str, why: &str| {
        let path = path.display();
        Err(Error::Usage(format!("{path}: the column '{column}' {why}")))
    };
    for field in schema.root_schema().get_fields() {
        if !field.is_primitive() {
            return refused(
                field.name(),
                "is nested, and a market record is flat: leave it out",
            );
        }
    }
    for column in schema.columns() {
        let name = column.name();
        if column.physical_type() == PhysicalType::INT96 {
            return refused(
                name,
                "is an INT96, whose microseconds would be lost: write a TIMESTAMP of microseconds, in Spark with \
                 spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS",
            );
        }
        if let Some(LogicalType::Timestamp(kind)) = column.logical_type_ref() {
            if !kind.is_adjusted_to_u_t_c {
                return refused(
                    name,
                    "has times without a zone: write them as instants, in UTC",
                );
            }
            if matches!(kind.unit, parquet::basic::TimeUnit::NANOS) {
                return refused(
                    name,
                    "has times in nanoseconds, but those of records are microseconds: write these",
                );
            }
        }
    }
    if !schema
        .columns()
        .iter()
        .any(|column| column.name() == "symbol")
    {
        let path = path.display();
        return Err(Error::Usage(format!("{path} has no column 'symbol'")));
    }
    Ok(())
}

impl Source for Parquet {
    fn next(&mut self, message: &mut Message) -> Result<Next> {
        loop {
            if let Some(open) = &mut self.open
                && let Some(row) = open.rows.next()
            {
                let broken = |error| Error::file(&open.path)(io::Error::other(error));
                write(&row.map_err(broken)?, &open.added, message);
                return Ok(Next::Record);
            }
            let Some(path) = self.waiting.pop_front() else {
                return Ok(Next::End);
            };
            self.open = Some(self.open(path)?);
        }
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }
}

fn write(row: &Row, added: &str, message: &mut Message) {
    message.clear();
    for (name, field) in row.get_column_iter() {
        let value = &mut message.value;
        value.push(if value.is_empty() { b'{' } else { b',' });
        value.extend_from_slice(text(name).as_bytes());
        value.push(b':');
        value.extend_from_slice(json(field).as_bytes());
        match (name.as_str(), field) {
            ("symbol", Field::Str(symbol)) => message.key.extend_from_slice(symbol.as_bytes()),
            ("asset_class", Field::Str(class)) => message.bond = class == BOND_YIELD,
            ("ts", Field::TimestampMicros(micros)) => message.event = Some(*micros),
            ("ts", Field::TimestampMillis(millis)) => message.event = Some(millis * 1000),
            ("ts", Field::Date(day)) => message.event = Some(i64::from(*day) * MICROS_PER_DAY),
            _ => {}
        }
    }
    message.value.extend_from_slice(added.as_bytes());
    message.value.push(b'}');
}

/// A value as JSON. Numbers keep their digits; what JSON has no number for becomes a text that the rules refuse.
fn json(field: &Field) -> String {
    match field {
        Field::Null => "null".to_owned(),
        Field::Str(value) => text(value),
        Field::Double(value) if value.is_finite() => number(serde_json::to_string(value)),
        Field::Float(value) if value.is_finite() => number(serde_json::to_string(value)),
        Field::TimestampMicros(micros) => instant(*micros),
        Field::TimestampMillis(millis) => instant(millis * 1000),
        Field::Date(day) => instant(i64::from(*day) * MICROS_PER_DAY),
        Field::Bytes(bytes) => text(&String::from_utf8_lossy(bytes.data())),
        Field::Double(_) | Field::Float(_) | Field::Float16(_) => text(&field.to_string()),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_)
        | Field::Decimal(_) => field.to_string(),
        Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::Group(_)
        | Field::ListInternal(_)
        | Field::MapInternal(_) => text(&field.to_string()),
    }
}

fn instant(micros: i64) -> String {
    Timestamp::from_microsecond(micros)
        .map_or_else(|_| micros.to_string(), |time| text(&time.to_string()))
}

/// Finite numbers always have a form.
fn number(formatted: serde_json::Result<String>) -> String {
    formatted.unwrap_or_else(|_| "null".to_owned())
}

fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// A file of two rows with these columns, written by the Parquet library.
    fn file(folder: &Path, columns: &str) -> PathBuf {
        let path = folder.join("bars.parquet");
        let schema =
            Arc::new(parse_message_type(&format!("message bars {{ {columns} }}")).unwrap());
        let output = File::create(&path).unwrap();
        let mut writer = SerializedFileWriter::new(output, schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        while let Some(mut column) = group.next_column().unwrap() {
            use parquet::column::writer::ColumnWriter as C;
            let known = Some(&[1i16, 0][..]);
            match column.untyped() {
                C::ByteArrayColumnWriter(_) => {
                    let names = ["AAPL", "UST-10Y"].map(ByteArray::from);
                    column
                        .typed::<ByteArrayType>()
                        .write_batch(&names, None, None)
                }
                C::DoubleColumnWriter(_) => {
                    column
                        .typed::<DoubleType>()
                        .write_batch(&[170.25], known, None)
                }
                C::Int32ColumnWriter(_) => {
                    column
                        .typed::<Int32Type>()
                        .write_batch(&[19_000, 19_001], None, None)
                }
                _ => {
                    column
                        .typed::<Int64Type>()
                        .write_batch(&[1_700_000_000_000_000, 0], None, None)
                }
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
        path
    }

    fn records(path: &Path) -> Vec<(String, Message)> {
        let settings = FileSettings {
            freq: Some("1m".to_owned()),
            source: Some("x".to_owned()),
            ..FileSettings::default()
        };
        let mut source = Parquet::files(&[path.to_owned()], settings).unwrap();
        let mut message = Message::default();
        let mut found = Vec::new();
        while source.next(&mut message).unwrap() == Next::Record {
            found.push((
                String::from_utf8(message.value.clone()).unwrap(),
                message.clone(),
            ));
        }
        found
    }

    #[test]
    fn rows_become_records_with_the_values_that_they_have() {
        let folder = tempfile::tempdir().unwrap();
        let columns = "required binary symbol (STRING); required int64 ts (TIMESTAMP(MICROS,true));
            optional double close; required binary source (STRING);";
        let found = records(&file(folder.path(), columns));
        assert_eq!(
            found[0].0,
            r#"{"symbol":"AAPL","ts":"2023-11-14T22:13:20Z","close":170.25,"source":"AAPL","freq":"1m"}"#
        );
        assert!(found[1].0.contains(r#""close":null"#), "{}", found[1].0);
        assert_eq!(found[0].1.key, b"AAPL");
        assert_eq!(found[0].1.event, Some(1_700_000_000_000_000));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_day_is_the_first_moment_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let columns = "required binary symbol (STRING); required int32 ts (DATE);";
        let found = records(&file(folder.path(), columns));
        assert!(
            found[0].0.contains(r#""ts":"2022-01-08T00:00:00Z""#),
            "{}",
            found[0].0
        );
    }

    #[test]
    fn columns_that_would_lose_something_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |columns: &str| {
            let path = file(folder.path(), columns);
            let source = Parquet::files(&[path], FileSettings::default());
            source.err().unwrap().to_string()
        };
        let symbol = "required binary symbol (STRING);";
        let local = format!("{symbol} required int64 ts (TIMESTAMP(MICROS,false));");
        assert!(refused(&local).contains("'ts' has times without a zone"));
        let fine = format!("{symbol} required int64 ts (TIMESTAMP(NANOS,true));");
        assert!(refused(&fine).contains("'ts' has times in nanoseconds"));
        assert!(refused("required int64 ts;").contains("has no column 'symbol'"));
        let nested = format!("{symbol} required group x {{ required int64 y; }}");
        assert!(refused(&nested).contains("'x' is nested"));
    }

    #[test]
    fn what_is_no_parquet_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        std::fs::write(&path, "symbol,ts\n").unwrap();
        let refused = Parquet::files(&[path], FileSettings::default())
            .err()
            .unwrap();
        assert!(
            refused
                .to_string()
                .contains("x.parquet: it is no Parquet file"),
            "{refused}"
        );
    }
}
