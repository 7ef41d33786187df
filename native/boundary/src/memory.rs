//! Memory that the caller owns and lends for one call: addresses become pointers, after every check that can be made
//! without asking the operating system.
//!
//! What is checked: no null address where there are rows, alignment, no wrap-around, and no two ranges that
//! overlap when one of them is written. What cannot be checked, and is the caller's promise: that the memory
//! is allocated, is that long, and is left alone by other threads until the call returns.

use crate::{Refusal, Result};
use std::ops::Range;

/// No operating system maps the first page: an address there is null, perhaps with an offset added.
const FIRST_PAGE: i64 = 4096;

/// The ranges of one call, so that slices of written memory are never shared.
#[derive(Default)]
pub struct Lent {
    ranges: Vec<(Range<usize>, bool)>,
}

impl Lent {
    /// Elements to read at `address`. No element: the address is not looked at.
    pub fn read<T: Plain>(&mut self, address: i64, count: usize, what: &str) -> Result<*const T> {
        Ok(self.range::<T>(address, count, what, false)?.cast_const())
    }

    /// Elements to write at `address`. No element: the address is not looked at.
    pub fn write<T: Plain>(&mut self, address: i64, count: usize, what: &str) -> Result<*mut T> {
        self.range::<T>(address, count, what, true)
    }

    /// Fails when a range that is written overlaps another one.
    pub fn check_apart(&mut self) -> Result<()> {
        self.ranges.sort_by_key(|(range, _)| range.start);
        let mut read_end = 0;
        let mut written_end = 0;
        for (range, written) in &self.ranges {
            if range.start < written_end || (*written && range.start < read_end) {
                return Err(Refusal::argument(format!(
                    "the memory at {:#x} overlaps other memory of this call, and one of them is written",
                    range.start
                )));
            }
            let end = if *written {
                &mut written_end
            } else {
                &mut read_end
            };
            *end = range.end.max(*end);
        }
        Ok(())
    }

    fn range<T: Plain>(
        &mut self,
        address: i64,
        count: usize,
        what: &str,
        written: bool,
    ) -> Result<*mut T> {
        if count == 0 {
            return Ok(std::ptr::NonNull::dangling().as_ptr());
        }
        if (0..FIRST_PAGE).contains(&address) {
            return Err(Refusal::argument(format!(
                "{what} is a null address ({address:#x})"
            )));
        }
        let start = address as usize;
        if !start.is_multiple_of(align_of::<T>()) {
            let needed = align_of::<T>();
            return Err(Refusal::argument(format!(
                "{what} at {start:#x} is not aligned to {needed} bytes"
            )));
        }
        let end = count
            .checked_mul(size_of::<T>())
            .and_then(|bytes| start.checked_add(bytes))
            .filter(|end| *end <= isize::MAX as usize)
            .ok_or_else(|| {
                Refusal::argument(format!("{what} at {start:#x} leaves the address space"))
            })?;
        self.ranges.push((start..end, written));
        Ok(start as *mut T)
    }
}

/// Element types for which every bit pattern is a value.
pub trait Plain: Copy {}

impl Plain for u8 {}
impl Plain for u32 {}
impl Plain for i32 {}
impl Plain for i64 {}
impl Plain for f32 {}
impl Plain for f64 {}

/// Bytes of a validity bitmap over that many rows.
pub fn bitmap_bytes(rows: usize) -> usize {
    rows.div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_misaligned_and_wrapping_addresses_are_refused_by_name() {
        let mut lent = Lent::default();
        for (address, word) in [
            (0, "null"),
            (24, "null"),
            (0x1001, "aligned"),
            (-8, "address space"),
        ] {
            let error = lent.read::<f64>(address, 4, "input 2").unwrap_err();
            assert!(
                error.to_string().contains("input 2") && error.to_string().contains(word),
                "{error}"
            );
        }
        assert!(
            lent.read::<f64>(0, 0, "input 2").is_ok(),
            "no rows, no address"
        );
    }

    #[test]
    fn written_memory_must_not_overlap_anything() {
        let overlap = |first: (i64, bool), second: (i64, bool)| {
            let mut lent = Lent::default();
            for (address, written) in [first, second] {
                lent.range::<f64>(address, 4, "column", written).unwrap();
            }
            lent.check_apart().is_err()
        };
        assert!(
            !overlap((0x1000, false), (0x1000, false)),
            "reading twice is fine"
        );
        assert!(overlap((0x1000, true), (0x1018, false)));
        assert!(overlap((0x1000, false), (0x1018, true)));
        assert!(overlap((0x1000, true), (0x1000, true)));
        assert!(
            !overlap((0x1000, true), (0x1020, true)),
            "neighbours are apart"
        );
    }
}
