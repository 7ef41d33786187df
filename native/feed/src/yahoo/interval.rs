//! How long bars are.

use std::str::FromStr;

/// A length of bars that the API and the market record share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// One minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// A quarter of an hour.
    Quarter,
    /// Half an hour.
    HalfHour,
    /// An hour.
    Hour,
    /// A day of the exchange.
    Day,
}

const DAY: i64 = 86_400;

/// Name, seconds, and how many days of bars the API gives in one answer.
const ALL: [(Interval, &str, i64, i64); 6] = [
    (Interval::Minute, "1m", 60, 7),
    (Interval::FiveMinutes, "5m", 300, 59),
    (Interval::Quarter, "15m", 900, 59),
    (Interval::HalfHour, "30m", 1800, 59),
    (Interval::Hour, "1h", 3600, 729),
    (Interval::Day, "1d", DAY, 36_500),
];

impl Interval {
    fn entry(self) -> (Self, &'static str, i64, i64) {
        ALL[self as usize]
    }

    /// As the API and `freq` call it.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    pub(super) fn seconds(self) -> i64 {
        self.entry().2
    }

    /// How many seconds of bars can be asked for at once.
    pub(super) fn most(self) -> i64 {
        self.entry().3 * DAY
    }

    /// Bars begin at multiples of it. Sessions begin at half hours, so hours do, too.
    pub(super) fn grid(self) -> i64 {
        self.seconds().min(1800)
    }

    pub(super) fn is_day(self) -> bool {
        self == Self::Day
    }
}

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = ALL.iter().find(|(_, name, ..)| *name == text);
        found.map(|entry| entry.0).ok_or_else(|| {
            let names: Vec<&str> = ALL.iter().map(|entry| entry.1).collect();
            format!("write one of {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_interval_has_its_own_entry() {
        for (interval, name, ..) in ALL {
            assert_eq!((interval.name(), name.parse()), (name, Ok(interval)));
        }
        assert!("2m".parse::<Interval>().unwrap_err().contains("1m, 5m"));
    }
}
