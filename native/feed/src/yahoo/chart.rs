//! An answer of the chart API, and what it says about bars and about when to ask again.

use financelake_market::{MICROS_PER_DAY, epoch_day};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::interval::Interval;

/// A bar counts as finished so many seconds after its end: the exchange's last prices take a moment.
pub(super) const SETTLED: i64 = 5;

/// The whole answer.
#[derive(Deserialize)]
struct Answer {
    chart: Chart,
}

#[derive(Deserialize)]
struct Chart {
    result: Option<Vec<Symbol>>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
    #[serde(default)]
    description: String,
}

/// What the API knows about a symbol.
#[derive(Deserialize)]
pub(super) struct Symbol {
    pub(super) meta: Meta,
    /// Not there when there is no bar.
    #[serde(default)]
    timestamp: Vec<i64>,
    indicators: Indicators,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) currency: Option<String>,
    #[serde(default)]
    instrument_type: String,
    #[serde(default)]
    exchange_timezone_name: String,
    #[serde(default)]
    gmtoffset: i64,
    current_trading_period: Option<Periods>,
}

#[derive(Deserialize)]
struct Periods {
    regular: Session,
}

/// The hours of a day's trading, in seconds since 1970.
#[derive(Clone, Copy, Deserialize)]
struct Session {
    start: i64,
    end: i64,
}

#[derive(Deserialize)]
struct Indicators {
    #[serde(default)]
    quote: Vec<Quote>,
}

/// Columns beside `timestamp`; a bar without trades has nulls.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Quote {
    open: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    low: Vec<Option<f64>>,
    close: Vec<Option<f64>>,
    volume: Vec<Option<f64>>,
}

/// A finished bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bar {
    /// The API's time of it, in seconds since 1970, which grows from bar to bar.
    pub(super) start: i64,
    /// The time that its record has, in microseconds: of a day, its first moment.
    pub(super) ts: i64,
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    pub(super) volume: Option<f64>,
}

impl Symbol {
    /// Reads an answer.
    ///
    /// # Errors
    /// What the API says is wrong, or why it is no answer of a chart.
    pub(super) fn parse(body: &str) -> Result<Self, String> {
        let answer: Answer = serde_json::from_str(body)
            .map_err(|error| format!("the answer is no chart: {error}"))?;
        if let Some(Fault { code, description }) = answer.chart.error {
            return Err(format!("{code}: {description}"));
        }
        answer
            .chart
            .result
            .and_then(|found| found.into_iter().next())
            .ok_or_else(|| "the answer has neither a result nor an error".to_owned())
    }

    /// The finished bars after a time, in order.
    pub(super) fn bars(&self, interval: Interval, after: i64, now: i64) -> Vec<Bar> {
        let Some(quote) = self.indicators.quote.first() else {
            return Vec::new();
        };
        let at = |column: &[Option<f64>], place: usize| column.get(place).copied().flatten();
        let mut found: Vec<Bar> = self
            .timestamp
            .iter()
            .enumerate()
            .filter(|(_, start)| **start > after && self.is_finished(interval, **start, now))
            .filter_map(|(place, &start)| {
                Some(Bar {
                    start,
                    ts: self.time(interval, start),
                    open: at(&quote.open, place)?,
                    high: at(&quote.high, place)?,
                    low: at(&quote.low, place)?,
                    close: at(&quote.close, place)?,
                    volume: at(&quote.volume, place),
                })
            })
            .collect();
        found.sort_by_key(|bar| bar.start);
        found.dedup_by_key(|bar| bar.ts);
        found
    }

    fn is_finished(&self, interval: Interval, start: i64, now: i64) -> bool {
        if interval.is_day() {
            // Today's bar moves until its session is over.
            return match self.session() {
                Some(session) if start >= session.start => now >= session.end + SETTLED,
                _ => now >= start + interval.seconds(),
            };
        }
        // The last point of an answer may be the price of the moment, at no bar's beginning.
        start % interval.grid() == 0 && now >= start + interval.seconds() + SETTLED
    }

    fn time(&self, interval: Interval, start: i64) -> i64 {
        if interval.is_day() {
            i64::from(epoch_day((start + self.meta.gmtoffset) * 1_000_000)) * MICROS_PER_DAY
        } else {
            start * 1_000_000
        }
    }

    fn session(&self) -> Option<Session> {
        Some(self.meta.current_trading_period.as_ref()?.regular)
    }

    /// When a finished bar may be there that is not there now: after the one that runs, or, when the market is closed, after the
    /// first one of its next session.
    pub(super) fn due(&self, interval: Interval, now: i64) -> i64 {
        let seconds = interval.seconds();
        let Some(session) = self.session().filter(|session| session.end > session.start) else {
            return now + seconds;
        };
        let wait = SETTLED + 1;
        let first = |session: Session| {
            if interval.is_day() {
                session.end
            } else {
                session.start + seconds
            }
        };
        if now < session.start || interval.is_day() && now < session.end {
            first(session) + wait
        } else if now < session.end + seconds {
            (now.div_euclid(seconds) + 1) * seconds + wait
        } else {
            first(self.next_session(session, now)) + wait
        }
    }

    /// The same hours of the next day with trading. A holiday is found out on the day: there are no new bars then, and the
    /// hours are over.
    fn next_session(&self, last: Session, now: i64) -> Session {
        let zone = TimeZone::get(&self.meta.exchange_timezone_name).unwrap_or(TimeZone::UTC);
        let length = last.end - last.start;
        let start = Timestamp::from_second(last.start).map(|time| time.to_zoned(zone));
        let mut days = 1;
        while let Ok(start) = &start
            && let Ok(next) = start.checked_add(days.days())
        {
            let trades = self.meta.instrument_type == "CRYPTOCURRENCY"
                || !matches!(next.weekday(), Weekday::Saturday | Weekday::Sunday);
            let start = next.timestamp().as_second();
            if trades && start + length > now {
                return Session {
                    start,
                    end: start + length,
                };
            }
            days += 1;
        }
        last
    }
}

impl Meta {
    /// The market's region, where the exchange says it.
    pub(super) fn region(&self) -> Option<&'static str> {
        match (
            self.instrument_type.as_str(),
            self.exchange_timezone_name.split('/').next(),
        ) {
            ("CRYPTOCURRENCY" | "CURRENCY", _) => Some("GLOBAL"),
            (_, Some("America")) => Some("US"),
            (_, Some("Europe")) => Some("EU"),
            (_, Some("Asia")) => Some("ASIA"),
            _ => None,
        }
    }

    /// What it is, where the API says so.
    pub(super) fn asset_class(&self) -> Option<&'static str> {
        match self.instrument_type.as_str() {
            "EQUITY" => Some("equity"),
            "ETF" => Some("equity_etf"),
            "INDEX" => Some("index"),
            "CURRENCY" => Some("fx"),
            "CRYPTOCURRENCY" => Some("crypto"),
            "FUTURE" => Some("commodity"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-08 was a Friday; New York had 09:30 to 16:00 at UTC-5, and UTC-4 from the Sunday after it.
    const OPEN: i64 = 1_709_908_200;
    const CLOSE: i64 = 1_709_931_600;

    fn symbol(kind: &str, timestamp: &[i64], close: &str) -> Symbol {
        let body = format!(
            r#"{{"chart":{{"result":[{{"meta":{{"currency":"USD","symbol":"X","instrumentType":"{kind}",
            "gmtoffset":-18000,"exchangeTimezoneName":"America/New_York","currentTradingPeriod":{{
            "pre":{{"start":1,"end":2}},"regular":{{"timezone":"EST","end":{CLOSE},"start":{OPEN},"gmtoffset":-18000}}}},
            "dataGranularity":"1m"}},"timestamp":{timestamp:?},"indicators":{{"quote":[{{"close":{close},"open":{close},
            "low":{close},"high":{close},"volume":{close}}}]}}}}],"error":null}}}}"#
        );
        Symbol::parse(&body).unwrap()
    }

    fn starts(symbol: &Symbol, interval: Interval, after: i64, now: i64) -> Vec<i64> {
        let bars = symbol.bars(interval, after, now);
        bars.iter().map(|bar| bar.start - OPEN).collect()
    }

    #[test]
    fn only_finished_bars_after_the_last_one_count() {
        let times = [OPEN, OPEN + 60, OPEN + 120, OPEN + 180, OPEN + 187];
        let found = symbol("EQUITY", &times, "[1.5,null,2.5,3.5,4.5]");
        let now = OPEN + 180 + 4;
        assert_eq!(starts(&found, Interval::Minute, 0, now), [0]);
        assert_eq!(starts(&found, Interval::Minute, 0, now + 1), [0, 120]);
        assert_eq!(
            starts(&found, Interval::Minute, OPEN, OPEN + 999),
            [120, 180]
        );
        let bars = found.bars(Interval::Minute, 0, now);
        assert_eq!((bars[0].ts, bars[0].volume), (OPEN * 1_000_000, Some(1.5)));
    }

    #[test]
    fn a_day_has_the_date_of_its_exchange_and_is_finished_after_the_session() {
        let times = [OPEN - 86_400, OPEN];
        let found = symbol("EQUITY", &times, "[1.5,2.5]");
        assert_eq!(starts(&found, Interval::Day, 0, CLOSE), [-86_400]);
        assert_eq!(
            starts(&found, Interval::Day, 0, CLOSE + SETTLED),
            [-86_400, 0]
        );
        let day = financelake_market::parse_date("2024-03-08").unwrap();
        let bars = found.bars(Interval::Day, 0, CLOSE + SETTLED);
        assert_eq!(bars[1].ts, i64::from(day) * MICROS_PER_DAY);
    }

    #[test]
    fn nothing_is_asked_while_a_market_is_closed() {
        let share = symbol("EQUITY", &[], "[]");
        let minute = Interval::Minute;
        assert_eq!(share.due(minute, OPEN - 7200), OPEN + 66);
        assert_eq!(share.due(minute, OPEN + 61), OPEN + 126);
        // After Friday's close comes Monday's first bar, an hour earlier in UTC.
        let monday = OPEN + 3 * 86_400 - 3600;
        assert_eq!(share.due(minute, CLOSE + 61), monday + 66);
        assert_eq!(share.due(Interval::Day, OPEN), CLOSE + 6);
        let coin = symbol("CRYPTOCURRENCY", &[], "[]");
        assert_eq!(coin.due(minute, CLOSE + 61), OPEN + 86_400 + 66);
        // On a holiday the hours are those of the day before; it is asked once more on the day after.
        let tuesday = monday + 86_400;
        assert_eq!(share.due(minute, monday + (CLOSE - OPEN) + 1), tuesday + 66);
    }

    #[test]
    fn faults_are_told_in_the_words_of_the_api() {
        let body = r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}"#;
        assert_eq!(
            Symbol::parse(body).err().unwrap(),
            "Not Found: No data found"
        );
        assert!(
            Symbol::parse("<html>")
                .err()
                .unwrap()
                .starts_with("the answer is no chart")
        );
    }
}
