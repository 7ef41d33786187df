//! The set of faulty records: every line gets the verdict and the reason that the set expects, and
//! the lines that leave a choice get the one that the documentation promises.

mod common;

use std::collections::{BTreeMap, HashMap};

use common::{RECEIVED, json_parser, root, text};
use financelake_market::dedup::{Content, Decision, Row, decide};
use financelake_market::{Outcome, Reason};

struct Expected {
    line: usize,
    verdict: String,
    fault: String,
}

fn expected() -> Vec<Expected> {
    text("native/market/tests/dirty/EXPECTED.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.splitn(4, ',').collect();
            Expected {
                line: cells[0].parse().expect("a line number"),
                verdict: cells[1].to_owned(),
                fault: cells[2].to_owned(),
            }
        })
        .collect()
}

fn lines() -> Vec<Vec<u8>> {
    let bytes =
        std::fs::read(root("native/market/tests/dirty/stock_ticks.jsonl")).expect("the set");
    let mut lines: Vec<Vec<u8>> = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    assert_eq!(
        lines.pop(),
        Some(Vec::new()),
        "the set ends with a line end"
    );
    lines
}

fn shown(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Accepted(_) => "accepted".to_owned(),
        Outcome::Refused(refusal) => refusal.reason.code().to_owned(),
        Outcome::Blank => "blank".to_owned(),
    }
}

#[test]
fn every_line_gets_its_verdict_and_reason() {
    let parser = json_parser();
    let lines = lines();
    let expected = expected();
    assert_eq!(lines.len(), expected.len());
    let mut wrong = Vec::new();
    for Expected {
        line,
        verdict,
        fault,
    } in &expected
    {
        let outcome = parser.parse(&lines[line - 1], RECEIVED);
        let right = match (verdict.as_str(), &outcome) {
            ("ok" | "late" | "dup", Outcome::Accepted(_)) | ("skip", Outcome::Blank) => true,
            // Repeats and conflicts are decided between rows, not within one.
            ("either", Outcome::Accepted(_)) => true,
            ("reject" | "either", Outcome::Refused(refusal)) => refusal.reason.code() == fault,
            _ => false,
        };
        if !right {
            wrong.push(format!("line {line}: {verdict} {fault}, got {outcome:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table "Lines that leave a choice" of the documentation: line number to outcome.
fn documented_choices() -> BTreeMap<usize, String> {
    let page = text("docs/market-records.md");
    let (_, section) = page
        .split_once("## Lines that leave a choice")
        .expect("the section");
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (
                cells[1].parse().expect("a line number"),
                cells[4].trim_matches('`').to_owned(),
            )
        })
        .collect()
}

#[test]
fn lines_that_leave_a_choice_are_decided_as_documented() {
    let parser = json_parser();
    let lines = lines();
    let decided: BTreeMap<usize, String> = expected()
        .iter()
        .filter(|expected| expected.verdict == "either")
        .map(|expected| {
            (
                expected.line,
                shown(&parser.parse(&lines[expected.line - 1], RECEIVED)),
            )
        })
        .collect();
    assert_eq!(decided, documented_choices());
}

#[test]
fn accepted_choices_are_cleaned_and_not_passed_on_as_they_are() {
    let parser = json_parser();
    let lines = lines();
    let record = |line: usize| match parser.parse(&lines[line - 1], RECEIVED) {
        Outcome::Accepted(record) => record,
        other => panic!("line {line}: {other:?}"),
    };
    assert_eq!(record(30).region.as_str(), "US");
    assert_eq!(record(31).asset_class.as_str(), "equity");
    assert_eq!((record(44).open, record(44).close), (175.4, 175.4));
    assert_eq!(record(45).volume, Some(71089.0));
    assert_eq!(record(77).close, -37.63);
    assert_eq!(record(129).ts, record(15).ts + 12 * 60 * 1_000_000);
    assert_eq!(record(160).close, 174.95);
    assert_eq!(record(160).extra, None);
    assert_eq!(
        record(157).extra.as_deref(),
        Some(r#"{"vwap":175.3,"trade_count":812}"#)
    );
    assert_eq!(record(19).source, record(20).source);
    assert_eq!(record(1).series(), "AAPL/1m/sim/raw");
    assert_eq!(record(33).series(), "IBM/1m/unknown/raw");
    assert_eq!(record(8).currency.as_deref(), Some("USD"));
}

type KeyedRow = Row<(String, i64, i64), Content>;

/// Silver holds every good line once: what is accepted goes through the deduplication.
#[test]
fn repeats_leave_one_row_per_key() {
    let parser = json_parser();
    let lines = lines();
    let mut rows: Vec<(usize, KeyedRow)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if let Outcome::Accepted(record) = parser.parse(line, RECEIVED) {
            let key = (record.series(), record.ts, record.seq);
            let content = Content::from(&record);
            rows.push((
                index + 1,
                Row {
                    key,
                    revision: record.revision,
                    content,
                },
            ));
        }
    }
    rows.sort_by(|(_, one), (_, other)| one.key.cmp(&other.key));
    let (numbers, rows): (Vec<usize>, Vec<_>) = rows.into_iter().unzip();
    let decisions: HashMap<usize, Decision> = numbers.into_iter().zip(decide(&rows)).collect();
    for Expected {
        line,
        verdict,
        fault,
    } in expected()
    {
        let Some(decision) = decisions.get(&line) else {
            continue;
        };
        let wanted = match (verdict.as_str(), fault.as_str()) {
            ("dup", "duplicate_conflict") => Decision::Conflict,
            ("dup", _) => Decision::Repeat,
            _ => Decision::Keep,
        };
        assert_eq!(*decision, wanted, "line {line}");
    }
}

#[test]
fn details_name_the_values() {
    let parser = json_parser();
    let lines = lines();
    for (line, wanted) in [
        (29, "high is missing"),
        (46, "close is true, not a number"),
        (
            57,
            "close \"63,251.5\" is not a plain number: write it like 1234.5",
        ),
        (
            65,
            "NaN at byte 152 is not JSON: leave the field out instead",
        ),
        (71, "close -175.59 is negative"),
        (78, "high 175.11471 is below low 175.82565"),
        (82, "close 178.89 is above high 175.38"),
        (94, "open 1082.4 is outside 1 to 100, plausible for IBE.MC"),
        (
            122,
            "ts \"2024-02-30T14:30:00Z\" is not a day of the calendar (years 1 to 9999)",
        ),
        (
            128,
            "ts \"2024-03-04T14:30:00\" has no zone: write Z or an offset such as -05:00",
        ),
        (142, "region ASIA is not that of AAPL in the reference: US"),
        (
            161,
            "field \"eventId\" is event_id in another spelling: write event_id",
        ),
        (
            163,
            "close is missing, and close stands inside the field \"ohlc\"",
        ),
        (177, "the record is an array, not one JSON object"),
        (
            183,
            "field \"close\" is there twice: one of the values is wrong",
        ),
        (192, "not UTF-8 from byte 34 on"),
    ] {
        let outcome = parser.parse(&lines[line - 1], RECEIVED);
        let Outcome::Refused(refusal) = outcome else {
            panic!("line {line}: {outcome:?}")
        };
        assert_eq!(refusal.detail, wanted, "line {line}");
    }
}

#[test]
fn the_documentation_lists_every_reason() {
    let page = text("docs/market-records.md");
    let (_, section) = page.split_once("## Reason codes").expect("the section");
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1);
    let documented: Vec<String> = rows
        .take_while(|line| line.starts_with('|'))
        .map(str::to_owned)
        .collect();
    let wanted: Vec<String> = Reason::ALL
        .iter()
        .map(|reason| format!("| `{}` | {} |", reason.code(), reason.meaning()))
        .collect();
    assert_eq!(
        documented,
        wanted,
        "the table must be:\n{}",
        wanted.join("\n")
    );
}

#[test]
fn reasons_are_faults_of_the_set() {
    let faults: Vec<String> = expected()
        .into_iter()
        .map(|expected| expected.fault)
        .collect();
    for reason in Reason::ALL {
        assert!(
            faults.iter().any(|fault| fault == reason.code()),
            "{}",
            reason.code()
        );
        assert_eq!(Reason::from_code(reason.code()), Some(*reason));
    }
}
