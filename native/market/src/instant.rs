//! Time: strict ISO-8601 instants, and the one UTC rule for `date` and `year`.
//!
//! An instant is `YYYY-MM-DD`, `T` or one blank, `hh:mm[:ss[.fraction]]` and a zone (`Z`, `±hh:mm`,
//! `±hhmm` or `±hh`). Days are those of the proleptic Gregorian calendar, years 1 to 9999 (the range
//! of SQL dates). Whatever a reader would have to guess is an error: no zone, 24:00, second 60,
//! digits below the microsecond.

/// Microseconds of one UTC day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;

/// What a time text turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Microseconds since 1970-01-01T00:00Z.
    Instant(i64),
    /// Days since 1970-01-01.
    Date(i32),
}

/// The UTC day of an instant, in days since 1970-01-01: the rule behind every `date` column.
pub fn epoch_day(micros: i64) -> i32 {
    // The quotient of any i64 has fewer than 28 bits.
    micros.div_euclid(MICROS_PER_DAY) as i32
}

/// The calendar year of a day.
pub fn year_of_day(day: i32) -> i32 {
    civil_from_days(day).0
}

/// Year, month and day of a day.
fn civil_from_days(day: i32) -> (i32, u32, u32) {
    // Days since 0000-03-01 split into eras of 400 years, so that leap days come last.
    let days = i64::from(day) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = era * 400 + year_of_era;
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    // January and February (day 306 on) belong to the next calendar year.
    let year = march_based + i64::from(day_of_year >= 306);
    (
        year as i32,
        (month_from_march + 2) as u32 % 12 + 1,
        day as u32,
    )
}

/// An instant as `YYYY-MM-DDThh:mm:ssZ`, with six digits of fraction where there is one.
pub(crate) fn format_instant(micros: i64) -> String {
    let (year, month, day) = civil_from_days(epoch_day(micros));
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction != 0 {
        text.push_str(&format!(".{fraction:06}"));
    }
    text.push('Z');
    text
}

/// Days since 1970-01-01 of a calendar date that exists.
fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month as i32 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

struct Digits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Digits<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Exactly `count` digits.
    fn number(&mut self, count: usize) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + count)?;
        let mut value = 0;
        for digit in digits {
            value = value * 10 + u32::from(digit.checked_sub(b'0').filter(|d| *d <= 9)?);
        }
        self.at += count;
        Some(value)
    }
}

fn date_part(digits: &mut Digits<'_>) -> Result<i32, &'static str> {
    const SHAPE: &str = "is not an ISO-8601 instant such as 2024-03-04T14:30:00Z";
    let mut part = || {
        let year = digits.number(4)?;
        let month = digits.accept(b'-').then(|| digits.number(2))??;
        let day = digits.accept(b'-').then(|| digits.number(2))??;
        Some((year, month, day))
    };
    let (year, month, day) = part().ok_or(SHAPE)?;
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return Err("is not a day of the calendar (years 1 to 9999)");
    }
    Ok(days_from_civil(year as i32, month, day))
}

/// Parses an instant with a zone, or a date alone, which only daily files may use.
///
/// # Errors
/// The rest of a sentence that starts with the text: what is wrong with it.
pub fn parse_instant(text: &str) -> Result<Moment, &'static str> {
    let mut digits = Digits {
        bytes: text.as_bytes(),
        at: 0,
    };
    let day = date_part(&mut digits)?;
    if digits.at == digits.bytes.len() {
        return Ok(Moment::Date(day));
    }
    if !digits.accept(b'T') && !digits.accept(b' ') {
        return Err("is not an ISO-8601 instant such as 2024-03-04T14:30:00Z");
    }
    let micros = time_part(&mut digits)?;
    let offset = zone_part(&mut digits)?;
    if digits.at != digits.bytes.len() {
        return Err("has something after the zone");
    }
    let instant = i64::from(day) * MICROS_PER_DAY + micros - offset * 60_000_000;
    if !(1..=9999).contains(&year_of_day(epoch_day(instant))) {
        return Err("leaves the years 1 to 9999 in UTC");
    }
    Ok(Moment::Instant(instant))
}

/// Parses a date alone.
///
/// # Errors
/// As [`parse_instant`].
pub fn parse_date(text: &str) -> Result<i32, &'static str> {
    match parse_instant(text)? {
        Moment::Date(day) => Ok(day),
        Moment::Instant(_) => Err("is an instant where a date is wanted"),
    }
}

/// Microseconds since midnight.
fn time_part(digits: &mut Digits<'_>) -> Result<i64, &'static str> {
    const SHAPE: &str = "has no time of the form hh:mm:ss";
    let hour = digits.number(2).ok_or(SHAPE)?;
    let minute = digits
        .accept(b':')
        .then(|| digits.number(2))
        .flatten()
        .ok_or(SHAPE)?;
    let seconds = if digits.accept(b':') {
        Some(digits.number(2).ok_or(SHAPE)?)
    } else {
        None
    };
    let second = seconds.unwrap_or(0);
    if hour > 23 || minute > 59 || second > 59 {
        return Err("is not a time of the day (00:00:00 to 23:59:59)");
    }
    let mut fraction = 0;
    if seconds.is_some() && digits.accept(b'.') {
        let mut count = 0;
        while let Some(digit) = digits.peek().filter(u8::is_ascii_digit) {
            let digit = i64::from(digit - b'0');
            if count < 6 {
                fraction = fraction * 10 + digit;
            } else if digit != 0 {
                return Err("is finer than a microsecond");
            }
            count += 1;
            digits.at += 1;
        }
        if count == 0 {
            return Err(SHAPE);
        }
        fraction *= 10_i64.pow(6_u32.saturating_sub(count));
    }
    Ok(i64::from(hour * 3600 + minute * 60 + second) * 1_000_000 + fraction)
}

/// Minutes east of UTC.
fn zone_part(digits: &mut Digits<'_>) -> Result<i64, &'static str> {
    if digits.accept(b'Z') {
        return Ok(0);
    }
    let sign = if digits.accept(b'+') {
        1
    } else if digits.accept(b'-') {
        -1
    } else {
        return Err("has no zone: write Z or an offset such as -05:00");
    };
    const SHAPE: &str = "has an offset that is not of the form +hh:mm";
    let hours = digits.number(2).ok_or(SHAPE)?;
    let minutes = if digits.at == digits.bytes.len() {
        0
    } else {
        digits.accept(b':');
        digits.number(2).ok_or(SHAPE)?
    };
    if minutes > 59 || hours * 60 + minutes > 18 * 60 {
        return Err("has an offset beyond 18 hours");
    }
    Ok(sign * i64::from(hours * 60 + minutes))
}
