//! Width of Bollinger's bands, and the place of a value between them.
//!
//! Both come from the distances to the middle, not from the bands: those are rounded with the price, which at a high level
//! leaves TA-Lib few digits of their difference.

use crate::definitions::{CLOSE, VALUE, overlap::BOLLINGER};
use crate::{
    MaType, Params, averages,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
    window::{Moments, divide, mean_and_deviation, moments},
};

pub(super) const BBW: Definition = Definition {
    name: "bbw",
    group: "Volatility Indicators",
    summary: "Bollinger bandwidth: distance of the upper from the lower band in percent of the \
              middle, 0 where that is 0.",
    formula: "100 (nbdevup + nbdevdn) stdev(x, n) / ma(x, n); 0 where that average is 0",
    inputs: &[CLOSE],
    params: BOLLINGER,
    outputs: VALUE,
    // TA-Lib's bands are rounded with the price: at a level of 1e9, 8 digits of their distance are left.
    parity: Parity::Scaled(1e-7),
    source: Source::TaLib("BBW"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let Bands {
            middle, deviation, ..
        } = bands(graph, inputs[0], params);
        let width = params.real(1) + params.real(2);
        graph.map(Width, [middle, deviation], [width]).to_vec()
    },
};

pub(super) const PERCENTB: Definition = Definition {
    name: "percentb",
    group: "Volatility Indicators",
    summary: "Bollinger's %b: place of the value between the lower band, 0, and the upper band, 1; \
              0.5 where both are the same.",
    formula: "(x - lower) / (upper - lower) of ta_bbands; 0.5 where they are equal",
    inputs: &[CLOSE],
    params: BOLLINGER,
    outputs: VALUE,
    // TA-Lib's bands are rounded with the price: at a level of 1e9, 8 digits of their distance are left.
    parity: Parity::Scaled(1e-7),
    source: Source::TaLib("PERCENTB"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let Bands {
            distance,
            deviation,
            ..
        } = bands(graph, inputs[0], params);
        let k = [params.real(1) + params.real(2), params.real(2)];
        graph.map(Place, [distance, deviation], k).to_vec()
    },
};

struct Bands {
    middle: Series,
    /// From the middle to the value.
    distance: Series,
    /// Standard deviation of the population.
    deviation: Series,
}

fn bands(graph: &mut Graph, input: Series, params: &Params) -> Bands {
    let Moments {
        newest,
        offset,
        squares,
        period,
    } = moments(graph, input, params.period(0));
    let k = [period as f64, 1.0 / period as f64];
    let [mean, below, deviation] = graph.map(AroundMean, [newest, offset, squares], k);
    let (middle, distance) = match params.ma_type(3) {
        MaType::Sma => (mean, below),
        kind => {
            let middle = averages::moving_average(graph, input, period, kind);
            let [distance] = graph.map(Distance, [input, middle], []);
            (middle, distance)
        }
    };
    Bands {
        middle,
        distance,
        deviation,
    }
}

map! {
    /// Mean, distance of the newest value from it, and deviation, from the moments of the window.
    AroundMean: [newest, offset, squares], [count, reciprocal] => 3 {
        let (mean, deviation) = mean_and_deviation(newest, offset, squares, count, reciprocal);
        [mean, -divide(offset, count, reciprocal), deviation]
    }
}

map! {
    /// First minus second.
    Distance: [value, middle], [] => 1 { [value - middle] }
}

map! {
    /// So many deviations in percent of the middle; 0 where that is 0.
    Width: [middle, deviation], [width] => 1 {
        [if middle == 0.0 { 0.0 } else { width * deviation / middle * 100.0 }]
    }
}

map! {
    /// Distance from the lower band as a share of that between the bands; a half where there is none.
    Place: [distance, deviation], [width, down] => 1 {
        let whole = width * deviation;
        [if whole == 0.0 { 0.5 } else { down.mul_add(deviation, distance) / whole }]
    }
}
