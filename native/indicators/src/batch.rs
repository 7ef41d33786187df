//! Borrowed Arrow-like columns: what goes into one call of the block executor and what comes out.

use crate::Error;

/// One input column: values and, unless every row is valid, an Arrow validity bitmap (least significant bit first,
/// 1 = valid).
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// One value per row; anything where the row is not valid.
    pub values: &'a [f64],
    /// Validity of the rows; `None` = all valid.
    pub validity: Option<&'a [u8]>,
}

/// Consecutive rows of one or more groups, in order.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Number of rows.
    pub rows: usize,
    /// The program's columns.
    pub columns: &'a [Column<'a>],
    /// Rows where a group begins, ascending. Row 0 listed = a new group begins there; not listed = the rows continue
    /// the group of the batch before.
    pub starts: &'a [u32],
}

/// One output column. The call writes every row: NULL rows get 0 and a cleared validity bit.
#[derive(Debug)]
pub enum OutputColumn<'a> {
    /// Floating-point output.
    Real {
        /// One value per row.
        values: &'a mut [f64],
        /// Arrow validity bitmap, at least one bit per row; bits after the last row are cleared.
        validity: &'a mut [u8],
    },
    /// Whole-number output (candle patterns).
    Integer {
        /// One value per row.
        values: &'a mut [i32],
        /// Arrow validity bitmap, at least one bit per row; bits after the last row are cleared.
        validity: &'a mut [u8],
    },
}

impl<'a> OutputColumn<'a> {
    /// The first rows and the others; the border is between two bytes of validity, or behind all rows.
    pub(crate) fn split_at(self, rows: usize) -> (Self, Self) {
        fn halves<'a, V>(
            values: &'a mut [V],
            validity: &'a mut [u8],
            rows: usize,
        ) -> [(&'a mut [V], &'a mut [u8]); 2] {
            let (values, other_values) = values.split_at_mut(rows);
            let (validity, other_validity) = validity.split_at_mut(rows.div_ceil(8));
            [(values, validity), (other_values, other_validity)]
        }
        match self {
            Self::Real { values, validity } => {
                let [first, others] = halves(values, validity, rows);
                let real = |(values, validity)| Self::Real { values, validity };
                (real(first), real(others))
            }
            Self::Integer { values, validity } => {
                let [first, others] = halves(values, validity, rows);
                let integer = |(values, validity)| Self::Integer { values, validity };
                (integer(first), integer(others))
            }
        }
    }
}

impl OutputColumn<'_> {
    pub(crate) fn kind(&self) -> crate::registry::OutputKind {
        match self {
            Self::Real { .. } => crate::registry::OutputKind::Real,
            Self::Integer { .. } => crate::registry::OutputKind::Integer,
        }
    }

    pub(crate) fn sizes(&self) -> (usize, usize) {
        match self {
            Self::Real { values, validity } => (values.len(), validity.len()),
            Self::Integer { values, validity } => (values.len(), validity.len()),
        }
    }
}

impl Batch<'_> {
    /// Checks the parts against each other, so that the executor can index without doubt.
    pub(crate) fn check(&self, columns: usize) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::BatchShape(text));
        if self.columns.len() != columns {
            return refuse(format!(
                "{} columns given, the program has {columns}",
                self.columns.len()
            ));
        }
        for (index, column) in self.columns.iter().enumerate() {
            if column.values.len() < self.rows {
                let given = column.values.len();
                return refuse(format!(
                    "column {index} has {given} values for {} rows",
                    self.rows
                ));
            }
            if let Some(bits) = column.validity
                && bits.len() < self.rows.div_ceil(8)
            {
                let given = bits.len();
                return refuse(format!(
                    "column {index} has {given} validity bytes for {} rows",
                    self.rows
                ));
            }
        }
        for pair in self.starts.windows(2) {
            if pair[0] >= pair[1] {
                return refuse(format!(
                    "group starts {} and {} are not ascending",
                    pair[0], pair[1]
                ));
            }
        }
        match self.starts.last() {
            Some(&last) if last as usize >= self.rows => refuse(format!(
                "group start {last} is outside the {} rows",
                self.rows
            )),
            _ => Ok(()),
        }
    }
}

pub(crate) fn bit(bits: &[u8], row: usize) -> bool {
    bits[row / 8] >> (row % 8) & 1 == 1
}

pub(crate) fn set_bit(bits: &mut [u8], row: usize) {
    bits[row / 8] |= 1 << (row % 8);
}

/// Sets the bits `from..to`.
pub(crate) fn set_bits(bits: &mut [u8], from: usize, to: usize) {
    if from >= to {
        return;
    }
    let (first, last) = (from / 8, (to - 1) / 8);
    let head = 0xff << (from % 8);
    let tail = 0xff >> (7 - (to - 1) % 8);
    if first == last {
        bits[first] |= head & tail;
        return;
    }
    bits[first] |= head;
    bits[first + 1..last].fill(0xff);
    bits[last] |= tail;
}

/// Whether the first `rows` bits are all set.
pub(crate) fn all_set(bits: &[u8], rows: usize) -> bool {
    bits[..rows / 8].iter().all(|&byte| byte == 0xff)
        && (rows / 8 * 8..rows).all(|row| bit(bits, row))
}
