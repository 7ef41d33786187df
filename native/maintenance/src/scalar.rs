//! Values of a condition, of folders and of statistics, in forms that can be compared.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::Value;
use std::cmp::Ordering;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    /// Whole numbers, days since 1970, microseconds since 1970, truth values.
    Whole(i64),
    /// Numbers with a fraction.
    Float(f64),
    /// Texts.
    Text(String),
}

impl Scalar {
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(other)),
            (Self::Float(one), Self::Float(other)) => one.partial_cmp(other),
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}

/// How the values of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Whole,
    Float,
    Text,
    Truth,
    Date,
    Timestamp,
    LocalTimestamp,
    /// Without an order that is of use here.
    Other,
}

impl Kind {
    /// Of a type's name in Delta's JSON.
    pub(crate) fn of(delta: &str) -> Self {
        match delta {
            "long" | "integer" | "short" | "byte" => Self::Whole,
            "double" | "float" => Self::Float,
            "string" => Self::Text,
            "boolean" => Self::Truth,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "timestamp_ntz" => Self::LocalTimestamp,
            decimal if decimal.starts_with("decimal(") => Self::Float,
            _ => Self::Other,
        }
    }

    /// What a constant looks like.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Whole => "a whole number",
            Self::Float => "a number",
            Self::Text => "a text in quotes",
            Self::Truth => "true or false",
            Self::Date => "a day such as '2024-01-31'",
            Self::Timestamp => "an instant with its zone, such as '2024-01-31T09:30:00Z'",
            Self::LocalTimestamp => "a time without a zone, such as '2024-01-31T09:30:00'",
            Self::Other => "a condition on another column; this one has no order",
        }
    }

    /// A value from its text; `None` when it is not one, or when it would need a guess.
    pub(crate) fn parse(self, text: &str) -> Option<Scalar> {
        match self {
            Self::Whole => text.parse().ok().map(Scalar::Whole),
            Self::Float => text.parse().ok().map(Scalar::Float),
            Self::Text => Some(Scalar::Text(text.to_owned())),
            Self::Truth => text
                .to_lowercase()
                .parse::<bool>()
                .ok()
                .map(|truth| Scalar::Whole(truth.into())),
            Self::Date => {
                let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
                let days = date.signed_duration_since(NaiveDate::default()).num_days();
                Some(Scalar::Whole(days))
            }
            Self::Timestamp => {
                let instant = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).ok()?;
                Some(Scalar::Whole(instant.timestamp_micros()))
            }
            Self::LocalTimestamp => {
                let text = text.replacen(' ', "T", 1);
                let time = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
                Some(Scalar::Whole(time.and_utc().timestamp_micros()))
            }
            Self::Other => None,
        }
    }

    /// A value of statistics.
    pub(crate) fn of_json(self, json: &Value) -> Option<Scalar> {
        match json {
            Value::String(text) => self.parse(text),
            Value::Number(number) if self == Self::Float => number.as_f64().map(Scalar::Float),
            Value::Number(number) if self == Self::Whole => number.as_i64().map(Scalar::Whole),
            _ => None,
        }
    }

    /// An upper bound that holds although its last digits may have been cut off.
    pub(crate) fn widen(self, high: Scalar) -> Scalar {
        match (self, high) {
            (Self::Timestamp | Self::LocalTimestamp, Scalar::Whole(micros)) => {
                Scalar::Whole(micros.saturating_add(999))
            }
            (_, high) => high,
        }
    }
}
