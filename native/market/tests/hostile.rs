//! Hostile input: whatever the bytes, the outcome is a valid record or a refusal with a printable
//! detail, and whether a text is JSON at all agrees with serde_json.

mod common;

use common::{RECEIVED, json_parser, parser, reference, root};
use financelake_market::{
    AssetClass, ColumnBatch, Format, Outcome, Parser, ParserConfig, Reason, Record,
};
use proptest::prelude::*;
use serde_json::Value;

fn csv_parser() -> Parser {
    let columns = [
        "symbol",
        "region",
        "asset_class",
        "ts",
        "close",
        "volume",
        "note",
    ];
    parser(ParserConfig {
        reference: reference(),
        format: Format::Csv,
        columns: columns.map(str::to_owned).to_vec(),
        freq: Some("1d".to_owned()),
        closes_only: true,
        ..ParserConfig::default()
    })
}

/// What every accepted record promises, written down a second time.
fn assert_valid(record: &Record<'_>) {
    let Record {
        open,
        high,
        low,
        close,
        ..
    } = *record;
    assert!(
        [open, high, low, close]
            .into_iter()
            .all(|v| v.abs() < 1e12 && v.to_bits() != 1 << 63)
    );
    assert!(low <= open && low <= close && open <= high && close <= high);
    match record.asset_class {
        AssetClass::Commodity => {}
        AssetClass::BondYield => assert!(high < 1.0 && low > -1.0),
        _ => assert!(low > 0.0),
    }
    assert!(
        record
            .volume
            .is_none_or(|volume| (0.0..2_f64.powi(63)).contains(&volume))
    );
    assert!(record.ts <= RECEIVED + 300_000_000 && record.ts != 0);
    assert!(record.seq >= 0 && record.revision >= 0);
    let symbol = &record.symbol;
    assert!((1..=20).contains(&symbol.len()) && symbol.is_ascii());
    assert!(!symbol.contains('/') && !symbol.starts_with('.'));
    assert_eq!(record.series().split('/').count(), 4);
    if let Some(extra) = &record.extra
        && let Err(error) = serde_json::from_str::<Value>(extra)
    {
        assert!(
            error.to_string().contains("number out of range"),
            "{error}: {extra}"
        );
    }
}

fn assert_sound(parser: &Parser, bytes: &[u8]) {
    let outcome = parser.parse(bytes, RECEIVED);
    match &outcome {
        Outcome::Accepted(record) => assert_valid(record),
        Outcome::Refused(refusal) => {
            assert!(!refusal.detail.is_empty() && refusal.detail.len() < 1000);
            assert!(
                !refusal.detail.chars().any(char::is_control),
                "{:?}",
                refusal.detail
            );
        }
        Outcome::Blank => assert!(bytes.len() < 4 || bytes.is_ascii() || bytes[0] == 0xef),
    }
    let mut batch = ColumnBatch::with_capacity(1);
    batch.push(&outcome, RECEIVED).expect("one row fits");
}

/// Our verdict on the form of a JSON text must be that of serde_json.
fn assert_form_agrees(parser: &Parser, bytes: &[u8]) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let peer: Result<Value, _> = serde_json::from_slice(bytes);
    let form_fault = match parser.parse(bytes, RECEIVED) {
        Outcome::Refused(refusal) => match refusal.reason {
            Reason::MalformedJson => !refusal.detail.starts_with("the record is "),
            Reason::BadUtf8 | Reason::NanLiteral | Reason::BadEscape => true,
            // Also for a control character behind an escape, which is JSON.
            Reason::ControlByte => refusal.detail.starts_with("raw byte"),
            // Limits of ours on texts that may be JSON.
            Reason::DeepNesting | Reason::DuplicateKeys => return,
            _ => false,
        },
        Outcome::Accepted(_) => false,
        Outcome::Blank => return,
    };
    match peer {
        Ok(_) => assert!(
            !form_fault,
            "JSON was refused: {}",
            String::from_utf8_lossy(bytes)
        ),
        // serde_json has no value for such a number; here the range rules decide.
        Err(error) if error.to_string().contains("number out of range") => {}
        Err(error) => {
            assert!(
                form_fault,
                "no JSON was taken: {error}: {}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}

fn dirty_lines() -> Vec<Vec<u8>> {
    let bytes =
        std::fs::read(root("native/market/tests/dirty/stock_ticks.jsonl")).expect("the set");
    bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .filter(|l| l.len() < 1000)
        .collect()
}

/// Small pseudo-random numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn mutate(line: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    const PIECES: [&[u8]; 16] = [
        b"\"", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"\\u", b"1e999", b"-0", b"NaN",
        b"\xff", b"\0", b"\\ud83d",
    ];
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(line.len() + 1);
        match dice.roll(5) {
            0 => line.truncate(at),
            1 if at < line.len() => line[at] ^= 1 << dice.roll(8),
            2 if at < line.len() => {
                line.remove(at);
            }
            3 => {
                let tail = &other[dice.roll(other.len() + 1)..];
                line.truncate(at);
                line.extend_from_slice(tail);
            }
            _ => {
                line.splice(at..at, PIECES[dice.roll(PIECES.len())].iter().copied());
            }
        }
    }
}

#[test]
fn mutated_lines_never_break_the_parser() {
    let parser = json_parser();
    let lines = dirty_lines();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..40_000 {
        let mut line = lines[dice.roll(lines.len())].clone();
        let other = &lines[dice.roll(lines.len())];
        mutate(&mut line, other, &mut dice);
        assert_sound(&parser, &line);
        assert_form_agrees(&parser, &line);
    }
}

#[test]
fn mutated_csv_lines_never_break_the_parser() {
    let parser = csv_parser();
    let lines: [&[u8]; 3] = [
        b"AAPL,US,equity,2024-03-04,175.2,12,",
        b"\"IBM\",US,equity,2024-03-04T00:00:00Z,\"188.5\",,\"a \"\"note\"\", long\"",
        b"UST-10Y,,,2024-03-04,0.0425,,",
    ];
    let mut dice = Dice(42);
    for _ in 0..20_000 {
        let mut line = lines[dice.roll(lines.len())].to_vec();
        let other = lines[dice.roll(lines.len())];
        mutate(&mut line, other, &mut dice);
        assert_sound(&parser, &line);
    }
}

#[test]
fn the_form_of_the_set_agrees_with_serde_json() {
    let parser = json_parser();
    for line in dirty_lines() {
        assert_form_agrees(&parser, &line);
    }
}

#[test]
fn large_hostile_records_take_linear_time() {
    let parser = json_parser();
    let many_names: String = (0..50_000).map(|n| format!("\"f{n}\":{n},")).collect();
    let deep = "[".repeat(1_000_000);
    let closed = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let quotes = "\"".repeat(1_000_000);
    let escapes = format!("{{\"source\":\"{}\"}}", "\\u0041".repeat(200_000));
    let wide = format!("{{\"extra\":[{}0]}}", "0,".repeat(500_000));
    let started = std::time::Instant::now();
    for text in [
        format!("{{{many_names}\"f0\":1}}"),
        deep,
        closed,
        quotes,
        escapes,
        wide,
    ] {
        assert!(matches!(
            parser.parse(text.as_bytes(), RECEIVED),
            Outcome::Refused(_)
        ));
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_bytes_are_decided(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        assert_sound(&json_parser_once(), &bytes);
        assert_sound(&csv_parser_once(), &bytes);
    }

    #[test]
    fn any_json_value_is_decided(text in json_text()) {
        assert_form_agrees(&json_parser_once(), text.as_bytes());
    }
}

fn json_parser_once() -> Parser {
    parser(ParserConfig::default())
}

fn csv_parser_once() -> Parser {
    let columns = vec!["symbol".to_owned(), "ts".to_owned(), "close".to_owned()];
    parser(ParserConfig {
        format: Format::Csv,
        columns,
        ..ParserConfig::default()
    })
}

/// Random JSON, with blanks where they may stand.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[ {} ]", items.join(" ,\t"))),
            proptest::collection::vec(("[a-z]{1,6}", inner), 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("\"{name}\" :{value}"))
                    .collect();
                format!("{{{}\r\n}}", members.join(","))
            }),
        ]
    })
}
