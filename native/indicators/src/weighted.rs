//! Sums of the last rows with a weight for each, for weights that no recurrence and no tree can make.
//!
//! A result costs the time of its window, but the rows beside each other are vector lanes. Each result is its own sum from
//! the oldest row to the newest, so the bits do not depend on the lanes.

use crate::{
    chunks::Chunks,
    lane::{Source, Streams},
    output::Target,
    simd::{Checked, Work},
};

/// Names the node in the graph.
pub(crate) struct Weighted;

/// Rows whose sums run side by side.
const CHUNK: usize = 32;

/// A pass as maps have them. The source looks back to the oldest row of the window; the constants are the weights, oldest
/// first.
pub(crate) fn pass(
    level: Checked,
    streams: Streams<'_>,
    sources: &[Source],
    weights: &[f64],
    target: Target<'_, '_>,
    rows: usize,
) {
    let [output] = target.rows(rows);
    level.run(Rows {
        input: streams.rows(sources[0], rows + weights.len() - 1),
        weights,
        output,
    });
}

struct Rows<'a> {
    input: &'a [f64],
    weights: &'a [f64],
    output: &'a mut [f64],
}

impl Work for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let rows = self.output.len();
        self.chunks::<CHUNK>(rows);
    }
}

impl Chunks for Rows<'_> {
    #[inline(always)]
    fn chunk<const N: usize>(&mut self, row: usize) {
        let mut sums = [0.0; N];
        for (window, weight) in self.input[row..].windows(N).zip(self.weights) {
            for t in 0..N {
                sums[t] += weight * window[t];
            }
        }
        self.output[row..row + N].copy_from_slice(&sums);
    }
}
