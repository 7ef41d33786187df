//! Functions of a whole window, for what no tree of blocks can say: a median, a rank, an angle.
//!
//! The window is read as it lies in memory, oldest value first, so a value costs the time of its window. It depends on the
//! window only, which makes it the same wherever the data starts or is cut.

use crate::{
    lane::{Source, Streams, Wire},
    simd::{Checked, Work},
};

/// A function of the last rows of `I` inputs with `K` constants and `O` results. Mark `at` `#[inline(always)]`, or it is
/// compiled for the lowest processor level only.
pub trait Rolling<const I: usize, const O: usize, const K: usize>: 'static {
    /// The results for a window; all inputs have the same rows, oldest first.
    fn at(windows: [&[f64]; I], k: [f64; K]) -> [f64; O];
}

/// Sum over the values of a window and their places from 0, the oldest; eight at a time, which is the same on every
/// processor.
#[inline(always)]
pub fn sum(window: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let mut chunks = window.chunks_exact(8);
    let mut place = 0.0;
    for chunk in &mut chunks {
        for (lane, (sum, &x)) in sums.iter_mut().zip(chunk).enumerate() {
            *sum += term(place + lane as f64, x);
        }
        place += 8.0;
    }
    let mut total = 0.0;
    for (lane, &x) in chunks.remainder().iter().enumerate() {
        total += term(place + lane as f64, x);
    }
    sums.iter().fold(total, |total, sum| total + sum)
}

/// Sum over the pairs of values of two windows of the same rows, eight at a time as [`sum`].
#[inline(always)]
pub fn sum_pairs(xs: &[f64], ys: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let (mut x_chunks, mut y_chunks) = (xs.chunks_exact(8), ys.chunks_exact(8));
    for (x_chunk, y_chunk) in (&mut x_chunks).zip(&mut y_chunks) {
        for (sum, (&x, &y)) in sums.iter_mut().zip(x_chunk.iter().zip(y_chunk)) {
            *sum += term(x, y);
        }
    }
    let rest = x_chunks.remainder().iter().zip(y_chunks.remainder());
    let total = rest.fold(0.0, |total, (&x, &y)| total + term(x, y));
    sums.iter().fold(total, |total, sum| total + sum)
}

/// A pass as maps have them. The sources look back to the oldest row of the window; the first constant is its length.
pub(crate) fn pass<R, const I: usize, const O: usize, const K: usize>(
    level: Checked,
    streams: Streams<'_>,
    sources: &[Source],
    constants: &[f64],
    outputs: &mut [Wire],
    rows: usize,
) where
    R: Rolling<I, O, K>,
{
    let period = constants[0] as usize;
    let mut wires = outputs.iter_mut();
    level.run(Rows::<R, I, O, K> {
        inputs: std::array::from_fn(|i| streams.rows(sources[i], rows + period - 1)),
        constants: std::array::from_fn(|i| constants[i + 1]),
        outputs: std::array::from_fn(|_| wires.next().map_or(&mut [][..], |wire| wire.fresh(rows))),
        period,
        rolling: std::marker::PhantomData,
    });
}

struct Rows<'a, R, const I: usize, const O: usize, const K: usize> {
    inputs: [&'a [f64]; I],
    constants: [f64; K],
    outputs: [&'a mut [f64]; O],
    period: usize,
    rolling: std::marker::PhantomData<R>,
}

impl<R: Rolling<I, O, K>, const I: usize, const O: usize, const K: usize> Work
    for Rows<'_, R, I, O, K>
{
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        for t in 0..self.outputs[0].len() {
            let windows = std::array::from_fn(|i| &self.inputs[i][t..][..self.period]);
            let results = R::at(windows, self.constants);
            for (output, result) in self.outputs.iter_mut().zip(results) {
                output[t] = result;
            }
        }
    }
}
