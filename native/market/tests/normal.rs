//! Normalising changes how a record is written and nothing else: decided again, it is the same record.

mod common;

use common::{RECEIVED, parser, reference};
use financelake_market::{Outcome, Parser, ParserConfig};
use proptest::prelude::*;

fn shipped() -> Parser {
    parser(ParserConfig {
        reference: reference(),
        closes_only_sources: vec!["closes".to_owned()],
        ..ParserConfig::default()
    })
}

/// Checks one record, and says whether it was accepted.
fn check(parser: &Parser, line: &[u8]) -> bool {
    let Outcome::Accepted(record) = parser.parse(line, RECEIVED) else {
        return false;
    };
    let text = record.to_json();
    let again = parser.parse(text.as_bytes(), RECEIVED);
    let shown = String::from_utf8_lossy(line);
    assert_eq!(Outcome::Accepted(record), again, "{shown}\nbecame\n{text}");
    let Outcome::Accepted(record) = &again else {
        unreachable!()
    };
    assert_eq!(record.to_json(), text, "it is normal already");
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    // That crate rounds some numbers by one bit.
    let close = parsed["close"].as_f64().unwrap();
    assert!((close - record.close).abs() <= record.close.abs() * 1e-15);
    true
}

#[test]
fn the_faulty_record_set_stays_as_it_was_decided() {
    let parser = shipped();
    let lines = include_bytes!("dirty/stock_ticks.jsonl").split(|byte| *byte == b'\n');
    let accepted = lines.filter(|line| check(&parser, line)).count();
    assert!(accepted >= 84, "{accepted}: 72 ok, 5 late and 7 dup");
}

#[test]
fn each_producer_gets_the_same_form() {
    let parser = shipped();
    for (given, expected) in [
        (
            r#"{"symbol":"AAPL","timestamp":"2024-01-31T10:00:00.500-05:00","price":184.40,"open":184,"high":185e0,"low":183,"data_type":"x"}"#,
            r#"{"symbol":"AAPL","ts":"2024-01-31T15:00:00.500000Z","freq":"1m","source":"unknown","adjustment":"raw","region":"US","asset_class":"equity","currency":"USD","seq":0,"revision":0,"open":184.0,"high":185.0,"low":183.0,"close":184.4}"#,
        ),
        (
            r#"{"symbol":"XXQ","ts":"0001-01-01T00:00:00Z","close":0.5,"region":"EU","asset_class":"fx_reference","seq":3,"volume":1e-7,"note":{"a":[1.50]},"b":"\""}"#,
            r#"{"symbol":"XXQ","ts":"0001-01-01T00:00:00Z","freq":"1m","source":"unknown","adjustment":"raw","region":"EU","asset_class":"fx_reference","seq":3,"revision":0,"close":0.5,"volume":1e-7,"note":{"a":[1.50]},"b":"\""}"#,
        ),
    ] {
        let outcome = parser.parse(given.as_bytes(), RECEIVED);
        let Outcome::Accepted(record) = &outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(record.to_json(), expected);
        assert!(check(&parser, given.as_bytes()));
    }
}

proptest! {
    #[test]
    fn any_accepted_record_survives(
        micros in -62_135_596_800_000_000_i64..RECEIVED,
        close in prop_oneof![1e-300..4e11_f64, 0.01..1000_f64],
        spread in 0.0..1.0_f64,
        volume in proptest::option::of(0.0..9e18_f64),
        seq in 0..i64::MAX,
        source in prop_oneof![Just("closes"), Just("yahoo"), Just("börse")],
        only_close in any::<bool>(),
        extra in "[ -~äé\u{1F600}]{0,12}",
    ) {
        prop_assume!(micros != 0, "which stands for no time");
        let time = jiff::Timestamp::from_microsecond(micros).unwrap();
        let (high, low) = (close * (1.0 + spread), close * (1.0 - spread * 0.5));
        let mut record = serde_json::json!({
            "symbol": "ZZZ", "ts": time.to_string(), "close": close, "volume": volume, "seq": seq,
            "source": source, "region": "GLOBAL", "asset_class": "crypto", "note": extra, "event_id": extra,
        });
        if !only_close || source != "closes" {
            record["open"] = close.into();
            record["high"] = high.into();
            record["low"] = low.into();
        }
        prop_assert!(check(&shipped(), record.to_string().as_bytes()), "{record}: {:?}", shipped().parse(record.to_string().as_bytes(), RECEIVED));
    }
}
