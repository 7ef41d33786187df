//! The model of an accepted record, with the closed lists of values that its fields may take.

use std::borrow::Cow;

use crate::instant::format_instant;

macro_rules! closed_list {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal, $meaning:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = $meaning] $variant,)* }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The value's spelling in records and tables.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The value with this spelling; the spelling is exact, in case too.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }

            /// All spellings in a row, for error messages.
            pub fn spellings() -> String {
                Self::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", ")
            }
        }
    };
}

closed_list! {
    /// How much time a row covers.
    Freq {
        Tick = "tick", "a single trade or quote";
        Minute1 = "1m", "one minute";
        Minute5 = "5m", "five minutes";
        Minute15 = "15m", "fifteen minutes";
        Minute30 = "30m", "thirty minutes";
        Hour1 = "1h", "one hour";
        Day1 = "1d", "one day of the exchange";
    }
}

closed_list! {
    /// What the source did to its prices.
    Adjustment {
        Raw = "raw", "as traded";
        Split = "split", "adjusted for splits";
        Total = "total", "adjusted for splits and dividends";
    }
}

closed_list! {
    /// Where the instrument is listed or published.
    Region {
        Us = "US", "United States";
        Eu = "EU", "Europe with the United Kingdom";
        Asia = "ASIA", "Asia";
        Global = "GLOBAL", "no single place: currencies, crypto";
    }
}

closed_list! {
    /// What kind of instrument it is.
    AssetClass {
        Equity = "equity", "shares";
        EquityEtf = "equity_etf", "exchange-traded fund of shares";
        BondEtf = "bond_etf", "exchange-traded fund of bonds";
        BondYield = "bond_yield", "yield, as a fraction";
        Index = "index", "index";
        Fx = "fx", "traded exchange rate";
        FxReference = "fx_reference", "published reference rate";
        Crypto = "crypto", "crypto currency";
        Commodity = "commodity", "commodity; its price may have any sign";
    }
}

/// One record that passed every rule. Prices are in the listing's currency (a yield is a
/// fraction); all numbers are finite and never negative zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'a> {
    /// The instrument's symbol.
    pub symbol: Cow<'a, str>,
    /// How much time the row covers.
    pub freq: Freq,
    /// The vendor, as it stands in the series.
    pub source: Cow<'a, str>,
    /// What the source did to its prices.
    pub adjustment: Adjustment,
    /// Order among ticks that share a `ts`; 0 or more.
    pub seq: i64,
    /// Correction number; the highest one wins.
    pub revision: i64,
    /// Event time in microseconds since 1970-01-01T00:00Z (the start of a bar).
    pub ts: i64,
    /// Where the instrument is listed or published.
    pub region: Region,
    /// What kind of instrument it is.
    pub asset_class: AssetClass,
    /// ISO 4217 code or another short name of the currency; `None` when nobody said.
    pub currency: Option<Cow<'a, str>>,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded volume in the source's unit; `None` when the source has none.
    pub volume: Option<f64>,
    /// True when the source gave one price only and open, high and low repeat it.
    pub closes_only: bool,
    /// The producer's own id of the event.
    pub event_id: Option<Cow<'a, str>>,
    /// Unknown fields as the text of one JSON object; `None` when there are none.
    pub extra: Option<String>,
}

impl Record<'_> {
    /// Appends the series of this record, such as `AAPL/1d/yahoo/raw`.
    pub fn write_series(&self, out: &mut Vec<u8>) {
        for (index, part) in [
            &*self.symbol,
            self.freq.as_str(),
            &*self.source,
            self.adjustment.as_str(),
        ]
        .into_iter()
        .enumerate()
        {
            if index > 0 {
                out.push(b'/');
            }
            out.extend_from_slice(part.as_bytes());
        }
    }

    /// The UTC day of the event, such as `2024-03-04`.
    pub fn date_text(&self) -> String {
        let mut text = format_instant(self.ts);
        text.truncate(10);
        text
    }

    /// The series of this record.
    pub fn series(&self) -> String {
        let (symbol, freq) = (&self.symbol, self.freq.as_str());
        format!(
            "{symbol}/{freq}/{}/{}",
            self.source,
            self.adjustment.as_str()
        )
    }
}
