//! Pure functions of current and lagged values, applied to many rows at a time.
//!
//! A map is written for one row and must be free of branches with effects, so that the loop over rows becomes vector
//! code. Constants (periods, factors) are arguments, so one kernel serves all parameters.

use crate::{
    chunks::{Chunks, before_line, rows_of},
    lane::{Source, Streams},
    output::Target,
    simd::{Checked, Work},
};

/// A function of `I` values and `K` constants with `O` results. Write it with [`map!`](crate::map!), which also marks
/// it for inlining into the vector loop.
pub trait Map<const I: usize, const O: usize, const K: usize>: 'static {
    /// The results for one row.
    fn at(x: [f64; I], k: [f64; K]) -> [f64; O];

    /// Whether there are inputs that `at` cannot do, and that would cost all others their speed.
    const RARE: bool = false;

    /// Whether these are such inputs.
    #[inline(always)]
    fn is_rare(_: [f64; I]) -> bool {
        false
    }

    /// The results for such inputs; free to branch.
    fn rare(x: [f64; I], k: [f64; K]) -> [f64; O] {
        Self::at(x, k)
    }
}

/// Declares a unit type that implements [`Map`]:
/// `map! { /// What it is. Name: [inputs], [constants] => [results] }`.
#[macro_export]
macro_rules! map {
    ($(#[$doc:meta])* $name:ident: [$($x:ident),*], [$($k:ident),*] => $outputs:literal $body:block) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl
            $crate::map::Map<
                { <[&str]>::len(&[$(stringify!($x)),*]) },
                $outputs,
                { <[&str]>::len(&[$(stringify!($k)),*]) },
            > for $name
        {
            #[inline(always)]
            fn at(
                [$($x),*]: [f64; <[&str]>::len(&[$(stringify!($x)),*])],
                [$($k),*]: [f64; <[&str]>::len(&[$(stringify!($k)),*])],
            ) -> [f64; $outputs] {
                $body
            }
        }
    };
}

/// A map that was compiled for all levels: streams, which of them are the inputs, constants, where the results go, number
/// of rows.
pub(crate) type Pass = fn(Checked, Streams<'_>, &[Source], &[f64], Target<'_, '_>, usize);

/// Most pairs of streams that the compiler compares at run time to find out that an output overlaps nothing.
const PAIRS: usize = 12;
/// Rows per chunk, for maps with more pairs: results are collected in a local array, which cannot overlap.
const CHUNK: usize = 32;

pub(crate) fn pass<M, const I: usize, const O: usize, const K: usize>(
    level: Checked,
    streams: Streams<'_>,
    sources: &[Source],
    constants: &[f64],
    target: Target<'_, '_>,
    rows: usize,
) where
    M: Map<I, O, K>,
{
    level.run(Rows::<M, I, O, K> {
        inputs: std::array::from_fn(|i| streams.rows(sources[i], rows)),
        constants: std::array::from_fn(|i| constants[i]),
        outputs: target.rows(rows),
        map: std::marker::PhantomData,
    });
}

struct Rows<'a, M, const I: usize, const O: usize, const K: usize> {
    inputs: [&'a [f64]; I],
    constants: [f64; K],
    outputs: [&'a mut [f64]; O],
    map: std::marker::PhantomData<M>,
}

impl<M: Map<I, O, K>, const I: usize, const O: usize, const K: usize> Work
    for Rows<'_, M, I, O, K>
{
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        if O * I + O * (O - 1) / 2 <= PAIRS {
            self.straight();
        } else {
            let rows = self.outputs[0].len();
            self.chunks::<CHUNK>(rows);
        }
        if M::RARE {
            self.rare();
        }
    }
}

impl<M: Map<I, O, K>, const I: usize, const O: usize, const K: usize> Rows<'_, M, I, O, K> {
    #[inline(always)]
    fn straight(&mut self) {
        let rows = self.outputs[0].len();
        let x = self.inputs.map(|input| &input[..rows]);
        let y = self.outputs.each_mut().map(|output| &mut output[..rows]);
        let head = before_line(y[0]);
        for part in [0..head, head..rows] {
            for t in part {
                let result = M::at(std::array::from_fn(|i| x[i][t]), self.constants);
                for o in 0..O {
                    y[o][t] = result[o];
                }
            }
        }
    }

    /// Does the rows again that need it, after a look that costs next to nothing.
    #[inline(always)]
    fn rare(&mut self) {
        let rows = self.outputs[0].len();
        let x = self.inputs.map(|input| &input[..rows]);
        let is_rare = |t: usize| M::is_rare(std::array::from_fn(|i| x[i][t]));
        if !(0..rows).fold(false, |any, t| any | is_rare(t)) {
            return;
        }
        for t in (0..rows).filter(|t| is_rare(*t)) {
            let result = M::rare(std::array::from_fn(|i| x[i][t]), self.constants);
            for (output, value) in self.outputs.iter_mut().zip(result) {
                output[t] = value;
            }
        }
    }
}

impl<M: Map<I, O, K>, const I: usize, const O: usize, const K: usize> Chunks
    for Rows<'_, M, I, O, K>
{
    #[inline(always)]
    fn chunk<const N: usize>(&mut self, row: usize) {
        let x: [&[f64; N]; I] = std::array::from_fn(|i| rows_of(self.inputs[i], row));
        let mut y = [[0.0; N]; O];
        for t in 0..N {
            let result = M::at(std::array::from_fn(|i| x[i][t]), self.constants);
            for o in 0..O {
                y[o][t] = result[o];
            }
        }
        for (output, y) in self.outputs.iter_mut().zip(&y) {
            output[row..row + N].copy_from_slice(y);
        }
    }
}
