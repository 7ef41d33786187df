//! Values that no market has. Nothing panics, no NaN and no infinity comes out (every batch of these tests is checked
//! for that), and the bits stay the same on every level.

use std::sync::Arc;

use financelake_indicators::{BlockExecutor, TickExecutor, registry, simd::Level};
use proptest::prelude::*;

use crate::{
    data::{self, Random},
    drive::{self, Rows, difference, levels, plainly},
    random::calls,
};

const ODD: [f64; 16] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1e308,
    -1e308,
    f64::MAX,
    f64::MIN,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    0.0,
    -0.0,
    -1.0,
    1e-300,
    1e16,
    -123.456,
];

#[test]
fn odd_values_in_one_row_the_first_rows_and_all_rows() {
    let short_and_long = (1..=40).chain([64, 100, 300]);
    for rows in short_and_long {
        for odd in ODD {
            for place in [
                0..1,
                0..5.min(rows),
                rows / 2..rows / 2 + 1,
                rows - 1..rows,
                0..rows,
            ] {
                let mut bars = data::walk(rows);
                for column in &mut bars.0 {
                    column[place.clone()].fill(odd);
                }
                let calls: Vec<_> = registry::definitions()
                    .iter()
                    .map(|definition| drive::call(definition, &[]))
                    .collect();
                let mut executor = BlockExecutor::new(drive::program(&calls));
                drive::batch(&mut executor, &Rows::from(bars), 0..rows);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_values_anywhere_give_the_same_bits_on_every_level(calls in calls(), count in 1..400usize, seed: u64) {
        let mut random = Random(seed);
        let mut rows = Rows::from(data::walk(count));
        let share = [0.01, 0.1, 0.5, 1.0][random.below(4)];
        for column in &mut rows.columns {
            for value in column {
                if random.chance(share) {
                    *value = ODD[random.below(ODD.len())];
                }
            }
        }
        let program = drive::program(&calls);
        let wanted = plainly(&calls, &rows);
        for level in levels() {
            let mut executor = BlockExecutor::at_level(Arc::clone(&program), level);
            let given = drive::batch(&mut executor, &rows, 0..count);
            prop_assert_eq!(difference(&given, &wanted), None, "{}", level.name());
        }
        let given = drive::ticks(&mut TickExecutor::new(program), &rows, 0..count);
        prop_assert_eq!(difference(&given, &wanted), None, "ticks");
        prop_assert!(levels().contains(&Level::detect()));
    }
}
