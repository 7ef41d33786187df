//! Files of CSV rows, turned into the records that a producer of quotes would send.

use std::borrow::Cow;
use std::path::Path;

use financelake_market::{CsvCells, MICROS_PER_DAY, Moment, parse_date, parse_instant};
use jiff::Timestamp;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::lines::{open, read_line};
use crate::message::{BOND_YIELD, Message};

/// What is known about the rows of a file beside the rows, as a `MANIFEST.json` says it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct FileSettings {
    /// The file's name.
    #[serde(default)]
    pub file: String,
    /// The columns in order; the header line of the file where the list is empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// `freq` of rows that do not say.
    pub freq: Option<String>,
    /// `source` of rows that do not say.
    pub source: Option<String>,
    /// `adjustment` of rows that do not say.
    pub adjustment: Option<String>,
}

/// The rows of a file in memory.
pub struct FileRows {
    columns: Vec<Column>,
    /// Members that each record gets, with a comma before each.
    added: String,
    text: Vec<u8>,
    rows: Vec<Row>,
}

/// A row's place in the text.
#[derive(Clone, Copy)]
struct Row {
    start: usize,
    end: usize,
    event: i64,
}

struct Column {
    name: String,
    is_number: bool,
}

impl FileRows {
    /// Reads a file, gzipped or not.
    ///
    /// # Errors
    /// If it cannot be read, or its first line is not the header that the settings declare.
    pub fn read(path: &Path, settings: &FileSettings) -> Result<Self> {
        let broken = |why: String| Error::Usage(format!("{}: {why}", path.display()));
        let mut reader = open(path)?;
        let mut line = Vec::new();
        read_line(reader.as_mut(), &mut line).map_err(Error::file(path))?;
        let header = String::from_utf8_lossy(&line).trim_end().to_owned();
        let declared = settings.columns.join(",");
        if !declared.is_empty() && header != declared {
            return Err(broken(format!(
                "its first line is '{header}', but the manifest declares the columns '{declared}'"
            )));
        }
        let names: Vec<&str> = header.split(',').collect();
        if !names.contains(&"symbol") {
            return Err(broken(format!(
                "its first line is '{header}', which names no column 'symbol'"
            )));
        }
        let mut file = Self {
            added: added(settings, &names)?,
            columns: names.iter().map(|name| Column::new(name, &names)).collect(),
            text: Vec::new(),
            rows: Vec::new(),
        };
        let mut event = 0;
        while read_line(reader.as_mut(), &mut line).map_err(Error::file(path))? {
            let start = file.text.len();
            file.text.extend_from_slice(&line);
            // A row whose time cannot be read stays beside the one before it.
            event = file.event_of(&line).unwrap_or(event);
            file.rows.push(Row {
                start,
                end: file.text.len(),
                event,
            });
        }
        Ok(file)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// When a row happened, in microseconds since 1970.
    pub(crate) fn event(&self, row: usize) -> i64 {
        self.rows[row].event
    }

    /// Writes a row as a record whose time is moved by microseconds. What is no row goes out as it is.
    pub(crate) fn write(&self, row: usize, moved: i64, message: &mut Message) {
        let place = self.rows[row];
        let bytes = &self.text[place.start..place.end];
        message.clear();
        message.event = Some(place.event + moved);
        let cells = std::str::from_utf8(bytes).ok().and_then(cells);
        match cells.filter(|cells| cells.len() == self.columns.len()) {
            Some(cells) => self.write_object(&cells, moved, message),
            None => message.value.extend_from_slice(bytes),
        }
    }

    fn event_of(&self, line: &[u8]) -> Option<i64> {
        let cells = cells(std::str::from_utf8(line).ok()?)?;
        let place = self.columns.iter().position(|column| column.name == "ts")?;
        match moment(cells.get(place)?)? {
            Moment::Instant(micros) => Some(micros),
            Moment::Date(day) => Some(i64::from(day) * MICROS_PER_DAY),
        }
    }

    fn write_object(&self, cells: &[Cow<'_, str>], moved: i64, message: &mut Message) {
        let value = &mut message.value;
        for (column, cell) in self.columns.iter().zip(cells) {
            value.push(if value.is_empty() { b'{' } else { b',' });
            push_text(value, &column.name);
            value.push(b':');
            match column.name.as_str() {
                _ if cell.is_empty() => value.extend_from_slice(b"null"),
                "ts" => push_text(value, &instant(cell, moved)),
                _ if column.is_number && is_number(cell) => {
                    value.extend_from_slice(cell.as_bytes())
                }
                _ => push_text(value, cell),
            }
            match column.name.as_str() {
                "symbol" => message.key.extend_from_slice(cell.as_bytes()),
                "asset_class" => message.bond = cell == BOND_YIELD,
                _ => {}
            }
        }
        value.extend_from_slice(self.added.as_bytes());
        value.push(b'}');
    }
}

impl Column {
    /// The single price of a file may be called `price` or `adj_close`, its time `timestamp`.
    fn new(name: &str, all: &[&str]) -> Self {
        let name = match name {
            "price" | "adj_close" if !all.contains(&"close") => "close",
            "timestamp" if !all.contains(&"ts") => "ts",
            other => other,
        };
        let numbers = ["open", "high", "low", "close", "volume", "seq", "revision"];
        Self {
            is_number: numbers.contains(&name),
            name: name.to_owned(),
        }
    }
}

/// The members that the settings add to each record.
pub(crate) fn added(settings: &FileSettings, names: &[&str]) -> Result<String> {
    let given = [
        ("freq", &settings.freq),
        ("source", &settings.source),
        ("adjustment", &settings.adjustment),
    ];
    let mut added = Vec::new();
    for (name, value) in given {
        if let (Some(value), false) = (value, names.contains(&name)) {
            added.push(b',');
            push_text(&mut added, name);
            added.push(b':');
            push_text(&mut added, value);
        }
    }
    String::from_utf8(added).map_err(|error| Error::Usage(error.to_string()))
}

fn cells(line: &str) -> Option<Vec<Cow<'_, str>>> {
    CsvCells::new(line.strip_suffix('\r').unwrap_or(line))
        .collect::<std::result::Result<_, _>>()
        .ok()
}

fn moment(text: &str) -> Option<Moment> {
    parse_date(text)
        .map(Moment::Date)
        .or_else(|_| parse_instant(text))
        .ok()
}

/// A time as an instant, moved; a time that cannot be read stays as it is.
fn instant(text: &str, moved: i64) -> String {
    let micros = match moment(text) {
        Some(Moment::Date(day)) => i64::from(day) * MICROS_PER_DAY + moved,
        Some(Moment::Instant(micros)) if moved != 0 => micros + moved,
        _ => return text.to_owned(),
    };
    Timestamp::from_microsecond(micros).map_or_else(|_| text.to_owned(), |time| time.to_string())
}

fn is_number(cell: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(cell).is_ok()
}

fn push_text(value: &mut Vec<u8>, text: &str) {
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(value, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(header: &str, line: &str, settings: &FileSettings, moved: i64) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, format!("{header}\n{line}\n")).unwrap();
        let mut message = Message::default();
        FileRows::read(&path, settings)
            .unwrap()
            .write(0, moved, &mut message);
        String::from_utf8(message.value).unwrap()
    }

    #[test]
    fn a_row_becomes_the_record_that_the_rules_read_alike() {
        let settings = FileSettings {
            freq: Some("1d".into()),
            source: Some("wiki".into()),
            ..FileSettings::default()
        };
        assert_eq!(
            record(
                "symbol,ts,adj_close,source",
                "A,2013-03-01,43.50,b",
                &settings,
                0
            ),
            r#"{"symbol":"A","ts":"2013-03-01T00:00:00Z","close":43.50,"source":"b","freq":"1d"}"#
        );
        assert_eq!(
            record(
                "symbol,ts,close,volume",
                "A,2013-03-01T10:00:00Z,x,",
                &settings,
                0
            ),
            r#"{"symbol":"A","ts":"2013-03-01T10:00:00Z","close":"x","volume":null,"freq":"1d","source":"wiki"}"#
        );
    }

    #[test]
    fn times_move_by_what_is_asked_for() {
        let record = record(
            "symbol,ts",
            "A,2024-02-28T10:00:00.5Z",
            &FileSettings::default(),
            MICROS_PER_DAY * 2,
        );
        assert_eq!(record, r#"{"symbol":"A","ts":"2024-03-01T10:00:00.5Z"}"#);
    }

    #[test]
    fn a_line_that_is_no_row_goes_out_as_it_is() {
        assert_eq!(
            record("symbol,ts", "A,B,C", &FileSettings::default(), 0),
            "A,B,C"
        );
    }

    #[test]
    fn another_header_than_the_declared_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, "symbol,close\n").unwrap();
        let settings = FileSettings {
            columns: vec!["symbol".into(), "ts".into()],
            ..FileSettings::default()
        };
        let refused = FileRows::read(&path, &settings).err().unwrap().to_string();
        assert!(
            refused.contains("declares the columns 'symbol,ts'"),
            "{refused}"
        );
    }
}
