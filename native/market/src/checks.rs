//! The rules that a decoded record must pass, in the order in which they are tried.
//!
//! The first broken rule decides. Shape comes first (names that drifted), then what identifies the
//! row, then the instrument, then prices and volume, so that a detail names the cause and not one of
//! its consequences.

use std::borrow::Cow;

use crate::fields::{Field, RawRecord, Value};
use crate::instant::{MICROS_PER_DAY, Moment, parse_instant};
use crate::json::find_nested;
use crate::number::{is_json_number, refuse_number_text, token_value};
use crate::place::place;
use crate::prices::{check_order, check_plausible, check_signs, prices, volume};
use crate::reason::{Reason, Refusal, clipped, quoted};
use crate::record::{Adjustment, AssetClass, Freq, Record};
use crate::reference::{Reference, SYMBOL_FORM, is_symbol, one_of};

/// What stands for absent fields of one file or topic.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) freq: Freq,
    pub(crate) source: String,
    pub(crate) adjustment: Adjustment,
    pub(crate) closes_only: bool,
    pub(crate) closes_only_sources: Vec<String>,
}

/// How far `ts` may be ahead of the time of receipt: clocks differ a little.
const MAX_AHEAD_MICROS: i64 = 5 * 60 * 1_000_000;
const SOURCE_LETTERS: usize = 64;
/// Fields that may be looked for inside nested objects.
pub(crate) const REQUIRED: [Field; 6] = [
    Field::Symbol,
    Field::Ts,
    Field::Open,
    Field::High,
    Field::Low,
    Field::Close,
];

pub(crate) type Checked<T> = Result<T, Refusal>;

pub(crate) fn refuse<T>(reason: Reason, detail: impl Into<String>) -> Checked<T> {
    Err(Refusal::new(reason, detail))
}

pub(crate) fn check<'a>(
    raw: &mut RawRecord<'a>,
    defaults: &'a Defaults,
    reference: &'a Reference,
    received: i64,
) -> Checked<Record<'a>> {
    raw.map_older_form();
    check_drift(raw)?;
    let symbol = symbol(raw)?;
    let freq = listed(
        raw,
        Field::Freq,
        defaults.freq,
        Freq::parse,
        Freq::spellings,
    )?;
    let ts = timestamp(raw, freq, received)?;
    let source = source(raw, defaults)?;
    let adjustment = listed(
        raw,
        Field::Adjustment,
        defaults.adjustment,
        Adjustment::parse,
        Adjustment::spellings,
    )?;
    let seq = count(raw, Field::Seq)?;
    let revision = count(raw, Field::Revision)?;
    let event_id = optional_text(raw, Field::EventId)?;
    let currency = optional_text(raw, Field::Currency)?;
    let place = place(raw, &symbol, reference)?;
    let may_be_closes_only = matches!(
        place.asset_class,
        AssetClass::BondYield | AssetClass::FxReference
    ) || defaults.closes_only
        || defaults
            .closes_only_sources
            .iter()
            .any(|declared| *declared == source);
    let prices = prices(raw, may_be_closes_only)?;
    check_signs(&prices, place.asset_class)?;
    let volume = volume(raw)?;
    check_order(&prices)?;
    if adjustment == Adjustment::Raw {
        check_plausible(&prices, &symbol, place.instrument)?;
    }
    Ok(Record {
        freq,
        source,
        adjustment,
        seq,
        revision,
        ts,
        region: place.region,
        asset_class: place.asset_class,
        currency: currency.or_else(|| {
            let known = place
                .instrument
                .map(|instrument| instrument.currency.as_str());
            known
                .filter(|currency| !currency.is_empty())
                .map(Cow::Borrowed)
        }),
        open: prices.open,
        high: prices.high,
        low: prices.low,
        close: prices.close,
        volume,
        closes_only: prices.closes_only,
        event_id,
        extra: raw.extra(),
        symbol,
    })
}

/// Unknown fields are welcome, but not when they are known ones in disguise.
fn check_drift(raw: &RawRecord<'_>) -> Checked<()> {
    for (name, value) in &raw.unknown {
        // The older names are known too; they are here when ts or close were given beside them.
        if Field::parse(name).is_some() {
            continue;
        }
        if let Some(known) = Field::respelled(name) {
            let detail = format!(
                "field {} is {known} in another spelling: write {known}",
                quoted(name)
            );
            return refuse(Reason::DriftRenamedField, detail);
        }
        if name == "price_scale" {
            let scale = match value {
                Value::Number(token) => Some(*token),
                Value::Text(text) => Some(&**text),
                _ => None,
            };
            if let Some(scale) = scale.filter(|scale| token_value(scale) != 1.0) {
                let scale = clipped(scale);
                let detail = format!("price_scale {scale}: write prices in units of the currency");
                return refuse(Reason::DriftUnits, detail);
            }
        }
    }
    Ok(())
}

pub(crate) fn missing<T>(raw: &RawRecord<'_>, field: Field) -> Checked<T> {
    let name = field.name();
    if let Some((object, found)) =
        find_nested(raw, &[field]).or_else(|| find_nested(raw, &REQUIRED))
    {
        let object = quoted(object);
        let detail = format!("{name} is missing, and {found} stands inside the field {object}");
        return refuse(Reason::DriftNested, detail);
    }
    refuse(Reason::MissingField, format!("{name} is missing"))
}

pub(crate) fn null<T>(raw: &RawRecord<'_>, field: Field) -> Checked<T> {
    let state = if raw.csv { "empty" } else { "null" };
    refuse(Reason::NullField, format!("{} is {state}", field.name()))
}

fn wrong_type<T>(field: Field, value: &Value<'_>, wanted: &str) -> Checked<T> {
    refuse(
        Reason::WrongType,
        format!("{} is {}, not {wanted}", field.name(), value.kind()),
    )
}

fn symbol<'a>(raw: &mut RawRecord<'a>) -> Checked<Cow<'a, str>> {
    match raw.take(Field::Symbol) {
        Value::Missing => missing(raw, Field::Symbol),
        Value::Null => null(raw, Field::Symbol),
        Value::Text(text) if is_symbol(&text) => Ok(text),
        Value::Text(text) => {
            let detail = format!("symbol {} is not of the form {SYMBOL_FORM}", quoted(&text));
            refuse(Reason::BadSymbol, detail)
        }
        other => wrong_type(Field::Symbol, &other, "a text"),
    }
}

fn timestamp(raw: &RawRecord<'_>, freq: Freq, received: i64) -> Checked<i64> {
    let text = match raw.get(Field::Ts) {
        Value::Missing => return missing(raw, Field::Ts),
        Value::Null => return null(raw, Field::Ts),
        Value::Text(text) => text,
        Value::Number(token) => {
            let detail = format!(
                "ts {} is a number of an unknown unit: write an instant such as 2024-03-04T14:30:00Z",
                clipped(token)
            );
            return refuse(Reason::BadTs, detail);
        }
        other => return wrong_type(Field::Ts, other, "a text"),
    };
    let bad = |why: &str| refuse(Reason::BadTs, format!("ts {} {why}", quoted(text)));
    let ts = match parse_instant(text) {
        Ok(Moment::Instant(micros)) => micros,
        Ok(Moment::Date(day)) if raw.csv && freq == Freq::Day1 => i64::from(day) * MICROS_PER_DAY,
        Ok(Moment::Date(_)) => return bad("is a date without time and zone"),
        Err(why) => return bad(why),
    };
    if ts == 0 {
        return bad("is the start of 1970, which stands for no time");
    }
    if freq == Freq::Day1 && ts % MICROS_PER_DAY != 0 {
        return bad("is not 00:00Z of the day, as freq 1d asks for");
    }
    if ts > received.saturating_add(MAX_AHEAD_MICROS) {
        let detail = format!(
            "ts {} is more than 5 minutes after the time of receipt",
            quoted(text)
        );
        return refuse(Reason::FutureTs, detail);
    }
    Ok(ts)
}

fn listed<T: Copy>(
    raw: &RawRecord<'_>,
    field: Field,
    default: T,
    parse: fn(&str) -> Option<T>,
    spellings: fn() -> String,
) -> Checked<T> {
    match raw.get(field) {
        Value::Missing | Value::Null => Ok(default),
        Value::Text(text) => parse(text).ok_or_else(|| {
            Refusal::new(Reason::WrongType, one_of(field.name(), text, &spellings()))
        }),
        other => wrong_type(field, other, "a text"),
    }
}

fn source<'a>(raw: &mut RawRecord<'a>, defaults: &'a Defaults) -> Checked<Cow<'a, str>> {
    match optional_text(raw, Field::Source)? {
        None => Ok(Cow::Borrowed(&defaults.source)),
        Some(text) => {
            check_source(&text)?;
            Ok(text)
        }
    }
}

/// A source is a part of a series and must not look like several of them.
pub(crate) fn check_source(text: &str) -> Checked<()> {
    if text.contains('/') || text.trim() != text || text.is_empty() {
        let detail = format!(
            "source {} has a slash or blanks around it, or is empty",
            quoted(text)
        );
        return refuse(Reason::BadSymbol, detail);
    }
    if text.len() > SOURCE_LETTERS && text.chars().count() > SOURCE_LETTERS {
        let detail = format!(
            "source {} has more than {SOURCE_LETTERS} letters",
            quoted(text)
        );
        return refuse(Reason::BadSymbol, detail);
    }
    refuse_control(Field::Source, text)
}

fn refuse_control(field: Field, text: &str) -> Checked<()> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        let detail = format!(
            "{} {} holds a control character",
            field.name(),
            quoted(text)
        );
        return refuse(Reason::ControlByte, detail);
    }
    Ok(())
}

/// A text or nothing; null and the empty text are nothing.
fn optional_text<'a>(raw: &mut RawRecord<'a>, field: Field) -> Checked<Option<Cow<'a, str>>> {
    match raw.take(field) {
        Value::Missing | Value::Null => Ok(None),
        Value::Text(text) if text.is_empty() => Ok(None),
        Value::Text(text) => {
            refuse_control(field, &text)?;
            Ok(Some(text))
        }
        other => wrong_type(field, &other, "a text"),
    }
}

/// An integer of 0 or more; absent and null are 0.
fn count(raw: &RawRecord<'_>, field: Field) -> Checked<i64> {
    let Some(token) = token(raw, field)? else {
        return Ok(0);
    };
    let name = field.name();
    let shown = clipped(token);
    if !token.bytes().all(|byte| byte.is_ascii_digit()) {
        let detail = format!("{name} {shown} is not an integer of 0 or more");
        return refuse(Reason::WrongType, detail);
    }
    token.parse().or_else(|_| {
        refuse(
            Reason::HugeNumber,
            format!("{name} {shown} is not below 2^63"),
        )
    })
}

/// The token of a number, also of one that came as a text; `None` when absent or null.
pub(crate) fn token<'r>(raw: &'r RawRecord<'_>, field: Field) -> Checked<Option<&'r str>> {
    match raw.get(field) {
        Value::Missing | Value::Null => Ok(None),
        Value::Number(token) => Ok(Some(token)),
        Value::Text(text) if is_json_number(text) => Ok(Some(text)),
        Value::Text(text) => Err(refuse_number_text(field.name(), text)),
        other => wrong_type(field, other, "a number"),
    }
}
