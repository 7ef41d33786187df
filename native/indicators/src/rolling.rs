//! Sums over the values of a window, for what no tree of blocks can say: a rank, a distance from the mean.
//!
//! A result costs the time of its window, but the rows beside each other are vector lanes. Each result has its own sums, from
//! the newest value to the oldest, so it depends on the window only: the same bits wherever the data starts or is cut.

use std::ops::Range;

use crate::{
    chunks::{Chunks, rows_of},
    lane::{Source, Streams},
    output::Target,
    simd::{Checked, Work},
};

/// `O` results from `S` sums over the last rows of `I` windows, `P` values of the row itself and `K` constants. Mark both
/// functions `#[inline(always)]`, or they are compiled for the lowest processor level only.
pub trait Rolling<const I: usize, const P: usize, const S: usize, const O: usize, const K: usize>:
    'static
{
    /// Rows that are added up before they go to the total, so that the sums of long windows round less.
    const PART: usize = 16;

    /// Adds to the sums the values of the window that are `age` rows old.
    fn add(sums: [f64; S], x: [f64; I], age: f64, row: [f64; P], k: [f64; K]) -> [f64; S];

    /// The results.
    fn end(sums: [f64; S], row: [f64; P], k: [f64; K]) -> [f64; O];
}

/// Rows whose sums run side by side.
const CHUNK: usize = 16;

/// A pass as maps have them. The sources are the windows, back to their oldest rows, then the values of the row; the first
/// constant is the length of the window.
pub(crate) fn pass<
    R,
    const I: usize,
    const P: usize,
    const S: usize,
    const O: usize,
    const K: usize,
>(
    level: Checked,
    streams: Streams<'_>,
    sources: &[Source],
    constants: &[f64],
    target: Target<'_, '_>,
    rows: usize,
) where
    R: Rolling<I, P, S, O, K>,
{
    let period = constants[0] as usize;
    level.run(Rows::<R, I, P, S, O, K> {
        windows: std::array::from_fn(|i| streams.rows(sources[i], rows + period - 1)),
        row: std::array::from_fn(|p| streams.rows(sources[I + p], rows)),
        constants: std::array::from_fn(|i| constants[i + 1]),
        outputs: target.rows(rows),
        period,
        rolling: std::marker::PhantomData,
    });
}

struct Rows<'a, R, const I: usize, const P: usize, const S: usize, const O: usize, const K: usize> {
    windows: [&'a [f64]; I],
    row: [&'a [f64]; P],
    constants: [f64; K],
    outputs: [&'a mut [f64]; O],
    period: usize,
    rolling: std::marker::PhantomData<R>,
}

impl<R, const I: usize, const P: usize, const S: usize, const O: usize, const K: usize> Work
    for Rows<'_, R, I, P, S, O, K>
where
    R: Rolling<I, P, S, O, K>,
{
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let rows = self.outputs[0].len();
        self.chunks::<CHUNK>(rows);
    }
}

impl<R, const I: usize, const P: usize, const S: usize, const O: usize, const K: usize> Chunks
    for Rows<'_, R, I, P, S, O, K>
where
    R: Rolling<I, P, S, O, K>,
{
    #[inline(always)]
    fn chunk<const N: usize>(&mut self, row: usize) {
        let at: [&[f64; N]; P] = std::array::from_fn(|p| rows_of(self.row[p], row));
        let mut sums = self.part(row, 0..self.period.min(R::PART), at);
        let mut age = R::PART;
        while age < self.period {
            let to = self.period.min(age + R::PART);
            let part = self.part(row, age..to, at);
            for s in 0..S {
                for t in 0..N {
                    sums[s][t] += part[s][t];
                }
            }
            age = to;
        }
        let mut results = [[0.0; N]; O];
        for t in 0..N {
            let result = R::end(
                std::array::from_fn(|s| sums[s][t]),
                std::array::from_fn(|p| at[p][t]),
                self.constants,
            );
            for o in 0..O {
                results[o][t] = result[o];
            }
        }
        for (output, results) in self.outputs.iter_mut().zip(&results) {
            output[row..row + N].copy_from_slice(results);
        }
    }
}

impl<R, const I: usize, const P: usize, const S: usize, const O: usize, const K: usize>
    Rows<'_, R, I, P, S, O, K>
where
    R: Rolling<I, P, S, O, K>,
{
    /// The sums over these ages.
    #[inline(always)]
    fn part<const N: usize>(
        &self,
        row: usize,
        ages: Range<usize>,
        at: [&[f64; N]; P],
    ) -> [[f64; N]; S] {
        let mut sums = [[0.0; N]; S];
        for age in ages {
            let back = row + self.period - 1 - age;
            let x: [&[f64; N]; I] = std::array::from_fn(|i| rows_of(self.windows[i], back));
            for t in 0..N {
                let added = R::add(
                    std::array::from_fn(|s| sums[s][t]),
                    std::array::from_fn(|i| x[i][t]),
                    age as f64,
                    std::array::from_fn(|p| at[p][t]),
                    self.constants,
                );
                for s in 0..S {
                    sums[s][t] = added[s];
                }
            }
        }
        sums
    }
}
