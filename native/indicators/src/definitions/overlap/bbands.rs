//! Bollinger bands.

use crate::definitions::{CLOSE, factor, ma_type, period, real};
use crate::{
    MaType, averages, map,
    registry::{Definition, Param, Parity, Source},
    window::{Moments, mean_and_deviation, moments},
};

/// The parameters of everything that is made from Bollinger bands.
pub(in crate::definitions) const BOLLINGER: &[Param] = &[
    period("timeperiod", 20, 2, "rows in the window"),
    factor(
        "nbdevup",
        2.0,
        "standard deviations from the middle to the upper band",
    ),
    factor(
        "nbdevdn",
        2.0,
        "standard deviations from the middle to the lower band",
    ),
    ma_type!("matype", 0, "moving average of the middle band"),
];

pub(super) const BBANDS: Definition = Definition {
    name: "bbands",
    group: "Overlap Studies",
    summary: "Bollinger bands: a moving average, and bands at multiples of the population standard deviation.",
    formula: "middle = ma(x, n), upper = middle + nbdevup stdev(x, n), lower = middle - nbdevdn stdev(x, n)",
    inputs: &[CLOSE],
    params: BOLLINGER,
    outputs: &[real("upper"), real("middle"), real("lower")],
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("BBANDS"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let Moments {
            newest,
            offset,
            squares,
            period,
        } = moments(graph, inputs[0], params.period(0));
        let count = period as f64;
        let k = [count, 1.0 / count, params.real(1), params.real(2)];
        match params.ma_type(3) {
            MaType::Sma => graph
                .map(BandsAroundMean, [newest, offset, squares], k)
                .to_vec(),
            kind => {
                let middle = averages::moving_average(graph, inputs[0], period, kind);
                let [upper, lower] = graph.map(BandsAround, [middle, squares], k);
                vec![upper, middle, lower]
            }
        }
    },
};

map! {
    /// Upper band, mean and lower band from the moments of the window.
    BandsAroundMean: [newest, offset, squares], [count, reciprocal, up, down] => 3 {
        let (mean, deviation) = mean_and_deviation(newest, offset, squares, count, reciprocal);
        [deviation.mul_add(up, mean), mean, (-deviation).mul_add(down, mean)]
    }
}

map! {
    /// Upper and lower band around another average.
    BandsAround: [middle, squares], [count, reciprocal, up, down] => 2 {
        let (_, deviation) = mean_and_deviation(0.0, 0.0, squares, count, reciprocal);
        [deviation.mul_add(up, middle), (-deviation).mul_add(down, middle)]
    }
}
