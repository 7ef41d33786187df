//! Which folder a record goes to, as Confluent's partitioners say it, with values that cannot leave their folder.

use crate::config::{FilesConfig, PartitionBy, TimeSource};
use crate::error::{Error, Result};
use crate::files::path_format::PathFormat;
use financelake_market::{Moment, Record, epoch_day, parse_instant, year_of_day};
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// A record as far as its folder needs it.
pub(crate) enum Content<'a> {
    /// The rules accepted it.
    Market(&'a Record<'a>),
    /// Any JSON value.
    Json(&'a Value),
}

/// Why a record has no folder: reason code and detail.
pub(crate) type Unplaced = (&'static str, String);

/// Columns of market records that a folder can be named after.
const MARKET_FIELDS: [&str; 12] = [
    "series",
    "symbol",
    "freq",
    "source",
    "adjustment",
    "region",
    "asset_class",
    "currency",
    "seq",
    "revision",
    "event_date",
    "year",
];

/// Names folders.
#[derive(Debug)]
pub(crate) struct Partitioner {
    fields: Vec<String>,
    time: Option<PathFormat>,
    source: TimeSource,
    null: String,
}

impl Partitioner {
    /// `market`: the records are market records and not any JSON.
    pub(crate) fn new(config: &FilesConfig, market: bool) -> Result<Self> {
        let by = &config.partition;
        let wrong = |problem: String| Error::Config(problem);
        let time = match by.by {
            PartitionBy::Time | PartitionBy::TimeAndField => {
                let format = PathFormat::new(&by.path_format, &by.timezone, by.duration_ms);
                Some(format.map_err(wrong)?)
            }
            PartitionBy::Partition | PartitionBy::Field => None,
        };
        let fields = match by.by {
            PartitionBy::Field | PartitionBy::TimeAndField => by.fields.clone(),
            PartitionBy::Partition | PartitionBy::Time => Vec::new(),
        };
        let named = matches!(by.by, PartitionBy::Field | PartitionBy::TimeAndField);
        if named
            && (fields.is_empty()
                || fields
                    .iter()
                    .any(|field| field.split('.').any(str::is_empty)))
        {
            return Err(wrong(format!(
                "partition.field.name is {fields:?}; write names of fields, such as region or instrument.region"
            )));
        }
        if market
            && let Some(field) = fields
                .iter()
                .find(|field| !MARKET_FIELDS.contains(&field.as_str()))
        {
            return Err(wrong(format!(
                "partition.field.name {field:?} is none of the columns {}",
                MARKET_FIELDS.join(", ")
            )));
        }
        if market
            && time.is_some()
            && let TimeSource::Field(field) = &by.time
            && field != "ts"
        {
            return Err(wrong(format!(
                "timestamp.field {field:?}: the time of a market record is ts"
            )));
        }
        Ok(Self {
            fields,
            time,
            source: by.time.clone(),
            null: escaped(&by.null_value),
        })
    }

    /// Whether the content of JSON values is looked into.
    pub(crate) fn reads_content(&self) -> bool {
        !self.fields.is_empty()
            || (matches!(self.source, TimeSource::Field(_)) && self.time.is_some())
    }

    /// The time of a record in milliseconds, where the configuration says.
    pub(crate) fn time(
        &self,
        content: &Content<'_>,
        kafka: Option<i64>,
    ) -> std::result::Result<i64, Unplaced> {
        match &self.source {
            TimeSource::Wallclock => Ok(now()),
            TimeSource::Record => kafka.ok_or_else(|| {
                (
                    "missing_field",
                    "the record has no Kafka timestamp".to_owned(),
                )
            }),
            TimeSource::Field(name) => match content {
                Content::Market(record) => Ok(record.ts.div_euclid(1000)),
                Content::Json(value) => field_time(value, name),
            },
        }
    }

    /// The record's folder below that of its topic.
    pub(crate) fn folder(
        &self,
        content: &Content<'_>,
        partition: i32,
        time: Option<i64>,
    ) -> std::result::Result<String, Unplaced> {
        self.named(partition, time, |name| value(content, name))
    }

    fn named(
        &self,
        partition: i32,
        time: Option<i64>,
        value: impl Fn(&str) -> std::result::Result<Option<String>, Unplaced>,
    ) -> std::result::Result<String, Unplaced> {
        let mut folder = String::new();
        if let Some(format) = &self.time {
            let millis = time.unwrap_or_default();
            let named = format.folder(millis).ok_or_else(|| {
                (
                    "bad_ts",
                    format!("{millis} ms is outside the years 1 to 9999"),
                )
            })?;
            folder.push_str(&named);
        }
        for name in &self.fields {
            if !folder.is_empty() {
                folder.push('/');
            }
            folder.push_str(&escaped(name.rsplit('.').next().unwrap_or(name)));
            folder.push('=');
            match value(name)? {
                Some(value) if !value.is_empty() => folder.push_str(&escaped(&value)),
                _ => folder.push_str(&self.null),
            }
        }
        if folder.is_empty() {
            folder = format!("partition={partition}");
        }
        Ok(folder)
    }

    /// The folder of a record of now, with names in place of the values of fields.
    pub(crate) fn sample(&self) -> Result<String> {
        let folder = self.named(0, Some(now()), |name| Ok(Some(format!("({name})"))));
        folder.map_err(|(_, detail)| Error::Config(detail))
    }

    pub(crate) fn needs_time(&self) -> bool {
        self.time.is_some()
    }
}

fn value(content: &Content<'_>, name: &str) -> std::result::Result<Option<String>, Unplaced> {
    match content {
        Content::Market(record) => Ok(market_value(record, name)),
        Content::Json(value) => match at(value, name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Bool(value)) => Ok(Some(value.to_string())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err((
                "wrong_type",
                format!("{name} is no single value, to name a folder after"),
            )),
        },
    }
}

fn market_value(record: &Record<'_>, name: &str) -> Option<String> {
    Some(match name {
        "series" => record.series(),
        "symbol" => record.symbol.to_string(),
        "freq" => record.freq.as_str().to_owned(),
        "source" => record.source.to_string(),
        "adjustment" => record.adjustment.as_str().to_owned(),
        "region" => record.region.as_str().to_owned(),
        "asset_class" => record.asset_class.as_str().to_owned(),
        "currency" => record.currency.as_deref()?.to_owned(),
        "seq" => record.seq.to_string(),
        "revision" => record.revision.to_string(),
        "year" => year_of_day(epoch_day(record.ts)).to_string(),
        // The one that is left, event_date, has the form of an instant's first ten letters.
        _ => record.date_text(),
    })
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(value, |value, name| value.get(name))
}

/// Milliseconds since 1970 as a number or text, or an ISO-8601 instant.
fn field_time(value: &Value, name: &str) -> std::result::Result<i64, Unplaced> {
    let wrong = |problem: &str| ("bad_ts", format!("{name} {problem}"));
    match at(value, name) {
        None | Some(Value::Null) => Err(("missing_field", format!("{name} is missing"))),
        Some(Value::Number(number)) => number
            .as_i64()
            .ok_or_else(|| wrong("is not a whole number of milliseconds")),
        Some(Value::String(text)) => match text.parse() {
            Ok(millis) => Ok(millis),
            Err(_) => match parse_instant(text) {
                Ok(Moment::Instant(micros)) => Ok(micros.div_euclid(1000)),
                Ok(Moment::Date(day)) => Ok(i64::from(day) * 86_400_000),
                Err(problem) => Err(wrong(problem)),
            },
        },
        Some(_) => Err(wrong("is neither milliseconds nor an instant")),
    }
}

/// A value as the name of a folder: what a path, a URL or Hive reads otherwise is `%` and two digits.
pub(crate) fn escaped(value: &str) -> String {
    let mut name = String::with_capacity(value.len());
    for letter in value.chars() {
        if letter.is_ascii_control() || "\"#%'*/:<=>?\\^`{|}[]~".contains(letter) {
            name.push_str(&format!("%{:02X}", u32::from(letter)));
        } else {
            name.push(letter);
        }
    }
    name
}

fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn partitioner(partition: Value) -> Result<Partitioner> {
        let config =
            json!({"format": "json", "topics_dir": "t", "logs_dir": "l", "partition": partition});
        Partitioner::new(&serde_json::from_value(config).unwrap(), false)
    }

    fn folder(partition: Value, record: Value) -> std::result::Result<String, Unplaced> {
        let partitioner = partitioner(partition).unwrap();
        let content = Content::Json(&record);
        let time = partitioner.time(&content, Some(1_709_600_523_000))?;
        partitioner.folder(&content, 3, Some(time))
    }

    #[test]
    fn each_partitioner_names_its_folders() {
        let record = json!({"region": "US", "at": {"ms": 0, "text": "2024-02-29T23:30:00-02:00"}, "n": 1.50, "z": null});
        let daily = "'year'=YYYY/'month'=MM/'day'=dd";
        for (partition, expected) in [
            (json!({"by": "partition"}), "partition=3"),
            (
                json!({"by": "field", "fields": ["region", "n", "z", "none"]}),
                "region=US/n=1.5/z=-/none=-",
            ),
            (json!({"by": "field", "fields": ["at.ms"]}), "ms=0"),
            (
                json!({"by": "time", "path_format": daily}),
                "year=2024/month=03/day=05",
            ),
            (
                json!({"by": "time_and_field", "path_format": "'date'=YYYY-MM-dd", "time": {"field": "at.text"}, "fields": ["region"]}),
                "date=2024-03-01/region=US",
            ),
            (
                json!({"by": "time", "path_format": "YYYY", "time": {"field": "at.ms"}}),
                "1970",
            ),
        ] {
            let mut partition = partition;
            partition["null_value"] = "-".into();
            assert_eq!(
                folder(partition.clone(), record.clone()).unwrap(),
                expected,
                "{partition}"
            );
        }
    }

    #[test]
    fn values_cannot_leave_their_folder() {
        for (value, expected) in [
            ("../../etc", "r=..%2F..%2Fetc"),
            ("a=b", "r=a%3Db"),
            ("", "r=__HIVE_DEFAULT_PARTITION__"),
            ("50%\n", "r=50%25%0A"),
            ("börse x", "r=börse x"),
        ] {
            let found = folder(json!({"by": "field", "fields": ["r"]}), json!({"r": value}));
            assert_eq!(found.unwrap(), expected);
        }
    }

    #[test]
    fn records_without_a_folder_say_why() {
        let by_time = json!({"by": "time", "path_format": "YYYY", "time": {"field": "t"}});
        for (record, reason) in [
            (json!({}), "missing_field"),
            (json!({"t": "soon"}), "bad_ts"),
            (json!({"t": 1.5}), "bad_ts"),
            (json!({"t": [1]}), "bad_ts"),
            (json!({"t": i64::MAX}), "bad_ts"),
            (json!([1]), "missing_field"),
        ] {
            assert_eq!(folder(by_time.clone(), record).unwrap_err().0, reason);
        }
        let nested = folder(
            json!({"by": "field", "fields": ["a"]}),
            json!({"a": {"b": 1}}),
        );
        assert_eq!(nested.unwrap_err().0, "wrong_type");
    }

    #[test]
    fn configurations_are_checked() {
        for (partition, word) in [
            (json!({"by": "field"}), "partition.field.name"),
            (
                json!({"by": "field", "fields": ["a..b"]}),
                "partition.field.name",
            ),
            (json!({"by": "time", "path_format": "x"}), "path.format"),
            (
                json!({"by": "time", "path_format": "YYYY", "timezone": "x"}),
                "timezone",
            ),
        ] {
            let error = partitioner(partition).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
