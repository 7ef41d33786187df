//! JSON records: exactly one object, its fields sorted into known and unknown ones.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::fields::{Field, RawRecord, Value};
use crate::reason::{Reason, Refusal, quoted};
use crate::scan::Scanner;

/// Decodes one record into `record`, which is empty; `text` is not blank.
pub(crate) fn decode<'a>(text: &'a str, record: &mut RawRecord<'a>) -> Result<(), Refusal> {
    let mut scanner = Scanner::new(text);
    scanner.skip_blanks();
    if scanner.peek() != Some(b'{') {
        let value = scanner.value(0)?;
        require_end(&mut scanner)?;
        let kind = value.kind();
        return Err(Refusal::new(
            Reason::MalformedJson,
            format!("the record is {kind}, not one JSON object"),
        ));
    }
    members(&mut scanner, record)?;
    require_end(&mut scanner)?;
    refuse_repeated_unknown(record)
}

fn members<'a>(scanner: &mut Scanner<'a>, record: &mut RawRecord<'a>) -> Result<(), Refusal> {
    scanner.accept(b'{');
    scanner.skip_blanks();
    if scanner.accept(b'}') {
        return Ok(());
    }
    loop {
        let key = scanner.key()?;
        let value = scanner.value(1)?;
        match Field::parse(&key) {
            Some(field) if record.has(field) => return Err(repeated(&key)),
            Some(field) => record.set(field, value),
            None => record.unknown.push((key, value)),
        }
        scanner.skip_blanks();
        if scanner.accept(b'}') {
            return Ok(());
        }
        if !scanner.accept(b',') {
            return Err(scanner.unexpected("a comma or the end of the object"));
        }
        scanner.skip_blanks();
    }
}

fn require_end(scanner: &mut Scanner<'_>) -> Result<(), Refusal> {
    scanner.skip_blanks();
    match scanner.peek() {
        None => Ok(()),
        Some(_) => Err(scanner.unexpected("the end of the record")),
    }
}

fn repeated(key: &str) -> Refusal {
    let detail = format!(
        "field {} is there twice: one of the values is wrong",
        quoted(key)
    );
    Refusal::new(Reason::DuplicateKeys, detail)
}

fn refuse_repeated_unknown(record: &RawRecord<'_>) -> Result<(), Refusal> {
    let names = record.unknown.iter().map(|(name, _)| name);
    if record.unknown.len() < 8 {
        for (index, name) in names.enumerate() {
            if record.unknown[..index]
                .iter()
                .any(|(earlier, _)| earlier == name)
            {
                return Err(repeated(name));
            }
        }
        return Ok(());
    }
    let mut seen: HashSet<&str> = HashSet::with_capacity(record.unknown.len());
    for name in names {
        if !seen.insert(name) {
            return Err(repeated(name));
        }
    }
    Ok(())
}

/// The first of the wanted field names that stands in a nested object of the unknown fields, with
/// the name of the object that holds it.
pub(crate) fn find_nested<'r>(
    record: &'r RawRecord<'_>,
    wanted: &[Field],
) -> Option<(&'r str, &'static str)> {
    record.unknown.iter().find_map(|(name, value)| {
        let Value::Nested(text) = value else {
            return None;
        };
        let keys = object_keys(text);
        let found = wanted
            .iter()
            .find(|field| keys.iter().any(|key| *key == field.name()))?;
        Some((&**name, found.name()))
    })
}

/// The keys of an object that was scanned before; none for an array.
fn object_keys(text: &str) -> Vec<Cow<'_, str>> {
    let mut keys = Vec::new();
    let mut scanner = Scanner::new(text);
    if !scanner.accept(b'{') {
        return keys;
    }
    scanner.skip_blanks();
    while let Ok(key) = scanner.key() {
        keys.push(key);
        if scanner.value(1).is_err() {
            break;
        }
        scanner.skip_blanks();
        if !scanner.accept(b',') {
            break;
        }
        scanner.skip_blanks();
    }
    keys
}
