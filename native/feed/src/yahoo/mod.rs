//! Bars of Yahoo's public chart API as they are finished: the only source that is live.
//!
//! Symbols are asked one after the other, each when a bar of it may be finished that was not there before, and not while
//! its market is closed. What was missed is fetched in as few requests as the API allows. The time of the last bar that was
//! sent is kept per symbol, in the position if there is one, so no bar is sent twice.

mod chart;
mod interval;
mod requests;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde_json::Value;

use self::chart::{Bar, Symbol};
pub use self::interval::Interval;
use self::requests::{Reply, Requests};
use crate::error::{Error, Result};
use crate::message::{Message, Next, Source};

/// What is asked for, and how.
#[derive(Clone, Debug)]
pub struct YahooOptions {
    /// Symbols as the API spells them.
    pub symbols: Vec<String>,
    /// How long bars are.
    pub interval: Interval,
    /// How far the bars of a symbol without a position go back, in days.
    pub history: f64,
    /// Requests a minute at most.
    pub per_minute: f64,
    /// How often a request that failed is tried again.
    pub retries: u32,
    /// Where the API is.
    pub url: String,
}

/// The API's own address.
pub const YAHOO_URL: &str = "https://query1.finance.yahoo.com";

/// A symbol that is asked for.
struct Asked {
    name: String,
    /// Time of the last bar that was sent, in seconds since 1970.
    sent: i64,
    /// Bars from here on were not seen yet.
    from: i64,
    /// When to ask.
    due: i64,
}

/// Bars without end.
pub struct Yahoo {
    options: YahooOptions,
    requests: Requests,
    symbols: Vec<Asked>,
    /// The request that is under way: its symbol and the time that it goes to.
    asking: Option<(usize, i64)>,
    ready: VecDeque<Record>,
    /// The symbol and the time of the bar that was given out last.
    given: Option<(usize, i64)>,
}

/// A bar on its way.
struct Record {
    symbol: usize,
    bar: Bar,
    /// What stands behind its numbers.
    tail: String,
}

fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl Yahoo {
    /// Asks for nothing yet.
    ///
    /// # Errors
    /// If there is no symbol, or the address is none of HTTP.
    pub fn new(options: YahooOptions) -> Result<Self> {
        if options.symbols.is_empty() {
            return Err(Error::Usage(
                "--symbols names none: write AAPL,MSFT".to_owned(),
            ));
        }
        if !options.url.starts_with("http://") && !options.url.starts_with("https://") {
            return Err(Error::Usage(format!(
                "--url {} is no address: write https://host or http://host:port",
                options.url
            )));
        }
        let (seed, first) = (now(), now() - (options.history * 86_400.0) as i64);
        let asked = |name: &String| Asked {
            name: name.clone(),
            sent: first - 1,
            from: first,
            due: 0,
        };
        Ok(Self {
            requests: Requests::new(
                &options.url,
                options.per_minute,
                options.retries,
                seed as u64,
            ),
            symbols: options.symbols.iter().map(asked).collect(),
            options,
            asking: None,
            ready: VecDeque::new(),
            given: None,
        })
    }

    /// Goes on with a request, or begins the one that is due first.
    fn ask(&mut self) -> Result<Option<Duration>> {
        let now = now();
        let (place, to) = match self.asking {
            Some(asking) => asking,
            None => {
                let first = self
                    .symbols
                    .iter()
                    .enumerate()
                    .min_by_key(|(_, symbol)| symbol.due);
                let Some((place, symbol)) = first.filter(|(_, symbol)| symbol.due < i64::MAX)
                else {
                    return Err(Error::Usage(
                        "no symbol is left that the chart API knows".to_owned(),
                    ));
                };
                if symbol.due > now {
                    return Ok(Some(Duration::from_secs((symbol.due - now).unsigned_abs())));
                }
                (place, now.min(symbol.from + self.options.interval.most()))
            }
        };
        self.asking = Some((place, to));
        let symbol = &mut self.symbols[place];
        let path = format!(
            "/v8/finance/chart/{}?interval={}&period1={}&period2={to}&includePrePost=false",
            encoded(&symbol.name),
            self.options.interval.name(),
            symbol.from
        );
        match self.requests.get(&path) {
            Reply::Later(wait) => return Ok(Some(wait)),
            Reply::Body(body) => match Symbol::parse(&body) {
                Ok(found) => self.take(place, to, &found, now),
                Err(reason) => self.fail(place, &reason, now),
            },
            Reply::Unknown(body) => {
                let reason = Symbol::parse(&body)
                    .err()
                    .unwrap_or_else(|| "is not known".to_owned());
                eprintln!("financelake: {}: {reason}; it is left out", symbol.name);
                symbol.due = i64::MAX;
            }
            Reply::GaveUp(reason) => self.fail(place, &reason, now),
        }
        self.asking = None;
        Ok(None)
    }

    /// A feed goes on without what fails.
    fn fail(&mut self, place: usize, reason: &str, now: i64) {
        let symbol = &mut self.symbols[place];
        eprintln!(
            "financelake: {}: {reason}; it is asked for later",
            symbol.name
        );
        symbol.due = now + self.options.interval.seconds().min(3600);
    }

    fn take(&mut self, place: usize, to: i64, found: &Symbol, now: i64) {
        let interval = self.options.interval;
        let symbol = &mut self.symbols[place];
        let bars = found.bars(interval, symbol.sent, now);
        if let Some(last) = bars.last() {
            symbol.from = last.start + 1;
        }
        if to < now {
            // All before that time was there, and is over.
            symbol.from = symbol.from.max(to);
            symbol.due = now;
        } else {
            symbol.due = found.due(interval, now);
        }
        let mut tail = String::new();
        let meta = &found.meta;
        for (name, value) in [
            ("currency", meta.currency.as_deref()),
            ("region", meta.region()),
            ("asset_class", meta.asset_class()),
        ] {
            if let Some(value) = value {
                tail.push_str(&format!(",\"{name}\":{}", Value::from(value)));
            }
        }
        tail.push('}');
        self.ready.extend(bars.into_iter().map(|bar| Record {
            symbol: place,
            bar,
            tail: tail.clone(),
        }));
    }

    fn write(&self, record: &Record, message: &mut Message) {
        let Bar {
            ts,
            open,
            high,
            low,
            close,
            volume,
            ..
        } = record.bar;
        let name = &self.symbols[record.symbol].name;
        message.clear();
        message.key.extend_from_slice(name.as_bytes());
        message.event = Some(ts);
        let time = Timestamp::from_microsecond(ts).unwrap_or(Timestamp::MAX);
        // Yahoo's prices are adjusted for splits.
        let text = format!(
            r#"{{"symbol":{},"ts":"{time}","freq":"{}","source":"yahoo","adjustment":"split","open":{},"high":{},"low":{},"close":{},"volume":{}{}"#,
            Value::from(name.as_str()),
            self.options.interval.name(),
            Value::from(open),
            Value::from(high),
            Value::from(low),
            Value::from(close),
            Value::from(volume),
            record.tail
        );
        message.value.extend_from_slice(text.as_bytes());
    }
}

/// A symbol in a path.
fn encoded(symbol: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    symbol.bytes().map(byte).collect()
}

impl Source for Yahoo {
    fn next(&mut self, message: &mut Message) -> Result<Next> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                self.write(&record, message);
                self.given = Some((record.symbol, record.bar.start));
                return Ok(Next::Record);
            }
            if let Some(wait) = self.ask()? {
                return Ok(Next::Later(wait));
            }
        }
    }

    fn sent(&mut self) {
        if let Some((symbol, start)) = self.given.take() {
            self.symbols[symbol].sent = start;
        }
    }

    fn bookmark(&self) -> Value {
        let sent = self
            .symbols
            .iter()
            .map(|symbol| (symbol.name.clone(), symbol.sent));
        Value::from_iter(sent.map(|(name, sent)| (name, Value::from(sent))))
    }

    fn resume(&mut self, _records: u64, bookmark: &Value) -> Result<()> {
        if bookmark.is_null() {
            return Ok(());
        }
        let sent: BTreeMap<String, i64> =
            serde_json::from_value(bookmark.clone()).map_err(|error| {
                Error::Usage(format!("the position is none of a live source: {error}"))
            })?;
        for symbol in &mut self.symbols {
            if let Some(&sent) = sent.get(&symbol.name) {
                symbol.sent = sent;
                symbol.from = sent + 1;
            }
        }
        Ok(())
    }

    /// Symbols may come and go; each has its own place in the bookmark.
    fn identity(&self) -> String {
        format!(
            "{} bars of {}",
            self.options.interval.name(),
            self.options.url
        )
    }
}

#[cfg(test)]
mod tests;
