//! The NULL rule: a row that misses an input of a call does not exist for it.

use financelake_indicators::{BlockExecutor, registry, simd::Level};
use proptest::prelude::*;

use crate::{
    data,
    drive::{self, Rows, difference, plainly},
    random::{Gaps, calls, rows},
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_with_gaps_give_the_values_of_the_rows_that_exist(calls in calls(), rows in rows(Gaps::Some)) {
        let mut executor = BlockExecutor::at_level(drive::program(&calls), Level::detect());
        let given = drive::batch(&mut executor, &rows, 0..rows.len());
        prop_assert_eq!(difference(&given, &plainly(&calls, &rows)), None);
    }
}

#[test]
fn a_row_without_an_input_is_null_and_is_not_seen() {
    for definition in registry::definitions() {
        let calls = [drive::call(definition, &[])];
        for &input in &calls[0].inputs {
            let whole = Rows::from(data::walk(400));
            let mut holed = whole.clone();
            let at = 200;
            for column in &mut holed.columns {
                column.insert(at, 1e9);
            }
            holed.columns[input][at] = f64::NAN;
            let given = drive::batch(
                &mut BlockExecutor::new(drive::program(&calls)),
                &holed,
                0..holed.len(),
            );
            let mut wanted = plainly(&calls, &whole);
            for values in &mut wanted {
                values.insert(at, None);
            }
            assert_eq!(difference(&given, &wanted), None, "{}", definition.name);
        }
    }
}

#[test]
fn a_column_without_any_value_gives_none() {
    for definition in registry::definitions() {
        let calls = [drive::call(definition, &[])];
        for &input in &calls[0].inputs {
            for by_validity in [true, false] {
                let mut rows = Rows::from(data::walk(300));
                if by_validity {
                    rows.valid[input] = Some(vec![false; 300]);
                } else {
                    rows.columns[input].fill(f64::NAN);
                }
                let program = drive::program(&calls);
                let given = drive::batch(&mut BlockExecutor::new(program), &rows, 0..300);
                for values in given {
                    assert!(values.iter().all(Option::is_none), "{}", definition.name);
                }
            }
        }
    }
}
