//! Ehlers' dominant cycle, and the average that follows its phase.

use std::f64::consts::PI;

use crate::{
    graph::{Graph, Series},
    scan::Scan,
};

/// MESA adaptive moving average and the following one (Ehlers 2001): the weight is the fast limit over the turn of the
/// dominant cycle's phase, not less than the slow limit.
pub fn mama(graph: &mut Graph, input: Series, fast: f64, slow: f64) -> [Series; 2] {
    graph.scan(Mama, [input], [fast, slow], 32)
}

/// Where the numbers of the cycle stand in the memory.
const PRICES: usize = 0; // the last 3
pub(super) const SMOOTH: usize = 3; // the last 6
const DETRENDED: usize = 9; // the last 9
const QUADRATURE: usize = 18; // the last 6
const SUM: usize = 24;
const RAMP: usize = 25;
const LEFT: usize = 26; // the price that the sum must lose next
pub(super) const PERIOD: usize = 27;
const I2: usize = 28;
const Q2: usize = 29;
const RE: usize = 30;
const IM: usize = 31;
/// Numbers of the cycle; what is built on it has its own behind them.
pub(super) const CYCLE: usize = 32;

/// Degrees in a radian.
pub(crate) const DEGREES: f64 = 180.0 / PI;

/// Adds a value in front of the last `N`, of which the oldest is dropped.
#[inline(always)]
pub(crate) fn push<const N: usize>(memory: &mut [f64], at: usize, value: f64) {
    memory.copy_within(at..at + N - 1, at + 1);
    memory[at] = value;
}

/// Hilbert transform of values two rows apart, newest first.
#[inline(always)]
fn hilbert(x: [f64; 4], gain: f64) -> f64 {
    const OUTER: f64 = 0.0962;
    const INNER: f64 = 0.5769;
    (OUTER * x[0] - OUTER * x[3] - INNER * x[2] + INNER * x[1]) * gain
}

/// Takes a row; the parts in phase and in quadrature, once the first rows were only smoothed.
///
/// The operations and their order are TA-Lib's, its running sums of the smoothing included: where the cycle is faint, the
/// phase is that of the rounding, and no other sum would find it.
#[inline(always)]
pub(super) fn cycle(memory: &mut [f64], row: u64, x: f64, only_smoothed: u64) -> Option<[f64; 2]> {
    // Four rows, weighted 4 to 1; the sums begin with three rows, weighted 3 to 1.
    let leaving = memory[PRICES + 2];
    push::<3>(memory, PRICES, x);
    memory[SUM] += x;
    if row < 3 {
        memory[RAMP] += x * (row + 1) as f64;
        return None;
    }
    memory[SUM] -= memory[LEFT];
    memory[RAMP] += x * 4.0;
    memory[LEFT] = leaving;
    let smooth = memory[RAMP] * 0.1;
    memory[RAMP] -= memory[SUM];
    if row < only_smoothed {
        return None;
    }

    let gain = 0.075f64.mul_add(memory[PERIOD], 0.54);
    let s = &memory[SMOOTH..];
    let detrended = hilbert([smooth, s[1], s[3], s[5]], gain);
    let d = &memory[DETRENDED..];
    let quadrature = hilbert([detrended, d[1], d[3], d[5]], gain);
    let in_phase = d[2];
    let ahead_in_phase = hilbert([in_phase, d[4], d[6], d[8]], gain);
    let q = &memory[QUADRATURE..];
    let ahead_quadrature = hilbert([quadrature, q[1], q[3], q[5]], gain);
    push::<6>(memory, SMOOTH, smooth);
    push::<9>(memory, DETRENDED, detrended);
    push::<6>(memory, QUADRATURE, quadrature);

    let (i2, q2) = (memory[I2], memory[Q2]);
    memory[Q2] = 0.2f64.mul_add(quadrature + ahead_in_phase, 0.8 * q2);
    memory[I2] = 0.2f64.mul_add(in_phase - ahead_quadrature, 0.8 * i2);
    let re = memory[I2].mul_add(i2, memory[Q2] * q2);
    memory[RE] = 0.8f64.mul_add(memory[RE], 0.2 * re);
    let im = memory[I2] * q2 - memory[Q2] * i2;
    memory[IM] = 0.8f64.mul_add(memory[IM], 0.2 * im);
    memory[PERIOD] = period(memory[PERIOD], memory[RE], memory[IM]);
    Some([in_phase, quadrature])
}

/// The period of the cycle from the one before and the turn of the phase: 6 to 50 rows, no sudden change, smoothed.
#[inline(always)]
fn period(before: f64, re: f64, im: f64) -> f64 {
    let mut period = before;
    if im != 0.0 && re != 0.0 {
        period = 360.0 / ((im / re).atan() * DEGREES);
    }
    let (least, most) = (0.67 * before, 1.5 * before);
    if period > most {
        period = most;
    }
    if period < least {
        period = least;
    }
    0.2f64.mul_add(period.clamp(6.0, 50.0), 0.8 * before)
}

/// Memory: the cycle, its phase, and both averages.
struct Mama;

impl Scan<1, 2, { CYCLE + 3 }, 2> for Mama {
    #[inline(always)]
    fn step(
        memory: &mut [f64; CYCLE + 3],
        row: u64,
        [x]: [f64; 1],
        [fast, slow]: [f64; 2],
    ) -> [f64; 2] {
        let Some([in_phase, quadrature]) = cycle(memory, row, x, 12) else {
            return [0.0; 2];
        };
        let [before, mama, fama] = [memory[CYCLE], memory[CYCLE + 1], memory[CYCLE + 2]];
        let phase = if in_phase == 0.0 {
            0.0
        } else {
            (quadrature / in_phase).atan() * DEGREES
        };
        let turn = before - phase;
        let weight = if turn > 1.0 {
            (fast / turn).max(slow)
        } else {
            fast
        };
        let mama = (1.0 - weight).mul_add(mama, weight * x);
        let half = weight * 0.5;
        let fama = (1.0 - half).mul_add(fama, half * mama);
        memory[CYCLE..].copy_from_slice(&[phase, mama, fama]);
        [mama, fama]
    }
}
