//! Settings of a parser and the reference: what fills a record, and what is refused with which words.

mod common;

use common::{RECEIVED, parser};
use financelake_market::{Format, Outcome, Parser, ParserConfig, Reason, Reference};

const REFERENCE: &str = "symbol,name,region,asset_class,currency,exchange\n\
    AAPL,Apple,US,equity,USD,XNAS\n\
    EURUSD,\"Euro, in dollars\",GLOBAL,fx,USD,OTC\n\
    EURUSD,Reference rate,EU,fx_reference,USD,ECB\n";

fn config() -> ParserConfig {
    ParserConfig {
        reference: REFERENCE.to_owned(),
        ..ParserConfig::default()
    }
}

fn reason(parser: &Parser, record: &str) -> (Reason, String) {
    match parser.parse(record.as_bytes(), RECEIVED) {
        Outcome::Refused(refusal) => (refusal.reason, refusal.detail),
        other => panic!("{record}: {other:?}"),
    }
}

const PRICES: &str = r#""ts":"2024-03-04T14:30:00Z","open":2,"high":3,"low":1,"close":2"#;

#[test]
fn a_symbol_with_several_instruments_needs_one_more_word() {
    let parser = parser(config());
    let record = |more: &str| format!(r#"{{"symbol":"EURUSD",{PRICES}{more}}}"#);
    for (more, region, class) in [
        (r#","asset_class":"fx""#, "GLOBAL", "fx"),
        (r#","region":"EU""#, "EU", "fx_reference"),
        (r#","region":"GLOBAL","asset_class":"fx""#, "GLOBAL", "fx"),
    ] {
        let text = record(more);
        match parser.parse(text.as_bytes(), RECEIVED) {
            Outcome::Accepted(record) => {
                assert_eq!(
                    (record.region.as_str(), record.asset_class.as_str()),
                    (region, class)
                );
            }
            other => panic!("{more}: {other:?}"),
        };
    }
    assert_eq!(reason(&parser, &record("")).0, Reason::MissingField);
    let (code, detail) = reason(&parser, &record(r#","asset_class":"fx","region":"EU""#));
    assert_eq!(code, Reason::RegionMismatch);
    assert_eq!(
        detail,
        "region EU is not that of EURUSD in the reference: GLOBAL"
    );
    let (code, detail) = reason(&parser, &record(r#","asset_class":"commodity""#));
    assert_eq!(code, Reason::UnknownAssetClass);
    assert_eq!(
        detail,
        "asset_class commodity is not that of EURUSD in the reference: fx and fx_reference"
    );
}

#[test]
fn an_unknown_symbol_must_bring_region_and_asset_class() {
    let parser = parser(config());
    let record = |more: &str| format!(r#"{{"symbol":"ZZZ",{PRICES}{more}}}"#);
    assert_eq!(
        reason(&parser, &record("")),
        (
            Reason::MissingField,
            "region is missing, and the reference has no ZZZ".to_owned()
        )
    );
    let text = record(r#","region":"EU","asset_class":"equity""#);
    assert!(matches!(
        parser.parse(text.as_bytes(), RECEIVED),
        Outcome::Accepted(_)
    ));
}

#[test]
fn only_closes_only_sources_may_leave_prices_out() {
    let record =
        |more: &str| format!(r#"{{"symbol":"AAPL","ts":"2024-03-04T14:30:00Z","close":2{more}}}"#);
    let strict = parser(config());
    assert_eq!(
        reason(&strict, &record("")),
        (Reason::MissingField, "open is missing".to_owned())
    );
    let named = parser(ParserConfig {
        closes_only_sources: vec!["fixing".to_owned()],
        ..config()
    });
    let text = record(r#","source":"fixing""#);
    match named.parse(text.as_bytes(), RECEIVED) {
        Outcome::Accepted(record) => {
            assert!(record.closes_only);
            assert_eq!((record.open, record.high, record.low), (2.0, 2.0, 2.0));
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(&named, &record("")).0, Reason::MissingField);
    let all = parser(ParserConfig {
        closes_only: true,
        ..config()
    });
    assert!(matches!(
        all.parse(record("").as_bytes(), RECEIVED),
        Outcome::Accepted(_)
    ));
    // Some of the prices are not a closes-only row.
    assert_eq!(
        reason(&all, &record(r#","open":2"#)).0,
        Reason::MissingField
    );
}

#[test]
fn values_outside_their_lists_and_ranges_are_refused() {
    let parser = parser(config());
    let long = "x".repeat(65);
    for (field, code) in [
        (r#""freq":"2h""#, Reason::WrongType),
        (r#""freq":60"#, Reason::WrongType),
        (r#""adjustment":"Split""#, Reason::WrongType),
        (r#""seq":-1"#, Reason::WrongType),
        (r#""seq":1.0"#, Reason::WrongType),
        (r#""revision":9223372036854775808"#, Reason::HugeNumber),
        (r#""seq":"one""#, Reason::WrongType),
        (r#""source":"a/b""#, Reason::BadSymbol),
        (r#""source":" a""#, Reason::BadSymbol),
        (&format!(r#""source":"{long}""#), Reason::BadSymbol),
        (r#""source":"a\u0007""#, Reason::ControlByte),
        (r#""event_id":"\u0000""#, Reason::ControlByte),
        (r#""event_id":7"#, Reason::WrongType),
        (r#""freq":"1d""#, Reason::BadTs),
        (r#""volume":"1,000""#, Reason::NumberText),
        (r#""volume":"#, Reason::MalformedJson),
        (r#""price_scale":0.01"#, Reason::DriftUnits),
        (r#""Volume":1"#, Reason::DriftRenamedField),
    ] {
        let text = format!(r#"{{"symbol":"AAPL",{PRICES},{field}}}"#);
        assert_eq!(reason(&parser, &text).0, code, "{field}");
    }
    let cleaned = r#""seq":"7","revision":2,"price_scale":1,"price":9,"volume":-0.0,"source":"""#;
    let text = format!(r#"{{"symbol":"AAPL",{PRICES},{cleaned}}}"#);
    match parser.parse(text.as_bytes(), RECEIVED) {
        Outcome::Accepted(record) => {
            assert_eq!(
                (record.seq, record.revision, &*record.source),
                (7, 2, "unknown")
            );
            assert_eq!(record.volume.map(f64::to_bits), Some(0));
            assert_eq!(
                record.extra.as_deref(),
                Some(r#"{"price_scale":1,"price":9}"#)
            );
        }
        other => panic!("{other:?}"),
    };
}

#[test]
fn a_repeated_name_is_found_among_few_and_many_unknown_fields() {
    let parser = parser(config());
    for count in [1, 7, 8, 500] {
        let fields: String = (0..count).map(|n| format!(",\"f{n}\":{n}")).collect();
        let good = format!(r#"{{"symbol":"AAPL",{PRICES}{fields}}}"#);
        assert!(matches!(
            parser.parse(good.as_bytes(), RECEIVED),
            Outcome::Accepted(_)
        ));
        let text = format!(r#"{{"symbol":"AAPL",{PRICES}{fields},"f0":1}}"#);
        let detail = "field \"f0\" is there twice: one of the values is wrong".to_owned();
        assert_eq!(reason(&parser, &text), (Reason::DuplicateKeys, detail));
    }
}

#[test]
fn a_symbol_has_at_most_twenty_letters_of_its_alphabet() {
    let parser = parser(ParserConfig::default());
    let record = |symbol: &str| {
        let place = r#""region":"US","asset_class":"equity""#;
        format!(r#"{{"symbol":"{symbol}",{PRICES},{place}}}"#)
    };
    for symbol in [
        "A",
        "^GSPC",
        "9984.T",
        "BF.B",
        "EURUSD=X",
        "A_B-C",
        "ABCDEFGHIJKLMNOPQRST",
    ] {
        let text = record(symbol);
        assert!(matches!(
            parser.parse(text.as_bytes(), RECEIVED),
            Outcome::Accepted(_)
        ));
    }
    for symbol in [
        "",
        ".A",
        "-A",
        "=A",
        "_A",
        "aA",
        "A A",
        "A/B",
        "Aé",
        "ABCDEFGHIJKLMNOPQRSTU",
    ] {
        assert_eq!(
            reason(&parser, &record(symbol)).0,
            Reason::BadSymbol,
            "{symbol}"
        );
    }
}

#[test]
fn a_yield_is_a_fraction_of_any_sign() {
    let parser = parser(ParserConfig::default());
    let record = |close: &str| {
        format!(
            r#"{{"symbol":"X","region":"EU","asset_class":"bond_yield","ts":"2024-03-04T14:30:00Z","close":{close}}}"#
        )
    };
    for close in ["0.0425", "-0.005", "0"] {
        let text = record(close);
        assert!(
            matches!(
                parser.parse(text.as_bytes(), RECEIVED),
                Outcome::Accepted(_)
            ),
            "{close}"
        );
    }
    assert_eq!(reason(&parser, &record("4.25")).0, Reason::DriftUnits);
}

#[test]
fn the_future_starts_five_minutes_after_receipt() {
    let parser = parser(config());
    let text = format!(r#"{{"symbol":"AAPL",{PRICES}}}"#);
    let ts = 1_709_562_600_000_000;
    let at = |received| parser.parse(text.as_bytes(), received);
    assert!(matches!(at(ts - 300_000_000), Outcome::Accepted(_)));
    match at(ts - 300_000_001) {
        Outcome::Refused(refusal) => assert_eq!(refusal.reason, Reason::FutureTs),
        other => panic!("{other:?}"),
    }
    // Extreme times of receipt are no excuse for an overflow.
    assert!(matches!(at(i64::MAX), Outcome::Accepted(_)));
    assert!(matches!(at(i64::MIN), Outcome::Refused(_)));
}

#[test]
fn wrong_settings_say_what_to_write() {
    for (json, wanted) in [
        (
            r#"{"format":"csv"}"#,
            "record configuration: format csv needs the list columns",
        ),
        (
            r#"{"freq":"2h"}"#,
            "record configuration: freq \"2h\" is none of tick, 1m, 5m, 15m, 30m, 1h, 1d",
        ),
        (
            r#"{"adjustment":"none"}"#,
            "record configuration: adjustment \"none\" is none of raw, split, total",
        ),
        (
            r#"{"source":"a/b"}"#,
            "record configuration: source \"a/b\" has a slash or blanks around it, or is empty",
        ),
        (
            r#"{"format":"csv","columns":["symbol","Close"]}"#,
            "record configuration: column \"Close\": write \"close\"",
        ),
        (
            r#"{"format":"csv","columns":["ts","ts"]}"#,
            "record configuration: column \"ts\" repeats an earlier one",
        ),
        (
            r#"{"reference":"symbol,name\n"}"#,
            "instruments reference, line 1: the header has no column region",
        ),
    ] {
        let error = ParserConfig::from_json(json).and_then(|config| Parser::new(&config));
        assert_eq!(
            error.map(|_| ()).map_err(|e| e.to_string()),
            Err(wanted.to_owned())
        );
    }
    let error = ParserConfig::from_json(r#"{"colums":[]}"#).map(|_| ());
    assert!(error.is_err_and(|error| error.to_string().contains("unknown field `colums`")));
}

#[test]
fn csv_takes_the_single_price_under_its_names() {
    let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let csv = |names: &[&str]| {
        let (format, columns) = (Format::Csv, columns(names));
        parser(ParserConfig {
            format,
            columns,
            closes_only: true,
            ..config()
        })
    };
    for (names, line, close, extra) in [
        (
            &["symbol", "ts", "adj_close"][..],
            "AAPL,2024-03-04T14:30:00Z,2",
            2.0,
            None,
        ),
        (
            &["symbol", "timestamp", "price"],
            "AAPL,2024-03-04T14:30:00Z,3",
            3.0,
            None,
        ),
        (
            &["symbol", "ts", "adj_close", "close"],
            "AAPL,2024-03-04T14:30:00Z,3,4\r\n",
            4.0,
            Some(r#"{"adj_close":"3"}"#),
        ),
        (
            &["symbol", "ts", "close", "note"],
            "AAPL,2024-03-04T14:30:00Z,6,\"a \"\"big\"\" one, \\\"",
            6.0,
            Some(r#"{"note":"a \"big\" one, \\"}"#),
        ),
        (
            &["symbol", "ts", "close", "note"],
            "\"AAPL\",2024-03-04T14:30:00Z,\"5\",",
            5.0,
            None,
        ),
    ] {
        let parser = csv(names);
        match parser.parse(line.as_bytes(), RECEIVED) {
            Outcome::Accepted(record) => {
                assert_eq!(
                    (record.close, record.extra.as_deref()),
                    (close, extra),
                    "{line}"
                );
            }
            other => panic!("{line}: {other:?}"),
        };
    }
    let parser = csv(&["symbol", "ts", "close"]);
    for (line, code, detail) in [
        (
            "AAPL,2024-03-04T14:30:00Z,",
            Reason::NullField,
            "close is empty",
        ),
        (
            "AAPL,2024-03-04T14:30:00Z",
            Reason::MalformedJson,
            "the line has 2 cells where 3 columns are declared",
        ),
        (
            "AAPL,2024-03-04T14:30:00Z,\"2",
            Reason::MalformedJson,
            "a quoted cell has no closing quote in this line",
        ),
        (
            "\"AAPL\"é,2024-03-04T14:30:00Z,2",
            Reason::MalformedJson,
            "something stands between a closing quote and the comma",
        ),
        (
            "AAPL,2024-03-04,2",
            Reason::BadTs,
            "ts \"2024-03-04\" is a date without time and zone",
        ),
    ] {
        assert_eq!(reason(&parser, line), (code, detail.to_owned()), "{line}");
    }
}

#[test]
fn a_reference_says_which_line_is_wrong() {
    let header = "symbol,name,region,asset_class,currency,exchange,price_low,price_high\n";
    for (line, wanted) in [
        ("A,a,US,equity,USD,X,,", None),
        (
            "a,a,US,equity,USD,X,,",
            Some("symbol \"a\" is not of the form [A-Z0-9^][A-Z0-9.^=_-]{0,19}"),
        ),
        (
            "A,a,USA,equity,USD,X,,",
            Some("region \"USA\" is none of US, EU, ASIA, GLOBAL"),
        ),
        (
            "A,a,US,equity,USD,X,2,1",
            Some(
                "price_low \"2\" and price_high \"1\" are not two numbers in order, nor both empty",
            ),
        ),
        (
            "A,a,US,equity,USD,X",
            Some("6 cells where the header has 8"),
        ),
        (
            "A,a,US,equity,USD,X,,\nA,b,US,equity,USD,X,,",
            Some("A as equity in US is there twice"),
        ),
    ] {
        let result = Reference::from_csv(&format!("{header}{line}\n"));
        assert_eq!(
            result
                .map(|_| ())
                .map_err(|error| error.problem)
                .err()
                .as_deref(),
            wanted
        );
    }
}

#[test]
fn the_version_of_a_reference_follows_its_content() {
    let version = |text: &str| Reference::from_csv(text).map(|reference| reference.version());
    let unix = version(REFERENCE);
    assert_eq!(version(&REFERENCE.replace('\n', "\r\n")), unix);
    assert_ne!(version(&REFERENCE.replace("Apple", "Apple Inc")), unix);
    assert_eq!(unix, Ok(8_318_109_225_194_603_502));
}
