//! Functions of the values of a window in order: a median, a percentile.
//!
//! A window in order is kept from row to row: the oldest value leaves it, the newest enters, and what lies between the two
//! places moves. It is put in order anew where a step begins, so nothing of it outlives a step, and a result depends on the
//! window only.

use crate::{
    lane::{Source, Streams},
    output::Target,
    simd::{Checked, Work},
};

/// A function of the values of a window in ascending order, with `K` constants. Mark it `#[inline(always)]`, or it is compiled
/// for the lowest processor level only.
pub trait Ordered<const K: usize>: 'static {
    /// The result for a window, which is never empty.
    fn at(window: Sorted<'_>, k: [f64; K]) -> f64;
}

/// The values of a window, smallest first.
#[derive(Clone, Copy)]
pub struct Sorted<'a>(&'a [i64]);

impl Sorted<'_> {
    /// How many there are.
    #[inline(always)]
    pub fn count(self) -> usize {
        self.0.len()
    }

    /// The value at a place, 0 for the smallest.
    #[inline(always)]
    pub fn value(self, place: usize) -> f64 {
        f64::from_bits(flipped(self.0[place]) as u64)
    }
}

/// The bits of a value as a number whose order is the total order of values, so that equal numbers are equal in all bits.
#[inline(always)]
fn key(value: f64) -> i64 {
    flipped(value.to_bits() as i64)
}

/// Turns all bits but the sign of a negative number, and back.
#[inline(always)]
fn flipped(bits: i64) -> i64 {
    bits ^ ((bits >> 63) & i64::MAX)
}

/// A pass as maps have them. The source looks back to the oldest row of the window; the first constant is its length.
pub(crate) fn pass<R: Ordered<K>, const K: usize>(
    level: Checked,
    streams: Streams<'_>,
    sources: &[Source],
    constants: &[f64],
    target: Target<'_, '_>,
    rows: usize,
) {
    let period = constants[0] as usize;
    let [output] = target.rows(rows);
    level.run(Rows::<R, K> {
        input: streams.rows(sources[0], rows + period - 1),
        constants: std::array::from_fn(|i| constants[i + 1]),
        output,
        period,
        ordered: std::marker::PhantomData,
    });
}

struct Rows<'a, R, const K: usize> {
    input: &'a [f64],
    constants: [f64; K],
    output: &'a mut [f64],
    period: usize,
    ordered: std::marker::PhantomData<R>,
}

impl<R: Ordered<K>, const K: usize> Work for Rows<'_, R, K> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (first, later) = self.input.split_at(self.period);
        let mut window: Vec<i64> = first.iter().map(|&value| key(value)).collect();
        window.sort_unstable();
        let mut outputs = self.output.iter_mut();
        if let Some(output) = outputs.next() {
            *output = R::at(Sorted(&window), self.constants);
        }
        for (output, (&newest, &oldest)) in outputs.zip(later.iter().zip(self.input)) {
            replace(&mut window, key(oldest), key(newest));
            *output = R::at(Sorted(&window), self.constants);
        }
    }
}

/// Puts a number in the place of one that is there, and keeps the order.
#[inline(always)]
fn replace(window: &mut [i64], oldest: i64, newest: i64) {
    let (mut from, mut to) = (0_i64, 0_i64);
    for &number in &*window {
        from += i64::from(number < oldest);
        to += i64::from(number < newest);
    }
    let (from, to) = (from as usize, to as usize);
    if to > from {
        window.copy_within(from + 1..to, from);
        window[to - 1] = newest;
    } else {
        window.copy_within(to..from, to + 1);
        window[to] = newest;
    }
}
