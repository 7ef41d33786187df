//! Rows in chunks of a fixed length, so that the loop over a chunk becomes vector code.

/// Work on rows that can be done a chunk at a time.
pub(crate) trait Chunks {
    /// Does `N` rows, this one and those after it. Mark it `#[inline(always)]`, or it is compiled for the lowest processor
    /// level only.
    fn chunk<const N: usize>(&mut self, row: usize);

    /// Does all rows: chunks of `N` as long as there are so many, then of four, then row by row.
    #[inline(always)]
    fn chunks<const N: usize>(&mut self, rows: usize) {
        let mut row = 0;
        while row + N <= rows {
            self.chunk::<N>(row);
            row += N;
        }
        while row + 4 <= rows {
            self.chunk::<4>(row);
            row += 4;
        }
        while row < rows {
            self.chunk::<1>(row);
            row += 1;
        }
    }
}

/// How many values of a slice lie before its first cache line. Loads and stores of whole registers that begin there do
/// not cross lines, which would halve their number.
#[inline(always)]
pub(crate) fn before_line(values: &[f64]) -> usize {
    values.as_ptr().align_offset(64).min(values.len())
}

/// `N` rows of a stream as an array, so that the loop over them needs no checks.
#[inline(always)]
pub(crate) fn rows_of<const N: usize>(values: &[f64], row: usize) -> &[f64; N] {
    let rows = values[row..].first_chunk();
    rows.expect("the caller stays inside the stream")
}
