//! Ehlers' MESA adaptive moving average.

use crate::{
    graph::{Graph, Series},
    scan::Scan,
};

/// MESA adaptive moving average and the following one (Ehlers 2001): the weight is the fast limit over the turn of the
/// dominant cycle's phase, not less than the slow limit.
pub fn mama(graph: &mut Graph, input: Series, fast: f64, slow: f64) -> [Series; 2] {
    graph.scan(Mama, [input], [fast, slow], 32)
}

/// The operations and their order are TA-Lib's, its running sums of the smoothing included: where the cycle is faint, the
/// phase is that of the rounding, and no other sum would find it.
struct Mama;

/// Rows that TA-Lib smooths before it looks for a cycle.
const SMOOTHED_ONLY: u64 = 12;

/// Where the numbers stand in the memory.
const PRICES: usize = 0; // the last 3
const SMOOTH: usize = 3; // the last 6
const DETRENDED: usize = 9; // the last 9
const QUADRATURE: usize = 18; // the last 6
const SUM: usize = 24;
const RAMP: usize = 25;
const PERIOD: usize = 26;
const PHASE: usize = 27;
const I2: usize = 28;
const Q2: usize = 29;
const RE: usize = 30;
const IM: usize = 31;
const MAMA: usize = 32;
const FAMA: usize = 33;
const LEFT: usize = 34; // the price that the sum must lose next
const NUMBERS: usize = 35;

/// Adds a value in front of the last `N`, of which the oldest is dropped.
#[inline(always)]
fn push<const N: usize>(memory: &mut [f64; NUMBERS], at: usize, value: f64) {
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

impl Scan<1, 2, NUMBERS, 2> for Mama {
    #[inline(always)]
    fn step(
        memory: &mut [f64; NUMBERS],
        row: u64,
        [x]: [f64; 1],
        [fast, slow]: [f64; 2],
    ) -> [f64; 2] {
        // Four rows, weighted 4 to 1; the sums begin with three rows, weighted 3 to 1.
        let leaving = memory[PRICES + 2];
        push::<3>(memory, PRICES, x);
        if row < 3 {
            memory[SUM] += x;
            memory[RAMP] += x * (row + 1) as f64;
            return [0.0; 2];
        }
        memory[SUM] += x;
        memory[SUM] -= memory[LEFT];
        memory[RAMP] += x * 4.0;
        memory[LEFT] = leaving;
        let smooth = memory[RAMP] * 0.1;
        memory[RAMP] -= memory[SUM];
        if row < SMOOTHED_ONLY {
            return [0.0; 2];
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
        let degrees = 180.0 / std::f64::consts::PI;
        let phase = if in_phase == 0.0 {
            0.0
        } else {
            (quadrature / in_phase).atan() * degrees
        };
        let turn = memory[PHASE] - phase;
        memory[PHASE] = phase;
        let weight = if turn > 1.0 {
            (fast / turn).max(slow)
        } else {
            fast
        };
        memory[MAMA] = (1.0 - weight).mul_add(memory[MAMA], weight * x);
        let half = weight * 0.5;
        memory[FAMA] = (1.0 - half).mul_add(memory[FAMA], half * memory[MAMA]);

        let re = memory[I2].mul_add(i2, memory[Q2] * q2);
        memory[RE] = 0.8f64.mul_add(memory[RE], 0.2 * re);
        let im = memory[I2] * q2 - memory[Q2] * i2;
        memory[IM] = 0.8f64.mul_add(memory[IM], 0.2 * im);
        let before = memory[PERIOD];
        let mut period = before;
        if memory[IM] != 0.0 && memory[RE] != 0.0 {
            period = 360.0 / ((memory[IM] / memory[RE]).atan() * degrees);
        }
        let most = 1.5 * before;
        if period > most {
            period = most;
        }
        let least = 0.67 * before;
        if period < least {
            period = least;
        }
        period = period.clamp(6.0, 50.0);
        memory[PERIOD] = 0.2f64.mul_add(period, 0.8 * before);
        [memory[MAMA], memory[FAMA]]
    }
}
