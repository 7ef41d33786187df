//! The rule for rows of one key: the shared test vector, and what holds for any rows.

use financelake_market::dedup::{Decision, Row, decide};
use proptest::prelude::*;

#[test]
fn the_test_vector_is_decided_as_it_says() {
    let text = include_str!("dedup.csv");
    let mut wanted = Vec::new();
    let mut rows: Vec<Row<[&str; 3], [&str; 5]>> = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [
            case,
            _,
            series,
            ts,
            seq,
            revision,
            open,
            high,
            low,
            close,
            volume,
            _,
            decision,
        ] = cells[..]
        else {
            panic!("13 cells: {line}");
        };
        let revision = revision.parse().expect("a revision");
        let content = [open, high, low, close, volume];
        rows.push(Row {
            key: [series, ts, seq],
            revision,
            content,
        });
        wanted.push((case, decision));
    }
    let decided: Vec<_> = wanted
        .iter()
        .zip(decide(&rows))
        .map(|((case, _), d)| (*case, d.as_str()))
        .collect();
    assert_eq!(decided, wanted);
}

fn rows() -> impl Strategy<Value = Vec<Row<u8, u8>>> {
    let row = (0..4_u8, 0..3_i64, 0..3_u8);
    proptest::collection::vec(row, 0..40).prop_map(|mut rows| {
        // A stable sort: arrivals of one key keep their order.
        rows.sort_by_key(|(key, _, _)| *key);
        rows.into_iter()
            .map(|(key, revision, content)| Row {
                key,
                revision,
                content,
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn each_key_keeps_the_first_arrival_of_its_highest_revision(rows in rows()) {
        let decisions = decide(&rows);
        prop_assert_eq!(decisions.len(), rows.len());
        for key in 0..4 {
            let of_key: Vec<_> =
                rows.iter().zip(&decisions).filter(|(row, _)| row.key == key).collect();
            let kept: Vec<_> =
                of_key.iter().filter(|(_, d)| **d == Decision::Keep).map(|(row, _)| *row).collect();
            let best = of_key.iter().map(|(row, _)| *row).rev().max_by_key(|row| row.revision);
            prop_assert_eq!(kept, best.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn keeping_only_what_stands_changes_nothing_later(rows in rows(), cut in 0..40_usize) {
        // A first batch is decided, its repeats and conflicts leave, and the rest takes part again.
        let cut = cut.min(rows.len());
        let (first, _) = rows.split_at(cut);
        let stands: Vec<bool> = decide(first)
            .into_iter()
            .map(|d| matches!(d, Decision::Keep | Decision::Superseded))
            .chain(rows[cut..].iter().map(|_| true))
            .collect();
        let stored: Vec<Row<u8, u8>> =
            rows.iter().zip(&stands).filter(|(_, s)| **s).map(|(row, _)| row.clone()).collect();
        let whole: Vec<Decision> =
            decide(&rows).into_iter().zip(&stands).filter(|(_, s)| **s).map(|(d, _)| d).collect();
        prop_assert_eq!(decide(&stored), whole);
    }
}
