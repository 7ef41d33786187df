//! The least-squares line through a window: its value at the newest row, the next and the oldest, its slope and angle.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    Params,
    averages::DEGREES,
    elementary::atan,
    graph::{Graph, Series},
    map,
    registry::{Definition, Param, Parity, Source},
    rolling::Rolling,
    window,
};

const WINDOW: &[Param] = &[period(
    "timeperiod",
    14,
    2,
    "rows that the line is laid through",
)];

pub(super) const LINEARREG: Definition = Definition {
    name: "linearreg",
    group: "Statistic Functions",
    summary: "Linear regression: the least-squares line through the last timeperiod values, at the newest row.",
    formula: "value at i = 0 of the least-squares line through the points (i, x[i]), i = 0 .. n - 1",
    inputs: &[CLOSE],
    params: WINDOW,
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("LINEARREG"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![on_line(graph, inputs[0], params, 3.0)],
};

pub(super) const LINEARREG_INTERCEPT: Definition = Definition {
    name: "linearreg_intercept",
    group: "Statistic Functions",
    summary: "Linear regression intercept: the least-squares line through the last timeperiod values, at the oldest row.",
    formula: "value at i = n - 1 of the least-squares line through the points (i, x[i]), i = 0 .. n - 1",
    inputs: &[CLOSE],
    params: WINDOW,
    outputs: VALUE,
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("LINEARREG_INTERCEPT"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![on_line(graph, inputs[0], params, -3.0)],
};

pub(super) const TSF: Definition = Definition {
    name: "tsf",
    group: "Statistic Functions",
    summary: "Time series forecast: the least-squares line through the last timeperiod values, at the row after them.",
    formula: "value at i = -1 of the least-squares line through the points (i, x[i]), i = 0 .. n - 1",
    inputs: &[CLOSE],
    params: WINDOW,
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::TaLib("TSF"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let rows = params.period(0) as f64;
        let reach = 3.0 * (rows + 1.0) / (rows - 1.0);
        vec![on_line(graph, inputs[0], params, reach)]
    },
};

pub(super) const LINEARREG_SLOPE: Definition = Definition {
    name: "linearreg_slope",
    group: "Statistic Functions",
    summary: "Linear regression slope: rise per row of the least-squares line through the last timeperiod values.",
    formula: "sum((m - i) (x[i] - mean(x, n))) / sum((m - i)^2), i = 0 .. n - 1, m = (n - 1) / 2",
    inputs: &[CLOSE],
    params: WINDOW,
    outputs: VALUE,
    parity: Parity::Inputs(1e-12),
    source: Source::TaLib("LINEARREG_SLOPE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![slope(graph, inputs[0], params)],
};

pub(super) const LINEARREG_ANGLE: Definition = Definition {
    name: "linearreg_angle",
    group: "Statistic Functions",
    summary: "Linear regression angle: that whose tangent is the slope of the least-squares line through the last \
              timeperiod values, in degrees.",
    formula: "atan(ta_linearreg_slope) in degrees",
    inputs: &[CLOSE],
    params: WINDOW,
    outputs: VALUE,
    // The slope's bound, in degrees.
    parity: Parity::Inputs(1e-10),
    source: Source::TaLib("LINEARREG_ANGLE"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let slope = slope(graph, inputs[0], params);
        graph.map(Angle, [slope], []).to_vec()
    },
};

/// The line at a row. What it gains there on the mean is what the mean that counts newer values more gains, times `reach`.
fn on_line(graph: &mut Graph, input: Series, params: &Params, reach: f64) -> Series {
    let mean = window::mean(graph, input, params.period(0));
    let weighted = window::weighted_mean(graph, input, params.period(0));
    let [value] = graph.map(OnLine, [mean, weighted], [reach]);
    value
}

fn slope(graph: &mut Graph, input: Series, params: &Params) -> Series {
    let rows = params.period(0) as f64;
    let k = [0.5 * (rows - 1.0), rows * (rows * rows - 1.0) / 12.0];
    let [slope] = graph.rolling(Slope, [input], [input], params.period(0), k);
    slope
}

map! {
    /// From the mean to a place on the line.
    OnLine: [mean, weighted], [reach] => 1 { [(weighted - mean).mul_add(reach, mean)] }
}

map! {
    /// Angle of a slope, in degrees.
    Angle: [slope], [] => 1 { [atan(slope) * DEGREES] }
}

/// Slope of the line, from the age of the middle row and the squared deviations of the row numbers. Values are taken from the
/// newest, so that the level of the price does not round it.
struct Slope;

impl Rolling<1, 1, 1, 1, 2> for Slope {
    #[inline(always)]
    fn add(
        [sum]: [f64; 1],
        [x]: [f64; 1],
        age: f64,
        [newest]: [f64; 1],
        [middle, _]: [f64; 2],
    ) -> [f64; 1] {
        [(middle - age).mul_add(x - newest, sum)]
    }

    #[inline(always)]
    fn end([sum]: [f64; 1], _: [f64; 1], [_, squares]: [f64; 2]) -> [f64; 1] {
        [sum / squares]
    }
}
