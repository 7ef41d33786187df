//! Made-up one-minute bars: correlated random walks with sessions, splits and gaps.
//!
//! Time is that of the bars: minute by minute, each symbol whose market is open gives a bar. So the same options give the
//! same records for ever, at whatever speed they are sent.

use financelake_market::{Moment, parse_instant};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::message::{Message, Next, Source};
use crate::random::Random;

/// What is made up.
#[derive(Clone, Debug)]
pub struct SyntheticOptions {
    /// How many symbols; a quarter each in the US, in Europe, in Asia, and crypto currencies.
    pub symbols: u32,
    /// The numbers' seed.
    pub seed: u64,
    /// The first minute, an ISO-8601 instant.
    pub start: String,
}

/// A market with its hours, in minutes of the UTC day.
struct Market {
    region: &'static str,
    asset_class: &'static str,
    open: i64,
    close: i64,
    weekends: bool,
}

const MARKETS: [Market; 4] = [
    Market {
        region: "US",
        asset_class: "equity",
        open: 14 * 60 + 30,
        close: 21 * 60,
        weekends: false,
    },
    Market {
        region: "EU",
        asset_class: "equity",
        open: 8 * 60,
        close: 16 * 60 + 30,
        weekends: false,
    },
    Market {
        region: "ASIA",
        asset_class: "equity",
        open: 0,
        close: 6 * 60,
        weekends: false,
    },
    Market {
        region: "GLOBAL",
        asset_class: "crypto",
        open: 0,
        close: 24 * 60,
        weekends: true,
    },
];

const MINUTES_PER_DAY: i64 = 24 * 60;
/// How far a minute moves a price, and which part of it all prices share.
const MINUTE_DEVIATION: f64 = 5e-4;
const SHARED: f64 = 0.6;
/// A bar is missing once in so many minutes.
const GAP: u64 = 2_000;
/// A share is split in two once in so many days.
const SPLIT: u64 = 500;
/// Prices have four decimals, and stay where those mean something.
const DECIMALS: f64 = 1e4;
const LOWEST: f64 = 1.0;
const HIGHEST: f64 = 1e6;

struct Symbol {
    name: String,
    /// What stands after the numbers of a bar.
    tail: String,
    price: f64,
    /// How much it follows the shared walk.
    beta: f64,
}

/// Endless bars.
pub struct Synthetic {
    options: SyntheticOptions,
    symbols: Vec<Symbol>,
    random: Random,
    minute: i64,
    shared: f64,
    /// The beginning of a bar up to its symbol, and from its symbol to its prices.
    time: String,
    next: usize,
}

impl Synthetic {
    /// Begins at the first minute.
    ///
    /// # Errors
    /// If there is no symbol, or the start is no instant.
    pub fn new(options: SyntheticOptions) -> Result<Self> {
        if options.symbols == 0 {
            return Err(Error::Usage(
                "--symbols 0 makes no records: write 1 or more".to_owned(),
            ));
        }
        let Ok(Moment::Instant(start)) = parse_instant(&options.start) else {
            return Err(Error::Usage(format!(
                "--start {} is no instant: write one like 2024-01-02T00:00:00Z",
                options.start
            )));
        };
        let mut random = Random::new(options.seed);
        let symbols = (0..options.symbols)
            .map(|number| Symbol::new(number, &mut random))
            .collect();
        let mut source = Self {
            options,
            symbols,
            random,
            minute: start.div_euclid(60_000_000) - 1,
            shared: 0.0,
            time: String::new(),
            next: usize::MAX,
        };
        source.next_minute();
        Ok(source)
    }

    fn next_minute(&mut self) {
        self.minute += 1;
        self.shared = self.random.normal();
        self.next = 0;
        let instant = Timestamp::from_second(self.minute * 60).unwrap_or(Timestamp::MAX);
        self.time = format!(r#"","ts":"{instant}","freq":"1m","source":"synthetic","open":"#);
    }
}

impl Symbol {
    fn new(number: u32, random: &mut Random) -> Self {
        let market = &MARKETS[number as usize % MARKETS.len()];
        Self {
            name: format!("SYN{number:05}"),
            tail: format!(
                r#","region":"{}","asset_class":"{}"}}"#,
                market.region, market.asset_class
            ),
            price: 100.0 * random.normal().exp(),
            beta: 1.0 + 0.3 * random.normal(),
        }
    }
}

impl Market {
    fn is_open(&self, minute: i64) -> bool {
        let day = minute.div_euclid(MINUTES_PER_DAY);
        // 1970-01-01 was a Thursday.
        let weekend = matches!((day + 3).rem_euclid(7), 5 | 6);
        let of_day = minute.rem_euclid(MINUTES_PER_DAY);
        (self.weekends || !weekend) && (self.open..self.close).contains(&of_day)
    }
}

impl Source for Synthetic {
    fn next(&mut self, message: &mut Message) -> Result<Next> {
        loop {
            if self.next >= self.symbols.len() {
                self.next_minute();
            }
            let place = self.next;
            self.next += 1;
            let market = &MARKETS[place % MARKETS.len()];
            if !market.is_open(self.minute) {
                continue;
            }
            let own = self.random.normal();
            let missing = self.random.one_in(GAP);
            let first = self.minute.rem_euclid(MINUTES_PER_DAY) == market.open;
            let split = first && !market.weekends && self.random.one_in(SPLIT);
            let symbol = &mut self.symbols[place];
            if split {
                symbol.price /= 2.0;
            }
            let open = symbol.price.clamp(LOWEST, HIGHEST);
            let walk = SHARED * symbol.beta * self.shared + (1.0 - SHARED) * own;
            let close = (open * (1.0 + MINUTE_DEVIATION * walk)).clamp(LOWEST, HIGHEST);
            symbol.price = close;
            if missing {
                continue;
            }
            let bits = self.random.bits();
            // How far the bar reaches beyond its open and close, up to 0.05 %.
            let beyond = |part: u64| 1.0 + (part & 0xffff) as f64 * (MINUTE_DEVIATION / 65536.0);
            let (high, low) = (
                open.max(close) * beyond(bits),
                open.min(close) / beyond(bits >> 16),
            );
            message.clear();
            message.event = Some(self.minute * 60_000_000);
            message.key.extend_from_slice(symbol.name.as_bytes());
            let value = &mut message.value;
            value.extend_from_slice(br#"{"symbol":""#);
            value.extend_from_slice(symbol.name.as_bytes());
            value.extend_from_slice(self.time.as_bytes());
            push_price(value, open);
            value.extend_from_slice(br#","high":"#);
            push_price(value, high);
            value.extend_from_slice(br#","low":"#);
            push_price(value, low);
            value.extend_from_slice(br#","close":"#);
            push_price(value, close);
            value.extend_from_slice(br#","volume":"#);
            value.extend_from_slice(itoa::Buffer::new().format(bits >> 50).as_bytes());
            value.extend_from_slice(symbol.tail.as_bytes());
            return Ok(Next::Record);
        }
    }

    fn identity(&self) -> String {
        let SyntheticOptions {
            symbols,
            seed,
            start,
        } = &self.options;
        format!("synthetic bars of {symbols} symbols from {start}, seed {seed}")
    }
}

/// Rounding keeps the order of prices, so a bar's high stays its highest.
fn push_price(value: &mut Vec<u8>, price: f64) {
    let units = (price * DECIMALS).round() as u64;
    let scale = DECIMALS as u64;
    value.extend_from_slice(itoa::Buffer::new().format(units / scale).as_bytes());
    let rest = units % scale;
    value.push(b'.');
    for power in [1000, 100, 10, 1] {
        value.push(b'0' + (rest / power % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use financelake_market::{Outcome, Parser, ParserConfig};

    use super::*;

    fn source(seed: u64) -> Synthetic {
        Synthetic::new(SyntheticOptions {
            symbols: 40,
            seed,
            start: "2024-01-05T00:00:00Z".to_owned(),
        })
        .unwrap()
    }

    #[test]
    fn every_record_is_accepted_and_has_a_key_of_its_own() {
        let parser = Parser::new(&ParserConfig::default()).unwrap();
        let mut made = source(1);
        let mut message = Message::default();
        let mut keys = BTreeSet::new();
        let mut by_region = BTreeMap::new();
        let mut bytes = 0;
        for _ in 0..60_000 {
            assert_eq!(made.next(&mut message).unwrap(), Next::Record);
            bytes += message.value.len();
            let Outcome::Accepted(record) = parser.parse(&message.value, i64::MAX) else {
                panic!("{}", String::from_utf8_lossy(&message.value));
            };
            *by_region.entry(record.region.as_str()).or_insert(0) += 1;
            assert_eq!(record.symbol.as_bytes(), message.key);
            assert!(keys.insert((record.symbol.to_string(), record.ts)));
        }
        // A Friday and a weekend: shares trade in their hours, crypto currencies always.
        assert_eq!(by_region.len(), 4, "{by_region:?}");
        assert!(by_region["GLOBAL"] > 2 * by_region["US"], "{by_region:?}");
        assert!((180..220).contains(&(bytes / 60_000)), "{}", bytes / 60_000);
    }

    #[test]
    fn the_seed_decides() {
        let (mut one, mut same, mut other) = (source(7), source(7), source(8));
        let mut messages = [(); 3].map(|()| Message::default());
        for _ in 0..1000 {
            one.next(&mut messages[0]).unwrap();
            same.next(&mut messages[1]).unwrap();
            other.next(&mut messages[2]).unwrap();
            assert_eq!(messages[0], messages[1]);
        }
        assert_ne!(messages[0], messages[2]);
    }

    #[test]
    fn options_without_records_are_refused() {
        let made = |symbols, start: &str| {
            Synthetic::new(SyntheticOptions {
                symbols,
                seed: 0,
                start: start.to_owned(),
            })
        };
        assert!(made(0, "2024-01-05T00:00:00Z").is_err());
        assert!(made(1, "yesterday").is_err());
    }
}
