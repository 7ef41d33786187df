//! How long what left the table, and its log, must stay readable.

use crate::error::{Error, Result};
use financelake_delta::TableState;

/// The property that says it of files.
const PROPERTY: &str = "delta.deletedFileRetentionDuration";
const HOUR: i64 = 3_600_000;
/// Delta's default: a week.
const DEFAULT: i64 = 7 * 24 * HOUR;
/// The same of the log, of which 30 days are kept.
const LOG_PROPERTY: &str = "delta.logRetentionDuration";
const LOG_DEFAULT: i64 = 30 * 24 * HOUR;

/// What the table asks for, in milliseconds.
///
/// # Errors
/// When the property cannot be understood.
pub fn of_table(state: &TableState) -> Result<i64> {
    property(state, PROPERTY, DEFAULT)
}

/// What the table asks for its log, in milliseconds.
///
/// # Errors
/// When the property cannot be understood.
pub fn of_log(state: &TableState) -> Result<i64> {
    property(state, LOG_PROPERTY, LOG_DEFAULT)
}

fn property(state: &TableState, name: &str, default: i64) -> Result<i64> {
    let Some(text) = state.properties().get(name) else {
        return Ok(default);
    };
    interval(text).ok_or_else(|| {
        Error::Argument(format!(
            "the table's property {name} is {text:?}; set it to something like 'interval 14 days'"
        ))
    })
}

/// The retention to use: what was asked for, unless it is shorter than the table's and that was not confirmed.
///
/// # Errors
/// [`Error::Argument`]: not a number of hours, or too short without confirmation.
pub(crate) fn chosen(state: &TableState, hours: Option<f64>, confirmed: bool) -> Result<i64> {
    let table = of_table(state)?;
    let Some(hours) = hours else { return Ok(table) };
    if !(0.0..=1e7).contains(&hours) {
        return Err(Error::Argument(format!(
            "the retention is {hours} hours; write a number from 0 on"
        )));
    }
    let asked = (hours * HOUR as f64) as i64;
    if asked < table && !confirmed {
        return Err(Error::Argument(format!(
            "keeping files for {hours} hours breaks the table's promise of {} hours ({PROPERTY}): older versions, slow queries \
             and writers at work may lose files; confirm with --unsafe-retention, or ask for more hours",
            table / HOUR
        )));
    }
    Ok(asked)
}

/// `interval 1 week 2 days`, in milliseconds.
fn interval(text: &str) -> Option<i64> {
    let lower = text.trim().to_lowercase();
    let mut words = lower
        .strip_prefix("interval")
        .unwrap_or(&lower)
        .split_whitespace();
    let mut total = 0_i64;
    let mut any = false;
    while let Some(count) = words.next() {
        let count: i64 = count
            .trim_matches('\'')
            .parse()
            .ok()
            .filter(|count| *count >= 0)?;
        let unit = words.next()?.trim_matches('\'');
        let unit = match unit.strip_suffix('s').unwrap_or(unit) {
            "week" => 7 * 24 * HOUR,
            "day" => 24 * HOUR,
            "hour" => HOUR,
            "minute" => 60_000,
            "second" => 1000,
            "millisecond" => 1,
            _ => return None,
        };
        total = total.checked_add(count.checked_mul(unit)?)?;
        any = true;
    }
    any.then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_as_delta_writes_them() {
        assert_eq!(interval("interval 14 days"), Some(14 * 24 * HOUR));
        assert_eq!(
            interval("INTERVAL 1 week 2 hours"),
            Some((7 * 24 + 2) * HOUR)
        );
        assert_eq!(interval("interval '90 minutes'"), Some(90 * 60_000));
        for text in [
            "",
            "interval",
            "interval 1 month",
            "interval -1 days",
            "interval 3",
            "14",
        ] {
            assert_eq!(interval(text), None, "{text}");
        }
    }
}
