//! A long series in parts that run side by side: the bits of the whole, and no part run again where none need be.

use std::sync::Arc;

use financelake_indicators::{
    BlockExecutor, Call, Parts, RangeExecutor,
    registry::{self, Param, ParamKind},
};
use proptest::prelude::*;

use crate::{
    data::{self, Random},
    drive::{self, Rows, difference, levels, plainly},
    random::{Gaps, calls, rows},
};

/// Runs the rows, which are one group, in parts.
fn in_parts(executor: &RangeExecutor, calls: &[Call], rows: &Rows) -> (Vec<drive::Values>, Parts) {
    let mut parts = None;
    let given = drive::once(
        &drive::program(calls),
        rows,
        0..rows.len(),
        |batch, outputs| {
            parts = Some(executor.run(batch, outputs)?);
            Ok(())
        },
    );
    (given, parts.expect("it ran"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_give_the_bits_of_the_whole(calls in calls(), rows in rows(Gaps::Some), seed: u64) {
        let mut random = Random(seed);
        let rows = Rows { starts: vec![0], ..rows };
        let levels = levels();
        let level = levels[random.below(levels.len())];
        let executor = RangeExecutor::at_level(drive::program(&calls), 1 + random.below(6), level);
        // Too few rows to forget what was before, more often than not.
        let executor = executor.with_warm_up(random.below(500));
        let (given, _) = in_parts(&executor, &calls, &rows);
        prop_assert_eq!(difference(&given, &plainly(&calls, &rows)), None);
    }
}

/// State machines that never forget, or too slowly: the dominant cycle and what follows it, whose running sums round
/// differently for ever, an index that multiplies, and averages whose weight may stay near zero.
const LONG: [&str; 11] = [
    "ht_dcperiod",
    "ht_dcphase",
    "ht_phasor",
    "ht_sine",
    "ht_trendline",
    "ht_trendmode",
    "mama",
    "nvi",
    "pvi",
    "swak_bp",
    "vidya",
];

#[test]
fn what_forgets_is_not_run_again() {
    let rows = Rows::from(data::walk(60_000));
    let mut again = Vec::new();
    for definition in registry::definitions() {
        let calls = [drive::call(definition, &[])];
        let executor = RangeExecutor::new(drive::program(&calls), 4);
        let (given, parts) = in_parts(&executor, &calls, &rows);
        let mut whole = BlockExecutor::new(Arc::clone(&drive::program(&calls)));
        let wanted = drive::batch(&mut whole, &rows, 0..rows.len());
        assert_eq!(difference(&given, &wanted), None, "{}", definition.name);
        if parts.again > 0 {
            again.push((definition.name, parts));
        }
    }
    assert_eq!(again, LONG.map(|name| (name, Parts { all: 4, again: 3 })));
}

#[test]
fn windows_of_nothing_but_zeros_are_not_taken_for_seen() {
    // An executor that saw nothing remembers zeros too.
    let mut rows = Rows::from(data::walk(4_000));
    for column in &mut rows.columns {
        column[..3_000].fill(0.0);
    }
    for definition in registry::definitions() {
        // Windows that are longer than what a part begins early.
        let long = |param: &Param| param.kind == ParamKind::Integer && param.max >= 200.0;
        let lengths = definition.params.iter().take_while(|param| long(param));
        let lengths: Vec<f64> = lengths.map(|_| 200.0).collect();
        let calls = [drive::call(definition, &lengths)];
        let executor = RangeExecutor::new(drive::program(&calls), 4).with_warm_up(1);
        let (given, _) = in_parts(&executor, &calls, &rows);
        let wanted = plainly(&calls, &rows);
        assert_eq!(difference(&given, &wanted), None, "{}", definition.name);
    }
}

#[test]
fn more_than_one_group_is_refused() {
    let call = drive::call(drive::find("sma"), &[3.0]);
    let executor = RangeExecutor::new(drive::program(std::slice::from_ref(&call)), 2);
    let rows = Rows {
        starts: vec![0, 100],
        ..Rows::from(data::walk(200))
    };
    drive::once(&drive::program(&[call]), &rows, 0..200, |batch, outputs| {
        let refused = executor
            .run(batch, outputs)
            .expect_err("two groups")
            .to_string();
        assert!(refused.contains("a range is one group"), "{refused}");
        BlockExecutor::new(Arc::clone(&drive::program(&[drive::call(
            drive::find("sma"),
            &[3.0],
        )])))
        .run(batch, outputs)
    });
}
