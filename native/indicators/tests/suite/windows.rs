//! Windows against brute force in double-double arithmetic, and that they forget.

use financelake_indicators::{BlockExecutor, Params, registry};

use crate::{
    data::{self, Bars, Random},
    drive::{self, Rows, Values, difference},
    exact,
};

const PERIODS: [usize; 12] = [1, 2, 3, 5, 7, 16, 20, 23, 64, 200, 1_000, 4_095];

fn run(name: &str, params: &[f64], bars: &Bars) -> Vec<Values> {
    let rows = Rows::from(bars.clone());
    let program = drive::program(&[drive::call(drive::find(name), params)]);
    drive::batch(&mut BlockExecutor::new(program), &rows, 0..rows.len())
}

/// The windows that end at some rows: all of a short series, some of a long one.
fn windows(values: &[f64], period: usize) -> impl Iterator<Item = (usize, &[f64])> {
    let step = 1 + values.len() / 500;
    (period - 1..values.len())
        .step_by(if period < 100 { 1 } else { step })
        .map(move |row| (row, &values[row + 1 - period..=row]))
}

fn sets(period: usize) -> [(&'static str, Bars); 5] {
    data::sets(period + 1_500)
}

fn value(values: &Values, row: usize) -> f64 {
    values[row].unwrap_or_else(|| panic!("row {row} is NULL"))
}

/// Largest error of `sma`, as a share of the exact mean.
fn mean_error(period: usize, bars: &Bars) -> f64 {
    let close = bars.column("close");
    let [given] = &run("sma", &[period as f64], bars)[..] else {
        panic!("one output")
    };
    windows(close, period)
        .map(|(row, window)| {
            let wanted = exact::mean(window).value();
            ((value(given, row) - wanted) / wanted).abs()
        })
        .fold(0.0, f64::max)
}

/// Largest error of the deviation in `bbands`, as a share of the exact deviation; NULL-free and zero where it is zero.
fn deviation_error(period: usize, bars: &Bars) -> f64 {
    let close = bars.column("close");
    // So many deviations that the mean in front of them does not count.
    let factor = 2f64.powi(120);
    let outputs = run("bbands", &[period as f64, factor, factor], bars);
    windows(close, period)
        .map(|(row, window)| {
            let (upper, lower) = (value(&outputs[0], row), value(&outputs[2], row));
            let wanted = exact::deviation(window);
            if wanted == 0.0 {
                let mean = value(&outputs[1], row);
                assert_eq!((upper, lower), (mean, mean), "row {row}: equal values");
                return 0.0;
            }
            let worst = |band: f64| (band.abs() / factor / wanted - 1.0).abs();
            worst(upper).max(worst(lower))
        })
        .fold(0.0, f64::max)
}

#[test]
fn means_are_off_by_two_units_in_the_last_place_at_most() {
    for period in PERIODS {
        for (set, bars) in sets(period) {
            let error = mean_error(period, &bars);
            println!("sma {period} on {set}: {error:e}");
            assert!(error <= 4.5e-16, "sma {period} on {set}: {error:e}");
        }
    }
}

/// Largest error of a mean, as a share of the exact mean; weights are a function of the row and its place, 1 for the
/// oldest.
fn weighted_error(
    name: &str,
    period: usize,
    bars: &Bars,
    weight: impl Fn(usize, f64) -> f64,
) -> f64 {
    let [given] = &run(name, &[period as f64], bars)[..] else {
        panic!("one output")
    };
    let errors = windows(bars.column("close"), period).map(|(row, window)| {
        let (mut sum, mut weights) = (exact::Exact::ZERO, exact::Exact::ZERO);
        for (place, &value) in window.iter().enumerate() {
            let weight = weight(row + 1 + place - period, place as f64 + 1.0);
            sum = sum.add(exact::Exact::product(value, weight));
            weights = weights.plus(weight);
        }
        let wanted = sum.over(weights.value()).value();
        ((value(given, row) - wanted) / wanted).abs()
    });
    errors.fold(0.0, f64::max)
}

#[test]
fn weighted_means_are_as_good() {
    for period in PERIODS {
        for (set, bars) in sets(period) {
            let error = weighted_error("wma", period, &bars, |_, place| place);
            assert!(error <= 1e-15, "wma {period} on {set}: {error:e}");
            // One row without volume has no mean; two are not all there is.
            if period > 2 {
                let volume = bars.column("volume");
                let error = weighted_error("vwma", period, &bars, |row, _| volume[row]);
                assert!(error <= 2e-15, "vwma {period} on {set}: {error:e}");
            }
        }
    }
}

#[test]
fn means_of_whole_numbers_are_rounded_once() {
    for period in PERIODS {
        let bars = data::level(period + 1_500);
        let [given] = &run("sma", &[period as f64], &bars)[..] else {
            panic!("one output")
        };
        for (row, window) in windows(bars.column("close"), period) {
            // The sum of whole numbers is exact, so one division is all that rounds.
            let wanted = window.iter().sum::<f64>() / period as f64;
            assert_eq!(value(given, row), wanted, "sma {period}, row {row}");
        }
    }
}

#[test]
fn deviations_keep_their_digits_at_any_price_level() {
    for period in &PERIODS[1..] {
        for (set, bars) in sets(*period) {
            let error = deviation_error(*period, &bars);
            println!("bbands {period} on {set}: {error:e}");
            assert!(error <= 1e-15, "bbands {period} on {set}: {error:e}");
        }
    }
}

#[test]
fn the_longest_windows_are_as_exact() {
    for (set, bars) in data::sets(100_020) {
        let error = mean_error(100_000, &bars);
        assert!(error <= 4.5e-16, "sma on {set}: {error:e}");
        let error = deviation_error(100_000, &bars);
        assert!(error <= 1e-15, "bbands on {set}: {error:e}");
    }
}

#[test]
fn bands_are_the_mean_and_multiples_of_the_deviation() {
    for (set, bars) in sets(20) {
        let outputs = run("bbands", &[20.0, 2.0, 3.0], &bars);
        for (row, window) in windows(bars.column("close"), 20) {
            let (mean, deviation) = (exact::mean(window).value(), exact::deviation(window));
            let wanted = [mean + 2.0 * deviation, mean, mean - 3.0 * deviation];
            for (output, wanted) in outputs.iter().zip(wanted) {
                let scale = mean.abs() + 3.0 * deviation;
                let off = (value(output, row) - wanted).abs() / scale;
                assert!(off <= 4.5e-16, "{set}, row {row}: {off:e}");
            }
        }
    }
}

#[test]
fn extremes_are_those_of_the_window() {
    for period in PERIODS.into_iter().chain([100_000]) {
        for (set, bars) in data::sets(period + 300) {
            let outputs = run("stoch", &[period as f64, 1.0, 0.0, 1.0], &bars);
            let lows = windows(bars.column("low"), period);
            for ((row, highs), (_, lows)) in windows(bars.column("high"), period).zip(lows) {
                let highest = highs.iter().copied().fold(f64::MIN, f64::max);
                let lowest = lows.iter().copied().fold(f64::MAX, f64::min);
                let (range, close) = (highest - lowest, bars.column("close")[row]);
                let wanted = if range == 0.0 {
                    0.0
                } else {
                    (close - lowest) / range * 100.0
                };
                for output in &outputs {
                    assert_eq!(
                        value(output, row),
                        wanted,
                        "stoch {period} on {set}, row {row}"
                    );
                }
            }
        }
    }
}

/// Functions that nothing runs along the rows for, as their graphs say; all others may remember for ever.
#[test]
fn what_left_the_window_is_forgotten() {
    let bars = data::walk(700);
    let mut random = Random(9);
    for definition in registry::definitions() {
        let defaults: Vec<_> = definition.params.iter().map(|p| p.default).collect();
        let smallest: Vec<_> = definition.params.iter().map(|p| p.min).collect();
        for params in [&defaults, &smallest] {
            let resolved = Params::resolve(definition, params).expect("inside the ranges");
            if !definition.is_windowed(&resolved) {
                continue;
            }
            let clean = run(definition.name, params, &bars);
            for bad in [1e308, -1e308, f64::MAX, 1e300, 0.0, -5.0, 5e-324] {
                let mut dirty = bars.clone();
                let at = 100 + random.below(400);
                for column in &mut dirty.0 {
                    column[at] = bad;
                    column[at + 1] = -bad;
                }
                let from = at + 1 + definition.lookback(&resolved) + 1;
                let tail = |outputs: &[Values]| -> Vec<Values> {
                    let values = outputs.iter().map(|values| values[from..].to_vec());
                    values.collect()
                };
                let given = tail(&run(definition.name, params, &dirty));
                let found = difference(&given, &tail(&clean));
                assert_eq!(found, None, "{}{params:?} after {bad:e}", definition.name);
            }
        }
    }
}
