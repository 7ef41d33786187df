//! Where and what an instrument is: region and asset class of a record beside the reference.

use crate::checks::{Checked, REQUIRED, missing, refuse};
use crate::fields::{Field, RawRecord, Value};
use crate::json::find_nested;
use crate::reason::{Reason, quoted};
use crate::record::{AssetClass, Region};
use crate::reference::{Instrument, Reference};

/// What the record and the reference together say about the instrument.
pub(crate) struct Place<'a> {
    pub(crate) region: Region,
    pub(crate) asset_class: AssetClass,
    /// Its entry in the reference, if it has one.
    pub(crate) instrument: Option<&'a Instrument>,
}

/// Region and asset class, given or filled from the reference, and never against it.
pub(crate) fn place<'a>(
    raw: &RawRecord<'_>,
    symbol: &str,
    reference: &'a Reference,
) -> Checked<Place<'a>> {
    let asset_class = closed(
        raw,
        Field::AssetClass,
        Reason::UnknownAssetClass,
        AssetClass::parse,
    )?;
    let region = closed(raw, Field::Region, Reason::UnknownRegion, Region::parse)?;
    let known = reference.find(symbol);
    if known.is_empty() {
        return match (region, asset_class) {
            (Some(region), Some(asset_class)) => Ok(Place {
                region,
                asset_class,
                instrument: None,
            }),
            (given, _) => {
                let absent = if given.is_none() {
                    Field::Region
                } else {
                    Field::AssetClass
                };
                if find_nested(raw, &REQUIRED).is_some() {
                    return missing(raw, absent);
                }
                let absent = absent.name();
                let detail = format!("{absent} is missing, and the reference has no {symbol}");
                refuse(Reason::MissingField, detail)
            }
        };
    }
    let fits_class =
        |entry: &&Instrument| asset_class.is_none_or(|class| class == entry.asset_class);
    if let Some(class) = asset_class.filter(|_| !known.iter().any(|entry| fits_class(&entry))) {
        let listed = known
            .iter()
            .map(|entry| entry.asset_class.as_str())
            .collect::<Vec<_>>();
        let (class, listed) = (class.as_str(), listed.join(" and "));
        let detail =
            format!("asset_class {class} is not that of {symbol} in the reference: {listed}");
        return refuse(Reason::UnknownAssetClass, detail);
    }
    let fits_region = |entry: &&Instrument| region.is_none_or(|region| region == entry.region);
    let mut fitting = known.iter().filter(fits_class).filter(fits_region);
    let Some(instrument) = fitting.next() else {
        let listed = known
            .iter()
            .filter(fits_class)
            .map(|entry| entry.region.as_str());
        let (given, listed) = (
            region.map_or("", Region::as_str),
            listed.collect::<Vec<_>>(),
        );
        let listed = listed.join(" and ");
        let detail = format!("region {given} is not that of {symbol} in the reference: {listed}");
        return refuse(Reason::RegionMismatch, detail);
    };
    if fitting.next().is_some() {
        let detail = format!("{symbol} names several instruments: write asset_class and region");
        return refuse(Reason::MissingField, detail);
    }
    let Instrument {
        region,
        asset_class,
        ..
    } = *instrument;
    Ok(Place {
        region,
        asset_class,
        instrument: Some(instrument),
    })
}

fn closed<T>(
    raw: &RawRecord<'_>,
    field: Field,
    unknown: Reason,
    parse: fn(&str) -> Option<T>,
) -> Checked<Option<T>> {
    let name = field.name();
    match raw.get(field) {
        Value::Missing => Ok(None),
        Value::Text(text) => match parse(text) {
            Some(value) => Ok(Some(value)),
            None => refuse(unknown, format!("{name} {} is unknown", quoted(text))),
        },
        Value::Null if raw.csv => refuse(unknown, format!("{name} is empty")),
        other => refuse(unknown, format!("{name} is {}", other.kind())),
    }
}
