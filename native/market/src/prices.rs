//! The rules of prices and volume: present, in range, of the right sign, in order, plausible.

use crate::checks::{Checked, missing, null, refuse, token};
use crate::fields::{Field, RawRecord, Value};
use crate::number::{shown, token_value};
use crate::reason::{Reason, clipped};
use crate::record::AssetClass;
use crate::reference::Instrument;

/// Prices are below this in absolute value.
const PRICE_LIMIT: f64 = 1e12;
/// Volumes fit a signed 64-bit integer.
const VOLUME_LIMIT: f64 = 9_223_372_036_854_775_808.0;

/// The four prices of a row.
pub(crate) struct Prices {
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    /// True when only the close was given.
    pub(crate) closes_only: bool,
}

impl Prices {
    fn named(&self) -> [(&'static str, f64); 4] {
        [
            ("open", self.open),
            ("high", self.high),
            ("low", self.low),
            ("close", self.close),
        ]
    }
}

pub(crate) fn prices(raw: &RawRecord<'_>, may_be_closes_only: bool) -> Checked<Prices> {
    let close = price(raw, Field::Close)?;
    let absent = |field| matches!(raw.get(field), Value::Missing | Value::Null);
    if may_be_closes_only
        && [Field::Open, Field::High, Field::Low]
            .into_iter()
            .all(absent)
    {
        return Ok(Prices {
            open: close,
            high: close,
            low: close,
            close,
            closes_only: true,
        });
    }
    Ok(Prices {
        open: price(raw, Field::Open)?,
        high: price(raw, Field::High)?,
        low: price(raw, Field::Low)?,
        close,
        closes_only: false,
    })
}

fn price(raw: &RawRecord<'_>, field: Field) -> Checked<f64> {
    let Some(token) = token(raw, field)? else {
        return if raw.has(field) {
            null(raw, field)
        } else {
            missing(raw, field)
        };
    };
    let value = token_value(token);
    if value.abs() < PRICE_LIMIT {
        return Ok(value);
    }
    let (name, shown) = (field.name(), clipped(token));
    refuse(
        Reason::HugeNumber,
        format!("{name} {shown} is not below 1e12 in absolute value"),
    )
}

pub(crate) fn check_signs(prices: &Prices, asset_class: AssetClass) -> Checked<()> {
    match asset_class {
        AssetClass::Commodity => Ok(()),
        AssetClass::BondYield => {
            match prices
                .named()
                .into_iter()
                .find(|(_, value)| value.abs() >= 1.0)
            {
                None => Ok(()),
                Some((name, value)) => {
                    let value = shown(value);
                    let detail =
                        format!("{name} {value} of a bond_yield is not a fraction below 1");
                    refuse(Reason::DriftUnits, detail)
                }
            }
        }
        _ => {
            if let Some((name, value)) = prices.named().into_iter().find(|(_, value)| *value < 0.0)
            {
                return refuse(
                    Reason::NegativePrice,
                    format!("{name} {} is negative", shown(value)),
                );
            }
            match prices.named().into_iter().find(|(_, value)| *value == 0.0) {
                Some((name, _)) => refuse(Reason::ZeroPrice, format!("{name} is 0")),
                None => Ok(()),
            }
        }
    }
}

pub(crate) fn volume(raw: &RawRecord<'_>) -> Checked<Option<f64>> {
    let Some(token) = token(raw, Field::Volume)? else {
        return Ok(None);
    };
    let value = token_value(token);
    if value.is_nan() || value.abs() >= VOLUME_LIMIT {
        let detail = format!(
            "volume {} is not below 2^63 in absolute value",
            clipped(token)
        );
        return refuse(Reason::HugeNumber, detail);
    }
    if value < 0.0 {
        return refuse(
            Reason::NegativeVolume,
            format!("volume {} is negative", clipped(token)),
        );
    }
    Ok(Some(value))
}

pub(crate) fn check_order(prices: &Prices) -> Checked<()> {
    let Prices {
        open,
        high,
        low,
        close,
        ..
    } = *prices;
    if high < low {
        let detail = format!("high {} is below low {}", shown(high), shown(low));
        return refuse(Reason::HighBelowLow, detail);
    }
    for (name, value, reason) in [
        ("open", open, Reason::OpenOutsideRange),
        ("close", close, Reason::CloseOutsideRange),
    ] {
        if value > high {
            return refuse(
                reason,
                format!("{name} {} is above high {}", shown(value), shown(high)),
            );
        }
        if value < low {
            return refuse(
                reason,
                format!("{name} {} is below low {}", shown(value), shown(low)),
            );
        }
    }
    Ok(())
}

pub(crate) fn check_plausible(
    prices: &Prices,
    symbol: &str,
    instrument: Option<&Instrument>,
) -> Checked<()> {
    let Some((low, high)) = instrument.and_then(|instrument| instrument.price_range) else {
        return Ok(());
    };
    let outside = |(_, value): &(&str, f64)| *value < low || *value > high;
    match prices.named().into_iter().find(outside) {
        None => Ok(()),
        Some((name, value)) => {
            let (value, low, high) = (shown(value), shown(low), shown(high));
            let detail =
                format!("{name} {value} is outside {low} to {high}, plausible for {symbol}");
            refuse(Reason::Outlier, detail)
        }
    }
}
