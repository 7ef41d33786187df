//! KAMA and VIDYA against their formulas, with sums of windows in double-double arithmetic. TA-Lib keeps running sums, which
//! are wrong for good once something large went through them.

use financelake_indicators::BlockExecutor;

use crate::{
    data,
    drive::{self, Rows},
    exact,
};

const PERIODS: [usize; 5] = [2, 3, 9, 30, 210];

/// The exact sum of the last `period` values, or of as many as there are.
fn sum(values: &[f64], period: usize) -> f64 {
    let from = values.len().saturating_sub(period);
    exact::sum(&values[from..]).value()
}

fn changes(close: &[f64], part: impl Fn(f64) -> f64) -> Vec<f64> {
    close
        .windows(2)
        .map(|pair| part(pair[1] - pair[0]))
        .collect()
}

/// Kaufman's average, from row `period` on.
fn kama(close: &[f64], period: usize) -> Vec<f64> {
    let steps = changes(close, f64::abs);
    let mut average = close[period - 1];
    (period..close.len())
        .map(|row| {
            let way = sum(&steps[..row], period);
            let gain = (close[row] - close[row - period]).abs();
            let share = if way == 0.0 {
                1.0
            } else {
                (gain / way).min(1.0)
            };
            let weight = (share * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0).powi(2);
            average += weight * (close[row] - average);
            average
        })
        .collect()
}

/// Chande's average, from row `momentum` on.
fn vidya(close: &[f64], period: usize, momentum: usize) -> Vec<f64> {
    let (ups, downs) = (
        changes(close, |change| change.max(0.0)),
        changes(close, |change| (-change).max(0.0)),
    );
    let mut average = close[0];
    let mut all = Vec::new();
    for row in 1..close.len() {
        let (up, down) = (sum(&ups[..row], momentum), sum(&downs[..row], momentum));
        let oscillator = if up + down == 0.0 {
            0.0
        } else {
            ((up - down) / (up + down)).abs()
        };
        average += 2.0 / (period as f64 + 1.0) * oscillator * (close[row] - average);
        all.push(average);
    }
    all.split_off(momentum - 1)
}

/// Largest error, as a share of the largest value so far.
fn error(function: &str, params: &[f64], close: &data::Bars, wanted: &[f64]) -> f64 {
    let rows = Rows::from(close.clone());
    let program = drive::program(&[drive::call(drive::find(function), params)]);
    let [given] = &drive::batch(&mut BlockExecutor::new(program), &rows, 0..rows.len())[..] else {
        panic!("one output")
    };
    let given: Vec<f64> = given.iter().copied().flatten().collect();
    assert_eq!(given.len(), wanted.len(), "{function}{params:?}");
    let mut scale: f64 = 0.0;
    let off = given.iter().zip(wanted).map(|(given, wanted)| {
        scale = scale.max(wanted.abs());
        (given - wanted).abs() / scale
    });
    off.fold(0.0, f64::max)
}

#[test]
fn averages_with_weights_from_windows_are_their_formulas() {
    for period in PERIODS {
        for (set, bars) in data::sets(1_500) {
            let close = bars.column("close");
            let off = error("kama", &[period as f64], &bars, &kama(close, period));
            assert!(off <= 1e-14, "kama {period} on {set}: {off:e}");
            for momentum in [2, 9, 40] {
                let wanted = vidya(close, period, momentum);
                let off = error("vidya", &[period as f64, momentum as f64], &bars, &wanted);
                assert!(off <= 1e-14, "vidya {period}, {momentum} on {set}: {off:e}");
            }
        }
    }
}
