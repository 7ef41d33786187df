//! Micro-batches of many series: the bits of each series alone, and states that other executors go on from.

use std::{ops::Range, sync::Arc};

use financelake_indicators::{
    Batch, BlockExecutor, Column, Error, KeyedExecutor, OutputColumn, TickExecutor,
};
use proptest::prelude::*;

use crate::{
    data::{self, Random},
    drive::{self, Rows, difference, levels, plainly},
    random::{Gaps, calls, rows},
};

/// Some of the groups, in any order, with their next rows each; `at` is where each of them stands.
fn next(rows: &Rows, at: &mut [usize], random: &mut Random) -> Vec<(u32, Range<usize>)> {
    let groups = rows.groups();
    let mut parts = Vec::new();
    for (key, (group, at)) in groups.iter().zip(at).enumerate() {
        let left = group.end - *at;
        if left > 0 && random.chance(0.7) {
            let most = if random.chance(0.5) {
                left.min(3)
            } else {
                left
            };
            let count = 1 + random.below(most);
            parts.push((key as u32, *at..*at + count));
            *at += count;
        }
    }
    let turn = random.below(parts.len().max(1));
    parts.rotate_left(turn);
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn micro_batches_give_the_bits_of_each_series_alone(calls in calls(), rows in rows(Gaps::Some), seed: u64) {
        let mut random = Random(seed);
        let program = drive::program(&calls);
        let groups = rows.groups();
        let levels = levels();
        let level = levels[random.below(levels.len())];
        let mut executor = KeyedExecutor::at_level(Arc::clone(&program), groups.len(), level);
        let mut given = vec![vec![None; rows.len()]; program.outputs().len()];
        let mut at: Vec<usize> = groups.iter().map(|group| group.start).collect();
        while at.iter().zip(&groups).any(|(at, group)| *at < group.end) {
            let (keys, parts): (Vec<_>, Vec<_>) = next(&rows, &mut at, &mut random).into_iter().unzip();
            let batch = rows.gather(&parts);
            let results = drive::once(&program, &batch, 0..batch.len(), |batch, outputs| {
                executor.run(&keys, batch, outputs)
            });
            for (given, results) in given.iter_mut().zip(results) {
                for (row, result) in parts.iter().cloned().flatten().zip(results) {
                    given[row] = result;
                }
            }
            // One of the series goes on in an executor of its own, and comes back.
            let key = random.below(groups.len());
            let mut alone = TickExecutor::new(Arc::clone(&program));
            let state = executor.save(key as u32).expect("a known key");
            prop_assert_eq!(alone.restore(&state), Ok(()));
            let rest = at[key]..groups[key].end.min(at[key] + 2);
            for (given, results) in given.iter_mut().zip(drive::ticks(&mut alone, &rows, rest.clone())) {
                given[rest.clone()].copy_from_slice(&results);
            }
            at[key] = rest.end;
            prop_assert_eq!(executor.restore(key as u32, &alone.save()), Ok(()));
        }
        prop_assert_eq!(difference(&given, &plainly(&calls, &rows)), None);
    }
}

fn executor() -> KeyedExecutor {
    let call = drive::call(drive::find("sma"), &[3.0]);
    KeyedExecutor::new(drive::program(&[call]), 4)
}

/// Runs so many rows with these keys at these starts.
fn run(
    executor: &mut KeyedExecutor,
    keys: &[u32],
    starts: &[u32],
    rows: usize,
) -> Result<(), Error> {
    let bars = Rows::from(data::walk(rows));
    let columns: Vec<_> = bars.columns[..executor.program().columns()]
        .iter()
        .map(|values| Column {
            values,
            validity: None,
        })
        .collect();
    let (mut values, mut validity) = (vec![0.0; rows], vec![0; rows.div_ceil(8)]);
    let batch = Batch {
        rows,
        columns: &columns,
        starts,
    };
    let output = OutputColumn::Real {
        values: &mut values,
        validity: &mut validity,
    };
    executor.run(keys, &batch, &mut [output])
}

#[test]
fn batches_whose_keys_do_not_fit_are_refused() {
    for (keys, starts, message) in [
        (&[0, 1][..], &[0][..], "2 keys given for 1 starts of series"),
        (
            &[1],
            &[2],
            "the first row has no key; write 0 as the first start",
        ),
        (
            &[1, 3, 1],
            &[0, 2, 5],
            "key 1 comes twice; put the rows of a series together, in order",
        ),
        (
            &[4],
            &[0],
            "key 4 is unknown; the executor was made for 4 keys, from 0",
        ),
    ] {
        let refused = run(&mut executor(), keys, starts, 9)
            .expect_err(message)
            .to_string();
        assert!(refused.contains(message), "{refused}");
    }
    let unknown = executor().save(4).expect_err("four keys").to_string();
    assert!(unknown.contains("key 4 is unknown"), "{unknown}");
}

#[test]
fn a_series_can_be_forgotten() {
    let mut executor = executor();
    let fresh = executor.save(2).expect("a known key");
    run(&mut executor, &[2, 3], &[0, 5], 9).expect("a good batch");
    let other = executor.save(3).expect("a known key");
    assert_ne!(executor.save(2).expect("a known key"), fresh);
    executor.reset(2).expect("a known key");
    assert_eq!(executor.save(2).expect("a known key"), fresh);
    assert_eq!(executor.save(3).expect("a known key"), other);
    let mut block = BlockExecutor::new(Arc::clone(executor.program()));
    assert_eq!(block.restore(&other), Ok(()));
}
