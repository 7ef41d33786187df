//! What follows the dominant cycle: its phasor, its smoothed period, and the trend without it.

use super::cycle::{CYCLE, PERIOD, SMOOTH, cycle, push};
use crate::{
    graph::{Graph, Series},
    scan::Scan,
};

/// Parts of the last value in phase and in quadrature with the dominant cycle, and the smoothed period of the cycle.
pub fn phasor(graph: &mut Graph, input: Series) -> [Series; 3] {
    graph.scan(Phasor, [input], [], 32)
}

/// What follows the dominant cycle, from the first row on for which it has a period: TA-Lib does not tell it yet, but
/// keeps the phase and the trend from there.
#[derive(Debug, Clone, Copy)]
pub struct Dominant {
    /// The values, smoothed over four rows.
    pub smooth: Series,
    /// The smoothed period.
    pub period: Series,
    /// The mean over the cycle, smoothed over four rows.
    pub line: Series,
}

/// Rows after which [`Dominant`] is told.
pub const SETTLING: usize = 63 - ONLY_SMOOTHED as usize;
const ONLY_SMOOTHED: u64 = 37;

/// Period and trend of the dominant cycle.
pub fn dominant(graph: &mut Graph, input: Series) -> Dominant {
    let [smooth, period, line] = graph.scan(Trend, [input], [], ONLY_SMOOTHED as usize);
    Dominant {
        smooth,
        period,
        line,
    }
}

/// Instantaneous trend line (Ehlers 2001): the mean over the dominant cycle, smoothed over four rows.
pub fn trend_line(graph: &mut Graph, input: Series) -> Series {
    let Dominant { line, .. } = dominant(graph, input);
    graph.held_back(line, SETTLING)
}

/// Memory: the cycle and its smoothed period.
struct Phasor;

impl Scan<1, 3, { CYCLE + 1 }, 0> for Phasor {
    #[inline(always)]
    fn step(memory: &mut [f64; CYCLE + 1], row: u64, [x]: [f64; 1], _: [f64; 0]) -> [f64; 3] {
        let Some([in_phase, quadrature]) = cycle(memory, row, x, 12) else {
            return [0.0; 3];
        };
        [in_phase, quadrature, smooth_period(memory)]
    }
}

/// Smooths the period further.
#[inline(always)]
fn smooth_period(memory: &mut [f64]) -> f64 {
    memory[SMOOTH_PERIOD] = 0.67f64.mul_add(memory[SMOOTH_PERIOD], 0.33 * memory[PERIOD]);
    memory[SMOOTH_PERIOD]
}

/// Longest cycle.
pub const LONGEST: usize = 50;
const SMOOTH_PERIOD: usize = CYCLE;
const MEANS: usize = CYCLE + 1; // the last 3
const WINDOW: usize = CYCLE + 4; // the last `LONGEST` values
const LINE: usize = WINDOW + LONGEST;

/// Memory: the cycle, its smoothed period, the last means, and the values of the longest cycle.
struct Trend;

impl Scan<1, 3, LINE, 0> for Trend {
    #[inline(always)]
    fn step(memory: &mut [f64; LINE], row: u64, [x]: [f64; 1], _: [f64; 0]) -> [f64; 3] {
        push::<LONGEST>(memory, WINDOW, x);
        if cycle(memory, row, x, ONLY_SMOOTHED).is_none() {
            return [0.0; 3];
        }
        let period = smooth_period(memory);
        let rows = whole_rows(period);
        let values = memory[WINDOW..].iter().take(rows);
        let sum = values.fold(0.0, |sum, value| sum + value);
        let mean = if rows > 0 { sum / rows as f64 } else { sum };
        let [first, second, third] = [memory[MEANS], memory[MEANS + 1], memory[MEANS + 2]];
        push::<3>(memory, MEANS, mean);
        let smoothed = 2f64.mul_add(second, 4f64.mul_add(mean, 3.0 * first)) + third;
        [memory[SMOOTH], period, smoothed / 10.0]
    }
}

/// The period, rounded; none if it is not a number.
#[inline(always)]
pub fn whole_rows(period: f64) -> usize {
    ((period + 0.5) as usize).min(LONGEST)
}
