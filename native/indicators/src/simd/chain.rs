//! Several linear recurrences at a time, for all rows of a step.
//!
//! A step of a recurrence waits for the step before, so one alone runs at the latency of a multiply-add. Up to eight stand
//! side by side in vector registers: eight rows of each stream are loaded, turned so that a register holds one row, put
//! through the recurrence, turned back and stored. Turning moves values and never changes them. Without it each row would
//! be stored value by value, which takes longer than the arithmetic.

use crate::chunks::rows_of;

/// Most recurrences that run side by side.
pub(crate) const TOGETHER: usize = 8;
/// Fewest recurrences for which turning pays.
#[cfg(target_arch = "x86_64")]
const WORTH_TURNING: usize = 4;
/// Rows between two looks at the slices.
const STRIDE: usize = 16;

/// `s = keep * s + take * x` for `C` streams of equal length, eight at most. The product with `take` is rounded, the rest
/// is one fused multiply-add.
pub(crate) struct Chains<'a, const C: usize> {
    pub(crate) keep: [f64; C],
    pub(crate) take: [f64; C],
    pub(crate) states: &'a mut [f64; C],
    pub(crate) inputs: [&'a [f64]; C],
    pub(crate) outputs: [&'a mut [f64]; C],
}

impl<const C: usize> Chains<'_, C> {
    fn rows(&self) -> usize {
        self.inputs[0].len()
    }

    /// Runs the rows from this one on, value by value.
    #[inline(always)]
    fn run(&mut self, from: usize) {
        let mut row = from;
        while row + STRIDE <= self.rows() {
            self.stride::<STRIDE>(row);
            row += STRIDE;
        }
        while row < self.rows() {
            self.stride::<1>(row);
            row += 1;
        }
    }

    #[inline(always)]
    fn stride<const N: usize>(&mut self, row: usize) {
        let x: [&[f64; N]; C] = std::array::from_fn(|c| rows_of(self.inputs[c], row));
        let mut y = [[0.0; N]; C];
        let mut s = *self.states;
        for t in 0..N {
            for c in 0..C {
                s[c] = self.keep[c].mul_add(s[c], self.take[c] * x[c][t]);
                y[c][t] = s[c];
            }
        }
        *self.states = s;
        for (output, y) in self.outputs.iter_mut().zip(&y) {
            output[row..row + N].copy_from_slice(y);
        }
    }
}

/// Value by value, for every processor.
pub(super) fn portable<const C: usize>(mut chains: Chains<'_, C>) {
    chains.run(0);
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use std::arch::x86_64::*;

    use super::{Chains, TOGETHER, WORTH_TURNING};
    use crate::chunks::rows_of;

    /// With AVX-512: one register per row.
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,avx512f,avx512vl,avx512dq,avx512bw")]
    pub(in super::super) fn avx512<const C: usize>(mut chains: Chains<'_, C>) {
        let tiles = tiles(&chains);
        if tiles > 0 {
            let (keep, take) = (load8(&padded(&chains.keep)), load8(&padded(&chains.take)));
            let mut state = load8(&padded(chains.states));
            for row in (0..tiles).map(|tile| tile * TOGETHER) {
                let mut rows = [_mm512_setzero_pd(); TOGETHER];
                for (values, input) in rows.iter_mut().zip(&chains.inputs) {
                    *values = load8(rows_of(input, row));
                }
                rows = turn8(rows);
                for values in &mut rows {
                    state = _mm512_fmadd_pd(keep, state, _mm512_mul_pd(take, *values));
                    *values = state;
                }
                for (values, output) in turn8(rows).into_iter().zip(&mut chains.outputs) {
                    store8(output, row, values);
                }
            }
            let mut states = [0.0; TOGETHER];
            store8(&mut states, 0, state);
            chains.states.copy_from_slice(&states[..C]);
        }
        chains.run(tiles * TOGETHER);
    }

    /// Four streams: their constants, their states, and four rows.
    #[derive(Clone, Copy)]
    struct Half {
        keep: __m256d,
        take: __m256d,
        state: __m256d,
        rows: [__m256d; 4],
    }

    /// With AVX2: two registers per row, one of them for four streams or fewer.
    #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
    pub(in super::super) fn avx2<const C: usize>(mut chains: Chains<'_, C>) {
        let tiles = tiles(&chains);
        if tiles > 0 {
            let (keep, take) = (padded(&chains.keep), padded(&chains.take));
            let mut states = padded(chains.states);
            let mut halves = [0, 4].map(|at| Half {
                keep: load4(&keep, at),
                take: load4(&take, at),
                state: load4(&states, at),
                rows: [_mm256_setzero_pd(); 4],
            });
            let used = &mut halves[..C.div_ceil(4)];
            for row in (0..2 * tiles).map(|tile| tile * 4) {
                for (c, input) in chains.inputs.iter().enumerate() {
                    used[c / 4].rows[c % 4] = load4(input, row);
                }
                for half in &mut *used {
                    half.rows = turn4(half.rows);
                }
                for step in 0..4 {
                    for half in &mut *used {
                        let added = _mm256_mul_pd(half.take, half.rows[step]);
                        half.state = _mm256_fmadd_pd(half.keep, half.state, added);
                        half.rows[step] = half.state;
                    }
                }
                for half in &mut *used {
                    half.rows = turn4(half.rows);
                }
                for (c, output) in chains.outputs.iter_mut().enumerate() {
                    store4(output, row, used[c / 4].rows[c % 4]);
                }
            }
            for (half, at) in used.iter().zip([0, 4]) {
                store4(&mut states, at, half.state);
            }
            chains.states.copy_from_slice(&states[..C]);
        }
        chains.run(tiles * TOGETHER);
    }

    /// Squares of eight rows and eight streams that fit into the rows, if they are worth turning.
    fn tiles<const C: usize>(chains: &Chains<'_, C>) -> usize {
        if C < WORTH_TURNING {
            0
        } else {
            chains.rows() / TOGETHER
        }
    }

    fn padded<const C: usize>(values: &[f64; C]) -> [f64; TOGETHER] {
        let mut padded = [0.0; TOGETHER];
        padded[..C].copy_from_slice(values);
        padded
    }

    #[target_feature(enable = "avx512f")]
    #[inline]
    fn load8(values: &[f64; 8]) -> __m512d {
        // SAFETY: the array holds the eight values that are read; the instruction needs no alignment.
        unsafe { _mm512_loadu_pd(values.as_ptr()) }
    }

    #[target_feature(enable = "avx512f")]
    #[inline]
    fn store8(values: &mut [f64], at: usize, given: __m512d) {
        let place = &mut values[at..][..8];
        // SAFETY: the slice holds the eight values that are written; the instruction needs no alignment.
        unsafe { _mm512_storeu_pd(place.as_mut_ptr(), given) }
    }

    /// Turns rows into columns: pairs of values, then pairs of pairs, then halves.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn turn8(rows: [__m512d; 8]) -> [__m512d; 8] {
        const EVEN: i32 = 0b10_00_10_00;
        const ODD: i32 = 0b11_01_11_01;
        let mut pairs = rows;
        for i in [0, 2, 4, 6] {
            pairs[i] = _mm512_unpacklo_pd(rows[i], rows[i + 1]);
            pairs[i + 1] = _mm512_unpackhi_pd(rows[i], rows[i + 1]);
        }
        let mut quads = pairs;
        for i in [0, 1, 4, 5] {
            quads[i] = _mm512_shuffle_f64x2::<EVEN>(pairs[i], pairs[i + 2]);
            quads[i + 2] = _mm512_shuffle_f64x2::<ODD>(pairs[i], pairs[i + 2]);
        }
        let mut columns = quads;
        for i in 0..4 {
            columns[i] = _mm512_shuffle_f64x2::<EVEN>(quads[i], quads[i + 4]);
            columns[i + 4] = _mm512_shuffle_f64x2::<ODD>(quads[i], quads[i + 4]);
        }
        columns
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load4(values: &[f64], at: usize) -> __m256d {
        let values = &values[at..][..4];
        // SAFETY: the slice holds the four values that are read; the instruction needs no alignment.
        unsafe { _mm256_loadu_pd(values.as_ptr()) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn store4(values: &mut [f64], at: usize, given: __m256d) {
        let place = &mut values[at..][..4];
        // SAFETY: the slice holds the four values that are written; the instruction needs no alignment.
        unsafe { _mm256_storeu_pd(place.as_mut_ptr(), given) }
    }

    /// Turns rows into columns.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn turn4([a, b, c, d]: [__m256d; 4]) -> [__m256d; 4] {
        let (ab, ab_odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
        let (cd, cd_odd) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
        [
            _mm256_permute2f128_pd::<0x20>(ab, cd),
            _mm256_permute2f128_pd::<0x20>(ab_odd, cd_odd),
            _mm256_permute2f128_pd::<0x31>(ab, cd),
            _mm256_permute2f128_pd::<0x31>(ab_odd, cd_odd),
        ]
    }
}
