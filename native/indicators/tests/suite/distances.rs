//! Indices of distances from a mean or a line, against double-double arithmetic: at a high price level TA-Lib's distances
//! are rounded with the price, so that a comparison with it says little there.

use financelake_indicators::BlockExecutor;

use crate::{
    data::{self, Bars},
    drive::{self, Rows, Values},
    exact::{self, Exact},
};

fn run(name: &str, period: usize, bars: &Bars) -> Values {
    let program = drive::program(&[drive::call(drive::find(name), &[period as f64])]);
    let rows = Rows::from(bars.clone());
    drive::batch(&mut BlockExecutor::new(program), &rows, 0..rows.len()).remove(0)
}

/// Checks each value against a function of the rows up to its own; `bound` is a share of the largest value so far, which
/// is at least `least`.
fn check(name: &str, period: usize, bound: f64, least: f64, wanted: impl Fn(&Bars, usize) -> f64) {
    for (set, bars) in data::sets(1_500) {
        let mut scale = least;
        for (row, given) in run(name, period, &bars).into_iter().enumerate() {
            let Some(given) = given else { continue };
            let wanted = wanted(&bars, row);
            scale = scale.max(wanted.abs());
            let off = (given - wanted).abs() / scale;
            assert!(
                off <= bound,
                "{name} {period} on {set}, row {row}: {given:e}, not {wanted:e}, off by {off:e}"
            );
        }
    }
}

fn size(value: Exact) -> Exact {
    if value.value() < 0.0 {
        Exact::ZERO.minus(value)
    } else {
        value
    }
}

#[test]
fn the_commodity_channel_index_keeps_its_digits_at_any_price_level() {
    for period in [2, 5, 14, 20, 211] {
        check("cci", period, 1e-13, 1.0, |bars, row| {
            let [_, high, low, close, ..] = &bars.0;
            let window: Vec<f64> = (row + 1 - period..=row)
                .map(|row| (high[row] + low[row] + close[row]) / 3.0)
                .collect();
            let mean = exact::mean(&window);
            let distance = |x: f64| Exact::from(x).minus(mean);
            let sizes = window
                .iter()
                .fold(Exact::ZERO, |sum, &x| sum.add(size(distance(x))));
            let (last, usual) = (distance(window[period - 1]), sizes.over(period as f64));
            if last.value().abs() <= 1e-14 * mean.value().abs() {
                return 0.0;
            }
            last.over(0.015 * usual.value()).value()
        });
    }
}

#[test]
fn the_forecast_oscillator_keeps_its_digits_at_any_price_level() {
    for period in [5, 14, 211] {
        check("fosc", period, 5e-15, 100.0, |bars, row| {
            let close = bars.column("close");
            let window = &close[row - period..row];
            // The slope, as a share of the squared deviations of the row numbers, with doubled numbers to have them whole.
            let tilt = window
                .iter()
                .enumerate()
                .fold(Exact::ZERO, |sum, (place, &x)| {
                    let from_middle = (2 * place + 1) as f64 - period as f64;
                    sum.add(Exact::from(x).times(from_middle))
                });
            let count = period as f64;
            let rise = tilt.times(3.0).over(count * (count - 1.0));
            let forecast = exact::mean(window).add(rise);
            let miss = Exact::from(close[row]).minus(forecast);
            miss.times(100.0).over(close[row]).value()
        });
    }
}

#[test]
fn the_correlation_trend_indicator_keeps_its_digits_at_any_price_level() {
    for period in [3, 20, 211] {
        check("cti", period, 1e-14, 1.0, |bars, row| {
            let window = &bars.column("close")[row + 1 - period..=row];
            let mean = exact::mean(window);
            let (mut tilt, mut squares) = (Exact::ZERO, Exact::ZERO);
            for (place, &x) in window.iter().enumerate() {
                let distance = Exact::from(x).minus(mean);
                let from_middle = (2 * place + 1) as f64 - period as f64;
                tilt = tilt.add(distance.times(from_middle));
                squares = squares.add(distance.squared());
            }
            if squares.value() == 0.0 {
                return 0.0;
            }
            let count = period as f64;
            let of_rows = count * (count * count - 1.0) / 3.0;
            tilt.value() / (squares.value() * of_rows).sqrt()
        });
    }
}

/// Sum of products of the windows' distances from their means.
fn products(xs: &[f64], ys: &[f64]) -> f64 {
    let (mean_x, mean_y) = (exact::mean(xs), exact::mean(ys));
    let product = |(&x, &y): (&f64, &f64)| {
        let x = Exact::from(x).minus(mean_x);
        let y = Exact::from(y).minus(mean_y);
        // The distances of these data have digits enough to be rounded once.
        Exact::product(x.value(), y.value())
    };
    let products = xs.iter().zip(ys).map(product);
    products.fold(Exact::ZERO, Exact::add).value()
}

#[test]
fn the_slope_of_a_line_keeps_its_digits_at_any_price_level() {
    for period in [2, 14, 211] {
        let numbers: Vec<f64> = (0..period).map(|row| row as f64).collect();
        let of_rows = products(&numbers, &numbers);
        let slope = |bars: &Bars, row: usize| {
            let window = &bars.column("close")[row + 1 - period..=row];
            products(&numbers, window) / of_rows
        };
        check("linearreg_slope", period, 1e-14, 1e-3, slope);
        check("linearreg_angle", period, 1e-14, 1.0, |bars, row| {
            slope(bars, row).atan().to_degrees()
        });
    }
}

#[test]
fn the_variance_keeps_its_digits_at_any_price_level() {
    for period in [2, 5, 211] {
        check("var", period, 1e-14, 1e-6, |bars, row| {
            let window = &bars.column("close")[row + 1 - period..=row];
            products(window, window) / period as f64
        });
    }
}

#[test]
fn the_correlation_keeps_its_digits_at_any_price_level() {
    for period in [3, 30, 211] {
        check("correl", period, 1e-13, 1.0, |bars, row| {
            let window = |name| &bars.column(name)[row + 1 - period..=row];
            let (xs, ys) = (window("close"), window("open"));
            let squares = products(xs, xs) * products(ys, ys);
            if squares == 0.0 {
                return 0.0;
            }
            products(xs, ys) / squares.sqrt()
        });
    }
}

#[test]
fn the_kurtosis_keeps_its_digits_at_any_price_level() {
    for period in [5, 30, 211] {
        check("kurtosis", period, 1e-13, 1.0, |bars, row| {
            let window = &bars.column("close")[row + 1 - period..=row];
            let mean = exact::mean(window);
            let squares = window.iter().map(|&x| Exact::from(x).minus(mean).squared());
            let (mut second, mut fourth) = (Exact::ZERO, Exact::ZERO);
            for square in squares {
                second = second.add(square);
                fourth = fourth.add(square.squared());
            }
            let n = period as f64;
            let variance = second.value() / (n - 1.0);
            let share = fourth.value() / (variance * variance);
            let rest = (n - 2.0) * (n - 3.0);
            n * (n + 1.0) / ((n - 1.0) * rest) * share - 3.0 * (n - 1.0) * (n - 1.0) / rest
        });
    }
}

#[test]
fn beta_keeps_its_digits_at_any_price_level() {
    for period in [2, 5, 211] {
        check("beta", period, 1e-12, 1.0, |bars, row| {
            let changes = |name| -> Vec<f64> {
                let window = bars.column(name)[row - period..=row].windows(2);
                window.map(|pair| (pair[1] - pair[0]) / pair[0]).collect()
            };
            let (xs, ys) = (changes("close"), changes("open"));
            if xs.iter().all(|&x| x == xs[0]) {
                return 0.0;
            }
            products(&xs, &ys) / products(&xs, &xs)
        });
    }
}

#[test]
fn the_bandwidth_and_the_place_between_the_bands_keep_their_digits_at_any_price_level() {
    for period in [2, 5, 20, 211] {
        check("bbw", period, 5e-15, f64::MIN_POSITIVE, |bars, row| {
            let window = &bars.column("close")[row + 1 - period..=row];
            let width = 4.0 * exact::deviation(window);
            width / exact::mean(window).value() * 100.0
        });
        check("percentb", period, 5e-15, 1.0, |bars, row| {
            let window = &bars.column("close")[row + 1 - period..=row];
            let distance = Exact::from(window[period - 1]).minus(exact::mean(window));
            match exact::deviation(window) {
                0.0 => 0.5,
                deviation => (distance.value() + 2.0 * deviation) / (4.0 * deviation),
            }
        });
    }
}
