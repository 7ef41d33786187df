//! Writing results into the caller's columns: values, and validity bits for what is finite and past its warm-up.

use std::ops::Range;

use crate::{
    batch::{OutputColumn, set_bit, set_bits},
    chunks::before_line,
    lane::Wire,
    simd::{Checked, Work},
};

/// Where the results of a step are put.
pub(crate) enum Target<'a, 'c> {
    /// On these wires.
    Wires(&'a mut [Wire]),
    /// Into the caller's columns, for results that nobody else reads: these columns, from this row on.
    Columns {
        columns: &'a mut [OutputColumn<'c>],
        slots: &'a [usize],
        at: usize,
    },
}

impl<'a> Target<'a, '_> {
    /// The places of the first `rows` rows of the `O` results.
    #[inline(always)]
    pub(crate) fn rows<const O: usize>(self, rows: usize) -> [&'a mut [f64]; O] {
        match self {
            Self::Wires(wires) => {
                let mut wires = wires.iter_mut();
                std::array::from_fn(|_| wires.next().map_or(&mut [][..], |wire| wire.fresh(rows)))
            }
            Self::Columns { columns, slots, at } => {
                let slots: [usize; O] = std::array::from_fn(|o| slots[o]);
                let columns = columns.get_disjoint_mut(slots);
                columns
                    .expect("each result has its own column")
                    .map(|column| match column {
                        OutputColumn::Real { values, .. } => &mut values[at..][..rows],
                        OutputColumn::Integer { .. } => &mut [],
                    })
            }
        }
    }
}

/// Whether all values are finite.
pub(crate) fn all_finite(level: Checked, values: &[f64]) -> bool {
    level.run(AllFinite(values))
}

struct AllFinite<'a>(&'a [f64]);

impl Work for AllFinite<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let (head, lines) = self.0.split_at(before_line(self.0));
        let marks = |values: &[f64]| values.iter().fold(0, |seen, &value| seen | mark(value));
        marks(lines) | marks(head) == 0
    }
}

/// Copies the values and tells whether all are finite.
pub(crate) fn copy(level: Checked, from: &[f64], to: &mut [f64]) -> bool {
    level.run(Copy { from, to })
}

struct Copy<'a> {
    from: &'a [f64],
    to: &'a mut [f64],
}

impl Work for Copy<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let mut seen = 0;
        for (to, &from) in self.to.iter_mut().zip(self.from) {
            *to = from;
            seen |= mark(from);
        }
        seen == 0
    }
}

/// Zero for a finite value, the bits of NaN for any other.
#[inline(always)]
#[allow(clippy::eq_op, reason = "not equal for NaN and infinity")]
fn mark(value: f64) -> u64 {
    (value - value).to_bits()
}

/// Where the results of some rows go.
pub(crate) enum Place<'a> {
    /// To consecutive rows from this one on.
    From(usize),
    /// To these rows.
    Rows(&'a [u32]),
}

/// Writes one output: the first `nulls` values are warm-up rows. Validity bits must be clear before.
pub(crate) fn write(
    level: Checked,
    column: &mut OutputColumn<'_>,
    place: &Place<'_>,
    values: &[f64],
    nulls: usize,
) {
    match place {
        Place::From(first) => match column {
            OutputColumn::Real {
                values: to,
                validity,
            } => {
                let to = &mut to[*first..][..values.len()];
                to[..nulls].fill(0.0);
                if copy(level, &values[nulls..], &mut to[nulls..]) {
                    set_bits(validity, first + nulls, first + values.len());
                } else {
                    sort_out(to, validity, *first, nulls);
                }
            }
            OutputColumn::Integer {
                values: to,
                validity,
            } => {
                let to = &mut to[*first..][..values.len()];
                to[..nulls].fill(0);
                level.run(CopyInteger {
                    from: &values[nulls..],
                    to: &mut to[nulls..],
                });
                set_bits(validity, first + nulls, first + values.len());
            }
        },
        Place::Rows(rows) => {
            for (&value, &row) in values.iter().zip(*rows).skip(nulls) {
                put(column, row as usize, value);
            }
        }
    }
}

/// Finishes rows of a column whose values are written, but for the first `nulls`, which are warm-up rows. Validity bits
/// must be clear before.
pub(crate) fn finish(
    level: Checked,
    column: &mut OutputColumn<'_>,
    first: usize,
    rows: usize,
    nulls: usize,
) {
    if let OutputColumn::Real { values, validity } = column {
        let values = &mut values[first..][..rows];
        values[..nulls].fill(0.0);
        if all_finite(level, &values[nulls..]) {
            set_bits(validity, first + nulls, first + rows);
        } else {
            sort_out(values, validity, first, nulls);
        }
    }
}

/// Clears values of a column, for batches where rows are left out.
pub(crate) fn clear(column: &mut OutputColumn<'_>, rows: Range<usize>) {
    match column {
        OutputColumn::Real { values, .. } => values[rows].fill(0.0),
        OutputColumn::Integer { values, .. } => values[rows].fill(0),
    }
}

pub(crate) fn clear_validity(column: &mut OutputColumn<'_>, rows: usize) {
    let (OutputColumn::Real { validity, .. } | OutputColumn::Integer { validity, .. }) = column;
    validity[..rows.div_ceil(8)].fill(0);
}

fn put(column: &mut OutputColumn<'_>, row: usize, value: f64) {
    match column {
        OutputColumn::Real { values, validity } if value.is_finite() => {
            values[row] = value;
            set_bit(validity, row);
        }
        OutputColumn::Integer { values, validity } if value.is_finite() => {
            values[row] = value as i32;
            set_bit(validity, row);
        }
        _ => {}
    }
}

fn sort_out(values: &mut [f64], validity: &mut [u8], first: usize, nulls: usize) {
    for (t, value) in values.iter_mut().enumerate().skip(nulls) {
        if value.is_finite() {
            set_bit(validity, first + t);
        } else {
            *value = 0.0;
        }
    }
}

struct CopyInteger<'a> {
    from: &'a [f64],
    to: &'a mut [i32],
}

impl Work for CopyInteger<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (to, from) in self.to.iter_mut().zip(self.from) {
            // The sum has the whole number in its low bits. A conversion would also have to look for values that do not
            // fit, and there are none.
            *to = (*from + WHOLE).to_bits() as i32;
        }
    }
}

/// 1.5 times 2 to the 52nd: sums with whole numbers of 32 bits are exact and have one exponent.
const WHOLE: f64 = 6_755_399_441_055_744.0;
