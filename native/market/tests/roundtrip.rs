//! A record written as JSON or CSV is read back as it was, and columns hold what records hold.

mod common;

use std::borrow::Cow;

use common::{RECEIVED, parser};
use financelake_market::{
    Adjustment, AssetClass, COLUMNS, ColumnBatch, ColumnKind, ColumnView, Format, Freq, Outcome,
    ParserConfig, Record, Region, epoch_day, year_of_day,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn instant(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros)
        .expect("in range")
        .to_string()
}

fn record() -> impl Strategy<Value = Record<'static>> {
    let names = (
        "[A-Z0-9^][A-Z0-9.^=_-]{0,19}",
        proptest::sample::select(Freq::ALL),
        "[^/\"\\pC\\pZ]{1,20}",
        proptest::sample::select(Adjustment::ALL),
        proptest::sample::select(Region::ALL),
        proptest::sample::select(AssetClass::ALL),
        proptest::option::of("[A-Z]{3}"),
        proptest::option::of("[^\"\\pC]{1,30}"),
    );
    let prices = [1e-9..1.0_f64, 1e-9..1.0, 1e-9..1.0, 1e-9..1.0];
    let numbers = (prices, 0..=11_i32, proptest::option::of(0.0..1e15_f64));
    let counts = (
        0..i64::MAX,
        0..i64::MAX,
        -62_000_000_000_i64..1_796_083_200,
        0..1_000_000_i64,
    );
    (names, numbers, counts).prop_map(|(names, numbers, counts)| {
        let (symbol, freq, source, adjustment, region, asset_class, currency, event_id) = names;
        let (mut prices, scale, volume) = numbers;
        let (seq, revision, seconds, micros) = counts;
        prices.sort_by(f64::total_cmp);
        let scale = if asset_class == AssetClass::BondYield {
            1.0
        } else {
            10_f64.powi(scale)
        };
        let [low, open, close, high] = prices.map(|price| price * scale);
        let ts = match seconds * 1_000_000 + micros {
            ts if freq == Freq::Day1 => ts - ts.rem_euclid(86_400_000_000),
            ts => ts,
        };
        Record {
            symbol: Cow::Owned(symbol),
            freq,
            source: Cow::Owned(source),
            adjustment,
            seq,
            revision,
            ts: if ts == 0 { 86_400_000_000 } else { ts },
            region,
            asset_class,
            currency: currency.map(Cow::Owned),
            open,
            high,
            low,
            close,
            volume,
            closes_only: false,
            event_id: event_id.map(Cow::Owned),
            extra: None,
        }
    })
}

const FIELDS: [&str; 16] = [
    "symbol",
    "freq",
    "source",
    "adjustment",
    "seq",
    "revision",
    "ts",
    "region",
    "asset_class",
    "currency",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "event_id",
];

fn fields(record: &Record<'_>) -> Vec<(&'static str, Value)> {
    let values = [
        json!(record.symbol),
        json!(record.freq.as_str()),
        json!(record.source),
        json!(record.adjustment.as_str()),
        json!(record.seq),
        json!(record.revision),
        json!(instant(record.ts)),
        json!(record.region.as_str()),
        json!(record.asset_class.as_str()),
        json!(record.currency),
        json!(record.open),
        json!(record.high),
        json!(record.low),
        json!(record.close),
        json!(record.volume),
        json!(record.event_id),
    ];
    FIELDS.into_iter().zip(values).collect()
}

proptest! {
    #[test]
    fn json_is_read_back(record in record()) {
        let object: Map<String, Value> =
            fields(&record).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let text = Value::Object(object).to_string();
        let parser = parser(ParserConfig::default());
        prop_assert_eq!(parser.parse(text.as_bytes(), RECEIVED), Outcome::Accepted(record));
    }

    #[test]
    fn csv_is_read_back(record in record()) {
        let cells: Vec<String> = fields(&record)
            .into_iter()
            .map(|(_, value)| match value {
                Value::Null => String::new(),
                Value::String(text) if text.contains([',', '"']) => format!("\"{text}\""),
                Value::String(text) => text,
                other => other.to_string(),
            })
            .collect();
        let columns = FIELDS.map(str::to_owned).to_vec();
        let parser = parser(ParserConfig { format: Format::Csv, columns, ..ParserConfig::default() });
        let line = cells.join(",");
        prop_assert_eq!(parser.parse(line.as_bytes(), RECEIVED), Outcome::Accepted(record));
    }

    #[test]
    fn columns_hold_the_records(rows in proptest::collection::vec(proptest::option::of(record()), 0..40)) {
        let parser = parser(ParserConfig::default());
        let mut batch = ColumnBatch::with_capacity(0);
        for row in &rows {
            let outcome = row.clone().map_or_else(
                || parser.parse(b"{}", RECEIVED),
                Outcome::Accepted,
            );
            batch.push(&outcome, RECEIVED).expect("fits");
        }
        assert_columns(&batch, &rows);
    }
}

/// Reads the written block as another language would: by name, place and kind.
struct Block<'a> {
    bytes: Vec<u8>,
    batch: &'a ColumnBatch,
}

impl Block<'_> {
    fn part<const N: usize>(&self, start: usize, row: usize) -> [u8; N] {
        let start = start + row * N;
        self.bytes[start..start + N].try_into().expect("N bytes")
    }

    fn cell(&self, name: &str, row: usize) -> Value {
        let index = COLUMNS
            .iter()
            .position(|spec| spec.name == name)
            .expect("a column");
        let place = self.batch.layout().0[index];
        if self.bytes[place.validity + row / 8] >> (row % 8) & 1 == 0 {
            return Value::Null;
        }
        match COLUMNS[index].kind {
            ColumnKind::Text => {
                let offsets = place.offsets.expect("offsets of a text");
                let [from, to] =
                    [row, row + 1].map(|row| i32::from_ne_bytes(self.part(offsets, row)) as usize);
                let bytes = &self.bytes[place.values + from..place.values + to];
                json!(std::str::from_utf8(bytes).expect("UTF-8"))
            }
            ColumnKind::Float64 => json!(f64::from_ne_bytes(self.part(place.values, row))),
            ColumnKind::Int64 | ColumnKind::Timestamp => {
                json!(i64::from_ne_bytes(self.part(place.values, row)))
            }
            ColumnKind::Int32 | ColumnKind::Date => {
                json!(i32::from_ne_bytes(self.part(place.values, row)))
            }
            ColumnKind::Bool => json!(self.bytes[place.values + row] == 1),
        }
    }
}

fn assert_columns(batch: &ColumnBatch, rows: &[Option<Record<'_>>]) {
    let (places, size) = batch.layout();
    assert_eq!(places.len(), COLUMNS.len());
    let mut block = Block {
        bytes: vec![0xaa; size],
        batch,
    };
    batch.write(&mut block.bytes);
    assert_eq!(batch.rows(), rows.len());
    assert_eq!(batch.accepted(), rows.iter().flatten().count());
    for ((spec, place), (_, view)) in COLUMNS.iter().zip(&places).zip(batch.columns()) {
        let fits = match view {
            ColumnView::Text(..) => spec.kind == ColumnKind::Text,
            ColumnView::F64(_) => spec.kind == ColumnKind::Float64,
            ColumnView::I64(_) => matches!(spec.kind, ColumnKind::Int64 | ColumnKind::Timestamp),
            ColumnView::I32(_) => matches!(spec.kind, ColumnKind::Int32 | ColumnKind::Date),
            ColumnView::Bool(_) => spec.kind == ColumnKind::Bool,
        };
        assert!(
            fits && place.validity % 8 == 0 && place.values % 8 == 0,
            "{}",
            spec.name
        );
    }
    for (row, record) in rows.iter().enumerate() {
        assert_eq!(block.cell("received_date", row), json!(epoch_day(RECEIVED)));
        let Some(record) = record else {
            assert_eq!(block.cell("reason", row), json!("missing_field"));
            assert_eq!(block.cell("detail", row), json!("symbol is missing"));
            for spec in COLUMNS {
                let filled = ["reason", "detail", "received_date"].contains(&spec.name);
                assert_eq!(
                    block.cell(spec.name, row).is_null(),
                    !filled,
                    "{}",
                    spec.name
                );
            }
            continue;
        };
        for (name, value) in fields(record) {
            let wanted = if name == "ts" {
                json!(record.ts)
            } else {
                value
            };
            assert_eq!(block.cell(name, row), wanted, "{name}");
        }
        let day = epoch_day(record.ts);
        for (name, wanted) in [
            ("series", json!(record.series())),
            ("date", json!(day)),
            ("year", json!(year_of_day(day))),
            ("closes_only", json!(false)),
            ("extra", Value::Null),
            ("reason", Value::Null),
            ("detail", Value::Null),
        ] {
            assert_eq!(block.cell(name, row), wanted, "{name}");
        }
    }
}
