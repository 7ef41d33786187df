//! Two-pole smoothing filters of Ehlers' Swiss army knife.

use std::f64::consts::PI;

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    registry::{Definition, Param, Parity, Source},
    scan::Scan,
};

/// The wave that is weakened by half.
const WAVE: Param = Param {
    max: 10_000.0,
    ..period(
        "timeperiod",
        20,
        2,
        "rows of the wave that is weakened by half",
    )
};

pub(super) const SWAK_BUTTER: Definition = Definition {
    name: "swak_butter",
    group: "Overlap Studies",
    summary: "Butterworth filter with two poles, of the Swiss army knife (Ehlers 2006).",
    formula: "value = alpha^2 / 4 (x + 2 x[1] + x[2]) + 2 (1 - alpha) value[1] - (1 - alpha)^2 value[2], begun with x; \
              alpha = -b + sqrt(b^2 + 2 b), b = 2.415 (1 - cos(2 pi / n))",
    inputs: &[CLOSE],
    params: &[WAVE],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SWAK_BUTTER"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [one, two, keep] = poles(params.period(0));
        let square = keep * keep / 4.0;
        graph
            .scan(Butterworth, [inputs[0]], [one, two, square], 0)
            .to_vec()
    },
};

pub(super) const SWAK_GAUSS: Definition = Definition {
    name: "swak_gauss",
    group: "Overlap Studies",
    summary: "Gaussian filter with two poles, of the Swiss army knife (Ehlers 2006).",
    formula: "value = alpha^2 x + 2 (1 - alpha) value[1] - (1 - alpha)^2 value[2], begun with x; alpha = -b + sqrt(b^2 \
              + 2 b), b = 2.415 (1 - cos(2 pi / n))",
    inputs: &[CLOSE],
    params: &[WAVE],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SWAK_GAUSS"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [one, two, keep] = poles(params.period(0));
        graph
            .scan(Gauss, [inputs[0]], [one, two, keep * keep], 0)
            .to_vec()
    },
};

/// Weights of the last two results, and the weight of a new value in one pole.
pub(in crate::definitions) fn poles(period: usize) -> [f64; 3] {
    let sine = (PI / period as f64).sin();
    // One minus the cosine, without cancellation.
    let beta = 2.415 * (2.0 * sine * sine);
    let alpha = -beta + beta.mul_add(beta, 2.0 * beta).sqrt();
    let rest = 1.0 - alpha;
    [2.0 * rest, -(rest * rest), alpha]
}

/// Memory: the last two results and the last two values.
struct Butterworth;

impl Scan<1, 1, 4, 3> for Butterworth {
    #[inline(always)]
    fn step(
        memory: &mut [f64; 4],
        row: u64,
        [x]: [f64; 1],
        [one, two, take]: [f64; 3],
    ) -> [f64; 1] {
        if row == 0 {
            *memory = [x; 4];
        }
        let [y1, y2, x1, x2] = *memory;
        let value = one.mul_add(y1, two.mul_add(y2, take * (2f64.mul_add(x1, x) + x2)));
        *memory = [value, y1, x, x1];
        [value]
    }
}

/// Memory: the last two results.
struct Gauss;

impl Scan<1, 1, 2, 3> for Gauss {
    #[inline(always)]
    fn step(
        memory: &mut [f64; 2],
        row: u64,
        [x]: [f64; 1],
        [one, two, take]: [f64; 3],
    ) -> [f64; 1] {
        if row == 0 {
            *memory = [x; 2];
        }
        let [y1, y2] = *memory;
        let value = one.mul_add(y1, two.mul_add(y2, take * x));
        *memory = [value, y1];
        [value]
    }
}
