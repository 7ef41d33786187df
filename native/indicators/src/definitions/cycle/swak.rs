//! Filters of Ehlers' Swiss army knife that take the trend away.

use std::f64::consts::PI;

use crate::definitions::{CLOSE, VALUE, overlap::swak::poles, period};
use crate::{
    registry::{Definition, Param, ParamKind, Parity, Source},
    scan::Scan,
};

/// The wave from which on a filter weakens longer ones.
const fn wave(min: u32, max: f64) -> Param {
    Param {
        max,
        ..period(
            "timeperiod",
            20,
            min,
            "rows of the wave from which on longer ones are weakened",
        )
    }
}

pub(super) const SWAK_HP: Definition = Definition {
    name: "swak_hp",
    group: "Cycle Indicators",
    summary: "High-pass filter with one pole, of the Swiss army knife (Ehlers 2006).",
    formula: "value = (1 - alpha / 2) (x - x[1]) + (1 - alpha) value[1], begun with 0; alpha = (cos w + sin w - 1) / \
              cos w, w = 2 pi / n",
    inputs: &[CLOSE],
    params: &[wave(5, 100_000.0)],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SWAK_HP"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let angle = PI / params.period(0) as f64;
        let (sine, cosine) = (angle.sin(), angle.cos());
        // The weight of the textbook, without cancellation.
        let alpha = 2.0 * sine * (cosine - sine) / (1.0 - 2.0 * sine * sine);
        let k = [1.0 - alpha, 1.0 - alpha / 2.0];
        graph.scan(HighPass, [inputs[0]], k, 0).to_vec()
    },
};

pub(super) const SWAK_2PHP: Definition = Definition {
    name: "swak_2php",
    group: "Cycle Indicators",
    summary: "High-pass filter with two poles, of the Swiss army knife (Ehlers 2006).",
    formula: "value = (1 - alpha / 2)^2 (x - 2 x[1] + x[2]) + 2 (1 - alpha) value[1] - (1 - alpha)^2 value[2], begun \
              with 0; alpha = -b + sqrt(b^2 + 2 b), b = 2.415 (1 - cos(2 pi / n))",
    inputs: &[CLOSE],
    params: &[wave(2, 10_000.0)],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SWAK_2PHP"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [one, two, alpha] = poles(params.period(0));
        let half = 1.0 - alpha / 2.0;
        graph
            .scan(TwoPoles, [inputs[0]], [one, two, half * half, 1.0], 0)
            .to_vec()
    },
};

pub(super) const SWAK_BP: Definition = Definition {
    name: "swak_bp",
    group: "Cycle Indicators",
    summary: "Band-pass filter, of the Swiss army knife (Ehlers 2006): what has about the length of the wave.",
    formula: "value = (1 - alpha) / 2 (x - x[2]) + beta (1 + alpha) value[1] - alpha value[2], begun with 0; beta = \
              cos(2 pi / n), alpha = 1 / g - sqrt(1 / g^2 - 1), g = cos(4 pi delta / n)",
    inputs: &[CLOSE],
    params: &[
        Param {
            max: 2_000.0,
            ..period("timeperiod", 20, 5, "rows of the wave that passes")
        },
        Param {
            name: "delta",
            kind: ParamKind::Real,
            default: 0.1,
            min: 0.05,
            max: 0.5,
            doc: "half the width of the band, as a share of the wave",
        },
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SWAK_BP"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let rows = params.period(0) as f64;
        let beta = (2.0 * PI / rows).cos();
        let width = 4.0 * PI * params.real(1) / rows;
        let alpha = (1.0 - width.sin()) / width.cos();
        let k = [beta * (1.0 + alpha), -alpha, (1.0 - alpha) / 2.0, 0.0];
        graph.scan(TwoPoles, [inputs[0]], k, 0).to_vec()
    },
};

/// Memory: the last result and the last value.
struct HighPass;

impl Scan<1, 1, 2, 2> for HighPass {
    #[inline(always)]
    fn step(memory: &mut [f64; 2], row: u64, [x]: [f64; 1], [keep, take]: [f64; 2]) -> [f64; 1] {
        if row == 0 {
            *memory = [0.0, x];
        }
        let [before, last] = *memory;
        let value = keep.mul_add(before, take * (x - last));
        *memory = [value, x];
        [value]
    }
}

/// Memory: the last two results and the last two values. `bend` is 1 for the second difference of the values, 0 for the
/// difference over two rows.
struct TwoPoles;

impl Scan<1, 1, 4, 4> for TwoPoles {
    #[inline(always)]
    fn step(
        memory: &mut [f64; 4],
        row: u64,
        [x]: [f64; 1],
        [one, two, take, bend]: [f64; 4],
    ) -> [f64; 1] {
        if row == 0 {
            *memory = [0.0, 0.0, x, x];
        }
        let [y1, y2, x1, x2] = *memory;
        let change = if bend == 0.0 {
            x - x2
        } else {
            x - 2.0 * x1 + x2
        };
        let value = one.mul_add(y1, two.mul_add(y2, take * change));
        *memory = [value, y1, x, x1];
        [value]
    }
}
