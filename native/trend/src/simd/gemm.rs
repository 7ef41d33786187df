//! Products of matrices, for training.

/// A matrix in row-major memory, `rows` by `columns`; a transposed one is read the other way round.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl<'a> Matrix<'a> {
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix has all its values");
        Self {
            values,
            rows,
            columns,
            row_step: columns,
            column_step: 1,
        }
    }

    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }
}

/// `result = keep * result + a * b`; the result is row-major.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn multiply(a: Matrix<'_>, b: Matrix<'_>, keep: f32, result: &mut [f32]) {
    assert_eq!(a.columns, b.rows, "the inner sizes are equal");
    assert_eq!(result.len(), a.rows * b.columns, "the result has its size");
    // SAFETY: each matrix has rows times columns values at its steps, as checked here and in `new`; the result is borrowed
    // mutably, so it overlaps neither.
    unsafe {
        matrixmultiply::sgemm(
            a.rows,
            a.columns,
            b.columns,
            1.0,
            a.values.as_ptr(),
            a.row_step as isize,
            a.column_step as isize,
            b.values.as_ptr(),
            b.row_step as isize,
            b.column_step as isize,
            keep,
            result.as_mut_ptr(),
            b.columns as isize,
            1,
        );
    }
}
