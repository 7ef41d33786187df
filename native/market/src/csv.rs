//! CSV records: one line, cells by position as the file's declared columns say (RFC 4180 quoting,
//! without line breaks inside a cell).

use std::borrow::Cow;

use crate::fields::{Field, RawRecord, Value};
use crate::reason::{Reason, Refusal};

/// What a cell is, by its position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    Known(Field),
    /// An unknown column; its cells go to `extra` under this name.
    Unknown(String),
}

/// Decodes one line into `record`, which is empty; `text` has no line end and is not blank. An empty cell is null, but an empty
/// cell of an unknown column is left out.
pub(crate) fn decode<'a>(
    text: &'a str,
    columns: &'a [Column],
    record: &mut RawRecord<'a>,
) -> Result<(), Refusal> {
    let mut count = 0;
    for cell in Cells::new(text) {
        let cell = cell?;
        let value = if cell.is_empty() {
            Value::Null
        } else {
            Value::Text(cell)
        };
        match columns.get(count) {
            Some(Column::Known(field)) => record.set(*field, value),
            Some(Column::Unknown(name)) if value != Value::Null => {
                record.unknown.push((Cow::Borrowed(name), value));
            }
            _ => {}
        }
        count += 1;
    }
    if count != columns.len() {
        let wanted = columns.len();
        let detail = format!("the line has {count} cells where {wanted} columns are declared");
        return Err(Refusal::new(Reason::MalformedJson, detail));
    }
    Ok(())
}

/// The cells of one line, up to the first that is not well formed.
#[derive(Debug)]
pub struct Cells<'a> {
    /// What is left, or `None` after the last cell.
    rest: Option<&'a str>,
}

impl<'a> Cells<'a> {
    /// Of a line without its end.
    pub fn new(line: &'a str) -> Self {
        Self { rest: Some(line) }
    }

    fn quoted(&mut self, rest: &'a str) -> Result<Cow<'a, str>, Refusal> {
        let malformed = |why: &str| Err(Refusal::new(Reason::MalformedJson, why));
        let body = &rest[1..];
        let mut end = 0;
        let mut doubled = false;
        loop {
            let Some(quote) = body[end..].find('"') else {
                return malformed("a quoted cell has no closing quote in this line");
            };
            end += quote;
            if !body[end + 1..].starts_with('"') {
                break;
            }
            doubled = true;
            end += 2;
        }
        let after = &body[end + 1..];
        self.rest = after.strip_prefix(',');
        if self.rest.is_none() && !after.is_empty() {
            return malformed("something stands between a closing quote and the comma");
        }
        let cell = &body[..end];
        Ok(if doubled {
            Cow::Owned(cell.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(cell)
        })
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Result<Cow<'a, str>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        if rest.starts_with('"') {
            return Some(self.quoted(rest));
        }
        let end = rest
            .bytes()
            .position(|byte| matches!(byte, b',' | b'"'))
            .unwrap_or(rest.len());
        let (cell, after) = rest.split_at(end);
        if after.starts_with('"') {
            let detail = "a quote stands inside a cell that is not quoted";
            return Some(Err(Refusal::new(Reason::MalformedJson, detail)));
        }
        self.rest = after.strip_prefix(',');
        Some(Ok(Cow::Borrowed(cell)))
    }
}
