//! Random calls and rows for property tests: small seeds, from which the rest follows.

use financelake_indicators::{
    Call,
    registry::{self, ParamKind},
};
use proptest::prelude::*;

use crate::{
    data::{self, NAMES, Random},
    drive::{self, Rows},
};

/// Some calls of the registry, with parameters that fit some hundred rows.
pub(crate) fn calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(call(), 1..5)
}

/// One call.
pub(crate) fn call() -> impl Strategy<Value = Call> {
    let definitions = registry::definitions();
    (0..definitions.len(), any::<u64>()).prop_map(|(index, seed)| {
        let definition = &definitions[index];
        let mut random = Random(seed);
        let given = random.below(definition.params.len() + 1);
        let params: Vec<f64> = definition.params[..given]
            .iter()
            .map(|param| match param.kind {
                ParamKind::Integer if random.chance(0.1) => param.min + random.below(300) as f64,
                ParamKind::Integer => param.min + random.below(40) as f64,
                // So small that any number is large enough for the next.
                ParamKind::AtMostNext => param.min,
                ParamKind::Even => param.min + 2.0 * random.below(40) as f64,
                ParamKind::Real => (8.0 * random.unit() - 4.0).clamp(param.min, param.max),
                ParamKind::MaType => random.below(1 + param.max as usize) as f64,
            })
            .collect();
        drive::call(definition, &params)
    })
}

/// Which rows are not there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Gaps {
    /// None.
    None,
    /// Some in some columns: cleared validity, NaN or infinite.
    Some,
}

/// Rows of some groups, some of them longer than what is worked on at a time.
pub(crate) fn rows(gaps: Gaps) -> impl Strategy<Value = Rows> {
    let length =
        prop_oneof![8 => 1..40usize, 4 => 40..200usize, 2 => 200..900usize, 1 => 900..3_000usize];
    (prop::collection::vec(length, 1..7), any::<u64>())
        .prop_map(move |(lengths, seed)| make(&lengths, seed, gaps))
}

fn make(lengths: &[usize], seed: u64, gaps: Gaps) -> Rows {
    let mut random = Random(seed);
    let count = lengths.iter().sum();
    let [(_, bars), ..] = {
        let mut sets = data::sets(count);
        sets.rotate_left(random.below(5));
        sets
    };
    let mut rows = Rows::from(bars);
    let mut end = 0;
    rows.starts = lengths
        .iter()
        .map(|length| {
            end += length;
            end - length
        })
        .collect();
    if gaps == Gaps::Some {
        for column in 0..NAMES.len() {
            punch(&mut rows, column, &mut random);
        }
    }
    rows
}

/// Takes rows of a column away: none, few, half, nearly all or all.
fn punch(rows: &mut Rows, column: usize, random: &mut Random) {
    let share = [0.0, 0.0, 0.01, 0.1, 0.5, 0.95, 1.0][random.below(7)];
    // A bitmap without a zero must be the same as none.
    let bitmap = random.chance(0.6);
    let mut valid = vec![true; rows.len()];
    for (row, valid) in valid.iter_mut().enumerate() {
        if !random.chance(share) {
            continue;
        }
        let value = &mut rows.columns[column][row];
        match random.below(4) {
            0 => *value = f64::NAN,
            1 => *value = f64::INFINITY,
            2 => *value = f64::NEG_INFINITY,
            _ if bitmap => {
                *valid = false;
                *value = [f64::NAN, 0.0, 1e308, *value][random.below(4)];
            }
            _ => *value = f64::NAN,
        }
    }
    rows.valid[column] = bitmap.then_some(valid);
}

/// Ascending places to cut so many rows, possibly twice at the same place, which gives an empty batch.
pub(crate) fn cuts(rows: usize, random: &mut Random) -> Vec<usize> {
    let count = random.below(8);
    let mut cuts: Vec<usize> = (0..count).map(|_| random.below(rows + 1)).collect();
    cuts.sort_unstable();
    cuts
}
