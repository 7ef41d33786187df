//! The same rows give the same bits, however they are cut, grouped, interleaved, vectorised, saved or shared.

use std::sync::Arc;

use financelake_indicators::{
    BlockExecutor, Call, TickExecutor,
    registry::{self, ParamKind},
    simd::Level,
};
use proptest::prelude::*;

use crate::{
    data::Random,
    drive::{self, Rows, append, difference, levels, plainly},
    random::{Gaps, call, calls, cuts, rows},
};

/// Runs all calls of one program over all rows in one batch.
fn at_once(calls: &[Call], rows: &Rows, level: Level) -> Vec<drive::Values> {
    let mut executor = BlockExecutor::at_level(drive::program(calls), level);
    drive::batch(&mut executor, rows, 0..rows.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_level_gives_the_same_bits(call in call(), rows in rows(Gaps::None)) {
        let calls = [call];
        let wanted = plainly(&calls, &rows);
        for level in levels() {
            let found = difference(&at_once(&calls, &rows, level), &wanted);
            prop_assert_eq!(found, None, "{}", level.name());
        }
    }

    #[test]
    fn calls_compiled_together_give_the_bits_of_each_alone(calls in calls(), rows in rows(Gaps::None)) {
        let given = at_once(&calls, &rows, Level::detect());
        prop_assert_eq!(difference(&given, &plainly(&calls, &rows)), None);
    }

    #[test]
    fn cuts_into_batches_change_nothing(call in call(), rows in rows(Gaps::Some), seed: u64) {
        let calls = [call];
        let cuts = cuts(rows.len(), &mut Random(seed));
        let mut executor = BlockExecutor::new(drive::program(&calls));
        let given = drive::batches(&mut executor, &rows, &cuts);
        prop_assert_eq!(difference(&given, &plainly(&calls, &rows)), None, "cuts {:?}", cuts);
    }

    #[test]
    fn single_rows_give_the_bits_of_a_batch(calls in calls(), rows in rows(Gaps::Some)) {
        let mut executor = TickExecutor::new(drive::program(&calls));
        let given = drive::ticks(&mut executor, &rows, 0..rows.len());
        prop_assert_eq!(difference(&given, &plainly(&calls, &rows)), None);
    }

    #[test]
    fn a_state_goes_on_in_another_executor(calls in calls(), rows in rows(Gaps::Some), seed: u64) {
        let mut random = Random(seed);
        let program = drive::program(&calls);
        let mut given = vec![Vec::new(); program.outputs().len()];
        let mut state = BlockExecutor::new(Arc::clone(&program)).save();
        let mut from = 0;
        for to in cuts(rows.len(), &mut random).into_iter().chain([rows.len()]) {
            if random.chance(0.3) && to - from < 100 {
                let mut executor = TickExecutor::new(Arc::clone(&program));
                prop_assert_eq!(executor.restore(&state), Ok(()));
                append(&mut given, drive::ticks(&mut executor, &rows, from..to));
                state = executor.save();
            } else {
                let levels = levels();
                let level = levels[random.below(levels.len())];
                let mut executor = BlockExecutor::at_level(Arc::clone(&program), level);
                // What an executor did before does not matter either.
                drive::batch(&mut executor, &rows, 0..rows.len().min(50));
                prop_assert_eq!(executor.restore(&state), Ok(()));
                append(&mut given, drive::batch(&mut executor, &rows, from..to));
                state = executor.save();
            }
            from = to;
        }
        prop_assert_eq!(difference(&given, &plainly(&calls, &rows)), None);
    }

    #[test]
    fn a_state_depends_on_the_rows_of_its_group_only(calls in calls(), rows in rows(Gaps::Some), seed: u64) {
        let program = drive::program(&calls);
        let mut together = BlockExecutor::new(Arc::clone(&program));
        drive::batches(&mut together, &rows, &cuts(rows.len(), &mut Random(seed)));

        let mut alone = TickExecutor::new(program);
        drive::ticks(&mut alone, &rows, rows.starts[rows.starts.len() - 1]..rows.len());
        prop_assert!(together.save() == alone.save());
    }
}

/// Shared nodes: what differs in one parameter or one column must not be taken for the same.
#[test]
fn calls_that_differ_little_are_kept_apart() {
    let mut calls = Vec::new();
    for definition in registry::definitions() {
        let defaults: Vec<f64> = definition
            .params
            .iter()
            .map(|param| param.default)
            .collect();
        calls.push(drive::call(definition, &defaults));
        for (index, param) in definition.params.iter().enumerate() {
            let step = if param.kind == ParamKind::Even {
                2.0
            } else {
                1.0
            };
            for other in [param.default + step, param.default - step] {
                let mut params = defaults.clone();
                params[index] = other.clamp(param.min, param.max);
                calls.push(drive::call(definition, &params));
            }
        }
        let mut turned = drive::call(definition, &defaults);
        turned.inputs.rotate_left(1);
        calls.push(turned);
    }
    let rows = Rows::from(crate::data::walk(400));
    let given = at_once(&calls, &rows, Level::detect());
    assert_eq!(difference(&given, &plainly(&calls, &rows)), None);
}

#[test]
fn many_small_groups_take_turns_in_the_lanes() {
    let lengths = [
        1usize, 2, 3, 50, 1, 300, 7, 7, 7, 600, 1, 1, 40, 513, 5, 90, 256, 2,
    ];
    let mut rows = Rows::from(crate::data::walk(lengths.iter().sum()));
    rows.starts = lengths
        .iter()
        .scan(0, |end, length| {
            *end += length;
            Some(*end - length)
        })
        .collect();
    for definition in registry::definitions() {
        let calls = [drive::call(definition, &[])];
        let wanted = plainly(&calls, &rows);
        for level in levels() {
            let found = difference(&at_once(&calls, &rows, level), &wanted);
            assert_eq!(found, None, "{} at {}", definition.name, level.name());
        }
    }
}
