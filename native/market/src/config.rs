//! What a parser has to know about its input: format, columns, and the defaults of a file or topic.

use serde::Deserialize;

use crate::csv::Column;
use crate::fields::Field;
use crate::record::{Adjustment, Freq};
use crate::reference::{ReferenceError, one_of};

/// The form of the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object per record.
    #[default]
    Json,
    /// One CSV line per record, without a header.
    Csv,
}

/// The configuration of a [`crate::Parser`], usually read from JSON. Absent keys have the defaults of
/// the record's contract: JSON, `1m`, `unknown`, `raw`, not closes-only, an empty reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ParserConfig {
    /// The instruments reference as CSV text.
    pub reference: String,
    /// `json` or `csv`.
    pub format: Format,
    /// CSV: the names of the columns, in order.
    pub columns: Vec<String>,
    /// `freq` of records that do not say.
    pub freq: Option<String>,
    /// `source` of records that do not say.
    pub source: Option<String>,
    /// `adjustment` of records that do not say.
    pub adjustment: Option<String>,
    /// True when every record comes from a source that publishes one price only.
    pub closes_only: bool,
    /// The sources that publish one price only.
    pub closes_only_sources: Vec<String>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The text is not the JSON of a [`ParserConfig`].
    #[error("record configuration: {0}")]
    Json(#[from] serde_json::Error),
    /// A value that is not allowed.
    #[error("record configuration: {0}")]
    Value(String),
    /// The reference inside it is wrong.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
}

impl ParserConfig {
    /// Reads a configuration; unknown keys are errors.
    ///
    /// # Errors
    /// [`ConfigError::Json`], naming the key and the place.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        Ok(serde_json::from_str(text)?)
    }

    pub(crate) fn default_freq(&self) -> Result<Freq, ConfigError> {
        listed(
            "freq",
            self.freq.as_deref(),
            Freq::Minute1,
            Freq::parse,
            Freq::spellings,
        )
    }

    pub(crate) fn default_adjustment(&self) -> Result<Adjustment, ConfigError> {
        let given = self.adjustment.as_deref();
        listed(
            "adjustment",
            given,
            Adjustment::Raw,
            Adjustment::parse,
            Adjustment::spellings,
        )
    }

    /// The declared columns. The single price of a file may be called `price` or `adj_close` when
    /// there is no `close`, and its time `timestamp` when there is no `ts`.
    pub(crate) fn csv_columns(&self) -> Result<Vec<Column>, ConfigError> {
        if self.format == Format::Csv && self.columns.is_empty() {
            return Err(ConfigError::Value(
                "format csv needs the list columns".to_owned(),
            ));
        }
        let given = |name: &str| self.columns.iter().any(|column| column == name);
        let mut columns: Vec<Column> = Vec::with_capacity(self.columns.len());
        for name in &self.columns {
            let column = match name.as_str() {
                "price" | "adj_close" if !given("close") => Column::Known(Field::Close),
                "timestamp" if !given("ts") => Column::Known(Field::Ts),
                "price" | "timestamp" => Column::Unknown(name.clone()),
                name => match (Field::parse(name), Field::respelled(name)) {
                    (Some(field), _) => Column::Known(field),
                    (None, Some(known)) => {
                        let problem = format!("column {name:?}: write {known:?}");
                        return Err(ConfigError::Value(problem));
                    }
                    (None, None) => Column::Unknown(name.to_owned()),
                },
            };
            if columns.contains(&column) {
                return Err(ConfigError::Value(format!(
                    "column {name:?} repeats an earlier one"
                )));
            }
            columns.push(column);
        }
        Ok(columns)
    }
}

fn listed<T>(
    key: &str,
    given: Option<&str>,
    default: T,
    parse: fn(&str) -> Option<T>,
    spellings: fn() -> String,
) -> Result<T, ConfigError> {
    let Some(given) = given else {
        return Ok(default);
    };
    parse(given).ok_or_else(|| ConfigError::Value(one_of(key, given, &spellings())))
}
