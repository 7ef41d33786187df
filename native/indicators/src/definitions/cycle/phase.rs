//! Phase of the dominant cycle, and its sine.

use std::{f64::consts::PI, sync::LazyLock};

use crate::definitions::{CLOSE, VALUE, real};
use crate::{
    averages::{
        DEGREES,
        dominant::{Dominant, LONGEST, SETTLING, dominant, whole_rows},
        push,
    },
    elementary::Sin,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
    scan::Scan,
};

pub(super) const HT_DCPHASE: Definition = Definition {
    name: "ht_dcphase",
    group: "Cycle Indicators",
    summary: "Phase of the dominant cycle that the Hilbert transform finds (Ehlers 2001), in degrees, -45 to 315.",
    formula: "s = sum of smooth[i] sin(360 i / p), c = sum of smooth[i] cos(360 i / p), i = 0 .. p - 1, with p = \
              ta_ht_dcperiod rounded and smooth as there; value = atan(s / c) + 90 + 360 / period, + 180 where c < 0, \
              - 360 where it is then above 315",
    inputs: &[CLOSE],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("HT_DCPHASE"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let dominant = dominant(graph, inputs[0]);
        let phase = phase(graph, dominant);
        vec![graph.held_back(phase, SETTLING)]
    },
};

pub(super) const HT_SINE: Definition = Definition {
    name: "ht_sine",
    group: "Cycle Indicators",
    summary: "Sine wave indicator (Ehlers 2001): sine of the phase of the dominant cycle, and the same an eighth of the \
              cycle ahead.",
    formula: "sine = sin(phase), lead_sine = sin(phase + 45), in degrees, with phase = ta_ht_dcphase",
    inputs: &[CLOSE],
    params: &[],
    outputs: &[real("sine"), real("lead_sine")],
    parity: Parity::Relative(f64::EPSILON),
    source: Source::TaLib("HT_SINE"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let dominant = dominant(graph, inputs[0]);
        let sines = sines(graph, dominant);
        sines.map(|sine| graph.held_back(sine, SETTLING)).to_vec()
    },
};

/// Phase of the dominant cycle.
pub(super) fn phase(graph: &mut Graph, Dominant { smooth, period, .. }: Dominant) -> Series {
    let [phase] = graph.scan(Phase, [smooth, period], [], 0);
    phase
}

/// Sine of the phase, and that of the phase an eighth of the cycle ahead.
pub(super) fn sines(graph: &mut Graph, dominant: Dominant) -> [Series; 2] {
    let phase = phase(graph, dominant);
    let angles = graph.map(Angles, [phase], []);
    angles.map(|angle| graph.map(Sin, [angle], [])[0])
}

map! {
    /// A phase in degrees, and the phase 45 degrees ahead, in radians.
    Angles: [phase], [] => 2 {
        let radians = 1.0 / DEGREES;
        [phase * radians, (phase + 45.0) * radians]
    }
}

/// Sine and cosine at each row of a cycle, for cycles of one row, of two, and so on.
static WAVES: LazyLock<Vec<[f64; 2]>> = LazyLock::new(|| {
    let cycle = |rows: usize| {
        (0..rows).map(move |row| {
            let angle = row as f64 * (2.0 * PI) / rows as f64;
            [angle.sin(), angle.cos()]
        })
    };
    (1..=LONGEST).flat_map(cycle).collect()
});

/// The cycle of so many rows in [`WAVES`].
fn wave(rows: usize) -> &'static [[f64; 2]] {
    &WAVES[rows * rows.saturating_sub(1) / 2..][..rows]
}

/// Memory: the phase, and the smoothed values of the longest cycle.
struct Phase;

impl Scan<2, 1, { LONGEST + 1 }, 0> for Phase {
    #[inline(always)]
    fn step(
        memory: &mut [f64; LONGEST + 1],
        _: u64,
        [smooth, period]: [f64; 2],
        _: [f64; 0],
    ) -> [f64; 1] {
        push::<LONGEST>(memory, 1, smooth);
        let (mut sines, mut cosines) = (0.0, 0.0);
        for ([sine, cosine], value) in wave(whole_rows(period)).iter().zip(&memory[1..]) {
            sines += sine * value;
            cosines += cosine * value;
        }
        let mut phase = memory[0];
        if cosines != 0.0 && !f64::is_nan(cosines) {
            phase = (sines / cosines).atan() * DEGREES;
        } else if cosines == 0.0 && sines < 0.0 {
            phase -= 90.0;
        } else if cosines == 0.0 && sines > 0.0 {
            phase += 90.0;
        }
        phase += 90.0;
        // The smoothing lags about a row.
        phase += 360.0 / period;
        if cosines < 0.0 {
            phase += 180.0;
        }
        if phase > 315.0 {
            phase -= 360.0;
        }
        memory[0] = phase;
        [phase]
    }
}
