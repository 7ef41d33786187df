//! From the bytes of one record to its outcome.

use crate::checks::{Defaults, check, check_source};
use crate::config::{ConfigError, Format, ParserConfig};
use crate::csv::Column;
use crate::fields::RawRecord;
use crate::reason::{Reason, Refusal};
use crate::record::Record;
use crate::reference::Reference;
use crate::{csv, json};

/// What became of one record.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<'a> {
    /// It passed every rule.
    Accepted(Record<'a>),
    /// It broke a rule; the first one broken is named.
    Refused(Refusal),
    /// It was blank and is skipped.
    Blank,
}

/// Decodes and checks records of one file or topic. Immutable, so one parser serves many threads.
#[derive(Clone, Debug)]
pub struct Parser {
    format: Format,
    columns: Vec<Column>,
    defaults: Defaults,
    reference: Reference,
}

impl Parser {
    /// Builds a parser from its configuration.
    ///
    /// # Errors
    /// The first value of the configuration that cannot be used, and what to write instead.
    pub fn new(config: &ParserConfig) -> Result<Self, ConfigError> {
        let reference = match config.reference.as_str() {
            "" => Reference::default(),
            text => Reference::from_csv(text)?,
        };
        let source = config
            .source
            .clone()
            .unwrap_or_else(|| "unknown".to_owned());
        for source in config.closes_only_sources.iter().chain([&source]) {
            check_source(source).map_err(|refusal| ConfigError::Value(refusal.detail))?;
        }
        Ok(Self {
            format: config.format,
            columns: config.csv_columns()?,
            defaults: Defaults {
                freq: config.default_freq()?,
                adjustment: config.default_adjustment()?,
                source,
                closes_only: config.closes_only,
                closes_only_sources: config.closes_only_sources.clone(),
            },
            reference,
        })
    }

    /// The reference that this parser decides with.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Decides one record. `received` is its Kafka timestamp, or the start of a file's import, in
    /// microseconds since 1970-01-01T00:00Z. Line ends and one byte order mark are allowed around it.
    pub fn parse<'a>(&'a self, bytes: &'a [u8], received: i64) -> Outcome<'a> {
        match self.decide(bytes, received) {
            Ok(Some(record)) => Outcome::Accepted(record),
            Ok(None) => Outcome::Blank,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    fn decide<'a>(&'a self, bytes: &'a [u8], received: i64) -> Result<Option<Record<'a>>, Refusal> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let detail = format!("not UTF-8 from byte {} on", error.valid_up_to());
            Refusal::new(Reason::BadUtf8, detail)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.trim_end_matches(['\n', '\r']);
        if text
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        {
            return Ok(None);
        }
        let mut raw = RawRecord::new(self.format == Format::Csv);
        match self.format {
            Format::Json => json::decode(text, &mut raw)?,
            Format::Csv => csv::decode(text, &self.columns, &mut raw)?,
        }
        check(&mut raw, &self.defaults, &self.reference, received).map(Some)
    }
}
