//! The instruments reference: what is known about a symbol without any record.
//!
//! It is a CSV text with the columns `symbol, name, region, asset_class, currency, exchange` and the
//! optional `price_low, price_high` (the plausible range of the raw price). A symbol may stand in
//! several lines when it names several instruments (`EURUSD` is a traded rate and a reference rate);
//! (symbol, asset_class, region) is unique. The version is a digest of the text, so that a row can
//! always say which reference it was decided with.

use std::collections::HashMap;

use crate::csv::Cells;
use crate::number::{is_json_number, token_value};
use crate::reason::quoted;
use crate::record::{AssetClass, Region};

/// One instrument of the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Instrument {
    /// The instrument's symbol.
    pub symbol: String,
    /// Its name in words.
    pub name: String,
    /// Where it is listed or published.
    pub region: Region,
    /// What kind of instrument it is.
    pub asset_class: AssetClass,
    /// Currency of its prices.
    pub currency: String,
    /// Market identifier code of the exchange, or the publisher's name.
    pub exchange: String,
    /// Lowest and highest plausible raw price, both included; `None` when nothing is said.
    pub price_range: Option<(f64, f64)>,
}

/// Why a text is not an instruments reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("instruments reference, line {line}: {problem}")]
pub struct ReferenceError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what to write.
    pub problem: String,
}

/// All instruments, by symbol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    by_symbol: HashMap<String, Vec<Instrument>>,
    version: i64,
}

const REQUIRED: [&str; 6] = [
    "symbol",
    "name",
    "region",
    "asset_class",
    "currency",
    "exchange",
];

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// The first line that is wrong, and why.
    pub fn from_csv(text: &str) -> Result<Self, ReferenceError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| !line.trim().is_empty());
        let (header, at) = lines.next().unwrap_or(("", 1));
        let header = cells(header, at)?;
        if let Some(absent) = REQUIRED
            .iter()
            .find(|name| !header.iter().any(|cell| cell == *name))
        {
            let problem = format!("the header has no column {absent}");
            return Err(ReferenceError { line: at, problem });
        }
        let mut reference = Self {
            by_symbol: HashMap::new(),
            version: digest(text),
        };
        for (line, at) in lines {
            let cells = cells(line, at)?;
            let instrument = instrument(&header, &cells)
                .map_err(|problem| ReferenceError { line: at, problem })?;
            reference
                .add(instrument)
                .map_err(|problem| ReferenceError { line: at, problem })?;
        }
        Ok(reference)
    }

    /// The instruments that a symbol names, in the order of the text; none for an unknown symbol.
    pub fn find(&self, symbol: &str) -> &[Instrument] {
        self.by_symbol.get(symbol).map_or(&[], Vec::as_slice)
    }

    /// A number that changes with the text (line ends aside), stored with rows as `ref_version`; 0
    /// for the empty reference.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Number of instruments.
    pub fn len(&self) -> usize {
        self.by_symbol.values().map(Vec::len).sum()
    }

    /// True when there is no instrument.
    pub fn is_empty(&self) -> bool {
        self.by_symbol.is_empty()
    }

    fn add(&mut self, instrument: Instrument) -> Result<(), String> {
        let (class, region) = (instrument.asset_class, instrument.region);
        let entries = self.by_symbol.entry(instrument.symbol.clone()).or_default();
        if entries
            .iter()
            .any(|known| known.asset_class == class && known.region == region)
        {
            let (symbol, class) = (&instrument.symbol, class.as_str());
            return Err(format!(
                "{symbol} as {class} in {} is there twice",
                region.as_str()
            ));
        }
        entries.push(instrument);
        Ok(())
    }
}

fn cells(line: &str, at: usize) -> Result<Vec<String>, ReferenceError> {
    Cells::new(line)
        .map(|cell| cell.map(|cell| cell.into_owned()))
        .collect::<Result<_, _>>()
        .map_err(|refusal| ReferenceError {
            line: at,
            problem: refusal.detail,
        })
}

fn instrument(header: &[String], cells: &[String]) -> Result<Instrument, String> {
    if cells.len() != header.len() {
        return Err(format!(
            "{} cells where the header has {}",
            cells.len(),
            header.len()
        ));
    }
    let cell = |name: &str| {
        header
            .iter()
            .position(|column| column == name)
            .map_or("", |index| cells[index].as_str())
    };
    let symbol = cell("symbol");
    if !is_symbol(symbol) {
        return Err(format!(
            "symbol {} is not of the form {SYMBOL_FORM}",
            quoted(symbol)
        ));
    }
    let region = Region::parse(cell("region"))
        .ok_or_else(|| one_of("region", cell("region"), &Region::spellings()))?;
    let asset_class = AssetClass::parse(cell("asset_class"))
        .ok_or_else(|| one_of("asset_class", cell("asset_class"), &AssetClass::spellings()))?;
    Ok(Instrument {
        symbol: symbol.to_owned(),
        name: cell("name").to_owned(),
        region,
        asset_class,
        currency: cell("currency").to_owned(),
        exchange: cell("exchange").to_owned(),
        price_range: price_range(cell("price_low"), cell("price_high"))?,
    })
}

fn price_range(low: &str, high: &str) -> Result<Option<(f64, f64)>, String> {
    if low.is_empty() && high.is_empty() {
        return Ok(None);
    }
    let bound = |text: &str| is_json_number(text).then(|| token_value(text));
    match (bound(low), bound(high)) {
        (Some(low), Some(high)) if low <= high => Ok(Some((low, high))),
        _ => Err(format!(
            "price_low {} and price_high {} are not two numbers in order, nor both empty",
            quoted(low),
            quoted(high)
        )),
    }
}

pub(crate) fn one_of(field: &str, given: &str, list: &str) -> String {
    format!("{field} {} is none of {list}", quoted(given))
}

/// The form of a symbol, for messages.
pub(crate) const SYMBOL_FORM: &str = "[A-Z0-9^][A-Z0-9.^=_-]{0,19}";

/// True for a symbol that can stand in keys, series and folders.
pub(crate) fn is_symbol(text: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'^';
    match text.as_bytes() {
        [] => false,
        [first, rest @ ..] => {
            plain(first)
                && rest.len() <= 19
                && rest
                    .iter()
                    .all(|byte| plain(byte) || matches!(byte, b'.' | b'=' | b'_' | b'-'))
        }
    }
}

/// FNV-1a over the lines with one `\n` after each, cut to 63 bits.
fn digest(text: &str) -> i64 {
    let lines = text.lines().flat_map(|line| line.bytes().chain([b'\n']));
    let hash = lines.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 1) as i64
}
