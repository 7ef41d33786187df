//! Folder names from times: patterns as Joda has them, such as `'date'=YYYY-MM-dd/'hour'=HH`.
//!
//! Letters are fields of the local time (`y Y` year, `M` month, `d` day, `D` day of the year, `H` hour, `m` minute, `s`
//! second, `S` fraction), as many digits at least as there are letters; two letters of a year are its last two
//! digits. Text in apostrophes stands for itself, as does all that is not a letter.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Text(String),
    Field(char, usize),
}

/// A pattern, the zone whose clock it shows, and how coarse the clock is.
#[derive(Clone, Debug)]
pub(crate) struct PathFormat {
    tokens: Vec<Token>,
    zone: TimeZone,
    /// Local times are those of the start of their period; 0 keeps them.
    period_ms: i64,
}

impl PathFormat {
    /// # Errors
    /// What is wrong with the pattern or the zone, and what to write.
    pub(crate) fn new(pattern: &str, zone: &str, period_ms: i64) -> Result<Self, String> {
        let tokens = tokens(pattern)?;
        if !tokens.iter().any(|token| matches!(token, Token::Field(..))) {
            return Err(format!(
                "path.format {pattern:?} shows no part of a time; write for example 'date'=YYYY-MM-dd"
            ));
        }
        Ok(Self {
            tokens,
            zone: time_zone(zone)?,
            period_ms: period_ms.max(0),
        })
    }

    /// The folder of a time in milliseconds since 1970, or nothing outside the years 1 to 9999.
    pub(crate) fn folder(&self, millis: i64) -> Option<String> {
        let timestamp = Timestamp::from_millisecond(millis).ok()?;
        let mut local = self.zone.to_datetime(timestamp);
        if self.period_ms > 0 {
            let since_1970 = DateTime::constant(1970, 1, 1, 0, 0, 0, 0).duration_until(local);
            let rest = i64::try_from(since_1970.as_millis())
                .ok()?
                .rem_euclid(self.period_ms);
            let rest = SignedDuration::from_millis(rest);
            local = local.checked_sub(rest).ok()?;
        }
        if !(1..=9999).contains(&local.year()) {
            return None;
        }
        let mut folder = String::new();
        for token in &self.tokens {
            match token {
                Token::Text(text) => folder.push_str(text),
                Token::Field(letter, count) => push_field(&mut folder, *letter, *count, local),
            }
        }
        Some(folder)
    }
}

fn push_field(folder: &mut String, letter: char, count: usize, local: DateTime) {
    let year = i64::from(local.year());
    let value = match letter {
        'y' | 'Y' if count == 2 => year % 100,
        'y' | 'Y' => year,
        'M' => i64::from(local.month()),
        'd' => i64::from(local.day()),
        'D' => i64::from(local.day_of_year()),
        'H' => i64::from(local.hour()),
        'm' => i64::from(local.minute()),
        's' => i64::from(local.second()),
        // A fraction is cut, not padded: S is tenths.
        _ => {
            let digits = format!("{:09}", local.subsec_nanosecond());
            folder.extend(digits.chars().chain(std::iter::repeat('0')).take(count));
            return;
        }
    };
    folder.push_str(&format!("{value:0count$}"));
}

fn tokens(pattern: &str) -> Result<Vec<Token>, String> {
    let mut tokens: Vec<Token> = Vec::new();
    let text = |tokens: &mut Vec<Token>, more: char| match tokens.last_mut() {
        Some(Token::Text(text)) => text.push(more),
        _ => tokens.push(Token::Text(more.to_string())),
    };
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if letters.next_if_eq(&'\'').is_some() => text(&mut tokens, '\''),
            '\'' => loop {
                match letters.next() {
                    Some('\'') if letters.next_if_eq(&'\'').is_some() => text(&mut tokens, '\''),
                    Some('\'') => break,
                    Some(quoted) => text(&mut tokens, quoted),
                    None => {
                        return Err(format!("path.format {pattern:?}: an apostrophe has no end"));
                    }
                }
            },
            'y' | 'Y' | 'M' | 'd' | 'D' | 'H' | 'm' | 's' | 'S' => {
                let mut count = 1;
                while letters.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                if letter == 'M' && count > 2 {
                    return Err(format!(
                        "path.format {pattern:?}: names of months depend on a language; write MM"
                    ));
                }
                tokens.push(Token::Field(letter, count));
            }
            other if other.is_ascii_alphabetic() => {
                return Err(format!(
                    "path.format {pattern:?}: the letter {other} is none of y Y M d D H m s S; put text into apostrophes"
                ));
            }
            other => text(&mut tokens, other),
        }
    }
    Ok(tokens)
}

/// A zone by its name or as an offset such as `+02:00`.
fn time_zone(name: &str) -> Result<TimeZone, String> {
    let offset = || {
        let sign = match name.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (hours, minutes) = name[1..].split_once(':')?;
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        if minutes > 59 {
            return None;
        }
        Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
    };
    if let Some(offset) = offset() {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).map_err(|_| {
        format!("timezone {name:?} is unknown; write for example UTC, America/New_York or +02:00")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(pattern: &str, zone: &str, time: &str) -> String {
        let millis = time.parse::<Timestamp>().unwrap().as_millisecond();
        PathFormat::new(pattern, zone, 0)
            .unwrap()
            .folder(millis)
            .unwrap()
    }

    /// Expected values were printed by Joda-Time 2.14's DateTimeFormat.
    #[test]
    fn patterns_are_those_of_joda() {
        let hourly = "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH";
        for (pattern, zone, time, expected) in [
            (
                hourly,
                "UTC",
                "2024-03-05T01:02:03Z",
                "year=2024/month=03/day=05/hour=01",
            ),
            // Neither the week's year nor the day of another zone.
            (
                "YYYY-MM-dd",
                "UTC",
                "2024-12-30T23:59:59.999Z",
                "2024-12-30",
            ),
            (
                "YYYY-MM-dd",
                "Asia/Tokyo",
                "2024-12-31T15:00:00Z",
                "2025-01-01",
            ),
            (
                "YYYY-MM-dd",
                "America/New_York",
                "2025-01-01T04:59:59Z",
                "2024-12-31",
            ),
            (
                "yy.M.d H:mm:ss.SSS",
                "UTC",
                "2004-03-05T01:02:03.045Z",
                "04.3.5 1:02:03.045",
            ),
            ("D/DDD", "UTC", "2024-02-29T00:00:00Z", "60/060"),
            (
                "''yyyy 'o''clock'",
                "UTC",
                "0099-01-01T00:00:00Z",
                "'0099 o'clock",
            ),
            ("HH", "+05:30", "2024-01-01T00:00:00Z", "05"),
            ("HH", "-03:30", "2024-01-01T00:00:00Z", "20"),
        ] {
            assert_eq!(
                folder(pattern, zone, time),
                expected,
                "{pattern} {zone} {time}"
            );
        }
    }

    #[test]
    fn clocks_that_are_put_forward_and_back_are_followed() {
        for (time, expected) in [
            ("2024-03-10T06:59:59Z", "2024-03-10/01"),
            ("2024-03-10T07:00:00Z", "2024-03-10/03"),
            ("2024-11-03T05:30:00Z", "2024-11-03/01"),
            ("2024-11-03T06:30:00Z", "2024-11-03/01"),
            ("2024-11-03T07:30:00Z", "2024-11-03/02"),
        ] {
            assert_eq!(
                folder("YYYY-MM-dd/HH", "America/New_York", time),
                expected,
                "{time}"
            );
        }
    }

    #[test]
    fn periods_start_at_local_midnight() {
        let format = |period| PathFormat::new("dd HH:mm", "Asia/Kolkata", period).unwrap();
        let millis = "2024-01-01T20:50:10Z"
            .parse::<Timestamp>()
            .unwrap()
            .as_millisecond();
        assert_eq!(format(0).folder(millis).unwrap(), "02 02:20");
        assert_eq!(format(15 * 60_000).folder(millis).unwrap(), "02 02:15");
        assert_eq!(format(86_400_000).folder(millis).unwrap(), "02 00:00");
        assert_eq!(format(0).folder(i64::MAX), None);
    }

    #[test]
    fn what_is_not_understood_says_what_to_write() {
        for (pattern, zone, word) in [
            ("'date'", "UTC", "shows no part"),
            ("'date=YYYY", "UTC", "no end"),
            ("date=YYYY", "UTC", "the letter a"),
            ("MMM", "UTC", "write MM"),
            ("YYYY", "Mars/Olympus", "America/New_York"),
            ("YYYY", "+02:61", "+02:00"),
        ] {
            let error = PathFormat::new(pattern, zone, 0).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
