//! A record between bytes and rules: the known fields by index, the unknown ones beside them.
//!
//! Both decoders (JSON and CSV) produce this form, so that the rules exist once.

use std::borrow::Cow;

/// A decoded value. JSON gives every kind; a CSV cell is `Null` when empty, else `Text`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// The field is not there.
    Missing,
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The token, checked to be a JSON number.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// An array or object, as its own text.
    Nested(&'a str),
}

impl Value<'_> {
    /// What the value is, for error messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Missing => "missing",
            Value::Null => "null",
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::Nested(text) if text.starts_with('[') => "an array",
            Value::Nested(_) => "an object",
        }
    }
}

macro_rules! fields {
    ($($variant:ident = $name:literal;)*) => {
        /// A field that the rules know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Field { $($variant,)* }

        impl Field {
            pub(crate) const NAMES: &[&str] = &[$($name,)*];

            pub(crate) fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Field::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    Symbol = "symbol";
    Ts = "ts";
    Freq = "freq";
    Source = "source";
    Adjustment = "adjustment";
    Seq = "seq";
    Revision = "revision";
    Open = "open";
    High = "high";
    Low = "low";
    Close = "close";
    Volume = "volume";
    Region = "region";
    AssetClass = "asset_class";
    EventId = "event_id";
    Currency = "currency";
    // The older producer's names of ts and close.
    Timestamp = "timestamp";
    Price = "price";
    // Fields of the older producer that say nothing about the market.
    DataType = "data_type";
    SentToWeb = "sent_to_web";
}

impl Field {
    pub(crate) const COUNT: usize = Self::NAMES.len();

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The known field that an unknown name spells in another way (`assetClass`, `CLOSE`), if any.
    pub(crate) fn respelled(name: &str) -> Option<&'static str> {
        let plain = |name: &str| -> String {
            name.chars()
                .filter(|c| !matches!(c, '_' | '-' | ' ' | '.'))
                .map(|c| c.to_ascii_lowercase())
                .collect()
        };
        // No known name has more letters than this, so that long names are not copied.
        if name.len() > 24 {
            return None;
        }
        let wanted = plain(name);
        Self::NAMES
            .iter()
            .copied()
            .find(|known| plain(known) == wanted)
    }
}

/// The values of one record.
#[derive(Debug)]
pub(crate) struct RawRecord<'a> {
    known: [Value<'a>; Field::COUNT],
    /// Unknown fields: name and value, in the record's order.
    pub(crate) unknown: Vec<(Cow<'a, str>, Value<'a>)>,
    /// True when the record was a CSV line.
    pub(crate) csv: bool,
}

impl<'a> RawRecord<'a> {
    pub(crate) fn new(csv: bool) -> Self {
        Self {
            known: [const { Value::Missing }; Field::COUNT],
            unknown: Vec::new(),
            csv,
        }
    }

    pub(crate) fn get(&self, field: Field) -> &Value<'a> {
        &self.known[field as usize]
    }

    pub(crate) fn set(&mut self, field: Field, value: Value<'a>) {
        self.known[field as usize] = value;
    }

    pub(crate) fn take(&mut self, field: Field) -> Value<'a> {
        std::mem::replace(&mut self.known[field as usize], Value::Missing)
    }

    pub(crate) fn has(&self, field: Field) -> bool {
        !matches!(self.get(field), Value::Missing)
    }

    /// Maps the older producer's form: `timestamp` is `ts` and `price` is `close` where these are
    /// absent, and otherwise unknown fields like any other; `data_type`, `sent_to_web` are dropped.
    pub(crate) fn map_older_form(&mut self) {
        for (older, current) in [(Field::Timestamp, Field::Ts), (Field::Price, Field::Close)] {
            let value = self.take(older);
            match value {
                Value::Missing => {}
                value if self.has(current) => {
                    self.unknown.push((Cow::Borrowed(older.name()), value));
                }
                value => self.set(current, value),
            }
        }
        self.set(Field::DataType, Value::Missing);
        self.set(Field::SentToWeb, Value::Missing);
    }

    /// The unknown fields as the text of one JSON object, numbers and nested values as they stood.
    pub(crate) fn extra(&self) -> Option<String> {
        if self.unknown.is_empty() {
            return None;
        }
        let mut out = String::from("{");
        for (index, (name, value)) in self.unknown.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_json_text(&mut out, name);
            out.push(':');
            match value {
                Value::Missing | Value::Null => out.push_str("null"),
                Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
                Value::Number(text) | Value::Nested(text) => out.push_str(text),
                Value::Text(text) => push_json_text(&mut out, text),
            }
        }
        out.push('}');
        Some(out)
    }
}

pub(crate) fn push_json_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
